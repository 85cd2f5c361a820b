"""The nearest straight piece for every point: a grid of buckets, searched ring by ring.

Exact, and each point on its own. A point equally near to several pieces takes the one with the
lowest number.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from gpcoverage.network.kernels import NONE, Floats, Ints, SmallInts, compiled

MIN_CELL_M: Final = 50.0
MAX_CELLS: Final = 20_000_000
POINTS_PER_PART: Final = 20_000


class Grid(NamedTuple):
    """Straight pieces, filed under the squares they may pass.

    Attributes
    ----------
    ends
        ``float64 (pieces, 4)``: x and y of one end, x and y of the other, metres.
    min_x, min_y, cell_m
        Lower-left corner and size of the squares, metres.
    per_m
        Squares per metre; everything is filed and looked up with this one number.
    columns, rows
        Number of squares.
    start
        ``int64 (squares + 1)``: square ``i`` has the entries ``start[i]`` to ``start[i + 1]``.
    piece
        ``int32 (entries)``: numbers of pieces.
    """

    ends: Floats
    min_x: float
    min_y: float
    cell_m: float
    per_m: float
    columns: int
    rows: int
    start: Ints
    piece: SmallInts


def build_grid(ends: Floats) -> Grid:
    """File straight pieces under squares.

    Parameters
    ----------
    ends
        ``float64 (pieces, 4)``: x and y of one end, x and y of the other, metres; at least one.

    Returns
    -------
    Grid
        About one square per piece.
    """
    min_x, min_y, width, height = _extent(ends)
    area = max(width, MIN_CELL_M) * max(height, MIN_CELL_M)
    cell_m = max(MIN_CELL_M, float(np.sqrt(area / min(len(ends), MAX_CELLS))))
    columns, rows = int(width * (1 / cell_m)) + 1, int(height * (1 / cell_m)) + 1
    empty = Grid(ends, min_x, min_y, cell_m, 1 / cell_m, columns, rows, np.zeros(columns * rows + 1, np.int64), np.empty(0, np.int32))  # fmt: skip
    workers = os.cpu_count() or 1
    cuts = np.linspace(0, rows, workers + 1).astype(np.int64)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(partial(_count_pieces, empty), cuts[:-1], cuts[1:]))
        np.cumsum(empty.start, out=empty.start)
        grid = empty._replace(piece=np.empty(empty.start[-1], np.int32))
        free = grid.start[:-1].copy()
        list(pool.map(partial(_file_pieces, grid, free), cuts[:-1], cuts[1:]))
    return grid


def nearest_pieces(
    grid: Grid, x: Floats, y: Floats, max_m: float, threads: int | None = None
) -> tuple[SmallInts, Floats]:
    """Find the nearest piece for every point.

    Parameters
    ----------
    grid
        The pieces.
    x, y
        ``float64 (points)``: metres.
    max_m
        Pieces farther away are not found.
    threads
        All processors by default; the result does not depend on it.

    Returns
    -------
    piece
        ``int32 (points)``: -1 where there is none within ``max_m``.
    share
        ``float64 (points)``: place of the nearest point on the piece, 0 to 1; NaN for none.
    """
    workers = threads or os.cpu_count() or 1
    parts = max(workers, len(x) // POINTS_PER_PART)
    cuts = np.linspace(0, len(x), parts + 1).astype(np.int64)
    piece, share = np.full(len(x), NONE, np.int32), np.full(len(x), np.nan)

    def run(first: int, last: int) -> None:
        part = slice(first, last)
        _nearest(grid, x[part], y[part], max_m, piece[part], share[part])

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run, cuts[:-1], cuts[1:]))
    return piece, share


@compiled
def _extent(ends: Floats) -> tuple[float, float, float, float]:
    """Find the lower-left corner, width and height of all pieces, in one pass."""
    low_x = low_y = np.inf
    high_x = high_y = -np.inf
    for i in range(len(ends)):
        low_x, high_x = min(low_x, ends[i, 0], ends[i, 2]), max(high_x, ends[i, 0], ends[i, 2])
        low_y, high_y = min(low_y, ends[i, 1], ends[i, 3]), max(high_y, ends[i, 1], ends[i, 3])
    return low_x, low_y, high_x - low_x, high_y - low_y


@compiled
def _bounds(grid: Grid, i: int, low_row: int, high_row: int) -> tuple[int, int, int, int]:
    """Say which squares a piece's bounds touch: columns and rows, among low_row to high_row - 1."""
    x, other_x = grid.ends[i, 0] - grid.min_x, grid.ends[i, 2] - grid.min_x
    y, other_y = grid.ends[i, 1] - grid.min_y, grid.ends[i, 3] - grid.min_y
    return (
        int(min(x, other_x) * grid.per_m),
        int(max(x, other_x) * grid.per_m) + 1,
        max(int(min(y, other_y) * grid.per_m), low_row),
        min(int(max(y, other_y) * grid.per_m) + 1, high_row),
    )


@compiled
def _count_pieces(grid: Grid, low_row: int, high_row: int) -> None:
    """Count the pieces of every square in some rows, one place further on."""
    for i in range(len(grid.ends)):
        first, last, low, high = _bounds(grid, i, low_row, high_row)
        for row in range(low, high):
            for column in range(first, last):
                grid.start[row * grid.columns + column + 1] += 1


@compiled
def _file_pieces(grid: Grid, free: Ints, low_row: int, high_row: int) -> None:
    """Put the pieces of every square in some rows in its next free place."""
    for i in range(len(grid.ends)):
        first, last, low, high = _bounds(grid, i, low_row, high_row)
        for row in range(low, high):
            for column in range(first, last):
                square = row * grid.columns + column
                grid.piece[free[square]] = i
                free[square] += 1


@compiled
def _nearest(
    grid: Grid, x: Floats, y: Floats, max_m: float, piece: SmallInts, share: Floats
) -> None:
    for i in range(len(x)):
        column = int(np.floor((x[i] - grid.min_x) * grid.per_m))
        row = int(np.floor((y[i] - grid.min_y) * grid.per_m))
        in_x, in_y = x[i] - grid.min_x - column * grid.cell_m, y[i] - grid.min_y - row * grid.cell_m
        inner = min(in_x, grid.cell_m - in_x, in_y, grid.cell_m - in_y)
        best, best_share, best_piece = max_m * max_m, np.nan, NONE
        ring = 0
        while True:
            # Whatever lies in this ring or beyond is at least so far away.
            bound = (ring - 1) * grid.cell_m + inner if ring > 0 else 0.0
            if bound * bound > best:
                break
            for r in range(max(row - ring, 0), min(row + ring, grid.rows - 1) + 1):
                edge_row = r in (row - ring, row + ring)
                step = 1 if edge_row or ring == 0 else 2 * ring
                for c in range(column - ring, column + ring + 1, step):
                    if 0 <= c < grid.columns:
                        square = r * grid.columns + c
                        for entry in range(grid.start[square], grid.start[square + 1]):
                            at = grid.piece[entry]
                            squared, part = _to_piece(grid.ends[at], x[i], y[i])
                            if squared < best or (
                                squared == best and (best_piece == NONE or at < best_piece)
                            ):
                                best, best_share, best_piece = squared, part, at
            ring += 1
        piece[i], share[i] = best_piece, best_share


@compiled
def _to_piece(ends: Floats, x: float, y: float) -> tuple[float, float]:
    """Measure the squared distance to a straight piece, and where on it the foot lies."""
    along_x, along_y = ends[2] - ends[0], ends[3] - ends[1]
    squared = along_x * along_x + along_y * along_y
    share = 0.0
    if squared > 0:
        share = ((x - ends[0]) * along_x + (y - ends[1]) * along_y) / squared
        share = min(max(share, 0.0), 1.0)
    off_x, off_y = ends[0] + share * along_x - x, ends[1] + share * along_y - y
    return off_x * off_x + off_y * off_y, share
