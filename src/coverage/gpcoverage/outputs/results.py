"""The files of one run, written together."""

from pathlib import Path

from gpcoverage.analysis.choice import Choice
from gpcoverage.csvfile import write_csv
from gpcoverage.files import write_together
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.maps import draw_choice
from gpcoverage.outputs.page import write_page
from gpcoverage.outputs.summary import write_summary
from gpcoverage.outputs.tables import homes_table, municipalities_table, write_geopackage
from gpcoverage.outputs.told import tell_choice


def write_choice(
    choice: Choice, folder: str | Path, *, disclosure: Disclosure = ON, tiles: bool = False
) -> dict[str, Path]:
    """Write the map, the tables and the summary of a choice check.

    Parameters
    ----------
    choice
        The result.
    folder
        Gets ``map.html``, ``choice.csv``, ``municipalities.csv``, ``choice.gpkg`` and
        ``summary.json``: all of them or, on an error, none. Other files in it are left alone.
    disclosure
        What may be told: by default as much as anybody may read.
    tiles
        Whether the map offers OpenStreetMap's own map, where there is internet.

    Returns
    -------
    dict
        Path by file name.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    told = tell_choice(choice, disclosure=disclosure)
    return write_together(
        Path(folder),
        {
            "map.html": lambda path: write_page(draw_choice(told, tiles=tiles), path),
            "choice.csv": lambda path: write_csv(homes_table(told.homes), path),
            "municipalities.csv": lambda path: write_csv(
                municipalities_table(told.municipalities), path
            ),
            "choice.gpkg": lambda path: write_geopackage(told, path),
            "summary.json": lambda path: write_summary(told, path),
        },
    )
