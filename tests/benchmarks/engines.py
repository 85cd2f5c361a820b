"""The engines side by side: the same homes and practices, each engine in its own way.

An engine is a function of the job that tells the nearest, second nearest and count within the
limit, and what reading, snapping and searching took. Distances are along the road without the
straight legs.
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.extract import Floats, Graph, Ints, node_graph
from benchmarks.job import LIMIT_M, Engine, Job, Told, answer, tell
from benchmarks.measuring import measure
from benchmarks.routers import osmnx_recipe, osrm, valhalla
from gpcoverage.network import osm
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.network.search import prepare_search
from gpcoverage.network.snapping import EdgeIndex, Snaps, index_edges, snap_points

PEERS: Final = frozenset(
    {"networkx", "igraph", "networkit", "pandana", "pandas", "osmnx", "osrm", "valhalla"}
)
"""May be missing."""


def ours(job: Job) -> Told:
    def read_roads() -> tuple[RoadNetwork, EdgeIndex]:
        """Make all that does not depend on homes and practices, as the routers do."""
        made = osm.from_pbf(job.extract).without_ferries()
        return made, index_edges(made)

    (network, index), read = measure(read_roads)

    def snap() -> tuple[Snaps, Snaps]:
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

    def read() -> tuple[cKDTree, Any]:
        nodes, graph = node_graph(job.extract)
        return cKDTree(np.column_stack(nodes)), prepare(len(nodes[0]), graph)

    (tree, graph), has_read = measure(read)

    def snap() -> tuple[Ints, Ints]:
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
    "osmnx recipe": osmnx_recipe,
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
