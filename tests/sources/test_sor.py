"""SOR's nightly file in small samples: what is read, and what is refused."""

import re
from pathlib import Path

import pytest

from gpcoverage.errors import SchemaError
from gpcoverage.sources.sor import read_sor
from sources.registers import COLUMNS, DATE, GP, read, sor_text, unit


def test_a_practice_is_read_with_its_place(tmp_path: Path) -> None:
    sor = read(tmp_path, unit(32542, yder="012345", name="Lægerne Østergade"))
    row = sor.frame.loc[2]
    assert row["sor_id"] == "325421000016001"
    assert (row["ydernummer"], row["name"]) == ("012345", "Lægerne Østergade")
    assert (row["address"], row["postcode"], row["town"]) == (
        "Østergade 32542",
        "7500",
        "Holstebro",
    )
    assert (row["easting"], row["northing"], row["place_fault"]) == (476_200.5, 6_246_100.25, "")
    assert (row["opening_date"], row["closing_date"]) == ("2008-01-01", "")
    assert sor.record.rows_in == sor.record.rows_used == 1
    assert sor.headers["ydernummer"] == "ProviderId"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_encoding_and_separator_do_not_matter(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = tmp_path / "sor.csv"
    path.write_text(sor_text(unit(1)).replace(";", separator), encoding=encoding)
    assert read_sor(path, DATE).frame["name"].tolist() == ["Lægerne 1"]


OLD = """SOR-kode;Parent-SOR-kode;Enhedsnavn;Enhedstype;Hovedspeciale;P_Region;FraDato;TilDato;\
Ydernummer;Aktivitetsadresse;A_Postnummer;A_By;A_KK;A_X;A_Y;Postadresse;P_Postnummer;P_By
11000016002;;Region Midtjylland;region;;;01-01-2007;;;;;;;;;;;
21000016001;11000016002;Lægerne Å;Almen lægepraksis;almen medicin;;01-01-2007;31-12-2026;;\
Åvej 3;7500;Holstebro;0661;476200;6246100;Postboks 1;7500;Holstebro
31000016001;21000016001;Ydernummer 12345;almen lægepraksis;;;01-01-2007;31-12-2026;12345;\
Åvej 3;7500;Holstebro;0661;476200;6246100;;;
41000016001;11000016002;Øjenlægen;speciallægepraksis;;;01-01-2007;;54321;\
Åvej 4;7500;Holstebro;0661;476200;6246100;;;
"""


def test_the_older_file_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "sor.csv"
    path.write_bytes(OLD.encode("cp1252"))
    sor = read_sor(path, DATE)
    assert sor.frame[["sor_id", "ydernummer", "address", "closing_date"]].to_numpy().tolist() == [
        ["31000016001", "12345", "Åvej 3", "2026-12-31"]
    ]
    assert sor.frame["sor_ids"].tolist() == [("31000016001", "21000016001")]
    assert {item.reason: item.rows for item in sor.record.left_out} == {
        "not a general practice": (2, 5),
        "part of a practice that stands in the table": (3,),
    }


def test_general_practices_are_picked_by_their_type(tmp_path: Path) -> None:
    sor = read(
        tmp_path,
        unit(1, type="Lægepraksis "),
        unit(2, type="speciallægepraksis", si_type="speciallægepraksis"),
        unit(3, type="", si_type="hospital"),
        unit(4, type="ydernummer", yder="4", si="51000016001"),
        unit(5, type="speciallægepraksis", si_type=GP),
    )
    assert sor.frame.index.tolist() == [2, 5]
    assert sor.record.left_out[0].rows == (3, 4, 6)


def test_general_practices_are_picked_by_their_code(tmp_path: Path) -> None:
    path = tmp_path / "sor.csv"
    columns = tuple({"SorType": "EntityTypeCode"}.get(name, name) for name in COLUMNS)
    rows = [
        unit(n, type="?", si_type="?", SorType=c) for n, c in ((1, "394761003"), (2, "22232009"))
    ]
    path.write_text(sor_text(*rows, columns=columns), encoding="utf-8")
    assert read_sor(path, DATE).frame.index.tolist() == [2]


def test_closings_and_openings_are_told_apart(tmp_path: Path) -> None:
    sor = read(
        tmp_path,
        unit(1, end="2026-10-31"),
        unit(2, end="01-11-2026"),
        unit(3, end="2026-11-30 00:00:00"),
        unit(4, end="2026-11-30T00:00:00.000"),
        unit(5, end="9999-12-31"),
        unit(6, first="2027-01-01", start="2027-01-01"),
    )
    assert sor.frame["closing_date"].to_dict() == {4: "2026-11-30", 5: "2026-11-30", 6: "", 7: ""}
    assert sor.frame.loc[7, "opening_date"] == "2027-01-01"
    assert sor.left_out["closing_date"].to_dict() == {2: "2026-10-31", 3: "2026-11-01"}
    assert set(sor.left_out["reason"]) == {"closed by 2026-11-01"}
    assert (sor.record.rows_in, sor.record.rows_used) == (6, 4)


def test_the_first_address_with_coordinates_is_the_place(tmp_path: Path) -> None:
    postal = {
        "PostalAddressStreetName": "Postvej",
        "PostalAddressPostCodeId": "8000",
        "PostalAddressCoordETRS89z32EMeasure": "574000",
        "PostalAddressCoordETRS89z32NMeasure": "6223000",
    }
    sor = read(tmp_path, unit(1, **postal), unit(2, x="", y="", **postal), unit(3, x="", y=""))
    assert sor.frame["address_kind"].tolist() == ["activity", "postal", "activity"]
    assert sor.frame["address"].tolist() == ["Østergade 1", "Postvej", "Østergade 3"]
    assert sor.frame["easting"].fillna(0).tolist() == [476_200.5, 574_000.0, 0.0]
    assert sor.frame["place_fault"].tolist() == ["", "", "no coordinates"]


PLACES = {
    "degrees": ("8,616", "56,36", "degrees, not metres"),
    "swapped": ("6246100", "476200", "in each other's place"),
    "abroad": ("700000", "6700000", "do not lie in Denmark"),
    "half": ("476200", "", "not two numbers"),
    "rounded by Excel": ("4,8E+05", "6,2E+06", "not two numbers"),
}


@pytest.mark.parametrize(("x", "y", "fault"), PLACES.values(), ids=PLACES.keys())
def test_a_place_outside_denmark_is_no_place(tmp_path: Path, x: str, y: str, fault: str) -> None:
    sor = read(tmp_path, unit(1), unit(2, x=x, y=y))
    assert fault in sor.frame.loc[3, "place_fault"]
    assert sor.frame["easting"].isna().tolist() == [False, True]


def test_no_place_in_metres_at_all_is_another_schema(tmp_path: Path) -> None:
    expected = r"none of 2 practices' coordinates.*EPSG:25832; row 2 has 8,6 / 56,3, in degrees"
    with pytest.raises(SchemaError, match=expected):
        read(tmp_path, unit(1, x="8,6", y="56,3"), unit(2, x="8,7", y="56,4"))


@pytest.mark.parametrize("column", ["SorId", "EntityName", "EntityTypeName", "FromDate", "ToDate"])
def test_a_missing_column_is_told_with_those_found(tmp_path: Path, column: str) -> None:
    path = tmp_path / "sor.csv"
    columns = tuple("Renamed" if name == column else name for name in COLUMNS)
    path.write_text(sor_text(unit(1), columns=columns), encoding="utf-8")
    wanted = re.escape(column.lower()) + r".*found .*ydernummer in ProviderId.*which reads: .*"
    with pytest.raises(SchemaError, match=f"SOR's columns have changed.*missing column .*{wanted}"):
        read_sor(path, DATE)


def test_missing_coordinates_are_told(tmp_path: Path) -> None:
    path = tmp_path / "sor.csv"
    columns = tuple(name.replace("Coord", "Place") for name in COLUMNS)
    path.write_text(sor_text(unit(1), columns=columns), encoding="utf-8")
    with pytest.raises(SchemaError, match="missing coordinates, wanted ActivityAddressCoord"):
        read_sor(path, DATE)


def test_a_renamed_type_is_told(tmp_path: Path) -> None:
    expected = "EntityTypeName: none of 2 rows .*394761003.*frequent types are: lægehus"
    with pytest.raises(SchemaError, match=expected):
        read(tmp_path, *(unit(n, type="lægehus", si_type="lægehus") for n in (1, 2)))


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"id": "3,25E+14"}, r'SorId: must be a SOR id.*\n.*row 3: "3,25E\+14"'),
        ({"end": "46326"}, r'ToDate: must be a day.*\n.*row 3: "46326"'),
        ({"start": "soon"}, r'FromDate: must be a day.*Fetch the file again.*\n.*row 3: "soon"'),
    ],
)
def test_spoilt_cells_of_practices_are_told(
    tmp_path: Path, cells: dict[str, str], fault: str
) -> None:
    with pytest.raises(SchemaError, match=fault):
        read(tmp_path, unit(1), unit(2, **cells))


def test_spoilt_cells_of_other_units_do_not_matter(tmp_path: Path) -> None:
    other = unit(2, type="hospital", si_type="hospital", end="soon", id="7")
    assert read(tmp_path, unit(1), other).frame.index.tolist() == [2]
