"""The practice table: SOR's general practices, joined to the region's own export."""

import datetime
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from gpcoverage.csvfile import write_csv
from gpcoverage.sources.endpoints import SOR_DAILY
from gpcoverage.sources.joining import Joined, join_region, write_practices
from gpcoverage.sources.region_export import read_region
from gpcoverage.sources.sor import SorTable, read_sor
from gpcoverage.sources.store import Made, Store
from gpcoverage.units import CRS_METRES

PRACTICES: Final = "practices.csv"
UNMATCHED: Final = "practices_unmatched.csv"
SOR_LIST: Final = "sor_practices.csv"


class Register(NamedTuple):
    """What became of the practices.

    Attributes
    ----------
    sor
        SOR's general practices on the day.
    joined
        With the region's export; None without one.
    files
        What was written, by name.
    """

    sor: SorTable
    joined: Joined | None
    files: dict[str, Path]


def fetch_practices(store: Store, date: datetime.date, export: Path | None = None) -> Register:
    """Fetch SOR, and make the practice table if there is an export of the region's.

    SOR does not say who takes new patients, so without the export there is a list only.

    Parameters
    ----------
    store
        Where they are put.
    date
        The study's day: units closed by then are left out, closings to come are kept.
    export
        The region's own table, .csv or .xlsx; see ``read_region``.

    Returns
    -------
    Register
        ``practices.csv`` holds the pairs, ``practices_unmatched.csv`` every row of both sides that
        is in none, with why, ``sor_practices.csv`` all of SOR's.

    Raises
    ------
    FetchError
        If SOR cannot be had.
    SchemaError
        With every fault of a file.
    """
    source = store.get(SOR_DAILY)
    sor = read_sor(source, date)
    listed = sor.frame.drop(columns="sor_ids")
    made = {SOR_LIST: Made(partial(write_csv, listed), (source,), len(listed), CRS_METRES)}
    joined = None
    if export is not None:
        joined = join_region(sor, read_region(export))
        both = (source, export)
        rest = unmatched(joined)
        pairs = Made(partial(write_practices, joined), both, len(joined.table), CRS_METRES)
        made |= {PRACTICES: pairs, UNMATCHED: Made(partial(write_csv, rest), both, len(rest))}
    return Register(sor, joined, store.keep(made))


def unmatched(joined: Joined) -> pd.DataFrame:
    """List every row that is in no pair.

    Parameters
    ----------
    joined
        As ``join_region`` returns it.

    Returns
    -------
    DataFrame
        ``side`` (``sor`` or ``region``), ``row`` in its file, ``ydernummer``, ``sor_id``,
        ``name``, ``address``, ``reason``.
    """
    told = ["ydernummer", "sor_id", "name", "address", "reason"]
    sides = {"sor": joined.unmatched_sor, "region": joined.unmatched_region}
    parts = [
        frame.rename_axis("row").reset_index().assign(side=side) for side, frame in sides.items()
    ]
    table = pd.concat([*parts, joined.ambiguous], ignore_index=True)
    return table.reindex(columns=["side", "row", *told]).fillna("")
