"""Many scenarios: by hand, against one comparison after the other, and on a cluster that dies."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from coast import place
from gpcoverage import (
    Comparison,
    RoadNetwork,
    Scenario,
    Study,
    compare,
    compute_choice,
    compute_ledger,
    prepare_rerun,
)
from gpcoverage.analysis.closure import MOVES
from gpcoverage.analysis.sweep import ATTEMPTS, FIGURES, sweep
from gpcoverage.inputs.scenario import Close, Intake, Move, Open

if TYPE_CHECKING:
    from distributed import Client

Make = Callable[..., Study]

UNKNOWN = 1
"""Position of the scenario that is at fault."""

with_compiler = pytest.mark.skipif(
    os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="too slow with the compiler switched off"
)


SCENARIOS = (
    Scenario("to lukker", (Close("p1"), Close("p2"))),
    Scenario("ukendt", (Close("p1"), Close("Nowhere"))),
    Scenario(),
    Scenario("to lukker", (Close("Praksis 1"), Close("Praksis 2"))),
    Scenario("", (Open("ny", "Ny", *place(31)),)),
    Scenario("flytter", (Move("p2", *place(45)),)),
    Scenario("tager ikke flere", (Intake("p0", open=False),)),
    Scenario("ingen", (Close("p0"), Close("p1"), Close("p2"))),
)


@pytest.fixture
def study(make_study: Make) -> Study:
    homes = [(0, 10), (11.5, 20), (20, 40), (29, 80), (18.2, 160), (16.1, 320)]
    made: Study = make_study(homes, [(2, True), (11, True), (26, True)])
    return replace(made, practices=made.practices.assign(list_size=[3000.0, 3100.0, 3300.0]))


def figures(comparison: Comparison) -> dict[str, float]:
    row: dict[str, float] = {}
    for move in MOVES:
        row[move] = comparison.people(move)
        row[f"{move}_certain"] = comparison.people(move, certain=True)
        row[f"{move}_uncertain"] = comparison.people(move, certain=False)
    nearest, second = comparison.extra.loc["nearest"], comparison.extra.loc["second"]
    return {
        **row,
        "extra_nearest_median_m": nearest["median_m"],
        "extra_nearest_p90_m": nearest["p90_m"],
        "extra_second_median_m": second["median_m"],
        "extra_second_p90_m": second["p90_m"],
        "patients": comparison.lists.patients,
        "patients_far": comparison.lists.far,
        "free_places": comparison.lists.free_places,
    }


def test_by_hand(study: Study, coast_road: RoadNetwork) -> None:
    """Only p0 at 2 km is left; the limit is 15 km, surely within are 13.6 km."""
    row = sweep(study, SCENARIOS[:1], network=coast_road).loc[0]
    moves = row[list(MOVES)]
    assert moves[moves > 0].to_dict() == {
        "choice_to_one": 350,
        "one_to_none": 80,
        "choice_to_none": 200,
    }
    assert (row["choice_to_one_certain"], row["choice_to_one_uncertain"]) == (30, 320)
    assert (row["choice_to_none_certain"], row["choice_to_none_uncertain"]) == (40, 160)
    assert row[["extra_nearest_median_m", "extra_nearest_p90_m"]].tolist() == pytest.approx(
        [9_000, 24_000], abs=0.01
    )
    assert row[["extra_second_median_m", "extra_second_p90_m"]].isna().all()
    assert row[["patients", "patients_far", "free_places"]].tolist() == [6_400, 280, 200]


def test_equals_one_comparison_after_the_other(study: Study, coast_road: RoadNetwork) -> None:
    baseline = prepare_rerun(compute_choice(study, coast_road))
    swept = sweep(study, iter(SCENARIOS), network=coast_road)
    assert swept.columns.tolist() == ["name", *FIGURES, "fault"]
    assert swept["name"].tolist() == [scenario.name for scenario in SCENARIOS]
    for position, scenario in enumerate(SCENARIOS):
        if position != UNKNOWN:
            expected = figures(compare(baseline, study.under(scenario)))
            assert list(expected) == list(FIGURES)
            row = swept.loc[position, list(FIGURES)].astype(float)
            pd.testing.assert_series_equal(
                row, pd.Series(expected), check_exact=True, check_names=False
            )


def test_scenario_at_fault_keeps_its_row(study: Study, coast_road: RoadNetwork) -> None:
    swept = sweep(study, SCENARIOS, network=coast_road)
    fault = swept.loc[UNKNOWN]
    assert fault["name"] == "ukendt"
    assert "'Nowhere' is no practice of this study" in fault["fault"]
    assert fault[list(FIGURES)].isna().all()
    assert (swept["fault"].drop(UNKNOWN) == "").all()
    assert swept[list(MOVES)].drop(UNKNOWN).notna().all(axis=None)


def test_each_row_by_position_alone(study: Study, coast_road: RoadNetwork) -> None:
    practices = study.practices.copy()
    swept = sweep(study, SCENARIOS, network=coast_road)
    assert swept.index.equals(pd.RangeIndex(len(SCENARIOS), name="position"))
    backwards = sweep(study, reversed(SCENARIOS), network=coast_road)
    pd.testing.assert_frame_equal(backwards[::-1].set_axis(swept.index), swept, check_exact=True)
    unnamed = [column for column in swept if column != "name"]
    assert swept.loc[0, unnamed].equals(swept.loc[3, unnamed])
    pd.testing.assert_frame_equal(study.practices, practices)


def test_on_top_of_changes_already_made(study: Study, coast_road: RoadNetwork) -> None:
    swept = sweep(study.close("p1"), [Scenario("", (Close("p2"),))], network=coast_road)
    assert swept.loc[0, ["choice_to_one", "patients"]].tolist() == [340, 3_300]


def test_no_scenario(study: Study, coast_road: RoadNetwork) -> None:
    some, none = (sweep(study, SCENARIOS[:n], network=coast_road) for n in (1, 0))
    pd.testing.assert_frame_equal(none, some[:0])


def test_here_nothing_of_dask_is_imported() -> None:
    command = "import sys, gpcoverage.analysis.sweep; sys.exit('distributed' in sys.modules)"
    subprocess.run([sys.executable, "-c", command], check=True)


@with_compiler
def test_agrees_with_the_ledger(midtjylland: Study, terrain_network: RoadNetwork) -> None:
    ledger = compute_ledger(compute_choice(midtjylland, terrain_network)).practices
    ids = ledger.index[:10]
    swept = sweep(midtjylland, [Scenario(i, (Close(i),)) for i in ids], network=terrain_network)
    loses_last = swept["one_to_none"] + swept["choice_to_none"]
    assert loses_last.to_numpy() == pytest.approx(ledger.loc[ids, "loses_last"].to_numpy())
    assert swept["patients_far"].to_numpy() == pytest.approx(
        ledger.loc[ids, "patients_far"].to_numpy()
    )


# On a cluster.


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Client]":
    """Two workers on this machine, each a process that is started again if it dies."""
    distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            local_directory=str(tmp_path_factory.mktemp("workers")),
            silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster, timeout="60s") as made,
    ):
        yield made


class Deadly:
    """A client one of whose tasks kills workers, its own last, the first time that it runs."""

    def __init__(self, client: "Client", deadly: int, victims: list[int], diary: Path) -> None:
        self.client, self.deadly, self.victims, self.diary = client, deadly, victims, diary

    def scatter(self, *given: Any, **options: Any) -> Any:
        return self.client.scatter(*given, **options)

    def gather(self, tasks: list[Any]) -> Any:
        return self.client.gather(tasks)

    def cancel(self, tasks: list[Any]) -> None:
        self.client.cancel(tasks)

    def map(self, function: Callable[..., Any], given: list[Scenario], **options: Any) -> Any:
        victims, diary, deadly = self.victims, self.diary, self.deadly

        def run(scenario: Scenario, position: int, **rest: Any) -> Any:
            own = os.getpid()
            with diary.open("a") as lines:
                lines.write(f"{position}\n")
            if position == deadly and diary.read_text().split().count(str(deadly)) == 1:
                for pid in [*(v for v in victims if v != own), own]:
                    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            return function(scenario, **rest)

        return self.client.map(run, given, range(len(given)), **options)


def test_cluster_gives_the_same(client: "Client", study: Study, coast_road: RoadNetwork) -> None:
    here = sweep(study, SCENARIOS, network=coast_road)
    there = sweep(study, SCENARIOS, client, network=coast_road)
    pd.testing.assert_frame_equal(there, here, check_exact=True)
    none = sweep(study, [], client, network=coast_road)
    pd.testing.assert_frame_equal(none, here[:0])


@with_compiler
def test_cluster_gives_the_same_for_a_region(
    client: "Client", midtjylland: Study, terrain_network: RoadNetwork
) -> None:
    ids = midtjylland.practices.index
    scenarios = [
        *(Scenario(i, (Close(i),)) for i in ids[:400:50]),
        Scenario("to", (Close(ids[0]), Close(ids[1]))),
        Scenario("ny", (Open("ny", "Ny", 56.2, 9.5),)),
        Scenario("flytter", (Move("0706-roende-1", 56.35, 10.4),)),
    ]
    here = sweep(midtjylland, scenarios, network=terrain_network)
    there = sweep(midtjylland, scenarios, client, network=terrain_network)
    assert (here["fault"] == "").all()
    pd.testing.assert_frame_equal(there, here, check_exact=True)


@pytest.mark.parametrize("both", [False, True], ids=["one worker", "both workers"])
def test_worker_killed_half_way(
    client: "Client", study: Study, coast_road: RoadNetwork, tmp_path: Path, *, both: bool
) -> None:
    client.wait_for_workers(2, timeout=60)
    scenarios = SCENARIOS * 3
    here = sweep(study, scenarios, network=coast_road)
    before = set(client.run(os.getpid).values())
    diary = tmp_path / "diary"
    dying: Any = Deadly(client, len(scenarios) // 2, list(before) if both else [], diary)
    there = sweep(study, scenarios, dying, network=coast_road)
    pd.testing.assert_frame_equal(there, here, check_exact=True)

    runs = pd.Series(diary.read_text().split()).astype(int).value_counts()
    assert set(runs.index) == set(range(len(scenarios)))
    assert runs[len(scenarios) // 2] >= 2  # it was killed, and done again
    client.wait_for_workers(2, timeout=60)
    assert len(before & set(client.run(os.getpid).values())) == (0 if both else 1)


def test_bug_on_a_worker_is_told(client: "Client", study: Study, coast_road: RoadNetwork) -> None:
    wrong: Any = Scenario("", (Close(3),))  # type: ignore[arg-type]
    for where in (None, client):
        with pytest.raises(AttributeError, match="'int' object has no attribute 'strip'"):
            sweep(study, [SCENARIOS[0], wrong], where, network=coast_road)


class Forgetful:
    """A client whose cluster always loses what it was sent."""

    def __init__(self) -> None:
        self.sent = 0

    def scatter(self, *_given: Any, **_options: Any) -> None:
        self.sent += 1

    def map(self, *_given: Any, **_options: Any) -> list[Any]:
        return []

    def gather(self, _tasks: list[Any]) -> None:
        msg = "lost dependencies"
        raise CancelledError(msg)


def test_cluster_that_loses_all_every_time_is_given_up(
    study: Study, coast_road: RoadNetwork
) -> None:
    forgetful: Any = Forgetful()
    with pytest.raises(CancelledError, match="lost dependencies"):
        sweep(study, SCENARIOS, forgetful, network=coast_road)
    assert forgetful.sent == ATTEMPTS
