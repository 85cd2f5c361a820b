"""What is told is the truth or left out: no written number of people is more than there are."""

import pandas as pd

from gpcoverage.analysis.choice import CERTAINTIES, KINDS, PEOPLE_TOLERANCE, STATUSES, Choice
from gpcoverage.errors import DataIntegrityError


def check_told(choice: Choice, homes: pd.Series, people: pd.DataFrame, reasons: pd.Series) -> None:
    """Refuse numbers of people that are told and not true.

    Parameters
    ----------
    choice
        The check itself.
    homes
        People by home as they are told; NaN was left out, here and below.
    people
        As ``ToldChoice.people``, the last row the total.
    reasons
        People by reason why a distance is missing.

    Raises
    ------
    DataIntegrityError
        If a number that is told is another than the true one.
    """
    table = choice.municipalities
    true = pd.DataFrame({"population": table["population"]})
    for status in STATUSES:
        true[status] = table[[f"{status}_{certainty}" for certainty in CERTAINTIES]].sum(axis=1)
    for certainty in CERTAINTIES:
        true[certainty] = table[[f"{status}_{certainty}" for status in STATUSES]].sum(axis=1)
    true = true.join(table[list(KINDS)])
    true.loc[people.index[-1]] = true.sum()
    lacking = choice.homes[choice.homes["reason"] != ""]
    by_reason = lacking.groupby("reason")["population"].sum()
    for what, told, truth in (
        ("homes", homes, choice.homes["population"]),
        *((f"municipalities ({name})", people[name], true[name]) for name in people.columns),
        ("reasons", reasons, by_reason),
    ):
        _compare(what, told.dropna(), truth)


def _compare(what: str, told: pd.Series, true: pd.Series) -> None:
    there = true.reindex(told.index)
    tolerance = PEOPLE_TOLERANCE * max(1.0, float(true.abs().sum()))
    wrong = told.index[~((told - there).abs() <= tolerance)]
    if len(wrong):
        msg = (
            f"People of {len(wrong)} {what} are told who are not there, and nothing is written: "
            f"{wrong[0]}: {told[wrong[0]]} told, {there[wrong[0]]} there. Report this fault."
        )
        raise DataIntegrityError(msg)
