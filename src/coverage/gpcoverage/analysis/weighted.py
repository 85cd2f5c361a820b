"""Figures about people, where a row stands for several."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def weighted_quantile(values: Floats, people: Floats, share: float) -> float:
    """Find the value that a share of the people do not exceed.

    Parameters
    ----------
    values
        ``float64 (rows)``: one value per row.
    people
        ``float64 (rows)``: how many the row stands for.
    share
        Between 0 and 1: 0.5 for the median.

    Returns
    -------
    float
        The smallest value with at least that share at or below it; NaN where nobody is.
    """
    order = np.argsort(values, kind="stable")
    order = order[people[order] > 0]
    if not len(order):
        return float("nan")
    reached = np.cumsum(people[order])
    at = np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))
    return float(values[order[at]])
