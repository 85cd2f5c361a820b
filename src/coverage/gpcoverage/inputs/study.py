"""A study: the area, the day, the inputs and the rule; ``study_file`` reads and checks them.

A study is a value. It never changes; a change makes a new one.
"""

import datetime
import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.areas import AreaSource
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.rules import Rules
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
