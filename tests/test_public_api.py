"""The public face: what it is, that it stays so, and that it is told."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import build_api
import pytest

import gpcoverage
from gpcoverage import public

GOLDEN = Path(__file__).with_name("golden_public_api.txt")
UPDATE = (
    "The public face has changed. If that is meant: is it breaking (a name, parameter or default "
    "gone or changed, a new parameter without a default)? Then it comes first in CHANGELOG.md and "
    "the version's first number goes up. Run make api, which writes docs/api.md and this golden."
)


def members() -> Iterator[tuple[str, Any]]:
    """Public functions, methods and properties; classes stand for themselves."""
    for name in public.__all__:
        thing = getattr(gpcoverage, name)
        yield name, thing
        if inspect.isclass(thing):
            yield from ((f"{name}.{label}", member) for label, member in build_api._members(thing))


FUNCTIONS: dict[str, Any] = {
    name: member.fget if isinstance(member, property) else member
    for name, member in members()
    if not inspect.isclass(member)
}


def test_the_face_is_frozen() -> None:
    assert build_api.golden() == GOLDEN.read_text("utf-8"), UPDATE


def test_the_page_is_up_to_date() -> None:
    assert build_api.page() == build_api.PAGE.read_text("utf-8"), "Run make api."


def test_names_are_sorted_and_there() -> None:
    assert list(public.__all__) == sorted(set(public.__all__))
    assert all(hasattr(gpcoverage, name) for name in public.__all__)


@pytest.mark.parametrize("name", public.__all__)
def test_everything_has_a_docstring(name: str) -> None:
    doc = inspect.getdoc(getattr(gpcoverage, name)) or ""
    assert doc.split("\n", 1)[0].endswith(".")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_fully_typed(name: str) -> None:
    signature = inspect.signature(FUNCTIONS[name])
    untyped = [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.annotation is parameter.empty and parameter.name not in {"self", "cls"}
    ]
    assert untyped == []
    assert signature.return_annotation is not signature.empty


def raised(function: Any) -> set[str]:
    """Errors that a function raises itself, by name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc]
    return {ast.unparse(call.func if isinstance(call, ast.Call) else call) for call in calls}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "." not in name])
def test_functions_document_what_comes_in_and_out(name: str) -> None:
    function = FUNCTIONS[name]
    doc = inspect.getdoc(function) or ""
    sections = re.findall(r"^(\w+)\n-{3,}$", doc, re.MULTILINE)
    assert {"Parameters", "Returns"} <= set(sections)
    told = doc.partition("Parameters\n")[2].partition("Returns\n")[0]
    headings = re.findall(r"^\w[\w, ]*$", told, re.MULTILINE)
    named = {part for heading in headings for part in heading.split(", ")}
    assert set(inspect.signature(function).parameters) <= named


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_document_what_they_raise(name: str) -> None:
    errors = raised(FUNCTIONS[name])
    told = (inspect.getdoc(FUNCTIONS[name]) or "").partition("Raises\n------\n")[2]
    assert {error for error in errors if error not in told} == set()
