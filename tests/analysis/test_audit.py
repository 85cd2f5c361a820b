"""The audit refuses every way of not adding up, and passes what adds up."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gpcoverage.analysis.audit import (
    audit_choice,
    audit_comparison,
    audit_ledger,
    take_stock,
)
from gpcoverage.analysis.choice import Choice, compute_choice
from gpcoverage.analysis.closure import Comparison, compare
from gpcoverage.analysis.ledger import Ledger, compute_ledger
from gpcoverage.analysis.rerun import prepare_rerun
from gpcoverage.errors import DataIntegrityError
from gpcoverage.inputs.layer import InputRecord, LeftOut
from gpcoverage.inputs.study import Study
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.outputs.results import write_choice
from gpcoverage.outputs.told import tell_choice
from gpcoverage.outputs.told_audit import check_told

MakeStudy = Callable[..., Study]
REFUSED = "does not add up, and nothing is written: .*"


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    """Make ten homes of 10 to 19 people, one of them on an island, and three practices."""
    homes = [(2.0 * i, 10.0 + i) for i in range(9)]
    made = make_study(
        [*homes, ((500_000.0, 6_205_000.0), 19.0)], [(1, True), (5, True), (40, False)]
    )
    records = (
        InputRecord("homes", "homes.csv", "0", 12, 10, (LeftOut("far", (3, 4), 7.0),), 0.0, 152.0),
        InputRecord("practices", "practices.csv", "0", 3, 3),
    )
    return replace(made, inputs=records)


@pytest.fixture
def choice(study: Study, coast_road: RoadNetwork) -> Choice:
    return compute_choice(study, coast_road)


def with_homes(choice: Choice, **columns: Any) -> Choice:
    return replace(choice, homes=choice.homes.assign(**columns))


def with_municipality(choice: Choice, column: str, change: float) -> Choice:
    table = choice.municipalities
    return replace(choice, municipalities=table.assign(**{column: table[column] + change}))


def with_record(choice: Choice, **changes: Any) -> Choice:
    homes, practices = choice.study.inputs
    study = replace(choice.study, inputs=(replace(homes, **changes), practices))
    return replace(choice, study=study)


def first(values: pd.Series, value: object) -> list[object]:
    return [value, *values.iloc[1:]]


def test_what_adds_up_passes(choice: Choice) -> None:
    audit_choice(choice)
    tally = take_stock(choice.study)
    assert (tally.rows_in, tally.rows_used, tally.rows_left_out) == (15, 13, 2)
    assert (tally.people_in, tally.people_used, tally.people_left_out) == (152, 145, 7)


BREAKS: dict[str, tuple[Callable[[Choice], Choice], str]] = {
    "a row used twice": (lambda c: with_record(c, rows_used=11), "12 rows came in, but 11 were"),
    "a row left out twice": (
        lambda c: with_record(c, left_out=(LeftOut("far", (3, 3), 7.0),)),
        "a row was left out for two reasons",
    ),
    "rows that are not there": (
        lambda c: with_record(c, rows_in=13, rows_used=11),
        "11 rows of homes were used, but 10 are there",
    ),
    "people lost while reading": (
        lambda c: with_record(c, people_in=153.0),
        r"people of homes\.csv: 153\.0 came in and 152\.0 went out",
    ),
    "people of left rows lost": (
        lambda c: with_record(c, left_out=(LeftOut("far", (3, 4)),)),
        r"people of homes\.csv: 152\.0 came in and 145\.0 went out",
    ),
    "a home gone": (lambda c: replace(c, homes=c.homes.iloc[1:]), "10 homes came in, but 9"),
    "a home twice": (
        lambda c: replace(c, homes=gpd.GeoDataFrame(pd.concat([c.homes, c.homes.iloc[:1]]))),
        "10 homes came in, but 11",
    ),
    "people changed": (
        lambda c: with_homes(c, population=first(c.homes["population"], 11.0)),
        "other people than came in",
    ),
    "people unknown": (
        lambda c: with_homes(c, population=first(c.homes["population"], np.nan)),
        "or an unknown number",
    ),
    "people below none": (
        lambda c: with_homes(c, population=first(c.homes["population"], -1.0)),
        "fewer than no people",
    ),
    "a home elsewhere": (
        lambda c: with_homes(c, municipality_code=first(c.homes["municipality_code"], "0999")),
        "10 people live in municipalities that are not of the area: 0999",
    ),
    "a status changed": (
        lambda c: with_homes(c, status=first(c.homes["status"], "none")),
        r"people by status \(none\)",
    ),
    "a status unknown": (
        lambda c: with_homes(c, status=first(c.homes["status"], "many")),
        "people by status",
    ),
    "a certainty changed": (
        lambda c: with_homes(c, certainty=first(c.homes["certainty"], "uncertain")),
        "people by certainty",
    ),
    "a sum changed": (
        lambda c: with_municipality(c, "choice_certain", 0.5),
        r"people by status and certainty \(0661\)",
    ),
    "people of a municipality changed": (
        lambda c: with_municipality(c, "population", -0.5),
        r"people by municipality \(0661\)",
    ),
    "a practice twice": (
        lambda c: with_municipality(c, "practices", 1),
        "2 practices lie in the area, but 3 were counted",
    ),
    "an open practice gone": (
        lambda c: with_municipality(c, "open_practices", -1),
        "2 open_practices lie in the area, but 1 were counted",
    ),
    "a practice of the file gone": (
        lambda c: replace(c, study=replace(c.study, practices=c.study.practices.iloc[:2])),
        "3 rows of practices were used, but 2 are there",
    ),
    "no reason": (lambda c: with_homes(c, reason=""), "1 homes lack a distance without a reason"),
    "a reason too many": (
        lambda c: with_homes(c, reason=first(c.homes["reason"], "no road")),
        "1 homes lack a distance without a reason, or have a reason and lack none: h0",
    ),
    "fewer if shorter": (
        lambda c: with_homes(c, choices_low=c.homes["choices"] + 1),
        "10 homes have more choices if distances are longer",
    ),
}


@pytest.mark.parametrize("what", BREAKS)
def test_what_does_not_add_up_is_refused(choice: Choice, what: str, tmp_path: Path) -> None:
    change, told = BREAKS[what]
    broken = change(choice)
    with pytest.raises(DataIntegrityError, match=REFUSED + told):
        audit_choice(broken)
    with pytest.raises(DataIntegrityError, match=REFUSED + told):
        write_choice(broken, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_parts_of_people_are_not_lost(make_study: MakeStudy, coast_road: RoadNetwork) -> None:
    third = [(float(i % 29), 1.0 / 3.0) for i in range(2000)]
    audit_choice(compute_choice(make_study(third, [(1, True), (9, True)]), coast_road))


@pytest.fixture
def comparison(choice: Choice) -> Comparison:
    return compare(prepare_rerun(choice), choice.study.close("p0"))


def test_a_comparison_that_loses_people_is_refused(comparison: Comparison) -> None:
    after = comparison.check_after()
    audit_comparison(comparison, after)
    audit_choice(after)
    assert len(comparison.homes) > 1
    fewer = replace(comparison, homes=comparison.homes.iloc[1:])
    with pytest.raises(DataIntegrityError, match=REFUSED + "people by status afterwards"):
        audit_comparison(fewer, after)
    table = comparison.municipalities
    other = replace(comparison, municipalities=table.assign(none=table["none"] + 1))
    with pytest.raises(DataIntegrityError, match=REFUSED + r"people by status before \(none\)"):
        audit_comparison(other, after)
    other = replace(comparison, municipalities=table.assign(one_to_none=table["one_to_none"] + 1))
    with pytest.raises(DataIntegrityError, match=REFUSED + "people who move"):
        audit_comparison(other, after)
    with pytest.raises(DataIntegrityError, match=REFUSED + "are not those before"):
        audit_comparison(comparison, replace(after, homes=after.homes.iloc[::-1]))


def test_practices_that_open_and_close_are_counted(choice: Choice) -> None:
    lat, lon = 55.94, 9.05
    after = choice.study.open("Ny", lat=lat, lon=lon).close("p1")
    assert len(after.practices) == 3
    audit_choice(compare(prepare_rerun(choice), after).check_after())
    lost = replace(after, practices=after.practices.iloc[:2])
    with pytest.raises(DataIntegrityError, match="3 rows of practices were used, but 2 are there"):
        audit_choice(replace(choice, study=lost))


def test_a_ledger_that_loses_people_or_practices_is_refused(choice: Choice) -> None:
    ledger = compute_ledger(choice)
    audit_ledger(ledger)
    rows = ledger.practices

    def refused(told: str, changed: Ledger) -> None:
        with pytest.raises(DataIntegrityError, match=REFUSED + told):
            audit_ledger(changed)

    fewer = rows.assign(people_nearest=rows["people_nearest"] - 1)
    refused("people by nearest practice", replace(ledger, practices=fewer))
    refused("not each of the 2 practices", replace(ledger, practices=rows.drop(index="p0")))
    more = rows.assign(loses_last=rows["loses_last"] + 1)
    refused("people of loses_last", replace(ledger, practices=more))


def test_what_is_told_is_true_or_left_out(choice: Choice) -> None:
    told = tell_choice(choice)
    homes, people, reasons = told.homes["population"], told.people, told.reasons
    check_told(choice, homes, people, reasons)
    check_told(choice, homes * np.nan, people * np.nan, reasons * np.nan)
    refused = "People of 1 .* are told who are not there, and nothing is written"
    with pytest.raises(DataIntegrityError, match=refused):
        check_told(choice, pd.Series(first(homes, 11.0), homes.index), people, reasons)
    assert people.notna().all(axis=None)
    for column in people:
        changed = people.copy()
        changed.loc["total", column] += 1
        with pytest.raises(DataIntegrityError, match=refused):
            check_told(choice, homes, changed, reasons)
    with pytest.raises(DataIntegrityError, match="People of 1 reasons"):
        check_told(choice, homes, people, reasons + 1)
