"""How many people a doctor has, how many places are free, and how many practices are open."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.analysis.choice import Choice
from gpcoverage.errors import DataIntegrityError
from gpcoverage.inputs.ceilings import ASSUMED, NO_CEILINGS, Ceilings
from gpcoverage.inputs.scenario import Open
from gpcoverage.inputs.study import Study

SUMMED: Final = (
    "population",
    "doctors",
    "unknown_doctors",
    "practices",
    "open_practices",
    "patients",
    "unknown_lists",
    "free_open",
    "free_closed",
    "over_ceiling",
    "assumed_ceilings",
)


@dataclass(frozen=True, slots=True)
class Indicators:
    """What the region's plan of 2008 held practices against; indicators, no rules.

    Attributes
    ----------
    base_low, base_high
        Patients, or residents, that a practice needs to be run effectively: 8,000 to 12,000.
    cap_per_doctor
        The most patients per doctor then: 2,542.
    """

    base_low: float = 8_000
    base_high: float = 12_000
    cap_per_doctor: float = 2_542


PLAN_2008: Final = Indicators()


@dataclass(frozen=True, slots=True, eq=False)
class Capacity:
    """What the practices of a study's area hold.

    Attributes
    ----------
    study
        Whose practices and homes.
    practices
        One row per practice of the area, by id: ``name``, ``town``, ``municipality_code``,
        ``open``, ``doctors``, ``list_size``, ``patients_per_doctor``, ``per_doctor``,
        ``basis``, ``ceiling``, ``free`` and ``over_ceiling`` as in :func:`places`, ``base``
        (its list against the plan's 8,000 to 12,000: below, within, above, unknown) and
        ``over_cap`` (more than 2,542 patients per doctor; False where unknown).
    municipalities
        One row per municipality of the area, by code: ``name``, ``population``, ``doctors``
        (known ones), ``unknown_doctors`` (practices whose number is not known), ``practices``,
        ``open_practices``, ``patients``, ``unknown_lists``, ``free_open`` and ``free_closed``
        (free places of practices open and closed for intake; unknown ones count none),
        ``over_ceiling`` (patients above their practice's ceiling), ``assumed_ceilings``
        (practices whose ceiling is an assumption), ``open_share`` and ``residents_per_doctor``
        (NaN where there is no practice, no doctor; too high where some are unknown). With a
        summer also ``summer_population`` and ``summer_per_doctor``.
    total
        The same for the whole area.
    """

    study: Study
    practices: pd.DataFrame
    municipalities: pd.DataFrame
    total: pd.Series


def places(study: Study, ceilings: Ceilings = NO_CEILINGS, *, drafts: bool = False) -> pd.DataFrame:
    """Count the free places of every practice, in the area and beyond it.

    Parameters
    ----------
    study
        Its date picks the ceilings. A practice that the study's scenario opens has nobody on its
        list yet.
    ceilings
        Patients per doctor; 1,600 is assumed where they say nothing.
    drafts
        Whether ceilings that are drafts count.

    Returns
    -------
    DataFrame
        One row per practice, by id: ``doctors``, ``list_size``, ``per_doctor`` (patients),
        ``basis`` (in force, draft, assumed), ``ceiling`` (whole patients), ``free`` (places up to
        it, 0 and more) and ``over_ceiling`` (patients beyond it); NaN where the list or the
        number of doctors is not known.
    """
    practices = study.practices
    table = pd.DataFrame(practices[["doctors", "list_size"]])
    opened = [change.id for change in study.scenario.changes if isinstance(change, Open)]
    new = table.index.isin(opened) & table["list_size"].isna()
    table["list_size"] = table["list_size"].mask(new, 0.0)
    held = ceilings.of(practices, study.date, drafts=drafts)
    table = table.join(held[["per_doctor", "basis"]])
    ceiling = np.floor(table["per_doctor"] * table["doctors"])
    return table.assign(
        ceiling=ceiling,
        free=(ceiling - table["list_size"]).clip(lower=0),
        over_ceiling=(table["list_size"] - ceiling).clip(lower=0),
    )


def compute_capacity(
    study: Study,
    ceilings: Ceilings = NO_CEILINGS,
    *,
    drafts: bool = False,
    indicators: Indicators = PLAN_2008,
    summer: pd.Series | None = None,
) -> Capacity:
    """Count doctors, free places and open practices, municipality by municipality.

    Parameters
    ----------
    study
        The study.
    ceilings, drafts
        As for :func:`places`.
    indicators
        What lists are held against.
    summer
        By ``home_id``: how many times its residents are there in summer, 1 or more; from
        :func:`summer_around`, or the user's own. No source gives a figure, so there is none by
        default.

    Returns
    -------
    Capacity

    Raises
    ------
    ValueError
        If ``summer`` is not one finite number of 1 or more for each home.
    DataIntegrityError
        If people are lost between homes and municipalities.

    Examples
    --------
    >>> from gpcoverage import load_study
    >>> from gpcoverage.analysis.capacity import compute_capacity
    >>> compute_capacity(load_study("data/midtjylland.toml")).total  # doctest: +SKIP
    """
    practices = _practices(study, places(study, ceilings, drafts=drafts), indicators)
    municipalities = _municipalities(study, practices)
    if summer is not None:
        times = check_summer(study, summer)
        people = (study.homes["population"] * times).groupby(study.homes["municipality_code"]).sum()
        municipalities["summer_population"] = people.reindex(municipalities.index).fillna(0.0)
    numbers = municipalities.drop(columns="name")
    together = numbers.sum().to_frame("total").T
    total = _shares(together).iloc[0]
    if not math.isclose(total["population"], study.homes["population"].sum(), rel_tol=1e-9):
        msg = "People were lost between homes and municipalities; no result is given. Check that every home's municipality_code is in the study's area."
        raise DataIntegrityError(msg)
    return Capacity(study, practices, _shares(municipalities), total)


def _practices(study: Study, counted: pd.DataFrame, indicators: Indicators) -> pd.DataFrame:
    inside = study.practices["municipality_code"].isin(study.municipality_codes)
    named = study.practices.loc[inside, ["name", "town", "municipality_code", "open"]]
    table = pd.DataFrame(named).join(counted)
    per_doctor = table["list_size"] / table["doctors"].where(table["doctors"] > 0)
    return table.assign(
        patients_per_doctor=per_doctor,
        base=judge_base(table["list_size"].to_numpy(), indicators),
        over_cap=(per_doctor > indicators.cap_per_doctor).to_numpy(dtype=bool),
    )


def _municipalities(study: Study, practices: pd.DataFrame) -> pd.DataFrame:
    is_open, free = practices["open"].astype(bool), practices["free"]
    counts = pd.DataFrame(
        {
            "doctors": practices["doctors"],
            "unknown_doctors": practices["doctors"].isna(),
            "practices": 1,
            "open_practices": is_open,
            "patients": practices["list_size"],
            "unknown_lists": practices["list_size"].isna(),
            "free_open": free.where(is_open, 0.0),
            "free_closed": free.where(~is_open, 0.0),
            "over_ceiling": practices["over_ceiling"],
            "assumed_ceilings": practices["basis"] == ASSUMED,
        }
    ).astype("float64")
    area = study.area.set_index("code")
    people = study.homes.groupby("municipality_code")["population"].sum()
    table = pd.DataFrame({"name": area["name"], "population": people.reindex(area.index)})
    table = table.join(counts.groupby(practices["municipality_code"]).sum())
    return table.fillna(dict.fromkeys(SUMMED, 0.0))


def _shares(table: pd.DataFrame) -> pd.DataFrame:
    """Add what is one number by another; NaN where that is 0."""
    doctors = table["doctors"].where(table["doctors"] > 0)
    table = table.assign(
        open_share=table["open_practices"] / table["practices"].where(table["practices"] > 0),
        residents_per_doctor=table["population"] / doctors,
    )
    if "summer_population" in table:
        table["summer_per_doctor"] = table["summer_population"] / doctors
    return table


def judge_base(
    people: NDArray[np.float64], indicators: Indicators = PLAN_2008
) -> NDArray[np.object_]:
    """Hold numbers of people against the base that the plan wants for a practice.

    Parameters
    ----------
    people
        ``float64``; NaN where unknown.
    indicators
        The base.

    Returns
    -------
    ndarray
        ``object``, same shape: below, within, above, unknown.
    """
    judged = [np.isnan(people), people < indicators.base_low, people <= indicators.base_high]
    return np.select(judged, ["unknown", "below", "within"], "above").astype(object)


def population_base(choice: Choice, indicators: Indicators = PLAN_2008) -> pd.DataFrame:
    """Count the residents who have each practice nearest, whether it takes patients or not.

    This is what a planned structure of practices can be held against: a scenario moves no
    patients, but it moves who is nearest. Practices at one place share its residents equally.

    Parameters
    ----------
    choice
        The choice check of the structure. Residents are those of its area: at the border a
        practice has others besides.
    indicators
        What they are held against.

    Returns
    -------
    DataFrame
        One row per practice of the area, by id: ``name``, ``town``, ``municipality_code``,
        ``residents`` and ``base`` (below, within, above).
    """
    practices = choice.study.practices
    nearest, _ = choice.distances.nearest(1, np.ones(len(practices), dtype=bool))
    at = nearest[:, 0]
    people = choice.homes["population"].to_numpy()
    nearest_to = np.bincount(at[at >= 0], people[at >= 0], len(practices))
    points = shapely.get_coordinates(practices.geometry.to_numpy())
    place = np.unique(points, axis=0, return_inverse=True)[1].ravel()
    residents = np.bincount(place, nearest_to)[place] / np.bincount(place)[place]
    inside = practices["municipality_code"].isin(choice.study.municipality_codes)
    table = pd.DataFrame(practices[["name", "town", "municipality_code"]])
    table = table.assign(residents=residents, base=judge_base(residents, indicators))
    return table[inside]


def summer_around(choice: Choice, times: Mapping[str, float]) -> pd.Series:
    """Multiply the residents around some towns, as a summer does.

    The plan of 2008 names Hvide Sande and Mols for their many visitors and gives no figure: the
    multiplier is the user's.

    Parameters
    ----------
    choice
        The choice check.
    times
        By town: how many times its residents are there in summer, 1 or more. They are those who
        have a practice of that town nearest, whether it takes patients or not.

    Returns
    -------
    Series
        One number per home, by ``home_id``; 1 around all other towns.

    Raises
    ------
    ValueError
        If a town has no practice, or a number is not finite or less than 1.
    """
    towns = choice.study.practices["town"]
    unknown = sorted(set(times) - set(towns))
    if unknown:
        msg = f"There is no practice in {', '.join(unknown)}. Give towns as in the table of practices."
        raise ValueError(msg)
    nearest, _ = choice.distances.nearest(1, np.ones(len(towns), dtype=bool))
    factor = np.append(towns.map(times).fillna(1.0).to_numpy(dtype=np.float64), 1.0)
    series = pd.Series(factor[nearest[:, 0]], index=choice.homes.index)  # -1 is the last
    return check_summer(choice.study, series)


def check_summer(study: Study, summer: pd.Series) -> pd.Series:
    """Refuse a summer that is not one number for every home.

    Parameters
    ----------
    study
        Whose homes.
    summer
        By ``home_id``: how many times its residents are there.

    Returns
    -------
    Series
        The same, in the order of the homes.

    Raises
    ------
    ValueError
        If a number is missing, not finite or less than 1.
    """
    times = summer.reindex(study.homes.index)
    if not (np.isfinite(times) & (times >= 1)).all():
        msg = "Invalid summer. Must be a finite number of 1 or more for every home of the study."
        raise ValueError(msg)
    return times
