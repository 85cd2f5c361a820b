"""Who can choose between enough open practices within the limit, and how sure that is."""

from dataclasses import dataclass
from typing import Final, Literal

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
from gpcoverage.errors import DataIntegrityError
from gpcoverage.inputs.study import Study
from gpcoverage.network import load_network
from gpcoverage.network.roads import RoadNetwork

Status = Literal["none", "one", "choice"]
STATUSES: Final[tuple[Status, ...]] = ("none", "one", "choice")
CERTAINTIES: Final = ("certain", "uncertain")

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
    reach_m = limit_m / (1.0 - roads.error_share)
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
    municipalities = _sum_municipalities(study, homes)
    _check_people(study, municipalities)
    return Choice(study, roads, homes, municipalities, distances)


def _judge_homes(
    study: Study, distances: DistanceTable, limit_m: NDArray[np.float64], error_share: float
) -> gpd.GeoDataFrame:
    is_open = study.practices["open"].to_numpy()
    counted = is_open | study.rules.closed_counts
    enough = study.rules.min_choices
    # Were every distance too short by the error, only practices within limit / (1 + error) are sure.
    low = distances.count_within(limit_m / (1.0 + error_share), counted)
    choices = distances.count_within(limit_m, counted)
    high = distances.count_within(limit_m / (1.0 - error_share), counted)
    status = _status(choices, enough)
    certain = (_status(low, enough) == status) & (_status(high, enough) == status)
    # Of a home that is not on the network nothing is known: the roads may be cut off there.
    certain &= distances.off_road == ""
    practice, metres = distances.nearest(2, counted)
    ids = np.array([*study.practices.index, None], dtype=object)[practice]  # -1 is the last
    return study.homes.assign(
        limit_m=limit_m,
        choices=choices,
        choices_low=low,
        choices_high=high,
        status=status,
        certainty=np.where(certain, *CERTAINTIES),
        closed_choices=distances.count_within(limit_m, ~is_open),
        nearest_id=ids[:, 0],
        nearest_m=metres[:, 0],
        second_id=ids[:, 1],
        second_m=metres[:, 1],
        access_m=distances.home_snaps.leg_m,
        reason=_reasons(distances, metres, int(counted.sum())),
    )


def _status(choices: NDArray[np.int64], enough: int) -> NDArray[np.object_]:
    return np.select(
        [choices >= enough, choices > 0], [STATUSES[2], STATUSES[1]], STATUSES[0]
    ).astype(object)


def _reasons(
    distances: DistanceTable, metres: NDArray[np.float64], practices: int
) -> NDArray[np.object_]:
    if practices == 0:
        return np.full(len(metres), NO_PRACTICE, dtype=object)
    missing = np.isnan(metres)
    on_road = np.select(
        [missing[:, 0], missing[:, 1]], [NO_ROAD_TO_ANY, ONE_PRACTICE_ONLY], ""
    ).astype(object)
    return np.where(distances.off_road == "", on_road, distances.off_road)


def _sum_municipalities(study: Study, homes: gpd.GeoDataFrame) -> pd.DataFrame:
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
            "nearest_mean_m": _mean(homes, "nearest_m"),
            "second_mean_m": _mean(homes, "second_m"),
        },
        index=area.index,
    )
    means = ["nearest_mean_m", "second_mean_m"]
    counts = table.columns.difference(["name", "region", *means])
    return table.assign(**{column: table[column].fillna(0) for column in counts}).astype(
        {"practices": "int64", "open_practices": "int64"}
    )


def _mean(homes: gpd.GeoDataFrame, column: str) -> pd.Series:
    known = homes[homes[column].notna()]
    people = known.groupby("municipality_code")["population"].sum()
    metres = (known[column] * known["population"]).groupby(known["municipality_code"]).sum()
    return metres / people.where(people > 0)


def _check_people(study: Study, municipalities: pd.DataFrame) -> None:
    """Refuse totals that do not add up to the people of the homes."""
    came_in = float(study.homes["population"].sum())
    columns = [f"{status}_{certainty}" for status in STATUSES for certainty in CERTAINTIES]
    went_out = float(municipalities[columns].to_numpy().sum())
    if abs(came_in - went_out) > PEOPLE_TOLERANCE * max(1.0, came_in):
        msg = (
            f"{came_in} people came in and {went_out} went out; no result is given. "
            "Check that every home's municipality_code is in the study's area."
        )
        raise DataIntegrityError(msg)
