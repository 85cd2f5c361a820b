"""What the engines are asked, and what they answer."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.extract import Floats, Ints, Place
from benchmarks.measuring import Taken

LIMIT_M: Final = 15_000.0


@dataclass(frozen=True)
class Job:
    """What is asked.

    Attributes
    ----------
    extract, scratch
        The roads, and a folder to work in.
    homes, practices
        Easting and northing, metres.
    """

    extract: Path
    scratch: Path
    homes: Place
    practices: Place


@dataclass(frozen=True)
class Told:
    """What an engine answers.

    Attributes
    ----------
    nearest_m, second_m
        ``float64 (homes)``; NaN where it did not say.
    count
        ``int64 (homes)``: practices within the limit; -1 where it did not say.
    read, snap, search
        What each step took.
    """

    nearest_m: Floats
    second_m: Floats
    count: Ints
    read: Taken
    snap: Taken
    search: Taken


Engine = Callable[[Job], Told]


def answer(metres: Floats) -> tuple[Floats, Floats, Ints]:
    """Take the answers from a full table, (homes, practices)."""
    two = np.partition(metres, 1, axis=1)[:, :2]
    return two[:, 0], two[:, 1], (metres <= LIMIT_M).sum(axis=1)


def tell(told: tuple[Floats, Floats, Ints], read: Taken, snap: Taken, search: Taken) -> Told:
    nearest_m, second_m, count = told
    return Told(nearest_m, second_m, count, read, snap, search)
