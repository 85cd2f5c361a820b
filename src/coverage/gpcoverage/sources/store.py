"""The store: one folder of fetched files and of files made of them, each with its record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from gpcoverage.errors import FetchError
from gpcoverage.files import Writer, finish_moving, write_together
from gpcoverage.inputs.layer import file_sha256
from gpcoverage.sources.endpoints import Source
from gpcoverage.sources.fetching import fetch
from gpcoverage.sources.provenance import (
    NEEDS_REFRESH,
    Provenance,
    provenance_path,
    read_provenance,
)
from gpcoverage.sources.transfer import progress_bar


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is to be made.

    Attributes
    ----------
    write
        Writes it to the path it is given.
    of
        Files of the store, and others, that it is made of.
    rows
        How many rows or features it has.
    crs
        Of its coordinates; None if it has none.
    source, licence
        Whom to name and what one may do with it, where the files it is made of have no record.
    """

    write: Writer
    of: Sequence[Path]
    rows: int
    crs: str | None = None
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of official data.

    Attributes
    ----------
    folder
        Made when something is put into it.
    offline
        Use what is there, however old, and never touch the network.
    refresh
        Fetch anew, even what is there and fresh.
    tell
        Is told of every fetched file that is used: its path, and its record if it has one.
    """

    folder: Path
    offline: bool = False
    refresh: bool = False
    tell: Callable[[Path, Provenance | None], None] = lambda _path, _record: None

    def get(self, source: Source) -> Path:
        """Bring a file into the store, unless it is there and fresh; with a bar of progress.

        Parameters
        ----------
        source
            What to fetch.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        FetchError
            If it cannot be had; one that was there before is untouched.
        """
        with progress_bar(source.name) as progress:
            path = fetch(
                source, self.folder, offline=self.offline, refresh=self.refresh, progress=progress
            )
        by_hand = not provenance_path(path).is_file()
        self.tell(path, None if by_hand else read_provenance(path))
        return path

    def find(self, name: str) -> Path | None:
        """Give a file of the store, None if it is not there."""
        path = self.folder / name
        return path if path.is_file() else None

    def has(self, name: str, *, days: float) -> bool:
        """Tell whether a file that is made by asking the internet need not be made again.

        Parameters
        ----------
        name
            Of the file.
        days
            So long it is good.

        Returns
        -------
        bool

        Raises
        ------
        FetchError
            If it is not there and nothing may be fetched, or was changed after it was made.
        OutputError
            If a killed run's files cannot be moved to their places.
        """
        finish_moving(self.folder)
        path = self.folder / name
        if self.offline and (self.refresh or not path.is_file()):
            msg = f"{name}: not in {self.folder}, or to be refreshed, and offline nothing is fetched. Fetch it where there is internet."
            raise FetchError(msg)
        if self.refresh or not path.is_file():
            return False
        record = read_provenance(path)
        if record.sha256 != file_sha256(path):
            msg = f"{name}: was changed after it was made. {NEEDS_REFRESH}"
            raise FetchError(msg)
        return self.offline or record.age < timedelta(days=days)

    def keep(self, files: Mapping[str, Made]) -> dict[str, Path]:
        """Write files into the store with their records, all or none.

        Parameters
        ----------
        files
            By name.

        Returns
        -------
        dict
            Path by file name.

        Raises
        ------
        OutputError
            If the folder cannot be written to, or the disk is full.
        """
        writers: dict[str, Writer] = {}
        for name, made in files.items():
            writers[name] = made.write
            writers[provenance_path(Path(name)).name] = partial(_write_record, made, name)
        written = write_together(self.folder, writers)
        return {name: written[name] for name in files}


def _write_record(made: Made, name: str, beside: Path) -> None:
    """Write the record of a file that lies beside it, written already."""
    file = beside.with_name(name)
    records = [record for record in map(_record_of, made.of) if record is not None]
    record = Provenance(
        source="; ".join(_once([*(r.source for r in records), made.source])),
        url=f"made of {', '.join(path.name for path in made.of)}",
        licence="; ".join(_once([*(r.licence for r in records), made.licence])),
        date=datetime.now(UTC).isoformat(),
        modified=None,
        sha256=file_sha256(file),
        bytes=file.stat().st_size,
        rows=made.rows,
        crs=made.crs,
    )
    beside.write_text(record.to_json(), encoding="utf-8", newline="\n")


def _record_of(path: Path) -> Provenance | None:
    try:
        return read_provenance(path)
    except FetchError:
        return None  # a file of the analyst's own


def _once(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
