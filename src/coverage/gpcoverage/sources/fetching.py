"""One file fetched into the store: it is there whole and checked, with a record beside it, or not.

A download goes to a hidden partial file beside its place. It is moved there when its size and its
content are right, and its record (source, licence, date, hash …) with it. Whatever goes wrong
raises :class:`~gpcoverage.errors.FetchError`, and what was there before stays as it was.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn

from filelock import FileLock, Timeout

from gpcoverage.errors import FetchError
from gpcoverage.files import finish_moving, write_whole
from gpcoverage.inputs.layer import file_sha256
from gpcoverage.sources.content import UnfitError, check_content, spell_size
from gpcoverage.sources.endpoints import Source
from gpcoverage.sources.provenance import (
    NEEDS_REFRESH,
    Provenance,
    provenance_path,
    read_provenance,
)
from gpcoverage.sources.transfer import Retry, StoppedError, Tell, Transfer, download, plain_url

RETRY: Final = Retry()


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
        Is told how far it is, such as by :func:`~gpcoverage.sources.transfer.progress_bar`.
    options
        Timeouts and retries.

    Returns
    -------
    Path
        ``folder/source.name``; its record is beside it, see :func:`~gpcoverage.sources.provenance.read_provenance`.

    Raises
    ------
    FetchError
        If the file cannot be had; one that was there before is untouched.
    """
    path = folder / source.name
    transfer = Transfer(source, path, progress or (lambda _done, _total: None), options)
    with _told(transfer):
        _finish(transfer)
    if offline and refresh:
        what = "to refresh it needs the network, and offline forbids that"
        _fail(transfer, what, "Choose one of the two.")
    if not refresh and _is_usable(transfer, offline=offline):
        return path
    if offline:
        what = f"not in {folder}, and offline nothing is fetched"
        remedy = f"Fetch it where there is internet, or download {plain_url(source.url)} by hand, and put it there."
        _fail(transfer, what, remedy)
    began = datetime.now(UTC)
    with _told(transfer), _alone(transfer):
        if not _was_fetched_since(path, began):
            _put_in_place(transfer, _bring(transfer))
    return path


def _is_usable(transfer: Transfer, *, offline: bool) -> bool:
    """Tell whether the file that is there will do; raise if it is not what it was."""
    path, source = transfer.path, transfer.source
    if not path.is_file():
        return False
    try:
        if not provenance_path(path).is_file():
            check_content(source, path)
            return True
        sha256 = file_sha256(path)
    except UnfitError as error:
        _fail(transfer, f"was put there by hand but {error}", NEEDS_REFRESH)
    except OSError as error:
        _fail(transfer, f"cannot be read ({error.strerror or error})", NEEDS_REFRESH, error)
    record = read_provenance(path)
    if record.sha256 != sha256:
        _fail(transfer, "was changed after it was fetched", NEEDS_REFRESH)
    is_same = record.url == plain_url(source.url)
    return offline or (is_same and record.age < timedelta(days=source.fresh_days))


def _was_fetched_since(path: Path, began: datetime) -> bool:
    """Tell whether another fetch did the work while this one waited for it."""
    try:
        return datetime.fromisoformat(read_provenance(path).date) > began and path.is_file()
    except FetchError:
        return False


@contextmanager
def _alone(transfer: Transfer) -> Iterator[None]:
    """Keep other fetches of the file waiting; leave no partial file without content."""
    path = transfer.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock"), timeout=transfer.options.lock_s):
        try:
            yield
        finally:
            if not transfer.size:
                with suppress(OSError):
                    transfer.drop()


def _bring(transfer: Transfer) -> Provenance:
    """Fill the partial file, check it, and say where it came from."""
    source, came = transfer.source, transfer.partial
    try:
        modified = download(transfer)
        rows = check_content(source, came)
    except UnfitError as error:
        transfer.drop()
        msg = f"what {transfer.host} sends {error}"
        raise StoppedError(msg) from None
    return Provenance(
        source=source.attribution,
        url=plain_url(source.url),
        licence=source.licence,
        date=datetime.now(UTC).isoformat(),
        modified=modified,
        sha256=file_sha256(came),
        bytes=transfer.size,
        rows=rows,
        crs=source.crs,
    )


def _finish(transfer: Transfer) -> None:
    """Move a whole partial file to its place if the run that fetched it was killed before."""
    finish_moving(transfer.path.parent)
    if _is_moving(transfer):
        with _alone(transfer):
            if _is_moving(transfer):
                transfer.partial.replace(transfer.path)
                transfer.state.unlink(missing_ok=True)


def _is_moving(transfer: Transfer) -> bool:
    """Tell whether the record in place is that of the partial file."""
    try:
        record = read_provenance(transfer.path)
    except FetchError:
        return False
    same_size = transfer.partial.is_file() and transfer.size == record.bytes
    return same_size and file_sha256(transfer.partial) == record.sha256


def _put_in_place(transfer: Transfer, record: Provenance) -> None:
    """Move the partial file to its place, its record with it, or neither.

    A run that is killed between the two leaves the record, and the partial file that it is of:
    the next moves it, see :func:`_finish`.
    """
    beside = provenance_path(transfer.path)
    before = beside.read_bytes() if beside.is_file() else None
    _write(beside, record.to_json().encode())
    try:
        transfer.partial.replace(transfer.path)
    except BaseException:
        beside.unlink()
        if before is not None:
            _write(beside, before)
        raise
    transfer.state.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    def write(draft: Path) -> None:
        draft.write_bytes(content)

    write_whole(path, write)


@contextmanager
def _told(transfer: Transfer) -> Iterator[None]:
    """Tell whatever goes wrong."""
    try:
        yield
    except StoppedError as error:
        _fail(transfer, str(error), error.remedy)
    except Timeout:
        what = f"another program has been fetching it for over {transfer.options.lock_s:g} s"
        _fail(transfer, what, "Wait for it, or end it, and fetch again.")
    except OSError as error:
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        if cause.errno in {errno.ENOSPC, errno.EDQUOT}:
            what, remedy = "the disk is full", "Make room and fetch again."
        else:
            what = f"{transfer.path.parent} cannot be written to"
            remedy = "Close the file in other programs, or choose another folder."
        _fail(transfer, f"{what} ({cause.strerror or cause})", remedy, error)


def _fail(transfer: Transfer, what: str, remedy: str, cause: Exception | None = None) -> NoReturn:
    """Say what happened, what is left and what to do."""
    left = (
        "The file that was there is untouched."
        if transfer.path.is_file()
        else "No file was put in its place."
    )
    kept = f" {spell_size(transfer.size)} are kept to go on from." if transfer.size else ""
    msg = f"{transfer.path.name}: {what}. {left}{kept} {remedy}"
    raise FetchError(msg) from cause
