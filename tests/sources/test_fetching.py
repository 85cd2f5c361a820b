"""Files fetched whole, with their records, and not fetched again."""

import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from gpcoverage.errors import FetchError, GpCoverageError
from gpcoverage.sources.endpoints import Kind, Source
from gpcoverage.sources.fetching import fetch
from gpcoverage.sources.provenance import provenance_path, read_provenance
from gpcoverage.sources.transfer import Retry
from sources.serving import GOOD, LARGE, Server, contents, leftovers, slow, whole

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
    with pytest.raises(FetchError, match=r"was changed after it was fetched\..*with --refresh"):
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
