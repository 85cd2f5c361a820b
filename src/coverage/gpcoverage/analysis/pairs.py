"""Distances pair by pair: a row per home and rank, nothing left out in silence."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.distance import DistanceTable, compute_distances
from gpcoverage.analysis.ways import compare_ways, straight_m
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.snapping import MAX_LEG_M

NO_ROAD: Final = "no road leads to a practice of this rank"
NO_SO_MANY: Final = "the table of practices holds no more"
NONE_WITHIN: Final = "no practice within the distance asked for"


@dataclass(frozen=True, slots=True)
class PairOptions:
    """Which pairs are wanted, and how they are measured.

    Attributes
    ----------
    k
        So many nearest practices per home, unless ``within_m`` is given.
    within_m
        Every practice within so many metres instead.
    compare
        Also the fastest way and the straight line.
    max_leg_m
        Longest straight leg to a road.
    """

    k: int = 2
    within_m: float | None = None
    compare: bool = False
    max_leg_m: float = MAX_LEG_M


def compute_pairs(
    homes: gpd.GeoDataFrame,
    practices: gpd.GeoDataFrame,
    network: RoadNetwork,
    limit_m: NDArray[np.float64],
    options: PairOptions,
    land: NDArray[np.object_] | None = None,
) -> pd.DataFrame:
    """Measure homes and practices pair by pair.

    Parameters
    ----------
    homes, practices
        Points, EPSG:25832; the index holds the ids; practices have the bool column ``open``.
    network
        The roads.
    limit_m
        ``float64 (homes)``: each home's limit, metres.
    options
        Which pairs.
    land
        As for ``compute_distances``.

    Returns
    -------
    DataFrame
        As :func:`nearest_pairs` or :func:`pairs_within`, with the columns of
        :func:`add_comparison` if asked for.
    """
    reach_m = np.full(len(homes), options.within_m or 0.0)
    table = compute_distances(
        homes, practices, network, reach_m, max_leg_m=options.max_leg_m, land=land
    )
    if options.within_m is None:
        pairs = nearest_pairs(table, practices, limit_m, options.k)
    else:
        pairs = pairs_within(table, practices, limit_m)
    return add_comparison(pairs, table, network, homes, practices) if options.compare else pairs


def nearest_pairs(
    table: DistanceTable, practices: gpd.GeoDataFrame, limit_m: NDArray[np.float64], k: int
) -> pd.DataFrame:
    """List the k nearest practices of every home, open and closed.

    Parameters
    ----------
    table
        The distances.
    practices
        With the bool column ``open``, in the table's order.
    limit_m
        ``float64 (homes)``: each home's limit, metres.
    k
        How many, 1 or more.

    Returns
    -------
    DataFrame
        Exactly k rows per home: ``home_id``, ``practice_id``, ``rank`` (from 1), ``distance_m``,
        ``access_m`` and ``egress_m`` (the straight legs, part of the distance),
        ``within_limit``, ``open``, ``reason``. Where there is no practice of a rank, the distance
        is NaN, the practice is missing and the reason says why. Also ``home`` and ``practice``,
        the positions (-1 for none).
    """
    homes, there = len(table.home_ids), min(k, len(practices))
    practice = np.full((homes, k), -1, dtype=np.int32)
    metres = np.full((homes, k), np.nan)
    nearest = table.nearest(there, np.ones(len(practices), dtype=bool))
    practice[:, :there], metres[:, :there] = nearest
    home, rank = np.repeat(np.arange(homes), k), np.tile(np.arange(1, k + 1), homes)
    frame = _frame(table, practices, limit_m, (home, practice.ravel(), rank, metres.ravel()))
    frame.loc[frame["rank"] > len(practices), "reason"] = NO_SO_MANY
    return frame


def pairs_within(
    table: DistanceTable, practices: gpd.GeoDataFrame, limit_m: NDArray[np.float64]
) -> pd.DataFrame:
    """List every practice within the table's reach of every home, open and closed.

    Parameters
    ----------
    table
        The distances; ``max_m`` is the reach.
    practices
        With the bool column ``open``, in the table's order.
    limit_m
        ``float64 (homes)``: each home's limit, metres.

    Returns
    -------
    DataFrame
        As :func:`nearest_pairs`; a home with no practice within reach has one row, of rank 1,
        that says so.
    """
    count = np.diff(table.found.start)
    home = np.repeat(np.arange(len(count)), count)
    order = np.lexsort((table.found.practice, table.found.cost, home))
    rank = np.arange(len(home)) - table.found.start[home] + 1
    empty = np.flatnonzero(count == 0)
    rows = (
        np.concatenate([home, empty]),
        np.concatenate([table.found.practice[order], np.full(len(empty), -1, dtype=np.int32)]),
        np.concatenate([rank, np.ones(len(empty), dtype=np.int64)]),
        np.concatenate([table.found.cost[order], np.full(len(empty), np.nan)]),
    )
    frame = _frame(table, practices, limit_m, rows).sort_values(["home", "rank"])
    frame["reason"] = frame["reason"].replace(NO_ROAD, NONE_WITHIN)
    return frame.reset_index(drop=True)


def _frame(
    table: DistanceTable,
    practices: gpd.GeoDataFrame,
    limit_m: NDArray[np.float64],
    rows: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]],
) -> pd.DataFrame:
    home, practice, rank, metres = rows
    missing = practice < 0
    reason = np.where(table.off_road == "", NO_ROAD, table.off_road)[home]
    practice_ids = np.array([*table.practice_ids, None], dtype=object)
    is_open = np.array([*practices["open"], None], dtype=object)
    return pd.DataFrame(
        {
            "home_id": table.home_ids.to_numpy()[home],
            "practice_id": practice_ids[practice],
            "rank": rank,
            "distance_m": metres,
            "access_m": table.home_snaps.leg_m[home],
            "egress_m": np.where(missing, np.nan, table.practice_snaps.leg_m[practice]),
            "within_limit": pd.Series(metres <= limit_m[home], dtype=object).mask(missing, None),
            "open": is_open[practice],
            "reason": np.where(missing, reason, ""),
            "home": home,
            "practice": practice,
        }
    )


def add_comparison(
    pairs: pd.DataFrame,
    table: DistanceTable,
    network: RoadNetwork,
    homes: gpd.GeoDataFrame,
    practices: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Measure the pairs by the fastest way and as the crow flies as well.

    Parameters
    ----------
    pairs
        As :func:`nearest_pairs` or :func:`pairs_within` returns them.
    table
        The distances they are from.
    network
        The roads they were measured on.
    homes, practices
        Points, EPSG:25832, in the table's order.

    Returns
    -------
    DataFrame
        With ``shortest_min``, ``fastest_m``, ``fastest_min`` and ``straight_m``; NaN where there
        is no practice.
    """
    known = pairs[pairs["practice"] >= 0]
    measured = compare_ways(network, table.home_snaps, table.practice_snaps, known)
    measured["straight_m"] = straight_m(
        homes.iloc[known["home"]], practices.iloc[known["practice"]]
    )
    return pairs.join(measured)
