"""What is behind a figure: definition, formula, filters, dates, n, notes, the SQL as run, the table and the list.

Opened by one click, drawn only when open. The same text heads every export.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from charts.values import NAMED_STAGES
from i18n.words import Words
from metrics.answers import Answer
from metrics.columns import amounts_in, meaning, unit_in_row
from metrics.metric import Unit
from metrics.notes import sentence
from metrics.results import Bridge, Compared, Total
from ui import faults
from ui.export import csv_bytes
from ui.listed import can_list, listed
from ui.names import found_names, names_of
from ui.outage import age
from ui.picks import part_title
from ui.sql_text import laid_out
from ui.words_of import cases, choices_sentence, compared_with, dates_of, metric_name, shown

if TYPE_CHECKING:
    from ui.view import View


def button(view: View, answer: Answer, title: str, key: str) -> None:
    """The quiet button of a panel or card."""
    label = view.words("panel.explain")
    name = view.words("panel.titled", title=title, what=label)
    if st.button(name, key=f"explain-{key}", type="tertiary", icon=":material/info:", help=label):
        show(view, answer, title)


def show(view: View, answer: Answer, title: str) -> None:
    """Open the explanation of an answer."""
    st.dialog(faults.as_label(title), width="large")(_body)(view, answer)


def show_list(view: View, answer: Answer, title: str, part: Mapping[str, str]) -> None:
    """Open the list behind one part of a chart."""
    assert answer.result is not None
    picked = part_title(part, answer.result, view.words, view.source.calendar)
    label = faults.as_label(view.words("panel.titled", title=title, what=picked))
    st.dialog(label, width="large", on_dismiss="rerun")(_list)(view, answer, part)


def _body(view: View, answer: Answer) -> None:
    words = view.words
    names = [words("panel.explain_tab"), words("panel.table")]
    tabs = st.tabs([*names, words("panel.list")] if can_list(answer) else names)
    with tabs[0]:
        _explained(view, answer)
    with tabs[1]:
        _table(view, answer)
    if can_list(answer):
        with tabs[2]:
            _list(view, answer, {})


def _list(view: View, answer: Answer, part: Mapping[str, str]) -> None:
    listed(view, answer, part, explanation(answer, view.words, view))


# -- the explanation ------------------------------------------------------------------------------------------------
def _explained(view: View, answer: Answer) -> None:
    words = view.words
    rows = "".join(
        f"<dt>{faults.escape(label)}</dt><dd>{faults.escape(text)}</dd>"
        for label, text in explanation(answer, words, view)
    )
    heading, how = faults.escape(words("panel.sql")), faults.escape(words("panel.sql_help"))
    st.html(f'<dl class="explain">{rows}</dl><h3 class="part">{heading}</h3><p class="notes">{how}</p>')
    for text in answer.sql:
        st.code(laid_out(text, view.source.base.url.get_backend_name()), language="sql", wrap_lines=True)


def explanation(answer: Answer, words: Words, view: View) -> list[tuple[str, str]]:
    """Pairs of a label and its text: everything that says what a figure is."""
    metric, filters = answer.metric, answer.question.filters
    key = f"metric.{metric.name}"
    chosen = choices_sentence(
        filters, words, names_of(view), has_comparison=view.spec.has_comparison, has_grain=view.spec.has_grain
    )
    said = [sentence(item, words, answer.timezone) for item in answer.notes]
    return [
        *_value(answer, words),
        (words("panel.definition"), words(f"{key}.definition")),
        (words("panel.formula"), words(f"{key}.formula")),
        (words("panel.filters"), chosen),
        *_options(answer, words, view),
        (words("panel.period"), words.numbers.dates(filters.period.start, filters.period.end)),
        *((words("panel.compared_with"), text) for text in _comparisons(answer, words, view)),
        (words("panel.time_zone"), answer.timezone),
        (words("panel.as_of"), words.numbers.moment(answer.as_of, answer.timezone)),
        (words("panel.freshness"), age(answer, words) if answer.outage else loaded_at(view, words)),
        (words("panel.unit"), words(f"unit.{metric.unit.value}", currency=words.currency(answer.currency))),
        (words("panel.cases"), cases(answer, words)),
        (words("panel.data_quality"), words.paragraph(said) or words("panel.nothing_to_note")),
    ]


def _options(answer: Answer, words: Words, view: View) -> list[tuple[str, str]]:
    """How it is counted and split: each choice of the metric that the page has, and by what it is split."""
    said = []
    for name, value in answer.question.options:
        control = view.spec.control(name)
        if name in view.spec.found:
            known = found_names(view.source, name)
            label, text = f"filter.{name}.label", known.get(value or next(iter(known), ""), value)
            text = text or words(f"filter.{name}.choice.none")  # while the database is away nothing is known
        elif control is not None and value in control.values and (value or not control.is_dimension):
            label, text = f"{control.words}.label", words(control.choice_key(value))
        elif name == "by" and words.has(f"dimension.{value}"):
            label, text = "panel.split_by", words(f"dimension.{value}")
        else:
            continue
        said.append((words(label), text))
    return said


def _value(answer: Answer, words: Words) -> list[tuple[str, str]]:
    """The figure in full with its interval, where the answer is one figure."""
    result = answer.result
    if not isinstance(result, Total):
        return []

    def full(value: Any) -> str:
        return shown(value, answer.metric.unit, words, answer.currency, compact=False)

    value = full(result.value)
    if not pd.isna(result.low):
        value = words(
            "panel.value_interval", value=value, interval=words.numbers.interval(result.low, result.high, full)
        )
    return [(words("panel.value"), value)]


def _comparisons(answer: Answer, words: Words, view: View) -> list[str]:
    result = answer.result
    if isinstance(result, Total):
        return [_comparison(item, answer, words, view) for item in result.comparisons]
    then = getattr(result, "then", None)
    return [dates_of(then, words, view.source.calendar)] if then else []


def _comparison(item: Compared, answer: Answer, words: Words, view: View) -> str:
    return words(
        "panel.comparison",
        now=dates_of(item.now, words, view.source.calendar),
        then=compared_with(item, words, view.source.calendar),
        value=shown(item.value, answer.metric.unit, words, answer.currency, compact=False),
        n=item.n,
        verdict=words(f"panel.verdict.{item.change.verdict.value}"),
    )


def loaded_at(view: View, words: Words) -> str:
    """When the file was last written, or an extract read from its database; the present for a database server."""
    origin = view.source.crm.facts.origin
    if origin is not None:
        return words.numbers.moment(origin.read_at, view.source.settings.timezone)
    path = Path(view.source.base.name)
    if not path.is_file():
        return words("panel.live")
    return words.numbers.moment(
        datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None), view.source.settings.timezone
    )


# -- the table ------------------------------------------------------------------------------------------------------
def _table(view: View, answer: Answer) -> None:
    """The figures of the panel, in full, and the same as a file."""
    words, result = view.words, answer.result
    assert result is not None
    frame = shown_frame(result.frame, answer, words)
    st.dataframe(
        upright(frame, words) if len(frame) == 1 else frame,
        hide_index=True,
        key=f"table-{answer.metric.name}",
        alt=metric_name(answer.metric, words),
    )
    name = f"{answer.metric.name}_{answer.question.filters.period.start}_{answer.question.filters.period.end}.csv"
    st.download_button(
        words("panel.download"),
        data=lambda: answer_csv(view, answer),
        file_name=name,
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"download-{answer.metric.name}",
    )


def upright(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A single row, written from top to bottom."""
    return pd.DataFrame({words("panel.entry"): list(frame.columns), words("column.value"): list(frame.iloc[0])})


def answer_csv(view: View, answer: Answer) -> bytes:
    """An answer as a file: its explanation, then its rows in full."""
    frame = answer.result.frame if answer.result is not None else pd.DataFrame()
    return csv_bytes(frame, explanation(answer, view.words, view), amounts_in(answer.metric, frame))


def shown_frame(frame: pd.DataFrame, answer: Answer, words: Words) -> pd.DataFrame:
    """The frame with headings, numbers and dates in the viewer's language."""
    assert answer.result is not None
    shown_columns, rows = {}, frame.to_dict("records")
    for name in frame.columns:
        units = [unit_in_row(answer.metric, answer.result, str(name), row) for row in rows]
        title = words(f"column.{name}") if words.has(f"column.{name}") else meaning(answer.metric, str(name))[1]
        shown_columns[title] = [
            _cell(value, unit, words, answer, str(name)) for value, unit in zip(frame[name], units, strict=True)
        ]
    return pd.DataFrame(shown_columns)


def _cell(value: Any, unit: Unit, words: Words, answer: Answer, name: str) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return words("dimension.unknown") if name in ("group", "part") else words.numbers.dash
    if unit is Unit.DATE:
        return words.numbers.date(pd.Timestamp(value).date())
    if unit is Unit.FLAG:
        return words("app.yes" if value else "app.no")
    if unit is Unit.TEXT:
        return _coded(str(value), "verdict" if name.endswith("verdict") else name, words, answer)
    return shown(value, unit, words, answer.currency, compact=False)


def _coded(code: str, column: str, words: Words, answer: Answer) -> str:
    """A code of ours in words; what comes from the data stands as it is."""
    if column == "unit":
        return words(f"unit.{code}", currency=words.currency(answer.currency))
    if isinstance(answer.result, Bridge) and answer.result.kind != "factors" and column == "part":
        return code
    key = {
        "verdict": f"panel.verdict.{code}",
        "metric": f"metric.{code}.name",
        "dimension": f"dimension.{code}",
        "part": f"chart.part.{code}",
        "stage": f"stage.{code}" if code in NAMED_STAGES else "",
        "stage_name": f"stage.{code}" if code in NAMED_STAGES else "",
    }.get(column, "")
    return words(key) if key and words.has(key) else code


__all__ = ["answer_csv", "button", "explanation", "show", "show_list"]
