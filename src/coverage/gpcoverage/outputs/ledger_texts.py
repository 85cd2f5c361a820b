"""What a committee reads about practices that may close."""

from typing import Final

import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.ledger import Ledger
from gpcoverage.outputs import footnotes, numerals, texts
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.numerals import extra_km, km, number
from gpcoverage.outputs.texts import municipality_names
from gpcoverage.outputs.told_ledger import ToldLedger

WHOLE: Final = 0.5
"""People from here on are told as at least one."""

EFFECTS: Final = ("last", "second", "far", "none")
"""The worst that happens to anybody when a practice closes, worst first."""

NO_OTHER_LABEL: Final = "Ingen mister lægevalget, men nogle har ingen anden praksis, åben eller lukket, inden for grænsen"
SIZE_LABEL: Final = "Cirklens areal viser antallet af borgere, der mister en valgmulighed"
YES_NO: Final = {True: "Ja", False: "Nej"}
SEVERAL: Final = "{n} praksis samme sted, bl.a. {name}"
TABLE_TITLE: Final = "Tallene for hver praksis"
PAIRS_TITLE: Final = "To praksis, der først bliver afgørende, når begge lukker"
PRACTICES_LABEL: Final = "Praksis efter betydning"

NOTES: Final = (
    "Hver praksis er lukket for sig, mens alle andre praksis og boliger bliver, som de er. Tallene "
    "siger, hvem der bor sådan, ikke hvem der er tilmeldt praksis. Ligger flere praksis samme "
    "sted, viser cirklen den, der betyder mest. En praksis, der i forvejen er lukket for tilgang, "
    "tager ikke lægevalget fra nogen, når den lukker; dér vises, hvor mange der ikke har nogen anden "
    "praksis, åben eller lukket, inden for grænsen."
)
AGES: Final = (
    "Årstallene er en forudsætning og ikke en forudsigelse: det år, praksis' læger fylder {age}. "
    "Den enkelte læge kan stoppe før eller siden, og praksis kan overtages."
)


def title(ledger: Ledger) -> str:
    """Head the map; parameters as for :func:`answer`."""
    return say("Hvis en praksis lukker: {study}", study=ledger.choice.study.name)


def effects(ledger: Ledger) -> pd.Series:
    """Name the worst that happens to anybody when a practice closes.

    Parameters
    ----------
    ledger
        The result.

    Returns
    -------
    Series
        ``last``, ``second``, ``far`` or ``none``, by practice id.
    """
    rows = ledger.practices
    worst = pd.Series("none", rows.index, dtype=object)
    for effect, column in (
        ("far", "patients_far"),
        ("second", "loses_choice"),
        ("last", "loses_last"),
    ):
        worst[rows[column] >= WHOLE] = effect
    return worst


def effect_label(choice: Choice, effect: str) -> str:
    """Name an effect, for the legend.

    Parameters
    ----------
    choice
        Whose rule holds.
    effect
        One of ``EFFECTS``.

    Returns
    -------
    str
    """
    one, few = texts.counted(choice, 1), texts.too_few_counted(choice)
    return {
        "last": say("Nogle har ingen {one} tilbage inden for grænsen", one=one),
        "second": say("Nogle har {few} tilbage; ingen mister den sidste", few=few),
        "far": say(NO_OTHER_LABEL),
        "none": say("Ingen af delene"),
    }[effect]


def answer(told: ToldLedger) -> str:
    """Answer the question in a few sentences.

    Parameters
    ----------
    told
        The result.

    Returns
    -------
    str
    """
    choice, rows = told.ledger.choice, told.practices
    enough, kind = choice.study.rules.min_choices, texts.counted(choice)
    critical = rows[~(rows["affected"] < WHOLE)]
    counted = number(int(rows["counts"].sum()))
    if critical.empty:
        return say(
            "Ingen af {counted} {kind} er afgørende: lukker én af dem, mister ingen lægevalget.",
            counted=counted,
            kind=kind,
        )
    worst = critical.iloc[0]
    place = municipality_names(choice.study, critical["municipality_code"]).iloc[0]
    losses = [(worst["loses_last"], say("ingen"))]
    if enough > 1:
        losses.insert(0, (worst["loses_choice"], texts.too_few(choice)))
    first, *more = [(number(people), what) for people, what in losses if not people < WHOLE]
    hit = say("{people} borgere har derefter {left} tilbage", people=first[0], left=first[1])
    for people, left in more:
        hit = say("{hit}, og {people} har {left}", hit=hit, people=people, left=left)
    return say(
        "{critical} af {counted} {kind} er afgørende: lukker {one_of}, har nogle borgere {fewer} at "
        "vælge imellem inden for grænsen. Mest afgørende er {name}, {place}: {hit}.",
        critical=number(len(critical)),
        counted=counted,
        kind=kind,
        one_of=say("en af dem") if len(critical) > 1 else say("den"),
        fewer=say("færre end {enough}", enough=enough) if enough > 1 else say("ingen"),
        name=worst["name"],
        place=place,
        hit=hit,
        count=len(critical),
    )


def people(value: float, certain: float) -> str:
    """Write people and how many of them are certain; parameters are numbers of people."""
    if value < WHOLE:  # not so if it was left out
        return "0"
    return say("{people} (heraf sikkert {certain})", people=number(value), certain=number(certain))


def years(row: dict[str, float]) -> str:
    """Write when the first and the last doctor reach the age; ``ukendt`` where nothing is known."""
    first, last = row["retire_first"], row["retire_last"]
    if pd.isna(first):
        return say(numerals.UNKNOWN)
    return f"{first:.0f}" if first == last else f"{first:.0f}-{last:.0f}"


def footnote(told: ToldLedger) -> list[str]:
    """Say how the ledger was made and what it rests on.

    Parameters
    ----------
    told
        The result.

    Returns
    -------
    list of str
        Paragraphs, plain text.
    """
    ages = [say(AGES, age=told.ledger.retirement_age)] if _has_ages(told.ledger) else []
    return [say(NOTES), *ages, *footnotes.footnote(told.choice)]


def _has_ages(ledger: Ledger) -> bool:
    return bool(ledger.practices["retire_last"].notna().any())


def table(told: ToldLedger) -> tuple[list[str], pd.DataFrame]:
    """Write the table twin of the map: practices whose closure is felt, most critical first.

    Parameters
    ----------
    told
        The result.

    Returns
    -------
    head
        Headings.
    body
        Cells, plain text.
    """
    ledger, rows = told.ledger, told.practices
    rows = rows[effects(ledger)[rows.index] != "none"]
    places = municipality_names(ledger.choice.study, rows["municipality_code"])
    few = texts.too_few(ledger.choice)
    ranked = [
        f"{row['rank']}. {row['name']} ({place})"
        for row, place in zip(rows.to_dict("records"), places, strict=True)
    ]
    certain = say("heraf sikkert")
    columns = {
        say("Praksis", count=1): ranked,
        say("Åben"): rows["open"].map(say_all(YES_NO)),
        say("Har {few} tilbage", few=few): rows["loses_choice"].map(number),
        certain: rows["loses_choice_certain"].map(number),
        say("Har ingen tilbage"): rows["loses_last"].map(number),
        f"{certain} ": rows["loses_last_certain"].map(number),
        say("Nærmeste for"): rows["people_nearest"].map(number),
        say("Længere til næste, median"): rows["extra_nearest_median_m"].map(extra_km),
        say("for hver tiende mindst"): rows["extra_nearest_p90_m"].map(extra_km),
        say("Ingen anden, åben eller lukket"): rows["patients_far"].map(number),
        _reaches(ledger): [years(row) for row in rows.to_dict("records")],
    }
    return [name.strip() for name in columns], pd.DataFrame(columns)


def _reaches(ledger: Ledger) -> str:
    return say("Læger fylder {age}", age=ledger.retirement_age)


def pairs_table(told: ToldLedger, most: int) -> tuple[list[str], pd.DataFrame]:
    """Write the worst pairs.

    Parameters
    ----------
    told
        The result.
    most
        How many rows at most.

    Returns
    -------
    head, body
        As for :func:`table`.
    """
    rows = told.pairs.head(most)
    few = texts.too_few(told.ledger.choice)
    names = (
        rows["first_name"] + say(" og ") + rows["second_name"]
        if len(rows)
        else pd.Series([], dtype=object)
    )
    columns = {
        say("To praksis"): names,
        say("Har {few} tilbage", few=few): rows["loses_choice"].map(number),
        say("Har ingen tilbage"): rows["loses_last"].map(number),
        say("Luftlinje mellem dem"): rows["straight_m"].map(km_between),
    }
    return list(columns), pd.DataFrame(columns)


def km_between(metres: float) -> str:
    """Write the distance between two practices; ``samme sted`` below 50 m."""
    return say("samme sted") if metres < 50 else km(round(metres, -2))  # noqa: PLR2004


def popup(ledger: Ledger, row: dict[str, object]) -> dict[str, str]:
    """Write what is shown of a practice when its circle is clicked.

    Parameters
    ----------
    ledger
        The result.
    row
        Of what is told of its practices; ``municipality`` is the name, ``lists`` the written list.

    Returns
    -------
    dict
        Plain text by label.
    """
    figures: dict[str, float] = {k: v for k, v in row.items() if isinstance(v, (int, float))}
    few = texts.too_few(ledger.choice)
    shown = {
        say("Praksis", count=1): str(row["name"]),
        say("Kommune"): str(row["municipality"]),
        say("Åben for tilgang"): say("Ja") if row["open"] else say("Nej"),
        say("Læger"): numerals.or_unknown(figures["doctors"]),
        say("Tilmeldte"): str(row["lists"]),
        _reaches(ledger): years(figures),
        say("Plads i rækken"): say(
            "{rank} af {n}", rank=number(figures["rank"]), n=number(len(ledger.practices))
        ),
    }
    if row["counts"]:
        shown |= {
            say("Har {few} tilbage", few=few): people(
                figures["loses_choice"], figures["loses_choice_certain"]
            ),
            say("Har ingen tilbage"): people(figures["loses_last"], figures["loses_last_certain"]),
            say("Nærmeste for"): texts.count_people(figures["people_nearest"]),
        }
        if not figures["people_nearest"] - figures["no_alternative"] < WHOLE:
            shown[say("Længere til næste")] = say(
                "{median} (median), for hver tiende mindst {p90}",
                median=extra_km(figures["extra_nearest_median_m"]),
                p90=extra_km(figures["extra_nearest_p90_m"]),
            )
        if not figures["no_alternative"] < WHOLE:
            shown[say("Uden vej til en anden")] = texts.count_people(figures["no_alternative"])
    far = figures["patients_far"]
    if not far < WHOLE or not row["counts"]:
        shown[say("Ingen anden praksis")] = say(
            "{people} borgere har ingen anden, åben eller lukket, inden for grænsen",
            people=number(far),
            count=far,
        )
    return shown
