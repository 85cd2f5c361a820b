"""All files of a run, or none."""

import errno
import os
from pathlib import Path

import pytest

from gpcoverage.errors import OutputError
from gpcoverage.files import Writer, write_together, write_whole


def write(text: str) -> Writer:
    def write_text(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    return write_text


def full_disk(path: Path) -> None:
    path.write_text("half", encoding="utf-8")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_files_are_written_and_others_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write_together(out, {"a": write("1"), "b": write("2")})
    (out / "notes").write_text("mine", encoding="utf-8")
    paths = write_together(out, {"a": write("3"), "b": write("4")})
    assert contents(out) == {"a": "3", "b": "4", "notes": "mine"}
    assert paths == {"a": out / "a", "b": out / "b"}


@pytest.mark.parametrize("error", [OSError, RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_result_whole(tmp_path: Path, error: type[BaseException]) -> None:
    out = tmp_path / "out"
    write_together(out, {"a": write("1"), "b": write("2")})

    def fail(path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise error(path.name)

    with pytest.raises((OutputError, RuntimeError, KeyboardInterrupt), match="b"):
        write_together(out, {"a": write("new"), "b": fail})
    assert contents(out) == {"a": "1", "b": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"out: cannot be written \(No space left on device\)"):
        write_together(tmp_path / "out", {"a": full_disk})
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match=r"out: cannot be written .* choose another place"):
        write_together(tmp_path / "out", {"a": write("1")})
    assert contents(tmp_path) == {"out": "a file"}


def test_what_was_moved_is_put_back_if_a_later_file_cannot_be(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_together(out, {"a": write("1")})
    (out / "b").mkdir()
    (out / "b/inside").write_text("in the way", encoding="utf-8")

    with pytest.raises(OutputError, match="out: cannot be written"):
        write_together(out, {"a": write("2"), "b": write("2"), "gone": lambda _: None})
    assert (out / "a").read_text(encoding="utf-8") == "1"
    assert (out / "b/inside").read_text(encoding="utf-8") == "in the way"
    assert sorted(path.name for path in out.iterdir()) == ["a", "b"]


def test_one_file_is_whole_or_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "deep/one.csv"
    assert write_whole(path, write("1")) == path
    with pytest.raises(OutputError, match="No space left on device"):
        write_whole(path, full_disk)
    assert contents(path.parent) == {"one.csv": "1"}


@pytest.mark.parametrize("place", ["out/one.csv", "out/deep/one.csv"])
def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match=r"one\.csv: cannot be written .* choose another place"):
        write_whole(tmp_path / place, write("1"))
    assert contents(tmp_path) == {"out": "a file"}
