"""What is in the package that is installed: the code and its assets, and nothing else."""

import email
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

MB = 1_000_000
NEEDED = 77
"""The first setuptools that reads the licence as pyproject.toml states it."""


def project(root: Path) -> dict[str, object]:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["project"])


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        there = version("setuptools")
    except PackageNotFoundError:
        pytest.skip("setuptools is not installed, so no wheel can be built")
    if int(there.split(".")[0]) < NEEDED:
        pytest.skip(f"setuptools {there} is too old to build the wheel, {NEEDED} is needed")
    folder = tmp_path_factory.mktemp("wheel")
    # A copy: building writes beside the source, and what an earlier build left there would get in.
    copy = folder / "source"
    (copy / "src").mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (copy / name).write_bytes((root / name).read_bytes())
    package = root / "src/coverage/gpcoverage"
    for path in package.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            target = copy / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    built = subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "-w", str(folder), str(copy)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_top_level_is_the_package_alone(root: Path, names: list[str]) -> None:
    told = project(root)
    assert {name.split("/")[0] for name in names} == {
        "gpcoverage",
        f"gpcoverage-{told['version']}.dist-info",
    }


def test_holds_every_file_of_the_package_and_no_other(root: Path, names: list[str]) -> None:
    package = root / "src/coverage/gpcoverage"
    expected = {
        path.relative_to(package.parent).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "gpcoverage/py.typed" in expected
    assert sum("/assets/" in name for name in expected) >= 2
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_tests_data_and_notebooks_stay_out(names: list[str]) -> None:
    inside = {name.split("/")[1] for name in names if name.count("/") > 1}
    assert not inside & {"tests", "data", "geo", "notebooks", "docs"}
    assert not [name for name in names if name.endswith((".csv", ".gz", ".geojson", ".ipynb"))]


def test_metadata_tell_version_and_licence(root: Path, wheel: Path) -> None:
    told = project(root)
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"gpcoverage-{told['version']}.dist-info/METADATA").decode()
    metadata = email.message_from_string(text)
    assert metadata["Name"] == "gpcoverage"
    assert metadata["Version"] == told["version"]
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == told["requires-python"]


def test_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < MB
