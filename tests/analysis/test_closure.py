"""Before and after: by hand along the coast road, against two full checks, and what always holds."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coast import place
from gpcoverage import (
    Choice,
    Comparison,
    RoadNetwork,
    Study,
    compare,
    compute_choice,
    prepare_rerun,
)
from gpcoverage.analysis.capacity import places
from gpcoverage.analysis.choice import STATUSES, band
from gpcoverage.analysis.closure import GAINS, LOSSES, MOVES, band_names
from gpcoverage.analysis.grouped import group_quantiles
from gpcoverage.inputs.scenario import Change, Close, Intake, Move, Open

Make = Callable[..., Study]

HOMES = [(0, 10), (11.5, 20), (20, 40), (29, 80), (18.2, 160), (16.1, 320)]

homes_strategy = st.lists(
    st.tuples(st.integers(0, 59), st.integers(0, 500)), min_size=1, max_size=12
)
practices_strategy = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=9)


def ask(study: Study, after: Study, network: RoadNetwork) -> Comparison:
    return compare(prepare_rerun(compute_choice(study, network)), after)


# By hand. Limit 15 km, error 10 %: sure within 13.6 km, surely not beyond 16.7 km.


@pytest.fixture
def study(make_study: Make) -> Study:
    study: Study = make_study(HOMES, [(2, True), (11, True), (26, True)])
    return replace(study, practices=study.practices.assign(list_size=[3000.0, 3100.0, 3300.0]))


@pytest.fixture
def two_closed(study: Study, coast_road: RoadNetwork) -> Comparison:
    """Only p0 at 2 km is left."""
    return ask(study, study.close("p1", "p2"), coast_road)


def test_who_moves_and_how_sure(two_closed: Comparison) -> None:
    homes = two_closed.homes
    assert homes["choices"].tolist() == [2, 3, 2, 1, 2, 3]
    assert homes["choices_after"].tolist() == [1, 1, 0, 0, 0, 1]
    assert dict(
        zip(homes.index, zip(homes["move"], homes["certain"], strict=True), strict=True)
    ) == {
        "h0": ("choice_to_one", True),
        "h1": ("choice_to_one", True),
        "h2": ("choice_to_none", True),  # 18 km left
        "h3": ("one_to_none", True),  # 27 km left
        "h4": ("choice_to_none", False),  # 16.2 km left
        "h5": ("choice_to_one", False),  # 14.1 km left
    }
    assert two_closed.people("choice_to_one") == 350
    assert two_closed.people("choice_to_none") == 200
    assert two_closed.people("one_to_none") == 80
    assert two_closed.people(*LOSSES) == 630
    assert two_closed.people(*LOSSES, certain=True) == 150
    assert two_closed.people(*LOSSES, certain=False) == 480
    assert two_closed.people(*GAINS) == two_closed.people() == 0


def test_municipalities_before_and_after(two_closed: Comparison) -> None:
    row = two_closed.municipalities.loc["0661"]
    assert row[["choice", "one", "none"]].tolist() == [550, 80, 0]
    assert row[["choice_after", "one_after", "none_after"]].tolist() == [0, 350, 280]
    assert row[list(MOVES)].tolist() == [350, 80, 200, 0, 0, 0]
    assert (row["name"], row["population"], row["uncertain"]) == ("Holstebro", 630, 480)


def test_extra_way_to_the_nearest_and_the_second(two_closed: Comparison) -> None:
    homes, extra = two_closed.homes, two_closed.extra
    expected_m = [0, 9_000, 12_000, 24_000, 9_000, 9_000]
    assert homes["extra_nearest_m"].to_numpy() == pytest.approx(expected_m, abs=0.01)
    assert homes["extra_second_m"].isna().all()
    assert homes["nearest_id_after"].tolist() == ["p0"] * 6
    nearest = extra.loc["nearest"]
    assert nearest["people"] == 620
    # 500 people drive 9 km more, 40 drive 12 km, 80 drive 24 km: nine in ten are 558 people.
    assert nearest[["median_m", "p90_m", "max_m"]].tolist() == pytest.approx(
        [9_000, 24_000, 24_000], abs=0.01
    )
    assert nearest[band_names()].tolist() == [0, 0, 500, 120]
    assert nearest["lost"] == 0
    assert extra.loc["second", ["people", "lost", *band_names()]].tolist() == [0, 630, 0, 0, 0, 0]
    assert extra.loc["second", ["median_m", "p90_m", "max_m"]].isna().all()


def test_lists_of_the_closed(two_closed: Comparison) -> None:
    lists = two_closed.lists
    assert (lists.ids, lists.patients) == (("p1", "p2"), 6_400)
    assert lists.catchment == 620  # all but h0, who has p0 nearest
    assert lists.far == 280  # h2, h3 and h4
    assert lists.far_low == 120  # h4 may be within
    assert lists.far_high == 600  # h5 may be beyond
    assert set(lists.far_homes) == {"h2", "h3", "h4"}
    assert (lists.reachable, lists.free_places, lists.unknown) == (1, 200, 0)


def test_alternatives_by_town_of_the_closed(two_closed: Comparison) -> None:
    # No town is known here, so the closed practice's name stands for it.
    table = two_closed.alternatives
    assert table[["around", "practice_id", "name", "people"]].to_numpy().tolist() == [
        ["Praksis 1", "p0", "Praksis 0", 500],
        ["Praksis 2", "p0", "Praksis 0", 120],
    ]
    means_m = [(20 * 9.5 + 160 * 16.2 + 320 * 14.1) * 2, (40 * 18 + 80 * 27) * 1000 / 120]
    assert table["mean_m"].tolist() == pytest.approx(means_m, abs=0.01)


def test_alternatives_most_people_first(make_study: Make, coast_road: RoadNetwork) -> None:
    homes = [(9, 1), (11, 4), (12, 2), (28, 50)]
    study = make_study(homes, [(10, True), (7, True), (16, True), (24, True)])
    towns = study.practices.assign(town=["Åby", "Vest", "Øst", "Øst"])
    study = replace(study, practices=towns)
    table = ask(study, study.close("p0"), coast_road).alternatives
    columns = ["around", "practice_id", "town", "people"]
    assert table[columns].to_numpy().tolist() == [["Åby", "p1", "Vest", 5], ["Åby", "p2", "Øst", 2]]


def test_alternatives_of_those_who_have_none(make_study: Make, coast_road: RoadNetwork) -> None:
    # p0 is nearest of all kinds, p1 the only one that counts: when it stops, nobody counts.
    study = make_study([(0, 10)], [(1, False), (4, True)])
    after = study.close("p0").set_intake("p1", takes_patients=False)
    table = ask(study, after, coast_road).alternatives
    assert table[["practice_id", "name", "people"]].to_numpy().tolist() == [["", "", 10]]
    assert table["mean_m"].isna().all()


def test_bands_of_extra_way(make_study: Make, coast_road: RoadNetwork) -> None:
    # From 10 km to 26 km: at 17.5 km that is 1 km more, at 16.25 3.5 km, at 14 8 km, at 9 16 km.
    homes = [(17.5, 1), (16.25, 2), (14, 4), (9, 8), (20, 16)]
    study = make_study(homes, [(10, True), (26, True)])
    extra = ask(study, study.close("p0"), coast_road).extra.loc["nearest"]
    assert extra[["0-2", "2-5", "5-10", "10-"]].tolist() == [1, 2, 4, 8]
    assert extra["median_m"] == pytest.approx(16_000, abs=0.01)
    assert extra["people"] == 15


def test_three_to_two_is_no_move(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(5, 10), (25, 7)], [(4, True), (6, True), (8, True)])
    comparison = ask(study, study.close("p2"), coast_road)
    homes = comparison.homes
    assert homes.index.tolist() == ["h0", "h1"]  # h1 had it nearest, beyond the limit
    assert homes["choices"].tolist() == [3, 0]
    assert homes["choices_after"].tolist() == [2, 0]
    assert homes["move"].tolist() == ["", ""]
    assert comparison.people(*MOVES) == 0
    assert (comparison.municipalities[list(MOVES)] == 0).all(axis=None)


@pytest.mark.parametrize(
    ("km", "opened", "move"),
    [
        ([8], [9], "one_to_choice"),
        ([50], [9], "none_to_one"),
        ([50], [9, 11], "none_to_choice"),
    ],
)
def test_gains(
    make_study: Make, coast_road: RoadNetwork, km: list[int], opened: list[int], move: str
) -> None:
    study = make_study([(6, 10), (29, 5)], [(at, True) for at in km])
    after = study.change(*(Open(f"n{at}", "Ny", *place(at)) for at in opened))
    comparison = ask(study, after, coast_road)
    assert comparison.people(move) == comparison.people(*GAINS) == 10
    assert comparison.people(*LOSSES) == 0
    row = comparison.municipalities.loc["0661"]
    start, end = MOVES[move]
    assert row[f"{start}_after"] == row[start] - 10
    assert row[f"{end}_after"] == row[end] + 10
    assert comparison.lists.ids == ()
    assert comparison.alternatives.empty


def test_intake_is_no_closure_of_a_list(study: Study, coast_road: RoadNetwork) -> None:
    comparison = ask(study, study.set_intake("p2", takes_patients=False), coast_road)
    assert comparison.people("one_to_none") == 80
    assert comparison.people("choice_to_one") == 40 + 160
    lists = comparison.lists
    assert (lists.ids, lists.patients, lists.catchment) == ((), 0, 0)


def test_practice_closed_for_intake_keeps_a_doctor_near(
    make_study: Make, coast_road: RoadNetwork
) -> None:
    # Both are closed for intake: nobody's choice changes, but h1 gets far to any other doctor.
    study = make_study([(4, 10), (0, 20)], [(2, False), (18, False)])
    comparison = ask(study, study.close("p0"), coast_road)
    assert comparison.homes.empty
    assert (comparison.lists.catchment, comparison.lists.far) == (30, 20)
    assert comparison.lists.far_homes.tolist() == ["h1"]
    assert comparison.lists.reachable == 0


def test_places_where_something_is_unknown(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study(
        [(5, 10)], [(5, True), (6, True), (7, True), (8, True), (9, True), (21, True)]
    )
    numbers = study.practices.assign(
        doctors=[1.0, 2.0, np.nan, 3.0, 1.0, 9.0],
        list_size=[np.nan, 3_000.0, 900.0, np.nan, 1_900.0, 0.0],
    )
    study = replace(study, practices=numbers)
    lists = ask(study, study.close("p0"), coast_road).lists
    assert np.isnan(lists.patients)
    # p1 has 200; p4 has more than its share, which takes nothing away; p5 is 16 km away.
    assert (lists.reachable, lists.free_places, lists.unknown) == (4, 200, 2)


def test_a_new_practice_has_all_its_places_free(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(5, 10)], [(5, True), (6, True)])
    study = replace(study, practices=study.practices.assign(doctors=1.0, list_size=1_500.0))
    lat, lon = place(7)
    after = study.close("p0").open("Ny", lat=lat, lon=lon, doctors=2)
    lists = ask(study, after, coast_road).lists
    free = places(after)["free"]
    assert free.to_dict() == {"p1": 100.0, "ny-1": 3_200.0}
    assert (lists.free_places, lists.unknown) == (free[lists.reachable_ids].sum(), 0)


def test_as_near_as_the_closed_loses_nothing(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 10)], [(16, True), (16, True)])
    lists = ask(study, study.close("p0"), coast_road).lists
    assert (lists.catchment, lists.far, lists.far_high) == (10, 0, 0)


def test_what_replaces_the_closed_is_no_loss(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 10)], [(1, True), (25, True)])
    for change in (Open("n", "Ny", *place(1)), Move("p1", *place(1))):
        after = study.change(Close("p0"), change)
        assert ask(study, after, coast_road).lists.far == 0


def test_catchment_ends_at_the_reach(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 10), (4, 7)], [(20, True), (25, True)])
    assert ask(study, study.close("p0"), coast_road).lists.catchment == 7


def test_another_study_is_refused(study: Study, coast_road: RoadNetwork) -> None:
    other = replace(study, homes=study.homes.copy())
    with pytest.raises(ValueError, match=r"must be the baseline's, with changes"):
        ask(study, other.close("p0"), coast_road)


# Against two full checks


def draw_after(study: Study, data: st.DataObject, *, gains: bool) -> Study:
    """Draw changes: closures for good or for intake; with gains also places and openings."""
    ids = data.draw(st.permutations(study.practices.index.tolist()))
    changes: list[Change] = []
    for practice in ids:
        match data.draw(st.sampled_from(["", "close", "intake", "gain"])):
            case "close":
                changes.append(Close(practice))
            case "intake":
                changes.append(Intake(practice, open=False))
            case "gain" if gains:
                changes.append(Intake(practice, open=True))
    if gains:
        at = st.integers(0, 60)
        changes.append(Open("n", "Ny", *place(data.draw(at))))
        changes += [Move("n", *place(data.draw(at)))]
    return study.change(*changes)


def check_totals(comparison: Comparison, before: Choice, after: Choice) -> None:
    """Check moves, sums and extra ways against two checks, joined home by home."""
    both = before.homes.join(pd.DataFrame(after.homes).add_suffix("_after"))
    moved = both[both["status"] != both["status_after"]]
    names = {pair: name for name, pair in MOVES.items()}
    move = [names[p] for p in zip(moved["status"], moved["status_after"], strict=True)]
    sure = (moved["certainty"] == "certain") & (moved["certainty_after"] == "certain")
    for name in MOVES:
        this = np.array(move, dtype=object) == name
        assert comparison.people(name) == moved["population"][this].sum()
        assert comparison.people(name, certain=True) == moved["population"][this & sure].sum()
        assert comparison.people(name, certain=False) == moved["population"][this & ~sure].sum()
    for suffix, choice in (("", before), ("_after", after)):
        for status in STATUSES:
            people = choice.municipalities[[f"{status}_certain", f"{status}_uncertain"]].sum(axis=1)
            own = comparison.municipalities[f"{status}{suffix}"]
            assert own.to_numpy() == pytest.approx(people.to_numpy())
    unsure = moved[~sure].groupby("municipality_code")["population"].sum()
    table = comparison.municipalities
    assert table["uncertain"].tolist() == unsure.reindex(table.index).fillna(0).tolist()
    for which in ("nearest", "second"):
        check_extra(comparison.extra.loc[which], both, f"{which}_m")


def check_extra(row: pd.Series, both: pd.DataFrame, name: str) -> None:
    more_m = both[f"{name}_after"] - both[name]
    farther = both[more_m > 0].assign(more_m=more_m).sort_values("more_m")
    people = farther["population"]
    assert row["people"] == people.sum()
    assert sum(row[band_names()]) == row["people"]
    assert row["2-5"] == people[(farther["more_m"] >= 2000) & (farther["more_m"] < 5000)].sum()
    gone = both[name].notna() & both[f"{name}_after"].isna()
    assert row["lost"] == both.loc[gone, "population"].sum()
    if people.sum() > 0:
        assert row["max_m"] == farther["more_m"].max()
        reached = people.cumsum() >= 0.9 * people.sum() - 1e-6
        assert row["p90_m"] == farther["more_m"][reached & (people > 0)].iloc[0]


def check_lists(comparison: Comparison, before: Choice) -> None:
    """Check the patients of the closed against the nearest of those, and of all others."""
    stays = before.study.practices.index.isin(comparison.after.practices.index)
    _, closed = before.distances.nearest(1, ~stays)
    _, others = before.distances.nearest(1, stays)
    closed_m, other_m = (np.where(np.isnan(m), np.inf, m)[:, 0] for m in (closed, others))
    limit_m = before.homes["limit_m"].to_numpy()
    low_m, high_m = band(limit_m, before.network.error_share)
    inside = (closed_m <= high_m) & (closed_m <= other_m)
    people = before.homes["population"].to_numpy()
    lists = comparison.lists
    assert lists.catchment == people[inside].sum() == comparison.alternatives["people"].sum()
    loses = inside & (closed_m < other_m)
    for far, from_m in ((lists.far_low, high_m), (lists.far, limit_m), (lists.far_high, low_m)):
        assert far == people[loses & (other_m > from_m)].sum()
    assert set(lists.far_homes) == set(before.homes.index[loses & (other_m > limit_m)])


@settings(deadline=None, max_examples=80)
@given(homes=homes_strategy, practices=practices_strategy, gains=st.booleans(), data=st.data())
def test_totals_equal_two_full_checks(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    *,
    gains: bool,
    data: st.DataObject,
) -> None:
    study = make_study(homes, practices, area=("0661", "0101"))
    before = compute_choice(study, coast_road)
    after = draw_after(study, data, gains=gains)
    comparison = compare(prepare_rerun(before), after)
    check_totals(comparison, before, compute_choice(after, coast_road))
    if not gains:
        check_lists(comparison, before)


@settings(deadline=None, max_examples=40)
@given(homes=homes_strategy, practices=practices_strategy, gains=st.booleans(), data=st.data())
def test_people_are_conserved(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    *,
    gains: bool,
    data: st.DataObject,
) -> None:
    study = make_study(homes, practices, area=("0661", "0101"))
    comparison = ask(study, draw_after(study, data, gains=gains), coast_road)
    table = comparison.municipalities
    statuses = list(STATUSES)
    for suffix in ("", "_after"):
        people = table[[f"{status}{suffix}" for status in statuses]].sum(axis=1)
        assert people.tolist() == table["population"].tolist()
    for move in MOVES:
        assert table[move].sum() == comparison.people(move)
        assert comparison.people(move) == sum(
            comparison.people(move, certain=certain) for certain in (True, False)
        )
    assert table["uncertain"].sum() == comparison.people(*MOVES, certain=False)
    if not gains:
        assert comparison.people(*GAINS) == 0


@pytest.mark.country
@pytest.mark.parametrize("seed", range(4))
def test_totals_of_the_region_equal_two_full_checks(
    midtjylland: Study, terrain_network: RoadNetwork, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    before = compute_choice(midtjylland, terrain_network)
    reached = midtjylland.practices.index[np.unique(before.distances.found.practice)]
    gone = rng.choice(reached, int(rng.integers(1, 40)), replace=False)
    after = midtjylland.close(*gone)
    comparison = compare(prepare_rerun(before), after)
    check_totals(comparison, before, compute_choice(after, terrain_network))
    check_lists(comparison, before)


@given(
    rows=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), max_size=20),
    percent=st.integers(1, 100),
)
def test_quantile_of_people_is_that_of_everybody_in_a_row(
    rows: list[tuple[int, int]], percent: int
) -> None:
    value, people = np.array(rows, dtype=np.float64).reshape(-1, 2).T
    group = np.zeros(len(rows), dtype=np.int64)
    quantile = group_quantiles(group, value, people, 1, (percent / 100,))[0, 0]
    everybody = np.sort(np.repeat(value, people.astype(np.int64)))
    if len(everybody) == 0:
        assert np.isnan(quantile)
    else:
        assert quantile == everybody[-(-percent * len(everybody) // 100) - 1]
