"""A study: the area, the day, the inputs and the rule, all read and checked.

A study is a value. It never changes; a change makes a new one.
"""

import datetime
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.layer import InputRecord, record_input
from gpcoverage.inputs.municipalities import read_municipalities, read_municipality_list
from gpcoverage.inputs.practices import read_practices
from gpcoverage.inputs.rules import Rules, read_rules

STUDY_KEYS: Final = frozenset({"name", "date", "region", "municipality_codes", "inputs", "roads"})
INPUT_KEYS: Final = frozenset(
    {"municipalities", "boundaries", "practices", "homes", "rules", "partly_modelled"}
)
ROAD_KEYS: Final = frozenset({"kind", "cells", "crossings", "file", "ferries"})

DENMARK: Final = "Danmark"
"""As ``region``: the whole country."""


@dataclass(frozen=True, slots=True)
class RoadSource:
    """Where the roads come from; ``gpcoverage.network.load_network`` builds them.

    Attributes
    ----------
    kind
        ``terrain`` (the embedded model) or ``osm`` (an OpenStreetMap extract).
    cells, crossings
        The terrain model's tables.
    file
        The OpenStreetMap extract, .osm or .osm.pbf, or a network built from one, .npz.
    ferries
        Whether a ferry is a road: ``exclude`` or ``include``.
    """

    kind: Literal["terrain", "osm"]
    cells: Path | None = None
    crossings: Path | None = None
    file: Path | None = None
    ferries: Literal["exclude", "include"] = "exclude"


@dataclass(frozen=True, slots=True)
class Study:
    """Everything the question needs, checked.

    Attributes
    ----------
    name
        For titles.
    date
        The day the study is about; it picks the rule.
    municipality_codes
        The area: whose homes are counted. Practices and roads beyond it count too.
    municipalities, practices, homes
        GeoDataFrames in EPSG:25832; see the readers for their columns. Homes are those of the
        area, practices all that the file holds.
    roads
        Where the roads come from.
    rules
        The choice rule in force.
    inputs
        What was read from which file, and what was left out.
    partly_modelled
        Whether the practices are partly modelled, which every output then says.
    """

    name: str
    date: datetime.date
    municipality_codes: tuple[str, ...]
    municipalities: gpd.GeoDataFrame
    practices: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    roads: RoadSource
    rules: Rules
    inputs: tuple[InputRecord, ...]
    partly_modelled: bool = False

    @property
    def area(self) -> gpd.GeoDataFrame:
        """The municipalities of the area, EPSG:25832."""
        return self.municipalities[self.municipalities["code"].isin(self.municipality_codes)]


def load_study(path: str | Path) -> Study:
    """Read a study file and everything it names.

    Parameters
    ----------
    path
        A TOML file such as ``data/midtjylland.toml``; paths in it count from its folder.

    Returns
    -------
    Study

    Raises
    ------
    SchemaError
        With every fault of the first file that has any.
    CrsError
        If the boundaries state no coordinate reference system.

    Examples
    --------
    >>> from gpcoverage import load_study
    >>> load_study("data/midtjylland.toml").name  # doctest: +SKIP
    'Region Midtjylland'
    """
    path = Path(path)
    table = _read_toml(path)
    inputs = {
        key: path.parent / value
        for key, value in table["inputs"].items()
        if key != "partly_modelled"
    }
    listed = read_municipality_list(inputs["municipalities"])
    boundaries = read_municipalities(inputs["boundaries"], listed)
    municipalities = boundaries.frame
    codes = _area_codes(path, table, listed)
    homes = read_homes(inputs["homes"], municipalities, codes)
    practices = read_practices(inputs["practices"], municipalities)
    if homes.frame.empty:
        msg = f"{inputs['homes']}: no home lies in the study's area ({', '.join(codes[:5])} …). Check both."
        raise SchemaError(msg)
    date = _date(path, table)
    return Study(
        name=str(table["name"]),
        date=date,
        municipality_codes=codes,
        municipalities=municipalities,
        practices=practices.frame,
        homes=homes.frame,
        roads=_road_source(path, table["roads"]),
        rules=read_rules(inputs["rules"], date),
        inputs=(
            record_input("municipalities", inputs["municipalities"], len(listed)),
            boundaries.record,
            practices.record,
            homes.record,
            record_input("rules", inputs["rules"], 1),
        ),
        partly_modelled=bool(table["inputs"].get("partly_modelled", False)),
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: is not a study file ({error}). See data/midtjylland.toml for the form."
        raise SchemaError(msg) from error
    inputs, roads = table.get("inputs", {}), table.get("roads", {})
    if not isinstance(inputs, dict) or not isinstance(roads, dict):
        msg = (
            f"{path}: [inputs] and [roads] must be tables. See data/midtjylland.toml for the form."
        )
        raise SchemaError(msg)
    needed = {"name", "date", "inputs", "roads"} - set(table)
    needed |= {f"inputs.{key}" for key in INPUT_KEYS - {"partly_modelled"} - set(inputs)}
    unknown = set(table) - STUDY_KEYS
    unknown |= {f"inputs.{key}" for key in set(inputs) - INPUT_KEYS}
    unknown |= {f"roads.{key}" for key in set(roads) - ROAD_KEYS}
    faults = [f"lacks {key}" for key in sorted(needed)] + [
        f"does not know {key}" for key in sorted(unknown)
    ]
    if faults:
        msg = f"{path}: {'; '.join(faults)}. See data/midtjylland.toml for the form."
        raise SchemaError(msg)
    return table


def _date(path: Path, table: dict[str, Any]) -> datetime.date:
    date = table["date"]
    if isinstance(date, datetime.date) and not isinstance(date, datetime.datetime):
        return date
    msg = f"{path}: date is {date!r}; it must be a day such as 2026-11-01, without quotation marks."
    raise SchemaError(msg)


def _area_codes(path: Path, table: dict[str, Any], listed: pd.DataFrame) -> tuple[str, ...]:
    if ("region" in table) == ("municipality_codes" in table):
        msg = f"{path}: give either region or municipality_codes, not both and not neither."
        raise SchemaError(msg)
    if "region" in table:
        region = str(table["region"])
        chosen = listed if region == DENMARK else listed[listed["region"] == region]
        if chosen.empty:
            regions = ", ".join(sorted(set(listed["region"])))
            msg = (
                f"{path}: region {region!r} is unknown. It must be one of {regions}, or {DENMARK}."
            )
            raise SchemaError(msg)
        return tuple(chosen["code"])
    codes = tuple(str(code) for code in table["municipality_codes"])
    unknown = sorted(set(codes) - set(listed["code"]))
    if unknown or not codes:
        msg = (
            f"{path}: municipality_codes {', '.join(unknown) or 'is empty'}: not in the list. "
            'Write codes as text of four digits, such as "0661".'
        )
        raise SchemaError(msg)
    return codes


def _road_source(path: Path, table: dict[str, Any]) -> RoadSource:
    needed = {"terrain": ("cells", "crossings"), "osm": ("file",)}
    kind, ferries = table.get("kind"), table.get("ferries", "exclude")
    if kind not in needed:
        msg = f"{path}: roads.kind is {kind!r}; it must be terrain or osm."
        raise SchemaError(msg)
    if ferries not in {"exclude", "include"}:
        msg = f"{path}: roads.ferries is {ferries!r}; it must be exclude or include."
        raise SchemaError(msg)
    missing = [key for key in needed[kind] if key not in table]
    if missing:
        msg = f"{path}: roads of kind {kind} need {', '.join(missing)}."
        raise SchemaError(msg)
    files = {key: path.parent / table[key] for key in needed[kind]}
    return RoadSource(kind=kind, ferries=ferries, **files)
