"""A ledger as it may be told to others, with its pairs: one is often the sum of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from gpcoverage.analysis.audit import audit_ledger
from gpcoverage.analysis.choice import ONE_PRACTICE_ONLY
from gpcoverage.analysis.ledger import EXTRA, RANKED_BY, Ledger
from gpcoverage.outputs.disclosure import (
    ON,
    Disclosure,
    suppress_counts,
    suppress_figures,
    suppress_practices,
)
from gpcoverage.outputs.suppression import TOLERANCE, Counts, Floats, Ints, adding_up
from gpcoverage.outputs.told import TOTAL, ToldChoice, tell_choice

LOSSES: Final = ("loses_choice", "loses_last")
NEAR: Final = ("people_nearest", "no_alternative", "people_two", "no_second", "patients_far")
PARTS: Final = (
    ("people_nearest", ("no_alternative",)),
    ("people_nearest", ("loses_last",)),
    ("people_nearest", ("patients_far",)),
    ("people_two", ("people_nearest",)),
    ("people_two", ("no_second",)),
    ("people_two", ("loses_choice", "loses_last")),
    ("no_second", ("no_alternative",)),
)
"""People of one column who are in the other columns as well: the rest can be worked out."""


@dataclass(frozen=True, slots=True, eq=False)
class ToldLedger:
    """A ledger as it may be told.

    Attributes
    ----------
    ledger
        The ledger itself.
    choice
        The choice check that it rests on, as it may be told.
    practices, pairs
        As ``ledger.practices`` and as ``critical_pairs`` gives them; what was left out is NaN, and
        comes last in the order, which is that of what is told.
    """

    ledger: Ledger
    choice: ToldChoice
    practices: pd.DataFrame
    pairs: pd.DataFrame


def tell_ledger(ledger: Ledger, pairs: pd.DataFrame, *, disclosure: Disclosure = ON) -> ToldLedger:
    """Leave out of a ledger and its pairs what must not be told.

    Parameters
    ----------
    ledger
        Every practice closed in turn.
    pairs
        As :func:`~gpcoverage.analysis.ledger.critical_pairs` gives them.
    disclosure
        What may be told.

    Returns
    -------
    ToldLedger
    """
    audit_ledger(ledger)
    choice = tell_choice(ledger.choice, disclosure=disclosure)
    sheet = _Sheet(ledger, pairs, choice)
    told = suppress_counts(sheet.counts(), options=disclosure)
    rows, both = (
        table.assign(**{name: sheet.read(told, kind, name) for name in names})
        for table, kind, names in (
            (ledger.practices, "practices", sheet.columns),
            (pairs, "pairs", sheet.pair_columns),
        )
    )
    for which, whole, part in (
        ("nearest", "people_nearest", "no_alternative"),
        ("second", "people_two", "no_second"),
    ):
        figures = [f"extra_{which}_{name}" for name in EXTRA]
        rows = suppress_figures(rows, rows[whole] - rows[part], figures, options=disclosure)
    rows = suppress_practices(rows, options=disclosure)
    rows = rows.iloc[np.lexsort((rows.index.astype(str), *_falling(rows, RANKED_BY)))]
    by_id = (both["second_id"].astype(str), both["first_id"].astype(str))
    both = both.iloc[np.lexsort((*by_id, *_falling(both, ("affected", "loses_last"))))]
    return ToldLedger(
        ledger,
        choice,
        rows.assign(rank=np.arange(1, len(rows) + 1)),
        both.reset_index(drop=True),
    )


def _falling(table: pd.DataFrame, columns: Sequence[str]) -> list[Floats]:
    """Give the keys for an order: most people first, what is left out last."""
    return [-table[name].fillna(-1.0).to_numpy() for name in columns[::-1]]


class _Sheet:
    """All counts of a ledger and its pairs in one row, and how they add up."""

    def __init__(self, ledger: Ledger, pairs: pd.DataFrame, choice: ToldChoice) -> None:
        self.enough = ledger.choice.study.rules.min_choices
        split = [f"{name}_{kind}" for name in LOSSES for kind in ("certain", "uncertain")]
        self.columns = ["affected", *LOSSES, *split, *NEAR]
        self.pair_columns = ["affected", *LOSSES, *(f"{name}_certain" for name in LOSSES)]
        self._people = list[Floats]()
        self._hidden, self._fixed = list[int](), list[int]()
        self._at = dict[tuple[str, str], Ints]()
        self._size = 0
        self._blocks = list[tuple[Ints, Ints]]()
        for kind, table in (("practices", ledger.practices), ("pairs", pairs)):
            for name in self.columns if kind == "practices" else self.pair_columns:
                self._put(kind, name, table[name].to_numpy(dtype=np.float64))
            self._add_losses(kind)
        for whole, parts in PARTS:
            if self.enough == 2 or len(parts) == 1:  # noqa: PLR2004  else not among the nearest two
                self._add_rest("practices", whole, parts)
        self._add_pairs(ledger, pairs)
        self._add_totals(choice)

    def counts(self) -> Counts:
        """Lay out what is not zero: zeros are told as they are."""
        people = np.concatenate(self._people)
        some = people > TOLERANCE
        place = np.cumsum(some) - 1
        blocks = [
            (place[whole[keep]], place[part[keep]])
            for whole, part in self._blocks
            for keep in (some[part],)
        ]
        unseen, fixed, late = (np.zeros(len(people), dtype=bool) for _ in range(3))
        unseen[self._hidden], fixed[self._fixed] = True, True
        for name in ("affected", "people_nearest", "people_two"):
            late[self._at["practices", name]] = True
        self._place = np.where(some, place, -1)
        sums = adding_up(blocks, int(some.sum()))
        written = (~unseen[some]).astype(np.int64)
        return Counts(people[some], sums, unseen[some], fixed[some], late[some], written)

    def read(self, told: Floats, kind: str, name: str) -> Floats:
        """Give a column of what is told."""
        return np.append(told, 0.0)[self._place[self._at[kind, name]]]

    def _put(self, kind: str, name: str, people: Floats) -> Ints:
        at = np.arange(len(people)) + self._size
        self._people.append(people)
        self._at[kind, name] = at
        self._size += len(people)
        return at

    def _parts(self, kind: str, whole: str, parts: Sequence[str]) -> None:
        at = self._at[kind, whole]
        part = np.concatenate([self._at[kind, name] for name in parts])
        self._blocks.append((np.tile(at, len(parts)), part))

    def _add_losses(self, kind: str) -> None:
        if self.enough > 1:
            self._parts(kind, "affected", LOSSES)
        else:  # where one is enough, both are the same people
            self._parts(kind, "affected", LOSSES[:1])
            self._parts(kind, "affected", LOSSES[1:])
        for name in LOSSES:
            if kind == "pairs":
                self._add_rest(kind, name, [f"{name}_certain"])
            else:
                self._parts(kind, name, [f"{name}_certain", f"{name}_uncertain"])

    def _add_rest(self, kind: str, whole: str, parts: Sequence[str]) -> None:
        """Put in what is not written, but is what is left of a count; where it is part of it."""
        people = np.concatenate(self._people)
        at = self._at[kind, whole]
        columns = [self._at[kind, name] for name in parts]
        left = people[at] - sum(people[part] for part in columns)
        fits = left >= -TOLERANCE
        rest = self._put(kind, f"{whole} but {parts[0]}", np.maximum(left, 0.0))
        self._hidden += rest.tolist()
        wholes = np.tile(at[fits], len(parts) + 1)
        self._blocks.append((wholes, np.concatenate([part[fits] for part in (*columns, rest)])))

    def _add_pairs(self, ledger: Ledger, pairs: pd.DataFrame) -> None:
        """Who has just two practices to choose from loses the choice with either, the last with both."""
        if self.enough != 2:  # noqa: PLR2004
            return
        for last, lost in (
            ("loses_last", "loses_choice"),
            ("loses_last_certain", "loses_choice_certain"),
        ):
            both = self._at["pairs", last]
            whole = [
                self._at["practices", lost][ledger.practices.index.get_indexer(pairs[f"{end}_id"])]
                for end in ("first", "second")
            ]
            self._blocks.append((np.concatenate(whole), np.tile(both, 2)))

    def _add_totals(self, choice: ToldChoice) -> None:
        """Put in what the summary of the choice check tells of all practices together."""
        homes, reasons = choice.choice.homes, choice.reasons
        people = homes["population"]
        with_one, with_two = (
            float(people[homes[f"{n}_m"].notna()].sum()) for n in ("nearest", "second")
        )
        known = {
            "people_nearest": (with_one, not reasons.isna().any()),
            "people_two": (with_one + with_two, not reasons.isna().any()),
            "no_alternative": (
                with_one - with_two,
                not np.isnan(reasons.get(ONE_PRACTICE_ONLY, 0.0)),
            ),
        }
        if self.enough == 2:  # noqa: PLR2004
            one = float(people[homes["status"] == "one"].sum())
            known["loses_last"] = (one, not np.isnan(choice.people.loc[TOTAL, "one"]))
        for name, (total, is_told) in known.items():
            at = self._put(TOTAL, name, np.array([total]))
            (self._fixed if is_told else self._hidden).extend(at.tolist())
            part = self._at["practices", name]
            self._blocks.append((np.repeat(at, len(part)), part))
