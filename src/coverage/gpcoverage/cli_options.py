"""What several commands share: options, and how they speak."""

import datetime
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


Scenario = Annotated[
    str | None, typer.Option(help="Scenario by name, or its file; comes before the closures.")
]
ClosingDate = Annotated[
    datetime.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Day of closing, the last of a month."),
]
ClosingStage = Annotated[
    str | None, typer.Option(help="How far it has come: 6m, 4m, 1m or closed.")
]


def change(
    before: "Study",
    file: Path,
    scenario: str | None,
    practices: list[str] | None,
    date: datetime.datetime | None,
    stage: str | None,
) -> "Study":
    """Make the changes that were asked for; the study itself if there are none."""
    from gpcoverage.inputs.scenario import STAGES  # noqa: PLC0415  slow to import
    from gpcoverage.inputs.scenario_file import find_scenario  # noqa: PLC0415

    known = next((known for known in STAGES if known == stage), None)
    if stage is not None and known is None:
        msg = f"'{stage}' is not one of {', '.join(STAGES)}"
        raise typer.BadParameter(msg, param_hint="--stage")
    after = before if scenario is None else before.under(find_scenario(scenario, file))
    if practices:
        after = after.close(*practices, date=date.date() if date else None, stage=known)
    return after


def print_tally(study: "Study") -> None:
    """Print that nothing was lost: rows and people that came in, and where they went."""
    from gpcoverage.analysis.audit import take_stock  # noqa: PLC0415  slow to import

    tally = take_stock(study)
    print_line(
        f"Rows: {tally.rows_in:,} in = {tally.rows_used:,} used + {tally.rows_left_out:,} left out; "
        f"people: {tally.people_in:,.0f} in = {tally.people_used:,.0f} of the area "
        f"+ {tally.people_left_out:,.0f} left out."
    )


def print_line(text: str) -> None:
    """Print one line as it is."""
    Console(markup=False).print(text, highlight=False, soft_wrap=True)
