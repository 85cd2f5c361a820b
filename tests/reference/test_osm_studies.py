"""The same study on OpenStreetMap roads: Bornholm with every address, and Tunø without a road out."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gpcoverage import Choice, Study, compute_choice, load_study
from gpcoverage.analysis.distance import NO_ROAD_TO_ANY
from gpcoverage.network.snapping import Snaps
from oracle import all_distances

pytestmark = [pytest.mark.reference, pytest.mark.country]


def write_study(root: Path, folder: Path, extract: Path, codes: str) -> Path:
    text = (root / "data/bornholm.toml").read_text(encoding="utf-8")
    text = text.replace("raw/bornholm.osm.pbf", str(extract)).replace('["0400"]', codes)
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
    path = folder / "study.toml"
    path.write_text(text.replace("../geo", str(root / "geo")), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bornholm(root: Path, reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Choice:
    extract = reference / "osm/bornholm.osm.pbf"
    folder = tmp_path_factory.mktemp("bornholm")
    return compute_choice(load_study(write_study(root, folder, extract, '["0400"]')))


def test_bornholm_counts_every_address(bornholm: Choice) -> None:
    assert len(bornholm.homes) == 29_811
    assert bornholm.homes["population"].sum() == pytest.approx(39_200)
    assert bornholm.network.kind == "osm"
    assert (bornholm.homes["reason"] != "").sum() < 10
    assert bornholm.homes["access_m"].median() < 20
    near_town = bornholm.homes["nearest_m"] < 1_000
    assert (bornholm.homes.loc[near_town, "choices"] >= 1).all()


def test_bornholm_agrees_with_networkx(bornholm: Choice) -> None:
    table, study = bornholm.distances, bornholm.study
    on_island = np.flatnonzero(study.practices["municipality_code"] == "0400")[:4]
    some = np.arange(0, len(study.homes), 25)

    def take(snaps: Snaps, rows: NDArray[np.int64]) -> Snaps:
        return Snaps(snaps.edge[rows], snaps.along_m[rows], snaps.leg_m[rows], snaps.foot[rows])

    expected = all_distances(
        bornholm.network, take(table.home_snaps, some), take(table.practice_snaps, on_island)
    )
    for i, home in enumerate(some):
        start, stop = table.found.start[home : home + 2]
        ours = dict(
            zip(table.found.practice[start:stop], table.found.cost[start:stop], strict=True)
        )
        for j, practice in enumerate(on_island):
            if expected[i, j] <= table.max_m[home] - 1e-6:
                assert ours[practice] == pytest.approx(expected[i, j], abs=1e-3)
            else:
                assert practice not in ours or np.isclose(expected[i, j], table.max_m[home])


def test_tunoe_has_no_road_to_a_practice(root: Path, reference: Path, tmp_path: Path) -> None:
    extract = reference / "osm/tunoe.osm"
    study: Study = load_study(write_study(root, tmp_path, extract, '["0727"]'))
    choice = compute_choice(study)
    assert len(choice.homes) > 50
    assert set(choice.homes["status"]) == {"none"}
    assert set(choice.homes["reason"]) == {NO_ROAD_TO_ANY}
    assert choice.homes["nearest_m"].isna().all()
    assert choice.municipalities.loc["0727", "none_certain"] == pytest.approx(
        choice.homes["population"].sum()
    )
