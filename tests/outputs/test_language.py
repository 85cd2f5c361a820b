"""The language that is written: every sentence has its English, and nothing Danish is left."""

import ast
import importlib
import string
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import gpcoverage
from gpcoverage.outputs import explorer_texts, language, numerals
from gpcoverage.outputs.language import say, say_all, speaking, spoken

ENGLISH = language._english()
SOURCE = Path(str(resources.files(gpcoverage)))


def modules(*, every: bool = False) -> Iterator[tuple[ModuleType, ast.Module]]:
    for path in sorted((SOURCE / "outputs").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if every or "outputs.language import" in text:
            yield importlib.import_module(f"gpcoverage.outputs.{path.stem}"), ast.parse(text)


def value_of(module: ModuleType, node: ast.expr) -> Any:
    """Give what a constant of a module, or of one that it imports, stands for."""
    if isinstance(node, ast.Name):
        return getattr(module, node.id)
    if isinstance(node, ast.Attribute):
        return getattr(value_of(module, node.value), node.attr)
    msg = f"{module.__name__}:{node.lineno}: {ast.unparse(node)} is no constant"
    raise AssertionError(msg)


def said_by(module: ModuleType, argument: ast.expr) -> list[str]:
    """Give every Danish text that an argument of ``say`` or ``say_all`` can stand for."""
    said: Any
    if isinstance(argument, ast.IfExp):
        return said_by(module, argument.body) + said_by(module, argument.orelse)
    if isinstance(argument, ast.Constant):
        said = argument.value
    elif isinstance(argument, ast.Subscript):
        said = value_of(module, argument.value)
        if isinstance(argument.slice, ast.Constant):  # else any of the table
            said = said[argument.slice.value]
    else:
        said = value_of(module, argument)
    return list(said.values()) if isinstance(said, Mapping) else [said]


def calls() -> Iterator[tuple[ModuleType, ast.Call]]:
    for module, tree in modules():
        for node in ast.walk(tree) if module is not language else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"say", "say_all"}:
                yield module, node


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def forms(english: str | dict[str, str]) -> list[str]:
    return [english] if isinstance(english, str) else list(english.values())


def test_every_sentence_has_its_english_and_no_english_is_idle() -> None:
    said = {text for module, call in calls() for text in said_by(module, call.args[0])}
    assert said - ENGLISH.keys() == set()
    assert ENGLISH.keys() - said == set()


def test_no_danish_stands_in_the_code_without_its_english() -> None:
    for module, tree in modules(every=True):
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_danish = id(node) not in docstrings and set("æøåÆØÅ") & set(node.value)
                assert not is_danish or node.value in ENGLISH, f"{module.__name__}:{node.lineno}"


def test_values_are_the_same_in_both_languages() -> None:
    for danish, english in ENGLISH.items():
        assert isinstance(english, str) or english.keys() == {"one", "other"}, danish
        for form in forms(english):
            assert names_in(form) == names_in(danish), danish


def test_every_value_is_given() -> None:
    for module, call in calls():
        given = {keyword.arg for keyword in call.keywords} - {"count"}
        for text in said_by(module, call.args[0]):
            filled_in_the_page = module is explorer_texts and not given
            assert names_in(text) <= given or filled_in_the_page, f"{module.__name__}:{call.lineno}"
            if isinstance(call.args[0], ast.Constant):  # else others of the table may need it
                assert given <= names_in(text), f"{module.__name__}:{call.lineno}"


def test_a_language_holds_inside_and_leaves_nothing_behind() -> None:
    assert (spoken(), say("Kommune")) == ("da", "Kommune")
    with speaking("en"):
        assert (spoken(), say("Kommune")) == ("en", "Municipality")
        with speaking("da"):
            assert say("Kommune") == "Kommune"
        assert say_all({"name": "Kommune"}) == {"name": "Municipality"}
    with pytest.raises(ZeroDivisionError, match="division"), speaking("en"):
        1 / 0  # noqa: B018
    assert spoken() == "da"


def test_one_and_several() -> None:
    counts = (0.0, 0.6, 1.0, 1.4, 2.0, float("nan"))
    with speaking("en"):
        told = [say("praksis", count=count) for count in counts]
    assert told == ["practices", "practice", "practice", "practice", "practices", "practices"]
    assert {say("praksis", count=count) for count in counts} == {"praksis"}


def test_what_has_no_english_is_not_said() -> None:
    assert say("Ukendt sætning") == "Ukendt sætning"
    with speaking("en"), pytest.raises(KeyError, match="Ukendt sætning"):
        say("Ukendt sætning")


@pytest.mark.parametrize(
    ("danish", "english"),
    [
        (lambda: numerals.number(-1234.56, 2), ("-1.234,56", "-1,234.56")),
        (lambda: numerals.number(float("nan")), ("..", "..")),
        (lambda: numerals.or_unknown(1.5), ("1,5", "1.5")),
        (lambda: numerals.or_unknown(float("nan")), ("ukendt", "unknown")),
        (lambda: numerals.share(934, 1000), ("93,4 %", "93.4%")),
        (lambda: numerals.share(1, 1_000_000), ("under 0,1 %", "under 0.1%")),
        (lambda: numerals.share(999_999, 1_000_000), ("over 99,9 %", "over 99.9%")),
        (lambda: numerals.km(7_500), ("7,5 km", "7.5 km")),
        (lambda: numerals.extra_km(1_234_567), ("1.234,6 km", "1,234.6 km")),
        (lambda: numerals.stated_day("2026-11-01"), ("01.11.2026", "1 November 2026")),
        (lambda: numerals.stated_day("2024-06"), ("06.2024", "June 2024")),
        (lambda: numerals.stated_day("2024"), ("2024", "2024")),
        (lambda: numerals.stated_day(""), ("", "")),
    ],
)
def test_numbers_and_days(danish: Any, english: tuple[str, str]) -> None:
    write = danish
    assert write() == english[0]
    with speaking("en"):
        assert write() == english[1]
