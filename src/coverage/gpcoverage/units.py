"""Units and coordinate systems used throughout: metres in EPSG:25832, lengths on WGS84."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod, Transformer

CRS_METRES: Final = "EPSG:25832"
"""ETRS89 / UTM zone 32N: every layer's coordinates, in metres, Bornholm included."""

CRS_DEGREES: Final = "EPSG:4326"
"""WGS84 longitude and latitude, for files and web maps."""

METRES_PER_KM: Final = 1000.0

LINES_PER_PART: Final = 100_000
"""So many geodesics are measured at a time, by every processor."""

AXIS_SCALE: Final = 0.9996
FALSE_EASTING_M: Final = 500_000.0
SEMI_MAJOR_M: Final = 6_378_137.0
E_SQUARED: Final = 0.00669438002
RECTIFYING_RADIUS_M: Final = SEMI_MAJOR_M * (1 - E_SQUARED / 4 - 3 * E_SQUARED**2 / 64)
FOOTPOINT: Final = 0.002518826
"""Constants of UTM and of GRS80; the last leads from rectifying to geodetic latitude, radians."""


def to_degrees(
    easting: NDArray[np.float64], northing: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn EPSG:25832 metres into WGS84 degrees.

    Parameters
    ----------
    easting, northing
        Arrays of one shape, metres, EPSG:25832.

    Returns
    -------
    lon, lat
        Arrays of that shape, degrees, EPSG:4326.
    """
    lon, lat = Transformer.from_crs(CRS_METRES, CRS_DEGREES, always_xy=True).transform(
        easting, northing
    )
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def to_metres(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn WGS84 degrees into EPSG:25832 metres.

    Parameters
    ----------
    lon, lat
        Arrays of one shape, degrees, EPSG:4326.

    Returns
    -------
    easting, northing
        Arrays of that shape, metres, EPSG:25832.
    """
    easting, northing = Transformer.from_crs(CRS_DEGREES, CRS_METRES, always_xy=True).transform(
        lon, lat
    )
    return np.asarray(easting, dtype=np.float64), np.asarray(northing, dtype=np.float64)


def geodesic_m(
    lon_from: NDArray[np.float64],
    lat_from: NDArray[np.float64],
    lon_to: NDArray[np.float64],
    lat_to: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Measure straight lines on the WGS84 ellipsoid.

    A sphere is 0.2 % short at Danish latitudes and the grid of EPSG:25832 0.2 % long on
    Bornholm; the ellipsoid is neither.

    Parameters
    ----------
    lon_from, lat_from, lon_to, lat_to
        Arrays of one shape, degrees, EPSG:4326.

    Returns
    -------
    lengths
        Array of that shape, metres.
    """
    lines = len(lon_from)
    length = np.empty(lines)

    def run(first: int) -> None:
        part = slice(first, first + LINES_PER_PART)
        ends = lon_from[part], lat_from[part], lon_to[part], lat_to[part]
        length[part] = Geod(ellps="WGS84").inv(ends[0], ends[1], ends[2], ends[3])[2]

    with ThreadPoolExecutor() as pool:
        list(pool.map(run, range(0, lines, LINES_PER_PART)))
    return length


def leg_length_m(
    easting_from: NDArray[np.float64],
    northing_from: NDArray[np.float64],
    easting_to: NDArray[np.float64],
    northing_to: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Measure short straight lines on the ellipsoid from grid coordinates.

    The grid length is divided by the scale of the projection half way (J. P. Snyder, *Map
    Projections: A Working Manual*, 1987, chapter 8). Up to 2 km that is the geodesic length to
    0.1 mm, without a detour over degrees.

    Parameters
    ----------
    easting_from, northing_from, easting_to, northing_to
        Arrays of one shape, metres, EPSG:25832, in Denmark.

    Returns
    -------
    lengths
        Array of that shape, metres.
    """
    off_axis = ((easting_from + easting_to) / 2 - FALSE_EASTING_M) / AXIS_SCALE
    rectifying = (northing_from + northing_to) / 2 / AXIS_SCALE / RECTIFYING_RADIUS_M
    latitude = rectifying + FOOTPOINT * np.sin(2 * rectifying)
    sine = np.sin(latitude)
    flattened = 1 - E_SQUARED * sine * sine
    # Squared mean radius of curvature: meridian times prime vertical.
    bend = off_axis * off_axis * flattened * flattened / (SEMI_MAJOR_M**2 * (1 - E_SQUARED))
    scale = AXIS_SCALE * (1 + bend / 2 + bend * bend / 24)
    grid_m = np.hypot(easting_to - easting_from, northing_to - northing_from)
    return np.asarray(grid_m / scale, dtype=np.float64)
