"""The tables of a result: the same for its map, its report and its workbook."""

from dataclasses import replace
from typing import Final

import pandas as pd

from gpcoverage.analysis.choice import STATUSES
from gpcoverage.analysis.closure import MOVES, band_names
from gpcoverage.outputs import closure_texts, texts
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.sheets import Field, Sheet
from gpcoverage.outputs.told import TOTAL, ToldChoice
from gpcoverage.outputs.told_closure import ToldClosure

MEAN_LABELS: Final = {
    "nearest_mean_m": "Km til nærmeste åbne, gennemsnit",
    "second_mean_m": "Km til næstnærmeste åbne, gennemsnit",
}
PLACE_LABELS: Final = {
    "address": "Adresse",
    "postcode": "Postnr.",
    "town": "By",
    "municipality": "Kommune",
}
FARTHER_LABELS: Final = {
    "median_m": "Median, km",
    "p90_m": "90 %-fraktil, km",
    "max_m": "Mest, km",
}


def map_sheet(told: ToldChoice) -> Sheet:
    """Lay out people by status, one municipality per row: the table twin of the map.

    ``assets/explorer.js`` changes its columns in the page, by their place.
    """
    rows = told.municipalities.sort_values("name")
    people = told.people.reindex([*rows.index, TOTAL])
    labels = say_all(texts.TABLE_LABELS) | {"one": texts.too_few(told.choice).capitalize()}
    fields = [Field(labels["name"], rows["name"], total=say("I alt"))]
    fields += [
        Field(labels[name], people.loc[rows.index, name], "people", people.loc[TOTAL, name])
        for name in ("population", *reversed(STATUSES), "uncertain")
    ]
    fields += [
        Field(labels[name], rows[name], "count", float(rows[name].sum()))
        for name in ("practices", "open_practices")
    ]
    return Sheet(say("Kommuner"), say("Tallene for hver kommune"), fields)


def municipalities_sheet(told: ToldChoice) -> Sheet:
    """Lay out what there is to say of municipalities: as on the map, with code, share and distances."""
    shown = map_sheet(told)
    rows = told.municipalities.sort_values("name")
    few = 1 - told.people["choice"] / told.people["population"]
    fields = [
        Field(say("Kode"), pd.Series(rows.index.astype(str), rows.index)),
        *shown.fields,
        Field(say("Kan ikke vælge"), few[rows.index], "share", few[TOTAL]),
        *(
            Field(label, rows[name], "km", float(told.means[name]))
            for name, label in say_all(MEAN_LABELS).items()
        ),
    ]
    return replace(shown, fields=fields)


def practices_sheet(told: ToldChoice) -> Sheet:
    """Lay out the practices of the area, one per row."""
    study = told.choice.study
    practices = told.practices
    rows = practices[practices["municipality_code"].isin(study.municipality_codes)]
    rows = rows.assign(municipality=texts.municipality_names(study, rows["municipality_code"]))
    rows = rows.sort_values(["municipality", "name"])
    is_open = rows["open"].map({True: say("Ja"), False: say("Nej")})
    ids = pd.Series(rows.index.astype(str), rows.index)
    fields = [Field(say("Id"), ids), Field(say("Praksis"), rows["name"])]
    fields += [Field(label, rows[name]) for name, label in say_all(PLACE_LABELS).items()]
    fields += [
        Field(say("Åben for tilgang"), is_open),
        Field(say("Læger"), rows["doctors"], "count"),
        Field(say("Tilmeldte"), rows["list_size"], "count"),
        Field(say("Grundlag"), rows["basis"]),
    ]
    return Sheet(say("Praksis"), say("Praksis i området"), fields)


def change_sheet(told: ToldClosure) -> Sheet:
    """Lay out people by status before and after, one municipality per row that changes."""
    truth = told.comparison.municipalities
    moved = truth[[*MOVES]].sum()
    rows = told.municipalities[(truth[[*MOVES]].sum(axis=1) > 0).to_numpy()].sort_values("name")
    labels = say_all(closure_texts.MUNICIPALITY_LABELS)
    shown = [name for name in labels if name not in MOVES or moved[name] > 0]
    fields = [Field(say("Kommune"), rows["name"], total=say("I alt"))]
    for name in shown[1:]:
        # Sums of what is told: they give nothing away.
        total = float(rows[name].sum(skipna=False))
        fields.append(Field(labels[name], rows[name], "people", total))
    return Sheet(say("Før og efter"), say("Kommuner, hvor borgere skifter"), fields)


def extra_sheet(told: ToldClosure) -> Sheet:
    """Lay out how much farther people drive."""
    rows = told.extra
    ways = pd.Series(
        [say(closure_texts.EXTRA_LABELS[str(which)]) for which in rows.index], rows.index
    )
    fields = [
        Field(say("Afstand"), ways),
        Field(say("Borgere, der får længere"), rows["people"], "people"),
    ]
    fields += [Field(label, rows[name], "km") for name, label in say_all(FARTHER_LABELS).items()]
    fields += [Field(closure_texts.band_label(band), rows[band], "people") for band in band_names()]
    fields.append(Field(say("Har ingen mere"), rows["lost"], "people"))
    return Sheet(say("Ekstra kilometer"), say("Så meget længere er der"), fields)


def alternatives_sheet(told: ToldClosure) -> Sheet:
    """Lay out which practices are nearest then."""
    rows = told.alternatives
    names = rows["name"].where(rows["name"] != "", say(closure_texts.NO_ALTERNATIVE))
    fields = [
        Field(say("Omkring"), rows["around"]),
        Field(say("Praksis"), names),
        Field(say("Borgere"), rows["people"], "people"),
        Field(say("Km i gennemsnit"), rows["mean_m"], "km"),
    ]
    title = say("Nærmeste praksis, der tæller, for borgerne omkring de lukkede")
    return Sheet(say("Nærmeste praksis"), title, fields)


def closure_sheets(told: ToldClosure) -> list[Sheet]:
    """Lay out the tables of a closure; those without rows are left out."""
    sheets = [change_sheet(told), extra_sheet(told), alternatives_sheet(told)]
    return [sheet for sheet in sheets if sheet.rows]
