"""Tables of homes and the list of municipalities with a fault: what the analyst is told."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest

from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.municipalities import read_municipality_list

Write = Callable[[str, str | bytes], Path]
Refused = Callable[..., str]

HOMES = "id;population;lat;lon\na;3;56.36;8.616\n"
STATED = "id;population;lat;lon;kommune\na;3;56.36;8.616;Holstebro\n"
CELLS = "cell;population;x;y\n1km_6245_476;12;476500;6245500\n"
POPULATION = ("column population", "must be a number of people from 0 to 100000", "row 3")

BAD_HOMES = {
    "negative people": (HOMES + "b;-1;56.36;8.616\n", (*POPULATION, '"-1"')),
    "text for people": (HOMES + "b;ca. 5;56.36;8.616\n", (*POPULATION, '"ca. 5"')),
    "suppressed": (HOMES + "b;..;56.36;8.616\n", (*POPULATION, '".."', "0 where nobody does")),
    "no people given": (HOMES + "b;;56.36;8.616\n", (*POPULATION, "(empty)")),
    "a whole town in one home": (HOMES + "b;612000;56.36;8.616\n", (*POPULATION, '"612000"')),
    "1.800, a thousand or a fraction": (
        HOMES + "b;1.800;56.36;8.616\n",
        (*POPULATION, '"1.800"', "write 1800 and not 1.800"),
    ),
    "1,800 likewise": (HOMES + "b;1,800;56.36;8.616\n", (*POPULATION, '"1,800"')),
    "duplicate id": (HOMES + "a;4;56.36;8.616\n", ("column id", "row 2", "row 3", '"a"')),
    "abroad by degrees": (HOMES + "b;4;48.1;11.6\n", ("must lie in Denmark", "11.6 / 48.1")),
    "zone 33": (
        "id;population;easting;northing\na;3;348000;6173000\n",
        ("must lie in Denmark", "row 2", "348000 / 6173000", "EPSG:25832"),
    ),
    "unknown municipality": (
        STATED + "b;3;56.36;8.616;Ribe Amt\n",
        ("column kommune", "must be a kommunekode or the name", 'row 3: "Ribe Amt"'),
    ),
    "municipality contradicts the place": (
        STATED + "b;3;56.36;8.616;0101\n",
        ("must agree with the coordinates", "row 3", "8.616 / 56.36 lies in 0661"),
    ),
    "cell with the easting first": (
        CELLS + "1km_477_6245;7;477500;6245500\n",
        ("must name the cell in which the coordinates lie", "row 3", "the northing comes first"),
    ),
    "no cell and no coordinates": (
        "cell;population\n1km_6245_476;3\nStruer;4\n",
        ("must be a cell of the kvadratnet", 'row 3: "Struer"', "add coordinates"),
    ),
    "an id is no cell": ("id;population\n1km_6245_476;3\n", ("row 1", "missing coordinates")),
    "two populations": (
        "id;population;personer;lat;lon\na;3;4;56.36;8.616\n",
        ("columns population and personer both mean population", "Keep one"),
    ),
    "all faults at once": (
        STATED + "a;-1;56.36;8.616;Ribe Amt\nb;x;8.616;56.36;\n",
        ("6 faults in 3 of 3 rows", '"-1"', '"x"', '"Ribe Amt"', "each other's place"),
    ),
}


@pytest.mark.parametrize(("text", "fragments"), BAD_HOMES.values(), ids=BAD_HOMES.keys())
def test_bad_homes_are_named_and_nothing_is_written(
    write: Write,
    municipalities: gpd.GeoDataFrame,
    refused: Refused,
    text: str,
    fragments: tuple[str, ...],
) -> None:
    path = write("hjem.csv", text)
    before = path.read_bytes()
    refused(lambda: read_homes(path, municipalities, ("0661",)), str(path), *fragments)
    assert [item.name for item in path.parent.iterdir()] == ["hjem.csv"]
    assert path.read_bytes() == before


def test_what_is_no_municipality_is_left_out_and_no_fault(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    text = "id;population;lat;lon;kommunekode\na;3;56.36;8.616;661\nb;4;55.32;15.19;411\n"
    record = read_homes(write("hjem.csv", text), municipalities, ("0661",)).record
    assert [(item.reason, item.rows) for item in record.left_out] == [
        ("lies in no municipality of the list", (3,))
    ]


def test_cells_without_coordinates_lie_at_their_centres(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    text = "KN1kmDK;Personer\n1km_6245_476;12\n"
    frame = read_homes(write("hjem.csv", text), municipalities, ("0661",)).frame
    assert (frame.geometry.iloc[0].x, frame.geometry.iloc[0].y) == (476_500.0, 6_245_500.0)
    assert list(frame["municipality_code"]) == ["0661"]


def test_another_value_of_the_column_tells_what_a_dot_means(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    for other, people in (("0.5", 1.8), ("1.234,5", 1800.0), ("0,25", 1800.0)):
        text = f"id;population;lat;lon\na;1.800;56.36;8.616\nb;{other};56.36;8.616\n"
        layer = read_homes(write("hjem.csv", text), municipalities, ("0661",))
        assert layer.frame["population"].iloc[0] == people


LIST = "code;name;region;population_2024\n0101;København;Hovedstaden;659.400\n"
CODE = ("column code", "must be a kommunekode of four digits, each once")
PEOPLE = ("column population_2024", "must be a whole number of people from 1", "row 3")
BAD_LISTS = {
    "duplicate code": (LIST + "101;Frederiksberg;Hovedstaden;105000\n", (*CODE, "row 2", "row 3")),
    "code of five digits": (LIST + "10147;Frederiksberg;Hovedstaden;1\n", (*CODE, '"10147"')),
    "code is a name": (LIST + "Fr.berg;Frederiksberg;Hovedstaden;1\n", (*CODE, '"Fr.berg"')),
    "duplicate name": (
        LIST + "0147;København;Hovedstaden;105000\n",
        ("column name", "no two rows may have the same", "row 2", "row 3"),
    ),
    "no region": (LIST + "0147;Frederiksberg;;105000\n", ("column region", "row 3: (empty)")),
    "nobody": (LIST + "0147;Frederiksberg;Hovedstaden;0\n", (*PEOPLE, '"0"')),
    "half a person": (LIST + "0147;Frederiksberg;Hovedstaden;10,5\n", (*PEOPLE, '"10,5"')),
    "a totals row": (LIST + "I alt;;;5961249\n", (*CODE, 'row 3: "I alt"')),
    "no codes": ("name;region;population\nA;B;1\n", ("missing column code", "kommunekode")),
}


@pytest.mark.parametrize(("text", "fragments"), BAD_LISTS.values(), ids=BAD_LISTS.keys())
def test_a_bad_list_of_municipalities_is_named(
    write: Write, refused: Refused, text: str, fragments: tuple[str, ...]
) -> None:
    path = write("kommuner.csv", text)
    refused(lambda: read_municipality_list(path), str(path), *fragments)
