"""Money against need: sums, spreading, and no krone lost."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpcoverage import Choice, RoadNetwork, Study, compute_choice
from gpcoverage.analysis.grants import (
    Shortage,
    against_need,
    computed_shortage,
    need_of,
    review_grants,
)
from gpcoverage.analysis.spreading import Spreading, spread_grants, sum_kroner
from gpcoverage.errors import DataIntegrityError
from gpcoverage.inputs.grants import read_grants
from seeds import read_seed

MUNICIPALITIES = pd.DataFrame(
    {
        "code": ["0101", "0661", "0671", "0779"],
        "region": ["Hovedstaden", "Midtjylland", "Midtjylland", "Midtjylland"],
        "population": [500, 100, 200, 300],
    }
)


@pytest.fixture(scope="module")
def grants(root: Path) -> pd.DataFrame:
    return read_grants(root / "data/grants.csv").frame


def make_grants(*rows: tuple[int, str, str, tuple[str, ...], bool]) -> pd.DataFrame:
    columns = ["kroner", "region", "area_kind", "municipality_codes", "shortage"]
    frame = pd.DataFrame(rows, columns=columns).astype({"kroner": "int64"})
    return frame.assign(number=range(1, len(rows) + 1))


FOUR = make_grants(
    (1000, "Midtjylland", "municipality", ("0661",), False),
    (600, "Midtjylland", "municipalities", ("0661", "0671"), True),
    (900, "Midtjylland", "region", (), True),
    (1200, "Midtjylland", "region", (), False),
    (70, "", "country", (), True),
)


def by_code(frame: pd.DataFrame) -> dict[str, float]:
    return {str(k): float(v) for k, v in frame.groupby("code")["kroner"].sum().items()}


def test_sums_of_the_document(grants: pd.DataFrame) -> None:
    by_region = sum_kroner(grants, "region")
    assert by_region["kroner"].to_dict() == {
        "Nordjylland": 2_143_000 + 2_543_253 + 276_000 + 80_000 + 485_957,
        "Midtjylland": 628_090 + 249_000,
        "Syddanmark": 818_200 + 80_000 + 682_000,
        "Hovedstaden": 386_000,
        "Sjælland": 2_350_000 + 300_000 + 600_000 + 1_066_000 + 3_150_000 + 1_900_000 + 510_000,
        "": 1_400_000 + 352_500,
    }
    assert by_region["projects"].tolist() == [5, 2, 3, 1, 7, 2]
    assert by_region["kroner"].sum() == 20_000_000
    by_applicant = sum_kroner(grants, "applicant")["kroner"]
    assert by_applicant["Region Sjælland"] == 9_366_000
    assert by_applicant["Region Syddanmark"] == 898_200


@pytest.mark.reference
def test_sums_against_the_documents_text(grants: pd.DataFrame, reference: Path) -> None:
    """Read the amounts with no other help than their order: dots, a blank and kr."""
    words = read_seed(reference, 0).replace("\n", " ").split()
    found = [
        int(word.replace(".", ""))
        for word, after in itertools.pairwise(words)
        if word.count(".") >= 1 and word.replace(".", "").isdigit() and after.startswith("kr")
    ]
    assert found == grants["kroner"].tolist()
    assert sum(found) == 20_000_000


def test_by_default_a_regions_money_is_kept_apart() -> None:
    spread = spread_grants(FOUR, MUNICIPALITIES)
    assert by_code(spread.parts) == pytest.approx({"0661": 1200, "0671": 400})
    assert spread.apart[["number", "kroner", "why"]].to_numpy().tolist() == [
        [3, 900.0, "region"],
        [4, 1200.0, "region"],
        [5, 70.0, "country"],
    ]


def test_money_of_several_may_be_kept_apart() -> None:
    spread = spread_grants(FOUR, MUNICIPALITIES, spreading=Spreading(several="apart"))
    assert by_code(spread.parts) == {"0661": 1000}
    assert spread.apart["why"].tolist() == ["several", "region", "region", "country"]


def test_a_regions_money_by_people_and_by_shortage_areas() -> None:
    rule = Spreading(region="people")
    spread = spread_grants(FOUR, MUNICIPALITIES, spreading=rule, shortage={"0101", "0671"})
    # 900 to the one shortage area of the region, 1,200 to its 600 people, 2 kr. each.
    assert by_code(spread.parts) == pytest.approx(
        {"0661": 1200 + 200, "0671": 400 + 900 + 400, "0779": 600}
    )
    nobody = spread_grants(FOUR, MUNICIPALITIES, spreading=rule)
    assert nobody.apart["why"].tolist() == ["shortage", "country"]


@pytest.mark.parametrize(
    "row",
    [(10, "Midtjylland", "municipality", ("0999",), False), (10, "Østdanmark", "region", (), True)],
)
def test_unknown_places_are_refused(row: Any) -> None:
    with pytest.raises(DataIntegrityError, match=r"Grants name (0999|Østdanmark): not in"):
        spread_grants(make_grants(row), MUNICIPALITIES)


def test_money_for_nobody_is_refused() -> None:
    with pytest.raises(DataIntegrityError, match=r"1000\.0 kroner came in"):
        spread_grants(FOUR[:1], MUNICIPALITIES.assign(population=0))


CODES = MUNICIPALITIES["code"].tolist()
PLACED = st.sets(st.sampled_from(CODES), min_size=1).map(
    lambda codes: ("municipality" if len(codes) == 1 else "municipalities", tuple(sorted(codes)))
)
KROWS = st.tuples(
    st.integers(1, 10**9),
    st.sampled_from(["Midtjylland", "Hovedstaden"]),
    st.one_of(PLACED, st.sampled_from([("region", ()), ("country", ())])),
    st.booleans(),
)


@given(
    rows=st.lists(KROWS, min_size=1, max_size=5),
    several=st.sampled_from(["apart", "people"]),
    region=st.sampled_from(["apart", "people"]),
    shortage=st.sets(st.sampled_from(CODES)),
    people=st.lists(st.integers(1, 10**6), min_size=4, max_size=4),
)
def test_kroner_are_conserved(
    rows: list[Any], several: Any, region: Any, shortage: set[str], people: list[int]
) -> None:
    frame = make_grants(*((kroner, where, *place, aim) for kroner, where, place, aim in rows))
    land = MUNICIPALITIES.assign(population=people)
    rule = Spreading(several=several, region=region)
    spread = spread_grants(frame, land, spreading=rule, shortage=shortage)
    placed = spread.parts.groupby("number")["kroner"].sum()
    apart = spread.apart.set_index("number")["kroner"]
    assert not set(placed.index) & set(apart.index)
    every = pd.concat([placed, apart]).sort_index()
    assert every.to_numpy() == pytest.approx(frame["kroner"].to_numpy(dtype=float))
    head = spread.parts["code"].map(land.set_index("code")["population"]).astype(float)
    per_head = spread.parts["kroner"] / head
    for _, same in per_head.groupby(spread.parts["number"]):
        assert same.to_numpy() == pytest.approx(np.full(len(same), same.iloc[0]))
    turned = spread_grants(frame[::-1], land[::-1], spreading=rule, shortage=shortage)
    assert by_code(turned.parts) == pytest.approx(by_code(spread.parts))


@pytest.fixture(scope="module")
def choice(make_study: Callable[..., Study], coast_road: RoadNetwork) -> Choice:
    # Kommune 0661: 60 with two practices within 15 km, 40 with one.
    return compute_choice(make_study([(5, 60), (29, 40)], [(2, True), (18, True)]), coast_road)


def test_need_by_hand(choice: Choice) -> None:
    assert need_of(choice).loc["0661"].tolist() == [100, 40]
    assert computed_shortage(choice, 0.4).codes == {"0661"}
    assert computed_shortage(choice, 0.41).codes == frozenset()
    assert computed_shortage(choice).from_share == 0.10


def test_money_against_need_by_hand(choice: Choice) -> None:
    grants = make_grants(
        (500, "Midtjylland", "municipality", ("0661",), False),
        (300, "Midtjylland", "municipalities", ("0661", "0101"), False),
        (800, "Midtjylland", "region", (), True),
    )
    review = review_grants(choice, grants)
    row = review.municipalities.loc["0661"]
    assert row["kroner"] == 500 + 150  # the list has 1,000 people in each of the two
    assert row["kroner_per_person"] == 6.5
    assert row["too_few_share"] == 0.4
    assert row["projects"] == 2
    assert review.outside_kroner == 150
    assert review.regions.loc["Midtjylland", "kroner"] == 1600  # all that the region was given
    assert review.groups.index.tolist() == [True]
    assert review.groups.loc[True, "kroner_per_person"] == 6.5
    designated = Shortage(frozenset(), source="ingen")
    assert review_grants(choice, grants, shortage=designated).groups.index.tolist() == [False]


def test_a_region_that_is_not_whole_is_left_out(choice: Choice, grants: pd.DataFrame) -> None:
    land = choice.study.municipalities
    assert set(land["region"]) == {"Hovedstaden", "Midtjylland"}
    ours = grants[grants["region"].isin(["Midtjylland", ""]) & (grants["area_kind"] == "country")]
    review = review_grants(choice, ours)
    assert review.regions.index.tolist() == ["Midtjylland"]
    assert review.regions["kroner"].tolist() == [0]


def test_nobody_gets_no_share() -> None:
    people = pd.DataFrame({"population": [0.0, np.nan], "too_few": [0.0, np.nan]}, ["a", "b"])
    rows = against_need(people, pd.Series({"a": 5.0}), pd.Series({"a": 1}))
    assert rows["kroner"].tolist() == [5, 0]
    assert rows[["too_few_share", "kroner_per_person"]].isna().all(axis=None)
