"""Read the base tables and replace the derived files."""

import gzip
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer

CELL_COLUMNS: Final = ["cell", "municipality_code", "x", "y", "links"]
CRS_METRES: Final = "EPSG:25832"
CRS_DEGREES: Final = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the tables lie.

    Attributes
    ----------
    data, geo
        The two folders of the project.
    """

    data: Path
    geo: Path

    @property
    def cells(self) -> Path:
        """The 1 km cells."""
        return self.geo / "cells.csv.gz"


def read_table(path: Path) -> pd.DataFrame:
    """Read a comma-separated table; codes, names and empty cells stay text.

    Parameters
    ----------
    path
        A .csv or .csv.gz file in UTF-8.

    Returns
    -------
    DataFrame
        Every column as text.
    """
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def read_cells(path: Path) -> pd.DataFrame:
    """Read the land cells, without their population.

    Parameters
    ----------
    path
        The table of cells.

    Returns
    -------
    DataFrame
        ``cell``, ``municipality_code``, ``x``, ``y`` (metres, EPSG:25832), ``links``.
    """
    cells = read_table(path)[CELL_COLUMNS]
    return cells.astype({"x": np.int64, "y": np.int64, "links": np.int64})


def to_metres(places: pd.DataFrame) -> NDArray[np.float64]:
    """Project the degrees of a table.

    Parameters
    ----------
    places
        With ``lon`` and ``lat``.

    Returns
    -------
    ndarray
        One row (x, y) per place, metres, EPSG:25832.
    """
    return _project(CRS_DEGREES, CRS_METRES, places[["lon", "lat"]].to_numpy(dtype=float))


def to_degrees(points: NDArray[Any]) -> NDArray[np.float64]:
    """Project metres to degrees.

    Parameters
    ----------
    points
        Rows (x, y), metres, EPSG:25832.

    Returns
    -------
    ndarray
        Rows (lon, lat).
    """
    return _project(CRS_METRES, CRS_DEGREES, points)


def _project(source: str, target: str, points: NDArray[Any]) -> NDArray[np.float64]:
    transformer = Transformer.from_crs(source, target, always_xy=True)
    return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Replace a table; the same rows leave a zipped file as it is, whatever zlib packed it.

    Parameters
    ----------
    path
        A .csv or .csv.gz file.
    table
        What goes into it.
    """
    content = table.to_csv(index=False, lineterminator="\n").encode()
    if path.suffix != ".gz":
        replace(path, content)
    elif not path.exists() or gzip.decompress(path.read_bytes()) != content:
        replace(path, _zipped(content))


def _zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()


def replace(path: Path, content: bytes) -> None:
    """Write a file beside the target, then put it in the target's place.

    Parameters
    ----------
    path
        The target.
    content
        Its bytes.
    """
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)
