"""The few numbers that a reader looks for first."""

from dataclasses import dataclass
from typing import Final

from gpcoverage.outputs import ledger_texts, numerals, texts
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.markup import safe
from gpcoverage.outputs.told import TOTAL, ToldChoice
from gpcoverage.outputs.told_closure import ToldClosure
from gpcoverage.outputs.told_ledger import ToldLedger

EFFECTS: Final = {
    "last": "praksis er nogles sidste",
    "second": "praksis tager valget fra nogle",
    "far": "praksis er nogles eneste, åben eller lukket",
}
"""The worst that a closure does, as ``ledger_texts.effects`` names it."""


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
    """Give the key figures of a closure."""
    total, people, lists = told.total, told.people, told.lists
    everybody = total["population"]
    was, now = (numerals.share(total[name], everybody) for name in ("choice", "choice_after"))
    shown = [
        KeyFigure(numerals.number(people["loses_choice"]), say("mister muligheden for at vælge")),
        KeyFigure(numerals.number(people["loses_last"]), say("mister deres sidste praksis")),
        KeyFigure(numerals.number(people["loses_uncertain"]), say("af dem er det usikkert for")),
        KeyFigure(now, say("kan vælge bagefter"), say("{share} før", share=was)),
    ]
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


def key_figures_html(figures: list[KeyFigure]) -> str:
    """Write key figures for a page: safe HTML."""
    items = "".join(
        f"<li><b>{safe(figure.value)}</b><span>{safe(figure.label)}</span>"
        + (f"<small>{safe(figure.note)}</small>" if figure.note else "")
        + "</li>"
        for figure in figures
    )
    return f'<ul class="key-figures">{items}</ul>'
