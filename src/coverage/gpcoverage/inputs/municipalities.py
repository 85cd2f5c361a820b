"""Municipalities: boundaries from whatever file the analyst has, joined to the official list.

The list (code, name, region, population) says which municipalities there are; the boundary file
says where. DAGI (``KOMKODE``), GISCO LAU (``LAU_ID``), OpenStreetMap and this project's own layer
are recognised by their columns. Several features of one municipality are dissolved.
"""

import re
import unicodedata
import warnings
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from gpcoverage.errors import CrsError, SchemaError
from gpcoverage.inputs import danish
from gpcoverage.inputs.coordinates import DENMARK_METRES
from gpcoverage.inputs.layer import Layer, record_input
from gpcoverage.inputs.schema import Column, header_fault, parse_columns, raise_faults
from gpcoverage.inputs.tables import spell_columns
from gpcoverage.units import CRS_METRES

CODE_HEADERS: Final = ("code", "komkode", "lauid", "kommunekode", "kode", "refkommune", "ref")
NAME_HEADERS: Final = ("name", "komnavn", "launame", "kommunenavn", "navn", "shapename", "namelatn")
COUNTRY_HEADER: Final = "cntrcode"

NEAR_SHORE_M: Final = 2_000.0
"""Boundaries are generalised: a point this near to a municipality still lies in it."""

MAX_POPULATION: Final = 1_000_000
NO_GEOMETRY: Final = "has no geometry"
STRANGER: Final = "not one of the municipalities of the list"

TABLE: Final = (
    Column(
        "code",
        "must be a kommunekode of four digits, each once",
        "Correct the code",
        ("kommunekode", "komkode", "kode"),
        danish.municipality_code,
        pa.Check.str_matches("^[0-9]{4}$"),
        required=True,
        blank=False,
        unique=True,
    ),
    Column(
        "name",
        "must not be empty, and no two rows may have the same",
        "Give the municipality's name",
        ("navn", "kommunenavn", "komnavn"),
        required=True,
        blank=False,
        unique=True,
        second_best=("kommune",),
    ),
    Column(
        "region",
        "must not be empty",
        "Give the region's name without the word Region",
        ("regionsnavn",),
        required=True,
        blank=False,
    ),
    Column(
        "population",
        f"must be a whole number of people from 1 to {MAX_POPULATION}",
        "Correct the number",
        ("population2024", "folketal", "indbyggere", "befolkning"),
        danish.parse_counts,
        pa.Check(lambda n: (n >= 1) & (n <= MAX_POPULATION) & (n == np.floor(n))),
        required=True,
        blank=False,
    ),
)


def read_municipality_list(path: Path) -> pd.DataFrame:
    """Read the list of municipalities.

    Parameters
    ----------
    path
        A table with code, name, region and population.

    Returns
    -------
    DataFrame
        Columns ``code`` (four characters), ``name``, ``region`` and ``population`` (people),
        sorted by code.

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    cells = danish.read_table(path, lambda header: header_fault(header, TABLE))
    values, faults = parse_columns(cells, TABLE)
    raise_faults(path, faults, len(cells))
    return values.sort_values("code").reset_index(drop=True)


def read_municipalities(boundaries: Path, listed: pd.DataFrame) -> Layer:
    """Read municipality boundaries and join them to the list.

    Parameters
    ----------
    boundaries
        Any vector file that GDAL reads, with its coordinate reference system.
    listed
        As :func:`read_municipality_list` returns it.

    Returns
    -------
    Layer
        One row per municipality of the list, sorted by code: ``code``, ``name``, ``region``,
        ``population``, ``geometry`` (EPSG:25832). Features of other places are left out with a
        reason.

    Raises
    ------
    CrsError
        If the file states no coordinate reference system.
    SchemaError
        If it is no polygon layer, names no municipalities, or lacks some of the list.
    """
    frame = read_polygons(boundaries)
    codes = _codes(boundaries, frame, listed)
    listed_ones = codes.isin(listed["code"])
    drawn = ~(frame.geometry.isna() | frame.geometry.is_empty)
    known = listed_ones & drawn
    areas = _to_metres(boundaries, frame[known]).geometry
    dissolved = _dissolve(areas, codes[known])
    absent = listed[~listed["code"].isin(dissolved.index)]
    if len(absent):
        names = ", ".join(absent["code"] + " " + absent["name"])
        msg = (
            f"{boundaries}: no boundary for {len(absent)} of {len(listed)} municipalities: {names}. "
            "Use a boundary file of the whole country from 2007 or later."
        )
        raise SchemaError(msg)
    joined = gpd.GeoDataFrame(
        listed.copy(), geometry=dissolved.loc[listed["code"]].to_numpy(), crs=CRS_METRES
    )
    left_out = {
        STRANGER: frame.index[~listed_ones] + 1,
        NO_GEOMETRY: frame.index[listed_ones & ~drawn] + 1,
    }
    return Layer(joined, record_input("boundaries", boundaries, len(frame), left_out))


def read_polygons(path: Path) -> gpd.GeoDataFrame:
    """Read the one layer of a file, which must be of areas.

    Parameters
    ----------
    path
        Any vector file that GDAL reads, with its coordinate reference system.

    Returns
    -------
    GeoDataFrame
        In the file's own reference system.

    Raises
    ------
    CrsError
        If it states none.
    SchemaError
        If it cannot be read, has several layers, or holds no polygons.
    """
    frame = _read_layer(path)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        msg = f"{path}: holds no features with a geometry. Fetch the boundaries again."
        raise SchemaError(msg)
    if frame.crs is None:
        msg = (
            f"{path}: states no coordinate reference system. "
            "Export it with one, for example EPSG:25832 or EPSG:4326."
        )
        raise CrsError(msg)
    if not np.isfinite(shapely.get_coordinates(frame.geometry.to_numpy())).all():
        msg = f"{path}: holds coordinates that are no numbers. Fetch the boundaries again."
        raise SchemaError(msg)
    kinds = set(frame.geometry.dropna().geom_type)
    if not kinds or not kinds <= {"Polygon", "MultiPolygon", "GeometryCollection"}:
        msg = f"{path}: holds {', '.join(sorted(kinds)) or 'no geometry'}, not areas. Use the polygon layer."
        raise SchemaError(msg)
    return frame


def _read_layer(path: Path) -> gpd.GeoDataFrame:
    """Read the one layer of a file; a layer is never chosen from several."""
    layers: list[str] = []
    try:
        with warnings.catch_warnings(action="ignore"):  # the driver's own remarks
            if path.is_file():
                layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
            if len(layers) == 1:
                return gpd.read_file(path)
    except (RuntimeError, ValueError, OSError, CRSError, shapely.errors.ShapelyError) as error:
        first_line = str(error).split("\n", 1)[0][:200]
        msg = f"{path}: is not a boundary file that can be read ({first_line}). Fetch it again."
        raise SchemaError(msg) from error
    if layers:
        msg = (
            f"{path}: holds {len(layers)} layers ({', '.join(layers[:20])}). "
            "Export the municipalities into a file of their own."
        )
    else:
        msg = f"{path}: not found or not a file. Name a boundary file such as .geojson or .gpkg."
    raise SchemaError(msg)


def _to_metres(path: Path, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project the municipalities; a wrong reference system puts them outside Denmark."""
    projected = frame.to_crs(CRS_METRES)
    corners = shapely.get_coordinates(projected.geometry.to_numpy())
    box = DENMARK_METRES
    inside = (corners >= (box.min_x, box.min_y)) & (corners <= (box.max_x, box.max_y))
    if not inside.all():
        low_x, low_y, high_x, high_y = frame.total_bounds
        msg = (
            f"{path}: the municipalities do not lie in Denmark if its coordinates, x from {low_x:g} "
            f"to {high_x:g} and y from {low_y:g} to {high_y:g}, are {frame.crs.to_string()[:40]}, as "
            "it states. Export it with its true coordinate reference system."
        )
        raise CrsError(msg)
    return projected


def _codes(path: Path, frame: gpd.GeoDataFrame, listed: pd.DataFrame) -> pd.Series:
    """Find each feature's code: from a code column, else from its name."""
    by_folded = {danish.normalise_header(str(column)): column for column in frame.columns}
    abroad = pd.Series(data=False, index=frame.index)
    if COUNTRY_HEADER in by_folded:
        abroad = frame[by_folded[COUNTRY_HEADER]] != "DK"
    for header in CODE_HEADERS:
        if header in by_folded:
            codes = danish.municipality_code(_text(frame[by_folded[header]]))
            if (codes.isin(listed["code"]) & ~abroad).any():
                return codes.mask(abroad, "")
    for header in NAME_HEADERS:
        if header in by_folded:
            codes = codes_from_names(_text(frame[by_folded[header]]), listed)
            if (codes != "").any():
                return codes.mask(abroad, "")
    msg = (
        f"{path}: no column names the municipalities. Expected KOMKODE (DAGI), LAU_ID (GISCO), "
        f"code, or a name; the columns are {spell_columns(frame.columns)}."
    )
    raise SchemaError(msg)


def _text(values: pd.Series) -> pd.Series:
    """Write a column of any kind as text; a missing value is empty text."""
    return values.astype(object).where(values.notna(), "").astype(str)


def codes_from_names(names: pd.Series, listed: pd.DataFrame) -> pd.Series:
    """Look municipalities up by name.

    Parameters
    ----------
    names
        With or without the word ``Kommune``; hyphens, blanks, ``aa``/``å`` and a genitive s do
        not matter.
    listed
        As :func:`read_municipality_list` returns it.

    Returns
    -------
    Series
        Codes on the same index; empty text where no name fits.
    """
    by_name = {
        folded_name(name): code for name, code in zip(listed["name"], listed["code"], strict=True)
    }
    by_name.pop("", None)
    codes = {name: by_name.get(folded_name(str(name)), "") for name in names.unique()}
    return names.map(codes).astype(str)


def folded_name(name: str) -> str:
    """Fold what may differ between two ways to write a municipality's name."""
    text = unicodedata.normalize("NFC", name).casefold()
    bare = re.sub(r"\b(kommune|regionskommune)\b", "", text).strip()
    letters = re.sub(r"[^a-zæøåäö]", "", bare).replace("aa", "å")
    return letters.removesuffix("s")


def _dissolve(geometry: gpd.GeoSeries, codes: pd.Series) -> pd.Series:
    valid = shapely.make_valid(shapely.force_2d(geometry.to_numpy()))
    merged = {
        str(code): shapely.union_all(valid[positions])
        for code, positions in pd.Series(codes.to_numpy()).groupby(codes.to_numpy()).indices.items()
    }
    return pd.Series(merged, dtype=object)


def municipality_at(points: NDArray[np.object_], municipalities: gpd.GeoDataFrame) -> pd.Series:
    """Say in which municipality each point lies.

    Parameters
    ----------
    points
        Shapely points, EPSG:25832.
    municipalities
        As :func:`read_municipalities` returns the frame.

    Returns
    -------
    Series
        Codes, indexed 0, 1, …; a point up to 2 km outside all of them (generalised shores)
        counts to the nearest; empty text beyond that.
    """
    polygons = municipalities.geometry.to_numpy()
    # Asked this way round, few prepared polygons meet many points.
    area, inside = shapely.STRtree(points).query(polygons, predicate="intersects")
    # The search for the nearest is slow: only for the points that lie in none.
    outside = np.setdiff1d(np.flatnonzero(~shapely.is_empty(points)), inside)
    near, near_area = shapely.STRtree(polygons).query_nearest(
        points[outside], max_distance=NEAR_SHORE_M, all_matches=True
    )
    hits = np.concatenate([inside, outside[near]])
    areas = np.concatenate([area, near_area])
    first = pd.DataFrame({"hit": hits, "area": areas}).groupby("hit")["area"].min()
    codes = pd.Series("", index=pd.RangeIndex(len(points)), dtype=object)
    codes.loc[first.index] = municipalities["code"].to_numpy()[first.to_numpy()]
    return codes
