"""The figure of distances: shares that are shares, and a line that shows who is left."""

import numpy as np
import pytest

from gpcoverage import Choice, distance_shares


def test_lines_are_the_shares(choice: Choice) -> None:
    figure = distance_shares(choice)
    axes = figure.axes[0]
    nearest, second = (line for line in axes.lines if len(np.asarray(line.get_xdata())) > 2)
    km, share = (np.asarray(values, dtype=float) for values in nearest.get_data())
    assert (np.diff(share) >= 0).all()
    # 40.5 + 30 + 20 + 10 of 107.5 people have a way to a practice: 18, 14, 12 and 8.1 km.
    assert share[np.searchsorted(km, 8.0)] == 0
    assert share[np.searchsorted(km, 12.5)] == pytest.approx(100 * 70.5 / 107.5)
    assert share[-1] == pytest.approx(100 * 100.5 / 107.5)
    assert (np.asarray(second.get_ydata(), dtype=float) <= share).all()
    assert axes.get_title(loc="left").startswith("Kystvejen")
    assert "grænse 15 km" in [text.get_text() for text in axes.texts]
