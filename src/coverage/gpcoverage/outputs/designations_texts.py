"""Every sentence a committee reads about shortage areas that somebody designated."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from gpcoverage.analysis.areas import SHORTAGE_KINDS
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.numerals import stated_day
from gpcoverage.outputs.told_areas import ToldAreas

KIND_LABELS: Final = {
    "national": "landsdækkende",
    "regional": "regional",
    "special_focus": "særligt indsatsområde",
    "attention": "opmærksomhedsområde",
    "": "lægedækningstruet; slagsen ikke oplyst",
}
STANDING_LABELS: Final = {"in_force": "ja", "unknown": "ikke oplyst"}
NOT_STATED: Final = "ikke oplyst"
DESIGNATION_LABELS: Final = {
    "name": "Område",
    "kind": "Slags",
    "when": "Hvornår",
    "standing": "Gælder på dagen",
    "place": "Sted",
    "criterion": "Kriterium",
    "source": "Kilde",
}
DESIGNATED_TITLE: Final = "Udpegninger"
DESIGNATED_LAYER: Final = "Udpegede områder"
STANDINGS: Final = {
    "in_force": "Udpeget, gælder på dagen",
    "unknown": "Udpeget; kilden oplyser ikke, om det gælder på dagen",
}
OTHER_LAYER: Final = "Særlige indsatsområder og opmærksomhedsområder"
ONE_NOT_DRAWN: Final = (
    "1 udpegning er ikke tegnet, fordi kilden ikke oplyser, hvilke områder den gælder; den står i "
    "tabellen."
)
SEVERAL_NOT_DRAWN: Final = (
    "{n} udpegninger er ikke tegnet, fordi kilden ikke oplyser, hvilke områder de gælder; de står i "
    "tabellen."
)


def drawn_sources(told: ToldAreas) -> str:
    """Say whose designations are on the map, and how many are only in the table."""
    table = told.designations
    if table.empty:
        return say("Udpegede områder: ingen er kendt.")
    drawn = table[table["kind"].isin(SHORTAGE_KINDS) & table.geometry.notna()]
    listed = table[table["kind"].isin(SHORTAGE_KINDS) & table.geometry.isna()]
    named = sources(drawn) or say("ingen")
    text = say("Udpegede områder på kortet: {sources}.", sources=named)
    if listed.empty:
        return text
    if len(listed) == 1:
        return f"{text} {say(ONE_NOT_DRAWN)}"
    return f"{text} {say(SEVERAL_NOT_DRAWN, n=len(listed))}"


def sources(designations: pd.DataFrame) -> str:
    """Name the sources of designations, each with when it was stated."""
    by_source = designations.groupby("source", sort=True)
    return "; ".join(f"{source} ({_stated(group)})" for source, group in by_source)


def _stated(group: pd.DataFrame) -> str:
    days = sorted({*group["valid_from"], *group["stated"]} - {""})
    if not days:
        return say("uden dato")
    return say("oplyst {days}", days=", ".join(map(stated_day, days)))


def designation(told: ToldAreas, name: str) -> str:
    """Say of one designation its kind, when it holds, and who says so."""
    row = told.designations.loc[name]
    return f"{say(KIND_LABELS[row['kind']])} ({_when(row)}; {row['source']})"


def _when(row: Mapping[str, str]) -> str:
    """Say from when to when a designation holds, or when it was stated."""
    first, last = (stated_day(str(row[name])) for name in ("valid_from", "valid_to"))
    if first or last:
        unknown = say(NOT_STATED)
        return say("gælder {first} til {last}", first=first or unknown, last=last or unknown)
    stated = stated_day(str(row["stated"]))
    return say("oplyst {day}; slutdato ikke oplyst", day=stated) if stated else say("uden dato")


def table(told: ToldAreas) -> tuple[list[str], pd.DataFrame]:
    """List the designations, those of one source together; also those whose areas nobody names."""
    head = [*say_all(DESIGNATION_LABELS).values()]
    alike = ["kind", "standing", "valid_from", "valid_to", "stated", "source", "place"]
    cells = []
    for _, rows in told.designations.sort_values("name").groupby(alike, sort=False):
        first = rows.iloc[0]
        on_map = say("på kortet") if rows.geometry.notna().all() else say(NOT_STATED)
        places = ", ".join(dict.fromkeys(place for place in rows["source_place"] if place))
        cells.append(
            [
                ", ".join(rows["name"]),
                say(KIND_LABELS[first["kind"]]),
                _when(first),
                say(STANDING_LABELS[first["standing"]]),
                first["place"] or on_map,
                _criteria(rows),
                f"{first['source']}: {places}" if places else first["source"],
            ]
        )
    return head, pd.DataFrame(cells, columns=head)


def _criteria(rows: pd.DataFrame) -> str:
    """Write the criteria of designations of one source; each with its area where they differ."""
    texts_of = rows["criterion_text"]
    if (texts_of == texts_of.iloc[0]).all():
        return texts_of.iloc[0] or say(NOT_STATED)
    stated = rows[texts_of != ""]
    told = [
        f"{name}: {text}"
        for name, text in zip(stated["name"], stated["criterion_text"], strict=True)
    ]
    rest = [say("ellers {what}", what=say(NOT_STATED))] if len(stated) < len(rows) else []
    return "; ".join([*told, *rest])
