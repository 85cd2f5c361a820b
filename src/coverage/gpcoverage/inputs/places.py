"""Places where a clinic could be put, or a route can stop: towns, villages, any table of points."""

from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely

from gpcoverage.inputs import danish
from gpcoverage.inputs.coordinates import coordinate_fault, parse_points
from gpcoverage.inputs.layer import InputRecord, record_input
from gpcoverage.inputs.placement import find_municipalities, stated_codes
from gpcoverage.inputs.practices import MUNICIPALITY
from gpcoverage.inputs.schema import (
    Column,
    faults_at,
    header_fault,
    match_headers,
    parse_columns,
    raise_faults,
)
from gpcoverage.units import CRS_METRES, to_degrees, to_metres

NAME: Final = Column(
    "name",
    "must not be empty",
    "Give the place a name",
    ("navn", "by", "bynavn", "stednavn", "sted", "town"),
    required=True,
    blank=False,
)
POPULATION: Final = Column(
    "population",
    "must be a whole number, zero or more",
    "Give the number of people; leave the cell empty if it is not known",
    ("indbyggere", "folketal", "befolkning", "borgere"),
    danish.parse_counts,
    pa.Check(lambda n: (n >= 0) & (n % 1 == 0)),
)
DANISH_NAME: Final = Column("danish_name", "", "", ("dansknavn",))
REASON: Final = Column("reason", "", "", ("begrundelse", "grund"))
COLUMNS: Final = (NAME, POPULATION)
CORRECTION_COLUMNS: Final = (NAME, POPULATION, DANISH_NAME, REASON)
ADDED: Final = "added"
"""How the reason of a correction begins that adds a place."""

TWICE: Final = Column(
    "",
    "no two rows may be of the same place: name and municipality",
    "Take one out, or tell them apart by name",
)
NOTHING_TO_CORRECT: Final = Column(
    "",
    "must name one place of the tables, unless its reason begins with 'added'; then none",
    "Write name and municipality as in the table",
)
BEYOND: Final = "lies in no municipality of the list"
TAKES_OUT: Final = "takes a place out"
DEGREE_DECIMALS: Final = 6
"""A tenth of a metre. The point is that of the rounded degrees, so that a practice opened there lies
exactly where the place does."""

KEY: Final = ["municipality_code", "name"]


class Places(NamedTuple):
    """Places and where they come from.

    Attributes
    ----------
    frame
        GeoDataFrame (EPSG:25832), sorted by municipality and name, indexed by ``place_id`` such as
        ``0661 Ulfborg``: ``name``, ``municipality_code``, ``population`` (NaN where unknown),
        ``lat``, ``lon`` (degrees, WGS84), ``geometry`` (points).
    records
        One per file.
    """

    frame: gpd.GeoDataFrame
    records: tuple[InputRecord, ...]


def read_places(
    *paths: Path, municipalities: gpd.GeoDataFrame, corrections: Path | None = None
) -> Places:
    """Read tables of places.

    Parameters
    ----------
    paths
        .csv, .csv.gz or .xlsx files with Danish or English headers. Needed: name and coordinates.
        Understood: municipality, population.
    municipalities
        EPSG:25832, as :func:`read_municipalities` returns the frame.
    corrections
        A table such as ``data/settlement_corrections.csv``: a row takes the place of the one of
        the same name and municipality, under its ``danish_name``; without population it takes it
        out; a reason that begins with ``added`` adds one.

    Returns
    -------
    Places

    Raises
    ------
    SchemaError
        With every fault of the first file that has any: row, column, value, rule and remedy.
    """
    tables, records = [], []
    for path in paths:
        table = _read(path, municipalities, COLUMNS)
        beyond = table["municipality_code"] == ""
        records.append(record_input("places", path, len(table), {BEYOND: table.index[beyond]}))
        tables.append(table[~beyond])
    listed = pd.concat(tables, ignore_index=True)
    if corrections is not None:
        changes = _read(corrections, municipalities, CORRECTION_COLUMNS)
        listed = _correct(listed, changes, corrections)
        gone = changes.index[changes["population"].isna()]
        records.append(record_input("corrections", corrections, len(changes), {TAKES_OUT: gone}))
    named = listed.sort_values(KEY, kind="stable")
    double = named[named.duplicated(KEY)]
    raise_faults(paths[-1], faults_at(double["name"].set_axis(double["row"]), TWICE, NAME.name), len(listed))  # fmt: skip
    frame = gpd.GeoDataFrame(named.drop(columns="row"), geometry="geometry", crs=CRS_METRES)
    ids = named["municipality_code"] + " " + named["name"]
    return Places(frame.set_index(pd.Index(ids, name="place_id")), tuple(records))


def _read(
    path: Path, municipalities: gpd.GeoDataFrame, columns: tuple[Column, ...]
) -> pd.DataFrame:
    """Read one table: the columns, where each row lies (no code: beyond all), and its row number."""

    def check_header(header: list[str]) -> str | None:
        faults = [header_fault(header, (*columns, MUNICIPALITY)), coordinate_fault(header)]
        return "; ".join(fault for fault in faults if fault) or None

    cells = danish.read_table(path, check_header)
    values, faults = parse_columns(cells, columns)
    placed = parse_points(cells)
    header = match_headers(cells.columns, (MUNICIPALITY,)).get(MUNICIPALITY.name)
    text = pd.Series("", cells.index, dtype=str) if header is None else cells[header]
    stated = stated_codes(text, municipalities)
    located, wrong = find_municipalities(text, stated, placed, header or "", municipalities)
    unknown = (stated != "") & ~stated.isin(municipalities["code"]) & (located != "")
    wrong = wrong + faults_at(text[unknown], MUNICIPALITY, header or "")
    raise_faults(path, faults + placed.faults + wrong, len(cells))
    codes = stated.where(stated != "", located)
    nowhere = (located == "") | ~codes.isin(municipalities["code"])
    easting, northing = shapely.get_coordinates(placed.points).T
    lon, lat = (np.round(axis, DEGREE_DECIMALS) for axis in to_degrees(easting, northing))
    return values.assign(
        municipality_code=codes.mask(nowhere, ""),
        lat=lat,
        lon=lon,
        geometry=shapely.points(*to_metres(lon, lat)),
        row=values.index,
    )


def _correct(listed: pd.DataFrame, changes: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Put places right."""
    known = pd.MultiIndex.from_frame(changes[KEY]).isin(pd.MultiIndex.from_frame(listed[KEY]))
    added = changes["reason"].str.startswith(ADDED).to_numpy()
    wrong = changes[(known == added) | changes.duplicated(KEY).to_numpy()]
    raise_faults(path, faults_at(wrong["name"], NOTHING_TO_CORRECT, NAME.name), len(changes))
    touched = pd.MultiIndex.from_frame(listed[KEY]).isin(pd.MultiIndex.from_frame(changes[KEY]))
    new = changes[changes["population"].notna()]
    new = new.assign(name=new["danish_name"].where(new["danish_name"] != "", new["name"]))
    return pd.concat([listed[~touched], new[listed.columns]], ignore_index=True)
