"""Figures for reports and notebooks, by matplotlib."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.closure import Comparison, band_names
from gpcoverage.analysis.ledger import Ledger, critical_pairs
from gpcoverage.outputs import closure_texts, numerals, texts
from gpcoverage.outputs.disclosure import ON, Disclosure, weights
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.markup import clipped
from gpcoverage.outputs.told import ToldChoice, tell_choice
from gpcoverage.outputs.told_closure import ToldClosure, tell_closure
from gpcoverage.outputs.told_ledger import ToldLedger, tell_ledger
from gpcoverage.units import METRES_PER_KM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINES: Final = (("nearest_m", "#12507b", "-"), ("second_m", "#c4701a", "--"))
LINE_LABELS: Final = {
    "nearest_m": "Nærmeste åbne praksis",
    "second_m": "Næstnærmeste åbne praksis",
}
MAX_KM: Final = 30
NOTE_POINTS: Final = 6.5
TITLE_POINTS: Final = 11.5
TITLE_LETTER_WIDTH: Final = 0.6
LETTER_WIDTH: Final = 0.54
LETTER_HEIGHT: Final = 1.2
LINE_HEIGHT: Final = 1.25
POINTS_PER_INCH: Final = 72
MOST_ROWS: Final = 12
MOST_PRACTICES: Final = 15


def distance_shares(choice: Choice, *, disclosure: Disclosure = ON) -> "Figure":
    """Draw the share of people by distance to the nearest and second nearest open practice.

    Parameters
    ----------
    choice
        The result.
    disclosure
        What may be told.

    Returns
    -------
    matplotlib.figure.Figure
        Cumulative shares over 0 to 30 km. People without a way to a practice are in the whole, so
        a line that ends below 100 % shows them; bands show the network's error. Homes whose people
        are left out have equal weights.
    """
    figure = draw_distances(tell_choice(choice, disclosure=disclosure))
    title = say("{study}: hvor langt er der til en åben praksis?", study=choice.study.name)
    figure.axes[0].set_title(clipped(title, 80), loc="left", parse_math=False)
    return figure


def draw_distances(told: ToldChoice) -> "Figure":
    """Draw what may be told of how far it is to the nearest and second nearest open practice."""
    from matplotlib.figure import Figure  # noqa: PLC0415  slow to import

    choice = told.choice
    figure = Figure(figsize=(7.6, 5.4), layout="constrained")
    axes = figure.subplots()
    people = weights(told.sums, options=told.disclosure).to_numpy()
    at_km = np.linspace(0, MAX_KM, 301)
    error = choice.network.error_share
    for column, colour, style in LINES:
        km = choice.homes[column].to_numpy() / METRES_PER_KM
        share = _share_within(km, people, at_km)
        shorter, longer = (_share_within(km * f, people, at_km) for f in (1 - error, 1 + error))
        axes.fill_between(at_km, longer, shorter, color=colour, alpha=0.15, linewidth=0)
        axes.plot(
            at_km, share, color=colour, linestyle=style, linewidth=2, label=say(LINE_LABELS[column])
        )
    for limit_m in sorted(set(choice.homes["limit_m"])):
        axes.axvline(limit_m / METRES_PER_KM, color="#52606d", linewidth=1, linestyle=":")
        axes.annotate(
            say("grænse {limit}", limit=numerals.km(limit_m)), (limit_m / METRES_PER_KM, 3), xytext=(4, 0),
            textcoords="offset points", fontsize=9, color="#52606d",
        )  # fmt: skip
    axes.set(
        xlim=(0, MAX_KM),
        ylim=(0, 101),
        xlabel=say("Afstand i km"),
        ylabel=say("Andel af borgere i %"),
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e3e8ec", linewidth=0.8)
    axes.legend(loc="center right", frameon=False)
    return figure


def closure_figure(comparison: Comparison, *, disclosure: Disclosure = ON) -> "Figure":
    """Draw where fewer can choose, and how much longer the way gets.

    Parameters
    ----------
    comparison
        Before and after.
    disclosure
        What may be told.

    Returns
    -------
    matplotlib.figure.Figure
        Left the share of people with a choice, before and after, of the municipalities that
        change; right people by extra km.
    """
    return draw_change(tell_closure(comparison, comparison.check_after(), disclosure=disclosure))


def draw_change(told: ToldClosure) -> "Figure":
    """Draw what may be told of where fewer can choose, and how much longer the way gets."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(10, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    rows = told.municipalities.dropna(subset=["population", "choice", "choice_after"])
    rows = rows[(rows["choice"] != rows["choice_after"]) & (rows["population"] > 0)]
    rows = rows.assign(change=(rows["choice_after"] - rows["choice"]).abs())
    rows = rows.nlargest(MOST_ROWS, "change").iloc[::-1]
    at = np.arange(len(rows))
    was, now = (100 * rows[c] / rows["population"] for c in ("choice", "choice_after"))
    left.hlines(at, was, now, color="#9aa7b2", linewidth=3)
    left.scatter(was, at, color="#a9c9c3", edgecolor="#33414e", s=60, zorder=3, label=say("Før"))
    left.scatter(now, at, color="#7a1736", edgecolor="#33414e", s=60, zorder=3, label=say("Efter"))
    left.set_yticks(at, rows["name"])
    left.set(xlim=(-2, 102), xlabel=say("Borgere, der kan vælge, i %"))
    left.set_title(say("Hvor ændrer valget sig?"), loc="left")
    if len(rows):
        left.legend(loc="lower left", frameon=False)
    else:
        left.text(0.5, 0.5, say("Ingen kommune ændrer sig"), transform=left.transAxes, ha="center")
    _draw_extra(right, told.extra)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_extra(axes: "Axes", extra: pd.DataFrame) -> None:
    bands = band_names()
    for offset, (which, label) in enumerate(say_all(closure_texts.EXTRA_LABELS).items()):
        people = extra.loc[which, bands].to_numpy(dtype=float)
        bars = axes.bar(
            np.arange(len(bands)) + 0.4 * offset - 0.2,
            np.nan_to_num(people),
            0.38,
            color=LINES[offset][1],
            label=label,
        )
        axes.bar_label(bars, [numerals.number(n) if n else "" for n in people], fontsize=8)
    axes.set_xticks(np.arange(len(bands)), [closure_texts.band_label(band) for band in bands])
    axes.set(ylabel=say("Borgere"), xlabel=say("Så meget længere er der"))
    axes.yaxis.set_major_formatter(lambda value, _: numerals.number(value))
    axes.set_title(say("Ekstra kilometer"), loc="left")
    axes.legend(loc="upper right", frameon=False)


def ledger_figure(ledger: Ledger, *, disclosure: Disclosure = ON) -> "Figure":
    """Draw the practices that matter most, and when their doctors reach the stated age.

    Parameters
    ----------
    ledger
        Every practice closed in turn.
    disclosure
        What may be told.

    Returns
    -------
    matplotlib.figure.Figure
        Left the 15 most critical practices by the people who lose a choice; right all that take
        one from anybody, by the year in which the last doctor reaches the age, with the numbers of
        the left half. Practices without a known age are in the left half only.
    """
    return draw_critical(tell_ledger(ledger, critical_pairs(ledger.choice), disclosure=disclosure))


def draw_critical(told: ToldLedger) -> "Figure":
    """Draw what may be told of the practices that matter most, and of when it may happen."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(12, 5.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    ledger, rows = told.ledger, told.practices[told.practices["affected"] > 0]
    _draw_most_critical(left, rows.head(MOST_PRACTICES).iloc[::-1], ledger)
    _draw_retirement(right, rows[rows["retire_last"].notna()], ledger)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="x", color="#e3e8ec", linewidth=0.8)
        axes.set_axisbelow(True)
    if len(rows):
        left.legend(loc="upper left", bbox_to_anchor=(0.0, -0.12), ncols=2, frameon=False)
    return figure


def _draw_most_critical(axes: "Axes", rows: pd.DataFrame, ledger: Ledger) -> None:
    at = np.arange(len(rows))
    # Where the split is left out, the whole bar has the colour of the lesser loss.
    last, either = rows["loses_last"].fillna(0.0).to_numpy(), rows["affected"].to_numpy()
    few = texts.too_few(ledger.choice)
    axes.barh(at, last, color="#7a1736", label=say("Har ingen tilbage"))
    axes.barh(
        at, either - last, left=last, color="#e58a1f", label=say("Har {few} tilbage", few=few)
    )
    for y, people in zip(at, either, strict=True):
        axes.annotate(
            numerals.number(people), (people, y), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=8.5, color="#33414e",
        )  # fmt: skip
    # Names come from files: a dollar sign in one is no formula.
    ranked = rows["rank"].astype(str) + ". " + rows["name"]
    axes.set_yticks(at, ranked, parse_math=False, fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(lambda value, _: numerals.number(value))
    axes.set_xlabel(say("Borgere, der mister en valgmulighed, hvis praksis lukker"))
    axes.set_title(say("De mest afgørende praksis"), loc="left")
    if len(rows):
        axes.set_xlim(0, 1.12 * either.max())
        axes.locator_params(axis="x", nbins=5)
    else:
        axes.text(
            0.5, 0.5, say("Ingen praksis er afgørende"), transform=axes.transAxes, ha="center"
        )


def _draw_retirement(axes: "Axes", rows: pd.DataFrame, ledger: Ledger) -> None:
    year, people = rows["retire_last"].to_numpy(), rows["affected"].to_numpy()
    colour = np.where(rows["loses_last"] > 0, "#7a1736", "#e58a1f")
    axes.scatter(year, people, c=colour, s=34, alpha=0.85, edgecolor="white", linewidth=0.6)
    for rank, x, y in zip(rows["rank"].head(MOST_PRACTICES), year, people, strict=False):
        axes.annotate(
            f"{rank}", (x, y), xytext=(5, 3), textcoords="offset points", fontsize=8.5,
            color="#33414e",
        )  # fmt: skip
    now = ledger.choice.study.date.year
    axes.axvspan(now, now + 10, color="#eef2f5", zorder=0)
    axes.annotate(
        say("de næste 10 år"), (now, 1), xycoords=("data", "axes fraction"), xytext=(4, -12),
        textcoords="offset points", fontsize=8.5, color="#52606d",
    )  # fmt: skip
    axes.yaxis.set_major_formatter(lambda value, _: numerals.number(value))
    reached = say(
        "År, hvor den sidste læge i praksis fylder {age} (forudsat)", age=ledger.retirement_age
    )
    axes.set_xlabel(reached)
    axes.set_ylabel(say("Borgere, der mister en valgmulighed"))
    axes.set_title(say("Hvornår kan det ske?"), loc="left")
    axes.set_ylim(bottom=0)
    if rows.empty:
        axes.text(
            0.5, 0.5, say("Lægernes alder er ikke kendt"), transform=axes.transAxes, ha="center"
        )
    else:
        axes.set_xlim(min(now, year.min()) - 2, max(now + 10, year.max()) + 2)


def frame(figure: "Figure", titles: Sequence[str], paragraphs: Sequence[str]) -> "Figure":
    """Give a figure that goes out by itself titles, and paragraphs in small letters below.

    Parameters
    ----------
    figure
        Any figure with constrained layout; it grows by what they take.
    titles, paragraphs
        Plain text.

    Returns
    -------
    matplotlib.figure.Figure
        The same figure.
    """
    width, height = figure.get_size_inches()
    letters = int(width * POINTS_PER_INCH / (NOTE_POINTS * LETTER_WIDTH))
    lines = [line for text in paragraphs for line in textwrap.wrap(text, letters)]
    needed = (len(lines) + 1) * NOTE_POINTS * LINE_HEIGHT * LETTER_HEIGHT / POINTS_PER_INCH
    figure.set_size_inches(width, height + needed)
    from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: PLC0415

    share = height / (height + needed)
    figure.set_layout_engine(ConstrainedLayoutEngine(rect=(0, 1 - share, 1, share)))
    fit = int(width * POINTS_PER_INCH / (TITLE_POINTS * TITLE_LETTER_WIDTH))
    heads = "\n".join(clipped(line, fit) for line in titles)
    figure.suptitle(heads, x=0.012, ha="left", fontsize=TITLE_POINTS, parse_math=False)
    figure.text(
        0.012, 0.008, "\n".join(lines), fontsize=NOTE_POINTS, color="#52606d", va="bottom",
        linespacing=LINE_HEIGHT, parse_math=False,
    )  # fmt: skip
    return figure


def write_png(figure: "Figure", path: Path) -> None:
    """Save a figure as PNG of 200 dots an inch; the same figure gives the same bytes."""
    figure.savefig(path, format="png", dpi=200, metadata={"Software": None})


def write_svg(figure: "Figure", path: Path | BinaryIO) -> None:
    """Save a figure as SVG; the same figure gives the same bytes.

    Parameters
    ----------
    figure
        Any figure.
    path
        The .svg file, or where to write it.
    """
    import matplotlib  # noqa: PLC0415

    with matplotlib.rc_context({"svg.hashsalt": "gpcoverage", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None})


def _share_within(km: np.ndarray, people: np.ndarray, at_km: np.ndarray) -> np.ndarray:
    """Sum the people within each distance, in percent of all; NaN is beyond any distance."""
    order = np.argsort(km)
    reached = np.concatenate([[0.0], np.cumsum(people[order])])
    within = reached[np.searchsorted(km[order], at_km, side="right")]
    return np.asarray(100 * within / people.sum())
