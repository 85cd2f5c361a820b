"""Who can choose between enough open practices within the limit, and how sure that is."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.distance import (
    NO_PRACTICE,
    NO_ROAD_TO_ANY,
    DistanceTable,
    compute_distances,
)
from gpcoverage.analysis.grouped import group_means
from gpcoverage.errors import DataIntegrityError
from gpcoverage.inputs.study import Study
from gpcoverage.network import load_network
from gpcoverage.network.roads import RoadNetwork

Status = Literal["none", "one", "choice"]
STATUSES: Final[tuple[Status, ...]] = ("none", "one", "choice")
CERTAINTIES: Final = ("certain", "uncertain")
KINDS: Final = tuple(f"{status}_{certainty}" for status in STATUSES for certainty in CERTAINTIES)
"""Columns of people by status and certainty."""

ONE_PRACTICE_ONLY: Final = "roads lead to one open practice only"

PEOPLE_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The answer for every home and every municipality.

    Attributes
    ----------
    study
        What was asked.
    network
        The roads it was measured on.
    homes
        GeoDataFrame (EPSG:25832) indexed by ``home_id``, one row per home of the study:
        ``municipality_code``, ``population``, ``limit_m``, ``choices`` (practices within the
        limit that count by the rule: open ones, unless ``closed_counts``), ``choices_low`` and ``choices_high`` (if every distance were longer or shorter
        by the network's error), ``status`` (none, one, choice), ``certainty`` (certain if all
        three counts give one status), ``closed_choices`` (closed practices within the limit),
        ``nearest_id``, ``nearest_m``, ``second_id``, ``second_m`` (practices that count, however far;
        NaN where there is none), ``access_m``, ``reason`` (why a distance is missing).
    municipalities
        One row per municipality of the area, by code: ``name``, ``region``, ``population``, then
        people by status and certainty (``none_certain`` …), ``practices``, ``open_practices``,
        ``nearest_mean_m`` and ``second_mean_m`` (weighted by people who have one).
    distances
        The distances behind it.
    """

    study: Study
    network: RoadNetwork
    homes: gpd.GeoDataFrame
    municipalities: pd.DataFrame
    distances: DistanceTable

    def practices_off_road(self, *, beyond: bool = False) -> pd.Series:
        """List the practices that are not on the network, and so count for nobody.

        Parameters
        ----------
        beyond
            Those beyond the area instead of those in it: a network seldom reaches all of them.

        Returns
        -------
        Series
            The reason, indexed by practice id.
        """
        reasons = pd.Series(self.distances.practice_off_road, index=self.distances.practice_ids)
        inside = self.study.practices["municipality_code"].isin(self.study.municipality_codes)
        return reasons[(inside != beyond) & (reasons != "")]


def compute_choice(
    study: Study, network: RoadNetwork | None = None, *, threads: int | None = None
) -> Choice:
    """Check who can choose between enough open practices within the limit.

    Parameters
    ----------
    study
        The study. All its practices count, also those beyond its area.
    network
        The roads; built from the study's road source by default. Its ferries count or not as the
        study says.
    threads
        All processors by default; the result does not depend on it.

    Returns
    -------
    Choice

    Raises
    ------
    SchemaError, NetworkError
        If the roads cannot be built.
    DataIntegrityError
        If people are lost between homes and totals.

    Examples
    --------
    >>> from gpcoverage import compute_choice, load_study
    >>> choice = compute_choice(load_study("data/midtjylland.toml"))  # doctest: +SKIP
    """
    roads = network or load_network(study.roads)
    if study.roads.ferries == "exclude":
        roads = roads.without_ferries()
    limit_m = study.rules.limits_m(study.homes["municipality_code"]).to_numpy()
    # The terrain model is made of land cells: there a leg cannot lead over water unseen.
    land = study.municipalities.geometry.to_numpy() if roads.kind == "osm" else None
    _, reach_m = band(limit_m, roads.error_share)
    distances = compute_distances(
        study.homes,
        study.practices,
        roads,
        reach_m,
        max_leg_m=study.roads.max_leg_m,
        land=land,
        threads=threads,
    )
    homes = _judge_homes(study, distances, limit_m, roads.error_share)
    municipalities = sum_municipalities(study, homes, study.municipality_codes)
    check_people(study, municipalities)
    return Choice(study, roads, homes, municipalities, distances)


class Counts(NamedTuple):
    """Practices within the limit of homes, ``int64 (homes)``.

    Attributes
    ----------
    low, choices, high
        Those that count by the rule: were every distance longer by the error, as measured, were
        every distance shorter.
    closed
        Those closed for intake.
    """

    low: NDArray[np.int64]
    choices: NDArray[np.int64]
    high: NDArray[np.int64]
    closed: NDArray[np.int64]


def _judge_homes(
    study: Study, distances: DistanceTable, limit_m: NDArray[np.float64], error_share: float
) -> gpd.GeoDataFrame:
    low_m, high_m = band(limit_m, error_share)
    counts = Counts(
        low=distances.count_within(low_m, study.counted),
        choices=distances.count_within(limit_m, study.counted),
        high=distances.count_within(high_m, study.counted),
        closed=distances.count_within(limit_m, ~study.practices["open"].to_numpy()),
    )
    practice, metres = distances.nearest(2, study.counted)
    columns = judge(study, counts, practice, metres, distances.off_road)
    reason = columns.pop("reason")
    legs_m = distances.home_snaps.leg_m
    return study.homes.assign(limit_m=limit_m, **columns, access_m=legs_m, reason=reason)


def band(
    limit_m: NDArray[np.float64], error_share: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tell between which distances the error decides: surely within, and surely beyond.

    Were every distance too short by the error, only practices within limit / (1 + error) are sure.
    """
    return limit_m / (1.0 + error_share), limit_m / (1.0 - error_share)


def judge(
    study: Study,
    counts: Counts,
    practice: NDArray[np.int32],
    metres: NDArray[np.float64],
    off_road: NDArray[np.object_],
) -> dict[str, Any]:
    """Judge homes by what was counted and measured.

    Parameters
    ----------
    study
        Whose rule and practices hold.
    counts
        Practices within the limit.
    practice, metres
        ``(homes, 2)``: positions of the nearest and second practice that count, -1 for none, and
        their distances, NaN for none.
    off_road
        ``object (homes)``: why a home is not on the network; empty where it is.

    Returns
    -------
    dict
        Arrays: the columns of ``Choice.homes``, ``choices`` to ``second_m`` and ``reason``.
    """
    enough = study.rules.min_choices
    status = _status(counts.choices, enough)
    certain = (_status(counts.low, enough) == status) & (_status(counts.high, enough) == status)
    # Of a home that is not on the network nothing is known: the roads may be cut off there.
    certain &= off_road == ""
    ids = np.array([*study.practices.index, None], dtype=object)[practice]  # -1 is the last
    kind = study.practices.index.dtype  # told, so that a column without any id has it as well
    return {
        "choices": counts.choices,
        "choices_low": counts.low,
        "choices_high": counts.high,
        "status": status,
        "certainty": np.where(certain, *CERTAINTIES),
        "closed_choices": counts.closed,
        "nearest_id": pd.array(ids[:, 0], dtype=kind),
        "nearest_m": metres[:, 0],
        "second_id": pd.array(ids[:, 1], dtype=kind),
        "second_m": metres[:, 1],
        "reason": _reasons(off_road, metres, int(study.counted.sum())),
    }


def _status(choices: NDArray[np.int64], enough: int) -> NDArray[np.object_]:
    return np.select(
        [choices >= enough, choices > 0], [STATUSES[2], STATUSES[1]], STATUSES[0]
    ).astype(object)


def _reasons(
    off_road: NDArray[np.object_], metres: NDArray[np.float64], practices: int
) -> NDArray[np.object_]:
    if practices == 0:
        return np.full(len(metres), NO_PRACTICE, dtype=object)
    missing = np.isnan(metres)
    on_road = np.select(
        [missing[:, 0], missing[:, 1]], [NO_ROAD_TO_ANY, ONE_PRACTICE_ONLY], ""
    ).astype(object)
    return np.where(off_road == "", on_road, off_road)


def sum_municipalities(
    study: Study, homes: gpd.GeoDataFrame, codes: Collection[str]
) -> pd.DataFrame:
    """Sum homes up by municipality.

    Parameters
    ----------
    study
        Names and practices.
    homes
        As in ``Choice``: all homes of these municipalities, and no others.
    codes
        The municipalities.

    Returns
    -------
    DataFrame
        As ``Choice.municipalities``, with these rows.
    """
    by_code = homes.groupby("municipality_code")
    people = homes.pivot_table(
        index="municipality_code",
        columns=["status", "certainty"],
        values="population",
        aggfunc="sum",
        fill_value=0.0,
    )
    practices = study.practices.groupby("municipality_code")["open"].agg(["size", "sum"])
    area = study.area.set_index("code")
    area = area[area.index.isin(codes)]
    table = pd.DataFrame(
        {
            "name": area["name"],
            "region": area["region"],
            "population": by_code["population"].sum(),
            **{
                f"{status}_{certainty}": people.get((status, certainty), 0.0)
                for status in STATUSES
                for certainty in CERTAINTIES
            },
            "practices": practices["size"],
            "open_practices": practices["sum"],
            "nearest_mean_m": _mean(homes, "nearest_m", area.index),
            "second_mean_m": _mean(homes, "second_m", area.index),
        },
        index=area.index,
    )
    means = ["nearest_mean_m", "second_mean_m"]
    counts = table.columns.difference(["name", "region", *means])
    return table.assign(**{column: table[column].fillna(0) for column in counts}).astype(
        {"practices": "int64", "open_practices": "int64"}
    )


def _mean(homes: gpd.GeoDataFrame, column: str, codes: pd.Index) -> NDArray[np.float64]:
    """Average over people who have one; summed in the order of the homes, whoever else is there."""
    # Homes of no municipality of the area are found out by check_people.
    known = homes[homes[column].notna() & homes["municipality_code"].isin(codes)]
    group = codes.get_indexer(known["municipality_code"])
    people = known["population"].to_numpy()
    return group_means(group, known[column].to_numpy(), people, len(codes))


def check_people(study: Study, municipalities: pd.DataFrame) -> None:
    """Refuse totals that do not add up to the people of the homes.

    Parameters
    ----------
    study
        Whose homes came in.
    municipalities
        As ``Choice.municipalities``.

    Raises
    ------
    DataIntegrityError
        If they do not.
    """
    came_in = float(study.homes["population"].sum())
    went_out = float(municipalities[list(KINDS)].to_numpy().sum())
    if abs(came_in - went_out) > PEOPLE_TOLERANCE * max(1.0, came_in):
        msg = (
            f"{came_in} people came in and {went_out} went out; no result is given. "
            "Check that every home's municipality_code is in the study's area."
        )
        raise DataIntegrityError(msg)
