"""What a committee reads about the plan, its grants and its goals, in Danish."""

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from gpcoverage.inputs.plan import PlanTable
from gpcoverage.outputs import texts
from gpcoverage.outputs.numerals import number, share
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
ANSWER_LABELS: Final = {"yes": "ja", "possibly": "måske", "no": "nej", "": ""}
AREA_LABELS: Final = {"special": "Særlig udfordring", "ordinary": "Ikke særlig udfordring"}
INITIATIVE_LABELS: Final = {
    "structural": "bidrager til strukturudvikling",
    "other": "bidrager ikke",
}
INDICATOR_TEXTS: Final = {
    "open_share": "{figure} af praksis har åbent for tilgang",
    "too_few_share": "{figure} af borgerne har {few}",
    "people_per_doctor": "{figure} borgere pr. læge",
    "people_per_doctor_highest": "flest borgere pr. læge: {figure} ({where})",
    "doctors": "{figure} læger",
    "older_doctors_share": "{figure} af læger med kendt alder er mindst 60 år",
    "shared_practices_share": "{figure} af praksis har mere end én læge",
}
NO_DOCTOR: Final = "ingen læge"
SHARES: Final = ("open_share", "too_few_share", "older_doctors_share", "shared_practices_share")

DOCUMENTS: Final = {
    "seed 000": "Listen over bevillinger (2025)",
    "seed 001": "Region Hovedstadens notat om praksisplanen",
    "seed 002": "Region Midtjyllands perspektivplan (2008)",
    "seed 003": "Region Hovedstadens oversigt over praksisplanen 2022-2025",
}
"""What the example's documents are called; others are called as in their tables."""

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
NOT_EFFECT: Final = (
    "Kroner pr. borger siger, hvor pengene er givet, ikke hvad de virker. Planen er fra 2008, "
    "bevillingerne fra 2025; mangel på valg er opgjort i dag."
)


def few(told: ToldPlan) -> str:
    """Name what people have who have too few choices, such as ``færre end 2 åbne praksis``."""
    choice = told.review.choice
    enough = choice.study.rules.min_choices
    return f"færre end {enough} {texts.counted(choice)}"


def title(told: ToldPlan) -> str:
    """Head the page."""
    return f"Plan, penge og lægevalg: {told.review.choice.study.name}"


def kroner(value: float) -> str:
    """Write an amount, such as ``628.090 kr.``."""
    return f"{number(value)} kr."


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
    first = (
        f"{kroner(total)} er givet til {number(len(grants))} projekter. {kroner(placed)} "
        f"({share(placed, total)}) kan føres til bestemte kommuner. "
    )
    return first + _funded(told) + _regions(told)


def _funded(told: ToldPlan) -> str:
    rows = told.municipalities
    people, need = rows["population"].sum(skipna=False), told.choice.people.loc["total"]
    all_few = need["population"] - need["choice"]
    if not rows["funded"].any():
        return "Ingen penge kan føres til en bestemt kommune i området. "
    got = told.funded.loc[True]
    count = int(rows["funded"].sum())
    where = "Den kommune i området, som penge kan føres til, har" if count == 1 else (
        f"De {number(count)} af områdets {number(len(rows))} kommuner, som penge kan føres til, har"
    )  # fmt: skip
    return (
        f"{where} {share(got['population'], people)} af borgerne og "
        f"{share(got['too_few'], all_few)} af dem med {few(told)} inden for grænsen. "
    )


def _regions(told: ToldPlan) -> str:
    rows = told.regions
    if rows["too_few_share"].isna().any() or rows.empty:
        return ""
    if len(rows) == 1:
        row = rows.iloc[0]
        return (
            f"Hele regionen har fået {kroner(row['kroner'])}, {per_person(row['kroner_per_person'])} kr. "
            f"pr. borger; {share(row['too_few'], row['population'])} har {few(told)}."
        )
    most, worst = rows["kroner_per_person"].idxmax(), rows["too_few_share"].idxmax()
    rich, poor = rows.loc[most], rows.loc[worst]
    sentence = (
        f"Flest penge pr. borger går til Region {most} ({per_person(rich['kroner_per_person'])} kr.), "
        f"hvor {share(rich['too_few'], rich['population'])} har {few(told)}"
    )
    if most == worst:
        return f"{sentence}: det er også den største andel."
    return (
        f"{sentence}; andelen er størst i Region {worst} "
        f"({share(poor['too_few'], poor['population'])}), som får "
        f"{per_person(poor['kroner_per_person'])} kr."
    )


def source(*tables: PlanTable) -> str:
    """Name the documents that tables are taken out of."""
    names = dict.fromkeys(
        name
        for table in tables
        for cell in table.frame["document"]
        for name in cell.split(SEVERAL_DOCUMENTS)
    )
    return "; ".join(map(document, names))


def shortage_rule(told: ToldPlan) -> str:
    """Say what counts as a shortage area."""
    areas = told.review.grants.shortage
    if areas.from_share is None:
        return f"Lægedækningstruede kommuner er udpeget: {areas.source}."
    percent = number(100 * areas.from_share, 0 if (100 * areas.from_share).is_integer() else 1)
    return (
        f"Lægedækningstruede kommuner er her beregnet og ikke udpeget: kommuner, hvor mindst {percent} % "
        f"har {few(told)} inden for grænsen. Andelen er en forudsætning."
    )


def footnote(told: ToldPlan) -> list[str]:
    """Say how the money was laid out, where the words come from, and what it rests on."""
    rule = told.review.grants.spreading
    money = EQUAL_SHARES if rule.several == "people" else SEVERAL_APART
    money += REGION_APART if rule.region == "apart" else REGION_SPREAD
    outside = told.review.grants.outside_kroner
    if outside > 0:
        money += f"{kroner(outside)} er givet til kommuner uden for området. "
    sources = (
        f"Dokumenter: {source(*told.review.documents.tables)}. Hver række i tabellerne nævner sit dokument og stedet i det. "
        "Ordene er egne. Et ja er det, regionen siger, at den giver eller kan give; et måske afhænger "
        "af en vurdering, en forhandling eller praksis selv; et tomt felt er ikke nævnt."
    )
    return [
        money + COUNTRY_APART,
        shortage_rule(told),
        sources,
        NOT_EFFECT,
        *texts.footnote(told.choice),
    ]


def document(name: str) -> str:
    """Call a document by its own name."""
    return DOCUMENTS.get(name, name)


def need_class(too_few_share: float) -> int:
    """Find the class of need by number: 0 is the least, -1 stands for what was left out."""
    if math.isnan(too_few_share):
        return -1
    return max(i for i, least in enumerate(NEED_FROM) if too_few_share >= least)


def need_label(number_: int) -> str:
    """Name a class of need, such as ``10 til 25 %``."""
    low = 100 * NEED_FROM[number_]
    if number_ == len(NEED_FROM) - 1:
        return f"{low:.0f} % eller flere"
    high = 100 * NEED_FROM[number_ + 1]
    return f"under {high:.0f} %" if number_ == 0 else f"{low:.0f} til under {high:.0f} %"


def focus(value: Any) -> str:
    """Write whether the plan calls a municipality a special focus area."""
    return "nævnes ikke" if pd.isna(value) else ("ja" if value else "nej")


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
        "Kommune": str(row["name"]),
        "Borgere": number(row["population"]),
        f"Har {few(told)}": f"{number(row['too_few'])} ({share(row['too_few'], row['population'])})",
        "Penge til kommunen": f"{kroner(row['kroner'])} ({per_person(row['kroner_per_person'])} kr. pr. borger)",
    }
    parts = told.review.grants.spread.parts
    here = parts.loc[parts["code"] == code, "number"]
    grants = told.review.documents.grants.frame
    titles = grants.loc[grants["number"].isin(here), "title"]
    if len(titles):
        facts["Projekter"] = "; ".join(titles)
    return facts | _profile(told, code)


def _profile(told: ToldPlan, code: str) -> dict[str, str]:
    rows = told.review.documents.profiles.frame
    rows, profile = rows[rows["code"] == code], told.profiles.loc[code]
    if not profile["in_plan"]:
        return {}
    facts = {"Særligt indsatsområde i planen (2008)": focus(profile["special_focus"])}
    if profile["towns"]:
        facts["Byer med praksis i planen"] = ", ".join(profile["towns"])
    for row in rows.to_dict("records"):
        facts[row["part"] or "Regionen vil støtte"] = row["support"]
    documents = " og ".join(dict.fromkeys(map(document, rows["document"])))
    return facts | {"Kilde": f"{documents}: {'; '.join(dict.fromkeys(rows['place']))}"}


def beyond(told: ToldPlan) -> str:
    """Say where the plan offers more than its matrix allows; empty if nowhere in the area."""
    rows = told.review.beyond
    rows = rows[rows["code"].isin(told.municipalities.index)]
    if rows.empty:
        return ""
    by_part = rows.groupby(["municipality", "part"], sort=False)["instrument"]
    named = [
        f"{part or municipality} i {municipality} ({', '.join(INSTRUMENT_LABELS[n].lower() for n in names)})"
        for (municipality, part), names in by_part
    ]
    return (
        f"Planen stiller noget i udsigt, som dens egen tabel ikke giver i kommuner uden særlig udfordring: {'; '.join(named)}. "
        "Planen regner altså udfordringen sted for sted, ikke kommune for kommune."
    )


def indicator(told: ToldPlan, row: Mapping[str, Any]) -> str:
    """Write an indicator's figure, or why there is none."""
    name = row["indicator"]
    if not name:
        return str(row["why_not"])
    if name in SHARES:
        figure = share(row["part"], row["whole"])
    else:
        figure = NO_DOCTOR if math.isinf(row["value"]) else number(row["value"])
    return INDICATOR_TEXTS[name].format(figure=figure, where=row["where"], few=few(told))
