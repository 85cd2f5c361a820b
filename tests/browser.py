"""A real browser for pages, where there is one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")


@contextmanager
def opened(
    page: Path, fragment: str = "", *, width: int = 1280, height: int = 900
) -> Iterator[tuple[Any, list[str]]]:
    """Open a page offline; give it, and what it complains of. Skips where there is no browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": width, "height": height})
        context.set_offline(True)
        shown = context.new_page()
        complaints: list[str] = []
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.on(
            "console",
            lambda said: (
                complaints.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )
        shown.on(
            "request", lambda asked: complaints.extend([asked.url] * asked.url.startswith("http"))
        )
        shown.goto(page.as_uri() + fragment)
        yield shown, complaints
        browser.close()
