"""All engines on one island: time, memory, and whether they agree.

Run it from ``tests`` with ``python -m benchmarks.bornholm [FILE.osm.pbf]``. Every engine runs in a
process of its own; engines take turns.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.engines import ENGINES
from benchmarks.extract import Floats, addresses, parse_extract
from benchmarks.measuring import NOT_INSTALLED, Taken, child, load, machine, middle, table
from gpcoverage.units import to_metres

STEPS: Final = ("read", "snap", "search")
PRACTICES: Final = 20
FAR_M: Final = 100.0
"""Nearer than this a share of the distance says little: the peers round to decimetres or metres."""

ROUND_M: Final = 0.05
"""OSRM answers in whole decimetres: so much of a difference says nothing."""

OFF_M: Final = (1.0, 50.0)
ONCE: Final = frozenset({"Valhalla", "ours at nodes"})
"""Slow, or only there to compare answers with."""

PACKAGES: Final = ("numpy", "scipy", "numba", "osmium", "networkx", "osmnx", "igraph", "networkit", "pandana", "osrm-bindings", "pyvalhalla")  # fmt: skip


def write_job(extract: Path, folder: Path) -> Path:
    """Put the practices at random addresses, seeded; two of them at the same one."""
    # To a millionth of a degree, 0.1 m, which is what the routers keep of a place.
    x, y = to_metres(*(np.round(values, 6) for values in addresses(extract)))
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
    """Say how far two engines differ, in the nearest distance and in the count."""
    one: Floats = mine["nearest"]
    other: Floats = theirs["nearest"]
    apart = np.abs(one - other)
    told, counted = np.isfinite(other), theirs["count"] >= 0
    far = told & (one >= FAR_M)
    share = np.maximum(apart[far] - ROUND_M, 0.0) / one[far]
    return [
        *(f"{value:.3%}" for value in (*np.quantile(share, [0.5, 0.95]), share.max())),
        *(f"{(apart[told] > metres).mean():.2%}" for metres in OFF_M),
        f"{(mine['count'] == theirs['count'])[counted].mean():.2%}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--engines", nargs="*", default=list(ENGINES), choices=list(ENGINES))
    options = parse_extract(parser)
    extract = options.extract
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
    mine, at_nodes = answers.get("ours"), answers.get("ours at nodes")
    head = ["p50", "p95", "most", *(f"off > {metres:g} m" for metres in OFF_M), "same count"]
    for question, own in (("nearest / ours", mine), ("homes moved to nodes", at_nodes)):
        told = [(name, answers.get(name)) for name in options.engines]
        rows = [[name, *agreement(own, theirs)] for name, theirs in told if own and theirs]
        table([question, *head], rows)
    print(f"load {load()}")


def report(
    runs: dict[str, list[dict[str, Taken]]], remarks: dict[str, str], engines: list[str]
) -> None:
    """Print what everything took, and how many times as much as ours."""
    own: dict[str, Taken] = {}
    rows = []
    for name in ["ours", *(name for name in engines if name != "ours")]:
        if name not in runs:
            rows.append([name, remarks.get(name, NOT_INSTALLED), *[""] * 7])
            continue
        took = {step: middle(run[step] for run in runs[name]) for step in (*STEPS, "all")}
        own = own or took
        times = [
            sum(took[step][clock] for step in steps) / sum(own[step][clock] for step in steps)
            for steps, clock in ((STEPS[1:], 0), (STEPS[1:], 1), (STEPS, 0))
        ]
        seconds = (f"{took[step].wall_s:.3f}" for step in STEPS)
        cpu_s = f"{sum(took[step].cpu_s for step in STEPS[1:]):.3f}"
        mb = f"{took['all'].peak_mb:,.0f}"
        rows.append([name, *seconds, cpu_s, *(f"{value:.1f}" for value in times), mb])
    ratios = ("snap and search / ours", "CPU", "all / ours")
    table(["engine", "read s", "snap s", "search s", "snap and search CPU s", *ratios, "MB above start"], rows)  # fmt: skip


if __name__ == "__main__":
    main()
