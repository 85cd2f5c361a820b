"""In which municipality a row lies: what it says, and whether its coordinates agree."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.inputs import danish
from gpcoverage.inputs.coordinates import Placed
from gpcoverage.inputs.municipalities import NEAR_SHORE_M, codes_from_names, municipality_at
from gpcoverage.inputs.schema import Column, Fault, faults_at

CONTRADICTION: Final = Column(
    "",
    "the municipality must agree with the coordinates",
    "Correct the one or the other; without a municipality the coordinates count",
)


def stated_codes(text: pd.Series, municipalities: gpd.GeoDataFrame) -> pd.Series:
    """Read municipalities given as code or name.

    Parameters
    ----------
    text
        Cells such as ``661``, ``0661``, ``Holstebro`` or ``Holstebro Kommune``.
    municipalities
        As ``read_municipalities`` returns the frame.

    Returns
    -------
    Series
        Four-character codes, also of places that are none of these municipalities; the text
        itself where it is neither; same index.
    """
    codes = danish.municipality_code(text)
    by_name = codes_from_names(text, municipalities)
    return codes.where(by_name == "", by_name)


def find_municipalities(
    text: pd.Series,
    stated: pd.Series,
    placed: Placed,
    header: str,
    municipalities: gpd.GeoDataFrame,
) -> tuple[pd.Series, list[Fault]]:
    """Find where each row lies, and compare with what the row says.

    Parameters
    ----------
    text
        What the file says, for messages.
    stated
        The same as :func:`stated_codes` returns it; empty text where the row says nothing.
    placed
        The same rows as points.
    header
        Name of the column in the file, for messages.
    municipalities
        EPSG:25832, as ``read_municipalities`` returns the frame.

    Returns
    -------
    located
        The code of where the row lies; empty text beyond all municipalities; same index.
    faults
        Every row that lies more than 2 km outside the municipality it states.
    """
    located = municipality_at(placed.points, municipalities).set_axis(stated.index)
    far = (located != "") & (located != stated)
    far[far] = _far_from(placed.points[far], stated[far], municipalities)
    lies_in = text + ", but " + placed.text + " lies in " + located
    return located, faults_at(lies_in[far], CONTRADICTION, header)


def _far_from(
    points: NDArray[np.object_], codes: pd.Series, municipalities: gpd.GeoDataFrame
) -> pd.Series:
    """Say which points lie well outside their municipality; False where there is none."""
    own = municipalities.set_index("code").geometry.reindex(codes).to_numpy()
    known = ~shapely.is_missing(own) & ~shapely.is_empty(points)
    return pd.Series(known & ~shapely.dwithin(own, points, NEAR_SHORE_M), index=codes.index)
