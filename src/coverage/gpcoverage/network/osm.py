"""Roads from OpenStreetMap: out of a file, out of an osmnx graph, or downloaded by osmnx.

All three give the same network for the same data: pieces of road between the map's nodes, without
the fragments, strung together between junctions, with WGS84 geodesic lengths. Islands are kept
and ferries are a class of their own.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from pyproj import Transformer

from gpcoverage.errors import NetworkError
from gpcoverage.inputs.layer import file_sha256
from gpcoverage.network.contraction import Pieces, merge_twins, shapes_of, string_together
from gpcoverage.network.fragments import drop_fragments
from gpcoverage.network.pbf import Bounds, read_pieces
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.tags import CLASS_NAMES, FERRY, road_class
from gpcoverage.units import CRS_DEGREES

ERROR_SHARE: Final = 0.03
"""Nine of ten distances of 10 to 20 km on Bornholm change by less (2.5 %) if tracks and private
roads count as roads. That is the choice one can argue about; the sums themselves are exact."""

Point = tuple[float, float]

NOT_SNAPPABLE: Final = frozenset({"motorway", FERRY})
"""Nobody's driveway leads onto these."""


def from_pbf(path: Path, bounds: Bounds | None = None) -> RoadNetwork:
    """Build the road network of an OpenStreetMap file.

    Parameters
    ----------
    path
        A .osm.pbf or .osm file.
    bounds
        ``(min_lon, min_lat, max_lon, max_lat)``, degrees; the whole file by default.

    Returns
    -------
    RoadNetwork
        Kind ``osm``; ferries included and marked.

    Raises
    ------
    NetworkError
        If the file cannot be read or holds no drivable road.
    """
    pieces = read_pieces(path, bounds)
    return assemble(pieces, source=path.name, source_sha256=file_sha256(path))


def from_osmnx(graph: Any, *, source: str) -> RoadNetwork:
    """Build the road network of an osmnx graph.

    Parameters
    ----------
    graph
        A MultiDiGraph with the way tags on its edges and a CRS; simplified or not, projected or
        not. A simplified edge that joins ways of several classes counts as the first drivable.
    source
        What to call it in footnotes.

    Returns
    -------
    RoadNetwork
        As :func:`from_pbf`. Ferries are in it only if the graph has them.

    Raises
    ------
    NetworkError
        If the graph has no CRS or holds no drivable road.
    """
    if graph.graph.get("crs") is None:
        msg = f"{source}: the graph states no CRS. Use a graph that osmnx made."
        raise NetworkError(msg)
    number = {node: i for i, node in enumerate(graph.nodes)}
    ends, bends, kinds = [], [], []
    for tail, head, tags in graph.edges(data=True):
        name = _class_of_any(tags)
        if name is not None:
            ends.append((number[tail], number[head]))
            bends.append(list(tags["geometry"].coords)[1:-1] if "geometry" in tags else [])
            kinds.append(CLASS_NAMES.index(name))
    if not ends:
        msg = f"{source}: holds no drivable road. Check the graph and its tags."
        raise NetworkError(msg)
    nodes = [(data["x"], data["y"]) for _, data in graph.nodes(data=True)]
    pieces = _pieces_of_edges(nodes, ends, bends, kinds, graph.graph["crs"])
    return assemble(pieces, source=source)


def _class_of_any(tags: dict[str, Any]) -> str | None:
    """Read the tags of an edge, which osmnx makes lists of where it joins ways."""
    lists = {key: value for key, value in tags.items() if isinstance(value, list)}
    if not lists:
        return road_class(tags)
    single = {key: value for key, value in tags.items() if key not in lists}
    names = [
        road_class(single | {"highway": kind})
        for kind in lists.get("highway", [tags.get("highway")])
    ]
    return next((name for name in names if name), None)


def _pieces_of_edges(
    nodes: list[Point], ends: list[tuple[int, int]], bends: list[list[Point]], kinds: list[int], crs: Any
) -> Pieces:  # fmt: skip
    """Cut a graph's edges at their bends.

    A node is a point by its number; bends, which the two directions of a road draw twice, are one
    point where they agree to a tenth of a millimetre.
    """
    flat = np.array([bend for line in bends for bend in line], dtype=float).reshape(-1, 2)
    to_degrees = Transformer.from_crs(crs, CRS_DEGREES, always_xy=True)
    lon, lat = to_degrees.transform(*np.concatenate([np.array(nodes, dtype=float), flat]).T)
    places = np.round(np.column_stack([lon, lat])[len(nodes) :] * 1e9).astype(np.int64)
    _, first, bend = np.unique(places, axis=0, return_index=True, return_inverse=True)
    count = np.array([len(line) for line in bends])
    start = np.concatenate([[0], np.cumsum(count + 2)])
    point = np.empty(start[-1], dtype=np.int64)
    point[start[:-1]], point[start[1:] - 1] = np.array(ends).T
    inner = np.ones(len(point), dtype=bool)
    inner[start[:-1]] = inner[start[1:] - 1] = False
    point[inner] = len(nodes) + bend.ravel()
    way = np.repeat(np.arange(len(ends)), count + 2)
    tail = np.flatnonzero(way[:-1] == way[1:])
    used = np.concatenate([np.arange(len(nodes)), len(nodes) + first])
    one_way = np.ones(len(tail), dtype=bool)
    return Pieces(
        lon[used], lat[used], point[tail], point[tail + 1], np.array(kinds)[way[tail]],
        one_way, ~one_way,
    )  # fmt: skip


def assemble(pieces: Pieces, *, source: str, source_sha256: str = "") -> RoadNetwork:
    """Make a network of pieces of road.

    Parameters
    ----------
    pieces
        As read.
    source
        What to call it in footnotes.
    source_sha256
        Of the file they were read from.

    Returns
    -------
    RoadNetwork
        Without fragments, contracted; nodes in the order of the pieces' points.
    """
    kept, notes = drop_fragments(merge_twins(pieces))
    chains = string_together(kept)
    shapes, tail, head = shapes_of(kept, chains)
    first, turned = chains.piece[chains.start[:-1]], chains.turned[chains.start[:-1]]
    kind = kept.road_class[first]
    nodes, ends = np.unique(np.concatenate([tail, head]), return_inverse=True)
    at = np.empty(len(nodes), dtype=np.int64)
    at[ends[: len(tail)]] = shapes.start[:-1]
    at[ends[len(tail) :]] = shapes.start[1:] - 1
    return RoadNetwork(
        easting=shapes.easting[at],
        northing=shapes.northing[at],
        tail=ends[: len(tail)].astype(np.int32),
        head=ends[len(tail) :].astype(np.int32),
        forward=np.where(turned, kept.backward[first], kept.forward[first]),
        backward=np.where(turned, kept.forward[first], kept.backward[first]),
        ferry=kind == CLASS_NAMES.index(FERRY),
        snappable=~np.isin(kind, [CLASS_NAMES.index(name) for name in NOT_SNAPPABLE]),
        road_class=kind.astype(np.int16),
        shapes=shapes,
        class_names=CLASS_NAMES,
        kind="osm",
        source=source,
        error_share=ERROR_SHARE,
        notes=notes,
        source_sha256=source_sha256,
    )
