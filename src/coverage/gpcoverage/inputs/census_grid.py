"""The census grid of Europe: cell ids of 1 km in EPSG:3035, and the squares they stand for."""

from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from gpcoverage.units import CRS_METRES

CRS_GRID: Final = "EPSG:3035"
"""ETRS89-extended / LAEA Europe."""

CELL_M: Final = 1_000
GRID_ID: Final = "(?:[A-Z]{2}_)?CRS3035RES1000mN[0-9]+000E[0-9]+000"
PART: Final = "(?:-[0-9]{4})?"
"""A cell on a border is a home in each of its municipalities: their code follows the id."""


def is_grid_id(ids: pd.Series) -> pd.Series:
    """Say which texts are ids of cells, or of a municipality's part of one.

    Parameters
    ----------
    ids
        Any text.

    Returns
    -------
    Series
        bool, same index.
    """
    return ids.str.fullmatch(GRID_ID + PART)


def grid_squares(ids: pd.Series) -> NDArray[np.object_]:
    """Draw cells; bent by less than a centimetre, their sides stay straight.

    Parameters
    ----------
    ids
        Of cells, or of parts of cells, which give the whole cell.

    Returns
    -------
    ndarray
        Shapely polygons, EPSG:25832, one per id.
    """
    easting, northing = grid_corners(ids)
    x = easting[:, np.newaxis] + np.array([0, CELL_M, CELL_M, 0, 0])
    y = northing[:, np.newaxis] + np.array([0, 0, CELL_M, CELL_M, 0])
    return np.asarray(shapely.polygons(np.stack(grid_metres(x, y), axis=-1)))


def grid_corners(ids: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read easting and northing of the lower left corners, metres, EPSG:3035."""
    numbers = ids.astype(object).str.extract("N([0-9]+)E([0-9]+)").astype("float64")
    return numbers[1].to_numpy(), numbers[0].to_numpy()


def grid_metres(
    easting: NDArray[np.float64], northing: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn places of EPSG:3035 into those of EPSG:25832."""
    to_utm = Transformer.from_crs(CRS_GRID, CRS_METRES, always_xy=True)
    x, y = to_utm.transform(easting, northing)
    return x, y
