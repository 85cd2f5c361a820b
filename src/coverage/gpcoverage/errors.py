"""What can go wrong, as the analyst sees it.

Every error here is somebody's mistake or a fact about the data, never a bug: the command line
prints its text and no traceback. A message names the thing, the rule, the value and the remedy.
"""


class GpCoverageError(Exception):
    """Base of every error this package raises on purpose."""


class SchemaError(GpCoverageError, ValueError):
    """A file does not hold what it must: every fault is listed in the message."""


class CrsError(GpCoverageError, ValueError):
    """A coordinate reference system is missing or unfit for metres."""


class DataIntegrityError(GpCoverageError, ValueError):
    """Numbers that must add up do not; no result is written."""


class NetworkError(GpCoverageError, ValueError):
    """A road network cannot be built or does not fit the points asked for."""


class FetchError(GpCoverageError, OSError):
    """A file cannot be fetched or used from the store; what was there is still there."""


class OutputError(GpCoverageError, OSError):
    """A result cannot be written where it was asked for."""
