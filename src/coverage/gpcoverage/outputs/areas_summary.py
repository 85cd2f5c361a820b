"""Shortage areas as a table and as a part of ``summary.json``."""

import datetime
from typing import Any

import pandas as pd

from gpcoverage.analysis.areas import AGREEMENTS
from gpcoverage.inputs.layer import file_sha256
from gpcoverage.outputs import areas_texts
from gpcoverage.outputs.summary import rounded, summarise
from gpcoverage.outputs.tables import for_file
from gpcoverage.outputs.told_areas import HIDDEN, STATES_TOLD, ToldAreas


def areas_table(told: ToldAreas) -> pd.DataFrame:
    """Make the areas ready for writing.

    Parameters
    ----------
    told
        As they may be told.

    Returns
    -------
    DataFrame
        ``area_id`` and the other columns without geometry; where an area has people and no doctor,
        ``residents_per_doctor`` is empty and ``doctors`` 0.
    """
    table = pd.DataFrame(told.areas.drop(columns="geometry"))
    residents = table["residents_per_doctor"].where(table["doctors"] > 0)
    table = table.assign(residents_per_doctor=residents)
    return for_file(table.rename_axis("area_id").reset_index())


def summarise_areas(told: ToldAreas, created: datetime.datetime) -> dict[str, Any]:
    """Sum shortage areas up; docs/files.md documents the keys.

    Parameters
    ----------
    told
        As they may be told.
    created
        When, with time zone.

    Returns
    -------
    dict
        The summary of the choice check, and ``areas``.
    """
    result, source = told.result, told.result.choice.study.areas
    files = (source.designations, source.file) if source else (None, None)
    columns = ("name", "kind", "standing", "place", "criterion_text", "valid_from", "valid_to", "stated", "source", "source_place")  # fmt: skip
    return summarise(told.told, created) | {
        "areas": {
            "of": "municipalities" if result.of_municipalities else "areas",
            "criterion": {"combine": result.criterion.combine, **result.criterion.thresholds},
            "criterion_text": areas_texts.criterion(result),
            "computed": _counts(told.areas["computed"], STATES_TOLD[:-1]),
            "people": {
                state: {name: rounded(float(people)) for name, people in row.items()}
                for state, row in told.people.to_dict("index").items()
            },
            "homes_outside": len(result.outside),
            "agreement": _counts(told.areas["agreement"], (*AGREEMENTS, HIDDEN)),
            "designations": [
                {"id": str(name), "municipality_codes": list(row["municipality_codes"])}
                | {column: row[column] for column in columns}
                for name, row in told.designations.iterrows()
            ],
            "inputs": [
                {"role": role, "file": path.name, "sha256": file_sha256(path)}
                for role, path in zip(("designations", "areas"), files, strict=True)
                if path is not None
            ],
        }
    }


def _counts(values: pd.Series, kinds: tuple[str, ...]) -> dict[str, int]:
    return {kind: int((values == kind).sum()) for kind in kinds}
