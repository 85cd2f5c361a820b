"""Cells of the *kvadratnet* bought from Danmarks Statistik: people by cell id.

What comes in goes out or is listed with the reason; a number that was withheld is never zero.
No delivery was seen: what is known, and what was assumed, is said at :func:`read_kvadratnet_delivery`.
"""

import math
import re
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from numpy.typing import NDArray

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import danish, kvadratnet
from gpcoverage.inputs.coordinates import DENMARK_METRES
from gpcoverage.inputs.homes import CELL_HEADERS
from gpcoverage.inputs.layer import Layer, record_input
from gpcoverage.inputs.schema import (
    Column,
    Fault,
    faults_at,
    header_fault,
    match_headers,
    parse_columns,
    raise_faults,
)
from gpcoverage.sources.census import NOBODY, WITHHELD
from gpcoverage.sources.statbank import NOT_GIVEN
from gpcoverage.units import CRS_METRES

SIZES: Final = ("100m", "250m", "1km")
BELOW: Final = re.compile(r"<\s*([0-9]{1,3})")
NEGATIVE: Final = re.compile(r"-[0-9]+")
MARKS: Final = frozenset({*NOT_GIVEN, "*", ":", "n/a", "na"})
"""What stands for a number that is withheld, folded; so do ``<3`` and a negative code."""


def _fold(ids: pd.Series) -> pd.Series:
    return ids.str.casefold().str.replace(" ", "", regex=False)


def _centres(ids: pd.Series) -> NDArray[np.object_]:
    """Find the middles of cells; an empty point where an id is no cell of a size that is sold."""
    points = np.full(len(ids), shapely.Point(), dtype=object)
    sold = kvadratnet.is_cell_id(ids) & ids.str.startswith(tuple(f"{size}_" for size in SIZES))
    points[sold] = shapely.centroid(kvadratnet.cell_squares(ids[sold]))
    return points


def _lie_in_denmark(ids: pd.Series) -> pd.Series:
    return pd.Series(shapely.intersects(shapely.box(*DENMARK_METRES), _centres(ids)), ids.index)


CELL: Final = Column(
    "cell",
    "must be a cell of the kvadratnet in Denmark, such as 100m_62237_5756, each once",
    "The northing comes first, both numbers cut down to the size of the cell",
    (
        *CELL_HEADERS[1:],
        *("kvadrat", "kvadratid", "kvadratnetcelle", "ddknid", "ddkncelle", "cellid", "gridid"),
        *("ddknm100", "ddknm250", "ddknkm1", "ddkn100m", "ddkn250m", "ddkn1km"),
    ),
    _fold,
    pa.Check(_lie_in_denmark),
    required=True,
    blank=False,
    unique=True,
)
PEOPLE: Final = Column(
    "population",
    "must be a whole number of people, or say that it is withheld: empty, .., <3 or a negative code",
    "Correct the number",
    (
        *("personer", "antalpersoner", "personerialt", "antalpersonerialt", "pers", "antpers"),
        *("befolkning", "befolkningialt", "folketal", "indbyggere", "antalindbyggere"),
        *("beboere", "antalbeboere", "borgere", "antalborgere", "people"),
    ),
    danish.parse_counts,
    pa.Check(lambda n: (n >= 0) & (n == np.floor(n))),
    required=True,
)
COLUMNS: Final = (CELL, PEOPLE)


def read_kvadratnet_delivery(path: Path, *, assumed_people: float | None = None) -> Layer:
    """Read cells of the *kvadratnet* as bought from Danmarks Statistik.

    No delivery was seen. Known from public sources: the ids, and the headers KN100mDK, KN1kmDK and
    DDKN_m100; a talk by Danmarks Statistik (2015) says that persons per cell of 100 m come without
    suppression, other statistics not. The other headers and the marks are assumed.

    Parameters
    ----------
    path
        A .csv, .csv.gz or .xlsx file with a cell id (100 m, 250 m or 1 km, one size throughout) and
        the people who live there. Withheld is a cell that is empty or holds ``..``, ``.``, ``-``,
        ``x``, ``*``, ``:``, ``<3`` or a negative code.
    assumed_people
        So many people are assumed in every cell whose number is withheld. None leaves these cells
        out, with the reason. Where the cell says ``<3``, it must be less than 3.

    Returns
    -------
    Layer
        One row per inhabited cell, in the file's order, indexed by ``home_id`` (the cell id):
        ``population`` (people), ``assumed`` (bool: the number is withheld), ``geometry`` (centres,
        EPSG:25832).

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    if assumed_people is not None and not 0 < assumed_people < math.inf:
        msg = f"Invalid assumed_people '{assumed_people}'. Must be more than 0, or None."
        raise SchemaError(msg)
    cells = danish.read_table(path, lambda header: header_fault(header, COLUMNS))
    header = match_headers(cells.columns, COLUMNS)[PEOPLE.name]
    mark = cells[header].str.casefold()
    withheld = mark.isin(MARKS) | mark.str.fullmatch(BELOW) | mark.str.fullmatch(NEGATIVE)
    values, faults = parse_columns(
        cells.assign(**{header: cells[header].mask(withheld, "")}), COLUMNS
    )
    faults += _assumption_faults(mark, assumed_people, header)
    raise_faults(path, faults, len(cells))
    ids, number = values[CELL.name], values[PEOPLE.name]
    _check_one_size(path, ids)
    left_out = {NOBODY: cells.index[number == 0]}
    if assumed_people is None:
        for reason, rows in mark[withheld].groupby(mark, sort=False):
            left_out[f"{WITHHELD} ({reason or 'empty'})"] = rows.index
    else:
        number = number.mask(withheld, assumed_people)
    used = number > 0
    frame = gpd.GeoDataFrame(
        {"home_id": ids[used], "population": number[used], "assumed": withheld[used].astype(bool)},
        geometry=_centres(ids[used]),
        crs=CRS_METRES,
    )
    return Layer(frame.set_index("home_id"), record_input("homes", path, len(cells), left_out))


def _assumption_faults(mark: pd.Series, assumed: float | None, header: str) -> list[Fault]:
    if assumed is None:
        return []
    limit = mark.str.extract(f"^{BELOW.pattern}$")[0].astype("float64")
    rule = f"must allow the {assumed:g} people that are assumed"
    return faults_at(mark[limit <= assumed], Column("", rule, "Assume fewer"), header)


def _check_one_size(path: Path, ids: pd.Series) -> None:
    sizes = sorted(ids.str.split("_").str[0].unique())
    if len(sizes) > 1:
        msg = (
            f"{path}: holds cells of {' and '.join(sizes)}, so that people may be in it twice. "
            "Give each size a file of its own."
        )
        raise SchemaError(msg)
