"""What all benchmarks share: clocks, memory, child processes, tables."""

import importlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, NamedTuple

NOT_INSTALLED: Final = "not installed"
MIB: Final = 2**20
STATUS: Final = Path("/proc/self/status")
RESET: Final = Path("/proc/self/clear_refs")


class Taken(NamedTuple):
    """What one run took. Less CPU than wall times threads: others were using the machine."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def peer(name: str) -> Any | None:
    """Import a peer; None if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def peak_mb() -> float:
    """Most memory that the process has held, since the last reset where Linux can reset it."""
    if STATUS.is_file():
        lines = STATUS.read_text(encoding="ascii").splitlines()
        found = next((line for line in lines if line.startswith("VmHWM")), None)
        if found:
            return float(found.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def reset_peak() -> None:
    if RESET.exists():
        RESET.write_text("5", encoding="ascii")


def measure(run: Callable[[], Any]) -> tuple[Any, Taken]:
    """Run once."""
    reset_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    result = run()
    taken = Taken(time.perf_counter() - wall, time.process_time() - cpu, peak_mb())
    return result, taken


def middle(runs: Iterable[Taken]) -> Taken:
    """Take the median of the times and the most memory of several runs."""
    wall_s, cpu_s, mb = zip(*runs, strict=True)
    return Taken(statistics.median(wall_s), statistics.median(cpu_s), max(mb))


def child(module: str, *args: object, python: str = sys.executable) -> dict[str, Any]:
    """Run a benchmark module in a process of its own and read the JSON that it prints."""
    done = subprocess.run(
        [python, "-m", module, *map(str, args)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        return {"failed": f"failed: {last[0][-90:]}"}
    # Compiled peers print as well, some without ending the line.
    told: dict[str, Any] = json.JSONDecoder().raw_decode(done.stdout[done.stdout.rindex("{") :])[0]
    return told


def scaled(taken: Taken, factor: float) -> Taken:
    """Extrapolate from a sample; memory stays."""
    return Taken(taken.wall_s * factor, taken.cpu_s * factor, taken.peak_mb)


class Bench:
    """Named runs, in the order they are first made, each with everything that it took."""

    def __init__(self) -> None:
        self.taken: dict[str, list[Taken]] = {}

    def run(self, name: str, what: Callable[[], Any], factor: float = 1.0) -> Any:
        """Run once; ``factor`` is how many times as much all would be."""
        result, taken = measure(what)
        self.taken.setdefault(name, []).append(scaled(taken, factor))
        print(f"  {name}: {taken.wall_s:.2f} s, load {load()}", file=sys.stderr, flush=True)
        return result

    def table(self, base: str = "") -> None:
        """Print the medians, and how many times as much as ``base`` each took."""
        head = ["what", "runs", "median s", "range s", "CPU s", "peak MB"]
        own = middle(self.taken[base]) if base else Taken(1.0, 1.0, 1.0)
        lines = []
        for name, runs in self.taken.items():
            mid = middle(runs)
            low, high = min(r.wall_s for r in runs), max(r.wall_s for r in runs)
            times = [f"{mid.wall_s / own.wall_s:.1f}", f"{mid.cpu_s / own.cpu_s:.1f}"]
            line = [name, len(runs), f"{mid.wall_s:.2f}", f"{low:.2f} to {high:.2f}", f"{mid.cpu_s:.2f}", f"{mid.peak_mb:,.0f}"]  # fmt: skip
            lines.append([*line, *times] if base else line)
        table([*head, f"s / {base}", "CPU / the same"] if base else head, lines)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a Markdown table."""
    texts = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    texts.insert(1, ["-" * width for width in widths])
    for row in texts:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("|", " | ".join(cells), "|")
    print(flush=True)


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def machine(*packages: str) -> str:
    """Describe the machine and the versions used."""
    found = []
    for name in packages:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} {NOT_INSTALLED}")
    python = f"Python {platform.python_version()}"
    return ", ".join([f"{os.cpu_count()} cores", f"load {load()}", python, *found])
