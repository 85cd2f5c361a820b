"""Where practices are, and how many doctors work in each town.

Towns of more than 2,000 people, the largest town of every municipality and every town with a
stated practice have practices. Each region has its published number of doctors, scaled to the
country's total; they are shared over its municipalities by people, and within a municipality over
the towns by the geometric mean of a town's own people and those who have it nearest: part of the
countryside goes to the larger town. Stated numbers stand.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from example.zones import zones_of_towns

REGION_DOCTORS: Final = {
    "Hovedstaden": 1_033,
    "Midtjylland": 798,
    "Nordjylland": 285,
    "Sjælland": 435,
    "Syddanmark": 775,
}
"""General practitioners by region, winter 2019/20."""

COUNTRY_DOCTORS: Final = 3_400
MIN_TOWN: Final = 2_000
EXISTING: Final = ("practice", "implied")


@dataclass(frozen=True, slots=True)
class Landscape:
    """What the population model found.

    Attributes
    ----------
    cells
        With ``people``.
    zones, zone_of_cell
        As :func:`example.zones.divide` returns them.
    towns
        The cleaned settlements.
    built
        Which cells each town fills, nearest the centre first.
    """

    cells: pd.DataFrame
    zones: pd.DataFrame
    zone_of_cell: NDArray[np.int64]
    towns: pd.DataFrame
    built: pd.DataFrame


def practice_towns(
    landscape: Landscape, municipalities: pd.DataFrame, stated: pd.DataFrame
) -> pd.DataFrame:
    """Choose the towns with practices and give them doctors.

    Parameters
    ----------
    landscape
        Cells with people, towns.
    municipalities
        ``code``, ``region``, ``population_2024``.
    stated
        The rows of ``stated_practices.csv`` whose practice exists.

    Returns
    -------
    DataFrame
        The chosen rows of the towns with ``zone``, ``catchment`` (people who have it nearest),
        ``doctors`` and ``region``.
    """
    towns = landscape.towns.assign(
        zone=zones_of_towns(landscape.cells, landscape.zone_of_cell, landscape.towns)
    )
    named = pd.MultiIndex.from_frame(stated[["municipality_code", "town"]])
    is_stated = pd.MultiIndex.from_frame(towns[["municipality_code", "name"]]).isin(named)
    lost = named.difference(pd.MultiIndex.from_frame(towns[["municipality_code", "name"]]))
    if len(lost):
        msg = f"stated_practices.csv: no such town: {list(lost)}"
        raise ValueError(msg)
    largest = towns.groupby("municipality_code")["population"].transform("max")
    size = towns["population"]
    chosen = towns[is_stated | (size > MIN_TOWN) | (size == largest)]
    chosen = chosen[chosen["municipality_code"].isin(municipalities["code"])]
    chosen = chosen.assign(
        catchment=_catchments(landscape, chosen),
        region=chosen["municipality_code"].map(municipalities.set_index("code")["region"]),
    )
    return chosen.assign(doctors=_doctors(chosen, municipalities, _fixed_doctors(stated)))


def _catchments(landscape: Landscape, chosen: pd.DataFrame) -> NDArray[np.int64]:
    """Count the people nearest each town, within its municipality and on its side of the sea."""
    people = landscape.cells["people"].to_numpy()
    total = pd.Series(0, index=chosen.index)
    for zone, (code, island, _) in enumerate(landscape.zones.itertuples(index=False)):
        inside = np.flatnonzero(landscape.zone_of_cell == zone)
        own = chosen[chosen["zone"] == zone]
        if own.empty:  # an island without a practice sails to the main part
            main = landscape.zones.query("municipality_code == @code and island == ''").index[0]
            own = chosen[chosen["zone"] == main]
        if own.empty:
            msg = f"no town with a practice for {code} {island}"
            raise ValueError(msg)
        points = landscape.cells.loc[inside, ["x", "y"]]
        nearest = cKDTree(own[["x", "y"]]).query(points)[1]
        total[own.index] += np.bincount(nearest, people[inside], len(own)).astype(np.int64)
    return np.asarray(total)


def _fixed_doctors(stated: pd.DataFrame) -> pd.Series:
    """Add up the doctors of the towns whose practices are all stated, with their doctors."""
    number = stated["doctors"].where(stated["doctors"] != "", stated["assumed_doctors"])
    known = (number != "") & (stated["complete"] == "ja")
    towns = [stated["municipality_code"], stated["town"]]
    all_known = known.groupby(towns).all()
    doctors = pd.to_numeric(number).fillna(0).astype(np.int64).groupby(towns).sum()
    return doctors[all_known]


def _doctors(
    chosen: pd.DataFrame, municipalities: pd.DataFrame, fixed: pd.Series
) -> NDArray[np.int64]:
    doctors = pd.Series(0, index=chosen.index)
    scale = COUNTRY_DOCTORS / sum(REGION_DOCTORS.values())
    for region, published in REGION_DOCTORS.items():
        members = municipalities[municipalities["region"] == region]
        weights = members["population_2024"].to_numpy(dtype=float)
        shares = apportion(weights, round(published * scale))
        for code, share in zip(members["code"], shares, strict=True):
            own = chosen[chosen["municipality_code"] == code]
            keys = pd.MultiIndex.from_frame(own[["municipality_code", "name"]])
            settled = keys.isin(fixed.index)
            doctors[own.index[settled]] = fixed.reindex(keys[settled]).to_numpy()
            others = own[~settled]
            left = int(share) - int(doctors[own.index].sum())
            pull = np.sqrt(others["catchment"] * others["population"]).to_numpy()
            doctors[others.index] = apportion(pull, left)
    return np.asarray(doctors)


def apportion(weights: NDArray[np.float64], seats: int) -> NDArray[np.int64]:
    """Share out seats by weight, at least one each (Sainte-Laguë).

    Parameters
    ----------
    weights
        Not negative.
    seats
        How many there are; too few are topped up.

    Returns
    -------
    ndarray
        Seats per weight; the first wins a tie.
    """
    given = np.ones(len(weights), dtype=np.int64)
    for _ in range(seats - len(weights)):
        given[np.argmax(weights / (given + 0.5))] += 1
    return given
