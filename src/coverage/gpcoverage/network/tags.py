"""What OpenStreetMap's tags say of a way: a road for a private car, and which way round."""

from typing import Any, Final, Protocol


class Tags(Protocol):
    """A dict, or osmium's tags of a way."""

    def get(self, key: str, /) -> Any:
        """Return the tag's value, None if it is not there."""


ROAD_CLASSES: Final = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
)
FERRY: Final = "ferry"
CLASS_NAMES: Final = (*ROAD_CLASSES, FERRY)

FORBIDDEN: Final = frozenset(
    {"no", "private", "agricultural", "forestry", "delivery", "emergency", "military"}
)
ACCESS_TAGS: Final = ("motorcar", "motor_vehicle", "vehicle", "access")
"""The most special one that is tagged decides."""

FERRY_TAKES_CARS: Final = frozenset({"yes", "designated", "permissive", "customers", "destination"})
WAY_TAGS: Final = ("highway", "route", "junction", "oneway", *ACCESS_TAGS)

ONE_WAY: Final = frozenset({"yes", "true", "1"})
ONE_WAY_BACK: Final = frozenset({"-1", "reverse"})


def road_class(tags: Tags) -> str | None:
    """Say what kind of road a way is for a private car.

    Parameters
    ----------
    tags
        OpenStreetMap tags of the way.

    Returns
    -------
    str or None
        A name of ``CLASS_NAMES``; links count as their road. None if one may not drive there.
    """
    decisive = next((tag for tag in map(tags.get, ACCESS_TAGS) if isinstance(tag, str)), "yes")
    if all(part.strip() in FORBIDDEN for part in decisive.split(";")):
        return None
    if tags.get("route") == FERRY:
        # A ferry that says nothing of cars may be for people on foot only.
        stated = {tags.get("motorcar"), tags.get("motor_vehicle"), tags.get("vehicle")}
        return FERRY if stated & FERRY_TAKES_CARS else None
    highway = str(tags.get("highway") or "").removesuffix("_link")
    return highway if highway in ROAD_CLASSES else None


def direction(tags: Tags) -> int:
    """Say in which direction a way may be driven.

    Parameters
    ----------
    tags
        OpenStreetMap tags of the way.

    Returns
    -------
    int
        1 along the way only, -1 against it only, 0 both. A roundabout and a motorway are one-way along it unless tagged
        otherwise.
    """
    one_way = tags.get("oneway")
    if one_way in ONE_WAY_BACK:
        return -1
    if one_way in ONE_WAY or tags.get("junction") == "roundabout":
        return 1
    if tags.get("highway") == "motorway" and one_way is None:
        return 1
    return 0
