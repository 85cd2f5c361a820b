"""One known figure beside ours, and whether the two agree."""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

import pandas as pd

AGREEMENTS: Final = ("yes", "no", "not comparable")
SLACK: Final = 1e-9
"""Sums of fractions are off by so little at most, as a share of the figure."""


class Compared(NamedTuple):
    """A known figure and ours.

    Attributes
    ----------
    check
        What is compared, by its short name.
    subject
        About whom or what: a region, a town, two towns.
    date
        When the others counted or measured.
    expected
        What they found.
    unit
        Of the figures and the tolerance: ``km``, ``m``, ``km2``, ``people``, ``practices``,
        ``doctors`` or ``share``.
    source
        Where it stands.
    why
        Short names of what there is to say: why the figures differ, why they cannot be compared,
        and what their agreement would prove.
    ours
        What we find; NaN where the study cannot answer.
    tolerance
        How far ours may be off; NaN where it is not to be judged.
    """

    check: str
    subject: str
    date: str
    expected: float
    unit: str
    source: str
    why: tuple[str, ...] = ()
    ours: float = math.nan
    tolerance: float = math.nan


def tabulate(rows: Iterable[Compared]) -> pd.DataFrame:
    """Make a table of comparisons.

    Parameters
    ----------
    rows
        The comparisons.

    Returns
    -------
    DataFrame
        One row each: the attributes of :class:`Compared`, ``difference`` (ours less expected) and
        ``agrees``: ``yes`` or ``no`` by the tolerance, ``not comparable`` where ours is missing
        or not to be judged.
    """
    table = pd.DataFrame(list(rows), columns=list(Compared._fields))
    difference = table["ours"] - table["expected"]
    judged = difference.notna() & table["tolerance"].notna()
    within = difference.abs() <= table["tolerance"] + SLACK * table["expected"].abs()
    agrees = within.map({True: AGREEMENTS[0], False: AGREEMENTS[1]}).where(judged, AGREEMENTS[2])
    order = ["check", "subject", "date", "expected", "ours", "difference", "unit", "tolerance", "agrees", "why", "source"]  # fmt: skip
    return table.assign(difference=difference, agrees=agrees)[order]
