"""Tables as Danish offices and registers write them: all of them must be read, unchanged."""

import gzip
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import danish
from gpcoverage.inputs.check import check_file
from gpcoverage.inputs.homes import home_squares, read_homes
from gpcoverage.inputs.layer import Layer

Read = Callable[[Path], Layer]
Write = Callable[[str, str | bytes], Path]

DANISH = [
    "Ydernummer;Praksisnavn;Adresse;Postnr;Kommune;Kapacitet;Tilmeldte;Åben for tilgang;Breddegrad;Længdegrad",
    "012345;Lægerne Åen;Torvet 1, 2. sal;7500;Holstebro Kommune;1,5;1.800;ja;56,36;8,616",
    "012346;Ærø Lægehus;Gaden 2;7600;0661;2;3.200;nej;56,36125;8,61637",
]
TEXT = "\r\n".join(DANISH) + "\r\n"


def tab(line: str) -> str:
    return line.replace(";", "\t")


def comma(line: str) -> str:
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in line.split(";"))


def quoted(line: str) -> str:
    return ";".join(f'"{cell}"' for cell in line.split(";"))


def sor(line: str) -> str:
    return ";".join(f'="{cell}"' for cell in line.split(";"))


FORMS = {
    "UTF-8": ("p.csv", TEXT.encode()),
    "UTF-8 with mark": ("p.csv", TEXT.encode("utf-8-sig")),
    "CP1252": ("p.csv", TEXT.encode("cp1252")),
    "UTF-16": ("p.csv", TEXT.encode("utf-16")),
    "UTF-16 big-endian": ("p.csv", b"\xfe\xff" + TEXT.encode("utf-16-be")),
    "Unix lines": ("p.csv", "\n".join(DANISH).encode()),
    "tabs": ("p.txt", "\n".join(map(tab, DANISH)).encode()),
    "commas": ("p.csv", "\n".join(map(comma, DANISH)).encode()),
    "stated separator": ("p.csv", b"sep=;\r\n" + TEXT.encode()),
    "all quoted": ("p.csv", "\n".join(map(quoted, DANISH)).encode()),
    "Excel's text formulas": ("p.csv", "\n".join([DANISH[0], *map(sor, DANISH[1:])]).encode()),
    "gzip": ("p.csv.gz", gzip.compress(TEXT.encode())),
    "empty rows": ("p.csv", TEXT.encode() + b";;;;;;;;;\r\n\r\n"),
    "blanks around": ("p.csv", TEXT.replace(";", " ; ").encode()),
}


@pytest.mark.parametrize(("name", "content"), FORMS.values(), ids=FORMS.keys())
def test_every_form_of_a_table_reads_the_same(
    write: Write, practices: Read, name: str, content: bytes
) -> None:
    layer = practices(write(name, content))
    assert (layer.record.rows_in, layer.record.rows_used) == (2, 2)
    frame = layer.frame
    assert list(frame.index) == ["012345", "012346"]
    assert list(frame["name"]) == ["Lægerne Åen", "Ærø Lægehus"]
    assert list(frame["address"]) == ["Torvet 1, 2. sal", "Gaden 2"]
    assert list(frame["postcode"]) == ["7500", "7600"]
    assert list(frame["open"]) == [True, False]
    assert list(frame["doctors"]) == [1.5, 2.0]
    assert list(frame["list_size"]) == [1800.0, 3200.0]
    assert list(frame["municipality_code"]) == ["0661", "0661"]
    assert frame.crs == "EPSG:25832"
    lon = frame.to_crs("EPSG:4326").geometry.x
    assert list(lon) == pytest.approx([8.616, 8.61637], abs=1e-9)


def test_a_workbook_reads_the_same(write_workbook: Callable[..., Path], practices: Read) -> None:
    header = DANISH[0].split(";")
    rows: list[list[object]] = [
        ["012345", "Lægerne Åen", "", 7500, "Holstebro Kommune", 1.5, 1800, True, 56.36, 8.616],
        [12346, "Ærø Lægehus", None, "7600", 661, 2, 3200.0, "nej", 56.36125, 8.61637],
    ]
    path = write_workbook({"noter": [["Udtræk 2026"]], "Ark1": [header, *rows]})
    frame = practices(path).frame
    assert list(frame.index) == ["012345", "12346"]
    assert list(frame["doctors"]) == [1.5, 2.0]
    assert list(frame["list_size"]) == [1800.0, 3200.0]
    assert list(frame["open"]) == [True, False]
    assert list(frame["postcode"]) == ["7500", "7600"]
    assert list(frame["municipality_code"]) == ["0661", "0661"]


@pytest.mark.parametrize(
    "stated", ["661", "0661", "661.0", "661,0", " 661 ", "Holstebro", "HOLSTEBRO Kommune", ""]
)
def test_a_municipality_is_understood(write: Write, practices: Read, stated: str) -> None:
    path = write("p.csv", f"id;name;open;lat;lon;kommune\n1;A;ja;56.36;8.616;{stated}\n")
    assert list(practices(path).frame["municipality_code"]) == ["0661"]


@pytest.mark.parametrize(
    ("answer", "is_open"),
    [
        *(("ja", True), ("Ja", True), ("JA ", True), ("1", True), ("åben", True), ("true", True)),
        *(("nej", False), ("0", False), ("lukket", False), ("Lukket for tilgang", False)),
        *(("A\u030aben", True), ("FALSE", False)),
    ],
)
def test_an_answer_is_understood(
    write: Write, practices: Read, answer: str, *, is_open: bool
) -> None:
    path = write("p.csv", f"id;name;open;lat;lon\n1;A;{answer};56.36;8.616\n")
    assert list(practices(path).frame["open"]) == [is_open]


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("easting;northing", "476279,5;6245927,25"),
        ("northing;easting", "6245927.25;476279.5"),
        ("x;y", "476279.5;6245927.25"),
        ("ETRS89 øst;ETRS89 nord", "476.279,5;6.245.927,25"),
        ("X-koordinat;Y-koordinat", "476279.5;6245927.25"),
    ],
)
def test_metres_are_understood(write: Write, practices: Read, header: str, place: str) -> None:
    frame = practices(write("p.csv", f"id;name;open;{header}\n1;A;ja;{place}\n")).frame
    assert frame.geometry.iloc[0].equals(shapely.Point(476_279.5, 6_245_927.25))
    assert list(frame["municipality_code"]) == ["0661"]


def test_unknown_numbers_stay_unknown(write: Write, practices: Read) -> None:
    path = write("p.csv", "id;name;open;lat;lon;doctors;list_size\n1;A;ja;56.36;8.616;;\n")
    frame = practices(path).frame
    assert frame[["doctors", "list_size"]].isna().all(axis=None)


NAMES = ['<script>alert("1")</script>', '=HYPERLINK("http://x")', "x" * 500, "Nørre & Søn\u00ad"]


@pytest.mark.parametrize("name", NAMES, ids=["script", "formula", "long", "odd"])
def test_a_nasty_name_passes_unchanged(
    write: Write, write_workbook: Callable[..., Path], practices: Read, name: str
) -> None:
    quoted = name.replace('"', '""')
    path = write("p.csv", f'id;name;open;lat;lon\n1;"{quoted}";ja;56.36;8.616\n')
    assert list(practices(path).frame["name"]) == [name]
    if not name.startswith("="):
        cells = [["id", "name", "open", "lat", "lon"], ["1", name, "ja", 56.36, 8.616]]
        assert list(practices(write_workbook({"Ark1": cells})).frame["name"]) == [name]


def test_row_numbers_are_those_of_excel(write: Write, practices: Read) -> None:
    text = 'id;name;open;lat;lon\n1;"A\nB";ja;56.36;8.616\n;;;;\n2;C;ja;56.36;8.616\n'
    assert list(practices(write("p.csv", text)).frame["row"]) == [2, 4]


HOMES = (
    "cell;population;x;y{}\n1km_6245_476;12,5;476500;6245500{}\n1km_6140_588;7;588500;6140500{}\n"
)


@pytest.mark.parametrize(
    "homes",
    [
        HOMES.format("", "", ""),
        HOMES.format(";municipality_code", ";0661", ";0461"),
        HOMES.format(";kommunekode", ";661", ";461"),
        HOMES.format(";kommune", ";Holstebro", ";Odense Kommune"),
        HOMES.format(";kommune", ";", ";"),
    ],
    ids=["without", "code", "short code", "name", "empty"],
)
def test_homes_with_and_without_municipality(
    write: Write, municipalities: gpd.GeoDataFrame, homes: str
) -> None:
    before = municipalities.copy()
    layer = read_homes(write("hjem.csv", homes), municipalities, ("0661",))
    assert list(layer.frame.index) == ["1km_6245_476"]
    assert list(layer.frame["population"]) == [12.5]
    assert list(layer.frame["municipality_code"]) == ["0661"]
    assert (layer.record.rows_in, layer.record.rows_used) == (2, 1)
    assert [(item.reason, item.rows) for item in layer.record.left_out] == [
        ("lies outside the study's area", (3,))
    ]
    squares = home_squares(layer.frame)
    assert squares is not None
    assert shapely.covers(squares, layer.frame.geometry.to_numpy()).all()
    pd.testing.assert_frame_equal(pd.DataFrame(municipalities), pd.DataFrame(before))


def test_a_home_in_no_municipality_is_left_out_with_the_reason(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    text = "id;population;lat;lon\na;3;56.36;8.616\nb;4;56.0;7.9\n"
    layer = read_homes(write("hjem.csv", text), municipalities, ("0661",))
    reasons = [(item.reason, item.rows) for item in layer.record.left_out]
    assert reasons == [("lies in no municipality of the list", (3,))]


NODE = "<osm version='0.6'><node id='7' version='1'{}>{}</node></osm>"
ADDRESS = "<tag k='addr:housenumber' v='1'/>"
OSM = {
    "no place": (NODE.format("", ADDRESS), "is not OpenStreetMap data that can be read"),
    "no such place": (NODE.format(" lat='95' lon='500'", ADDRESS), "that can be read"),
    "no addresses": (NODE.format(" lat='56' lon='9'", ""), "holds no address nodes"),
    "cut off": (NODE[:30], "is not OpenStreetMap data that can be read"),
}


def test_homes_are_taken_from_openstreetmap(write: Write, municipalities: gpd.GeoDataFrame) -> None:
    path = write("hjem.osm", NODE.format(" lat='56.36' lon='8.616'", ADDRESS))
    frame = read_homes(path, municipalities, ("0661",)).frame
    assert list(frame.index) == ["n7"]
    assert list(frame["population"]) == [2.1]


@pytest.mark.parametrize(("text", "fragment"), OSM.values(), ids=OSM.keys())
def test_bad_openstreetmap_data_are_refused(
    write: Write,
    municipalities: gpd.GeoDataFrame,
    refused: Callable[..., str],
    text: str,
    fragment: str,
) -> None:
    path = write("hjem.osm", text)
    refused(lambda: read_homes(path, municipalities, ("0661",)), str(path), fragment)


def test_a_path_too_long_for_the_system_is_refused(
    municipalities: gpd.GeoDataFrame, refused: Callable[..., str]
) -> None:
    for suffix in (".osm", ".csv", ".xlsx"):
        path = Path("x" * 5000 + suffix)
        refused(lambda path=path: read_homes(path, municipalities, ("0661",)), str(path))


def test_numbers_of_one_column_share_one_decimal_sign() -> None:
    read = danish.parse_numbers(pd.Series(["1.800,5", "1.800", "2"], index=[7, 8, 9]))
    assert list(read) == [1800.5, 1800.0, 2.0]
    assert list(read.index) == [7, 8, 9]
    assert list(danish.parse_numbers(pd.Series(["1.8", "2"]))) == [1.8, 2.0]


def test_check_says_what_a_file_is(
    write: Write, root: Path, listed: pd.DataFrame, municipalities: gpd.GeoDataFrame
) -> None:
    def kind(path: Path) -> tuple[str, int, int]:
        found = check_file(path, listed, municipalities)
        return found.kind, found.rows_in, found.rows_used

    assert kind(write("p.csv", TEXT)) == ("practices", 2, 2)
    assert kind(write("h.csv", HOMES.format("", "", ""))) == ("homes", 2, 2)
    assert kind(root / "data/municipalities.csv") == ("municipalities", 98, 98)
    assert kind(root / "data/settlements.csv") == ("places", 505, 504)
    assert kind(root / "geo/municipalities.geojson") == ("boundaries", 98, 98)
    assert kind(root / "data/rules.toml") == ("rules", 2, 2)
    assert kind(root / "data/scenarios/knebel.toml") == ("scenario", 2, 2)


def test_check_says_as_what_a_table_was_read(
    write: Write, listed: pd.DataFrame, municipalities: gpd.GeoDataFrame
) -> None:
    without = write("p.csv", "id,name,address,lat,lon\n1,Lægehuset,Torvet 1,56.3,8.3\n")
    with pytest.raises(SchemaError, match=r"missing column open .* as a table of practices, for"):
        check_file(without, listed, municipalities)
