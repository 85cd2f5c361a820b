"""The same question after practices closed: answered by masking, not by another search.

Distances to the practices that stay do not change. So a closure touches only the homes that had
the practice within the limit, or as their nearest or second.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gpcoverage.analysis.choice import (
    Choice,
    Counts,
    band,
    check_people,
    compute_choice,
    judge,
    sum_municipalities,
)
from gpcoverage.inputs.study import Study
from gpcoverage.network.kernels import NONE

KEPT: Final = 4
"""So many nearest practices of every home are kept: two may go without another search."""

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """A choice check, made ready to be asked again with fewer practices.

    Attributes
    ----------
    choice
        The check.
    practice, metres
        ``(homes, 4)``: positions of the nearest practices that count, -1 for none, and their
        distances, NaN for none.
    area, municipality
        Codes of the municipalities, and each home's position among them.
    """

    choice: Choice
    practice: NDArray[np.int32]
    metres: NDArray[np.float64]
    area: pd.Index
    municipality: Ints

    def rerun(self, study: Study) -> Choice:
        """Check the choice after changes.

        Parameters
        ----------
        study
            The baseline's study with changes.

        Returns
        -------
        Choice
            Equal to the last bit to ``compute_choice(study, network)``. Where practices only
            closed, for good or for intake, nothing is searched; new places are.

        Raises
        ------
        ValueError
            If the study does not come from the baseline's.
        """
        before = self.choice
        touched = self.touched(study)
        if touched is None:
            return compute_choice(study, before.network)
        loss, at, columns = touched
        homes = before.homes.copy()
        for name, new in columns.items():
            column = before.homes[name].copy()
            column.iloc[at] = new
            homes[name] = column
        hit = np.zeros(len(self.area), dtype=bool)
        hit[self.municipality[at]] = True
        hit |= self.area.isin(before.study.practices["municipality_code"][loss.any])
        municipalities = before.municipalities
        if hit.any():
            codes = self.area[hit]
            sums = sum_municipalities(study, homes[hit[self.municipality]], codes)
            kept = municipalities[~hit]
            municipalities = pd.concat([kept, sums]).loc[self.area]
        check_people(study, municipalities)
        distances = before.distances.keep(loss.stays)
        return Choice(study, before.network, homes, municipalities, distances)

    def touched(self, study: Study) -> "Touched | None":
        """Judge again the homes that a loss of practices touches, and no others.

        Parameters
        ----------
        study
            The baseline's study with changes.

        Returns
        -------
        Touched
            None if this takes another search: a practice is new or has moved or opened for
            intake, or too many neighbours closed at once.

        Raises
        ------
        ValueError
            If the study does not come from the baseline's.
        """
        before = self.choice.study
        same = study.homes is before.homes and study.municipalities is before.municipalities
        if not same or study.rules != before.rules or study.roads != before.roads:
            msg = "The study must be the baseline's, with changes. Use compute_choice for another."
            raise ValueError(msg)
        loss = _find_loss(before, study)
        return None if loss is None else self._judge_again(study, loss)

    def _judge_again(self, study: Study, loss: "_Loss") -> "Touched | None":
        near = np.flatnonzero(loss.of_choice[self.practice[:, :2]].any(axis=1))
        rank = np.argsort(loss.of_choice[self.practice[near]], axis=1, kind="stable")[:, :2]
        practice = np.take_along_axis(self.practice[near], rank, axis=1)
        metres = np.take_along_axis(self.metres[near], rank, axis=1)
        gone = loss.of_choice[practice]
        if (gone.any(axis=1) & (self.practice[near, -1] != NONE)).any():
            return None
        practice[gone], metres[gone] = NONE, np.nan
        within, counts = self._count_again(loss)
        at = np.union1d(near, within)
        old = self.choice.homes
        two = _put(self.practice[at, :2], np.searchsorted(at, near), practice)
        two_m = _put(self.metres[at, :2], np.searchsorted(at, near), metres)
        place = np.searchsorted(at, within)
        names = ("choices_low", "choices", "choices_high", "closed_choices")
        merged = Counts(
            *(
                _put(old[name].to_numpy()[at], place, new)
                for name, new in zip(names, counts, strict=True)
            )
        )
        off_road = self.choice.distances.off_road[at]
        columns = judge(study, merged, loss.number[two], two_m, off_road)
        return Touched(loss, at, columns)

    def _count_again(self, loss: "_Loss") -> tuple[Ints, Counts]:
        """Count again for the homes that have a changed practice within reach."""
        found, old = self.choice.distances.found, self.choice.homes
        pair = np.flatnonzero(loss.any[found.practice])
        home = np.searchsorted(found.start, pair, side="right") - 1
        at, row = np.unique(home, return_inverse=True)
        cost, limit_m = found.cost[pair], old["limit_m"].to_numpy()[home]
        low_m, high_m = band(limit_m, self.choice.network.error_share)
        of_choice, of_closed = loss.of_choice[found.practice[pair]], loss.closed[found.practice[pair]]  # fmt: skip

        def add(name: str, change: Ints) -> Ints:
            total = np.bincount(row, change, minlength=len(at)).astype(np.int64)
            return np.asarray(old[name].to_numpy()[at] + total, dtype=np.int64)

        return at, Counts(
            low=add("choices_low", -(of_choice & (cost <= low_m)).astype(np.int64)),
            choices=add("choices", -(of_choice & (cost <= limit_m)).astype(np.int64)),
            high=add("choices_high", -(of_choice & (cost <= high_m)).astype(np.int64)),
            closed=add("closed_choices", of_closed * (cost <= limit_m)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Loss:
    """What practices stop being; arrays over the baseline's practices and one more for "none".

    Attributes
    ----------
    stays
        Whether the practice is still there.
    of_choice
        Whether it counted and does no more.
    closed
        Closed for intake: 1 if it becomes so, -1 if it was and has gone.
    number
        Its position afterwards.
    """

    stays: Bools
    of_choice: Bools
    closed: Ints
    number: NDArray[np.int32]

    @property
    def any(self) -> Bools:
        """Whether anything about the practice changes: ``bool (practices)``."""
        either: Bools = self.of_choice | (self.closed != 0)
        return either[:-1]


class Touched(NamedTuple):
    """Homes whose answer may have changed.

    Attributes
    ----------
    loss
        What was lost.
    at
        ``int64``: their positions among the homes, ascending.
    columns
        Their columns of ``Choice.homes`` afterwards, as :func:`judge` returns them.
    """

    loss: _Loss
    at: Ints
    columns: dict[str, Any]


def _find_loss(before: Study, after: Study) -> _Loss | None:
    """Compare the practices of two studies; None if there is more than loss."""
    stays = before.practices.index.isin(after.practices.index)
    kept = before.practices[stays]
    moved = not kept.index.equals(after.practices.index) or any(
        (kept[column].to_numpy() != after.practices[column].to_numpy()).any()
        for column in ("geometry", "municipality_code")
    )
    if moved or not after.counted.any() or (after.counted & ~before.counted[stays]).any():
        return None
    counted = _put(np.zeros(len(stays), dtype=bool), stays, after.counted)
    was_closed = ~before.practices["open"].to_numpy()
    closed = _put(np.zeros(len(stays), dtype=bool), stays, ~after.practices["open"].to_numpy())
    number = np.where(stays, np.cumsum(stays) - 1, NONE)
    return _Loss(
        stays,
        np.append(before.counted & ~counted, False),
        np.append(closed.astype(np.int64) - was_closed, 0),
        np.append(number, NONE).astype(np.int32),
    )


def _put(values: NDArray[Any], at: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
    """Write new values to a copy."""
    copy = values.copy()
    copy[at] = new
    return copy


def prepare_rerun(choice: Choice) -> Baseline:
    """Make a choice check ready to be asked again with fewer practices.

    Parameters
    ----------
    choice
        The check.

    Returns
    -------
    Baseline
    """
    practice, metres = choice.distances.nearest(KEPT, choice.study.counted)
    area = choice.municipalities.index
    municipality = area.get_indexer(choice.homes["municipality_code"])
    return Baseline(choice, practice, metres, area, municipality)
