"""Shortage areas: those that somebody designated, and those that a stated criterion computes.

The two are never mixed up: a designation is a dated fact with a source, a computed area is what a
criterion of the study's own gives on its day. :func:`compare_areas` says where they disagree.
"""

import datetime
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.analysis.area_measures import (
    Members,
    by_code,
    count_doctors,
    count_people,
    measures,
    members,
    share,
)
from gpcoverage.analysis.choice import PEOPLE_TOLERANCE, Choice
from gpcoverage.errors import CrsError, DataIntegrityError, SchemaError
from gpcoverage.inputs.areas import Criterion
from gpcoverage.inputs.designations import TABLE, read_designations, standing
from gpcoverage.inputs.study import Study
from gpcoverage.units import CRS_METRES

AGREEMENTS: Final = ("both", "only_computed", "only_designated", "part", "neither", "unknown")
SHORTAGE_KINDS: Final = ("national", "regional", "")
"""Kinds of designations that make a shortage area; empty: the source does not say which of the two."""
SLACK: Final = 1e-9
"""A sum of fractions is off by so little at most, as a share of it: it may not decide."""


@dataclass(frozen=True, slots=True, eq=False)
class ComputedAreas:
    """What a criterion gives.

    Attributes
    ----------
    choice
        The choice check behind it.
    criterion
        As stated.
    of_municipalities
        Whether the areas are the municipalities of the study.
    areas
        GeoDataFrame (EPSG:25832) indexed by municipality code or name, sorted: ``name``,
        ``population``, ``few_choices`` (people with fewer open choices than the rule asks for),
        ``practices``, ``closed_practices``, ``doctors``, ``doctors_unknown`` (practices that do not
        say how many), ``doctors_of_known_age``, ``doctors_over_60``, the four measures (NaN where
        nobody knows), ``computed`` (yes, no, or unknown where a measure that matters is),
        ``certainty`` (certain if the network's error changes nothing), ``geometry``.
    homes
        Which homes lie in which areas.
    outside
        Homes in no area: ``municipality_code`` and ``population``.
    """

    choice: Choice
    criterion: Criterion
    of_municipalities: bool
    areas: gpd.GeoDataFrame
    homes: Members
    outside: pd.DataFrame


def designated(
    study: Study, date: datetime.date | None = None, areas: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Give the designations that hold on a day, or may, in the study's area.

    Parameters
    ----------
    study
        Its ``areas.designations`` is read; none gives no rows.
    date
        The study's by default.
    areas
        Areas of the study's own by name: a designation whose ``place`` is one of these names is
        drawn there.

    Returns
    -------
    GeoDataFrame
        EPSG:25832, indexed by ``area_id``: the columns of ``Designations`` (codes of the study's area only),
        ``standing`` (in_force, or unknown where the source does not say whether it holds that
        day), ``geometry`` (None where the source does not say which area). Designations that
        ended, or came later, are not in it.

    Raises
    ------
    SchemaError
        With every fault of the table.
    """
    path = None if study.areas is None else study.areas.designations
    if path is None:
        columns = [*(column.name for column in TABLE), "standing", "geometry"]
        empty: dict[str, list[str]] = {name: [] for name in columns if name != "area_id"}
        return gpd.GeoDataFrame(empty, crs=CRS_METRES).rename_axis("area_id")
    frame = read_designations(path, set(study.municipalities["code"])).frame
    frame = frame.assign(standing=standing(frame, date or study.date))
    here = set(study.municipality_codes)
    stated = frame["municipality_codes"]
    cut = stated.map(lambda codes: tuple(code for code in codes if code in here))
    among = frame["within"].map(lambda codes: not codes or bool(here & set(codes)))
    shown = (cut.map(len) > 0) | ((stated.map(len) == 0) & among)
    shown &= frame["standing"].isin(("in_force", "unknown"))
    frame = frame.assign(municipality_codes=cut)[shown]
    shapes = study.municipalities.set_index("code").geometry
    own = {} if areas is None else dict(areas.geometry.items())
    drawn = [
        shapely.union_all(shapes.loc[list(codes)].to_numpy()) if codes else own.get(place)
        for codes, place in zip(frame["municipality_codes"], frame["place"], strict=True)
    ]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(drawn, frame.index), crs=CRS_METRES)


def computed(
    choice: Choice, criterion: Criterion, areas: gpd.GeoDataFrame | None = None
) -> ComputedAreas:
    """Find the areas that a criterion makes short of doctors.

    Parameters
    ----------
    choice
        A choice check.
    criterion
        What makes an area short of doctors.
    areas
        Polygons indexed by name, as ``inputs.areas.read_areas`` gives them; the municipalities of
        the study by default. They may overlap: whoever lives in two is counted in both.

    Returns
    -------
    ComputedAreas
        Doctors and practices are those that lie in an area, whoever uses them.

    Raises
    ------
    CrsError
        If the areas state no coordinate reference system.
    SchemaError
        If two areas have one name.
    DataIntegrityError
        If people are lost between homes and areas.
    """
    study = choice.study
    if areas is None:
        table = study.area.set_index("code")[["name", "geometry"]].sort_index()
        homes = by_code(choice.homes["municipality_code"], table.index)
        practices = by_code(study.practices["municipality_code"], table.index)
    else:
        table = _named(areas)
        shapes = table.geometry.to_numpy()
        homes = members(choice.homes.geometry.to_numpy(), shapes)
        practices = members(study.practices.geometry.to_numpy(), shapes)
    # Not named as a column is: an area's name is also its id where the analyst brought it.
    table = table.rename_axis("area_id").assign(
        **count_people(choice.homes, homes, len(table)),
        **count_doctors(study, practices, len(table)),
    )
    table = table.assign(**measures(table))
    low, high = (
        share(table[bound], table["population"]) for bound in ("few_surely", "few_possibly")
    )
    answer = evaluate(table, criterion)
    same = pd.Series(data=True, index=table.index)
    for bound in (low, high):
        same &= evaluate(table.assign(few_choices_share=bound), criterion) == answer
    table = table.assign(computed=answer, certainty=np.where(same, "certain", "uncertain"))
    table = table.drop(columns=["few_surely", "few_possibly"])
    inside = np.isin(np.arange(len(choice.homes)), homes.point)
    outside = pd.DataFrame(choice.homes.loc[~inside, ["municipality_code", "population"]])
    _check_people(choice, homes, table, outside)
    return ComputedAreas(choice, criterion, areas is None, table, homes, outside)


def evaluate(table: pd.DataFrame, criterion: Criterion) -> pd.Series:
    """Judge areas by their measures.

    Parameters
    ----------
    table
        The measures of the criterion; NaN where nobody knows.
    criterion
        Thresholds, reached from the threshold itself on.

    Returns
    -------
    Series
        ``yes``, ``no``, or ``unknown`` where what is not known decides.
    """
    reached = [
        np.where(np.isnan(table[name]), 0.5, table[name] >= threshold * (1 - SLACK))
        for name, threshold in criterion.thresholds.items()
    ]
    together = np.max(reached, axis=0) if criterion.combine == "any" else np.min(reached, axis=0)
    states = np.select([together == 1.0, together == 0.0], ["yes", "no"], "unknown")
    return pd.Series(states.astype(object), index=table.index)


def compare_areas(result: ComputedAreas, designations: gpd.GeoDataFrame) -> pd.DataFrame:
    """Say where computed and designated areas disagree.

    Parameters
    ----------
    result
        The computed areas.
    designations
        As :func:`designated` gives them; those of ``SHORTAGE_KINDS`` are compared, and only where
        the source says which area is meant.

    Returns
    -------
    DataFrame
        On the index of ``result.areas``: ``people_designated`` (who live in a designated area),
        ``designated`` (all, part or none of them), ``agreement`` (both, only_computed,
        only_designated, part, neither, unknown), ``designations`` and ``other_designations`` (ids
        of those that touch it: of shortage areas, and of the other kinds).
    """
    areas, homes = result.areas, result.choice.homes
    people = homes["population"].to_numpy()[result.homes.point]
    in_any = homes_designated(result.choice, designations)[result.homes.point]
    total = np.bincount(result.homes.area, people, len(areas))
    inside = np.bincount(result.homes.area, people * in_any, len(areas))
    none, whole = inside <= SLACK * total, inside >= total * (1 - SLACK)
    part = np.select([none, whole], ["none", "all"], "part")
    state = areas["computed"].to_numpy()
    agreement = np.select(
        [part == "part", state == "unknown", (state == "yes") & whole & ~none, state == "yes", ~none],
        ["part", "unknown", "both", "only_computed", "only_designated"],
        "neither",
    )  # fmt: skip
    compared = designations["kind"].isin(SHORTAGE_KINDS)
    return pd.DataFrame(
        {
            "people_designated": inside,
            "designated": part.astype(object),
            "agreement": agreement.astype(object),
            "designations": _touching(result, designations[compared]),
            "other_designations": _touching(result, designations[~compared]),
        },
        index=areas.index,
    )


def homes_designated(choice: Choice, designations: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Say which homes lie in a designated shortage area: ``bool (homes)``."""
    compared = designations[designations["kind"].isin(SHORTAGE_KINDS)]
    inside = np.zeros(len(choice.homes), dtype=bool)
    for at in _homes_of_each(choice, compared):
        inside[at] = True
    return inside


def _named(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Sort areas by name, in metres: the order of the rows does not matter then."""
    if areas.crs is None:
        msg = "The areas state no coordinate reference system. Give one, for example EPSG:25832."
        raise CrsError(msg)
    double = sorted(set(areas.index[areas.index.duplicated()]))
    if double:
        msg = f"Several areas are called {', '.join(map(repr, double[:20]))}. Give each its own name, or join them."
        raise SchemaError(msg)
    metres = gpd.GeoDataFrame(geometry=areas.geometry).to_crs(CRS_METRES).sort_index()
    return metres.assign(name=metres.index)[["name", "geometry"]]


def _homes_of_each(choice: Choice, designations: gpd.GeoDataFrame) -> list[NDArray[np.int64]]:
    """Give the homes of each designation: by municipality where it names some, else by polygon."""
    codes, points = choice.homes["municipality_code"], choice.homes.geometry.to_numpy()
    homes = []
    for stated, shape in zip(
        designations["municipality_codes"], designations.geometry, strict=True
    ):
        if stated:
            homes.append(np.flatnonzero(codes.isin(stated)))
        elif shape is not None:
            homes.append(members(points, np.array([shape], dtype=object)).point)
        else:
            homes.append(np.empty(0, dtype=np.int64))
    return homes


def _touching(result: ComputedAreas, designations: gpd.GeoDataFrame) -> list[str]:
    ids: list[list[str]] = [[] for _ in range(len(result.areas))]
    each = _homes_of_each(result.choice, designations)
    for name, homes in zip(designations.index, each, strict=True):
        of_pair = np.isin(result.homes.point, homes)
        for area in np.unique(result.homes.area[of_pair]):
            ids[area].append(str(name))
    return [", ".join(sorted(names)) for names in ids]


def _check_people(
    choice: Choice, homes: Members, table: pd.DataFrame, outside: pd.DataFrame
) -> None:
    """Refuse areas that do not hold the people of their homes, or lose some."""
    people = choice.homes["population"].to_numpy()
    times = np.bincount(homes.point, minlength=len(people))
    expected = float((people * np.maximum(times, 1)).sum())
    found = float(table["population"].sum() + outside["population"].sum())
    if abs(expected - found) > PEOPLE_TOLERANCE * max(1.0, expected):
        msg = f"{expected} people live in areas or outside all, and {found} were found; no result is given. Report this."
        raise DataIntegrityError(msg)
