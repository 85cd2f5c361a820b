"""Clean the towns: GeoNames figures that belong to another place are put right.

The rule is ``settlement_corrections.csv``. A row takes the place of the settlement of the same
name and municipality; without population it takes the settlement out; a reason that begins with
``added`` adds one.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from example.files import read_table, to_metres

KEY = ["municipality_code", "name"]
COLUMNS = ["name", "municipality_code", "lat", "lon", "population"]


def clean_settlements(data: Path) -> pd.DataFrame:
    """Read settlements and villages, corrected.

    Parameters
    ----------
    data
        The folder of the tables.

    Returns
    -------
    DataFrame
        Sorted by municipality and name: ``name`` (Danish), ``municipality_code``, ``lat``,
        ``lon``, ``population`` (people, above 0), ``x``, ``y`` (metres, EPSG:25832).

    Raises
    ------
    ValueError
        If a correction names no settlement, or a town is left without people.
    """
    files = ("settlements.csv", "villages.csv")
    listed = pd.concat([read_table(data / name) for name in files], ignore_index=True)
    corrections = read_table(data / "settlement_corrections.csv")
    _check_corrections(listed, corrections)
    touched = pd.MultiIndex.from_frame(corrections[KEY])
    kept = listed[~pd.MultiIndex.from_frame(listed[KEY]).isin(touched)]
    replaced = corrections[corrections["population"] != ""].assign(
        name=lambda rows: rows["danish_name"]
    )
    towns = pd.concat([kept[COLUMNS], replaced[COLUMNS]], ignore_index=True)
    towns = towns.astype({"lat": float, "lon": float, "population": np.int64})
    towns = towns.sort_values(KEY, ignore_index=True)
    towns[["x", "y"]] = to_metres(towns)
    faulty = towns[(towns["population"] <= 0) | towns.duplicated(KEY)]
    if len(faulty):
        msg = f"settlements without people or named twice: {', '.join(faulty['name'])}"
        raise ValueError(msg)
    return towns


def _check_corrections(listed: pd.DataFrame, corrections: pd.DataFrame) -> None:
    known = pd.MultiIndex.from_frame(corrections[KEY]).isin(pd.MultiIndex.from_frame(listed[KEY]))
    added = corrections["reason"].str.startswith("added").to_numpy()
    faulty = corrections[(known == added) | corrections.duplicated(KEY)]
    if len(faulty):
        msg = (
            f"settlement_corrections.csv: no such settlement, or twice: {', '.join(faulty['name'])}"
        )
        raise ValueError(msg)
