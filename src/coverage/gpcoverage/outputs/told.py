"""A choice check as it may be told to others: made once, and every file of a run takes from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import geopandas as gpd
import pandas as pd

from gpcoverage.analysis.audit import audit_choice
from gpcoverage.analysis.choice import CERTAINTIES, KINDS, STATUSES, Choice
from gpcoverage.analysis.ferries import POLICY_COLUMNS
from gpcoverage.analysis.grouped import group_means
from gpcoverage.outputs.disclosure import (
    ON,
    Disclosure,
    ToldHomes,
    suppress_figures,
    suppress_homes,
    suppress_practices,
    weights,
)
from gpcoverage.outputs.told_audit import check_told

CODE: Final = "municipality_code"
METRES: Final = ("nearest_m", "second_m")
TOTAL: Final = "total"
LATER: Final = "_after"
"""Behind the names of columns that hold what is afterwards, where both stand in one table."""
PUBLIC: Final = ((CODE,), ())
"""How many people live in a municipality is known from elsewhere."""


@dataclass(frozen=True, slots=True, eq=False)
class ToldChoice:
    """A choice check as it may be told.

    Attributes
    ----------
    choice
        The check itself: its study, its network and what is no number of people.
    disclosure
        What may be told.
    sums
        Homes and sums over them; what was left out is NaN, here and below.
    homes
        As ``choice.homes``.
    people
        By municipality of the area and, in a last row ``total``, of all: ``population``, people by
        status, by certainty and by both (``none_certain`` …).
    municipalities
        As ``choice.municipalities``; in its means, homes that are left out have equal weights.
    means
        ``nearest_mean_m`` and ``second_mean_m`` of all.
    reasons
        People by reason why a distance is missing.
    policies
        People by status (rows) and policy for ferries; no columns if they were not asked for.
    practices
        As ``choice.study.practices``.
    """

    choice: Choice
    disclosure: Disclosure
    sums: ToldHomes
    homes: gpd.GeoDataFrame
    people: pd.DataFrame
    municipalities: pd.DataFrame
    means: pd.Series
    reasons: pd.Series
    policies: pd.DataFrame
    practices: gpd.GeoDataFrame


def tell_choice(
    choice: Choice, *, disclosure: Disclosure = ON, sums: ToldHomes | None = None
) -> ToldChoice:
    """Leave out of a choice check what must not be told.

    Parameters
    ----------
    choice
        The result.
    disclosure
        What may be told.
    sums
        Its homes and sums, if they were judged together with others: then all of
        :func:`sums_of_choice` are among them.

    Returns
    -------
    ToldChoice

    Raises
    ------
    DataIntegrityError
        If the result does not add up: nothing of it may be told.
    """
    audit_choice(choice)
    sums = sums or suppress_homes(
        keyed(choice), sums_of_choice(choice), public=PUBLIC, options=disclosure
    )
    homes = choice.homes.assign(population=sums.people)
    people = _people(choice, sums)
    check_told(choice, sums.people, people, sums.sums[("reason",)])
    means = _means(choice, weights(sums, options=disclosure))
    means = suppress_figures(means, people["population"], list(means), options=disclosure)
    everywhere = people.drop(index=TOTAL)
    columns = dict(everywhere[["population", *KINDS]].items()) | dict(means.items())
    return ToldChoice(
        choice=choice,
        disclosure=disclosure,
        sums=sums,
        homes=homes,
        people=people,
        municipalities=choice.municipalities.assign(**columns),
        means=means.loc[TOTAL],
        reasons=sums.sums[("reason",)],
        policies=pd.DataFrame(
            {name: sums.of((name,), [(s,) for s in STATUSES]) for name in _policies(choice)},
            index=list(STATUSES),
        ),
        practices=suppress_practices(choice.study.practices, options=disclosure),
    )


def keyed(choice: Choice) -> pd.DataFrame:
    """Give the homes with the columns that they are summed up by; no reason is missing."""
    columns = [CODE, "population", "status", "certainty", "reason", *_policies(choice)]
    homes = pd.DataFrame(choice.homes[columns])
    return homes.assign(reason=homes["reason"].where(homes["reason"] != ""))


def sums_of_choice(choice: Choice) -> list[tuple[str, ...]]:
    """List the columns by which people are summed up in what is written of a choice check."""
    kinds = [("status", "certainty"), ("status",), ("certainty",), ()]
    by_code = [(CODE, *kind) for kind in kinds]
    return [*by_code, *kinds, ("reason",), *((name,) for name in _policies(choice))]


def keyed_twice(before: Choice, after: Choice) -> pd.DataFrame:
    """Give the homes with the columns that they are summed up by, before and ``_after``."""
    later = keyed(after).drop(columns=[CODE, "population"])
    return keyed(before).join(later.add_suffix(LATER))


def sums_afterwards(after: Choice) -> list[tuple[str, ...]]:
    """List the sums of the choice check afterwards by the columns of :func:`keyed_twice`."""
    return [
        tuple(name if name == CODE else f"{name}{LATER}" for name in by)
        for by in sums_of_choice(after)
    ]


def tell_afterwards(after: Choice, sums: ToldHomes, *, disclosure: Disclosure = ON) -> ToldChoice:
    """Leave out of a choice check what must not be told beside the one before.

    Parameters
    ----------
    after
        The result.
    sums
        All of :func:`sums_afterwards`, judged together with what is told before and of changes.
    disclosure
        What may be told.

    Returns
    -------
    ToldChoice

    Raises
    ------
    DataIntegrityError
        As for :func:`tell_choice`.
    """
    both = zip(sums_of_choice(after), sums_afterwards(after), strict=True)
    own = ToldHomes(sums.people, {by: sums.sums[later] for by, later in both})
    return tell_choice(after, disclosure=disclosure, sums=own)


def _policies(choice: Choice) -> Sequence[str]:
    return [name for name in POLICY_COLUMNS if name in choice.homes]


def _people(choice: Choice, sums: ToldHomes) -> pd.DataFrame:
    """Lay the sums out as one table."""
    codes = choice.municipalities.index
    values = {"status": STATUSES, "certainty": CERTAINTIES}
    table = {}
    for kind in ((), ("status",), ("certainty",), ("status", "certainty")):
        for key in product(*(values[name] for name in kind)):
            by_code = sums.of((CODE, *kind), [(code, *key) for code in codes])
            table["_".join(key) or "population"] = [*by_code, *sums.of(kind, [key])]
    return pd.DataFrame(table, index=[*codes, TOTAL])


def _means(choice: Choice, weight: pd.Series) -> pd.DataFrame:
    """Average the two distances by municipality, and of all, over people who have one."""
    codes = choice.municipalities.index
    means = {}
    for name in METRES:
        there = choice.homes[name].notna().to_numpy()
        metres, people = choice.homes[name].to_numpy()[there], weight.to_numpy()[there]
        at = codes.get_indexer(choice.homes[CODE][there])
        of_all = group_means(at * 0, metres, people, 1)
        of_each = group_means(at, metres, people, len(codes))
        means[name.replace("_m", "_mean_m")] = [*of_each, *of_all]
    return pd.DataFrame(means, index=[*codes, TOTAL])
