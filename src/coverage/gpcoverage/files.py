"""Writing results: all files of a run together, or none.

A run writes its files to a hidden draft folder beside their places. When all are whole, that folder
gets the name ``.moving`` in one step. From then on the new result is the one that holds: its files
are moved to their places one by one, and if the run is killed meanwhile, the next one that writes to
the folder moves the rest before it does anything else (:func:`finish_moving` does the same alone).
If it is killed earlier, the old result stands untouched and the draft is thrown away by the next.
So at rest a folder holds the old result or the new one. Between the kill and the next run ``.moving``
lies in the folder and says that files are still to come; several files at fixed places cannot change
in one step on any common file system.

Runs that write to one folder wait for each other. Whatever is promised here holds for programs that
are killed; nothing is promised for a power cut.
"""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from gpcoverage.errors import OutputError
from gpcoverage.locking import alone

Writer = Callable[[Path], object]
"""Writes one file to the path it is given."""

DRAFT: Final = ".draft-"
MOVING: Final = ".moving"
BEFORE: Final = "before"
WAIT_S: Final = 120.0
"""Longest wait for another run that writes to the same folder."""

LETTERS: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue"})


def slug(name: str) -> str:
    """Make a name fit for a file or folder.

    Examples
    --------
    >>> slug("Lægerne i Ærøskøbing, Dr. Å")
    'laegerne-i-aeroeskoebing-dr-aa'
    """
    return re.sub(r"[\W_]+", "-", name.casefold().translate(LETTERS)).strip("-")


def write_together(folder: Path, writers: Mapping[str, Writer]) -> dict[str, Path]:
    """Write several files to a folder; nothing half-written is ever in place.

    Every file is first written in full to a draft folder inside, then all are moved to their
    places. If a move fails (a file is open in another program), those already moved are put
    back as they were. Other files in the folder are left alone. A second run that writes to the
    folder meanwhile waits; the one that comes last stays.

    Parameters
    ----------
    folder
        Made if it is not there.
    writers
        Writer by file name.

    Returns
    -------
    dict
        Path by file name.

    Raises
    ------
    OutputError
        If the folder cannot be written to, the disk is full, or another run does not come to an
        end there.
    """
    _write_all(folder, folder, writers)
    return {name: folder / name for name in writers}


def write_whole(path: Path, write: Writer) -> Path:
    """Write one file beside its place and move it there once it is whole.

    Parameters
    ----------
    path
        Its folder is made if it is not there.
    write
        Writes to the path it is given.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        As for :func:`write_together`.
    """
    _write_all(path, path.parent, {path.name: write})
    return path


def finish_moving(folder: Path) -> None:
    """Bring a result to its places whose run was killed while it was moved there.

    Parameters
    ----------
    folder
        Need not be there.

    Raises
    ------
    OutputError
        If the files cannot be moved.
    """
    if (folder / MOVING).is_dir():
        _write_all(folder, folder, {})


def _write_all(told: Path, folder: Path, writers: Mapping[str, Writer]) -> None:
    """Write files to a folder; messages name what was asked for."""
    was_there = folder.exists()
    try:
        with alone(folder, WAIT_S) as is_alone:
            if is_alone:
                _clear_up(folder)
            if writers:
                _write_drafts(folder, writers)
    except TimeoutError as error:
        msg = (
            f"{told}: another run has been writing there for over {WAIT_S:g} s. "
            "Wait for it, or end it, or choose another place with --out."
        )
        raise OutputError(msg) from error
    except OSError as error:
        raise _cannot_write(told, error) from error
    finally:
        if not was_there:
            with suppress(OSError):
                folder.rmdir()  # stays if anything is in it


def _clear_up(folder: Path) -> None:
    """Finish or throw away what killed runs left; nobody else is at work here."""
    left, done = folder / MOVING, folder / f"{DRAFT}moved"
    shutil.rmtree(done, ignore_errors=True)
    if left.is_dir():
        _move_all(left, folder, [path.name for path in left.iterdir() if path.is_file()])
        left.replace(done)
    for draft in folder.glob(f"{DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)


def _write_drafts(folder: Path, writers: Mapping[str, Writer]) -> None:
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder))
    moving = folder / MOVING
    try:
        for name, write in writers.items():
            write(draft / name)
            (draft / name).stat()  # it is there
        (draft / BEFORE).mkdir()
        draft.replace(moving)  # from here on the new result holds
        try:
            _move_all(moving, folder, writers)
        except BaseException:
            _put_back(moving, folder, writers)
            moving.replace(draft)  # and from here on the old one again
            raise
        with suppress(OSError):  # nothing in it is to be moved any more
            moving.replace(draft)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _move_all(moving: Path, folder: Path, names: Iterable[str]) -> None:
    """Move files to their places, and what is there out of the way."""
    for name in names:
        if (folder / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if (folder / name).exists():
            (folder / name).replace(moving / BEFORE / name)
        (moving / name).replace(folder / name)


def _put_back(moving: Path, folder: Path, names: Iterable[str]) -> None:
    """Undo what of it was done."""
    for name in names:
        if not (moving / name).exists():
            (folder / name).replace(moving / name)
        if (moving / BEFORE / name).exists():
            (moving / BEFORE / name).replace(folder / name)


def _cannot_write(path: Path, error: OSError) -> OutputError:
    msg = (
        f"{path}: cannot be written ({error.strerror or error}). "
        "Close it in other programs, or choose another place with --out."
    )
    return OutputError(msg)
