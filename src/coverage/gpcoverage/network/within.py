"""Every practice within a limit: for every home, or only how many for every node."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from gpcoverage.network.buckets import Queue, new_queue, spread
from gpcoverage.network.kernels import (
    Direct,
    Floats,
    Found,
    Ints,
    Reach,
    SmallInts,
    Sources,
    Targets,
    compiled,
)
from gpcoverage.network.roads import Adjacency

CHUNKS: Final = 16
"""So many parts the practices are searched in, whatever the threads."""


def search_within(
    graph: Adjacency,
    sources: Sources,
    targets: Targets,
    direct: Direct,
    reach: Reach,
    threads: int | None = None,
) -> Found:
    """Find for every home all practices within its reach.

    Parameters
    ----------
    graph
        The reversed network.
    sources
        The practices.
    targets
        The homes.
    direct
        Pairs on one edge.
    reach
        How far to look.
    threads
        How many threads; all processors by default. The result does not depend on it.

    Returns
    -------
    Found
        Memory grows with what is found.
    """
    workers = threads or os.cpu_count() or 1
    practices = len(sources.node)
    bounds = np.linspace(0, practices, min(practices, CHUNKS) + 1).astype(np.int64)
    filed_m = reach.home[targets.home]

    def run(chunk: int) -> tuple[SmallInts, Floats, Ints]:
        found: tuple[SmallInts, Floats, Ints] = _within_chunk(
            graph,
            sources,
            targets,
            direct,
            Reach(filed_m, reach.practice),
            np.arange(bounds[chunk], bounds[chunk + 1]),
            new_queue(graph, sources),
        )
        return found

    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(run, range(len(bounds) - 1)))
        return _rows_by_home(parts, bounds, targets.home, len(reach.home), pool, workers)


def _rows_by_home(
    parts: list[tuple[SmallInts, Floats, Ints]],
    bounds: Ints,
    home: Ints,
    homes: int,
    pool: ThreadPoolExecutor,
    workers: int,
) -> Found:
    """Sort what was found by home, practices in their order: a counting sort, homes shared out."""
    cuts = np.linspace(0, len(home), workers + 1).astype(np.int64)
    start = np.zeros(homes + 1, dtype=np.int64)

    def tally(worker: int) -> None:
        for filed, _, _ in parts:
            _tally(home, filed, cuts[worker], cuts[worker + 1], start)

    list(pool.map(tally, range(workers)))
    np.cumsum(start, out=start)
    free = start[home]
    practice, cost = np.empty(start[-1], dtype=np.int32), np.empty(start[-1])

    def fill(worker: int) -> None:
        for part, first in zip(parts, bounds[:-1], strict=True):
            _fill_rows(*part, first, cuts[worker], cuts[worker + 1], free, practice, cost)

    list(pool.map(fill, range(workers)))
    return Found(start, practice, cost)


def count_at_nodes(
    graph: Adjacency, sources: Sources, reach: float, threads: int | None = None
) -> SmallInts:
    """Count for every node the practices within reach.

    Parameters
    ----------
    graph
        The reversed network.
    sources
        The practices.
    reach
        How far each node may reach.
    threads
        All processors by default; the result does not depend on it.

    Returns
    -------
    ndarray
        ``int32 (nodes)``.
    """
    workers = threads or os.cpu_count() or 1
    # Neighbours one after the other: what one search read is still in the processor's cache.
    order = np.argsort(sources.node.max(axis=1), kind="stable")

    def run(part: Ints) -> SmallInts:
        count: SmallInts = count_chunk(graph, sources, part, reach, new_queue(graph, sources))
        return count

    with ThreadPoolExecutor(workers) as pool:
        counts = list(pool.map(run, np.array_split(order, workers)))
    return np.asarray(np.sum(counts, axis=0), dtype=np.int32)


@compiled
def _homes_at(nodes: SmallInts, targets: Targets) -> int:
    """Count the homes on all edges at some nodes; twice if both ends are among them."""
    count = 0
    for node in nodes:
        for entry in range(targets.start[node], targets.start[node + 1]):
            count += targets.last[entry] - targets.first[entry]
    return count


@compiled
def _meet(  # noqa: PLR0913, PLR0917
    nodes: SmallInts,
    distance: Floats,
    targets: Targets,
    max_m: Floats,
    best: Floats,
    home: SmallInts,
    metres: Floats,
    found: int,
) -> int:
    """Measure the homes on all edges at some nodes, over both ends of the edge; each home once."""
    # One call for all nodes, and the arrays by their own names: half the time.
    start, side, other, cost = targets.start, targets.side, targets.other, targets.cost
    first, last = targets.first, targets.last
    for node in nodes:
        for entry in range(start[node], start[node + 1]):
            tail_m, head_m = distance[node], distance[other[entry]]
            if side[entry] == 1:
                if head_m < np.inf:
                    continue  # met from the tail, which was reached as well
                tail_m, head_m = head_m, tail_m
            for at in range(first[entry], last[entry]):
                total = min(tail_m + cost[at, 0], head_m + cost[at, 1], best[at])
                best[at] = np.inf
                if total <= max_m[at] and total < np.inf:
                    home[found], metres[found] = at, total
                    found += 1
    return found


@compiled
def _within_chunk(
    graph: Adjacency,
    sources: Sources,
    targets: Targets,
    direct: Direct,
    reach: Reach,
    order: Ints,
    queue: Queue,
) -> tuple[SmallInts, Floats, Ints]:
    """Search from some practices, one after the other.

    The practice ``order[i]`` has the entries ``ends[i]`` to ``ends[i + 1]`` of what is returned.
    """
    distance = np.full(len(graph.start) - 1, np.inf)
    best = np.full(len(reach.home), np.inf)
    touched = np.empty(len(distance), np.int32)
    home, metres = np.empty(1024, np.int32), np.empty(1024)
    ends = np.zeros(len(order) + 1, np.int64)
    found = 0
    for i, p in enumerate(order):
        far = np.broadcast_to(reach.practice[p : p + 1], distance.shape)
        touched_n = spread(graph, sources.node[p], sources.cost[p], far, distance, touched, queue)
        room = found + _homes_at(touched[:touched_n], targets)
        room += direct.start[p + 1] - direct.start[p]
        while room > len(home):
            home = np.concatenate((home, np.empty_like(home)))
            metres = np.concatenate((metres, np.empty_like(metres)))
        pairs = range(direct.start[p], direct.start[p + 1])
        for entry in pairs:
            at = direct.home[entry]
            best[at] = min(best[at], direct.cost[entry])
        found = _meet(touched[:touched_n], distance, targets, reach.home, best, home, metres, found)
        for entry in pairs:
            at = direct.home[entry]
            if best[at] <= reach.home[at] and best[at] < np.inf:
                home[found], metres[found] = at, best[at]  # the search came to no end of its edge
                found += 1
            best[at] = np.inf
        for node in touched[:touched_n]:
            distance[node] = np.inf
        ends[i + 1] = found
    return home[:found], metres[:found], ends


@compiled
def count_chunk(
    graph: Adjacency, sources: Sources, order: Ints, reach: float, queue: Queue
) -> SmallInts:
    """Count for every node from how many of some practices the search gets there."""
    count = np.zeros(len(graph.start) - 1, np.int32)
    distance = np.full(len(count), np.inf)
    touched = np.empty(len(count), np.int32)
    far = np.broadcast_to(np.full(1, reach), distance.shape)
    for p in order:
        touched_n = spread(graph, sources.node[p], sources.cost[p], far, distance, touched, queue)
        for node in touched[:touched_n]:
            count[node] += 1
            distance[node] = np.inf
    return count


@compiled
def _tally(home: Ints, filed: SmallInts, low: int, high: int, start: Ints) -> None:
    """Count what was found for every home filed at low to high - 1, one place further on."""
    for at in filed:
        if low <= at < high:
            start[home[at] + 1] += 1


@compiled
def _fill_rows(  # noqa: PLR0913, PLR0917
    filed: SmallInts,
    metres: Floats,
    ends: Ints,
    first: int,
    low: int,
    high: int,
    free: Ints,
    practice: SmallInts,
    cost: Floats,
) -> None:
    """Put what was found for the homes filed at low to high - 1 in each one's next free place."""
    for i in range(len(ends) - 1):
        for entry in range(ends[i], ends[i + 1]):
            at = filed[entry]
            if low <= at < high:
                practice[free[at]], cost[free[at]] = first + i, metres[entry]
                free[at] += 1
