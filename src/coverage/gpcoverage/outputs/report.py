"""The committee's pack: a report to read and print, its figures, its tables, its map."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import folium
import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.closure import Comparison
from gpcoverage.analysis.validation import compute_validation
from gpcoverage.files import Writer, write_together
from gpcoverage.inputs.reference_facts import KnownFigures
from gpcoverage.outputs import numerals, report_texts, texts
from gpcoverage.outputs.closure import draw_closure, summarise_closure
from gpcoverage.outputs.disclosure import ON, Disclosure
from gpcoverage.outputs.document import Section, paragraphs, picture, write_document
from gpcoverage.outputs.excel import write_workbook
from gpcoverage.outputs.figures import (
    draw_change,
    draw_distances,
    frame,
    write_png,
    write_svg,
)
from gpcoverage.outputs.key_figures import choice_figures, closure_figures, key_figures_html
from gpcoverage.outputs.language import say
from gpcoverage.outputs.maps import draw_choice
from gpcoverage.outputs.markup import safe
from gpcoverage.outputs.page import table_html, write_page
from gpcoverage.outputs.pdf import find_browser, print_page
from gpcoverage.outputs.ranking import draw_ranking
from gpcoverage.outputs.report_tables import (
    closure_sheets,
    municipalities_sheet,
    practices_sheet,
)
from gpcoverage.outputs.sheets import Sheet, sheet_html
from gpcoverage.outputs.static_map import draw_choice_map, draw_closure_map, draw_uncertain_map
from gpcoverage.outputs.summary import now, summarise, write_json
from gpcoverage.outputs.told import ToldChoice, tell_choice
from gpcoverage.outputs.told_closure import ToldClosure, tell_closure
from gpcoverage.outputs.validation import answer, tell_validation, validation_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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


def write_report(
    choice: Choice,
    folder: str | Path,
    comparison: Comparison | None = None,
    known: KnownFigures | None = None,
    *,
    disclosure: Disclosure = ON,
    with_pdf: bool = True,
) -> dict[str, Path]:
    """Write the committee's pack.

    Parameters
    ----------
    choice
        The check: as it stands, or after the closure.
    folder
        Gets ``report.html``, ``report.pdf`` (where a browser is at hand), ``tables.xlsx``,
        ``map.html``, each figure as .svg and .png, and ``summary.json``: all of them or, on an
        error, none. All tell the same numbers. The same result gives the same bytes, but for
        ``created`` in the summary and for the PDF.
    comparison
        Before and after; None if nothing changes.
    known
        Known figures that the study as it stands is held against in an appendix; None for none.
    disclosure
        What may be told: by default as much as anybody may read.
    with_pdf
        Whether to print the report.

    Returns
    -------
    dict
        Path by file name; no ``report.pdf`` if no browser was found.

    Raises
    ------
    OutputError
        If the folder cannot be written to, or the browser does not print.
    """
    told = tell_report(choice, comparison, known, disclosure=disclosure)
    printed = _printed(told)
    sheets = [*printed, practices_sheet(told.choice)]  # pages and pages of them: not printed
    writers: dict[str, Writer] = {
        "report.html": lambda path: write_document(_title(told), _sections(told, printed), path),
    }
    browser = find_browser() if with_pdf else None
    if browser is not None:
        writers["report.pdf"] = lambda path: print_page(
            path.with_name("report.html"), path, browser
        )
    about = report_texts.about(told.choice, told.closure)
    day = told.choice.choice.study.date
    writers["tables.xlsx"] = lambda path: write_workbook(sheets, about, path, day=day)
    writers["map.html"] = lambda path: write_page(_map(told), path)
    for name in FIGURES:
        for ending, write in (("svg", write_svg), ("png", write_png)):
            if _applies(name, told):
                writers[f"{name}.{ending}"] = _figure_writer(told, name, write)
    writers["summary.json"] = lambda path: write_json(_summary(told), path)
    return write_together(Path(folder), writers)


FIGURES: Final[dict[str, Callable[[ToldReport], "Figure"]]] = {
    "closure-map": lambda told: draw_closure_map(_closure(told)),
    "change": lambda told: draw_change(_closure(told)),
    "choice-map": lambda told: draw_choice_map(told.choice),
    "distances": lambda told: draw_distances(told.choice),
    "ranking": lambda told: draw_ranking(told.choice),
    "uncertain-map": lambda told: draw_uncertain_map(told.choice),
}
CLOSURE_ONLY: Final = frozenset({"closure-map", "change"})


def _applies(name: str, told: ToldReport) -> bool:
    return told.closure is not None or name not in CLOSURE_ONLY


def _closure(told: ToldReport) -> ToldClosure:
    if told.closure is None:
        msg = "this figure needs a closure"
        raise ValueError(msg)
    return told.closure


def _figure_writer(
    told: ToldReport,
    name: str,
    write: Callable[["Figure", Path], None],
) -> Writer:
    """Write a figure by itself, with the footnote that it must not be without."""

    def writer(path: Path) -> None:
        figure = FIGURES[name](told)
        notes = report_texts.footnote(told.choice, told.closure)
        frame(figure, [_title(told), say(report_texts.FIGURE_TITLES[name])], notes)
        write(figure, path)

    return writer


def _title(told: ToldReport) -> str:
    return report_texts.title(told.choice, told.closure)


def _map(told: ToldReport) -> folium.Map:
    return draw_choice(told.choice) if told.closure is None else draw_closure(told.closure)


def _summary(told: ToldReport) -> dict[str, object]:
    if told.closure is None:
        return summarise(told.choice, now())
    return summarise_closure(told.closure, now())


def _printed(told: ToldReport) -> list[Sheet]:
    changes = [] if told.closure is None else closure_sheets(told.closure)
    return [*changes, municipalities_sheet(told.choice)]


def _sections(told: ToldReport, printed: list[Sheet]) -> list[Section]:
    """Lay out the report, a printed page per section: the whole of it on the first."""
    parts = [_summary_section(told)]
    if told.closure is not None:
        parts += [_map_section(told, "closure-map")]
        parts += [_map_section(told, "change")]
    parts += [
        _map_section(told, "choice-map"),
        _people_section(told),
        _map_section(told, "uncertain-map"),
        *(
            Section(f"<h2>{safe(sheet.title)}</h2>{sheet_html(sheet)}", "table")
            for sheet in printed
        ),
        _method_section(told),
    ]
    return parts if told.known is None else [*parts, _known_section(told.known)]


def _summary_section(told: ToldReport) -> Section:
    choice, closure = told.choice, told.closure
    figures = choice_figures(choice) if closure is None else closure_figures(closure)
    shown = "choice-map" if closure is None else "closure-map"
    asked, named = say(report_texts.WORST_TITLE), report_texts.worst(choice)
    if closure is not None:
        asked, named = say(report_texts.LOSING_TITLE), report_texts.losing(closure)
    places = f"<h2>{safe(asked)}</h2>{paragraphs(named)}" if named else ""
    modelled = [say(texts.PARTLY_MODELLED)] if choice.choice.study.partly_modelled else []
    return Section(
        f"{paragraphs([report_texts.kicker(choice)], 'kicker')}<h1>{safe(_title(told))}</h1>"
        f"{paragraphs([report_texts.answer(choice, closure)], 'answer')}"
        f"{key_figures_html(figures)}"
        f'<div class="two">{_picture(told, shown)}<div>{places}'
        f"<h2>{safe(say(report_texts.SURE_TITLE))}</h2>{paragraphs([report_texts.sure(choice)])}"
        f"{paragraphs(modelled, 'model')}{paragraphs([say(texts.NOT_A_RULING)], 'note')}</div></div>",
        "summary",
    )


def _map_section(told: ToldReport, name: str) -> Section:
    title = say(report_texts.FIGURE_TITLES[name])
    return Section(f"<h2>{safe(title)}</h2>{_picture(told, name)}{_criterion(told)}", "map")


def _people_section(told: ToldReport) -> Section:
    both = _picture(told, "distances") + _picture(told, "ranking")
    title = safe(say(report_texts.PEOPLE_TITLE))
    return Section(f'<h2>{title}</h2><div class="two">{both}</div>{_criterion(told)}')


def _method_section(told: ToldReport) -> Section:
    notes = report_texts.footnote(told.choice, told.closure)
    return Section(f"<h2>{safe(say(report_texts.METHOD_TITLE))}</h2>{paragraphs(notes)}", "method")


def _known_section(known: pd.DataFrame) -> Section:
    """Hold known figures against ours; those that this study says nothing of are only counted."""
    can = known[known["ours"].notna()]
    title, said = safe(say(report_texts.KNOWN_TITLE)), [answer(known)]
    if len(can) < len(known):
        silent = numerals.number(len(known) - len(can))
        said.append(
            say("{number} andre kendte tal kan denne opgørelse ikke svare på.", number=silent)
        )
    table = ""
    if len(can):
        head, body = validation_table(can)
        table = table_html(head, body, text_columns=range(len(head)))
    return Section(f"<h2>{title}</h2>{paragraphs(said)}{table}", "known")


def _criterion(told: ToldReport) -> str:
    return paragraphs(texts.footnote(told.choice)[:2], "note")


def _picture(told: ToldReport, name: str) -> str:
    words = f"{_title(told)}. {report_texts.answer(told.choice, told.closure)}"
    return picture(FIGURES[name](told), words)
