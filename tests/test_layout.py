"""The repository as a whole: places, dependencies, hashes."""

import csv
import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CONDA_NAMES = {"osmium": "pyosmium", "playwright": "playwright-python"}


def dependencies(root: Path) -> dict[str, str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    return dict(line.split(">=") for line in wanted)


def test_source_root_is_no_package(root: Path) -> None:
    assert not (root / "src/coverage/__init__.py").exists()
    assert (root / "src/coverage/gpcoverage/py.typed").exists()
    where = "import coverage, numba; print(coverage.__file__)"
    printed = subprocess.run(
        [sys.executable, "-c", where], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert root / "src" not in Path(printed.strip()).parents


def test_top_level(root: Path) -> None:
    for name in ("notebooks", "geo", "data", "src/coverage", "tests"):
        assert (root / name).is_dir(), name
    for name in ("environment.yml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"):
        assert (root / name).is_file(), name


def test_conda_and_pip_want_the_same(root: Path) -> None:
    lines = (root / "environment.yml").read_text(encoding="utf-8").splitlines()
    conda = dict(
        line.strip(" -").split(">=") for line in lines if ">=" in line and "- python>=" not in line
    )
    expected = {CONDA_NAMES.get(name, name): floor for name, floor in dependencies(root).items()}
    assert conda == expected
    assert "coverage" in conda


def test_constraints_pin_every_dependency_and_name_no_address(root: Path) -> None:
    text = (root / "constraints.txt").read_text(encoding="utf-8")
    pinned = {
        re.sub(r"[-_.]+", "-", name).lower()
        for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
    }
    assert set(dependencies(root)) <= pinned
    assert not re.search(r"://|@|--", text.split("\n", 1)[1])


@pytest.mark.parametrize("folder", ["data", "geo"])
def test_readme_tells_every_file_and_its_hash(root: Path, folder: str) -> None:
    readme = (root / folder / "README.md").read_text(encoding="utf-8")
    rows = {}
    for line in readme.splitlines():
        cells = [cell.strip(" `") for cell in line.strip().strip("|").split("|")]
        if re.fullmatch(r"[0-9a-f]{64}", cells[-1]):
            rows[cells[0]] = cells[-1]
    files = {
        path.relative_to(root / folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (root / folder).rglob("*")
        if path.suffix in {".csv", ".gz", ".geojson", ".gpkg", ".pbf", ".toml"}
        and path.relative_to(root / folder).parts[0] not in {"raw", "cache"}
    }
    assert rows == files


def test_tables_are_plain_csv(root: Path) -> None:
    for path in (root / "data").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert len({len(row) for row in rows}) == 1, path.name
