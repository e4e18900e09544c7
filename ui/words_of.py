"""Figures in the viewer's words: a value with its unit, a change with its direction, a sentence of what was chosen."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from data_access.calendar import Grain
from i18n.words import Words
from metrics.answers import Answer
from metrics.metric import Better, Metric, Unit
from metrics.periods import Comparison, Span
from metrics.question import Filters
from metrics.results import Compared
from metrics.statistics import Change, Verdict
from ui.names import Names, value_name


def shown(value: Any, unit: Unit, words: Words, currency: str, *, compact: bool = True) -> str:
    """A value as it is read: 1.23M €, 12.3 %, 42, 12 days; a dash for no value."""
    numbers = words.numbers
    if unit is Unit.MONEY:
        return numbers.money(value, currency, compact=compact)
    if unit is Unit.COUNT:
        return numbers.compact(value) if compact and _big(value) else numbers.count(value)
    if unit is Unit.NUMBER:
        return numbers.compact(value) if compact and _big(value) else numbers.number(value, 2)
    if unit is Unit.RATIO:
        return numbers.ratio(value)
    if unit is Unit.SCORE:
        return numbers.score(value)
    if unit is Unit.DAYS:
        return numbers.days(value)
    return numbers.dash if value is None else str(value)


def _big(value: Any) -> bool:
    return isinstance(value, int | float) and not math.isnan(value) and abs(value) >= 100_000


def change_shown(change: Change, unit: Unit, words: Words) -> str:
    """The size of a change: percent for amounts and counts, points for ratios and scores."""
    numbers = words.numbers
    if unit is Unit.RATIO:
        return numbers.points(change.difference)
    if unit is Unit.SCORE:
        return numbers.signed(change.difference, numbers.score)
    return numbers.signed_ratio(change.ratio)


def judgement(change: Change, better: Better) -> str:
    """good, bad or quiet: the colour of a change."""
    if change.verdict not in (Verdict.UP, Verdict.DOWN) or better is Better.NEITHER:
        return "quiet"
    return "good" if (change.verdict is Verdict.UP) == (better is Better.HIGHER) else "bad"


ARROWS = {Verdict.UP: "▲", Verdict.DOWN: "▼", Verdict.NOISE: "≈", Verdict.TOO_FEW: "·", Verdict.NO_BASELINE: "·"}


def dates_of(span: Span, words: Words, calendar: Any) -> str:
    """The observed days of a span, first and last included."""
    last = calendar.to_local(span.end)
    end = span.period.end if span.is_finished else _day_after(last)
    return words.numbers.dates(span.period.start, max(end, span.period.start))


def _day_after(moment: Any) -> Any:
    day = moment.date()
    return day if moment.time() == moment.time().min else day + timedelta(days=1)


def compared_with(item: Compared, words: Words, calendar: Any) -> str:
    """'the period before, 1-18 May 2026'."""
    return words(f"panel.compared.{item.kind.value}", dates=dates_of(item.then, words, calendar))


def choices_sentence(filters: Filters, words: Words, names: Names, *, has_comparison: bool, has_grain: bool) -> str:
    """What has been chosen, as one sentence."""
    dates = words.numbers.dates(filters.period.start, filters.period.end)
    parts = [
        words(
            "filter.sentence.choice",
            filter=words(f"dimension.{name}"),
            values=words.list([value_name(value, names.get(name, {}), words) for value in values]),
        )
        for name, values in filters.where
    ]
    narrowed = (
        words("filter.sentence.narrowed", choices=words.list(parts))
        if parts
        else words("filter.sentence.all_customers")
    )
    grain = words(f"filter.grain.phrase.{filters.grain.value}") if has_grain else ""
    key = "compared" if has_comparison else "plain"
    key = key if has_grain else f"{key}_no_grain"
    text = words(
        f"filter.sentence.{key}",
        dates=dates,
        grain=grain,
        narrowed=narrowed,
        comparison=words(f"filter.comparison.phrase.{filters.comparison.value}"),
    )
    return words("filter.sentence.complete_only", sentence=text) if filters.complete_only else text


COUNTED = {  # what the n of a metric's answer counts; cases where it is none of these
    "revenue": "orders",
    "orders": "orders",
    "average_order_value": "orders",
    "revenue_change": "orders",
    "customers": "customers",
    "new_customers": "customers",
    "repeat_rate": "customers",
    "churn_rate": "customers",
    "retention": "customers",
    "win_rate": "opportunities",
    "funnel": "opportunities",
    "nps": "answers",
}


def cases(answer: Answer, words: Words, n: int | None = None) -> str:
    """How many there are behind an answer, or behind a part of it: 4,116 orders."""
    counted = COUNTED.get(answer.metric.name, "cases")
    options = dict(answer.question.options)
    if options.get("start") == "lead":
        counted = "leads"
    if options.get("cohort") == "recurring":
        counted = "memberships"  # a customer is one in every period in which they order
    whole = answer.result.n if answer.result else 0
    return words.count(f"panel.counted.{counted}", whole if n is None else n)


def metric_name(metric: Metric, words: Words, *, is_short: bool = False) -> str:
    """Name of a metric."""
    return words(f"metric.{metric.name}.{'short' if is_short else 'name'}")


__all__ = [
    "ARROWS",
    "Comparison",
    "Grain",
    "cases",
    "change_shown",
    "choices_sentence",
    "compared_with",
    "dates_of",
    "judgement",
    "metric_name",
    "shown",
]
