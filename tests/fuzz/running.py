"""Damaged files for every reader, in processes of their own with little memory and little time."""

import hashlib
import os
import random
import resource
import select
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fuzz.mutating import damage
from fuzz.readers import ALLOWED, Sample

PACKAGE: Final = "gpcoverage"
BATCH: Final = 40
LIMIT_S: Final = 20.0
"""Longest time for one small file; nearly all take a few milliseconds."""

LONGEST: Final = 50_000
"""Longest message, letters: all faults of a small file fit in."""

MEMORY: Final = 2 * 1024**3
"""Beyond what the process has when it begins, bytes."""


@dataclass
class Finding:
    """Something that came out: the file's name, the smallest such file, one message, how often."""

    name: str
    data: bytes
    message: str
    times: int = 0


@dataclass
class Findings:
    """What was tried and what came out that should not."""

    cases: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    slowest: str = ""
    found: dict[str, "Finding"] = field(default_factory=dict)

    def add(self, key: str, name: str, data: bytes, message: str = "") -> None:
        known = self.found.setdefault(key, Finding(name, data, message))
        known.times += 1
        known.data = min(known.data, data, key=len)


def run_batch(name: str, sample: Sample, seed: int, folder: Path, findings: Findings) -> None:
    """Try a batch of damaged files in a child; what ends the child is a finding as well."""
    path = folder / sample.name
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of others stay behind
        child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(ours)
            _work(name, sample, seed, path, theirs)
            status = 0
        finally:
            os._exit(status)
    os.close(theirs)
    began, told = time.monotonic(), b""
    while True:
        there, _, _ = select.select([ours], [], [], LIMIT_S)
        piece = os.read(ours, 65_536) if there else b""
        told += piece
        for _ in range(piece.count(b"\n")):
            took, began = time.monotonic() - began, time.monotonic()
            if took > findings.slowest_s and piece.count(b"\n") == 1:
                findings.slowest_s, findings.slowest = took, name
        if not piece:
            break
    if not there:
        os.kill(child, signal.SIGKILL)
    os.close(ours)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    lines = told.decode(errors="replace").splitlines()
    findings.cases += len(lines)
    findings.refused += lines.count("refused")
    for number, line in enumerate(lines):
        if line not in {"read", "refused"}:
            case = damaged(name, sample, seed, number)
            key, _, message = line.partition(" | ")
            findings.add(f"{name}: {key}", sample.name, case, message)
    if status != 0:
        ended = f"took over {LIMIT_S:g} s" if not there else f"ended the process ({status})"
        findings.add(f"{name}: {ended}", sample.name, damaged(name, sample, seed, len(lines)))


def damaged(name: str, sample: Sample, seed: int, number: int) -> bytes:
    chance = random.Random(f"{name}/{seed}/{number}")  # noqa: S311  no secrets here
    return damage(chance, sample.name, sample.data)


def _work(name: str, sample: Sample, seed: int, path: Path, tell: int) -> None:
    warnings.simplefilter("ignore")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    for number in range(BATCH):
        path.write_bytes(damaged(name, sample, seed, number))
        os.write(tell, f"{_outcome(sample.read, path)}\n".encode())


def _outcome(read: Callable[[Path], object], path: Path) -> str:
    try:
        read(path)
    except ALLOWED as error:
        told = str(error)
        return "refused" if 0 < len(told) < LONGEST else f"a message too long | {len(told)}"
    except BaseException as error:  # noqa: BLE001  that is what is looked for
        frames = [f for f in traceback.extract_tb(error.__traceback__) if PACKAGE in f.filename]
        at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "elsewhere"
        return f"{type(error).__name__} at {at} | {str(error)[:100]!r}".replace("\n", " ")
    return "read"


def fuzz(
    all_samples: dict[str, Sample], folder: Path, seconds: float, seed: int, *, only: str = ""
) -> Findings:
    """Go round all readers until the time is up."""
    findings, until, lap = Findings(), time.monotonic() + seconds, 0
    chosen = {name: sample for name, sample in all_samples.items() if name.startswith(only)}
    while time.monotonic() < until:
        for name, sample in chosen.items():
            place = folder / "case"
            place.mkdir(exist_ok=True)
            for beside in ("practices.csv", "homes.csv"):
                shutil.copy(folder / beside, place / beside)
            before = len(findings.found)
            run_batch(name, sample, seed + lap, place, findings)
            for key in list(findings.found)[before:]:
                sys.stderr.write(f"{key} {findings.found[key].message}\n")
            shutil.rmtree(place, ignore_errors=True)
            if time.monotonic() > until:
                break
        lap += 1
    return findings


def keep(findings: Findings, folder: Path) -> None:
    """Write the smallest file of each finding."""
    for key, finding in findings.found.items():
        place = folder / hashlib.sha256(key.encode()).hexdigest()[:8]
        place.mkdir(parents=True, exist_ok=True)
        (place / finding.name).write_bytes(finding.data)
        (place / "finding.txt").write_text(f"{key} {finding.message}\n", encoding="utf-8")
