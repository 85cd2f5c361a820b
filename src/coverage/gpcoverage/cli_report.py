"""The command that writes the committee's pack."""

import datetime
from pathlib import Path
from typing import Annotated

import typer

from gpcoverage.cli_options import DEFAULT_STUDY, AllCounts, StudyFile, say


def report(
    study: StudyFile = DEFAULT_STUDY,
    close: Annotated[
        list[str] | None,
        typer.Option(
            help="A practice that closes: id, name or town; give it several times for several."
        ),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="Scenario by name, or its file; comes before the closures.")
    ] = None,
    date: Annotated[
        datetime.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of closing, the last of a month."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; out/STUDY-report by default.")
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf/--no-pdf", help="Also print the report as PDF, by a browser.")
    ] = True,
    all_counts: AllCounts = False,
) -> None:
    """Write the committee's pack: report, PDF, figures, tables and map, all with the same numbers."""
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415  slow to import
    from gpcoverage.analysis.closure import compare  # noqa: PLC0415
    from gpcoverage.analysis.rerun import prepare_rerun  # noqa: PLC0415
    from gpcoverage.inputs.scenario_file import find_scenario  # noqa: PLC0415
    from gpcoverage.inputs.study import load_study  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.report import write_report  # noqa: PLC0415

    before = load_study(study)
    after = before if scenario is None else before.under(find_scenario(scenario, study))
    if close:
        after = after.close(*close, date=date.date() if date else None)
    choice, comparison = compute_choice(before), None
    if after is not before:
        comparison = compare(prepare_rerun(choice), after)
        choice = comparison.check_after()
    folder = out or Path("out") / f"{study.stem}-report"
    written = write_report(
        choice, folder, comparison, disclosure=Disclosure(off=all_counts), with_pdf=pdf
    )
    for path in written.values():
        say(f"Written: {path}")
    if pdf and "report.pdf" not in written:
        say("No PDF: no Chromium, Chrome or Edge was found. Open report.html and print it there.")
