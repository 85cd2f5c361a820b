"""Every sentence about shortage areas that a committee reads, in Danish."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from gpcoverage.analysis.areas import SHORTAGE_KINDS, ComputedAreas
from gpcoverage.outputs import texts
from gpcoverage.outputs.numerals import HIDDEN, UNKNOWN, number, share
from gpcoverage.outputs.told_areas import ToldAreas

KIND_LABELS: Final = {
    "national": "landsdækkende",
    "regional": "regional",
    "special_focus": "særligt indsatsområde",
    "attention": "opmærksomhedsområde",
    "": "lægedækningstruet; slagsen ikke oplyst",
}
STANDING_LABELS: Final = {"in_force": "ja", "unknown": "ikke oplyst"}
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
DESIGNATED_LAYER: Final = "Udpegede områder"
STANDINGS: Final = {
    "in_force": "Udpeget, gælder på dagen",
    "unknown": "Udpeget; kilden oplyser ikke, om det gælder på dagen",
}
OTHER_LAYER: Final = "Særlige indsatsområder og opmærksomhedsområder"
DISAGREEMENT_LAYER: Final = "Uenighed mellem beregnet og udpeget"
DESIGNATED_TITLE: Final = "Udpegninger"
DISAGREEMENT_TITLE: Final = "Her er beregnet og udpeget uenige"
NO_DISAGREEMENT: Final = "Beregnet og udpeget er ikke uenige om noget område."
OWN_CRITERION: Final = (
    "Kriteriet for de beregnede områder er valgt i studiet. Det er ikke regionens eller "
    "overenskomstens: et tal for deres kriterium er ikke fundet i kilderne."
)
PLACES: Final = (
    "Praksis og læger tæller, hvor de ligger, uanset hvor patienterne bor. Læger over 60 år er dem, "
    "der efter deres fødselsår med sikkerhed er fyldt 60."
)
NOT_STATED: Final = "ikke oplyst"


def title(result: ComputedAreas) -> str:
    """Head the map."""
    return f"Lægedækningstruede områder: {result.choice.study.name}"


def unit(result: ComputedAreas, count: int) -> str:
    """Name what the areas are, for a number of them."""
    if result.of_municipalities:
        return "kommune" if count == 1 else "kommuner"
    return "område" if count == 1 else "områder"


def threshold(result: ComputedAreas, measure: str) -> str:
    """Say one threshold of the criterion."""
    value, choice = result.criterion.thresholds[measure], result.choice
    percent = 100 * value
    least = f"{number(percent, 0 if percent == round(percent) else 1)} %"
    enough = f"{choice.study.rules.min_choices} {texts.counted(choice)}"
    return {
        "few_choices_share": f"mindst {least} af borgerne har færre end {enough} inden for grænsen",
        "residents_per_doctor": f"mindst {number(value)} borgere pr. læge i områdets praksis",
        "closed_share": f"mindst {least} af praksis er lukket for tilgang",
        "doctors_over_60_share": f"mindst {least} af lægerne med kendt alder er over 60 år",
    }[measure]


def criterion(result: ComputedAreas) -> str:
    """Say the whole criterion, as a part of a sentence."""
    parts = [threshold(result, measure) for measure in result.criterion.thresholds]
    if len(parts) == 1:
        return parts[0]
    opening = "mindst ét af disse" if result.criterion.combine == "any" else "alle disse"
    return f"{opening}: {'; '.join(parts)}"


def answer(told: ToldAreas) -> str:
    """Say what was found, in a few sentences."""
    result, areas = told.result, told.areas
    short = areas["computed"] == "yes"
    people = told.people.loc["yes", "people"]
    date = f"{result.choice.study.date:%d.%m.%Y}"
    one, many = unit(result, 1), unit(result, len(areas))
    found = (
        f"Efter studiets eget kriterium er {int(short.sum())} af {len(areas)} {many} "
        f"lægedækningstruede pr. {date}; der bor {number(people)} borgere."
    )
    sentences = [found]
    named = int((areas["designated"] != "none").sum())
    if named:
        there = areas.loc[areas["designated"] != "none"]
        sure = _in_force(told)
        known = sum(bool(sure & set(_ids(ids))) for ids in there["designations"])
        partly = ", helt eller delvis" if "part" in set(there["designated"]) else ""
        sentences.append(
            f"{named} {unit(result, named)} er udpeget{partly}; for {known or 'ingen'} af "
            "dem oplyser kilden, at det gælder den dag."
        )
        apart = int(areas["agreement"].isin(DISAGREEMENTS).sum())
        word = f"{apart} {unit(result, apart)}" if apart else f"ingen {one}"
        sentences.append(f"Beregnet og udpeget er uenige om {word}.")
    else:
        sentences.append(f"Ingen {one} er udpeget i de kilder, der er med.")
    return " ".join(sentences)


def _in_force(told: ToldAreas) -> set[str]:
    table = told.designations
    return set(map(str, table.index[table["standing"] == "in_force"]))


def footnote(told: ToldAreas) -> list[str]:
    """Say the criterion, the day, the sources and what is left out, before the check's own notes."""
    result, study = told.result, told.result.choice.study
    computed = f"Beregnet pr. {study.date:%d.%m.%Y}: {criterion(result)}. {OWN_CRITERION}"
    return [computed, _sources(told), PLACES, *_outside(told), *texts.footnote(told.told)]


def _sources(told: ToldAreas) -> str:
    table = told.designations
    if table.empty:
        return "Udpegede områder: ingen er kendt."
    drawn = table[table["kind"].isin(SHORTAGE_KINDS) & table.geometry.notna()]
    listed = table[table["kind"].isin(SHORTAGE_KINDS) & table.geometry.isna()]
    text = f"Udpegede områder på kortet: {sources(drawn) or 'ingen'}."
    if len(listed):
        text += (
            f" {len(listed)} {'udpegning' if len(listed) == 1 else 'udpegninger'} er ikke tegnet, "
            "fordi kilden ikke oplyser, hvilke områder den gælder; de står i tabellen."
        )
    return text


def sources(designations: pd.DataFrame) -> str:
    """Name the sources of designations, each with when it was stated."""
    by_source = designations.groupby("source", sort=True)
    return "; ".join(f"{source} ({_stated(group)})" for source, group in by_source)


def _stated(group: pd.DataFrame) -> str:
    days = sorted({*group["valid_from"], *group["stated"]} - {""})
    return f"oplyst {', '.join(map(danish_day, days))}" if days else "uden dato"


def danish_day(day: str) -> str:
    """Write a day, a month or a year as Danes do."""
    return ".".join(reversed(day.split("-")))


def _outside(told: ToldAreas) -> list[str]:
    homes = len(told.result.outside)
    if not homes:
        return []
    people = number(told.people.loc["outside", "people"])
    return [f"{people} borgere bor i ingen af områderne ({number(homes)} boliger eller felter)."]


def measure(name: str, value: float) -> str:
    """Write the value of a measure: a share, or residents per doctor."""
    if np.isinf(value):
        return "ingen læger"
    if name == "residents_per_doctor":
        return UNKNOWN if np.isnan(value) else number(value)
    return UNKNOWN if np.isnan(value) else share(value, 1.0)


def _measure_of(told: ToldAreas, area: object, name: str) -> str:
    """Write a measure; what was left out is told apart from what nobody knows."""
    value = float(told.areas.loc[area, name])
    left_out = np.isnan(value) and not np.isnan(float(told.result.areas.loc[area, name]))
    return HIDDEN if left_out else measure(name, value)


def state(row: Mapping[str, object]) -> str:
    """Say what is computed for an area."""
    label = STATE_LABELS[str(row["computed"])]
    return f"{label}, usikkert" if row["certainty"] == "uncertain" else label


def facts(told: ToldAreas, area: object) -> dict[str, str]:
    """Say all about an area, for its popup; plain text."""
    row = told.areas.loc[area]
    measures = {
        label: _measure_of(told, area, name)
        for name, label in MEASURE_LABELS.items()
        if name in told.result.criterion.thresholds
    }
    sources = "; ".join(_designation(told, name) for name in _ids(row["designations"]))
    others = "; ".join(_designation(told, name) for name in _ids(row["other_designations"]))
    return {
        "Område": str(row["name"]),
        "Borgere": number(row["population"]),
        "Beregnet": state(row),
        **measures,
        "Udpeget": DESIGNATED_LABELS[row["designated"]] + (f": {sources}" if sources else ""),
        **({"Andet": others} if others else {}),
    }


def _ids(joined: str) -> list[str]:
    return joined.split(", ") if joined else []


def _designation(told: ToldAreas, name: str) -> str:
    row = told.designations.loc[name]
    return f"{KIND_LABELS[row['kind']]} ({_when(row)}; {row['source']})"


def _when(row: Mapping[str, str]) -> str:
    """Say from when to when a designation holds, or when it was stated."""
    first, last = (danish_day(str(row[name])) for name in ("valid_from", "valid_to"))
    if first or last:
        return f"gælder {first or NOT_STATED} til {last or NOT_STATED}"
    stated = danish_day(str(row["stated"]))
    return f"oplyst {stated}; slutdato ikke oplyst" if stated else "uden dato"


def table(told: ToldAreas) -> tuple[list[str], pd.DataFrame]:
    """Write the table twin of the map: headings and cells."""
    rows = told.areas.sort_values("name")
    names = list(told.result.criterion.thresholds)
    head = [
        unit(told.result, 1).capitalize(),
        "Borgere",
        "Beregnet",
        *(MEASURE_LABELS[name] for name in names),
        "Udpeget",
        "Sammenholdt",
    ]
    records = [
        [
            row["name"],
            number(row["population"]),
            state(row),
            *(_measure_of(told, area, name) for name in names),
            DESIGNATED_LABELS[row["designated"]],
            AGREEMENT_LABELS[row["agreement"]],
        ]
        for area, row in rows.iterrows()
    ]
    return head, pd.DataFrame(records, columns=head)


def disagreement_table(told: ToldAreas) -> tuple[list[str], pd.DataFrame]:
    """List the areas that only one of the two names, or names in part."""
    rows = told.areas[told.areas["agreement"].isin(DISAGREEMENTS)].sort_values(
        ["agreement", "name"]
    )
    head = [unit(told.result, 1).capitalize(), "Uenighed", "Borgere", "Heraf i udpeget område"]
    cells = {
        head[0]: rows["name"],
        head[1]: rows["agreement"].map(AGREEMENT_LABELS),
        head[2]: rows["population"].map(number),
        head[3]: rows["people_designated"].map(number),
    }
    return head, pd.DataFrame(cells)


def designations_table(told: ToldAreas) -> tuple[list[str], pd.DataFrame]:
    """List the designations, those of one source together; also those whose areas nobody names."""
    head = ["Område", "Slags", "Hvornår", "Gælder på dagen", "Sted", "Kriterium", "Kilde"]
    alike = ["kind", "standing", "valid_from", "valid_to", "stated", "source", "place"]
    cells = []
    for _, rows in told.designations.sort_values("name").groupby(alike, sort=False):
        first = rows.iloc[0]
        on_map = "på kortet" if rows.geometry.notna().all() else NOT_STATED
        places = ", ".join(dict.fromkeys(place for place in rows["source_place"] if place))
        cells.append(
            [
                ", ".join(rows["name"]),
                KIND_LABELS[first["kind"]],
                _when(first),
                STANDING_LABELS[first["standing"]],
                first["place"] or on_map,
                _criteria(rows),
                f"{first['source']}: {places}" if places else first["source"],
            ]
        )
    return head, pd.DataFrame(cells, columns=head)


def _criteria(rows: pd.DataFrame) -> str:
    """Write the criteria of designations of one source; each with its area where they differ."""
    texts_of = rows["criterion_text"]
    if (texts_of == texts_of.iloc[0]).all():
        return texts_of.iloc[0] or NOT_STATED
    stated = rows[texts_of != ""]
    told = [
        f"{name}: {text}"
        for name, text in zip(stated["name"], stated["criterion_text"], strict=True)
    ]
    return "; ".join([*told, f"ellers {NOT_STATED}"] if len(stated) < len(rows) else told)
