"""Municipalities ranked by how many people cannot choose."""

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gpcoverage.outputs import numerals, texts
from gpcoverage.outputs.language import say
from gpcoverage.outputs.markup import clipped
from gpcoverage.outputs.palette import COLOURS
from gpcoverage.outputs.told import TOTAL, ToldChoice

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS: Final = 25
FEWEST_ROWS: Final = 5
"""Fewer rows are as high as if there were so many."""


def ranked(told: ToldChoice) -> pd.DataFrame:
    """Rank municipalities by the share of people who cannot choose, largest first.

    Parameters
    ----------
    told
        The check, as it may be told.

    Returns
    -------
    DataFrame
        By code: ``name``, ``population``, people by status, ``uncertain``, ``few_share`` (0 to 1).
        Municipalities whose numbers were left out come last.
    """
    people = told.people.drop(index=TOTAL)
    table = people[["population", "none", "one", "choice", "uncertain"]].assign(
        name=told.municipalities["name"].reindex(people.index),
        few_share=1 - people["choice"] / people["population"],
    )
    return table.sort_values(["few_share", "name"], ascending=[False, True], na_position="last")


def draw_ranking(told: ToldChoice) -> "Figure":
    """Draw, municipality by municipality, the share of people with one practice and with none.

    Parameters
    ----------
    told
        The check, as it may be told.

    Returns
    -------
    matplotlib.figure.Figure
        The 25 municipalities with the largest shares; the number of people stands beside the bar.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  slow to import

    rows = ranked(told)
    told_rows = rows[rows["few_share"].notna() & rows[["none", "one"]].notna().all(axis=1)]
    shown = told_rows.head(MOST_ROWS).iloc[::-1]
    figure = Figure(
        figsize=(7.6, max(2.4, 0.26 * max(len(shown), FEWEST_ROWS) + 1.5)), layout="constrained"
    )
    axes = figure.subplots()
    at = np.arange(len(shown))
    none, one = (100 * (shown[s] / shown["population"]).to_numpy() for s in ("none", "one"))
    few = texts.too_few(told.choice)
    axes.barh(at, none, color=COLOURS["none"], label=say("Har ingen"))
    axes.barh(at, one, left=none, color=COLOURS["one"], label=say("Har {few}", few=few))
    people = (shown["none"] + shown["one"]).to_numpy()
    for y, end, number in zip(at, none + one, people, strict=True):
        axes.annotate(
            numerals.number(number), (end, y), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=8, color="#33414e",
        )  # fmt: skip
    axes.set_yticks(at, [clipped(n, 30) for n in shown["name"]], parse_math=False, fontsize=8.5)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0, min(112.0, max(5.0, 1.15 * float(np.max(none + one, initial=0.0)))))
    axes.set_xlabel(say("Borgere, der ikke kan vælge, i % (antal ved søjlen)"))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="x", color="#e3e8ec", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_ylim(-0.6, max(len(shown), FEWEST_ROWS) - 0.4)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=8.5)
    return figure
