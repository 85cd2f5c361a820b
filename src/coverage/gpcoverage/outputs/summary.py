"""``summary.json``: what was computed, on what, with which network, in stable keys."""

import datetime
import json
import math
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from gpcoverage.analysis.choice import CERTAINTIES, KINDS, STATUSES
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.scenario import Scenario
from gpcoverage.inputs.schema import row_ranges
from gpcoverage.inputs.study import Study
from gpcoverage.network.roads import RoadNetwork
from gpcoverage.outputs.disclosure import Disclosure
from gpcoverage.outputs.told import TOTAL, ToldChoice

DECIMALS = 3


def summarise(told: ToldChoice, created: datetime.datetime) -> dict[str, Any]:
    """Sum a result up; docs/files.md documents the keys.

    Parameters
    ----------
    told
        The result.
    created
        When, with time zone; the only value that differs between runs on the same inputs.

    Returns
    -------
    dict
        Ready for JSON; people and metres rounded to three decimals; None for what
        was left out.
    """
    choice = told.choice
    study, network = choice.study, choice.network
    practices = choice.municipalities[["practices", "open_practices"]]
    by_code = {
        str(code): {"name": row["name"], "region": row["region"]}
        | totals(told.people.loc[code], practices.loc[code])
        | _means_m(row)
        for code, row in told.municipalities.iterrows()
    }
    return {
        "version": version("gpcoverage"),
        "created": created.isoformat(timespec="seconds"),
        "study": {
            "name": study.name,
            "date": study.date.isoformat(),
            "partly_modelled": study.partly_modelled,
            "attribution": study.attribution,
        },
        "scenario": _scenario(study.scenario) if study.scenario.changes else None,
        "rules": _rules(study),
        "network": _network(study, network),
        "inputs": [_input(record, told.disclosure) for record in study.inputs],
        "disclosure": told.disclosure.summarise(),
        "totals": {
            "homes": len(choice.homes),
            **sums_of(told),
            **_means_m(told.means),
        },
        "unreachable": _unreachable(told),
        "practices_off_road": {
            str(practice): reason for practice, reason in choice.practices_off_road().items()
        },
        "practices_off_road_beyond": len(choice.practices_off_road(beyond=True)),
        "ferry_policies": _ferry_policies(told),
        "municipalities": by_code,
    }


def write_summary(told: ToldChoice, path: Path) -> None:
    """Write ``summary.json``.

    Parameters
    ----------
    told
        The result.
    path
        UTF-8, two blanks of indent.
    """
    write_json(summarise(told, now()), path)


def now() -> datetime.datetime:
    """Tell the time for ``created``."""
    return datetime.datetime.now(datetime.UTC)


def write_json(summary: dict[str, Any], path: Path) -> None:
    """Write a summary of any command: UTF-8, two blanks of indent, no NaN."""
    text = json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _rules(study: Study) -> dict[str, Any]:
    rules = study.rules
    return {
        "name": rules.name,
        "year": study.date.year,
        "valid_from": rules.valid_from.isoformat(),
        "valid_to": rules.valid_to.isoformat() if rules.valid_to else None,
        "limit_m": rules.limit_m,
        "limits_m": {
            code: e.limit_m for e in rules.exceptions for code in sorted(e.municipality_codes)
        },
        "min_choices": rules.min_choices,
        "closed_counts": rules.closed_counts,
        "source": rules.source,
        "note": rules.note,
    }


def _network(study: Study, network: RoadNetwork) -> dict[str, Any]:
    return {
        "kind": network.kind,
        "source": network.source,
        "sha256": network.fingerprint(),
        "error_share": network.error_share,
        "ferries": study.roads.ferries,
        "notes": list(network.notes),
        "options": list(network.options),
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    changes = [
        {"kind": type(change).__name__.lower()}
        | {
            key: value.isoformat() if isinstance(value, datetime.date) else value
            for key, value in asdict(change).items()
            if value is not None
        }
        for change in scenario.changes
    ]
    return {
        "name": scenario.name,
        "source": scenario.source,
        "note": scenario.note,
        "changes": changes,
    }


def sums_of(told: ToldChoice) -> dict[str, Any]:
    """Sum up all municipalities."""
    practices = told.municipalities[["practices", "open_practices"]].sum()
    return totals(told.people.loc[TOTAL], practices)


def totals(people: pd.Series, practices: pd.Series) -> dict[str, Any]:
    """Sum up a row of ``ToldChoice.people`` and a row of how many practices there are."""
    return {
        "population": rounded(people["population"]),
        "practices": int(practices["practices"]),
        "open_practices": int(practices["open_practices"]),
        "by_status": {status: rounded(people[status]) for status in STATUSES},
        "by_certainty": {certainty: rounded(people[certainty]) for certainty in CERTAINTIES},
        "by_status_and_certainty": {kind: rounded(people[kind]) for kind in KINDS},
    }


def _means_m(means: pd.Series) -> dict[str, float | None]:
    return {name: rounded(means[name]) for name in ("nearest_mean_m", "second_mean_m")}


def rounded(value: float) -> float | None:
    """Round to three decimals; None for NaN, which JSON does not know."""
    return None if math.isnan(value) else round(float(value), DECIMALS)


def _input(record: InputRecord, disclosure: Disclosure) -> dict[str, Any]:
    missing = record.people_not_placed
    return {
        "role": record.role,
        "file": record.file,
        "sha256": record.sha256,
        "rows_in": record.rows_in,
        "rows_used": record.rows_used,
        "people_not_placed": None if disclosure.is_small(missing) else rounded(missing),
        "left_out": [
            {"reason": item.reason, "count": len(item.rows), "rows": row_ranges(item.rows)}
            | {"people": None if disclosure.is_small(item.people) else rounded(item.people)}
            for item in record.left_out
        ],
    }


def _ferry_policies(told: ToldChoice) -> dict[str, Any] | None:
    if not len(told.policies.columns):
        return None
    return {
        str(policy): {str(status): rounded(number) for status, number in people.items()}
        for policy, people in told.policies.items()
    }


def _unreachable(told: ToldChoice) -> list[dict[str, Any]]:
    homes = told.choice.homes["reason"].value_counts()
    return [
        {"reason": str(reason), "homes": int(homes[reason]), "population": rounded(people)}
        for reason, people in told.reasons.items()
    ]
