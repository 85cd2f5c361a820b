"""Ceilings by date: who has which, what is assumed, and which tables are refused."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.ceilings import ASSUMED_PER_DOCTOR, NO_CEILINGS, read_ceilings

Write = Callable[[str, str | bytes], Path]

HEADER = "kind,code,patients_per_doctor,valid_from,valid_to,basis,source\n"
PRACTICES = pd.DataFrame({"municipality_code": ["0580", "0580", "0661"]}, index=["a", "b", "c"])


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_the_examples_ceilings(root: Path) -> None:
    ceilings = read_ceilings(root / "data/ceilings.csv")
    last, first = (ceilings.of(PRACTICES, day(d)) for d in ("2025-06-30", "2025-07-01"))
    assert last["per_doctor"].tolist() == first["per_doctor"].tolist() == [1600] * 3
    assert set(last["basis"]) == {"in force"}
    assert set(first["basis"]) == {"assumed"}
    assert ASSUMED_PER_DOCTOR == 1_600
    drafts = ceilings.of(PRACTICES, day("2025-07-01"), drafts=True)
    assert drafts["per_doctor"].tolist() == [1450, 1450, 1600]
    assert drafts["basis"].tolist() == ["draft", "draft", "assumed"]
    assert "Ugeskriftet" in drafts["source"].iloc[0]
    knebel = pd.DataFrame({"municipality_code": ["0706"]}, index=["0706-knebel-1"])
    assert ceilings.of(knebel, day("2026-11-01"))["per_doctor"].tolist() == [900]


def test_the_narrowest_holds(write: Write) -> None:
    rows = (
        "practice,a,1500,2026-01-01,,in force,S\ncountry,,1700,,,in force,S\n"
        "municipality,580,1400,2026-01-01,2026-12-31,in force,S\n"
        "municipality,580,1300,2026-01-01,,draft,S\n"
    )
    ceilings = read_ceilings(write("c.csv", HEADER + rows))
    assert ceilings.of(PRACTICES, day("2025-12-31"))["per_doctor"].tolist() == [1700] * 3
    assert ceilings.of(PRACTICES, day("2026-01-01"))["per_doctor"].tolist() == [1500, 1400, 1700]
    drafts = ceilings.of(PRACTICES, day("2026-01-01"), drafts=True)
    assert drafts["per_doctor"].tolist() == [1500, 1300, 1700]
    assert ceilings.of(PRACTICES, day("2027-01-01"))["per_doctor"].tolist() == [1500, 1700, 1700]
    assert ceilings.record is not None
    assert (ceilings.record.role, ceilings.record.rows_in) == ("ceilings", 4)


def test_without_a_table_all_is_assumed() -> None:
    held = NO_CEILINGS.of(PRACTICES, day("2026-01-01"))
    assert held["per_doctor"].tolist() == [1600] * 3
    assert set(held["basis"]) == {"assumed"}
    assert NO_CEILINGS.of(PRACTICES.iloc[:0], day("2026-01-01")).empty


def test_danish_headers(write: Write) -> None:
    text = "kind;Kommunekode;Lukkegrænse;Gyldig fra;Gyldig til;Grundlag;Kilde\nmunicipality;661;1.450,5;01-07-2025;;in force;Regionen\n"
    held = read_ceilings(write("c.csv", text)).of(PRACTICES, day("2025-07-01"))
    assert held["per_doctor"].tolist() == [1600, 1600, 1450.5]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("land,,1600,,,in force,S", r'kind.*"land"'),
        ("country,,0,,,in force,S", r"patients_per_doctor: must be a number greater than 0"),
        ("country,,,,,in force,S", r"patients_per_doctor.*\(empty\)"),
        ("country,,1600,,,law,S", r'basis.*"law"'),
        ("country,,1600,,,in force,", r"source: must not be empty"),
        ("country,,1600,soon,,in force,S", r'valid_from.*"soon"'),
        ("country,0661,1600,,,in force,S", r'code: must be empty for the country.*"0661"'),
        ("municipality,Skive,1600,,,in force,S", r'code.*"Skive"'),
        ("practice,,1600,,,in force,S", r"code.*\(empty\)"),
        ("country,,1600,2026-02-01,2026-01-31,in force,S", r"must not be before valid_from"),
        (
            "country,,1600,,2026-01-01,in force,S\ncountry,,1500,2026-01-01,,in force,S",
            r"another row holds for the same on the same day.*row 3",
        ),
        (
            "municipality,661,1600,,,in force,S\nmunicipality,0661,1500,,,in force,S",
            r"another row holds",
        ),
    ],
)
def test_faulty_tables_are_refused(write: Write, rows: str, message: str) -> None:
    with pytest.raises(SchemaError, match=f"(?s){message}"):
        read_ceilings(write("c.csv", HEADER + rows + "\n"))


def test_rows_that_follow_each_other_are_no_overlap(write: Write) -> None:
    rows = "country,,1500,2026-01-02,,in force,S\ncountry,,1600,,2026-01-01,in force,S\ncountry,,1550,,,draft,S\n"
    assert len(read_ceilings(write("c.csv", HEADER + rows)).table) == 3
