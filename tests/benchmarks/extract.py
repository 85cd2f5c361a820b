"""What the benchmarks take from an OpenStreetMap extract, and the extracts they make of it."""

from pathlib import Path

import numpy as np
import osmium
from numpy.typing import NDArray

from gpcoverage.network.contraction import Pieces, merge_twins
from gpcoverage.network.fragments import drop_fragments
from gpcoverage.network.pbf import read_pieces
from gpcoverage.network.tags import FERRY, road_class
from gpcoverage.units import to_metres

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Graph = tuple[Ints, Ints, Floats]
Place = tuple[Floats, Floats]


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


def write_our_roads(path: Path, target: Path) -> Path:
    """Write the ways that count as roads to a file of their own, for engines that read files."""
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for entity in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY):
            if isinstance(entity, osmium.osm.Way):
                name = road_class(entity.tags)
                if name is None or name == FERRY:
                    continue
            writer.add(entity)
    return target
