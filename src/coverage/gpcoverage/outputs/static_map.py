"""Maps on paper, by matplotlib: who can choose, what a closure changes, where answers are uncertain."""

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gpcoverage.analysis.choice import STATUSES, Choice
from gpcoverage.inputs.scenario import Close, practice_id
from gpcoverage.inputs.study import Study
from gpcoverage.outputs import closure_texts, numerals, texts
from gpcoverage.outputs.changed import changed_areas, changed_points
from gpcoverage.outputs.language import say
from gpcoverage.outputs.maps import status_areas
from gpcoverage.outputs.markup import clipped
from gpcoverage.outputs.palette import (
    AREA,
    BORDER,
    COLOURS,
    INK,
    LAND,
    PRACTICE_EDGES,
    PRACTICE_FILLS,
    SEA,
    SHORE,
)
from gpcoverage.outputs.told import ToldChoice
from gpcoverage.outputs.told_closure import ToldClosure
from gpcoverage.units import CRS_METRES, METRES_PER_KM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LineStyle = Literal["-", ":"]

WIDTH_INCHES: Final = 9.0
HEIGHT_SHARES: Final = (0.5, 0.68)
"""A map is so much lower than wide: it fills a sheet that lies."""

LEGEND_INCHES: Final = 0.9
SHARES: Final = (0.0, 0.02, 0.05, 0.1, 0.2)
SHADES: Final = ("#f3f1fa", "#d3cfe8", "#aaa2d0", "#7b6fb3", "#4c3f8f")
"""Municipalities by the share of people whose answer is uncertain."""

UNTOLD: Final = "#e3e3e3"
SIMPLER_M: Final = 60.0
"""On paper a region is drawn at about one to a million: less than this is not seen."""

MARGIN_SHARE: Final = 0.03
NAMES_SHOWN: Final = 40
"""More names than this would hide the map."""

LEAST_SEEN_SHARE: Final = 0.01
"""A municipality of which less of the map is seen is not named."""

MOST_NAMED: Final = 6
"""The names of more practices that close would cover each other."""

BELOW_SHARE: Final = 0.018
CLOSE_UP_M: Final = 9_000.0


def draw_choice_map(told: ToldChoice) -> "Figure":
    """Draw who can choose.

    Parameters
    ----------
    told
        The check, as it may be told.

    Returns
    -------
    matplotlib.figure.Figure
        EPSG:25832; uncertain answers hatched.
    """
    figure, axes = _start(told.choice.study, _bounds(told.choice.study.area))
    _add_statuses(axes, told.choice)
    _add_borders(axes, told.choice.study)
    _add_practices(axes, told.choice)
    _add_legend(axes, [*_status_keys(told.choice), *_practice_keys()])
    return figure


def draw_closure_map(told: ToldClosure) -> "Figure":
    """Draw who can choose afterwards, and outline where people lose or gain.

    Parameters
    ----------
    told
        Before and after, as they may be told.

    Returns
    -------
    matplotlib.figure.Figure
        EPSG:25832: what changes and its surroundings.
    """
    study, later = told.comparison.after, told.after.choice
    figure, axes = _start(study, _close_up(told))
    _add_statuses(axes, later)
    _add_borders(axes, study)
    keys = _status_keys(later)
    for changed in changed_areas(told):
        style: LineStyle = ":" if changed.is_dashed else "-"
        area = gpd.GeoSeries([changed.shape], crs=CRS_METRES)
        area.boundary.plot(ax=axes, color=changed.colour, linestyle=style, linewidth=1.6, zorder=4)
        keys.append(_line(changed.label, changed.colour, style))
    _add_practices(axes, later)
    keys += _practice_keys()
    if _add_closed(axes, told):
        keys.append(_cross(say(closure_texts.CLOSED_LABEL)))
    _add_legend(axes, keys)
    return figure


def draw_uncertain_map(told: ToldChoice) -> "Figure":
    """Draw where the people live whose answer is uncertain.

    Parameters
    ----------
    told
        The check, as it may be told.

    Returns
    -------
    matplotlib.figure.Figure
        Municipalities by share of uncertain people, and the homes in question.
    """
    from matplotlib.patches import Patch  # noqa: PLC0415  slow to import

    study = told.choice.study
    figure, axes = _start(study, _bounds(study.area))
    people = told.people.reindex(study.area["code"])
    share = (people["uncertain"] / people["population"]).to_numpy()
    colours = np.array([*SHADES, UNTOLD])[_band(share)]
    _simpler(study.area.geometry).plot(ax=axes, color=colours, linewidth=0, zorder=2)
    areas = status_areas(told.choice)
    unsure = areas[(areas["certainty"] == "uncertain") & ~areas.is_empty]
    if len(unsure):
        _simpler(unsure.geometry).plot(ax=axes, color=INK, linewidth=0, alpha=0.7, zorder=3)
    _add_borders(axes, study)
    steps = [numerals.number(100 * low) for low in SHARES]
    labels = [
        say("{low} til {high} %", low=low, high=high) for low, high in itertools.pairwise(steps)
    ]
    labels.append(say("{low} % og derover", low=steps[-1]))
    keys: list[object] = [
        Patch(facecolor=shade, edgecolor="#52606d", linewidth=0.5, label=label)
        for shade, label in zip(SHADES, labels, strict=True)
    ]
    if np.isnan(share).any():
        keys.append(Patch(facecolor=UNTOLD, edgecolor="#52606d", label=say("udeladt")))
    keys.append(Patch(facecolor=INK, alpha=0.7, label=say("Her er svaret usikkert")))
    _add_legend(axes, keys, say("Andel af kommunens borgere med usikkert svar"))
    return figure


def _band(share: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give each share the number of its shade; the last number is for what was left out."""
    band = np.digitize(np.nan_to_num(share), SHARES[1:])
    return np.where(np.isnan(share), len(SHADES), band).astype(np.int64)


def _start(study: Study, bounds: NDArray[np.float64]) -> tuple["Figure", "Axes"]:
    """Begin a map: the sea, the land, a scale."""
    from matplotlib.figure import Figure  # noqa: PLC0415  slow to import

    west, south, east, north = _fitted(bounds)
    share = (north - south) / (east - west)
    figure = Figure((WIDTH_INCHES, WIDTH_INCHES * share + LEGEND_INCHES), layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor(SEA)
    inside = study.municipalities["code"].isin(study.municipality_codes)
    for frame, fill in ((study.municipalities[~inside], LAND), (study.area, AREA)):
        if len(frame):
            shapes = _simpler(frame.geometry)
            shapes.plot(ax=axes, color=fill, edgecolor=SHORE, linewidth=0.4, zorder=1)
    axes.set_aspect("equal")
    axes.set_anchor("N")  # what is left over is for the legend
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_autoscale_on(False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(SHORE)
    _add_scale(axes)
    return figure, axes


def _fitted(bounds: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Give bounds a margin, and the form of a sheet that lies."""
    middle, size = (bounds[:2] + bounds[2:]) / 2, bounds[2:] - bounds[:2]
    width, height = size + 2 * MARGIN_SHARE * size.max()
    lowest, highest = HEIGHT_SHARES
    width, height = max(width, height / highest), max(height, width * lowest)
    half = np.array([width, height]) / 2
    west, south, east, north = np.concatenate([middle - half, middle + half]).tolist()
    return west, south, east, north


def _bounds(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> NDArray[np.float64]:
    return np.asarray(frame.total_bounds, dtype=np.float64)


def _close_up(told: ToldClosure) -> NDArray[np.float64]:
    """Give the surroundings of what changes, or the whole area if nothing does."""
    points = changed_points(told.comparison)
    if points.empty:
        return _bounds(told.comparison.after.area)
    return _bounds(points.buffer(CLOSE_UP_M))


def _simpler(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    coverage = shapely.simplify(shapes.to_numpy(), SIMPLER_M)
    return gpd.GeoSeries(coverage, crs=shapes.crs)


def _add_statuses(axes: "Axes", choice: Choice) -> None:
    areas = status_areas(choice)
    for status in reversed(STATUSES):
        for certainty in ("certain", "uncertain"):
            chosen = (areas["status"] == status) & (areas["certainty"] == certainty)
            shapes = areas.geometry[chosen & ~areas.is_empty]
            if shapes.empty:
                continue
            if certainty == "certain":
                shapes.plot(ax=axes, color=COLOURS[status], linewidth=0, zorder=2)
            else:
                shapes.plot(
                    ax=axes, facecolor="white", edgecolor=COLOURS[status], hatch="//////",
                    linewidth=0, zorder=2,
                )  # fmt: skip


def _add_borders(axes: "Axes", study: Study) -> None:
    area = study.area
    _simpler(area.geometry).boundary.plot(ax=axes, color=BORDER, linewidth=0.6, zorder=5)
    if len(area) > NAMES_SHOWN:
        return
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    seen = shapely.box(west, south, east, north)
    for name, shape in zip(area["name"], area.geometry, strict=True):
        shown = shapely.intersection(shape, seen)
        if shown.area < LEAST_SEEN_SHARE * seen.area:
            continue  # its name would be cut off at the edge
        point = shown.representative_point()
        _write(axes, point.x, point.y, clipped(name, 24))


def _write(
    axes: "Axes", x: float, y: float, text: str, *, above: Literal["center", "top"] = "center"
) -> None:
    """Write a name on the map, readable on any ground; the point is in its middle or above it."""
    from matplotlib.patheffects import withStroke  # noqa: PLC0415  slow to import

    axes.text(
        x, y, text, fontsize=7.5, ha="center", va=above, color=INK, zorder=8, parse_math=False,
        clip_on=True, path_effects=[withStroke(linewidth=2, foreground="white", alpha=0.85)],
    )  # fmt: skip


def _add_practices(axes: "Axes", choice: Choice) -> None:
    practices = choice.study.practices
    is_open = practices["open"].to_numpy()
    places = practices.geometry
    for kind, shown in (("closed", ~is_open), ("open", is_open)):
        axes.scatter(
            places.x[shown], places.y[shown], s=14, zorder=6, color=PRACTICE_FILLS[kind],
            edgecolor=PRACTICE_EDGES[kind], linewidth=0.7,
        )  # fmt: skip


def _add_closed(axes: "Axes", told: ToldClosure) -> int:
    """Cross out the practices that close; say how many they are."""
    practices = told.comparison.before.study.practices
    changes = told.comparison.after.scenario.changes
    closed = [practice_id(change) for change in changes if isinstance(change, Close)]
    there = practices[practices.index.isin(closed)]
    south, north = axes.get_ylim()
    for at in there.groupby(there.geometry.to_wkb(), sort=False).indices.values():
        point = there.geometry.iloc[at[0]]
        for size, width, colour in ((75, 4.5, "white"), (60, 2.0, "black")):
            axes.scatter(
                [point.x], [point.y], marker="x", s=size, color=colour, linewidth=width, zorder=7
            )
        if len(there) <= MOST_NAMED:
            names = "\n".join(clipped(name, 36) for name in there["name"].iloc[at])
            lower = point.y - BELOW_SHARE * (north - south)
            _write(axes, point.x, lower, names, above="top")
    return len(there)


def _add_scale(axes: "Axes") -> None:
    """Draw a bar of a round length."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    km = next(n for n in (100, 50, 20, 10, 5, 2, 1) if n <= max(1, (east - west) / 4_000))
    x, y = west + 0.03 * (east - west), south + 0.03 * (north - south)
    ground = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.5}
    axes.plot([x, x + km * METRES_PER_KM], [y, y], color=INK, linewidth=2.2, zorder=9)
    axes.text(
        x + km * METRES_PER_KM / 2, y + 0.012 * (north - south), f"{km} km", fontsize=7.5,
        ha="center", va="bottom", color=INK, zorder=9, bbox=ground,
    )  # fmt: skip


def _status_keys(choice: Choice) -> list[object]:
    from matplotlib.patches import Patch  # noqa: PLC0415  slow to import

    keys: list[object] = [
        Patch(facecolor=COLOURS[s], edgecolor="#52606d", linewidth=0.5, label=texts.status_label(choice, s))
        for s in reversed(STATUSES)
    ]  # fmt: skip
    hatched = Patch(
        facecolor="white", edgecolor=COLOURS["one"], hatch="//////", linewidth=0,
        label=say("Skraveret: usikkert svar"),
    )  # fmt: skip
    return [*keys, hatched]


def _practice_keys() -> list[object]:
    from matplotlib.lines import Line2D  # noqa: PLC0415  slow to import

    return [
        Line2D(
            [], [], marker="o", linestyle="", markersize=5, color=PRACTICE_FILLS[kind],
            markeredgecolor=PRACTICE_EDGES[kind], label=say(texts.PRACTICE_LABELS[kind]),
        )
        for kind in ("open", "closed")
    ]  # fmt: skip


def _line(label: str, colour: str, style: LineStyle) -> object:
    from matplotlib.lines import Line2D  # noqa: PLC0415  slow to import

    return Line2D([], [], color=colour, linestyle=style, linewidth=1.6, label=label)


def _cross(label: str) -> object:
    from matplotlib.lines import Line2D  # noqa: PLC0415  slow to import

    return Line2D([], [], marker="x", linestyle="", color="black", markeredgewidth=2, label=label)


def _add_legend(axes: "Axes", keys: Iterable[object], title: str | None = None) -> None:
    axes.set(xlabel="", ylabel="")  # geopandas writes the names of its axes
    axes.legend(
        handles=list(keys), loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=3, frameon=False,
        fontsize=8, title=title, title_fontsize=8.5, handlelength=1.6,
    )  # fmt: skip
