"""A study: the area, the day, the inputs and the rule, all read and checked.

A study is a value. It never changes; a change makes a new one.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import toml
from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.layer import InputRecord, is_file, record_input
from gpcoverage.inputs.municipalities import read_municipalities, read_municipality_list
from gpcoverage.inputs.practices import read_practices, refuse_closed
from gpcoverage.inputs.rules import Rules, read_rules

EXAMPLE: Final = "data/midtjylland.toml"
STUDY: Final = {"name": toml.TEXT, "date": toml.DAY, "inputs": toml.TABLE, "roads": toml.TABLE}
AREA: Final = {"region": toml.TEXT, "municipality_codes": toml.CODES}
INPUT_FILES: Final = ("municipalities", "boundaries", "practices", "homes", "rules")
ROAD_FILES: Final = {"terrain": ("cells", "crossings"), "osm": ("file",)}
LONGEST_LEG_M: Final = 20_000
FERRIES: Final = ("exclude", "include")
ROADS: Final = {
    "kind": toml.Kind(" or ".join(ROAD_FILES), lambda v: v in list(ROAD_FILES)),
}
ROAD_OPTIONS: Final = {
    **dict.fromkeys(("cells", "crossings", "file"), toml.TEXT),
    "ferries": toml.Kind(" or ".join(FERRIES), lambda v: v in FERRIES),
    "max_leg_m": toml.Kind(
        f"metres from 1 to {LONGEST_LEG_M}",
        lambda v: type(v) in {int, float} and 1 <= v <= LONGEST_LEG_M,
    ),
}

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
    max_leg_m
        Longest straight leg from a home or practice to a road, metres; beyond it there is no way.
    """

    kind: Literal["terrain", "osm"]
    cells: Path | None = None
    crossings: Path | None = None
    file: Path | None = None
    ferries: Literal["exclude", "include"] = "exclude"
    max_leg_m: float = 2_000.0


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
    table = _read_study(path)
    inputs = {key: path.parent / table["inputs"][key] for key in INPUT_FILES}
    rules = read_rules(inputs["rules"], table["date"])
    listed = read_municipality_list(inputs["municipalities"])
    codes = _area_codes(path, table, listed)
    boundaries = read_municipalities(inputs["boundaries"], listed)
    municipalities = boundaries.frame
    practices = read_practices(inputs["practices"], municipalities)
    homes = read_homes(inputs["homes"], municipalities, codes)
    refuse_closed(inputs["practices"], practices.frame, table["date"])
    if not homes.frame["population"].sum() > 0:
        msg = f"{inputs['homes']}: nobody lives in the study's area ({', '.join(codes[:5])} …) by this file. Check both."
        raise SchemaError(msg)
    return Study(
        name=table["name"],
        date=table["date"],
        municipality_codes=codes,
        municipalities=municipalities,
        practices=practices.frame,
        homes=homes.frame,
        roads=_road_source(path, table["roads"]),
        rules=rules,
        inputs=(
            record_input("municipalities", inputs["municipalities"], len(listed)),
            boundaries.record,
            practices.record,
            homes.record,
            record_input("rules", inputs["rules"], 1),
        ),
        partly_modelled=table["inputs"].get("partly_modelled", False),
    )


def _read_study(path: Path) -> dict[str, Any]:
    """Read the study file and check all of it, and that the files it names are there."""
    table = toml.read_toml(path, "study", EXAMPLE)
    inputs, roads = table.get("inputs", {}), table.get("roads", {})
    faults = toml.table_faults(table, STUDY, AREA)
    faults += toml.table_faults(
        inputs, dict.fromkeys(INPUT_FILES, toml.TEXT), {"partly_modelled": toml.YES_NO}, "inputs."
    )
    faults += toml.table_faults(roads, ROADS, ROAD_OPTIONS, "roads.")
    if ("region" in table) == ("municipality_codes" in table):
        faults.append("must give either region or municipality_codes, not both and not neither")
    if not faults:
        needed = ROAD_FILES[roads["kind"]]
        faults += [
            f"lacks roads.{key}, which {roads['kind']} needs" for key in needed if key not in roads
        ]
        named = {f"inputs.{key}": inputs[key] for key in INPUT_FILES}
        named |= {f"roads.{key}": roads[key] for key in needed if key in roads}
        faults += [
            f"{key} is {value!r}, and there is no such file as {path.parent / value}"
            for key, value in named.items()
            if not is_file(path.parent / value)
        ]
    if faults:
        msg = f"{path}: {'; '.join(faults)}. See {EXAMPLE} for the form."
        raise SchemaError(msg)
    return table


def _area_codes(path: Path, table: dict[str, Any], listed: pd.DataFrame) -> tuple[str, ...]:
    if "region" in table:
        region = table["region"]
        chosen = listed if region == DENMARK else listed[listed["region"] == region]
        if chosen.empty:
            regions = ", ".join(sorted(set(listed["region"])))
            msg = (
                f"{path}: region {region!r} is unknown. It must be one of {regions}, or {DENMARK}."
            )
            raise SchemaError(msg)
        return tuple(chosen["code"])
    codes = tuple(table["municipality_codes"])
    unknown = sorted(set(codes) - set(listed["code"]))
    if unknown:
        msg = (
            f"{path}: municipality_codes {', '.join(unknown)}: not in the list of municipalities. "
            "Correct the codes, or the list."
        )
        raise SchemaError(msg)
    return codes


def _road_source(path: Path, table: dict[str, Any]) -> RoadSource:
    files = {key: path.parent / table[key] for key in ROAD_FILES[table["kind"]]}
    options = {key: table[key] for key in ("ferries", "max_leg_m") if key in table}
    return RoadSource(kind=table["kind"], **options, **files)
