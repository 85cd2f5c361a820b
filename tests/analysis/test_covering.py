"""The programs against brute force over every choice of sites."""

from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gpcoverage.analysis.covering import Groups, Limits, fewest, most, seat
from gpcoverage.errors import DataIntegrityError

SITES = 5

reach = st.lists(st.integers(0, SITES - 1), min_size=1, max_size=4, unique=True).map(sorted)
groups_strategy = st.lists(
    st.tuples(st.integers(1, 400), st.integers(1, 2), reach), min_size=1, max_size=7
)


def make(rows: list[tuple[int, int, list[int]]], gain: float = 1.0) -> Groups:
    """Make groups of (people, need, sites)."""
    sizes = [len(sites) for _, _, sites in rows]
    return Groups(
        people=np.array([people for people, _, _ in rows], dtype=float),
        need=np.array([need for _, need, _ in rows], dtype=np.int64),
        group=np.repeat(np.arange(len(rows)), sizes),
        site=np.array([site for _, _, sites in rows for site in sites], dtype=np.int64),
        gain=np.full(sum(sizes), gain),
    )


def limits(clinics: float, *, per_site: int = 1, seats: float = np.inf) -> Limits:
    return Limits(SITES, clinics, per_site, seats, 60.0)


def choices(clinics: int, per_site: int) -> list[np.ndarray]:
    every = product(range(per_site + 1), repeat=SITES)
    return [np.array(opened) for opened in every if sum(opened) <= clinics]


def helped(rows: list[tuple[int, int, list[int]]], opened: np.ndarray) -> list[int]:
    return [i for i, (_, need, sites) in enumerate(rows) if opened[sites].sum() >= need]


def flow(rows: list[tuple[int, int, list[int]]], opened: np.ndarray, seats: int) -> int:
    """Seat the people of groups that have what they need, as a flow."""
    graph = nx.DiGraph()
    graph.add_nodes_from(["start", "end"])
    for i in helped(rows, opened):
        graph.add_edge("start", f"g{i}", capacity=rows[i][0])
        for site in rows[i][2]:
            if opened[site]:
                graph.add_edge(f"g{i}", f"s{site}")
                graph.add_edge(f"s{site}", "end", capacity=seats * int(opened[site]))
    return int(nx.maximum_flow_value(graph, "start", "end"))


@settings(deadline=None, max_examples=40)
@given(groups_strategy, st.integers(0, 4), st.integers(1, 2))
def test_most_people_are_helped(
    rows: list[tuple[int, int, list[int]]], clinics: int, per_site: int
) -> None:
    found = most(make(rows), limits(clinics, per_site=per_site))
    best = max(
        sum(rows[i][0] for i in helped(rows, opened)) for opened in choices(clinics, per_site)
    )
    assert found.clinics.sum() <= clinics
    assert found.clinics.max(initial=0) <= per_site
    assert sum(rows[i][0] for i in helped(rows, found.clinics)) == best
    assert found.value == pytest.approx(best, abs=1e-6)
    assert found.is_proven
    assert found.gap == pytest.approx(0.0, abs=1e-9)


@settings(deadline=None, max_examples=40)
@example([(1, 1, [0]), (187, 1, [0, 1, 2]), (267, 1, [0]), (267, 1, [0])], 1, 2, 1000)
@given(groups_strategy, st.integers(1, 3), st.integers(1, 2), st.sampled_from([50, 120, 1000]))
def test_most_people_have_a_seat(
    rows: list[tuple[int, int, list[int]]], clinics: int, per_site: int, seats: int
) -> None:
    bounds = limits(clinics, per_site=per_site, seats=float(seats))
    found = most(make(rows), bounds, then_helped=True)
    ranked = [
        (flow(rows, opened, seats), sum(rows[i][0] for i in helped(rows, opened)))
        for opened in choices(clinics, per_site)
    ]
    own = flow(rows, found.clinics, seats), sum(rows[i][0] for i in helped(rows, found.clinics))
    assert own == max(ranked)
    by_site, seated = seat(make(rows), bounds, found.clinics)
    assert seated == pytest.approx(own[0], abs=1e-5)
    assert (by_site <= seats * found.clinics + 1e-5).all()


@settings(deadline=None, max_examples=40)
@given(groups_strategy, st.integers(1, 2))
def test_fewest_clinics_help_all(rows: list[tuple[int, int, list[int]]], per_site: int) -> None:
    able = [row for row in rows if len(row[2]) * per_site >= row[1]]
    found = fewest(make(able), limits(np.inf, per_site=per_site))
    every = choices(SITES * per_site, per_site)
    least = min(int(opened.sum()) for opened in every if len(helped(able, opened)) == len(able))
    assert len(helped(able, found.clinics)) == len(able)
    assert found.clinics.sum() == least


def test_sites_that_change_nothing_are_not_opened() -> None:
    found = most(make([(10, 1, [1, 2])]), limits(4))
    assert found.clinics.sum() == 1
    lone = most(make([(10, 2, [3])]), limits(4))
    assert not lone.clinics.any()


def test_who_cannot_be_helped_is_refused() -> None:
    with pytest.raises(DataIntegrityError, match="no sites were found"):
        fewest(make([(10, 2, [3])]), limits(4))


def test_nobody_and_nothing() -> None:
    for found in (most(make([]), limits(3)), fewest(make([]), limits(3)), most(make([(1, 1, [0])]), limits(0))):  # fmt: skip
        assert not found.clinics.any()
        assert found.is_proven
        assert found.gap == 0.0
    assert seat(make([(5, 2, [0, 1])]), limits(1, seats=9.0), np.array([1, 0, 0, 0, 0]))[1] == 0.0
