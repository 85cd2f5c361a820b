"""Choose which counts are left out, so that none that is small can be worked out.

The ranges in which left-out counts can lie are computed by linear programming from all that is
written; for each that is too narrow, as little more as will do is left out.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from gpcoverage.errors import DataIntegrityError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

TOLERANCE: Final = 1e-6
GUESSES: Final = 6


class Counts(NamedTuple):
    """Numbers of people and how they add up.

    Attributes
    ----------
    people
        ``float64 (counts)``: the truth, zero or more.
    sums
        Sparse ``(sums, counts)``; its product with the truth is zero.
    unseen
        Left out from the start, such as what is not written at all.
    fixed
        Never left out.
    late
        Left out only where nothing else helps.
    homes
        ``int64 (counts)``: of how many that are known to have somebody a count is the sum. One for
        what is written, as zeros are told; none where nothing is.
    """

    people: Floats
    sums: Any
    unseen: Bools
    fixed: Bools
    late: Bools
    homes: Ints


def adding_up(blocks: Sequence[tuple[Ints, Ints]], counts: int) -> Any:
    """Write down which counts are the sums of which others.

    Parameters
    ----------
    blocks
        Positions of wholes and of their parts, one pair per part. A whole that can be taken apart
        in two ways is in two blocks.
    counts
        How many counts there are.

    Returns
    -------
    sparse array ``(sums, counts)``
    """
    rows, columns, signs, count = [], [], [], 0
    for whole, part in blocks:
        wholes, row = np.unique(whole, return_inverse=True)
        rows += [row + count, np.arange(len(wholes)) + count]
        columns += [part, wholes]
        signs += [np.ones(len(part)), -np.ones(len(wholes))]
        count += len(wholes)
    if not count:
        return sparse.csr_array((0, counts))
    at = np.concatenate(rows), np.concatenate(columns)
    return sparse.csr_array((np.concatenate(signs), at), shape=(count, counts))


def is_small(people: Any, smallest: float) -> Any:
    """Tell which numbers of people are too small to show; zeros are not."""
    return (people > TOLERANCE) & (people < smallest - TOLERANCE)


def least_of(people: Floats, homes: Any) -> Floats:
    """Tell how many people counts must have: one per home where people are whole numbers."""
    whole = bool((np.abs(people - np.round(people)) <= TOLERANCE).all())
    return np.minimum(homes, people) if whole else np.zeros(len(people))


def hide(counts: Counts, smallest: float) -> Bools:
    """Choose what is left out: first what is small, then more until all ranges are wide enough.

    Parameters
    ----------
    counts
        All that is written, or can be worked out from it.
    smallest
        The smallest number that may be told, and how wide the range of a smaller one must be.

    Returns
    -------
    ``bool (counts)``
        What is left out. Unless something is fixed, all ranges can be wide: where nothing is told
        but zeros, any multiple of the truth adds up as well.

    Raises
    ------
    DataIntegrityError
        If counts are missing or negative, or do not add up as told.
    """
    _check(counts)
    least = least_of(counts.people, counts.homes)
    few = counts.people - least < smallest - TOLERANCE
    # Of several homes what they have beyond one each must be enough for one of them to have it all.
    small = is_small(counts.people, smallest) | (few & (counts.homes > 1) & (least > 0))
    hidden: Bools = (small | counts.unseen) & ~counts.fixed
    wide = np.zeros(len(hidden), dtype=bool)
    while True:
        narrow = _narrow(counts, hidden, small & ~wide, least, smallest)
        wide |= hidden & ~narrow  # it stays so, whatever else is left out
        if not narrow.any():
            return hidden
        at = int(np.flatnonzero(narrow)[counts.people[narrow].argmin()])
        hidden[_cheapest(counts, hidden, at, least, smallest)] = True
        wide[at] = True  # or nothing helps


def _check(counts: Counts) -> None:
    if np.isnan(counts.people).any() or (counts.people < -TOLERANCE).any():
        msg = "Counts must be zero or more. Give every count before any is left out."
        raise DataIntegrityError(msg)
    off = np.abs(counts.sums @ counts.people)
    size = abs(counts.sums) @ counts.people
    if (off > TOLERANCE * np.maximum(1.0, size)).any():
        msg = f"{int((off > TOLERANCE).sum())} sums do not add up, by up to {off.max()} people; nothing can be left out safely. Check which counts are said to add up."
        raise DataIntegrityError(msg)


def _cheapest(counts: Counts, hidden: Bools, at: int, least: Floats, smallest: float) -> Ints:
    """Find what to leave out so that the range of a count is wide enough: little, and early if it can.

    The count moves up and down, so far in all as its range must be wide, and others that are left
    out, or may be, move along so that the sums stay; each that must be left out has its price.
    """
    for fixed in (counts.fixed | counts.late, counts.fixed):
        movable = hidden | (~fixed & (counts.people > TOLERANCE))
        linked = abs(counts.sums) @ sparse.diags_array(movable.astype(float))
        part = sparse.csgraph.connected_components(linked.T @ linked, directed=False)[1]
        within = np.flatnonzero(movable & (part == part[at]))
        price = np.where(hidden[within], 0.0, np.log1p(counts.people[within]))
        sums = counts.sums[:, within]
        moves = sparse.hstack([sums, -sums])
        target = (within == at).astype(float)
        room = sparse.csr_array(np.concatenate([target, 0 * target, 0 * target, target])[None])
        spare = counts.people[within] - least[within]
        down = np.minimum(spare, np.where(target, smallest, np.inf))
        up = np.where(target, smallest, np.inf)
        limits = np.concatenate([up, down * (1 - target), up * (1 - target), down])
        found = linprog(
            np.tile(price, 4),
            A_eq=sparse.vstack([sparse.block_diag([moves, moves]), room]),
            b_eq=np.append(np.zeros(2 * sums.shape[0]), smallest),
            bounds=np.stack([np.zeros(4 * len(within)), limits], axis=1),
        )
        if found.success:
            moved = found.x.reshape(4, -1).max(axis=0) > TOLERANCE
            return np.asarray(within[moved & ~hidden[within]])
    return np.empty(0, dtype=np.int64)


def _narrow(counts: Counts, hidden: Bools, unsure: Bools, least: Floats, smallest: float) -> Bools:
    """Find the unsure counts that are left out and could be told too closely."""
    at = np.flatnonzero(hidden)
    bound = counts.sums.tocsc()[:, at].tocsr()
    bound = bound[np.flatnonzero(np.diff(bound.indptr))].tocsc()
    group = _alike(bound)
    people, lowest = (np.bincount(group, each[at]).astype(float) for each in (counts.people, least))
    first = np.unique(group, return_index=True)[1]
    checked = np.bincount(group, unsure[at]) > 0
    # Of several counts in the same sums, each may have all that they have beyond the least of each.
    alone = np.bincount(group) == 1
    ranges = _Ranges(bound[:, first], people, lowest, alone, smallest)
    narrow = np.zeros(len(hidden), dtype=bool)
    narrow[at] = (checked & ~ranges.are_wide(checked))[group] & unsure[at]
    return narrow


def _alike(bound: Any) -> Ints:
    """Give counts numbers so that those that are in the same sums have the same number."""
    bound.sort_indices()
    numbers: dict[object, int] = {}
    group = []
    for i, (start, end) in enumerate(zip(bound.indptr[:-1], bound.indptr[1:], strict=True)):
        same = (bound.indices[start:end].tobytes(), bound.data[start:end].tobytes())
        group.append(numbers.setdefault(i if start == end else same, len(numbers)))
    return np.array(group, dtype=np.int64)


class _Ranges(NamedTuple):
    """How closely counts can be told that are left out.

    Attributes
    ----------
    sums
        Sparse ``(sums, counts)``.
    people
        The truth.
    least
        What it is known to be at least.
    alone
        Whether it stands for one count; else for the sum of several.
    smallest
        So wide a range must be.
    """

    sums: Any
    people: Floats
    least: Floats
    alone: Bools
    smallest: float

    def are_wide(self, checked: Bools) -> Bools:
        """Tell which ranges are wide enough: one count of each set of linked sums at a time."""
        low, high = self.people.copy(), self.people.copy()
        free = np.diff(self.sums.indptr) == 0  # adds up to nothing that is known
        linked = abs(self.sums.T) @ abs(self.sums)
        part = sparse.csgraph.connected_components(linked, directed=False)[1]
        tried = ~checked | free
        draw = np.random.default_rng(0)  # for speed: what they show to be wide need not be tried
        for guess in range(GUESSES + len(tried) + 1):
            single = guess >= GUESSES or int(checked.sum()) <= GUESSES
            width = high - np.where(self.alone, low, self.least)
            wide = free | (width >= self.smallest - TOLERANCE)
            counts = np.flatnonzero(~wide & ~tried)
            if not len(counts):
                break
            signs = draw.choice([-1.0, 1.0], len(counts))
            if single:
                first = np.unique(part[counts], return_index=True)[1]
                counts, signs = counts[first], signs[first]
                tried[counts] = True
            within = np.flatnonzero(np.isin(part, part[counts]))
            for way in (signs, -signs):
                found = self._farthest(within, counts, way)
                low[within] = np.minimum(low[within], found)
                high[within] = np.maximum(high[within], found)
        return np.asarray(wide)

    def _farthest(self, within: Ints, counts: Ints, signs: Floats) -> Floats:
        """Move counts as far up or down as the sums allow; no farther than matters."""
        people, target = self.people[within], np.isin(within, counts)
        matrix = self.sums[:, within].tocsr()
        matrix = matrix[np.flatnonzero(np.diff(matrix.indptr))]
        lower, upper = self.least[within], np.full(len(within), np.inf)
        reach = 2 * self.smallest
        upper[target] = people[target] + reach
        lower[target] = np.maximum(lower[target], people[target] - reach)
        cost = np.zeros(len(within))
        cost[target] = -signs
        bounds = np.stack([lower, upper], axis=1)
        solved = linprog(cost, A_eq=matrix, b_eq=matrix @ people, bounds=bounds)
        return np.asarray(solved.x if solved.success else people)


def number_groups(homes: pd.DataFrame, columns: Sequence[str]) -> tuple[Ints, Ints]:
    """Give homes that have the same in all columns a number; also say where each comes first."""
    group = np.zeros(len(homes), dtype=np.int64)
    for name in columns:
        code, values = pd.factorize(homes[name])
        group = np.unique(group * (len(values) + 1) + code, return_inverse=True)[1]
    first = np.unique(group, return_index=True)[1]
    return group, first


def sum_groups(groups: pd.DataFrame, by: tuple[str, ...]) -> tuple[pd.Series, Ints]:
    """Sum groups up; also number the sum that each counts in, -1 for none."""
    if not by:
        total = pd.Series([groups["population"].sum()])
        return total, np.zeros(len(groups), dtype=np.int64)
    grouped = groups.groupby(list(by))["population"]
    number = grouped.ngroup().fillna(-1).to_numpy(dtype=np.int64)
    return grouped.sum(), number


def lay_out(
    of_group: Floats,
    homes: Ints,
    tables: Mapping[tuple[str, ...], tuple[pd.Series, Ints]],
    known: Mapping[tuple[str, ...], pd.Series],
    public: Collection[tuple[str, ...]],
) -> tuple[Counts, dict[tuple[str, ...], Ints]]:
    """Lay out groups, then sums; say which count each sum is: that of a group if it is its only one."""
    people, blocks, at = [of_group], list[tuple[Ints, Ints]](), dict[tuple[str, ...], Ints]()
    count = len(of_group)
    for by, (table, number) in tables.items():
        member = np.flatnonzero((number >= 0) & (of_group > 0))
        of_sum = number[member]
        alone = np.bincount(of_sum, minlength=len(table)) == 1
        at[by] = np.arange(len(table)) + count
        at[by][of_sum[alone[of_sum]]] = member[alone[of_sum]]
        blocks.append((at[by][of_sum[~alone[of_sum]]], member[~alone[of_sum]]))
        people.append(table.to_numpy(dtype=np.float64))
        count += len(table)
    unseen, fixed, late = (np.zeros(count, dtype=bool) for _ in range(3))
    for by, told in known.items():
        left_out = told.isna().to_numpy()
        unseen[at[by][left_out]] = True
        fixed[at[by][~left_out]] = True
    for by in public:
        late[at[by]] = True
    known_of = np.append(homes, np.ones(count - len(homes), dtype=np.int64))
    sums = adding_up(blocks, count)
    return Counts(np.concatenate(people), sums, unseen, fixed, late, known_of), at


def leave_enough(people: Floats, group: Ints, unseen: Bools, smallest: float) -> Bools:
    """Where few people are left out of a group, leave its smallest other homes out as well.

    Zeros are told, so whoever is left out has somebody: at least one, where people are whole
    numbers. Only those beyond that can be of one home or of another.
    """
    beyond = people - least_of(people, 1)
    more = unseen.copy()
    while True:
        spare = np.bincount(group, beyond * more)
        few = (np.bincount(group, more) > 0) & (spare < smallest - TOLERANCE)
        at = np.flatnonzero(few[group] & ~more & (people > 0))
        if not len(at):
            return more
        at = at[np.lexsort((people[at], group[at]))]
        more[at[np.unique(group[at], return_index=True)[1]]] = True
