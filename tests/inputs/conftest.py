"""Files that analysts bring, written to a folder of the test, and what their refusal must say."""

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from gpcoverage.errors import GpCoverageError
from gpcoverage.inputs.layer import Layer
from gpcoverage.inputs.practices import read_practices

Write = Callable[[str, str | bytes], Path]
Refused = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file; text becomes UTF-8."""

    def to_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to_file


@pytest.fixture
def write_workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook with the given sheets, each a list of rows."""

    def to_file(sheets: dict[str, list[list[object]]], name: str = "praksis.xlsx") -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return to_file


@pytest.fixture(scope="session")
def refused() -> Refused:
    """Check that a reader refuses a file in one error that says all of the given things."""

    def check(read: Callable[[], object], *fragments: str) -> str:
        wanted = "(?s)" + "".join(f"(?=.*{re.escape(fragment)})" for fragment in fragments)
        with pytest.raises(GpCoverageError, match=wanted) as caught:
            read()
        return str(caught.value)

    return check


@pytest.fixture
def practices(municipalities: gpd.GeoDataFrame) -> Callable[[Path], Layer]:
    """Read practices, and check that the municipalities are as before."""

    def read(path: Path) -> Layer:
        before = municipalities.copy()
        try:
            return read_practices(path, municipalities)
        finally:
            pd.testing.assert_frame_equal(pd.DataFrame(municipalities), pd.DataFrame(before))

    return read
