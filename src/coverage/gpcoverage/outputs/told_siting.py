"""Proposed clinics as they may be told to others: before, after and clinic by clinic, judged together."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from gpcoverage.analysis.siting import Siting
from gpcoverage.outputs.disclosure import ON, Disclosure, ToldHomes, suppress_homes
from gpcoverage.outputs.told import (
    CODE,
    PUBLIC,
    TOTAL,
    ToldChoice,
    keyed_twice,
    sums_afterwards,
    tell_afterwards,
    tell_choice,
)

MARKS: Final = ("too_few", "gains", "only")
"""People by clinic: each may be among those of several."""


@dataclass(frozen=True, slots=True, eq=False)
class ToldSiting:
    """A siting as it may be told.

    Attributes
    ----------
    siting
        The siting itself.
    before, after
        The choice checks as they may be told; what is told before is the same whatever is proposed.
    clinics
        As ``siting.clinics``; what was left out is NaN, here and below.
    gains, gains_certain, seated
        People who gain; those for whom that is certain; those for whom there is a seat.
    municipalities
        By code: ``name``, ``too_few`` (before), ``gains``, ``too_few_after``.
    beyond_help
        People by reason why no choice of the places gives them enough.
    """

    siting: Siting
    before: ToldChoice
    after: ToldChoice
    clinics: pd.DataFrame
    gains: float
    gains_certain: float
    seated: float
    municipalities: pd.DataFrame
    beyond_help: pd.Series


def tell_siting(siting: Siting, *, disclosure: Disclosure = ON) -> ToldSiting:
    """Leave out of a siting what must not be told.

    Parameters
    ----------
    siting
        The result.
    disclosure
        What may be told.

    Returns
    -------
    ToldSiting
    """
    before = tell_choice(siting.before, disclosure=disclosure)
    places = siting.clinics["place_id"].unique()
    marks = [(f"{name} {place}",) for place in places for name in MARKS]
    own = [("gains",), ("gains", "sure"), (CODE, "gains"), ("beyond",), ("new",)]
    own += [("short",), (CODE, "short"), ("short_after",), (CODE, "short_after")]
    sums = suppress_homes(
        _keyed(siting),
        [*sums_afterwards(siting.after), *own, *marks],
        public=PUBLIC,
        before=before.sums,
        options=disclosure,
    )
    after = tell_afterwards(siting.after, sums, disclosure=disclosure)
    gains = sums.marked("gains")
    return ToldSiting(
        siting=siting,
        before=before,
        after=after,
        clinics=_clinics(siting, sums),
        gains=gains,
        gains_certain=sums.of(("gains", "sure"), [("gains", "sure")])[0],
        seated=_seated(siting, gains, disclosure),
        municipalities=_municipalities(siting, sums),
        beyond_help=sums.sums[("beyond",)],
    )


def _keyed(siting: Siting) -> pd.DataFrame:
    """Give all homes the columns that they are summed up by."""
    homes = keyed_twice(siting.before, siting.after)
    own, index = siting.homes, homes.index
    flags = {
        "gains": own["gains"],
        "sure": own["gains"] & own["certain"],
        "short": own["needs"] > 0,
        "short_after": own["needs_after"] > 0,
    }
    for place, near in siting.near.items():
        flags[f"too_few {place}"] = near & flags["short"]
        flags[f"gains {place}"] = near & flags["gains"]
        flags[f"only {place}"] = near & siting.depends
    columns = {
        name: pd.Series(name, index, dtype=object).where(np.asarray(flag))
        for name, flag in flags.items()
    }
    nearest = siting.after.homes["nearest_id"]
    columns["new"] = nearest.astype(object).where(nearest.isin(siting.clinics.index))
    columns["beyond"] = siting.beyond_help["reason"].reindex(index)
    return homes.join(pd.DataFrame(columns))


def _clinics(siting: Siting, sums: ToldHomes) -> pd.DataFrame:
    table = siting.clinics
    told = {name: [sums.marked(f"{name} {place}") for place in table["place_id"]] for name in MARKS}
    told["nearest"] = sums.of(("new",), [(i,) for i in table.index])
    return table.assign(**told)


def _seated(siting: Siting, gains: float, disclosure: Disclosure) -> float:
    """Tell who has a seat, unless that, or who has none, are few or can be worked out to be."""
    unseated = siting.gains - siting.seated
    few = np.isnan(gains) or disclosure.is_small(siting.seated) or disclosure.is_small(unseated)
    return float("nan") if few else siting.seated


def _municipalities(siting: Siting, sums: ToldHomes) -> pd.DataFrame:
    codes = siting.before.municipalities.index
    columns = {"too_few": "short", "gains": "gains", "too_few_after": "short_after"}
    table = {
        name: [*sums.of((CODE, mark), [(code, mark) for code in codes]), sums.marked(mark)]
        for name, mark in columns.items()
    }
    names = [*siting.before.municipalities["name"], ""]
    return pd.DataFrame({"name": names, **table}, index=[*codes, TOTAL])
