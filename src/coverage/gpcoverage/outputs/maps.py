"""The map of who can choose; the page around it is made by ``page``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.analysis.choice import CERTAINTIES, STATUSES, Choice, Status
from gpcoverage.inputs import kvadratnet
from gpcoverage.inputs.homes import home_squares
from gpcoverage.outputs import texts
from gpcoverage.outputs.markup import safe
from gpcoverage.outputs.page import (
    Page,
    add_borders,
    dot,
    facts_html,
    finish_map,
    start_map,
    swatch,
    table_html,
    to_geojson,
    write_page,
)

COLOURS: Final = {"none": "#7a1736", "one": "#e58a1f", "choice": "#a9c9c3"}
"""Dark, middle, light: told apart in grey, and by every kind of colour vision."""

PRACTICE_FILLS: Final = {"open": "#12507b", "some": "#7fb2d6", "closed": "#ffffff"}
PRACTICE_EDGES: Final = {"open": "#ffffff", "some": "#12507b", "closed": "#12507b"}

ADDRESS_CELL: Final = "250m"
"""Homes that are no cells are drawn as cells of this size, each as its worst-off home."""


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
    drawn = start_map(_page(choice), choice.study)
    add_statuses(drawn, choice)
    add_borders(drawn, choice.study)
    add_practices(drawn, choice)
    finish_map(drawn, choice.study)
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
    write_page(choice_map(choice), path)


def _page(choice: Choice) -> Page:
    return Page(
        title=texts.title(choice),
        answer=texts.answer(choice),
        legend_title=f"Grænse: {texts.limits(choice)}",
        legend=_legend(choice),
        table_title="Tallene for hver kommune",
        table=_table(choice),
        footnotes=texts.footnote(choice),
        partly_modelled=choice.study.partly_modelled,
        hatches=COLOURS,
    )


def _legend(choice: Choice) -> list[tuple[str, str]]:
    people = choice.homes.groupby("status")["population"].sum()
    total = float(choice.homes["population"].sum())
    told = {}
    for status in STATUSES:
        number = float(people.get(status, 0.0))
        told[status] = f"{texts.number(number)} borgere ({texts.share(number, total)})"
    return [*status_legend(choice, told), *practice_legend()]


def status_legend(choice: Choice, told: Mapping[Status, str]) -> list[tuple[str, str]]:
    """Explain the areas of each status; ``told`` is what is written in bold under each."""
    items = [
        (
            swatch(COLOURS[status]),
            f"{safe(texts.status_label(choice, status))}<b>{safe(told[status])}</b>",
        )
        for status in reversed(STATUSES)
    ]
    return [*items, (swatch("url(#hatch-one)"), safe(texts.UNCERTAIN_LABEL))]


def practice_legend() -> list[tuple[str, str]]:
    """Explain the dots of practices."""
    return [
        (dot(PRACTICE_FILLS[kind], PRACTICE_EDGES[kind]), safe(label))
        for kind, label in texts.PRACTICE_LABELS.items()
    ]


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
    numbers = table.drop(columns="name")
    body = table[["name"]].join(numbers.map(texts.number)).sort_values("name")
    return table_html([labels[c] for c in table], body, ["I alt", *numbers.sum().map(texts.number)])


def status_areas(choice: Choice) -> gpd.GeoDataFrame:
    """Dissolve homes of one status into few areas.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    GeoDataFrame
        Columns ``status``, ``certainty``, ``population``, ``geometry`` (EPSG:25832, empty where
        there is nothing to draw), at most six rows, cut off at the shore. Homes that are no cells are drawn as 250 m cells, each as its
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
    at_kind = shown.groupby(["status", "certainty"]).indices
    rows = []
    for kind, people in homes.groupby(["status", "certainty"])["population"].sum().items():
        # A kind whose every cell holds a worse-off home has people, and nothing to draw.
        at = at_kind.get(kind, np.empty(0, dtype=np.int64))
        ashore = shapely.coverage_union_all(squares[at])
        drawn = [
            shapely.intersection(shapely.simplify(ashore, 0.0), land),
            *squares[at][afloat[at]],
        ]
        rows.append((*kind, people, shapely.union_all(drawn)))
    columns = ["status", "certainty", "population", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs=homes.crs)


def cells_of(homes: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Draw the squares of homes, or the 250 m cells they lie in; shapely polygons, EPSG:25832."""
    squares = home_squares(homes)
    if squares is not None:
        return squares
    easting, northing = shapely.get_coordinates(homes.geometry.to_numpy()).T
    cells = kvadratnet.cell_ids(easting, northing, ADDRESS_CELL).drop_duplicates()
    return kvadratnet.cell_squares(cells)


def _worst_by_cell(homes: gpd.GeoDataFrame) -> pd.DataFrame:
    easting, northing = shapely.get_coordinates(homes.geometry.to_numpy()).T
    table = pd.DataFrame(homes[["status", "certainty"]]).assign(
        cell=kvadratnet.cell_ids(easting, northing, ADDRESS_CELL).to_numpy(),
        rank=homes["status"].map(STATUSES.index),
    )
    ordered = table.sort_values(["rank", "certainty", "cell"])
    return ordered.drop_duplicates("cell").reset_index(drop=True)


def add_statuses(drawn: folium.Map | folium.FeatureGroup, choice: Choice) -> None:
    """Draw the areas of each status, on a map or in a group of layers."""
    areas = status_areas(choice)
    for status in reversed(STATUSES):
        frame = areas[areas["status"] == status]
        if frame.empty:
            continue
        label = texts.status_label(choice, status)
        people = texts.number(float(frame["population"].sum()))
        drawn_areas = frame.loc[~frame.is_empty, ["status", "certainty", "geometry"]]
        folium.GeoJson(
            to_geojson(drawn_areas),
            name=safe(f"{label} ({people} borgere)"),
            style_function=lambda feature: {
                "className": "{status}-{certainty}".format(**feature["properties"]),
                "fillColor": COLOURS[feature["properties"]["status"]],
                "fillOpacity": 0.85,
                "stroke": False,
            },
        ).add_to(drawn)


def add_practices(drawn: folium.Map, choice: Choice) -> None:
    """Draw the practices of the area and those that its people reach."""
    practices = choice.study.practices
    inside = practices["municipality_code"].isin(choice.study.municipality_codes)
    shown = practices[inside | choice.distances.met]
    place = shown["address"] + ", " + shown["postcode"] + " " + shown["town"]
    table = pd.DataFrame(
        {
            "name": shown["name"],
            "place": place.str.strip(", ").where(lambda text: text != "", texts.UNKNOWN),
            "municipality": texts.municipality_names(choice.study, shown["municipality_code"]),
            "open": np.where(shown["open"], "Ja", "Nej"),
            "doctors": shown["doctors"].map(texts.or_unknown),
            "list_size": shown["list_size"].map(texts.or_unknown),
            "basis": shown["basis"],
        }
    )
    folium.GeoJson(
        to_geojson(_places(table, shown)),
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
        content = "".join(
            map(facts_html, here.rename(columns=texts.POPUP_LABELS).to_dict("records"))
        )
        rows.append((kind, safe(title), content, practices.geometry.iloc[at[0]]))
    columns = ["kind", "title", "content", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs=practices.crs)
