"""Grants to projects that are to draw doctors to where they lack."""

from pathlib import Path
from typing import Final, Literal

import pandas as pd
import pandera.pandas as pa

from gpcoverage.inputs import danish
from gpcoverage.inputs.plan import SOURCE, PlanTable, parse_list, read_rows, word
from gpcoverage.inputs.schema import Column, Fault, faults_at

AreaKind = Literal["municipality", "municipalities", "region", "country"]
AREA_KINDS: Final[tuple[AreaKind, ...]] = ("municipality", "municipalities", "region", "country")
"""What the document says of where a project works: one municipality, several by name, somewhere in
a region, or no region."""

FEWEST_CODES: Final = {"municipality": 1, "municipalities": 2, "region": 0, "country": 0}
MOST_CODES: Final = {"municipality": 1, "municipalities": 98, "region": 0, "country": 0}
MAX_KRONER: Final = 1_000_000_000
CODE: Final = "[0-9]{4}"


def _codes(text: pd.Series) -> pd.Series:
    """Split lists of kommunekoder; a missing value where a part of one is none, or stands twice."""
    lists = [
        tuple(danish.municipality_code(pd.Series(part, dtype=str))) for part in parse_list(text)
    ]
    fits = [
        all(pd.Series(part, dtype=str).str.fullmatch(CODE)) and len(set(part)) == len(part)
        for part in lists
    ]
    read = [part if ok else None for part, ok in zip(lists, fits, strict=True)]
    return pd.Series(read, index=text.index, dtype=object)


TABLE: Final = (
    Column(
        "number",
        "must be a whole number from 1, each once",
        "Number the projects as they stand in the document",
        parse=danish.parse_counts,
        check=pa.Check(lambda n: (n >= 1) & (n % 1 == 0)),
        required=True,
        blank=False,
        unique=True,
    ),
    Column("title", "must not be empty", "Give the title", required=True, blank=False),
    Column(
        "title_given",
        "must be ja or nej",
        "Say whether the document gives the title",
        parse=danish.parse_yes_no,
        required=True,
        blank=False,
    ),
    Column("applicant", "must not be empty", "Name who applied", required=True, blank=False),
    Column(
        "kroner",
        f"must be a whole number of kroner from 1 to {MAX_KRONER}",
        "Correct the amount",
        ("beløb", "tildeltbeløbikr"),
        danish.parse_counts,
        pa.Check(lambda n: (n >= 1) & (n <= MAX_KRONER) & (n % 1 == 0)),
        required=True,
        blank=False,
    ),
    Column("region", "is text", "Give the region without the word Region", required=True),
    word("area_kind", AREA_KINDS),
    Column("area", "must not be empty", "Say where, as the text does", required=True, blank=False),
    Column(
        "municipality_codes",
        "must be kommunekoder of four digits with semicolons, each once",
        "Correct the codes",
        parse=_codes,
        required=True,
    ),
    Column(
        "shortage",
        "must be ja or nej",
        "Say whether the text speaks of shortage areas",
        parse=danish.parse_yes_no,
        required=True,
        blank=False,
    ),
    *SOURCE,
    Column("note", "is text", "Say what is read into the text"),
)

NO_FIT: Final = Column(
    "",
    "must hold one code for municipality, two or more for municipalities, none for region and country",
    "Correct the codes, or area_kind",
)
REGION: Final = Column(
    "", "must be empty for country, and only then", "Name the region, or correct area_kind"
)


def read_grants(path: str | Path) -> PlanTable:
    """Read grants.

    Parameters
    ----------
    path
        A table such as ``data/grants.csv``.

    Returns
    -------
    PlanTable
        ``number`` and ``kroner`` (int64), ``title``, ``title_given``, ``applicant``, ``region``
        (empty if none), ``area_kind`` (``AREA_KINDS``), ``area`` (in Danish),
        ``municipality_codes`` (tuple), ``shortage``, ``document``, ``place`` and ``note``.

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    table = read_rows(Path(path), TABLE, "grants", _faults)
    kinds = {"number": "int64", "kroner": "int64", "title_given": bool, "shortage": bool}
    return PlanTable(table.frame.astype(kinds), table.record)


def _faults(rows: pd.DataFrame) -> list[Fault]:
    read = rows["municipality_codes"].notna() & rows["area_kind"].isin(AREA_KINDS)
    known = rows[read]
    count, kind = known["municipality_codes"].map(len), known["area_kind"]
    fits = count.between(kind.map(FEWEST_CODES), kind.map(MOST_CODES))
    told = known["municipality_codes"].map(";".join)
    placed = (known["region"] == "") == (kind == "country")
    return [
        *faults_at(told[~fits], NO_FIT, "municipality_codes"),
        *faults_at(known.loc[~placed, "region"], REGION, "region"),
    ]
