"""The real services, asked only when GPCOVERAGE_NETWORK is set: they change, and are not ours."""

import datetime
import os
from pathlib import Path

import pytest

from gpcoverage.inputs.municipalities import read_municipality_list
from gpcoverage.sources.boundaries import Provider, fetch_boundaries
from gpcoverage.sources.people import fetch_totals
from gpcoverage.sources.register import fetch_practices
from gpcoverage.sources.store import Store

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(
        "GPCOVERAGE_NETWORK" not in os.environ, reason="set GPCOVERAGE_NETWORK to ask the services"
    ),
]
TODAY = datetime.datetime.now(datetime.UTC).date()


@pytest.mark.parametrize("provider", ["gisco", "dagi", "osm", "geoboundaries"])
def test_boundaries(root: Path, tmp_path: Path, provider: Provider) -> None:
    listed = read_municipality_list(root / "data/municipalities.csv")
    key = os.environ.get("DATAFORDELER_KEY")
    if provider == "dagi" and not key:
        pytest.skip("set DATAFORDELER_KEY")
    assert len(fetch_boundaries(Store(tmp_path), provider, listed, day=TODAY, key=key).frame) == 98


def test_people(root: Path, tmp_path: Path) -> None:
    listed = read_municipality_list(root / "data/municipalities.csv")
    people = fetch_totals(Store(tmp_path), listed).listed["population"].sum()
    assert 5_800_000 < people < 6_500_000


def test_practices(tmp_path: Path) -> None:
    register = fetch_practices(Store(tmp_path), TODAY)
    assert 1_000 < len(register.sor.frame) < 4_000
