"""Every sentence about shortage areas that a committee reads."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from gpcoverage.analysis.areas import ComputedAreas
from gpcoverage.outputs import designations_texts, footnotes, texts
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.numerals import HIDDEN, UNKNOWN, day, number, percent, share
from gpcoverage.outputs.told_areas import ToldAreas

STATE_LABELS: Final = {"yes": "Ja", "no": "Nej", "unknown": "Kan ikke opgøres", "hidden": HIDDEN}
DESIGNATED_LABELS: Final = {"all": "Ja", "part": "En del", "none": "Nej"}
AGREEMENT_LABELS: Final = {
    "both": "Begge dele",
    "only_computed": "Kun beregnet",
    "only_designated": "Kun udpeget",
    "part": "Udpeget i en del af området",
    "neither": "Ingen af delene",
    "unknown": "Kan ikke opgøres",
    "hidden": HIDDEN,
}
DISAGREEMENT_FILLS: Final = "Laget med uenigheder viser"
DISAGREEMENTS: Final = ("only_computed", "only_designated", "part")
MEASURE_LABELS: Final = {
    "few_choices_share": "For få valg",
    "residents_per_doctor": "Borgere pr. læge",
    "closed_share": "Lukkede praksis",
    "doctors_over_60_share": "Læger over 60 år",
}
FILL_LABELS: Final = {
    "yes": "Beregnet: opfylder kriteriet",
    "yes_uncertain": "Beregnet: opfylder, men usikkert",
    "no_uncertain": "Beregnet: opfylder ikke, men usikkert",
    "no": "Beregnet: opfylder ikke",
    "unknown": "Kan ikke opgøres eller ikke oplyses",
}
COMPUTED_LAYER: Final = "Beregnede områder"
DISAGREEMENT_LAYER: Final = "Uenighed mellem beregnet og udpeget"
DISAGREEMENT_TITLE: Final = "Her er beregnet og udpeget uenige"
NO_DISAGREEMENT: Final = "Beregnet og udpeget er ikke uenige om noget område."
OWN_CRITERION: Final = (
    "Kriteriet for de beregnede områder er valgt i undersøgelsen. Det er ikke regionens eller "
    "overenskomstens: et tal for deres kriterium er ikke fundet i kilderne."
)
PLACES: Final = (
    "Praksis og læger tæller, hvor de ligger, uanset hvor patienterne bor. Læger over 60 år er dem, "
    "der efter deres fødselsår med sikkerhed er fyldt 60."
)
DESIGNATED: Final = (
    "{n} {unit} er udpeget; for {known} af dem oplyser kilden, at det gælder den dag."
)
DESIGNATED_IN_PART: Final = (
    "{n} {unit} er udpeget, helt eller delvis; for {known} af dem oplyser kilden, at det gælder den "
    "dag."
)


def title(result: ComputedAreas) -> str:
    """Head the map."""
    return say("Lægedækningstruede områder: {study}", study=result.choice.study.name)


def unit(result: ComputedAreas, count: int) -> str:
    """Name what the areas are, for a number of them."""
    if result.of_municipalities:
        return say("kommune") if count == 1 else say("kommuner")
    return say("område") if count == 1 else say("områder")


def threshold(result: ComputedAreas, measure: str) -> str:
    """Say one threshold of the criterion."""
    value, choice = result.criterion.thresholds[measure], result.choice
    whole = 100 * value == round(100 * value)
    least = percent(100 * value, 0 if whole else 1)
    return {
        "few_choices_share": say(
            "mindst {least} af borgerne har færre end {enough} {kind} inden for grænsen",
            least=least,
            enough=choice.study.rules.min_choices,
            kind=texts.counted(choice),
        ),
        "residents_per_doctor": say(
            "mindst {n} borgere pr. læge i områdets praksis", n=number(value)
        ),
        "closed_share": say("mindst {least} af praksis er lukket for tilgang", least=least),
        "doctors_over_60_share": say(
            "mindst {least} af lægerne med kendt alder er over 60 år", least=least
        ),
    }[measure]


def criterion(result: ComputedAreas) -> str:
    """Say the whole criterion, as a part of a sentence."""
    parts = [threshold(result, measure) for measure in result.criterion.thresholds]
    if len(parts) == 1:
        return parts[0]
    either = result.criterion.combine == "any"
    opening = say("mindst ét af disse") if either else say("alle disse")
    return f"{opening}: {'; '.join(parts)}"


def answer(told: ToldAreas) -> str:
    """Say what was found, in a few sentences."""
    result, areas = told.result, told.areas
    short = areas["computed"] == "yes"
    people = told.people.loc["yes", "people"]
    one = unit(result, 1)
    found = say(
        "Efter undersøgelsens eget kriterium er {short} af {n} {unit} lægedækningstruede pr. {day}; der bor "
        "{people} borgere.",
        short=int(short.sum()),
        n=len(areas),
        unit=unit(result, len(areas)),
        day=day(result.choice.study.date),
        people=number(people),
        count=int(short.sum()),
    )
    sentences = [found]
    named = int((areas["designated"] != "none").sum())
    if named:
        there = areas.loc[areas["designated"] != "none"]
        sure = _in_force(told)
        known = sum(bool(sure & set(_ids(ids))) for ids in there["designations"])
        partly = "part" in set(there["designated"])
        sentences.append(
            say(
                DESIGNATED_IN_PART if partly else DESIGNATED,
                n=named,
                unit=unit(result, named),
                known=known or say("ingen"),
                count=named,
            )
        )
        apart = int(areas["agreement"].isin(DISAGREEMENTS).sum())
        sentences.append(
            say("Beregnet og udpeget er uenige om {n} {unit}.", n=apart, unit=unit(result, apart))
            if apart
            else say("Beregnet og udpeget er uenige om ingen {unit}.", unit=one)
        )
    else:
        sentences.append(say("Ingen {unit} er udpeget i de kilder, der er med.", unit=one))
    return " ".join(sentences)


def _in_force(told: ToldAreas) -> set[str]:
    table = told.designations
    return set(map(str, table.index[table["standing"] == "in_force"]))


def footnote(told: ToldAreas) -> list[str]:
    """Say the criterion, the day, the sources and what is left out, before the check's own notes."""
    result, study = told.result, told.result.choice.study
    rule = say("Beregnet pr. {day}: {criterion}.", day=day(study.date), criterion=criterion(result))
    computed = f"{rule} {say(OWN_CRITERION)}"
    return [
        computed,
        designations_texts.drawn_sources(told),
        say(PLACES),
        *_outside(told),
        *footnotes.footnote(told.told),
    ]


def _outside(told: ToldAreas) -> list[str]:
    homes = len(told.result.outside)
    if not homes:
        return []
    people = number(told.people.loc["outside", "people"])
    return [
        say(
            "{people} borgere bor i ingen af områderne ({homes} boliger eller felter).",
            people=people,
            homes=number(homes),
        )
    ]


def measure(name: str, value: float) -> str:
    """Write the value of a measure: a share, or residents per doctor."""
    if np.isinf(value):
        return say("ingen læger")
    if name == "residents_per_doctor":
        return say(UNKNOWN) if np.isnan(value) else number(value)
    return say(UNKNOWN) if np.isnan(value) else share(value, 1.0)


def _measure_of(told: ToldAreas, area: object, name: str) -> str:
    """Write a measure; what was left out is told apart from what nobody knows."""
    value = float(told.areas.loc[area, name])
    left_out = np.isnan(value) and not np.isnan(float(told.result.areas.loc[area, name]))
    return HIDDEN if left_out else measure(name, value)


def state(row: Mapping[str, object]) -> str:
    """Say what is computed for an area."""
    label = say(STATE_LABELS[str(row["computed"])])
    return say("{state}, usikkert", state=label) if row["certainty"] == "uncertain" else label


def facts(told: ToldAreas, area: object) -> dict[str, str]:
    """Say all about an area, for its popup; plain text."""
    row = told.areas.loc[area]
    measures = {
        label: _measure_of(told, area, name)
        for name, label in say_all(MEASURE_LABELS).items()
        if name in told.result.criterion.thresholds
    }
    sources = "; ".join(
        designations_texts.designation(told, name) for name in _ids(row["designations"])
    )
    others = "; ".join(
        designations_texts.designation(told, name) for name in _ids(row["other_designations"])
    )
    return {
        say("Område"): str(row["name"]),
        say("Borgere"): number(row["population"]),
        say("Beregnet"): state(row),
        **measures,
        say("Udpeget"): say(DESIGNATED_LABELS[row["designated"]])
        + (f": {sources}" if sources else ""),
        **({say("Andet"): others} if others else {}),
    }


def _ids(joined: str) -> list[str]:
    return joined.split(", ") if joined else []


def table(told: ToldAreas) -> tuple[list[str], pd.DataFrame]:
    """Write the table twin of the map: headings and cells."""
    rows = told.areas.sort_values("name")
    names = list(told.result.criterion.thresholds)
    head = [
        unit(told.result, 1).capitalize(),
        say("Borgere"),
        say("Beregnet"),
        *(say(MEASURE_LABELS[name]) for name in names),
        say("Udpeget"),
        say("Sammenholdt"),
    ]
    records = [
        [
            row["name"],
            number(row["population"]),
            state(row),
            *(_measure_of(told, area, name) for name in names),
            say(DESIGNATED_LABELS[row["designated"]]),
            say(AGREEMENT_LABELS[row["agreement"]]),
        ]
        for area, row in rows.iterrows()
    ]
    return head, pd.DataFrame(records, columns=head)


def disagreement_table(told: ToldAreas) -> tuple[list[str], pd.DataFrame]:
    """List the areas that only one of the two names, or names in part."""
    rows = told.areas[told.areas["agreement"].isin(DISAGREEMENTS)].sort_values(
        ["agreement", "name"]
    )
    head = [
        unit(told.result, 1).capitalize(),
        say("Uenighed"),
        say("Borgere"),
        say("Heraf i udpeget område"),
    ]
    cells = {
        head[0]: rows["name"],
        head[1]: rows["agreement"].map(say_all(AGREEMENT_LABELS)),
        head[2]: rows["population"].map(number),
        head[3]: rows["people_designated"].map(number),
    }
    return head, pd.DataFrame(cells)
