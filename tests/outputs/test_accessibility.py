"""Pages keep the accessibility rules (WCAG 2.1 AA) that can be checked by a machine."""

from pathlib import Path

import pytest

from browser import opened
from gpcoverage import Choice, write_choice
from gpcoverage.outputs.disclosure import OFF
from outputs.test_english_pages import WRITERS, Write

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


PAGES: dict[str, Write] = {
    **{name: write for name, write in WRITERS.items() if name != "figure"},
    "explorer": lambda choice, folder: write_choice(choice, folder, disclosure=OFF),
}


@pytest.mark.parametrize("name", PAGES)
def test_no_rule_is_broken(choice: Choice, tmp_path: Path, name: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    pages = [
        path for path in PAGES[name](choice, tmp_path / name).values() if path.suffix == ".html"
    ]
    assert pages
    for page in pages:
        with opened(page) as (shown, complaints):
            found = axe.Axe().run(shown, options=RULES).response
            broken = [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]]
            assert broken == []
            assert len(found["passes"]) > 10
            assert complaints == []
