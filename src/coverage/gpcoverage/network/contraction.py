"""From straight pieces of road to edges between junctions.

Most nodes of OpenStreetMap only bend a road. They are taken out of the graph and kept as the
edge's shape, on which points are snapped: the answers stay the same, the search gets shorter.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gpcoverage.network.roads import Shapes
from gpcoverage.units import geodesic_m, to_metres

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

Z_STEPS: Final = 2.0**16 - 1
MIN_EXTENT: Final = 1e-9
"""Degrees: a map of one point has no extent."""

THROUGH_DEGREE: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Straight pieces of road between points, as they come from a map.

    Attributes
    ----------
    lon, lat
        ``float64 (points)``: degrees, WGS84.
    tail, head
        ``int64 (pieces)``: the points a piece runs from and to.
    road_class
        ``int64 (pieces)``: number of the road class; the lower the greater.
    forward, backward
        ``bool (pieces)``: whether one may drive from tail to head, and from head to tail.
    """

    lon: Floats
    lat: Floats
    tail: Ints
    head: Ints
    road_class: Ints
    forward: Bools
    backward: Bools

    def take(self, keep: Bools | Ints) -> "Pieces":
        """Keep some of the pieces; points keep their numbers."""
        return Pieces(
            self.lon, self.lat, self.tail[keep], self.head[keep], self.road_class[keep],
            self.forward[keep], self.backward[keep],
        )  # fmt: skip

    def length_m(self) -> Floats:
        """Measure every piece on the WGS84 ellipsoid, metres."""
        return geodesic_m(
            self.lon[self.tail], self.lat[self.tail], self.lon[self.head], self.lat[self.head]
        )


class Chains(NamedTuple):
    """Pieces strung together between junctions.

    Attributes
    ----------
    start
        ``int64 (chains + 1)``: chain ``i`` has the entries ``start[i]`` to ``start[i + 1]``.
    piece
        ``int64 (pieces)``: in the order of the way.
    turned
        ``bool (pieces)``: whether the piece is passed from head to tail.
    """

    start: Ints
    piece: Ints
    turned: Bools


def number_by_place(pieces: Pieces) -> Pieces:
    """Give points that lie near each other numbers that do, along a Z-order curve.

    A search then finds its neighbours in the processor's cache; and the same roads get the same
    numbers whatever order a map lists them in.

    Parameters
    ----------
    pieces
        With points in any order.

    Returns
    -------
    Pieces
        The same pieces between the same places.
    """
    code = np.zeros(len(pieces.lon), dtype=np.uint64)
    for shift, degrees in enumerate((pieces.lon, pieces.lat)):
        low, high = degrees.min(initial=np.inf), degrees.max(initial=-np.inf)
        steps = (degrees - low) / max(high - low, MIN_EXTENT) * Z_STEPS
        code |= _spread_bits(steps.astype(np.uint64)) << np.uint64(shift)
    order = np.lexsort((pieces.lat, pieces.lon, code))
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return Pieces(
        pieces.lon[order], pieces.lat[order], number[pieces.tail], number[pieces.head],
        pieces.road_class, pieces.forward, pieces.backward,
    )  # fmt: skip


def _spread_bits(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put a zero between any two of the lowest 16 bits."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values


def merge_twins(pieces: Pieces) -> Pieces:
    """Join pieces between the same two points into one, and drop those without length.

    Parameters
    ----------
    pieces
        Any number of pieces between two points, in either order.

    Returns
    -------
    Pieces
        At most one piece between two points, drivable wherever one of the twins was, of the
        greater class; a one-way piece runs from tail to head.
    """
    pieces = pieces.take(pieces.tail != pieces.head)
    turned = pieces.tail > pieces.head
    low, high = np.minimum(pieces.tail, pieces.head), np.maximum(pieces.tail, pieces.head)
    order = np.lexsort([pieces.road_class, high, low])
    key = low[order] * len(pieces.lon) + high[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if not len(first):
        return pieces
    up = np.where(turned, pieces.backward, pieces.forward)[order]
    down = np.where(turned, pieces.forward, pieces.backward)[order]
    up, down = np.logical_or.reduceat(up, first), np.logical_or.reduceat(down, first)
    low, high = low[order][first], high[order][first]
    one_way_down = down & ~up
    return Pieces(
        pieces.lon,
        pieces.lat,
        np.where(one_way_down, high, low),
        np.where(one_way_down, low, high),
        pieces.road_class[order][first],
        up | one_way_down,
        down & ~one_way_down,
    )


def string_together(pieces: Pieces) -> Chains:
    """Join pieces end to end wherever the road only bends.

    Parameters
    ----------
    pieces
        As :func:`merge_twins` returns them.

    Returns
    -------
    Chains
        Every piece is in exactly one chain; a road without any junction is a loop at one point.
    """
    points = len(pieces.lon)
    node = np.concatenate([pieces.tail, pieces.head])
    order = np.argsort(node, kind="stable")
    at = np.zeros(points + 1, dtype=np.int64)
    np.cumsum(np.bincount(node, minlength=points), out=at[1:])
    incident = order % max(1, len(pieces.tail))
    through = _is_through(pieces, at, incident)
    return Chains(*_walk(at, incident, pieces.tail, pieces.head, through))


def _is_through(pieces: Pieces, at: Ints, incident: Ints) -> Bools:
    """Say which points lie in the middle of one road of one kind."""
    bend = np.flatnonzero(np.diff(at) == THROUGH_DEGREE)
    one, two = incident[at[bend]], incident[at[bend] + 1]
    same = (pieces.road_class[one] == pieces.road_class[two]) & (
        pieces.backward[one] == pieces.backward[two]
    )
    # Of two one-way pieces one must lead here and the other on.
    leads_on = (pieces.tail[one] == bend) != (pieces.tail[two] == bend)
    through = np.zeros(len(at) - 1, dtype=bool)
    through[bend] = same & (pieces.backward[one] | leads_on)
    return through


@njit(cache=True)
def _walk(
    at: Ints, incident: Ints, tail: Ints, head: Ints, through: Bools
) -> tuple[Ints, Ints, Bools]:
    """Follow every road from junction to junction; then the loops that have none."""
    pieces = len(tail)
    start = np.zeros(pieces + 1, np.int64)
    piece = np.empty(pieces, np.int64)
    turned = np.empty(pieces, np.bool_)
    done = np.zeros(pieces, np.bool_)
    chains = filled = 0
    for looking_for_loops in (False, True):
        for origin in range(len(through)):
            if through[origin] and not looking_for_loops:
                continue
            for entry in range(at[origin], at[origin + 1]):
                step, here = incident[entry], origin
                if done[step]:
                    continue
                while True:
                    done[step] = True
                    piece[filled], turned[filled] = step, head[step] == here
                    filled += 1
                    here = tail[step] if head[step] == here else head[step]
                    if not through[here] or here == origin:
                        break
                    first, second = incident[at[here]], incident[at[here] + 1]
                    step = second if first == step else first
                chains += 1
                start[chains] = filled
    return start[: chains + 1], piece[:filled], turned[:filled]


def shapes_of(pieces: Pieces, chains: Chains) -> tuple[Shapes, Ints, Ints]:
    """Draw the shape of every chain.

    Parameters
    ----------
    pieces
        The pieces.
    chains
        How they are strung together.

    Returns
    -------
    shapes
        One edge per chain.
    tail, head
        ``int64 (chains)``: the points at its ends.
    """
    leaving = np.where(chains.turned, pieces.head[chains.piece], pieces.tail[chains.piece])
    arriving = np.where(chains.turned, pieces.tail[chains.piece], pieces.head[chains.piece])
    count = np.diff(chains.start)
    start = chains.start + np.arange(len(chains.start))
    chain = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(leaving)) + chain  # one point more than pieces in every chain before
    point = np.empty(len(leaving) + len(count), dtype=np.int64)
    point[place] = leaving
    point[start[1:] - 1] = arriving[chains.start[1:] - 1]
    # Summed chain by chain: a running sum over the whole map would lose the micrometres.
    at_m = _running_m(chains.start, pieces.length_m()[chains.piece])
    easting, northing = to_metres(pieces.lon[point], pieces.lat[point])
    return Shapes(start, easting, northing, at_m), point[start[:-1]], point[start[1:] - 1]


@njit(cache=True)
def _running_m(start: Ints, length_m: Floats) -> Floats:
    at_m = np.zeros(len(length_m) + len(start) - 1)
    for chain in range(len(start) - 1):
        total = 0.0
        for entry in range(start[chain], start[chain + 1]):
            total += length_m[entry]
            at_m[entry + chain + 1] = total
    return at_m
