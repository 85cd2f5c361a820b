"""Write samples of the official files, in their real formats, made of the example's tables.

For notebook 00 and the tests: nothing in them is official, and no figure may be taken from them.
Each is named as the store names the fetched file, so a folder of samples is a store to use offline.
Some things are wrong on purpose, as in life: SOR has a unit that is no practice, one that has
closed, one that will, and one the region does not know; the region has one that SOR does not know.
"""

import argparse
import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

HERE: Final = Path(__file__).resolve().parent
SOR: Final = "SorEntity_daily.csv"
EXPORT: Final = "region_export.csv"
PEOPLE: Final = "folk1a.csv"
PER_DOCTOR: Final = "laby27.csv"
CENSUS: Final = "DK_PD_3035_GPKG.zip"
LAU: Final = "LAU_RG_01M_2024_4326.geojson"

CLOSED: Final = ("Lægerne, som er lukket (eksempel)", "2025-03-31")
CLOSING: Final = 40
"""The how manieth practice closes at the end of next May."""

UNKNOWN_TO_REGION: Final = 7
UNKNOWN_TO_SOR: Final = 11
GP: Final = "almen lægepraksis"


def main() -> None:
    """Write all samples to a folder."""
    parser = argparse.ArgumentParser(description="Write samples of the official files.")
    parser.add_argument("folder", type=Path, help="Made if it is not there.")
    write_samples(parser.parse_args().folder)


def write_samples(folder: Path) -> None:
    """Write every sample.

    Parameters
    ----------
    folder
        Made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    practices = pd.read_csv(HERE / "practices.csv", dtype=str, keep_default_na=False)
    listed = pd.read_csv(HERE / "municipalities.csv", dtype=str).sort_values("code")
    (folder / SOR).write_text(_sor(practices), encoding="utf-8-sig", newline="")
    (folder / EXPORT).write_text(_export(practices), encoding="utf-8-sig", newline="")
    (folder / PEOPLE).write_text(_folk1a(listed), encoding="utf-8-sig", newline="")
    (folder / PER_DOCTOR).write_text(_laby27(listed), encoding="utf-8-sig", newline="")
    (folder / LAU).write_text(_lau(), encoding="utf-8", newline="")
    _census(folder / CENSUS)


def _ids(practices: pd.DataFrame) -> pd.DataFrame:
    """Give every practice a number of its own, as ydernummer and in a SOR id."""
    number = np.arange(len(practices)) + 100_001
    return practices.assign(yder=number.astype(str), sor=[f"{n}1000016001" for n in number])


def _sor(practices: pd.DataFrame) -> str:
    """Write SOR's nightly file: the SOR ids in ="…", places in UTM zone 32, decimal comma."""
    known = _ids(practices)
    known = known.drop(index=known.index[UNKNOWN_TO_SOR])
    easting, northing = _metres(known["lon"].astype(float), known["lat"].astype(float))
    closing = np.where(np.arange(len(known)) == CLOSING, "2027-05-31", "2999-12-31")
    rows = pd.DataFrame(
        {
            "SorId": known["sor"],
            "SorType": "SI",
            "EntityName": known["name"],
            "EntityTypeName": GP,
            "ProviderId": known["yder"],
            "HealthInstitutionSorId": known["sor"],
            "HealthInstitutionEntityTypeName": GP,
            "FirstFromDate": "2008-01-01",
            "FromDate": "2019-05-01",
            "ToDate": closing,
            "ActivityAddressStreetName": "",
            "ActivityAddressStreetBuildingId": "",
            "ActivityAddressPostCodeId": "",
            "ActivityAddressDistrictName": known["town"],
            "ActivityAddressCoordETRS89z32EMeasure": [
                f"{x:.1f}".replace(".", ",") for x in easting
            ],
            "ActivityAddressCoordETRS89z32NMeasure": [
                f"{y:.1f}".replace(".", ",") for y in northing
            ],
        }
    )
    other, gone = rows.iloc[[0]].copy(), rows.iloc[[1]].copy()
    other[["SorId", "EntityName", "EntityTypeName", "HealthInstitutionEntityTypeName"]] = (
        *("9000011000016001", "Fysioterapien (eksempel)"),
        *("fysioterapiklinik", "fysioterapiklinik"),
    )
    gone[["SorId", "HealthInstitutionSorId", "EntityName", "ToDate", "ProviderId"]] = (
        *("9000021000016001", "9000021000016001", *CLOSED),
        "900002",
    )
    table = pd.concat([rows, other, gone])
    for name in ("SorId", "HealthInstitutionSorId"):
        table[name] = '="' + table[name] + '"'
    return str(table.to_csv(sep=";", index=False, lineterminator="\r\n"))


def _export(practices: pd.DataFrame) -> str:
    """Write what a region might export: Danish headers, ja and nej; no places."""
    known = _ids(practices)
    known = known.drop(index=known.index[UNKNOWN_TO_REGION])
    table = pd.DataFrame(
        {
            "Ydernummer": known["yder"],
            "Praksisnavn": known["name"],
            "Åben for tilgang": known["open"],
            "Kapacitet": known["doctors"],
            "Tilmeldte": known["list_size"],
            "By": known["town"],
        }
    )
    return str(table.to_csv(sep=";", index=False, lineterminator="\r\n"))


def _folk1a(listed: pd.DataFrame) -> str:
    """Write FOLK1A as Statistikbanken does: the country, then the municipalities; two quarters."""
    rows = []
    for period, share in (("2026K3", 1.0), ("2026K4", 1.002)):
        people = (listed["population_2024"].astype(float) * share).round().astype(int)
        rows.append(("Hele landet", period, int(people.sum())))
        rows += zip(listed["name"], [period] * len(listed), people, strict=True)
    return _statbank(("OMRÅDE", "TID", "INDHOLD"), rows)


def _laby27(listed: pd.DataFrame) -> str:
    """Write LABY27 as Statistikbanken does: people per doctor's capacity."""
    rows = [(name, "2026", 1_620 + 7 * (i % 40)) for i, name in enumerate(listed["name"])]
    return _statbank(("KOMGRP", "TID", "INDHOLD"), [("Hele landet", "2026", 1_690), *rows])


def _statbank(header: tuple[str, ...], rows: list[tuple[str, str, int]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([header, *rows])
    return out.getvalue()


def _lau() -> str:
    """Write municipalities as GISCO does, a German neighbour among them."""
    own = gpd.read_file(HERE.parent / "geo" / "municipalities.geojson")
    features = [
        _feature("DK", code.lstrip("0"), name, shape)
        for code, name, shape in zip(own["code"], own["name"], own.geometry, strict=True)
    ]
    features.append(_feature("DE", "01001000", "Flensburg", shapely.box(9.35, 54.75, 9.5, 54.83)))
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _feature(country: str, code: str, name: str, shape: object) -> dict[str, object]:
    properties = {
        "GISCO_ID": f"{country}_{code}",
        "CNTR_CODE": country,
        "LAU_ID": code,
        "LAU_NAME": name,
    }
    geometry = shapely.geometry.mapping(shapely.set_precision(shape, 1e-6))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _census(path: Path) -> None:
    """Write the census grid: the example's people, counted in cells of EPSG:3035."""
    cells = pd.read_csv(HERE.parent / "geo" / "cells.csv.gz", dtype={"cell": str})
    cells = cells[cells["population"] > 0]
    to_grid = Transformer.from_crs("EPSG:25832", "EPSG:3035", always_xy=True)
    easting, northing = to_grid.transform(cells["x"].to_numpy(), cells["y"].to_numpy())
    low = np.stack([np.floor(northing / 1000), np.floor(easting / 1000)]).astype(int) * 1000
    grid = pd.DataFrame({"n": low[0], "e": low[1], "T": cells["population"].to_numpy()})
    grid = grid.groupby(["n", "e"], as_index=False)["T"].sum()
    ids = [f"DK_CRS3035RES1000mN{n}E{e}" for n, e in zip(grid["n"], grid["e"], strict=True)]
    squares = shapely.box(grid["e"], grid["n"], grid["e"] + 1000, grid["n"] + 1000)
    frame = gpd.GeoDataFrame({"GRD_ID": ids, "T": grid["T"]}, geometry=squares, crs="EPSG:3035")
    package = path.with_suffix(".gpkg")
    frame.to_file(package, driver="GPKG")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(package, "DK_PD_3035.gpkg")
    package.unlink()


def _metres(lon: pd.Series, lat: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    to_metres = Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True)
    easting, northing = to_metres.transform(lon.to_numpy(), lat.to_numpy())
    return np.asarray(easting), np.asarray(northing)


if __name__ == "__main__":
    main()
