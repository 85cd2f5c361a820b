"""What a committee reads about the plan, its grants and its goals."""

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from gpcoverage.inputs.plan import PlanTable
from gpcoverage.outputs import footnotes, texts
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.numerals import number, percent, share
from gpcoverage.outputs.told_plan import ToldPlan

NEED_FROM: Final = (0.0, 0.05, 0.10, 0.25, 0.50)
"""Lower bounds of the classes of need, shares of people."""

TABLE_TITLE: Final = "Tabellerne: penge, plan og mål"
MONEY_LABEL: Final = "Kroner pr. borger"
SIZE_LABEL: Final = (
    "Cirklens areal viser kroner pr. borger. Tryk på en cirkel for tal, projekter og plan."
)
NO_MONEY_LABEL: Final = "Ingen penge, der er givet til netop den kommune"

INSTRUMENT_LABELS: Final = {
    "knowledge": "Viden",
    "risk": "Risiko",
    "construction": "Anlæg",
    "subsidy": "Tilskud",
}
ANSWER_LABELS: Final = {"yes": "ja", "possibly": "måske", "no": "nej"}
AREA_LABELS: Final = {"special": "Særlig udfordring", "ordinary": "Ikke særlig udfordring"}
INITIATIVE_LABELS: Final = {
    "structural": "bidrager til strukturudvikling",
    "other": "bidrager ikke",
}
INDICATOR_TEXTS: Final = {
    "open_share": "{figure} af praksis har åbent for tilgang",
    "people_per_doctor": "{figure} borgere pr. læge",
    "doctors": "{figure} læger",
    "older_doctors_share": "{figure} af læger med kendt alder er mindst 60 år",
    "shared_practices_share": "{figure} af praksis har mere end én læge",
}
TOO_FEW: Final = "{figure} af borgerne har {few}"
HIGHEST: Final = "flest borgere pr. læge: {figure} ({where})"
NO_DOCTOR: Final = "ingen læge"
SHARES: Final = ("open_share", "too_few_share", "older_doctors_share", "shared_practices_share")

SEVERAL_DOCUMENTS: Final = "; "
SOURCE_LABEL: Final = "Kilde: {source}."

EQUAL_SHARES: Final = (
    "Penge, der er givet til flere kommuner med navns nævnelse, er fordelt efter indbyggertal; de får "
    "derfor samme beløb pr. borger. "
)
SEVERAL_APART: Final = "Penge, der er givet til flere kommuner, er holdt for sig. "
REGION_APART: Final = (
    "Penge, der er givet til en region, er ikke lagt ud på kommuner, for dokumentet siger ikke hvilke; "
    "de er med i tabellen over regioner. "
)
REGION_SPREAD: Final = (
    "Penge, der er givet til en region, er fordelt efter indbyggertal, og hvor dokumentet taler om "
    "lægedækningstruede områder, kun på regionens kommuner af den slags. Det er en forudsætning: "
    "dokumentet siger ikke, hvilke kommuner der får dem. "
)
COUNTRY_APART: Final = "Penge uden region er holdt for sig."
ONE_FUNDED: Final = (
    "Den kommune i området, som penge kan føres til, har {people} af borgerne og {too_few} af dem med "
    "{few} inden for grænsen."
)
SEVERAL_FUNDED: Final = (
    "De {funded} af områdets {n} kommuner, som penge kan føres til, har {people} af borgerne og "
    "{too_few} af dem med {few} inden for grænsen."
)
DOCUMENTS_USED: Final = (
    "Dokumenter: {documents}. Hver række i tabellerne nævner sit dokument og stedet i det. Ordene er "
    "egne. Et ja er det, regionen siger, at den giver eller kan give; et måske afhænger af en "
    "vurdering, en forhandling eller praksis selv; et tomt felt er ikke nævnt."
)
BEYOND: Final = (
    "Planen stiller noget i udsigt, som dens egen tabel ikke giver i kommuner uden særlig udfordring: "
    "{places}. Planen regner altså udfordringen sted for sted, ikke kommune for kommune."
)
NOT_MENTIONED: Final = "nævnes ikke"
NOT_EFFECT: Final = (
    "Kroner pr. borger siger, hvor pengene er givet, ikke hvad de virker. Planen er fra 2008, "
    "bevillingerne fra 2025; mangel på valg er opgjort i dag."
)


def few(told: ToldPlan) -> str:
    """Name what people have who have too few choices, such as ``færre end 2 åbne praksis``."""
    choice = told.review.choice
    enough = choice.study.rules.min_choices
    return say("færre end {enough} {kind}", enough=enough, kind=texts.counted(choice))


def title(told: ToldPlan) -> str:
    """Head the page."""
    return say("Plan, penge og lægevalg: {study}", study=told.review.choice.study.name)


def kroner(value: float) -> str:
    """Write an amount, such as ``628.090 kr.``."""
    return say("{amount} kr.", amount=number(value))


def per_person(value: float) -> str:
    """Write an amount per inhabitant, such as ``30,34``; ``-`` where nobody lives."""
    return "-" if math.isnan(value) else number(value, 2)


def answer(told: ToldPlan) -> str:
    """Say in a few sentences whether the money goes where choice is missing.

    Parameters
    ----------
    told
        The comparison.

    Returns
    -------
    str
    """
    grants = told.review.documents.grants.frame
    spread = told.review.grants.spread
    total, placed = float(grants["kroner"].sum()), float(spread.parts["kroner"].sum())
    first = say(
        "{total} er givet til {n} projekter. {placed} ({share}) kan føres til bestemte kommuner.",
        total=kroner(total),
        n=number(len(grants)),
        placed=kroner(placed),
        share=share(placed, total),
    )
    return f"{first} {_funded(told)} {_regions(told)}"


def _funded(told: ToldPlan) -> str:
    rows = told.municipalities
    people, need = rows["population"].sum(skipna=False), told.choice.people.loc["total"]
    all_few = need["population"] - need["choice"]
    if not rows["funded"].any():
        return say("Ingen penge kan føres til en bestemt kommune i området.")
    got = told.funded.loc[True]
    count = int(rows["funded"].sum())
    shares = {"people": share(got["population"], people), "too_few": share(got["too_few"], all_few)}
    if count == 1:
        return say(ONE_FUNDED, people=shares["people"], too_few=shares["too_few"], few=few(told))
    return say(
        SEVERAL_FUNDED,
        funded=number(count),
        n=number(len(rows)),
        people=shares["people"],
        too_few=shares["too_few"],
        few=few(told),
    )


def _regions(told: ToldPlan) -> str:
    rows = told.regions
    if rows["too_few_share"].isna().any() or rows.empty:
        return ""
    if len(rows) == 1:
        row = rows.iloc[0]
        return say(
            "Hele regionen har fået {total}, {each} pr. borger; {share} har {few}.",
            total=kroner(row["kroner"]),
            each=_each(row),
            share=share(row["too_few"], row["population"]),
            few=few(told),
        )
    most, worst = rows["kroner_per_person"].idxmax(), rows["too_few_share"].idxmax()
    rich, poor = rows.loc[most], rows.loc[worst]
    sentence = say(
        "Flest penge pr. borger går til Region {region} ({each}), hvor {share} har {few}",
        region=most,
        each=_each(rich),
        share=share(rich["too_few"], rich["population"]),
        few=few(told),
    )
    if most == worst:
        return say("{sentence}: det er også den største andel.", sentence=sentence)
    return say(
        "{sentence}; andelen er størst i Region {region} ({share}), som får {each}",
        sentence=sentence,
        region=worst,
        share=share(poor["too_few"], poor["population"]),
        each=_each(poor),
    )


def _each(row: pd.Series) -> str:
    """Write an amount per inhabitant with its currency."""
    return say("{amount} kr.", amount=per_person(row["kroner_per_person"]))


def source(*tables: PlanTable) -> str:
    """Name the documents that tables are taken out of."""
    names = dict.fromkeys(
        name
        for table in tables
        for cell in table.frame["document"]
        for name in cell.split(SEVERAL_DOCUMENTS)
    )
    return "; ".join(names)


def shortage_rule(told: ToldPlan) -> str:
    """Say what counts as a shortage area."""
    areas = told.review.grants.shortage
    if areas.from_share is None:
        return say("Lægedækningstruede kommuner er udpeget: {source}.", source=areas.source)
    whole = (100 * areas.from_share).is_integer()
    return say(
        "Lægedækningstruede kommuner er her beregnet og ikke udpeget: kommuner, hvor mindst {share} "
        "har {few} inden for grænsen. Andelen er en forudsætning.",
        share=percent(100 * areas.from_share, 0 if whole else 1),
        few=few(told),
    )


def footnote(told: ToldPlan) -> list[str]:
    """Say how the money was laid out, where the words come from, and what it rests on."""
    rule = told.review.grants.spreading
    money = say(EQUAL_SHARES if rule.several == "people" else SEVERAL_APART)
    money += say(REGION_APART if rule.region == "apart" else REGION_SPREAD)
    outside = told.review.grants.outside_kroner
    if outside > 0:
        said = say("{amount} er givet til kommuner uden for området.", amount=kroner(outside))
        money += f"{said} "
    return [
        money + say(COUNTRY_APART),
        shortage_rule(told),
        say(DOCUMENTS_USED, documents=source(*told.review.documents.tables)),
        say(NOT_EFFECT),
        *footnotes.footnote(told.choice),
    ]


def need_class(too_few_share: float) -> int:
    """Find the class of need by number: 0 is the least, -1 stands for what was left out."""
    if math.isnan(too_few_share):
        return -1
    return max(i for i, least in enumerate(NEED_FROM) if too_few_share >= least)


def need_label(number_: int) -> str:
    """Name a class of need, such as ``10 til 25 %``."""
    low = 100 * NEED_FROM[number_]
    if number_ == len(NEED_FROM) - 1:
        return say("{low} eller flere", low=percent(low))
    high = percent(100 * NEED_FROM[number_ + 1])
    if number_ == 0:
        return say("under {percent}", percent=high)
    return say("{low} til under {high}", low=number(low), high=high)


def focus(value: Any) -> str:
    """Write whether the plan calls a municipality a special focus area."""
    if pd.isna(value):
        return say(NOT_MENTIONED)
    return say("ja") if value else say("nej")


def popup(told: ToldPlan, code: str) -> dict[str, str]:
    """Tell of a municipality: need, money, and what the plan says of it.

    Parameters
    ----------
    told
        The comparison.
    code
        The municipality.

    Returns
    -------
    dict
        Plain text by label.
    """
    row = told.municipalities.loc[code]
    facts = {
        say("Kommune"): str(row["name"]),
        say("Borgere"): number(row["population"]),
        say("Har {few}", few=few(told)): (
            f"{number(row['too_few'])} ({share(row['too_few'], row['population'])})"
        ),
        say("Penge til kommunen"): say(
            "{total} ({each} pr. borger)", total=kroner(row["kroner"]), each=_each(row)
        ),
    }
    parts = told.review.grants.spread.parts
    here = parts.loc[parts["code"] == code, "number"]
    grants = told.review.documents.grants.frame
    titles = grants.loc[grants["number"].isin(here), "title"]
    if len(titles):
        facts[say("Projekter")] = "; ".join(titles)
    return facts | _profile(told, code)


def _profile(told: ToldPlan, code: str) -> dict[str, str]:
    rows = told.review.documents.profiles.frame
    rows, profile = rows[rows["code"] == code], told.profiles.loc[code]
    if not profile["in_plan"]:
        return {}
    facts = {say("Særligt indsatsområde i planen (2008)"): focus(profile["special_focus"])}
    if profile["towns"]:
        facts[say("Byer med praksis i planen")] = ", ".join(profile["towns"])
    for row in rows.to_dict("records"):
        facts[row["part"] or say("Regionen vil støtte")] = row["support"]
    documents = say(" og ").join(dict.fromkeys(rows["document"]))
    return facts | {say("Kilde"): f"{documents}: {'; '.join(dict.fromkeys(rows['place']))}"}


def beyond(told: ToldPlan) -> str:
    """Say where the plan offers more than its matrix allows; empty if nowhere in the area."""
    rows = told.review.beyond
    rows = rows[rows["code"].isin(told.municipalities.index)]
    if rows.empty:
        return ""
    by_part = rows.groupby(["municipality", "part"], sort=False)["instrument"]
    labels = say_all(INSTRUMENT_LABELS)
    named = [
        say(
            "{part} i {municipality} ({instruments})",
            part=part or municipality,
            municipality=municipality,
            instruments=", ".join(labels[name].lower() for name in names),
        )
        for (municipality, part), names in by_part
    ]
    return say(BEYOND, places="; ".join(named))


def indicator(told: ToldPlan, row: Mapping[str, Any]) -> str:
    """Write an indicator's figure, or why there is none."""
    name = row["indicator"]
    if not name:
        return str(row["why_not"])
    if name in SHARES:
        figure = share(row["part"], row["whole"])
    else:
        figure = say(NO_DOCTOR) if math.isinf(row["value"]) else number(row["value"])
    if name == "people_per_doctor_highest":
        return say(HIGHEST, figure=figure, where=row["where"])
    if name == "too_few_share":
        return say(TOO_FEW, figure=figure, few=few(told))
    return say(INDICATOR_TEXTS[name], figure=figure)
