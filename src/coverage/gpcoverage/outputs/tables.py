"""Tables of a result, for Danish Excel (.csv) and for GIS (.gpkg)."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio

from gpcoverage.analysis.choice import Choice
from gpcoverage.inputs.homes import home_squares

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
DISTANCE_DECIMALS: Final = 1
PEOPLE_DECIMALS: Final = 6


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table that Danish Excel opens rightly with a double-click.

    Parameters
    ----------
    frame
        Columns as they are to stand; the index is not written.
    path
        Semicolons, decimal comma, UTF-8 with byte order mark. Text that Excel would take for a
        formula gets an apostrophe in front.
    """
    safe = frame.copy()
    for column in safe.columns[safe.dtypes.map(pd.api.types.is_string_dtype)]:
        risky = safe[column].fillna("").astype(str).str.startswith(FORMULA_STARTS)
        safe[column] = safe[column].where(~risky, "'" + safe[column].astype(str))
    safe.to_csv(
        path, sep=";", decimal=",", index=False, encoding="utf-8-sig", lineterminator="\r\n"
    )


def homes_table(choice: Choice) -> pd.DataFrame:
    """Tell the answer for every home.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    DataFrame
        ``home_id`` and the columns of ``choice.homes`` without geometry; metres to 0.1 m.
    """
    table = pd.DataFrame(choice.homes.drop(columns="geometry")).rename_axis("home_id").reset_index()
    if "island" in table:
        table["island"] = _ja_nej(table["island"])
    metres = [column for column in table.columns if column.endswith("_m")]
    return table.round({**dict.fromkeys(metres, DISTANCE_DECIMALS), "population": PEOPLE_DECIMALS})


def pairs_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Make pairs of home and practice ready for writing.

    Parameters
    ----------
    pairs
        As ``analysis.pairs`` gives them.

    Returns
    -------
    DataFrame
        Without positions; metres to 0.1 m, minutes to 0.01, ``within_limit`` and ``open`` as ja
        or nej.
    """
    table = pairs.drop(columns=["home", "practice"])
    for column in ("within_limit", "open"):
        table[column] = _ja_nej(table[column])
    metres = {column: DISTANCE_DECIMALS for column in table.columns if column.endswith("_m")}
    return table.round(metres | {"shortest_min": 2, "fastest_min": 2})


def _ja_nej(values: pd.Series) -> pd.Series:
    return values.map({True: "ja", False: "nej"}).fillna("")


def municipalities_table(choice: Choice) -> pd.DataFrame:
    """Tell the answer for every municipality.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    DataFrame
        ``municipality_code`` and the columns of ``choice.municipalities``; metres to 0.1 m.
    """
    table = choice.municipalities.rename_axis("municipality_code").reset_index()
    metres = [column for column in table.columns if column.endswith("_m")]
    people = [
        "population",
        *(column for column in table.columns if column.endswith("certain")),
    ]
    return table.round(
        {**dict.fromkeys(metres, DISTANCE_DECIMALS), **dict.fromkeys(people, PEOPLE_DECIMALS)}
    )


def write_geopackage(choice: Choice, path: Path) -> None:
    """Write homes, municipalities and practices as layers for GIS.

    Parameters
    ----------
    choice
        The result.
    path
        A GeoPackage in EPSG:25832 with the layers ``homes`` (squares where the homes are cells,
        else points), ``municipalities`` and ``practices``. Its inner date is the study's, so that
        the same inputs give the same bytes.
    """
    homes = choice.homes.rename_axis("home_id").reset_index()
    squares = home_squares(choice.homes)
    if squares is not None:
        homes = homes.set_geometry(gpd.GeoSeries(squares, crs=choice.homes.crs))
    area = choice.study.area.set_index("code")[["geometry"]]
    municipalities = area.join(choice.municipalities).rename_axis("municipality_code").reset_index()
    practices = choice.study.practices.rename_axis("id").reset_index()
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{choice.study.date}T00:00:00.000Z"})
    try:
        for layer, frame in (
            ("homes", homes),
            ("municipalities", municipalities),
            ("practices", practices),
        ):
            frame.to_file(path, layer=layer, driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
