"""The goals of a plan that the suite's data can measure, and what they measure."""

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.grants import need_of
from gpcoverage.analysis.retirement import doctors_ages
from gpcoverage.inputs.goals import INDICATORS, IndicatorName

OLDER: Final = 60
"""Years. The age from which official counts of general practitioners tell the older ones apart."""


class Measured(NamedTuple):
    """An indicator's figure.

    Attributes
    ----------
    part, whole
        The figure is the first divided by the second; a count has a whole of 1. NaN if unknown.
    where
        The municipality it is about; empty for the whole area.
    """

    part: float
    whole: float
    where: str = ""

    @property
    def value(self) -> float:
        """The figure; infinite where a part has no whole, NaN where there is neither."""
        if self.whole == 0:
            return math.inf if self.part > 0 else math.nan
        return self.part / self.whole


def measure_goals(choice: Choice) -> pd.DataFrame:
    """Measure all indicators.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    DataFrame
        By name (``INDICATORS``): ``value``, ``part``, ``whole`` and ``where``, as
        :class:`Measured`. Of the practices in the area: ``open_share``; ``doctors`` and inhabitants
        per doctor, ``people_per_doctor``, NaN unless every practice's doctors are known;
        ``people_per_doctor_highest``, that of the municipality with most, among those whose doctors
        are all known; ``older_doctors_share``, of doctors of known age those who are ``OLDER`` or
        reach it in the study's year; ``shared_practices_share``, practices with more than one
        doctor. Of people: ``too_few_share``, those with fewer choices than the rule asks for.
    """
    found = {name: MEASURES[name](choice) for name in INDICATORS}
    rows = {name: (one.value, *one) for name, one in found.items()}
    return pd.DataFrame.from_dict(rows, "index", columns=["value", "part", "whole", "where"])


def goals_measured(goals: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Put the figures on the goals.

    Parameters
    ----------
    goals
        As :func:`~gpcoverage.inputs.goals.read_goals` gives them.
    indicators
        As :func:`measure_goals` gives them.

    Returns
    -------
    DataFrame
        One row per goal and indicator, and one per goal without any: ``number``, ``text``,
        ``indicator`` (empty if none), ``value``, ``part``, ``whole``, ``where``, ``why_not``.
    """
    rows = goals.loc[goals["kind"] == "goal", ["number", "text", "indicators", "why_not"]]
    one_each = rows.explode("indicators").rename(columns={"indicators": "indicator"})
    one_each = one_each.fillna({"indicator": ""})
    joined = one_each.merge(indicators, how="left", left_on="indicator", right_index=True)
    columns = ["number", "text", "indicator", "value", "part", "whole", "where", "why_not"]
    return joined[columns].fillna({"where": ""}).reset_index(drop=True)


def _inside(choice: Choice) -> pd.DataFrame:
    practices = choice.study.practices
    inside = practices["municipality_code"].isin(choice.study.municipality_codes)
    return pd.DataFrame(practices.loc[inside])


def _open(choice: Choice) -> Measured:
    is_open = _inside(choice)["open"]
    return Measured(float(is_open.sum()), float(len(is_open)))


def _too_few(choice: Choice) -> Measured:
    need = need_of(choice)
    return Measured(float(need["too_few"].sum()), float(need["population"].sum()))


def _doctors(choice: Choice) -> Measured:
    return Measured(float(_inside(choice)["doctors"].sum(skipna=False)), 1.0)


def _people_per_doctor(choice: Choice) -> Measured:
    people = float(choice.municipalities["population"].sum())
    return Measured(people, _doctors(choice).part)


def _highest(choice: Choice) -> Measured:
    rows = choice.municipalities
    grouped = _inside(choice).groupby("municipality_code")["doctors"]
    doctors = grouped.agg(lambda each: each.sum(skipna=False)).reindex(rows.index, fill_value=0.0)
    per_doctor = (rows["population"] / doctors)[doctors.notna() & (rows["population"] > 0)]
    if per_doctor.empty:
        return Measured(math.nan, math.nan)
    worst = rows.loc[per_doctor.idxmax()]
    return Measured(float(worst["population"]), float(doctors[worst.name]), str(worst["name"]))


def _older(choice: Choice) -> Measured:
    ages = doctors_ages(_inside(choice), choice.study.date.year)
    return Measured(float((ages >= OLDER).sum()), float(len(ages)))


def _shared(choice: Choice) -> Measured:
    doctors = _inside(choice)["doctors"].dropna()
    return Measured(float((doctors > 1).sum()), float(len(doctors)))


MEASURES: Final[dict[IndicatorName, Callable[[Choice], Measured]]] = {
    "open_share": _open,
    "too_few_share": _too_few,
    "people_per_doctor": _people_per_doctor,
    "people_per_doctor_highest": _highest,
    "doctors": _doctors,
    "older_doctors_share": _older,
    "shared_practices_share": _shared,
}
