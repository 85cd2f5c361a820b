"""What a table must hold, and how its faults are told: once, all of them, with the remedy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import danish

ROWS_SHOWN: Final = 100
"""Bad rows shown one by one for each rule; the rest are told as ranges of row numbers."""

VALUE_SHOWN: Final = 60

SHEET_ERRORS: Final = frozenset(
    {
        *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!"),
        *("#I/T", "#REFERENCE!", "#VÆRDI!", "#DIVISION/0!", "#NAVN?", "#NUL!"),
    }
)
"""What a spreadsheet shows, in English and Danish, where a formula failed."""

NO_ERROR: Final = "must not be the error of a formula"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        Canonical name.
    rule, remedy
        What a cell must be, and what to do where it is not.
    aliases
        Other headers that mean the same, folded as by :func:`danish.normalise_header`.
    parse
        Turns text cells into values, NaN where empty or unreadable; None keeps text.
    check
        Pandera check on the values.
    required
        The column must be there.
    blank
        Whether a cell may be empty.
    unique
        Whether no value may stand twice.
    second_best
        Headers, folded, that stand in where there is none of the others: a *SOR-id* for a
        *ydernummer*.
    """

    name: str
    rule: str
    remedy: str
    aliases: tuple[str, ...] = ()
    parse: Callable[[pd.Series], pd.Series] | None = None
    check: pa.Check | None = None
    required: bool = False
    blank: bool = True
    unique: bool = False
    second_best: tuple[str, ...] = ()


class Fault(NamedTuple):
    """One cell that is wrong."""

    column: str
    rule: str
    remedy: str
    row: int
    value: str


def match_headers(header: Iterable[str], columns: Iterable[Column]) -> dict[str, str]:
    """Find which header of a file is which column.

    Parameters
    ----------
    header
        As in the file.
    columns
        The table's columns.

    Returns
    -------
    dict
        Header in the file by canonical name.
    """
    candidates = {column.name: headers_for(header, column) for column in columns}
    return {name: headers[0] for name, headers in candidates.items() if headers}


def headers_for(header: Iterable[str], column: Column) -> list[str]:
    """Find all headers that mean a column.

    Parameters
    ----------
    header
        As in the file.
    column
        The column.

    Returns
    -------
    list of str
        Those that mean it outright; failing that, those that are second best.
    """
    outright = {danish.normalise_header(column.name), *column.aliases}
    folded = [(danish.normalise_header(field), field) for field in header]
    return [field for name, field in folded if name in outright] or [
        field for name, field in folded if name in column.second_best
    ]


def header_fault(header: list[str], columns: Iterable[Column]) -> str | None:
    """Say which required columns a header lacks, and which it has twice.

    Parameters
    ----------
    header
        As in the file.
    columns
        The table's columns.

    Returns
    -------
    str or None
        A clause for the message, naming every accepted header; None if nothing is wrong.
    """
    found = {column: headers_for(header, column) for column in columns}
    missing = [column for column, headers in found.items() if column.required and not headers]
    double = {column: headers for column, headers in found.items() if len(headers) > 1}
    clauses = []
    if missing:
        wanted = "; ".join(f"{c.name} (or {', '.join(c.aliases[:6])})" for c in missing)
        clauses.append(f"missing column {wanted}. Add it, or rename the header")
    clauses += [
        f"columns {' and '.join(name[:60] for name in headers)} both mean {column.name}. Keep one, or rename the other"
        for column, headers in double.items()
    ]
    return "; ".join(clauses) or None


def parse_columns(
    cells: pd.DataFrame, columns: tuple[Column, ...]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Turn the text cells of a table into values and check them.

    Parameters
    ----------
    cells
        Text, as :func:`danish.read_table` returns it; the index is the row number.
    columns
        The table's columns.

    Returns
    -------
    values
        One column per ``Column``, by canonical name, on the same index. A column that the file
        lacks is as if its cells were empty.
    faults
        Every bad cell.
    """
    found = match_headers(cells.columns, columns)
    values = {}
    faults: list[Fault] = []
    for column in columns:
        present = column.name in found
        text = cells[found[column.name]] if present else pd.Series("", cells.index, dtype=str)
        values[column.name] = text if column.parse is None else column.parse(text)
        bad = values[column.name].isna() & (text != "")
        if present and not column.blank:
            bad |= text == ""
        header = found.get(column.name, column.name)
        faults += faults_at(text[bad], column, header)
        failed = text.isin(SHEET_ERRORS) & ~bad
        faults += faults_at(text[failed], Column("", NO_ERROR, "Correct the formula"), header)
    frame = pd.DataFrame(values, index=cells.index)
    return frame, faults + _check_values(frame, cells, columns, found)


def _check_values(
    frame: pd.DataFrame, cells: pd.DataFrame, columns: tuple[Column, ...], found: dict[str, str]
) -> list[Fault]:
    checked = {c.name: c for c in columns if c.name in found and (c.check or c.unique)}
    schema = pa.DataFrameSchema(
        {
            name: pa.Column(checks=column.check, nullable=True, unique=column.unique)
            for name, column in checked.items()
        }
    )
    try:
        schema.validate(frame[list(checked)], lazy=True)
    except pandera.errors.SchemaErrors as errors:
        failed = errors.failure_cases.dropna(subset=["index"])
        faults: list[Fault] = []
        for name, cases in failed.groupby("column", sort=False):
            rows = pd.Index(cases["index"].astype(int)).unique().sort_values()
            faults += faults_at(
                cells.loc[rows, found[str(name)]], checked[str(name)], found[str(name)]
            )
        return faults
    return []


def faults_at(text: pd.Series, column: Column, header: str) -> list[Fault]:
    """List a fault for each of the given cells.

    Parameters
    ----------
    text
        The bad cells; the index is the row number.
    column
        Whose rule they break.
    header
        The column's name in the file.

    Returns
    -------
    list of Fault
    """
    return [
        Fault(header, column.rule, column.remedy, int(row), str(value))
        for row, value in text.items()
    ]


def raise_faults(path: Path, faults: list[Fault], rows: int) -> None:
    """Tell all faults of a file in one error, if there are any.

    Parameters
    ----------
    path
        The file.
    faults
        In any order; equal ones count once.
    rows
        Rows of the file, for the summary line.

    Raises
    ------
    SchemaError
        If the list is not empty.
    """
    if not faults:
        return
    distinct = sorted(set(faults))
    bad_rows = len({fault.row for fault in distinct})
    lines = [f"{path}: {len(distinct)} faults in {bad_rows} of {rows} rows; nothing was used."]
    for (column, rule, remedy), group in groupby(distinct, key=lambda fault: fault[:3]):
        lines.append(f"  column {column}: {rule}. {remedy}.")
        lines += _lines_of(list(group))
    raise SchemaError("\n".join(lines))


def _lines_of(faults: list[Fault]) -> list[str]:
    shown = [f"    row {f.row}: {_quoted(f.value)}" for f in faults[:ROWS_SHOWN]]
    rest = [f.row for f in faults[ROWS_SHOWN:]]
    return [*shown, f"    and rows {row_ranges(rest)}"] if rest else shown


def _quoted(value: str) -> str:
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
    cut = printable if len(printable) <= VALUE_SHOWN else f"{printable[:VALUE_SHOWN]}…"
    return f'"{cut}"' if value else "(empty)"


def row_ranges(rows: Iterable[int]) -> str:
    """Write row numbers shortly.

    Parameters
    ----------
    rows
        Row numbers, in any order.

    Returns
    -------
    str
        For example ``2-4, 9``.
    """
    spans: list[list[int]] = []
    for row in sorted(set(rows)):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
