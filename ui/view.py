"""A viewer on a page: what they see, what they chose, in which words and colours. What a page needs travels in it.

view = open_view("overview")
view.panel("revenue_trend", view.ask("revenue", shape="trend"))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import streamlit as st

from charts.theme import Theme
from data_access.calendar import Grain
from data_access.errors import ClienteleError, SourceError
from data_access.source import Source
from i18n.words import Words, load_words
from metrics.answers import Answer, ask
from metrics.periods import Comparison, Period, Preset, preset_period
from metrics.question import DIMENSIONS, Filters
from ui import faults, state
from ui.choices import PageSpec, Problem, custom_period, not_possible
from ui.company import company
from ui.look import style
from ui.menu import menu
from ui.names import found_names
from ui.outage import Outage
from ui.site import FRESH, SITE

SPECS = {site.spec.name: site.spec for site in (*SITE, FRESH)}


@dataclass(frozen=True)
class Asked:
    """A question that is put when its panel is drawn, so that its failure stays in its panel."""

    source: Source
    metric: str
    filters: Filters
    options: tuple[tuple[str, str], ...]

    def answer(self) -> Answer:
        return ask(self.metric, self.source, self.filters, dict(self.options))


@dataclass(frozen=True)
class View:
    """One viewer on one page."""

    spec: PageSpec
    source: Source
    filters: Filters
    choices: Mapping[str, Any]
    words: Words
    theme: Theme
    problems: tuple[Problem, ...] = ()
    outage: Outage = field(default_factory=Outage, compare=False)

    def ask(self, metric: str, **options: str) -> Asked:
        """A question with this page's filters; empty options are left to the metric."""
        given = tuple(sorted((name, value) for name, value in options.items() if value))
        return Asked(self.source, metric, self.filters, given)

    def over(self, period: Period, grain: Grain) -> View:
        """The same view over another period."""
        return replace(self, filters=replace(self.filters, period=period, grain=grain))

    def option(self, name: str) -> str:
        """A choice of this page's own."""
        return str(self.choices[name])

    def options(self) -> dict[str, str]:
        """The choices of this page's own, as options of a metric: all but the split `by`, which is for one panel."""
        names = (*self.spec.found, *(control.name for control in self.spec.controls))
        return {name: self.option(name) for name in names if name != "by"}

    def panel(self, name: str, asked: Asked, **options: Any) -> None:
        """A panel: title, unit, dates and n, chart, notes, and what is behind it (ui/panel.py)."""
        from ui.panel import panel

        panel(self, name, asked, **options)


@dataclass(frozen=True)
class Page:
    """A page that reads no data: its specification and its words."""

    spec: PageSpec
    words: Words


def open_page(name: str) -> Page:
    """A page without data and filters."""
    words, _ = _entered(SPECS[name])
    state.save(SPECS[name])
    return Page(SPECS[name], words)


def _entered(spec: PageSpec) -> tuple[Words, list[Problem]]:
    """What every page begins with: style, language, the choices of the address, the menu."""
    words = load_words(state.language())
    st.html(style(theme()))
    state.language_switch(words)
    problems = state.load(spec)
    menu(words, spec)
    return words, problems


def open_view(name: str) -> View:
    """The view of a page: style, title, filters; ends the page with a plain sentence when the data cannot be read."""
    spec = SPECS[name]
    words, problems = _entered(spec)
    try:
        source = company(words)
        if source.crm.facts.is_empty:
            raise SourceError("The database holds no rows yet; import your data first.", key="no_data")
        view = view_of(spec, source, words, state.current(spec), theme(), problems)
    except ClienteleError as fault:
        faults.whole_page(spec, fault, words)
    return replace(view, outage=Outage(st.container(key="outage", gap=None)))


def theme() -> Theme:
    """light or dark, as the viewer's browser shows the app."""
    return "dark" if st.context.theme.type == "dark" else "light"


def view_of(
    spec: PageSpec,
    source: Source,
    words: Words,
    choices: Mapping[str, Any],
    look: Theme,
    problems: Sequence[Problem] = (),
) -> View:
    """The view of a page over a source, with these choices."""
    period, problem = _period(spec, str(choices["period"]), source, words)
    choices, unknown = _found(spec, choices, source)
    filters = Filters(
        period,
        Comparison(choices.get("compare", Comparison.PREVIOUS.value)),
        Grain(choices.get("grain", spec.grain.value)),
        choices.get("complete") == "yes",
    )
    for name in DIMENSIONS:
        filters = filters.choose(name, *choices.get(name, ()))
    return View(spec, source, filters, choices, words, look, (*problems, *problem, *unknown))


def _found(spec: PageSpec, choices: Mapping[str, Any], source: Source) -> tuple[Mapping[str, Any], list[Problem]]:
    """The choices without what the data do not hold, and a note of each."""
    problems = []
    for name in spec.found:
        value, known = str(choices.get(name, "")), found_names(source, name)
        if value and known and value not in known:
            problems.append(not_possible(name, value, ""))
            choices = {**choices, name: ""}
    return choices, problems


def _period(spec: PageSpec, code: str, source: Source, words: Words) -> tuple[Period, tuple[Problem, ...]]:
    """The period that a code means; one that lies outside the data is replaced by the page's own, with a note."""
    first, last = covered(source)
    own = custom_period(code)
    if own is None:
        return preset_period(Preset(code), source.calendar, source.crm.until, first), ()
    period = Period(*own)
    if period.end > first and period.start <= last:
        return period, ()
    instead = preset_period(spec.period, source.calendar, source.crm.until, first)
    gaps = {
        "covered": words.numbers.dates(first, last + timedelta(days=1)),
        "dates": words.numbers.dates(instead.start, instead.end),
    }
    return instead, (Problem("period_outside_data", gaps),)


def covered(source: Source) -> tuple[date, date]:
    """First and last day that the data cover."""
    first = source.crm.facts.first or source.as_of
    return source.calendar.to_local(first).date(), source.calendar.to_local(source.as_of).date()
