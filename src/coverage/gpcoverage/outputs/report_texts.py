"""What a committee's report says beside what its maps say."""

from typing import Final

from gpcoverage.outputs import closure_texts, footnotes, numerals, texts
from gpcoverage.outputs.language import say
from gpcoverage.outputs.ranking import ranked
from gpcoverage.outputs.told import TOTAL, ToldChoice
from gpcoverage.outputs.told_closure import ToldClosure
from gpcoverage.outputs.told_report import ToldReport

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


def kicker(told: ToldReport) -> str:
    """Say above the title what the report is and of which day."""
    study = told.choice.choice.study
    return say("Lægevalg i almen praksis, opgjort pr. {day}", day=numerals.day(study.date))


def title(told: ToldReport) -> str:
    """Head a report."""
    if told.closure is None:
        return texts.title(told.choice.choice)
    return closure_texts.title(told.closure.comparison)


def answer(told: ToldReport) -> str:
    """Answer the question in a few sentences."""
    return closure_texts.answer(told.closure) if told.closure else texts.answer(told.choice)


def footnote(told: ToldReport) -> list[str]:
    """Say how it was measured: the paragraphs of the maps."""
    return closure_texts.footnote(told.closure) if told.closure else footnotes.footnote(told.choice)


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


def sure(told: ToldReport) -> str:
    """Say how sure the answer is."""
    people = told.choice.people.loc[TOTAL]
    network = told.choice.choice.network
    return say(
        "Afstandene er regnet med en fejl på ± {error} %. For {people} borgere ({share}) kan svaret "
        "skifte inden for den, eller boligen ligger ikke på vejnettet; de er tegnet skraveret.",
        error=numerals.number(100 * network.error_share),
        people=numerals.number(people["uncertain"]),
        share=numerals.share(people["uncertain"], people["population"]),
    )


def about(told: ToldReport) -> list[str]:
    """Say in the workbook what its tables are."""
    empty = say(
        "Et tomt felt betyder, at tallet er udeladt eller ikke kendes. Afstande er i kilometer."
    )
    head = [title(told), kicker(told), answer(told)]
    return [*head, empty, *footnote(told)]
