"""The record beside each file of the store: where it came from, and what it was then."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from gpcoverage.errors import FetchError

NEEDS_REFRESH: Final = "Fetch it anew with --refresh, or put the right file there."


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file of the store came from.

    Attributes
    ----------
    source
        Whom to name.
    url
        Without keys.
    licence
        What one may do with it.
    date
        When it was fetched, UTC, ISO 8601.
    modified
        When it last changed, in the server's words.
    sha256, bytes
        Of the file.
    rows
        Rows of a CSV or features of a layer; None if not counted.
    crs
        Of its coordinates.
    """

    source: str
    url: str
    licence: str
    date: str
    modified: str | None
    sha256: str
    bytes: int
    rows: int | None
    crs: str | None

    @property
    def age(self) -> timedelta:
        """Time since it was fetched."""
        return datetime.now(UTC) - datetime.fromisoformat(self.date)

    def to_json(self) -> str:
        """Write it out as it stands beside the file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


def read_provenance(path: Path) -> Provenance:
    """Read the record beside a file of the store.

    Parameters
    ----------
    path
        The file, not the record.

    Returns
    -------
    Provenance
        What was recorded when it was fetched.

    Raises
    ------
    FetchError
        If there is no record, or none that can be read.
    """
    beside = provenance_path(path)
    try:
        record = Provenance(**json.loads(beside.read_text(encoding="utf-8")))
        _ = record.age  # is its date one?
    except FileNotFoundError:
        msg = f"{path.name}: has no record ({beside.name}), so it was not fetched. {NEEDS_REFRESH}"
        raise FetchError(msg) from None
    except (OSError, ValueError, TypeError, RecursionError) as error:
        msg = f"{path.name}: its record ({beside.name}) cannot be read. {NEEDS_REFRESH}"
        raise FetchError(msg) from error
    return record


def provenance_path(path: Path) -> Path:
    """Say where the record of a file is."""
    return path.with_name(f"{path.name}.provenance.json")
