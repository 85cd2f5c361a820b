"""Draw an invented road map of Bornholm, for notebooks and tests that need roads.

**It is no real road map.** Only the coast, the towns with their people and the people per 1 km
cell are those of the example; every road, ferry and address is invented, so that the project can
show how OpenStreetMap data is read without holding any.

Corners of streets in the towns and one point in every peopled cell are triangulated. What the
relative neighbourhood graph keeps of the triangles' edges, and a part of what the Gabriel graph
keeps, are the roads: no two cross without a junction. Towns are joined by ways round invented hills;
what many cells use to their nearest town is tertiary. Then come bends, spurs, tracks, yards behind a
barrier, one-way streets, roundabouts, ferries and addresses. The same tables give the same bytes;
their rows and sha256 go into the README, which must have a row for the map.
"""

import argparse
import itertools
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from example import inventory
from example.files import CRS_DEGREES, CRS_METRES, Folders, read_table, replace
from example.settlements import clean_settlements
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Tags = dict[str, str]

NAME: Final = "sample_roads.osm.pbf"
SEED: Final = 20_261_126
MUNICIPALITY: Final = "0400"
ADDRESSES: Final = 4_500
SHORE_M: Final = 60.0
"""No junction is nearer to the sea."""

KINDS: Final = ("primary", "secondary", "tertiary", "unclassified", "residential")
PRIMARY, SECONDARY, TERTIARY, UNCLASSIFIED, RESIDENTIAL = range(5)
MAIN_TOWN: Final = 2_000
"""Towns of more people are joined by primary roads, the others by secondary ones."""

BLOCK_M: Final = (85.0, 130.0)
LOBES: Final = {2: 0.22, 3: 0.12}
"""How far a town's outline leaves the circle, by waves around it."""

SHAKE_M: Final = 9.0
SHAKE_COUNTRY_M: Final = 330.0
KEEP_STREET: Final = 0.88
KEEP_RELATIVE: Final = 0.8
KEEP_GABRIEL: Final = 0.05
"""Of the country roads, by the graph that they are in; what joins the rest always stays."""

HILLS: Final = 0.8
"""A metre costs up to so much more where a road between towns would rather not go."""

FEEDS: Final = 6
"""A road that so many cells use to their nearest town is tertiary."""

BEND_M: Final = 170.0
SPURS: Final = {"service": (0.42, 60.0, 240.0), "residential": (0.22, 30.0, 42.0)}
"""Share of the bends with a spur, and its length in metres: ``residential`` in towns."""

TRACKS: Final = 60
YARDS: Final = 8
ONE_WAYS: Final = 14
LIVING_STREETS: Final = 18
ROUNDABOUTS: Final = 3
TRACK_M: Final = (350.0, 900.0)
ROUNDABOUT_M: Final = 17.0
FRONTAGE: Final = {
    "residential": 3.0, "living_street": 3.0, "service": 2.0, "unclassified": 1.0, "tertiary": 0.7,
}  # fmt: skip
"""How readily houses stand along a road, per metre."""

FROM_ROAD_M: Final = (9.0, 32.0)
DECIMALS: Final = 6


@dataclass
class Sheet:
    """What is drawn: places in metres, ways as lists of places, and addresses.

    Attributes
    ----------
    places
        (x, y), metres, EPSG:25832, by number.
    ways
        Numbers of places, and tags.
    addresses
        (x, y), metres.
    """

    places: list[tuple[float, float]] = field(default_factory=list)
    ways: list[tuple[list[int], Tags]] = field(default_factory=list)
    addresses: list[tuple[float, float]] = field(default_factory=list)

    def add(self, points: Floats) -> list[int]:
        """Add places and return their numbers."""
        first = len(self.places)
        self.places.extend((float(x), float(y)) for x, y in points)
        return list(range(first, len(self.places)))

    def at(self, number: int) -> Floats:
        """Return where a place is."""
        return np.array(self.places[number])


def main() -> None:
    """Write the map."""
    here = Path(__file__).resolve().parent
    folders = Folders(data=here, geo=here.parent / "geo")
    parser = argparse.ArgumentParser(description="Draw an invented road map of Bornholm.")
    parser.add_argument("--out", type=Path, default=folders.geo / NAME)
    target = parser.parse_args().out.resolve()
    sheet = draw(folders)
    write(sheet, target)
    if target.parent == folders.geo:
        inventory.refresh(folders.geo)
    sys.stdout.write(
        f"{len(sheet.places)} places, {len(sheet.ways)} ways, {len(sheet.addresses)} addresses, "
        f"{target.stat().st_size / 1000:.0f} kB\n"
    )


def draw(folders: Folders) -> Sheet:
    """Draw the map.

    Parameters
    ----------
    folders
        Where the example's tables lie.

    Returns
    -------
    Sheet
        The map.
    """
    rng = np.random.default_rng(SEED)
    towns = clean_settlements(folders.data)
    towns = towns[towns["municipality_code"] == MUNICIPALITY].reset_index(drop=True)
    cells = read_table(folders.cells).astype({"x": float, "y": float, "population": int})
    cells = cells[cells["municipality_code"] == MUNICIPALITY]
    borders = gpd.read_file(folders.geo / "municipalities.geojson").to_crs(CRS_METRES)
    land = borders.loc[borders["code"] == MUNICIPALITY, "geometry"].iloc[0].buffer(-SHORE_M)

    points, town, edges = lay_out(rng, towns, cells, land)
    kind = classify(rng, points, town, edges, towns)
    kept = thin(rng, points, town, edges, kind)
    sheet = Sheet()
    sheet.add(points)
    lines = bend(sheet, points, edges[kept], kind[kept])
    add_streets(rng, sheet, lines, kind[kept], town, towns)
    in_town = np.asarray((town[edges[kept]] >= 0).any(axis=1))
    free = add_spurs(rng, sheet, lines, in_town, land)
    tracks = add_tracks(rng, sheet, free, land)
    add_ferries(sheet, points, town, towns)
    add_addresses(rng, sheet, cells, tracks)
    return sheet


def lay_out(
    rng: np.random.Generator, towns: pd.DataFrame, cells: pd.DataFrame, land: Any
) -> tuple[Floats, Ints, Ints]:
    """Place the junctions and find which may be joined: points, their towns or -1, edges."""
    centres = towns[["x", "y"]].to_numpy()
    radius = town_radius(towns["population"].to_numpy())
    corners = [
        street_corners(rng, centres, towns["population"].to_numpy(), radius, i)
        for i in range(len(towns))
    ]
    homes = cells.loc[cells["population"] > 0, ["x", "y"]].to_numpy()
    homes = homes + rng.uniform(-SHAKE_COUNTRY_M, SHAKE_COUNTRY_M, homes.shape)
    apart = np.hypot(*(homes[:, np.newaxis] - centres).transpose(2, 0, 1))
    homes = homes[(apart > radius + BLOCK_M[1]).all(axis=1)]
    points = np.concatenate([*corners, homes])
    town = np.repeat(np.arange(len(towns) + 1), [*map(len, corners), len(homes)])
    town[town == len(towns)] = -1
    inside = shapely.contains_xy(land, points[:, 0], points[:, 1])
    points, town = points[inside], town[inside]
    return largest_part(points, town, edges_on_land(points, land))


def town_radius(people: NDArray[Any]) -> Floats:
    """Say how far a town reaches, metres, by the density that ``cells.csv.gz`` has."""
    per_km2 = 1_500 * (people / 2_000) ** 0.2
    radius: Floats = 1000 * np.sqrt(people / per_km2 / np.pi)
    return radius


def street_corners(
    rng: np.random.Generator, centres: Floats, people: NDArray[Any], radius: Floats, i: int
) -> Floats:
    """Place the corners of a town's blocks, turned towards the greatest of its neighbours."""
    offset = centres - centres[i]
    pull = people / np.maximum(np.hypot(*offset.T), 1.0)
    pull[i] = 0
    turn = np.arctan2(*offset[np.argmax(pull)][::-1])
    reach = radius[i] * (1 + sum(LOBES.values()))
    steps = [np.arange(-np.ceil(reach / block), reach / block + 1) for block in BLOCK_M]
    across, along = np.meshgrid(steps[0] * BLOCK_M[0], steps[1] * BLOCK_M[1])
    grid = np.column_stack([along.ravel(), across.ravel()])
    bearing, phase = np.arctan2(*grid.T), rng.uniform(0, 2 * np.pi, len(LOBES))
    edge = 1 + sum(size * np.cos(n * bearing + phase[n - 2]) for n, size in LOBES.items())
    grid = grid[np.hypot(*grid.T) <= radius[i] * edge]
    grid = grid + rng.uniform(-SHAKE_M, SHAKE_M, grid.shape)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(centres[i] + grid @ spin)


def triangle_edges(points: Floats) -> Ints:
    """Return the edges of the Delaunay triangulation, each once, sorted."""
    corners = Delaunay(points).simplices.astype(np.int64)
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    return np.unique(np.sort(pairs, axis=1), axis=0)


def edges_on_land(points: Floats, land: Any) -> Ints:
    """Return the edges of the triangulation that do not leave the land."""
    edges = triangle_edges(points)
    shapely.prepare(land)
    return np.asarray(edges[shapely.covers(land, shapely.linestrings(points[edges]))])


def largest_part(points: Floats, town: Ints, edges: Ints) -> tuple[Floats, Ints, Ints]:
    """Keep the points that hang together."""
    _, part = connected_components(matrix(edges, np.ones(len(edges)), len(points)), directed=False)
    keep = part == np.argmax(np.bincount(part))
    number = np.cumsum(keep) - 1
    return points[keep], town[keep], number[edges[keep[edges[:, 0]]]]


def matrix(edges: Ints, weight: Floats, count: int) -> csr_matrix:
    """Put the weights of edges into a sparse matrix."""
    return csr_matrix((weight, (edges[:, 0], edges[:, 1])), shape=(count, count))


def lengths(points: Floats, edges: Ints) -> Floats:
    """Return the straight lengths of edges."""
    apart = points[edges[:, 0]] - points[edges[:, 1]]
    return np.asarray(np.hypot(apart[:, 0], apart[:, 1]))


def is_gabriel(points: Floats, edges: Ints) -> Bools:
    """Say of every edge whether no point lies in the circle that has it as diameter."""
    nearest, _ = cKDTree(points).query(points[edges].mean(axis=1))
    return np.asarray(nearest > lengths(points, edges) / 2 * (1 - 1e-9))


def is_relative(points: Floats, edges: Ints) -> Bools:
    """Say of every edge whether no point is nearer to both its ends than they to each other."""
    tree = cKDTree(points)
    empty = np.ones(len(edges), dtype=bool)
    for i, ((tail, head), length) in enumerate(zip(edges, lengths(points, edges), strict=True)):
        near = np.setdiff1d(tree.query_ball_point(points[tail], length), [tail, head])
        empty[i] = not (np.hypot(*(points[near] - points[head]).T) < length).any()
    return empty


def classify(
    rng: np.random.Generator, points: Floats, town: Ints, edges: Ints, towns: pd.DataFrame
) -> Ints:
    """Give every edge its kind: ways between towns, feeders, streets, the rest."""
    effort = lengths(points, edges) * rng.uniform(1, 1 + HILLS, len(edges))
    graph = matrix(edges, effort, len(points))
    number = {(int(tail), int(head)): i for i, (tail, head) in enumerate(edges)}
    centres = towns[["x", "y"]].to_numpy()
    _, middle = cKDTree(points).query(centres)
    within = (town[edges] >= 0).all(axis=1) & (town[edges[:, 0]] == town[edges[:, 1]])
    kind = np.where(within, RESIDENTIAL, UNCLASSIFIED)

    _, before, _ = dijkstra(
        graph, directed=False, indices=middle, min_only=True, return_predecessors=True
    )
    uses = np.zeros(len(edges), dtype=np.int64)
    for place in np.flatnonzero(town < 0):
        for edge in edges_to_root(before, int(place), number):
            uses[edge] += 1
    kind[uses >= FEEDS] = TERTIARY

    for wanted, pairs in town_pairs(centres, towns["population"].to_numpy()):
        for tail, head in pairs:
            _, before = dijkstra(
                graph, directed=False, indices=middle[tail], return_predecessors=True
            )
            way = edges_to_root(before, int(middle[head]), number)
            kind[way] = np.minimum(kind[way], wanted)
    return kind


def town_pairs(centres: Floats, people: NDArray[Any]) -> list[tuple[int, Ints]]:
    """Say which towns are joined by what kind of road."""
    pairs = triangle_edges(centres)
    main = np.flatnonzero(people > MAIN_TOWN)
    between = main[triangle_edges(centres[main])]
    return [
        (PRIMARY, between[is_relative(centres[main], triangle_edges(centres[main]))]),
        (SECONDARY, pairs[is_relative(centres, pairs)]),
        (TERTIARY, pairs[is_gabriel(centres, pairs)]),
    ]


def edges_to_root(before: Ints, place: int, number: dict[tuple[int, int], int]) -> list[int]:
    """Return the edges from a place back to where its shortest way began."""
    found = []
    while before[place] >= 0:
        last = int(before[place])
        found.append(number[min(last, place), max(last, place)])
        place = last
    return found


def thin(rng: np.random.Generator, points: Floats, town: Ints, edges: Ints, kind: Ints) -> Bools:
    """Say which edges become roads; all points stay joined."""
    relative, gabriel = is_relative(points, edges), is_gabriel(points, edges)
    chance = rng.random(len(edges))
    country = (town[edges] < 0).any(axis=1)
    share = np.where(country, KEEP_RELATIVE, KEEP_STREET)
    kept = (relative & (chance < share)) | (gabriel & country & (chance < KEEP_GABRIEL))
    kept |= kind <= TERTIARY
    # Roads that stay anyway cost nothing, so the tree adds only what is missing.
    weight = lengths(points, edges) * np.where(kept, 1e-6, 1.0)
    tree = minimum_spanning_tree(matrix(edges, weight, len(points))).tocoo()
    in_tree = set(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    joins = [(int(tail), int(head)) in in_tree for tail, head in edges]
    return np.asarray(kept | np.array(joins))


def bend(sheet: Sheet, points: Floats, edges: Ints, kind: Ints) -> list[list[int]]:
    """Draw every edge as a curve that runs on into the most opposite road at both ends."""
    at: list[list[int]] = [[] for _ in points]
    for i, (tail, head) in enumerate(edges):
        at[tail].append(i)
        at[head].append(i)
    lines = []
    for i, (tail, head) in enumerate(edges):
        length = np.hypot(*(points[head] - points[tail]))
        out = onward(points, edges, kind, at[tail], i, int(tail))
        back = onward(points, edges, kind, at[head], i, int(head))
        legs = np.array([points[tail], points[tail] + out * length / 3,
                         points[head] + back * length / 3, points[head]])  # fmt: skip
        steps = 2 if kind[i] == RESIDENTIAL else int(np.clip(round(length / BEND_M), 3, 8))
        t = np.arange(1, steps)[:, np.newaxis] / steps
        weights = np.hstack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
        lines.append([int(tail), *sheet.add(weights @ legs), int(head)])
    return lines


def onward(
    points: Floats, edges: Ints, kind: Ints, around: list[int], own: int, here: int
) -> Floats:
    """Return the direction in which a road leaves a junction, as a unit vector."""
    straight = towards(points, edges[own], here)
    others = [i for i in around if i != own and kind[i] <= kind[own]]
    ways = [towards(points, edges[i], here) for i in others]
    opposite = [float(-straight @ way) for way in ways]
    if not opposite or max(opposite) < np.cos(np.radians(75)):
        return straight
    through = straight - ways[int(np.argmax(opposite))]
    return np.asarray(through / np.hypot(*through))


def towards(points: Floats, edge: Ints, here: int) -> Floats:
    """Return the unit vector from one end of an edge to the other."""
    apart = points[edge[0] + edge[1] - here] - points[here]
    return np.asarray(apart / np.hypot(*apart))


def add_streets(
    rng: np.random.Generator, sheet: Sheet, lines: list[list[int]], kind: Ints, town: Ints,
    towns: pd.DataFrame,
) -> None:  # fmt: skip
    """Add the roads as ways, some of them one-way or living streets, and the roundabouts."""
    greatest = int(towns["population"].argmax())
    ends = np.array([(line[0], line[-1]) for line in lines])
    tags: list[Tags] = [{"highway": KINDS[k]} for k in kind]
    streets = np.flatnonzero((kind == RESIDENTIAL) & (town[ends[:, 0]] == greatest))
    for i in one_ways(rng, ends, streets):
        tags[i]["oneway"] = "yes"
    plain = [i for i in np.flatnonzero(kind == RESIDENTIAL) if "oneway" not in tags[i]]
    for i in rng.choice(plain, LIVING_STREETS, replace=False):
        tags[i]["highway"] = "living_street"
    for place in busiest(ends, kind):
        add_roundabout(sheet, lines, ends, kind, place)
    sheet.ways.extend((list(line), tag) for line, tag in zip(lines, tags, strict=True))


def one_ways(rng: np.random.Generator, ends: Ints, streets: Ints) -> list[int]:
    """Choose one-way streets so that every place can still be reached from every other."""
    chosen: list[int] = []
    for i in rng.permutation(streets):
        if len(chosen) == ONE_WAYS:
            break
        both = np.delete(ends, [*chosen, i], axis=0)
        arcs = np.concatenate([ends, both[:, ::-1]])
        graph = matrix(arcs, np.ones(len(arcs)), ends.max() + 1)
        if connected_components(graph, connection="strong")[0] == 1:
            chosen.append(int(i))
    return chosen


def busiest(ends: Ints, kind: Ints) -> Ints:
    """Return the junctions of most primary and secondary roads."""
    roads = np.bincount(ends[kind <= SECONDARY].ravel(), minlength=ends.max() + 1)
    primary = np.bincount(ends[kind == PRIMARY].ravel(), minlength=len(roads))
    return np.argsort(-(roads * 10 + primary), kind="stable")[:ROUNDABOUTS]


def add_roundabout(
    sheet: Sheet, lines: list[list[int]], ends: Ints, kind: Ints, place: int
) -> None:
    """Put a ring, counter-clockwise, in the place of a junction; its roads end on the ring."""
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ring = sheet.at(place) + ROUNDABOUT_M * np.column_stack([np.cos(turn), np.sin(turn)])
    numbers = sheet.add(ring)
    roads = np.flatnonzero((ends == place).any(axis=1))
    for i in roads:
        last, beside = (0, 1) if lines[i][0] == place else (-1, -2)
        apart = ring - sheet.at(lines[i][beside])
        lines[i][last] = numbers[int(np.argmin(np.hypot(*apart.T)))]
    greatest = KINDS[int(kind[roads].min())]
    tags = {"highway": greatest, "junction": "roundabout"}
    sheet.ways.append(([*numbers, numbers[0]], tags))


def add_spurs(
    rng: np.random.Generator, sheet: Sheet, lines: list[list[int]], in_town: Bools, land: Any
) -> list[tuple[int, int]]:
    """Add drives and blind alleys; return the bends that have none, each with its neighbour."""
    free = []
    for line, built_up in zip(lines, in_town, strict=True):
        highway = "residential" if built_up else "service"
        share, shortest, longest = SPURS[highway]
        for here, after in itertools.pairwise(line[1:]):
            end = beside(rng, sheet, here, after, rng.uniform(shortest, longest))
            if rng.random() < share and shapely.contains_xy(land, *end[-1]):
                sheet.ways.append(([here, *sheet.add(end)], {"highway": highway}))
            elif not built_up:
                free.append((here, after))
    return free


def beside(
    rng: np.random.Generator, sheet: Sheet, here: int, after: int, length_m: float
) -> Floats:
    """Draw a way that leaves a road sideways, on either side: its bend and its end."""
    ahead = sheet.at(after) - sheet.at(here)
    side = rng.choice([-1, 1]) * np.array([-ahead[1], ahead[0]]) / np.hypot(*ahead)
    skew = rng.uniform(-0.25, 0.25) * np.array([-side[1], side[0]])
    legs = [side * length_m / 2, (side + skew) * length_m]
    return np.asarray(sheet.at(here) + np.array(legs))


def add_tracks(
    rng: np.random.Generator, sheet: Sheet, free: list[tuple[int, int]], land: Any
) -> Floats:
    """Add tracks, which are no roads, and yards behind a barrier; return where the tracks end."""
    ends = []
    order = [free[i] for i in rng.permutation(len(free))]
    for here, after in order[:TRACKS]:
        points = beside(rng, sheet, here, after, rng.uniform(*TRACK_M))
        if shapely.contains_xy(land, *points[-1]):
            sheet.ways.append(([here, *sheet.add(points)], {"highway": "track"}))
            ends.append(points[-1])
    for here, after in order[TRACKS : TRACKS + YARDS]:
        gate, end = beside(rng, sheet, here, after, 120.0)
        numbers = sheet.add(np.array([gate, end]))
        sheet.ways.append(([here, numbers[0]], {"highway": "service", "access": "private"}))
        sheet.ways.append((numbers, {"highway": "service"}))
    return np.array(ends)


def add_ferries(sheet: Sheet, points: Floats, town: Ints, towns: pd.DataFrame) -> None:
    """Add a car ferry westwards from the greatest town, and one for people on foot."""
    greatest = int(towns["population"].argmax())
    names = towns["name"].tolist()
    car = {"route": "ferry", "motor_vehicle": "yes"}
    foot = {"route": "ferry", "foot": "yes", "motor_vehicle": "no"}
    for of, way, tags in (
        (greatest, (-1.0, -0.25), car), (names.index("Gudhjem"), (0.75, 1.0), foot),
    ):  # fmt: skip
        own = np.flatnonzero(town == of)
        quay = int(own[np.argmax(points[own] @ way)])
        route = points[quay] + np.outer([200.0, 900.0, 6_000.0, 12_000.0], way)
        numbers = sheet.add(route)
        sheet.ways.append(([quay, numbers[0]], {"highway": "service"}))
        sheet.ways.append((numbers, tags))


def add_addresses(
    rng: np.random.Generator, sheet: Sheet, cells: pd.DataFrame, tracks: Floats
) -> None:
    """Put addresses along the roads, in every cell by its people, and one at every track's end."""
    parts = [
        (tail, head, FRONTAGE[tags["highway"]])
        for numbers, tags in sheet.ways
        if tags.get("highway") in FRONTAGE and "junction" not in tags
        for tail, head in itertools.pairwise(numbers)
    ]
    ends = np.array(sheet.places)[[part[:2] for part in parts]]
    weight = np.hypot(*(ends[:, 1] - ends[:, 0]).T) * [part[2] for part in parts]
    east, north = (ends.mean(axis=1) // 1000).astype(int).T
    of_cell = pd.Series(range(len(parts))).groupby(
        [f"1km_{n}_{e}" for n, e in zip(north, east, strict=True)]
    )
    segments = {str(cell): rows.to_numpy() for cell, rows in of_cell}
    counts = share_out(cells["population"].to_numpy(), ADDRESSES)
    for cell, count in zip(cells["cell"], counts, strict=True):
        if cell in segments:
            own = segments[cell]
            chosen = rng.choice(own, count, p=weight[own] / weight[own].sum())
            sheet.addresses.extend(along(rng, ends[i]) for i in chosen)
    sheet.addresses.extend((float(x), float(y)) for x, y in tracks)


def along(rng: np.random.Generator, segment: Floats) -> tuple[float, float]:
    """Place a house beside a road."""
    ahead = segment[1] - segment[0]
    side = np.array([-ahead[1], ahead[0]]) / np.hypot(*ahead) * rng.choice([-1, 1])
    x, y = segment[0] + rng.random() * ahead + rng.uniform(*FROM_ROAD_M) * side
    return float(x), float(y)


def share_out(people: NDArray[Any], total: int) -> Ints:
    """Divide a total in proportion to people, by largest remainders."""
    exact = people / people.sum() * total
    counts: Ints = np.floor(exact).astype(np.int64)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: total - counts.sum()]] += 1
    return counts


def write(sheet: Sheet, target: Path) -> None:
    """Write the map as .osm.pbf, without times, authors and compression, so that bytes repeat.

    Parameters
    ----------
    sheet
        The map.
    target
        The file.
    """
    header = osmium.io.Header()
    header.set("generator", "gpcoverage data/build_roads.py: invented, not OpenStreetMap data")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        file = osmium.io.File(str(path), "pbf,pbf_compression=none,add_metadata=false")
        with osmium.SimpleWriter(file, header=header) as writer:
            write_nodes(writer, sheet)
            for number, (places, tags) in enumerate(sheet.ways, start=1):
                refs = [place + 1 for place in places]
                writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
        replace(target, path.read_bytes())


def write_nodes(writer: Any, sheet: Sheet) -> None:
    """Write places, then addresses, numbered from 1."""
    to_degrees = Transformer.from_crs(CRS_METRES, CRS_DEGREES, always_xy=True)
    points = np.array(sheet.places + sheet.addresses)
    degrees = np.round(np.column_stack(to_degrees.transform(*points.T)), DECIMALS)
    for number, (lon, lat) in enumerate(degrees.tolist(), start=1):
        house = number - len(sheet.places)
        tags = {"addr:housenumber": str(1 + house % 97)} if house > 0 else {}
        writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat), tags=tags))


if __name__ == "__main__":
    main()
