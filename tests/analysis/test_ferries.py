"""Three policies for ferries and islands, by hand and on the example."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from gpcoverage import RoadNetwork, Study, compute_choice
from gpcoverage.analysis.ferries import POLICY_COLUMNS, add_ferry_policies

X, Y = 500_000.0, 6_200_000.0


@pytest.fixture
def strait(build_network: Callable[..., RoadNetwork]) -> RoadNetwork:
    """Build a mainland road of 20 km, an island road of 2 km, and a ferry of 5 km between."""
    nodes = [(X, Y), (X + 20_000, Y), (X, Y + 5_000), (X + 2_000, Y + 5_000)]
    return build_network(nodes, [(0, 1), (2, 3), (0, 2)], ferries=(2,))


def test_by_hand(make_study: Callable[..., Study], strait: RoadNetwork) -> None:
    island_home, island_practice = (X + 1_000, Y + 5_000), (X + 2_000, Y + 5_000)
    study = make_study([(1, 10), (island_home, 5), (19, 1)], [(2, True), (18, True)])
    island = study.practices.iloc[[0]].set_axis(["p9"])
    island = island.set_geometry([shapely.Point(island_practice)], crs="EPSG:25832")
    study = replace(study, practices=pd.concat([study.practices, island]))
    choice = compute_choice(study, strait)
    compared = add_ferry_policies(choice, strait).homes
    assert compared["island"].tolist() == [False, True, False]
    # From 1 km: 2 km is near, 18 km is not; the island's is 8 km off by ferry.
    assert compared["status_no_ferry"].tolist() == ["one", "one", "one"]
    assert compared["status_ferry"].tolist() == ["choice", "choice", "one"]
    assert compared["status_island_rule"].tolist() == ["one", "choice", "one"]
    assert choice.homes["status"].tolist() == compared["status_no_ferry"].tolist()
    silent = replace(study, rules=replace(study.rules, island_min_choices=None))
    without_rule = add_ferry_policies(compute_choice(silent, strait), strait).homes
    assert without_rule["status_island_rule"].tolist() == ["one", "one", "one"]


@pytest.mark.country
def test_example(midtjylland: Study, terrain_and_ferries: RoadNetwork) -> None:
    choice = compute_choice(midtjylland, terrain_and_ferries)
    homes = add_ferry_policies(choice, terrain_and_ferries).homes
    assert np.array_equal(homes["status_no_ferry"], choice.homes["status"])
    samso = homes["municipality_code"] == "0741"
    assert homes.loc[samso, "island"].all()
    assert not homes.loc[homes["municipality_code"] == "0751", "island"].any()
    better = {"none": 0, "one": 1, "choice": 2}
    order = homes[list(POLICY_COLUMNS)].replace(better).astype(int)
    assert (order["status_ferry"] >= order["status_no_ferry"]).all()
    assert (order["status_island_rule"] >= order["status_no_ferry"]).all()
    assert (order["status_ferry"] > order["status_no_ferry"]).any()
