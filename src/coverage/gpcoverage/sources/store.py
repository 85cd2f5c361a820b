"""The store of fetched files: each is there whole and checked, with a record beside it, or not.

A download goes to a hidden partial file beside its place. It is moved there when its size and its
content are right, and its record (source, licence, date, hash …) with it. Whatever goes wrong
raises :class:`~gpcoverage.errors.FetchError`, and what was there before stays as it was.
"""

import csv
import errno
import fnmatch
import hashlib
import json
import lzma
import re
import shutil
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import pyogrio
import requests
from filelock import FileLock, Timeout
from pyproj import CRS
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from gpcoverage.errors import FetchError, OutputError
from gpcoverage.files import write_together, write_whole
from gpcoverage.sources.endpoints import MB, Kind, Source

Tell = Callable[[int, int | None], None]
"""Is told the bytes fetched so far, and all there are if that is known."""

CHUNK_BYTES: Final = 64 * 1024
HEAD_BYTES: Final = 512
MAX_REDIRECTS: Final = 5
MAX_UNPACKED_BYTES: Final = 4000 * MB
MAX_RATIO: Final = 200
"""A zip that grows more than so many times, and beyond ``SMALL_BYTES``, is made to fill the disk."""

SMALL_BYTES: Final = 10 * MB

HEADERS: Final = {"User-Agent": "gpcoverage", "Accept": "*/*", "Accept-Encoding": "identity"}
"""Not compressed under way, so that lengths and byte ranges are those of the file."""

PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
NO_DATA: Final = ("text/html", "application/xhtml", "application/pdf", "image/", "audio/", "video/")
SECRET: Final = re.compile("key|token|secret|pass|pwd|auth|sig|cred|user|session", re.IGNORECASE)
RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
BROKEN_ZIP: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
)

BY_HAND: Final = "Open the address in a browser: the source may have moved or changed."
TRY_LATER: Final = "Check the connection (and HTTPS_PROXY, behind a proxy) and fetch again."
CHANGED: Final = "it changed on the server while it was being fetched"
NEEDS_REFRESH: Final = "Fetch it anew with refresh, or put the right file there."


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


RETRY: Final = Retry()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file of the store came from.

    Attributes
    ----------
    source
        Whom to name.
    url
        Without keys.
    licence
        What one may do with it.
    date
        When it was fetched, UTC, ISO 8601.
    modified
        When it last changed, in the server's words.
    sha256, bytes
        Of the file.
    rows
        Rows of a CSV or features of a layer; None if not counted.
    crs
        Of its coordinates.
    """

    source: str
    url: str
    licence: str
    date: str
    modified: str | None
    sha256: str
    bytes: int
    rows: int | None
    crs: str | None


class _AgainError(Exception):
    """One attempt failed; another may not."""

    def __init__(self, what: str, wait_s: float = 0.0) -> None:
        super().__init__(what)
        self.wait_s = wait_s


def _again(what: str, wait_s: float = 0.0) -> NoReturn:
    raise _AgainError(what, wait_s) from None


class _UnfitError(Exception):
    """The content is not what it should be."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a partial file is a part of."""

    url: str
    validator: str | None
    total: int | None


@dataclass(frozen=True, slots=True)
class _Job:
    """One fetch."""

    source: Source
    path: Path
    tell: Tell
    options: Retry

    @property
    def partial(self) -> Path:
        return self.path.with_name(f".part-{self.path.name}")

    @property
    def state(self) -> Path:
        return self.path.with_name(f".part-{self.path.name}.state.json")

    @property
    def size(self) -> int:
        return self.partial.stat().st_size if self.partial.is_file() else 0

    @property
    def host(self) -> str:
        return urlsplit(self.source.url).hostname or "the server"

    def fail(self, what: str, remedy: str, cause: Exception | None = None) -> NoReturn:
        """Say what happened, what is left and what to do."""
        left = (
            "The file that was there is untouched."
            if self.path.is_file()
            else "No file was put in its place."
        )
        kept = f" {_size(self.size)} are kept to go on from." if self.size else ""
        msg = f"{self.path.name}: {what}. {left}{kept} {remedy}"
        raise FetchError(msg) from cause

    def reject(self, what: str) -> NoReturn:
        """Throw away what came: it is not the file."""
        self.drop()
        self.fail(what, BY_HAND)

    def sweep(self) -> None:
        """Leave no partial file without content; only for who holds the lock."""
        if not self.size:
            with suppress(OSError):
                self.partial.unlink(missing_ok=True)
                self.state.unlink(missing_ok=True)

    def drop(self) -> None:
        with _on_disk(self):
            self.partial.unlink(missing_ok=True)
            self.state.unlink(missing_ok=True)


def fetch(
    source: Source,
    folder: Path,
    *,
    offline: bool = False,
    refresh: bool = False,
    progress: Tell | None = None,
    options: Retry = RETRY,
) -> Path:
    """Get a file into the store, unless it is there and fresh.

    A file that was put there by hand, without a record, is checked and used as it is.

    Parameters
    ----------
    source
        What to fetch.
    folder
        The store; made if it is not there.
    offline
        Use what is there, however old, and never touch the network.
    refresh
        Fetch it even if it is there.
    progress
        Is told how far it is, such as by :func:`progress_bar`.
    options
        Timeouts and retries.

    Returns
    -------
    Path
        ``folder/source.name``; its record is beside it, see :func:`read_provenance`.

    Raises
    ------
    FetchError
        If the file cannot be had; one that was there before is untouched.
    """
    path = Path(folder) / source.name
    job = _Job(source, path, progress or (lambda _done, _total: None), options)
    if offline and refresh:
        what = "to refresh it needs the network, and offline forbids that"
        job.fail(what, "Choose one of the two.")
    if not refresh and _is_usable(job, offline=offline):
        return path
    if offline:
        what = f"not in {path.parent}, and offline nothing is fetched"
        remedy = f"Fetch it where there is internet, or download {plain_url(source.url)} by hand, and put it there."
        job.fail(what, remedy)
    began = datetime.now(UTC)
    with _alone(job):
        try:
            if not _was_fetched_since(path, began):
                _put_in_place(job, _download(job))
        finally:
            job.sweep()
    return path


def read_provenance(path: Path) -> Provenance:
    """Read the record beside a file of the store.

    Parameters
    ----------
    path
        The file, not the record.

    Returns
    -------
    Provenance
        What was recorded when it was fetched.

    Raises
    ------
    FetchError
        If there is no record, or none that can be read.
    """
    beside = provenance_path(path)
    try:
        record = Provenance(**json.loads(beside.read_text(encoding="utf-8")))
        _age(record)
    except FileNotFoundError:
        msg = f"{path.name}: has no record ({beside.name}), so it was not fetched. {NEEDS_REFRESH}"
        raise FetchError(msg) from None
    except (OSError, ValueError, TypeError) as error:
        msg = f"{path.name}: its record ({beside.name}) cannot be read. {NEEDS_REFRESH}"
        raise FetchError(msg) from error
    return record


def provenance_path(path: Path) -> Path:
    """Say where the record of a file is."""
    return path.with_name(f"{path.name}.provenance.json")


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
    return _shown(
        urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))
    )


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
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def unpack(
    zip_path: Path,
    folder: Path,
    members: Sequence[str],
    *,
    max_bytes: int = MAX_UNPACKED_BYTES,
) -> list[Path]:
    """Unpack files from a zip, all or none.

    A zip with any unsafe entry (absolute, ``..``, a link, two of one name) is refused as a whole.

    Parameters
    ----------
    zip_path
        The zip.
    folder
        Files go straight into it, without the zip's own folders.
    members
        Names or patterns; each must fit at least one file.
    max_bytes
        The zip may not hold more, unpacked.

    Returns
    -------
    list of Path
        The unpacked files.

    Raises
    ------
    FetchError
        If the zip is broken or unsafe, lacks a member, or the folder cannot be written to.
    """
    try:
        with zipfile.ZipFile(zip_path) as archive:
            names = _safe_names(archive, max_bytes)
            wanted = list(dict.fromkeys(n for p in members for n in _fitting(names, p)))
            writers = {PurePosixPath(n).name: partial(_copy, archive, n) for n in wanted}
            if len({name.casefold() for name in writers}) < len(wanted):
                _unfit("has files of one name in several folders")
            return list(write_together(Path(folder), writers).values())
    except _UnfitError as error:
        what = str(error)
    except BROKEN_ZIP:
        what = "is no whole zip"
    except OutputError as error:
        what = str(error).removesuffix(".")
    except OSError as error:
        what = f"cannot be read ({error.strerror or error})"
    msg = f"{Path(zip_path).name}: {what}. Nothing was unpacked."
    raise FetchError(msg)


def _copy(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    with archive.open(name) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)


# What is there already


def _is_usable(job: _Job, *, offline: bool) -> bool:
    """Tell whether the file that is there will do; raise if it is not what it was."""
    path, source = job.path, job.source
    if not path.is_file():
        return False
    has_record = provenance_path(path).is_file()
    try:
        if not has_record:
            _check_content(source, path)
            return True
        sha256 = _sha256(path)
    except _UnfitError as error:
        job.fail(f"was put there by hand but {error}", NEEDS_REFRESH)
    except OSError as error:
        job.fail(f"cannot be read ({error.strerror or error})", NEEDS_REFRESH, error)
    record = read_provenance(path)
    if record.sha256 != sha256:
        job.fail("was changed after it was fetched", NEEDS_REFRESH)
    is_same = record.url == plain_url(source.url)
    return offline or (is_same and _age(record) < timedelta(days=source.fresh_days))


def _age(record: Provenance) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(record.date)


def _was_fetched_since(path: Path, began: datetime) -> bool:
    """Tell whether another fetch did the work while this one waited for it."""
    try:
        return datetime.fromisoformat(read_provenance(path).date) > began and path.is_file()
    except FetchError:
        return False


@contextmanager
def _alone(job: _Job) -> Iterator[None]:
    """Keep other fetches of the file waiting."""
    lock = FileLock(job.path.with_name(f".{job.path.name}.lock"), timeout=job.options.lock_s)
    with _on_disk(job):
        job.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            what = f"another program has been fetching it for over {job.options.lock_s:g} s"
            job.fail(what, "Wait for it, or end it, and fetch again.")
    try:
        yield
    finally:
        lock.release()


# The network


def _download(job: _Job) -> str | None:
    """Fill the partial file, in as many attempts as are allowed; return the server's date."""
    options, left = job.options, job.options.attempts
    wait_s = options.first_wait_s
    with requests.Session() as session:
        session.headers.update(HEADERS)
        while True:
            try:
                return _attempt(job, session)
            except _AgainError as again:
                left -= 1
                if left <= 0:
                    job.fail(f"{again} (tried {options.attempts} times)", TRY_LATER)
                options.sleep(min(max(wait_s, again.wait_s), options.longest_wait_s))
                wait_s *= 2


def _attempt(job: _Job, session: requests.Session) -> str | None:
    begun = _read_state(job)
    headers = {}
    at = 0
    if begun and begun.validator:
        at = job.partial.stat().st_size - 1  # the last byte again: never beyond the end
        headers = {"Range": f"bytes={at}-", "If-Range": begun.validator}
    with _online(job, f"no connection to {job.host}"):
        response = _ask(job, session, headers)
    with response, _online(job, f"the connection to {job.host} was cut"):
        _check_answer(job, response)
        now = _begin(job, response)
        if response.status_code == requests.codes.partial_content:
            if not begun or not _goes_on(response, at, begun, now):
                job.drop()
                _again(CHANGED)
        else:
            at = 0
            job.drop()
            with _on_disk(job):
                job.state.write_text(json.dumps(asdict(now)), encoding="utf-8")
        _receive(job, response, at, now.total)
        return response.headers.get("Last-Modified")


def _ask(job: _Job, session: requests.Session, headers: dict[str, str]) -> requests.Response:
    """Ask for the file, and follow where one is sent, but never out of encryption."""
    url, hops = job.source.url, 0
    timeout = (job.options.connect_s, job.options.read_s)
    while True:
        response = session.get(
            url, headers=headers, stream=True, allow_redirects=False, timeout=timeout
        )
        location = session.get_redirect_target(response)
        if not location:
            return response
        response.close()
        old, url = urlsplit(url), urljoin(url, location)
        new = urlsplit(url)
        if new.scheme != "https" and (new.scheme, new.hostname) != (old.scheme, old.hostname):
            what = f"{old.hostname} sends on to {plain_url(url)}, which is not encrypted"
            job.fail(what, BY_HAND)
        hops += 1
        if hops > MAX_REDIRECTS:
            job.fail(f"{job.host} sends on and on, over {MAX_REDIRECTS} times", BY_HAND)


@contextmanager
def _online(job: _Job, otherwise: str) -> Iterator[None]:
    """Tell faults of the network in our words: theirs hold addresses, and addresses hold keys."""
    try:
        yield
    except requests.exceptions.SSLError:
        what = f"the encryption of {job.host} is not trusted here"
        remedy = "If your network has its own certificates, name their file in REQUESTS_CA_BUNDLE."
        job.fail(what, remedy)
    except requests.ConnectTimeout:
        _again(f"{job.host} did not answer within {job.options.connect_s:g} s")
    except requests.Timeout:
        _again(f"{job.host} did not answer within {job.options.read_s:g} s")
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, ValueError):
        job.fail(f"{job.host} sends on to what is no address", BY_HAND)
    except requests.RequestException:
        _again(otherwise)


def _check_answer(job: _Job, response: requests.Response) -> None:
    """Refuse what can be told from the head of the answer not to be the file."""
    status, host = response.status_code, job.host
    if status in PASSING:
        _again(f"{host} answered {status}", _number(response, "Retry-After") or 0)
    if status == requests.codes.requested_range_not_satisfiable:
        job.drop()
        _again(CHANGED)
    if status in {401, 403, 407}:
        job.fail(f"{host} wants a log-in or a key ({status})", BY_HAND)
    if status in {404, 410}:
        job.fail(f"it is no longer at {plain_url(job.source.url)} ({status})", BY_HAND)
    if status not in {200, 206}:
        job.fail(f"{host} answered {status}", BY_HAND)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind.startswith(NO_DATA):
        sent = plain_url(response.url)
        by = host if sent == plain_url(job.source.url) else f"{host} sent on to {sent}, which"
        what = "a web page" if "html" in kind else _shown(kind)
        job.reject(f"{by} answered with {what} instead of {job.source.kind}")
    length = _number(response, "Content-Length") or 0
    if status == requests.codes.ok and length > job.source.max_bytes:
        job.reject(f"what {host} sends {_wrong_size(job.source, length)}")


def _begin(job: _Job, response: requests.Response) -> _Begun:
    """Say what the answer is a part or the whole of."""
    url = plain_url(job.source.url)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return _Begun(url, None, None)
    total = _number(response, "Content-Length")
    if response.status_code == requests.codes.partial_content:
        end = response.headers.get("Content-Range", "").rpartition("/")[2]
        total = int(end) if end.isdecimal() else None
    tag = response.headers.get("ETag", "")
    is_strong = tag.startswith('"')
    return _Begun(url, tag if is_strong else response.headers.get("Last-Modified"), total)


def _goes_on(response: requests.Response, at: int, begun: _Begun, now: _Begun) -> bool:
    """Tell whether an answer is the rest of the partial file."""
    is_next = response.headers.get("Content-Range", "").startswith(f"bytes {at}-")
    is_same = now.validator in {None, begun.validator}
    return is_next and is_same and now.total == begun.total


def _read_state(job: _Job) -> _Begun | None:
    """Say what the partial file is a part of; None if there is nothing to go on from."""
    try:
        begun = _Begun(**json.loads(job.state.read_text(encoding="utf-8")))
        size = job.partial.stat().st_size
    except (OSError, ValueError, TypeError):
        return None
    is_part = 0 < size <= (begun.total or size)
    return begun if is_part and begun.url == plain_url(job.source.url) else None


def _receive(job: _Job, response: requests.Response, at: int, total: int | None) -> None:
    """Write the answer to the partial file, from a byte on."""
    with _on_disk(job):
        free = shutil.disk_usage(job.path.parent).free
        if total is not None and total - at > free:
            raise OSError(errno.ENOSPC, f"{_size(total - at)} to come, {_size(free)} free")
        file = job.partial.open("r+b" if at else "wb", buffering=0)
    done = at
    try:
        with file:
            file.seek(at)
            for chunk in response.iter_content(CHUNK_BYTES):
                if not done and len(chunk) >= HEAD_BYTES:
                    _check_head(job.source.kind, chunk[:HEAD_BYTES])
                done += len(chunk)
                if done > job.source.max_bytes:
                    _unfit(_wrong_size(job.source, done))
                with _on_disk(job):
                    _write(file, chunk)
                job.tell(done, total)
    except _UnfitError as error:
        job.reject(f"what {job.host} sends {error}")
    if total is not None and done != total:
        _again(f"the connection to {job.host} was cut")


def _write(file: FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]


# The disk


@contextmanager
def _on_disk(job: _Job) -> Iterator[None]:
    """Tell faults of the disk."""
    try:
        yield
    except FetchError:
        raise
    except OSError as error:
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        if cause.errno in {errno.ENOSPC, errno.EDQUOT}:
            what, remedy = "the disk is full", "Make room and fetch again."
        else:
            what = f"{job.path.parent} cannot be written to"
            remedy = "Close the file in other programs, or choose another folder."
        job.fail(f"{what} ({cause.strerror or cause})", remedy, error)


def _put_in_place(job: _Job, modified: str | None) -> None:
    """Check the partial file and move it to its place, its record with it, or neither."""
    source, size = job.source, job.size
    try:
        if not source.min_bytes <= size <= source.max_bytes:
            _unfit(_wrong_size(source, size))
        rows = _check_content(source, job.partial)
    except _UnfitError as error:
        job.reject(f"what {job.host} sends {error}")
    record = Provenance(
        source=source.attribution,
        url=plain_url(source.url),
        licence=source.licence,
        date=datetime.now(UTC).isoformat(),
        modified=modified,
        sha256=_sha256(job.partial),
        bytes=size,
        rows=rows,
        crs=source.crs,
    )
    text = json.dumps(asdict(record), ensure_ascii=False, indent=2) + "\n"
    beside = provenance_path(job.path)
    with _on_disk(job):
        before = beside.read_bytes() if beside.is_file() else None
        write_whole(beside, lambda path: _write_bytes(path, text.encode()))
        try:
            job.partial.replace(job.path)
        except BaseException:
            beside.unlink()
            if before is not None:
                write_whole(beside, partial(_write_bytes, content=before))
            raise
        job.state.unlink(missing_ok=True)


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


# The content


def _check_content(source: Source, path: Path) -> int | None:
    """Refuse a file that is not whole or not of its kind; count its rows."""
    with path.open("rb") as file:
        _check_head(source.kind, file.read(HEAD_BYTES))
    check = {
        "csv": _check_csv,
        "geojson": _check_geojson,
        "json": _check_json,
        "pbf": lambda _source, _path: None,
        "zip": _check_zip,
    }[source.kind]
    return check(source, path)


def _check_head(kind: Kind, head: bytes) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        _unfit(f"is a web page instead of {kind}")
    fits = {
        "csv": text and b"\0" not in head and text[:1] not in b"{[",
        "geojson": text.startswith(b"{"),
        "json": text.startswith((b"{", b"[")),
        "pbf": head[4:15] == b"\n\tOSMHeader",
        "zip": head.startswith(b"PK\x03\x04"),
    }
    if not fits[kind]:
        _unfit(f"is no {kind}")


def _check_csv(source: Source, path: Path) -> int:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.readline()
        file.seek(0)
        rows = csv.reader(file, delimiter=max(";,\t|", key=first.count))
        header = last = next(rows)
        _check_names(source, header)
        count = 0
        try:
            for row in rows:
                if row:
                    count, last = count + 1, row
        except csv.Error as error:
            _unfit(f"is no csv in row {count + 1} ({error})")
    if len(last) < len(header) and not _ends(path, b"\n"):
        _unfit("ends in the middle of a row")
    return _some(count)


def _check_geojson(source: Source, path: Path) -> int:
    if not _ends(path, b"}"):
        _unfit("ends in the middle")
    try:
        info = pyogrio.read_info(path, force_feature_count=True)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        _unfit("is no whole geojson")
    _check_names(source, info["fields"])
    if source.crs and not CRS(info["crs"]).equals(source.crs, ignore_axis_order=True):
        _unfit(f"is in {info['crs']}, not in {source.crs}")
    return _some(int(info["features"]))


def _check_json(source: Source, path: Path) -> int | None:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        _unfit("is no whole json")
    _check_names(source, content if isinstance(content, dict) else ())
    return len(content) if isinstance(content, list) else None


def _check_zip(source: Source, path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = _safe_names(archive, MAX_UNPACKED_BYTES)
            for pattern in source.needs:
                _fitting(names, pattern)
            broken = archive.testzip()
    except BROKEN_ZIP:
        _unfit("is no whole zip")
    if broken:
        _unfit(f"is a zip with a broken file ({_shown(broken)})")


def _safe_names(archive: zipfile.ZipFile, max_bytes: int) -> list[str]:
    """List the files of a zip; refuse it if unpacking any of it could do harm."""
    entries = archive.infolist()
    for entry in entries:
        name = entry.orig_filename
        parts = name.removesuffix("/").split("/")
        is_odd = any(p in {"", ".", ".."} or RESERVED.fullmatch(p) or p[-1:] in " ." for p in parts)
        if is_odd or re.search(r'[\x00-\x1f\\:*?"<>|]', name):
            _unfit(f"is a zip with a file that would go astray ({_shown(name)})")
        if stat.S_ISLNK(entry.external_attr >> 16):
            _unfit(f"is a zip with a link ({_shown(name)})")
        if entry.flag_bits & 1:
            _unfit(f"is a zip with a password ({_shown(name)})")
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        _unfit("is a zip with two files of one name")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > max_bytes or unpacked > max(SMALL_BYTES, MAX_RATIO * packed):
        _unfit(f"is a zip that would unpack to {_size(unpacked)}")
    return [entry.filename for entry in entries if not entry.is_dir()]


def _fitting(names: Sequence[str], pattern: str) -> list[str]:
    fitting = fnmatch.filter(names, pattern)
    if not fitting:
        _unfit(f"has no {pattern} any more: it holds {_few(names)}")
    return fitting


def _check_names(source: Source, names: Iterable[str]) -> None:
    there = list(names)
    missing = [name for name in source.needs if name not in there]
    if missing:
        _unfit(f"has no {_few(missing)} any more: it holds {_few(there)}")


def _unfit(what: str) -> NoReturn:
    raise _UnfitError(what)


def _some(count: int) -> int:
    if not count:
        _unfit("has no rows")
    return count


def _ends(path: Path, end: bytes) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - HEAD_BYTES))
        tail = file.read()
    return (tail if end == b"\n" else tail.rstrip()).endswith(end)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _number(response: requests.Response, header: str) -> int | None:
    value = response.headers.get(header, "")
    return int(value) if value.isdecimal() else None


def _wrong_size(source: Source, size: int) -> str:
    least, most = _size(source.min_bytes), _size(source.max_bytes)
    return f"is {_size(size)}, where {least} to {most} are expected"


def _size(count: int) -> str:
    return f"{count / MB:,.1f} MB" if count >= MB else f"{count:,} bytes"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""  # noqa: PLR2004
    return _shown(", ".join(names[:5])) + more if names else "nothing"


def _shown(text: str) -> str:
    """Take out what a terminal would obey."""
    return "".join(c if c.isprintable() else "?" for c in text)[:200]
