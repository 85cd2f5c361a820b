"""The same pairs measured three ways: the shortest road, the fastest road, the straight line.

The rule's sources do not say which distance counts. Where the three disagree about the limit, a
committee should know.
"""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.errors import NetworkError
from gpcoverage.network.kernels import Found
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.search import prepare_search
from gpcoverage.network.snapping import Snaps
from gpcoverage.network.weights import Least, pack_limit, unpack
from gpcoverage.units import METRES_PER_KM, geodesic_m, to_degrees

LONGEST_M: Final = 120_000.0
"""At 15 km/h that is 8 hours; packed numbers hold 9."""

SLACK_M: Final = 2.0
SLACK_MIN: Final = 0.05
"""Lengths and times are rounded piece by piece: by so much a sum can exceed what was known."""


def compare_ways(
    network: RoadNetwork, homes: Snaps, practices: Snaps, pairs: pd.DataFrame
) -> pd.DataFrame:
    """Measure pairs of home and practice by the shortest and by the fastest way.

    Parameters
    ----------
    network
        The roads.
    homes, practices
        Where they lie on it.
    pairs
        Columns ``home`` and ``practice`` (positions) and ``distance_m`` (shortest, metres). Each
        pair once; all of them connected.

    Returns
    -------
    DataFrame
        On the index of ``pairs``: ``shortest_min`` (minutes along the shortest way),
        ``fastest_m`` and ``fastest_min`` (metres and minutes along the fastest). Speeds are
        assumptions by road class, see ``network.weights``.

    Raises
    ------
    NetworkError
        If a pair is more than 120 km apart.
    """
    longest_m = pairs["distance_m"].max()
    if longest_m > LONGEST_M:
        msg = (
            f"the longest way to compare is {longest_m / METRES_PER_KM:.0f} km, the most is "
            f"{LONGEST_M / METRES_PER_KM:.0f} km. Ask for nearer practices."
        )
        raise NetworkError(msg)
    home, practice = pairs["home"].to_numpy(), pairs["practice"].to_numpy()
    upper = pack_limit(pairs["distance_m"].to_numpy() + SLACK_M, "length")
    shortest = _search(network, homes, practices, "length", home, practice, upper)
    _, shortest_min = unpack(shortest, "length")
    upper = pack_limit(shortest_min + SLACK_MIN, "time")
    fastest = _search(network, homes, practices, "time", home, practice, upper)
    fastest_m, fastest_min = unpack(fastest, "time")
    return pd.DataFrame(
        {"shortest_min": shortest_min, "fastest_m": fastest_m, "fastest_min": fastest_min},
        index=pairs.index,
    )


def _search(
    network: RoadNetwork,
    homes: Snaps,
    practices: Snaps,
    least: Least,
    home: NDArray[np.int64],
    practice: NDArray[np.int64],
    upper: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Search as far as the pairs need, and pick them out."""
    of_home, of_practice = np.zeros(len(homes.edge)), np.zeros(len(practices.edge))
    np.maximum.at(of_home, home, upper)
    np.maximum.at(of_practice, practice, upper)
    found = prepare_search(network, homes, practices, least).within(of_home, of_practice)
    return _pick(found, home, practice, len(practices.edge))


def _pick(
    found: Found, home: NDArray[np.int64], practice: NDArray[np.int64], practices: int
) -> NDArray[np.float64]:
    of_home = np.repeat(np.arange(len(found.start) - 1), np.diff(found.start))
    key = of_home * practices + found.practice  # ascending, home by home
    at = np.searchsorted(key, home * practices + practice)
    return found.cost[at]


def straight_m(homes: gpd.GeoDataFrame, practices: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Measure straight lines, row by row.

    Parameters
    ----------
    homes, practices
        Points, EPSG:25832, of one length.

    Returns
    -------
    ndarray
        ``float64 (rows)``: metres on WGS84.
    """
    ends = [
        to_degrees(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
        for frame in (homes, practices)
    ]
    return geodesic_m(*ends[0], *ends[1])
