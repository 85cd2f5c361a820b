"""The commands around a study's data: check files, make a study of what was fetched, look at it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import pandas as pd
import typer

from gpcoverage.cli_options import (
    BORDERS,
    DATA,
    LIST,
    STORE,
    Boundaries,
    Day,
    English,
    Folder,
    MunicipalityList,
    day_of,
    print_line,
    print_tally,
    print_written,
    read_known,
)
from gpcoverage.errors import GpCoverageError, SchemaError
from gpcoverage.files import slug

if TYPE_CHECKING:
    from gpcoverage.analysis.arrival import DataReview

REFERENCES: Final = DATA / "reference_counts.csv"


def check(
    files: Annotated[
        list[Path], typer.Argument(help="Studies, rules, scenarios, boundaries or tables.")
    ],
    municipalities: MunicipalityList = LIST,
    boundaries: Boundaries = BORDERS,
) -> None:
    """Read files as a study would, and list every fault of each."""
    from gpcoverage.inputs.check import check_file  # noqa: PLC0415

    known = read_known(municipalities, boundaries)
    listed = pd.DataFrame(known.drop(columns="geometry"))
    faults = []
    for path in files:
        try:
            found = check_file(path, listed, known)
        except GpCoverageError as error:
            faults.append(str(error))
        else:
            print_line(
                f"{path}: {found.kind}, {found.rows_used:,} of {found.rows_in:,} rows can be used"
            )
    if faults:
        raise SchemaError("\n".join(faults))


def init(
    region: Annotated[str, typer.Option(help="Region, or Danmark.")],
    store: Folder = STORE,
    out: Annotated[
        Path | None,
        typer.Option(help="Study file to write; STORE/official-REGION.toml by default."),
    ] = None,
    date: Day = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
) -> None:
    """Write a study file that points at what was fetched, and say what is missing."""
    from gpcoverage.sources.starting import find_parts, write_study  # noqa: PLC0415

    parts = find_parts(store, Path(), region)
    path = out or store / f"official-{slug(region)}.toml"
    write_study(path, region, day_of(date), parts, Path(), replace=force)
    for part in parts:
        print_line(f"{part.key}: {part.file}")
        if part.missing:
            print_line(f"  missing: {part.missing}")
    print_line(f"Written: {path}")
    _review(path)
    print_line(f"See it on a map: gpcoverage data {path}. Then: gpcoverage choice {path}")


def data(
    study: Annotated[Path, typer.Argument(help="Study file (.toml).")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the report; out/STUDY-data by default.")
    ] = None,
    english: English = False,
) -> None:
    """Hold a study's data against each other and against published figures."""
    from gpcoverage.outputs.data_report import write_data_report  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415

    review = _review(study)
    with speaking("en" if english else "da"):
        written = write_data_report(review, out or Path("out") / f"{study.stem}-data")
    print_written(written)


def _review(path: Path) -> "DataReview":
    """Look at a study's data, and tell what looks wrong."""
    from gpcoverage.analysis.arrival import review_data, summary_lines  # noqa: PLC0415
    from gpcoverage.inputs.layer import is_file  # noqa: PLC0415
    from gpcoverage.inputs.references import read_references  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415

    study = load_study(path)
    # Outside the project's folder there are none, which the review then says.
    references = read_references(REFERENCES) if is_file(REFERENCES) else None
    review = review_data(study, references)
    for line in summary_lines(review):
        print_line(line)
    print_tally(study)
    return review
