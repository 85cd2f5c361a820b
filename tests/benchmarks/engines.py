"""The engines side by side: the same homes and practices, each engine in its own way.

An engine is a function of the job that tells the nearest, second nearest and count within the
limit, and what reading, snapping and searching took. Distances are along the road without the
straight legs.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.extract import Floats, Graph, Ints, Place, node_graph, write_our_roads
from benchmarks.measuring import Taken, measure
from gpcoverage.network import osm
from gpcoverage.network.search import prepare_search
from gpcoverage.network.snapping import Snaps, index_edges, snap_points
from gpcoverage.units import to_degrees

LIMIT_M: Final = 15_000.0
CHUNK: Final = {"osrm": 1_000, "valhalla": 100}
VALHALLA_SAMPLE: Final = 500
PEERS: Final = frozenset(
    {"networkx", "igraph", "networkit", "pandana", "pandas", "osrm", "valhalla"}
)
"""May be missing."""


@dataclass(frozen=True)
class Job:
    """What is asked.

    Attributes
    ----------
    extract, scratch
        The roads, and a folder to work in.
    homes, practices
        Easting and northing, metres.
    """

    extract: Path
    scratch: Path
    homes: Place
    practices: Place


@dataclass(frozen=True)
class Told:
    """What an engine answers.

    Attributes
    ----------
    nearest_m, second_m
        ``float64 (homes)``; NaN where it did not say.
    count
        ``int64 (homes)``: practices within the limit; -1 where it did not say.
    read, snap, search
        What each step took.
    """

    nearest_m: Floats
    second_m: Floats
    count: Ints
    read: Taken
    snap: Taken
    search: Taken


Engine = Callable[[Job], Told]


def answer(metres: Floats) -> tuple[Floats, Floats, Ints]:
    """Take the answers from a full table, (homes, practices)."""
    two = np.partition(metres, 1, axis=1)[:, :2]
    return two[:, 0], two[:, 1], (metres <= LIMIT_M).sum(axis=1)


def tell(told: tuple[Floats, Floats, Ints], read: Taken, snap: Taken, search: Taken) -> Told:
    nearest_m, second_m, count = told
    return Told(nearest_m, second_m, count, read, snap, search)


def ours(job: Job) -> Told:
    network, read = measure(lambda: osm.from_pbf(job.extract).without_ferries())

    def snap() -> tuple[Snaps, Snaps]:
        index = index_edges(network)
        return snap_points(index, *job.homes), snap_points(index, *job.practices)

    (homes, practices), snapped = measure(snap)

    def search() -> tuple[Floats, Floats, Ints]:
        ready = prepare_search(network, homes, practices)
        found = ready.within(np.full(len(homes.edge), LIMIT_M))
        _, metres = ready.nearest(2, np.ones(len(practices.edge), dtype=bool))
        return metres[:, 0], metres[:, 1], np.diff(found.start)

    _, searched = measure(search)
    # The answers to be compared are without the straight legs, which no peer knows.
    homes = replace(homes, leg_m=homes.leg_m * 0)
    practices = replace(practices, leg_m=practices.leg_m * 0)
    return tell(search(), read, snapped, searched)


def ours_at_nodes(job: Job) -> Told:
    """Give our engine the nodes to which the peers move homes and practices."""
    (x, y), _ = node_graph(job.extract)
    tree = cKDTree(np.column_stack([x, y]))
    home, practice = (tree.query(np.column_stack(place))[1] for place in (job.homes, job.practices))
    return ours(replace(job, homes=(x[home], y[home]), practices=(x[practice], y[practice])))


def on_nodes(job: Job, prepare: Callable[[int, Graph], Any], search: Callable[..., Floats]) -> Told:
    """Let a library search from each practice on the reversed graph, to the homes' nodes."""

    def read() -> tuple[Place, Any]:
        nodes, graph = node_graph(job.extract)
        return nodes, prepare(len(nodes[0]), graph)

    ((x, y), graph), has_read = measure(read)

    def snap() -> tuple[Ints, Ints]:
        tree = cKDTree(np.column_stack([x, y]))
        places = (job.homes, job.practices)
        home, practice = (tree.query(np.column_stack(place))[1] for place in places)
        return home, practice

    (home, practice), snapped = measure(snap)
    told, searched = measure(lambda: answer(search(graph, home, practice)))
    return tell(told, has_read, snapped, searched)


def reversed_csr(nodes: int, graph: Graph) -> csr_array:
    tail, head, metres = graph
    return csr_array((metres, (head, tail)), shape=(nodes, nodes))


def scipy(job: Job) -> Told:
    def search(matrix: Any, home: Ints, practice: Ints) -> Floats:
        return np.asarray(dijkstra(matrix, indices=practice)[:, home].T)

    return on_nodes(job, reversed_csr, search)


def scipy_limit(job: Job) -> Told:
    def search(matrix: Any, home: Ints, practice: Ints) -> Floats:
        return np.asarray(dijkstra(matrix, indices=practice, limit=LIMIT_M)[:, home].T)

    told = on_nodes(job, reversed_csr, search)
    known = (np.where(np.isfinite(m), m, np.nan) for m in (told.nearest_m, told.second_m))
    nearest_m, second_m = known
    return replace(told, nearest_m=nearest_m, second_m=second_m)


def networkx(job: Job) -> Told:
    nx = import_module("networkx")

    def prepare(nodes: int, graph: Graph) -> Any:
        tail, head, metres = (values.tolist() for values in graph)
        made = nx.DiGraph()
        made.add_nodes_from(range(nodes))
        made.add_weighted_edges_from(zip(head, tail, metres, strict=True))
        return made

    def search(graph: Any, home: Ints, practice: Ints) -> Floats:
        columns = []
        for node in practice.tolist():
            reached = nx.single_source_dijkstra_path_length(graph, node)
            columns.append([reached.get(at, np.inf) for at in home.tolist()])
        return np.array(columns).T

    return on_nodes(job, prepare, search)


def igraph(job: Job) -> Told:
    ig = import_module("igraph")

    def prepare(nodes: int, graph: Graph) -> Any:
        tail, head, metres = graph
        made = ig.Graph(n=nodes, edges=np.column_stack([tail, head]), directed=True)
        made.es["m"] = metres
        return made

    def search(graph: Any, home: Ints, practice: Ints) -> Floats:
        source, column = np.unique(practice, return_inverse=True)
        metres = graph.distances(source=source.tolist(), weights="m", mode="in")
        return np.array(metres)[column][:, home].T

    return on_nodes(job, prepare, search)


def networkit(job: Job) -> Told:
    nk = import_module("networkit")

    def prepare(nodes: int, graph: Graph) -> Any:
        tail, head, metres = graph
        return nk.GraphFromCoo((metres, (head, tail)), n=nodes, directed=True, weighted=True)

    def search(graph: Any, home: Ints, practice: Ints) -> Floats:
        columns = []
        for node in practice.tolist():
            run = nk.distance.Dijkstra(graph, node, storePaths=False)
            run.run()
            columns.append(np.asarray(run.getDistances(asarray=True))[home])
        return np.array(columns).T

    return on_nodes(job, prepare, search)


def pandana(job: Job) -> Told:
    pdna, pd = import_module("pandana"), import_module("pandas")

    def read() -> Any:
        (x, y), (tail, head, metres) = node_graph(job.extract)
        weights = pd.DataFrame({"m": metres})
        return pdna.Network(*map(pd.Series, (x, y, tail, head)), weights, twoway=False)

    net, has_read = measure(read)

    def snap() -> Any:
        net.set_pois(
            "practice", 10 * LIMIT_M, len(job.practices[0]), *map(pd.Series, job.practices)
        )
        return net.get_node_ids(*map(pd.Series, job.homes)).to_numpy()

    home, snapped = measure(snap)

    def search() -> tuple[Floats, Floats, Ints]:
        two = net.nearest_pois(10 * LIMIT_M, "practice", num_pois=2).loc[home].to_numpy()
        all_of_them = net.nearest_pois(LIMIT_M, "practice", num_pois=len(job.practices[0]))
        # It says the limit where there is none.
        return two[:, 0], two[:, 1], (all_of_them.loc[home].to_numpy() < LIMIT_M).sum(axis=1)

    told, searched = measure(search)
    return tell(told, has_read, snapped, searched)


def osrm(job: Job) -> Told:
    engine = import_module("osrm")
    share = Path(str(engine.__file__)).parent / "share/profiles"
    profile = share / "car_shortest_of_benchmark.lua"
    roads = write_our_roads(job.extract, job.scratch / "roads.osm.pbf")

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
    roads = write_our_roads(job.extract, job.scratch / "roads.osm.pbf")
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
    searched = Taken(told.search.wall_s * share, told.search.cpu_s * share, told.search.peak_mb)
    return Told(nearest_m, second_m, count, told.read, told.snap, searched)


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


ENGINES: Final[dict[str, Engine]] = {
    "ours": ours,
    "scipy": scipy,
    "scipy limit 15 km": scipy_limit,
    "pandana": pandana,
    "igraph": igraph,
    "networkit": networkit,
    "networkx": networkx,
    "OSRM CH": osrm,
    "Valhalla": valhalla,
}


def main() -> None:
    """Run one engine and write its answers: ``NAME JOB.npz EXTRACT``."""
    name, job_file, extract = sys.argv[1:]
    with np.load(job_file) as saved:
        arrays: dict[str, NDArray[Any]] = dict(saved)
    scratch = Path(job_file).parent / name.replace(" ", "_")
    scratch.mkdir(exist_ok=True)
    places = (arrays["home_x"], arrays["home_y"]), (arrays["practice_x"], arrays["practice_y"])
    job = Job(Path(extract), scratch, *places)
    run = ours_at_nodes if name == "ours at nodes" else ENGINES[name]
    ours(replace(job, homes=(job.homes[0][:9], job.homes[1][:9])))  # compiles, or reads its cache
    _, start = measure(lambda: None)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            told = run(job)
    except ImportError as error:
        if error.name not in PEERS:
            raise
        print(json.dumps({}))
        return
    np.savez(scratch / "told.npz", nearest=told.nearest_m, second=told.second_m, count=told.count)
    steps = {"read": told.read, "snap": told.snap, "search": told.search}
    print(json.dumps(steps | {"start_mb": start.peak_mb}))


if __name__ == "__main__":
    main()
