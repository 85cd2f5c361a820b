"""A search made ready once: homes and practices put on a network, to be asked several questions."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gpcoverage.network import kernels
from gpcoverage.network.kernels import Floats, Ints
from gpcoverage.network.nearest import search_nearest
from gpcoverage.network.roads import Adjacency, RoadNetwork
from gpcoverage.network.snapping import Snaps, same_edge_pairs, ways_in, ways_out
from gpcoverage.network.weights import LEG_KM_H, Least, pack, speeds_km_h
from gpcoverage.network.within import count_at_nodes, search_within


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Everything the kernels need, in one unit: metres, or packed numbers of ``weights``."""

    graph: Adjacency
    sources: kernels.Sources
    targets: kernels.Targets
    direct: kernels.Direct
    homes: int

    def within(
        self, of_home: Floats, of_practice: Floats | None = None, *, threads: int | None = None
    ) -> kernels.Found:
        """Find for every home all practices within its reach.

        Parameters
        ----------
        of_home
            ``float64 (homes)``: how far each home looks.
        of_practice
            ``float64 (practices)``: where the search from each practice may stop; the farthest
            home's reach by default.
        threads
            All processors by default; the result does not depend on it.

        Returns
        -------
        Found
        """
        if of_practice is None:
            farthest = of_home.max(initial=0.0)
            of_practice = np.full(len(self.sources.node), farthest)
        reach = kernels.Reach(of_home, of_practice)
        return search_within(self.graph, self.sources, self.targets, self.direct, reach, threads)

    def count_at_nodes(self, reach: float, *, threads: int | None = None) -> NDArray[np.int32]:
        """Count for every node of the network the practices within reach.

        Parameters
        ----------
        reach
            How far each node looks.
        threads
            All processors by default; the result does not depend on it.

        Returns
        -------
        ndarray
            ``int32 (nodes)``.
        """
        return count_at_nodes(self.graph, self.sources, reach, threads)

    def nearest(self, k: int, counted: NDArray[np.bool_]) -> tuple[NDArray[np.int32], Floats]:
        """Find the k nearest practices of every home, however far.

        Parameters
        ----------
        k
            How many, 1 or more.
        counted
            ``bool (practices)``: which practices count.

        Returns
        -------
        practice
            ``int32 (homes, k)``: positions, nearest first; -1 where there are no more.
        cost
            ``float64 (homes, k)``; NaN where there are no more.
        """
        node = np.where(counted[:, np.newaxis], self.sources.node, kernels.NONE)
        sources = kernels.Sources(node, self.sources.cost)
        direct = self.direct.only(counted)
        return search_nearest(self.graph, sources, self.targets, direct, self.homes, k)

    def keep(self, kept: NDArray[np.bool_]) -> "Search":
        """Leave practices out; ``kept`` is ``bool (practices)``."""
        direct = self.direct.only(kept)
        start = np.append(direct.start[:-1][kept], direct.start[-1])
        return replace(
            self,
            sources=kernels.Sources(self.sources.node[kept], self.sources.cost[kept]),
            direct=direct._replace(start=start),
        )


def prepare_search(
    network: RoadNetwork, homes: Snaps, practices: Snaps, least: Least | None = None
) -> Search:
    """Put homes and practices on a network.

    Parameters
    ----------
    network
        The roads.
    homes, practices
        Where they lie on it.
    least
        None to search in plain metres; ``length`` or ``time`` to search in the packed numbers of
        ``weights``, which carry both.

    Returns
    -------
    Search
    """
    speed = speeds_km_h(network)

    def measure(metres: Floats, speed_km_h: Floats | float) -> Floats:
        return metres if least is None else pack(metres, speed_km_h, least)

    def with_leg(metres: Floats, snaps: Snaps) -> Floats:
        along = measure(metres, speed[snaps.edge][:, np.newaxis])
        return along + measure(snaps.leg_m, LEG_KM_H)[:, np.newaxis]

    source_node, source_m = ways_in(network, practices)
    target_node, target_m = ways_out(network, homes)
    targets, place = _file_targets(network, homes, target_node, with_leg(target_m, homes))
    practice, home, metres = same_edge_pairs(network, homes, practices)
    legs_m = practices.leg_m[practice] + homes.leg_m[home]
    direct_cost = measure(metres, speed[homes.edge[home]]) + measure(legs_m, LEG_KM_H)
    counts = np.bincount(practice, minlength=len(practices.edge))
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Search(
        graph=network.reversed_adjacency(measure(network.length_m, speed)),
        sources=kernels.Sources(source_node, with_leg(source_m, practices)),
        targets=targets,
        direct=kernels.Direct(start, place[home], direct_cost),
        homes=len(homes.edge),
    )


def _file_targets(
    network: RoadNetwork, homes: Snaps, node: Ints, cost: Floats
) -> tuple[kernels.Targets, Ints]:
    """File homes edge by edge, edges by their tail; also say where each home is filed."""
    rank = np.empty(len(network.tail), dtype=np.int64)
    rank[np.argsort(network.tail, kind="stable")] = np.arange(len(network.tail))
    on_road = np.flatnonzero(homes.edge >= 0)
    home = on_road[np.argsort(rank[homes.edge[on_road]], kind="stable")]
    place = np.full(len(homes.edge), kernels.NONE, dtype=np.int64)
    place[home] = np.arange(len(home))
    edge = homes.edge[home]
    first = np.flatnonzero(np.diff(edge, prepend=-1))
    last = np.append(first[1:], len(edge))
    ends = np.concatenate([network.tail[edge[first]], network.head[edge[first]]]).astype(np.int64)
    order = np.argsort(ends, kind="stable")
    start = np.zeros(network.node_count + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=network.node_count), out=start[1:])
    edges = len(first)
    targets = kernels.Targets(
        start=start,
        side=order // max(1, edges),
        other=np.roll(ends, edges)[order],
        first=np.tile(first, 2)[order],
        last=np.tile(last, 2)[order],
        home=home,
        cost=np.where(node >= 0, cost, np.inf)[home],
    )
    return targets, place
