"""The census grid in small samples."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gpcoverage.errors import CrsError, SchemaError
from gpcoverage.sources.census import read_census_grid
from sources.samples import (
    BORDER,
    BORNHOLM,
    FLENSBURG,
    HOLSTEBRO,
    KATTEGAT,
    LONG,
    MALMO,
    WIDE,
    Write,
    reasons,
    refused,
)


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., Path]:
    """Write the wide sample as a GeoPackage of squares."""

    def to_file(crs: str | None = "EPSG:3035", name: str = "ESTAT.gpkg", **columns: object) -> Path:
        rows = pd.DataFrame(
            columns or {"GRD_ID": [BORNHOLM, HOLSTEBRO, KATTEGAT], "T": [40, 1234, -9999]}
        )
        boxes = [shapely.box(0, 0, 1000, 1000)] * len(rows)
        path = tmp_path / name
        gpd.GeoDataFrame(rows, geometry=boxes, crs=crs).to_file(path, engine="pyogrio")
        return path

    return to_file


def test_cells_become_points_and_the_rest_is_listed(write: Write) -> None:
    layer = read_census_grid(write("ESTAT_Census_2021_V2.csv", WIDE))
    assert list(layer.frame.index) == [BORNHOLM, HOLSTEBRO, BORDER, MALMO, KATTEGAT]
    assert layer.frame["population"].tolist() == [40, 1234, 7, 900, 2]
    assert layer.frame.crs.to_epsg() == 25832
    assert reasons(layer) == {
        "the number is withheld (none is given)": (8,),
        "the number is withheld (0, but marked -9999)": (7,),
        "nobody lives there": (5,),
        "the number is withheld (-9999)": (6,),
    }
    assert (layer.record.rows_in, layer.record.rows_used) == (9, 5)


def test_a_cell_lies_where_its_lower_left_corner_says(write: Write) -> None:
    frame = read_census_grid(write("g.csv", WIDE)).frame.to_crs("EPSG:3035")
    assert frame.geometry[BORNHOLM].x == pytest.approx(4_635_500, abs=1e-3)
    assert frame.geometry[BORNHOLM].y == pytest.approx(3_570_500, abs=1e-3)


def test_one_row_per_statistic_and_people_without_a_cell(write: Write) -> None:
    layer = read_census_grid(write("CENSUS_GRID_N_DK_2021.csv", LONG))
    assert layer.frame["population"].to_dict() == {
        f"DK_{BORNHOLM}": 40,
        f"DK_{HOLSTEBRO}": 1234,
        f"DE_{FLENSBURG}": 3000,
    }
    assert layer.frame["country"].tolist() == ["DK", "DK", "DE"]
    assert layer.record.people_not_placed == 17
    assert reasons(layer) == {
        "counts something else than the total population": (3,),
        "people who were not assigned to a cell": (5,),
    }


def test_a_geopackage_and_a_packed_text_hold_the_same(
    package: Callable[..., Path], write: Write, tmp_path: Path
) -> None:
    layer = read_census_grid(package())
    assert layer.frame["population"].to_dict() == {BORNHOLM: 40, HOLSTEBRO: 1234}
    assert reasons(layer) == {"the number is withheld (-9999)": (3,)}
    packed = tmp_path / "g.csv.gz"
    pd.read_csv(write("g.csv", WIDE), dtype=str).to_csv(packed, index=False)
    plain = read_census_grid(tmp_path / "g.csv").frame
    pd.testing.assert_frame_equal(read_census_grid(packed).frame, plain)


BAD_GRIDS = {
    "another header": ("id,people\na,1\n", ("GRD_ID (or spatial)", "T (or obsvalue", "id, people")),
    "no cell": (WIDE + "10,1kmN3570E4640,3,,,1,\n", ("column GRD_ID", 'row 11: "1kmN3570E4640"')),
    "off the grid": (WIDE.replace("4635000", "4635500"), ("column GRD_ID", "row 2")),
    "twice": (WIDE + f"10,{BORNHOLM},3,,,1,\n", ("each once", "row 2", "row 11")),
    "half a person": (WIDE.replace(",40,", ",40.5,"), ("column T", 'row 2: "40.5"')),
    "a word": (WIDE.replace(",40,", ",many,"), ("column T", 'row 2: "many"')),
    "a web page": ("<html>", ("is a web page",)),
    "cut off": (WIDE + "10,CRS3035RES1000mN35", ("rows 11 have more or fewer", "cut off")),
    "nothing": ("", ("missing column GRD_ID",)),
    "one row too long": (WIDE + "1,2,3,4,5,6,7,8,9\n", ("rows 11 have more or fewer", "the 7 of")),
}


@pytest.mark.parametrize(("text", "fragments"), BAD_GRIDS.values(), ids=BAD_GRIDS.keys())
def test_a_bad_grid_is_told_at_once(write: Write, text: str, fragments: tuple[str, ...]) -> None:
    path = write("grid.csv", text)
    refused(lambda: read_census_grid(path), SchemaError, str(path), *fragments)


def test_another_coordinate_system_is_told(package: Callable[..., Path], write: Write) -> None:
    path = write("g.csv", WIDE.replace("CRS3035RES1000mN3570", "CRS25832RES1000mN3570"))
    refused(lambda: read_census_grid(path), CrsError, "5 cells state EPSG:25832", "EPSG:3035")
    path = package("EPSG:25832")
    refused(lambda: read_census_grid(path), CrsError, str(path), "states EPSG:25832", "EPSG:3035")


def test_a_bad_package_is_told(package: Callable[..., Path], write: Write) -> None:
    path = package(CELL=["a"], PEOPLE=[1])
    refused(lambda: read_census_grid(path), SchemaError, "missing column GRD_ID", "CELL, PEOPLE")
    path = write("x.gpkg", "text")
    refused(lambda: read_census_grid(path), SchemaError, "is not a GeoPackage")
    gone = path.with_name("none.gpkg")
    refused(lambda: read_census_grid(gone), SchemaError, str(gone), "is not a GeoPackage")
    gone = path.with_name("none.csv")
    refused(lambda: read_census_grid(gone), SchemaError, str(gone), "is not a CSV file")
