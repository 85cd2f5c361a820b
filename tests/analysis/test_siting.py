"""Proposed clinics: hand-checked on the coast road, and against every choice of places, asked in full."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from random import Random

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage import Choice, RoadNetwork, Study, compute_choice
from gpcoverage.analysis.reachable import NO_PLACE, OFF_ROAD, OUTSIDE, TOO_FEW_PLACES
from gpcoverage.analysis.siting import Goal, Siting, SitingOptions, compute_siting
from gpcoverage.units import to_degrees, to_metres

Make = Callable[..., Study]
X0, Y0 = 500_000.0, 6_200_000.0

homes_strategy = st.lists(
    st.tuples(st.integers(0, 29), st.integers(0, 500)), min_size=1, max_size=8
)
practices_strategy = st.lists(st.tuples(st.integers(0, 45), st.booleans()), min_size=1, max_size=4)
places_strategy = st.lists(st.integers(0, 29), min_size=1, max_size=4, unique=True)


def towns(*at: float | tuple[float, float]) -> gpd.GeoDataFrame:
    """Make places by km along the coast road (or as points), as ``read_places`` does."""
    points = [xy if isinstance(xy, tuple) else (X0 + 1000 * xy, Y0) for xy in at]
    easting, northing = np.array(points, dtype=float).reshape(-1, 2).T
    lon, lat = (np.round(axis, 6) for axis in to_degrees(easting, northing))
    code = np.where(easting < X0 + 30_000, "0661", "0101").astype(object)
    return gpd.GeoDataFrame(
        {"name": [f"By {i}" for i in range(len(at))], "municipality_code": code, "lat": lat, "lon": lon},
        index=pd.Index([f"b{i}" for i in range(len(at))], name="place_id"),
        geometry=shapely.points(*to_metres(lon, lat)),
        crs="EPSG:25832",
    )  # fmt: skip


def gains(before: Choice, after: Choice) -> float:
    """Count who had too few and has enough, from two checks and nothing else."""
    enough = before.study.rules.min_choices
    helped = (before.homes["choices"] < enough) & (after.homes["choices"] >= enough)
    return float(before.homes["population"][helped].sum())


def mean_m(before: Choice, after: Choice) -> float:
    there = before.homes["nearest_m"].notna() & (before.homes["population"] > 0)
    people = before.homes["population"][there]
    return float((after.homes["nearest_m"][there] * people).sum() / people.sum())


def opened(choice: Choice, places: gpd.GeoDataFrame, ids: Sequence[str]) -> Choice:
    study = choice.study
    for i in ids:
        study = study.open(i, lat=places.loc[i, "lat"], lon=places.loc[i, "lon"])
    return compute_choice(study, choice.network) if ids else choice


@pytest.fixture(scope="module")
def choice(make_study: Make, coast_road: RoadNetwork) -> Choice:
    """Make homes at km 0, 21, 28 and on the island; one open practice at km 10, one closed."""
    homes = [(0, 100), (21, 40), (28, 30), ((X0 + 500, Y0 + 5000), 7)]
    return compute_choice(make_study(homes, [(10, True), (2, False)]), coast_road)


def siting(choice: Choice, places: gpd.GeoDataFrame, **options: object) -> Siting:
    return compute_siting(choice, places, SitingOptions(**options))  # type: ignore[arg-type]


def test_one_practice_needs_one_clinic_and_none_needs_two(choice: Choice) -> None:
    places = towns(5, 16, 22, 27)
    one = siting(choice, places, clinics=1)
    assert one.clinics["place_id"].tolist() == ["b0"]
    assert (one.gains, one.solution.value, one.seated) == (100, 100, 100)
    two = siting(choice, places, clinics=2)
    assert two.gains == 140
    three = siting(choice, places, clinics=3)  # 28 has none, so it takes two
    assert three.gains == 170
    assert three.clinics["place_id"].tolist()[0] == "b0"
    assert three.homes["needs"].tolist() == [1, 1, 2, 2]
    assert three.homes["needs_after"].tolist() == [0, 0, 0, 2]
    assert three.clinics["too_few"].tolist()[0] == 100
    assert three.clinics["only"].tolist()[0] == 100


def test_a_clinic_that_helps_nobody_is_not_proposed(choice: Choice) -> None:
    assert len(siting(choice, towns(5, 6, 7), clinics=3).clinics) == 1
    none = siting(choice, towns(5), clinics=0)
    assert none.clinics.empty
    assert none.after is choice


def test_the_clinics_are_practices_of_the_study_after(choice: Choice) -> None:
    result = siting(choice, towns(5, 22), clinics=2, kind="regionsklinik", doctors=2)
    new = result.after.study.practices.loc[["ny-1", "ny-2"]]
    assert new["name"].tolist() == ["Regionsklinik i By 0", "Regionsklinik i By 1"]
    assert new["basis"].tolist() == ["regionsklinik"] * 2
    assert new["doctors"].tolist() == [2.0, 2.0]
    assert result.after.study.baseline is choice.study
    assert result.clinics.index.tolist() == ["ny-1", "ny-2"]


def test_seats_are_respected(choice: Choice) -> None:
    result = siting(choice, towns(5, 22), clinics=2, doctors=0.05)  # 80 seats each
    assert result.gains == 140
    assert result.seated == pytest.approx(80 + 40)
    assert result.clinics["seats"].tolist() == [80, 80]
    # Too few seats at one place: the second clinic goes to the same town if it may.
    twice = siting(choice, towns(5, 22), clinics=2, doctors=0.05, per_place=2)
    assert twice.seated == pytest.approx(120)
    small = siting(choice, towns(5, 22), clinics=2, doctors=0.03, per_place=2)  # 48 seats each
    assert small.clinics["name"].tolist() == ["By 0", "By 0"]
    assert small.seated == pytest.approx(96)
    assert small.after.study.practices.loc["ny-2", "name"] == "Licensklinik i By 0 (2)"


def test_who_cannot_be_helped_is_listed_with_the_reason(choice: Choice) -> None:
    everyone = siting(choice, towns(5, 22), goal="everyone")
    assert len(everyone.clinics) == 2
    beyond = everyone.beyond_help
    assert beyond["reason"].to_dict() == {"h2": TOO_FEW_PLACES, "h3": NO_PLACE}
    assert beyond["places"].to_dict() == {"h2": 1, "h3": 0}
    assert beyond["needs"].to_dict() == {"h2": 2, "h3": 2}
    twice = siting(choice, towns(5, 22), goal="everyone", per_place=2)
    assert len(twice.clinics) == 3
    assert twice.beyond_help.index.tolist() == ["h3"]
    assert twice.gains == 170


def test_places_outside_and_off_the_road_are_left_out(choice: Choice) -> None:
    result = siting(choice, towns(5, 40, (X0 + 9000, Y0 + 8000)), clinics=3)
    assert result.candidates["reason"].tolist() == ["", OUTSIDE, OFF_ROAD]
    assert result.candidates["clinics"].tolist() == [1, 0, 0]


def test_shortest_mean_way_leaves_the_existing_practices(choice: Choice) -> None:
    result = siting(choice, towns(0, 24), goal="distance", clinics=1)
    # km 0 saves 100 * 10 km, km 24 saves 40 * 8 + 30 * 14 = 740.
    assert result.clinics["place_id"].tolist() == ["b0"]
    assert result.solution.value == pytest.approx(1_000_000, rel=1e-5)
    assert result.mean_before_m == pytest.approx((100 * 10 + 40 * 11 + 30 * 18) / 170 * 1000)
    assert result.mean_after_m == pytest.approx((40 * 11 + 30 * 18) / 170 * 1000, rel=1e-5)
    # With 60 seats each, 24 is better: 40 * 8 + 20 * 14 = 600 against 60 * 10.
    seats = siting(choice, towns(0, 24.1), goal="distance", clinics=1, doctors=60 / 1600)
    assert seats.clinics["place_id"].tolist() == ["b1"]
    assert np.isnan(seats.seated)


@pytest.mark.parametrize("goal", ["choice", "distance", "everyone"])
@settings(deadline=None, max_examples=5)
@given(homes_strategy, practices_strategy, places_strategy, st.integers(1, 3))
def test_nothing_is_better_among_all_choices_of_places(
    goal: Goal,
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    kms: list[int],
    clinics: int,
) -> None:
    before, places = compute_choice(make_study(homes, practices), coast_road), towns(*kms)
    result = siting(before, places, goal=goal, clinics=clinics)
    most = len(kms) if goal == "everyone" else min(clinics, len(kms))
    subsets = [ids for n in range(most + 1) for ids in combinations(places.index, n)]
    answers = {ids: opened(before, places, ids) for ids in subsets}
    if goal == "distance":
        if before.homes["nearest_m"].notna().any() and before.homes["population"].sum() > 0:
            best_m = min(mean_m(before, after) for after in answers.values())
            assert result.mean_after_m == pytest.approx(best_m, rel=1e-9)
        return
    best = max(gains(before, after) for after in answers.values())
    assert result.gains == best
    if goal == "everyone":
        able = [ids for ids, after in answers.items() if gains(before, after) == best]
        assert len(result.clinics) == min(map(len, able))
        helpless = result.beyond_help["population"].sum()
        assert result.homes["population"][result.homes["needs"] > 0].sum() == best + helpless


@settings(deadline=None, max_examples=7)
@given(homes_strategy, practices_strategy, places_strategy, st.booleans())
def test_cover_is_a_recomputation_and_more_clinics_never_cover_fewer(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    kms: list[int],
    seats: bool,  # noqa: FBT001  hypothesis gives it by position
) -> None:
    before, places = compute_choice(make_study(homes, practices), coast_road), towns(*kms)
    doctors = 0.1 if seats else None
    covered = []
    for clinics in range(len(kms) + 1):
        result = siting(before, places, clinics=clinics, doctors=doctors)
        again = opened(before, places, result.clinics["place_id"].tolist())
        pd.testing.assert_frame_equal(
            pd.DataFrame(result.after.homes), pd.DataFrame(again.homes), check_exact=True
        )
        assert result.gains == gains(before, again)
        covered.append(result.seated)
        if not seats:
            assert result.solution.value == pytest.approx(result.gains, abs=1e-6)
        assert result.seated == pytest.approx(result.solution.value, abs=1e-5)
    assert all(a <= b + 1e-5 for a, b in pairwise(covered))


@settings(deadline=None, max_examples=7)
@given(
    homes_strategy,
    practices_strategy,
    places_strategy,
    st.sampled_from(["choice", "distance", "everyone"]),
    st.randoms(use_true_random=False),
)
def test_order_of_rows_is_irrelevant(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    kms: list[int],
    goal: Goal,
    random: Random,
) -> None:
    study, places = make_study(homes, practices), towns(*kms)
    shuffled = random.sample(range(len(homes)), len(homes))
    mixed = random.sample(range(len(kms)), len(kms))
    other = replace(study, homes=study.homes.iloc[shuffled])
    one = siting(compute_choice(study, coast_road), places, goal=goal, clinics=2)
    two = siting(compute_choice(other, coast_road), places.iloc[mixed], goal=goal, clinics=2)
    assert one.clinics["place_id"].tolist() == two.clinics["place_id"].tolist()
    assert one.solution.value == two.solution.value
    pd.testing.assert_frame_equal(one.clinics, two.clinics)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"goal": "cheap"}, "Invalid goal cheap"),
        ({"clinics": -1}, "Invalid clinics -1. Must be 0 or more"),
        ({"kind": "butik"}, "Invalid kind butik"),
        ({"doctors": 0.0}, "Invalid doctors 0.0"),
        ({"people_per_doctor": 0.0}, "Invalid people_per_doctor"),
        ({"per_place": 0}, "Invalid per_place 0"),
        ({"seconds": 0.0}, "Invalid seconds 0.0"),
    ],
)
def test_options_are_checked(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SitingOptions(**options)  # type: ignore[arg-type]
