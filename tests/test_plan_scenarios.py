"""The structures of the region's plan run by name, each with what it means for the example."""

from pathlib import Path

import pytest

from gpcoverage import Baseline, RoadNetwork, Study, compare, compute_choice, prepare_rerun
from gpcoverage.inputs.scenario_file import find_scenario

EXPECTED = {
    "haderup": {"one_to_choice": 2_638, "none_to_one": 5_641},
    "hedensted": {"choice_to_one": 3_086, "one_to_none": 7_862, "choice_to_none": 6_724},
    "holstebro-ulfborg": {"choice_to_one": 38_538, "one_to_none": 6_535, "choice_to_none": 313},
    "holstebro-vemb": {"choice_to_one": 38_538, "one_to_none": 6_535, "choice_to_none": 313},
    "ikast-brande": {"choice_to_one": 113, "one_to_none": 7},
    "knebel": {},
    "ringkoebing-skjern": {},
}


@pytest.fixture(scope="module")
def baseline(midtjylland: Study, terrain_network: RoadNetwork) -> Baseline:
    return prepare_rerun(compute_choice(midtjylland, terrain_network))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_scenario_runs_by_name(root: Path, baseline: Baseline, name: str) -> None:
    study = baseline.choice.study
    after = study.under(find_scenario(name, root / "data/midtjylland.toml"))
    comparison = compare(baseline, after)
    moves = comparison.homes.loc[comparison.homes["move"] != ""]
    people = moves.groupby("move")["population"].sum().round().to_dict()
    assert people == EXPECTED[name]
    assert after.scenario.source
    assert after.baseline is study


def test_every_scenario_is_expected(root: Path) -> None:
    assert {path.stem for path in (root / "data/scenarios").glob("*.toml")} == set(EXPECTED)


def test_knebel_beside_the_plan(root: Path, baseline: Baseline) -> None:
    # The plan: 3,100 patients, about 1,000 of them with more than 15 km to any other doctor.
    scenario = find_scenario("knebel", root / "data/midtjylland.toml")
    lists = compare(baseline, baseline.choice.study.under(scenario)).lists
    assert lists.patients == 3_100
    assert lists.far_low <= lists.far <= lists.far_high
    assert lists.far_low > 1_000
    assert round(lists.far / lists.catchment, 2) == 0.43
