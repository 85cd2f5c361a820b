"""What the closure explorer says."""

from typing import Final

from gpcoverage.analysis.choice import Choice
from gpcoverage.outputs import texts
from gpcoverage.outputs.language import say, say_all

PANEL: Final = """
<section class="explorer" hidden aria-label="{label}">
<h2>{title}</h2>
<p class="hint">{hint}</p>
<p class="sentence" aria-live="polite"></p>
<ul class="changes"></ul>
<table><thead><tr><td></td><th scope="col">{before}</th><th scope="col">{now}</th><th scope="col">{change}</th></tr></thead><tbody></tbody></table>
<p class="buttons"><button type="button" data-do="undo" disabled>{undo}</button>
<button type="button" data-do="reset" disabled>{reset}</button>
<button type="button" data-do="new" aria-pressed="false">{new}</button>
<button type="button" data-do="link" disabled>{link}</button></p>
<p class="fine"></p>
</section>
"""
PANEL_TEXTS: Final = {
    "label": "Prøv at lukke eller åbne praksis",
    "title": "Prøv selv",
    "hint": "Klik på en praksis på kortet og luk eller åbn den. Alt regnes om med det samme, uden internet.",
    "before": "Før",
    "now": "Nu",
    "change": "Forskel",
    "undo": "Fortryd",
    "reset": "Nulstil",
    "new": "Ny praksis på kortet",
    "link": "Kopiér link",
}
SENTENCES: Final = {
    "choice": "Kan vælge",
    "one": "Kun én",
    "none": "Ingen",
    "uncertain": "Usikkert svar",
    "close": "Luk",
    "reopen": "Åbn for tilgang",
    "remove": "Fjern",
    "closes": "Lukker {names}: ",
    "opens": "Åbner {names}: ",
    "both": "Lukker {closed} og åbner {opened}: ",
    "lose_choice": "{people} borgere går fra at kunne vælge til {few}",
    "lose_last": "{people} borgere mister deres sidste åbne valg",
    "gain": "{people} borgere får flere at vælge imellem",
    "nobody": "ingen borgere får færre eller flere at vælge imellem, end reglen spørger om",
    "unsure": " (heraf {people} usikkert)",
    "and": " og ",
    "new": "Ny praksis {number}",
    "place_new": "Klik på kortet, hvor den nye praksis skal ligge.",
    "copied": "Linket er kopieret.",
    "link": "Linket står i adresselinjen.",
    "fine_new": "Afstande til en ny praksis er luftlinje gange {detour}, med ± {error} % usikkerhed.",
    "fine_hidden": "Felter med få borgere er ikke talt med i ændringerne ({number} felter).",
    "fine_choice": "Grænse: {limits}.",
    "several": "og {number} mere",
    "fewer_than": "under {smallest}",
}
"""With ``{…}`` that ``assets/explorer.js`` fills in."""


def panel() -> str:
    """Write the panel, HTML."""
    return PANEL.format(**say_all(PANEL_TEXTS))


def texts_of(choice: Choice) -> dict[str, str]:
    """Give the words of the page's own sentences.

    Parameters
    ----------
    choice
        The check, for its limit and rule.

    Returns
    -------
    dict
        By key, as ``assets/explorer.js`` asks for them; ``{…}`` is filled in there.
    """
    few = texts.too_few(choice)
    return say_all(SENTENCES) | {
        "one": few.capitalize(),
        "lose_choice": say(SENTENCES["lose_choice"], people="{people}", few=few),
        "fine_choice": say(SENTENCES["fine_choice"], limits=texts.limits(choice)),
    }
