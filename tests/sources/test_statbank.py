"""Answers of Statistikbanken in small samples."""

import json
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
ANSWER = {
    "dataset": {
        "dimension": {
            "OMRÅDE": {
                "label": "område",
                "category": {
                    "index": {"000": 0, "084": 1, "400": 2, "661": 3},
                    "label": {
                        "000": "Hele landet",
                        "084": "Region Hovedstaden",
                        "400": "Bornholm",
                        "661": "Holstebro",
                    },
                },
            },
            "ContentsCode": {"category": {"index": {"FOLK1A": 0}, "label": {"FOLK1A": "Folk"}}},
            "Tid": {"category": {"index": {"2025K4": 0, "2026K1": 1}}},
            "id": ["OMRÅDE", "ContentsCode", "Tid"],
            "size": [4, 1, 2],
        },
        "label": "Befolkningen den 1. i kvartalet",
        "source": "Danmarks Statistik",
        "value": [6020000, 6025603, 1910000, 1920000, 39050, 39000, None, 59000],
    }
}


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
    same = parse_statbank(FOLK1A.encode(), "folk1a", listed)
    pd.testing.assert_frame_equal(same, table)


@pytest.mark.parametrize(("area", "code"), [("101", "0101"), ("101 København", "0101"), ("København", "0101"), ("400 Bornholm", "0400"), ("Vesthimmerlands Kommune", "0820"), ("Aarhus", "0751"), ("Århus", "0751")])  # fmt: skip
def test_areas_by_code_name_or_both(area: str, code: str, listed: pd.DataFrame) -> None:
    answer = f"OMRÅDE;TID;INDHOLD\n{area};2026K1;5\n".encode()
    table = parse_statbank(answer, "FOLK1A", listed)
    assert table[["level", "municipality_code"]].to_numpy().tolist() == [["municipality", code]]


@pytest.mark.parametrize(("area", "level"), [("000", "country"), ("081 Region Nordjylland", "region"), ("01 Byen København", "province"), ("411", "outside"), ("All Denmark", "country"), ("Landsdel Bornholm", "province")])  # fmt: skip
def test_wider_areas_are_kept_apart(area: str, level: str, listed: pd.DataFrame) -> None:
    answer = f"OMRÅDE;TID;INDHOLD\n{area};2026K1;5\n".encode()
    table = parse_statbank(answer, "FOLK1A", listed)
    assert table[["level", "municipality_code"]].to_numpy().tolist() == [[level, ""]]


def test_laby27_by_group_and_municipality(listed: pd.DataFrame) -> None:
    table = parse_statbank(LABY27.encode(), "LABY27", listed)
    assert table["level"].tolist() == ["country", "group", "group", "municipality", "municipality"]
    assert table["value"].tolist()[:4] == [1685.5, 1700, 1650.25, 1733]
    assert np.isnan(table["value"].iloc[4])
    assert table["note"].tolist() == ["", "", "", "", ".."]
    refused(lambda: municipality_totals(table), DataIntegrityError, "400 Bornholm", "2023")
    refused(lambda: municipality_totals(table, "2020"), DataIntegrityError, "'2020'", "2023")


def test_json_stat_and_csv_say_the_same(write: Write, listed: pd.DataFrame) -> None:
    table = parse_statbank(write("folk1a.json", json.dumps(ANSWER)), "FOLK1A", listed)
    assert len(table) == 8
    assert municipality_totals(table, "2026K1").to_dict() == {"0400": 39000.0, "0661": 59000.0}
    assert table["note"].tolist()[6] == ".."
    refused(lambda: municipality_totals(table, "2025K4"), DataIntegrityError, "661 Holstebro")
    text = "OMRÅDE;TID;INDHOLD\n" + "".join(
        f"{row.area};{row.period};{'..' if row.note else int(row.value)}\n"
        for row in table.itertuples()
    )
    from_text = parse_statbank(text.encode(), "FOLK1A", listed).reset_index(drop=True)
    pd.testing.assert_frame_equal(from_text, table.reset_index(drop=True), check_names=False)


def test_json_stat_of_version_2_with_values_by_place(listed: pd.DataFrame) -> None:
    dimensions = ANSWER["dataset"]["dimension"]
    assert isinstance(dimensions, dict)
    cube = {
        "class": "dataset",
        "id": dimensions["id"],
        "size": dimensions["size"],
        "dimension": {key: dimensions[key] for key in dimensions["id"]},
        "value": {"4": 39050, "5": 39000, "7": 59000},
    }
    table = parse_statbank(json.dumps(cube).encode(), "FOLK1A", listed)
    assert municipality_totals(table).to_dict() == {"0400": 39000.0, "0661": 59000.0}
    assert table["value"].isna().sum() == 5


HEAD = "OMRÅDE;TID;INDHOLD\n"
SHORT = {**ANSWER, "dataset": {**ANSWER["dataset"], "value": [1, 2]}}
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
    "a refusal": ('{"errorTypeCode": "X", "message": "Tabel findes ikke"}', ("Tabel findes ikke",)),
    "no cube": ('{"a": 1}', ("is not JSON-stat", "KeyError")),
    "cut off": (json.dumps(ANSWER)[:-9], ("is not JSON-stat",)),
    "too few values": (json.dumps(SHORT), ("2 values for a table of 4 x 1 x 2",)),
    "a web page": ("<html>", ("is a web page",)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "fragments"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_a_bad_answer_is_told_at_once(
    write: Write, listed: pd.DataFrame, text: str, fragments: tuple[str, ...]
) -> None:
    path = write("answer.txt", text)
    refused(lambda: parse_statbank(path, "FOLK1A", listed), SchemaError, str(path), *fragments)
    refused(lambda: parse_statbank(text.encode(), "FOLK1A", listed), SchemaError, "FOLK1A (answer")


def test_other_tables_and_missing_files_are_refused(tmp_path: Path, listed: pd.DataFrame) -> None:
    refused(lambda: parse_statbank(b"", "BY1", listed), SchemaError, "'BY1'", "FOLK1A, LABY27")
    gone = tmp_path / "none.csv"
    refused(lambda: parse_statbank(gone, "FOLK1A", listed), SchemaError, str(gone))
    refused(lambda: parse_statbank(b"", "FOLK1A", listed), SchemaError, "is empty")
