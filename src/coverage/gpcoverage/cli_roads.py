"""The commands around roads: distances pair by pair, and networks built once."""

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from gpcoverage.cli_options import (
    BORDERS,
    DATA,
    LIST,
    Boundaries,
    MunicipalityList,
    day_of,
    print_line,
    print_rows,
    read_known,
)
from gpcoverage.units import METRES_PER_KM

if TYPE_CHECKING:
    from gpcoverage.network.roads import RoadNetwork

network_app = typer.Typer(help="Build road networks and look at them.", no_args_is_help=True)


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
    municipalities: MunicipalityList = LIST,
    boundaries: Boundaries = BORDERS,
    rules: Annotated[Path, typer.Option(help="Choice rules.")] = DATA / "rules.toml",
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

    known = read_known(municipalities, boundaries)
    rule = read_rules(rules, day_of(date))
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
        print_rows(record)
    for reason, rows in pairs[pairs["reason"] != ""].groupby("reason"):
        print_line(f"{len(rows):,} rows without a distance: {reason}.")
    print_line(f"Written: {out} ({len(pairs):,} rows)")


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
    _print_network(network)
    print_line(f"Written: {out}")


@network_app.command()
def info(file: Annotated[Path, typer.Argument(help="A network that was built (.npz).")]) -> None:
    """Tell what is in a built network, and whether it still fits its source."""
    from gpcoverage.network.osm import load_built  # noqa: PLC0415

    network = load_built(file)
    _print_network(network)
    beside = (file.parent / network.source).is_file()
    state = "has not changed since" if beside else "does not lie beside it, so it was not checked"
    print_line(f"{network.source} {state}.")


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


def _print_network(network: "RoadNetwork") -> None:
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
    Console(markup=False).print(table)
    built_from = f"Built from {network.source}, sha256 {network.source_sha256}"
    for line in (*network.notes, built_from, f"Options: {', '.join(network.options)}"):
        print_line(line)
