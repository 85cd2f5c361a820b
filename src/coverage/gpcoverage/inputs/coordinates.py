"""Where the rows of a table lie: latitude/longitude or EPSG:25832, told apart by value.

A file uses one system throughout. Swapped axes, mixed systems and places outside Denmark are
faults of the row, never corrected in silence.
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.inputs import danish
from gpcoverage.inputs.schema import Column, Fault, faults_at, header_fault, headers_for
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

REMEDY: Final = (
    "Give lat and lon in degrees (EPSG:4326), or easting and northing in metres (EPSG:25832), "
    "the same in every row, written out in full"
)


class Axes(NamedTuple):
    """The two columns that place a row."""

    x: Column
    y: Column


LON: Final = (
    *("long", "lng", "longitude", "længdegrad", "laengdegrad"),
    *("wgs84lon", "lonwgs84", "wgs84længdegrad"),
)
LAT: Final = ("latitude", "breddegrad", "wgs84lat", "latwgs84", "wgs84breddegrad")
EASTING: Final = (
    *("øst", "oest", "ost", "etrs89øst", "etrs89oest", "etrs89koordinatøst"),
    *("utmx", "utmøst", "utm32e", "ax"),
)
NORTHING: Final = (
    *("nord", "etrs89nord", "etrs89koordinatnord"),
    *("utmy", "utmnord", "utm32n", "ay"),
)
PAIRS: Final = (
    Axes(Column("lon", "", REMEDY, LON), Column("lat", "", REMEDY, LAT)),
    Axes(Column("easting", "", REMEDY, EASTING), Column("northing", "", REMEDY, NORTHING)),
    Axes(Column("x", "", REMEDY, ("xkoordinat",)), Column("y", "", REMEDY, ("ykoordinat",))),
)
"""In the order of preference: many registers give the same place in degrees and in metres."""


class Placed(NamedTuple):
    """The rows of a table as points.

    Attributes
    ----------
    points
        One shapely point per row, metres, EPSG:25832; empty where the row is at fault.
    text
        What the file says of the place, for messages; the index is the row number.
    header
        Names of the two columns, for messages.
    faults
        Every row that cannot be placed in Denmark.
    """

    points: NDArray[np.object_]
    text: pd.Series
    header: str
    faults: list[Fault]


def has_coordinates(header: list[str]) -> bool:
    """Say whether a header names two coordinates.

    Parameters
    ----------
    header
        As in the file.

    Returns
    -------
    bool
    """
    return _axes(header) is not None


def _axes(header: list[str]) -> Axes | None:
    for axes in PAIRS:
        if all(headers_for(header, column) for column in axes):
            return axes
    return None


def coordinate_fault(header: list[str]) -> str | None:
    """Say whether a header lacks coordinate columns, or has them twice.

    Parameters
    ----------
    header
        As in the file.

    Returns
    -------
    str or None
        A clause for the message, or None.
    """
    axes = _axes(header)
    if axes is None:
        return f"missing coordinates: two columns such as lat and lon, or easting and northing. {REMEDY}"
    return header_fault(header, axes)


def parse_points(cells: pd.DataFrame) -> Placed:
    """Place every row of a table.

    Parameters
    ----------
    cells
        Text, whose header has no :func:`coordinate_fault`; the index is the row number.

    Returns
    -------
    Placed
    """
    header = list(cells.columns)
    axes = _axes(header)
    if axes is None:
        msg = f"no coordinates among {header}"
        raise KeyError(msg)
    x_header, y_header = (headers_for(header, column)[0] for column in axes)
    x_text, y_text = cells[x_header], cells[y_header]
    x, y = danish.parse_numbers(x_text), danish.parse_numbers(y_text)
    degrees = within(x, y, DENMARK_DEGREES)
    metres = within(x, y, DENMARK_METRES)
    text = (x_text + " / " + y_text).where((x_text != "") | (y_text != ""), "")
    both = f"{x_header} / {y_header}"
    faults: list[Fault] = []
    for rule, rows in _rules(x, y, degrees, metres).items():
        faults += faults_at(text[rows], Column("", rule, REMEDY), both)
    return Placed(_points(x, y, degrees, metres), text, both, faults)


def within(x: pd.Series, y: pd.Series, box: Box) -> pd.Series:
    """Say which coordinates lie in a box: bool, same index."""
    return x.between(box.min_x, box.max_x) & y.between(box.min_y, box.max_y)


def _rules(
    x: pd.Series, y: pd.Series, degrees: pd.Series, metres: pd.Series
) -> dict[str, pd.Series]:
    """Name the rule that each bad row breaks; the first that fits."""
    placed = degrees | metres
    unreadable = x.isna() | y.isna()
    swapped = ~placed & (within(y, x, DENMARK_DEGREES) | within(y, x, DENMARK_METRES))
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
