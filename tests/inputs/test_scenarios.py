"""Scenarios: what changes, what does not, and what is taken back."""

import datetime
from collections.abc import Callable
from dataclasses import fields, replace
from typing import TypedDict

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage import RoadNetwork, Scenario, Study, compute_choice
from gpcoverage.errors import SchemaError
from gpcoverage.inputs.scenario import Close, Intake, Move, Open, check_date, find_practice
from gpcoverage.units import to_degrees

Make = Callable[..., Study]

X0, Y0 = 500_000.0, 6_200_000.0
END = datetime.date(2026, 12, 31)
PRACTICES = [(1, True), (3, False), (8, True), (20, True), (40, False)]


@pytest.fixture
def study(make_study: Make) -> Study:
    return make_study([(0, 10), (12, 20)], PRACTICES)


@pytest.fixture(scope="module")
def practices() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["Lægerne Åby", "Lægerne Torvet", "Mols Lægehus", "Lægehuset", "Lægehuset"],
            "town": ["Åby", "Knebel", "Knebel", "Rønde", None],
        },
        index=["0706-a", "0706-b", "0706-c", "0706-d", "Y5"],
    )


class Place(TypedDict):
    lat: float
    lon: float


def at_km(km: float) -> Place:
    """Give the place on the coast road, degrees."""
    lon, lat = to_degrees(np.array([X0 + 1000 * km]), np.array([Y0]))
    return {"lat": float(lat[0]), "lon": float(lon[0])}


def check_equal(one: Study, other: Study) -> None:
    """Check that two studies are equal to the bit, types of columns included."""
    for field in fields(Study):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b, check_exact=True)
        elif field.name != "baseline":
            assert a == b


# Practices by what an analyst writes


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        *(("0706-b", "0706-b"), ("0706-B", "0706-b"), ("y5", "Y5"), (" 0706-a ", "0706-a")),
        *(("lægerne torvet", "0706-b"), ("LÆGERNE ÅBY", "0706-a"), ("mols", "0706-c")),
        *(("åby", "0706-a"), ("RØNDE", "0706-d"), ("røn", "0706-d"), ("Torvet", "0706-b")),
    ],
)
def test_practice_is_found(practices: pd.DataFrame, wanted: str, expected: str) -> None:
    assert find_practice(practices, wanted) == expected


def test_id_goes_before_name_and_whole_before_part() -> None:
    names = ["B", "Lægehus", "Lægehus Syd", "Rønde Nord"]
    towns = ["", "Rønde", "", "Thorsager"]
    frame = pd.DataFrame({"name": names, "town": towns}, index=["A", "B", "C", "D"])
    assert find_practice(frame, "B") == "B"
    assert find_practice(frame, "lægehus") == "B"
    assert find_practice(frame, "rønde") == "B"


@pytest.mark.parametrize(
    ("wanted", "all_of_them"),
    [
        ("Knebel", r"fits 2 practices: Lægerne Torvet \(0706-b\); Mols Lægehus \(0706-c\)\."),
        ("lægehuset", r"fits 2 practices: Lægehuset \(0706-d\); Lægehuset \(Y5\)\. Give the id"),
        ("læge", r"fits 5 practices: .*0706-a.*0706-b.*0706-c.*0706-d.*Y5"),
    ],
)
def test_ambiguous_lists_all(practices: pd.DataFrame, wanted: str, all_of_them: str) -> None:
    with pytest.raises(SchemaError, match=f"^'{wanted}' {all_of_them}"):
        find_practice(practices, wanted)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("Lægerne Torvte", "is no practice of this study. Did you mean Lægerne Torvet"),
        ("Knebbel", "Did you mean Knebel[?,]"),
        ("0706-x", "Did you mean .*0706-a"),
        ("qqqq", r"'qqqq' is no practice of this study\. Give its id or name"),
        ("", r"^'' is no practice of this study\. Give"),
        ("  ", r"^'  ' is no practice of this study\. Give"),
        (".*", r"^'\.\*' is no practice"),
    ],
)
def test_unknown_suggests_a_spelling(practices: pd.DataFrame, wanted: str, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        find_practice(practices, wanted)


# Changes


CHANGES: dict[str, Callable[[Study], Study]] = {
    "close": lambda s: s.close("p0", "Praksis 2", date=END, stage="6m"),
    "open": lambda s: s.open("Ny", **at_km(5)),
    "move": lambda s: s.move("p0", **at_km(35)),
    "intake": lambda s: s.set_intake("p1", takes_patients=True),
    "reopen": lambda s: s.close("p0", "p1").reopen("p1"),
    "under": lambda s: s.under(Scenario("A", (Close("p0"), Open("n", "N", **at_km(9))))),
}


@pytest.mark.parametrize("name", CHANGES)
def test_study_is_left_as_it_was(study: Study, name: str) -> None:
    copy = replace(
        study,
        practices=study.practices.copy(),
        homes=study.homes.copy(),
        municipalities=study.municipalities.copy(),
    )
    after = CHANGES[name](study)
    check_equal(study, copy)
    assert (study.baseline, study.scenario) == (None, Scenario())
    assert after.baseline is study
    assert after.homes is study.homes
    assert not after.practices.equals(study.practices)
    assert after.practices.dtypes.equals(study.practices.dtypes)
    assert after.practices.columns.equals(study.practices.columns)
    assert after.practices.crs == study.practices.crs


def test_close_takes_rows_away_and_keeps_order(study: Study) -> None:
    after = study.close("Praksis 2", "p0", "p0", date=END, stage="4m")
    assert after.practices.index.tolist() == ["p1", "p3", "p4"]
    assert after.scenario.changes == (Close("p2", END, "4m"), Close("p0", END, "4m"))
    with pytest.raises(SchemaError, match="'p0' is no practice"):
        after.close("p0")


def test_open_puts_a_row_last(study: Study) -> None:
    after = study.open("Ny", **at_km(31), clinic="regionsklinik", doctors=2.5, takes_patients=False)
    assert after.practices.index.tolist() == ["p0", "p1", "p2", "p3", "p4", "ny-1"]
    new = after.practices.loc["ny-1"]
    assert (new["name"], new["open"], new["doctors"]) == ("Ny", False, 2.5)
    assert np.isnan(new["list_size"])
    assert (new["municipality_code"], new["basis"], new["town"]) == ("0101", "regionsklinik", "")
    assert new.geometry.distance(shapely.Point(X0 + 31_000, Y0)) < 0.001


def test_open_without_doctors_leaves_them_unknown(study: Study) -> None:
    new = study.open("Ny", **at_km(2)).practices.loc["ny-1"]
    assert np.isnan(new["doctors"])
    assert new["open"]


def test_move_changes_place_municipality_and_address(study: Study) -> None:
    study = replace(study, practices=study.practices.assign(address="Vej 1", postcode="7500"))
    moved = study.move("Praksis 2", **at_km(35)).practices
    assert moved.loc["p2", "municipality_code"] == "0101"
    assert moved.loc["p2", ["address", "postcode"]].tolist() == ["", ""]
    assert moved.geometry["p2"].distance(shapely.Point(X0 + 35_000, Y0)) < 0.001
    pd.testing.assert_frame_equal(moved.drop("p2"), study.practices.drop("p2"))


def test_intake_changes_open_alone(study: Study) -> None:
    after = study.set_intake("p1", takes_patients=True).set_intake("p0", takes_patients=False)
    assert after.practices["open"].tolist() == [False, True, True, True, False]
    rest = study.practices.columns.drop("open")
    pd.testing.assert_frame_equal(after.practices[rest], study.practices[rest])
    assert after.scenario.changes == (Intake("p1", True), Intake("p0", False))


def test_new_ids_are_free(study: Study) -> None:
    named = replace(study, practices=study.practices.rename(index={"p1": "ny-2"}))
    after = named.close("ny-2")
    for km in (5, 6, 7):
        after = after.open("Ny", **at_km(km))
    assert after.practices.index[-3:].tolist() == ["ny-1", "ny-3", "ny-4"]


def test_new_practice_can_close_and_come_back(study: Study) -> None:
    opened = study.open("Ny", **at_km(5))
    again = opened.close("ny-1").reopen("Ny")
    check_equal(again, opened)


def test_id_of_a_closed_new_practice_is_not_given_twice(study: Study) -> None:
    after = study.open("A", **at_km(5)).close("ny-1").open("B", **at_km(6)).reopen("ny-1")
    assert after.practices["name"].tolist()[-2:] == ["A", "B"]


def test_taken_id_is_refused(study: Study) -> None:
    with pytest.raises(SchemaError, match=r"The id p1 is taken by Praksis 1\. Give .* another id"):
        study.change(Open("p1", "Ny", **at_km(5)))
    twice = Scenario("To", (Open("n", "A", **at_km(5)), Open("n", "B", **at_km(6))))
    with pytest.raises(SchemaError, match="The id n is taken by A"):
        study.under(twice)


SEA, SWAPPED = Place(lat=56.5, lon=7.0), Place(lat=9.0, lon=56.0)


@pytest.mark.parametrize("place", [SEA, SWAPPED, Place(lat=91.0, lon=9.0)])
def test_place_in_no_municipality_is_refused(midtjylland: Study, place: Place) -> None:
    told = f"lat {place['lat']}, lon {place['lon']} lies in no Danish .* Give latitude first"
    with pytest.raises(SchemaError, match=told):
        midtjylland.open("Ny", **place)
    with pytest.raises(SchemaError, match=told):
        midtjylland.move("0706-knebel-1", **place)


def test_place_is_not_a_number(midtjylland: Study) -> None:
    with pytest.raises(SchemaError, match="lat nan"):
        midtjylland.open("Ny", lat=float("nan"), lon=9.0)


# Dates


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        ("2026-11-15", "2026-10-31", "2026-11-30"),
        ("2028-02-28", "2028-01-31", "2028-02-29"),
        ("2027-01-01", "2026-12-31", "2027-01-31"),
    ],
)
def test_date_is_a_month_end(study: Study, day: str, before: str, after: str) -> None:
    told = f"^{day} is not the last day of a month.* Give {before} or {after}\\."
    date = datetime.date.fromisoformat(day)
    calls: list[Callable[[], Study]] = [
        lambda: study.close("p0", date=date),
        lambda: study.open("Ny", **at_km(1), date=date),
        lambda: study.move("p0", **at_km(1), date=date),
        lambda: study.set_intake("p0", takes_patients=False, date=date),
    ]
    for call in calls:
        with pytest.raises(SchemaError, match=told):
            call()


def test_month_end_passes(study: Study) -> None:
    date = datetime.date(2028, 2, 29)
    assert study.close("p0", date=date).scenario.changes == (Close("p0", date),)
    check_date(None)


def test_first_month_of_all_is_refused_in_words() -> None:
    with pytest.raises(SchemaError, match="0001-01-15 is not the last day of a month"):
        check_date(datetime.date(1, 1, 15))


def test_date_must_fit_study_and_rule(study: Study) -> None:
    rules = replace(study.rules, valid_to=datetime.date(2027, 12, 31))
    study = replace(study, rules=rules)
    assert study.close("p0", date=datetime.date(2027, 12, 31)).scenario.changes
    with pytest.raises(
        SchemaError, match=r"^2026-10-31 does not fit the study: it is about 2026-1"
    ):
        study.close("p0", date=datetime.date(2026, 10, 31))
    with pytest.raises(SchemaError, match=r"^2028-01-31 .* rule 'Lægevalg' ends on 2027-12-31"):
        study.close("p0", date=datetime.date(2028, 1, 31))


def test_stated_closing_date_is_the_default(study: Study) -> None:
    stated = ["2026-12-31", "", "2027-01-31", "", ""]
    study = replace(study, practices=study.practices.assign(closing_date=stated))
    after = study.close("p0", "p1").close("p2", date=END)
    assert after.scenario.changes == (Close("p0", END), Close("p1"), Close("p2", END))


# Taking changes back


def test_reopening_all_gives_the_baseline_itself(study: Study) -> None:
    assert study.close("p0").reopen("Praksis 0") is study
    assert study.close("p0", "p1").close("p4").reopen("p4", "p0").reopen("p1") is study
    assert study.under(Scenario("A", (Close("p3"),), "kilde")).reopen("p3") is study


def test_reopening_what_is_not_closed_is_refused(study: Study) -> None:
    with pytest.raises(SchemaError, match="'p1' is no practice"):
        study.close("p0").reopen("p1")
    with pytest.raises(SchemaError, match="'p0' is no practice"):
        study.reopen("p0")


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_close_then_reopen_in_any_order(
    make_study: Make, coast_road: RoadNetwork, data: st.DataObject
) -> None:
    study = make_study([(0, 10), (12, 20)], PRACTICES)
    ids = study.practices.index.tolist()
    other = st.sampled_from(["intake", "move", "open", ""])
    closed = data.draw(st.lists(st.sampled_from(ids), unique=True, min_size=1))
    after, plain = study, study
    for number, practice in enumerate(closed):
        after = after.close(practice)
        left = [i for i in ids if i not in closed]
        match data.draw(other):
            case "intake" if left:
                after = after.set_intake(left[0], takes_patients=False)
                plain = plain.set_intake(left[0], takes_patients=False)
            case "move" if left:
                place = at_km(10.0 + number)
                after, plain = after.move(left[-1], **place), plain.move(left[-1], **place)
            case "open":
                place = at_km(2.0 + number)
                after, plain = after.open("Ny", **place), plain.open("Ny", **place)
    for number, practice in enumerate(back := data.draw(st.permutations(closed)), 1):
        after = after.reopen(practice)
        gone = set(back[number:])
        kept = plain.practices[~plain.practices.index.isin(gone)]
        pd.testing.assert_frame_equal(after.practices, kept, check_exact=True)
    check_equal(after, plain)
    if plain is study:
        assert after is study
    one, two = compute_choice(plain, coast_road), compute_choice(after, coast_road)
    pd.testing.assert_frame_equal(one.homes, two.homes, check_exact=True)
    pd.testing.assert_frame_equal(one.municipalities, two.municipalities, check_exact=True)


def test_under_names_the_study_and_resolves_names(study: Study) -> None:
    changes = (Close("praksis 0", END, "1m"), Intake("P1", True), Move("Praksis 2", **at_km(4)))
    scenario = Scenario("Plan", changes, "kilde", "note")
    after = study.under(scenario)
    by_id = (Close("p0", END, "1m"), Intake("p1", True), Move("p2", **at_km(4)))
    assert after.scenario == Scenario("Plan", by_id, "kilde", "note")
    more = after.under(Scenario("Mere", (Close("Praksis 4"),)))
    assert more.scenario == Scenario("Mere", (*by_id, Close("p4")))
    assert more.baseline is study
    with pytest.raises(SchemaError, match="'praksis 9' is no practice"):
        study.under(Scenario("Fejl", (Close("praksis 9"),)))
