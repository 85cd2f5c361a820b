"""Known figures beside ours, on a coast road where each answer can be worked out."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from gpcoverage import Choice, RoadNetwork, Study, compute_choice, load_study
from gpcoverage.analysis.validation import compute_validation
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.reference_facts import KnownFigures, read_known
from gpcoverage.inputs.references import ReferenceFigures

X0, Y0 = 500_000.0, 6_200_000.0
RECORD = InputRecord("by hand", "by hand", "", 0, 0)
COUNTS = ["region", "measure", "series", "value", "date", "source"]
FACTS = ["check", "from", "to", "value", "unit", "date", "source"]
TOWNS = {"Ulfborg": 1.0, "Tim": 17.0, "Holstebro": 23.0, "Knebel": 0.5}


@pytest.fixture(scope="module")
def places() -> gpd.GeoDataFrame:
    x = [X0 + 1000 * km for km in TOWNS.values()]
    at = gpd.points_from_xy([*x, X0 + 500], [Y0] * len(x) + [Y0 + 5000], crs="EPSG:25832")
    return gpd.GeoDataFrame(
        {"name": [*TOWNS, "Øen"], "municipality_code": "0661"}, geometry=at, index=[*TOWNS, "Øen"]
    )


@pytest.fixture(scope="module")
def choice(make_study: Callable[..., Study], coast_road: RoadNetwork) -> Choice:
    """Return two practices in Knebel at km 0, which is nearest for 160 people, and one at km 20."""
    study = make_study([(1, 100), (4, 40), (6, 20), (12, 7)], [(0, True), (0.2, False), (20, True)])
    practices = study.practices.assign(
        town=["Knebel", "Knebel", "Viby"], doctors=[2.0, 1.0, 2.0], list_size=[1800.0, 1300.0, 9.0]
    )
    return compute_choice(replace(study, practices=practices), coast_road)


@pytest.fixture
def known(places: gpd.GeoDataFrame) -> Callable[..., KnownFigures]:
    def make(*facts: tuple[Any, ...], counts: tuple[tuple[Any, ...], ...] = ()) -> KnownFigures:
        figures = pd.DataFrame(list(counts), columns=COUNTS)
        return KnownFigures(
            ReferenceFigures(figures, RECORD),
            pd.DataFrame(list(facts), columns=FACTS),
            places,
            None,
            (),
        )

    return make


def fact(check: str, place: str, value: float, unit: str, to: str = "") -> tuple[Any, ...]:
    return (check, place, to, value, unit, "2008", "Region Midtjyllands perspektivplan (2008)")


def answers(found: pd.DataFrame) -> dict[str, tuple[float, str]]:
    return {row.check: (row.ours, row.agrees) for row in found.itertuples()}


def whole(choice: Choice, municipalities: gpd.GeoDataFrame, **changes: Any) -> Choice:
    """Give the same answer in a study that covers all municipalities."""
    codes = tuple(municipalities["code"])
    study = replace(
        choice.study, municipalities=municipalities, municipality_codes=codes, **changes
    )
    return replace(choice, study=study)


@pytest.mark.parametrize(
    ("to", "stated", "ours", "agrees", "straight"),
    [
        ("Holstebro", 22.0, 22.0, "yes", True),
        ("Holstebro", 24.0, 22.0, "yes", False),
        ("Tim", 12.0, 16.0, "yes", True),  # 3 km and a tenth of 12 are allowed
        ("Tim", 11.0, 16.0, "no", True),  # 4.1 km are, and it is 5 km off
    ],
)
def test_a_distance_agrees_within_its_tolerance(
    choice: Choice, known: Callable[..., KnownFigures], to: str, stated: float, ours: float,
    agrees: str, straight: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    found = compute_validation(choice, known(fact("distance", "Ulfborg", stated, "km", to)))
    row = found.iloc[0]
    assert len(found) == 1
    assert row["subject"] == f"Ulfborg - {to}"
    assert row["ours"] == pytest.approx(ours, abs=0.01)
    assert row["difference"] == pytest.approx(ours - stated, abs=0.01)
    assert row["tolerance"] == pytest.approx(3 + stated / 10)
    assert row["agrees"] == agrees
    assert ("straight" in row["why"]) == straight
    assert "terrain" not in row["why"]


@pytest.mark.parametrize(
    ("to", "area", "why"),
    [
        ("Holstebro", ("0101",), "outside"),
        ("Øen", ("0661",), "no_road"),
        ("Atlantis", ("0661",), "unknown_place"),
    ],
)
def test_what_cannot_be_measured_says_why(
    choice: Choice, known: Callable[..., KnownFigures], to: str, area: tuple[str, ...], why: str
) -> None:
    elsewhere = replace(choice, study=replace(choice.study, municipality_codes=area))
    found = compute_validation(elsewhere, known(fact("distance", "Ulfborg", 22, "km", to)))
    row = found.iloc[0]
    assert math.isnan(row["ours"])
    assert math.isnan(row["difference"])
    assert (row["agrees"], row["why"]) == ("not comparable", (why,))


def town_facts(far: float = 60.0, patients: float = 200.0) -> list[tuple[Any, ...]]:
    return [
        fact("patients", "Knebel", patients, "people"),
        fact("far", "Knebel", far, "people"),
        fact("town_doctors", "Knebel", 3, "doctors"),
        fact("ceiling", "Knebel", 1800, "people"),
    ]


def test_a_town_is_closed_and_its_people_counted(
    choice: Choice, known: Callable[..., KnownFigures]
) -> None:
    found = compute_validation(choice, known(*town_facts()))
    # To km 20 it is 19, 16 and 14 km. By a tenth the first is surely far, the third perhaps:
    # 30 people more or less, and 50 for rounding.
    assert answers(found) | {"ceiling": None} == {
        "patients": (3100.0, "no"),
        "catchment": (160.0, "yes"),
        "far": (140.0, "yes"),
        "far_share": (140 / 160, "no"),
        "town_doctors": (3.0, "yes"),
        "ceiling": None,
    }
    by_check = found.set_index("check")
    assert by_check.loc["far", "tolerance"] == 80.0
    assert by_check.loc["far_share", "expected"] == pytest.approx(0.3)
    assert by_check.loc["far_share", "tolerance"] == pytest.approx(50 / 200 + 30 / 160)
    assert by_check.loc["ceiling", ["agrees", "why"]].tolist() == ["not comparable", ("ceiling",)]
    closer = compute_validation(choice, known(*town_facts(far=59.0)))
    assert answers(closer)["far"] == (140.0, "no")


def test_what_was_put_into_the_practices_proves_nothing(
    choice: Choice, known: Callable[..., KnownFigures]
) -> None:
    modelled = replace(choice, study=replace(choice.study, partly_modelled=True))
    found = compute_validation(modelled, known(*town_facts(patients=3100.0))).set_index("check")
    for check, ours in (("patients", 3100.0), ("town_doctors", 3.0)):
        assert found.loc[check, "ours"] == ours
        assert found.loc[check, ["agrees", "why"]].tolist() == ["not comparable", ("stated",)]


def test_a_town_without_practices_is_not_left_out(
    choice: Choice, known: Callable[..., KnownFigures]
) -> None:
    elsewhere = choice.study.practices.assign(town="Viby")
    found = compute_validation(
        replace(choice, study=replace(choice.study, practices=elsewhere)), known(*town_facts())
    )
    assert len(found) == 6
    assert set(found["why"]) == {("no_practice",)}
    assert set(found["agrees"]) == {"not comparable"}
    beyond = replace(choice, study=replace(choice.study, municipality_codes=("0101",)))
    found = compute_validation(beyond, known(*town_facts()))
    assert len(found) == 6
    assert set(found["why"]) == {("outside",)}


def test_quartiles_are_of_people_and_need_the_whole_country(
    choice: Choice, known: Callable[..., KnownFigures], municipalities: gpd.GeoDataFrame
) -> None:
    facts = [fact("lower_quartile", "Danmark", 900, "m"), fact("upper_quartile", "Danmark", 9, "m")]
    part = compute_validation(choice, known(*facts))
    assert set(part["why"]) == {("needs_denmark",)}
    assert part["ours"].isna().all()
    # 100 people live 800 m from the practice at km 0.2, 40 live 3.8 km: 126 of 167 are three quarters.
    found = compute_validation(whole(choice, municipalities), known(*facts))
    assert found["ours"].tolist() == pytest.approx([800.0, 3800.0], abs=2)
    assert found["agrees"].tolist() == ["no", "no"]  # only a tenth of 900 m is allowed
    assert "cells" not in found.loc[0, "why"]
    nearer = known(fact("lower_quartile", "Danmark", 880, "m"))
    assert compute_validation(whole(choice, municipalities), nearer).loc[0, "agrees"] == "yes"


SUMMER = ("Danmark", "doctors", "KL", 5.0, "2026-01", "bt.dk")
COUNTED = (
    ("Danmark", "doctors", "KL", 9.0, "2009", "bt.dk"),
    SUMMER,
    ("Danmark", "open_share", "SDS", 0.37, "2019", "SDS"),
    ("Midtjylland", "doctors", "sn.dk", 7.0, "2020-01", "sn.dk"),
    ("Danmark", "area_km2", "DST", 42916.0, "2018-01", "DST"),
)


def test_counts_are_compared_where_the_region_is_in_the_study(
    choice: Choice, known: Callable[..., KnownFigures], municipalities: gpd.GeoDataFrame
) -> None:
    table = known(counts=COUNTED)
    part = compute_validation(choice, table)
    assert len(part) == 5
    assert set(part["agrees"]) == {"not comparable"}
    assert part["why"].tolist() == [
        ("superseded",), ("needs_denmark",), ("needs_denmark",), ("outside_region",),
        ("needs_denmark",),
    ]  # fmt: skip
    found = compute_validation(whole(choice, municipalities), table)
    assert found["ours"].iloc[1:4].tolist() == [5.0, pytest.approx(2 / 3), 5.0]
    assert found["agrees"].tolist() == ["not comparable", "yes", "no", "no", "no"]
    assert found["difference"].iloc[3] == -2.0
    assert found["why"].tolist() == [
        ("superseded",), ("drift",), ("share_drift",), ("drift",), ("area",)
    ]  # fmt: skip


def test_a_modelled_count_is_shown_and_not_judged(
    choice: Choice, known: Callable[..., KnownFigures], municipalities: gpd.GeoDataFrame
) -> None:
    modelled = whole(choice, municipalities, partly_modelled=True)
    found = compute_validation(modelled, known(counts=(SUMMER,)))
    assert found.loc[0, ["ours", "difference", "agrees", "why"]].tolist() == [
        5.0, 0.0, "not comparable", ("fitted_doctors",)
    ]  # fmt: skip


def test_the_terrain_models_error_needs_the_model_and_an_extract(
    choice: Choice, known: Callable[..., KnownFigures], terrain_network: RoadNetwork
) -> None:
    facts = known(
        fact("bias", "Bornholm", 0.001, "share"), fact("ninth_decile", "Bornholm", 0.1, "share")
    )
    on_roads = compute_validation(choice, facts)
    assert on_roads["why"].tolist() == [("not_terrain", "one_island")] * 2
    found = compute_validation(replace(choice, network=terrain_network), facts)
    assert found["check"].tolist() == ["bias", "ninth_decile", "stated_error"]
    assert found["agrees"].tolist() == ["not comparable"] * 3
    assert found["ours"].isna().tolist() == [True, True, False]
    assert found.loc[2, "ours"] == terrain_network.error_share


@pytest.mark.country
def test_the_terrain_models_error_is_measured_anew(root: Path, midtjylland: Study) -> None:
    choice = compute_choice(midtjylland)
    extract = root / "geo/sample_roads.osm.pbf"
    known = read_known(root / "data", midtjylland.municipalities, extract)
    assert known.extract == extract
    found = compute_validation(choice, known).set_index("check")
    # The sample's roads are invented: the model is farther off them than off Bornholm's.
    assert found.loc["ninth_decile", "ours"] == pytest.approx(0.139, abs=0.002)
    assert found.loc["ninth_decile", "agrees"] == "no"
    assert found.loc["mean_error", "why"] == ("measured_again", "one_island")


def test_every_known_figure_has_a_row(root: Path, choice: Choice) -> None:
    known = read_known(root / "data", load_study(root / "data/midtjylland.toml").municipalities)
    found = compute_validation(choice, known)
    assert len(known.facts) == 14
    assert set(known.facts["check"]) <= set(found["check"])
    assert (found["check"] == "distance").sum() == 4
    stated = pd.MultiIndex.from_frame(known.counts.figures[["measure", "region", "date", "value"]])
    rows = pd.MultiIndex.from_frame(found[["check", "subject", "date", "expected"]])
    assert stated.isin(rows).all()
    assert len(found) == 14 + 3 + 28 - 1  # on roads the terrain model states no error
    assert (found["why"].map(len) > 0).all()
