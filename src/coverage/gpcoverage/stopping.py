"""Ctrl-C ends a run within a second, with one line and status 130."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

STOPPED: Final = 130
PATIENCE_S: Final = 0.4
"""So long a run may take to come to its end by itself, and clear its drafts away."""

LINE: Final = "gpcoverage: stopped. Files in place are whole, old or new.\n"


@contextmanager
def stopping_on_ctrl_c() -> Iterator[None]:
    """Answer Ctrl-C while the program runs; to be entered once, by the program itself.

    Python hears of Ctrl-C only between two steps of its own, so a compiled search would go on to
    its end. The system wakes a thread as well: it ends the program if that does not end soon.
    That is no worse than being killed: what a run leaves is finished or cleared away by the next,
    see :mod:`gpcoverage.files`.
    """
    told = threading.Lock()

    def tell() -> None:
        if told.acquire(blocking=False):  # only once
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, LINE.encode())

    def stop(*_: object) -> None:
        tell()
        raise SystemExit(STOPPED)

    def watch(ours: socket.socket) -> None:
        ours.recv(1)
        time.sleep(PATIENCE_S)
        tell()
        os._exit(STOPPED)

    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    threading.Thread(target=watch, args=(ours,), daemon=True).start()
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        # The run is over: Ctrl-C while Python takes itself down has nothing left to stop.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if told.locked():
            os._exit(STOPPED)  # to take all that was imported down again may take seconds
