"""Every sentence a committee reads about who can choose."""

from typing import Final

import pandas as pd

from gpcoverage.analysis.choice import Choice, Status
from gpcoverage.inputs.study import Study
from gpcoverage.outputs.language import say
from gpcoverage.outputs.numerals import (
    HIDDEN,
    UNKNOWN,
    km,
    number,
    or_unknown,
    share,
)
from gpcoverage.outputs.told import TOTAL, ToldChoice

UNCERTAIN_LABEL: Final = "Skraveret: usikkert, svaret kan skifte inden for måleusikkerheden"
PRACTICES_LABEL: Final = "Praksis"
PRACTICE_LABELS: Final = {
    "open": "Praksis, åben for tilgang",
    "some": "Flere praksis samme sted, nogle åbne",
    "closed": "Praksis, lukket for tilgang",
}
SEVERAL_PRACTICES: Final = "{n} praksis, {open} åbne"

POPUP_LABELS: Final = {
    "name": "Praksis",
    "place": "Adresse",
    "municipality": "Kommune",
    "open": "Åben for tilgang",
    "doctors": "Læger",
    "list_size": "Tilmeldte",
    "basis": "Grundlag",
}
TABLE_LABELS: Final = {
    "name": "Kommune",
    "population": "Borgere",
    "choice": "Kan vælge",
    "one": "Kun én",
    "none": "Ingen",
    "uncertain": "Usikkert svar",
    "practices": "Praksis",
    "open_practices": "Åbne",
}


def municipality_names(study: Study, codes: pd.Series) -> pd.Series:
    """Name municipalities.

    Parameters
    ----------
    study
        Whose municipalities they are.
    codes
        Municipality codes.

    Returns
    -------
    Series
        Names on the same index; ``ukendt`` where there is none.
    """
    return codes.map(study.municipalities.set_index("code")["name"]).fillna(say(UNKNOWN))


def list_sizes(practices: pd.DataFrame, told: pd.DataFrame) -> pd.Series:
    """Write how long the lists of practices are.

    Parameters
    ----------
    practices, told
        Column ``list_size``: as they are, and as they may be told.

    Returns
    -------
    Series
        ``ukendt`` where nobody knows, ``..`` for what was left out.
    """
    left_out = practices["list_size"].notna() & told["list_size"].isna()
    return told["list_size"].map(or_unknown).mask(left_out, HIDDEN)


def title(choice: Choice) -> str:
    """Head a map or report.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    str
    """
    return say("Lægevalg: {study}", study=choice.study.name)


def counted(choice: Choice, number: int = 2) -> str:
    """Name what counts as a choice under the rule.

    Parameters
    ----------
    choice
        The result.
    number
        How many, for the grammar.

    Returns
    -------
    str
        ``åbne praksis``, ``åben praksis``, or ``praksis`` where closed ones count as well.
    """
    if choice.study.rules.closed_counts:
        return say("praksis", count=number)
    return say("åben praksis") if number <= 1 else say("åbne praksis")


def too_few(choice: Choice) -> str:
    """Name the number of choices that are some but not enough.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    str
        ``kun én``, or for example ``1 til 2`` where three are needed.
    """
    most = choice.study.rules.min_choices - 1
    return say("kun én") if most <= 1 else say("1 til {most}", most=most)


def too_few_counted(choice: Choice) -> str:
    """Name them with what is counted: ``kun én åben praksis``, ``1 til 2 åbne praksis``."""
    kind = counted(choice, choice.study.rules.min_choices - 1)
    return say("{few} {kind}", few=too_few(choice), kind=kind)


def status_label(choice: Choice, status: Status) -> str:
    """Name a status, for legends.

    Parameters
    ----------
    choice
        The result.
    status
        ``none``, ``one`` or ``choice``.

    Returns
    -------
    str
    """
    if status == "choice":
        enough = choice.study.rules.min_choices
        return say("Mindst {n} {kind} inden for grænsen", n=enough, kind=counted(choice))
    if status == "none":
        return say("Ingen {kind} inden for grænsen", kind=counted(choice, 1))
    few = say("{few} inden for grænsen", few=too_few_counted(choice))
    return f"{few[0].upper()}{few[1:]}"


def answer(told: ToldChoice) -> str:
    """Answer the question in two sentences.

    Parameters
    ----------
    told
        The result.

    Returns
    -------
    str
    """
    choice, people = told.choice, told.people.loc[TOTAL]
    enough, total = people["choice"], people["population"]
    return say(
        "{enough} af {total} borgere ({share}) kan vælge mellem mindst {least} {kind} inden for "
        "grænsen. {one} har {few}, og {none} har ingen. For {uncertain} borgere er svaret usikkert.",
        enough=number(enough),
        total=number(total),
        share=share(enough, total),
        least=choice.study.rules.min_choices,
        kind=counted(choice),
        few=too_few(choice),
        one=number(people["one"]),
        none=number(people["none"]),
        uncertain=number(people["uncertain"]),
    )


def count_people(people: float) -> str:
    """Write a number of people: ``1.234 borgere``."""
    return say("{people} borgere", people=number(people), count=people)


def label_people(label: str, people: float) -> str:
    """Name a layer with its people."""
    told = number(people)
    return say("{label} ({people} borgere)", label=label, people=told, count=people)


def legend_title(choice: Choice) -> str:
    """Head a legend with the limits in force."""
    return say("Grænse: {limits}", limits=limits(choice))


def limits(choice: Choice) -> str:
    """Tell the distance limits in force.

    Parameters
    ----------
    choice
        The result.

    Returns
    -------
    str
    """
    rules, area = choice.study.rules, choice.study.area
    parts = [km(rules.limit_m)]
    for exception in rules.exceptions:
        names = area.loc[area["code"].isin(exception.municipality_codes), "name"]
        if len(names):
            limit = km(exception.limit_m)
            parts.append(say("{limit} i {names}", limit=limit, names=", ".join(names)))
    return "; ".join(parts)
