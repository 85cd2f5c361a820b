"""The embedded example: totals exact, borders shared, practices where they are said to be."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gpcoverage import Study, load_study
from gpcoverage.inputs import kvadratnet
from gpcoverage.inputs.practices import read_practices


@pytest.fixture(scope="module")
def cells(root: Path) -> pd.DataFrame:
    return pd.read_csv(root / "geo/cells.csv.gz", dtype={"municipality_code": str})


@pytest.fixture(scope="module")
def practices(root: Path, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return read_practices(root / "data/practices.csv", municipalities).frame


def test_people_are_exact_in_every_municipality(cells: pd.DataFrame, listed: pd.DataFrame) -> None:
    people = cells.groupby("municipality_code")["population"].sum()
    expected = listed.set_index("code")["population"]
    assert len(expected) == 98
    assert (people.loc[expected.index] == expected).all()
    assert people["0411"] == 0  # Christiansø is no municipality
    assert (cells["population"] >= 0).all()
    assert cells["cell"].is_unique


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:25832"])
def test_borders_are_shared_without_gaps_or_overlaps(root: Path, crs: str) -> None:
    polygons = gpd.read_file(root / "geo/municipalities.geojson").to_crs(crs).geometry.to_numpy()
    if crs == "EPSG:25832":
        polygons = shapely.transform(polygons, lambda xy: np.round(xy, 3))
    assert len(polygons) == 98
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)


def test_boundaries_cover_what_the_cells_do(
    cells: pd.DataFrame, municipalities: gpd.GeoDataFrame
) -> None:
    squares = kvadratnet.cell_squares(cells.loc[cells["municipality_code"] != "0411", "cell"])
    assert municipalities.area.sum() == pytest.approx(shapely.area(squares).sum(), rel=0.01)


def test_practices_add_up(practices: gpd.GeoDataFrame) -> None:
    assert practices["doctors"].sum() == pytest.approx(3_400, abs=50)
    midtjylland = practices.index.str[:4].isin(
        ["0615", "0657", "0661", "0665", "0671", "0706", "0707", "0710", "0727", "0730", "0740",
         "0741", "0746", "0751", "0756", "0760", "0766", "0779", "0791"]
    )  # fmt: skip
    for group in (practices, practices[midtjylland]):
        assert 0.42 <= group["open"].mean() <= 0.44
    assert practices["municipality_code"].nunique() == 98
    assert set(practices["basis"]) == {"seed 002", "seed 000", "model"}
    assert (practices["municipality_code"] == practices.index.str[:4]).all()


def test_what_the_sources_state_is_in_the_table(practices: gpd.GeoDataFrame) -> None:
    def town(name: str) -> pd.DataFrame:
        return practices[practices["town"] == name]

    assert town("Ulfborg")["doctors"].tolist() == [1, 1, 1]
    assert town("Vemb")["doctors"].tolist() == [2]
    assert sorted(town("Knebel")["doctors"]) == [1, 2]
    assert sorted(town("Knebel")["list_size"]) == [1_300, 1_800]
    assert town("Aulum")["doctors"].tolist() == [3]
    assert town("Hvidbjerg")["doctors"].tolist() == [3]
    assert town("Haderup").empty
    assert town("Vestervig")[["doctors", "list_size", "basis"]].to_numpy().tolist() == [
        [2, 0, "seed 000"]
    ]
    for name in (
        "Hvide Sande", "Thyborøn", "Bøvlingbjerg", "Tranebjerg", "Roslev", "Trustrup", "Glesborg",
        "Tirstrup", "Ryomgård", "Nimtofte", "Kolind", "Tarm", "Skjern", "Videbæk", "Ringkøbing",
    ):  # fmt: skip
        assert "seed 002" in set(town(name)["basis"]), name


def test_bornholm_is_in_its_region(root: Path, midtjylland: Study, tmp_path: Path) -> None:
    text = (root / "data/midtjylland.toml").read_text(encoding="utf-8")
    text = text.replace('"Midtjylland"', '"Hovedstaden"').replace("../geo", str(root / "geo"))
    for name in ("municipalities.csv", "practices.csv", "rules.toml"):
        text = text.replace(f'"{name}"', f'"{root}/data/{name}"')
    (tmp_path / "h.toml").write_text(text, encoding="utf-8")
    study = load_study(tmp_path / "h.toml")
    assert study.homes.loc[study.homes["municipality_code"] == "0400", "population"].sum() == 39_200
    assert len(study.practices) == len(midtjylland.practices)
