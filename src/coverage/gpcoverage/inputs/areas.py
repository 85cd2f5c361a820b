"""Shortage areas as a study states them: the criterion, and the areas it is asked of."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import toml
from gpcoverage.inputs.coordinates import DENMARK_METRES
from gpcoverage.inputs.layer import InputRecord, is_file, record_input
from gpcoverage.inputs.municipalities import read_polygons
from gpcoverage.inputs.tables import spell_columns
from gpcoverage.units import CRS_METRES

MEASURES: Final = (
    "few_choices_share",
    "residents_per_doctor",
    "closed_share",
    "doctors_over_60_share",
)
"""What a criterion may set a threshold on, in the order in which it is told."""

SHARES: Final = tuple(name for name in MEASURES if name.endswith("_share"))
COMBINE: Final = ("any", "all")
MOST_RESIDENTS: Final = 100_000
NO_NAME: Final = "has no name"
NO_GEOMETRY: Final = "has no geometry"

SHARE: Final = toml.Kind(
    "a share above 0 and at most 1, such as 0.1",
    lambda v: type(v) in {int, float} and 0 < v <= 1,
)
RESIDENTS: Final = toml.Kind(
    f"a number above 0 and at most {MOST_RESIDENTS}",
    lambda v: type(v) in {int, float} and 0 < v <= MOST_RESIDENTS,
)
KINDS: Final = {name: SHARE if name in SHARES else RESIDENTS for name in MEASURES}
NEEDED: Final = {"combine": toml.Kind(" or ".join(COMBINE), lambda v: v in list(COMBINE))}
FILES: Final = ("designations", "file")
OPTIONAL: Final = {**KINDS, **dict.fromkeys((*FILES, "name"), toml.TEXT)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """When an area is short of doctors, as whoever asks states it; no official criterion is known.

    Attributes
    ----------
    combine
        ``any``: one threshold reached is enough; ``all``: every one must be.
    few_choices_share
        At least this share of people have fewer open choices than the rule asks for.
    residents_per_doctor
        At least so many residents per doctor of the practices there.
    closed_share
        At least this share of the practices there are closed for intake.
    doctors_over_60_share
        At least this share of the doctors of known age are over 60.
    """

    combine: Literal["any", "all"]
    few_choices_share: float | None = None
    residents_per_doctor: float | None = None
    closed_share: float | None = None
    doctors_over_60_share: float | None = None

    def __post_init__(self) -> None:
        wrong = [n for n, threshold in self.thresholds.items() if not KINDS[n].fits(threshold)]
        if wrong or not self.thresholds or self.combine not in COMBINE:
            msg = (
                f"Invalid criterion {self}. Give combine ({' or '.join(COMBINE)}) and one threshold "
                "or more: shares above 0 and at most 1, residents_per_doctor above 0."
            )
            raise ValueError(msg)

    @property
    def thresholds(self) -> dict[str, float]:
        """The thresholds that were set, by measure, in the order of ``MEASURES``."""
        stated = {name: getattr(self, name) for name in MEASURES}
        return {name: value for name, value in stated.items() if value is not None}


@dataclass(frozen=True, slots=True)
class AreaSource:
    """What a study's table ``[areas]`` says; files are read when they are asked for.

    Attributes
    ----------
    criterion
        When an area is short of doctors.
    designations
        A table as ``inputs.designations`` reads it; None for none.
    file, name
        Areas of the study's own and the column with their names; None for municipalities.
    """

    criterion: Criterion
    designations: Path | None = None
    file: Path | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class AreaLayer:
    """Areas to be judged: a GeoDataFrame (EPSG:25832) with ``geometry`` by name, and its record."""

    frame: gpd.GeoDataFrame
    record: InputRecord


def area_faults(table: object, folder: Path) -> list[str]:
    """List what is wrong with a study's table ``[areas]``.

    Parameters
    ----------
    table
        What stands in the file.
    folder
        Of the study; paths count from it.

    Returns
    -------
    list of str
        Clauses for the message.
    """
    faults = toml.table_faults(table, NEEDED, OPTIONAL, "areas.")
    if not isinstance(table, dict):
        return faults
    if not table.keys() & set(MEASURES):
        faults.append(f"[areas] must give a threshold: {', '.join(MEASURES)}")
    if ("file" in table) != ("name" in table):
        faults.append("areas.file and areas.name (its column of names) go together")
    faults += [
        f"areas.{key} is {table[key][:200]!r}, and there is no such file as {str(folder / table[key])[:300]}"
        for key in FILES
        if isinstance(table.get(key), str) and not is_file(folder / table[key])
    ]
    return faults


def area_source(table: dict[str, Any] | None, folder: Path) -> AreaSource | None:
    """Turn a faultless table ``[areas]`` into a value; None where there is none."""
    if table is None:
        return None
    stated = {name: float(table[name]) for name in MEASURES if name in table}
    files = {key: folder / table[key] for key in FILES if key in table}
    criterion = Criterion(combine=table["combine"], **stated)
    return AreaSource(criterion, **files, name=table.get("name"))


def read_areas(path: str | Path, name: str) -> AreaLayer:
    """Read areas of any kind: parishes, districts, polygons drawn by hand.

    Parameters
    ----------
    path
        Any vector file of polygons that GDAL reads, with its coordinate reference system.
    name
        The column with the areas' names; several features of one name are one area.

    Returns
    -------
    AreaLayer
        Sorted by name, so that the order of features does not matter. Areas may overlap and need
        not cover anything.

    Raises
    ------
    CrsError
        If the file states no coordinate reference system.
    SchemaError
        If it is no polygon layer or has no such column, if features lack a name or a geometry, or
        if they do not lie in Denmark: every such feature is told.
    """
    path = Path(path)
    frame = read_polygons(path)
    if name not in frame.columns or name == frame.geometry.name:
        msg = (
            f"{path}: has no column {name!r} for the names of areas. "
            f"Its columns are {spell_columns(frame.columns)}."
        )
        raise SchemaError(msg)
    names = frame[name].astype(object).where(frame[name].notna(), "").astype(str).str.strip()
    projected = frame.to_crs(CRS_METRES).geometry
    missing = (projected.isna() | projected.is_empty).to_numpy()
    faults = {
        NO_NAME: (names == "").to_numpy(),
        NO_GEOMETRY: missing,
        "does not lie in Denmark": ~missing & ~_in_denmark(projected),
    }
    told = [
        f"feature {at + 1} {fault}" for fault, bad in faults.items() for at in np.flatnonzero(bad)
    ]
    if told:
        msg = f"{path}: {'; '.join(told)}. Correct the file; nothing was used."
        raise SchemaError(msg)
    valid = pd.Series(shapely.make_valid(shapely.force_2d(projected.to_numpy())))
    merged = valid.groupby(names.to_numpy()).agg(lambda parts: shapely.union_all(list(parts)))
    areas = gpd.GeoDataFrame(geometry=gpd.GeoSeries(merged, crs=CRS_METRES)).rename_axis("name")
    return AreaLayer(areas.sort_index(), record_input("areas", path, len(frame)))


def _in_denmark(geometry: gpd.GeoSeries) -> Any:
    box, bounds = DENMARK_METRES, geometry.bounds
    # Bounds pass over what is no number.
    points, owner = shapely.get_coordinates(geometry.to_numpy(), return_index=True)
    odd = np.isin(np.arange(len(geometry)), owner[~np.isfinite(points).all(axis=1)])
    return (
        ~odd
        & (
            (bounds["minx"] >= box.min_x)
            & (bounds["miny"] >= box.min_y)
            & (bounds["maxx"] <= box.max_x)
            & (bounds["maxy"] <= box.max_y)
        ).to_numpy()
    )
