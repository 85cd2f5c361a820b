"""A server that can misbehave, sources of it, and no patience."""

import socket
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gpcoverage.cli import app
from gpcoverage.sources.endpoints import Kind, Source
from gpcoverage.sources.transfer import Retry
from sources.samples import Write
from sources.serving import GOOD, NEEDS, Answer, Server, whole


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with Server() as running:
        thread = threading.Thread(target=partial(running.serve_forever, poll_interval=0.01))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def source(server: Server) -> Callable[..., Source]:
    """Make a source of the server; its answer is good unless others are given."""

    def make(kind: Kind = "csv", *answers: Answer, **changes: Any) -> Source:
        server.answers = list(answers) or [whole(GOOD[kind])]
        known: dict[str, Any] = {
            "name": f"file.{kind}",
            "url": f"{server.url}/file.{kind}",
            "licence": "CC BY 4.0",
            "attribution": "Sundhedsdatastyrelsen på dansk",
            "kind": kind,
            "min_bytes": 1,
            "max_bytes": 10_000_000,
            "crs": "EPSG:4326" if kind == "geojson" else None,
            "needs": NEEDS[kind],
        }
        return Source(**known | changes)

    return make


@pytest.fixture
def slept() -> list[float]:
    """Collect the waits, which do not take place."""
    return []


@pytest.fixture
def hurry(slept: list[float]) -> Retry:
    return Retry(attempts=3, read_s=0.3, connect_s=1.0, lock_s=0.2, sleep=slept.append)


@pytest.fixture
def pull_the_plug(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, who touches the network fails."""

    def refuse(*_args: Any, **_options: Any) -> None:
        pytest.fail("the network was touched")

    def pull() -> None:
        for name in ("socket", "create_connection", "getaddrinfo"):
            monkeypatch.setattr(socket, name, refuse)

    return pull


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return to_file


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    """Run a command on a store of its own; give what it prints."""

    def command(*words: str, store: bool = True) -> str:
        where = ["--store", str(tmp_path)] if store else []
        done = CliRunner().invoke(app, [*words, *where])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return command
