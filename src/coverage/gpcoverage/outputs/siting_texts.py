"""What a committee reads about proposed clinics, in Danish."""

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd

from gpcoverage.analysis.distance import ACROSS_WATER, FAR_FROM_ROAD
from gpcoverage.analysis.reachable import NO_PLACE, OUTSIDE, TOO_FEW_PLACES
from gpcoverage.analysis.siting import Siting
from gpcoverage.inputs.scenario import Clinic
from gpcoverage.outputs import texts
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
MUNICIPALITY_LABELS: Final = ("Kommune", "Har for få i dag", "Får nok", "Har stadig for få")
REASONS: Final = {
    NO_PLACE: "Intet af de undersøgte steder ligger inden for grænsen",
    TOO_FEW_PLACES: "Der ligger færre steder inden for grænsen, end der mangler klinikker",
    FAR_FROM_ROAD: "Boligen ligger for langt fra nærmeste vej",
    ACROSS_WATER: "Der er vand mellem boligen og nærmeste vej",
}
GOALS: Final = {
    "choice": (
        "Klinikkerne er valgt, så flest borgere går fra for få til nok {kind} inden for grænsen. Den, "
        "der har én, mangler én klinik mere; den, der ingen har, mangler {enough}, og én alene tæller "
        "da ikke."
    ),
    "distance": (
        "Klinikkerne er valgt, så den gennemsnitlige vej til den nærmeste af alle {kind} bliver "
        "kortest; de eksisterende bliver."
    ),
    "everyone": (
        "Det er det mindste antal klinikker, der giver nok {kind} inden for grænsen til alle, som de "
        "undersøgte steder kan hjælpe. Antallet af pladser indgår ikke."
    ),
}
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
    return f"Hvor bør den næste klinik ligge? {siting.before.study.name}"


def count(clinics: int, kind: Clinic) -> str:
    """Write a number of clinics: ``1 licensklinik``, ``10 licensklinikker``."""
    return f"{number(clinics)} {kind if clinics == 1 else PLURALS[kind]}"


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
        return "Ingen af de undersøgte steder ændrer noget: der foreslås ingen klinik."
    proposed = count(len(siting.clinics), options.kind)
    gains = (
        f"{number(told.gains)} borgere, der i dag har færre end {enough} {kind} inden for grænsen, "
        f"får mindst {enough}"
    )
    left = told.municipalities.loc[TOTAL, "too_few_after"]
    rest = f"{number(left)} har stadig for få"
    if options.goal == "distance":
        means = extra_km(siting.mean_before_m), extra_km(siting.mean_after_m)
        return (
            f"Med {proposed} bliver den gennemsnitlige vej til nærmeste af alle {kind} {means[1]} i "
            f"stedet for {means[0]}. {gains}; {rest}."
        )
    if options.goal == "everyone":
        beyond = told.beyond_help.sum(skipna=False)
        return (
            f"Der skal {proposed} til, før alle, som de undersøgte steder kan hjælpe, har mindst "
            f"{enough} {kind} inden for grænsen: {gains}. {number(beyond)} borgere kan ikke hjælpes "
            "fra disse steder."
        )
    seats = ""
    if math.isfinite(options.seats):
        seats = f", og der er plads til {number(told.seated)} af dem"
    return f"Med {proposed} gælder: {gains}{seats}; {rest}. {_most_alone(told)}".strip()


def _most_alone(told: ToldSiting) -> str:
    """Name the clinic that most people depend on."""
    known = told.clinics["only"].dropna()
    if known.empty or not known.max() > 0:
        return ""
    best = told.clinics.loc[known.idxmax()]
    return f"Flest afhænger af klinikken i {best['name']}: {number(best['only'])} borgere."


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
    return [CLINIC_LABELS[name] for name in columns], pd.DataFrame(columns, index=table.index)


def mark_lines(told: ToldSiting, at: Sequence[int]) -> list[str]:
    """Say what a mark on the map stands for; ``at`` are the positions of its clinics in the table."""
    clinic = told.clinics.iloc[at[0]]
    names = texts.municipality_names(told.siting.before.study, told.clinics["municipality_code"])
    numbers = " og ".join(str(i + 1) for i in at)
    return [
        f"Nr. {numbers}: {clinic['name']}, {names.iloc[at[0]]}",
        f"{number(clinic['gains'])} borgere inden for grænsen får nok at vælge imellem,",
        f"{number(clinic['only'])} af dem kun på grund af denne",
    ]


def municipalities_table(told: ToldSiting) -> tuple[list[str], pd.DataFrame, list[str]]:
    """Write the table of municipalities: headings, cells and sums."""
    columns = ["too_few", "gains", "too_few_after"]
    rows = told.municipalities.drop(index=TOTAL).sort_values("name")
    rows = rows[~(rows[columns] == 0).all(axis=1)]
    body = rows[["name"]].join(rows[columns].map(number))
    sums = told.municipalities.loc[TOTAL, columns].map(number)
    return [*MUNICIPALITY_LABELS], body, ["I alt", *sums]


def beyond_table(told: ToldSiting) -> tuple[list[str], pd.DataFrame]:
    """Write the table of people whom no place can help: headings and cells."""
    reasons = [REASONS.get(str(reason), str(reason)) for reason in told.beyond_help.index]
    people = told.beyond_help.map(number).to_numpy()
    return ["Hvorfor", "Borgere"], pd.DataFrame({"reason": reasons, "people": people})


def footnote(told: ToldSiting) -> list[str]:
    """Say how the places were chosen, and what it rests on."""
    siting = told.siting
    options, enough = siting.options, siting.before.study.rules.min_choices
    kind = texts.counted(siting.before)
    reasons = siting.candidates["reason"]
    used = int((reasons == "").sum())
    off_road = int((~reasons.isin(["", OUTSIDE])).sum())
    places = f"Undersøgt er {number(used)} steder i området"
    places += f"; {number(off_road)} ligger uden for vejnettet. " if off_road else ". "
    several = f"Der kan ligge op til {options.per_place} nye klinikker samme sted. "
    method = GOALS[options.goal].format(kind=kind, enough=enough)
    gap = share(siting.solution.gap, 1.0)
    proof = PROVEN if siting.solution.is_proven else NOT_PROVEN.format(gap=gap)
    sure = (
        f"For {number(told.gains_certain)} af de {number(told.gains)} borgere, der får nok, er det "
        "sikkert, også når afstandene er så usikre, som de er."
    )
    parts = [places + (several if options.per_place > 1 else "") + f"{method} {proof}", sure]
    if math.isfinite(options.seats) and options.goal != "everyone":
        parts.append(
            SEATS.format(
                seats=number(options.seats),
                doctors=or_unknown(options.doctors or math.nan),
                people=number(options.people_per_doctor),
            )
        )
    parts += [SATELLITE] if options.kind == "satellitpraksis" else []
    return [*parts, NOT_A_PLAN, *texts.footnote(told.after)]
