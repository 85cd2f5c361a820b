"""Figures about people in many groups at once, where a row stands for several."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SLACK: Final = 1e-9
"""Sums of fractions are off by so little at most, as a share of the group."""


def group_quantiles(
    group: NDArray[np.int64],
    value: NDArray[np.float64],
    people: NDArray[np.float64],
    groups: int,
    shares: Sequence[float],
) -> NDArray[np.float64]:
    """Find the value that a share of the people do not exceed, group by group.

    Parameters
    ----------
    group
        ``int64 (rows)``: 0 to ``groups`` - 1.
    value
        ``float64 (rows)``, no NaN.
    people
        ``float64 (rows)``: how many the row stands for.
    groups
        How many groups there are.
    shares
        Above 0, at most 1: 0.5 for the median.

    Returns
    -------
    ndarray
        ``float64 (groups, shares)``: the smallest value with at least that share at or below it,
        NaN where nobody is.
    """
    there = people > 0
    group, value, people = group[there], value[there], people[there]
    order = np.lexsort((value, group))
    value, reached = value[order], np.cumsum(people[order])
    rows = np.bincount(group, minlength=groups)
    known, last = rows > 0, np.cumsum(rows) - 1
    first = last - rows + 1
    ends = np.concatenate([[0.0], reached])
    before, total = ends[first], ends[last + 1] - ends[first]
    quantiles = np.full((groups, len(shares)), np.nan)
    for column, share in enumerate(shares):
        at = np.searchsorted(reached, (before + (share - SLACK) * total)[known])
        quantiles[known, column] = value[np.clip(at, first[known], last[known])]
    return quantiles


def group_means(
    group: NDArray[np.int64],
    value: NDArray[np.float64],
    people: NDArray[np.float64],
    groups: int,
) -> NDArray[np.float64]:
    """Average over the people of each group; parameters as for :func:`group_quantiles`.

    Returns
    -------
    ndarray
        ``float64 (groups)``; NaN where nobody is.
    """
    total = np.bincount(group, people, minlength=groups)
    summed = np.bincount(group, people * value, minlength=groups)
    means = np.full(groups, np.nan)
    np.divide(summed, total, out=means, where=total > 0)
    return means
