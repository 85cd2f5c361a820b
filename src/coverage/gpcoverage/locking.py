"""One run at a time in a folder, whichever program or machine it runs on.

The system itself holds the lock, so that a run that is killed leaves none behind.
"""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

LOCK: Final = ".gpcoverage.lock"
"""The file that is locked; it is there while somebody writes to the folder."""

POLL_S: Final = 0.05
NO_LOCKS: Final = frozenset({errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK})
BUSY: Final = frozenset({errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK})


@contextmanager
def alone(folder: Path, wait_s: float) -> Iterator[bool]:
    """Keep other runs out of a folder.

    Parameters
    ----------
    folder
        Made if it is not there.
    wait_s
        Longest wait for another run, seconds.

    Yields
    ------
    bool
        False where the file system knows no locks: then nobody is kept out.

    Raises
    ------
    TimeoutError
        If another run does not come to an end.
    OSError
        If the folder cannot be written to.
    """
    if sys.platform == "win32":
        from filelock import FileLock, Timeout  # noqa: PLC0415  takes its file away itself

        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=wait_s)
        try:
            lock.acquire()
        except Timeout as error:
            raise TimeoutError from error
        try:
            yield True
        finally:
            lock.release()
        return
    held, is_locked = _acquire(folder, time.monotonic() + wait_s)
    try:
        yield is_locked
    finally:
        # Taken away while it is held: who has it open sees below that it is there no more.
        with suppress(OSError):
            (folder / LOCK).unlink()
        os.close(held)


if sys.platform != "win32":
    import fcntl

    def _acquire(folder: Path, until: float) -> tuple[int, bool]:
        """Lock the file that lies in the folder: an open one, and whether it is locked."""
        while True:
            folder.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # the folder was just taken away
                opened = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
                try:
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if os.path.samestat(os.fstat(opened), (folder / LOCK).stat()):
                        return opened, True
                except OSError as error:
                    if error.errno in NO_LOCKS:
                        return opened, False
                    if error.errno not in BUSY | {errno.ENOENT}:
                        os.close(opened)
                        raise
                os.close(opened)
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(POLL_S)
