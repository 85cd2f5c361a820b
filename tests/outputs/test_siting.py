"""What is written of proposed clinics: the same bytes twice, offline, in Danish, and no small counts."""

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

from gpcoverage import RoadNetwork, Study, compute_choice
from gpcoverage.analysis.siting import Siting, SitingOptions, compute_siting
from gpcoverage.inputs.scenario_file import read_scenario
from gpcoverage.outputs import siting_texts
from gpcoverage.outputs.disclosure import OFF
from gpcoverage.outputs.siting import siting_map, write_siting
from gpcoverage.outputs.told_siting import tell_siting
from gpcoverage.units import to_degrees, to_metres
from outputs.attacking import Attacker, read_csv

X0, Y0 = 500_000.0, 6_200_000.0
NASTY = '<script>alert("$x$")</script>'
FILES = {"map.html", "siting.csv", "summary.json", "scenario.toml"}


def towns(names: list[str], kms: list[float]) -> gpd.GeoDataFrame:
    easting = X0 + 1000 * np.array(kms)
    lon, lat = (np.round(axis, 6) for axis in to_degrees(easting, np.full(len(kms), Y0)))
    return gpd.GeoDataFrame(
        {"name": names, "municipality_code": "0661", "lat": lat, "lon": lon},
        index=[f"b{i}" for i in range(len(kms))],
        geometry=shapely.points(*to_metres(lon, lat)),
        crs="EPSG:25832",
    )


@pytest.fixture(scope="module")
def study(make_study: Callable[..., Study]) -> Study:
    """Make homes at km 0, 3 (three people), 21 and 28, and one open practice at km 10."""
    made = make_study([(0, 100), (3, 3), (21, 40), (28, 30), (12, 90)], [(10, True), (9, True)])
    made = replace(made, practices=made.practices.assign(open=[True, False]))
    return replace(made, partly_modelled=True)


@pytest.fixture(scope="module")
def siting(study: Study, coast_road: RoadNetwork) -> Siting:
    places = towns([NASTY, "=HYPERLINK(1)", "Vemb"], [5, 21.5, 24])
    options = SitingOptions(clinics=2, doctors=1)
    return compute_siting(compute_choice(study, coast_road), places, options)


def test_files_are_the_same_bytes_twice(siting: Siting, tmp_path: Path) -> None:
    one, two = (write_siting(siting, tmp_path / name) for name in ("a", "b"))
    assert set(one) == FILES
    for name in FILES - {"summary.json"}:
        assert one[name].read_bytes() == two[name].read_bytes(), name
    first, second = (
        json.loads(files["summary.json"].read_text(encoding="utf-8")) for files in (one, two)
    )
    assert first | {"created": ""} == second | {"created": ""}


def test_page_is_offline_escaped_and_danish(siting: Siting, tmp_path: Path) -> None:
    page = write_siting(siting, tmp_path)["map.html"].read_text(encoding="utf-8")
    assert not re.search(r"""<(script|link|img)[^>]+(src|href)=["']?https?:|url\(https?:""", page)
    assert NASTY not in page
    assert r"\u003cscript" not in page
    assert "&lt;script&gt;alert" in page
    assert "$(" not in page  # folium's popups want jQuery
    for text in (
        "<title>Hvor bør den næste klinik ligge? Kystvejen</title>",
        siting_texts.CLINICS_TITLE,
        siting_texts.NOT_A_PLAN,
        "delvis modellerede",
    ):
        assert text in page, text
    assert siting_map(siting).get_root().render()


def test_sentences(siting: Siting, study: Study, coast_road: RoadNetwork) -> None:
    told = tell_siting(siting, disclosure=OFF)
    assert siting_texts.answer(told) == (
        "Med 2 licensklinikker gælder: 233 borgere, der i dag har færre end 2 åbne praksis inden for "
        "grænsen, får mindst 2, og der er plads til 233 af dem; 30 har stadig for få. Flest afhænger "
        f"af klinikken i {NASTY}: 103 borgere."
    )
    choice = compute_choice(study, coast_road)
    places = towns(["Hjerm", "Vemb"], [5, 21.5])

    def answer(**options: object) -> str:
        result = compute_siting(choice, places, SitingOptions(**options))  # type: ignore[arg-type]
        return siting_texts.answer(tell_siting(result, disclosure=OFF))

    assert answer(goal="everyone").startswith("Der skal 2 licensklinikker til, før alle")
    assert answer(goal="everyone").endswith("30 borgere kan ikke hjælpes fra disse steder.")
    assert "i stedet for 8,3 km" in answer(goal="distance", clinics=1)
    assert answer(clinics=0).startswith("Ingen af de undersøgte steder ændrer noget")


def test_a_stopped_search_says_how_far_off_it_may_be(siting: Siting) -> None:
    stopped = replace(siting, solution=replace(siting.solution, is_proven=False, bound=466.0))
    text = " ".join(siting_texts.footnote(tell_siting(stopped)))
    assert "op til 50,0 % bedre" in text
    assert siting_texts.PROVEN not in text
    satellite = replace(siting, options=replace(siting.options, kind="satellitpraksis"))
    assert siting_texts.SATELLITE in siting_texts.footnote(tell_siting(satellite))


def test_the_table_is_harmless_and_the_scenario_can_be_read(siting: Siting, tmp_path: Path) -> None:
    written = write_siting(siting, tmp_path, disclosure=OFF)
    table = read_csv(written["siting.csv"])
    assert table["id"].tolist() == ["ny-1", "ny-2"]
    assert table["gains"].tolist() == siting.clinics["gains"].tolist()
    assert not table["name"].str.startswith("=").any()
    scenario = read_scenario(written["scenario.toml"])
    assert scenario.name == "2 licensklinikker"
    assert scenario.changes == siting.after.study.scenario.changes


def test_summary_tells_the_same_as_the_siting(siting: Siting, tmp_path: Path) -> None:
    path = write_siting(siting, tmp_path, disclosure=OFF)["summary.json"]
    told = json.loads(path.read_text(encoding="utf-8"))["siting"]
    assert told["gains"] == siting.gains == 233
    assert told["seated"] == pytest.approx(siting.seated)
    assert (told["is_proven"], told["gap"]) == (True, 0.0)
    assert told["places"] == {"used": 3}
    assert sum(told["beyond_help"].values()) == siting.beyond_help["population"].sum()


def test_no_small_count_can_be_worked_out(study: Study, coast_road: RoadNetwork, tmp_path: Path) -> None:  # fmt: skip
    # Only the three people at km 3 depend on one clinic and on no other.
    people = study.homes["population"].replace({100: 3.0, 3: 60.0})
    small = replace(study, homes=study.homes.assign(population=people))
    choice = compute_choice(small, coast_road)
    places = towns(["Hjerm", "Vemb"], [12, 21.5])
    result = compute_siting(choice, places, SitingOptions(clinics=2))
    written = write_siting(result, tmp_path)
    homes, told = result.homes, result.clinics
    attacker = Attacker(homes)
    summary = json.loads(written["summary.json"].read_text(encoding="utf-8"))
    kinds = {
        "too_few": homes["needs"] > 0,
        "gains": homes["gains"],
        "only": homes["gains"] & result.depends,
    }
    for row, place in zip(summary["siting"]["clinics"], told["place_id"], strict=True):
        for name, flag in kinds.items():
            attacker.read(flag & result.near[place], row[name])
        attacker.read(result.after.homes["nearest_id"] == row["id"], row["nearest"])
    attacker.read(homes["gains"], summary["siting"]["gains"])
    for reason, count in summary["siting"]["beyond_help"].items():
        here = result.beyond_help["reason"].reindex(homes.index) == reason
        attacker.read(here, count)
    for state, checked in (("before", result.before), ("after", result.after)):
        for status, count in summary[state]["by_status"].items():
            attacker.read(checked.homes["status"] == status, count)
    groups = [homes.index == i for i in homes.index]
    groups += [flag & near for flag in kinds.values() for near in result.near.values()]
    assert attacker.finds_nothing(groups) >= 1


def test_few_without_a_seat_are_not_told(siting: Siting) -> None:
    one_left = replace(siting, seated=siting.gains - 1)
    assert np.isnan(tell_siting(one_left).seated)
    assert tell_siting(one_left, disclosure=OFF).seated == siting.gains - 1
    assert pd.isna(tell_siting(replace(siting, seated=2.0)).seated)
