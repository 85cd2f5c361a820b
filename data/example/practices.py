"""Make the practices: their doctors, place, list, intake and the doctors' ages.

Nothing is random: what varies, varies with the SHA-256 of the practice's id, and shares are met
by rank. Three of ten doctors are 60 or older in 2026 and 59 of 100 are 50 or older; 43 of 100
practices are open in every region; 96 of 100 people are on a list.
"""

import hashlib
import re
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from example.files import to_degrees, to_metres
from example.places import Landscape

YEAR: Final = 2026
MAX_GAP_M: Final = 1_000.0
LISTED_SHARE: Final = 0.96
OPEN_SHARE: Final = 0.43
LIST_VARIATION: Final = 0.15
"""A list is up to so much longer or shorter than its doctors' share of the people."""

SIZE_SHARES: Final = (0.40, 0.28, 0.17, 0.09, 0.04, 0.02)
"""Practices with one doctor, with two, …"""

CITY: Final = 10_000
"""From here on a town's practices stand in the cells it fills, not all at its centre."""

AGE_SHARES: Final = (0.0, 0.41, 0.70, 0.85, 0.95, 1.0)
AGE_LIMITS: Final = (36.0, 50.0, 60.0, 64.0, 68.0, 73.0)
"""The share of doctors younger than each limit."""

ON: Final = frozenset({"Anholt", "Endelave", "Thurø", "0147 Frederiksberg"})
"""Danes are *on* these, not *in* them."""

KEYS: Final = ["municipality_code", "town", "number"]
ASCII: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "é": "e"})
COLUMNS: Final = (
    *("id", "name", "address", "postcode", "town", "municipality_code", "lat", "lon"),
    *("doctors", "list_size", "open", "birth_years", "notice_date", "notice_stage"),
    *("basis", "source_place"),
)


def make_practices(landscape: Landscape, towns: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Make the table of practices.

    Parameters
    ----------
    landscape
        Cells and the cells that towns fill.
    towns
        As :func:`example.places.practice_towns` returns them.
    stated
        The rows of ``stated_practices.csv`` whose practice exists.

    Returns
    -------
    DataFrame
        One row per practice, sorted by municipality, town and number; the columns of
        ``practices.csv``.

    Raises
    ------
    ValueError
        If a practice lies more than 1 km from every cell, or next to another municipality's.
    """
    practices = _numbered(towns, stated)
    practices["list_size"] = _list_sizes(practices, towns)
    practices["open"] = _open(practices)
    practices["birth_years"] = _birth_years(practices)
    practices[["lon", "lat"]] = _places(practices, landscape)
    _check_on_land(practices, landscape.cells)
    practices["name"] = [
        f"Lægerne {_preposition(code, town)} {town} {number} (eksempel)"
        for code, town, number in practices[KEYS].to_numpy()
    ]
    practices["basis"] = practices["document"].replace("", "model")
    practices["source_place"] = [_source(row) for _, row in practices.iterrows()]
    empty = dict.fromkeys(("address", "postcode", "notice_date", "notice_stage"), "")
    return practices.assign(**empty)[list(COLUMNS)]


def _numbered(towns: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """List the practices with their ids, doctors, hashes and what is stated about them."""
    rows = [
        {"row": town, "number": number, "doctors": doctors}
        for town in towns.index
        for number, doctors in enumerate(_sizes(towns.loc[town], stated), start=1)
    ]
    about = towns.rename(columns={"name": "town"})
    about = about[["town", "municipality_code", "zone", "region"]]
    practices = pd.DataFrame(rows).join(about, on="row")
    practices["id"] = [
        f"{code}-{_folded(town)}-{number}" for code, town, number in practices[KEYS].to_numpy()
    ]
    practices["hash"] = practices["id"].map(_uniform)
    names = {name: f"stated_{name}" for name in ("doctors", "list_size", "open", "birth_years")}
    facts = stated.astype({"practice": int}).rename(columns={"practice": "number", **names})
    facts = facts[[*KEYS, *names.values(), "document", "place", "stated"]]
    return practices.merge(facts, on=KEYS, how="left").fillna("")


def _sizes(town: pd.Series, stated: pd.DataFrame) -> list[int]:
    """Divide a town's doctors into practices: first the stated ones, then by chance."""
    own = stated[
        (stated["municipality_code"] == town["municipality_code"])
        & (stated["town"] == town["name"])
    ]
    complete = len(own) > 0 and (own["complete"] == "ja").all()
    left = int(town["doctors"])
    sizes: list[int] = []
    for doctors, assumed in own[["doctors", "assumed_doctors"]].to_numpy():
        size = int(doctors or assumed or (left if complete else _drawn_size(town, len(sizes))))
        sizes.append(size)
        left -= size
    while left > 0 and not complete:
        sizes.append(min(left, _drawn_size(town, len(sizes))))
        left -= sizes[-1]
    return sizes


def _drawn_size(town: pd.Series, number: int) -> int:
    chance = _uniform(f"{town['municipality_code']} {town['name']} {number}")
    size = 1 + int(np.searchsorted(np.cumsum(SIZE_SHARES), chance))
    return min(size, len(SIZE_SHARES), int(town["doctors"]))


def _list_sizes(practices: pd.DataFrame, towns: pd.DataFrame) -> NDArray[np.int64]:
    """Share a zone's listed people over its doctors, after the stated lists."""
    known = pd.to_numeric(practices["stated_list_size"])
    weight = practices["doctors"] * (1 - LIST_VARIATION + 2 * LIST_VARIATION * practices["hash"])
    weight = weight.where(known.isna(), 0.0)
    people = towns.groupby("zone")["catchment"].sum() * LISTED_SHARE
    left = people - known.fillna(0).groupby(practices["zone"]).sum()
    per_weight = left / weight.groupby(practices["zone"]).sum()
    modelled = weight * practices["zone"].map(per_weight)
    return np.asarray(known.fillna(modelled).round(), dtype=np.int64)


def _open(practices: pd.DataFrame) -> pd.Series:
    """Open the practices with the smallest hashes until the region has its share."""
    answer = practices["stated_open"].copy()
    for _, region in practices.groupby("region"):
        wanted = round(OPEN_SHARE * len(region)) - int((region["stated_open"] == "ja").sum())
        unknown = region[region["stated_open"] == ""].sort_values("hash")
        answer[unknown.index[:wanted]] = "ja"
        answer[unknown.index[wanted:]] = "nej"
    return answer


def _birth_years(practices: pd.DataFrame) -> list[str]:
    """Give every doctor an age by the rank of a hash, so that the shares are met."""
    keys = [
        f"{practice}/{doctor}"
        for practice, doctors in practices[["id", "doctors"]].to_numpy()
        for doctor in range(doctors)
    ]
    chance = np.array([_uniform(key) for key in keys])
    rank = (np.argsort(np.argsort(chance)) + 0.5) / len(keys)
    years = YEAR - np.floor(np.interp(rank, AGE_SHARES, AGE_LIMITS)).astype(int)
    ends = np.cumsum(practices["doctors"])
    modelled = [sorted(part) for part in np.split(years, ends[:-1])]
    return [
        known or ";".join(map(str, part))
        for known, part in zip(practices["stated_birth_years"], modelled, strict=True)
    ]


def _places(practices: pd.DataFrame, landscape: Landscape) -> NDArray[np.float64]:
    """Put practices at the town, in a city spread over the cells it fills."""
    places = landscape.towns.loc[practices["row"], ["lon", "lat"]].to_numpy(dtype=float)
    points = to_degrees(landscape.cells[["x", "y"]].to_numpy())
    cells_of = landscape.built.groupby("town")["cell"]
    for row, own in practices.groupby("row"):
        if landscape.towns.loc[row, "population"] >= CITY and row in cells_of.groups:
            cells = cells_of.get_group(row).to_numpy()
            order = np.arange(len(own)) * len(cells) // len(own)
            places[own.index] = points[cells[order]]
    return np.asarray(places.round(5))


def _check_on_land(practices: pd.DataFrame, cells: pd.DataFrame) -> None:
    gap_m, nearest = cKDTree(cells[["x", "y"]]).query(to_metres(practices))
    owner = cells["municipality_code"].to_numpy()[nearest]
    lost = practices[(gap_m > MAX_GAP_M) | (owner != practices["municipality_code"])]
    if len(lost):
        msg = f"practices off the land of their municipality: {', '.join(lost['id'])}"
        raise ValueError(msg)


def _preposition(code: str, town: str) -> str:
    return "på" if ON & {town, f"{code} {town}"} else "i"


def _source(practice: pd.Series) -> str:
    if practice["document"] == "":
        return "Modelled"
    modelled = {
        "doctors": practice["stated_doctors"] == "",
        "list": practice["stated_list_size"] == "",
        "intake": practice["stated_open"] == "",
    }
    names = [name for name, is_modelled in modelled.items() if is_modelled]
    listed = ", ".join([*names, "ages and place in the town"])
    return f"{practice['place']}. Stated: {practice['stated']}. Modelled: {listed}"


def _folded(town: str) -> str:
    plain = town.lower().translate(ASCII)
    return re.sub(r"[^a-z]+", "-", plain).strip("-")


def _uniform(text: str) -> float:
    """Map a text to a number from 0 to 1, always the same."""
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
