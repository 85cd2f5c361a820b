"""Roads of an area through osmnx; the whole country is a file of Geofabrik's, see ``endpoints``."""

from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from gpcoverage.errors import FetchError, NetworkError, SchemaError
from gpcoverage.inputs.municipalities import read_polygons
from gpcoverage.network.osm import from_polygon
from gpcoverage.sources.endpoints import OSM_LICENCE, OSM_NAMED
from gpcoverage.sources.store import Made, Store
from gpcoverage.units import CRS_DEGREES, CRS_METRES

FRESH_DAYS: Final = 30.0


def region_area(areas: gpd.GeoDataFrame, region: str) -> Any:
    """Give the area of a region.

    Parameters
    ----------
    areas
        Municipalities with ``region``, EPSG:25832.
    region
        As it stands there.

    Returns
    -------
    Polygon or MultiPolygon
        Degrees, EPSG:4326.

    Raises
    ------
    SchemaError
        If no municipality is in it.
    """
    chosen = areas[areas["region"] == region]
    if chosen.empty:
        known = ", ".join(sorted(set(areas["region"])))
        msg = f"region {region!r} is unknown. It must be one of {known}."
        raise SchemaError(msg)
    return gpd.GeoSeries([chosen.union_all()], crs=areas.crs).to_crs(CRS_DEGREES).iloc[0]


def area_in(path: Path) -> Any:
    """Read the area in a file of polygons.

    Parameters
    ----------
    path
        Any vector file that GDAL reads.

    Returns
    -------
    Polygon or MultiPolygon
        All of its polygons together, degrees, EPSG:4326.

    Raises
    ------
    SchemaError
        If it cannot be read or holds no polygons.
    """
    return read_polygons(path).to_crs(CRS_DEGREES).union_all()


def fetch_area_roads(store: Store, name: str, area: Any) -> Path:
    """Fetch the roads in and around an area through osmnx, and keep the network built of them.

    Parameters
    ----------
    store
        Where it is put; it is good for 30 days.
    name
        Of the file, without ending.
    area
        Shapely polygon, degrees, EPSG:4326. Roads up to 25 km beyond it come along.

    Returns
    -------
    Path
        A network as ``gpcoverage network build`` makes it, .npz.

    Raises
    ------
    FetchError
        If OpenStreetMap cannot be reached or has no road there.
    """
    file = f"{name}.npz"
    if store.has(file, days=FRESH_DAYS):
        return store.folder / file
    try:
        network = from_polygon(area)
    except NetworkError as error:
        raise FetchError(str(error)) from error
    made = Made(network.save, (), len(network.tail), CRS_METRES, OSM_NAMED, OSM_LICENCE)
    return store.keep({file: made})[file]
