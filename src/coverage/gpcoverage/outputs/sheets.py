"""Tables that are written in several forms: numbers once, for pages and workbooks alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from gpcoverage.outputs import numerals
from gpcoverage.outputs.markup import table_html

Kind = Literal["text", "count", "people", "km", "share"]

WRITTEN: Final[dict[Kind, Callable[[float], str]]] = {
    "count": numerals.or_unknown,
    "people": numerals.number,
    "km": numerals.extra_km,
    "share": lambda value: numerals.share(value, 1.0),
}
"""How numbers of each kind are written for people."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One column.

    Attributes
    ----------
    label
        Its heading, plain text.
    values
        One per row: text, or numbers of which NaN was left out or is not known.
    kind
        ``text``; ``count`` (a number of things, perhaps not known); ``people``; ``km``; ``share``
        (0 to 1).
    total
        Stands in the last row; None for none.
    """

    label: str
    values: pd.Series
    kind: Kind = "text"
    total: float | str | None = None

    def written(self) -> pd.Series:
        """Write the values as they are to be read."""
        return self.values.astype(str) if self.kind == "text" else self.values.map(self.write)

    def write(self, value: float | str | None) -> str:
        """Write one value as it is to be read."""
        if value is None:
            return ""
        return str(value) if isinstance(value, str) else WRITTEN[self.kind](float(value))


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A table with a name.

    Attributes
    ----------
    name
        Short, plain text: of the worksheet.
    title
        Its heading on a page, plain text.
    fields
        Its columns, all of one length.
    """

    name: str
    title: str
    fields: Sequence[Field]

    @property
    def rows(self) -> int:
        """How many rows it has, sums not counted."""
        return len(self.fields[0].values)

    @property
    def has_total(self) -> bool:
        """Whether it has a last row of sums."""
        return any(field.total is not None for field in self.fields)


def sheet_html(sheet: Sheet) -> str:
    """Write a table for a page: safe HTML."""
    columns = [field.written().reset_index(drop=True) for field in sheet.fields]
    foot = [field.write(field.total) for field in sheet.fields] if sheet.has_total else []
    body = pd.concat(columns, axis=1, keys=range(len(columns)))
    texts = [number for number, field in enumerate(sheet.fields) if field.kind == "text"]
    return table_html([field.label for field in sheet.fields], body, foot, text_columns=texts)
