"""What arrived: whether a file is what it should be, whole and safe, and what is in a zip."""

import csv
import errno
import fnmatch
import json
import lzma
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn

import pyogrio
from pyproj import CRS

from gpcoverage.errors import FetchError, OutputError
from gpcoverage.files import write_together
from gpcoverage.sources.endpoints import MB, Kind, Source

HEAD_BYTES: Final = 512
MAX_UNPACKED_BYTES: Final = 4000 * MB
MAX_RATIO: Final = 200
"""A zip that grows more than so many times, and beyond ``SMALL_BYTES``, is made to fill the disk."""

SMALL_BYTES: Final = 10 * MB

RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
BROKEN_ZIP: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
)


class UnfitError(Exception):
    """The content is not what it should be; the text goes on from the name of the file."""


def _unfit(what: str) -> NoReturn:
    raise UnfitError(what)


def check_content(source: Source, path: Path) -> int | None:
    """Refuse a file that is not whole or not of its kind; count its rows.

    Parameters
    ----------
    source
        What it should be.
    path
        The file, under any name.

    Returns
    -------
    int or None
        Rows of a CSV, features of a layer or items of a list; None of anything else.

    Raises
    ------
    UnfitError
        If it is not that.
    """
    with path.open("rb") as file:
        check_head(source.kind, file.read(HEAD_BYTES))
    match source.kind:
        case "csv":
            return _check_csv(source, path)
        case "geojson":
            return _check_geojson(source, path)
        case "json":
            return _check_json(source, path)
        case "zip":
            _check_zip(source, path)
    return None


def check_head(kind: Kind, head: bytes) -> None:
    """Refuse a file by its first bytes: a web page, or another kind.

    Parameters
    ----------
    kind
        What it should be.
    head
        The first ``HEAD_BYTES`` of the file, or all of it.

    Raises
    ------
    UnfitError
        If it is not that.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        _unfit(f"is a web page instead of {kind}")
    fits = {
        "csv": text and b"\0" not in head and text[:1] not in b"{[",
        "geojson": text.startswith(b"{"),
        "json": text.startswith((b"{", b"[")),
        "pbf": head[4:15] == b"\n\tOSMHeader",
        "zip": head.startswith(b"PK\x03\x04"),
    }
    if not fits[kind]:
        _unfit(f"is no {kind}")


def check_size(source: Source, size: int, least: int = 0) -> None:
    """Refuse a number of bytes that is not that of the file.

    Parameters
    ----------
    source
        What it should be.
    size
        Bytes, of all or of what came so far.
    least
        Bytes it must have by now.

    Raises
    ------
    UnfitError
        If there are fewer, or more than there can be.
    """
    if not least <= size <= source.max_bytes:
        expected = f"{spell_size(source.min_bytes)} to {spell_size(source.max_bytes)}"
        _unfit(f"is {spell_size(size)}, where {expected} are expected")


def unpack(
    zip_path: Path,
    folder: Path,
    members: Sequence[str],
    *,
    max_bytes: int = MAX_UNPACKED_BYTES,
) -> list[Path]:
    """Unpack files from a zip, all or none.

    A zip with any unsafe entry (absolute, ``..``, a link, two of one name) is refused as a whole.

    Parameters
    ----------
    zip_path
        The zip.
    folder
        Files go straight into it, without the zip's own folders.
    members
        Names or patterns; each must fit at least one file.
    max_bytes
        The zip may not hold more, unpacked.

    Returns
    -------
    list of Path
        The unpacked files.

    Raises
    ------
    FetchError
        If the zip is broken or unsafe, lacks a member, or the folder cannot be written to.
    """
    try:
        with _open_zip(zip_path, max_bytes) as (archive, names):
            wanted = list(dict.fromkeys(n for p in members for n in _fitting(names, p)))
            writers = {PurePosixPath(n).name: partial(_copy, archive, n) for n in wanted}
            if len({name.casefold() for name in writers}) < len(wanted):
                _unfit("has files of one name in several folders")
            return list(write_together(folder, writers).values())
    except UnfitError as error:
        what = str(error)
    except OutputError as error:
        what = str(error).removesuffix(".")
    except OSError as error:
        what = f"cannot be read ({error.strerror or error})"
    msg = f"{zip_path.name}: {what}. Nothing was unpacked."
    raise FetchError(msg)


def spell_size(count: int) -> str:
    """Write a number of bytes.

    Examples
    --------
    >>> spell_size(2_500_000)
    '2.5 MB'
    """
    return f"{count / MB:,.1f} MB" if count >= MB else f"{count:,} bytes"


def printable(text: str) -> str:
    """Take out what a terminal would obey, and cut what is long."""
    return "".join(c if c.isprintable() else "?" for c in text)[:200]


# Tables


def _check_csv(source: Source, path: Path) -> int:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.readline()
        file.seek(0)
        rows = csv.reader(file, delimiter=max(";,\t|", key=first.count))
        count = 0
        try:
            header = last = next(rows, [])
            _check_names(source, header)
            for row in rows:
                if row:
                    count, last = count + 1, row
        except csv.Error as error:
            _unfit(f"is no csv in row {count + 1} ({error})")
    if len(last) < len(header) and not _tail(path).endswith(b"\n"):
        _unfit("ends in the middle of a row")
    return _some(count)


def _check_geojson(source: Source, path: Path) -> int:
    if not _tail(path).rstrip().endswith(b"}"):
        _unfit("ends in the middle")
    try:
        info = pyogrio.read_info(path, force_feature_count=True)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError):
        _unfit("is no whole geojson")
    _check_names(source, info["fields"])
    if source.crs and not CRS(info["crs"]).equals(source.crs, ignore_axis_order=True):
        _unfit(f"is in {info['crs']}, not in {source.crs}")
    return _some(int(info["features"]))


def _check_json(source: Source, path: Path) -> int | None:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        _unfit("is no whole json")
    _check_names(source, content if isinstance(content, dict) else ())
    return len(content) if isinstance(content, list) else None


def _check_names(source: Source, names: Iterable[str]) -> None:
    there = list(names)
    missing = [name for name in source.needs if name not in there]
    if missing:
        _unfit(f"has no {_few(missing)} any more: it holds {_few(there)}")


def _some(count: int) -> int:
    if not count:
        _unfit("has no rows")
    return count


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - HEAD_BYTES))
        return file.read()


# Zips


@contextmanager
def _open_zip(path: Path, max_bytes: int) -> Iterator[tuple[zipfile.ZipFile, list[str]]]:
    """Open a zip that can do no harm, and list its files; refuse it wherever it is found broken."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _safe_names(archive, max_bytes)
    except BROKEN_ZIP:
        _unfit("is no whole zip")


def _check_zip(source: Source, path: Path) -> None:
    try:
        with _open_zip(path, MAX_UNPACKED_BYTES) as (archive, names):
            for pattern in source.needs:
                _fitting(names, pattern)
            broken = archive.testzip()
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        _unfit("is no whole zip")  # a part of it is said to lie before its beginning
    if broken:
        _unfit(f"is a zip with a broken file ({printable(broken)})")


def _safe_names(archive: zipfile.ZipFile, max_bytes: int) -> list[str]:
    """List the files of a zip; refuse it if unpacking any of it could do harm."""
    entries = archive.infolist()
    for entry in entries:
        name = entry.orig_filename
        parts = name.removesuffix("/").split("/")
        is_odd = any(p in {"", ".", ".."} or RESERVED.fullmatch(p) or p[-1:] in " ." for p in parts)
        if is_odd or re.search(r'[\x00-\x1f\\:*?"<>|]', name):
            _unfit(f"is a zip with a file that would go astray ({printable(name)})")
        if stat.S_ISLNK(entry.external_attr >> 16):
            _unfit(f"is a zip with a link ({printable(name)})")
        if entry.flag_bits & 1:
            _unfit(f"is a zip with a password ({printable(name)})")
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        _unfit("is a zip with two files of one name")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > max_bytes or unpacked > max(SMALL_BYTES, MAX_RATIO * packed):
        _unfit(f"is a zip that would unpack to {spell_size(unpacked)}")
    return [entry.filename for entry in entries if not entry.is_dir()]


def _fitting(names: Sequence[str], pattern: str) -> list[str]:
    fitting = fnmatch.filter(names, pattern)
    if not fitting:
        _unfit(f"has no {pattern} any more: it holds {_few(names)}")
    return fitting


def _copy(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    with archive.open(name) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""  # noqa: PLR2004
    return printable(", ".join(names[:5])) + more if names else "nothing"
