"""What a map shows to find one's way by: main roads, towns, names of municipalities.

All of it is drawn by ``assets/basemap.js`` from one block of data, small enough to be sent by
e-mail. Which names fit depends on the screen and the zoom, so the page itself chooses them.
"""

from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Element, MacroElement

from gpcoverage.inputs.municipalities import folded_name
from gpcoverage.inputs.study import Study
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.outputs.embedded import data_block
from gpcoverage.outputs.language import say, say_all
from gpcoverage.units import CRS_DEGREES, to_degrees

MAIN_ROADS: Final = {
    "motorway": ("motorway", "trunk"),
    "primary": ("primary",),
    "secondary": ("secondary",),
}
"""Road classes of OpenStreetMap by how they are drawn."""

STEPS: Final = 4_000.0
"""Roads are as fine as the area's longer side in so many steps: a pixel when zoomed in twice."""

DECIMALS: Final = 4
"""Of the degrees of places: ten metres."""

SCALE: Final = 100_000
"""Points of roads are written as whole numbers of this part of a degree, a metre."""

LAYERS: Final = {"roads": "Hovedveje", "towns": "Byer", "municipalities": "Kommunenavne"}
FOOTNOTE: Final = "Byer efter {files}."


class Basemap(MacroElement):
    """Data and script of the basemap; its layers are drawn into groups that can be switched off."""

    def __init__(self, data: Mapping[str, Any], groups: Mapping[str, folium.FeatureGroup]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Basemap"
        self._data = data
        self._groups = groups

    def render(self, **_: Any) -> str:
        """Put the data into the page and the script behind the map's own."""
        figure: Any = self.get_root()
        groups = {name: group.get_name() for name, group in self._groups.items()}
        names = ", ".join(f"{name}: {variable}" for name, variable in groups.items())
        script = resources.files(__package__).joinpath("assets/basemap.js").read_text("utf-8")
        script = script.replace("THE_MAP", "" if self._parent is None else self._parent.get_name())
        script = script.replace("THE_GROUPS", f"{{ {names} }}")
        figure.html.add_child(data_block("basemap-data", self._data), name="basemap_data")
        figure.script.add_child(Element(script), name=self.get_name())
        return ""


def add_basemap(drawn: folium.Map, study: Study, network: RoadNetwork | None = None) -> None:
    """Draw main roads, towns and the names of municipalities, each a layer that can be put away.

    Parameters
    ----------
    drawn
        The map.
    study
        Whose area is shown.
    network
        Its roads; none are drawn without it, nor of the terrain model, which has none.
    """
    places, area = towns(study), study.area
    at = gpd.GeoSeries(area.geometry.representative_point(), crs=area.crs)
    data = {
        "towns": _places(places["name"], places.geometry, places["population"]),
        "municipalities": _places(area["name"], at, _main_towns(area, places)),
        "roads": {} if network is None else main_roads(network, area),
    }
    groups = {}
    for kind, label in say_all(LAYERS).items():
        if data[kind]:
            groups[kind] = folium.FeatureGroup(name=label)
            groups[kind].add_to(drawn)
    drawn.add_child(Basemap(data, groups))


def towns(study: Study) -> gpd.GeoDataFrame:
    """List the towns of a study's area, largest first, spelled as their municipality is.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    GeoDataFrame
        As ``study.places``; empty if the study names none.
    """
    if study.places is None:
        columns = ["name", "municipality_code", "population", "geometry"]
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=study.area.crs)
    inside = study.places["municipality_code"].isin(study.municipality_codes)
    # An unstable sort would let towns of one size change places between machines.
    listed = study.places[inside].sort_values("population", ascending=False, kind="stable")
    names = listed["municipality_code"].map(study.area.set_index("code")["name"])
    same = names.map(folded_name) == listed["name"].map(folded_name)
    return listed.assign(name=names.where(same, listed["name"]))


def basemap_notes(study: Study) -> list[str]:
    """Say where the towns come from, if any are drawn: paragraphs, plain text."""
    files = [record.file for record in study.inputs if record.role == "places"]
    return [say(FOOTNOTE, files=", ".join(files))] if len(towns(study)) else []


def main_roads(network: RoadNetwork, area: gpd.GeoDataFrame) -> dict[str, list[list[int]]]:
    """Lay out the main roads in and around an area.

    Parameters
    ----------
    network
        The roads.
    area
        EPSG:25832. Roads are cut off at the rectangle around it.

    Returns
    -------
    dict
        By kind, where there are any: lines, each latitude and longitude of its first point, then
        the steps from point to point, in hundred-thousandths of a degree.
    """
    min_x, min_y, max_x, max_y = area.total_bounds
    step_m = max(max_x - min_x, max_y - min_y) / STEPS
    drawn = {}
    for kind, names in MAIN_ROADS.items():
        classes = [i for i, name in enumerate(network.class_names) if name in names]
        shapes = network.shapes.take(np.isin(network.road_class, classes))
        points = np.column_stack([shapes.easting, shapes.northing])
        edge = np.repeat(np.arange(len(shapes.start) - 1), np.diff(shapes.start))
        if len(points) == 0 or network.kind != "osm":
            continue
        merged = shapely.line_merge(
            shapely.multilinestrings(shapely.linestrings(points, indices=edge))
        )
        inside = shapely.clip_by_rect(shapely.get_parts(merged), min_x, min_y, max_x, max_y)
        lines = shapely.get_parts(shapely.simplify(inside, step_m))
        drawn[kind] = [_packed(line) for line in lines[shapely.length(lines) > step_m]]
    return {kind: lines for kind, lines in drawn.items() if lines}


def _packed(line: shapely.LineString) -> list[int]:
    """Write a line as a point and steps, which takes a third of the bytes of GeoJSON."""
    lon, lat = to_degrees(*shapely.get_coordinates(line).T)
    whole = np.rint(np.column_stack([lat, lon]) * SCALE).astype(np.int64)
    steps: list[int] = np.diff(whole, axis=0, prepend=[[0, 0]]).ravel().tolist()
    return steps


def _places(
    names: pd.Series, points: gpd.GeoSeries, value: pd.Series
) -> list[list[str | float | None]]:
    """Write places down: name, latitude, longitude and a number, None where it is unknown."""
    degrees = points.to_crs(CRS_DEGREES)
    return [
        [
            str(name),
            round(point.y, DECIMALS),
            round(point.x, DECIMALS),
            None if pd.isna(number) else int(number),
        ]
        for name, point, number in zip(names, degrees, value, strict=True)
    ]


def _main_towns(area: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> pd.Series:
    """Find the town each municipality is called after, as a position; missing where there is none."""
    position = pd.Series(np.arange(len(places)), index=places["municipality_code"] + places["name"])
    return (area["code"] + area["name"]).map(position[~position.index.duplicated()])
