"""Grants laid out on municipalities: by a stated rule, or kept apart.

Money of one municipality is its own. Money of several, or of a region, is spread by a stated rule or
kept apart; money of no region is always kept apart. Nothing is lost on the way, and nothing guessed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from gpcoverage.errors import DataIntegrityError

Rule = Literal["apart", "people"]
"""Keep money apart, or divide it in proportion to inhabitants."""

Why = Literal["several", "region", "shortage", "country"]
"""Why money is kept apart: named municipalities share it, the document names only a region, it
names only that region's shortage areas, or no region at all."""

KRONER_TOLERANCE: Final = 0.005


@dataclass(frozen=True, slots=True)
class Spreading:
    """How money is laid out that is given to more than one municipality.

    Attributes
    ----------
    several
        What is done with money of several municipalities that the document names.
    region
        What is done with money of a region. Where the document speaks of shortage areas it goes to
        those of the region that are told, and is kept apart if none is.
    """

    several: Rule = "people"
    region: Rule = "apart"


class SpreadGrants(NamedTuple):
    """Where the money goes.

    Attributes
    ----------
    parts
        ``number`` of the grant, ``code`` of the municipality, ``kroner`` (not rounded).
    apart
        ``number``, ``region``, ``kroner`` and ``why`` (``Why``) of what is kept apart.
    """

    parts: pd.DataFrame
    apart: pd.DataFrame


def sum_kroner(grants: pd.DataFrame, by: str) -> pd.DataFrame:
    """Sum grants up.

    Parameters
    ----------
    grants
        As :func:`~gpcoverage.inputs.grants.read_grants` gives them.
    by
        A column, such as ``region`` or ``applicant``.

    Returns
    -------
    DataFrame
        ``projects`` and ``kroner`` (int64) by value of the column, in the document's order.
    """
    groups = grants.groupby(by, sort=False)["kroner"]
    return groups.agg(projects="size", kroner="sum")


def spread_grants(
    grants: pd.DataFrame,
    municipalities: pd.DataFrame,
    *,
    spreading: Spreading | None = None,
    shortage: Collection[str] = (),
) -> SpreadGrants:
    """Lay money out on municipalities.

    Parameters
    ----------
    grants
        As :func:`~gpcoverage.inputs.grants.read_grants` gives them.
    municipalities
        All of the country: ``code``, ``region``, ``population``.
    spreading
        The rule; the defaults of :class:`Spreading` if none is given.
    shortage
        Codes of shortage areas, for money of a region's shortage areas.

    Returns
    -------
    SpreadGrants
        Every krone is in one of its two tables.

    Raises
    ------
    DataIntegrityError
        If a grant names a municipality or a region that is not in the list, or money is lost.
    """
    _check_places(grants, municipalities)
    rule = spreading or Spreading()
    people = municipalities.set_index("code")["population"].astype(float)
    region = municipalities.set_index("code")["region"]
    parts, apart = list[pd.DataFrame](), list[dict[str, object]]()
    for grant in grants.to_dict("records"):
        codes, why = _codes_of(grant, region, rule, frozenset(shortage))
        if codes:
            share = people.loc[codes] / people.loc[codes].sum()
            parts.append(
                pd.DataFrame(
                    {
                        "number": grant["number"],
                        "code": codes,
                        "kroner": float(grant["kroner"]) * share.to_numpy(),
                    }
                )
            )
        else:
            apart.append(
                {name: grant[name] for name in ("number", "region", "kroner")} | {"why": why}
            )
    empty = pd.DataFrame({"number": np.empty(0, np.int64), "code": "", "kroner": np.empty(0)})
    spread = SpreadGrants(
        pd.concat(parts, ignore_index=True) if parts else empty,
        pd.DataFrame(apart, columns=["number", "region", "kroner", "why"]).astype(
            {"kroner": float}
        ),
    )
    _check_kroner(grants, spread)
    return spread


def _codes_of(
    grant: dict[str, object], region: pd.Series, rule: Spreading, shortage: frozenset[str]
) -> tuple[list[str], Why]:
    """Say which municipalities share a grant; if none, why it is kept apart."""
    kind, named = grant["area_kind"], grant["municipality_codes"]
    if kind in {"municipality", "municipalities"} and isinstance(named, tuple):
        alone = kind == "municipality"
        return (list(named) if alone or rule.several == "people" else []), "several"
    if kind == "country":
        return [], "country"
    everywhere = [str(code) for code in region.index[region == grant["region"]]]
    if rule.region == "apart":
        return [], "region"
    if grant["shortage"]:
        return [code for code in everywhere if code in shortage], "shortage"
    return everywhere, "region"


def _check_places(grants: pd.DataFrame, municipalities: pd.DataFrame) -> None:
    named = {code for codes in grants["municipality_codes"] for code in codes}
    strangers = sorted(named - set(municipalities["code"]))
    strangers += sorted(set(grants["region"]) - {""} - set(municipalities["region"]))
    if strangers:
        msg = (
            f"Grants name {', '.join(strangers)}: not in the study's list of municipalities and "
            "regions. Correct the grants, or use a study of a day when these regions existed."
        )
        raise DataIntegrityError(msg)


def _check_kroner(grants: pd.DataFrame, spread: SpreadGrants) -> None:
    came_in = float(grants["kroner"].sum())
    went_out = float(spread.parts["kroner"].sum() + spread.apart["kroner"].sum())
    if not abs(came_in - went_out) <= KRONER_TOLERANCE:  # nor if one is NaN
        msg = f"{came_in} kroner came in and {went_out} went out; no result is given. Check that every municipality has inhabitants."
        raise DataIntegrityError(msg)
