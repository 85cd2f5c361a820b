"""The commands around the plan: shortage areas, where the next clinic should be, money and goals."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from gpcoverage.cli_options import (
    DATA,
    DEFAULT_STUDY,
    AllCounts,
    English,
    StudyFile,
    print_line,
    print_tally,
    print_written,
)
from gpcoverage.errors import SchemaError


def areas(
    study: StudyFile = DEFAULT_STUDY,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; out/STUDY-areas by default.")
    ] = None,
    all_counts: AllCounts = False,
    english: English = False,
) -> None:
    """Map shortage areas: those designated, those computed by the study's criterion, and where they differ."""
    from gpcoverage.analysis.areas import computed, designated  # noqa: PLC0415  slow to import
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415
    from gpcoverage.inputs.areas import read_areas  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415
    from gpcoverage.outputs import areas_texts  # noqa: PLC0415
    from gpcoverage.outputs.areas import write_areas  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415
    from gpcoverage.outputs.told_areas import tell_areas  # noqa: PLC0415

    loaded = load_study(study)
    source = loaded.areas
    if source is None:
        msg = f"{study}: states no criterion for shortage areas. Give it a table [areas], as in {DEFAULT_STUDY}."
        raise SchemaError(msg)
    own = read_areas(source.file, source.name).frame if source.file and source.name else None
    result = computed(compute_choice(loaded), source.criterion, own)
    designations = designated(loaded, areas=own)
    folder = out or Path("out") / f"{study.stem}-areas"
    told = tell_areas(result, designations, disclosure=Disclosure(off=True))
    with speaking("en" if english else "da"):
        written = write_areas(result, designations, folder, disclosure=Disclosure(off=all_counts))
        print_line(areas_texts.answer(told))
        _print_table(*areas_texts.table(told))
    print_tally(loaded)
    if len(result.outside):
        print_line(f"{len(result.outside):,} homes lie in none of the areas.")
    print_written(written)


class GoalOf(StrEnum):
    """What the clinics are for."""

    CHOICE = "choice"
    DISTANCE = "distance"
    EVERYONE = "everyone"


def site(
    study: StudyFile = DEFAULT_STUDY,
    clinics: Annotated[int, typer.Option(min=0, help="How many new clinics at most.")] = 10,
    goal: Annotated[
        GoalOf,
        typer.Option(
            help="choice: most people get two; distance: least km; everyone: as many as it takes."
        ),
    ] = GoalOf.CHOICE,
    doctors: Annotated[
        float | None, typer.Option(min=0.1, help="Capacities of each clinic; no limit by default.")
    ] = None,
    places: Annotated[
        list[Path] | None,
        typer.Option(help="Tables of places; the study's settlements by default."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; out/STUDY-site by default.")
    ] = None,
    all_counts: AllCounts = False,
    english: English = False,
) -> None:
    """Find the best towns for new clinics: existing practices stay, the answer is proven or its gap told."""
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415  slow to import
    from gpcoverage.analysis.siting import SitingOptions, compute_siting  # noqa: PLC0415
    from gpcoverage.inputs.places import read_places  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415
    from gpcoverage.outputs import siting_texts  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415
    from gpcoverage.outputs.siting import write_siting  # noqa: PLC0415
    from gpcoverage.outputs.told_siting import tell_siting  # noqa: PLC0415

    loaded = load_study(study)
    towns = loaded.places
    if places:
        towns = read_places(*places, municipalities=loaded.municipalities).frame
    if towns is None:
        msg = f"{study}: names no places for a clinic. Give it inputs.settlements, as in {DEFAULT_STUDY}, or --places."
        raise SchemaError(msg)
    options = SitingOptions(goal=goal.value, clinics=clinics, doctors=doctors)
    found = compute_siting(compute_choice(loaded), towns, options)
    folder = out or Path("out") / f"{study.stem}-site"
    told = tell_siting(found, disclosure=Disclosure(off=True))
    with speaking("en" if english else "da"):
        written = write_siting(found, folder, disclosure=Disclosure(off=all_counts))
        print_line(siting_texts.answer(told))
        _print_table(*siting_texts.clinics_table(told))
    proof = "proven best" if found.solution.is_proven else f"within {found.solution.gap:.1%}"
    used = int((found.candidates["reason"] == "").sum())
    print_line(f"Of {used:,} towns of the area; the answer is {proof}.")
    print_tally(loaded)
    print_written(written)


def plan(
    study: StudyFile = DEFAULT_STUDY,
    documents: Annotated[
        Path,
        typer.Option(help="Folder with grants.csv, goals.csv, instruments.csv, plan_profiles.csv."),
    ] = DATA,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; out/STUDY-plan by default.")
    ] = None,
    all_counts: AllCounts = False,
    english: English = False,
) -> None:
    """Hold the plan, its grants and its goals against who can choose."""
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415  slow to import
    from gpcoverage.analysis.plan import review_plan  # noqa: PLC0415
    from gpcoverage.inputs.documents import read_documents  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415
    from gpcoverage.outputs import plan_texts  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415
    from gpcoverage.outputs.plan import write_plan  # noqa: PLC0415
    from gpcoverage.outputs.told_plan import tell_plan  # noqa: PLC0415

    review = review_plan(compute_choice(load_study(study)), read_documents(documents))
    folder = out or Path("out") / f"{study.stem}-plan"
    told = tell_plan(review, disclosure=Disclosure(off=True))
    with speaking("en" if english else "da"):
        written = write_plan(review, folder, disclosure=Disclosure(off=all_counts))
        print_line(plan_texts.answer(told))
    print_tally(review.choice.study)
    print_written(written)


def _print_table(head: list[str], rows: pd.DataFrame) -> None:
    table = Table()
    for heading in head:
        table.add_column(heading)
    for row in rows.itertuples(index=False):
        table.add_row(*map(str, row))
    Console(markup=False).print(table)
