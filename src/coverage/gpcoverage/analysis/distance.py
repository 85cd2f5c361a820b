"""Road distances from homes to practices: everything within reach, and the nearest."""

from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.errors import CrsError
from gpcoverage.network import kernels
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.search import Search, prepare_search
from gpcoverage.network.snapping import (
    MAX_LEG_M,
    EdgeIndex,
    Snaps,
    cross_water,
    index_edges,
    snap_points,
)
from gpcoverage.units import CRS_METRES

FAR_FROM_ROAD: Final = "farther from any road than the longest access leg"
ACROSS_WATER: Final = "the nearest road lies across water"
NO_ROAD_TO_ANY: Final = "no road leads to any open practice"
NO_PRACTICE: Final = "no practice is open"


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
    off_road, practice_off_road
        ``object (homes)``, ``object (practices)``: why one is not on the network; empty where
        it is.
    """

    home_ids: pd.Index
    practice_ids: pd.Index
    max_m: NDArray[np.float64]
    found: kernels.Found
    home_snaps: Snaps
    practice_snaps: Snaps
    off_road: NDArray[np.object_]
    practice_off_road: NDArray[np.object_]
    _search: Search

    @property
    def met(self) -> NDArray[np.bool_]:
        """Which practices any home reaches: ``bool (practices)``."""
        met = np.zeros(len(self.practice_ids), dtype=bool)
        met[self.found.practice] = True
        return met

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
        home = self.found.home
        hit = (self.found.cost <= limit_m[home]) & counted[self.found.practice]
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
        return self._search.nearest(k, counted)

    def count_at_nodes(self, limit_m: float) -> NDArray[np.int32]:
        """Count practices, open and closed, within a limit of every junction of the network.

        Parameters
        ----------
        limit_m
            Metres.

        Returns
        -------
        ndarray
            ``int32 (nodes)``.
        """
        return self._search.count_at_nodes(limit_m)

    def keep(self, kept: NDArray[np.bool_]) -> "DistanceTable":
        """Leave practices out, without another search.

        Parameters
        ----------
        kept
            ``bool (practices)``: which stay.

        Returns
        -------
        DistanceTable
            The same as if the others had never been there.
        """
        return replace(
            self,
            practice_ids=self.practice_ids[kept],
            found=self.found.keep(kept),
            practice_snaps=self.practice_snaps.take(kept),
            practice_off_road=self.practice_off_road[kept],
            _search=self._search.keep(kept),
        )


def compute_distances(
    homes: gpd.GeoDataFrame,
    practices: gpd.GeoDataFrame,
    network: RoadNetwork,
    max_m: NDArray[np.float64],
    *,
    max_leg_m: float = MAX_LEG_M,
    land: NDArray[np.object_] | None = None,
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
    land
        Shapely polygons that together hold all land, EPSG:25832: a point whose leg passes over
        200 m of water is not on the network. By default nobody looks.
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
    home_snaps, off_road = _snap(index, homes, max_leg_m, land)
    practice_snaps, practice_off_road = _snap(index, practices, max_leg_m, land)
    search = prepare_search(network, home_snaps, practice_snaps)
    found = search.within(max_m, threads=threads)
    return DistanceTable(
        homes.index,
        practices.index,
        max_m,
        found,
        home_snaps,
        practice_snaps,
        off_road,
        practice_off_road,
        search,
    )


def _snap(
    index: EdgeIndex,
    frame: gpd.GeoDataFrame,
    max_leg_m: float,
    land: NDArray[np.object_] | None,
) -> tuple[Snaps, NDArray[np.object_]]:
    """Put points on the network; say of the others why they are not."""
    easting, northing = shapely.get_coordinates(frame.geometry.to_numpy()).T
    snaps = snap_points(index, easting, northing, max_leg_m=max_leg_m)
    far = snaps.edge < 0
    wet = np.zeros(len(far), dtype=bool)
    if land is not None:
        wet = cross_water(snaps, easting, northing, land)
    reasons = np.select([far, wet], [FAR_FROM_ROAD, ACROSS_WATER], "").astype(object)
    return snaps.without(wet) if wet.any() else snaps, reasons
