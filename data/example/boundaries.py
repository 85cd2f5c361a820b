"""Draw the municipalities from their cells.

The squares of a municipality are joined, the staircase of their edges is smoothed without
changing areas (Taubin's two steps; points where three edges or more meet stay) and the result is
simplified as a coverage. Neighbours keep the same edge through all of it.
"""

import json
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from example.files import to_degrees

CELL_M: Final = 1_000
SMOOTHINGS: Final = 2
SHRINK: Final = 0.5
GROW: Final = -0.53
TOLERANCE_M: Final = 250.0
DECIMALS: Final = 6
ENDS: Final = 2
"""Edges at a point that is no junction."""


def draw(cells: pd.DataFrame, municipalities: pd.DataFrame) -> bytes:
    """Draw all municipalities.

    Parameters
    ----------
    cells
        ``cell`` and ``municipality_code``; cells of no municipality are left out.
    municipalities
        ``code``, ``name``, ``region``, ``population_2024``, sorted by code.

    Returns
    -------
    bytes
        GeoJSON (RFC 7946), one feature a line.
    """
    numbers = cells["cell"].str.extract(r"^1km_(\d+)_(\d+)$").astype(int).to_numpy() * CELL_M
    north, east = numbers.T
    squares = shapely.box(east, north, east + CELL_M, north + CELL_M)
    owner = cells["municipality_code"].to_numpy()
    areas = np.array(
        [shapely.coverage_union_all(squares[owner == code]) for code in municipalities["code"]]
    )
    areas = shapely.coverage_simplify(_smooth(areas), TOLERANCE_M)
    areas = shapely.transform(areas, lambda points: to_degrees(points).round(DECIMALS))
    if not shapely.coverage_is_valid(areas):
        msg = "the simplified municipalities overlap or leave gaps; choose another TOLERANCE_M"
        raise ValueError(msg)
    rows = municipalities.to_dict("records")
    features = [_feature(row, area) for row, area in zip(rows, areas, strict=True)]
    body = ",\n".join(features)
    return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'.encode()


def _smooth(areas: NDArray[np.object_]) -> NDArray[np.object_]:
    """Move the corners of the squares, each the same way in all areas that share it."""
    areas = shapely.segmentize(areas, CELL_M)
    rings = shapely.get_rings(shapely.get_parts(areas))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    corners, number = np.unique(points, axis=0, return_inverse=True)
    number = number.ravel()
    steps = np.column_stack([number[:-1], number[1:]])[ring[:-1] == ring[1:]]
    steps = np.unique(np.sort(steps, axis=1), axis=0)
    degree = np.bincount(steps.ravel(), minlength=len(corners))
    moved = corners
    for factor in (SHRINK, GROW) * SMOOTHINGS:
        moved = moved + factor * _pull(moved, steps, degree)
    place = pd.Series(np.arange(len(corners)), index=pd.MultiIndex.from_arrays(corners.T))
    return np.asarray(
        shapely.transform(
            areas, lambda old: moved[place.loc[pd.MultiIndex.from_arrays(old.T)].to_numpy()]
        )
    )


def _pull(
    points: NDArray[np.float64], steps: NDArray[np.int64], degree: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Point from every corner to the middle of its two neighbours; junctions stay."""
    total = np.zeros_like(points)
    np.add.at(total, steps[:, 0], points[steps[:, 1]])
    np.add.at(total, steps[:, 1], points[steps[:, 0]])
    pull = total / degree[:, None] - points
    pull[degree != ENDS] = 0.0
    return pull


def _feature(row: dict[str, Any], area: shapely.Geometry) -> str:
    properties = {
        "code": row["code"],
        "name": row["name"],
        "region": row["region"],
        "population": int(row["population_2024"]),
    }
    geometry = json.loads(shapely.to_geojson(shapely.orient_polygons(shapely.normalize(area))))
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
