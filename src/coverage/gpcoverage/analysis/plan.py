"""A region's plan against who can choose: what may be offered where, and what was promised."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.goals import goals_measured, measure_goals
from gpcoverage.analysis.grants import GrantReview, Shortage, need_of, review_grants
from gpcoverage.analysis.spreading import Spreading
from gpcoverage.inputs.documents import Documents
from gpcoverage.inputs.plan import INSTRUMENTS, Area, Initiative, Instrument, PlanTable

EITHER: Final = "/"
"""Between towns of which the plan wants practice in one, or one practice for both."""


class Permit(NamedTuple):
    """Whether an instrument may be used: ``yes``, ``possibly`` or ``no``, and on which condition."""

    answer: str
    condition: str


def instruments_for(
    area: Area, initiative: Initiative, instruments: PlanTable
) -> dict[Instrument, Permit]:
    """Say which instruments the plan allows in a situation.

    Parameters
    ----------
    area
        ``special`` (a special challenge to recruit and keep doctors) or ``ordinary``.
    initiative
        ``structural`` (contributes to larger practices with more staff) or ``other``.
    instruments
        As :func:`~gpcoverage.inputs.plan.read_instruments` gives them.

    Returns
    -------
    dict
        In the order of ``INSTRUMENTS``.

    Examples
    --------
    >>> from gpcoverage.inputs.plan import read_instruments
    >>> matrix = read_instruments("data/instruments.csv")  # doctest: +SKIP
    >>> instruments_for("special", "other", matrix)["risk"].answer  # doctest: +SKIP
    'yes'
    """
    rows = instruments.frame
    here = rows[(rows["area"] == area) & (rows["initiative"] == initiative)]
    permits = zip(here["instrument"], here["answer"], here["condition"], strict=True)
    found = {name: Permit(answer, condition) for name, answer, condition in permits}
    return {name: found[name] for name in INSTRUMENTS}


def join_profiles(profiles: PlanTable, choice: Choice) -> pd.DataFrame:
    """Put what the plan says of municipalities beside who can choose there.

    Parameters
    ----------
    profiles
        As :func:`~gpcoverage.inputs.plan.read_profiles` gives them.
    choice
        The result.

    Returns
    -------
    DataFrame
        By code of the area: ``name``, ``in_plan``, ``special_focus`` (nullable boolean),
        ``towns`` (tuple, of all parts, each once), ``towns_lacking`` (tuple: planned towns where no
        practice of the study lies; of two with a stroke neither has one), ``population``,
        ``too_few``, ``practices``, ``open_practices``.
    """
    rows, area = profiles.frame, choice.municipalities
    whole = rows[rows["part"] == ""].set_index("code")
    by_code = rows.groupby("code")["towns"]
    towns = by_code.agg(lambda lists: tuple(dict.fromkeys(t for part in lists for t in part)))
    towns = pd.Series([towns.get(code, ()) for code in area.index], area.index, dtype=object)
    practices = choice.study.practices
    there = set(zip(practices["municipality_code"], practices["town"], strict=True))
    lacking = [
        tuple(town for town in names if not any((code, t) in there for t in town.split(EITHER)))
        for code, names in towns.items()
    ]
    return pd.DataFrame(
        {
            "name": area["name"],
            "in_plan": area.index.isin(whole.index),
            "special_focus": whole["special_focus"].reindex(area.index),
            "towns": towns,
            "towns_lacking": pd.Series(lacking, area.index, dtype=object),
            **need_of(choice),
            "practices": area["practices"],
            "open_practices": area["open_practices"],
        }
    )


def beyond_matrix(profiles: PlanTable, instruments: PlanTable) -> pd.DataFrame:
    """Find where the plan offers an instrument that its own matrix rules out.

    The matrix is read for initiatives that contribute to structure, which is its wider side, and
    for the municipality's own word on special focus; where the plan has none, it is ordinary.

    Parameters
    ----------
    profiles, instruments
        As read.

    Returns
    -------
    DataFrame
        ``code``, ``municipality``, ``part``, ``instrument``, ``offered`` (``yes``, ``possibly``).
    """
    rows = profiles.frame
    special = rows.loc[rows["special_focus"].fillna(value=False).astype(bool), "code"]
    found = []
    for row in rows.to_dict("records"):
        area: Area = "special" if row["code"] in set(special) else "ordinary"
        allowed = instruments_for(area, "structural", instruments)
        found += [
            (row["code"], row["municipality"], row["part"], name, row[name])
            for name in INSTRUMENTS
            if row[name] in {"yes", "possibly"} and allowed[name].answer == "no"
        ]
    columns = ["code", "municipality", "part", "instrument", "offered"]
    return pd.DataFrame(found, columns=columns)


@dataclass(frozen=True, slots=True, eq=False)
class PlanReview:
    """The plan, its grants and its goals against who can choose.

    Attributes
    ----------
    choice
        Who can choose.
    documents
        What the documents say.
    grants
        Money against need.
    profiles
        As :func:`join_profiles` gives them.
    beyond
        As :func:`beyond_matrix` gives it.
    goals
        As :func:`~gpcoverage.analysis.goals.goals_measured` gives them.
    """

    choice: Choice
    documents: Documents
    grants: GrantReview
    profiles: pd.DataFrame
    beyond: pd.DataFrame
    goals: pd.DataFrame


def review_plan(
    choice: Choice,
    documents: Documents,
    *,
    spreading: Spreading | None = None,
    shortage: Shortage | None = None,
) -> PlanReview:
    """Put all that the documents say beside who can choose.

    Parameters
    ----------
    choice
        The result.
    documents
        As :func:`~gpcoverage.inputs.documents.read_documents` gives them.
    spreading, shortage
        As for :func:`~gpcoverage.analysis.grants.review_grants`.

    Returns
    -------
    PlanReview

    Raises
    ------
    DataIntegrityError
        If a grant names a place that the study does not know.
    """
    grants = documents.grants.frame
    return PlanReview(
        choice=choice,
        documents=documents,
        grants=review_grants(choice, grants, spreading=spreading, shortage=shortage),
        profiles=join_profiles(documents.profiles, choice),
        beyond=beyond_matrix(documents.profiles, documents.instruments),
        goals=goals_measured(documents.goals.frame, measure_goals(choice)),
    )
