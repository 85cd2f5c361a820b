"""Shortage areas that somebody designated: dated, with the source of each.

What a source does not say is empty, and stays unknown: which areas are meant, what the criterion
was, until when it holds. A day is written 2026-11-01; a year or a month stands for all of it.
"""

import calendar
import datetime
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import pandera.pandas as pa

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

KINDS: Final = ("national", "regional", "special_focus", "attention")
"""Fixed for an agreement period; by the region; and the two that are no shortage areas: *særligt
indsatsområde* and *opmærksomhedsområde*."""

PERIOD: Final = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")
CODE: Final = re.compile(r"\d{4}")
A_DATE: Final = "must be a day such as 2026-11-01, a month (2026-11) or a year; empty if not known"
CODES: Final = "must be codes of four digits with semicolons between, each once"


def _parse_day(cell: str) -> str | float:
    if PERIOD.fullmatch(cell):
        return cell
    return str(danish.parse_dates(pd.Series([cell])).fillna("").iloc[0]) or math.nan


def _parse_days(text: pd.Series) -> pd.Series:
    days = [_parse_day(cell) if cell else "" for cell in text.tolist()]
    return pd.Series(days, index=text.index, dtype=object)


def _parse_codes(text: pd.Series) -> pd.Series:
    return pd.Series([_codes(cell) for cell in text.tolist()], index=text.index, dtype=object)


def _codes(cell: str) -> str | float:
    parts = [part.strip() for part in cell.split(";")] if cell else []
    sound = all(CODE.fullmatch(part) for part in parts) and len(set(parts)) == len(parts)
    return ";".join(sorted(parts)) if sound else math.nan


TABLE: Final = (
    Column(
        "area_id",
        "must not be empty, and no two rows may have the same",
        "Give every row an id of its own",
        ("id", "områdeid"),
        required=True,
        blank=False,
        unique=True,
    ),
    Column(
        "name", "must not be empty", "Name the area", ("navn", "område"), required=True, blank=False
    ),
    Column(
        "kind",
        f"must be one of {', '.join(KINDS)}, or empty if the source does not say",
        "Correct the word",
        ("slags", "type"),
        check=pa.Check.isin((*KINDS, "")),
        required=True,
    ),
    Column(
        "municipality_codes",
        CODES,
        "Correct the codes; leave the cell empty if the source does not say which",
        ("kommunekoder",),
        _parse_codes,
        required=True,
    ),
    Column("place", "", "", ("sted",), required=True),
    Column(
        "within",
        CODES,
        "Give the municipalities that the unnamed ones are among, or leave the cell empty",
        ("blandt",),
        _parse_codes,
    ),
    Column(
        "count",
        "must be a whole number of 1 or more",
        "Give the number of municipalities that the source states, or leave the cell empty",
        ("antal",),
        danish.parse_counts,
        pa.Check(lambda n: (n >= 1) & (n % 1 == 0)),
    ),
    Column("criterion_text", "", "", ("kriterium",), required=True),
    Column("valid_from", A_DATE, "Correct the date", ("gyldigfra",), _parse_days, required=True),
    Column("valid_to", A_DATE, "Correct the date", ("gyldigtil",), _parse_days, required=True),
    Column("stated", A_DATE, "Write when the source says so", ("oplyst",), _parse_days),
    Column(
        "source", "must not be empty", "Say who says so", ("kilde",), required=True, blank=False
    ),
    Column("source_place", "", "", ("kildested",), required=True),
)
NO_AREA: Final = Column("", "must say where, as must municipality_codes", "Give one of the two")
UNKNOWN_CODE: Final = Column("", "must be codes of the list of municipalities", "Correct the code")
TOO_MANY: Final = Column("", "must not be more than the municipalities in within", "Correct one")
BACKWARDS: Final = Column("", "must not end before valid_from", "Correct one of the two dates")


@dataclass(frozen=True, slots=True)
class Designations:
    """Designated areas.

    Attributes
    ----------
    frame
        Indexed by ``area_id``, sorted by it: ``name``, ``kind``, ``municipality_codes`` and
        ``within`` (tuples of codes), ``place``, ``count`` (NaN if not stated), ``criterion_text``,
        ``valid_from``, ``valid_to`` and ``stated`` (a day, a month or a year), ``source``,
        ``source_place``; empty text where the source says nothing.
    record
        What was read.
    """

    frame: pd.DataFrame
    record: InputRecord


def read_designations(path: str | Path, known: Collection[str] | None = None) -> Designations:
    """Read designated areas.

    Parameters
    ----------
    path
        A table such as ``data/designations.csv``.
    known
        Codes of all municipalities, if they are to be checked.

    Returns
    -------
    Designations

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    path = Path(path)
    cells = danish.read_table(path, lambda header: header_fault(header, TABLE))
    values, faults = parse_columns(cells, TABLE)
    raise_faults(path, faults + _row_faults(values, known), len(cells))
    lists = {
        name: pd.Series([tuple(filter(None, c.split(";"))) for c in values[name]], values.index)
        for name in ("municipality_codes", "within")
    }
    frame = values.assign(**lists).set_index("area_id").sort_index()
    return Designations(frame, record_input("designations", path, len(cells)))


def _row_faults(values: pd.DataFrame, known: Collection[str] | None) -> list[Fault]:
    """List the rows whose cells do not fit each other; cells that are wrong alone are empty here."""
    faults: list[Fault] = []
    table = values.fillna(
        {"municipality_codes": "?", "within": "", "valid_from": "", "valid_to": ""}
    )
    for name in ("municipality_codes", "within") if known is not None else ():
        strange = [
            bool(set(filter(None, c.split(";"))) - {*(known or ()), "?"}) for c in table[name]
        ]
        faults += faults_at(table.loc[strange, name], UNKNOWN_CODE, name)
    nowhere = (table["municipality_codes"] == "") & (table["place"] == "")
    faults += faults_at(table.loc[nowhere, "place"], NO_AREA, "place")
    among = table["within"].str.count(";") + 1
    many = (table["within"] != "") & (table["count"] > among)
    faults += faults_at(table.loc[many, "count"].map("{:.0f}".format), TOO_MANY, "count")
    ends = table["valid_to"].map(last_day)
    backwards = (table["valid_to"] != "") & (table["valid_from"].map(first_day) > ends)
    return faults + faults_at(table.loc[backwards, "valid_to"], BACKWARDS, "valid_to")


def first_day(period: str) -> str:
    """Give the first day of a day, a month or a year; empty text for an unknown one."""
    match = PERIOD.fullmatch(period)
    return f"{match[1]}-{match[2] or '01'}-01" if match else period


def last_day(period: str) -> str:
    """Give the last day of a day, a month or a year; empty text for an unknown one."""
    match = PERIOD.fullmatch(period)
    if not match:
        return period
    year, month = int(match[1]), int(match[2] or 12)
    return f"{match[1]}-{month:02d}-{calendar.monthrange(year, month)[1]:02d}"


def standing(frame: pd.DataFrame, date: datetime.date) -> pd.Series:
    """Say what is known of designations on a day.

    Parameters
    ----------
    frame
        As in ``Designations``.
    date
        The day.

    Returns
    -------
    Series
        ``in_force``; ``unknown`` (the source does not say whether it holds that day); ``ended``;
        ``later`` (it begins, or was first stated, after that day).
    """
    day = date.isoformat()
    begins, ends = frame["valid_from"].map(first_day), frame["valid_to"].map(last_day)
    later = (begins.where(begins != "", frame["stated"].map(first_day))) > day
    answer = pd.Series("unknown", index=frame.index, dtype=object)
    answer[(begins != "") & (ends != "")] = "in_force"
    return answer.mask((ends != "") & (ends < day), "ended").mask(later, "later")
