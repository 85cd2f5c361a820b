"""What the benchmarks take from an OpenStreetMap extract, and the extracts they make of it."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import osmium
from numpy.typing import NDArray

from benchmarks.measuring import MIB
from gpcoverage.network.contraction import Pieces, merge_twins
from gpcoverage.network.fragments import drop_fragments
from gpcoverage.network.pbf import read_pieces
from gpcoverage.network.tags import FERRY, road_class
from gpcoverage.units import to_metres

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Graph = tuple[Ints, Ints, Floats]
Place = tuple[Floats, Floats]

GENERATED: Final = Path(__file__).parents[2] / "geo" / "sample_roads.osm.pbf"
"""Roads that were never built, for those who have no extract."""


def addresses(path: Path) -> Place:
    """Read the address nodes: longitude and latitude, degrees."""
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(
        osmium.filter.KeyFilter("addr:housenumber")
    )
    found = [(node.location.lon, node.location.lat) for node in nodes]  # type: ignore[union-attr,unused-ignore]
    lon, lat = np.array(found).T
    return np.ascontiguousarray(lon), np.ascontiguousarray(lat)


def directed_edges(pieces: Pieces) -> Graph:
    """List from, to and metres of every way that may be driven, without fragments."""
    kept, _ = drop_fragments(merge_twins(pieces))
    forward, backward = kept.forward, kept.backward
    metres = kept.length_m()
    return (
        np.concatenate([kept.tail[forward], kept.head[backward]]),
        np.concatenate([kept.head[forward], kept.tail[backward]]),
        np.concatenate([metres[forward], metres[backward]]),
    )


def node_graph(path: Path) -> tuple[Place, Graph]:
    """Read the roads as peers want them: every bend a node, metres, nodes without gaps."""
    pieces = read_pieces(path)
    tail, head, metres = directed_edges(pieces)
    used, ends = np.unique(np.concatenate([tail, head]), return_inverse=True)
    x, y = to_metres(pieces.lon[used], pieces.lat[used])
    return (x, y), (ends[: len(tail)], ends[len(tail) :], metres)


def is_our_road(tags: osmium.osm.TagList) -> bool:
    return road_class(tags) not in {None, FERRY}


def write_roads(
    path: Path, target: Path, keep: Callable[[osmium.osm.TagList], bool] = is_our_road
) -> Path:
    """Write some ways and their nodes to a file of their own, for engines that read files."""
    with osmium.BackReferenceWriter(str(target), ref_src=str(path), overwrite=True) as writer:
        for way in osmium.FileProcessor(str(path), osmium.osm.WAY):
            if keep(way.tags):
                writer.add(way)
    return target


def parse_extract(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Add the extract to a script's arguments, and say which one is used."""
    parser.add_argument("extract", type=Path, nargs="?", help="generated roads by default")
    options = parser.parse_args()
    given = options.extract is not None
    options.extract = options.extract.resolve() if given else GENERATED
    which = "given" if given else "generated roads"
    print(f"Extract: {options.extract.name} ({which}, {options.extract.stat().st_size / MIB:.1f} MiB)\n")  # fmt: skip
    return options
