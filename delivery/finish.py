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

import template
import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.awt.FontSlant import NONE
from com.sun.star.connection import NoConnectException
from com.sun.star.style import LineSpacing
from com.sun.star.style.BreakType import PAGE_BEFORE
from com.sun.star.style.LineSpacingMode import PROP
from com.sun.star.style.ParagraphAdjust import CENTER, LEFT, RIGHT
from com.sun.star.text.ControlCharacter import PARAGRAPH_BREAK
from com.sun.star.text.PageNumberType import CURRENT

FONT_NAMES = ("CharFontName", "CharFontNameAsian", "CharFontNameComplex")
SUBJECT = "受付(Uketsuke) 保険資格確認システム"
START_SECONDS = 60
A4, SIDE_MARGIN, END_MARGIN = (21000, 29700), 2500, 1500  # hundredths of a millimetre
LINE_SPACING = 115  # per cent
INDEX_MARGIN = 30  # above and below a line of it
HEADING_MARGIN = 200  # below a heading
CODE_SIZE, CELL_SIZE = 8.5, 9.0
CELL_MARGIN = 80  # above and below a cell's text


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


def set_font(style, font, size=None):
    """For Western, East Asian and complex text: a word processor without them falls back to what it likes."""
    for name in FONT_NAMES:
        style.setPropertyValue(name, font)
    for name in ("CharHeight", "CharHeightAsian") if size else ():
        style.setPropertyValue(name, size)


def set_fonts(document):
    families = document.StyleFamilies
    paragraphs, characters = families.getByName("ParagraphStyles"), families.getByName("CharacterStyles")
    for name in paragraphs.ElementNames:
        style = paragraphs.getByName(name)
        heading = name.startswith(("Heading", "Title", "Subtitle", "Contents Heading"))
        code = name.startswith(("Source Code", "Preformatted", "Verbatim"))
        set_font(style, template.GOTHIC if heading or code else template.MINCHO, CODE_SIZE if code else None)
        if heading:
            style.setPropertyValue("CharColor", 0x1F3864)
        if "Caption" in name:
            style.CharPosture = style.CharPostureAsian = NONE
            style.ParaKeepTogether = name.startswith("Table")
    for name in ("Verbatim Char", "Source Text"):
        if characters.hasByName(name):
            set_font(characters.getByName(name), template.GOTHIC)


def space_lines(document):
    """Room between the lines of the text, little between those of the index."""
    styles = document.StyleFamilies.getByName("ParagraphStyles")
    for name in ("Text body", "First Paragraph"):
        if styles.hasByName(name):
            styles.getByName(name).ParaLineSpacing = LineSpacing(PROP, LINE_SPACING)
    for name in ("Contents 1", "Contents 2"):
        styles.getByName(name).ParaTopMargin = styles.getByName(name).ParaBottomMargin = INDEX_MARGIN


def keep_together(document):
    """No heading alone at the end of a page, no picture without its title."""
    styles = document.StyleFamilies.getByName("ParagraphStyles")
    for name in ("Captioned Figure", "Figure with Caption"):
        if styles.hasByName(name):
            styles.getByName(name).ParaKeepTogether = True
    for level in (1, 2, 3):
        style = styles.getByName(f"Heading {level}")
        style.ParaKeepTogether, style.ParaBottomMargin = True, HEADING_MARGIN


def draw_lines(table):
    line = table.TableBorder2
    for side in ("TopLine", "BottomLine", "LeftLine", "RightLine", "HorizontalLine", "VerticalLine"):
        edge = getattr(line, side)
        edge.LineWidth, edge.Color = 18, 0x7F7F7F
        setattr(line, side, edge)
        setattr(line, f"Is{side}Valid", True)
    table.TableBorder2 = line


def set_cell_text(cell):
    cell.TopBorderDistance = cell.BottomBorderDistance = CELL_MARGIN
    cursor = cell.createTextCursor()
    cursor.gotoEnd(True)
    set_font(cursor, template.GOTHIC, CELL_SIZE)
    cursor.ParaTopMargin = cursor.ParaBottomMargin = 0


def form_tables(document):
    """The head repeated on each page and shaded, lines, small text. A row stays on one page."""
    for table in document.TextTables:
        table.RepeatHeadline, table.HeaderRowCount, table.Split = True, 1, True
        for i in range(table.Rows.Count):
            table.Rows.getByIndex(i).IsSplitAllowed = False
        head = table.Rows.getByIndex(0)
        head.BackColor, head.BackTransparent = 0xDCE6F1, False
        draw_lines(table)
        for name in table.CellNames:
            set_cell_text(table.getCellByName(name))


def set_page(page):
    """A4; pandoc's is the American letter."""
    page.IsLandscape, page.Width, page.Height = False, *A4
    page.LeftMargin = page.RightMargin = SIDE_MARGIN
    page.TopMargin = page.BottomMargin = END_MARGIN


def pages_in_use(document):
    styles = document.StyleFamilies.getByName("PageStyles")
    return [styles.getByName(name) for name in styles.ElementNames if styles.getByName(name).isInUse()]


def header_and_footer(document, title, version):
    for page in pages_in_use(document):
        set_page(page)
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


def write_paragraph(text, cursor, words, size, adjust=LEFT, gothic=False, above=0):
    cursor.ParaStyleName = "Standard"
    cursor.ParaAdjust, cursor.ParaTopMargin = adjust, above
    set_font(cursor, template.GOTHIC if gothic else template.MINCHO, size)
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


def begin_page(document):
    """The first chapter begins one, after the index."""
    paragraphs = document.Text.createEnumeration()
    while paragraphs.hasMoreElements():
        paragraph = paragraphs.nextElement()
        if paragraph.supportsService("com.sun.star.text.Paragraph") and paragraph.ParaStyleName == "Heading 1":
            paragraph.BreakType = PAGE_BEFORE
            return


def write_front(document, title, number, date, history, version):
    """Cover, history, index, before what is there."""
    text = document.Text
    text.insertControlCharacter(text.Start, PARAGRAPH_BREAK, False)
    cursor = text.createTextCursorByRange(text.Start)
    write_paragraph(text, cursor, f"文書番号 {number}", 10.5, RIGHT)
    write_paragraph(text, cursor, SUBJECT, 16, CENTER, True, 7000)
    write_paragraph(text, cursor, title, 28, CENTER, True, 600)
    write_paragraph(text, cursor, f"{version}版", 14, CENTER, False, 600)
    write_paragraph(text, cursor, date, 14, CENTER, False, 5000)
    write_paragraph(text, cursor, "Uketsuke 開発チーム", 14, CENTER, False, 300)
    cursor.BreakType = PAGE_BEFORE
    write_paragraph(text, cursor, "改訂履歴", 16, LEFT, True)
    write_history(document, text, cursor, history)
    write_paragraph(text, cursor, "", 10.5)
    write_paragraph(text, cursor, "目次", 16, LEFT, True, 800)
    index = document.createInstance("com.sun.star.text.ContentIndex")
    index.CreateFromOutline, index.Level, index.Title = True, 2, ""
    text.insertTextContent(cursor, index, False)
    return index


def finish(desktop, docx, title, number, date, history, version):
    path = pathlib.Path(docx)
    document = desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, (option("Hidden", True),))
    try:
        set_fonts(document)
        space_lines(document)
        keep_together(document)
        index = write_front(document, title, number, date, history, version)
        begin_page(document)
        form_tables(document)
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
