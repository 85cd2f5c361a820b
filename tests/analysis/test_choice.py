"""Who can choose: by hand along a straight road, and properties that must always hold."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage import Choice, RoadNetwork, Study, compute_choice
from gpcoverage.analysis.choice import ONE_PRACTICE_ONLY
from gpcoverage.analysis.distance import FAR_FROM_ROAD, NO_PRACTICE, NO_ROAD_TO_ANY
from gpcoverage.errors import DataIntegrityError

Make = Callable[..., Study]
PEOPLE = [f"{s}_{c}" for s in ("none", "one", "choice") for c in ("certain", "uncertain")]

homes_strategy = st.lists(
    st.tuples(st.integers(0, 29), st.integers(0, 500)), min_size=1, max_size=12
)
practices_strategy = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=10)


def statuses(choice: Choice) -> list[tuple[str, str]]:
    return list(zip(choice.homes["status"], choice.homes["certainty"], strict=True))


def test_status_and_band_by_hand(make_study: Make, coast_road: RoadNetwork) -> None:
    # Error 10 %: sure of a choice up to 15 / 1.1 = 13.6 km, sure of none beyond 15 / 0.9 = 16.7 km.
    study = make_study(
        [(0, 10), (4, 10), (6, 10), (2.5, 10), (9.9, 10)], [(20, True), (18, True), (1, False)]
    )
    choice = compute_choice(study, coast_road)
    assert choice.homes["choices"].tolist() == [0, 1, 2, 0, 2]
    assert statuses(choice) == [
        ("none", "certain"),  # 18 and 20 km
        ("one", "uncertain"),  # 14 and 16 km: both could turn
        ("choice", "uncertain"),  # 12 and 14 km
        ("none", "uncertain"),  # 15.5 km
        ("choice", "certain"),  # 8.1 and 10.1 km
    ]
    assert choice.homes["choices_low"].tolist() == [0, 0, 1, 0, 2]
    assert choice.homes["choices_high"].tolist() == [0, 2, 2, 1, 2]
    assert choice.homes["closed_choices"].tolist() == [1, 1, 1, 1, 1]
    assert choice.homes["nearest_id"].tolist() == ["p1"] * 5
    # Metres are ellipsoid metres for the legs only; the road was measured in the plane.
    assert choice.homes["nearest_m"].to_numpy() == pytest.approx(
        [18_000, 14_000, 12_000, 15_500, 8_100], abs=0.01
    )
    assert choice.homes["second_m"].to_numpy() == pytest.approx(
        [20_000, 16_000, 14_000, 17_500, 10_100], abs=0.01
    )


def test_practices_just_across_the_border_count(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(29, 100)], [(31, True), (35, True)])
    choice = compute_choice(study, coast_road)
    assert statuses(choice) == [("choice", "certain")]
    assert choice.municipalities.loc["0661", "practices"] == 0
    assert choice.municipalities.loc["0661", "choice_certain"] == 100


def test_limit_is_that_of_the_home(make_study: Make, coast_road: RoadNetwork) -> None:
    practices = [(40, True), (42, True)]
    study = make_study([(28, 1), (33, 1), (37, 1)], practices, area=("0661", "0101"))
    choice = compute_choice(study, coast_road)
    assert choice.homes["limit_m"].tolist() == [15_000, 5_000, 5_000]
    assert choice.homes["status"].tolist() == ["choice", "none", "choice"]


def test_island_has_no_choice_and_says_why(make_study: Make, coast_road: RoadNetwork) -> None:
    x, y = 500_000.0, 6_200_000.0
    study = make_study(
        [((x + 500, y + 5000), 40), ((x + 9_000, y + 8_000), 2), (10, 1)], [(12, True)]
    )
    choice = compute_choice(study, coast_road)
    assert choice.homes["reason"].tolist() == [NO_ROAD_TO_ANY, FAR_FROM_ROAD, ONE_PRACTICE_ONLY]
    assert choice.homes["status"].tolist() == ["none", "none", "one"]
    assert choice.homes["nearest_m"].isna().tolist() == [True, True, False]
    assert choice.homes["nearest_id"].isna().tolist() == [True, True, False]
    assert choice.homes["second_m"].isna().all()


def test_longest_leg_is_an_option(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([((510_000.0, 6_201_500.0), 1)], [(12, True), (13, True)])
    assert compute_choice(study, coast_road).homes["status"].tolist() == ["choice"]
    strict = replace(study, roads=replace(study.roads, max_leg_m=1_000.0))
    homes = compute_choice(strict, coast_road).homes
    assert (homes["status"].tolist(), homes["reason"].tolist()) == (["none"], [FAR_FROM_ROAD])


def test_closed_practices_count_where_the_rule_says_so(
    make_study: Make, coast_road: RoadNetwork
) -> None:
    study = make_study([(0, 1)], [(1, False), (2, True)])
    assert compute_choice(study, coast_road).homes["status"].tolist() == ["one"]
    lenient = replace(study, rules=replace(study.rules, closed_counts=True))
    assert compute_choice(lenient, coast_road).homes["status"].tolist() == ["choice"]


def test_closed_practices_that_count_are_nearest_too(
    make_study: Make, coast_road: RoadNetwork
) -> None:
    study = make_study([(0, 1)], [(1, False), (2, True)])
    lenient = replace(study, rules=replace(study.rules, closed_counts=True))
    homes = compute_choice(lenient, coast_road).homes
    assert homes[["nearest_id", "second_id"]].to_numpy().tolist() == [["p0", "p1"]]


def test_what_is_off_the_network_is_uncertain_and_told(
    make_study: Make, coast_road: RoadNetwork
) -> None:
    study = make_study([((509_000.0, 6_208_000.0), 3), (0, 1)], [(1, True), (2, True)])
    points = study.practices.geometry.copy()
    points.iloc[1] = shapely.Point(502_000.0, 6_207_900.0)
    choice = compute_choice(
        replace(study, practices=study.practices.set_geometry(points)), coast_road
    )
    assert statuses(choice) == [("none", "uncertain"), ("one", "certain")]
    assert choice.practices_off_road().to_dict() == {"p1": FAR_FROM_ROAD}


def test_no_practice_open_at_all(make_study: Make, coast_road: RoadNetwork) -> None:
    choice = compute_choice(make_study([(0, 7)], [(0, False)]), coast_road)
    assert choice.homes["reason"].tolist() == [NO_PRACTICE]
    assert statuses(choice) == [("none", "certain")]
    assert choice.homes["closed_choices"].tolist() == [1]
    assert choice.municipalities.loc["0661", "none_certain"] == 7


def test_lost_people_stop_the_result(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 7), (40, 5)], [(0, True)])
    with pytest.raises(DataIntegrityError, match=r"12\.0 people came in and 7\.0 went out"):
        compute_choice(study, coast_road)


@settings(deadline=None, max_examples=50)
@given(homes=homes_strategy, practices=practices_strategy)
def test_people_are_conserved_and_brute_force_agrees(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
) -> None:
    choice = compute_choice(make_study(homes, practices), coast_road)
    assert choice.municipalities[PEOPLE].to_numpy().sum() == sum(people for _, people in homes)
    counts = [sum(is_open and abs(km - at) <= 15 for at, is_open in practices) for km, _ in homes]
    assert choice.homes["choices"].tolist() == counts
    order = choice.homes[["choices_low", "choices", "choices_high"]].to_numpy()
    assert (np.diff(order, axis=1) >= 0).all()


@settings(deadline=None, max_examples=25)
@given(homes=homes_strategy, practices=practices_strategy, seed=st.integers(0, 100))
def test_order_of_rows_does_not_matter(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    seed: int,
) -> None:
    study = make_study(homes, practices)
    shuffled = replace(
        study,
        homes=study.homes.sample(frac=1, random_state=seed),
        practices=study.practices.sample(frac=1, random_state=seed),
    )
    columns = ["choices", "status", "certainty", "nearest_m", "second_m", "closed_choices"]
    straight = compute_choice(study, coast_road).homes[columns]
    again = compute_choice(shuffled, coast_road).homes.loc[straight.index, columns]
    pd.testing.assert_frame_equal(straight, again)


@settings(deadline=None, max_examples=25)
@given(homes=homes_strategy, practices=practices_strategy)
def test_opening_a_practice_takes_no_choice_away(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
) -> None:
    before = compute_choice(make_study(homes, practices), coast_road).homes["choices"]
    more = [(at, True) for at, _ in practices]
    after = compute_choice(make_study(homes, more), coast_road).homes["choices"]
    assert (after >= before).all()


def test_study_is_left_as_it_was(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 1), (9, 2)], [(1, True), (20, False)])
    homes, practices = study.homes.copy(), study.practices.copy()
    compute_choice(study, coast_road)
    pd.testing.assert_frame_equal(study.homes, homes)
    pd.testing.assert_frame_equal(study.practices, practices)
