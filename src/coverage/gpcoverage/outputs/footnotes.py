"""How a map was made, what it rests on, what is left out: what stands under every map."""

from typing import Final

from gpcoverage.analysis.choice import ONE_PRACTICE_ONLY, Choice
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
from gpcoverage.outputs.numerals import day, number, percent
from gpcoverage.outputs.texts import limits
from gpcoverage.outputs.told import ToldChoice

NAMED: Final = 5
"""So many practices off the network are named."""

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
