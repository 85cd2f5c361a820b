"""The choice rule in force on a date: limits by municipality and how many choices are enough."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import toml
from gpcoverage.units import METRES_PER_KM

EXAMPLE: Final = "data/rules.toml"
RULE: Final = {
    "name": toml.TEXT,
    "valid_from": toml.DAY,
    "limit_km": toml.LIMIT_KM,
    "min_choices": toml.COUNT,
    "closed_counts": toml.YES_NO,
    "source": toml.TEXT,
}
RULE_OPTIONS: Final = {
    "valid_to": toml.DAY,
    "note": toml.NOTE,
    "exception": toml.Kind("[[rule.exception]] tables", lambda v: isinstance(v, list)),
    "island": toml.TABLE,
}
EXCEPTION: Final = {
    "limit_km": toml.LIMIT_KM,
    "municipality_codes": toml.CODES,
    "source": toml.TEXT,
}


@dataclass(frozen=True, slots=True)
class LimitException:
    """A limit of their own for some municipalities."""

    limit_m: float
    municipality_codes: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class Rules:
    """One rule for choosing a doctor.

    Attributes
    ----------
    name
        What the rule is called.
    valid_from, valid_to
        First and last day; None is open-ended.
    limit_m
        Distance within which a practice is a choice, metres.
    exceptions
        Municipalities with another limit.
    min_choices
        So many open practices within the limit are a choice.
    closed_counts
        Whether a practice closed for intake counts as a choice.
    source, note
        Where the rule is stated, and what is unsure about it.
    island_min_choices
        So many open practices are a choice on an island without a road to the mainland, where
        islands are compared by a rule of their own; None if the rule says nothing of islands.
    """

    name: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    limit_m: float
    exceptions: tuple[LimitException, ...]
    min_choices: int
    closed_counts: bool
    source: str
    note: str
    island_min_choices: int | None = None

    def limits_m(self, municipality_codes: pd.Series) -> pd.Series:
        """Look up the limit of each municipality.

        Parameters
        ----------
        municipality_codes
            Four-character codes.

        Returns
        -------
        Series
            Metres, same index.
        """
        limits = pd.Series(self.limit_m, index=municipality_codes.index, dtype="float64")
        for exception in self.exceptions:
            limits = limits.mask(
                municipality_codes.isin(exception.municipality_codes), exception.limit_m
            )
        return limits


def read_rules(path: Path, date: datetime.date) -> Rules:
    """Read the rule in force on a date.

    Parameters
    ----------
    path
        A TOML file with ``[[rule]]`` tables.
    date
        The day the study is about.

    Returns
    -------
    Rules

    Raises
    ------
    SchemaError
        If the file is no such file, with all faults of its rules, or if none or several rules are
        in force.
    """
    rules = read_all_rules(path)
    in_force = [
        r for r in rules if r.valid_from <= date and (r.valid_to is None or date <= r.valid_to)
    ]
    if len(in_force) != 1:
        spans = "; ".join(f"{r.name} {r.valid_from} to {r.valid_to or 'now'}" for r in rules)
        msg = (
            f"{path}: {len(in_force)} rules are in force on {date}, exactly one must be "
            f"({spans}). Correct valid_from and valid_to, or the study's date."
        )
        raise SchemaError(msg)
    return in_force[0]


def read_all_rules(path: Path) -> tuple[Rules, ...]:
    """Read all rules of a file.

    Parameters
    ----------
    path
        A TOML file with ``[[rule]]`` tables.

    Returns
    -------
    tuple of Rules
        In the file's order.

    Raises
    ------
    SchemaError
        If the file is no such file, or with all faults of its rules.
    """
    content = toml.read_toml(path, "rules", EXAMPLE)
    tables = content.get("rule")
    faults = [f"does not know {key[:60]}" for key in sorted(set(content) - {"rule"})]
    if isinstance(tables, list) and tables:
        for number, table in enumerate(tables, 1):
            faults += [f"rule {number} {fault}" for fault in _rule_faults(table)]
    else:
        faults.append("has no [[rule]] tables")
    if faults:
        msg = f"{path}: {'; '.join(faults)}. See {EXAMPLE} for the form."
        raise SchemaError(msg)
    return tuple(_rule(table) for table in tables or ())


def _rule_faults(table: object) -> list[str]:
    faults = toml.table_faults(table, RULE, RULE_OPTIONS)
    if faults or not isinstance(table, dict):
        return faults
    if "island" in table:
        faults += toml.table_faults(table["island"], {"min_choices": toml.COUNT}, {}, "island.")
    codes: list[str] = []
    for number, exception in enumerate(table.get("exception", []), 1):
        found = toml.table_faults(exception, EXCEPTION, {}, f"exception {number} ")
        faults += found
        codes += [] if found else exception["municipality_codes"]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        faults.append(f"has {', '.join(twice)} in more than one exception")
    if table.get("valid_to", table["valid_from"]) < table["valid_from"]:
        faults.append(f"ends on {table['valid_to']}, before it begins on {table['valid_from']}")
    return faults


def _rule(table: dict[str, Any]) -> Rules:
    return Rules(
        name=table["name"],
        valid_from=table["valid_from"],
        valid_to=table.get("valid_to"),
        limit_m=table["limit_km"] * METRES_PER_KM,
        exceptions=tuple(
            LimitException(
                item["limit_km"] * METRES_PER_KM,
                frozenset(item["municipality_codes"]),
                item["source"],
            )
            for item in table.get("exception", [])
        ),
        min_choices=table["min_choices"],
        closed_counts=table["closed_counts"],
        source=table["source"],
        note=table.get("note", ""),
        island_min_choices=table["island"]["min_choices"] if "island" in table else None,
    )
