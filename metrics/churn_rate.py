"""Churn rate: the share of held customers who were lost.

    churn rate = customers held at the start and not held at the end / customers held at the start

A customer is held at a moment when a valid order of theirs lies within the last c days before it. Without contracts
nobody says goodbye, so c is read off the customers' own habits: the 90th percentile of the days between two orders of
one customer, per segment, rounded up (over all customers, whatever the filters; up to the end of the period). A segment
with fewer than 30 such gaps, and a customer without a segment, take the figure of all; a company with fewer takes 90
days. New customers are in neither part. A change is judged where the data reach back c days before the period compared
with: in the first c days of a history nobody can have been lost. Unit: ratio, 0 to 1; no value when nobody was held;
n = customers held at the start. Interval: Wilson (1927). Every answer says which c it used.
Source: docs/metrics.md#churn_rate
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, String, case, cast, func, literal, null, select, union_all
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from data_access.access import Crm
from data_access.functions import seconds_between
from data_access.gathered import gathered, quantile_of
from data_access.source import Source
from metrics.figure import number
from metrics.kpi import Columns, Kpi, Measures, Row, count_of, kpi, share_of
from metrics.metric import CUSTOMER_FILTERS, Better, Unit
from metrics.periods import Span, buckets, observed
from metrics.question import Question
from metrics.results import Note, note
from metrics.sales import customers_orders
from metrics.statistics import MIN_CASES, Change, compare_proportions, wilson

SHARE = 0.9
DAY = 86400
FALLBACK_DAYS = 90


@dataclass(frozen=True)
class Pauses:
    """After how many days without an order a customer counts as lost: for all, and by segment."""

    days: int
    by_segment: tuple[tuple[str, int], ...] = ()
    is_learnt: bool = True  # not where there are too few gaps to learn from

    def held_since(self, moment: datetime, segment: ColumnElement[Any]) -> ColumnElement[Any]:
        """The moment since which an order makes a customer held at `moment`."""
        arms = [(segment == name, literal(moment - timedelta(days=days))) for name, days in self.by_segment]
        otherwise = literal(moment - timedelta(days=self.days))
        return case(*arms, else_=otherwise) if arms else otherwise

    @property
    def longest(self) -> int:
        return max([self.days, *(days for _, days in self.by_segment)])


def gaps(crm: Crm, end: datetime) -> Select[Any]:
    """One row per repeat order before `end`: segment, gap (seconds since the same customer's order before)."""
    order = customers_orders(crm).subquery("valid").c
    before = func.lag(order.happened_at).over(partition_by=order.customer_id, order_by=order.happened_at)
    rows = select(order.customer_id, order.happened_at, before.label("before")).where(order.happened_at < end)
    pair, segment, joined = _with_segment(crm, rows.subquery("pair"))
    gap = seconds_between(pair.before, pair.happened_at).label("gap")
    return select(segment.label("segment"), gap).select_from(joined).where(pair.before.is_not(None))


def pauses_query(crm: Crm, end: datetime) -> Select[Any]:
    """Columns: is_all (1: everybody), segment, quantile (of the gaps, in seconds), n; one row more than segments."""
    gap = gaps(crm, end).cte("gap").c
    measured = [gathered(gap.gap, SHARE).label("gaps"), func.count().label("n")]
    everybody = select(literal(1).label("is_all"), cast(null(), String).label("segment"), *measured)
    segments = select(literal(0).label("is_all"), gap.segment, *measured).group_by(gap.segment)
    row = union_all(everybody, segments).subquery("listed").c
    return select(row.is_all, row.segment, quantile_of(row.gaps, SHARE).label("quantile"), row.n)


def pauses(source: Source, end: datetime) -> Pauses:
    """The pause after which a customer counts as lost, learnt from the orders before `end`."""
    enough = [row for row in source.rows(pauses_query(source.everything, end)) if row["n"] >= MIN_CASES]
    days = [_whole_days(row["quantile"]) for row in enough if row["is_all"]]
    segments = [row for row in enough if not row["is_all"] and row["segment"] is not None]
    by_segment = sorted((row["segment"], _whole_days(row["quantile"])) for row in segments)
    return Pauses(days[0] if days else FALLBACK_DAYS, tuple(by_segment), is_learnt=bool(days))


def _whole_days(seconds: float) -> int:
    return max(1, math.ceil(round(seconds / DAY, 6)))  # a hair above a whole day is that day


def parts(source: Source, question: Question) -> Kpi:
    """The key figure with the pauses learnt from the data up to the end of the period."""
    span = observed(question.filters.period, source.calendar, source.crm.until)
    learnt = pauses(source, span.end)

    def held(crm: Crm, of: Span) -> Select[Any]:
        return held_customers(crm, of, learnt)

    def said(_: Source, of: Span, _now: Row) -> tuple[Note, ...]:
        return _pause_notes(source, of, learnt)

    def by_bucket(narrowed: Source, asked: Question) -> list[dict[str, Any]]:
        return monthly(narrowed, asked, learnt)

    def by_span(narrowed: Source, spans: Mapping[str, Span]) -> dict[str, Row]:
        return span_rows(narrowed, spans, learnt)

    def by_group(narrowed: Source, spans: Mapping[str, Span], dimension: str) -> list[dict[str, Any]]:
        return group_rows(narrowed, spans, dimension, learnt)

    return Kpi(
        held,
        measures,
        change,
        interval,
        notes=said,
        run_in=timedelta(days=learnt.longest),
        grows_with_days=True,
        trend=by_bucket,
        span_rows=by_span,
        group_rows=by_group,
    )


def last_orders(crm: Crm, moments: Sequence[datetime]) -> Any:
    """One row per customer: customer_id, last_0, last_1 ...: the last valid order before each moment."""
    order, last = customers_orders(crm).subquery("valid").c, max(moments)
    before = [order.happened_at if m == last else case((order.happened_at < m, order.happened_at)) for m in moments]
    lasts = [func.max(moment).label(f"last_{i}") for i, moment in enumerate(before)]
    return select(order.customer_id, *lasts).where(order.happened_at < last).group_by(order.customer_id)


def held_customers(crm: Crm, span: Span, learnt: Pauses) -> Select[Any]:
    """One row per customer held at the start of the span: customer_id, happened_at (last order by its end), lost."""
    last, segment, joined = _with_segment(crm, last_orders(crm, [span.start, span.end]).subquery("last"))
    lost = case((last.last_1 < learnt.held_since(span.end, segment), 1), else_=0).label("lost")
    return (
        select(last.customer_id, last.last_1.label("happened_at"), lost)
        .select_from(joined)
        .where(last.last_0 >= learnt.held_since(span.start, segment))
    )


def _with_segment(crm: Crm, rows: FromClause) -> tuple[Any, ColumnElement[Any], FromClause]:
    """Columns of rows of customers, the segment of each, and what they are selected from."""
    if not crm.has("customers"):
        return rows.c, cast(null(), String), rows
    people = crm.customers
    return rows.c, people.c.segment, rows.outerjoin(people, people.c.customer_id == rows.c.customer_id)


def counts_query(
    crm: Crm, ends: Sequence[tuple[datetime, datetime]], learnt: Pauses, dimension: str = ""
) -> Select[Any]:
    """Columns: held_0, lost_0, held_1, lost_1 ...: customers held at the one moment, and lost by the other; one row.

    With a dimension of customers one row for each `group`.
    """
    moments = sorted({moment for pair in ends for moment in pair})
    last, segment, joined = _with_segment(crm, last_orders(crm, moments).subquery("last"))
    held = {moment: last[f"last_{i}"] >= learnt.held_since(moment, segment) for i, moment in enumerate(moments)}
    counts: list[ColumnElement[Any]] = []
    for i, (start, end) in enumerate(ends):
        counts += [count_of(held[start]).label(f"held_{i}"), count_of(held[start] & ~held[end]).label(f"lost_{i}")]
    if not dimension:
        return select(*counts).select_from(joined)
    group = crm.customers.c[dimension].label("group")
    return select(group, *counts).select_from(joined).group_by(group)


def spans_query(crm: Crm, spans: Mapping[str, Span], learnt: Pauses) -> Select[Any]:
    """Columns: cut (the span's name), value, n and lost; one row per span."""
    counts = counts_query(crm, [(span.start, span.end) for span in spans.values()], learnt).cte("counts").c
    rows = []
    for i, name in enumerate(spans):
        held, lost = counts[f"held_{i}"], counts[f"lost_{i}"]
        columns = share_of(lost, held).label("value"), held.label("n"), lost.label("lost")
        rows.append(select(literal(name).label("cut"), *columns))
    return select(*union_all(*rows).subquery("spans").c)


def span_rows(source: Source, spans: Mapping[str, Span], learnt: Pauses) -> dict[str, Row]:
    """The measures of each span, from one statement."""
    found = source.rows(spans_query(source.crm, spans, learnt))
    return {row.pop("cut"): {name: number(value) for name, value in row.items()} for row in found}


def group_rows(source: Source, spans: Mapping[str, Span], dimension: str, learnt: Pauses) -> list[dict[str, Any]]:
    """Rows: cut (the span's name), group, value, n, lost; from one statement."""
    ends = [(span.start, span.end) for span in spans.values()]
    found = source.rows(counts_query(source.crm, ends, learnt, dimension))
    return [{"cut": name, "group": row["group"], **_counted(row, i)} for i, name in enumerate(spans) for row in found]


def monthly(source: Source, question: Question, learnt: Pauses) -> list[dict[str, Any]]:
    """Rows: period (first day), value, n, lost; one per bucket before which a whole pause has been observed."""
    filters, calendar, until = question.filters, source.calendar, source.crm.until
    reach = (source.crm.facts.first_of(METRIC.needs) or until) + timedelta(days=learnt.longest)
    begun = [b for b in buckets(filters.period, filters.grain, calendar) if reach <= calendar.to_utc(b.start) < until]
    if not begun:
        return []
    ends = [(calendar.to_utc(b.start), min(calendar.to_utc(b.end), until)) for b in begun]
    (row,) = source.rows(counts_query(source.crm, ends, learnt))
    return [{"period": bucket.start, **_counted(row, i)} for i, bucket in enumerate(begun)]


def _counted(row: Mapping[str, Any], i: int) -> dict[str, Any]:
    """value, n and lost of one pair of moments in a row of `counts_query`."""
    held, lost = row[f"held_{i}"], row[f"lost_{i}"]
    return {"value": lost / held if held else None, "n": held, "lost": lost}


def _pause_notes(source: Source, span: Span, learnt: Pauses) -> tuple[Note, ...]:
    notes = [note("churn_pause" if learnt.is_learnt else "churn_pause_assumed", days=learnt.days)]
    notes += [note("churn_pause_segment", segment=name, days=days) for name, days in learnt.by_segment]
    reach = (source.crm.facts.first_of(METRIC.needs) or span.start) + timedelta(days=learnt.longest)
    if span.start < reach:
        notes.append(note("churn_short_history"))
    return tuple(notes)


def measures(customer: Any) -> Measures:
    """value, n and lost over held customers."""
    lost = cast(func.coalesce(func.sum(customer.lost), 0), Integer)
    return {"value": share_of(lost, func.count()), "n": func.count(), "lost": lost}


def interval(of: Columns) -> tuple[Any, Any]:
    """Wilson interval."""
    return wilson(of["lost"], of["n"])


def change(now: Row, then: Row) -> Change:
    """The change of the share, as two independent proportions."""
    return compare_proportions(now["lost"], now["n"], then["lost"], then["n"])


METRIC = kpi(
    "churn_rate",
    Unit.RATIO,
    Better.LOWER,
    parts,
    needs=("orders",),
    filters=CUSTOMER_FILTERS,
    dimensions=CUSTOMER_FILTERS,
)
