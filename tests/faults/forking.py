"""Work done in a process of its own that may be killed."""

import hashlib
import json
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from gpcoverage import cli
from gpcoverage.files import Writer

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


def start(work: Callable[[], object], *, told: Path = Path(os.devnull)) -> int:
    """Start work in a child, what it says in a file; give its number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of others stay behind
        child = os.fork()
    if child:
        return child
    status = 99  # a traceback
    try:
        said = os.open(told, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1) for number in (1, 2))
        work()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    finally:
        os._exit(status)


def end_of(child: int) -> int:
    """Wait for a child; give the signal that ended it, negative, or its exit status."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_a_child(work: Callable[[], object], *, told: Path = Path(os.devnull)) -> int:
    return end_of(start(work, told=told))


def command(*words: str) -> Callable[[], None]:
    """Give a command as the program runs it."""

    def run() -> None:
        sys.argv = ["gpcoverage", *words]
        cli.main()

    return run


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(seconds: float) -> None:
    """Let this process be killed after a while, whatever it does then."""

    def wait() -> None:
        time.sleep(seconds)
        die()

    threading.Thread(target=wait, daemon=True).start()


def write(text: str) -> Writer:
    def write_text(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    return write_text


def contents(folder: Path) -> dict[str, str]:
    """Read all files of a folder; folders in it, of drafts or not, are no files."""
    return {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.is_file()}


def hashes(folder: Path) -> dict[str, str]:
    """Hash the results in a folder; when they were made is no part of them."""
    found = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_file() and not path.name.startswith("."):
            data = path.read_bytes()
            if path.name == "summary.json":
                data = json.dumps(json.loads(data) | {"created": ""}).encode()
            found[path.name] = hashlib.sha256(data).hexdigest()
    return found
