"""Before and after as they may be told to others: judged together, so that no change is given away."""

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from gpcoverage.analysis.audit import audit_comparison
from gpcoverage.analysis.capacity import places
from gpcoverage.analysis.choice import STATUSES, Choice
from gpcoverage.analysis.closure import (
    BANDS_KM,
    GAINS,
    LOSSES,
    MOVES,
    ClosedLists,
    Comparison,
    band_names,
)
from gpcoverage.outputs.disclosure import (
    ON,
    Disclosure,
    ToldHomes,
    may_sum_lists,
    suppress_figures,
    suppress_homes,
    weights,
)
from gpcoverage.outputs.told import (
    CODE,
    LATER,
    PUBLIC,
    TOTAL,
    ToldChoice,
    keyed_twice,
    sums_afterwards,
    tell_afterwards,
    tell_choice,
)
from gpcoverage.units import METRES_PER_KM

WAYS: Final = ("nearest", "second")
FAR: Final = ("far", "far_low", "far_high")
GROUPS: Final = {
    "loses": LOSSES,
    "gains": GAINS,
    "loses_choice": ("choice_to_one", "choice_to_none"),
    "loses_last": ("one_to_none", "choice_to_none"),
}
"""Moves that are told together."""


@dataclass(frozen=True, slots=True, eq=False)
class ToldClosure:
    """A comparison as it may be told.

    Attributes
    ----------
    comparison
        The comparison itself.
    before, after
        The choice checks as they may be told; what is told before is the same whatever changes.
    homes, municipalities, extra, lists, alternatives
        As in the comparison; what was left out is NaN, here and below.
    total
        The sums of ``municipalities``.
    moves
        ``people`` and ``uncertain`` by move.
    people
        People by ``GROUPS`` of moves, and ``loses_uncertain``.
    """

    comparison: Comparison
    before: ToldChoice
    after: ToldChoice
    homes: gpd.GeoDataFrame
    municipalities: pd.DataFrame
    total: pd.Series
    moves: pd.DataFrame
    people: pd.Series
    extra: pd.DataFrame
    lists: ClosedLists
    alternatives: pd.DataFrame


def tell_closure(
    comparison: Comparison, after: Choice, *, disclosure: Disclosure = ON
) -> ToldClosure:
    """Leave out of a comparison what must not be told.

    Parameters
    ----------
    comparison
        Before and after.
    after
        The choice check afterwards.
    disclosure
        What may be told.

    Returns
    -------
    ToldClosure
    """
    audit_comparison(comparison, after)
    before = tell_choice(comparison.before, disclosure=disclosure)
    sums = suppress_homes(
        _keyed(comparison, after),
        [*sums_afterwards(after), *_sums_of_changes()],
        public=PUBLIC,
        before=before.sums,
        options=disclosure,
    )
    told_after = tell_afterwards(after, sums, disclosure=disclosure)
    table = _municipalities(comparison, before, told_after, sums)
    extra = pd.DataFrame({which: _extra(comparison, sums, which) for which in WAYS}).T
    metres = ["median_m", "p90_m", "max_m"]
    return ToldClosure(
        comparison=comparison,
        before=before,
        after=told_after,
        homes=comparison.homes.assign(population=sums.people.loc[comparison.homes.index]),
        municipalities=comparison.municipalities.assign(**dict(table.drop(index=TOTAL).items())),
        total=table.loc[TOTAL],
        moves=pd.DataFrame(
            {
                "people": sums.of(("move",), [(move,) for move in MOVES]),
                "uncertain": sums.of(("move", "unsure"), [(move, "unsure") for move in MOVES]),
            },
            index=list(MOVES),
        ),
        people=pd.Series(
            {name: sums.marked(name) for name in GROUPS}
            | {"loses_uncertain": sums.marked("loses_unsure")}
        ),
        extra=suppress_figures(extra, extra["people"], metres, options=disclosure),
        lists=_lists(comparison, sums, disclosure),
        alternatives=_alternatives(comparison, sums, disclosure),
    )


def _keyed(comparison: Comparison, after: Choice) -> pd.DataFrame:
    """Give all homes the columns that they are summed up by, before, afterwards and for changes."""
    homes = keyed_twice(comparison.before, after)
    changed = comparison.homes
    move = changed["move"].where(changed["move"] != "")
    unsure = move.notna() & ~changed["certain"]
    columns = {"move": move, "unsure": pd.Series("unsure", move.index).where(unsure)}
    for name, moves in GROUPS.items():
        columns[name] = pd.Series(name, move.index).where(move.isin(moves))
    columns["loses_unsure"] = columns["loses"].where(unsure)
    for which in WAYS:
        extra_km = changed[f"extra_{which}_m"] / METRES_PER_KM
        band = np.digitize(extra_km.fillna(0.0), BANDS_KM[1:])
        farther, names = extra_km > 0, pd.Series(np.array([*band_names(), ""])[band], move.index)
        lost = changed[f"{which}_m"].notna() & changed[f"{which}_m{LATER}"].isna()
        columns[f"{which}_band"] = names.where(farther)
        columns[f"{which}_farther"] = pd.Series(which, move.index).where(farther)
        columns[f"{which}_lost"] = pd.Series(which, move.index).where(lost)
    near = comparison.catchment
    marks = {name: pd.Series(name, near.index).where(near[name]) for name in FAR}
    around = near[["around", "practice_id"]].assign(**marks, catchment="catchment")
    return homes.join(pd.DataFrame(columns)).join(around)


def _sums_of_changes() -> list[tuple[str, ...]]:
    """List the columns by which people are summed up in what is written of changes."""
    moves = [("move",), ("move", "unsure"), (CODE, "move"), (CODE, "unsure"), ("unsure",)]
    ways = [(f"{which}_{what}",) for which in WAYS for what in ("band", "farther", "lost")]
    near = [("around", "practice_id"), ("catchment",), *((name,) for name in FAR)]
    return [*moves, *((name,) for name in GROUPS), ("loses_unsure",), *ways, *near]


def _municipalities(
    comparison: Comparison, before: ToldChoice, after: ToldChoice, sums: ToldHomes
) -> pd.DataFrame:
    """Lay out the table of municipalities, and its sums in the last row."""
    codes = comparison.municipalities.index
    table = {"population": before.people["population"]}
    for status in reversed(STATUSES):
        table |= {status: before.people[status], f"{status}{LATER}": after.people[status]}
    told = pd.DataFrame(table)
    for by, value, name in (
        *(("move", move, move) for move in MOVES),
        ("unsure", "unsure", "uncertain"),
    ):
        everywhere = sums.of((CODE, by), [(code, value) for code in codes])
        told[name] = [*everywhere, *sums.of((by,), [(value,)])]
    return told


def _extra(comparison: Comparison, sums: ToldHomes, which: str) -> pd.Series:
    bands = band_names()
    in_bands = sums.of((f"{which}_band",), [(band,) for band in bands])
    people = {"people": sums.marked(f"{which}_farther"), "lost": sums.marked(f"{which}_lost")}
    told = people | dict(zip(bands, in_bands, strict=True))
    return pd.Series(comparison.extra.loc[which].to_dict() | told)


def _lists(comparison: Comparison, sums: ToldHomes, disclosure: Disclosure) -> ClosedLists:
    lists = comparison.lists
    closed = comparison.before.study.practices.loc[list(lists.ids)]
    open_near = comparison.after.practices.loc[lists.reachable_ids]
    # Of a practice with free places their number tells the list; one that just opened has none.
    free = places(comparison.after).loc[open_near.index, "free"]
    hides = free.where(open_near["list_size"].notna())
    may = may_sum_lists(open_near.assign(list_size=hides), options=disclosure)
    may_patients = may_sum_lists(closed, options=disclosure)
    return replace(
        lists,
        patients=lists.patients if may_patients else float("nan"),
        free_places=lists.free_places if may else float("nan"),
        catchment=sums.marked("catchment"),
        far=sums.marked("far"),
        far_low=sums.marked("far_low"),
        far_high=sums.marked("far_high"),
    )


def _alternatives(comparison: Comparison, sums: ToldHomes, disclosure: Disclosure) -> pd.DataFrame:
    """Tell where people go, most people first; what is left out comes last, by id."""
    table, near = comparison.alternatives, comparison.catchment
    keys = ["around", "practice_id"]
    weight = weights(sums, options=disclosure).loc[near.index]
    known = near.assign(weight=weight, weighted=weight * near["nearest_m"])
    by_key = known.groupby(keys)[["weight", "weighted"]].sum(min_count=1)
    at = [tuple(key) for key in table[keys].to_numpy().tolist()]
    means = (by_key["weighted"] / by_key["weight"]).reindex(at).to_numpy()
    told = table.assign(people=sums.of(("around", "practice_id"), at), mean_m=means)
    told = suppress_figures(told, told["people"], ["mean_m"], options=disclosure)
    order = ["around", "people", "practice_id"]
    return told.sort_values(order, ascending=[True, False, True], ignore_index=True)
