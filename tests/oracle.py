"""A slow, plain way to the same distances: networkx on a graph split at every snapped point."""

from collections import defaultdict
from itertools import pairwise

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.snapping import AT_NODE_M, Snaps


def all_distances(network: RoadNetwork, homes: Snaps, practices: Snaps) -> NDArray[np.float64]:
    """Measure every pair, (homes, practices), metres with both legs; NaN where no way leads."""
    graph = _split_graph(network, {"home": homes, "practice": practices})
    result = np.full((len(homes.edge), len(practices.edge)), np.nan)
    for p in np.flatnonzero(practices.edge >= 0):
        reached = nx.single_source_dijkstra_path_length(graph.reverse(copy=False), ("practice", p))
        for h in np.flatnonzero(homes.edge >= 0):
            if ("home", h) in reached:
                result[h, p] = reached["home", h] + homes.leg_m[h] + practices.leg_m[p]
    return result


def _split_graph(network: RoadNetwork, points: dict[str, Snaps]) -> nx.DiGraph:
    on_edge = defaultdict(list)
    for kind, snaps in points.items():
        for i in np.flatnonzero(snaps.edge >= 0):
            on_edge[snaps.edge[i]].append((snaps.along_m[i], (kind, i)))
    graph = nx.DiGraph()
    for edge in range(len(network.tail)):
        length = network.length_m[edge]
        stops = [
            (0.0, int(network.tail[edge])),
            *sorted(on_edge[edge], key=lambda stop: stop[0]),
            (length, int(network.head[edge])),
        ]
        for (at, here), (then, there) in pairwise(stops):
            step = max(0.0, then - at)
            _join(graph, here, there, step, forward=network.forward[edge] or step <= AT_NODE_M)
            _join(graph, there, here, step, forward=network.backward[edge] or step <= AT_NODE_M)
    return graph


def _join(graph: nx.DiGraph, here: object, there: object, metres: float, *, forward: bool) -> None:
    if forward and metres < graph.get_edge_data(here, there, {"weight": np.inf})["weight"]:
        graph.add_edge(here, there, weight=metres)
