"""A practice that has closed for good is not counted by mistake."""

import datetime
from pathlib import Path

import geopandas as gpd
import pytest

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.practices import read_practices, refuse_closed

TABLE = """Ydernummer;Praksisnavn;Åben;lat;lon;Opsigelsesdato;Lukkedato
1;A;ja;56.36;8.61;2026-01-31;31-10-2026
2;B;ja;56.36;8.61;;01-11-2026
3;C;nej;56.36;8.61;2026-04-30;
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "practices.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_notice_and_closing_are_two_dates(table: Path, municipalities: gpd.GeoDataFrame) -> None:
    frame = read_practices(table, municipalities).frame
    assert frame["notice_date"].tolist() == ["2026-01-31", "", "2026-04-30"]
    assert frame["closing_date"].tolist() == ["2026-10-31", "2026-11-01", ""]
    refuse_closed(table, frame, datetime.date(2026, 10, 30))


def test_closed_by_the_day_is_refused_row_by_row(
    table: Path, municipalities: gpd.GeoDataFrame
) -> None:
    frame = read_practices(table, municipalities).frame
    expected = r"had closed by the study's date, 2026-10-31\..*\n    row 2: \"2026-10-31\"$"
    with pytest.raises(SchemaError, match=expected):
        refuse_closed(table, frame, datetime.date(2026, 10, 31))
