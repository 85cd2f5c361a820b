"""Maps on paper: A4 that lies, the map whole on the first sheet, its table after it."""

from pathlib import Path

import pytest

from browser import opened
from gpcoverage import Choice, RoadNetwork, Study, compute_choice, write_choice

A4_POINTS = (841.9, 595.3)


@pytest.fixture(scope="module")
def page(
    midtjylland: Study, terrain_network: RoadNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("print")
    choice: Choice = compute_choice(midtjylland, terrain_network)
    write_choice(choice, folder)
    return folder / "map.html"


@pytest.mark.country
def test_a_map_is_printed_on_one_sheet_with_its_legend(page: Path, tmp_path: Path) -> None:
    from pypdf import PdfReader  # noqa: PLC0415  needed where there is a browser only

    with opened(page) as (shown, complaints):
        before = shown.evaluate("document.querySelector('.folium-map').offsetWidth")
        shown.pdf(path=tmp_path / "map.pdf", prefer_css_page_size=True, print_background=True)
        assert shown.evaluate("document.querySelector('.folium-map').offsetWidth") == before
        assert shown.evaluate("document.querySelectorAll('footer details[open]').length") == 0
        assert complaints == []
    pages = PdfReader(tmp_path / "map.pdf").pages
    assert [float(side) for side in pages[0].mediabox[2:]] == pytest.approx(A4_POINTS, abs=1.0)
    texts = [" ".join(sheet.extract_text().split()) for sheet in pages]
    assert len(pages) == 2
    for text in ("1.212.708 borgere (88,9 %)", "Praksis, lukket for tilgang", "delvis modellerede"):
        assert text in texts[0]
    assert "Prøv selv" not in texts[0]
    assert "Ringkøbing-Skjern 55.800" in texts[1]  # the table, folded on the screen


@pytest.mark.country
def test_what_was_tried_is_printed_too(page: Path, tmp_path: Path) -> None:
    from pypdf import PdfReader  # noqa: PLC0415

    with opened(page) as (shown, complaints):
        marker = shown.locator("path.practice[aria-label*='Rønde']").first
        marker.focus()
        shown.keyboard.press("Enter")
        shown.locator(".practice-button", has_text="Luk").click()
        drawn = shown.locator(".explorer-sheet path")
        assert drawn.count() > 2
        shown.emulate_media(media="print")
        shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        sheet = shown.evaluate(
            "document.querySelector('.explorer-sheet').getBoundingClientRect().width"
        )
        assert sheet == shown.evaluate("document.querySelector('.folium-map').offsetWidth") == 760
        shown.evaluate("window.dispatchEvent(new Event('afterprint'))")
        shown.pdf(path=tmp_path / "map.pdf", prefer_css_page_size=True)
        assert complaints == []
    first = " ".join(PdfReader(tmp_path / "map.pdf").pages[0].extract_text().split())
    assert "Lukker Lægerne i Rønde 1 (eksempel): 4.467 borgere" in first
