"""What a committee reads about practices that may close, in Danish."""

from typing import Final

import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.ledger import Ledger
from gpcoverage.outputs import numerals, texts
from gpcoverage.outputs.numerals import extra_km, km, number
from gpcoverage.outputs.texts import municipality_names
from gpcoverage.outputs.told_ledger import ToldLedger

WHOLE: Final = 0.5
"""People from here on are told as at least one."""

EFFECTS: Final = ("last", "second", "far", "none")
"""The worst that happens to anybody when a practice closes, worst first."""

EFFECT_LABELS: Final = {
    "last": "Nogle har ingen {one} tilbage inden for grænsen",
    "second": "Nogle har {few} tilbage; ingen mister den sidste",
    "far": "Ingen mister lægevalget, men nogle har ingen anden praksis, åben eller lukket, inden for grænsen",
    "none": "Ingen af delene",
}
SIZE_LABEL: Final = "Cirklens areal viser antallet af borgere, der mister en valgmulighed"
NO_SIZE_LABEL: Final = "lille cirkel: få eller ingen"
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
    return f"Hvis en praksis lukker: {ledger.choice.study.name}"


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
    few = texts.too_few(choice)
    few += f" {texts.counted(choice, 1 if few == 'kun én' else 2)}"
    return EFFECT_LABELS[effect].format(one=texts.counted(choice, 1), few=few)


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
        return f"Ingen af {counted} {kind} er afgørende: lukker én af dem, mister ingen lægevalget."
    worst = critical.iloc[0]
    place = municipality_names(choice.study, critical["municipality_code"]).iloc[0]
    losses = [(worst["loses_last"], "ingen")]
    if enough > 1:
        losses.insert(0, (worst["loses_choice"], texts.too_few(choice)))
    first, *more = [(number(people), what) for people, what in losses if not people < WHOLE]
    hit = f"{first[0]} borgere har derefter {first[1]} tilbage"
    hit += "".join(f", og {people} har {what}" for people, what in more)
    fewer = f"færre end {enough}" if enough > 1 else "ingen"
    one_of = "en af dem" if len(critical) > 1 else "den"
    return (
        f"{number(len(critical))} af {counted} {kind} er afgørende: lukker {one_of}, har nogle "
        f"borgere {fewer} at vælge imellem inden for grænsen. "
        f"Mest afgørende er {worst['name']}, {place}: {hit}."
    )


def people(value: float, certain: float) -> str:
    """Write people and how many of them are certain; parameters are numbers of people."""
    if value < WHOLE:  # not so if it was left out
        return "0"
    return f"{number(value)} (heraf sikkert {number(certain)})"


def years(row: dict[str, float]) -> str:
    """Write when the first and the last doctor reach the age; ``ukendt`` where nothing is known."""
    first, last = row["retire_first"], row["retire_last"]
    if pd.isna(first):
        return numerals.UNKNOWN
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
    ages = [AGES.format(age=told.ledger.retirement_age)] if _has_ages(told.ledger) else []
    return [NOTES, *ages, *texts.footnote(told.choice)]


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
    columns = {
        "Praksis": ranked,
        "Åben": rows["open"].map({True: "Ja", False: "Nej"}),
        f"Har {few} tilbage": rows["loses_choice"].map(number),
        "heraf sikkert": rows["loses_choice_certain"].map(number),
        "Har ingen tilbage": rows["loses_last"].map(number),
        "heraf sikkert ": rows["loses_last_certain"].map(number),
        "Nærmeste for": rows["people_nearest"].map(number),
        "Længere til næste, median": rows["extra_nearest_median_m"].map(extra_km),
        "for hver tiende mindst": rows["extra_nearest_p90_m"].map(extra_km),
        "Ingen anden, åben eller lukket": rows["patients_far"].map(number),
        f"Læger fylder {ledger.retirement_age}": [years(row) for row in rows.to_dict("records")],
    }
    return [name.strip() for name in columns], pd.DataFrame(columns)


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
        rows["first_name"] + " og " + rows["second_name"]
        if len(rows)
        else pd.Series([], dtype=object)
    )
    columns = {
        "To praksis": names,
        f"Har {few} tilbage": rows["loses_choice"].map(number),
        "Har ingen tilbage": rows["loses_last"].map(number),
        "Luftlinje mellem dem": rows["straight_m"].map(km_between),
    }
    return list(columns), pd.DataFrame(columns)


def km_between(metres: float) -> str:
    """Write the distance between two practices; ``samme sted`` below 50 m."""
    return "samme sted" if metres < 50 else km(round(metres, -2))  # noqa: PLR2004


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
        "Praksis": str(row["name"]),
        "Kommune": str(row["municipality"]),
        "Åben for tilgang": "Ja" if row["open"] else "Nej",
        "Læger": numerals.or_unknown(figures["doctors"]),
        "Tilmeldte": str(row["lists"]),
        f"Læger fylder {ledger.retirement_age}": years(figures),
        "Plads i rækken": f"{number(figures['rank'])} af {number(len(ledger.practices))}",
    }
    if row["counts"]:
        shown |= {
            f"Har {few} tilbage": people(figures["loses_choice"], figures["loses_choice_certain"]),
            "Har ingen tilbage": people(figures["loses_last"], figures["loses_last_certain"]),
            "Nærmeste for": f"{number(figures['people_nearest'])} borgere",
        }
        if not figures["people_nearest"] - figures["no_alternative"] < WHOLE:
            shown["Længere til næste"] = (
                f"{extra_km(figures['extra_nearest_median_m'])} (median), for hver tiende mindst "
                f"{extra_km(figures['extra_nearest_p90_m'])}"
            )
        if not figures["no_alternative"] < WHOLE:
            shown["Uden vej til en anden"] = f"{number(figures['no_alternative'])} borgere"
    far = figures["patients_far"]
    if not far < WHOLE or not row["counts"]:
        shown["Ingen anden praksis"] = (
            f"{number(far)} borgere har ingen anden, åben eller lukket, inden for grænsen"
        )
    return shown
