"""Where public data lie, under which licence, and what an honest answer looks like.

Only stored copies of public pages and of other people's programs were at hand when this was
written, so no address was called: each says below what was seen of it. DAWA
(api.dataforsyningen.dk) closed in August 2026 and has no entry.
"""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final, Literal
from urllib.parse import quote, urlencode

from gpcoverage.units import CRS_DEGREES, CRS_METRES

Kind = Literal["csv", "geojson", "json", "pbf", "zip"]

KB: Final = 1000
MB: Final = 1000 * KB


@dataclass(frozen=True, slots=True)
class Source:
    """A file on the internet, and what is known of it beforehand.

    Attributes
    ----------
    name
        Of the file in the store.
    url
        May hold a key; keys are left out of records and messages.
    licence, attribution
        What one may do with it, and whom to name.
    kind
        Format; the content is checked against it.
    min_bytes, max_bytes
        A file of another size is not this file.
    crs
        Of its coordinates; None if it has none.
    needs
        What is used of it: columns of a CSV, properties of GeoJSON features, keys of a JSON
        object, or patterns of file names in a zip.
    fresh_days
        So long a fetched file is good.
    question
        Sent as JSON, by POST; None asks by GET.
    """

    name: str
    url: str
    licence: str
    attribution: str
    kind: Kind
    min_bytes: int
    max_bytes: int
    crs: str | None = None
    needs: tuple[str, ...] = ()
    fresh_days: float = 30.0
    question: str | None = None

    def __post_init__(self) -> None:
        if self.name in {"", ".."} or PurePath(self.name).name != self.name or "\\" in self.name:
            msg = f"Invalid name '{self.name}'. Must be a file name without a folder."
            raise ValueError(msg)


GISCO_LAU: Final = Source(
    name="LAU_RG_01M_2024_4326.geojson",
    url="https://gisco-services.ec.europa.eu/distribution/v2/lau/geojson/LAU_RG_01M_2024_4326.geojson",
    licence="non-commercial use, © EuroGeographics for the administrative boundaries",
    attribution="Eurostat GISCO, © EuroGeographics",
    kind="geojson",
    min_bytes=100 * KB,
    max_bytes=500 * MB,
    crs=CRS_DEGREES,
    needs=("GISCO_ID", "CNTR_CODE", "LAU_ID", "LAU_NAME"),
    fresh_days=365.0,
)
"""Municipalities of all Europe, 2024. Unverified. This address stands in five public programs; of
its 2021 and 2023 twins in EPSG:3035 one of them noted 123 MB, application/geo+json, in July 2026.
The properties are those of giscoR's manual and of a service's field list. Eurostat's FAQ says
non-commercial; a region should ask EuroGeographics before it publishes the boundaries."""

GEOBOUNDARIES_DNK_ADM2: Final = Source(
    name="geoBoundaries-DNK-ADM2.geojson",
    url="https://github.com/wmgeolab/geoBoundaries/raw/9469f09/releaseData/gbOpen/DNK/ADM2/geoBoundaries-DNK-ADM2.geojson",
    licence="geoBoundaries gbOpen, CC BY 4.0 (the boundary's own licence stands in its metadata)",
    attribution="geoBoundaries (William & Mary geoLab), Runfola et al. 2020",
    kind="geojson",
    min_bytes=100 * KB,
    max_bytes=100 * MB,
    crs=CRS_DEGREES,
    needs=("shapeName", "shapeID"),
    fresh_days=365.0,
)
"""Danish municipalities, build of 12 December 2023. Unverified. A public audit of 30 March 2026
found this to be the file that ``geoboundaries.org/api/current/gbOpen/DNK/ADM2/`` points to. The
address holds the commit, so the content cannot change. There is no kommunekode in it."""

DAGI: Final = Source(
    name="dagi_municipalities.json",
    url="https://graphql.datafordeler.dk/DAGI/v2",
    licence="free use with attribution (terms of Klimadatastyrelsen, not read)",
    attribution="Klimadatastyrelsen, DAGI",
    kind="json",
    min_bytes=1 * KB,
    max_bytes=1000 * MB,
    crs=CRS_METRES,
    needs=("data",),
    fresh_days=365.0,
)
"""Municipalities of Danmarks Administrative Geografiske Inddeling; :func:`dagi_municipalities` puts
the question. Unverified. Address, entity and the fields ``kommunekode``, ``navn`` and ``geometri``
stand in the service's manual and in public programs of 2026, of which one that calls it with
``geometri { wkt }``, ``first``, ``virkningstid`` and ``pageInfo`` found 99 nodes in one page. A key
is made without cost at datafordeler.dk."""

DAGI_QUESTION: Final = """query {{
  DAGI_Kommuneinddeling(first: 1000, virkningstid: "{day}T12:00:00Z") {{
    nodes {{ kommunekode navn geometri {{ wkt }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""

OSM_LICENCE: Final = "ODbL 1.0"
OSM_NAMED: Final = "© OpenStreetMap contributors"

GEOFABRIK_DENMARK: Final = Source(
    name="denmark-latest.osm.pbf",
    url="https://download.geofabrik.de/europe/denmark-latest.osm.pbf",
    licence=OSM_LICENCE,
    attribution=f"{OSM_NAMED}, extract by Geofabrik",
    kind="pbf",
    min_bytes=200 * MB,
    max_bytes=2000 * MB,
    crs=CRS_DEGREES,
    fresh_days=30.0,
)
"""OpenStreetMap of Denmark, daily around 21:00. Unverified. The address stands in many public
programs, and Geofabrik's technical page describes the file; its present size was not seen."""

SOR_DAILY: Final = Source(
    name="SorEntity_daily.csv",
    url="https://sor-filer.sundhedsdata.dk/sor2_produktion/V1_00/data/SorEntity_daily.csv",
    licence="freely available without log-in; no licence text was found",
    attribution="Sundhedsdatastyrelsen, SOR",
    kind="csv",
    min_bytes=10 * KB,
    max_bytes=1000 * MB,
    crs=CRS_METRES,
    needs=("SorId", "SorType", "EntityName", "EntityTypeName"),
    fresh_days=1.0,
)
"""Units of the health service, nightly between 01:00 and 04:30. Unverified. Folder, file name and
free access stand in the register's own documentation; address and columns in a public program of
2026, which also met coordinates in degrees under the names of EPSG:25832 columns: check them."""

CENSUS_2021_GRID: Final = Source(
    name="DK_PD_3035_GPKG.zip",
    url="https://gisco-services.ec.europa.eu/census/2021/INSPIRE/Data/DK_PD_3035_GPKG.zip",
    licence="no conditions apply to access and use",
    attribution="Eurostat and Danmarks Statistik, census 2021",
    kind="zip",
    min_bytes=10 * KB,
    max_bytes=500 * MB,
    crs="EPSG:3035",
    needs=("*.gpkg",),
    fresh_days=365.0,
)
"""People per cell of 1 km, 1 January 2021. Unverified. The INSPIRE record of Denmark lists
DK_PD_3035_CSV.zip and the licence; its list is cut off before GPKG, which is listed for Spain and
Hungary. The files inside were not seen."""

STATBANK: Final = Source(
    name="statbank.csv",
    url="https://api.statbank.dk/v1/data",
    licence="CC BY 4.0",
    attribution="Danmarks Statistik, statistikbanken.dk",
    kind="csv",
    min_bytes=10,
    max_bytes=200 * MB,
    crs=None,
    fresh_days=7.0,
)
"""Base of the tables of Danmarks Statistik; :func:`statbank_table` makes one of it. Unverified.
Danmarks Statistik's page names the API's host, the licence, and parameters in the address; the
form ``/data/FOLK1A/CSV?delimiter=Semicolon&Tid=*`` stands in several public programs."""


def dagi_municipalities(key: str, day: datetime.date) -> Source:
    """Ask DAGI for the municipalities as they are on a day.

    Parameters
    ----------
    key
        Of Datafordeleren.
    day
        On which they are in force.

    Returns
    -------
    Source
        JSON as GraphQL answers.
    """
    question = json.dumps({"query": DAGI_QUESTION.format(day=day.isoformat())})
    return replace(DAGI, url=f"{DAGI.url}?{urlencode({'apiKey': key})}", question=question)


def statbank_table(table: str, selection: Mapping[str, str]) -> Source:
    """Name a table of Statistikbanken as a source.

    Parameters
    ----------
    table
        Table id, such as ``FOLK1A``.
    selection
        Values by variable, in the table's own codes; ``*`` is all of them.

    Returns
    -------
    Source
        A CSV separated by semicolons, named after the table.

    Examples
    --------
    >>> statbank_table("FOLK1A", {"Tid": "*"}).url
    'https://api.statbank.dk/v1/data/FOLK1A/CSV?delimiter=Semicolon&Tid=%2A'
    """
    query = urlencode({"delimiter": "Semicolon", **selection})
    return replace(
        STATBANK,
        name=f"{table.lower()}.csv",
        url=f"{STATBANK.url}/{quote(table, safe='')}/CSV?{query}",
        attribution=f"Danmarks Statistik, statistikbanken.dk/{table.lower()}",
    )
