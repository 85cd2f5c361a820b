"""Every sentence a committee reads about who can choose."""

from typing import Final

import pandas as pd

from gpcoverage.analysis.choice import ONE_PRACTICE_ONLY, Choice, Status
from gpcoverage.analysis.distance import (
    ACROSS_WATER,
    FAR_FROM_ROAD,
    NO_PRACTICE,
    NO_ROAD_TO_ANY,
)
from gpcoverage.inputs.homes import are_cells
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.study import Study
from gpcoverage.outputs.disclosure import shown
from gpcoverage.outputs.language import say
from gpcoverage.outputs.numerals import (
    HIDDEN,
    UNKNOWN,
    day,
    km,
    number,
    or_unknown,
    percent,
    share,
)
from gpcoverage.outputs.told import TOTAL, ToldChoice

NAMED: Final = 5
"""So many practices off the network are named."""

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

REASON_TEXTS: Final = {
    FAR_FROM_ROAD: "{people} borgere bor for langt fra nærmeste vej i vejnettet (dækker det hele området?).",
    ACROSS_WATER: "{people} borgere har vand mellem boligen og nærmeste vej.",
    NO_ROAD_TO_ANY: "{people} borgere har ingen vej til en praksis, der tæller (fx øer uden bro).",
    NO_PRACTICE: "{people} borgere har ingen praksis, fordi ingen er åben.",
    ONE_PRACTICE_ONLY: "{people} borgere har kun vej til én praksis, der tæller.",
}
INPUT_TEXTS: Final = {
    "practices": "{file} ({rows} praksis)",
    "homes": "{file} ({rows} boliger eller felter i området)",
}

NETWORK_TEXTS: Final = {
    "terrain": (
        "Afstandene er beregnet med en terrænmodel (1 km-celler over land, broer og dæmninger), "
        "ikke på vejnettet"
    ),
    "osm": "Afstandene er beregnet ad vej på OpenStreetMap (© OpenStreetMap contributors, ODbL)",
}
FRAGMENTS_DROPPED: Final = "Vejstumper, som man ikke kan køre væk fra, er udeladt."
ADDRESSES_DRAWN: Final = (
    "Adresserne er tegnet som felter på 250 m; et felt viser den adresse, der er dårligst stillet."
)
FERRY_TEXTS: Final = {
    "exclude": "Færger tæller ikke som vej.",
    "include": "Færger tæller som vej med overfartens længde.",
}
EXAMPLE_DATA: Final = "Eksempeldata: praksis er delvis modellerede."
PARTLY_MODELLED: Final = (
    "Eksempeldata: praksis er delvis modellerede, og kun det, der står i kilderne, er virkeligt. "
    "Tallene må ikke bruges til at træffe afgørelser."
)
NOT_A_RULING: Final = (
    "Opgørelsen er et planlægningsgrundlag og ikke en afgørelse om den enkelte borgers ret til "
    "lægevalg. Kilderne siger ikke, om grænsen måles ad vej."
)


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


def footnote(told: ToldChoice) -> list[str]:
    """Say how the map was made, what it rests on and what is left out.

    Parameters
    ----------
    told
        The result.

    Returns
    -------
    list of str
        Paragraphs, plain text.
    """
    choice = told.choice
    study, network = choice.study, choice.network
    rules = study.rules
    criterion = say(
        "Kriterium: mindst {n} praksis med åbent for tilgang inden for {limits} fra hjemmet; praksis "
        "med lukket for tilgang {closed}. Regel: {rule}, gældende fra {first_day}, opgjort pr. {day}. "
        "Kilde: {source}.",
        n=rules.min_choices,
        limits=limits(choice),
        closed=say("tæller også med") if rules.closed_counts else say("tæller ikke med"),
        rule=rules.name,
        first_day=day(rules.valid_from),
        day=day(study.date),
        source=rules.source,
    )
    measured = say(
        "{distances}; kilde: {source}. Usikkerhed på en afstand: ± {error}. {ferries} Den lige linje "
        "fra bolig til vej og fra vej til praksis er lagt til.",
        distances=say(NETWORK_TEXTS[network.kind]),
        source=network.source,
        error=percent(100 * network.error_share),
        ferries=say(FERRY_TEXTS[study.roads.ferries]),
    )
    if network.notes:
        measured += f" {say(FRAGMENTS_DROPPED)}"
    drawn = [] if are_cells(choice.homes) else [say(ADDRESSES_DRAWN)]
    modelled = [say(PARTLY_MODELLED)] if study.partly_modelled else []
    left_out = [*told.disclosure.footnotes(), *modelled, say(NOT_A_RULING)]
    return [criterion, measured, _inputs_text(told), *attribution(study), *drawn, *left_out]


def attribution(study: Study) -> list[str]:
    """Name those whose data a study rests on, as their licences ask.

    Parameters
    ----------
    study
        Whose ``attribution`` it is.

    Returns
    -------
    list of str
        A paragraph, plain text; none if nobody need be named.
    """
    names = study.attribution.rstrip(".")
    return [say("Kilder til data: {names}.", names=names)] if names else []


def _inputs_text(told: ToldChoice) -> str:
    choice = told.choice
    used = ", ".join(map(_file_text, choice.study.inputs))
    not_placed = sum(record.people_not_placed for record in choice.study.inputs)
    sentences = [say("Data: {files}.", files=used)] if used else []
    if not_placed:
        sentences.append(
            say(
                "{people} borgere i området er ikke med, fordi der er for få adresser.",
                people=shown(not_placed, options=told.disclosure),
                count=not_placed,
            )
        )
    for reason, people in told.reasons.items():
        sentences.append(say(REASON_TEXTS[str(reason)], people=number(people), count=people))
    return " ".join([*sentences, *_off_road_texts(choice)])


def _file_text(record: InputRecord) -> str:
    if record.role not in INPUT_TEXTS:
        return record.file
    return say(INPUT_TEXTS[record.role], file=record.file, rows=number(record.rows_used))


def _off_road_texts(choice: Choice) -> list[str]:
    """Tell which practices count for nobody because they are not on the network."""
    sentences = []
    off_road = choice.practices_off_road()
    if len(off_road):
        names = ", ".join(choice.study.practices.loc[off_road.index[:NAMED], "name"])
        if len(off_road) > NAMED:
            names = say("{names} og {more} til", names=names, more=number(len(off_road) - NAMED))
        sentences.append(
            say(
                "{n} praksis i området ligger uden for vejnettet og tæller for ingen: {names}.",
                n=number(len(off_road)),
                names=names,
                count=len(off_road),
            )
        )
    beyond = len(choice.practices_off_road(beyond=True))
    if beyond:
        sentences.append(
            say(
                "{n} praksis uden for området ligger uden for vejnettet og er ikke med.",
                n=number(beyond),
                count=beyond,
            )
        )
    return [*sentences, say("Praksis uden for landets grænser er ikke med.")]
