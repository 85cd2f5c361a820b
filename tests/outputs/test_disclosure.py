"""What is left out cannot be worked out: attacked with all that is written."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gpcoverage import Choice
from gpcoverage.analysis.choice import CERTAINTIES, STATUSES
from gpcoverage.errors import DataIntegrityError
from gpcoverage.outputs.disclosure import (
    FOOTNOTE,
    Disclosure,
    may_sum_lists,
    shown,
    suppress_counts,
    suppress_figures,
    suppress_homes,
    suppress_pair,
    suppress_practices,
    with_total,
)

KINDS = ["none", "one", "choice"]
SUMS = [(["population"], KINDS)]
COLUMNS = [*KINDS, "population"]
OFF = Disclosure(off=True)

whole = st.one_of(st.just(0), st.integers(1, 4), st.integers(5, 12), st.integers(5, 2_000))
parts = st.sampled_from([0.25, 1.314951, 4.75, 4.999, 5.0, 7.5, 40.5])
tables = st.lists(st.lists(whole | parts, min_size=3, max_size=3), min_size=1, max_size=5)
moves = st.lists(st.sampled_from([0, 0, 0, 1, 2, 4, 6, 900]), min_size=5, max_size=5)


def with_totals(cells: Sequence[Sequence[float]]) -> tuple[pd.DataFrame, pd.Series]:
    index = [f"{row:04}" for row in range(len(cells))]
    table = pd.DataFrame(cells, index, KINDS, dtype=float)
    return with_total(table.assign(population=table.sum(axis=1)), COLUMNS)


class Attacker:
    """Knows what is written, that it adds up, and that there are no negative people.

    Every cell is a variable, unlike in the module: what is written is an equation of its own.
    """

    def __init__(self) -> None:
        self.names: dict[Any, int] = {}
        self.equations: list[tuple[dict[int, float], float]] = []

    def cell(self, *name: Any) -> int:
        return self.names.setdefault(name, len(self.names))

    def read(self, cells: dict[int, float], people: float = 0.0) -> None:
        self.equations.append((cells, people))

    def read_table(self, table: pd.DataFrame, total: str, which: str = "") -> None:
        for row in table.index:
            everybody = self.cell(which, row, "population")
            self.read({everybody: -1.0} | {self.cell(which, row, kind): 1.0 for kind in KINDS})
            for column in COLUMNS:
                if not np.isnan(table.loc[row, column]):
                    self.read({self.cell(which, row, column): 1.0}, table.loc[row, column])
        for column in COLUMNS:
            rows = {self.cell(which, row, column): 1.0 for row in table.index if row != total}
            self.read(rows | {self.cell(which, total, column): -1.0})

    def range_of(self, cells: dict[int, float]) -> tuple[float, float]:
        matrix = np.zeros((len(self.equations), len(self.names)))
        for row, (signs, _) in enumerate(self.equations):
            matrix[row, list(signs)] = list(signs.values())
        cost = np.zeros(len(self.names))
        cost[list(cells)] = list(cells.values())
        known = [people for _, people in self.equations]
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(sign * cost, A_eq=matrix, b_eq=known, bounds=(0, None))
            assert found.status in {0, 3}, found.message  # solved or unbounded
            ends.append(sign * found.fun if found.status == 0 else -sign * np.inf)
        return ends[0], ends[1]

    def knows_exactly(self, cell: int) -> bool:
        """Solve the equations alone: least squares finds what they determine."""
        matrix = np.zeros((len(self.equations), len(self.names)))
        for row, (signs, _) in enumerate(self.equations):
            matrix[row, list(signs)] = list(signs.values())
        unit = np.eye(len(self.names))[cell]
        combined = np.linalg.lstsq(matrix.T, unit, rcond=None)[0]
        return bool(np.allclose(matrix.T @ combined, unit, atol=1e-6))


def test_attacker_solves_a_table_without_secondary_suppression() -> None:
    table, _ = with_totals([[3, 20, 30], [6, 7, 8]])
    attacker = Attacker()
    attacker.read_table(table.where((table >= 5) | (table == 0)), "total")
    left_out = attacker.cell("", "0000", "none")
    assert attacker.knows_exactly(left_out)
    assert attacker.range_of({left_out: 1.0}) == pytest.approx((3.0, 3.0))


@given(cells=tables)
@example(cells=[[3, 20, 30]])
@example(cells=[[1, 1, 3000], [0, 9, 9]])  # two small ones alone would tell of two people
@example(cells=[[3, 5, 0], [5, 3, 7], [0, 7, 3], [9, 9, 9]])
@example(cells=[[4, 0, 0]])
@settings(max_examples=60, deadline=None)
def test_attacker_finds_no_count_that_was_left_out(cells: list[list[float]]) -> None:
    table, total_of = with_totals(cells)
    written = suppress_counts(table, COLUMNS, sums=SUMS, total_of=total_of)
    small = (table > 0) & (table < 5)
    assert written.isna().to_numpy()[small.to_numpy()].all()
    assert written.where(written.isna(), table).equals(written)
    assert (written.to_numpy()[(table == 0).to_numpy()] == 0).all()
    attacker = Attacker()
    attacker.read_table(written, "total")
    for row, column in zip(*np.nonzero(written.isna().to_numpy()), strict=True):
        cell = attacker.cell("", table.index[row], COLUMNS[column])
        low, high = attacker.range_of({cell: 1.0})
        assert high - low >= (5 - 1e-3 if small.loc[table.index[row], COLUMNS[column]] else 1e-4)
        assert not attacker.knows_exactly(cell)


@given(cells=tables, moved=moves)
@example(cells=[[100, 50, 20], [40, 50, 60]], moved=[2, 0, 0, 0, 0])
@example(cells=[[100, 50, 20], [40, 50, 60]], moved=[2, 4, 0, 0, 0])
@settings(max_examples=40, deadline=None)
def test_attacker_finds_no_small_change(cells: list[list[float]], moved: list[float]) -> None:
    before, total_of = with_totals(cells)
    lose = [min(people, row[2]) for row, people in zip(cells, moved, strict=False)]
    then = [[a, b + m, c - m] for (a, b, c), m in zip(cells, lose, strict=True)]
    after, _ = with_totals(then)
    was, now, change = suppress_pair(before, after, COLUMNS, sums=SUMS, total_of=total_of)
    assert was.equals(suppress_counts(before, COLUMNS, sums=SUMS, total_of=total_of))
    truth = after - before
    few = (truth.abs() > 1e-6) & (truth.abs() < 5 - 1e-6)
    assert change.isna().to_numpy()[few.to_numpy()].all()
    attacker = Attacker()
    attacker.read_table(was, "total", "was")
    attacker.read_table(now, "total", "now")
    for row in before.index:
        for column in COLUMNS:
            cells_of = attacker.cell("now", row, column), attacker.cell("was", row, column)
            if abs(truth.loc[row, column]) <= 1e-6:  # expected where no practice is near
                attacker.read({cells_of[0]: 1.0, cells_of[1]: -1.0})
    for row, column in zip(*np.nonzero(few.to_numpy()), strict=True):
        names = before.index[row], COLUMNS[column]
        signs = {attacker.cell("now", *names): 1.0, attacker.cell("was", *names): -1.0}
        low, high = attacker.range_of(signs)
        assert high - low >= 5 - 1e-3, (was, now)
    for which, table, people in (("was", was, before), ("now", now, after)):
        small = ((people > 0) & (people < 5)).to_numpy()
        assert table.isna().to_numpy()[small].all()
        for row, column in zip(*np.nonzero(small), strict=True):
            cell = attacker.cell(which, before.index[row], COLUMNS[column])
            low, high = attacker.range_of({cell: 1.0})
            assert high - low >= 5 - 1e-3, (was, now)


people_of_homes = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), whole | parts), min_size=1, max_size=12
)


@given(rows=people_of_homes)
@example(rows=[(0, 0, 3), (0, 0, 3000)])
@example(rows=[(0, 0, 3), (0, 1, 7), (1, 1, 70), (1, 1, 8)])
@settings(max_examples=60, deadline=None)
def test_attacker_finds_no_small_home(rows: list[tuple[int, int, float]]) -> None:
    homes = pd.DataFrame(rows, columns=["code", "status", "population"])
    table = homes.astype({"population": float}).pivot_table(
        index="code", columns="status", values="population", aggfunc="sum", fill_value=0.0
    )
    kinds = list(table.columns)
    table["population"] = table.sum(axis=1)
    both = suppress_counts(table, [*kinds, "population"], sums=[(["population"], kinds)])
    totals = both[kinds].melt(ignore_index=False).set_index("status", append=True)["value"]
    written = suppress_homes(homes, [totals])["population"]
    small = (homes["population"] > 0) & (homes["population"] < 5)
    assert written[small].isna().all()
    attacker = Attacker()
    for code, row in both.iterrows():
        for kind in both.columns:
            here = (homes["code"] == code) & (homes["status"] == kind)
            sums = {attacker.cell(at): 1.0 for at in homes.index[here]}
            attacker.read(sums | {attacker.cell(code, kind): -1.0}) if kind in kinds else None
            if not np.isnan(row[kind]):
                attacker.read({attacker.cell(code, kind): 1.0}, row[kind])
        parts_of = {attacker.cell(code, kind): 1.0 for kind in kinds}
        attacker.read(parts_of | {attacker.cell(code, "population"): -1.0})
    for at in homes.index[~written.isna()]:
        attacker.read({attacker.cell(at): 1.0}, written[at])
    for at in homes.index[small]:
        low, high = attacker.range_of({attacker.cell(at): 1.0})
        assert high - low >= 5 - 1e-3, (homes, both, written)


def test_homes_keep_what_gives_nobody_away() -> None:
    homes = pd.DataFrame({"code": ["a"] * 4 + ["b"], "population": [2.0, 4.0, 50.0, 0.0, 60.0]})
    totals = homes.groupby("code")["population"].sum()
    assert suppress_homes(homes, [totals])["population"].isna().tolist() == [True] * 2 + [False] * 3
    assert suppress_homes(homes)["population"].isna().tolist() == [True] * 2 + [False] * 3
    assert suppress_homes(homes, [totals], options=OFF).equals(homes)


def test_homes_of_a_total_that_was_left_out_are_left_out() -> None:
    homes = pd.DataFrame({"code": ["a", "a", "b"], "population": [20.0, 30.0, 60.0]})
    totals = pd.Series([np.nan, 60.0], pd.Index(["a", "b"], name="code"))
    assert suppress_homes(homes, [totals])["population"].isna().tolist() == [True, True, False]


def test_homes_must_add_up_to_their_totals() -> None:
    homes = pd.DataFrame({"code": ["a", "b"], "population": [20.0, 60.0]})
    with pytest.raises(DataIntegrityError, match=re.escape("1 sums do not add up, by up to 1.0")):
        suppress_homes(homes, [pd.Series([21.0, 60.0], pd.Index(["a", "b"], name="code"))])


def test_row_with_one_small_count_loses_the_smallest_other() -> None:
    table = pd.DataFrame({"none": [3.0], "one": [20.0], "choice": [9.0], "population": [32.0]})
    written = suppress_counts(table, COLUMNS, sums=SUMS)
    assert written.isna().iloc[0].tolist() == [True, False, True, False]
    assert table.notna().all(axis=None)


def test_small_counts_without_totals_are_left_out_alone() -> None:
    table = pd.DataFrame({"people": [0.0, 0.4, 4.999, 5.0, 6.0], "name": list("abcde")})
    written = suppress_counts(table, ["people"])
    assert written["people"].isna().tolist() == [False, True, True, False, False]
    assert written["name"].equals(table["name"])
    assert suppress_counts(table, ["people"], options=OFF).equals(table)
    three = suppress_counts(table, ["people"], options=Disclosure(smallest=3))
    assert three["people"].isna().sum() == 1


def test_order_of_rows_does_not_matter() -> None:
    table, total_of = with_totals([[3, 20, 30], [6, 7, 8], [90, 2, 41]])
    turned = table.iloc[::-1]
    written = suppress_counts(table, COLUMNS, sums=SUMS, total_of=total_of)
    again = suppress_counts(turned, COLUMNS, sums=SUMS, total_of=total_of)
    assert again.iloc[::-1].equals(written)


def test_counts_of_a_study_are_left_out_with_all_their_sums(choice: Choice) -> None:
    table = choice.municipalities.assign(
        **{s: sum(choice.municipalities[f"{s}_{c}"] for c in CERTAINTIES) for s in STATUSES},
        **{c: sum(choice.municipalities[f"{s}_{c}"] for s in STATUSES) for c in CERTAINTIES},
    )
    sums: list[tuple[Sequence[str], Sequence[str]]] = [
        (["population"], [*STATUSES]),
        (["population"], [*CERTAINTIES]),
        *(([s], [f"{s}_{c}" for c in CERTAINTIES]) for s in STATUSES),
        *(([c], [f"{s}_{c}" for s in STATUSES]) for c in CERTAINTIES),
    ]
    columns = list(dict.fromkeys(name for left, right in sums for name in [*left, *right]))
    table, total_of = with_total(table, columns)
    written = suppress_counts(table, columns, sums=sums, total_of=total_of)
    assert written["name"].tolist()[:1] == ["Holstebro"]
    assert (
        written[columns].isna().equals(table[columns].where(lambda n: (n == 0) | (n >= 5)).isna())
    )


def test_changed_count_on_both_sides_of_a_sum_cancels() -> None:
    table = pd.DataFrame({"one": [20.0], "one_after": [20.0], "lost": [0.0], "came": [0.0]})
    sums = [(["one_after", "lost"], ["one", "came"])]
    assert suppress_counts(table, list(table), sums=sums, pairs=[("one", "one_after")]).equals(
        table
    )


def test_numbers_that_do_not_add_up_are_refused() -> None:
    table = pd.DataFrame({"none": [3.0], "one": [20.0], "choice": [9.0], "population": [33.0]})
    with pytest.raises(DataIntegrityError, match=re.escape("1 sums do not add up, by up to 1.0")):
        suppress_counts(table, COLUMNS, sums=SUMS)
    for wrong in (np.nan, -1.0):
        with pytest.raises(DataIntegrityError, match=re.escape("Counts must be zero or more.")):
            suppress_counts(table.assign(one=wrong), ["one"])


def test_smallest_must_be_a_number_above_zero() -> None:
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=re.escape("Must be a number greater than 0.")):
            Disclosure(smallest=wrong)


def test_numbers_are_written_as_danes_do() -> None:
    people = [0.0, 0.3, 4.99, 5.0, 1234.4, float("nan")]
    assert [shown(n) for n in people] == ["0", "<5", "<5", "5", "1.234", ".."]
    assert shown(2.0, options=OFF) == "2"
    assert shown(5.0, options=Disclosure(smallest=10)) == "<10"
    assert "under 5" in FOOTNOTE


def test_figures_of_few_people_are_left_out() -> None:
    table = pd.DataFrame({"people": [3.0, 0.0, 50.0], "mean_m": [10.0, np.nan, 30.0]})
    written = suppress_figures(table, table["people"], ["mean_m"])
    assert written["mean_m"].isna().tolist() == [True, True, False]
    assert suppress_figures(table, table["people"], ["mean_m"], options=OFF).equals(table)


def make_practices(*doctors_and_lists: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(doctors_and_lists, columns=["doctors", "list_size"])


def test_lists_of_single_doctors_are_left_out() -> None:
    practices = make_practices(
        (1, 1600), (0.5, 900), (np.nan, 2000), (1.5, 2500), (4, 6000), (2, 3)
    )
    written = suppress_practices(practices)
    assert written["list_size"].isna().tolist() == [True] * 3 + [False] * 2 + [True]
    assert written["doctors"].equals(practices["doctors"])
    assert suppress_practices(practices, options=OFF).equals(practices)


@pytest.mark.parametrize(
    ("lists", "may"),
    [
        ([(2, 3000)], True),
        ([(1, 1600)], False),
        ([(1, 1600), (1, 1500)], False),
        ([(1, 1600), (3, 5000), (4, 6000)], False),  # the others are written: it is the rest
        ([(1, 1600), (1, 1500), (1, 1700)], True),
        ([(1, 1600), (1, 1500), (1, 100)], False),  # two of them are nearly all of it
        ([(1, 1600), (1, np.nan)], False),
        ([], True),
    ],
)
def test_sum_of_lists_needs_three_that_are_left_out(
    lists: list[tuple[float, float]],
    may: bool,  # noqa: FBT001
) -> None:
    practices = make_practices(*lists).astype(float)
    assert may_sum_lists(practices) is may
    assert may_sum_lists(practices, options=OFF)
