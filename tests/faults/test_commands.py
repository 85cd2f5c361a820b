"""Commands that are killed, run twice at once, or find no room: old result or new, one message."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import pytest

from faults.forking import (
    command,
    die_after,
    end_of,
    hashes,
    in_a_child,
    needs_fork,
    start,
)
from gpcoverage.files import finish_moving
from small_study import PRACTICES, encode, small_study

pytestmark = needs_fork

KILLS = {"choice": 6, "close": 2, "ledger": 2, "report": 2}
"""So many kills of each command: few, as each takes seconds. ``make nightly`` takes 50 of each."""

COMMANDS = {
    "choice": ("choice", "{study}"),
    "close": ("close", "p2", "--study", "{study}"),
    "ledger": ("ledger", "{study}"),
    "report": ("report", "{study}", "--no-pdf"),
}


@pytest.fixture(scope="module")
def studies(
    tmp_path_factory: pytest.TempPathFactory, municipalities: gpd.GeoDataFrame
) -> tuple[Path, Path]:
    """Make two studies that differ in one practice."""
    made = []
    for name in ("old", "new"):
        folder = tmp_path_factory.mktemp(name) / "study"
        folder.mkdir()
        made.append(small_study(folder, municipalities))
    fewer = [row if row[0] != "p4" else ["p4", *row[1:2], "nej", *row[3:]] for row in PRACTICES]
    (made[1].parent / "practices.csv").write_bytes(encode(fewer, (",", "utf-8", "\n", True)))
    return made[0], made[1]


def words(name: str, study: Path, out: Path) -> tuple[str, ...]:
    return (*(word.format(study=study) for word in COMMANDS[name]), "--out", str(out))


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_any_moment(name: str, studies: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    assert in_a_child(command(*words(name, studies[0], old))) == 0
    began = time.monotonic()
    assert in_a_child(command(*words(name, studies[1], new))) == 0
    took = time.monotonic() - began
    before, after = hashes(old), hashes(new)
    assert before.keys() == after.keys()
    assert before != after
    chance = random.Random(f"kill {name}")  # noqa: S311  no secrets here
    for kill in range(int(os.environ.get("GPCOVERAGE_KILLS", KILLS[name]))):
        out = tmp_path / f"out{kill}"
        shutil.copytree(old, out)
        run, moment = command(*words(name, studies[1], out)), chance.random() * took * 1.1

        def work(run: object = run, moment: float = moment) -> None:
            die_after(moment)
            assert callable(run)
            run()

        assert in_a_child(work) in {0, -signal.SIGKILL}
        finish_moving(out)
        assert hashes(out) in (before, after), moment
        if kill == 0:
            assert in_a_child(command(*words(name, studies[0], out))) == 0
            assert hashes(out) == before
            assert list(out.glob(".*")) == []
        shutil.rmtree(out)


@pytest.mark.parametrize("name", COMMANDS)
def test_rows_and_people_are_told(name: str, studies: tuple[Path, Path], tmp_path: Path) -> None:
    told = tmp_path / "told"
    assert in_a_child(command(*words(name, studies[0], tmp_path / "out")), told=told) == 0
    line = "Rows: 24 in = 21 used + 3 left out; people: 277 in = 135 of the area + 142 left out.\n"
    assert line in told.read_text(encoding="utf-8")


def test_two_runs_at_once_leave_one_result(studies: tuple[Path, Path], tmp_path: Path) -> None:
    wanted = []
    for number, study in enumerate(studies):
        assert in_a_child(command(*words("choice", study, tmp_path / f"{number}"))) == 0
        wanted.append(hashes(tmp_path / f"{number}"))
    out = tmp_path / "out"
    runs = [start(command(*words("choice", study, out))) for study in (*studies, *studies)]
    assert [end_of(run) for run in runs] == [0, 0, 0, 0]
    assert hashes(out) in wanted
    assert list(out.glob(".*")) == []


@pytest.mark.parametrize(
    ("name", "room"),
    [("choice", 0), ("choice", 2_000), ("choice", 60_000), ("close", 2_000), ("ledger", 9_000)],
)
def test_a_full_disk_is_one_message_and_the_old_result(
    name: str, room: int, studies: tuple[Path, Path], tmp_path: Path
) -> None:
    out, told = tmp_path / "out", tmp_path / "told"
    assert in_a_child(command(*words(name, studies[0], out))) == 0
    before = hashes(out)

    read, say = os.pipe()  # what it says is no file, and may have any size

    def work() -> None:
        os.dup2(say, 2)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        command(*words(name, studies[1], out))()

    child = start(work, told=told)
    os.close(say)
    with os.fdopen(read, encoding="utf-8") as said:
        message = said.read()
    assert end_of(child) == 1, message
    assert message.startswith(f"gpcoverage: {out}: cannot be written (")
    assert message.count("\n") == 1
    assert hashes(out) == before
    assert list(out.glob(".*")) == []


def test_a_place_that_is_a_file_is_one_message(studies: tuple[Path, Path], tmp_path: Path) -> None:
    out, told = tmp_path / "out", tmp_path / "told"
    out.write_text("a file", encoding="utf-8")
    assert in_a_child(command(*words("choice", studies[0], out)), told=told) == 1
    assert told.read_text(encoding="utf-8").startswith(f"gpcoverage: {out}: cannot be written (")
    assert out.read_text(encoding="utf-8") == "a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_closed_folder_is_one_message(studies: tuple[Path, Path], tmp_path: Path) -> None:
    out, told = tmp_path / "closed", tmp_path / "told"
    out.mkdir(mode=0o500)
    assert in_a_child(command(*words("choice", studies[0], out)), told=told) == 1
    message = told.read_text(encoding="utf-8")
    assert message.startswith(f"gpcoverage: {out}: cannot be written (Permission denied)")


PATIENCE_S = 10.0
"""A run that does not end is one that takes so long; machines that test are busy."""

LINE = "gpcoverage: stopped. Files in place are whole, old or new.\n"


def stop(arguments: list[str], after_s: float) -> tuple[int, str, float]:
    """Start a program, press Ctrl-C, and give its status, what it says, and how long it took."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        time.sleep(after_s)
        began = time.monotonic()
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    return run.returncode, said, time.monotonic() - began


@pytest.mark.parametrize("after_s", [0.25, 0.5, 0.9, 1.5, 2.2])
def test_ctrl_c_is_one_line(after_s: float, studies: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = ["-m", "gpcoverage", *words("choice", studies[0], out)]
    status, said, took = stop(run, after_s)
    if status:  # else it was done before
        assert (status, said) == (130, LINE)
    assert took < PATIENCE_S
    finish_moving(out)
    assert len(hashes(out)) in {0, 5}


BUSY = """
import hashlib, sys
from gpcoverage.stopping import stopping_on_ctrl_c
with stopping_on_ctrl_c():
    sys.stderr.write("ready\\n")
    hashlib.pbkdf2_hmac("sha256", b"a", b"b", 10**9)  # minutes in compiled code
"""


def test_ctrl_c_ends_what_is_compiled() -> None:
    status, said, took = stop(["-c", BUSY], 1.5)
    assert (status, said) == (130, "ready\n" + LINE)
    assert took < PATIENCE_S
