"""The choice rule in force on a date: limits by municipality and how many choices are enough."""

import datetime
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from gpcoverage.errors import SchemaError
from gpcoverage.units import METRES_PER_KM


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
        If the file is no such file, a rule is incomplete, or none or several rules are in force.
    """
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file).get("rule", [])
        rules = [_rule(table) for table in tables]
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: is not a rules file ({error}). See data/rules.toml for the form."
        raise SchemaError(msg) from error
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path}: a [[rule]] lacks or has a bad value: {error}. See data/rules.toml for the form."
        raise SchemaError(msg) from error
    in_force = [
        r for r in rules if r.valid_from <= date and (r.valid_to is None or date <= r.valid_to)
    ]
    if len(in_force) != 1:
        spans = "; ".join(f"{r.name} {r.valid_from} to {r.valid_to or 'now'}" for r in rules)
        msg = (
            f"{path}: {len(in_force)} rules are in force on {date}, exactly one must be "
            f"({spans or 'the file has none'}). Correct valid_from and valid_to, or the study's date."
        )
        raise SchemaError(msg)
    return in_force[0]


def _rule(table: dict[str, Any]) -> Rules:
    exceptions = tuple(
        LimitException(
            float(item["limit_km"]) * METRES_PER_KM,
            frozenset(item["municipality_codes"]),
            str(item["source"]),
        )
        for item in table.get("exception", [])
    )
    limits_km = [float(table["limit_km"]), *(e.limit_m / METRES_PER_KM for e in exceptions)]
    min_choices = int(table["min_choices"])
    if not all(0 < limit <= 100 for limit in limits_km) or min_choices < 1:  # noqa: PLR2004
        msg = f"limit_km must be above 0 and at most 100, min_choices at least 1; got {limits_km}, {min_choices}"
        raise ValueError(msg)
    return Rules(
        name=str(table["name"]),
        valid_from=_date(table["valid_from"]),
        valid_to=_date(table["valid_to"]) if "valid_to" in table else None,
        limit_m=limits_km[0] * METRES_PER_KM,
        exceptions=exceptions,
        min_choices=min_choices,
        closed_counts=bool(table["closed_counts"]),
        source=str(table["source"]),
        note=str(table.get("note", "")),
    )


def _date(value: object) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    msg = f"{value!r} must be a date such as 2026-01-01, without quotation marks"
    raise TypeError(msg)
