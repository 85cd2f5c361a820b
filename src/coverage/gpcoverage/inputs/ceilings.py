"""Ceilings by date: with how many patients per doctor a practice may close for intake.

Until mid-2025 one number held for all: 1,600. Since then regions set it by need, municipality by
municipality or practice by practice (Sundhedsloven § 206 b); whoever has that table brings it.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pandera.pandas as pa

from gpcoverage.inputs import danish
from gpcoverage.inputs.layer import InputRecord, record_input
from gpcoverage.inputs.schema import (
    Column,
    Fault,
    faults_at,
    header_fault,
    parse_columns,
    raise_faults,
)

ASSUMED_PER_DOCTOR: Final = 1_600
"""Patients per doctor where no ceiling in force is known: the agreement's until mid-2025, kept as
an assumption."""

ASSUMED: Final = "assumed"
IN_FORCE: Final = "in force"
DRAFT: Final = "draft"
KINDS: Final = ("country", "municipality", "practice")
"""What a ceiling holds for; of two in force the later of these goes first."""

MOST_PER_DOCTOR: Final = 5_000
LAST_DAY: Final = "9999-12-31"

TABLE: Final = (
    Column(
        "kind",
        f"must be one of {', '.join(KINDS)}",
        "Correct the word",
        check=pa.Check.isin(KINDS),
        required=True,
        blank=False,
    ),
    Column(
        "code",
        "must be text",
        "Give the kommunekode or the practice's id",
        ("kommunekode", "ydernummer", "ydernr"),
        required=True,
    ),
    Column(
        "patients_per_doctor",
        f"must be a number greater than 0, up to {MOST_PER_DOCTOR}",
        "Give patients per kapacitet, counted in heads",
        ("lukkegrænse", "patienterprlæge", "patienterperlæge", "patienterprkapacitet"),
        danish.parse_numbers,
        pa.Check(lambda n: (n > 0) & (n <= MOST_PER_DOCTOR)),
        required=True,
        blank=False,
    ),
    Column(
        "valid_from",
        "must be a date such as 2025-07-01, or empty if it is not known since when",
        "Write the first day on which it holds",
        ("gyldigfra",),
        danish.parse_dates,
        required=True,
    ),
    Column(
        "valid_to",
        "must be a date such as 2025-06-30, or empty if it holds on",
        "Write the last day on which it holds",
        ("gyldigtil",),
        danish.parse_dates,
        required=True,
    ),
    Column(
        "basis",
        f"must be {IN_FORCE} or {DRAFT}",
        "Correct the words",
        ("grundlag",),
        check=pa.Check.isin((IN_FORCE, DRAFT)),
        required=True,
        blank=False,
    ),
    Column(
        "source", "must not be empty", "Say where it stands", ("kilde",), required=True, blank=False
    ),
)
CODE_FITS: Final = Column(
    "",
    "must be empty for the country, a kommunekode of four digits for a municipality, an id for a practice",
    "Correct the code or the kind",
)
ONE_AT_A_TIME: Final = Column(
    "",
    "another row holds for the same on the same day",
    "End the earlier one the day before the later one begins",
)
IN_ORDER: Final = Column("", "must not be before valid_from", "Correct one of the days")


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Dated ceilings.

    Attributes
    ----------
    table
        DataFrame in the file's order: ``kind``, ``code``, ``patients_per_doctor`` (heads, any
        weighting by need already in it), ``valid_from``, ``valid_to`` (text such as
        ``2025-06-30``; empty is open-ended), ``basis`` (in force, draft) and ``source``.
    record
        What was read; None if nothing was.
    """

    table: pd.DataFrame
    record: InputRecord | None = None

    def of(
        self, practices: pd.DataFrame, day: datetime.date, *, drafts: bool = False
    ) -> pd.DataFrame:
        """Look up every practice's ceiling: its own, its municipality's, or the country's.

        Parameters
        ----------
        practices
            By id, with ``municipality_code``.
        day
            The day it must hold on.
        drafts
            Whether drafts count; they are in force nowhere.

        Returns
        -------
        DataFrame
            Same index: ``per_doctor`` (patients), ``basis`` (``in force``, ``draft`` or
            ``assumed``: 1,600 where the table says nothing) and ``source``.
        """
        text = day.isoformat()
        table = self.table
        now = (table["valid_from"] <= text) & (table["valid_to"].replace("", LAST_DAY) >= text)
        now &= (table["basis"] == IN_FORCE) | drafts
        keys = {
            "country": np.full(len(practices), ""),
            "municipality": practices["municipality_code"].to_numpy(),
            "practice": practices.index.to_numpy(),
        }
        per_doctor = np.full(len(practices), float(ASSUMED_PER_DOCTOR))
        basis = np.full(len(practices), ASSUMED, dtype=object)
        source = np.full(len(practices), "", dtype=object)
        for kind, key in keys.items():
            # Where a draft and one in force meet, the draft was asked for.
            rows = table[now & (table["kind"] == kind)].sort_values("basis", kind="stable")
            rows = rows.drop_duplicates("code").set_index("code")
            at = rows.index.get_indexer(key)
            hit = at >= 0
            per_doctor[hit] = rows["patients_per_doctor"].to_numpy()[at[hit]]
            basis[hit] = rows["basis"].to_numpy()[at[hit]]
            source[hit] = rows["source"].to_numpy()[at[hit]]
        columns = {"per_doctor": per_doctor, "basis": basis, "source": source}
        return pd.DataFrame(columns, index=practices.index)


NO_CEILINGS: Final = Ceilings(pd.DataFrame({c.name: [] for c in TABLE}, dtype=object))
"""No table: 1,600 is assumed everywhere."""


def read_ceilings(path: str | Path) -> Ceilings:
    """Read dated ceilings.

    Parameters
    ----------
    path
        A table such as ``data/ceilings.csv``.

    Returns
    -------
    Ceilings

    Raises
    ------
    SchemaError
        With every fault of the file: cells, codes that do not fit their kind, days out of order,
        and two rows of one basis that hold for the same on the same day.

    Examples
    --------
    >>> from gpcoverage.inputs.ceilings import read_ceilings
    >>> read_ceilings("data/ceilings.csv").table  # doctest: +SKIP
    """
    path = Path(path)
    cells = danish.read_table(path, lambda header: header_fault(header, TABLE))
    values, faults = parse_columns(cells, TABLE)
    local = values["kind"] == "municipality"
    values["code"] = values["code"].where(~local, danish.municipality_code(values["code"]))
    if not faults:
        faults = _row_faults(values)
    raise_faults(path, faults, len(cells))
    return Ceilings(values.reset_index(drop=True), record_input("ceilings", path, len(cells)))


def _row_faults(values: pd.DataFrame) -> list[Fault]:
    """Find what is wrong with rows whose cells are all right one by one."""
    kind, code = values["kind"], values["code"]
    fits = ((kind == "country") & (code == "")) | ((kind == "practice") & (code != ""))
    fits |= (kind == "municipality") & code.str.fullmatch("[0-9]{4}")
    ends = values["valid_to"].replace("", LAST_DAY)
    backwards = ends < values["valid_from"]
    faults = faults_at(code[~fits], CODE_FITS, "code")
    faults += faults_at(values.loc[backwards, "valid_to"], IN_ORDER, "valid_to")
    order = values.assign(ends=ends).sort_values("valid_from", kind="stable")
    before = order.groupby(["kind", "code", "basis"])["ends"].shift()
    again = before.notna() & (order["valid_from"] <= before.fillna(""))
    twice = order.loc[again, "valid_from"].sort_index()
    return faults + faults_at(twice, ONE_AT_A_TIME, "valid_from")
