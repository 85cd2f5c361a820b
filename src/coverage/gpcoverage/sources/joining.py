"""SOR joined with the region's own export: every row in a pair, or listed with the reason.

SOR knows every practice's place and closing, the region knows intake, doctors and patients.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gpcoverage.files import write_whole
from gpcoverage.inputs import practices
from gpcoverage.sources.identity import address_key, name_key, ydernummer_key
from gpcoverage.sources.region_export import RegionTable
from gpcoverage.sources.sor import SorTable

FAR_M: Final = 1000.0
"""So far apart the region's and SOR's places are remarked upon."""

STAGES: Final = ("ydernummer", "SOR id", "name and address")
"""By what rows are joined, in order of trust."""

NAMES: Final = tuple(column.name for column in practices.COLUMNS)
WRITTEN: Final = ("id", "sor_id", *NAMES[1:8], "easting", "northing", *NAMES[8:])
"""Columns of the practice table, in the order in which they are written."""

NUMBERS: Final = frozenset({"open", "doctors", "list_size", "easting", "northing"})
CODES: Final = frozenset({"id", "sor_id", "postcode"})
"""Those that are no text, and those that Excel would take for numbers."""

Doubts = dict[str, dict[int, str]]
"""By side, ``sor`` or ``region``: the rows that are not to be guessed, and why."""


@dataclass(frozen=True, slots=True)
class Joined:
    """SOR and the region's export; every row of both stands in exactly one of the tables.

    Attributes
    ----------
    table
        One row per practice, by row number of the region's file: the columns of a practice
        table, ``sor_row``, ``matched_by``, ``gap_m`` (metres between the region's and SOR's
        place, NaN where only one gives it) and ``remark``. The place is the region's where it
        gives one, else SOR's; likewise the closing date. Text is the region's, else SOR's.
    unmatched_sor, unmatched_region
        By row number of the file, with ``reason``.
    ambiguous
        ``side`` (``sor`` or ``region``), ``row``, identity and ``reason``.
    """

    table: pd.DataFrame
    unmatched_sor: pd.DataFrame
    unmatched_region: pd.DataFrame
    ambiguous: pd.DataFrame


def join_region(sor: SorTable, region: RegionTable) -> Joined:
    """Join the region's export to SOR: by ydernummer, then SOR id, then name and address.

    Parameters
    ----------
    sor
        As :func:`read_sor` returns it. Units to come are not joined: no table of practices can
        say that one opens later.
    region
        As :func:`read_region` returns it.

    Returns
    -------
    Joined
        A pair must be the only one by its key. Pairs that one of the other keys contradicts
        are ambiguous, and so are keys that stand several times.
    """
    stated = region.frame
    pairs, doubts = _match(sor.frame[~sor.to_come], stated)
    table = _practice_table(pairs, sor, stated)
    placed = table["easting"].notna()
    ours, theirs = _why_not_region(stated, sor), _why_not_sor(sor)
    for row, sor_row, by in table.loc[~placed, ["sor_row", "matched_by"]].itertuples():
        fault = sor.frame.loc[sor_row, "place_fault"]
        nowhere = f"but neither says where it lies ({fault} in SOR): give its coordinates"
        ours[row] = f"{by} joins it to SOR's row {sor_row}, {nowhere}"
        theirs[sor_row] = f"{by} joins it to the region's row {row}, {nowhere}"
    rest_sor = sor.frame.drop([*table.loc[placed, "sor_row"], *doubts["sor"]])
    rest_region = stated.drop([*table.index[placed], *doubts["region"]])
    return Joined(
        table[placed],
        rest_sor.assign(reason=[theirs[row] for row in rest_sor.index]),
        rest_region.assign(reason=[ours[row] for row in rest_region.index]),
        _ambiguous(doubts, sor.frame, stated),
    )


def _match(sor: pd.DataFrame, region: pd.DataFrame) -> tuple[pd.DataFrame, Doubts]:
    """Find the pairs: ``sor_row`` and ``matched_by``, by row of the region's file."""
    known = set(sor["sor_ids"].explode())
    pairs: list[tuple[int, int, str]] = []
    doubts: Doubts = {"sor": {}, "region": {}}
    for stage in STAGES:
        left = sor.drop([*doubts["sor"], *(pair[0] for pair in pairs)])
        right = region.drop([*doubts["region"], *(pair[1] for pair in pairs)])
        edges = _keys(left, stage, "sor_row").merge(_keys(right, stage, "row"), on="key")
        for group in _clusters(edges):
            doubt = _doubt(group, stage, sor, region, known)
            if doubt:
                doubts["sor"] |= dict.fromkeys(group["sor_row"], doubt)
                doubts["region"] |= dict.fromkeys(group["row"], doubt)
            else:
                pairs.append((group["sor_row"].iloc[0], group["row"].iloc[0], stage))
    table = pd.DataFrame(pairs, columns=["sor_row", "row", "matched_by"])
    return table.astype({"sor_row": int, "row": int}).set_index("row").sort_index(), doubts


def _keys(frame: pd.DataFrame, stage: str, row: str) -> pd.DataFrame:
    """List the keys of all rows that have any; a row of SOR may have several SOR ids."""
    if stage == "ydernummer":
        keys = frame["ydernummer"].map(ydernummer_key)
    elif stage == "SOR id":
        keys = frame.get("sor_ids", frame["sor_id"]).explode()
    else:
        names = frame["name"].map(name_key)
        places = map(address_key, frame["address"], frame["postcode"])
        both = [f"{n}, {p}" if n and p else "" for n, p in zip(names, places, strict=True)]
        keys = pd.Series(both, frame.index)
    return keys[keys != ""].astype(object).rename("key").rename_axis(row).reset_index()


def _clusters(edges: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Give the edges in groups that share no row."""
    left, sor_rows = pd.factorize(edges["sor_row"])
    right, region_rows = pd.factorize(edges["row"])
    size = len(sor_rows) + len(region_rows)
    links = coo_array((np.ones(len(edges)), (left, right + len(sor_rows))), shape=(size, size))
    _, labels = connected_components(links, directed=False)
    for _, group in edges.groupby(labels[left]):
        yield group


def _doubt(
    group: pd.DataFrame, stage: str, sor: pd.DataFrame, region: pd.DataFrame, known: set[str]
) -> str:
    """Say why rows that share keys are no pair; empty if they are one."""
    left, right = sorted(set(group["sor_row"])), sorted(set(group["row"]))
    keys = f"{stage} {', '.join(sorted(set(group['key'])))}"
    rows = f"SOR's {_rows(left)} and the region's {_rows(right)}"
    if len(left) > 1 or len(right) > 1:
        return f"{keys} stands in {rows}"
    clash = _contradiction(sor.loc[left[0]], region.loc[right[0]], known)
    return f"{keys} joins {rows}, but {clash}" if clash else ""


def _rows(rows: list[int]) -> str:
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(str(row) for row in rows)}"


def _contradiction(unit: pd.Series, row: pd.Series, known: set[str]) -> str:
    """Say which other identity of a pair differs; a SOR id that SOR does not know says nothing."""
    numbers = ydernummer_key(unit["ydernummer"]), ydernummer_key(row["ydernummer"])
    if all(numbers) and numbers[0] != numbers[1]:
        return f"the ydernumre differ: {unit['ydernummer']} and {row['ydernummer']}"
    if row["sor_id"] in known and row["sor_id"] not in unit["sor_ids"]:
        return f"the SOR ids differ: {unit['sor_id']} and {row['sor_id']}"
    return ""


def _practice_table(pairs: pd.DataFrame, sor: SorTable, region: pd.DataFrame) -> pd.DataFrame:
    """Put the pairs together; without a place where neither side gives one."""
    numbers = sor.frame["ydernummer"].map(ydernummer_key)
    own_number = sor.frame["ydernummer"].mask(numbers.duplicated(keep=False), "")
    ours = region.loc[pairs.index]
    theirs = sor.frame.assign(own_number=own_number).loc[pairs["sor_row"]].set_index(pairs.index)
    here = ours["easting"].notna()
    text = {
        name: _or(ours[name], theirs[name])
        for name in ("name", "address", "postcode", "town", "closing_date")
    }
    place = ("SOR, " + theirs["address_kind"] + " address").mask(here, "region")
    table = ours.assign(
        **text,
        id=_or(_or(ours["ydernummer"], theirs["own_number"]), theirs["sor_id"]),
        sor_id=theirs["sor_id"],
        easting=ours["easting"].where(here, theirs["easting"]),
        northing=ours["northing"].where(here, theirs["northing"]),
        basis=_or(ours["basis"], "SOR; " + pairs["matched_by"] + "; place: " + place),
        sor_row=pairs["sor_row"],
        matched_by=pairs["matched_by"],
        gap_m=np.hypot(ours["easting"] - theirs["easting"], ours["northing"] - theirs["northing"]),
    )
    remarks = _remarks(table["gap_m"], ours["closing_date"], theirs, sor)
    return table.assign(remark=remarks)[[*WRITTEN, "sor_row", "matched_by", "gap_m", "remark"]]


def _or(text: pd.Series, other: pd.Series) -> pd.Series:
    return text.where(text != "", other)


def _remarks(
    gaps_m: pd.Series, closing: pd.Series, theirs: pd.DataFrame, sor: SorTable
) -> list[str]:
    """Say of every pair what an analyst should look at."""
    later = sor.frame[sor.to_come]
    numbers = later["ydernummer"].map(ydernummer_key)
    successors = dict(zip(numbers, later["opening_date"], strict=True))
    remarks = []
    for gap_m, ours, other, text in zip(
        gaps_m, closing, theirs["closing_date"], theirs["ydernummer"], strict=True
    ):
        told = []
        if ours and other and ours != other:
            told.append(f"the region closes it on {ours}, SOR on {other}")
        if gap_m > FAR_M:
            told.append(f"the region's place is {gap_m:.0f} m from SOR's")
        number = ydernummer_key(text)
        if number and number in successors:
            told.append(f"SOR has its ydernummer anew from {successors[number]}")
        remarks.append("; ".join(told))
    return remarks


def _why_not_sor(sor: SorTable) -> dict[int, str]:
    """Say of every practice of SOR why it is in no pair, should it be in none."""
    plain = "the region's export has no row with its ydernummer, SOR id, or name and address"
    begins = "begins on " + sor.frame["opening_date"] + f", after {sor.date}: open it in a scenario"
    return dict(begins.where(sor.to_come, plain))


def _why_not_region(region: pd.DataFrame, sor: SorTable) -> dict[int, str]:
    """Say of every row of the region's export why it is in no pair, should it be in none."""
    later = sor.frame[sor.to_come]
    to_come = later.assign(reason="begins on " + later["opening_date"])
    unused = pd.concat([to_come, sor.left_out]).sort_index()
    found: dict[str, str] = {}
    for row, number, sor_id, reason in unused[["ydernummer", "sor_id", "reason"]].itertuples():
        told = f"SOR's row {row} is this practice, but it is not in use: {reason}"
        found |= dict.fromkeys({ydernummer_key(number), sor_id} - {""}, told)
    plain = "SOR has no general practice with its ydernummer, SOR id, or name and address"
    if "ydernummer" not in sor.headers:
        plain += " (no column of SOR's file is known to hold ydernumre)"
    return {
        row: found.get(ydernummer_key(number)) or found.get(sor_id) or plain
        for row, number, sor_id in region[["ydernummer", "sor_id"]].itertuples()
    }


def _ambiguous(doubts: Doubts, sor: pd.DataFrame, region: pd.DataFrame) -> pd.DataFrame:
    shown = ["ydernummer", "sor_id", "name", "address", "postcode", "town"]
    sides = [
        frame.loc[sorted(told), shown].assign(side=side, reason=pd.Series(told, dtype=object))
        for (side, told), frame in zip(doubts.items(), (sor, region), strict=True)
    ]
    table = pd.concat(sides).rename_axis("row").reset_index()
    return table[["side", "row", *shown, "reason"]]


def write_practices(joined: Joined, path: Path) -> Path:
    """Write the practice table as ``read_practices`` reads it.

    Parameters
    ----------
    joined
        As :func:`join_region` returns it.
    path
        A .csv file: UTF-8 with a byte order mark, separated by semicolons, ja and nej; ids and
        what Excel would take for a formula as ``="…"``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    table = joined.table[[*WRITTEN]]
    names = [name for name in WRITTEN if name not in NUMBERS]
    text = {name: table[name].map(partial(_for_excel, code=name in CODES)) for name in names}
    table = table.assign(**text, open=table["open"].map({True: "ja", False: "nej"}))
    write = partial(table.to_csv, sep=";", index=False, encoding="utf-8-sig", lineterminator="\n")
    return write_whole(path, write)


def _for_excel(cell: str, *, code: bool) -> str:
    """Keep text in one line, and keep Excel from taking it for a number or a formula."""
    line = " ".join(cell.split())
    risky = line.startswith(("=", "+", "-", "@"))
    if not risky and not (code and line):
        return line
    plain = line.replace('"', "'")
    return f'="{plain}"'
