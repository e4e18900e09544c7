"""The row of key figures: name, value, change against both comparisons, target, and the trend as small as a word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from charts.spark import sparkline
from charts.theme import palette
from i18n.words import Words
from metrics.answers import Answer
from metrics.metric import Better, Metric, Unit
from metrics.periods import last_buckets
from metrics.results import Compared, Total, Trend
from metrics.statistics import Verdict
from ui import explain, faults, waiting
from ui.faults import escape
from ui.view import View
from ui.words_of import ARROWS, change_shown, compared_with, judgement, metric_name, shown

TREND_BUCKETS = 13
HEIGHT = 150  # pixels of a card
REACHED, MISSED = "✓", "○"


def cards(view: View, names: Sequence[str]) -> None:
    """One card per metric, side by side; each explains itself. What the signs mean stands after the last."""
    with st.container(key="cards", horizontal=True):
        places = [st.container(border=True, key=f"card-{name}", gap=None) for name in names]
        st.html(_key(view.words))
    holds = [_hold(place, name) for place, name in zip(places, names, strict=True)]
    for place, held, name in zip(places, holds, names, strict=True):
        with place:
            _card(view, name)
            held.empty()


def _hold(place: Any, name: str) -> Any:
    with place:
        return waiting.hold(f"card-{name}", HEIGHT)


def _key(words: Words) -> str:
    """What the signs on the cards mean."""
    up, down, noise = ARROWS[Verdict.UP], ARROWS[Verdict.DOWN], ARROWS[Verdict.NOISE]
    meanings = (
        (f"{up} {down}", words("panel.key.clear")),
        (noise, words("panel.verdict.noise")),
        (f"{REACHED} {MISSED}", words("panel.key.target")),
        ("┄○", words("panel.key.running")),
    )
    rows = "".join(f'<li><span aria-hidden="true">{sign}</span> {escape(text)}</li>' for sign, text in meanings)
    return f'<ul class="key">{rows}</ul>'


def _card(view: View, name: str) -> None:
    words = view.words
    try:
        answer = view.ask(name).answer()
        trend = _trend(view, name)
    except Exception as fault:  # a card's failure stays in the card
        said = view.outage.failed(fault, words)
        st.html(f'<div class="kpi"><h3>{escape(words(f"metric.{name}.short"))}</h3></div>')
        faults.box(said, 60)
        return
    old = view.outage.seen_in(answer, words)
    if old:
        st.html(f'<p class="notes">{escape(old)}</p>')
    if not isinstance(answer.result, Total):
        missing = faults.sentence(answer.missing, words) if answer.missing else words("panel.empty.no_rows")
        st.html(
            f'<div class="kpi"><h3>{escape(metric_name(answer.metric, words, is_short=True))}</h3>'
            f'<p class="missing">{escape(missing)}</p></div>'
        )
        return
    st.html(_written(answer, answer.result, trend, view))
    explain.button(view, answer, metric_name(answer.metric, words), f"card-{name}")


def _written(answer: Answer, total: Total, trend: Answer, view: View) -> str:
    """The card's text, written once for both answers in a language and a theme."""
    result = trend.result if isinstance(trend.result, Trend) else None
    look = ("card", view.words.language, view.theme, trend.key)
    return answer.once(look, lambda: card_html(answer, total, result, view.words, view))


def _trend(view: View, name: str) -> Answer:
    """The last 13 buckets: up to the present one when the period ends beside it, so that what is running is seen."""
    calendar, grain = view.source.calendar, view.filters.grain
    today = calendar.to_local(view.source.crm.until).date()
    period = last_buckets(view.filters.period.end, grain, TREND_BUCKETS, calendar)
    following = last_buckets(period.end + (period.end - period.start) / TREND_BUCKETS, grain, TREND_BUCKETS, calendar)
    if following.end > today >= period.end and not view.filters.complete_only:
        period = following
    return view.over(period, grain).ask(name, shape="trend").answer()


def card_html(answer: Answer, total: Total, trend: Trend | None, words: Words, view: View) -> str:
    """The card's text."""
    metric = answer.metric
    value = shown(total.value, metric.unit, words, answer.currency)
    exact = shown(total.value, metric.unit, words, answer.currency, compact=False)
    lines = "".join(_change_line(item, metric, words, view) for item in total.comparisons)
    state = "" if total.span.is_finished else f' <span class="open">{escape(words("panel.status.unfinished"))}</span>'
    alt = words(
        "page.overview.spark_alt", metric=metric_name(metric, words), n=0 if trend is None else len(trend.frame)
    )
    line = "" if trend is None else sparkline(trend, alt, palette(view.theme).accent)
    return (
        f'<div class="kpi"><h3>{escape(metric_name(metric, words, is_short=True))}{state}</h3>'
        f'<p class="value" title="{escape(exact)}">{escape(value)}</p>'
        f"{_target(total, metric, words, answer)}{lines}{line}</div>"
    )


def _change_line(item: Compared, metric: Metric, words: Words, view: View) -> str:
    change = item.change
    verdict = change.verdict.value
    tone = judgement(change, metric.better)
    said = (
        words(f"panel.change.{tone}") if tone != "quiet" else words("panel.change.noise") if verdict == "noise" else ""
    )
    against = compared_with(item, words, view.source.calendar)
    against_short = words(f"filter.comparison.short.{item.kind.value}")
    opening = (
        f'<p class="change {tone}" title="{escape(against)}"><span aria-hidden="true">{ARROWS[change.verdict]}</span> '
    )
    if verdict in ("no_baseline", "too_few"):
        why = words("panel.change.unjudged", against=against_short, why=words(f"panel.change.{verdict}"))
        return f"{opening}<small>{escape(why)}</small></p>"
    size = change_shown(change, metric.unit, words)
    return f'{opening}{escape(size)} <small>{escape(against_short)}</small><span class="sr"> {escape(said)}</span></p>'


def _target(total: Total, metric: Metric, words: Words, answer: Answer) -> str:
    """How far the value is from its target; judged once the period is over."""
    if total.target is None:
        return ""
    gap = total.value - total.target
    reached = gap <= 0 if metric.better is Better.LOWER else gap >= 0
    tone = "quiet" if not total.span.is_finished else "good" if reached else "bad"
    if metric.unit is Unit.RATIO:
        size = words.numbers.points(gap)
    elif metric.unit is Unit.SCORE:
        size = words.numbers.signed(gap, words.numbers.score)
    else:
        size = words.numbers.signed_ratio(gap / abs(total.target) if total.target else math.nan)
    text = words("panel.against_target", size=size, target=shown(total.target, metric.unit, words, answer.currency))
    return (
        f'<p class="target {tone}"><span aria-hidden="true">{REACHED if reached else MISSED}</span> {escape(text)}</p>'
    )
