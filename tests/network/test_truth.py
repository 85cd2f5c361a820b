"""What must hold on any map, whatever the numbers: the traps of other tools, each as a property."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage.analysis.distance import compute_distances
from gpcoverage.network.roads import RoadNetwork

FAR = 1e9
Build = Callable[..., RoadNetwork]
Points = Callable[..., gpd.GeoDataFrame]
Xy = tuple[float, float]

coordinate = st.integers(0, 12).map(lambda n: 500_000.0 + 100 * n)
place = st.tuples(coordinate, coordinate)
nodes = st.lists(place, min_size=4, max_size=9, unique=True)
pairs = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 8)).filter(lambda e: e[0] != e[1]),
    min_size=2,
    max_size=14,
    unique=True,
)


def measure(network: RoadNetwork, homes: gpd.GeoDataFrame, goals: gpd.GeoDataFrame) -> np.ndarray:
    table = compute_distances(homes, goals, network, np.full(len(homes), FAR))
    full = np.full((len(homes), len(goals)), np.inf)
    home = np.repeat(np.arange(len(homes)), np.diff(table.found.start))
    full[home, table.found.practice] = table.found.cost
    return full


def roads(at: list[Xy], ends: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(a, b % len(at)) for a, b in ends if a != b % len(at)] or [(0, 1)]


@settings(deadline=None, max_examples=80)
@given(nodes, pairs)
def test_two_way_streets_are_as_long_either_way(
    build_network: Build, points: Points, at: list[Xy], ends: list[tuple[int, int]]
) -> None:
    network = build_network(at, roads(at, ends))
    there = measure(network, points(*at), points(*at))
    np.testing.assert_allclose(there, there.T, atol=1e-6)


@settings(deadline=None, max_examples=80)
@given(nodes, pairs)
def test_no_detour_is_shorter(
    build_network: Build, points: Points, at: list[Xy], ends: list[tuple[int, int]]
) -> None:
    network = build_network(at, roads(at, ends))
    used = sorted({node for edge in roads(at, ends) for node in edge})
    places = points(*(at[node] for node in used))  # on the road: no legs
    metres = measure(network, places, places)
    by_way_of = metres[:, :, np.newaxis] + metres[np.newaxis, :, :]
    assert (metres[:, np.newaxis, :] <= by_way_of + 1e-6).all()
    assert np.allclose(np.diag(metres), 0, atol=1e-6)


@settings(deadline=None, max_examples=80)
@given(nodes, pairs, st.integers(0, 3), st.integers(0, 3))
def test_a_new_road_lengthens_nothing(
    build_network: Build, points: Points, at: list[Xy], ends: list[tuple[int, int]], a: int, b: int
) -> None:
    before = roads(at, ends)
    used = sorted({node for edge in before for node in edge})
    places = points(*(at[node] for node in used))
    after = before if a == b else [*before, (a, b)]
    old = measure(build_network(at, before), places, places)
    new = measure(build_network(at, after), places, places)
    assert (new <= old + 1e-6).all()


@settings(deadline=None, max_examples=60)
@given(nodes, pairs, st.data())
def test_taking_a_practice_away_changes_nobody_who_did_not_use_it(
    build_network: Build,
    points: Points,
    at: list[Xy],
    ends: list[tuple[int, int]],
    data: st.DataObject,
) -> None:
    network = build_network(at, roads(at, ends))
    practices = points(*at, ids="p")
    table = compute_distances(points(*at), practices, network, np.full(len(at), FAR))
    gone = data.draw(st.integers(0, len(at) - 1))
    left = np.arange(len(at)) != gone
    practice, metres = table.nearest(2, np.ones(len(at), dtype=bool))
    practice_after, metres_after = table.nearest(2, left)
    unconcerned = (practice != gone).all(axis=1)
    assert np.array_equal(practice[unconcerned], practice_after[unconcerned])
    assert np.array_equal(metres[unconcerned], metres_after[unconcerned], equal_nan=True)
    fresh = compute_distances(points(*at), practices[left], network, np.full(len(at), FAR))
    _, from_scratch = fresh.nearest(2, np.ones(len(at) - 1, dtype=bool))
    assert np.array_equal(metres_after, from_scratch, equal_nan=True)


@settings(deadline=None, max_examples=60)
@given(nodes, pairs, st.permutations(range(4)))
def test_order_of_rows_does_not_matter(
    build_network: Build,
    points: Points,
    at: list[Xy],
    ends: list[tuple[int, int]],
    order: list[int],
) -> None:
    network = build_network(at, roads(at, ends))
    straight = measure(network, points(*at[:4]), points(*at[:4]))
    mixed = [at[i] for i in order]
    shuffled = measure(network, points(*mixed), points(*mixed))
    assert np.array_equal(straight[np.ix_(order, order)], shuffled)
