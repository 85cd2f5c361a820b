"""Shortage areas: the map of computed and designated ones, written with its table and summary."""

from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd
import shapely
from branca.element import Element

from gpcoverage.analysis.areas import SHORTAGE_KINDS, ComputedAreas
from gpcoverage.csvfile import write_csv
from gpcoverage.files import write_together
from gpcoverage.outputs import areas_texts, designations_texts, numerals
from gpcoverage.outputs.areas_summary import areas_table, summarise_areas
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.key_figures import areas_figures, key_figures_html
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.layers import add_borders, swatch, to_geojson
from gpcoverage.outputs.markup import facts_html, safe, table_html
from gpcoverage.outputs.page import Page, finish_map, start_map, write_page
from gpcoverage.outputs.palette import INK
from gpcoverage.outputs.summary import now, write_json
from gpcoverage.outputs.told_areas import ToldAreas, tell_areas

FILLS: Final = {
    "yes": "#dd7d1d",
    "yes_uncertain": "#f2b877",
    "no_uncertain": "#f8e7cf",
    "no": "#fbfaf7",
    "unknown": "#c3c9cf",
}
APART: Final = {"only_computed": "#12507b", "only_designated": "#7a1736", "part": "#8d8d8d"}
OTHER: Final = "#12507b"
HATCH: Final = "designated-hatch"
ABOVE: Final = "designated"
"""The map pane of what lies over the fills, whichever layer was switched on last."""

INSET_SHARE: Final = 0.004
"""Other designations are outlined so far inside their border, as a share of the map's height."""

STYLE: Final = (
    f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs><pattern '
    f'id="{HATCH}" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform='
    f'"rotate(45)"><rect width="1.6" height="8" fill="{INK}"/></pattern></defs></svg>'
    f"<style>.designated {{ fill: url(#{HATCH}) !important; }} footer td {{ vertical-align: top; }} "
    "footer .wide td { white-space: normal; text-align: left; min-width: 7em; } "
    "footer .wide th { text-align: left; } .legend small { display: block; color: #52606d; } "
    "path.leaflet-interactive:focus { outline: none; }</style>"
)


def areas_map(
    result: ComputedAreas, designations: gpd.GeoDataFrame, *, disclosure: Disclosure = ON
) -> folium.Map:
    """Draw computed areas as fills and designated ones as hatching.

    Parameters
    ----------
    result
        As ``computed`` gives it.
    designations
        As ``designated`` gives them.
    disclosure
        What may be told.

    Returns
    -------
    folium.Map
        Shows itself in a notebook.
    """
    return draw_areas(tell_areas(result, designations, disclosure=disclosure))


def draw_areas(told: ToldAreas) -> folium.Map:
    """Draw shortage areas as they may be told."""
    study = told.result.choice.study
    drawn = start_map(_page(told), study)
    root: Any = drawn.get_root()
    root.html.add_child(Element(STYLE), name="designated_style")
    folium.map.CustomPane(ABOVE, z_index=450, pointer_events=False).add_to(drawn)
    _add_computed(drawn, told)
    add_borders(drawn, study)
    _add_disagreement(drawn, told)
    _add_designated(drawn, told)
    finish_map(drawn, study)
    return drawn


def _page(told: ToldAreas) -> Page:
    table = table_html(*areas_texts.table(told))
    head, body = areas_texts.disagreement_table(told)
    apart = table_html(head, body) if len(body) else f"<p>{say(areas_texts.NO_DISAGREEMENT)}</p>"
    table += f"<h3>{say(areas_texts.DISAGREEMENT_TITLE)}</h3>{apart}"
    head, body = designations_texts.table(told)
    if len(body):
        title = say(designations_texts.DESIGNATED_TITLE)
        table += f'<h3>{title}</h3><div class="wide">{table_html(head, body)}</div>'
    study = told.result.choice.study
    return Page(
        title=areas_texts.title(told.result),
        answer=areas_texts.answer(told),
        legend_title=say("Opgjort pr. {day}", day=numerals.day(study.date)),
        legend=_legend(told),
        table_title=say(
            "Tallene for hver {unit}, og udpegningernes kilder",
            unit=areas_texts.unit(told.result, 1),
        ),
        table=table,
        footnotes=areas_texts.footnote(told),
        partly_modelled=study.partly_modelled,
        key_figures=key_figures_html(areas_figures(told)),
    )


def _legend(told: ToldAreas) -> list[tuple[str, str]]:
    fills = _fill_kinds(told).value_counts()
    items = [("", f"<b>{say('Kriterium')}</b>{safe(areas_texts.criterion(told.result))}")]
    for kind, label in say_all(areas_texts.FILL_LABELS).items():
        if kind in fills:
            count = int(fills[kind])
            text = f"{count} {areas_texts.unit(told.result, count)}"
            items.append((swatch(FILLS[kind]), f"{safe(label)}<b>{text}</b>"))
    people = numerals.number(told.people["designated"].sum(skipna=False))
    table = told.designations
    for shortage in (True, False):
        rows = table[table["kind"].isin(SHORTAGE_KINDS) == shortage]
        for kind in _shapes(table, shortage=shortage):
            drawn = rows[rows.geometry.notna()]
            drawn = drawn[drawn["standing"] == kind] if shortage else drawn
            label = (
                say(designations_texts.STANDINGS[kind])
                if shortage
                else say(designations_texts.OTHER_LAYER)
            )
            source = say("Kilde: {source}", source=designations_texts.sources(drawn))
            text = f"{safe(label)}<small>{safe(source)}</small>"
            items.append((_outline(kind, hatched=shortage), text))
    if _shapes(table, shortage=True):
        inside = say("{people} borgere bor i udpegede områder", people=people)
        items.append(("", f"<b>{inside}</b>"))
    return items + _apart_legend(told)


def _apart_legend(told: ToldAreas) -> list[tuple[str, str]]:
    found = told.areas["agreement"].value_counts()
    shown = [kind for kind in areas_texts.DISAGREEMENTS if kind in found]
    return [("", f"<b>{say(areas_texts.DISAGREEMENT_FILLS)}</b>")] * bool(shown) + [
        (swatch(APART[kind]), f"{say(areas_texts.AGREEMENT_LABELS[kind])}: {int(found[kind])}")
        for kind in shown
    ]


def _outline(kind: str, *, hatched: bool) -> str:
    """Draw a box for the legend, as designated areas are drawn."""
    style = _line(kind)
    fill = f"url(#{HATCH})" if hatched else "none"
    return (
        '<svg width="18" height="14" aria-hidden="true"><rect x="1" y="1" width="16" height="12" '
        f'fill="{fill}" stroke="{style["color"]}" stroke-width="{style["weight"]}" '
        f'stroke-dasharray="{style["dashArray"]}"/></svg>'
    )


def _line(kind: str) -> dict[str, Any]:
    dashes = {"in_force": "", "unknown": "6 3", "other": "1 4"}
    return {
        "color": OTHER if kind == "other" else INK,
        "weight": 2.4 if kind == "other" else 2,
        "dashArray": dashes[kind],
        "lineCap": "round" if kind == "other" else "butt",
    }


def _fill_kinds(told: ToldAreas) -> pd.Series:
    """Say how each area is filled."""
    state = told.areas["computed"].where(told.areas["computed"].isin(("yes", "no")), "unknown")
    unsure = (told.areas["certainty"] == "uncertain") & (state != "unknown")
    return state.where(~unsure, state + "_uncertain")


def _add_computed(drawn: folium.Map, told: ToldAreas) -> None:
    areas = told.areas
    frame = gpd.GeoDataFrame(
        {
            "kind": _fill_kinds(told).to_numpy(),
            "title": [safe(str(name)) for name in areas["name"]],
            "content": [facts_html(areas_texts.facts(told, area)) for area in areas.index],
        },
        geometry=areas.geometry.to_numpy(),
        crs=areas.crs,
    )
    folium.GeoJson(
        to_geojson(frame),
        name=say(areas_texts.COMPUTED_LAYER),
        style_function=lambda feature: {
            "fillColor": FILLS[feature["properties"]["kind"]],
            "fillOpacity": 0.9,
            "color": "#7b8894",
            "weight": 0.6,
        },
        tooltip=folium.GeoJsonTooltip(["title"], labels=False),
        popup=folium.GeoJsonPopup(["content"], labels=False, max_width=330, max_height=320),
    ).add_to(drawn)


def _add_disagreement(drawn: folium.Map, told: ToldAreas) -> None:
    rows = told.areas[told.areas["agreement"].isin(areas_texts.DISAGREEMENTS)]
    group = folium.FeatureGroup(name=say(areas_texts.DISAGREEMENT_LAYER), show=False)
    for kind, areas in rows.groupby("agreement"):
        colour = APART[str(kind)]
        folium.GeoJson(
            to_geojson(gpd.GeoDataFrame(geometry=areas.geometry.reset_index(drop=True))),
            interactive=False,
            style_function=lambda _, colour=colour: {
                "pane": ABOVE, "fillColor": colour, "fillOpacity": 0.88, "color": "#ffffff", "weight": 1.5,
            },
        ).add_to(group)  # fmt: skip
    if len(rows):
        group.add_to(drawn)


def _shapes(designations: gpd.GeoDataFrame, *, shortage: bool) -> dict[str, Any]:
    """Join the designated areas that can be drawn, by what is known of them on the day."""
    rows = designations[designations.geometry.notna()]
    rows = rows[rows["kind"].isin(SHORTAGE_KINDS) == shortage]
    if not shortage:
        return {"other": shapely.union_all(rows.geometry.to_numpy())} if len(rows) else {}
    joined = {
        str(kind): shapely.union_all(group.geometry.to_numpy())
        for kind, group in rows.groupby("standing")
    }
    if len(joined) > 1:  # what surely holds is not drawn twice
        joined["unknown"] = shapely.difference(joined["unknown"], joined["in_force"])
    return {kind: shape for kind, shape in joined.items() if not shape.is_empty}


def _add_designated(drawn: folium.Map, told: ToldAreas) -> None:
    crs = told.areas.crs
    for kind, shape in _shapes(told.designations, shortage=True).items():
        style = {"pane": ABOVE, "className": "designated", "fillOpacity": 1, **_line(kind)}
        label = say(designations_texts.DESIGNATED_LAYER)
        if kind != "in_force":
            label = say("{label} (uvist)", label=label)
        _add_shape(drawn, shape, crs, label, style)
    _, south, _, north = told.result.choice.study.area.total_bounds
    others = told.designations[~told.designations["kind"].isin(SHORTAGE_KINDS)]
    parts = [
        shape.buffer(-INSET_SHARE * (north - south))
        for shape in others.geometry.dropna().drop_duplicates()
    ]
    if parts:
        style = {"pane": ABOVE, "fill": False, **_line("other")}
        merged = shapely.geometrycollections(parts)
        _add_shape(drawn, merged, crs, say(designations_texts.OTHER_LAYER), style)


def _add_shape(drawn: folium.Map, shape: Any, crs: Any, name: str, style: dict[str, Any]) -> None:
    frame = gpd.GeoDataFrame(geometry=gpd.GeoSeries([shape], crs=crs).explode(ignore_index=True))
    folium.GeoJson(
        to_geojson(frame), name=safe(name), interactive=False, style_function=lambda _: style
    ).add_to(drawn)


def write_areas(
    result: ComputedAreas,
    designations: gpd.GeoDataFrame,
    folder: str | Path,
    *,
    disclosure: Disclosure = ON,
) -> dict[str, Path]:
    """Write the map, the table and the summary of shortage areas.

    Parameters
    ----------
    result
        As ``computed`` gives it.
    designations
        As ``designated`` gives them.
    folder
        Gets ``map.html``, ``areas.csv`` and ``summary.json``: all of them or, on an error, none.
        Other files in it are left alone.
    disclosure
        What may be told: by default as much as anybody may read.

    Returns
    -------
    dict
        Path by file name.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    told = tell_areas(result, designations, disclosure=disclosure)
    return write_together(
        Path(folder),
        {
            "map.html": lambda path: write_page(draw_areas(told), path),
            "areas.csv": lambda path: write_csv(areas_table(told), path),
            "summary.json": lambda path: write_json(summarise_areas(told, now()), path),
        },
    )
