"""People from the census grid, from Statistikbanken and from a bought delivery, in small samples."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage.errors import CrsError, DataIntegrityError, GpCoverageError, SchemaError
from gpcoverage.inputs.homes import read_homes
from gpcoverage.inputs.layer import Layer
from gpcoverage.sources import population
from gpcoverage.sources.population import (
    homes_from_census,
    municipality_totals,
    parse_statbank,
    read_census_grid,
    read_kvadratnet_delivery,
    statbank_request,
    write_homes,
)

BORNHOLM = "CRS3035RES1000mN3570000E4635000"
HOLSTEBRO = "CRS3035RES1000mN3695000E4235000"
BORDER = "CRS3035RES1000mN3704000E4240000"
"""Holstebro meets Struer."""

MALMO = "CRS3035RES1000mN3614000E4510000"
FLENSBURG = "CRS3035RES1000mN3520000E4284000"
KATTEGAT = "CRS3035RES1000mN3745000E4412000"

WIDE = f"""fid,GRD_ID,T,M,F,LAND_SURFACE,T_CI
1,{BORNHOLM},40,20,20,1,0
2,{HOLSTEBRO},1234,600,634,1,0
3,{BORDER},7,3,4,1,0
4,CRS3035RES1000mN3570000E4636000,0,0,0,1,0
5,CRS3035RES1000mN3570000E4637000,-9999,-9999,-9999,1,-9999
6,CRS3035RES1000mN3570000E4638000,0,0,0,1,-9999
7,CRS3035RES1000mN3570000E4639000,,,,1,
8,{MALMO},900,,,1,
9,{KATTEGAT},2,,,0,
"""
LONG = f"""DATAFLOW;FREQ;STAT;SPATIAL;TIME_PERIOD;OBS_VALUE;POPULATED;AREA_OF_DISSEMINATION;INSPIREID
ESTAT:DF_CENSUS_GRID_2021(2.0);;T;DK_{BORNHOLM};2021;40;1;DK;
ESTAT:DF_CENSUS_GRID_2021(2.0);;M;DK_{BORNHOLM};2021;21;1;DK;
ESTAT:DF_CENSUS_GRID_2021(2.0);;T;DK_{HOLSTEBRO};2021;1234;1;DK;
ESTAT:DF_CENSUS_GRID_2021(2.0);;T;DK_unallocated;2021;17;1;DK;
ESTAT:DF_CENSUS_GRID_2021(2.0);;T;DE_{FLENSBURG};2021;3000;1;DE;
"""
FOLK1A = """OMRÅDE;KØN;ALDER;CIVILSTAND;TID;INDHOLD
Hele landet;I alt;Alder i alt;I alt;2026K1;6025603
Region Hovedstaden;I alt;Alder i alt;I alt;2026K1;1920000
Bornholm;I alt;Alder i alt;I alt;2026K1;39000
Holstebro;I alt;Alder i alt;I alt;2026K1;59000
Christiansø;I alt;Alder i alt;I alt;2026K1;90
Bornholm;Mænd;Alder i alt;I alt;2026K1;19500
"""
LABY27 = """KOMGRP;TID;INDHOLD
0 Hele landet;2023;1685,5
1 Hovedstadskommuner;2023;1700
5 Landkommuner;2023;1650,25
101 København;2023;1733
400 Bornholm;2023;..
"""
ANSWER = {
    "dataset": {
        "dimension": {
            "OMRÅDE": {
                "label": "område",
                "category": {
                    "index": {"000": 0, "084": 1, "400": 2, "661": 3},
                    "label": {
                        "000": "Hele landet",
                        "084": "Region Hovedstaden",
                        "400": "Bornholm",
                        "661": "Holstebro",
                    },
                },
            },
            "ContentsCode": {"category": {"index": {"FOLK1A": 0}, "label": {"FOLK1A": "Folk"}}},
            "Tid": {"category": {"index": {"2025K4": 0, "2026K1": 1}}},
            "id": ["OMRÅDE", "ContentsCode", "Tid"],
            "size": [4, 1, 2],
        },
        "label": "Befolkningen den 1. i kvartalet",
        "source": "Danmarks Statistik",
        "value": [6020000, 6025603, 1910000, 1920000, 39050, 39000, None, 59000],
    }
}
DELIVERY = """KN100mDK;Antal personer
100m_61272_8776;12
100m_61272_8777;0
100m_61272_8778;<3
100m_61272_8779;..
100m_61273_8776;
100M_61273_8777;1.200
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return to_file


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


def refused(read: Callable[[], object], kind: type[GpCoverageError], *fragments: str) -> None:
    wanted = "(?s)" + "".join(f"(?=.*{re.escape(fragment)})" for fragment in fragments)
    with pytest.raises(kind, match=wanted):
        read()


def reasons(layer: Layer) -> dict[str, tuple[int, ...]]:
    return {item.reason: item.rows for item in layer.record.left_out}


# The census grid


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


# From cells to homes


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
    square = population._grid_squares(pd.Index([BORDER]))[0]
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
    square = population._grid_squares(pd.Index([BORNHOLM]))[0]
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
        geometry=[shapely.centroid(square) for square in population._grid_squares(pd.Index(ids))],
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


# Statistikbanken


def test_a_question_is_written_and_not_sent() -> None:
    url, body = statbank_request("folk1a", {"OMRÅDE": ["*"], "Tid": ["2026K1"]})
    assert url == "https://api.statbank.dk/v1/data"
    assert body == {
        "table": "FOLK1A",
        "format": "CSV",
        "lang": "da",
        "valuePresentation": "CodeAndValue",
        "delimiter": "Semicolon",
        "variables": [
            {"code": "OMRÅDE", "values": ["*"]},
            {"code": "Tid", "values": ["2026K1"]},
        ],
    }
    assert "delimiter" not in statbank_request("LABY27", {"Tid": ["*"]}, form="JSONSTAT")[1]
    refused(lambda: statbank_request("FOLK/1A", {"Tid": ["*"]}), SchemaError, "'FOLK/1A'")
    refused(lambda: statbank_request("FOLK1A", {"Tid": []}), SchemaError, "without one: Tid")
    refused(lambda: statbank_request("FOLK1A", {}), SchemaError, "none named")
    refused(lambda: statbank_request("FOLK1A", {"Tid": "*"}), SchemaError, "without one: Tid")


def test_folk1a_by_names(write: Write, listed: pd.DataFrame) -> None:
    table = parse_statbank(write("folk1a.csv", "\ufeff" + FOLK1A), "FOLK1A", listed)
    assert table["level"].tolist() == [
        "country",
        "region",
        "municipality",
        "municipality",
        "outside",
    ]
    assert table["municipality_code"].tolist() == ["", "", "0400", "0661", ""]
    assert municipality_totals(table).to_dict() == {"0400": 39000.0, "0661": 59000.0}
    same = parse_statbank(FOLK1A.encode(), "folk1a", listed)
    pd.testing.assert_frame_equal(same, table)


@pytest.mark.parametrize(("area", "code"), [("101", "0101"), ("101 København", "0101"), ("København", "0101"), ("400 Bornholm", "0400"), ("Vesthimmerlands Kommune", "0820"), ("Aarhus", "0751"), ("Århus", "0751")])  # fmt: skip
def test_areas_by_code_name_or_both(area: str, code: str, listed: pd.DataFrame) -> None:
    answer = f"OMRÅDE;TID;INDHOLD\n{area};2026K1;5\n".encode()
    table = parse_statbank(answer, "FOLK1A", listed)
    assert table[["level", "municipality_code"]].to_numpy().tolist() == [["municipality", code]]


@pytest.mark.parametrize(("area", "level"), [("000", "country"), ("081 Region Nordjylland", "region"), ("01 Byen København", "province"), ("411", "outside"), ("All Denmark", "country"), ("Landsdel Bornholm", "province")])  # fmt: skip
def test_wider_areas_are_kept_apart(area: str, level: str, listed: pd.DataFrame) -> None:
    answer = f"OMRÅDE;TID;INDHOLD\n{area};2026K1;5\n".encode()
    table = parse_statbank(answer, "FOLK1A", listed)
    assert table[["level", "municipality_code"]].to_numpy().tolist() == [[level, ""]]


def test_laby27_by_group_and_municipality(listed: pd.DataFrame) -> None:
    table = parse_statbank(LABY27.encode(), "LABY27", listed)
    assert table["level"].tolist() == ["country", "group", "group", "municipality", "municipality"]
    assert table["value"].tolist()[:4] == [1685.5, 1700, 1650.25, 1733]
    assert np.isnan(table["value"].iloc[4])
    assert table["note"].tolist() == ["", "", "", "", ".."]
    refused(lambda: municipality_totals(table), DataIntegrityError, "400 Bornholm", "2023")
    refused(lambda: municipality_totals(table, "2020"), DataIntegrityError, "'2020'", "2023")


def test_json_stat_and_csv_say_the_same(write: Write, listed: pd.DataFrame) -> None:
    table = parse_statbank(write("folk1a.json", json.dumps(ANSWER)), "FOLK1A", listed)
    assert len(table) == 8
    assert municipality_totals(table, "2026K1").to_dict() == {"0400": 39000.0, "0661": 59000.0}
    assert table["note"].tolist()[6] == ".."
    refused(lambda: municipality_totals(table, "2025K4"), DataIntegrityError, "661 Holstebro")
    text = "OMRÅDE;TID;INDHOLD\n" + "".join(
        f"{row.area};{row.period};{'..' if row.note else int(row.value)}\n"
        for row in table.itertuples()
    )
    from_text = parse_statbank(text.encode(), "FOLK1A", listed).reset_index(drop=True)
    pd.testing.assert_frame_equal(from_text, table.reset_index(drop=True), check_names=False)


def test_json_stat_of_version_2_with_values_by_place(listed: pd.DataFrame) -> None:
    dimensions = ANSWER["dataset"]["dimension"]
    assert isinstance(dimensions, dict)
    cube = {
        "class": "dataset",
        "id": dimensions["id"],
        "size": dimensions["size"],
        "dimension": {key: dimensions[key] for key in dimensions["id"]},
        "value": {"4": 39050, "5": 39000, "7": 59000},
    }
    table = parse_statbank(json.dumps(cube).encode(), "FOLK1A", listed)
    assert municipality_totals(table).to_dict() == {"0400": 39000.0, "0661": 59000.0}
    assert table["value"].isna().sum() == 5


HEAD = "OMRÅDE;TID;INDHOLD\n"
SHORT = {**ANSWER, "dataset": {**ANSWER["dataset"], "value": [1, 2]}}
BAD_ANSWERS = {
    "another table": ("VARE;TID;INDHOLD\nx;2023;1\n", ("missing column OMRÅDE", "VARE, TID, INDHOLD")),
    "unknown area": (HEAD + "Atlantis;2026K1;5\n", ("column OMRÅDE", 'row 2: "Atlantis"')),
    "unknown code": (HEAD + "999;2026K1;5\n", ("column OMRÅDE", 'row 2: "999"')),
    "no number": (HEAD + "101;2026K1;mange\n", ("column INDHOLD", 'row 2: "mange"')),
    "half a person": (HEAD + "101;2026K1;5,5\n", ("column INDHOLD", 'row 2: "5,5"')),
    "fewer than none": (HEAD + "101;2026K1;-5\n", ("column INDHOLD", 'row 2: "-5"')),
    "no period": (HEAD + "101;;5\n", ("column TID", "row 2: (empty)")),
    "twice": (HEAD + "101;2026K1;5\nKøbenhavn;2026K1;6\n", ("must not have two numbers", "row 3")),
    "only men": ("OMRÅDE;KØN;TID;INDHOLD\n101;Mænd;2026K1;5\n", ("no rows for all people: KØN",)),
    "a refusal": ('{"errorTypeCode": "X", "message": "Tabel findes ikke"}', ("Tabel findes ikke",)),
    "no cube": ('{"a": 1}', ("is not JSON-stat", "KeyError")),
    "cut off": (json.dumps(ANSWER)[:-9], ("is not JSON-stat",)),
    "too few values": (json.dumps(SHORT), ("2 values for a table of 4 x 1 x 2",)),
    "a web page": ("<html>", ("is a web page",)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "fragments"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_a_bad_answer_is_told_at_once(
    write: Write, listed: pd.DataFrame, text: str, fragments: tuple[str, ...]
) -> None:
    path = write("answer.txt", text)
    refused(lambda: parse_statbank(path, "FOLK1A", listed), SchemaError, str(path), *fragments)
    refused(lambda: parse_statbank(text.encode(), "FOLK1A", listed), SchemaError, "FOLK1A (answer")


def test_other_tables_and_missing_files_are_refused(tmp_path: Path, listed: pd.DataFrame) -> None:
    refused(lambda: parse_statbank(b"", "BY1", listed), SchemaError, "'BY1'", "FOLK1A, LABY27")
    gone = tmp_path / "none.csv"
    refused(lambda: parse_statbank(gone, "FOLK1A", listed), SchemaError, str(gone))
    refused(lambda: parse_statbank(b"", "FOLK1A", listed), SchemaError, "is empty")


# Deliveries of the kvadratnet


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


# Homes as a file


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


def test_a_delivery_is_read_back_as_cells(
    write: Write, tmp_path: Path, municipalities: gpd.GeoDataFrame
) -> None:
    delivered = read_kvadratnet_delivery(write("leverance.csv", DELIVERY), assumed_people=1.234)
    path = write_homes(delivered.frame, tmp_path / "homes.csv")
    read = read_homes(path, municipalities, ("0400",)).frame
    assert read["population"].to_dict() == delivered.frame["population"].to_dict()


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
