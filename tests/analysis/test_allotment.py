"""Allotments: by hand, against plain sums of quotients, and what always holds."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage import Choice, RoadNetwork, Study, compute_choice
from gpcoverage.analysis.allotment import (
    TRAINEES_PER_YEAR,
    YEARS_LONGER,
    allot,
    apportion,
    criteria_of,
)
from gpcoverage.analysis.capacity import Capacity, compute_capacity

NAN = float("nan")


def test_sainte_lague_by_hand() -> None:
    # 53, 24 and 23 votes, 7 seats: quotients 53, 24, 23, 17.67, 10.6, 8, 7.67 and then 7.57.
    weights = pd.Series({"c": 23.0, "a": 53.0, "b": 24.0})
    assert apportion(7, weights).to_dict() == {"c": 2, "a": 3, "b": 2}
    assert apportion(8, weights).to_dict() == {"c": 2, "a": 4, "b": 2}
    assert apportion(0, weights).to_dict() == {"c": 0, "a": 0, "b": 0}


def test_ties_go_to_the_lowest_code() -> None:
    weights = pd.Series({"0791": 1.0, "0661": 1.0, "0706": 1.0, "0615": 0.0})
    assert apportion(1, weights).to_dict() == {"0791": 0, "0661": 1, "0706": 0, "0615": 0}
    assert apportion(5, weights).to_dict() == {"0791": 1, "0661": 2, "0706": 2, "0615": 0}
    # 3 / 3 and 1 / 1 are a tie as well.
    assert apportion(2, pd.Series({"b": 3.0, "a": 1.0})).to_dict() == {"b": 1, "a": 1}


def test_some_are_served_first_while_they_have_room() -> None:
    weights = pd.Series({"a": 100.0, "b": 1.0, "c": 2.0})
    first = pd.Series({"a": False, "b": True, "c": True})
    room = pd.Series({"a": 9, "b": 1, "c": 2})
    counts = [apportion(n, weights, first=first, room=room).tolist() for n in range(6)]
    assert counts == [[0, 0, 0], [0, 0, 1], [0, 1, 1], [0, 1, 2], [1, 1, 2], [2, 1, 2]]
    assert apportion(4, weights, first=first).tolist() == [0, 1, 3]
    assert apportion(9, weights, room=room - 0.5).tolist() == [8, 0, 1]


@pytest.mark.parametrize(
    ("number", "weights"),
    [(-1, {"a": 1.0}), (1, {"a": -1.0}), (1, {"a": NAN}), (1, {"a": np.inf})],
)
def test_faulty_numbers_are_refused(number: int, weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="numbers 0 or more"):
        apportion(number, pd.Series(weights))


def test_more_than_there_is_room_for_is_refused() -> None:
    weights = pd.Series({"a": 1.0, "b": 0.0})
    with pytest.raises(ValueError, match="room for 2 of 3 only"):
        apportion(3, weights, room=pd.Series({"a": 2.9, "b": 5}))
    with pytest.raises(ValueError, match="room for 0 of 1 only"):
        apportion(1, weights * 0)
    for wrong in ({"room": pd.Series({"a": 1})}, {"first": pd.Series({"a": True})}):
        with pytest.raises(ValueError, match="given for every code"):
            apportion(1, weights, **wrong)
    with pytest.raises(ValueError, match="Codes must be unique"):
        apportion(1, pd.Series([1.0, 2.0], ["a", "a"]))


weights_strategy = st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any)


def by_quotients(number: int, weights: dict[str, int]) -> dict[str, int]:
    """Write all quotients down, exactly, and take the largest."""
    quotients = sorted(
        (-Fraction(weight, 2 * k + 1), code)
        for code, weight in weights.items()
        for k in range(number)
    )
    taken = [code for _, code in quotients[:number]]
    return {code: taken.count(code) for code in weights}


@settings(max_examples=100, deadline=None)
@given(numbers=weights_strategy, number=st.integers(0, 40), order=st.randoms())
def test_equal_to_quotients_written_down(
    numbers: list[int], number: int, order: random.Random
) -> None:
    weights = {f"{i:04d}": weight for i, weight in enumerate(numbers)}
    series = pd.Series(weights, dtype="float64")
    result = apportion(number, series)
    assert result.to_dict() == by_quotients(number, weights)
    assert result.sum() == number
    assert result.dtype == np.int64
    mixed = list(weights)
    order.shuffle(mixed)
    assert apportion(number, series[mixed]).to_dict() == result.to_dict()
    assert apportion(number, series / 7).sum() == number


@settings(max_examples=60, deadline=None)
@given(
    weights=st.lists(st.floats(0.001, 1000), min_size=1, max_size=10),
    first=st.lists(st.booleans(), min_size=10, max_size=10),
    room=st.lists(st.integers(0, 6), min_size=10, max_size=10),
)
def test_nobody_gets_less_of_more(weights: list[float], first: list[bool], room: list[int]) -> None:
    codes = [f"{i:04d}" for i in range(len(weights))]
    series, ahead, most = (
        pd.Series(values[: len(codes)], codes) for values in (weights, first, room)
    )
    results = [
        apportion(number, series, first=ahead, room=most) for number in range(int(most.sum()) + 1)
    ]
    for fewer, more in pairwise(results):
        assert (more >= fewer).all()
        assert more.sum() == fewer.sum() + 1
    assert (results[-1] == most).all()
    served = results[int(most[ahead].sum())]
    assert (served[ahead] == most[ahead]).all()


# Of the example.


@pytest.fixture(scope="module")
def choice(midtjylland: Study, terrain_network: RoadNetwork) -> Choice:
    return compute_choice(midtjylland, terrain_network)


@pytest.fixture(scope="module")
def capacity(midtjylland: Study) -> Capacity:
    return compute_capacity(midtjylland)


def test_criteria_by_hand(choice: Choice, capacity: Capacity) -> None:
    criteria = criteria_of(choice, capacity)
    row, people = criteria.loc["0760"], choice.homes
    assert row["population"] == 55_800
    assert row["lacking_doctors"] == 55_800 / 1600 - 33
    without = (people["municipality_code"] == "0760") & (people["status"] != "choice")
    assert row["without_choice"] == pytest.approx(people.loc[without, "population"].sum())
    assert (criteria_of(choice, capacity, per_doctor=3000)["lacking_doctors"] == 0).all()


def test_a_pool_of_capacities(choice: Choice, capacity: Capacity) -> None:
    criteria = criteria_of(choice, capacity)
    result = allot(capacity, 5, criteria, {"lacking_doctors": 60, "without_choice": 40})
    areas = result.areas
    assert areas["allotted"].sum() == result.number == 5
    assert areas["score"].sum() == pytest.approx(1)
    assert result.weights == {"lacking_doctors": 0.6, "without_choice": 0.4}
    share = criteria.loc["0760"] / criteria.sum()
    score = 0.6 * share["lacking_doctors"] + 0.4 * share["without_choice"]
    row = areas.loc["0760"]
    assert row["score"] == pytest.approx(score)
    assert row[["doctors", "allotted", "doctors_after"]].tolist() == [33, 1, 34]
    assert row["residents_per_doctor"] == 55_800 / 33
    assert row["residents_per_doctor_after"] == 55_800 / 34
    backwards = allot(capacity, 5, criteria.iloc[::-1], {"without_choice": 2, "lacking_doctors": 3})
    assert backwards.areas["allotted"].to_dict() == areas["allotted"].to_dict()


def test_training_posts_for_shortage_areas_first(choice: Choice, capacity: Capacity) -> None:
    criteria = criteria_of(choice, capacity)
    assert (TRAINEES_PER_YEAR, YEARS_LONGER) == (290, 0.5)
    short = criteria.index.isin(["0665", "0741"])
    result = allot(
        capacity,
        20,
        criteria,
        {"population": 1},
        doctors_each=YEARS_LONGER,
        first=pd.Series(short, criteria.index),
        room=capacity.municipalities["practices"],
    )
    given = result.areas["allotted"]
    assert given["0665"] == capacity.municipalities.loc["0665", "practices"]
    assert given["0741"] == capacity.municipalities.loc["0741", "practices"]
    assert given.sum() == 20
    assert result.areas.loc["0665", "doctors_after"] == 11 + given["0665"] / 2


def test_without_doctors(midtjylland: Study, capacity: Capacity) -> None:
    practices = midtjylland.practices.assign(doctors=0.0)
    empty = compute_capacity(replace(midtjylland, practices=practices))
    weights = empty.municipalities[["population"]]
    areas = allot(empty, 1, weights, {"population": 1}).areas
    assert areas["residents_per_doctor"].isna().all()
    assert areas["residents_per_doctor_after"].notna().tolist() == (areas["allotted"] == 1).tolist()
    part = allot(capacity, 3, weights.loc[["0661", "0665"]], {"population": 1}).areas
    assert part["allotted"].to_dict() == {"0661": 2, "0665": 1}


@pytest.mark.parametrize(
    ("column", "weights", "message"),
    [
        ([1.0, 1.0], {"need": 1.0, "ages": 1.0}, "Unknown ages"),
        ([1.0, 1.0], {}, "Unknown weights"),
        ([0.0, 0.0], {"need": 1.0}, "Invalid criteria need"),
        ([1.0, -1.0], {"need": 1.0}, "Invalid criteria need"),
        ([1.0, NAN], {"need": 1.0}, "Invalid criteria need"),
        ([1.0, 1.0], {"need": 0.0}, "Invalid criteria need"),
        ([1.0, 1.0], {"need": NAN}, "Invalid criteria need"),
    ],
)
def test_faulty_criteria_are_refused(
    capacity: Capacity, column: list[float], weights: dict[str, float], message: str
) -> None:
    criteria = pd.DataFrame({"need": column}, index=["0661", "0665"])
    with pytest.raises(ValueError, match=message):
        allot(capacity, 1, criteria, weights)
    with pytest.raises(ValueError, match="Unknown 0101"):
        allot(capacity, 1, criteria.set_axis(["0661", "0101"]), {"need": 1.0})
