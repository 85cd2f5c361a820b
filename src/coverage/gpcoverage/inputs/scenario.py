"""Scenarios: a practice closes, opens, moves, or starts or stops taking patients.

A scenario is a list of changes to a table of practices. The table it starts from is never touched.
"""

import calendar
import datetime
import difflib
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.municipalities import municipality_at
from gpcoverage.units import CRS_METRES, to_metres

Stage = Literal["6m", "4m", "1m", "closed"]
"""How far a closure has come: 6 months' notice, final notice 4 months before, 1 month in special
cases, closed (agreement on general practice, § 19)."""

Clinic = Literal["ejerklinik", "licensklinik", "regionsklinik", "satellitpraksis"]

STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
CLINICS: Final[tuple[Clinic, ...]] = get_args(Clinic)
SUGGESTIONS: Final = 5
LIKENESS: Final = 0.6


@dataclass(frozen=True, slots=True)
class Close:
    """A practice closes for good: nobody can choose it any more."""

    practice: str
    date: datetime.date | None = None
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A new practice opens; latitude and longitude in degrees, WGS84."""

    id: str
    name: str
    lat: float
    lon: float
    clinic: Clinic = "ejerklinik"
    doctors: float | None = None
    takes_patients: bool = True
    date: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A practice moves to another address."""

    practice: str
    lat: float
    lon: float
    date: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """A practice opens or closes for intake (*åben* or *lukket for tilgang*)."""

    practice: str
    open: bool
    date: datetime.date | None = None


Change = Close | Open | Move | Intake


def practice_id(change: Change) -> str:
    """Give the id of the practice that a change is about."""
    return change.id if isinstance(change, Open) else change.practice


@dataclass(frozen=True, slots=True)
class Scenario:
    """Named changes, in the order in which they are made.

    Attributes
    ----------
    name
        For titles; empty if it has none.
    changes
        Practices by id.
    source, note
        Where it comes from and what is assumed; shown in footnotes.
    """

    name: str = ""
    changes: tuple[Change, ...] = ()
    source: str = ""
    note: str = ""


def find_practice(practices: pd.DataFrame, wanted: str) -> str:
    """Find a practice by id, by name, or by a part of name or town that only one has.

    Parameters
    ----------
    practices
        Indexed by id, with ``name`` and ``town``.
    wanted
        What the analyst wrote; upper and lower case are the same.

    Returns
    -------
    str
        The id.

    Raises
    ------
    SchemaError
        If none fits, with the likeliest spellings, or if several do, with all of them.
    """
    if wanted in practices.index:
        return wanted
    key = wanted.strip().casefold()
    names, towns = practices["name"].str.casefold(), practices["town"].fillna("").str.casefold()
    ids = practices.index.astype(str).str.casefold()
    part = names.str.contains(key, regex=False) | towns.str.contains(key, regex=False)
    for hits in (ids == key, names == key, towns == key, part.to_numpy()):
        found = practices.index[hits]
        if len(found) == 1 and key:
            return str(found[0])
        if len(found) > 1 and key:
            listed = "; ".join(f"{name} ({i})" for i, name in practices.loc[found, "name"].items())
            msg = f"'{wanted}' fits {len(found)} practices: {listed}. Give the id of the one you mean, or several ids."
            raise SchemaError(msg)
    known = {**dict(zip(towns, practices["town"], strict=True)), **dict(zip(names, practices["name"], strict=True))}  # fmt: skip
    known |= dict(zip(ids, practices.index.astype(str), strict=True))
    near = difflib.get_close_matches(key, [k for k in known if k], SUGGESTIONS, LIKENESS)
    hint = f" Did you mean {', '.join(known[n] for n in near)}?" if near else ""
    msg = f"'{wanted}' is no practice of this study.{hint} Give its id or name as in the table of practices."
    raise SchemaError(msg)


def apply_changes(
    practices: gpd.GeoDataFrame, changes: tuple[Change, ...], municipalities: gpd.GeoDataFrame
) -> tuple[tuple[Change, ...], gpd.GeoDataFrame]:
    """Make changes to a table of practices, one after the other.

    Parameters
    ----------
    practices
        As ``read_practices`` returns the frame; stays as it is.
    changes
        Practices by id or name.
    municipalities
        EPSG:25832; say where a new place lies.

    Returns
    -------
    changes
        The same, practices by id.
    practices
        Practices that stay keep their order; new ones come last.

    Raises
    ------
    SchemaError
        If a practice is not there, a new id is taken, or a new place lies in no municipality.
    """
    by_id: list[Change] = []
    for change in changes:
        if not isinstance(change, Open):
            change = replace(change, practice=find_practice(practices, change.practice))  # noqa: PLW2901
        practices = _apply(practices, change, municipalities)
        by_id.append(change)
    return tuple(by_id), practices


def _apply(
    practices: gpd.GeoDataFrame, change: Change, municipalities: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    if isinstance(change, Open):
        return _with_new(practices, change, municipalities)
    at = practices.index == change.practice
    match change:
        case Close():
            return practices[~at]
        case Intake():
            return practices.assign(open=np.where(at, change.open, practices["open"]))
        case Move():
            point, code = _place(change.lat, change.lon, municipalities)
            moved = practices.assign(
                municipality_code=practices["municipality_code"].where(~at, code),
                **{
                    column: practices[column].where(~at, "")
                    for column in ("address", "postcode", "town")
                },
            )
            geometry = np.where(at, point, practices.geometry.to_numpy())
            return moved.set_geometry(gpd.GeoSeries(geometry, practices.index, crs=practices.crs))


def _with_new(
    practices: gpd.GeoDataFrame, new: Open, municipalities: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    if new.id in practices.index:
        msg = f"The id {new.id} is taken by {practices.loc[new.id, 'name']}. Give the new practice another id."
        raise SchemaError(msg)
    point, code = _place(new.lat, new.lon, municipalities)
    known = {
        "name": new.name,
        "open": new.takes_patients,
        "doctors": np.nan if new.doctors is None else new.doctors,
        "list_size": np.nan,
        "municipality_code": code,
        "basis": new.clinic,
        "row": 0,
    }
    other = practices.columns.difference([*known, "geometry"])
    row = pd.DataFrame({**known, **dict.fromkeys(other, "")}, index=[new.id])
    frame = gpd.GeoDataFrame(row, geometry=[point], crs=CRS_METRES)[practices.columns]
    frame = frame.astype(practices.drop(columns="geometry").dtypes.to_dict())
    together = pd.concat([practices, frame]).rename_axis(practices.index.name)
    return gpd.GeoDataFrame(together, geometry="geometry", crs=practices.crs)


def _place(lat: float, lon: float, municipalities: gpd.GeoDataFrame) -> tuple[shapely.Point, str]:
    point, code = np.empty(0, dtype=object), ""
    if abs(lat) <= 90 and abs(lon) <= 180:  # noqa: PLR2004  and no NaN
        point = shapely.points(*to_metres(np.array([lon]), np.array([lat])))
        code = municipality_at(point, municipalities).iloc[0]
    if code == "":
        msg = f"lat {lat}, lon {lon} lies in no Danish municipality. Give latitude first (54.5 to 57.8), then longitude (8 to 15.2)."
        raise SchemaError(msg)
    return point[0], code


def check_date(date: datetime.date | None) -> None:
    """Refuse a day that is not the last of its month, when practices close and open.

    Parameters
    ----------
    date
        None passes.

    Raises
    ------
    SchemaError
        With the month ends before and after.
    """
    if date is None or is_month_end(date):
        return
    after = date.replace(day=calendar.monthrange(date.year, date.month)[1])
    before = date.replace(day=1) - datetime.timedelta(days=1) if date.year > 1 else after
    near = " or ".join(dict.fromkeys(map(str, (before, after))))
    msg = f"{date} is not the last day of a month, when notice ends. Give {near}."
    raise SchemaError(msg)


def is_month_end(date: datetime.date) -> bool:
    """Say whether a day is the last of its month."""
    return date.day == calendar.monthrange(date.year, date.month)[1]
