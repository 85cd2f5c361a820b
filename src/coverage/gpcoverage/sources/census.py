"""The census grid of 2021 (Eurostat): people by cell of 1 km, in EPSG:3035.

Whatever comes in goes out or is listed with the reason; a number that was withheld is never zero.
Only stored copies of public pages and programs were at hand: no file of the grid was fetched. What
rests on them, and what was assumed, is said at :func:`read_census_grid`.
"""

import csv
import gzip
import warnings
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from gpcoverage.errors import CrsError, SchemaError
from gpcoverage.inputs import textfile
from gpcoverage.inputs.census_grid import CELL_M, CRS_GRID, GRID_ID, grid_corners, grid_metres
from gpcoverage.inputs.layer import Layer, record_input
from gpcoverage.inputs.schema import (
    Column,
    Fault,
    faults_at,
    header_fault,
    match_headers,
    raise_faults,
)
from gpcoverage.inputs.tables import check_header, some
from gpcoverage.units import CRS_METRES

CONFIDENTIAL: Final = -9999
NO_NUMBER: Final = frozenset({"", ":"})
"""What stands for a number that is not there; the colon is Eurostat's."""

CELL: Final = Column(
    "GRD_ID",
    "must be a cell of the 1 km grid such as CRS3035RES1000mN3600000E4300000, each once",
    "The northing comes first, both in metres of the lower left corner",
    ("spatial",),
    required=True,
)
PEOPLE: Final = Column(
    "T",
    "must be a whole number of people, or a negative code where it is withheld",
    "Fetch the file again; T is the total population",
    ("obsvalue", "tobsvalue"),
    required=True,
)
STATISTIC: Final = Column("STAT", "", "")
NATION: Final = Column("CNTR_ID", "", "", ("cntrcode", "areaofdissemination"))
WITHHELD_MARK: Final = Column("T_CI", "", "")
GRID: Final = (CELL, PEOPLE, STATISTIC, NATION, WITHHELD_MARK)

OTHER_STATISTIC: Final = "counts something else than the total population"
NOT_IN_A_CELL: Final = "people who were not assigned to a cell"
WITHHELD: Final = "the number is withheld"
NOBODY: Final = "nobody lives there"


def read_census_grid(path: Path) -> Layer:
    """Read the census grid of 2021.

    Parameters
    ----------
    path
        A GeoPackage, or CSV separated by comma, semicolon or tab. One row per cell: ``GRD_ID`` and
        ``T`` (as in ``ESTAT_Census_2021_V2``, whose ``T_CI`` is -9999 where T is confidential), or
        one row per cell and statistic: ``SPATIAL``, ``STAT`` and ``OBS_VALUE`` (as national
        offices delivered it; the ids begin with the country). Both headers were seen in public
        programs, the second also in another country's file; the Danish file was not seen, and
        how people without a cell are marked ("unallocated") is assumed.

    Returns
    -------
    Layer
        One row per inhabited cell, in the file's order, indexed by ``cell_id`` as the file writes
        it: ``population`` (people), ``country`` (empty where the file does not say), ``geometry``
        (centres, EPSG:25832). Cells without people and numbers that are withheld are left out with
        the reason; people without a cell are ``people_not_placed``.

    Raises
    ------
    CrsError
        If the cells are those of another grid than EPSG:3035.
    SchemaError
        With every fault of the file.
    """
    read = _read_package if path.suffix.lower() == ".gpkg" else _read_text
    cells = read(path)
    _check_crs(path, cells["GRD_ID"])
    number = pd.to_numeric(cells["T"], errors="coerce").astype("float64")
    left_out = _set_apart(cells, number)
    raise_faults(path, _faults(cells, number, left_out), len(cells))
    used = ~cells.index.isin(np.concatenate([rows.to_numpy() for rows in left_out.values()]))
    ids = cells.loc[used, "GRD_ID"]
    easting, northing = grid_corners(ids)
    frame = gpd.GeoDataFrame(
        {"cell_id": ids, "population": number[used], "country": cells.loc[used, "CNTR_ID"]},
        geometry=shapely.points(*grid_metres(easting + CELL_M / 2, northing + CELL_M / 2)),
        crs=CRS_METRES,
    )
    record = record_input("census", path, len(cells), left_out)
    homeless = float(number[left_out[NOT_IN_A_CELL]].clip(lower=0).sum())
    return Layer(frame.set_index("cell_id"), replace(record, people_not_placed=homeless))


def _read_package(path: Path) -> pd.DataFrame:
    """Read the attributes of a GeoPackage; the ids say where the cells lie."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the driver's own remarks
            layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
            if len(layers) != 1:
                msg = f"{path}: holds {len(layers)} layers ({', '.join(layers[:20])}). Export the grid alone."
                raise SchemaError(msg)
            info = pyogrio.read_info(path)
            found = _find_columns(path, list(info["fields"]))
            if info["crs"] and not CRS(info["crs"]).equals(CRS_GRID, ignore_axis_order=True):
                msg = f"{path}: states {str(info['crs'])[:40]}, but the census grid is {CRS_GRID}. Fetch it anew."
                raise CrsError(msg)
            frame = pyogrio.read_dataframe(path, columns=list(found.values()), read_geometry=False)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        OSError,
        UnicodeDecodeError,
    ) as error:
        msg = f"{path}: is not a GeoPackage that can be read ({str(error)[:200]}). Fetch it again."
        raise SchemaError(msg) from error
    frame.index += 1
    return _named(frame.astype(object).where(frame.notna(), "").astype(str), found)


def _read_text(path: Path) -> pd.DataFrame:
    """Read a few columns of a CSV file of up to millions of rows."""
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            head = file.read(textfile.HEAD_BYTES)
            textfile.refuse_non_table(path, head)
            first = head.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
            separator = max(textfile.SEPARATORS, key=first.count)
            header = next(csv.reader([first], delimiter=separator), [])
            found = _find_columns(path, header)
            file.seek(0)
            _check_widths(path, file, separator, len(header))
            file.seek(0)
            cells = pd.read_csv(
                file,
                sep=separator,
                usecols=list(found.values()),
                dtype=str,
                keep_default_na=False,
                index_col=False,
                skip_blank_lines=False,
                encoding="utf-8-sig",
                skipinitialspace=True,
            ).fillna("")
    except SchemaError:
        raise
    except (OSError, EOFError, ValueError, csv.Error, zlib.error) as error:
        msg = f"{path}: is not a CSV file that can be read ({str(error)[:200]}). Fetch it again."
        raise SchemaError(msg) from error
    cells.index += 2
    return _named(cells[(cells != "").any(axis="columns")], found)


def _check_widths(path: Path, file: BinaryIO | gzip.GzipFile, separator: str, width: int) -> None:
    """Refuse rows with more or fewer fields than the header: pandas would shift or fill them."""
    mark = separator.encode()
    odd = [
        number
        for number, line in enumerate(file, 1)
        if line.count(mark) != width - 1 and b'"' not in line and line.strip()
    ]
    if odd:
        msg = (
            f"{path}: rows {some(odd)} have more or fewer fields than the {width} of the header, "
            f"whose separator is '{separator}'. The file may be cut off: fetch it again."
        )
        raise SchemaError(msg)


def _find_columns(path: Path, header: list[str]) -> dict[str, str]:
    """Find the columns, or tell in one error which are wanted and which are there."""
    check_header(path, [(1, header)], lambda names: header_fault(names, GRID))
    return match_headers(header, GRID)


def _named(cells: pd.DataFrame, found: Mapping[str, str]) -> pd.DataFrame:
    """Give the columns their own names; of which country a cell is may also stand in its id."""
    named = pd.DataFrame(
        {
            column.name: cells[found[column.name]].str.strip() if column.name in found else ""
            for column in GRID
        },
        index=cells.index,
    )
    if STATISTIC.name not in found:
        named["STAT"] = "T"
    prefix = named["GRD_ID"].str.extract("^([A-Z]{2})_")[0]
    return named.assign(CNTR_ID=prefix.fillna(named["CNTR_ID"]))


def _check_crs(path: Path, ids: pd.Series) -> None:
    stated = ids.str.extract("^(?:[A-Z]{2}_)?CRS([0-9]+)RES[0-9]+mN[0-9]+E[0-9]+$")[0]
    others = sorted(set(stated.dropna()) - {"3035"})
    if others:
        msg = (
            f"{path}: {int(stated.isin(others).sum())} cells state EPSG:{', EPSG:'.join(others[:5])}, "
            f"but the census grid is {CRS_GRID}. Fetch it anew."
        )
        raise CrsError(msg)


def _set_apart(cells: pd.DataFrame, number: pd.Series) -> dict[str, pd.Index]:
    """Find the rows that do not go on, each under its first reason."""
    confidential = pd.to_numeric(cells["T_CI"], errors="coerce") == CONFIDENTIAL
    reasons = {
        OTHER_STATISTIC: cells["STAT"] != "T",
        NOT_IN_A_CELL: cells["GRD_ID"].str.contains("unallocated", case=False),
        f"{WITHHELD} (none is given)": cells["T"].isin(NO_NUMBER),
        f"{WITHHELD} (0, but marked {CONFIDENTIAL})": (number == 0) & confidential,
        NOBODY: number == 0,
    }
    for code in sorted(number[(number < 0) & np.isfinite(number)].unique()):
        reasons[f"{WITHHELD} ({code:g})"] = number == code
    left = pd.Series(data=True, index=cells.index)
    rows: dict[str, pd.Index] = {}
    for reason, applies in reasons.items():
        rows[reason] = cells.index[applies & left]
        left &= ~applies
    return rows


def _faults(
    cells: pd.DataFrame, number: pd.Series, left_out: Mapping[str, pd.Index]
) -> list[Fault]:
    ids, text = cells["GRD_ID"], cells["T"]
    counted = ~cells.index.isin(left_out[OTHER_STATISTIC])
    in_cell = counted & ~cells.index.isin(left_out[NOT_IN_A_CELL])
    given = ~text.isin(NO_NUMBER)
    unreadable = given & ~(np.isfinite(number) & (number == np.floor(number)))
    twice = in_cell & given
    twice[twice] = ids[twice].duplicated(keep=False)
    faults = faults_at(ids[in_cell & (~ids.str.fullmatch(GRID_ID) | twice)], CELL, CELL.name)
    return faults + faults_at(text[counted & unreadable], PEOPLE, PEOPLE.name)
