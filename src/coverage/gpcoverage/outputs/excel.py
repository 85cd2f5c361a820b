"""Tables as a workbook that Excel opens with numbers as numbers and text as text."""

import datetime
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from gpcoverage.outputs.language import say
from gpcoverage.outputs.sheets import Field, Kind, Sheet
from gpcoverage.units import METRES_PER_KM

FORMATS: Final[dict[Kind, str]] = {
    "text": "@",
    "count": "#,##0.##",
    "people": "#,##0",
    "km": "0.0",
    "share": "0.0%",
}
"""How Excel shows each kind; it puts the reader's own signs for thousands and decimals."""

WIDEST: Final = 48
LONGEST_TEXT: Final = 32_767
LONGEST_NAME: Final = 31
FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")
UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_workbook(
    sheets: Sequence[Sheet], about: Sequence[str], path: Path, *, day: datetime.date
) -> None:
    """Write tables as one .xlsx file.

    Text is text: nothing from a file becomes a formula or a link, whatever it begins with.

    Parameters
    ----------
    sheets
        One worksheet each, with filters and a fixed heading.
    about
        Paragraphs of the first worksheet, the first one its heading.
    path
        The .xlsx file.
    day
        What the file gives as its day, so that the same tables give the same bytes.
    """
    import xlsxwriter  # noqa: PLC0415  slow to import

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": datetime.datetime.combine(day, datetime.time())})
        _write_about(book, about)
        for sheet in sheets:
            _write_sheet(book, sheet)


def _write_about(book: Any, about: Sequence[str]) -> None:
    page = book.add_worksheet(say("Om"))
    page.set_column(0, 0, 110)
    page.hide_gridlines(2)
    heading = book.add_format({"bold": True, "font_size": 16, "text_wrap": True})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    for row, text in enumerate(about):
        page.write_string(row, 0, _clean(text), heading if row == 0 else plain)


def _write_sheet(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(FORBIDDEN.sub("-", _clean(sheet.name))[:LONGEST_NAME])
    head = book.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "top"})
    rows = sheet.rows
    for column, field in enumerate(sheet.fields):
        plain = book.add_format({"num_format": FORMATS[field.kind], "quote_prefix": True})
        sums = book.add_format({"num_format": FORMATS[field.kind], "bold": True, "top": 2})
        if field.kind != "text":
            plain = book.add_format({"num_format": FORMATS[field.kind]})
        page.write_string(0, column, _clean(field.label), head)
        for row, value in enumerate(field.values, 1):
            _write_cell(page, row, column, field, value, plain)
        if sheet.has_total:
            _write_cell(page, rows + 1, column, field, field.total, sums)
        page.set_column(column, column, _width(field))
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, rows, len(sheet.fields) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _write_cell(page: Any, row: int, column: int, field: Field, value: Any, form: Any) -> None:
    """Write one value by its kind; what was left out or is not known is empty."""
    if field.kind == "text" or isinstance(value, str):
        if value is not None:
            page.write_string(row, column, _clean(str(value)), form)
    elif value is not None and not pd.isna(value):
        number = float(value) / METRES_PER_KM if field.kind == "km" else float(value)
        page.write_number(row, column, number, form)
    else:
        page.write_blank(row, column, None, form)


def _clean(text: str) -> str:
    """Take out what no .xlsx file can hold."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)[:LONGEST_TEXT]


def _width(field: Field) -> float:
    longest = max((len(text) for text in field.written()), default=0)
    return float(min(WIDEST, max(9, longest + 2, len(field.label) / 2 + 3)))
