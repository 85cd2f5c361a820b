"""The tables of a committee's report: the same for its page and its workbook."""

import pandas as pd

from gpcoverage.analysis.choice import STATUSES
from gpcoverage.analysis.closure import MOVES, band_names
from gpcoverage.outputs import closure_texts, texts
from gpcoverage.outputs.language import say
from gpcoverage.outputs.sheets import Field, Sheet
from gpcoverage.outputs.told import TOTAL, ToldChoice
from gpcoverage.outputs.told_closure import ToldClosure

PRACTICES = "Praksis"
"""Name of the sheet of practices."""


def municipalities_sheet(told: ToldChoice) -> Sheet:
    """Lay out people by status, one municipality per row."""
    rows = told.municipalities.sort_values("name")
    people = told.people.reindex([*rows.index, TOTAL])
    labels = texts.TABLE_LABELS | {"one": texts.too_few(told.choice).capitalize()}
    fields = [
        Field(say("Kode"), pd.Series(rows.index.astype(str), rows.index)),
        Field(say("Kommune"), rows["name"], total=say("I alt")),
    ]
    for name in ("population", *reversed(STATUSES), "uncertain"):
        values = people[name]
        fields.append(Field(say(labels[name]), values[rows.index], "people", values[TOTAL]))
    whole = people["population"]
    few = 1 - people["choice"] / whole
    fields.append(Field(say("Kan ikke vælge"), few[rows.index], "share", few[TOTAL]))
    fields += [
        Field(say(labels[name]), rows[name], "count", float(rows[name].sum()))
        for name in ("practices", "open_practices")
    ]
    fields += [
        Field(say(label), rows[name], "km", float(told.means[name]))
        for name, label in (
            ("nearest_mean_m", "Km til nærmeste åbne, gennemsnit"),
            ("second_mean_m", "Km til næstnærmeste åbne, gennemsnit"),
        )
    ]
    return Sheet(say("Kommuner"), fields)


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
    fields += [
        Field(say(label), rows[name])
        for name, label in (
            ("address", "Adresse"),
            ("postcode", "Postnr."),
            ("town", "By"),
            ("municipality", "Kommune"),
        )
    ]
    fields += [
        Field(say("Åben for tilgang"), is_open),
        Field(say("Læger"), rows["doctors"], "count"),
        Field(say("Tilmeldte"), rows["list_size"], "count"),
        Field(say("Grundlag"), rows["basis"]),
    ]
    return Sheet(say(PRACTICES), fields)


def change_sheet(told: ToldClosure) -> Sheet:
    """Lay out people by status before and after, one municipality per row that changes."""
    truth = told.comparison.municipalities
    moved = truth[[*MOVES]].sum()
    rows = told.municipalities[(truth[[*MOVES]].sum(axis=1) > 0).to_numpy()].sort_values("name")
    shown = [
        name for name in closure_texts.MUNICIPALITY_LABELS if name not in MOVES or moved[name] > 0
    ]
    fields = [Field(say("Kommune"), rows["name"], total=say("I alt"))]
    for name in shown[1:]:
        # Sums of what is told: they give nothing away.
        total = float(rows[name].sum(skipna=False))
        label = say(closure_texts.MUNICIPALITY_LABELS[name])
        fields.append(Field(label, rows[name], "people", total))
    return Sheet(say("Før og efter"), fields)


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
    for name, label in (
        ("median_m", "Median, km"),
        ("p90_m", "90 %-fraktil, km"),
        ("max_m", "Mest, km"),
    ):
        fields.append(Field(say(label), rows[name], "km"))
    fields += [Field(closure_texts.band_label(band), rows[band], "people") for band in band_names()]
    fields.append(Field(say("Har ingen mere"), rows["lost"], "people"))
    return Sheet(say("Ekstra kilometer"), fields)


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
    return Sheet(say("Nærmeste praksis"), fields)


def sheets_of(told: ToldChoice, closure: ToldClosure | None) -> list[Sheet]:
    """Lay out all tables of a report; those of a closure first."""
    changes = []
    if closure is not None:
        changes = [change_sheet(closure), extra_sheet(closure), alternatives_sheet(closure)]
    sheets = [*changes, municipalities_sheet(told), practices_sheet(told)]
    return [sheet for sheet in sheets if sheet.rows]
