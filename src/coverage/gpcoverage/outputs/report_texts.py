"""What a committee's report says beside what its maps say, in Danish."""

from typing import Final

from gpcoverage.outputs import closure_texts, numerals, texts
from gpcoverage.outputs.language import say
from gpcoverage.outputs.ranking import ranked
from gpcoverage.outputs.told import ToldChoice
from gpcoverage.outputs.told_closure import ToldClosure

WORST_NAMED: Final = 5
KNOWN_TITLE: Final = "Bilag: stemmer det med det, man ved?"
METHOD_TITLE: Final = "Sådan er tallene lavet"
WORST_TITLE: Final = "Hvor mangler valget mest?"
LOSING_TITLE: Final = "Hvor mister borgere muligheden for at vælge?"
SURE_TITLE: Final = "Hvor sikkert er det?"
FIGURE_TITLES: Final = {
    "closure-map": "Hvem kan vælge bagefter?",
    "change": "Hvad ændrer sig?",
    "choice-map": "Hvem kan vælge?",
    "distances": "Hvor langt er der til en åben praksis?",
    "ranking": "Kommunerne i rækkefølge",
    "uncertain-map": "Hvor bor de, hvis svar er usikkert?",
}
PEOPLE_TITLE: Final = "Afstand til en åben praksis, og kommunerne i rækkefølge"


def kicker(told: ToldChoice) -> str:
    """Say above the title what the report is and of which day."""
    study = told.choice.study
    return say("Lægevalg i almen praksis, opgjort pr. {day}", day=numerals.day(study.date))


def title(told: ToldChoice, closure: ToldClosure | None) -> str:
    """Head a report."""
    return texts.title(told.choice) if closure is None else closure_texts.title(closure.comparison)


def answer(told: ToldChoice, closure: ToldClosure | None) -> str:
    """Answer the question in a few sentences."""
    return texts.answer(told) if closure is None else closure_texts.answer(closure)


def footnote(told: ToldChoice, closure: ToldClosure | None) -> list[str]:
    """Say how it was measured: the paragraphs of the maps."""
    return texts.footnote(told) if closure is None else closure_texts.footnote(closure)


def worst(told: ToldChoice) -> list[str]:
    """Name the municipalities in which the largest share of people cannot choose."""
    rows = ranked(told)
    rows = rows[rows["few_share"] > 0].head(WORST_NAMED)
    return [
        say(
            "{name}: {people} borgere ({share}) kan ikke vælge",
            name=row["name"],
            people=numerals.number(row["population"] - row["choice"]),
            share=numerals.share(row["few_share"], 1.0),
        )
        for row in rows.to_dict("records")
    ]


def losing(closure: ToldClosure) -> list[str]:
    """Name the municipalities in which most people lose their choice."""
    rows = closure.municipalities
    rows = rows.assign(lost=rows["choice"] - rows["choice_after"])
    rows = rows[rows["lost"] > 0].nlargest(WORST_NAMED, "lost")
    return [
        say(
            "{name}: {before} kunne vælge, {after} kan bagefter",
            name=row["name"],
            before=numerals.number(row["choice"]),
            after=numerals.number(row["choice_after"]),
        )
        for row in rows.to_dict("records")
    ]


def sure(told: ToldChoice) -> str:
    """Say how sure the answer is."""
    people = told.people.loc["total"]
    network = told.choice.network
    return say(
        "En afstand kan være op til {error} % forkert. For {people} borgere ({share}) ligger en "
        "praksis så tæt ved grænsen, at svaret kan skifte; de er tegnet skraveret.",
        error=numerals.number(100 * network.error_share),
        people=numerals.number(people["uncertain"]),
        share=numerals.share(people["uncertain"], people["population"]),
    )


def about(told: ToldChoice, closure: ToldClosure | None) -> list[str]:
    """Say in the workbook what its tables are."""
    empty = say(
        "Et tomt felt betyder, at tallet er udeladt eller ikke kendes. Afstande er i kilometer."
    )
    head = [title(told, closure), kicker(told), answer(told, closure)]
    return [*head, empty, *footnote(told, closure)]
