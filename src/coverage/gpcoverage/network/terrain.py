"""A road network without roads: the 1 km land cells of Denmark as a lattice.

Each cell is a node at a point on land; neighbours that can be reached over land are joined, and
bridges, causeways and ferries join what water parts. A lattice path times the detour factor
stands in for the road. The factor and its error were measured against the OpenStreetMap roads of
Bornholm, see ``tests/reference/test_terrain_against_osm.py``.
"""

import zlib
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.errors import NetworkError, SchemaError
from gpcoverage.inputs import danish, kvadratnet, tables
from gpcoverage.network.roads import RoadNetwork, straight_shapes
from gpcoverage.units import METRES_PER_KM, geodesic_m, to_degrees, to_metres

DETOUR_FACTOR: Final = 1.13
"""Road kilometres per lattice kilometre."""

ERROR_SHARE: Final = 0.10
"""Nine of ten road distances of 10 to 20 km from an address on Bornholm differ by less."""

STEPS: Final = {1: (1, 0), 2: (1, 1), 4: (0, 1), 8: (-1, 1)}
"""Neighbour (columns east, rows north) by bit of the ``links`` mask: E, NE, N, NW."""

NORTH_STEP: Final = 10_000
MAX_CROSSING_GAP_M: Final = 3_000.0
CLASS_NAMES: Final = ("land", "bridge", "causeway", "ferry")
CELL_COLUMNS: Final = ("cell", "x", "y", "links")
CROSSING_COLUMNS: Final = ("name", "kind", "from_lat", "from_lon", "to_lat", "to_lon", "km")


def from_cells(cells: Path, crossings: Path) -> RoadNetwork:
    """Build the terrain model.

    Parameters
    ----------
    cells
        Table with ``cell`` (1 km id of the *kvadratnet*), ``x``, ``y`` (metres, EPSG:25832) and
        ``links`` (bit mask of neighbours over land: E=1, NE=2, N=4, NW=8).
    crossings
        Table with ``name``, ``kind`` (bridge, causeway, ferry), the ends in degrees, ``km``.

    Returns
    -------
    RoadNetwork
        Kind ``terrain``; both directions everywhere; ferries included and marked.

    Raises
    ------
    SchemaError
        If a table lacks columns or holds text for numbers.
    NetworkError
        If a link leads to no cell, or a crossing ends more than 3 km from every cell.
    """
    nodes = _read(cells, CELL_COLUMNS, ("x", "y", "links"))
    ids = kvadratnet.parse_ids(nodes["cell"])
    masks = nodes["links"]
    wrong = ~masks.isin(range(16)) | pd.DataFrame(ids).duplicated()
    if wrong.any():
        row = nodes.index[wrong][0] + tables.FIRST_DATA_ROW
        msg = f"{cells}: row {row}: links must be 0 to 15, and no cell may stand twice. Restore the file."
        raise SchemaError(msg)
    tail, head = _lattice(cells, ids, masks.to_numpy().astype(np.int64))
    # A cell alone in the sea is an edge of no length: who lives there stays there.
    alone = np.setdiff1d(np.arange(len(ids)), np.concatenate([tail, head]))
    tail, head = np.concatenate([tail, alone]), np.concatenate([head, alone])
    x, y = nodes["x"].to_numpy(), nodes["y"].to_numpy()
    lon, lat = to_degrees(x, y)
    land_m = geodesic_m(lon[tail], lat[tail], lon[head], lat[head]) * DETOUR_FACTOR
    table = _read(crossings, CROSSING_COLUMNS, CROSSING_COLUMNS[2:])
    ends = _crossing_ends(crossings, table, shapely.STRtree(shapely.points(x, y)))
    kinds = table["kind"].map({name: i for i, name in enumerate(CLASS_NAMES)}).to_numpy()
    if np.isnan(kinds.astype(float)).any():
        msg = f"{crossings}: kind must be one of {', '.join(CLASS_NAMES[1:])}. Correct the table."
        raise SchemaError(msg)
    road_class = np.concatenate([np.zeros(len(tail)), kinds]).astype(np.int16)
    edges = len(road_class)
    pairs = np.concatenate([np.column_stack([tail, head]), ends])
    length_m = np.concatenate([land_m, table["km"].to_numpy() * METRES_PER_KM])
    return RoadNetwork(
        easting=x,
        northing=y,
        tail=pairs[:, 0].astype(np.int32),
        head=pairs[:, 1].astype(np.int32),
        forward=np.ones(edges, dtype=bool),
        backward=np.ones(edges, dtype=bool),
        ferry=road_class == CLASS_NAMES.index("ferry"),
        snappable=road_class == CLASS_NAMES.index("land"),
        road_class=road_class,
        shapes=straight_shapes(x, y, pairs, length_m),
        class_names=CLASS_NAMES,
        kind="terrain",
        source=f"{cells.name}, {crossings.name}",
        error_share=ERROR_SHARE,
    )


def _read(path: Path, columns: tuple[str, ...], numeric: tuple[str, ...]) -> pd.DataFrame:
    """Read one of the model's own tables, which are plain .csv; damage is told, not mended."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, EOFError, ValueError, zlib.error) as error:  # pandas' own are ValueErrors
        msg = f"{path}: is not a table that can be read ({str(error)[:200]}). Restore the file."
        raise SchemaError(msg) from error
    if not isinstance(table.index, pd.RangeIndex):  # pandas takes them for names of rows
        msg = f"{path}: its rows have more fields than its header. Restore the file."
        raise SchemaError(msg)
    missing = [column for column in columns if column not in table]
    if missing:
        msg = f"{path}: missing column {', '.join(missing)}. Restore the file."
        raise SchemaError(msg)
    for column in numeric:
        table[column] = danish.parse_numbers(table[column])
        if table[column].isna().any():
            row = table.index[table[column].isna()][0] + tables.FIRST_DATA_ROW
            msg = f"{path}: row {row}, column {column}: must be a number. Restore the file."
            raise SchemaError(msg)
    return table


def _lattice(
    path: Path, ids: NDArray[np.int64], links: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Join the neighbours that the link masks name."""
    # North and east in one number; both are counts of km below ten thousand.
    key = pd.Index(ids[:, 0] * NORTH_STEP + ids[:, 1])
    tails, heads = [], []
    for bit, (east, north) in STEPS.items():
        tail = np.flatnonzero(links & bit)
        head = key.get_indexer(key[tail] + north * NORTH_STEP + east)
        if (head < 0).any():
            row = tail[head < 0][0] + tables.FIRST_DATA_ROW
            msg = f"{path}: a link of cell row {row} leads to no cell. Restore the file."
            raise NetworkError(msg)
        tails.append(tail)
        heads.append(head)
    return np.concatenate(tails), np.concatenate(heads)


def _crossing_ends(path: Path, table: pd.DataFrame, tree: shapely.STRtree) -> NDArray[np.int64]:
    """Find the cells nearest to both ends of every crossing."""
    ends = []
    for side in ("from", "to"):
        x, y = to_metres(table[f"{side}_lon"].to_numpy(), table[f"{side}_lat"].to_numpy())
        nearest, gap_m = tree.query_nearest(
            shapely.points(x, y), return_distance=True, all_matches=False
        )
        node = nearest[1]
        if len(node) < len(table):
            msg = f"{path}: a crossing's {side} end lies at no place on earth. Correct it."
            raise NetworkError(msg)
        if (gap_m > MAX_CROSSING_GAP_M).any():
            name = table["name"].to_numpy()[gap_m > MAX_CROSSING_GAP_M][0]
            msg = f"{path}: crossing {name}: {side} end lies more than 3 km from every cell. Correct it."
            raise NetworkError(msg)
        ends.append(node)
    return np.column_stack(ends)
