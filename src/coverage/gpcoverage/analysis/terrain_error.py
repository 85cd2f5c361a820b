"""How far the terrain model is off: its distances beside road distances between the same points."""

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from gpcoverage.analysis.distance import DistanceTable, compute_distances
from gpcoverage.inputs import kvadratnet
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.units import CRS_METRES

CELL: Final = "1km"
MIDDLE_M: Final = (10_000.0, 20_000.0)
"""Where the answer is decided: around the limit of 15 km."""

LIMIT_M: Final = 15_000.0


class TerrainError(NamedTuple):
    """How far the terrain model is off.

    Attributes
    ----------
    pairs
        Pairs of home and place that lie 10 to 20 km apart by road.
    bias, mean_error, ninth_decile
        Of their errors, as shares of the model's distance: mean, mean of the absolute ones, and
        what nine of ten absolute ones do not exceed.
    same_side
        Share of all pairs, however far apart, that lie on the same side of 15 km by both.
    """

    pairs: int
    bias: float
    mean_error: float
    ninth_decile: float
    same_side: float


def pair_distances(
    by_road: DistanceTable,
    homes: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    terrain: RoadNetwork,
) -> pd.DataFrame:
    """Put the terrain model's distances beside road distances.

    Parameters
    ----------
    by_road
        Road distances from the homes to the places.
    homes, places
        The points, EPSG:25832.
    terrain
        The terrain model. Its distance is that from the 1 km cell in which a home lies.

    Returns
    -------
    DataFrame
        ``road_m`` and ``model_m`` by position of ``home`` and ``place``, of the pairs that both
        networks reach. Homes in no land cell are in no pair.
    """
    x, y = homes.geometry.x.to_numpy(), homes.geometry.y.to_numpy()
    own = pd.Index(kvadratnet.cell_ids(x, y, CELL))
    cells = pd.Index(kvadratnet.cell_ids(terrain.easting, terrain.northing, CELL))
    node = np.flatnonzero(cells.isin(own))
    centres = gpd.GeoDataFrame(
        index=cells[node],
        geometry=gpd.points_from_xy(terrain.easting[node], terrain.northing[node], crs=CRS_METRES),
    )
    reach_m = np.full(len(centres), by_road.max_m.max())
    modelled = compute_distances(centres, places, terrain, reach_m).found
    model_m = pd.Series(
        modelled.cost, pd.MultiIndex.from_arrays([modelled.home, modelled.practice])
    )
    found = by_road.found
    of_cell = centres.index.get_indexer(own)[found.home]
    beside = model_m.reindex(pd.MultiIndex.from_arrays([of_cell, found.practice]))
    index = pd.MultiIndex.from_arrays([found.home, found.practice], names=["home", "place"])
    columns = {"road_m": found.cost, "model_m": beside.to_numpy()}
    return pd.DataFrame(columns, index=index).dropna()


def terrain_error(pairs: pd.DataFrame) -> TerrainError:
    """Sum up how far the terrain model is off.

    Parameters
    ----------
    pairs
        As :func:`pair_distances` gives them.

    Returns
    -------
    TerrainError
        NaN where there is no pair.

    Examples
    --------
    >>> terrain_error(pd.DataFrame({"road_m": [11_000.0, 20_500.0], "model_m": [10_000.0, 14_000.0]}))
    TerrainError(pairs=1, bias=-0.1, mean_error=0.1, ninth_decile=0.1, same_side=0.5)
    """
    middle = pairs[pairs["road_m"].between(*MIDDLE_M, inclusive="neither")]
    error = (middle["model_m"] - middle["road_m"]) / middle["model_m"]
    within = pairs[["road_m", "model_m"]] <= LIMIT_M
    return TerrainError(
        len(middle),
        float(error.mean()),
        float(error.abs().mean()),
        float(error.abs().quantile(0.9)),
        float((within["road_m"] == within["model_m"]).mean()),
    )
