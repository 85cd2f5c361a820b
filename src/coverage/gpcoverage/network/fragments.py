"""Pieces of road that lead nowhere: yards and parking lots behind a barrier, one-way stubs.

A home must not be joined to one, for no way leads from it to anywhere. An island is no fragment.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.snapping import index_edges
from gpcoverage.units import METRES_PER_KM

MAX_FRAGMENT_KM: Final = 5.0
"""A part with more road than this is never a fragment."""

NEAR_M: Final = 300.0
"""A part with no longer part this near is an island."""


def drop_fragments(network: RoadNetwork) -> RoadNetwork:
    """Drop the parts of a network between which and the rest one cannot drive both ways.

    Parameters
    ----------
    network
        As read.

    Returns
    -------
    RoadNetwork
        Without the parts (strongly connected, ferries aside) that have less than 5 km of road
        and lie within 300 m of a longer part, and without the one-way stubs between parts; what
        was dropped is in ``notes``, in pieces and km.
    """
    part = _parts(network)
    inside = (part[network.tail] == part[network.head]) & ~network.ferry
    length_m = np.zeros(part.max() + 1)
    np.add.at(length_m, part[network.tail[inside]], network.length_m[inside])
    fragment = _is_fragment(network, part, length_m)
    lost = (~inside | fragment[part[network.tail]]) & ~network.ferry
    # A ferry stays if both its quays do.
    lost |= network.ferry & (fragment[part[network.tail]] | fragment[part[network.head]])
    if not lost.any():
        return network
    km = network.length_m[lost].sum() / METRES_PER_KM
    pieces = int((fragment & (length_m > 0)).sum())
    note = f"{pieces} fragments and the one-way stubs to them dropped: {km:.1f} km of road"
    return network.with_edges(~lost, note)


def _parts(network: RoadNetwork) -> NDArray[np.int64]:
    forward = network.forward & ~network.ferry
    backward = network.backward & ~network.ferry
    tail = np.concatenate([network.tail[forward], network.head[backward]])
    head = np.concatenate([network.head[forward], network.tail[backward]])
    shape = (network.node_count, network.node_count)
    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=shape)
    _, part = connected_components(graph, connection="strong")
    return np.asarray(part, dtype=np.int64)


def _is_fragment(
    network: RoadNetwork, part: NDArray[np.int64], length_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Say of every part whether it is short and near a longer one."""
    node = np.unique(np.concatenate([network.tail, network.head]))
    node = node[length_m[part[node]] < MAX_FRAGMENT_KM * METRES_PER_KM]
    points = shapely.points(network.easting[node], network.northing[node])
    index = index_edges(network)
    near, road = index.tree.query(points, predicate="dwithin", distance=NEAR_M)
    edge = index.edge[road]
    own, beside = part[node[near]], part[network.tail[edge]]
    stub = beside != part[network.head[edge]]
    fragment = np.zeros(len(length_m), dtype=bool)
    fragment[own[~stub & (length_m[beside] > length_m[own])]] = True
    return fragment
