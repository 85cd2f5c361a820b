"""Figures for reports and notebooks, by matplotlib, in Danish."""

from typing import TYPE_CHECKING, Final

import numpy as np

from gpcoverage.analysis.choice import Choice
from gpcoverage.outputs import texts
from gpcoverage.units import METRES_PER_KM

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINES: Final = (
    ("nearest_m", "Nærmeste åbne praksis", "#12507b", "-"),
    ("second_m", "Næstnærmeste åbne praksis", "#c4701a", "--"),
)
MAX_KM: Final = 30


def distance_shares(choice: Choice) -> "Figure":
    """Draw the share of people by distance to the nearest and second nearest open practice.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    matplotlib.figure.Figure
        Cumulative shares over 0 to 30 km. People without a way to a practice are in the whole, so
        a line that ends below 100 % shows them; bands show the network's error.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  slow to import

    figure = Figure(figsize=(8, 4.6), layout="constrained")
    axes = figure.subplots()
    people = choice.homes["population"].to_numpy()
    at_km = np.linspace(0, MAX_KM, 301)
    error = choice.network.error_share
    for column, label, colour, style in LINES:
        km = choice.homes[column].to_numpy() / METRES_PER_KM
        share = _share_within(km, people, at_km)
        shorter, longer = (_share_within(km * f, people, at_km) for f in (1 - error, 1 + error))
        axes.fill_between(at_km, longer, shorter, color=colour, alpha=0.15, linewidth=0)
        axes.plot(at_km, share, color=colour, linestyle=style, linewidth=2, label=label)
    for limit_m in sorted(set(choice.homes["limit_m"])):
        axes.axvline(limit_m / METRES_PER_KM, color="#52606d", linewidth=1, linestyle=":")
        axes.annotate(
            f"grænse {texts.km(limit_m)}", (limit_m / METRES_PER_KM, 3), xytext=(4, 0),
            textcoords="offset points", fontsize=9, color="#52606d",
        )  # fmt: skip
    axes.set(xlim=(0, MAX_KM), ylim=(0, 101), xlabel="Afstand i km", ylabel="Andel af borgere i %")
    axes.set_title(f"{choice.study.name}: hvor langt er der til en åben praksis?", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e3e8ec", linewidth=0.8)
    axes.legend(loc="lower right", frameon=False)
    return figure


def _share_within(km: np.ndarray, people: np.ndarray, at_km: np.ndarray) -> np.ndarray:
    """Sum the people within each distance, in percent of all; NaN is beyond any distance."""
    order = np.argsort(km)
    reached = np.concatenate([[0.0], np.cumsum(people[order])])
    within = reached[np.searchsorted(km[order], at_km, side="right")]
    return np.asarray(100 * within / people.sum())
