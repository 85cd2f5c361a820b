"""Writing results: all files of a run together, or none."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from gpcoverage.errors import OutputError

Writer = Callable[[Path], object]
"""Writes one file to the path it is given."""


def write_together(folder: Path, writers: Mapping[str, Writer]) -> dict[str, Path]:
    """Write several files to a folder; nothing half-written is ever in place.

    Every file is first written in full to a draft folder inside, then all are moved to their
    places. If a move fails (a file is open in another program), those already moved are put
    back as they were. Other files in the folder are left alone.

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
        If the folder cannot be written to, or the disk is full.
    """
    was_there = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
    except OSError as error:
        raise _cannot_write(folder, error) from error
    done = False
    try:
        for name, write in writers.items():
            write(draft / name)
        _move_all(draft, folder, list(writers))
        done = True
    except OSError as error:
        raise _cannot_write(folder, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if not done and not was_there:
            shutil.rmtree(folder, ignore_errors=True)
    return {name: folder / name for name in writers}


def _move_all(draft: Path, folder: Path, names: list[str]) -> None:
    """Move files to their places; put everything back if one cannot be moved."""
    before = draft / "before"
    before.mkdir()
    moved: list[str] = []
    try:
        for name in names:
            if (folder / name).exists():
                (folder / name).replace(before / name)
            moved.append(name)
            (draft / name).replace(folder / name)
    except BaseException:
        for name in moved:
            (folder / name).unlink(missing_ok=True)
            if (before / name).exists():
                (before / name).replace(folder / name)
        raise


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
        If it cannot be written, or the disk is full.
    """
    draft = path.with_name(f".draft-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(draft)
        draft.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return path


def _cannot_write(path: Path, error: OSError) -> OutputError:
    msg = (
        f"{path}: cannot be written ({error.strerror or error}). "
        "Close it in other programs, or choose another place with --out."
    )
    return OutputError(msg)
