"""Which sites help most people, or help all with the fewest: whole-number programs, solved exactly.

Plain arrays in, plain arrays out. A group of people is helped once it has as many new clinics within
reach as it needs. HiGHS solves the programs (``scipy.optimize.milp``) with no tolerance on the gap;
if time runs out, how far the answer may be from the best one is told.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from gpcoverage.errors import DataIntegrityError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

OPTIMAL: Final = 0
SLACK: Final = 1e-6
"""So far HiGHS may be off a bound."""


class Groups(NamedTuple):
    """Groups of people, and which sites are within their reach.

    Attributes
    ----------
    people
        ``float64 (groups)``, above zero.
    need
        ``int64 (groups)``: how many new clinics help it, 1 or more.
    group, site
        ``int64 (pairs)``: positions, each pair once.
    gain
        ``float64 (pairs)``: what it is worth that a clinic takes one person of the group.
    """

    people: Floats
    need: Ints
    group: Ints
    site: Ints
    gain: Floats


class Limits(NamedTuple):
    """What can be had.

    Attributes
    ----------
    sites
        How many sites there are.
    clinics
        How many clinics may be opened.
    per_site
        How many of them at one site.
    seats
        How many people a clinic takes; infinite if that does not matter.
    seconds
        When the search gives up.
    """

    sites: int
    clinics: float
    per_site: int
    seats: float
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Where to open clinics.

    Attributes
    ----------
    clinics
        ``int64 (sites)``: how many are opened at each.
    value, bound
        What the program says this is worth, and what no choice of sites exceeds (when the fewest are
        sought: how many clinics, and how many it takes at least). Equal if the search came to its end.
    is_proven
        Whether it did.
    """

    clinics: Ints
    value: float
    bound: float
    is_proven: bool

    @property
    def gap(self) -> float:
        """By what share of the bound the answer may fall short; 0 if it is the best there is."""
        return abs(self.bound - self.value) / max(1.0, abs(self.bound))


def most(groups: Groups, limits: Limits, *, then_helped: bool = False) -> Solution:
    """Open clinics so that the gain is greatest.

    Parameters
    ----------
    groups
        Who can be helped. Only a group that has what it needs counts.
    limits
        Where seats are limited, each person counts at one clinic, which has a seat for them.
    then_helped
        Where seats are limited: of several answers that are equally good, take one with most people
        in groups that have what they need, seat or not.

    Returns
    -------
    Solution
        Sites that change nothing are not opened.

    Raises
    ------
    DataIntegrityError
        If no answer is found in time.
    """
    if not len(groups.people) or limits.clinics < 1:
        return Solution(np.zeros(limits.sites, dtype=np.int64), 0.0, 0.0, True)
    if not np.isfinite(limits.seats):
        solution, _ = _solve(_reached(groups, limits), limits)
        clinics = _only_useful(groups, solution.clinics, _has_enough(groups, solution.clinics))
        return replace(solution, clinics=clinics)
    program = _seated(groups, limits)
    solution, rest = _solve(program, limits)
    proven, clinics = solution.is_proven, solution.clinics
    if then_helped:
        second, rest = _solve(_no_worse(program, groups, solution.value), limits)
        proven, clinics = proven and second.is_proven, second.clinics
    seated = rest[len(groups.people) :]
    load = np.bincount(groups.site, seated, limits.sites)
    counts = np.bincount(groups.group, seated, len(groups.people)) > SLACK
    if then_helped:
        counts = _has_enough(groups, clinics)
    full = load > limits.seats * np.maximum(clinics - 1, 0) + SLACK
    clinics = _only_useful(groups, clinics, counts, full)
    return replace(solution, clinics=clinics, is_proven=proven)


def fewest(groups: Groups, limits: Limits) -> Solution:
    """Help every group with as few clinics as will do; seats and number of clinics do not count.

    Parameters
    ----------
    groups
        Each has as many sites within reach as it needs.
    limits
        What can be had.

    Returns
    -------
    Solution

    Raises
    ------
    DataIntegrityError
        If a group cannot be helped, or no answer is found in time.
    """
    if not len(groups.people):
        return Solution(np.zeros(limits.sites, dtype=np.int64), 0.0, 0.0, True)
    reach = _matrix(groups.group, groups.site, (len(groups.people), limits.sites))
    program = _Program(
        cost=np.ones(limits.sites),
        rows=reach,
        lower=groups.need.astype(np.float64),
        upper=np.full(len(groups.need), np.inf),
        highest=np.full(limits.sites, float(limits.per_site)),
        whole=np.ones(limits.sites),
    )
    return _solve(program, limits)[0]


def seat(groups: Groups, limits: Limits, clinics: Ints) -> tuple[Floats, float]:
    """Give as many people as possible a seat at clinics that are opened.

    Parameters
    ----------
    groups
        Those that have what they need; others get no seat.
    limits
        Its seats.
    clinics
        ``int64 (sites)``: how many are opened at each.

    Returns
    -------
    by_site
        ``float64 (sites)``: people seated. Who sits where is one way of several.
    people
        All of them.
    """
    use = _has_enough(groups, clinics)[groups.group] & (clinics[groups.site] > 0)
    group, site = groups.group[use], groups.site[use]
    by_site = np.zeros(limits.sites)
    if not len(group):
        return by_site, 0.0
    pairs = np.arange(len(group))
    rows = sparse.vstack(
        [
            _matrix(group, pairs, (len(groups.people), len(group))),
            _matrix(site, pairs, (limits.sites, len(group))),
        ]
    )
    room = np.minimum(limits.seats * clinics, groups.people.sum())
    solved = linprog(-np.ones(len(group)), A_ub=rows, b_ub=np.concatenate([groups.people, room]))
    np.add.at(by_site, site, solved.x)
    return by_site, float(solved.x.sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Program:
    """Make the cost small: variables are clinics by site, then whatever follows, from zero up."""

    cost: Floats
    rows: Any
    lower: Floats
    upper: Floats
    highest: Floats
    whole: Floats


def _matrix(row: Ints, column: Ints, shape: tuple[int, int], value: Any = 1.0) -> Any:
    at = row.astype(np.int32), column.astype(np.int32)  # HiGHS takes no wider ones, scipy < 1.15
    return sparse.csr_array((np.broadcast_to(value, row.shape), at), shape=shape)


def _reached(groups: Groups, limits: Limits) -> _Program:
    """Count who is helped: a share of each group, which is all or nothing where two are needed."""
    count, sites = len(groups.people), limits.sites
    worth = np.zeros(count)
    worth[groups.group] = groups.gain * groups.people[groups.group]
    clinics = _matrix(groups.group, groups.site, (count, sites), -1.0)
    helped = sparse.diags_array(groups.need.astype(np.float64))
    total = _matrix(np.zeros(sites, dtype=np.int64), np.arange(sites), (1, sites + count))
    return _Program(
        cost=np.concatenate([np.zeros(sites), -worth]),
        rows=sparse.vstack([sparse.hstack([clinics, helped]), total], format="csr"),
        lower=np.full(count + 1, -np.inf),
        upper=np.append(np.zeros(count), limits.clinics),
        highest=np.concatenate([np.full(sites, float(limits.per_site)), np.ones(count)]),
        whole=np.concatenate([np.ones(sites), groups.need > 1]),
    )


def _seated(groups: Groups, limits: Limits) -> _Program:
    """Count who has a seat as well: people of each pair of group and site."""
    count, sites, pairs = len(groups.people), limits.sites, len(groups.group)
    pair, people = np.arange(pairs), groups.people[groups.group]
    plain = _reached(groups, limits)
    taken = [
        (_matrix(groups.group, pair, (count, pairs)), None, sparse.diags_array(-groups.people)),
        (sparse.eye_array(pairs), _matrix(pair, groups.site, (pairs, sites), -people), None),
        (
            _matrix(groups.site, pair, (sites, pairs)),
            sparse.diags_array(np.full(sites, -float(limits.seats))),
            None,
        ),
    ]
    blocks = [
        [
            sparse.csr_array((seated.shape[0], sites)) if opened is None else opened,
            sparse.csr_array((seated.shape[0], count)) if helped is None else helped,
            seated,
        ]
        for seated, opened, helped in taken
    ]
    rows = sparse.block_array(
        [[plain.rows[:, :sites], plain.rows[:, sites:], None], *blocks], format="csr"
    )
    more = rows.shape[0] - len(plain.upper)
    return _Program(
        cost=np.concatenate([np.zeros(sites + count), -groups.gain]),
        rows=rows,
        lower=np.full(rows.shape[0], -np.inf),
        upper=np.concatenate([plain.upper, np.zeros(more)]),
        highest=np.concatenate([plain.highest, people]),
        whole=np.concatenate([plain.whole, np.zeros(pairs)]),
    )


def _no_worse(program: _Program, groups: Groups, value: float) -> _Program:
    """Count who has what they need, where the gain stays as great as it can be.

    A site may be off a whole number by the slack, so the gain may be off by as large a share.
    """
    pairs, people = len(groups.gain), groups.people
    sites = len(program.cost) - len(people) - pairs
    return replace(
        program,
        cost=np.concatenate([np.zeros(sites), -people, np.zeros(pairs)]),
        rows=sparse.vstack([program.rows, sparse.csr_array(program.cost[np.newaxis])]),
        lower=np.append(program.lower, -np.inf),
        upper=np.append(program.upper, SLACK * (1.0 + value) - value),
    )


def _solve(program: _Program, limits: Limits) -> tuple[Solution, Floats]:
    """Solve a program; also give what follows the clinics."""
    solved = milp(
        program.cost,
        integrality=program.whole,
        bounds=Bounds(0.0, program.highest),
        constraints=LinearConstraint(program.rows, program.lower, program.upper),
        options={"time_limit": limits.seconds, "mip_rel_gap": 0.0},
    )
    if solved.x is None:
        msg = f"no sites were found: {solved.message} Give it more seconds, or fewer candidates."
        raise DataIntegrityError(msg)
    clinics = np.rint(solved.x[: limits.sites]).astype(np.int64)
    bound = solved.fun if solved.mip_dual_bound is None else solved.mip_dual_bound
    proven = solved.status == OPTIMAL
    solution = Solution(clinics, abs(solved.fun), abs(solved.fun if proven else bound), proven)
    return solution, np.asarray(solved.x[limits.sites :])


def _has_enough(groups: Groups, clinics: Ints) -> Bools:
    """Tell which groups have what they need."""
    counts = np.bincount(groups.group, clinics[groups.site], len(groups.people))
    return np.asarray(counts >= groups.need)


def _only_useful(groups: Groups, clinics: Ints, helped: Bools, full: Bools | None = None) -> Ints:
    """Close again what none of the helped needs, last site first; the seats of full sites are taken."""
    kept = clinics.copy()
    counts = np.bincount(groups.group, kept[groups.site], len(groups.people))
    for site in np.flatnonzero(clinics)[::-1]:
        near = groups.group[groups.site == site]
        while kept[site] and not (full is not None and full[site]):
            if not ((counts[near] - 1 >= groups.need[near]) | ~helped[near]).all():
                break
            kept[site] -= 1
            counts[near] -= 1
    return kept
