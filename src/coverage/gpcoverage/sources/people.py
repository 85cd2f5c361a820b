"""People: official totals by municipality, and homes scaled to them."""

from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd

from gpcoverage.inputs.homes import read_osm_addresses
from gpcoverage.inputs.layer import Layer
from gpcoverage.sources.census import read_census_grid
from gpcoverage.sources.content import unpack
from gpcoverage.sources.deliveries import read_kvadratnet_delivery
from gpcoverage.sources.endpoints import CENSUS_2021_GRID, statbank_table
from gpcoverage.sources.homes import CensusHomes, homes_from_census, write_homes
from gpcoverage.sources.statbank import municipality_totals, parse_statbank
from gpcoverage.sources.store import Made, Store
from gpcoverage.units import CRS_METRES

MUNICIPALITIES: Final = "municipalities.csv"
HOMES: Final = "homes.csv.gz"
ADDRESSES: Final = "addresses.csv.gz"
DELIVERED: Final = "delivered_homes.csv.gz"

PEOPLE: Final = statbank_table("FOLK1A", {"OMRÅDE": "*", "Tid": "*"})
PER_DOCTOR: Final = statbank_table("LABY27", {"KOMGRP": "*", "Tid": "*"})


class Totals(NamedTuple):
    """What Danmarks Statistik counts.

    Attributes
    ----------
    listed
        The list of municipalities with the official people of the latest quarter.
    period
        That quarter, such as ``2026K4``.
    per_doctor
        People per doctor's capacity, as ``parse_statbank`` returns LABY27.
    """

    listed: pd.DataFrame
    period: str
    per_doctor: pd.DataFrame


def fetch_totals(store: Store, listed: pd.DataFrame) -> Totals:
    """Fetch people by municipality (FOLK1A) and people per doctor's capacity (LABY27).

    Parameters
    ----------
    store
        The store; ``municipalities.csv`` is made in it.
    listed
        As ``read_municipality_list`` returns it: names and regions are taken from it.

    Returns
    -------
    Totals

    Raises
    ------
    FetchError
        If they cannot be had.
    SchemaError, DataIntegrityError
        If they are not what they should be, or lack a municipality.
    """
    source = store.get(PEOPLE)
    people = parse_statbank(source, "FOLK1A", listed)
    totals = municipality_totals(people)
    period = str(people.loc[people["level"] == "municipality", "period"].max())
    per_doctor = parse_statbank(store.get(PER_DOCTOR), "LABY27", listed)
    table = listed.assign(population=listed["code"].map(totals).astype("int64"))
    write = partial(table.to_csv, index=False, encoding="utf-8", lineterminator="\n")
    store.keep({MUNICIPALITIES: Made(write, (source,), len(table))})
    return Totals(table, period, per_doctor)


def fetch_census_homes(store: Store, municipalities: gpd.GeoDataFrame) -> CensusHomes:
    """Fetch the census grid of 2021 and make homes of it, scaled to the municipalities' people.

    Parameters
    ----------
    store
        The store; ``homes.csv.gz`` is made in it.
    municipalities
        EPSG:25832, with the official ``population``, as ``read_municipalities`` returns the frame.

    Returns
    -------
    CensusHomes

    Raises
    ------
    FetchError
        If the grid cannot be had, or its zip is not safe.
    SchemaError, CrsError, DataIntegrityError
        If it is not the grid it should be.
    """
    packed = store.get(CENSUS_2021_GRID)
    grid = unpack(packed, store.folder, CENSUS_2021_GRID.needs)[0]
    totals = municipalities.set_index("code")["population"].astype("float64")
    census = homes_from_census(read_census_grid(grid).frame, municipalities, totals)
    made = Made(
        partial(write_homes, census.frame),
        _with_totals(store, packed),
        len(census.frame),
        CRS_METRES,
    )
    store.keep({HOMES: made})
    return census


def keep_delivery(store: Store, delivery: Path, *, assumed_people: float | None) -> Layer:
    """Make homes of a delivery of the *kvadratnet*; its own numbers, not scaled.

    Parameters
    ----------
    store
        The store; ``delivered_homes.csv.gz`` is made in it.
    delivery, assumed_people
        As for ``read_kvadratnet_delivery``.

    Returns
    -------
    Layer
        As ``read_kvadratnet_delivery`` returns it.

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    layer = read_kvadratnet_delivery(delivery, assumed_people=assumed_people)
    made = Made(partial(write_homes, layer.frame), (delivery,), len(layer.frame), CRS_METRES)
    store.keep({DELIVERED: made})
    return layer


def keep_addresses(store: Store, extract: Path, municipalities: gpd.GeoDataFrame) -> Layer:
    """Make homes of the address nodes of an OpenStreetMap extract, weighted to official people.

    Parameters
    ----------
    store
        The store; ``addresses.csv.gz`` is made in it.
    extract
        The .osm.pbf.
    municipalities
        EPSG:25832, with the official ``population``, as ``read_municipalities`` returns the frame.

    Returns
    -------
    Layer
        As ``read_osm_addresses`` returns it.

    Raises
    ------
    SchemaError
        If the file cannot be read or holds no addresses.
    """
    layer = read_osm_addresses(extract, municipalities, tuple(municipalities["code"]))
    made = Made(
        partial(write_homes, layer.frame),
        _with_totals(store, extract),
        len(layer.frame),
        CRS_METRES,
    )
    store.keep({ADDRESSES: made})
    return layer


def _with_totals(store: Store, source: Path) -> list[Path]:
    """Name what homes are made of: where people live, and how many if that was fetched."""
    totals = store.find(MUNICIPALITIES)
    return [source] if totals is None else [source, totals]
