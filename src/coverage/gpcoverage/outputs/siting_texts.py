"""What a committee reads about proposed clinics."""

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd

from gpcoverage.analysis.distance import ACROSS_WATER, FAR_FROM_ROAD
from gpcoverage.analysis.reachable import NO_PLACE, OUTSIDE, TOO_FEW_PLACES
from gpcoverage.analysis.siting import Siting
from gpcoverage.inputs.scenario import Clinic
from gpcoverage.outputs import footnotes, texts
from gpcoverage.outputs.closure_texts import CLINIC_TEXTS
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.numerals import extra_km, number, or_unknown, share
from gpcoverage.outputs.told import TOTAL
from gpcoverage.outputs.told_siting import ToldSiting

GAINS_LABEL: Final = "Får nok praksis at vælge imellem"
GAINS_LEGEND: Final = "Heraf dem, der først får det med de foreslåede klinikker"
CLINIC_LABEL: Final = "Foreslået klinik, med sit nummer i tabellen"
CLINICS_LABEL: Final = "Foreslåede klinikker"
BEYOND_LABEL: Final = "Kan ikke hjælpes fra de undersøgte steder"
TABLE_TITLE: Final = "Tallene: de foreslåede klinikker og kommunerne"
CLINICS_TITLE: Final = "De foreslåede klinikker"
MUNICIPALITIES_TITLE: Final = "Kommunerne"
BEYOND_TITLE: Final = "Borgere, som ingen af de undersøgte steder kan give nok at vælge imellem"

PLURALS: Final[dict[Clinic, str]] = {
    "ejerklinik": "ejerklinikker",
    "licensklinik": "licensklinikker",
    "regionsklinik": "regionsklinikker",
    "satellitpraksis": "satellitpraksis",
}
CLINIC_LABELS: Final = {
    "number": "Nr.",
    "name": "Sted",
    "municipality": "Kommune",
    "too_few": "Har den inden for grænsen og havde for få",
    "gains": "Heraf får nok",
    "only": "Heraf kun på grund af denne",
    "nearest": "Har den nærmest",
    "seats": "Pladser",
}
MUNICIPALITY_LABELS: Final = {
    "name": "Kommune",
    "too_few": "Har for få i dag",
    "gains": "Får nok",
    "too_few_after": "Har stadig for få",
}
REASONS: Final = {
    NO_PLACE: "Intet af de undersøgte steder ligger inden for grænsen",
    TOO_FEW_PLACES: "Der ligger færre steder inden for grænsen, end der mangler klinikker",
    FAR_FROM_ROAD: "Boligen ligger for langt fra nærmeste vej",
    ACROSS_WATER: "Der er vand mellem boligen og nærmeste vej",
}
FOR_CHOICE: Final = (
    "Klinikkerne er valgt, så flest borgere går fra for få til nok {kind} inden for grænsen. Den, "
    "der har én, mangler én klinik mere; den, der ingen har, mangler {enough}, og én alene tæller "
    "da ikke."
)
FOR_DISTANCE: Final = (
    "Klinikkerne er valgt, så den gennemsnitlige vej til den nærmeste af alle {kind} bliver "
    "kortest; de eksisterende bliver."
)
FOR_EVERYONE: Final = (
    "Det er det mindste antal klinikker, der giver nok {kind} inden for grænsen til alle, som de "
    "undersøgte steder kan hjælpe. Antallet af pladser indgår ikke."
)
PLACES_OFF_ROAD: Final = "Undersøgt er {n} steder i området; {off_road} ligger uden for vejnettet."
SEVERAL_AT_ONE: Final = "Der kan ligge op til {n} nye klinikker samme sted."
PROVEN: Final = "Svaret er bevist: intet andet valg blandt disse steder er bedre."
NOT_PROVEN: Final = (
    "Beregningen blev standset, før svaret var bevist: det bedste kan være op til {gap} bedre."
)
SEATS: Final = (
    "Hver klinik har {seats} pladser ({doctors} læger à {people} borgere). En borger, der får nok at "
    "vælge imellem, tager én plads i én klinik inden for grænsen."
)
SATELLITE: Final = (
    "En satellitpraksis hører til en praksis, der findes. Den er talt som én mere at vælge imellem; har "
    "borgeren i forvejen den praksis inden for grænsen, er det i virkeligheden ikke flere."
)
NOT_A_PLAN: Final = (
    "Forslaget siger, hvor en klinik ville give flest borgere et valg efter afstand. Det siger intet om, "
    "hvor der kan findes læger, lokaler eller penge."
)


def title(siting: Siting) -> str:
    """Head the map."""
    return say("Hvor bør den næste klinik ligge? {study}", study=siting.before.study.name)


def count(clinics: int, kind: Clinic) -> str:
    """Write a number of clinics: ``1 licensklinik``, ``10 licensklinikker``."""
    named = say(CLINIC_TEXTS[kind], count=1) if clinics == 1 else say(PLURALS[kind])
    return f"{number(clinics)} {named}"


def answer(told: ToldSiting) -> str:
    """Answer the question in a few sentences; also what the command prints.

    Parameters
    ----------
    told
        The result.

    Returns
    -------
    str
    """
    siting = told.siting
    options, enough = siting.options, siting.before.study.rules.min_choices
    kind = texts.counted(siting.before)
    if siting.clinics.empty:
        return say("Ingen af de undersøgte steder ændrer noget: der foreslås ingen klinik.")
    proposed = count(len(siting.clinics), options.kind)
    gains = say(
        "{people} borgere, der i dag har færre end {enough} {kind} inden for grænsen, får mindst "
        "{enough}",
        people=number(told.gains),
        enough=enough,
        kind=kind,
    )
    left = told.municipalities.loc[TOTAL, "too_few_after"]
    rest = say("{people} har stadig for få", people=number(left))
    if options.goal == "distance":
        nearer = say(
            "Med {clinics} bliver den gennemsnitlige vej til nærmeste af alle {kind} {after} i stedet "
            "for {before}.",
            clinics=proposed,
            kind=kind,
            after=extra_km(siting.mean_after_m),
            before=extra_km(siting.mean_before_m),
        )
        return f"{nearer} {gains}; {rest}."
    if options.goal == "everyone":
        return say(
            "Der skal {clinics} til, før alle, som de undersøgte steder kan hjælpe, har mindst "
            "{enough} {kind} inden for grænsen: {gains}. {beyond} borgere kan ikke hjælpes fra disse "
            "steder.",
            clinics=proposed,
            enough=enough,
            kind=kind,
            gains=gains,
            beyond=number(told.beyond_help.sum(skipna=False)),
        )
    if math.isfinite(options.seats):
        seated = number(told.seated)
        gains = say("{gains}, og der er plads til {people} af dem", gains=gains, people=seated)
    found = say("Med {clinics} gælder: {gains}; {rest}.", clinics=proposed, gains=gains, rest=rest)
    return f"{found} {_most_alone(told)}".strip()


def _most_alone(told: ToldSiting) -> str:
    """Name the clinic that most people depend on."""
    known = told.clinics["only"].dropna()
    if known.empty or not known.max() > 0:
        return ""
    best = told.clinics.loc[known.idxmax()]
    return say(
        "Flest afhænger af klinikken i {place}: {people} borgere.",
        place=best["name"],
        people=number(best["only"]),
    )


def clinics_table(told: ToldSiting) -> tuple[list[str], pd.DataFrame]:
    """Write the table of clinics: headings and cells."""
    table = told.clinics
    names = texts.municipality_names(told.siting.before.study, table["municipality_code"])
    columns = {
        "number": [str(i) for i in range(1, len(table) + 1)],
        "name": table["name"],
        "municipality": names,
        **{name: table[name].map(number) for name in ("too_few", "gains", "only", "nearest")},
    }
    if math.isfinite(told.siting.options.seats):
        columns["seats"] = table["seats"].map(number)
    return [say(CLINIC_LABELS[name]) for name in columns], pd.DataFrame(columns, index=table.index)


def mark_lines(told: ToldSiting, at: Sequence[int]) -> list[str]:
    """Say what a mark on the map stands for; ``at`` are the positions of its clinics in the table."""
    clinic = told.clinics.iloc[at[0]]
    names = texts.municipality_names(told.siting.before.study, told.clinics["municipality_code"])
    return [
        say(
            "Nr. {numbers}: {place}, {municipality}",
            numbers=say(" og ").join(str(i + 1) for i in at),
            place=clinic["name"],
            municipality=names.iloc[at[0]],
        ),
        say(
            "{people} borgere inden for grænsen får nok at vælge imellem,",
            people=number(clinic["gains"]),
        ),
        say("{people} af dem kun på grund af denne", people=number(clinic["only"])),
    ]


def municipalities_table(told: ToldSiting) -> tuple[list[str], pd.DataFrame, list[str]]:
    """Write the table of municipalities: headings, cells and sums."""
    columns = ["too_few", "gains", "too_few_after"]
    rows = told.municipalities.drop(index=TOTAL).sort_values("name")
    rows = rows[~(rows[columns] == 0).all(axis=1)]
    body = rows[["name"]].join(rows[columns].map(number))
    sums = told.municipalities.loc[TOTAL, columns].map(number)
    return [*say_all(MUNICIPALITY_LABELS).values()], body, [say("I alt"), *sums]


def beyond_table(told: ToldSiting) -> tuple[list[str], pd.DataFrame]:
    """Write the table of people whom no place can help: headings and cells."""
    known = say_all(REASONS)
    reasons = [known.get(str(reason), str(reason)) for reason in told.beyond_help.index]
    people = told.beyond_help.map(number).to_numpy()
    return [say("Hvorfor"), say("Borgere")], pd.DataFrame({"reason": reasons, "people": people})


def footnote(told: ToldSiting) -> list[str]:
    """Say how the places were chosen, and what it rests on."""
    siting = told.siting
    options, enough = siting.options, siting.before.study.rules.min_choices
    kind = texts.counted(siting.before)
    reasons = siting.candidates["reason"]
    used = int((reasons == "").sum())
    off_road = int((~reasons.isin(["", OUTSIDE])).sum())
    places = (
        say(PLACES_OFF_ROAD, n=number(used), off_road=number(off_road))
        if off_road
        else say("Undersøgt er {n} steder i området.", n=number(used))
    )
    made = [places]
    if options.per_place > 1:
        made.append(say(SEVERAL_AT_ONE, n=options.per_place))
    method = {
        "choice": say(FOR_CHOICE, kind=kind, enough=enough),
        "distance": say(FOR_DISTANCE, kind=kind),
        "everyone": say(FOR_EVERYONE, kind=kind),
    }[options.goal]
    gap = share(siting.solution.gap, 1.0)
    proof = say(PROVEN) if siting.solution.is_proven else say(NOT_PROVEN, gap=gap)
    sure = say(
        "For {certain} af de {people} borgere, der får nok, er det sikkert, også når afstandene er så "
        "usikre, som de er.",
        certain=number(told.gains_certain),
        people=number(told.gains),
    )
    parts = [" ".join([*made, method, proof]), sure]
    if math.isfinite(options.seats) and options.goal != "everyone":
        parts.append(
            say(
                SEATS,
                seats=number(options.seats),
                doctors=or_unknown(options.doctors or math.nan),
                people=number(options.people_per_doctor),
            )
        )
    parts += [say(SATELLITE)] if options.kind == "satellitpraksis" else []
    return [*parts, say(NOT_A_PLAN), *footnotes.footnote(told.after)]
