"""Known figures beside ours, as they are told and written."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from gpcoverage import Choice, compute_choice, load_study
from gpcoverage.analysis.compared import Compared, tabulate
from gpcoverage.analysis.validation import compute_validation
from gpcoverage.inputs.reference_facts import KnownFigures, read_known
from gpcoverage.outputs import validation_texts
from gpcoverage.outputs.disclosure import OFF
from gpcoverage.outputs.language import speaking
from gpcoverage.outputs.markup import table_html
from gpcoverage.outputs.validation import (
    answer,
    figure,
    reasons,
    tell_validation,
    validation_table,
    write_validation,
)

ROOT = Path(__file__).resolve().parents[2]


def near(catchment: float, far: float) -> pd.DataFrame:
    people = [("catchment", 200.0, catchment), ("far", 100.0, far)]
    rows = [
        Compared(check, "Knebel", "2008", stated, "people", "seed", ("registered",), ours, 50.0)
        for check, stated, ours in people
    ]
    share = Compared(
        "far_share", "Knebel", "2008", 0.5, "share", "seed", ("registered",), far / catchment, 0.1
    )
    lists = Compared("patients", "Knebel", "2008", 3100.0, "people", "s", ("drift",), 3100.0, 500.0)
    way = Compared("distance", "A - B", "2008", 22.0, "km", "s", ("end_points",), 26.0, 5.2)
    return tabulate([*rows, share, lists, way])


PAIR = pd.DataFrame(
    {"town": "Knebel", "doctors": [1.0, 2.0], "list_size": [1300.0, 1800.0]}, index=["a", "b"]
)
LARGE = PAIR.assign(doctors=[2.0, 2.0])
HIDEABLE = ("catchment", "far", "far_share", "patients")


@pytest.mark.parametrize(
    ("catchment", "far", "practices", "hidden"),
    [
        (160.0, 140.0, LARGE, set()),
        (160.0, 4.0, LARGE, {"catchment", "far", "far_share"}),
        (160.0, 157.0, LARGE, {"catchment", "far", "far_share"}),  # the rest are three
        (160.0, 160.0, LARGE, set()),
        (160.0, 140.0, PAIR, {"patients"}),  # less the list of two doctors it is that of one
    ],
)
def test_what_tells_of_few_is_left_out(
    catchment: float, far: float, practices: pd.DataFrame, hidden: set[str]
) -> None:
    figures = near(catchment, far)
    before = figures.copy()
    told = tell_validation(figures, practices).set_index("check")
    for check in HIDEABLE:
        row = told.loc[check]
        assert math.isnan(row["ours"]) == (check in hidden), check
        if check in hidden:
            assert math.isnan(row["difference"])
            assert math.isnan(row["tolerance"])
            assert row["agrees"] == "not comparable"
            assert row["why"][-1] == "left_out"
    assert told.loc["distance", ["ours", "agrees"]].tolist() == [26.0, "yes"]
    off = tell_validation(figures, practices, disclosure=OFF)
    pd.testing.assert_frame_equal(off, before)
    pd.testing.assert_frame_equal(figures, before)


@pytest.mark.parametrize(
    ("value", "unit", "is_difference", "text"),
    [
        (22.0, "km", False, "22 km"),
        (25.9868, "km", False, "26 km"),
        (24.146, "km", False, "24,1 km"),
        (-0.0547, "km", True, "-0,1 km"),
        (-0.04, "km", True, "0 km"),
        (3.98, "km", True, "+4 km"),
        (1123.0, "m", False, "1.123 m"),
        (0.102, "share", False, "10,2 %"),
        (0.0595, "share", True, "+5,9 pct.point"),
        (42_916.0, "km2", False, "42.916 km²"),
        (-100.0, "doctors", True, "-100 læger"),
        (0.0, "people", True, "0 borgere"),
    ],
)
def test_figures_are_written_with_their_unit(
    value: float, unit: str, is_difference: bool, text: str  # noqa: FBT001
) -> None:  # fmt: skip
    assert figure(value, unit, is_difference=is_difference) == text


def test_table_has_a_reason_and_a_source_for_every_figure() -> None:
    told = tell_validation(near(160.0, 4.0), LARGE)
    head, body = validation_table(told)
    assert head == list(validation_texts.HEADINGS.values())
    assert body["Vores"].tolist() == ["..", "..", "..", "3.100 borgere", "26 km"]
    assert body["Stemmer"].tolist() == [*["bedømmes ikke"] * 3, "ja", "ja"]
    assert body["Hvorfor"].str.startswith(("Kilden", "Talt")).all()
    html = table_html(head, body.assign(Kilde="<b>"))
    assert html.count("<tr>") == 6
    assert "&lt;b&gt;" in html
    missing = tabulate([Compared("area_km2", "Danmark", "2018", 1.0, "km2", "s", ("area",))])
    assert validation_table(missing)[1].loc[0, ["Vores", "Afvigelse"]].tolist() == ["-", "-"]


def test_the_answer_counts_what_can_be_compared() -> None:
    told = tell_validation(near(160.0, 4.0), LARGE)
    assert answer(told).startswith("Af 5 sammenligninger kan 2 bedømmes, og 2 af dem")
    with speaking("en"):
        assert answer(told).startswith("Of 5 comparisons 2 can be judged")


def test_every_check_and_reason_has_words_in_both_languages() -> None:
    for name in validation_texts.WHYS:
        with speaking("en"):
            assert reasons((name,)) != validation_texts.WHYS[name]
    named = set(validation_texts.CHECKS)
    with speaking("en"):
        for check in named:
            told = tabulate([Compared(check, "A", "2008", 1.0, "km", "s", ("area",), 1.0, 1.0)])
            assert validation_table(told)[1].loc[0, "Figure"] != validation_texts.CHECKS[check]


@pytest.fixture(scope="module")
def denmark() -> tuple[pd.DataFrame, Choice, KnownFigures]:
    choice = compute_choice(load_study(ROOT / "data/danmark.toml"))
    known = read_known(ROOT / "data", choice.study.municipalities)
    return compute_validation(choice, known), choice, known


@pytest.mark.country
def test_the_example_is_golden(
    denmark: tuple[pd.DataFrame, Choice, KnownFigures], tmp_path: Path
) -> None:
    written = write_validation(*denmark, tmp_path)
    text = written["validation.csv"].read_text(encoding="utf-8")
    assert text == Path(__file__).with_name("golden_validation.csv").read_text(encoding="utf-8")
    summary = json.loads(written["summary.json"].read_text(encoding="utf-8"))
    assert summary["study"]["name"] == "Danmark"
    assert summary["validation"]["agrees"] == {"yes": 3, "no": 7, "not comparable": 35}
    assert len(summary["validation"]["figures"]) == 45
    assert summary["validation"]["inputs"][1]["file"] == "reference_distances.csv"
    hidden = [f["check"] for f in summary["validation"]["figures"] if "left_out" in f["why"]]
    assert hidden == ["patients"]


@pytest.mark.country
def test_what_is_fitted_never_agrees(denmark: tuple[pd.DataFrame, Choice, KnownFigures]) -> None:
    figures = denmark[0]
    words = figures["why"].map(reasons)
    proves_nothing = words.str.contains("beviser derfor intet") | words.str.contains("model:")
    assert proves_nothing.sum() > 15
    assert set(figures.loc[proves_nothing, "agrees"]) == {"not comparable"}
    counts = figures["check"].isin(["doctors", "open_share", "closed_share", "patients"])
    assert set(figures.loc[counts, "agrees"]) == {"not comparable"}


def test_the_command_prints_and_writes(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gpcoverage", "validate", "data/midtjylland.toml"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "v")], cwd=root, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    judged = 12 if (root / "data/raw/bornholm.osm.pbf").exists() else 8
    assert f"Af 45 sammenligninger kan {judged} bedømmes" in done.stdout
    assert validation_texts.WHYS["needs_denmark"] in done.stdout
    assert {path.name for path in (tmp_path / "v").iterdir()} == {"validation.csv", "summary.json"}
    wrong = [*command, "--extract", "nowhere.osm.pbf"]
    failed = subprocess.run(wrong, cwd=root, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "nowhere.osm.pbf" in failed.stderr
    assert "Traceback" not in failed.stderr
