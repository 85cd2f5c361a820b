"""A table of features together with the record of where it came from and what was left out."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that came in and do not go on, with the reason.

    Attributes
    ----------
    reason
        In plain words.
    rows
        Row numbers in the file, or feature numbers from 1 in a boundary file.
    people
        Who live there, in a file of homes.
    """

    reason: str
    rows: tuple[int, ...]
    people: float = 0.0


@dataclass(frozen=True, slots=True)
class InputRecord:
    """What was read from one file.

    Attributes
    ----------
    role
        What the file is to the study: ``practices``, ``homes``, ``boundaries`` …
    file
        Name of the file, without its folder, so that results do not depend on the machine.
    sha256
        Of the file's bytes.
    rows_in, rows_used
        Rows read and rows that go on; the difference is in ``left_out``.
    people_not_placed
        People of the area for whom the file has too few addresses.
    people_in
        People of all rows read; None of a file that holds none.
    """

    role: str
    file: str
    sha256: str
    rows_in: int
    rows_used: int
    left_out: tuple[LeftOut, ...] = field(default=())
    people_not_placed: float = 0.0
    people_in: float | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A validated GeoDataFrame in EPSG:25832 and its record."""

    frame: gpd.GeoDataFrame
    record: InputRecord


def is_file(path: Path) -> bool:
    """Say whether a path is a file that can be looked at.

    Parameters
    ----------
    path
        Any path, also one that no system accepts.

    Returns
    -------
    bool
        False also where the name is too long or its folder is closed to us.
    """
    try:
        return path.is_file()
    except OSError:
        return False


def file_sha256(path: Path) -> str:
    """Hash a file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        SHA-256 of its bytes, 64 hexadecimal digits.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_input(
    role: str, path: Path, rows_in: int, left_out: dict[str, pd.Index] | None = None
) -> InputRecord:
    """Write down what was read from a file.

    Parameters
    ----------
    role
        What the file is to the study.
    path
        The file.
    rows_in
        Rows it holds.
    left_out
        Row numbers that do not go on, by reason; empty indexes are skipped.

    Returns
    -------
    InputRecord
    """
    kept_back = tuple(
        LeftOut(reason, tuple(int(row) for row in rows))
        for reason, rows in (left_out or {}).items()
        if len(rows)
    )
    lost = sum(len(item.rows) for item in kept_back)
    return InputRecord(role, path.name, file_sha256(path), rows_in, rows_in - lost, kept_back)
