"""One transfer: tried again, gone on with, followed, shown; nothing secret in what is told."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from gpcoverage.errors import FetchError
from gpcoverage.sources.endpoints import Source
from gpcoverage.sources.fetching import fetch
from gpcoverage.sources.provenance import provenance_path
from gpcoverage.sources.transfer import Retry, plain_url, progress_bar
from sources.serving import (
    GOOD,
    LARGE,
    Server,
    contents,
    cut,
    endless,
    leftovers,
    status,
    whole,
)

MakeSource = Callable[..., Source]


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
