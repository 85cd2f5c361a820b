"""A plan against who can choose, as it may be told to others."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gpcoverage.analysis.grants import against_regions, lay_beside
from gpcoverage.analysis.plan import PlanReview
from gpcoverage.outputs.disclosure import ON, Disclosure, suppress_homes
from gpcoverage.outputs.told import (
    CODE,
    PUBLIC,
    TOTAL,
    ToldChoice,
    keyed,
    sums_of_choice,
    tell_choice,
)

GROUPS = ("region", "shortage", "funded")


@dataclass(frozen=True, slots=True, eq=False)
class ToldPlan:
    """A plan as it may be told.

    Attributes
    ----------
    review
        The comparison itself.
    choice
        The choice check that it rests on, as it may be told.
    municipalities, regions, shortage, funded
        As in ``review.grants`` (``shortage`` is its ``groups``); what was left out is NaN.
    profiles, goals
        As in ``review``; what was left out is NaN.
    """

    review: PlanReview
    choice: ToldChoice
    municipalities: pd.DataFrame
    regions: pd.DataFrame
    shortage: pd.DataFrame
    funded: pd.DataFrame
    profiles: pd.DataFrame
    goals: pd.DataFrame


def tell_plan(review: PlanReview, *, disclosure: Disclosure = ON) -> ToldPlan:
    """Leave out what must not be told; sums by region and group are judged with all others.

    Parameters
    ----------
    review
        The plan against who can choose.
    disclosure
        What may be told.

    Returns
    -------
    ToldPlan
    """
    choice, area = review.choice, review.grants.municipalities
    homes = keyed(choice)
    homes = homes.assign(**{name: homes[CODE].map(area[name]) for name in GROUPS})
    by_group = [(name, *more) for name in GROUPS for more in ((), ("status",))]
    sums = suppress_homes(
        homes,
        [*sums_of_choice(choice), *by_group],
        public=[*PUBLIC, *((name,) for name in GROUPS)],
        options=disclosure,
    )
    told = tell_choice(choice, disclosure=disclosure, sums=sums)
    need = _need(told.people["population"], told.people["choice"])
    groups = {}
    for name in GROUPS:
        keys = sorted(area[name].unique())
        everybody = pd.Series(sums.of((name,), [(key,) for key in keys]), keys)
        enough = sums.of((name, "status"), [(key, "choice") for key in keys])
        groups[name] = _need(everybody, pd.Series(enough, keys))
    frames = lay_beside(
        area[["name", *GROUPS]], need.drop(index=TOTAL), review.grants.spread, groups
    )
    return ToldPlan(
        review=review,
        choice=told,
        municipalities=frames["municipalities"],
        regions=against_regions(choice, groups["region"], review.documents.grants.frame),
        shortage=frames["shortage"],
        funded=frames["funded"],
        profiles=review.profiles.assign(**need.drop(index=TOTAL)),
        goals=_goals(review.goals, need.loc[TOTAL, "too_few"], disclosure),
    )


def _need(population: pd.Series, enough: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"population": population, "too_few": population - enough})


def _goals(goals: pd.DataFrame, too_few: float, disclosure: Disclosure) -> pd.DataFrame:
    """Leave out the share of people if it is, and how many doctors are older if they are few."""
    few = (goals["indicator"] == "older_doctors_share") & disclosure.is_small(goals["part"])
    hidden = few | ((goals["indicator"] == "too_few_share") & bool(np.isnan(too_few)))
    return goals.assign(**{name: goals[name].mask(hidden) for name in ("value", "part")})
