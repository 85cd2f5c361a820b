"""Where a closure changes something: the points and outlines that every map of it shows."""

from typing import Final, NamedTuple

import geopandas as gpd
import pandas as pd
import shapely

from gpcoverage.analysis.closure import GAINS, LOSSES, Comparison
from gpcoverage.inputs.homes import are_cells
from gpcoverage.inputs.scenario import practice_id
from gpcoverage.outputs import closure_texts
from gpcoverage.outputs.language import say
from gpcoverage.outputs.palette import FAR, GAINED, LOST
from gpcoverage.outputs.squares import join_squares
from gpcoverage.outputs.told_closure import ToldClosure

GAP_M: Final = 500.0


class ChangedArea(NamedTuple):
    """An area to be outlined.

    Attributes
    ----------
    label
        What happens there, plain text.
    people
        How many are touched, as far as it may be told.
    colour
        Of the outline.
    is_dashed
        Whether its line is dashed.
    shape
        The area, EPSG:25832, cut off at the shore.
    """

    label: str
    people: float
    colour: str
    is_dashed: bool
    shape: shapely.Geometry


def changed_areas(told: ToldClosure) -> list[ChangedArea]:
    """Outline where people have no other practice near at all, and where they lose or gain a choice.

    Parameters
    ----------
    told
        Before and after, as they may be told.

    Returns
    -------
    list of ChangedArea
        In the order of drawing; only those in which anybody lives.
    """
    comparison = told.comparison
    moves = comparison.homes["move"]
    loses, gains = (comparison.homes[moves.isin(kind)] for kind in (LOSSES, GAINS))
    far = comparison.before.homes.loc[comparison.lists.far_homes]
    land = shapely.union_all(comparison.after.area.geometry.to_numpy())
    areas = []
    for homes, people, label, colour, is_dashed in (
        (far, told.lists.far, say(closure_texts.FAR_LABEL), FAR, True),
        (loses, told.people["loses"], say(closure_texts.LOST_LABEL), LOST, False),
        (gains, told.people["gains"], say(closure_texts.GAINED_LABEL), GAINED, False),
    ):
        if homes.empty:
            continue
        joined = join_squares(homes)
        if not are_cells(homes):  # one outline around addresses that lie near each other
            joined = joined.buffer(GAP_M, join_style="mitre").buffer(-GAP_M, join_style="mitre")
        shape = shapely.intersection(joined, land)
        areas.append(ChangedArea(label, float(people), colour, is_dashed, shape))
    return areas


def changed_points(comparison: Comparison) -> gpd.GeoSeries:
    """Gather what a map of a comparison must show.

    Parameters
    ----------
    comparison
        Before and after.

    Returns
    -------
    GeoSeries
        Points, EPSG:25832: the practices that change, where they were and where they are, the
        homes whose people lose or gain a choice, and those left without another practice near;
        empty if nothing changes.
    """
    ids = [practice_id(change) for change in comparison.after.scenario.changes]
    both = pd.concat([comparison.before.study.practices, comparison.after.practices])
    moved = comparison.homes.geometry[comparison.homes["move"] != ""]
    far = comparison.before.homes.geometry.loc[comparison.lists.far_homes]
    points = pd.concat([both.geometry[both.index.isin(ids)], moved, far])
    return gpd.GeoSeries(points, crs=comparison.homes.crs)
