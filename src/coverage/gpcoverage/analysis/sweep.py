"""Many scenarios of one study, one row each: here, or on a cluster with the same result."""

from collections.abc import Iterable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from gpcoverage.analysis.choice import compute_choice
from gpcoverage.analysis.closure import MOVES, Comparison, compare
from gpcoverage.analysis.rerun import Baseline, prepare_rerun
from gpcoverage.errors import SchemaError
from gpcoverage.inputs.scenario import Scenario
from gpcoverage.inputs.study import Study
from gpcoverage.network.roads import RoadNetwork

if TYPE_CHECKING:
    from distributed import Client

FIGURES: Final = (
    *(f"{move}{kind}" for move in MOVES for kind in ("", "_certain", "_uncertain")),
    *(f"extra_{which}_{name}" for which in ("nearest", "second") for name in ("median_m", "p90_m")),
    "patients",
    "patients_far",
    "free_places",
)

ATTEMPTS: Final = 3
"""So often a cluster may lose every copy of the baseline before it is given up."""


def sweep(
    study: Study,
    scenarios: Iterable[Scenario],
    client: "Client | None" = None,
    *,
    network: RoadNetwork | None = None,
) -> pd.DataFrame:
    """Compare many scenarios with the study they change.

    Parameters
    ----------
    study
        What is there before any of them.
    scenarios
        Practices by id or name. Names may be missing or alike.
    client
        A ``dask.distributed`` client whose workers have this version of the package; by default
        everything runs here, one after the other. The result does not depend on it, nor on workers
        that are lost on the way.
    network
        The roads; built from the study's road source by default.

    Returns
    -------
    DataFrame
        One row per scenario in the order given; the index, ``position``, counts them from 0.
        ``name``; people by move (such as ``choice_to_one``) and, of these, ``…_certain`` and
        ``…_uncertain``; ``extra_nearest_median_m``, ``extra_nearest_p90_m`` and the same of
        ``second``, NaN if nobody drives farther; ``patients``, ``patients_far`` and
        ``free_places`` as ``patients``, ``far`` and ``free_places`` of ``ClosedLists``. ``fault``
        says why a scenario cannot be put on top of the study, and then all figures are NaN; it is
        empty where it can.

    Raises
    ------
    SchemaError, NetworkError
        If the roads cannot be built.
    DataIntegrityError
        If people are lost between homes and totals.

    Examples
    --------
    >>> from gpcoverage import load_study
    >>> from gpcoverage.inputs.scenario import Close, Scenario
    >>> study = load_study("data/midtjylland.toml")  # doctest: +SKIP
    >>> each = [Scenario(i, (Close(i),)) for i in study.practices.index]  # doctest: +SKIP
    >>> sweep(study, each).nlargest(10, "one_to_none")  # doctest: +SKIP
    """
    asked = list(scenarios)
    baseline = prepare_rerun(compute_choice(study, network))
    if client is None:
        rows = [_answer(scenario, baseline) for scenario in asked]
    else:
        rows = _answer_on_cluster(asked, baseline, client)
    position = pd.RangeIndex(len(rows), name="position")
    table = pd.DataFrame(rows, position, columns=["name", *FIGURES, "fault"])
    return table.astype({"name": str, **dict.fromkeys(FIGURES, float), "fault": str})


def _answer(scenario: Scenario, baseline: Baseline) -> dict[str, Any]:
    """Give one row; its figures are left out if the scenario is at fault."""
    try:
        after = baseline.choice.study.under(scenario)
    except SchemaError as error:
        return {"name": scenario.name, "fault": str(error)}
    return {"name": scenario.name, **_figures(compare(baseline, after)), "fault": ""}


def _figures(comparison: Comparison) -> dict[str, float]:
    people, extra, lists = comparison.people, comparison.extra, comparison.lists
    figures: dict[str, float] = {}
    for move in MOVES:
        figures[move] = people(move)
        figures[f"{move}_certain"] = people(move, certain=True)
        figures[f"{move}_uncertain"] = people(move, certain=False)
    for which in ("nearest", "second"):
        for name in ("median_m", "p90_m"):
            figures[f"extra_{which}_{name}"] = float(extra.loc[which, name])
    return figures | {
        "patients": lists.patients,
        "patients_far": lists.far,
        "free_places": lists.free_places,
    }


def _answer_on_cluster(
    scenarios: list[Scenario], baseline: Baseline, client: "Client", attempts: int = ATTEMPTS
) -> list[dict[str, Any]]:
    """Give the rows, one task each.

    The cluster itself repeats the tasks of a lost worker. What it cannot make again is the
    baseline: if all workers that hold it are lost, so are all rows, and everything is sent anew.
    """
    shared = client.scatter(baseline, broadcast=True, hash=False)
    # Not pure: equal scenarios are tasks of their own, and so are those of another attempt.
    tasks = client.map(_answer, scenarios, baseline=shared, pure=False)
    try:
        rows: list[dict[str, Any]] = client.gather(tasks)
    except CancelledError:
        if attempts == 1:
            raise
        return _answer_on_cluster(scenarios, baseline, client, attempts - 1)
    except BaseException:
        client.cancel(tasks)  # they would go on for a notebook that was interrupted
        raise
    return rows
