"""The commands that answer the question: who can choose, what if one closes, and which matter most."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from gpcoverage.cli_options import (
    DEFAULT_STUDY,
    AllCounts,
    ClosingDate,
    ClosingStage,
    English,
    Scenario,
    StudyFile,
    Tiles,
    change,
    name_folder,
    print_line,
    print_rows,
    print_tally,
    print_written,
)
from gpcoverage.units import METRES_PER_KM

if TYPE_CHECKING:
    from gpcoverage.analysis.choice import Choice
    from gpcoverage.analysis.closure import Comparison
    from gpcoverage.analysis.ledger import Ledger


def choice(
    study: StudyFile = DEFAULT_STUDY,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; out/STUDY by default.")
    ] = None,
    ferry_policies: Annotated[
        bool,
        typer.Option(
            "--ferry-policies", help="Also judge by three policies for ferries and islands."
        ),
    ] = False,
    all_counts: AllCounts = False,
    tiles: Tiles = False,
    english: English = False,
) -> None:
    """Check who can choose between enough open practices within the limit."""
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415  slow to import
    from gpcoverage.analysis.ferries import add_ferry_policies  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415
    from gpcoverage.network import load_network  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415
    from gpcoverage.outputs.results import write_choice  # noqa: PLC0415

    loaded = load_study(study)
    network = load_network(loaded.roads)
    result = compute_choice(loaded, network)
    if ferry_policies:
        result = add_ferry_policies(result, network)
    folder = out or Path("out") / study.stem
    with speaking("en" if english else "da"):
        written = write_choice(result, folder, disclosure=Disclosure(off=all_counts), tiles=tiles)
    _print_choice(result)
    print_tally(loaded)
    for path in written.values():
        if path.suffix != ".html":
            print_line(f"Written: {path}")
    print_line(f"Map: {written['map.html']}")


def close(
    practices: Annotated[
        list[str] | None, typer.Argument(help="Practices that close: id, name or town.")
    ] = None,
    scenario: Scenario = None,
    study: Annotated[Path, typer.Option(help="Study file (.toml).")] = DEFAULT_STUDY,
    date: ClosingDate = None,
    stage: ClosingStage = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results; out/STUDY-SCENARIO-PRACTICES by default."),
    ] = None,
    all_counts: AllCounts = False,
    tiles: Tiles = False,
    english: English = False,
) -> None:
    """Compare who can choose before and after practices close."""
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415
    from gpcoverage.analysis.closure import compare  # noqa: PLC0415
    from gpcoverage.analysis.rerun import prepare_rerun  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415
    from gpcoverage.outputs.closure import write_closure  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415

    if not practices and scenario is None:
        msg = "name a practice, or a --scenario"
        raise typer.BadParameter(msg, param_hint="PRACTICES")
    before = load_study(study)
    after = change(before, study, scenario, practices, date, stage)
    baseline = prepare_rerun(compute_choice(before))
    comparison = compare(baseline, after)
    folder = out or Path("out") / name_folder(study, scenario, practices)
    later = comparison.check_after()
    disclosure = Disclosure(off=all_counts)
    with speaking("en" if english else "da"):
        written = write_closure(comparison, later, folder, disclosure=disclosure, tiles=tiles)
        _print_comparison(comparison, later)
    print_tally(before)
    print_written(written)


def _print_comparison(comparison: "Comparison", later: "Choice") -> None:
    """Print who loses what, and how far it is then: all of it, for the analyst."""
    from gpcoverage.outputs import closure_texts  # noqa: PLC0415  slow to import
    from gpcoverage.outputs.disclosure import OFF  # noqa: PLC0415
    from gpcoverage.outputs.told_closure import tell_closure  # noqa: PLC0415

    print_line(closure_texts.title(comparison))
    table = Table()
    for heading in ("People who go from … to …", "People", "of it uncertain"):
        table.add_column(heading, justify="left" if heading.startswith("People who") else "right")
    for move in closure_texts.MOVE_LABELS:
        people = comparison.people(move)
        if people:
            unsure = comparison.people(move, certain=False)
            table.add_row(move.replace("_", " "), f"{people:,.0f}", f"{unsure:,.0f}")
    Console(markup=False).print(
        table if table.rows else "Nobody gets fewer or more to choose from."
    )
    for which, row in comparison.extra.iterrows():
        if row["people"] or row["lost"]:
            how_far = (
                f" (median {row['median_m'] / METRES_PER_KM:.1f} km, "
                f"p90 {row['p90_m'] / METRES_PER_KM:.1f}, at most {row['max_m'] / METRES_PER_KM:.1f})"
            )
            print_line(
                f"{which}: {row['people']:,.0f} people drive farther"
                f"{how_far if row['people'] else ''}; {row['lost']:,.0f} have none left."
            )
    told = tell_closure(comparison, later, disclosure=OFF)
    print_line(closure_texts.answer(told))


def ledger(
    study: StudyFile = DEFAULT_STUDY,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; out/STUDY-ledger by default.")
    ] = None,
    retirement_age: Annotated[
        int, typer.Option(min=50, max=90, help="Age at which doctors are taken to stop.")
    ] = 67,
    all_counts: AllCounts = False,
    tiles: Tiles = False,
    english: English = False,
) -> None:
    """Close every practice in turn, and every two neighbours together; rank them."""
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415
    from gpcoverage.analysis.ledger import compute_ledger, critical_pairs  # noqa: PLC0415
    from gpcoverage.inputs.study_file import load_study  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415
    from gpcoverage.outputs.ledger import write_ledger  # noqa: PLC0415

    result = compute_ledger(compute_choice(load_study(study)), retirement_age=retirement_age)
    pairs = critical_pairs(result.choice)
    folder = out or Path("out") / f"{study.stem}-ledger"
    disclosure = Disclosure(off=all_counts)
    with speaking("en" if english else "da"):
        written = write_ledger(result, pairs, folder, disclosure=disclosure, tiles=tiles)
    _print_ledger(result, pairs)
    print_tally(result.choice.study)
    print_written(written)


def _print_ledger(result: "Ledger", pairs: pd.DataFrame) -> None:
    """Print the practices whose closure is felt most."""
    study = result.choice.study
    names = study.municipalities.set_index("code")["name"]
    table = Table(title=f"{study.name}, {study.date}: if one practice closes")
    enough = study.rules.min_choices
    few = "1 left" if enough <= 2 else f"1 to {enough - 1} left"  # noqa: PLR2004
    age = result.retirement_age
    for heading in ("", "Practice", few, "0 left", "Farther, km", "p90", f"Age {age}"):
        table.add_column(heading, justify="left" if heading == "Practice" else "right")
    for row in result.practices.head(10).to_dict("records"):
        km = [row[f"extra_nearest_{share}_m"] / METRES_PER_KM for share in ("median", "p90")]
        numbers = [f"{row[name]:,.0f}" for name in ("loses_choice", "loses_last")]
        farther = ["-" if pd.isna(value) else f"{value:,.1f}" for value in km]
        year = "unknown" if pd.isna(row["retire_last"]) else f"{row['retire_last']:.0f}"
        name = f"{row['name']}, {names.get(row['municipality_code'], 'unknown')}"
        table.add_row(f"{row['rank']}", name, *numbers, *farther, year)
    Console(markup=False).print(table)
    print_line(
        "People left with so many practices to choose from, and how much farther it is to the next "
        f"one (median and p90). The year is that in which the last doctor is {age}."
    )
    critical = result.practices[result.practices["affected"] > 0]
    modelled = " The practices are partly modelled." if study.partly_modelled else ""
    print_line(
        f"{len(critical):,} of {result.practices['counts'].sum():,} practices that count take a "
        f"choice from somebody if they close; {len(pairs):,} pairs do so only together.{modelled}"
    )


def _print_choice(result: "Choice") -> None:
    """Print what a committee would ask first, municipality by municipality."""
    study, network = result.study, result.network
    enough = study.rules.min_choices
    kind = "practices" if study.rules.closed_counts else "open practices"
    few = "One" if enough <= 2 else f"1 to {enough - 1}"  # noqa: PLR2004
    table = Table(title=f"{study.name}, {study.date}: people by {kind} within the limit")
    for heading in ("Municipality", "People", f"{enough} or more", few, "None", "Uncertain"):
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
    Console(markup=False).print(table)
    modelled = " The practices are partly modelled." if study.partly_modelled else ""
    print_line(
        f"Rule: {study.rules.name}, from {study.rules.valid_from}. Network: {network.kind}, "
        f"{network.source}, error ±{network.error_share:.0%}, ferries {study.roads.ferries}d.{modelled}"
    )
    for record in study.inputs:
        if record.left_out:
            print_rows(record)
        if record.people_not_placed:
            missing = f"{record.people_not_placed:,.0f}"
            print_line(f"{record.file}: too few addresses for {missing} people of the area.")
    off_road = result.practices_off_road()
    for reason, ids in off_road.groupby(off_road):
        named = ", ".join(map(str, ids.index[:5]))
        print_line(f"{len(ids):,} practices of the area count for nobody: {reason}: {named}")
    beyond = len(result.practices_off_road(beyond=True))
    if beyond:
        text = f"{beyond:,} practices beyond the area are not on the network and count for nobody."
        print_line(text)
    unreachable = result.homes[result.homes["reason"] != ""]
    for reason, group in unreachable.groupby("reason"):
        people = group["population"].sum()
        print_line(f"{len(group):,} homes with {people:,.0f} people: {reason}.")
