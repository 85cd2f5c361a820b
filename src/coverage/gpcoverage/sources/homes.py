"""Homes made of the census grid, and homes as the file that the reader of homes takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.errors import CrsError, DataIntegrityError
from gpcoverage.files import write_whole
from gpcoverage.inputs.census_grid import grid_squares
from gpcoverage.inputs.municipalities import municipality_at
from gpcoverage.units import CRS_METRES

SLIVER_SHARE: Final = 0.01
"""Boundaries are generalised: so small a part of a cell is not taken for land of a municipality."""

ABROAD: Final = "lies abroad, as the file says"
NO_LAND: Final = "touches no municipality of the list: at sea or abroad"


@dataclass(frozen=True, slots=True)
class CensusHomes:
    """The people of the census as homes, and what became of every cell.

    Attributes
    ----------
    frame
        Indexed by ``home_id``: ``municipality_code``, ``population``, ``geometry`` (points,
        EPSG:25832), as :func:`~gpcoverage.inputs.homes.read_homes` returns homes.
    factors
        Indexed by municipality code: ``census`` and ``official`` (people) and ``factor``, by which
        every home's people were multiplied; NaN where the census has nobody.
    left_out
        Indexed by ``cell_id``: ``reason`` and ``population`` of the cells that became no home.
    people_not_placed
        Official people of municipalities in which the census has nobody.
    """

    frame: gpd.GeoDataFrame
    factors: pd.DataFrame
    left_out: pd.DataFrame
    people_not_placed: float


def homes_from_census(
    cells: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame, totals: pd.Series | None
) -> CensusHomes:
    """Turn cells of the census into homes, scaled to the official number of each municipality.

    A cell's people are split over the municipalities it touches in proportion to their land in it,
    and live at the middle of that land; a cell inside one municipality is one home at its centre.
    Sea holds nobody. Less than 1 % of a cell counts as not touched. A Danish cell that touches none
    belongs to the nearest within 2 km (shores are generalised). On the land border the file for all
    Europe counts the neighbours' people too: take the Danish one, whose cells name their country.

    Parameters
    ----------
    cells
        As :func:`~gpcoverage.sources.census.read_census_grid` returns the frame.
    municipalities
        EPSG:25832, as ``read_municipalities`` returns the frame.
    totals
        Official people by municipality code, as
        :func:`~gpcoverage.sources.statbank.municipality_totals` returns them; codes that are none
        of these municipalities are not looked at. None leaves the census as it is.

    Returns
    -------
    CensusHomes
        Each municipality's people add up to its official number.

    Raises
    ------
    CrsError
        If a frame is not in EPSG:25832.
    DataIntegrityError
        If a municipality in which people live has no official number.
    """
    _check_metres("cells", cells)
    _check_metres("municipalities", municipalities)
    parts, left_out = _split(cells, municipalities)
    codes = parts["municipality_code"]
    census = parts.groupby("municipality_code")["population"].sum()
    factors = _factors(census, totals, municipalities["code"])
    homes = gpd.GeoDataFrame(
        {
            "home_id": parts["home_id"],
            "municipality_code": codes.astype(str),
            "population": parts["population"] * codes.map(factors["factor"]),
        },
        geometry=parts["geometry"].to_numpy(),
        crs=CRS_METRES,
    )
    missed = factors.loc[factors["factor"].isna(), "official"].sum()
    _check_sum(
        "cells",
        parts["population"].sum() + left_out["population"].sum(),
        cells["population"].sum(skipna=False),
    )
    if totals is not None:
        _check_sum("homes", homes["population"].sum() + missed, factors["official"].sum())
    return CensusHomes(homes.set_index("home_id"), factors, left_out, float(missed))


def _check_sum(name: str, went_out: float, came_in: float) -> None:
    """Refuse homes that do not hold the people who came in; NaN is never close."""
    if not np.isclose(went_out, came_in, rtol=1e-9, atol=1e-6):
        msg = f"The {name} hold {went_out} people and should hold {came_in}; no homes are made."
        raise DataIntegrityError(msg)


def _check_metres(name: str, frame: gpd.GeoDataFrame) -> None:
    if frame.crs != CRS_METRES:
        stated = "no coordinate reference system" if frame.crs is None else frame.crs.to_string()
        msg = f"Invalid {name}: in {stated[:40]}. Must be in {CRS_METRES}; use to_crs."
        raise CrsError(msg)


def _split(
    cells: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide each cell's people by land; list the cells that touch none."""
    country = cells["country"]
    danish = country.str.contains(r"\bDK\b").to_numpy(dtype=bool)
    asked = np.flatnonzero(danish | (country == "").to_numpy())
    touched = _land(cells, asked, municipalities)
    stray = np.setdiff1d(np.flatnonzero(danish), touched["cell"])
    parts = pd.concat([touched, _shore(cells, stray, municipalities)])
    parts = parts.sort_values(["cell", "municipality_code"], kind="stable").reset_index(drop=True)
    by_cell = parts.groupby("cell")["land"]
    people = cells["population"].to_numpy()
    parts["population"] = people[parts["cell"]] * (parts["land"] / by_cell.transform("sum"))
    ids = pd.Series(cells.index[parts["cell"]].to_numpy(), dtype=object)
    alone = by_cell.transform("size") == 1
    parts["home_id"] = ids.where(alone, ids + "-" + parts["municipality_code"])
    gone = np.setdiff1d(np.arange(len(cells)), parts["cell"])
    reason = np.where(np.isin(gone, asked), NO_LAND, ABROAD)
    left_out = pd.DataFrame({"reason": reason, "population": people[gone]}, cells.index[gone])
    return parts, left_out


def _land(
    cells: gpd.GeoDataFrame, asked: NDArray[np.int64], municipalities: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Find which cells have land in which municipality, and the middle of it."""
    squares = grid_squares(cells.index[asked].to_series())
    polygons = municipalities.geometry.to_numpy()
    tree = shapely.STRtree(squares)
    # Asked this way round, few prepared polygons meet many squares.
    whole_area, whole = tree.query(polygons, predicate="contains")
    area, partly = tree.query(polygons, predicate="intersects")
    divided = ~np.isin(partly, whole)
    area, partly = area[divided], partly[divided]
    pieces = shapely.intersection(squares[partly], polygons[area])
    land = shapely.area(pieces) / shapely.area(squares[partly])
    real = land >= SLIVER_SHARE
    area, partly, pieces, land = area[real], partly[real], pieces[real], land[real]
    middle = shapely.centroid(pieces)
    outside = ~shapely.intersects(pieces, middle)
    middle[outside] = shapely.point_on_surface(pieces[outside])
    codes = municipalities["code"].to_numpy()
    centres = cells.geometry.to_numpy()[asked[whole]]
    return pd.DataFrame(
        {
            "cell": asked[np.concatenate([whole, partly])],
            "municipality_code": codes[np.concatenate([whole_area, area])],
            "land": np.concatenate([np.ones(len(whole)), land]),
            "geometry": np.concatenate([centres, middle]),
        }
    )


def _shore(
    cells: gpd.GeoDataFrame, stray: NDArray[np.int64], municipalities: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Give cells that touch no land to the municipality close by, if there is one."""
    centres = cells.geometry.to_numpy()[stray]
    codes = municipality_at(centres, municipalities).to_numpy()
    near = codes != ""
    return pd.DataFrame(
        {
            "cell": stray[near],
            "municipality_code": codes[near],
            "land": np.ones(near.sum()),
            "geometry": centres[near],
        }
    )


def _factors(census: pd.Series, totals: pd.Series | None, codes: pd.Series) -> pd.DataFrame:
    """Compare the census with the official numbers."""
    table = pd.DataFrame({"census": census.reindex(codes.to_numpy(), fill_value=0.0)})
    table.index.name = "municipality_code"
    if totals is None:
        return table.assign(official=np.nan, factor=1.0)
    if not totals.index.is_unique:
        msg = "Invalid totals: a municipality stands twice. Take one period."
        raise DataIntegrityError(msg)
    official = totals.reindex(table.index).astype("float64")
    inhabited = table["census"] > 0
    wrong = ~official.between(0, np.inf, inclusive="left") & (inhabited | official.notna())
    if wrong.any():
        msg = (
            f"Invalid totals: no number of people for {wrong.sum()} of {len(table)} municipalities: "
            f"{', '.join(table.index[wrong][:5])}. Take FOLK1A with every municipality."
        )
        raise DataIntegrityError(msg)
    return table.assign(official=official, factor=official / table["census"].where(inhabited))


def write_homes(homes: gpd.GeoDataFrame, path: Path) -> Path:
    """Write homes as the table :func:`~gpcoverage.inputs.homes.read_homes` reads.

    Parameters
    ----------
    homes
        Points in EPSG:25832 with ``population``, indexed by id; ``municipality_code`` if known.
    path
        A .csv or .csv.gz file. Coordinates are written to the millimetre, people to 1e-12.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CrsError
        If the frame is not in EPSG:25832.
    DataIntegrityError
        If an id stands twice, a number of people is none, or a home is no point.
    OutputError
        If the file cannot be written.
    """
    _check_metres("homes", homes)
    points = homes.geometry.to_numpy()
    people = homes["population"].to_numpy(dtype=np.float64)
    are_points = (shapely.get_type_id(points) == shapely.GeometryType.POINT) & ~shapely.is_empty(
        points
    )
    are_counts = np.isfinite(people) & (people >= 0)
    if not (homes.index.is_unique and are_points.all() and are_counts.all()):
        msg = "Invalid homes. Must be points with ids of their own and a number of people that is not negative."
        raise DataIntegrityError(msg)
    table = pd.DataFrame({"id": homes.index.astype(str)})
    if "municipality_code" in homes:
        table["municipality_code"] = homes["municipality_code"].to_numpy()
    table["population"] = [f"{number:.12f}" for number in people]
    table["easting"] = [f"{x:.3f}" for x in shapely.get_x(points)]
    table["northing"] = [f"{y:.3f}" for y in shapely.get_y(points)]
    packed = {"method": "gzip", "mtime": 0} if path.suffix.lower() == ".gz" else None

    def write(draft: Path) -> None:
        table.to_csv(draft, index=False, encoding="utf-8", lineterminator="\n", compression=packed)

    return write_whole(path, write)
