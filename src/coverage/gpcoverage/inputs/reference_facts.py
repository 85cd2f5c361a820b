"""Known figures that an answer can be held against, and the places that they are about."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa

from gpcoverage.inputs import danish
from gpcoverage.inputs.layer import InputRecord, record_input
from gpcoverage.inputs.places import read_places
from gpcoverage.inputs.references import ReferenceFigures, read_references
from gpcoverage.inputs.schema import Column, header_fault, parse_columns, raise_faults

COUNTS: Final = "reference_counts.csv"
DISTANCES: Final = "reference_distances.csv"
TOWNS: Final = ("settlements.csv", "villages.csv")
TOWN_CORRECTIONS: Final = "settlement_corrections.csv"

FACTS: Final = {
    "road distance": "distance",
    "patients": "patients",
    "patients more than 15 km from another doctor": "far",
    "doctors": "town_doctors",
    "list limit of the partnership": "ceiling",
    "distance to the GP, lower quartile": "lower_quartile",
    "distance to the GP, upper quartile": "upper_quartile",
    "terrain model against roads, bias": "bias",
    "terrain model against roads, mean error": "mean_error",
    "terrain model against roads, ninth decile of the error": "ninth_decile",
    "terrain model against roads, same side of 15 km": "same_side",
}
"""What the table may state, and the short name under which it is looked up."""

UNITS: Final = ("km", "m", "people", "doctors", "share")

TABLE: Final = (
    Column(
        "fact",
        f"must be one of: {'; '.join(FACTS)}",
        "Correct it",
        check=pa.Check.isin(list(FACTS)),
        required=True,
        blank=False,
    ),
    Column("from", "must not be empty", "Name the place", required=True, blank=False),
    Column("to", "", "", required=True),
    Column(
        "value",
        "must be a number",
        "Correct it",
        parse=danish.parse_numbers,
        required=True,
        blank=False,
    ),
    Column(
        "unit",
        f"must be one of {', '.join(UNITS)}",
        "Correct it",
        check=pa.Check.isin(UNITS),
        required=True,
        blank=False,
    ),
    Column(
        "date",
        "must be a year, years such as 2005-2017, or a month such as 2026-11",
        "Correct it",
        check=pa.Check.str_matches("^[0-9]{4}(-([0-9]{4}|0[1-9]|1[0-2]))?$"),
        required=True,
        blank=False,
    ),
    Column("source", "must not be empty", "Say where it stands", required=True, blank=False),
)


@dataclass(frozen=True, slots=True, eq=False)
class KnownFigures:
    """What others know, to hold a study's answer against.

    Attributes
    ----------
    counts
        Dated counts by region.
    facts
        DataFrame in the file's order: ``check`` (the short name), ``from``, ``to``, ``value``,
        ``unit``, ``date`` and ``source``.
    places
        GeoDataFrame (EPSG:25832), as :func:`~gpcoverage.inputs.places.read_places` returns it.
    extract
        OpenStreetMap extract of Bornholm; None if there is none.
    records
        What was read.
    """

    counts: ReferenceFigures
    facts: pd.DataFrame
    places: gpd.GeoDataFrame
    extract: Path | None
    records: tuple[InputRecord, ...]


def read_known(
    folder: Path, municipalities: gpd.GeoDataFrame, extract: Path | None = None
) -> KnownFigures:
    """Read the known figures.

    Parameters
    ----------
    folder
        Holds ``reference_counts.csv``, ``reference_distances.csv`` and the tables of towns, such
        as ``data``.
    municipalities
        EPSG:25832, as a study holds them.
    extract
        OpenStreetMap extract of Bornholm, if there is one.

    Returns
    -------
    KnownFigures

    Raises
    ------
    SchemaError
        With every fault of the first file that has any.
    """
    counts = read_references(folder / COUNTS)
    facts, record = _read_facts(folder / DISTANCES)
    towns = [folder / name for name in TOWNS]
    places = read_places(
        *towns, municipalities=municipalities, corrections=folder / TOWN_CORRECTIONS
    )
    records = (counts.record, record, *places.records)
    return KnownFigures(counts, facts, places.frame, extract, records)


def _read_facts(path: Path) -> tuple[pd.DataFrame, InputRecord]:
    cells = danish.read_table(path, lambda header: header_fault(header, TABLE))
    values, faults = parse_columns(cells, TABLE)
    raise_faults(path, faults, len(cells))
    facts = values.assign(check=values["fact"].map(FACTS)).drop(columns="fact")
    return facts.reset_index(drop=True), record_input("known distances", path, len(cells))
