"""Lengths from grid coordinates against geodesics."""

import numpy as np
import pytest

from gpcoverage.units import geodesic_m, leg_length_m, to_degrees


@pytest.mark.parametrize("metres", [0.0, 1.0, 150.0, 2_000.0])
def test_a_short_straight_line_is_the_geodesic(metres: float) -> None:
    # All of Denmark, from Esbjerg to Bornholm and from Gedser to Skagen.
    random = np.random.default_rng(3)
    east, north = random.uniform(430_000, 900_000, 2_000), random.uniform(6.04e6, 6.41e6, 2_000)
    angle = random.uniform(0, 2 * np.pi, 2_000)
    to_east, to_north = east + metres * np.cos(angle), north + metres * np.sin(angle)
    expected = geodesic_m(*to_degrees(east, north), *to_degrees(to_east, to_north))
    np.testing.assert_allclose(leg_length_m(east, north, to_east, to_north), expected, atol=1e-4)
    # The grid alone is off by up to a metre and a half in 2 km: the test can tell.
    assert metres < 1 or np.abs(expected - metres).max() > 4e-4 * metres
