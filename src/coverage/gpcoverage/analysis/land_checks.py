"""Checks on arrival: municipalities and their borders, homes and their people."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gpcoverage.analysis.findings import (
    Finding,
    PlaceKind,
    Severity,
    input_file,
    make_places,
    metres_from_land,
)
from gpcoverage.inputs import kvadratnet
from gpcoverage.inputs.homes import home_squares
from gpcoverage.inputs.references import ReferenceFigures
from gpcoverage.inputs.study import DENMARK, Study
from gpcoverage.units import METRES_PER_KM

CODES: Final = frozenset(
    f"{code:04d}" for code in (
        101, 147, 151, 153, 155, 157, 159, 161, 163, 165, 167, 169, 173, 175, 183, 185, 187, 190,
        201, 210, 217, 219, 223, 230, 240, 250, 253, 259, 260, 265, 269, 270, 306, 316, 320, 326,
        329, 330, 336, 340, 350, 360, 370, 376, 390, 400, 410, 420, 430, 440, 450, 461, 479, 480,
        482, 492, 510, 530, 540, 550, 561, 563, 573, 575, 580, 607, 615, 621, 630, 657, 661, 665,
        671, 706, 707, 710, 727, 730, 740, 741, 746, 751, 756, 760, 766, 773, 779, 787, 791, 810,
        813, 820, 825, 840, 846, 849, 851, 860,
    )
)  # fmt: skip
"""The 98 municipalities since 2007. Christiansø, 0411, is none."""

AREA_TOLERANCE: Final = 0.01
"""DAGI 1:500,000 of 2014 is 0.3 % above the official area, which leaves out many lakes."""

KM2: Final = METRES_PER_KM**2
OVERLAP_M2: Final = 10_000.0
"""A hectare: less is the two sides of one border drawn at different times."""

OVERLAP_FAULT_M2: Final = KM2
"""On a square kilometre it matters in which municipality a home lies."""

GAP_WIDTH_M: Final = 100.0
GAP_LENGTH_M: Final = 1_000.0
"""Narrower and longer strips are no water: DAGI of 2014 has none, its narrowest sound is 540 m long
at this width (Kalveboderne)."""

PEOPLE_SHARE: Final = 0.02
"""In two years a municipality seldom grows or shrinks by more."""

PEOPLE_FAULT_SHARE: Final = 0.2
"""No municipality changes so much: a town is missing, or homes stand twice."""

SEA_M: Final = 100.0
"""Quays and generalised shores lie less far out."""

SEA_FAULT_M: Final = 1_000.0
"""Beyond the error of any boundary file that is fit for this, 1:500,000 included."""

POINT_PEOPLE: Final = 1_000.0
"""More than in any block or hall of residence with one entrance."""

SQUARE_PEOPLE: Final = 30_000.0
"""People per km²: two and a half times Frederiksberg, the most crowded municipality (12,000)."""


def has_whole_country(study: Study) -> bool:
    """Say whether the study's list holds all municipalities of Denmark."""
    return set(study.municipalities["code"]) >= CODES


def check_municipalities(study: Study, references: ReferenceFigures | None) -> list[Finding]:
    """Check the list of municipalities and their boundaries.

    Parameters
    ----------
    study
        The study.
    references
        Figures of others, for the area.

    Returns
    -------
    list of Finding
    """
    listed = study.municipalities
    missing = sorted(CODES - set(listed["code"]))
    unknown = listed[~listed["code"].isin(CODES)]
    source = input_file(study, "municipalities")
    findings = []
    if missing:
        nowhere = gpd.GeoDataFrame(
            {"code": missing, "name": ""}, geometry=[None] * len(missing), crs=listed.crs
        )
        findings.append(
            Finding(
                "municipality_missing", "doubt", source, len(CODES), len(CODES) - len(missing),
                places=make_places(nowhere, "municipality"),
            )
        )  # fmt: skip
    if len(unknown):
        places = make_places(unknown, "municipality")
        findings.append(
            Finding("municipality_unknown", "fault", source, 0, len(unknown), "", places)
        )
    return [*findings, *_check_area(study, references), *_check_borders(listed)]


def _check_area(study: Study, references: ReferenceFigures | None) -> list[Finding]:
    if references is None or not has_whole_country(study):
        return []
    found = float(study.municipalities.area.sum()) / KM2
    figures = references.latest()
    official = figures[(figures["measure"] == "area_km2") & (figures["region"] == DENMARK)]
    return [
        Finding(
            "area_total", "doubt", input_file(study, "boundaries"), row["value"], found,
            f"{row['source']}, {row['date']}",
        )
        for row in official.to_dict("records")
        if abs(found / row["value"] - 1) > AREA_TOLERANCE
    ]  # fmt: skip


def _check_borders(listed: gpd.GeoDataFrame) -> list[Finding]:
    """Find where neighbours overlap, and where they nearly meet but do not."""
    ordered = listed.sort_values("code").reset_index(drop=True)
    shapes = ordered.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pair = first < second
    first, second = first[pair], second[pair]
    shared = shapely.intersection(shapes[first], shapes[second])
    size = shapely.area(shared)
    findings = []
    for at in np.flatnonzero(size > OVERLAP_M2):
        both = ordered.iloc[[first[at], second[at]]]
        place = both.iloc[:1].set_geometry([shared[at]], crs=listed.crs)
        findings.append(
            Finding(
                "overlap", "fault" if size[at] > OVERLAP_FAULT_M2 else "doubt",
                ", ".join(both["name"]), 0.0, size[at] / KM2,
                places=make_places(place, "municipality", other=[both["name"].iloc[1]]),
            )
        )  # fmt: skip
    # An overlap is told as such: its edges are no gap.
    told = shapely.buffer(shapely.union_all(shared[size > 0]), 1.0)
    return findings + _check_gaps(ordered, told)


def _check_gaps(ordered: gpd.GeoDataFrame, told: shapely.Geometry) -> list[Finding]:
    shapes = ordered.geometry.to_numpy()
    edges = shapely.coverage_invalid_edges(shapes, gap_width=GAP_WIDTH_M)
    edges = shapely.difference(edges, told)
    findings = []
    for at in np.flatnonzero(shapely.length(edges) > GAP_LENGTH_M):
        # Edges come whole; only what runs beside a neighbour counts.
        beside = shapely.buffer(shapely.union_all(np.delete(shapes, at)), GAP_WIDTH_M)
        strip = shapely.intersection(edges[at], beside)
        if shapely.length(strip) > GAP_LENGTH_M:
            place = ordered.iloc[[at]].set_geometry([strip], crs=ordered.crs)
            places = make_places(place, "municipality")
            length = shapely.length(strip) / METRES_PER_KM
            name = ordered["name"].iloc[at]
            findings.append(Finding("gap", "doubt", name, 0.0, length, "", places, GAP_WIDTH_M))
    return findings


def check_homes(study: Study) -> list[Finding]:
    """Check the homes against the list of municipalities, and where they lie.

    Parameters
    ----------
    study
        The study; its homes are those of the area.

    Returns
    -------
    list of Finding
    """
    homes, squares = study.homes, home_squares(study.homes)
    shapes = homes.geometry.to_numpy() if squares is None else squares
    at_sea = find_at_sea("home_at_sea", homes, shapes, study)
    return [*_check_people(study), *at_sea, *_check_crowding(study)]


def _check_people(study: Study) -> list[Finding]:
    source = input_file(study, "municipalities")
    area = study.area.sort_values("code").reset_index(drop=True)
    people = study.homes.groupby("municipality_code")["population"].sum()
    placed = area["code"].map(people).fillna(0.0)
    share = placed / area["population"] - 1
    far_off = share.abs() > PEOPLE_FAULT_SHARE
    findings = []
    grades: tuple[tuple[Severity, pd.Series, float], ...] = (
        ("fault", far_off, PEOPLE_FAULT_SHARE),
        ("doubt", (share.abs() > PEOPLE_SHARE) & ~far_off, PEOPLE_SHARE),
    )
    for severity, at, limit in grades:
        if at.any():
            findings.append(
                Finding(
                    "people_off", severity, "",
                    float(area.loc[at, "population"].sum()), float(placed[at].sum()), source,
                    make_places(area[at], "municipality", value=share[at]), 100 * limit,
                )
            )  # fmt: skip
    lost = sum(record.people_not_placed for record in study.inputs)
    if lost:
        severity = "doubt" if lost > PEOPLE_SHARE * area["population"].sum() else "note"
        file = input_file(study, "homes")
        findings.append(Finding("people_not_placed", severity, file, 0.0, lost, source))
    return findings


def find_at_sea(
    check: str,
    frame: gpd.GeoDataFrame,
    shapes: NDArray[np.object_],
    study: Study,
) -> list[Finding]:
    """Find homes or practices that lie outside every municipality.

    Parameters
    ----------
    check
        ``home_at_sea`` or ``practice_at_sea``.
    frame
        Homes or practices.
    shapes
        Their points, or the squares they stand for, which are ashore if any of it is.
    study
        Whose municipalities are the land.

    Returns
    -------
    list of Finding
        A doubt beyond ``SEA_M``, a fault beyond ``SEA_FAULT_M``.
    """
    metres = metres_from_land(shapes, study.municipalities)
    far_out, source = metres > SEA_FAULT_M, input_file(study, "boundaries")
    kind: PlaceKind = "practice" if check == "practice_at_sea" else "home"
    grades: tuple[tuple[Severity, Any, float], ...] = (
        ("fault", far_out, SEA_FAULT_M),
        ("doubt", (metres > SEA_M) & ~far_out, SEA_M),
    )
    return [
        Finding(
            check, severity, "", 0.0, float(at.sum()), source,
            make_places(frame[at], kind, value=metres[at]), limit,
        )
        for severity, at, limit in grades
        if at.any()
    ]  # fmt: skip


def _check_crowding(study: Study) -> list[Finding]:
    homes, squares = study.homes, home_squares(study.homes)
    easting, northing = shapely.get_coordinates(homes.geometry.to_numpy()).T
    table = pd.DataFrame(
        {"x": easting, "y": northing, "people": homes["population"].to_numpy()}
    ).assign(
        square=kvadratnet.cell_ids(easting, northing, "1km").to_numpy(),
        km2=np.maximum(1.0, (0.0 if squares is None else shapely.area(squares)) / KM2),
    )
    findings = []
    alone = ~table.duplicated(["x", "y"], keep=False)
    if not alone.all():
        # Flats share an entrance; cells share nothing.
        severity: Severity = "note" if squares is None else "doubt"
        findings.append(Finding("homes_at_one_point", severity, found=float((~alone).sum())))
    here = table.groupby(["x", "y"])["people"].transform("sum").to_numpy()
    full = here > POINT_PEOPLE
    if squares is None and full.any():
        places = make_places(homes[full], "home", value=here[full])
        findings.append(
            Finding(
                "crowded_point", "doubt", "", POINT_PEOPLE, float(here.max()), "", places,
                POINT_PEOPLE,
            )
        )  # fmt: skip
    return findings + _crowded_squares(table, homes)


def _crowded_squares(table: pd.DataFrame, homes: gpd.GeoDataFrame) -> list[Finding]:
    by_square = table.groupby("square").agg(
        people=("people", "sum"), km2=("km2", "max"), x=("x", "mean"), y=("y", "mean")
    )
    density = by_square["people"] / by_square["km2"]
    full = by_square[density > SQUARE_PEOPLE]
    if full.empty:
        return []
    squares = full.set_index(full.index.astype(str))
    places = make_places(
        gpd.GeoDataFrame(squares[[]], geometry=shapely.points(full["x"], full["y"]), crs=homes.crs),
        "home",
        value=density[full.index],
    )
    most = float(density.max())
    return [Finding("crowded_square", "doubt", "", SQUARE_PEOPLE, most, "", places, SQUARE_PEOPLE)]
