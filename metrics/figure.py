"""The parts of a key figure: one value over some rows, the same value per bucket and per group, compared and tested.

A key figure is told by three things, and everything else follows from them:

    rows(crm, span)    a select with one row per case; it has `happened_at` and the columns that groups need
    measures(row)      named aggregates over those rows, among them `value` and `n`
    compare(now, then) the change between two totals, each a dict of measures

The list behind a number comes from the same `rows`, so the two cannot disagree; `listed` makes the list of the rows
where it has other rows (a customer has one however many orders there were). Where a value, or its change, is told by
customers, `cluster` names the columns to add up per customer first, and `totals` gives the measures over customers; a
trend keeps to the quicker `measures` over rows where there are such. `bucket_rows` replaces `rows` where a case is
found anew in every bucket (the latest answer of each month). A metric that has to learn something from the data first
(churn: how long customers pause) gives a function that makes its parts, and may count spans, groups and buckets itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Float, Label, Select, case, cast, func, literal_column
from sqlalchemy.sql.elements import ColumnElement

from data_access.access import Crm
from data_access.source import Source
from metrics.periods import Span
from metrics.question import Question
from metrics.results import Note
from metrics.statistics import Change

NOBODY = "nobody"  # of rows whose customer is not known: what tells them apart, where there may be such
Measures = dict[str, ColumnElement[Any]]
Row = dict[str, float]
Columns = Mapping[str, NDArray[np.float64]]  # the measures of several totals, one array each
Rows = Callable[[Crm, Span], Select[Any]]
Cut = Callable[[Any], ColumnElement[Any]]  # a column of moments -> the bucket or the span that each lies in


@dataclass(frozen=True)
class Kpi:
    """The parts of a key figure. `interval` gives low and high of measures in columns (0 where nothing was counted)."""

    rows: Rows
    measures: Callable[[Any], Measures] | None
    compare: Callable[[Row, Row], Change]
    interval: Callable[[Columns], tuple[Any, Any]] | None = None
    cluster: tuple[str, ...] = ()
    totals: Callable[[Any], Measures] | None = None
    is_additive: bool = False
    is_zero_when_empty: bool = False
    listed: Callable[[Select[Any]], Select[Any]] | None = None
    notes: Callable[[Source, Span, Row], tuple[Note, ...]] | None = None
    baseline_notes: Callable[[Row], tuple[Note, ...]] | None = None
    category_rows: Rows | None = None
    run_in: timedelta = timedelta()  # what must be known before a span for its value to serve as a baseline
    grows_with_days: bool = False  # the same business has more of it in a longer span
    bucket_rows: Callable[[Crm, Span, Cut], Select[Any]] | None = None
    trend: Callable[[Source, Question], list[dict[str, Any]]] | None = None
    span_rows: Callable[[Source, Mapping[str, Span]], dict[str, Row]] | None = None
    group_rows: Callable[[Source, Mapping[str, Span], str], list[dict[str, Any]]] | None = None

    @property
    def has_zero(self) -> bool:
        """Nothing counted is 0, not unknown."""
        return self.is_additive or self.is_zero_when_empty

    def cut_rows(self, crm: Crm, span: Span, cut: Cut) -> Select[Any]:
        """The rows and `cut`, the bucket or span of each."""
        rows = self.bucket_rows(crm, span, cut) if self.bucket_rows else self.rows(crm, span)
        happened_at = rows.selected_columns.happened_at
        moment = happened_at.element if isinstance(happened_at, Label) else happened_at
        return rows.add_columns(cut(moment).label("cut"))

    def intervals(self, columns: Columns) -> tuple[Any, Any]:
        """Low and high of each of several totals; nan where none can be given."""
        blank = np.full(len(columns["value"]), np.nan)
        if self.interval is None or not len(blank):
            return blank, blank
        low, high = self.interval({name: np.where(np.isnan(v), 0.0, v) for name, v in columns.items()})
        return np.broadcast_to(low, blank.shape), np.broadcast_to(high, blank.shape)

    def own_notes(self, source: Source, span: Span, now: Row) -> tuple[Note, ...]:
        """What the metric itself has to say about the measures of a span."""
        return self.notes(source, span, now) if self.notes and not span.is_empty else ()

    def notes_of_baseline(self, then: Row | None) -> tuple[Note, ...]:
        """What the metric has to say about the measures of the span compared with, where it has been counted."""
        return self.baseline_notes(then) if self.baseline_notes and then is not None else ()


def columns_of(rows: list[Row]) -> Columns:
    """Rows of measures as columns; none at all has value and n."""
    names = list(rows[0]) if rows else ["value", "n"]
    return {name: np.array([row[name] for row in rows], dtype=float) for name in names}


def rows_of(columns: Columns) -> list[Row]:
    """Columns of measures as rows."""
    return [dict(zip(columns, map(float, row), strict=True)) for row in zip(*columns.values(), strict=True)]


def number(value: float | None, otherwise: float = math.nan) -> float:
    """A measure as a float; another where the database has none."""
    return otherwise if value is None or math.isnan(value) else float(value)


def count_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """The number of rows that meet a condition; 0 for none."""
    return func.count(case((condition, literal_column("1"))))


def share_of(part: ColumnElement[Any], whole: ColumnElement[Any]) -> ColumnElement[Any]:
    """part / whole as a float; null when there is no whole."""
    return cast(part, Float) / func.nullif(cast(whole, Float), 0, type_=Float)
