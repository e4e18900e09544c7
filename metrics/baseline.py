"""What a span is compared with, and whether that serves: what was not recorded before is no baseline."""

from __future__ import annotations

from datetime import datetime, timedelta

from data_access.source import Source
from metrics.counting import PERIOD
from metrics.figure import Kpi
from metrics.metric import Metric
from metrics.periods import Comparison, Span, compared, observed
from metrics.question import Filters
from metrics.results import Note, note
from metrics.statistics import Change
from metrics.statistics.change import Verdict

OTHER_LENGTH = "baseline_other_length"  # the note that tells it
UNLIKE = 0.05  # a difference in length beyond this is told: February's beside January, not a quarter's beside the next


def compared_spans(metric: Metric, source: Source, filters: Filters) -> dict[str, Span]:
    """The span of the period, and those that it is compared with as far as the data reach back to them."""
    span = observed(filters.period, source.calendar, source.crm.until)
    others = {kind.value: compared(span, kind, source.calendar) for kind in Comparison}
    return {PERIOD: span} | {name: then for name, then in others.items() if not is_unknown(metric, source, then)}


def judged(
    change: Change, metric: Metric, source: Source, span: Span, then: Span, run_in: timedelta = timedelta()
) -> Change:
    """A change without interval and verdict where what it is compared with does not serve as a baseline."""
    if is_baseline(metric, source, span, then, run_in):
        return change
    nan = float("nan")
    return change._replace(ratio=nan, low=nan, high=nan, p_value=nan, verdict=Verdict.NO_BASELINE)


def is_baseline(metric: Metric, source: Source, span: Span, then: Span, run_in: timedelta = timedelta()) -> bool:
    """What came before was recorded, with the `run_in` before it, and is not in part the same days."""
    first = first_known(metric, source)
    return first is not None and is_recorded(then, first + run_in) and then.end <= span.start


def first_known(metric: Metric, source: Source) -> datetime | None:
    """The first moment of which the tables of a metric tell."""
    return source.crm.facts.first_of(metric.needs)


def is_unknown(metric: Metric, source: Source, span: Span) -> bool:
    """Nothing is known of a span that has not begun or that ended before history begins: its value is none, not 0."""
    first = first_known(metric, source)
    return span.is_empty or first is None or span.end <= first or span.start >= source.crm.until


def is_recorded(span: Span, first: datetime | None) -> bool:
    """History covers a span: no more than a tenth of it, or a day, lies before the first moment that is known."""
    return first is not None and first <= span.start + max(timedelta(days=1), (span.end - span.start) / 10)


def no_baseline(value: float) -> Change:
    """The change of a value from what is not known."""
    nan = float("nan")
    return Change(nan, value, nan, nan, nan, nan, nan, Verdict.NO_BASELINE)


def longer_by(span: Span, then: Span) -> float:
    """By how much a span is longer than the one compared with, as a share; 0 where that is too little to matter."""
    share = 0.0 if then.is_empty else (span.end - span.start) / (then.end - then.start) - 1
    return share if abs(share) > UNLIKE else 0.0


def days_of(span: Span) -> int:
    """The days of a span, whatever the clocks did in it."""
    return round((span.end - span.start) / timedelta(days=1))


def length_note(key: str, span: Span, then: Span) -> Note:
    """A note on two spans that differ in length: the days of both, and by how much the later one is longer."""
    return note(key, days=days_of(span), then_days=days_of(then), longer_by=longer_by(span, then))


def span_notes(metric: Metric, parts: Kpi, source: Source, span: Span, then: Span) -> tuple[Note, ...]:
    """What has to be said of a span and of the one that it is compared with."""
    if span.is_empty:
        return (note("period_not_begun"),)
    notes = () if span.is_finished else (note("unfinished_period", until=source.as_of),)
    first = first_known(metric, source)
    if first is not None and span.end <= first:
        return (note("period_before_data", first=first),)
    if then.end > span.start:
        return (*notes, note("baseline_overlaps"))
    if first is None or then.end <= first:
        return notes
    if is_recorded(then, first + parts.run_in):
        is_told = parts.grows_with_days and longer_by(span, then)
        return (*notes, length_note(OTHER_LENGTH, span, then)) if is_told else notes
    if is_recorded(then, first):
        return (*notes, note("baseline_short_history"))
    return (*notes, note("baseline_partial", first=first))
