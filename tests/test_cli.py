"""The command line as an analyst meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gpcoverage.cli import app


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gpcoverage.cli", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"},
    )


@pytest.mark.country
def test_choice_writes_five_files(root: Path, tmp_path: Path) -> None:
    done = run("choice", "data/midtjylland.toml", "--out", str(tmp_path / "out"), cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
    names = {"map.html", "choice.csv", "municipalities.csv", "choice.gpkg", "summary.json"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    summary = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    assert summary["totals"]["population"] == 1_364_600
    assert "Ringkøbing-Skjern" in done.stdout
    assert "partly modelled" in done.stdout
    assert str(tmp_path / "out/map.html") in done.stdout


def test_bad_input_is_one_message_and_no_files(root: Path, tmp_path: Path) -> None:
    study = (root / "data/midtjylland.toml").read_text(encoding="utf-8")
    bad = tmp_path / "bad.csv"
    bad.write_text("id;name;open;lat;lon\n1;A;måske;56.3;8.6\n1;B;ja;8.6;56.3\n", encoding="utf-8")
    for name in ("municipalities.csv", "rules.toml"):
        study = study.replace(f'"{name}"', f'"{root}/data/{name}"')
    study = study.replace("../geo", str(root / "geo")).replace('"practices.csv"', '"bad.csv"')
    (tmp_path / "bad.toml").write_text(study, encoding="utf-8")
    done = run("choice", "bad.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for expected in ("bad.csv: 4 faults in 2 of 2 rows", 'row 2: "måske"', 'row 3: "1"', "each other's place"):  # fmt: skip
        assert expected in done.stderr
    assert not (tmp_path / "out").exists()


def test_check_lists_the_faults_of_every_file(root: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "page.csv").write_text("<!doctype html><html></html>", encoding="utf-8")
    done = run(
        "check", "data/practices.csv", "data/municipalities.csv", "geo/municipalities.geojson",
        "geo/cells.csv.gz", str(tmp_path / "empty.csv"), str(tmp_path / "page.csv"), cwd=root,
    )  # fmt: skip
    assert done.returncode == 1
    for expected in ("practices.csv: practices", "municipalities.csv: municipalities", "geojson: boundaries", "cells.csv.gz: homes"):  # fmt: skip
        assert expected in done.stdout
    assert "empty.csv: is empty" in done.stderr
    assert "page.csv: is a web page" in done.stderr


@pytest.mark.parametrize("arguments", [["choice", "--nonsense"], ["nonsense"]])
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_missing_study_is_told(tmp_path: Path) -> None:
    done = run("choice", "nowhere.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert "nowhere.toml: is not a study file" in done.stderr
