"""Computed shortage areas against a plain count, and beside designated ones."""

import datetime
import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpcoverage import Choice, RoadNetwork, Study, compute_choice
from gpcoverage.analysis import area_measures
from gpcoverage.analysis import areas as areas_module
from gpcoverage.analysis.area_measures import members
from gpcoverage.analysis.areas import compare_areas, computed, designated, evaluate
from gpcoverage.errors import CrsError, DataIntegrityError, SchemaError
from gpcoverage.inputs.areas import MEASURES, AreaSource, Criterion

X0, Y0 = 500_000.0, 6_200_000.0
FEW = Criterion(combine="any", few_choices_share=0.5)
HEADER = "area_id,name,kind,municipality_codes,place,within,count,criterion_text,valid_from,valid_to,stated,source,source_place\n"  # fmt: skip


def strip(first_km: float, last_km: float) -> shapely.Polygon:
    return shapely.box(X0 + 1000 * first_km, Y0 - 500, X0 + 1000 * last_km, Y0 + 500)


def polygons(**areas: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(areas), crs="EPSG:25832")


@pytest.fixture(scope="module")
def choice(make_study: Callable[..., Study], coast_road: RoadNetwork) -> Choice:
    """The home at km 0.5 has one open practice within 15 km, the others two or more."""
    study = make_study(
        [(0.5, 10), (4, 5), (6, 30), (9.9, 40.5), (25, 7), (20, 5)],
        [(18, True), (17, True), (2, False), (2, True), (22, True)],
    )
    practices = study.practices.assign(
        doctors=[2.0, 1.0, 1.5, np.nan, 3.0],
        birth_years=["1965;1966", "", "1950;1990", "1800;1960", "1965"],
    )
    return compute_choice(replace(study, practices=practices), coast_road)


def brute(choice: Choice, shape: shapely.Geometry) -> dict[str, float]:
    """Count an area plainly, home by home and practice by practice."""
    people = few = 0.0
    for home in choice.homes.itertuples():
        if shape.contains(home.geometry):
            people += home.population
            few += home.population if home.status != "choice" else 0
    practices = closed = known = senior = 0
    doctors = 0.0
    for practice in choice.study.practices.itertuples():
        if shape.contains(practice.geometry):
            practices += 1
            closed += not practice.open
            doctors += practice.doctors
            ages = [2026 - int(year) for year in practice.birth_years.split(";") if year]
            known += sum(24 <= age <= 95 for age in ages)
            senior += sum(60 < age <= 95 for age in ages)
    residents = people / doctors if doctors else math.inf if people else math.nan
    return {
        "few_choices_share": few / people if people else math.nan,
        "residents_per_doctor": residents,
        "closed_share": closed / practices if practices else math.nan,
        "doctors_over_60_share": senior / known if known else math.nan,
    }


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.integers(-1, 29), st.integers(1, 15)).map(lambda s: (s[0] + 0.25, s[1] + 0.4)),
        min_size=1,
        max_size=6,
    )
)
def test_measures_are_those_of_a_plain_count(
    choice: Choice, spans: list[tuple[float, float]]
) -> None:
    shapes = {f"a{i}": strip(first, first + length) for i, (first, length) in enumerate(spans)}
    result = computed(choice, FEW, polygons(**shapes))
    for name, shape in shapes.items():
        expected = pd.Series(brute(choice, shape), dtype=float)
        found = result.areas.loc[name, list(MEASURES)].astype(float)
        pd.testing.assert_series_equal(found, expected, check_names=False)
    # People: each home in each of its areas, or outside all.
    inside = sum(
        home.population * max(1, sum(shape.contains(home.geometry) for shape in shapes.values()))
        for home in choice.homes.itertuples()
    )
    found_people = result.areas["population"].sum() + result.outside["population"].sum()
    assert found_people == pytest.approx(inside)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(-1, 30), min_size=2, max_size=8, unique=True), st.randoms())
def test_adjoining_areas_count_everybody_once_in_any_order(
    choice: Choice, cuts: list[int], random: object
) -> None:
    # Whole km: homes and practices lie on the borders.
    cuts = sorted(cuts)
    shapes = {f"a{a:02d}": strip(a, b) for a, b in itertools.pairwise(cuts)}
    result = computed(choice, FEW, polygons(**shapes))
    people = result.areas["population"].sum() + result.outside["population"].sum()
    assert people == pytest.approx(choice.homes["population"].sum())
    assert len(result.outside) + len(result.homes.point) == len(choice.homes)
    names = list(shapes)
    random.shuffle(names)  # type: ignore[attr-defined]
    again = computed(choice, FEW, polygons(**{name: shapes[name] for name in names}))
    pd.testing.assert_frame_equal(pd.DataFrame(again.areas), pd.DataFrame(result.areas))


THRESHOLD = st.floats(0.01, 1.0)
VALUES = st.one_of(st.floats(0, 1), st.just(math.nan))


@given(
    st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=8),
    st.tuples(THRESHOLD, THRESHOLD, THRESHOLD),
    st.tuples(THRESHOLD, THRESHOLD, THRESHOLD),
    st.sampled_from(["any", "all"]),
)
def test_stricter_thresholds_never_add_areas(
    values: list[tuple[float, float, float]],
    one: tuple[float, float, float],
    other: tuple[float, float, float],
    combine: str,
) -> None:
    names = ("few_choices_share", "closed_share", "doctors_over_60_share")
    table = pd.DataFrame(values, columns=names)

    def states(thresholds: list[float]) -> pd.Series:
        stated = dict(zip(names, thresholds, strict=True))
        return evaluate(table, Criterion(combine=combine, **stated))  # type: ignore[arg-type]

    lenient = states([min(pair) for pair in zip(one, other, strict=True)])
    strict = states([max(pair) for pair in zip(one, other, strict=True)])
    assert not ((strict == "yes") & (lenient != "yes")).any()
    assert not ((strict != "no") & (lenient == "no")).any()


@pytest.mark.parametrize(
    ("few", "closed", "any_state", "all_state"),
    [
        (0.5, 0.5, "yes", "yes"),
        (0.5, 0.1, "yes", "no"),
        (0.1, 0.1, "no", "no"),
        (0.5, math.nan, "yes", "unknown"),
        (0.1, math.nan, "unknown", "no"),
        (math.nan, math.nan, "unknown", "unknown"),
    ],
)
def test_what_nobody_knows_decides_only_where_it_must(
    few: float, closed: float, any_state: str, all_state: str
) -> None:
    table = pd.DataFrame({"few_choices_share": [few], "closed_share": [closed]})
    for combine, expected in (("any", any_state), ("all", all_state)):
        criterion = Criterion(combine=combine, few_choices_share=0.5, closed_share=0.5)  # type: ignore[arg-type]
        assert evaluate(table, criterion).tolist() == [expected]


def test_a_municipality_by_hand(choice: Choice) -> None:
    areas = computed(choice, FEW).areas
    assert areas.index.tolist() == ["0661"]
    row = areas.loc["0661"]
    assert (row["population"], row["few_choices"]) == (97.5, 10)
    assert (row["practices"], row["closed_practices"], row["doctors"]) == (5, 1, 7.5)
    assert math.isnan(row["residents_per_doctor"])  # one practice does not say
    assert row["doctors_unknown"] == 1
    # 2026: born 1965 has turned 60 for certain, born 1966 has not; 1800 is a slip.
    assert (row["doctors_of_known_age"], row["doctors_over_60"]) == (6, 4)


def test_an_area_without_doctors_reaches_any_number_of_residents(choice: Choice) -> None:
    areas = polygons(hjem=strip(3.5, 6.5), tom=strip(26, 27), vest=strip(21, 23))
    criterion = Criterion(combine="any", residents_per_doctor=100_000)
    result = computed(choice, criterion, areas).areas["computed"]
    assert result.to_dict() == {"hjem": "yes", "tom": "unknown", "vest": "no"}


def test_the_networks_error_tells_what_is_certain(
    make_study: Callable[..., Study], coast_road: RoadNetwork
) -> None:
    # 14.5 km to the second: within the limit, and beyond it if all were 10 % longer.
    study = make_study([(0, 10), (5, 10)], [(4, True), (14.5, True)])
    choice = compute_choice(study, coast_road)
    for threshold, state, certainty in ((0.4, "no", "uncertain"), (0.6, "no", "certain")):
        row = computed(choice, Criterion(combine="any", few_choices_share=threshold)).areas.iloc[0]
        assert (row["computed"], row["certainty"]) == (state, certainty)


def test_a_point_on_a_border_is_in_one_area_and_in_all_it_lies_inside() -> None:
    points = shapely.points([[5, 5], [10, 5], [30, 5]])
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(0, 0, 8, 8)])  # fmt: skip
    at = members(points, shapes)
    assert list(zip(at.point.tolist(), at.area.tolist(), strict=True)) == [(0, 0), (0, 2), (1, 0)]


def test_areas_are_refused_where_they_cannot_be_told_apart(choice: Choice) -> None:
    twice = polygons(a=strip(0, 1), b=strip(1, 2)).rename(index={"b": "a"})
    with pytest.raises(SchemaError, match="Several areas are called 'a'"):
        computed(choice, FEW, twice)
    with pytest.raises(CrsError, match="no coordinate reference system"):
        computed(choice, FEW, twice.set_crs(None, allow_override=True))


def test_degrees_do_as_well(choice: Choice) -> None:
    areas = polygons(a=strip(-0.5, 7), b=strip(7, 28))
    one, other = (computed(choice, FEW, a).areas["population"] for a in (areas, areas.to_crs(4326)))
    assert one.tolist() == other.tolist() == [45.0, 52.5]


def test_lost_people_are_noticed(choice: Choice, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(*args: object) -> dict[str, object]:
        counted = area_measures.count_people(*args)  # type: ignore[arg-type]
        return counted | {"population": counted["population"] / 2}

    monkeypatch.setattr(areas_module, "count_people", lose)
    with pytest.raises(DataIntegrityError, match="no result is given"):
        computed(choice, FEW)


@pytest.fixture
def designations(choice: Choice, tmp_path: Path) -> Callable[[str], Choice]:
    """Give the choice check a table of designations."""

    def write(rows: str) -> Choice:
        path = tmp_path / "d.csv"
        path.write_text(HEADER + rows, encoding="utf-8")
        study = replace(choice.study, areas=AreaSource(FEW, path))
        return replace(choice, study=study)

    return write


def test_designations_of_the_day_and_the_area(designations: Callable[[str], Choice]) -> None:
    rows = (
        "gældende,A,national,0661;0101,,,,,2026,2026,,K,\n"
        "uvist,B,regional,0661,,,,,2020-01-01,,,K,\n"
        "slut,C,regional,0661,,,,,2020-01-01,2025,,K,\n"
        "andetsteds,D,regional,0101,,,,,,,,K,\n"
        "sogn,E,,,Vest,0661,,,,,,K,\n"
        "ukendt,F,,,et sted,0661,1,,,,,K,\n"
        "landet,G,national,,ikke oplyst,,,,,,,K,\n"
        "øst,H,,,et sted,0101,,,,,,K,\n"
    )
    choice = designations(rows)
    own = polygons(Vest=strip(0, 5))
    table = designated(choice.study, areas=own)
    assert table["standing"].to_dict() == {
        "gældende": "in_force", "landet": "unknown", "sogn": "unknown", "ukendt": "unknown",
        "uvist": "unknown",
    }  # fmt: skip
    assert table.loc["gældende", "municipality_codes"] == ("0661",)
    assert table.loc["sogn", "geometry"].equals(own.loc["Vest", "geometry"])
    assert table.geometry.isna().to_dict()["ukendt"]
    later = designated(choice.study, datetime.date(2027, 1, 1))
    assert "gældende" not in later.index
    assert len(designated(replace(choice.study, areas=None))) == 0


def test_agreement_area_by_area(designations: Callable[[str], Choice]) -> None:
    rows = (
        "v,Vest,regional,,vest,0661,,,,,,K,\n"
        "m,Midt,,,midt,0661,,,,,,K,\n"
        "f,Alt,special_focus,0661,,,,,,,,K,\n"
    )
    choice = designations(rows)
    drawn = polygons(vest=strip(0, 5), midt=strip(9, 12))
    table = designated(choice.study, areas=drawn)
    areas = polygons(a=strip(0, 5), b=strip(5, 11), c=strip(3, 7), d=strip(24, 26), e=strip(27, 28))
    result = computed(choice, FEW, areas)
    rows_of = compare_areas(result, table)
    assert rows_of["designated"].to_dict() == {
        "a": "all", "b": "part", "c": "part", "d": "none", "e": "none",
    }  # fmt: skip
    assert rows_of.loc["b", "people_designated"] == 40.5
    assert rows_of["designations"].to_dict() == {"a": "v", "b": "m", "c": "v", "d": "", "e": ""}
    assert rows_of.loc["a", "other_designations"] == "f"
    assert rows_of["agreement"].to_dict() == {
        "a": "both", "b": "part", "c": "part", "d": "neither", "e": "unknown",
    }  # fmt: skip
    without = compare_areas(result, table.drop(index="v"))
    assert without.loc["a", "agreement"] == "only_computed"
    none = Criterion(combine="any", few_choices_share=1.0)
    assert compare_areas(computed(choice, none, areas), table).loc["a", "agreement"] == (
        "only_designated"
    )
