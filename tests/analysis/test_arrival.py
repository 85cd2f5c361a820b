"""What looks wrong on arrival: every check with a fault planted, and silent without it."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage import Study, load_study
from gpcoverage.analysis.arrival import DataReview, review_data, summary_lines
from gpcoverage.analysis.findings import CHECKS, SEVERITIES
from gpcoverage.errors import SchemaError
from gpcoverage.inputs.homes import NO_MUNICIPALITY, OUTSIDE_AREA
from gpcoverage.inputs.layer import InputRecord, LeftOut
from gpcoverage.inputs.municipalities import read_municipalities
from gpcoverage.inputs.references import ReferenceFigures, read_references, years_since

X0, Y0 = 500_000.0, 6_200_000.0
SMALL = {("municipality_missing", "doubt"), ("no_references", "note")}
"""What is true of a study with two municipalities and no reference figures."""

Plant = Callable[[Study], Study]


@pytest.fixture(scope="module")
def clean(make_study: Callable[..., Study]) -> Study:
    """Make Holstebro the area, with two practices, and København beside it with one."""
    homes: list[tuple[float, float]] = [(float(km), 500.0) for km in range(3, 9)]
    study = make_study(homes, [(5, True), (12, False), (40, True)])
    return replace(
        study,
        municipalities=study.municipalities.assign(population=[1700, 3000]),
        practices=study.practices.assign(
            name=["Lægerne Nørregade", "Ulfborg Lægehus", "Lægerne Amager"],
            address=["Nørregade 1", "Søndergade 4, 1.", "Amagerbrogade 7"],
            postcode=["7500", "6990", "2300"],
            town=["Holstebro", "Ulfborg", "København S"],
            doctors=1.0,
            list_size=1600.0,
            closing_date="",
        ),
    )


def checks(review: DataReview) -> set[tuple[str, str]]:
    return set(review.findings[["check", "severity"]].itertuples(index=False, name=None))


def ids(review: DataReview, check: str) -> set[str]:
    return {
        i for found in review.findings.loc[review.findings["check"] == check, "ids"] for i in found
    }


def practices(**columns: object) -> Plant:
    """Change practices: a column to values, or ``move`` to (easting, northing) by id."""

    def plant(study: Study) -> Study:
        frame = study.practices
        moved = columns.get("move", {})
        assert isinstance(moved, dict)
        points = [shapely.Point(moved[i]) if i in moved else p for i, p in frame.geometry.items()]
        changed = frame.assign(**{k: v for k, v in columns.items() if k != "move"})
        return replace(study, practices=changed.set_geometry(points, crs=frame.crs))

    return plant


def homes(scale: float = 1.0, **columns: object) -> Plant:
    def plant(study: Study) -> Study:
        frame = study.homes.assign(population=study.homes["population"] * scale)
        at = columns.get("at")
        if at is not None:
            frame = frame.set_geometry([shapely.Point(xy) for xy in at], crs=frame.crs)  # type: ignore[attr-defined]
        return replace(study, homes=frame)

    return plant


def border(metres: float) -> Plant:
    """Let Holstebro end so many metres beyond (or, if negative, before) the common border."""

    def plant(study: Study) -> Study:
        west = shapely.box(X0 - 1000, Y0 - 9000, X0 + 30_000 + metres, Y0 + 9000)
        shapes = [study.municipalities.geometry.iloc[0], west]
        moved = study.municipalities.set_geometry(shapes, crs=study.municipalities.crs)
        return replace(study, municipalities=moved)

    return plant


def record(**values: object) -> Plant:
    base = InputRecord("homes", "homes.csv", "0" * 64, 1000, 1000)
    return lambda study: replace(study, inputs=(replace(base, **values),))  # type: ignore[arg-type]


def left_out(rows: int, reason: str) -> Plant:
    lost = LeftOut(reason, tuple(range(2, 2 + rows)))
    return record(rows_used=1000 - rows, left_out=(lost,))


def recode(study: Study) -> Study:
    return replace(
        study,
        municipalities=study.municipalities.replace({"code": {"0101": "0999"}}),
        practices=study.practices.replace({"municipality_code": {"0101": "0999"}}),
    )


def no_practices(*codes: str) -> Plant:
    return lambda study: replace(
        study, practices=study.practices[~study.practices["municipality_code"].isin(codes)]
    )


AT_P0 = (X0 + 5000, Y0)
PLANTED: dict[str, tuple[Plant, str, str, set[str]]] = {
    "modelled": (lambda s: replace(s, partly_modelled=True), "modelled", "note", set()),
    "rows left out": (left_out(3, NO_MUNICIPALITY), "left_out", "note", set()),
    "many rows left out": (left_out(300, NO_MUNICIPALITY), "left_out", "doubt", set()),
    "no such municipality": (recode, "municipality_unknown", "fault", {"0999"}),
    "overlap of metres": (border(1), "overlap", "doubt", {"0101"}),
    "overlap of 500 m": (border(500), "overlap", "fault", {"0101"}),
    "strip of 50 m": (border(-50), "gap", "doubt", {"0101", "0661"}),
    "3 % more people": (homes(1.03), "people_off", "doubt", {"0661"}),
    "everybody twice": (homes(2.0), "people_off", "fault", {"0661"}),
    "few addresses": (record(people_not_placed=10.0), "people_not_placed", "note", set()),
    "too few addresses": (record(people_not_placed=900.0), "people_not_placed", "doubt", set()),
    "home at sea": (
        homes(at=[(X0 + 5000, Y0 + 9200), *((X0 + 1000 * km, Y0) for km in range(4, 9))]),
        "home_at_sea", "doubt", {"h0"},
    ),
    "home far out": (
        homes(at=[(X0 + 5000, Y0 + 11_000), *((X0 + 1000 * km, Y0) for km in range(4, 9))]),
        "home_at_sea", "fault", {"h0"},
    ),
    "two flats": (
        homes(at=[AT_P0, AT_P0, *((X0 + 1000 * km, Y0) for km in range(6, 10))]),
        "homes_at_one_point", "note", set(),
    ),
    "no practice": (no_practices("0661"), "no_practice", "doubt", {"0661"}),
    "no practice beside": (no_practices("0101"), "no_practice_beside", "doubt", {"0101"}),
    "all closed": (practices(open=[False, False, True]), "all_closed", "note", {"0661"}),
    "few doctors": (practices(doctors=[0.4, 0.4, 1.0], list_size=600.0), "residents_per_doctor", "doubt", {"0661"}),
    "no doctor": (practices(doctors=[2.0, 0.0, 1.0], list_size=1600.0), "no_doctors", "doubt", {"p1"}),
    "long list": (practices(list_size=[2543.0, 1600.0, 1600.0]), "long_list", "doubt", {"p0"}),
    "short list": (practices(list_size=[299.0, 1600.0, 1600.0]), "short_list", "doubt", {"p0"}),
    "doctors unknown": (practices(doctors=[np.nan, 1.0, 1.0]), "unknown_doctors", "doubt", {"p0"}),
    "list unknown": (practices(list_size=[np.nan, 1600.0, 1600.0]), "unknown_lists", "doubt", {"p0"}),
    "closes in April": (practices(closing_date=["", "2027-04-30", "2027-05-31"]), "closing_soon", "note", {"p1"}),
    "the same but for the id": (
        practices(name=["Lægerne A"] * 2 + ["Lægerne B"], move={"p1": AT_P0}, open=[True] * 3, address=["Nørregade 1"] * 2 + ["x"], postcode="7500"),
        "twins", "fault", {"p0", "p1"},
    ),
    "the same in other words": (
        practices(name=["Lægehuset i Ulfborg", "Ulfborg Lægehus I/S", "B"], move={"p1": (X0 + 5040, Y0)}),
        "twins", "doubt", {"p0", "p1"},
    ),
    "a misspelling": (
        practices(name=["Lægerne Pedersen", "Lægerne Petersen", "B"], move={"p1": (X0 + 5040, Y0)}),
        "twins", "doubt", {"p0", "p1"},
    ),
    "moved, and listed twice": (
        practices(name=["Lægerne Nørregade"] * 2 + ["B"], town=["Holstebro"] * 3),
        "same_name", "doubt", {"p0", "p1"},
    ),
    "one address, two places": (
        practices(address=["Nørregade 1", "Nørregade 1, 2. sal", "x"], postcode="7500"),
        "address_apart", "doubt", {"p0", "p1"},
    ),
    "a house of doctors": (
        practices(address=["Nørregade 1, st.", "Nørregade 1, 1.", "x"], postcode="7500", move={"p1": AT_P0}),
        "address_shared", "note", {"p0", "p1"},
    ),
    "practice at sea": (practices(move={"p1": (X0 + 12_000, Y0 + 9200)}), "practice_at_sea", "doubt", {"p1"}),
    "practice far out": (practices(move={"p1": (X0 + 12_000, Y0 + 11_000)}), "practice_at_sea", "fault", {"p1"}),
    "beyond the border": (practices(move={"p1": (X0 + 31_000, Y0)}), "practice_elsewhere", "doubt", {"p1"}),
    "in the middle": (practices(move={"p1": (X0 + 14_520, Y0)}), "at_centroid", "doubt", {"p1"}),
    "one point, two addresses": (practices(move={"p1": AT_P0}), "addresses_at_one_point", "doubt", {"p0", "p1"}),
    "one point, no address": (
        practices(move={"p1": AT_P0}, address=""), "places_without_address", "doubt", {"p0", "p1"},
    ),
}  # fmt: skip


def test_nothing_is_found_where_nothing_is_wrong(clean: Study) -> None:
    assert checks(review_data(clean)) == SMALL


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_and_no_other(clean: Study, name: str) -> None:
    plant, check, severity, where = PLANTED[name]
    review = review_data(plant(clean))
    assert checks(review) - SMALL == {(check, severity)}
    assert ids(review, check) == where


@pytest.mark.parametrize(
    "harmless",
    [
        border(-300),  # a sound
        border(0.5),  # 0.9 ha
        homes(1.015),
        homes(at=[(X0 + 5000, Y0 + 9090), *((X0 + 1000 * km, Y0) for km in range(4, 9))]),
        left_out(900, OUTSIDE_AREA),
        practices(name=["Lægerne i Tim 1", "Lægerne i Tim 2", "B"], move={"p1": (X0 + 5040, Y0)}),
        practices(name=["Lægerne Hansen", "Lægerne Jensen", "B"], move={"p1": (X0 + 5040, Y0)}),
        practices(name=["Lægehuset"] * 3, town="Holstebro"),
        practices(name=["Lægerne Viby"] * 3, town=["Viby", "x", "Viby"]),
        practices(address=["Storegade 1"] * 3, postcode=""),
        practices(list_size=2542.0),
        practices(move={"p1": (X0 + 12_000, Y0 + 9090)}),
        practices(closing_date=["2027-05-31", "", ""]),
    ],
)
def test_what_is_usual_is_no_finding(clean: Study, harmless: Plant) -> None:
    assert checks(review_data(harmless(clean))) == SMALL


def test_practices_that_nobody_of_the_area_can_choose_are_not_checked(clean: Study) -> None:
    far = practices(list_size=[1600.0, 1600.0, 10.0])
    assert checks(review_data(far(clean))) >= {("short_list", "doubt")}  # 10 km beyond the border
    farther = practices(list_size=[1600.0, 1600.0, 10.0], move={"p2": (X0 + 50_000, Y0)})
    assert checks(review_data(farther(clean))) == SMALL


def test_crowds(make_study: Callable[..., Study], clean: Study) -> None:
    one = make_study([(5, 1001)], [(5, True)])
    assert ("crowded_point", "doubt") in checks(review_data(replace(clean, homes=one.homes)))
    block = make_study([(5.0 + i / 100, 999) for i in range(31)], [(5, True)])
    review = review_data(replace(clean, homes=block.homes))
    assert ("crowded_square", "doubt") in checks(review)
    assert ids(review, "crowded_square") == {"1km_6200_505"}
    spread = make_study([(5.0 + i, 999) for i in range(20)], [(5, True)])
    assert not {c for c, _ in checks(review_data(replace(clean, homes=spread.homes)))} & {
        "crowded_point", "crowded_square",
    }  # fmt: skip


def test_cells_are_ashore_if_any_of_them_is(clean: Study) -> None:
    cell = gpd.GeoDataFrame(
        {"municipality_code": ["0661"], "population": [3000.0]},
        index=["1km_6209_505"],
        geometry=[shapely.Point(X0 + 5500, Y0 + 9500)],
        crs="EPSG:25832",
    )
    assert checks(review_data(replace(clean, homes=cell))) == SMALL
    beyond = cell.set_axis(["1km_6210_505"]).set_geometry(
        [shapely.Point(X0 + 5500, Y0 + 10_500)], crs=cell.crs
    )
    assert ("home_at_sea", "doubt") in checks(review_data(replace(clean, homes=beyond)))


def test_a_list_without_closing_dates(clean: Study) -> None:
    bare = replace(clean, practices=clean.practices.drop(columns="closing_date"))
    assert checks(review_data(bare)) == SMALL


@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(PLANTED)))
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_does_not_matter(clean: Study, seed: int, name: str) -> None:
    study = PLANTED[name][0](clean)
    mixed = replace(
        study,
        municipalities=study.municipalities.sample(frac=1, random_state=seed),
        practices=study.practices.sample(frac=1, random_state=seed),
        homes=study.homes.sample(frac=1, random_state=seed),
    )
    one, other = review_data(study), review_data(mixed)
    pd.testing.assert_frame_equal(one.findings, other.findings)
    pd.testing.assert_frame_equal(
        pd.DataFrame(one.places.to_wkb()), pd.DataFrame(other.places.to_wkb())
    )


def test_inputs_never_change(clean: Study) -> None:
    before = [frame.copy() for frame in (clean.municipalities, clean.practices, clean.homes)]
    review_data(clean)
    for frame, old in zip(
        (clean.municipalities, clean.practices, clean.homes), before, strict=True
    ):
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(old))


def test_findings_are_tidy(clean: Study) -> None:
    plant = PLANTED["one point, two addresses"][0]
    review = review_data(plant(clean))
    ranks = review.findings["severity"].map(SEVERITIES.index)
    assert ranks.is_monotonic_increasing
    assert set(review.places["finding"]) <= set(review.findings.index)
    for row, group in review.places.groupby("finding"):
        assert tuple(dict.fromkeys(group["id"])) == review.findings["ids"][row]
    assert review.places.crs == "EPSG:25832"


# Against what others counted.


def one_figure(measure: str, region: str, value: float, date: str) -> ReferenceFigures:
    row = {"region": region, "measure": measure, "series": "S", "value": value, "date": date}
    figures = pd.DataFrame([row | {"source": "by hand"}])
    return ReferenceFigures(figures, InputRecord("references", "r.csv", "0" * 64, 1, 1))


@pytest.mark.parametrize(
    ("measure", "value", "date", "told"),
    [
        ("doctors", 816 / 1.10, "2019", False),  # 5 % and 7 % for seven years
        ("doctors", 816 / 1.10, "2026-10", True),
        ("doctors", 816 / 1.14, "2019", True),
        ("practices", 389 / 0.90, "2019", False),
        ("practices", 389 / 0.86, "2019", True),
        ("open_share", 0.30, "2019", False),
        ("open_share", 0.25, "2019", True),
        ("closed_share", 0.70, "2019", False),
        ("closed_share", 0.75, "2019", True),
        ("patients_per_doctor", 2200.0, "2026", True),
    ],
)
def test_reference_figures_age(
    midtjylland: Study,
    measure: str,
    value: float,
    date: str,
    told: bool,  # noqa: FBT001
) -> None:
    review = review_data(midtjylland, one_figure(measure, "Midtjylland", value, date))
    here = review.findings[review.findings["check"] == f"{measure}_off"]
    assert len(here) == told
    if told:
        assert here["subject"].item() == "Midtjylland"
        assert here["expected"].item() == value
        assert here["source"].item() == f"S {date}: by hand"
        line = next(text for text in summary_lines(review) if "differ" in text and "S " in text)
        assert date in line
        assert "2026-11-01" in line


def test_only_whole_regions_are_compared(midtjylland: Study) -> None:
    for region in ("Nordjylland", "Danmark"):
        review = review_data(midtjylland, one_figure("doctors", region, 1.0, "2019"))
        assert "doctors_off" not in set(review.findings["check"])
    part = replace(midtjylland, municipality_codes=midtjylland.municipality_codes[1:])
    review = review_data(part, one_figure("doctors", "Midtjylland", 1.0, "2019"))
    assert "doctors_off" not in set(review.findings["check"])


def test_sums_are_not_compared_where_much_is_unknown(midtjylland: Study) -> None:
    some = midtjylland.practices["doctors"].where(np.arange(len(midtjylland.practices)) % 10 > 0)
    unknown = replace(midtjylland, practices=midtjylland.practices.assign(doctors=some))
    review = review_data(unknown, one_figure("doctors", "Midtjylland", 1.0, "2019"))
    assert "doctors_off" not in set(review.findings["check"])
    assert ("unknown_doctors", "doubt") in checks(review)


def test_many_doctors(midtjylland: Study) -> None:
    doctors = midtjylland.practices["doctors"].mask(
        midtjylland.practices.index == "0706-roende-1", 16
    )
    study = replace(midtjylland, practices=midtjylland.practices.assign(doctors=doctors))
    assert ids(review_data(study), "many_doctors") == {"0706-roende-1"}


def test_series_are_kept_apart(root: Path) -> None:
    references = read_references(root / "data/reference_counts.csv")
    latest = references.latest().set_index(["region", "measure", "series"]).sort_index()
    assert not latest.index.has_duplicates
    country = latest.loc[("Danmark", "doctors")]
    assert country.loc["KL", "value"] == 3499
    assert country.loc["fyens.dk", "date"] == "2019-01"
    regions = latest.xs(("doctors", "sn.dk"), level=("measure", "series"))["value"]
    assert regions.drop("Danmark").sum() == regions["Danmark"] == 3326


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Danmark,nurses,SDS,1,2019,x", "must be one of area_km2, practices"),
        ("Danmark,doctors,SDS,0,2019,x", "must be a number greater than 0"),
        ("Danmark,doctors,SDS,1,winter,x", "must be a year such as 2019"),
        ("Danmark,doctors,,1,2019,x", "column series: must not be empty"),
    ],
)
def test_faulty_references_are_refused(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"region,measure,series,value,date,source\n{row}\n", encoding="utf-8")
    with pytest.raises(SchemaError, match=message):
        read_references(path)


def test_years_since() -> None:
    day = datetime.date(2026, 11, 1)
    assert years_since("2020-11", day) == 6
    assert years_since("2026", day) == pytest.approx(1 / 3)
    assert years_since("2027", day) == 0


# The example, read as a sceptic.


@pytest.fixture(scope="module")
def denmark(root: Path) -> DataReview:
    study = load_study(root / "data/danmark.toml")
    return review_data(study, read_references(root / "data/reference_counts.csv"))


def test_all_denmark(denmark: DataReview) -> None:
    told = denmark.findings[["check", "severity", "subject"]].itertuples(index=False, name=None)
    assert list(told) == [
        ("area_total", "doubt", "municipalities.geojson"),  # drawn from 1 km cells
        ("open_share_off", "doubt", "Hovedstaden"),  # the model opens 43 % everywhere
        ("short_list", "doubt", ""),
        ("places_without_address", "doubt", ""),
        ("modelled", "note", ""),
        ("left_out", "note", "cells.csv.gz"),  # Christiansø
        ("left_out", "note", "settlements.csv"),  # and its town
        ("all_closed", "note", ""),
    ]
    # Two small islands, and a clinic that opens without patients.
    assert ids(denmark, "short_list") == {"0615-endelave-1", "0707-anholt-1", "0787-vestervig-1"}
    assert ids(denmark, "all_closed") == {"0187", "0741", "0773", "0825"}


def test_summary_lines(denmark: DataReview) -> None:
    lines = summary_lines(denmark)
    assert len(lines) == 1 + len(denmark.findings)
    assert lines[0] == "Danmark, 2026-11-01: 0 faults, 4 doubts, 4 notes"
    assert lines[2] == (
        "doubt: Hovedstaden: the share of open practices differs from the reference: found 43.0% on "
        "2026-11-01; expected 23.0% (SDS 2019: sundhedsdatastyrelsen.dk, 28.01.2020)"
    )
    assert lines[-1].endswith("found 4 municipalities; 0187, 0741, 0773 and 1 more")


def test_without_references_a_note_says_so(midtjylland: Study) -> None:
    found = checks(review_data(midtjylland))
    assert ("no_references", "note") in found
    assert not {check for check, _ in found} & {"area_total", "doctors_off"}


@pytest.mark.reference
def test_official_boundaries(root: Path, reference: Path, listed: pd.DataFrame) -> None:
    study = load_study(root / "data/danmark.toml")
    official = read_municipalities(reference / "boundaries/kommuner.geojson", listed).frame
    assert official.area.sum() / 1e6 == pytest.approx(43_035, abs=1)
    review = review_data(
        replace(study, municipalities=official), read_references(root / "data/reference_counts.csv")
    )
    assert not set(review.findings["check"]) & {"area_total", "overlap", "gap", "home_at_sea"}


def test_every_check_can_be_found(midtjylland: Study) -> None:
    planted = {check for _, check, _, _ in PLANTED.values()}
    elsewhere = {"municipality_missing", "no_references", "area_total", "crowded_point", "crowded_square", "many_doctors"}  # fmt: skip
    references = {check for check in CHECKS if check.endswith("_off") and check != "people_off"}
    assert planted | elsewhere | references == set(CHECKS)
    assert midtjylland.partly_modelled
