"""A server on this machine that can misbehave, and small files of every kind."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from gpcoverage.sources.endpoints import Kind
from gpcoverage.sources.provenance import provenance_path


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes = b""


Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with the server's next answer."""

    server: "Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(Asked(self.path, dict(self.headers), body))

    def do_GET(self) -> None:
        self._answer(Asked(self.path, dict(self.headers)))

    def _answer(self, asked: Asked) -> None:
        self.server.asked.append(asked)
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


class Server(ThreadingHTTPServer):
    """Keeps the last of its answers; the others are given once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when a client has gone."""


def whole(body: bytes, *, tag: str | None = '"1"', **headers: str) -> Answer:
    """Send the body as a good server does, or the range asked for if it is of this version."""

    def answer(handler: Handler) -> None:
        known = {"Last-Modified": "Wed, 25 Nov 2026 01:00:00 GMT", **headers}
        if tag:
            known["ETag"] = tag
        asked = handler.headers
        start = 0
        if asked["Range"] and asked["If-Range"] in {tag, known["Last-Modified"]}:
            start = int(asked["Range"].removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                handler.begin(416, {"Content-Length": "0"})
                return
            known["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        known = {"Content-Length": str(len(body) - start), **known}
        handler.begin(206 if start else 200, known)
        handler.wfile.write(body[start:])

    return answer


def cut(body: bytes, at: int, *, tag: str = '"1"') -> Answer:
    """Promise the body and hang up in the middle."""

    def answer(handler: Handler) -> None:
        handler.begin(200, {"Content-Length": str(len(body)), "ETag": tag})
        handler.wfile.write(body[:at])

    return answer


def status(code: int, body: bytes = b"", /, **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.begin(code, {"Content-Length": str(len(body)), **headers})
        handler.wfile.write(body)

    return answer


def page(title: str = "Log ind", content_type: str = "text/html; charset=utf-8") -> Answer:
    body = f"<!DOCTYPE html><title>{title}</title>".encode() + b" " * 2000
    return status(200, body, **{"Content-Type": content_type})


def endless(body: bytes) -> Answer:
    """Send a body without saying how long it is."""

    def answer(handler: Handler) -> None:
        handler.begin(200, {})
        handler.wfile.write(body)

    return answer


def slow(seconds: float, answer: Answer) -> Answer:
    def wait(handler: Handler) -> None:
        time.sleep(seconds)
        answer(handler)

    return wait


def zipped(**files: bytes) -> bytes:
    return zipped_as(files)


def zipped_as(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def geojson(*places: str, **members: Any) -> bytes:
    point = {"type": "Point", "coordinates": [9.0, 56.0]}
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": point} for name in places
    ]
    return json.dumps({"type": "FeatureCollection", **members, "features": features}).encode()


GOOD: dict[Kind, bytes] = {
    "csv": "id;name\n1;Nørre Nissum\n2;Ulfborg\n".encode(),
    "geojson": geojson("Lemvig", "Struer", "Holstebro"),
    "json": b'[{"name": 1}, {"name": 2}]',
    "pbf": b"\x00\x00\x00\x0d\n\tOSMHeader\x18\x90\x01" + bytes(1000),
    "zip": zipped(grid=b"cells" * 50),
}
NEEDS: dict[Kind, tuple[str, ...]] = {
    "csv": ("id", "name"),
    "geojson": ("name",),
    "json": (),
    "pbf": (),
    "zip": ("grid",),
}
LARGE = b"id;name\n" + b"".join(b"%d;somebody\n" % i for i in range(100_000))
"""A CSV of several chunks."""


def contents(path: Path) -> dict[str, bytes]:
    """Read a file and its record, as far as they are there."""
    return {p.name: p.read_bytes() for p in (path, provenance_path(path)) if p.is_file()}


def leftovers(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.name.startswith((".part-", ".draft-")))
