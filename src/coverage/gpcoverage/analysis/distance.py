"""Road distances from homes to practices: everything within reach, and the nearest."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.errors import CrsError
from gpcoverage.network import kernels
from gpcoverage.network.roads import Adjacency, RoadNetwork
from gpcoverage.network.snapping import (
    MAX_LEG_M,
    EdgeIndex,
    Snaps,
    index_edges,
    same_edge_pairs,
    snap_points,
    ways_in,
    ways_out,
)
from gpcoverage.units import CRS_METRES


@dataclass(frozen=True, slots=True, eq=False)
class DistanceTable:
    """Distances from every home to the practices around it.

    A distance is the access leg from the home to the road, the shortest drivable way in the
    direction home to practice, and the egress leg from the road to the practice, in metres.

    Attributes
    ----------
    home_ids, practice_ids
        What the positions below stand for.
    max_m
        ``float64 (homes)``: how far each home looked for ``found``.
    found
        For every home all practices within ``max_m``, open and closed.
    home_snaps, practice_snaps
        Where they lie on the network; ``leg_m`` is the access or egress leg.
    """

    home_ids: pd.Index
    practice_ids: pd.Index
    max_m: NDArray[np.float64]
    found: kernels.Found
    home_snaps: Snaps
    practice_snaps: Snaps
    _graph: Adjacency
    _sources: kernels.Sources
    _targets: kernels.Targets
    _direct: kernels.Direct

    def count_within(
        self, limit_m: NDArray[np.float64], counted: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """Count practices within a limit of each home.

        Parameters
        ----------
        limit_m
            ``float64 (homes)``: metres, at most ``max_m``.
        counted
            ``bool (practices)``: which practices count.

        Returns
        -------
        ndarray
            ``int64 (homes)``.

        Raises
        ------
        ValueError
            If a limit is beyond what the home looked for.
        """
        if (limit_m > self.max_m).any():
            msg = "limit_m goes beyond max_m. Compute the distances again with a larger max_m."
            raise ValueError(msg)
        home = np.repeat(np.arange(len(self.home_ids)), np.diff(self.found.start))
        hit = (self.found.metres <= limit_m[home]) & counted[self.found.practice]
        return np.bincount(home[hit], minlength=len(self.home_ids))

    def nearest(
        self, k: int, counted: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Find the k nearest practices of every home, however far.

        Parameters
        ----------
        k
            How many, 1 or more.
        counted
            ``bool (practices)``: which practices count.

        Returns
        -------
        practice
            ``int32 (homes, k)``: positions, nearest first; -1 where there are no more.
        metres
            ``float64 (homes, k)``; NaN where there are no more.
        """
        node = np.where(counted[:, np.newaxis], self._sources.node, kernels.NONE)
        pairs = np.repeat(counted, np.diff(self._direct.start))
        counts = np.where(counted, np.diff(self._direct.start), 0)
        direct = kernels.Direct(
            np.concatenate([[0], np.cumsum(counts)]),
            self._direct.home[pairs],
            self._direct.metres[pairs],
        )
        sources = kernels.Sources(node, self._sources.metres)
        return kernels.search_nearest(self._graph, sources, self._targets, direct, k)


def compute_distances(
    homes: gpd.GeoDataFrame,
    practices: gpd.GeoDataFrame,
    network: RoadNetwork,
    max_m: NDArray[np.float64],
    *,
    max_leg_m: float = MAX_LEG_M,
    threads: int | None = None,
) -> DistanceTable:
    """Compute road distances from homes to practices.

    Parameters
    ----------
    homes, practices
        Points, EPSG:25832; the index holds the ids.
    network
        The roads.
    max_m
        ``float64 (homes)``: how far each home looks, metres.
    max_leg_m
        Longest straight leg to a road; a point farther away is not on the network.
    threads
        All processors by default; the result does not depend on it.

    Returns
    -------
    DistanceTable

    Raises
    ------
    CrsError
        If homes or practices are not in EPSG:25832.
    """
    for name, frame in (("homes", homes), ("practices", practices)):
        if frame.crs != CRS_METRES:
            msg = f"{name} must be in {CRS_METRES}, not {frame.crs}. Use to_crs."
            raise CrsError(msg)
    index = index_edges(network)
    home_snaps = _snap(index, homes, max_leg_m)
    practice_snaps = _snap(index, practices, max_leg_m)
    graph = network.reversed_adjacency()
    sources = kernels.Sources(*_with_leg(ways_in(network, practice_snaps), practice_snaps))
    targets = kernels.file_targets(
        *_with_leg(ways_out(network, home_snaps), home_snaps), max_m, network.node_count
    )
    direct = _direct_pairs(network, home_snaps, practice_snaps)
    found = kernels.search_within(graph, sources, targets, direct, threads)
    return DistanceTable(
        homes.index, practices.index, max_m, found, home_snaps, practice_snaps,
        graph, sources, targets, direct,
    )  # fmt: skip


def _snap(index: EdgeIndex, frame: gpd.GeoDataFrame, max_leg_m: float) -> Snaps:
    easting, northing = shapely.get_coordinates(frame.geometry.to_numpy()).T
    return snap_points(index, easting, northing, max_leg_m=max_leg_m)


def _with_leg(
    ways: tuple[NDArray[np.int64], NDArray[np.float64]], snaps: Snaps
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    node, metres = ways
    return node, metres + snaps.leg_m[:, np.newaxis]


def _direct_pairs(network: RoadNetwork, homes: Snaps, practices: Snaps) -> kernels.Direct:
    practice, home, metres = same_edge_pairs(network, homes, practices)
    counts = np.bincount(practice, minlength=len(practices.edge))
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    legs_m = practices.leg_m[practice] + homes.leg_m[home]
    return kernels.Direct(start, home.astype(np.int64), metres + legs_m)
