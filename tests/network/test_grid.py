"""The grid against brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage.network.grid import build_grid, nearest_pieces

place = st.tuples(st.integers(-50, 50), st.integers(-50, 50)).map(
    lambda xy: (xy[0] * 37.5, xy[1] * 37.5)
)


def brute_force(ends: np.ndarray, x: float, y: float, max_m: float) -> tuple[float, int]:
    best, piece = max_m, -1
    for i, (ax, ay, bx, by) in enumerate(ends):
        squared = (bx - ax) ** 2 + (by - ay) ** 2
        share = 0.0 if squared == 0 else ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / squared
        share = min(max(share, 0.0), 1.0)
        metres = np.hypot(ax + share * (bx - ax) - x, ay + share * (by - ay) - y)
        if metres < best:
            best, piece = metres, i
    return best, piece


@settings(deadline=None, max_examples=200)
@given(
    pieces=st.lists(st.tuples(place, place), min_size=1, max_size=15),
    points=st.lists(place, min_size=1, max_size=10),
    max_m=st.sampled_from([30.0, 400.0, 1e6]),
)
def test_nearest_is_nearest(
    pieces: list[tuple[tuple[float, float], tuple[float, float]]],
    points: list[tuple[float, float]],
    max_m: float,
) -> None:
    ends = np.array([[*a, *b] for a, b in pieces], dtype=float)
    x, y = np.array(points, dtype=float).T.copy()
    found, share = nearest_pieces(build_grid(ends), x, y, max_m)
    for i, piece in enumerate(found):
        metres, expected = brute_force(ends, x[i], y[i], max_m)
        assert (piece == -1) == (expected == -1)
        if piece >= 0:
            at = (1 - share[i]) * ends[piece, :2] + share[i] * ends[piece, 2:]
            assert np.hypot(*(at - (x[i], y[i]))) == pytest.approx(metres, abs=1e-6)
            assert 0 <= share[i] <= 1


def test_order_of_threads_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    ends = rng.uniform(0, 10_000, (500, 4))
    x, y = rng.uniform(-1_000, 11_000, (2, 45_000))
    one, two = (nearest_pieces(build_grid(ends), x, y, 900.0, threads=n) for n in (1, 2))
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1], equal_nan=True)


def test_no_points() -> None:
    piece, share = nearest_pieces(build_grid(np.zeros((1, 4))), np.empty(0), np.empty(0), 1.0)
    assert len(piece) == len(share) == 0
