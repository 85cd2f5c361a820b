"""The frame that every map page shares: one HTML file, no internet.

folium builds it. Leaflet is written into the file from a Python package, and there are no tiles:
the land is the municipalities themselves. A map is drawn in this order: :func:`start_map`, areas,
:func:`add_borders`, practices, :func:`finish_map`; then :func:`write_page` saves it.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, MacroElement

from gpcoverage.inputs.study import Study
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.outputs.basemap import add_basemap, basemap_notes
from gpcoverage.outputs.footnotes import EXAMPLE_DATA, PARTLY_MODELLED
from gpcoverage.outputs.language import say, spoken
from gpcoverage.outputs.layers import add_land
from gpcoverage.outputs.markup import safe
from gpcoverage.outputs.numerals import number
from gpcoverage.outputs.tiles import TILE_HOST, OnlineTiles
from gpcoverage.units import CRS_DEGREES


@dataclass(frozen=True, slots=True)
class Page:
    """What is written around a map.

    Attributes
    ----------
    title, answer
        Heading and the sentences under it, plain text.
    legend_title
        Heading of the legend, plain text.
    legend
        One mark (such as :func:`swatch` or :func:`dot` gives) and one line of *safe HTML* each.
    table_title
        What the table is called until it is opened, plain text.
    table
        The table twin of the map, HTML; :func:`table_html` makes one.
    footnotes
        Paragraphs, plain text.
    partly_modelled
        Whether the legend says that the practices are partly modelled.
    hatches
        Colour by name: areas of class ``NAME-uncertain`` are hatched in it.
    table_open
        Whether the table is open from the start.
    key_figures
        Stand under the answer, safe HTML; ``key_figures.key_figures_html`` makes them.
    """

    title: str
    answer: str
    legend_title: str
    legend: Sequence[tuple[str, str]]
    table_title: str
    table: str
    footnotes: Sequence[str]
    partly_modelled: bool = False
    hatches: Mapping[str, str] | None = None
    table_open: bool = False
    key_figures: str = ""


def start_map(page: Page, study: Study) -> folium.Map:
    """Begin a map: the page around it, and the land.

    Parameters
    ----------
    page
        What is written around it.
    study
        Its municipalities are the land, its area the part that is light.

    Returns
    -------
    folium.Map
        Draw on it, then call :func:`finish_map`.
    """
    drawn = folium.Map(
        tiles=None, zoom_control=True, prefer_canvas=False, zoom_snap=0.25, min_zoom=5, max_zoom=15,
        attribution_control=False,
    )  # fmt: skip
    drawn.default_js, drawn.default_css = [], []  # nothing is loaded from the internet
    _add_frame(drawn, replace(page, footnotes=[*page.footnotes, *basemap_notes(study)]))
    add_land(drawn, study)
    return drawn


def finish_map(
    drawn: folium.Map,
    study: Study,
    *,
    bounds: tuple[float, float, float, float] | None = None,
    open_control: bool = False,
    network: RoadNetwork | None = None,
    tiles: bool = False,
) -> None:
    """Add roads and names, show the area, make it all work by keyboard.

    Parameters
    ----------
    drawn
        As :func:`start_map` gave it, with its layers.
    study
        Whose area is shown.
    bounds
        West, south, east and north of what is shown first, degrees; the whole area by default.
    open_control
        Whether the list of layers is open from the start.
    network
        The roads of the map; none are drawn without it.
    tiles
        Whether the reader may switch on OpenStreetMap's own map, where there is internet.
    """
    add_basemap(drawn, study, network)
    if tiles:
        drawn.add_child(OnlineTiles())
    min_x, min_y, max_x, max_y = bounds or study.area.to_crs(CRS_DEGREES).total_bounds
    drawn.fit_bounds([[min_y, min_x], [max_y, max_x]], padding=(12, 12))
    folium.LayerControl(collapsed=not open_control).add_to(drawn)
    drawn.add_child(PageScript())


def write_page(drawn: folium.Map, path: Path) -> None:
    """Save a finished map as one HTML file.

    Parameters
    ----------
    drawn
        The map.
    path
        UTF-8. The same map gives the same bytes.

    Notes
    -----
    Call it in the language in which the map was drawn.
    """
    path.write_text(page_html(drawn), encoding="utf-8", newline="\n")


def page_html(drawn: folium.Map) -> str:
    """Write a finished map as the text of one HTML file."""
    numbers = {old: f"{n:03d}" for n, old in enumerate(_element_ids(drawn.get_root()), 1)}
    page = re.sub(
        "[0-9a-f]{32}", lambda id_: numbers.get(id_[0], id_[0]), drawn.get_root().render()
    )
    page = _accessible(page)
    online = any(isinstance(child, OnlineTiles) for child in drawn._children.values())  # noqa: SLF001
    policy = _policy(page, images=f"data: {TILE_HOST}" if online else "data:")
    return page.replace("<head>", f"<head>{policy}", 1)


def _accessible(page: str) -> str:
    """Say the language, let readers enlarge, and name the map: what folium leaves out."""
    name = safe(say("Kort"))
    page = page.replace("<html>", f'<html lang="{spoken()}">', 1)
    page = re.sub(r"initial-scale=1\.0,[^\"]*", "initial-scale=1.0", page, count=1)
    return page.replace(
        'class="folium-map"', f'class="folium-map" role="main" aria-label="{name}"', 1
    )


def _policy(page: str, images: str) -> str:
    """Forbid the page everything but its own scripts, known by their hashes, its own styles, and images."""
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    known = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    rules = f"default-src 'none'; script-src {known}; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; form-action 'none'"
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'


def _element_ids(element: Any) -> list[str]:
    """List folium's random element ids, in the order of the elements."""
    below = [_element_ids(child) for child in element._children.values()]  # noqa: SLF001
    return [element._id, *(name for names in below for name in names)]  # noqa: SLF001


def asset(name: str) -> str:
    """Read one of our own scripts or style sheets."""
    return _read("gpcoverage.outputs", f"assets/{name}")


def script(name: str) -> str:
    """Read one of our own scripts, for numbers as they are written in the language of the page."""
    marks = {
        "THE_LANGUAGE": spoken(),
        "THE_THOUSANDS": number(1000)[1],
        "THE_DECIMAL": number(0.5, 1)[1],
    }
    text = asset(name)
    for mark, written in marks.items():
        text = text.replace(mark, written)
    return text


def _read(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def _inline_images(css: str) -> str:
    """Write the images that Leaflet's style sheet names into it."""
    folder = resources.files("xstatic.pkg.leaflet").joinpath("data")

    def data_url(found: re.Match[str]) -> str:
        if not found[1].endswith(".png"):
            return "none"
        image = base64.b64encode(folder.joinpath(found[1]).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{image})"

    return re.sub(r"url\(([^)]*)\)", data_url, css)


def _add_frame(drawn: folium.Map, page: Page) -> None:
    """Put in the head, the headline, the hatch patterns, the legend and the footnote."""
    root: Any = drawn.get_root()  # folium makes it a Figure
    leaflet = "xstatic.pkg.leaflet"
    leaflet_css = _inline_images(_read(leaflet, "data/leaflet.css"))
    leaflet_js = _read(leaflet, "data/leaflet.js").split("//# sourceMappingURL")[0]
    title, hatches = safe(page.title), page.hatches or {}
    root.header.add_child(Element(f"<title>{title}</title>"), name="title")
    root.header.add_child(Element(f"<style>{leaflet_css}</style>"), name="leaflet_css")
    root.header.add_child(Element(f"<script>{leaflet_js}</script>"), name="leaflet_js")
    style = asset("map.css")
    root.html.add_child(Element(f"<style>{style}{_hatch_css(hatches)}</style>"), name="page_css")
    answer = safe(page.answer)
    root.html.add_child(
        Element(f"<header><h1>{title}</h1><p>{answer}</p>{page.key_figures}</header>"), name="head"
    )
    root.html.add_child(Element(_hatch_patterns(hatches)), name="hatches")
    root.html.add_child(Element(_legend(page)), name="legend")
    root.html.add_child(Element(_footer(page)), name="footer")


class PageScript(MacroElement):
    """What the page does beside folium's own: names by zoom, order of layers, keyboard."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PageScript"
        self._script = script("map.js")

    def render(self, **_: Any) -> str:
        """Put the script behind the map's own."""
        figure: Any = self.get_root()
        drawn = "" if self._parent is None else self._parent.get_name()
        text = self._script.replace("THE_MAP", drawn)
        figure.script.add_child(Element(text), name=self.get_name())
        return ""


def _hatch_patterns(hatches: Mapping[str, str]) -> str:
    patterns = "".join(
        f'<pattern id="hatch-{name}" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="7" height="7" fill="#fff"/>'
        f'<rect width="4" height="7" fill="{colour}"/></pattern>'
        for name, colour in hatches.items()
    )
    return f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{patterns}</defs></svg>'


def _hatch_css(hatches: Mapping[str, str]) -> str:
    return "".join(
        f".{name}-uncertain {{ fill: url(#hatch-{name}) !important; }}" for name in hatches
    )


def _legend(page: Page) -> str:
    rows = "".join(f"<li>{mark}<span>{text}</span></li>" for mark, text in page.legend)
    model = f'<p class="model">{say(EXAMPLE_DATA)}</p>' if page.partly_modelled else ""
    title = safe(page.legend_title)
    return f'<aside class="legend" tabindex="0"><h2>{title}</h2><ul>{rows}</ul>{model}</aside>'


def _footer(page: Page) -> str:
    paragraphs = []
    for text in page.footnotes:
        kind = ' class="model"' if text == say(PARTLY_MODELLED) else ""
        paragraphs.append(f"<p{kind}>{safe(text)}</p>")
    opened = " open" if page.table_open else ""
    return (
        f"<footer><details{opened}><summary>{safe(page.table_title)}</summary>{page.table}</details>"
        f"{''.join(paragraphs)}</footer>"
    )


def add_style(drawn: folium.Map, name: str) -> None:
    """Put one more of our own style sheets into the page."""
    root: Any = drawn.get_root()  # folium makes it a Figure
    root.html.add_child(Element(f"<style>{asset(name)}</style>"), name=name)
