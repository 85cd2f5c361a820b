"""How Danish offices write tables: encodings, separators, decimal comma, ja/nej, kommunekode.

Nothing here knows what a practice is. A table comes out as text, cell by cell, with the row
number a person sees in Excel; turning text into numbers reports what it could not read.
"""

import csv
import gzip
import html
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from gpcoverage.errors import SchemaError

HEAD_BYTES: Final = 65_536
SEPARATORS: Final = (";", ",", "\t")
FIRST_DATA_ROW: Final = 2
"""The header is row 1, as in Excel."""

YES: Final = frozenset({"ja", "j", "yes", "y", "true", "sand", "1", "åben", "åben for tilgang"})
NO: Final = frozenset({"nej", "n", "no", "false", "falsk", "0", "lukket", "lukket for tilgang"})

HeaderCheck = Callable[[list[str]], str | None]
"""Takes the header of a table and says what is wrong with it, or None."""


def read_table(path: Path, check_header: HeaderCheck) -> pd.DataFrame:
    """Read a .csv, .csv.gz or .xlsx file as text.

    Parameters
    ----------
    path
        The file. Text may be UTF-8 (with or without byte order mark), UTF-16 or CP1252,
        separated by semicolon, comma or tab.
    check_header
        Asked before the rest of the file is read, so that a large wrong file is refused at once.

    Returns
    -------
    DataFrame
        All text, no guesses: one column per header, surrounding blanks taken off. The index is
        the row number a person sees in Excel; wholly empty rows are no rows.

    Raises
    ------
    SchemaError
        If the file is not a table, its header is refused, or rows have too many fields.
    """
    _check_is_file(path)
    try:
        if path.suffix.lower() in {".xlsx", ".xlsm"}:
            header, rows = _read_workbook(path, check_header)
        else:
            header, rows = _read_text_file(path, check_header)
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror or error}). Check the file and its permissions."
        raise SchemaError(msg) from error
    cells = pd.DataFrame(rows, columns=header, dtype=str).apply(lambda column: column.str.strip())
    cells.index = pd.RangeIndex(FIRST_DATA_ROW, FIRST_DATA_ROW + len(cells), name="row")
    empty = (cells == "").all(axis=1)
    if empty.all():
        msg = f"{path}: has a header but no rows. Export the table again with its data."
        raise SchemaError(msg)
    return cells[~empty]


def _check_is_file(path: Path) -> None:
    if path.is_dir():
        msg = f"{path}: is a directory. Name the file in it."
        raise SchemaError(msg)
    if not path.exists():
        msg = f"{path}: not found. Check the path; a relative path counts from the study file."
        raise SchemaError(msg)
    if path.stat().st_size == 0:
        msg = f"{path}: is empty (0 bytes). Export the table again."
        raise SchemaError(msg)


def _refuse_non_table(path: Path, head: bytes) -> None:
    """Say what the first bytes of a file that is no table look like."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:400].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<?xml", b"<head")):
        msg = f"{path}: is a web page (HTML or XML), not a table. Download the data itself, not the page."
    elif head.startswith(b"PK\x03\x04"):
        msg = (
            f"{path}: is a zip or Excel file under another name. Rename an Excel workbook to .xlsx."
        )
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        msg = f"{path}: is an old Excel file (.xls). Open it and save it as .xlsx or .csv."
    elif head.startswith(b"%PDF"):
        msg = f"{path}: is a PDF. Ask for the table as .xlsx or .csv."
    elif b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        msg = f"{path}: holds binary data, not text. Export the table as .csv or .xlsx."
    else:
        return
    raise SchemaError(msg)


def _decode(path: Path, raw: bytes, *, whole: bool) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="strict" if whole else "ignore")
    try:
        return raw.decode("utf-8-sig", errors="strict")
    except UnicodeDecodeError as error:
        if not whole and error.start >= len(raw) - 3:  # a character cut at the end of the head
            return raw[: error.start].decode("utf-8-sig")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError as error:
        msg = (
            f"{path}: byte {error.start} is neither UTF-8 nor Windows-1252 text. "
            "Save the file as CSV UTF-8."
        )
        raise SchemaError(msg) from error


def _separator(header_line: str) -> str:
    outside_quotes = re.sub(r'"[^"]*"', "", header_line)
    return max(SEPARATORS, key=outside_quotes.count)


def _clean_header(fields: list[str]) -> list[str]:
    return [field.strip().strip("\ufeff") for field in fields]


def _check_header(path: Path, header: list[str], check_header: HeaderCheck) -> None:
    named = [field for field in header if field]
    twice = sorted({field for field in named if named.count(field) > 1})
    fault = f"column {', '.join(twice)} stands twice" if twice else check_header(header)
    if fault:
        shown = ", ".join(field[:40] for field in named[:20]) or "nothing"
        msg = f"{path}: row 1: {fault}. The header reads: {shown}."
        raise SchemaError(msg)


def _read_text_file(path: Path, check_header: HeaderCheck) -> tuple[list[str], list[list[str]]]:
    is_gzip = path.suffix.lower() == ".gz"
    with gzip.open(path, "rb") if is_gzip else path.open("rb") as file:
        try:
            head = file.read(HEAD_BYTES)
            _refuse_non_table(path, head)
            first_line = _decode(path, head, whole=False).split("\n", 1)[0]
            separator = _separator(first_line)
            first_record = next(csv.reader(io.StringIO(first_line), delimiter=separator), [])
            _check_header(path, _clean_header(first_record), check_header)
            text = _decode(path, head + file.read(), whole=True)
        except (gzip.BadGzipFile, EOFError) as error:
            msg = f"{path}: is not a whole gzip file ({error}). Fetch it again."
            raise SchemaError(msg) from error
    return _parse_text(path, text, separator)


def _parse_text(path: Path, text: str, separator: str) -> tuple[list[str], list[list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        header = _clean_header(next(reader))
        rows = list(reader)
    except csv.Error as error:
        msg = f"{path}: line {reader.line_num}: {error}. Look for a stray quotation mark there."
        raise SchemaError(msg) from error
    width = len(header)
    too_long = [
        number
        for number, row in enumerate(rows, FIRST_DATA_ROW)
        if len(row) > width and any(row[width:])
    ]
    if too_long:
        msg = (
            f"{path}: rows {_some(too_long)} have more fields than the {width} of the header. "
            f"Put quotation marks around text that holds '{separator}', or write decimals alike."
        )
        raise SchemaError(msg)
    whole = [row if len(row) == width else (row + [""] * width)[:width] for row in rows]
    return _named_columns(header, whole)


def _named_columns(header: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Leave out columns without a name: Excel exports them for stray formats."""
    keep = [position for position, field in enumerate(header) if field]
    if len(keep) == len(header):
        return header, rows
    return [header[i] for i in keep], [[row[i] for i in keep] for row in rows]


def _read_workbook(path: Path, check_header: HeaderCheck) -> tuple[list[str], list[list[str]]]:
    from openpyxl import load_workbook  # noqa: PLC0415  slow to import, seldom needed

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        msg = f"{path}: is not a whole Excel workbook ({error}). Save it again as .xlsx."
        raise SchemaError(msg) from error
    try:
        sheets = {
            sheet.title: [
                [_cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True)
            ]
            for sheet in workbook.worksheets
        }
    finally:
        workbook.close()
    filled = {title: rows for title, rows in sheets.items() if any(any(row) for row in rows)}
    if not filled:
        msg = f"{path}: no sheet holds anything. Export the table again."
        raise SchemaError(msg)
    fitting = [t for t, rows in filled.items() if check_header(_clean_header(rows[0])) is None]
    if len(fitting) > 1:
        msg = f"{path}: sheets {', '.join(fitting)} all look like the table. Leave one in the workbook."
        raise SchemaError(msg)
    rows = filled[fitting[0]] if fitting else next(iter(filled.values()))
    header = _clean_header(rows[0])
    _check_header(path, header, check_header)
    return _named_columns(header, [list(row) for row in rows[1:]])


def _cell_text(value: object) -> str:
    """Write a workbook cell as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if hasattr(value, "date") and callable(value.date):
        return str(value.date())
    return str(value).strip()


def _some(values: list[int]) -> str:
    shown = ", ".join(str(value) for value in values[:5])
    return shown if len(values) <= 5 else f"{shown} and {len(values) - 5} more"  # noqa: PLR2004


def normalise_header(header: str) -> str:
    """Fold a column name: case, blanks, punctuation and accents do not matter.

    Parameters
    ----------
    header
        As in the file, for example ``Åben for tilgang``.

    Returns
    -------
    str
        Lower-case letters and digits only, for example ``åbenfortilgang``.
    """
    text = unicodedata.normalize("NFC", html.unescape(header)).casefold()
    return re.sub(r"[^0-9a-zæøåäö]", "", text)


def parse_numbers(text: pd.Series) -> pd.Series:
    """Read numbers as Danes and computers write them.

    If any value of the column holds a comma, the comma is the decimal sign and dots group
    thousands; otherwise the dot is the decimal sign.

    Parameters
    ----------
    text
        Text cells; empty means missing.

    Returns
    -------
    Series
        float64 on the same index; NaN where empty *or unreadable* (compare with the text).
    """
    bare = text.str.replace(r"[\s\u00a0\u202f]", "", regex=True)
    in_millions = bare.str.fullmatch(r"[+-]?\d{1,3}(\.\d{3}){2,}")  # two dots: no decimal sign
    bare = bare.where(~in_millions, bare.str.replace(".", "", regex=False))
    if bare.str.contains(",", regex=False).any():
        grouped = bare.str.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?")
        without_groups = bare.where(~grouped, bare.str.replace(".", "", regex=False))
        bare = without_groups.str.replace(",", ".", regex=False)
    plain = bare.str.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?")
    return pd.to_numeric(bare.where(plain, np.nan), errors="coerce").astype("float64")


def parse_counts(text: pd.Series) -> pd.Series:
    """Read whole numbers; ``1.800`` is one thousand eight hundred, as Danes write it.

    Parameters
    ----------
    text
        Text cells; empty means missing.

    Returns
    -------
    Series
        float64 on the same index; NaN where empty or unreadable.
    """
    bare = text.str.replace(r"[\s\u00a0\u202f]", "", regex=True)
    grouped = bare.str.fullmatch(r"\d{1,3}([.,]\d{3})+")
    return parse_numbers(bare.where(~grouped, bare.str.replace(r"[.,]", "", regex=True)))


def parse_yes_no(text: pd.Series) -> pd.Series:
    """Read ja/nej and its relatives.

    Parameters
    ----------
    text
        Text cells.

    Returns
    -------
    Series
        1.0 for yes, 0.0 for no, NaN where empty or unreadable; same index.
    """
    folded = text.str.casefold().str.strip()
    known = {**dict.fromkeys(YES, 1.0), **dict.fromkeys(NO, 0.0)}
    return folded.map(known).astype("float64")


def municipality_code(text: pd.Series) -> pd.Series:
    """Write *kommunekoder* as four digits.

    Parameters
    ----------
    text
        Text cells such as ``661``, ``0661``, ``661.0``.

    Returns
    -------
    Series
        Four-character text where the cell is a number of at most four digits, else unchanged.
    """
    digits = text.str.extract(r"^\s*0*(\d{1,4})(?:\.0)?\s*$", expand=False)
    return digits.str.zfill(4).where(digits.notna(), text)
