"""The plan, its grants and its goals against who can choose: a page, tables and a summary."""

import datetime
import math
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd

from gpcoverage.analysis.plan import PlanReview
from gpcoverage.analysis.spreading import sum_kroner
from gpcoverage.csvfile import write_csv
from gpcoverage.files import write_together
from gpcoverage.outputs import numerals, plan_texts
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.key_figures import key_figures_html, plan_figures
from gpcoverage.outputs.language import say, speaking
from gpcoverage.outputs.layers import add_borders, add_points, swatch, to_geojson
from gpcoverage.outputs.markup import facts_html, safe
from gpcoverage.outputs.page import Page, add_style, finish_map, start_map, write_page
from gpcoverage.outputs.plan_tables import tables_html
from gpcoverage.outputs.summary import now, rounded, summarise, write_json
from gpcoverage.outputs.tables import for_file
from gpcoverage.outputs.told_plan import ToldPlan, tell_plan

NEED_FILLS: Final = ("#ffffe0", "#fee391", "#fe9929", "#cc4c02", "#7a2404")
"""Light to dark, so that they are told apart in grey, one for each class of need."""

HIDDEN_FILL: Final = "#d9d9d9"
MONEY_FILL, MONEY_EDGE, NO_MONEY_EDGE = "#12507b", "#ffffff", "#52606d"
LARGEST_PX: Final = 22.0
SMALLEST_PX: Final = 4.0
BELOW_NAME_M: Final = 2_500.0
"""Circles stand so far south of the municipality's name, if that is still in it."""


def plan_map(review: PlanReview, *, disclosure: Disclosure = ON) -> folium.Map:
    """Draw kroner per inhabitant against need.

    Parameters
    ----------
    review
        The plan against who can choose.
    disclosure
        What may be told.

    Returns
    -------
    folium.Map
        Shows itself in a notebook.
    """
    return draw_plan(tell_plan(review, disclosure=disclosure))


def draw_plan(told: ToldPlan) -> folium.Map:
    """Draw kroner per inhabitant against need, as it may be told."""
    study = told.review.choice.study
    drawn = start_map(_page(told), study)
    add_style(drawn, "plan.css")
    _add_need(drawn, told)
    add_borders(drawn, study)
    _add_circles(drawn, told)
    finish_map(drawn, study)
    return drawn


def _page(told: ToldPlan) -> Page:
    return Page(
        title=plan_texts.title(told),
        answer=plan_texts.answer(told),
        legend_title=say("Andel med {few}", few=plan_texts.few(told)),
        legend=_legend(told),
        table_title=say(plan_texts.TABLE_TITLE),
        table=tables_html(told),
        footnotes=plan_texts.footnote(told),
        partly_modelled=told.review.choice.study.partly_modelled,
        table_open=True,
        key_figures=key_figures_html(plan_figures(told)),
    )


def _legend(told: ToldPlan) -> list[tuple[str, str]]:
    rows = told.municipalities
    classes = rows["too_few_share"].map(plan_texts.need_class)
    counts = classes.value_counts()
    items = [
        (
            swatch(fill),
            f"{safe(plan_texts.need_label(i))}<b>{_municipalities(int(counts.get(i, 0)))}</b>",
        )
        for i, fill in enumerate(NEED_FILLS)
    ]
    if (classes < 0).any():
        items.append((swatch(HIDDEN_FILL), say("Udeladt (..)")))
    items.append(("", safe(say(plan_texts.SIZE_LABEL))))
    most = float(rows["kroner_per_person"].max())
    items += [
        (
            _circle(_radius_px(size, most)),
            say("{amount} kr. pr. borger", amount=numerals.number(size, 0 if size >= 1 else 2)),
        )
        for size in _sizes(most)
    ]
    return [*items, (_circle(SMALLEST_PX, empty=True), safe(say(plan_texts.NO_MONEY_LABEL)))]


def _municipalities(count: int) -> str:
    return say("{n} kommuner", n=numerals.number(count), count=count)


def _sizes(most: float) -> list[float]:
    """Choose round amounts for the legend: near the largest, half of it, a tenth."""
    if not most > 0:
        return []
    step = 10.0 ** math.floor(math.log10(most))
    largest = most // step * step
    return [largest, largest / 2, largest / 10]


def _radius_px(amount: float, most: float) -> float:
    """Give a circle whose area is in proportion to the amount, unless it would be too small."""
    amount_share = amount / most if most > 0 and amount > 0 else 0.0
    return round(max(SMALLEST_PX, LARGEST_PX * math.sqrt(amount_share)), 1)


def _circle(radius_px: float, *, empty: bool = False) -> str:
    fill, stroke = ("#ffffff", NO_MONEY_EDGE) if empty else (MONEY_FILL, MONEY_FILL)
    width, height = 2 * LARGEST_PX + 2, 2 * radius_px + 2
    return (
        f'<svg width="{width:g}" height="{height:g}" aria-hidden="true"><circle cx="{width / 2:g}" '
        f'cy="{height / 2:g}" r="{radius_px:g}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/></svg>'
    )


def _add_need(drawn: folium.Map, told: ToldPlan) -> None:
    area = told.review.choice.study.area.set_index("code")[["geometry"]]
    need = told.municipalities["too_few_share"].map(plan_texts.need_class)
    folium.GeoJson(
        to_geojson(area.assign(need=need).reset_index(drop=True)),
        name=safe(say("Andel med {few}", few=plan_texts.few(told))),
        interactive=False,
        style_function=lambda feature: {
            "fillColor": _need_fill(feature["properties"]["need"]),
            "fillOpacity": 0.85,
            "stroke": False,
        },
    ).add_to(drawn)


def _need_fill(need: int) -> str:
    return HIDDEN_FILL if need < 0 else NEED_FILLS[need]


def _add_circles(drawn: folium.Map, told: ToldPlan) -> None:
    add_points(
        drawn,
        _places(told),
        say(plan_texts.MONEY_LABEL),
        lambda row: (MONEY_FILL, MONEY_EDGE) if row["funded"] else ("#ffffff", NO_MONEY_EDGE),
    )


def _places(told: ToldPlan) -> gpd.GeoDataFrame:
    """Put a circle into each municipality, a little south of its name; largest first."""
    area = told.review.choice.study.area.set_index("code")
    rows = told.municipalities.loc[area.index]
    at = area.geometry.representative_point()
    south = at.translate(yoff=-BELOW_NAME_M)
    at = south.where(area.geometry.contains(south), at)
    most = float(rows["kroner_per_person"].max())
    frame = gpd.GeoDataFrame(
        {
            "funded": rows["kroner"] > 0,
            "radius_px": [_radius_px(amount, most) for amount in rows["kroner_per_person"]],
            "title": rows["name"].map(safe),
            "content": [facts_html(plan_texts.popup(told, code)) for code in rows.index],
        },
        geometry=at,
        crs=area.crs,
    )
    return frame.sort_values("radius_px", ascending=False, kind="stable").reset_index(drop=True)


def projects_table(told: ToldPlan) -> pd.DataFrame:
    """Make the projects ready for writing: one row per place their money goes to.

    Parameters
    ----------
    told
        The comparison.

    Returns
    -------
    DataFrame
        The columns of ``grants.csv``, then ``code`` and ``kroner_here`` (two decimals), and ``why``
        money is kept apart, empty where it is placed.
    """
    spread = told.review.grants.spread
    placed = spread.parts.rename(columns={"kroner": "kroner_here"}).assign(why="")
    apart = spread.apart[["number", "kroner", "why"]].rename(columns={"kroner": "kroner_here"})
    here = pd.concat([placed, apart.assign(code="")], ignore_index=True)
    grants = told.review.documents.grants.frame
    grants = grants.assign(municipality_codes=grants["municipality_codes"].map(";".join))
    table = grants.merge(here, on="number").sort_values(["number", "code"], kind="stable")
    return for_file(table.round({"kroner_here": 2}))


def profiles_file(told: ToldPlan) -> pd.DataFrame:
    """Make the profiles ready for writing; of ``profiles.csv`` in what :func:`write_plan` writes."""
    rows = told.profiles.rename_axis("municipality_code").reset_index()
    with speaking("da"):  # a table for others' programs is the same in every language
        focus = rows["special_focus"].map(plan_texts.focus)
    focus = focus.str.replace(plan_texts.NOT_MENTIONED, "")
    lists = {name: rows[name].map(";".join) for name in ("towns", "towns_lacking")}
    return for_file(rows.assign(special_focus=focus, **lists))


def summarise_plan(told: ToldPlan, created: datetime.datetime) -> dict[str, Any]:
    """Sum the comparison up.

    Parameters
    ----------
    told
        The comparison.
    created
        When, with time zone.

    Returns
    -------
    dict
        The summary of the choice check, and ``plan``: ``grants`` (``projects``, ``kroner``,
        ``by_region``, ``placed_kroner``, ``apart_kroner`` by reason, ``outside_kroner``), ``rule``,
        ``shortage``, ``regions``, ``groups``, ``indicators`` by goal, and ``documents``.
    """
    review = told.review
    grants, spread = review.documents.grants.frame, review.grants.spread
    by_region = sum_kroner(grants, "region")["kroner"]
    apart = spread.apart.groupby("why")["kroner"].sum()
    return summarise(told.choice, created) | {
        "plan": {
            "grants": {
                "projects": len(grants),
                "kroner": int(grants["kroner"].sum()),
                "by_region": {str(k) or "none": int(v) for k, v in by_region.items()},
                "placed_kroner": rounded(spread.parts["kroner"].sum()),
                "apart_kroner": {str(k): rounded(v) for k, v in apart.items()},
                "outside_kroner": rounded(review.grants.outside_kroner),
            },
            "rule": {"several": review.grants.spreading.several, "region": review.grants.spreading.region},
            "shortage": {
                "kind": "designated" if review.grants.shortage.from_share is None else "computed",
                "from_share": review.grants.shortage.from_share,
                "source": review.grants.shortage.source,
                "municipalities": sorted(set(told.municipalities.index[told.municipalities["shortage"]])),
            },
            "regions": _figures(told.regions),
            "groups": _figures(told.shortage.rename(index={True: "shortage", False: "other"})),
            "indicators": [
                {"goal": int(row["number"]), "indicator": row["indicator"], "where": row["where"]}
                | {name: _finite(row[name]) for name in ("value", "part", "whole")}
                for row in told.goals[told.goals["indicator"] != ""].to_dict("records")
            ],
            "documents": [{"file": r.file, "sha256": r.sha256} for r in review.documents.records],
        }
    }  # fmt: skip


def _figures(rows: pd.DataFrame) -> dict[str, Any]:
    return {
        str(key): {name: rounded(value) for name, value in row.items()}
        for key, row in rows.to_dict("index").items()
    }


def _finite(value: float) -> float | None:
    return rounded(value) if math.isfinite(value) else None


def write_plan(
    review: PlanReview, folder: str | Path, *, disclosure: Disclosure = ON
) -> dict[str, Path]:
    """Write the page, the tables and the summary.

    Parameters
    ----------
    review
        The plan against who can choose.
    folder
        Gets ``map.html``, ``municipalities.csv``, ``regions.csv``, ``projects.csv``,
        ``profiles.csv``, ``goals.csv`` and ``summary.json``: all of them or, on an error, none.
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
    told = tell_plan(review, disclosure=disclosure)
    tables = {
        "municipalities.csv": for_file(told.municipalities.rename_axis("municipality_code").reset_index()),
        "regions.csv": for_file(told.regions.rename_axis("region").reset_index()),
        "projects.csv": projects_table(told),
        "profiles.csv": profiles_file(told),
        "goals.csv": for_file(told.goals),
    }  # fmt: skip
    writers = {
        name: (lambda path, table=table: write_csv(table, path)) for name, table in tables.items()
    }
    return write_together(
        Path(folder),
        {
            "map.html": lambda path: write_page(draw_plan(told), path),
            **writers,
            "summary.json": lambda path: write_json(summarise_plan(told, now()), path),
        },
    )
