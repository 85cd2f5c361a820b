"""Goals that can be measured, each indicator worked out by hand."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gpcoverage import RoadNetwork, Study, compute_choice
from gpcoverage.analysis.goals import goals_measured, measure_goals
from gpcoverage.inputs.goals import INDICATORS, read_goals


@pytest.fixture(scope="module")
def study(make_study: Callable[..., Study]) -> Study:
    # 0661: three practices, two of them open; 0101 is beyond the area, its practice counts for nobody here.
    made = make_study([(5, 600), (29, 400)], [(2, True), (18, True), (19, False), (50, True)])
    years = ["1961;1979", "1966", "1967; 1850", "1940"]
    doctors = [2.0, 1.0, 2.0, 9.0]
    return replace(made, practices=made.practices.assign(birth_years=years, doctors=doctors))


def test_by_hand(study: Study, coast_road: RoadNetwork) -> None:
    found = measure_goals(compute_choice(study, coast_road))
    assert found.index.tolist() == list(INDICATORS)
    assert found["part"].tolist() == [2, 400, 1000, 1000, 5, 2, 2]
    assert found["whole"].tolist() == [3, 1000, 5, 5, 1, 4, 3]
    # Born in 1961 and 1966, so 65 and 60 in 2026; 1967 is 59, and 1850 is a slip.
    assert found.loc["older_doctors_share", "value"] == 0.5
    assert found.loc["too_few_share", "value"] == 0.4
    assert found.loc["people_per_doctor_highest", "where"] == "Holstebro"


def test_unknown_doctors_are_not_guessed(study: Study, coast_road: RoadNetwork) -> None:
    practices = study.practices.assign(doctors=[2.0, np.nan, 2.0, 9.0])
    unknown = replace(study, practices=practices.drop(columns="birth_years"))
    found = measure_goals(compute_choice(unknown, coast_road))["value"]
    for name in (
        "doctors",
        "people_per_doctor",
        "people_per_doctor_highest",
        "older_doctors_share",
    ):
        assert math.isnan(found[name])
    assert found["shared_practices_share"] == 1.0


def test_a_municipality_without_doctors(
    make_study: Callable[..., Study], coast_road: RoadNetwork
) -> None:
    found = measure_goals(compute_choice(make_study([(5, 60)], [(50, True)]), coast_road))
    assert math.isinf(found.loc["people_per_doctor_highest", "value"])
    assert math.isnan(found.loc["open_share", "value"])


def test_every_goal_is_measured_or_says_why_not(
    root: Path, study: Study, coast_road: RoadNetwork
) -> None:
    goals = read_goals(root / "data/goals.csv").frame
    rows = goals_measured(goals, measure_goals(compute_choice(study, coast_road)))
    assert sorted(set(rows["number"])) == list(range(1, 11))
    measured = rows[rows["indicator"] != ""]
    assert sorted(set(measured["number"])) == [2, 3, 4, 5, 6]
    assert set(measured["indicator"]) == set(INDICATORS)
    assert measured["value"].notna().all()
    rest = rows[rows["indicator"] == ""]
    assert (rest["why_not"] != "").all()
    assert rest["value"].isna().all()
