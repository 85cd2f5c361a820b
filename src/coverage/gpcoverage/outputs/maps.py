"""The map of who can choose; the page around it is made by ``page``."""

from collections.abc import Mapping

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.analysis.choice import STATUSES, Choice, Status
from gpcoverage.outputs import footnotes, numerals, texts
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.explorer import add_explorer
from gpcoverage.outputs.key_figures import choice_figures, key_figures_html
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.layers import add_borders, add_points, dot, swatch, to_geojson
from gpcoverage.outputs.markup import facts_html, safe
from gpcoverage.outputs.page import Page, finish_map, start_map
from gpcoverage.outputs.palette import COLOURS, PRACTICE_EDGES, PRACTICE_FILLS
from gpcoverage.outputs.result_sheets import map_sheet
from gpcoverage.outputs.sheets import sheet_html
from gpcoverage.outputs.squares import squares_of
from gpcoverage.outputs.told import TOTAL, ToldChoice, tell_choice


def choice_map(choice: Choice, *, disclosure: Disclosure = ON, tiles: bool = False) -> folium.Map:
    """Draw who can choose.

    Parameters
    ----------
    choice
        The result.
    disclosure
        What may be told.
    tiles
        Whether the reader may switch on OpenStreetMap's own map, where there is internet.

    Returns
    -------
    folium.Map
        Shows itself in a notebook.
    """
    return draw_choice(tell_choice(choice, disclosure=disclosure), tiles=tiles)


def draw_choice(told: ToldChoice, *, tiles: bool = False) -> folium.Map:
    """Draw who can choose, as it may be told."""
    drawn = start_map(_page(told), told.choice.study)
    add_statuses(drawn, told.choice, told.people.loc[TOTAL])
    add_borders(drawn, told.choice.study)
    add_practices(drawn, told)
    finish_map(drawn, told.choice.study, network=told.choice.network, tiles=tiles)
    add_explorer(drawn, told)
    return drawn


def _page(told: ToldChoice) -> Page:
    sheet = map_sheet(told)
    return Page(
        title=texts.title(told.choice),
        answer=texts.answer(told),
        legend_title=texts.legend_title(told.choice),
        legend=_legend(told),
        table_title=sheet.title,
        table=sheet_html(sheet),
        footnotes=footnotes.footnote(told),
        partly_modelled=told.choice.study.partly_modelled,
        hatches=COLOURS,
        key_figures=key_figures_html(choice_figures(told)),
    )


def _legend(told: ToldChoice) -> list[tuple[str, str]]:
    people = told.people.loc[TOTAL]
    shares = {
        status: say(
            "{people} borgere ({share})",
            people=numerals.number(people[status]),
            share=numerals.share(people[status], people["population"]),
            count=people[status],
        )
        for status in STATUSES
    }
    return [*status_legend(told.choice, shares), *practice_legend()]


def status_legend(choice: Choice, told: Mapping[Status, str]) -> list[tuple[str, str]]:
    """Explain the areas of each status; ``told`` is what is written in bold under each."""
    items = [
        (
            swatch(COLOURS[status]),
            f"{safe(texts.status_label(choice, status))}<b>{safe(told[status])}</b>",
        )
        for status in reversed(STATUSES)
    ]
    return [*items, (swatch("url(#hatch-one)"), safe(say(texts.UNCERTAIN_LABEL)))]


def practice_legend() -> list[tuple[str, str]]:
    """Explain the dots of practices."""
    return [
        (dot(PRACTICE_FILLS[kind], PRACTICE_EDGES[kind]), safe(label))
        for kind, label in say_all(texts.PRACTICE_LABELS).items()
    ]


def status_areas(choice: Choice) -> gpd.GeoDataFrame:
    """Dissolve homes of one status into few areas.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    GeoDataFrame
        Columns ``status``, ``certainty``, ``geometry`` (EPSG:25832, empty where there is nothing to
        draw), at most six rows, cut off at the shore. Homes that are no cells are drawn as 250 m
        cells, each as its worst-off home.
    """
    homes = choice.homes
    squares, of_home = squares_of(homes)
    shown = _worst_by_square(homes, of_home)
    squares = squares[shown["square"]]
    land = shapely.union_all(choice.study.area.geometry.to_numpy())
    shapely.prepare(land)
    afloat = ~shapely.intersects(land, squares)
    at_kind = shown.groupby(["status", "certainty"]).indices
    rows = []
    for kind in homes.groupby(["status", "certainty"]).indices:
        # A kind whose every cell holds a worse-off home has people, and nothing to draw.
        at = at_kind.get(kind, np.empty(0, dtype=np.int64))
        ashore = shapely.coverage_union_all(squares[at])
        drawn = [
            shapely.intersection(shapely.simplify(ashore, 0.0), land),
            *squares[at][afloat[at]],
        ]
        rows.append((*kind, shapely.union_all(drawn)))
    columns = ["status", "certainty", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs=homes.crs)


def _worst_by_square(homes: gpd.GeoDataFrame, of_home: NDArray[np.int64]) -> pd.DataFrame:
    table = pd.DataFrame(homes[["status", "certainty"]]).assign(
        square=of_home, rank=homes["status"].map(STATUSES.index)
    )
    ordered = table.sort_values(["rank", "certainty", "square"])
    return ordered.drop_duplicates("square").reset_index(drop=True)


def add_statuses(
    drawn: folium.Map | folium.FeatureGroup, choice: Choice, people: pd.Series
) -> None:
    """Draw the areas of each status, on a map or in a group of layers; people are by status."""
    areas = status_areas(choice)
    for status in reversed(STATUSES):
        frame = areas[areas["status"] == status]
        if frame.empty:
            continue
        label = texts.label_people(texts.status_label(choice, status), people[status])
        folium.GeoJson(
            to_geojson(frame[~frame.is_empty]),
            name=safe(label),
            style_function=lambda feature: {
                "className": "{status}-{certainty}".format(**feature["properties"]),
                "fillColor": COLOURS[feature["properties"]["status"]],
                "fillOpacity": 0.85,
                "stroke": False,
            },
        ).add_to(drawn)


def add_practices(drawn: folium.Map, told: ToldChoice) -> None:
    """Draw the practices of the area and those that its people reach."""
    choice, practices = told.choice, told.choice.study.practices
    inside = practices["municipality_code"].isin(choice.study.municipality_codes)
    shown = practices[inside | choice.distances.met]
    place = shown["address"] + ", " + shown["postcode"] + " " + shown["town"]
    table = pd.DataFrame(
        {
            "name": shown["name"],
            "place": place.str.strip(", ").where(lambda text: text != "", say(numerals.UNKNOWN)),
            "municipality": texts.municipality_names(choice.study, shown["municipality_code"]),
            "open": np.where(shown["open"], say("Ja"), say("Nej")),
            "doctors": shown["doctors"].map(numerals.or_unknown),
            "list_size": texts.list_sizes(shown, told.practices.loc[shown.index]),
            "basis": shown["basis"],
        }
    )
    add_points(
        drawn,
        _places(table, shown, practices.index.get_indexer(shown.index)),
        say(texts.PRACTICES_LABEL),
        lambda row: (PRACTICE_FILLS[row["kind"]], PRACTICE_EDGES[row["kind"]]),
    )


def _places(
    table: pd.DataFrame, practices: gpd.GeoDataFrame, number: NDArray[np.int64]
) -> gpd.GeoDataFrame:
    """Put practices at one point into one place, so that none lies hidden under another."""
    rows, labels = [], say_all(texts.POPUP_LABELS, count=1)
    for at in practices.groupby(practices.geometry.to_wkb(), sort=False).indices.values():
        here, is_open = table.iloc[at], practices["open"].to_numpy()[at]
        kind = "open" if is_open.all() else "some" if is_open.any() else "closed"
        title = here["name"].iloc[0]
        if len(here) > 1:
            title = say(texts.SEVERAL_PRACTICES, n=len(here), open=int(is_open.sum()))
        content = "".join(map(facts_html, here.rename(columns=labels).to_dict("records")))
        here_numbers = [int(n) for n in number[at]]
        rows.append((kind, safe(title), content, here_numbers, practices.geometry.iloc[at[0]]))
    columns = ["kind", "title", "content", "practices", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, crs=practices.crs)
