"""Roads from OpenStreetMap, by way of osmnx.

osmnx reads or downloads; this module says which ways are roads for a private car and turns them
into a :class:`RoadNetwork`. Islands are kept (``retain_all=True``), ferries are a class of their
own, and lengths are WGS84 geodesics.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gpcoverage.errors import NetworkError
from gpcoverage.network.fragments import drop_fragments
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.units import CRS_DEGREES, geodesic_m, to_metres

ERROR_SHARE: Final = 0.03
"""Nine of ten distances of 10 to 20 km on Bornholm change by less (2.5 %) if tracks and private
roads count as roads. That is the choice one can argue about; the sums themselves are exact."""

ROAD_CLASSES: Final = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
)
FERRY: Final = "ferry"
CLASS_NAMES: Final = (*ROAD_CLASSES, FERRY)
NOT_SNAPPABLE: Final = frozenset({"motorway", FERRY})
"""Nobody's driveway leads onto these."""

FORBIDDEN: Final = frozenset({"no", "private"})
ACCESS_TAGS: Final = ("motorcar", "motor_vehicle", "vehicle", "access")
"""The most special one that is tagged decides."""

WAY_TAGS: Final = ("highway", "route", "junction", "oneway", *ACCESS_TAGS)


def road_class(tags: dict[str, Any]) -> str | None:
    """Say what kind of road a way is for a private car.

    Parameters
    ----------
    tags
        OpenStreetMap tags of the way.

    Returns
    -------
    str or None
        A name of ``CLASS_NAMES``; links count as their road. None if one may not drive there.
    """
    decisive = next((tags[tag] for tag in ACCESS_TAGS if isinstance(tags.get(tag), str)), "yes")
    if decisive in FORBIDDEN:
        return None
    if tags.get("route") == FERRY:
        # A ferry that says nothing of cars may be for people on foot only.
        cars = {"yes", "designated", "permissive", "customers", "destination"}
        stated = {tags.get("motorcar"), tags.get("motor_vehicle"), tags.get("vehicle")}
        return FERRY if stated & cars else None
    highway = str(tags.get("highway", "")).removesuffix("_link")
    return highway if highway in ROAD_CLASSES else None


def from_file(path: Path) -> RoadNetwork:
    """Build the road network of an OpenStreetMap extract.

    Parameters
    ----------
    path
        A .osm or .osm.pbf file.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    NetworkError
        If the file cannot be read or holds no drivable road.
    """
    import osmium  # noqa: PLC0415  only needed for OpenStreetMap data
    import osmnx  # noqa: PLC0415  slow to import

    if not path.is_file():
        msg = f"{path}: not found or not a file. Name an OpenStreetMap extract (.osm.pbf)."
        raise NetworkError(msg)
    with tempfile.TemporaryDirectory() as folder:
        drivable = Path(folder) / "drivable.osm"
        try:
            _write_drivable(path, drivable)
        except (RuntimeError, osmium.InvalidLocationError) as error:
            msg = f"{path}: is not OpenStreetMap data that can be read ({error}). Fetch it again."
            raise NetworkError(msg) from error
        with _way_tags_kept():
            graph = osmnx.graph_from_xml(drivable, simplify=False, retain_all=True)
    return drop_fragments(from_osmnx(graph, source=path.name))


def _write_drivable(path: Path, target: Path) -> None:
    """Copy the drivable ways and their nodes, which is all osmnx should see."""
    import osmium  # noqa: PLC0415

    if next(_drivable_ways(path), None) is None:
        msg = f"{path}: holds no drivable road. Check the extract and its area."
        raise NetworkError(msg)
    with osmium.BackReferenceWriter(str(target), ref_src=str(path), overwrite=True) as writer:
        for way in _drivable_ways(path):
            writer.add_way(way)


def _drivable_ways(path: Path) -> Iterator[Any]:
    import osmium  # noqa: PLC0415

    ways = osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway", "route")
    )
    for way in ways:
        if isinstance(way, osmium.osm.Way) and len(way.nodes) > 1 and road_class(dict(way.tags)):
            yield way


@contextmanager
def _way_tags_kept() -> Iterator[None]:
    """Let osmnx keep the tags we need; its settings are global, so put them back."""
    import osmnx  # noqa: PLC0415

    before = osmnx.settings.useful_tags_way
    osmnx.settings.useful_tags_way = list(WAY_TAGS)
    try:
        yield
    finally:
        osmnx.settings.useful_tags_way = before


def from_osmnx(graph: Any, *, source: str) -> RoadNetwork:
    """Build a road network from an unsimplified osmnx graph.

    Parameters
    ----------
    graph
        A MultiDiGraph in EPSG:4326 with the way tags on its edges, not simplified: every edge
        is a straight piece of road.
    source
        What to call it in footnotes.

    Returns
    -------
    RoadNetwork
        Edges that are no road for a private car are dropped and counted in ``notes``.

    Raises
    ------
    NetworkError
        If the graph is simplified, projected, or holds no drivable road.
    """
    if graph.graph.get("simplified") or str(graph.graph.get("crs", "")).upper() != CRS_DEGREES:
        msg = f"{source}: needs a graph made with simplify=False, in {CRS_DEGREES}."
        raise NetworkError(msg)
    nodes = list(graph.nodes(data=True))
    position = {node: i for i, (node, _) in enumerate(nodes)}
    lon = np.array([data["x"] for _, data in nodes])
    lat = np.array([data["y"] for _, data in nodes])
    edges = [(position[u], position[v], road_class(data)) for u, v, data in graph.edges(data=True)]
    roads = {(u, v, CLASS_NAMES.index(name)) for u, v, name in edges if name and u != v}
    tail, head, kind = np.array(sorted(roads), dtype=np.int64).reshape(-1, 3).T
    return _assemble(lon, lat, tail, head, kind, source)


def _assemble(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    kind: NDArray[np.int64],
    source: str,
) -> RoadNetwork:
    """Join the two directions of a road into one edge."""
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    key = (low * len(lon) + high) * len(CLASS_NAMES) + kind
    _, first, edge = np.unique(key, return_index=True, return_inverse=True)
    low, high, kind = low[first], high[first], kind[first]
    forward, backward = np.zeros(len(first), dtype=bool), np.zeros(len(first), dtype=bool)
    np.logical_or.at(forward, edge, tail < head)
    np.logical_or.at(backward, edge, tail > head)
    easting, northing = to_metres(lon, lat)
    ferry = kind == CLASS_NAMES.index(FERRY)
    return RoadNetwork(
        easting=easting,
        northing=northing,
        tail=low.astype(np.int32),
        head=high.astype(np.int32),
        length_m=geodesic_m(lon[low], lat[low], lon[high], lat[high]),
        forward=forward,
        backward=backward,
        ferry=ferry,
        snappable=~np.isin(kind, [CLASS_NAMES.index(name) for name in NOT_SNAPPABLE]),
        road_class=kind.astype(np.int16),
        class_names=CLASS_NAMES,
        kind="osm",
        source=source,
        error_share=ERROR_SHARE,
    )
