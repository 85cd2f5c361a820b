"""The k nearest practices of every home, however far."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from gpcoverage.network.buckets import Queue, new_queue, spread
from gpcoverage.network.kernels import (
    NONE,
    Direct,
    Floats,
    Ints,
    SmallInts,
    Sources,
    Targets,
    compiled,
)
from gpcoverage.network.roads import Adjacency
from gpcoverage.network.within import count_chunk

NODE_BITS: Final = 32
SAMPLE: Final = 3
NODES_PER_LABEL: Final = 1.7
FIRST_EDGES: Final = 10
STEP: Final = 1.3
"""How the reach is chosen: until so many practices meet so many nodes each, measured as shares of
all nodes, from so many edges on, in such steps. Found by trial on Denmark's size and on Bornholm."""


def search_nearest(
    graph: Adjacency,
    sources: Sources,
    targets: Targets,
    direct: Direct,
    homes: int,
    k: int,
    threads: int | None = None,
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
    threads
        All processors by default; the result does not depend on it.

    Returns
    -------
    practice
        ``int32 (homes, k)``: positions, nearest first; -1 where there are no more.
    cost
        ``float64 (homes, k)``; NaN where there are no more.
    """
    label_practice, label_m = _label_nodes(graph, sources, k)
    practice = np.full((homes, k), NONE, np.int32)
    metres = np.full((homes, k), np.inf)
    workers = threads or os.cpu_count() or 1
    cuts = np.linspace(0, len(targets.start) - 1, workers + 1).astype(np.int64)

    def merge(low: int, high: int) -> None:
        _merge_labels(label_practice, label_m, targets, low, high, practice, metres)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(merge, cuts[:-1], cuts[1:]))
    _merge_direct(targets, direct, practice, metres)
    metres[practice == NONE] = np.nan
    return practice, metres


def _label_nodes(graph: Adjacency, sources: Sources, k: int) -> tuple[SmallInts, Floats]:
    """Give every node its k nearest practices and their distances.

    First every practice looks around it as far as most nodes' k-th is, one after the other: such a
    search stays in the processor's cache. What nodes lack then comes from all practices at once.
    """
    reach = _choose_reach(graph, sources, k)
    # Neighbours one after the other, as in ``within``.
    order = np.argsort(sources.node.max(axis=1), kind="stable")
    practice, metres = _label_near(graph, sources, order, reach, new_queue(graph, sources), k)
    _label_rest(graph, sources, reach, practice, metres)
    return practice, metres


def _choose_reach(graph: Adjacency, sources: Sources, k: int) -> float:
    """Choose how far practices look one by one. Every choice is right; this one is soon done."""
    known = np.flatnonzero((sources.node >= 0).any(axis=1))
    if not len(known) or not len(graph.cost):
        return 0.0
    some = known[:: max(1, len(known) // SAMPLE)][:SAMPLE]
    wanted = NODES_PER_LABEL * k * (len(graph.start) - 1) / len(known) * len(some)
    reach, met, before = FIRST_EDGES * float(graph.cost.mean()), 0, -1
    queue = new_queue(graph, sources)
    while before < met < wanted or before < 0:
        reach *= STEP
        before, met = met, int(count_chunk(graph, sources, some, reach, queue).sum())
    return reach


@compiled
def _label_near(
    graph: Adjacency, sources: Sources, order: Ints, reach: float, queue: Queue, k: int
) -> tuple[SmallInts, Floats]:
    """Search from each practice as far as it can still be among the k nearest, within reach."""
    nodes = len(graph.start) - 1
    practice, metres = np.full((nodes, k), NONE, np.int32), np.full((nodes, k), np.inf)
    farthest = np.full(nodes, reach)  # beyond it a further practice is of no use
    distance, touched = np.full(nodes, np.inf), np.empty(nodes, np.int32)
    for p in order:
        touched_n = spread(
            graph, sources.node[p], sources.cost[p], farthest, distance, touched, queue
        )
        for node in touched[:touched_n]:
            m, at = distance[node], k - 1
            distance[node] = np.inf
            if m == metres[node, at] and practice[node, at] < p:
                continue
            while at > 0 and (
                m < metres[node, at - 1]
                or (m == metres[node, at - 1] and p < practice[node, at - 1])
            ):
                practice[node, at], metres[node, at] = practice[node, at - 1], metres[node, at - 1]
                at -= 1
            practice[node, at], metres[node, at] = p, m
            farthest[node] = min(reach, metres[node, k - 1])
    return practice, metres


@compiled
def _label_rest(
    graph: Adjacency, sources: Sources, reach: float, practice: SmallInts, metres: Floats
) -> None:
    """Go on from the labels within reach, in one search from all of them at once."""
    start, neighbour, cost = graph.start, graph.node, graph.cost
    key = np.empty(practice.shape[1] * len(neighbour) + 2 * len(sources.node))
    item = np.empty(len(key), np.int64)  # practice and node: ties go to the lower practice
    size = 0
    for p in range(len(sources.node)):
        for side in range(2):
            node, m = sources.node[p, side], sources.cost[p, side]
            if node >= 0 and m > reach:
                size = _push(key, item, size, m, p << NODE_BITS | node)
    size = _push_borders(graph, practice, metres, key, item, size)
    while size > 0:
        m, p, node = key[0], item[0] >> NODE_BITS, item[0] & (1 << NODE_BITS) - 1
        size = _drop_top(key, item, size)
        place = _free_place(practice, node, p)
        if place == NONE:
            continue
        practice[node, place], metres[node, place] = p, m
        for entry in range(start[node], start[node + 1]):
            nxt = neighbour[entry]
            if _free_place(practice, nxt, p) != NONE:
                size = _push(key, item, size, m + cost[entry], p << NODE_BITS | nxt)


@compiled
def _push_borders(
    graph: Adjacency, practice: SmallInts, metres: Floats, key: Floats, item: Ints, size: int
) -> int:
    """Put on the heap what leads from labelled nodes to neighbours that lack labels."""
    last = practice.shape[1] - 1
    for node in range(len(graph.start) - 1):
        for entry in range(graph.start[node], graph.start[node + 1]):
            nxt = graph.node[entry]
            if practice[nxt, last] != NONE:
                continue
            for i in range(last + 1):
                p, m = practice[node, i], metres[node, i] + graph.cost[entry]
                if p != NONE and _free_place(practice, nxt, p) != NONE:
                    # Uncompiled, a shift of 32 bits would lose a number of 32 bits.
                    size = _push(key, item, size, m, np.int64(p) << NODE_BITS | nxt)
    return size


@compiled
def _free_place(practice: SmallInts, node: int, p: int) -> int:
    """Say where a node's next label goes; -1 if it has this practice, or all it needs."""
    for i in range(practice.shape[1]):
        if practice[node, i] == p:
            break
        if practice[node, i] == NONE:
            return i
    return NONE


@compiled
def _push(key: Floats, item: Ints, size: int, new_key: float, new_item: int | np.int64) -> int:
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
def _merge_labels(
    label_practice: SmallInts,
    label_m: Floats,
    targets: Targets,
    low: int,
    high: int,
    practice: SmallInts,
    metres: Floats,
) -> None:
    """Merge the labels at both ends of an edge for its homes; edges by their tail, low to high - 1."""
    start, side, other, home, cost = (
        targets.start,
        targets.side,
        targets.other,
        targets.home,
        targets.cost,
    )
    for node in range(low, high):
        for entry in range(start[node], start[node + 1]):
            if side[entry] == 1:
                continue  # met from its tail
            for at in range(targets.first[entry], targets.last[entry]):
                for end in range(2):
                    from_node, leg_m = other[entry] if end else node, cost[at, end]
                    for i in range(label_practice.shape[1]):
                        total = label_m[from_node, i] + leg_m
                        if total == np.inf:
                            break
                        _insert(practice, metres, home[at], label_practice[from_node, i], total)


@compiled
def _merge_direct(targets: Targets, direct: Direct, practice: SmallInts, metres: Floats) -> None:
    """Merge the practices on a home's own edge."""
    for p in range(len(direct.start) - 1):
        for entry in range(direct.start[p], direct.start[p + 1]):
            home = targets.home[direct.home[entry]]
            _insert(practice, metres, home, p, direct.cost[entry])


@compiled
def _insert(practice: SmallInts, metres: Floats, row: int, p: int, m: float) -> bool:
    """Keep a row of nearest practices sorted, each once; say whether it changed."""
    last = practice.shape[1] - 1
    if metres[row, last] < m or (metres[row, last] == m and practice[row, last] <= p):
        return False
    at = last
    for i in range(last + 1):
        if practice[row, i] == p:
            if metres[row, i] <= m:
                return False
            at = i  # the same practice by a shorter way
            break
    while at > 0 and (
        m < metres[row, at - 1] or (m == metres[row, at - 1] and p < practice[row, at - 1])
    ):
        practice[row, at], metres[row, at] = practice[row, at - 1], metres[row, at - 1]
        at -= 1
    practice[row, at], metres[row, at] = p, m
    return True
