"""Disclosure control: what must not be read, or worked out, from what is written for others.

Counts of few people are left out, and with them as many other counts as it takes: whoever knows
all that one run writes, how it adds up, and that no count is negative, cannot tell a small count
more closely than to a range as wide as the smallest count that may be shown. All numbers of people
are sums over homes, so they are judged together: see :func:`suppress_homes`.

Not covered: knowledge from elsewhere, the files of several runs laid side by side, and guessing
backwards from which counts were chosen.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from gpcoverage.outputs import numerals
from gpcoverage.outputs.language import say
from gpcoverage.outputs.suppression import (
    Counts,
    Floats,
    hide,
    is_small,
    lay_out,
    leave_enough,
    number_groups,
    sum_groups,
)

FOOTNOTE: Final = (
    "To prikker (..) betyder, at et tal er udeladt: antal borgere under {smallest} og tal, de kunne "
    "regnes ud fra, samt antal tilmeldte i praksis med én læge eller et ukendt antal læger."
)

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
        """Tell which numbers of people are too few to show; zeros are not, and none is if off."""
        return is_small(people, self.smallest) & (not self.off)

    def footnotes(self) -> list[str]:
        """Say what is left out."""
        return [] if self.off else [say(FOOTNOTE, smallest=numerals.or_unknown(self.smallest))]

    def summarise(self) -> dict[str, Any]:
        """Say the same in ``summary.json``; docs/files.md documents the keys."""
        return {"smallest": None if self.off else self.smallest, "single_doctors_lists": self.off}


ON: Final = Disclosure()
OFF: Final = Disclosure(off=True)


def shown(people: float, *, options: Disclosure = ON) -> str:
    """Write a number of people that is no part of any sum, for others to read.

    Parameters
    ----------
    people
        NaN was left out.
    options
        What may be told.

    Returns
    -------
    str
        ``<5`` for a small count, ``..`` for what was left out of a table (which may as well be a
        larger count that would give a small one away), else the number.

    Examples
    --------
    >>> [shown(people) for people in (0.0, 4.7, 1234.0, float("nan"))]
    ['0', '<5', '1.234', '..']
    """
    if options.is_small(people):
        return f"<{numerals.or_unknown(float(options.smallest))}"
    return numerals.number(people)


def suppress_counts(counts: Counts, *, options: Disclosure = ON) -> Floats:
    """Leave small counts out, and what they could be worked out from.

    Parameters
    ----------
    counts
        All counts that are written or can be worked out, and how they add up.
    options
        What may be told.

    Returns
    -------
    ``float64 (counts)``
        What was left out is NaN. No small count can be told more closely than to a range of
        ``options.smallest`` people, and nothing is left out that can be told exactly.

    Raises
    ------
    DataIntegrityError
        If counts are missing or negative, or do not add up as told.
    """
    if options.off:
        return counts.people.copy()
    return np.where(hide(counts, float(options.smallest)), np.nan, counts.people)


@dataclass(frozen=True, slots=True, eq=False)
class ToldHomes:
    """Homes, and sums over them, as they may be told.

    Attributes
    ----------
    people
        By home; NaN was left out.
    sums
        Sums by the columns that they were asked for by, each indexed by these; NaN was left out.
    """

    people: pd.Series
    sums: dict[tuple[str, ...], pd.Series]

    def of(self, columns: tuple[str, ...], keys: Sequence[tuple[str, ...]]) -> list[float]:
        """Give sums by values of the columns that they were asked for by; zero for nobody."""
        table = self.sums[columns]
        if not columns:
            return [float(table.iloc[0])] * len(keys)
        there = keys if len(columns) > 1 else [key for (key,) in keys]
        return [float(people) for people in table.reindex(there, fill_value=0.0)]

    def marked(self, column: str) -> float:
        """Give the people of the homes that have a value in a column, where there is one value."""
        people = self.sums[(column,)]
        return float(people.iloc[0]) if len(people) else 0.0


def suppress_homes(
    homes: pd.DataFrame,
    sums: Iterable[Sequence[str]],
    *,
    public: Collection[tuple[str, ...]] = (),
    before: ToldHomes | None = None,
    options: Disclosure = ON,
) -> ToldHomes:
    """Leave out small homes and small sums over homes, and what would give them away.

    Homes that are in the same sums make a group. A group is left out, with all its homes, or told;
    of a told one either no home is left out or, as long as it has others, so many that they have
    ``options.smallest`` people in all beyond the one that each has at least (zeros are told): what
    one of them has, another may have instead. So whatever the groups can be, the homes can follow,
    and only groups and sums need be searched.

    Parameters
    ----------
    homes
        ``population`` (zero or more, none missing), and the columns of the sums.
    sums
        Columns by which people are summed up, for each sum that is written; none for the total.
        Homes without a value in one of them do not count there.
    public
        Those of ``sums`` that are known from elsewhere, such as the people of municipalities: left
        out only where nothing else helps.
    before
        What is told of the same homes without the other sums, such as before a change: its sums are
        told again, and nothing more, so that they are the same whatever changes.
    options
        What may be told.

    Returns
    -------
    ToldHomes

    Raises
    ------
    DataIntegrityError
        If counts are missing or negative.

    Examples
    --------
    >>> homes = pd.DataFrame({"status": ["one", "one", "none"], "population": [9.0, 90.0, 3.0]})
    >>> suppress_homes(homes, [("status",), ()], public=[()]).people.tolist()
    [nan, nan, nan]
    """
    known = before.sums if before else {}
    wanted = list(dict.fromkeys([*known, *map(tuple, sums)]))
    people = homes["population"].to_numpy(dtype=np.float64)
    columns = list(dict.fromkeys(name for by in wanted for name in by))
    group, first = number_groups(homes, columns)
    of_group: Floats = np.bincount(group, people, len(first)).astype(np.float64)
    frame = pd.DataFrame(homes[columns]).iloc[first].reset_index(drop=True)
    tables = {by: sum_groups(frame.assign(population=of_group), by) for by in wanted}
    homes_there = np.bincount(group[people > 0], minlength=len(first))
    counts, at = lay_out(of_group, homes_there, tables, known, public)
    told = suppress_counts(counts, options=options)
    written = {by: pd.Series(told[at[by]], table.index) for by, (table, _) in tables.items()}
    unseen = np.isnan(told)[group] | options.is_small(people)
    if before:
        unseen |= before.people.isna().to_numpy()
    unseen = leave_enough(people, group, unseen & (people > 0), options.smallest)
    return ToldHomes(homes["population"].mask(unseen), written)


def suppress_figures(
    table: pd.DataFrame, people: pd.Series, columns: Sequence[str], *, options: Disclosure = ON
) -> pd.DataFrame:
    """Leave out means, quantiles and extremes that few people are behind.

    Parameters
    ----------
    table
        Any table.
    people
        How many people are behind a row's figures, on the same index; NaN if that was left out.
    columns
        The figures.
    options
        What may be told.

    Returns
    -------
    DataFrame
        A copy; what was left out is NaN.
    """
    few = options.is_small(people) | (people.isna() & (not options.off))
    return table.assign(**{name: table[name].mask(few) for name in columns})


def weights(homes: ToldHomes, *, options: Disclosure = ON) -> pd.Series:
    """Give homes weights for means that tell no more of left-out homes than that they are.

    Parameters
    ----------
    homes
        As they may be told.
    options
        What may be told.

    Returns
    -------
    Series
        Their people; half the smallest number that may be told for those left out.
    """
    return homes.people.fillna(options.smallest / 2)


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
