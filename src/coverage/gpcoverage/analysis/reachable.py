"""Homes and the places within their reach, brought together into groups that are alike.

Homes that need the same number of clinics, from the same places, are one group: the same people at a
fraction of the size. Groups come in an order of their own, and homes are added up in the order of
their ids, so that neither the order of homes nor that of places can change an answer.
"""

from collections import defaultdict
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.covering import Bools, Floats, Groups, Ints

OUTSIDE: Final = "outside the area"
OFF_ROAD: Final = "not on the road network"
NO_PLACE: Final = "no place lies within the limit"
TOO_FEW_PLACES: Final = "fewer places lie within the limit than new clinics are needed"

Key = tuple[int, tuple[int, ...]]


class Pairs(NamedTuple):
    """Homes and places near them.

    Attributes
    ----------
    home, site
        ``int64 (pairs)``: positions.
    metres
        ``float64 (pairs)``: from home to place.
    """

    home: Ints
    site: Ints
    metres: Floats

    def take(self, kept: NDArray[np.bool_]) -> "Pairs":
        """Keep some; ``kept`` is ``bool (pairs)``."""
        return Pairs(self.home[kept], self.site[kept], self.metres[kept])


def by_reach(pairs: Pairs, ids: pd.Index, people: Floats, needs: Ints) -> Groups:
    """Bring homes together that need as many clinics from the same places.

    Parameters
    ----------
    pairs
        Places within the limit.
    ids
        Of the homes.
    people
        ``float64 (homes)``.
    needs
        ``int64 (homes)``: how many clinics; 0 for homes that are left out.

    Returns
    -------
    Groups
        One person is worth 1.
    """
    sums: defaultdict[Key, float] = defaultdict(float)
    for home, (sites, _) in _in_order(pairs, ids, needs > 0):
        sums[int(needs[home]), tuple(sorted(sites.tolist()))] += float(people[home])
    return _lay_out(sums)


def by_savings(pairs: Pairs, ids: pd.Index, people: Floats, nearest_m: Floats) -> Groups:
    """Take shorter ways apart, so that homes can be brought together although all are of other lengths.

    A home saves the way from its nearest practice to the farthest of the places nearer than it if
    any of them gets a clinic, some more if any of the others does, and so on. So each saving is one
    of a group that needs one clinic out of a set of places.

    Parameters
    ----------
    pairs
        Places nearer than the nearest practice.
    ids, people
        As for :func:`by_reach`.
    nearest_m
        ``float64 (homes)``: to the nearest practice.

    Returns
    -------
    Groups
        Its ``people`` are people times metres, each worth 1.
    """
    sums: defaultdict[Key, float] = defaultdict(float)
    for home, (sites, metres) in _in_order(pairs, ids, people > 0):
        steps = np.diff(metres, append=nearest_m[home])
        for count in np.flatnonzero(steps > 0) + 1:
            key = 1, tuple(sorted(sites[:count].tolist()))
            sums[key] += float(people[home] * steps[count - 1])
    return _lay_out(sums)


def by_home(pairs: Pairs, ids: pd.Index, people: Floats, nearest_m: Floats) -> Groups:
    """Keep every home for itself: with seats, who saves how much matters home by home.

    Parameters
    ----------
    pairs, ids, people, nearest_m
        As for :func:`by_savings`.

    Returns
    -------
    Groups
        A person is worth the metres that are saved.
    """
    count, group, site, gain, of_group = 0, list[Ints](), list[Ints](), list[Floats](), []
    for home, (sites, metres) in _in_order(pairs, ids, people > 0):
        group.append(np.full(len(sites), count))
        site.append(sites)
        gain.append(nearest_m[home] - metres)
        of_group.append(float(people[home]))
        count += 1
    return Groups(
        np.array(of_group),
        np.ones(count, dtype=np.int64),
        np.concatenate([np.empty(0, dtype=np.int64), *group]),
        np.concatenate([np.empty(0, dtype=np.int64), *site]),
        np.concatenate([np.empty(0), *gain]),
    )


def _in_order(pairs: Pairs, ids: pd.Index, wanted: Bools) -> list[tuple[int, tuple[Ints, Floats]]]:
    """Give the wanted homes by id, each with its places, nearest first."""
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(ids.to_numpy().astype(str), kind="stable")] = np.arange(len(ids))
    use = pairs.take(wanted[pairs.home])
    order = np.lexsort((use.site, use.metres, rank[use.home]))
    home, site, metres = use.home[order], use.site[order], use.metres[order]
    starts = np.flatnonzero(np.diff(home, prepend=-1))
    ends = np.append(starts[1:], len(home))[: len(starts)]
    return [(int(home[a]), (site[a:b], metres[a:b])) for a, b in zip(starts, ends, strict=True)]


def _lay_out(sums: dict[Key, float]) -> Groups:
    keys = sorted(sums)
    sites = [np.array(places, dtype=np.int64) for _, places in keys]
    sizes = np.array([len(places) for places in sites], dtype=np.int64)
    site = np.concatenate([np.empty(0, dtype=np.int64), *sites])
    return Groups(
        people=np.array([sums[key] for key in keys]),
        need=np.array([need for need, _ in keys], dtype=np.int64),
        group=np.repeat(np.arange(len(keys)), sizes),
        site=site,
        gain=np.ones(len(site)),
    )


def list_places(
    choice: Choice, places: gpd.GeoDataFrame, used: gpd.GeoDataFrame, clinics: Ints
) -> gpd.GeoDataFrame:
    """List all places with what became of them.

    Parameters
    ----------
    choice
        Whose area is asked about.
    places
        All.
    used, clinics
        Those that were on the road network, and how many clinics are proposed at each.

    Returns
    -------
    GeoDataFrame
        ``places`` with ``clinics`` and ``reason`` (why it was left out; empty if it was not).
    """
    inside = places["municipality_code"].isin(choice.study.municipality_codes)
    proposed = pd.Series(clinics, used.index).reindex(places.index).fillna(0).astype(np.int64)
    off_road = ~places.index.isin(used.index)
    reason = np.select([~inside, off_road], [OUTSIDE, OFF_ROAD], "")
    return places.assign(clinics=proposed, reason=reason.astype(object))


def list_beyond_help(choice: Choice, needs: Ints, counts: Ints, per_place: int) -> pd.DataFrame:
    """List homes that the places cannot give enough.

    Parameters
    ----------
    choice
        The choice check as things stand.
    needs
        ``int64 (homes)``: how many clinics each home lacks.
    counts
        ``int64 (homes)``: places within the limit.
    per_place
        How many clinics may be at one place.

    Returns
    -------
    DataFrame
        By home: ``municipality_code``, ``population``, ``needs``, ``places``, ``reason``.
    """
    homes = choice.homes[["municipality_code", "population"]]
    off_road = choice.distances.off_road
    reason = np.select(
        [off_road != "", counts == 0, counts * per_place < needs],
        [off_road.astype(str), NO_PLACE, TOO_FEW_PLACES],
        "",
    )
    table = pd.DataFrame(homes).assign(needs=needs, places=counts, reason=reason.astype(object))
    there: Bools = (needs > 0) & (table["population"].to_numpy() > 0) & (reason != "")
    return table[there]
