"""The panel, driven as a notebook drives it: values are set, the button is pressed, HTML is read."""

import datetime
import html
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from browser import opened
from gpcoverage import Comparison, Study, compare, compute_choice, load_study, prepare_rerun
from gpcoverage.analysis.rerun import Baseline
from gpcoverage.outputs import closure_texts, panel
from gpcoverage.outputs.language import speaking
from gpcoverage.outputs.panel import Panel, open_panel
from gpcoverage.outputs.told_closure import tell_closure

CLOSED = "0706-roende-1"


@pytest.fixture(scope="module")
def at_work(root: Path) -> Panel:
    """Open the panel on the example once; tests set all that they read."""
    return open_panel(root / "data/midtjylland.toml")


@pytest.fixture(scope="module")
def baseline(midtjylland: Study) -> Baseline:
    return prepare_rerun(compute_choice(midtjylland))


def press(shown: Panel, region: str, *closing: str, date: datetime.date | str = "") -> None:
    shown.region.value = region
    for button in shown.closing.children:
        button.click()
    shown.search.value = ""
    for practice in closing:
        shown.choose(practice)
    shown.date.value = date
    shown.button.click()


def told(widget: Any) -> str:
    return html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", widget.value, flags=re.DOTALL))


def cells(shown: Panel) -> dict[str, list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", shown.table.value)
    table = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    return {row[0]: row[1:] for row in table if row}


def same(shown: Comparison | None, expected: Comparison) -> bool:
    assert shown is not None
    pd.testing.assert_frame_equal(shown.municipalities, expected.municipalities)
    pd.testing.assert_frame_equal(shown.homes, expected.homes)
    return len(expected.homes) > 0


def test_nothing_closed_is_the_check_itself(at_work: Panel, baseline: Baseline) -> None:
    press(at_work, "")
    assert at_work.comparison is None
    assert at_work.choice is not None
    pd.testing.assert_frame_equal(at_work.choice.municipalities, baseline.choice.municipalities)
    assert "1.212.708 af 1.364.600 borgere (88,9 %) kan vælge" in told(at_work.answer)
    assert cells(at_work)["I alt"] == [
        "1.364.600", "1.212.708", "115.775", "36.117", "102.802", "389", "167",
    ]  # fmt: skip
    assert len(cells(at_work)) == len(baseline.choice.municipalities) + 1


def test_closures_equal_compare(at_work: Panel, baseline: Baseline, midtjylland: Study) -> None:
    day = datetime.date(2027, 5, 31)
    press(at_work, "", CLOSED, "Lægerne i Ulfborg 2 (eksempel), Holstebro", date=day)
    after = midtjylland.close(CLOSED, "0661-ulfborg-2", date=day)
    expected = compare(baseline, after)
    assert same(at_work.comparison, expected)
    sentence = closure_texts.answer(tell_closure(expected, expected.check_after()))
    assert sentence in told(at_work.answer)
    assert "31.05.2027" in at_work.map.value
    assert at_work.message.value.count(">") == 2  # an empty line
    row = cells(at_work)["Syddjurs"]
    assert row == [
        "43.800", "39.576", "35.109", "2.392", "5.372", "1.832", "3.319", "4.467", "1.487", "1.923",
    ]  # fmt: skip


def test_another_region_has_its_own_answer(at_work: Panel, root: Path) -> None:
    practices = dict(at_work.region.options)
    assert practices == {
        "Region Midtjylland": "", "Region Hovedstaden": "Hovedstaden", "Region Nordjylland": "Nordjylland",
        "Region Sjælland": "Sjælland", "Region Syddanmark": "Syddanmark",
    }  # fmt: skip
    press(at_work, "Nordjylland")
    study = load_study(root / "data/midtjylland.toml", region="Nordjylland")
    choice = compute_choice(study)
    assert at_work.choice is not None
    pd.testing.assert_frame_equal(at_work.choice.municipalities, choice.municipalities)
    assert "Region Nordjylland" in told(at_work.answer)
    closing = ("0810-dronninglund-1", "0810-hjallerup-1", "0810-hjallerup-2")
    press(at_work, "Nordjylland", *closing)
    assert same(at_work.comparison, compare(prepare_rerun(choice), study.close(*closing)))


def test_what_is_computed_once_is_kept(at_work: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    press(at_work, "")
    monkeypatch.setattr(panel, "compute_choice", None)
    press(at_work, "", CLOSED)
    assert at_work.comparison is not None
    assert round(at_work.comparison.people("one_to_none")) == 1_487


def test_practices_are_searched_chosen_and_taken_back(at_work: Panel) -> None:
    press(at_work, "")
    at_work.search.value = "Lægerne i Rønde"
    assert at_work.closing.children == ()  # still being written
    label = "Lægerne i Rønde 1 (eksempel), Syddjurs"
    assert label in at_work.search.options
    at_work.search.value = label
    assert [button.description for button in at_work.closing.children] == [label]
    assert at_work.search.value == ""
    assert "Tryk på Beregn." in told(at_work.message)
    at_work.search.value = label  # once more changes nothing
    assert len(at_work.closing.children) == 1
    at_work.closing.children[0].click()
    assert at_work.closing.children == ()
    at_work.choose(CLOSED)
    at_work.region.value = "Sjælland"  # the list is another's
    assert at_work.closing.children == ()
    assert label not in at_work.search.options


def test_dates_are_month_ends_from_the_study_on(at_work: Panel) -> None:
    days = [day for _, day in at_work.date.options if day]
    assert (days[0], days[1], days[-1]) == (
        datetime.date(2026, 11, 30), datetime.date(2026, 12, 31), datetime.date(2028, 10, 31)
    )  # fmt: skip
    assert all((day + datetime.timedelta(days=1)).day == 1 for day in days)


@pytest.mark.parametrize(
    ("written", "why"),
    [("Ulfborg", "'Ulfborg' fits 3 practices"), ("<b>Atlantis", "'<b>Atlantis' is no practice")],
)
def test_what_fits_no_practice_is_one_message(at_work: Panel, written: str, why: str) -> None:
    press(at_work, "")
    answer = at_work.answer.value
    at_work.search.value = written
    at_work.button.click()
    assert told(at_work.message).startswith(f"Det kan ikke beregnes. {why}")
    assert "Traceback" not in at_work.message.value
    assert "<b>" not in at_work.message.value
    assert at_work.answer.value == answer
    assert not at_work.button.disabled
    press(at_work, "", CLOSED)  # goes on
    assert told(at_work.message) == ""


def test_wrong_files_are_one_message(root: Path, tmp_path: Path) -> None:
    shown = open_panel(tmp_path / "none.toml")
    assert "none.toml" in told(shown.message)
    assert told(shown.message).startswith("Det kan ikke beregnes.")
    assert shown.button.disabled
    lines = (root / "geo/cells.csv.gz", tmp_path / "homes.csv")
    cells = pd.read_csv(lines[0], dtype=str)
    cells[cells["municipality_code"] == "0706"].to_csv(lines[1], index=False)
    text = (root / "data/midtjylland.toml").read_text(encoding="utf-8")
    text = re.sub(r"settlement.*\n", "", text)
    text = re.sub(
        r'= "(\.\./)?(\w+/)?([\w.]+\.(?:csv|gz|toml|geojson|csv\.gz))"', _absolute(root), text
    )
    text = re.sub(r"homes = .*", f'homes = "{lines[1].as_posix()}"', text)
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    shown = open_panel(tmp_path / "study.toml")
    press(shown, "Nordjylland")
    assert "nobody lives in the study's area" in told(shown.message)
    assert shown.answer.value == ""
    press(shown, "")
    assert shown.choice is not None
    assert told(shown.message) == ""


def _absolute(root: Path) -> Callable[[re.Match[str]], str]:
    def to(found: re.Match[str]) -> str:
        return f'= "{(root / "data" / found[0][3:-1]).resolve().as_posix()}"'

    return to


def test_names_are_text_and_labels_are_distinct(
    make_study: Callable[..., Study], monkeypatch: pytest.MonkeyPatch, coast_road: Any
) -> None:
    study = make_study([(0, 20), (8, 10), (20, 5)], [(10, True), (21, True), (12, False)])
    nasty = "<script>alert(1)</script>"
    named = study.practices.assign(name=["Lægerne", "Lægerne", nasty], town=["", "", "Vemb"])
    monkeypatch.setattr(panel, "load_study", lambda _: replace(study, practices=named))
    monkeypatch.setattr(panel, "load_network", lambda _: coast_road)
    shown = open_panel("any.toml")
    assert shown.search.options == (
        "<script>alert(1)</script>, Vemb, Holstebro", "Lægerne, Holstebro", "Lægerne, Holstebro (p1)"
    )  # fmt: skip
    press(shown, "", "p2", "p0")
    assert nasty in told(shown.answer)
    for part in (shown.answer, shown.map, shown.table):
        assert "<script>alert" not in part.value


def test_panel_speaks_english(root: Path) -> None:
    with speaking("en"):
        shown = open_panel(root / "data/midtjylland.toml")
    assert shown.button.description == "Compute"
    assert shown.search.description == "Practice that closes"
    shown.search.value = "Atlantis"
    shown.button.click()  # later, and in the same language
    assert told(shown.message).startswith("This cannot be computed.")


def test_a_copy_without_a_kernel_shows_what_was_shown(at_work: Panel) -> None:
    press(at_work, "", CLOSED)
    shown = at_work._repr_mimebundle_(include=None, exclude=None)
    assert "application/vnd.jupyter.widget-view+json" in shown
    for part in (at_work.answer, at_work.map, at_work.table):
        assert part.value in shown["text/html"]


def test_frame_holds_a_page_that_works(at_work: Panel, tmp_path: Path) -> None:
    press(at_work, "", CLOSED)
    page = tmp_path / "frame.html"
    page.write_text(f"<!doctype html><meta charset='utf-8'>{at_work.map.value}", encoding="utf-8")
    with opened(page) as (shown, complaints):
        frame = shown.frame_locator("iframe.gpcoverage-map")
        frame.locator(".change").wait_for()
        assert frame.locator(".change").count() == 1
        assert not frame.locator("header").is_visible()
        frame.get_by_text("Før", exact=True).click()
        assert complaints == []


def test_package_loads_no_widgets_before_they_are_asked_for() -> None:
    code = (
        "import sys, gpcoverage; assert 'ipywidgets' not in sys.modules; "
        "assert callable(gpcoverage.open_panel); assert 'ipywidgets' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
