"""Practices: the clinics at their addresses, from the region's own table."""

import datetime
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely

from gpcoverage.inputs import danish
from gpcoverage.inputs.coordinates import Placed, coordinate_fault, parse_points
from gpcoverage.inputs.layer import Layer, record_input
from gpcoverage.inputs.placement import find_municipalities, stated_codes
from gpcoverage.inputs.schema import (
    Column,
    Fault,
    faults_at,
    header_fault,
    match_headers,
    parse_columns,
    raise_faults,
)
from gpcoverage.units import CRS_METRES

MAX_DOCTORS: Final = 60
MAX_LIST_SIZE: Final = 100_000

COLUMNS: Final = (
    Column(
        "id",
        "must not be empty, and no two rows may have the same",
        "Give every practice its own ydernummer or other id; one row per practice, not per doctor",
        ("ydernummer", "ydernr", "praksisid"),
        required=True,
        blank=False,
        unique=True,
        second_best=("sorid", "sorkode"),
    ),
    Column(
        "name",
        "must not be empty",
        "Give the practice a name",
        ("praksisnavn", "navn", "ydernavn", "klinik", "kliniknavn"),
        required=True,
        blank=False,
    ),
    Column(
        "open",
        "must be ja or nej",
        "Say for every practice whether it takes new patients",
        ("åbenfortilgang", "åben", "åbentforilgang", "åbentfortilgang", "aabenfortilgang", "aaben"),
        danish.parse_yes_no,
        required=True,
        blank=False,
        second_best=("tilgang", "status"),
    ),
    Column(
        "doctors",
        f"must be a number from 0 to {MAX_DOCTORS}",
        "Give the number of kapaciteter; leave the cell empty if it is not known",
        ("kapacitet", "kapaciteter", "antalkapaciteter", "lægekapacitet", "lægekapaciteter"),
        danish.parse_numbers,
        pa.Check.in_range(0, MAX_DOCTORS),
        second_best=("læger", "antallæger", "laeger"),
    ),
    Column(
        "list_size",
        f"must be a whole number from 0 to {MAX_LIST_SIZE}",
        "Give the number of tilmeldte; leave the cell empty if it is not known",
        ("tilmeldte", "antaltilmeldte", "listestørrelse", "tilmeldtepatienter"),
        danish.parse_counts,
        pa.Check(lambda n: (n >= 0) & (n <= MAX_LIST_SIZE) & (n == np.floor(n))),
        second_best=("patienter", "antalpatienter", "sikrede"),
    ),
    Column("address", "", "", ("adresse",), second_best=("vej", "gade", "vejnavn")),
    Column("postcode", "", "", ("postnr", "postnummer")),
    Column("town", "", "", ("by", "bynavn"), second_best=("postdistrikt",)),
    Column("birth_years", "", "", ("fødselsår", "fødselsårlæger")),
    Column(
        "notice_date",
        "must be a day such as 2026-10-31 or 31-10-2026",
        "Write the date out; a number such as 46326 is Excel's own count of days",
        ("opsigelsesdato",),
        danish.parse_dates,
    ),
    Column(
        "closing_date",
        "must be a day such as 2026-10-31 or 31-10-2026",
        "Write the date out; a number such as 46326 is Excel's own count of days",
        ("ophørsdato", "lukkedato", "slutdato"),
        danish.parse_dates,
    ),
    Column("notice_stage", "", "", ("opsigelsestrin", "varsel")),
    Column("basis", "", "", ("grundlag",)),
)
MUNICIPALITY: Final = Column(
    "municipality_code",
    "must be a kommunekode or the name of a municipality",
    "Correct it, or leave the cell empty: the coordinates say where the practice lies",
    ("kommunekode", "komkode", "kommunenr", "kommunenummer"),
    second_best=("kommune", "kommunenavn", "municipality"),
)
AT_SEA: Final = Column("", "must lie on land in a Danish municipality", "Correct the coordinates")


def read_practices(path: Path, municipalities: gpd.GeoDataFrame) -> Layer:
    """Read a table of practices.

    Parameters
    ----------
    path
        A .csv, .csv.gz or .xlsx file with Danish or English headers. Needed: id, name, open and
        coordinates. Understood: doctors, list_size, municipality, address, postcode, town,
        birth_years, notice_date, notice_stage, closing_date, basis.
    municipalities
        EPSG:25832, as :func:`read_municipalities` returns the frame.

    Returns
    -------
    Layer
        One row per practice in the file's order, indexed by ``id``: ``name``, ``open`` (bool),
        ``doctors`` and ``list_size`` (NaN where unknown), ``municipality_code``, the text
        columns, ``geometry`` (points, EPSG:25832). No row is left out.

    Raises
    ------
    SchemaError
        With every fault of the file: row, column, value, rule and remedy.
    """
    cells = danish.read_table(path, _check_header)
    values, faults = parse_columns(cells, COLUMNS)
    placed = parse_points(cells)
    codes, wrong_codes = _municipality_codes(cells, placed, municipalities)
    raise_faults(path, faults + placed.faults + wrong_codes, len(cells))
    frame = gpd.GeoDataFrame(
        values.assign(municipality_code=codes, open=values["open"] == 1.0, row=values.index),
        geometry=placed.points,
        crs=CRS_METRES,
    ).set_index("id")
    return Layer(frame, record_input("practices", path, len(cells)))


def refuse_closed(path: Path, practices: gpd.GeoDataFrame, date: datetime.date) -> None:
    """Refuse practices that had closed for good by a day and still stand in the table.

    Parameters
    ----------
    path
        The file, for the message.
    practices
        As :func:`read_practices` returns the frame.
    date
        The study's day.

    Raises
    ------
    SchemaError
        With every such row: counting them would give people a choice they have not.
    """
    closing = pd.Series(practices["closing_date"].to_numpy(), index=practices["row"]).fillna("")
    gone = (closing != "") & (closing <= date.isoformat())
    rule = Column(
        "",
        f"the practice had closed by the study's date, {date}",
        "Take the row out, correct the date, or set the study's date back",
    )
    raise_faults(path, faults_at(closing[gone], rule, "closing_date"), len(practices))


def _check_header(header: list[str]) -> str | None:
    faults = [header_fault(header, (*COLUMNS, MUNICIPALITY)), coordinate_fault(header)]
    return "; ".join(fault for fault in faults if fault) or None


def _municipality_codes(
    cells: pd.DataFrame, placed: Placed, municipalities: gpd.GeoDataFrame
) -> tuple[pd.Series, list[Fault]]:
    """Find each practice's municipality; each must state one of the list, or lie in one."""
    header = match_headers(cells.columns, (MUNICIPALITY,)).get(MUNICIPALITY.name)
    text = pd.Series("", cells.index, dtype=str) if header is None else cells[header]
    stated = stated_codes(text, municipalities)
    unknown = (stated != "") & ~stated.isin(municipalities["code"])
    located, faults = find_municipalities(text, stated, placed, header or "", municipalities)
    at_sea = (located == "") & ~shapely.is_empty(placed.points)
    faults += faults_at(placed.text[at_sea], AT_SEA, placed.header)
    if header is not None:
        faults += faults_at(text[unknown], MUNICIPALITY, header)
    return stated.where(stated != "", located), faults
