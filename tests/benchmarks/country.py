"""A country the size of Denmark: every home, every practice within 15 km, and the two nearest.

Copies of one island's roads and addresses are laid out on a grid and joined by roads, so that
anyone with an extract of the island gets the same country. Run it from ``tests`` with
``python -m benchmarks.country FILE.osm.pbf``.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.extract import Floats, Ints, Place, addresses
from benchmarks.measuring import NOT_INSTALLED, Taken, machine, measure, middle, peer, table
from gpcoverage.network.contraction import Pieces
from gpcoverage.network.kernels import Found
from gpcoverage.network.osm import assemble
from gpcoverage.network.pbf import read_pieces
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.search import prepare_search
from gpcoverage.network.snapping import (
    Snaps,
    index_edges,
    same_edge_pairs,
    snap_points,
    ways_in,
    ways_out,
)
from gpcoverage.network.tags import CLASS_NAMES, FERRY
from gpcoverage.units import to_degrees, to_metres

LIMIT_M: Final = 15_000.0
STEP_M: Final = 45_000.0
CORNER: Final = (400_000.0, 6_050_000.0)
"""Lower left of the country, EPSG:25832."""

SAMPLE: Final = 40
"""So many practices are searched by scipy; its time is proportional to them."""

CHUNK: Final = 20
"""So many at a time: scipy's table has a number for every node of the country."""

POIS: Final = 60
"""So many practices pandana lists per node."""


@dataclass(frozen=True)
class Country:
    """Roads in pieces, addresses and practices."""

    pieces: Pieces
    homes: Place
    practices: Place


def lay_out(values: Floats, shift: Floats, order: str) -> Floats:
    """Repeat values, copy by copy or (scattered) all copies of the first value, then the second."""
    grid = values[np.newaxis, :] + shift[:, np.newaxis]
    return np.ascontiguousarray((grid.T if order == "scattered" else grid).ravel())


def build(path: Path, columns: int, rows: int, practices: int, order: str) -> Country:
    """Make a country of copies of an island.

    Parameters
    ----------
    path
        The island: .osm.pbf.
    columns, rows
        How many copies.
    practices
        How many; placed at random addresses, seeded.
    order
        ``scattered`` numbers the points of all copies in turn, as if every part of the country
        had been mapped at the same time; ``grouped`` copy after copy.
    """
    island = read_pieces(path)
    island = island.take(island.road_class != CLASS_NAMES.index(FERRY))
    x, y = to_metres(island.lon, island.lat)
    home_x, home_y = to_metres(*addresses(path))
    copies, points = columns * rows, len(x)
    column, row = np.arange(copies) % columns, np.arange(copies) // columns
    shift_x = CORNER[0] - x.min() + STEP_M * column
    shift_y = CORNER[1] - y.min() + STEP_M * row

    def number(copy: Ints, point: Ints | np.intp) -> Ints:
        return copy + point * copies if order == "scattered" else copy * points + point

    every = np.arange(copies)[:, np.newaxis]
    right, up = np.flatnonzero(column < columns - 1), np.flatnonzero(row < rows - 1)
    join_tail = [number(right, x.argmax()), number(up, y.argmax())]
    join_head = [number(right + 1, x.argmin()), number(up + columns, y.argmin())]
    joins = len(right) + len(up)
    degrees = to_degrees(lay_out(x, shift_x, order), lay_out(y, shift_y, order))
    both_ways = np.ones(joins, dtype=bool)
    pieces = Pieces(
        *degrees,
        np.concatenate([number(every, island.tail).ravel(), *join_tail]),
        np.concatenate([number(every, island.head).ravel(), *join_head]),
        np.concatenate([np.tile(island.road_class, copies), np.full(joins, 2)]),
        np.concatenate([np.tile(island.forward, copies), both_ways]),
        np.concatenate([np.tile(island.backward, copies), both_ways]),
    )
    homes = lay_out(home_x, shift_x, order), lay_out(home_y, shift_y, order)
    pick = np.random.default_rng(1).choice(len(homes[0]), practices, replace=False)
    return Country(pieces, homes, (homes[0][pick], homes[1][pick]))


class Bench:
    """Named runs, in the order they are first made, each with everything that it took."""

    def __init__(self) -> None:
        self.taken: dict[str, list[Taken]] = {}

    def run(self, name: str, what: Callable[[], Any]) -> Any:
        result, taken = measure(what)
        self.taken.setdefault(name, []).append(taken)
        print(f"  {name}: {taken.wall_s:.2f} s", file=sys.stderr, flush=True)
        return result

    def table(self) -> None:
        lines = []
        for name, runs in self.taken.items():
            mid = middle(runs)
            low, high = min(r.wall_s for r in runs), max(r.wall_s for r in runs)
            spread = f"{low:.2f} to {high:.2f}"
            lines.append([name, f"{mid.wall_s:.2f}", spread, f"{mid.cpu_s:.2f}", f"{mid.peak_mb:,.0f}"])  # fmt: skip
        table(["what", "median s", "range s", "CPU s", "peak MB"], lines)


def ours(bench: Bench, network: RoadNetwork, country: Country) -> tuple[tuple[Snaps, Snaps], Found]:
    """Everything from the network to the answers, once."""
    homes, practices = country.homes, country.practices
    index = bench.run("index_edges", lambda: index_edges(network))
    home_snaps = bench.run("snap_points, all homes", lambda: snap_points(index, *homes))
    practice_snaps = snap_points(index, *practices)
    bench.run("reversed_adjacency", network.reversed_adjacency)
    search = bench.run(
        "prepare_search", lambda: prepare_search(network, home_snaps, practice_snaps)
    )
    reach = np.full(len(homes[0]), LIMIT_M)
    for threads in (1, 2):
        name = f"search_within 15 km, {threads} thread{'s' if threads > 1 else ''}"
        found = bench.run(name, partial(search.within, reach, threads=threads))
    everyone = np.ones(len(practices[0]), dtype=bool)
    bench.run("search_nearest k=2", lambda: search.nearest(2, everyone))
    return (home_snaps, practice_snaps), found


def versus_scipy(
    bench: Bench, network: RoadNetwork, snaps: tuple[Snaps, Snaps], found: Found
) -> str:
    """Search from some practices with scipy, and compare every distance to every home."""
    homes, practices = snaps
    graph = network.reversed_adjacency()
    nodes = network.node_count
    matrix = csr_array((graph.cost, graph.node, graph.start), shape=(nodes, nodes))
    source, source_m = ways_in(network, practices)
    target, target_m = ways_out(network, homes)
    some = np.linspace(0, len(source) - 1, SAMPLE).astype(np.int64)
    first = source[some].max(axis=1)

    def run() -> None:
        for at in range(0, SAMPLE, CHUNK):
            dijkstra(matrix, indices=first[at : at + CHUNK], limit=LIMIT_M)

    bench.run(f"scipy dijkstra, {SAMPLE} practices, nodes only, {CHUNK} at a time", run)
    direct = same_edge_pairs(network, homes, practices)
    home_of = np.repeat(np.arange(len(target)), np.diff(found.start))
    worst, pairs, differing = 0.0, 0, 0
    for p in some[:5]:
        legs_m = homes.leg_m + practices.leg_m[p]
        best = np.full(len(target), np.inf)
        for node, metres in zip(source[p], source_m[p], strict=True):
            if node >= 0:
                reached = dijkstra(matrix, indices=node, limit=LIMIT_M) + metres
                ways_m = np.where(target >= 0, reached[target] + target_m, np.inf)
                best = np.fmin(best, ways_m.min(axis=1) + legs_m)
        of_p = direct[0] == p
        beside, along_m = direct[1][of_p], direct[2][of_p]
        best[beside] = np.fmin(best[beside], along_m + legs_m[beside])
        mine = found.practice == p
        differing += abs(int((best <= LIMIT_M).sum()) - int(mine.sum()))
        worst = max(worst, np.abs(best[home_of[mine]] - found.cost[mine]).max())
        pairs += int(mine.sum())
    return (
        f"scipy and ours on {pairs:,} pairs of 5 practices: {differing} pairs more or fewer, "
        f"largest difference {worst:.1e} m"
    )


def versus_pandana(bench: Bench, network: RoadNetwork, country: Country) -> str:
    """Let pandana list the practices around every node: it snaps to nodes, in the plane."""
    pandana, pandas = peer("pandana"), peer("pandas")
    if pandana is None or pandas is None:
        return f"pandana: {NOT_INSTALLED}"
    graph = network.reversed_adjacency()
    # Pandana searches from the nodes to the practices: along the road, not against it.
    to_node = np.repeat(np.arange(network.node_count), np.diff(graph.start))
    frame = pandas.DataFrame({"m": graph.cost})

    def make() -> Any:
        return pandana.Network(
            pandas.Series(network.easting), pandas.Series(network.northing),
            pandas.Series(graph.node.astype(np.int64)), pandas.Series(to_node), frame, twoway=False,
        )  # fmt: skip

    net = bench.run("pandana Network(): hierarchy", make)

    def snap() -> None:
        net.get_node_ids(*country.homes)
        places = (pandas.Series(values) for values in country.practices)
        net.set_pois("practice", LIMIT_M, POIS, *places)

    bench.run("pandana snap homes and practices to nodes", snap)

    def nearest() -> None:
        net.nearest_pois(LIMIT_M, "practice", num_pois=2, include_poi_ids=True)

    bench.run("pandana nearest_pois within 15 km, 2", nearest)

    def within() -> Any:
        return net.nearest_pois(LIMIT_M, "practice", num_pois=POIS).to_numpy()

    count = (bench.run(f"pandana nearest_pois within 15 km, at most {POIS}", within) < LIMIT_M).sum(
        axis=1
    )
    cut = int((count == POIS).sum())
    return (
        f"pandana: {count.sum():,} pairs of node and practice; {cut} nodes had more than it lists"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--practices", type=int, default=1_700)
    parser.add_argument("--order", choices=("scattered", "grouped"), default="scattered")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    print(machine("numpy", "numba", "scipy", "pandana"), "\n")
    bench = Bench()
    size = options.practices, options.order
    small = build(options.extract, 1, 1, 5, options.order)
    ours(Bench(), assemble(small.pieces, source="warm-up"), small)
    country = build(options.extract, options.columns, options.rows, *size)
    network = bench.run("assemble", lambda: assemble(country.pieces, source="synthetic"))
    for _ in range(options.runs):
        snaps, found = ours(bench, network, country)
    count = np.diff(found.start)
    print(
        f"{len(country.pieces.tail):,} pieces between {len(country.pieces.lon):,} points; "
        f"{network.node_count:,} nodes and {len(network.tail):,} edges after contraction; "
        f"{len(count):,} homes, {options.practices:,} practices; {len(found.cost):,} pairs within "
        f"15 km, {count.mean():.1f} practices per home, at most {count.max()}; points {options.order}\n"
    )
    note = ""
    for _ in range(0 if options.no_peers else options.runs):
        note = versus_scipy(bench, network, snaps, found)
    bench.table()
    if options.no_peers:
        return
    print(note, "\n")
    del found
    bench = Bench()
    note = versus_pandana(bench, network, country)
    bench.table()
    print(note)


if __name__ == "__main__":
    main()
