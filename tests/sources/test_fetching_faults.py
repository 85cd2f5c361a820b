"""Every fault of the network, the server, the content and the disk, told once, with nothing lost."""

import errno
import io
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpcoverage.errors import FetchError
from gpcoverage.sources.endpoints import Kind, Source
from gpcoverage.sources.fetching import fetch
from gpcoverage.sources.transfer import Retry
from sources.serving import (
    GOOD,
    LARGE,
    Answer,
    Server,
    contents,
    cut,
    endless,
    geojson,
    leftovers,
    page,
    slow,
    status,
    whole,
    zipped,
    zipped_as,
)

MakeSource = Callable[..., Source]

HTML = b"<!DOCTYPE html><title>Log ind</title>" + b" " * 2000
POINT_3035 = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3035"}}}

FAULTS: dict[str, tuple[Kind, list[Answer], str]] = {
    "cut": ("csv", [cut(LARGE, 700_000)], r"connection to 127\.0\.0\.1 was cut \(tried 3 times\)"),
    "cut at once": ("csv", [cut(LARGE, 0)], r"was cut \(tried 3 times\)"),
    "says more than it sends": (
        "zip",
        [whole(GOOD["zip"], **{"Content-Length": "900"})],
        r"was cut \(tried 3 times\)",
    ),
    "says less than it sends": (
        "zip",
        [whole(GOOD["zip"], **{"Content-Length": "90"})],
        "is no whole zip",
    ),
    "silent": ("csv", [slow(0.5, whole(LARGE))], r"did not answer within 0\.3 s \(tried 3 times\)"),
    "busy": ("csv", [status(503)], r"127\.0\.0\.1 answered 503 \(tried 3 times\)"),
    "gone": ("csv", [status(404)], r"no longer at http://127\.0\.0\.1:\d+/file\.csv \(404\)"),
    "wants a key": ("csv", [status(401)], r"wants a log-in or a key \(401\)"),
    "odd answer": ("csv", [status(304)], "answered 304"),
    "html with 200": ("csv", [page()], "answered with a web page instead of csv"),
    "html as csv": ("csv", [page(content_type="text/csv")], "a web page instead of csv"),
    "short html as csv": (
        "csv",
        [whole(b"\xef\xbb\xbf \n<html>", **{"Content-Type": "text/csv"})],
        "is a web page instead of csv",
    ),
    "html as zip": ("zip", [page(content_type="application/zip")], "a web page instead of zip"),
    "picture": ("pbf", [whole(b"x", **{"Content-Type": "image/png"})], "with image/png instead"),
    "to a log-in": (
        "csv",
        [status(302, Location="/login?session=mine"), page()],
        r"sent on to http://127\.0\.0\.1:\d+/login, which answered with a web page",
    ),
    "in circles": ("csv", [status(302, Location="/file.csv")], "sends on and on, over 5 times"),
    "out of encryption": (
        "csv",
        [status(301, Location="http://localhost/file.csv")],
        "sends on to http://localhost/file.csv, which is not encrypted",
    ),
    "to a file": ("csv", [status(301, Location="file:///etc/hosts")], "which is not encrypted"),
    "to nowhere": ("csv", [status(301, Location="https://[bad")], "to what is no address"),
    "empty": ("csv", [whole(b"")], "is 0 bytes, where 1 bytes to 10.0 MB are expected"),
    "too large": (
        "csv",
        [whole(b"x" * 10, **{"Content-Length": "20000000"})],
        r"is 20\.0 MB, where 1 bytes to 10\.0 MB are expected",
    ),
    "endless": ("csv", [endless(LARGE * 8)], r"is 10\.\d MB, where"),
    "no rows": ("csv", [whole(b"id;name\n")], "has no rows"),
    "half a row": ("csv", [endless(b"id;name\n1;a\n2")], "ends in the middle of a row"),
    "quote left open": (
        "csv",
        [whole(b'id;name\n1;"' + b"x" * 200_000)],
        r"is no csv in row 1 \(field larger",
    ),
    "json as csv": ("csv", [whole(b'{"error": "quota"}')], "is no csv"),
    "columns changed": (
        "csv",
        [whole(b"id;navn\n1;a\n")],
        "has no name any more: it holds id, navn",
    ),
    "properties changed": (
        "geojson",
        [whole(geojson("a").replace(b'"name"', b'"navn"'))],
        "has no name any more: it holds navn",
    ),
    "crs changed": (
        "geojson",
        [whole(geojson("a", **POINT_3035))],
        "is in EPSG:3035, not in EPSG:4326",
    ),
    "no features": ("geojson", [whole(geojson())], "has no (name any more|rows)"),
    "half a geojson": ("geojson", [endless(geojson("a", "b")[:-60])], "ends in the middle"),
    "broken geojson": (
        "geojson",
        [whole(geojson("a", "b")[:-60] + b"}")],
        "is no whole geojson",
    ),
    "error as geojson": ("geojson", [whole(b'{"error": "quota"}')], "is no whole geojson"),
    "half a json": ("json", [endless(b'[{"a": 1}')], "is no whole json"),
    "no pbf": ("pbf", [whole(bytes(2000))], "is no pbf"),
    "truncated zip": ("zip", [endless(GOOD["zip"][:-30])], "is no whole zip"),
    "damaged zip": ("zip", [whole(b"")], "is 0 bytes"),
    "zip slip": (
        "zip",
        [whole(zipped_as({"grid": b"1", "../evil": b"2"}))],
        r"a file that would go astray \(\.\./evil\)",
    ),
    "files changed": ("zip", [whole(zipped(net=b"1"))], "has no grid any more: it holds net"),
}
KEPT = {"cut"}
"""What came may be the beginning of the file."""


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("was_there", [True, False])
def test_each_fault_is_told_and_leaves_what_was_there(
    source: MakeSource,
    server: Server,
    hurry: Retry,
    tmp_path: Path,
    fault: str,
    *,
    was_there: bool,
) -> None:
    kind, answers, rule = FAULTS[fault]
    wanted = source(kind)
    path = tmp_path / wanted.name
    if was_there:
        fetch(wanted, tmp_path)
    before = contents(path)
    assert len(before) == 2 * was_there
    server.answers = list(answers)
    remains = "The file that was there is untouched" if was_there else "No file was put in its"
    with pytest.raises(FetchError, match=rf"^file\.{kind}: .*{rule}.*\. {remains}") as caught:
        fetch(wanted, tmp_path, refresh=True, options=hurry)
    assert contents(path) == before
    assert bool(leftovers(tmp_path)) is (fault in KEPT), leftovers(tmp_path)
    assert ("are kept to go on from" in str(caught.value)) is (fault in KEPT)
    assert "mine" not in str(caught.value)
    assert "\n" not in str(caught.value)
    server.answers = [whole(GOOD[kind])]
    assert fetch(wanted, tmp_path, refresh=True, options=hurry).read_bytes() == GOOD[kind]


def test_no_server_is_told(
    source: MakeSource, hurry: Retry, slept: list[float], tmp_path: Path
) -> None:
    wanted = source(url="http://127.0.0.1:9/file.csv?apikey=mine")
    with pytest.raises(FetchError, match=r"no connection to 127\.0\.0\.1 \(tried 3 times\)"):
        fetch(wanted, tmp_path, options=hurry)
    assert slept == [1.0, 2.0]


def test_untrusted_encryption_is_told(source: MakeSource, server: Server, tmp_path: Path) -> None:
    wanted = source("csv", status(301, Location=server.url.replace("http:", "https:")))
    with pytest.raises(FetchError, match=r"encryption of 127\.0\.0\.1 is not trusted.*CA_BUNDLE"):
        fetch(wanted, tmp_path)


@pytest.mark.parametrize("answer", [status(401), status(503), cut(LARGE, 700_000), page()])
def test_keys_are_nowhere(
    source: MakeSource, server: Server, hurry: Retry, tmp_path: Path, answer: Answer
) -> None:
    secret = "s3cr3t"  # noqa: S105
    url = server.url.replace("//", f"//me:{secret}@") + f"/file.csv?apikey={secret}&Tid=*"
    wanted = source("csv", answer, url=url)
    with pytest.raises(FetchError, match=r"^file\.csv: ") as caught:
        fetch(wanted, tmp_path, options=hurry)
    assert secret not in "".join(traceback.format_exception(caught.value))
    server.answers = [whole(LARGE)]
    fetch(wanted, tmp_path)
    assert secret in server.asked[-1].path
    for path in tmp_path.iterdir():
        assert secret.encode() not in path.read_bytes(), path.name


class FullDisk(io.FileIO):
    """Takes some bytes, then no more."""

    def write(self, content: Any) -> int:
        if self.tell() >= 500_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(content[:300_000])


def test_a_full_disk_is_told(
    source: MakeSource,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = source("csv", whole(GOOD["csv"]), whole(LARGE))
    path = fetch(wanted, tmp_path)
    before = contents(path)
    opened = Path.open

    def open_part(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        if path.suffix == ".csv" and path.name.startswith(".part-") and mode != "rb":
            return FullDisk(path, mode)
        return opened(path, mode, *args, **options)

    with monkeypatch.context() as full:
        full.setattr(Path, "open", open_part)
        rule = r"the disk is full \(No space left on device\)\. The file that was there is untouched\. 524,288 bytes are kept .* Make room"
        with pytest.raises(FetchError, match=rule):
            fetch(wanted, tmp_path, refresh=True)
    assert contents(path) == before
    assert fetch(wanted, tmp_path, refresh=True).read_bytes() == LARGE
    assert server.asked[-1].headers["Range"] == "bytes=524287-"


def test_too_little_room_is_told_beforehand(
    source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 1000

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    rule = r"the disk is full \(1\.\d MB to come, 1,000 bytes free\)"
    with pytest.raises(FetchError, match=rule):
        fetch(source("csv", whole(LARGE)), tmp_path)
    assert contents(tmp_path / "file.csv") == {}


def test_a_folder_that_cannot_be_made_is_told(source: MakeSource, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file", encoding="utf-8")
    with pytest.raises(FetchError, match=r"store cannot be written to .* choose another folder"):
        fetch(source(), tmp_path / "store")
    assert (tmp_path / "store").read_text(encoding="utf-8") == "a file"


def test_a_read_only_folder_is_told(
    source: MakeSource, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = source()
    path = fetch(wanted, tmp_path)
    before = contents(path)
    opened = os.open

    def refuse(path: Any, flags: int, *args: Any, **options: Any) -> int:
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return opened(path, flags, *args, **options)

    monkeypatch.setattr(os, "open", refuse)
    assert fetch(wanted, tmp_path) == path
    with pytest.raises(FetchError, match=r"cannot be written to \(.*\)\. The file that was there"):
        fetch(wanted, tmp_path, refresh=True)
    assert contents(path) == before
    assert len(server.asked) == 1


@pytest.mark.parametrize("was_there", [True, False])
@pytest.mark.parametrize("stuck", [".part-file.csv", "file.csv.provenance.json"])
def test_a_file_open_in_another_program_is_told(
    source: MakeSource,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stuck: str,
    *,
    was_there: bool,
) -> None:
    wanted = source("csv", whole(LARGE, tag='"1"'))
    path = fetch(wanted, tmp_path) if was_there else tmp_path / wanted.name
    server.answers = [whole(GOOD["csv"])]
    before = contents(path)
    moved = Path.replace
    stuck_once = [stuck]

    def refuse(path: Path, target: Path) -> Path:
        if path.name in stuck_once:
            stuck_once.clear()
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return moved(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(FetchError, match=r"Permission denied.* are kept .*Close the file in other"):
        fetch(wanted, tmp_path, refresh=True)
    assert contents(path) == before
    assert fetch(wanted, tmp_path, refresh=True).read_bytes() == GOOD["csv"]
    assert server.asked[-1].headers["Range"] == f"bytes={len(GOOD['csv']) - 1}-"
    assert leftovers(tmp_path) == []
