"""Roads straight out of an OpenStreetMap file, way by way, into arrays.

No graph is built on the way: memory holds the drivable roads and the places of the file's nodes.
"""

from array import array
from pathlib import Path
from typing import Final

import numpy as np

from gpcoverage.errors import NetworkError
from gpcoverage.network.contraction import Pieces
from gpcoverage.network.tags import CLASS_NAMES, direction, road_class

Bounds = tuple[float, float, float, float]

LOCATIONS: Final = "flex_mem"
"""How osmium keeps the places of nodes: sparse for extracts, dense for continents."""


def read_pieces(path: Path, bounds: Bounds | None = None) -> Pieces:
    """Read the drivable roads of an OpenStreetMap file.

    Parameters
    ----------
    path
        A .osm or .osm.pbf file.
    bounds
        ``(min_lon, min_lat, max_lon, max_lat)``, degrees: pieces with both ends outside are left
        away. The whole file by default.

    Returns
    -------
    Pieces
        One piece between each two nodes of a way.

    Raises
    ------
    NetworkError
        If the file cannot be read or holds no drivable road.
    """
    if not path.is_file():
        msg = f"{path}: not found or not a file. Name an OpenStreetMap extract (.osm.pbf)."
        raise NetworkError(msg)
    import osmium  # noqa: PLC0415  only needed for OpenStreetMap data

    try:
        pieces = _read(path)
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        msg = f"{path}: is not OpenStreetMap data that can be read ({str(error)[:200]}). Fetch it again."
        raise NetworkError(msg) from error
    if bounds is not None:
        min_lon, min_lat, max_lon, max_lat = bounds
        inside = (pieces.lon >= min_lon) & (pieces.lon <= max_lon)
        inside &= (pieces.lat >= min_lat) & (pieces.lat <= max_lat)
        pieces = pieces.take(inside[pieces.tail] | inside[pieces.head])
    if not len(pieces.tail):
        msg = f"{path}: holds no drivable road. Check the extract and its area."
        raise NetworkError(msg)
    return pieces


def _read(path: Path) -> Pieces:
    import osmium  # noqa: PLC0415  only needed for OpenStreetMap data

    ways = (
        osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY)
        .with_locations(LOCATIONS)
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter("highway", "route"))
    )
    ref, lon, lat = array("q"), array("d"), array("d")
    nodes, kind, direct = array("q"), array("b"), array("b")
    for way in ways:
        tags = way.tags
        name = road_class(tags)
        if name is None or not isinstance(way, osmium.osm.Way):
            continue
        count = 0
        for node in way.nodes:
            if node.location.valid():  # an extract may be cut through a way
                ref.append(node.ref)
                lon.append(node.location.lon)
                lat.append(node.location.lat)
                count += 1
        nodes.append(count)
        kind.append(CLASS_NAMES.index(name))
        direct.append(direction(tags))
    return _pieces(*(np.asarray(values) for values in (ref, lon, lat, nodes, kind, direct)))


def _pieces(
    ref: np.ndarray, lon: np.ndarray, lat: np.ndarray, nodes: np.ndarray, kind: np.ndarray, direct: np.ndarray,
) -> Pieces:  # fmt: skip
    """Cut ways into pieces between their nodes; a node that ways share is one point."""
    _, first, point = np.unique(ref, return_index=True, return_inverse=True)
    way = np.repeat(np.arange(len(nodes)), nodes)
    tail = np.flatnonzero(way[:-1] == way[1:])
    owner = way[tail]
    return Pieces(
        lon[first],
        lat[first],
        point[tail].astype(np.int64),
        point[tail + 1].astype(np.int64),
        kind[owner].astype(np.int64),
        direct[owner] >= 0,
        direct[owner] <= 0,
    )
