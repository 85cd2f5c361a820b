"""Regions and sundhedsråd by date."""

import datetime
from pathlib import Path

import pandas as pd
import pytest

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.divisions import read_divisions
from gpcoverage.inputs.study_file import load_study

HEADER = "kind,code,name,valid_from,valid_to\n"


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_five_regions_until_the_reform_and_four_after(root: Path) -> None:
    path = root / "data/divisions.csv"
    last, first = (read_divisions(path, day(d)) for d in ("2026-12-31", "2027-01-01"))
    assert last["region"].value_counts().to_dict() == {
        "Hovedstaden": 29, "Syddanmark": 22, "Midtjylland": 19, "Sjælland": 17, "Nordjylland": 11,
    }  # fmt: skip
    assert first["region"].value_counts().to_dict() == {
        "Østdanmark": 46, "Syddanmark": 22, "Midtjylland": 19, "Nordjylland": 11,
    }  # fmt: skip
    councils = first["health_council"]
    assert councils.nunique() == 17
    assert (councils != "").all()
    assert (councils == "Amager og Vestegnen").sum() == 9
    # Each lies within one of the four regions.
    assert first.groupby("health_council")["region"].nunique().eq(1).all()
    assert (read_divisions(path, day("2025-12-31"))["health_council"] == "").all()


def test_groups_of_one_kind_may_not_overlap(tmp_path: Path) -> None:
    path = tmp_path / "divisions.csv"
    rows = "region,0101,A,2007-01-01,2027-01-01\nregion,0101,B,2027-01-01,\n"
    path.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(SchemaError, match=r"on 2027-01-01 the municipalities of rows 3 are in two"):
        read_divisions(path, day("2027-01-01"))
    assert read_divisions(path, day("2027-01-02")).loc["0101"].tolist() == ["B", ""]


def test_every_fault_is_told(tmp_path: Path) -> None:
    path = tmp_path / "divisions.csv"
    rows = "county,101,A,2007-01-01,\nregion,0101,,soon,31-12-2026\n"
    path.write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(SchemaError, match=r"(?s)kind.*county.*name.*valid_from.*soon"):
        read_divisions(path, day("2027-01-01"))


def study_of(root: Path, tmp_path: Path, area: str, date: str, *, divided: bool = True) -> Path:
    text = (root / "data/midtjylland.toml").read_text(encoding="utf-8")
    text = text.replace('region = "Midtjylland"', area).replace("2026-11-01", date)
    text = text.replace('= "../', f'= "{root.as_posix()}/')
    tables = ("municipalities", "practices", "divisions", "designations", "settlements", "villages")
    for name in (*tables, "settlement_corrections"):
        text = text.replace(f'"{name}.csv"', f'"{root.as_posix()}/data/{name}.csv"')
    text = text.replace('"rules.toml"', f'"{root.as_posix()}/data/rules.toml"')
    if not divided:
        text = "\n".join(line for line in text.splitlines() if "divisions" not in line)
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_study_takes_the_regions_of_its_day(root: Path, tmp_path: Path) -> None:
    study = load_study(study_of(root, tmp_path, 'region = "Østdanmark"', "2027-01-31"))
    assert len(study.municipality_codes) == 46
    assert set(study.area["region"]) == {"Østdanmark"}
    with pytest.raises(SchemaError, match="region 'Østdanmark' is unknown on 2026-12-31"):
        load_study(study_of(root, tmp_path, 'region = "Østdanmark"', "2026-12-31"))
    with pytest.raises(SchemaError, match="region 'Sjælland' is unknown on 2027-01-01"):
        load_study(study_of(root, tmp_path, 'region = "Sjælland"', "2027-01-01"))


def test_a_study_is_read_for_another_region(root: Path, tmp_path: Path) -> None:
    written = load_study(study_of(root, tmp_path, 'region = "Nordjylland"', "2026-11-01"))
    council = study_of(root, tmp_path, 'health_council = "Amager og Vestegnen"', "2026-11-01")
    asked = load_study(council, region="Nordjylland")
    assert asked.name == "Region Nordjylland"
    assert asked.municipality_codes == written.municipality_codes
    pd.testing.assert_frame_equal(asked.homes, written.homes)
    assert (asked.rules, asked.roads) == (written.rules, written.roads)
    with pytest.raises(SchemaError, match="region 'Atlantis' is unknown on 2026-11-01"):
        load_study(council, region="Atlantis")


def test_a_study_may_be_a_sundhedsraad(root: Path, tmp_path: Path) -> None:
    area = 'health_council = "Amager og Vestegnen"'
    study = load_study(study_of(root, tmp_path, area, "2026-11-01"))
    assert len(study.municipality_codes) == 9
    assert "0155" in study.municipality_codes
    with pytest.raises(SchemaError, match=r"health_council .* unknown .*inputs.divisions tells"):
        load_study(study_of(root, tmp_path, area, "2026-11-01", divided=False))


def test_a_table_that_forgets_a_municipality_is_refused(root: Path, tmp_path: Path) -> None:
    text = (root / "data/divisions.csv").read_text(encoding="utf-8")
    short = tmp_path / "divisions.csv"
    kept = [row for row in text.splitlines() if not row.startswith("region,0400")]
    short.write_text("\n".join(kept) + "\n", encoding="utf-8")
    path = study_of(root, tmp_path, 'region = "Midtjylland"', "2026-11-01")
    full = f"{root.as_posix()}/data/divisions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(full, "divisions.csv"), "utf-8")
    with pytest.raises(SchemaError, match=r"names no region of 1 municipalities .* 0400"):
        load_study(path)
