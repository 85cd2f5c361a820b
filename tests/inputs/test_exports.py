"""What Excel and registers do to a table before it reaches us: understood, or told in words."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from gpcoverage.inputs.check import check_file
from gpcoverage.inputs.layer import Layer

Read = Callable[[Path], Layer]
Write = Callable[[str, str | bytes], Path]
Refused = Callable[..., str]

HEADER = "id;name;open;lat;lon;doctors;list_size;opsigelsesdato\n"
GOOD = "1;Lægerne;ja;56,36;8,616;2;1.800;\n"


def row(**cells: str) -> str:
    usual = {"id": "2", "name": "Klinik", "open": "nej", "lat": "56,36", "lon": "8,616"}
    usual |= {"doctors": "2", "list_size": "1600", "date": ""}
    return ";".join((usual | cells).values()) + "\n"


TOLD = {
    "totals row": (
        row(id="I alt", name="", open="", lat="", lon=""),
        ("must be ja or nej", "row 3: (empty)", "must be two numbers", "column name"),
    ),
    "rounded by Excel": (
        row(lat="6,2E+06", lon="5,0E+05"),
        ("must be two numbers", "written out in full", "5,0E+05 / 6,2E+06"),
    ),
    "rounded list size": (row(list_size="1,8E+03"), ("column list_size", '"1,8E+03"')),
    "degree sign": (row(lat="56,2672°"), ("must be two numbers", "8,616 / 56,2672°")),
    "point of the compass": (row(lat="56.267N"), ("must be two numbers", "8,616 / 56.267N")),
    "dots put in by Excel": (
        row(lat="56.267.213", lon="8.616.370"),
        ("must lie in Denmark", "8.616.370 / 56.267.213"),
    ),
    "two numbers in a cell": (row(doctors="1 2"), ("column doctors", '"1 2"')),
    "a number taken for a date": (row(doctors="01-maj"), ("column doctors", '"01-maj"')),
    "day as a count": (
        row(date="46326"),
        ("column opsigelsesdato", "must be a day such as", "Excel's own count", '"46326"'),
    ),
    "no such day": (row(date="31-02-2026"), ("must be a day such as", '"31-02-2026"')),
    "failed lookup": (row(name="#N/A"), ("must not be the error of a formula", '"#N/A"')),
    "failed lookup in Danish": (row(name="#I/T"), ("must not be the error of a formula", '"#I/T"')),
    "the header once more": (HEADER, ("row 3", '"open"', '"doctors"', '"lon / lat"')),
}


@pytest.mark.parametrize(("line", "fragments"), TOLD.values(), ids=TOLD.keys())
def test_what_an_export_spoils_is_told(
    write: Write, practices: Read, refused: Refused, line: str, fragments: tuple[str, ...]
) -> None:
    path = write("p.csv", HEADER + GOOD + line)
    refused(lambda: practices(path), str(path), "in 1 of 2 rows", *fragments)


@pytest.mark.parametrize(
    "written",
    ["12345", "12.345", "12 345", "12\u00a0345", "12\u202f345", "12.345,0", '="12345"', " 12345 "],
)
def test_a_large_number_is_understood(write: Write, practices: Read, written: str) -> None:
    frame = practices(write("p.csv", HEADER + row(list_size=written))).frame
    assert list(frame["list_size"]) == [12_345.0]


@pytest.mark.parametrize(
    "written", ["2026-10-31", "31-10-2026", "31.10.2026", "31/10/2026", "2026-10-31 00:00:00"]
)
def test_a_day_is_understood(write: Write, practices: Read, written: str) -> None:
    frame = practices(write("p.csv", HEADER + row(date=written) + GOOD)).frame
    assert list(frame["notice_date"]) == ["2026-10-31", ""]


def test_old_line_ends_and_a_header_of_two_lines_are_understood(
    write: Write, practices: Read
) -> None:
    table = HEADER + GOOD
    assert len(practices(write("p.csv", table.replace("\n", "\r"))).frame) == 1
    two_lines = table.replace("open", '"Åben for\ntilgang"', 1)
    assert list(practices(write("p.csv", two_lines)).frame["open"]) == [True]


def edited(path: Path, change: Callable[[str], str]) -> Path:
    """Change the first sheet of a workbook as another program would have written it."""
    target = path.with_name("ændret.xlsx")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(target, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            if name.endswith("sheet1.xml"):
                content = change(content.decode()).encode()
            archive.writestr(name, content)
    return target


CELLS: list[list[object]] = [
    ["id", "name", "open", "lat", "lon", "doctors", "list_size"],
    ["1", "Lægerne", "ja", 56.36, 8.616, 1.5, 1800],
    ["2", "Klinik", "nej", 56.36, 8.616, 2, 1600],
]


@pytest.mark.parametrize("size", ["A1", "A1:G2", "A1:C3"])
def test_a_sheet_that_states_a_wrong_size_is_read_whole(
    write_workbook: Callable[..., Path], practices: Read, size: str
) -> None:
    path = edited(
        write_workbook({"Ark1": CELLS}),
        lambda xml: re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="{size}"', xml),
    )
    frame = practices(path).frame
    assert list(frame["list_size"]) == [1800.0, 1600.0]


def test_a_sheet_row_beyond_those_of_excel_is_refused_at_once(
    write_workbook: Callable[..., Path], practices: Read, refused: Refused
) -> None:
    path = edited(
        write_workbook({"Ark1": CELLS}), lambda xml: xml.replace('<row r="3"', '<row r="99999999"')
    )
    refused(lambda: practices(path), str(path), "has more than 1,048,576 rows")


def test_number_cells_keep_their_value_beside_danish_text(
    write_workbook: Callable[..., Path], practices: Read
) -> None:
    rows = [[*CELLS[0]], [*CELLS[1]], [*CELLS[2]]]
    rows[1][5], rows[2][5] = "2,5", 1.125
    assert list(practices(write_workbook({"Ark1": rows})).frame["doctors"]) == [2.5, 1.125]


def test_a_fractional_number_cell_is_no_thousand(
    write_workbook: Callable[..., Path], practices: Read, refused: Refused
) -> None:
    rows = [CELLS[0], [*CELLS[1][:6], 1.234]]
    path = write_workbook({"Ark1": rows})
    refused(lambda: practices(path), "must be a whole number", "1.234")


def test_a_formula_with_an_empty_result_is_an_empty_cell(
    write_workbook: Callable[..., Path], practices: Read
) -> None:
    rows = [CELLS[0], [*CELLS[1][:5], '=IF(1,"",2)', 1800]]
    stored = re.compile(r'<c r="F2"([^>]*)>')
    path = edited(
        write_workbook({"Ark1": rows}), lambda xml: stored.sub(r'<c r="F2"\1 t="str">', xml)
    )
    assert practices(path).frame["doctors"].isna().all()


def test_days_and_answers_of_a_workbook_are_understood(
    write_workbook: Callable[..., Path], practices: Read
) -> None:
    rows = [
        [*CELLS[0], "opsigelsesdato"],
        [*CELLS[1], pd.Timestamp("2026-10-31").to_pydatetime()],
        [*CELLS[2], None],
    ]
    assert list(practices(write_workbook({"Ark1": rows})).frame["notice_date"]) == [
        "2026-10-31",
        "",
    ]


def test_check_looks_behind_a_cover_sheet(
    write_workbook: Callable[..., Path], listed: pd.DataFrame, municipalities: gpd.GeoDataFrame
) -> None:
    homes = [["id", "population", "lat", "lon"], ["a", 3, 56.36, 8.616]]
    path = write_workbook({"Forside": [["Udtræk 2026"]], "Data": homes})
    found = check_file(path, listed, municipalities)
    assert (found.kind, found.rows_used) == ("homes", 1)
