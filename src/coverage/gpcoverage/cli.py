"""The command line: one command per workflow.

Exit status: 0 done, 1 the inputs are at fault (one message, no traceback), 2 wrong usage.
"""

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from gpcoverage.cli_data import data, fetch_app, init
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
    print_tally,
)
from gpcoverage.cli_plan import areas, plan, site
from gpcoverage.cli_report import report, validate
from gpcoverage.errors import GpCoverageError, SchemaError
from gpcoverage.units import METRES_PER_KM

if TYPE_CHECKING:
    import geopandas as gpd

    from gpcoverage.analysis.choice import Choice
    from gpcoverage.analysis.closure import Comparison
    from gpcoverage.analysis.ledger import Ledger
    from gpcoverage.inputs.layer import InputRecord
    from gpcoverage.network.roads import RoadNetwork

app = typer.Typer(
    help="Who can choose between two open general practices, and what changes when one closes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

MunicipalityList = Annotated[Path, typer.Option(help="List of municipalities.")]
Boundaries = Annotated[Path, typer.Option(help="Municipality boundaries.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the results; out/STUDY by default.")]


network_app = typer.Typer(help="Build road networks and look at them.", no_args_is_help=True)
app.add_typer(network_app, name="network")
app.add_typer(fetch_app, name="fetch")
app.command()(init)
app.command()(data)
app.command()(areas)
app.command()(site)
app.command()(plan)
app.command()(report)
app.command()(validate)


def main() -> None:
    """Run the command line; tell an analyst's mistake in one message."""
    try:
        app()
    except GpCoverageError as error:
        sys.stderr.write(f"gpcoverage: {error}\n")
        sys.exit(1)


@app.command()
def choice(
    study: StudyFile = DEFAULT_STUDY,
    out: Out = None,
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
    from gpcoverage.inputs.study import load_study  # noqa: PLC0415
    from gpcoverage.network import load_network  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415
    from gpcoverage.outputs.results import write_choice  # noqa: PLC0415

    console = Console(markup=False)
    loaded = load_study(study)
    network = load_network(loaded.roads)
    result = compute_choice(loaded, network)
    if ferry_policies:
        result = add_ferry_policies(result, network)
    folder = out or Path("out") / study.stem
    with speaking("en" if english else "da"):
        written = write_choice(result, folder, disclosure=Disclosure(off=all_counts), tiles=tiles)
    _print_choice(console, result)
    print_tally(loaded)
    for path in written.values():
        if path.suffix != ".html":
            console.print(f"Written: {path}", highlight=False, soft_wrap=True)
    console.print(f"Map: {written['map.html']}", highlight=False, soft_wrap=True)


@app.command()
def close(
    practices: Annotated[
        list[str] | None, typer.Argument(help="Practices that close: id, name or town.")
    ] = None,
    scenario: Scenario = None,
    study: Annotated[Path, typer.Option(help="Study file (.toml).")] = DEFAULT_STUDY,
    date: ClosingDate = None,
    stage: ClosingStage = None,
    out: Out = None,
    all_counts: AllCounts = False,
    tiles: Tiles = False,
    english: English = False,
) -> None:
    """Compare who can choose before and after practices close."""
    from gpcoverage.analysis.choice import compute_choice  # noqa: PLC0415
    from gpcoverage.analysis.closure import compare  # noqa: PLC0415
    from gpcoverage.analysis.rerun import prepare_rerun  # noqa: PLC0415
    from gpcoverage.inputs.study import load_study  # noqa: PLC0415
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
    names = "-".join(map(_slug, [scenario or "", *(practices or [])])).strip("-")
    folder = out or Path("out") / f"{study.stem}-{names}"
    later = comparison.check_after()
    disclosure = Disclosure(off=all_counts)
    with speaking("en" if english else "da"):
        written = write_closure(comparison, later, folder, disclosure=disclosure, tiles=tiles)
        _print_comparison(Console(markup=False), comparison, later)
    print_tally(before)
    for path in written.values():
        Console(markup=False).print(f"Written: {path}", highlight=False, soft_wrap=True)


def _slug(text: str) -> str:
    """Make a name fit for a folder."""
    return "".join(c if c.isalnum() else "-" for c in Path(text).stem.casefold()).strip("-")


def _print_comparison(console: Console, comparison: "Comparison", later: "Choice") -> None:
    """Print who loses what, and how far it is then: all of it, for the analyst."""
    from gpcoverage.outputs import closure_texts  # noqa: PLC0415  slow to import
    from gpcoverage.outputs.disclosure import OFF  # noqa: PLC0415
    from gpcoverage.outputs.told_closure import tell_closure  # noqa: PLC0415

    console.print(closure_texts.title(comparison), highlight=False)
    table = Table()
    for heading in ("People who go from … to …", "People", "of it uncertain"):
        table.add_column(heading, justify="left" if heading.startswith("People who") else "right")
    for move in closure_texts.MOVE_LABELS:
        people = comparison.people(move)
        if people:
            unsure = comparison.people(move, certain=False)
            table.add_row(move.replace("_", " "), f"{people:,.0f}", f"{unsure:,.0f}")
    console.print(table if table.rows else "Nobody gets fewer or more to choose from.")
    for which, row in comparison.extra.iterrows():
        if row["people"] or row["lost"]:
            console.print(
                f"{which}: {row['people']:,.0f} people drive farther (median "
                f"{row['median_m'] / METRES_PER_KM:.1f} km, p90 {row['p90_m'] / METRES_PER_KM:.1f}, "
                f"at most {row['max_m'] / METRES_PER_KM:.1f}); {row['lost']:,.0f} have none left.",
                highlight=False,
            )
    told = tell_closure(comparison, later, disclosure=OFF)
    console.print(closure_texts.answer(told), highlight=False)


@app.command()
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
    from gpcoverage.inputs.study import load_study  # noqa: PLC0415
    from gpcoverage.outputs.disclosure import Disclosure  # noqa: PLC0415
    from gpcoverage.outputs.language import speaking  # noqa: PLC0415
    from gpcoverage.outputs.ledger import write_ledger  # noqa: PLC0415

    console = Console(markup=False)
    result = compute_ledger(compute_choice(load_study(study)), retirement_age=retirement_age)
    pairs = critical_pairs(result.choice)
    folder = out or Path("out") / f"{study.stem}-ledger"
    disclosure = Disclosure(off=all_counts)
    with speaking("en" if english else "da"):
        written = write_ledger(result, pairs, folder, disclosure=disclosure, tiles=tiles)
    _print_ledger(console, result, pairs)
    print_tally(result.choice.study)
    for path in written.values():
        console.print(f"Written: {path}", highlight=False, soft_wrap=True)


def _print_ledger(console: Console, result: "Ledger", pairs: pd.DataFrame) -> None:
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
    console.print(table)
    console.print(
        "People left with so many practices to choose from, and how much farther it is to the next "
        f"one (median and p90). The year is that in which the last doctor is {age}.",
        highlight=False,
    )
    critical = result.practices[result.practices["affected"] > 0]
    modelled = " The practices are partly modelled." if study.partly_modelled else ""
    console.print(
        f"{len(critical):,} of {result.practices['counts'].sum():,} practices that count take a "
        f"choice from somebody if they close; {len(pairs):,} pairs do so only together.{modelled}",
        highlight=False,
    )


def _print_choice(console: Console, result: "Choice") -> None:
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
    console.print(table)
    modelled = " The practices are partly modelled." if study.partly_modelled else ""
    console.print(
        f"Rule: {study.rules.name}, from {study.rules.valid_from}. Network: {network.kind}, "
        f"{network.source}, error ±{network.error_share:.0%}, ferries {study.roads.ferries}d.{modelled}",
        highlight=False,
    )
    for record in study.inputs:
        _print_left_out(console, record)
        if record.people_not_placed:
            missing = f"{record.people_not_placed:,.0f}"
            console.print(
                f"{record.file}: too few addresses for {missing} people of the area.",
                highlight=False,
            )
    off_road = result.practices_off_road()
    for reason, ids in off_road.groupby(off_road):
        named = ", ".join(map(str, ids.index[:5]))
        console.print(
            f"{len(ids):,} practices of the area count for nobody: {reason}: {named}",
            highlight=False,
        )
    beyond = len(result.practices_off_road(beyond=True))
    if beyond:
        text = f"{beyond:,} practices beyond the area are not on the network and count for nobody."
        console.print(text, highlight=False)
    unreachable = result.homes[result.homes["reason"] != ""]
    for reason, group in unreachable.groupby("reason"):
        people = group["population"].sum()
        console.print(f"{len(group):,} homes with {people:,.0f} people: {reason}.", highlight=False)


def _print_left_out(console: Console, record: "InputRecord") -> None:
    for item in record.left_out:
        text = f"{record.file}: {len(item.rows):,} rows left out: {item.reason}."
        console.print(text, highlight=False)


def _municipalities(listed: Path, boundaries: Path) -> "gpd.GeoDataFrame":
    from gpcoverage.inputs.municipalities import (  # noqa: PLC0415
        read_municipalities,
        read_municipality_list,
    )

    return read_municipalities(boundaries, read_municipality_list(listed)).frame


@app.command()
def distances(
    roads: Annotated[
        Path, typer.Option(help="OpenStreetMap extract (.osm.pbf) or built network (.npz).")
    ],
    practices: Annotated[Path, typer.Option(help="Table of practices.")],
    homes: Annotated[Path, typer.Option(help="Table of homes, or .osm.pbf for its addresses.")],
    out: Annotated[Path, typer.Option(help="The .csv to write.")],
    k: Annotated[int, typer.Option(min=1, help="How many nearest practices per home.")] = 2,
    all_within: Annotated[
        float | None, typer.Option(min=0.0, help="Instead: every practice within so many km.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Add the fastest way and the straight line.")
    ] = False,
    ferries: Annotated[
        bool, typer.Option("--ferries", help="Count ferries as roads of their length.")
    ] = False,
    max_leg: Annotated[
        float, typer.Option(min=1.0, help="Longest straight leg to a road, metres.")
    ] = 2_000.0,
    municipalities: MunicipalityList = Path("data/municipalities.csv"),
    boundaries: Boundaries = Path("geo/municipalities.geojson"),
    rules: Annotated[Path, typer.Option(help="Choice rules.")] = Path("data/rules.toml"),
    date: Annotated[
        datetime.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of the rule; today by default."),
    ] = None,
) -> None:
    """Write the road distances from homes to practices, pair by pair."""
    from gpcoverage.analysis.pairs import PairOptions, compute_pairs  # noqa: PLC0415
    from gpcoverage.csvfile import write_csv  # noqa: PLC0415
    from gpcoverage.files import write_whole  # noqa: PLC0415
    from gpcoverage.inputs.homes import read_homes  # noqa: PLC0415
    from gpcoverage.inputs.practices import read_practices  # noqa: PLC0415
    from gpcoverage.inputs.rules import read_rules  # noqa: PLC0415
    from gpcoverage.inputs.study import RoadSource  # noqa: PLC0415
    from gpcoverage.network import load_network  # noqa: PLC0415
    from gpcoverage.outputs.tables import pairs_table  # noqa: PLC0415

    console = Console(markup=False)
    known = _municipalities(municipalities, boundaries)
    rule = read_rules(rules, (date or datetime.datetime.now().astimezone()).date())
    practice_layer = read_practices(practices, known)
    home_layer = read_homes(homes, known, tuple(known["code"]))
    network = load_network(RoadSource("osm", file=roads))
    network = network if ferries else network.without_ferries()
    limit_m = rule.limits_m(home_layer.frame["municipality_code"]).to_numpy()
    within_m = None if all_within is None else all_within * METRES_PER_KM
    options = PairOptions(k=k, within_m=within_m, compare=compare, max_leg_m=max_leg)
    land = known.geometry.to_numpy()
    pairs = compute_pairs(home_layer.frame, practice_layer.frame, network, limit_m, options, land)
    write_whole(out, lambda path: write_csv(pairs_table(pairs), path))
    for record in (home_layer.record, practice_layer.record):
        console.print(
            f"{record.file}: {record.rows_used:,} of {record.rows_in:,} rows used", highlight=False
        )
        _print_left_out(console, record)
    for reason, rows in pairs[pairs["reason"] != ""].groupby("reason"):
        console.print(f"{len(rows):,} rows without a distance: {reason}.", highlight=False)
    console.print(f"Written: {out} ({len(pairs):,} rows)", highlight=False, soft_wrap=True)


@network_app.command()
def build(
    source: Annotated[Path, typer.Argument(help="OpenStreetMap extract (.osm.pbf or .osm).")],
    out: Annotated[Path, typer.Option(help="The .npz to write.")],
    bounds: Annotated[
        str | None, typer.Option(help="min_lon,min_lat,max_lon,max_lat; the whole file by default.")
    ] = None,
) -> None:
    """Build a road network once and keep it in one file."""
    from gpcoverage.network.osm import from_pbf  # noqa: PLC0415

    network = from_pbf(source, _bounds(bounds))
    network.save(out)
    _print_network(Console(markup=False), network)
    Console(markup=False).print(f"Written: {out}", highlight=False, soft_wrap=True)


@network_app.command()
def info(file: Annotated[Path, typer.Argument(help="A network that was built (.npz).")]) -> None:
    """Tell what is in a built network, and whether it still fits its source."""
    from gpcoverage.network.osm import load_built  # noqa: PLC0415

    console, network = Console(markup=False), load_built(file)
    _print_network(console, network)
    beside = (file.parent / network.source).is_file()
    state = "has not changed since" if beside else "does not lie beside it, so it was not checked"
    console.print(f"{network.source} {state}.", highlight=False, soft_wrap=True)


def _bounds(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = 0.0
    if west >= east or south >= north:
        msg = f"'{text}' is not min_lon,min_lat,max_lon,max_lat in degrees"
        raise typer.BadParameter(msg, param_hint="--bounds")
    return west, south, east, north


def _print_network(console: Console, network: "RoadNetwork") -> None:
    """Print what a network holds, class by class."""
    table = Table(
        title=f"{network.source}: {network.node_count:,} nodes, {len(network.tail):,} edges"
    )
    for heading in ("Road class", "Edges", "km", "of it one-way, km"):
        table.add_column(heading, justify="left" if heading == "Road class" else "right")
    one_way = ~(network.forward & network.backward)
    for number, name in enumerate(network.class_names):
        chosen = network.road_class == number
        if chosen.any():
            km, single = (
                network.length_m[rows].sum() / METRES_PER_KM for rows in (chosen, chosen & one_way)
            )
            table.add_row(name, f"{chosen.sum():,}", f"{km:,.1f}", f"{single:,.1f}")
    console.print(table)
    built_from = f"Built from {network.source}, sha256 {network.source_sha256}"
    for line in (*network.notes, built_from, f"Options: {', '.join(network.options)}"):
        console.print(line, highlight=False, soft_wrap=True)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Studies, boundaries or tables.")],
    municipalities: MunicipalityList = Path("data/municipalities.csv"),
    boundaries: Boundaries = Path("geo/municipalities.geojson"),
) -> None:
    """Read files as a study would, and list every fault of each."""
    from gpcoverage.inputs.check import check_file  # noqa: PLC0415

    console = Console(markup=False)
    known = _municipalities(municipalities, boundaries)
    listed = pd.DataFrame(known.drop(columns="geometry"))
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
