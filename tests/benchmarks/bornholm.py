"""All engines on one island: time, memory, and whether they agree.

Run it from ``tests`` with ``python -m benchmarks.bornholm FILE.osm.pbf``. Every engine runs in a
process of its own; engines take turns.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.engines import ENGINES
from benchmarks.extract import Floats, addresses
from benchmarks.measuring import NOT_INSTALLED, Taken, child, machine, middle, table
from gpcoverage.units import to_metres

STEPS: Final = ("read", "snap", "search")
PRACTICES: Final = 20
NEAR_M: Final = 1.0
ONCE: Final = frozenset({"Valhalla", "ours at nodes"})
"""Slow, or only there to compare answers with."""

PACKAGES: Final = ("numpy", "scipy", "numba", "osmium", "networkx", "igraph", "networkit", "pandana", "osrm-bindings", "pyvalhalla")  # fmt: skip


def write_job(extract: Path, folder: Path) -> Path:
    """Put the practices at random addresses, seeded; two of them at the same one."""
    x, y = to_metres(*addresses(extract))
    pick = np.random.default_rng(1).choice(len(x), PRACTICES, replace=False)
    pick[-1] = pick[0]
    job = folder / "job.npz"
    np.savez(job, home_x=x, home_y=y, practice_x=x[pick], practice_y=y[pick])
    return job


def told_by(folder: Path, name: str) -> dict[str, Any] | None:
    path = folder / name.replace(" ", "_") / "told.npz"
    if not path.exists():
        return None
    with np.load(path) as saved:
        return dict(saved)


def agreement(mine: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Say for what share of the homes two engines give the same."""

    def same(name: str) -> str:
        one: Floats = mine[name]
        other: Floats = theirs[name]
        asked = other >= 0 if name == "count" else np.isfinite(other)
        near = np.abs(one - other)[asked] <= (0 if name == "count" else NEAR_M)
        return f"{near.mean():.2%}" if asked.any() else "-"

    return [same("nearest"), same("second"), same("count")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("extract", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), choices=list(ENGINES))
    options = parser.parse_args()
    extract = options.extract.resolve()
    print(machine(*PACKAGES), "\n")
    runs: dict[str, list[dict[str, Taken]]] = {}
    remarks: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        job = write_job(extract, folder)
        for turn in range(options.runs):
            for name in ["ours at nodes", *options.engines]:
                if name in remarks or (turn and name in ONCE):
                    continue
                took = child("benchmarks.engines", name, job, extract)
                if "failed" in took or not took:
                    remarks[name] = took.get("failed", NOT_INSTALLED)
                    continue
                steps = {step: Taken(*took[step]) for step in STEPS}
                above = max(taken.peak_mb for taken in steps.values()) - took["start_mb"]
                steps["all"] = Taken(0.0, 0.0, max(0.0, above))
                runs.setdefault(name, []).append(steps)
        answers = {name: told_by(folder, name) for name in runs}
    report(runs, remarks, options.engines)
    mine, at_nodes = answers.get("ours"), answers["ours at nodes"]
    rows = []
    for name in options.engines:
        theirs = answers.get(name)
        if theirs is not None and mine is not None and at_nodes is not None:
            rows.append([name, *agreement(mine, theirs), *agreement(at_nodes, theirs)])
    kinds = ("nearest", "second", "count")
    table(["same as ours", *kinds, *(f"{kind}, homes moved to nodes" for kind in kinds)], rows)


def report(
    runs: dict[str, list[dict[str, Taken]]], remarks: dict[str, str], engines: list[str]
) -> None:
    """Print what everything took, and how many times as long as ours."""
    mine = (
        {step: middle(run[step] for run in runs["ours"]) for step in STEPS}
        if "ours" in runs
        else {}
    )
    rows = []
    for name in engines:
        if name not in runs:
            rows.append([name, remarks.get(name, NOT_INSTALLED), "", "", "", "", ""])
            continue
        took = {step: middle(run[step] for run in runs[name]) for step in STEPS}
        total, own = (sum(t.wall_s for t in steps.values()) for steps in (took, mine))
        answer, own_answer = (
            sum(steps[step].wall_s for step in ("snap", "search")) if steps else 0.0
            for steps in (took, mine)
        )
        rows.append(
            [
                name,
                *(f"{took[step].wall_s:.3f}" for step in STEPS),
                f"{total / own:.1f}" if own else "",
                f"{answer / own_answer:.1f}" if own_answer else "",
                f"{middle(run['all'] for run in runs[name]).peak_mb:,.0f}",
            ]
        )
    table(["engine", "read s", "snap s", "search s", "all / ours", "snap and search / ours", "MB above start"], rows)  # fmt: skip


if __name__ == "__main__":
    main()
