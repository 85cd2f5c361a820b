"""A small study on disk: three municipalities, 25 cells of land, thirteen homes, four practices."""

import csv
import io
from pathlib import Path

import geopandas as gpd
import numpy as np

from gpcoverage.units import to_degrees

ROOT = Path(__file__).resolve().parent.parent
CODES = ("0661", "0665", "0671")
STUDY = """name = "Små skader"
date = 2026-11-01
municipality_codes = ["0661"]
[inputs]
municipalities = "list.csv"
boundaries = "land.geojson"
practices = "practices.csv"
homes = "homes.csv"
rules = "rules.toml"
[roads]
kind = "terrain"
cells = "cells.csv"
crossings = "crossings.csv"
"""
Table = list[list[str]]


def at(km_east: float, km_north: float) -> list[str]:
    """Give a place in the lattice of the sample as degrees with decimal points."""
    lon, lat = to_degrees(
        np.array([476_500 + 1000 * km_east]), np.array([6_246_500 + 1000 * km_north])
    )
    return [f"{lat[0]:.5f}", f"{lon[0]:.5f}"]


PRACTICES: Table = [
    ["id", "name", "open", "doctors", "list_size", "lat", "lon", "municipality"],
    ["p1", "Lægerne Ørnevej", "ja", "2", "3200", *at(0, 0), "Holstebro"],
    ["p2", "Lægehuset", "ja", "1", "1600", *at(4, 4), "0661"],
    ["p3", "Klinikken", "nej", "3", "", *at(2, 2), ""],
    ["p4", "Byens Læger", "ja", "", "1800", *at(3, 1), "661"],
]
HOMES: Table = [
    ["id", "population", "lat", "lon", "kommunekode"],
    *([f"h{i}", str(3 * i), *at(i % 5, i // 3), "0661"] for i in range(10)),
    ["s1", "12", "56.4930", "8.5900", "0671"],
    ["s2", "40", "56.4950", "8.5950", "Struer"],
    ["c1", "90", "55.3200", "15.1870", "0411"],
]
CROSSINGS = b"""name,kind,from_lat,from_lon,to_lat,to_lon,km,note
Broen,bridge,56.3617,8.6191,56.3626,8.6838,4.2,
Overfarten,ferry,56.3617,8.6191,56.3626,8.6838,5.0,
"""
PLAIN = (",", "utf-8", "\n", True)
"""How a table is written: separator, encoding, ends of lines, with quotation marks."""


def lattice() -> bytes:
    """Lay out a square of five by five cells, joined to the east and north."""
    rows = ["cell,municipality_code,x,y,links,population"]
    for north in range(5):
        for east in range(5):
            links = (1 if east < 4 else 0) + (4 if north < 4 else 0)
            x, y = 476_500 + 1000 * east, 6_246_500 + 1000 * north
            rows.append(f"1km_{6246 + north}_{476 + east},0661,{x},{y},{links},7")
    return "\n".join(rows).encode()


def small_study(folder: Path, municipalities: gpd.GeoDataFrame) -> Path:
    """Write the study with its tables; give the study file."""
    few = municipalities[municipalities["code"].isin(CODES)]
    few = few[["code", "name", "geometry"]].assign(geometry=few.geometry.simplify(500.0))
    few.to_crs("EPSG:4326").to_file(folder / "land.geojson", driver="GeoJSON")
    lines = (ROOT / "data/municipalities.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines[1:] if line.startswith(CODES)]
    (folder / "list.csv").write_text("\n".join([lines[0], *kept]), encoding="utf-8")
    (folder / "rules.toml").write_bytes((ROOT / "data/rules.toml").read_bytes())
    (folder / "cells.csv").write_bytes(lattice())
    (folder / "crossings.csv").write_bytes(CROSSINGS)
    (folder / "practices.csv").write_bytes(encode(PRACTICES, PLAIN))
    (folder / "homes.csv").write_bytes(encode(HOMES, PLAIN))
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder / "study.toml"


def encode(
    table: Table, form: tuple[str, str, str, bool], damage: tuple[tuple[int, bytes], ...] = ()
) -> bytes:
    """Write a table as programs do: with quotation marks where they are needed, or without."""
    separator, code, ending, quotes = form
    if quotes:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=separator, lineterminator=ending).writerows(table)
        text = buffer.getvalue()
    else:
        text = "".join(separator.join(row) + ending for row in table)
    data = text.encode(code, errors="replace")
    for place, piece in damage:
        start = place % (len(data) + 1)
        data = data[:start] + piece + data[start + 1 :]
    return data
