"""The generated roads: the bytes that their script draws, and all that notebook 02 shows of roads."""

import hashlib
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gpcoverage import compute_distances
from gpcoverage.inputs import kvadratnet
from gpcoverage.inputs.homes import read_osm_addresses
from gpcoverage.inputs.practices import read_practices
from gpcoverage.network import osm
from gpcoverage.network.roads import RoadNetwork
from oracle import all_distances

CLASSES = {
    "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "service",
    "ferry",
}  # fmt: skip
"""All that the real Bornholm has, and a ferry."""


@pytest.fixture(scope="module")
def path(root: Path) -> Path:
    return root / "geo/sample_roads.osm.pbf"


@pytest.fixture(scope="module")
def roads(path: Path) -> RoadNetwork:
    return osm.from_pbf(path)


@pytest.fixture(scope="module")
def homes(path: Path, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return read_osm_addresses(path, municipalities, ("0400",)).frame


@pytest.fixture(scope="module")
def practices(root: Path, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    every = read_practices(root / "data/practices.csv", municipalities).frame
    return every[every["municipality_code"] == "0400"]


@pytest.fixture(scope="module")
def ways(path: Path) -> list[dict[str, str]]:
    return [dict(way.tags) for way in osmium.FileProcessor(str(path), osmium.osm.WAY)]


def test_the_script_draws_the_committed_bytes(root: Path, path: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.osm.pbf"
    subprocess.run(
        [sys.executable, root / "data/build_roads.py", "--out", drawn], check=True, timeout=300
    )
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (drawn, path)]
    assert digests[0] == digests[1]


def test_nobody_takes_it_for_a_real_map(root: Path, path: Path) -> None:
    readme = (root / "geo/README.md").read_text(encoding="utf-8")
    row = next(line for line in readme.splitlines() if line.startswith(f"| `{path.name}`"))
    assert "no real road map" in row
    assert "own, generated" in row
    generator = osmium.io.Reader(str(path)).header().get("generator")
    assert "not OpenStreetMap data" in generator


def test_it_may_not_lie_there_without_its_row(
    root: Path, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root / "data"))
    from example import inventory  # noqa: PLC0415  beside the data, not in the package

    (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "README.md").write_text("| file | rows | sha256 |\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"the folder differ: \['sample_roads\.osm\.pbf'\]"):
        inventory.refresh(tmp_path)


def test_it_is_small_and_has_every_class(
    path: Path, roads: RoadNetwork, homes: gpd.GeoDataFrame
) -> None:
    assert path.stat().st_size < 400_000
    assert 4_000 <= roads.node_count <= 8_000
    assert 3_000 <= len(homes) <= 6_000
    km = np.bincount(roads.road_class, roads.length_m / 1000, minlength=len(roads.class_names))
    assert {name for name, length in zip(roads.class_names, km, strict=True) if length} == CLASSES


def test_what_is_no_road_is_left_out(ways: list[dict[str, str]], roads: RoadNetwork) -> None:
    yards = sum(way.get("access") == "private" for way in ways)
    assert yards == 8
    assert roads.notes[0].startswith(f"{yards} fragments")
    assert sum(way.get("highway") == "track" for way in ways) > 20
    ferries = [way for way in ways if way.get("route") == "ferry"]
    assert sorted(way["motor_vehicle"] for way in ferries) == ["no", "yes"]
    assert roads.ferry.sum() == 1


def test_one_ways_are_kept(ways: list[dict[str, str]], roads: RoadNetwork) -> None:
    rings = sum(way.get("junction") == "roundabout" for way in ways)
    streets = sum(way.get("oneway") == "yes" for way in ways)
    assert (rings, streets) == (3, 14)
    assert (roads.forward != roads.backward).sum() >= streets + 2 * rings


def test_without_ferries_one_mainland_is_left(roads: RoadNetwork) -> None:
    on_land = roads.without_ferries()
    assert not on_land.ferry.any()
    assert len(on_land.tail) == len(roads.tail) - 1
    tail = np.concatenate([on_land.tail[on_land.forward], on_land.head[on_land.backward]])
    head = np.concatenate([on_land.head[on_land.forward], on_land.tail[on_land.backward]])
    shape = (roads.node_count, roads.node_count)
    links = coo_matrix((np.ones(len(tail)), (tail, head)), shape=shape)
    _, part = connected_components(links, connection="strong")
    assert np.bincount(part).max() == roads.node_count - 1  # the end of the ferry, at sea


def test_every_home_reaches_every_practice(
    roads: RoadNetwork, homes: gpd.GeoDataFrame, practices: gpd.GeoDataFrame
) -> None:
    limit_m = np.full(len(homes), 80_000.0)
    table = compute_distances(homes, practices, roads.without_ferries(), limit_m)
    assert (np.diff(table.found.start) == len(practices)).all()
    leg_m = table.home_snaps.leg_m
    assert np.median(leg_m) < 25
    assert 0.002 < (leg_m > 200).mean() < 0.02  # at the ends of tracks


def test_some_homes_agree_with_networkx(
    roads: RoadNetwork, homes: gpd.GeoDataFrame, practices: gpd.GeoDataFrame
) -> None:
    some = homes.sample(60, random_state=11)
    table = compute_distances(some, practices, roads, np.full(len(some), 80_000.0))
    expected = all_distances(roads, table.home_snaps, table.practice_snaps)
    ours = np.full(expected.shape, np.nan)
    home = np.repeat(np.arange(len(some)), np.diff(table.found.start))
    ours[home, table.found.practice] = table.found.cost
    np.testing.assert_allclose(ours, expected, rtol=0, atol=0.1)


def test_roads_wind_as_real_ones_do(roads: RoadNetwork, homes: gpd.GeoDataFrame) -> None:
    some, others = homes.sample(800, random_state=1), homes.sample(80, random_state=2)
    found = compute_distances(some, others, roads, np.full(len(some), 80_000.0)).found
    home = np.repeat(np.arange(len(some)), np.diff(found.start))
    straight = some.geometry.iloc[home].distance(
        others.geometry.iloc[found.practice], align=False
    ).to_numpy()  # fmt: skip
    middle = (straight > 10_000) & (straight < 20_000)
    assert middle.sum() > 10_000
    assert 1.2 < found.cost[middle].sum() / straight[middle].sum() < 1.3


def test_addresses_follow_the_people(root: Path, homes: gpd.GeoDataFrame) -> None:
    cells = pd.read_csv(root / "geo/cells.csv.gz", dtype={"municipality_code": str})
    people = cells[cells["municipality_code"] == "0400"].set_index("cell")["population"]
    x, y = homes.geometry.x.to_numpy(), homes.geometry.y.to_numpy()
    counts = pd.Series(kvadratnet.cell_ids(x, y, "1km")).value_counts()
    counts = counts.reindex(people.index, fill_value=0)
    assert len(homes) - counts.sum() < 30  # on the beach
    assert np.corrcoef(counts, people)[0, 1] > 0.98
