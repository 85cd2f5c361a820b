"""What the closure explorer says, in Danish."""

from typing import Final

from gpcoverage.analysis.choice import Choice
from gpcoverage.outputs import danish, texts

PANEL: Final = """
<section class="explorer" hidden aria-label="Prøv at lukke eller åbne praksis">
<h2>Prøv selv</h2>
<p class="hint">Klik på en praksis på kortet og luk eller åbn den. Alt regnes om med det samme, uden internet.</p>
<p class="sentence" aria-live="polite"></p>
<ul class="changes"></ul>
<table><thead><tr><td></td><th scope="col">Før</th><th scope="col">Nu</th><th scope="col">Forskel</th></tr></thead><tbody></tbody></table>
<p class="buttons"><button type="button" data-do="undo" disabled>Fortryd</button>
<button type="button" data-do="reset" disabled>Nulstil</button>
<button type="button" data-do="new" aria-pressed="false">Ny praksis på kortet</button>
<button type="button" data-do="link" disabled>Kopiér link</button></p>
<p class="fine"></p>
</section>
"""


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
    return {
        "choice": "Kan vælge",
        "one": few.capitalize(),
        "none": "Ingen",
        "uncertain": "Usikkert svar",
        "close": "Luk",
        "reopen": "Åbn for tilgang",
        "remove": "Fjern",
        "closes": "Lukker {names}: ",
        "opens": "Åbner {names}: ",
        "both": "Lukker {closed} og åbner {opened}: ",
        "lose_choice": f"{{people}} borgere går fra at kunne vælge til {few}",
        "lose_last": "{people} borgere mister deres sidste åbne valg",
        "gain": "{people} borgere får flere at vælge imellem",
        "nobody": "ingen borgere får færre eller flere at vælge imellem, end reglen spørger om",
        "unsure": " (heraf {people} usikkert)",
        "and": " og ",
        "new": "Ny praksis {number}",
        "place_new": "Klik på kortet, hvor den nye praksis skal ligge.",
        "copied": "Linket er kopieret.",
        "link": "Linket står i adresselinjen.",
        "changed_title": "Felter, hvis svar ændrer sig",
        "fine_new": "Afstande til en ny praksis er luftlinje gange {detour}, med ± {error} % usikkerhed.",
        "fine_hidden": "Felter med få borgere er ikke talt med i ændringerne ({number} felter).",
        "fine_choice": f"Grænse: {texts.limits(choice)}.",
        "several": "og {number} mere",
        "fewer_than": "under 5",
        "decimal": danish.number(0.5, 1)[1],
    }
