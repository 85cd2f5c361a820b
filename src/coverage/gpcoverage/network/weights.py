"""Length and time of the same way, from one search.

A search adds one number along the way and keeps the smallest sum. To learn how long the *fastest*
way is, or how many minutes the *shortest* takes, two whole numbers are packed into one: the upper
digits decide, the lower ones come along. Whole numbers below 2**53 add up exactly.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from gpcoverage.network.roads import RoadNetwork
from gpcoverage.units import METRES_PER_KM

Least = Literal["length", "time"]
Floats = NDArray[np.float64]

SPEEDS_KM_H: Final = {
    "motorway": 110.0,
    "trunk": 85.0,
    "primary": 75.0,
    "secondary": 70.0,
    "tertiary": 60.0,
    "unclassified": 55.0,
    "residential": 40.0,
    "living_street": 15.0,
    "service": 20.0,
    "road": 40.0,
    "ferry": 15.0,
    "land": 60.0,
    "bridge": 75.0,
    "causeway": 60.0,
}
"""Mean speeds by road class: assumptions for comparison, not measured, without congestion."""

LEG_KM_H: Final = 20.0
"""On the straight leg between a home or practice and the road."""

MM_PER_M: Final = 1_000.0
MS_PER_MIN: Final = 60_000.0
MS_PER_H: Final = 3_600_000.0

LOWER: Final = {"time": 2.0**28, "length": 2.0**25}
"""Room for what comes along: 268 km in millimetres, or 9 hours in milliseconds."""


def speeds_km_h(network: RoadNetwork) -> Floats:
    """Look up the speed on every edge.

    Parameters
    ----------
    network
        The roads.

    Returns
    -------
    ndarray
        ``float64 (edges)``: km/h.
    """
    return np.array([SPEEDS_KM_H[name] for name in network.class_names])[network.road_class]


def pack(metres: Floats, speed_km_h: Floats | float, least: Least) -> Floats:
    """Pack the length and time of parts of a way into one number each.

    Parameters
    ----------
    metres
        Lengths; NaN stays NaN.
    speed_km_h
        Speeds.
    least
        What a search on these numbers makes small: ``length`` or ``time``.

    Returns
    -------
    ndarray
        Whole numbers as float64, of the lengths' shape, from the nearest millimetre and
        millisecond.
    """
    millimetres = np.rint(metres * MM_PER_M)
    milliseconds = np.rint(metres / METRES_PER_KM / speed_km_h * MS_PER_H)
    upper, lower = (milliseconds, millimetres) if least == "time" else (millimetres, milliseconds)
    return np.asarray(upper * LOWER[least] + lower)


def pack_limit(limit: Floats, least: Least) -> Floats:
    """Pack a limit, so that every way within it stays below.

    Parameters
    ----------
    limit
        Metres where length is made small, minutes where time is.
    least
        As given to :func:`pack`.

    Returns
    -------
    ndarray
        Of the limits' shape.
    """
    unit = MS_PER_MIN if least == "time" else MM_PER_M
    return np.asarray((np.floor(limit * unit) + 1.0) * LOWER[least] - 1.0)


def unpack(packed: Floats, least: Least) -> tuple[Floats, Floats]:
    """Take lengths and times apart again.

    Parameters
    ----------
    packed
        Sums of what :func:`pack` gave; NaN stays NaN.
    least
        As given to :func:`pack`.

    Returns
    -------
    metres, minutes
        Arrays of that shape.
    """
    upper = np.floor(packed / LOWER[least])
    lower = packed - upper * LOWER[least]
    millimetres, milliseconds = (lower, upper) if least == "time" else (upper, lower)
    return millimetres / MM_PER_M, milliseconds / MS_PER_MIN
