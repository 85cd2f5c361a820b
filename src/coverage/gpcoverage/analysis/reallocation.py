"""Where the patients of closed practices find a place, and for how many there is none."""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
import scipy.optimize
import scipy.sparse
from numpy.typing import NDArray

from gpcoverage.analysis.allotment import apportion
from gpcoverage.analysis.capacity import places
from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.closure import Comparison
from gpcoverage.errors import DataIntegrityError, SchemaError
from gpcoverage.inputs.ceilings import NO_CEILINGS, Ceilings
from gpcoverage.units import METRES_PER_KM

Rule = Literal["least_km", "nearest_first"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
WHOLE: Final = 1e-5
"""A solution that is farther from whole people than this is refused."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Reallocation:
    """The patients of closed practices, spread over those that take patients.

    Attributes
    ----------
    ids
        The closed practices.
    rule
        How they were spread.
    patients
        On the lists of the closed practices.
    placed, overflow
        Of these, who has a place and who has none; they add up to ``patients``.
    out_of_reach
        Of the overflow, people without any open practice within the limit. The others have some
        within it, and these are full.
    person_km
        Kilometres of all who are placed, one way, by road.
    flows
        One row per home and practice: ``home_id``, ``practice_id``, ``people``, ``metres``.
    homes
        By ``home_id``, ascending: ``people`` (of the closed lists who are thought to live there),
        ``placed``, ``overflow``.
    practices
        The practices open for intake within the limit of any of these people, by id, ascending: ``name``,
        ``town``, ``free`` (places before; NaN where unknown, and then nobody is placed there),
        ``basis`` (of the ceiling: in force, draft, assumed), ``taken``, ``mean_m`` (of those who
        were placed there; NaN for nobody).
    """

    ids: tuple[str, ...]
    rule: Rule
    patients: int
    placed: int
    overflow: int
    out_of_reach: int
    person_km: float
    flows: pd.DataFrame
    homes: pd.DataFrame
    practices: pd.DataFrame

    @property
    def unknown(self) -> int:
        """How many of the practices have an unknown list or number of doctors."""
        return int(self.practices["free"].isna().sum())


def reallocate(
    comparison: Comparison,
    ceilings: Ceilings = NO_CEILINGS,
    *,
    rule: Rule = "least_km",
    drafts: bool = False,
) -> Reallocation:
    """Spread the lists of closed practices over open practices within the limit.

    Nobody knows here who is on whose list. Each closed practice's list is placed in whole people
    at the homes that had it nearest of all practices, open or closed, in proportion to their
    residents; where no home did, at the nearest home there is. Each practice takes patients up
    to its ceiling and no further. It may take more, but with so many it may close for intake: the
    overflow is people whom no practice need take.

    Parameters
    ----------
    comparison
        Before and after. Practices that opened meanwhile take patients too.
    ceilings, drafts
        As for :func:`gpcoverage.analysis.capacity.places`.
    rule
        ``least_km``: as many as possible get a place and, of all ways to do that, with the fewest
        kilometres in all, as if the places were given out from one desk. ``nearest_first``: of all
        people and free places the nearest two come together first, as if everybody chose and
        practices took those who live nearest; it leaves as many or more without a place.

    Returns
    -------
    Reallocation

    Raises
    ------
    ValueError
        If the rule is unknown.
    SchemaError
        If the list of a closed practice is unknown.
    DataIntegrityError
        If people are lost, or the solution is not whole.

    Examples
    --------
    >>> study = baseline.choice.study  # doctest: +SKIP
    >>> reallocate(compare(baseline, study.close("Rønde"))).overflow  # doctest: +SKIP
    """
    if rule not in RULES:
        msg = f"Invalid rule {rule!r}. Must be one of {', '.join(RULES)}."
        raise ValueError(msg)
    before, after = comparison.before, comparison.check_after()
    ids = tuple(before.study.practices.index.difference(after.study.practices.index))
    lists = _place_lists(before, ids)
    table = places(after.study, ceilings, drafts=drafts).sort_index()
    free = np.floor(table["free"].fillna(0.0)).to_numpy().astype(np.int64)
    problem = _Problem(lists.people, free, _offers(after, lists.homes, table.index))
    moved = problem.least_km() if rule == "least_km" else problem.nearest_first()
    if (problem.placed(moved) > lists.people).any() or (problem.taken(moved) > free).any():
        msg = (
            "More people were placed than there are, or than there are places; no result is given."
        )
        raise DataIntegrityError(msg)
    table = table.join(after.study.practices[["name", "town"]])
    return _report(ids, rule, lists, problem, moved, table)


class _Lists(NamedTuple):
    """The closed lists: ids of homes, ascending, people there, people with no home to be at."""

    homes: pd.Index
    people: Ints
    nowhere: int


class _Pairs(NamedTuple):
    """Who may go where: positions among the people's homes, of practices, and metres."""

    home: Ints
    practice: Ints
    metres: Floats


class _Problem(NamedTuple):
    """People by home (all more than 0), free places by practice, and who may go where."""

    people: Ints
    free: Ints
    pairs: _Pairs

    def least_km(self) -> Ints:
        """Place as many as possible with the fewest person-kilometres: a linear programme.

        It is a flow, so a corner of its solutions is whole (HiGHS's simplex ends in one). To be
        left over costs more than any chain of moves that makes a place can: such a chain visits
        no practice twice.
        """
        home, practice, metres = self.pairs
        if not len(home):
            return np.zeros(0, dtype=np.int64)
        number = np.arange(len(home))
        takers, column = np.unique(practice, return_inverse=True)
        km = metres / METRES_PER_KM
        reward = (len(takers) + 1) * (km.max() + 1.0)
        most = np.concatenate([self.people, self.free[takers]])
        row = np.concatenate([home, len(self.people) + column])
        entries = np.ones(len(row)), (row, np.tile(number, 2))
        rows = scipy.sparse.csr_array(entries, shape=(len(most), len(home)))
        solved = scipy.optimize.linprog(km - reward, A_ub=rows, b_ub=most, method="highs-ds")
        moved = solved.x if solved.success else np.full(len(home), np.nan)
        if not np.abs(np.rint(moved) - moved).max() < WHOLE:
            msg = f"No whole solution was found ({solved.message}); no result is given."
            raise DataIntegrityError(msg)
        whole: Ints = np.rint(moved).astype(np.int64)
        return whole

    def nearest_first(self) -> Ints:
        """Bring the nearest together first; of equally near ones in the order of the tables."""
        moved = np.zeros(len(self.pairs.home), dtype=np.int64)
        waiting, left = self.people.copy(), self.free.copy()
        home, practice, metres = self.pairs
        for pair in np.lexsort((practice, home, metres)):
            together = min(waiting[home[pair]], left[practice[pair]])
            moved[pair] = together
            waiting[home[pair]] -= together
            left[practice[pair]] -= together
        return moved

    def placed(self, moved: Ints) -> Ints:
        """Sum up by home."""
        return np.bincount(self.pairs.home, moved, len(self.people)).astype(np.int64)

    def taken(self, moved: Ints) -> Ints:
        """Sum up by practice."""
        return np.bincount(self.pairs.practice, moved, len(self.free)).astype(np.int64)


def _place_lists(before: Choice, ids: tuple[str, ...]) -> _Lists:
    """Place the closed lists at homes, in whole people."""
    lists = before.study.practices.loc[list(ids), "list_size"]
    if lists.isna().any():
        unknown = ", ".join(lists.index[lists.isna()])
        msg = f"The list of {unknown} is not known, so its patients cannot be placed. Give list_size in the table of practices."
        raise SchemaError(msg)
    found, residents = before.distances.found, before.homes["population"]
    home, people, nowhere = found.home, pd.Series(0, residents.index), 0
    nearest_m = np.full(len(residents), np.inf)
    np.minimum.at(nearest_m, home, found.cost)
    for practice, patients in lists.astype("int64").items():
        pair = found.practice == before.distances.practice_ids.get_loc(practice)
        at, metres = home[pair], found.cost[pair]
        near = at[(metres <= nearest_m[at]) & (residents.to_numpy()[at] > 0)]
        if not len(near):
            near = at[metres == metres.min(initial=np.inf)]
        if not len(near):
            nowhere += patients
            continue
        weights = residents.iloc[near]
        shares = apportion(patients, weights if weights.any() else weights + 1.0)
        people = people.add(shares, fill_value=0).astype("int64")
    people = people[people > 0].sort_index()
    return _Lists(people.index, people.to_numpy(), nowhere)


def _offers(after: Choice, homes: pd.Index, practices: pd.Index) -> _Pairs:
    """List the practices open for intake within the limit of some homes, sorted by both ids."""
    found = after.distances.found
    row = homes.get_indexer(after.homes.index)[found.home]
    hit = (row >= 0) & after.study.practices["open"].to_numpy(dtype=bool)[found.practice]
    hit &= found.cost <= after.homes["limit_m"].to_numpy()[found.home]
    column = practices.get_indexer(after.study.practices.index)[found.practice[hit]]
    row, metres = row[hit], found.cost[hit]
    order = np.lexsort((column, row))
    return _Pairs(row[order], column[order], metres[order])


def _report(
    ids: tuple[str, ...],
    rule: Rule,
    lists: _Lists,
    problem: _Problem,
    moved: Ints,
    table: pd.DataFrame,
) -> Reallocation:
    home, practice, metres = problem.pairs
    placed, taken = problem.placed(moved), problem.taken(moved)
    left, used = lists.people - placed, moved > 0
    flows = {
        "home_id": lists.homes[home[used]],
        "practice_id": table.index[practice[used]],
        "people": moved[used],
        "metres": metres[used],
    }
    offered = np.unique(practice)
    metres_in_all = np.bincount(practice, moved * metres, len(table))
    mean_m = metres_in_all / np.where(taken > 0, taken, np.nan)
    practices = table.assign(taken=taken, mean_m=mean_m).iloc[offered]
    cut_off = np.bincount(home, minlength=len(placed)) == 0
    columns = {"people": lists.people, "placed": placed, "overflow": left}
    return Reallocation(
        ids=ids,
        rule=rule,
        patients=int(lists.people.sum()) + lists.nowhere,
        placed=int(placed.sum()),
        overflow=int(left.sum()) + lists.nowhere,
        out_of_reach=int(lists.people[cut_off].sum()) + lists.nowhere,
        person_km=float(metres_in_all.sum()) / METRES_PER_KM,
        flows=pd.DataFrame(flows),
        homes=pd.DataFrame(columns, lists.homes),
        practices=practices[["name", "town", "free", "basis", "taken", "mean_m"]],
    )
