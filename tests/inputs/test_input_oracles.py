"""Slow, obvious readers against ours, and the damaged files that fuzzing found."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpcoverage.errors import CrsError, SchemaError
from gpcoverage.inputs import danish
from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.municipalities import read_municipalities

DIGITS = frozenset("0123456789")


def is_digits(text: str) -> bool:
    return text != "" and set(text) <= DIGITS


def groups(text: str) -> bool:
    """Say whether dots part a number into thousands."""
    first, *rest = text.split(".")
    return is_digits(first) and first[0] != "0" and len(first) < 4 and all(map(is_triple, rest))


def is_triple(text: str) -> bool:
    return is_digits(text) and len(text) == 3


def slow_number(cell: str, *, danish_way: bool) -> float:
    """Read a number sign by sign; powers of ten are not for this oracle."""
    text = cell[1:] if cell[:1] in {"+", "-"} else cell
    sign = "," if danish_way and "," in text else "."
    whole, _, fraction = text.partition(sign)
    if danish_way and "." in text and groups(text.partition(",")[0]):
        whole, comma, fraction = text.partition(",")
        whole = whole.replace(".", "")
        if comma and not is_digits(fraction):
            return np.nan
    parts = [part for part in (whole, fraction) if part]
    if not parts or not all(map(is_digits, parts)):
        return np.nan
    number = float(f"{whole or 0}.{fraction or 0}")
    return -number if cell[0] == "-" else number


NUMBERS = st.from_regex(r"[+-]?[0-9]{0,4}([.,][0-9]{0,4}){0,3}", fullmatch=True)
WORDS = st.sampled_from(["", "nan", "inf", "x", "1x", "--1", "٣", "1_0", "0x1", "½", "1-1"])


@pytest.mark.parametrize("storage", ["python", "pyarrow"])
@settings(max_examples=300)
@given(cells=st.lists(NUMBERS | WORDS, min_size=1, max_size=6))
def test_numbers_are_those_of_the_slow_oracle(storage: str, cells: list[str]) -> None:
    if storage == "pyarrow":
        pytest.importorskip("pyarrow")
    with pd.option_context("mode.string_storage", storage):
        read = danish.parse_numbers(pd.Series(cells, dtype="str")).to_numpy()
    danish_way = any(
        "," in cell or (cell.count(".") > 1 and groups(cell.lstrip("+-"))) for cell in cells
    )
    wanted = np.array([slow_number(cell, danish_way=danish_way) for cell in cells])
    np.testing.assert_array_equal(read, wanted)


PLACES = ("56.36;8.616;661", "55.39;10.38;461", "55.67;12.57;", "56.0;7.9;", "55.32;15.19;411")
SIGNS = st.sampled_from(["", '"', ";", "x", ",", "\t", "-", "999999", "\n", "°", "\0", "\r", "é"])
DAMAGE = st.tuples(st.integers(0, 39), st.integers(0, 30), SIGNS)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(st.integers(0, 50), st.sampled_from(PLACES)), min_size=1, max_size=30),
    damage=st.lists(DAMAGE, max_size=2),
)
def test_rows_in_are_rows_used_and_rows_left_out(
    municipalities: gpd.GeoDataFrame,
    rows: list[tuple[int, str]],
    damage: list[tuple[int, int, str]],
) -> None:
    lines = [f"h{number};{people};{place}" for number, (people, place) in enumerate(rows)]
    for line, start, sign in damage:
        old = lines[line % len(lines)]
        lines[line % len(lines)] = old[:start] + sign + old[start + 1 :]
    text = "id;population;lat;lon;kommune\n" + "\n".join(lines) + "\n"
    filled = [line for line in text.replace("\r", "\n").split("\n")[1:] if line.strip("; ")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hjem.csv"
        path.write_text(text, encoding="utf-8", newline="")
        try:
            layer = read_homes(path, municipalities, ("0661", "0461"))
        except SchemaError as error:
            assert str(path) in str(error)  # noqa: PT017  either outcome is right
            return
    lost = [row for item in layer.record.left_out for row in item.rows]
    assert layer.record.rows_in == len(filled)
    assert layer.record.rows_used == len(layer.frame) == len(filled) - len(lost)
    assert len(set(lost)) == len(lost)
    if not damage:
        kept = [str(f"h{n}") for n, (_, place) in enumerate(rows) if place[-3:] in {"661", "461"}]
        assert list(layer.frame.index) == kept


def test_a_corner_outside_the_world_is_refused(
    root: Path, tmp_path: Path, listed: pd.DataFrame, refused: Callable[..., str]
) -> None:
    layer = json.loads((root / "geo/municipalities.geojson").read_text(encoding="utf-8"))
    layer["features"][0]["geometry"]["coordinates"][0][0][1] = [1e300, 55.0]
    path = tmp_path / "grænser.geojson"
    path.write_text(json.dumps(layer), encoding="utf-8")
    refused(lambda: read_municipalities(path, listed), str(path), "do not lie in Denmark")


@pytest.mark.parametrize("column", ["code", "name"])
def test_a_feature_without_code_or_name_is_left_out_with_the_reason(
    root: Path, tmp_path: Path, listed: pd.DataFrame, column: str
) -> None:
    layer = json.loads((root / "geo/municipalities.geojson").read_text(encoding="utf-8"))
    for feature in layer["features"]:
        feature["properties"] = {column: feature["properties"][column]}
    layer["features"].append({**layer["features"][0], "properties": {column: None}})
    path = tmp_path / "grænser.geojson"
    path.write_text(json.dumps(layer), encoding="utf-8")
    record = read_municipalities(path, listed).record
    assert (record.rows_in, record.rows_used) == (99, 98)
    assert [item.rows for item in record.left_out] == [(99,)]


def test_metres_in_a_layer_that_states_degrees_are_refused(
    tmp_path: Path, municipalities: gpd.GeoDataFrame, listed: pd.DataFrame
) -> None:
    path = tmp_path / "grænser.geojson"
    municipalities.set_crs("EPSG:4326", allow_override=True).to_file(path)
    with pytest.raises(CrsError, match=r"x from 44\d{4}.* are EPSG:4326, as it states"):
        read_municipalities(path, listed)


def test_geoboundaries_are_read(
    tmp_path: Path, municipalities: gpd.GeoDataFrame, listed: pd.DataFrame
) -> None:
    shapes = gpd.GeoDataFrame(
        {"shapeName": municipalities["name"], "shapeGroup": "DNK", "shapeType": "ADM2"},
        geometry=municipalities.geometry,
        crs=municipalities.crs,
    )
    path = tmp_path / "geoBoundaries-DNK-ADM2.geojson"
    shapes.to_crs("EPSG:4326").to_file(path)
    assert list(read_municipalities(path, listed).frame["code"]) == list(listed["code"])
