"""Engines that read a file of their own: OSRM and Valhalla, told to find the shortest way, and osmnx."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.extract import Floats, Ints, write_roads
from benchmarks.job import Job, Told, answer, tell
from benchmarks.measuring import Taken, measure, scaled
from gpcoverage.units import CRS_METRES, to_degrees

CHUNK: Final = {"osrm": 1_000, "valhalla": 100}
VALHALLA_SAMPLE: Final = 500


def osrm(job: Job) -> Told:
    engine = import_module("osrm")
    share = Path(str(engine.__file__)).parent / "share/profiles"
    profile = share / "car_shortest_of_benchmark.lua"
    roads = write_roads(job.extract, job.scratch / "roads.osm.pbf")

    def read() -> Any:
        text = (share / "car.lua").read_text(encoding="utf-8")
        try:  # beside the files that it includes
            profile.write_text(text.replace("'routability',", "'distance',", 1), encoding="utf-8")
            for step in (["extract", "-p", str(profile), str(roads)], ["contract", str(job.scratch / "roads.osrm")]):  # fmt: skip
                command = [sys.executable, "-m", "osrm", *step]
                subprocess.run(command, check=True, capture_output=True)
        finally:
            profile.unlink(missing_ok=True)
        return engine.OSRM(
            storage_config=str(job.scratch / "roads.osrm"), algorithm="CH", use_shared_memory=False,
            max_locations_distance_table=10_000,
        )  # fmt: skip

    router, has_read = measure(read)
    homes, practices = degrees_of(job)

    def ask(some: list[tuple[float, float]]) -> Floats:
        wanted = engine.TableParameters(
            coordinates=[*some, *practices],
            sources=list(range(len(some))),
            destinations=list(range(len(some), len(some) + len(practices))),
            annotations=["distance"],
        )
        return np.array([list(row) for row in router.Table(wanted)["distances"]], dtype=float)

    return by_chunks(ask, homes, CHUNK["osrm"], has_read)


def valhalla(job: Job) -> Told:
    engine = import_module("valhalla")
    roads = write_roads(job.extract, job.scratch / "roads.osm.pbf")
    tiles, config = job.scratch / "tiles", job.scratch / "valhalla.json"

    def read() -> Any:
        tiles.mkdir()
        settings = engine.get_config(tile_extract="", tile_dir=tiles)
        settings["service_limits"]["max_distance_disable_hierarchy_culling"] = 1e9
        config.write_text(json.dumps(settings), encoding="utf-8")
        build = Path(str(engine.__file__)).parent / "bin/valhalla_build_tiles"
        subprocess.run([build, "-c", config, roads], check=True, capture_output=True)
        return engine.Actor(settings)

    router, has_read = measure(read)
    homes, practices = degrees_of(job)
    some_homes = np.random.default_rng(1).choice(len(homes), min(VALHALLA_SAMPLE, len(homes)), replace=False)  # fmt: skip

    def place(at: tuple[float, float]) -> dict[str, float]:
        return {"lon": at[0], "lat": at[1]}

    def ask(some: list[tuple[float, float]]) -> Floats:
        costing = {"auto": {"shortest": True, "disable_hierarchy_pruning": True}}
        told = router.matrix(
            {"sources": [*map(place, some)], "targets": [*map(place, practices)], "costing": "auto",
             "costing_options": costing, "units": "km"}
        )  # fmt: skip
        rows = told["sources_to_targets"]
        if isinstance(rows, dict):
            return np.array(rows["distances"], dtype=float) * 1_000
        return np.array([[cell["distance"] for cell in row] for row in rows], dtype=float) * 1_000

    told = by_chunks(ask, [homes[i] for i in some_homes], CHUNK["valhalla"], has_read)
    share = len(homes) / len(some_homes)
    nearest_m, second_m = np.full((2, len(homes)), np.nan)
    count = np.full(len(homes), -1)
    nearest_m[some_homes], second_m[some_homes] = told.nearest_m, told.second_m
    count[some_homes] = told.count
    return Told(nearest_m, second_m, count, told.read, told.snap, scaled(told.search, share))


def osmnx_recipe(job: Job) -> Told:
    """Do what most do with osmnx: network type drive, simplified, nearest junction, networkx."""
    ox, nx = import_module("osmnx"), import_module("networkx")
    without = re.findall(r'\["(\w+)"!~"([^"]+)"\]', ox._overpass._get_network_filter("drive"))

    def is_driven(tags: Any) -> bool:
        refused = any(re.search(pattern, tags.get(key, "")) for key, pattern in without)
        return "highway" in tags and not refused

    roads = write_roads(job.extract, job.scratch / "drive.osm", is_driven)
    graph, has_read = measure(lambda: ox.project_graph(ox.graph_from_xml(roads), to_crs=CRS_METRES))

    def snap() -> tuple[Ints, Ints]:
        home, practice = (ox.nearest_nodes(graph, *place) for place in (job.homes, job.practices))
        return home, practice

    (home, practice), snapped = measure(snap)

    def search() -> tuple[Floats, Floats, Ints]:
        turned = graph.reverse(copy=False)
        columns = []
        for node in practice:
            reached = nx.single_source_dijkstra_path_length(turned, node, weight="length")
            columns.append([reached.get(at, np.inf) for at in home])
        return answer(np.array(columns).T)

    told, searched = measure(search)
    return tell(told, has_read, snapped, searched)


def degrees_of(job: Job) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    homes, practices = (
        list(zip(*(values.tolist() for values in to_degrees(*place)), strict=True))
        for place in (job.homes, job.practices)
    )
    return homes, practices


def by_chunks(
    ask: Callable[[list[tuple[float, float]]], Floats],
    homes: list[tuple[float, float]],
    chunk: int,
    has_read: Taken,
) -> Told:
    """Ask for a table, some homes at a time; snapping is part of the search."""

    def search() -> tuple[Floats, Floats, Ints]:
        parts = [ask(homes[at : at + chunk]) for at in range(0, len(homes), chunk)]
        return answer(np.concatenate(parts))

    told, searched = measure(search)
    return tell(told, has_read, Taken(0.0, 0.0, 0.0), searched)
