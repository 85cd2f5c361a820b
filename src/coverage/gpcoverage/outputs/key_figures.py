"""The few numbers that a reader looks for first."""

from dataclasses import dataclass
from typing import Final

from gpcoverage.outputs import ledger_texts, numerals, texts
from gpcoverage.outputs.areas_texts import DISAGREEMENTS
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.markup import safe
from gpcoverage.outputs.told import TOTAL, ToldChoice
from gpcoverage.outputs.told_areas import ToldAreas
from gpcoverage.outputs.told_closure import ToldClosure
from gpcoverage.outputs.told_ledger import ToldLedger
from gpcoverage.outputs.told_plan import ToldPlan
from gpcoverage.outputs.told_siting import ToldSiting

EFFECTS: Final = {
    "last": "praksis er nogles sidste",
    "second": "praksis tager valget fra nogle",
    "far": "praksis er nogles eneste, åben eller lukket",
}
"""The worst that a closure does, as ``ledger_texts.effects`` names it."""


LOST: Final = {
    "loses_choice": "mister muligheden for at vælge",
    "loses_last": "mister deres sidste praksis",
    "loses_uncertain": "af dem er det usikkert for",
}
AREAS: Final = {
    "computed": "opfylder undersøgelsens kriterium",
    "designated": "er udpeget",
    "apart": "er de to uenige om",
}
SITING: Final = {
    "gains": "borgere får nok at vælge imellem",
    "left": "borgere har stadig for få",
    "beyond": "borgere kan ikke hjælpes fra disse steder",
}


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number.

    Attributes
    ----------
    value
        As it is to be read.
    label
        What it counts.
    note
        A second number that belongs to it; may be empty.
    """

    value: str
    label: str
    note: str = ""


def choice_figures(told: ToldChoice) -> list[KeyFigure]:
    """Give the key figures of a check."""
    choice, people = told.choice, told.people.loc[TOTAL]
    everybody = people["population"]
    enough = choice.study.rules.min_choices
    practices = told.municipalities[["practices", "open_practices"]].sum()
    labels = {
        "choice": say(
            "kan vælge mellem mindst {enough} {practices}",
            enough=enough,
            practices=texts.counted(choice),
        ),
        "one": say("har {few}", few=texts.too_few(choice)),
        "none": say("har ingen inden for grænsen"),
        "uncertain": say("har et usikkert svar"),
    }
    shown = [
        KeyFigure(numerals.number(people[name]), label, numerals.share(people[name], everybody))
        for name, label in labels.items()
    ]
    total, is_open = (numerals.number(practices[name]) for name in practices.index)
    return [*shown, KeyFigure(total, say("praksis i området"), say("{open} åbne", open=is_open))]


def closure_figures(told: ToldClosure) -> list[KeyFigure]:
    """Give the key figures of a closure, or of whatever else changes."""
    total, people, lists = told.total, told.people, told.lists
    was, now = (
        numerals.share(total[name], total["population"]) for name in ("choice", "choice_after")
    )
    shown = [KeyFigure(now, say("kan vælge bagefter"), say("{share} før", share=was))]
    if people["gains"]:
        gains = KeyFigure(numerals.number(people["gains"]), say("får flere at vælge imellem"))
        shown = [gains, *shown]
    if people["loses"] or not people["gains"]:
        lost = (numerals.number(people[name]) for name in LOST)
        shown = [*map(KeyFigure, lost, say_all(LOST).values()), *shown]
    if not lists.ids:
        return shown
    between = say(
        "{low} til {high} med måleusikkerheden",
        low=numerals.number(lists.far_low),
        high=numerals.number(lists.far_high),
    )
    far = KeyFigure(
        numerals.number(lists.far), say("får over grænsen til enhver anden praksis"), between
    )
    return [*shown, far]


def ledger_figures(told: ToldLedger) -> list[KeyFigure]:
    """Give the key figures of a ledger."""
    effects = ledger_texts.effects(told.ledger).value_counts()
    counting = int(told.practices["counts"].sum())
    shown = [
        KeyFigure(numerals.number(int(effects.get(effect, 0))), label)
        for effect, label in say_all(EFFECTS).items()
    ]
    pairs = KeyFigure(numerals.number(len(told.pairs)), say("par kan ikke begge undværes"))
    return [*shown, pairs, KeyFigure(numerals.number(counting), say("praksis tæller som valg"))]


def areas_figures(told: ToldAreas) -> list[KeyFigure]:
    """Give the key figures of shortage areas."""
    areas = told.areas
    there = texts.count_people(float(told.people.loc["yes", "people"]))
    counts = {
        "computed": (areas["computed"] == "yes").sum(),
        "designated": (areas["designated"] != "none").sum(),
        "apart": areas["agreement"].isin(DISAGREEMENTS).sum(),
    }
    notes = {"computed": there, "designated": "", "apart": ""}
    return [
        KeyFigure(numerals.number(int(counts[name])), label, notes[name])
        for name, label in say_all(AREAS).items()
    ]


def siting_figures(told: ToldSiting) -> list[KeyFigure]:
    """Give the key figures of proposed clinics."""
    people = {
        "gains": told.gains,
        "left": told.municipalities.loc[TOTAL, "too_few_after"],
        "beyond": told.beyond_help.sum(skipna=False),
    }
    clinics = len(told.siting.clinics)
    return [
        KeyFigure(numerals.number(clinics), say("foreslåede klinikker", count=clinics)),
        *(
            KeyFigure(numerals.number(people[name]), label)
            for name, label in say_all(SITING).items()
        ),
    ]


def plan_figures(told: ToldPlan) -> list[KeyFigure]:
    """Give the key figures of a plan: the money."""
    grants = told.review.documents.grants.frame
    total = float(grants["kroner"].sum())
    placed = float(told.review.grants.spread.parts["kroner"].sum())
    funded = int(told.municipalities["funded"].sum())
    projects = say("{n} projekter", n=numerals.number(len(grants)), count=len(grants))
    return [
        KeyFigure(numerals.number(total), say("kroner er givet"), projects),
        KeyFigure(
            numerals.number(placed),
            say("kroner kan føres til bestemte kommuner"),
            numerals.share(placed, total),
        ),
        KeyFigure(
            numerals.number(funded),
            say("kommuner i området har fået penge med navns nævnelse", count=funded),
        ),
    ]


def key_figures_html(figures: list[KeyFigure]) -> str:
    """Write key figures for a page: safe HTML."""
    items = "".join(
        f"<li><b>{safe(figure.value)}</b><span>{safe(figure.label)}</span>"
        + (f"<small>{safe(figure.note)}</small>" if figure.note else "")
        + "</li>"
        for figure in figures
    )
    return f'<ul class="key-figures">{items}</ul>'
