"""Every sentence a committee reads, in Danish."""

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
from gpcoverage.inputs.study import Study
from gpcoverage.outputs.danish import HIDDEN, UNKNOWN, km, number, or_unknown, share
from gpcoverage.outputs.disclosure import shown
from gpcoverage.outputs.language import say
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

REASON_TEXTS: Final = {
    FAR_FROM_ROAD: "bor for langt fra nærmeste vej i vejnettet (dækker det hele området?)",
    ACROSS_WATER: "har vand mellem boligen og nærmeste vej",
    NO_ROAD_TO_ANY: "har ingen vej til en praksis, der tæller (fx øer uden bro)",
    NO_PRACTICE: "har ingen praksis, fordi ingen er åben",
    ONE_PRACTICE_ONLY: "har kun vej til én praksis, der tæller",
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
    return codes.map(study.municipalities.set_index("code")["name"]).fillna(UNKNOWN)


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
    return f"Lægevalg: {choice.study.name}"


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
        return "praksis"
    return "åben praksis" if number <= 1 else "åbne praksis"


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
    enough = choice.study.rules.min_choices
    return "kun én" if enough <= 2 else f"1 til {enough - 1}"  # noqa: PLR2004


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
        return f"Mindst {choice.study.rules.min_choices} {counted(choice)} inden for grænsen"
    if status == "none":
        return f"Ingen {counted(choice, 1)} inden for grænsen"
    few = too_few(choice)
    return f"{few[0].upper()}{few[1:]} {counted(choice, 1 if few == 'kun én' else 2)} inden for grænsen"


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
    return (
        f"{number(enough)} af {number(total)} borgere ({share(enough, total)}) kan vælge mellem "
        f"mindst {choice.study.rules.min_choices} {counted(choice)} inden for grænsen. "
        f"{number(people['one'])} har {too_few(choice)}, og {number(people['none'])} har ingen. "
        f"For {number(people['uncertain'])} borgere er svaret usikkert."
    )


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
            parts.append(f"{km(exception.limit_m)} i {', '.join(names)}")
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
    closed = "tæller også med" if rules.closed_counts else "tæller ikke med"
    criterion = (
        f"Kriterium: mindst {rules.min_choices} praksis med åbent for tilgang inden for "
        f"{limits(choice)} fra hjemmet; praksis med lukket for tilgang {closed}. "
        f"Regel: {rules.name}, gældende fra {rules.valid_from:%d.%m.%Y}, opgjort pr. "
        f"{study.date:%d.%m.%Y}. Kilde: {rules.source}."
    )
    measured = (
        f"{NETWORK_TEXTS[network.kind]}; kilde: {network.source}. Usikkerhed på en afstand: "
        f"± {number(100 * network.error_share)} %. {FERRY_TEXTS[study.roads.ferries]} "
        "Den lige linje fra bolig til vej og fra vej til praksis er lagt til."
    )
    if network.notes:
        measured += f" {FRAGMENTS_DROPPED}"
    drawn = [] if are_cells(choice.homes) else [ADDRESSES_DRAWN]
    modelled = [PARTLY_MODELLED] if study.partly_modelled else []
    left_out = told.disclosure.footnotes()
    return [
        criterion,
        measured,
        _inputs_text(told),
        *attribution(study),
        *drawn,
        *left_out,
        *modelled,
        NOT_A_RULING,
    ]


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
    names = {"practices": "praksis", "homes": "boliger eller felter i området"}
    used = ", ".join(
        f"{record.file} ({number(record.rows_used)} {names[record.role]})"
        if record.role in names
        else record.file
        for record in choice.study.inputs
    )
    not_placed = sum(record.people_not_placed for record in choice.study.inputs)
    sentences = [f"Data: {used}."] if used else []
    if not_placed:
        sentences.append(
            f"{shown(not_placed, options=told.disclosure)} borgere i området er ikke med, fordi der "
            "er for få adresser."
        )
    for reason, people in told.reasons.items():
        sentences.append(f"{number(people)} borgere {REASON_TEXTS[str(reason)]}.")
    off_road = choice.practices_off_road()
    if len(off_road):
        names_off = ", ".join(choice.study.practices.loc[off_road.index[:5], "name"])
        more = f" og {number(len(off_road) - 5)} til" if len(off_road) > 5 else ""  # noqa: PLR2004
        sentences.append(
            f"{number(len(off_road))} praksis i området ligger uden for vejnettet og tæller for "
            f"ingen: {names_off}{more}."
        )
    beyond = len(choice.practices_off_road(beyond=True))
    if beyond:
        sentences.append(
            f"{number(beyond)} praksis uden for området ligger uden for vejnettet og er ikke med."
        )
    sentences.append("Praksis uden for landets grænser er ikke med.")
    return " ".join(sentences)
