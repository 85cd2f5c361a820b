"""The command line as an analyst meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gpcoverage.analysis.retirement import RETIREMENT_AGE
from gpcoverage.cli import app

TABLES = (
    "municipalities.csv",
    "divisions.csv",
    "designations.csv",
    "settlements.csv",
    "villages.csv",
    "settlement_corrections.csv",
)
"""Tables of ``data/`` that a study names beside its practices."""


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gpcoverage", *arguments],
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
    for name in (*TABLES, "rules.toml"):
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


def test_data_are_reviewed_from_any_folder(root: Path, tmp_path: Path) -> None:
    told = run("data", str(root / "data/midtjylland.toml"), cwd=tmp_path)
    assert told.returncode == 0
    assert "note: no reference figures were given" in told.stdout
    assert (tmp_path / "out/midtjylland-data/data.html").is_file()


def test_missing_study_is_told(tmp_path: Path) -> None:
    done = run("choice", "nowhere.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert "nowhere.toml: is not a study file" in done.stderr


@pytest.mark.country
def test_ledger_writes_five_files_and_ranks(root: Path, tmp_path: Path) -> None:
    done = run("ledger", "data/midtjylland.toml", "--out", str(tmp_path / "out"), cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
    names = {"map.html", "ledger.csv", "pairs.csv", "ledger.svg", "summary.json"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    summary = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    assert summary["ledger"]["retirement_age"] == RETIREMENT_AGE  # the command's own default
    ranked = [row["name"] for row in summary["ledger"]["most_critical"]]
    places = [done.stdout.index(name) for name in ranked]
    assert len(places) == 10
    assert places == sorted(places)
    assert "partly modelled" in done.stdout
    again = run("ledger", "--out", str(tmp_path / "again"), "--retirement-age", "70", cwd=root)
    assert again.returncode == 0
    assert "Age 70" in again.stdout
    assert (tmp_path / "again/pairs.csv").read_bytes() == (tmp_path / "out/pairs.csv").read_bytes()
    assert CliRunner().invoke(app, ["ledger", "--retirement-age", "7"]).exit_code == 2


@pytest.mark.country
def test_all_counts_only_if_asked_for(root: Path, tmp_path: Path) -> None:
    for command in (("choice", "--out"), ("close", "Rønde", "--out"), ("ledger", "--out")):
        told = {}
        for name, more in (("others", ()), ("own", ("--all-counts",))):
            done = run(*command, str(tmp_path / name), *more, cwd=root)
            assert (done.returncode, done.stderr) == (0, "")
            told[name] = done.stdout.replace(str(tmp_path / name), "")
        assert told["others"] == told["own"]  # the terminal is the analyst's own
        for name, smallest, lists in (("others", 5, False), ("own", None, True)):
            text = (tmp_path / name / "summary.json").read_text(encoding="utf-8")
            expected = {"smallest": smallest, "single_doctors_lists": lists}
            assert json.loads(text)["disclosure"] == expected
            page = (tmp_path / name / "map.html").read_text(encoding="utf-8")
            assert ("To prikker (..)" in page) is not lists


VILLAGE = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
  <node id="1" version="1" lat="56.2600" lon="8.3000"/>
  <node id="2" version="1" lat="56.2600" lon="8.3300"/>
  <node id="3" version="1" lat="56.2600" lon="8.3600"/>
  <node id="4" version="1" lat="56.2605" lon="8.3010"><tag k="addr:housenumber" v="1"/></node>
  <node id="5" version="1" lat="56.2595" lon="8.3590"><tag k="addr:housenumber" v="2"/></node>
  <way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
    <tag k="highway" v="tertiary"/></way>
</osm>
"""
PRACTICES = """id;name;open;doctors;lat;lon
A;Lægerne A;ja;2;56.2600;8.3020
B;Lægerne B;nej;1;56.2600;8.3500
"""


@pytest.fixture
def village(tmp_path: Path) -> Path:
    (tmp_path / "village.osm").write_text(VILLAGE, encoding="utf-8")
    (tmp_path / "practices.csv").write_text(PRACTICES, encoding="utf-8")
    return tmp_path


def distances(root: Path, village: Path, roads: str, *more: str) -> list[str]:
    out = village / "distances.csv"
    done = run(
        "distances", "--roads", str(village / roads), "--practices", str(village / "practices.csv"),
        "--homes", str(village / "village.osm"), "--out", str(out), *more, cwd=root,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 of 2 rows used" in done.stdout
    assert "too few addresses" not in done.stdout  # of all Denmark: nobody asked
    return out.read_text(encoding="utf-8-sig").splitlines()


def test_distances_of_the_nearest(root: Path, village: Path) -> None:
    rows = distances(root, village, "village.osm", "--compare")
    assert rows[0].startswith("home_id;practice_id;rank;distance_m;access_m;egress_m;within_limit;")
    assert [row.split(";")[:3] for row in rows[1:]] == [
        ["n4", "A", "1"], ["n4", "B", "2"], ["n5", "B", "1"], ["n5", "A", "2"],
    ]  # fmt: skip
    assert [row.split(";")[7] for row in rows[1:]] == ["ja", "nej", "nej", "ja"]
    # Half a thousandth of a degree north is 56 m, a thousandth east 62 m.
    first = [float(part.replace(",", ".")) for part in rows[1].split(";")[3:5]]
    assert first == pytest.approx([118, 55.7], abs=1.0)


def test_distances_within(root: Path, village: Path) -> None:
    rows = distances(root, village, "village.osm", "--all-within", "1")
    assert [row.split(";")[:3] for row in rows[1:]] == [["n4", "A", "1"], ["n5", "B", "1"]]
    rows = distances(root, village, "village.osm", "--all-within", "0.1")
    assert [row.split(";")[8] for row in rows[1:]] == [
        "no practice within the distance asked for"
    ] * 2


def test_a_built_network_gives_the_same_and_notices_a_changed_source(
    root: Path, village: Path
) -> None:
    plain = distances(root, village, "village.osm")
    built = run("network", "build", str(village / "village.osm"), "--out", str(village / "roads.npz"), cwd=root)  # fmt: skip
    assert (built.returncode, built.stderr) == (0, "")
    assert "tertiary" in built.stdout
    assert distances(root, village, "roads.npz") == plain
    info = run("network", "info", str(village / "roads.npz"), cwd=root)
    assert info.returncode == 0
    assert "Built from village.osm, sha256" in info.stdout
    assert "village.osm has not changed since." in info.stdout
    (village / "village.osm").write_text(VILLAGE + "<!-- newer -->", encoding="utf-8")
    info = run("network", "info", str(village / "roads.npz"), cwd=root)
    assert info.returncode == 1
    assert "village.osm has changed since it was built. Build it again." in info.stderr


@pytest.mark.parametrize("bounds", ["8,56,9", "9,56,8,57", "a,b,c,d"])
def test_bounds_that_are_none(village: Path, bounds: str) -> None:
    arguments = ["network", "build", str(village / "village.osm"), "--out", str(village / "r.npz")]
    result = CliRunner().invoke(app, [*arguments, "--bounds", bounds])
    assert result.exit_code == 2
    assert not (village / "r.npz").exists()


def test_names_in_brackets_and_practices_off_the_roads(root: Path, village: Path) -> None:
    far = "C;Langt væk [/b];ja;1;56.3200;8.3000\n"
    (village / "practices.csv").write_text(PRACTICES + far, encoding="utf-8")
    study = (root / "data/bornholm.toml").read_text(encoding="utf-8")
    for name in (*TABLES, "rules.toml"):
        study = study.replace(f'"{name}"', f'"{root}/data/{name}"')
    study = study.replace("../geo", str(root / "geo")).replace(
        "raw/bornholm.osm.pbf", "village.osm"
    )
    study = study.replace("0400", "0661").replace('name = "Bornholm"', 'name = "Byen [/b] [x]"')
    (village / "study.toml").write_text(study, encoding="utf-8")
    done = run("choice", "study.toml", cwd=village)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Byen [/b] [x]" in done.stdout
    assert "1 practices of the area count for nobody: farther from any road" in done.stdout
    assert "village.osm: too few addresses for 59,096 people of the area." in done.stdout
    summary = json.loads((village / "out/study/summary.json").read_text(encoding="utf-8"))
    assert list(summary["practices_off_road"]) == ["C"]
