"""Grants against need: whether the money goes where choice is missing.

Need is the share of people with fewer open practices within the limit than the rule asks for.
"""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.spreading import SpreadGrants, Spreading, spread_grants, sum_kroner

LIMITED_SHARE: Final = 0.10
"""An assumption: from this share of people with too few choices on, a municipality counts as a
computed shortage area, unless the analyst says otherwise. No agreement states such a share."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """Municipalities that count as shortage areas: designated or computed, never both.

    Attributes
    ----------
    codes
        Municipality codes.
    from_share
        Computed: the share of people with too few choices from which on they count. None if they
        are designated.
    source
        Designated: by whom and for when, in Danish.
    """

    codes: frozenset[str] = frozenset()
    from_share: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class GrantReview:
    """Money against need.

    Attributes
    ----------
    spread
        Where the money goes.
    spreading, shortage
        By which rule, and what counts as a shortage area.
    municipalities
        By code of the area: ``name``, ``region``, ``shortage``, ``funded``, and the columns of
        :func:`against_need`; money as spread.
    regions
        The same columns but the first four by region, for regions that are wholly in the area: all
        of a region's money, however it is spread.
    groups
        The same by ``shortage`` (True, False), money as spread.
    funded
        The same by ``funded``: municipalities that get any money, and the others.
    outside_kroner
        Money spread to municipalities outside the area.
    """

    spread: SpreadGrants
    spreading: Spreading
    shortage: Shortage
    municipalities: pd.DataFrame
    regions: pd.DataFrame
    groups: pd.DataFrame
    funded: pd.DataFrame
    outside_kroner: float


def need_of(choice: Choice) -> pd.DataFrame:
    """Tell who has too few choices in each municipality.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    DataFrame
        By code of the area: ``population`` and ``too_few``, the people with fewer choices than the
        rule asks for.
    """
    rows = choice.municipalities
    enough = rows["choice_certain"] + rows["choice_uncertain"]
    return pd.DataFrame({"population": rows["population"], "too_few": rows["population"] - enough})


def computed_shortage(choice: Choice, from_share: float = LIMITED_SHARE) -> Shortage:
    """Let municipalities count as shortage areas by how many of their people have too few choices.

    Parameters
    ----------
    choice
        The result.
    from_share
        The share of people, 0 to 1, from which on a municipality counts.

    Returns
    -------
    Shortage
        Of the study's area.
    """
    need = need_of(choice)
    share = need["too_few"] / need["population"]
    return Shortage(frozenset(map(str, need.index[share >= from_share])), from_share)


def against_need(people: pd.DataFrame, kroner: pd.Series, projects: pd.Series) -> pd.DataFrame:
    """Put money beside need.

    Parameters
    ----------
    people
        ``population`` and ``too_few`` by any index; NaN where unknown or left out.
    kroner, projects
        By the same index; nothing where they lack it.

    Returns
    -------
    DataFrame
        ``population``, ``too_few``, ``too_few_share`` (0 to 1), ``projects``, ``kroner``,
        ``kroner_per_person``; shares are NaN where nobody lives.
    """
    population = people["population"].where(people["population"] > 0)
    money = kroner.reindex(people.index, fill_value=0.0).astype(float)
    return pd.DataFrame(
        {
            "population": people["population"],
            "too_few": people["too_few"],
            "too_few_share": people["too_few"] / population,
            "projects": projects.reindex(people.index, fill_value=0).astype("int64"),
            "kroner": money,
            "kroner_per_person": money / population,
        }
    )


def review_grants(
    choice: Choice,
    grants: pd.DataFrame,
    *,
    spreading: Spreading | None = None,
    shortage: Shortage | None = None,
) -> GrantReview:
    """Compare where money goes with where choice is missing.

    Parameters
    ----------
    choice
        Who can choose.
    grants
        As :func:`~gpcoverage.inputs.grants.read_grants` gives them.
    spreading
        The rule for money of several municipalities; by default that of :class:`Spreading`.
    shortage
        What counts as a shortage area; computed with ``LIMITED_SHARE`` by default.

    Returns
    -------
    GrantReview

    Raises
    ------
    DataIntegrityError
        As :func:`spread_grants`.
    """
    rule, areas = spreading or Spreading(), shortage or computed_shortage(choice)
    spread = spread_grants(
        grants, choice.study.municipalities, spreading=rule, shortage=areas.codes
    )
    area = choice.municipalities[["name", "region"]]
    money = spread.parts.groupby("code")["kroner"].sum()
    area = area.assign(shortage=area.index.isin(areas.codes), funded=area.index.isin(money.index))
    frames = lay_beside(area, need_of(choice), spread)
    return GrantReview(
        spread=spread,
        spreading=rule,
        shortage=areas,
        municipalities=frames["municipalities"],
        regions=against_regions(choice, _summed(need_of(choice), area["region"]), grants),
        groups=frames["shortage"],
        funded=frames["funded"],
        outside_kroner=float(money[~money.index.isin(area.index)].sum()),
    )


def lay_beside(
    area: pd.DataFrame,
    need: pd.DataFrame,
    spread: SpreadGrants,
    told: dict[str, pd.DataFrame] | None = None,
) -> dict[str, pd.DataFrame]:
    """Put money beside need by municipality and by group of municipalities.

    Parameters
    ----------
    area
        ``name``, ``region``, ``shortage`` and ``funded`` by code.
    need
        As :func:`need_of` gives it.
    spread
        Where the money goes.
    told
        People by ``shortage`` and by ``funded`` if they are not to be summed up from ``need``.

    Returns
    -------
    dict
        ``municipalities``, ``shortage`` and ``funded``.
    """
    inside = spread.parts[spread.parts["code"].isin(area.index)]
    by_code = inside.groupby("code")
    frames = {
        "municipalities": area.join(
            against_need(need, by_code["kroner"].sum(), by_code["number"].nunique())
        )
    }
    for name in ("shortage", "funded"):
        people = told[name] if told else _summed(need, area[name])
        group = inside.groupby(inside["code"].map(area[name]))
        frames[name] = against_need(people, group["kroner"].sum(), group["number"].nunique())
    return frames


def _summed(need: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    return need.groupby(by).sum()


def against_regions(choice: Choice, people: pd.DataFrame, grants: pd.DataFrame) -> pd.DataFrame:
    """Put all money of a region beside its need.

    Parameters
    ----------
    choice
        Whose area and regions they are.
    people
        ``population`` and ``too_few`` by region.
    grants
        The money.

    Returns
    -------
    DataFrame
        As :func:`against_need`, for regions that are wholly in the area.
    """
    everywhere = choice.study.municipalities
    beyond = everywhere.loc[~everywhere["code"].isin(choice.study.municipality_codes), "region"]
    whole = people[~people.index.isin(beyond)]
    sums = sum_kroner(grants, "region")
    return against_need(whole, sums["kroner"], sums["projects"])
