"""A share of the fuzzing that ``make fuzz MINUTES=60`` does; what was found once is kept here."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.forking import needs_fork
from fuzz.readers import Sample, samples
from fuzz.running import Findings, fuzz, run_batch
from gpcoverage.errors import GpCoverageError
from gpcoverage.sources.content import UnfitError

pytestmark = needs_fork

SECONDS = float(os.environ.get("GPCOVERAGE_FUZZ_S", "60"))
SEED = 1 if SECONDS <= 60 else int.from_bytes(os.urandom(4))  # a change is not to fail by chance


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Sample], Path]:
    folder = tmp_path_factory.mktemp("fuzz")
    return samples(folder), folder


def test_every_sample_is_good(made: tuple[dict[str, Sample], Path], tmp_path: Path) -> None:
    for name in ("practices.csv", "homes.csv"):
        (tmp_path / name).write_bytes((made[1] / name).read_bytes())
    bad = {}
    for number, (name, sample) in enumerate(made[0].items()):
        folder = tmp_path if name == "study" else tmp_path / f"{number}"
        folder.mkdir(exist_ok=True)
        (folder / sample.name).write_bytes(sample.data)
        try:
            sample.read(folder / sample.name)
        except (GpCoverageError, UnfitError) as error:
            bad[name] = str(error)[:300]
    assert bad == {}


def test_damaged_files_are_refused_or_read(made: tuple[dict[str, Sample], Path]) -> None:
    findings = fuzz(made[0], made[1], SECONDS, seed=SEED)
    assert list(findings.found) == []
    assert findings.cases > len(made[0])


def test_what_fuzzing_looks_for_is_found(tmp_path: Path) -> None:
    """A traceback, a crash and too much memory are findings; a refusal is none."""

    def refuse(_: Path) -> None:
        msg = "no"
        raise GpCoverageError(msg)

    kinds: dict[str, tuple[Callable[[Path], object], str]] = {
        "refuses": (refuse, ""),
        "fails": (lambda _: int("x"), "ValueError"),
        "takes": (lambda _: bytearray(3 * 1024**3), "MemoryError"),
        "ends": (lambda _: os._exit(7), "ended the process (7)"),
    }
    for name, (read, told) in kinds.items():
        findings = Findings()
        run_batch(name, Sample("x.csv", b"a;b\n1;2\n", read), 1, tmp_path, findings)
        assert [told in key for key in findings.found] == ([True] if told else []), name


def member(data: bytes, name: str, content: bytes, folder: Path) -> bytes:
    """Put other content into an archive."""
    path = folder / "changed.zip"
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        members = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for entry, old in members.items():
            archive.writestr(entry, content if entry == name else old)
    return path.read_bytes()


DEEP = b'{"a":' * 20_000
FOUND: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a header over the csv module's longest": ("fetched csv", lambda d: b"x" * 140_000 + d),
    "a coordinate with letters": ("roads, osm", lambda d: d.replace(b'"56.2600"', b'"56.2600x"', 1)),
    "an id with a blank": ("roads, osm", lambda d: d.replace(b'id="1"', b'id=" 1"', 1)),
    "a key that is too long": ("roads, osm", lambda d: d.replace(b'k="h', b'k="' + b"x" * 5000 + b"h")),
    "a goal without end": ("goals", lambda d: d.replace(b",1,", b",99999999999999999999,", 1)),
    "deep json of DAGI": ("DAGI", lambda _: DEEP),
    "a deep record": ("record", lambda _: DEEP),
    "a zip that begins before its beginning": ("fetched zip", lambda d: d[2:]),
    "a cell twice": ("roads, cells", lambda d: d + b"\n" + d.splitlines()[1]),
    "rows with more fields": ("roads, cells", lambda d: d.replace(b",7", b",7,7")),
    "crossings with more fields": ("roads, crossings", lambda d: d.replace(b"4.2,", b"4.2,,9,9")),
    "a crossing nowhere": ("roads, crossings", lambda d: d.replace(b"56.3617", b"91e30", 1)),
    "links that are none": ("roads, cells", lambda d: d.replace(b",5,7", b",1e30,7", 1)),
    "a lone carriage return": ("census, wide", lambda d: d.replace(b"fid,", b"fid\r,", 1)),
    "a key that is a book": ("scenario", lambda d: b"x" * 140_000 + b" = 1\n" + d),
    "a region that is a book": ("study", lambda d: d.replace(b'"Midtj', b'"' + b"x" * 140_000, 1)),
    "a header that is a book": ("census, wide", lambda d: d.replace(b",T,", b",T,T_" + b"x" * 60_000 + b",", 1)),
    "a header over what is looked at": ("census, wide", lambda d: d.replace(b"T_CI", b"T_CI" + b"(" * 70_000, 1)),
    "half a byte order mark": ("fetched csv", lambda _: b"\xef"),
    "a name that is a book": ("areas, geojson", lambda d: d.replace(b'"name"', b'"n' + b"x" * 140_000 + b'"')),
    "a column in another encoding": ("census, gpkg", lambda d: d.replace(b"GRD_ID", b"GRD_I\xb0")),
    "a corner that is no number": ("areas, geojson", lambda d: d.replace(b"[ 8.", b"[ 1e999, 8.", 1)),
}  # fmt: skip


@pytest.mark.parametrize("what", FOUND)
def test_what_was_found_is_refused(
    made: tuple[dict[str, Sample], Path], what: str, tmp_path: Path
) -> None:
    name, change = FOUND[what]
    sample = made[0][name]
    damaged = change(sample.data)
    assert damaged != sample.data
    path = tmp_path / sample.name
    path.write_bytes(damaged)
    with pytest.raises((GpCoverageError, UnfitError), match=r"\w") as caught:
        sample.read(path)
    assert len(str(caught.value)) < 5_000


def test_a_network_with_other_members_is_refused(
    made: tuple[dict[str, Sample], Path], tmp_path: Path
) -> None:
    sample = made[0]["roads, built"]
    path = tmp_path / sample.name
    endless = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}\n"
    cut_short = b"{'descr': '<f8', 'shape': (3,\n"
    garbled = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}}\n"
    for header in (b"", endless, cut_short, garbled):
        content = (
            b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
            if header
            else b"no array"
        )
        path.write_bytes(member(sample.data, "easting.npy", content, tmp_path))
        with pytest.raises(GpCoverageError, match="is not a road network that can be read"):
            sample.read(path)
