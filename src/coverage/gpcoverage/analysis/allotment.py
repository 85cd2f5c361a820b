"""What there is to give out, doctors' capacities or training posts, allotted to areas.

Whole numbers by Webster's and Sainte-Laguë's divisor method: each in turn goes to the area with
the largest score / (2 n + 1), where n is what it has. Nobody gets less when there is more to give out.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from gpcoverage.analysis.capacity import Capacity
from gpcoverage.analysis.choice import Choice
from gpcoverage.inputs.ceilings import ASSUMED_PER_DOCTOR

TRAINEES_PER_YEAR: Final = 290
"""Trainees a year who would stay longer in general practice, in the whole country (the
government's proposal on *lægedækning*: about 290)."""

YEARS_LONGER: Final = 0.5
"""How much longer each would stay there, years (the same proposal: half a year). A post filled year after
year is therefore half a trainee there at any time. How much of a doctor's work a trainee does is
not said; ``doctors_each`` is the place for it."""


@dataclass(frozen=True, slots=True, eq=False)
class Allotment:
    """What each area gets.

    Attributes
    ----------
    areas
        One row per area, in the order of the criteria, by code: ``name``, ``population``,
        ``doctors``, a column ``share_…`` per criterion (the area's share of its sum),
        ``score`` (these, weighted; adds up to 1), ``allotted`` (whole), ``doctors_after``,
        ``residents_per_doctor`` and ``residents_per_doctor_after`` (NaN without a doctor).
    number
        What was given out.
    weights
        What each criterion counted, adding up to 1.
    doctors_each
        What one is in doctors.
    """

    areas: pd.DataFrame
    number: int
    weights: Mapping[str, float]
    doctors_each: float


def apportion(
    number: int,
    weights: pd.Series,
    *,
    first: pd.Series | None = None,
    room: pd.Series | None = None,
) -> pd.Series:
    """Divide a whole number into whole numbers in proportion to weights.

    Parameters
    ----------
    number
        How many there are, 0 or more.
    weights
        By code: finite, 0 or more. Who has 0 gets nothing.
    first
        By code: these are served before all others, until they have no room left. By default
        nobody is.
    room
        By code: the most each can take, whole. By default there is no end to it.

    Returns
    -------
    Series
        ``int64`` on the index of the weights; adds up to ``number``. Of equals the lowest code
        goes first, so the order of the rows does not matter; with a larger number nobody gets
        less.

    Raises
    ------
    ValueError
        If a code stands twice, a number is negative or not finite, or there is not room for all.
    """
    codes = weights.index
    rooms = pd.Series(np.inf, codes) if room is None else room.reindex(codes)
    ahead = pd.Series(False, codes) if first is None else first.reindex(codes)
    valid = np.isfinite(weights) & (weights >= 0) & (rooms >= 0) & ahead.notna()
    if number < 0 or not codes.is_unique or not valid.all():
        msg = f"Invalid number {number}, weights, first or room. Codes must be unique, numbers 0 or more, and first and room given for every code."
        raise ValueError(msg)
    # Who goes first, then the largest quotient, then the lowest code.
    queue = [
        (not ahead[code], -float(weights[code]), code)
        for code in codes
        if weights[code] > 0 and rooms[code] >= 1
    ]
    heapq.heapify(queue)
    has = dict.fromkeys(codes, 0)
    for given in range(number):
        if not queue:
            msg = (
                f"There is room for {given} of {number} only. Give room, or weight, to more areas."
            )
            raise ValueError(msg)
        later, _, code = queue[0]
        has[code] += 1
        if has[code] + 1 <= rooms[code]:
            heapq.heapreplace(queue, (later, -float(weights[code]) / (2 * has[code] + 1), code))
        else:
            heapq.heappop(queue)
    return pd.Series(has, index=codes, dtype="int64")


def criteria_of(
    choice: Choice, capacity: Capacity, *, per_doctor: float = ASSUMED_PER_DOCTOR
) -> pd.DataFrame:
    """Measure the municipalities of an area by three criteria that the study itself can tell.

    Parameters
    ----------
    choice, capacity
        Of one study.
    per_doctor
        Residents per doctor that are thought enough; above it doctors are lacking.

    Returns
    -------
    DataFrame
        By municipality code, all 0 or more: ``population``; ``lacking_doctors`` (doctors it would
        take to bring residents per doctor down to ``per_doctor``); ``without_choice`` (people
        with fewer practices to choose from than the rule wants).
    """
    table, people = capacity.municipalities, choice.municipalities
    without = [
        f"{status}_{sure}" for status in ("none", "one") for sure in ("certain", "uncertain")
    ]
    return pd.DataFrame(
        {
            "population": table["population"],
            "lacking_doctors": (table["population"] / per_doctor - table["doctors"]).clip(lower=0),
            "without_choice": people[without].sum(axis=1).reindex(table.index),
        }
    )


def allot(
    capacity: Capacity,
    number: int,
    criteria: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    doctors_each: float = 1.0,
    first: pd.Series | None = None,
    room: pd.Series | None = None,
) -> Allotment:
    """Allot capacities or training posts to municipalities by weighted criteria.

    Each criterion's column becomes shares of its sum, the shares are weighted into a score, and
    the number is divided in proportion to the score.

    Parameters
    ----------
    capacity
        Residents and doctors before.
    number
        How many there are.
    criteria
        By municipality code: one column per criterion, 0 or more; the larger, the more it gets.
        From :func:`criteria_of`, or the user's own, such as the people of shortage areas.
    weights
        What each criterion counts: greater than 0, in any unit.
    doctors_each
        What one is in doctors: 1 for a capacity.
    first, room
        As for :func:`apportion`: areas served first, such as shortage areas, and the most that
        each can take.

    Returns
    -------
    Allotment

    Raises
    ------
    ValueError
        If a municipality or a criterion is unknown, a criterion is 0 everywhere, negative or not
        finite, a weight is not greater than 0, or there is not room for all.

    Examples
    --------
    >>> allot(capacity, 5, criteria_of(choice, capacity), {"lacking_doctors": 1})  # doctest: +SKIP
    """
    shares = _shares(capacity, criteria, weights)
    whole = sum(weights.values())
    weighed = {name: weight / whole for name, weight in weights.items()}
    score = (shares * pd.Series(weighed)).sum(axis=1)
    allotted = apportion(number, score, first=first, room=room)
    areas = capacity.municipalities.loc[shares.index, ["name", "population", "doctors"]]
    after = areas["doctors"] + doctors_each * allotted
    areas = areas.join(shares.add_prefix("share_")).assign(
        score=score,
        allotted=allotted,
        doctors_after=after,
        residents_per_doctor=areas["population"] / areas["doctors"].where(areas["doctors"] > 0),
        residents_per_doctor_after=areas["population"] / after.where(after > 0),
    )
    return Allotment(areas, number, weighed, doctors_each)


def _shares(
    capacity: Capacity, criteria: pd.DataFrame, weights: Mapping[str, float]
) -> pd.DataFrame:
    """Turn the criteria that have a weight into shares of their sums."""
    unknown = [*criteria.index.difference(capacity.municipalities.index)]
    unknown += [name for name in weights if name not in criteria]
    if unknown or not weights:
        msg = f"Unknown {', '.join(map(str, unknown)) or 'weights'}. Give municipalities of the area, and weights for columns of the criteria."
        raise ValueError(msg)
    used = criteria[list(weights)].astype("float64")
    sums = used.sum()
    wrong = [name for name in used if not (np.isfinite(used[name]) & (used[name] >= 0)).all()]
    wrong += [name for name, weight in weights.items() if not 0 < weight < np.inf or not sums[name]]
    if wrong:
        msg = f"Invalid criteria {', '.join(dict.fromkeys(wrong))}. Each must be 0 or more everywhere and not 0 everywhere, and its weight greater than 0."
        raise ValueError(msg)
    return used / sums
