"""Spread the people of every zone over its cells.

A town's people fill the cells nearest its centre, small towns first, up to a density that grows
with the town and falls off from its centre. Everyone else is spread over the cells that no town
has reached, fewer with the distance to the next town; where towns have reached all of them, over
these in proportion.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from example.zones import zones_of_towns

TOWN_SHARE: Final = 0.92
"""At most so much of a zone's people live in its towns; larger sums are scaled down."""

DENSITY_AT: Final = 2_000
DENSITY_PER_KM2: Final = 1_500.0
DENSITY_EXPONENT: Final = 0.2
"""A town of 2,000 has 1,500 people per km2, one of 200,000 has 3,800."""

CENTRE: Final = 1.5
EDGE: Final = 0.5
"""Density at the centre, and at the edge and beyond, as shares of the town's density."""

LOCAL_CENTRE: Final = 2_000
FADING_M: Final = 10_000.0
"""The countryside thins out by the factor e over so many metres from a town of 2,000."""


def spread_people(
    cells: pd.DataFrame,
    zones: pd.DataFrame,
    zone_of_cell: NDArray[np.int64],
    towns: pd.DataFrame,
) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Give every cell its people.

    Parameters
    ----------
    cells
        ``municipality_code``, ``x``, ``y`` (metres), sorted by ``cell``.
    zones, zone_of_cell
        As :func:`example.zones.divide` returns them.
    towns
        As :func:`example.settlements.clean_settlements` returns them.

    Returns
    -------
    people
        Per cell; a zone's cells add up to its population.
    built
        Which cells the towns fill: ``town`` (row of ``towns``), ``cell`` (row of ``cells``),
        nearest the centre first.
    """
    zone_of_town = zones_of_towns(cells, zone_of_cell, towns)
    centres = cKDTree(towns.loc[towns["population"] >= LOCAL_CENTRE, ["x", "y"]])
    nearness = np.exp(-centres.query(cells[["x", "y"]])[0] / FADING_M)
    people = np.zeros(len(cells), dtype=np.int64)
    built: list[tuple[int, int]] = []
    for zone, total in enumerate(zones["population"]):
        inside = np.flatnonzero(zone_of_cell == zone)
        points = cells.loc[inside, ["x", "y"]].to_numpy(dtype=float)
        own = towns[zone_of_town == zone].sort_values(["population", "name"])
        scale = min(1.0, TOWN_SHARE * total / max(own["population"].sum(), 1))
        filled = np.zeros(len(inside))
        for town, x, y, size in own[["x", "y", "population"]].itertuples():
            added = _fill(filled, np.hypot(points[:, 0] - x, points[:, 1] - y), size * scale)
            filled = filled + added
            reached = np.argsort(np.hypot(points[:, 0] - x, points[:, 1] - y), kind="stable")
            built += [(town, int(inside[i])) for i in reached if added[i] > 0]
        people[inside] = _round(_with_the_rest(filled, nearness[inside], total), total)
    return people, pd.DataFrame(built, columns=["town", "cell"])


def _fill(
    filled: NDArray[np.float64], distance_m: NDArray[np.float64], size: float
) -> NDArray[np.float64]:
    """Say how many of a town's people live in each cell; who finds no room is left over."""
    density = DENSITY_PER_KM2 * (size / DENSITY_AT) ** DENSITY_EXPONENT
    radius_m = 1_000.0 * np.sqrt(size / density / np.pi)
    room = density * np.maximum(CENTRE - distance_m / radius_m, EDGE) - filled
    order = np.argsort(distance_m, kind="stable")
    reached = np.cumsum(np.maximum(room[order], 0.0))
    added = np.zeros(len(filled))
    added[order] = np.diff(np.minimum(reached, size), prepend=0.0)
    return added


def _with_the_rest(
    filled: NDArray[np.float64], nearness: NDArray[np.float64], total: int
) -> NDArray[np.float64]:
    rest = total - filled.sum()
    countryside = np.where(filled == 0, nearness, 0.0)
    if countryside.any():
        return np.asarray(filled + rest * countryside / countryside.sum())
    return np.asarray(filled * total / filled.sum())


def _round(shares: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Round to whole people by the largest remainders; the first cell wins a tie."""
    whole = np.floor(shares).astype(np.int64)
    short = int(total - whole.sum())
    largest = np.argsort(-np.round(shares - whole, 6), kind="stable")[:short]
    whole[largest] += 1
    return whole
