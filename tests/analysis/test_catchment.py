"""Floating catchments: by hand, against PySAL's access and brute force, and what always holds."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from access import fca
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gpcoverage import Choice, RoadNetwork, Study, compute_choice
from gpcoverage.analysis.catchment import METHODS, AccessOptions, Method, compute_access

Make = Callable[..., Study]

BOTH = ("0661", "0101")
NAN = float("nan")


def weight(share: float) -> float:
    """Give the weight of a share of the limit, zone by zone."""
    return next(weight for edge, weight in AccessOptions().zones if share <= edge)


def ask(study: Study, network: RoadNetwork, doctors: list[float]) -> Choice:
    practices = study.practices.assign(doctors=doctors)
    return compute_choice(replace(study, practices=practices), network)


@pytest.fixture
def choice(make_study: Make, coast_road: RoadNetwork) -> Choice:
    """Limit 15 km. h0 reaches p0 (4 km), h1 both (8 and 12 km), h2 p1 (3 km); nobody lives at h3."""
    study = make_study([(0, 1000), (12, 2000), (21, 500), (0, 0)], [(4, True), (24, False)])
    return ask(study, coast_road, [2.0, 1.0])


def test_two_steps_by_hand(choice: Choice) -> None:
    access = compute_access(choice, AccessOptions("2sfca"))
    # p0: 2 doctors for 1,000 + 2,000 (and an empty home), p1: 1 doctor for 2,000 + 500.
    assert access.practices["people"].tolist() == [3000, 2500]
    per_1000 = [2 / 3, 2 / 3 + 0.4, 0.4, 2 / 3]
    assert access.homes["doctors_per_1000"].tolist() == pytest.approx(per_1000)
    assert access.total["people_counted"] == 5500


def test_zones_by_hand(choice: Choice) -> None:
    access = compute_access(choice, AccessOptions("e2sfca"))
    # 4 km is in the first zone, 8 km in the second, 12 km in the third, 3 km in the first.
    people = [1000 + 0.68 * 2000, 0.22 * 2000 + 500]
    assert access.practices["people"].tolist() == pytest.approx(people)
    at = [2000 / people[0], 1000 / people[1]]
    per_1000 = [at[0], 0.68 * at[0] + 0.22 * at[1], at[1], at[0]]
    assert access.homes["doctors_per_1000"].tolist() == pytest.approx(per_1000)


def test_balanced_by_hand(choice: Choice) -> None:
    access = compute_access(choice)
    part = 0.68 / 0.90  # of h1, that is counted at p0
    people = [1000 + part * 2000, (1 - part) * 2000 + 500]
    assert access.practices["people"].tolist() == pytest.approx(people)
    at = [2000 / people[0], 1000 / people[1]]
    per_1000 = [at[0], part * at[0] + (1 - part) * at[1], at[1], at[0]]
    assert access.homes["doctors_per_1000"].tolist() == pytest.approx(per_1000)
    assert access.municipalities.loc["0661", "doctors_per_1000"] == pytest.approx(3000 / 3500)
    assert access.municipalities.loc["0661", ["population", "no_doctor"]].tolist() == [3500, 0]


def test_out_of_reach_and_unknown(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study(
        [(0, 70), (28, 30)], [(29, True), (2, True), (58, True), (14, False)], area=BOTH
    )
    access = compute_access(ask(study, coast_road, [NAN, 1.0, 2.0, 1.0]))
    assert access.total.to_dict() == {
        "people": 100, "people_reached": 100, "people_counted": pytest.approx(100),
        "doctors": 4, "doctors_reached": 2, "doctors_counted": pytest.approx(2),
        "unknown_doctors": 1,
    }  # fmt: skip
    assert np.isnan(access.practices.loc["p2", "doctors_per_1000"])
    assert access.practices.loc["p0", "doctors"] == 0
    only = compute_access(
        ask(study, coast_road, [NAN, 1.0, 2.0, 1.0]), AccessOptions(open_only=True)
    )
    assert only.homes["doctors_per_1000"].tolist() == pytest.approx([1000 / 70, 0])
    assert only.municipalities.loc["0661", "no_doctor"] == 30
    assert np.isnan(only.municipalities.loc["0101", "doctors_per_1000"])


def test_practices_beyond_the_area_bring_nobody(make_study: Make, coast_road: RoadNetwork) -> None:
    study = make_study([(28, 30)], [(20, True), (31, True)])
    access = compute_access(ask(study, coast_road, [1.0, 5.0]))
    assert access.practices.index.tolist() == ["p0"]
    assert access.total["doctors"] == access.total["doctors_counted"] == 1


def test_summer(choice: Choice) -> None:
    summer = pd.Series([1.0, 1.0, 4.0, 1.0], choice.homes.index)
    access = compute_access(choice, AccessOptions("2sfca"), summer=summer)
    assert access.homes["population"].tolist() == [1000, 2000, 2000, 0]
    assert access.homes["doctors_per_1000"].iloc[2] == pytest.approx(1000 / 4000)
    with pytest.raises(ValueError, match="1 or more for every home"):
        compute_access(choice, summer=summer.iloc[:3])


@pytest.mark.parametrize(
    "zones",
    [(), ((0.5, 1.0),), ((1.0, 0.0),), ((0.0, 1.0), (1.0, 1.0)), ((1.0, 1.0), (1.0, 1.0)),
     ((0.6, 1.0), (0.5, 1.0), (1.0, 1.0)), ((1.0, NAN),)],
)  # fmt: skip
def test_faulty_zones_are_refused(zones: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="Invalid zones"):
        AccessOptions(zones=zones)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'3sfca'\. Must be one of 2sfca, e2sfca, balanced"):
        AccessOptions("3sfca")  # type: ignore[arg-type]


# Oracles.


def pairs_of(choice: Choice) -> pd.DataFrame:
    """List all pairs within the limit; cost is a share of it."""
    found = choice.distances.found
    pairs = pd.DataFrame(
        {
            "origin": choice.homes.index[found.home],
            "dest": choice.distances.practice_ids[found.practice],
            "cost": found.cost / choice.homes["limit_m"].to_numpy()[found.home],
        }
    )
    return pairs[pairs["cost"] <= 1]


def by_pysal(choice: Choice, method: Method) -> pd.Series:
    """Ask the package access, which has no balanced variant."""
    people = choice.homes[["population"]].rename_axis("geoid").reset_index()
    practices = choice.study.practices
    inside = practices["municipality_code"].isin(choice.study.municipality_codes)
    pairs = pairs_of(choice)
    pairs = pairs[pairs["dest"].isin(practices.index[inside])]
    answer = fca.two_stage_fca(
        pd.DataFrame(people),
        pd.DataFrame(practices[["doctors"]]),
        pairs,
        max_cost=1.0,
        demand_name="population",
        supply_name="doctors",
        weight_fn=weight if method == "e2sfca" else None,
    )
    return answer.reindex(choice.homes.index).fillna(0.0)


def by_brute_force(choice: Choice) -> dict[str, float]:
    """Balance people home by home, in plain loops."""
    doctors = choice.study.practices["doctors"].to_dict()
    inside = choice.study.practices["municipality_code"].isin(choice.study.municipality_codes)
    part: dict[tuple[str, str], float] = {}
    for home, pairs in pairs_of(choice).groupby("origin"):
        weights = {p: weight(c) for p, c in zip(pairs["dest"], pairs["cost"], strict=True)}
        weights = {p: w for p, w in weights.items() if inside[p] and doctors[p] > 0}
        part |= {(str(home), p): w / sum(weights.values()) for p, w in weights.items()}
    shared = dict.fromkeys(doctors, 0.0)
    for (home, p), share in part.items():
        shared[p] += share * choice.homes.loc[home, "population"]
    result = dict.fromkeys(choice.homes.index, 0.0)
    for (home, p), share in part.items():
        result[home] += share * doctors[p] / shared[p] if shared[p] else 0.0
    return result


homes = st.lists(
    st.tuples(st.integers(0, 59), st.integers(0, 500)), min_size=1, max_size=10
).filter(lambda homes: any(people for _, people in homes))
practices = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([0.0, 0.5, 1.0, 3.0])), min_size=1, max_size=8
)
many = settings(max_examples=20, deadline=None)


def study_of(
    make: Make, homes: list[tuple[float, float]], practices: list[tuple[float, float]]
) -> Study:
    study = make(homes, [(km, True) for km, _ in practices], area=BOTH)
    return replace(study, practices=study.practices.assign(doctors=[d for _, d in practices]))


@many
@given(homes=homes, practices=practices)
@example(homes=[(0, 5), (1, 0)], practices=[(0, 1.0)])
def test_equal_to_pysal_and_to_brute_force(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[float, float]],
    practices: list[tuple[float, float]],
) -> None:
    choice = compute_choice(study_of(make_study, homes, practices), coast_road)
    ours = {m: compute_access(choice, AccessOptions(m)).homes["doctors_per_1000"] for m in METHODS}
    brute = pd.Series(by_brute_force(choice)) * 1000
    assert ours["balanced"].to_numpy() == pytest.approx(brute.to_numpy())
    peopled = choice.homes["population"].to_numpy() > 0
    for method in ("2sfca", "e2sfca"):
        pysal = by_pysal(choice, method) * 1000  # 0 / 0 where nobody lives within reach
        known = np.isfinite(pysal) & peopled
        assert ours[method][known].to_numpy() == pytest.approx(pysal[known].to_numpy())
        assert known[peopled].all()


def test_the_example_equals_pysal(midtjylland: Study, terrain_network: RoadNetwork) -> None:
    study = replace(midtjylland, homes=midtjylland.homes.iloc[::29])
    choice = compute_choice(study, terrain_network)
    for method in ("2sfca", "e2sfca"):
        ours = compute_access(choice, AccessOptions(method)).homes["doctors_per_1000"]
        theirs = 1000 * by_pysal(choice, method).to_numpy()
        # Doctors whom nobody reaches are divided by nobody: infinite there, none here.
        alone = np.isinf(theirs)
        assert (study.homes["population"].to_numpy()[alone] == 0).all()
        assert ours.to_numpy()[~alone] == pytest.approx(theirs[~alone])


# What always holds.


@many
@given(homes=homes, practices=practices, order=st.randoms())
def test_people_and_doctors_are_kept(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[float, float]],
    practices: list[tuple[float, float]],
    order: random.Random,
) -> None:
    study = study_of(make_study, homes, practices)
    choice = compute_choice(study, coast_road)
    totals = {m: compute_access(choice, AccessOptions(m)).total for m in METHODS}
    for total in totals.values():
        assert total["doctors_counted"] == pytest.approx(total["doctors_reached"], rel=1e-12)
        assert total["people_reached"] <= total["people"] == sum(p for _, p in homes)
        assert total["doctors_reached"] <= total["doctors"] == sum(d for _, d in practices)
    balanced = totals["balanced"]
    assert balanced["people_counted"] == pytest.approx(balanced["people_reached"], rel=1e-12)
    assert totals["2sfca"]["people_counted"] >= balanced["people_counted"] - 1e-9
    mixed = list(range(len(practices)))
    order.shuffle(mixed)
    other = compute_choice(
        replace(study, practices=study.practices.iloc[mixed], homes=study.homes.iloc[::-1]),
        coast_road,
    )
    ours, theirs = (compute_access(c).homes["doctors_per_1000"] for c in (choice, other))
    assert theirs.reindex(ours.index).to_numpy() == pytest.approx(ours.to_numpy())
