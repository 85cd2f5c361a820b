"""Length and time in one number, and the three ways of measuring side by side."""

from collections.abc import Callable

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpcoverage.analysis.distance import compute_distances
from gpcoverage.analysis.pairs import PairOptions, compute_pairs
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.tags import CLASS_NAMES
from gpcoverage.network.terrain import CLASS_NAMES as TERRAIN_NAMES
from gpcoverage.network.weights import SPEEDS_KM_H, Least, pack, pack_limit, unpack

parts = st.lists(
    st.tuples(st.floats(0, 5_000), st.sampled_from(sorted(set(SPEEDS_KM_H.values())))),
    min_size=1,
    max_size=40,
)


@given(parts, st.sampled_from(["length", "time"]))
def test_sums_come_apart_again(drawn: list[tuple[float, float]], least: Least) -> None:
    metres, speed = np.array(drawn).T
    total_m, total_min = unpack(np.array([pack(metres, speed, least).sum()]), least)
    assert total_m[0] == pytest.approx(metres.sum(), abs=0.0006 * len(drawn))
    assert total_min[0] == pytest.approx((metres / 1000 / speed * 60).sum(), abs=1e-5 * len(drawn))


@given(st.floats(0, 100_000), st.floats(0, 100_000), st.sampled_from(["length", "time"]))
def test_what_decides_decides(a: float, b: float, least: Least) -> None:
    one, two = (pack(np.array([m]), 60.0, least)[0] for m in (a, b))
    if a < b - 0.02:
        assert one < two
    limit = pack_limit(np.array([a if least == "length" else a / 1000]), least)[0]
    assert one <= limit + (1 << 30)  # rounding to the nearest unit may exceed by one


def test_every_class_has_a_speed() -> None:
    assert set(CLASS_NAMES) | set(TERRAIN_NAMES) <= set(SPEEDS_KM_H)


X, Y = 500_000.0, 6_200_000.0


@pytest.fixture
def bypass(build_network: Callable[..., RoadNetwork]) -> RoadNetwork:
    """Build a service road of 4 km (20 km/h) and a trunk road of 6 km (85 km/h) around it."""
    nodes = [(X, Y), (X + 4000, Y), (X, Y + 1000), (X + 4000, Y + 1000)]
    network = build_network(nodes, [(0, 1), (0, 2), (2, 3), (3, 1)])
    from dataclasses import replace  # noqa: PLC0415

    kind = np.array([CLASS_NAMES.index("service"), *[CLASS_NAMES.index("trunk")] * 3], np.int16)
    return replace(network, road_class=kind, class_names=CLASS_NAMES)


def test_shortest_fastest_and_straight_by_hand(
    bypass: RoadNetwork, points: Callable[..., gpd.GeoDataFrame]
) -> None:
    homes, practices = points((X, Y)), points((X + 4000, Y), ids="p").assign(open=True)
    pairs = compute_pairs(
        homes, practices, bypass, np.array([15_000.0]), PairOptions(k=1, compare=True)
    )
    row = pairs.iloc[0]
    assert row["distance_m"] == pytest.approx(4000, abs=0.01)
    assert row["shortest_min"] == pytest.approx(4 / 20 * 60, abs=0.001)
    assert row["fastest_m"] == pytest.approx(6000, abs=0.01)
    assert row["fastest_min"] == pytest.approx(6 / 85 * 60, abs=0.001)
    assert row["straight_m"] == pytest.approx(4000 / 0.9996, abs=0.1)


@pytest.mark.country
def test_fastest_agrees_with_networkx(terrain_network: RoadNetwork) -> None:
    network = terrain_network
    rng = np.random.default_rng(5)
    chosen = rng.choice(network.node_count, 60, replace=False)
    at = gpd.points_from_xy(network.easting[chosen], network.northing[chosen])
    frame = gpd.GeoDataFrame({"open": True}, index=chosen, geometry=at, crs="EPSG:25832")
    homes, practices = frame.iloc[:40], frame.iloc[40:]
    options = PairOptions(within_m=60_000.0, compare=True)
    pairs = compute_pairs(homes, practices, network, np.full(40, 15_000.0), options)
    known = pairs[pairs["practice"] >= 0]
    assert len(known) > 40
    speed = np.array([SPEEDS_KM_H[name] for name in network.class_names])[network.road_class]
    graph = nx.Graph()
    for tail, head, metres, km_h in zip(
        network.tail.tolist(), network.head.tolist(), network.length_m, speed, strict=True
    ):
        minutes = metres / 1000 / km_h * 60
        if minutes < graph.get_edge_data(tail, head, {"minutes": np.inf})["minutes"]:
            graph.add_edge(tail, head, minutes=minutes, metres=metres)
    for practice, rows in known.groupby("practice_id"):
        reached = nx.single_source_dijkstra_path_length(
            graph, practice, weight="minutes", cutoff=120
        )
        for row in rows.itertuples():
            assert row.fastest_min == pytest.approx(reached[row.home_id], abs=0.01)
            assert row.fastest_min <= row.shortest_min + 1e-3
            assert row.fastest_m >= row.distance_m - 1.0


def test_pairs_by_hand(coast_road: RoadNetwork, points: Callable[..., gpd.GeoDataFrame]) -> None:
    homes = points((X + 10_000, Y), (X + 500, Y + 5_000), (X + 9_000, Y + 8_000))
    practices = points((X + 12_000, Y), (X + 5_000, Y), (X + 30_000, Y), ids="p")
    practices = practices.assign(open=[True, False, True])
    limit = np.full(3, 15_000.0)
    nearest = compute_pairs(homes, practices, coast_road, limit, PairOptions(k=2))
    assert nearest["home_id"].tolist() == ["h0", "h0", "h1", "h1", "h2", "h2"]
    assert nearest["practice_id"].fillna("").tolist() == ["p0", "p1", "", "", "", ""]
    assert nearest["open"].tolist() == [True, False, None, None, None, None]
    assert nearest["distance_m"].tolist()[:2] == pytest.approx([2_000, 5_000])
    assert nearest["distance_m"].isna().tolist() == [False, False, True, True, True, True]
    assert nearest["within_limit"].tolist() == [True, True, None, None, None, None]
    assert nearest["reason"].tolist() == [
        "", "", *["no road leads to a practice of this rank"] * 2,
        *["farther from any road than the longest access leg"] * 2,
    ]  # fmt: skip
    within = compute_pairs(homes, practices, coast_road, limit, PairOptions(within_m=21_000.0))
    assert within["practice_id"].fillna("").tolist() == ["p0", "p1", "p2", "", ""]
    assert within["rank"].tolist() == [1, 2, 3, 1, 1]
    assert within["within_limit"].tolist() == [True, True, False, None, None]
    assert within["reason"].tolist()[3] == "no practice within the distance asked for"
    table = compute_distances(homes, practices, coast_road, limit)
    assert table.home_ids.tolist() == ["h0", "h1", "h2"]
