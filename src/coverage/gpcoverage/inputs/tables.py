"""Tables before their cells mean anything: a header, rows of text, and row numbers as in Excel."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from gpcoverage.errors import SchemaError

HEADER_ROW: Final = 1
FIRST_DATA_ROW: Final = 2
SEARCHED_ROWS: Final = 20
"""So far down a header is looked for, to say where it stands if it is not row 1."""

MAX_BYTES: Final = 1024**3
"""Largest table, as text: all addresses of Denmark take a quarter of it."""

HeaderCheck = Callable[[list[str]], str | None]
"""Takes the header of a table and says what is wrong with it, or None."""

Row = tuple[int, list[str]]
"""A row's number and its cells."""


class RawTable(NamedTuple):
    """A table as it stands in the file.

    Attributes
    ----------
    header
        Names of the columns; those without a name are left out.
    numbers
        Row numbers a person sees in Excel.
    rows
        Text cells, as many as the header has; wholly empty rows are left out.
    """

    header: list[str]
    numbers: list[int]
    rows: list[list[str]]


def clean_header(cells: Iterable[str]) -> list[str]:
    """Take blanks and stray byte order marks off the names of columns.

    Parameters
    ----------
    cells
        The first row of a table.

    Returns
    -------
    list of str
    """
    return [cell.strip().strip("\ufeff").strip() for cell in cells]


def header_fault(header: list[str], check: HeaderCheck) -> str | None:
    """Say what is wrong with a header.

    Parameters
    ----------
    header
        Clean names.
    check
        What the table's reader asks of it.

    Returns
    -------
    str or None
        A clause for the message, or None.
    """
    named = [name for name in header if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    return f"column {', '.join(twice)[:200]} stands twice" if twice else check(header)


def check_header(path: Path, first_rows: list[Row], check: HeaderCheck) -> list[str]:
    """Take the header from row 1, or say what is wrong and where the header is.

    Parameters
    ----------
    path
        The file.
    first_rows
        The first rows of the table, as many as are searched for a misplaced header; a row may
        come several times, read with other separators.
    check
        What the table's reader asks of the header.

    Returns
    -------
    list of str
        Clean names; an empty name where a column has none.

    Raises
    ------
    SchemaError
        If row 1 is not the header.
    """
    is_first = bool(first_rows) and first_rows[0][0] == HEADER_ROW
    header = clean_header(first_rows[0][1]) if is_first else []
    fault = header_fault(header, check)
    if fault is None:
        return header
    for number, cells in first_rows:
        if header_fault(clean_header(cells), check) is None:
            msg = (
                f"{path}: row 1 is not the header, but row {number} looks like it. "
                f"Delete the rows above it, so that the header is row 1."
            )
            raise SchemaError(msg)
    msg = f"{path}: row 1: {fault}. The header must be row 1, which reads: {spell_columns(header)}."
    raise SchemaError(msg)


def spell_columns(names: Iterable[object]) -> str:
    """List the columns of a file for a message, however many and long they are."""
    return ", ".join(str(name)[:40] for name in names if name)[:400] or "nothing"


def named_columns(header: list[str], rows: Iterable[Row]) -> RawTable:
    """Make the table: drop empty rows and columns without a name, fill up short rows.

    Parameters
    ----------
    header
        Clean names. Excel exports columns without a name for stray formats and side notes.
    rows
        The rows below it, of any length.

    Returns
    -------
    RawTable
    """
    keep = [position for position, name in enumerate(header) if name]
    blanks = [""] * len(header)
    numbers, kept = [], []
    for number, cells in rows:
        filled = cells if len(cells) == len(header) else (cells + blanks)[: len(header)]
        named = filled if len(keep) == len(header) else [filled[position] for position in keep]
        if any(named):
            numbers.append(number)
            kept.append(named)
    return RawTable([header[position] for position in keep], numbers, kept)


def some(numbers: list[int]) -> str:
    """Write the first few of some row numbers.

    Parameters
    ----------
    numbers
        Row numbers.

    Returns
    -------
    str
        For example ``2, 3, 4, 5, 6 and 12 more``.
    """
    shown = ", ".join(str(number) for number in numbers[:5])
    return shown if len(numbers) <= 5 else f"{shown} and {len(numbers) - 5} more"  # noqa: PLR2004
