"""One file on its way over HTTP: a partial file that is filled, in several attempts if need be.

What came stays beside the place of the file, with a note of what it is a part of, so that a later
attempt goes on from there. Whatever goes wrong is told in our words, without keys.
"""

import errno
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import unquote, urljoin, urlsplit

import requests
from requests import Response, Session
from rich import progress
from rich.console import Console

from gpcoverage.sources.content import HEAD_BYTES, check_head, check_size, printable, spell_size
from gpcoverage.sources.endpoints import Source

Tell = Callable[[int, int | None], None]
"""Is told the bytes fetched so far, and all there are if that is known."""

CHUNK_BYTES: Final = 64 * 1024
MAX_REDIRECTS: Final = 5
HEADERS: Final = {"User-Agent": "gpcoverage", "Accept": "*/*", "Accept-Encoding": "identity"}
"""Not compressed under way, so that lengths and byte ranges are those of the file."""

PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
NO_DATA: Final = ("text/html", "application/xhtml", "application/pdf", "image/", "audio/", "video/")
SECRET: Final = re.compile("key|token|secret|pass|pwd|auth|sig|cred|user|session", re.IGNORECASE)

BY_HAND: Final = "Open the address in a browser: the source may have moved or changed."
TRY_LATER: Final = "Check the connection (and HTTPS_PROXY, behind a proxy) and fetch again."
CHANGED: Final = "it changed on the server while it was being fetched"


@dataclass(frozen=True, slots=True)
class Retry:
    """How patient a fetch is.

    Attributes
    ----------
    attempts
        So many in all.
    first_wait_s, longest_wait_s
        Wait after the first failure; it doubles up to the longest.
    connect_s, read_s
        Longest silence when connecting, and afterwards.
    lock_s
        Longest wait for another fetch of the same file.
    sleep
        Waits; tests put in another.
    """

    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    connect_s: float = 10.0
    read_s: float = 60.0
    lock_s: float = 3600.0
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file on its way.

    Attributes
    ----------
    source
        What is fetched.
    path
        Where it will be; what came so far is beside it.
    tell
        Is told how far it is.
    options
        Timeouts and retries.
    """

    source: Source
    path: Path
    tell: Tell
    options: Retry

    @property
    def partial(self) -> Path:
        """What came so far."""
        return self.path.with_name(f".part-{self.path.name}")

    @property
    def state(self) -> Path:
        """Says what the partial file is a part of."""
        return self.path.with_name(f".part-{self.path.name}.state.json")

    @property
    def size(self) -> int:
        """Bytes that came so far."""
        return self.partial.stat().st_size if self.partial.is_file() else 0

    @property
    def host(self) -> str:
        """Whom to name in messages."""
        return urlsplit(self.source.url).hostname or "the server"

    def drop(self) -> None:
        """Throw away what came so far."""
        self.partial.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)


class StoppedError(Exception):
    """A fetch came to an end: what happened, and the remedy."""

    def __init__(self, what: str, remedy: str = BY_HAND) -> None:
        super().__init__(what)
        self.remedy = remedy


def download(transfer: Transfer) -> str | None:
    """Fill the partial file, in as many attempts as are allowed.

    Parameters
    ----------
    transfer
        What to fetch; its folder must be there, and nobody else may be at it.

    Returns
    -------
    str or None
        When the file last changed, in the server's words.

    Raises
    ------
    StoppedError
        If it cannot be had.
    UnfitError
        If what comes is not it; the partial file is still there.
    OSError
        If the disk does not take it.
    """
    options = transfer.options
    left, wait_s = options.attempts, options.first_wait_s
    with Session() as session:
        session.headers.update(HEADERS)
        while True:
            try:
                return _attempt(transfer, session)
            except _AgainError as again:
                left -= 1
                if left <= 0:
                    _stop(f"{again} (tried {options.attempts} times)", TRY_LATER)
                options.sleep(min(max(wait_s, again.wait_s), options.longest_wait_s))
                wait_s *= 2


def plain_url(url: str) -> str:
    """Take user names, keys and tokens out of an address.

    Examples
    --------
    >>> plain_url("https://me:mine@example.org/a?apikey=1&b=2")
    'https://example.org/a?b=2'
    """
    parts = urlsplit(url)
    fields = parts.query.split("&")
    query = "&".join(f for f in fields if not SECRET.search(unquote(f.partition("=")[0])))
    host = parts.netloc.rpartition("@")[2]
    return printable(parts._replace(netloc=host, query=query, fragment="").geturl())


@contextmanager
def progress_bar(name: str, console: Console | None = None) -> Iterator[Tell]:
    """Show a bar with bytes, speed and time left on standard error; silent if no terminal.

    Examples
    --------
    >>> with progress_bar("roads") as progress:
    ...     progress(50, 100)
    """
    console = console or Console(stderr=True)
    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    hidden = not console.is_terminal
    with progress.Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _AgainError(Exception):
    """One attempt failed; another may not."""

    def __init__(self, what: str, wait_s: float = 0.0) -> None:
        super().__init__(what)
        self.wait_s = wait_s


def _stop(what: str, remedy: str = BY_HAND) -> NoReturn:
    raise StoppedError(what, remedy) from None


def _again(what: str, wait_s: float = 0.0) -> NoReturn:
    raise _AgainError(what, wait_s) from None


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a partial file is a part of."""

    url: str
    validator: str | None
    total: int | None


def _attempt(transfer: Transfer, session: Session) -> str | None:
    begun = _read_state(transfer)
    headers = {}
    at = 0
    if begun and begun.validator:
        at = transfer.size - 1  # the last byte again: never beyond the end
        headers = {"Range": f"bytes={at}-", "If-Range": begun.validator}
    with _online(transfer, f"no connection to {transfer.host}"):
        response = _ask(transfer, session, headers)
    with response:
        _check_answer(transfer, response)
        now = _begin(transfer, response)
        if response.status_code == requests.codes.partial_content:
            if not begun or not _goes_on(response, at, begun, now):
                transfer.drop()
                _again(CHANGED)
        else:
            at = 0
            transfer.drop()
            transfer.state.write_text(json.dumps(asdict(now)), encoding="utf-8")
        _receive(transfer, response, at, now.total)
        return response.headers.get("Last-Modified")


def _ask(transfer: Transfer, session: Session, headers: dict[str, str]) -> Response:
    """Ask for the file, and follow where one is sent, but never out of encryption."""
    url, hops, question = transfer.source.url, 0, transfer.source.question
    if question is not None:
        headers = headers | {"Content-Type": "application/json"}
    timeout = (transfer.options.connect_s, transfer.options.read_s)
    while True:
        response = session.request(
            "GET" if question is None else "POST",
            url,
            data=question,
            headers=headers,
            stream=True,
            allow_redirects=False,
            timeout=timeout,
        )
        location = session.get_redirect_target(response)
        if not location:
            return response
        response.close()
        old, url = urlsplit(url), urljoin(url, location)
        new = urlsplit(url)
        if new.scheme != "https" and (new.scheme, new.hostname) != (old.scheme, old.hostname):
            _stop(f"{old.hostname} sends on to {plain_url(url)}, which is not encrypted")
        hops += 1
        if hops > MAX_REDIRECTS:
            _stop(f"{transfer.host} sends on and on, over {MAX_REDIRECTS} times")


@contextmanager
def _online(transfer: Transfer, otherwise: str) -> Iterator[None]:
    """Tell faults of the network in our words: theirs hold addresses, and addresses hold keys."""
    host, options = transfer.host, transfer.options
    try:
        yield
    except requests.exceptions.SSLError:
        what = f"the encryption of {host} is not trusted here"
        remedy = "If your network has its own certificates, name their file in REQUESTS_CA_BUNDLE."
        _stop(what, remedy)
    except requests.ConnectTimeout:
        _again(f"{host} did not answer within {options.connect_s:g} s")
    except requests.Timeout:
        _again(f"{host} did not answer within {options.read_s:g} s")
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, ValueError):
        _stop(f"{host} sends on to what is no address")
    except requests.RequestException:
        _again(otherwise)
    except OSError as error:
        _stop(f"{otherwise} ({error})", TRY_LATER)


def _check_answer(transfer: Transfer, response: Response) -> None:
    """Refuse what can be told from the head of the answer not to be the file."""
    status, host = response.status_code, transfer.host
    address = plain_url(transfer.source.url)
    if status in PASSING:
        _again(f"{host} answered {status}", _number(response.headers.get("Retry-After", "")) or 0)
    if status == requests.codes.requested_range_not_satisfiable:
        transfer.drop()
        _again(CHANGED)
    if status in {401, 403, 407}:
        _stop(f"{host} wants a log-in or a key ({status})")
    if status in {404, 410}:
        _stop(f"it is no longer at {address} ({status})")
    if status not in {200, 206}:
        _stop(f"{host} answered {status}")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind.startswith(NO_DATA):
        sent = plain_url(response.url)
        by = host if sent == address else f"{host} sent on to {sent}, which"
        what = "a web page" if "html" in kind else printable(kind)
        transfer.drop()
        _stop(f"{by} answered with {what} instead of {transfer.source.kind}")


def _begin(transfer: Transfer, response: Response) -> _Begun:
    """Say what the answer is a part or the whole of."""
    url = plain_url(transfer.source.url)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return _Begun(url, None, None)
    length = response.headers.get("Content-Length", "")
    if response.status_code == requests.codes.partial_content:
        length = response.headers.get("Content-Range", "").rpartition("/")[2]
    tag = response.headers.get("ETag", "")
    validator = tag if tag.startswith('"') else response.headers.get("Last-Modified")
    return _Begun(url, validator, _number(length))


def _goes_on(response: Response, at: int, begun: _Begun, now: _Begun) -> bool:
    """Tell whether an answer is the rest of the partial file."""
    is_next = response.headers.get("Content-Range", "").startswith(f"bytes {at}-")
    is_same = now.validator in {None, begun.validator}
    return is_next and is_same and now.total == begun.total


def _read_state(transfer: Transfer) -> _Begun | None:
    """Say what the partial file is a part of; None if there is nothing to go on from."""
    try:
        begun = _Begun(**json.loads(transfer.state.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    is_part = 0 < transfer.size <= (begun.total or transfer.size)
    return begun if is_part and begun.url == plain_url(transfer.source.url) else None


def _receive(transfer: Transfer, response: Response, at: int, total: int | None) -> None:
    """Write the answer to the partial file, from a byte on."""
    source = transfer.source
    check_size(source, total or 0)
    free = shutil.disk_usage(transfer.path.parent).free
    if total is not None and total - at > free:
        what = f"{spell_size(total - at)} to come, {spell_size(free)} free"
        raise OSError(errno.ENOSPC, what)
    done = at
    with transfer.partial.open("r+b" if at else "wb", buffering=0) as file:
        file.seek(at)
        for chunk in _chunks(transfer, response):
            if not done and len(chunk) >= HEAD_BYTES:
                check_head(source.kind, chunk[:HEAD_BYTES])
            done += len(chunk)
            check_size(source, done)
            rest = memoryview(chunk)
            while rest:
                rest = rest[file.write(rest) :]
            transfer.tell(done, total)
    if total is not None and done != total:
        _again(f"the connection to {transfer.host} was cut")
    check_size(source, done, source.min_bytes)


def _chunks(transfer: Transfer, response: Response) -> Iterator[bytes]:
    with _online(transfer, f"the connection to {transfer.host} was cut"):
        yield from response.iter_content(CHUNK_BYTES)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else None
