"""When doctors stop: a share that stops each year, by age. An assumption, and nobody in particular."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.retirement import OLDEST, doctors_ages

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

AGES: Final = OLDEST + 2
"""Ages are counted up to here."""

YEARLY_SHARES: Final = (
    (58, 0.01),
    (60, 0.04),
    (62, 0.07),
    (64, 0.12),
    (66, 0.25),
    (68, 0.35),
    (70, 0.45),
    (75, 1.00),
)
HAZARD_SOURCE: Final = (
    "assumption: the shares were chosen so that a doctor of 55 stops at 66 on average, the mean age of "
    "those who owned a practice and retired in 2022 (PLO's register, told by Ugeskrift for Læger on 23 "
    "February 2023); how it spreads around the mean has no source"
)
UNKNOWN_BANDS: Final = ((35, 49, 0.41), (50, 59, 0.29), (60, 69, 0.30))
UNKNOWN_SOURCE: Final = (
    "59 % of general practitioners were 50 or older and 30 % 60 or older (KL, Kortlægning af lægedækning "
    "i Danmark, 2015); evenly spread within the bands, none younger than 35 or older than 69: assumption"
)


@dataclass(frozen=True, slots=True)
class Hazard:
    """The share of doctors that stops each year, by age.

    Attributes
    ----------
    yearly_shares
        From which age on, and which share of those who have come so far stops within a year; ages
        ascending. Nobody stops before the first. The last share must be 1.
    source
        Where that comes from.
    unknown_bands
        Youngest and oldest age, and share of the doctors, for those whose birth year is unknown.
    unknown_source
        Where that comes from.
    """

    yearly_shares: tuple[tuple[int, float], ...] = YEARLY_SHARES
    source: str = HAZARD_SOURCE
    unknown_bands: tuple[tuple[int, int, float], ...] = UNKNOWN_BANDS
    unknown_source: str = UNKNOWN_SOURCE

    def __post_init__(self) -> None:
        ages = [age for age, _ in self.yearly_shares]
        shares = [share for _, share in self.yearly_shares]
        right = ages == sorted(set(ages)) and all(0 <= share <= 1 for share in shares)
        if not right or not shares or shares[-1] != 1 or not 0 <= ages[0] <= ages[-1] < AGES:
            msg = f"Invalid yearly_shares {self.yearly_shares}. Must be ages, ascending and below {AGES}, with shares from 0 to 1, the last 1."
            raise ValueError(msg)
        total = sum(share for _, _, share in self.unknown_bands)
        if not np.isclose(total, 1.0) or any(low > high for low, high, _ in self.unknown_bands):
            msg = f"Invalid unknown_bands {self.unknown_bands}. Must be a youngest and an oldest age and a share each; shares add up to 1."
            raise ValueError(msg)

    def by_age(self) -> Floats:
        """Give the share that stops within the year at every age: ``float64 (ages)``."""
        shares = np.zeros(AGES)
        for age, share in self.yearly_shares:
            shares[age:] = share
        return shares

    def mean_age(self, age: int) -> float:
        """Give the mean age at which a doctor stops who is so old now."""
        shares = self.by_age()[age:]
        lasting = np.concatenate([[1.0], np.cumprod(1.0 - shares)[:-1]])
        return float((lasting * shares * np.arange(age, AGES)).sum())

    def years_left(self, ages: Ints, draws: Floats) -> Ints:
        """Draw in how many years doctors stop.

        Parameters
        ----------
        ages
            ``int64``: now.
        draws
            Evenly between 0 and 1, of the same shape.

        Returns
        -------
        ndarray
            ``int64``, of the same shape: 0 for within the first year. The smaller the draw, the sooner.
        """
        lasting = np.cumprod(1.0 - self.by_age())  # to the end of each year of age
        start = np.concatenate([[1.0], lasting])[np.minimum(ages, AGES - 1)]
        # Who is older than all ages at which somebody still works stops in the first year.
        left = np.where(start > 0, (1.0 - draws) * start, 1.0)
        stops = np.searchsorted(-lasting, -left, side="right")
        return np.asarray(np.maximum(stops - ages, 0), dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Doctors:
    """The doctors of practices.

    Attributes
    ----------
    practice
        ``int64 (doctors)``: position of the practice.
    age
        ``int64 (doctors)``: in the study's year; -1 where the birth year is unknown.
    """

    practice: Ints
    age: Ints


def list_doctors(practices: pd.DataFrame, year: int) -> Doctors:
    """List the doctors of practices, as far as their number is known.

    Parameters
    ----------
    practices
        ``birth_years`` (may be missing) and ``doctors`` (capacities, NaN where unknown).
    year
        The study's.

    Returns
    -------
    Doctors
        Practice by practice in the order of the ids, the oldest first, then those of unknown age.
        As many as there are birth years, but no fewer than capacities, rounded up; one where
        nothing is known.
    """
    known = doctors_ages(practices, year).groupby(level=0).apply(list)
    capacities = np.ceil(practices["doctors"].fillna(1.0).to_numpy()).astype(np.int64)
    practice, age = list[int](), list[int]()
    for at in np.argsort(practices.index.to_numpy().astype(str), kind="stable"):
        here = sorted(known.get(int(at), []), reverse=True)
        here += [-1] * max(0, int(capacities[at]) - len(here))
        practice += [int(at)] * len(here)
        age += here
    return Doctors(np.array(practice, dtype=np.int64), np.array(age, dtype=np.int64))


def draw_ages(hazard: Hazard, draws: Floats) -> Ints:
    """Draw ages for doctors whose birth year is unknown.

    Parameters
    ----------
    hazard
        Its bands.
    draws
        Evenly between 0 and 1.

    Returns
    -------
    ndarray
        ``int64``, of the same shape.
    """
    ages = np.concatenate([np.arange(low, high + 1) for low, high, _ in hazard.unknown_bands])
    shares = np.concatenate(
        [
            np.full(high - low + 1, share / (high - low + 1))
            for low, high, share in hazard.unknown_bands
        ]
    )
    at = np.searchsorted(np.cumsum(shares), draws, side="right")
    return np.asarray(ages[np.minimum(at, len(ages) - 1)], dtype=np.int64)
