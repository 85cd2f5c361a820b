"""Tables of practices with one fault, and one with many: what the analyst is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gpcoverage.inputs.layer import Layer

Read = Callable[[Path], Layer]
Write = Callable[[str, str | bytes], Path]
Refused = Callable[..., str]

HEADER = "id;name;open;lat;lon;doctors;list_size\n"
GOOD = "1;Lægerne Torvet;ja;56.36;8.616;2;3.200\n"
OF_2 = "faults in 1 of 2 rows; nothing was used"


def row(
    number: str = "2",
    name: str = "Lægehuset",
    *,
    lat: str = "56.36",
    lon: str = "8.616",
    is_open: str = "nej",
    doctors: str = "2",
    list_size: str = "3200",
) -> str:
    return f"{number};{name};{is_open};{lat};{lon};{doctors};{list_size}\n"


PLACE = "column lon / lat"
DOCTORS = ("row 3", "column doctors", "must be a number from 0 to 60", "leave the cell empty")
LIST_SIZE = ("row 3", "column list_size", "must be a whole number from 0 to 100000")
OPEN = ("row 3", "column open", "must be ja or nej", "takes new patients")
ID = ("column id", "no two rows may have the same", "its own ydernummer")

CELLS = {
    "lat and lon swapped": (
        row(lat="8.616", lon="56.36"),
        (PLACE, "in each other's place", "row 3", "56.36 / 8.616", "EPSG:4326"),
    ),
    "in the North Sea": (row(lat="56.0", lon="7.85"), ("must lie on land", "row 3", "Correct")),
    "in Sweden": (row(lat="55.6", lon="13.0"), ("must lie on land", "row 3", "13.0")),
    "in Germany": (row(lat="53.55", lon="9.99"), (PLACE, "must lie in Denmark", "9.99 / 53.55")),
    "Web Mercator metres": (
        row(lat="7627000", lon="959000"),
        (PLACE, "must lie in Denmark", "row 3", "959000 / 7627000", "EPSG:25832"),
    ),
    "zero degrees": (row(lat="0", lon="0"), (PLACE, "must lie in Denmark", '"0 / 0"')),
    "no coordinates": (row(lat="", lon=""), (PLACE, "must be two numbers", "row 3: (empty)")),
    "one coordinate": (row(lat=""), (PLACE, "must be two numbers", "row 3", "8.616 / ")),
    "text for a coordinate": (row(lat="nord"), (PLACE, "must be two numbers", "8.616 / nord")),
    "metres among degrees": (
        row(lat="6245500", lon="476300") + row("3"),
        (PLACE, "the same coordinate system as the other rows", "row 3", "476300 / 6245500"),
    ),
    "text in a number": (row(doctors="to"), (*DOCTORS, '"to"')),
    "negative doctors": (row(doctors="-1"), (*DOCTORS, '"-1"')),
    "1500 doctors": (row(doctors="1500"), (*DOCTORS, '"1500"')),
    "nan": (row(doctors="nan"), (*DOCTORS, '"nan"')),
    "inf": (row(doctors="inf"), (*DOCTORS, '"inf"')),
    "1e999": (row(doctors="1e999"), (*DOCTORS, '"1e999"')),
    "400 digits": (row(doctors="9" * 400), (*DOCTORS, '"999')),
    "spreadsheet error": (row(doctors="#REF!"), (*DOCTORS, '"#REF!"')),
    "fractional list size": (row(list_size="1600,5"), (*LIST_SIZE, '"1600,5"')),
    "negative list size": (row(list_size="-5"), (*LIST_SIZE, '"-5"')),
    "list size of nan": (row(list_size="nan"), (*LIST_SIZE, '"nan"')),
    "a million patients": (row(list_size="1.000.000"), (*LIST_SIZE, '"1.000.000"')),
    "empty open": (row(is_open=""), (*OPEN, "row 3: (empty)")),
    "open is måske": (row(is_open="måske"), (*OPEN, '"måske"')),
    "open is 2": (row(is_open="2"), (*OPEN, '"2"')),
    "duplicate id": (row("1"), (*ID, "row 2", "row 3", '"1"')),
    "id of blanks": (row("  "), (*ID, "row 3: (empty)")),
    "name of blanks": (row(name="\u00a0 "), ("column name", "must not be empty", "row 3: (empty)")),
}


@pytest.mark.parametrize(("line", "fragments"), CELLS.values(), ids=CELLS.keys())
def test_a_bad_cell_is_named(
    write: Write, practices: Read, refused: Refused, line: str, fragments: tuple[str, ...]
) -> None:
    path = write("praksis.csv", HEADER + GOOD + line)
    refused(lambda: practices(path), str(path), "nothing was used", *fragments)


MUNICIPALITIES = {
    "unknown code": (
        "0999",
        ("must be a kommunekode or the name", '"0999"', "leave the cell empty"),
    ),
    "unknown name": ("Ribe Amt", ("must be a kommunekode or the name", '"Ribe Amt"')),
    "contradicts the coordinates": (
        "0101",
        ("must agree with the coordinates", "0101", "lies in 0661"),
    ),
    "name contradicts the coordinates": (
        "Bornholm",
        ("must agree with the coordinates", '"Bornholm, but', "lies in 0661"),
    ),
}


@pytest.mark.parametrize(
    ("stated", "fragments"), MUNICIPALITIES.values(), ids=MUNICIPALITIES.keys()
)
def test_a_bad_municipality_is_named(
    write: Write, practices: Read, refused: Refused, stated: str, fragments: tuple[str, ...]
) -> None:
    header = HEADER.replace("id;", "Kommune;id;")
    path = write("praksis.csv", f"{header}0661;{GOOD}{stated};{row()}")
    refused(lambda: practices(path), str(path), OF_2, "column Kommune", "row 3", *fragments)


HEADERS = {
    "one column missing": (
        "id;name;lat;lon",
        ("row 1", "missing column open", "åbenfortilgang", "rename the header", "id, name, lat"),
    ),
    "several missing": (
        "navn;doctors",
        ("missing column id", "open (or", "missing coordinates", "lat and lon"),
    ),
    "one coordinate missing": ("id;name;open;lat", ("missing coordinates",)),
    "header twice": ("id;name;open;lat;lon;name", ("column name stands twice", "row 1")),
    # Two headers of one meaning are refused: which of them is meant is not for us to guess.
    "two ids": ("id;name;open;lat;lon;Ydernummer", ("id and Ydernummer both mean id", "Keep one")),
    "two names": ("id;name;open;lat;lon;Klinik", ("name and Klinik both mean name", "Keep one")),
    "two latitudes": (
        "id;name;open;lat;lon;Breddegrad",
        ("lat and Breddegrad both mean lat", "Keep one"),
    ),
    "header in other case": ("id;name;open;lat;lon;LAT", ("lat and LAT both mean lat",)),
    "other people's table": ("a;b;c", ("missing column id", "which reads: a, b, c")),
}


@pytest.mark.parametrize(("header", "fragments"), HEADERS.values(), ids=HEADERS.keys())
def test_a_bad_header_is_named(
    write: Write, practices: Read, refused: Refused, header: str, fragments: tuple[str, ...]
) -> None:
    path = write("praksis.csv", f"{header}\n{';'.join('1' for _ in header.split(';'))}\n")
    refused(lambda: practices(path), str(path), *fragments)


def test_two_codes_are_refused(write: Write, practices: Read, refused: Refused) -> None:
    header = HEADER.replace("id;", "KOMKODE;kommunekode;id;")
    path = write("praksis.csv", f"{header}661;0661;{GOOD}")
    refused(lambda: practices(path), "KOMKODE and kommunekode both mean municipality_code")


def test_a_code_wins_over_a_name(write: Write, practices: Read) -> None:
    header = HEADER.replace("id;", "Kommune;kommunekode;id;")
    frame = practices(write("praksis.csv", f"{header}Vest;0661;{GOOD}")).frame
    assert list(frame["municipality_code"]) == ["0661"]


@pytest.mark.parametrize("titles", ["Praksis 2026\n", "Praksis 2026\n\nUdtræk;;;;;;\n"])
def test_a_title_above_the_header_is_told(
    write: Write, practices: Read, refused: Refused, titles: str
) -> None:
    path = write("praksis.csv", titles + HEADER + GOOD)
    number = titles.count("\n") + 1
    refused(lambda: practices(path), str(path), f"row {number} looks like it", "header is row 1")


def test_a_title_row_of_a_workbook_is_told(
    write_workbook: Callable[..., Path], practices: Read, refused: Refused
) -> None:
    cells = [HEADER.strip().split(";"), GOOD.strip().split(";")]
    path = write_workbook({"Ark1": [["Praksis 2026"], *cells]})
    refused(lambda: practices(path), str(path), "row 2 looks like it", "header is row 1")


def test_all_faults_are_told_at_once(write: Write, practices: Read, refused: Refused) -> None:
    lines = [
        row("1", doctors="mange"),
        row("2", is_open="måske", lat="8.616", lon="56.36"),
        row("2", list_size="12,5"),
        row("4", name=""),
        row("5", lat="0", lon="0", doctors="-3"),
        row("6", lat="56.0", lon="7.85"),
    ]
    path = write("praksis.csv", HEADER + GOOD + "".join(lines))
    message = refused(
        lambda: practices(path),
        "12 faults in 7 of 7 rows",
        *('"mange"', '"måske"', '"12,5"', '"-3"', '"0 / 0"', "56.36 / 8.616"),
        *("column id", "column name", "must lie on land", "must lie in Denmark"),
    )
    assert message.count("column ") >= 8
    assert message.count('"1"') == 2


def test_many_bad_rows_are_told_as_ranges(write: Write, practices: Read, refused: Refused) -> None:
    lines = [row(str(number), doctors="x") for number in range(2, 1000)]
    path = write("praksis.csv", HEADER + GOOD + "".join(lines))
    message = refused(lambda: practices(path), "998 faults in 998 of 999 rows", "rows 103-1000")
    assert message.count("\n") < 110


def test_a_bad_value_cannot_write_to_the_terminal(
    write: Write, practices: Read, refused: Refused
) -> None:
    path = write("praksis.csv", HEADER + row(doctors="\x1b[31m" + "x" * 5000))
    message = refused(lambda: practices(path), "column doctors", "…")
    assert "\x1b" not in message
    assert len(message) < 1000
