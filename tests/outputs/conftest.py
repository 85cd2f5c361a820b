"""One small result for every kind of output."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gpcoverage import Choice, RoadNetwork, Study, compute_choice

NASTY = '<script>alert("1")</script>'


@pytest.fixture(scope="session")
def choice(make_study: Callable[..., Study], coast_road: RoadNetwork) -> Choice:
    """Return a result with every status, unreachable homes, and a practice with a nasty name."""
    study = make_study(
        [(0, 10), (4, 20), (6, 30), (9.9, 40.5), ((500_500.0, 6_205_000.0), 7)],
        [(20, True), (18, True), (1, False)],
    )
    names = [NASTY, '=HYPERLINK("x")', "Lægerne i Ulfborg"]
    practices = study.practices.assign(name=names, doctors=[2.0, 1.5, float("nan")])
    return compute_choice(replace(study, practices=practices, partly_modelled=True), coast_road)
