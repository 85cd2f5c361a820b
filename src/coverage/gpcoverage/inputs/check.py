"""Looking at one file on its own: what it is, and every fault it has."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import danish, toml
from gpcoverage.inputs import homes as homes_table
from gpcoverage.inputs import municipalities as municipalities_table
from gpcoverage.inputs import places as places_table
from gpcoverage.inputs import practices as practices_table
from gpcoverage.inputs.rules import read_all_rules
from gpcoverage.inputs.scenario_file import read_scenario
from gpcoverage.inputs.schema import match_headers
from gpcoverage.inputs.study_file import EXAMPLE, load_study

BOUNDARY_SUFFIXES: Final = frozenset({".geojson", ".gpkg", ".shp", ".gml", ".fgb", ".json"})
TABLES: Final = {
    "practices": practices_table.COLUMNS,
    "municipalities": municipalities_table.TABLE,
    "homes": homes_table.COLUMNS,
    "places": (*places_table.COLUMNS, practices_table.MUNICIPALITY),
}


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What a file turned out to be.

    Attributes
    ----------
    kind
        ``study``, ``rules``, ``scenario``, ``practices``, ``homes``, ``municipalities``, ``places`` or ``boundaries``.
    rows_in, rows_used
        Rows read and rows that go on; for a study those of all its files.
    """

    kind: str
    rows_in: int
    rows_used: int


def check_file(path: Path, listed: pd.DataFrame, municipalities: gpd.GeoDataFrame) -> CheckedFile:
    """Read a file as a study would.

    Parameters
    ----------
    path
        A study, rules or a scenario (.toml), boundaries (.geojson, .gpkg, .shp …), OpenStreetMap addresses (.osm.pbf),
        or a table of practices, homes, municipalities or places, told apart by its header.
    listed
        The list of municipalities.
    municipalities
        EPSG:25832, as ``read_municipalities`` returns the frame.

    Returns
    -------
    CheckedFile

    Raises
    ------
    SchemaError, CrsError
        With every fault of the file.
    """
    suffix = path.suffix.lower()
    if suffix == ".toml":
        table = toml.read_toml(path, "study", EXAMPLE)
        if "rule" in table:
            rules = len(read_all_rules(path))
            return CheckedFile("rules", rules, rules)
        if "change" in table:
            changes = len(read_scenario(path).changes)
            return CheckedFile("scenario", changes, changes)
        study = load_study(path)
        records = study.inputs
        return CheckedFile(
            "study", sum(r.rows_in for r in records), sum(r.rows_used for r in records)
        )
    if suffix in BOUNDARY_SUFFIXES:
        record = municipalities_table.read_municipalities(path, listed).record
        return CheckedFile("boundaries", record.rows_in, record.rows_used)
    everywhere = tuple(municipalities["code"])
    if path.name.lower().endswith(homes_table.OSM_SUFFIXES):
        record = homes_table.read_osm_addresses(path, municipalities, everywhere).record
        return CheckedFile("homes", record.rows_in, record.rows_used)
    kind = _table_kind(path)
    try:
        return CheckedFile(kind, *_count_rows(kind, path, municipalities))
    except SchemaError as error:
        msg = f"{error} It was read as a table of {kind}, for that fits its header best."
        raise SchemaError(msg) from error


def _count_rows(kind: str, path: Path, municipalities: gpd.GeoDataFrame) -> tuple[int, int]:
    if kind == "municipalities":
        rows = len(municipalities_table.read_municipality_list(path))
        return rows, rows
    if kind == "places":
        record = places_table.read_places(path, municipalities=municipalities).records[0]
    elif kind == "homes":
        everywhere = tuple(municipalities["code"])
        record = homes_table.read_homes(path, municipalities, everywhere).record
    else:
        record = practices_table.read_practices(path, municipalities).record
    return record.rows_in, record.rows_used


def _table_kind(path: Path) -> str:
    """Say which table knows most columns of a header and lacks fewest of it; practices if none does."""
    seen: list[list[str]] = []

    def note(header: list[str]) -> str:
        seen.append(header)
        return "only looked at"

    # A workbook shows the header of every sheet, and any file its first rows.
    with contextlib.suppress(SchemaError):
        danish.read_table(path, note)

    def fit(kind: str) -> int:
        columns = TABLES[kind]
        needed = tuple(column for column in columns if column.required)
        return max(
            (
                len(match_headers(row, columns)) + len(match_headers(row, needed)) - len(needed)
                for row in seen
            ),
            default=0,
        )

    return max(TABLES, key=fit)
