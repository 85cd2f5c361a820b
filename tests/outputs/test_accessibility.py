"""Pages keep the accessibility rules (WCAG 2.1 AA) that can be checked by a machine."""

from pathlib import Path

import pytest

from browser import opened
from gpcoverage import (
    Choice,
    compare,
    compute_ledger,
    critical_pairs,
    prepare_rerun,
    write_choice,
    write_closure,
    write_ledger,
    write_report,
)
from gpcoverage.outputs.disclosure import OFF

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture(scope="module")
def pages(choice: Choice, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    comparison = compare(prepare_rerun(choice), choice.study.close("p0"))
    later = comparison.check_after()
    pairs = critical_pairs(choice)
    write_choice(choice, folder / "choice", disclosure=OFF)
    write_closure(comparison, later, folder / "closure")
    write_ledger(compute_ledger(choice), pairs, folder / "ledger")
    write_report(later, folder / "report", comparison, with_pdf=False)
    return {
        name: folder / name / ("report.html" if name == "report" else "map.html")
        for name in ("choice", "closure", "ledger", "report")
    }


@pytest.mark.parametrize("name", ["choice", "closure", "ledger", "report"])
def test_no_rule_is_broken(pages: dict[str, Path], name: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with opened(pages[name]) as (shown, complaints):
        found = axe.Axe().run(shown, options=RULES).response
        broken = [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]]
        assert broken == []
        assert len(found["passes"]) > 10
        assert complaints == []
