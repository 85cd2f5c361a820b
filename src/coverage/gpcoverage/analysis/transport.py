"""Transport instead of a clinic: patients who are driven to a practice, doctors who are driven to work.

Both are schemes that regions have planned or paid: patients who live farther than the limit from any
practice are fetched (Region Midtjylland's plan of 2008), and doctors are driven every day from a city
to practices that lack them (Aarhus to Struer, list of grants 2025). Told are kilometres, minutes and
people. On OpenStreetMap roads ways are the fastest ones by the speeds of ``network.weights``; the
terrain model has no classes of road: there they are the shortest ones, at one stated speed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.distance import DistanceTable, compute_distances
from gpcoverage.analysis.grouped import group_means
from gpcoverage.errors import NetworkError
from gpcoverage.inputs.ceilings import ASSUMED_PER_DOCTOR
from gpcoverage.network.search import prepare_search
from gpcoverage.network.weights import SPEEDS_KM_H, pack_limit, unpack
from gpcoverage.units import METRES_PER_KM

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPEED_KM_H: Final = SPEEDS_KM_H["land"]
"""On the terrain model: an assumption, like all speeds here; without congestion, stops or waiting."""

LONGEST_MIN: Final = 140.0
"""At 110 km/h that is 257 km; the packed numbers of a search by time hold 268."""

LONGEST_M: Final = 260_000.0
MIN_PER_H: Final = 60.0
NO_WAY: Final = "no road leads to any of the practices"
NO_STOP: Final = "no road leads to any stop"


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """What is assumed.

    Attributes
    ----------
    speed_km_h
        On the terrain model, which has no classes of road; not used on OpenStreetMap roads.
    beyond_m
        From which distance to the nearest practice on people are fetched, metres; None for each
        home's own limit.
    only_open
        Whether only practices that count as a choice by the rule are driven to; else all, as for people
        who are on a list already.
    people_per_doctor
        How many people a doctor stands for.
    """

    speed_km_h: float = SPEED_KM_H
    beyond_m: float | None = None
    only_open: bool = True
    people_per_doctor: float = ASSUMED_PER_DOCTOR

    def __post_init__(self) -> None:
        for name in ("speed_km_h", "people_per_doctor"):
            if not getattr(self, name) > 0:
                msg = f"Invalid {name} {getattr(self, name)}. Must be greater than 0."
                raise ValueError(msg)
        if self.beyond_m is not None and not self.beyond_m >= 0:
            msg = f"Invalid beyond_m {self.beyond_m}. Must be 0 or more, or None."
            raise ValueError(msg)


NO_OPTIONS: Final = TransportOptions()


@dataclass(frozen=True, slots=True, eq=False)
class PatientTransport:
    """People who live too far from any practice, fetched at a stop near them.

    Attributes
    ----------
    routes
        One row per stop and practice, most people first: ``place_id``, ``place``, ``practice_id``,
        ``practice``, ``people``, ``to_stop_mean_m`` (from home to stop), ``home_mean_m`` (from home
        to practice), and from the stop to the practice ``metres`` and ``minutes``, one way.
    homes
        The homes that are fetched: ``municipality_code``, ``population``, ``place_id``,
        ``practice_id``, ``to_stop_m``, ``nearest_m``.
    not_served
        Homes without any way to a practice, or to a stop: ``municipality_code``, ``population``,
        ``reason``.
    timing
        ``road classes`` or ``one speed``: where the minutes come from.
    """

    routes: pd.DataFrame
    homes: pd.DataFrame
    not_served: pd.DataFrame
    timing: str


@dataclass(frozen=True, slots=True, eq=False)
class Commute:
    """Doctors driven to work and home again on one day.

    Attributes
    ----------
    legs
        In the order of driving, out and back: ``direction`` (``out``, ``back``), ``start``, ``end``
        (place ids), ``metres``, ``minutes``, ``doctors`` on board.
    doctors
        How many are driven.
    people
        How many people they stand for.
    timing
        ``road classes`` or ``one speed``.
    """

    legs: pd.DataFrame
    doctors: int
    people: float
    timing: str

    @property
    def day_m(self) -> float:
        """Metres driven on a day, out and back."""
        return float(self.legs["metres"].sum())

    @property
    def day_min(self) -> float:
        """Minutes driven on a day, out and back; without stops."""
        return float(self.legs["minutes"].sum())


class Ways(NamedTuple):
    """How far and how long it is, pair by pair; NaN where there is no way."""

    metres: Floats
    minutes: Floats


def plan_patient_transport(
    choice: Choice, places: gpd.GeoDataFrame, options: TransportOptions = NO_OPTIONS
) -> PatientTransport:
    """Fetch the people who live too far from any practice.

    Parameters
    ----------
    choice
        The choice check; after a closure, that of the study afterwards.
    places
        Where the car may stop, as :func:`~gpcoverage.inputs.places.read_places` gives them. Everybody
        goes to the nearest by road, and from there to the practice that is nearest to their home.
    options
        What is assumed.

    Returns
    -------
    PatientTransport
        Who would use it is not known: these are the people who live so, not journeys.
    """
    homes = _nearest(choice, only_open=options.only_open)
    beyond_m = homes["limit_m"] if options.beyond_m is None else options.beyond_m
    lived_in = homes["population"] > 0
    far = homes[(homes["nearest_m"] > beyond_m) & lived_in]
    cut_off = homes[homes["nearest_m"].isna() & lived_in]
    table = _measure(choice, far, places, 0.0)
    stop, to_stop_m = (values[:, 0] for values in table.nearest(1, np.ones(len(places), bool)))
    fetched = pd.DataFrame(far[["municipality_code", "population"]]).assign(
        place_id=np.array([*places.index, None], dtype=object)[stop],
        practice_id=far["nearest_id"],
        to_stop_m=to_stop_m,
        nearest_m=far["nearest_m"],
    )
    lost = np.isnan(to_stop_m)
    not_served = pd.concat(
        [
            pd.DataFrame(frame[["municipality_code", "population"]]).assign(reason=reason)
            for frame, reason in ((cut_off, NO_WAY), (far[lost], NO_STOP))
        ]
    )
    fetched = fetched[~lost]
    routes = _routes(choice, places, fetched, options)
    return PatientTransport(routes, fetched, not_served, _timing(choice))


def plan_commute(
    choice: Choice,
    stops: gpd.GeoDataFrame,
    boarding: Mapping[str, int],
    options: TransportOptions = NO_OPTIONS,
) -> Commute:
    """Drive doctors to work and home again.

    Parameters
    ----------
    choice
        Whose roads are used.
    stops
        Places in the order of driving out: first where the car starts, last where the doctors work.
    boarding
        How many doctors get on, by place id; all get off at the last stop.
    options
        What is assumed.

    Returns
    -------
    Commute

    Raises
    ------
    ValueError
        If there are fewer than two stops, or one boards where the car does not stop on its way.
    NetworkError
        If no road leads from one stop to the next, or it takes more than 140 minutes.
    """
    unknown = sorted(set(boarding) - set(stops.index[:-1]))
    if len(stops) < 2 or unknown:  # noqa: PLR2004  a start and an end
        msg = f"Invalid stops or boarding {unknown}. Must be two stops or more, and doctors board before the last."
        raise ValueError(msg)
    one = np.arange(len(stops) - 1)
    there, back = _drive(choice, stops, stops, one, one + 1, options), _drive(choice, stops, stops, one + 1, one, options)  # fmt: skip
    metres = np.concatenate([there.metres, back.metres[::-1]])
    if np.isnan(metres).any():
        msg = f"no way of {LONGEST_MIN:.0f} minutes or less leads from one stop to the next, all along {', '.join(map(str, stops.index))}. Put a stop in between, or take a place on the same roads."
        raise NetworkError(msg)
    on_board = np.cumsum([boarding.get(place, 0) for place in stops.index[:-1]])
    ids = stops.index.to_numpy()
    legs = pd.DataFrame(
        {
            "direction": np.repeat(["out", "back"], len(one)),
            "start": np.concatenate([ids[:-1], ids[:0:-1]]),
            "end": np.concatenate([ids[1:], ids[-2::-1]]),
            "metres": metres,
            "minutes": np.concatenate([there.minutes, back.minutes[::-1]]),
            "doctors": np.concatenate([on_board, on_board[::-1]]),
        }
    )
    doctors = int(on_board[-1])
    return Commute(legs, doctors, doctors * options.people_per_doctor, _timing(choice))


def _nearest(choice: Choice, *, only_open: bool) -> gpd.GeoDataFrame:
    """Give the homes with their nearest practice: of those that count, or of all."""
    if only_open:
        return choice.homes
    practices = choice.study.practices.index
    practice, metres = choice.distances.nearest(1, np.ones(len(practices), dtype=bool))
    ids = np.array([*practices, None], dtype=object)[practice[:, 0]]
    return choice.homes.assign(nearest_id=ids, nearest_m=metres[:, 0])


def _timing(choice: Choice) -> str:
    return "one speed" if choice.network.kind == "terrain" else "road classes"


def _routes(
    choice: Choice, places: gpd.GeoDataFrame, fetched: pd.DataFrame, options: TransportOptions
) -> pd.DataFrame:
    keys = ["place_id", "practice_id"]
    grouped = fetched.groupby(keys, sort=True)
    routes = grouped["population"].sum().rename("people").reset_index()
    group = grouped.ngroup().to_numpy(dtype=np.int64)
    people = fetched["population"].to_numpy()
    practices = choice.study.practices
    to_stop, to_practice = (
        group_means(group, fetched[name].to_numpy(), people, len(routes))
        for name in ("to_stop_m", "nearest_m")
    )
    ways = _drive(
        choice,
        places,
        practices,
        places.index.get_indexer(routes["place_id"]),
        practices.index.get_indexer(routes["practice_id"]),
        options,
    )
    routes = routes.assign(
        place=places["name"].reindex(routes["place_id"]).to_numpy(),
        practice=practices["name"].reindex(routes["practice_id"]).to_numpy(),
        to_stop_mean_m=to_stop,
        home_mean_m=to_practice,
        metres=ways.metres,
        minutes=ways.minutes,
    )
    order = ["people", *keys]
    columns = ["place_id", "place", "practice_id", "practice", "people"]
    return routes.sort_values(order, ascending=[False, True, True], ignore_index=True)[
        [*columns, "to_stop_mean_m", "home_mean_m", "metres", "minutes"]
    ]


def _measure(
    choice: Choice, starts: gpd.GeoDataFrame, ends: gpd.GeoDataFrame, reach_m: float
) -> DistanceTable:
    study, roads = choice.study, choice.network
    land = study.municipalities.geometry.to_numpy() if roads.kind == "osm" else None
    reach = np.full(len(starts), reach_m)
    leg_m = study.roads.max_leg_m
    return compute_distances(starts, ends, roads, reach, max_leg_m=leg_m, land=land)


def _drive(
    choice: Choice,
    starts: gpd.GeoDataFrame,
    ends: gpd.GeoDataFrame,
    start: Ints,
    end: Ints,
    options: TransportOptions,
) -> Ways:
    """Drive from place to place, pair by pair; only those that are asked for are measured."""
    from_here, at_start = np.unique(start, return_inverse=True)
    to_there, at_end = np.unique(end, return_inverse=True)
    is_terrain = choice.network.kind == "terrain"
    table = _measure(
        choice, starts.iloc[from_here], ends.iloc[to_there], LONGEST_M if is_terrain else 0.0
    )
    found = table.found
    if not is_terrain:
        search = prepare_search(choice.network, table.home_snaps, table.practice_snaps, "time")
        found = search.within(pack_limit(np.full(len(from_here), LONGEST_MIN), "time"))
    cost = np.full((len(from_here), len(to_there)), np.nan)
    cost[found.home, found.practice] = found.cost
    pair = cost[at_start, at_end]
    if not is_terrain:
        return Ways(*unpack(pair, "time"))
    return Ways(pair, pair / METRES_PER_KM / options.speed_km_h * MIN_PER_H)
