"""What the plan allows and promises, worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from gpcoverage import RoadNetwork, Study, compute_choice
from gpcoverage.analysis.plan import (
    beyond_matrix,
    instruments_for,
    join_profiles,
    review_plan,
)
from gpcoverage.inputs.documents import Documents, read_documents
from gpcoverage.inputs.plan import INSTRUMENTS, Area, Initiative, PlanTable


@pytest.fixture(scope="module")
def documents(root: Path) -> Documents:
    return read_documents(root / "data")


@pytest.mark.parametrize(
    ("area", "initiative", "answers"),
    [
        ("ordinary", "other", ["possibly", "no", "no", "no"]),
        ("special", "other", ["yes", "yes", "no", "no"]),
        ("ordinary", "structural", ["yes", "yes", "no", "no"]),
        ("special", "structural", ["yes", "yes", "yes", "possibly"]),
    ],
)
def test_the_matrix(
    documents: Documents, area: Area, initiative: Initiative, answers: list[str]
) -> None:
    found = instruments_for(area, initiative, documents.instruments)
    assert list(found) == list(INSTRUMENTS)
    assert [permit.answer for permit in found.values()] == answers
    conditions = [name for name, permit in found.items() if permit.condition]
    assert conditions == (["subsidy"] if answers[3] == "possibly" else [])


def test_the_order_of_the_rows_does_not_matter(documents: Documents) -> None:
    table = documents.instruments
    turned = PlanTable(table.frame[::-1], table.record)
    assert instruments_for("special", "other", turned) == instruments_for("special", "other", table)


def test_where_the_plan_offers_more_than_its_matrix(documents: Documents) -> None:
    found = beyond_matrix(documents.profiles, documents.instruments)
    # Both municipalities are no special focus areas, and in both one part is offered more.
    assert found[["municipality", "part", "instrument"]].to_numpy().tolist() == [
        ["Hedensted", "Hornsyld og Juelsminde", "construction"],
        ["Holstebro", "Ulfborg og Vemb", "construction"],
        ["Holstebro", "Ulfborg og Vemb", "subsidy"],
    ]
    assert set(found["offered"]) == {"possibly"}


def test_profiles_joined_by_hand(
    documents: Documents, make_study: Callable[..., Study], coast_road: RoadNetwork
) -> None:
    # The home at km 5 has both practices within 15 km, that at km 29 one only.
    study = make_study([(5, 60), (29, 40)], [(2, True), (18, True), (19, False)])
    towns = ["Vinderup", "Vemb", "Tim"]
    choice = compute_choice(
        replace(study, practices=study.practices.assign(town=towns)), coast_road
    )
    row = join_profiles(documents.profiles, choice).loc["0661"]
    assert row["name"] == "Holstebro"
    assert row["in_plan"]
    assert not row["special_focus"]
    assert row["towns"] == ("Vinderup", "Holstebro", "Ulfborg/Vemb")
    assert row["towns_lacking"] == ("Holstebro",)  # Vemb is enough for Ulfborg/Vemb
    assert [row[name] for name in ("population", "too_few", "practices", "open_practices")] == [
        *(100, 40, 3, 2)
    ]


def test_a_municipality_outside_the_plan(
    documents: Documents, make_study: Callable[..., Study], coast_road: RoadNetwork
) -> None:
    study = make_study([(35, 10)], [(36, True)], area=("0101",))
    row = join_profiles(documents.profiles, compute_choice(study, coast_road)).loc["0101"]
    assert not row["in_plan"]
    assert pd.isna(row["special_focus"])
    assert row["towns"] == row["towns_lacking"] == ()


def test_the_example_review(midtjylland: Study, documents: Documents) -> None:
    before = [table.frame.copy() for table in documents.tables]
    review = review_plan(compute_choice(midtjylland), documents)
    for table, frame in zip(documents.tables, before, strict=True):
        pd.testing.assert_frame_equal(table.frame, frame)
    assert review.profiles["in_plan"].all()
    assert review.profiles["special_focus"].sum() == 8
    lacking = review.profiles["towns_lacking"]
    assert lacking[lacking.map(len) > 0].to_dict() == {"0779": ("Balling",)}  # planned, not built
    assert review.grants.municipalities["kroner"].sum() == 628_090 + 249_000
