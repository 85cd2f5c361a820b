"""The region's own export of its practices: intake, doctors and patients, by ydernummer or SOR id."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely

from gpcoverage.inputs import danish, practices
from gpcoverage.inputs.coordinates import coordinate_fault, has_coordinates, parse_points
from gpcoverage.inputs.layer import InputRecord, record_input
from gpcoverage.inputs.schema import Column, faults_at, header_fault, parse_columns, raise_faults
from gpcoverage.sources.identity import SOR_ID_RULE, is_sor_id

COLUMNS: Final = (
    Column("ydernummer", "", "", ("id", "ydernr", "praksisid")),
    Column("sor_id", "", "", ("sorid", "sorkode")),
    *(column for column in practices.COLUMNS if column.name != "id"),
)
WRONG_SOR_ID: Final = Column("", f"{SOR_ID_RULE}, or empty", "Format the column as text in Excel")


@dataclass(frozen=True, slots=True)
class RegionTable:
    """The region's own export.

    Attributes
    ----------
    frame
        One row per row of the file, by row number: ``ydernummer``, ``sor_id``, the columns of
        ``read_practices`` and ``easting``, ``northing`` (metres, EPSG:25832, NaN where the file
        does not say).
    record
        What was read.
    """

    frame: pd.DataFrame
    record: InputRecord


def read_region(path: Path) -> RegionTable:
    """Read the region's own export, which need not say where its practices lie.

    Parameters
    ----------
    path
        A .csv, .csv.gz or .xlsx file as for ``read_practices``; coordinates may be missing, and
        there may be columns of both ydernumre and SOR ids.

    Returns
    -------
    RegionTable

    Raises
    ------
    SchemaError
        With every fault of the file: row, column, value, rule and remedy.
    """
    cells = danish.read_table(path, _check_header)
    values, faults = parse_columns(cells, COLUMNS)
    wrong = (values["sor_id"] != "") & ~is_sor_id(values["sor_id"])
    faults += faults_at(values["sor_id"][wrong], WRONG_SOR_ID, "sor_id")
    easting = northing = np.full(len(cells), np.nan)
    if has_coordinates(list(cells.columns)):
        placed = parse_points(cells)
        faults += [fault for fault in placed.faults if placed.text[fault.row] != ""]
        easting, northing, *_ = shapely.bounds(placed.points).T
    raise_faults(path, faults, len(cells))
    frame = values.assign(open=values["open"] == 1.0, easting=easting, northing=northing)
    return RegionTable(_sorted_ids(frame), record_input("region", path, len(cells)))


def _check_header(header: list[str]) -> str | None:
    places = coordinate_fault(header) if has_coordinates(header) else None
    faults = [header_fault(header, COLUMNS), places]
    return "; ".join(fault for fault in faults if fault) or None


def _sorted_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Move SOR ids that stand for a ydernummer to their own column."""
    is_sor = is_sor_id(frame["ydernummer"])
    moved = frame["sor_id"].mask(is_sor & (frame["sor_id"] == ""), frame["ydernummer"])
    return frame.assign(sor_id=moved, ydernummer=frame["ydernummer"].mask(is_sor, ""))
