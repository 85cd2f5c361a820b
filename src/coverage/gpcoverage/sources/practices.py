"""Practices from SOR's nightly file, joined with the region's own export.

SOR knows every practice's place and closing, the region knows intake, doctors and patients.
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
  ``PostalAddress``; separated by semicolons, UTF-8. One met a unit in several rows, another
  degrees under the names of metres: both are seen to.
- Sundhedsdatastyrelsen's pages: institutions hold organisational units, such as ydernumre and
  doctors; a closed unit's date is its last day in force; Greenland and the Faroes are in it. A
  public program quotes: ``ToDate`` is the unit's last day, ``FirstFromDate`` its first.
- DK Core and MedCom: 394761003 is *almen lægepraksis*; an older list says *lægepraksis*.

Assumed: the columns of the ydernummer (``ProviderId``, ``Ydernummer`` …), of the type's code
(``EntityTypeCode`` …) and of the parent in the new file; in the older one ``FraDato``,
``TilDato``, ``Aktivitetsadresse``, ``P_X``, ``P_Y``; that a unit's last row says when it closes;
and that units with a ydernummer stand for the institution that has none, each address of a
ydernummer for one practice.
"""

import datetime
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gpcoverage.errors import SchemaError
from gpcoverage.files import write_whole
from gpcoverage.inputs import danish, practices
from gpcoverage.inputs.coordinates import (
    DENMARK_DEGREES,
    DENMARK_METRES,
    Box,
    coordinate_fault,
    has_coordinates,
    parse_points,
)
from gpcoverage.inputs.layer import InputRecord, Layer, record_input
from gpcoverage.inputs.schema import (
    Column,
    Fault,
    faults_at,
    header_fault,
    match_headers,
    parse_columns,
    raise_faults,
)

GENERAL_PRACTICE_CODE: Final = "394761003"
GENERAL_PRACTICE_NAMES: Final = frozenset({"almen lægepraksis", "lægepraksis"})
"""SNOMED CT's code of the type, and its names in SOR, present and former."""

SOR_ID: Final = re.compile(r"[0-9]+1000016[0-9]{3}")
"""Running number, namespace 1000016, two digits of the partition, check digit."""

FOREVER: Final = "2999"
"""Dates from this year on mean no date."""

UNUSED: Final = ["institution", "institution_type", "parent", "type_name", "type_code"]

FAR_M: Final = 1000.0
"""So far apart the region's and SOR's places are remarked upon."""

REFETCH: Final = "Fetch the file again; opening and saving it in Excel spoils it"
MIDNIGHT: Final = re.compile(r"([T ]00:00:00)[.,]0+Z?$")


def parse_days(text: pd.Series) -> pd.Series:
    """Read SOR's dates, which may hold a time and may lie so far ahead that they mean none.

    Parameters
    ----------
    text
        Text cells.

    Returns
    -------
    Series
        Text such as ``2026-10-31``, empty where there is no date, NaN where unreadable.
    """
    days = danish.parse_dates(text.str.replace(MIDNIGHT, r"\1", regex=True))
    return days.mask(days.fillna("") >= FOREVER, "")


SOR_COLUMNS: Final = (
    Column(
        "sor_id",
        "must be a SOR id written out in full, such as 325421000016001",
        REFETCH,
        ("sorid", "sorkode", "soridentifier"),
        lambda text: text.where(text.map(lambda cell: bool(SOR_ID.fullmatch(cell)))),
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
    Column("first_day", "must be a day", REFETCH, ("firstfromdate",), parse_days),
    Column(
        "from_day", "must be a day", REFETCH, ("fromdate", "fradato"), parse_days, required=True
    ),
    Column(
        "last_day",
        "must be a day",
        REFETCH,
        ("todate", "tildato", "lukkedato"),
        parse_days,
        required=True,
    ),
)
REGION_COLUMNS: Final = (
    Column("ydernummer", "", "", ("id", "ydernr", "praksisid")),
    Column("sor_id", "", "", ("sorid", "sorkode")),
    *(column for column in practices.COLUMNS if column.name != "id"),
)
STATED: Final = tuple(column.name for column in REGION_COLUMNS)
WRITTEN: Final = ("id", "sor_id", *STATED[2:9], "easting", "northing", *STATED[9:])
NUMBERS: Final = frozenset({"open", "doctors", "list_size", "easting", "northing"})
CODES: Final = frozenset({"id", "sor_id", "postcode"})
"""Columns of the practice table, in the order in which they are written."""


class Block(NamedTuple):
    """The headers, folded, of one of a unit's addresses; the first that is there counts."""

    label: str
    easting: tuple[str, ...]
    northing: tuple[str, ...]
    street: tuple[str, ...]
    number: tuple[str, ...]
    postcode: tuple[str, ...]
    town: tuple[str, ...]


def _block(label: str, old: str, street: str) -> Block:
    new = f"{label}address"
    return Block(
        label,
        (f"{new}coordetrs89z32emeasure", f"{old}x"),
        (f"{new}coordetrs89z32nmeasure", f"{old}y"),
        (f"{new}streetname", street),
        (f"{new}streetbuildingid",),
        (f"{new}postcodeid", f"{old}postnummer"),
        (f"{new}districtname", f"{old}by"),
    )


BLOCKS: Final = (
    _block("activity", "a", "aktivitetsadresse"),
    _block("visiting", "b", "besøgsadresse"),
    _block("postal", "p", "postadresse"),
)
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


@dataclass(frozen=True, slots=True)
class Joined:
    """SOR and the region's export; every row of both stands in exactly one of the tables.

    Attributes
    ----------
    table
        One row per practice, by row number of the region's file: the columns of a practice
        table, ``sor_row``, ``matched_by``, ``gap_m`` (metres between the region's and SOR's
        place, NaN where only one gives it) and ``remark``. The place is the region's where it
        gives one, else SOR's; likewise the closing date. Text is the region's, else SOR's.
    unmatched_sor, unmatched_region
        By row number of the file, with ``reason``.
    ambiguous
        ``side`` (``sor`` or ``region``), ``row``, identity and ``reason``.
    """

    table: pd.DataFrame
    unmatched_sor: pd.DataFrame
    unmatched_region: pd.DataFrame
    ambiguous: pd.DataFrame


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
    cells = danish.read_table(path, _sor_header_fault)
    headers = match_headers(cells.columns, SOR_COLUMNS)
    general = _is_general(cells, headers)
    if not general.any():
        raise _no_general_practice(path, cells[headers["type_name"]])
    units, faults = parse_columns(cells[general], SOR_COLUMNS)
    raise_faults(path, faults, len(cells))
    units = units.join(_places(path, cells[general]))
    left_out: dict[str, pd.Index] = {"not a general practice": cells.index[~general]}
    versions, reasons = _one_version_each(units, date.isoformat())
    open_still = versions[~_closed(versions, date)]
    reasons |= dict.fromkeys(versions.index[_closed(versions, date)], f"closed by {date}")
    to_come = open_still["opening_date"] > date.isoformat()
    parts = [_stand_for(open_still[~to_come]), _stand_for(open_still[to_come])]
    reasons |= parts[0][1] | parts[1][1]
    told = pd.Series(reasons, dtype=object).rename("reason").rename_axis("row").sort_index()
    left_out |= {str(reason): rows.index for reason, rows in told.groupby(told)}
    closing = versions["closing_date"].reindex(told.index).fillna("")
    kept = ["sor_id", "ydernummer", "name"]
    return SorTable(
        pd.concat([part for part, _ in parts]).sort_index(),
        units.loc[told.index, kept].assign(closing_date=closing, reason=told),
        record_input("sor", path, len(cells), left_out),
        date,
        headers,
    )


def _sor_header_fault(header: list[str]) -> str | None:
    fault = header_fault(header, SOR_COLUMNS)
    names = {danish.normalise_header(name) for name in header}
    placed = any(names & {*b.easting} and names & {*b.northing} for b in BLOCKS)
    clauses = [fault] if fault else []
    if not placed:
        clauses.append(
            "missing coordinates, wanted ActivityAddressCoordETRS89z32EMeasure and "
            "ActivityAddressCoordETRS89z32NMeasure (also of VisitingAddress or PostalAddress) or "
            "A_X and A_Y"
        )
    if not clauses:
        return None
    found = [f"{name} in {own}" for name, own in match_headers(header, SOR_COLUMNS).items()]
    return (
        f"SOR's columns have changed, or this is another file: {'; '.join(clauses)}; "
        f"found {', '.join(found) or 'none of the columns'}"
    )


def _folded(text: pd.Series) -> pd.Series:
    return text.map(lambda cell: " ".join(cell.casefold().split()))


def _is_general(cells: pd.DataFrame, headers: dict[str, str]) -> pd.Series:
    """Pick the units of general practice: by their own type, or inside such an institution."""

    def column(name: str) -> pd.Series:
        own = headers.get(name)
        return _folded(cells[own]) if own else pd.Series("", index=cells.index)

    own = column("type_name")
    by_type = own.isin(GENERAL_PRACTICE_NAMES) | (column("type_code") == GENERAL_PRACTICE_CODE)
    inside = column("institution_type").isin(GENERAL_PRACTICE_NAMES)
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
    by_name = {danish.normalise_header(name): name for name in reversed(cells.columns)}
    blank = pd.Series("", index=cells.index, dtype=object)

    def column(names: tuple[str, ...]) -> pd.Series:
        return next((cells[by_name[name]] for name in names if name in by_name), blank)

    chosen = pd.DataFrame(
        dict.fromkeys(["address", "postcode", "town", "address_kind", "x", "y"], ""),
        index=cells.index,
        dtype=object,
    )
    todo = {"placed": chosen["x"] == "", "addressed": chosen["address"] == ""}
    for state in todo:
        for block in BLOCKS:
            x, y = column(block.easting), column(block.northing)
            street = (column(block.street) + " " + column(block.number)).str.strip()
            address = {"address": street, "postcode": column(block.postcode)}
            found = (x + y if state == "placed" else street) != ""
            rows = found & (chosen["address_kind"] == "")
            values = {**address, "town": column(block.town), "address_kind": block.label}
            new = pd.DataFrame({**values, "x": x, "y": y}, index=cells.index)
            chosen.loc[rows] = new.loc[rows]
    return _with_metres(path, chosen)


def _with_metres(path: Path, chosen: pd.DataFrame) -> pd.DataFrame:
    x, y = danish.parse_numbers(chosen["x"]), danish.parse_numbers(chosen["y"])
    stated = (chosen["x"] != "") | (chosen["y"] != "")
    inside = _within(x, y, DENMARK_METRES)
    swapped = _within(y, x, DENMARK_METRES)
    degrees = _within(x, y, DENMARK_DEGREES) | _within(y, x, DENMARK_DEGREES)
    if stated.any() and not inside.any():
        row = stated.idxmax()
        msg = (
            f"{path}: none of {stated.sum()} practices' coordinates lies in Denmark in metres, "
            f"EPSG:25832; row {row} has {chosen.loc[row, 'x']} / {chosen.loc[row, 'y']}"
            f"{', in degrees' if degrees.any() else ''}. {REFETCH}, or look whether SOR changed it."
        )
        raise SchemaError(msg)
    fault = pd.Series("coordinates do not lie in Denmark", index=chosen.index)
    fault = fault.mask(degrees, "coordinates are degrees, not metres (EPSG:25832)")
    fault = fault.mask(swapped, "coordinates stand in each other's place")
    fault = fault.mask(x.isna() | y.isna(), "coordinates are not two numbers")
    fault = fault.mask(~stated, "no coordinates").mask(inside, "")
    return chosen.drop(columns=["x", "y"]).assign(
        easting=x.where(inside), northing=y.where(inside), place_fault=fault
    )


def _within(x: pd.Series, y: pd.Series, box: Box) -> pd.Series:
    return x.between(box.min_x, box.max_x) & y.between(box.min_y, box.max_y)


def _one_version_each(units: pd.DataFrame, day: str) -> tuple[pd.DataFrame, dict[int, str]]:
    """Take of every unit the row in force on the day, else the next to come."""
    rows, opening, closing = [], [], []
    double = units.duplicated(keep="first")
    reasons: dict[int, str] = dict.fromkeys(units.index[double], "stands twice, word for word")
    for _, versions in units[~double].groupby("sor_id", sort=False):
        ordered = versions.sort_values("from_day")
        if ordered["from_day"].duplicated().any():
            differing = [name for name in ordered if len(set(ordered[name].astype(str))) > 1]
            reason = f"rows of one SOR id and one day differ in {', '.join(differing)}"
            reasons |= dict.fromkeys(ordered.index, reason)
            continue
        begun = ordered.index[ordered["from_day"] <= day]
        row = begun[-1] if len(begun) else ordered.index[0]
        reasons |= dict.fromkeys(ordered.index.drop(row), "another version of a unit")
        rows.append(row)
        first = ordered["first_day"][ordered["first_day"] != ""]
        opening.append(min(first) if len(first) else ordered["from_day"].iloc[0])
        closing.append(ordered["last_day"].iloc[-1])
    chosen = units.loc[rows].assign(
        opening_date=pd.Series(opening, index=rows, dtype=object),
        closing_date=pd.Series(closing, index=rows, dtype=object),
    )
    return chosen.drop(columns=["first_day", "from_day", "last_day"]), reasons


def _closed(units: pd.DataFrame, date: datetime.date) -> pd.Series:
    return (units["closing_date"] != "") & (units["closing_date"] <= date.isoformat())


def _stand_for(units: pd.DataFrame) -> tuple[pd.DataFrame, dict[int, str]]:
    """Keep one unit per practice, that is per institution, ydernummer and address."""
    above = _units_above(units)
    traits = pd.DataFrame(
        {
            "number": units["ydernummer"].map(ydernummer_key),
            "place": [*map(address_key, units["address"], units["postcode"])],
            "depth": [len(above[i]) for i in units["sor_id"]],
            "age": [(len(i), i) for i in units["sor_id"]],
            "root": [above[i][-1] if above[i] else i for i in units["sor_id"]],
        },
        index=units.index,
    )
    traits["nowhere"] = traits["place"] == ""
    reasons: dict[int, str] = {}
    sor_ids: dict[int, tuple[str, ...]] = {}
    ordered = traits.sort_values(["nowhere", "depth", "age"])
    for _, group in ordered.groupby("root", sort=False):
        kept = _kept_of_institution(group)
        gone = group.index.difference(kept)
        for row in kept:
            number = group.loc[row, "number"]
            its = units.loc[gone[group.loc[gone, "number"].isin({"", number})], "sor_id"]
            sor_ids[row] = (units.loc[row, "sor_id"], *sorted(its))
        reasons |= dict.fromkeys(gone, "part of a practice that stands in the table")
    rows = units.loc[sorted(sor_ids)]
    all_ids = pd.Series([sor_ids[row] for row in rows.index], rows.index, dtype=object)
    return rows.drop(columns=UNUSED).assign(sor_ids=all_ids), reasons


def _kept_of_institution(group: pd.DataFrame) -> list[int]:
    """Choose the rows that stand for the practices of one institution.

    One practice is one ydernummer at one address; an institution without ydernumre is one.
    """
    if not (group["number"] != "").any():
        return [int(row) for row in group.index[group["depth"] == 0]]
    numbered = group[group["number"] != ""]
    seen: set[tuple[str, str]] = set()
    kept = []
    for row, number, place in numbered[["number", "place"]].itertuples():
        known = any(number == other for other, _ in seen) if not place else (number, place) in seen
        if not known:
            kept.append(int(row))
            seen.add((number, place))
    return kept


def _units_above(units: pd.DataFrame) -> dict[str, list[str]]:
    """List the units above each, the next one first."""
    known = set(units["sor_id"])
    upward: dict[str, str] = {}
    for own, parent, institution in units[["sor_id", "parent", "institution"]].itertuples(
        index=False
    ):
        candidates = [up for up in (parent, institution) if up in known and up != own]
        upward[own] = candidates[0] if candidates else ""
    above: dict[str, list[str]] = {}
    for own in known:
        chain: list[str] = []
        up = upward[own]
        while up and up not in chain and up != own:
            chain.append(up)
            up = upward[up]
        # Units that lie above one another in a circle have none above.
        above[own] = [] if up else chain
    return above


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
    cells = danish.read_table(path, _region_header_fault)
    values, faults = parse_columns(cells, REGION_COLUMNS)
    x = pd.Series(np.nan, index=cells.index)
    y = x.copy()
    if has_coordinates(list(cells.columns)):
        placed = parse_points(cells)
        silent = set(cells.index[placed.text == ""])
        faults += [fault for fault in placed.faults if fault.row not in silent]
        empty = np.array([point.is_empty for point in placed.points])
        x = pd.Series([p.x if p else np.nan for p in placed.points], index=cells.index)
        y = pd.Series([p.y if p else np.nan for p in placed.points], index=cells.index)
        x, y = x.mask(empty), y.mask(empty)
    faults += _wrong_sor_ids(values["sor_id"])
    raise_faults(path, faults, len(cells))
    frame = values.assign(open=values["open"] == 1.0, easting=x, northing=y)
    return RegionTable(_sorted_ids(frame), record_input("region", path, len(cells)))


def _region_header_fault(header: list[str]) -> str | None:
    places = coordinate_fault(header) if has_coordinates(header) else None
    faults = [header_fault(header, REGION_COLUMNS), places]
    return "; ".join(fault for fault in faults if fault) or None


def _wrong_sor_ids(text: pd.Series) -> list[Fault]:
    wrong = (text != "") & ~text.map(lambda cell: bool(SOR_ID.fullmatch(cell)))
    rule = "must be a SOR id written out in full, such as 325421000016001, or empty"
    return faults_at(text[wrong], Column("", rule, "Format the column as text in Excel"), "sor_id")


def _sorted_ids(frame: pd.DataFrame) -> pd.DataFrame:
    """Move SOR ids that stand for a ydernummer to their own column."""
    is_sor = frame["ydernummer"].map(lambda cell: bool(SOR_ID.fullmatch(cell)))
    moved = frame["sor_id"].mask(is_sor & (frame["sor_id"] == ""), frame["ydernummer"])
    return frame.assign(sor_id=moved, ydernummer=frame["ydernummer"].mask(is_sor, ""))


def _region_of_layer(layer: Layer) -> RegionTable:
    frame = layer.frame
    own = pd.DataFrame(frame.drop(columns="geometry")).assign(
        ydernummer=frame.index.astype(str),
        sor_id="",
        easting=frame.geometry.x.to_numpy(),
        northing=frame.geometry.y.to_numpy(),
    )
    by_row = own.set_index("row")[[*STATED, "easting", "northing"]]
    return RegionTable(_sorted_ids(by_row), layer.record)


FORMS: Final = re.compile(r"\b(?:i/s|a/s|p/s|k/s|aps|ivs)\b\.?|\bv/")
LETTERS: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue"})
HOUSE: Final = re.compile(r"\b0*([0-9]+) ?([a-z]?)\b")
POSTCODE: Final = re.compile(r",\s*(?:dk-?\s?)?([0-9]{4})\b", re.IGNORECASE)


def name_key(name: str) -> str:
    """Fold a practice's name for comparison.

    Parameters
    ----------
    name
        As written.

    Returns
    -------
    str
        Without case, punctuation, ``v/``, ``ApS``, ``I/S`` and their like; æ, ø and å as ae, oe
        and aa.

    Examples
    --------
    >>> name_key("Lægerne Ågade I/S v/Ib Øst, ApS")
    'laegerne aagade ib oest'
    """
    text = unicodedata.normalize("NFC", html.unescape(name)).casefold()
    text = FORMS.sub(" ", text).translate(LETTERS)
    return " ".join(re.findall(r"[a-z0-9]+", text))


def address_key(address: str, postcode: str) -> str:
    """Fold an address for comparison.

    Parameters
    ----------
    address
        Street and number; what follows a comma (floor, town) does not count.
    postcode
        May be empty if it stands in the address after a comma.

    Returns
    -------
    str
        Empty if street or postcode is unknown.

    Examples
    --------
    >>> address_key("Østergade 012 B, 1. th., 7500 Holstebro", "")
    '7500 oestergade 12b'
    """
    inside = POSTCODE.search(address)
    code = postcode.strip() or (inside.group(1) if inside else "")
    street = HOUSE.sub(r"\1\2", name_key(address.partition(",")[0]))
    return f"{code} {street}" if code and street else ""


def ydernummer_key(text: str) -> str:
    """Fold a ydernummer: Excel takes leading zeros off.

    Parameters
    ----------
    text
        As written.

    Returns
    -------
    str
        Empty if there is none.
    """
    bare = re.sub(r"\s", "", text).casefold()
    return bare.lstrip("0") if bare.isdecimal() else bare


def _keys(frame: pd.DataFrame, stage: str) -> pd.Series:
    """Give every row its keys: a list, empty if it has none."""
    if stage == "ydernummer":
        keys = frame["ydernummer"].map(ydernummer_key).map(lambda key: [key] if key else [])
    elif stage == "SOR id":
        several = "sor_ids" in frame
        keys = frame["sor_ids" if several else "sor_id"].map(
            lambda ids: list(ids) if several else [ids] if ids else []
        )
    else:
        names = frame["name"].map(name_key)
        places = map(address_key, frame["address"], frame["postcode"])
        both = [[f"{n}, {p}"] if n and p else [] for n, p in zip(names, places, strict=True)]
        keys = pd.Series(both, index=frame.index, dtype=object)
    return keys


STAGES: Final = ("ydernummer", "SOR id", "name and address")


@dataclass(slots=True)
class _Settled:
    """What has been decided so far: pairs, and rows that are not to be guessed."""

    pairs: list[tuple[int, int, str]] = field(default_factory=list)
    sor: dict[int, str] = field(default_factory=dict)
    region: dict[int, str] = field(default_factory=dict)

    def refuse(self, sor: list[int], region: list[int], reason: str) -> None:
        self.sor |= dict.fromkeys(sor, reason)
        self.region |= dict.fromkeys(region, reason)


def join_region(sor: SorTable, region: RegionTable | Layer) -> Joined:
    """Join the region's export to SOR: by ydernummer, then SOR id, then name and address.

    Parameters
    ----------
    sor
        As :func:`read_sor` returns it. Units to come are not joined: no table of practices can
        say that one opens later.
    region
        As :func:`read_region` or ``read_practices`` returns it.

    Returns
    -------
    Joined
        A pair must be the only one by its key. Pairs that one of the other keys contradicts
        are ambiguous, and so are keys that stand several times.
    """
    stated = _region_of_layer(region) if isinstance(region, Layer) else region
    to_come = sor.frame["opening_date"] > sor.date.isoformat()
    here, settled = sor.frame[~to_come], _Settled()
    for stage in STAGES:
        taken_sor = [*settled.sor, *(pair[0] for pair in settled.pairs)]
        taken_region = [*settled.region, *(pair[1] for pair in settled.pairs)]
        edges = _edges(here.drop(taken_sor), stated.frame.drop(taken_region), stage)
        _settle(edges, stage, here, stated.frame, settled)
    pairs = pd.DataFrame(settled.pairs, columns=["sor_row", "row", "matched_by"]).astype(
        {"sor_row": int, "row": int}
    )
    table = _practice_table(pairs.sort_values("row").set_index("row"), sor, stated.frame)
    return _told(table, sor, stated.frame, settled)


def _told(table: pd.DataFrame, sor: SorTable, region: pd.DataFrame, settled: _Settled) -> Joined:
    """Say of every row that is in no pair why, and of the pairs that lie nowhere."""
    placed = table["easting"].notna()
    ours, theirs = dict(_why_not_region(region, sor)), dict(_why_not_sor(sor))
    for row, sor_row, by in table.loc[~placed, ["sor_row", "matched_by"]].itertuples():
        fault = sor.frame.loc[sor_row, "place_fault"]
        nowhere = f"but neither says where it lies ({fault} in SOR): give its coordinates"
        ours[row] = f"{by} joins it to SOR's row {sor_row}, {nowhere}"
        theirs[sor_row] = f"{by} joins it to the region's row {row}, {nowhere}"
    rest_sor = sor.frame.drop([*table.loc[placed, "sor_row"], *settled.sor])
    rest_region = region.drop([*table.index[placed], *settled.region])
    return Joined(
        table[placed],
        rest_sor.assign(reason=pd.Series(theirs, dtype=object).reindex(rest_sor.index)),
        rest_region.assign(reason=pd.Series(ours, dtype=object).reindex(rest_region.index)),
        _ambiguous(settled, sor.frame, region),
    )


def _edges(sor: pd.DataFrame, region: pd.DataFrame, stage: str) -> pd.DataFrame:
    """List which rows share a key: ``sor_row``, ``region_row``, ``key``."""

    def by_key(frame: pd.DataFrame, name: str) -> pd.DataFrame:
        keys = _keys(frame, stage).explode().dropna()
        return pd.DataFrame({name: keys.index.to_numpy(), "key": keys.to_numpy(dtype=object)})

    return by_key(sor, "sor_row").merge(by_key(region, "region_row"), on="key")


def _clusters(edges: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Give the edges in groups that share no row."""
    left, sor_rows = pd.factorize(edges["sor_row"])
    right, region_rows = pd.factorize(edges["region_row"])
    size = len(sor_rows) + len(region_rows)
    links = coo_array((np.ones(len(edges)), (left, right + len(sor_rows))), shape=(size, size))
    _, labels = connected_components(links, directed=False)
    for _, group in edges.groupby(labels[left]):
        yield group


def _settle(
    edges: pd.DataFrame, stage: str, sor: pd.DataFrame, region: pd.DataFrame, settled: _Settled
) -> None:
    if edges.empty:
        return
    known = {i for ids in sor["sor_ids"] for i in ids}
    for group in _clusters(edges):
        left = sorted({int(row) for row in group["sor_row"]})
        right = sorted({int(row) for row in group["region_row"]})
        keys = ", ".join(sorted(set(group["key"])))
        if len(left) > 1 or len(right) > 1:
            reason = f"{stage} {keys} stands in SOR's {_rows(left)} and the region's {_rows(right)}"
            settled.refuse(left, right, reason)
            continue
        clash = _contradiction(sor.loc[left[0]], region.loc[right[0]], known)
        if clash:
            rows = f"SOR's {_rows(left)} and the region's {_rows(right)}"
            settled.refuse(left, right, f"{stage} {keys} joins {rows}, but {clash}")
        else:
            settled.pairs.append((left[0], right[0], stage))


def _rows(rows: list[int]) -> str:
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(str(row) for row in rows)}"


def _contradiction(unit: pd.Series, row: pd.Series, known: set[str]) -> str:
    """Say which other identity of a pair differs; a SOR id that SOR does not know says nothing."""
    numbers = ydernummer_key(unit["ydernummer"]), ydernummer_key(row["ydernummer"])
    if all(numbers) and numbers[0] != numbers[1]:
        return f"the ydernumre differ: {unit['ydernummer']} and {row['ydernummer']}"
    if row["sor_id"] in known and row["sor_id"] not in unit["sor_ids"]:
        return f"the SOR ids differ: {unit['sor_id']} and {row['sor_id']}"
    return ""


def _practice_table(pairs: pd.DataFrame, sor: SorTable, region: pd.DataFrame) -> pd.DataFrame:
    """Put the pairs together; without a place where neither side gives one."""
    ours = region.loc[pairs.index]
    theirs = sor.frame.loc[pairs["sor_row"]].set_index(pairs.index)
    here = ours["easting"].notna()
    text = {
        name: ours[name].where(ours[name] != "", theirs[name])
        for name in ("name", "address", "postcode", "town", "closing_date")
    }
    numbers = sor.frame["ydernummer"].map(ydernummer_key)
    own_number = theirs["ydernummer"].where(
        ~theirs["ydernummer"].map(ydernummer_key).isin(numbers[numbers.duplicated()]), ""
    )
    number = ours["ydernummer"].where(ours["ydernummer"] != "", own_number)
    kind = np.where(here, "region", "SOR, " + theirs["address_kind"].astype(str) + " address")
    basis = "SOR; " + pairs["matched_by"].astype(str) + "; place: " + pd.Series(kind, pairs.index)
    table = ours.assign(
        **text,
        id=number.where(number != "", theirs["sor_id"]),
        sor_id=theirs["sor_id"],
        easting=ours["easting"].where(here, theirs["easting"]),
        northing=ours["northing"].where(here, theirs["northing"]),
        basis=ours["basis"].where(ours["basis"] != "", basis),
        sor_row=pairs["sor_row"],
        matched_by=pairs["matched_by"],
        gap_m=np.hypot(ours["easting"] - theirs["easting"], ours["northing"] - theirs["northing"]),
    )
    remarks = _remarks(table, ours["closing_date"], theirs, sor)
    return table.assign(remark=remarks)[[*WRITTEN, "sor_row", "matched_by", "gap_m", "remark"]]


def _remarks(
    table: pd.DataFrame, closing: pd.Series, theirs: pd.DataFrame, sor: SorTable
) -> pd.Series:
    """Say what an analyst should look at."""
    later = sor.frame[sor.frame["opening_date"] > sor.date.isoformat()]
    successors = dict(
        zip(later["ydernummer"].map(ydernummer_key), later["opening_date"], strict=True)
    )
    remarks = []
    for row in table.index:
        told = []
        ours, other = closing[row], theirs.loc[row, "closing_date"]
        if ours and other and ours != other:
            told.append(f"the region closes it on {ours}, SOR on {other}")
        if table.loc[row, "gap_m"] > FAR_M:
            told.append(f"the region's place is {table.loc[row, 'gap_m']:.0f} m from SOR's")
        number = ydernummer_key(theirs.loc[row, "ydernummer"])
        if number and number in successors:
            told.append(f"SOR has its ydernummer anew from {successors[number]}")
        remarks.append("; ".join(told))
    return pd.Series(remarks, index=table.index, dtype=object)


def _why_not_sor(sor: SorTable) -> Iterator[tuple[int, str]]:
    plain = "the region's export has no row with its ydernummer, SOR id, or name and address"
    for row, opening in sor.frame["opening_date"].items():
        later = opening > sor.date.isoformat()
        begins = f"begins on {opening}, after {sor.date}: open it in a scenario"
        yield row, begins if later else plain


def _why_not_region(region: pd.DataFrame, sor: SorTable) -> Iterator[tuple[int, str]]:
    later = sor.frame[sor.frame["opening_date"] > sor.date.isoformat()]
    reasons = "begins on " + later["opening_date"].astype(str)
    others = pd.concat([later.assign(reason=reasons), sor.left_out]).sort_index()
    found: dict[str, str] = {}
    for row, number, sor_id, reason in others[["ydernummer", "sor_id", "reason"]].itertuples():
        for key in {f"y{ydernummer_key(number)}", f"s{sor_id}"} - {"y"}:
            found[key] = f"SOR's row {row} is this practice, but it is not in use: {reason}"
    plain = "SOR has no general practice with its ydernummer, SOR id, or name and address"
    if "ydernummer" not in sor.headers:
        plain += " (no column of SOR's file is known to hold ydernumre)"
    for row, number, sor_id in region[["ydernummer", "sor_id"]].itertuples():
        by_number = found.get(f"y{ydernummer_key(number)}")
        yield row, by_number or found.get(f"s{sor_id}") or plain


def _ambiguous(settled: _Settled, sor: pd.DataFrame, region: pd.DataFrame) -> pd.DataFrame:
    shown = ["ydernummer", "sor_id", "name", "address", "postcode", "town"]
    sides = [("sor", sor, settled.sor), ("region", region, settled.region)]
    parts = [
        frame.loc[sorted(rows), shown]
        .assign(reason=[rows[row] for row in sorted(rows)], side=side)
        .rename_axis("row")
        .reset_index()
        for side, frame, rows in sides
    ]
    return pd.concat(parts, ignore_index=True)[["side", "row", *shown, "reason"]]


def write_practices(joined: Joined, path: Path) -> Path:
    """Write the practice table as ``read_practices`` reads it.

    Parameters
    ----------
    joined
        As :func:`join_region` returns it.
    path
        A .csv file: UTF-8 with a byte order mark, separated by semicolons, ja and nej; ids and
        what Excel would take for a formula as ``="…"``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    table = joined.table.loc[:, list(WRITTEN)]
    names = [name for name in WRITTEN if name not in NUMBERS]
    text = {name: table[name].map(partial(_for_excel, code=name in CODES)) for name in names}
    table = table.assign(**text, open=table["open"].map({True: "ja", False: "nej"}))
    write = partial(table.to_csv, sep=";", index=False, encoding="utf-8-sig", lineterminator="\n")
    return write_whole(path, write)


def _for_excel(cell: str, *, code: bool) -> str:
    """Keep text in one line, and keep Excel from taking it for a number or a formula."""
    line = " ".join(str(cell).split())
    risky = line.startswith(("=", "+", "-", "@"))
    if not risky and not (code and line):
        return line
    plain = line.replace('"', "'")
    return f'="{plain}"'
