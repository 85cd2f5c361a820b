"""What ``from gpcoverage import …`` gives."""

from typing import TYPE_CHECKING

from gpcoverage.analysis.choice import Choice, compute_choice
from gpcoverage.analysis.closure import Comparison, compare
from gpcoverage.analysis.distance import DistanceTable, compute_distances
from gpcoverage.analysis.ledger import Ledger, compute_ledger, critical_pairs
from gpcoverage.analysis.rerun import Baseline, prepare_rerun
from gpcoverage.errors import GpCoverageError
from gpcoverage.inputs.scenario import Scenario
from gpcoverage.inputs.scenario_file import find_scenario, read_scenario, write_scenario
from gpcoverage.inputs.study import Study
from gpcoverage.inputs.study_file import load_study
from gpcoverage.network import load_network
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.outputs.closure import closure_map, write_closure
from gpcoverage.outputs.figures import closure_figure, distance_shares, ledger_figure
from gpcoverage.outputs.language import speaking
from gpcoverage.outputs.ledger import ledger_map, write_ledger
from gpcoverage.outputs.maps import choice_map
from gpcoverage.outputs.report import write_report
from gpcoverage.outputs.results import write_choice

if TYPE_CHECKING:
    from gpcoverage.outputs.panel import open_panel

__all__ = [
    "Baseline",
    "Choice",
    "Comparison",
    "DistanceTable",
    "GpCoverageError",
    "Ledger",
    "RoadNetwork",
    "Scenario",
    "Study",
    "choice_map",
    "closure_figure",
    "closure_map",
    "compare",
    "compute_choice",
    "compute_distances",
    "compute_ledger",
    "critical_pairs",
    "distance_shares",
    "find_scenario",
    "ledger_figure",
    "ledger_map",
    "load_network",
    "load_study",
    "open_panel",
    "prepare_rerun",
    "read_scenario",
    "speaking",
    "write_choice",
    "write_closure",
    "write_ledger",
    "write_report",
    "write_scenario",
]

if not TYPE_CHECKING:  # a type checker would take any name for there

    def __getattr__(name: str) -> object:
        """Load the panel when it is asked for: only notebooks have a use for widgets."""
        if name == "open_panel":
            from gpcoverage.outputs.panel import open_panel  # noqa: PLC0415

            return open_panel
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
