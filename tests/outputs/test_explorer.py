"""The closure explorer: its data hold the same answers, and the page counts as Python does."""

import base64
import json
import os
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from browser import opened
from gpcoverage import (
    Choice,
    RoadNetwork,
    Study,
    choice_map,
    compare,
    compute_choice,
    prepare_rerun,
    speaking,
    write_choice,
)
from gpcoverage.analysis.choice import STATUSES
from gpcoverage.analysis.closure import MOVES
from gpcoverage.inputs.scenario import Change, Close, Intake
from gpcoverage.outputs import explorer_texts
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.explorer import explorer_data
from gpcoverage.outputs.told import tell_choice
from outputs.conftest import NASTY

Make = Callable[..., Study]
OFF = Disclosure(off=True)
KINDS = {
    "people": "<f8", "municipality": "u1", "off_road": "u1", "limit": "<f4", "reached": "<u2",
    "place": "<u2", "corners": "<u2", "square": "<u4", "at": "<u2",
}  # fmt: skip


def arrays(data: dict[str, Any]) -> dict[str, np.ndarray]:
    packed = data["arrays"]
    assert packed.keys() == KINDS.keys()
    return {name: np.frombuffer(base64.b64decode(packed[name]), KINDS[name]) for name in KINDS}


def judged(data: dict[str, Any], flipped: set[int]) -> tuple[np.ndarray, np.ndarray]:
    """Count as the page does: status by number, and whether it is certain."""
    known, enough = arrays(data), data["enough"]
    count = np.zeros(data["places"], dtype=int)
    for number, (_, _, place, counts) in enumerate(data["practices"]):
        count[place] += counts ^ (number in flipped)
    home = np.repeat(np.arange(len(known["people"])), known["reached"])
    levels = []
    for farthest in (0, 1, 2):
        here = np.where(known["place"] >> 14 <= farthest, count[known["place"] & 16383], 0)
        within = np.bincount(home, here, minlength=len(known["people"]))
        levels.append(np.select([within >= enough, within > 0], [2, 1], 0))
    low, status, high = levels
    return status, (low == status) & (high == status) & (known["off_road"] == 0)


def flip(choice: Choice, numbers: set[int]) -> Study:
    ids, counts = choice.study.practices.index, choice.study.counted
    changes: list[Change] = [
        Close(str(ids[n])) if counts[n] else Intake(str(ids[n]), open=True) for n in sorted(numbers)
    ]
    return choice.study.change(*changes)


def assert_same(choice: Choice, numbers: set[int]) -> None:
    status, certain = judged(explorer_data(tell_choice(choice, disclosure=OFF)), numbers)
    homes = compute_choice(flip(choice, numbers), choice.network).homes
    assert [STATUSES[level] for level in status] == homes["status"].tolist()
    assert certain.tolist() == (homes["certainty"] == "certain").tolist()


@settings(deadline=None, max_examples=40)
@given(
    homes=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 90)), min_size=1, max_size=8),
    practices=st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=2, max_size=8),
    data=st.data(),
)
def test_its_data_hold_every_answer(
    make_study: Make,
    coast_road: RoadNetwork,
    homes: list[tuple[int, int]],
    practices: list[tuple[int, bool]],
    data: st.DataObject,
) -> None:
    choice = compute_choice(make_study(homes, practices), coast_road)
    numbers = data.draw(
        st.sets(st.sampled_from(range(len(practices))), max_size=len(practices) - 1)
    )
    assert_same(choice, numbers)


def test_unreachable_homes_and_other_rules(choice: Choice) -> None:
    assert_same(choice, set())
    assert_same(choice, {0, 2})
    rules = replace(choice.study.rules, min_choices=1)
    assert_same(compute_choice(replace(choice.study, rules=rules), choice.network), {1})


def test_text_from_files_stays_text(choice: Choice, tmp_path: Path) -> None:
    page = tmp_path / "map.html"
    choice_map(choice)
    write_choice(choice, tmp_path)
    text = page.read_text(encoding="utf-8")
    block = text.split('id="explorer-data">', 1)[1].split("</script>", 1)[0]
    assert "<" not in block
    names = [row[1] for row in json.loads(block)["practices"]]
    assert names == choice.study.practices["name"].tolist()


def test_homes_left_out_count_nobody(choice: Choice) -> None:
    told = tell_choice(choice)
    data = explorer_data(told)
    people = arrays(data)["people"]
    hidden = told.homes["population"].isna().to_numpy()
    assert data["hidden"] == hidden.sum()
    assert (people[hidden] == 0).all()
    assert people.sum() == told.homes["population"].sum()


def test_where_few_can_be_told_there_is_none(make_study: Make, coast_road: RoadNetwork) -> None:
    homes = [(km, 2) for km in range(29)]  # addresses
    choice = compute_choice(make_study(homes, [(3, True), (9, True)]), coast_road)
    for disclosure, is_there in ((ON, False), (OFF, True)):
        page = choice_map(choice, disclosure=disclosure).get_root().render()
        assert ("explorer-data" in page) == is_there
        assert ("Prøv selv" in page) == is_there


# In a browser


@pytest.fixture(scope="module")
def region(midtjylland: Study, terrain_network: RoadNetwork) -> Choice:
    return compute_choice(midtjylland, terrain_network)


@pytest.fixture(scope="module")
def page(region: Choice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explorer")
    write_choice(region, folder, disclosure=OFF)
    return folder / "map.html"


@pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="too slow with the compiler switched off"
)
def test_a_hundred_sets_of_closures_equal_compare(region: Choice, page: Path) -> None:
    baseline, random = prepare_rerun(region), np.random.default_rng(1)
    reached = np.flatnonzero(region.distances.met)
    sets = [
        set(random.choice(reached, random.integers(1, 9), replace=False).tolist())
        for _ in range(100)
    ]
    ids = region.study.practices.index
    with opened(page) as (shown, complaints):
        asked = [[str(ids[n]) for n in numbers] for numbers in sets]
        told = shown.evaluate("sets => sets.map(ids => explorer.flip(ids))", asked)
        assert complaints == []
    some = 0.0
    for numbers, found in zip(sets, told, strict=True):
        result = compare(baseline, flip(region, numbers))
        for move in MOVES:
            people = result.people(move)
            some += people
            assert found["moves"].get(move, 0) == pytest.approx(people, abs=1e-6)
            unsure = result.people(move, certain=False)
            assert found["unsure"].get(move, 0) == pytest.approx(unsure, abs=1e-6)
    assert some > 100_000


def test_a_click_closes_and_undo_opens_again(page: Path) -> None:
    with opened(page) as (shown, complaints):
        marker = shown.locator("path.practice[aria-label*='Rønde']").first
        marker.focus()
        shown.keyboard.press("Enter")
        shown.locator(".practice-button", has_text="Luk").click()
        said = shown.locator(".explorer .sentence")
        assert said.inner_text() == (
            "Lukker Lægerne i Rønde 1 (eksempel): 4.467 borgere går fra at kunne vælge til kun én "
            "(heraf 1.443 usikkert), 1.487 borgere mister deres sidste åbne valg (heraf 480 usikkert)."
        )
        assert shown.url.endswith("#skift=0706-roende-1")
        row = shown.locator("footer tbody tr", has_text="Syddjurs")
        assert row.locator("td.changed").count() == 4
        assert row.locator("td").nth(2).text_content() == "35.109"
        shown.locator("button[data-do=undo]").click()
        assert said.inner_text() == ""
        assert row.locator("td.changed").count() == 0
        assert "#" not in shown.url
        assert complaints == []


def test_the_address_brings_the_state_back(page: Path) -> None:
    fragment = "#skift=0706-roende-1,nobody&ny=56.3000_10.4500"
    with opened(page, fragment, width=390, height=844) as (shown, complaints):
        changes = shown.locator(".explorer .changes li").all_inner_texts()
        assert [line.split("\n")[0] for line in changes] == [
            "\N{MINUS SIGN} Lægerne i Rønde 1 (eksempel)",
            "+ Ny praksis 1",
        ]
        assert shown.evaluate("document.documentElement.scrollWidth") <= 390
        shown.locator("button[data-do=reset]").click()
        assert shown.locator(".explorer .changes li").count() == 0
        assert complaints == []


def test_a_phone_shows_title_answer_and_map_first(page: Path) -> None:
    with opened(page, width=390, height=844) as (shown, complaints):

        def box(selector: str) -> dict[str, float]:
            found: dict[str, float] = shown.locator(selector).first.bounding_box()
            return found

        order = [box(name) for name in ("h1", "header p", ".folium-map", ".key-figures", ".legend")]
        for above, below in pairwise(order):
            assert above["height"] > 15
            assert above["y"] + above["height"] <= below["y"]
        assert order[2]["y"] < 844 / 5
        control = shown.locator(".leaflet-control-layers").first
        assert control.is_visible()
        shown.locator("path.practice[aria-label*='Rønde']").first.focus()
        shown.keyboard.press("Enter")
        shown.locator(".leaflet-popup").wait_for()
        assert not control.is_visible()  # it would lie on the text
        shown.locator(".leaflet-popup-close-button").dispatch_event("click")
        shown.locator(".leaflet-popup").wait_for(state="detached")
        assert control.is_visible()
        assert complaints == []


def test_a_table_sorts_by_its_headings(page: Path) -> None:
    with opened(page) as (shown, complaints):
        shown.locator("footer summary").click()
        heading = shown.locator("button.sort", has_text="Borgere")
        heading.click()
        heading.click()
        assert shown.locator("th[aria-sort=descending]").inner_text() == "Borgere"
        assert shown.locator("footer tbody tr td").first.inner_text() == "Aarhus"
        assert complaints == []


def test_in_english(region: Choice, tmp_path: Path) -> None:
    with speaking("en"):
        write_choice(region, tmp_path, disclosure=OFF)
    with opened(tmp_path / "map.html", "#ny=56.3000_10.4500") as (shown, complaints):
        assert shown.evaluate("document.documentElement.lang") == "en"
        assert "as the crow flies times 1.2, give" in shown.locator(".fine").inner_text()
        shown.locator("button[data-do=reset]").click()
        shown.locator("path.practice[aria-label*='Rønde']").first.focus()
        shown.keyboard.press("Enter")
        shown.locator(".practice-button", has_text="Close practice").click()
        assert shown.locator(".explorer .sentence").inner_text() == (
            "Closing Lægerne i Rønde 1 (eksempel): 4,467 people go from a choice to only one "
            "(1,443 of them uncertain), 1,487 people lose their last open practice (480 of them "
            "uncertain)."
        )
        shown.locator("footer summary").click()
        heading = shown.locator("button.sort", has_text="People")
        heading.click()
        assert shown.locator("footer tbody tr td").first.inner_text() == "Samsø"
        assert shown.locator("footer tbody tr td").nth(1).inner_text() == "3,700"
        heading.click()
        assert shown.locator("footer tbody tr td").first.inner_text() == "Aarhus"
        assert complaints == []


def test_nothing_in_a_name_runs(choice: Choice, tmp_path: Path) -> None:
    write_choice(choice, tmp_path, disclosure=OFF)
    with opened(tmp_path / "map.html") as (shown, complaints):
        dialogs: list[str] = []
        shown.on("dialog", lambda dialog: dialogs.append(dialog.message))
        shown.locator("path.practice").first.focus()
        shown.keyboard.press("Enter")
        shown.locator(".practice-button").first.click()
        assert NASTY in shown.locator(".explorer .sentence").inner_text()
        assert shown.evaluate("document.scripts.length") == 5
        assert (dialogs, complaints) == ([], [])


def test_few_are_told_as_fewer_than_may_be_told(choice: Choice) -> None:
    said = explorer_texts.texts_of(choice, Disclosure(smallest=10))
    assert said["fewer_than"] == "under 10"
