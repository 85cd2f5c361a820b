"""Where the rows of a table lie: latitude/longitude or EPSG:25832, told apart by header and value.

A file uses one system throughout. Swapped axes, mixed systems and places outside Denmark are
faults of the row, never corrected in silence.
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.inputs import danish
from gpcoverage.inputs.schema import Column, Fault, faults_at, match_headers
from gpcoverage.units import to_metres


class Box(NamedTuple):
    """Bounds in the order x, then y."""

    min_x: float
    min_y: float
    max_x: float
    max_y: float


DENMARK_DEGREES: Final = Box(7.8, 54.4, 15.4, 58.0)
DENMARK_METRES: Final = Box(420_000.0, 6_030_000.0, 910_000.0, 6_420_000.0)
"""EPSG:25832; Bornholm lies at eastings of 860,000 to 900,000."""

LON = ("lon", "long", "lng", "længdegrad", "laengdegrad", "wgs84lon", "lonwgs84", "longitude")
LAT = ("lat", "breddegrad", "wgs84lat", "latwgs84", "latitude")
EASTING = (
    "easting",
    "øst",
    "oest",
    "utmx",
    "etrs89øst",
    "xkoordinat",
    "utmøst",
    "ax",
    "ost",
    "utm32e",
)
NORTHING = ("northing", "nord", "utmy", "etrs89nord", "ykoordinat", "utmnord", "ay", "utm32n")

REMEDY: Final = (
    "Give lat and lon in degrees (EPSG:4326), or easting and northing in metres (EPSG:25832), "
    "the same in every row"
)
X: Final = Column("x", "", REMEDY, ("x", *LON, *EASTING), danish.parse_numbers, blank=False)
Y: Final = Column("y", "", REMEDY, ("y", *LAT, *NORTHING), danish.parse_numbers, blank=False)


def missing_coordinates(header: list[str]) -> str | None:
    """Say whether a header lacks coordinate columns.

    Parameters
    ----------
    header
        As in the file.

    Returns
    -------
    str or None
        A clause for the message, or None.
    """
    found = match_headers(header, (X, Y))
    if len(found) == len((X, Y)):
        return None
    return (
        f"missing coordinates: two columns such as lat and lon, or easting and northing. {REMEDY}"
    )


def parse_points(cells: pd.DataFrame) -> tuple[NDArray[np.object_], list[Fault]]:
    """Place every row of a table.

    Parameters
    ----------
    cells
        Text, with the two coordinate columns; the index is the row number.

    Returns
    -------
    points
        One shapely point per row, metres, EPSG:25832; empty where the row is at fault.
    faults
        Every row that cannot be placed in Denmark.
    """
    found = match_headers(cells.columns, (X, Y))
    text = cells[[found["x"], found["y"]]]
    x = danish.parse_numbers(text.iloc[:, 0])
    y = danish.parse_numbers(text.iloc[:, 1])
    degrees = _within(x, y, DENMARK_DEGREES)
    metres = _within(x, y, DENMARK_METRES)
    rules = _rules(x, y, degrees, metres)
    shown = text.iloc[:, 0] + " / " + text.iloc[:, 1]
    headers = f"{found['x']} / {found['y']}"
    faults: list[Fault] = []
    for rule, rows in rules.items():
        faults += faults_at(shown[rows], Column("", rule, REMEDY), headers)
    return _points(x, y, degrees, metres), faults


def _within(x: pd.Series, y: pd.Series, box: Box) -> pd.Series:
    return x.between(box.min_x, box.max_x) & y.between(box.min_y, box.max_y)


def _rules(
    x: pd.Series, y: pd.Series, degrees: pd.Series, metres: pd.Series
) -> dict[str, pd.Series]:
    """Name the rule that each bad row breaks; the first that fits."""
    placed = degrees | metres
    unreadable = x.isna() | y.isna()
    swapped = ~placed & (_within(y, x, DENMARK_DEGREES) | _within(y, x, DENMARK_METRES))
    outside = ~placed & ~unreadable & ~swapped
    minority = metres if degrees.sum() >= metres.sum() else degrees
    mixed = minority if degrees.any() and metres.any() else pd.Series(data=False, index=x.index)
    return {
        "must be two numbers": unreadable,
        "the two coordinates stand in each other's place": swapped,
        "must lie in Denmark": outside,
        "must use the same coordinate system as the other rows": mixed,
    }


def _points(
    x: pd.Series, y: pd.Series, degrees: pd.Series, metres: pd.Series
) -> NDArray[np.object_]:
    easting, northing = x.to_numpy(), y.to_numpy()
    points = np.full(len(x), shapely.Point(), dtype=object)
    points[metres] = shapely.points(easting[metres], northing[metres])
    points[degrees] = shapely.points(*to_metres(easting[degrees], northing[degrees]))
    return points
