"""The map: offline, escaped, small, the same bytes twice, and showing every home."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from gpcoverage import Choice, RoadNetwork, Study, choice_map, compute_choice
from gpcoverage.inputs.homes import home_squares
from gpcoverage.outputs.maps import status_areas
from gpcoverage.outputs.page import write_page


@pytest.fixture(scope="module")
def page(choice: Choice, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_page(choice_map(choice), path)
    return path.read_text(encoding="utf-8")


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    without_leaflet = re.sub(r"/\* @preserve.*?</script>", "", page, flags=re.DOTALL)
    without_leaflet = re.sub(r"/\*.*?\*/", "", without_leaflet, flags=re.DOTALL)
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?!#)[^"'>\s]+""", without_leaflet)
    assert not re.findall(r"url\((?!data:|#|\"?data:)", without_leaflet)
    assert not re.findall(r"@import", page)
    assert set(re.findall(r"https?://[^\s\"'<>\\)]+", without_leaflet)) <= {
        "http://www.w3.org/2000/svg"
    }


def test_text_from_files_is_escaped(page: str) -> None:
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page or r"\u0026lt;script\u0026gt;alert" in page


def test_text_from_files_is_no_template(choice: Choice, tmp_path: Path) -> None:
    names = ["{{ 7*7 }} ulve", "{% if %}", "{# bort #} {{ cycler.__init__.__globals__ }}"]
    practices = choice.study.practices.assign(name=names)
    study = replace(choice.study, name="Å {{ 6*7 }} {% x", practices=practices)
    write_page(choice_map(replace(choice, study=study)), tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "Å &#123;&#123; 6*7 }} &#123;% x" in page
    shown = page.replace(r"\u0026", "&").replace("&#123;", "{")
    for name in names:
        assert name in shown
    assert "49 ulve" not in page


def test_practices_at_one_point_are_one_place(choice: Choice) -> None:
    practices = choice.study.practices
    together = practices.set_geometry([practices.geometry.iloc[0]] * 3, crs=practices.crs)
    drawn = choice_map(replace(choice, study=replace(choice.study, practices=together)))
    page = drawn.get_root().render()
    assert "3 praksis, 2 \\u00e5bne" in page or "3 praksis, 2 åbne" in page


def test_page_reads_danish(page: str) -> None:
    assert "<title>Lægevalg: Kystvejen</title>" in page
    for text in (
        "Ingen åben praksis inden for grænsen",
        "Kommune",
        "± 10 %",
        "delvis modellerede",
        "felter på 250 m",
    ):
        assert text in page


def test_same_result_gives_the_same_bytes(choice: Choice, page: str, tmp_path: Path) -> None:
    write_page(choice_map(choice), tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_layers(choice: Choice) -> None:
    names = [
        child.layer_name
        for child in choice_map(choice)._children.values()
        if hasattr(child, "layer_name")
    ]
    shown = [name for name in names if not name.startswith("macro_element")]
    assert [re.sub(r" \(.*", "", name) for name in shown if "geo_json" not in name] == [
        "Mindst 2 åbne praksis inden for grænsen",
        "Kun én åben praksis inden for grænsen",
        "Ingen åben praksis inden for grænsen",
        "Kommunegrænser",
        "Praksis",
        "Kommunenavne",
    ]


def test_every_address_is_drawn_as_its_cell(choice: Choice) -> None:
    areas = status_areas(choice)
    for status, certainty, point in choice.homes[["status", "certainty", "geometry"]].itertuples(
        index=False
    ):
        area = areas[(areas["status"] == status) & (areas["certainty"] == certainty)]
        assert area.geometry.iloc[0].distance(point) == 0


@pytest.fixture(scope="module")
def example(midtjylland: Study, terrain_network: RoadNetwork) -> Choice:
    return compute_choice(midtjylland, terrain_network)


@pytest.mark.country
def test_example_is_drawn_whole_and_small(example: Choice, tmp_path: Path) -> None:
    areas = status_areas(example)
    assert len(areas) <= 6
    squares = home_squares(example.homes)
    assert squares is not None
    shown = shapely.union_all(areas.geometry.to_numpy())
    shapely.prepare(shown)
    assert shapely.intersects(shown, squares).all()
    overlap = areas.geometry.area.sum() - shown.area
    assert overlap == pytest.approx(0, abs=1.0)
    write_page(choice_map(example), tmp_path / "map.html")
    assert (tmp_path / "map.html").stat().st_size < 3_000_000
    assert np.isfinite(areas.total_bounds).all()
