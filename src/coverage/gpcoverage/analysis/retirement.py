"""When a practice's doctors reach an age at which doctors tend to stop."""

import datetime
from typing import Final

import numpy as np
import pandas as pd

RETIREMENT_AGE: Final = 67
"""An assumption, not a fact about anybody. It is the state pension age of those born from July 1955
to 1962 (Lov om social pension § 1 a); doctors who owned a practice and went into retirement in 2022
were 66 on average (PLO's register, told by Ugeskrift for Læger on 23 February 2023). Later years
have a higher pension age, and many doctors sell earlier."""

BIRTH_YEAR: Final = r"(?<!\d)((?:19|20)\d\d)(?!\d)"
YOUNGEST: Final = 24
OLDEST: Final = 95
"""A birth year that makes a doctor younger or older than this is taken for a slip: unknown."""


def doctors_ages(practices: pd.DataFrame, year: int) -> pd.Series:
    """List the doctors whose birth year is known, by the age they reach in a year.

    Parameters
    ----------
    practices
        Text column ``birth_years``: years such as ``1961;1979``, one per doctor; it may be missing.
    year
        The study's.

    Returns
    -------
    Series
        One row per doctor, int64, years; the index is the position of the practice.
    """
    text = practices.get("birth_years", pd.Series("", practices.index)).fillna("").astype(str)
    # By position: ids may be of any kind, and extractall repeats them.
    born = text.reset_index(drop=True).str.extractall(BIRTH_YEAR)[0].astype(int)
    ages = year - born
    return ages[ages.between(YOUNGEST, OLDEST)].droplevel(1)


def retirement(
    practices: pd.DataFrame, date: datetime.date, *, age: int = RETIREMENT_AGE
) -> pd.DataFrame:
    """Put a year on the practices: when their doctors reach an age.

    A practice loses capacity from ``retire_first`` on, and unless somebody takes over it is gone
    after ``retire_last``; so the expected order goes by the last doctor, then by the first.

    Parameters
    ----------
    practices
        As for :func:`doctors_ages`.
    date
        The study's day.
    age
        Years; an assumption, see ``RETIREMENT_AGE``.

    Returns
    -------
    DataFrame
        On the same index: ``doctors_of_known_age`` (how many birth years are known),
        ``retire_first`` and ``retire_last`` (year in which the first and the last of them reach
        the age; one before the study's has passed; NaN where none is known), ``retire_order`` (1 is
        expected first; equals share a number; NaN).
    """
    born = date.year - doctors_ages(practices, date.year)
    reached = (born + age).groupby(level=0).agg(["size", "min", "max"])
    reached = reached.reindex(range(len(practices))).set_axis(practices.index)
    order = reached["max"] * 10_000 + reached["min"]
    return pd.DataFrame(
        {
            "doctors_of_known_age": reached["size"].fillna(0).astype(np.int64),
            "retire_first": reached["min"].astype(float),
            "retire_last": reached["max"].astype(float),
            "retire_order": order.rank(method="min"),
        }
    )
