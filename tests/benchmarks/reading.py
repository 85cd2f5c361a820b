"""Reading a file the size of Denmark: time and memory, by where osmium keeps the places of nodes.

The file is made of shifted copies of an extract with fresh ids, and of nodes that belong to no
road, as most do. Run it from ``tests`` with ``python -m benchmarks.reading FILE.osm.pbf``.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import osmium

from benchmarks.measuring import MIB, NOT_INSTALLED, child, machine, measure, peer, table
from gpcoverage.network import osm, pbf

STORAGES: Final = (
    "flex_mem",
    "sparse_mem_array",
    "sparse_mmap_array",
    "sparse_file_array",
    "sparse_mem_map",
    "dense_mmap_array",
)
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


def read_ours(storage: str, path: Path) -> dict[str, Any]:
    setattr(pbf, "LOCATIONS", storage)  # noqa: B010  a constant, but not here
    pieces, read = measure(lambda: pbf.read_pieces(path))
    network, assembled = measure(lambda: osm.assemble(pieces, source=path.name))
    return {
        "read_s": read.wall_s,
        "assemble_s": assembled.wall_s,
        "read_mb": read.peak_mb,
        "peak_mb": max(read.peak_mb, assembled.peak_mb),
        "found": f"{len(pieces.tail):,} pieces, {network.node_count:,} nodes",
    }


def read_pyrosm(path: Path) -> dict[str, Any]:
    pyrosm = peer("pyrosm")
    if pyrosm is None:
        return {"failed": NOT_INSTALLED}
    (nodes, edges), read = measure(
        lambda: pyrosm.OSM(str(path)).get_network(network_type="driving+service", nodes=True)
    )
    return {
        "read_s": read.wall_s,
        "peak_mb": read.peak_mb,
        "found": f"{len(edges):,} pieces, {len(nodes):,} points",
    }


def read_once(reader: str, path: Path, cap_mb: int) -> None:
    """Read in this process and print what it took as JSON."""
    import gpcoverage.network.fragments  # noqa: F401, PLC0415  so that imports do not count

    _, start = measure(lambda: None)
    resource.setrlimit(resource.RLIMIT_AS, (cap_mb * MIB, cap_mb * MIB))
    began = time.perf_counter()
    told = read_pyrosm(path) if reader == "pyrosm" else read_ours(reader, path)
    took = {"all_s": time.perf_counter() - began, "start_mb": start.peak_mb}
    print(json.dumps(took | told))


def compare(name: str, path: Path, readers: list[str], runs: int, python: str) -> None:
    """Let readers take turns on one file, and print the median run of each."""
    told: dict[str, list[dict[str, Any]]] = {}
    for _ in range(runs):
        for reader in readers:
            interpreter = python if reader == "pyrosm" else sys.executable
            took = child("benchmarks.reading", path, "--read", reader, python=interpreter)
            told.setdefault(reader, []).append(took)
            print(f"  {name}, {reader}: {took}", file=sys.stderr, flush=True)
    rows = []
    for reader, all_runs in told.items():
        good = sorted(
            (run for run in all_runs if "failed" not in run), key=lambda run: run["all_s"]
        )
        if not good:
            rows.append([reader, "", "", "", "", all_runs[0]["failed"]])
            continue
        run = good[len(good) // 2]
        read_mb = f"{run.get('read_mb', run['peak_mb']):,.0f}"
        peak, above = run["peak_mb"], run["peak_mb"] - run["start_mb"]
        rows.append(
            [
                reader,
                f"{run['read_s']:.1f}",
                f"{run['all_s']:.1f}",
                read_mb,
                f"{peak:,.0f} ({above:,.0f})",
                run["found"],
            ]
        )
    table([name, "read s", "all s", "MB while reading", "peak MB (above imports)", "found"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("--copies", type=int, default=80)
    parser.add_argument("--nodes", type=float, default=21.5, help="millions of nodes")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--storages", nargs="*", default=list(STORAGES))
    parser.add_argument("--pyrosm-python", default=sys.executable, help="interpreter with pyrosm")
    parser.add_argument("--cap-mb", type=int, default=CAP_MB)
    parser.add_argument("--read", help=argparse.SUPPRESS)
    options = parser.parse_args()
    extract = options.extract.resolve()
    if options.read:
        read_once(options.read, extract, options.cap_mb)
        return
    print(machine("osmium", "pyrosm", "numpy"), "\n")
    both = [pbf.LOCATIONS, "pyrosm"]
    compare("the extract", extract, both, options.runs, options.pyrosm_python)
    with tempfile.TemporaryDirectory() as folder:
        medium, country = Path(folder, "medium.osm.pbf"), Path(folder, "country.osm.pbf")
        print(write_file(extract, medium, 8, 0), "\n")
        compare("8 copies", medium, both, options.runs, options.pyrosm_python)
        medium.unlink()
        print(write_file(extract, country, options.copies, int(options.nodes * 1e6)), "\n")
        compare("country", country, options.storages, options.runs, options.pyrosm_python)


if __name__ == "__main__":
    main()
