"""No silent loss: whatever a file of practices or homes holds, it is refused or all of it adds up.

Every example writes a small study with damaged tables, reads it as the commands do, and computes the
choice check on the terrain model. ``GPCOVERAGE_EXAMPLES`` says how many; ``make nightly`` takes 2,000.
"""

import csv
import io
import os
import re
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from gpcoverage.analysis.audit import take_stock
from gpcoverage.analysis.choice import Choice, compute_choice
from gpcoverage.errors import GpCoverageError
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.study_file import load_study
from gpcoverage.outputs.told import tell_choice
from small_study import HOMES, PRACTICES, Table, encode, small_study

Change = tuple[str, int, int, object]
Bits = list[tuple[int, bytes]]
EXAMPLES = int(os.environ.get("GPCOVERAGE_EXAMPLES", "200"))
CELLS = st.sampled_from(
    [
        *(
            "",
            " ",
            "0",
            "-1",
            "1",
            "1.5",
            "1,5",
            "1.800",
            "1.800,50",
            "100000",
            "100001",
            "1e9",
            "nan",
        ),
        *(
            "inf",
            "99999999999999999999",
            "½",
            "x",
            "ja",
            "nej",
            "måske",
            "TRUE",
            "0661",
            "661",
            "0999",
        ),
        *(
            "Holstebro",
            "Struer Kommune",
            "Atlantis",
            "p1",
            "h1",
            "56.36",
            "8.61",
            "56,36",
            "200",
            "0,0",
        ),
        *(
            "-56.36",
            "59.9",
            "4.0",
            "476500",
            "6246500",
            "=1+1",
            '="0661"',
            "2026-10-31",
            "1963",
            "-",
        ),
        *(
            "\0",
            "\ufeff",
            "æøå",
            "\N{HOSPITAL}",
            "a;b",
            "a,b",
            'a"b',
            "a\nb",
            "Ã¦",
            "..",
            "<b>",
            "N/A",
        ),
        *("\u202e", "x" * 300, "\u0663", "1_000", "0x10", "1 800", "1\u00a0800", "+5"),
    ]
)
INDEX = st.integers(0, 30)
CHANGES = st.one_of(
    st.tuples(st.just("set"), INDEX, INDEX, CELLS),
    st.tuples(st.just("set"), INDEX, INDEX, CELLS),
    st.tuples(st.just("swap"), INDEX, INDEX, INDEX),
    st.tuples(st.just("double"), INDEX, INDEX, st.just("")),
    st.tuples(st.just("drop"), INDEX, st.just(0), st.just("")),
    st.tuples(st.just("cut"), INDEX, INDEX, st.just("")),
    st.tuples(st.just("column"), INDEX, INDEX, st.sampled_from(["drop", "double", "swap"])),
    st.tuples(st.just("blank"), INDEX, st.just(0), st.just("")),
    st.tuples(st.just("comma"), st.just(0), st.just(0), st.just("")),
)
FORMS = st.tuples(
    st.sampled_from([";", ";", ",", "\t"]),
    st.sampled_from(
        ["utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "cp865", "utf-16-be"]
    ),
    st.sampled_from(["\r\n", "\n"]),
    st.booleans(),
)
BYTES: st.SearchStrategy[Bits] = st.one_of(
    st.just([]),
    st.just([]),
    st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=3)), max_size=1),
)


def change_table(table: Table, changes: list[Change]) -> Table:
    rows = [list(row) for row in table]
    for change in changes:
        rows = _change_rows(rows, change)
    return rows


def _change_rows(rows: Table, change: Change) -> Table:
    kind, first, second, value = change
    row = rows[first % len(rows)]
    column = second % max(1, len(row))
    match kind:
        case "set" if row:
            row[column] = str(value)
        case "swap" if row:
            other = int(str(value)) % len(row)
            row[column], row[other] = row[other], row[column]
        case "double":
            rows.insert(second % (len(rows) + 1), list(row))
        case "drop" if len(rows) > 1:
            rows.remove(row)
        case "cut":
            del row[column:]
        case "blank":
            row[:] = [""] * len(row)
        case "comma":
            return [[cell.replace(".", ",") for cell in cells] for cells in rows]
        case "column":
            for cells in rows:
                _change_column(cells, first, column, str(value))
    return rows


def _change_column(cells: list[str], first: int, second: int, how: str) -> None:
    if max(first % 8, second) >= len(cells):
        return
    if how == "drop":
        del cells[second]
    elif how == "double":
        cells.insert(second, cells[first % 8])
    else:
        cells[second], cells[first % 8] = cells[first % 8], cells[second]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, municipalities: gpd.GeoDataFrame) -> Path:
    return small_study(tmp_path_factory.mktemp("damaged"), municipalities).parent


def run(folder: Path, practices: bytes, homes: bytes) -> Choice | str:
    """Compute the choice check, or give the message."""
    (folder / "practices.csv").write_bytes(practices)
    (folder / "homes.csv").write_bytes(homes)
    try:
        choice = compute_choice(load_study(folder / "study.toml"))
        tell_choice(choice)
    except GpCoverageError as error:
        return str(error)
    return choice


def rows_of(data: bytes) -> int:
    """Count rows below the header that hold anything, in our own way."""
    marks = (b"\xff\xfe", b"\xfe\xff")
    codes = ["utf-16"] if data.startswith(marks) else ["utf-8-sig", "cp1252"]
    for code in codes:
        try:
            text = data.decode(code)
        except UnicodeDecodeError:
            continue
        header = text.split("\n", 1)[0]
        separator = max(";,\t", key=re.sub('"[^"]*"', "", header).count)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        named = [i for i, name in enumerate(rows[0]) if name.strip().strip("\ufeff").strip()]
        return sum(any(row[i : i + 1] and row[i].strip() for i in named) for row in rows[1:])
    pytest.fail("a file that is no text was read")


def check_result(choice: Choice, data: dict[str, bytes]) -> None:
    records: dict[str, InputRecord] = {record.role: record for record in choice.study.inputs}
    for role in ("practices", "homes"):
        record = records[role]
        listed = [row for item in record.left_out for row in item.rows]
        assert record.rows_in == rows_of(data[role]) == record.rows_used + len(set(listed))
        assert all(item.reason for item in record.left_out)
    assert len(choice.homes) == records["homes"].rows_used
    assert len(choice.study.practices) == records["practices"].rows_used
    tally, people = take_stock(choice.study), choice.homes["population"].sum()
    assert tally.people_in == pytest.approx(people + tally.people_left_out, rel=1e-9)
    assert choice.municipalities["population"].sum() == pytest.approx(people, rel=1e-9)
    unreachable = choice.homes[choice.homes["nearest_m"].isna()]
    assert (unreachable["reason"] != "").all()


WHERE = re.compile(r"row|column|byte|line|is empty|is a |is an |is JSON|binary data|nobody lives")
"""Every message says where the fault is, or what the whole file is."""


def check_message(message: str) -> None:
    assert re.search(r"(practices|homes)\.csv", message), message
    assert WHERE.search(message.split(".csv", 1)[1]), message
    assert len(message) < 20_000


def test_what_is_whole_is_read(folder: Path) -> None:
    data = {
        "practices": encode(PRACTICES, (";", "cp1252", "\r\n", False)),
        "homes": encode(HOMES, (",", "utf-8", "\n", True)),
    }
    choice = run(folder, data["practices"], data["homes"])
    assert isinstance(choice, Choice), choice
    check_result(choice, data)
    homes = next(record for record in choice.study.inputs if record.role == "homes")
    assert (homes.rows_in, homes.rows_used) == (13, 10)
    assert {item.reason: item.people for item in homes.left_out} == {
        "lies in no municipality of the list": 90,
        "lies outside the study's area": 52,
    }


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    changes=st.tuples(st.lists(CHANGES, max_size=2), st.lists(CHANGES, max_size=2)),
    forms=st.tuples(FORMS, FORMS),
    damage=st.tuples(BYTES, BYTES),
    whole=st.sampled_from(["practices", "homes", "practices", "homes", ""]),
)
def test_it_is_refused_or_adds_up(
    folder: Path,
    changes: tuple[list[Change], ...],
    forms: tuple[tuple[str, str, str, bool], ...],
    damage: tuple[Bits, ...],
    whole: str,
) -> None:
    data = {}
    for role, table, change, form, bits in zip(
        ("practices", "homes"), (PRACTICES, HOMES), changes, forms, damage, strict=True
    ):
        changed = table if role == whole else change_table(table, change)
        data[role] = encode(changed, form, () if role == whole else tuple(bits))
    result = run(folder, data["practices"], data["homes"])
    if isinstance(result, str):
        event("refused")
        check_message(result)
    else:
        event("read")
        check_result(result, data)
