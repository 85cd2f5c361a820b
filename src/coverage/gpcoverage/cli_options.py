"""What several commands share: options, and how they speak."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

if TYPE_CHECKING:
    from gpcoverage.inputs.study import Study

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


def say_tally(study: "Study") -> None:
    """Print that nothing was lost: rows and people that came in, and where they went."""
    from gpcoverage.analysis.audit import take_stock  # noqa: PLC0415  slow to import

    tally = take_stock(study)
    say(
        f"Rows: {tally.rows_in:,} in = {tally.rows_used:,} used + {tally.rows_left_out:,} left out; "
        f"people: {tally.people_in:,.0f} in = {tally.people_used:,.0f} of the area "
        f"+ {tally.people_left_out:,.0f} left out."
    )


def say(text: str) -> None:
    """Print one line as it is."""
    Console(markup=False).print(text, highlight=False, soft_wrap=True)
