"""Municipality boundaries from four places, made into one small layer that every study can read."""

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import pandas as pd
import shapely

from gpcoverage.errors import FetchError, SchemaError
from gpcoverage.inputs.layer import Layer
from gpcoverage.inputs.municipalities import read_municipalities
from gpcoverage.network.osm import osmnx_settings
from gpcoverage.sources.endpoints import (
    GEOBOUNDARIES_DNK_ADM2,
    GISCO_LAU,
    OSM_LICENCE,
    OSM_NAMED,
    dagi_municipalities,
)
from gpcoverage.sources.store import Made, Store
from gpcoverage.units import CRS_DEGREES, CRS_METRES

Provider = Literal["gisco", "dagi", "osm", "geoboundaries"]

BOUNDARIES: Final = "boundaries.geojson"
DAGI_LAYER: Final = "dagi_municipalities.geojson"
OSM_LAYER: Final = "osm_municipalities.geojson"
FRESH_DAYS: Final = 365.0
DECIMALS: Final = 7
"""About a centimetre."""

MUNICIPALITY_TAGS: Final[dict[str, bool | str | list[str]]] = {
    "boundary": "administrative",
    "admin_level": "7",
}


def fetch_boundaries(
    store: Store,
    provider: Provider,
    listed: pd.DataFrame,
    *,
    day: datetime.date,
    key: str | None = None,
) -> Layer:
    """Fetch municipality boundaries and make ``boundaries.geojson`` of them.

    Parameters
    ----------
    store
        Where they are put.
    provider
        ``gisco`` (Eurostat, no log-in), ``dagi`` (Datafordeleren, with a key), ``osm``
        (OpenStreetMap's relations of admin_level 7, through osmnx) or ``geoboundaries``.
    listed
        As ``read_municipality_list`` returns it.
    day, key
        For ``dagi`` only: the day they are in force, and a key of Datafordeleren.

    Returns
    -------
    Layer
        As ``read_municipalities`` returns it.

    Raises
    ------
    FetchError
        If they cannot be had.
    SchemaError, CrsError
        If they are not the boundaries of the municipalities of the list.
    """
    raw = _from_osm(store) if provider == "osm" else _raw(store, provider, day, key)
    layer = read_municipalities(raw, listed)
    degrees = layer.frame[["code", "name", "geometry"]].to_crs(CRS_DEGREES)
    made = Made(_writer(degrees), (raw,), len(degrees), CRS_DEGREES)
    store.keep({BOUNDARIES: made})
    return layer


def _raw(store: Store, provider: Provider, day: datetime.date, key: str | None) -> Path:
    if provider != "dagi":
        return store.get(GISCO_LAU if provider == "gisco" else GEOBOUNDARIES_DNK_ADM2)
    if not key:
        msg = "DAGI needs a key of Datafordeleren. Make one at datafordeler.dk and put it into the environment variable DATAFORDELER_KEY, or take another source with --from."
        raise FetchError(msg)
    answer = store.get(dagi_municipalities(key, day))
    frame = read_dagi(answer).to_crs(CRS_DEGREES)
    made = Made(_writer(frame), (answer,), len(frame), CRS_DEGREES)
    return store.keep({DAGI_LAYER: made})[DAGI_LAYER]


def _writer(frame: gpd.GeoDataFrame) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        frame.to_file(path, driver="GeoJSON", COORDINATE_PRECISION=DECIMALS)

    return write


def read_dagi(answer: Path) -> gpd.GeoDataFrame:
    """Read the municipalities from an answer of Datafordeleren's DAGI.

    Parameters
    ----------
    answer
        JSON as GraphQL writes it: nodes of ``DAGI_Kommuneinddeling`` with ``kommunekode``,
        ``navn`` and ``geometri.wkt``. Seen in public programs of 2026, not called.

    Returns
    -------
    GeoDataFrame
        ``code``, ``name``, ``geometry`` (EPSG:25832), one row per node.

    Raises
    ------
    SchemaError
        If it is an error message, not all of it, or another answer.
    """
    try:
        content = json.loads(answer.read_text(encoding="utf-8"))
        if content.get("errors"):
            told = str(content["errors"][0].get("message", ""))[:200]
            msg = f"{answer}: DAGI answered with an error ({told}). Check the key and its access."
            raise SchemaError(msg)
        found = content["data"]["DAGI_Kommuneinddeling"]
        if found["pageInfo"]["hasNextPage"]:
            msg = f"{answer}: DAGI has more municipalities than it sent. Report this fault."
            raise SchemaError(msg)
        nodes = found["nodes"]
        shapes = shapely.from_wkt([node["geometri"]["wkt"] for node in nodes])
        columns = {
            "code": [str(node["kommunekode"]) for node in nodes],
            "name": [str(node["navn"]) for node in nodes],
        }
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        shapely.errors.ShapelyError,
    ) as error:
        msg = f"{answer}: is no answer of DAGI as it was known ({type(error).__name__}: {str(error)[:200]}). Fetch it anew; if that does not help, DAGI has changed."
        raise SchemaError(msg) from error
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS_METRES)


def _from_osm(store: Store) -> Path:
    """Ask OpenStreetMap for the municipalities, through osmnx, and keep them."""
    if store.has(OSM_LAYER, days=FRESH_DAYS):
        return store.folder / OSM_LAYER
    import osmnx  # noqa: PLC0415  slow to import

    try:
        with osmnx_settings():
            found = osmnx.features_from_place("Denmark", MUNICIPALITY_TAGS)
    except (OSError, TypeError, ValueError, osmnx._errors.InsufficientResponseError) as error:  # noqa: SLF001
        msg = f"OpenStreetMap gave no municipalities ({error}). Check the connection, or take another source with --from."
        raise FetchError(msg) from error
    areas = found[found.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    frame = areas.reset_index(drop=True)[["name", "geometry"]]
    made = Made(_writer(frame), (), len(frame), CRS_DEGREES, OSM_NAMED, OSM_LICENCE)
    return store.keep({OSM_LAYER: made})[OSM_LAYER]
