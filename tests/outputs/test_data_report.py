"""The data report: every finding in it, escaped, offline, and the same bytes twice."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from gpcoverage import Study
from gpcoverage.analysis.arrival import DataReview, review_data
from gpcoverage.analysis.findings import CHECKS, SEVERITIES
from gpcoverage.errors import OutputError
from gpcoverage.inputs.homes import NO_MUNICIPALITY, OUTSIDE_AREA
from gpcoverage.inputs.layer import InputRecord, LeftOut
from gpcoverage.outputs import data_texts
from gpcoverage.outputs.data_report import data_map, findings_table, write_data_report

GOLDEN = Path(__file__).parent / "golden_data.csv"
SCRIPT, IMAGE = "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def review(make_study: Callable[..., Study]) -> DataReview:
    """Return one with all severities, and with names that are no names."""
    study = make_study(
        [(5, 1500), (6, 1400), ((506_000.0, 6_209_200.0), 1)],
        [(5, True), (5, True), (12, True), (40, True)],
    )
    lost = (LeftOut(NO_MUNICIPALITY, (7, 8)), LeftOut(OUTSIDE_AREA, tuple(range(10, 30))))
    points = list(study.practices.geometry)
    points[2] = shapely.Point(512_000, 6_209_250)
    practices = study.practices.assign(
        name=[SCRIPT, SCRIPT, IMAGE, '=HYPERLINK("x")'],
        list_size=[400.0, 400.0, np.nan, 4000.0],
        address=["", "", SCRIPT, "{{ 7*7 }}"],
        closing_date=["", "", "2026-12-31", ""],
    )
    return review_data(
        replace(
            study,
            practices=practices.set_geometry(points, crs=study.practices.crs),
            municipalities=study.municipalities.assign(
                population=[3000, 3000], name=["København", IMAGE]
            ),
            partly_modelled=True,
            inputs=(
                InputRecord("practices", "praksis <b>.csv", "a" * 64, 4, 4),
                InputRecord("homes", "boliger.csv", "b" * 64, 24, 2, lost, 12.0),
            ),
        )
    )


@pytest.fixture(scope="module")
def page(review: DataReview, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("data")
    return write_data_report(review, folder)["data.html"].read_text(encoding="utf-8")


def test_the_review_has_something_of_everything(review: DataReview) -> None:
    assert set(review.findings["severity"]) == set(SEVERITIES)
    assert set(review.places["kind"]) == {"practice", "municipality", "home"}


def test_rows_in_are_rows_out(review: DataReview) -> None:
    table = findings_table(review)
    bare = set(review.findings.index) - set(review.places["finding"])
    assert len(table) == len(review.places) + len(bare)
    assert set(table["finding"]) == set(review.findings.index + 1)
    assert table["finding"].is_monotonic_increasing


def test_the_table_is_golden(review: DataReview, tmp_path: Path) -> None:
    written = write_data_report(review, tmp_path)["data.csv"].read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    lines = written.decode("utf-8-sig").split("\r\n")
    # Not the 96 municipalities that a study of two lacks.
    told = [line for line in lines if ";municipality_missing;" not in line]
    assert len(lines) - len(told) == 96
    assert told == GOLDEN.read_text(encoding="utf-8").split("\n")


def test_every_finding_is_on_the_page(page: str, review: DataReview) -> None:
    for finding in review.findings.to_dict("records"):
        assert data_texts.what(finding) in page
    for severity in set(review.findings["severity"]):
        assert data_texts.SEVERITY_HEADS[severity] in page


def test_where_the_data_come_from_is_on_the_page(page: str) -> None:
    assert "praksis &lt;b&gt;.csv" in page
    assert "b" * 64 in page
    assert "2 ligger i ingen kommune på listen; 20 ligger uden for området" in page
    assert "12 borgere uden adresse" in page


def test_text_from_files_is_escaped(page: str) -> None:
    assert "<img src=x" not in page
    # What stands in a block of data is shown as text, as test_basemap sees in a browser.
    page = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    shown = page.replace("\\u003c", "<").replace("\\u003e", ">").replace('\\"', '"')
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;img src=x onerror" in page


def test_text_from_files_is_no_template(review: DataReview) -> None:
    named = review.study.practices.assign(name="{{ 7*7 }} ulve {% if %}")
    drawn = data_map(review_data(replace(review.study, practices=named))).get_root().render()
    assert "49 ulve" not in drawn
    assert "&#123;&#123; 7*7 }} ulve" in drawn


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    assert not re.search(r"""<(script|link|img)[^>]+(src|href)=["']?https?:|url\(https?:""", page)
    assert not re.findall(r"@import", page)


def test_same_bytes_twice(review: DataReview, page: str, tmp_path: Path) -> None:
    assert write_data_report(review, tmp_path)["data.html"].read_text(encoding="utf-8") == page


def test_marks_are_drawn_once_for_a_point_and_worst_on_top(review: DataReview) -> None:
    drawn = data_map(review)
    layer: Any = next(
        c for c in drawn._children.values() if getattr(c, "layer_name", "") == "Steder med fund"
    )
    points = [tuple(f["geometry"]["coordinates"]) for f in layer.data["features"]]
    assert len(points) == len(set(points)) == review.places.geometry.dropna().to_wkb().nunique()
    radii = [f["properties"]["radius_px"] for f in layer.data["features"]]
    assert radii == sorted(radii)
    assert layer.data["features"][-1]["properties"]["severity"] == "fault"


def test_a_clean_study_has_a_report(midtjylland: Study, tmp_path: Path) -> None:
    review = review_data(midtjylland)
    quiet = DataReview(midtjylland, review.findings.iloc[:0], review.places.iloc[:0], ())
    page = write_data_report(quiet, tmp_path)["data.html"].read_text(encoding="utf-8")
    assert "Ingen fejl, ingen tvivlstilfælde og ingen bemærkninger" in page
    assert len(pd.read_csv(tmp_path / "data.csv", sep=";", encoding="utf-8-sig")) == 0


def test_all_or_nothing(review: DataReview, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_data_report(review, taken)


def test_every_check_is_told_in_danish() -> None:
    assert list(data_texts.CHECK_TEXTS) == list(CHECKS)
    for key, check in CHECKS.items():
        assert ("{limit}" in check.what) == ("{limit}" in data_texts.CHECK_TEXTS[key]), key
        assert check.unit in {*data_texts.UNITS, "share", ""}
    assert set(data_texts.VALUE_TEXTS) <= set(CHECKS)


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.4296, "share", "43,0 %"),
        (46195.36, "km²", "46.195 km²"),
        (0.018, "km²", "0,02 km²"),
        (1.0, "municipalities", "1 kommune"),
        (1234.0, "people", "1.234 borgere"),
        (float("nan"), "people", ""),
    ],
)
def test_figures(value: float, unit: str, told: str) -> None:
    assert data_texts.figure(value, unit) == told


def test_places_say_why() -> None:
    row = {"name": "A", "id": "1", "value": -0.031, "other": ""}
    assert data_texts.place("people_off", row) == "A (1): -3,1 %"
    row = {"name": "", "id": "h", "value": 250.4, "other": ""}
    assert data_texts.place("home_at_sea", row) == "h: 250 m fra land"
    row = {"name": "A", "id": "1", "value": float("nan"), "other": "2027-04-30"}
    assert data_texts.place("closing_soon", row) == "A (1): 30.04.2027"
