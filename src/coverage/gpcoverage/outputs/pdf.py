"""Pages as PDF, printed by a browser that is at hand: Chromium, Chrome, or Edge, which Windows has."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from gpcoverage.errors import OutputError

NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
PLACES: Final = (
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
    r"%ProgramFiles%\Microsoft\Edge\Application\msedge.exe",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
"""Where they are if they are not on the path."""

SECONDS: Final = 120


def find_browser() -> Path | None:
    """Look for a browser that prints; None if there is none."""
    found = (shutil.which(name) for name in NAMES)
    beside = (os.path.expandvars(place) for place in PLACES)
    at_hand = [Path(place) for place in (*found, *beside) if place and Path(place).is_file()]
    return at_hand[0] if at_hand else None


def print_page(page: Path, path: Path, browser: Path) -> None:
    """Print a page as PDF.

    Parameters
    ----------
    page
        An .html file.
    path
        The .pdf file.
    browser
        As :func:`find_browser` finds it.

    Raises
    ------
    OutputError
        If the browser does not print it.
    """
    with tempfile.TemporaryDirectory(prefix="gpcoverage-") as profile:
        command = [
            str(browser), "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--disable-dev-shm-usage", f"--user-data-dir={profile}", "--no-pdf-header-footer",
            f"--print-to-pdf={path.resolve()}", page.resolve().as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium refuses to run as root without
        try:
            ran = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            msg = f"{browser}: cannot print the report ({error}). Leave the PDF out with --no-pdf."
            raise OutputError(msg) from error
    if ran.returncode or not path.is_file():
        msg = (
            f"{browser}: printed no PDF (status {ran.returncode}). Leave the PDF out with --no-pdf."
        )
        raise OutputError(msg)
