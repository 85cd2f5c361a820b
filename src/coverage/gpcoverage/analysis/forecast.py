"""Early warning: where doctors' ages make it likely that people lose their choice, year by year.

Many futures are drawn. In each, every doctor stops at an age drawn from the same assumption about
doctors in general; a practice is gone once its last doctor has stopped and nobody took over. What is
told is how many futures say so: of areas and of practices with several doctors, not of a person.
A practice that is gone is masked, as in ``rerun``; nothing is searched again.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.hazard import (
    Bools,
    Doctors,
    Floats,
    Hazard,
    Ints,
    draw_ages,
    list_doctors,
)
from gpcoverage.errors import SchemaError
from gpcoverage.inputs.study import Study

MEASURES: Final = ("practices_gone", "doctors_left", "too_few", "loses_choice")
OF_DOCTORS: Final = ("practices_gone", "doctors_left")
LIKELY: Final = 0.5
SEVERAL: Final = 2
"""Of practices with fewer doctors nothing is told one by one: it would be about one person."""


@dataclass(frozen=True, slots=True)
class ForecastOptions:
    """How the futures are drawn.

    Attributes
    ----------
    years
        How far ahead, 1 or more.
    paths
        How many futures, 1 or more.
    seed
        Of numpy's generator: the same seed gives the same bits.
    hazard
        At which ages doctors stop.
    takeover_share
        How many of those who stop are followed by another doctor at the same practice, from 0 to 1;
        by default none is: what happens if nobody is found.
    interval
        Between which shares of the futures the low and the high figure lie.
    single_doctors
        Whether practices with one doctor are told one by one as well: for the analyst only.
    """

    years: int = 10
    paths: int = 200
    seed: int = 20_261_101
    hazard: Hazard = field(default_factory=Hazard)
    takeover_share: float = 0.0
    interval: tuple[float, float] = (0.05, 0.95)
    single_doctors: bool = False

    def __post_init__(self) -> None:
        low, high = self.interval
        for name, rule, is_right in (
            ("years", "1 or more", self.years >= 1),
            ("paths", "1 or more", self.paths >= 1),
            ("takeover_share", "from 0 to 1", 0 <= self.takeover_share <= 1),
            ("interval", "two shares from 0 to 1, ascending", 0 <= low <= high <= 1),
        ):
            if not is_right:
                msg = f"Invalid {name} {getattr(self, name)}. Must be {rule}."
                raise ValueError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What the futures have in common.

    Attributes
    ----------
    choice
        The choice check as things stand.
    options
        How they were drawn.
    years
        By year: ``population`` of the area, and of each of ``practices_gone`` (of those in the area),
        ``doctors_left`` (in them, persons), ``too_few`` (people with fewer practices within the limit
        than the rule wants) and ``loses_choice`` (of those, people who have enough now) the median
        of the futures, ``…_low`` and ``…_high``.
    municipalities
        The same by ``code`` and ``year``, with ``name``. Where fewer than two doctors work in all,
        ``practices_gone`` and ``doctors_left`` are NaN, unless the options say otherwise.
    practices
        Practices of the area by id: ``name``, ``municipality_code``, ``doctors`` (persons),
        ``of_known_age``, ``likely_year`` (first year in which it is gone in half of the futures; NaN
        if in none) and the share of the futures in which it is gone by each year (columns of that
        name). NaN for practices with fewer than two doctors, unless the options say otherwise.
    homes
        By home: ``municipality_code``, ``population`` (now) and ``lost_share``: in how many of the
        futures it has lost its choice in the last year.
    alive
        ``bool (years, practices, paths)``: which practices of the study are still there.
    """

    choice: Choice
    options: ForecastOptions
    years: pd.DataFrame
    municipalities: pd.DataFrame
    practices: pd.DataFrame
    homes: pd.DataFrame
    alive: NDArray[np.bool_]


NO_OPTIONS: Final = ForecastOptions()


def compute_forecast(
    choice: Choice,
    options: ForecastOptions = NO_OPTIONS,
    *,
    projection: pd.DataFrame | None = None,
) -> Forecast:
    """Draw futures and count who loses their choice.

    Parameters
    ----------
    choice
        The choice check as things stand.
    options
        How they are drawn.
    projection
        People by municipality code (rows) and year (columns), as
        :func:`~gpcoverage.inputs.projection.read_projection` gives them; every home grows or shrinks
        with its municipality. By default everybody stays.

    Returns
    -------
    Forecast
        The order of homes and practices does not matter. The interval is that of the draws; it does
        not cover an error in the assumptions.

    Raises
    ------
    SchemaError
        If the projection lacks a municipality of the area or a year.

    Examples
    --------
    >>> from gpcoverage.analysis.forecast import compute_forecast
    >>> compute_forecast(choice).years  # doctest: +SKIP
    """
    study = choice.study
    first = study.date.year
    years = np.arange(first + 1, first + 1 + options.years)
    growth = _growth(study, projection, years)
    doctors = list_doctors(study.practices, first)
    left = _posts_left(doctors, len(study.practices), options)
    had_none = np.bincount(doctors.practice, minlength=len(study.practices)) == 0
    alive = (left > 0) | had_none[:, np.newaxis]
    codes = choice.municipalities.index
    counted = _Counted(choice, codes)
    sums = [counted.by_municipality(left[t], alive[t], growth[:, t]) for t in range(options.years)]
    values = {name: np.stack([year[name] for year in sums]) for name in MEASURES}
    people = np.stack([year["population"] for year in sums])
    return Forecast(
        choice=choice,
        options=options,
        years=_over_all(values, people, years, options),
        municipalities=_by_code(choice, values, people, years, options, counted.persons(doctors)),
        practices=_practices(study, doctors, alive, years, options),
        homes=pd.DataFrame(choice.homes[["municipality_code", "population"]]).assign(
            lost_share=counted.loses(alive[-1]).mean(axis=1)
        ),
        alive=alive,
    )


def _growth(study: Study, projection: pd.DataFrame | None, years: Ints) -> Floats:
    """Give people by municipality of the area and year, as a share of the study's year."""
    codes = study.area.set_index("code").index
    if projection is None:
        return np.ones((len(codes), len(years)))
    wanted = [study.date.year, *years.tolist()]
    missing = sorted(set(wanted) - set(projection.columns))
    if missing:
        msg = f"the projection lacks the years {', '.join(map(str, missing))}. It must reach from the study's year, {study.date.year}, to {years[-1]}."
        raise SchemaError(msg)
    table = projection.reindex(codes)[wanted].astype(float)
    if not (table > 0).all(axis=None):
        lacking = sorted(codes[~(table > 0).all(axis=1)])
        msg = f"the projection lacks people for the municipalities {', '.join(lacking)} in some of the years {wanted[0]} to {wanted[-1]}. Add them."
        raise SchemaError(msg)
    return np.asarray(table[years.tolist()].div(table[study.date.year], axis=0))


def _posts_left(doctors: Doctors, practices: int, options: ForecastOptions) -> Ints:
    """Draw futures: ``int64 (years, practices, paths)``, how many doctors are left at each practice."""
    draw = np.random.default_rng(options.seed)
    ages, stops, followed = draw.random((3, len(doctors.age), options.paths))
    hazard = options.hazard
    known = (doctors.age >= 0)[:, np.newaxis]
    age = np.where(known, doctors.age[:, np.newaxis], draw_ages(hazard, ages))
    left = hazard.years_left(age, stops)
    stays = followed < options.takeover_share
    at = sparse.csr_array(
        (np.ones(len(doctors.age)), (doctors.practice, np.arange(len(doctors.age)))),
        shape=(practices, len(doctors.age)),
    )
    posts = [at @ (stays | (left >= year)).astype(float) for year in range(1, options.years + 1)]
    return np.stack(posts).astype(np.int64)


class _Counted:
    """The homes of a choice check, ready to be counted again with fewer practices."""

    def __init__(self, choice: Choice, codes: pd.Index) -> None:
        study, found = choice.study, choice.distances.found
        home, limit_m = found.home, choice.homes["limit_m"].to_numpy()
        hit = (found.cost <= limit_m[home]) & study.counted[found.practice]
        shape = len(choice.homes), len(study.practices)
        at = home[hit], found.practice[hit]
        self._within: Any = sparse.csr_array((np.ones(int(hit.sum()), np.float32), at), shape=shape)
        self._enough = study.rules.min_choices
        self._has = choice.homes["choices"].to_numpy() >= self._enough
        self._people = choice.homes["population"].to_numpy()
        self._codes = len(codes)
        self._code = codes.get_indexer(choice.homes["municipality_code"])
        of_practice = codes.get_indexer(study.practices["municipality_code"])
        inside = np.flatnonzero(of_practice >= 0)
        self._area: Any = sparse.csr_array(
            (np.ones(len(inside)), (of_practice[inside], inside)), shape=(len(codes), shape[1])
        )

    def persons(self, doctors: Doctors) -> Ints:
        """Count doctors by municipality."""
        of_practice = np.bincount(doctors.practice, minlength=self._area.shape[1])
        return np.asarray(self._area @ of_practice, dtype=np.int64)

    def too_few(self, alive: Bools) -> Bools:
        """Tell who has too few: ``bool (homes, paths)``."""
        # Whole numbers below 2**24 are exact.
        return np.asarray(self._within @ alive.astype(np.float32) < self._enough)

    def loses(self, alive: Bools) -> Bools:
        """Tell who has enough now and has too few then: ``bool (homes, paths)``."""
        return np.asarray(self.too_few(alive) & self._has[:, np.newaxis])

    def by_municipality(self, left: Ints, alive: Bools, growth: Floats) -> dict[str, Floats]:
        """Sum a year up: every measure ``float64 (municipalities, paths)``, and ``population``."""
        people = self._people * growth[self._code]
        at = self._code, np.arange(len(people))
        by_code = sparse.csr_array((people, at), shape=(self._codes, len(people)))
        few = self.too_few(alive)
        return {
            "practices_gone": self._area @ (~alive).astype(float),
            "doctors_left": self._area @ left.astype(float),
            "too_few": by_code @ few.astype(float),
            "loses_choice": by_code @ (few & self._has[:, np.newaxis]).astype(float),
            "population": by_code.sum(axis=1),
        }


def _middle(values: Floats, options: ForecastOptions) -> dict[str, Floats]:
    """Take the median, low and high over the futures, which are the last axis: values that occurred."""
    low, high = options.interval
    names = {"": 0.5, "_low": low, "_high": high}
    taken = np.quantile(values, list(names.values()), axis=-1, method="inverted_cdf")
    return dict(zip(names, taken, strict=True))


def _over_all(
    values: dict[str, Floats], people: Floats, years: Ints, options: ForecastOptions
) -> pd.DataFrame:
    columns: dict[str, Floats] = {"population": people.sum(axis=1)}
    for name in MEASURES:
        middle = _middle(values[name].sum(axis=1), options)
        columns |= {f"{name}{which}": taken for which, taken in middle.items()}
    return pd.DataFrame(columns, index=pd.Index(years, name="year"))


def _by_code(
    choice: Choice,
    values: dict[str, Floats],
    people: Floats,
    years: Ints,
    options: ForecastOptions,
    persons: Ints,
) -> pd.DataFrame:
    names = choice.municipalities["name"]
    columns: dict[str, Any] = {
        "name": np.tile(names.to_numpy(), len(years)),
        "population": people.ravel(),
    }
    for name in MEASURES:
        middle = _middle(values[name], options)
        columns |= {f"{name}{which}": taken.ravel() for which, taken in middle.items()}
    index = pd.MultiIndex.from_product([years, names.index], names=["year", "code"])
    table = pd.DataFrame(columns, index=index).swaplevel().sort_index()
    if not options.single_doctors:
        alone = table.index.get_level_values("code").isin(names.index[persons < SEVERAL])
        table.loc[alone, [c for c in table if c.startswith(OF_DOCTORS)]] = np.nan
    return table


def _practices(
    study: Study, doctors: Doctors, alive: Bools, years: Ints, options: ForecastOptions
) -> pd.DataFrame:
    practices = study.practices
    persons = np.bincount(doctors.practice, minlength=len(practices))
    known = np.bincount(doctors.practice[doctors.age >= 0], minlength=len(practices))
    gone = pd.DataFrame((~alive).mean(axis=2).T, index=practices.index, columns=years)
    if not options.single_doctors:
        gone[persons < SEVERAL] = np.nan
    likely = gone.ge(LIKELY)
    table = pd.DataFrame(practices[["name", "municipality_code"]]).assign(
        doctors=persons,
        of_known_age=known,
        likely_year=likely.idxmax(axis=1).where(likely.any(axis=1)).astype(float),
    )
    inside = practices["municipality_code"].isin(study.municipality_codes)
    return table.join(gone)[inside]
