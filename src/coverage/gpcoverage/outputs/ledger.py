"""How critical each practice is: map, tables, figure and summary."""

import datetime
import math
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd

from gpcoverage.analysis.ledger import Ledger
from gpcoverage.csvfile import write_csv
from gpcoverage.files import write_together
from gpcoverage.outputs import ledger_texts, numerals, texts
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.figures import draw_critical, frame, write_svg
from gpcoverage.outputs.key_figures import key_figures_html, ledger_figures
from gpcoverage.outputs.language import say
from gpcoverage.outputs.layers import add_borders, add_points
from gpcoverage.outputs.markup import facts_html, safe, table_html
from gpcoverage.outputs.page import Page, finish_map, start_map, write_page
from gpcoverage.outputs.summary import now, rounded, summarise, write_json
from gpcoverage.outputs.tables import for_file
from gpcoverage.outputs.told_ledger import ToldLedger, tell_ledger

FILLS: Final = {"last": "#7a1736", "second": "#e58a1f", "far": "#7fb2d6", "none": "#ffffff"}
EDGES: Final = {"last": "#ffffff", "second": "#ffffff", "far": "#12507b", "none": "#7b8894"}
LARGEST_PX: Final = 20.0
SMALLEST_PX: Final = 3.5
"""Radius of the circle of the most critical practice, and of those that take nothing."""

PAIRS_SHOWN: Final = 25
MOST_CRITICAL: Final = 10
"""So many are named in the summary."""

YEARS: Final = ("retire_first", "retire_last", "retire_order")


def ledger_map(
    ledger: Ledger, pairs: pd.DataFrame, *, disclosure: Disclosure = ON, tiles: bool = False
) -> folium.Map:
    """Draw how critical each practice is.

    Parameters
    ----------
    ledger
        Every practice closed in turn.
    pairs
        As :func:`~gpcoverage.analysis.ledger.critical_pairs` gives them; the worst stand below
        the table of practices.
    disclosure
        What may be told.
    tiles
        Whether the reader may switch on OpenStreetMap's own map, where there is internet.

    Returns
    -------
    folium.Map
        Shows itself in a notebook.
    """
    return draw_ledger(tell_ledger(ledger, pairs, disclosure=disclosure), tiles=tiles)


def draw_ledger(told: ToldLedger, *, tiles: bool = False) -> folium.Map:
    """Draw what may be told of how critical each practice is."""
    study = told.ledger.choice.study
    drawn = start_map(_page(told), study)
    add_borders(drawn, study)
    _add_circles(drawn, told)
    finish_map(drawn, study, network=told.ledger.choice.network, tiles=tiles)
    return drawn


def _page(told: ToldLedger) -> Page:
    choice = told.ledger.choice
    table = table_html(*ledger_texts.table(told))
    if len(told.pairs):
        rest = table_html(*ledger_texts.pairs_table(told, PAIRS_SHOWN))
        table += f"<h3>{safe(say(ledger_texts.PAIRS_TITLE))}</h3>{rest}"
    return Page(
        title=ledger_texts.title(told.ledger),
        answer=ledger_texts.answer(told),
        legend_title=texts.legend_title(choice),
        legend=_legend(told),
        table_title=say(ledger_texts.TABLE_TITLE),
        table=table,
        footnotes=ledger_texts.footnote(told),
        partly_modelled=choice.study.partly_modelled,
        key_figures=key_figures_html(ledger_figures(told)),
    )


def _legend(told: ToldLedger) -> list[tuple[str, str]]:
    effects = ledger_texts.effects(told.ledger).value_counts()
    items = []
    for effect in ledger_texts.EFFECTS:
        label = safe(ledger_texts.effect_label(told.ledger.choice, effect))
        found = int(effects.get(effect, 0))
        count = say("{number} praksis", number=numerals.number(found), count=found)
        items.append((_circle(6.0, effect), f"{label}<b>{count}</b>"))
    most = _most(told)
    if most < ledger_texts.WHOLE:
        return items
    step = 10 ** math.floor(math.log10(max(most, 1.0)))
    sizes = dict.fromkeys(max(1.0, size) for size in (most // step * step, step / 2, step / 10))
    items.append(("", safe(say(ledger_texts.SIZE_LABEL))))
    items += [
        (_circle(_radius_px(people, most), "size"), texts.count_people(people)) for people in sizes
    ]
    return items


def _most(told: ToldLedger) -> float:
    """Give the people whom the most critical practice takes a choice from, as far as is told."""
    return float(told.practices["affected"].fillna(0.0).max())


def _circle(radius_px: float, effect: str) -> str:
    """Draw a circle for the legend, as large as on the map."""
    fill, stroke = FILLS.get(effect, "none"), EDGES.get(effect, "#33414e")
    stroke = "#52606d" if stroke == "#ffffff" else stroke
    half = radius_px + 1
    width, height = 2 * max(LARGEST_PX, half) if effect == "size" else 18, 2 * half
    return (
        f'<svg width="{width:g}" height="{height:g}" aria-hidden="true"><circle cx="{width / 2:g}" '
        f'cy="{half:g}" r="{radius_px:g}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/></svg>'
    )


def _radius_px(affected: float, most: float) -> float:
    """Give a circle whose area is in proportion to people, unless it would be too small to see."""
    share = affected / most if most > 0 and affected > 0 else 0.0  # nothing if it was left out
    return round(max(SMALLEST_PX, LARGEST_PX * math.sqrt(share)), 1)


def _add_circles(drawn: folium.Map, told: ToldLedger) -> None:
    add_points(
        drawn,
        _places(told),
        say(ledger_texts.PRACTICES_LABEL),
        lambda row: (FILLS[row["effect"]], EDGES[row["effect"]]),
    )


def _places(told: ToldLedger) -> gpd.GeoDataFrame:
    """Put practices at one point into one circle, that of the most critical; largest first."""
    ledger, rows = told.ledger, told.practices
    study, most = ledger.choice.study, _most(told)
    practices = study.practices.loc[rows.index]
    points, effects = practices.geometry, ledger_texts.effects(ledger)[rows.index].tolist()
    records = rows.assign(
        municipality=texts.municipality_names(study, rows["municipality_code"]),
        lists=texts.list_sizes(practices, rows),
    ).to_dict("records")
    places = []
    for at in points.groupby(points.to_wkb(), sort=False).indices.values():
        first = records[at[0]]
        title = first["name"]
        if len(at) > 1:
            title = say(ledger_texts.SEVERAL, n=len(at), name=title)
        content = "".join(facts_html(ledger_texts.popup(ledger, records[i])) for i in at)
        radius_px = _radius_px(first["affected"], most)
        places.append((effects[at[0]], radius_px, safe(title), content, points.iloc[at[0]]))
    columns = ["effect", "radius_px", "title", "content", "geometry"]
    return gpd.GeoDataFrame(places, columns=columns, crs=points.crs)


def ledger_table(practices: pd.DataFrame) -> pd.DataFrame:
    """Make the ledger ready for writing.

    Parameters
    ----------
    practices
        As in a ledger, or as told.

    Returns
    -------
    DataFrame
        ``rank``, ``id`` and the other columns; metres to 0.1 m, years whole,
        ``inside``, ``open`` and ``counts`` as ja or nej.
    """
    table = practices.reset_index()
    table = table[["rank", *table.columns.drop("rank")]]
    return for_file(table.assign(**{name: table[name].astype("Int64") for name in YEARS}))


def summarise_ledger(told: ToldLedger, created: datetime.datetime) -> dict[str, Any]:
    """Sum a ledger up; docs/files.md documents the keys.

    Parameters
    ----------
    told
        Every practice closed in turn, and the pairs.
    created
        When, with time zone.

    Returns
    -------
    dict
        The summary of the choice check, and ``ledger``.
    """
    rows = told.practices
    counts = ledger_texts.effects(told.ledger).value_counts()
    named = ["affected", "loses_choice", "loses_choice_certain", "loses_last", "loses_last_certain", "patients_far"]  # fmt: skip
    most = [
        {"id": str(practice), "name": row["name"], "municipality_code": row["municipality_code"]}
        | {name: rounded(row[name]) for name in named}
        | {name: rounded(row[name]) for name in ("retire_first", "retire_last")}
        for practice, row in rows.head(MOST_CRITICAL).iterrows()
    ]
    return summarise(told.choice, created) | {
        "ledger": {
            "practices": len(rows),
            "by_worst_effect": {
                effect: int(counts.get(effect, 0)) for effect in ledger_texts.EFFECTS
            },
            "most_critical": most,
            "pairs": len(told.pairs),
            "retirement_age": told.ledger.retirement_age,
        }
    }


def write_ledger(
    ledger: Ledger,
    pairs: pd.DataFrame,
    folder: str | Path,
    *,
    disclosure: Disclosure = ON,
    tiles: bool = False,
) -> dict[str, Path]:
    """Write the map, the tables, the figure and the summary of a ledger.

    Parameters
    ----------
    ledger
        Every practice closed in turn.
    pairs
        As :func:`~gpcoverage.analysis.ledger.critical_pairs` gives them.
    folder
        Gets ``map.html``, ``ledger.csv``, ``pairs.csv``, ``ledger.svg`` and ``summary.json``: all
        of them or, on an error, none. Other files in it are left alone.
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
    told = tell_ledger(ledger, pairs, disclosure=disclosure)
    return write_together(
        Path(folder),
        {
            "map.html": lambda path: write_page(draw_ledger(told, tiles=tiles), path),
            "ledger.csv": lambda path: write_csv(ledger_table(told.practices), path),
            "pairs.csv": lambda path: write_csv(for_file(told.pairs), path),
            "ledger.svg": lambda path: _write_figure(told, path),
            "summary.json": lambda path: write_json(summarise_ledger(told, now()), path),
        },
    )


def _write_figure(told: ToldLedger, path: Path) -> None:
    """Write the figure with the title and the footnote it must not go out without."""
    titles = [ledger_texts.title(told.ledger)]
    write_svg(frame(draw_critical(told), titles, ledger_texts.footnote(told)), path)
