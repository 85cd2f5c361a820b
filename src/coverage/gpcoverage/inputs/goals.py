"""The goals of a region's plan and the actions agreed under them."""

from pathlib import Path
from typing import Final, Literal

import pandas as pd
import pandera.pandas as pa

from gpcoverage.inputs import danish
from gpcoverage.inputs.plan import SOURCE, PlanTable, parse_list, read_rows, word
from gpcoverage.inputs.schema import Column, Fault, faults_at

IndicatorName = Literal[
    "open_share",
    "too_few_share",
    "people_per_doctor",
    "people_per_doctor_highest",
    "doctors",
    "older_doctors_share",
    "shared_practices_share",
]
INDICATORS: Final[tuple[IndicatorName, ...]] = (
    "open_share",
    "too_few_share",
    "people_per_doctor",
    "people_per_doctor_highest",
    "doctors",
    "older_doctors_share",
    "shared_practices_share",
)
"""What ``analysis/goals.py`` can measure."""

HIGHEST: Final = 1_000
"""No plan has more goals, nor a goal more actions."""

KINDS: Final = ("goal", "action", "project")


def _indicators(text: pd.Series) -> pd.Series:
    """Split lists of indicators; a missing value where one is unknown."""
    read = [part if set(part) <= set(INDICATORS) else None for part in parse_list(text)]
    return pd.Series(read, index=text.index, dtype=object)


def _whole(name: str, remedy: str) -> Column:
    return Column(
        name,
        f"must be a whole number from 1 to {HIGHEST:,}, or empty",
        remedy,
        parse=danish.parse_counts,
        check=pa.Check(lambda n: (n >= 1) & (n <= HIGHEST) & (n % 1 == 0)),
        required=True,
    )


TABLE: Final = (
    word("kind", KINDS),
    _whole("number", "Give the goal's number as in the document"),
    _whole("action", "Give the action's number under its goal"),
    Column("text", "must not be empty", "Say it in own words", required=True, blank=False),
    Column(
        "indicators",
        f"must be some of {', '.join(INDICATORS)}, with semicolons, or empty",
        "Correct the names",
        parse=_indicators,
        required=True,
    ),
    Column("why_not", "is text", "Say why the goal is not measured", required=True),
    Column("status", "is text", "Give the status that the document gives", required=True),
    _whole("steps", "Count the points under the action"),
    *SOURCE,
)

NUMBER: Final = Column(
    "",
    "must be there for a goal, once; for an action be that of a goal; for a project be empty",
    "Correct the number",
)
ACTION: Final = Column(
    "", "must be there for an action, once under its goal, and only there", "Correct the number"
)
MEASURE: Final = Column(
    "",
    "must be there for a goal if why_not is not, and only then",
    "Name indicators, or say why there are none",
)


def read_goals(path: str | Path) -> PlanTable:
    """Read goals and actions.

    Parameters
    ----------
    path
        A table such as ``data/goals.csv``.

    Returns
    -------
    PlanTable
        ``kind`` (``KINDS``), ``number`` of the goal and of the ``action`` (nullable integers; a
        project has neither), ``text`` (in Danish), ``indicators`` (tuple of ``INDICATORS``),
        ``why_not``, ``status``, ``steps`` (nullable integer), ``document`` and ``place``.

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    table = read_rows(Path(path), TABLE, "goals", _faults)
    counts = dict.fromkeys(("number", "action", "steps"), "Int64")
    return PlanTable(table.frame.astype(counts), table.record)


def _faults(rows: pd.DataFrame) -> list[Fault]:
    goal, action, project = (rows["kind"] == kind for kind in KINDS)
    known = rows.loc[goal, "number"].dropna()
    number, under = rows["number"], rows[["number", "action"]]
    wrong_number = (
        (
            goal
            & (
                number.isna()
                | rows[goal].duplicated("number").reindex(rows.index, fill_value=False)
            )
        )
        | (action & ~number.isin(known))
        | (project & number.notna())
    )
    twice = under[action].duplicated().reindex(rows.index, fill_value=False)
    wrong_action = (action & (rows["action"].isna() | twice)) | (~action & rows["action"].notna())
    measured = rows["indicators"].map(len, na_action="ignore") > 0
    wrong_measure = rows["indicators"].notna() & (measured != (goal & (rows["why_not"] == "")))
    return [
        *faults_at(_written(number)[wrong_number], NUMBER, "number"),
        *faults_at(_written(rows["action"])[wrong_action], ACTION, "action"),
        *faults_at(rows.loc[wrong_measure, "indicators"].map(";".join), MEASURE, "indicators"),
    ]


def _written(numbers: pd.Series) -> pd.Series:
    return numbers.map(lambda number: "" if pd.isna(number) else f"{number:g}")
