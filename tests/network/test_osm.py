"""Which OpenStreetMap ways are roads, and what becomes of an osmnx graph."""

import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from gpcoverage.errors import NetworkError
from gpcoverage.network.osm import from_osmnx, from_pbf
from gpcoverage.network.tags import CLASS_NAMES, direction, road_class
from gpcoverage.units import geodesic_m

VILLAGE = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
  <node id="1" version="1" lat="55.9500" lon="10.4000"/>
  <node id="2" version="1" lat="55.9500" lon="10.4100"/>
  <node id="3" version="1" lat="55.9500" lon="10.4200"/>
  <node id="4" version="1" lat="55.9600" lon="10.4200"/>
  <node id="5" version="1" lat="55.9600" lon="10.3000"/>
  <node id="6" version="1" lat="55.9700" lon="10.4200"/>
  <way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="tertiary"/></way>
  <way id="11" version="1"><nd ref="3"/><nd ref="4"/><tag k="highway" v="residential"/>
    <tag k="oneway" v="-1"/></way>
  <way id="12" version="1"><nd ref="4"/><nd ref="5"/><tag k="route" v="ferry"/>
    <tag k="motor_vehicle" v="yes"/></way>
  <way id="13" version="1"><nd ref="4"/><nd ref="6"/><tag k="highway" v="track"/></way>
  <way id="14" version="1"><nd ref="1"/><nd ref="4"/><tag k="highway" v="service"/>
    <tag k="access" v="private"/></way>
</osm>
"""


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, "residential"),
        ({"highway": "motorway_link"}, "motorway"),
        ({"highway": "service"}, "service"),
        ({"highway": "track"}, None),
        ({"highway": "footway"}, None),
        ({"highway": "service", "access": "private"}, None),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, "service"),
        ({"highway": "residential", "motor_vehicle": "no"}, None),
        ({"highway": "residential", "vehicle": "private"}, None),
        ({"highway": "unclassified", "motorcar": "no", "access": "yes"}, None),
        ({"highway": "residential", "access": "destination"}, "residential"),
        ({"route": "ferry", "motor_vehicle": "yes"}, "ferry"),
        ({"route": "ferry"}, None),
        ({"route": "ferry", "foot": "yes", "motor_vehicle": "no"}, None),
        ({"route": "bicycle"}, None),
        ({}, None),
    ],
)
def test_road_class(tags: dict[str, str], expected: str | None) -> None:
    assert road_class(tags) == expected


@pytest.fixture
def village(tmp_path: Path) -> Path:
    path = tmp_path / "village.osm"
    path.write_text(VILLAGE, encoding="utf-8")
    return path


def test_village(village: Path) -> None:
    network = from_pbf(village)
    names = [CLASS_NAMES[i] for i in network.road_class]
    # The one-way dead end is a stub: one can leave it but never come back to it.
    assert names == ["tertiary", "ferry"]
    assert network.forward.all()
    assert network.backward.all()
    expected = geodesic_m(
        np.array([10.40, 10.41]), np.full(2, 55.95), np.array([10.41, 10.42]), np.full(2, 55.95)
    )
    assert network.shapes.at_m[:3] == pytest.approx([0, expected[0], expected.sum()], abs=1e-6)
    assert network.notes


def graph(**edge_tags: object) -> nx.MultiDiGraph:
    made = nx.MultiDiGraph(crs="EPSG:4326")
    for node, lon in enumerate((10.0, 10.01, 10.02)):
        made.add_node(node, x=lon, y=56.0)
    made.add_edge(0, 1, highway="residential", **edge_tags)
    made.add_edge(1, 0, highway="residential", **edge_tags)
    made.add_edge(1, 2, highway="residential")
    return made


def test_both_directions_become_one_edge() -> None:
    network = from_osmnx(graph(), source="drawn")
    # The one-way on from the second node is a stub.
    assert network.tail.tolist() == [0]
    assert network.forward.tolist() == [True]
    assert network.backward.tolist() == [True]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, 0),
        ({"oneway": "no"}, 0),
        ({"oneway": "yes"}, 1),
        ({"oneway": "-1"}, -1),
        ({"junction": "roundabout"}, 1),
        ({"junction": "roundabout", "oneway": "-1"}, -1),
    ],
)
def test_direction(tags: dict[str, str], expected: int) -> None:
    assert direction(tags) == expected


def test_a_graph_without_crs_is_refused() -> None:
    made = graph()
    del made.graph["crs"]
    with pytest.raises(NetworkError, match="drawn: the graph states no CRS"):
        from_osmnx(made, source="drawn")


def test_bad_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"none\.osm\.pbf: not found or not a file"):
        from_pbf(tmp_path / "none.osm.pbf")
    rubbish = tmp_path / "rubbish.osm.pbf"
    rubbish.write_bytes(b"not a pbf at all" * 100)
    with pytest.raises(NetworkError, match="is not OpenStreetMap data that can be read"):
        from_pbf(rubbish)
    paths_only = tmp_path / "paths.osm"
    paths_only.write_text(re.sub("tertiary|residential|ferry", "path", VILLAGE), encoding="utf-8")
    with pytest.raises(NetworkError, match="holds no drivable road"):
        from_pbf(paths_only)
