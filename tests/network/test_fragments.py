"""Yards and stubs are dropped, islands are kept."""

import numpy as np

from gpcoverage.network.contraction import Pieces
from gpcoverage.network.fragments import drop_fragments
from gpcoverage.network.tags import CLASS_NAMES
from gpcoverage.units import to_degrees

Xy = tuple[float, float]


def pieces(
    at: list[Xy], ends: list[tuple[int, int]], one_way: int = -1, ferry: tuple[int, ...] = ()
) -> Pieces:
    """Place points by metres from a corner in Jylland and join them with residential roads."""
    x, y = np.array(at, dtype=float).T + np.array([[500_000.0], [6_200_000.0]])
    number = np.arange(len(ends))
    kind = np.where(
        np.isin(number, ferry), CLASS_NAMES.index("ferry"), CLASS_NAMES.index("residential")
    )
    tail, head = np.array(ends).T
    return Pieces(
        *to_degrees(x, y), tail, head, kind, np.ones(len(ends), dtype=bool), number != one_way
    )


def test_yard_is_dropped_and_island_kept() -> None:
    mainland, yard, island = (
        [(0, 0), (8000, 0)],
        [(4000, 100), (4200, 100)],
        [(0, 3000), (400, 3000)],
    )
    kept, notes = drop_fragments(pieces([*mainland, *yard, *island], [(0, 1), (2, 3), (4, 5)]))
    assert kept.tail.tolist() == [0, 4]
    assert notes == (
        "1 fragments and the one-way stubs between parts dropped: 200 m of 8,603 m of road",
    )


def test_one_way_dead_end_is_dropped() -> None:
    kept, _ = drop_fragments(pieces([(0, 0), (8000, 0), (8000, 200)], [(0, 1), (1, 2)], one_way=1))
    assert kept.tail.tolist() == [0]


def test_long_part_beside_a_longer_one_is_kept() -> None:
    whole = pieces([(0, 0), (8000, 0), (0, 200), (6000, 200)], [(0, 1), (2, 3)])
    kept, notes = drop_fragments(whole)
    assert (kept, notes) == (whole, ())


def test_a_ferry_stays_if_both_quays_do() -> None:
    at: list[Xy] = [(0, 0), (8000, 0), (8000, 3000), (9000, 3000), (7900, 100), (7950, 100)]
    to_island = pieces(at[:4], [(0, 1), (1, 2), (2, 3)], ferry=(1,))
    assert drop_fragments(to_island)[0].tail.tolist() == [0, 1, 2]
    to_yard = pieces(at, [(0, 1), (2, 4), (2, 3), (4, 5)], ferry=(1,))
    assert drop_fragments(to_yard)[0].tail.tolist() == [0, 2]


def test_a_ferry_that_bends_near_its_quays_stays() -> None:
    at: list[Xy] = [(0, 0), (8000, 0), (8100, 100), (8000, 2900), (8000, 3000), (9000, 3000)]
    whole = pieces(at, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)], ferry=(1, 2, 3))
    assert drop_fragments(whole) == (whole, ())
