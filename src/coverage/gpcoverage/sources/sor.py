"""The general practices of SOR's nightly CSV: their ids, places, openings and closings.

The file itself was not at hand; what is known of it, and whence:

- Sundhedsdatastyrelsen, *SOR2-CSV-dokumentation*: ``SorEntity_daily.csv`` holds units in force,
  closings not yet in force and units to come; ``SorId`` is written ``="…"``.
- Sundhedsdatastyrelsen, *SOR CSV Dokumentation* (the older file): ``A_By``, ``A_KK``,
  ``A_Postnummer``, ``A_X``, ``A_Y`` (UTM zone 32, ETRS89). Public programs that read that file:
  ``SOR-kode``, ``Parent-SOR-kode``, ``Enhedsnavn``, ``Enhedstype``, ``Postadresse``,
  ``P_Postnummer``, ``P_By``; separated by semicolons, ISO 8859-1.
- Public programs that read the new file: ``SorId``, ``EntityName``, ``EntityTypeName``,
  ``HealthInstitutionSorId``, ``HealthInstitutionEntityTypeName``, ``FirstFromDate``, ``FromDate``,
  ``ToDate``; ``StreetName``, ``StreetBuildingId``, ``PostCodeId``, ``DistrictName``,
  ``CoordETRS89z32EMeasure`` and ``…NMeasure`` after ``ActivityAddress``, ``VisitingAddress`` and
  ``PostalAddress``; separated by semicolons, UTF-8. One met degrees under the names of metres.
- Greenland and the Faroes are in it.
- DK Core and MedCom: 394761003 is *almen lægepraksis*; an older list says *lægepraksis*.

Assumed: the columns of the ydernummer (``ProviderId``, ``Ydernummer`` …), of the type's code
(``EntityTypeCode`` …) and of the parent in the new file; in the older one ``FraDato``,
``TilDato``, ``Aktivitetsadresse``, ``P_X``, ``P_Y``.
"""

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import danish
from gpcoverage.inputs.coordinates import DENMARK_DEGREES, DENMARK_METRES, within
from gpcoverage.inputs.layer import InputRecord, record_input
from gpcoverage.inputs.schema import (
    Column,
    header_fault,
    headers_for,
    match_headers,
    parse_columns,
    raise_faults,
)
from gpcoverage.sources.identity import SOR_ID_RULE, is_sor_id
from gpcoverage.sources.sor_units import to_practices

GENERAL_PRACTICE_CODE: Final = "394761003"
GENERAL_PRACTICE_NAMES: Final = frozenset({"almen lægepraksis", "lægepraksis"})
"""SNOMED CT's code of the type, and its names in SOR, present and former."""

FOREVER: Final = "2999"
"""Dates from this year on mean no date."""

REFETCH: Final = "Fetch the file again; opening and saving it in Excel spoils it"
MIDNIGHT: Final = re.compile(r"([T ]00:00:00)[.,]0+Z?$")


def _parse_days(text: pd.Series) -> pd.Series:
    """Read SOR's dates, which may hold a time and may lie so far ahead that they mean none."""
    days = danish.parse_dates(text.str.replace(MIDNIGHT, r"\1", regex=True))
    return days.mask(days.fillna("") >= FOREVER, "")


COLUMNS: Final = (
    Column(
        "sor_id",
        SOR_ID_RULE,
        REFETCH,
        ("sorid", "sorkode", "soridentifier"),
        lambda text: text.where(is_sor_id(text)),
        required=True,
        blank=False,
    ),
    Column("name", "", "", ("entityname", "enhedsnavn"), required=True),
    Column("type_name", "", "", ("entitytypename", "enhedstype"), required=True),
    Column("type_code", "", "", ("entitytypecode", "entitytypeid", "enhedstypekode")),
    Column("institution", "", "", ("healthinstitutionsorid",)),
    Column("institution_type", "", "", ("healthinstitutionentitytypename",)),
    Column("parent", "", "", ("parentsorid", "parentsorkode")),
    Column("ydernummer", "", "", ("ydernr", "providerid", "provideridentifier")),
    Column("first_day", "must be a day", REFETCH, ("firstfromdate",), _parse_days),
    Column(
        "from_day", "must be a day", REFETCH, ("fromdate", "fradato"), _parse_days, required=True
    ),
    Column(
        "last_day",
        "must be a day",
        REFETCH,
        ("todate", "tildato", "lukkedato"),
        _parse_days,
        required=True,
    ),
)
TYPES: Final = tuple(column for column in COLUMNS if "type" in column.name)


def _address(label: str, old: str, street: str) -> tuple[Column, ...]:
    """Name the columns of one of a unit's addresses; the older file's are second best."""
    names = {
        "CoordETRS89z32EMeasure": (f"{old}x",),
        "CoordETRS89z32NMeasure": (f"{old}y",),
        "StreetName": (street,),
        "StreetBuildingId": (),
        "PostCodeId": (f"{old}postnummer",),
        "DistrictName": (f"{old}by",),
    }
    return tuple(
        Column(f"{label}Address{name}", "", "", second_best=older) for name, older in names.items()
    )


ADDRESSES: Final = {
    "activity": _address("Activity", "a", "aktivitetsadresse"),
    "visiting": _address("Visiting", "b", "besøgsadresse"),
    "postal": _address("Postal", "p", "postadresse"),
}
"""Where patients are seen first: in SOR that address defaults to the visiting one, and that to
the postal one."""


@dataclass(frozen=True, slots=True)
class SorTable:
    """The general practices of SOR on a day.

    Attributes
    ----------
    frame
        One row per practice, by row number of the file: ``sor_id``, ``sor_ids`` (also those of
        the units it stands for), ``ydernummer``, ``name``, ``address``, ``postcode``, ``town``,
        ``easting`` and ``northing`` (metres, EPSG:25832; NaN where there is a ``place_fault``),
        ``place_fault``, ``address_kind``, ``opening_date``, ``closing_date`` (text such as
        2026-10-31, the last day in force; empty if none).
    left_out
        Rows of general practices that are not in it, by row number: ``sor_id``, ``ydernummer``,
        ``name``, ``closing_date``, ``reason``.
    record
        What was read, every row that does not go on with its reason.
    date
        The day.
    headers
        Header in the file by column.
    """

    frame: pd.DataFrame
    left_out: pd.DataFrame
    record: InputRecord
    date: datetime.date
    headers: dict[str, str]

    @property
    def to_come(self) -> pd.Series:
        """Whether each practice opens only after the day; bool, by row number."""
        return self.frame["opening_date"] > self.date.isoformat()


def read_sor(path: Path, date: datetime.date) -> SorTable:
    """Read the general practices of SOR's nightly CSV.

    Parameters
    ----------
    path
        ``SorEntity_daily.csv`` or the older file; columns are found by their names.
    date
        The study's day. Units whose last day in force is that day or earlier are left out, as
        ``refuse_closed`` would refuse them; units to come are kept with their ``opening_date``.

    Returns
    -------
    SorTable
        Units that are part of a practice are left out, and so are other versions of a unit. A
        practice without a usable place is kept: the region may know it.

    Raises
    ------
    SchemaError
        If a needed column is missing, no unit is a general practice, no place is in metres
        in Denmark, or a general practice's id or date cannot be read.
    """
    cells = danish.read_table(path, _check_header)
    headers = match_headers(cells.columns, COLUMNS)
    general = _is_general(cells)
    if not general.any():
        raise _no_general_practice(path, cells[headers["type_name"]])
    units, faults = parse_columns(cells[general], COLUMNS)
    raise_faults(path, faults, len(cells))
    frame, others = to_practices(units.join(_places(path, cells[general])), date)
    left_out = {"not a general practice": cells.index[~general]}
    left_out |= {str(reason): rows.index for reason, rows in others.groupby("reason")}
    return SorTable(frame, others, record_input("sor", path, len(cells), left_out), date, headers)


def _check_header(header: list[str]) -> str | None:
    coordinates = [address[:2] for address in ADDRESSES.values()]
    placed = any(all(headers_for(header, column) for column in two) for two in coordinates)
    missing = (
        "missing coordinates, wanted ActivityAddressCoordETRS89z32EMeasure and "
        "ActivityAddressCoordETRS89z32NMeasure (also of VisitingAddress or PostalAddress) or "
        "A_X and A_Y"
    )
    faults = [header_fault(header, COLUMNS), None if placed else missing]
    told = "; ".join(fault for fault in faults if fault)
    found = [f"{name} in {own}" for name, own in match_headers(header, COLUMNS).items()]
    changed = (
        f"SOR's columns have changed, or this is another file: {told}; "
        f"found {', '.join(found) or 'none of the columns'}"
    )
    return changed if told else None


def _is_general(cells: pd.DataFrame) -> pd.Series:
    """Pick the units of general practice: by their own type, or inside such an institution."""
    text, _ = parse_columns(cells, TYPES)
    types = text.map(lambda cell: " ".join(cell.casefold().split()))
    own = types["type_name"]
    by_type = own.isin(GENERAL_PRACTICE_NAMES) | (types["type_code"] == GENERAL_PRACTICE_CODE)
    inside = types["institution_type"].isin(GENERAL_PRACTICE_NAMES)
    return by_type | (inside & ~own.str.endswith("praksis"))


def _no_general_practice(path: Path, types: pd.Series) -> SchemaError:
    common = ", ".join(str(name) for name in types.value_counts().index[:5])
    wanted = " or ".join(sorted(GENERAL_PRACTICE_NAMES))
    msg = (
        f"{path}: column {types.name}: none of {len(types)} rows is of the type {wanted} "
        f"(SNOMED {GENERAL_PRACTICE_CODE}). The most frequent types are: {common}. "
        "Look whether SOR has renamed it."
    )
    return SchemaError(msg)


def _places(path: Path, cells: pd.DataFrame) -> pd.DataFrame:
    """Take each unit's first address that has coordinates; failing that, its first address."""
    given = [_address_cells(cells, kind) for kind in ADDRESSES]
    placed = [rows[rows["x"] + rows["y"] != ""] for rows in given]
    named = [rows[rows["address"] != ""] for rows in given]
    in_order = pd.concat([*placed, *named])
    chosen = in_order[~in_order.index.duplicated()].reindex(cells.index, fill_value="")
    return _with_metres(path, chosen)


def _address_cells(cells: pd.DataFrame, kind: str) -> pd.DataFrame:
    text, _ = parse_columns(cells, ADDRESSES[kind])
    x, y, street, number, postcode, town = (text[name] for name in text)
    address = (street + " " + number).str.strip()
    parts = {"address": address, "postcode": postcode, "town": town}
    return pd.DataFrame({**parts, "address_kind": kind, "x": x, "y": y})


def _with_metres(path: Path, chosen: pd.DataFrame) -> pd.DataFrame:
    """Turn coordinates into metres, or say what is wrong with them."""
    x, y = danish.parse_numbers(chosen["x"]), danish.parse_numbers(chosen["y"])
    stated = (chosen["x"] != "") | (chosen["y"] != "")
    inside = within(x, y, DENMARK_METRES)
    degrees = within(x, y, DENMARK_DEGREES) | within(y, x, DENMARK_DEGREES)
    if stated.any() and not inside.any():
        row = stated.idxmax()
        msg = (
            f"{path}: none of {stated.sum()} practices' coordinates lies in Denmark in metres, "
            f"EPSG:25832; row {row} has {chosen.loc[row, 'x']} / {chosen.loc[row, 'y']}"
            f"{', in degrees' if degrees.any() else ''}. {REFETCH}, or look whether SOR changed it."
        )
        raise SchemaError(msg)
    known = {
        "": inside,
        "no coordinates": ~stated,
        "coordinates are not two numbers": x.isna() | y.isna(),
        "coordinates stand in each other's place": within(y, x, DENMARK_METRES),
        "coordinates are degrees, not metres (EPSG:25832)": degrees,
    }
    fault = np.select([*known.values()], [*known], "coordinates do not lie in Denmark")
    return chosen.drop(columns=["x", "y"]).assign(
        easting=x.where(inside), northing=y.where(inside), place_fault=fault
    )
