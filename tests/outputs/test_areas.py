"""What is written of shortage areas: map, table and summary, the same bytes twice."""

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gpcoverage import Choice, RoadNetwork, Study, compute_choice
from gpcoverage.analysis.areas import ComputedAreas, computed, designated
from gpcoverage.inputs.areas import AreaSource, Criterion, read_areas
from gpcoverage.outputs import areas_texts
from gpcoverage.outputs.areas import areas_map, write_areas
from gpcoverage.outputs.areas_summary import areas_table, summarise_areas
from gpcoverage.outputs.disclosure import OFF
from gpcoverage.outputs.told_areas import ToldAreas, tell_areas

X0, Y0 = 500_000.0, 6_200_000.0
NOW = datetime.datetime(2026, 11, 26, 12, 0, tzinfo=datetime.UTC)
FILES = {"map.html", "areas.csv", "summary.json"}
SCRIPT, IMAGE, BRACES = '<script>alert("1")</script>', '"><img src=x onerror=alert(2)>', "{{ 7*7 }}"
CRITERION = Criterion(combine="any", few_choices_share=0.5, closed_share=0.9)
ROWS = pd.DataFrame(
    [
        ("vest", SCRIPT, "regional", "", IMAGE, "2026", "2026", "", f"Kilde {BRACES}"),
        ("midt", "Midt", "", "", "midt", "", "", "2019-05", "PLO"),
        ("fokus", "Holstebro", "special_focus", "0661", "", "", "", "2008-02-20", "Plan"),
        ("sted", "Et sted", "", "", "et sted; hvor er ikke oplyst", "", "", "", "Pulje"),
    ],
    columns=["area_id", "name", "kind", "municipality_codes", "place", "valid_from", "valid_to", "stated", "source"],
).assign(within="", count="", criterion_text=IMAGE, source_place="")  # fmt: skip


def strip(first_km: float, last_km: float) -> shapely.Polygon:
    return shapely.box(X0 + 1000 * first_km, Y0 - 500, X0 + 1000 * last_km, Y0 + 500)


@pytest.fixture(scope="module")
def choice(
    make_study: Callable[..., Study],
    coast_road: RoadNetwork,
    tmp_path_factory: pytest.TempPathFactory,
) -> Choice:
    study = make_study(
        [(0.5, 100), (4, 50), (6, 300), (9.5, 405), (11, 7), (24, 3), (25, 900)],
        [(18, True), (17, True), (2, False), (2, True), (22, True)],
    )
    path = tmp_path_factory.mktemp("areas") / "designations.csv"
    ROWS.to_csv(path, index=False)
    study = replace(study, areas=AreaSource(CRITERION, path), partly_modelled=True)
    return compute_choice(study, coast_road)


@pytest.fixture(scope="module")
def shapes() -> gpd.GeoDataFrame:
    areas = {IMAGE: strip(0, 5), "midt": strip(8, 12), "rest": strip(8, 26), "tom": strip(27, 28)}
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(areas), crs="EPSG:25832")


@pytest.fixture(scope="module")
def result(choice: Choice, shapes: gpd.GeoDataFrame) -> ComputedAreas:
    return computed(choice, CRITERION, shapes)


@pytest.fixture(scope="module")
def designations(choice: Choice, shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return designated(choice.study, areas=shapes)


@pytest.fixture(scope="module")
def told(result: ComputedAreas, designations: gpd.GeoDataFrame) -> ToldAreas:
    return tell_areas(result, designations)


@pytest.fixture(scope="module")
def written(
    result: ComputedAreas, designations: gpd.GeoDataFrame, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    return write_areas(result, designations, tmp_path_factory.mktemp("out"))


def test_files_are_the_same_bytes_twice(
    result: ComputedAreas, designations: gpd.GeoDataFrame, written: dict[str, Path], tmp_path: Path
) -> None:
    again = write_areas(result, designations, tmp_path)
    assert set(written) == FILES == {path.name for path in tmp_path.iterdir()}
    for name in FILES - {"summary.json"}:
        assert written[name].read_bytes() == again[name].read_bytes(), name
    first, second = (
        json.loads(files["summary.json"].read_text(encoding="utf-8")) for files in (written, again)
    )
    assert first | {"created": ""} == second | {"created": ""}


def test_table_is_golden(written: dict[str, Path]) -> None:
    golden = Path(__file__).with_name("golden_areas.csv")
    assert written["areas.csv"].read_text(encoding="utf-8") == golden.read_text(encoding="utf-8")


def test_page_is_offline_escaped_and_danish(written: dict[str, Path]) -> None:
    page = written["map.html"].read_text(encoding="utf-8")
    own = re.sub(r"/\*.*?\*/|/\* @preserve.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"@import|url\((?!data:|#|\"?data:)", own)
    for nasty in (SCRIPT, IMAGE, r"\u003cscript>alert", r"\u003cimg", "Kilde {{", "Kilde 49"):
        assert nasty not in page
    for text in (
        "<title>Lægedækningstruede områder: Kystvejen</title>",
        "&lt;script&gt;alert",
        "&lt;img src=x",
        "Kilde &#123;&#123; 7*7 }}",
        "mindst ét af disse: mindst 50 % af borgerne har færre end 2 åbne praksis inden for",
        "mindst 90 % af praksis er lukket for tilgang",
        "Beregnet pr. 01.11.2026",
        areas_texts.OWN_CRITERION[:60],
        "url(#designated-hatch)",
        areas_texts.DISAGREEMENT_TITLE,
        "oplyst 05.2019",
    ):
        assert text in page


def test_the_two_kinds_are_drawn_apart(result: ComputedAreas, told: ToldAreas) -> None:
    drawn = areas_map(result, told.designations)
    page = drawn.get_root().render()
    assert len(re.findall(r'"className": "designated"', page)) >= 2
    assert '"dashArray": "6 3"' in page
    assert '"dashArray": ""' in page  # what surely holds is a solid line
    names = {getattr(layer, "layer_name", None) for layer in drawn._children.values()}
    assert names >= {
        "Beregnede områder",
        "Udpegede områder",
        "Udpegede områder (uvist)",
        "Særlige indsatsområder og opmærksomhedsområder",
        "Uenighed mellem beregnet og udpeget",
    }


def test_sentences(told: ToldAreas) -> None:
    assert areas_texts.answer(told) == (
        "Efter undersøgelsens eget kriterium er 1 af 4 områder lægedækningstruede pr. 01.11.2026; der bor "
        "150 borgere. 3 områder er udpeget, helt eller delvis; for 1 af dem oplyser kilden, at det "
        "gælder den dag. Beregnet og udpeget er uenige om 1 område."
    )
    notes = areas_texts.footnote(told)
    assert "300 borgere bor i ingen af områderne (1 boliger eller felter)." in notes
    assert any("1 udpegning er ikke tegnet" in note for note in notes)


def test_people_are_conserved_and_told(result: ComputedAreas, told: ToldAreas) -> None:
    assert told.people["people"].to_dict() == {
        "yes": 150, "no": 903, "unknown": 412, "hidden": 0, "outside": 300,
    }  # fmt: skip
    assert told.people["people"].sum() == result.choice.homes["population"].sum()
    assert told.people["designated"].sum() == 150 + 412


def test_summary(told: ToldAreas) -> None:
    summary = summarise_areas(told, NOW)
    areas = summary["areas"]
    assert areas["criterion"] == {"combine": "any", "few_choices_share": 0.5, "closed_share": 0.9}
    assert areas["computed"] == {"yes": 1, "no": 1, "unknown": 2, "hidden": 0}
    assert sum(areas["agreement"].values()) == sum(areas["computed"].values()) == 4
    assert areas["homes_outside"] == 1
    assert {row["id"]: row["standing"] for row in areas["designations"]} == {
        "fokus": "unknown", "midt": "unknown", "sted": "unknown",
        "vest": "in_force",
    }  # fmt: skip
    assert [item["role"] for item in areas["inputs"]] == ["designations"]
    assert summary["totals"]["population"] == 1765
    json.dumps(summary, allow_nan=False)


def test_small_numbers_are_left_out_and_with_them_what_tells_them(choice: Choice) -> None:
    shapes = gpd.GeoDataFrame(
        geometry=gpd.GeoSeries({"a": strip(0, 5), "lille": strip(23.5, 24.5)}), crs="EPSG:25832"
    )
    none = designated(replace(choice.study, areas=None))
    result = computed(choice, CRITERION, shapes)
    told = tell_areas(result, none)
    row = told.areas.loc["lille"]
    assert np.isnan(row[["population", "few_choices_share"]].astype(float)).all()
    table = areas_table(told).set_index("area_id")
    assert np.isnan(table.loc["lille", "population"])
    page = areas_map(result, none).get_root().render()
    assert ".." in page
    everything = tell_areas(result, none, disclosure=OFF)
    assert everything.areas.loc["lille", "population"] == 3


@pytest.mark.parametrize(
    ("few", "threshold", "state"), [(3, 0.4, "hidden"), (3, 0.9, "no"), (40, 0.4, "yes")]
)
def test_a_threshold_does_not_tell_a_small_number(
    make_study: Callable[..., Study],
    coast_road: RoadNetwork,
    few: float,
    threshold: float,
    state: str,
) -> None:
    # 7 others, or 3: with few 3 of 10, reaching 40 % or not would tell more than "under 5".
    study = make_study([(0, few), (6, 7)], [(2, True), (17, True)])
    choice = compute_choice(study, coast_road)
    result = computed(choice, Criterion(combine="any", few_choices_share=threshold))
    told = tell_areas(result, designated(study))
    assert told.areas["computed"].tolist() == [state]


def test_municipalities_by_default_and_nothing_designated(choice: Choice, tmp_path: Path) -> None:
    study = replace(choice.study, areas=None)
    alone = replace(choice, study=study)
    result = computed(alone, Criterion(combine="all", residents_per_doctor=100))
    files = write_areas(result, designated(study), tmp_path)
    page = files["map.html"].read_text(encoding="utf-8")
    assert "Ingen kommune er udpeget" in page
    assert "mindst 100 borgere pr. læge" in page
    assert areas_texts.NO_DISAGREEMENT not in page
    summary = json.loads(files["summary.json"].read_text(encoding="utf-8"))["areas"]
    assert summary["of"] == "municipalities"
    assert summary["inputs"] == []


def test_areas_of_a_file_are_mapped(
    choice: Choice, shapes: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "sogne.geojson"
    shapes.rename_axis("sogn").reset_index().to_file(path, driver="GeoJSON")
    own = read_areas(path, "sogn").frame
    result = computed(choice, CRITERION, own)
    written = write_areas(result, designated(choice.study, areas=own), tmp_path / "out")
    rows = written["areas.csv"].read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + len(shapes)


def test_the_example(midtjylland: Study, terrain_network: RoadNetwork) -> None:
    """Figures of the README and of notebook 05, counted here from the columns of the check."""
    choice = compute_choice(midtjylland, terrain_network)
    assert midtjylland.areas is not None
    result = computed(choice, midtjylland.areas.criterion)
    told = tell_areas(result, designated(midtjylland))
    people = choice.municipalities
    few = people["population"] - people["choice_certain"] - people["choice_uncertain"]
    doctors = midtjylland.practices.groupby("municipality_code")["doctors"].sum()
    short = (few / people["population"] >= 0.1) | (people["population"] / doctors >= 1800)
    short = short[people.index]
    assert set(told.areas.index[told.areas["computed"] == "yes"]) == set(short.index[short])
    assert int(short.sum()) == 11
    assert told.people.loc["yes", "people"] == pytest.approx(people["population"][short].sum())
    assert told.areas["agreement"].value_counts().to_dict() == {
        "neither": 8, "both": 6, "only_computed": 5,
    }  # fmt: skip
