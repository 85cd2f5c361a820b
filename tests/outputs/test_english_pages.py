"""Pages in English: nothing Danish but what comes from files, and Danish the same after as before."""

import html
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gpcoverage import (
    Choice,
    compare,
    compute_choice,
    compute_ledger,
    critical_pairs,
    distance_shares,
    prepare_rerun,
    speaking,
    write_choice,
    write_closure,
    write_ledger,
    write_report,
)
from gpcoverage.analysis.areas import computed, designated
from gpcoverage.analysis.arrival import review_data
from gpcoverage.analysis.plan import review_plan
from gpcoverage.analysis.siting import SitingOptions, compute_siting
from gpcoverage.inputs.areas import AreaSource, Criterion
from gpcoverage.inputs.documents import read_documents
from gpcoverage.inputs.places import read_places
from gpcoverage.inputs.plan import PlanTable
from gpcoverage.inputs.references import read_references
from gpcoverage.outputs import areas, data_report, language, plan, siting
from gpcoverage.outputs.disclosure import OFF
from gpcoverage.outputs.figures import write_svg

WORDS = re.compile(
    r"\b(og|eller|af|er|som|ikke|kan|har|uden|inden|ingen|mindst|færre|flere|kun|borgere?|kommuner?"
    r"|praksis|afstand\w*|læger?|åbne?|lukke[tr]?|ukendt|usikkert|udeladt|kilde|tallene|område[rt]?"
    r"|nærmeste|samme|sted|ja|nej|måske|pr)\b|[æøå]",
    re.IGNORECASE,
)
NOT_SHOWN = re.compile(r"(?sm)<style.*?</style>|/\* @preserve.*?</script>|^ *//[^\n]*|https?://\S*")
SMALL = Criterion(combine="any", few_choices_share=0.5, closed_share=0.9)
DESIGNATIONS = pd.DataFrame(
    [
        ("a", "A", "regional", "0661", "2026", "2026-12-31", ""),
        ("b", "B", "", "0661", "", "", "2019-05"),
        ("c", "C", "special_focus", "0661", "", "", "2008-02-20"),
        ("d", "D", "attention", "", "", "", ""),
    ],
    columns=["area_id", "name", "kind", "municipality_codes", "valid_from", "valid_to", "stated"],
).assign(place="P", source="S", within="", count="", criterion_text="", source_place="")
Write = Callable[[Choice, Path], dict[str, Path]]


def write_close(choice: Choice, folder: Path) -> dict[str, Path]:
    study = choice.study.close("p0", date=date(2026, 12, 31), stage="6m")
    baseline = prepare_rerun(choice)
    return write_closure(compare(baseline, study), baseline.rerun(study), folder)


def write_figure(choice: Choice, folder: Path) -> dict[str, Path]:
    path = folder / "distances.svg"
    folder.mkdir()
    write_svg(distance_shares(choice), path)
    return {path.name: path}


def write_critical(choice: Choice, folder: Path) -> dict[str, Path]:
    ledger = compute_ledger(choice)
    return write_ledger(ledger, critical_pairs(choice), folder, disclosure=OFF)


def write_short(choice: Choice, folder: Path) -> dict[str, Path]:
    table = folder.with_suffix(".csv")
    DESIGNATIONS.to_csv(table, index=False)
    choice = replace(choice, study=replace(choice.study, areas=AreaSource(SMALL, table)))
    return areas.write_areas(computed(choice, SMALL), designated(choice.study), folder)


def write_sites(choice: Choice, folder: Path) -> dict[str, Path]:
    table = folder.with_suffix(".csv")
    table.write_text("place_id;name;lat;lon\nb;Bjerg;55.94;9.1\nv;Vemb;55.94;9.2\n", "utf-8")
    places = read_places(table, municipalities=choice.study.municipalities)
    options = SitingOptions(clinics=1, doctors=1)
    return siting.write_siting(compute_siting(choice, places.frame, options), folder)


def write_money(choice: Choice, folder: Path) -> dict[str, Path]:
    documents = read_documents(Path(__file__).parents[2] / "data")
    grants = documents.grants.frame.iloc[[5, 6, 18]].reset_index(drop=True)
    grants["municipality_codes"] = pd.Series([("0661",), (), ()], dtype=object)
    grants["area_kind"] = ["municipality", "region", "country"]
    documents = replace(documents, grants=PlanTable(grants, documents.grants.record))
    return plan.write_plan(review_plan(choice, documents), folder)


def write_review(choice: Choice, folder: Path) -> dict[str, Path]:
    references = read_references(Path(__file__).parents[2] / "data/reference_counts.csv")
    return data_report.write_data_report(review_data(choice.study, references), folder)


def write_pack(choice: Choice, folder: Path) -> dict[str, Path]:
    comparison = compare(prepare_rerun(choice), choice.study.close("p0", date=date(2026, 12, 31)))
    written = write_report(comparison.check_after(), folder, comparison, with_pdf=False)
    return {
        name: path for name, path in written.items() if path.suffix in {".html", ".svg", ".json"}
    }


WRITERS: dict[str, Write] = {
    "choice": write_choice,
    "closure": write_close,
    "ledger": write_critical,
    "areas": write_short,
    "siting": write_sites,
    "plan": write_money,
    "data": write_review,
    "figure": write_figure,
    "report": write_pack,
}


@pytest.fixture(scope="session")
def modelled(choice: Choice) -> Choice:
    """Return the small result with years of birth, so that all is said."""
    practices = choice.study.practices.assign(birth_years=["1961;1979", "", "1950"])
    study = replace(choice.study, practices=practices)
    return compute_choice(study, choice.network)


def cells(*frames: pd.DataFrame) -> Iterable[str]:
    """Give all text of tables."""
    for frame in frames:
        for name in frame:
            column = frame[name]
            yield from (value for value in column if isinstance(value, str))


def from_files(choice: Choice) -> list[str]:
    """Give what comes from files, longest first."""
    study, data = choice.study, Path(__file__).parents[2] / "data"
    tables = [
        pd.read_csv(data / name, dtype=str)
        for name in (
            "grants.csv", "goals.csv", "instruments.csv", "plan_profiles.csv",
            "reference_counts.csv",
        )
    ]  # fmt: skip
    documents = read_documents(data)
    tables += [table.frame for table in documents.tables]
    frames = (study.practices, study.municipalities, *tables)
    names = {*cells(*map(pd.DataFrame, frames)), study.name, study.rules.name, study.rules.source}
    return sorted((name for name in names if len(name) > 1), key=len, reverse=True)


def read_text(path: Path) -> str:
    """Read a page as it is shown, popups and all: no style, no Leaflet, no comments."""
    text = NOT_SHOWN.sub(" ", path.read_text(encoding="utf-8"))
    text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r'"arrays":\{[^}]*\}', " ", text)
    shown = html.unescape(re.sub(r"<[^>]+>", " ", html.unescape(text)))
    return " ".join(shown.split())  # figures break their lines anywhere


@pytest.mark.parametrize("kind", WRITERS)
def test_nothing_danish_is_left(kind: str, modelled: Choice, tmp_path: Path) -> None:
    with speaking("en"):
        written = WRITERS[kind](modelled, tmp_path / "out")
    pages = [path for path in written.values() if path.suffix in {".html", ".svg"}]
    assert pages
    for path in pages:
        text = read_text(path)
        for name in from_files(modelled):
            text = text.replace(name, " ")
        left = [text[max(0, m.start() - 40) : m.end() + 40] for m in WORDS.finditer(text)]
        assert left == []


@pytest.mark.parametrize("kind", WRITERS)
def test_danish_is_the_same_after_as_before(kind: str, modelled: Choice, tmp_path: Path) -> None:
    def write(name: str) -> dict[str, bytes]:
        written = WRITERS[kind](modelled, tmp_path / name)
        return {
            file: path.read_bytes()
            for file, path in written.items()
            if file not in {"summary.json", "choice.gpkg"}
        }

    before = write("before")
    with speaking("en"):
        english = write("english")
    assert write("after") == before
    for name, content in english.items():
        assert b"THE_" not in content + before[name]  # a mark in a script that nobody filled in
        is_read_by_people = Path(name).suffix in {".html", ".svg"} or name == "scenario.toml"
        assert (content != before[name]) == is_read_by_people, name
    assert WORDS.search(next(iter(before.values())).decode("utf-8"))


def test_no_english_sentence_is_danish() -> None:
    for danish, english in language._english().items():
        for form in [english] if isinstance(english, str) else english.values():
            assert not WORDS.search(form), danish


def test_a_page_tells_its_language(modelled: Choice, tmp_path: Path) -> None:
    with speaking("en"):
        page = write_choice(modelled, tmp_path)["map.html"].read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert "THE_" not in page
    assert "<title>Choice of doctor: Kystvejen</title>" in page
    assert "70 of 108 people (65.6%) can choose between at least 2 open practices" in page
    assert "applied as of 1 November 2026" in page
    texts: dict[str, Any] = json.loads(page.split('id="explorer-data">')[1].split("</script>")[0])[
        "texts"
    ]
    assert texts["lose_choice"] == "{people} people go from a choice to only one"
