"""Nothing is lost on the way: what came in is in the result or listed as left out.

Rows are counted, people are summed up to a millionth of all of them: sums of floating-point numbers
depend on their order.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gpcoverage.analysis.choice import CERTAINTIES, KINDS, PEOPLE_TOLERANCE, STATUSES, Choice
from gpcoverage.analysis.closure import MOVES, Comparison
from gpcoverage.analysis.ledger import Ledger
from gpcoverage.errors import DataIntegrityError
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.scenario import Close, Open
from gpcoverage.inputs.study import Study


@dataclass(frozen=True, slots=True)
class Tally:
    """What came in and where it went.

    Attributes
    ----------
    rows_in, rows_used, rows_left_out
        Rows of all input files together.
    people_in, people_used, people_left_out
        People of the file of homes, of the homes of the area, and of the rows that were left out.
    """

    rows_in: int
    rows_used: int
    rows_left_out: int
    people_in: float
    people_used: float
    people_left_out: float


def take_stock(study: Study) -> Tally:
    """Count what came into a study and where it went.

    Parameters
    ----------
    study
        That its people are those of a result is seen to by :func:`audit_choice`.

    Returns
    -------
    Tally
    """
    used = float(study.homes["population"].sum())
    left_out = [item for record in study.inputs for item in record.left_out]
    stated = [record.people_in for record in study.inputs if record.people_in is not None]
    return Tally(
        rows_in=sum(record.rows_in for record in study.inputs),
        rows_used=sum(record.rows_used for record in study.inputs),
        rows_left_out=sum(len(item.rows) for item in left_out),
        people_in=sum(stated) if stated else used,
        people_used=used,
        people_left_out=sum(item.people for item in left_out),
    )


def audit_choice(choice: Choice) -> None:
    """Refuse a choice check that does not add up.

    Parameters
    ----------
    choice
        The result.

    Raises
    ------
    DataIntegrityError
        If rows, practices, homes or people are lost or counted twice, or a home without a
        practice has no reason.
    """
    _refuse(
        [
            *_record_faults(choice.study),
            *_practice_faults(choice),
            *_home_faults(choice),
            *_people_faults(choice),
        ]
    )


def audit_comparison(comparison: Comparison, after: Choice) -> None:
    """Refuse a comparison that does not add up.

    Parameters
    ----------
    comparison
        Before and after.
    after
        The choice check afterwards.

    Raises
    ------
    DataIntegrityError
        If people come or go, or those of a status afterwards are not those before and who moved.
    """
    before, moved = _by_status(comparison.before), comparison.homes.groupby("move")["population"]
    people, table = moved.sum().reindex(list(MOVES), fill_value=0.0), comparison.municipalities
    expected = before.copy()
    for move, (start, end) in MOVES.items():
        expected[start] -= people[move]
        expected[end] += people[move]
    faults = [
        *_unequal("people by status afterwards", expected, _by_status(after)),
        *_unequal("people who move", people, table[list(MOVES)].sum()),
        *_unequal("people by status before", before, table[list(STATUSES)].sum()),
    ]
    if not after.homes.index.equals(comparison.before.homes.index):
        faults.append("the homes afterwards are not those before")
    _refuse(faults)


def audit_ledger(ledger: Ledger) -> None:
    """Refuse a ledger that does not add up.

    Parameters
    ----------
    ledger
        Every practice closed in turn.

    Raises
    ------
    DataIntegrityError
        If a practice of the area is missing, or people by their nearest practice are not all who
        have one.
    """
    choice, rows = ledger.choice, ledger.practices
    practices = choice.study.practices
    inside = practices.index[practices["municipality_code"].isin(choice.study.municipality_codes)]
    near = choice.homes.loc[choice.homes["nearest_id"].notna(), "population"].sum()
    faults = _unequal("people by nearest practice", {"": near}, {"": rows["people_nearest"].sum()})
    for name in ("loses_choice", "loses_last"):
        parts = rows[[f"{name}_certain", f"{name}_uncertain"]].sum(axis=1)
        faults += _unequal(f"people of {name}", rows[name], parts)
    if not rows.index.is_unique or len(inside.difference(rows.index)):
        faults.append(f"not each of the {len(inside)} practices of the area is there once")
    _refuse(faults)


def _record_faults(study: Study) -> Iterable[str]:
    for record in study.inputs:
        yield from _row_faults(record)
        if record.role == "homes" and record.people_in is not None:
            out = sum(item.people for item in record.left_out)
            used = study.homes["population"].sum()
            yield from _unequal(
                f"people of {record.file}", {"": record.people_in}, {"": used + out}
            )
    used = {record.role: record.rows_used for record in study.inputs}
    changes = study.scenario.changes
    opened = sum(isinstance(change, Open) for change in changes)
    closed = sum(isinstance(change, Close) for change in changes)
    for role, there in (
        ("homes", len(study.homes)),
        ("practices", len(study.practices) + closed - opened),
    ):
        if used.get(role, there) != there:
            yield f"{used[role]} rows of {role} were used, but {there} are there"


def _row_faults(record: InputRecord) -> Iterable[str]:
    rows = [row for item in record.left_out for row in item.rows]
    if record.rows_used < 0 or record.rows_in != record.rows_used + len(rows):
        yield (
            f"{record.file}: {record.rows_in} rows came in, but {record.rows_used} were used and "
            f"{len(rows)} left out"
        )
    if len(set(rows)) != len(rows):
        yield f"{record.file}: a row was left out for two reasons"


def _practice_faults(choice: Choice) -> Iterable[str]:
    practices, codes = choice.study.practices, choice.municipalities.index
    inside = practices[practices["municipality_code"].isin(codes)]
    for name, expected in (("practices", len(inside)), ("open_practices", inside["open"].sum())):
        counted = choice.municipalities[name].sum()
        if counted != expected:
            yield f"{expected} {name} lie in the area, but {counted} were counted"
    if not choice.distances.practice_ids.equals(practices.index):
        yield "distances are not to the practices of the study"


def _home_faults(choice: Choice) -> Iterable[str]:
    homes = choice.homes
    if not homes.index.equals(choice.study.homes.index):
        yield f"{len(choice.study.homes)} homes came in, but {len(homes)} others went out"
    elif not homes["population"].equals(choice.study.homes["population"]):
        yield "the homes have other people than came in"
    lacks = homes["second_m"].isna() | homes["nearest_m"].isna()
    unexplained = homes.index[lacks != (homes["reason"] != "")]
    if len(unexplained):
        yield (
            f"{len(unexplained)} homes lack a distance without a reason, or have a reason and "
            f"lack none: {', '.join(map(str, unexplained[:5]))}"
        )
    disordered = (homes["choices_low"] > homes["choices"]) | (
        homes["choices"] > homes["choices_high"]
    )
    if disordered.any():
        yield f"{int(disordered.sum())} homes have more choices if distances are longer"


def _people_faults(choice: Choice) -> Iterable[str]:
    homes, table = choice.homes, choice.municipalities
    people = homes["population"]
    if not (people >= 0).all():  # nor is NaN
        yield "homes have fewer than no people, or an unknown number"
    by_code = people.groupby(homes["municipality_code"]).sum()
    lost = by_code[~by_code.index.isin(table.index)]
    if len(lost):
        yield f"{lost.sum():g} people live in municipalities that are not of the area: {', '.join(map(str, lost.index[:5]))}"
    yield from _unequal(
        "people by municipality", by_code.reindex(table.index, fill_value=0.0), table["population"]
    )
    yield from _unequal(
        "people by status and certainty", table["population"], table[list(KINDS)].sum(axis=1)
    )
    for column, values in (("status", STATUSES), ("certainty", CERTAINTIES)):
        of_homes = people.groupby(homes[column]).sum().reindex(list(values), fill_value=0.0)
        in_table = {
            value: table[[kind for kind in KINDS if value in kind.split("_")]].to_numpy().sum()
            for value in values
        }
        yield from _unequal(f"people by {column}", of_homes, in_table)
        yield from _unequal("all people", {"": people.sum()}, {"": sum(in_table.values())})


def _by_status(choice: Choice) -> pd.Series:
    people = choice.homes.groupby("status")["population"].sum()
    return people.reindex(list(STATUSES), fill_value=0.0)


def _unequal(
    what: str, came: pd.Series | dict[str, float], went: pd.Series | dict[str, float]
) -> list[str]:
    """Compare two tables of people, entry by entry; say where they differ."""
    came, went = (
        pd.Series(came, dtype=float),
        pd.Series(went, dtype=float).reindex(pd.Index(came.keys())),
    )
    tolerance = PEOPLE_TOLERANCE * max(1.0, float(np.nansum(np.abs(came))))
    apart = ~((came - went).abs() <= tolerance)  # NaN is apart as well
    return [
        f"{what}{f' ({key})' if key != '' else ''}: {came[key]} came in and {went[key]} went out"
        for key in came.index[apart][:3]
    ]


def _refuse(faults: Iterable[str]) -> None:
    found = list(dict.fromkeys(faults))
    if found:
        more = f"; and {len(found) - 5} more" if len(found) > 5 else ""  # noqa: PLR2004
        msg = (
            f"The result does not add up, and nothing is written: {'; '.join(found[:5])}{more}. "
            "If it was changed by hand, compute it again; otherwise report this fault."
        )
        raise DataIntegrityError(msg)
