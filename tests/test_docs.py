"""The documents say what is so: commands, options, links, make targets and files that they name."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import build_floors
import pytest
import typer.main

from gpcoverage.cli import app

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/coverage/gpcoverage"
GUIDES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [
    *GUIDES,
    ROOT / "CHANGELOG.md",
    *(ROOT / name / "README.md" for name in ("data", "geo", "notebooks", "tests/benchmarks")),
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
"""Commands that are told of before they are there; once they are, they are read like all others."""

tree: Any = typer.main.get_command(app)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(text: str) -> Iterator[str]:
    """Fenced blocks of shell; those of Python, TOML and plain text have a language."""
    for language, body in FENCE.findall(text):
        if language == "":
            yield body.replace("\\\n", " ")


def command_lines(text: str) -> list[str]:
    """What stands behind ``gpcoverage`` on every line of the shell."""
    lines = [line.split("&&") for block in blocks(text) for line in block.splitlines()]
    calls = [part.strip().replace(".venv\\Scripts\\", "") for parts in lines for part in parts]
    return [call.split(" #")[0].strip() for call in calls if call.startswith("gpcoverage ")]


def spans(text: str, word: str) -> list[str]:
    """Inline code that begins with a word."""
    return [span for span in CODE.findall(FENCE.sub("", text)) if span.split(" ")[0] == word]


def command_of(line: str) -> tuple[Any, list[str]]:
    """Find the command of a line in the tree, and what is left for it."""
    command, rest = tree, shlex.split(line)[1:]
    while hasattr(command, "commands"):
        assert rest, f"{line}: names no command"
        assert rest[0] in command.commands, f"{line}: there is no command {rest[0]}"
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


def parse(line: str) -> None:
    """Read a line as the command would, without running it."""
    command, rest = command_of(line)
    command.make_context("gpcoverage", rest)


TEXTS = {name_of(page): page.read_text("utf-8") for page in GUIDES}
LINES = sorted({line for text in TEXTS.values() for line in command_lines(text)})
SPANS = sorted({span for text in TEXTS.values() for span in spans(text, "gpcoverage")})


@pytest.mark.parametrize("line", LINES)
def test_a_command_line_can_be_read(line: str) -> None:
    parse(line)


@pytest.mark.parametrize("span", SPANS)
def test_a_command_that_is_named_is_there(span: str) -> None:
    words = shlex.split(span)
    group = tree.commands.get(words[1]) if len(words) > 1 else tree
    if len(words) == 1:
        return
    if hasattr(group, "commands") and len(words) == 2:
        return
    command, rest = command_of(span)
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in rest if word.startswith("--")} <= known


def test_the_reading_finds_what_is_wrong() -> None:
    for line, message in (
        ("gpcoverage choise", "no command choise"),
        ("gpcoverage close --stage", "requires an argument"),
        ("gpcoverage choice --al-counts", "No such option"),
        ("gpcoverage init", "Missing parameter: region"),
        ("gpcoverage ledger --retirement-age old", "valid integer"),
    ):
        with pytest.raises((AssertionError, Exception), match=message):
            parse(line)
    assert command_lines("```\na && gpcoverage choice # why\n```\n") == ["gpcoverage choice"]
    assert command_lines("```python\ngpcoverage choice\n```\n") == []
    assert called_targets("`make a b`, `make`\n```\nmake c-d X=1  # e\n```\n") == {"a", "b", "c-d"}
    assert anchors("# A b: c?\n## A b: c?\n") == {"a-b-c", "a-b-c-1"}


def commands(group: Any, path: str = "gpcoverage") -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def test_the_readme_names_every_command() -> None:
    table = (ROOT / "README.md").read_text("utf-8").partition("## All commands")[2]
    told = set(CODE.findall(table.partition("\n## ")[0]))
    fetched = {f"gpcoverage fetch {span}" for span in told if " " not in span}
    assert set(commands(tree)) - told - fetched == set()


def anchors(text: str) -> set[str]:
    """Anchors of headings as GitHub makes them."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-")
        found.add(plain if plain not in found else f"{plain}-1")
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            lost.append(link)
    assert lost == []


def make_targets() -> dict[str, str]:
    """Targets of the Makefile and what ``make help`` says of them."""
    text = (ROOT / "Makefile").read_text("utf-8")
    rules = re.findall(r"^([a-z][a-z-]*):(.*)$", text, re.MULTILINE)
    return {name: rest.partition("## ")[2] for name, rest in rules}


def called_targets(text: str) -> set[str]:
    """Targets behind ``make``, in inline code and at the start of lines of the shell."""
    calls = spans(text, "make")
    calls += [line for block in blocks(text) for line in block.splitlines()]
    words = [call.split("#")[0].split() for call in calls]
    return {
        word
        for first, *rest in filter(None, words)
        for word in rest
        if first == "make" and re.fullmatch(r"[a-z][a-z-]*", word)
    }


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_are_there(page: Path) -> None:
    assert called_targets(page.read_text("utf-8")) - set(make_targets()) == set()


def test_help_lists_every_target() -> None:
    targets = make_targets()
    assert [name for name, told in targets.items() if not told] == []
    text = (ROOT / "Makefile").read_text("utf-8")
    phony = set(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split())
    assert phony == set(targets)


def test_contributing_draws_every_module() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert build_floors.drawn(page) == page, "Run make api."
    floors = [name for name, _ in (*build_floors.FLOORS, build_floors.BESIDE)]
    listed = [module for floor in floors for module in build_floors.modules(floor)]
    there = [path.stem for path in PACKAGE.rglob("*.py") if path.stem != "__init__"]
    assert sorted(listed) == sorted(there)
    assert all(module in page for module in there)


FILE = re.compile(r"^[\w./-]+\.(?:py|toml|csv|md|js|txt|yml|yaml|json)$")


def test_contributing_names_files_that_exist() -> None:
    text = FENCE.sub("", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    named = {span for span in CODE.findall(text) if FILE.match(span)}
    assert len(named) > 60
    lost = {
        name
        for name in named
        if not any((place / name).exists() for place in (ROOT, PACKAGE, PACKAGE / "outputs"))
    }
    assert lost == set()


def test_citation_and_package_are_one_version() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    version = re.findall(r'^version = "(.*)"$', project, re.MULTILINE)
    cited = re.findall(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert version == cited
    assert f"\n## {version[0]}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_readme_is_short_and_its_picture_small() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 230
    (picture,) = (ROOT / "docs/pictures").glob("*.png")
    assert picture.stat().st_size <= 150_000
