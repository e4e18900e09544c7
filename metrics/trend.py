"""A value per bucket of a period."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data_access.calendar import Grain
from data_access.source import Source
from metrics.baseline import first_known, is_recorded
from metrics.counting import trend_query
from metrics.figure import Kpi, Row, columns_of, number
from metrics.metric import Metric
from metrics.periods import Period, buckets, observed
from metrics.question import Question
from metrics.results import Note, Trend, note

MAX_BUCKETS = 800


@dataclass(frozen=True)
class Bucket:
    """One bucket that has begun; complete when it is over, recorded in full and within the asked period."""

    period: Period
    is_complete: bool


def trend(metric: Metric, parts: Kpi, source: Source, question: Question) -> Trend:
    """The value of every bucket of the period; a bucket without a case has n = 0 (and value 0 where parts add up)."""
    filters = question.filters
    span = observed(filters.period, source.calendar, source.crm.until)
    found = parts.trend(source, question) if parts.trend else None
    if found is None:
        found = source.rows(trend_query(parts, source.crm, span, filters.grain))
    days = [row.pop("period") for row in found]
    rows = [{name: number(value) for name, value in row.items()} for row in found]
    notes: tuple[Note, ...] = ()
    spine = _spine(metric, source, filters.period, filters.grain)
    if len(spine) > MAX_BUCKETS:
        notes, spine = (note("last_buckets", n=MAX_BUCKETS),), spine[-MAX_BUCKETS:]
    running = sum(not bucket.is_complete for bucket in spine)
    if filters.complete_only:
        spine = [bucket for bucket in spine if bucket.is_complete]
    elif running:
        notes = (*notes, note("unfinished_buckets", n=running))
    frame = _frame(parts, days, rows, spine)
    sums = {name: float(np.nansum(values)) for name, values in columns_of(rows).items()}
    return Trend(frame=frame, n=int(frame["n"].sum()), notes=(*notes, *parts.own_notes(source, span, sums)))


def _spine(metric: Metric, source: Source, period: Period, grain: Grain) -> list[Bucket]:
    """The buckets that have begun, from the one in which history begins."""
    calendar, until, first = source.calendar, source.crm.until, first_known(metric, source)
    known = [b for b in buckets(period, grain, calendar) if calendar.to_utc(b.start) < until]
    known = [b for b in known if first is not None and calendar.to_utc(b.end) > first]
    spans = [observed(b, calendar, until) for b in known]
    return [
        Bucket(b, span.is_finished and is_recorded(span, first) and b.start >= period.start and b.end <= period.end)
        for b, span in zip(known, spans, strict=True)
    ]


def _frame(parts: Kpi, days: list[date], rows: list[Row], spine: list[Bucket]) -> pd.DataFrame:
    """The buckets of the spine with what was found in them; elsewhere no case: 0 where nothing is 0, else no value."""
    ends = zip(*parts.intervals(columns_of(rows)), strict=True)
    found = {
        day: (row["value"], row["n"], float(low), float(high))
        for day, row, (low, high) in zip(days, rows, ends, strict=True)
    }
    nothing = _nothing(parts)
    told = [_known(found.get(bucket.period.start, nothing), nothing) for bucket in spine]
    value, n, low, high = np.array(told, dtype=float).reshape(-1, 4).T
    return pd.DataFrame(
        {
            "period": np.array([bucket.period.start for bucket in spine], dtype="datetime64[us]"),
            "period_end": np.array([bucket.period.end for bucket in spine], dtype="datetime64[us]"),
            "value": value,
            "n": n.astype("int64"),
            "low": low,
            "high": high,
            "is_complete": np.array([bucket.is_complete for bucket in spine], dtype=bool),
        }
    )


def _nothing(parts: Kpi) -> tuple[float, ...]:
    """Value, n, low and high of a bucket without a case."""
    if not parts.has_zero:
        return math.nan, 0.0, math.nan, math.nan
    low, high = parts.intervals(columns_of([{"value": 0.0, "n": 0.0}]))
    return 0.0, 0.0, float(low[0]), float(high[0])


def _known(told: tuple[float, ...], nothing: tuple[float, ...]) -> tuple[float, ...]:
    value, n, *ends = told
    n = 0.0 if math.isnan(n) else n
    return nothing if math.isnan(value) and not n else (value, n, *ends)


__all__: list[Any] = ["trend"]
