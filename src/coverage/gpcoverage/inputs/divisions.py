"""Which region and which *sundhedsråd* a municipality is in on a day: both change with the reform."""

import datetime
from pathlib import Path
from typing import Final

import pandas as pd
import pandera.pandas as pa

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import danish
from gpcoverage.inputs.schema import Column, header_fault, parse_columns, raise_faults

KINDS: Final = ("region", "health_council")

TABLE: Final = (
    Column(
        "kind",
        f"must be one of {', '.join(KINDS)}",
        "Correct the word",
        check=pa.Check.isin(KINDS),
        required=True,
        blank=False,
    ),
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
    Column(
        "name",
        "must not be empty",
        "Give the name of the region without the word Region, or of the sundhedsråd",
        ("navn",),
        required=True,
        blank=False,
    ),
    Column(
        "valid_from",
        "must be a date such as 2027-01-01",
        "Write the first day on which it holds",
        ("gyldigfra",),
        danish.parse_dates,
        required=True,
        blank=False,
    ),
    Column(
        "valid_to",
        "must be a date such as 2026-12-31, or empty if it holds on",
        "Write the last day on which it holds",
        ("gyldigtil",),
        danish.parse_dates,
        required=True,
    ),
)


def read_divisions(path: Path, date: datetime.date) -> pd.DataFrame:
    """Read how municipalities are grouped on a day.

    Parameters
    ----------
    path
        A table with ``kind`` (region or health_council), ``code``, ``name``, ``valid_from`` and
        ``valid_to``.
    date
        The day.

    Returns
    -------
    DataFrame
        Indexed by municipality code: ``region`` and ``health_council``; empty text where the
        table says nothing.

    Raises
    ------
    SchemaError
        With every fault of the file, and if a municipality is in two groups of a kind at once.
    """
    cells = danish.read_table(path, lambda header: header_fault(header, TABLE))
    values, faults = parse_columns(cells, TABLE)
    raise_faults(path, faults, len(cells))
    day = date.isoformat()
    to = values["valid_to"].fillna("").replace("", "9999-12-31")
    now = values[(values["valid_from"] <= day) & (day <= to)]
    twice = now[now.duplicated(["kind", "code"])]
    if len(twice):
        rows = ", ".join(map(str, twice.index[:20]))
        msg = (
            f"{path}: on {day} the municipalities of rows {rows} are in two groups of one kind. "
            "End the earlier one the day before the later one begins."
        )
        raise SchemaError(msg)
    table = now.pivot_table(index="code", columns="kind", values="name", aggfunc="first")
    return table.reindex(columns=list(KINDS)).astype(object).fillna("")
