"""Known figures beside ours, as a table for a report and as files."""

import math
from pathlib import Path
from typing import Any, Final

import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.compared import AGREEMENTS
from gpcoverage.csvfile import write_csv
from gpcoverage.files import write_together
from gpcoverage.inputs.reference_facts import KnownFigures
from gpcoverage.outputs import numerals
from gpcoverage.outputs import validation_texts as texts
from gpcoverage.outputs.disclosure import ON, Disclosure, may_sum_lists
from gpcoverage.outputs.language import say
from gpcoverage.outputs.summary import now, rounded, summarise, write_json
from gpcoverage.outputs.tables import PEOPLE_DECIMALS
from gpcoverage.outputs.told import tell_choice

NO_ANSWER: Final = "-"
PERCENT: Final = 100
NEAR: Final = ("far", "catchment", "far_share")
"""Figures of one town's people, from which the others can be worked out."""


def tell_validation(
    figures: pd.DataFrame, practices: pd.DataFrame, *, disclosure: Disclosure = ON
) -> pd.DataFrame:
    """Leave out what must not be told.

    Parameters
    ----------
    figures
        From :func:`~gpcoverage.analysis.validation.compute_validation`.
    practices
        The study's.
    disclosure
        What may be told.

    Returns
    -------
    DataFrame
        A copy. Where few people are far, or few are not, all that is told of the town's people is
        left out; and so is a sum of lists that would tell a single doctor's. ``why`` says so.
    """
    hidden = pd.Series(data=False, index=figures.index)
    for town in figures.loc[figures["check"].isin(["patients", *NEAR]), "subject"].unique():
        of_town = figures["subject"] == town
        ours = figures[of_town].set_index("check")["ours"]
        all_near, far = ours.get("catchment", math.nan), ours.get("far", math.nan)
        if any(disclosure.is_small(people) for people in (all_near, far, all_near - far)):
            hidden |= of_town & figures["check"].isin(NEAR)
        if not may_sum_lists(practices[practices["town"] == town], options=disclosure):
            hidden |= of_town & (figures["check"] == "patients")
    hidden &= figures["ours"].notna()
    why = [
        (*names, "left_out") if left else names
        for names, left in zip(figures["why"], hidden, strict=True)
    ]
    numbers = ["ours", "difference", "tolerance"]
    told = figures.assign(why=why, agrees=figures["agrees"].mask(hidden, AGREEMENTS[-1]))
    return told.assign(**{name: told[name].mask(hidden) for name in numbers})


def validation_table(told: pd.DataFrame) -> tuple[list[str], pd.DataFrame]:
    """Write known figures beside ours, for :func:`~gpcoverage.outputs.markup.table_html`.

    Parameters
    ----------
    told
        From :func:`tell_validation`.

    Returns
    -------
    head
        Headings.
    body
        Cells, plain text, in the language that is being spoken.
    """
    head = [say(texts.HEADINGS[name]) for name in texts.HEADINGS]
    body = []
    for row in told.to_dict("records"):
        ours, difference = (_cell(row, name) for name in ("ours", "difference"))
        body.append(
            (
                say(texts.CHECKS[row["check"]]),
                row["subject"],
                row["date"],
                figure(row["expected"], row["unit"]),
                ours,
                difference,
                say(texts.AGREES[row["agrees"]]),
                reasons(row["why"]),
                row["source"],
            )
        )
    return head, pd.DataFrame(body, columns=head)


def _cell(row: dict[str, Any], name: str) -> str:
    value = row[name]
    if not math.isnan(value):
        return figure(value, row["unit"], is_difference=name == "difference")
    return numerals.HIDDEN if "left_out" in row["why"] else NO_ANSWER


def figure(value: float, unit: str, *, is_difference: bool = False) -> str:
    """Write a figure with its unit; whole numbers without decimals, differences with their sign.

    Parameters
    ----------
    value
        No NaN.
    unit
        As in the table of figures; a share is written in percent.
    is_difference
        Of two figures: with a sign, and shares in points of percent.

    Returns
    -------
    str
    """
    shown = value * PERCENT if unit == "share" else value
    decimals = 1 if unit in {"share", "km"} and abs(shown - round(shown)) >= 0.05 else 0  # noqa: PLR2004  would show as ,0
    is_zero = round(shown, decimals) == 0
    text = numerals.number(abs(shown) if is_zero else shown, decimals)
    if is_difference and not is_zero and shown > 0:
        text = f"+{text}"
    if is_difference and unit == "share":
        return say(texts.POINTS, value=text)
    return say(texts.UNITS[unit], value=text)


def reasons(why: tuple[str, ...]) -> str:
    """Put the short names of reasons into sentences."""
    return " ".join(say(texts.WHYS[name]) for name in why)


def answer(told: pd.DataFrame) -> str:
    """Say how many of the figures agree, of those that can be compared."""
    judged = told["agrees"] != AGREEMENTS[-1]
    agree = told["agrees"] == AGREEMENTS[0]
    return say(texts.ANSWER, all=len(told), judged=int(judged.sum()), agree=int(agree.sum()))


def write_validation(
    figures: pd.DataFrame,
    choice: Choice,
    known: KnownFigures,
    folder: str | Path,
    *,
    disclosure: Disclosure = ON,
) -> dict[str, Path]:
    """Write ``validation.csv`` and ``summary.json``.

    Parameters
    ----------
    figures
        From :func:`~gpcoverage.analysis.validation.compute_validation`.
    choice, known
        What was compared.
    folder
        Where to.
    disclosure
        What may be told.

    Returns
    -------
    dict
        Path by file name.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    told = tell_validation(figures, choice.study.practices, disclosure=disclosure)
    summary = summarise(tell_choice(choice, disclosure=disclosure), now())
    summary |= {"validation": _summarise(told, known)}
    return write_together(
        Path(folder),
        {
            "validation.csv": lambda path: write_csv(for_csv(told), path),
            "summary.json": lambda path: write_json(summary, path),
        },
    )


def for_csv(told: pd.DataFrame) -> pd.DataFrame:
    """Make the figures ready for writing: reasons in words, numbers to a millionth."""
    return told.assign(why=told["why"].map(reasons)).round(PEOPLE_DECIMALS)


def _summarise(told: pd.DataFrame, known: KnownFigures) -> dict[str, Any]:
    numbers = ("expected", "ours", "difference", "tolerance")
    return {
        "agrees": {kind: int((told["agrees"] == kind).sum()) for kind in AGREEMENTS},
        "figures": [
            row | {name: rounded(row[name]) for name in numbers} | {"why": list(row["why"])}
            for row in told.to_dict("records")
        ],
        "inputs": [
            {"role": record.role, "file": record.file, "sha256": record.sha256}
            for record in known.records
        ],
    }
