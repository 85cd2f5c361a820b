"""Work done in a process of its own that may be killed."""

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from gpcoverage.files import Writer

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


def in_a_child(work: Callable[[], object]) -> int:
    """Do work in a child; give the signal that ended it, negative, or its exit status."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of others stay behind
        child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def write(text: str) -> Writer:
    def write_text(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    return write_text


def contents(folder: Path) -> dict[str, str]:
    """Read all files of a folder; folders in it, of drafts or not, are no files."""
    return {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.is_file()}
