"""From a file to a network: time and memory, beside osmnx and pyrosm, up to the size of Denmark.

The larger files are made of shifted copies of an extract with fresh ids; the country's also of
nodes that belong to no road, as most do. Run it from ``tests`` with
``python -m benchmarks.reading [FILE.osm.pbf]``.
"""

import argparse
import json
import resource
import sys
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import osmium

from benchmarks.extract import parse_extract, write_roads
from benchmarks.measuring import (
    MIB,
    NOT_INSTALLED,
    Taken,
    child,
    load,
    machine,
    measure,
    middle,
    peer,
    table,
)
from gpcoverage.network import osm, pbf

STORAGES: Final = (
    "flex_mem",
    "sparse_mem_array",
    "sparse_mmap_array",
    "sparse_file_array",
    "sparse_mem_map",
    "dense_mmap_array",
)
PEERS: Final = frozenset({"pyrosm", "osmnx"})
PARTS: Final = ("gpcoverage.network.osm", "gpcoverage.network.fragments", "osmium")

GROWTH: Final = (1, 4, 16)
"""So many copies of the extract: whether time and memory grow in step."""

HIGHEST_ID: Final = 13_000_000_000
"""About where OpenStreetMap's node ids have come to."""

RUN: Final = 200
"""So many ids follow each other, then comes a gap: what one mapper drew in one go."""

SHIFT_DEGREES: Final = (0.8, 0.5)
COLUMNS: Final = 10
CAP_MB: Final = 12_000
"""Address space that a reader may have: half of what a 16 GB laptop could not give anyway."""


def write_file(extract: Path, target: Path, copies: int, node_count: int) -> str:
    """Write a file of copies of an extract, filled up with nodes that belong to no road."""
    nodes, ways = [], []
    for entity in osmium.FileProcessor(str(extract), osmium.osm.NODE | osmium.osm.WAY):
        if isinstance(entity, osmium.osm.Node):
            place = entity.location
            nodes.append((entity.id, place.lon, place.lat, dict(entity.tags)))
        elif isinstance(entity, osmium.osm.Way):
            ways.append(([node.ref for node in entity.nodes], dict(entity.tags)))
    rank = {node[0]: i for i, node in enumerate(nodes)}
    refs = [[rank[ref] for ref in way[0] if ref in rank] for way in ways]
    each = max(len(nodes), node_count // copies)
    gap = max(0, HIGHEST_ID // (copies * each // RUN + 1) - RUN)

    def number(i: int) -> int:
        return 1 + i + i // RUN * gap

    # Of every so many nodes one belongs to the extract; the others lie about it.
    stride = each // len(nodes)
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for copy in range(copies):
            east, north = (
                (copy % COLUMNS) * SHIFT_DEGREES[0] - 7.0,
                copy // COLUMNS * SHIFT_DEGREES[1],
            )
            for i, (_, lon, lat, tags) in enumerate(nodes):
                for extra in range(stride):
                    at = (lon + east + extra * 1e-5, lat + north)
                    own = tags if extra == 0 else {}
                    writer.add_node(
                        osmium.osm.mutable.Node(
                            id=number((copy * len(nodes) + i) * stride + extra),
                            location=at,
                            tags=own,
                        )
                    )
        for copy in range(copies):
            for i, (_, tags) in enumerate(ways):
                ids = [number((copy * len(nodes) + ref) * stride) for ref in refs[i]]
                way = osmium.osm.mutable.Way(id=copy * len(ways) + i + 1, nodes=ids, tags=tags)
                writer.add_way(way)
    total = copies * len(nodes) * stride
    return f"{total / 1e6:.1f} million nodes, {copies * len(ways) / 1e6:.2f} million ways, {target.stat().st_size / MIB:.0f} MiB"


def write_xml(extract: Path, folder: Path) -> dict[str, Path]:
    """Write what osmnx can read: all of the extract, and only the ways that we count as roads."""
    everything = folder / "all.osm"
    with osmium.SimpleWriter(str(everything), overwrite=True) as writer:
        for entity in osmium.FileProcessor(str(extract), osmium.osm.NODE | osmium.osm.WAY):
            writer.add(entity)
    roads = write_roads(extract, folder / "roads.osm")
    return {"osmnx, all": everything, "osmnx, our roads": roads}


def read_ours(storage: str, path: Path) -> str:
    setattr(pbf, "LOCATIONS", storage)  # noqa: B010  a constant, but not here
    network = osm.from_pbf(path)
    return f"{len(network.tail):,} edges, {network.node_count:,} nodes"


def read_osmnx(path: Path) -> str:
    graph = import_module("osmnx").graph_from_xml(path)
    return f"{graph.number_of_edges():,} edges, {graph.number_of_nodes():,} nodes"


def read_pyrosm(path: Path) -> str:
    wanted = {"network_type": "driving+service", "nodes": True}
    nodes, edges = import_module("pyrosm").OSM(str(path)).get_network(**wanted)
    return f"{len(edges):,} pieces, {len(nodes):,} points"


def read_once(reader: str, path: Path, cap_mb: int) -> None:
    """Read in this process and print what it took as JSON."""
    name = reader.split(",", maxsplit=1)[0]
    run = {"osmnx": read_osmnx, "pyrosm": read_pyrosm}.get(name, partial(read_ours, reader))
    for module in (name,) if name in PEERS else PARTS:  # so that imports do not count
        if peer(module) is None:
            print(json.dumps({"failed": NOT_INSTALLED}))
            return
    _, start = measure(lambda: None)
    resource.setrlimit(resource.RLIMIT_AS, (cap_mb * MIB, cap_mb * MIB))
    found, taken = measure(lambda: run(path))
    print(json.dumps({"taken": taken, "start_mb": start.peak_mb, "found": found}))


def compare(name: str, files: dict[str, Path], runs: int, python: str) -> None:
    """Let readers take turns, each on its file, and print the medians."""
    told: dict[str, list[dict[str, Any]]] = {}
    for _ in range(runs):
        for reader, path in files.items():
            interpreter = python if reader == "pyrosm" else sys.executable
            took = child("benchmarks.reading", path, "--read", reader, python=interpreter)
            told.setdefault(reader, []).append(took)
            print(f"  {name}, {reader}: {took}, load {load()}", file=sys.stderr, flush=True)
    rows = []
    for reader, all_runs in told.items():
        good = [run for run in all_runs if "failed" not in run]
        if not good:
            rows.append([reader, "", "", "", all_runs[0]["failed"]])
            continue
        mid = middle(Taken(*run["taken"]) for run in good)
        above = f"{mid.peak_mb - good[0]['start_mb']:,.0f}"
        rows.append([reader, f"{mid.wall_s:.2f}", f"{mid.cpu_s:.2f}", above, good[0]["found"]])
    table([name, "s", "CPU s", "peak MB above imports", "found"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=80, help="of the country; 0 for none")
    parser.add_argument("--nodes", type=float, default=21.5, help="millions of nodes")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--storages", nargs="*", default=list(STORAGES))
    parser.add_argument("--pyrosm-python", default=sys.executable, help="interpreter with pyrosm")
    parser.add_argument("--cap-mb", type=int, default=CAP_MB)
    parser.add_argument("--read", help=argparse.SUPPRESS)
    options = parse_extract(parser)
    extract, turns = options.extract, (options.runs, options.pyrosm_python)
    if options.read:
        read_once(options.read, extract, options.cap_mb)
        return
    print(machine("osmium", "osmnx", "pyrosm", "numpy"), "\n")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        readers = dict.fromkeys((pbf.LOCATIONS, "pyrosm"), extract)
        compare("the extract", readers | write_xml(extract, folder), *turns)
        for copies in GROWTH:
            file = folder / f"{copies}.osm.pbf"
            print(write_file(extract, file, copies, 0), "\n")
            compare(f"{copies} copies", {pbf.LOCATIONS: file}, *turns)
        if options.copies:
            file = folder / "country.osm.pbf"
            print(write_file(extract, file, options.copies, int(options.nodes * 1e6)), "\n")
            compare("country", dict.fromkeys(options.storages, file), *turns)


if __name__ == "__main__":
    main()
