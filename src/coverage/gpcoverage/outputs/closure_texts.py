"""What a committee reads about a closure, in Danish."""

import datetime
import math
from typing import Final

from gpcoverage.analysis.closure import Comparison
from gpcoverage.inputs.scenario import Change, Clinic, Close, Intake, Move, Open, Stage
from gpcoverage.outputs import texts
from gpcoverage.outputs.numerals import HIDDEN, number, share
from gpcoverage.outputs.told_closure import ToldClosure

BEFORE: Final = "Før"
AFTER: Final = "Efter"
LOST_LABEL: Final = "Her mister borgere valg"
FAR_LABEL: Final = "Længere end grænsen til enhver anden praksis"
GAINED_LABEL: Final = "Her får borgere valg"
NO_ALTERNATIVE: Final = "ingen praksis, der tæller"
CLOSED_LABEL: Final = "Praksis, der lukker"
CHANGED_LABEL: Final = "Praksis, der åbner, flytter eller skifter tilgang"
STAGE_TEXTS: Final[dict[Stage, str]] = {
    "6m": "opsagt med 6 måneders varsel",
    "4m": "endeligt opsagt, 4 måneder før",
    "1m": "opsagt med 1 måneds varsel i særligt tilfælde",
    "closed": "lukket",
}
CLINIC_TEXTS: Final[dict[Clinic, str]] = {
    "ejerklinik": "ejerklinik",
    "licensklinik": "licensklinik",
    "regionsklinik": "regionsklinik",
    "satellitpraksis": "satellitpraksis",
}
MOVE_LABELS: Final = {
    "choice_to_one": "Fra valg til kun én",
    "one_to_none": "Fra kun én til ingen",
    "choice_to_none": "Fra valg til ingen",
    "one_to_choice": "Fra kun én til valg",
    "none_to_one": "Fra ingen til kun én",
    "none_to_choice": "Fra ingen til valg",
}
MUNICIPALITY_LABELS: Final = {
    "name": "Kommune",
    "population": "Borgere",
    "choice": "Kan vælge før",
    "choice_after": "Kan vælge efter",
    "one": "Kun én før",
    "one_after": "Kun én efter",
    "none": "Ingen før",
    "none_after": "Ingen efter",
    **MOVE_LABELS,
    "uncertain": "Usikkert, om de skifter",
}
EXTRA_LABELS: Final = {"nearest": "Til den nærmeste", "second": "Til den næstnærmeste"}
FAR_METHOD: Final = (
    "Borgere omkring en lukket praksis er dem, der har den nærmest af alle praksis, åbne som lukkede "
    "for tilgang; hvem der faktisk er tilmeldt, vides ikke. Ledige pladser er regnet op til 1.600 "
    "tilmeldte pr. læge, overenskomstens grænse til midten af 2025."
)


def band_label(name: str) -> str:
    """Name a band of extra km: ``0-2 km``, ``over 10 km``."""
    return f"over {name[:-1]} km" if name.endswith("-") else f"{name} km"


def title(comparison: Comparison) -> str:
    """Head a map or report: the scenario's name, or what happens.

    Parameters
    ----------
    comparison
        Before and after.

    Returns
    -------
    str
    """
    scenario = comparison.after.scenario
    if scenario.name:
        return f"{comparison.after.name}: {scenario.name}"
    kinds = {Close: "lukker", Open: "åbner", Move: "flytter", Intake: "skifter tilgang"}
    parts = []
    for kind, verb in kinds.items():
        names = [practice_name(comparison, c) for c in scenario.changes if isinstance(c, kind)]
        if names:
            parts.append(f"{_listed(names)} {verb}")
    return f"{comparison.after.name}: {'; '.join(parts)}"


def _listed(names: list[str], most: int = 3) -> str:
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} og {len(names) - most + 1} andre"
    return " og ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def practice_name(comparison: Comparison, change: Change) -> str:
    """Name the practice of a change."""
    if isinstance(change, Open):
        return change.name
    for practices in (comparison.before.study.practices, comparison.after.practices):
        if change.practice in practices.index:
            return str(practices.loc[change.practice, "name"])
    return change.practice


def answer(told: ToldClosure) -> str:
    """Say in a few sentences what changes.

    Parameters
    ----------
    told
        Before and after.

    Returns
    -------
    str
    """
    said = [_moves_text(told), _shares_text(told), *_lists_text(told)]
    return " ".join(filter(None, said))


def _moves_text(told: ToldClosure) -> str:
    comparison, people = told.comparison, told.people
    kind = texts.counted(comparison.before)
    enough = comparison.after.rules.min_choices
    sentences = []
    if people["loses_choice"] or people["loses_last"]:
        sentences.append(
            f"{number(people['loses_choice'])} borgere kan ikke længere vælge mellem mindst "
            f"{enough} {kind} inden for grænsen, og {number(people['loses_last'])} mister deres "
            "sidste."
        )
        if people["loses_uncertain"]:
            sentences.append(f"For {number(people['loses_uncertain'])} af dem er det usikkert.")
    if people["gains"]:
        sentences.append(f"{number(people['gains'])} borgere får flere at vælge imellem.")
    if not sentences:
        sentences.append(f"Ingen borgere får færre eller flere {kind} at vælge imellem.")
        if comparison.lists.ids and not comparison.after.rules.closed_counts:
            was = comparison.before.study.practices.loc[list(comparison.lists.ids), "open"]
            if not was.any():
                sentences.append("De lukkede praksis tog ikke imod nye patienter i forvejen.")
    return " ".join(sentences)


def _shares_text(told: ToldClosure) -> str:
    everybody = told.total["population"]
    was, now = (share(told.total[name], everybody) for name in ("choice", "choice_after"))
    if HIDDEN in {was, now}:
        return ""
    if was == now:
        return f"Andelen, der kan vælge, er fortsat {was}."
    return f"Andelen, der kan vælge, går fra {was} til {now}."


def _lists_text(told: ToldClosure) -> list[str]:
    lists = told.lists
    if not lists.ids:
        return []
    limit = texts.limits(told.comparison.before)
    sentences = []
    if lists.catchment:
        sentences.append(
            f"Af de {number(lists.catchment)} borgere omkring de lukkede praksis får "
            f"{number(lists.far)} længere end grænsen ({limit}) til enhver anden praksis, "
            f"åben eller lukket for tilgang ({number(lists.far_low)} til "
            f"{number(lists.far_high)} med måleusikkerheden)."
        )
    places = (
        f"{number(lists.reachable)} praksis med åbent for tilgang inden for grænsen har "
        f"{number(lists.free_places)} ledige pladser."
    )
    if not math.isnan(told.comparison.lists.patients):
        sentences.append(f"{number(lists.patients)} tilmeldte skal have ny læge; {places}")
    else:
        sentences.append(f"Hvor mange tilmeldte der skal have ny læge, er ukendt; {places}")
    return sentences


def footnote(told: ToldClosure) -> list[str]:
    """Say what was changed, when, and by what source; then how it was measured.

    Parameters
    ----------
    told
        Before and after.

    Returns
    -------
    list of str
        Paragraphs, plain text.
    """
    comparison = told.comparison
    scenario = comparison.after.scenario
    changes = "; ".join(change_text(comparison, change) for change in scenario.changes)
    said = [f"Ændringer: {changes}."]
    said += [f"Kilde til scenariet: {scenario.source}."] if scenario.source else []
    said += [scenario.note] if scenario.note else []
    return [" ".join(said), FAR_METHOD, *texts.footnote(told.before)]


def change_text(comparison: Comparison, change: Change) -> str:
    """Tell one change."""
    name = practice_name(comparison, change)
    when = f" {_day(change.date)}" if change.date else ""
    match change:
        case Close():
            stage = f" ({STAGE_TEXTS[change.stage]})" if change.stage else ""
            return f"{name} lukker{when}{stage}"
        case Open():
            intake = "åben" if change.takes_patients else "lukket"
            return f"{name} åbner{when} ({CLINIC_TEXTS[change.clinic]}, {intake} for tilgang)"
        case Move():
            return f"{name} flytter{when}"
        case Intake():
            return f"{name} {'åbner' if change.open else 'lukker'} for tilgang{when}"


def _day(date: datetime.date) -> str:
    return f"{date:%d.%m.%Y}"
