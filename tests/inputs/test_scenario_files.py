"""Scenarios in files: read as they were written, and what the analyst is told of a fault."""

import calendar
import datetime
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gpcoverage import Scenario, Study, find_scenario, read_scenario, write_scenario
from gpcoverage.errors import SchemaError
from gpcoverage.inputs.scenario import CLINICS, STAGES, Change, Close, Intake, Move, Open

Make = Callable[..., Study]
Write = Callable[[str, str | bytes], Path]
Refused = Callable[..., str]

END = datetime.date(2026, 12, 31)
NASTY = "\"\\\n\r\n\t\x1f\x7f\x85\u2028æøå ÆØÅ 🏥 ''' #"
text_strategy = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(NASTY)), max_size=30
)
named_strategy = text_strategy.filter(lambda t: t.strip() != "" and "\x00" not in t)
dates_strategy = st.none() | st.dates().map(
    lambda d: d.replace(day=calendar.monthrange(d.year, d.month)[1])
)
degrees_strategy = st.floats(-180, 180)
changes_strategy = st.one_of(
    st.builds(Close, named_strategy, dates_strategy, st.none() | st.sampled_from(STAGES)),
    st.builds(
        Open,
        named_strategy,
        named_strategy,
        degrees_strategy,
        degrees_strategy,
        st.sampled_from(CLINICS),
        st.none() | st.floats(0, 60) | st.integers(0, 60),
        st.booleans(),
        dates_strategy,
    ),
    st.builds(Move, named_strategy, degrees_strategy, degrees_strategy, dates_strategy),
    st.builds(Intake, named_strategy, st.booleans(), dates_strategy),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenarios")


@settings(deadline=None)
@given(
    scenario=st.builds(
        Scenario,
        named_strategy,
        st.lists(changes_strategy, min_size=1, max_size=5).map(tuple),
        text_strategy,
        text_strategy,
    )
)
@example(  # what TOML or a terminal takes for something else
    scenario=Scenario(NASTY, (Close(NASTY, END),), NASTY, "\x00")
)
def test_scenario_is_read_as_it_was_written(folder: Path, scenario: Scenario) -> None:
    assert read_scenario(write_scenario(scenario, folder / "a.toml")) == scenario


def test_file_as_people_write_it(write: Write) -> None:
    path = write(
        "a.toml", '\ufeffname = "A"\r\n[[change]]\r\nkind = "close"\r\npractice = "Åby"\r\n'
    )
    assert read_scenario(path) == Scenario("A", (Close("Åby"),))


HEAD = 'name = "A"\n'
CLOSE = '[[change]]\nkind = "close"\npractice = "p0"\n'
OPEN = '[[change]]\nkind = "open"\nid = "n"\nname = "N"\nlat = 56.1\nlon = 9.1\n'
FAULTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "no name, no change": ("", ("lacks name", "lacks change")),
    "not a list": (f"{HEAD}change = 3", ("change is 3; it must be one table or more",)),
    "nothing changes": (f"{HEAD}change = []", ("change is []; it must be one table or more",)),
    "a number as change": (f"{HEAD}change = [3]", ("change 1", "must be a table")),
    "no kind": (f"{HEAD}[[change]]\n", ("lacks change 1: kind",)),
    "unknown kind": (f"{HEAD}{CLOSE}".replace("close", "luk"), ("kind is 'luk'", "close, open, m")),
    "several changes": (
        f"{HEAD}{CLOSE}{OPEN}".replace('"p0"', "7").replace("56.1", '"nord"').replace("9.1", "200"),
        ("change 1: practice is 7; it must be text", "change 2: lat is 'nord'", "2: lon is 200"),
    ),
    "lacking and unknown": (
        f'{HEAD}[[change]]\nkind = "intake"\nåben = 1\n'.replace("åben", "abent"),
        ("lacks change 1: open", "lacks change 1: practice", "does not know change 1: abent"),
    ),
    "values out of range": (
        f'{HEAD}{OPEN}clinic = "ukendt"\ndoctors = 61\ntakes_patients = "ja"\n',
        ("'ukendt'", "ejerklinik, licensklinik", "doctors is 61", "takes_patients is 'ja'"),
    ),
    "yes is no number": (f"{HEAD}{OPEN}doctors = true\n", ("doctors is True; it must be a number",)),
    "not a number": (f"{HEAD}{OPEN.replace('56.1', 'nan')}", ("lat is nan",)),
    "dates": (
        f"{HEAD}{CLOSE}date = 2026-11-15\n{CLOSE}date = 2027-02-27\n",
        ("change 1: 2026-11-15 is not the last", "2026-11-30", "change 2: 2027-02-27", "2027-02-28"),
    ),
    "date in quotation marks": (f'{HEAD}{CLOSE}date = "2026-11-30"\n', ("date is '2026-11-30'",)),
    "blank name": ('name = " "\n' + CLOSE, ("name is ' '; it must be text",)),
    "no toml": ("name = A", ("is not a scenario file",)),
}  # fmt: skip
NOT_AT_ONCE: dict[str, tuple[str, tuple[str, ...]]] = {
    "head and change": (
        f"farve = 1\n{HEAD}{CLOSE}stage = 2\n",
        ("does not know farve", "change 1: stage is 2"),
    ),
    "date and stage": (
        f"{HEAD}{CLOSE}stage = 2\ndate = 2026-11-15\n",
        ("change 1: stage is 2", "change 1: 2026-11-15 is not the last day"),
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        *FAULTS,
        *NOT_AT_ONCE,
    ],
)
def test_every_fault_is_told_at_once(write: Write, refused: Refused, name: str) -> None:
    content, fragments = (FAULTS | NOT_AT_ONCE)[name]
    path = write("a.toml", content)
    refused(lambda: read_scenario(path), "a.toml: ", *fragments, "See data/scenarios/knebel.toml")


def test_keys_of_an_unknown_kind_are_not_blamed(write: Write) -> None:
    path = write("a.toml", f"{HEAD}{CLOSE}".replace("close", "luk"))
    with pytest.raises(SchemaError, match=r"a\.toml: change 1: kind is 'luk'"):
        read_scenario(path)


def test_scenario_is_found_by_path_stem_file_and_name(tmp_path: Path) -> None:
    first, second = (Scenario(name, (Close("p0"),)) for name in ("Åby lukker", "Mols"))
    write_scenario(first, tmp_path / "scenarios" / "aaby.toml")
    elsewhere = write_scenario(second, tmp_path / "andet" / "mols.toml")
    study = tmp_path / "study.toml"
    for wanted in ("aaby", "AABY", "aaby.toml", "åby LUKKER"):
        assert find_scenario(wanted, study) == first
    assert find_scenario(str(elsewhere), study) == second
    for wanted in ("mols", "", "scenarios"):
        with pytest.raises(
            SchemaError, match=r"no such scenario\. Known .*: aaby \(Åby lukker\)\."
        ):
            find_scenario(wanted, study)


def test_a_path_too_long_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no such scenario"):
        find_scenario("x" * 5000, tmp_path / "study.toml")


def test_no_scenarios_beside_the_study(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"^mols: no such scenario\. Known beside .*: none\."):
        find_scenario("mols", tmp_path / "study.toml")


@pytest.mark.parametrize("change", [Close("p0"), Intake("p0", open=False), Move("p0", 56.0, 9.3)])
def test_kept_changes_make_the_same_study(make_study: Make, folder: Path, change: Change) -> None:
    study = make_study([(0, 10)], [(1, True), (3, False)])
    after = study.change(change)
    again = study.under(read_scenario(write_scenario(after.scenario, folder / "b.toml")))
    pd.testing.assert_frame_equal(after.practices, again.practices, check_exact=True)
