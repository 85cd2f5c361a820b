"""At every node of a network: the practices within 15 km, and the three nearest, by four engines.

Practices are moved to the nearest node, because the peers know nothing between nodes. All get the
same contracted network.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.extract import Floats, Ints, Place
from benchmarks.job import LIMIT_M
from benchmarks.measuring import NOT_INSTALLED, Bench, peer
from gpcoverage.network import nearest
from gpcoverage.network.kernels import NONE, Sources
from gpcoverage.network.roads import Adjacency, RoadNetwork
from gpcoverage.network.search import Search, prepare_search
from gpcoverage.network.snapping import index_edges, snap_points

K: Final = 3
CHUNK: Final = 5
"""So many practices at a time: scipy's table has a number for every node; more are slower."""

SAMPLES: Final = {"networkx": 40, "scipy, limit": 200, "scipy, no limit": 5}
"""So many practices are searched; time is proportional to them."""

POIS: Final = 60
"""So many practices pandana lists per node."""

SHORT: Final = 3
"""So many times as often as the others ours counts, because it takes so short."""

NEAR_M: Final = 1.0


class Bounded:
    """Searches from some practices, each up to the limit; what they count must be the same."""

    def __init__(self, graph: Adjacency) -> None:
        nodes = len(graph.start) - 1
        self.matrix = csr_array((graph.cost, graph.node, graph.start), shape=(nodes, nodes))
        self.graph = graph
        self.nx_graph: Any = None

    def scipy(self, practices: Ints, limit: float) -> Ints:
        count = np.zeros(self.matrix.shape[0], dtype=np.int64)
        for at in range(0, len(practices), CHUNK):
            for metres in dijkstra(self.matrix, indices=practices[at : at + CHUNK], limit=limit):
                count += metres <= LIMIT_M
        return count

    def make_networkx(self) -> None:
        start, node, cost = self.graph
        self.nx_graph = import_module("networkx").DiGraph()
        self.nx_graph.add_nodes_from(range(len(start) - 1))
        # Of parallel edges the last stays: the shortest.
        order = np.argsort(-cost, kind="stable")
        to_node = np.repeat(np.arange(len(start) - 1), np.diff(start))
        ends = (values[order].tolist() for values in (to_node, node, cost))
        self.nx_graph.add_weighted_edges_from(zip(*ends, strict=True))

    def networkx(self, practices: Ints) -> Ints:
        search = import_module("networkx").single_source_dijkstra_path_length
        count = np.zeros(self.matrix.shape[0], dtype=np.int64)
        for node in practices.tolist():
            count[list(search(self.nx_graph, node, cutoff=LIMIT_M))] += 1
        return count


class Pandana:
    """Pandana on the same roads."""

    def __init__(self, network: RoadNetwork, graph: Adjacency, practices: Place) -> None:
        series = import_module("pandas").Series
        # Pandana searches from the nodes to the practices: along the road, not against it.
        to_node = np.repeat(np.arange(network.node_count), np.diff(graph.start))
        ends = series(graph.node.astype(np.int64)), series(to_node)
        places = series(network.easting), series(network.northing)
        metres = series(graph.cost).to_frame("m")
        self.net = import_module("pandana").Network(*places, *ends, metres, twoway=False)
        self.net.set_pois("practice", LIMIT_M, POIS, *map(series, practices))

    def nearest(self, k: int) -> Floats:
        """Tell the k nearest; it says the limit where there are no more."""
        return np.asarray(self.net.nearest_pois(LIMIT_M, "practice", num_pois=k).to_numpy())

    def nearest_homes(self, k: int, homes: Place) -> Floats:
        """Snap homes to nodes and look up what those have."""
        node: Ints = self.net.get_node_ids(*homes).to_numpy()
        return self.nearest(k)[node]

    def count(self) -> Ints:
        return np.asarray((self.nearest(POIS) < LIMIT_M).sum(axis=1))


def sources_at(nodes: Ints) -> Sources:
    ends = np.column_stack([nodes, np.full(len(nodes), NONE)])
    return Sources(ends, np.zeros(ends.shape))


def build_ours(network: RoadNetwork, practices: Place) -> Search:
    """Do all that counting at nodes takes from the network on: no homes."""
    index, nobody = index_edges(network), np.empty(0)
    homes, snaps = snap_points(index, nobody, nobody), snap_points(index, *practices)
    return prepare_search(network, homes, snaps)


def build_at_nodes(network: RoadNetwork, nodes: Ints) -> tuple[Adjacency, Sources]:
    """Do what the peers' build does: they take practices at nodes, and know nothing between."""
    return network.reversed_adjacency(), sources_at(nodes)


def compare(
    bench: Bench, network: RoadNetwork, search: Search, places: tuple[Place, Place], runs: int
) -> list[str]:
    """Let the engines take turns, and say whether they agree."""
    homes, practices = places
    tree = cKDTree(np.column_stack([network.easting, network.northing]))
    at = tree.query(np.column_stack(practices))[1].astype(np.int64)
    moved = replace(search, sources=sources_at(at))
    bounded, notes = Bounded(search.graph), []
    asks: dict[str, Callable[[Ints], Ints]] = {
        "scipy, limit": partial(bounded.scipy, limit=LIMIT_M),
        "scipy, no limit": partial(bounded.scipy, limit=np.inf),
    }
    if peer("networkx"):
        bench.run("networkx: build", bounded.make_networkx)
        asks["networkx"] = bounded.networkx
    for turn in range(runs):
        bench.run("ours: build, practices at nodes", partial(build_at_nodes, network, at))
        bench.run("ours: build, practices on edges", partial(build_ours, network, practices))
        for threads in (2, 1) * SHORT:
            name = f"ours: count, {threads} thread{'s' if threads > 1 else ''}"
            count = bench.run(name, partial(moved.count_at_nodes, LIMIT_M, threads=threads))
        ours_k = partial(nearest._label_nodes, moved.graph, moved.sources, K)
        _, metres = bench.run(f"ours: {K} nearest", ours_k)
        for name, ask in asks.items():
            some = at[np.linspace(0, len(at) - 1, min(SAMPLES[name], len(at))).astype(np.int64)]
            theirs = bench.run(f"{name}: count", partial(ask, some), len(at) / len(some))
            if turn:
                continue
            mine = replace(moved, sources=sources_at(some)).count_at_nodes(LIMIT_M)
            notes.append(f"{name}, {len(some)} practices: {theirs.sum():,} pairs, {(theirs != mine).sum()} nodes differ from ours")  # fmt: skip
    notes.append(f"ours: {count.sum():,} pairs, at most {count.max()} practices at a node")
    bounded.nx_graph = None
    make = partial(Pandana, network, search.graph, practices)
    return [*notes, *versus_pandana(bench, make, homes, (count, metres), runs)]


def versus_pandana(
    bench: Bench, make: Callable[[], Pandana], homes: Place, mine: tuple[Ints, Floats], runs: int
) -> list[str]:
    if peer("pandana") is None:
        return [f"pandana: {NOT_INSTALLED}"]
    net = bench.run("pandana: build", make)
    for _ in range(runs):
        metres = bench.run(f"pandana: {K} nearest within 15 km", partial(net.nearest, K))
        at_homes = partial(net.nearest_homes, K, homes)
        bench.run(f"pandana: snap homes, {K} nearest within 15 km", at_homes)
        count = bench.run(f"pandana: count, lists {POIS}", net.count)
    near = np.abs(np.minimum(mine[1], LIMIT_M) - metres) <= NEAR_M
    same = (
        f"pandana: {(count == mine[0]).mean():.4%} of the counts the same as ours, "
        f"{(count == POIS).sum()} nodes may have more than it lists; "
        f"{near.mean():.4%} of the {K} nearest within {NEAR_M:g} m"
    )
    return [same]
