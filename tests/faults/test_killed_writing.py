"""A run is killed at any step of writing: the folder then holds the old result or the new one."""

import errno
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faults.forking import contents, die, in_a_child, needs_fork, write
from gpcoverage import files
from gpcoverage.errors import OutputError
from gpcoverage.files import finish_moving, write_together, write_whole

pytestmark = needs_fork

OLD = {"a": "old", "b": "old", "notes": "mine"}
NEW = {"a": "new", "b": "new", "c": "new", "notes": "mine"}
LAST_MOVE = 7
"""The draft to its new name, two old files away and three new ones in, the empty draft away."""

STEPS = 40
"""More than there are."""


def write_new(out: Path) -> None:
    write_together(out, {name: write("new") for name in "abc"})


def die_at(step: int, *, fails_at: int | None = None) -> None:
    """Let the given step on files be the last; before it one of the moves may fail."""
    steps, moves = 0, 0

    def counted(real: Callable[..., Any], *, moving: bool = False) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal steps, moves
            steps += 1
            moves += moving
            if steps == step:
                die()
            if moving and moves == fails_at:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return real(*args, **options)

        return call

    for name in ("unlink", "rmdir", "mkdir", "open"):
        setattr(os, name, counted(getattr(os, name)))
        setattr(Path, name, counted(getattr(Path, name)))
    Path.replace = counted(Path.replace, moving=True)  # type: ignore[method-assign]


def old_result(folder: Path) -> Path:
    folder.mkdir()
    for name, text in OLD.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def at_rest(out: Path) -> dict[str, str]:
    """Read what the folder holds once the next run has begun: nothing hidden is left."""
    finish_moving(out)
    held = {name: text for name, text in contents(out).items() if not name.startswith(".")}
    write_together(out, {"next": write("1")})
    assert contents(out) == held | {"next": "1"}
    assert list(out.glob(".*")) == []
    return held


@pytest.mark.parametrize("fails_at", [None, 1, 2, 3, 4, 6, 7])
def test_killed_at_any_step(tmp_path: Path, fails_at: int | None) -> None:
    held, ends = [], []
    for step in range(1, STEPS):
        out = old_result(tmp_path / f"{step}")

        def work(out: Path = out, step: int = step) -> None:
            die_at(step, fails_at=fails_at)
            write_new(out)

        ends.append(in_a_child(work))
        held.append(at_rest(out))
        assert held[-1] in (OLD, NEW), step
        shutil.rmtree(out)
    fails = fails_at is not None and fails_at < LAST_MOVE
    assert ends[0] == -9
    assert ends[-1] == (99 if fails else 0)  # so every step was the last one once
    assert held[0] == OLD
    assert held[-1] == (OLD if fails else NEW)


def test_killed_while_finishing_for_another(tmp_path: Path) -> None:
    for step in range(1, STEPS):
        out = old_result(tmp_path / f"{step}")
        first = files._move_all

        def stop(moving: Path, folder: Path, names: Any, first: Any = first) -> None:
            first(moving, folder, list(names)[:1])
            die()

        def killed(out: Path = out, stop: Any = stop) -> None:
            files._move_all = stop
            write_new(out)

        assert in_a_child(killed) == -9
        assert {"a": "new", "b": "old"}.items() <= contents(out).items()  # not finished

        def finish(out: Path = out, step: int = step) -> None:
            die_at(step)
            finish_moving(out)

        ended = in_a_child(finish)
        assert at_rest(out) == NEW
        shutil.rmtree(out)
    assert ended == 0


def test_what_cannot_be_finished_is_told_and_finished_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = old_result(tmp_path / "out")

    def killed() -> None:
        files._move_all = lambda *_: die()
        write_new(out)

    assert in_a_child(killed) == -9
    with monkeypatch.context() as patch:
        patch.setattr(files, "_move_all", lambda *_: next((out / "nowhere").iterdir()))
        with pytest.raises(OutputError, match="out: cannot be written"):
            write_together(out, {"a": write("newer")})
    assert at_rest(out) == NEW


def test_the_draft_of_a_killed_run_is_thrown_away_and_that_of_a_living_one_not(
    tmp_path: Path,
) -> None:
    def die_writing(_: Path) -> None:
        die()

    assert in_a_child(lambda: write_whole(tmp_path / "x", die_writing)) == -9
    assert len(list(tmp_path.glob(".draft-*"))) == 1
    write_whole(tmp_path / "y", write("1"))
    assert contents(tmp_path) == {"y": "1"}
    assert list(tmp_path.glob(".*")) == []


def test_runs_at_once_wait_for_each_other(tmp_path: Path) -> None:
    runs, slow = 3, 0.02
    out, began = tmp_path / "out", time.monotonic()
    children = []
    for number in range(runs):
        child = os.fork()
        if child == 0:

            def write_slowly(path: Path, number: int = number) -> None:
                for _ in range(3):
                    with path.open("a", encoding="utf-8") as file:
                        file.write(str(number))
                    time.sleep(slow)

            status = 1
            try:
                for _ in range(2):
                    write_together(out, dict.fromkeys("abc", write_slowly))
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(c, 0)[1]) for c in children] == [0] * runs
    held = contents(out)
    assert sorted(held) == ["a", "b", "c"]
    assert len(set(held.values())) == 1
    assert len(held["a"]) == 3
    assert time.monotonic() - began >= runs * 2 * 9 * slow  # one after the other


def test_a_run_that_does_not_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WAIT_S", 0.1)

    def wait(path: Path) -> None:
        with pytest.raises(
            OutputError, match=r"another run has been writing there for over 0\.1 s"
        ):
            write_whole(tmp_path / "b", write("2"))
        path.write_text("1", encoding="utf-8")

    write_whole(tmp_path / "a", wait)
    assert contents(tmp_path) == {"a": "1"}
