"""Places on the network: the nearest point on a road for every home and practice.

A point is joined to an *edge*, never to a node, by a straight access leg. Each point is snapped
on its own: what else is asked for changes nothing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.network.roads import RoadNetwork
from gpcoverage.units import geodesic_m, to_degrees

MAX_LEG_M: Final = 2_000.0
"""A point farther than this from every road is not on the network."""

NO_NODE: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Snaps:
    """Where points lie on a network.

    Attributes
    ----------
    edge
        ``int64 (points)``: the nearest edge; -1 where none is near enough.
    fraction
        ``float64 (points)``: place on the edge, 0 at its tail and 1 at its head.
    leg_m
        ``float64 (points)``: straight leg from the point to the road, metres on WGS84; NaN
        where there is no edge.
    """

    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    leg_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class EdgeIndex:
    """The edges of a network, findable by place.

    Attributes
    ----------
    edge
        ``int64 (indexed)``: numbers of the snappable edges.
    ends
        ``float64 (indexed, 2, 2)``: tail and head, each easting and northing, metres, EPSG:25832.
    tree
        Over the straight pieces between them.
    """

    edge: NDArray[np.int64]
    ends: NDArray[np.float64]
    tree: shapely.STRtree


def index_edges(network: RoadNetwork) -> EdgeIndex:
    """Make the edges on which a home or practice may lie findable by place.

    Parameters
    ----------
    network
        Ferries, motorways and model bridges are passed over.

    Returns
    -------
    EdgeIndex
    """
    edge = np.flatnonzero(network.snappable)
    nodes = np.column_stack([network.tail[edge], network.head[edge]])
    ends = np.stack([network.easting[nodes], network.northing[nodes]], axis=2)
    return EdgeIndex(edge, ends, shapely.STRtree(shapely.linestrings(ends)))


def snap_points(
    index: EdgeIndex,
    easting: NDArray[np.float64],
    northing: NDArray[np.float64],
    *,
    max_leg_m: float = MAX_LEG_M,
) -> Snaps:
    """Find the nearest point on an edge for every point.

    Parameters
    ----------
    index
        The edges.
    easting, northing
        ``float64 (points)``: metres, EPSG:25832.
    max_leg_m
        Longest straight leg.

    Returns
    -------
    Snaps
        Where several edges are equally near, the one with the lowest number.
    """
    points = shapely.points(easting, northing)
    hits, nearest = index.tree.query_nearest(points, max_distance=max_leg_m, all_matches=True)
    found = pd.Series(nearest).groupby(hits).min()
    edge = np.full(len(points), NO_NODE, dtype=np.int64)
    fraction = np.full(len(points), np.nan)
    leg_m = np.full(len(points), np.nan)
    hit, near = found.index.to_numpy(), found.to_numpy()
    edge[hit] = index.edge[near]
    fraction[hit], foot_x, foot_y = _foot(index.ends[near], easting[hit], northing[hit])
    leg_m[hit] = geodesic_m(*to_degrees(easting[hit], northing[hit]), *to_degrees(foot_x, foot_y))
    return Snaps(edge, fraction, leg_m)


def _foot(
    ends: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Drop a perpendicular on each segment, ending at its ends."""
    along = ends[:, 1] - ends[:, 0]
    squared = (along**2).sum(axis=1)
    offset = np.column_stack([x, y]) - ends[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        fraction = (along * offset).sum(axis=1) / squared
    fraction = np.where(squared > 0, np.clip(fraction, 0.0, 1.0), 0.0)
    foot = ends[:, 0] + fraction[:, np.newaxis] * along
    return fraction, foot[:, 0], foot[:, 1]


def ways_out(network: RoadNetwork, snaps: Snaps) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """List the nodes that can be driven to from each snapped point along its edge.

    Parameters
    ----------
    network
        The network the points were snapped on.
    snaps
        The points.

    Returns
    -------
    node
        ``int64 (points, 2)``: tail and head of the edge; -1 where one may not drive there.
    metres
        ``float64 (points, 2)``: along the edge, without the access leg.
    """
    return _ends(network, snaps, to_tail=network.backward, to_head=network.forward)


def ways_in(network: RoadNetwork, snaps: Snaps) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """List the nodes from which each snapped point can be driven to along its edge.

    Parameters
    ----------
    network
        The network the points were snapped on.
    snaps
        The points.

    Returns
    -------
    node
        ``int64 (points, 2)``: tail and head of the edge; -1 where one may not come from there.
    metres
        ``float64 (points, 2)``: along the edge, without the access leg.
    """
    return _ends(network, snaps, to_tail=network.forward, to_head=network.backward)


def _ends(
    network: RoadNetwork, snaps: Snaps, *, to_tail: NDArray[np.bool_], to_head: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    edge = np.maximum(snaps.edge, 0)
    length_m = network.length_m[edge]
    metres = np.column_stack([snaps.fraction * length_m, (1.0 - snaps.fraction) * length_m])
    # A point at the very end of a one-way edge is at the junction: any road from there is open.
    allowed = np.column_stack([to_tail[edge], to_head[edge]]) | (metres == 0.0)
    allowed &= (snaps.edge >= 0)[:, np.newaxis]
    node = np.column_stack([network.tail[edge], network.head[edge]]).astype(np.int64)
    return np.where(allowed, node, NO_NODE), np.where(allowed, metres, np.nan)


def same_edge_pairs(
    network: RoadNetwork, homes: Snaps, practices: Snaps
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Measure along the edge where a home and a practice lie on the same one.

    Parameters
    ----------
    network
        The network both were snapped on.
    homes, practices
        The points.

    Returns
    -------
    practice, home
        ``int64 (pairs)``: positions, sorted by practice; pairs that one-way forbids are absent.
    metres
        ``float64 (pairs)``: along the edge, without the legs.
    """
    left = pd.DataFrame({"edge": practices.edge, "practice": np.arange(len(practices.edge))})
    right = pd.DataFrame({"edge": homes.edge, "home": np.arange(len(homes.edge))})
    both = left[left["edge"] >= 0].merge(right, on="edge").sort_values(["practice", "home"])
    edge, practice, home = (both[name].to_numpy() for name in ("edge", "practice", "home"))
    ahead = practices.fraction[practice] - homes.fraction[home]
    allowed = np.where(ahead >= 0, network.forward[edge], network.backward[edge]) | (ahead == 0)
    metres = np.abs(ahead) * network.length_m[edge]
    return practice[allowed], home[allowed], metres[allowed]
