"""The region's own export joined with SOR, and the table that is written."""

import dataclasses
import re
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from gpcoverage.errors import OutputError
from gpcoverage.inputs.practices import read_practices, refuse_closed
from gpcoverage.sources.joining import join_region, write_practices
from gpcoverage.sources.region_export import read_region
from gpcoverage.sources.sor import read_sor
from sources.registers import (
    COLUMNS,
    DATE,
    once_each,
    read,
    region,
    sor_id,
    sor_text,
    unit,
)


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


def test_a_workbook_with_ids_of_both_kinds_joins(tmp_path: Path) -> None:
    sor = read(tmp_path, unit(1, yder="000101"), unit(2))
    book = openpyxl.Workbook()
    book.active.append(["Ydernr.", "Navn", "Åben", "Kapacitet", "Easting", "Northing"])
    book.active.append([101, "A", "ja", 1.5, 476200.5, 6246100.25])
    book.active.append([sor_id(2), "B", "nej", None, 476200.5, 6246100.25])
    path = tmp_path / "region.xlsx"
    book.save(path)
    joined = join_region(sor, read_region(path))
    assert joined.table["matched_by"].tolist() == ["ydernummer", "SOR id"]


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
    again = join_region(sor, read_region(path))
    assert again.table["id"].tolist() == table["id"].tolist()


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    joined = join_region(read(tmp_path, unit(1, yder="1")), region(tmp_path, "1;;A;ja;;;;;"))
    with pytest.raises(OutputError, match="cannot be written"):
        write_practices(joined, tmp_path)


def test_results_and_inputs_cannot_be_changed(tmp_path: Path) -> None:
    sor, stated = read(tmp_path, unit(1, yder="1")), region(tmp_path, "1;;A;ja;;;;;")
    before = sor.frame.copy(), stated.frame.copy()
    joined = join_region(sor, stated)
    pd.testing.assert_frame_equal(sor.frame, before[0])
    pd.testing.assert_frame_equal(stated.frame, before[1])
    for value, name in ((sor, "date"), (stated, "frame"), (joined, "table")):
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            setattr(value, name, None)
