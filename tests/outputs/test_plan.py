"""What is written of a plan: page, tables and summary, escaped, offline, and no more than may be told."""

import datetime
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gpcoverage import RoadNetwork, Study, compute_choice
from gpcoverage.analysis.grants import Shortage
from gpcoverage.analysis.plan import PlanReview, review_plan
from gpcoverage.analysis.spreading import Spreading
from gpcoverage.inputs.documents import Documents, read_documents
from gpcoverage.inputs.plan import PlanTable
from gpcoverage.outputs import plan_tables, plan_texts
from gpcoverage.outputs.disclosure import OFF
from gpcoverage.outputs.language import Language, speaking
from gpcoverage.outputs.plan import (
    LARGEST_PX,
    SMALLEST_PX,
    plan_map,
    projects_table,
    summarise_plan,
    write_plan,
)
from gpcoverage.outputs.told_plan import tell_plan

NOW = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=datetime.UTC)
FILES = {
    *("map.html", "municipalities.csv", "regions.csv", "projects.csv", "profiles.csv"),
    *("goals.csv", "summary.json"),
}
NASTY = '<script>alert("{{ 7*7 }}")</script>'


@pytest.fixture(scope="module")
def documents(root: Path) -> Documents:
    return read_documents(root / "data")


@pytest.fixture(scope="module")
def ours(documents: Documents) -> Documents:
    """Return documents that a study of Holstebro and København knows all places of; one text is nasty."""
    grants = documents.grants.frame.iloc[[5, 6, 18]].reset_index(drop=True)
    grants = grants.assign(title=[NASTY, "Skive", "Forskning"], kroner=[500, 800, 70])
    grants["municipality_codes"] = pd.Series([("0661",), (), ()], dtype=object)
    grants["area_kind"] = ["municipality", "region", "country"]
    profiles = documents.profiles.frame.copy()
    here = profiles["part"] == "Ulfborg og Vemb"
    profiles.loc[here, "support"] = NASTY
    return replace(
        documents,
        grants=PlanTable(grants, documents.grants.record),
        profiles=PlanTable(profiles, documents.profiles.record),
    )


@pytest.fixture(scope="module")
def review(
    make_study: Callable[..., Study], coast_road: RoadNetwork, ours: Documents
) -> PlanReview:
    study = make_study([(5, 60), (29, 40)], [(2, True), (18, True)])
    return review_plan(compute_choice(replace(study, partly_modelled=True), coast_road), ours)


@pytest.fixture(scope="module")
def written(review: PlanReview, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_plan(review, tmp_path_factory.mktemp("plan"))


@pytest.fixture(scope="module")
def example(midtjylland: Study, documents: Documents) -> PlanReview:
    return review_plan(compute_choice(midtjylland), documents)


def read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(
        path, sep=";", decimal=",", encoding="utf-8-sig", dtype={"municipality_code": str, "code": str},
    )  # fmt: skip


def test_files_are_the_same_bytes_twice(
    review: PlanReview, written: dict[str, Path], tmp_path: Path
) -> None:
    again = write_plan(review, tmp_path)
    assert set(written) == FILES == {path.name for path in tmp_path.iterdir()}
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
    assert "<script>alert" not in page
    assert r"\u003cscript" not in page
    assert "49" not in re.findall(r"alert\(&quot;(.*?)&quot;\)", page)
    assert page.count("&lt;script&gt;alert(&quot;&#123;&#123; 7*7 }}&quot;)") >= 2
    for text in (
        "<title>Plan, penge og lægevalg: Kystvejen</title>",
        "Cirklens areal viser kroner pr. borger",
        "delvis modellerede",
        "Hvad planen siger om kommunerne",
        "Praksisplanens mål",
    ):
        assert text in page


def test_the_answer_of_the_hand_made_study(review: PlanReview) -> None:
    assert plan_texts.answer(tell_plan(review)) == (
        "1.370 kr. er givet til 3 projekter. 500 kr. (36,5 %) kan føres til bestemte kommuner. "
        "Den kommune i området, som penge kan føres til, har 100,0 % af borgerne og 100,0 % af dem "
        "med færre end 2 åbne praksis inden for grænsen. Hele regionen har fået 1.300 kr., 13,00 kr. "
        "pr. borger; 40,0 % har færre end 2 åbne praksis."
    )


def test_the_answer_of_the_example(example: PlanReview) -> None:
    assert plan_texts.answer(tell_plan(example)) == (
        "20.000.000 kr. er givet til 20 projekter. 4.224.290 kr. (21,1 %) kan føres til bestemte "
        "kommuner. De 2 af områdets 19 kommuner, som penge kan føres til, har 4,8 % af borgerne og "
        "13,5 % af dem med færre end 2 åbne praksis inden for grænsen. Hele regionen har fået 877.090 "
        "kr., 0,64 kr. pr. borger; 11,1 % har færre end 2 åbne praksis."
    )


def test_popup_tells_need_money_and_plan(example: PlanReview) -> None:
    facts = plan_texts.popup(tell_plan(example), "0661")
    assert facts["Kommune"] == "Holstebro"
    assert facts["Har færre end 2 åbne praksis"] == "12.793 (21,6 %)"
    assert facts["Penge til kommunen"] == "0 kr. (0,00 kr. pr. borger)"
    assert "Projekter" not in facts
    assert facts["Særligt indsatsområde i planen (2008)"] == "nej"
    assert facts["Byer med praksis i planen"] == "Vinderup, Holstebro, Ulfborg/Vemb"
    assert facts["Ulfborg og Vemb"].startswith("Alle regionens midler")
    assert facts["Kilde"].startswith("Region Midtjyllands perspektivplan (2008): Holstebro Kommune")
    struer = plan_texts.popup(tell_plan(example), "0671")
    assert struer["Penge til kommunen"] == "628.090 kr. (30,34 kr. pr. borger)"
    assert struer["Projekter"] == "Transportordning for læger og studerende"


def test_circles_are_in_proportion_to_kroner_per_person(example: PlanReview) -> None:
    page = plan_map(example).get_root().render()
    found = re.findall(r'"funded": (\w+), "radius_px": ([\d.]+), "title": "([^"]+)"', page)
    radii = {name: float(radius) for _, radius, name in found}
    assert len(radii) == 19
    assert [name for funded, _, name in found if funded == "true"] == ["Struer", "Skive"]
    assert radii["Struer"] == LARGEST_PX
    expected = LARGEST_PX * math.sqrt((249_000 / 44_500) / (628_090 / 20_700))
    assert radii["Skive"] == pytest.approx(expected, abs=0.051)
    assert {radius for name, radius in radii.items() if name not in {"Struer", "Skive"}} == {
        SMALLEST_PX
    }


def test_need_classes_have_no_gaps() -> None:
    shares = [0.0, 0.049, 0.05, 0.1, 0.2499, 0.25, 0.5, 1.0, math.nan]
    assert [plan_texts.need_class(share) for share in shares] == [0, 0, 1, 2, 2, 3, 4, 4, -1]
    labels = [plan_texts.need_label(i) for i in range(len(plan_texts.NEED_FROM))]
    assert labels == [
        *("under 5 %", "5 til under 10 %", "10 til under 25 %", "25 til under 50 %"),
        "50 % eller flere",
    ]


def test_tables_of_the_page(example: PlanReview, documents: Documents) -> None:
    told = tell_plan(example)
    for made in (
        *(plan_tables.grants_table, plan_tables.profiles_table, plan_tables.goals_table),
        *(plan_tables.instruments_table, plan_tables.regions_table),
    ):
        head, body = made(told)[:2]
        assert len(head) == body.shape[1]
        assert len(body)
    assert plan_tables.grants_table(told)[2][-1] == "20.000.000"
    assert len(plan_tables.profiles_table(told)[1]) == len(documents.profiles.frame)
    assert plan_tables.regions_table(told)[2] == []  # money of other regions is not in the table
    goals = plan_tables.goals_table(told)[1]
    assert goals["Målt i området"][1] == (
        "42,9 % af praksis har åbent for tilgang; 11,1 % af borgerne har færre end 2 åbne praksis"
    )
    assert (
        goals["Målt i området"][2]
        == "1.672 borgere pr. læge; flest borgere pr. læge: 1.850 (Samsø)"
    )
    assert goals["Målt i området"][6] == "Brugen af kvalitetsdata er ikke i værktøjets data."
    assert "Hornsyld og Juelsminde i Hedensted (anlæg)" in plan_texts.beyond(told)
    assert "Ulfborg og Vemb i Holstebro (anlæg, tilskud)" in plan_texts.beyond(told)


@pytest.mark.parametrize("language", ["da", "en"])
def test_an_action_may_lack_steps_and_status(
    review: PlanReview, documents: Documents, language: Language
) -> None:
    goals = documents.goals.frame.copy()
    without_steps, without_both = goals.index[goals["kind"] == "action"][:2]
    goals.loc[[without_steps, without_both], "steps"] = pd.NA
    goals.loc[without_steps, "status"] = "i gang"
    goals.loc[without_both, "status"] = ""
    given = replace(documents, goals=PlanTable(goals, documents.goals.record))
    with speaking(language):
        actions = plan_tables.goals_table(tell_plan(replace(review, documents=given)))[1].iloc[:, 2]
    written = "; ".join(actions).split("; ")
    assert f"{goals['text'][without_steps]}: i gang" in written
    assert goals["text"][without_both] in written


def test_regions_add_up_where_all_are_there(review: PlanReview) -> None:
    body, foot = plan_tables.regions_table(tell_plan(review))[1:]
    assert body["Kroner"].tolist() == ["1.300", "70"]
    assert body["Region"].tolist() == ["Region Midtjylland", "Uden region"]
    assert foot == ["I alt", "", "", "", "3", "1.370", ""]


def test_every_krone_is_in_the_projects_file(example: PlanReview, written: dict[str, Path]) -> None:
    table = projects_table(tell_plan(example))
    assert table["kroner_here"].sum() == pytest.approx(20_000_000, abs=0.05)
    assert (table["why"] == "").sum() == 7  # four municipalities alone, three together
    assert table.loc[table["number"] == 8, "code"].tolist() == ["0540", "0550", "0580"]
    assert table.loc[table["number"] == 8, "kroner_here"].sum() == pytest.approx(818_200, abs=0.02)
    here = read_csv(written["projects.csv"])
    assert here["kroner_here"].tolist() == [500, 800, 70]
    assert here["why"].fillna("").tolist() == ["", "region", "country"]
    assert read_csv(written["municipalities.csv"]).loc[0, "kroner_per_person"] == 5


def test_files_of_profiles_and_goals(example: PlanReview, tmp_path: Path) -> None:
    files = write_plan(example, tmp_path)
    profiles = read_csv(files["profiles.csv"]).set_index("municipality_code")
    assert profiles.loc["0661", ["special_focus", "towns"]].tolist() == [
        "nej",
        "Vinderup;Holstebro;Ulfborg/Vemb",
    ]
    assert profiles["special_focus"].isna().sum() == 7
    goals = read_csv(files["goals.csv"])
    assert len(goals) == 12
    assert goals.loc[goals["indicator"] == "doctors", "value"].tolist() == [816]


def test_summary(example: PlanReview) -> None:
    summary = summarise_plan(tell_plan(example), NOW)
    plan = summary["plan"]
    assert json.dumps(summary, allow_nan=False)
    assert plan["grants"]["kroner"] == 20_000_000 == sum(plan["grants"]["by_region"].values())
    apart = plan["grants"]["apart_kroner"]
    assert apart == {"country": 1_752_500, "region": 14_023_210}
    assert plan["grants"]["placed_kroner"] + sum(apart.values()) == 20_000_000
    assert plan["grants"]["outside_kroner"] == 3_347_200
    assert plan["rule"] == {"several": "people", "region": "apart"}
    assert plan["shortage"]["kind"] == "computed"
    assert len(plan["shortage"]["municipalities"]) == 11
    assert plan["groups"]["shortage"]["kroner"] == 877_090
    assert len(plan["indicators"]) == 7


def test_other_rules_are_said(example: PlanReview, documents: Documents) -> None:
    rule = Spreading(several="apart", region="people")
    areas = Shortage(frozenset({"0661"}), source="Regionen, 2026")
    told = tell_plan(review_plan(example.choice, documents, spreading=rule, shortage=areas))
    notes = " ".join(plan_texts.footnote(told))
    assert plan_texts.SEVERAL_APART in notes
    assert plan_texts.REGION_SPREAD in notes
    assert "Lægedækningstruede kommuner er udpeget: Regionen, 2026." in notes
    assert summarise_plan(told, NOW)["plan"]["shortage"]["kind"] == "designated"
    by_default = " ".join(plan_texts.footnote(tell_plan(example)))
    assert "beregnet og ikke udpeget: kommuner, hvor mindst 10 %" in by_default


def test_few_people_are_left_out_everywhere(
    make_study: Callable[..., Study], coast_road: RoadNetwork, ours: Documents, tmp_path: Path
) -> None:
    study = make_study([(5, 97), (29, 3)], [(2, True), (18, True)])
    review = review_plan(compute_choice(study, coast_road), ours)
    files = write_plan(review, tmp_path)
    told = tell_plan(review)
    for rows in (told.municipalities, told.regions, told.shortage, told.funded, told.profiles):
        assert rows["too_few"].isna().all()
        assert (rows["population"] == 100).all()
    assert read_csv(files["municipalities.csv"])["too_few"].isna().all()
    plan = json.loads(files["summary.json"].read_text(encoding="utf-8"))["plan"]
    assert plan["regions"]["Midtjylland"]["too_few_share"] is None
    share = next(row for row in plan["indicators"] if row["indicator"] == "too_few_share")
    assert share["value"] is share["part"] is None
    page = files["map.html"].read_text(encoding="utf-8")
    assert "Udeladt (..)" in page
    assert "3,0 %" not in page
    assert "97,0 %" not in page
    shown = tell_plan(review, disclosure=OFF)
    assert shown.municipalities["too_few"].tolist() == [3]
    assert np.isclose(shown.regions["too_few_share"], 0.03).all()


def test_no_money_in_the_area(
    make_study: Callable[..., Study], coast_road: RoadNetwork, ours: Documents
) -> None:
    study = make_study([(35, 10)], [(36, True)], area=("0101",))
    review = review_plan(compute_choice(study, coast_road), ours)
    assert "Ingen penge kan føres til en bestemt kommune" in plan_texts.answer(tell_plan(review))
    page = plan_map(review).get_root().render()
    assert "Hvad planen siger om kommunerne" not in page
