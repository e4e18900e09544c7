"""A panel, the same everywhere: title, unit and dates and n, the chart, quiet notes, and what is behind it.

A panel that cannot be drawn says why in its own box; the others are not touched. While a new question is counted the
panel keeps its place with a skeleton.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from charts.chart import Chart, Key
from charts.draw import draw
from charts.theme import CONFIG
from metrics.answers import Answer
from metrics.listing import listing
from metrics.metric import Unit
from metrics.notes import sentence
from metrics.results import Bridge, Funnel, Result
from ui import explain, faults, waiting
from ui.faults import escape
from ui.picks import part_of
from ui.words_of import cases

if TYPE_CHECKING:
    from ui.view import Asked, View

LOG = logging.getLogger("clientele")
Body = Callable[["View", str, str, Answer], tuple[str, ...]]
SHORT_NOTES = 2


def panel(
    view: View,
    name: str,
    asked: Asked,
    *,
    body: Body | None = None,
    height: int = 260,
    title_gaps: Mapping[str, Any] | None = None,
) -> None:
    """Draw one panel of the page.

    `body(view, key, title, answer)` draws what is in it and returns the notes that belong to it; the default is the
    chart of the answer's shape.
    """
    key = f"{view.spec.name}-{name}"
    title = view.words(f"page.{view.spec.name}.panel.{name}", **(title_gaps or {}))
    with st.container(border=True, key=f"panel-{key}", height="stretch"):
        place = waiting.hold(key, height)
        try:
            answer = asked.answer()
            place.empty()
            _filled(view, key, title, answer, body or chart_body, height)
        except Exception as fault:  # a panel's failure stays in the panel
            place.empty()
            said = view.outage.failed(fault, view.words)
            _head(title, "")
            faults.box(said, height)


def _filled(view: View, key: str, title: str, answer: Answer, body: Body, height: int) -> None:
    with st.container(horizontal=True, vertical_alignment="top", key=f"head-{key}"):
        _head(title, subtitle(view, answer))
        if answer.result is not None:
            explain.button(view, answer, title, key)
    old = view.outage.seen_in(answer, view.words)
    if old:
        st.html(f'<p class="notes" role="status">{escape(old)}</p>')
    if answer.missing is not None:
        faults.box(faults.sentence(answer.missing, view.words), height)
    elif answer.result is None or _is_empty(answer.result):
        faults.box(view.words("panel.empty.no_rows"), height)
        _write(view, _of_data(view, answer))
    elif isinstance(answer.result, Bridge) and answer.result.frame["change"].isna().all():
        faults.box(view.words("panel.empty.no_rate" if answer.result.lacks_rate else "panel.empty.no_baseline"), height)
        _write(view, _of_data(view, answer))
    else:
        notes(view, answer, body(view, key, title, answer))


def chart_body(view: View, key: str, title: str, answer: Answer) -> tuple[str, ...]:
    """The chart of the answer's shape; where its marks stand for rows, a click lists them."""
    look = ("chart", view.words.language, view.theme)
    chart = answer.once(look, lambda: draw(answer, view.words, view.theme).finished())
    with st.container(key=f"wide-{key}") if chart.min_width else nullcontext():
        _chart(view, key, title, answer, chart)
    return chart.notes


def _chart(view: View, key: str, title: str, answer: Answer, chart: Chart) -> None:
    options: dict[str, Any] = {"theme": None, "config": CONFIG, "alt": chart.alt, "height": chart.height}
    if not chart.keys or listing(answer.metric.name) is None:
        st.plotly_chart(chart.figure, key=f"chart-{key}", **options)
        return
    with st.container(key=f"chart-{key}"):
        event = st.plotly_chart(
            chart.figure, key=picking_key(key), on_select="rerun", selection_mode="points", **options
        )
    picked = chart.clicked(event.selection.points) if event else []
    pick(view, key, title, answer, picked[0] if picked else None)


def picking_key(key: str) -> str:
    """The key of a widget in which something can be picked: another one once its pick has been listed.

    The widget is then drawn anew with nothing picked, so that a click on the same mark lists it again.
    """
    session = st.session_state
    if session.pop(f"listed-{key}", False):
        session[f"lists-{key}"] = session.get(f"lists-{key}", 0) + 1
    return f"pick-{key}-{session.get(f'lists-{key}', 0)}"


def pick(view: View, key: str, title: str, answer: Answer, picked: Key | None) -> None:
    """List what was picked; when the list is closed the page is run again, without the pick."""
    if picked is not None and answer.result is not None:
        st.session_state[f"listed-{key}"] = True
        explain.show_list(view, answer, title, part_of(answer.result, picked))


def _head(title: str, sub: str) -> None:
    st.html(f'<div class="head"><h2>{escape(title)}</h2><p>{escape(sub)}</p></div>')


def _is_empty(result: Result) -> bool:
    return result.frame.empty or result.n == 0


def subtitle(view: View, answer: Answer) -> str:
    """Unit, dates and number of cases."""
    words, period = view.words, answer.question.filters.period
    unit = words(f"unit.{_unit(answer).value}", currency=words.currency(answer.currency))
    last = view.source.calendar.to_local(view.source.crm.until).date() + timedelta(days=1)
    dates = words.numbers.dates(period.start, max(min(period.end, last), period.start + timedelta(days=1)))
    if answer.result is None:
        return words("panel.subtitle.plain", unit=unit, dates=dates)
    if answer.metric.unit is Unit.TEXT:
        return words("panel.subtitle.plain", unit=dates, dates=cases(answer, words))
    return words("panel.subtitle.cases", unit=unit, dates=dates, cases=cases(answer, words))


def _unit(answer: Answer) -> Unit:
    """The unit of what is drawn: of a funnel the records, of its groups their rates."""
    result = answer.result
    is_counted = isinstance(result, Funnel) and "group" not in result.frame
    return Unit.COUNT if is_counted else answer.metric.unit


def notes(view: View, answer: Answer, of_chart: tuple[str, ...] = ()) -> None:
    """The first notes under the chart, and the first about its data; all of them stand in the explanation."""
    others = [sentence(item, view.words, answer.timezone) for item in answer.notes if item not in answer.remarks]
    _write(view, [*[*of_chart, *others][:SHORT_NOTES], *_of_data(view, answer)])


def _of_data(view: View, answer: Answer) -> list[str]:
    """What cannot be read of the tables behind an answer, and words in them that nobody has translated."""
    return [sentence(item, view.words, answer.timezone) for item in answer.remarks[:SHORT_NOTES]]


def _write(view: View, texts: list[str]) -> None:
    if texts:
        st.html(f'<p class="notes">{escape(view.words.paragraph(texts))}</p>')
