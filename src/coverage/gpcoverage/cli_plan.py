"""The commands around the plan's instruments: shortage areas, and where the next clinic should be."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from gpcoverage.errors import SchemaError

EXAMPLE: Final = Path("data/midtjylland.toml")
StudyFile = Annotated[Path, typer.Argument(help="Study file (.toml).", show_default=True)]
AllCounts = Annotated[
    bool,
    typer.Option(
        "--all-counts",
        help="Also write counts of fewer than 5 people and the lists of single doctors: for the region's own eyes only.",
    ),
]


def areas(
    study: StudyFile = EXAMPLE,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; out/STUDY-areas by default.")
    ] = None,
    all_counts: AllCounts = False,
) -> None:
    """Map shortage areas: those designated, those computed by the study's criterion, and where they differ."""
    from gpcoverage.analysis.areas import computed, designated  # noqa: PLC0415  slow to import
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415
    from gpcoverage.inputs.areas import read_areas  # noqa: PLC0415
    from gpcoverage.inputs.study import load_study  # noqa: PLC0415
    from gpcoverage.outputs import areas_texts  # noqa: PLC0415
    from gpcoverage.outputs.areas import write_areas  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.told_areas import tell_areas  # noqa: PLC0415

    loaded = load_study(study)
    source = loaded.areas
    if source is None:
        msg = f"{study}: states no criterion for shortage areas. Give it a table [areas], as in {EXAMPLE}."
        raise SchemaError(msg)
    own = read_areas(source.file, source.name).frame if source.file and source.name else None
    result = computed(compute_choice(loaded), source.criterion, own)
    designations = designated(loaded, areas=own)
    written = write_areas(
        result,
        designations,
        out or Path("out") / f"{study.stem}-areas",
        disclosure=Disclosure(off=all_counts),
    )
    told = tell_areas(result, designations, disclosure=Disclosure(off=True))
    console = Console(markup=False)
    console.print(areas_texts.answer(told), highlight=False)
    head, rows = areas_texts.table(told)
    table = Table()
    for heading in head:
        table.add_column(heading)
    for row in rows.itertuples(index=False):
        table.add_row(*map(str, row))
    console.print(table)
    if len(result.outside):
        console.print(f"{len(result.outside):,} homes lie in none of the areas.", highlight=False)
    for path in written.values():
        console.print(f"Written: {path}", highlight=False, soft_wrap=True)
