"""The closure explorer: what a map needs to answer "and if that one closes too?" by itself.

Every home carries the places of practices within its reach and how sure it is that each counts, in
typed arrays; ``assets/explorer.js`` counts them anew at every click, as ``analysis.choice`` does.
"""

import base64
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Element, MacroElement
from numpy.typing import NDArray

from gpcoverage.analysis.choice import STATUSES, band
from gpcoverage.outputs import explorer_texts
from gpcoverage.outputs.embedded import data_block
from gpcoverage.outputs.page import asset, script
from gpcoverage.outputs.palette import COLOURS, PRACTICE_EDGES, PRACTICE_FILLS
from gpcoverage.outputs.squares import squares_of
from gpcoverage.outputs.told import TOTAL, ToldChoice
from gpcoverage.units import CRS_DEGREES

STEPS: Final = 65_535
"""Places are drawn to so many steps across the area: some metres."""

SURE, WITHIN, PERHAPS = range(3)
"""A practice within the limit even if every distance were longer by the error, within it as
measured, or only if every distance were shorter."""

UNTOLD_SHARE: Final = 0.01
"""More people than this share may not be missing from what the page counts."""

MOST_PLACES: Final = 16_384
"""So many places of practices fit; Denmark has a tenth of that."""

DETOUR: Final = 1.2
NEW_ERROR: Final = 0.2
"""A new practice is measured as the crow flies, times this, give or take this. On Bornholm the way
by road is 1.21 times the straight line (addresses 10 to 20 km apart); the error is an assumption."""


class Explorer(MacroElement):
    """What the page does when a practice is closed, reopened or put on the map."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Explorer"
        self._data, self._panel = data, explorer_texts.panel()
        self._script = script("explorer.js")

    def render(self, **_: Any) -> str:
        """Put the data, the panel and the script into the page, behind the map's own."""
        figure: Any = self.get_root()
        drawn = "" if self._parent is None else self._parent.get_name()
        style = f"<style>{asset('explorer.css')}</style>"
        figure.html.add_child(Element(self._panel), name="explorer_panel")
        figure.html.add_child(Element(style), name="explorer_css")
        figure.html.add_child(data_block("explorer-data", self._data), name="explorer_data")
        made = self._script.replace("THE_MAP", drawn)
        figure.script.add_child(Element(made), name=self.get_name())
        return ""


def add_explorer(drawn: folium.Map, told: ToldChoice) -> None:
    """Let the reader of a map close and reopen practices, if its numbers can be told.

    Homes of few people count nobody in the page. Where those are more than a few, as where homes
    are addresses, it would say that nobody is touched: then there is no explorer.

    Parameters
    ----------
    drawn
        A map with the practices of ``maps.add_practices``.
    told
        The check, as it may be told.
    """
    people = told.choice.homes["population"]
    untold = people[told.homes["population"].isna()].sum()
    if len(told.practices) < MOST_PLACES and untold <= UNTOLD_SHARE * people.sum():
        drawn.add_child(Explorer(explorer_data(told)))


def explorer_data(told: ToldChoice) -> dict[str, Any]:
    """Lay out what the page counts with.

    Parameters
    ----------
    told
        The check, as it may be told. Homes whose people are left out count nobody in the page.

    Returns
    -------
    dict
        JSON: ``practices`` (name, place, whether it counts), ``municipalities`` (with people by
        status before, null where left out), constants and texts, and arrays in base64, little
        endian: ``people`` (float64), ``municipality`` (uint8), ``off_road`` (uint8) and ``limit``
        (float32, metres) by home; ``reached`` (uint16: how many places are in its reach) and
        ``place`` (uint16, one after the other: the place, and 16,384 times how near it is: 0 sure,
        1 within, 2 perhaps); ``corners`` (uint16 x, y of four
        corners) and ``square`` (uint32 by home) of what is drawn; ``at`` (uint16 x, y by home).
    """
    choice = told.choice
    place = _places(choice.study.practices)
    rows = told.municipalities.sort_values("name")
    people = told.homes["population"].to_numpy(dtype=np.float64)
    shapes, of_home = squares_of(choice.homes)
    squares = gpd.GeoSeries(shapes, crs=choice.homes.crs).to_crs(CRS_DEGREES).to_numpy()
    scale = _Scale(squares)
    points = choice.homes.to_crs(CRS_DEGREES).geometry.to_numpy()
    limit_m = choice.homes["limit_m"].to_numpy()
    start, near_place, near = _near(told, place, limit_m)
    codes = pd.Index(rows.index).get_indexer(choice.homes["municipality_code"])
    return {
        "practices": _practice_rows(told, place),
        "places": int(place.max()) + 1,
        "municipalities": _municipality_rows(told, rows),
        "total": _people(told, TOTAL),
        "enough": choice.study.rules.min_choices,
        "hidden": int(np.isnan(people).sum()),
        "smallest": 0.0 if told.disclosure.off else float(told.disclosure.smallest),
        "detour": DETOUR,
        "new_error": NEW_ERROR,
        "bounds": list(scale.bounds),
        "colours": [COLOURS[status] for status in STATUSES],
        "practice_fills": PRACTICE_FILLS,
        "practice_edges": PRACTICE_EDGES,
        "texts": explorer_texts.texts_of(choice, told.disclosure),
        "arrays": {
            "people": _packed(np.nan_to_num(people), "<f8"),
            "municipality": _packed(codes, "u1"),
            "off_road": _packed(choice.distances.off_road != "", "u1"),
            "limit": _packed(limit_m, "<f4"),
            "reached": _packed(np.diff(start), "<u2"),
            "place": _packed(near * MOST_PLACES + near_place, "<u2"),
            "corners": _packed(scale.steps(_corners(squares)), "<u2"),
            "square": _packed(of_home, "<u4"),
            "at": _packed(scale.steps(shapely.get_coordinates(points)), "<u2"),
        },
    }


def _packed(values: NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode("ascii")


def _places(practices: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Give practices the number of their place, which those at one point share."""
    place, _ = pd.factorize(pd.Series(list(practices.geometry.to_wkb())))
    return np.asarray(place, dtype=np.int64)


def _near(
    told: ToldChoice, place: NDArray[np.int64], limit_m: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """List for every home the places in its reach, and how sure each is."""
    found = told.choice.distances.found
    home = found.home
    low_m, _ = band(limit_m, told.choice.network.error_share)
    near = np.select(
        [found.cost <= low_m[home], found.cost <= limit_m[home]], [SURE, WITHIN], PERHAPS
    )
    pairs = pd.DataFrame({"home": home, "place": place[found.practice], "near": near})
    pairs = pairs.drop_duplicates(["home", "place"])
    counts = np.bincount(pairs["home"], minlength=len(limit_m))
    start = np.concatenate([[0], np.cumsum(counts)])
    return start, pairs["place"].to_numpy(), pairs["near"].to_numpy()


def _practice_rows(told: ToldChoice, place: NDArray[np.int64]) -> list[list[Any]]:
    study = told.choice.study
    names = zip(
        study.practices.index.astype(str),
        study.practices["name"],
        place,
        study.counted,
        strict=True,
    )
    return [[key, name, int(at), int(counts)] for key, name, at, counts in names]


def _municipality_rows(told: ToldChoice, rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"open": int(row["open_practices"]), **_people(told, str(code))}
        for code, row in rows.iterrows()
    ]


def _people(told: ToldChoice, label: str) -> dict[str, float | None]:
    """Give people by status, and the uncertain ones; None for what was left out."""
    row = told.people.loc[label, [*STATUSES, "uncertain"]]
    return {
        name: None if np.isnan(value) else round(float(value), 6) for name, value in row.items()
    }


def _corners(squares: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give the first four corners of each square, one after the other."""
    rings: NDArray[np.float64] = shapely.get_coordinates(squares).reshape(-1, 5, 2)
    return rings[:, :4].reshape(-1, 2)


class _Scale:
    """Degrees as steps across what is drawn."""

    def __init__(self, squares: NDArray[np.object_]) -> None:
        self.bounds = tuple(round(float(v), 6) for v in shapely.total_bounds(squares))

    def steps(self, degrees: NDArray[np.float64]) -> NDArray[np.int64]:
        """Round to steps; ``int64 (points, 2)``."""
        low, high = np.array(self.bounds[:2]), np.array(self.bounds[2:])
        share = (degrees - low) / np.maximum(high - low, 1e-9)
        steps: NDArray[np.int64] = np.clip(np.rint(share * STEPS), 0, STEPS).astype(np.int64)
        return steps
