#!/usr/bin/python3
"""Gives documents of pandoc what a customer's document has: cover, history, index with page numbers, header, footer, fonts;
stores them as docx and as PDF. One LibreOffice without a window, with a profile of its own, does all of them.

Usage: finish.py VERSION (DOCX TITLE NUMBER DATE HISTORY)...
HISTORY: "EDITION|DATE|WHAT" rows with ";" in between; the column for the approval stays empty, for a person.
"""
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.awt.FontSlant import NONE
from com.sun.star.connection import NoConnectException
from com.sun.star.style.BreakType import PAGE_BEFORE
from com.sun.star.style.ParagraphAdjust import CENTER, LEFT, RIGHT
from com.sun.star.text.ControlCharacter import PARAGRAPH_BREAK
from com.sun.star.text.PageNumberType import CURRENT

GOTHIC, MINCHO = "IPAexGothic", "IPAexMincho"
SUBJECT = "受付(Uketsuke) 保険資格確認システム"
START_SECONDS = 60
CELL_MARGIN = 40  # above and below a cell's text, hundredths of a millimetre


def option(name, value):
    return PropertyValue(Name=name, Value=value)


class Office:
    """soffice with its own profile, ended with everything that it has started."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="uketsuke-office-")
        pipe = f"uketsuke{os.getpid()}"
        self.process = subprocess.Popen(
            ["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{self.profile.name}",
             f"--accept=pipe,name={pipe};urp;"], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        for _ in range(START_SECONDS * 4):
            try:
                context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            except NoConnectException:
                time.sleep(0.25)
        raise SystemExit("finish.py: LibreOffice did not start")

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
        self.profile.cleanup()


def set_fonts(document):
    """For Western, East Asian and complex text: a word processor without them falls back to what it likes."""
    families = document.StyleFamilies
    for style in families.getByName("ParagraphStyles").ElementNames:
        properties = families.getByName("ParagraphStyles").getByName(style)
        heading = style.startswith(("Heading", "Title", "Subtitle", "Contents Heading"))
        code = style.startswith(("Source Code", "Preformatted", "Verbatim"))
        font = GOTHIC if heading or code else MINCHO
        for name in ("CharFontName", "CharFontNameAsian", "CharFontNameComplex"):
            properties.setPropertyValue(name, font)
        if heading:
            properties.setPropertyValue("CharColor", 0x1F3864)
        if "Caption" in style:
            for name in ("CharPosture", "CharPostureAsian"):
                properties.setPropertyValue(name, NONE)
            properties.setPropertyValue("ParaKeepTogether", style.startswith("Table"))
        if code:
            for name in ("CharHeight", "CharHeightAsian"):
                properties.setPropertyValue(name, 8.5)
    for style in ("Verbatim Char", "Source Text"):
        if families.getByName("CharacterStyles").hasByName(style):
            properties = families.getByName("CharacterStyles").getByName(style)
            for name in ("CharFontName", "CharFontNameAsian", "CharFontNameComplex"):
                properties.setPropertyValue(name, GOTHIC)


def begin_chapters(document):
    """Each chapter on a new page; no heading alone at the end of one."""
    styles = document.StyleFamilies.getByName("ParagraphStyles")
    styles.getByName("Heading 1").BreakType = PAGE_BEFORE
    for level in (1, 2, 3):
        styles.getByName(f"Heading {level}").ParaKeepTogether = True


def shade_tables(document):
    for table in document.TextTables:
        table.RepeatHeadline = True
        table.HeaderRowCount = 1
        table.Split = True
        row = table.Rows.getByIndex(0)
        row.BackColor, row.BackTransparent = 0xDCE6F1, False
        line = table.TableBorder2
        for side in ("TopLine", "BottomLine", "LeftLine", "RightLine", "HorizontalLine", "VerticalLine"):
            edge = getattr(line, side)
            edge.LineWidth, edge.Color = 18, 0x7F7F7F
            setattr(line, side, edge)
            setattr(line, f"Is{side}Valid", True)
        table.TableBorder2 = line
        for name in table.CellNames:
            cursor = table.getCellByName(name).createTextCursor()
            cursor.gotoEnd(True)
            for size in ("CharHeight", "CharHeightAsian"):
                cursor.setPropertyValue(size, 9.0)
            cursor.ParaTopMargin = cursor.ParaBottomMargin = CELL_MARGIN


def header_and_footer(document, title, version):
    pages = document.StyleFamilies.getByName("PageStyles")
    for name in pages.ElementNames:
        page = pages.getByName(name)
        if not page.isInUse():
            continue
        page.HeaderIsOn = page.FooterIsOn = True
        page.FirstIsShared = False  # (nothing on the cover)
        page.HeaderText.setString(f"{SUBJECT}  {title}  {version}版")
        cursor = page.HeaderText.createTextCursor()
        cursor.ParaAdjust = RIGHT
        cursor.gotoEnd(True)
        cursor.CharHeight = cursor.CharHeightAsian = 8.0
        text = page.FooterText
        text.setString("")
        cursor = text.createTextCursor()
        cursor.ParaAdjust = CENTER
        number = document.createInstance("com.sun.star.text.TextField.PageNumber")
        number.NumberingType, number.SubType = 4, CURRENT
        text.insertTextContent(cursor, number, False)
        text.insertString(text.createTextCursorByRange(text.End), " / ", False)
        count = document.createInstance("com.sun.star.text.TextField.PageCount")
        count.NumberingType = 4
        text.insertTextContent(text.createTextCursorByRange(text.End), count, False)


def paragraph(text, cursor, words, size, adjust=LEFT, gothic=False, above=0):
    cursor.ParaStyleName = "Standard"
    cursor.ParaAdjust, cursor.ParaTopMargin = adjust, above
    cursor.CharHeight = cursor.CharHeightAsian = size
    for name in ("CharFontName", "CharFontNameAsian"):
        cursor.setPropertyValue(name, GOTHIC if gothic else MINCHO)
    text.insertString(cursor, words, False)
    text.insertControlCharacter(cursor, PARAGRAPH_BREAK, False)


def write_history(document, text, cursor, history):
    rows = [("版", "日付", "内容", "承認")] + [tuple(row.split("|")) + ("",) for row in history.split(";")]
    table = document.createInstance("com.sun.star.text.TextTable")
    table.initialize(len(rows), 4)
    text.insertTextContent(cursor, table, False)
    separators = table.TableColumnSeparators
    for separator, position in zip(separators, (1200, 3200, 8200)):
        separator.Position = position
    table.TableColumnSeparators = separators
    for i, row in enumerate(rows):
        for j, words in enumerate(row):
            table.getCellByPosition(j, i).setString(words)


def write_front(document, title, number, date, history, version):
    """Cover, history, index, before what is there."""
    text = document.Text
    text.insertControlCharacter(text.Start, PARAGRAPH_BREAK, False)
    cursor = text.createTextCursorByRange(text.Start)
    paragraph(text, cursor, f"文書番号 {number}", 10.5, RIGHT)
    paragraph(text, cursor, SUBJECT, 16, CENTER, True, 7000)
    paragraph(text, cursor, title, 28, CENTER, True, 600)
    paragraph(text, cursor, f"{version}版", 14, CENTER, False, 600)
    paragraph(text, cursor, date, 14, CENTER, False, 5000)
    paragraph(text, cursor, "Uketsuke 開発チーム", 14, CENTER, False, 300)
    cursor.BreakType = PAGE_BEFORE
    paragraph(text, cursor, "改訂履歴", 16, LEFT, True)
    write_history(document, text, cursor, history)
    paragraph(text, cursor, "", 10.5)
    paragraph(text, cursor, "目次", 16, LEFT, True, 800)
    index = document.createInstance("com.sun.star.text.ContentIndex")
    index.CreateFromOutline, index.Level, index.Title = True, 2, ""
    text.insertTextContent(cursor, index, False)
    return index


def finish(desktop, docx, title, number, date, history, version):
    path = pathlib.Path(docx)
    document = desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, (option("Hidden", True),))
    try:
        set_fonts(document)
        begin_chapters(document)
        index = write_front(document, title, number, date, history, version)
        shade_tables(document)
        header_and_footer(document, title, version)
        document.DocumentProperties.Title = f"{SUBJECT} {title}"
        document.DocumentProperties.Author = "Uketsuke"
        for _ in range(2):  # the index itself moves the pages that it names
            document.refresh()
            index.update()
        document.storeToURL(path.as_uri(), (option("FilterName", "MS Word 2007 XML"),))
        document.storeToURL(path.with_suffix(".pdf").as_uri(),
                            (option("FilterName", "writer_pdf_Export"),
                             option("FilterData", uno.Any("[]com.sun.star.beans.PropertyValue",
                                                          (option("UseTaggedPDF", True), option("ExportBookmarks", True))))))
    finally:
        document.close(True)


def main(arguments):
    version, jobs = arguments[0], arguments[1:]
    with Office() as desktop:
        for i in range(0, len(jobs), 5):
            finish(desktop, *jobs[i:i + 5], version)


if __name__ == "__main__":
    main(sys.argv[1:])
