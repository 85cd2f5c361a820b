"""How many people are expected to live in each municipality, year by year."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pandera.pandas as pa

from gpcoverage.inputs import danish
from gpcoverage.inputs.placement import stated_codes
from gpcoverage.inputs.schema import (
    Column,
    faults_at,
    header_fault,
    match_headers,
    parse_columns,
    raise_faults,
)

COLUMNS: Final = (
    Column(
        "year",
        "must be a year from 2000 to 2100",
        "Give one row per municipality and year",
        ("år", "aar", "tid"),
        danish.parse_counts,
        pa.Check(lambda n: n.between(2000, 2100) & (n % 1 == 0)),
        required=True,
        blank=False,
    ),
    Column(
        "population",
        "must be a whole number of people, above zero",
        "Give the expected number of people",
        ("folketal", "befolkning", "indbyggere", "personer", "indhold"),
        danish.parse_counts,
        pa.Check(lambda n: (n > 0) & (n % 1 == 0)),
        required=True,
        blank=False,
    ),
)
PLACE: Final = Column(
    "municipality_code",
    "must be a kommunekode or the name of a municipality",
    "Take out rows of regions and of the whole country",
    ("kommunekode", "komkode", "kommunenr"),
    required=True,
    second_best=("kommune", "kommunenavn", "municipality", "område"),
)
TWICE: Final = Column("", "no two rows may be of one municipality and year", "Take one out")


def read_projection(path: Path, municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Read a projection, such as Danmarks Statistik's by municipality.

    Parameters
    ----------
    path
        A .csv, .csv.gz or .xlsx file with Danish or English headers: municipality, year,
        population. The year the study is about must be among the years: people change in proportion.
    municipalities
        As :func:`read_municipalities` returns the frame.

    Returns
    -------
    DataFrame
        People, by municipality code (rows) and year (columns, whole numbers); NaN where there is none.

    Raises
    ------
    SchemaError
        With every fault of the file: row, column, value, rule and remedy.
    """
    cells = danish.read_table(path, lambda header: header_fault(header, (PLACE, *COLUMNS)))
    values, faults = parse_columns(cells, COLUMNS)
    header = match_headers(cells.columns, (PLACE,))[PLACE.name]
    codes = stated_codes(cells[header], municipalities)
    unknown = ~codes.isin(municipalities["code"])
    faults += faults_at(cells.loc[unknown, header], PLACE, header)
    table = values.assign(code=codes)
    double = table.duplicated(["code", "year"])
    faults += faults_at(cells.loc[double, header], TWICE, header)
    raise_faults(path, faults, len(cells))
    table["year"] = table["year"].astype(int)
    return table.pivot_table(index="code", columns="year", values="population")
