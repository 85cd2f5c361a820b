"""Every practice within a limit: for every home, or only how many for every node."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np

from gpcoverage.network.kernels import (
    NONE,
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

IDLE: Final = -2
MAX_BUCKETS: Final = 4096
SPARE_BUCKETS: Final = 4
MIN_BUCKET: Final = 1e-6
"""Any number above zero, for roads without length."""

CHUNKS: Final = 16
"""So many parts the practices are searched in, whatever the threads."""


class Queue(NamedTuple):
    """Nodes that wait to be driven on from, in buckets by their distance.

    A bucket holds distances of about the length of an edge, so a node hardly ever has to be done
    twice; and no heap has to be kept in order, which took two thirds of the time.

    Attributes
    ----------
    first
        ``int32 (slots)``: the first node in each bucket; -1 for none. Buckets take turns.
    before, after
        ``int32 (nodes)``: its neighbours in the bucket; -1 for none. ``before`` is -2 where a
        node does not wait.
    per_m
        Buckets per metre.
    """

    first: SmallInts
    before: SmallInts
    after: SmallInts
    per_m: float


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


def new_queue(graph: Adjacency, sources: Sources) -> Queue:
    """Make room for all that can wait at once: nodes at most one edge apart from each other."""
    apart = np.abs(sources.cost[:, 0] - sources.cost[:, 1])
    longest = max(graph.cost.max(initial=0.0), np.nanmax(apart, initial=0.0))
    width = max(graph.cost.sum() / max(1, len(graph.cost)), longest / MAX_BUCKETS, MIN_BUCKET)
    nodes = len(graph.start) - 1
    return Queue(
        first=np.full(
            1 << (int(longest / width) + SPARE_BUCKETS).bit_length(), NONE, dtype=np.int32
        ),
        before=np.full(nodes, IDLE, dtype=np.int32),
        after=np.empty(nodes, dtype=np.int32),
        per_m=1.0 / width,
    )


@compiled
def _put(first: SmallInts, before: SmallInts, after: SmallInts, node: int, slot: int) -> None:
    """Put a node that is not waiting in front of a bucket."""
    second = first[slot]
    if second != NONE:
        before[second] = node
    first[slot], before[node], after[node] = node, NONE, second


@compiled
def _pop(first: SmallInts, before: SmallInts, after: SmallInts, slot: int) -> int:
    """Take the first node out of a bucket that has one."""
    node: int = first[slot]
    second = after[node]
    first[slot] = second
    if second != NONE:
        before[second] = NONE
    before[node] = IDLE
    return node


@compiled
def _take(first: SmallInts, before: SmallInts, after: SmallInts, node: int, slot: int) -> None:
    """Take a waiting node out of its bucket."""
    left, right = before[node], after[node]
    if left == NONE:
        first[slot] = right
    else:
        after[left] = right
    if right != NONE:
        before[right] = left
    before[node] = IDLE


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
def spread(
    graph: Adjacency,
    source_node: Ints,
    source_m: Floats,
    reach: Floats,
    distance: Floats,
    touched: SmallInts,
    queue: Queue,
) -> int:
    """Write the distances around one practice into ``distance``; say how many nodes got one.

    ``reach`` is ``float64 (nodes)``: what is farther from a node is left out there.

    A node may be driven on from more than once while its bucket is at work; what it ends with is
    the least over all ways, the same as from a heap.
    """
    start, neighbour, cost = graph.start, graph.node, graph.cost
    first, before, after, per_m = queue.first, queue.before, queue.after, queue.per_m
    mask = len(first) - 1
    touched_n = waiting = 0
    bucket = 2**62
    for side in range(2):
        node, m = source_node[side], source_m[side]
        if node >= 0 and m <= reach[node] and m < distance[node]:
            if distance[node] == np.inf:
                touched[touched_n] = node
                touched_n += 1
                waiting += 1
            else:
                _take(first, before, after, node, int(distance[node] * per_m) & mask)
            distance[node] = m
            at = int(m * per_m)
            _put(first, before, after, node, at & mask)
            bucket = min(bucket, at)
    while waiting > 0:
        slot = bucket & mask
        while first[slot] != NONE:
            node = _pop(first, before, after, slot)
            waiting -= 1
            d = distance[node]
            for entry in range(start[node], start[node + 1]):
                nxt, total = neighbour[entry], d + cost[entry]
                if total < distance[nxt] and total <= reach[nxt]:
                    if distance[nxt] == np.inf:
                        touched[touched_n] = nxt
                        touched_n += 1
                    if before[nxt] == IDLE:
                        waiting += 1
                    else:
                        _take(first, before, after, nxt, int(distance[nxt] * per_m) & mask)
                    distance[nxt] = total
                    _put(first, before, after, nxt, int(total * per_m) & mask)
        bucket += 1
    return touched_n


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
