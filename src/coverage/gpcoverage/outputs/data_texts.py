"""What an analyst reads about the data before anything is computed."""

import math
from collections.abc import Mapping
from typing import Any, Final

from gpcoverage.analysis.arrival import DataReview
from gpcoverage.analysis.findings import SEVERITIES, Severity
from gpcoverage.analysis.land_checks import AREA_TOLERANCE
from gpcoverage.analysis.practice_checks import DRIFT_AT_ONCE, DRIFT_PER_YEAR, SHARE_DRIFT
from gpcoverage.inputs.homes import NO_MUNICIPALITY, OUTSIDE_AREA
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.municipalities import NO_GEOMETRY, STRANGER
from gpcoverage.inputs.places import TAKES_OUT
from gpcoverage.outputs import footnotes
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.numerals import day, number, percent, stated_day

SEVERITY_LABELS: Final = {"fault": "Fejl", "doubt": "Tvivl", "note": "Bemærkning"}
SEVERITY_HEADS: Final = {
    "fault": "Fejl: kan ikke være rigtigt",
    "doubt": "Tvivl: bør ses efter",
    "note": "Bemærkninger: godt at vide",
}
TOPIC_LABELS: Final = {
    "inputs": "Filer",
    "municipalities": "Kommuner",
    "homes": "Boliger",
    "practices": "Praksis",
}
KIND_LABELS: Final = {"practice": "Praksis", "home": "Bolig", "municipality": "Kommune"}

CHECK_TEXTS: Final = {
    "modelled": "Praksis er delvis modellerede: det, der findes ved dem, siger intet om virkelige praksis",
    "no_references": "Der er ingen referencetal: areal, praksis og læger er ikke sammenlignet med andres tal",
    "left_out": "Rækker er udeladt",
    "municipality_missing": "Kommuner mangler på listen: praksis dér tæller ikke for nogen",
    "municipality_unknown": "Koder på listen er ikke danske kommuner",
    "area_total": "Kommunernes samlede areal afviger fra det officielle",
    "overlap": "Kommuner overlapper hinanden",
    "gap": "Nabokommuner ligger under {limit} m fra hinanden uden at mødes: striben imellem tilhører ingen",
    "people_off": "I nogle kommuner har boligerne over {limit} % flere eller færre borgere, end kommunelisten siger",
    "people_not_placed": "Borgere er ikke med: boligfilen har for få adresser",
    "home_at_sea": "Boliger ligger mere end {limit} m uden for alle kommuner",
    "homes_at_one_point": "Boliger ligger på samme punkt som andre",
    "crowded_point": "Der bor mere end {limit} på ét punkt",
    "crowded_square": "Der bor mere end {limit} på én kvadratkilometer",
    "practices_off": "Antallet af praksis afviger fra referencetallet",
    "doctors_off": "Antallet af læger afviger fra referencetallet",
    "patients_per_doctor_off": "Patienter pr. læge afviger fra referencetallet",
    "open_share_off": "Andelen af åbne praksis afviger fra referencetallet",
    "closed_share_off": "Andelen af lukkede praksis afviger fra referencetallet",
    "no_practice": "Kommuner i området har ingen praksis i filen",
    "no_practice_beside": "Nabokommuner til området har ingen praksis i filen: borgere ved grænsen ser ud til at have færre valg, end de har",
    "all_closed": "Alle praksis i en kommune er lukket for tilgang",
    "residents_per_doctor": "Under halvt eller over dobbelt så mange borgere pr. læge som landets {limit}",
    "many_doctors": "Mere end {limit} læger i én praksis",
    "no_doctors": "Praksis uden nogen læge",
    "long_list": "Mere end {limit} tilmeldte pr. læge",
    "short_list": "Færre end {limit} tilmeldte pr. læge: en ny klinik, en lille ø, eller der mangler cifre",
    "unknown_doctors": "Antallet af læger er ikke oplyst",
    "unknown_lists": "Antallet af tilmeldte er ikke oplyst",
    "closing_soon": "Praksis lukker inden for {limit} måneder efter opgørelsesdagen",
    "twins": "Praksis på samme sted har samme eller næsten samme navn",
    "same_name": "Praksis i samme by har samme navn, men ligger forskellige steder",
    "address_apart": "Praksis på samme adresse ligger forskellige steder: et af stederne er forkert",
    "address_shared": "Praksis deler adresse",
    "practice_at_sea": "Praksis ligger mere end {limit} m uden for alle kommuner",
    "practice_elsewhere": "Praksis ligger i en anden kommune, mere end {limit} m uden for den, de oplyser",
    "at_centroid": "Praksis ligger under {limit} m fra midten af deres kommune: stedet ser gættet ud",
    "addresses_at_one_point": "Praksis med forskellige adresser ligger på præcis samme punkt: det ligner et postnummers eller en bys",
    "places_without_address": "Praksis deler punkt, og ingen adresse siger, om de ligger dér: det kan være byens",
}  # fmt: skip

UNITS: Final = {
    "rows": "{n} rækker",
    "municipalities": "{n} kommuner",
    "homes": "{n} boliger",
    "people": "{n} borgere",
    "people per km²": "{n} borgere pr. km²",
    "practices": "{n} praksis",
    "doctors": "{n} læger",
    "patients": "{n} patienter",
    "km²": "{n} km²",
    "km": "{n} km",
}
"""By the unit of a check."""

ONE_UNITS: Final = UNITS | {
    "rows": "{n} række",
    "municipalities": "{n} kommune",
    "homes": "{n} bolig",
    "people": "{n} borger",
    "people per km²": "{n} borger pr. km²",
    "doctors": "{n} læge",
    "patients": "{n} patient",
}
"""The same where there is one."""

VALUE_TEXTS: Final = {
    "people_off": "{share}",
    "home_at_sea": "{n} m fra land",
    "practice_at_sea": "{n} m fra land",
    "practice_elsewhere": "{n} m uden for",
    "at_centroid": "{n} m fra midten",
    "crowded_point": "{n} borgere",
    "crowded_square": "{n} borgere pr. km²",
    "no_practice": "{n} borgere",
    "no_practice_beside": "{n} borgere",
    "all_closed": "{n} praksis",
    "residents_per_doctor": "{n} borgere pr. læge",
    "many_doctors": "{n} læger",
    "no_doctors": "{n} tilmeldte",
    "long_list": "{n} pr. læge",
    "short_list": "{n} pr. læge",
    "same_name": "{n} m fra",
    "address_apart": "{n} m fra",
}
"""How a place's figure is told."""

ROLES: Final = {
    "municipalities": "kommuneliste",
    "boundaries": "kommunegrænser",
    "practices": "praksis",
    "homes": "boliger",
    "divisions": "regioner og sundhedsråd",
    "rules": "regler",
    "references": "referencetal",
    "places": "byer",
    "corrections": "rettelser til byer",
}
REASONS: Final = {
    NO_MUNICIPALITY: "ligger i ingen kommune på listen",
    OUTSIDE_AREA: "ligger uden for området",
    NO_GEOMETRY: "uden geometri",
    STRANGER: "ikke en kommune på listen",
    TAKES_OUT: "tager en by ud",
}
MANY: Final = 100
MANY_LABEL: Final = "Lille prik: fund med over {n} steder"
"""A finding with more places than that says something of all of them, and of none alone."""

PLACES_LABEL: Final = "Steder med fund"
SEVERAL: Final = "{n} samme sted, bl.a. {name}"
TABLE_TITLE: Final = "Alle fund og filer"
FILES_HEAD: Final = "Indlæste filer"
FINDING_HEADS: Final = {
    "topic": "Emne",
    "what": "Fund",
    "found": "Fundet",
    "expected": "Forventet",
    "source": "Kilde",
}
FILE_HEADS: Final = {
    "file": "Fil",
    "role": "Indhold",
    "rows": "Rækker",
    "used": "Brugt",
    "left_out": "Udeladt",
    "sha256": "SHA-256",
}
PLACES_SHOWN: Final = 8
"""So many places are named in the table; all are on the map and in data.csv."""

HOW_TO_READ: Final = (
    "En fejl kan ikke være rigtig. En tvivl kan have en god forklaring, men bør ses efter, før "
    "tallene bruges. Hvor der ikke står en kilde, er grænsen denne kontrols egen. Kontrolleret "
    "er praksis, der oplyser en kommune i området eller ligger så nær, at områdets borgere kan vælge dem."
)
REFERENCES_NOTE: Final = (
    "Referencetal er ældre end opgørelsen og talt af andre; hver serie er sammenlignet for sig. Et "
    "antal må afvige {now} % og {year} % mere for hvert år, der er gået; en andel må afvige {share} "
    "procentpoint. Arealet må afvige {area} %."
)
WORKING_PAPER: Final = (
    "Arbejdspapir for dem, der laver opgørelsen: enkelte praksis' tilmeldte kan læses af det."
)


def title(review: DataReview) -> str:
    """Head the report."""
    return say("Dataeftersyn: {study}", study=review.study.name)


def answer(review: DataReview) -> str:
    """Say in two sentences how the data look.

    Parameters
    ----------
    review
        What the checks say.

    Returns
    -------
    str
    """
    faults, doubts, notes = (review.count(severity) for severity in SEVERITIES)
    no_faults, no_doubts = say("ingen fejl"), say("ingen tvivlstilfælde")
    several = say("{n} bemærkninger", n=number(notes)) if notes else say("ingen bemærkninger")
    told = say(
        "{faults}, {doubts} og {notes} til data pr. {day}.",
        faults=(
            say("{n} fejl", n=number(faults), count=faults) if faults else no_faults
        ).capitalize(),
        doubts=say("{n} tvivlstilfælde", n=number(doubts), count=doubts) if doubts else no_doubts,
        notes=say("{n} bemærkning", n=number(notes)) if notes == 1 else several,
        day=day(review.study.date),
    )
    placed = len(review.places.geometry.dropna().drop_duplicates())
    if not placed:
        return told
    if placed == 1:
        return f"{told} {say('Kortet viser {n} sted.', n=number(placed))}"
    return f"{told} {say('Kortet viser {n} steder.', n=number(placed))}"


def legend(review: DataReview, severity: Severity) -> str:
    """Name a severity and how many findings it has; parameters as they are called."""
    return f"{say(SEVERITY_HEADS[severity])} ({number(review.count(severity))})"


def what(finding: Mapping[str, Any]) -> str:
    """Say what was found; ``finding`` is a row of ``DataReview.findings``."""
    limit = finding["limit"]
    told = "" if math.isnan(limit) else number(limit)
    return say(CHECK_TEXTS[finding["check"]], limit=told)


def figure(value: float, unit: str) -> str:
    """Write an expected or found value with its unit; empty where there is none.

    Parameters
    ----------
    value
        NaN where there is nothing.
    unit
        As in ``DataReview.findings``.

    Returns
    -------
    str
    """
    if math.isnan(value):
        return ""
    if unit == "share":
        return percent(100 * value, 1)
    decimals = 2 if unit.startswith("km") and 0 < value < 10 else 0  # noqa: PLR2004
    n = number(value, decimals)
    return say(ONE_UNITS[unit], n=n, count=1) if value == 1 else say(UNITS[unit], n=n)


def place(check: str, row: Mapping[str, Any]) -> str:
    """Name a place of a finding and why it is there.

    Parameters
    ----------
    check
        Which check found it.
    row
        Of ``DataReview.places``.

    Returns
    -------
    str
        Such as ``Lægerne i Tim (0760-tim-1): 250 m fra land``.
    """
    name = f"{row['name']} ({row['id']})" if row["name"] else str(row["id"])
    told = []
    if not math.isnan(row["value"]) and check in VALUE_TEXTS:
        value = row["value"]
        share = f"{'+' if value > 0 else ''}{percent(100 * value, 1)}"
        told.append(say(VALUE_TEXTS[check], n=number(value), share=share, count=value))
    if row["other"]:
        told.append(stated_day(row["other"]) if check == "closing_soon" else str(row["other"]))
    return f"{name}: {' '.join(told)}" if told else name


def places(review: DataReview, row: int) -> str:
    """Name the first places of a finding, and how many more there are.

    Parameters
    ----------
    review
        What the checks say.
    row
        Of ``review.findings``.

    Returns
    -------
    str
        Empty if it has none.
    """
    here = review.places[review.places["finding"] == row]
    check = str(review.findings["check"].iloc[row])
    named = [place(check, record) for record in here.head(PLACES_SHOWN).to_dict("records")]
    more = len(here) - len(named)
    first = "; ".join(named)
    return (
        say("{places} og {n} til i data.csv", places=first, n=number(more)) if more > 0 else first
    )


def file_row(record: InputRecord) -> tuple[str, ...]:
    """Write what was read from a file, in the order of ``FILE_HEADS``."""
    known = say_all(REASONS)
    reasons = [
        f"{number(len(item.rows))} {known.get(item.reason, item.reason)}"
        for item in record.left_out
    ]
    if record.people_not_placed:
        people = number(record.people_not_placed)
        reasons.append(say("{people} borgere uden adresse", people=people))
    return (
        record.file,
        say_all(ROLES).get(record.role, record.role),
        number(record.rows_in),
        number(record.rows_used),
        "; ".join(reasons) or "0",
        record.sha256,
    )


def footnote(review: DataReview) -> list[str]:
    """Say how the report is to be read.

    Parameters
    ----------
    review
        What the checks say.

    Returns
    -------
    list of str
        Paragraphs, plain text.
    """
    tolerances = say(
        REFERENCES_NOTE,
        now=number(100 * DRIFT_AT_ONCE),
        year=number(100 * DRIFT_PER_YEAR),
        share=number(100 * SHARE_DRIFT),
        area=number(100 * AREA_TOLERANCE),
    )
    compared = any(record.role == "references" for record in review.inputs)
    return [
        say(HOW_TO_READ),
        *([tolerances] if compared else []),
        *footnotes.attribution(review.study),
        *([say(footnotes.PARTLY_MODELLED)] if review.study.partly_modelled else []),
        say(WORKING_PAPER),
    ]
