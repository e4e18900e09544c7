"""The chart of an answer, chosen by the shape of its result."""

from __future__ import annotations

from charts.bars import bars
from charts.bridge import waterfall
from charts.chart import Chart
from charts.cohorts import curves
from charts.dots import stage_times
from charts.funnel import funnel, funnel_groups
from charts.theme import Theme
from charts.trend import trend
from i18n.words import Words
from metrics.answers import Answer
from metrics.results import Breakdown, Bridge, Funnel, StageTimes, Trend, Triangle


def draw(answer: Answer, words: Words, theme: Theme) -> Chart:
    """The chart of an answer. Raises TypeError for a shape that has none."""
    metric, result, currency = answer.metric, answer.result, answer.currency
    by = dict(answer.question.options).get("by", "")
    if isinstance(result, Trend):
        return trend(metric, result, words, theme, currency)
    if isinstance(result, Breakdown):
        return bars(metric, result, words, theme, currency, comparison=answer.question.filters.comparison)
    if isinstance(result, Bridge):
        return waterfall(result, metric, words, theme, currency)
    if isinstance(result, Triangle):
        return curves(metric, result, words, theme, dimension=by)
    if isinstance(result, Funnel):
        kind = answer.question.filters.comparison
        if by:
            return funnel_groups(metric, result, words, theme, dimension=by, comparison=kind)
        return funnel(metric, result, words, theme, comparison=kind)
    if isinstance(result, StageTimes):
        return stage_times(metric, result, words, theme)
    raise TypeError(f"{type(result).__name__} has no chart of its own.")
