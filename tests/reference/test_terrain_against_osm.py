"""Where the terrain model's detour factor and both networks' stated errors come from."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gpcoverage.analysis.distance import DistanceTable, compute_distances
from gpcoverage.analysis.terrain_error import pair_distances, terrain_error
from gpcoverage.inputs.homes import read_osm_addresses
from gpcoverage.network import osm, pbf, tags, terrain
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.tags import Tags

pytestmark = [pytest.mark.reference, pytest.mark.country]


@pytest.fixture(scope="module")
def towns(root: Path) -> gpd.GeoDataFrame:
    table = pd.read_csv(root / "data/settlements.csv", dtype={"municipality_code": str})
    bornholm = table[table["municipality_code"] == "0400"]
    at = gpd.points_from_xy(bornholm["lon"], bornholm["lat"], crs="EPSG:4326")
    return gpd.GeoDataFrame(bornholm[["name"]], geometry=at).to_crs("EPSG:25832").set_index("name")


@pytest.fixture(scope="module")
def addresses(reference: Path, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    path = reference / "osm/bornholm.osm.pbf"
    return read_osm_addresses(path, municipalities, ("0400",)).frame


@pytest.fixture(scope="module")
def by_road(reference: Path, addresses: gpd.GeoDataFrame, towns: gpd.GeoDataFrame) -> DistanceTable:
    return distances(osm.from_pbf(reference / "osm/bornholm.osm.pbf"), addresses, towns)


def distances(
    network: RoadNetwork, homes: gpd.GeoDataFrame, goals: gpd.GeoDataFrame
) -> DistanceTable:
    return compute_distances(homes, goals, network, np.full(len(homes), 60_000.0))


def as_matrix(table: DistanceTable) -> np.ndarray:
    found = table.found
    full = np.full((len(table.home_ids), len(table.practice_ids)), np.nan)
    full[found.home, found.practice] = found.cost
    return full


def test_terrain_factor_and_error(
    root: Path, addresses: gpd.GeoDataFrame, towns: gpd.GeoDataFrame, by_road: DistanceTable
) -> None:
    model = terrain.from_cells(root / "geo/cells.csv.gz", root / "geo/crossings.csv")
    pairs = pair_distances(by_road, addresses, towns, model)
    without_cell = len(addresses) - pairs.index.get_level_values("home").nunique()
    assert without_cell < 30
    error = terrain_error(pairs)
    print(f"{error.pairs} pairs of 10 to 20 km: bias {error.bias:.3f}, mean {error.mean_error:.3f}, "
          f"90 % {error.ninth_decile:.3f}")  # fmt: skip
    assert error.pairs > 100_000
    assert abs(error.bias) < 0.01
    assert error.ninth_decile == pytest.approx(terrain.ERROR_SHARE, abs=0.01)
    assert error.same_side > 0.97


def test_osm_error(
    monkeypatch: pytest.MonkeyPatch,
    reference: Path,
    addresses: gpd.GeoDataFrame,
    towns: gpd.GeoDataFrame,
    by_road: DistanceTable,
) -> None:
    """Count tracks and private roads as roads: the choice one can argue about."""

    def lenient_class(way: Tags) -> str | None:
        return "service" if way.get("highway") == "track" else tags.road_class(way)

    monkeypatch.setattr(tags, "FORBIDDEN", frozenset({"no"}))
    monkeypatch.setattr(pbf, "road_class", lenient_class)
    roads = osm.from_pbf(reference / "osm/bornholm.osm.pbf")
    lenient, strict = as_matrix(distances(roads, addresses, towns)), as_matrix(by_road)
    middle = ~np.isnan(lenient) & (strict > 10_000) & (strict < 20_000)
    change = np.abs(lenient[middle] - strict[middle]) / strict[middle]
    print(f"{middle.sum()} pairs: 90 % {np.percentile(change, 90):.4f}")
    assert np.percentile(change, 90) < osm.ERROR_SHARE
