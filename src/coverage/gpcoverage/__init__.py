"""Who can choose between two open general practices within the limit, and what a closure changes.

Read a study, compute, show:

>>> from gpcoverage import compute_choice, load_study, write_choice
>>> choice = compute_choice(load_study("data/midtjylland.toml"))  # doctest: +SKIP
>>> write_choice(choice, "out/midtjylland")  # doctest: +SKIP
"""

from gpcoverage.analysis.choice import Choice, compute_choice
from gpcoverage.analysis.distance import DistanceTable, compute_distances
from gpcoverage.errors import GpCoverageError
from gpcoverage.inputs.study import Study, load_study
from gpcoverage.network import load_network
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.outputs.figures import distance_shares
from gpcoverage.outputs.maps import choice_map
from gpcoverage.outputs.results import write_choice

__all__ = [
    "Choice",
    "DistanceTable",
    "GpCoverageError",
    "RoadNetwork",
    "Study",
    "choice_map",
    "compute_choice",
    "compute_distances",
    "distance_shares",
    "load_network",
    "load_study",
    "write_choice",
]
