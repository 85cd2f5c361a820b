"""The embedded example: totals exact, borders shared, practices where they are said to be."""

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gpcoverage import Study, load_study
from gpcoverage.inputs import kvadratnet
from gpcoverage.inputs.practices import read_practices
from gpcoverage.inputs.scenario import Close
from gpcoverage.inputs.scenario_file import read_scenario


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
    assert set(practices["basis"]) == {
        "Region Midtjyllands perspektivplan (2008)",
        "Liste over bevillinger (2025)",
        "model",
    }
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
        [2, 0, "Liste over bevillinger (2025)"]
    ]
    for name in (
        "Hvide Sande", "Thyborøn", "Bøvlingbjerg", "Tranebjerg", "Roslev", "Trustrup", "Glesborg",
        "Tirstrup", "Ryomgård", "Nimtofte", "Kolind", "Tarm", "Skjern", "Videbæk", "Ringkøbing",
    ):  # fmt: skip
        assert "Region Midtjyllands perspektivplan (2008)" in set(town(name)["basis"]), name


def test_bornholm_is_in_its_region(root: Path, midtjylland: Study, tmp_path: Path) -> None:
    text = (root / "data/midtjylland.toml").read_text(encoding="utf-8")
    text = text.replace('"Midtjylland"', '"Hovedstaden"').replace("../geo", str(root / "geo"))
    for name in (
        "municipalities.csv",
        "practices.csv",
        "rules.toml",
        "divisions.csv",
        "settlements.csv",
        "villages.csv",
        "settlement_corrections.csv",
        "designations.csv",
    ):
        text = text.replace(f'"{name}"', f'"{root}/data/{name}"')
    (tmp_path / "h.toml").write_text(text, encoding="utf-8")
    study = load_study(tmp_path / "h.toml")
    assert study.homes.loc[study.homes["municipality_code"] == "0400", "population"].sum() == 39_200
    assert len(study.practices) == len(midtjylland.practices)


SCENARIOS = {
    "haderup": ("0657", None),
    "hedensted": (
        "0766", {"Hedensted": 1, "Hornsyld": 1, "Juelsminde": 1, "Tørring": 1, "Uldum": 1}
    ),
    "holstebro-ulfborg": ("0661", {"Holstebro": 4, "Ulfborg": 1, "Vinderup": 1}),
    "holstebro-vemb": ("0661", {"Holstebro": 4, "Vemb": 1, "Vinderup": 1}),
    "ikast-brande": ("0756", {"Bording": 1, "Brande": 1, "Ejstrupholm": 1, "Ikast": 2}),
    "knebel": ("0706", None),
    "ringkoebing-skjern": (
        "0760", {"Hvide Sande": 1, "Ringkøbing": 3, "Skjern": 4, "Tarm": 1, "Videbæk": 3}
    ),
}  # fmt: skip


def test_every_scenario_is_listed(root: Path) -> None:
    assert {path.stem for path in (root / "data/scenarios").iterdir()} == set(SCENARIOS)


@pytest.mark.parametrize(
    ("stem", "code", "towns"),
    [(stem, code, towns) for stem, (code, towns) in SCENARIOS.items() if towns],
)
def test_scenarios_keep_what_the_plan_names(
    root: Path, midtjylland: Study, stem: str, code: str, towns: dict[str, int]
) -> None:
    scenario = read_scenario(root / f"data/scenarios/{stem}.toml")
    before, after = midtjylland.practices, midtjylland.under(scenario).practices
    kept = after[after["municipality_code"] == code]
    assert kept["town"].value_counts().to_dict() == towns
    for town, count in towns.items():
        numbered = before[before["town"] == town]
        numbered = numbered.assign(number=numbered.index.str.rsplit("-", n=1).str[-1].astype(int))
        largest = numbered.sort_values(["doctors", "number"], ascending=[False, True])
        assert set(kept.index[kept["town"] == town]) == set(largest.index[:count]), town
    assert all(isinstance(c, Close) and not c.date and not c.stage for c in scenario.changes)
    assert len(before) - len(after) == len(scenario.changes)
    assert all(c.practice.startswith(code) for c in scenario.changes if isinstance(c, Close))


@pytest.mark.parametrize(
    ("stem", "open_ones"),
    [
        ("hedensted", set()),
        ("holstebro-ulfborg", {"0661-holstebro-7", "0661-vinderup-1"}),
        ("holstebro-vemb", {"0661-holstebro-7", "0661-vinderup-1"}),
        ("ikast-brande", {"0756-bording-1", "0756-ejstrupholm-1", "0756-ikast-2"}),
    ],
)
def test_notes_are_right_on_who_takes_patients(
    root: Path, midtjylland: Study, stem: str, open_ones: set[str]
) -> None:
    after = midtjylland.under(read_scenario(root / f"data/scenarios/{stem}.toml")).practices
    kept = after[(after["municipality_code"] == SCENARIOS[stem][0]) & after["open"]]
    assert set(kept.index) == open_ones


def test_closing_knebel_and_tim_takes_no_open_practice(root: Path, midtjylland: Study) -> None:
    for stem, ids in {
        "knebel": ["0706-knebel-1", "0706-knebel-2"],
        "ringkoebing-skjern": ["0760-tim-1"],
    }.items():
        after = midtjylland.under(read_scenario(root / f"data/scenarios/{stem}.toml")).practices
        assert midtjylland.practices.index.difference(after.index).tolist() == ids
        assert not midtjylland.practices.loc[ids, "open"].any()


def test_haderup_reopens_in_its_place(root: Path, midtjylland: Study) -> None:
    after = midtjylland.under(read_scenario(root / "data/scenarios/haderup.toml")).practices
    new = after.loc[after.index.difference(midtjylland.practices.index)]
    villages = pd.read_csv(root / "data/villages.csv").set_index("name")
    lon, lat = new.to_crs("EPSG:4326").geometry.iloc[0].coords[0]
    assert (lat, lon) == pytest.approx(tuple(villages.loc["Haderup", ["lat", "lon"]]))
    assert new[["municipality_code", "doctors", "open"]].to_numpy().tolist() == [["0657", 1, True]]


def test_a_file_in_a_subfolder_needs_its_row(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(root / "data"))
    from example import inventory  # noqa: PLC0415  beside the data, not in the package

    for name in ("a.csv", "scenarios/b.toml", "scenarios/.c.part", "raw/d.pbf", "example/e.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x\ny\n")
    readme = tmp_path / "README.md"
    readme.write_text("| `a.csv` | - | - |\n", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"README\.md and the folder differ: \['scenarios/b\.toml'\]"
    ):
        inventory.refresh(tmp_path)
    readme.write_text("| `a.csv` | - | - |\n| `scenarios/b.toml` | - | - |\n", encoding="utf-8")
    inventory.refresh(tmp_path)
    digest = hashlib.sha256(b"x\ny\n").hexdigest()
    rows = readme.read_text(encoding="utf-8").splitlines()
    assert [row.split("|")[2].strip() for row in rows] == ["1", "-"]
    assert all(digest in row for row in rows)
