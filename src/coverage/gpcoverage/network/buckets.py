"""The search from one practice: Dijkstra's, with buckets in place of a heap."""

from typing import Final, NamedTuple

import numpy as np

from gpcoverage.network.kernels import NONE, Floats, Ints, SmallInts, Sources, compiled
from gpcoverage.network.roads import Adjacency

IDLE: Final = -2
MAX_BUCKETS: Final = 4096
SPARE_BUCKETS: Final = 4
MIN_BUCKET: Final = 1e-6
"""Any number above zero, for roads without length."""


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
