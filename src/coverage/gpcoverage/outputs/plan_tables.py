"""The tables below the map of the plan: money, projects, plan, instruments and goals."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from gpcoverage.inputs.plan import AREAS, INITIATIVES, INSTRUMENTS, PlanTable
from gpcoverage.outputs import plan_texts
from gpcoverage.outputs.language import say, say_all
from gpcoverage.outputs.markup import safe, table_html
from gpcoverage.outputs.numerals import number, share
from gpcoverage.outputs.told_plan import ToldPlan

GROUPS: Final = {True: "Lægedækningstruede", False: "Andre"}
NO_REGION: Final = "Uden region"
STEPS_LABEL: Final = "{status} ({n} punkter)"


def tables_html(told: ToldPlan) -> str:
    """Write all tables below the map; safe HTML."""
    rows, documents = told.municipalities, told.review.documents
    ordered = rows.sort_values(["kroner_per_person", "too_few_share"], ascending=False)
    by_group = told.shortage.sort_index(ascending=False)
    parts = [
        _headed(say("Regionernes penge og mangel på valg"), table_html(*regions_table(told))),
        _headed(
            say("Lægedækningstruede kommuner og andre"),
            table_html(*table(told, by_group, say("Kommuner"), say_all(GROUPS))),
        ),
        _headed(
            say("Kommunerne, flest kroner pr. borger først"),
            table_html(*table(told, ordered, say("Kommune"), dict(rows["name"]))),
        ),
        _headed(
            say("Projekterne"), table_html(*grants_table(told)), "wide grants", documents.grants
        ),
    ]
    if told.profiles["in_plan"].any():
        html = table_html(*profiles_table(told))
        beyond = plan_texts.beyond(told)
        html += f"<p>{safe(beyond)}</p>" if beyond else ""
        title = say("Hvad planen siger om kommunerne")
        parts.append(_headed(title, html, "wide profiles", documents.profiles))
    parts += [
        _headed(title, table_html(*made(told)), kind, source)
        for title, made, kind, source in (
            (say("Planens instrumenter"), instruments_table, "wide", documents.instruments),
            (
                say("Praksisplanens mål, målt i dette område"),
                goals_table,
                "wide goals",
                documents.goals,
            ),
        )
    ]
    return "".join(parts)


def _headed(title: str, html: str, kind: str = "", source: PlanTable | None = None) -> str:
    told = say(plan_texts.SOURCE_LABEL, source=plan_texts.source(source)) if source else ""
    line = f"<p>{safe(told)}</p>" if told else ""
    return f'<h3>{safe(title)}</h3>{line}<div class="{kind}">{html}</div>'


def regions_table(told: ToldPlan) -> tuple[list[str], pd.DataFrame, list[str]]:
    """Write money against need by region, with what has no region; sums if all regions are there.

    Parameters
    ----------
    told
        The comparison.

    Returns
    -------
    head
        Headings.
    body
        Cells, plain text.
    foot
        Sums; empty if money of other regions is not in the table.
    """
    grants = told.review.documents.grants.frame
    names = {name: f"Region {name}" for name in told.regions.index}
    head, body = table(told, told.regions, say("Region"), names)
    if set(grants["region"]) - {""} - set(told.regions.index):
        return head, body, []
    rest = grants.loc[grants["region"] == "", "kroner"]
    if len(rest):
        body.loc[len(body)] = [
            say(NO_REGION),
            "",
            "",
            "",
            number(len(rest)),
            number(rest.sum()),
            "",
        ]
    foot = [say("I alt"), "", "", "", number(len(grants)), number(grants["kroner"].sum()), ""]
    return head, body, foot


def table(
    told: ToldPlan, rows: pd.DataFrame, label: str, names: Mapping[Any, str]
) -> tuple[list[str], pd.DataFrame]:
    """Write rows of money against need.

    Parameters
    ----------
    told
        The comparison.
    rows
        As :func:`~gpcoverage.analysis.grants.against_need` gives them.
    label
        Heading of the first column.
    names
        What stands in it, by index.

    Returns
    -------
    head
        Headings.
    body
        Cells, plain text.
    """
    head = [
        label,
        say("Borgere"),
        say("Færre end {n}", n=told.review.choice.study.rules.min_choices),
        say("Andel"),
        say("Projekter"),
        say("Kroner"),
        say(plan_texts.MONEY_LABEL),
    ]
    body = [
        (
            names[key], number(row["population"]), number(row["too_few"]),
            share(row["too_few"], row["population"]), number(row["projects"]),
            number(row["kroner"]), plan_texts.per_person(row["kroner_per_person"]),
        )
        for key, row in zip(rows.index, rows.to_dict("records"), strict=True)
    ]  # fmt: skip
    return head, pd.DataFrame(body, columns=head)


def grants_table(told: ToldPlan) -> tuple[list[str], pd.DataFrame, list[str]]:
    """Write the projects as the document has them, and their sum; as :func:`regions_table`."""
    rows = told.review.documents.grants.frame
    region = rows["region"].map(lambda name: f"Region {name}: " if name else "")
    body = pd.DataFrame(
        {
            say("Projekt"): rows["title"],
            say("Ansøger"): rows["applicant"],
            say("Hvor"): region + rows["area"],
            say("Kroner"): rows["kroner"].map(number),
        }
    )
    return list(body), body, [say("I alt"), "", "", number(rows["kroner"].sum())]


def profiles_table(told: ToldPlan) -> tuple[list[str], pd.DataFrame]:
    """Write what the plan says of the area's municipalities, part by part."""
    rows = told.review.documents.profiles.frame
    rows = rows[rows["code"].isin(told.municipalities.index)]
    body = pd.DataFrame({say("Kommune"): rows["municipality"], say("Del"): rows["part"]})
    body[say("Særligt indsatsområde")] = (
        rows["special_focus"].map(plan_texts.focus).where(rows["part"] == "", "")
    )
    body[say("Byer")] = rows["towns"].map(", ".join)
    answers = say_all(plan_texts.ANSWER_LABELS)
    for name in INSTRUMENTS:
        body[say(plan_texts.INSTRUMENT_LABELS[name])] = rows[name].map(answers).fillna("")
    body[say("Støtte")], body[say("Sted i planen")] = rows["support"], rows["place"]
    return list(body), body


def instruments_table(told: ToldPlan) -> tuple[list[str], pd.DataFrame]:
    """Write the plan's matrix of instruments."""
    rows = told.review.documents.instruments.frame
    answers = rows["answer"].map(say_all(plan_texts.ANSWER_LABELS)).fillna("")
    answers += rows["condition"].map(lambda text: f" ({text})" if text else "")
    cells = dict(
        zip(
            zip(rows["area"], rows["initiative"], rows["instrument"], strict=True),
            answers,
            strict=True,
        )
    )
    body = [
        (
            say(plan_texts.AREA_LABELS[area]), say(plan_texts.INITIATIVE_LABELS[initiative]),
            *(cells[area, initiative, name] for name in INSTRUMENTS),
        )
        for area in AREAS
        for initiative in INITIATIVES
    ]  # fmt: skip
    head = [say("Område"), say("Indsatsen"), *say_all(plan_texts.INSTRUMENT_LABELS).values()]
    return head, pd.DataFrame(body, columns=head)


def goals_table(told: ToldPlan) -> tuple[list[str], pd.DataFrame]:
    """Write the goals, what they measure, and the actions under them."""
    rows, goals = told.goals, told.review.documents.goals.frame
    body = []
    for goal in goals[goals["kind"] == "goal"].to_dict("records"):
        here = rows[rows["number"] == goal["number"]].to_dict("records")
        actions = goals[(goals["kind"] == "action") & (goals["number"] == goal["number"])]
        done = "; ".join(_action(row) for row in actions.to_dict("records"))
        figures = "; ".join(plan_texts.indicator(told, row) for row in here)
        body.append((f"{goal['number']}. {goal['text']}", figures, done))
    projects = goals.loc[goals["kind"] == "project", "text"]
    if len(projects):
        body.append((say("Projekter uden nævnt mål"), "", "; ".join(projects)))
    head = [say("Mål"), say("Målt i området"), say("Aftalt indsats og status")]
    return head, pd.DataFrame(body, columns=head)


def _action(row: Mapping[str, Any]) -> str:
    """Write an action and its status; the document may give neither that nor a number of steps."""
    told, steps = row["status"], row["steps"]
    if not pd.isna(steps):
        told = say(STEPS_LABEL, status=told, n=steps, count=steps).strip()
    return f"{row['text']}: {told}" if told else str(row["text"])
