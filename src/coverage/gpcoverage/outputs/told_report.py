"""A report as it may be told to others: the check, the closure, and what others know."""

from dataclasses import dataclass

import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.closure import Comparison
from gpcoverage.analysis.validation import compute_validation
from gpcoverage.inputs.reference_facts import KnownFigures
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.told import ToldChoice, tell_choice
from gpcoverage.outputs.told_closure import ToldClosure, tell_closure
from gpcoverage.outputs.validation import tell_validation


@dataclass(frozen=True, slots=True, eq=False)
class ToldReport:
    """What a report tells.

    Attributes
    ----------
    choice
        The check as it may be told: as it stands, or after a closure.
    closure
        Before and after as they may be told; None if nothing changes.
    known
        Known figures beside ours as they may be told; None if they were not given.
    """

    choice: ToldChoice
    closure: ToldClosure | None = None
    known: pd.DataFrame | None = None


def tell_report(
    choice: Choice,
    comparison: Comparison | None = None,
    known: KnownFigures | None = None,
    *,
    disclosure: Disclosure = ON,
) -> ToldReport:
    """Leave out of a report what must not be told.

    Parameters
    ----------
    choice
        The check: as it stands, or after the closure.
    comparison
        Before and after; None if nothing changes.
    known
        Known figures that the study as it stands is held against; None for no appendix.
    disclosure
        What may be told.

    Returns
    -------
    ToldReport
    """
    beside = None
    if known is not None:
        as_it_stands = choice if comparison is None else comparison.before
        figures = compute_validation(as_it_stands, known)
        beside = tell_validation(figures, as_it_stands.study.practices, disclosure=disclosure)
    if comparison is None:
        return ToldReport(tell_choice(choice, disclosure=disclosure), known=beside)
    closure = tell_closure(comparison, choice, disclosure=disclosure)
    return ToldReport(closure.after, closure, beside)
