"""Where should the next clinic be? Places are chosen from a list, and the answer is the best there is.

Three questions, on distances from the same search as everything else:

- ``choice``: which clinics give most people enough practices to choose from within the limit
  (maximal cover)? Counted are the people whose number of practices within the limit was below the
  rule's and no longer is: a home with one open practice needs one new clinic within its limit, one
  with none needs two, and one of two does not count.
- ``distance``: which clinics make the mean way to the nearest open practice shortest, where the
  existing ones stay (p-median)?
- ``everyone``: how few clinics give everybody whom the places can help enough to choose from
  (set multicover)?
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from gpcoverage.analysis.choice import Choice, compute_choice
from gpcoverage.analysis.covering import Bools, Groups, Ints, Limits, Solution, fewest, most, seat
from gpcoverage.analysis.distance import compute_distances
from gpcoverage.analysis.reachable import (
    Pairs,
    by_home,
    by_reach,
    by_savings,
    list_beyond_help,
    list_places,
)
from gpcoverage.inputs.ceilings import ASSUMED_PER_DOCTOR
from gpcoverage.inputs.scenario import CLINICS, Clinic
from gpcoverage.inputs.study import Study

Goal = Literal["choice", "distance", "everyone"]
GOALS: Final[tuple[Goal, ...]] = get_args(Goal)


@dataclass(frozen=True, slots=True)
class SitingOptions:
    """What is looked for.

    Attributes
    ----------
    goal
        ``choice``, ``distance`` or ``everyone``.
    clinics
        How many new clinics at most; ``everyone`` takes as many as needed.
    kind
        What they are. A *satellitpraksis* belongs to a practice that is there already, but counts
        as one more to choose from.
    doctors
        Capacities of each clinic; None if seats do not matter.
    people_per_doctor
        The ceiling: how many people one capacity takes.
    per_place
        How many new clinics may be at one place.
    seconds
        When the search for a better answer ends; the gap is then told.
    """

    goal: Goal = "choice"
    clinics: int = 10
    kind: Clinic = "licensklinik"
    doctors: float | None = None
    people_per_doctor: float = ASSUMED_PER_DOCTOR
    per_place: int = 1
    seconds: float = 60.0

    def __post_init__(self) -> None:
        for name, rule, is_right in (
            ("goal", f"one of {', '.join(GOALS)}", self.goal in GOALS),
            ("clinics", "0 or more", self.clinics >= 0),
            ("kind", f"one of {', '.join(CLINICS)}", self.kind in CLINICS),
            ("doctors", "greater than 0, or None", self.doctors is None or self.doctors > 0),
            ("people_per_doctor", "greater than 0", self.people_per_doctor > 0),
            ("per_place", "1 or more", self.per_place >= 1),
            ("seconds", "greater than 0", self.seconds > 0),
        ):
            if not is_right:
                msg = f"Invalid {name} {getattr(self, name)}. Must be {rule}."
                raise ValueError(msg)

    @property
    def seats(self) -> float:
        """How many people a clinic takes; infinite if seats do not matter."""
        return np.inf if self.doctors is None else self.doctors * self.people_per_doctor


@dataclass(frozen=True, slots=True, eq=False)
class Siting:
    """The proposed clinics and what they change.

    Attributes
    ----------
    before, after
        The choice check as things stand, and with the clinics: ``after.study`` has them as opened
        practices ``ny-1``, ``ny-2`` …
    options
        What was looked for.
    candidates
        The places that were asked about, by id: their columns, ``clinics`` (how many are proposed
        there) and ``reason`` (why it was left out; empty if it was not).
    clinics
        One row per proposed clinic, by its practice id: ``place_id``, ``name``,
        ``municipality_code``, ``lat``, ``lon``, ``seats`` (NaN if they do not matter), and people
        of the area: ``too_few`` (had too few to choose from and have it within the limit),
        ``gains`` (of those, who now have enough), ``only`` (of those, who would not without this
        clinic), ``nearest`` (have it as their nearest). One person may count at several clinics.
    homes
        By home: ``municipality_code``, ``population``, ``needs`` and ``needs_after`` (how many
        more open practices within the limit would be enough, before and afterwards), ``gains``
        (needed some, needs no more), ``certain`` (the same were every distance longer or shorter
        by the network's error).
    beyond_help
        Homes that no choice of these places can give enough: ``municipality_code``,
        ``population``, ``needs``, ``places`` (within the limit), ``reason``.
    near
        ``bool (homes)`` by place with a clinic: which homes have it within the limit.
    seated
        Of the people who gain, those for whom the clinics have a seat: each person takes one, at a
        clinic within the limit; all if seats do not matter. NaN where the goal is ``distance``.
    mean_before_m, mean_after_m
        Mean way to the nearest practice that counts, of the people who had one before.
    solution
        The solver's answer: its value, bound and gap.
    """

    before: Choice
    after: Choice
    options: SitingOptions
    candidates: gpd.GeoDataFrame
    clinics: pd.DataFrame
    homes: pd.DataFrame
    beyond_help: pd.DataFrame
    near: dict[str, Bools]
    seated: float
    mean_before_m: float
    mean_after_m: float
    solution: Solution

    @property
    def gains(self) -> float:
        """People who had too few to choose from and now have enough."""
        return float(self.homes.loc[self.homes["gains"], "population"].sum())

    @property
    def depends(self) -> Bools:
        """Which homes gain, but would not if any one of the clinics near them were not opened."""
        just = self.after.homes["choices"].to_numpy() == self.after.study.rules.min_choices
        return np.asarray(just & self.homes["gains"].to_numpy())


NO_OPTIONS: Final = SitingOptions()


def compute_siting(
    choice: Choice, places: gpd.GeoDataFrame, options: SitingOptions = NO_OPTIONS
) -> Siting:
    """Find the best places for new clinics.

    Parameters
    ----------
    choice
        The choice check as things stand.
    places
        Where a clinic can be, as :func:`~gpcoverage.inputs.places.read_places` gives them; those
        outside the area are left out.
    options
        What is looked for.

    Returns
    -------
    Siting
        The best answer, unless ``solution.is_proven`` says that time ran out. The order of homes
        and places does not matter.

    Raises
    ------
    DataIntegrityError
        If no answer is found in time.

    Examples
    --------
    >>> from gpcoverage.analysis.siting import SitingOptions, compute_siting
    >>> options = SitingOptions(clinics=10, doctors=2)
    >>> compute_siting(choice, places, options).clinics  # doctest: +SKIP
    """
    candidates, pairs = _reach(choice, places)
    needs = _needs(choice)
    limit_m = choice.homes["limit_m"].to_numpy()
    within = pairs.take(pairs.metres <= limit_m[pairs.home])
    counts = np.bincount(within.home, minlength=len(needs))
    people = choice.homes["population"].to_numpy()
    helped = (needs > 0) & (people > 0) & (counts * options.per_place >= needs)
    cover = by_reach(within, choice.homes.index, people, np.where(helped, needs, 0))
    limits = Limits(
        sites=len(candidates),
        clinics=options.clinics,
        per_site=options.per_place,
        seats=options.seats,
        seconds=options.seconds,
    )
    solution = _solve(choice, pairs, cover, limits, options)
    opened = _open(choice.study, candidates, solution.clinics, options)
    after = compute_choice(opened, choice.network) if solution.clinics.any() else choice
    homes = _compare(choice, after)
    means = _means(choice, after)
    chosen = candidates.iloc[np.repeat(np.arange(len(candidates)), solution.clinics)]
    near = {
        str(candidates.index[site]): _has(within.home[within.site == site], len(needs))
        for site in np.flatnonzero(solution.clinics)
    }
    counted = options.goal != "distance"
    return Siting(
        before=choice,
        after=after,
        options=options,
        candidates=list_places(choice, places, candidates, solution.clinics),
        clinics=_describe(after, chosen, near, homes, options),
        homes=homes,
        beyond_help=list_beyond_help(choice, needs, counts, options.per_place),
        near=near,
        seated=_seated(cover, limits, solution.clinics, homes) if counted else np.nan,
        mean_before_m=means[0],
        mean_after_m=means[1],
        solution=solution,
    )


def _reach(choice: Choice, places: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Pairs]:
    """Take the places of the area that are on the network; measure as far as can matter."""
    inside = places["municipality_code"].isin(choice.study.municipality_codes)
    asked = places[inside]
    asked = asked.iloc[np.argsort(asked.index.to_numpy().astype(str), kind="stable")]
    study, roads, homes = choice.study, choice.network, choice.homes
    reach_m = np.fmax(homes["limit_m"].to_numpy(), homes["nearest_m"].to_numpy())
    land = study.municipalities.geometry.to_numpy() if roads.kind == "osm" else None
    table = compute_distances(
        study.homes, asked, roads, reach_m, max_leg_m=study.roads.max_leg_m, land=land
    )
    on_road = table.practice_off_road == ""
    found = table.keep(on_road).found
    site = found.practice.astype(np.int64)
    asked = asked.assign(reason=table.practice_off_road)
    return asked[on_road], Pairs(found.home, site, found.cost)


def _needs(choice: Choice) -> Ints:
    """Tell how many practices within the limit each home lacks."""
    lacking = choice.study.rules.min_choices - choice.homes["choices"].to_numpy()
    return np.asarray(np.maximum(lacking, 0), dtype=np.int64)


def _solve(
    choice: Choice, pairs: Pairs, cover: Groups, limits: Limits, options: SitingOptions
) -> Solution:
    if options.goal == "everyone":
        return fewest(cover, limits)
    if options.goal == "choice":
        return most(cover, limits, then_helped=True)
    nearest_m = choice.homes["nearest_m"].to_numpy()
    nearer = pairs.take(pairs.metres < nearest_m[pairs.home])  # none where there is no way
    people = choice.homes["population"].to_numpy()
    group = by_home if np.isfinite(limits.seats) else by_savings
    return most(group(nearer, choice.homes.index, people, nearest_m), limits)


def _open(
    study: Study, candidates: gpd.GeoDataFrame, clinics: Ints, options: SitingOptions
) -> Study:
    """Open the clinics, place by place."""
    for (_, place), count in zip(candidates.iterrows(), clinics, strict=True):
        for number in range(1, count + 1):
            name = f"{options.kind.capitalize()} i {place['name']}"
            study = study.open(
                name if count == 1 else f"{name} ({number})",
                lat=place["lat"],
                lon=place["lon"],
                clinic=options.kind,
                doctors=options.doctors,
            )
    return study


def _compare(before: Choice, after: Choice) -> pd.DataFrame:
    homes = pd.DataFrame(before.homes[["municipality_code", "population"]])
    needs, needs_after = _needs(before), _needs(after)
    certain = [c.homes["certainty"].to_numpy() == "certain" for c in (before, after)]
    return homes.assign(
        needs=needs,
        needs_after=needs_after,
        gains=(needs > 0) & (needs_after == 0),
        certain=certain[0] & certain[1],
    )


def _means(before: Choice, after: Choice) -> tuple[float, float]:
    """Average the way to the nearest practice over the people who had one before."""
    there = before.homes["nearest_m"].notna().to_numpy()
    people = before.homes["population"].to_numpy()[there]
    total = people.sum()
    before_m, after_m = (
        float((c.homes["nearest_m"].to_numpy()[there] * people).sum() / total) if total else np.nan
        for c in (before, after)
    )
    return before_m, after_m


def _has(at: Ints, homes: int) -> Bools:
    there = np.zeros(homes, dtype=bool)
    there[at] = True
    return there


def _describe(
    after: Choice,
    chosen: gpd.GeoDataFrame,
    near: dict[str, Bools],
    homes: pd.DataFrame,
    options: SitingOptions,
) -> pd.DataFrame:
    """Say of each clinic what it is there for."""
    new = after.study.practices.index[len(after.study.practices) - len(chosen) :]
    table = pd.DataFrame(chosen[["name", "municipality_code", "lat", "lon"]])
    table = table.rename_axis("place_id").reset_index().set_axis(new).rename_axis("id")
    people = homes["population"].to_numpy()
    just = after.homes["choices"].to_numpy() == after.study.rules.min_choices
    gains = homes["gains"].to_numpy()
    kinds = {"too_few": homes["needs"].to_numpy() > 0, "gains": gains, "only": gains & just}
    sums = {
        name: [float(people[near[place] & counts].sum()) for place in table["place_id"]]
        for name, counts in kinds.items()
    }
    nearest = homes["population"].groupby(after.homes["nearest_id"]).sum().reindex(new)
    table = table.assign(seats=options.seats if np.isfinite(options.seats) else np.nan, **sums)
    return table.assign(nearest=nearest.fillna(0.0).to_numpy())


def _seated(cover: Groups, limits: Limits, clinics: Ints, homes: pd.DataFrame) -> float:
    if np.isfinite(limits.seats):
        return seat(cover, limits, clinics)[1]
    return float(homes.loc[homes["gains"], "population"].sum())
