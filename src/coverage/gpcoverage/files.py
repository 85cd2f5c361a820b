"""Writing results: all files of a run together, or none."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from gpcoverage.errors import OutputError

Writer = Callable[[Path], None]
"""Writes one file to the path it is given."""


def write_together(folder: Path, writers: Mapping[str, Writer]) -> dict[str, Path]:
    """Write several files to a folder; nothing half-written is ever in place.

    Every file is first written in full beside the folder, then all are moved into it, in the
    order given. Other files in the folder are left alone.

    Parameters
    ----------
    folder
        Made if it is not there.
    writers
        Writer by file name. Put the file that describes the others last.

    Returns
    -------
    dict
        Path by file name.

    Raises
    ------
    OutputError
        If the folder cannot be written to, or the disk is full.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        for name, write in writers.items():
            write(draft / name)
        folder.mkdir(exist_ok=True)
        for name in writers:
            (draft / name).replace(folder / name)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
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
        If it cannot be written, or the disk is full.
    """
    return write_together(path.parent, {path.name: write})[path.name]


def _cannot_write(folder: Path, error: OSError) -> OutputError:
    msg = (
        f"{folder}: cannot be written ({error.strerror or error}). Choose another place with --out."
    )
    return OutputError(msg)
