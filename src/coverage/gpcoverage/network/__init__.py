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
        Kind and files.

    Returns
    -------
    RoadNetwork
        Ferries included and marked; what they count for is decided where it is used.

    Raises
    ------
    SchemaError, NetworkError
        If a file cannot be read as what it should be.
    """
    if roads.kind == "terrain" and roads.cells and roads.crossings:
        return terrain.from_cells(roads.cells, roads.crossings)
    if roads.kind == "osm" and roads.file and roads.file.suffix == ".npz":
        return osm.load_built(roads.file)
    if roads.kind == "osm" and roads.file:
        return osm.from_pbf(roads.file)
    msg = f"roads of kind {roads.kind} lack their files. Give cells and crossings, or file."
    raise NetworkError(msg)
