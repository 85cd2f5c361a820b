"""Boundary files as DAGI, GISCO and OpenStreetMap give them, made from the project's own layer."""

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gpcoverage.inputs.layer import Layer
from gpcoverage.inputs.municipalities import codes_from_names, municipality_at, read_municipalities

Reshape = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]

SPELT: dict[str, tuple[str, ...]] = {
    "0169": ("Høje-Taastrup", "Høje Taastrup", "Høje-Tåstrup Kommune", "HØJE-TAASTRUP"),
    "0480": ("Nordfyn", "Nordfyns Kommune", "Nordfyns"),
    "0820": ("Vesthimmerland", "Vesthimmerlands Kommune", "Vesthimmerlands"),
    "0751": ("Århus", "Aarhus Kommune", "AARHUS", "A\u030arhus"),
    "0400": ("Bornholms Regionskommune", "Bornholm", "Bornholms Kommune"),
    "0101": ("København", "Københavns Kommune"),
    "0661": ("Holstebro Kommune", " holstebro "),
}


@pytest.mark.parametrize(
    ("code", "name"), [(code, name) for code, names in SPELT.items() for name in names]
)
def test_a_name_is_understood(listed: pd.DataFrame, code: str, name: str) -> None:
    assert list(codes_from_names(pd.Series([name], index=[5]), listed)) == [code]


@pytest.mark.parametrize("name", ["", " ", "Kommune", "s", "Malmö", "Ribe Amt", "nan", "None"])
def test_a_strange_name_is_no_municipality(listed: pd.DataFrame, name: str) -> None:
    assert list(codes_from_names(pd.Series([name]), listed)) == [""]


def test_all_names_of_the_list_differ(listed: pd.DataFrame) -> None:
    assert list(codes_from_names(listed["name"], listed)) == list(listed["code"])
    kommuner = listed["name"] + " Kommune"
    assert list(codes_from_names(kommuner, listed)) == list(listed["code"])


def dagi(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each part of a municipality a feature of its own."""
    parts = frame.explode(ignore_index=True)
    named = {"KOMKODE": parts["code"], "KOMNAVN": parts["name"], "REGIONNAVN": parts["region"]}
    return gpd.GeoDataFrame(named, geometry=parts.geometry, crs=parts.crs)


def dagi_numbers(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return dagi(frame).assign(KOMKODE=lambda f: f["KOMKODE"].astype(int))


def gisco(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add a municipality of Sweden that has a Danish code."""
    names = {"LAU_ID": frame["code"].str.lstrip("0"), "LAU_NAME": frame["name"]}
    lau = gpd.GeoDataFrame(names, geometry=frame.geometry, crs=frame.crs).assign(CNTR_CODE="DK")
    malmo = lau.head(1).assign(CNTR_CODE="SE", LAU_NAME="Malmö")
    malmo = malmo.set_geometry(malmo.translate(xoff=100_000.0))
    return pd.concat([malmo, lau], ignore_index=True).to_crs("EPSG:4258")


def openstreetmap(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    spelt = frame["code"].map({code: names[0] for code, names in SPELT.items()})
    names = spelt.fillna(frame["name"] + " Kommune")
    osm = gpd.GeoDataFrame({"name": names}, geometry=frame.geometry, crs=frame.crs)
    return osm.assign(admin_level="7").to_crs("EPSG:4326")


def web_mercator(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[["code", "geometry"]].to_crs("EPSG:3857")


@pytest.mark.parametrize("reshape", [dagi, dagi_numbers, gisco, openstreetmap, web_mercator])
@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_a_known_layer_is_read(
    tmp_path: Path,
    municipalities: gpd.GeoDataFrame,
    listed: pd.DataFrame,
    reshape: Reshape,
    suffix: str,
) -> None:
    before = listed.copy()
    shaped = reshape(municipalities)
    path = tmp_path / f"kommuner.{suffix}"
    shaped.to_file(path)
    layer = read_municipalities(path, listed)
    pd.testing.assert_frame_equal(listed, before)
    assert list(layer.frame["code"]) == list(listed["code"])
    assert list(layer.frame["name"]) == list(listed["name"])
    assert layer.record.rows_in == len(shaped)
    assert left_out(layer) == ({1} if reshape is gisco else set())
    same = shapely.area(
        shapely.symmetric_difference(layer.frame.geometry.values, municipalities.geometry.values)
    )
    assert (same < layer.frame.area * 1e-4).all()


def left_out(layer: Layer) -> set[int]:
    return {row for item in layer.record.left_out for row in item.rows}


def test_strangers_and_empty_features_are_left_out_with_the_reason(
    tmp_path: Path, municipalities: gpd.GeoDataFrame, listed: pd.DataFrame
) -> None:
    parts = municipalities[["code", "name", "geometry"]]
    strange = parts.head(1).assign(code="0411", name="Christiansø")
    empty = parts.tail(1).assign(geometry=[shapely.Polygon()])
    path = tmp_path / "kommuner.gpkg"
    pd.concat([strange, parts, empty], ignore_index=True).to_file(path)
    record = read_municipalities(path, listed).record
    assert (record.rows_in, record.rows_used) == (100, 98)
    assert {item.reason: item.rows for item in record.left_out} == {
        "not one of the municipalities of the list": (1,),
        "has no geometry": (100,),
    }


def test_several_layers_are_never_guessed_between(
    tmp_path: Path,
    municipalities: gpd.GeoDataFrame,
    listed: pd.DataFrame,
    refused: Callable[..., str],
) -> None:
    path = tmp_path / "kommuner.gpkg"
    municipalities.head(5).to_file(path, layer="a")
    municipalities.to_file(path, layer="b")
    refused(lambda: read_municipalities(path, listed), str(path), "holds 2 layers (a, b)")


def test_a_broken_ring_is_mended(root: Path, tmp_path: Path, listed: pd.DataFrame) -> None:
    layer = json.loads((root / "geo/municipalities.geojson").read_text(encoding="utf-8"))
    bow_tie = [[[8.5, 56.3], [8.7, 56.4], [8.7, 56.3], [8.5, 56.4], [8.5, 56.3]]]
    part = {"type": "Polygon", "coordinates": bow_tie}
    feature = {"type": "Feature", "properties": {"code": "0661"}, "geometry": part}
    layer["features"].append(feature)
    path = tmp_path / "kommuner.geojson"
    path.write_text(json.dumps(layer), encoding="utf-8")
    assert read_municipalities(path, listed).frame.is_valid.all()


def test_a_point_near_the_shore_counts_to_the_nearest(municipalities: gpd.GeoDataFrame) -> None:
    holstebro = municipalities.set_index("code").geometry["0661"]
    inside = holstebro.representative_point()
    codes = municipality_at(
        shapely.points([inside.x, 430_000.0], [inside.y, 6_380_000.0]), municipalities
    )
    assert list(codes) == ["0661", ""]


@pytest.mark.reference
def test_the_reference_boundaries_are_read(reference: Path, listed: pd.DataFrame) -> None:
    layer = read_municipalities(reference / "boundaries/kommuner.geojson", listed)
    assert len(layer.frame) == 98
    assert layer.record.rows_in == layer.record.rows_used + len(left_out(layer))
    assert [item.reason for item in layer.record.left_out] == [
        "not one of the municipalities of the list"
    ]
    raw = gpd.read_file(reference / "boundaries/kommuner.geojson")
    assert {raw["KOMNAVN"].iloc[row - 1] for row in left_out(layer)} == {"Christiansø"}
