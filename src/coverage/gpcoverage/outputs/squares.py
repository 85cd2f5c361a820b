"""What homes are drawn as: the cells they are, or those they lie in."""

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.inputs import kvadratnet
from gpcoverage.inputs.homes import home_squares

ADDRESS_CELL: Final = "250m"
"""Homes that are no cells are drawn as cells of this size, each as its worst-off home."""


class Squares(NamedTuple):
    """Squares that do not overlap.

    Attributes
    ----------
    shapes
        Shapely polygons, EPSG:25832.
    of_home
        ``int64 (homes)``: which square a home is drawn as. Several homes share one where they are
        addresses, or a cell's parts in two municipalities.
    """

    shapes: NDArray[np.object_]
    of_home: NDArray[np.int64]


def squares_of(homes: gpd.GeoDataFrame) -> Squares:
    """Give every home its square.

    Parameters
    ----------
    homes
        As ``read_homes`` returns the frame.

    Returns
    -------
    Squares
        In the order of the homes.
    """
    squares = home_squares(homes)
    if squares is not None:
        of_home, _ = pd.factorize(pd.Series(shapely.to_wkb(squares)))
        first = np.unique(of_home, return_index=True)[1]
        return Squares(squares[first], of_home.astype(np.int64))
    easting, northing = shapely.get_coordinates(homes.geometry.to_numpy()).T
    of_home, ids = pd.factorize(kvadratnet.cell_ids(easting, northing, ADDRESS_CELL))
    return Squares(kvadratnet.cell_squares(pd.Series(ids)), of_home.astype(np.int64))


def join_squares(homes: gpd.GeoDataFrame) -> shapely.Geometry:
    """Join the squares of homes into one area, EPSG:25832."""
    return shapely.coverage_union_all(squares_of(homes).shapes)
