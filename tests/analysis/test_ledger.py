"""The ledger against the slow way: take each practice out, and ask the whole question again."""

import datetime
import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage import Choice, RoadNetwork, Study, compare, compute_choice, prepare_rerun
from gpcoverage.analysis.choice import band
from gpcoverage.analysis.grouped import group_means, group_quantiles
from gpcoverage.analysis.ledger import RANKED_BY, Ledger, compute_ledger, critical_pairs
from gpcoverage.analysis.retirement import retirement

Make = Callable[..., Study]
COUNTS = ("choices_low", "choices", "choices_high")
TODAY = datetime.date(2026, 11, 1)

homes_strategy = st.lists(
    st.tuples(st.integers(0, 29), st.integers(0, 500)), min_size=1, max_size=12
)
practices_strategy = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=3, max_size=9)
seeds = pytest.mark.parametrize("seed", range(2))


def without(choice: Choice, *practices: str) -> Choice:
    left = choice.study.practices.drop(list(practices))
    return compute_choice(replace(choice.study, practices=left), choice.network)


def lost(before: Choice, after: Choice, least: int) -> dict[str, float]:
    """Sum up people who had at least so many and have no more: all of them, and the certain."""
    gone = [
        ((before.homes[name] >= least) & (after.homes[name] < least)).to_numpy() for name in COUNTS
    ]
    people = before.homes["population"].to_numpy()
    sure = np.all(gone, axis=0)  # the same change whatever the error
    return {"": people[gone[1]].sum(), "_certain": people[sure].sum()}


def spread(extra_m: np.ndarray, people: np.ndarray) -> dict[str, float]:
    """Mean, median and 90th percentile, person by person in a sorted list."""
    rows = sorted((m, n) for m, n in zip(extra_m, people, strict=True) if n > 0)
    total = sum(n for _, n in rows)
    if not rows:
        return dict.fromkeys(("mean_m", "median_m", "p90_m"), np.nan)

    def reach(share: float) -> float:
        reached = np.cumsum([n for _, n in rows])
        return float(rows[int(np.argmax(reached >= share * total * (1 - 1e-12)))][0])

    mean = sum(m * n for m, n in rows) / total
    return {"mean_m": mean, "median_m": reach(0.5), "p90_m": reach(0.9)}


def any_kind(choice: Choice) -> Choice:
    rules = replace(choice.study.rules, closed_counts=True)
    return compute_choice(replace(choice.study, rules=rules), choice.network)


def brute_force(before: Choice, lenient: Choice, practice: str) -> dict[str, float]:
    after, people = without(before, practice), before.homes["population"].to_numpy()
    enough = before.study.rules.min_choices
    row: dict[str, float] = {}
    for name, least in (("loses_choice", enough), ("loses_last", 1)):
        row |= {name + kind: value for kind, value in lost(before, after, least).items()}
    ranks = (("nearest", ("nearest_id",), "no_alternative"), ("second", ("nearest_id", "second_id"), "no_second"))  # fmt: skip
    for name, ids, nowhere in ranks:
        hit = (before.homes[list(ids)] == practice).any(axis=1).to_numpy()
        then_m = after.homes[f"{name}_m"].to_numpy()
        left = hit & ~np.isnan(then_m)
        row["people_nearest" if name == "nearest" else "people_two"] = people[hit].sum()
        row[nowhere] = people[hit & ~left].sum()
        extra_m = (then_m - before.homes[f"{name}_m"].to_numpy())[left]
        row |= {f"extra_{name}_{k}": v for k, v in spread(extra_m, people[left]).items()}
    gone, had = without(lenient, practice).homes, lenient.homes
    _, reach_m = band(had["limit_m"].to_numpy(), before.network.error_share)
    nearest = (had["nearest_id"] == practice) & (had["nearest_m"] <= reach_m)
    farther = gone["nearest_m"].fillna(np.inf) > had["nearest_m"]
    return row | {"patients_far": people[nearest & farther & (gone["choices"] == 0)].sum()}


def assert_same(ledger: Ledger, practices: list[str]) -> None:
    lenient = any_kind(ledger.choice)
    for practice in practices:
        expected = brute_force(ledger.choice, lenient, practice)
        row = ledger.practices.loc[practice, list(expected)].to_dict()
        assert row == pytest.approx(expected, rel=1e-9, abs=1e-6, nan_ok=True), practice


def test_by_hand(make_study: Make, coast_road: RoadNetwork) -> None:
    # Within 15 km: the home at 0 has p0 only, that at 10 has p0 and p1, that at 20 p1 and p2.
    study = make_study([(0, 5), (10, 7), (20, 11)], [(2, True), (24, True), (27, True), (1, False)])
    rows = compute_ledger(compute_choice(study, coast_road)).practices
    assert rows.index.tolist() == ["p1", "p0", "p2", "p3"]
    assert rows["rank"].tolist() == [1, 2, 3, 4]
    assert rows["loses_choice"].to_dict() == {"p0": 7, "p1": 18, "p2": 11, "p3": 0}
    assert rows["loses_last"].to_dict() == {"p0": 5, "p1": 0, "p2": 0, "p3": 0}
    assert rows["affected"].to_dict() == {"p0": 12, "p1": 18, "p2": 11, "p3": 0}
    # The home at 10 is 14 km from p1, which could be 15.4: uncertain.
    assert rows["loses_choice_certain"].to_dict() == {"p0": 0, "p1": 11, "p2": 11, "p3": 0}
    assert rows["people_nearest"].to_dict() == {"p0": 12, "p1": 11, "p2": 0, "p3": 0}
    # To p1 instead of p0: 24 instead of 2 km, and 14 instead of 8.
    assert rows.loc["p0", "extra_nearest_mean_m"] == pytest.approx((5 * 22e3 + 7 * 6e3) / 12, abs=1)
    assert rows.loc["p0", "extra_nearest_median_m"] == pytest.approx(6_000, abs=1)
    assert rows.loc["p0", "extra_nearest_p90_m"] == pytest.approx(22_000, abs=1)
    assert rows["patients_far"].tolist() == [0, 0, 0, 0]
    assert rows.loc["p3", ["open", "counts"]].tolist() == [False, False]


def test_closed_practice_takes_no_choice_but_may_be_all_there_is(
    make_study: Make, coast_road: RoadNetwork
) -> None:
    study = make_study([(0, 5), (1, 3)], [(0, False), (15.5, True), (40, True)])
    rows = compute_ledger(compute_choice(study, coast_road)).practices
    assert rows.loc["p0", ["affected", "people_nearest", "patients_far"]].tolist() == [0, 0, 5]
    assert rows.loc["p1", "loses_last"] == 3


def test_of_two_equally_far_neither_is_missed(make_study: Make, coast_road: RoadNetwork) -> None:
    # 16 km is beyond the limit and within reach: one is missed there, one of two is not.
    for practices, far in (([(16, False)], 5), ([(16, False), (16, True)], 0)):
        choice = compute_choice(make_study([(0, 5)], practices), coast_road)
        assert compute_ledger(choice).practices["patients_far"].sum() == far


def test_who_is_in_the_ledger(make_study: Make, coast_road: RoadNetwork) -> None:
    # p1 and p2 lie beyond the area: p1 is somebody's second, p2 is met by nobody. p3 lies in it.
    study = make_study([(25, 5)], [(28, True), (32, True), (58, True), (2, False)])
    rows = compute_ledger(compute_choice(study, coast_road)).practices
    assert rows["inside"].to_dict() == {"p0": True, "p1": False, "p3": True}
    assert rows.loc["p1", "loses_choice"] == 5


def test_the_last_road_to_a_practice(make_study: Make, coast_road: RoadNetwork) -> None:
    island = ((500_100.0, 6_205_000.0), 4)
    choice = compute_choice(make_study([island, (3, 2)], [(0.9, True), (7, True)]), coast_road)
    points = choice.study.practices.geometry.copy()
    points.iloc[0] = type(points.iloc[0])(500_900.0, 6_205_000.0)
    study = replace(choice.study, practices=choice.study.practices.set_geometry(points))
    rows = compute_ledger(compute_choice(study, coast_road)).practices
    assert rows["no_alternative"].to_dict() == {"p0": 4, "p1": 2}
    assert rows["no_second"].to_dict() == {"p0": 4, "p1": 2}
    assert rows[[c for c in rows if c.startswith("extra_")]].isna().all(axis=None)


@settings(deadline=None, max_examples=15)
@given(homes=homes_strategy, practices=practices_strategy, enough=st.integers(1, 3), closed=st.booleans())  # fmt: skip
def test_every_row_is_what_the_slow_way_gives(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    enough: int,
    closed: bool,  # noqa: FBT001
) -> None:
    study = make_study(homes, practices)
    rules = replace(study.rules, min_choices=enough, closed_counts=closed)
    ledger = compute_ledger(compute_choice(replace(study, rules=rules), coast_road))
    assert_same(ledger, list(ledger.practices.index))
    rows = ledger.practices
    lost_any = rows["loses_choice"] + (rows["loses_last"] if enough > 1 else 0)
    assert (rows["affected"] == lost_any).all()
    keys = rows[list(RANKED_BY)].apply(tuple, axis=1).tolist()
    assert keys == sorted(keys, reverse=True)


@pytest.mark.country
@seeds
def test_the_example_is_what_the_slow_way_gives(
    midtjylland: Study, terrain_network: RoadNetwork, seed: int
) -> None:
    ledger = compute_ledger(compute_choice(midtjylland, terrain_network))
    rows = ledger.practices
    # Most practices take nothing from anybody: half the sample is of those that do.
    harmful = rows[rows["affected"] + rows["patients_far"] > 0]
    some = harmful.sample(8, random_state=seed).index
    others = rows.drop(some).sample(7, random_state=seed).index
    assert_same(ledger, [*some, *others])


@pytest.mark.country
def test_the_ledger_and_a_closure_tell_the_same(
    midtjylland: Study, terrain_network: RoadNetwork
) -> None:
    choice = compute_choice(midtjylland, terrain_network)
    rows, baseline = compute_ledger(choice).practices, prepare_rerun(choice)
    for practice in [*rows.index[:30], *rows.index[70:110], *rows.index[-10:]]:
        closed = compare(baseline, midtjylland.close(practice))
        gone = closed.people("choice_to_none")
        expected = {
            "loses_choice": closed.people("choice_to_one") + gone,
            "loses_last": closed.people("one_to_none") + gone,
            "patients_far": closed.lists.far,
        }
        assert rows.loc[practice, list(expected)].to_dict() == pytest.approx(expected), practice


def pairs_brute_force(before: Choice) -> dict[tuple[str, str], tuple[float, ...]]:
    """Close two at a time; count those who lose nothing by either alone, but by both."""
    study = before.study
    enough, people = study.rules.min_choices, before.homes["population"].to_numpy()
    ids = list(study.practices.index[study.counted])
    alone = {practice: without(before, practice).homes["choices"].to_numpy() for practice in ids}
    had = before.homes["choices"].to_numpy()
    rows = {}
    for a, b in itertools.combinations(ids, 2):
        both = without(before, a, b).homes["choices"].to_numpy()
        sums = []
        for least in (enough, 1):
            spared = (had >= least) & (alone[a] >= least) & (alone[b] >= least)
            sums.append(people[spared & (both < least)].sum())
        if sum(sums) > 0:
            rows[a, b] = tuple(sums)
    return rows


@settings(deadline=None, max_examples=10)
@given(homes=homes_strategy, practices=practices_strategy, enough=st.integers(1, 3))
def test_pairs_are_what_the_slow_way_gives(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    enough: int,
) -> None:
    study = make_study(homes, practices)
    study = replace(study, rules=replace(study.rules, min_choices=enough))
    choice = compute_choice(study, coast_road)
    table = critical_pairs(choice)
    found = {
        (row.first_id, row.second_id): (row.loses_choice, row.loses_last)
        for row in table.itertuples()
    }
    assert found == pairs_brute_force(choice)  # whole people: exact
    assert (table["loses_choice_certain"] <= table["loses_choice"]).all()
    assert table["affected"].is_monotonic_decreasing


def test_pairs_by_hand(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 5), (20, 7), (29, 2)], [(2, True), (12, True), (8, True), (33, True)])
    table = critical_pairs(compute_choice(study, coast_road))
    # The home at 0 has p0, p1, p2; that at 20 has p1, p2, p3; that at 29 has p3 only.
    assert table[["first_id", "second_id", "loses_choice"]].to_numpy().tolist() == [
        ["p1", "p2", 12], ["p1", "p3", 7], ["p2", "p3", 7], ["p0", "p1", 5], ["p0", "p2", 5],
    ]  # fmt: skip
    assert table["loses_last"].tolist() == [0] * 5
    assert table["straight_m"].iloc[0] == pytest.approx(4_000, rel=1e-3)


def test_nobody_to_lose(make_study: Make, coast_road: RoadNetwork) -> None:
    choice = compute_choice(make_study([(0, 7)], [(50, True)]), coast_road)
    rows = compute_ledger(choice).practices
    assert rows["affected"].tolist() == [0]
    assert rows["patients_far"].tolist() == [0]  # far as it is, nobody counts on it
    assert critical_pairs(choice).empty
    closed = compute_choice(make_study([(0, 7)], [(5, False)]), coast_road)
    assert compute_ledger(closed).practices["patients_far"].tolist() == [7]
    assert critical_pairs(closed).empty


@settings(deadline=None, max_examples=25)
@given(homes=homes_strategy, practices=practices_strategy, seed=st.integers(0, 100))
def test_order_of_rows_does_not_matter(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    seed: int,
) -> None:
    # One practice to a place: of two at one place, the nearer is the one that stands first.
    study = make_study(homes, list(dict(practices).items()))
    shuffled = replace(study, homes=study.homes.sample(frac=1, random_state=seed))
    first, again = (compute_ledger(compute_choice(s, coast_road)) for s in (study, shuffled))
    pd.testing.assert_frame_equal(first.practices, again.practices)
    pd.testing.assert_frame_equal(critical_pairs(first.choice), critical_pairs(again.choice))


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=30
    )
)
def test_quantiles_of_groups(rows: list[tuple[int, int, int]]) -> None:
    group, value, people = (np.array(column) for column in zip(*rows, strict=True))
    columns = group.astype(np.int64), value.astype(float), people.astype(float), 5
    median, p90 = group_quantiles(*columns, shares=(0.5, 0.9)).T
    mean = group_means(*columns)
    for number in range(5):
        here = group == number
        expected = spread(value[here].astype(float), people[here].astype(float))
        got = {"mean_m": mean[number], "median_m": median[number], "p90_m": p90[number]}
        assert got == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "known", "first", "last"),
    [
        ("1961;1979", 2, 2028, 2046),
        ("1979, 1961", 2, 2028, 2046),
        ("f. 1955", 1, 2022, 2022),
        ("", 0, np.nan, np.nan),
        ("ukendt", 0, np.nan, np.nan),
        ("1899;2015;19611", 0, np.nan, np.nan),
    ],
)
def test_birth_years(text: str, known: int, first: float, last: float) -> None:
    row = retirement(pd.DataFrame({"birth_years": [text]}), TODAY).iloc[0]
    assert row[["doctors_of_known_age", "retire_first", "retire_last"]].tolist() == pytest.approx(
        [known, first, last], nan_ok=True
    )


def test_retirement_order_and_age() -> None:
    practices = pd.DataFrame(
        {"birth_years": ["1960;1980", "1970", "", "1965;1980", "1970"]}, index=list("abcde")
    )
    table = retirement(practices, TODAY)
    assert table["retire_order"].tolist()[:2] == [3, 1]
    assert table["retire_order"].tolist()[3:] == [4, 1]
    assert np.isnan(table["retire_order"].iloc[2])
    later = retirement(practices, TODAY, age=70)
    assert (later["retire_last"] - table["retire_last"]).dropna().eq(3).all()
    unknown = retirement(practices[[]], TODAY)
    assert unknown["retire_last"].isna().all()
    assert unknown.index.tolist() == list("abcde")


def test_age_goes_into_the_ledger(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 5)], [(1, True), (2, True)])
    practices = study.practices.assign(birth_years=["1960", ""])
    choice = compute_choice(replace(study, practices=practices), coast_road)
    ledger = compute_ledger(choice, retirement_age=65)
    assert ledger.retirement_age == 65
    assert ledger.practices["retire_last"].to_dict() == pytest.approx({"p0": 2025, "p1": np.nan}, nan_ok=True)  # fmt: skip


def test_inputs_are_left_as_they_were(make_study: Make, coast_road: RoadNetwork) -> None:
    choice = compute_choice(make_study([(0, 1), (9, 2)], [(1, True), (20, False)]), coast_road)
    homes, practices = choice.homes.copy(), choice.study.practices.copy()
    compute_ledger(choice)
    critical_pairs(choice)
    pd.testing.assert_frame_equal(choice.homes, homes)
    pd.testing.assert_frame_equal(choice.study.practices, practices)
