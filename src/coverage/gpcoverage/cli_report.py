"""The commands that tell others: the committee's pack, and how far the answers can be trusted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import pandas as pd
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from gpcoverage.cli_options import (
    DATA,
    DEFAULT_COUNTRY,
    DEFAULT_STUDY,
    STORE,
    AllCounts,
    ClosingDate,
    ClosingStage,
    English,
    Scenario,
    StudyFile,
    change,
    name_folder,
    print_line,
    print_tally,
    print_written,
)

if TYPE_CHECKING:
    from gpcoverage.inputs.reference_facts import KnownFigures
    from gpcoverage.inputs.study import Study

LEAST_WIDTH: Final = 110
"""Narrower, and the words of the table break."""

EXTRACT: Final = STORE / "bornholm.osm.pbf"


def report(
    study: StudyFile = DEFAULT_STUDY,
    close: Annotated[
        list[str] | None,
        typer.Option(
            help="A practice that closes: id, name or town; give it several times for several."
        ),
    ] = None,
    scenario: Scenario = None,
    date: ClosingDate = None,
    stage: ClosingStage = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the results; out/STUDY-SCENARIO-PRACTICES-report by default."
        ),
    ] = None,
    references: Annotated[
        Path | None,
        typer.Option(help="Folder with tables of known figures; the study's own by default."),
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf/--no-pdf", help="Also print the report as PDF, by a browser.")
    ] = True,
    all_counts: AllCounts = False,
    english: English = False,
) -> None:
    """Write the committee's pack: report, PDF, figures, tables and map, all with the same numbers."""
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415  slow to import
    from gpcoverage.analysis.closure import compare  # noqa: PLC0415
    from gpcoverage.analysis.rerun import prepare_rerun  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415
    from gpcoverage.outputs.report import write_report  # noqa: PLC0415

    before = load_study(study)
    after = change(before, study, scenario, close, date, stage)
    choice, comparison = compute_choice(before), None
    if after is not before:
        comparison = compare(prepare_rerun(choice), after)
        choice = comparison.check_after()
    folder = out or Path("out") / f"{name_folder(study, scenario, close)}-report"
    folder_of_known = references or study.parent
    known = _known(folder_of_known, before)
    disclosure = Disclosure(off=all_counts)
    with speaking("en" if english else "da"):
        written = write_report(
            choice, folder, comparison, known, disclosure=disclosure, with_pdf=pdf
        )
    print_tally(before)
    print_written(written)
    if pdf and "report.pdf" not in written:
        print_line(
            "No PDF: no Chromium, Chrome or Edge was found. Open report.html and print it there."
        )
    if known is None:
        print_line(f"No appendix of known figures: {folder_of_known} does not hold their tables.")


def _known(folder: Path, study: "Study") -> "KnownFigures | None":
    """Read the known figures where there are some."""
    from gpcoverage.inputs.layer import is_file  # noqa: PLC0415  slow to import
    from gpcoverage.inputs.reference_facts import COUNTS, DISTANCES, read_known  # noqa: PLC0415

    if not all(is_file(folder / name) for name in (COUNTS, DISTANCES)):
        return None
    return read_known(folder, study.municipalities, EXTRACT if is_file(EXTRACT) else None)


def validate(
    study: StudyFile = DEFAULT_COUNTRY,
    references: Annotated[
        Path,
        typer.Option(help="Folder with reference_counts.csv, reference_distances.csv, towns."),
    ] = DATA,
    extract: Annotated[
        Path | None,
        typer.Option(help=f"OpenStreetMap extract of Bornholm; {EXTRACT} if it is there."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for validation.csv; by default only printed.")
    ] = None,
    all_counts: AllCounts = False,
    english: English = False,
) -> None:
    """Hold known figures against the answer: expected, ours, difference, why.

    It is a report: the exit status is 0 whether or not the figures agree.
    """
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415  slow to import
    from gpcoverage.analysis.validation import compute_validation  # noqa: PLC0415
    from gpcoverage.inputs.layer import is_file  # noqa: PLC0415
    from gpcoverage.inputs.reference_facts import read_known  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import OFF, Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415
    from gpcoverage.outputs.validation import (  # noqa: PLC0415
        answer,
        tell_validation,
        validation_table,
        write_validation,
    )

    loaded = load_study(study)
    known = read_known(
        references, loaded.municipalities, extract or (EXTRACT if is_file(EXTRACT) else None)
    )
    choice = compute_choice(loaded)
    figures = compute_validation(choice, known)
    told = tell_validation(figures, loaded.practices, disclosure=OFF)
    print_tally(loaded)
    with speaking("en" if english else "da"):
        _print_with_notes(*validation_table(told))
        print_line(answer(told))
        if out is not None:
            disclosure = Disclosure(off=all_counts)
            print_written(write_validation(figures, choice, known, out, disclosure=disclosure))


def _print_with_notes(head: list[str], body: pd.DataFrame) -> None:
    """Print a table whose second last column is long: each text once, below, by number."""
    notes = list(dict.fromkeys(body[head[-2]]))
    table = Table(box=SIMPLE_HEAD)
    for heading in head[:-1]:
        table.add_column(heading, overflow="fold")
    for row in body.itertuples(index=False):
        table.add_row(*map(str, row[:-2]), str(notes.index(row[-2]) + 1))
    Console(markup=False, width=max(Console().width, LEAST_WIDTH)).print(table)
    for number, note in enumerate(notes, start=1):
        print_line(f"{number}  {note}")
