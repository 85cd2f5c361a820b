"""Shortage areas as they may be told to others: made once, and every file takes from it."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from gpcoverage.analysis.area_measures import share
from gpcoverage.analysis.areas import ComputedAreas, compare_areas, evaluate, homes_designated
from gpcoverage.outputs.disclosure import ON, Disclosure, ToldHomes, suppress_homes
from gpcoverage.outputs.told import CODE, PUBLIC, ToldChoice, keyed, sums_of_choice, tell_choice

HIDDEN: Final = "hidden"
"""Whether an area meets the criterion, where that would tell how many of few people are meant."""

OUTSIDE: Final = "outside"
STATES_TOLD: Final = ("yes", "no", "unknown", HIDDEN, OUTSIDE)
FEW: Final = "few"
DESIGNATED: Final = "designated"
LEFT_OUT: Final = {
    "population": ("population", "few_choices_share", "residents_per_doctor"),
    "few_choices": ("few_choices", "few_choices_share"),
    "people_designated": ("people_designated",),
}
"""What is left out of an area along with a number of people."""


@dataclass(frozen=True, slots=True, eq=False)
class ToldAreas:
    """Computed areas beside designated ones, as they may be told.

    Attributes
    ----------
    result
        The computed areas themselves.
    designations
        As ``designated`` gives them.
    told
        The choice check behind them, as it may be told.
    areas
        As ``result.areas``, joined with what ``compare_areas`` gives; people and shares that were
        left out are NaN, and ``computed`` and ``agreement`` are ``hidden`` where they would tell
        a small number.
    people
        By what is computed where they live (``yes``, ``no``, ``unknown``, ``hidden``, ``outside``;
        of several areas the worst): ``people``, and ``designated``, those of them who live in a
        designated area.
    """

    result: ComputedAreas
    designations: gpd.GeoDataFrame
    told: ToldChoice
    areas: gpd.GeoDataFrame
    people: pd.DataFrame

    @property
    def disclosure(self) -> Disclosure:
        """What may be told."""
        return self.told.disclosure


def tell_areas(
    result: ComputedAreas, designations: gpd.GeoDataFrame, *, disclosure: Disclosure = ON
) -> ToldAreas:
    """Leave out of shortage areas what must not be told.

    Parameters
    ----------
    result
        The computed areas.
    designations
        As ``designated`` gives them.
    disclosure
        What may be told.

    Returns
    -------
    ToldAreas
    """
    choice = result.choice
    areas = _hide_states(result, result.areas.join(compare_areas(result, designations)), disclosure)
    layers = _layers(result)
    homes = keyed(choice).assign(**layers)
    named = pd.Series(homes_designated(choice, designations), homes.index)
    homes[FEW] = (choice.homes["status"] != "choice").map({True: FEW})
    homes[DESIGNATED] = named.map({True: DESIGNATED})
    homes["computed"] = _state_of_homes(result, areas["computed"])
    wanted = [("computed",), ("computed", DESIGNATED)]
    for layer in layers or [CODE]:
        wanted += [(layer,), (layer, FEW), (layer, DESIGNATED)]
    sums = suppress_homes(
        homes, [*sums_of_choice(choice), *wanted], public=PUBLIC, options=disclosure
    )
    return ToldAreas(
        result,
        designations,
        tell_choice(choice, disclosure=disclosure, sums=sums),
        _with_sums(areas, sums, _layer_of(areas, layers)),
        _by_state(sums),
    )


def _hide_states(
    result: ComputedAreas, areas: gpd.GeoDataFrame, disclosure: Disclosure
) -> gpd.GeoDataFrame:
    """Hide what is computed where it would tell a small number of people more closely."""
    few, total = areas["few_choices"], areas["population"]
    least = few.mask(disclosure.is_small(few), 0.0)
    most = few.mask(disclosure.is_small(few), disclosure.smallest).clip(upper=total)
    others = disclosure.is_small(total - few)
    least = least.mask(others, (total - disclosure.smallest).clip(lower=0.0))
    bounds = (
        evaluate(areas.assign(few_choices_share=share(bound, total)), result.criterion)
        for bound in (least, most.mask(others, total))
    )
    hidden = next(bounds) != next(bounds)
    return areas.assign(
        computed=areas["computed"].mask(hidden, HIDDEN),
        certainty=areas["certainty"].mask(hidden, HIDDEN),
        agreement=areas["agreement"].mask(hidden & (areas["agreement"] != "part"), HIDDEN),
    )


def _layers(result: ComputedAreas) -> dict[str, pd.Series]:
    """Put areas into as few columns of homes as overlaps allow; none for municipalities."""
    if result.of_municipalities:
        return {}
    homes, names = result.choice.homes, result.areas.index.to_numpy(dtype=object)
    columns: list[np.ndarray] = []
    for area in range(len(names)):
        at = result.homes.point[result.homes.area == area]
        free = (column for column in columns if pd.isna(column[at]).all())
        column = next(free, None)
        if column is None:
            column = np.full(len(homes), None, dtype=object)
            columns.append(column)
        column[at] = names[area]
    return {f"areas_{i}": pd.Series(c, homes.index) for i, c in enumerate(columns)}


def _layer_of(areas: gpd.GeoDataFrame, layers: dict[str, pd.Series]) -> dict[str, str]:
    if not layers:
        return dict.fromkeys(areas.index, CODE)
    first = next(iter(layers))  # of an area without homes: sums there are zero
    found = {name: layer for layer, column in layers.items() for name in column.dropna().unique()}
    return {name: found.get(name, first) for name in areas.index}


def _state_of_homes(result: ComputedAreas, states: pd.Series) -> pd.Series:
    """Say what is computed where each home lies: of several areas the worst."""
    order = {state: rank for rank, state in enumerate(("yes", HIDDEN, "unknown", "no", OUTSIDE))}
    worst = np.full(len(result.choice.homes), order[OUTSIDE])
    rank = states.map(order).to_numpy(dtype=np.int64)
    np.minimum.at(worst, result.homes.point, rank[result.homes.area])
    return pd.Series(np.array(list(order), dtype=object)[worst], result.choice.homes.index)


def _with_sums(
    areas: gpd.GeoDataFrame, sums: ToldHomes, layer_of: dict[str, str]
) -> gpd.GeoDataFrame:
    kinds = {
        "population": ((), ()),
        "few_choices": ((FEW,), (FEW,)),
        "people_designated": ((DESIGNATED,), (DESIGNATED,)),
    }
    told = areas.copy()
    for name, (column, value) in kinds.items():
        told[name] = [
            sums.of((layer, *column), [(area, *value)])[0] for area, layer in layer_of.items()
        ]
    for name, left_out in LEFT_OUT.items():
        unseen = told[name].isna()
        told = told.assign(**{column: told[column].mask(unseen) for column in left_out})
    return told


def _by_state(sums: ToldHomes) -> pd.DataFrame:
    people = sums.of(("computed",), [(state,) for state in STATES_TOLD])
    inside = sums.of(("computed", DESIGNATED), [(state, DESIGNATED) for state in STATES_TOLD])
    return pd.DataFrame({"people": people, "designated": inside}, index=list(STATES_TOLD))
