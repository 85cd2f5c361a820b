"""Files fetched whole, with their records, and not fetched again."""

import gzip
import hashlib
import io
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console

from gpcoverage.errors import FetchError, GpCoverageError
from gpcoverage.sources.endpoints import Kind, Source
from gpcoverage.sources.store import (
    Retry,
    fetch,
    plain_url,
    progress_bar,
    provenance_path,
    read_provenance,
)
from sources.serving import (
    GOOD,
    LARGE,
    Server,
    contents,
    cut,
    endless,
    leftovers,
    slow,
    status,
    whole,
)

MakeSource = Callable[..., Source]

ROWS: dict[Kind, int | None] = {"csv": 2, "geojson": 3, "json": 2, "pbf": None, "zip": None}


def age(path: Path, days: float) -> None:
    beside = provenance_path(path)
    record = json.loads(beside.read_text(encoding="utf-8"))
    record["date"] = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    beside.write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_comes_whole_with_its_record(source: MakeSource, tmp_path: Path, kind: Kind) -> None:
    wanted = source(kind)
    path = fetch(wanted, tmp_path / "deep" / "store")
    assert path == tmp_path / "deep" / "store" / wanted.name
    assert path.read_bytes() == GOOD[kind]
    record = read_provenance(path)
    assert datetime.now(UTC) - datetime.fromisoformat(record.date) < timedelta(minutes=1)
    assert (record.source, record.licence) == ("Sundhedsdatastyrelsen på dansk", "CC BY 4.0")
    assert (record.url, record.crs) == (wanted.url, wanted.crs)
    assert record.modified == "Wed, 25 Nov 2026 01:00:00 GMT"
    assert record.sha256 == hashlib.sha256(GOOD[kind]).hexdigest()
    assert (record.bytes, record.rows) == (len(GOOD[kind]), ROWS[kind])
    assert "på dansk" in provenance_path(path).read_text(encoding="utf-8")
    assert leftovers(path.parent) == []


def test_a_fresh_file_is_not_fetched_again(
    source: MakeSource, server: Server, tmp_path: Path
) -> None:
    wanted = source("csv", whole(GOOD["csv"]), whole(b"id;name\n3;Struer\n"), fresh_days=7)
    path = fetch(wanted, tmp_path)
    age(path, 6.9)
    assert fetch(wanted, tmp_path) == path
    assert len(server.asked) == 1
    age(path, 7.1)
    fetch(wanted, tmp_path)
    assert read_provenance(path).rows == 1
    assert len(server.asked) == 2
    fetch(wanted, tmp_path, refresh=True)
    assert len(server.asked) == 3
    fetch(replace(wanted, url=wanted.url + "?Tid=2026"), tmp_path)
    assert len(server.asked) == 4


def test_offline_uses_a_file_however_old(
    source: MakeSource, tmp_path: Path, pull_the_plug: Callable[[], None]
) -> None:
    wanted = source()
    path = fetch(wanted, tmp_path)
    age(path, 4000)
    pull_the_plug()
    before = contents(path)
    assert fetch(wanted, tmp_path, offline=True) == path
    assert contents(path) == before


def test_offline_says_what_is_missing(tmp_path: Path, pull_the_plug: Callable[[], None]) -> None:
    pull_the_plug()
    wanted = Source("a.csv", "https://x.invalid/a?key=mine&b=1", "", "", "csv", 1, 9)
    rule = r"a\.csv: not in .*, and offline nothing is fetched\. No file was put .* download https://x\.invalid/a\?b=1 by hand"
    with pytest.raises(FetchError, match=rule):
        fetch(wanted, tmp_path / "none", offline=True)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FetchError, match=r"offline forbids that.*Choose one of the two"):
        fetch(wanted, tmp_path, offline=True, refresh=True)


@pytest.mark.parametrize("offline", [True, False])
def test_a_file_put_there_by_hand_is_used(
    tmp_path: Path, pull_the_plug: Callable[[], None], *, offline: bool
) -> None:
    pull_the_plug()
    wanted = Source("a.csv", "https://x.invalid/a", "", "", "csv", 1000, 2000, needs=("id",))
    path = tmp_path / "a.csv"
    path.write_bytes(GOOD["csv"])
    assert fetch(wanted, tmp_path, offline=offline) == path
    assert contents(path) == {"a.csv": GOOD["csv"]}
    path.write_bytes(b"<html>Log ind</html>")
    rule = (
        r"put there by hand but is a web page instead of csv\. The file that was there is untouched"
    )
    with pytest.raises(FetchError, match=rule):
        fetch(wanted, tmp_path, offline=offline)
    assert contents(path) == {"a.csv": b"<html>Log ind</html>"}


@pytest.mark.parametrize("offline", [True, False])
def test_a_file_changed_later_is_told(source: MakeSource, tmp_path: Path, *, offline: bool) -> None:
    wanted = source()
    path = fetch(wanted, tmp_path)
    path.write_bytes(GOOD["csv"] + b"3;Mig\n")
    before = contents(path)
    with pytest.raises(FetchError, match=r"was changed after it was fetched\..*with refresh"):
        fetch(wanted, tmp_path, offline=offline)
    assert contents(path) == before
    fetch(wanted, tmp_path, refresh=True)
    assert path.read_bytes() == GOOD["csv"]


def test_records_that_cannot_be_read_are_told(source: MakeSource, tmp_path: Path) -> None:
    path = fetch(source(), tmp_path)
    beside = provenance_path(path)
    good = beside.read_text(encoding="utf-8")
    for text in ("", "[]", '{"a": 1}', good.replace("20", "x"), good.replace("+00:00", "")):
        beside.write_text(text, encoding="utf-8")
        with pytest.raises(FetchError, match=r"its record \(file\.csv\.prov.*\) cannot be read"):
            fetch(source(), tmp_path)
    beside.unlink()
    with pytest.raises(GpCoverageError, match="has no record"):
        read_provenance(path)


def test_passing_faults_are_tried_again(
    source: MakeSource, slept: list[float], hurry: Retry, tmp_path: Path
) -> None:
    good = whole(GOOD["csv"])
    busy = status(503, **{"Retry-After": "7"})
    assert fetch(source("csv", status(503), busy, good), tmp_path, options=hurry)
    assert slept == [1.0, 7.0]


def test_a_cut_download_goes_on_where_it_was(
    source: MakeSource, server: Server, hurry: Retry, tmp_path: Path
) -> None:
    told: list[tuple[int, int | None]] = []
    wanted = source("csv", cut(LARGE, 700_000), whole(LARGE))
    path = fetch(
        wanted, tmp_path, progress=lambda done, total: told.append((done, total)), options=hurry
    )
    assert path.read_bytes() == LARGE
    again = server.asked[1].headers
    assert (again["Range"], again["If-Range"]) == ("bytes=655359-", '"1"')
    assert told == sorted(told)
    assert told[-1] == (len(LARGE), len(LARGE))
    assert leftovers(tmp_path) == []


def test_a_later_run_goes_on_where_the_first_was(
    source: MakeSource, server: Server, hurry: Retry, tmp_path: Path
) -> None:
    wanted = source("csv", cut(LARGE, 700_000), status(503))
    with pytest.raises(FetchError, match=r"655,360 bytes are kept to go on from"):
        fetch(wanted, tmp_path, options=hurry)
    server.answers = [whole(LARGE)]
    assert fetch(wanted, tmp_path).read_bytes() == LARGE
    assert server.asked[-1].headers["Range"] == "bytes=655359-"


@pytest.mark.parametrize("tag", ['"2"', 'W/"1"', None])
def test_a_file_that_changed_meanwhile_starts_anew(
    source: MakeSource, hurry: Retry, tmp_path: Path, tag: str | None
) -> None:
    new = LARGE.replace(b"somebody", b"another!")
    wanted = source("csv", cut(LARGE, 700_000), whole(new, tag=tag))
    assert fetch(wanted, tmp_path, options=hurry).read_bytes() == new


def test_a_server_that_mixes_versions_is_found_out(
    source: MakeSource, hurry: Retry, tmp_path: Path
) -> None:
    new = LARGE.replace(b"somebody", b"another!")

    def careless(handler: object) -> None:
        handler.headers.replace_header("If-Range", '"2"')  # type: ignore[attr-defined]
        whole(new, tag='"2"')(handler)  # type: ignore[arg-type]

    wanted = source("csv", cut(LARGE, 700_000), careless, whole(new, tag='"2"'))
    assert fetch(wanted, tmp_path, options=hurry).read_bytes() == new


def test_a_partial_file_too_long_starts_anew(
    source: MakeSource, server: Server, hurry: Retry, tmp_path: Path
) -> None:
    wanted = source("csv", cut(LARGE, 700_000), status(416), whole(LARGE))
    assert fetch(wanted, tmp_path, options=hurry).read_bytes() == LARGE
    assert "Range" not in server.asked[-1].headers


def test_length_unknown_and_packed_answers_are_taken(source: MakeSource, tmp_path: Path) -> None:
    wanted = source("csv", endless(GOOD["csv"]))
    assert fetch(wanted, tmp_path).read_bytes() == GOOD["csv"]
    packed = whole(gzip.compress(GOOD["csv"]), **{"Content-Encoding": "gzip"})
    wanted = source("csv", packed)
    assert fetch(wanted, tmp_path, refresh=True).read_bytes() == GOOD["csv"]


def test_it_follows_on_the_same_host(source: MakeSource, server: Server, tmp_path: Path) -> None:
    wanted = source("csv", status(302, Location="/moved?token=mine"), whole(GOOD["csv"]))
    path = fetch(wanted, tmp_path)
    assert [asked.path for asked in server.asked] == ["/file.csv", "/moved?token=mine"]
    assert "mine" not in provenance_path(path).read_text(encoding="utf-8")


def test_ctrl_c_leaves_a_part_to_go_on_from(
    source: MakeSource, server: Server, tmp_path: Path
) -> None:
    def stop(done: int, _total: int | None) -> None:
        raise KeyboardInterrupt(done)

    wanted = source("csv", whole(LARGE))
    with pytest.raises(KeyboardInterrupt, match="65536"):
        fetch(wanted, tmp_path, progress=stop)
    assert contents(tmp_path / wanted.name) == {}
    assert fetch(wanted, tmp_path).read_bytes() == LARGE
    assert server.asked[-1].headers["Range"] == "bytes=65535-"


@pytest.mark.parametrize("refresh", [True, False])
def test_two_at_once_fetch_it_once(
    source: MakeSource, server: Server, tmp_path: Path, *, refresh: bool
) -> None:
    wanted = source("csv", slow(0.3, whole(LARGE)))
    together = threading.Barrier(2)

    def run(_: int) -> bytes:
        together.wait()
        return fetch(wanted, tmp_path, refresh=refresh).read_bytes()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, range(2))) == [LARGE, LARGE]
    assert len(server.asked) == 1


def test_a_fetch_under_way_is_told(source: MakeSource, hurry: Retry, tmp_path: Path) -> None:
    wanted = source()
    path = fetch(wanted, tmp_path)
    before = contents(path)
    (tmp_path / ".part-file.csv").touch()
    with (
        FileLock(tmp_path / ".file.csv.lock"),
        pytest.raises(FetchError, match=r"another program has been fetching it for over 0\.2 s"),
    ):
        fetch(wanted, tmp_path, refresh=True, options=hurry)
    assert contents(path) == before
    assert leftovers(tmp_path) == [".part-file.csv"]


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://me:pw@example.org:8443/a/b.csv", "https://example.org:8443/a/b.csv"),
        ("https://example.org/a?apikey=1&Tid=*&X-Amz-Signature=2", "https://example.org/a?Tid=*"),
        ("https://example.org/a?api%5Fkey=1&TOKEN=2#session", "https://example.org/a"),
        ("https://example.org/a\x1b[31m", "https://example.org/a?[31m"),
    ],
)
def test_keys_stay_out_of_addresses(url: str, plain: str) -> None:
    assert plain_url(url) == plain


def test_the_bar_shows_bytes_and_is_silent_elsewhere() -> None:
    for terminal in (True, False):
        out = io.StringIO()
        console = Console(file=out, force_terminal=terminal, width=120)
        with progress_bar("roads[1]", console) as progress:
            progress(1_000_000, 4_000_000)
            progress(2_000_000, 4_000_000)
        assert ("2.0/4.0 MB" in out.getvalue()) is terminal
        assert ("roads[1]" in out.getvalue()) is terminal
