"""Build the example's derived tables from its base tables.

Population. Every municipality's people are divided between its main part and its islands without
a road, and in each between towns and countryside (see ``example/zones.py`` and
``example/population.py``). Practices. Stated practices stand as stated; the rest are modelled so
that doctors, list sizes, intake and ages add up to published figures (``example/places.py`` and
``example/practices.py``). Boundaries. The municipalities are drawn from their cells
(``example/boundaries.py``).

The same base tables give the same bytes. ``--readme`` only refreshes rows and checksums in the
README tables, which every run does at the end.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from example import boundaries, inventory
from example.files import Folders, read_cells, read_table, replace, write_table
from example.places import EXISTING, Landscape, practice_towns
from example.population import spread_people
from example.practices import make_practices
from example.settlements import clean_settlements
from example.zones import divide


def main() -> None:
    """Build everything, or refresh the README tables."""
    parser = argparse.ArgumentParser(description="Build the example's derived tables.")
    parser.add_argument("--readme", action="store_true", help="only refresh the README tables")
    only_readme = parser.parse_args().readme
    here = Path(__file__).resolve().parent
    folders = Folders(data=here, geo=here.parent / "geo")
    summary = "" if only_readme else build(folders)
    for folder in (folders.data, folders.geo):
        inventory.refresh(folder)
    sys.stdout.write(summary)


def build(folders: Folders) -> str:
    """Build cells, boundaries and practices.

    Parameters
    ----------
    folders
        Where the tables lie.

    Returns
    -------
    str
        One line on what was built.
    """
    municipalities = read_table(folders.data / "municipalities.csv").sort_values("code")
    municipalities["population_2024"] = municipalities["population_2024"].astype(np.int64)
    landscape = settle(folders, municipalities)
    stated = read_table(folders.data / "stated_practices.csv")
    stated = stated[stated["status"].isin(EXISTING)]
    towns = practice_towns(landscape, municipalities, stated)
    practices = make_practices(landscape, towns, stated)
    cells = landscape.cells.rename(columns={"people": "population"})
    write_table(folders.cells, cells)
    replace(folders.geo / "municipalities.geojson", boundaries.draw(cells, municipalities))
    write_table(folders.data / "practices.csv", practices)
    return (
        f"{cells['population'].sum()} people in {len(cells)} cells, {len(practices)} practices "
        f"with {practices['doctors'].sum()} doctors\n"
    )


def settle(folders: Folders, municipalities: pd.DataFrame) -> Landscape:
    """Spread the people over the cells.

    Parameters
    ----------
    folders
        Where the tables lie.
    municipalities
        ``code``, ``population_2024``.

    Returns
    -------
    Landscape
        Cells with people, zones and towns.
    """
    cells = read_cells(folders.cells)
    crossings = read_table(folders.geo / "crossings.csv")
    islands = read_table(folders.data / "islands.csv")
    zones, zone_of_cell = divide(cells, crossings, islands, municipalities)
    towns = clean_settlements(folders.data)
    people, built = spread_people(cells, zones, zone_of_cell, towns)
    return Landscape(cells.assign(people=people), zones, zone_of_cell, towns, built)


if __name__ == "__main__":
    main()
