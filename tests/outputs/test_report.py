"""The committee's pack: one set of numbers in every file, safe text, and a first page that fits."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from browser import CHROMIUM, opened
from gpcoverage import (
    Choice,
    RoadNetwork,
    Study,
    compare,
    compute_choice,
    prepare_rerun,
    write_report,
)
from gpcoverage.errors import OutputError
from gpcoverage.inputs.reference_facts import read_known
from gpcoverage.outputs import pdf, report, report_texts
from gpcoverage.outputs.disclosure import Disclosure
from gpcoverage.outputs.result_sheets import municipalities_sheet, practices_sheet
from gpcoverage.outputs.told_report import tell_report
from outputs.conftest import NASTY

Make = Callable[..., Study]
ALWAYS = {"report.html", "tables.xlsx", "map.html", "summary.json"}
FIGURES = ("choice-map", "distances", "ranking", "uncertain-map")
LONG = "Meget langt navn " * 30
RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}tesrev\N{POP DIRECTIONAL FORMATTING} navn"
NAMES = [NASTY, '"><img src=x onerror=alert(1)>', '=HYPERLINK("http://x";"y")', LONG, RIGHT_TO_LEFT, "$\\alpha$ & {{ 7*7 }}", "bel\x07l"]  # fmt: skip


@pytest.fixture(scope="module")
def nasty(make_study: Make, coast_road: RoadNetwork) -> Choice:
    """Return a check in which every text that can come from a file is as bad as can be."""
    study = make_study(
        [(0, 10), (4, 20), (6, 30), (9.9, 40.5), (25, 300)],
        [(km, km != 1) for km in (20, 18, 1, 12, 3, 26, 29)],
    )
    text = dict.fromkeys(("name", "address", "postcode", "town", "basis"), NAMES)
    practices = study.practices.assign(doctors=2.0, **text)
    names = [NASTY, LONG]
    areas = study.municipalities.assign(name=names)
    return compute_choice(
        replace(study, name=f"{NASTY} {LONG}", practices=practices, municipalities=areas),
        coast_road,
    )


@pytest.fixture(scope="module")
def pack(choice: Choice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(choice, folder, with_pdf=False)
    return folder


@pytest.fixture(scope="module")
def region(midtjylland: Study, terrain_network: RoadNetwork) -> Choice:
    return compute_choice(midtjylland, terrain_network)


@pytest.fixture(scope="module")
def closure_pack(region: Choice, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("closure-report")
    comparison = compare(prepare_rerun(region), region.study.close("Rønde"))
    known = read_known(root / "data", region.study.municipalities, None)
    write_report(comparison.check_after(), folder, comparison, known)
    return folder


def tables(page: str) -> list[list[list[str]]]:
    """Read the tables of a page: rows of cells as they are written."""
    return [
        [
            re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
            for row in re.findall("<tr>(.*?)</tr>", table)
        ]
        for table in re.findall(r"<table>(.*?)</table>", page, re.DOTALL)
    ]


def written(value: object, form: str) -> str:
    """Write a workbook's number as the page writes it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    number = float(str(value))
    digits = {"#,##0": 0, "#,##0.##": 0 if number == round(number) else 1, "0.0": 1, "0.0%": 1}[
        form
    ]
    shown = 100 * number if form == "0.0%" else number
    text = f"{shown:,.{digits}f}".translate(str.maketrans(",.", ".,"))
    return text + {"0.0": " km", "0.0%": " %"}.get(form, "")


def test_what_is_in_the_pack(pack: Path) -> None:
    figures = {f"{name}.{ending}" for name in FIGURES for ending in ("svg", "png")}
    assert {path.name for path in pack.iterdir()} == ALWAYS | figures
    for path in pack.glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.country
def test_page_and_workbook_tell_the_same(region: Choice, closure_pack: Path) -> None:
    page = (closure_pack / "report.html").read_text(encoding="utf-8")
    book = openpyxl.load_workbook(closure_pack / "tables.xlsx")
    assert book.sheetnames == ["Om", "Før og efter", "Ekstra kilometer", "Nærmeste praksis", "Kommuner", "Praksis"]  # fmt: skip
    shown = tables(page)
    assert len(shown) == 5
    compared = 0
    for rows, name in zip(shown[:4], book.sheetnames[1:5], strict=True):
        sheet = book[name]
        assert sheet.max_row == len(rows)
        for cells, there in zip(rows, sheet.iter_rows(), strict=True):
            for cell, held in zip(cells, there, strict=True):
                expected = written(held.value, held.number_format)
                assert cell == expected or (held.value is None and cell in {"..", "ukendt", "-"})
                compared += 1
    assert compared > 200
    assert len(region.study.practices) > book["Praksis"].max_row > 300


@pytest.mark.country
def test_summary_map_and_page_tell_the_same(closure_pack: Path) -> None:
    page = (closure_pack / "report.html").read_text(encoding="utf-8")
    drawn = (closure_pack / "map.html").read_text(encoding="utf-8")
    summary = json.loads((closure_pack / "summary.json").read_text(encoding="utf-8"))
    answer = re.search(r'<p class="answer">(.*?)</p>', page)
    assert answer
    assert f"<p>{answer[1]}</p>" in drawn  # the map's own sentence
    lost = summary["affected"]["loses_choice"], summary["affected"]["loses_last"]
    figures = re.findall(r"<li><b>(.*?)</b>", page)
    assert figures[:2] == [written(number, "#,##0") for number in lost]
    municipalities = tables(page)[3][1:-1]
    assert len(municipalities) == 19
    for code, _, *cells in municipalities:
        row = summary["municipalities"][code]
        numbers = [row["population"], *(row["by_status"][s] for s in ("choice", "one", "none"))]
        assert cells[:4] == [written(number, "#,##0") for number in numbers]


@pytest.mark.country
def test_known_figures_stand_in_the_appendix(closure_pack: Path) -> None:
    page = (closure_pack / "report.html").read_text(encoding="utf-8")
    appendix = page.split("Bilag: stemmer det med det, man ved?")[1]
    rows = tables(appendix)[0]
    assert rows[0][:7] == ["Tal", "Hvor", "Når", "Kendt", "Vores", "Afvigelse", "Stemmer"]
    by_place = {(row[0], row[1]): row[3:7] for row in rows}
    assert by_place["Vejafstand", "Ulfborg - Tim"] == ["10 km", "9,9 km", "-0,1 km", "ja"]
    assert "andre kendte tal kan denne opgørelse ikke svare på" in appendix


def test_every_file_carries_the_footnote(choice: Choice, pack: Path) -> None:
    told = tell_report(choice)
    notes = report_texts.footnote(told)
    assert len(notes) >= 5
    page = (pack / "report.html").read_text(encoding="utf-8")
    about = openpyxl.load_workbook(pack / "tables.xlsx")["Om"]
    held = [row[0].value for row in about.iter_rows()]
    for note in notes:
        assert note in page
        assert note in held
        for name in FIGURES:
            text = " ".join(
                re.findall(r"<text[^>]*>(.*?)</text>", (pack / f"{name}.svg").read_text("utf-8"))
            )
            words = " ".join(re.findall(r"[^<>]+(?=<)", (pack / f"{name}.svg").read_text("utf-8")))
            assert note[:40] in text + words


def test_a_number_left_out_is_nowhere(
    make_study: Make, coast_road: RoadNetwork, tmp_path: Path
) -> None:
    study = make_study([(0, 400), (4, 3), (25, 250)], [(20, True), (18, True), (1, False)])
    choice = compute_choice(study, coast_road)
    told = tell_report(choice)
    assert told.choice.people.loc["0661"].isna().any()
    write_report(choice, tmp_path, with_pdf=False)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    row = [cell.value for cell in next(book["Kommuner"].iter_rows(min_row=2, max_row=2))]
    page = tables((tmp_path / "report.html").read_text(encoding="utf-8"))[0][1]
    assert None in row
    assert ".." in page
    assert [cell is None for cell in row] == [cell in {"..", "-"} for cell in page]
    write_report(choice, tmp_path, with_pdf=False, disclosure=Disclosure(off=True))
    page = tables((tmp_path / "report.html").read_text(encoding="utf-8"))[0][1]
    assert ".." not in page


def test_the_same_result_gives_the_same_bytes(choice: Choice, pack: Path, tmp_path: Path) -> None:
    write_report(choice, tmp_path, with_pdf=False)
    for path in pack.iterdir():
        if path.name != "summary.json":
            assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_text_is_text_in_the_workbook(nasty: Choice, tmp_path: Path) -> None:
    write_report(nasty, tmp_path, with_pdf=False)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    sheet = book["Praksis"]
    names = {cell.value for cell in sheet["B"][1:]}
    assert '=HYPERLINK("http://x";"y")' in names
    assert "bel\N{REPLACEMENT CHARACTER}l" in names
    for row in sheet.iter_rows(min_row=2):
        assert {cell.data_type for cell in row} <= {"s", "n"}
        assert row[1].quotePrefix
        assert not any(cell.hyperlink for cell in row)
    assert sheet.auto_filter.ref == f"A1:J{sheet.max_row}"
    assert sheet.freeze_panes == "B2"
    doctors = [cell.value for cell in sheet["H"][1:]]
    assert doctors == [2.0] * len(doctors)


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_in_a_name_runs_or_breaks_the_page(
    nasty: Choice, tmp_path: Path, width: int
) -> None:
    write_report(nasty, tmp_path, with_pdf=False)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "onerror=alert(1)>" not in page
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?!data:)[^"'>\s]+""", page)
    with opened(tmp_path / "report.html", width=width) as (shown, complaints):
        dialogs: list[str] = []
        shown.on("dialog", lambda dialog: dialogs.append(dialog.message))
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        images = shown.evaluate("[...document.images].map(i => i.complete && i.naturalWidth > 0)")
        assert len(images) == 5
        assert all(images)
        assert NASTY in shown.locator("h1").inner_text()
        assert (dialogs, complaints) == ([], [])


@pytest.mark.country
def test_the_report_is_printed_on_sheets_that_lie(closure_pack: Path) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    from pypdf import PdfReader  # noqa: PLC0415

    pages = PdfReader(closure_pack / "report.pdf").pages
    width, height = (float(side) for side in pages[0].mediabox[2:])
    assert (width, height) == pytest.approx((841.9, 595.3), abs=1.0)
    first, second = (" ".join(page.extract_text().split()) for page in pages[:2])
    for text in ("Lægerne i Rønde 1 (eksempel) lukker", "4.467 borgere", "Hvor sikkert er det?", "Opgørelsen er et planlægningsgrundlag"):  # fmt: skip
        assert text in first
    assert second.startswith("Hvem kan vælge bagefter?")
    assert len(pages) <= 14


def test_without_a_browser_there_is_no_pdf(
    choice: Choice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "find_browser", lambda: None)
    assert "report.pdf" not in write_report(choice, tmp_path)
    assert (tmp_path / "report.html").exists()


def test_a_browser_that_does_not_print_stops_the_run(
    choice: Choice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "find_browser", lambda: Path("/bin/false"))
    with pytest.raises(OutputError, match=r"printed no PDF.*Leave the PDF out with --no-pdf"):
        write_report(choice, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_browser_is_looked_for_on_the_path_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pdf.find_browser() == browser
    browser.unlink()
    monkeypatch.setattr(pdf, "PLACES", ())
    assert pdf.find_browser() is None


def test_tables_hold_every_municipality_and_practice_of_the_area(choice: Choice) -> None:
    told = tell_report(choice)
    sheets = (municipalities_sheet(told.choice), practices_sheet(told.choice))
    by_name = {sheet.name: sheet for sheet in sheets}
    area = choice.study.municipality_codes
    inside = choice.study.practices["municipality_code"].isin(area)
    assert by_name["Kommuner"].rows == len(area)
    assert by_name["Praksis"].rows == inside.sum()
    for sheet in by_name.values():
        assert len({len(field.values) for field in sheet.fields}) == 1
        assert not pd.Series([field.label for field in sheet.fields]).duplicated().any()
