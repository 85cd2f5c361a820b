"""Spreading closed lists: by hand, against networkx, and what always holds."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coast import place
from gpcoverage import (
    Baseline,
    RoadNetwork,
    Study,
    compare,
    compute_choice,
    find_scenario,
    prepare_rerun,
)
from gpcoverage.analysis.capacity import places
from gpcoverage.analysis.reallocation import RULES, Reallocation, Rule, reallocate
from gpcoverage.errors import SchemaError
from gpcoverage.inputs.ceilings import NO_CEILINGS, Ceilings, read_ceilings

Make = Callable[..., Study]

NAN = float("nan")


def ask(study: Study, after: Study, network: RoadNetwork, rule: Rule = "least_km") -> Reallocation:
    baseline = prepare_rerun(compute_choice(study, network))
    return reallocate(compare(baseline, after), rule=rule)


def with_lists(study: Study, doctors: list[float], lists: list[float]) -> Study:
    return replace(study, practices=study.practices.assign(doctors=doctors, list_size=lists))


# By hand: p1 at 14 km closes with 100 patients; h1 to h3 have it nearest.


@pytest.fixture
def study(make_study: Make) -> Study:
    practices = [(0, True), (14, False), (27, True), (27, False)]
    study: Study = make_study([(0, 50), (8, 10), (14, 20), (20, 70), (29, 900)], practices)
    return with_lists(study, [1.0, 1.0, 1.0, 1.0], [1600 - 25, 100, 1600 - 60, 0])


def test_least_kilometres_by_hand(study: Study, coast_road: RoadNetwork) -> None:
    result = ask(study, study.close("p1"), coast_road)
    # h1 (10 people) reaches p0 only, 8 km; h2 (20) p0 and p2, 14 and 13 km; h3 (70) p2 only, 7 km.
    assert result.homes["people"].to_dict() == {"h1": 10, "h2": 20, "h3": 70}
    # 15 of h2 have place at p0; p2's 60 places all go to h3, who are nearer.
    assert result.flows[["home_id", "practice_id", "people"]].to_numpy().tolist() == [
        ["h1", "p0", 10], ["h2", "p0", 15], ["h3", "p2", 60],
    ]  # fmt: skip
    assert (result.patients, result.placed, result.overflow, result.out_of_reach) == (
        100,
        85,
        15,
        0,
    )
    assert result.person_km == pytest.approx(10 * 8 + 15 * 14 + 60 * 7, abs=1e-3)
    assert result.homes["overflow"].tolist() == [0, 5, 10]
    assert result.practices[["free", "taken"]].to_numpy().tolist() == [[25, 25], [60, 60]]
    assert result.practices["mean_m"].tolist() == pytest.approx([11_600, 7_000], abs=0.1)
    assert (result.ids, result.unknown, set(result.practices["basis"])) == (("p1",), 0, {"assumed"})


def test_the_nearest_first_may_leave_more_over(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(6, 10), (0, 10)], [(5, False), (10, True), (20, True)])
    study = with_lists(study, [1.0] * 3, [20, 1590, 1590])
    fair, greedy = (ask(study, study.close("p0"), coast_road, rule) for rule in RULES)
    # h0 at 6 km: p1 in 4, p2 in 14. h1 at 0 km: p1 in 10, p2 in 20, which is too far.
    assert (fair.overflow, greedy.overflow) == (0, 10)
    assert fair.person_km == pytest.approx(10 * 14 + 10 * 10, abs=1e-3)
    assert greedy.person_km == pytest.approx(10 * 4, abs=1e-3)


def test_out_of_reach(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 30), (10, 10)], [(0, False), (20, True)])
    result = ask(study, study.close("p0"), coast_road)
    assert (result.patients, result.overflow, result.out_of_reach) == (3200, 3200, 2400)
    nobody = ask(study, study.close("p0", "p1"), coast_road)
    assert (nobody.patients, nobody.overflow, nobody.out_of_reach) == (6400, 6400, 6400)
    assert nobody.flows.empty
    assert nobody.person_km == 0


def test_a_practice_that_nobody_has_nearest(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 30), (2, 30), (5, 0)], [(0, True), (2, True), (4, False)])
    result = ask(study, study.close("p2"), coast_road)
    assert result.homes["people"].to_dict() == {"h2": 3200}  # an empty home, but the nearest
    off = make_study([(0, 30)], [(0, True), (28, False)])
    result = ask(off, off.close("p1"), coast_road)
    assert (result.patients, result.out_of_reach, len(result.homes)) == (3200, 3200, 0)


def test_two_at_one_place_share_their_people(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(0, 30), (1, 10)], [(1, False), (1, False), (9, True)])
    study = with_lists(study, [1.0, 1.0, 3.0], [100, 300, 0])
    result = ask(study, study.close("p0", "p1"), coast_road)
    assert result.homes["people"].tolist() == [300, 100]
    assert result.overflow == 0


def test_nothing_closes(study: Study, coast_road: RoadNetwork) -> None:
    result = ask(study, study.set_intake("p1", takes_patients=True), coast_road)
    assert (result.ids, result.patients, result.overflow) == ((), 0, 0)


def test_unknown_places_take_nobody(study: Study, coast_road: RoadNetwork) -> None:
    unknown = with_lists(study, [NAN, 1.0, 1.0, 1.0], [0, 100, NAN, 0])
    result = ask(unknown, unknown.close("p1"), coast_road)
    assert (result.overflow, result.out_of_reach, result.unknown) == (100, 0, 2)


def test_an_unknown_list_is_refused(study: Study, coast_road: RoadNetwork) -> None:
    unknown = with_lists(study, [1.0] * 4, [0, NAN, 0, NAN])
    with pytest.raises(SchemaError, match=r"list of p1, p3 is not known.*Give list_size"):
        ask(unknown, unknown.close("p3", "p1"), coast_road)


def test_an_unknown_rule_is_refused(study: Study, coast_road: RoadNetwork) -> None:
    with pytest.raises(ValueError, match=r"'fair'\. Must be one of least_km, nearest_first"):
        ask(study, study.close("p1"), coast_road, "fair")  # type: ignore[arg-type]


def test_ceilings_are_kept_to(study: Study, coast_road: RoadNetwork) -> None:
    row = {"kind": "practice", "code": "p0", "patients_per_doctor": 1580.0, "basis": "draft"}
    ceilings = Ceilings(pd.DataFrame([row | {"valid_from": "", "valid_to": "", "source": "S"}]))
    comparison = compare(prepare_rerun(compute_choice(study, coast_road)), study.close("p1"))
    assert reallocate(comparison, ceilings).placed == 85
    drafted = reallocate(comparison, ceilings, drafts=True)
    assert drafted.practices.loc["p0", ["free", "basis"]].tolist() == [5, "draft"]
    assert drafted.placed == 5 + 60


# Against networkx.


def by_networkx(result: Reallocation, study: Study, network: RoadNetwork) -> tuple[int, float]:
    """Place the same people by minimum cost flow: how many, and person-kilometres."""
    choice = compute_choice(study, network)
    found, graph = choice.distances.found, nx.DiGraph()
    free = places(study, NO_CEILINGS)["free"].fillna(0.0)
    graph.add_nodes_from(["source", "sink"])
    for home, people in result.homes["people"].items():
        graph.add_edge("source", home, capacity=int(people), weight=0)
    homes = choice.homes.index[found.home]
    for pair in np.flatnonzero(homes.isin(result.homes.index)):
        home, practice = homes[pair], choice.distances.practice_ids[found.practice[pair]]
        near = found.cost[pair] <= choice.homes.loc[home, "limit_m"]
        if near and study.practices.loc[practice, "open"]:
            graph.add_edge(home, practice, weight=round(1000 * found.cost[pair]))  # whole mm
            graph.add_edge(practice, "sink", capacity=int(free[practice]), weight=0)
    flow = nx.max_flow_min_cost(graph, "source", "sink")
    return sum(flow["source"].values()), nx.cost_of_flow(graph, flow) / 1e6


class Drawn(NamedTuple):
    """A practice: km, open, doctors, list."""

    km: int
    open: bool
    doctors: float
    patients: int


homes_strategy = st.lists(
    st.tuples(st.integers(0, 45), st.integers(0, 50)), min_size=1, max_size=10
).filter(lambda homes: any(people for _, people in homes))
practices_strategy = st.lists(
    st.builds(
        Drawn, st.integers(0, 45), st.booleans(), st.sampled_from([0.0, 0.05, 0.1]),
        st.integers(0, 200),
    ),
    min_size=2, max_size=8,
)  # fmt: skip
many = settings(max_examples=20, deadline=None)


def draw_study(make: Make, homes: list[tuple[int, int]], drawn: list[Drawn]) -> Study:
    study = make(homes, [(p.km, p.open) for p in drawn], area=("0661", "0101"))
    return with_lists(study, [p.doctors for p in drawn], [float(p.patients) for p in drawn])


@many
@given(homes=homes_strategy, drawn=practices_strategy, also=st.booleans())
def test_equal_to_networkx(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    drawn: list[Drawn],
    also: bool,  # noqa: FBT001
) -> None:
    study = draw_study(make_study, homes, drawn)
    after = study.close("p0", "p1") if also else study.close("p0")
    result = ask(study, after, coast_road)
    placed, person_km = by_networkx(result, after, coast_road)
    assert result.placed == placed
    assert result.person_km == pytest.approx(person_km, abs=1e-3)
    check(result, study, after)


def check(result: Reallocation, study: Study, after: Study) -> None:
    """Nobody is lost, and no ceiling is exceeded."""
    patients = study.practices.loc[list(result.ids), "list_size"].sum()
    assert result.placed + result.overflow == result.patients == patients
    assert result.out_of_reach <= result.overflow
    assert result.flows["people"].sum() == result.placed == result.practices["taken"].sum()
    assert (result.homes["placed"] + result.homes["overflow"] == result.homes["people"]).all()
    taken = result.flows.groupby("practice_id")["people"].sum()
    free = places(after)["free"].fillna(0.0)
    assert (taken <= free[taken.index]).all()
    assert after.practices.loc[taken.index, "open"].all()
    assert (result.flows["metres"] <= 15_000).all()


def check_nearest_first(result: Reallocation, after: Study, baseline: Baseline) -> None:
    """No home and practice are nearer to each other than what both of them have now."""
    choice = baseline.rerun(after)
    found = choice.distances.found
    homes, practices = choice.homes.index[found.home], after.practices.index[found.practice]
    farthest_of_home = result.flows.groupby("home_id")["metres"].max()
    farthest_of_home = farthest_of_home.reindex(result.homes.index)
    farthest_of_home[result.homes["overflow"] > 0] = np.inf
    left = result.practices["free"].fillna(0.0) - result.practices["taken"]
    farthest = result.flows.groupby("practice_id")["metres"].max().reindex(left.index)
    farthest = farthest.fillna(0.0).where(left < 1, np.inf)
    for home, practice, metres in zip(homes, practices, found.cost, strict=True):
        if home in farthest_of_home.index and practice in farthest.index and metres <= 15_000:
            assert not metres < min(farthest_of_home[home], farthest[practice])


@settings(max_examples=10, deadline=None)
@given(
    homes=homes_strategy,
    drawn=practices_strategy,
    km=st.integers(0, 45),
    doctors=st.sampled_from([0.01, 0.05, 1.0]),
    order=st.randoms(),
)
def test_what_always_holds(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    drawn: list[Drawn],
    km: int,
    doctors: float,
    order: random.Random,
) -> None:
    study = draw_study(make_study, homes, drawn)
    inputs = study.practices.copy(), study.homes.copy()
    lat, lon = place(km)
    after = study.close("p0")
    more = after.open("Ny", lat=lat, lon=lon, doctors=doctors)
    baseline = prepare_rerun(compute_choice(study, coast_road))
    fair, greedy = (reallocate(compare(baseline, after), rule=rule) for rule in RULES)
    assert greedy.overflow >= fair.overflow
    assert greedy.out_of_reach == fair.out_of_reach
    check_nearest_first(greedy, after, baseline)
    for rule, result in zip(RULES, (fair, greedy), strict=True):
        check(result, study, after)
        further = reallocate(compare(baseline, more), rule=rule)
        check(further, study, more)
        assert further.overflow <= result.overflow
    mixed = list(range(len(drawn)))
    order.shuffle(mixed)
    other = replace(study, practices=study.practices.iloc[mixed], homes=study.homes.iloc[::-1])
    for rule, result in zip(RULES, (fair, greedy), strict=True):
        again = ask(other, other.close("p0"), coast_road, rule)
        pd.testing.assert_frame_equal(again.flows, result.flows, rtol=1e-9)
        pd.testing.assert_frame_equal(again.practices, result.practices, rtol=1e-9)
    pd.testing.assert_frame_equal(pd.DataFrame(study.practices), pd.DataFrame(inputs[0]))
    pd.testing.assert_frame_equal(pd.DataFrame(study.homes), pd.DataFrame(inputs[1]))


# The example.


@pytest.fixture(scope="module")
def baseline(midtjylland: Study, terrain_network: RoadNetwork) -> Baseline:
    return prepare_rerun(compute_choice(midtjylland, terrain_network))


def test_knebel(root: Path, baseline: Baseline) -> None:
    """The plan of 2008 says 3,100 patients; next to no open practice has a place for them."""
    study = baseline.choice.study
    comparison = compare(
        baseline, study.under(find_scenario("knebel", root / "data/midtjylland.toml"))
    )
    result = reallocate(comparison, read_ceilings(root / "data/ceilings.csv"))
    assert (result.patients, result.placed, result.overflow) == (3100, 28, 3072)
    assert set(result.homes.index) == set(comparison.catchment.index)
    assert set(result.practices.index) == set(comparison.lists.reachable_ids)
    assert result.practices["free"].sum() == comparison.lists.free_places


def test_roende_equals_networkx(baseline: Baseline, terrain_network: RoadNetwork) -> None:
    after = baseline.choice.study.close("Rønde")
    result = reallocate(compare(baseline, after))
    placed, person_km = by_networkx(result, after, terrain_network)
    assert (result.patients, result.placed, result.overflow) == (4829, placed, 4829 - placed)
    assert result.person_km == pytest.approx(person_km, abs=1e-3)
    assert set(result.homes.index) <= set(compare(baseline, after).catchment.index)
