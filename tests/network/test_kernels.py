"""The searches against networkx, by hand, and against each other."""

from collections.abc import Callable

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gpcoverage.analysis.distance import DistanceTable, compute_distances
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.search import prepare_search
from gpcoverage.network.snapping import index_edges, snap_points, ways_in
from oracle import all_distances

FAR = 1e9
Build = Callable[..., RoadNetwork]
Points = Callable[..., gpd.GeoDataFrame]


def matrix(table: DistanceTable) -> np.ndarray:
    """Spread the found distances out, (homes, practices); NaN where nothing was found."""
    full = np.full((len(table.home_ids), len(table.practice_ids)), np.nan)
    home = np.repeat(np.arange(len(table.home_ids)), np.diff(table.found.start))
    full[home, table.found.practice] = table.found.cost
    return full


@st.composite
def road_maps(draw: st.DrawFn) -> dict[str, object]:
    """Draw a small road map: crossings on a lattice, roads between some, homes and practices."""
    count = draw(st.integers(2, 9))
    coordinate = st.integers(0, 12).map(lambda n: 700_000.0 + 100 * n)
    nodes = draw(
        st.lists(st.tuples(coordinate, coordinate), min_size=count, max_size=count, unique=True)
    )
    end = st.integers(0, count - 1)
    edges = draw(
        st.lists(
            st.tuples(end, end).filter(lambda e: e[0] != e[1]), min_size=1, max_size=16, unique=True
        )
    )
    one_way = draw(st.sets(st.integers(0, len(edges) - 1)))
    place = st.integers(0, 24).map(lambda n: 700_000.0 + 50 * n)
    homes = draw(st.lists(st.tuples(place, place), min_size=1, max_size=6))
    practices = draw(st.lists(st.tuples(place, place), min_size=1, max_size=5))
    return {
        "nodes": nodes,
        "edges": edges,
        "one_way": tuple(one_way),
        "homes": homes,
        "practices": practices,
    }


@settings(deadline=None, max_examples=150)
@given(road_map=road_maps(), k=st.integers(1, 4))
def test_kernels_agree_with_networkx(
    build_network: Build, points: Points, road_map: dict[str, list[tuple[float, float]]], k: int
) -> None:
    network = build_network(road_map["nodes"], road_map["edges"], one_way=road_map["one_way"])
    homes = points(*road_map["homes"])
    practices = points(*road_map["practices"], ids="p")
    table = compute_distances(homes, practices, network, np.full(len(homes), FAR), threads=1)
    expected = all_distances(network, table.home_snaps, table.practice_snaps)
    np.testing.assert_allclose(matrix(table), expected, rtol=0, atol=1e-6)

    practice, metres = table.nearest(k, np.ones(len(practices), dtype=bool))
    by_distance = np.sort(expected, axis=1)[:, :k]
    np.testing.assert_allclose(metres[:, : by_distance.shape[1]], by_distance, rtol=0, atol=1e-6)
    assert np.array_equal(practice == -1, np.isnan(metres))


@settings(deadline=None, max_examples=60)
@given(road_map=road_maps(), limit=st.integers(0, 2_000), data=st.data())
def test_limit_and_company_change_no_distance(
    build_network: Build,
    points: Points,
    road_map: dict[str, list[tuple[float, float]]],
    limit: int,
    data: st.DataObject,
) -> None:
    network = build_network(road_map["nodes"], road_map["edges"], one_way=road_map["one_way"])
    homes = points(*road_map["homes"])
    practices = points(*road_map["practices"], ids="p")
    whole = matrix(
        compute_distances(homes, practices, network, np.full(len(homes), FAR), threads=2)
    )
    bounded = matrix(
        compute_distances(homes, practices, network, np.full(len(homes), float(limit)), threads=1)
    )
    assert np.array_equal(bounded, np.where(whole <= limit, whole, np.nan), equal_nan=True)

    chosen = data.draw(st.sets(st.integers(0, len(practices) - 1), min_size=1))
    some = sorted(chosen)
    alone = matrix(
        compute_distances(homes.iloc[:1], practices.iloc[some], network, np.array([FAR]), threads=1)
    )
    assert np.array_equal(alone[0], whole[0, some], equal_nan=True)


@settings(deadline=None, max_examples=100)
@given(road_map=road_maps(), limit=st.integers(0, 2_000), stretch=st.sampled_from([1, 40, 900]))
def test_counts_at_nodes_agree_with_networkx(
    build_network: Build,
    points: Points,
    road_map: dict[str, list[tuple[float, float]]],
    limit: int,
    stretch: int,
) -> None:
    # Stretched in one direction, so that short roads meet ones a thousand times as long.
    nodes = [(700_000.0 + (x - 700_000.0) * stretch, y) for x, y in road_map["nodes"]]
    network = build_network(nodes, road_map["edges"], one_way=road_map["one_way"])
    practices = points(*road_map["practices"], ids="p")
    reach = float(limit * stretch)
    easting, northing = shapely.get_coordinates(practices.geometry).T
    snaps = snap_points(index_edges(network), easting, northing)
    search = prepare_search(network, snaps, snaps)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(network.node_count))
    for tail, head, metres, forward, backward in zip(
        network.tail, network.head, network.length_m, network.forward, network.backward, strict=True
    ):
        for a, b, open_ in ((tail, head, forward), (head, tail, backward)):
            if open_ and metres < graph.get_edge_data(a, b, {"weight": np.inf})["weight"]:
                graph.add_edge(a, b, weight=metres)
    expected = np.zeros(network.node_count, dtype=int)
    node, metres = ways_in(network, snaps)
    for p in range(len(practices)):
        best = np.full(network.node_count, np.inf)
        for at_node, along_m in zip(node[p], metres[p], strict=True):
            if at_node >= 0:
                to_p = nx.single_source_dijkstra_path_length(graph.reverse(), at_node)
                for v, m in to_p.items():
                    best[v] = min(best[v], m + along_m + snaps.leg_m[p])
        assume(not (np.abs(best - reach) < 1e-6).any())
        expected += best <= reach
    near = search.count_at_nodes(reach, threads=1)
    assert np.array_equal(near, search.count_at_nodes(reach, threads=2))
    assert np.array_equal(near, expected)


@pytest.fixture
def cross(build_network: Build) -> RoadNetwork:
    """Build a crossroads at (0, 0) with arms of 1000 m; the eastern one is one-way outwards."""
    centre = (700_000.0, 6_200_000.0)
    arms = [(1000, 0), (0, 1000), (-1000, 0), (0, -1000)]
    nodes = [centre, *((centre[0] + dx, centre[1] + dy) for dx, dy in arms)]
    return build_network(nodes, [(0, 1), (0, 2), (0, 3), (0, 4)], one_way=(0,))


def at(dx: float, dy: float) -> tuple[float, float]:
    return (700_000.0 + dx, 6_200_000.0 + dy)


def distance(
    network: RoadNetwork, points: Points, home: tuple[float, float], practice: tuple[float, float]
) -> float:
    table = compute_distances(points(home), points(practice, ids="p"), network, np.array([FAR]))
    return float(matrix(table)[0, 0])


def test_home_at_practice_is_at_distance_zero(cross: RoadNetwork, points: Points) -> None:
    for place in (at(0, 0), at(0, 400), at(1000, 0)):
        assert distance(cross, points, place, place) == pytest.approx(0, abs=1e-6)


def test_same_edge_is_measured_along_the_edge(cross: RoadNetwork, points: Points) -> None:
    assert distance(cross, points, at(0, 300), at(0, 900)) == pytest.approx(600)
    assert distance(cross, points, at(0, 900), at(0, 300)) == pytest.approx(600)


def test_one_way_is_respected_from_home_to_practice(cross: RoadNetwork, points: Points) -> None:
    assert distance(cross, points, at(0, 300), at(500, 0)) == pytest.approx(800)
    assert np.isnan(distance(cross, points, at(500, 0), at(0, 300)))
    assert distance(cross, points, at(200, 0), at(500, 0)) == pytest.approx(300)
    assert np.isnan(distance(cross, points, at(500, 0), at(200, 0)))


def test_legs_are_added_at_both_ends(cross: RoadNetwork, points: Points) -> None:
    # Legs are geodesics, the grid is a few parts in ten thousand off.
    home_leg, practice_leg = 50, 120
    total = distance(cross, points, at(home_leg, 300), at(practice_leg, -500))
    assert total == pytest.approx(800 + home_leg + practice_leg, abs=1)


def test_duplicate_practice_is_second_nearest(cross: RoadNetwork, points: Points) -> None:
    twins = points(at(0, 300), at(0, 300), at(0, 900), ids="p")
    table = compute_distances(points(at(0, 500)), twins, cross, np.array([FAR]))
    practice, metres = table.nearest(2, np.ones(3, dtype=bool))
    assert practice.tolist() == [[0, 1]]
    assert metres[0] == pytest.approx([200, 200])


def test_unreachable_is_nan_and_no_practice(cross: RoadNetwork, points: Points) -> None:
    table = compute_distances(
        points(at(500, 0)), points(at(0, 300), ids="p"), cross, np.array([FAR])
    )
    practice, metres = table.nearest(2, np.ones(1, dtype=bool))
    assert practice.tolist() == [[-1, -1]]
    assert np.isnan(metres).all()


def test_nearest_passes_over_practices_that_do_not_count(
    cross: RoadNetwork, points: Points
) -> None:
    practices = points(at(0, 300), at(0, 900), at(-400, 0), ids="p")
    table = compute_distances(points(at(0, 500)), practices, cross, np.array([FAR]))
    practice, _ = table.nearest(2, np.array([False, True, True]))
    assert practice.tolist() == [[1, 2]]


def test_far_homes_find_the_practice_whatever_its_place_in_the_table(
    coast_road: RoadNetwork, points: Points
) -> None:
    # Three on the island, where no home is, and at km 0 the fourth; homes lie beyond its first look.
    island = [(500_600.0, 6_205_000.0)] * 3
    practices = points(*island, (500_000.0, 6_200_000.0), ids="p")
    homes = points(*((500_000.0 + 1000 * km, 6_200_000.0) for km in (0, 5, 29, 59)))
    table = compute_distances(homes, practices, coast_road, np.full(4, FAR))
    practice, metres = table.nearest(2, np.ones(4, dtype=bool))
    assert practice.tolist() == [[3, -1]] * 4
    np.testing.assert_allclose(metres[:, 0], [0, 5_000, 29_000, 59_000], rtol=1e-3)


@pytest.mark.country
def test_threads_give_the_same_bits(terrain_network: RoadNetwork) -> None:
    rng = np.random.default_rng(7)
    chosen = rng.choice(terrain_network.node_count, 400, replace=False)
    geometry = shapely.points(terrain_network.easting, terrain_network.northing)
    homes = gpd.GeoDataFrame(geometry=geometry, crs="EPSG:25832")
    practices = homes.iloc[chosen]
    reach = np.full(len(homes), 16_000.0)
    one, two, seven = (
        compute_distances(homes, practices, terrain_network, reach, threads=n).found
        for n in (1, 2, 7)
    )
    for other in (two, seven):
        assert np.array_equal(one.start, other.start)
        assert np.array_equal(one.practice, other.practice)
        assert np.array_equal(one.cost, other.cost)


def test_count_beyond_reach_is_refused(cross: RoadNetwork, points: Points) -> None:
    table = compute_distances(
        points(at(0, 500)), points(at(0, 0), ids="p"), cross, np.array([600.0])
    )
    with pytest.raises(ValueError, match=r"limit_m goes beyond max_m"):
        table.count_within(np.array([601.0]), np.array([True]))
