"""The ledger: every practice closed in turn, and every two neighbours closed together.

Nothing is computed again for a closure. Who loses what is read off what is known of every home:
how many practices lie within its limit, which they are, and its three nearest.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.grouped import group_means, group_quantiles
from gpcoverage.analysis.retirement import RETIREMENT_AGE, retirement
from gpcoverage.analysis.ways import straight_m

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXTRA: Final = ("mean_m", "median_m", "p90_m")
RANKED_BY: Final = ("affected", "loses_last", "patients_far", "people_nearest")


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """What would happen if each practice closed, one at a time.

    Attributes
    ----------
    choice
        The choice check it rests on.
    retirement_age
        The age behind ``retire_first`` and ``retire_last``, years.
    practices
        One row per practice that lies in the area or is met by one of its homes, by id, most
        critical first. ``name``, ``municipality_code``, ``town``, ``inside`` (of the area),
        ``open``, ``counts`` (as a choice, by the rule), ``doctors``, ``list_size``, and people of
        the area who, when it closes,

        - ``loses_choice``: go from just enough practices within the limit to too few;
        - ``loses_last``: go from one to none; for both, ``…_certain`` are those for whom it is
          the same were every distance longer or shorter by the network's error, ``…_uncertain``
          the others;
        - ``affected``: lose either;
        - ``people_nearest``: lose their nearest practice that counts; of them ``no_alternative``
          have no way to another, the others have ``extra_nearest_mean_m``, ``…_median_m`` and
          ``…_p90_m`` farther to the nearest (metres; NaN for nobody);
        - ``people_two``: lose their nearest or second nearest; of them ``no_second`` are left with
          less than two, the others have ``extra_second_…`` farther to the second;
        - ``patients_far``: have it nearest among *all* practices within reach, open or closed,
          and no other of any kind within the limit; reach is the limit, lengthened by the
          network's error. A practice that is closed for intake takes no choice from anybody when
          it goes, so there this is the figure that matters.

        Then the columns of :func:`~gpcoverage.analysis.retirement.retirement`, and ``rank``, 1 the
        most critical: by ``affected``, then ``loses_last``, ``patients_far``, ``people_nearest``.
    """

    choice: Choice
    retirement_age: int
    practices: pd.DataFrame


def compute_ledger(choice: Choice, *, retirement_age: int = RETIREMENT_AGE) -> Ledger:
    """Close every practice in turn.

    Parameters
    ----------
    choice
        The choice check as things stand.
    retirement_age
        Age at which a doctor is expected to stop, years; an assumption.

    Returns
    -------
    Ledger

    Examples
    --------
    >>> from gpcoverage import compute_choice, compute_ledger, load_study
    >>> choice = compute_choice(load_study("data/midtjylland.toml"))  # doctest: +SKIP
    >>> compute_ledger(choice).practices.head()  # doctest: +SKIP
    """
    study = choice.study
    practices = study.practices
    table = pd.DataFrame(practices[["name", "municipality_code", "town"]])
    table["inside"] = practices["municipality_code"].isin(study.municipality_codes)
    table["open"], table["counts"] = practices["open"], study.counted
    table = table.join(practices[["doctors", "list_size"]])
    table = table.assign(**_losses(choice), **_farther(choice), **_far(choice))
    table = table.join(retirement(practices, study.date, age=retirement_age))
    met = (table["people_two"] > 0) | choice.distances.met
    table = table[table["inside"] | met].rename_axis("id")
    order = np.lexsort((table.index.astype(str), *(-table[name] for name in RANKED_BY[::-1])))
    table = table.iloc[order]
    return Ledger(choice, retirement_age, table.assign(rank=np.arange(1, len(table) + 1)))


class _Pairs(NamedTuple):
    """Homes and the practices that count within their limit, positions, sorted by home."""

    home: Ints
    practice: Ints


def _within_limit(choice: Choice) -> _Pairs:
    found = choice.distances.found
    home = found.home
    limit_m = choice.homes["limit_m"].to_numpy()
    hit = (found.cost <= limit_m[home]) & choice.study.counted[found.practice]
    return _Pairs(home[hit], found.practice[hit].astype(np.int64))


def _is_sure(choice: Choice) -> NDArray[np.bool_]:
    """Tell for which homes the same practices lie within the limit whatever the error."""
    low, mid, high = (
        choice.homes[name].to_numpy() for name in ("choices_low", "choices", "choices_high")
    )
    return np.asarray((low == mid) & (mid == high))


def _losses(choice: Choice) -> dict[str, Floats]:
    """Sum up who loses their choice and who their last practice, practice by practice."""
    pairs = _within_limit(choice)
    enough = choice.study.rules.min_choices
    count = choice.homes["choices"].to_numpy()[pairs.home]
    people = choice.homes["population"].to_numpy()[pairs.home]
    sure = _is_sure(choice)[pairs.home]
    sums: dict[str, Floats] = {}
    for name, loses in (("loses_choice", count == enough), ("loses_last", count == 1)):
        certain, uncertain = (
            _sum(pairs.practice[hit], people[hit], len(choice.study.practices))
            for hit in (loses & sure, loses & ~sure)
        )
        sums |= {name: certain + uncertain}
        sums |= {f"{name}_certain": certain, f"{name}_uncertain": uncertain}
    return {"affected": _either(sums, enough), **sums}


def _sum(at: Ints, people: Floats, number: int) -> Floats:
    return np.asarray(np.bincount(at, people, number), dtype=np.float64)


def _either(sums: dict[str, Floats], enough: int) -> Floats:
    """Add up who loses either; where one is enough, both are the same people."""
    return sums["loses_choice"] + (sums["loses_last"] if enough > 1 else 0.0)


def _farther(choice: Choice) -> dict[str, Floats]:
    """Measure how much farther it is to the nearest and to the second, practice by practice."""
    nearest_three, metres = choice.distances.nearest(3, choice.study.counted)
    practice = nearest_three.astype(np.int64)
    number = len(choice.study.practices)
    people = choice.homes["population"].to_numpy()
    has_second = practice[:, 1] >= 0
    nearest = _extra(practice[:, 0], metres[:, 1] - metres[:, 0], people, number)
    # When either of two goes, the third becomes the second.
    further = metres[:, 2] - metres[:, 1]
    two = _extra(
        np.concatenate([practice[:, 0], practice[has_second, 1]]),
        np.concatenate([further, further[has_second]]),
        np.concatenate([people, people[has_second]]),
        number,
    )
    names = ("people_nearest", "no_alternative", *(f"extra_nearest_{name}" for name in EXTRA))
    more = ("people_two", "no_second", *(f"extra_second_{name}" for name in EXTRA))
    return dict(zip((*names, *more), (*nearest, *two), strict=True))


def _extra(practice: Ints, extra_m: Floats, people: Floats, number: int) -> tuple[Floats, ...]:
    """Sum people and those with no way to another; mean, median and p90 of the others' metres."""
    there = practice >= 0
    practice, extra_m, people = practice[there], extra_m[there], people[there]
    left = ~np.isnan(extra_m)
    others = practice[left], extra_m[left], people[left], number
    median, p90 = group_quantiles(*others, shares=(0.5, 0.9)).T
    everybody = _sum(practice, people, number)
    nowhere = _sum(practice[~left], people[~left], number)
    return everybody, nowhere, group_means(*others), median, p90


def _far(choice: Choice) -> dict[str, Floats]:
    """Sum up who has no other practice of any kind within the limit, practice by practice."""
    found = choice.distances.found
    rows = np.diff(found.start)
    order = np.lexsort((found.cost, found.home))
    near = rows > 0
    first = found.start[:-1][near]
    ends = np.append(found.cost[order], np.inf)
    nearest_m = ends[first]
    other_m = np.where(rows[near] > 1, ends[first + 1], np.inf)
    # Where another is just as near, nothing is lost.
    far = (other_m > choice.homes["limit_m"].to_numpy()[near]) & (other_m > nearest_m)
    practice = found.practice[order[first[far]]].astype(np.int64)
    people = choice.homes["population"].to_numpy()[near][far]
    return {"patients_far": _sum(practice, people, len(choice.study.practices))}


def critical_pairs(choice: Choice) -> pd.DataFrame:
    """Find two practices that people can do without one by one, but not both (N - 2).

    Parameters
    ----------
    choice
        The choice check as things stand.

    Returns
    -------
    DataFrame
        One row per pair, worst first: ``first_id``, ``second_id``, and of each ``…_name`` and
        ``…_municipality_code``; ``affected``, ``loses_choice`` (people with one practice more than
        enough within the limit, these two among them), ``loses_last`` (people who have these two
        and no other), both also ``…_certain``; ``straight_m`` between the two on WGS84, metres.

    Examples
    --------
    >>> from gpcoverage import compute_choice, critical_pairs, load_study
    >>> choice = compute_choice(load_study("data/midtjylland.toml"))  # doctest: +SKIP
    >>> critical_pairs(choice).head()  # doctest: +SKIP
    """
    enough = choice.study.rules.min_choices
    number = len(choice.study.practices)
    of_choice, of_last = (_pairs_of(choice, count) for count in (enough + 1, 2))
    keys = np.concatenate([of_choice.key, of_last.key])
    unique, row = np.unique(keys, return_inverse=True)
    rows = row[: len(of_choice.key)], row[len(of_choice.key) :]
    sums = {}
    for name, pairs, at in zip(
        ("loses_choice", "loses_last"), (of_choice, of_last), rows, strict=True
    ):
        sums[name] = _sum(at, pairs.people, len(unique))
        sums[f"{name}_certain"] = _sum(at, pairs.people * pairs.sure, len(unique))
    first, second = unique // number, unique % number
    return _describe_pairs(choice, first, second, {"affected": _either(sums, enough), **sums})


class _Counted(NamedTuple):
    """One entry per home and two of its practices: key of the pair, people, certainty."""

    key: Ints
    people: Floats
    sure: NDArray[np.bool_]


def _pairs_of(choice: Choice, count: int) -> _Counted:
    """Take every two practices of every home that has so many within its limit."""
    pairs = _within_limit(choice)
    hit = choice.homes["choices"].to_numpy()[pairs.home] == count
    practice = pairs.practice[hit].reshape(-1, count)  # ascending within a home
    home = pairs.home[hit][::count]
    one, other = np.triu_indices(count, 1)
    key = practice[:, one] * len(choice.study.practices) + practice[:, other]
    people = choice.homes["population"].to_numpy()[home]
    return _Counted(
        key.ravel(), np.repeat(people, len(one)), np.repeat(_is_sure(choice)[home], len(one))
    )


def _describe_pairs(
    choice: Choice, first: Ints, second: Ints, sums: dict[str, Floats]
) -> pd.DataFrame:
    practices = choice.study.practices
    ends = practices.iloc[first], practices.iloc[second]
    columns: dict[str, object] = {
        f"{place}_id": end.index for place, end in zip(("first", "second"), ends, strict=True)
    }
    for name in ("name", "municipality_code"):
        for place, end in zip(("first", "second"), ends, strict=True):
            columns[f"{place}_{name}"] = end[name].to_numpy()
    table = pd.DataFrame({**columns, **sums, "straight_m": straight_m(*ends)})
    table = table[table["affected"] > 0]
    by = ["affected", "loses_last", "first_id", "second_id"]
    return table.sort_values(by, ascending=[False, False, True, True], ignore_index=True)
