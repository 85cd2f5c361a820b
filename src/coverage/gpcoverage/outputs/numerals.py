"""How numbers and days are written: as Danes do, or as the British do in English."""

import datetime
import math
from typing import Final

from gpcoverage.outputs.language import say, spoken
from gpcoverage.units import METRES_PER_KM

UNKNOWN: Final = "ukendt"
"""Said where it is written."""

HIDDEN: Final = ".."
"""Stands for a number that was left out, as in the tables of Danmarks Statistik."""

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def number(value: float, decimals: int = 0) -> str:
    """Write a number.

    Parameters
    ----------
    value
        NaN was left out.
    decimals
        Digits after the comma.

    Returns
    -------
    str
        For example ``1.234,5``, in English ``1,234.5``; ``..`` for what was left out.
    """
    if math.isnan(value):
        return HIDDEN
    english = f"{value:,.{decimals}f}"
    return english if spoken() == "en" else english.translate(str.maketrans(",.", ".,"))


def or_unknown(value: float) -> str:
    """Write a number with one decimal if it has any, and ``ukendt`` for NaN."""
    if math.isnan(value):
        return say(UNKNOWN)
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
        For example ``93,4 %``, in English ``93.4%``. Neither ``0,0 %`` nor ``100,0 %`` stands for a
        share that is not exactly that.
    """
    if math.isnan(part) or math.isnan(whole):
        return HIDDEN
    if whole <= 0:
        return "-"
    value = 100 * part / whole
    if 0 < value < 0.05:  # noqa: PLR2004  would round to nothing
        return say("under {percent}", percent=percent(0.1, 1))
    if 99.95 <= value < 100:  # noqa: PLR2004  would round to all
        return say("over {percent}", percent=percent(99.9, 1))
    return percent(value, 1)


def percent(value: float, decimals: int = 0) -> str:
    """Write percent, such as ``10 %``, in English ``10%``."""
    return say("{number} %", number=number(value, decimals))


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


def day(date: datetime.date) -> str:
    """Write a day: ``01.11.2026``, in English ``1 November 2026``."""
    return stated_day(f"{date:%Y-%m-%d}")


def stated_day(iso: str) -> str:
    """Write a day, a month or a year as precisely as it is stated, such as ``2024-06``."""
    if spoken() == "da" or not iso:
        return ".".join(reversed(iso.split("-")))
    year, *rest = iso.split("-")
    named = [MONTHS[int(part) - 1] for part in rest[:1]] + [str(int(part)) for part in rest[1:]]
    return " ".join([*reversed(named), year])
