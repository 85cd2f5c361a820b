"""Divide the cells into zones whose number of people is known.

A zone is the main part of a municipality, or one of the islands without a road in
``islands.csv``. Other islets belong to no zone: nobody lives there.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from example.files import to_metres

STEPS: Final = {1: (1, 0), 2: (1, 1), 4: (0, 1), 8: (-1, 1)}
"""Neighbour (columns east, rows north) by bit of ``links``."""

NO_ZONE: Final = -1


def divide(
    cells: pd.DataFrame,
    crossings: pd.DataFrame,
    islands: pd.DataFrame,
    municipalities: pd.DataFrame,
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Find the zones and say in which one each cell lies.

    Parameters
    ----------
    cells
        As :func:`example.files.read_cells` returns them.
    crossings
        With ``kind`` and the ends in degrees; ferries join nothing.
    islands
        ``name``, ``municipality_code``, ``lat``, ``lon``, ``population``.
    municipalities
        ``code``, ``population_2024``.

    Returns
    -------
    zones
        ``municipality_code``, ``island`` (empty for the main part), ``population``.
    zone_of_cell
        Row of ``zones`` per cell, or -1.
    """
    part = _parts(cells, crossings)
    owner = cells["municipality_code"].to_numpy()
    zone_of_cell = np.full(len(cells), NO_ZONE, dtype=np.int64)
    rows: list[tuple[str, str, int]] = []
    for code, total in zip(municipalities["code"], municipalities["population_2024"], strict=True):
        own = np.flatnonzero(owner == code)
        on_islands = islands[islands["municipality_code"] == code]
        people = int(total) - int(on_islands["population"].astype(int).sum())
        zone_of_cell[own[part[own] == np.bincount(part[own]).argmax()]] = len(rows)
        rows.append((code, "", people))
        nearest = own[cKDTree(cells.loc[own, ["x", "y"]]).query(to_metres(on_islands))[1]]
        for name, number, cell in zip(
            on_islands["name"], on_islands["population"], nearest, strict=True
        ):
            if zone_of_cell[cell] != NO_ZONE:
                msg = f"islands.csv: {name} is no island by itself; look at crossings.csv"
                raise ValueError(msg)
            zone_of_cell[own[part[own] == part[cell]]] = len(rows)
            rows.append((code, name, int(number)))
    zones = pd.DataFrame(rows, columns=["municipality_code", "island", "population"])
    return zones, zone_of_cell


def zones_of_towns(
    cells: pd.DataFrame, zone_of_cell: NDArray[np.int64], towns: pd.DataFrame
) -> NDArray[np.int64]:
    """Find each town's zone: that of the nearest cell of its municipality.

    Parameters
    ----------
    cells, zone_of_cell
        As for :func:`divide`.
    towns
        ``municipality_code``, ``x``, ``y`` (metres), indexed 0, 1, ….

    Returns
    -------
    ndarray
        Row of the zones per town, or -1.
    """
    zone_of_town = np.full(len(towns), NO_ZONE, dtype=np.int64)
    for code, own in towns.groupby("municipality_code"):
        inside = np.flatnonzero((cells["municipality_code"] == code).to_numpy())
        nearest = cKDTree(cells.loc[inside, ["x", "y"]]).query(own[["x", "y"]])[1]
        zone_of_town[own.index] = zone_of_cell[inside[nearest]]
    return zone_of_town


def _parts(cells: pd.DataFrame, crossings: pd.DataFrame) -> NDArray[np.int64]:
    """Label the cells that land links, bridges and causeways join."""
    numbers = cells["cell"].str.extract(r"^1km_(\d+)_(\d+)$").astype(int)
    position = pd.Series(np.arange(len(cells)), index=pd.MultiIndex.from_frame(numbers))
    tails, heads = [], []
    for bit, (east, north) in STEPS.items():
        tail = np.flatnonzero(cells["links"].to_numpy() & bit)
        wanted = numbers.iloc[tail] + [north, east]
        tails.append(tail)
        heads.append(position.loc[pd.MultiIndex.from_frame(wanted)].to_numpy())
    roads = crossings[crossings["kind"] != "ferry"]
    tree = cKDTree(cells[["x", "y"]])
    for ends, side in ((tails, "from"), (heads, "to")):
        places = roads.rename(columns={f"{side}_lat": "lat", f"{side}_lon": "lon"})
        ends.append(tree.query(to_metres(places))[1])
    tail, head = np.concatenate(tails), np.concatenate(heads)
    graph = coo_matrix((np.ones(len(tail)), (tail, head)), shape=(len(cells), len(cells)))
    labels: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels
