"""The searches, compiled: every practice within a limit, and the k nearest, for every home.

Both run from the practices over the reversed network, so that what they find is the distance
*from home to practice*. Plain arrays in, plain arrays out; no frame and no option object gets
here. A distance is summed in the same order in both, from the practice outwards, so the two agree
to the last bit. Ties go to the practice with the lower number.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gpcoverage.network.roads import Adjacency

NONE: Final = -1
CHUNKS: Final = 16
"""So many parts the practices are searched in, whatever the threads."""

Ints = NDArray[np.int64]
SmallInts = NDArray[np.int32]
Floats = NDArray[np.float64]

compiled = njit(nogil=True, cache=True, error_model="numpy")
"""Threads run the kernels side by side, so they let go of the interpreter."""


class Sources(NamedTuple):
    """The practices, as the search starts from them.

    Attributes
    ----------
    node
        ``int64 (practices, 2)``: nodes from which the practice is driven to; -1 for none.
    cost
        ``float64 (practices, 2)``: from that node to the practice, egress leg included.
    """

    node: Ints
    cost: Floats


class Targets(NamedTuple):
    """The homes, filed edge by edge; an edge with homes is entered under the nodes at both ends.

    Attributes
    ----------
    start
        ``int64 (nodes + 1)``: node ``i`` has the entries ``start[i]`` to ``start[i + 1]``.
    side
        ``int64 (entries)``: 0 where the node is the edge's tail, 1 where it is the head.
    other
        ``int64 (entries)``: the node at the other end.
    first, last
        ``int64 (entries)``: the homes on the edge are filed at ``first`` to ``last - 1``.
    home
        ``int64 (filed)``: position of the home filed there.
    cost
        ``float64 (filed, 2)``: from home to tail and head, access leg included; infinite where
        one may not drive there.
    """

    start: Ints
    side: Ints
    other: Ints
    first: Ints
    last: Ints
    home: Ints
    cost: Floats


class Direct(NamedTuple):
    """Pairs on one edge, whose way passes no node; sorted by practice.

    Attributes
    ----------
    start
        ``int64 (practices + 1)``: practice ``p`` has the entries ``start[p]`` to ``start[p + 1]``.
    home
        ``int64 (entries)``: where the home is filed.
    cost
        ``float64 (entries)``: from home to practice, both legs included.
    """

    start: Ints
    home: Ints
    cost: Floats


class Found(NamedTuple):
    """For every home the practices within its reach, in compressed sparse rows.

    Attributes
    ----------
    start
        ``int64 (homes + 1)``.
    practice
        ``int32 (found)``: positions, ascending within a home.
    cost
        ``float64 (found)``: metres unless the search was on something else.
    """

    start: Ints
    practice: SmallInts
    cost: Floats


class Reach(NamedTuple):
    """How far to look.

    Attributes
    ----------
    home
        ``float64 (homes)``: what each home may reach.
    practice
        ``float64 (practices)``: where the search from each practice may stop.
    """

    home: Floats
    practice: Floats


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
            bounds[chunk],
            bounds[chunk + 1],
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


def search_nearest(
    graph: Adjacency, sources: Sources, targets: Targets, direct: Direct, homes: int, k: int
) -> tuple[SmallInts, Floats]:
    """Find for every home its k nearest practices, however far.

    Parameters
    ----------
    graph
        The reversed network.
    sources
        The practices. Those with no node (-1, -1) and no direct pair are never found.
    targets
        The homes.
    direct
        Pairs on one edge.
    homes
        How many homes there are.
    k
        How many practices, 1 or more.

    Returns
    -------
    practice
        ``int32 (homes, k)``: positions, nearest first; -1 where there are no more.
    cost
        ``float64 (homes, k)``; NaN where there are no more.
    """
    label_practice, label_cost = _label_nodes(graph, sources, k)
    practice, cost = _nearest_of_homes(label_practice, label_cost, targets, direct, homes, k)
    return practice, np.where(practice == NONE, np.nan, cost)


@compiled
def _push(key: Floats, item: Ints, size: int, new_key: float, new_item: int) -> int:
    """Put an entry on the heap; the smallest (key, item) is on top."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if key[above] < new_key or (key[above] == new_key and item[above] <= new_item):
            break
        key[at], item[at] = key[above], item[above]
        at = above
    key[at], item[at] = new_key, new_item
    return size + 1


@compiled
def _drop_top(key: Floats, item: Ints, size: int) -> int:
    """Take the top entry off the heap."""
    size -= 1
    last_key, last_item = key[size], item[size]
    at = 0
    below = 1
    while below < size:
        other = below + 1
        if other < size and (
            key[other] < key[below] or (key[other] == key[below] and item[other] < item[below])
        ):
            below = other
        if last_key < key[below] or (last_key == key[below] and last_item <= item[below]):
            break
        key[at], item[at] = key[below], item[below]
        at = below
        below = 2 * at + 1
    key[at], item[at] = last_key, last_item
    return size


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
    first: int,
    last: int,
) -> tuple[SmallInts, Floats, Ints]:
    """Search from the practices first to last - 1, one after the other.

    Practice ``first + i`` has the entries ``ends[i]`` to ``ends[i + 1]`` of what is returned.
    """
    distance = np.full(len(graph.start) - 1, np.inf)
    best = np.full(len(reach.home), np.inf)
    touched = np.empty(len(distance), np.int32)
    key = np.empty(len(graph.node) + 2)
    item = np.empty(len(graph.node) + 2, np.int64)
    home, metres = np.empty(1024, np.int32), np.empty(1024)
    ends = np.zeros(last - first + 1, np.int64)
    found = 0
    for p in range(first, last):
        touched_n = _spread(
            graph, sources.node[p], sources.cost[p], reach.practice[p], distance, touched, key, item
        )
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
        ends[p - first + 1] = found
    return home[:found], metres[:found], ends


@compiled
def _spread(  # noqa: PLR0913, PLR0917
    graph: Adjacency,
    source_node: Ints,
    source_m: Floats,
    reach: float,
    distance: Floats,
    touched: SmallInts,
    key: Floats,
    item: Ints,
) -> int:
    """Write the distances around one practice into ``distance``; say how many nodes got one."""
    size = touched_n = 0
    for side in range(2):
        node, m = source_node[side], source_m[side]
        if node >= 0 and m <= reach and m < distance[node]:
            if distance[node] == np.inf:
                touched[touched_n] = node
                touched_n += 1
            distance[node] = m
            size = _push(key, item, size, m, node)
    while size > 0:
        d, node = key[0], item[0]
        size = _drop_top(key, item, size)
        if d > distance[node]:
            continue  # reached more shortly since
        for entry in range(graph.start[node], graph.start[node + 1]):
            nxt, total = graph.node[entry], d + graph.cost[entry]
            if total < distance[nxt] and total <= reach:
                if distance[nxt] == np.inf:
                    touched[touched_n] = nxt
                    touched_n += 1
                distance[nxt] = total
                size = _push(key, item, size, total, nxt)
    return touched_n


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


@compiled
def _has(practices: SmallInts, count: int, p: int) -> bool:
    for i in range(count):  # noqa: SIM110  numba compiles the loop, not any()
        if practices[i] == p:
            return True
    return False


@compiled
def _label_nodes(graph: Adjacency, sources: Sources, k: int) -> tuple[SmallInts, Floats]:
    """Give every node its k nearest practices, in one search from all practices at once."""
    nodes = len(graph.start) - 1
    label_practice = np.full((nodes, k), NONE, np.int32)
    label_m = np.full((nodes, k), np.inf)
    count = np.zeros(nodes, np.int64)
    key = np.empty(k * len(graph.node) + 2 * len(sources.node))
    item = np.empty(len(key), np.int64)  # practice * nodes + node: ties go to the lower practice
    size = 0
    for p in range(len(sources.node)):
        for side in range(2):
            if sources.node[p, side] >= 0:
                size = _push(
                    key, item, size, sources.cost[p, side], p * nodes + sources.node[p, side]
                )
    while size > 0:
        d, p, node = key[0], item[0] // nodes, item[0] % nodes
        size = _drop_top(key, item, size)
        if count[node] == k or _has(label_practice[node], count[node], p):
            continue
        label_practice[node, count[node]], label_m[node, count[node]] = p, d
        count[node] += 1
        for entry in range(graph.start[node], graph.start[node + 1]):
            nxt = graph.node[entry]
            if count[nxt] < k and not _has(label_practice[nxt], count[nxt], p):
                size = _push(key, item, size, d + graph.cost[entry], p * nodes + nxt)
    return label_practice, label_m


@compiled
def _insert(practices: SmallInts, metres: Floats, p: int, m: float) -> None:
    """Keep a home's list of its nearest practices: sorted, each practice once."""
    k = len(practices)
    at = k
    for i in range(k):
        if practices[i] == p:
            if metres[i] <= m:
                return
            at = i  # the same practice by a shorter way
            break
    if at == k:
        if practices[k - 1] != NONE and (
            metres[k - 1] < m or (metres[k - 1] == m and practices[k - 1] < p)
        ):
            return
        at = k - 1
    while at > 0 and (
        practices[at - 1] == NONE
        or m < metres[at - 1]
        or (m == metres[at - 1] and p < practices[at - 1])
    ):
        practices[at], metres[at] = practices[at - 1], metres[at - 1]
        at -= 1
    practices[at], metres[at] = p, m


@compiled
def _nearest_of_homes(
    label_practice: SmallInts, label_m: Floats, targets: Targets, direct: Direct, homes: int, k: int
) -> tuple[SmallInts, Floats]:
    """Merge the labels at both ends of a home's edge, and the practices on that edge."""
    practice = np.full((homes, k), NONE, np.int32)
    metres = np.full((homes, k), np.inf)
    for node in range(len(targets.start) - 1):
        for entry in range(targets.start[node], targets.start[node + 1]):
            for at in range(targets.first[entry], targets.last[entry]):
                h, leg_m = targets.home[at], targets.cost[at, targets.side[entry]]
                for i in range(k):
                    if label_practice[node, i] != NONE and leg_m < np.inf:
                        total = label_m[node, i] + leg_m
                        _insert(practice[h], metres[h], label_practice[node, i], total)
    for p in range(len(direct.start) - 1):
        for entry in range(direct.start[p], direct.start[p + 1]):
            h = targets.home[direct.home[entry]]
            _insert(practice[h], metres[h], p, direct.cost[entry])
    return practice, metres
