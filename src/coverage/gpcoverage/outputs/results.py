"""The files of one run, written together."""

from pathlib import Path

from gpcoverage.analysis.choice import Choice
from gpcoverage.files import write_together
from gpcoverage.outputs.maps import write_map
from gpcoverage.outputs.summary import write_summary
from gpcoverage.outputs.tables import (
    homes_table,
    municipalities_table,
    write_csv,
    write_geopackage,
)


def write_choice(choice: Choice, folder: str | Path) -> dict[str, Path]:
    """Write the map, the tables and the summary of a choice check.

    Parameters
    ----------
    choice
        The result.
    folder
        Gets ``map.html``, ``choice.csv``, ``municipalities.csv``, ``choice.gpkg`` and
        ``summary.json``: all of them or, on an error, none. Other files in it are left alone.

    Returns
    -------
    dict
        Path by file name.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    return write_together(
        Path(folder),
        {
            "map.html": lambda path: write_map(choice, path),
            "choice.csv": lambda path: write_csv(homes_table(choice), path),
            "municipalities.csv": lambda path: write_csv(municipalities_table(choice), path),
            "choice.gpkg": lambda path: write_geopackage(choice, path),
            "summary.json": lambda path: write_summary(choice, path),
        },
    )
