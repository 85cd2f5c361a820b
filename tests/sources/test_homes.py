"""From cells of the census to homes, and homes as a file."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage.errors import CrsError, DataIntegrityError
from gpcoverage.inputs import census_grid
from gpcoverage.inputs.homes import read_homes
from gpcoverage.sources.census import read_census_grid
from gpcoverage.sources.homes import homes_from_census, write_homes
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
    refused,
)


def official(municipalities: gpd.GeoDataFrame) -> pd.Series:
    return municipalities.set_index("code")["population"].astype(float)


def test_every_cell_goes_out_or_is_listed(write: Write, municipalities: gpd.GeoDataFrame) -> None:
    cells = read_census_grid(write("g.csv", WIDE)).frame
    before = cells.copy()
    homes = homes_from_census(cells, municipalities, None)
    pd.testing.assert_frame_equal(pd.DataFrame(cells), pd.DataFrame(before))
    out = {name.split("-")[0] for name in homes.frame.index}
    assert out == {BORNHOLM, HOLSTEBRO, BORDER}
    assert homes.left_out["population"].to_dict() == {MALMO: 900, KATTEGAT: 2}
    assert set(homes.left_out["reason"]) == {
        "touches no municipality of the list: at sea or abroad"
    }
    assert homes.frame["population"].sum() == pytest.approx(40 + 1234 + 7, abs=1e-9)
    assert homes.factors["factor"].eq(1).all()


def test_a_whole_cell_stays_at_its_centre_on_bornholm_too(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    cells = read_census_grid(write("g.csv", WIDE)).frame
    home = homes_from_census(cells, municipalities, None).frame.loc[BORNHOLM]
    assert home["municipality_code"] == "0400"
    assert home["geometry"].equals(cells.geometry[BORNHOLM])


def test_a_cell_on_the_border_is_split_by_land(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    cells = read_census_grid(write("g.csv", WIDE)).frame
    homes = homes_from_census(cells, municipalities, None).frame
    parts = homes[homes.index.str.startswith(BORDER)].set_index("municipality_code")
    assert set(parts.index) == {"0661", "0671"}
    areas = municipalities.set_index("code").geometry
    square = census_grid.grid_squares(pd.Series([BORDER]))[0]
    land = {code: square.intersection(areas[code]).area for code in parts.index}
    for code, part in parts.iterrows():
        assert part["population"] == pytest.approx(7 * land[code] / sum(land.values()))
        assert areas[code].contains(part["geometry"])
        assert square.contains(part["geometry"])


def test_the_country_a_cell_names_counts(write: Write, municipalities: gpd.GeoDataFrame) -> None:
    shore = f"DK_{KATTEGAT}"
    text = LONG + f"x;;T;{shore};2021;4;1;DK;\n"
    homes = homes_from_census(read_census_grid(write("g.csv", text)).frame, municipalities, None)
    assert homes.left_out.to_dict("index") == {
        f"DE_{FLENSBURG}": {"reason": "lies abroad, as the file says", "population": 3000.0},
        shore: {
            "reason": "touches no municipality of the list: at sea or abroad",
            "population": 4.0,
        },
    }


def test_a_danish_cell_off_a_generalised_shore_is_kept() -> None:
    square = census_grid.grid_squares(pd.Series([BORNHOLM]))[0]
    west, south, east, north = square.bounds
    land = gpd.GeoDataFrame(
        {"code": ["0400"]}, geometry=[shapely.box(east + 500, south, east + 9000, north)], crs=25832
    )
    for country, kept in (("DK", True), ("", False)):
        cells = gpd.GeoDataFrame(
            {"population": [3.0], "country": [country]},
            index=[BORNHOLM],
            geometry=[shapely.Point((west + east) / 2, (south + north) / 2)],
            crs=25832,
        )
        homes = homes_from_census(cells, land, None)
        assert len(homes.frame) == kept
        assert len(homes.left_out) == (not kept)


def test_people_are_scaled_to_the_official_number(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    cells = read_census_grid(write("g.csv", WIDE)).frame
    totals = official(municipalities)
    homes = homes_from_census(cells, municipalities, totals)
    people = homes.frame.groupby("municipality_code")["population"].sum()
    for code in ("0400", "0661", "0671"):
        assert people[code] == pytest.approx(totals[code], abs=1e-6)
    assert homes.factors.loc["0400", ["census", "official", "factor"]].tolist() == pytest.approx(
        [40, totals["0400"], totals["0400"] / 40]
    )
    assert np.isnan(homes.factors.loc["0101", "factor"])
    missed = totals.sum() - totals[["0400", "0661", "0671"]].sum()
    assert homes.people_not_placed == pytest.approx(missed)


def test_totals_must_hold_every_inhabited_municipality(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    cells = read_census_grid(write("g.csv", WIDE)).frame
    totals = official(municipalities)
    lacking, twice = totals.drop("0400"), pd.concat([totals, totals])

    def read(wrong: pd.Series) -> Callable[[], object]:
        return lambda: homes_from_census(cells, municipalities, wrong)

    refused(read(lacking), DataIntegrityError, "1 of 98 municipalities: 0400", "FOLK1A")
    refused(read(-totals), DataIntegrityError, "98 of 98")
    refused(read(twice), DataIntegrityError, "stands twice")


def test_frames_in_other_systems_are_refused(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    cells = read_census_grid(write("g.csv", WIDE)).frame
    laea, bare = cells.to_crs(3035), cells.set_crs(None, allow_override=True)
    areas = municipalities.to_crs(4326)
    refused(lambda: homes_from_census(laea, municipalities, None), CrsError, "cells", "EPSG:3035")
    refused(lambda: homes_from_census(bare, municipalities, None), CrsError, "no coordinate")
    refused(lambda: homes_from_census(cells, areas, None), CrsError, "municipalities", "EPSG:4326")


CELLS = st.dictionaries(
    st.one_of(
        st.tuples(st.integers(3695, 3712), st.integers(4228, 4252)),  # Holstebro, Struer, the fjord
        st.tuples(st.integers(3555, 3580), st.integers(4615, 4645)),  # Bornholm and the sea
        st.tuples(st.integers(3515, 3535), st.integers(4270, 4300)),  # the border with Germany
    ),
    st.tuples(st.integers(1, 20_000), st.sampled_from(["", "DK", "DE", "DE-DK"])),
    min_size=1,
    max_size=25,
)


def grid(cells: dict[tuple[int, int], tuple[int, str]]) -> gpd.GeoDataFrame:
    ids = [f"CRS3035RES1000mN{north}000E{east}000" for north, east in cells]
    return gpd.GeoDataFrame(
        {
            "population": [float(people) for people, _ in cells.values()],
            "country": [country for _, country in cells.values()],
        },
        index=pd.Index(ids, name="cell_id"),
        geometry=[shapely.centroid(square) for square in census_grid.grid_squares(pd.Series(ids))],
        crs=25832,
    )


@settings(deadline=None, max_examples=60)
@given(sample=CELLS, seed=st.integers(0, 99))
def test_regridding_never_changes_totals(
    municipalities: gpd.GeoDataFrame, sample: dict[tuple[int, int], tuple[int, str]], seed: int
) -> None:
    cells = grid(sample)
    homes = homes_from_census(cells, municipalities, None)
    out = homes.frame["population"].sum() + homes.left_out["population"].sum()
    assert out == pytest.approx(cells["population"].sum(), abs=1e-6)
    gone = set(homes.left_out.index)
    assert {name.split("-")[0] for name in homes.frame.index} == set(cells.index) - gone
    assert homes.frame.index.is_unique
    assert (homes.frame["population"] > 0).all()
    shuffled = cells.sample(frac=1, random_state=seed)
    again = homes_from_census(shuffled, municipalities, None).frame
    pd.testing.assert_frame_equal(
        pd.DataFrame(again).sort_index(), pd.DataFrame(homes.frame).sort_index()
    )
    scaled = homes_from_census(cells, municipalities, official(municipalities))
    people = scaled.frame.groupby("municipality_code")["population"].sum()
    wanted = official(municipalities)[people.index]
    np.testing.assert_allclose(people, wanted, rtol=0, atol=1e-6)
    assert people.sum() + scaled.people_not_placed == pytest.approx(
        official(municipalities).sum(), abs=1e-6
    )


@pytest.mark.parametrize("name", ["homes.csv", "out/homes.csv.gz"])
def test_homes_are_read_back(
    write: Write, tmp_path: Path, municipalities: gpd.GeoDataFrame, name: str
) -> None:
    cells = read_census_grid(write("g.csv", WIDE)).frame
    homes = homes_from_census(cells, municipalities, official(municipalities)).frame
    path = write_homes(homes, tmp_path / name)
    read = read_homes(path, municipalities, ("0400", "0661", "0671"))
    assert list(read.frame.index) == list(homes.index)
    assert read.frame["municipality_code"].tolist() == homes["municipality_code"].tolist()
    np.testing.assert_allclose(read.frame["population"], homes["population"], rtol=0, atol=1e-9)
    assert (read.frame.geometry.distance(homes.geometry) < 0.001).all()
    first = path.read_bytes()
    assert write_homes(homes, path).read_bytes() == first
    assert not list(path.parent.glob(".draft*"))


def test_what_are_no_homes_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "homes.csv"
    good = gpd.GeoDataFrame(
        {"population": [1.0, 2.0]}, index=["a", "b"], geometry=gpd.points_from_xy([5e5] * 2, [62e5] * 2), crs=25832
    )  # fmt: skip
    wrong = [
        good.set_axis(["a", "a"]),
        good.assign(population=[1.0, np.nan]),
        good.assign(population=[1.0, -1.0]),
        good.set_geometry(good.buffer(5)),
    ]
    for homes in wrong:
        refused(lambda h=homes: write_homes(h, path), DataIntegrityError, "Invalid homes")  # type: ignore[misc]
    refused(lambda: write_homes(good.to_crs(4326), path), CrsError, "EPSG:4326")
    assert not path.exists()


def test_cells_of_unknown_people_make_no_homes(
    write: Write, municipalities: gpd.GeoDataFrame
) -> None:
    cells = read_census_grid(write("g.csv", f"GRD_ID,T\n{BORNHOLM},7\n")).frame
    cells["population"] = np.nan
    with pytest.raises(DataIntegrityError, match="should hold nan; no homes are made"):
        homes_from_census(cells, municipalities, None)
