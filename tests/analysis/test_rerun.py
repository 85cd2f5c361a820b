"""A rerun by masking against the whole question asked again: equal to the last bit."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coast import X0, Y0, place
from gpcoverage import Baseline, Choice, RoadNetwork, Study, compute_choice, prepare_rerun
from gpcoverage.inputs.scenario import Change, Close, Intake, Move, Open

Make = Callable[..., Study]

ISLAND, OFF_ROAD = -1, -2
PLACES = {ISLAND: (X0 + 600, Y0 + 5000), OFF_ROAD: (X0 + 9000, Y0 + 8000)}

somewhere = st.sampled_from([*PLACES, *range(30)])
homes_strategy = st.lists(st.tuples(somewhere, st.integers(0, 500)), min_size=1, max_size=12)
practices_strategy = st.lists(
    st.tuples(st.sampled_from([*PLACES, *range(61)]), st.booleans()), min_size=1, max_size=10
)


def on_the_coast(
    make_study: Make, homes: list[tuple[int, int]], practices: list[tuple[int, bool]]
) -> Study:
    """Make a study with homes and practices by km, some on the island and some off any road."""
    study = make_study([(PLACES.get(km, km), people) for km, people in homes], practices)
    points = study.practices.geometry.copy()
    for row, (km, _) in enumerate(practices):
        if km in PLACES:
            points.iloc[row] = shapely.Point(PLACES[km])
    return replace(study, practices=study.practices.set_geometry(points))


def check_same(fast: Choice, slow: Choice, *, strict: bool = True) -> None:
    """Check that two choices are equal to the bit; unless strict, ids may be of another dtype."""
    assert fast.study is slow.study
    one, two = pd.DataFrame(fast.homes), pd.DataFrame(slow.homes)
    if not strict:
        ids = ["nearest_id", "second_id"]
        one, two = (
            frame.astype(dict.fromkeys(ids, object)).fillna(dict.fromkeys(ids, ""))
            for frame in (one, two)
        )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    means = ["nearest_mean_m", "second_mean_m"]
    one, two = (
        (frame.drop(columns=means), frame[means])
        for frame in (fast.municipalities, slow.municipalities)
    )
    pd.testing.assert_frame_equal(one[0], two[0], check_exact=True)
    pd.testing.assert_frame_equal(one[1], two[1], check_exact=True)
    for beyond in (False, True):
        pd.testing.assert_series_equal(
            fast.practices_off_road(beyond=beyond), slow.practices_off_road(beyond=beyond)
        )
    for name in ("start", "practice", "cost"):
        a, b = getattr(fast.distances.found, name), getattr(slow.distances.found, name)
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    assert fast.distances.practice_ids.equals(slow.distances.practice_ids)


def check_later_questions(fast: Choice, slow: Choice) -> None:
    """Check that the distances that are left answer as new ones do."""
    for k in (1, 3):
        for counted in (slow.study.counted, np.ones(len(slow.study.practices), dtype=bool)):
            a, b = fast.distances.nearest(k, counted), slow.distances.nearest(k, counted)
            np.testing.assert_array_equal(a[0], b[0])
            np.testing.assert_array_equal(a[1], b[1])
    limit_m = slow.homes["limit_m"].to_numpy()
    for distances in (fast.distances, slow.distances):
        counts = distances.count_within(limit_m, slow.study.counted)
        np.testing.assert_array_equal(counts, slow.homes["choices"])


@pytest.fixture
def refuse_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every search from a rerun fail."""

    def refuse(*_: object) -> None:
        pytest.fail("a rerun searched the roads")

    monkeypatch.setattr("gpcoverage.analysis.rerun.compute_choice", refuse)


# By hand


@pytest.fixture
def coast(make_study: Make, coast_road: RoadNetwork) -> Baseline:
    practices = [(1, True), (3, True), (6, True), (10, True), (18, True), (40, False)]
    study = make_study([(0, 10), (9, 20), (29, 40)], practices)
    return prepare_rerun(compute_choice(study, coast_road))


@pytest.mark.usefixtures("refuse_search")
def test_two_of_the_nearest_close(coast: Baseline) -> None:
    homes = coast.rerun(coast.choice.study.close("p0", "p1")).homes
    assert homes["choices"].tolist() == [2, 3, 1]
    assert homes["choices_low"].tolist() == [2, 3, 1]
    assert homes["choices_high"].tolist() == [2, 3, 1]
    assert homes["status"].tolist() == ["choice", "choice", "one"]
    assert homes["closed_choices"].tolist() == [0, 0, 1]
    assert homes["nearest_id"].tolist() == ["p2", "p3", "p4"]
    assert homes["second_id"].tolist() == ["p3", "p2", "p3"]
    assert homes["nearest_m"].to_numpy() == pytest.approx([6_000, 1_000, 11_000], abs=0.01)
    assert homes["second_m"].to_numpy() == pytest.approx([10_000, 3_000, 19_000], abs=0.01)


@pytest.mark.usefixtures("refuse_search")
def test_closed_for_intake(coast: Baseline) -> None:
    choice = coast.rerun(coast.choice.study.set_intake("p4", takes_patients=False))
    assert choice.homes["choices"].tolist() == [4, 4, 0]
    assert choice.homes["closed_choices"].tolist() == [0, 1, 2]
    assert choice.homes["nearest_id"].tolist() == ["p0", "p3", "p3"]
    totals = choice.municipalities.loc["0661"]
    assert (totals["practices"], totals["open_practices"]) == (5, 4)
    assert (totals["choice_certain"], totals["none_certain"]) == (30, 40)


@pytest.mark.usefixtures("refuse_search")
def test_nothing_changes_and_nothing_is_searched(coast: Baseline) -> None:
    study = coast.choice.study
    for same in (study, study.close(), study.set_intake("p0", takes_patients=True)):
        choice = coast.rerun(same)
        pd.testing.assert_frame_equal(choice.homes, coast.choice.homes, check_exact=True)
        assert choice.municipalities is coast.choice.municipalities


@pytest.mark.usefixtures("refuse_search")
def test_closed_practice_closes_for_good(coast: Baseline) -> None:
    choice = coast.rerun(coast.choice.study.close("p5"))
    assert choice.homes["closed_choices"].tolist() == [0, 0, 0]
    assert choice.homes["choices"].tolist() == [4, 5, 1]


def test_closure_across_the_border_and_one_that_nobody_feels(
    make_study: Make, coast_road: RoadNetwork
) -> None:
    study = make_study([(29, 100)], [(31, True), (35, True), (1, False)])
    baseline = prepare_rerun(compute_choice(study, coast_road))
    totals = baseline.rerun(study.close("p0")).municipalities.loc["0661"]
    assert (totals["choice_certain"], totals["one_certain"], totals["practices"]) == (0, 100, 1)
    totals = baseline.rerun(study.close("p2")).municipalities.loc["0661"]
    assert (totals["choice_certain"], totals["practices"]) == (100, 0)


def test_more_neighbours_go_than_are_kept(coast: Baseline) -> None:
    study = coast.choice.study
    assert coast.touched(study.close("p0", "p1", "p2")) is None
    after = study.close("p0", "p1", "p2")
    choice = coast.rerun(after)
    assert choice.homes["nearest_id"].tolist() == ["p3", "p3", "p4"]
    check_same(choice, compute_choice(after, coast.choice.network))


@pytest.mark.parametrize(
    "change", [Intake("p5", open=True), Open("n", "N", *place(9)), Move("p0", *place(50))]
)
def test_gains_and_moves_are_searched(coast: Baseline, change: Change) -> None:
    after = coast.choice.study.change(change, Close("p3"))
    assert coast.touched(after) is None
    check_same(coast.rerun(after), compute_choice(after, coast.choice.network))


def test_last_practices_close(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 10), (8, 20)], [(1, True), (3, True)])
    baseline = prepare_rerun(compute_choice(study, coast_road))
    one = baseline.rerun(study.close("p0")).homes
    assert one["status"].tolist() == ["one", "one"]
    assert one["nearest_id"].tolist() == ["p1", "p1"]
    assert one[["second_id", "second_m"]].isna().all(axis=None)
    none = baseline.rerun(study.close("p0", "p1")).homes
    assert none["status"].tolist() == ["none", "none"]
    assert none[["nearest_id", "nearest_m", "second_id", "second_m"]].isna().all(axis=None)


def test_types_are_the_same_where_nobody_has_a_second(
    make_study: Make, coast_road: RoadNetwork
) -> None:
    study = make_study([(0, 10), (8, 20)], [(1, True), (3, True)])
    after = study.close("p0")
    baseline = prepare_rerun(compute_choice(study, coast_road))
    check_same(baseline.rerun(after), compute_choice(after, coast_road))


def test_another_study_is_refused(coast: Baseline, make_study: Make) -> None:
    study = coast.choice.study
    others = (
        replace(study, homes=study.homes.copy()),
        replace(study, rules=replace(study.rules, closed_counts=True)),
        make_study([(0, 10)], [(1, True)]),
    )
    for other in others:
        for ask in (coast.rerun, coast.touched):
            with pytest.raises(ValueError, match=r"must be the baseline's.* Use compute_choice"):
                ask(other)


def test_other_roads_are_refused(coast: Baseline) -> None:
    study = coast.choice.study
    strict = replace(study, roads=replace(study.roads, max_leg_m=1.0))
    with pytest.raises(ValueError, match="must be the baseline's"):
        coast.rerun(strict)


def test_move_in_place_into_another_municipality(make_study: Make, coast_road: RoadNetwork) -> None:
    # A table may state the neighbour's code up to 2 km off; a move gives where the place lies.
    study = make_study([(0, 10)], [(1, True), (2, True)])
    study = replace(study, practices=study.practices.assign(municipality_code=["0101", "0661"]))
    baseline = prepare_rerun(compute_choice(study, coast_road))
    after = replace(study, practices=study.practices.assign(municipality_code="0661"))
    check_same(baseline.rerun(after), compute_choice(after, coast_road))


def test_baseline_is_left_as_it_was(coast: Baseline) -> None:
    choice = coast.choice
    frames = choice.homes.copy(), choice.municipalities.copy()
    arrays = [array.copy() for array in (*choice.distances.found, coast.practice, coast.metres)]
    coast.rerun(choice.study.close("p0", "p4").set_intake("p2", takes_patients=False))
    pd.testing.assert_frame_equal(choice.homes, frames[0])
    pd.testing.assert_frame_equal(choice.municipalities, frames[1])
    again = (*choice.distances.found, coast.practice, coast.metres)
    for was, now in zip(arrays, again, strict=True):
        np.testing.assert_array_equal(was, now)


# Any studies


@settings(deadline=None, max_examples=80)
@given(
    homes=homes_strategy,
    practices=practices_strategy,
    closed_counts=st.booleans(),
    data=st.data(),
)
def test_losses_equal_the_whole_question(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    *,
    closed_counts: bool,
    data: st.DataObject,
) -> None:
    study = on_the_coast(make_study, homes, practices)
    study = replace(study, rules=replace(study.rules, closed_counts=closed_counts))
    changes: list[Change] = []
    for practice in data.draw(st.permutations(study.practices.index.tolist())):
        match data.draw(st.sampled_from(["", "close", "close", "intake"])):
            case "close":
                changes.append(Close(practice))
            case "intake":
                changes.append(Intake(practice, open=False))
    after = study.change(*changes)
    fast = prepare_rerun(compute_choice(study, coast_road)).rerun(after)
    slow = compute_choice(after, coast_road)
    check_same(fast, slow, strict=False)
    check_later_questions(fast, slow)


@settings(deadline=None, max_examples=25)
@given(homes=homes_strategy, practices=practices_strategy, data=st.data())
def test_openings_and_moves_equal_the_whole_question(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    data: st.DataObject,
) -> None:
    study = on_the_coast(make_study, homes, practices)
    ids = st.sampled_from(study.practices.index.tolist())
    km = st.integers(0, 60)
    changes: list[Change] = [
        Move(data.draw(ids), *place(data.draw(km))),
        Open("n", "N", *place(data.draw(km)), takes_patients=data.draw(st.booleans())),
        Intake(data.draw(ids), open=data.draw(st.booleans())),
        Close(data.draw(ids)),
    ]
    after = study.change(*changes[data.draw(st.integers(0, 3)) :])
    fast = prepare_rerun(compute_choice(study, coast_road)).rerun(after)
    check_same(fast, compute_choice(after, coast_road), strict=False)


@settings(deadline=None, max_examples=25)
@given(homes=homes_strategy, practices=practices_strategy, data=st.data())
def test_a_closure_gives_nobody_more(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    data: st.DataObject,
) -> None:
    study = on_the_coast(make_study, homes, practices)
    gone = data.draw(st.sets(st.sampled_from(study.practices.index.tolist())))
    before = compute_choice(study, coast_road)
    after = prepare_rerun(before).rerun(study.close(*gone)).homes
    columns = ["choices", "choices_low", "choices_high", "closed_choices"]
    assert (after[columns] <= before.homes[columns]).all(axis=None)
    for name in ("nearest_m", "second_m"):
        assert (after[name].fillna(np.inf) >= before.homes[name].fillna(np.inf)).all()


# The example region


@pytest.fixture(scope="module")
def region(midtjylland: Study, terrain_network: RoadNetwork) -> Baseline:
    return prepare_rerun(compute_choice(midtjylland, terrain_network))


@pytest.fixture(scope="module")
def around(region: Baseline) -> pd.DataFrame:
    """Practices that some home of the region has within reach."""
    practices = region.choice.study.practices
    return practices.iloc[np.unique(region.choice.distances.found.practice)]


@pytest.mark.country
@pytest.mark.parametrize("seed", range(20))
def test_single_losses_in_the_region(region: Baseline, around: pd.DataFrame, seed: int) -> None:
    rng, study = np.random.default_rng(seed), region.choice.study
    is_open = around.index[around["open"]]
    losses: list[Change] = [
        *(Close(i) for i in rng.choice(is_open, 5, replace=False)),
        *(Close(i) for i in rng.choice(around.index[~around["open"]], 2, replace=False)),
        *(Intake(i, open=False) for i in rng.choice(is_open, 3, replace=False)),
    ]
    for loss in losses:
        after = study.change(loss)
        assert region.touched(after) is not None
        check_same(region.rerun(after), compute_choice(after, region.choice.network))


@pytest.mark.country
@pytest.mark.parametrize("seed", range(10))
def test_many_losses_in_the_region(region: Baseline, around: pd.DataFrame, seed: int) -> None:
    rng, study = np.random.default_rng(1000 + seed), region.choice.study
    searched = []
    for number in range(5):
        # Every other set is of one municipality: there neighbours go together.
        code = rng.choice(around["municipality_code"].unique())
        close_by = around[around["municipality_code"] == code] if number % 2 else around
        size = min(len(close_by), int(rng.integers(2, 31)))
        gone = rng.choice(close_by.index, size, replace=False)
        losses = [Intake(i, open=False) if rng.random() < 0.3 else Close(i) for i in gone]
        after = study.change(*losses)
        searched.append(region.touched(after) is None)
        fast, slow = region.rerun(after), compute_choice(after, region.choice.network)
        check_same(fast, slow)
    check_later_questions(fast, slow)
    assert not all(searched)


@pytest.mark.country
def test_means_are_equal_to_the_bit(region: Baseline) -> None:
    after = region.choice.study.close("0530-billund-3")
    fast, slow = region.rerun(after), compute_choice(after, region.choice.network)
    pd.testing.assert_frame_equal(fast.municipalities, slow.municipalities, check_exact=True)


@pytest.mark.country
def test_the_kept_nearest_begin_with_the_two_found_alone(region: Baseline) -> None:
    distances, counted = region.choice.distances, region.choice.study.counted
    practice, metres = distances.nearest(2, counted)
    np.testing.assert_array_equal(region.practice[:, :2], practice)
    np.testing.assert_array_equal(region.metres[:, :2], metres)
