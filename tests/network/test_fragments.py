"""Yards and stubs are dropped, islands are kept."""

from collections.abc import Callable

import numpy as np
from gpcoverage.network.fragments import drop_fragments
from gpcoverage.network.roads import RoadNetwork

Build = Callable[..., RoadNetwork]
X, Y = 600_000.0, 6_200_000.0


def test_yard_is_dropped_and_island_kept(build_network: Build) -> None:
    mainland = [(X, Y), (X + 8000, Y)]
    yard = [(X + 4000, Y + 100), (X + 4200, Y + 100)]
    island = [(X, Y + 3000), (X + 400, Y + 3000)]
    network = build_network([*mainland, *yard, *island], [(0, 1), (2, 3), (4, 5)])
    kept = drop_fragments(network)
    assert kept.tail.tolist() == [0, 4]
    assert kept.notes == ("1 fragments and the one-way stubs to them dropped: 0.2 km of road",)


def test_one_way_dead_end_is_dropped(build_network: Build) -> None:
    nodes = [(X, Y), (X + 8000, Y), (X + 8000, Y + 200)]
    network = build_network(nodes, [(0, 1), (1, 2)], one_way=(1,))
    assert drop_fragments(network).tail.tolist() == [0]


def test_long_part_beside_a_longer_one_is_kept(build_network: Build) -> None:
    nodes = [(X, Y), (X + 8000, Y), (X, Y + 200), (X + 6000, Y + 200)]
    network = build_network(nodes, [(0, 1), (2, 3)])
    assert drop_fragments(network) is network


def test_ferry_does_not_make_an_island_part_of_the_mainland(build_network: Build) -> None:
    nodes = [(X, Y), (X + 8000, Y), (X + 8000, Y + 3000), (X + 9000, Y + 3000)]
    network = build_network(nodes, [(0, 1), (1, 2), (2, 3)], ferries=(1,))
    kept = drop_fragments(network)
    assert np.array_equal(kept.tail, network.tail)
