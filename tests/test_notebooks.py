"""Notebooks are stripped, parametrised and short."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_house_rules(path: Path) -> None:
    assert re.match(r"\d\d_", path.name)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    # Any environment's own kernel has this name, and Jupyter starts that of the environment it runs in.
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.kernelspec.language == "python"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert set(notebook.metadata.language_info) == {"name"}
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1
    assert notebook.cells[0].source.startswith("# ")
    assert "**Question.**" in notebook.cells[0].source
    assert "parameters" in code[1].metadata.get("tags", [])
    assert "assert " in code[-1].source
    for cell in code:
        assert not cell.outputs
        assert cell.execution_count is None
        assert len(cell.source.splitlines()) <= 25
        assert not re.search(r"^\s*[!%]", cell.source, re.MULTILINE)
        assert not re.search(r"""["'](/|[A-Z]:\\)""", cell.source)
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 5


def test_index_tells_every_notebook_in_order() -> None:
    readme = (NOTEBOOKS[0].parent / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\d\d_\w+\.ipynb)` \|", readme, re.MULTILINE)
    assert rows == [path.name for path in NOTEBOOKS]


def test_numbers_are_distinct() -> None:
    numbers = [path.name[:2] for path in NOTEBOOKS]
    assert numbers
    assert len(set(numbers)) == len(numbers)
