"""Draw the floors of the package into CONTRIBUTING.md, every module on its own. ``make api`` runs it."""

import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/coverage/gpcoverage"
PAGE = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- floors: made by make api -->\n", "<!-- end of floors -->\n"
WIDTH = 96
GLUE = "\u2060"
"""Keeps a dot on the line of the name before it."""

FLOORS = (
    ("cli", "one command per workflow"),
    ("outputs", "what is written, and what may be told: maps, tables, sentences"),
    ("analysis", "the questions: who can choose, what a closure changes, where a clinic should be"),
    ("network", "roads as arrays, and searches on them"),
    ("inputs", "files in, checked tables and a study out"),
    ("ground", "errors, units, how files are written"),
)
BESIDE = (
    "sources",
    "stands beside: fetches and checks official data; the only part that uses the internet",
)

TOP = ("cli", "public", "")
"""How the modules of the top floor are called: the commands, the public face, ``__main__``."""


def modules(floor: str) -> list[str]:
    """List the modules of a floor by name."""
    paths = PACKAGE.glob("*.py") if floor in {"cli", "ground"} else (PACKAGE / floor).glob("*.py")
    names = sorted(path.stem for path in paths if path.stem != "__init__")
    if floor in {"cli", "ground"}:
        return [name for name in names if (name.split("_")[0] in TOP) == (floor == "cli")]
    return names


def picture() -> str:
    """Draw the floors from the top down."""
    boxes = [_box(*floor) for floor in FLOORS]
    down = f"{' ' * 6}│ imports only go down\n{' ' * 6}▼\n"
    return f"{down.join(boxes)}\n{_box(*BESIDE)}"


def _box(floor: str, what: str) -> str:
    names = " ".join(f"{name}{GLUE}·" for name in modules(floor)).removesuffix(f"{GLUE}·")
    lines = [*textwrap.wrap(what, WIDTH), *textwrap.wrap(names, WIDTH)]
    lines = [line.replace(GLUE, " ") for line in lines]
    head = f"┌─ {floor} ".ljust(WIDTH + 3, "─") + "┐"
    body = "".join(f"│ {line:<{WIDTH}} │\n" for line in lines)
    return f"{head}\n{body}└{'─' * (WIDTH + 2)}┘\n"


def drawn(page: str) -> str:
    """Put the picture where the page has it."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}```text\n{picture()}```\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
