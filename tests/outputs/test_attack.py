"""All that a command writes, read by somebody who wants to know: no small count, no single list."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gpcoverage import (
    Choice,
    Comparison,
    Ledger,
    RoadNetwork,
    Study,
    compare,
    compute_choice,
    compute_ledger,
    critical_pairs,
    prepare_rerun,
    write_choice,
    write_closure,
    write_ledger,
    write_report,
)
from gpcoverage.analysis.choice import CERTAINTIES, STATUSES
from gpcoverage.analysis.ferries import POLICY_COLUMNS, add_ferry_policies
from gpcoverage.outputs.disclosure import OFF
from outputs.attacking import (
    SMALL,
    Attacker,
    Files,
    assert_page_tells_no_more,
    assert_single_lists,
    each_home,
    groups_of,
    page_text,
    people_on_page,
    read_csv,
    read_json,
    read_summary,
    read_sums,
)

LISTS = [1613.0, 1627.0, 2741.0, 1657.0, 3319.0]
DOCTORS = [1.0, 1.0, 2.0, float("nan"), 2.0]
HOMES = [
    (0, 3), (1, 40), (2, 4), (4, 60), (6, 2), (9, 31), (11.5, 1), (14, 27), (16.2, 4), (18, 80),
    (20, 3), (21, 25), (23, 4), (26, 7), (28, 2), (29, 300), (31, 2), (33, 90), (36, 4), (41, 52),
    ((500_500.0, 6_205_000.0), 4), ((500_900.0, 6_205_000.0), 33),
]  # fmt: skip
FEW = [
    (0, 3), (1, 40), (3, 300), (9, 2), (11.5, 90), (16.2, 4), (18, 80), (26, 7), (28, 2), (29, 300),
    (29.5, 4), (31, 2), (36, 90), ((500_500.0, 6_205_000.0), 33),
]  # fmt: skip
PRACTICES = [(2, True), (12, True), (17, True), (24, False), (34, True)]


@pytest.fixture(scope="module")
def checked(make_study: Callable[..., Study], coast_road: RoadNetwork) -> Choice:
    study = make_study(HOMES, PRACTICES, area=("0661", "0101"))
    practices = study.practices.assign(
        list_size=LISTS, doctors=DOCTORS, birth_years=["1961", "1950", "1970;1980", "", "1955;1960"]
    )
    choice = compute_choice(replace(study, practices=practices), coast_road)
    return add_ferry_policies(choice, coast_road)


@pytest.fixture(scope="module")
def comparison(checked: Choice) -> Comparison:
    # p2 has a neighbour; p1 is the last for some. Both have lists that nobody may know.
    plain = replace(checked, homes=checked.homes.drop(columns=["island", *POLICY_COLUMNS]))
    return compare(prepare_rerun(plain), plain.study.close("p0", "p1"))


@pytest.fixture(scope="module")
def ledger(make_study: Callable[..., Study], coast_road: RoadNetwork) -> Ledger:
    study = make_study(FEW, PRACTICES, area=("0661", "0101"))
    practices = study.practices.assign(list_size=LISTS, doctors=DOCTORS)
    return compute_ledger(compute_choice(replace(study, practices=practices), coast_road))


def test_attack_on_choice(checked: Choice, tmp_path: Path) -> None:
    files = write_choice(checked, tmp_path)
    homes = pd.DataFrame(checked.homes)
    attacker = Attacker(homes)
    told, summary = read_csv(files["choice.csv"]), read_json(files)
    for at, people in enumerate(told["population"]):
        attacker.read(each_home(homes)[at], people)
    groups = read_summary(attacker, summary)
    for policy, by_status in summary["ferry_policies"].items():
        for status, people in by_status.items():
            attacker.read(homes[policy] == status, people)
            groups.append((homes[policy] == status).to_numpy())
    for row in read_csv(files["municipalities.csv"]).to_dict("records"):
        assert (
            row["population"] == summary["municipalities"][row["municipality_code"]]["population"]
        )
        for status in STATUSES:
            for certainty in CERTAINTIES:
                kind, code = f"{status}_{certainty}", row["municipality_code"]
                in_json = summary["municipalities"][code]["by_status_and_certainty"][kind]
                assert row[kind] == in_json or (pd.isna(row[kind]) and in_json is None)
    assert attacker.finds_nothing([*each_home(homes), *groups]) > 10
    layer = gpd.read_file(files["choice.gpkg"], layer="homes")["population"]
    assert layer.to_numpy() == pytest.approx(told["population"].to_numpy(), nan_ok=True)
    assert told["population"].notna().sum() > 5
    assert told["status"].tolist() == homes["status"].tolist()
    # What homes count in a mean is known: with the weights that are told it gives nothing away.
    weight = told["population"].fillna(2.5)
    near = told["nearest_m"].notna()
    mean_m = (weight * told["nearest_m"])[near].sum() / weight[near].sum()
    assert summary["totals"]["nearest_mean_m"] == pytest.approx(mean_m, abs=0.1)
    assert_page_tells_no_more(files)
    assert_single_lists(files, are_told=False)


def read_close(attacker: Attacker, files: Files) -> list[Any]:
    """Read what is told of changes; give the groups of people that it is about."""
    homes, affected = attacker.homes, read_json(files)["affected"]
    moves, near = homes["move"].fillna(""), homes["around"].notna()
    unsure = (moves != "") & (homes["certain"] == False)  # noqa: E712
    read = [
        (moves.isin(["choice_to_one", "choice_to_none"]), affected["loses_choice"]),
        (moves.isin(["one_to_none", "choice_to_none"]), affected["loses_last"]),
        (near, affected["lists"]["catchment"]),
    ]
    for move, row in affected["moves"].items():
        read += [(moves == move, row["people"]), ((moves == move) & unsure, row["uncertain"])]
    for name in ("far", "far_low", "far_high"):
        read.append((near & (homes[name] == True), affected["lists"][name]))  # noqa: E712
    for which in ("nearest", "second"):
        extra, row = homes[f"extra_{which}_m"] / 1000, affected["extra"][which]
        read.append((extra > 0, row["people"]))
        for low, high, name in ((0, 2, "0-2"), (2, 5, "2-5"), (5, 10, "5-10"), (10, 1e9, "10-")):
            read.append(((extra > 0) & (extra >= low) & (extra < high), row[name]))
    for row in read_csv(files["alternatives.csv"]).fillna({"practice_id": ""}).to_dict("records"):
        here = (homes["around"] == row["around"]) & (homes["practice_id"] == row["practice_id"])
        read.append((here, row["people"]))
    for row in read_csv(files["municipalities.csv"]).to_dict("records"):
        inside = homes["municipality_code"] == row["municipality_code"]
        for state in ("", "_after"):
            read += [
                (inside & (homes[f"status{state}"] == status), row[f"{status}{state}"])
                for status in STATUSES
            ]
        read += [(inside & (moves == move), row[move]) for move in affected["moves"]]
        read.append((inside & unsure, row["uncertain"]))
    for here, people in read:
        attacker.read(here, people)
    return [here.to_numpy() for here, _ in read]


def test_attack_on_close(comparison: Comparison, tmp_path: Path) -> None:
    after = comparison.check_after()
    files = write_closure(comparison, after, tmp_path)
    changed = comparison.homes
    homes = pd.DataFrame(comparison.before.homes)
    homes = homes.join(after.homes[["status", "certainty", "reason"]].add_suffix("_after"))
    homes = homes.join(changed[["move", "certain", "extra_nearest_m", "extra_second_m"]])
    homes = homes.join(comparison.catchment.drop(columns="nearest_m"))
    attacker, summary = Attacker(homes), read_json(files)
    told = read_csv(files["homes.csv"]).set_index("home_id")["population"]
    assert len(told) == len(changed)
    for home, people in told.items():
        attacker.read(homes.index == home, people)
    groups = read_summary(attacker, summary, "_after")
    read_sums(attacker, summary["before"])
    read_sums(attacker, summary["after"], "_after")
    groups += read_close(attacker, files)
    both = ["municipality_code", "status", "certainty", "status_after", "certainty_after"]
    groups += groups_of(homes, both)
    assert attacker.finds_nothing([*each_home(homes), *groups]) > 10
    assert told.notna().any()
    table = read_csv(files["municipalities.csv"])
    assert table.drop(columns="name").notna().sum().sum() > len(table) * 3
    assert summary["affected"]["lists"]["patients"] is None
    assert_page_tells_no_more(files)
    assert_single_lists(files, are_told=False)
    pack = write_report(after, tmp_path / "pack", comparison, with_pdf=False)
    assert_page_tells_no_more(files | {"map.html": pack["report.html"]})
    assert_single_lists({"map.html": pack["report.html"]}, are_told=False)


def add_up_to(whole: str, *parts: str) -> dict[str, float]:
    return {whole: -1.0, **dict.fromkeys(parts, 1.0)}


LOSSES = [f"loses_{what}{kind}" for what in ("choice", "last") for kind in ("", "_certain")]
ROW = [
    add_up_to("affected", "loses_choice", "loses_last"),
    add_up_to("loses_choice", "loses_choice_certain", "loses_choice_uncertain"),
    add_up_to("loses_last", "loses_last_certain", "loses_last_uncertain"),
    # Who loses the last has it nearest, and so on; nobody is told who the others are.
    add_up_to("people_nearest", "loses_last", "nearest, others left"),
    add_up_to("people_nearest", "no_alternative", "nearest, with another"),
    add_up_to("people_two", "people_nearest", "second"),
    add_up_to("people_two", "loses_last", "loses_choice", "two, others left"),
    add_up_to("people_two", "no_second", "two, with another"),
    add_up_to("no_second", "no_alternative", "no second, but one"),
]


def sums_of_ledger(ledger: Ledger, pairs: pd.DataFrame) -> list[dict[Any, float]]:
    """List what anybody knows to be zero: wholes less their parts, by practice or pair and column."""
    counts, everybody = ledger.practices["counts"], ledger.practices.index
    sums: list[dict[Any, float]] = []
    for at in everybody:
        own = [*ROW, *([add_up_to("people_nearest", "patients_far", "near")] if counts[at] else [])]
        sums += [{(at, name): sign for name, sign in row.items()} for row in own]
        for kind in ("", "_certain"):  # of two that are all there are, either takes the choice
            both = np.flatnonzero((pairs["first_id"] == at) | (pairs["second_id"] == at)).tolist()
            parts = {(two, f"loses_last{kind}"): 1.0 for two in both}
            sums.append({(at, f"loses_choice{kind}"): -1.0} | parts)
    for at in range(len(pairs)):
        own = [
            ROW[0],
            *(add_up_to(name, f"{name}_certain", f"{name}_rest") for name in LOSSES[::2]),
        ]
        sums += [{(at, name): sign for name, sign in row.items()} for row in own]
    for name in ("loses_last", "people_nearest"):
        sums.append({("all", name): -1.0} | {(at, name): 1.0 for at in everybody})
    return sums


def truth_of_ledger(
    ledger: Ledger, pairs: pd.DataFrame, sums: list[dict[Any, float]]
) -> dict[Any, float]:
    truth: dict[Any, float] = {}
    rows = dict(zip(ledger.practices.index, ledger.practices.to_dict("records"), strict=True))
    for at, row in (rows | dict(enumerate(pairs.to_dict("records")))).items():
        truth |= {(at, name): value for name, value in row.items()}
    for row in [*sums, *sums]:  # what is left of one may be part of another
        missing = [name for name in row if name not in truth]
        if len(missing) == 1:
            rest = sum(sign * truth[name] for name, sign in row.items() if name in truth)
            truth[missing[0]] = -rest / row[missing[0]]
    return {name: float(truth[name]) for row in sums for name in row}


def test_attack_on_ledger(ledger: Ledger, tmp_path: Path) -> None:
    pairs = critical_pairs(ledger.choice)
    files = write_ledger(ledger, pairs, tmp_path)
    sums = sums_of_ledger(ledger, pairs)
    truth = truth_of_ledger(ledger, pairs, sums)
    cells = {name: at for at, name in enumerate(truth)}
    attacker = Attacker(pd.DataFrame({"population": list(truth.values())}))

    def read(row: dict[Any, float], people: Any) -> None:
        here = np.zeros(len(cells))
        here[[cells[name] for name in row]] = list(row.values())
        attacker.read(here, people)

    for row in sums:
        read(row, 0.0)
    place = {(row["first_id"], row["second_id"]): at for at, row in pairs.iterrows()}
    for table in ("ledger.csv", "pairs.csv"):
        for row in read_csv(files[table]).to_dict("records"):
            at = row["id"] if "id" in row else place[row["first_id"], row["second_id"]]
            for name in row.keys() & {name for where, name in cells if where == at}:
                read({(at, name): 1.0}, row[name])
    summary = read_json(files)
    read({("all", "loses_last"): 1.0}, summary["totals"]["by_status"]["one"])
    none = [row["population"] for row in summary["unreachable"] if "any" in row["reason"]]
    if None not in none:
        read({("all", "people_nearest"): 1.0}, summary["totals"]["population"] - sum(none))
    assert attacker.finds_nothing(np.eye(len(cells), dtype=bool)) > 5
    affected = read_csv(files["ledger.csv"])["affected"]
    assert affected.dropna().is_monotonic_decreasing
    assert affected.notna().any()
    assert_page_tells_no_more(files)
    assert_single_lists(files, are_told=False)


def test_all_counts_are_written_if_asked_for(
    checked: Choice, comparison: Comparison, ledger: Ledger, tmp_path: Path
) -> None:
    files = write_choice(checked, tmp_path / "choice", disclosure=OFF)
    homes = read_csv(files["choice.csv"])
    assert homes["population"].tolist() == checked.homes["population"].tolist()
    table = read_csv(files["municipalities.csv"])
    for name in table.select_dtypes("number"):
        assert table[name].to_numpy() == pytest.approx(
            checked.municipalities[name], abs=0.051, nan_ok=True
        )
    assert "To prikker" not in page_text(files)
    assert_single_lists(files, are_told=True)
    after = comparison.check_after()
    files = write_closure(comparison, after, tmp_path / "close", disclosure=OFF)
    table = read_csv(files["municipalities.csv"])
    for name in table.select_dtypes("number"):
        assert table[name].tolist() == comparison.municipalities[name].tolist()
    assert (
        read_csv(files["homes.csv"])["population"].tolist()
        == comparison.homes["population"].tolist()
    )
    people = read_csv(files["alternatives.csv"])["people"]
    assert people.tolist() == comparison.alternatives["people"].tolist()
    assert read_json(files)["affected"]["lists"]["patients"] == 1613 + 1627
    assert SMALL & set(people_on_page(files))
    pairs = critical_pairs(ledger.choice)
    files = write_ledger(ledger, pairs, tmp_path / "ledger", disclosure=OFF)
    rows = read_csv(files["ledger.csv"])
    assert rows["id"].tolist() == ledger.practices.index.tolist()
    for name in ("affected", "loses_last", "people_nearest", "list_size"):
        assert rows[name].to_numpy() == pytest.approx(
            ledger.practices[name].to_numpy(), nan_ok=True
        )
    assert SMALL & set(people_on_page(files))
    assert read_csv(files["pairs.csv"])["affected"].tolist() == pairs["affected"].tolist()
    assert_single_lists(files, are_told=True)
