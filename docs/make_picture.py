"""Make the README's picture: the example's map as a browser shows it. ``make picture`` runs it."""

import argparse
import io
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from gpcoverage import compute_choice, load_study, write_choice

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs/pictures/midtjylland.png"
WIDTH, HEIGHT = 1280, 860
MOST_BYTES = 150_000


def small_png(picture: bytes) -> bytes:
    """Write a picture with as many colours as fit into the size that a README may have."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        written = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        if written.tell() <= MOST_BYTES:
            return written.getvalue()
    msg = f"the picture is {written.tell():,} bytes with 16 colours, {MOST_BYTES:,} may be"
    raise SystemExit(msg)


def photograph(page: Path, browser: str | None) -> bytes:
    """Open a page without the internet and take its picture."""
    options: dict[str, Any] = {"executable_path": browser} if browser else {}
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(args=["--no-sandbox", "--disable-gpu"], **options)
        context = opened.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        context.set_offline(True)
        shown = context.new_page()
        shown.goto(page.as_uri())
        shown.wait_for_timeout(1_500)  # the map settles
        # The legend ends with the note that this is an example.
        shown.eval_on_selector(".legend", "legend => { legend.scrollTop = legend.scrollHeight; }")
        picture = shown.screenshot()
        opened.close()
    return picture


def main() -> None:
    """Compute the example, open its map, and put the picture where the README looks for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", help="Chromium to use; playwright's own by default")
    browser = parser.parse_args().browser
    with tempfile.TemporaryDirectory() as folder:
        choice = compute_choice(load_study(ROOT / "data/midtjylland.toml"))
        page = write_choice(choice, folder)["map.html"]
        picture = small_png(photograph(page, browser))
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(picture)


if __name__ == "__main__":
    main()
