"""Futures: the hazard against its own arithmetic, the counting against reruns of whole studies."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpcoverage import Choice, RoadNetwork, Study, compute_choice, prepare_rerun
from gpcoverage.analysis.forecast import MEASURES, ForecastOptions, compute_forecast
from gpcoverage.analysis.hazard import AGES, Hazard, draw_ages, list_doctors
from gpcoverage.errors import SchemaError

Make = Callable[..., Study]
AT_67 = Hazard(yearly_shares=((67, 1.0),))


def with_years(study: Study, years: list[str], doctors: list[float]) -> Study:
    practices = study.practices.assign(birth_years=years, doctors=doctors)
    return replace(study, practices=practices)


@pytest.fixture(scope="module")
def choice(make_study: Make, coast_road: RoadNetwork) -> Choice:
    """Make practices at km 2, 6, 20 and 24; who lives at km 0 and 22 has two, at km 11 all four."""
    study = make_study(
        [(0, 100), (11, 50), (22, 30), (29, 20)],
        [(2, True), (6, True), (20, True), (24, True), (10, False)],
    )
    years = ["1962;1990", "1958", "1970;1971", "", "1950"]
    return compute_choice(with_years(study, years, [2, 1, 2, 1, 1]), coast_road)


def test_the_mean_age_is_that_of_the_source() -> None:
    assert Hazard().mean_age(55) == pytest.approx(66.0, abs=0.1)
    assert Hazard().mean_age(80) == 80
    assert AT_67.mean_age(40) == 67


@pytest.mark.parametrize("age", [40, 60, 67, 75, 95])
def test_drawn_ages_follow_the_shares(age: int) -> None:
    draws = (np.arange(100_000) + 0.5) / 100_000  # every draw once
    left = Hazard().years_left(np.full(len(draws), age), draws)
    shares = Hazard().by_age()[age:]
    lasting = np.concatenate([[1.0], np.cumprod(1 - shares)[:-1]])
    expected = lasting * shares
    np.testing.assert_allclose(
        np.bincount(left, minlength=len(expected)) / len(draws), expected, atol=2e-5
    )
    assert (np.diff(left) >= 0).all()
    assert Hazard().years_left(np.array([40]), np.array([0.0]))[0] >= 18


def test_unknown_ages_follow_the_bands() -> None:
    ages = draw_ages(Hazard(), (np.arange(10_000) + 0.5) / 10_000)
    assert (ages >= 60).mean() == pytest.approx(0.30, abs=1e-3)
    assert (ages >= 50).mean() == pytest.approx(0.59, abs=1e-3)
    assert (ages.min(), ages.max()) == (35, 69)


def test_doctors_are_listed_from_years_and_capacities() -> None:
    practices = pd.DataFrame(
        {"birth_years": ["1961;1979", "", None, "1850", "1960"], "doctors": [1, 1.5, np.nan, 1, 0]},
        index=["b", "a", "c", "d", "e"],
    )
    doctors = list_doctors(practices, 2026)
    assert doctors.practice.tolist() == [1, 1, 0, 0, 2, 3, 4]
    assert doctors.age.tolist() == [-1, -1, 65, 47, -1, -1, 66]


def test_everybody_stops_at_67_if_that_is_the_assumption(choice: Choice) -> None:
    forecast = compute_forecast(
        choice, ForecastOptions(years=10, paths=3, hazard=AT_67, single_doctors=True)
    )
    gone = forecast.practices
    # p1, born 1958, is 68 in 2026 and stops in the first year; p0's younger doctor stays.
    assert gone.loc["p1", "likely_year"] == 2027
    assert np.isnan(gone.loc["p0", "likely_year"])
    assert np.isnan(gone.loc["p2", "likely_year"])
    years = forecast.years
    assert years["loses_choice"].tolist() == [100] * 10  # km 0 had p0 and p1
    assert (years["loses_choice_low"] == years["loses_choice_high"]).all() or gone.loc[
        "p3", 2036
    ] > 0
    first = forecast.municipalities.loc[("0661", 2027)]
    assert first["practices_gone_low"] == 2  # p1, and p4, who is closed for intake


def test_nobody_is_lost_where_everybody_is_followed(choice: Choice) -> None:
    forecast = compute_forecast(choice, ForecastOptions(takeover_share=1.0))
    assert (forecast.years[["practices_gone_high", "loses_choice_high"]] == 0).all(axis=None)
    assert forecast.alive.all()


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.4]))
def test_counting_equals_rerunning_the_whole_study(
    choice: Choice, seed: int, takeover: float
) -> None:
    options = ForecastOptions(years=8, paths=4, seed=seed, takeover_share=takeover)
    forecast = compute_forecast(choice, options)
    baseline, study = prepare_rerun(choice), choice.study
    enough = choice.homes["choices"] >= 2
    lost = []
    for t in (0, 7):
        for path in range(4):
            gone = study.practices.index[~forecast.alive[t, :, path]]
            then = baseline.rerun(study.close(*gone)) if len(gone) else choice
            few = then.homes["choices"] < 2
            assert forecast.homes["municipality_code"].eq("0661").all()
            lost.append(float(choice.homes["population"][few & enough].sum()))
        name = "loses_choice"
        row = forecast.years.iloc[t]
        ordered = sorted(lost[-4:])
        assert row[f"{name}_low"] == ordered[0]
        assert row[f"{name}_high"] == ordered[-1]
        assert row[name] == ordered[1]


def test_the_same_seed_gives_the_same_bits_whatever_the_order(
    choice: Choice, coast_road: RoadNetwork
) -> None:
    study = choice.study
    mixed = replace(
        study, practices=study.practices.iloc[[3, 0, 4, 2, 1]], homes=study.homes.iloc[[2, 0, 3, 1]]
    )
    one, again = compute_forecast(choice), compute_forecast(choice)
    two = compute_forecast(compute_choice(mixed, coast_road))
    for other in (again, two):
        pd.testing.assert_frame_equal(one.years, other.years, check_exact=True)
        pd.testing.assert_frame_equal(one.municipalities, other.municipalities, check_exact=True)
        pd.testing.assert_frame_equal(
            one.practices, other.practices.loc[one.practices.index], check_exact=True
        )
    short = compute_forecast(choice, ForecastOptions(years=3))
    pd.testing.assert_frame_equal(one.years.iloc[:3], short.years, check_exact=True)
    assert not one.years.equals(compute_forecast(choice, ForecastOptions(seed=1)).years)


def test_losses_only_grow_and_the_median_lies_between(choice: Choice) -> None:
    years = compute_forecast(choice).years
    for name in MEASURES:
        assert (years[f"{name}_low"] <= years[name]).all()
        assert (years[name] <= years[f"{name}_high"]).all()
    assert (years["practices_gone"].diff().dropna() >= 0).all()
    assert (years["loses_choice"].diff().dropna() >= 0).all()
    assert (years["doctors_left"].diff().dropna() <= 0).all()


def test_people_grow_as_projected(choice: Choice) -> None:
    years = range(2026, 2037)
    growing = pd.DataFrame(
        [[1000 + 100 * (y - 2026) for y in years]], index=["0661"], columns=list(years)
    )
    plain = compute_forecast(choice)
    grown = compute_forecast(choice, projection=growing)
    assert plain.years["population"].tolist() == [200] * 10
    assert grown.years["population"].tolist() == pytest.approx([220 + 20 * t for t in range(10)])
    ratio = grown.years["loses_choice"] / plain.years["loses_choice"]
    assert ratio.dropna().tolist() == pytest.approx(
        [1.1 + 0.1 * t for t in range(10) if plain.years["loses_choice"].iloc[t] > 0]
    )
    with pytest.raises(SchemaError, match="lacks the years 2036"):
        compute_forecast(choice, projection=growing.drop(columns=2036))
    with pytest.raises(SchemaError, match="lacks people for the municipalities 0661"):
        compute_forecast(choice, projection=growing.rename(index={"0661": "0671"}))


def test_nothing_is_told_of_a_single_doctor(choice: Choice) -> None:
    practices = compute_forecast(choice).practices
    years = list(range(2027, 2037))
    alone = practices["doctors"] < 2
    assert alone.sum() == 3
    assert practices.loc[alone, [*years, "likely_year"]].isna().all(axis=None)
    assert practices.loc[~alone, years].notna().all(axis=None)


def test_a_practice_without_doctors_stays(make_study: Make, coast_road: RoadNetwork) -> None:
    study = with_years(make_study([(0, 10)], [(2, True)]), [""], [0.0])
    forecast = compute_forecast(compute_choice(study, coast_road), ForecastOptions(years=2))
    assert forecast.alive.all()
    assert forecast.municipalities["doctors_left"].isna().all()  # fewer than two in all


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"years": 0}, "Invalid years 0"),
        ({"paths": 0}, "Invalid paths 0"),
        ({"takeover_share": 1.5}, r"Invalid takeover_share 1\.5"),
        ({"interval": (0.9, 0.1)}, r"Invalid interval \(0.9, 0.1\)"),
    ],
)
def test_options_are_checked(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ForecastOptions(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "shares", [(), ((60, 0.5),), ((60, 1.0), (50, 1.0)), ((60, 1.5), (70, 1.0)), ((AGES, 1.0),)]
)
def test_a_hazard_must_end(shares: tuple[tuple[int, float], ...]) -> None:
    with pytest.raises(ValueError, match="Invalid yearly_shares"):
        Hazard(yearly_shares=shares)
    with pytest.raises(ValueError, match="Invalid unknown_bands"):
        Hazard(unknown_bands=((40, 50, 0.5),))
