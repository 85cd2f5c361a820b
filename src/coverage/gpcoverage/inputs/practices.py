"""Practices: the clinics at their addresses, from the region's own table."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely
from numpy.typing import NDArray

from gpcoverage.inputs import danish
from gpcoverage.inputs.coordinates import missing_coordinates, parse_points
from gpcoverage.inputs.layer import Layer, record_input
from gpcoverage.inputs.municipalities import NEAR_SHORE_M, codes_from_names, municipality_at
from gpcoverage.inputs.schema import (
    Column,
    Fault,
    faults_at,
    match_headers,
    missing_columns,
    parse_columns,
    raise_faults,
)
from gpcoverage.units import CRS_METRES

MAX_DOCTORS: Final = 60
MAX_LIST_SIZE: Final = 100_000

COLUMNS: Final = (
    Column(
        "id",
        "must not be empty, and no two rows may have the same",
        "Give every practice its own ydernummer or other id; one row per practice, not per doctor",
        ("ydernummer", "ydernr", "praksisid", "sorid", "sorkode"),
        required=True,
        blank=False,
        unique=True,
    ),
    Column(
        "name",
        "must not be empty",
        "Give the practice a name",
        ("praksisnavn", "navn", "ydernavn", "klinik", "kliniknavn"),
        required=True,
        blank=False,
    ),
    Column(
        "open",
        "must be ja or nej",
        "Say for every practice whether it takes new patients",
        ("åbenfortilgang", "åben", "tilgang", "åbentforilgang", "åbentfortilgang", "status"),
        danish.parse_yes_no,
        required=True,
        blank=False,
    ),
    Column(
        "doctors",
        f"must be a number from 0 to {MAX_DOCTORS}",
        "Give the number of kapaciteter; leave the cell empty if it is not known",
        ("kapacitet", "kapaciteter", "antalkapaciteter", "læger", "antallæger", "lægekapacitet"),
        danish.parse_numbers,
        pa.Check.in_range(0, MAX_DOCTORS),
    ),
    Column(
        "list_size",
        f"must be a whole number from 0 to {MAX_LIST_SIZE}",
        "Give the number of tilmeldte; leave the cell empty if it is not known",
        ("tilmeldte", "antaltilmeldte", "patienter", "antalpatienter", "listestørrelse", "sikrede"),
        danish.parse_counts,
        pa.Check(lambda n: (n >= 0) & (n <= MAX_LIST_SIZE) & (n == np.floor(n))),
    ),
    Column("address", "", "", ("adresse", "vej", "gade", "vejnavn")),
    Column("postcode", "", "", ("postnr", "postnummer")),
    Column("town", "", "", ("by", "bynavn", "postdistrikt")),
    Column("birth_years", "", "", ("fødselsår", "fødselsårlæger")),
    Column("notice_date", "", "", ("opsigelsesdato", "ophørsdato", "lukkedato")),
    Column("notice_stage", "", "", ("opsigelsestrin", "varsel")),
    Column("basis", "", "", ("grundlag",)),
)
MUNICIPALITY: Final = Column(
    "municipality_code",
    "must be a kommunekode or the name of a municipality",
    "Correct it, or leave the column out: the coordinates say where the practice lies",
    ("kommune", "kommunekode", "komkode", "kommunenr", "municipality"),
)


def read_practices(path: Path, municipalities: gpd.GeoDataFrame) -> Layer:
    """Read a table of practices.

    Parameters
    ----------
    path
        A .csv, .csv.gz or .xlsx file with Danish or English headers. Needed: id, name, open and
        coordinates. Understood: doctors, list_size, municipality, address, postcode, town,
        birth_years, notice_date, notice_stage, basis.
    municipalities
        EPSG:25832, as :func:`read_municipalities` returns the frame.

    Returns
    -------
    Layer
        One row per practice in the file's order, indexed by ``id``: ``name``, ``open`` (bool),
        ``doctors`` and ``list_size`` (NaN where unknown), ``municipality_code``, the text
        columns, ``geometry`` (points, EPSG:25832). No row is left out.

    Raises
    ------
    SchemaError
        With every fault of the file: row, column, value, rule and remedy.
    """
    cells = danish.read_table(path, _check_header)
    values, faults = parse_columns(cells, COLUMNS)
    points, misplaced = parse_points(cells)
    codes, wrong_codes = _municipality_codes(cells, points, municipalities)
    raise_faults(path, faults + misplaced + wrong_codes, len(cells))
    frame = gpd.GeoDataFrame(
        values.assign(municipality_code=codes, open=values["open"] == 1.0, row=values.index),
        geometry=points,
        crs=CRS_METRES,
    ).set_index("id")
    return Layer(frame, record_input("practices", path, len(cells)))


def _check_header(header: list[str]) -> str | None:
    faults = [missing_columns(header, COLUMNS), missing_coordinates(header)]
    return "; ".join(fault for fault in faults if fault) or None


def _municipality_codes(
    cells: pd.DataFrame, points: NDArray[np.object_], municipalities: gpd.GeoDataFrame
) -> tuple[pd.Series, list[Fault]]:
    """Find each practice's municipality, and compare with what the row says."""
    placed = ~shapely.is_empty(points)
    located = municipality_at(points, municipalities).set_axis(cells.index)
    shown = pd.Series(shapely.to_wkt(points, rounding_precision=0), index=cells.index)
    at_sea = Column("", "must lie on land in a Danish municipality", "Correct the coordinates")
    faults = faults_at(shown[placed & (located == "")], at_sea, "coordinates")
    found = match_headers(cells.columns, (MUNICIPALITY,))
    if not found:
        return located, faults
    header = found[MUNICIPALITY.name]
    stated = danish.municipality_code(cells[header])
    by_name = codes_from_names(cells[header], municipalities)
    stated = stated.where(stated.isin(municipalities["code"]), by_name)
    unknown = (stated == "") & (cells[header] != "")
    faults += faults_at(cells.loc[unknown, header], MUNICIPALITY, header)
    elsewhere = _far_from(points, stated, municipalities) & placed & (located != "")
    lies_in = cells[header] + ", but the coordinates lie in " + located
    contradiction = Column(
        "", "must agree with the coordinates", "Correct the municipality or the coordinates"
    )
    faults += faults_at(lies_in[elsewhere], contradiction, header)
    return stated.where(stated != "", located), faults


def _far_from(
    points: NDArray[np.object_], codes: pd.Series, municipalities: gpd.GeoDataFrame
) -> pd.Series:
    areas = municipalities.set_index("code").geometry.reindex(codes).to_numpy()
    distance_m = shapely.distance(points, areas)
    return pd.Series(distance_m > NEAR_SHORE_M, index=codes.index)
