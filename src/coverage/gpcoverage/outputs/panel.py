"""A panel for JupyterLab: choose region, practices and date, and see the map and the table.

For those who do not write code. It asks nothing that the package does not; a notebook of one cell
opens it.
"""

import calendar
import datetime
import html
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import folium
import geopandas as gpd
import ipywidgets as widgets

from gpcoverage.analysis.choice import Choice, compute_choice
from gpcoverage.analysis.closure import Comparison, compare
from gpcoverage.analysis.rerun import Baseline, prepare_rerun
from gpcoverage.errors import GpCoverageError
from gpcoverage.inputs.scenario import find_practice
from gpcoverage.inputs.study import Study
from gpcoverage.inputs.study_file import load_study
from gpcoverage.network import load_network
from gpcoverage.outputs import closure_texts, numerals, texts
from gpcoverage.outputs.closure import draw_closure
from gpcoverage.outputs.language import say, speaking, spoken
from gpcoverage.outputs.maps import draw_choice
from gpcoverage.outputs.markup import safe
from gpcoverage.outputs.page import asset, page_html
from gpcoverage.outputs.result_sheets import change_sheet, map_sheet
from gpcoverage.outputs.sheets import Sheet, sheet_html
from gpcoverage.outputs.told import tell_choice
from gpcoverage.outputs.told_closure import tell_closure

MONTHS: Final = 24
"""So many month ends are offered, from the study's day on."""

MAP_HEIGHT_PX: Final = 680


def open_panel(study_file: str | Path) -> "Panel":
    """Open the panel on a study.

    Parameters
    ----------
    study_file
        A study file such as ``data/midtjylland.toml``. Its area is offered first, then every
        region of its list of municipalities, on the same files.

    Returns
    -------
    Panel
        Shows itself in a notebook. What is wrong with the files is told in it.

    Examples
    --------
    >>> from gpcoverage import open_panel
    >>> open_panel("data/midtjylland.toml")  # doctest: +SKIP
    """
    return Panel(Path(study_file))


class _Desk:
    """The study by region, and what was computed for a region: once each."""

    def __init__(self, study_file: Path) -> None:
        self.study_file = study_file
        self.study = load_study(study_file)
        self._baselines: dict[str, Baseline] = {}

    def regions(self) -> list[tuple[str, str]]:
        """List what may be chosen: text, and the region's name; none for the study's own area."""
        municipalities, own = self.study.municipalities, set(self.study.municipality_codes)
        others = [
            (f"Region {region}", str(region))
            for region, rows in municipalities.groupby("region")
            if set(rows["code"]) != own
        ]
        return [(self.study.name, ""), *others]

    def practices(self, region: str) -> gpd.GeoDataFrame:
        """Give the practices of a region, by name."""
        municipalities = self.study.municipalities
        codes = self.study.municipality_codes
        if region:
            codes = tuple(municipalities.loc[municipalities["region"] == region, "code"])
        practices = self.study.practices
        inside = practices[practices["municipality_code"].isin(codes)]
        # 10 comes after 9
        return inside.sort_values(
            "name", key=lambda name: name.str.replace(r"\d+", lambda n: n[0].zfill(6), regex=True)
        )

    def baseline(self, region: str) -> Baseline:
        """Check a region's choice as it is, the first time that it is asked for."""
        if region not in self._baselines:
            study = load_study(self.study_file, region=region) if region else self.study
            network = next(
                (known.choice.network for known in self._baselines.values()), None
            ) or load_network(study.roads)
            self._baselines[region] = prepare_rerun(compute_choice(study, network))
        return self._baselines[region]


class Panel:
    """Region, practices that close, and date; then sentence, map and table.

    Attributes
    ----------
    region, date
        Dropdowns.
    search
        A text with suggestions: a practice that is chosen there goes to ``closing``.
    closing
        The chosen practices, a button each that takes it back.
    button
        Computes.
    message, answer, map, table
        HTML.
    box
        All of it.
    choice
        The choice check that is shown: as things are, or afterwards. None before the first.
    comparison
        Before and after; None where nothing closes.
    """

    def __init__(self, study_file: Path) -> None:
        self.choice: Choice | None = None
        self.comparison: Comparison | None = None
        self._desk: _Desk | None = None
        self._labels: dict[str, str] = {}
        self._chosen: list[str] = []
        self._language = spoken()
        self._make()
        with self._telling():
            self._desk = _Desk(study_file)
            self.region.options = self._desk.regions()
            self.date.options = _dates(self._desk.study.date)
            self._list_practices()
        self.region.observe(lambda _: self._react(self._list_practices), "value")
        self.date.observe(lambda _: self._react(self._ask), "value")
        self.search.observe(lambda _: self._react(self._pick), "value")
        self.button.on_click(lambda _: self._react(self._compute))
        self.button.disabled = self._desk is None

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Show the widgets; a copy of the notebook, which has no kernel, shows what they hold now."""
        held = "".join(part.value for part in (self.answer, self.map, self.table))
        return {**self.box._repr_mimebundle_(**kwargs), "text/html": held}

    def _make(self) -> None:
        """Make the widgets; a long label stays whole."""
        style = {"description_width": "150px"}
        wide = widgets.Layout(width="min(640px, 98%)")
        self.region: Any = widgets.Dropdown(
            description=say("Region"), options=[("", "")], style=style, layout=wide
        )
        self.search: Any = widgets.Combobox(
            description=say("Praksis, der lukker"),
            placeholder=say("Skriv en del af navnet, og vælg på listen"),
            style=style,
            layout=wide,
        )
        self.closing: Any = widgets.Box(layout=widgets.Layout(flex_flow="row wrap"))
        self.date: Any = widgets.Dropdown(
            description=say("Lukker den"), options=[("", "")], style=style, layout=wide
        )
        self.button: Any = widgets.Button(
            description=say("Beregn"),
            button_style="primary",
            layout=widgets.Layout(flex="0 0 auto", margin="2px 0 2px 158px"),
        )
        self.message, self.answer, self.map, self.table = (widgets.HTML() for _ in range(4))
        bar = widgets.HBox([self.button, self.message])
        self.box: Any = widgets.VBox(
            [self.region, self.search, self.closing, self.date, bar, self.answer, self.map, self.table]
        )  # fmt: skip

    def _react(self, do: Callable[[], None]) -> None:
        """Do what was asked for in the language in which the panel was opened."""
        with speaking(self._language), self._telling():
            do()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell what is wrong with the inputs in the panel, and not as a traceback."""
        try:
            yield
        except GpCoverageError as error:
            self._say(say("Det kan ikke beregnes. {why}", why=error), wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        colour = "#7a1736" if wrong else "inherit"
        self.message.value = (
            f'<div role="status" style="color:{colour};line-height:1.4;padding:4px 8px">'
            f"{safe(text)}</div>"
        )

    def _ask(self) -> None:
        """Say that what is shown is no longer what is chosen."""
        self._say(say("Tryk på Beregn.") if self.choice is not None else "")

    def _list_practices(self) -> None:
        if self._desk is None:
            return
        practices = self._desk.practices(self.region.value)
        self._labels = _labels(practices, self._desk.study)
        self._chosen = []
        self._show_chosen()
        self.search.options = tuple(self._labels)

    def choose(self, practice: str) -> None:
        """Add a practice to those that close.

        Parameters
        ----------
        practice
            As on the list, or an id or name as the region's table has it; else the panel tells why
            it is none.
        """
        self._react(lambda: self._choose(practice))

    def _choose(self, written: str) -> None:
        practice = self._labels.get(written)
        if practice is None and self._desk is not None:
            practice = find_practice(self._desk.practices(self.region.value), written)
        if practice is not None and practice not in self._chosen:
            self._chosen.append(practice)
        self.search.value = ""
        self._show_chosen()

    def _pick(self) -> None:
        """Take what is on the list, and let the rest be written to its end."""
        if self.search.value in self._labels:
            self._choose(self.search.value)

    def _take_back(self, practice: str) -> None:
        self._chosen.remove(practice)
        self._show_chosen()

    def _show_chosen(self) -> None:
        names = {practice: label for label, practice in self._labels.items()}
        buttons = []
        for practice in self._chosen:
            chosen = widgets.Button(
                description=names[practice],
                icon="times",
                tooltip=say("Tag praksis af listen igen"),
                layout=widgets.Layout(width="auto"),
            )
            chosen.on_click(lambda _, i=practice: self._react(lambda: self._take_back(i)))
            buttons.append(chosen)
        self.closing.children = tuple(buttons)
        self.closing.layout.margin = "0 0 0 156px" if buttons else "0"
        self._ask()

    def _compute(self) -> None:
        self.button.disabled = True
        self._say(say("Regner …"))
        try:
            self._show()
        finally:
            self.button.disabled = False

    def _show(self) -> None:
        """Answer for what is chosen, and for what was written without being chosen."""
        if self._desk is None:
            return
        if self.search.value.strip():
            self._choose(self.search.value)
        baseline = self._desk.baseline(self.region.value)
        if self._chosen:
            after = baseline.choice.study.close(*self._chosen, date=self.date.value or None)
            self._show_closure(compare(baseline, after))
        else:
            self._show_choice(baseline.choice)
        self._say("")

    def _show_choice(self, choice: Choice) -> None:
        told = tell_choice(choice)
        self.choice, self.comparison = choice, None
        self.answer.value = _answer(texts.title(choice), texts.answer(told))
        self.map.value = _framed(draw_choice(told))
        self.table.value = _table(map_sheet(told))

    def _show_closure(self, comparison: Comparison) -> None:
        after = comparison.check_after()
        told = tell_closure(comparison, after)
        self.choice, self.comparison = after, comparison
        self.answer.value = _answer(closure_texts.title(comparison), closure_texts.answer(told))
        self.map.value = _framed(draw_closure(told))
        self.table.value = _table(change_sheet(told))


def _dates(first: datetime.date) -> list[tuple[str, datetime.date | Literal[""]]]:
    """List the month ends on which a practice may close, and none: as its own row says."""
    dates: list[tuple[str, datetime.date | Literal[""]]] = [(say("Som praksislisten siger"), "")]
    for month in range(first.month - 1, first.month - 1 + MONTHS):
        year, number = first.year + month // 12, month % 12 + 1
        day = datetime.date(year, number, calendar.monthrange(year, number)[1])
        dates.append((numerals.day(day), day))
    return dates


def _labels(practices: gpd.GeoDataFrame, study: Study) -> dict[str, str]:
    """Name practices so that no two are alike: id by label."""
    places = texts.municipality_names(study, practices["municipality_code"])
    labels: dict[str, str] = {}
    for (practice, row), place in zip(practices.iterrows(), places, strict=True):
        where = [row["town"]] if row["town"] and row["town"] not in row["name"] else []
        label = ", ".join([row["name"], *where, str(place)])
        labels[f"{label} ({practice})" if label in labels else label] = str(practice)
    return labels


def _answer(title: str, answer: str) -> str:
    style = f"<style>{asset('panel.css')}</style>"
    return f'{style}<div class="gpcoverage"><h3>{safe(title)}</h3><p>{safe(answer)}</p></div>'


def _framed(drawn: folium.Map) -> str:
    """Put a map page into a frame; its headline stands above it already."""
    style = f"<style>{asset('panel_frame.css')}</style></head>"
    page = page_html(drawn).replace("</head>", style, 1)
    return (
        f'<iframe class="gpcoverage-map" title="{say("Kort")}" srcdoc="{html.escape(page)}" '
        f'style="width:100%;height:{MAP_HEIGHT_PX}px;border:1px solid #c6d0d9"></iframe>'
    )


def _table(sheet: Sheet) -> str:
    return f'<div class="gpcoverage">{sheet_html(sheet)}</div>'
