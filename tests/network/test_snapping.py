"""Points onto edges: perpendicular, one by one, never onto what is no road to live on."""

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.snapping import (
    Snaps,
    cross_water,
    index_edges,
    snap_points,
    ways_in,
    ways_out,
)

Build = Callable[..., RoadNetwork]
X, Y = 600_000.0, 6_200_000.0


@pytest.fixture
def street(build_network: Build) -> RoadNetwork:
    """Build a street 0 to 1000 m east, a one-way on to 2000 m, and a ferry above it."""
    nodes = [(X, Y), (X + 1000, Y), (X + 2000, Y), (X, Y + 500), (X + 2000, Y + 500)]
    return build_network(nodes, [(0, 1), (1, 2), (3, 4)], one_way=(1,), ferries=(2,))


def snap(network: RoadNetwork, *at: tuple[float, float], max_leg_m: float = 2000.0) -> Snaps:
    x, y = np.array(at, dtype=float).T + np.array([[X], [Y]])
    return snap_points(index_edges(network), x, y, max_leg_m=max_leg_m)


def test_foot_of_the_perpendicular(street: RoadNetwork) -> None:
    snaps = snap(street, (250, 40), (-30, 0), (1500, -10))
    assert snaps.edge.tolist() == [0, 0, 1]
    assert snaps.along_m == pytest.approx([250, 0, 500])
    assert snaps.leg_m == pytest.approx([40, 30, 10], rel=1e-3)


def test_ferry_is_passed_over_however_near(street: RoadNetwork) -> None:
    assert snap(street, (1000, 499)).edge.tolist() in ([0], [1])


def test_beyond_the_longest_leg_there_is_no_edge(street: RoadNetwork) -> None:
    snaps = snap(street, (500, -101), (500, -99), max_leg_m=100.0)
    assert snaps.edge.tolist() == [-1, 0]
    assert np.isnan(snaps.leg_m[0])
    assert np.isnan(snaps.along_m[0])
    assert ways_out(street, snaps)[0][0].tolist() == [-1, -1]


def test_one_way_lets_out_at_its_head_and_in_at_its_tail(street: RoadNetwork) -> None:
    snaps = snap(street, (1250, 0))
    out, out_m = ways_out(street, snaps)
    into, into_m = ways_in(street, snaps)
    assert out.tolist() == [[-1, 2]]
    assert into.tolist() == [[1, -1]]
    assert out_m[0, 1] == pytest.approx(750)
    assert into_m[0, 0] == pytest.approx(250)


def test_at_a_junction_every_road_is_open(street: RoadNetwork) -> None:
    snaps = snap(street, (1000, 30))
    assert 1 in ways_out(street, snaps)[0][0]
    assert 1 in ways_in(street, snaps)[0][0]


@settings(deadline=None, max_examples=100)
@given(
    at=st.lists(
        st.tuples(st.floats(-500, 2500), st.floats(-800, 800)), min_size=2, max_size=8, unique=True
    )
)
def test_nearest_point_and_independence(
    build_network: Build, at: list[tuple[float, float]]
) -> None:
    nodes = [(X, Y), (X + 1000, Y), (X + 2000, Y), (X, Y + 500), (X + 2000, Y + 500)]
    street = build_network(nodes, [(0, 1), (1, 2), (3, 4)], one_way=(1,), ferries=(2,))
    snaps = snap(street, *at)
    road = shapely.LineString([(X, Y), (X + 2000, Y)])
    plane_m = [road.distance(shapely.Point(X + x, Y + y)) for x, y in at]
    assert snaps.leg_m == pytest.approx(plane_m, rel=1e-3, abs=1e-6)
    alone = snap(street, at[0])
    assert (alone.edge[0], alone.along_m[0], alone.leg_m[0]) == (
        snaps.edge[0],
        snaps.along_m[0],
        snaps.leg_m[0],
    )


def test_a_leg_over_a_strait_is_told_from_a_ragged_shore(street: RoadNetwork) -> None:
    at = np.array([[500.0, 150.0], [500.0, 900.0], [1500.0, -900.0]]) + np.array([X, Y])
    snaps = snap(street, *map(tuple, at - np.array([X, Y])))
    mainland = shapely.box(X - 100, Y - 1000, X + 2100, Y + 60)
    islet = shapely.box(X + 400, Y + 850, X + 600, Y + 950)
    wet = cross_water(snaps, at[:, 0], at[:, 1], np.array([mainland, islet]))
    assert wet.tolist() == [False, True, False]
    off = snaps.without(wet)
    assert off.edge.tolist() == [snaps.edge[0], -1, snaps.edge[2]]
    assert np.isnan([off.along_m[1], off.leg_m[1], *off.foot[1]]).all()
    assert snaps.edge[1] >= 0
