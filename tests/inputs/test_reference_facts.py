"""Known figures as a table."""

import shutil
from pathlib import Path

import geopandas as gpd
import pytest

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.reference_facts import COUNTS, DISTANCES, read_known

TOWNS = ("settlements.csv", "villages.csv", "settlement_corrections.csv")


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    for name in (COUNTS, DISTANCES, *TOWNS):
        shutil.copy(root / "data" / name, tmp_path)
    return tmp_path


def test_the_table_is_read_with_its_record(folder: Path, municipalities: gpd.GeoDataFrame) -> None:
    known = read_known(folder, municipalities)
    assert known.facts["check"].value_counts()["distance"] == 4
    first = known.facts.iloc[0]
    assert first[["check", "from", "to", "value", "unit", "date"]].tolist() == [
        "distance", "Ulfborg", "Holstebro", 22.0, "km", "2008"
    ]  # fmt: skip
    assert [record.file for record in known.records] == [COUNTS, DISTANCES, *TOWNS]
    assert known.extract is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "road distance,Ulfborg,Tim",
            "roads,Ulfborg,Tim",
            r'column fact: must be one of: road distance.*\n +row 4: "roads"',
        ),
        ("Tim,10,km", "Tim,ten,km", r'column value: must be a number.*\n +row 4: "ten"'),
        ("Tim,10,km", "Tim,10,miles", r'column unit: must be one of km, m.*\n +row 4: "miles"'),
        (
            "Tim,10,km,2008",
            "Tim,10,km,long ago",
            r'column date: must be a year.*\n +row 4: "long ago"',
        ),
    ],
)
def test_what_is_wrong_is_told(
    folder: Path, municipalities: gpd.GeoDataFrame, old: str, new: str, told: str
) -> None:
    path = folder / DISTANCES
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SchemaError, match=told):
        read_known(folder, municipalities)
