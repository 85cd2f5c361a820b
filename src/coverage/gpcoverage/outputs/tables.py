"""Tables of a result, for Danish Excel (.csv) and for GIS (.gpkg)."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio

from gpcoverage.inputs.homes import home_squares
from gpcoverage.outputs.footnotes import footnote
from gpcoverage.outputs.texts import title
from gpcoverage.outputs.told import ToldChoice

DISTANCE_DECIMALS: Final = 1
PEOPLE_DECIMALS: Final = 6


def homes_table(homes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Tell the answer for every home.

    Parameters
    ----------
    homes
        As in a result, or as told.

    Returns
    -------
    DataFrame
        ``home_id`` and the other columns without geometry; metres to 0.1 m.
    """
    table = pd.DataFrame(homes.drop(columns="geometry"))
    return for_file(table.rename_axis("home_id").reset_index())


def for_file(table: pd.DataFrame) -> pd.DataFrame:
    """Make a table ready for writing.

    Parameters
    ----------
    table
        Any.

    Returns
    -------
    DataFrame
        Metres (columns ``…_m`` and ``…_m_after``) to 0.1 m, all other fractions, which are people,
        to a millionth; true and false as ja and nej.
    """
    flags = {name: _ja_nej(table[name]) for name in table.select_dtypes("bool").columns}
    decimals = {
        name: DISTANCE_DECIMALS if name.endswith(("_m", "_m_after")) else PEOPLE_DECIMALS
        for name in table.select_dtypes("float").columns
    }
    return table.assign(**flags).round(decimals)


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
    table = pairs.drop(columns=["home", "practice"]).round({"shortest_min": 2, "fastest_min": 2})
    # Empty where there is no distance, so not columns of true and false.
    unsure = {name: _ja_nej(table[name]) for name in ("within_limit", "open")}
    return for_file(table.assign(**unsure))


def _ja_nej(values: pd.Series) -> pd.Series:
    return values.map({True: "ja", False: "nej"}).fillna("")


def municipalities_table(municipalities: pd.DataFrame) -> pd.DataFrame:
    """Tell the answer for every municipality.

    Parameters
    ----------
    municipalities
        As in a result, or as told.

    Returns
    -------
    DataFrame
        ``municipality_code`` and the other columns; metres to 0.1 m.
    """
    return for_file(municipalities.rename_axis("municipality_code").reset_index())


def write_geopackage(told: ToldChoice, path: Path) -> None:
    """Write homes, municipalities and practices as layers for GIS.

    Parameters
    ----------
    told
        The result.
    path
        A GeoPackage in EPSG:25832 with the layers ``homes`` (squares where the homes are cells,
        else points), ``municipalities`` and ``practices``. Its inner date is the study's, so that
        the same inputs give the same bytes.
    """
    study = told.choice.study
    homes = told.homes.rename_axis("home_id").reset_index()
    squares = home_squares(told.homes)
    if squares is not None:
        homes = homes.set_geometry(gpd.GeoSeries(squares, crs=homes.crs))
    area = study.area.set_index("code")[["geometry"]]
    municipalities = area.join(told.municipalities).rename_axis("municipality_code").reset_index()
    practices = told.practices.rename_axis("id").reset_index()
    about = {"TITLE": title(told.choice), "DESCRIPTION": " ".join(footnote(told))}
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{study.date}T00:00:00.000Z"})
    try:
        for layer, frame in (
            ("homes", homes),
            ("municipalities", municipalities),
            ("practices", practices),
        ):
            frame.to_file(path, layer=layer, driver="GPKG", layer_metadata=about)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
