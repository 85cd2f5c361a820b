"""What a committee reads about a closure."""

import math
from typing import Final

from gpcoverage.analysis.closure import ClosedLists, Comparison
from gpcoverage.inputs.ceilings import ASSUMED_PER_DOCTOR
from gpcoverage.inputs.scenario import Change, Clinic, Close, Intake, Move, Open, Stage
from gpcoverage.outputs import footnotes, texts
from gpcoverage.outputs.language import say
from gpcoverage.outputs.numerals import HIDDEN, day, number, share
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
KIND_TEXTS: Final[dict[type[Change], str]] = {
    Close: "{names} lukker",
    Open: "{names} åbner",
    Move: "{names} flytter",
    Intake: "{names} skifter tilgang",
}
EXTRA_LABELS: Final = {"nearest": "Til den nærmeste", "second": "Til den næstnærmeste"}
FAR_METHOD: Final = (
    "Borgere omkring en lukket praksis er dem, der har den nærmest af alle praksis, åbne som lukkede "
    "for tilgang; hvem der faktisk er tilmeldt, vides ikke. Ledige pladser er regnet op til {most} "
    "tilmeldte pr. læge, overenskomstens grænse til midten af 2025."
)


def band_label(name: str) -> str:
    """Name a band of extra km: ``0-2 km``, ``over 10 km``."""
    return say("over {km} km", km=name[:-1]) if name.endswith("-") else f"{name} km"


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
    parts = []
    for kind in KIND_TEXTS:
        names = [practice_name(comparison, c) for c in scenario.changes if isinstance(c, kind)]
        if names:
            parts.append(say(KIND_TEXTS[kind], names=_listed(names), count=len(names)))
    return f"{comparison.after.name}: {'; '.join(parts)}"


def _listed(names: list[str], most: int = 3) -> str:
    if len(names) > most:
        first = ", ".join(names[: most - 1])
        return say("{names} og {more} andre", names=first, more=len(names) - most + 1)
    if len(names) == 1:
        return names[0]
    return say("{names} og {last}", names=", ".join(names[:-1]), last=names[-1])


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
            say(
                "{people} borgere kan ikke længere vælge mellem mindst {enough} {kind} inden for "
                "grænsen, og {last} mister deres sidste.",
                people=number(people["loses_choice"]),
                enough=enough,
                kind=kind,
                last=number(people["loses_last"]),
            )
        )
        if people["loses_uncertain"]:
            unsure = number(people["loses_uncertain"])
            sentences.append(say("For {people} af dem er det usikkert.", people=unsure))
    if people["gains"]:
        gains = number(people["gains"])
        sentences.append(say("{people} borgere får flere at vælge imellem.", people=gains))
    if not sentences:
        sentences.append(
            say("Ingen borgere får færre eller flere {kind} at vælge imellem.", kind=kind)
        )
        if comparison.lists.ids and not comparison.after.rules.closed_counts:
            was = comparison.before.study.practices.loc[list(comparison.lists.ids), "open"]
            if not was.any():
                sentences.append(
                    say(
                        "De lukkede praksis tog ikke imod nye patienter i forvejen.", count=len(was)
                    )
                )
    return " ".join(sentences)


def _shares_text(told: ToldClosure) -> str:
    everybody = told.total["population"]
    was, now = (share(told.total[name], everybody) for name in ("choice", "choice_after"))
    if HIDDEN in {was, now}:
        return ""
    if was == now:
        return say("Andelen, der kan vælge, er fortsat {share}.", share=was)
    return say("Andelen, der kan vælge, går fra {was} til {now}.", was=was, now=now)


def _lists_text(told: ToldClosure) -> list[str]:
    lists = told.lists
    if not lists.ids:
        return []
    limit = texts.limits(told.comparison.before)
    sentences = []
    if lists.catchment:
        sentences.append(
            say(
                "Af de {catchment} borgere omkring de lukkede praksis får {far} længere end grænsen "
                "({limit}) til enhver anden praksis, åben eller lukket for tilgang ({low} til {high} "
                "med måleusikkerheden).",
                catchment=number(lists.catchment),
                far=number(lists.far),
                limit=limit,
                low=number(lists.far_low),
                high=number(lists.far_high),
                count=len(lists.ids),
            )
        )
    if math.isnan(told.comparison.lists.patients):
        patients = say("Hvor mange tilmeldte der skal have ny læge, er ukendt")
    else:
        patients = say("{n} tilmeldte skal have ny læge", n=number(lists.patients))
    return [*sentences, f"{patients}; {_free_places(lists)}"]


def _free_places(lists: ClosedLists) -> str:
    """Say how much room there is where people can go, and what is not in the number."""
    near, known = lists.reachable, lists.reachable - lists.unknown
    if not near:
        return say("ingen praksis med åbent for tilgang ligger inden for grænsen.")
    if math.isnan(lists.free_places) or not known:
        secret = say("oplyses ikke") if known else say("er ukendt")
        return say(
            "{n} praksis med åbent for tilgang ligger inden for grænsen, men hvor mange ledige pladser "
            "der er, {secret}.",
            n=number(near),
            secret=secret,
            count=near,
        )
    room = say(
        "{practices} praksis med åbent for tilgang inden for grænsen har {places} ledige pladser.",
        practices=number(near),
        places=number(lists.free_places),
        count=near,
    )
    if not lists.unknown:
        return room
    rest = say(
        "Deri mangler {n} af dem, fordi antal tilmeldte eller læger er ukendt.",
        n=number(lists.unknown),
        count=lists.unknown,
    )
    return f"{room} {rest}"


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
    said = [say("Ændringer: {changes}.", changes=changes)]
    if scenario.source:
        said.append(say("Kilde til scenariet: {source}.", source=scenario.source))
    said += [scenario.note] if scenario.note else []
    return [
        " ".join(said),
        say(FAR_METHOD, most=number(ASSUMED_PER_DOCTOR)),
        *footnotes.footnote(told.before),
    ]


def change_text(comparison: Comparison, change: Change) -> str:
    """Tell one change."""
    name = practice_name(comparison, change)
    aside = ""
    match change:
        case Close():
            what = say("{name} lukker", name=name)
            aside = say(STAGE_TEXTS[change.stage]) if change.stage else ""
        case Open():
            what = say("{name} åbner", name=name)
            open_ = change.takes_patients
            intake = say("åben for tilgang") if open_ else say("lukket for tilgang")
            aside = f"{say(CLINIC_TEXTS[change.clinic], count=1)}, {intake}"
        case Move():
            what = say("{name} flytter", name=name)
        case Intake(open=True):
            what = say("{name} åbner for tilgang", name=name)
        case Intake():
            what = say("{name} lukker for tilgang", name=name)
    if change.date:
        what = say("{what} {day}", what=what, day=day(change.date))
    return f"{what} ({aside})" if aside else what
