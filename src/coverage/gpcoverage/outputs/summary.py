"""``summary.json``: what was computed, on what, with which network, in stable keys."""

import datetime
import json
import math
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from gpcoverage.analysis.choice import CERTAINTIES, STATUSES, Choice
from gpcoverage.analysis.ferries import POLICY_COLUMNS
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.scenario import Scenario
from gpcoverage.inputs.schema import row_ranges

DECIMALS = 3


def summarise(choice: Choice, created: datetime.datetime) -> dict[str, Any]:
    """Sum a result up; the README documents the keys.

    Parameters
    ----------
    choice
        The result.
    created
        When, with time zone; the only value that differs between runs on the same inputs.

    Returns
    -------
    dict
        Ready for JSON; people and metres rounded to three decimals.
    """
    study, network = choice.study, choice.network
    by_code = {
        str(code): {"name": row["name"], "region": row["region"]}
        | totals(row)
        | {
            "nearest_mean_m": rounded(row["nearest_mean_m"]),
            "second_mean_m": rounded(row["second_mean_m"]),
        }
        for code, row in choice.municipalities.iterrows()
    }
    return {
        "version": version("gpcoverage"),
        "created": created.isoformat(timespec="seconds"),
        "study": {
            "name": study.name,
            "date": study.date.isoformat(),
            "partly_modelled": study.partly_modelled,
        },
        "scenario": _scenario(study.scenario) if study.scenario.changes else None,
        "rules": {
            "name": study.rules.name,
            "year": study.date.year,
            "valid_from": study.rules.valid_from.isoformat(),
            "valid_to": study.rules.valid_to.isoformat() if study.rules.valid_to else None,
            "limit_m": study.rules.limit_m,
            "limits_m": {
                code: e.limit_m
                for e in study.rules.exceptions
                for code in sorted(e.municipality_codes)
            },
            "min_choices": study.rules.min_choices,
            "closed_counts": study.rules.closed_counts,
            "source": study.rules.source,
            "note": study.rules.note,
        },
        "network": {
            "kind": network.kind,
            "source": network.source,
            "sha256": network.fingerprint(),
            "error_share": network.error_share,
            "ferries": study.roads.ferries,
            "notes": list(network.notes),
            "options": list(network.options),
        },
        "inputs": [_input(record) for record in study.inputs],
        "totals": {
            "homes": len(choice.homes),
            **totals(choice.municipalities.drop(columns=["name", "region"]).sum()),
            "nearest_mean_m": _mean_m(choice, "nearest_m"),
            "second_mean_m": _mean_m(choice, "second_m"),
        },
        "unreachable": _unreachable(choice),
        "practices_off_road": {
            str(practice): reason for practice, reason in choice.practices_off_road().items()
        },
        "practices_off_road_beyond": len(choice.practices_off_road(beyond=True)),
        "ferry_policies": _ferry_policies(choice),
        "municipalities": by_code,
    }


def write_summary(choice: Choice, path: Path) -> None:
    """Write ``summary.json``.

    Parameters
    ----------
    choice
        The result.
    path
        UTF-8, two blanks of indent.
    """
    write_json(summarise(choice, now()), path)


def now() -> datetime.datetime:
    """Tell the time for ``created``."""
    return datetime.datetime.now(datetime.UTC)


def write_json(summary: dict[str, Any], path: Path) -> None:
    """Write a summary of any command: UTF-8, two blanks of indent, no NaN."""
    text = json.dumps(summary, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


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


def totals(sums: pd.Series) -> dict[str, Any]:
    """Sum up ``Choice.municipalities``, given the sums of its number columns."""
    by_kind = {f"{s}_{c}": float(sums[f"{s}_{c}"]) for s in STATUSES for c in CERTAINTIES}
    return {
        "population": rounded(sums["population"]),
        "practices": int(sums["practices"]),
        "open_practices": int(sums["open_practices"]),
        "by_status": {s: rounded(sum(by_kind[f"{s}_{c}"] for c in CERTAINTIES)) for s in STATUSES},
        "by_certainty": {
            c: rounded(sum(by_kind[f"{s}_{c}"] for s in STATUSES)) for c in CERTAINTIES
        },
        "by_status_and_certainty": {kind: rounded(people) for kind, people in by_kind.items()},
    }


def _mean_m(choice: Choice, column: str) -> float | None:
    known = choice.homes[choice.homes[column].notna()]
    people = float(known["population"].sum())
    return rounded((known[column] * known["population"]).sum() / people) if people else None


def rounded(value: float) -> float | None:
    """Round to three decimals; None for NaN, which JSON does not know."""
    return None if math.isnan(value) else round(float(value), DECIMALS)


def _input(record: InputRecord) -> dict[str, Any]:
    return {
        "role": record.role,
        "file": record.file,
        "sha256": record.sha256,
        "rows_in": record.rows_in,
        "rows_used": record.rows_used,
        "people_not_placed": rounded(record.people_not_placed),
        "left_out": [
            {"reason": item.reason, "count": len(item.rows), "rows": row_ranges(item.rows)}
            for item in record.left_out
        ],
    }


def _ferry_policies(choice: Choice) -> dict[str, Any] | None:
    if not set(POLICY_COLUMNS) <= set(choice.homes.columns):
        return None
    people = choice.homes["population"]
    return {
        column: {
            status: rounded(people[choice.homes[column] == status].sum()) for status in STATUSES
        }
        for column in POLICY_COLUMNS
    }


def _unreachable(choice: Choice) -> list[dict[str, Any]]:
    missing = choice.homes[choice.homes["reason"] != ""]
    return [
        {
            "reason": str(reason),
            "homes": len(group),
            "population": rounded(group["population"].sum()),
        }
        for reason, group in missing.groupby("reason")
    ]
