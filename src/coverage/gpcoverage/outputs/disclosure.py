"""Disclosure control: what must not be read, or worked out, from what is written for others.

Counts of few people are left out, and with them as many other counts as it takes: whoever knows
all that is written, that it adds up, and that no count is negative, cannot tell a small count more
closely than to a range as wide as the smallest count that may be shown, nor exactly any other that
was left out. That holds by construction: the ranges are computed, more is left out until all are
wide enough, and what need not have been is shown again. At worst all counts but zeros are left out;
then any multiple of the truth adds up as well, so it always ends.

Not covered: knowledge from elsewhere, and guessing backwards from which counts were chosen.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from gpcoverage.errors import DataIntegrityError
from gpcoverage.outputs import texts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Sums = Iterable[tuple[Sequence[str], Sequence[str]]]

FOOTNOTE: Final = (
    "Antal borgere under 5 og tal, de kunne regnes ud fra, er udeladt, og det samme er antal "
    "tilmeldte i praksis med én læge eller et ukendt antal læger."
)
HIDDEN: Final = ".."
"""Stands for a count that was left out, small or not, as in the tables of Danmarks Statistik."""

TOTAL: Final = "total"
TOLERANCE: Final = 1e-6
GUESSES: Final = 6

FEWEST_LISTS: Final = 3
LARGEST_TWO_SHARE: Final = 0.85
"""A sum over lists that are left out is told if these are at least three and the two largest have
no more than this share. Danmarks Statistik discloses no cell of fewer than three enterprises
(Højvækstvirksomheder i Danmark, Diskretionering og databehandling), and counts a business with one
owner as a person (Danmarks Statistiks efterlevelse af GDPR). The share is an assumption."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How much may be told to others.

    Attributes
    ----------
    smallest
        The smallest number of people that may be shown, besides none; greater than 0.
    off
        Leave nothing out: for the analyst's own eyes only.
    """

    smallest: float = 5
    off: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.smallest < math.inf:
            msg = f"Invalid smallest {self.smallest}. Must be a number greater than 0."
            raise ValueError(msg)

    def is_small(self, people: Any) -> Any:
        """Tell which numbers of people, or differences, are too small to show; zeros are not."""
        size = np.abs(people)
        return (size > TOLERANCE) & (size < self.smallest - TOLERANCE)


ON: Final = Disclosure()


def shown(people: float, *, options: Disclosure = ON) -> str:
    """Write a number of people for others to read.

    Parameters
    ----------
    people
        NaN was left out.
    options
        What may be told.

    Returns
    -------
    str
        ``<5`` for a small count on its own, ``..`` for what was left out of a table (which may as
        well be a larger count that would give a small one away), else the number.

    Examples
    --------
    >>> [shown(people) for people in (0.0, 4.7, 1234.0, float("nan"))]
    ['0', '<5', '1.234', '..']
    """
    if math.isnan(people):
        return HIDDEN
    if not options.off and options.is_small(people):
        return f"<{texts.or_unknown(float(options.smallest))}"
    return texts.number(people)


def with_total(
    table: pd.DataFrame, columns: Sequence[str], *, label: str = TOTAL
) -> tuple[pd.DataFrame, pd.Series]:
    """Put a row of totals below a table.

    Parameters
    ----------
    table
        Its index does not hold the label.
    columns
        Summed up; the other columns of the new row are missing.
    label
        Index of the new row.

    Returns
    -------
    table
        With one more row.
    total_of
        The label, by the index of ``table``; for :func:`suppress_counts`.
    """
    longer = pd.DataFrame(table).reindex([*table.index, label]).rename_axis(table.index.name)
    sums = {name: longer[name].fillna(table[name].sum()) for name in columns}
    return longer.assign(**sums), pd.Series(label, index=table.index)


def suppress_counts(
    table: pd.DataFrame,
    columns: Sequence[str],
    *,
    sums: Sums = (),
    pairs: Iterable[tuple[str, str]] = (),
    total_of: pd.Series | None = None,
    options: Disclosure = ON,
) -> pd.DataFrame:
    """Leave small counts out of a table, and what they could be worked out from.

    Parameters
    ----------
    table
        With a unique index. Rows and columns that hold totals are part of it, also if they are
        written elsewhere; so are counts that are not written but can be worked out.
    columns
        Numbers of people: zero or more, none missing.
    sums
        Columns that add up to the same as others in every row, such as
        ``(("population",), ("none", "one", "choice"))``.
    pairs
        Columns before and after. Changes of few people are hidden by leaving out the count
        afterwards; counts that do not change are taken to be known not to. What is left out before
        is what would be without the other columns, so that it is the same for every scenario.
    total_of
        Label of the row that is the total of a row, by the index of ``table``; rows that count
        towards no total are not in it, or missing.
    options
        What may be told.

    Returns
    -------
    DataFrame
        A copy; what was left out is NaN. No small count or change can be told more closely from
        the table than to a range of ``options.smallest`` people, and nothing is left out that can
        be told exactly.

    Raises
    ------
    DataIntegrityError
        If counts are missing or negative, or do not add up as told.

    Examples
    --------
    >>> table = pd.DataFrame({"all": [20.0, 9.0], "one": [17.0, 9.0], "none": [3.0, 0.0]})
    >>> suppress_counts(table, ["all", "one", "none"], sums=[(["all"], ["one", "none"])])
        all  one  none
    0  20.0  NaN   NaN
    1   9.0  9.0   0.0
    """
    if options.off or table.empty:
        return table.copy()
    cells, at = _cells_of(table, list(columns), (list(sums), list(pairs)), total_of)
    hidden = _hide(cells, options)[at]
    counts = table[list(columns)].astype(float).mask(hidden.reshape(len(table), -1))
    written = table.copy()
    written[list(columns)] = counts
    return written


def suppress_pair(
    before: pd.DataFrame,
    after: pd.DataFrame,
    columns: Sequence[str],
    *,
    sums: Sums = (),
    total_of: pd.Series | None = None,
    options: Disclosure = ON,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Leave small counts and small changes out of a table before and after.

    Parameters
    ----------
    before, after
        Same index.
    columns, sums, total_of, options
        As for :func:`suppress_counts`, of either table.

    Returns
    -------
    before, after, difference
        Copies, and the columns after less before; what was left out is NaN. A change of few people
        cannot be told more closely than to a range of ``options.smallest`` people.

    Raises
    ------
    DataIntegrityError
        If counts are missing or negative, or do not add up as told.
    """
    was = {name: f"{name}_before" for name in columns}
    now = {name: f"{name}_after" for name in columns}
    both = before[list(columns)].rename(columns=was).join(after[list(columns)].rename(columns=now))
    told = [
        ([names[name] for name in left], [names[name] for name in right])
        for left, right in sums
        for names in (was, now)
    ]
    pairs = [(was[name], now[name]) for name in columns]
    both = suppress_counts(
        both, list(both.columns), sums=told, pairs=pairs, total_of=total_of, options=options
    )
    old, new = (both[list(names.values())].set_axis(list(columns), axis=1) for names in (was, now))
    return before.assign(**dict(old.items())), after.assign(**dict(new.items())), new - old


def suppress_homes(
    homes: pd.DataFrame,
    totals: Iterable[pd.Series] = (),
    *,
    column: str = "population",
    options: Disclosure = ON,
) -> pd.DataFrame:
    """Leave small homes out, and homes that with written totals would give them away.

    Parameters
    ----------
    homes
        One row per home.
    totals
        Sums of the column over homes that are alike, as they are written: indexed by columns of
        ``homes``, NaN where left out. Where a total is left out, so are all its homes, or the total
        could be summed up.
    column
        Numbers of people: zero or more, none missing.
    options
        What may be told.

    Returns
    -------
    DataFrame
        A copy; what was left out is NaN.

    Raises
    ------
    DataIntegrityError
        If counts are missing or negative, or do not add up to the totals.
    """
    if options.off or homes.empty:
        return homes.copy()
    people = homes[column].to_numpy(dtype=np.float64)
    values, rows = [people], list[dict[int, float]]()
    unseen, count = np.zeros(len(homes), dtype=bool), len(homes)
    for written in totals:
        keys = pd.MultiIndex.from_frame(pd.DataFrame(homes[list(written.index.names)]))
        levels = [written.index.get_level_values(name) for name in written.index.names]
        group = pd.MultiIndex.from_arrays(levels).get_indexer(keys)
        missing = written.isna().to_numpy()
        unseen |= (group >= 0) & missing[group]
        for at in np.flatnonzero(~missing):
            rows.append(dict.fromkeys(np.flatnonzero(group == at).tolist(), 1.0) | {count: -1.0})
            values.append(np.array([float(written.iloc[at])]))
            count += 1
    none, fixed = np.zeros(count, dtype=bool), np.arange(count) >= len(homes)
    cells = _Cells(np.concatenate(values), _matrix(rows, count), none, none, fixed)
    hidden = _hide(cells, options, np.append(unseen, none[len(homes) :]))
    return homes.assign(**{column: homes[column].mask(hidden[: len(homes)])})


def suppress_figures(
    table: pd.DataFrame, people: pd.Series, columns: Sequence[str], *, options: Disclosure = ON
) -> pd.DataFrame:
    """Leave out means, quantiles and extremes that few people are behind.

    Parameters
    ----------
    table
        Any table.
    people
        How many people are behind a row's figures, on the same index.
    columns
        The figures.
    options
        What may be told.

    Returns
    -------
    DataFrame
        A copy; what was left out is NaN.
    """
    few = options.is_small(people) & (not options.off)
    return table.assign(**{name: table[name].mask(few) for name in columns})


def suppress_practices(practices: pd.DataFrame, *, options: Disclosure = ON) -> pd.DataFrame:
    """Leave out the list sizes of practices with one doctor: they tell of a person's business.

    Parameters
    ----------
    practices
        Columns ``doctors`` and ``list_size``, NaN where unknown.
    options
        What may be told.

    Returns
    -------
    DataFrame
        A copy. ``list_size`` is NaN where there is no more than one doctor, or nobody knows how
        many there are, and where the list is small.
    """
    unseen = _own_lists(practices, options)
    return practices.assign(list_size=practices["list_size"].mask(unseen))


def may_sum_lists(practices: pd.DataFrame, *, options: Disclosure = ON) -> bool:
    """Tell whether a sum over lists may be written, such as patients or free places.

    Parameters
    ----------
    practices
        Those that are summed over; columns ``doctors`` and ``list_size``, NaN where unknown.
    options
        What may be told.

    Returns
    -------
    bool
        Yes if :func:`suppress_practices` leaves out none of their lists, or at least three, of
        which the two largest make up no more than 85 percent. One sum is safe so; two sums over
        nearly the same practices, both written, are not.
    """
    unseen = practices.loc[_own_lists(practices, options), "list_size"].dropna()
    if unseen.empty:
        return True
    largest = float(unseen.nlargest(2).sum())
    return len(unseen) >= FEWEST_LISTS and largest <= LARGEST_TWO_SHARE * float(unseen.sum())


def _own_lists(practices: pd.DataFrame, options: Disclosure) -> pd.Series:
    several = practices["doctors"] > 1  # unknown is not
    unseen = ~several | options.is_small(practices["list_size"])
    return unseen & (not options.off)


class _Cells(NamedTuple):
    """Counts and how they add up.

    Attributes
    ----------
    people
        ``float64 (cells)``: the truth.
    relations
        Sparse ``(relations, cells)``; its product with the truth is zero.
    derived
        Changes: never written themselves, and negative if they like.
    last
        Left out only where nothing else helps.
    fixed
        Never left out.
    """

    people: Floats
    relations: Any
    derived: Bools
    last: Bools
    fixed: Bools


def _cells_of(
    table: pd.DataFrame,
    columns: list[str],
    told: tuple[list[tuple[Sequence[str], Sequence[str]]], list[tuple[str, str]]],
    total_of: pd.Series | None,
) -> tuple[_Cells, Ints]:
    """Lay out the cells of a table, then the changes; say which cell each count is.

    A count that does not change is one cell before and afterwards: whoever knows one knows both.
    """
    sums, pairs = told
    people = table[columns].to_numpy(dtype=np.float64)
    at = np.arange(people.size).reshape(people.shape)
    place = {name: i for i, name in enumerate(columns)}
    last, changes = np.zeros(people.size, dtype=bool), list[tuple[int, int]]()
    for was, now in pairs:
        before, after = at[:, place[was]], at[:, place[now]]
        last[before] = True
        change = people[:, place[now]] - people[:, place[was]]
        same = np.abs(change) <= TOLERANCE
        changes += zip(before[~same].tolist(), after[~same].tolist(), strict=True)
        at[same, place[now]] = before[same]
    rows = [
        _equal(at[row, [place[name] for name in left]], at[row, [place[name] for name in right]])
        for left, right in sums
        for row in range(len(table))
    ]
    if total_of is not None:
        of = total_of.dropna()
        for label, parts in of.groupby(of).groups.items():
            whole = at[table.index.get_indexer([label])[0]]
            columnwise = at[table.index.get_indexer(parts)].T
            rows += [
                _equal(of_it, total)
                for of_it, total in zip(columnwise, whole[:, None], strict=True)
            ]
    flat = people.ravel()
    derived = [flat[after] - flat[before] for before, after in changes]
    rows += [{b: -1.0, a: 1.0, flat.size + i: -1.0} for i, (b, a) in enumerate(changes)]
    rows = list({frozenset(row.items()): row for row in rows}.values())
    everything = np.append(flat, derived)
    more = np.arange(everything.size) >= flat.size
    none = np.zeros(everything.size, dtype=bool)
    relations = _matrix(rows, everything.size)
    return _Cells(everything, relations, more, np.append(last, none[more]), none), at.ravel()


def _equal(left: Ints, right: Ints) -> dict[int, float]:
    """Write down that cells add up to the same as others; one on both sides does not matter."""
    signs: dict[int, float] = {}
    for cells, sign in ((left, 1.0), (right, -1.0)):
        for cell in cells.tolist():
            signs[cell] = signs.get(cell, 0.0) + sign
    return {cell: sign for cell, sign in signs.items() if sign}


def _matrix(rows: list[dict[int, float]], columns: int) -> Any:
    ends = np.cumsum([0, *map(len, rows)])
    at = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=ends[-1])
    signs = np.fromiter(chain.from_iterable(row.values() for row in rows), np.float64, ends[-1])
    return sparse.csr_array((signs, at, ends), shape=(len(rows), columns))


def _hide(cells: _Cells, options: Disclosure, hidden: Bools | None = None) -> Bools:
    """Choose what is left out: first what is small, then more until all ranges are wide enough."""
    _check(cells)
    small = options.is_small(cells.people) & ~cells.fixed
    chosen = small & cells.last
    if cells.last.any():
        foreign = abs(cells.relations) @ (~cells.last).astype(float)
        own = cells._replace(relations=cells.relations[np.flatnonzero(foreign == 0)])
        chosen = _settle(own, chosen, options)
    chosen = chosen | small | cells.derived
    if hidden is not None:
        chosen |= hidden
    if cells.last.any():
        chosen = _settle(cells._replace(fixed=cells.fixed | cells.last), chosen, options)
    return _settle(cells, chosen, options)


def _check(cells: _Cells) -> None:
    counts = cells.people[~cells.derived]
    if np.isnan(counts).any() or (counts < -TOLERANCE).any():
        msg = "Counts must be zero or more. Give every count before any is left out."
        raise DataIntegrityError(msg)
    off = np.abs(cells.relations @ cells.people)
    size = abs(cells.relations) @ np.abs(cells.people)
    if (off > TOLERANCE * np.maximum(1.0, size)).any():
        msg = f"{int((off > TOLERANCE).sum())} sums do not add up, by up to {off.max()} people; nothing can be left out safely. Check which counts are said to add up."
        raise DataIntegrityError(msg)


def _settle(cells: _Cells, hidden: Bools, options: Disclosure) -> Bools:
    """Leave out more until no range is too narrow, or nothing is left that could widen one."""
    hidden, wide = hidden.copy(), np.zeros(len(hidden), dtype=bool)
    by_cell, added = cells.relations.tocsc(), list[int]()
    while True:
        touched = np.zeros(cells.relations.shape[0], dtype=bool)
        narrow = _narrow(cells, hidden, wide, options)
        wide |= hidden & ~narrow  # it stays so, whatever else is left out
        tight = np.flatnonzero(narrow)
        tight = tight[np.argsort(np.abs(cells.people[tight]), kind="stable")]
        for deep in (False, True):
            for cell in tight.tolist():
                # See first whether that was enough; from afar, one at a time.
                if touched.any() if deep else touched[_column(by_cell, cell)].any():
                    continue
                more = _next(cells, by_cell, hidden, cell, deep=deep)
                if more is not None:
                    hidden[more] = True
                    touched[_column(by_cell, more)] = True
                    added.append(more)
        if not touched.any():
            return _take_back(cells, hidden, added, options)


def _take_back(cells: _Cells, hidden: Bools, added: list[int], options: Disclosure) -> Bools:
    """Show again what need not be left out, the largest first; so nothing is left out in vain."""
    hidden, nothing = hidden.copy(), np.zeros(len(hidden), dtype=bool)
    narrow = _narrow(cells, hidden, nothing, options)
    queue = [sorted(added, key=lambda cell: (-cells.people[cell], cell))]
    while queue:
        some = queue.pop()
        hidden[some] = False
        if not (_narrow(cells, hidden, nothing, options) & ~narrow).any():
            continue
        hidden[some] = True
        half = len(some) // 2
        queue += [some[half:], some[:half]] if half else []
    return hidden


def _column(by_cell: Any, cell: int) -> Ints:
    return np.asarray(by_cell.indices[by_cell.indptr[cell] : by_cell.indptr[cell + 1]])


def _next(cells: _Cells, by_cell: Any, hidden: Bools, start: int, *, deep: bool) -> int | None:
    """Choose what else to leave out: in the tightest sum of a cell, the smallest other count.

    If none is left in its sums, look, if deep, in those that its sums lead to.
    """
    rows, seen = cells.relations, {start}
    near = [start]
    while near:
        found, further = [], list[int]()
        for cell in near:
            for row in _column(by_cell, cell):
                others = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
                size = np.abs(cells.people[others])
                room = float(size[hidden[others] & (others != cell)].sum())
                left = ~hidden[others] & ~cells.fixed[others] & (size > TOLERANCE)
                if left.any():
                    best = np.lexsort((others[left], size[left]))[0]
                    found.append((room, float(size[left][best]), int(others[left][best])))
                further += others[hidden[others]].tolist()
        if found:
            return min(found)[-1]
        if not deep:
            return None
        near = sorted(set(further) - seen)
        seen |= set(near)
    return None


def _narrow(cells: _Cells, hidden: Bools, wide: Bools, options: Disclosure) -> Bools:
    """Find the cells that are left out and could be told too closely; some are known not to."""
    at = np.flatnonzero(hidden)
    bound = cells.relations.tocsc()[:, at].tocsr()
    bound = bound[np.flatnonzero(np.diff(bound.indptr))].tocsc()
    group = _alike(bound, cells.derived[at])
    sums = np.asarray(np.bincount(group, cells.people[at]), dtype=np.float64)
    first, count = np.unique(group, return_index=True, return_counts=True)[1:]
    signed = cells.derived[at][first]
    unsure = options.is_small(cells.people[at]) & ~wide[at]
    checked = np.bincount(group, unsure) > 0
    # Of several cells that count in the same sums, each may be none of them or all.
    ranges = _Ranges(bound[:, first], sums, signed, count == 1, float(options.smallest))
    narrow = np.zeros(len(hidden), dtype=bool)
    narrow[at] = (checked & ~ranges.are_wide(checked))[group] & unsure
    return narrow


def _alike(bound: Any, derived: Bools) -> Ints:
    """Give cells numbers so that those that count in the same sums have the same number."""
    bound.sort_indices()
    numbers: dict[object, int] = {}
    group = []
    for i, (start, end) in enumerate(zip(bound.indptr[:-1], bound.indptr[1:], strict=True)):
        same = (bound.indices[start:end].tobytes(), bound.data[start:end].tobytes())
        key = i if derived[i] or start == end else same
        group.append(numbers.setdefault(key, len(numbers)))
    return np.array(group, dtype=np.int64)


class _Ranges(NamedTuple):
    """How closely cells can be told that are left out.

    Attributes
    ----------
    relations
        Sparse ``(relations, cells)``.
    people
        The truth.
    signed
        Whether a cell may be negative.
    alone
        Whether it stands for one cell; else for the sum of several.
    smallest
        So wide a range must be.
    """

    relations: Any
    people: Floats
    signed: Bools
    alone: Bools
    smallest: float

    def are_wide(self, checked: Bools) -> Bools:
        """Tell which ranges are wide enough: one cell of each set of linked sums at a time."""
        low, high = self.people.copy(), self.people.copy()
        free = np.diff(self.relations.indptr) == 0  # adds up to nothing that is known
        linked = abs(self.relations.T) @ abs(self.relations)
        part = sparse.csgraph.connected_components(linked, directed=False)[1]
        tried = ~checked | free
        draw = np.random.default_rng(0)  # for speed: what they show to be wide need not be tried
        for guess in range(GUESSES + len(tried) + 1):
            single = guess >= GUESSES or int(checked.sum()) <= GUESSES
            width = np.where(self.alone | self.signed, high - low, high)
            wide = free | (width >= self.smallest - TOLERANCE)
            cells = np.flatnonzero(~wide & ~tried)
            if not len(cells):
                break
            signs = draw.choice([-1.0, 1.0], len(cells))
            if single:
                first = np.unique(part[cells], return_index=True)[1]
                cells, signs = cells[first], signs[first]
                tried[cells] = True
            within = np.flatnonzero(np.isin(part, part[cells]))
            for way in (signs, -signs):
                found = self._farthest(within, cells, way)
                low[within] = np.minimum(low[within], found)
                high[within] = np.maximum(high[within], found)
        return np.asarray(wide)

    def _farthest(self, within: Ints, cells: Ints, signs: Floats) -> Floats:
        """Move cells as far up or down as the sums allow; no farther than matters."""
        people, target = self.people[within], np.isin(within, cells)
        matrix = self.relations[:, within].tocsr()
        matrix = matrix[np.flatnonzero(np.diff(matrix.indptr))]
        lower = np.where(self.signed[within], -np.inf, 0.0)
        upper = np.full(len(within), np.inf)
        reach = 2 * self.smallest
        upper[target] = people[target] + reach
        lower[target] = np.maximum(lower[target], people[target] - reach)
        cost = np.zeros(len(within))
        cost[target] = -signs
        sums = matrix @ people
        solved = linprog(cost, A_eq=matrix, b_eq=sums, bounds=np.stack([lower, upper], axis=1))
        return np.asarray(solved.x if solved.success else people)
