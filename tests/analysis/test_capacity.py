"""Capacity: by hand along the coast road, and what always holds."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage import RoadNetwork, Study, compute_choice
from gpcoverage.analysis.capacity import (
    SUMMED,
    Indicators,
    compute_capacity,
    judge_base,
    places,
    population_base,
    summer_around,
)
from gpcoverage.errors import DataIntegrityError
from gpcoverage.inputs.ceilings import NO_CEILINGS, Ceilings, read_ceilings

Make = Callable[..., Study]

NAN = float("nan")


@pytest.fixture
def study(make_study: Make) -> Study:
    """Four practices in 0661, one of them without known doctors, and one beyond the area."""
    practices = [(2, True), (11, False), (20, True), (26, True), (40, True)]
    study: Study = make_study([(0, 1000), (11, 2000), (20, 4000)], practices)
    frame = study.practices.assign(
        doctors=[2.0, 1.0, NAN, 0.5, 3.0],
        list_size=[3000.0, 1800.0, 900.0, NAN, 100.0],
        town=["Vest", "Midt", "Midt", "Øst", "Ude"],
    )
    return replace(study, practices=frame)


def ceilings(*rows: tuple[str, str, float, str]) -> Ceilings:
    names = ["kind", "code", "patients_per_doctor", "basis"]
    frame = pd.DataFrame(list(rows), columns=names)
    return Ceilings(frame.assign(valid_from="", valid_to="", source="S"))


def test_places_by_hand(study: Study) -> None:
    table = places(study)
    assert table["ceiling"].fillna(-1).tolist() == [3200, 1600, -1, 800, 4800]
    assert table["free"].fillna(-1).tolist() == [200, 0, -1, -1, 4700]
    assert table["over_ceiling"].fillna(-1).tolist() == [0, 200, -1, -1, 0]
    assert set(table["basis"]) == {"assumed"}
    own = places(study, ceilings(("practice", "p1", 1900.7, "in force")))
    assert own.loc["p1", ["ceiling", "free", "basis"]].tolist() == [1900, 100, "in force"]
    drafted = ceilings(("municipality", "0661", 1450, "draft"))
    pd.testing.assert_frame_equal(places(study, drafted), table)
    assert places(study, drafted, drafts=True)["ceiling"].fillna(-1).tolist() == [
        2900, 1450, -1, 725, 4800,
    ]  # fmt: skip


def test_a_new_practice_has_nobody_on_its_list(midtjylland: Study) -> None:
    after = midtjylland.open("Ny", lat=56.214, lon=10.489, doctors=2)
    assert places(after).loc["ny-1", ["list_size", "free"]].tolist() == [0, 3200]
    unknown = midtjylland.open("Ny", lat=56.214, lon=10.489)
    assert np.isnan(places(unknown).loc["ny-1", "free"])


def test_municipality_by_hand(study: Study) -> None:
    capacity = compute_capacity(study, ceilings(("practice", "p1", 1700, "in force")))
    row = capacity.municipalities.loc["0661"]
    assert row[list(SUMMED)].tolist() == [7000, 3.5, 1, 4, 3, 5700, 1, 200, 0, 100, 3]
    assert row["open_share"] == 0.75
    assert row["residents_per_doctor"] == 2000
    assert row["name"] == "Holstebro"
    assert capacity.total.to_dict() == row.drop("name").to_dict()
    assert capacity.practices.index.tolist() == ["p0", "p1", "p2", "p3"]
    assert capacity.practices["patients_per_doctor"].fillna(-1).tolist() == [1500, 1800, -1, -1]


def test_nobody_and_nothing(make_study: Make) -> None:
    study: Study = make_study([(0, 10)], [(40, True)], area=("0661", "0101"))
    row = compute_capacity(study).municipalities.loc["0661"]
    assert row[["practices", "doctors", "free_open"]].tolist() == [0, 0, 0]
    assert row[["open_share", "residents_per_doctor"]].isna().all()
    assert compute_capacity(study).municipalities.loc["0101", "residents_per_doctor"] == 0


def test_lost_people_are_refused(study: Study) -> None:
    homes = study.homes.assign(municipality_code=["0661", "0661", "0101"])
    with pytest.raises(DataIntegrityError, match="People were lost"):
        compute_capacity(replace(study, homes=homes))


def test_the_plans_indicators(study: Study) -> None:
    people = np.array([NAN, 0, 7999.9, 8000, 12000, 12000.1])
    assert judge_base(people).tolist() == ["unknown", "below", "below", "within", "within", "above"]
    frame = study.practices.assign(
        doctors=[1.0, 1.0, 0.0, NAN, 1.0], list_size=[2542.0, 2543.0, 5.0, 9000.0, 0.0]
    )
    practices = compute_capacity(replace(study, practices=frame)).practices
    assert practices["over_cap"].tolist() == [False, True, False, False]
    assert practices["base"].tolist() == ["below", "below", "below", "within"]
    lower = Indicators(base_low=5, base_high=10, cap_per_doctor=2000)
    practices = compute_capacity(replace(study, practices=frame), indicators=lower).practices
    assert practices["base"].tolist() == ["above", "above", "within", "above"]
    assert practices["over_cap"].tolist() == [True, True, False, False]


def test_population_base_by_hand(study: Study, coast_road: RoadNetwork) -> None:
    base = population_base(compute_choice(study, coast_road), Indicators(1000, 3000))
    assert base["residents"].tolist() == [1000, 2000, 4000, 0]
    assert base["base"].tolist() == ["within", "within", "above", "below"]
    after = compute_choice(study.close("p0"), coast_road)
    assert population_base(after)["residents"].tolist() == [3000, 4000, 0]


def test_practices_at_one_place_share_their_residents(
    make_study: Make, coast_road: RoadNetwork
) -> None:
    study = make_study([(0, 30), (10, 60), (20, 5)], [(0, True), (10, False), (10, True)])
    base = population_base(compute_choice(study, coast_road))
    assert base["residents"].tolist() == [30, 32.5, 32.5]


def test_a_summer_is_off_unless_asked_for(study: Study, coast_road: RoadNetwork) -> None:
    choice = compute_choice(study, coast_road)
    assert not any(name.startswith("summer") for name in compute_capacity(study).municipalities)
    summer = summer_around(choice, {"Midt": 3.0})
    assert summer.tolist() == [1, 3, 3]
    row = compute_capacity(study, summer=summer.iloc[::-1]).municipalities.loc["0661"]
    assert row[["population", "summer_population"]].tolist() == [7000, 19000]
    assert row["summer_per_doctor"] == pytest.approx(19000 / 3.5)
    assert row["residents_per_doctor"] == 2000
    with pytest.raises(ValueError, match="no practice in Blåvand, Nyby"):
        summer_around(choice, {"Nyby": 2.0, "Midt": 2.0, "Blåvand": 2.0})


@pytest.mark.parametrize("times", [[1.0, 1.0, 0.5], [1.0, NAN, 1.0], [1.0, np.inf, 1.0]])
def test_a_faulty_summer_is_refused(study: Study, times: list[float]) -> None:
    with pytest.raises(ValueError, match="1 or more for every home"):
        compute_capacity(study, summer=pd.Series(times, study.homes.index))
    with pytest.raises(ValueError, match="1 or more for every home"):
        compute_capacity(study, summer=pd.Series([2.0], ["h0"]))


rows = st.lists(
    st.tuples(
        st.integers(0, 59), st.booleans(), st.sampled_from([0.0, 0.5, 1.0, 2.0, NAN]),
        st.one_of(st.integers(0, 5000), st.just(NAN)),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(rows=rows, order=st.randoms())
def test_what_always_holds(
    make_study: Make, rows: list[tuple[float, bool, float, float]], order: random.Random
) -> None:
    study: Study = make_study(
        [(5, 100), (50, 200)], [(km, is_open) for km, is_open, _, _ in rows], area=("0661", "0101")
    )
    columns = {"doctors": [r[2] for r in rows], "list_size": [float(r[3]) for r in rows]}
    study = replace(study, practices=study.practices.assign(**columns))
    inputs = study.practices.copy()
    capacity = compute_capacity(study)
    table = capacity.practices
    known = table.dropna(subset=["free"])
    # Room below the ceiling and patients above it are never both there.
    assert (known["free"] * known["over_ceiling"] == 0).all()
    assert (known["list_size"] + known["free"] - known["over_ceiling"] == known["ceiling"]).all()
    free = capacity.total["free_open"] + capacity.total["free_closed"]
    assert free == known["free"].sum()
    assert capacity.total["practices"] == len(rows)
    shuffled = list(range(len(rows)))
    order.shuffle(shuffled)
    other = compute_capacity(replace(study, practices=study.practices.iloc[shuffled]))
    pd.testing.assert_frame_equal(other.municipalities, capacity.municipalities)
    pd.testing.assert_frame_equal(pd.DataFrame(study.practices), pd.DataFrame(inputs))


# The example.


def test_the_example(root: Path, midtjylland: Study) -> None:
    capacity = compute_capacity(midtjylland, read_ceilings(root / "data/ceilings.csv"))
    practices = midtjylland.practices
    inside = practices[practices["municipality_code"].isin(midtjylland.municipality_codes)]
    open_ones = inside[inside["open"]]
    assert capacity.total["doctors"] == inside["doctors"].sum() == 816
    assert capacity.total["population"] == 1_364_600
    assert capacity.total["open_share"] == len(open_ones) / len(inside)
    free = (1600 * open_ones["doctors"] - open_ones["list_size"]).clip(lower=0).sum()
    assert capacity.total["free_open"] == free
    # Knebel's partnership is full at 1,800, so it has no place for two doctors' other 1,400.
    assumed = compute_capacity(midtjylland, NO_CEILINGS).total
    assert assumed["free_closed"] - capacity.total["free_closed"] == 1400
    assert assumed["assumed_ceilings"] - capacity.total["assumed_ceilings"] == 1
    assert not capacity.practices["over_cap"].any()
