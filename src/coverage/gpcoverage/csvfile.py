"""Tables as files that Danish Excel opens rightly."""

from pathlib import Path
from typing import Final

import pandas as pd

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table that Danish Excel opens rightly with a double-click.

    Parameters
    ----------
    frame
        Columns as they are to stand; the index is not written.
    path
        Semicolons, decimal comma, UTF-8 with byte order mark. Text that Excel would take for a
        formula gets an apostrophe in front.
    """
    safe = frame.copy()
    for column in safe.columns[safe.dtypes.map(pd.api.types.is_string_dtype)]:
        risky = safe[column].fillna("").astype(str).str.startswith(FORMULA_STARTS)
        safe[column] = safe[column].where(~risky, "'" + safe[column].astype(str))
    safe.to_csv(
        path, sep=";", decimal=",", index=False, encoding="utf-8-sig", lineterminator="\r\n"
    )
