"""What every map draws: land, borders, dots that tell more, and the legend's marks for them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import shapely

from gpcoverage.inputs.study import Study
from gpcoverage.outputs.language import say
from gpcoverage.outputs.markup import safe
from gpcoverage.outputs.palette import AREA, BORDER, LAND, SHORE
from gpcoverage.units import CRS_DEGREES

DEGREE_DECIMALS: Final = 5
RADIUS_PX: Final = 5.0


def to_geojson(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """Turn a frame into GeoJSON in degrees with five decimals, small enough to be sent by e-mail."""
    degrees = frame.to_crs(CRS_DEGREES)
    rounded = shapely.transform(
        degrees.geometry.to_numpy(), lambda xy: np.round(xy, DEGREE_DECIMALS)
    )
    # With ids: else folium tells features apart by a property, and repeats whole popups.
    features: dict[str, Any] = degrees.set_geometry(rounded).to_geo_dict()
    return features


def add_land(drawn: folium.Map, study: Study) -> None:
    """Draw the municipalities: those of the area light, those around it as land."""
    others = study.municipalities
    others = others[~others["code"].isin(study.municipality_codes)]
    for frame, fill in ((others, LAND), (study.area, AREA)):
        if len(frame):
            folium.GeoJson(
                to_geojson(frame[["geometry"]]),
                control=False,
                interactive=False,
                style_function=lambda _, fill=fill: {
                    "className": "land", "fillColor": fill, "fillOpacity": 1, "color": SHORE,
                    "weight": 0.6,
                },
            ).add_to(drawn)  # fmt: skip


def add_points(
    drawn: folium.Map,
    points: gpd.GeoDataFrame,
    name: str,
    colours: Callable[[Mapping[str, Any]], tuple[str, str]],
) -> None:
    """Draw dots that tell more when they are pressed.

    Parameters
    ----------
    drawn
        The map.
    points
        ``title`` and ``content`` (safe HTML), ``radius_px`` where they are not all of one size, and
        what the colours depend on.
    name
        Of the layer, plain text.
    colours
        Fill and edge by a point's own columns.
    """

    def style(feature: Mapping[str, Any]) -> dict[str, Any]:
        facts = feature["properties"]
        fill, edge = colours(facts)
        return {
            "radius": facts.get("radius_px", RADIUS_PX),
            "fillColor": fill,
            "color": edge,
            "className": "practice",
            "fill": True,
            "fillOpacity": 0.95,
            "opacity": 1,
            "weight": 1.5,
        }

    folium.GeoJson(
        to_geojson(points),
        name=safe(name),
        marker=folium.CircleMarker(radius=RADIUS_PX),
        style_function=style,
        tooltip=folium.GeoJsonTooltip(["title"], labels=False),
        popup=folium.GeoJsonPopup(
            ["content"], labels=False, min_width=290, max_width=350, max_height=340
        ),
    ).add_to(drawn)


def add_borders(drawn: folium.Map, study: Study) -> None:
    """Draw the borders of the area's municipalities over what was drawn so far."""
    folium.GeoJson(
        to_geojson(study.area[["geometry"]]),
        name=say("Kommunegrænser"),
        interactive=False,
        style_function=lambda _: {
            "fill": False,
            "color": BORDER,
            "weight": 1.1,
            "opacity": 0.75,
        },
    ).add_to(drawn)


def swatch(fill: str) -> str:
    """Draw a box for the legend, as areas are filled; ``url(#hatch-NAME)`` for a hatch."""
    return (
        '<svg width="18" height="14" aria-hidden="true"><rect x=".5" y=".5" width="17" height="13" '
        f'fill="{fill}" stroke="#52606d"/></svg>'
    )


def dot(fill: str, stroke: str) -> str:
    """Draw a dot for the legend, as practices are drawn."""
    return (
        '<svg width="18" height="14" aria-hidden="true"><circle cx="9" cy="7" r="5" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="2"/></svg>'
    )
