"""From fetched files to a study: what is there, what is missing, and where to get it."""

import datetime
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from gpcoverage.errors import FetchError, OutputError
from gpcoverage.files import slug, write_whole
from gpcoverage.inputs.layer import is_file
from gpcoverage.inputs.study import DENMARK
from gpcoverage.sources.boundaries import BOUNDARIES
from gpcoverage.sources.endpoints import GEOFABRIK_DENMARK
from gpcoverage.sources.people import ADDRESSES, DELIVERED, HOMES, MUNICIPALITIES
from gpcoverage.sources.provenance import read_provenance
from gpcoverage.sources.register import PRACTICES

EMBEDDED: Final = {"rules": "data/rules.toml", "divisions": "data/divisions.csv"}
"""Inputs that nobody publishes as a table: the suite's own, with their sources."""

SETTLEMENTS: Final = ("data/settlements.csv", "data/villages.csv")
CORRECTIONS: Final = "data/settlement_corrections.csv"
BORDERS_NAMED: Final = "Styrelsen for Dataforsyning og Infrastruktur (DAGI)"
TOWNS_NAMED: Final = "GeoNames (CC BY 4.0)"
EXAMPLE_NAMED: Final = {
    "boundaries": (BORDERS_NAMED,),
    "practices": (TOWNS_NAMED,),
    "homes": (BORDERS_NAMED, TOWNS_NAMED),
    "roads": (BORDERS_NAMED,),
}
"""Whom the example's own files name, by input; its README in ``geo`` and ``data`` says why."""

CROSSINGS: Final = "geo/crossings.csv"
FETCH: Final = "gpcoverage fetch"


@dataclass(frozen=True, slots=True)
class Part:
    """One input of a study.

    Attributes
    ----------
    key
        As in the study file.
    file
        The file it will point at.
    missing
        What is missing, and where to get it; empty if it was fetched.
    """

    key: str
    file: Path
    missing: str


class _Wanted(NamedTuple):
    """An input: its files in the store, best first, what stands in for it, and where to get it."""

    key: str
    names: tuple[str, ...]
    instead: str
    missing: str


WANTED: Final = (
    _Wanted(
        "municipalities",
        (MUNICIPALITIES,),
        "data/municipalities.csv",
        "people of 2024, rounded: fetch the official ones with {fetch} population",
    ),
    _Wanted(
        "boundaries",
        (BOUNDARIES,),
        "geo/municipalities.geojson",
        "boundaries drawn from 1 km cells: fetch the official ones with {fetch} boundaries",
    ),
    _Wanted(
        "practices",
        (PRACTICES,),
        "data/practices.csv",
        "example practices, partly modelled: get your region's own table (ydernummer, doctors, patients, open for intake) and join it to SOR with {fetch} practices --export FILE",
    ),
    _Wanted(
        "homes",
        (DELIVERED, ADDRESSES, HOMES),
        "geo/cells.csv.gz",
        "people modelled in 1 km cells: fetch the census with {fetch} population, or addresses with {fetch} roads and {fetch} addresses, or buy cells of 100 m from Danmarks Statistik",
    ),
    _Wanted(
        "roads",
        ("{area}.npz", GEOFABRIK_DENMARK.name),
        "geo/cells.csv.gz",
        "the terrain model, no roads: fetch OpenStreetMap with {fetch} roads",
    ),
)


def find_parts(store: Path, example: Path, area: str) -> list[Part]:
    """Look for every input of a study in the store; the example's stands in for what is missing.

    Parameters
    ----------
    store
        Where ``gpcoverage fetch`` puts files.
    example
        The folder that holds the example's ``data`` and ``geo``.
    area
        Region, for the name of a network that was fetched for it alone.

    Returns
    -------
    list of Part
        Inputs and, last, the roads.
    """
    parts = []
    for wanted in WANTED:
        files = (store / name.format(area=slug(area)) for name in wanted.names)
        there = next((file for file in files if is_file(file)), None)
        missing = "" if there else wanted.missing.format(fetch=FETCH)
        parts.append(Part(wanted.key, there or example / wanted.instead, missing))
    return parts


def write_study(
    path: Path,
    area: str,
    date: datetime.date,
    parts: Sequence[Part],
    example: Path,
    *,
    replace: bool = False,
) -> Path:
    """Write a study file that points at the parts.

    Parameters
    ----------
    path
        The .toml file to write.
    area
        A region as ``divisions.csv`` names it on that day, or ``Danmark``.
    date
        The study's day.
    parts
        As :func:`find_parts` returns them.
    example
        As for :func:`find_parts`; its rules and divisions are the suite's own.
    replace
        Whether a file that is there may be written over.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If it is there already, or cannot be written.
    """
    if path.exists() and not replace:
        msg = f"{path}: is there already and may hold changes of yours. Choose another place with --out, or write over it with --force."
        raise OutputError(msg)
    text = "\n".join(_lines(path, area, date, parts, example)) + "\n"
    return write_whole(path, lambda draft: _write(draft, text))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _lines(
    path: Path, area: str, date: datetime.date, parts: Sequence[Part], example: Path
) -> list[str]:
    """Write the study out, line by line; what is missing stands beside what stands in for it."""

    def place(file: Path) -> str:
        relative = os.path.relpath(file.resolve(), path.parent.resolve())
        return json.dumps(Path(relative).as_posix(), ensure_ascii=False)

    name = area if area == DENMARK else f"Region {area}"
    lines = [
        "# Written by gpcoverage init. Paths count from this file.",
        f"name = {json.dumps(name, ensure_ascii=False)}",
        f"date = {date.isoformat()}",
        f"region = {json.dumps(area, ensure_ascii=False)}",
        "",
        "[inputs]",
    ]
    *inputs, roads = parts
    for part in inputs:
        lines += [f"# Missing: {part.missing}."] if part.missing else []
        lines.append(f"{part.key} = {place(part.file)}")
    lines += [f"{key} = {place(example / file)}" for key, file in EMBEDDED.items()]
    lines += [
        f"settlements = [{', '.join(place(example / file) for file in SETTLEMENTS)}]",
        f"settlement_corrections = {place(example / CORRECTIONS)}",
    ]
    if any(part.key == "practices" and part.missing for part in inputs):
        lines.append("partly_modelled = true")
    named = "; ".join(dict.fromkeys([*attributions(parts), TOWNS_NAMED]))
    lines.append(f"attribution = {json.dumps(named, ensure_ascii=False)}")
    lines += ["", "[roads]"]
    if roads.missing:
        lines += [
            f"# Missing: {roads.missing}.",
            'kind = "terrain"',
            f"cells = {place(roads.file)}",
            f"crossings = {place(example / CROSSINGS)}",
        ]
    else:
        lines += ['kind = "osm"', f"file = {place(roads.file)}"]
    return lines


def attributions(parts: Sequence[Part]) -> list[str]:
    """Say whom to name for the files of a study: what their records and the example's README say.

    Parameters
    ----------
    parts
        As :func:`find_parts` returns them.

    Returns
    -------
    list of str
        Each once, in the order of the parts.
    """
    named: list[str] = []
    for part in parts:
        named += EXAMPLE_NAMED.get(part.key, ()) if part.missing else _named_beside(part.file)
    return list(dict.fromkeys(named))


def _named_beside(file: Path) -> list[str]:
    """Read whom to name in the record beside a file; a file of the analyst's own has none."""
    try:
        return [name for name in read_provenance(file).source.split("; ") if name]
    except FetchError:
        return []
