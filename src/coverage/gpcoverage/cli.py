"""The command line: one command per workflow.

Exit status: 0 done, 1 the inputs are at fault (one message, no traceback), 2 wrong usage.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from gpcoverage.errors import GpCoverageError, SchemaError

if TYPE_CHECKING:
    from gpcoverage.analysis.choice import Choice

DEFAULT_STUDY: Final = Path("data/midtjylland.toml")

app = typer.Typer(
    help="Who can choose between two open general practices, and what changes when one closes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StudyFile = Annotated[Path, typer.Argument(help="Study file (.toml).", show_default=True)]
Out = Annotated[Path | None, typer.Option(help="Folder for the results; out/STUDY by default.")]


def main() -> None:
    """Run the command line; tell an analyst's mistake in one message."""
    try:
        app()
    except GpCoverageError as error:
        sys.stderr.write(f"gpcoverage: {error}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("gpcoverage: stopped; nothing was written.\n")
        sys.exit(130)


@app.callback()
def _gpcoverage() -> None:
    """Keep ``choice`` a command of its own while there are few."""


@app.command()
def choice(study: StudyFile = DEFAULT_STUDY, out: Out = None) -> None:
    """Check who can choose between enough open practices within the limit."""
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415  slow to import
    from gpcoverage.inputs.study import load_study  # noqa: PLC0415
    from gpcoverage.outputs.results import write_choice  # noqa: PLC0415

    console = Console()
    result = compute_choice(load_study(study))
    written = write_choice(result, out or Path("out") / study.stem)
    _print_choice(console, result)
    for path in written.values():
        console.print(f"  {path}", highlight=False, soft_wrap=True)


def _print_choice(console: Console, result: "Choice") -> None:
    """Print what a committee would ask first, municipality by municipality."""
    study, network = result.study, result.network
    table = Table(title=f"{study.name}, {study.date}: people by open practices within the limit")
    for heading in ("Municipality", "People", "2 or more", "One", "None", "Uncertain"):
        table.add_column(heading, justify="left" if heading == "Municipality" else "right")
    rows = result.municipalities
    sums = {"name": "All", **rows.drop(columns=["name", "region"]).sum().to_dict()}
    for row in [*rows.sort_values("name").to_dict("records"), sums]:
        people = [
            row[f"{status}_certain"] + row[f"{status}_uncertain"]
            for status in ("choice", "one", "none")
        ]
        uncertain = sum(row[f"{status}_uncertain"] for status in ("choice", "one", "none"))
        numbers = [f"{value:,.0f}" for value in (row["population"], *people, uncertain)]
        table.add_row(
            str(row["name"]),
            *numbers,
            end_section=row["name"] == rows.sort_values("name")["name"].iloc[-1],
        )
    console.print(table)
    modelled = " The practices are partly modelled." if study.partly_modelled else ""
    console.print(
        f"Rule: {study.rules.name}, from {study.rules.valid_from}. Network: {network.kind}, "
        f"{network.source}, error ±{network.error_share:.0%}, ferries {study.roads.ferries}d.{modelled}",
        highlight=False,
    )
    for record in study.inputs:
        for item in record.left_out:
            console.print(
                f"{record.file}: {len(item.rows):,} rows left out: {item.reason}.", highlight=False
            )
    unreachable = result.homes[result.homes["reason"] != ""]
    for reason, group in unreachable.groupby("reason"):
        people = group["population"].sum()
        console.print(f"{len(group):,} homes with {people:,.0f} people: {reason}.", highlight=False)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Studies, boundaries or tables.")],
    municipalities: Annotated[
        Path, typer.Option(help="List of municipalities to check against.")
    ] = Path("data/municipalities.csv"),
    boundaries: Annotated[
        Path, typer.Option(help="Municipality boundaries to check against.")
    ] = Path("geo/municipalities.geojson"),
) -> None:
    """Read files as a study would, and list every fault of each."""
    from gpcoverage.inputs.check import check_file  # noqa: PLC0415
    from gpcoverage.inputs.municipalities import (  # noqa: PLC0415
        read_municipalities,
        read_municipality_list,
    )

    console = Console()
    listed = read_municipality_list(municipalities)
    known = read_municipalities(boundaries, listed).frame
    faults = []
    for path in files:
        try:
            found = check_file(path, listed, known)
        except GpCoverageError as error:
            faults.append(str(error))
        else:
            console.print(
                f"{path}: {found.kind}, {found.rows_used:,} of {found.rows_in:,} rows can be used",
                highlight=False,
                soft_wrap=True,
            )
    if faults:
        raise SchemaError("\n".join(faults))


if __name__ == "__main__":
    main()
