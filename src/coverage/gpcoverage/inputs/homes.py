"""Homes: where people live, as population cells or as addresses."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from numpy.typing import NDArray

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import census_grid, danish, kvadratnet
from gpcoverage.inputs.coordinates import (
    Placed,
    coordinate_fault,
    has_coordinates,
    parse_points,
)
from gpcoverage.inputs.layer import Layer, is_file, record_input
from gpcoverage.inputs.municipalities import municipality_at
from gpcoverage.inputs.placement import find_municipalities, stated_codes
from gpcoverage.inputs.schema import (
    Column,
    Fault,
    faults_at,
    header_fault,
    match_headers,
    parse_columns,
    raise_faults,
)
from gpcoverage.units import CRS_METRES, to_metres

MAX_POPULATION: Final = 100_000
CELL_HEADERS: Final = (
    *("cell", "celle", "celleid", "ddkn", "kvadratnet"),
    *("kn100mdk", "kn250mdk", "kn1kmdk", "kn10kmdk"),
)
OSM_SUFFIXES: Final = (".osm", ".osm.pbf")

COLUMNS: Final = (
    Column(
        "id",
        "must not be empty, and no two rows may have the same",
        "Give every home its own id, such as the cell id or the address id",
        ("homeid", "adresseid"),
        required=True,
        blank=False,
        unique=True,
        second_best=CELL_HEADERS,
    ),
    Column(
        "population",
        f"must be a number of people from 0 to {MAX_POPULATION}",
        "Give the people who live there, 0 where nobody does; write 1800 and not 1.800",
        ("personer", "befolkning", "indbyggere", "antalpersoner", "folketal"),
        danish.parse_amounts,
        pa.Check.in_range(0, MAX_POPULATION),
        required=True,
        blank=False,
    ),
)
CODE: Final = Column(
    "municipality_code",
    "must be a kommunekode or the name of a municipality",
    "Correct it, or leave the cell empty: the coordinates say where the home lies",
    ("kommunekode", "komkode", "kommunenr", "kommunenummer"),
    second_best=("kommune", "kommunenavn"),
)
CELL: Final = Column(
    "id",
    "must name the cell in which the coordinates lie",
    "Correct the id (the northing comes first, both numbers cut down) or the coordinates",
)
NO_CELL: Final = Column(
    "id",
    "must be a cell of the kvadratnet such as 1km_6223_576, as the table has no coordinates",
    "Correct the id, or add coordinates",
)
CELL_SLACK_M: Final = 100.0
"""Coordinates may be rounded: a point this near to its cell still lies in it."""

PEOPLE_PER_ADDRESS: Final = 2.1
"""At most so many people per address: the size of an average Danish household."""

NO_MUNICIPALITY: Final = "lies in no municipality of the list"
OUTSIDE_AREA: Final = "lies outside the study's area"


def read_homes(path: Path, municipalities: gpd.GeoDataFrame, area: tuple[str, ...]) -> Layer:
    """Read population cells or addresses.

    Parameters
    ----------
    path
        A table with id (or cell), population and coordinates; a municipality code if known.
        Cells without coordinates lie at their centres. Or OpenStreetMap data (.osm, .osm.pbf):
        its address nodes, see :func:`read_osm_addresses`.
    municipalities
        EPSG:25832, as :func:`read_municipalities` returns the frame.
    area
        Codes of the municipalities whose homes are wanted.

    Returns
    -------
    Layer
        One row per home in the file's order, indexed by ``home_id``: ``municipality_code``,
        ``population`` (people), ``geometry`` (points, EPSG:25832). Rows outside
        the area are left out with the reason.

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    if path.name.lower().endswith(OSM_SUFFIXES):
        return read_osm_addresses(path, municipalities, area)
    cells = danish.read_table(path, _check_header)
    values, faults = parse_columns(cells, COLUMNS)
    placed = _place(cells, values["id"])
    codes, wrong_codes = _municipality_codes(cells, placed, municipalities)
    faults += placed.faults + wrong_codes
    raise_faults(path, faults, len(cells))
    frame = gpd.GeoDataFrame(
        {"home_id": values["id"], "municipality_code": codes, "population": values["population"]},
        geometry=placed.points,
        crs=CRS_METRES,
    )
    return _within(area, frame, path, municipalities)


def _check_header(header: list[str]) -> str | None:
    placeless = not has_coordinates(header) and _are_cells(header)
    faults = [
        header_fault(header, (*COLUMNS, CODE)),
        None if placeless else coordinate_fault(header),
    ]
    return "; ".join(fault for fault in faults if fault) or None


def _are_cells(header: list[str]) -> bool:
    id_header = match_headers(header, COLUMNS).get("id", "")
    return danish.normalise_header(id_header) in CELL_HEADERS


def _place(cells: pd.DataFrame, ids: pd.Series) -> Placed:
    """Place homes by their coordinates, which must agree with a cell's id, else by the id."""
    header = list(cells.columns)
    id_header = match_headers(header, COLUMNS)["id"]
    is_cell = kvadratnet.is_cell_id(ids)
    squares = np.full(len(ids), shapely.Polygon(), dtype=object)
    squares[is_cell] = kvadratnet.cell_squares(ids[is_cell])
    if not has_coordinates(header):
        points = shapely.centroid(squares)
        return Placed(points, ids, id_header, faults_at(ids[~is_cell], NO_CELL, id_header))
    placed = parse_points(cells)
    # A distance from or to nothing is NaN, and NaN is not greater.
    apart = shapely.distance(squares, placed.points) > CELL_SLACK_M
    told = ids[apart] + ", but the coordinates are " + placed.text[apart]
    return placed._replace(faults=placed.faults + faults_at(told, CELL, id_header))


def _municipality_codes(
    cells: pd.DataFrame, placed: Placed, municipalities: gpd.GeoDataFrame
) -> tuple[pd.Series, list[Fault]]:
    """Find each home's municipality; it may be a place that is no municipality: Christiansø."""
    header = match_headers(cells.columns, (CODE,)).get(CODE.name)
    if header is None:
        return municipality_at(placed.points, municipalities).set_axis(cells.index), []
    stated = stated_codes(cells[header], municipalities)
    unknown = (stated != "") & ~stated.str.fullmatch("[0-9]{4}")
    located, faults = find_municipalities(cells[header], stated, placed, header, municipalities)
    faults += faults_at(cells.loc[unknown, header], CODE, header)
    return stated.where(stated != "", located), faults


def _within(
    area: tuple[str, ...], frame: gpd.GeoDataFrame, path: Path, municipalities: gpd.GeoDataFrame
) -> Layer:
    known = frame["municipality_code"].isin(municipalities["code"])
    inside = frame["municipality_code"].isin(area)
    left_out = {NO_MUNICIPALITY: frame.index[~known], OUTSIDE_AREA: frame.index[known & ~inside]}
    record = record_input("homes", path, len(frame), left_out)
    people = frame["population"]
    lost = (replace(i, people=float(people[list(i.rows)].sum())) for i in record.left_out)
    record = replace(record, left_out=tuple(lost), people_in=float(people.sum()))
    return Layer(frame[inside].set_index("home_id"), record)


def read_osm_addresses(
    path: Path, municipalities: gpd.GeoDataFrame, area: tuple[str, ...]
) -> Layer:
    """Take the address nodes of an OpenStreetMap extract as homes.

    Parameters
    ----------
    path
        A .osm or .osm.pbf file. Nodes with ``addr:housenumber`` count, each once.
    municipalities
        EPSG:25832, with ``population``, as :func:`read_municipalities` returns the frame.
    area
        Codes of the municipalities whose homes are wanted.

    Returns
    -------
    Layer
        As :func:`read_homes`; ids are ``n`` and the node's number. Each municipality's people are
        spread evenly over its addresses in the file, at most 2.1 to an address: an extract that
        holds part of a municipality (one island, say) does not get all its people. How many people
        of the area that leaves out is in the record.

    Raises
    ------
    SchemaError
        If the file cannot be read or holds no addresses.
    """
    ids, lon, lat = _address_nodes(path)
    points = shapely.points(*to_metres(lon, lat))
    codes = municipality_at(points, municipalities)
    per_code = municipalities.set_index("code")["population"] / codes.value_counts()
    frame = gpd.GeoDataFrame(
        {
            "home_id": "n" + pd.Series(ids).astype(str),
            "municipality_code": codes,
            "population": codes.map(per_code).astype("float64").clip(upper=PEOPLE_PER_ADDRESS),
        },
        geometry=points,
        crs=CRS_METRES,
    )
    frame.index += 1
    layer = _within(area, frame, path, municipalities)
    of_area = municipalities.loc[municipalities["code"].isin(area), "population"].sum()
    not_placed = float(of_area - layer.frame["population"].sum())
    if not_placed < 1:
        return layer
    return replace(layer, record=replace(layer.record, people_not_placed=not_placed))


def _address_nodes(path: Path) -> tuple[list[int], NDArray[np.float64], NDArray[np.float64]]:
    import osmium  # noqa: PLC0415  only needed for OpenStreetMap data

    if not is_file(path):
        msg = f"{path}: not found or not a file. Name an OpenStreetMap extract (.osm.pbf)."
        raise SchemaError(msg)
    try:
        nodes = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(
            osmium.filter.KeyFilter("addr:housenumber")
        )
        places = {
            node.id: (node.location.lon, node.location.lat)
            for node in nodes
            if isinstance(node, osmium.osm.Node)
        }
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        msg = f"{path}: is not OpenStreetMap data that can be read ({str(error)[:200]}). Fetch it again."
        raise SchemaError(msg) from error
    if not places:
        msg = f"{path}: holds no address nodes (addr:housenumber). Use a table of homes instead."
        raise SchemaError(msg)
    lon, lat = np.array(list(places.values()), dtype=np.float64).T
    return list(places), lon, lat


def are_cells(homes: gpd.GeoDataFrame) -> bool:
    """Say whether all homes are cells, of the *kvadratnet* or of the census grid.

    Parameters
    ----------
    homes
        As :func:`read_homes` returns the frame.

    Returns
    -------
    bool
    """
    return _grid_of(homes) is not None


def home_squares(homes: gpd.GeoDataFrame) -> NDArray[np.object_] | None:
    """Draw the squares of homes that are cells.

    Parameters
    ----------
    homes
        As :func:`read_homes` returns the frame.

    Returns
    -------
    ndarray or None
        Shapely polygons, EPSG:25832, one per home; None if any home is no cell of the
        *kvadratnet*, nor all are of the census grid.
    """
    squares = _grid_of(homes)
    return None if squares is None else squares(pd.Series(homes.index.astype(str)))


def _grid_of(homes: gpd.GeoDataFrame) -> Callable[[pd.Series], NDArray[np.object_]] | None:
    """Find what draws the squares of these ids."""
    ids = pd.Series(homes.index.astype(str))
    if kvadratnet.is_cell_id(ids).all():
        return kvadratnet.cell_squares
    return census_grid.grid_squares if census_grid.is_grid_id(ids).all() else None
