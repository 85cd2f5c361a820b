"""Before and after, as a committee and a program read it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from coast import place
from gpcoverage import Choice, RoadNetwork, Study, compute_choice
from gpcoverage.analysis.closure import MOVES, Comparison, compare
from gpcoverage.analysis.rerun import prepare_rerun
from gpcoverage.inputs.scenario import Close, Scenario
from gpcoverage.outputs import closure_texts
from gpcoverage.outputs.changed import changed_points
from gpcoverage.outputs.closure import draw_closure, summarise_closure, write_closure
from gpcoverage.outputs.disclosure import OFF
from gpcoverage.outputs.figures import closure_figure
from gpcoverage.outputs.static_map import draw_closure_map
from gpcoverage.outputs.told_closure import tell_closure

NASTY = '<script>alert("1")</script>'
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
Pair = tuple[Comparison, Choice]


@pytest.fixture(scope="module")
def pair(make_study: Callable[..., Study], coast_road: RoadNetwork) -> Pair:
    """Close p0 of three: 10 people at 8 km drop from two to one, 20 at 0 km from one to none."""
    study = make_study([(0, 20), (8, 10), (20, 5)], [(10, True), (21, True), (12, False)])
    study = Study.close(_with_names(study), "p0", date=date(2026, 12, 31), stage="6m")
    assert study.baseline is not None
    baseline = prepare_rerun(compute_choice(study.baseline, coast_road))
    return compare(baseline, study), baseline.rerun(study)


def _with_names(study: Study) -> Study:
    named = study.practices.assign(name=[NASTY, '=HYPERLINK("x")', "Lægerne i Ulfborg"])
    named = named.assign(list_size=[900.0, 1500.0, 1600.0], doctors=[1.0, 1.0, 1.0])
    return replace(study, practices=named)


def test_free_places_that_nobody_knows_are_told(pair: Pair) -> None:
    told = tell_closure(*pair, disclosure=OFF)

    def answer(reachable: int, unknown: int) -> str:
        lists = replace(told.lists, reachable=reachable, unknown=unknown, free_places=100.0)
        return closure_texts.answer(replace(told, lists=lists))

    assert "har 100 ledige pladser. Deri mangler 2 af dem, fordi" in answer(3, 2)
    assert "3 praksis med åbent for tilgang ligger inden for grænsen, men" in answer(3, 3)
    assert "hvor mange ledige pladser der er, er ukendt." in answer(3, 3)
    assert "ingen praksis med åbent for tilgang ligger inden for grænsen." in answer(0, 0)


def test_sentences_say_who_loses_what(pair: Pair) -> None:
    answer = closure_texts.answer(tell_closure(*pair))
    assert answer.startswith(
        "15 borgere kan ikke længere vælge mellem mindst 2 åbne praksis inden for grænsen, "
        "og 20 mister deres sidste."
    )
    assert ".. tilmeldte skal have ny læge" in answer  # of a single doctor
    hidden = "ligger inden for grænsen, men hvor mange ledige pladser der er, oplyses ikke."
    assert hidden in answer
    everything = closure_texts.answer(tell_closure(*pair, disclosure=OFF))
    assert "900 tilmeldte" in everything
    assert "1 praksis med åbent for tilgang inden for grænsen har 100 ledige pladser." in everything
    assert (
        "lukker 31.12.2026 (opsagt med 6 måneders varsel)"
        in closure_texts.footnote(tell_closure(*pair))[0]
    )


def test_map_has_both_states_and_runs_nothing(pair: Pair, tmp_path: Path) -> None:
    page = write_closure(*pair, tmp_path)["map.html"].read_text(encoding="utf-8")
    for text in ("Før", "Efter", "Her mister borgere valg (35 borgere)", "15 → 0"):
        assert text in page or json.dumps(text)[1:-1] in page, text
    assert "<script>alert" not in page
    assert not re.search(r"""<(script|link|img)[^>]+(src|href)=["']?https?:|url\(https?:""", page)


def test_files_are_the_same_every_time(pair: Pair, tmp_path: Path) -> None:
    first, second = (write_closure(*pair, tmp_path / name) for name in ("a", "b"))
    assert set(first) == {
        "map.html", "municipalities.csv", "homes.csv", "alternatives.csv", "change.svg",
        "summary.json",
    }  # fmt: skip
    for name, path in first.items():
        one, two = path.read_text(encoding="utf-8"), second[name].read_text(encoding="utf-8")
        created = re.compile(r'"created": "[^"]*"')
        assert created.sub("", one) == created.sub("", two), name


def test_summary_tells_the_same_as_the_comparison(pair: Pair, tmp_path: Path) -> None:
    comparison, after = pair
    summary = json.loads(
        write_closure(comparison, after, tmp_path)["summary.json"].read_text(encoding="utf-8")
    )
    assert summary["scenario"]["changes"] == [
        {"kind": "close", "practice": "p0", "date": "2026-12-31", "stage": "6m"}
    ]
    moves = {move: row["people"] for move, row in summary["affected"]["moves"].items()}
    assert moves["choice_to_one"] == comparison.people("choice_to_one")
    assert summary["affected"]["loses_last"] == 20
    was, now = summary["before"]["by_status"], summary["after"]["by_status"]
    assert was["choice"] - now["choice"] == comparison.people("choice_to_one", "choice_to_none")
    assert sum(was.values()) == sum(now.values()) == 35
    lists = summary["affected"]["lists"]
    assert lists["patients"] is lists["free_places"] is None  # one doctor each
    everything = summarise_closure(tell_closure(comparison, after, disclosure=OFF), NOW)
    lists = everything["affected"]["lists"]
    assert (lists["patients"], lists["free_places"]) == (900, 100)
    assert summary["disclosure"] == {"smallest": 5, "single_doctors_lists": False}
    assert everything["disclosure"] == {"smallest": None, "single_doctors_lists": True}


def test_tables_are_harmless_in_excel(pair: Pair, tmp_path: Path) -> None:
    path = write_closure(*pair, tmp_path)["alternatives.csv"]
    table = pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig")
    assert table["name"].tolist() == ['\'=HYPERLINK("x")']


def test_figure_says_so_when_nothing_changes(
    make_study: Callable[..., Study], coast_road: RoadNetwork
) -> None:
    study = make_study([(0, 20)], [(10, True), (12, False)])
    comparison = compare(prepare_rerun(compute_choice(study, coast_road)), study.close("p1"))
    drawn = [text.get_text() for axes in closure_figure(comparison).axes for text in axes.texts]
    assert "Ingen kommune ændrer sig" in drawn
    assert "tog ikke imod nye patienter" in closure_texts.answer(
        tell_closure(comparison, comparison.check_after())
    )


def test_titles_stay_short(make_study: Callable[..., Study], coast_road: RoadNetwork) -> None:
    study = make_study([(0, 20)], [(float(km), True) for km in range(5, 12)])
    baseline = prepare_rerun(compute_choice(study, coast_road))
    many = compare(baseline, study.close("p0", "p1", "p2", "p3", "p4"))
    assert "og 3 andre lukker" in closure_texts.title(many)
    named = compare(baseline, study.under(Scenario("Strukturplan", (Close("p0"),))))
    assert closure_texts.title(named).endswith(": Strukturplan")


def test_a_map_shows_a_practice_that_opens_and_changes_nothing(
    make_study: Callable[..., Study], coast_road: RoadNetwork
) -> None:
    study = make_study([(2, 10)], [(2, True), (3, True), (4, True)])
    lat, lon = place(25)
    after = study.open("Ny", lat=lat, lon=lon)
    comparison = compare(prepare_rerun(compute_choice(study, coast_road)), after)
    assert comparison.people(*MOVES) == 0
    points = changed_points(comparison)
    assert points.index.tolist() == ["ny-1"]
    assert points.x.tolist() == pytest.approx([525_000], abs=0.1)
    told = tell_closure(comparison, comparison.check_after())
    shown = draw_closure(told).get_root().render()
    assert closure_texts.CHANGED_LABEL in shown
    assert f"<span>{closure_texts.CLOSED_LABEL}" not in shown
    legend = draw_closure_map(told).axes[0].get_legend()
    assert legend is not None
    assert closure_texts.CLOSED_LABEL not in [text.get_text() for text in legend.get_texts()]
