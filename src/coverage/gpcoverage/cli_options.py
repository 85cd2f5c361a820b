"""What several commands share: options, and how they speak."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

DEFAULT_STUDY: Final = Path("data/midtjylland.toml")
DEFAULT_COUNTRY: Final = Path("data/danmark.toml")

StudyFile = Annotated[Path, typer.Argument(help="Study file (.toml).", show_default=True)]
AllCounts = Annotated[
    bool,
    typer.Option(
        "--all-counts",
        help="Also write counts of fewer than 5 people and the lists of single doctors: for the region's own eyes only.",
    ),
]
Tiles = Annotated[
    bool,
    typer.Option(
        "--tiles",
        help="Let the map offer OpenStreetMap's background map when there is internet.",
    ),
]

English = Annotated[bool, typer.Option("--english", help="Write the pages and figures in English.")]


def say(text: str) -> None:
    """Print one line as it is."""
    Console(markup=False).print(text, highlight=False, soft_wrap=True)
