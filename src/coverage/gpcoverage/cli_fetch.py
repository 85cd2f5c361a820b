"""The commands that fetch official data into one store."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import pandas as pd
import typer

from gpcoverage.cli_options import (
    BORDERS,
    DATA,
    LIST,
    STORE,
    Day,
    Folder,
    day_of,
    print_line,
    print_rows,
    print_written,
)
from gpcoverage.files import slug

if TYPE_CHECKING:
    import geopandas as gpd

    from gpcoverage.sources.provenance import Provenance
    from gpcoverage.sources.store import Store

KEY: Final = "DATAFORDELER_KEY"
SHOWN: Final = 5
"""So many rows are named on the terminal; all stand in the file."""

Offline = Annotated[
    bool, typer.Option("--offline", help="Use what is there; never touch the network.")
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Fetch anew, even if it is there.")]
ListOf = Annotated[Path, typer.Option("--municipalities", help="List of municipalities.")]


fetch_app = typer.Typer(
    help="Fetch official data into one store, check it, and record where it came from.",
    no_args_is_help=True,
)


class Provider(StrEnum):
    """Where boundaries come from."""

    GISCO = "gisco"
    DAGI = "dagi"
    OSM = "osm"
    GEOBOUNDARIES = "geoboundaries"


def _open(folder: Path, *, offline: bool, refresh: bool) -> "Store":
    from gpcoverage.sources.store import Store  # noqa: PLC0415

    return Store(folder, offline=offline, refresh=refresh, tell=_tell)


def _tell(path: Path, record: "Provenance | None") -> None:
    """Say which file is used, and whose it is."""
    if record is None:
        print_line(f"{path}: put there by hand, without a record")
        return
    rows = "" if record.rows is None else f", {record.rows:,} rows"
    print_line(f"{path}: {record.bytes:,} bytes{rows}, fetched {record.date[:10]}")
    print_line(f"  {record.source}; licence: {record.licence}")


def _listed(path: Path) -> pd.DataFrame:
    from gpcoverage.inputs.municipalities import read_municipality_list  # noqa: PLC0415

    return read_municipality_list(path)


def _official(store: Path, given: Path) -> pd.DataFrame:
    """Read the list of municipalities: the store's, with official people, if it is there."""
    from gpcoverage.sources.people import MUNICIPALITIES  # noqa: PLC0415

    fetched = store / MUNICIPALITIES
    return _listed(fetched if fetched.is_file() else given)


def _areas(store: Path, listed: pd.DataFrame) -> "gpd.GeoDataFrame":
    """Read the boundaries: the store's if they are there, else, and then it is told, the example's."""
    from gpcoverage.inputs.municipalities import read_municipalities  # noqa: PLC0415
    from gpcoverage.sources.boundaries import BOUNDARIES  # noqa: PLC0415

    fetched = store / BOUNDARIES
    if fetched.is_file():
        return read_municipalities(fetched, listed).frame
    print_line(
        f"{BORDERS}: the example's boundaries, drawn from 1 km cells; fetch the official ones first "
        "with gpcoverage fetch boundaries"
    )
    return read_municipalities(BORDERS, listed).frame


@fetch_app.command()
def boundaries(
    provider: Annotated[Provider, typer.Option("--from", help="Where from.")] = Provider.GISCO,
    store: Folder = STORE,
    offline: Offline = False,
    refresh: Refresh = False,
    municipalities: ListOf = LIST,
    date: Day = None,
) -> None:
    """Fetch municipality boundaries. DAGI needs a key in DATAFORDELER_KEY."""
    from gpcoverage.sources.boundaries import BOUNDARIES, fetch_boundaries  # noqa: PLC0415

    opened = _open(store, offline=offline, refresh=refresh)
    listed, key = _listed(municipalities), os.environ.get(KEY)
    layer = fetch_boundaries(opened, provider.value, listed, day=day_of(date), key=key)
    print_rows(layer.record)
    print_line(f"Written: {store / BOUNDARIES} ({len(layer.frame)} municipalities)")


@fetch_app.command()
def roads(
    region: Annotated[
        str | None, typer.Option(help="Only this region, through osmnx, instead of all Denmark.")
    ] = None,
    area: Annotated[
        Path | None, typer.Option(help="Only the area in this polygon file, through osmnx.")
    ] = None,
    store: Folder = STORE,
    offline: Offline = False,
    refresh: Refresh = False,
    municipalities: ListOf = LIST,
    date: Day = None,
) -> None:
    """Fetch roads from OpenStreetMap: Geofabrik's extract of Denmark, or an area."""
    from gpcoverage.inputs.divisions import read_divisions  # noqa: PLC0415
    from gpcoverage.sources.endpoints import GEOFABRIK_DENMARK  # noqa: PLC0415
    from gpcoverage.sources.roads import area_in, fetch_area_roads, region_area  # noqa: PLC0415

    if region is not None and area is not None:
        msg = "give a region or an area, not both"
        raise typer.BadParameter(msg, param_hint="--region / --area")
    opened = _open(store, offline=offline, refresh=refresh)
    if region is None and area is None:
        opened.get(GEOFABRIK_DENMARK)
        return
    if area is not None:
        name, wanted = slug(area.stem), area_in(area)
    else:
        name = slug(str(region))
        groups = read_divisions(DATA / "divisions.csv", day_of(date))
        listed = _listed(municipalities)
        listed["region"] = listed["code"].map(groups["region"])
        wanted = region_area(_areas(store, listed), str(region))
    path = fetch_area_roads(opened, name, wanted)
    print_line(f"Written: {path}; see gpcoverage network info {path}")


@fetch_app.command()
def practices(
    export: Annotated[
        Path | None, typer.Option(help="The region's own table, .xlsx or .csv, to join to SOR.")
    ] = None,
    store: Folder = STORE,
    offline: Offline = False,
    refresh: Refresh = False,
    date: Day = None,
) -> None:
    """Fetch SOR's general practices, and join the region's own table to them."""
    from gpcoverage.sources.register import PRACTICES, fetch_practices, unmatched  # noqa: PLC0415

    day = day_of(date)
    made = fetch_practices(_open(store, offline=offline, refresh=refresh), day, export)
    print_rows(made.sor.record)
    closing = made.sor.frame[made.sor.frame["closing_date"] != ""]
    for row in closing.to_dict("records"):
        print_line(
            f"  closes {row['closing_date']}: {row['name']}, {row['postcode']} {row['town']}"
        )
    if made.joined is None:
        print_line(
            "SOR does not say who takes new patients: get the region's own table, and join it with "
            "--export FILE."
        )
    else:
        rest = unmatched(made.joined)
        print_line(f"{PRACTICES}: {len(made.joined.table):,} practices joined")
        for side, rows in rest.groupby("side"):
            print_line(f"  {len(rows):,} rows of {side} are in no pair:")
            for row in rows.head(SHOWN).to_dict("records"):
                print_line(f"    row {row['row']}, {row['name']}: {row['reason']}")
    print_written(made.files)


@fetch_app.command()
def population(
    delivery: Annotated[
        Path | None,
        typer.Option(help="A delivery of kvadratnet cells (.csv, .xlsx) instead of the census."),
    ] = None,
    assume: Annotated[
        float | None,
        typer.Option(min=0.0, help="People in a delivered cell whose number is withheld."),
    ] = None,
    store: Folder = STORE,
    offline: Offline = False,
    refresh: Refresh = False,
    municipalities: ListOf = LIST,
) -> None:
    """Fetch people: official totals, and the census in 1 km cells scaled to them."""
    from gpcoverage.sources.people import (  # noqa: PLC0415
        DELIVERED,
        HOMES,
        MUNICIPALITIES,
        fetch_census_homes,
        fetch_totals,
        keep_delivery,
    )

    opened = _open(store, offline=offline, refresh=refresh)
    totals = fetch_totals(opened, _listed(municipalities))
    people = totals.listed["population"].sum()
    print_line(f"{MUNICIPALITIES}: {people:,} people in {len(totals.listed)} ({totals.period})")
    country = totals.per_doctor[totals.per_doctor["level"] == "country"].tail(1)
    for row in country.to_dict("records"):
        print_line(f"  LABY27: {row['value']:,.0f} people per doctor's capacity ({row['period']})")
    if delivery is not None:
        layer = keep_delivery(opened, delivery, assumed_people=assume)
        print_rows(layer.record)
        print_line(f"Written: {store / DELIVERED} ({layer.frame['population'].sum():,.0f} people)")
        return
    census = fetch_census_homes(opened, _areas(store, totals.listed))
    for reason, cells in census.left_out.groupby("reason"):
        print_line(f"  {len(cells):,} cells with {cells['population'].sum():,.0f} people: {reason}")
    low, high = census.factors["factor"].min(), census.factors["factor"].max()
    print_line(f"  scaled to {totals.period} by municipality, by {low:.3f} to {high:.3f}")
    if census.people_not_placed:
        print_line(f"  {census.people_not_placed:,.0f} people live where the census has nobody")
    print_line(f"Written: {store / HOMES} ({census.frame['population'].sum():,.0f} people)")


@fetch_app.command()
def addresses(
    extract: Annotated[
        Path | None, typer.Option(help="OpenStreetMap extract; the fetched one by default.")
    ] = None,
    store: Folder = STORE,
    offline: Offline = False,
    refresh: Refresh = False,
    municipalities: ListOf = LIST,
) -> None:
    """Make homes of OpenStreetMap's addresses, weighted to the official totals."""
    from gpcoverage.sources.endpoints import GEOFABRIK_DENMARK  # noqa: PLC0415
    from gpcoverage.sources.people import ADDRESSES, keep_addresses  # noqa: PLC0415

    opened = _open(store, offline=offline, refresh=refresh)
    listed = _official(store, municipalities)
    source = extract or opened.get(GEOFABRIK_DENMARK)
    layer = keep_addresses(opened, source, _areas(store, listed))
    print_rows(layer.record)
    print_line(f"  too few addresses for {layer.record.people_not_placed:,.0f} people")
    print_line(f"Written: {store / ADDRESSES} ({layer.frame['population'].sum():,.0f} people)")
