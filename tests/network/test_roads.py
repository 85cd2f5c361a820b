"""The network as a value: checked, read-only, hashed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpcoverage.errors import NetworkError
from gpcoverage.network.roads import RoadNetwork, Shapes, straight_shapes

Build = Callable[..., RoadNetwork]
NODES = [(600_000.0, 6_200_000.0), (601_000.0, 6_200_000.0), (601_000.0, 6_201_000.0)]


def shapes(*length_m: float) -> Shapes:
    x, y = np.array(NODES).T
    return straight_shapes(x, y, np.array([[0, 1], [1, 2]]), np.array(length_m))


def test_arrays_are_read_only(build_network: Build) -> None:
    network = build_network(NODES, [(0, 1), (1, 2)])
    with pytest.raises(ValueError, match="read-only"):
        network.shapes.at_m[0] = 1.0


def test_fingerprint_tells_networks_apart(build_network: Build) -> None:
    network = build_network(NODES, [(0, 1), (1, 2)])
    assert network.fingerprint() == build_network(NODES, [(0, 1), (1, 2)]).fingerprint()
    assert network.fingerprint() != build_network(NODES, [(0, 1), (2, 1)]).fingerprint()
    assert network.fingerprint() != replace(network, error_share=0.2).fingerprint()


def test_reversed_adjacency_lists_who_can_drive_here(build_network: Build) -> None:
    network = build_network(NODES, [(0, 1), (1, 2)], one_way=(1,))
    start, node, cost = network.reversed_adjacency()
    assert [node[start[i] : start[i + 1]].tolist() for i in range(3)] == [[1], [0], [1]]
    assert cost == pytest.approx([1000, 1000, 1000])


def test_without_ferries_keeps_nodes_and_leaves_the_original_alone(build_network: Build) -> None:
    network = build_network(NODES, [(0, 1), (1, 2)], ferries=(1,))
    road_only = network.without_ferries()
    assert (len(road_only.tail), road_only.node_count) == (1, 3)
    assert len(network.tail) == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ferry": np.array([True])}, r"ferry has shape \(1,\); expected \(2,\)"),
        ({"shapes": shapes(1.0, -1.0)}, "negative or no number"),
        ({"shapes": shapes(1.0, np.nan)}, "negative or no number"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    build_network: Build, change: dict[str, Any], message: str
) -> None:
    network = build_network(NODES, [(0, 1), (1, 2)])
    with pytest.raises(NetworkError, match=message):
        replace(network, **change)


def test_a_network_without_roads_is_refused(build_network: Build) -> None:
    network = build_network(NODES, [(0, 1)], ferries=(0,))
    with pytest.raises(NetworkError, match="by hand: holds no drivable road"):
        network.without_ferries()


def test_saved_and_loaded_is_the_same(build_network: Build, tmp_path: Path) -> None:
    network = replace(
        build_network(NODES, [(0, 1), (1, 2)], one_way=(1,)),
        notes=("æøå",),
        options=("a=1",),
        source_sha256="0" * 64,
    )
    loaded = RoadNetwork.load(network.save(tmp_path / "deep/roads.npz"))
    assert loaded.fingerprint() == network.fingerprint()
    assert (loaded.notes, loaded.options) == (("æøå",), ("a=1",))
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["roads.npz"]


@pytest.mark.parametrize("damage", ["cut", "rubbish", "pickle", "changed", "missing"])
def test_damaged_files_are_told(build_network: Build, tmp_path: Path, damage: str) -> None:
    path = build_network(NODES, [(0, 1), (1, 2)]).save(tmp_path / "roads.npz")
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif damage == "rubbish":
        path.write_bytes(b"rubbish")
    elif damage == "pickle":
        np.savez(path, words=np.array([{"a": 1}], dtype=object))
    elif damage == "changed":
        with np.load(path) as saved:
            arrays = dict(saved)
        arrays["shape_at_m"][-1] += 1.0
        np.savez(path, **arrays)
    else:
        path.unlink()
    with pytest.raises(NetworkError, match=r"roads\.npz: is .*[Bb]uild it again"):
        RoadNetwork.load(path)
