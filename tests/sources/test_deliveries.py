"""A bought delivery in a small sample."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gpcoverage.errors import SchemaError
from gpcoverage.inputs.homes import read_homes
from gpcoverage.sources.deliveries import read_kvadratnet_delivery
from gpcoverage.sources.homes import write_homes
from sources.samples import Write, reasons, refused

DELIVERY = """KN100mDK;Antal personer
100m_61272_8776;12
100m_61272_8777;0
100m_61272_8778;<3
100m_61272_8779;..
100m_61273_8776;
100M_61273_8777;1.200
"""


def test_a_delivery_lists_what_is_withheld(write: Write) -> None:
    layer = read_kvadratnet_delivery(write("leverance.csv", DELIVERY))
    assert layer.frame["population"].to_dict() == {"100m_61272_8776": 12, "100m_61273_8777": 1200}
    assert not layer.frame["assumed"].any()
    assert layer.frame.geometry.iloc[0].equals(shapely.Point(877_650, 6_127_250))
    assert reasons(layer) == {
        "nobody lives there": (3,),
        "the number is withheld (<3)": (4,),
        "the number is withheld (..)": (5,),
        "the number is withheld (empty)": (6,),
    }


def test_people_may_be_assumed_where_the_number_is_withheld(write: Write) -> None:
    path = write("leverance.csv", DELIVERY)
    layer = read_kvadratnet_delivery(path, assumed_people=1.5)
    assert layer.frame["population"].tolist() == [12, 1.5, 1.5, 1.5, 1200]
    assert layer.frame["assumed"].tolist() == [False, True, True, True, False]
    assert reasons(layer) == {"nobody lives there": (3,)}
    refused(lambda: read_kvadratnet_delivery(path, assumed_people=3), SchemaError, 'row 4: "<3"', "3 people that are assumed")  # fmt: skip
    refused(lambda: read_kvadratnet_delivery(path, assumed_people=0), SchemaError, "more than 0")


@pytest.mark.parametrize(
    "cell", ["KN1kmDK", "DDKN_km1", "ddkn", "Celle-id", "kvadratnet", "Cell ID"]
)
@pytest.mark.parametrize("people", ["Antal personer", "personer_ialt", "Folketal", "population"])
def test_headers_of_a_delivery(write: Write, cell: str, people: str) -> None:
    path = write("l.csv", f"{cell};{people};husstande\n1km_6127_877;12;5\n")
    assert read_kvadratnet_delivery(path).frame["population"].to_dict() == {"1km_6127_877": 12}


D = "celle;personer\n100m_61272_8776;12\n"
BAD_DELIVERIES = {
    "another header": ("a;b\n1;2\n", ("missing column cell", "population (or personer", "reads: a, b")),
    "easting first": (D + "100m_8776_61272;5\n", ("The northing comes first", "row 3")),
    "another size": (D + "10km_612_87;5\n", ("must be a cell", 'row 3: "10km_612_87"')),
    "no id": (D + ";5\n", ("must be a cell", "row 3: (empty)")),
    "twice": (D + "100m_61272_8776;5\n", ("each once", "row 2", "row 3")),
    "a word": (D + "100m_61272_8777;få\n", ("withheld", 'row 3: "få"')),
    "half a person": (D + "100m_61272_8777;2,5\n", ("whole number", 'row 3: "2,5"')),
    "two sizes": (D + "1km_6127_877;5\n", ("cells of 100m and 1km", "twice")),
}  # fmt: skip


@pytest.mark.parametrize(("text", "fragments"), BAD_DELIVERIES.values(), ids=BAD_DELIVERIES.keys())
def test_a_bad_delivery_is_told_at_once(
    write: Write, text: str, fragments: tuple[str, ...]
) -> None:
    path = write("l.csv", text)
    refused(lambda: read_kvadratnet_delivery(path), SchemaError, str(path), *fragments)


def test_a_delivery_is_read_back_as_cells(
    write: Write, tmp_path: Path, municipalities: gpd.GeoDataFrame
) -> None:
    delivered = read_kvadratnet_delivery(write("leverance.csv", DELIVERY), assumed_people=1.234)
    path = write_homes(delivered.frame, tmp_path / "homes.csv")
    read = read_homes(path, municipalities, ("0400",)).frame
    assert read["population"].to_dict() == delivered.frame["population"].to_dict()
