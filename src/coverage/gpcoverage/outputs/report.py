"""The committee's pack: a report to read and print, its figures, its tables, its map."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import folium
import pandas as pd

from gpcoverage.analysis.choice import Choice
from gpcoverage.analysis.closure import Comparison
from gpcoverage.files import Writer, write_together
from gpcoverage.inputs.reference_facts import KnownFigures
from gpcoverage.outputs import footnotes, numerals, report_texts
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
from gpcoverage.outputs.markup import safe, table_html
from gpcoverage.outputs.page import write_page
from gpcoverage.outputs.pdf import find_browser, print_page
from gpcoverage.outputs.ranking import draw_ranking
from gpcoverage.outputs.result_sheets import (
    closure_sheets,
    municipalities_sheet,
    practices_sheet,
)
from gpcoverage.outputs.sheets import Sheet, sheet_html
from gpcoverage.outputs.static_map import draw_choice_map, draw_closure_map, draw_uncertain_map
from gpcoverage.outputs.summary import now, summarise, write_json
from gpcoverage.outputs.told_report import ToldReport, tell_report
from gpcoverage.outputs.validation import answer, validation_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
    drawn = {name: _draw(told, name, figure) for name, figure in _figures(told).items()}
    printed = _printed(told)
    sheets = [*printed, practices_sheet(told.choice)]  # pages and pages of them: not printed
    sections = _sections(told, printed, {name: one.picture for name, one in drawn.items()})
    writers: dict[str, Writer] = {
        "report.html": lambda path: write_document(report_texts.title(told), sections, path),
    }
    browser = find_browser() if with_pdf else None
    if browser is not None:
        writers["report.pdf"] = lambda path: print_page(
            path.with_name("report.html"), path, browser
        )
    about, day = report_texts.about(told), told.choice.choice.study.date
    writers["tables.xlsx"] = lambda path: write_workbook(sheets, about, path, day=day)
    writers["map.html"] = lambda path: write_page(_map(told), path)
    for name, one in drawn.items():
        writers[f"{name}.svg"] = partial(write_svg, one.framed)
        writers[f"{name}.png"] = partial(write_png, one.framed)
    writers["summary.json"] = lambda path: write_json(_summary(told), path)
    return write_together(Path(folder), writers)


class Drawn(NamedTuple):
    """A figure in both forms.

    Attributes
    ----------
    picture
        For the page, which has the title and the footnote: safe HTML.
    framed
        To go out by itself, with the title and the footnote it must not be without.
    """

    picture: str
    framed: "Figure"


def _figures(told: ToldReport) -> dict[str, "Figure"]:
    """Draw every figure once."""
    changes = {}
    if told.closure is not None:
        changes = {
            "closure-map": draw_closure_map(told.closure),
            "change": draw_change(told.closure),
        }
    return changes | {
        "choice-map": draw_choice_map(told.choice),
        "distances": draw_distances(told.choice),
        "ranking": draw_ranking(told.choice),
        "uncertain-map": draw_uncertain_map(told.choice),
    }


def _draw(told: ToldReport, name: str, figure: "Figure") -> Drawn:
    title = report_texts.title(told)
    shown = picture(figure, f"{title}. {report_texts.answer(told)}")
    titles = [title, say(report_texts.FIGURE_TITLES[name])]
    return Drawn(shown, frame(figure, titles, report_texts.footnote(told)))


def _map(told: ToldReport) -> folium.Map:
    return draw_choice(told.choice) if told.closure is None else draw_closure(told.closure)


def _summary(told: ToldReport) -> dict[str, object]:
    if told.closure is None:
        return summarise(told.choice, now())
    return summarise_closure(told.closure, now())


def _printed(told: ToldReport) -> list[Sheet]:
    changes = [] if told.closure is None else closure_sheets(told.closure)
    return [*changes, municipalities_sheet(told.choice)]


def _sections(
    told: ToldReport, printed: Sequence[Sheet], pictures: Mapping[str, str]
) -> list[Section]:
    """Lay out the report, a printed page per section: the whole of it on the first."""
    parts = [_summary_section(told, pictures)]
    if told.closure is not None:
        parts += [_figure_section(told, name, pictures) for name in ("closure-map", "change")]
    parts += [
        _figure_section(told, "choice-map", pictures),
        _people_section(told, pictures),
        _figure_section(told, "uncertain-map", pictures),
        *(
            Section(f"<h2>{safe(sheet.title)}</h2>{sheet_html(sheet)}", "table")
            for sheet in printed
        ),
        _method_section(told),
    ]
    return parts if told.known is None else [*parts, _known_section(told.known)]


def _summary_section(told: ToldReport, pictures: Mapping[str, str]) -> Section:
    choice, closure = told.choice, told.closure
    figures = choice_figures(choice) if closure is None else closure_figures(closure)
    shown = "choice-map" if closure is None else "closure-map"
    asked, named = say(report_texts.WORST_TITLE), report_texts.worst(choice)
    if closure is not None:
        asked, named = say(report_texts.LOSING_TITLE), report_texts.losing(closure)
    places = f"<h2>{safe(asked)}</h2>{paragraphs(named)}" if named else ""
    modelled = [say(footnotes.PARTLY_MODELLED)] if choice.choice.study.partly_modelled else []
    return Section(
        f"{paragraphs([report_texts.kicker(told)], 'kicker')}<h1>{safe(report_texts.title(told))}</h1>"
        f"{paragraphs([report_texts.answer(told)], 'answer')}"
        f"{key_figures_html(figures)}"
        f'<div class="two">{pictures[shown]}<div>{places}'
        f"<h2>{safe(say(report_texts.SURE_TITLE))}</h2>{paragraphs([report_texts.sure(told)])}"
        f"{paragraphs(modelled, 'model')}{paragraphs([say(footnotes.NOT_A_RULING)], 'note')}</div></div>",
        "summary",
    )


def _figure_section(told: ToldReport, name: str, pictures: Mapping[str, str]) -> Section:
    title = say(report_texts.FIGURE_TITLES[name])
    return Section(f"<h2>{safe(title)}</h2>{pictures[name]}{_criterion(told)}", "map")


def _people_section(told: ToldReport, pictures: Mapping[str, str]) -> Section:
    both = pictures["distances"] + pictures["ranking"]
    title = safe(say(report_texts.PEOPLE_TITLE))
    return Section(f'<h2>{title}</h2><div class="two">{both}</div>{_criterion(told)}')


def _method_section(told: ToldReport) -> Section:
    notes = report_texts.footnote(told)
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
    return paragraphs(footnotes.footnote(told.choice)[:2], "note")
