"""Excel workbooks as tables: the one sheet that fits, each cell as a person would type it."""

import datetime
import itertools
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import tables
from gpcoverage.inputs.tables import HeaderCheck, RawTable, Row
from gpcoverage.inputs.textfile import refuse_non_table

ZIP_MARK: Final = b"PK\x03\x04"
MAX_ROWS: Final = 1_048_576
"""Rows of a sheet in Excel."""

BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,  # an encrypted or unknown compression
    SyntaxError,  # broken XML
    TypeError,
    ValueError,
)
"""What openpyxl raises on a broken workbook."""


def read_workbook(path: Path, check: HeaderCheck) -> RawTable:
    """Read the sheet of a .xlsx file whose header fits.

    Parameters
    ----------
    path
        The file.
    check
        What the table's reader asks of the header.

    Returns
    -------
    RawTable

    Raises
    ------
    SchemaError
        If the file is no workbook, no sheet or more than one fits, or a formula has no value.
    OSError
        If it cannot be opened.
    """
    _check_is_workbook(path)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of what it does not keep on saving; nothing is saved here
            warnings.filterwarnings("ignore", module="openpyxl")
            return _read_fitting_sheet(path, check)
    except SchemaError:
        raise
    except BROKEN as error:
        msg = f"{path}: is not a whole Excel workbook ({error}). Save it again as .xlsx."
        raise SchemaError(msg) from error


def _check_is_workbook(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(len(ZIP_MARK) * 2)
    if not head.startswith(ZIP_MARK):
        refuse_non_table(path, head)
        msg = f"{path}: is not an Excel workbook, whatever its name. Rename a text file to .csv."
        raise SchemaError(msg)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile as error:
        msg = f"{path}: is not a whole Excel workbook ({error}). Save it again as .xlsx."
        raise SchemaError(msg) from error
    if size > tables.MAX_BYTES:
        msg = (
            f"{path}: unpacks to {size:,} bytes, more than the {tables.MAX_BYTES:,} a table may "
            "have. Leave out sheets, columns and rows that are not needed."
        )
        raise SchemaError(msg)


def _read_fitting_sheet(path: Path, check: HeaderCheck) -> RawTable:
    from openpyxl import load_workbook  # noqa: PLC0415  slow to import, seldom needed

    with load_workbook(path, read_only=True) as workbook:
        first = {sheet.title: _first_rows(sheet) for sheet in workbook.worksheets}
        filled = {title: rows for title, rows in first.items() if rows}
        if not filled:
            msg = f"{path}: no sheet holds anything. Export the table again."
            raise SchemaError(msg)
        fitting = [title for title, rows in filled.items() if _fits(rows, check)]
        if len(fitting) > 1:
            msg = f"{path}: sheets {', '.join(fitting)} all look like the table. Leave one in the workbook."
            raise SchemaError(msg)
        chosen = fitting[0] if fitting else _best_guess(filled, check)
        header = tables.check_header(path, filled[chosen], check)
        values = list(_numbered(path, workbook[chosen]))
    if any(_is_formula(value) for _, row in values for value in row):
        values = _stored_values(path, chosen, values, header)
    rows = ((number, [_cell_text(value) for value in row]) for number, row in values)
    return tables.named_columns(header, (row for row in rows if row[0] > tables.HEADER_ROW))
