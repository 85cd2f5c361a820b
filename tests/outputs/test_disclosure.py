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

from gpcoverage.errors import DataIntegrityError
from gpcoverage.outputs.disclosure import (
    OFF,
    ON,
    Disclosure,
    ToldHomes,
    may_sum_lists,
    shown,
    suppress_counts,
    suppress_figures,
    suppress_homes,
    suppress_practices,
    weights,
)
from gpcoverage.outputs.suppression import Counts, adding_up

KINDS = ["none", "one", "choice"]
COLUMNS = [*KINDS, "population"]

whole = st.one_of(st.just(0), st.integers(1, 4), st.integers(5, 12), st.integers(5, 2_000))
parts = st.sampled_from([0.25, 1.314951, 4.75, 4.999, 5.0, 7.5, 40.5])
tables = st.lists(st.lists(whole | parts, min_size=3, max_size=3), min_size=1, max_size=5)


def whole_numbers(people: pd.DataFrame | pd.Series) -> bool:
    return bool((people == people.round()).to_numpy().all())


def with_totals(cells: Sequence[Sequence[float]]) -> pd.DataFrame:
    index = [f"{row:04}" for row in range(len(cells))]
    table = pd.DataFrame(cells, index, KINDS, dtype=float)
    table = table.assign(population=table.sum(axis=1))
    return pd.concat([table, table.sum().to_frame("total").T])


def suppress_table(table: pd.DataFrame, *, options: Disclosure = ON) -> pd.DataFrame:
    """Leave counts out of a table of kinds, whose last row holds totals if it is called so."""
    at = np.arange(table.size).reshape(table.shape)
    place = [table.columns.get_loc(kind) for kind in KINDS]
    blocks = [(np.repeat(at[:, table.columns.get_loc("population")], 3), at[:, place].ravel())]
    if table.index[-1] == "total":
        blocks.append((np.tile(at[-1], len(table) - 1), at[:-1].ravel()))
    none = np.zeros(table.size, dtype=bool)
    people = table.to_numpy(dtype=float).ravel()
    counts = Counts(
        people,
        adding_up(blocks, table.size),
        none,
        none,
        none,
        np.ones(len(people), dtype=np.int64),
    )
    told = suppress_counts(counts, options=options).reshape(table.shape)
    return pd.DataFrame(told, table.index, table.columns)


class Attacker:
    """Knows what is written, that it adds up, and that nobody is negative.

    As zeros are written, it knows too that what was left out is at least one where people are whole.
    Every cell is a variable, unlike in the module: what is written is an equation of its own.
    """

    def __init__(self) -> None:
        self.names: dict[Any, int] = {}
        self.equations: list[tuple[dict[int, float], float]] = []
        self.least: dict[int, float] = {}

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
        bounds = [(self.least.get(cell, 0.0), None) for cell in range(len(self.names))]
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(sign * cost, A_eq=matrix, b_eq=known, bounds=bounds)
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
    table = with_totals([[3, 20, 30], [6, 7, 8]])
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
@example(cells=[[1, 1, 1]])
@settings(max_examples=60, deadline=None)
def test_attacker_finds_no_count_that_was_left_out(cells: list[list[float]]) -> None:
    table = with_totals(cells)
    written = suppress_table(table)
    small = (table > 0) & (table < 5)
    assert written.isna().to_numpy()[small.to_numpy()].all()
    assert written.where(written.isna(), table).equals(written)
    assert (written.to_numpy()[(table == 0).to_numpy()] == 0).all()
    attacker = Attacker()
    attacker.read_table(written, "total")
    left_out = [
        attacker.cell("", table.index[row], COLUMNS[column])
        for row, column in zip(*np.nonzero(written.isna().to_numpy()), strict=True)
    ]
    if whole_numbers(table):
        attacker.least = dict.fromkeys(left_out, 1.0)
    for row, column in zip(*np.nonzero(written.isna().to_numpy()), strict=True):
        cell = attacker.cell("", table.index[row], COLUMNS[column])
        low, high = attacker.range_of({cell: 1.0})
        assert high - low >= (5 - 1e-3 if small.loc[table.index[row], COLUMNS[column]] else 1e-4)
        assert not attacker.knows_exactly(cell)


CODE = "municipality_code"
STATES = [(CODE, "status"), (CODE,), ("status",), ()]
CHANGES = [(CODE, "status_after"), ("status_after",), (CODE, "move"), ("move",)]


class HomesAttacker(Attacker):
    """Knows of every home where it lies and how it is judged, before and afterwards."""

    def __init__(self, homes: pd.DataFrame, told: ToldHomes) -> None:
        super().__init__()
        for at, people in told.people.items():
            self.read({self.cell(at): 1.0}, people) if not np.isnan(people) else self.cell(at)
            if np.isnan(people) and whole_numbers(homes["population"]):
                self.least[self.cell(at)] = 1.0
        for by, table in told.sums.items():
            for key, people in table.items():
                if not np.isnan(people):
                    self.read(dict.fromkeys(map(self.cell, members(homes, by, key)), 1.0), people)


def members(homes: pd.DataFrame, by: tuple[str, ...], key: Any) -> pd.Index:
    here = pd.Series(data=True, index=homes.index)
    for name, value in zip(by, key if len(by) > 1 else [key] * len(by), strict=True):
        here &= homes[name] == value
    return homes.index[here]


rows_of_homes = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), whole | parts),
    min_size=1,
    max_size=12,
)


@given(rows=rows_of_homes)
@example(rows=[(0, 0, 0, 3), (0, 0, 0, 3000)])
@example(rows=[(0, 0, 0, 3), (0, 1, 1, 7), (1, 1, 1, 70), (1, 1, 1, 8)])
@example(rows=[(0, 0, 1, 3), (0, 0, 0, 70), (1, 1, 1, 70)])  # three people change
@example(rows=[(0, 2, 1, 2), (0, 2, 1, 2), (0, 2, 2, 9), (1, 2, 0, 6)])
@example(rows=[(0, 0, 0, 3)])
@example(rows=[(0, 0, 0, 1)] * 6 + [(1, 1, 1, 70)])  # six people in six homes
@example(rows=[(0, 0, 0, 2)] * 4 + [(1, 1, 1, 70)])
@settings(max_examples=80, deadline=None)
def test_attacker_finds_no_small_home_count_or_change(
    rows: list[tuple[int, int, int, float]],
) -> None:
    homes = pd.DataFrame(rows, columns=[CODE, "status", "status_after", "population"])
    homes = homes.astype({"population": float})
    homes["move"] = (homes["status"].astype(str) + homes["status_after"].astype(str)).where(
        homes["status"] != homes["status_after"]
    )
    public = [(CODE,), ()]
    before = suppress_homes(homes, STATES, public=public)
    told = suppress_homes(homes, CHANGES, public=public, before=before)
    for by in STATES:  # the same whatever changes
        pd.testing.assert_series_equal(told.sums[by], before.sums[by])
    assert told.people[before.people.isna()].isna().all()
    for which, sums in ((before, STATES), (told, [*STATES, *CHANGES])):
        attacker = HomesAttacker(homes, which)
        groups = [(at,) for at in homes.index]
        for by in sums:
            table = homes.groupby(list(by))["population"].sum() if by else which.sums[()]
            left_out = which.sums[by].isna()
            assert which.sums[by].to_numpy() == pytest.approx(table.mask(left_out), nan_ok=True)
            assert (which.sums[by][table == 0] == 0).all()
            groups += [tuple(members(homes, by, key)) for key in table.index]
        # Who has the same answer before, or before and afterwards, is a group of people as well.
        keys = [
            name
            for name in (CODE, "status", "status_after")
            if which is told or name != "status_after"
        ]
        groups += [tuple(at) for at in homes.groupby(keys).groups.values()]
        for group in set(groups):
            people = homes.loc[list(group), "population"].sum()
            if 0 < people < 5:
                low, high = attacker.range_of({attacker.cell(at): 1.0 for at in group})
                assert high - low >= 5 - 1e-3, (homes, which)


def test_homes_keep_what_gives_nobody_away() -> None:
    homes = pd.DataFrame({"code": ["a"] * 4 + ["b"], "population": [3.0, 4.0, 50.0, 0.0, 60.0]})
    assert suppress_homes(homes, [("code",)]).people.isna().tolist() == [True] * 2 + [False] * 3
    assert suppress_homes(homes, []).people.isna().tolist() == [True] * 2 + [False] * 3
    off = suppress_homes(homes, [("code",), ()], options=OFF)
    assert off.people.equals(homes["population"])
    assert off.sums[("code",)].tolist() == [57.0, 60.0]
    assert off.sums[()].tolist() == [117.0]


def test_homes_of_a_group_that_was_left_out_are_left_out() -> None:
    homes = pd.DataFrame({"status": ["a", "b", "c"], "population": [20.0, 3.0, 60.0]})
    told = suppress_homes(homes, [("status",), ()], public=[()])
    assert told.people.isna().tolist() == [True, True, False]
    assert told.sums[("status",)].isna().tolist() == [True, True, False]
    assert told.sums[()].tolist() == [83.0]  # public: left out only where nothing else helps
    assert told.of(("status",), [("c",), ("d",)]) == [60.0, 0.0]


def test_homes_of_one_person_are_not_told_by_their_number() -> None:
    # Zeros are told, so that 13 homes left out with 13 people in all would have one each.
    people = [1.0] * 13 + [0.0, 7.0, 60.0]
    homes = pd.DataFrame({"status": "none", "population": people})
    told = suppress_homes(homes, [("status",)])
    assert told.people.dropna().tolist() == [0.0, 60.0]
    assert told.sums[("status",)].tolist() == [80.0]


def test_homes_of_parts_of_people_have_no_least_number() -> None:
    homes = pd.DataFrame({"status": "none", "population": [1.5] * 4 + [7.0, 60.0]})
    told = suppress_homes(homes, [("status",)])
    assert told.people.dropna().tolist() == [7.0, 60.0]


def test_homes_need_people() -> None:
    for wrong in (np.nan, -1.0):
        homes = pd.DataFrame({"code": ["a", "b"], "population": [20.0, wrong]})
        with pytest.raises(DataIntegrityError, match=re.escape("Counts must be zero or more.")):
            suppress_homes(homes, [("code",)])


def test_means_weigh_what_is_left_out_alike() -> None:
    told = suppress_homes(pd.DataFrame({"population": [4.0, 4.0, 4.0, 90.0]}), [()])
    assert weights(told).tolist() == [2.5, 2.5, 2.5, 90.0]
    assert weights(told, options=Disclosure(smallest=8)).tolist() == [4.0, 4.0, 4.0, 90.0]


def test_row_with_one_small_count_loses_the_smallest_other() -> None:
    table = pd.DataFrame({"none": [3.0], "one": [20.0], "choice": [9.0], "population": [32.0]})
    written = suppress_table(table)
    assert written.isna().iloc[0].tolist() == [True, False, True, False]
    assert table.notna().all(axis=None)
    assert suppress_table(table, options=OFF).equals(table)
    assert suppress_table(table, options=Disclosure(smallest=3)).equals(table)


def test_counts_without_sums_are_left_out_alone() -> None:
    people, none = np.array([0.0, 0.4, 4.999, 5.0, 6.0]), np.zeros(5, dtype=bool)
    told = suppress_counts(
        Counts(people, adding_up([], 5), none, none, none, np.ones(len(people), dtype=np.int64))
    )
    assert np.isnan(told).tolist() == [False, True, True, False, False]


def test_order_of_rows_does_not_matter() -> None:
    table = with_totals([[3, 20, 30], [6, 7, 8], [90, 2, 41]])
    turned = table.iloc[[2, 1, 0, 3]]
    assert suppress_table(turned).loc[table.index].equals(suppress_table(table))


def test_numbers_that_do_not_add_up_are_refused() -> None:
    table = pd.DataFrame({"none": [3.0], "one": [20.0], "choice": [9.0], "population": [33.0]})
    with pytest.raises(DataIntegrityError, match=re.escape("1 sums do not add up, by up to 1.0")):
        suppress_table(table)


def test_smallest_must_be_a_number_above_zero() -> None:
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=re.escape("Must be a number greater than 0.")):
            Disclosure(smallest=wrong)


def test_numbers_are_written_as_danes_do() -> None:
    people = [0.0, 0.3, 4.99, 5.0, 1234.4, float("nan")]
    assert [shown(n) for n in people] == ["0", "<5", "<5", "5", "1.234", ".."]
    assert shown(2.0, options=OFF) == "2"
    ten = Disclosure(smallest=10)
    assert shown(5.0, options=ten) == "<10"
    assert "under 10 " in ten.footnotes()[0]
    assert "under 5 " in ON.footnotes()[0]
    assert OFF.footnotes() == []


def test_figures_of_few_people_are_left_out() -> None:
    people = [3.0, 0.0, 50.0, np.nan]
    table = pd.DataFrame({"people": people, "mean_m": [10.0, np.nan, 30.0, 40.0]})
    written = suppress_figures(table, table["people"], ["mean_m"])
    assert written["mean_m"].isna().tolist() == [True, True, False, True]
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
