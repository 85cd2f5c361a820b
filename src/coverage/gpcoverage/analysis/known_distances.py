"""Known distances, and what was said of one town's practices, beside ours."""

import math
from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.closure import ClosedLists, compare
from gpcoverage.analysis.compared import Compared
from gpcoverage.analysis.distance import compute_distances
from gpcoverage.analysis.grouped import group_quantiles
from gpcoverage.analysis.practice_checks import allowed, covers
from gpcoverage.analysis.rerun import prepare_rerun
from gpcoverage.inputs.homes import home_squares
from gpcoverage.inputs.reference_facts import KnownFigures
from gpcoverage.inputs.scenario import Close
from gpcoverage.inputs.study import DENMARK, Study
from gpcoverage.units import METRES_PER_KM

REACH_M: Final = 60_000.0
END_POINTS_M: Final = 3_000.0
"""Nobody says between which points of two towns was measured: a town such as Holstebro is 6 km
across, and the figures are whole km."""

LIMIT_M: Final = 15_000.0
"""The limit that the plan of 2008 speaks of."""

ROUNDED: Final = 50.0
"""Half of the hundred to which people are rounded in the plan."""

SHARES: Final = {"lower_quartile": 0.25, "upper_quartile": 0.75}


def as_stated(fact: Mapping[str, Any]) -> Compared:
    """Start a comparison from a row of ``KnownFigures.facts``: nothing found yet."""
    subject = f"{fact['from']} - {fact['to']}" if fact["to"] else fact["from"]
    columns = (fact[name] for name in ("date", "value", "unit", "source"))
    return Compared(fact["check"], subject, *columns)


def compare_distance(choice: Choice, known: KnownFigures, fact: Mapping[str, Any]) -> Compared:
    """Measure the road between two towns, from centre to centre.

    Parameters
    ----------
    choice
        The study and its roads.
    known
        Places.
    fact
        A row of ``KnownFigures.facts``, in km.

    Returns
    -------
    Compared
    """
    row = as_stated(fact)
    start, end = (_place(known, fact[side]) for side in ("from", "to"))
    if len(start) != 1 or len(end) != 1:
        return row._replace(why=("unknown_place",))
    if not start["municipality_code"].isin(choice.study.municipality_codes).all():
        return row._replace(why=("outside",))
    found = compute_distances(
        start, end, choice.network, np.array([REACH_M]), max_leg_m=choice.study.roads.max_leg_m
    ).found
    if not len(found.cost):
        return row._replace(why=("no_road",))
    straight_m = float(start.geometry.iloc[0].distance(end.geometry.iloc[0]))
    is_straight = straight_m >= (row.expected - 0.5) * METRES_PER_KM  # rounded to whole km
    error_m = choice.network.error_share * row.expected * METRES_PER_KM
    return row._replace(
        ours=float(found.cost[0]) / METRES_PER_KM,
        tolerance=(END_POINTS_M + error_m) / METRES_PER_KM,
        why=("end_points", *_network(choice), *(("straight",) if is_straight else ())),
    )


def _place(known: KnownFigures, name: str) -> gpd.GeoDataFrame:
    return known.places[known.places["name"] == name]


def _network(choice: Choice) -> tuple[str, ...]:
    return ("terrain",) if choice.network.kind == "terrain" else ()


def compare_town(choice: Choice, facts: pd.DataFrame) -> list[Compared]:
    """Hold what was said of the practices of one town against the study's, and close them all.

    Parameters
    ----------
    choice
        The check.
    facts
        Rows of ``KnownFigures.facts`` about one town: ``patients``, ``far``, ``town_doctors`` and
        ``ceiling``.

    Returns
    -------
    list of Compared
        One row for each, and two more: ``catchment`` beside the patients, the people who have the
        town's practices nearest; and ``far_share``, how many of them are far.
    """
    study = choice.study
    stated = {fact["check"]: as_stated(fact) for fact in facts.to_dict("records")}
    if {"patients", "far"} <= set(stated):
        stated = _with_shares(stated)
    town = str(facts["from"].iloc[0])
    named = study.practices[study.practices["town"] == town]
    practices = named[named["municipality_code"].isin(study.municipality_codes)]
    if practices.empty:
        why = ("no_practice" if named.empty else "outside",)
        return [row._replace(why=why) for row in stated.values()]
    closed = study.change(*(Close(practice, None, None) for practice in practices.index))
    lists = compare(prepare_rerun(choice), closed).lists
    ours = {
        "patients": lists.patients,
        "catchment": lists.catchment,
        "far": lists.far,
        "far_share": lists.far / lists.catchment if lists.catchment else math.nan,
        "town_doctors": float(practices["doctors"].sum(skipna=False)),
        "ceiling": math.nan,
    }
    return [
        row._replace(ours=ours[check], **_judged(choice, row, stated, lists))
        for check, row in stated.items()
    ]


def _with_shares(stated: Mapping[str, Compared]) -> dict[str, Compared]:
    """Put the two rows that follow from the plan's figures beside them."""
    rows = {}
    for check, row in stated.items():
        rows[check] = row
        if check == "patients":
            rows["catchment"] = row._replace(check="catchment")
        if check == "far":
            share = row.expected / stated["patients"].expected
            rows["far_share"] = row._replace(check="far_share", expected=share, unit="share")
    return rows


def _judged(
    choice: Choice, row: Compared, stated: Mapping[str, Compared], lists: ClosedLists
) -> dict[str, Any]:
    """Say how far a figure of the town may be off, and why."""
    study = choice.study
    if row.check in {"patients", "town_doctors"} and not study.partly_modelled:
        tolerance = allowed("doctors", row.expected, row.date, study.date)
        return {"why": ("drift",), "tolerance": tolerance}
    if row.check in {"patients", "town_doctors", "ceiling"}:
        return {"why": ("ceiling" if row.check == "ceiling" else "stated",)}
    if row.check == "catchment":
        return {"why": ("registered", "rounded"), "tolerance": ROUNDED}
    if study.rules.limit_m != LIMIT_M:
        return {"why": ("other_limit",), "ours": math.nan}
    tolerance, band = ROUNDED, (lists.far_high - lists.far_low) / 2
    if row.check == "far_share":
        tolerance /= stated["patients"].expected
        band /= max(lists.catchment, 1.0)
    why = ("registered", "unknown_doctors", "rounded", "error_band", *_network(choice))
    return {"why": why, "tolerance": tolerance + band}


def compare_quartile(choice: Choice, fact: Mapping[str, Any]) -> Compared:
    """Find how far a share of all Danes have at most to the nearest practice, open or closed.

    Parameters
    ----------
    choice
        The check.
    fact
        A row of ``KnownFigures.facts``, in m.

    Returns
    -------
    Compared
    """
    row, study = as_stated(fact), choice.study
    if not covers(study, DENMARK):
        return row._replace(why=("needs_denmark",))
    everyone = np.ones(len(study.practices), dtype=bool)
    metres = choice.distances.nearest(1, everyone)[1][:, 0]
    there = ~np.isnan(metres)
    people = study.homes["population"].to_numpy()[there]
    one = np.zeros(len(people), dtype=np.int64)
    quartile = group_quantiles(one, metres[there], people, 1, [SHARES[row.check]])[0, 0]
    half_m = _half_cell_m(study)
    why = ("other_people", *(("cells",) if half_m else ()), *_modelled(study))
    return row._replace(
        ours=float(quartile),
        tolerance=choice.network.error_share * row.expected + half_m,
        why=(*why, *_network(choice)),
    )


def _half_cell_m(study: Study) -> float:
    """Tell how far people may live from the middle of their cell; 0 where homes are addresses."""
    squares = home_squares(study.homes)
    return 0.0 if squares is None else float(np.sqrt(np.median(shapely.area(squares)))) / 2


def _modelled(study: Study) -> tuple[str, ...]:
    return ("modelled_places",) if study.partly_modelled else ()
