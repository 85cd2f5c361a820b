"""Designated shortage areas: what the table says, and what is told where it is wrong."""

import datetime
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gpcoverage.errors import CrsError
from gpcoverage.inputs.areas import Criterion, area_faults, read_areas
from gpcoverage.inputs.designations import first_day, last_day, read_designations, standing

Write = Callable[[str, str | bytes], Path]
Refused = Callable[..., str]

HEADER = "area_id,name,kind,municipality_codes,place,within,count,criterion_text,valid_from,valid_to,stated,source,source_place\n"  # fmt: skip
BY_REGION = {"Hovedstaden": 9, "Sjælland": 8, "Syddanmark": 9, "Midtjylland": 6, "Nordjylland": 10}


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture(scope="module")
def shipped(root: Path, listed: pd.DataFrame) -> pd.DataFrame:
    return read_designations(root / "data/designations.csv", set(listed["code"])).frame


def test_the_list_of_2019_has_its_42_municipalities(
    shipped: pd.DataFrame, listed: pd.DataFrame
) -> None:
    plo = shipped[shipped.index.str.startswith("plo-2019")]
    codes = [code for codes in plo["municipality_codes"] for code in codes]
    assert len(codes) == len(set(codes)) == 42
    region = listed.set_index("code")["region"]
    assert region[codes].value_counts().to_dict() == BY_REGION
    names = listed.set_index("code")["name"]
    assert (plo["name"] == [f"{names[c[0]]} Kommune" for c in plo["municipality_codes"]]).all()
    assert set(plo["stated"]) == {"2019-05"}
    assert set(plo["valid_to"]) == set(plo["kind"]) == {""}


def test_special_focus_of_2008_and_what_seeds_count_but_do_not_name(shipped: pd.DataFrame) -> None:
    focus = shipped[shipped.index.str.startswith("rm-2008")]
    assert sorted(focus["name"].str.removesuffix(" Kommune")) == [
        "Horsens", "Ikast-Brande", "Lemvig", "Norddjurs", "Randers", "Ringkøbing-Skjern", "Skive",
        "Syddjurs",
    ]  # fmt: skip
    assert set(focus["kind"]) == {"special_focus"}
    twelve = shipped.loc["rs-12-af-17"]
    assert (twelve["count"], len(twelve["within"]), twelve["municipality_codes"]) == (12, 17, ())


def test_no_source_says_that_a_designation_holds_today(shipped: pd.DataFrame) -> None:
    now = standing(shipped, day("2026-11-01"))
    assert set(now) == {"unknown", "ended"}
    assert sorted(now[now == "ended"].index) == ["dk-2018-2020", "dk-2021-2024", "lokale-2018-2020"]
    assert standing(shipped, day("2024-12-31"))["dk-2021-2024"] == "in_force"
    assert standing(shipped, day("2019-04-30"))["plo-2019-0665"] == "later"


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2021", "2021-01-01", "2021-12-31"),
        ("2026-11-01", "2026-11-01", "2026-11-01"),
        ("", "", ""),
    ],
)
def test_a_month_or_a_year_stands_for_all_of_it(period: str, first: str, last: str) -> None:
    assert (first_day(period), last_day(period)) == (first, last)


@pytest.mark.parametrize(
    ("dates", "on", "known"),
    [
        ("2020-01-01,2021-12-31,", "2021-12-31", "in_force"),
        ("2020-01-01,2021-12-31,", "2022-01-01", "ended"),
        ("2020-01-01,2021-12-31,", "2019-12-31", "later"),
        ("2020-01-01,,", "2030-01-01", "unknown"),
        (",2021,", "2021-06-01", "unknown"),
        (",,2019-05", "2019-05-01", "unknown"),
        (",,2019-05", "2019-04-30", "later"),
        (",,", "1999-01-01", "unknown"),
    ],
)
def test_standing(write: Write, dates: str, on: str, known: str) -> None:
    path = write("d.csv", f"{HEADER}a,Et sted,,0661,,,,,{dates},Nogen,\n")
    assert standing(read_designations(path).frame, day(on)).tolist() == [known]


def test_a_part_of_a_municipality_is_no_count(write: Write, refused: Refused) -> None:
    path = write("d.csv", f"{HEADER}a,A,,,Et sted,,1.5,,,,,K,\n")
    refused(lambda: read_designations(path), "column count", '"1.5"')


def test_every_fault_is_told_at_once(write: Write, refused: Refused) -> None:
    rows = (
        "a,A,lokal,661,,,,,2021,2020,snart,,\n"
        "a,,,0661;0661,,,0,,,,,K,\n"
        "c,C,,0999,,0671,2,,,,,K,\n"
        "d,D,,,,,,,2021-01-01,2020-12-31,,K,\n"
    )
    path = write("d.csv", HEADER + rows)
    text = refused(
        lambda: read_designations(path, {"0661", "0671"}),
        *("area_id", "must be one of national", '"lokal"', '"661"', '"snart"', '"0661;0661"'),
        *("column source", "column name", "list of municipalities", '"0999"', "must say where"),
        *("must not end before valid_from", "must not be more than", '"0"', "in 4 of 4 rows"),
    )
    assert text.count("must not end before") == 1


def test_missing_columns_are_named(write: Write, refused: Refused) -> None:
    path = write("d.csv", "area_id,navn\na,A\n")
    refused(lambda: read_designations(path), "missing column kind", "municipality_codes", "kilde")


def test_rows_may_stand_in_any_order(root: Path, write: Write, shipped: pd.DataFrame) -> None:
    head, *rows = (root / "data/designations.csv").read_text(encoding="utf-8").splitlines()
    again = read_designations(write("d.csv", "\n".join([head, *reversed(rows)]))).frame
    pd.testing.assert_frame_equal(again, shipped)


def test_criterion_needs_a_threshold_that_makes_sense() -> None:
    for wrong in ({}, {"closed_share": 0.0}, {"closed_share": 1.5}, {"residents_per_doctor": -1}):
        with pytest.raises(ValueError, match="Invalid criterion"):
            Criterion(combine="any", **wrong)
    with pytest.raises(ValueError, match="combine"):
        Criterion(combine="some", closed_share=0.5)  # type: ignore[arg-type]


def test_faults_of_a_study_are_told_together(tmp_path: Path) -> None:
    table = {
        "combine": "begge", "closed_share": 40, "residents_per_doctor": True, "x": 1,
        "designations": "nix.csv", "file": "nix.gpkg",
    }  # fmt: skip
    told = "; ".join(area_faults(table, tmp_path))
    for fragment in (
        "does not know areas.x",
        "areas.combine is 'begge'; it must be any or all",
        "areas.closed_share is 40; it must be a share",
        "areas.residents_per_doctor is True",
        "no such file",
        "areas.file and areas.name",
    ):
        assert fragment in told
    (fault,) = area_faults({"combine": "any"}, tmp_path)
    assert fault.startswith(
        "[areas] must give a threshold: few_choices_share, residents_per_doctor"
    )
    assert area_faults("x", tmp_path) == ["areas must be a table"]


def test_a_study_without_areas_has_none_and_a_bad_one_is_refused(
    root: Path, write: Write, refused: Refused, midtjylland: object
) -> None:
    from gpcoverage.inputs.study import Study  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415

    assert isinstance(midtjylland, Study)
    assert midtjylland.areas is not None
    assert midtjylland.areas.criterion.combine == "any"
    text = (root / "data/midtjylland.toml").read_text(encoding="utf-8")
    path = write("study.toml", text.replace('combine = "any"', 'combine = "en"'))
    refused(lambda: load_study(path), "areas.combine", "any or all", "areas.designations")
    path = write("study.toml", text.replace("[areas]", "[andet]"))
    refused(lambda: load_study(path), "does not know andet")


def layer(path: Path, names: list[str | None], at: list[float], crs: str | None) -> Path:
    shapes = [shapely.box(x, 6_200_000, x + 1000, 6_201_000) for x in at]
    gpd.GeoDataFrame({"sogn": names}, geometry=shapes, crs=crs).to_file(path)
    return path


def test_areas_of_ones_own(tmp_path: Path, refused: Refused) -> None:
    path = layer(tmp_path / "a.gpkg", ["Ø", "A", "Ø"], [500_000, 502_000, 504_000], "EPSG:25832")
    read = read_areas(path, "sogn")
    assert read.frame.index.tolist() == ["A", "Ø"]
    assert read.frame.loc["Ø", "geometry"].area == pytest.approx(2e6)
    assert (read.record.rows_in, read.record.rows_used) == (3, 3)
    refused(lambda: read_areas(path, "navn"), "has no column 'navn'", "sogn")
    bad = layer(tmp_path / "b.gpkg", ["A", None, " "], [5_000_000, 502_000, 504_000], "EPSG:25832")
    refused(
        lambda: read_areas(bad, "sogn"),
        *("feature 2 has no name", "feature 3 has no name", "feature 1 does not lie in Denmark"),
    )


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_areas_need_a_reference_system(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.shp", ["A"], [500_000], None)
    with pytest.raises(CrsError, match="states no coordinate reference system"):
        read_areas(path, "sogn")
