"""Towns, names and main roads under the maps: right, told apart, none over another, and small."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from browser import opened
from gpcoverage import Choice, RoadNetwork, Study, choice_map, compute_choice, load_study
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.network import load_network
from gpcoverage.outputs.basemap import basemap_notes, main_roads, towns
from gpcoverage.outputs.page import write_page

NAMES = {
    "script": "<script>window.hit = 1</script></script>",
    "template": "{{ 7*7 }} ulve {% if %}",
    "image": "<img src=x onerror=window.hit=1>",
    "backwards": "By\u202egnir",
    "long": "Langbyen " * 60,
}

SHOWN_NAMES = """
() => [...document.querySelectorAll(".town span, .place span")]
  .filter(name => getComputedStyle(name).visibility === "visible" && name.offsetWidth)
  .map(name => {
    const box = name.getBoundingClientRect();
    return [name.textContent, box.left, box.top, box.right, box.bottom];
  })
"""
ZOOM_IN = """
() => {
  const map = Object.values(window).find(value => window.L && value instanceof L.Map);
  map.setZoom(map.getZoom() + 1, {animate: false});
}
"""
TILE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a494441"
    "54789c6338000000c200c1525e57510000000049454e44ae426082"
)
"""A PNG of one pixel."""


@pytest.fixture(scope="module")
def example(midtjylland: Study, terrain_network: RoadNetwork) -> Choice:
    return compute_choice(midtjylland, terrain_network)


@pytest.fixture(scope="module")
def example_page(example: Choice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "map.html"
    write_page(choice_map(example), path)
    return path


def with_towns(choice: Choice, names: list[str]) -> Choice:
    """Put towns along the coast road, each larger than the next and apart from it."""
    at = [shapely.Point(500_000.0 + 2_500 * i, 6_200_000.0 + 3_000) for i in range(len(names))]
    people = [90_000.0 - 1_000 * i for i in range(len(names))]
    columns = {"name": names, "municipality_code": "0661", "population": people}
    places = gpd.GeoDataFrame(columns, geometry=at, crs="EPSG:25832")
    record = InputRecord("places", "byer.csv", "0" * 64, len(names), len(names))
    return replace(choice, study=replace(choice.study, places=places, inputs=(record,)))


def written(choice: Choice, path: Path, *, tiles: bool = False) -> str:
    write_page(choice_map(choice, tiles=tiles), path)
    return path.read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, Any]:
    block = re.search(r'id="basemap-data">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    data: dict[str, Any] = json.loads(block[1])
    return data


def test_towns_are_named_in_danish(midtjylland: Study) -> None:
    capital = towns(replace(midtjylland, municipality_codes=("0101",)))
    assert capital["name"].iloc[0] == "København"
    assert "Copenhagen" not in set(capital["name"])
    region = towns(midtjylland)
    assert region["name"].iloc[:3].tolist() == ["Aarhus", "Randers", "Horsens"]
    assert set(region["municipality_code"]) <= set(midtjylland.municipality_codes)
    assert region["population"].is_monotonic_decreasing


def test_a_town_is_spelled_as_its_municipality(midtjylland: Study) -> None:
    assert midtjylland.places is not None
    old = midtjylland.places.replace({"name": {"Aarhus": "Århus"}})
    assert towns(replace(midtjylland, places=old))["name"].iloc[0] == "Aarhus"


def test_a_study_may_name_one_table_of_towns(root: Path, tmp_path: Path) -> None:
    text = (root / "data/midtjylland.toml").read_text(encoding="utf-8")
    text = re.sub(r"settlements = .*", 'settlements = "byer.csv"', text)
    text = re.sub(r"settlement_corrections.*\n", "", text)
    text = re.sub(r'"([a-z]+\.(?:csv|toml))"', rf'"{root.as_posix()}/data/\1"', text)
    text = text.replace(f"{root.as_posix()}/data/byer.csv", "byer.csv")
    text = text.replace('"../geo/', f'"{root.as_posix()}/geo/')
    (tmp_path / "byer.csv").write_text("navn;lat;lon\nVemb;56,345;8,344\n", encoding="utf-8")
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    study = load_study(tmp_path / "s.toml")
    assert towns(study)["name"].tolist() == ["Vemb"]
    assert [r.file for r in study.inputs if r.role == "places"] == ["byer.csv"]
    assert "byer.csv" in basemap_notes(study)[0]


def test_the_footnote_names_the_table_where_towns_are_drawn(choice: Choice, tmp_path: Path) -> None:
    assert "Byer efter" not in written(choice, tmp_path / "a.html")
    page = written(with_towns(choice, ["Vemb"]), tmp_path / "b.html")
    assert "Byer efter byer.csv." in page


def test_without_towns_only_municipalities_are_named(choice: Choice, tmp_path: Path) -> None:
    data = data_of(written(choice, tmp_path / "map.html"))
    assert data["towns"] == []
    assert [(name, town) for name, _, _, town in data["municipalities"]] == [("Holstebro", None)]
    with opened(tmp_path / "map.html") as (shown, complaints):
        assert [name for name, *_ in shown.evaluate(SHOWN_NAMES)] == ["Holstebro"]
    assert complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_no_name_lies_over_another_or_stands_twice(example_page: Path, width: int) -> None:
    with opened(example_page, width=width) as (shown, complaints):
        for _ in range(4):
            shown.wait_for_timeout(400)
            names = shown.evaluate(SHOWN_NAMES)
            assert len(names) >= 5
            assert names[0][0] == "Aarhus"
            assert len({name for name, *_ in names}) == len(names)
            for (_, left, top, right, bottom), (_, *other) in combinations(names, 2):
                apart = left >= other[2] or other[0] >= right or top >= other[3] or other[1] >= bottom  # fmt: skip
                assert apart
            shown.evaluate(ZOOM_IN)
    assert complaints == []


def test_a_municipality_is_named_by_itself_when_towns_are_put_away(example_page: Path) -> None:
    with opened(example_page) as (shown, complaints):
        before = [name for name, *_ in shown.evaluate(SHOWN_NAMES)]
        shown.hover(".leaflet-control-layers")
        shown.get_by_label("Byer", exact=False).uncheck()
        after = shown.evaluate(SHOWN_NAMES)
        assert "Tilst" in before
        assert "Tilst" not in {name for name, *_ in after}
        assert "Aarhus" in {name for name, *_ in after}
        assert shown.evaluate("document.querySelectorAll('.town').length") == 0
    assert complaints == []


def test_names_hide_no_practice_and_take_no_click(example_page: Path) -> None:
    with opened(example_page) as (shown, _):
        layers = shown.evaluate(
            "['roads', 'names', 'points'].map(n => +getComputedStyle(document.querySelector(`.leaflet-${n}-pane`)).zIndex)"
        )
        assert layers == sorted(layers)
        for _name, left, top, right, bottom in shown.evaluate(SHOWN_NAMES):
            at = ((left + right) / 2, (top + bottom) / 2)
            hit = shown.evaluate("at => document.elementFromPoint(...at).tagName", at)
            assert hit != "SPAN"


def test_nasty_names_are_shown_as_they_are(choice: Choice, tmp_path: Path) -> None:
    nasty = with_towns(choice, list(NAMES.values()))
    page = written(nasty, tmp_path / "map.html")
    assert "<script>window.hit" not in page
    assert [name for name, *_ in data_of(page)["towns"]] == list(NAMES.values())
    with opened(tmp_path / "map.html") as (shown, complaints):
        texts = shown.evaluate("[...document.querySelectorAll('.town span')].map(n => n.textContent)")  # fmt: skip
        assert texts == list(NAMES.values())
        assert shown.evaluate("window.hit") is None
        widths = shown.evaluate("[...document.querySelectorAll('.town span')].map(n => n.offsetWidth)")  # fmt: skip
        assert max(widths) <= 160
        assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []


@pytest.fixture(scope="module")
def crossing(build_network: Callable[..., RoadNetwork]) -> RoadNetwork:
    """Build two roads in two pieces each that cross in the coast road's municipality, and one far off."""
    x, y = 510_000.0, 6_200_000.0
    nodes = [(x - 4000, y), (x, y), (x + 4000, y), (x, y - 3000), (x, y + 3000), (x, y + 90_000), (x, y + 91_000)]  # fmt: skip
    built = build_network([*nodes], [(0, 1), (1, 2), (3, 1), (1, 4), (5, 6)], ferries=(2, 3))
    return replace(built, class_names=("primary", "residential"))


def test_main_roads_are_joined_and_cut_off(choice: Choice, crossing: RoadNetwork) -> None:
    roads = main_roads(crossing, choice.study.area)
    assert list(roads) == ["primary"]
    (line,) = roads["primary"]  # the far one is beyond, the other is no main road
    assert len(line) == 4  # straight: two ends, of latitude and longitude
    steps = gpd.GeoSeries([shapely.Point(506_000.0, 6_200_000.0), shapely.Point(514_000.0, 6_200_000.0)], crs="EPSG:25832").to_crs("EPSG:4326")  # fmt: skip
    ends = {(round(p.y * 1e5), round(p.x * 1e5)) for p in steps}
    assert {(line[0], line[1]), (line[0] + line[2], line[1] + line[3])} == ends
    assert main_roads(replace(crossing, kind="terrain"), choice.study.area) == {}


def test_main_roads_are_drawn_and_can_be_put_away(
    choice: Choice, crossing: RoadNetwork, tmp_path: Path
) -> None:
    page = written(replace(choice, network=crossing), tmp_path / "map.html")
    assert list(data_of(page)["roads"]) == ["primary"]
    with opened(tmp_path / "map.html") as (shown, complaints):
        count = "document.querySelectorAll('.leaflet-roads-pane path').length"
        assert shown.evaluate(count) == 2  # the edge, and the line in it
        shown.hover(".leaflet-control-layers")
        shown.get_by_label("Hovedveje", exact=False).uncheck()
        assert shown.evaluate(count) == 0
    assert complaints == []
    assert "Hovedveje" not in written(choice, tmp_path / "none.html")


def policy(page: str) -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_tiles_are_there_only_if_asked_for(choice: Choice, tmp_path: Path) -> None:
    without = written(choice, tmp_path / "a.html")
    assert "tile.openstreetmap.org" not in without
    assert "img-src data:;" in policy(without)
    page = written(choice, tmp_path / "b.html", tiles=True)
    assert "img-src data: https://tile.openstreetmap.org;" in policy(page)
    assert "default-src 'none'" in policy(page)
    assert "© OpenStreetMap contributors" in page


def test_tiles_ask_for_nothing_offline(choice: Choice, tmp_path: Path) -> None:
    written(choice, tmp_path / "map.html", tiles=True)
    with opened(tmp_path / "map.html") as (shown, complaints):
        shown.hover(".leaflet-control-layers")
        layer = shown.get_by_label("OpenStreetMaps kort", exact=False)
        assert layer.is_disabled()
        assert not layer.is_checked()
        assert shown.get_by_text("(kræver internet)").is_visible()
        shown.evaluate(ZOOM_IN)
        shown.wait_for_timeout(400)
        assert layer.is_disabled()
    assert complaints == []


def test_tiles_are_asked_for_once_the_reader_wants_them(choice: Choice, tmp_path: Path) -> None:
    written(choice, tmp_path / "map.html", tiles=True)
    with opened(tmp_path / "map.html") as (shown, complaints):
        shown.route(re.compile("^https:"), lambda r: r.fulfill(body=TILE, content_type="image/png"))
        shown.context.set_offline(False)
        shown.wait_for_timeout(300)
        assert complaints == []
        shown.hover(".leaflet-control-layers")
        assert not shown.get_by_text("(kræver internet)").is_visible()
        shown.get_by_label("OpenStreetMaps kort", exact=False).check()
        shown.wait_for_timeout(600)
        assert shown.evaluate("document.querySelectorAll('.leaflet-tile-loaded').length") > 0
        assert shown.get_by_text("© OpenStreetMap contributors", exact=True).is_visible()
        shown.context.set_offline(True)
        shown.wait_for_timeout(300)
        assert shown.evaluate("document.querySelectorAll('.leaflet-tile').length") == 0
    assert complaints
    assert all(re.match(r"https://tile\.openstreetmap\.org/\d+/\d+/\d+\.png$", c) for c in complaints)  # fmt: skip


@pytest.mark.country
def test_a_map_of_the_country_is_small(root: Path, tmp_path: Path) -> None:
    study = load_study(root / "data/danmark.toml")
    result = compute_choice(study, load_network(study.roads))
    page = written(result, tmp_path / "map.html")
    assert len(page.encode()) < 8_000_000
    assert len(data_of(page)["towns"]) > 450
