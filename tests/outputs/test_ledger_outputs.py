"""What is written of a ledger: map, tables, figure and summary, the same bytes twice."""

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gpcoverage import (
    Choice,
    Ledger,
    RoadNetwork,
    Study,
    compute_choice,
    compute_ledger,
    critical_pairs,
    ledger_figure,
    ledger_map,
    write_ledger,
)
from gpcoverage.outputs import ledger_texts
from gpcoverage.outputs.ledger import LARGEST_PX, SMALLEST_PX, ledger_table, summarise_ledger
from gpcoverage.outputs.told_ledger import ToldLedger, tell_ledger

NOW = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=datetime.UTC)
FILES = {"map.html", "ledger.csv", "pairs.csv", "ledger.svg", "summary.json"}
NASTY = '<script>alert("$x$")</script>'


def told(ledger: Ledger) -> ToldLedger:
    return tell_ledger(ledger, critical_pairs(ledger.choice))


@pytest.fixture(scope="module")
def study(make_study: Callable[..., Study]) -> Study:
    # p0 takes the last from 400 people, p0 and p1 the second from 100; p3 is closed.
    made = make_study(
        [(0, 400), (6, 100), (22, 50), (26, 30)],
        [(2, True), (16, True), (24, True), (25, False), (24, True)],
    )
    names = [NASTY, '=HYPERLINK("x")', "Lægerne {{ 7*7 }}", "Lægerne i Ulfborg", "Dr. $a$ & Ø"]
    years = ["1961;1979", "1950", "", "1970", "1955"]
    practices = made.practices.assign(name=names, birth_years=years)
    return replace(made, practices=practices, partly_modelled=True)


@pytest.fixture(scope="module")
def ledger(study: Study, coast_road: RoadNetwork) -> Ledger:
    return compute_ledger(compute_choice(study, coast_road))


@pytest.fixture(scope="module")
def pairs(ledger: Ledger) -> pd.DataFrame:
    return critical_pairs(ledger.choice)


@pytest.fixture(scope="module")
def written(
    ledger: Ledger, pairs: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    return write_ledger(ledger, pairs, tmp_path_factory.mktemp("ledger"))


def test_files_are_the_same_bytes_twice(
    ledger: Ledger, pairs: pd.DataFrame, written: dict[str, Path], tmp_path: Path
) -> None:
    again = write_ledger(ledger, pairs, tmp_path)
    assert set(written) == FILES
    assert {path.name for path in tmp_path.iterdir()} == FILES
    for name in FILES - {"summary.json"}:
        assert written[name].read_bytes() == again[name].read_bytes(), name
    first, second = (
        json.loads(files["summary.json"].read_text(encoding="utf-8")) for files in (written, again)
    )
    assert first | {"created": ""} == second | {"created": ""}


def test_page_is_offline_escaped_and_danish(written: dict[str, Path]) -> None:
    page = written["map.html"].read_text(encoding="utf-8")
    own = re.sub(r"/\*.*?\*/|/\* @preserve.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"@import|url\((?!data:|#|\"?data:)", own)
    assert NASTY not in page
    assert r"\u003cscript" not in page  # nor as a title or popup, which become HTML later
    assert "&lt;script&gt;alert" in page
    assert "Lægerne &#123;&#123; 7*7 }}" in page  # no template, so not 49
    for text in (
        "<title>Hvis en praksis lukker: Kystvejen</title>",
        "delvis modellerede",
        "Cirklens areal viser antallet af borgere",
        "praksis&#x27; læger fylder 67",
        ledger_texts.PAIRS_TITLE,
    ):
        assert text in page


def test_sentence(ledger: Ledger) -> None:
    assert ledger_texts.answer(told(ledger)) == (
        "2 af 4 åbne praksis er afgørende: lukker en af dem, har nogle borgere færre end 2 at vælge "
        f"imellem inden for grænsen. Mest afgørende er {NASTY}, Holstebro: 100 borgere har derefter "
        "kun én tilbage, og 400 har ingen."
    )


def test_sentence_about_a_single_practice(
    make_study: Callable[..., Study], coast_road: RoadNetwork
) -> None:
    ledger = compute_ledger(compute_choice(make_study([(0, 7)], [(1, True)]), coast_road))
    assert ledger_texts.answer(told(ledger)).startswith(
        "1 af 1 åbne praksis er afgørende: lukker den, "
    )
    assert ledger_texts.answer(told(ledger)).endswith(": 7 borgere har derefter ingen tilbage.")


def test_nothing_critical_is_said_so(
    make_study: Callable[..., Study], coast_road: RoadNetwork
) -> None:
    choice = compute_choice(make_study([(0, 7)], [(1, True)] * 4), coast_road)
    ledger = compute_ledger(choice)
    assert ledger_texts.answer(told(ledger)).startswith("Ingen af 4 åbne praksis er afgørende")
    assert "Ingen praksis er afgørende" in texts_of(ledger)
    assert ledger_map(ledger, critical_pairs(choice)).get_root().render()


def test_where_one_is_enough_only_the_last_counts(ledger: Ledger) -> None:
    study = ledger.choice.study
    one = replace(study, rules=replace(study.rules, min_choices=1))
    rows = compute_ledger(compute_choice(one, ledger.choice.network))
    assert (rows.practices["affected"] == rows.practices["loses_last"]).all()
    assert "har nogle borgere ingen at vælge imellem" in ledger_texts.answer(told(rows))


def test_circles_are_in_proportion_to_people(ledger: Ledger, pairs: pd.DataFrame) -> None:
    page = ledger_map(ledger, pairs).get_root().render()
    features = re.findall(r'"effect": "(\w+)", "radius_px": ([\d.]+)', page)
    assert features
    rows = ledger.practices
    most = rows["affected"].max()
    radii = [float(radius) for _, radius in features]
    assert max(radii) == LARGEST_PX
    assert min(radii) >= SMALLEST_PX
    assert radii == sorted(radii, reverse=True)  # the largest is drawn first
    places = ledger.choice.study.practices.geometry.loc[rows.index].to_wkb()
    first = rows[~places.duplicated()]
    for radius, affected in zip(radii, first["affected"], strict=True):
        expected = max(SMALLEST_PX, LARGEST_PX * (affected / most) ** 0.5)
        assert radius == pytest.approx(expected, abs=0.051)
    assert [effect for effect, _ in features] == ledger_texts.effects(ledger)[first.index].tolist()


def test_worst_effect(ledger: Ledger) -> None:
    rows = ledger.practices.assign(
        loses_last=[1.0, 0.4, 0.0, 0.0, 0.0],
        loses_choice=[5.0, 9.0, 0.0, 0.0, 0.4],
        patients_far=[5.0, 9.0, 3.0, 0.0, 0.0],
    )
    effects = ledger_texts.effects(replace(ledger, practices=rows))
    assert effects.tolist() == ["last", "second", "far", "none", "none"]


def test_table_twin_holds_all_that_matter(ledger: Ledger) -> None:
    head, body = ledger_texts.table(told(ledger))
    assert len(head) == body.shape[1]
    assert len(body) == (ledger_texts.effects(ledger) != "none").sum()
    assert body["Praksis"].iloc[0] == f"1. {NASTY} (Holstebro)"
    assert body["Læger fylder 67"].iloc[0] == "2028-2046"


def test_ledger_csv(ledger: Ledger, written: dict[str, Path]) -> None:
    table = pd.read_csv(
        written["ledger.csv"], sep=";", decimal=",", encoding="utf-8-sig", index_col="id",
        dtype={"municipality_code": str},
    )  # fmt: skip
    assert table.columns[0] == "rank"
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    assert table.loc["p1", "name"] == '\'=HYPERLINK("x")'
    assert table["affected"].tolist() == ledger.practices["affected"].tolist()
    assert set(table["counts"]) == {"ja", "nej"}
    raw = written["ledger.csv"].read_text(encoding="utf-8-sig")
    assert ";2028;2046;" in raw  # years are whole
    assert set(ledger_table(ledger.practices)) == {"id", *ledger.practices}


def test_pairs_csv(pairs: pd.DataFrame, written: dict[str, Path]) -> None:
    table = pd.read_csv(written["pairs.csv"], sep=";", decimal=",", encoding="utf-8-sig")
    assert table["first_id"].tolist() == pairs["first_id"].tolist()
    assert table["straight_m"].tolist() == pytest.approx(pairs["straight_m"].tolist(), abs=0.051)


def test_summary(ledger: Ledger, pairs: pd.DataFrame) -> None:
    summary = summarise_ledger(tell_ledger(ledger, pairs), NOW)
    ours = summary["ledger"]
    assert sum(ours["by_worst_effect"].values()) == ours["practices"] == len(ledger.practices)
    assert ours["pairs"] == len(pairs)
    assert ours["retirement_age"] == 67
    assert ours["most_critical"][0]["loses_last"] == 400
    unknown = next(row for row in ours["most_critical"] if row["id"] == "p2")
    assert unknown["retire_last"] is None
    assert json.dumps(summary, allow_nan=False)
    assert summary["totals"]["population"] == 580


def texts_of(ledger: Ledger) -> str:
    figure = ledger_figure(ledger)
    return " ".join(
        text.get_text() for axes in figure.axes for text in (*axes.texts, *axes.get_yticklabels())
    )


def test_figure_shows_the_numbers(ledger: Ledger) -> None:
    left, right = ledger_figure(ledger).axes
    rows = ledger.practices[ledger.practices["affected"] > 0]
    widths = [patch.get_width() for patch in left.patches]  # type: ignore[attr-defined]
    assert sum(widths) == pytest.approx(rows["affected"].sum())
    ends = {patch.get_x() + patch.get_width() for patch in left.patches}  # type: ignore[attr-defined]
    assert set(rows["affected"]) <= ends
    (dots,) = right.collections[:1]
    known = rows[rows["retire_last"].notna()]
    assert (
        np.asarray(dots.get_offsets()).tolist()
        == known[["retire_last", "affected"]].to_numpy().tolist()
    )
    assert f"1. {NASTY}" in texts_of(ledger)


def test_figure_without_ages(ledger: Ledger) -> None:
    study = ledger.choice.study
    ageless = replace(study, practices=study.practices.drop(columns="birth_years"))
    unknown = compute_ledger(compute_choice(ageless, ledger.choice.network))
    assert "Lægernes alder er ikke kendt" in texts_of(unknown)
    assert not any("fylder 67" in text for text in ledger_texts.footnote(told(unknown)))
    assert set(ledger_texts.table(told(unknown))[1]["Læger fylder 67"]) == {"ukendt"}


def test_popup_of_a_closed_practice_tells_no_loss(ledger: Ledger) -> None:
    rows = ledger.practices.assign(municipality="Holstebro", lists="3.200")
    closed = ledger_texts.popup(ledger, rows.loc["p3"].to_dict())
    assert "Har ingen tilbage" not in closed
    assert "Ingen anden praksis" in closed
    worst = ledger_texts.popup(ledger, rows.loc["p0"].to_dict())
    assert worst["Har ingen tilbage"].startswith("400 (heraf sikkert ")
    assert worst["Plads i rækken"] == "1 af 5"
    assert "Uden vej til en anden" not in worst
    cut_off = rows.loc["p0"].to_dict() | {"no_alternative": 3.0}
    assert ledger_texts.popup(ledger, cut_off)["Uden vej til en anden"] == "3 borgere"


def test_map_of_a_result_without_hits(choice: Choice) -> None:
    assert ledger_map(compute_ledger(choice), critical_pairs(choice)).get_root().render()
