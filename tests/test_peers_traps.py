"""Traps in which other tools were caught, one small test each, where no other file has it yet.

Covered elsewhere:

- Bornholm is present in Region Hovedstaden: test_example.py::test_bornholm_is_in_its_region
- A to A is 0: network/test_kernels.py::test_home_at_practice_is_at_distance_zero
- A to B is not B to A on a one-way:
  network/test_kernels.py::test_one_way_is_respected_from_home_to_practice
- Same pair, same distance, whatever else is asked for:
  network/test_kernels.py::test_limit_and_company_change_no_distance,
  network/test_snapping.py::test_nearest_point_and_independence
- Unreachable is NaN with a reason: network/test_kernels.py::test_unreachable_is_nan_and_no_practice,
  analysis/test_choice.py::test_island_has_no_choice_and_says_why
- Web Mercator or wrong coordinates in a file:
  inputs/test_bad_practices.py::test_a_bad_cell_is_named,
  inputs/test_input_oracles.py::test_metres_in_a_layer_that_states_degrees_are_refused
- A practice just across the border is found:
  analysis/test_choice.py::test_practices_just_across_the_border_count
- CRS None: inputs/test_bad_files.py::test_boundaries_without_crs_are_refused,
  network/test_osm.py::test_a_graph_without_crs_is_refused
- Cold and warm cache are equal, a changed extract is noticed:
  test_cli.py::test_a_built_network_gives_the_same_and_notices_a_changed_source
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from gpcoverage import RoadNetwork, Study, choice_map, compute_choice, write_choice
from gpcoverage.analysis.distance import ACROSS_WATER, DistanceTable, compute_distances
from gpcoverage.analysis.pairs import NO_ROAD, PairOptions, compute_pairs
from gpcoverage.errors import CrsError, GpCoverageError
from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.kvadratnet import cell_ids
from gpcoverage.network.osm import from_osmnx, from_pbf
from gpcoverage.outputs.maps import status_areas

Make = Callable[..., Study]
Points = Callable[..., gpd.GeoDataFrame]
X, Y = 500_000.0, 6_200_000.0

# A road of 4.5 km north along 9°E, a farm track off it to the north-east, a ferry to an island.
FARM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
  <node id="1" version="1" lat="56.00" lon="9.00"/><node id="2" version="1" lat="56.01" lon="9.00"/>
  <node id="3" version="1" lat="56.04" lon="9.00"/><node id="4" version="1" lat="56.02" lon="9.01"/>
  <node id="5" version="1" lat="56.04" lon="9.10"/><node id="6" version="1" lat="56.04" lon="9.12"/>
  <way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="tertiary"/></way>
  <way id="11" version="1"><nd ref="2"/><nd ref="4"/><tag k="highway" v="track"/></way>
  <way id="12" version="1"><nd ref="3"/><nd ref="5"/><tag k="route" v="ferry"/>
    <tag k="motor_vehicle" v="yes"/></way>
  <way id="13" version="1"><nd ref="5"/><nd ref="6"/><tag k="highway" v="tertiary"/></way>
</osm>
"""


@pytest.fixture
def farm_roads(tmp_path: Path) -> RoadNetwork:
    path = tmp_path / "farm.osm"
    path.write_text(FARM, encoding="utf-8")
    return from_pbf(path)


def from_home(network: RoadNetwork, lon: float, lat: float) -> DistanceTable:
    """Measure from a home to a practice at the road's southern end."""
    at = gpd.GeoSeries.from_xy([lon, 9.0], [lat, 56.0], crs="EPSG:4326").to_crs("EPSG:25832")
    frame = gpd.GeoDataFrame(geometry=at)
    return compute_distances(frame[:1], frame[1:], network, np.array([1e6]))


def test_farm_track_keeps_a_sane_access_leg(farm_roads: RoadNetwork) -> None:
    # A hundredth of a degree east is 623.6 m here, two hundredths north 2226.8 m.
    table = from_home(farm_roads, 9.01, 56.02)
    assert table.home_snaps.leg_m == pytest.approx([623.6], abs=0.5)
    assert table.found.cost == pytest.approx([2226.8 + 623.6], abs=1.0)


def test_no_home_lies_on_the_ferry_of_an_extract(farm_roads: RoadNetwork) -> None:
    # The home lies on the ferry's line, 1246.6 m off the quay.
    snaps = from_home(farm_roads, 9.02, 56.04).home_snaps
    assert farm_roads.ferry.any()
    assert not farm_roads.ferry[snaps.edge].any()
    assert snaps.leg_m == pytest.approx([1246.6], abs=1.0)


def test_no_home_is_led_to_a_road_across_water(make_study: Make, coast_road: RoadNetwork) -> None:
    islet = (X + 10_000, Y + 1_000)
    study = make_study([(islet, 5), (10, 1)], [(12, True), (13, True)])
    shore = shapely.box(X - 1_000, Y - 500, X + 30_000, Y + 50)
    land = shapely.union(shore, shapely.Point(islet).buffer(100))
    areas = study.municipalities.set_geometry([study.municipalities.geometry.iloc[0], land])
    areas = areas.set_crs("EPSG:25832")
    homes = compute_choice(replace(study, municipalities=areas), coast_road).homes
    assert homes["reason"].tolist() == [ACROSS_WATER, ""]
    assert homes["status"].tolist() == ["none", "choice"]
    assert homes["nearest_m"].isna().tolist() == [True, False]
    assert homes["access_m"].isna().tolist() == [True, False]


def test_unreachable_is_no_number_by_any_measure(coast_road: RoadNetwork, points: Points) -> None:
    homes = points((X + 500, Y + 5_000), (X, Y))  # on the island, on the coast
    practices = points((X + 5_000, Y), ids="p").assign(open=True)
    options = PairOptions(k=1, compare=True)
    pairs = compute_pairs(homes, practices, coast_road, np.full(2, 15_000.0), options)
    measures = ["distance_m", "shortest_min", "fastest_m", "fastest_min", "straight_m"]
    assert pairs[measures].isna().to_numpy().tolist() == [[True] * 5, [False] * 5]
    assert pairs["reason"].tolist() == [NO_ROAD, ""]


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:3857"])
@pytest.mark.parametrize("role", ["homes", "practices"])
def test_points_without_crs_in_degrees_or_in_web_mercator_are_refused(
    coast_road: RoadNetwork, points: Points, role: str, crs: str | None
) -> None:
    frames = {"homes": points((X, Y)), "practices": points((X, Y), ids="p")}
    frames[role] = frames[role].set_crs(crs, allow_override=True)
    with pytest.raises(CrsError, match=f"{role} must be in EPSG:25832, not {crs}. Use to_crs"):
        compute_distances(**frames, network=coast_road, max_m=np.array([1.0]))


def corner(stated: str, true: str) -> nx.MultiDiGraph:
    """Draw a road east and then north, 0.01 degrees each: 623.9 m and 1113.4 m."""
    graph = nx.MultiDiGraph(crs=stated)
    transform = Transformer.from_crs("EPSG:4326", true, always_xy=True).transform
    for node, (lon, lat) in enumerate([(9.0, 56.0), (9.01, 56.0), (9.01, 56.01)]):
        x, y = transform(lon, lat)
        graph.add_node(node, x=x, y=y)
    graph.add_edges_from([(0, 1), (1, 0), (1, 2), (2, 1)], highway="residential")
    return graph


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:25832"])
def test_a_graph_in_degrees_or_in_web_mercator_is_converted(crs: str) -> None:
    network = from_osmnx(corner(crs, crs), source="drawn")
    assert network.length_m == pytest.approx([623.9 + 1113.4], abs=0.1)
    assert network.easting.min() == pytest.approx(500_000, abs=0.01)


@pytest.mark.parametrize(
    ("stated", "true"),
    [("EPSG:25832", "EPSG:4326"), ("EPSG:25832", "EPSG:3857"), ("EPSG:4326", "EPSG:25832")],
)
def test_a_graph_that_states_a_wrong_crs_is_refused(stated: str, true: str) -> None:
    with pytest.raises(GpCoverageError, match=r"drawn: .*(CRS|reference system|Denmark)"):
        from_osmnx(corner(stated, true), source="drawn")


def test_no_one_is_lost_on_a_coarser_grid(tmp_path: Path, municipalities: gpd.GeoDataFrame) -> None:
    number = np.arange(12, dtype=np.float64)
    easting, northing = 476_000.0 + 137 * number, 6_245_000.0 + 91 * number  # in Holstebro
    cells = {}
    for size in ("100m", "250m", "1km", "10km"):
        people = pd.Series(number + 0.5).groupby(cell_ids(easting, northing, size)).sum()
        path = tmp_path / f"{size}.csv"
        people.rename_axis("cell").rename("population").to_csv(path, sep=";")
        homes = read_homes(path, municipalities, ("0661",)).frame
        assert homes["population"].sum() == 72
        cells[size] = len(homes)
    assert cells == {"100m": 12, "250m": 9, "1km": 3, "10km": 1}


def test_no_one_is_lost_where_homes_share_a_cell_of_the_map(
    make_study: Make, coast_road: RoadNetwork
) -> None:
    # Both in one cell of 250 m; to km 25.1 it is 15.1 km from the first, 14.91 from the second.
    study = make_study(
        [((X + 10_010, Y + 10), 100), ((X + 10_200, Y + 10), 7)], [(25.1, True), (25.15, True)]
    )
    choice = compute_choice(study, coast_road)
    assert choice.homes["status"].tolist() == ["none", "choice"]
    assert set(status_areas(choice)["status"]) == {"none", "choice"}
    names = [getattr(child, "layer_name", "") for child in choice_map(choice)._children.values()]
    people = [re.search(r"grænsen \((\d+) borgere\)", name) for name in names]
    assert [found[1] for found in people if found] == ["7", "100"]


def test_a_second_export_is_no_larger_than_the_first(
    make_study: Make, coast_road: RoadNetwork, tmp_path: Path
) -> None:
    island_home = ((X + 500, Y + 5_000), 7)
    study = make_study([(0, 10), (6, 30), island_home], [(20, True), (18, True), (1, False)])

    def export() -> dict[str, bytes]:
        write_choice(compute_choice(study, coast_road), tmp_path / "out")
        files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        files["summary.json"] = re.sub(rb'"created": "[^"]+"', b"", files["summary.json"])
        return files

    first = export()
    assert len(first) == 5
    assert export() == first
