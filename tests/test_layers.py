"""Five floors and a ground: imports only go down, and never in a circle."""

import ast
from pathlib import Path

import pytest

FLOORS = ("ground", "inputs", "network", "analysis", "outputs", "cli")
"""From the lowest to the highest."""
GROUND = ("errors", "units", "files", "csvfile", "locking", "stopping")
TOP = ("cli", "public", "")
BESIDE = "sources"
"""Stands beside: sees inputs, network and ground; only the command line sees it."""


def package(root: Path) -> Path:
    return root / "src/coverage/gpcoverage"


def modules(root: Path) -> dict[str, Path]:
    """All modules by dotted name."""
    found = {}
    for path in sorted(package(root).rglob("*.py")):
        parts = path.relative_to(package(root).parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def floor_of(name: str) -> str:
    """On which floor a module is; the package's own ``__init__`` sees everything, as cli does."""
    parts = name.split(".")
    if len(parts) == 1 or parts[1].split("_")[0] in TOP:
        return "cli"
    return "ground" if parts[1] in GROUND else parts[1]


def imported(text: str, known: set[str]) -> set[str]:
    """Modules of the package that a text imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # What is imported may be a module, or a name in one.
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in known else str(node.module) for name in below}
    return {name for name in names if name.split(".")[0] == "gpcoverage"}


def may_see(above: str, below: str) -> bool:
    if above == BESIDE:
        return below in {BESIDE, "network", "inputs", "ground"}
    if below == BESIDE:
        return above == "cli"
    return FLOORS.index(below) <= FLOORS.index(above)


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Find a circle of imports; empty if there is none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph[name]):
            found = walk(other, [*path, name])
            if found:
                return found
        done.add(name)
        return []

    return next(filter(None, (walk(name, []) for name in sorted(graph))), [])


@pytest.fixture(scope="module")
def graph(root: Path) -> dict[str, set[str]]:
    found = modules(root)
    return {name: imported(path.read_text("utf-8"), set(found)) for name, path in found.items()}


def test_imports_only_go_down(graph: dict[str, set[str]]) -> None:
    up = [
        f"{name} ({floor_of(name)}) imports {other} ({floor_of(other)})"
        for name, others in graph.items()
        for other in sorted(others)
        if not may_see(floor_of(name), floor_of(other))
    ]
    assert up == []


def test_nothing_is_imported_in_a_circle(graph: dict[str, set[str]]) -> None:
    assert circle(graph) == []


def test_every_module_is_on_a_floor(graph: dict[str, set[str]]) -> None:
    assert {floor_of(name) for name in graph} == {*FLOORS, BESIDE}


def test_the_search_finds_what_is_wrong() -> None:
    known = {"gpcoverage.inputs", "gpcoverage.outputs.maps"}
    text = "def f():\n    from gpcoverage.outputs import maps, page\n    import gpcoverage.inputs\n"
    assert imported(text, known) == {*known, "gpcoverage.outputs"}
    assert not may_see("inputs", "outputs")
    assert not may_see("outputs", "sources")
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b"}, "b": set()}) == []
