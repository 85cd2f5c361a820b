"""Tables of places and of projections: read as offices write them, and refused with every fault."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gpcoverage.inputs.places import BEYOND, TAKES_OUT, read_places
from gpcoverage.inputs.projection import read_projection
from gpcoverage.units import to_metres

Write = Callable[[str, str | bytes], Path]
Refused = Callable[..., str]

TOWNS = "By;Kommune;Breddegrad;Længdegrad;Indbyggere\nVemb;Holstebro;56,345;8,344;1.200\nUlfborg;0661;56,268;8,321;\n"


def test_places_of_the_example_are_those_of_its_builder(
    root: Path, municipalities: gpd.GeoDataFrame
) -> None:
    from example.settlements import clean_settlements  # noqa: PLC0415  the builder's own reader

    data = root / "data"
    places = read_places(
        data / "settlements.csv",
        data / "villages.csv",
        municipalities=municipalities,
        corrections=data / "settlement_corrections.csv",
    )
    own = clean_settlements(data)
    own = own[own["municipality_code"] != "0411"].reset_index(drop=True)  # Christiansø
    frame = places.frame.reset_index(drop=True)
    for column in ("name", "municipality_code", "population", "lat", "lon"):
        assert frame[column].tolist() == own[column].tolist(), column
    xy = shapely.get_coordinates(frame.geometry.to_numpy())
    np.testing.assert_allclose(xy, own[["x", "y"]].to_numpy(), atol=1e-6)
    assert [item.reason for record in places.records for item in record.left_out] == [
        BEYOND,
        TAKES_OUT,
    ]
    assert sum(record.rows_in - record.rows_used for record in places.records[:2]) == 1


def test_danish_headers_and_a_point_where_a_practice_would_open(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    frame = read_places(write("byer.csv", TOWNS), municipalities=municipalities).frame
    assert frame.index.tolist() == ["0661 Ulfborg", "0661 Vemb"]
    assert frame["population"].tolist()[1] == 1200
    assert np.isnan(frame["population"].iloc[0])
    x, y = to_metres(frame["lon"].to_numpy(), frame["lat"].to_numpy())
    assert (
        shapely.get_coordinates(frame.geometry.to_numpy()).tolist() == np.array([x, y]).T.tolist()
    )


def test_metres_do_as_well_and_the_coordinates_say_where(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    text = "name,easting,northing\nVemb,459462,6244570\nHavet,430000,6300000\n"
    places = read_places(write("p.csv", text), municipalities=municipalities)
    assert places.frame.index.tolist() == ["0661 Vemb"]
    assert [item.reason for item in places.records[0].left_out] == [BEYOND]


@pytest.mark.parametrize(
    ("text", "fragments"),
    [
        ("name,lat,lon\nVemb,,8.3\n", ["must be two numbers", "row 2"]),
        ("name,lat,lon\n,56.345,8.344\n", ["must not be empty"]),
        ("name,lat,lon\nVemb,56.345,8.344\nVemb,56.346,8.344\n", ["no two rows", "row 3"]),
        ("name,kommune,lat,lon\nVemb,Atlantis,56.345,8.344\n", ["kommunekode", "Atlantis"]),
        ("name,kommune,lat,lon\nVemb,Aarhus,56.345,8.344\n", ["must agree with the coordinates"]),
        ("name,lat,lon,population\nVemb,56.345,8.344,mange\n", ["whole number", "mange"]),
        ("name,lat,lon,population\nVemb,56.345,8.344,1.5\n", ["whole number", "1.5"]),
        ("by,kommune\nVemb,Holstebro\n", ["missing coordinates"]),
    ],
)
def test_faults_are_told(
    text: str,
    fragments: list[str],
    write: Write,
    refused: Refused,
    municipalities: gpd.GeoDataFrame,
) -> None:
    path = write("places.csv", text)
    refused(lambda: read_places(path, municipalities=municipalities), *fragments)


def test_corrections_must_have_something_to_correct(
    write: Write, refused: Refused, municipalities: gpd.GeoDataFrame
) -> None:
    head = "name,municipality_code,danish_name,lat,lon,population,reason\n"
    towns = write("byer.csv", TOWNS)
    right = write("right.csv", head + "Vemb,0661,Vemb By,56.345,8.344,1300,wrong figure\nNy,0661,Ny,56.3,8.4,90,added: new\n")  # fmt: skip
    frame = read_places(towns, municipalities=municipalities, corrections=right).frame
    assert frame["name"].tolist() == ["Ny", "Ulfborg", "Vemb By"]
    for row in ("Vem,0661,,56.345,8.344,1,no such", "Vemb,0661,Vemb,56.345,8.344,5,added twice"):
        wrong = write("wrong.csv", head + row + "\n")
        refused(
            lambda path=wrong: read_places(towns, municipalities=municipalities, corrections=path),
            "must name one place",
        )


def test_a_projection_is_read(write: Write, municipalities: gpd.GeoDataFrame) -> None:
    text = "OMRÅDE;TID;INDHOLD\nHolstebro;2026;59.100\nHolstebro;2027;58.900\n0671;2026;20.000\n"
    table = read_projection(write("frkm.csv", text), municipalities)
    assert table.loc["0661"].to_dict() == {2026: 59100, 2027: 58900}
    assert np.isnan(table.loc["0671", 2027])


@pytest.mark.parametrize(
    ("text", "fragments"),
    [
        ("kommune,år,folketal\nHele landet,2026,5\n", ["kommunekode or the name", "Hele landet"]),
        ("kommune,år,folketal\n0661,2026,5\n661,2026,6\n", ["one municipality and year"]),
        ("kommune,år,folketal\n0661,26,0\n", ["must be a year", "above zero"]),
        ("kommune,år,folketal\n0661,2026.5,5.5\n", ["must be a year", "must be a whole number"]),
        ("kommune,folketal\n0661,5\n", ["missing column year"]),
    ],
)
def test_faults_of_a_projection_are_told(
    text: str,
    fragments: list[str],
    write: Write,
    refused: Refused,
    municipalities: gpd.GeoDataFrame,
) -> None:
    path = write("frkm.csv", text)
    refused(lambda: read_projection(path, municipalities), *fragments)
