"""Excel workbooks as tables: the one sheet that fits, each cell as a person would type it."""

import contextlib
import datetime
import itertools
import warnings
import zipfile
from pathlib import Path
from typing import Any, Final

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import tables
from gpcoverage.inputs.tables import HeaderCheck, RawTable, Row
from gpcoverage.inputs.textfile import refuse_non_table

ZIP_MARK: Final = b"PK\x03\x04"
MAX_ROWS: Final = 1_048_576
"""Rows of a sheet in Excel."""

FORMULA: Final = "="
"""Stands for a cell that holds a formula, where formulas are read instead of values."""

MaybeRow = tuple[int, list[str | None]]
"""A row's number and its cells; None where a cell is there but holds nothing."""


def read_workbook(path: Path, check: HeaderCheck) -> RawTable:
    """Read the sheet of a .xlsx file whose header fits.

    Parameters
    ----------
    path
        The file.
    check
        What the table's reader asks of the header.

    Returns
    -------
    RawTable

    Raises
    ------
    SchemaError
        If the file is no workbook, no sheet or more than one fits, or a formula has no value.
    OSError
        If it cannot be opened.
    """
    _check_is_workbook(path)
    sheets = _read_sheets(path, rows=tables.SEARCHED_ROWS)
    starts = {title: _as_text(rows) for title, rows in sheets.items() if rows}
    if not starts:
        msg = f"{path}: no sheet holds anything in its first rows. Export the table again."
        raise SchemaError(msg)
    title = _fitting_sheet(path, starts, check)
    header = tables.check_header(path, starts[title], check)
    rows = _read_sheets(path, title)[title]
    if any(None in cells for _, cells in rows):
        _refuse_missing_values(path, header, rows, _read_sheets(path, title, formulas=True)[title])
    below = [row for row in _as_text(rows) if row[0] > tables.HEADER_ROW]
    return tables.named_columns(header, below)


def _check_is_workbook(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(64)
    if not head.startswith(ZIP_MARK):
        refuse_non_table(path, head)
        msg = f"{path}: is not an Excel workbook, whatever its name. Rename a text file to .csv."
        raise SchemaError(msg)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _not_whole(path, error) from error
    if size > tables.MAX_BYTES:
        msg = (
            f"{path}: unpacks to {size:,} bytes, more than the {tables.MAX_BYTES:,} that a table "
            "may have. Leave out sheets, columns and rows that are not needed."
        )
        raise SchemaError(msg)


def _not_whole(path: Path, error: Exception) -> SchemaError:
    cause = str(error).split("\n", 1)[0][:200] or type(error).__name__
    return SchemaError(f"{path}: is not a whole Excel workbook ({cause}). Save it again as .xlsx.")


def _read_sheets(
    path: Path, title: str | None = None, *, rows: int | None = None, formulas: bool = False
) -> dict[str, list[MaybeRow]]:
    """Read the first rows of one sheet or of all; everything that touches openpyxl is here."""
    from openpyxl import load_workbook  # noqa: PLC0415  slow to import, seldom needed

    found: dict[str, list[MaybeRow]] = {}
    try:
        # openpyxl warns of what it would not keep on saving; nothing is saved here.
        # Opened here, for openpyxl leaves the file open where it fails.
        with warnings.catch_warnings(action="ignore"), path.open("rb") as file:
            workbook = load_workbook(file, read_only=True, data_only=not formulas)
            with contextlib.closing(workbook):
                for sheet in workbook.worksheets:
                    if title not in {None, sheet.title}:
                        continue
                    # The size a sheet states may be wrong, and then rows would be lost.
                    sheet.reset_dimensions()
                    cells = enumerate(itertools.islice(sheet.iter_rows(), rows), 1)
                    found[sheet.title] = _filled_rows(cells)
    except OSError:
        raise
    except Exception as error:  # openpyxl raises a dozen kinds on a broken workbook
        raise _not_whole(path, error) from error
    return found


def _filled_rows(rows: "enumerate[tuple[Any, ...]]") -> list[MaybeRow]:
    filled: list[MaybeRow] = []
    for number, row in rows:
        if number > MAX_ROWS:
            msg = f"a sheet has more than {MAX_ROWS:,} rows"
            raise ValueError(msg)
        cells = [_cell_text(cell) for cell in row]
        if any(cell != "" for cell in cells):
            filled.append((number, cells))
    return filled


def _as_text(rows: list[MaybeRow]) -> list[Row]:
    return [(number, [cell or "" for cell in cells]) for number, cells in rows]


def _cell_text(cell: Any) -> str | None:
    """Write a workbook cell as a person would type it."""
    value = cell.value
    if cell.data_type == "f":
        return FORMULA
    if value is None:
        # "str" is the stored result of a formula, here an empty text
        is_blank = not hasattr(cell, "row") or cell.data_type == "str"
        return "" if is_blank else None
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return str(value.date())
    return str(value).strip()


def _number_text(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    text = str(value)
    # In a workbook 1.234 is no thousand; in text it may be. A further 0 tells them apart.
    return f"{text}0" if "e" not in text and len(text.partition(".")[2]) == 3 else text  # noqa: PLR2004


def _fitting_sheet(path: Path, starts: dict[str, list[Row]], check: HeaderCheck) -> str:
    """Choose the sheet whose row 1 is the header; failing that, the one most like the table."""

    def fits(cells: list[str]) -> bool:
        return tables.header_fault(tables.clean_header(cells), check) is None

    fitting = [
        title
        for title, rows in starts.items()
        if rows[0][0] == tables.HEADER_ROW and fits(rows[0][1])
    ]
    if len(fitting) > 1:
        msg = f"{path}: sheets {', '.join(fitting)} all look like the table. Leave one in the workbook."
        raise SchemaError(msg)
    if fitting:
        return fitting[0]
    return max(
        starts,
        key=lambda title: (
            any(fits(cells) for _, cells in starts[title]),
            sum(cell != "" for cell in starts[title][0][1]),
        ),
    )


def _refuse_missing_values(
    path: Path, header: list[str], rows: list[MaybeRow], formulas: list[MaybeRow]
) -> None:
    """Refuse formulas whose value was never stored: they would be read as empty cells."""
    formula_cells = dict(formulas)
    lacking: dict[str, list[int]] = {}
    for number, cells in rows:
        for name, value, formula in zip(header, cells, formula_cells[number], strict=False):
            if name and value is None and formula == FORMULA:
                lacking.setdefault(name, []).append(number)
    if lacking:
        told = "; ".join(
            f"column {name}, rows {tables.some(rows)}" for name, rows in lacking.items()
        )
        msg = (
            f"{path}: formulas without a stored value: {told}. "
            "Open the workbook in Excel and save it, or paste the values over the formulas."
        )
        raise SchemaError(msg)
