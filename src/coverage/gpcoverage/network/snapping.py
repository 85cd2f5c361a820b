"""Places on the network: the nearest point on a road for every home and practice.

A point is joined to an *edge*, never to a node, by a straight access leg. Each point is snapped
on its own: what else is asked for changes nothing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gpcoverage.errors import NetworkError
from gpcoverage.network.grid import Grid, build_grid, nearest_pieces
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.units import leg_length_m

MAX_LEG_M: Final = 2_000.0
"""A point farther than this from every road is not on the network."""

WATER_M: Final = 200.0
"""So much of a leg over water is a strait and no inaccuracy of the shore."""

NO_NODE: Final = -1
AT_NODE_M: Final = 1e-6
"""A point on an edge this near to its end is at the junction, where every road is open."""


@dataclass(frozen=True, slots=True, eq=False)
class Snaps:
    """Where points lie on a network.

    Attributes
    ----------
    edge
        ``int64 (points)``: the nearest edge; -1 where none is near enough.
    along_m
        ``float64 (points)``: metres along the edge from its tail; NaN where there is no edge.
    leg_m
        ``float64 (points)``: straight leg from the point to the road, metres on WGS84; NaN
        where there is no edge.
    foot
        ``float64 (points, 2)``: where the leg meets the road, easting and northing, EPSG:25832;
        NaN where there is no edge.
    """

    edge: NDArray[np.int64]
    along_m: NDArray[np.float64]
    leg_m: NDArray[np.float64]
    foot: NDArray[np.float64]

    def take(self, kept: NDArray[np.bool_]) -> "Snaps":
        """Keep some of the points."""
        return Snaps(self.edge[kept], self.along_m[kept], self.leg_m[kept], self.foot[kept])

    def without(self, lost: NDArray[np.bool_]) -> "Snaps":
        """Take some points off the network again."""
        return Snaps(
            np.where(lost, NO_NODE, self.edge),
            np.where(lost, np.nan, self.along_m),
            np.where(lost, np.nan, self.leg_m),
            np.where(lost[:, np.newaxis], np.nan, self.foot),
        )


@dataclass(frozen=True, slots=True, eq=False)
class EdgeIndex:
    """The edges of a network, findable by place.

    Attributes
    ----------
    grid
        The straight pieces of all edges on which a point may lie.
    edge
        ``int64 (pieces)``: the edge of each.
    from_m, to_m
        ``float64 (pieces)``: metres along the edge at both ends of the piece.
    """

    grid: Grid
    edge: NDArray[np.int64]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]


def index_edges(network: RoadNetwork) -> EdgeIndex:
    """Make the edges on which a home or practice may lie findable by place.

    Parameters
    ----------
    network
        Ferries, motorways and model bridges are passed over.

    Returns
    -------
    EdgeIndex

    Raises
    ------
    NetworkError
        If there is no such edge.
    """
    shapes = network.shapes
    edge_of_point = np.repeat(np.arange(len(network.tail)), np.diff(shapes.start))
    first = np.flatnonzero(edge_of_point[:-1] == edge_of_point[1:])
    first = first[network.snappable[edge_of_point[first]]]
    if not len(first):
        msg = f"{network.source}: holds only motorways or ferries, on which nobody lives. Use an extract with all roads."
        raise NetworkError(msg)
    x, y, at_m = shapes.easting, shapes.northing, shapes.at_m
    ends = np.empty((len(first), 4))
    for column, values in enumerate((x[:-1], y[:-1], x[1:], y[1:])):
        np.take(values, first, out=ends[:, column], mode="clip")
    return EdgeIndex(build_grid(ends), edge_of_point[first], at_m[first], at_m[first + 1])


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
    piece, share = nearest_pieces(
        index.grid, np.ascontiguousarray(easting), np.ascontiguousarray(northing), max_leg_m
    )
    hit = piece >= 0
    ends = index.grid.ends[piece]
    # Written so that share 1 gives the end of the piece to the last bit.
    foot = (1 - share)[:, np.newaxis] * ends[:, :2] + share[:, np.newaxis] * ends[:, 2:]
    along_m = (1 - share) * index.from_m[piece] + share * index.to_m[piece]
    edge = np.where(hit, index.edge[piece], NO_NODE)
    return Snaps(edge, along_m, leg_length_m(easting, northing, *foot.T), foot)


def cross_water(
    snaps: Snaps,
    easting: NDArray[np.float64],
    northing: NDArray[np.float64],
    land: NDArray[np.object_],
) -> NDArray[np.bool_]:
    """Say whose straight leg to the road passes over open water.

    Parameters
    ----------
    snaps
        The points on the network.
    easting, northing
        ``float64 (points)``: metres, EPSG:25832.
    land
        Shapely polygons that together hold all land, EPSG:25832.

    Returns
    -------
    ndarray
        ``bool (points)``: at least 200 m of the leg lie outside the land. Boundaries are
        generalised, so less cannot be told.
    """
    over = np.zeros(len(snaps.edge), dtype=bool)
    asked = np.flatnonzero(snaps.leg_m >= WATER_M)
    if len(asked):
        ends = np.stack([np.column_stack([easting, northing])[asked], snaps.foot[asked]], axis=1)
        legs = shapely.linestrings(ends)
        near = land[np.unique(shapely.STRtree(land).query(legs)[1])]
        wet = shapely.difference(legs, shapely.union_all(near))
        over[asked] = shapely.length(wet) >= WATER_M
    return over


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
    metres = np.column_stack([snaps.along_m, network.length_m[edge] - snaps.along_m])
    allowed = np.column_stack([to_tail[edge], to_head[edge]]) | (metres <= AT_NODE_M)
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
    by_edge = np.argsort(practices.edge, kind="stable")
    sorted_edge = practices.edge[by_edge]
    first = np.searchsorted(sorted_edge, homes.edge, side="left")
    count = np.searchsorted(sorted_edge, homes.edge, side="right") - first
    count[homes.edge < 0] = 0
    home = np.repeat(np.arange(len(homes.edge)), count)
    nth = np.arange(len(home)) - np.repeat(np.cumsum(count) - count, count)
    practice = by_edge[first[home] + nth]
    order = np.argsort(practice, kind="stable")
    home, practice = home[order], practice[order]
    edge = homes.edge[home]
    ahead_m = practices.along_m[practice] - homes.along_m[home]
    allowed = np.where(ahead_m >= 0, network.forward[edge], network.backward[edge])
    allowed |= np.abs(ahead_m) <= AT_NODE_M
    return practice[allowed], home[allowed], np.abs(ahead_m)[allowed]
