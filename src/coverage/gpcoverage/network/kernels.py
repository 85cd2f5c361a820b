"""What the compiled searches work on: plain arrays, no frame and no option object.

They run from the practices over the reversed network, so that what they find is the distance *from
home to practice*. ``within`` and ``nearest`` sum a distance in the same order, from the practice
outwards, so the two agree to the last bit. Ties go to the practice with the lower number.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

NONE: Final = -1

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

    def only(self, kept: NDArray[np.bool_]) -> "Direct":
        """Take the pairs of some practices away; all keep their positions."""
        count = np.diff(self.start)
        start = np.concatenate([[0], np.cumsum(np.where(kept, count, 0))])
        pairs = np.repeat(kept, count)
        return Direct(start, self.home[pairs], self.cost[pairs])


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

    @property
    def home(self) -> Ints:
        """The home of every pair, by position: ``int64 (found)``."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def keep(self, kept: NDArray[np.bool_]) -> "Found":
        """Leave practices out; ``kept`` is ``bool (practices)``."""
        number = (np.cumsum(kept) - 1).astype(np.int32)
        return Found(*_keep_rows(self.start, self.practice, self.cost, kept, number))


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


@compiled
def _keep_rows(
    start: Ints, practice: SmallInts, cost: Floats, kept: NDArray[np.bool_], number: SmallInts
) -> tuple[Ints, SmallInts, Floats]:
    new_start = np.zeros(len(start), np.int64)
    for home in range(len(start) - 1):
        new_start[home + 1] = new_start[home]
        for entry in range(start[home], start[home + 1]):
            new_start[home + 1] += kept[practice[entry]]
    new_practice, new_cost = np.empty(new_start[-1], np.int32), np.empty(new_start[-1])
    at = 0
    for entry in range(len(practice)):
        if kept[practice[entry]]:
            new_practice[at], new_cost[at] = number[practice[entry]], cost[entry]
            at += 1
    return new_start, new_practice, new_cost
