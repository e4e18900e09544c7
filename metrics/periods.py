"""Periods, and the periods that they are compared with.

A `Period` is half-open: its end day belongs to the next one. A `Span` is the part of it that has been observed, as UTC
moments. An unfinished period is compared like for like: 1 to 18 June up to 16:00 meets 1 to 18 May up to 16:00.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any

from data_access.calendar import Calendar, Grain, add_grains, add_months
from data_access.errors import QuestionError

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 1, 1)  # what may be asked for
NEARLY = timedelta(minutes=1)  # a period whose last minute is missing counts as finished


class Comparison(StrEnum):
    """What a period is compared with."""

    PREVIOUS = "previous"
    YEAR = "year"


@dataclass(frozen=True, order=True)
class Period:
    """Local days from `start` up to, not including, `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise QuestionError(
                f"The period from {self.start} to {self.end} holds no day; the end day is not included and must be "
                "later than the start.",
                key="empty_period",
                start=self.start,
                end=self.end,
            )

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def months(self) -> int | None:
        """Number of whole calendar months, None when the period is not made of whole months."""
        if self.start.day != 1 or self.end.day != 1:
            return None
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month


@dataclass(frozen=True)
class Span:
    """The observed part of a period: UTC moments from `start` up to, not including, `end`."""

    period: Period
    start: datetime
    end: datetime
    is_finished: bool

    @property
    def is_empty(self) -> bool:
        return self.end <= self.start

    def holds(self, moment: Any) -> Any:
        """Whether a moment lies in the span; of a column of moments, the condition."""
        return (moment >= self.start) & (moment < self.end)


@dataclass(frozen=True)
class Spans(Span):
    """Several spans by name that do not overlap, to be looked through at once: from the first start to the last end."""

    named: tuple[tuple[str, Span], ...] = ()

    @classmethod
    def of(cls, spans: Mapping[str, Span]) -> Spans | None:
        """The spans as one; None when two of them overlap."""
        inorder = sorted(spans.values(), key=lambda span: (span.start, span.end))
        if any(before.end > after.start for before, after in pairwise(inorder)):
            return None
        first, last = inorder[0], inorder[-1]
        return cls(Period(first.period.start, last.period.end), first.start, last.end, True, tuple(spans.items()))

    @property
    def latest_first(self) -> tuple[tuple[str, Span], ...]:
        return tuple(sorted(self.named, key=lambda each: (each[1].start, each[1].end), reverse=True))

    @property
    def stretches(self) -> list[tuple[datetime, datetime]]:
        """Where the spans lie, in order of time; those that follow each other without a gap are one stretch."""
        stretches: list[tuple[datetime, datetime]] = []
        for _, span in reversed(self.latest_first):
            joins = bool(stretches) and stretches[-1][1] == span.start
            start = stretches.pop()[0] if joins else span.start
            stretches.append((start, span.end))
        return stretches

    def holds(self, moment: Any) -> Any:
        return reduce(or_, ((moment >= start) & (moment < end) for start, end in self.stretches))


def observed(period: Period, calendar: Calendar, until: datetime) -> Span:
    """The part of a period before `until` (UTC)."""
    start, end = calendar.to_utc(period.start), calendar.to_utc(period.end)
    finished = end - until <= NEARLY
    return Span(period, start, end if finished else max(start, min(end, until)), finished)


def compared(span: Span, kind: Comparison, calendar: Calendar) -> Span:
    """The span that `span` is compared with, cut at the same point when `span` is unfinished."""
    months = 12 if kind is Comparison.YEAR else span.period.months
    other = _earlier(span.period, months)
    start, end = calendar.to_utc(other.start), calendar.to_utc(other.end)
    if span.is_finished or span.is_empty:
        return Span(other, start, end, span.is_finished)
    cut = _moved(calendar.to_local(span.end), months, span.period.days)
    return Span(other, start, min(end, calendar.to_utc(cut)), False)


def _earlier(period: Period, months: int | None) -> Period:
    """The period some months before: whole months stay whole, other periods keep their first and last day."""
    if months is None:
        return Period(period.start - timedelta(days=period.days), period.start)
    start = add_months(period.start, -months)
    if period.months is not None:
        return Period(start, add_months(period.end, -months))
    return Period(start, add_months(period.end - timedelta(days=1), -months) + timedelta(days=1))


def _moved(moment: datetime, months: int | None, days: int) -> datetime:
    """The same point of the earlier period; the end of the month where that month has no such day."""
    if months is None:
        return moment - timedelta(days=days)
    day = add_months(moment.date(), -months)
    if day.day == moment.day:
        return datetime.combine(day, moment.time())
    return datetime.combine(day + timedelta(days=1), time())


def buckets(period: Period, grain: Grain, calendar: Calendar) -> Iterator[Period]:
    """The buckets of a grain that touch a period, in order; the first and last may reach beyond it."""
    start = calendar.floor(period.start, grain)
    while start < period.end:
        end = add_grains(start, grain)
        yield Period(start, end)
        start = end


def last_buckets(span_end: date, grain: Grain, count: int, calendar: Calendar) -> Period:
    """The `count` buckets of a grain that end with the one before or at `span_end` (a period's end day)."""
    last = calendar.floor(span_end - timedelta(days=1), grain)
    return Period(add_grains(last, grain, 1 - count), add_grains(last, grain))


class Preset(StrEnum):
    """Periods by name, reckoned from the as-of day; `custom` is a period of its own dates."""

    LAST_7_DAYS = "last_7_days"
    LAST_30_DAYS = "last_30_days"
    LAST_90_DAYS = "last_90_days"
    MONTH_TO_DATE = "month_to_date"
    QUARTER_TO_DATE = "quarter_to_date"
    YEAR_TO_DATE = "year_to_date"
    LAST_MONTH = "last_month"
    LAST_QUARTER = "last_quarter"
    LAST_YEAR = "last_year"
    LAST_12_MONTHS = "last_12_months"
    FISCAL_QUARTER_TO_DATE = "fiscal_quarter_to_date"
    FISCAL_YEAR_TO_DATE = "fiscal_year_to_date"
    LAST_FISCAL_YEAR = "last_fiscal_year"
    ALL_TIME = "all_time"
    CUSTOM = "custom"


_DAYS = {Preset.LAST_7_DAYS: 7, Preset.LAST_30_DAYS: 30, Preset.LAST_90_DAYS: 90}
_TO_DATE = {
    Preset.MONTH_TO_DATE: (Grain.MONTH, False),
    Preset.QUARTER_TO_DATE: (Grain.QUARTER, False),
    Preset.YEAR_TO_DATE: (Grain.YEAR, False),
    Preset.FISCAL_QUARTER_TO_DATE: (Grain.QUARTER, True),
    Preset.FISCAL_YEAR_TO_DATE: (Grain.YEAR, True),
}
_LAST = {
    Preset.LAST_MONTH: (Grain.MONTH, False),
    Preset.LAST_QUARTER: (Grain.QUARTER, False),
    Preset.LAST_YEAR: (Grain.YEAR, False),
    Preset.LAST_FISCAL_YEAR: (Grain.YEAR, True),
}


def preset_period(preset: Preset, calendar: Calendar, until: datetime, first: date) -> Period:
    """The period that a preset means when data reach up to `until` (UTC) and begin on `first`.

    Rolling presets hold finished days only; to-date presets hold the whole bucket, unfinished; quarters and years are
    the calendar's unless the preset says fiscal.
    """
    civil = Calendar(calendar.timezone, calendar.week_start)
    open_day = _first_unfinished_day(calendar, until)
    if preset in _DAYS:
        return Period(open_day - timedelta(days=_DAYS[preset]), open_day)
    if preset in _TO_DATE:
        grain, fiscal = _TO_DATE[preset]
        start = (calendar if fiscal else civil).floor(_last_day(calendar, until), grain)
        return Period(start, add_grains(start, grain))
    if preset in _LAST:
        grain, fiscal = _LAST[preset]
        end = (calendar if fiscal else civil).floor(open_day, grain)
        return Period(add_grains(end, grain, -1), end)
    if preset is Preset.LAST_12_MONTHS:
        end = civil.floor(open_day, Grain.MONTH)
        return Period(add_months(end, -12), end)
    last = _last_day(calendar, until)
    return Period(min(first, last), last + timedelta(days=1))


def _last_day(calendar: Calendar, until: datetime) -> date:
    """The last local day that the data reach into."""
    return calendar.to_local(until - timedelta(microseconds=1)).date()


def _first_unfinished_day(calendar: Calendar, until: datetime) -> date:
    """The first local day that the data do not cover to its end."""
    return calendar.to_local(until + NEARLY).date()
