"""Scenarios in small TOML files, to be kept and sent to others."""

import datetime
import json
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from gpcoverage.errors import SchemaError
from gpcoverage.files import write_whole
from gpcoverage.inputs import toml
from gpcoverage.inputs.layer import is_file
from gpcoverage.inputs.practices import MAX_DOCTORS
from gpcoverage.inputs.scenario import (
    CLINICS,
    STAGES,
    Change,
    Close,
    Intake,
    Move,
    Open,
    Scenario,
    check_date,
)  # fmt: skip

EXAMPLE: Final = "data/scenarios/knebel.toml"
FOLDER: Final = "scenarios"
"""Beside the study file: scenarios that can be called by name."""

DEGREES: Final = toml.Kind(
    "degrees, with a decimal point", lambda v: type(v) in {int, float} and -180 <= v <= 180  # noqa: PLR2004
)  # fmt: skip
DOCTORS: Final = toml.Kind(
    f"a number from 0 to {MAX_DOCTORS}",
    lambda v: type(v) in {int, float} and 0 <= v <= MAX_DOCTORS,
)
STAGE: Final = toml.Kind(f"one of {', '.join(STAGES)}", lambda v: v in STAGES)
CLINIC: Final = toml.Kind(f"one of {', '.join(CLINICS)}", lambda v: v in CLINICS)
WHERE: Final = {"lat": DEGREES, "lon": DEGREES}
KINDS: Final[dict[str, tuple[type[Change], dict[str, toml.Kind], dict[str, toml.Kind]]]] = {
    "close": (Close, {"practice": toml.TEXT}, {"date": toml.DAY, "stage": STAGE}),
    "open": (
        Open,
        {"id": toml.TEXT, "name": toml.TEXT, **WHERE},
        {"clinic": CLINIC, "doctors": DOCTORS, "takes_patients": toml.YES_NO, "date": toml.DAY},
    ),
    "move": (Move, {"practice": toml.TEXT, **WHERE}, {"date": toml.DAY}),
    "intake": (Intake, {"practice": toml.TEXT, "open": toml.YES_NO}, {"date": toml.DAY}),
}
KIND: Final = toml.Kind(f"one of {', '.join(KINDS)}", lambda v: v in list(KINDS))
CHANGES: Final = toml.Kind("one table or more", lambda v: isinstance(v, list) and len(v) > 0)


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    path
        A TOML file such as ``data/scenarios/knebel.toml``.

    Returns
    -------
    Scenario

    Raises
    ------
    SchemaError
        With every fault of the file.
    """
    path = Path(path)
    table = toml.read_toml(path, "scenario", EXAMPLE)
    notes = {"source": toml.NOTE, "note": toml.NOTE}
    faults = toml.table_faults(table, {"name": toml.TEXT, "change": CHANGES}, notes)
    rows = table["change"] if CHANGES.fits(table.get("change")) else []
    for number, row in enumerate(rows, 1):
        faults += _row_faults(row, f"change {number}: ")
    if faults:
        msg = f"{path}: {'; '.join(faults)}. See {EXAMPLE} for the form."
        raise SchemaError(msg)
    changes = tuple(
        KINDS[row["kind"]][0](**{key: value for key, value in row.items() if key != "kind"})
        for row in rows
    )
    return Scenario(table["name"], changes, table.get("source", ""), table.get("note", ""))


def _row_faults(row: Any, prefix: str) -> list[str]:
    if not isinstance(row, dict) or not KIND.fits(row.get("kind")):
        kind = {key: row[key] for key in ("kind",) if key in row} if isinstance(row, dict) else row
        return toml.table_faults(kind, {"kind": KIND}, {}, prefix)
    _, needed, optional = KINDS[row["kind"]]
    faults = toml.table_faults(row, {"kind": KIND, **needed}, optional, prefix)
    if toml.DAY.fits(row.get("date")):
        try:
            check_date(row["date"])
        except SchemaError as error:
            faults.append(f"{prefix}{str(error).rstrip('.')}")
    return faults


def find_scenario(wanted: str, study: str | Path) -> Scenario:
    """Read a scenario by its file's path, or by name from the folder beside a study.

    Parameters
    ----------
    wanted
        A path, the name of a file in ``scenarios`` with or without ``.toml``, or the name that
        stands in one.
    study
        The study file.

    Returns
    -------
    Scenario

    Raises
    ------
    SchemaError
        If there is none; the message lists those there are.
    """
    if is_file(Path(wanted)):
        return read_scenario(wanted)
    files = sorted((Path(study).parent / FOLDER).glob("*.toml"))
    for file in files:
        if wanted.casefold() in {file.stem.casefold(), file.name.casefold()}:
            return read_scenario(file)
    known = {file.stem: read_scenario(file) for file in files}
    for scenario in known.values():
        if scenario.name.casefold() == wanted.casefold():
            return scenario
    listed = "; ".join(f"{stem} ({scenario.name})" for stem, scenario in known.items()) or "none"
    msg = f"{wanted}: no such scenario. Known beside {study}: {listed}. Give one of them, or a file's path."
    raise SchemaError(msg)


def write_scenario(scenario: Scenario, path: str | Path) -> Path:
    """Write a scenario, to be read again with :func:`read_scenario`.

    Parameters
    ----------
    scenario
        With at least one change.
    path
        The .toml file.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    head = {
        "name": scenario.name if scenario.name.strip() else "Scenarie",
        "source": scenario.source,
        "note": scenario.note,
    }
    blocks = [[f"{key} = {_value(value)}" for key, value in head.items() if value]]
    kinds = {cls: kind for kind, (cls, _, _) in KINDS.items()}
    for change in scenario.changes:
        values = {field.name: getattr(change, field.name) for field in fields(change)}
        blocks.append(
            ["[[change]]", f'kind = "{kinds[type(change)]}"']
            + [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]
        )
    text = "\n\n".join("\n".join(lines) for lines in blocks) + "\n"

    def write(draft: Path) -> None:
        draft.write_text(text, encoding="utf-8", newline="\n")

    return write_whole(Path(path), write)


def _value(value: str | float | datetime.date) -> str:
    """Write a value as TOML does: text and numbers as JSON, a day bare."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
