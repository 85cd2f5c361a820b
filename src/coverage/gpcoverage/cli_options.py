"""What several commands share: options, and how they speak."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from gpcoverage.files import slug

if TYPE_CHECKING:
    import geopandas as gpd

    from gpcoverage.inputs.layer import InputRecord
    from gpcoverage.inputs.study import Study

LONGEST_NAME: Final = 100
"""Of a folder for results: file systems take 255."""

DATA: Final = Path("data")
STORE: Final = DATA / "raw"
DEFAULT_STUDY: Final = DATA / "midtjylland.toml"
DEFAULT_COUNTRY: Final = DATA / "danmark.toml"
LIST: Final = DATA / "municipalities.csv"
BORDERS: Final = Path("geo/municipalities.geojson")

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
MunicipalityList = Annotated[Path, typer.Option(help="List of municipalities.")]
Boundaries = Annotated[Path, typer.Option(help="Municipality boundaries.")]
Folder = Annotated[Path, typer.Option(help="Folder for fetched files.")]
Day = Annotated[
    datetime.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The study's day; today by default."),
]
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


def name_folder(study: Path, scenario: str | None, practices: list[str] | None) -> str:
    """Name a folder after a study and its changes: ``midtjylland-roende``."""
    changed = [Path(scenario).stem] if scenario else []
    parts = [slug(part) for part in (*changed, *(practices or []))]
    return "-".join([study.stem, *parts])[:LONGEST_NAME].rstrip("-")


def day_of(date: datetime.datetime | None) -> datetime.date:
    """Take the day that was given; today if none was."""
    return (date or datetime.datetime.now().astimezone()).date()


def read_known(listed: Path, boundaries: Path) -> "gpd.GeoDataFrame":
    """Read the municipalities that practices and homes are placed in."""
    from gpcoverage.inputs.municipalities import (  # noqa: PLC0415  slow to import
        read_municipalities,
        read_municipality_list,
    )

    return read_municipalities(boundaries, read_municipality_list(listed)).frame


def print_rows(record: "InputRecord") -> None:
    """Print how many rows of a file were used, and why others were not."""
    print_line(f"{record.file}: {record.rows_used:,} of {record.rows_in:,} rows used")
    for item in record.left_out:
        print_line(f"  {len(item.rows):,} left out: {item.reason}")


def print_tally(study: "Study") -> None:
    """Print that nothing was lost: rows and people that came in, and where they went."""
    from gpcoverage.analysis.audit import take_stock  # noqa: PLC0415  slow to import

    tally = take_stock(study)
    print_line(
        f"Rows: {tally.rows_in:,} in = {tally.rows_used:,} used + {tally.rows_left_out:,} left out; "
        f"people: {tally.people_in:,.0f} in = {tally.people_used:,.0f} of the area "
        f"+ {tally.people_left_out:,.0f} left out."
    )


def print_written(files: Mapping[str, Path]) -> None:
    """Print where the results are."""
    for path in files.values():
        print_line(f"Written: {path}")


def print_line(text: str) -> None:
    """Print one line as it is."""
    Console(markup=False).print(text, highlight=False, soft_wrap=True)
