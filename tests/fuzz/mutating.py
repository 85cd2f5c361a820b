"""Damage to files: bytes, cells, lines and archives, all drawn from one source of chance."""

import gzip
import io
import random
import zipfile
import zlib
from collections.abc import Callable
from typing import Final

LONG: Final = 140_000
"""Longer than the longest field of the csv module, 131,072."""

SNIPPETS: Final = (
    *(b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xc3", b"\xc3\x83\xc2\xa6", b"\r", b"\n", b"\r\n", b'"'),
    *(b"'", b";", b",", b"\t", b"{", b"}", b"[", b"]", b"<", b"&", b"\\", b"\\u0000", b"=", b'="x"'),
    *(b"-1", b"0", b"1e400", b"-1e308", b"1e308", b"nan", b"inf", b"-inf", b"99999999999999999999"),
    *(b"9223372036854775808", b"0x10", b"1_000", b"1.234,5", b"1,5", b"null", b"true", b"2026-02-30"),
    *(b"0001-01-01", b"9999-12-31", b"10000-01-01", "½".encode(), "٣".encode(), "²".encode()),
    *("Æ".encode("cp1252"), "\u202e".encode(), "\U0001f3e5".encode(), b"../../../etc", b"con.csv"),
    *(b"[[", b"]]", b'"""', b"POINT EMPTY", b"POLYGON((0 0,1 1,0 0))", b"EPSG:4326", b"%s", b"{0}"),
)  # fmt: skip

Damage = Callable[[random.Random, bytes], bytes]


def _place(chance: random.Random, data: bytes) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + int(chance.expovariate(0.1)) + 1)


def flip(chance: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def cut(chance: random.Random, data: bytes) -> bytes:
    start, end = _place(chance, data)
    return data[:start] if chance.random() < 0.3 else data[:start] + data[end:]


def repeat(chance: random.Random, data: bytes) -> bytes:
    start, end = _place(chance, data)
    return data[:start] + data[start:end] * chance.choice((2, 3, 50)) + data[end:]


def insert(chance: random.Random, data: bytes) -> bytes:
    start, end = _place(chance, data)
    end = end if chance.random() < 0.5 else start
    return data[:start] + chance.choice(SNIPPETS) + data[end:]


def insert_much(chance: random.Random, data: bytes) -> bytes:
    start, _ = _place(chance, data)
    much = chance.choice((b"x" * LONG, b"9" * 5000, b"[" * LONG, b'{"a":' * 20_000, b"(" * LONG))
    return data[:start] + much + data[start:]


def swap_lines(chance: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return data
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(3):
        case 0:
            lines[one], lines[other] = lines[other], lines[one]
        case 1:
            lines.insert(one, lines[other])
        case _:
            del lines[one]
    return b"".join(lines)


def change_cell(chance: random.Random, data: bytes) -> bytes:
    """Put something else into a cell of a text table, or a value of a text file."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    at = 0 if chance.random() < 0.2 else chance.randrange(len(lines))
    separator = max((b";", b",", b"\t", b"=", b":"), key=lines[at].count)
    cells = lines[at].split(separator)
    cell = chance.randrange(len(cells))
    other = chance.choice(chance.choice(lines).split(separator))
    cells[cell] = chance.choice((other, *(chance.choice(SNIPPETS) for _ in range(3))))
    lines[at] = separator.join(cells)
    return b"".join(lines)


def recode(chance: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", errors="replace")
    code = chance.choice(("utf-16", "cp1252", "utf-8-sig", "utf-16-be", "utf-32", "cp865"))
    return text.encode(code, errors="replace")


DAMAGES: Final[tuple[Damage, ...]] = (
    *(flip, cut, repeat, insert, insert, insert_much, swap_lines),
    *(change_cell, change_cell, change_cell, recode),
)


def damage(chance: random.Random, name: str, data: bytes) -> bytes:
    """Damage a file once or a few times; inside an archive as well as around it."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        data = _damage_once(chance, name, data)
    return data


def _damage_once(chance: random.Random, name: str, data: bytes) -> bytes:
    if chance.random() < 0.8:
        if name.endswith(".gz"):
            try:
                inner = gzip.decompress(data)
            except (OSError, EOFError, ValueError, zlib.error):
                pass
            else:
                return gzip.compress(chance.choice(DAMAGES)(chance, inner), 1, mtime=0)
        if name.endswith((".xlsx", ".zip", ".npz")):
            return _damage_member(chance, data)
    return chance.choice(DAMAGES)(chance, data)


def _damage_member(chance: random.Random, data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except Exception:  # noqa: BLE001  an archive that was damaged before
        return flip(chance, data)
    if not members:
        return data
    name = chance.choice(list(members))
    if chance.random() < 0.1:
        del members[name]
    else:
        members[name] = chance.choice(DAMAGES)(chance, members[name])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member or "x", content)
    return buffer.getvalue()
