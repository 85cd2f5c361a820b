"""Roads from OpenStreetMap: out of a file, out of an osmnx graph, or downloaded by osmnx.

All three give the same network for the same data: pieces of road between the map's nodes, without
the fragments, strung together between junctions, with WGS84 geodesic lengths. Islands are kept
and ferries are a class of their own.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
from pyproj import Transformer

from gpcoverage.errors import NetworkError
from gpcoverage.inputs.layer import file_sha256
from gpcoverage.network.contraction import (
    Pieces,
    merge_twins,
    number_by_place,
    shapes_of,
    string_together,
)
from gpcoverage.network.fragments import MAX_FRAGMENT_KM, NEAR_M, drop_fragments
from gpcoverage.network.pbf import Bounds, read_pieces
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.tags import (
    ACCESS_TAGS,
    CLASS_NAMES,
    FERRY,
    ROAD_CLASSES,
    WAY_TAGS,
    road_class,
)
from gpcoverage.units import CRS_DEGREES, CRS_METRES

ERROR_SHARE: Final = 0.03
"""Nine of ten distances of 10 to 20 km on Bornholm change by less (2.6 %) if tracks and private
roads count as roads. That is the choice one can argue about; the sums themselves are exact."""

Point = tuple[float, float]

BUFFER_M: Final = 25_000.0
"""Ways to a practice 15 km off may leave the area by so much: the limit and its detour."""

FILTERS: Final = [
    f'["highway"~"^({"|".join(ROAD_CLASSES)})(_link)?$"]',
    f'["route"="{FERRY}"]',
]
"""In the words of Overpass: what could be a road for a private car; tags decide the rest."""

DENMARK_AND_AROUND: Final = (2.0, 52.0, 20.0, 61.0)
"""West, south, east, north, degrees: what lies beyond was given a wrong coordinate system."""

NOT_SNAPPABLE: Final = frozenset({"motorway", FERRY})
"""Nobody's driveway leads onto these."""

BUILD_OPTIONS: Final = (f"fragment_km={MAX_FRAGMENT_KM}", f"fragment_near_m={NEAR_M}")
"""What a saved network was built with; :func:`load_built` refuses one that was built otherwise."""


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
    network = assemble(read_pieces(path, bounds), source=path.name)
    own = () if bounds is None else (f"bounds={','.join(map(str, bounds))}",)
    return replace(network, source_sha256=file_sha256(path), options=(*BUILD_OPTIONS, *own))


def from_polygon(polygon: Any, *, buffer_m: float = BUFFER_M) -> RoadNetwork:
    """Build the road network of an area, downloaded by osmnx from OpenStreetMap.

    Parameters
    ----------
    polygon
        Shapely polygon, degrees, EPSG:4326.
    buffer_m
        So far beyond the polygon roads are fetched as well, for ways that leave it.

    Returns
    -------
    RoadNetwork
        As :func:`from_pbf`.

    Raises
    ------
    NetworkError
        If OpenStreetMap cannot be reached or has no road there.
    """
    import osmnx  # noqa: PLC0415  slow to import

    area = gpd.GeoSeries([polygon], crs=CRS_DEGREES).to_crs(CRS_METRES)
    wide = area.buffer(buffer_m).to_crs(CRS_DEGREES).iloc[0]
    try:
        with osmnx_settings():
            graph = osmnx.graph_from_polygon(
                wide, simplify=False, retain_all=True, truncate_by_edge=True, custom_filter=FILTERS
            )
    except (OSError, ValueError, osmnx._errors.InsufficientResponseError) as error:  # noqa: SLF001
        msg = f"OpenStreetMap gave no roads for this area ({error}). Check the connection and the area."
        raise NetworkError(msg) from error
    return from_osmnx(graph, source="OpenStreetMap")


def from_place(place: str, *, buffer_m: float = BUFFER_M) -> RoadNetwork:
    """Build the road network of a place known by name, downloaded by osmnx.

    Parameters
    ----------
    place
        Such as ``Tunø, Denmark``.
    buffer_m
        As for :func:`from_polygon`.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    NetworkError
        If the place is not found, or as :func:`from_polygon`.
    """
    import osmnx  # noqa: PLC0415

    try:
        with osmnx_settings():
            found = osmnx.geocode_to_gdf(place)
    except (OSError, TypeError, ValueError, osmnx._errors.InsufficientResponseError) as error:  # noqa: SLF001
        msg = f"{place}: not found as an area in OpenStreetMap ({error}). Check the name."
        raise NetworkError(msg) from error
    return from_polygon(found.geometry.union_all(), buffer_m=buffer_m)


@contextmanager
def osmnx_settings() -> Iterator[None]:
    """Let osmnx keep the tags we need and cache nothing; its settings are global, so put them back.

    Its cache is keyed by the question alone: it would go on answering with deleted roads.
    """
    import osmnx  # noqa: PLC0415

    before = osmnx.settings.useful_tags_way, osmnx.settings.use_cache
    osmnx.settings.useful_tags_way, osmnx.settings.use_cache = list(WAY_TAGS), False
    try:
        yield
    finally:
        osmnx.settings.useful_tags_way, osmnx.settings.use_cache = before


def from_osmnx(graph: Any, *, source: str) -> RoadNetwork:
    """Build the road network of an osmnx graph.

    Parameters
    ----------
    graph
        A MultiDiGraph with the way tags on its edges and a CRS; simplified or not, projected or
        not. A simplified edge that joins roads of several classes counts as the greatest.
    source
        What to call it in footnotes.

    Returns
    -------
    RoadNetwork
        As :func:`from_pbf`. Ferries are in it only if the graph has them.

    Raises
    ------
    NetworkError
        If the graph has no CRS or lies far from Denmark, holds no drivable road, or joins roads
        and other ways in one edge.
    """
    if graph.graph.get("crs") is None:
        msg = f"{source}: the graph states no CRS. Use a graph that osmnx made."
        raise NetworkError(msg)
    number = {node: i for i, node in enumerate(graph.nodes)}
    ends, bends, kinds = [], [], []
    for tail, head, tags in graph.edges(data=True):
        name = _class_of_any(tags, source)
        if name is not None:
            ends.append((number[tail], number[head]))
            bends.append(list(tags["geometry"].coords)[1:-1] if "geometry" in tags else [])
            kinds.append(CLASS_NAMES.index(name))
    if not ends:
        msg = f"{source}: holds no drivable road. Check the graph and its tags."
        raise NetworkError(msg)
    nodes = [(data["x"], data["y"]) for _, data in graph.nodes(data=True)]
    pieces = _pieces_of_edges(nodes, ends, bends, kinds, graph.graph["crs"])
    west, south, east, north = DENMARK_AND_AROUND
    inside = (pieces.lon > west) & (pieces.lon < east) & (pieces.lat > south) & (pieces.lat < north)
    if not inside.all():
        msg = (
            f"{source}: {(~inside).sum():,} of {len(inside):,} nodes are drawn outside Denmark and its "
            f"neighbours. Check the CRS that the graph states ({graph.graph['crs']})."
        )
        raise NetworkError(msg)
    return assemble(pieces, source=source)


def _class_of_any(tags: dict[str, Any], source: str) -> str | None:
    """Read the tags of an edge, which osmnx makes lists of where it joins ways.

    Ways that are all roads count as the greatest of them. Roads and others in one edge cannot be
    taken apart any more.
    """
    lists = [key for key in WAY_TAGS if isinstance(tags.get(key), list)]
    if not lists:
        return road_class(tags)
    choices = itertools.product(*(tags[key] for key in lists))
    names = {road_class(tags | dict(zip(lists, chosen, strict=True))) for chosen in choices}
    if None in names and len(names) > 1:
        msg = (
            f"{source}: a simplified edge joins roads and other ways (highway {tags.get('highway')}). "
            f"Simplify with edge_attrs_differ={['highway', *ACCESS_TAGS]}, or not at all."
        )
        raise NetworkError(msg)
    return min(names, key=lambda name: CLASS_NAMES.index(name) if name else 0)


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


def assemble(pieces: Pieces, *, source: str) -> RoadNetwork:
    """Make a network of pieces of road.

    Parameters
    ----------
    pieces
        As read.
    source
        What to call it in footnotes.

    Returns
    -------
    RoadNetwork
        Without fragments, contracted; nodes numbered by place.
    """
    kept, notes = drop_fragments(merge_twins(number_by_place(pieces)))
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
        options=BUILD_OPTIONS,
    )


def load_built(path: Path) -> RoadNetwork:
    """Load a network that was built and saved before, if it still holds.

    Parameters
    ----------
    path
        A .npz file that :meth:`RoadNetwork.save` wrote.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    NetworkError
        If the file is damaged, was built with other options, or its source lies beside it and
        has changed since.
    """
    network = RoadNetwork.load(path)
    if network.options[: len(BUILD_OPTIONS)] != BUILD_OPTIONS:
        msg = f"{path}: was built with {', '.join(network.options)}, now it is {', '.join(BUILD_OPTIONS)}. Build it again."
        raise NetworkError(msg)
    source = path.parent / network.source
    if source.is_file() and file_sha256(source) != network.source_sha256:
        msg = f"{path}: {network.source} has changed since it was built. Build it again."
        raise NetworkError(msg)
    return network
