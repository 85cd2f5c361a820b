"""A fetch is killed at any moment: the file and its record are the old pair or the new one."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from faults.forking import die_after, in_a_child, needs_fork
from faults.test_killed_writing import STEPS, die_at
from gpcoverage.sources.endpoints import Source
from gpcoverage.sources.fetching import fetch
from gpcoverage.sources.provenance import read_provenance
from sources.conftest import hurry, server, slept, source
from sources.serving import GOOD, LARGE, Server, leftovers, whole

__all__ = ["hurry", "server", "slept", "source"]

pytestmark = needs_fork

KILLS = int(os.environ.get("GPCOVERAGE_KILLS", "6")) * 2
MakeSource = Callable[..., Source]


def check_after_kill(wanted: Source, folder: Path, *, was_there: bool) -> bytes | None:
    """Use what is there without the network: all of the old or of the new, or nothing."""
    if not was_there and not (folder / wanted.name).is_file():
        fetch(wanted, folder)  # nothing was put in its place: it is fetched
        fetch(wanted, folder, refresh=True)
        assert leftovers(folder) == []  # a draft may lie there until something is written again
        return None
    path = fetch(wanted, folder, offline=True)
    assert read_provenance(path).bytes == path.stat().st_size
    return path.read_bytes()


def test_killed_at_any_step_of_moving(source: MakeSource, server: Server, tmp_path: Path) -> None:
    for was_there in (True, False):
        held = []
        for step in range(1, STEPS * 3):
            folder = tmp_path / f"{was_there}{step}"
            wanted = source("csv", whole(LARGE, tag='"1"'))
            if was_there:
                fetch(wanted, folder)
            server.answers = [whole(GOOD["csv"], tag='"2"')]

            def work(step: int = step, folder: Path = folder, wanted: Source = wanted) -> None:
                die_at(step)
                fetch(wanted, folder, refresh=True)

            ended = in_a_child(work)
            held.append(check_after_kill(wanted, folder, was_there=was_there))
            if ended == 0:
                break
            assert ended == -9
        assert ended == 0  # so every step was the last one once
        assert set(held) == {LARGE if was_there else None, GOOD["csv"]}


def test_killed_at_any_moment(source: MakeSource, server: Server, tmp_path: Path) -> None:
    chance = random.Random("kill fetch")  # noqa: S311  no secrets here
    new = LARGE[: LARGE.index(b"\n", len(LARGE) // 2) + 1]
    took = 0.1
    for kill in range(KILLS + 1):
        folder = tmp_path / f"{kill}"
        wanted = source("csv", whole(LARGE, tag='"1"'))
        fetch(wanted, folder)
        server.answers = [whole(new, tag='"2"')]
        moment = 60.0 if kill == 0 else chance.random() * took * 1.2

        def work(moment: float = moment, folder: Path = folder, wanted: Source = wanted) -> None:
            die_after(moment)
            fetch(wanted, folder, refresh=True)

        began = time.monotonic()
        ended = in_a_child(work)
        took = time.monotonic() - began if kill == 0 else took
        assert ended == (0 if kill == 0 else ended)
        assert check_after_kill(wanted, folder, was_there=True) in {LARGE, new}
