"""The commands around the plan's instruments, from a shell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def run(root: Path, *words: str) -> str:
    command = [sys.executable, "-m", "gpcoverage", *words]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    ("words", "said", "files"),
    [
        (["areas"], "11 af 19 kommuner", {"map.html", "areas.csv", "summary.json"}),
        (
            ["site", "--clinics", "2"],
            "Of 127 towns of the area; the answer is proven best",
            {"map.html", "siting.csv", "summary.json", "scenario.toml"},
        ),
        (
            ["close", "0707-anholt-1"],
            "nearest: 0 people drive farther; 130 have none left.",
            {"map.html", "homes.csv", "summary.json"},
        ),
        (["plan"], "20.000.000 kr.", {"map.html", "projects.csv", "goals.csv", "summary.json"}),
    ],
)
def test_a_command_writes_what_it_says(
    root: Path, tmp_path: Path, words: list[str], said: str, files: set[str]
) -> None:
    told = run(root, *words, "--out", str(tmp_path))
    assert said in told
    assert files <= {path.name for path in tmp_path.iterdir()}
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["study"]["name"] == "Region Midtjylland"


def test_a_study_without_a_criterion_is_told(root: Path) -> None:
    command = [sys.executable, "-m", "gpcoverage", "areas", "data/bornholm.toml"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
