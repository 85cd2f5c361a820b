"""A region's plan: which instruments it may use where, and what it promises each municipality."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, Literal

import pandas as pd
import pandera.pandas as pa

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import danish
from gpcoverage.inputs.layer import InputRecord, record_input
from gpcoverage.inputs.schema import (
    Column,
    Fault,
    faults_at,
    header_fault,
    parse_columns,
    raise_faults,
)

Area = Literal["special", "ordinary"]
Initiative = Literal["structural", "other"]
Instrument = Literal["knowledge", "risk", "construction", "subsidy"]

AREAS: Final[tuple[Area, ...]] = ("special", "ordinary")
"""With a special challenge to recruit and keep doctors, or without."""

INITIATIVES: Final[tuple[Initiative, ...]] = ("structural", "other")
"""Contributes to larger practices with more staff, or does not."""

INSTRUMENTS: Final[tuple[Instrument, ...]] = ("knowledge", "risk", "construction", "subsidy")
ANSWERS: Final = ("yes", "possibly", "no")
LIST_SEPARATOR: Final = ";"

SOURCE: Final = (
    Column("document", "must not be empty", "Name the document", required=True, blank=False),
    Column("place", "must not be empty", "Say where it stands", required=True, blank=False),
)
"""Every row of the plan's tables says where it comes from."""


def word(name: str, allowed: tuple[str, ...], *, blank: bool = False) -> Column:
    """Make a column of words from a short list.

    Parameters
    ----------
    name
        Canonical name.
    allowed
        The words.
    blank
        Whether a cell may be empty.

    Returns
    -------
    Column
    """
    rule = f"must be one of {', '.join(allowed)}{', or empty' if blank else ''}"
    words = [*allowed, ""] if blank else list(allowed)
    return Column(
        name, rule, "Correct the word", check=pa.Check.isin(words), required=True, blank=blank
    )


INSTRUMENT_TABLE: Final = (
    word("area", AREAS),
    word("initiative", INITIATIVES),
    word("instrument", INSTRUMENTS),
    word("answer", ANSWERS),
    Column("condition", "is text", "Write the condition of the answer"),
    *SOURCE,
)

PROFILE_TABLE: Final = (
    Column(
        "code",
        "must be a kommunekode of four digits",
        "Correct the code",
        ("kommunekode", "komkode"),
        danish.municipality_code,
        pa.Check.str_matches("^[0-9]{4}$"),
        required=True,
        blank=False,
    ),
    Column("municipality", "must not be empty", "Give its name", required=True, blank=False),
    Column("part", "is text", "Name the part, or leave it empty for the whole", required=True),
    Column(
        "special_focus",
        "must be ja or nej, or empty where the plan says nothing",
        "Correct the word",
        parse=danish.parse_yes_no,
        required=True,
    ),
    Column("towns", "is a list with semicolons", "Name the towns", required=True),
    *(word(name, ANSWERS, blank=True) for name in INSTRUMENTS),
    Column("support", "must not be empty", "Say what is offered", required=True, blank=False),
    *SOURCE,
)

AGAIN: Final = Column("", "must not say the same twice", "Keep one row")
WHOLE_LACKS: Final = Column(
    "", "needs a row with an empty part for the whole municipality", "Add the row"
)
OF_WHOLE: Final = Column(
    "", "is told of the whole municipality only", "Leave it empty where there is a part"
)


@dataclass(frozen=True, slots=True, eq=False)
class PlanTable:
    """A table out of a document.

    Attributes
    ----------
    frame
        Its rows in the file's order, numbered from 0.
    record
        What was read.
    """

    frame: pd.DataFrame
    record: InputRecord


def read_rows(
    path: Path,
    columns: tuple[Column, ...],
    role: str,
    across: Callable[[pd.DataFrame], list[Fault]],
) -> PlanTable:
    """Read a table and tell all its faults at once.

    Parameters
    ----------
    path
        The table.
    columns
        What it must hold.
    role
        What it is, for the record.
    across
        Finds faults between cells, which no column can see alone; gets the values as read, NaN
        where a cell could not be.

    Returns
    -------
    PlanTable

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    cells = danish.read_table(path, lambda header: header_fault(header, columns))
    values, faults = parse_columns(cells, columns)
    raise_faults(path, faults + across(values), len(cells))
    return PlanTable(values.reset_index(drop=True), record_input(role, path, len(cells)))


def parse_list(text: pd.Series) -> pd.Series:
    """Split lists such as ``Tarm;Skjern``.

    Parameters
    ----------
    text
        Text cells.

    Returns
    -------
    Series
        Tuples of text on the same index, without blanks around; empty where the cell is.
    """
    split = [
        tuple(part.strip() for part in cell.split(LIST_SEPARATOR) if part.strip()) for cell in text
    ]
    return pd.Series(split, index=text.index, dtype=object)


def read_instruments(path: str | Path) -> PlanTable:
    """Read which instruments a region may use in which situation.

    Parameters
    ----------
    path
        A table such as ``data/instruments.csv``.

    Returns
    -------
    PlanTable
        ``area`` (``AREAS``), ``initiative`` (``INITIATIVES``), ``instrument`` (``INSTRUMENTS``),
        ``answer`` (``ANSWERS``), ``condition``, ``document`` and ``place``.

    Raises
    ------
    SchemaError
        With every fault of the file; if none, with every situation that it says nothing about.
    """
    path = Path(path)
    key = ["area", "initiative", "instrument"]
    table = read_rows(path, INSTRUMENT_TABLE, "instruments", lambda rows: repeated(rows, key))
    there = set(table.frame[key].itertuples(index=False, name=None))
    lacking = [case for case in product(AREAS, INITIATIVES, INSTRUMENTS) if case not in there]
    if lacking:
        cases = "; ".join(", ".join(case) for case in lacking)
        msg = f"{path}: says nothing about {cases}. Add a row for each."
        raise SchemaError(msg)
    return table


def read_profiles(path: str | Path) -> PlanTable:
    """Read what a region's plan says about municipalities and parts of them.

    Parameters
    ----------
    path
        A table such as ``data/plan_profiles.csv``.

    Returns
    -------
    PlanTable
        ``code``, ``municipality``, ``part`` (empty for the whole), ``special_focus`` (nullable
        boolean; missing where the plan says nothing, and for parts), ``towns`` (tuple),
        ``knowledge``, ``risk``, ``construction``, ``subsidy`` (``ANSWERS``, empty where the plan
        says nothing), ``support`` (in Danish), ``document`` and ``place``.

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    table = read_rows(Path(path), PROFILE_TABLE, "plan profiles", _profile_faults)
    focus = table.frame["special_focus"].map({1.0: True, 0.0: False}).astype("boolean")
    frame = table.frame.assign(special_focus=focus, towns=parse_list(table.frame["towns"]))
    return PlanTable(frame, table.record)


def repeated(rows: pd.DataFrame, key: list[str]) -> list[Fault]:
    """List a fault for every row that has the same key as an earlier one.

    Parameters
    ----------
    rows
        Values as read.
    key
        Columns; the fault is told of the last.

    Returns
    -------
    list of Fault
    """
    return faults_at(rows.loc[rows.duplicated(key), key[-1]], AGAIN, " and ".join(key))


def _profile_faults(rows: pd.DataFrame) -> list[Fault]:
    whole = rows["part"] == ""
    no_whole = ~rows["code"].isin(rows.loc[whole, "code"]) & ~rows["code"].duplicated()
    misplaced = ~whole & rows["special_focus"].notna()
    told = rows["special_focus"].map({1.0: "ja", 0.0: "nej"})
    return [
        *repeated(rows, ["code", "part"]),
        *faults_at(rows.loc[no_whole, "code"], WHOLE_LACKS, "code"),
        *faults_at(told[misplaced], OF_WHOLE, "special_focus"),
    ]
