"""Where the terrain model's detour factor and both networks' stated errors come from."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gpcoverage.analysis.distance import compute_distances
from gpcoverage.inputs import kvadratnet
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
def by_road(reference: Path, addresses: gpd.GeoDataFrame, towns: gpd.GeoDataFrame) -> np.ndarray:
    return distances(osm.from_pbf(reference / "osm/bornholm.osm.pbf"), addresses, towns)


def distances(network: RoadNetwork, homes: gpd.GeoDataFrame, goals: gpd.GeoDataFrame) -> np.ndarray:
    found = compute_distances(homes, goals, network, np.full(len(homes), 60_000.0)).found
    full = np.full((len(homes), len(goals)), np.nan)
    full[np.repeat(np.arange(len(homes)), np.diff(found.start)), found.practice] = found.cost
    return full


def test_terrain_factor_and_error(
    root: Path, addresses: gpd.GeoDataFrame, towns: gpd.GeoDataFrame, by_road: np.ndarray
) -> None:
    cells = pd.read_csv(root / "geo/cells.csv.gz")
    cells = cells[cells["municipality_code"] == 400].set_index("cell")
    centres = gpd.GeoDataFrame(
        index=cells.index, geometry=gpd.points_from_xy(cells["x"], cells["y"]), crs="EPSG:25832"
    )
    model = terrain.from_cells(root / "geo/cells.csv.gz", root / "geo/crossings.csv")
    of_cell = distances(model, centres, towns)
    own = kvadratnet.cell_ids(
        addresses.geometry.x.to_numpy(), addresses.geometry.y.to_numpy(), "1km"
    )
    position = cells.index.get_indexer(own)
    assert (position < 0).sum() < 30
    modelled = np.where((position >= 0)[:, np.newaxis], of_cell[position], np.nan)

    known = ~np.isnan(modelled) & ~np.isnan(by_road)
    middle = known & (by_road > 10_000) & (by_road < 20_000)
    error = (modelled[middle] - by_road[middle]) / modelled[middle]
    print(f"{middle.sum()} pairs of 10 to 20 km: bias {error.mean():.3f}, mean {abs(error).mean():.3f}, "
          f"90 % {np.percentile(abs(error), 90):.3f}")  # fmt: skip
    assert abs(error.mean()) < 0.01
    assert np.percentile(np.abs(error), 90) == pytest.approx(terrain.ERROR_SHARE, abs=0.01)
    same_side = (modelled[known] <= 15_000) == (by_road[known] <= 15_000)
    assert same_side.mean() > 0.97


def test_osm_error(
    monkeypatch: pytest.MonkeyPatch,
    reference: Path,
    addresses: gpd.GeoDataFrame,
    towns: gpd.GeoDataFrame,
    by_road: np.ndarray,
) -> None:
    """Count tracks and private roads as roads: the choice one can argue about."""

    def lenient_class(way: Tags) -> str | None:
        return "service" if way.get("highway") == "track" else tags.road_class(way)

    monkeypatch.setattr(tags, "FORBIDDEN", frozenset({"no"}))
    monkeypatch.setattr(pbf, "road_class", lenient_class)
    lenient = distances(osm.from_pbf(reference / "osm/bornholm.osm.pbf"), addresses, towns)
    middle = ~np.isnan(lenient) & (by_road > 10_000) & (by_road < 20_000)
    change = np.abs(lenient[middle] - by_road[middle]) / by_road[middle]
    print(f"{middle.sum()} pairs: 90 % {np.percentile(change, 90):.4f}")
    assert np.percentile(change, 90) < osm.ERROR_SHARE
