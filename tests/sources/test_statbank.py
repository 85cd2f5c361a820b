"""Answers of Statistikbanken in small samples."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gpcoverage.errors import DataIntegrityError, SchemaError
from gpcoverage.sources.statbank import municipality_totals, parse_statbank
from sources.samples import Write, refused

FOLK1A = """OMRÅDE;KØN;ALDER;CIVILSTAND;TID;INDHOLD
Hele landet;I alt;Alder i alt;I alt;2026K1;6025603
Region Hovedstaden;I alt;Alder i alt;I alt;2026K1;1920000
Bornholm;I alt;Alder i alt;I alt;2026K1;39000
Holstebro;I alt;Alder i alt;I alt;2026K1;59000
Christiansø;I alt;Alder i alt;I alt;2026K1;90
Bornholm;Mænd;Alder i alt;I alt;2026K1;19500
"""
LABY27 = """KOMGRP;TID;INDHOLD
0 Hele landet;2023;1685,5
1 Hovedstadskommuner;2023;1700
5 Landkommuner;2023;1650,25
101 København;2023;1733
400 Bornholm;2023;..
"""


def test_folk1a_by_names(write: Write, listed: pd.DataFrame) -> None:
    table = parse_statbank(write("folk1a.csv", "\ufeff" + FOLK1A), "FOLK1A", listed)
    assert table["level"].tolist() == [
        "country",
        "region",
        "municipality",
        "municipality",
        "outside",
    ]
    assert table["municipality_code"].tolist() == ["", "", "0400", "0661", ""]
    assert municipality_totals(table).to_dict() == {"0400": 39000.0, "0661": 59000.0}


@pytest.mark.parametrize(("area", "code"), [("101", "0101"), ("101 København", "0101"), ("København", "0101"), ("400 Bornholm", "0400"), ("Vesthimmerlands Kommune", "0820"), ("Aarhus", "0751"), ("Århus", "0751")])  # fmt: skip
def test_areas_by_code_name_or_both(
    area: str, code: str, write: Write, listed: pd.DataFrame
) -> None:
    answer = write("folk1a.csv", f"OMRÅDE;TID;INDHOLD\n{area};2026K1;5\n")
    table = parse_statbank(answer, "FOLK1A", listed)
    assert table[["level", "municipality_code"]].to_numpy().tolist() == [["municipality", code]]


@pytest.mark.parametrize(("area", "level"), [("000", "country"), ("081 Region Nordjylland", "region"), ("01 Byen København", "province"), ("411", "outside"), ("All Denmark", "country"), ("Landsdel Bornholm", "province")])  # fmt: skip
def test_wider_areas_are_kept_apart(
    area: str, level: str, write: Write, listed: pd.DataFrame
) -> None:
    answer = write("folk1a.csv", f"OMRÅDE;TID;INDHOLD\n{area};2026K1;5\n")
    table = parse_statbank(answer, "FOLK1A", listed)
    assert table[["level", "municipality_code"]].to_numpy().tolist() == [[level, ""]]


def test_laby27_by_group_and_municipality(write: Write, listed: pd.DataFrame) -> None:
    table = parse_statbank(write("laby27.csv", LABY27), "LABY27", listed)
    assert table["level"].tolist() == ["country", "group", "group", "municipality", "municipality"]
    assert table["value"].tolist()[:4] == [1685.5, 1700, 1650.25, 1733]
    assert np.isnan(table["value"].iloc[4])
    assert table["note"].tolist() == ["", "", "", "", ".."]
    refused(lambda: municipality_totals(table), DataIntegrityError, "400 Bornholm", "2023")


HEAD = "OMRÅDE;TID;INDHOLD\n"


def test_the_latest_period_counts(write: Write, listed: pd.DataFrame) -> None:
    both = HEAD + "400;2026K1;39000\n400;2025K4;39050\n"
    table = parse_statbank(write("folk1a.csv", both), "FOLK1A", listed)
    assert municipality_totals(table).to_dict() == {"0400": 39000.0}


BAD_ANSWERS = {
    "another table": ("VARE;TID;INDHOLD\nx;2023;1\n", ("missing column OMRÅDE", "VARE, TID, INDHOLD")),
    "unknown area": (HEAD + "Atlantis;2026K1;5\n", ("column OMRÅDE", 'row 2: "Atlantis"')),
    "unknown code": (HEAD + "999;2026K1;5\n", ("column OMRÅDE", 'row 2: "999"')),
    "no number": (HEAD + "101;2026K1;mange\n", ("column INDHOLD", 'row 2: "mange"')),
    "half a person": (HEAD + "101;2026K1;5,5\n", ("column INDHOLD", 'row 2: "5,5"')),
    "fewer than none": (HEAD + "101;2026K1;-5\n", ("column INDHOLD", 'row 2: "-5"')),
    "no period": (HEAD + "101;;5\n", ("column TID", "row 2: (empty)")),
    "twice": (HEAD + "101;2026K1;5\nKøbenhavn;2026K1;6\n", ("must not have two numbers", "row 3")),
    "only men": ("OMRÅDE;KØN;TID;INDHOLD\n101;Mænd;2026K1;5\n", ("no rows for all people: KØN",)),
    "json": ('{"message": "Tabel findes ikke"}', ("is JSON, not a table",)),
    "a web page": ("<html>", ("is a web page",)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "fragments"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_a_bad_answer_is_told_at_once(
    write: Write, listed: pd.DataFrame, text: str, fragments: tuple[str, ...]
) -> None:
    path = write("answer.txt", text)
    refused(lambda: parse_statbank(path, "FOLK1A", listed), SchemaError, str(path), *fragments)


def test_other_tables_and_missing_files_are_refused(tmp_path: Path, listed: pd.DataFrame) -> None:
    gone = tmp_path / "none.csv"
    refused(lambda: parse_statbank(gone, "BY1", listed), SchemaError, "'BY1'", "FOLK1A, LABY27")
    refused(lambda: parse_statbank(gone, "FOLK1A", listed), SchemaError, str(gone))
    gone.touch()
    refused(lambda: parse_statbank(gone, "FOLK1A", listed), SchemaError, "is empty")
