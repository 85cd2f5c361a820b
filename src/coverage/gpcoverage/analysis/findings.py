"""What a check finds: the words for it, and the form that all checks share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.inputs.study import Study
from gpcoverage.units import CRS_METRES

Severity = Literal["fault", "doubt", "note"]
PlaceKind = Literal["practice", "home", "municipality"]
SEVERITIES: Final[tuple[Severity, ...]] = ("fault", "doubt", "note")
"""Worst first. ``fault``: cannot be right; ``doubt``: look at it; ``note``: good to know."""

PLACE_COLUMNS: Final = ["kind", "id", "name", "value", "other", "geometry"]


class Check(NamedTuple):
    """What a check is about: its topic, what it finds in a few words, and what it counts."""

    topic: Literal["inputs", "municipalities", "homes", "practices"]
    what: str
    unit: str


CHECKS: Final = {
    "modelled": Check("inputs", "the practices are partly modelled: what is found among them says nothing about real ones", ""),
    "no_references": Check("inputs", "no reference figures were given: area, practices and doctors are not compared", ""),
    "left_out": Check("inputs", "rows were left out", "rows"),
    "municipality_missing": Check("municipalities", "municipalities of Denmark are not in the list: practices there count for nobody", "municipalities"),
    "municipality_unknown": Check("municipalities", "codes in the list are no municipality of Denmark", "municipalities"),
    "area_total": Check("municipalities", "the municipalities' area differs from the official one", "km²"),
    "overlap": Check("municipalities", "municipalities overlap", "km²"),
    "gap": Check("municipalities", "neighbours run less than {limit} m apart without meeting: the strip between them belongs to nobody", "km"),
    "people_off": Check("homes", "the homes of some municipalities hold over {limit} % more or fewer people than the list says", "people"),
    "people_not_placed": Check("homes", "people are left out: the homes' file has too few addresses", "people"),
    "home_at_sea": Check("homes", "homes lie more than {limit} m outside every municipality", "homes"),
    "homes_at_one_point": Check("homes", "homes share their point with others", "homes"),
    "crowded_point": Check("homes", "more than {limit} people live at one point", "people"),
    "crowded_square": Check("homes", "more than {limit} people live on one square kilometre", "people per km²"),
    "practices_off": Check("practices", "the number of practices differs from the reference", "practices"),
    "doctors_off": Check("practices", "the number of doctors differs from the reference", "doctors"),
    "patients_per_doctor_off": Check("practices", "patients per doctor differ from the reference", "patients"),
    "open_share_off": Check("practices", "the share of open practices differs from the reference", "share"),
    "closed_share_off": Check("practices", "the share of closed practices differs from the reference", "share"),
    "no_practice": Check("practices", "municipalities of the area have no practice in the file", "municipalities"),
    "no_practice_beside": Check("practices", "municipalities beside the area have no practice in the file: people at the border seem to have less choice than they do", "municipalities"),
    "all_closed": Check("practices", "all practices of a municipality are closed for intake", "municipalities"),
    "residents_per_doctor": Check("practices", "under half or over twice the country's {limit} people per doctor", "municipalities"),
    "many_doctors": Check("practices", "more than {limit} doctors in one practice", "practices"),
    "no_doctors": Check("practices", "practices without any doctor", "practices"),
    "long_list": Check("practices", "more than {limit} patients per doctor", "practices"),
    "short_list": Check("practices", "fewer than {limit} patients per doctor: a new clinic, a small island, or digits are missing", "practices"),
    "unknown_doctors": Check("practices", "the number of doctors is not given", "practices"),
    "unknown_lists": Check("practices", "the list size is not given", "practices"),
    "closing_soon": Check("practices", "practices close within {limit} months of the study's date", "practices"),
    "twins": Check("practices", "practices at one place have the same or nearly the same name", "practices"),
    "same_name": Check("practices", "practices in one town have the same name, at different places", "practices"),
    "address_apart": Check("practices", "practices at one address lie apart: one of the places is wrong", "practices"),
    "address_shared": Check("practices", "practices share an address", "practices"),
    "practice_at_sea": Check("practices", "practices lie more than {limit} m outside every municipality", "practices"),
    "practice_elsewhere": Check("practices", "practices lie in another municipality, more than {limit} m outside the one they state", "practices"),
    "at_centroid": Check("practices", "practices lie within {limit} m of the middle of their municipality: the place looks guessed", "practices"),
    "addresses_at_one_point": Check("practices", "practices with different addresses have exactly one place: it looks like that of a postcode or town", "practices"),
    "places_without_address": Check("practices", "practices share a place, and no address says whether they stand there: it may be the town's", "practices"),
}  # fmt: skip
"""Every check, in the order in which the findings of one severity are told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Attributes
    ----------
    check
        Key of ``CHECKS``.
    severity
        ``fault``, ``doubt`` or ``note``.
    subject
        The region, municipalities or file it is about; empty for the whole study.
    expected, found
        In the check's unit; NaN where there is nothing to compare with.
    source
        Where ``expected`` comes from, with its date; empty if it is the check's own threshold.
    places
        Columns ``PLACE_COLUMNS``; EPSG:25832. ``value`` and ``other`` say why, in the place's own
        terms. None if it has no places.
    limit
        The check's threshold, as its words in ``CHECKS`` name it; NaN if they name none.
    """

    check: str
    severity: Severity
    subject: str = ""
    expected: float = math.nan
    found: float = math.nan
    source: str = ""
    places: gpd.GeoDataFrame | None = None
    limit: float = math.nan


def make_places(
    frame: gpd.GeoDataFrame,
    kind: PlaceKind,
    *,
    value: NDArray[np.float64] | pd.Series | float = math.nan,
    other: Sequence[str] | pd.Series | str = "",
) -> gpd.GeoDataFrame:
    """Make the places of a finding, sorted by id.

    Parameters
    ----------
    frame
        Practices or homes (the index is the id) or municipalities; only those found.
    kind
        Which of them.
    value
        A figure that says why, in the frame's order: metres from land, people, patients.
    other
        Text that says why: the name of a twin, a date.

    Returns
    -------
    GeoDataFrame
        Columns ``PLACE_COLUMNS``, EPSG:25832; municipalities as a point inside.
    """
    points = frame.geometry.to_numpy()
    if kind == "municipality":
        points = shapely.point_on_surface(points)
    table = pd.DataFrame({"kind": kind, "id": frame.index.astype(str)})
    if kind == "municipality":
        table["id"] = frame["code"].to_numpy()
    table["name"] = frame["name"].to_numpy() if "name" in frame else ""
    table["value"] = np.broadcast_to(np.asarray(value, dtype=np.float64), len(frame))
    table["other"] = other if isinstance(other, str) else list(other)
    places = gpd.GeoDataFrame(table, geometry=points, crs=CRS_METRES)[PLACE_COLUMNS]
    return places.sort_values(["id", "other", "value"], kind="stable").reset_index(drop=True)


def metres_from_land(
    shapes: NDArray[np.object_], municipalities: gpd.GeoDataFrame
) -> NDArray[np.float64]:
    """Measure how far shapes lie outside all municipalities.

    Parameters
    ----------
    shapes
        Points or squares, EPSG:25832.
    municipalities
        As the study holds them.

    Returns
    -------
    ndarray
        Metres in the plane of EPSG:25832, one per shape; 0 where a shape touches one.
    """
    land = municipalities.geometry.to_numpy()
    metres = np.zeros(len(shapes))
    ashore = shapely.STRtree(shapes).query(land, predicate="intersects")[1]
    afloat = np.setdiff1d(np.arange(len(shapes)), ashore)
    if len(afloat):
        found, away = shapely.STRtree(land).query_nearest(
            shapes[afloat], return_distance=True, all_matches=False
        )
        metres[afloat[found[0]]] = away
    return metres


def input_file(study: Study, role: str) -> str:
    """Name the file of a role; empty if the study was not read from files."""
    return next((record.file for record in study.inputs if record.role == role), "")


def tabulate(findings: Sequence[Finding]) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Put findings into frames, worst first.

    Parameters
    ----------
    findings
        In any order.

    Returns
    -------
    findings
        ``topic``, ``check``, ``severity``, ``subject``, ``what``, ``expected``, ``found``,
        ``unit``, ``limit``, ``source``, ``ids`` (tuple of the places' ids).
    places
        ``finding`` (row in the other frame) and ``PLACE_COLUMNS``; EPSG:25832.
    """
    order = list(CHECKS)
    ordered = sorted(
        findings,
        key=lambda f: (SEVERITIES.index(f.severity), order.index(f.check), f.subject, f.source),
    )
    table = pd.DataFrame(
        [_row(finding) for finding in ordered],
        columns=["topic", "check", "severity", "subject", "what", "expected", "found", "unit", "limit", "source", "ids"],
    )  # fmt: skip
    empty = gpd.GeoDataFrame(columns=PLACE_COLUMNS, geometry="geometry", crs=CRS_METRES)
    placed = [
        finding.places.assign(finding=row)
        for row, finding in enumerate(ordered)
        if finding.places is not None and len(finding.places)
    ]
    places = pd.concat(placed, ignore_index=True) if placed else empty.assign(finding=0)
    return table, places[["finding", *PLACE_COLUMNS]]


def _row(finding: Finding) -> dict[str, Any]:
    check = CHECKS[finding.check]
    return {
        "topic": check.topic,
        "check": finding.check,
        "severity": finding.severity,
        "subject": finding.subject,
        "what": check.what.format(limit=f"{finding.limit:,.0f}"),
        "expected": finding.expected,
        "found": finding.found,
        "unit": check.unit,
        "limit": finding.limit,
        "source": finding.source,
        "ids": () if finding.places is None else tuple(dict.fromkeys(finding.places["id"])),
    }
