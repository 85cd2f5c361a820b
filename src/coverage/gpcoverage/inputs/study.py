"""A study: the area, the day, the inputs and the rule, all read and checked.

A study is a value. It never changes; a change makes a new one.
"""

import datetime
import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import toml
from gpcoverage.inputs.areas import AreaSource, area_faults, area_source
from gpcoverage.inputs.divisions import read_divisions
from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.layer import InputRecord, is_file, record_input
from gpcoverage.inputs.municipalities import read_municipalities, read_municipality_list
from gpcoverage.inputs.places import Places, read_places
from gpcoverage.inputs.practices import read_practices, refuse_closed
from gpcoverage.inputs.rules import Rules, read_rules
from gpcoverage.inputs.scenario import (
    Change,
    Clinic,
    Close,
    Intake,
    Move,
    Open,
    Scenario,
    Stage,
    apply_changes,
    check_date,
    find_practice,
    is_month_end,
)  # fmt: skip

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

NO_CHANGES: Final = Scenario()

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
    scenario
        The changes that were made to the practices; none in a study as it is read.
    baseline
        The study before these changes; None if there are none.
    areas
        What the study says about shortage areas; None if nothing.
    places
        Towns and villages of the whole country, as :func:`~gpcoverage.inputs.places.read_places`
        returns the frame; None if the study names none.
    attribution
        Whom every output must name for the data, in their own words; empty for nobody.
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
    scenario: Scenario = NO_CHANGES
    baseline: "Study | None" = None
    areas: AreaSource | None = None
    places: gpd.GeoDataFrame | None = None
    attribution: str = ""

    @property
    def area(self) -> gpd.GeoDataFrame:
        """The municipalities of the area, EPSG:25832."""
        return self.municipalities[self.municipalities["code"].isin(self.municipality_codes)]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which practices count as a choice by the rule: ``bool (practices)``."""
        counted: NDArray[np.bool_] = self.practices["open"].to_numpy() | self.rules.closed_counts
        return counted

    def close(
        self, *practices: str, date: datetime.date | None = None, stage: Stage | None = None
    ) -> "Study":
        """Close practices for good.

        Parameters
        ----------
        practices
            Ids or names; a part of a name or town does if only one practice has it.
        date
            The last day of a month; by default the practice's own ``closing_date``, if that is one.
        stage
            How far the closure has come: ``6m``, ``4m``, ``1m`` or ``closed``.

        Returns
        -------
        Study
            A new one; this one stays as it is.

        Raises
        ------
        SchemaError
            If a practice is unknown or ambiguous, or the date is no month end or out of the rule.
        """
        ids = dict.fromkeys(find_practice(self.practices, wanted) for wanted in practices)
        return self.change(*(Close(i, date or self._closing_date(i), stage) for i in ids))

    def open(
        self,
        name: str,
        *,
        lat: float,
        lon: float,
        clinic: Clinic = "ejerklinik",
        doctors: float | None = None,
        takes_patients: bool = True,
        date: datetime.date | None = None,
    ) -> "Study":
        """Open a new practice.

        Parameters
        ----------
        name
            What to call it.
        lat, lon
            Degrees, WGS84.
        clinic
            ``ejerklinik``, ``licensklinik``, ``regionsklinik`` or ``satellitpraksis``.
        doctors
            Number of capacities, if known.
        takes_patients
            Whether it is open for intake.
        date
            The last day of a month.

        Returns
        -------
        Study
            With the practice under the id ``ny-1``, ``ny-2`` …

        Raises
        ------
        SchemaError
            If the place lies in no municipality, or the date is no month end or out of the rule.
        """
        opened = {change.id for change in self.scenario.changes if isinstance(change, Open)}
        taken = opened | set((self.baseline or self).practices.index)
        number = next(n for n in itertools.count(1) if f"ny-{n}" not in taken)
        return self.change(
            Open(f"ny-{number}", name, lat, lon, clinic, doctors, takes_patients, date)
        )

    def move(
        self, practice: str, *, lat: float, lon: float, date: datetime.date | None = None
    ) -> "Study":
        """Move a practice to another place; parameters and errors as for :meth:`open`."""
        return self.change(Move(find_practice(self.practices, practice), lat, lon, date))

    def set_intake(
        self, practice: str, *, takes_patients: bool, date: datetime.date | None = None
    ) -> "Study":
        """Open or close a practice for intake; parameters and errors as for :meth:`close`."""
        return self.change(Intake(find_practice(self.practices, practice), takes_patients, date))

    def reopen(self, *practices: str) -> "Study":
        """Take closures back: what is left without any is the baseline itself.

        Parameters
        ----------
        practices
            Ids or names of practices that were closed in this study.

        Returns
        -------
        Study

        Raises
        ------
        SchemaError
            If one is not among the closed.
        """
        base = self.baseline or self
        changes = self.scenario.changes
        known = {c.id: (c.name, "") for c in changes if isinstance(c, Open)}
        known |= {
            i: (name, town) for i, name, town in base.practices[["name", "town"]].itertuples()
        }
        closed = {c.practice: known[c.practice] for c in changes if isinstance(c, Close)}
        among = pd.DataFrame.from_dict(closed, orient="index", columns=["name", "town"], dtype=str)
        ids = {find_practice(among, wanted) for wanted in practices}
        kept = tuple(
            c for c in self.scenario.changes if not (isinstance(c, Close) and c.practice in ids)
        )
        return base.under(replace(self.scenario, changes=kept)) if kept else base

    def under(self, scenario: Scenario) -> "Study":
        """Put a scenario on top of this study.

        Parameters
        ----------
        scenario
            Practices by id or name.

        Returns
        -------
        Study
            Named after it.

        Raises
        ------
        SchemaError
            As for the single changes.
        """
        if not scenario.changes:
            return self
        changed = self.change(*scenario.changes)
        named = replace(scenario, changes=changed.scenario.changes)
        return replace(changed, scenario=named)

    def change(self, *changes: Change) -> "Study":
        """Make changes on top of those already made; the single ones are easier to call."""
        if not changes:
            return self
        for change in changes:
            check_date(change.date)
            self._check_rule(change.date)
        base = self.baseline or self
        changes, practices = apply_changes(self.practices, changes, self.municipalities)
        scenario = replace(self.scenario, changes=(*self.scenario.changes, *changes))
        return replace(self, practices=practices, scenario=scenario, baseline=base)

    def _closing_date(self, practice: str) -> datetime.date | None:
        stated = self.practices.get("closing_date", pd.Series(dtype=str)).get(practice)
        date = datetime.date.fromisoformat(stated) if stated and pd.notna(stated) else None
        return date if date is None or is_month_end(date) else None

    def _check_rule(self, date: datetime.date | None) -> None:
        """Refuse a day before the study's, or on which another rule is in force."""
        last = self.rules.valid_to or datetime.date.max
        if date is not None and not self.date <= date <= last:
            until = f", and the rule '{self.rules.name}' ends on {last}" if date > last else ""
            msg = f"{date} does not fit the study: it is about {self.date}{until}. Change the date, or the study's."
            raise SchemaError(msg)


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
    listed = read_municipality_list(inputs["municipalities"])
    records = [record_input("municipalities", inputs["municipalities"], len(listed))]
    councils = pd.Series("", index=listed.index)
    if DIVISIONS in table["inputs"]:
        divided = path.parent / table["inputs"][DIVISIONS]
        groups = read_divisions(divided, table["date"]).reindex(listed["code"], fill_value="")
        listed, councils = _regroup(divided, listed, groups)
        records.append(record_input(DIVISIONS, divided, len(listed)))
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
