"""The four tables that are taken out of the documents of a plan, read together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gpcoverage.inputs.goals import read_goals
from gpcoverage.inputs.grants import read_grants
from gpcoverage.inputs.layer import InputRecord
from gpcoverage.inputs.plan import PlanTable, read_instruments, read_profiles

FILES: Final = {
    "instruments": "instruments.csv",
    "profiles": "plan_profiles.csv",
    "grants": "grants.csv",
    "goals": "goals.csv",
}


@dataclass(frozen=True, slots=True, eq=False)
class Documents:
    """What the documents of a plan say.

    Attributes
    ----------
    instruments, profiles, grants, goals
        As :func:`~gpcoverage.inputs.plan.read_instruments`,
        :func:`~gpcoverage.inputs.plan.read_profiles`,
        :func:`~gpcoverage.inputs.grants.read_grants` and
        :func:`~gpcoverage.inputs.goals.read_goals` give them.
    """

    instruments: PlanTable
    profiles: PlanTable
    grants: PlanTable
    goals: PlanTable

    @property
    def tables(self) -> tuple[PlanTable, ...]:
        """All four of them."""
        return (self.instruments, self.profiles, self.grants, self.goals)

    @property
    def records(self) -> tuple[InputRecord, ...]:
        """What was read, file by file."""
        return tuple(table.record for table in self.tables)


def read_documents(folder: str | Path) -> Documents:
    """Read the tables of a plan.

    Parameters
    ----------
    folder
        With the files ``FILES``, such as ``data``.

    Returns
    -------
    Documents

    Raises
    ------
    SchemaError
        With every fault of the first file that has any.
    """
    folder = Path(folder)
    return Documents(
        instruments=read_instruments(folder / FILES["instruments"]),
        profiles=read_profiles(folder / FILES["profiles"]),
        grants=read_grants(folder / FILES["grants"]),
        goals=read_goals(folder / FILES["goals"]),
    )
