"""What osmnx brings, from a server on this machine that answers as Nominatim and Overpass do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmnx
import pytest
import shapely

from gpcoverage.network.roads import RoadNetwork
from gpcoverage.sources.provenance import read_provenance
from sources.serving import Handler, Server

Run = Callable[..., str]

DENMARK = shapely.box(7.9, 54.5, 15.3, 57.9)


def relations(root: Path) -> list[dict[str, Any]]:
    """Draw the municipalities as OpenStreetMap does: nodes, ways of them, relations of ways."""
    own = gpd.read_file(root / "geo/municipalities.geojson")
    elements: list[dict[str, Any]] = []
    for name, shape in zip(own["name"], own.geometry, strict=True):
        members = []
        for part in shapely.get_parts(shape):
            first = 1 + len(elements)
            ring = shapely.get_coordinates(part.exterior)[:-1]
            nodes = list(range(first, first + len(ring)))
            elements += [
                {"type": "node", "id": i, "lon": x, "lat": y}
                for i, (x, y) in zip(nodes, ring.tolist(), strict=True)
            ]
            way = 1 + len(elements)
            elements.append({"type": "way", "id": way, "nodes": [*nodes, nodes[0]]})
            members.append({"type": "way", "ref": way, "role": "outer"})
        tags = {
            "type": "boundary", "boundary": "administrative", "admin_level": "7",
            "name": f"{name} Kommune",
        }  # fmt: skip
        elements.append(
            {"type": "relation", "id": 1 + len(elements), "members": members, "tags": tags}
        )
    return elements


ROADS = [
    {"type": "node", "id": 1, "lon": 14.70, "lat": 55.10},
    {"type": "node", "id": 2, "lon": 14.72, "lat": 55.10},
    {"type": "node", "id": 3, "lon": 14.72, "lat": 55.12},
    {"type": "way", "id": 9, "nodes": [1, 2, 3], "tags": {"highway": "tertiary"}},
]


@pytest.fixture
def openstreetmap(server: Server, root: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer osmnx; collect what it asks."""
    asked: list[str] = []
    municipalities = relations(root)

    def answer(handler: Handler) -> None:
        question = server.asked[-1].body.decode() or server.asked[-1].path
        asked.append(question)
        if "admin_level" in question:
            content: Any = {"version": 0.6, "elements": municipalities}
        elif "highway" in question:
            content = {"version": 0.6, "elements": ROADS}
        elif "data=" in question:
            content = {"version": 0.6, "elements": []}
        else:
            shape = shapely.geometry.mapping(DENMARK)
            content = [{"display_name": "Danmark", "class": "boundary", "type": "administrative",
                        "lat": "56", "lon": "10", "importance": 0.9, "osm_type": "relation",
                        "osm_id": 1, "place_id": 1, "boundingbox": ["54.5", "57.9", "7.9", "15.3"],
                        "geojson": shape}]  # fmt: skip
        body = json.dumps(content).encode()
        handler.begin(200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
        handler.wfile.write(body)

    server.answers = [answer]
    monkeypatch.setattr(osmnx.settings, "overpass_url", f"{server.url}/api")
    monkeypatch.setattr(osmnx.settings, "nominatim_url", f"{server.url}/")
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    monkeypatch.setattr(osmnx.settings, "requests_timeout", 20)
    # One question for all the country, as the answer is the same for each part of it.
    monkeypatch.setattr(osmnx.settings, "max_query_area_size", 1e15)
    monkeypatch.chdir(root)
    return asked


def test_boundaries_come_as_relations(openstreetmap: list[str], run: Run, tmp_path: Path) -> None:
    told = run("fetch", "boundaries", "--from", "osm")
    assert "98 municipalities" in told
    assert any("admin_level" in question for question in openstreetmap)
    record = read_provenance(tmp_path / "boundaries.geojson")
    assert (record.licence, record.rows) == ("ODbL 1.0", 98)
    asked = len(openstreetmap)
    run("fetch", "boundaries", "--from", "osm", "--offline")
    assert len(openstreetmap) == asked


def test_roads_of_a_region(openstreetmap: list[str], run: Run, tmp_path: Path) -> None:
    run("fetch", "roads", "--region", "Hovedstaden", "--date", "2026-11-26")
    network = RoadNetwork.load(tmp_path / "hovedstaden.npz")
    assert network.length_m.sum() == pytest.approx(1_275 + 2_227, rel=0.01)
    assert read_provenance(tmp_path / "hovedstaden.npz").source == "© OpenStreetMap contributors"
    asked = len(openstreetmap)
    run("fetch", "roads", "--region", "Hovedstaden", "--date", "2026-11-26")
    assert len(openstreetmap) == asked


def test_roads_of_an_area(openstreetmap: list[str], run: Run, tmp_path: Path) -> None:
    area = tmp_path / "Rønne.geojson"
    shape = shapely.box(14.69, 55.09, 14.73, 55.13)
    gpd.GeoDataFrame(geometry=[shape], crs="EPSG:4326").to_file(area, driver="GeoJSON")
    run("fetch", "roads", "--area", str(area))
    assert RoadNetwork.load(tmp_path / "roenne.npz").length_m.sum() > 3_000
    assert any("highway" in question for question in openstreetmap)
