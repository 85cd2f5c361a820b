"""TOML files as people write them, and what each of their values must be."""

import datetime
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from gpcoverage.errors import SchemaError

MAX_BYTES: Final = 1_000_000
"""A study or a rules file is some kilobytes; a table given in its place is told at once."""


class Kind(NamedTuple):
    """What a value must be, in words and as a test."""

    rule: str
    fits: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_codes(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(c, str) and len(c) == 4 and c.isascii() and c.isdigit() for c in value)  # noqa: PLR2004
        and len(set(value)) == len(value)
    )


TEXT: Final = Kind(
    "text in quotation marks", lambda v: isinstance(v, str) and v.strip() != "" and "\x00" not in v
)
NOTE: Final = Kind("text in quotation marks", lambda v: isinstance(v, str))
YES_NO: Final = Kind("true or false, without quotation marks", lambda v: isinstance(v, bool))
DAY: Final = Kind(
    "a day such as 2026-11-01, without quotation marks",
    lambda v: isinstance(v, datetime.date) and not isinstance(v, datetime.datetime),
)
LIMIT_KM: Final = Kind(
    "a number above 0 and at most 100, with a decimal point",
    lambda v: _is_number(v) and 0 < v <= 100,  # noqa: PLR2004
)
COUNT: Final = Kind(
    "a whole number of 1 or more",
    lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 1,
)
TEXTS: Final = Kind(
    'text in quotation marks, or a list of such texts, such as ["a.csv", "b.csv"]',
    lambda v: TEXT.fits(v) or (isinstance(v, list) and len(v) > 0 and all(map(TEXT.fits, v))),
)
CODES: Final = Kind(
    'a list of codes, each once, as text of four digits, such as ["0661"]', _is_codes
)
TABLE: Final = Kind("a table", lambda v: isinstance(v, dict))


def read_toml(path: Path, what: str, example: str) -> dict[str, Any]:
    """Read a TOML file, with or without the byte order mark that Windows puts in front.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, for messages: ``study`` or ``rules``.
    example
        A file to look at, for messages.

    Returns
    -------
    dict

    Raises
    ------
    SchemaError
        If it cannot be read or is not TOML.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) <= MAX_BYTES:
            return tomllib.loads(raw.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        msg = f"{path}: is not a {what} file ({str(error)[:200]}). See {example} for the form."
        raise SchemaError(msg) from error
    msg = f"{path}: is not a {what} file (it has more than {MAX_BYTES:,} bytes). See {example} for the form."
    raise SchemaError(msg)


def table_faults(
    table: object,
    needed: Mapping[str, Kind],
    optional: Mapping[str, Kind],
    prefix: str = "",
) -> list[str]:
    """List what is wrong with a table.

    Parameters
    ----------
    table
        What stands in the file.
    needed, optional
        Kinds of its values by key.
    prefix
        Put before each key, such as ``inputs.``.

    Returns
    -------
    list of str
        Clauses for the message: keys that lack, keys that are unknown, values of another kind.
    """
    if not isinstance(table, dict):
        return [f"{prefix.rstrip('.: ')} must be a table"]
    kinds = {**needed, **optional}
    lacking = sorted(set(needed) - set(table))
    unknown = sorted(set(table) - set(kinds))
    wrong = [key for key in kinds if key in table and not kinds[key].fits(table[key])]
    return [
        *(f"lacks {prefix}{key}" for key in lacking),
        *(f"does not know {prefix}{key[:60]}" for key in unknown),
        *(f"{prefix}{key} is {_shown(table[key])}; it must be {kinds[key].rule}" for key in wrong),
    ]


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, datetime.date) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004
