"""Bends leave the graph and stay on the map; no distance changes."""

from itertools import pairwise
from random import Random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage.network.contraction import (
    Pieces,
    merge_twins,
    number_by_place,
    shapes_of,
    string_together,
)
from gpcoverage.network.osm import assemble
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.units import to_metres

RESIDENTIAL, SERVICE = 6, 8


def pieces(ends: list[tuple[int, int]], *, one_way: tuple[int, ...] = (), kinds: tuple[int, ...] = ()) -> Pieces:  # fmt: skip
    """Join points along a parallel, 0.001 degrees apart and a little up and down."""
    points = max(max(end) for end in ends) + 1
    number = np.arange(len(ends))
    tail, head = np.array(ends).T
    return Pieces(
        10.0 + 0.001 * np.arange(points, dtype=np.float64),
        56.0 + 0.0002 * (np.arange(points, dtype=np.float64) % 3),
        tail,
        head,
        np.array(kinds or (RESIDENTIAL,) * len(ends)),
        np.ones(len(ends), dtype=bool),
        ~np.isin(number, one_way),
    )


def chains(of: Pieces) -> list[list[int]]:
    strung = string_together(of)
    return [
        strung.piece[a:b].tolist() for a, b in zip(strung.start, strung.start[1:], strict=False)
    ]


def test_a_bend_is_taken_out() -> None:
    assert chains(pieces([(0, 1), (1, 2), (3, 2)])) == [[0, 1, 2]]


def test_a_junction_a_new_class_and_a_change_of_direction_stay() -> None:
    assert chains(pieces([(0, 1), (1, 2), (1, 3)])) == [[0], [1], [2]]
    assert chains(pieces([(0, 1), (1, 2)], kinds=(RESIDENTIAL, SERVICE))) == [[0], [1]]
    assert chains(pieces([(0, 1), (1, 2)], one_way=(0,))) == [[0], [1]]
    assert chains(pieces([(0, 1), (1, 2)], one_way=(0, 1))) == [[0, 1]]
    assert chains(pieces([(0, 1), (2, 1)], one_way=(0, 1))) == [[0], [1]]


def test_a_loop_without_a_junction_is_one_chain() -> None:
    assert chains(pieces([(0, 1), (1, 2), (2, 0)])) == [[0, 1, 2]]


def test_twins_become_one_piece() -> None:
    merged = merge_twins(
        pieces([(0, 1), (1, 0), (2, 1), (1, 1)], one_way=(0, 1, 2), kinds=(8, 6, 6, 6))
    )
    assert list(zip(merged.tail, merged.head, strict=True)) == [(0, 1), (2, 1)]
    assert merged.road_class.tolist() == [6, 6]
    assert merged.backward.tolist() == [True, False]
    assert merged.forward.all()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=40, unique=True), st.randoms())  # fmt: skip
def test_numbers_go_by_place_not_by_order(at: list[tuple[int, int]], random: Random) -> None:
    def line(places: list[tuple[int, int]]) -> Pieces:
        number = {place: i for i, place in enumerate(places)}
        ends = np.array([(number[a], number[b]) for a, b in pairwise(at)])
        lon, lat = np.array(places, dtype=float).T / 1000 + np.array([[10.0], [56.0]])
        yes = np.ones(len(ends), dtype=bool)
        return Pieces(lon, lat, ends[:, 0], ends[:, 1], np.full(len(ends), RESIDENTIAL), yes, yes)

    mixed = list(at)
    random.shuffle(mixed)
    one, two = number_by_place(line(at)), number_by_place(line(mixed))
    for name in ("lon", "lat", "tail", "head"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    assert one.length_m() == pytest.approx(line(at).length_m())


@st.composite
def maps(draw: st.DrawFn) -> Pieces:
    count = draw(st.integers(2, 12))
    end = st.integers(0, count - 1)
    ends = draw(
        st.lists(st.tuples(end, end).filter(lambda e: e[0] != e[1]), min_size=1, max_size=20)
    )
    number = st.integers(0, len(ends) - 1)
    kinds = draw(
        st.lists(st.sampled_from([RESIDENTIAL, SERVICE]), min_size=len(ends), max_size=len(ends))
    )
    return pieces(ends, one_way=tuple(draw(st.sets(number))), kinds=tuple(kinds))


@settings(deadline=None, max_examples=200)
@given(maps())
def test_every_piece_is_in_one_chain_and_metres_are_kept(drawn: Pieces) -> None:
    merged = merge_twins(drawn)
    strung = string_together(merged)
    assert sorted(strung.piece) == list(range(len(merged.tail)))
    shapes, tail, head = shapes_of(merged, strung)
    assert shapes.at_m[shapes.start[1:] - 1].sum() == pytest.approx(merged.length_m().sum())
    assert len(tail) == len(head) == len(strung.start) - 1
    assert (
        np.diff(shapes.at_m)[np.diff(np.repeat(np.arange(len(tail)), np.diff(shapes.start))) == 0]
        > 0
    ).all()


@settings(deadline=None, max_examples=200)
@given(maps())
def test_distances_between_junctions_are_those_of_the_pieces(drawn: Pieces) -> None:
    fine = digraph(drawn.tail, drawn.head, drawn.forward, drawn.backward, drawn.length_m())
    # No part is a main part, so no fragment is dropped; one-way stubs are.
    if not any(len(part) > 1 for part in nx.strongly_connected_components(fine)):
        return
    network = assemble(drawn, source="drawn")
    coarse = digraph(
        network.tail, network.head, network.forward, network.backward, network.length_m
    )
    point = _points_of(network, drawn)
    for a in coarse.nodes:
        ours = nx.single_source_dijkstra_path_length(coarse, a)
        theirs = nx.single_source_dijkstra_path_length(fine, point[a])
        for b, metres in ours.items():
            assert metres == pytest.approx(theirs[point[b]], abs=1e-6)


def digraph(*columns: np.ndarray) -> nx.DiGraph:
    graph = nx.DiGraph()
    for tail, head, forward, backward, metres in zip(*columns, strict=True):
        for a, b, allowed in ((tail, head, forward), (head, tail, backward)):
            known = graph.get_edge_data(a, b, {"weight": np.inf})["weight"]
            if allowed and metres < known:
                graph.add_edge(a, b, weight=metres)
    return graph


def _points_of(network: RoadNetwork, drawn: Pieces) -> list[int]:
    x, y = to_metres(drawn.lon, drawn.lat)
    return [
        int(np.hypot(x - a, y - b).argmin())
        for a, b in zip(network.easting, network.northing, strict=True)
    ]
