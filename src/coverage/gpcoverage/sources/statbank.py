"""Tables of Statistikbanken (Danmarks Statistik): FOLK1A, people; LABY27, people per doctor's capacity.

Only stored copies of public pages and programs were at hand: no answer was fetched. What was seen of
one is said at :func:`parse_statbank`. A number that was withheld is never zero.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pandera.pandas as pa

from gpcoverage.errors import DataIntegrityError, SchemaError
from gpcoverage.inputs import danish
from gpcoverage.inputs.municipalities import codes_from_names
from gpcoverage.inputs.schema import (
    Column,
    faults_at,
    header_fault,
    match_headers,
    parse_columns,
    raise_faults,
)
from gpcoverage.inputs.tables import spell_columns

AREA: Final = Column(
    "OMRÅDE",
    "must be a municipality, a region, a group of municipalities or the whole country",
    "Ask for codes too (valuePresentation CodeAndValue), in Danish",
    ("omraade", "komgrp", "kommunegruppe"),
    required=True,
    blank=False,
)
PERIOD: Final = Column(
    "TID", "must not be empty", "Ask for the variable Tid", ("time",), required=True, blank=False
)
CONTENT: Final = Column(
    "INDHOLD",
    "must be a number that is not negative, or .. where it is withheld",
    "Fetch the table again",
    ("content",),
    danish.parse_amounts,
    pa.Check(lambda n: n >= 0),
    required=True,
)
CONTENTS: Final[Mapping[str, Column]] = {
    "FOLK1A": replace(
        CONTENT, parse=danish.parse_counts, check=pa.Check(lambda n: (n >= 0) & (n == np.floor(n)))
    ),
    "LABY27": CONTENT,
}
"""By table; people are whole."""

CHECK_HEADER: Final = partial(header_fault, columns=(AREA, PERIOD, CONTENT))
ONCE: Final = Column(
    "",
    "must not have two numbers for one period",
    "Ask for codes too (valuePresentation CodeAndValue): two areas may have one name",
)
NOT_GIVEN: Final = frozenset({"", ".", "..", "...", "-", "x"})
"""What stands for a number that is not given; the dash may mean none, and is not taken for it."""

TOTALS: Final = frozenset(
    {
        *("tot", "ialt", "total", "totialt", "tottotal", "alderialt", "ialtalderialt"),
        *("ialtalder", "agetotal", "ialtagetotal", "ialttotal", "mændogkvinderialt"),
    }
)
"""The categories of sex, age and marital status that are all people, folded."""

CODE_AND_NAME: Final = re.compile(r"([0-9]{1,4})(?:\s+.+)?")
LEVELS_BY_CODE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("0", "000"), "country"),
    **dict.fromkeys((f"08{number}" for number in range(1, 6)), "region"),
    **dict.fromkeys((f"{number:02}" for number in range(1, 12)), "province"),
    **dict.fromkeys("12345", "group"),
    **dict.fromkeys(("411", "0411"), "outside"),
}
LEVELS_BY_NAME: Final = (
    ("country", re.compile("helelandet|alldenmark")),
    ("region", re.compile("region.+")),
    ("province", re.compile("(landsdel|province).+")),
    ("group", re.compile("(hovedstads|storby|provinsby|oplands|land)kommuner")),
    ("group", re.compile("(capital|metropolitan|provincial|commuter|rural)municipalities")),
    ("outside", re.compile("christiansø")),
)
"""Christiansø is no municipality, but FOLK1A counts its people."""


def parse_statbank(source: Path, table: str, listed: pd.DataFrame) -> pd.DataFrame:
    """Read an answer of Statistikbanken: FOLK1A (people) or LABY27 (people per doctor's capacity).

    Parameters
    ----------
    source
        CSV as the API writes it (names, codes, or both in one cell). Seen in public programs: the
        headers ``OMRÅDE;…;TID;INDHOLD`` of FOLK1A, the mark at the start of the file, ``..`` for a
        number not given, and decimals with comma. Of LABY27 the variables were seen (KOMGRP: five
        groups, municipalities, 0 for the country; TID), no answer. A dash is taken for not given.
    table
        ``FOLK1A`` or ``LABY27``.
    listed
        As ``read_municipality_list`` returns it.

    Returns
    -------
    DataFrame
        One row per area and period: ``area`` as the answer names it, ``level`` (``municipality``,
        ``country``, ``region``, ``province``, ``group``, or ``outside`` for Christiansø),
        ``municipality_code`` (empty on other levels), ``period`` (``2026K1``), ``value`` (NaN where
        not given) and ``note`` (what stands in place of a value).

    Raises
    ------
    SchemaError
        If it is no such table, and with every fault of it.
    """
    number = CONTENTS.get(table.upper())
    if number is None:
        msg = f"Invalid table '{table[:40]}'. Must be one of {', '.join(CONTENTS)}."
        raise SchemaError(msg)
    answer = danish.read_table(source, CHECK_HEADER)
    return _tidy(source, answer, number, listed)


def _tidy(name: Path, answer: pd.DataFrame, number: Column, listed: pd.DataFrame) -> pd.DataFrame:
    columns = (AREA, PERIOD, number)
    headers = match_headers(answer.columns, columns)
    area_header, period_header, number_header = (headers[column.name] for column in columns)
    extra = answer.drop(columns=list(headers.values()))
    cells = answer[_are_totals(name, extra, answer[area_header] + " " + answer[period_header])]
    text = cells[number_header]
    given = ~text.isin(NOT_GIVEN)
    values, faults = parse_columns(cells.assign(**{number_header: text.where(given, "")}), columns)
    area, period = values[AREA.name], values[PERIOD.name]
    level, code = _levels(area, listed)
    place = pd.DataFrame({"place": code.where(code != "", area), "period": period})
    twice = place.duplicated(keep=False)
    faults += faults_at(area[level == ""], AREA, area_header)
    faults += faults_at((area + ", " + period)[twice], ONCE, area_header)
    raise_faults(name, faults, len(answer))
    return pd.DataFrame(
        {
            "area": area,
            "level": level,
            "municipality_code": code,
            "period": period,
            "value": values[number.name].astype("float64"),
            "note": text.mask(given, "").mask(text == "", "(empty)"),
        }
    )


def _are_totals(name: Path, extra: pd.DataFrame, key: pd.Series) -> pd.Series:
    """Say which rows are about all people, and not about one sex or age."""
    whole = pd.Series(data=True, index=key.index)
    for column in extra:
        known = {cell: danish.normalise_header(cell) in TOTALS for cell in extra[column].unique()}
        whole &= extra[column].map(known).astype(bool)
    if set(key[~whole]) <= set(key[whole]):
        return whole
    msg = (
        f"{name}: has no rows for all people: {spell_columns(extra.columns)} must be I alt (TOT, IALT). "
        "Leave these variables out of the question, or ask for their totals."
    )
    raise SchemaError(msg)


def _levels(area: pd.Series, listed: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Find each area's level, empty where unknown, and the codes of municipalities."""
    found = area.map({cell: _level(cell, listed) for cell in area.unique()}).astype(object)
    return found.str[0], found.str[1]


def _level(cell: str, listed: pd.DataFrame) -> tuple[str, str]:
    coded = CODE_AND_NAME.fullmatch(cell)
    if coded:
        code = coded.group(1)
        if code not in LEVELS_BY_CODE and (listed["code"] == code.zfill(4)).any():
            return "municipality", code.zfill(4)
        return LEVELS_BY_CODE.get(code, ""), ""
    code = str(codes_from_names(pd.Series([cell], dtype=object), listed).iloc[0])
    if code:
        return "municipality", code
    folded = danish.normalise_header(cell)
    return next((level for level, form in LEVELS_BY_NAME if form.fullmatch(folded)), ""), ""


def municipality_totals(table: pd.DataFrame) -> pd.Series:
    """Take the official number of people of each municipality for the latest period.

    Parameters
    ----------
    table
        FOLK1A, as :func:`parse_statbank` returns it.

    Returns
    -------
    Series
        People, indexed by municipality code, sorted.

    Raises
    ------
    DataIntegrityError
        If there is no municipality, or a number is not given.
    """
    rows = table[table["level"] == "municipality"]
    latest = rows["period"].max()
    rows = rows[rows["period"] == latest]
    lacking = rows.loc[rows["value"].isna(), "area"]
    if rows.empty or len(lacking):
        known = ", ".join(sorted(set(table["period"])))[:100]
        msg = (
            f"Invalid period '{latest}'. Must have a number for every municipality; without one: "
            f"{', '.join(lacking[:5]) or 'all'}. The periods are {known or 'none'}."
        )
        raise DataIntegrityError(msg)
    people = rows.set_index("municipality_code")["value"].sort_index()
    return people.rename("population")
