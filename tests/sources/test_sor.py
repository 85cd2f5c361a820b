"""SOR's nightly file in small samples, and its join with the region's own export."""

import dataclasses
import datetime
import random
import re
import tempfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpcoverage.errors import OutputError, SchemaError
from gpcoverage.inputs.practices import read_practices, refuse_closed
from gpcoverage.sources.practices import (
    Joined,
    RegionTable,
    SorTable,
    address_key,
    join_region,
    name_key,
    read_region,
    read_sor,
    write_practices,
    ydernummer_key,
)

DATE = datetime.date(2026, 11, 1)
GP = "almen lægepraksis"
COLUMNS = (
    *(
        "SorId",
        "SorType",
        "EntityName",
        "EntityTypeName",
        "ProviderId",
        "InstitutionOwnerCvrNumberId",
    ),
    *("HealthInstitutionSorId", "HealthInstitutionEntityTypeName"),
    *("FirstFromDate", "FromDate", "ToDate", "PrioritizedEntitySpeciality1Name"),
    *("ActivityAddressStreetName", "ActivityAddressStreetBuildingId", "ActivityAddressPostCodeId"),
    *("ActivityAddressDistrictName", "ActivityAddressCoordETRS89z32EMeasure"),
    *("ActivityAddressCoordETRS89z32NMeasure", "PostalAddressStreetName"),
    *("PostalAddressStreetBuildingId", "PostalAddressPostCodeId", "PostalAddressDistrictName"),
    *("PostalAddressCoordETRS89z32EMeasure", "PostalAddressCoordETRS89z32NMeasure"),
)
USUAL = {
    "SorType": "SI",
    "EntityTypeName": GP,
    "HealthInstitutionEntityTypeName": GP,
    "FirstFromDate": "2008-01-01",
    "FromDate": "2019-05-01",
    "ActivityAddressStreetName": "Østergade",
    "ActivityAddressPostCodeId": "7500",
    "ActivityAddressDistrictName": "Holstebro",
    "ActivityAddressCoordETRS89z32EMeasure": "476200,5",
    "ActivityAddressCoordETRS89z32NMeasure": "6246100,25",
}
SHORT = {
    "id": "SorId",
    "name": "EntityName",
    "type": "EntityTypeName",
    "yder": "ProviderId",
    "si": "HealthInstitutionSorId",
    "si_type": "HealthInstitutionEntityTypeName",
    "first": "FirstFromDate",
    "start": "FromDate",
    "end": "ToDate",
    "street": "ActivityAddressStreetName",
    "no": "ActivityAddressStreetBuildingId",
    "post": "ActivityAddressPostCodeId",
    "x": "ActivityAddressCoordETRS89z32EMeasure",
    "y": "ActivityAddressCoordETRS89z32NMeasure",
}


def sor_id(number: int) -> str:
    return f"{number}1000016001"


def unit(number: int, **cells: str) -> list[str]:
    """Write a row as SOR does: the SOR ids in ="…", a general practice unless told otherwise."""
    known = USUAL | {
        "SorId": sor_id(number),
        "EntityName": f"Lægerne {number}",
        "HealthInstitutionSorId": sor_id(number),
        "ActivityAddressStreetBuildingId": str(number),
    }
    known |= {SHORT.get(name, name): cell for name, cell in cells.items()}
    for name in ("SorId", "HealthInstitutionSorId"):
        known[name] = f'"=""{known[name]}"""'
    return [known.get(name, "") for name in COLUMNS]


def sor_text(*rows: list[str], columns: tuple[str, ...] = COLUMNS) -> str:
    return "\r\n".join(";".join(row) for row in (list(columns), *rows)) + "\r\n"


def read(folder: Path, *rows: list[str], date: datetime.date = DATE) -> SorTable:
    path = folder / "SorEntity_daily.csv"
    path.write_text(sor_text(*rows), encoding="utf-8-sig")
    return read_sor(path, date)


REGION = "Ydernummer;SOR-id;Praksisnavn;Åben for tilgang;Kapacitet;Tilmeldte;Adresse;Postnr;By"


def region(folder: Path, *rows: str, header: str = REGION) -> RegionTable:
    path = folder / "region.csv"
    path.write_bytes("\r\n".join((header, *rows)).encode("cp1252"))
    return read_region(path)


def once_each(joined: Joined, sor: SorTable, stated: RegionTable) -> None:
    """Every row of both sides stands in exactly one of the tables."""
    sides = joined.ambiguous.groupby("side")["row"].apply(list)
    ours = [*joined.table.index, *joined.unmatched_region.index, *sides.get("region", [])]
    theirs = [*joined.table["sor_row"], *joined.unmatched_sor.index, *sides.get("sor", [])]
    assert sorted(ours) == sorted(stated.frame.index)
    assert sorted(theirs) == sorted(sor.frame.index)
    for table in (joined.unmatched_sor, joined.unmatched_region, joined.ambiguous):
        assert table["reason"].map(lambda reason: isinstance(reason, str) and reason != "").all()


# --- SOR alone ---------------------------------------------------------------------------------


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


def test_a_unit_in_several_rows_counts_once(tmp_path: Path) -> None:
    sor = read(
        tmp_path,
        unit(1, start="2027-01-01", name="Nyt navn", end="2027-06-30"),
        unit(1, start="2019-05-01", name="Navn"),
        unit(2),
        unit(2),
        unit(3, name="A"),
        unit(3, name="B"),
    )
    assert sor.frame[["name", "closing_date"]].to_numpy().tolist() == [
        ["Navn", "2027-06-30"],
        ["Lægerne 2", ""],
    ]
    reasons = sor.left_out["reason"].to_dict()
    assert reasons == {
        2: "another version of a unit",
        5: "stands twice, word for word",
        6: "rows of one SOR id and one day differ in name",
        7: "rows of one SOR id and one day differ in name",
    }


def test_units_of_one_practice_are_one_practice(tmp_path: Path) -> None:
    own = {"si": sor_id(1), "no": "1"}
    sor = read(
        tmp_path,
        unit(1),
        unit(2, yder="000077", type="ydernummer", **own),
        unit(3, yder="77", type="behandler", **own),
        unit(4, type="behandler", **own),
        unit(5, yder="77", type="ydernummer", si=sor_id(1), no="99"),
        unit(6, yder="78", type="ydernummer", **own),
        unit(7),
        unit(8, si=sor_id(7), type="behandler"),
    )
    assert sor.frame["sor_ids"].to_dict() == {
        3: (sor_id(2), sor_id(1), sor_id(3), sor_id(4)),
        6: (sor_id(5), sor_id(1), sor_id(3), sor_id(4)),
        7: (sor_id(6), sor_id(1), sor_id(4)),
        8: (sor_id(7), sor_id(8)),
    }
    assert set(sor.left_out.index) == {2, 4, 5, 9}


def test_the_unit_nearest_to_the_institution_stands_for_it(tmp_path: Path) -> None:
    path = tmp_path / "sor.csv"
    columns = tuple({"SorType": "ParentSorId"}.get(name, name) for name in COLUMNS)
    own = {"si": sor_id(9), "no": "1", "yder": "5"}
    rows = [
        unit(2, **own, SorType=sor_id(8)),
        unit(10, **own, SorType=sor_id(9)),
        unit(8, **own, SorType=sor_id(9)),
        unit(9, no="1"),
    ]
    for order in (rows, rows[::-1]):
        path.write_text(sor_text(*order, columns=columns), encoding="utf-8")
        frame = read_sor(path, DATE).frame
        assert frame["sor_ids"].tolist() == [(sor_id(8), sor_id(10), sor_id(2), sor_id(9))]


def test_units_above_one_another_in_a_circle_stand_alone(tmp_path: Path) -> None:
    circle = [unit(1, si=sor_id(2)), unit(2, si=sor_id(3)), unit(3, si=sor_id(2))]
    sor = read(tmp_path, *circle)
    assert sor.frame["sor_ids"].tolist() == [(sor_id(n),) for n in (1, 2, 3)]


def test_of_versions_begun_the_last_is_in_force(tmp_path: Path) -> None:
    days = ("2024-01-01", "2012-01-01", "2026-11-02", "2026-11-01")
    sor = read(tmp_path, *(unit(1, start=day, name=day) for day in days))
    assert sor.frame["name"].tolist() == ["2026-11-01"]


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


# --- joined ------------------------------------------------------------------------------------


def test_rows_are_joined_in_order_of_trust(tmp_path: Path) -> None:
    sor = read(
        tmp_path,
        unit(1, yder="000101"),
        unit(2),
        unit(3, name="Lægerne Åbo I/S v/Ib Øst", street="Ågade", no="12 B"),
        unit(4, end="2026-12-31", yder="104"),
    )
    stated = region(
        tmp_path,
        "101;;Klinik;ja;2,5;1.800;;;",
        f";{sor_id(2)};Klinik 2;nej;1;1600;;;",
        ";;LÆGERNE AABO, Ib Oest ApS;ja;;;Aagade 12b, 1. th., 7500 Holstebro;;",
        "104;;Klinik 4;ja;3;4800;Egen vej 1;7400;Herning",
        "999;;Ukendt;ja;;;;;",
    )
    joined = join_region(sor, stated)
    once_each(joined, sor, stated)
    table = joined.table
    assert table["matched_by"].tolist() == [
        *("ydernummer", "SOR id", "name and address", "ydernummer")
    ]
    assert table["id"].tolist() == ["101", sor_id(2), sor_id(3), "104"]
    assert table["open"].tolist() == [True, False, True, True]
    assert table["doctors"].fillna(0).tolist() == [2.5, 1, 0, 3]
    assert table["list_size"].fillna(0).tolist() == [1800, 1600, 0, 4800]
    assert table["address"].tolist()[0] == "Østergade 1"
    assert table.loc[5, ["address", "postcode", "town"]].tolist() == [
        *("Egen vej 1", "7400", "Herning")
    ]
    assert table["easting"].tolist() == [476_200.5] * 4
    assert table["closing_date"].tolist() == ["", "", "", "2026-12-31"]
    assert table["basis"].tolist()[0] == "SOR; ydernummer; place: SOR, activity address"
    assert joined.unmatched_region["reason"].tolist() == [
        "SOR has no general practice with its ydernummer, SOR id, or name and address"
    ]
    assert joined.unmatched_sor.empty
    assert joined.ambiguous.empty


AMBIGUOUS = {
    "two in SOR": (
        [unit(1, yder="5"), unit(2, yder="5")],
        ["5;;A;ja;;;;;"],
        r"^ydernummer 5 stands in SOR's rows 2, 3 and the region's row 2$",
    ),
    "two in the region": (
        [unit(1, yder="5")],
        ["5;;A;ja;;;;;", "05;;B;ja;;;;;"],
        r"^ydernummer 5 stands in SOR's row 2 and the region's rows 2, 3$",
    ),
    "a SOR id of two practices": (
        [unit(1), *(unit(n, yder=str(n), si=sor_id(1), type="") for n in (2, 3))],
        [f";{sor_id(1)};A;ja;;;;;"],
        r"^SOR id 11000016001 stands in SOR's rows 3, 4",
    ),
    "ids that contradict": (
        [unit(1, yder="5")],
        [f"6;{sor_id(1)};A;ja;;;;;"],
        r"^SOR id 11000016001 joins .*, but the ydernumre differ: 5 and 6$",
    ),
    "same house, other number": (
        [unit(1, yder="5", name="Lægehuset")],
        ["6;;Lægehuset;ja;;;Østergade 1;7500;"],
        r"^name and address laegehuset, 7500 oestergade 1 joins .*the ydernumre differ: 5 and 6$",
    ),
}


@pytest.mark.parametrize(("units", "rows", "reason"), AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_what_is_ambiguous_is_listed_not_guessed(
    tmp_path: Path, units: list[list[str]], rows: list[str], reason: str
) -> None:
    sor, stated = read(tmp_path, *units), region(tmp_path, *rows)
    joined = join_region(sor, stated)
    once_each(joined, sor, stated)
    assert joined.table.empty
    assert len(joined.ambiguous) == len(sor.frame) + len(rows)
    assert joined.ambiguous["reason"].map(lambda told: bool(re.search(reason, told))).all()


def test_a_sor_id_of_another_practice_contradicts(tmp_path: Path) -> None:
    sor = read(tmp_path, unit(1, yder="5"), unit(2, yder="6"))
    stated = region(tmp_path, f"5;{sor_id(2)};A;ja;;;;;", "6;;B;ja;;;;;")
    joined = join_region(sor, stated)
    once_each(joined, sor, stated)
    assert joined.table["name"].tolist() == ["B"]
    assert joined.ambiguous["reason"].str.contains("the SOR ids differ").all()


def test_a_ydernummer_on_one_side_contradicts_nothing(tmp_path: Path) -> None:
    sor = read(tmp_path, unit(1, yder="5"), unit(2), unit(3, yder="7"), unit(4, yder="07"), unit(6))
    stated = region(
        tmp_path,
        f";{sor_id(1)};A;ja;;;;;",
        f"8;{sor_id(2)};B;ja;;;;;",
        f";{sor_id(3)};C;ja;;;;;",
        f";{sor_id(4)};D;ja;;;;;",
    )
    joined = join_region(sor, stated)
    once_each(joined, sor, stated)
    assert joined.table["id"].tolist() == ["5", "8", sor_id(3), sor_id(4)]


def test_a_sor_id_that_sor_has_not_says_nothing(tmp_path: Path) -> None:
    sor = read(tmp_path, unit(1, yder="5"))
    joined = join_region(sor, region(tmp_path, f"5;{sor_id(99)};A;ja;;;;;"))
    assert joined.table["sor_id"].tolist() == [sor_id(1)]


def test_rows_not_in_use_are_named(tmp_path: Path) -> None:
    sor = read(
        tmp_path,
        unit(1, yder="1", end="2026-06-30"),
        unit(2, yder="2", first="2027-01-01", start="2027-01-01"),
        unit(3, yder="3"),
    )
    stated = region(tmp_path, "1;;A;ja;;;;;", f";{sor_id(2)};B;ja;;;;;")
    joined = join_region(sor, stated)
    once_each(joined, sor, stated)
    assert joined.unmatched_region["reason"].tolist() == [
        "SOR's row 2 is this practice, but it is not in use: closed by 2026-11-01",
        "SOR's row 3 is this practice, but it is not in use: begins on 2027-01-01",
    ]
    assert joined.unmatched_sor["reason"].tolist() == [
        "begins on 2027-01-01, after 2026-11-01: open it in a scenario",
        "the region's export has no row with its ydernummer, SOR id, or name and address",
    ]


def test_a_takeover_and_other_differences_are_remarked(tmp_path: Path) -> None:
    sor = read(
        tmp_path,
        unit(1, yder="1", end="2026-12-31"),
        unit(2, yder="1", first="2027-01-01", start="2027-01-01"),
        unit(3, yder="3"),
    )
    header = "Ydernummer;Navn;Åben;Lukkedato;Easting;Northing"
    rows = ("1;A;ja;30-11-2026;476200,5;6246100,25", "3;B;ja;;478200,5;6246100,25")
    joined = join_region(sor, region(tmp_path, *rows, header=header))
    assert joined.table["remark"].tolist() == [
        (
            "the region closes it on 2026-11-30, SOR on 2026-12-31; "
            "SOR has its ydernummer anew from 2027-01-01"
        ),
        "the region's place is 2000 m from SOR's",
    ]
    assert joined.table["closing_date"].tolist() == ["2026-11-30", ""]
    assert joined.table["gap_m"].tolist() == [0.0, 2000.0]
    assert joined.table["easting"].tolist() == [476_200.5, 478_200.5]


def test_a_practice_that_lies_nowhere_is_listed_on_both_sides(tmp_path: Path) -> None:
    sor = read(tmp_path, unit(1, yder="1", x="", y=""), unit(2, yder="2", x="", y=""))
    header = "Ydernummer;Navn;Åben;lat;lon"
    rows = ("1;A;ja;;", "2;B;ja;56,36;8,61")
    stated = region(tmp_path, *rows, header=header)
    joined = join_region(sor, stated)
    once_each(joined, sor, stated)
    assert joined.table["name"].tolist() == ["B"]
    assert joined.unmatched_region["reason"].tolist() == [
        (
            "ydernummer joins it to SOR's row 2, but neither says where it lies "
            "(no coordinates in SOR): give its coordinates"
        )
    ]
    assert "the region's row 2" in joined.unmatched_sor["reason"].tolist()[0]


def test_without_a_column_of_ydernumre_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sor.csv"
    columns = tuple("Renamed" if name == "ProviderId" else name for name in COLUMNS)
    path.write_text(sor_text(unit(1, yder="1"), columns=columns), encoding="utf-8")
    joined = join_region(read_sor(path, DATE), region(tmp_path, "1;;A;ja;;;;;"))
    assert (
        "no column of SOR's file is known to hold ydernumre"
        in (joined.unmatched_region["reason"].tolist()[0])
    )


def test_the_region_s_workbook_and_a_read_layer_join_alike(
    tmp_path: Path, municipalities: gpd.GeoDataFrame
) -> None:
    sor = read(tmp_path, unit(1, yder="000101"), unit(2))
    book = openpyxl.Workbook()
    book.active.append(["Ydernr.", "Navn", "Åben", "Kapacitet", "Easting", "Northing"])
    book.active.append([101, "A", "ja", 1.5, 476200.5, 6246100.25])
    book.active.append([sor_id(2), "B", "nej", None, 476200.5, 6246100.25])
    path = tmp_path / "region.xlsx"
    book.save(path)
    layer = read_practices(path, municipalities)
    before = layer.frame.copy()
    joined = join_region(sor, layer)
    pd.testing.assert_frame_equal(joined.table, join_region(sor, read_region(path)).table)
    pd.testing.assert_frame_equal(layer.frame, before)
    assert joined.table["matched_by"].tolist() == ["ydernummer", "SOR id"]


@pytest.mark.parametrize(
    ("header", "row", "fault"),
    [
        (REGION.replace("Åben for tilgang", "?"), "1;;A;ja;;;;;", "missing column open"),
        (REGION, "1;;A;måske;;;;;", r'must be ja or nej.*\n.*row 2: "måske"'),
        (REGION, "1;3,25E+14;A;ja;;;;;", r'sor_id: must be a SOR id.*\n.*row 2: "3,25E\+14"'),
        ("Ydernummer;Navn;Åben;lat;lon", "1;A;ja;8,6;56,3", "stand in each other's place"),
        ("Ydernummer;Navn;Åben;lat;lon", "1;A;ja;;56,3", "must be two numbers"),
    ],
)
def test_faults_of_the_region_s_export_are_told(
    tmp_path: Path, header: str, row: str, fault: str
) -> None:
    with pytest.raises(SchemaError, match=fault):
        region(tmp_path, row, header=header)


# --- keys --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lægerne i Ørsted ApS", "LAEGERNE I OERSTED"),
        ("Lægehuset I/S v/ Jens Å", "Lægehuset, Jens Aa"),
        ("Læge A/S", "læge"),
        ("A\u030agade", "Ågade"),
    ],
)
def test_spellings_of_a_name_are_one(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Lægerne 1", "Lægerne 2"), ("Ågade", "Øgade")])
def test_other_names_are_others(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("address", "postcode", "key"),
    [
        ("Nørregade 012 b", "7500", "7500 noerregade 12b"),
        ("Nørregade 12B, st. tv.", "7500", "7500 noerregade 12b"),
        ("Nørregade 12, DK-7500 Holstebro", "", "7500 noerregade 12"),
        ("Nørregade 12", "", ""),
        ("", "7500", ""),
    ],
)
def test_an_address_is_street_number_and_postcode(address: str, postcode: str, key: str) -> None:
    assert address_key(address, postcode) == key


@pytest.mark.parametrize(
    ("text", "key"), [("012345", "12345"), (" 12 345", "12345"), ("0", ""), ("A-7", "a-7")]
)
def test_leading_zeros_of_a_ydernummer_do_not_matter(text: str, key: str) -> None:
    assert ydernummer_key(text) == key


# --- written -----------------------------------------------------------------------------------


def test_what_is_written_is_read_again(tmp_path: Path, municipalities: gpd.GeoDataFrame) -> None:
    sor = read(
        tmp_path,
        unit(1, yder="000101", end="2026-12-31"),
        unit(2, yder="102"),
        unit(3, yder="103"),
    )
    joined = join_region(
        sor,
        region(
            tmp_path,
            "000101;;=2+3;ja;2,125;1.800;;;",
            '102;;"Navn; med ""tegn""";nej;;;-1;;',
            "103;;C;ja;1;0;;;",
        ),
    )
    path = write_practices(joined, tmp_path / "new" / "practices.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid;sor_id;name;open;doctors;")
    assert '"=""000101"""' in path.read_text(encoding="utf-8-sig")
    assert '"=""=2+3"""' in path.read_text(encoding="utf-8-sig")
    frame = read_practices(path, municipalities).frame
    table = joined.table
    assert frame.index.tolist() == ["000101", "102", "103"]
    assert frame["name"].tolist() == ["=2+3", 'Navn; med "tegn"', "C"]
    for name in ("open", "doctors", "list_size", "closing_date", "basis", "postcode", "town"):
        pd.testing.assert_series_equal(
            frame[name].reset_index(drop=True),
            table[name].reset_index(drop=True),
            check_dtype=False,
        )
    assert frame.geometry.x.tolist() == table["easting"].tolist()
    assert frame.geometry.y.tolist() == table["northing"].tolist()
    refuse_closed(path, frame, DATE)
    again = join_region(sor, read_practices(path, municipalities))
    assert again.table["id"].tolist() == table["id"].tolist()


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    joined = join_region(read(tmp_path, unit(1, yder="1")), region(tmp_path, "1;;A;ja;;;;;"))
    with pytest.raises(OutputError, match="cannot be written"):
        write_practices(joined, tmp_path)


# --- whatever stands in them -------------------------------------------------------------------

NUMBER = st.sampled_from(["", "1", "02", "2", "3"])
PEOPLE = st.sampled_from(["Lægerne", "LAEGERNE ApS", "Klinikken v/Bo"])
HOUSE = st.sampled_from(["1", "2", ""])
UNITS = st.lists(
    st.builds(
        unit,
        st.integers(1, 6),
        yder=NUMBER,
        name=PEOPLE,
        no=HOUSE,
        si=st.integers(1, 6).map(sor_id),
        start=st.sampled_from(["2019-05-01", "2026-11-01", "2027-01-01"]),
        end=st.sampled_from(["", "", "2026-10-31", "2026-12-31"]),
        x=st.sampled_from(["476200", "476200", "476200", ""]),
        type=st.sampled_from([GP, GP, "ydernummer", "hospital"]),
        si_type=st.sampled_from([GP, ""]),
    ),
    max_size=12,
).map(lambda rows: [unit(99), *rows])
ROWS = st.lists(
    st.builds(
        "{};{};{};ja;;;{};7500;".format,
        NUMBER,
        st.one_of(st.just(""), st.integers(1, 8).map(sor_id)),
        PEOPLE,
        HOUSE.map("Østergade {}".format),
    ),
    min_size=1,
    max_size=10,
)


def _content(joined: Joined) -> list[list[tuple[str, ...]]]:
    """Take what does not depend on row numbers, in an order that does not either."""
    kept = ["id", "sor_id", "name", "closing_date", "matched_by", "easting"]
    shown = ["ydernummer", "sor_id", "name", "address"]
    tables = [
        joined.table[kept],
        joined.unmatched_sor[[*shown, "opening_date", "closing_date", "sor_ids"]],
        joined.unmatched_region[shown],
        joined.ambiguous[["side", *shown]],
    ]
    return [
        sorted(tuple(map(str, row)) for row in table.itertuples(index=False)) for table in tables
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(units=UNITS, rows=ROWS, seed=st.integers(0, 9))
def test_no_row_is_lost_and_order_does_not_matter(
    units: list[list[str]], rows: list[str], seed: int
) -> None:
    order = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        sor, stated = read(there, *units), region(there, *rows)
        joined = join_region(sor, stated)
        once_each(joined, sor, stated)
        left = [row for item in sor.record.left_out for row in item.rows]
        assert sorted([*sor.frame.index, *left]) == list(range(2, len(units) + 2))
        assert joined.table["id"].is_unique
        assert joined.table["easting"].notna().all()
        order.shuffle(units)
        order.shuffle(rows)
        other = join_region(read(there, *units), region(there, *rows))
        assert _content(other) == _content(joined)


def test_results_and_inputs_cannot_be_changed(tmp_path: Path) -> None:
    sor, stated = read(tmp_path, unit(1, yder="1")), region(tmp_path, "1;;A;ja;;;;;")
    before = sor.frame.copy(), stated.frame.copy()
    joined = join_region(sor, stated)
    pd.testing.assert_frame_equal(sor.frame, before[0])
    pd.testing.assert_frame_equal(stated.frame, before[1])
    for value, name in ((sor, "date"), (stated, "frame"), (joined, "table")):
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            setattr(value, name, None)
