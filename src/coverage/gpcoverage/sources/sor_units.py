"""From SOR's units to practices: one version of each unit, one unit for each practice.

What is known of the units, and whence:

- Public programs that read the file: one met a unit in several rows, another quotes that
  ``ToDate`` is the unit's last day and ``FirstFromDate`` its first.
- Sundhedsdatastyrelsen's pages: institutions hold organisational units, such as ydernumre and
  doctors; a closed unit's date is its last day in force.

Assumed: that a unit's last row says when it closes; and that units with a ydernummer stand for
the institution that has none, each address of a ydernummer for one practice.
"""

import datetime
from typing import Final

import pandas as pd

from gpcoverage.sources.identity import address_key, ydernummer_key

UNUSED: Final = ["institution", "institution_type", "parent", "type_name", "type_code"]
DAYS: Final = ["first_day", "from_day", "last_day"]


def to_practices(units: pd.DataFrame, date: datetime.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose the units that are the practices of a day.

    Parameters
    ----------
    units
        Units of general practice by row number, with the columns and the addresses that
        ``read_sor`` finds; days are text such as 2026-10-31, or empty.
    date
        The day.

    Returns
    -------
    practices
        As ``SorTable.frame``; those to come stand for one another apart from those in force.
    left_out
        All other rows, as ``SorTable.left_out``.
    """
    day = date.isoformat()
    versions, reasons = _one_version_each(units, day)
    closed = (versions["closing_date"] != "") & (versions["closing_date"] <= day)
    reasons |= dict.fromkeys(versions.index[closed], f"closed by {date}")
    to_come = versions["opening_date"] > day
    parts = [_stand_for(versions[~closed & rows]) for rows in (~to_come, to_come)]
    practices = pd.concat(parts).sort_index()
    others = units.drop(practices.index)[["sor_id", "ydernummer", "name"]]
    part = "part of a practice that stands in the table"
    return practices, others.assign(
        closing_date=versions["closing_date"].reindex(others.index, fill_value=""),
        reason=[reasons.get(row, part) for row in others.index],
    )


def _one_version_each(units: pd.DataFrame, day: str) -> tuple[pd.DataFrame, dict[int, str]]:
    """Take of every unit the row in force on the day, else the next to come.

    Give them with the unit's first and last day, and why the other rows do not go on.
    """
    double = units.duplicated()
    reasons = dict.fromkeys(units.index[double], "stands twice, word for word")
    opening, closing = {}, {}
    for _, versions in units[~double].sort_values("from_day").groupby("sor_id"):
        from_day = versions["from_day"]
        if from_day.duplicated().any():
            differing = [name for name in versions if len(versions[name].unique()) > 1]
            reason = f"rows of one SOR id and one day differ in {', '.join(differing)}"
            reasons |= dict.fromkeys(versions.index, reason)
            continue
        begun = from_day.index[from_day <= day]
        row = begun[-1] if len(begun) else from_day.index[0]
        reasons |= dict.fromkeys(versions.index.drop(row), "another version of a unit")
        first_days = [first for first in versions["first_day"] if first]
        opening[row] = min(first_days, default=from_day.iloc[0])
        closing[row] = versions["last_day"].iloc[-1]
    chosen = units.drop(columns=DAYS).loc[sorted(opening)]
    return chosen.assign(opening_date=pd.Series(opening), closing_date=pd.Series(closing)), reasons


def _stand_for(units: pd.DataFrame) -> pd.DataFrame:
    """Keep one unit per practice, that is per institution, ydernummer and address.

    ``sor_ids`` are its own and those of the units it stands for.
    """
    above = _units_above(units)
    traits = pd.DataFrame(
        {
            "sor_id": units["sor_id"],
            "number": units["ydernummer"].map(ydernummer_key),
            "place": [*map(address_key, units["address"], units["postcode"])],
            "depth": [len(above[i]) for i in units["sor_id"]],
            "age": [(len(i), i) for i in units["sor_id"]],
            "root": [[i, *above[i]][-1] for i in units["sor_id"]],
        },
        index=units.index,
    )
    traits["nowhere"] = traits["place"] == ""
    sor_ids: dict[int, tuple[str, ...]] = {}
    for _, group in traits.sort_values(["nowhere", "depth", "age"]).groupby("root"):
        kept = _kept_of_institution(group)
        gone = group.drop(kept.index)
        for row, sor_id, number in kept[["sor_id", "number"]].itertuples():
            its = gone.loc[gone["number"].isin(["", number]), "sor_id"]
            sor_ids[row] = (sor_id, *sorted(its))
    rows = units.drop(columns=UNUSED).loc[sorted(sor_ids)]
    return rows.assign(sor_ids=pd.Series(sor_ids, dtype=object))


def _kept_of_institution(group: pd.DataFrame) -> pd.DataFrame:
    """Choose the rows that stand for the practices of one institution.

    One practice is one ydernummer at one address; an institution without ydernumre is one.
    """
    numbered = group[group["number"] != ""].drop_duplicates(["number", "place"])
    if numbered.empty:
        return group[group["depth"] == 0]
    return numbered[~(numbered["nowhere"] & numbered.duplicated("number"))]


def _units_above(units: pd.DataFrame) -> dict[str, list[str]]:
    """List the units above each, the next one first."""
    known = set(units["sor_id"])
    upward = {
        own: next((up for up in others if up in known and up != own), "")
        for own, *others in units[["sor_id", "parent", "institution"]].itertuples(index=False)
    }
    above = {}
    for own in known:
        chain = [own]
        while (up := upward[chain[-1]]) and up not in chain:
            chain.append(up)
        # Units that lie above one another in a circle have none above.
        above[own] = [] if up else chain[1:]
    return above
