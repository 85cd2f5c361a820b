"""Files that are no table, or a broken one, and boundary files that are none of ours."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gpcoverage.inputs import tables, textfile
from gpcoverage.inputs.layer import Layer
from gpcoverage.inputs.municipalities import read_municipalities

Read = Callable[[Path], Layer]
Write = Callable[[str, str | bytes], Path]
Refused = Callable[..., str]

HEADER = "id;name;open;lat;lon\n"
ROW = "1;Lægerne Torvet;ja;56.36;8.616\n"
TABLE = HEADER + ROW
ROWS: list[list[str]] = [line.split(";") for line in TABLE.splitlines()]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
SHEET: list[list[object]] = [list(row) for row in ROWS]


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


FILES = {
    "empty": ("p.csv", b"", ("is empty (0 bytes)", "Export")),
    "blank lines only": ("p.csv", b"\n\n  \n", ("row 1", "missing column id", "nothing")),
    "header only": ("p.csv", HEADER, ("has a header but no rows", "with its data")),
    "header and empty rows": ("p.csv", HEADER + ";;;;\n", ("has a header but no rows",)),
    "HTML": ("p.csv", "\n<!DOCTYPE html><html>", ("is a web page", "Download the data")),
    "XML": ("p.csv", '<?xml version="1.0"?><a/>', ("is a web page (HTML or XML)",)),
    "JSON": ("p.csv", '{"features": []}', ("is JSON", "as .csv or .xlsx")),
    "PDF": ("p.csv", b"%PDF-1.7\n\x00", ("is a PDF", "as .xlsx or .csv")),
    "PNG": ("p.csv", PNG, ("holds binary data", "Export the table")),
    "zip as csv": ("p.csv", zipped("p.csv", b"id"), ("is a zip or Excel file", "unpack")),
    "gzip as csv": ("p.csv", gzip.compress(b"id"), ("is a gzip file", "to .csv.gz")),
    "old Excel": ("p.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("old (.xls)", ".xlsx")),
    "old Excel as csv": ("p.csv", b"\xd0\xcf\x11\xe0\xa1\xb1", ("old (.xls)", ".xlsx")),
    "csv as xlsx": ("p.xlsx", TABLE, ("is not an Excel workbook", "to .csv")),
    "zip as xlsx": ("p.xlsx", zipped("p.csv", b"id"), ("is not a whole Excel workbook",)),
    "zip cut off": ("p.xlsx", zipped("p.csv", b"id")[:40], ("is not a whole Excel workbook",)),
    "no gzip": ("p.csv.gz", TABLE, ("is not a whole gzip file", "Fetch it again")),
    "gzip cut off": (
        "p.csv.gz",
        gzip.compress(TABLE.encode())[:-12],
        ("is not a whole gzip file", "Fetch it again"),
    ),
    "gzip with a wrong byte": (
        "p.csv.gz",
        gzip.compress(TABLE.encode())[:-6] + b"\x00" * 6,
        ("is not a whole gzip file", "Fetch it again"),
    ),
    "neither UTF-8 nor CP1252": (
        "p.csv",
        TABLE.encode("cp1252") + b"2;\x81\x8d;ja;56.36;8.616\n",
        ("is neither UTF-8 nor Windows-1252", "Save the file as CSV UTF-8"),
    ),
    "two encodings": (
        "p.csv",
        TABLE.encode() + ROW.encode("cp1252"),
        ("breaks the UTF", "two encodings are mixed", "as CSV UTF-8"),
    ),
    "UTF-16 cut off": (
        "p.csv",
        TABLE.encode("utf-16") + b"\x00",
        ("breaks the UTF", "the file is cut off"),
    ),
    "UTF-8 read as CP1252": (
        "p.csv",
        TABLE.encode().decode("cp1252"),
        ("line 2", 'holds "Ã¦"', "wrong encoding"),
    ),
    "NUL after the head": (
        "p.csv",
        TABLE + ROW * 3000 + "2;\0;ja;56.36;8.616\n",
        ("line 3003", "binary data (NUL)"),
    ),
    "stray quotation mark": (
        "p.csv",
        HEADER + '1;"Torvet;ja;56.36;8.616\n' + ROW,
        ("row", "Look for a stray quotation mark"),
    ),
    "quotation mark that swallows a row": (
        "p.csv",
        HEADER + '1;"Torvet;ja;56.36;8.616\n2;By";ja;56.36;8.616\n',
        ("row", "hold other rows in one cell", "stray quotation mark"),
    ),
    "unquoted decimal comma": (
        "p.csv",
        HEADER.replace(";", ",") + "1,Torvet,ja,56,36,8,616\n",
        ("rows 2 have more fields than the 5 of the header", "quotation marks around", "','"),
    ),
    "a field too long": (
        "p.csv",
        f"{TABLE}2;{'x' * 200_000};ja;56.36;8.616\n",
        ("row 3", "field larger than field limit"),
    ),
    "row too short": (
        "p.csv",
        TABLE + "2;Torvet;ja\n",
        ("rows 3 have fewer fields than the 5", "cut off"),
    ),
}


@pytest.mark.parametrize(("name", "content", "fragments"), FILES.values(), ids=FILES.keys())
def test_a_bad_file_is_refused(
    write: Write,
    practices: Read,
    refused: Refused,
    name: str,
    content: str | bytes,
    fragments: tuple[str, ...],
) -> None:
    path = write(name, content)
    refused(lambda: practices(path), str(path), *fragments)


def test_a_directory_and_a_missing_file_are_refused(
    tmp_path: Path, practices: Read, refused: Refused
) -> None:
    refused(lambda: practices(tmp_path), str(tmp_path), "is a directory", "Name the file")
    path = tmp_path / "nix.csv"
    refused(lambda: practices(path), str(path), "not found", "Check the path")


@pytest.mark.parametrize("name", ["p.csv", "p.xlsx"])
def test_a_forbidden_file_is_refused(
    write: Write, practices: Read, refused: Refused, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def forbid(_path: Path, *_args: object, **_options: object) -> IO[Any]:
        raise PermissionError(13, "Permission denied")

    path = write(name, TABLE)
    monkeypatch.setattr(Path, "open", forbid)
    refused(lambda: practices(path), str(path), "Permission denied", "Check its permissions")


class CountedFile(io.BytesIO):
    """Counts the bytes that are read of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        CountedFile.taken += len(piece)
        return piece


RUBBISH = {
    "words": (b"lorem ipsum dolor sit amet\n", "missing column id"),
    "one long line": (b"lorem ipsum", "row 1"),
    "zeros": (b"\x00", "holds binary data"),
    "random bytes": (PNG[8:], "holds binary data"),
}


@pytest.mark.parametrize(("piece", "fragment"), RUBBISH.values(), ids=RUBBISH.keys())
def test_100_mb_of_rubbish_are_refused_by_their_head(
    write: Write,
    practices: Read,
    refused: Refused,
    monkeypatch: pytest.MonkeyPatch,
    piece: bytes,
    fragment: str,
) -> None:
    path = write("stor.csv", "stands for the file below")
    content = piece * (100_000_000 // len(piece))
    CountedFile.taken = 0
    monkeypatch.setattr(Path, "open", lambda *_args, **_options: CountedFile(content))
    refused(lambda: practices(path), str(path), fragment)
    assert 0 < CountedFile.taken <= textfile.HEAD_BYTES


def test_a_gzip_bomb_is_refused_while_it_unpacks(
    write: Write, practices: Read, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("bombe.csv.gz", gzip.compress(TABLE.encode() + ROW.encode() * 100_000))
    monkeypatch.setattr(tables, "MAX_BYTES", 200_000)
    monkeypatch.setattr(textfile, "CHUNK_BYTES", 50_000)
    refused(lambda: practices(path), str(path), "more than 200,000 bytes of text", "Leave out")


def test_a_workbook_bomb_is_refused_before_it_unpacks(
    write_workbook: Callable[..., Path],
    practices: Read,
    refused: Refused,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write_workbook({"Ark1": ROWS})
    monkeypatch.setattr(tables, "MAX_BYTES", 1000)
    refused(lambda: practices(path), str(path), "more than the 1,000", "Leave out sheets")


WORKBOOKS: dict[str, tuple[dict[str, list[list[object]]], tuple[str, ...]]] = {
    "two fitting sheets": (
        {"2025": SHEET, "2026": SHEET, "noter": [["x"]]},
        ("sheets 2025, 2026 all look like the table", "Leave one"),
    ),
    "no fitting sheet": ({"A": [["x", "y"], ["1", "2"]], "B": [["z"]]}, ("missing column id",)),
    "nothing at all": ({"A": [], "B": []}, ("no sheet holds anything",)),
    "a formula never computed": (
        {"A": [[*ROWS[0], "doctors"], [*ROWS[1], "=1+1"]]},
        ("formulas without a stored value", "column doctors, rows 2", "Open the workbook in Excel"),
    ),
    "a header twice": ({"A": [[*ROWS[0], "name"], [*ROWS[1], "x"]]}, ("name stands twice",)),
}


@pytest.mark.parametrize(("sheets", "fragments"), WORKBOOKS.values(), ids=WORKBOOKS.keys())
def test_a_bad_workbook_is_refused(
    write_workbook: Callable[..., Path],
    practices: Read,
    refused: Refused,
    sheets: dict[str, list[list[object]]],
    fragments: tuple[str, ...],
) -> None:
    path = write_workbook(sheets)
    refused(lambda: practices(path), str(path), *fragments)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_workbook_cut_off_is_refused(
    write_workbook: Callable[..., Path], practices: Read, refused: Refused, share: float
) -> None:
    path = write_workbook({"Ark1": ROWS})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    refused(lambda: practices(path), str(path), "is not a whole Excel workbook", "Save it again")


def test_a_workbook_with_a_damaged_sheet_is_refused(
    write_workbook: Callable[..., Path], practices: Read, refused: Refused
) -> None:
    path = write_workbook({"Ark1": ROWS})
    damaged = path.with_name("skadet.xlsx")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(damaged, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            archive.writestr(name, content[:-150] if name.endswith("sheet1.xml") else content)
    refused(lambda: practices(damaged), str(damaged), "is not a whole Excel workbook")


def as_points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(geometry=frame.representative_point())


def renamed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(code="DE0", name="Flensburg")


def without_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[["geometry"]].assign(sø=1)


def without_geometry(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(geometry=[None] * len(frame))


def without_holstebro(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[frame["code"] != "0661"]


def holstebro_without_geometry(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.assign(geometry=frame.geometry.where(frame["code"] != "0661", shapely.Polygon()))


BOUNDARIES = {
    "points": (as_points, ("holds", "Point", "not areas", "Use the polygon layer")),
    "another country": (renamed, ("no column names the municipalities", "KOMKODE", "LAU_ID")),
    "no names": (without_names, ("no column names the municipalities", "the columns are", "sø")),
    "no geometry": (without_geometry, ("geometry",)),
    "one missing": (without_holstebro, ("no boundary for 1 of 98", "0661 Holstebro")),
    "one empty": (holstebro_without_geometry, ("no boundary for 1 of 98", "0661 Holstebro")),
}


@pytest.mark.parametrize(("spoil", "fragments"), BOUNDARIES.values(), ids=BOUNDARIES.keys())
def test_bad_boundaries_are_refused(
    tmp_path: Path,
    municipalities: gpd.GeoDataFrame,
    listed: pd.DataFrame,
    refused: Refused,
    spoil: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame],
    fragments: tuple[str, ...],
) -> None:
    path = tmp_path / "grænser.gpkg"
    spoil(municipalities).to_file(path)
    refused(lambda: read_municipalities(path, listed), str(path), *fragments)


def test_boundaries_without_crs_are_refused(
    tmp_path: Path, municipalities: gpd.GeoDataFrame, listed: pd.DataFrame, refused: Refused
) -> None:
    path = tmp_path / "grænser.shp"
    municipalities.to_file(path, encoding="utf-8")
    path.with_suffix(".prj").unlink()
    refused(
        lambda: read_municipalities(path, listed),
        *(str(path), "states no coordinate reference system", "EPSG:25832"),
    )


def test_boundaries_in_a_wrong_crs_are_refused(
    tmp_path: Path, municipalities: gpd.GeoDataFrame, listed: pd.DataFrame, refused: Refused
) -> None:
    path = tmp_path / "grænser.gpkg"
    municipalities.set_crs("EPSG:32633", allow_override=True).to_file(path)
    refused(lambda: read_municipalities(path, listed), str(path), "Denmark")


GEOJSON = {
    "cut off": (
        '{"type":"FeatureCollection","features":[{"type":',
        ("is not a boundary file that can be read", "Fetch"),
    ),
    "empty": ("", ("Fetch it again",)),
    "a web page": ("<html></html>", ("is not a boundary file that can be read", "Fetch it again")),
    "no features": (json.dumps({"type": "FeatureCollection", "features": []}), ("no features",)),
    "binary": (PNG, ("is not a boundary file that can be read",)),
}


@pytest.mark.parametrize(("content", "fragments"), GEOJSON.values(), ids=GEOJSON.keys())
def test_a_file_of_no_boundaries_is_refused(
    write: Write,
    listed: pd.DataFrame,
    refused: Refused,
    content: str | bytes,
    fragments: tuple[str, ...],
) -> None:
    path = write("grænser.geojson", content)
    refused(lambda: read_municipalities(path, listed), str(path), *fragments)


def test_the_project_layer_cut_off_is_refused(
    write: Write, root: Path, listed: pd.DataFrame, refused: Refused
) -> None:
    whole = (root / "geo/municipalities.geojson").read_bytes()
    path = write("grænser.geojson", whole[: len(whole) * 3 // 4])
    refused(lambda: read_municipalities(path, listed), str(path))
