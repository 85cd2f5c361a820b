"""Pieces of road that lead nowhere: yards and parking lots behind a barrier, one-way stubs.

A home must not be joined to one, for no way leads from it to anywhere. An island is no fragment.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpcoverage.network.contraction import Pieces
from gpcoverage.network.grid import build_grid, nearest_pieces
from gpcoverage.network.parts import parts
from gpcoverage.network.tags import CLASS_NAMES, FERRY
from gpcoverage.units import METRES_PER_KM, to_metres

MAX_FRAGMENT_KM: Final = 5.0
"""A part with so much road is a main part and never a fragment."""

NEAR_M: Final = 500.0
"""A part with no main part this near is an island."""


def drop_fragments(pieces: Pieces) -> tuple[Pieces, tuple[str, ...]]:
    """Drop the parts of a network between which and the rest one cannot drive both ways.

    Parameters
    ----------
    pieces
        As read.

    Returns
    -------
    pieces
        Without the parts (strongly connected, ferries aside) that have less than 5 km of road
        and lie within 500 m of a part with more, and without the one-way stubs between parts.
    notes
        What was dropped, in parts and metres; empty if nothing was.
    """
    ferry = pieces.road_class == CLASS_NAMES.index(FERRY)
    part = _parts(pieces, ferry)
    tail, head, metres = part[pieces.tail], part[pieces.head], pieces.length_m()
    inside = (tail == head) & ~ferry
    count = part.max() + 1
    length_m = np.bincount(tail[inside], metres[inside], minlength=count).astype(np.float64)
    fragment = _is_fragment(pieces.take(inside), part, length_m)
    # A ferry stays if both its quays do.
    lost = np.where(ferry, fragment[tail] | fragment[head], ~inside | fragment[tail])
    if not lost.any():
        return pieces, ()
    dropped = int((fragment & (length_m > 0)).sum())
    note = (
        f"{dropped} fragments and the one-way stubs between parts dropped: "
        f"{metres[lost].sum():,.0f} m of {metres.sum():,.0f} m of road"
    )
    return pieces.take(~lost), (note,)


def _parts(pieces: Pieces, ferry: NDArray[np.bool_]) -> NDArray[np.int64]:
    forward, backward = pieces.forward & ~ferry, pieces.backward & ~ferry
    tail = np.concatenate([pieces.tail[forward], pieces.head[backward]])
    head = np.concatenate([pieces.head[forward], pieces.tail[backward]])
    return parts(tail, head, len(pieces.lon), both_ways=True)


def _is_fragment(
    inside: Pieces, part: NDArray[np.int64], length_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Say of every part whether it is short and near one that is not."""
    fragment = np.zeros(len(length_m), dtype=bool)
    short = length_m < MAX_FRAGMENT_KM * METRES_PER_KM
    main = inside.take(~short[part[inside.tail]])
    if not len(main.tail):
        return fragment
    easting, northing = to_metres(inside.lon, inside.lat)
    ends = np.column_stack(
        [easting[main.tail], northing[main.tail], easting[main.head], northing[main.head]]
    )
    # A bend of a ferry at sea is a point without any road: no fragment, however near the quay.
    asked = np.flatnonzero(short[part] & (length_m[part] > 0))
    near, _ = nearest_pieces(build_grid(ends), easting[asked], northing[asked], NEAR_M)
    fragment[part[asked[near >= 0]]] = True
    return fragment
