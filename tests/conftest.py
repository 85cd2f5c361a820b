"""Fixtures shared by all tests: the example, and small networks that can be checked by hand."""

import datetime
import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gpcoverage.inputs.municipalities import read_municipalities, read_municipality_list
from gpcoverage.inputs.rules import read_rules
from gpcoverage.inputs.study import RoadSource, Study
from gpcoverage.inputs.study_file import load_study
from gpcoverage.network import load_network
from gpcoverage.network.roads import RoadNetwork, straight_shapes

ROOT = Path(__file__).resolve().parent.parent

X0, Y0 = 500_000.0, 6_200_000.0
"""Where the coast road starts, on the zone's middle meridian."""


def pytest_report_header() -> str:
    libraries = ("numpy", "pandas", "geopandas", "numba", "folium", "osmnx", "pyproj")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    return f"{versions}, GEOS {shapely.geos_version_string}"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    """Return the shared reference data, which is not part of the project."""
    folder = Path(os.environ.get("GPCOVERAGE_REFERENCE", ROOT.parent / "shared"))
    if not (folder / "osm").is_dir():
        pytest.skip(f"no reference data in {folder} (set GPCOVERAGE_REFERENCE)")
    return folder


@pytest.fixture(scope="session")
def listed(root: Path) -> pd.DataFrame:
    return read_municipality_list(root / "data/municipalities.csv")


@pytest.fixture(scope="session")
def municipalities(root: Path, listed: pd.DataFrame) -> gpd.GeoDataFrame:
    return read_municipalities(root / "geo/municipalities.geojson", listed).frame


@pytest.fixture(scope="session")
def midtjylland(root: Path) -> Study:
    return load_study(root / "data/midtjylland.toml")


@pytest.fixture(scope="session")
def terrain_and_ferries(midtjylland: Study) -> RoadNetwork:
    return load_network(midtjylland.roads)


@pytest.fixture(scope="session")
def terrain_network(terrain_and_ferries: RoadNetwork) -> RoadNetwork:
    return terrain_and_ferries.without_ferries()


@pytest.fixture(scope="session")
def build_network() -> Callable[..., RoadNetwork]:
    """Build a network from node positions and (tail, head, one-way, ferry) edges.

    An edge's length is its straight length in the plane, so that expected distances can be
    worked out by hand.
    """

    def build(
        nodes: list[tuple[float, float]],
        edges: list[tuple[int, int]],
        *,
        one_way: tuple[int, ...] = (),
        ferries: tuple[int, ...] = (),
        error_share: float = 0.1,
    ) -> RoadNetwork:
        x, y = np.array(nodes, dtype=float).T
        tail, head = np.array(edges, dtype=np.int32).T
        ferry = np.isin(np.arange(len(edges)), ferries)
        return RoadNetwork(
            easting=x,
            northing=y,
            tail=tail,
            head=head,
            forward=np.ones(len(edges), dtype=bool),
            backward=~np.isin(np.arange(len(edges)), one_way),
            ferry=ferry,
            snappable=~ferry,
            road_class=ferry.astype(np.int16),
            shapes=straight_shapes(
                x, y, np.array(edges), np.hypot(x[tail] - x[head], y[tail] - y[head])
            ),
            class_names=("road", "ferry"),
            kind="osm",
            source="by hand",
            error_share=error_share,
        )

    return build


@pytest.fixture(scope="session")
def points() -> Callable[..., gpd.GeoDataFrame]:
    """Make a frame of points, EPSG:25832, with ids such as h0, h1."""

    def make(*at: tuple[float, float], ids: str = "h") -> gpd.GeoDataFrame:
        index = [f"{ids}{i}" for i in range(len(at))]
        geometry = [shapely.Point(xy) for xy in at]
        return gpd.GeoDataFrame(index=index, geometry=geometry, crs="EPSG:25832")

    return make


@pytest.fixture(scope="session")
def coast_road(build_network: Callable[..., RoadNetwork]) -> RoadNetwork:
    """Build a straight road of 60 km, a node every km, and an island road 5 km north of it."""
    road = [(X0 + 1000.0 * i, Y0) for i in range(61)]
    island = [(X0, Y0 + 5000), (X0 + 1000, Y0 + 5000)]
    return build_network([*road, *island], [*((i, i + 1) for i in range(60)), (61, 62)])


@pytest.fixture(scope="session")
def make_study(points: Callable[..., gpd.GeoDataFrame]) -> Callable[..., Study]:
    """Make a study along the coast road: kommune 0661 is its first half, 0101 its second.

    Homes are (km, people), practices (km, open), both placed on the road at that km; a home may
    also be a point. The area is 0661; its limit is 15 km, that of 0101 5 km.
    """

    def make(
        homes: list[tuple[float | tuple[float, float], float]],
        practices: list[tuple[float, bool]],
        *,
        area: tuple[str, ...] = ("0661",),
    ) -> Study:
        def place(km: float | tuple[float, float]) -> tuple[float, float]:
            return km if isinstance(km, tuple) else (X0 + 1000 * km, Y0)

        def code(frame: gpd.GeoDataFrame) -> np.ndarray:
            return np.where(frame.geometry.x < X0 + 30_000, "0661", "0101").astype(object)

        home_frame = points(*(place(km) for km, _ in homes))
        practice_frame = points(*(place(km) for km, _ in practices), ids="p")
        blank = {"address": "", "postcode": "", "town": "", "basis": "model"}
        return Study(
            name="Kystvejen",
            date=datetime.date(2026, 11, 1),
            municipality_codes=area,
            municipalities=gpd.GeoDataFrame(
                {
                    "code": ["0101", "0661"],
                    "name": ["København", "Holstebro"],
                    "region": ["Hovedstaden", "Midtjylland"],
                    "population": [1000, 1000],
                },
                geometry=[
                    shapely.box(X0 + 30_000, Y0 - 9000, X0 + 61_000, Y0 + 9000),
                    shapely.box(X0 - 1000, Y0 - 9000, X0 + 30_000, Y0 + 9000),
                ],
                crs="EPSG:25832",
            ),
            practices=practice_frame.assign(
                name=[f"Praksis {i}" for i in range(len(practices))],
                open=np.array([is_open for _, is_open in practices], dtype=bool),
                doctors=2.0,
                list_size=3200.0,
                municipality_code=code(practice_frame),
                **blank,
            ),
            homes=home_frame.assign(
                municipality_code=code(home_frame),
                population=np.array([people for _, people in homes], dtype=float),
            ),
            roads=RoadSource("osm", file=Path("none.osm.pbf")),
            rules=read_rules(ROOT / "data/rules.toml", datetime.date(2026, 11, 1)),
            inputs=(),
        )

    return make
