"""Transport, checked by hand on the coast road; on the terrain model at one speed."""

from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gpcoverage import Choice, RoadNetwork, Study, compute_choice
from gpcoverage.analysis.transport import (
    NO_WAY,
    TransportOptions,
    plan_commute,
    plan_patient_transport,
)
from gpcoverage.errors import NetworkError

X0, Y0 = 500_000.0, 6_200_000.0
ISLAND = (X0 + 500, Y0 + 5000)


def stops(*at: float | tuple[float, float]) -> gpd.GeoDataFrame:
    points = [xy if isinstance(xy, tuple) else (X0 + 1000 * xy, Y0) for xy in at]
    return gpd.GeoDataFrame(
        {"name": [f"By {i}" for i in range(len(at))]},
        index=[f"b{i}" for i in range(len(at))],
        geometry=[shapely.Point(xy) for xy in points],
        crs="EPSG:25832",
    )


@pytest.fixture(scope="module")
def choice(make_study: Callable[..., Study], coast_road: RoadNetwork) -> Choice:
    """Make one open practice at km 2: the homes at km 20 and 26 are beyond 15 km, the island cut off."""
    homes = [(0, 100), (20, 40), (26, 30), (29, 0), (ISLAND, 7)]
    return compute_choice(make_study(homes, [(2, True), (25, False)]), coast_road)


def test_who_is_fetched_where_and_how_far(choice: Choice) -> None:
    plan = plan_patient_transport(choice, stops(19, 27))
    assert plan.routes["people"].tolist() == [40, 30]
    assert plan.routes["place_id"].tolist() == ["b0", "b1"]
    assert plan.routes["practice_id"].tolist() == ["p0", "p0"]
    assert plan.routes["to_stop_mean_m"].tolist() == pytest.approx([1000, 1000])
    assert plan.routes["home_mean_m"].tolist() == pytest.approx([18_000, 24_000])
    assert plan.routes["metres"].tolist() == pytest.approx([17_000, 25_000], abs=0.1)
    # Class "road" is driven at 40 km/h.
    assert plan.routes["minutes"].tolist() == pytest.approx([25.5, 37.5], abs=0.01)
    assert plan.timing == "road classes"
    assert plan.homes.index.tolist() == ["h1", "h2"]
    assert plan.not_served["reason"].to_dict() == {"h4": NO_WAY}


def test_another_distance_may_be_the_limit(choice: Choice) -> None:
    far = plan_patient_transport(choice, stops(19, 27), TransportOptions(beyond_m=20_000))
    assert far.routes["people"].tolist() == [30]
    nobody = plan_patient_transport(choice, stops(19), TransportOptions(beyond_m=50_000))
    assert nobody.routes.empty
    assert nobody.homes.empty


def test_who_is_on_a_list_may_go_to_any_practice(choice: Choice) -> None:
    # The practice at km 25 takes no new patients; from it nobody but the island is far.
    plan = plan_patient_transport(choice, stops(19, 27), TransportOptions(only_open=False))
    assert plan.homes.empty
    assert plan.not_served.index.tolist() == ["h4"]
    near = TransportOptions(only_open=False, beyond_m=4000)
    assert plan_patient_transport(choice, stops(19), near).routes["practice_id"].tolist() == ["p1"]


def test_people_are_those_without_a_practice_near(choice: Choice) -> None:
    plan = plan_patient_transport(choice, stops(19, 27))
    none = choice.homes["status"] == "none"
    served = plan.homes["population"].sum() + plan.not_served["population"].sum()
    assert served == choice.homes["population"][none].sum()


def test_order_of_stops_does_not_matter(choice: Choice) -> None:
    one = plan_patient_transport(choice, stops(19, 27)).routes
    two = plan_patient_transport(choice, stops(19, 27).iloc[::-1]).routes
    assert one.equals(two)


def test_doctors_are_driven_out_and_back(choice: Choice) -> None:
    commute = plan_commute(choice, stops(0, 12, 40), {"b0": 2, "b1": 1})
    assert commute.legs["start"].tolist() == ["b0", "b1", "b2", "b1"]
    assert commute.legs["end"].tolist() == ["b1", "b2", "b1", "b0"]
    assert commute.legs["doctors"].tolist() == [2, 3, 3, 2]
    assert commute.legs["metres"].tolist() == pytest.approx([12e3, 28e3, 28e3, 12e3], abs=0.1)
    assert commute.day_m == pytest.approx(80_000, abs=0.1)
    assert commute.day_min == pytest.approx(120, abs=0.1)  # 40 km/h
    assert (commute.doctors, commute.people) == (3, 4800)


def test_terrain_is_driven_at_one_stated_speed(choice: Choice) -> None:
    terrain = replace(choice.network, kind="terrain")
    on_terrain = compute_choice(choice.study, terrain)
    for speed in (60.0, 80.0):
        commute = plan_commute(
            on_terrain, stops(0, 40), {"b0": 1}, TransportOptions(speed_km_h=speed)
        )
        assert commute.timing == "one speed"
        assert commute.day_m == pytest.approx(80_000)
        assert commute.day_min == pytest.approx(80 / speed * 60)


def test_what_cannot_be_driven_is_refused(choice: Choice) -> None:
    with pytest.raises(NetworkError, match="no way of 140 minutes or less"):
        plan_commute(choice, stops(0, ISLAND), {"b0": 1})
    with pytest.raises(ValueError, match="Invalid stops or boarding"):
        plan_commute(choice, stops(0), {})
    with pytest.raises(ValueError, match=r"boarding \['b1'\]"):
        plan_commute(choice, stops(0, 10), {"b1": 1})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"speed_km_h": 0.0}, "Invalid speed_km_h 0.0"),
        ({"people_per_doctor": -1.0}, "Invalid people_per_doctor"),
        ({"beyond_m": -1.0}, "Invalid beyond_m -1.0"),
        ({"beyond_m": np.nan}, "Invalid beyond_m nan"),
    ],
)
def test_options_are_checked(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TransportOptions(**options)  # type: ignore[arg-type]
