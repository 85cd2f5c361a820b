"""How far the terrain model is off, on distances that can be worked out by hand."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gpcoverage import RoadNetwork, compute_distances
from gpcoverage.analysis.terrain_error import pair_distances, terrain_error

X0, Y0 = 500_000.0, 6_200_000.0


def test_pairs_start_from_the_cell_in_which_a_home_lies(
    build_network: Callable[..., RoadNetwork],
    points: Callable[..., gpd.GeoDataFrame],
    coast_road: RoadNetwork,
) -> None:
    nodes = [(X0 + 500 + 1000 * i, Y0 + 500) for i in range(20)]
    cells = build_network(nodes, [(i, i + 1) for i in range(19)])
    # The last home is on the road, but its cell is none of the model's.
    homes = points((X0 + 200, Y0), (X0 + 1700, Y0), (X0 + 50_000, Y0))
    places = points((X0 + 12_000, Y0), (X0 + 44_000, Y0), ids="town")
    by_road = compute_distances(homes, places, coast_road, np.full(3, 60_000.0))
    pairs = pair_distances(by_road, homes, places, cells)
    # From the node at km 0.5 and at km 1.5 to km 12, and 500 m from the lattice to the town.
    assert pairs.index.tolist() == [(0, 0), (1, 0)]
    assert pairs["road_m"].tolist() == pytest.approx([11_800, 10_300], abs=1)
    assert pairs["model_m"].tolist() == pytest.approx([12_000, 11_000], abs=1)


def test_error_is_that_of_the_middle_and_sides_are_those_of_all() -> None:
    pairs = pd.DataFrame(
        {
            "road_m": [9_999.0, 10_000.0, 11_000.0, 12_000.0, 14_900.0, 20_000.0],
            "model_m": [5_000.0, 5_000.0, 10_000.0, 15_000.0, 14_900.0, 15_000.0],
        }
    )
    error = terrain_error(pairs)
    assert error.pairs == 3  # neither 10 nor 20 km
    assert error.bias == pytest.approx((-0.1 + 0.2 + 0.0) / 3)
    assert error.mean_error == pytest.approx(0.1)
    assert error.ninth_decile == pytest.approx(0.18)
    assert error.same_side == pytest.approx(5 / 6)


def test_nothing_is_known_without_pairs() -> None:
    error = terrain_error(pd.DataFrame({"road_m": [1.0], "model_m": [1.0]}))
    assert error.pairs == 0
    assert np.isnan([error.bias, error.mean_error, error.ninth_decile]).all()
    assert error.same_side == 1.0
