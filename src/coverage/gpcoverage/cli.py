"""The command line: one command per workflow.

Exit status: 0 done, 1 the inputs are at fault (one message, no traceback), 2 wrong usage.
"""

import sys

import typer

from gpcoverage.cli_choice import choice, close, ledger
from gpcoverage.cli_data import check, data, init
from gpcoverage.cli_fetch import fetch_app
from gpcoverage.cli_plan import areas, plan, site
from gpcoverage.cli_report import report, validate
from gpcoverage.cli_roads import distances, network_app
from gpcoverage.errors import GpCoverageError

app = typer.Typer(
    help="Who can choose between two open general practices, and what changes when one closes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    choice, close, ledger, report, areas, site, plan, distances, check, data, init, validate,
):  # fmt: skip
    app.command()(command)
app.add_typer(fetch_app, name="fetch")
app.add_typer(network_app, name="network")


def main() -> None:
    """Run the command line; tell an analyst's mistake in one message."""
    try:
        app()
    except GpCoverageError as error:
        sys.stderr.write(f"gpcoverage: {error}\n")
        sys.exit(1)
