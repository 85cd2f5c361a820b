"""Where people live, from public and bought statistics, in the form the reader of homes takes.

Three sources: the census grid of 2021 (Eurostat; cells of 1 km in EPSG:3035), tables of
Statistikbanken (Danmarks Statistik), and cells of the *kvadratnet* bought from Danmarks Statistik.
Whatever comes in goes out or is listed with the reason; a number that was withheld is never zero.

Only stored copies of public pages and programs were at hand: no file of these was fetched. What
rests on them, and what was assumed, is said at each function.
"""

import csv
import gzip
import itertools
import json
import math
import re
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from gpcoverage.errors import CrsError, DataIntegrityError, SchemaError
from gpcoverage.files import write_whole
from gpcoverage.inputs import danish, kvadratnet, textfile
from gpcoverage.inputs.coordinates import DENMARK_METRES
from gpcoverage.inputs.homes import CELL_HEADERS
from gpcoverage.inputs.layer import Layer, record_input
from gpcoverage.inputs.municipalities import codes_from_names, municipality_at
from gpcoverage.inputs.schema import (
    Column,
    Fault,
    faults_at,
    header_fault,
    match_headers,
    parse_columns,
    raise_faults,
)
from gpcoverage.inputs.tables import check_header, some
from gpcoverage.sources.endpoints import STATBANK
from gpcoverage.units import CRS_METRES

CRS_GRID: Final = "EPSG:3035"
"""ETRS89-extended / LAEA Europe: the census grid."""

CELL_M: Final = 1_000
NOBODY: Final = "nobody lives there"

# The census grid ----------------------------------------------------------------------------

GRID_ID: Final = re.compile(r"(?:[A-Z]{2}_)?CRS3035RES1000mN[0-9]+000E[0-9]+000")
GRID_CRS: Final = re.compile(r"(?:[A-Z]{2}_)?CRS([0-9]+)RES[0-9]+mN[0-9]+E[0-9]+")
COUNTRY: Final = re.compile(r"^([A-Z]{2})_")
UNALLOCATED: Final = re.compile("unallocated", re.IGNORECASE)
CONFIDENTIAL: Final = "-9999"
NO_NUMBER: Final = frozenset({"", ":"})
"""What stands for a number that is not there; the colon is Eurostat's."""

CELL: Final = Column(
    "GRD_ID",
    "must be a cell of the 1 km grid such as CRS3035RES1000mN3600000E4300000, each once",
    "The northing comes first, both in metres of the lower left corner",
    ("spatial",),
    required=True,
)
PEOPLE: Final = Column(
    "T",
    "must be a whole number of people, or a negative code where it is withheld",
    "Fetch the file again; T is the total population",
    ("obsvalue", "tobsvalue"),
    required=True,
)
STATISTIC: Final = Column("STAT", "", "")
NATION: Final = Column("CNTR_ID", "", "", ("cntrcode", "areaofdissemination"))
WITHHELD_MARK: Final = Column("T_CI", "", "")
GRID: Final = (CELL, PEOPLE, STATISTIC, NATION, WITHHELD_MARK)

OTHER_STATISTIC: Final = "counts something else than the total population"
NOT_IN_A_CELL: Final = "people who were not assigned to a cell"
WITHHELD: Final = "the number is withheld"

SLIVER_SHARE: Final = 0.01
"""Boundaries are generalised: so small a part of a cell is not taken for land of a municipality."""

ABROAD: Final = "lies abroad, as the file says"
NO_LAND: Final = "touches no municipality of the list: at sea or abroad"


def read_census_grid(path: Path) -> Layer:
    """Read the census grid of 2021.

    Parameters
    ----------
    path
        A GeoPackage, or CSV separated by comma, semicolon or tab. One row per cell: ``GRD_ID`` and
        ``T`` (as in ``ESTAT_Census_2021_V2``, whose ``T_CI`` is -9999 where T is confidential), or
        one row per cell and statistic: ``SPATIAL``, ``STAT`` and ``OBS_VALUE`` (as national
        offices delivered it; the ids begin with the country). Both headers were seen in public
        programs, the second also in another country's file; the Danish file was not seen, and
        how people without a cell are marked ("unallocated") is assumed.

    Returns
    -------
    Layer
        One row per inhabited cell, in the file's order, indexed by ``cell_id`` as the file writes
        it: ``population`` (people), ``country`` (empty where the file does not say), ``geometry``
        (centres, EPSG:25832). Cells without people and numbers that are withheld are left out with
        the reason; people without a cell are ``people_not_placed``.

    Raises
    ------
    CrsError
        If the cells are those of another grid than EPSG:3035.
    SchemaError
        With every fault of the file.
    """
    read = _grid_of_package if path.suffix.lower() == ".gpkg" else _grid_of_text
    cells = read(path)
    _check_grid_crs(path, cells["GRD_ID"])
    number = pd.to_numeric(cells["T"], errors="coerce").astype("float64")
    left_out = _set_apart(cells, number)
    used = ~cells.index.isin(np.concatenate([rows.to_numpy() for rows in left_out.values()]))
    raise_faults(path, _grid_faults(cells, number, left_out), len(cells))
    ids = cells.loc[used, "GRD_ID"]
    easting, northing = _corners(ids)
    to_utm = Transformer.from_crs(CRS_GRID, CRS_METRES, always_xy=True)
    centres = to_utm.transform(easting + CELL_M / 2, northing + CELL_M / 2)
    frame = gpd.GeoDataFrame(
        {
            "cell_id": ids,
            "population": number[used],
            "country": cells.loc[used, "CNTR_ID"],
        },
        geometry=shapely.points(*centres),
        crs=CRS_METRES,
    )
    record = record_input("census", path, len(cells), left_out)
    homeless = float(number[left_out[NOT_IN_A_CELL]].clip(lower=0).sum())
    return Layer(frame.set_index("cell_id"), replace(record, people_not_placed=homeless))


def _grid_of_package(path: Path) -> pd.DataFrame:
    """Read the attributes of a GeoPackage; the ids say where the cells lie."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the driver's own remarks
            layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
            if len(layers) != 1:
                msg = f"{path}: holds {len(layers)} layers ({', '.join(layers[:20])}). Export the grid alone."
                raise SchemaError(msg)
            info = pyogrio.read_info(path)
            found = _grid_headers(path, list(info["fields"]))
            if info["crs"] and not _is_grid_crs(info["crs"]):
                msg = f"{path}: states {str(info['crs'])[:40]}, but the census grid is {CRS_GRID}. Fetch it anew."
                raise CrsError(msg)
            frame = pyogrio.read_dataframe(path, columns=list(found.values()), read_geometry=False)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError) as error:
        msg = f"{path}: is not a GeoPackage that can be read ({str(error)[:200]}). Fetch it again."
        raise SchemaError(msg) from error
    frame.index += 1
    text = frame.astype(object).where(frame.notna(), "").astype(str)
    return _named(text, found)


def _is_grid_crs(stated: str) -> bool:
    crs = CRS.from_user_input(stated)
    return bool(crs.equals(CRS.from_user_input(CRS_GRID), ignore_axis_order=True))


def _grid_of_text(path: Path) -> pd.DataFrame:
    """Read a few columns of a CSV file of up to millions of rows."""
    try:
        with _opened(path) as file:
            head = file.read(textfile.HEAD_BYTES)
        textfile.refuse_non_table(path, head)
        first = head.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
        separator = max(textfile.SEPARATORS, key=first.count)
        header = next(csv.reader([first], delimiter=separator), [])
        found = _grid_headers(path, header)
        _check_widths(path, separator, len(header))
        cells = pd.read_csv(
            path,
            sep=separator,
            usecols=list(found.values()),
            dtype=str,
            keep_default_na=False,
            index_col=False,
            skip_blank_lines=False,
            encoding="utf-8-sig",
            skipinitialspace=True,
        )
    except (OSError, EOFError, UnicodeDecodeError, pd.errors.ParserError) as error:
        msg = f"{path}: is not a CSV file that can be read ({str(error)[:200]}). Fetch it again."
        raise SchemaError(msg) from error
    cells.index += 2
    blank = (cells.fillna("") == "").all(axis="columns")
    return _named(cells[~blank].fillna(""), found)


def _opened(path: Path) -> Any:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")


def _check_widths(path: Path, separator: str, width: int) -> None:
    """Refuse rows with more or fewer fields than the header: pandas would shift or fill them."""
    mark = separator.encode()
    with _opened(path) as file:
        odd = [
            number
            for number, line in enumerate(file, 1)
            if line.count(mark) != width - 1 and b'"' not in line and line.strip()
        ]
    if odd:
        msg = (
            f"{path}: rows {some(odd)} have more or fewer fields than the {width} of the header, "
            f"whose separator is '{separator}'. The file may be cut off: fetch it again."
        )
        raise SchemaError(msg)


def _grid_headers(path: Path, header: list[str]) -> dict[str, str]:
    """Find the columns, or tell in one error which are wanted and which are there."""
    check_header(path, [(1, header)], lambda names: header_fault(names, GRID))
    return match_headers(header, GRID)


def _named(cells: pd.DataFrame, found: Mapping[str, str]) -> pd.DataFrame:
    """Give the columns their own names; of which country a cell is may also stand in its id."""
    named = pd.DataFrame(
        {
            column.name: cells[found[column.name]].str.strip() if column.name in found else ""
            for column in GRID
        },
        index=cells.index,
    )
    if STATISTIC.name not in found:
        named["STAT"] = "T"
    prefix = named["GRD_ID"].str.extract(COUNTRY)[0].fillna("")
    named["CNTR_ID"] = prefix.where(prefix != "", named["CNTR_ID"])
    return named


def _check_grid_crs(path: Path, ids: pd.Series) -> None:
    stated = ids.str.extract(f"^{GRID_CRS.pattern}$")[0]
    others = sorted(set(stated.dropna()) - {"3035"})
    if others:
        msg = (
            f"{path}: {int(stated.isin(others).sum())} cells state EPSG:{', EPSG:'.join(others[:5])}, "
            f"but the census grid is {CRS_GRID}. Fetch it anew."
        )
        raise CrsError(msg)


def _set_apart(cells: pd.DataFrame, number: pd.Series) -> dict[str, pd.Index]:
    """Find the rows that do not go on, each under its first reason."""
    confidential = pd.to_numeric(cells["T_CI"], errors="coerce") == float(CONFIDENTIAL)
    absent = cells["T"].isin(NO_NUMBER)
    reasons = {
        OTHER_STATISTIC: cells["STAT"] != "T",
        NOT_IN_A_CELL: cells["GRD_ID"].str.contains(UNALLOCATED),
        f"{WITHHELD} (none is given)": absent,
        f"{WITHHELD} (0, but marked {CONFIDENTIAL})": (number == 0) & confidential,
        NOBODY: number == 0,
    }
    for code in sorted(number[(number < 0) & np.isfinite(number)].unique()):
        reasons[f"{WITHHELD} ({code:g})"] = number == code
    left = pd.Series(data=True, index=cells.index)
    rows: dict[str, pd.Index] = {}
    for reason, applies in reasons.items():
        rows[reason] = cells.index[applies & left]
        left &= ~applies
    return rows


def _grid_faults(
    cells: pd.DataFrame, number: pd.Series, left_out: Mapping[str, pd.Index]
) -> list[Fault]:
    ids, text = cells["GRD_ID"], cells["T"]
    counted = ~cells.index.isin(left_out[OTHER_STATISTIC])
    in_cell = counted & ~cells.index.isin(left_out[NOT_IN_A_CELL])
    unreadable = ~text.isin(NO_NUMBER) & ~(np.isfinite(number) & (number == np.floor(number)))
    known = ids.str.fullmatch(GRID_ID)
    twice = in_cell & ~text.isin(NO_NUMBER)
    twice[twice] = ids[twice].duplicated(keep=False)
    faults = faults_at(ids[in_cell & (~known | twice)], CELL, CELL.name)
    return faults + faults_at(text[counted & unreadable], PEOPLE, PEOPLE.name)


def _corners(ids: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read easting and northing of the lower left corners, metres, EPSG:3035."""
    numbers = ids.str.extract("N([0-9]+)E([0-9]+)$").astype("float64")
    return numbers[1].to_numpy(), numbers[0].to_numpy()


@dataclass(frozen=True, slots=True)
class CensusHomes:
    """The people of the census as homes, and what became of every cell.

    Attributes
    ----------
    frame
        Indexed by ``home_id``: ``municipality_code``, ``population``, ``geometry`` (points,
        EPSG:25832), as :func:`~gpcoverage.inputs.homes.read_homes` returns homes.
    factors
        Indexed by municipality code: ``census`` and ``official`` (people) and ``factor``, by which
        every home's people were multiplied; NaN where the census has nobody.
    left_out
        Indexed by ``cell_id``: ``reason`` and ``population`` of the cells that became no home.
    people_not_placed
        Official people of municipalities in which the census has nobody.
    """

    frame: gpd.GeoDataFrame
    factors: pd.DataFrame
    left_out: pd.DataFrame
    people_not_placed: float


def homes_from_census(
    cells: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame, totals: pd.Series | None
) -> CensusHomes:
    """Turn cells of the census into homes, scaled to the official number of each municipality.

    A cell's people are split over the municipalities it touches in proportion to their land in it,
    and live at the middle of that land; a cell inside one municipality is one home at its centre.
    Sea holds nobody. Less than 1 % of a cell counts as not touched. A Danish cell that touches none
    belongs to the nearest within 2 km (shores are generalised). On the land border the file for all
    Europe counts the neighbours' people too: take the Danish one, whose cells name their country.

    Parameters
    ----------
    cells
        As :func:`read_census_grid` returns the frame.
    municipalities
        EPSG:25832, as ``read_municipalities`` returns the frame.
    totals
        Official people by municipality code, as :func:`municipality_totals` returns them; codes
        that are none of these municipalities are not looked at. None leaves the census as it is.

    Returns
    -------
    CensusHomes
        Each municipality's people add up to its official number.

    Raises
    ------
    CrsError
        If a frame is not in EPSG:25832.
    DataIntegrityError
        If a municipality in which people live has no official number, or people got lost.
    """
    for name, frame in (("cells", cells), ("municipalities", municipalities)):
        _check_metres(name, frame)
    parts, left_out = _split(cells, municipalities)
    census = parts.groupby("municipality_code")["population"].sum()
    factors = _factors(census, totals, municipalities["code"])
    scaled = parts["population"] * parts["municipality_code"].map(factors["factor"])
    homes = gpd.GeoDataFrame(
        {
            "home_id": parts["home_id"],
            "municipality_code": parts["municipality_code"],
            "population": scaled.astype("float64"),
        },
        geometry=parts["geometry"].to_numpy(),
        crs=CRS_METRES,
    ).set_index("home_id")
    missed = factors.loc[factors["factor"].isna(), "official"].sum()
    went_out = parts["population"].sum() + left_out["population"].sum()
    _check_sums("cells", went_out, cells["population"].sum())
    wanted = census.sum() if totals is None else factors["official"].sum() - missed
    _check_sums("homes", homes["population"].sum(), wanted)
    return CensusHomes(homes, factors, left_out, float(missed))


def _check_metres(name: str, frame: gpd.GeoDataFrame) -> None:
    if frame.crs is None or frame.crs.to_epsg() != CRS.from_user_input(CRS_METRES).to_epsg():
        stated = "no coordinate reference system" if frame.crs is None else frame.crs.to_string()
        msg = f"Invalid {name}: in {stated[:40]}. Must be in {CRS_METRES}; use to_crs."
        raise CrsError(msg)


def _check_sums(name: str, found: float, wanted: float) -> None:
    if not np.isclose(found, wanted, rtol=1e-9, atol=1e-6):
        msg = f"The {name} hold {found:.6f} people and should hold {wanted:.6f}. Report this fault."
        raise DataIntegrityError(msg)


def _split(
    cells: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide each cell's people by land; list the cells that touch none."""
    country = cells["country"]
    danish_cell = country.str.split("-").map(lambda names: "DK" in names).to_numpy(dtype=bool)
    foreign = (country != "").to_numpy() & ~danish_cell
    asked = np.flatnonzero(~foreign)
    pairs = _pairs(asked, _grid_squares(cells.index[asked]), cells, municipalities)
    stray = np.setdiff1d(asked[danish_cell[asked]], pairs["cell"])
    centres = cells.geometry.to_numpy()
    codes = municipality_at(centres[stray], municipalities)
    near = stray[codes.to_numpy() != ""]
    shore = pd.DataFrame(
        {
            "cell": near,
            "municipality_code": codes[codes != ""].to_numpy(),
            "land": 1.0,
            "geometry": centres[near],
        }
    )
    parts = pd.concat([pairs, shore]) if len(shore) else pairs
    parts = parts.sort_values(["cell", "municipality_code"], kind="stable").reset_index(drop=True)
    by_cell = parts.groupby("cell")["land"]
    people = cells["population"].to_numpy()[parts["cell"]]
    parts["population"] = people * (parts["land"] / by_cell.transform("sum"))
    ids = pd.Series(cells.index[parts["cell"]].to_numpy(), dtype=object)
    alone = (by_cell.transform("size") == 1).to_numpy()
    parts["home_id"] = ids.where(alone, ids + "-" + parts["municipality_code"])
    gone = np.setdiff1d(np.arange(len(cells)), parts["cell"])
    left_out = pd.DataFrame(
        {
            "reason": np.where(foreign[gone], ABROAD, NO_LAND),
            "population": cells["population"].to_numpy()[gone],
        },
        index=cells.index[gone],
    )
    return parts, left_out


def _pairs(
    asked: NDArray[np.int64],
    squares: NDArray[np.object_],
    cells: gpd.GeoDataFrame,
    municipalities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Find which cells have land in which municipality, and the middle of it."""
    polygons = municipalities.geometry.to_numpy()
    tree = shapely.STRtree(squares)
    # Asked this way round, few prepared polygons meet many squares.
    whole_area, whole = tree.query(polygons, predicate="contains")
    area, touched = tree.query(polygons, predicate="intersects")
    partly = ~np.isin(touched, whole)
    area, touched = area[partly], touched[partly]
    pieces = shapely.intersection(squares[touched], polygons[area])
    land = shapely.area(pieces) / shapely.area(squares[touched])
    real = land >= SLIVER_SHARE
    area, touched, pieces, land = area[real], touched[real], pieces[real], land[real]
    middle = shapely.centroid(pieces)
    outside = ~shapely.intersects(pieces, middle)
    middle[outside] = shapely.point_on_surface(pieces[outside])
    position = np.concatenate([asked[whole], asked[touched]])
    return pd.DataFrame(
        {
            "cell": position,
            "municipality_code": municipalities["code"].to_numpy()[
                np.concatenate([whole_area, area])
            ],
            "land": np.concatenate([np.ones(len(whole)), land]),
            "geometry": np.concatenate([cells.geometry.to_numpy()[asked[whole]], middle]),
        }
    )


def _grid_squares(ids: pd.Index) -> NDArray[np.object_]:
    """Draw cells of the census grid; bent by less than a centimetre, their sides stay straight."""
    easting, northing = _corners(pd.Series(ids, dtype=object))
    x = easting[:, np.newaxis] + np.array([0, CELL_M, CELL_M, 0, 0])
    y = northing[:, np.newaxis] + np.array([0, 0, CELL_M, CELL_M, 0])
    to_utm = Transformer.from_crs(CRS_GRID, CRS_METRES, always_xy=True)
    corners = np.stack(to_utm.transform(x, y), axis=-1)
    return np.asarray(shapely.polygons(corners))


def _factors(census: pd.Series, totals: pd.Series | None, codes: pd.Series) -> pd.DataFrame:
    """Compare the census with the official numbers."""
    table = pd.DataFrame({"census": census.reindex(codes.to_numpy(), fill_value=0.0)})
    table.index.name = "municipality_code"
    if totals is None:
        return table.assign(official=np.nan, factor=1.0)
    if not totals.index.is_unique:
        msg = "Invalid totals: a municipality stands twice. Take one period."
        raise DataIntegrityError(msg)
    table["official"] = totals.reindex(table.index).astype("float64")
    wrong = table["official"].isna() | (table["official"] < 0) | np.isinf(table["official"])
    bad = table.index[wrong & ((table["census"] > 0) | table["official"].notna())]
    if len(bad):
        msg = (
            f"Invalid totals: no number of people for {len(bad)} of {len(table)} municipalities: "
            f"{', '.join(bad[:5])}. Take FOLK1A with every municipality."
        )
        raise DataIntegrityError(msg)
    inhabited = table["census"].where(table["census"] > 0)
    factor = table["official"] / inhabited
    # Where neither has anybody there is nothing to place.
    return table.assign(factor=factor.mask(inhabited.isna() & (table["official"] == 0), 1.0))


# Statistikbanken ----------------------------------------------------------------------------

Table = Literal["FOLK1A", "LABY27"]
AREA: Final = Column(
    "OMRÅDE",
    "must be a municipality, a region, a group of municipalities or the whole country",
    "Ask for codes too (valuePresentation CodeAndValue), in Danish",
    ("omraade", "komgrp", "kommunegruppe"),
    required=True,
    blank=False,
)
PERIOD: Final = Column(
    "TID", "must not be empty", "Ask for the variable Tid", ("time",), required=True, blank=False
)
CONTENT: Final = Column(
    "INDHOLD",
    "must be a number that is not negative, or .. where it is withheld",
    "Fetch the table again",
    ("content",),
    required=True,
)
ONCE: Final = Column(
    "",
    "must not have two numbers for one period",
    "Ask for codes too (valuePresentation CodeAndValue): two areas may have one name",
)
STATBANK_COLUMNS: Final = (AREA, PERIOD, CONTENT)
COUNTED: Final = frozenset({"FOLK1A"})
"""Tables of whole people."""

KNOWN_TABLES: Final = ("FOLK1A", "LABY27")
NOT_GIVEN: Final = frozenset({"", ".", "..", "...", "-", "x"})
"""What stands for a number that is not given; the dash may mean none, and is not taken for it."""

TOTALS: Final = frozenset(
    {
        *("tot", "ialt", "total", "totialt", "tottotal", "alderialt", "ialtalderialt"),
        *("ialtalder", "agetotal", "ialtagetotal", "ialttotal", "mændogkvinderialt"),
    }
)
"""The categories of sex, age and marital status that are all people, folded."""

CODE_AND_NAME: Final = re.compile(r"([0-9]{1,4})(?:\s+(.+))?")
LEVELS_BY_CODE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("0", "000"), "country"),
    **dict.fromkeys((f"08{number}" for number in range(1, 6)), "region"),
    **dict.fromkeys((f"{number:02}" for number in range(1, 12)), "province"),
    **dict.fromkeys("12345", "group"),
    **dict.fromkeys(("411", "0411"), "outside"),
}
LEVELS_BY_NAME: Final = (
    ("country", re.compile("helelandet|alldenmark")),
    ("region", re.compile("region.+")),
    ("province", re.compile("(landsdel|province).+")),
    ("group", re.compile("(hovedstads|storby|provinsby|oplands|land)kommuner")),
    ("group", re.compile("(capital|metropolitan|provincial|commuter|rural)municipalities")),
    ("outside", re.compile("christiansø")),
)
"""Christiansø is no municipality, but FOLK1A counts its people."""


def statbank_request(
    table: str,
    variables: Mapping[str, Sequence[str]],
    *,
    form: Literal["CSV", "JSONSTAT"] = "CSV",
) -> tuple[str, dict[str, Any]]:
    """Write the question for a table of Statistikbanken; nothing is sent.

    Danmarks Statistik's page names the address and says that questions are posted as JSON in UTF-8;
    the keys stand in several public programs.

    Parameters
    ----------
    table
        Table id, such as ``FOLK1A``.
    variables
        Values by variable, in the table's own codes; ``*`` is all. Others are summed over.
    form
        Of the answer.

    Returns
    -------
    url
        To post to.
    body
        To send as JSON.

    Raises
    ------
    SchemaError
        If the table's id is none, or a variable has no values.

    Examples
    --------
    >>> url, body = statbank_request("FOLK1A", {"OMRÅDE": ["*"], "Tid": ["2026K1"]})
    >>> url, body["variables"][1]
    ('https://api.statbank.dk/v1/data', {'code': 'Tid', 'values': ['2026K1']})
    """
    empty = [code for code, values in variables.items() if isinstance(values, str) or not values]
    if not re.fullmatch("[A-Za-z0-9ÆØÅæøå_]+", table) or empty or not variables:
        msg = (
            f"Invalid question for table '{table[:40]}'. Must have a table id such as FOLK1A and a "
            f"list of values for every variable; without one: {', '.join(empty) or 'none named'}."
        )
        raise SchemaError(msg)
    body: dict[str, Any] = {
        "table": table.upper(),
        "format": form,
        "lang": "da",
        "valuePresentation": "CodeAndValue",
        "variables": [{"code": code, "values": list(variables[code])} for code in variables],
    }
    if form == "CSV":
        body["delimiter"] = "Semicolon"
    return STATBANK.url, body


def parse_statbank(source: Path | bytes, table: str, listed: pd.DataFrame) -> pd.DataFrame:
    """Read an answer of Statistikbanken: FOLK1A (people) or LABY27 (people per doctor's capacity).

    Parameters
    ----------
    source
        A file or its bytes: CSV as the API writes it (names, codes, or both in one cell), or
        JSON-stat, version 1 (wrapped in ``dataset``, as the API writes it) or 2. Seen in public
        programs: the headers ``OMRÅDE;…;TID;INDHOLD`` of FOLK1A, the mark at the start of the
        file, ``..`` for a number not given, decimals with comma, and JSON-stat of FOLK1A. Of LABY27
        the variables were seen (KOMGRP: five groups, municipalities, 0 for the country; TID), no
        answer. A dash is taken for not given.
    table
        ``FOLK1A`` or ``LABY27``.
    listed
        As ``read_municipality_list`` returns it.

    Returns
    -------
    DataFrame
        One row per area and period: ``area`` as the answer names it, ``level`` (``municipality``,
        ``country``, ``region``, ``province``, ``group``, or ``outside`` for Christiansø),
        ``municipality_code`` (empty on other levels), ``period`` (``2026K1``), ``value`` (NaN where
        not given) and ``note`` (what stands in place of a value).

    Raises
    ------
    SchemaError
        If it is no such table or an error message of the API, and with every fault of it.
    """
    if table.upper() not in KNOWN_TABLES:
        msg = f"Invalid table '{table[:40]}'. Must be one of {', '.join(KNOWN_TABLES)}."
        raise SchemaError(msg)
    name = Path(f"{table.upper()} (answer of Statistikbanken)")
    if isinstance(source, Path):
        name = source
        try:
            content = source.read_bytes()
        except OSError as error:
            msg = f"{source}: cannot be read ({error.strerror or error}). Check the path."
            raise SchemaError(msg) from error
    else:
        content = source
    is_json = content.removeprefix(textfile.UTF8_MARK).lstrip()[:1] == b"{"
    cells = _json_stat(name, content) if is_json else _statbank_csv(name, content)
    return _tidy(name, cells, table.upper(), listed, is_json=is_json)


def _check_statbank(header: list[str]) -> str | None:
    return header_fault(header, STATBANK_COLUMNS)


def _statbank_csv(name: Path, content: bytes) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.csv"
        path.write_bytes(content)
        try:
            return danish.read_table(path, _check_statbank)
        except SchemaError as error:
            raise SchemaError(str(error).replace(str(path), str(name))) from None


def _json_stat(name: Path, content: bytes) -> pd.DataFrame:
    """Lay a JSON-stat cube out as rows; areas and categories become code and name."""
    try:
        answer = json.loads(content.decode("utf-8-sig"))
        refusal = "" if "dataset" in answer else str(answer.get("message", ""))
        cube = {} if refusal else _cube(answer.get("dataset", answer))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"{name}: is not JSON-stat ({type(error).__name__}: {str(error)[:100]}). Fetch the table again."
        raise SchemaError(msg) from error
    if refusal:
        msg = f"{name}: Statistikbanken refused: {refusal[:300]}. Change the question."
        raise SchemaError(msg)
    # The API adds the table itself as a dimension of one.
    header = ["" if _is_content(key) else key for key in cube["ids"]]
    rows = list(itertools.product(*cube["categories"]))
    frame = pd.DataFrame(rows, columns=header, index=range(1, len(rows) + 1), dtype=str)
    frame["INDHOLD"] = [".." if value is None else str(value) for value in cube["values"]]
    frame = frame.drop(columns="", errors="ignore")
    check_header(name, [(1, list(frame.columns))], _check_statbank)
    return frame


def _cube(dataset: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Take what is needed of a JSON-stat data set; its values in the order of its categories."""
    dimensions = dataset["dimension"]
    ids = [str(key) for key in dataset.get("id") or dimensions["id"]]
    categories = [_categories(dimensions[key]["category"]) for key in ids]
    stated = [int(size) for size in dataset.get("size") or dimensions["size"]]
    sizes = [len(names) for names in categories]
    values = dataset["value"]
    places = range(math.prod(sizes))
    if isinstance(values, dict):
        values = [values.get(str(place)) for place in places]
    if len(values) != len(places) or stated != sizes:
        msg = f"{len(values)} values for a table of {' x '.join(map(str, sizes))}"
        raise ValueError(msg)
    contents = [size for key, size in zip(ids, sizes, strict=True) if _is_content(key)]
    if contents not in ([], [1]):
        msg = f"{contents} contents"
        raise ValueError(msg)
    return {"ids": ids, "categories": categories, "values": values}


def _is_content(key: str) -> bool:
    return key.casefold() == "contentscode"


def _categories(category: Mapping[str, Any]) -> list[str]:
    """List a dimension's categories in order, as code and name."""
    labels = category.get("label") or {}
    index = category.get("index") or list(labels)
    codes = sorted(index, key=lambda code: int(index[code])) if isinstance(index, dict) else index
    named = [(str(code), str(labels.get(code, code))) for code in codes]
    return [code if label == code else f"{code} {label}" for code, label in named]


def _tidy(
    name: Path, cells: pd.DataFrame, table: str, listed: pd.DataFrame, *, is_json: bool
) -> pd.DataFrame:
    found = match_headers(cells.columns, STATBANK_COLUMNS)
    extra = [column for column in cells.columns if column not in found.values()]
    area, period = (cells[found[column.name]] for column in (AREA, PERIOD))
    whole = _are_totals(name, cells[extra], area + " " + period)
    area, period, text = area[whole], period[whole], cells.loc[whole, found[CONTENT.name]]
    levels, codes = _levels(area, listed)
    note = text.where(text.isin(NOT_GIVEN), "")
    bare = text.mask(text.isin(NOT_GIVEN), "")
    value = _numbers(bare, table, is_json=is_json)
    wrong = (value.isna() & (bare != "")) | (value < 0)
    if table in COUNTED:
        wrong |= value.notna() & (value != np.floor(value))
    faults = faults_at(area[levels == ""], AREA, found[AREA.name])
    faults += faults_at(period[period == ""], PERIOD, found[PERIOD.name])
    faults += faults_at(text[wrong], CONTENT, found[CONTENT.name])
    faults += faults_at((area + ", " + period)[_twice(area, codes, period)], ONCE, found[AREA.name])
    raise_faults(name, faults, len(cells))
    note = note.mask(value.isna() & (note == ""), "(empty)")
    return pd.DataFrame(
        {
            "area": area,
            "level": levels,
            "municipality_code": codes,
            "period": period,
            "value": value,
            "note": note,
        }
    )


def _twice(area: pd.Series, codes: pd.Series, period: pd.Series) -> pd.Series:
    place = codes.where(codes != "", area)
    return pd.DataFrame({"place": place, "period": period}).duplicated(keep=False)


def _numbers(text: pd.Series, table: str, *, is_json: bool) -> pd.Series:
    if is_json:
        return pd.to_numeric(text, errors="coerce").astype("float64")
    return danish.parse_counts(text) if table in COUNTED else danish.parse_amounts(text)


def _are_totals(name: Path, extra: pd.DataFrame, key: pd.Series) -> pd.Series:
    """Say which rows are about all people, and not about one sex or age."""
    whole = pd.Series(data=True, index=key.index)
    for column in extra:
        known = {cell: danish.normalise_header(cell) in TOTALS for cell in extra[column].unique()}
        whole &= extra[column].map(known).astype(bool)
    if set(key[~whole]) <= set(key[whole]):
        return whole
    msg = (
        f"{name}: has no rows for all people: {', '.join(extra.columns)} must be I alt (TOT, IALT). "
        "Leave these variables out of the question, or ask for their totals."
    )
    raise SchemaError(msg)


def _levels(area: pd.Series, listed: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Find each area's level, empty where unknown, and the codes of municipalities."""
    by_area = {cell: _level(cell, listed) for cell in area.unique()}
    level = area.map({cell: found[0] for cell, found in by_area.items()})
    code = area.map({cell: found[1] for cell, found in by_area.items()})
    return level.astype(object), code.astype(object)


def _level(cell: str, listed: pd.DataFrame) -> tuple[str, str]:
    coded = CODE_AND_NAME.fullmatch(cell)
    if coded:
        code = coded.group(1)
        four = code.zfill(4)
        if (listed["code"] == four).any() and code not in LEVELS_BY_CODE:
            return "municipality", four
        return LEVELS_BY_CODE.get(code, ""), ""
    code = str(codes_from_names(pd.Series([cell], dtype=object), listed).iloc[0])
    if code:
        return "municipality", code
    folded = danish.normalise_header(cell)
    return next((level for level, form in LEVELS_BY_NAME if form.fullmatch(folded)), ""), ""


def municipality_totals(table: pd.DataFrame, period: str | None = None) -> pd.Series:
    """Take the official number of people of each municipality for one period.

    Parameters
    ----------
    table
        FOLK1A, as :func:`parse_statbank` returns it.
    period
        Such as ``2026K1``; the latest if None.

    Returns
    -------
    Series
        People, indexed by municipality code, sorted.

    Raises
    ------
    DataIntegrityError
        If the period is not there, or a number is not given.
    """
    rows = table[table["level"] == "municipality"]
    wanted = rows["period"].max() if period is None else period
    rows = rows[rows["period"] == wanted]
    lacking = rows.loc[rows["value"].isna(), "area"]
    if rows.empty or len(lacking):
        known = ", ".join(sorted(set(table["period"])))[:100]
        msg = (
            f"Invalid period '{wanted}'. Must have a number for every municipality; without one: "
            f"{', '.join(lacking[:5]) or 'all'}. The periods are {known or 'none'}."
        )
        raise DataIntegrityError(msg)
    people = rows.set_index("municipality_code")["value"].sort_index()
    return people.rename("population")


# Deliveries of the kvadratnet -----------------------------------------------------------------

DELIVERED_SIZES: Final = ("100m", "250m", "1km")
DELIVERED_CELL: Final = Column(
    "cell",
    "must be a cell of the kvadratnet in Denmark, such as 100m_62237_5756, each once",
    "The northing comes first, both numbers cut down to the size of the cell",
    (
        *CELL_HEADERS[1:],
        *("kvadrat", "kvadratid", "kvadratnetcelle", "ddknid", "ddkncelle", "celleid", "cellid"),
        *("ddknm100", "ddknm250", "ddknkm1", "ddkn100m", "ddkn250m", "ddkn1km", "gridid"),
    ),
    required=True,
    blank=False,
    unique=True,
)
DELIVERED_PEOPLE: Final = Column(
    "population",
    "must be a whole number of people, or say that it is withheld: empty, .., <3 or a negative code",
    "Correct the number",
    (
        *("personer", "antalpersoner", "personerialt", "antalpersonerialt", "pers", "antpers"),
        *("befolkning", "befolkningialt", "folketal", "indbyggere", "antalindbyggere"),
        *("beboere", "antalbeboere", "borgere", "antalborgere", "people"),
    ),
    required=True,
)
DELIVERY: Final = (DELIVERED_CELL, DELIVERED_PEOPLE)
BELOW: Final = re.compile(r"<\s*([0-9]{1,3})")
NEGATIVE: Final = re.compile(r"-[0-9]+")
MARKS: Final = frozenset({*NOT_GIVEN, "*", ":", "n/a", "na"})


def read_kvadratnet_delivery(path: Path, *, assumed_people: float | None = None) -> Layer:
    """Read cells of the *kvadratnet* as bought from Danmarks Statistik.

    No delivery was seen. Known from public sources: the ids, and the headers KN100mDK, KN1kmDK and
    DDKN_m100; a talk by Danmarks Statistik (2015) says that persons per cell of 100 m come without
    suppression, other statistics not. The other headers and the marks are assumed.

    Parameters
    ----------
    path
        A .csv, .csv.gz or .xlsx file with a cell id (100 m, 250 m or 1 km, one size throughout) and
        the people who live there. Withheld is a cell that is empty or holds ``..``, ``.``, ``-``,
        ``x``, ``*``, ``:``, ``<3`` or a negative code.
    assumed_people
        So many people are assumed in every cell whose number is withheld. None leaves these cells
        out, with the reason. Where the cell says ``<3``, it must be less than 3.

    Returns
    -------
    Layer
        One row per inhabited cell, in the file's order, indexed by ``home_id`` (the cell id):
        ``population`` (people), ``assumed`` (bool: the number is withheld), ``geometry`` (centres,
        EPSG:25832).

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    if assumed_people is not None and not (np.isfinite(assumed_people) and assumed_people > 0):
        msg = f"Invalid assumed_people '{assumed_people}'. Must be more than 0, or None."
        raise SchemaError(msg)
    cells = danish.read_table(path, lambda header: header_fault(header, DELIVERY))
    values, faults = parse_columns(cells, DELIVERY)
    ids = values["cell"].str.strip().str.casefold().str.replace(" ", "", regex=False)
    text = values["population"].str.casefold()
    withheld = text.isin(MARKS) | text.str.fullmatch(BELOW) | text.str.fullmatch(NEGATIVE)
    number = danish.parse_counts(text.mask(withheld, ""))
    bad = ~withheld & ~(number >= 0) | (number != np.floor(number)) & number.notna()
    faults += faults_at(values.loc[bad, "population"], DELIVERED_PEOPLE, _header_of(cells, 1))
    faults += _assumption_faults(text, assumed_people, _header_of(cells, 1))
    points, wrong = _delivered_centres(ids)
    faults += faults_at(values.loc[wrong, "cell"], DELIVERED_CELL, _header_of(cells, 0))
    raise_faults(path, faults, len(cells))
    _check_one_size(path, ids)
    left_out = {NOBODY: cells.index[number == 0]}
    if assumed_people is None:
        for mark in text[withheld].unique():
            left_out[f"{WITHHELD} ({mark or 'empty'})"] = cells.index[withheld & (text == mark)]
    else:
        number = number.mask(withheld, assumed_people)
    used = number > 0
    frame = gpd.GeoDataFrame(
        {"home_id": ids[used], "population": number[used], "assumed": withheld[used].astype(bool)},
        geometry=points[used.to_numpy()],
        crs=CRS_METRES,
    )
    return Layer(frame.set_index("home_id"), record_input("homes", path, len(cells), left_out))


def _header_of(cells: pd.DataFrame, place: int) -> str:
    return match_headers(cells.columns, DELIVERY)[DELIVERY[place].name]


def _assumption_faults(text: pd.Series, assumed: float | None, header: str) -> list[Fault]:
    if assumed is None:
        return []
    limit = text.str.extract(f"^{BELOW.pattern}$")[0].astype("float64")
    rule = f"must allow the {assumed:g} people that are assumed"
    return faults_at(text[limit <= assumed], Column("", rule, "Assume fewer"), header)


def _delivered_centres(ids: pd.Series) -> tuple[NDArray[np.object_], pd.Series]:
    """Find the middles of cells, and which ids are no cell in Denmark or stand twice."""
    fits = kvadratnet.is_cell_id(ids) & ids.str.split("_").str[0].isin(DELIVERED_SIZES)
    points = np.full(len(ids), shapely.Point(), dtype=object)
    points[fits.to_numpy()] = shapely.centroid(kvadratnet.cell_squares(ids[fits]))
    inside = shapely.intersects(shapely.box(*DENMARK_METRES), points)
    return points, (~inside | ids.duplicated(keep=False)) & (ids != "")


def _check_one_size(path: Path, ids: pd.Series) -> None:
    sizes = sorted(ids.str.split("_").str[0].unique())
    if len(sizes) > 1:
        msg = (
            f"{path}: holds cells of {' and '.join(sizes)}, so that people may be in it twice. "
            "Give each size a file of its own."
        )
        raise SchemaError(msg)


# Homes as a file ------------------------------------------------------------------------------


def write_homes(homes: gpd.GeoDataFrame, path: Path) -> Path:
    """Write homes as the table :func:`~gpcoverage.inputs.homes.read_homes` reads.

    Parameters
    ----------
    homes
        Points in EPSG:25832 with ``population``, indexed by id; ``municipality_code`` if known.
    path
        A .csv or .csv.gz file. Coordinates are written to the millimetre, people to 1e-12.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CrsError
        If the frame is not in EPSG:25832.
    DataIntegrityError
        If an id stands twice, a number of people is none, or a home is no point.
    OutputError
        If the file cannot be written.
    """
    _check_metres("homes", homes)
    points = homes.geometry.to_numpy()
    people = homes["population"].to_numpy(dtype=np.float64)
    is_point = (shapely.get_type_id(points) == 0) & ~shapely.is_empty(points)
    if not (
        homes.index.is_unique and is_point.all() and (np.isfinite(people) & (people >= 0)).all()
    ):
        msg = "Invalid homes. Must be points with ids of their own and a number of people that is not negative."
        raise DataIntegrityError(msg)
    table = pd.DataFrame({"id": homes.index.astype(str)})
    if "municipality_code" in homes:
        table["municipality_code"] = homes["municipality_code"].to_numpy()
    table["population"] = [f"{number:.12f}" for number in people]
    table["easting"] = [f"{x:.3f}" for x in shapely.get_x(points)]
    table["northing"] = [f"{y:.3f}" for y in shapely.get_y(points)]
    packed: dict[str, Any] | None = None
    if path.suffix.lower() == ".gz":
        packed = {"method": "gzip", "mtime": 0}

    def write(draft: Path) -> None:
        table.to_csv(draft, index=False, encoding="utf-8", lineterminator="\n", compression=packed)

    return write_whole(path, write)
