"""How the data look on arrival: one page with a map and the findings, and a table of them."""

import math
from pathlib import Path
from typing import Any, Final

import folium
import geopandas as gpd
import pandas as pd

from gpcoverage.analysis.arrival import DataReview
from gpcoverage.analysis.findings import SEVERITIES, Severity
from gpcoverage.csvfile import write_csv
from gpcoverage.files import write_together
from gpcoverage.outputs import data_texts
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.layers import add_borders, add_points, dot
from gpcoverage.outputs.markup import facts_html, safe, table_html
from gpcoverage.outputs.page import Page, add_style, finish_map, start_map, write_page
from gpcoverage.outputs.tables import for_file

FILLS: Final = {"fault": "#7a1736", "doubt": "#e58a1f", "note": "#ffffff"}
EDGES: Final = {"fault": "#ffffff", "doubt": "#ffffff", "note": "#12507b"}
RADIUS_PX: Final = {"fault": 8.0, "doubt": 5.5, "note": 4.0}
"""Told apart by size and lightness, not by hue alone."""

MANY_PX: Final = 2.8


def data_map(review: DataReview) -> folium.Map:
    """Draw where the data look wrong, with all findings below.

    Parameters
    ----------
    review
        What the checks say.

    Returns
    -------
    folium.Map
        Shows itself in a notebook.
    """
    drawn = start_map(_page(review), review.study)
    add_style(drawn, "data.css")
    add_borders(drawn, review.study)
    marks = _marks(review)
    if len(marks):
        _add_marks(drawn, marks)
    finish_map(drawn, review.study)
    return drawn


def _page(review: DataReview) -> Page:
    return Page(
        title=data_texts.title(review),
        answer=data_texts.answer(review),
        legend_title=say(data_texts.PLACES_LABEL),
        legend=_legend(review),
        table_title=say(data_texts.TABLE_TITLE),
        table=_tables(review),
        footnotes=data_texts.footnote(review),
        partly_modelled=review.study.partly_modelled,
        table_open=True,
    )


def _legend(review: DataReview) -> list[tuple[str, str]]:
    items = [(dot(FILLS[s], _ring(s)), safe(data_texts.legend(review, s))) for s in SEVERITIES]
    if not (_many(review)):
        return items
    small = (
        '<svg width="18" height="14" aria-hidden="true"><circle cx="9" cy="7" '
        f'r="{MANY_PX}" fill="#52606d"/></svg>'
    )
    return [*items, (small, safe(say(data_texts.MANY_LABEL, n=data_texts.MANY)))]


def _many(review: DataReview) -> set[int]:
    """Find the findings with so many places that each place says little."""
    counts = review.places["finding"].value_counts()
    return set(counts.index[counts > data_texts.MANY])


def _ring(severity: Severity) -> str:
    """Give a dot's edge on white paper, where white would not be seen."""
    return EDGES[severity] if EDGES[severity] != "#ffffff" else FILLS[severity]


def _tables(review: DataReview) -> str:
    """Write the findings by severity, and the files."""
    parts = []
    for severity in SEVERITIES:
        rows = [
            _finding_row(review, row, finding)
            for row, finding in enumerate(review.findings.to_dict("records"))
            if finding["severity"] == severity
        ]
        if rows:
            head = safe(say(data_texts.SEVERITY_HEADS[severity]))
            headings = "".join(f"<th scope='col'>{safe(text)}</th>" for text in _finding_heads())
            parts.append(
                f"<h3>{dot(FILLS[severity], _ring(severity))}{head}</h3><table class='findings'>"
                f"<thead><tr>{headings}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
            )
    files = pd.DataFrame([data_texts.file_row(record) for record in review.inputs])
    table = table_html([*say_all(data_texts.FILE_HEADS).values()], files)
    return f"{''.join(parts)}<h3>{safe(say(data_texts.FILES_HEAD))}</h3><div class='files'>{table}</div>"


def _finding_heads() -> list[str]:
    return [*say_all(data_texts.FINDING_HEADS).values()]


def _finding_row(review: DataReview, row: int, finding: dict[str, Any]) -> str:
    subject = f"<b>{safe(finding['subject'])}</b>: " if finding["subject"] else ""
    where = data_texts.places(review, row)
    small = f"<small>{safe(where)}</small>" if where else ""
    cells = [
        safe(say(data_texts.TOPIC_LABELS[finding["topic"]])),
        f"{subject}{safe(data_texts.what(finding))}{small}",
        safe(data_texts.figure(finding["found"], finding["unit"])),
        safe(data_texts.figure(finding["expected"] or math.nan, finding["unit"])),
        safe(finding["source"]),
    ]
    # Narrow screens show a finding as a block and the headings before the figures.
    return "".join(
        ["<tr>"]
        + [
            f'<td data-head="{safe(head)}">{text}</td>'
            for head, text in zip(_finding_heads(), cells, strict=True)
        ]
        + ["</tr>"]
    )


def _marks(review: DataReview) -> gpd.GeoDataFrame:
    """Put what was found at one point into one mark, worst last so that it is drawn on top."""
    placed = review.places[~review.places.geometry.isna()].reset_index(drop=True)
    findings, many = review.findings.to_dict("records"), _many(review)
    marks = []
    for at in placed.groupby(placed.geometry.to_wkb(), sort=True).indices.values():
        here = placed.iloc[at]
        told = set(here["finding"])
        severity = findings[min(told - many or told)]["severity"]
        radius_px = RADIUS_PX[severity] if told - many else MANY_PX
        names = [str(name or ident) for name, ident in zip(here["name"], here["id"], strict=True)]
        title = names[0]
        if len(set(here["id"])) > 1:
            title = say(data_texts.SEVERAL, n=len(set(here["id"])), name=title)
        content = "".join(
            _popup(findings[int(row)], group) for row, group in here.groupby("finding")
        )
        marks.append((severity, radius_px, safe(title), content, here.geometry.iloc[0]))
    marks.sort(key=lambda mark: mark[1])
    columns = ["severity", "radius_px", "title", "content", "geometry"]
    return gpd.GeoDataFrame(marks, columns=columns, geometry="geometry", crs=placed.crs)


def _popup(finding: dict[str, Any], here: gpd.GeoDataFrame) -> str:
    """Say what was found at a place, and for which practices or homes."""
    names = "; ".join(data_texts.place(finding["check"], row) for row in here.to_dict("records"))
    return facts_html(
        {
            say(data_texts.SEVERITY_LABELS[finding["severity"]]): data_texts.what(finding),
            say(data_texts.KIND_LABELS[here["kind"].iloc[0]], count=1): names,
        }
    )


def _add_marks(drawn: folium.Map, marks: gpd.GeoDataFrame) -> None:
    add_points(
        drawn,
        marks,
        say(data_texts.PLACES_LABEL),
        lambda row: (FILLS[row["severity"]], EDGES[row["severity"]]),
    )


def findings_table(review: DataReview) -> pd.DataFrame:
    """Make the findings ready for writing.

    Parameters
    ----------
    review
        What the checks say.

    Returns
    -------
    DataFrame
        One row per place of a finding, or one row for a finding without places: ``finding`` (its
        number, worst first), ``severity``, ``topic``, ``check``, ``subject``, ``what``,
        ``expected``, ``found``, ``unit``, ``source``, then ``kind``, ``id``, ``name``, ``value``,
        ``other`` of the place, ``easting_m`` and ``northing_m`` (EPSG:25832, to 0.1 m).
    """
    points = review.places.geometry
    places = pd.DataFrame(review.places.drop(columns="geometry")).assign(
        easting_m=points.map(lambda point: point.x if point else float("nan")),
        northing_m=points.map(lambda point: point.y if point else float("nan")),
    )
    table = review.findings.drop(columns=["ids", "limit"]).merge(
        places, how="left", left_index=True, right_on="finding"
    )
    ordered = [
        "finding",
        "severity",
        "topic",
        *table.columns.drop(["finding", "severity", "topic"]),
    ]
    table = table[ordered].assign(finding=table["finding"] + 1).reset_index(drop=True)
    return for_file(table)


def write_data_report(review: DataReview, folder: str | Path) -> dict[str, Path]:
    """Write how the data look.

    Parameters
    ----------
    review
        What the checks say.
    folder
        Gets ``data.html`` (one page, no internet) and ``data.csv``: both or, on an error, none.
        Other files in it are left alone.

    Returns
    -------
    dict
        Path by file name.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    return write_together(
        Path(folder),
        {
            "data.html": lambda path: write_page(data_map(review), path),
            "data.csv": lambda path: write_csv(findings_table(review), path),
        },
    )
