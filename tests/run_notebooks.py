"""Execute every notebook, offline, and leave executed copies and HTML in notebooks/_executed."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
import papermill
from nbconvert import HTMLExporter

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
EXECUTED = NOTEBOOKS / "_executed"
SECONDS_PER_CELL = 600
AT_ONCE = 2


def main() -> None:
    """Run all notebooks, two at a time; one that fails ends the run with its traceback."""
    EXECUTED.mkdir(exist_ok=True)
    with ProcessPoolExecutor(AT_ONCE) as pool:
        for told in pool.map(run, sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))):
            sys.stdout.write(told)


def run(path: Path) -> str:
    """Run one notebook; say how long it took."""
    began, target = time.perf_counter(), EXECUTED / path.name
    papermill.execute_notebook(
        path, target, cwd=NOTEBOOKS, execution_timeout=SECONDS_PER_CELL, progress_bar=False
    )
    target.with_suffix(".html").write_text(_as_page(target), encoding="utf-8")
    return f"{path.name}: {time.perf_counter() - began:.0f} s\n"


def _as_page(executed: Path) -> str:
    """Write an executed notebook as a page that asks the internet for nothing."""
    notebook = nbformat.read(executed, as_version=4)
    notebook.metadata.pop("widgets", None)  # they would come alive with scripts from elsewhere
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    body: str = HTMLExporter(mathjax_url="", require_js_url="").from_notebook_node(notebook)[0]
    return body


if __name__ == "__main__":
    main()
