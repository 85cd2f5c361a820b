"""How Danes write numbers."""

import math
from typing import Final

from gpcoverage.units import METRES_PER_KM

UNKNOWN: Final = "ukendt"
HIDDEN: Final = ".."
"""Stands for a number that was left out, as in the tables of Danmarks Statistik."""


def number(value: float, decimals: int = 0) -> str:
    """Write a number as Danes do.

    Parameters
    ----------
    value
        NaN was left out.
    decimals
        Digits after the comma.

    Returns
    -------
    str
        For example ``1.234,5``; ``..`` for what was left out.
    """
    if math.isnan(value):
        return HIDDEN
    english = f"{value:,.{decimals}f}"
    return english.translate(str.maketrans(",.", ".,"))


def or_unknown(value: float) -> str:
    """Write a number with one decimal if it has any, and ``ukendt`` for NaN."""
    if math.isnan(value):
        return UNKNOWN
    return number(value, 0 if value == round(value) else 1)


def share(part: float, whole: float) -> str:
    """Write a share in percent with one decimal.

    Parameters
    ----------
    part, whole
        People; NaN was left out.

    Returns
    -------
    str
        For example ``93,4 %``. Neither ``0,0 %`` nor ``100,0 %`` stands for a share that is not
        exactly that.
    """
    if math.isnan(part) or math.isnan(whole):
        return HIDDEN
    if whole <= 0:
        return "-"
    percent = 100 * part / whole
    if 0 < percent < 0.05:  # noqa: PLR2004  would round to nothing
        return "under 0,1 %"
    if 99.95 <= percent < 100:  # noqa: PLR2004  would round to all
        return "over 99,9 %"
    return f"{number(percent, 1)} %"


def km(metres: float) -> str:
    """Write a distance in km.

    Parameters
    ----------
    metres
        Distance, metres.

    Returns
    -------
    str
        For example ``15 km`` or ``7,5 km``.
    """
    value = metres / METRES_PER_KM
    return f"{number(value, 0 if value == round(value) else 1)} km"


def extra_km(metres: float) -> str:
    """Write extra metres as km with one decimal; ``-`` where there are none."""
    return "-" if math.isnan(metres) else f"{number(metres / METRES_PER_KM, 1)} km"
