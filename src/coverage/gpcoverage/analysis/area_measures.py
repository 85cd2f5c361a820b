"""What is counted in an area: its people, its practices and their doctors."""

import datetime
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.analysis.retirement import doctors_ages
from gpcoverage.inputs.study import Study

SENIOR_AGE: Final = 60


class Members(NamedTuple):
    """Which points lie in which areas: positions, one pair per point and area."""

    point: NDArray[np.int64]
    area: NDArray[np.int64]


def members(points: NDArray[np.object_], polygons: NDArray[np.object_]) -> Members:
    """Find which points lie in which polygons.

    Parameters
    ----------
    points, polygons
        Shapely geometries in one reference system.

    Returns
    -------
    Members
        A point inside several is in all of them; one on borders only is in the first that it
        touches, so that adjoining areas count nobody twice.
    """
    tree = shapely.STRtree(points)
    area, point = tree.query(polygons, predicate="contains_properly")
    # By twos: what touches without lying inside is on a border.
    touched_area, touched = tree.query(polygons, predicate="intersects")
    on_border = ~np.isin(touched, point)
    first = pd.Series(touched_area[on_border]).groupby(touched[on_border]).min()
    points_of = np.concatenate([point, first.index.to_numpy(dtype=np.int64)])
    areas_of = np.concatenate([area, first.to_numpy(dtype=np.int64)])
    order = np.lexsort((areas_of, points_of))
    return Members(points_of[order], areas_of[order])


def by_code(codes: pd.Series, index: pd.Index) -> Members:
    """Say which points lie in which municipalities by their codes."""
    area = index.get_indexer(codes)
    point = np.flatnonzero(area >= 0)
    return Members(point, area[point].astype(np.int64))


def count_people(homes: gpd.GeoDataFrame, at: Members, areas: int) -> dict[str, Any]:
    """Count the people of each area; those with few choices also were the network wrong.

    Parameters
    ----------
    homes
        As in a choice check.
    at
        Which homes lie in which areas.
    areas
        How many areas there are.

    Returns
    -------
    dict
        ``population``, ``few_choices``, ``few_surely`` and ``few_possibly``: ``float64 (areas)``.
    """
    few = (homes["status"] != "choice").to_numpy()
    sure = (homes["certainty"] == "certain").to_numpy()
    people = homes["population"].to_numpy()[at.point]
    of_homes = {
        "population": np.ones(len(homes), dtype=bool),
        "few_choices": few,
        "few_surely": few & sure,
        "few_possibly": few | ~sure,
    }
    return {
        name: np.bincount(at.area, people * counted[at.point], areas)
        for name, counted in of_homes.items()
    }


def count_doctors(study: Study, at: Members, areas: int) -> dict[str, Any]:
    """Count the practices of each area and their doctors; parameters as for :func:`count_people`.

    Returns
    -------
    dict
        ``practices``, ``closed_practices``, ``doctors``, ``doctors_unknown`` (practices that do
        not say), ``doctors_of_known_age``, ``doctors_over_60``.
    """
    practices = study.practices
    known, senior = _ages(practices, study.date)
    columns = {
        "practices": np.ones(len(practices)),
        "closed_practices": (~practices["open"]).to_numpy(dtype=float),
        "doctors": practices["doctors"].fillna(0.0).to_numpy(dtype=float),
        "doctors_unknown": practices["doctors"].isna().to_numpy(dtype=float),
        "doctors_of_known_age": known,
        "doctors_over_60": senior,
    }
    sums = {name: np.bincount(at.area, v[at.point], areas) for name, v in columns.items()}
    return {name: v if name == "doctors" else v.astype(np.int64) for name, v in sums.items()}


def _ages(
    practices: gpd.GeoDataFrame, date: datetime.date
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count doctors of known age, and those who by their birth year have turned 60 for certain."""
    age = doctors_ages(practices, date.year)
    at = age.index.to_numpy(dtype=np.int64)
    senior = (age > SENIOR_AGE).to_numpy(dtype=float)
    return (
        np.bincount(at, minlength=len(practices)).astype(float),
        np.bincount(at, senior, len(practices)).astype(float),
    )


def measures(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Work the four measures out from what was counted; NaN where nobody knows."""
    residents = share(table["population"], table["doctors"])
    residents = residents.mask((table["doctors"] == 0) & (table["population"] > 0), np.inf)
    return {
        "few_choices_share": share(table["few_choices"], table["population"]),
        "residents_per_doctor": residents.mask(table["doctors_unknown"] > 0),
        "closed_share": share(table["closed_practices"], table["practices"]),
        "doctors_over_60_share": share(table["doctors_over_60"], table["doctors_of_known_age"]),
    }


def share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Give a share; NaN of nothing."""
    return part / whole.where(whole > 0)
