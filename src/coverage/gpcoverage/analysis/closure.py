"""What changes when practices close, open or move: before and after, home by home."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.capacity import places
from gpcoverage.analysis.choice import STATUSES, Choice, band
from gpcoverage.analysis.distance import DistanceTable
from gpcoverage.analysis.grouped import group_quantiles
from gpcoverage.analysis.rerun import Baseline
from gpcoverage.inputs.study import Study
from gpcoverage.network.kernels import Found
from gpcoverage.units import METRES_PER_KM

BANDS_KM: Final = (0.0, 2.0, 5.0, 10.0, np.inf)
"""Extra kilometres are told in these bands."""


MOVES: Final = {
    "choice_to_one": ("choice", "one"),
    "one_to_none": ("one", "none"),
    "choice_to_none": ("choice", "none"),
    "one_to_choice": ("one", "choice"),
    "none_to_one": ("none", "one"),
    "none_to_choice": ("none", "choice"),
}
LOSSES: Final = ("choice_to_one", "one_to_none", "choice_to_none")
GAINS: Final = ("one_to_choice", "none_to_one", "none_to_choice")
KEPT: Final = ("choices", "status", "certainty", "nearest_id", "nearest_m", "second_id", "second_m")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A study before and after.

    Attributes
    ----------
    before
        The choice check before.
    after
        The study afterwards; its ``scenario`` says what changed.
    homes
        GeoDataFrame (EPSG:25832) by ``home_id``, of the homes whose answer changed only:
        ``municipality_code``, ``population``, ``geometry``, then ``choices``, ``status``,
        ``certainty``, ``nearest_id``, ``nearest_m``, ``second_id``, ``second_m`` before and, with
        ``_after``, afterwards; ``move`` (such as ``choice_to_one``; empty if the status stays),
        ``certain`` (before and after), ``extra_nearest_m`` and ``extra_second_m``.
    municipalities
        One row per municipality of the area, by code: ``name``, ``population``, people with
        ``choice``, ``one`` and ``none`` before and, with ``_after``, afterwards, people by move,
        and ``uncertain`` (people of all moves whose move is not sure).
    extra
        Rows ``nearest`` and ``second``: ``people`` who drive farther, ``median_m``, ``p90_m``,
        ``max_m``, people by band of extra km, and ``lost`` (people who have none any more).
    lists
        What becomes of the closed practices' patients.
    alternatives
        Where the people around the closed practices have their nearest practice that counts, by
        the closed one's town (``around``): ``practice_id`` (empty: they have none any more),
        ``name``, ``town``, ``people``, ``mean_m``; most people first.
    catchment
        The homes behind ``lists`` and ``alternatives``, by ``home_id``: ``around``,
        ``practice_id``, ``nearest_m`` (NaN for none), and whether they are ``far``, ``far_low``
        and ``far_high``.
    """

    before: Choice
    after: Study
    homes: gpd.GeoDataFrame
    municipalities: pd.DataFrame
    extra: pd.DataFrame
    lists: "ClosedLists"
    alternatives: pd.DataFrame
    catchment: pd.DataFrame
    _baseline: Baseline
    _computed: Choice | None

    def check_after(self) -> Choice:
        """Give the choice check afterwards, for all homes: masked, or as it was computed already."""
        return self._computed or self._baseline.rerun(self.after)

    def people(self, *moves: str, certain: bool | None = None) -> float:
        """Sum the people of some moves; only those who are certain, or not, if asked for."""
        chosen = self.homes["move"].isin(moves)
        if certain is not None:
            chosen &= self.homes["certain"] == certain
        return float(self.homes.loc[chosen, "population"].sum())


@dataclass(frozen=True, slots=True, eq=False)
class ClosedLists:
    """The patients of closed practices, as far as can be said without a register.

    Attributes
    ----------
    ids
        The closed practices.
    patients
        Sum of their list sizes; NaN if one is unknown.
    catchment
        People who had one of them nearest, of all practices, open or closed for intake, and
        within the reach of the search (the limit and the error).
    far, far_low, far_high
        Of these, people with more than the limit to any other practice, and the same if every
        distance were shorter or longer by the error.
    far_homes
        Ids of the homes of ``far``.
    reachable
        Practices open for intake within the limit of any of these people.
    reachable_ids
        Their ids.
    free_places
        Their places up to 1,600 patients per doctor, as :func:`~gpcoverage.analysis.capacity.places`
        counts them: nobody is on the list of a practice that the scenario opens, and practices with
        unknown lists count none.
    unknown
        How many of them have an unknown list or number of doctors.
    """

    ids: tuple[str, ...]
    patients: float
    catchment: float
    far: float
    far_low: float
    far_high: float
    far_homes: pd.Index
    reachable: int
    reachable_ids: pd.Index
    free_places: float
    unknown: int


def compare(baseline: Baseline, after: Study) -> Comparison:
    """Compare a study with what it was before its changes.

    Parameters
    ----------
    baseline
        The choice check before, made ready by ``prepare_rerun``.
    after
        Its study with changes.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If the study does not come from the baseline's.
    """
    before = baseline.choice
    at, then, computed = _afterwards(baseline, after)
    # The baseline's distances hold all practices that are left as well.
    distances = (computed or before).distances
    homes = _changed_homes(before, at, then)
    near = _Catchment.of(before, after, distances)
    catchment = _catchment_homes(before, near, at, then)
    return Comparison(
        before,
        after,
        homes,
        _sum_moves(before, homes),
        pd.DataFrame({which: _extra(homes, which) for which in ("nearest", "second")}).T,
        _closed_lists(before, after, near, catchment),
        _alternatives(before, after, catchment),
        catchment,
        baseline,
        computed,
    )


def _afterwards(
    baseline: Baseline, after: Study
) -> tuple[NDArray[np.int64], pd.DataFrame, Choice | None]:
    """Answer again for homes that may have changed: positions, columns, the check if it took one."""
    touched = baseline.touched(after)
    if touched is not None:
        return touched.at, pd.DataFrame(touched.columns)[list(KEPT)], None
    later = baseline.rerun(after)
    old = pd.DataFrame(baseline.choice.homes[list(KEPT)])
    new = pd.DataFrame(later.homes[list(KEPT)])
    at = np.flatnonzero(_differ(old, new).any(axis=1))
    return at, new.iloc[at].reset_index(drop=True), later


def _differ(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Compare cell by cell; two missing ones are alike."""
    return (old != new) & ~(old.isna() & new.isna())


def _changed_homes(before: Choice, at: NDArray[np.int64], then: pd.DataFrame) -> gpd.GeoDataFrame:
    homes = before.homes.iloc[at][["municipality_code", "population", "geometry", *KEPT]]
    new = then.set_axis(homes.index).add_suffix("_after")
    table = homes.join(new)
    by_move = {move: name for name, move in MOVES.items()}
    pairs = zip(table["status"], table["status_after"], strict=True)
    table = table.assign(
        move=[by_move.get(pair, "") for pair in pairs],
        certain=(table["certainty"] == "certain") & (table["certainty_after"] == "certain"),
        extra_nearest_m=table["nearest_m_after"] - table["nearest_m"],
        extra_second_m=table["second_m_after"] - table["second_m"],
    )
    before_after = table[list(KEPT)], new.set_axis(list(KEPT), axis=1)
    return table[_differ(*before_after).any(axis=1)]


def _sum_moves(before: Choice, homes: gpd.GeoDataFrame) -> pd.DataFrame:
    table = before.municipalities[["name", "population"]].copy()
    people = (
        homes.pivot_table(
            index="municipality_code", columns="move", values="population", aggfunc="sum"
        )
        .reindex(index=table.index, columns=list(MOVES), fill_value=0.0)
        .fillna(0.0)
    )
    for status in reversed(STATUSES):
        was = (
            before.municipalities[f"{status}_certain"]
            + before.municipalities[f"{status}_uncertain"]
        )
        gone = sum(people[name] for name, (start, _) in MOVES.items() if start == status)
        come = sum(people[name] for name, (_, end) in MOVES.items() if end == status)
        table[status], table[f"{status}_after"] = was, was - gone + come
    unsure = homes[(homes["move"] != "") & ~homes["certain"]]
    uncertain = unsure.groupby("municipality_code")["population"].sum()
    return table.join(people).assign(uncertain=uncertain.reindex(table.index).fillna(0.0))


def _extra(homes: gpd.GeoDataFrame, which: str) -> dict[str, float]:
    """Sum up who drives how much farther to the nearest, or to the second."""
    extra_m, people = homes[f"extra_{which}_m"].to_numpy(), homes["population"].to_numpy()
    farther = extra_m > 0
    extra_m, people = extra_m[farther], people[farther]
    everybody = np.zeros(len(extra_m), dtype=np.int64)
    median_m, p90_m = group_quantiles(everybody, extra_m, people, 1, (0.5, 0.9))[0]
    edges = np.array(BANDS_KM) * METRES_PER_KM
    in_bands, _ = np.histogram(extra_m, edges, weights=people)
    lost = homes[f"{which}_m"].notna() & homes[f"{which}_m_after"].isna()
    return {
        "people": float(people.sum()),
        "median_m": float(median_m),
        "p90_m": float(p90_m),
        "max_m": float(extra_m.max()) if len(extra_m) else float("nan"),
        **dict(zip(band_names(), map(float, in_bands), strict=True)),
        "lost": float(homes.loc[lost, "population"].sum()),
    }


def band_names() -> list[str]:
    """Name the bands of extra km: ``0-2``, ``2-5``, ``5-10``, ``10-``."""
    ends = [f"{km:.0f}" if np.isfinite(km) else "" for km in BANDS_KM]
    return [f"{low}-{high}" for low, high in pairwise(ends)]


@dataclass(frozen=True, slots=True, eq=False)
class _Catchment:
    """The homes that had a closed practice nearest, of all kinds.

    Attributes
    ----------
    ids
        The closed practices.
    position
        ``int64``: positions of these homes.
    closed
        ``int32``: the closed practice that was nearest, by position.
    other_m
        ``float64``: metres to their nearest practice that is left; infinite beyond reach. Zero
        where that is as near as the closed one, so that nothing is lost.
    near
        Ids of open practices within the limit of any of them afterwards.
    """

    ids: tuple[str, ...]
    position: NDArray[np.int64]
    closed: NDArray[np.int32]
    other_m: NDArray[np.float64]
    near: pd.Index

    @classmethod
    def of(cls, before: Choice, after: Study, distances: DistanceTable) -> "_Catchment":
        """Find them among the pairs that were found within reach."""
        practices, found = before.study.practices, before.distances.found
        gone = ~practices.index.isin(after.practices.index)
        with_closed = np.flatnonzero(gone[found.practice])
        homes = np.unique(np.searchsorted(found.start, with_closed, side="right") - 1)
        row, practice, cost = _pairs_of(found, homes)
        closed = np.flatnonzero(gone[practice])
        closed = closed[np.lexsort((cost[closed], row[closed]))]
        closed = closed[np.unique(row[closed], return_index=True)[1]]  # one of each home
        closed_m, nearest = cost[closed], practice[closed]
        row, practice, cost = _pairs_of(distances.found, homes)
        stays = distances.practice_ids.isin(after.practices.index)[practice]
        row, practice, cost = row[stays], practice[stays], cost[stays]
        other_m = np.full(len(homes), np.inf)
        np.minimum.at(other_m, row, cost)
        inside = closed_m <= other_m
        other_m[closed_m == other_m] = 0.0
        limit_m = before.homes["limit_m"].to_numpy()[homes]
        hit = inside[row] & (cost <= limit_m[row])
        near = distances.practice_ids[np.unique(practice[hit])]
        near = near[after.practices.loc[near, "open"].to_numpy()]
        ids = tuple(practices.index[gone])
        return cls(ids, homes[inside], nearest[inside], other_m[inside], near)


def _pairs_of(
    found: Found, homes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
    """List the pairs of some homes: position among them, practice and cost."""
    count = np.diff(found.start)[homes]
    row = np.repeat(np.arange(len(homes)), count)
    entry = np.repeat(found.start[homes] - (np.cumsum(count) - count), count) + np.arange(len(row))
    return row, found.practice[entry], found.cost[entry]


def _closed_lists(
    before: Choice, after: Study, near: _Catchment, catchment: pd.DataFrame
) -> ClosedLists:
    practices = before.study.practices
    people = before.homes["population"].to_numpy()[near.position]
    far = {name: float(people[catchment[name]].sum()) for name in ("far", "far_low", "far_high")}
    reachable = after.practices.loc[near.near]
    free = places(after).loc[near.near, "free"]
    return ClosedLists(
        ids=near.ids,
        patients=float(practices.loc[list(near.ids), "list_size"].sum(skipna=False)),
        catchment=float(people.sum()),
        **far,
        far_homes=catchment.index[catchment["far"]],
        reachable=len(reachable),
        reachable_ids=reachable.index,
        free_places=float(free.sum()),
        unknown=int(free.isna().sum()),
    )


def _catchment_homes(
    before: Choice, near: _Catchment, at: NDArray[np.int64], then: pd.DataFrame
) -> pd.DataFrame:
    """Say of every home of the catchment where it has its nearest practice now, and how far it is."""
    homes, columns = before.homes.iloc[near.position], ["nearest_id", "nearest_m"]
    table = pd.DataFrame(homes[columns]).set_axis(near.position)
    changed = np.isin(near.position, at)
    later = then.set_axis(at).loc[near.position[changed], columns]
    table = pd.concat([table[~changed], later]).loc[near.position]
    closed = before.study.practices.iloc[near.closed]
    towns = closed["town"].where(closed["town"] != "", closed["name"])
    limit_m = homes["limit_m"].to_numpy()
    low_m, high_m = band(limit_m, before.network.error_share)
    return pd.DataFrame(
        {
            "around": towns.to_numpy(),
            "practice_id": table["nearest_id"].fillna("").to_numpy(),
            "nearest_m": table["nearest_m"].to_numpy(),
            "far": near.other_m > limit_m,
            "far_low": near.other_m > high_m,
            "far_high": near.other_m > low_m,
        },
        index=homes.index,
    )


def _alternatives(before: Choice, after: Study, catchment: pd.DataFrame) -> pd.DataFrame:
    """Name the practices that count and are nearest now, town by town of the closed ones."""
    people = before.homes.loc[catchment.index, "population"]
    table = catchment.assign(population=people, weighted=catchment["nearest_m"] * people)
    sums = table.groupby(["around", "practice_id"])[["population", "weighted"]].sum(min_count=1)
    sums = sums.reset_index().sort_values(
        ["around", "population"], ascending=[True, False], kind="stable", ignore_index=True
    )
    named = after.practices.reindex(sums["practice_id"])[["name", "town"]].fillna("")
    return pd.DataFrame(
        {
            "around": sums["around"],
            "practice_id": sums["practice_id"],
            "name": named["name"].to_numpy(),
            "town": named["town"].to_numpy(),
            "people": sums["population"],
            "mean_m": sums["weighted"] / sums["population"],
        }
    )
