"""Keep the rows and checksums in the folders' README tables true."""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Final

from example.files import replace

README: Final = "README.md"
ROW: Final = re.compile(r"^\| `(?P<file>[^`]+)` \|")
NO_ROWS: Final = "-"
NOT_DESCRIBED: Final = frozenset({"raw", "cache", "example", "__pycache__"})
"""Folders of downloads and of code."""


def refresh(folder: Path) -> None:
    """Write rows and sha256 of every file into the folder's README.

    Parameters
    ----------
    folder
        With a README.md whose table has the file in its first column (``scenarios/a.toml`` if it
        lies in a sub-folder), rows and sha256 in the last two. Build scripts, dot-files, and what
        lies in the folders of downloads and code need no row.

    Raises
    ------
    ValueError
        If a file has no row, or a row has no file.
    """
    readme = folder / README
    lines = readme.read_text(encoding="utf-8").splitlines()
    described = {match["file"] for line in lines if (match := ROW.match(line))}
    present = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if _is_described(path, folder)
    }
    if described != present:
        msg = f"{readme.parent.name}/{README} and the folder differ: {sorted(described ^ present)}"
        raise ValueError(msg)
    text = "\n".join(_with_facts(folder, line) for line in lines) + "\n"
    replace(readme, text.encode())


def _is_described(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    is_hidden = any(part.startswith(".") for part in parts) or path.name == README
    is_left_out = is_hidden or not NOT_DESCRIBED.isdisjoint(parts[:-1])
    return path.is_file() and not is_left_out and path.suffix != ".py"


def _with_facts(folder: Path, line: str) -> str:
    match = ROW.match(line)
    if match is None:
        return line
    cells = line.strip().strip("|").split("|")
    content = (folder / match["file"]).read_bytes()
    facts = [f" {_rows(match['file'], content)} ", f" {hashlib.sha256(content).hexdigest()} "]
    return "|" + "|".join(cells[:-2] + facts) + "|"


def _rows(name: str, content: bytes) -> str:
    if name.endswith(".gz"):
        return _rows(name.removesuffix(".gz"), gzip.decompress(content))
    if name.endswith(".csv"):
        return str(content.count(b"\n") - 1)
    if name.endswith(".geojson"):
        return str(len(json.loads(content)["features"]))
    return NO_ROWS
