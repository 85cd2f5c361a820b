"""The map a committee opens: one HTML file, no internet, in Danish.

folium builds it. Leaflet is written into the file from a Python package, and there are no tiles:
the land is the municipalities themselves.
"""

import base64
import re
from importlib import resources
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Element, MacroElement

from gpcoverage.analysis.choice import CERTAINTIES, STATUSES, Choice
from gpcoverage.inputs import kvadratnet
from gpcoverage.inputs.homes import home_squares
from gpcoverage.outputs import texts
from gpcoverage.outputs.markup import safe
from gpcoverage.units import CRS_DEGREES

COLOURS: Final = {"none": "#7a1736", "one": "#e58a1f", "choice": "#a9c9c3"}
"""Dark, middle, light: told apart in grey, and by every kind of colour vision."""

PRACTICE_FILLS: Final = {"open": "#12507b", "some": "#7fb2d6", "closed": "#ffffff"}
PRACTICE_EDGES: Final = {"open": "#ffffff", "some": "#12507b", "closed": "#12507b"}

ADDRESS_CELL: Final = "250m"
"""Homes that are no cells are drawn as cells of this size, each as its worst-off home."""

DEGREE_DECIMALS: Final = 5


def choice_map(choice: Choice) -> folium.Map:
    """Draw who can choose.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    folium.Map
        Shows itself in a notebook; :func:`write_map` saves it.
    """
    drawn = folium.Map(
        tiles=None, zoom_control=True, prefer_canvas=False, zoom_snap=0.25, min_zoom=5, max_zoom=15,
        attribution_control=False,
    )  # fmt: skip
    drawn.default_js, drawn.default_css = [], []  # nothing is loaded from the internet
    _add_page(drawn, choice)
    _add_land(drawn, choice)
    _add_statuses(drawn, choice)
    _add_borders(drawn, choice)
    _add_practices(drawn, choice)
    _add_names(drawn, choice)
    min_x, min_y, max_x, max_y = choice.study.area.to_crs(CRS_DEGREES).total_bounds
    drawn.fit_bounds([[min_y, min_x], [max_y, max_x]], padding=(12, 12))
    folium.LayerControl(collapsed=True).add_to(drawn)
    drawn.add_child(PageScript())
    return drawn


def write_map(choice: Choice, path: Path) -> None:
    """Save the map as one HTML file.

    Parameters
    ----------
    choice
        The result.
    path
        UTF-8. The same result gives the same bytes.
    """
    drawn = choice_map(choice)
    page = drawn.get_root().render()
    for number, old in enumerate(_element_ids(drawn.get_root()), 1):
        page = page.replace(old, f"{number:03d}")
    path.write_text(page, encoding="utf-8", newline="\n")


def _element_ids(element: Any) -> list[str]:
    """List folium's random element ids, in the order of the elements."""
    below = [_element_ids(child) for child in element._children.values()]  # noqa: SLF001
    return [element._id, *(name for names in below for name in names)]  # noqa: SLF001


def _asset(package: str, name: str) -> str:
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


def _add_page(drawn: folium.Map, choice: Choice) -> None:
    """Put in the head, the headline, the hatch patterns, the legend and the footnote."""
    root: Any = drawn.get_root()  # folium makes it a Figure
    leaflet = "xstatic.pkg.leaflet"
    leaflet_css = _inline_images(_asset(leaflet, "data/leaflet.css"))
    leaflet_js = _asset(leaflet, "data/leaflet.js").split("//# sourceMappingURL")[0]
    title = safe(texts.title(choice))
    root.header.add_child(Element(f"<title>{title}</title>"), name="title")
    root.header.add_child(Element(f"<style>{leaflet_css}</style>"), name="leaflet_css")
    root.header.add_child(Element(f"<script>{leaflet_js}</script>"), name="leaflet_js")
    style = _asset("gpcoverage.outputs", "assets/map.css")
    root.html.add_child(Element(f"<style>{style}{_hatch_css()}</style>"), name="page_css")
    answer = safe(texts.answer(choice))
    root.html.add_child(Element(f"<header><h1>{title}</h1><p>{answer}</p></header>"), name="head")
    root.html.add_child(Element(_hatches()), name="hatches")
    root.html.add_child(Element(_footer(choice)), name="footer")
    root.html.add_child(Element(_legend(choice)), name="legend")


class PageScript(MacroElement):
    """What the page does beside folium's own: names by zoom, order of layers, keyboard."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PageScript"

    def render(self, **_: Any) -> str:
        """Put the script behind the map's own."""
        figure: Any = self.get_root()
        drawn = "" if self._parent is None else self._parent.get_name()
        script = _asset("gpcoverage.outputs", "assets/map.js").replace("THE_MAP", drawn)
        figure.script.add_child(Element(script), name=self.get_name())
        return ""


def _hatches() -> str:
    patterns = "".join(
        f'<pattern id="hatch-{status}" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="7" height="7" fill="#fff"/>'
        f'<rect width="4" height="7" fill="{colour}"/></pattern>'
        for status, colour in COLOURS.items()
    )
    return f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{patterns}</defs></svg>'


def _hatch_css() -> str:
    return "".join(
        f".{status}-uncertain {{ fill: url(#hatch-{status}) !important; }}" for status in STATUSES
    )


def _swatch(fill: str) -> str:
    return (
        '<svg width="18" height="14" aria-hidden="true"><rect x=".5" y=".5" width="17" height="13" '
        f'fill="{fill}" stroke="#52606d"/></svg>'
    )


def _dot(fill: str, stroke: str) -> str:
    return (
        '<svg width="18" height="14" aria-hidden="true"><circle cx="9" cy="7" r="5" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="2"/></svg>'
    )


def _legend(choice: Choice) -> str:
    people = choice.homes.groupby("status")["population"].sum()
    total = float(choice.homes["population"].sum())
    items = []
    for status in reversed(STATUSES):
        number = float(people.get(status, 0.0))
        label = safe(texts.status_label(choice, status))
        count = f"{texts.number(number)} borgere ({texts.share(number, total)})"
        items.append((_swatch(COLOURS[status]), f"{label}<b>{safe(count)}</b>"))
    items.append((_swatch("url(#hatch-one)"), safe(texts.UNCERTAIN_LABEL)))
    for kind, label in texts.PRACTICE_LABELS.items():
        items.append((_dot(PRACTICE_FILLS[kind], PRACTICE_EDGES[kind]), safe(label)))
    rows = "".join(f"<li>{mark}<span>{text}</span></li>" for mark, text in items)
    limit = safe(f"Grænse: {texts.limits(choice)}")
    model = f'<p class="model">{texts.EXAMPLE_DATA}</p>' if choice.study.partly_modelled else ""
    return f'<aside class="legend"><h2>{limit}</h2><ul>{rows}</ul>{model}</aside>'


def _footer(choice: Choice) -> str:
    paragraphs = []
    for text in texts.footnote(choice):
        kind = ' class="model"' if text == texts.PARTLY_MODELLED else ""
        paragraphs.append(f"<p{kind}>{safe(text)}</p>")
    return (
        f"<footer><details><summary>Tallene for hver kommune</summary>{_table(choice)}</details>"
        f"{''.join(paragraphs)}</footer>"
    )


def _table(choice: Choice) -> str:
    """Write the table twin of the map."""
    rows = choice.municipalities
    people = pd.DataFrame(
        {status: sum(rows[f"{status}_{c}"] for c in CERTAINTIES) for status in reversed(STATUSES)}
    )
    people["uncertain"] = sum(rows[f"{status}_uncertain"] for status in STATUSES)
    table = rows[["name", "population"]].join(people)
    table = table.join(rows[["practices", "open_practices"]])
    labels = texts.TABLE_LABELS | {"one": texts.too_few(choice).capitalize()}
    head = "".join(f"<th scope='col'>{safe(labels[c])}</th>" for c in table)
    body = "".join(
        f"<tr><td>{safe(str(row[0]))}</td>"
        + "".join(f"<td>{texts.number(value)}</td>" for value in row[1:])
        + "</tr>"
        for row in table.sort_values("name").itertuples(index=False)
    )
    sums = table.drop(columns="name").sum()
    foot = "<td>I alt</td>" + "".join(f"<td>{texts.number(value)}</td>" for value in sums)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>'
        f"<tfoot><tr>{foot}</tr></tfoot></table></div>"
    )


def _geojson(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    degrees = frame.to_crs(CRS_DEGREES)
    rounded = shapely.transform(
        degrees.geometry.to_numpy(), lambda xy: np.round(xy, DEGREE_DECIMALS)
    )
    # With ids: else folium tells features apart by a property, and repeats whole popups.
    features: dict[str, Any] = degrees.set_geometry(rounded).to_geo_dict()
    return features


def _add_land(drawn: folium.Map, choice: Choice) -> None:
    others = choice.study.municipalities
    others = others[~others["code"].isin(choice.study.municipality_codes)]
    for frame, fill in ((others, "#f1efe9"), (choice.study.area, "#fbfaf7")):
        if len(frame):
            folium.GeoJson(
                _geojson(frame[["geometry"]]),
                control=False,
                interactive=False,
                style_function=lambda _, fill=fill: {
                    "fillColor": fill, "fillOpacity": 1, "color": "#b4bfc9", "weight": 0.6,
                },
            ).add_to(drawn)  # fmt: skip


def status_areas(choice: Choice) -> gpd.GeoDataFrame:
    """Dissolve homes of one status into few areas.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    GeoDataFrame
        Columns ``status``, ``certainty``, ``population``, ``geometry`` (EPSG:25832), at most six
        rows, cut off at the shore. Homes that are no cells are drawn as 250 m cells, each as its
        worst-off home.
    """
    homes = choice.homes
    squares = home_squares(homes)
    shown = homes[["status", "certainty"]].reset_index(drop=True)
    if squares is None:
        shown = _worst_by_cell(homes)
        squares = kvadratnet.cell_squares(shown["cell"])
    land = shapely.union_all(choice.study.area.geometry.to_numpy())
    shapely.prepare(land)
    afloat = ~shapely.intersects(land, squares)
    people = homes.groupby(["status", "certainty"])["population"].sum()
    rows = []
    for (status, certainty), at in shown.groupby(["status", "certainty"]).indices.items():
        ashore = shapely.coverage_union_all(squares[at])
        drawn = [
            shapely.intersection(shapely.simplify(ashore, 0.0), land),
            *squares[at][afloat[at]],
        ]
        rows.append((status, certainty, people[status, certainty], shapely.union_all(drawn)))
    columns = ["status", "certainty", "population", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs=homes.crs)


def _worst_by_cell(homes: gpd.GeoDataFrame) -> pd.DataFrame:
    easting, northing = shapely.get_coordinates(homes.geometry.to_numpy()).T
    table = pd.DataFrame(homes[["status", "certainty"]]).assign(
        cell=kvadratnet.cell_ids(easting, northing, ADDRESS_CELL).to_numpy(),
        rank=homes["status"].map(STATUSES.index),
    )
    ordered = table.sort_values(["rank", "certainty", "cell"])
    return ordered.drop_duplicates("cell").reset_index(drop=True)


def _add_statuses(drawn: folium.Map, choice: Choice) -> None:
    areas = status_areas(choice)
    for status in reversed(STATUSES):
        frame = areas[areas["status"] == status]
        if frame.empty:
            continue
        label = texts.status_label(choice, status)
        people = texts.number(float(frame["population"].sum()))
        folium.GeoJson(
            _geojson(frame[["status", "certainty", "geometry"]]),
            name=safe(f"{label} ({people} borgere)"),
            style_function=lambda feature: {
                "className": "{status}-{certainty}".format(**feature["properties"]),
                "fillColor": COLOURS[feature["properties"]["status"]],
                "fillOpacity": 0.85,
                "stroke": False,
            },
        ).add_to(drawn)


def _add_borders(drawn: folium.Map, choice: Choice) -> None:
    folium.GeoJson(
        _geojson(choice.study.area[["geometry"]]),
        name="Kommunegrænser",
        interactive=False,
        style_function=lambda _: {
            "fill": False,
            "color": "#33414e",
            "weight": 1.1,
            "opacity": 0.75,
        },
    ).add_to(drawn)


def _add_practices(drawn: folium.Map, choice: Choice) -> None:
    practices = choice.study.practices
    inside = practices["municipality_code"].isin(choice.study.municipality_codes)
    met = np.zeros(len(practices), dtype=bool)
    met[choice.distances.found.practice] = True
    shown = practices[inside | met]
    names = choice.study.municipalities.set_index("code")["name"]
    place = shown["address"] + ", " + shown["postcode"] + " " + shown["town"]
    table = pd.DataFrame(
        {
            "name": shown["name"],
            "place": place.str.strip(", ").where(lambda text: text != "", texts.UNKNOWN),
            "municipality": shown["municipality_code"].map(names).fillna(texts.UNKNOWN),
            "open": np.where(shown["open"], "Ja", "Nej"),
            "doctors": shown["doctors"].map(_or_unknown),
            "list_size": shown["list_size"].map(_or_unknown),
            "basis": shown["basis"],
        }
    )
    folium.GeoJson(
        _geojson(_places(table, shown)),
        name=safe(texts.PRACTICES_LABEL),
        marker=folium.CircleMarker(radius=5),
        style_function=lambda feature: {
            "fillColor": PRACTICE_FILLS[feature["properties"]["kind"]],
            "color": PRACTICE_EDGES[feature["properties"]["kind"]],
            "className": "practice",
            "fill": True,
            "fillOpacity": 1,
            "opacity": 1,
            "weight": 1.5,
        },
        tooltip=folium.GeoJsonTooltip(["title"], labels=False),
        popup=folium.GeoJsonPopup(["content"], labels=False, max_width=330, max_height=320),
    ).add_to(drawn)


def _places(table: pd.DataFrame, practices: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put practices at one point into one place, so that none lies hidden under another."""
    rows = []
    for at in practices.groupby(practices.geometry.to_wkb(), sort=False).indices.values():
        here, is_open = table.iloc[at], practices["open"].to_numpy()[at]
        kind = "open" if is_open.all() else "some" if is_open.any() else "closed"
        title = here["name"].iloc[0]
        if len(here) > 1:
            title = texts.SEVERAL_PRACTICES.format(n=len(here), open=int(is_open.sum()))
        content = "".join(_popup(row) for row in here.to_dict("records"))
        rows.append((kind, safe(title), content, practices.geometry.iloc[at[0]]))
    columns = ["kind", "title", "content", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs=practices.crs)


def _popup(practice: dict[str, str]) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{label}</th><td>{safe(str(practice[column]))}</td></tr>"
        for column, label in texts.POPUP_LABELS.items()
    )
    return f"<table>{rows}</table>"


def _or_unknown(value: float) -> str:
    if np.isnan(value):
        return texts.UNKNOWN
    return texts.number(value, 0 if value == round(value) else 1)


def _add_names(drawn: folium.Map, choice: Choice) -> None:
    area = choice.study.area
    at = gpd.GeoSeries(area.geometry.representative_point(), crs=area.crs).to_crs(CRS_DEGREES)
    group = folium.FeatureGroup(name="Kommunenavne")
    for name, point in zip(area["name"], at, strict=True):
        icon = folium.DivIcon(
            html=f"<span>{safe(str(name))}</span>", class_name="place", icon_size=(120, 16)
        )
        folium.Marker(
            [round(point.y, DEGREE_DECIMALS), round(point.x, DEGREE_DECIMALS)],
            icon=icon,
            keyboard=False,
            interactive=False,
        ).add_to(group)
    group.add_to(drawn)
