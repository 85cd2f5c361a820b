"""Zips: unpacked whole and inside the folder, or not at all."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gpcoverage.errors import FetchError
from gpcoverage.sources.content import unpack
from sources.serving import zipped, zipped_as


@pytest.fixture
def at(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "grid.zip"
        path.write_bytes(content)
        return path

    return write


def entry(name: str, content: bytes = b"1", mode: int = 0, flags: int = 0) -> bytes:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, content)
    if not flags:
        return buffer.getvalue()
    packed = bytearray(buffer.getvalue())
    packed[packed.index(b"PK\x01\x02") + 8] |= flags
    return bytes(packed)


def test_members_are_unpacked_without_their_folders(
    at: Callable[[bytes], Path], tmp_path: Path
) -> None:
    path = at(zipped_as({"data/": b"", "data/a.gpkg": b"1", "b.csv": b"2", "c.txt": b"3"}))
    unpacked = unpack(path, tmp_path / "out", ["*.gpkg", "b.csv", "*.gpkg"])
    assert unpacked == [tmp_path / "out/a.gpkg", tmp_path / "out/b.csv"]
    assert [p.read_bytes() for p in unpacked] == [b"1", b"2"]
    assert len(list((tmp_path / "out").iterdir())) == 2


UNSAFE = {
    "up": (entry("../evil"), r"go astray \(\.\./evil\)"),
    "up inside": (entry("a/../../evil"), "go astray"),
    "absolute": (entry("/etc/evil"), "go astray"),
    "drive": (entry("C:evil"), "go astray"),
    "backslash": (entry("..\\evil"), "go astray"),
    "device": (entry("nul.txt"), "go astray"),
    "dot at the end": (entry("evil."), "go astray"),
    "escape": (entry("evil\x1b[2J"), r"go astray \(evil\?\[2J\)"),
    "link": (entry("evil", b"/etc/passwd", stat.S_IFLNK | 0o777), r"a link \(evil\)"),
    "password": (entry("evil", flags=1), r"a password \(evil\)"),
    "one name": (zipped_as({"a": b"1", "A": b"2"}), "two files of one name"),
    "same base": (zipped_as({"x/a": b"1", "y/a": b"2"}), "files of one name in several folders"),
    "bomb": (zipped(a=bytes(20_000_000)), r"would unpack to 20\.0 MB"),
    "missing": (zipped(a=b"1"), r"has no \*\.gpkg any more: it holds a"),
    "no zip": (b"<html>", "is no whole zip"),
    "empty": (b"", "is no whole zip"),
}


@pytest.mark.parametrize("fault", UNSAFE)
def test_unsafe_zips_are_refused_whole(
    at: Callable[[bytes], Path], tmp_path: Path, fault: str
) -> None:
    content, rule = UNSAFE[fault]
    out = tmp_path / "out"
    out.mkdir()
    (out / "a").write_bytes(b"mine")
    pattern = "*.gpkg" if fault == "missing" else "*"
    with pytest.raises(FetchError, match=rf"^grid\.zip: .*{rule}.*Nothing was unpacked\.$"):
        unpack(at(content), out, [pattern])
    assert {p.name: p.read_bytes() for p in out.iterdir()} == {"a": b"mine"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["grid.zip", "out"]


def test_more_than_allowed_is_refused(at: Callable[[bytes], Path], tmp_path: Path) -> None:
    path = at(zipped(a=b"12345"))
    with pytest.raises(FetchError, match="would unpack to 5 bytes"):
        unpack(path, tmp_path, ["a"], max_bytes=4)
    assert unpack(path, tmp_path, ["a"], max_bytes=5)


def test_a_zip_cut_anywhere_is_refused(at: Callable[[bytes], Path], tmp_path: Path) -> None:
    content = zipped(a=b"one" * 9, b=b"two" * 9)
    for length in range(len(content)):
        with pytest.raises(FetchError, match="is no whole zip"):
            unpack(at(content[:length]), tmp_path / "out", ["*"])
    assert not (tmp_path / "out").exists()


def test_a_zip_damaged_anywhere_does_no_harm(at: Callable[[bytes], Path], tmp_path: Path) -> None:
    content = zipped(a=b"one" * 9, b=b"two" * 9)
    told = 0
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        try:
            a, b = unpack(at(bytes(damaged)), tmp_path / "out", ["a", "b"])
            assert (a.read_bytes(), b.read_bytes()) == (b"one" * 9, b"two" * 9)
        except FetchError as error:
            told += 1
            assert str(error).endswith("Nothing was unpacked.")  # noqa: PT017
        assert {p.name for p in tmp_path.iterdir()} <= {"out", "grid.zip"}
    assert told > len(content) / 3


def test_places_that_cannot_be_read_or_written_are_told(
    at: Callable[[bytes], Path], tmp_path: Path
) -> None:
    with pytest.raises(FetchError, match=r"none\.zip: cannot be read \(No such file"):
        unpack(tmp_path / "none.zip", tmp_path / "out", ["*"])
    (tmp_path / "out").write_bytes(b"a file")
    with pytest.raises(FetchError, match="out: cannot be written"):
        unpack(at(zipped(a=b"1")), tmp_path / "out", ["*"])
    assert (tmp_path / "out").read_bytes() == b"a file"
