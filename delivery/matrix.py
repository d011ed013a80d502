"""The compliance matrix as a workbook: every row of the tender, where it is, what shows it, its state; a sheet of sums."""
# SPDX-FileCopyrightText: 2026 The Uketsuke contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

import data
import template

HEAD = ("番号", "調達仕様の記載", "実装の場所", "示す試験", "状態", "説明")
WIDTHS = (9, 44, 34, 38, 12, 44)


def lines_of(text, width):
    """How many lines a cell's text takes: East Asian characters count two. LibreOffice does not ask the file for heights."""
    length = sum(2 if ord(character) > 0x2E7F else 1 for character in text)
    return max(1, -(-length // (width - 1)))


def fill(sheet, rows):
    for i, row in enumerate((HEAD, *rows), 1):
        for j, text in enumerate(row, 1):
            cell = sheet.cell(i, j, text.replace("`", ""))
            cell.font = Font(name=template.GOTHIC, size=9, bold=i == 1)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if i == 1:
                cell.fill = PatternFill("solid", fgColor="DCE6F1")
        sheet.row_dimensions[i].height = 13 * max(lines_of(text, width) for text, width in zip(row, WIDTHS)) + 3
    for j, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(j)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(HEAD))}{len(rows) + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def write(facts, path):
    rows = list(data.requirement_rows(facts))
    book = openpyxl.Workbook()
    fill(book.active, rows)
    book.active.title = "適合表"
    sums = book.create_sheet("集計")
    sums.append(("状態", "件数"))
    for state in dict.fromkeys(row[4] for row in rows):
        sums.append((state, f'=COUNTIF(適合表!E:E,"{state}")'))
    sums.append(("合計", f"=SUM(B2:B{sums.max_row})"))
    book.save(path)
