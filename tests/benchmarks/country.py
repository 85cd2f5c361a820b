"""A country the size of Denmark: every home and every node, within 15 km and the three nearest.

Copies of one island's roads and addresses are laid out on a grid and joined by roads, so that
anyone with an extract of the island gets the same country. Run it from ``tests`` with
``python -m benchmarks.country [FILE.osm.pbf]``.
"""

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.at_nodes import K, compare
from benchmarks.extract import Floats, Ints, Place, addresses, parse_extract
from benchmarks.job import LIMIT_M
from benchmarks.measuring import Bench, load, machine
from gpcoverage.network.contraction import Pieces, merge_twins
from gpcoverage.network.fragments import drop_fragments
from gpcoverage.network.kernels import Found
from gpcoverage.network.osm import assemble
from gpcoverage.network.pbf import read_pieces
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.search import Search, prepare_search
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

NODES: Final = 1_470_000
"""About so many the country has after contraction, whatever island it is made of."""

CORNER: Final = (400_000.0, 6_050_000.0)
"""Lower left of the country, EPSG:25832."""

GAP_M: Final = 5_000.0
"""Between one copy and the next, at least."""

MANY: Final = 2_500_000
"""So many points are snapped in one go: more than there are homes, each a few metres off one."""

CHECKED: Final = 5
"""So many practices are searched by scipy for every home."""


@dataclass(frozen=True)
class Country:
    """Roads in pieces, addresses and practices."""

    pieces: Pieces
    homes: Place
    practices: Place


def lay_out(values: Floats, shift: Floats) -> Floats:
    """Repeat values: all copies of the first, then of the second."""
    return np.ascontiguousarray((values[:, np.newaxis] + shift).ravel())


def outermost(island: Pieces, x: Floats, y: Floats) -> Ints:
    """Pick the points farthest east, north, west and south from where one gets about by road."""
    kept, _ = drop_fragments(merge_twins(island))
    used = np.unique(np.concatenate([kept.tail, kept.head]))
    return used[[x[used].argmax(), y[used].argmax(), x[used].argmin(), y[used].argmin()]]


def build(path: Path, copies: int, practices: int) -> Country:
    """Make a country of copies of an island.

    Points are numbered copy by turn, as if every part of the country had been mapped at the same
    time.

    Parameters
    ----------
    path
        The island: .osm.pbf.
    copies
        How many, on a grid.
    practices
        How many; placed at random addresses, seeded.
    """
    island = read_pieces(path)
    island = island.take(island.road_class != CLASS_NAMES.index(FERRY))
    x, y = to_metres(island.lon, island.lat)
    home_x, home_y = to_metres(*addresses(path))
    columns, every = int(np.ceil(np.sqrt(1.25 * copies))), np.arange(copies)
    step = GAP_M * (1 + np.ceil(max(np.ptp(x), np.ptp(y)) / GAP_M))
    shift_x = CORNER[0] - x.min() + step * (every % columns)
    shift_y = CORNER[1] - y.min() + step * (every // columns)
    right = every[(every % columns < columns - 1) & (every + 1 < copies)]
    up = every[: max(0, copies - columns)]
    east, north, west, south = outermost(island, x, y)
    join_tail = [right + east * copies, up + north * copies]
    join_head = [right + 1 + west * copies, up + columns + south * copies]
    joins = len(right) + len(up)
    both_ways = np.ones(joins, dtype=bool)

    def ends(point: Ints) -> Ints:
        return (every[:, np.newaxis] + point * copies).ravel()

    pieces = Pieces(
        *to_degrees(lay_out(x, shift_x), lay_out(y, shift_y)),
        np.concatenate([ends(island.tail), *join_tail]),
        np.concatenate([ends(island.head), *join_head]),
        np.concatenate([np.tile(island.road_class, copies), np.full(joins, 2)]),
        np.concatenate([np.tile(island.forward, copies), both_ways]),
        np.concatenate([np.tile(island.backward, copies), both_ways]),
    )
    homes = lay_out(home_x, shift_x), lay_out(home_y, shift_y)
    pick = np.random.default_rng(1).choice(len(homes[0]), practices, replace=False)
    return Country(pieces, homes, (homes[0][pick], homes[1][pick]))


def ours(
    bench: Bench, network: RoadNetwork, homes: Place, practices: Place
) -> tuple[tuple[Snaps, Snaps], Search, Found]:
    """Everything from the network to the answers, once."""
    index = bench.run("index_edges", lambda: index_edges(network))
    home_snaps = bench.run("snap_points, all homes", lambda: snap_points(index, *homes))
    practice_snaps = snap_points(index, *practices)
    search = bench.run(
        "prepare_search", lambda: prepare_search(network, home_snaps, practice_snaps)
    )
    reach = np.full(len(homes[0]), LIMIT_M)

    def within(threads: int) -> Found:
        name = f"{{}}, {threads} thread{'s' if threads > 1 else ''}"
        counts = partial(search.count_at_nodes, LIMIT_M, threads=threads)
        bench.run(name.format("count_at_nodes 15 km"), counts)
        within = partial(search.within, reach, threads=threads)
        found: Found = bench.run(name.format("within 15 km"), within)
        return found

    within(threads=1)
    found = within(threads=2)
    everyone = np.ones(len(practices[0]), dtype=bool)
    bench.run(f"nearest k={K}, all homes", lambda: search.nearest(K, everyone))
    return (home_snaps, practice_snaps), search, found


def snap_many(bench: Bench, network: RoadNetwork, homes: Place, runs: int) -> None:
    """Snap 2.5 million points, the index already made."""
    index, off = index_edges(network), np.random.default_rng(2).normal(0.0, 20.0, (2, MANY))
    points = np.resize(homes[0], MANY) + off[0], np.resize(homes[1], MANY) + off[1]
    for _ in range(runs):
        bench.run(f"snap_points, {MANY:,} points", lambda: snap_points(index, *points))


def check(network: RoadNetwork, snaps: tuple[Snaps, Snaps], found: Found) -> str:
    """Search from some practices with scipy, and compare every distance to every home."""
    homes, practices = snaps
    graph = network.reversed_adjacency()
    nodes = network.node_count
    matrix = csr_array((graph.cost, graph.node, graph.start), shape=(nodes, nodes))
    source, source_m = ways_in(network, practices)
    target, target_m = ways_out(network, homes)
    direct = same_edge_pairs(network, homes, practices)
    home_of = np.repeat(np.arange(len(target)), np.diff(found.start))
    worst, pairs, differing = 0.0, 0, 0
    for p in np.linspace(0, len(source) - 1, CHECKED).astype(np.int64):
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
        f"scipy and ours on {pairs:,} pairs of {CHECKED} practices: {differing} pairs more or fewer, "
        f"largest difference {worst:.1e} m"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, help="by default as many as make 1.47 million nodes")
    parser.add_argument("--practices", type=int, default=1_700)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    options = parse_extract(parser)
    print(machine("numpy", "numba", "scipy", "networkx", "pandana"), "\n")
    island = build(options.extract, 1, 5)
    small = assemble(island.pieces, source="warm-up")
    ours(Bench(), small, island.homes, island.practices)
    copies = options.copies or max(1, round(NODES / small.node_count))
    country = build(options.extract, copies, options.practices)
    size = f"{copies} copies: {len(country.pieces.tail):,} pieces between {len(country.pieces.lon):,} points; "
    homes, practices = country.homes, country.practices
    pieces = [country.pieces]
    del country
    bench = Bench()
    network = bench.run("assemble", lambda: assemble(pieces.pop(), source="synthetic"))
    for _ in range(options.runs - 1):
        ours(bench, network, homes, practices)  # not kept: one answer at a time in memory
    snaps, search, found = ours(bench, network, homes, practices)
    count = np.diff(found.start)
    print(
        f"{size}{network.node_count:,} nodes and {len(network.tail):,} edges after contraction; "
        f"{len(count):,} homes, {options.practices:,} practices; {len(found.cost):,} pairs within "
        f"15 km, {count.mean():.1f} practices per home, at most {count.max()}\n"
    )
    peak = max(taken.peak_mb for runs in bench.taken.values() for taken in runs)
    snap_many(bench, network, homes, options.runs)
    bench.table()
    print(f"Most memory of all that, imports and homes included: {peak:,.0f} MB; load {load()}\n")
    if options.no_peers:
        return
    print(check(network, snaps, found), "\n")
    del found, snaps
    bench = Bench()
    notes = compare(bench, network, search, (homes, practices), options.runs)
    bench.table("ours: count, 2 threads")
    print("\n".join([*notes, f"load {load()}"]))


if __name__ == "__main__":
    main()
