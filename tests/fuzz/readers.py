"""Every reader with a small good file of its kind; what may come out of it besides a result."""

import gzip
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import openpyxl
import pandas as pd
import shapely

from faults.forking import in_a_child
from gpcoverage.errors import GpCoverageError
from gpcoverage.inputs import areas, ceilings, designations, divisions, goals, grants, places, plan
from gpcoverage.inputs import municipalities as boundaries
from gpcoverage.inputs.check import check_file
from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.practices import read_practices
from gpcoverage.inputs.projection import read_projection
from gpcoverage.inputs.references import read_references
from gpcoverage.inputs.rules import read_all_rules
from gpcoverage.inputs.scenario_file import read_scenario
from gpcoverage.inputs.study_file import load_study
from gpcoverage.network.osm import from_pbf, load_built
from gpcoverage.network.terrain import from_cells
from gpcoverage.sources import content
from gpcoverage.sources.boundaries import read_dagi
from gpcoverage.sources.census import read_census_grid
from gpcoverage.sources.deliveries import read_kvadratnet_delivery
from gpcoverage.sources.endpoints import Kind, Source
from gpcoverage.sources.provenance import read_provenance
from gpcoverage.sources.region_export import read_region
from gpcoverage.sources.sor import read_sor
from gpcoverage.sources.statbank import parse_statbank
from small_study import CODES, CROSSINGS, lattice
from sources.registers import region, sor_text, unit
from sources.samples import LONG, WIDE
from sources.serving import GOOD, NEEDS
from sources.test_deliveries import DELIVERY
from sources.test_statbank import FOLK1A, LABY27
from test_cli import VILLAGE

ROOT: Final = Path(__file__).resolve().parents[2]
DATE: Final = date(2026, 11, 1)
ALLOWED: Final = (GpCoverageError, content.UnfitError)


class Sample(NamedTuple):
    """A good file and who reads it.

    Attributes
    ----------
    name
        Of the file; its ending tells the reader what it is.
    data
        What stands in it.
    read
        Reads the file at a path.
    """

    name: str
    data: bytes
    read: Callable[[Path], object]


def samples(folder: Path) -> dict[str, Sample]:
    """Make the samples; the folder gets the files that others name."""
    listed = boundaries.read_municipality_list(ROOT / "data/municipalities.csv")
    known = boundaries.read_municipalities(ROOT / "geo/municipalities.geojson", listed).frame
    made = dict(_tables(known, listed))
    made |= _layers(known, listed, folder)
    made |= _documents(folder)
    made |= _fetched(listed, folder)
    made |= _networks(folder)
    return made


def _head(name: str, rows: int = 25) -> bytes:
    return b"".join((ROOT / "data" / name).read_bytes().splitlines(keepends=True)[:rows])


def _workbook(table: bytes) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for line in table.decode("utf-8-sig").splitlines()[:8]:
        book.active.append(
            [float(c) if c.replace(".", "", 1).isdigit() else c for c in line.split(",")]
        )
    book.save(buffer)
    return buffer.getvalue()


def _practices() -> bytes:
    rows = pd.read_csv(ROOT / "data/practices.csv", dtype=str, keep_default_na=False).head(12)
    rows = rows.loc[:, ~rows.apply(lambda cells: cells.str.contains(";").any())]
    text: str = rows.map(lambda c: c.replace(",", " ")).to_csv(index=False)
    return text.encode()


def _tables(known: gpd.GeoDataFrame, listed: pd.DataFrame) -> Iterator[tuple[str, Sample]]:
    def practices(path: Path) -> object:
        return read_practices(path, known)

    def homes(path: Path) -> object:
        return read_homes(path, known, CODES)

    text = _practices()
    yield "practices", Sample("practices.csv", text, practices)
    danish = text.replace(b",", b";").replace(b".", b",").decode().encode("cp1252")
    yield "practices, Danish", Sample("practices.csv", danish, practices)
    yield "practices, packed", Sample("practices.csv.gz", gzip.compress(text, mtime=0), practices)
    yield "practices, Excel", Sample("practices.xlsx", _workbook(text), practices)
    yield "homes", Sample("homes.csv", HOMES, homes)
    yield "cells", Sample("cells.csv", CELLS, homes)
    yield "addresses", Sample("village.osm", VILLAGE.encode(), homes)
    yield "check", Sample("some.csv", text, lambda path: check_file(path, listed, known))
    table = _head("municipalities.csv")
    yield "list", Sample("municipalities.csv", table, boundaries.read_municipality_list)
    for name, read in TABLES.items():
        yield name, Sample(f"{name}.csv", _head(f"{name}.csv"), read)
    towns = _head("settlements.csv")
    yield "places", Sample("t.csv", towns, lambda p: places.read_places(p, municipalities=known))
    yield "projection", Sample("frkm.csv", PROJECTION, lambda p: read_projection(p, known))


HOMES: Final = b"""home_id;population;lat;lon;municipality_code
a;12;56,36;8,61;0661
b;1800;56,37;8,62;Holstebro
c;0;56,35;8,60;
d;3,5;55,67;12,57;0101
e;7;56,55;8,31;0665
"""
CELLS: Final = b"cell,population\n1km_6246_476,40\n1km_6247_476,41\n1km_6248_476,0\n"
PROJECTION: Final = "OMRÅDE;TID;INDHOLD\nHolstebro;2026;59.100\nHolstebro;2027;58.900\n".encode()
TABLES: Final[dict[str, Callable[[Path], object]]] = {
    "designations": designations.read_designations,
    "ceilings": ceilings.read_ceilings,
    "reference_counts": read_references,
    "grants": grants.read_grants,
    "goals": goals.read_goals,
    "instruments": plan.read_instruments,
    "plan_profiles": plan.read_profiles,
    "divisions": lambda path: divisions.read_divisions(path, DATE),
}


def _layers(known: gpd.GeoDataFrame, listed: pd.DataFrame, folder: Path) -> dict[str, Sample]:
    """Boundaries and areas, each in two formats, their shapes kept simple."""
    few = known[known["code"].isin(CODES)][["code", "name", "geometry"]]
    few = few.assign(geometry=few.geometry.simplify(2000.0))
    names = listed[listed["code"].isin(CODES)]
    data = {}
    for ending, driver in (("geojson", "GeoJSON"), ("gpkg", "GPKG")):
        path = folder / f"layer.{ending}"
        few.to_crs("EPSG:4326").to_file(path, driver=driver)
        data[ending] = path.read_bytes()
    grid = gpd.GeoDataFrame(
        {"GRD_ID": ["CRS3035RES1000mN3695000E4235000"], "T": [1234]},
        geometry=[shapely.box(4235000, 3695000, 4236000, 3696000)],
        crs="EPSG:3035",
    )
    grid.to_file(folder / "grid.gpkg", driver="GPKG")
    data["grid"] = (folder / "grid.gpkg").read_bytes()
    return {
        **{
            f"boundaries, {ending}": Sample(
                f"kommuner.{ending}",
                data[ending],
                lambda p: boundaries.read_municipalities(p, names),
            )
            for ending in ("geojson", "gpkg")
        },
        **{
            f"areas, {ending}": Sample(
                f"sogne.{ending}", data[ending], lambda p: areas.read_areas(p, "name")
            )
            for ending in ("geojson", "gpkg")
        },
        "census, gpkg": Sample("grid.gpkg", data["grid"], read_census_grid),
        "census, wide": Sample("grid.csv", WIDE.encode(), read_census_grid),
        "census, long": Sample("grid.csv", LONG.encode(), read_census_grid),
    }


def _documents(folder: Path) -> dict[str, Sample]:
    """Studies, rules and scenarios; the study names files that lie beside it and are whole."""
    (folder / "practices.csv").write_bytes(_practices())
    (folder / "homes.csv").write_bytes(HOMES)
    text = (ROOT / "data/midtjylland.toml").read_text(encoding="utf-8")
    beside = (
        "municipalities.csv", "rules.toml", "divisions.csv", "designations.csv", "settlements.csv",
        "villages.csv", "settlement_corrections.csv",
    )  # fmt: skip
    for name in beside:
        text = text.replace(f'"{name}"', f'"{ROOT}/data/{name}"')
    text = text.replace("../geo/cells.csv.gz", "homes.csv", 1).replace("../geo", f"{ROOT}/geo")
    scenario = (ROOT / "data/scenarios/knebel.toml").read_bytes()
    opens = next((ROOT / "data/scenarios").glob("*haderup*")).read_bytes()
    rules = (ROOT / "data/rules.toml").read_bytes()
    return {
        "study": Sample("study.toml", text.encode(), load_study),
        "rules": Sample("rules.toml", rules, read_all_rules),
        "scenario": Sample("scenario.toml", scenario, read_scenario),
        "scenario, opens": Sample("scenario.toml", opens, read_scenario),
    }


def _fetched(listed: pd.DataFrame, folder: Path) -> dict[str, Sample]:
    """What official sources send, and the records beside it."""
    region(folder, "1;;Lægerne A;ja;2;3200;Østergade 1;7500;Holstebro")
    rows = (unit(1, yder="1"), unit(2, yder="2"), unit(3, end="2020-01-01"))
    record = {
        **dict.fromkeys(("source", "url", "licence"), "x"),
        "date": "2026-11-01T00:00:00+00:00",
        "modified": None,
        "crs": None,
        "sha256": "0" * 64,
        "bytes": 1,
        "rows": 1,
    }
    wkt = "POLYGON ((476000 6246000, 477000 6246000, 477000 6247000, 476000 6246000))"
    node = {"kommunekode": "0661", "navn": "Holstebro", "geometri": {"wkt": wkt}}
    nodes = {"pageInfo": {"hasNextPage": False}, "nodes": [node]}
    dagi = {"data": {"DAGI_Kommuneinddeling": nodes}}

    def statbank(table: str) -> Callable[[Path], object]:
        return lambda path: parse_statbank(path, table, listed)

    made = {
        "SOR": Sample("sor.csv", sor_text(*rows).encode(), lambda path: read_sor(path, DATE)),
        "region": Sample("region.csv", (folder / "region.csv").read_bytes(), read_region),
        "delivery": Sample("leverance.csv", DELIVERY.encode(), read_kvadratnet_delivery),
        "DAGI": Sample("dagi.json", json.dumps(dagi).encode(), read_dagi),
        "FOLK1A": Sample("folk1a.csv", FOLK1A.encode(), statbank("FOLK1A")),
        "LABY27": Sample("laby27.csv", LABY27.encode(), statbank("LABY27")),
        "record": Sample(
            "file.csv.provenance.json",
            json.dumps(record).encode(),
            lambda path: read_provenance(path.with_name("file.csv")),
        ),
        "unpack": Sample("f.zip", GOOD["zip"], _unpack),
    }
    for kind, good in GOOD.items():
        made[f"fetched {kind}"] = Sample(f"fetched.{kind}", good, _checks(kind))
    return made


def _unpack(path: Path) -> object:
    return content.unpack(path, path.parent / "unpacked", ["grid"], max_bytes=10_000_000)


def _checks(kind: Kind) -> Callable[[Path], object]:
    source = Source(
        name=f"fetched.{kind}",
        url="http://127.0.0.1/x",
        licence="CC",
        attribution="SDS",
        kind=kind,
        min_bytes=1,
        max_bytes=10_000_000,
        crs="EPSG:4326" if kind == "geojson" else None,
        needs=NEEDS[kind],
    )
    return lambda path: content.check_content(source, path)


def _networks(folder: Path) -> dict[str, Sample]:
    (folder / "village.osm").write_text(VILLAGE, encoding="utf-8")
    # In a process of its own: osmium's threads would be missing in what is forked from here.
    in_a_child(lambda: from_pbf(folder / "village.osm").save(folder / "village.npz"))
    network = (folder / "village.npz").read_bytes()
    pbf = (ROOT / "geo/sample_roads.osm.pbf").read_bytes()
    (folder / "cells.csv").write_bytes(lattice())
    (folder / "crossings.csv").write_bytes(CROSSINGS)
    return {
        "roads, cells": Sample(
            "land.csv", lattice(), lambda path: from_cells(path, folder / "crossings.csv")
        ),
        "roads, crossings": Sample(
            "cross.csv", CROSSINGS, lambda path: from_cells(folder / "cells.csv", path)
        ),
        "roads, osm": Sample("roads.osm", VILLAGE.encode(), from_pbf),
        "roads, pbf": Sample("roads.osm.pbf", pbf, from_pbf),
        "roads, built": Sample("roads.npz", network, load_built),
    }
