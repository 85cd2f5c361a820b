"""Does it agree with what is known? Every known figure beside ours, and what that proves."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.compared import Compared, tabulate
from gpcoverage.analysis.distance import compute_distances
from gpcoverage.analysis.known_distances import (
    REACH_M,
    SHARES,
    as_stated,
    compare_distance,
    compare_quartile,
    compare_town,
)
from gpcoverage.analysis.land_checks import AREA_TOLERANCE, KM2, has_whole_country
from gpcoverage.analysis.practice_checks import allowed, covers, measure, practices_of
from gpcoverage.analysis.terrain_error import TerrainError, pair_distances, terrain_error
from gpcoverage.inputs.homes import read_osm_addresses
from gpcoverage.inputs.reference_facts import KnownFigures
from gpcoverage.inputs.references import ReferenceFigures
from gpcoverage.inputs.study import DENMARK, Study
from gpcoverage.network import osm

TOWN_FACTS: Final = ("patients", "far", "town_doctors", "ceiling")
TERRAIN_TOLERANCE: Final = 0.01
"""One extract differs from the next of the same island by less."""

UNITS: Final = {
    "area_km2": "km2",
    "practices": "practices",
    "doctors": "doctors",
    "patients_per_doctor": "people",
    "open_share": "share",
    "closed_share": "share",
}
MODELLED: Final = {
    "practices": "modelled_practices",
    "doctors": "fitted_doctors",
    "patients_per_doctor": "modelled_lists",
    "open_share": "fitted_open",
    "closed_share": "fitted_open",
}
"""What is to be said of a count where the practices are partly modelled."""


def compute_validation(choice: Choice, known: KnownFigures) -> pd.DataFrame:
    """Hold every known figure against the study's answer.

    Parameters
    ----------
    choice
        The check, best of all Denmark: some figures are about the whole country.
    known
        From :func:`~gpcoverage.inputs.reference_facts.read_known`.

    Returns
    -------
    DataFrame
        As :func:`~gpcoverage.analysis.compared.tabulate` gives it: at least one row per known
        figure, in the order of the files. Where ours was made from the known figure it is shown,
        and ``agrees`` is ``not comparable``: agreement would prove nothing. ``why`` holds short
        names, which ``outputs.validation`` puts into words.

    Examples
    --------
    >>> from gpcoverage import compute_choice, load_study
    >>> from gpcoverage.inputs.reference_facts import read_known
    >>> choice = compute_choice(load_study("data/danmark.toml"))  # doctest: +SKIP
    >>> known = read_known(Path("data"), choice.study.municipalities)  # doctest: +SKIP
    >>> compute_validation(choice, known)  # doctest: +SKIP
    """
    rows: list[Compared] = []
    facts = known.facts
    is_town = facts["check"].isin(TOWN_FACTS)
    terrain: dict[str, TerrainError | str] = {}
    for number, fact in zip(facts.index, facts.to_dict("records"), strict=True):
        if fact["check"] == "distance":
            rows.append(compare_distance(choice, known, fact))
        elif fact["check"] in SHARES:
            rows.append(compare_quartile(choice, fact))
        elif is_town[number]:
            town = facts[is_town & (facts["from"] == fact["from"])]
            if number == town.index[0]:  # all of a town together, where its first row stands
                rows += compare_town(choice, town)
        else:
            if fact["from"] not in terrain:
                terrain[fact["from"]] = _measure_terrain(choice, known, fact["from"])
            rows += _compare_terrain(choice, fact, terrain[fact["from"]])
    return tabulate([*rows, *_compare_counts(choice.study, known.counts)])


def _measure_terrain(choice: Choice, known: KnownFigures, name: str) -> TerrainError | str:
    """Measure the terrain model's error anew, or say why not."""
    if choice.network.kind != "terrain":
        return "not_terrain"
    if known.extract is None:
        return "no_extract"
    listed = choice.study.municipalities
    codes = tuple(listed.loc[listed["name"] == name, "code"])
    homes = read_osm_addresses(known.extract, listed, codes).frame
    places = known.places[known.places["municipality_code"].isin(codes)]
    if homes.empty or places.empty:
        return "other_extract"
    roads = osm.from_pbf(known.extract)
    by_road = compute_distances(homes, places, roads, np.full(len(homes), REACH_M))
    return terrain_error(pair_distances(by_road, homes, places, choice.network))


def _compare_terrain(
    choice: Choice, fact: Mapping[str, Any], measured: TerrainError | str
) -> list[Compared]:
    """Compare one figure of the terrain model's error; the ninth decile is the stated error too."""
    row = as_stated(fact)
    if isinstance(measured, str):
        row = row._replace(why=(measured, "one_island"))
    else:
        row = row._replace(
            ours=getattr(measured, row.check),
            tolerance=TERRAIN_TOLERANCE,
            why=("measured_again", "one_island"),
        )
    if row.check != "ninth_decile" or measured == "not_terrain":
        return [row]
    stated = row._replace(
        check="stated_error",
        ours=choice.network.error_share,
        tolerance=math.nan,
        why=("set_from_it", "one_island"),
    )
    return [row, stated]


def _compare_counts(study: Study, counts: ReferenceFigures) -> list[Compared]:
    """Compare the area, the practices and the doctors with what others counted."""
    keys = ["measure", "region", "series", "date"]
    latest = pd.MultiIndex.from_frame(counts.latest()[keys])
    is_latest = pd.MultiIndex.from_frame(counts.figures[keys]).isin(latest)
    return [
        _compare_count(study, figure)
        if last
        else _stated_count(figure)._replace(why=("superseded",))
        for figure, last in zip(counts.figures.to_dict("records"), is_latest, strict=True)
    ]


def _stated_count(figure: Mapping[str, Any]) -> Compared:
    what, source = figure["measure"], f"{figure['series']}: {figure['source']}"
    return Compared(what, figure["region"], figure["date"], figure["value"], UNITS[what], source)


def _compare_count(study: Study, figure: Mapping[str, Any]) -> Compared:
    row = _stated_count(figure)
    if row.check == "area_km2" and has_whole_country(study) and row.subject == DENMARK:
        ours = float(study.municipalities.area.sum()) / KM2
        return row._replace(ours=ours, tolerance=AREA_TOLERANCE * row.expected, why=("area",))
    if not covers(study, row.subject):
        return row._replace(why=("needs_denmark" if row.subject == DENMARK else "outside_region",))
    practices = practices_of(study, row.subject)
    if row.check == "area_km2" or practices.empty:
        return row._replace(why=("no_practice",))
    ours = measure(practices, row.check)
    if math.isnan(ours):
        return row._replace(why=("too_little_known",))
    if study.partly_modelled:
        return row._replace(ours=ours, why=(MODELLED[row.check],))
    return row._replace(
        ours=ours,
        tolerance=allowed(row.check, row.expected, row.date, study.date),
        why=("share_drift" if row.unit == "share" else "drift",),
    )
