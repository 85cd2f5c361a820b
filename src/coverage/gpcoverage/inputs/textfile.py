"""Text files as tables: encodings, separators, quotation marks, and what is no text at all.

A file is judged by its first 64 KiB, so that a large wrong one is refused at once.
"""

import contextlib
import csv
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from gpcoverage.errors import SchemaError
from gpcoverage.inputs import tables
from gpcoverage.inputs.tables import HeaderCheck, RawTable, Row

HEAD_BYTES: Final = 65_536
CHUNK_BYTES: Final = 16 * 1024**2
SEPARATORS: Final = (";", ",", "\t")
SEPARATOR_LINE: Final = re.compile(r"sep=(.)\r?\n")
"""Excel's own first line that states the separator; Excel does not count it as a row."""

UTF8_MARK: Final = b"\xef\xbb\xbf"
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
UTF8_DANISH: Final = re.compile(rb"\xc3[\x86\x98\x85\xa6\xb8\xa5]")
"""Æ, Ø, Å, æ, ø, å in UTF-8."""

GARBLED: Final = re.compile("Ã[\u2020\u02dc\u2026\u00a6\u00b8\u00a5]")
"""What these letters become if UTF-8 is taken for Windows-1252."""

EXCEL_TEXT: Final = re.compile(r'="([^"]*)"')
"""How SOR and others keep Excel from taking text for a number."""

LOOKS: Final = (
    (
        (b"<",),
        "is a web page (HTML or XML), not a table. Download the data itself, not the page",
    ),
    ((b"{", b"["), "is JSON, not a table. Export the table as .csv or .xlsx"),
    ((b"%pdf",), "is a PDF. Ask for the table as .xlsx or .csv"),
    (
        (b"pk\x03\x04",),
        "is a zip or Excel file under another name. Rename an Excel workbook to .xlsx, or unpack the zip",
    ),
    (
        (b"\xd0\xcf\x11\xe0",),
        "is an old (.xls) or password-protected Excel file. Save it as .xlsx, without a password",
    ),
    ((b"\x1f\x8b",), "is a gzip file under another name. Rename it to .csv.gz, or unpack it"),
)
"""What a file is by its first bytes, in lower case."""


def refuse_non_table(path: Path, head: bytes) -> None:
    """Say what the first bytes of a file that is no table look like.

    Parameters
    ----------
    path
        The file.
    head
        Its first bytes.

    Raises
    ------
    SchemaError
        If they are no text.
    """
    start = head.removeprefix(UTF8_MARK).lstrip(b" \t\r\n")[:8].lower()
    for marks, look in LOOKS:
        if start.startswith(marks):
            msg = f"{path}: {look}."
            raise SchemaError(msg)
    if b"\x00" in head and not head.startswith(UTF16_MARKS):
        msg = f"{path}: holds binary data, not text. Export the table as .csv or .xlsx."
        raise SchemaError(msg)


def read_text_file(path: Path, check: HeaderCheck) -> RawTable:
    """Read a .csv or .csv.gz file.

    Parameters
    ----------
    path
        The file.
    check
        What the table's reader asks of the header; asked before the rest is read.

    Returns
    -------
    RawTable

    Raises
    ------
    SchemaError
        If the file is no text table, its header is refused, or its rows do not fit the header.
    OSError
        If it cannot be opened.
    """
    is_gzip = path.suffix.lower() == ".gz"
    with gzip.open(path, "rb") if is_gzip else path.open("rb") as file:
        try:
            head = file.read(HEAD_BYTES)
            refuse_non_table(path, head)
            if len(head) == HEAD_BYTES:
                tables.check_header(path, _first_rows(_decode_head(head)), check)
            text = _decode(path, _read_all(path, file, head))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            msg = f"{path}: is not a whole gzip file ({error}). Fetch it again."
            raise SchemaError(msg) from error
    _refuse_garbled(path, text)
    header = tables.check_header(path, _first_rows(text), check)
    return tables.named_columns(header, _data_rows(path, text, header))


def _read_all(path: Path, file: BinaryIO | gzip.GzipFile, head: bytes) -> bytes:
    """Read the rest in pieces: a small .gz may unpack to more than the memory holds."""
    pieces, size = [head], len(head)
    while piece := file.read(CHUNK_BYTES):
        size += len(piece)
        if size > tables.MAX_BYTES:
            msg = (
                f"{path}: holds more than {tables.MAX_BYTES:,} bytes of text, the most a table may "
                "have. Leave out columns and rows that are not needed."
            )
            raise SchemaError(msg)
        pieces.append(piece)
    return b"".join(pieces)


def _decode_head(head: bytes) -> str:
    """Read the start of a file; what is cut or wrong in it shows once the file is read whole."""
    if head.startswith(UTF16_MARKS):
        return head.decode("utf-16", errors="ignore")
    try:
        return head[: head.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        return head.decode("cp1252", errors="replace")


def _decode(path: Path, raw: bytes) -> str:
    encoding = "utf-16" if raw.startswith(UTF16_MARKS) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-16" or raw.startswith(UTF8_MARK) or UTF8_DANISH.search(raw):
            msg = (
                f"{path}: byte {error.start} breaks the {encoding[:6].rstrip('-').upper()} text: the file is cut off, or two "
                "encodings are mixed. Export the table again as CSV UTF-8."
            )
            raise SchemaError(msg) from error
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError as error:
        msg = (
            f"{path}: byte {error.start} is neither UTF-8 nor Windows-1252 text. "
            "Save the file as CSV UTF-8."
        )
        raise SchemaError(msg) from error


def _refuse_garbled(path: Path, text: str) -> None:
    if "\x00" in text:
        msg = (
            f"{path}: line {_line_of(text, text.index(chr(0)))} holds binary data (NUL), not text. "
            "Export the table again."
        )
        raise SchemaError(msg)
    garbled = GARBLED.search(text)
    if garbled:
        msg = (
            f'{path}: line {_line_of(text, garbled.start())} holds "{garbled.group()}" for a Danish '
            "letter: the text was once read in a wrong encoding. Export the table again as CSV UTF-8."
        )
        raise SchemaError(msg)


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _first_rows(text: str) -> list[Row]:
    """Take the rows a header is looked for in; one that is not in row 1 may use any separator."""
    body, separator = _body_and_separator(text)
    rows = list(itertools.islice(_records(body, separator), tables.SEARCHED_ROWS))
    for other in SEPARATORS:
        if other != separator:
            rows += list(itertools.islice(_records(body, other), 1, tables.SEARCHED_ROWS))
    return rows


def _body_and_separator(text: str) -> tuple[str, str]:
    stated = SEPARATOR_LINE.match(text)
    if stated:
        return text[stated.end() :], stated.group(1)
    first_line = re.sub(r'"[^"]*"', "", text[:HEAD_BYTES]).split("\n", 1)[0]
    return text, max(SEPARATORS, key=first_line.count)


def _records(body: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
    # A field too long to be read ends the search here; it is told once the rows are read.
    with contextlib.suppress(csv.Error):
        for number, fields in enumerate(reader, tables.HEADER_ROW):
            yield number, [_plain(field) for field in fields]


def _plain(field: str) -> str:
    bare = field.strip()
    excel_text = EXCEL_TEXT.fullmatch(bare) if bare.startswith("=") else None
    return excel_text.group(1).strip() if excel_text else bare


def _data_rows(path: Path, text: str, header: list[str]) -> list[Row]:
    """Read the rows below the header; each must have the fields of the header."""
    body, separator = _body_and_separator(text)
    # Strict: a stray quotation mark would else swallow all rows up to the next one, in silence.
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    width = max(position for position, name in enumerate(header, 1) if name)
    plain = _plain if '="' in body else str.strip
    quoted = '"' in body
    rows: list[Row] = []
    faults: dict[str, list[int]] = {"too many": [], "too few": [], "swallowed": []}
    number = 0
    try:
        for number, fields in enumerate(reader, tables.HEADER_ROW):
            cells = list(map(plain, fields))
            if number == tables.HEADER_ROW or not any(cells):
                continue
            rows.append((number, cells))
            if any(cells[len(header) :]):
                faults["too many"].append(number)
            elif len(cells) < width:
                faults["too few"].append(number)
            elif quoted and any(
                "\n" in cell and cell.count(separator) >= width - 1 for cell in cells
            ):
                faults["swallowed"].append(number)
    except csv.Error as error:
        msg = f"{path}: row {number + 1}: {error}. Look for a stray quotation mark there."
        raise SchemaError(msg) from error
    _refuse_misfits(path, faults, width, separator)
    return rows


def _refuse_misfits(path: Path, faults: dict[str, list[int]], width: int, separator: str) -> None:
    shown = {"\t": "tab"}.get(separator, separator)
    told = {
        "too many": f"have more fields than the {width} of the header. Put quotation marks around "
        f"text and decimals that hold '{shown}'",
        "too few": f"have fewer fields than the {width} of the header, whose separator is '{shown}'. "
        "Export the table again; its rows may be cut off",
        "swallowed": "hold other rows in one cell. Look for a stray quotation mark there",
    }
    lines = [f"rows {tables.some(rows)} {told[kind]}." for kind, rows in faults.items() if rows]
    if lines:
        msg = f"{path}: {' '.join(lines)}"
        raise SchemaError(msg)
