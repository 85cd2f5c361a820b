"""Homes: where people live, as population cells or as addresses."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from numpy.typing import NDArray

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import danish, kvadratnet
from gpcoverage.inputs.coordinates import missing_coordinates, parse_points
from gpcoverage.inputs.layer import Layer, record_input
from gpcoverage.inputs.municipalities import municipality_at
from gpcoverage.inputs.schema import (
    Column,
    match_headers,
    missing_columns,
    parse_columns,
    raise_faults,
)
from gpcoverage.units import CRS_METRES, to_metres

MAX_POPULATION: Final = 100_000

COLUMNS: Final = (
    Column(
        "id",
        "must not be empty, and no two rows may have the same",
        "Give every home its own id, such as the cell id or the address id",
        ("cell", "homeid", "celle", "celleid", "ddkn", "adresseid", "kvadratnet"),
        required=True,
        blank=False,
        unique=True,
    ),
    Column(
        "population",
        f"must be a number of people from 0 to {MAX_POPULATION}",
        "Give the people who live there; 0 where nobody does",
        ("personer", "befolkning", "indbyggere", "antalpersoner", "folketal"),
        danish.parse_numbers,
        pa.Check.in_range(0, MAX_POPULATION),
        required=True,
        blank=False,
    ),
)
CODE: Final = Column("municipality_code", "", "", ("kommunekode", "komkode", "kommune"))

PEOPLE_PER_ADDRESS: Final = 2.1
"""At most so many people per address: the size of an average Danish household."""

NO_MUNICIPALITY: Final = "lies in no municipality of the list"
OUTSIDE_AREA: Final = "lies outside the study's area"


def read_homes(path: Path, municipalities: gpd.GeoDataFrame, area: tuple[str, ...]) -> Layer:
    """Read population cells or addresses.

    Parameters
    ----------
    path
        A table with id (or cell), population and coordinates; a municipality code if known. Or
        OpenStreetMap data (.osm, .osm.pbf): its address nodes, see :func:`read_osm_addresses`.
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
    if path.name.endswith((".osm", ".osm.pbf")):
        return read_osm_addresses(path, municipalities, area)
    cells = danish.read_table(path, _check_header)
    values, faults = parse_columns(cells, COLUMNS)
    points, misplaced = parse_points(cells)
    raise_faults(path, faults + misplaced, len(cells))
    found = match_headers(cells.columns, (CODE,))
    if found:
        codes = danish.municipality_code(cells[found[CODE.name]])
    else:
        codes = municipality_at(points, municipalities).set_axis(cells.index)
    frame = gpd.GeoDataFrame(
        {"home_id": values["id"], "municipality_code": codes, "population": values["population"]},
        geometry=points,
        crs=CRS_METRES,
    )
    return _within(area, frame, path, municipalities)


def _check_header(header: list[str]) -> str | None:
    faults = [missing_columns(header, COLUMNS), missing_coordinates(header)]
    return "; ".join(fault for fault in faults if fault) or None


def _within(
    area: tuple[str, ...], frame: gpd.GeoDataFrame, path: Path, municipalities: gpd.GeoDataFrame
) -> Layer:
    known = frame["municipality_code"].isin(municipalities["code"])
    inside = frame["municipality_code"].isin(area)
    left_out = {NO_MUNICIPALITY: frame.index[~known], OUTSIDE_AREA: frame.index[known & ~inside]}
    return Layer(
        frame[inside].set_index("home_id"), record_input("homes", path, len(frame), left_out)
    )


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
        holds part of a municipality (one island, say) does not get all its people.

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
    return _within(area, frame, path, municipalities)


def _address_nodes(path: Path) -> tuple[list[int], NDArray[np.float64], NDArray[np.float64]]:
    import osmium  # noqa: PLC0415  only needed for OpenStreetMap data

    if not path.is_file():
        msg = f"{path}: not found or not a file. Name an OpenStreetMap extract (.osm.pbf)."
        raise SchemaError(msg)
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(
        osmium.filter.KeyFilter("addr:housenumber")
    )
    try:
        rows = [
            (node.id, node.location.lon, node.location.lat)
            for node in nodes
            if isinstance(node, osmium.osm.Node)
        ]
    except RuntimeError as error:
        msg = f"{path}: is not OpenStreetMap data that can be read ({error}). Fetch it again."
        raise SchemaError(msg) from error
    if not rows:
        msg = f"{path}: holds no address nodes (addr:housenumber). Use a table of homes instead."
        raise SchemaError(msg)
    ids, lon, lat = zip(*rows, strict=True)
    return list(ids), np.array(lon), np.array(lat)


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
        *kvadratnet*.
    """
    ids = pd.Series(homes.index.to_numpy())
    return kvadratnet.cell_squares(ids) if kvadratnet.is_cell_id(ids).all() else None
