"""How Danish offices write tables: decimal comma, dots between thousands, ja/nej, kommunekode.

Nothing here knows what a practice is. A table comes out as text, cell by cell, with the row
number a person sees in Excel; turning text into numbers reports what it could not read.
"""

import datetime
import html
import math
import re
import unicodedata
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.tables import HeaderCheck
from gpcoverage.inputs.textfile import read_text_file
from gpcoverage.inputs.workbook import read_workbook

YES: Final = frozenset({"ja", "j", "yes", "y", "true", "sand", "1", "åben", "åben for tilgang"})
NO: Final = frozenset({"nej", "n", "no", "false", "falsk", "0", "lukket", "lukket for tilgang"})

BLANK: Final = "[ \u00a0\u2009\u202f]"
SPACED: Final = re.compile(f"[+-]?[0-9]{{1,3}}({BLANK}[0-9]{{3}})+([.,][0-9]+)?")
"""Blanks between thousands: ``12 345,6``."""

MILLIONS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3}){2,}")
"""Two dots can only group thousands: ``6.223.750``."""

GROUPED: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?")
"""Dots that may group thousands: ``1.800`` or ``1.234,5``."""

UNSURE: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
"""A thousand and more, or a fraction of three digits: ``1.800``."""

GROUPED_COUNT: Final = re.compile(r"[1-9][0-9]{0,2}([.,][0-9]{3})+")
COMPUTER_WRITTEN: Final = re.compile(r"[0-9.\n-]*")
"""A column, line by line, without commas, blanks or powers of ten."""

PLAIN: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,3}))?")
CODE: Final = re.compile(r"\s*0*([0-9]{1,4})(?:[.,]0)?\s*")
DATES: Final = (
    re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})(?:[T ]00:00(?::00)?)?"),
    re.compile(r"(?P<d>[0-9]{1,2})([-./])(?P<m>[0-9]{1,2})\2(?P<y>[0-9]{4})"),
)


def read_table(path: Path, check_header: HeaderCheck) -> pd.DataFrame:
    """Read a .csv, .csv.gz or .xlsx file as text.

    Parameters
    ----------
    path
        The file. Text may be UTF-8 (with or without byte order mark), UTF-16 or CP1252,
        separated by semicolon, comma or tab, at most 1 GiB of it.
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
        If the file is not a table, its header is refused, or rows do not fit the header.
    """
    try:
        _check_is_file(path)
        read = read_workbook if path.suffix.lower() in {".xlsx", ".xlsm"} else read_text_file
        table = read(path, check_header)
    except OSError as error:
        msg = (
            f"{path}: cannot be read ({error.strerror or error}). "
            "Check its permissions, and close it in other programs."
        )
        raise SchemaError(msg) from error
    if not table.rows:
        msg = f"{path}: has a header but no rows. Export the table again with its data."
        raise SchemaError(msg)
    index = pd.Index(table.numbers, name="row")
    return pd.DataFrame(table.rows, columns=table.header, index=index, dtype=str)


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

    If any value of the column holds a comma or two dots, the comma is the decimal sign and dots
    group thousands; otherwise the dot is the decimal sign. A number with a power of ten is read
    only if it shows all its digits: Excel writes ``6,2E+06`` for any of 100,000 numbers.

    Parameters
    ----------
    text
        Text cells; empty means missing.

    Returns
    -------
    Series
        float64 on the same index; NaN where empty *or unreadable* (compare with the text).
    """
    if COMPUTER_WRITTEN.fullmatch(
        "\n".join(text.tolist())
    ):  # the rule, and a hundred times as fast
        numbers = pd.to_numeric(text, errors="coerce").astype("float64")
        if np.isfinite(numbers[text != ""]).all():
            return numbers
    cells = [_without_blanks(cell) for cell in text.tolist()]
    danish = any("," in cell or MILLIONS.fullmatch(cell) for cell in cells)
    numbers = [_number(cell, danish=danish) for cell in cells]
    return pd.Series(numbers, index=text.index, dtype="float64")


def _without_blanks(cell: str) -> str:
    bare = cell.strip()
    return re.sub(BLANK, "", bare) if SPACED.fullmatch(bare) else bare


def _number(cell: str, *, danish: bool) -> float:
    if danish:
        bare = cell.replace(".", "") if GROUPED.fullmatch(cell) else cell
        cell = bare.replace(",", ".")
    plain = PLAIN.fullmatch(cell)
    if plain is None:
        return math.nan
    decimals = plain.group(1) or plain.group(2) or ""
    if int(plain.group(3) or 0) > len(decimals):
        return math.nan
    number = float(cell)
    return number if math.isfinite(number) else math.nan


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
    bare = [
        re.sub("[.,]", "", cell) if GROUPED_COUNT.fullmatch(cell) else cell
        for cell in map(_without_blanks, text.tolist())
    ]
    return parse_numbers(pd.Series(bare, index=text.index, dtype=object))


def parse_amounts(text: pd.Series) -> pd.Series:
    """Read numbers that may be both large and fractional.

    ``1.800`` may be a thousand or a fraction. It is read only if another value of the column
    tells which, for example ``0.5``; otherwise it counts as unreadable.

    Parameters
    ----------
    text
        Text cells; empty means missing.

    Returns
    -------
    Series
        float64 on the same index; NaN where empty or unreadable.
    """
    numbers = parse_numbers(text)
    if not any("." in cell or "," in cell for cell in text.tolist()):
        return numbers
    cells = [_without_blanks(cell) for cell in text.tolist()]
    unsure = pd.Series([UNSURE.fullmatch(cell) is not None for cell in cells], index=text.index)
    signed = pd.Series(["." in cell or "," in cell for cell in cells], index=text.index)
    told = (signed & ~unsure & numbers.notna()).any()
    return numbers if told else numbers.mask(unsure)


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
    known = {**dict.fromkeys(YES, 1.0), **dict.fromkeys(NO, 0.0)}
    folded = [unicodedata.normalize("NFC", cell).casefold().strip() for cell in text.tolist()]
    answers = [known.get(cell, math.nan) for cell in folded]
    return pd.Series(answers, index=text.index, dtype="float64")


def parse_dates(text: pd.Series) -> pd.Series:
    """Read days, written 2026-10-31 or 31-10-2026 (also with dots or slashes; the day first).

    Parameters
    ----------
    text
        Text cells.

    Returns
    -------
    Series
        Text such as ``2026-10-31``, empty where the cell is, NaN where unreadable; same index.
    """
    return pd.Series([_day(cell) for cell in text.tolist()], index=text.index, dtype=object)


def _day(cell: str) -> str | float:
    if not cell:
        return ""
    for form in DATES:
        match = form.fullmatch(cell)
        if match:
            try:
                return str(datetime.date(*(int(match[part]) for part in "ymd")))
            except ValueError:
                return math.nan
    return math.nan


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
    codes = {cell: _four_digits(cell) for cell in text.unique()}
    return text.map(codes).astype(text.dtype)


def _four_digits(cell: str) -> str:
    number = CODE.fullmatch(cell)
    return number.group(1).zfill(4) if number else cell
