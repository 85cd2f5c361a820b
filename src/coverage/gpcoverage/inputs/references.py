"""Reference figures: what others have counted, each with its date, to check an arrival against.

Figures of one series go together; those of two do not, even where they count the same thing.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import pandera.pandas as pa

from gpcoverage.inputs import danish
from gpcoverage.inputs.layer import InputRecord, record_input
from gpcoverage.inputs.schema import Column, header_fault, parse_columns, raise_faults

MEASURES: Final = (
    "area_km2",
    "practices",
    "doctors",
    "patients_per_doctor",
    "open_share",
    "closed_share",
)
MONTHS: Final = 12

TABLE: Final = (
    Column("region", "must not be empty", "Give a region, or Danmark", required=True, blank=False),
    Column(
        "measure",
        f"must be one of {', '.join(MEASURES)}",
        "Correct it",
        check=pa.Check.isin(MEASURES),
        required=True,
        blank=False,
    ),
    Column("series", "must not be empty", "Say who counted", required=True, blank=False),
    Column(
        "value",
        "must be a number greater than 0",
        "Correct it",
        parse=danish.parse_numbers,
        check=pa.Check.gt(0),
        required=True,
        blank=False,
    ),
    Column(
        "date",
        "must be a year such as 2019 or a month such as 2020-01",
        "Correct it",
        check=pa.Check.str_matches("^[0-9]{4}(-(0[1-9]|1[0-2]))?$"),
        required=True,
        blank=False,
    ),
    Column("source", "must not be empty", "Say where it stands", required=True, blank=False),
)


@dataclass(frozen=True, slots=True)
class ReferenceFigures:
    """Dated figures of others.

    Attributes
    ----------
    figures
        DataFrame with ``region`` (``Danmark`` for all), ``measure``, ``series``, ``value``,
        ``date`` (a year or a month) and ``source``, in the file's order.
    record
        What was read.
    """

    figures: pd.DataFrame
    record: InputRecord

    def latest(self) -> pd.DataFrame:
        """Take the latest figure of each series, sorted by measure, region and series."""
        keys = ["measure", "region", "series"]
        ordered = self.figures.sort_values([*keys, "date"], kind="stable")
        return ordered.drop_duplicates(keys, keep="last").reset_index(drop=True)


def read_references(path: str | Path) -> ReferenceFigures:
    """Read reference figures.

    Parameters
    ----------
    path
        A table such as ``data/reference_counts.csv``.

    Returns
    -------
    ReferenceFigures
        All of them.

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    path = Path(path)
    cells = danish.read_table(path, lambda header: header_fault(header, TABLE))
    values, faults = parse_columns(cells, TABLE)
    raise_faults(path, faults, len(cells))
    return ReferenceFigures(
        values.reset_index(drop=True), record_input("references", path, len(cells))
    )


def years_since(date: str, day: datetime.date) -> float:
    """Say how old a figure is on a day.

    Parameters
    ----------
    date
        A year, which stands for its middle, or a month.
    day
        The later day.

    Returns
    -------
    float
        Years, at least 0.
    """
    year, _, month = date.partition("-")
    passed = day.year - int(year) + (day.month - int(month or 7)) / MONTHS
    return max(0.0, passed)
