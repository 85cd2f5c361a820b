"""*Det Danske Kvadratnet*: cell ids and the squares they stand for.

An id is ``size_northing_easting``, both cut down (never rounded) to the cell's size, so that they
name its lower-left corner in EPSG:25832: ``1km_6223_576``, ``250m_622375_57550``.
"""

import re
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.errors import SchemaError

UNIT_M: Final = {
    "100km": 100_000,
    "50km": 10_000,
    "10km": 10_000,
    "1km": 1_000,
    "250m": 10,
    "100m": 100,
}
"""What the numbers of an id count, by the size it states."""

SIZE_M: Final = {
    "100km": 100_000,
    "50km": 50_000,
    "10km": 10_000,
    "1km": 1_000,
    "250m": 250,
    "100m": 100,
}

ID_PATTERN: Final = (
    "(?:(?:100km|10km|1km|100m)_[0-9]{1,6}_[0-9]{1,6}"
    "|50km_[0-9]{0,5}[05]_[0-9]{0,5}[05]"
    "|250m_[0-9]{0,4}(?:00|25|50|75)_[0-9]{0,4}(?:00|25|50|75))"
)
"""The numbers of 50 km and 250 m cells are multiples of 5 and 25."""

ALL_IDS: Final = re.compile(f"{ID_PATTERN}(?:\n{ID_PATTERN})*")
"""A column, line by line."""


def is_cell_id(ids: pd.Series) -> pd.Series:
    """Say which texts are cell ids.

    Parameters
    ----------
    ids
        Any text.

    Returns
    -------
    Series
        bool, same index.
    """
    lines = "\n".join(map(str, ids.tolist()))
    if lines.count("\n") < len(ids) and ALL_IDS.fullmatch(lines):  # the same, thirty times as fast
        return pd.Series(data=True, index=ids.index)
    return ids.str.fullmatch(ID_PATTERN).fillna(value=False).astype(bool)


def parse_ids(ids: pd.Series) -> NDArray[np.int64]:
    """Read the numbers of cell ids.

    Parameters
    ----------
    ids
        Valid cell ids.

    Returns
    -------
    ndarray
        ``int64 (ids, 2)``: the northing and easting numbers as they stand.

    Raises
    ------
    SchemaError
        If a text is no cell id.
    """
    bad = ids[~is_cell_id(ids)]
    if len(bad):
        shown = ", ".join(repr(str(text)[:40]) for text in bad[:5])
        msg = f"{len(bad)} cell ids are none of the kvadratnet: {shown}. Write them like 1km_6223_576."
        raise SchemaError(msg)
    numbers = [text.split("_")[1:] for text in ids.tolist()]
    return np.array(numbers, dtype=np.int64).reshape(-1, 2)


def cell_squares(ids: pd.Series) -> NDArray[np.object_]:
    """Draw the squares of cells.

    Parameters
    ----------
    ids
        Valid cell ids, of any sizes.

    Returns
    -------
    ndarray
        Shapely polygons, EPSG:25832, one per id.
    """
    numbers = parse_ids(ids)
    sizes = [text.split("_", 1)[0] for text in ids.tolist()]
    unit = np.array([UNIT_M[name] for name in sizes], dtype=np.int64)
    size = np.array([SIZE_M[name] for name in sizes], dtype=np.int64)
    min_y, min_x = (numbers * unit[:, np.newaxis]).T
    return np.asarray(shapely.box(min_x, min_y, min_x + size, min_y + size))


def cell_ids(easting: NDArray[np.float64], northing: NDArray[np.float64], size: str) -> pd.Series:
    """Name the cells in which points lie.

    Parameters
    ----------
    easting, northing
        Metres, EPSG:25832.
    size
        ``100km``, ``50km``, ``10km``, ``1km``, ``250m`` or ``100m``.

    Returns
    -------
    Series
        Cell ids, indexed 0, 1, ….
    """
    step, unit = SIZE_M[size], UNIT_M[size]
    y = (np.floor(northing / step) * step / unit).astype("int64").astype(str)
    x = (np.floor(easting / step) * step / unit).astype("int64").astype(str)
    return pd.Series(f"{size}_", index=range(len(y))).str.cat([pd.Series(y) + "_", pd.Series(x)])
