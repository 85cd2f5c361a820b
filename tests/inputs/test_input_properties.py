"""What holds for any table, any number and any cell, whatever stands in them."""

import random
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpcoverage.errors import GpCoverageError
from gpcoverage.inputs import danish, kvadratnet
from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.practices import read_practices
from gpcoverage.inputs.rules import read_all_rules
from gpcoverage.inputs.study_file import load_study

EASTINGS = st.floats(420_000.0, 910_000.0)
NORTHINGS = st.floats(6_030_000.0, 6_420_000.0)
SIZES = sorted(kvadratnet.SIZE_M)


@given(easting=EASTINGS, northing=NORTHINGS, size=st.sampled_from(SIZES))
def test_a_point_lies_in_the_cell_it_names(easting: float, northing: float, size: str) -> None:
    ids = kvadratnet.cell_ids(np.array([easting]), np.array([northing]), size)
    assert kvadratnet.is_cell_id(ids).all()
    min_x, min_y, max_x, max_y = shapely.bounds(kvadratnet.cell_squares(ids))[0]
    assert min_x <= easting < max_x
    assert min_y <= northing < max_y
    assert max_x - min_x == max_y - min_y == kvadratnet.SIZE_M[size]


@given(
    cells=st.lists(st.tuples(st.integers(603, 641), st.integers(42, 90)), min_size=1, max_size=20)
)
def test_cell_ids_and_squares_are_each_other_s_inverse(cells: list[tuple[int, int]]) -> None:
    ids = pd.Series([f"10km_{north}_{east}" for north, east in cells])
    assert kvadratnet.parse_ids(ids).tolist() == [list(cell) for cell in cells]
    middle = shapely.centroid(kvadratnet.cell_squares(ids))
    again = kvadratnet.cell_ids(shapely.get_x(middle), shapely.get_y(middle), "10km")
    assert again.tolist() == ids.tolist()


@pytest.mark.parametrize(
    ("size", "cell"),
    [
        *(("1km", "1km_6223_575"), ("250m", "250m_622375_57550"), ("100m", "100m_62239_5756")),
        *(("10km", "10km_622_57"), ("50km", "50km_620_55"), ("100km", "100km_62_5")),
    ],
)
def test_numbers_of_a_cell_are_cut_down_not_rounded(size: str, cell: str) -> None:
    ids = kvadratnet.cell_ids(np.array([575_600.0]), np.array([6_223_950.0]), size)
    assert ids.tolist() == [cell]


@pytest.mark.parametrize("text", ["", "1km_6223", "2km_6223_576", "1km_-1_576", "x1km_6223_576"])
def test_other_text_is_no_cell(text: str) -> None:
    assert not kvadratnet.is_cell_id(pd.Series([text])).any()


def danish_number(number: float, decimals: int) -> str:
    return f"{number:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


@given(
    numbers=st.lists(
        st.decimals(-9_999_999, 9_999_999, places=2, allow_nan=False), min_size=1, max_size=8
    )
)
def test_numbers_written_the_danish_way_are_read_back(numbers: list[float]) -> None:
    written = pd.Series([danish_number(float(number), 2) for number in numbers])
    assert danish.parse_numbers(written).tolist() == [float(number) for number in numbers]


@given(
    numbers=st.lists(st.floats(-1e9, 1e9, allow_nan=False).map(lambda n: round(n, 6)), max_size=8)
)
def test_numbers_written_the_computer_s_way_are_read_back(numbers: list[float]) -> None:
    written = pd.Series([f"{number:.6f}" for number in numbers], dtype=object)
    assert danish.parse_numbers(written).tolist() == numbers


@given(numbers=st.lists(st.integers(0, 9_999_999), min_size=1, max_size=8))
def test_counts_are_read_back_grouped_or_not(numbers: list[int]) -> None:
    grouped = pd.Series([f"{number:,}".replace(",", ".") for number in numbers])
    assert danish.parse_counts(grouped).tolist() == numbers
    assert danish.parse_counts(pd.Series(list(map(str, numbers)))).tolist() == numbers


PARSERS = [
    *(danish.parse_numbers, danish.parse_counts, danish.parse_amounts),
    *(danish.parse_yes_no, danish.parse_dates, danish.municipality_code),
]


@pytest.mark.parametrize("parse", PARSERS)
@given(cells=st.lists(st.text(max_size=12) | st.text("0123456789.,+-eE nainf", max_size=12)))
def test_no_text_breaks_a_parser(parse: object, cells: list[str]) -> None:
    assert callable(parse)
    text = pd.Series(cells, index=range(2, len(cells) + 2), dtype=object)
    before = text.copy()
    values = parse(text)
    pd.testing.assert_series_equal(text, before)
    assert values.index.equals(text.index)
    if values.dtype == "float64":
        assert not np.isinf(values).any()


@given(text=st.text(max_size=12).filter(lambda t: not any(c.isdigit() for c in t)))
def test_text_without_a_digit_is_no_number(text: str) -> None:
    for parse in (danish.parse_numbers, danish.parse_counts, danish.parse_amounts):
        assert parse(pd.Series([text])).isna().all()


NO_NUMBERS = [
    "nan",
    "NaN",
    "inf",
    "-Infinity",
    "1e999",
    "0x10",
    "1_000",
    "٣",
    "½",
    "1,2,3",
    "1.2.3",
]


@pytest.mark.parametrize(
    "text", [*NO_NUMBERS, "--1", "1-", "1 2", "6,2E+06", "9" * 400, "5 %", "²"]
)
def test_text_that_only_looks_like_a_number_is_none(text: str) -> None:
    assert danish.parse_numbers(pd.Series([text])).isna().all()


@given(header=st.text(max_size=30))
def test_a_header_folds_once_for_all(header: str) -> None:
    folded = danish.normalise_header(header)
    assert danish.normalise_header(folded) == folded


def damaged_table(seed: int) -> tuple[str, int]:
    """Write a table of homes in which some rows lie abroad or at sea, and damage some cells."""
    chance = random.Random(seed)  # noqa: S311  not for secrets
    rows = chance.randrange(1, 40)
    places = ["56.36;8.616", "55.39;10.38", "55.67;12.57", "56.0;7.9", "57.0;9.9", "55.1;14.9"]
    lines = [
        f"h{number};{chance.randrange(0, 50)};{chance.choice(places)}" for number in range(rows)
    ]
    for _ in range(chance.choice([0, 0, 1, 3])):
        line = chance.randrange(rows)
        start = chance.randrange(len(lines[line]))
        broken = chance.choice(
            ["", '"', ";", "x", ",", "\t", "-", "999999", "\n", "\N{DEGREE SIGN}"]
        )
        lines[line] = lines[line][:start] + broken + lines[line][start + 1 :]
    text = "id;population;lat;lon\n" + "\n".join(lines) + "\n"
    return text, sum(1 for line in text.splitlines()[1:] if line.strip("; \t"))


@pytest.mark.parametrize("seed", range(60))
def test_no_row_is_lost_in_silence(
    tmp_path: Path, municipalities: gpd.GeoDataFrame, seed: int
) -> None:
    text, rows = damaged_table(seed)
    path = tmp_path / "hjem.csv"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        layer = read_homes(path, municipalities, ("0661", "0461", "0101"))
    except GpCoverageError as error:
        assert str(path) in str(error)  # noqa: PT017  either outcome is right
        return
    lost = sum(len(item.rows) for item in layer.record.left_out)
    assert layer.record.rows_in == rows
    assert layer.record.rows_in == layer.record.rows_used + lost
    assert layer.record.rows_used == len(layer.frame)


CONTENT = st.binary(max_size=300) | st.text(max_size=300).map(
    lambda t: t.encode("utf-8", "replace")
)
START = st.sampled_from(
    [b"", b"id;name;open;lat;lon\n", b"PK\x03\x04", b"\xff\xfe", b"\x1f\x8b\x08"]
)
NAMES = st.sampled_from(["p.csv", "p.xlsx", "p.csv.gz", "p.txt", "p"])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=START, content=CONTENT, name=NAMES)
def test_any_bytes_are_read_or_refused(
    municipalities: gpd.GeoDataFrame, start: bytes, content: bytes, name: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(start + content)
        try:
            read_practices(path, municipalities)
        except GpCoverageError as error:
            assert str(path) in str(error)  # noqa: PT017  either outcome is right


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=st.sampled_from([b"", b"[[rule]]\n", b"name = ", b"[inputs]\n"]), content=CONTENT)
def test_any_bytes_are_a_study_or_refused(start: bytes, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "studie.toml"
        path.write_bytes(start + content)
        for read in (load_study, read_all_rules):
            with pytest.raises(GpCoverageError, match=r"studie\.toml"):
                read(path)
