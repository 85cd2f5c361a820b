"""Before and after on one map, with its tables, figure and summary."""

import datetime
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd

from gpcoverage.analysis.choice import STATUSES, Choice
from gpcoverage.analysis.closure import Comparison
from gpcoverage.csvfile import write_csv
from gpcoverage.files import write_together
from gpcoverage.inputs.scenario import Close, practice_id
from gpcoverage.outputs import closure_texts, numerals, texts
from gpcoverage.outputs.changed import changed_areas, changed_points
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.figures import draw_change, frame, write_svg
from gpcoverage.outputs.key_figures import closure_figures, key_figures_html
from gpcoverage.outputs.language import say
from gpcoverage.outputs.layers import add_borders, to_geojson
from gpcoverage.outputs.maps import (
    add_practices,
    add_statuses,
    practice_legend,
    status_legend,
)
from gpcoverage.outputs.markup import safe
from gpcoverage.outputs.page import Page, finish_map, start_map, write_page
from gpcoverage.outputs.palette import COLOURS, GAINED
from gpcoverage.outputs.result_sheets import closure_sheets
from gpcoverage.outputs.sheets import sheet_html
from gpcoverage.outputs.summary import now, rounded, summarise, sums_of, write_json
from gpcoverage.outputs.tables import for_file, homes_table, municipalities_table
from gpcoverage.outputs.told import TOTAL
from gpcoverage.outputs.told_closure import ToldClosure, tell_closure
from gpcoverage.units import CRS_DEGREES, CRS_METRES

AROUND_M: Final = 6_000.0
"""So much of the surroundings is shown around what changes."""

CROSS: Final = (
    '<svg width="18" height="18" viewBox="0 0 22 22" aria-hidden="true">'
    '<path d="M4 4 18 18M18 4 4 18" stroke="#fff" stroke-width="7" stroke-linecap="round"/>'
    '<path d="M4 4 18 18M18 4 4 18" stroke="#000" stroke-width="3.5" stroke-linecap="round"/></svg>'
)
STAR: Final = (
    '<svg width="18" height="18" viewBox="0 0 22 22" aria-hidden="true"><circle cx="11" cy="11" r="8.5" '
    f'fill="none" stroke="#fff" stroke-width="6"/><circle cx="11" cy="11" r="8.5" fill="none" stroke="{GAINED}" '
    'stroke-width="3.5"/></svg>'
)


def closure_map(
    comparison: Comparison, after: Choice, *, disclosure: Disclosure = ON, tiles: bool = False
) -> folium.Map:
    """Draw before and after as two layers to switch between, and where people lose or gain.

    Parameters
    ----------
    comparison
        Before and after.
    after
        The choice check afterwards.
    disclosure
        What may be told.
    tiles
        Whether the reader may switch on OpenStreetMap's own map, where there is internet.

    Returns
    -------
    folium.Map
        Shows itself in a notebook.
    """
    return draw_closure(tell_closure(comparison, after, disclosure=disclosure), tiles=tiles)


def draw_closure(told: ToldClosure, *, tiles: bool = False) -> folium.Map:
    """Draw before and after as they may be told."""
    comparison, study = told.comparison, told.comparison.after
    drawn = start_map(_page(told), study)
    for name, state in (
        (say(closure_texts.BEFORE), told.before),
        (say(closure_texts.AFTER), told.after),
    ):
        group = folium.FeatureGroup(name=name, overlay=False, show=state is told.after)
        add_statuses(group, state.choice, state.people.loc[TOTAL])
        group.add_to(drawn)
    add_borders(drawn, study)
    _add_areas(drawn, told)
    add_practices(drawn, told.after)
    _add_changed(drawn, comparison)
    finish_map(
        drawn,
        study,
        bounds=_bounds(comparison),
        open_control=True,
        network=comparison.before.network,
        tiles=tiles,
    )
    return drawn


def write_closure(
    comparison: Comparison,
    after: Choice,
    folder: str | Path,
    *,
    disclosure: Disclosure = ON,
    tiles: bool = False,
) -> dict[str, Path]:
    """Write the map, the tables, the figure and the summary of a comparison.

    Parameters
    ----------
    comparison
        Before and after.
    after
        The choice check afterwards.
    folder
        Gets ``map.html``, ``municipalities.csv``, ``homes.csv`` (those whose answer changed),
        ``alternatives.csv``, ``change.svg`` and ``summary.json``: all of them or, on an error,
        none. The same comparison gives the same bytes, but for ``created`` in the summary.
    disclosure
        What may be told: by default as much as anybody may read.
    tiles
        Whether the map offers OpenStreetMap's own map, where there is internet.

    Returns
    -------
    dict
        Path by file name.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    told = tell_closure(comparison, after, disclosure=disclosure)
    return write_together(
        Path(folder),
        {
            "map.html": lambda path: write_page(draw_closure(told, tiles=tiles), path),
            "municipalities.csv": lambda path: write_csv(
                municipalities_table(told.municipalities), path
            ),
            "homes.csv": lambda path: write_csv(homes_table(told.homes), path),
            "alternatives.csv": lambda path: write_csv(for_file(told.alternatives), path),
            "change.svg": lambda path: _write_figure(told, path),
            "summary.json": lambda path: write_json(summarise_closure(told, now()), path),
        },
    )


def _write_figure(told: ToldClosure, path: Path) -> None:
    """Write the figure with the title and the footnote it must not go out without."""
    titles = [closure_texts.title(told.comparison)]
    write_svg(frame(draw_change(told), titles, closure_texts.footnote(told)), path)


def summarise_closure(told: ToldClosure, created: datetime.datetime) -> dict[str, Any]:
    """Sum a comparison up; docs/files.md documents the keys.

    Parameters
    ----------
    told
        Before and after.
    created
        When, with time zone.

    Returns
    -------
    dict
        That of the choice check afterwards, and ``before``, ``after`` and ``affected``.
    """
    lists = told.lists
    return summarise(told.after, created) | {
        "before": sums_of(told.before),
        "after": sums_of(told.after),
        "affected": {
            "homes": len(told.homes),
            "moves": {
                str(move): {name: rounded(people) for name, people in row.items()}
                for move, row in told.moves.to_dict("index").items()
            },
            "loses_choice": rounded(told.people["loses_choice"]),
            "loses_last": rounded(told.people["loses_last"]),
            "extra": {
                which: {key: rounded(value) for key, value in row.items()}
                for which, row in told.extra.to_dict("index").items()
            },
            "lists": {
                "practices": list(lists.ids),
                "patients": rounded(lists.patients),
                "catchment": rounded(lists.catchment),
                "far": rounded(lists.far),
                "far_low": rounded(lists.far_low),
                "far_high": rounded(lists.far_high),
                "reachable_practices": lists.reachable,
                "free_places": rounded(lists.free_places),
                "unknown_places": lists.unknown,
            },
        },
    }


def _page(told: ToldClosure) -> Page:
    comparison = told.comparison
    return Page(
        title=closure_texts.title(comparison),
        answer=closure_texts.answer(told),
        legend_title=texts.legend_title(comparison.before),
        legend=_legend(told),
        table_title=say("Tallene: kommuner, ekstra kilometer og nærmeste praksis"),
        table=_tables(told),
        footnotes=closure_texts.footnote(told),
        partly_modelled=comparison.after.partly_modelled,
        hatches=COLOURS,
        key_figures=key_figures_html(closure_figures(told)),
    )


def _legend(told: ToldClosure) -> list[tuple[str, str]]:
    sums = told.total
    changes = {
        status: say(
            "{was} → {now} borgere",
            was=numerals.number(sums[status]),
            now=numerals.number(sums[f"{status}_after"]),
        )
        for status in STATUSES
    }
    items = status_legend(told.comparison.before, changes)
    for changed in sorted(changed_areas(told), key=lambda changed: changed.is_dashed):
        if not changed.people:
            continue
        mark = _outline(changed.colour, "3 2" if changed.is_dashed else "")
        people = texts.count_people(changed.people)
        items.append((mark, f"{safe(changed.label)}<b>{safe(people)}</b>"))
    items += practice_legend()
    closes = {isinstance(change, Close) for change in told.comparison.after.scenario.changes}
    if True in closes:
        items.append((CROSS, safe(say(closure_texts.CLOSED_LABEL))))
    if False in closes:
        items.append((STAR, safe(say(closure_texts.CHANGED_LABEL))))
    return items


def _outline(colour: str, dashes: str) -> str:
    return (
        '<svg width="18" height="14" aria-hidden="true"><rect x="1.5" y="1.5" width="15" height="11" '
        f'fill="none" stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"/></svg>'
    )


def _tables(told: ToldClosure) -> str:
    sheets = closure_sheets(told)
    return "".join(f"<h3>{safe(sheet.title)}</h3>{sheet_html(sheet)}" for sheet in sheets)


def _add_areas(drawn: folium.Map, told: ToldClosure) -> None:
    """Outline where people lose or gain a choice, or have no other practice near at all."""
    for changed in changed_areas(told):
        folium.GeoJson(
            to_geojson(gpd.GeoDataFrame(geometry=[changed.shape], crs=CRS_METRES)),
            name=safe(texts.label_people(changed.label, changed.people)),
            interactive=False,
            style_function=lambda _, colour=changed.colour, dashes="2 6" if changed.is_dashed else "": {
                "fill": False, "color": colour, "weight": 2.5, "opacity": 0.9, "dashArray": dashes,
            },
        ).add_to(drawn)  # fmt: skip


def _add_changed(drawn: folium.Map, comparison: Comparison) -> None:
    """Mark the practices that close, open, move or change their intake."""
    group = folium.FeatureGroup(name=safe(say(closure_texts.CLOSED_LABEL)), control=False)
    for change in comparison.after.scenario.changes:
        closes = isinstance(change, Close)
        practices = (comparison.before.study if closes else comparison.after).practices
        practice = practice_id(change)
        if practice not in practices.index:
            continue  # opened and closed again, or the other way round
        point = practices.loc[[practice]].to_crs(CRS_DEGREES).geometry.iloc[0]
        told = closure_texts.change_text(comparison, change)
        icon = folium.DivIcon(
            html=CROSS if closes else STAR, class_name="change", icon_size=(18, 18), icon_anchor=(9, 9)
        )  # fmt: skip
        folium.Marker(
            [round(point.y, 5), round(point.x, 5)], icon=icon, tooltip=safe(told), title=safe(told)
        ).add_to(group)
    group.add_to(drawn)


def _bounds(comparison: Comparison) -> tuple[float, float, float, float]:
    """Show what changes and its surroundings, in degrees; the whole area if nothing does."""
    points = changed_points(comparison)
    shown = comparison.after.area.geometry if points.empty else points
    around = shown.buffer(AROUND_M).to_crs(CRS_DEGREES)
    west, south, east, north = around.total_bounds
    return float(west), float(south), float(east), float(north)
