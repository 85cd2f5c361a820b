"""Places on the coast road of conftest."""

import numpy as np

from gpcoverage.units import to_degrees

X0, Y0 = 500_000.0, 6_200_000.0


def place(km: float) -> tuple[float, float]:
    """Give latitude and longitude of a place on the coast road."""
    lon, lat = to_degrees(np.array([X0 + 1000 * km]), np.array([Y0]))
    return float(lat[0]), float(lon[0])
