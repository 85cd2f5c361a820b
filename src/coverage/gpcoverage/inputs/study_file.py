"""Read a study: its file, and everything that names.

Every fault of the file is told at once, before anything is read that it names.
"""

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import toml
from gpcoverage.inputs.areas import area_faults, area_source
from gpcoverage.inputs.divisions import read_divisions
from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.layer import InputRecord, is_file, record_input
from gpcoverage.inputs.municipalities import read_municipalities, read_municipality_list
from gpcoverage.inputs.places import Places, read_places
from gpcoverage.inputs.practices import read_practices, refuse_closed
from gpcoverage.inputs.rules import read_rules
from gpcoverage.inputs.study import DENMARK, RoadSource, Study

EXAMPLE: Final = "data/midtjylland.toml"
STUDY: Final = {"name": toml.TEXT, "date": toml.DAY, "inputs": toml.TABLE, "roads": toml.TABLE}
AREA: Final = {
    "region": toml.TEXT,
    "health_council": toml.TEXT,
    "municipality_codes": toml.CODES,
}
INPUT_FILES: Final = ("municipalities", "boundaries", "practices", "homes", "rules")
DIVISIONS: Final = "divisions"
"""An input file a study may do without: then regions are those of the list of municipalities."""

SETTLEMENTS: Final = "settlements"
CORRECTIONS: Final = "settlement_corrections"
"""Input files a study may do without: then maps show no towns. The first may be several."""

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


def load_study(path: str | Path, *, region: str | None = None) -> Study:
    """Read a study file and everything it names.

    Parameters
    ----------
    path
        A TOML file such as ``data/midtjylland.toml``; paths in it count from its folder.
    region
        Read it for this region instead of for its own area.

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
    if region is not None:
        elsewhere = {key: value for key, value in table.items() if key not in AREA}
        table = {**elsewhere, "name": f"Region {region}", "region": region}
    inputs = {key: path.parent / table["inputs"][key] for key in INPUT_FILES}
    rules = read_rules(inputs["rules"], table["date"])
    listed, councils, records = _read_list(path.parent, table)
    codes = _area_codes(path, table, listed.assign(health_council=councils))
    boundaries = read_municipalities(inputs["boundaries"], listed)
    municipalities = boundaries.frame
    practices = read_practices(inputs["practices"], municipalities)
    homes = read_homes(inputs["homes"], municipalities, codes)
    refuse_closed(inputs["practices"], practices.frame, table["date"])
    places = _read_places(path.parent, table["inputs"], municipalities)
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
            *records,
            boundaries.record,
            practices.record,
            homes.record,
            record_input("rules", inputs["rules"], 1),
            *(places.records if places else ()),
        ),
        partly_modelled=table["inputs"].get("partly_modelled", False),
        areas=area_source(table.get("areas"), path.parent),
        places=places.frame if places else None,
        attribution=table["inputs"].get("attribution", ""),
    )


def _read_list(
    folder: Path, table: dict[str, Any]
) -> tuple[pd.DataFrame, pd.Series, list[InputRecord]]:
    """Read the list of municipalities, with the regions and the sundhedsråd of the study's day."""
    path = folder / table["inputs"]["municipalities"]
    listed = read_municipality_list(path)
    record = record_input("municipalities", path, len(listed))
    if DIVISIONS not in table["inputs"]:
        return listed, pd.Series("", index=listed.index), [record]
    divided = folder / table["inputs"][DIVISIONS]
    groups = read_divisions(divided, table["date"]).reindex(listed["code"], fill_value="")
    listed, councils = _regroup(divided, listed, groups)
    return listed, councils, [record, record_input(DIVISIONS, divided, len(listed))]


def _read_places(
    folder: Path, inputs: dict[str, Any], municipalities: gpd.GeoDataFrame
) -> Places | None:
    if SETTLEMENTS not in inputs:
        return None
    files = [folder / name for name in _listed(inputs[SETTLEMENTS])]
    corrections = folder / inputs[CORRECTIONS] if CORRECTIONS in inputs else None
    return read_places(*files, municipalities=municipalities, corrections=corrections)


def _listed(value: str | list[str]) -> list[str]:
    """List what may be one text or several."""
    return [value] if isinstance(value, str) else value


def _read_study(path: Path) -> dict[str, Any]:
    """Read the study file and check all of it, and that the files it names are there."""
    table = toml.read_toml(path, "study", EXAMPLE)
    inputs, roads = table.get("inputs", {}), table.get("roads", {})
    faults = toml.table_faults(table, STUDY, {**AREA, "areas": toml.TABLE})
    faults += toml.table_faults(
        inputs,
        dict.fromkeys(INPUT_FILES, toml.TEXT),
        {
            DIVISIONS: toml.TEXT,
            SETTLEMENTS: toml.TEXTS,
            CORRECTIONS: toml.TEXT,
            "partly_modelled": toml.YES_NO,
            "attribution": toml.TEXT,
        },
        "inputs.",
    )
    faults += toml.table_faults(roads, ROADS, ROAD_OPTIONS, "roads.")
    if isinstance(table.get("areas"), dict):
        faults += area_faults(table["areas"], path.parent)
    if len(table.keys() & AREA.keys()) != 1:
        faults.append(f"must give one of {', '.join(AREA)}, and only one")
    if not faults:
        needed = ROAD_FILES[roads["kind"]]
        faults += [
            f"lacks roads.{key}, which {roads['kind']} needs" for key in needed if key not in roads
        ]
        files = (*INPUT_FILES, DIVISIONS, SETTLEMENTS, CORRECTIONS)
        named = [
            (f"inputs.{key}", value)
            for key in files
            if key in inputs
            for value in _listed(inputs[key])
        ]
        named += [(f"roads.{key}", roads[key]) for key in needed if key in roads]
        faults += [
            f"{key} is {value[:200]!r}, and there is no such file as {str(path.parent / value)[:300]}"
            for key, value in named
            if not is_file(path.parent / value)
        ]
        if CORRECTIONS in inputs and SETTLEMENTS not in inputs:
            faults.append(f"inputs.{CORRECTIONS} corrects inputs.{SETTLEMENTS}, which is not given")
    if faults:
        msg = f"{path}: {'; '.join(faults)}. See {EXAMPLE} for the form."
        raise SchemaError(msg)
    return table


def _regroup(
    path: Path, listed: pd.DataFrame, groups: pd.DataFrame
) -> tuple[pd.DataFrame, pd.Series]:
    """Put the regions of the day into the list; also give the sundhedsråd."""
    region, council = (groups[kind].to_numpy() for kind in ("region", "health_council"))
    silent = listed.loc[region == "", "code"]
    if len(silent):
        msg = (
            f"{path}: names no region of {len(silent)} municipalities on the study's day: "
            f"{', '.join(silent[:20])}. Add rows, or take inputs.divisions out of the study."
        )
        raise SchemaError(msg)
    return listed.assign(region=region), pd.Series(council, index=listed.index)


def _area_codes(path: Path, table: dict[str, Any], listed: pd.DataFrame) -> tuple[str, ...]:
    for kind in ("region", "health_council"):
        if kind in table:
            name = table[kind]
            everywhere = kind == "region" and name == DENMARK
            chosen = listed if everywhere else listed[listed[kind] == name]
            if chosen.empty:
                known = (
                    ", ".join(sorted(set(listed[kind]) - {""})) or "none: inputs.divisions tells"
                )
                msg = (
                    f"{path}: {kind} {name[:200]!r} is unknown on {table['date']}. "
                    f"It must be one of {known}{f', or {DENMARK}' if kind == 'region' else ''}."
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
