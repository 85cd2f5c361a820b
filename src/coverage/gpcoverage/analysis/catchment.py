"""Doctors for the people within reach of them: floating catchment areas.

Residents per doctor of a municipality ends at its border; people do not. Here every practice's
doctors are shared by the people within the limit of it, and every home adds up its shares.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.capacity import check_summer
from gpcoverage.analysis.choice import Choice

Method = Literal["2sfca", "e2sfca", "balanced"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
PER: Final = 1_000
"""Doctors are told per so many people."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AccessOptions:
    """How people and practices are brought together.

    Attributes
    ----------
    method
        ``2sfca``: everybody within the limit counts alike, at every practice (Luo and Wang 2003,
        *Environment and Planning B* 30). ``e2sfca``: the same, weighted by zones of distance (Luo
        and Qi 2009, *Health & Place* 15). ``balanced``: weighted by zones, and the weights of a
        home add up to 1, so that nobody is counted at two practices in full (Paez, Higgins and
        Vivona 2019, *PLOS ONE* 14(6), e0218773).
    zones
        Outer edge of each zone as a share of the limit, ascending to 1, and its weight. By
        default thirds of the limit with the weights that Luo and Qi use for 10, 20 and 30
        minutes: 1, 0.68 and 0.22. That they hold for Danish kilometres is an assumption.
    open_only
        Whether only practices that count as a choice bring their doctors. By default all do: a
        practice that is closed for intake has its doctors busy with the people around it.
    """

    method: Method = "balanced"
    zones: tuple[tuple[float, float], ...] = ((1 / 3, 1.0), (2 / 3, 0.68), (1.0, 0.22))
    open_only: bool = False

    def __post_init__(self) -> None:
        edges = [edge for edge, _ in self.zones]
        rising = edges == sorted(set(edges)) and edges[:1] > [0.0] and edges[-1:] == [1.0]
        if not rising or not all(0 < weight < np.inf for _, weight in self.zones):
            msg = f"Invalid zones {self.zones}. Edges must rise from above 0 to 1, weights be greater than 0."
            raise ValueError(msg)
        if self.method not in METHODS:
            msg = f"Invalid method {self.method!r}. Must be one of {', '.join(METHODS)}."
            raise ValueError(msg)


DEFAULT: Final = AccessOptions()


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """Doctors within reach, home by home.

    Attributes
    ----------
    options
        How it was counted.
    homes
        One row per home, by ``home_id``: ``municipality_code``, ``population`` and
        ``doctors_per_1000`` (0 where no doctor is within the limit).
    practices
        One row per practice of the area, by id: ``doctors`` (0 where unknown, and where it does
        not count), ``people`` (who share them, weighted) and ``doctors_per_1000`` (NaN where
        nobody does).
    municipalities
        One row per municipality of the area, by code: ``name``, ``population``, ``no_doctor``
        (people without one within the limit) and ``doctors_per_1000`` (mean over its people;
        NaN without any).
    total
        ``people``, ``people_reached`` (who have a doctor within the limit), ``people_counted``
        (the sum over practices: the same if balanced, else several times as many), ``doctors``,
        ``doctors_reached`` (whom anybody has within the limit), ``doctors_counted`` (the sum over
        homes: always the same) and ``unknown_doctors`` (practices whose number is not known).
    """

    options: AccessOptions
    homes: pd.DataFrame
    practices: pd.DataFrame
    municipalities: pd.DataFrame
    total: pd.Series


class Pairs(NamedTuple):
    """Homes and practices that are brought together.

    Attributes
    ----------
    home, practice
        ``int64 (pairs)``: positions.
    weight
        ``float64 (pairs)``, greater than 0.
    """

    home: Ints
    practice: Ints
    weight: Floats

    def balance(self, homes: int) -> "Pairs":
        """Let the weights of each home add up to 1."""
        whole = np.bincount(self.home, self.weight, homes)
        return self._replace(weight=self.weight / whole[self.home])


def compute_access(
    choice: Choice, options: AccessOptions = DEFAULT, *, summer: pd.Series | None = None
) -> Access:
    """Count doctors within reach of every home.

    Practices and people are those of the area: people beyond it are not known, so doctors beyond
    it cannot be shared fairly. Near the area's border the figure is therefore not exact, mostly too low; a study of
    the whole country, such as ``data/danmark.toml``, has no such border.

    Parameters
    ----------
    choice
        The choice check; its limits are the catchments.
    options
        The method.
    summer
        By ``home_id``: how many times its residents are there in summer; see
        :func:`gpcoverage.analysis.capacity.summer_around`. By default nobody else is.

    Returns
    -------
    Access

    Raises
    ------
    ValueError
        If ``summer`` is not one finite number of 1 or more for each home.

    Examples
    --------
    >>> from gpcoverage import compute_choice, load_study
    >>> from gpcoverage.analysis.catchment import compute_access
    >>> choice = compute_choice(load_study("data/midtjylland.toml"))  # doctest: +SKIP
    >>> compute_access(choice).municipalities  # doctest: +SKIP
    """
    study = choice.study
    people = choice.homes["population"].to_numpy(dtype=np.float64)
    if summer is not None:
        people = people * check_summer(study, summer).to_numpy(dtype=np.float64)
    inside = study.practices["municipality_code"].isin(study.municipality_codes).to_numpy()
    counts = inside & (study.counted | (not options.open_only))
    known = study.practices["doctors"].to_numpy(dtype=np.float64)
    doctors = np.where(counts, np.nan_to_num(known), 0.0)
    pairs = _pairs(choice, options, doctors > 0)
    shared, ratio, access = floating_catchment(pairs, people, doctors)
    homes = pd.DataFrame(choice.homes[["municipality_code"]]).assign(
        population=people, doctors_per_1000=PER * access
    )
    columns = {"doctors": doctors, "people": shared, "doctors_per_1000": PER * ratio}
    practices = pd.DataFrame(columns, index=study.practices.index)[inside]
    reached = np.bincount(pairs.home, minlength=len(people)) > 0
    total = {
        "people": people.sum(),
        "people_reached": people[reached].sum(),
        "people_counted": shared.sum(),
        "doctors": doctors.sum(),
        "doctors_reached": doctors[shared > 0].sum(),
        "doctors_counted": (access * people).sum(),
        "unknown_doctors": float((np.isnan(known) & counts).sum()),
    }
    by_code = _by_municipality(choice, homes.assign(no_doctor=np.where(reached, 0.0, people)))
    return Access(options, homes, practices, by_code, pd.Series(total))


def _pairs(choice: Choice, options: AccessOptions, counts: NDArray[np.bool_]) -> Pairs:
    """Bring every home together with the practices within its limit, and weigh them."""
    found = choice.distances.found
    home, practice = found.home, found.practice.astype(np.int64)
    limit_m = choice.homes["limit_m"].to_numpy()[home]
    hit = (found.cost <= limit_m) & counts[practice]
    home, practice, share = home[hit], practice[hit], (found.cost / limit_m)[hit]
    if options.method == "2sfca":
        return Pairs(home, practice, np.ones(len(home)))
    edges, weights = np.array(options.zones).T
    pairs = Pairs(home, practice, weights[np.searchsorted(edges, np.minimum(share, 1.0))])
    return pairs.balance(len(choice.homes)) if options.method == "balanced" else pairs


def floating_catchment(
    pairs: Pairs, people: Floats, doctors: Floats
) -> tuple[Floats, Floats, Floats]:
    """Share every practice's doctors among the people brought together with it.

    With the weights of each home adding up to 1 this gives the level of service of Paez, Higgins
    and Vivona (2019) at each practice. Their last step then adds up levels, so much to a row of
    the table; here people have the level of the practices they were counted at, so that doctors
    add up, and an empty cell takes none from anybody.

    Parameters
    ----------
    pairs
        Who and with whom.
    people
        ``float64 (homes)``.
    doctors
        ``float64 (practices)``.

    Returns
    -------
    shared
        ``float64 (practices)``: people who share the doctors, weighted.
    ratio
        ``float64 (practices)``: doctors per person; NaN where nobody shares them.
    access
        ``float64 (homes)``: doctors per person.
    """
    there = pairs.weight * people[pairs.home]
    shared = np.bincount(pairs.practice, there, len(doctors)).astype(np.float64)
    ratio = np.divide(doctors, shared, out=np.full(len(doctors), np.nan), where=shared > 0)
    given = pairs.weight * np.nan_to_num(ratio)[pairs.practice]
    return shared, ratio, np.bincount(pairs.home, given, len(people)).astype(np.float64)


def _by_municipality(choice: Choice, homes: pd.DataFrame) -> pd.DataFrame:
    area = choice.study.area.set_index("code")
    homes = homes.assign(doctors=homes["doctors_per_1000"] * homes["population"])
    sums = homes.groupby("municipality_code")[["population", "no_doctor", "doctors"]].sum()
    sums = sums.reindex(area.index).fillna(0.0)
    mean = sums["doctors"] / sums["population"].where(sums["population"] > 0)
    table = pd.DataFrame({"name": area["name"]}).join(sums.drop(columns="doctors"))
    return table.assign(doctors_per_1000=mean)
