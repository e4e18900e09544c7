"""The metric dictionary as a page: name, definition, formula, unit, what it reads, which filters mean something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from i18n.words import Words
from metrics.metric import Metric, all_metrics
from ui import state
from ui.choices import MAX_LENGTH
from ui.faults import box, escape

if TYPE_CHECKING:
    from ui.view import Page

KEY = "definitions-search"


def search(page: Page) -> str:
    """What the reader looks for; empty: everything. It stands in the address like every other choice."""
    wanted = str(state.current(page.spec)["search"])
    st.session_state[KEY] = wanted
    st.text_input(
        page.words("page.definitions.search"),
        key=KEY,
        max_chars=MAX_LENGTH,
        on_change=lambda: state.choose("search", st.session_state[KEY]),
        placeholder=page.words("page.definitions.search_placeholder"),
    )
    return wanted


def dictionary(words: Words, wanted: str) -> None:
    """One section per metric whose name or definition holds what is looked for."""
    found = [metric for metric in all_metrics().values() if _matches(metric, words, wanted.strip().casefold())]
    if not found:
        box(words("filter.none_found"))
    for metric in found:
        with st.container(border=True, key=f"definition-{metric.name}"):
            st.html(_section(metric, words))


def _matches(metric: Metric, words: Words, wanted: str) -> bool:
    key = f"metric.{metric.name}"
    return wanted in f"{metric.name} {words(f'{key}.name')} {words(f'{key}.definition')}".casefold()


def _section(metric: Metric, words: Words) -> str:
    key = f"metric.{metric.name}"
    rows = [
        (words("panel.formula"), words(f"{key}.formula")),
        (words("panel.unit"), words(f"unit.{metric.unit.value}", currency=words("page.definitions.base_currency"))),
        (words("page.definitions.better"), words(f"page.definitions.{metric.better.value}")),
        (words("page.definitions.reads"), ", ".join(metric.needs) or words("page.definitions.other_metrics")),
        (
            words("panel.filters"),
            words.list([words(f"dimension.{name}") for name in metric.filters]) or words.numbers.dash,
        ),
        (words("page.definitions.code"), f"python -m metrics describe {metric.name}"),
    ]
    details = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in rows)
    return (
        f'<section id="{metric.name}"><h2>{escape(words(f"{key}.name"))} <code>{metric.name}</code></h2>'
        f'<p>{escape(words(f"{key}.definition"))}</p><dl class="explain">{details}</dl></section>'
    )
