"""Roads, places on them, and the shortest ways between."""

from gpcoverage.errors import NetworkError
from gpcoverage.inputs.study import RoadSource
from gpcoverage.network import osm, terrain
from gpcoverage.network.roads import RoadNetwork


def load_network(roads: RoadSource) -> RoadNetwork:
    """Build the road network that a study asks for.

    Parameters
    ----------
    roads
        Kind, files and the ferry policy.

    Returns
    -------
    RoadNetwork
        Without ferries where the policy is ``exclude``.

    Raises
    ------
    SchemaError, NetworkError
        If a file cannot be read as what it should be.
    """
    if roads.kind == "terrain" and roads.cells and roads.crossings:
        network = terrain.from_cells(roads.cells, roads.crossings)
    elif roads.kind == "osm" and roads.file and roads.file.suffix == ".npz":
        network = osm.load_built(roads.file)
    elif roads.kind == "osm" and roads.file:
        network = osm.from_pbf(roads.file)
    else:
        msg = f"roads of kind {roads.kind} lack their files. Give cells and crossings, or file."
        raise NetworkError(msg)
    return network.without_ferries() if roads.ferries == "exclude" else network
