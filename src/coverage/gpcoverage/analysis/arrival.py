"""Checks on arrival: whether the data look as they should, before anything is computed.

Inputs are read and refused elsewhere; what comes here could be read. Nothing is changed or left
out: what looks wrong is told, with what was expected, what was found and where.
"""

import datetime
import math
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from gpcoverage.analysis.findings import SEVERITIES, Finding, Severity, tabulate
from gpcoverage.analysis.land_checks import check_homes, check_municipalities
from gpcoverage.analysis.practice_checks import check_practices
from gpcoverage.inputs.homes import OUTSIDE_AREA
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.places import TAKES_OUT
from gpcoverage.inputs.references import ReferenceFigures
from gpcoverage.inputs.study import Study

LEFT_OUT_SHARE: Final = 0.01
"""Where more rows are left out, something is wrong with the file and not with some rows."""

IDS_SHOWN: Final = 3
ONE: Final = {
    "rows": "row",
    "practices": "practice",
    "municipalities": "municipality",
    "homes": "home",
}
SMALL: Final = 10.0
"""Lengths and areas below this have two decimals."""


@dataclass(frozen=True, slots=True)
class DataReview:
    """What the checks say of a study's data.

    Attributes
    ----------
    study
        What was checked.
    findings
        One row per finding, worst first: ``topic`` (``inputs``, ``municipalities``, ``homes``,
        ``practices``), ``check``, ``severity`` (``fault``, ``doubt``, ``note``), ``subject``,
        ``what`` (English), ``expected`` and ``found`` in ``unit`` (NaN where there is nothing to
        compare), ``limit`` (the threshold that ``what`` names), ``source`` of what was expected
        (empty: the check's own), ``ids``.
    places
        One row per place of a finding: ``finding`` (row of ``findings``), ``kind`` (``practice``,
        ``home``, ``municipality``), ``id``, ``name``, ``value`` and ``other`` (why), ``geometry``
        (points, EPSG:25832; missing where a municipality is).
    inputs
        What was read from which file, the reference figures included.
    """

    study: Study
    findings: pd.DataFrame
    places: gpd.GeoDataFrame
    inputs: tuple[InputRecord, ...]

    def count(self, severity: str) -> int:
        """Count the findings of a severity."""
        return int((self.findings["severity"] == severity).sum())


def review_data(study: Study, references: ReferenceFigures | None = None) -> DataReview:
    """Check a study's data against itself and against what others counted.

    Parameters
    ----------
    study
        As it is read.
    references
        Dated figures, from :func:`~gpcoverage.inputs.references.read_references`. Without them
        the area and the regions' practices and doctors are not compared, and a note says so.

    Returns
    -------
    DataReview
        The same whatever the order of the study's rows.

    Examples
    --------
    >>> from gpcoverage import load_study
    >>> from gpcoverage.analysis.arrival import review_data
    >>> review_data(load_study("data/midtjylland.toml")).count("fault")  # doctest: +SKIP
    0
    """
    findings, places = tabulate(
        [
            *_check_inputs(study, references),
            *check_municipalities(study, references),
            *check_homes(study),
            *check_practices(study, references),
        ]
    )
    own = () if references is None else (references.record,)
    return DataReview(study, findings, places, (*study.inputs, *own))


def _check_inputs(study: Study, references: ReferenceFigures | None) -> list[Finding]:
    findings = []
    if study.partly_modelled:
        findings.append(Finding("modelled", "note"))
    if references is None:
        findings.append(Finding("no_references", "note"))
    for record in study.inputs:
        # That homes beyond the area are not counted is the study's own wish, and so are corrections.
        wished = {OUTSIDE_AREA, TAKES_OUT}
        lost = sum(len(item.rows) for item in record.left_out if item.reason not in wished)
        if lost:
            severity: Severity = "doubt" if lost > LEFT_OUT_SHARE * record.rows_in else "note"
            findings.append(Finding("left_out", severity, record.file, 0.0, float(lost)))
    return findings


def summary_lines(review: DataReview) -> list[str]:
    """Tell the findings in English, for the terminal.

    Parameters
    ----------
    review
        What the checks say.

    Returns
    -------
    list of str
        First how many of each severity, then a line for each finding, worst first.
    """
    counts = ", ".join(
        f"{review.count(s)} {s}{'' if review.count(s) == 1 else 's'}" for s in SEVERITIES
    )
    lines = [f"{review.study.name}, {review.study.date}: {counts}"]
    for row in review.findings.to_dict("records"):
        about = f"{row['subject']}: " if row["subject"] else ""
        lines.append(f"{row['severity']}: {about}{row['what']}{_compared(row, review.study.date)}")
    return lines


def _compared(row: dict[str, Any], date: datetime.date) -> str:
    """Write what was found, what was expected and where; empty where there is nothing to tell."""
    told = []
    if not math.isnan(row["found"]):
        day = f" on {date}" if row["expected"] > 0 else ""
        told.append(f"found {_figure(row['found'], row['unit'])}{day}")
    if row["expected"] > 0:
        source = f" ({row['source']})" if row["source"] else ""
        told.append(f"expected {_figure(row['expected'], row['unit'])}{source}")
    if row["ids"]:
        more = f" and {len(row['ids']) - IDS_SHOWN} more" if len(row["ids"]) > IDS_SHOWN else ""
        told.append(f"{', '.join(row['ids'][:IDS_SHOWN])}{more}")
    return f": {'; '.join(told)}" if told else ""


def _figure(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value:.1%}"
    decimals = 2 if unit.startswith("km") and value < SMALL else 0
    return f"{value:,.{decimals}f} {ONE.get(unit, unit) if value == 1 else unit}".strip()
