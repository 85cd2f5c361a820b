"""Where the next clinic should be: map, table, summary, and a scenario to go on with."""

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd
import shapely

from gpcoverage.analysis.choice import STATUSES
from gpcoverage.analysis.siting import Siting
from gpcoverage.csvfile import write_csv
from gpcoverage.files import Writer, write_together
from gpcoverage.inputs.scenario_file import write_scenario
from gpcoverage.outputs import siting_texts, texts
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.key_figures import key_figures_html, siting_figures
from gpcoverage.outputs.language import say
from gpcoverage.outputs.layers import DEGREE_DECIMALS, add_borders, swatch, to_geojson
from gpcoverage.outputs.maps import (
    add_practices,
    add_statuses,
    practice_legend,
    status_legend,
)
from gpcoverage.outputs.markup import safe, table_html
from gpcoverage.outputs.page import Page, finish_map, start_map, write_page
from gpcoverage.outputs.palette import COLOURS
from gpcoverage.outputs.squares import join_squares
from gpcoverage.outputs.summary import now, rounded, summarise, sums_of, write_json
from gpcoverage.outputs.tables import for_file
from gpcoverage.outputs.told import TOTAL
from gpcoverage.outputs.told_siting import ToldSiting, tell_siting

GAINS: Final = "#3b8c81"
"""Darker than the colour of those who could choose before, and of the same kind."""

BEYOND: Final = "#000000"
MARK_PX: Final = 24
MARK: Final = (
    '<svg width="{px}" height="{px}" viewBox="0 0 24 24" aria-hidden="true"><rect x="2" y="2" '
    'width="20" height="20" rx="4" fill="#fff" stroke="#12507b" stroke-width="3"/><text x="12" y="16.5" '
    'text-anchor="middle" font-size="12" font-weight="700" fill="#12507b">{text}</text></svg>'
)


def siting_map(siting: Siting, *, disclosure: Disclosure = ON) -> folium.Map:
    """Draw the proposed clinics and who gains.

    Parameters
    ----------
    siting
        The result.
    disclosure
        What may be told.

    Returns
    -------
    folium.Map
        Shows itself in a notebook.
    """
    return draw_siting(tell_siting(siting, disclosure=disclosure))


def draw_siting(told: ToldSiting) -> folium.Map:
    """Draw what may be told of the proposed clinics."""
    study = told.siting.after.study
    drawn = start_map(_page(told), study)
    add_statuses(drawn, told.siting.after, told.after.people.loc[TOTAL])
    _add_gains(drawn, told)
    add_borders(drawn, study)
    _add_beyond(drawn, told)
    add_practices(drawn, told.after)
    _add_clinics(drawn, told)
    finish_map(drawn, study)
    return drawn


def write_siting(
    siting: Siting, folder: str | Path, *, disclosure: Disclosure = ON
) -> dict[str, Path]:
    """Write the map, the table of clinics, the summary, and the clinics as a scenario.

    Parameters
    ----------
    siting
        The result.
    folder
        Gets ``map.html``, ``siting.csv``, ``summary.json`` and, if a clinic is proposed,
        ``scenario.toml`` for ``gpcoverage close --scenario``: all of them or, on an error, none. The
        same result gives the same bytes, but for ``created`` in the summary.
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
    told = tell_siting(siting, disclosure=disclosure)
    writers: dict[str, Writer] = {
        "map.html": lambda path: write_page(draw_siting(told), path),
        "siting.csv": lambda path: write_csv(siting_table(told), path),
        "summary.json": lambda path: write_json(summarise_siting(told, now()), path),
    }
    scenario = siting.after.study.scenario
    if scenario.changes:
        name = siting_texts.count(len(siting.clinics), siting.options.kind)
        named = replace(scenario, name=scenario.name or name)
        writers["scenario.toml"] = lambda path: write_scenario(named, path)
    return write_together(Path(folder), writers)


def siting_table(told: ToldSiting) -> pd.DataFrame:
    """Make the table of clinics ready for writing: ``id`` and the columns of ``siting.clinics``."""
    table = told.clinics
    names = texts.municipality_names(told.siting.before.study, table["municipality_code"])
    columns = ["place_id", "name", "municipality_code", "municipality", "lat", "lon", "clinic"]
    table = table.assign(municipality=names, clinic=told.siting.options.kind)
    rest = ["too_few", "gains", "only", "nearest", "seats"]
    return for_file(table[[*columns, *rest]].rename_axis("id").reset_index())


def summarise_siting(told: ToldSiting, created: datetime.datetime) -> dict[str, Any]:
    """Sum a siting up; docs/files.md documents the keys.

    Parameters
    ----------
    told
        The result.
    created
        When, with time zone.

    Returns
    -------
    dict
        That of the choice check with the clinics, and ``before``, ``after`` and ``siting``.
    """
    siting, options = told.siting, told.siting.options
    numbers = ["too_few", "gains", "only", "nearest", "seats"]
    clinics = [
        {"id": str(i), **{name: row[name] for name in ("place_id", "name", "municipality_code")}}
        | {name: rounded(row[name]) for name in numbers}
        for i, row in told.clinics.iterrows()
    ]
    reasons = siting.candidates["reason"].value_counts()
    return summarise(told.after, created) | {
        "before": sums_of(told.before),
        "after": sums_of(told.after),
        "siting": {
            "goal": options.goal,
            "clinic": options.kind,
            "clinics_at_most": None if options.goal == "everyone" else options.clinics,
            "doctors": options.doctors,
            "people_per_doctor": options.people_per_doctor,
            "per_place": options.per_place,
            "gains": rounded(told.gains),
            "gains_certain": rounded(told.gains_certain),
            "seated": rounded(told.seated),
            "mean_before_m": rounded(siting.mean_before_m),
            "mean_after_m": rounded(siting.mean_after_m),
            "is_proven": siting.solution.is_proven,
            "gap": rounded(siting.solution.gap),
            "places": {reason or "used": int(n) for reason, n in reasons.sort_index().items()},
            "clinics": clinics,
            "beyond_help": {
                str(reason): rounded(people) for reason, people in told.beyond_help.items()
            },
        },
    }


def _page(told: ToldSiting) -> Page:
    choice = told.siting.before
    parts = [
        (say(siting_texts.CLINICS_TITLE), table_html(*siting_texts.clinics_table(told))),
        (
            say(siting_texts.MUNICIPALITIES_TITLE),
            table_html(*siting_texts.municipalities_table(told)),
        ),
    ]
    if len(told.beyond_help):
        parts.append((say(siting_texts.BEYOND_TITLE), table_html(*siting_texts.beyond_table(told))))
    return Page(
        title=siting_texts.title(told.siting),
        answer=siting_texts.answer(told),
        legend_title=texts.legend_title(choice),
        legend=_legend(told),
        table_title=say(siting_texts.TABLE_TITLE),
        table="".join(f"<h3>{safe(title)}</h3>{table}" for title, table in parts),
        footnotes=siting_texts.footnote(told),
        partly_modelled=choice.study.partly_modelled,
        hatches=COLOURS,
        key_figures=key_figures_html(siting_figures(told)),
    )


def _legend(told: ToldSiting) -> list[tuple[str, str]]:
    people = told.after.people.loc[TOTAL]
    gains = texts.count_people(told.gains)
    shares = {status: texts.count_people(people[status]) for status in STATUSES}
    items = status_legend(told.siting.after, shares)
    items.insert(1, (swatch(GAINS), f"{safe(say(siting_texts.GAINS_LEGEND))}<b>{safe(gains)}</b>"))
    if len(told.beyond_help):
        outline = (
            '<svg width="18" height="14" aria-hidden="true"><rect x="1.5" y="1.5" width="15" '
            f'height="11" fill="none" stroke="{BEYOND}" stroke-width="1.5" stroke-dasharray="2 2"/></svg>'
        )
        items.append((outline, safe(say(siting_texts.BEYOND_LABEL))))
    mark = MARK.format(px=18, text="1")
    return [*items, (mark, safe(say(siting_texts.CLINIC_LABEL))), *practice_legend()]


def _area(siting: Siting, homes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the squares of homes into one area, cut off at the shore."""
    land = shapely.union_all(siting.before.study.area.geometry.to_numpy())
    area = shapely.intersection(join_squares(homes), land)
    return gpd.GeoDataFrame(geometry=[area], crs=homes.crs)


def _add_gains(drawn: folium.Map, told: ToldSiting) -> None:
    siting = told.siting
    homes = siting.before.homes[siting.homes["gains"].to_numpy()]
    if homes.empty:
        return
    folium.GeoJson(
        to_geojson(_area(siting, homes)),
        name=safe(texts.label_people(say(siting_texts.GAINS_LABEL), told.gains)),
        interactive=False,
        style_function=lambda _: {"fillColor": GAINS, "fillOpacity": 0.9, "stroke": False},
    ).add_to(drawn)


def _add_beyond(drawn: folium.Map, told: ToldSiting) -> None:
    homes = told.siting.before.homes.loc[told.siting.beyond_help.index]
    if homes.empty:
        return
    folium.GeoJson(
        to_geojson(_area(told.siting, homes)),
        name=safe(say(siting_texts.BEYOND_LABEL)),
        interactive=False,
        style_function=lambda _: {
            "fill": False, "color": BEYOND, "weight": 1.2, "opacity": 0.8, "dashArray": "2 3",
        },
    ).add_to(drawn)  # fmt: skip


def _add_clinics(drawn: folium.Map, told: ToldSiting) -> None:
    """Mark every place with its number; several clinics at one place share a mark."""
    group = folium.FeatureGroup(name=safe(say(siting_texts.CLINICS_LABEL)))
    for at in told.clinics.groupby("place_id", sort=False).indices.values():
        clinic, lines = told.clinics.iloc[at[0]], siting_texts.mark_lines(told, at)
        icon = folium.DivIcon(
            html=MARK.format(px=MARK_PX, text=at[0] + 1),
            class_name="clinic",
            icon_size=(MARK_PX, MARK_PX),
            icon_anchor=(MARK_PX // 2, MARK_PX // 2),
        )
        folium.Marker(
            [round(clinic["lat"], DEGREE_DECIMALS), round(clinic["lon"], DEGREE_DECIMALS)],
            icon=icon,
            tooltip="<br>".join(map(safe, lines)),
            title=safe(" ".join(lines)),
        ).add_to(group)
    group.add_to(drawn)
