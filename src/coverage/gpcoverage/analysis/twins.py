"""Practices that may stand in the table twice."""

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.findings import Finding, Severity, make_places

SAME_PLACE_M: Final = 50.0
"""One house, geocoded by different people."""

ALIKE: Final = 0.8
"""Of two words, as difflib measures it: a letter or two; not Hansen and Jensen (0.67)."""

GENERIC: Final = frozenset(
    (
        "læge", "lægen", "læger", "lægerne", "lægehus", "lægehuset", "lægeklinik",
        "lægeklinikken", "klinik", "klinikken", "praksis", "lægepraksis", "lægecenter",
        "lægecentret", "sundhedshus", "sundhedshuset", "almen", "alment", "praktiserende",
        "speciallæge", "doktor", "dr", "i", "på", "ved", "v", "og", "is", "aps", "eksempel",
    )
)  # fmt: skip
"""Words that name no practice."""


def find_twins(practices: gpd.GeoDataFrame) -> list[Finding]:
    """Find practices that look like one.

    Parameters
    ----------
    practices
        As the study holds them.

    Returns
    -------
    list of Finding
        Same place and similar name (``twins``: a fault where nothing but the id differs), same
        name and town at different places (``same_name``), same address at different places
        (``address_apart``) or at one (``address_shared``).
    """
    ordered = practices.sort_index()
    first, second = _pairs_within(ordered)
    words = [_words(name) for name in ordered["name"]]
    similar = np.array([_alike(words[a], words[b]) for a, b in zip(first, second, strict=True)])
    similar = similar.astype(bool)
    twins = first[similar], second[similar]
    return [
        *_twins(ordered, *twins),
        *_same_name(ordered, words),
        *_same_address(ordered, set(zip(*map(np.ndarray.tolist, twins), strict=True))),
    ]


def _pairs_within(practices: gpd.GeoDataFrame) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """List all pairs at one place, each once, in the order of ids."""
    pairs = practices.sindex.query(
        practices.geometry, predicate="dwithin", distance=SAME_PLACE_M, sort=True
    )
    first, second = pairs[:, pairs[0] < pairs[1]]
    return first, second


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", text).casefold()).strip()


def house_of(address: str) -> str:
    """Cut an address down to street and number, folded: ``Torvet 1 A, 2. tv`` is ``torvet 1``."""
    found = re.match(r"\D*\d+", _folded(address.split(",", 1)[0]))
    return found[0] if found else _folded(address)


def _words(name: str) -> list[str]:
    """Take the words that tell a practice from others; all of them if none does."""
    every = _folded(re.sub(r"\b([Ii])/[Ss]\b", "is", name)).split()
    return sorted(set(every) - GENERIC) or sorted(every)


def _alike(one: list[str], other: list[str]) -> bool:
    """Say whether names are the same but for spelling; numbers must be the same."""
    if len(one) != len(other):
        return False
    return all(
        a == b or (a.isalpha() and b.isalpha() and SequenceMatcher(None, a, b).ratio() >= ALIKE)
        for a, b in zip(one, other, strict=True)
    )


def _twins(
    practices: gpd.GeoDataFrame, first: NDArray[np.intp], second: NDArray[np.intp]
) -> list[Finding]:
    told = ["name", "doctors", "list_size", "open"]
    rows = practices[told].fillna(-1)
    same = (rows.iloc[first].to_numpy() == rows.iloc[second].to_numpy()).all(axis=1)
    findings = []
    grades: tuple[tuple[Severity, NDArray[np.bool_]], ...] = (("fault", same), ("doubt", ~same))
    for severity, at in grades:
        if at.any():
            places = _both(practices, first[at], second[at])
            found = float(places["id"].nunique())
            findings.append(Finding("twins", severity, "", 0.0, found, places=places))
    return findings


def _both(
    practices: gpd.GeoDataFrame,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    metres: NDArray[np.float64] | float = np.nan,
) -> gpd.GeoDataFrame:
    """Make a place of either of a pair, each with the id and name of the other."""
    these, those = np.concatenate([first, second]), np.concatenate([second, first])
    other = practices.index.astype(str)[those] + " " + practices["name"].iloc[those]
    apart = np.tile(np.broadcast_to(metres, len(first)), 2)
    return make_places(practices.iloc[these], "practice", value=apart, other=other)


def _grouped_apart(practices: gpd.GeoDataFrame, key: pd.Series) -> gpd.GeoDataFrame:
    """Make places of those that share a key with the one before them, but not its place."""
    at = np.concatenate(
        [np.empty((2, 0), dtype=np.intp)]
        + [
            np.stack([rows[:-1], rows[1:]])
            for value, rows in pd.Series(range(len(key))).groupby(key.to_numpy()).groups.items()
            if value and len(rows) > 1
        ],
        axis=1,
    )
    points = practices.geometry
    metres = points.iloc[at[0]].distance(points.iloc[at[1]], align=False).to_numpy()
    far = metres > SAME_PLACE_M
    return _both(practices, at[0][far], at[1][far], metres[far])


def _town(practices: gpd.GeoDataFrame) -> pd.Series:
    return practices["town"].where(practices["town"] != "", practices["municipality_code"])


def _same_name(practices: gpd.GeoDataFrame, words: list[list[str]]) -> list[Finding]:
    telling = [bool(set(parts) - GENERIC) for parts in words]
    # Towns of one name lie in several municipalities: Viby, Højby, Assens.
    town = practices["municipality_code"] + "|" + _town(practices).map(_folded)
    key = practices["name"].map(_folded) + "|" + town
    places = _grouped_apart(practices, key.where(telling, ""))
    found = float(places["id"].nunique())
    return [Finding("same_name", "doubt", "", 0.0, found, places=places)] if found else []


def _same_address(practices: gpd.GeoDataFrame, twins: set[tuple[int, int]]) -> list[Finding]:
    address = practices["address"].str.split(",").str[0].map(_folded)
    where = practices["postcode"].where(practices["postcode"] != "", _town(practices))
    key = (address + "|" + where.map(_folded)).where(address != "", "")
    apart = _grouped_apart(practices, key)
    findings = []
    if len(apart):
        found = float(apart["id"].nunique())
        findings.append(Finding("address_apart", "doubt", "", 0.0, found, places=apart))
    told = set(practices.index[sorted({row for pair in twins for row in pair})].astype(str))
    told |= set(apart["id"])
    shared = practices[key.duplicated(keep=False) & (key != "") & ~practices.index.isin(told)]
    if len(shared):
        places = make_places(shared, "practice", other=shared["address"])
        findings.append(Finding("address_shared", "note", found=float(len(shared)), places=places))
    return findings
