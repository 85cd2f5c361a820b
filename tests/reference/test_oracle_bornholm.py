"""Brute force on real roads: networkx with every point put on its edge."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gpcoverage.analysis.distance import compute_distances
from gpcoverage.inputs.homes import read_osm_addresses
from gpcoverage.network import osm
from oracle import all_distances

pytestmark = [pytest.mark.reference, pytest.mark.country]


def test_500_addresses_to_9_practices(
    root: Path, reference: Path, municipalities: gpd.GeoDataFrame
) -> None:
    extract = reference / "osm/bornholm.osm.pbf"
    network = osm.from_pbf(extract)
    homes = read_osm_addresses(extract, municipalities, ("0400",)).frame
    chosen = homes.sample(500, random_state=11)
    towns = pd.read_csv(root / "data/settlements.csv", dtype={"municipality_code": str})
    towns = towns[towns["municipality_code"] == "0400"].iloc[:9]
    at = gpd.points_from_xy(towns["lon"], towns["lat"], crs="EPSG:4326")
    practices = gpd.GeoDataFrame(geometry=at).to_crs("EPSG:25832")
    table = compute_distances(chosen, practices, network, np.full(500, 80_000.0))
    expected = all_distances(network, table.home_snaps, table.practice_snaps)
    ours = np.full(expected.shape, np.nan)
    ours[np.repeat(np.arange(500), np.diff(table.found.start)), table.found.practice] = (
        table.found.cost
    )
    difference = np.nanmax(np.abs(ours - expected))
    print(f"{np.isfinite(expected).sum()} pairs, largest difference {difference:.9f} m")
    assert np.array_equal(np.isnan(ours), np.isnan(expected))
    assert np.isfinite(expected).sum() > 4_400
    assert difference < 0.1
