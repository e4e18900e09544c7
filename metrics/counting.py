"""The statements of a key figure, and the rows that they give.

A period and those that it is compared with are looked through in one statement, each row cut to the span it lies in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Float, Integer, Select, case, cast, func, literal, null, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from data_access.access import Crm
from data_access.calendar import Grain
from data_access.functions import day
from data_access.source import Source
from metrics import dimensions
from metrics.figure import NOBODY, Cut, Kpi, Measures, Row, number
from metrics.periods import Period, Span, Spans, buckets

Groups = dict[str | None, Row]  # by the name of the group, None where it is not known
PERIOD, COMPARED = "period", "compared"
MOST_ARMS = 64


# -- measures over rows, or over customers --------------------------------------------------------------------------
def _measured(
    figures: Mapping[str, Kpi], rows: FromClause, join_from: FromClause, *keys: ColumnElement[Any]
) -> Select[Any]:
    """Columns: the keys, and the measures of each figure after its prefix; one row per key.

    All figures count the same rows; where there are several, all are told by customers.
    """
    parts = next(iter(figures.values()))
    if parts.totals is None:
        assert parts.measures is not None
        return _grouped(join_from, keys, _named(parts.measures(rows.c)))
    names = dict.fromkeys(name for each in figures.values() for name in each.cluster)
    customer = _clusters(names, rows, join_from, *keys)
    told = {prefix: each.totals(customer.c) for prefix, each in figures.items() if each.totals}
    measures = [measure for prefix, totals in told.items() for measure in _named(totals, prefix)]
    return _grouped(customer, [customer.c[key.name] for key in keys], measures)


def _grouped(start: FromClause, keys: Sequence[ColumnElement[Any]], measures: Sequence[Any]) -> Select[Any]:
    query = select(*keys, *measures).select_from(start)
    return query.group_by(*keys).order_by(*keys) if keys else query


def _clusters(names: Iterable[str], rows: FromClause, join_from: FromClause, *group: ColumnElement[Any]) -> FromClause:
    """One row per customer (and group): the sums of the columns that the totals need.

    A row whose customer is not known is one of its own: all of them as one customer would be the largest by far.
    """
    sums = [_sum(rows.c[name]).label(name) for name in names]
    keys = (*group, rows.c.customer_id, *([rows.c[NOBODY]] if NOBODY in rows.c else []))
    return select(*keys, *sums).select_from(join_from).group_by(*keys).subquery("customer")


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column added up, 0 without a row: marks as floats, which is quicker, money exactly."""
    if isinstance(column.type, Integer):
        return func.coalesce(func.sum(cast(column, Float)), 0.0)
    return cast(func.coalesce(func.sum(column), 0), Float)


def _named(measures: Measures, prefix: str = "") -> list[Any]:
    return [measure.label(f"{prefix}{name}") for name, measure in measures.items()]


# -- one value ------------------------------------------------------------------------------------------------------
def total_query(parts: Kpi, crm: Crm, span: Span) -> Select[Any]:
    """Columns: value, n and the other measures; one row."""
    rows = parts.rows(crm, span).subquery("counted")
    return _measured({"": parts}, rows, rows)


def spans_query(figures: Mapping[str, Kpi], crm: Crm, spans: Spans) -> Select[Any]:
    """Columns: cut (the span's name) and the measures, as `_measured` names them; one row per span with a case."""
    parts = next(iter(figures.values()))
    rows = parts.cut_rows(crm, spans, named_span(spans)).subquery("counted")
    return _measured(figures, rows, rows, rows.c.cut)


def named_span(spans: Spans) -> Cut:
    """The name of the span that holds a moment; the rows lie between the first start and the last end."""

    def cut(moment: Any) -> ColumnElement[Any]:
        arms: list[tuple[Any, Any]] = []
        after = spans.end
        for name, span in spans.latest_first:
            if span.end < after:
                arms.append((moment >= span.end, null()))
            arms.append((moment >= span.start, literal(name)))
            after = span.start
        *others, (_, first) = arms
        return case(*others, else_=first) if others else first

    return cut


def span_rows(parts: Kpi, source: Source, spans: Mapping[str, Span]) -> dict[str, Row]:
    """The measures of every span; from one statement when the spans do not overlap."""
    if parts.span_rows is not None:
        return parts.span_rows(source, spans)
    figures = {"": parts}
    return figures_rows(figures, source, spans, lambda every: spans_query(figures, source.crm, every))[""]


def figures_rows(
    figures: Mapping[str, Kpi], source: Source, spans: Mapping[str, Span], query: Callable[[Spans], Select[Any]]
) -> dict[str, dict[str, Row]]:
    """The measures of every span for figures that count the same rows, by the figure's prefix.

    `query` gives their `spans_query`.
    """
    # A year is compared with the year before it, which is also the same period last year: one span by two names.
    same = {(span.start, span.end): name for name, span in reversed(list(spans.items()))}
    at_once = Spans.of({name: spans[name] for name in same.values()}) if spans else None
    found = source.rows(query(at_once)) if at_once else []
    by_span = {row["cut"]: row for row in found}

    def measured(prefix: str, parts: Kpi, span: Span) -> Row:
        row = by_span.get(same[span.start, span.end])
        return _row(parts, _of(prefix, row)) if row else _total_row(parts, source, span)

    return {
        prefix: {name: measured(prefix, parts, span) for name, span in spans.items()}
        for prefix, parts in figures.items()
    }


def _of(prefix: str, row: Mapping[str, Any]) -> dict[str, Any]:
    own = (name for name in row if name.startswith(prefix) and name != "cut")
    return {name.removeprefix(prefix): row[name] for name in own}


def _total_row(parts: Kpi, source: Source, span: Span) -> Row:
    return _row(parts, source.rows(total_query(parts, source.crm, span))[0])


def _row(parts: Kpi, found: Mapping[str, Any]) -> Row:
    row = {name: number(value) for name, value in found.items()}
    row["n"] = number(row["n"], 0.0)
    return row | {"value": 0.0} if parts.has_zero and row["value"] != row["value"] and not row["n"] else row


# -- a value per bucket ---------------------------------------------------------------------------------------------
def trend_query(parts: Kpi, crm: Crm, span: Span, grain: Grain) -> Select[Any]:
    """Columns: period (first day of the bucket), value, n and the other measures; one row per bucket with a case."""
    rows = parts.cut_rows(crm, span, first_day(crm, span.period, grain)).subquery("counted")
    told = parts if parts.measures is None else replace(parts, totals=None)
    return _measured({"": told}, rows, rows, rows.c.cut.label("period"))


def first_day(crm: Crm, period: Period, grain: Grain) -> Cut:
    """The first day of the bucket that holds a moment of a period.

    Few buckets are told apart by where they begin, which is quicker than to reckon with zones and months in every row.
    """
    days = [bucket.start for bucket in buckets(period, grain, crm.calendar)]
    if len(days) > MOST_ARMS:
        return lambda moment: crm.bucket(moment, grain)
    ends = [crm.calendar.to_utc(following) for following in days[1:]]
    arms = list(zip(ends, days, strict=False))
    last = day(days[-1])
    return lambda moment: case(*((moment < end, day(first)) for end, first in arms), else_=last) if arms else last


# -- a value per group ----------------------------------------------------------------------------------------------
def group_query(parts: Kpi, crm: Crm, span: Span, dimension: str) -> Select[Any]:
    """Columns: [cut,] group, value, n and the other measures; one row per group of the dimension (and span)."""
    if dimension == "category" and parts.category_rows:
        parts = replace(parts, rows=parts.category_rows)
    cases = parts.cut_rows(crm, span, named_span(span)) if isinstance(span, Spans) else parts.rows(crm, span)
    if parts.totals is not None and dimension in dimensions.OF_CUSTOMERS:
        return _customer_group_query(parts, parts.totals, crm, cases, dimension)
    rows, group = dimensions.grouped(crm, cases, dimension)
    cut = [rows.c.cut] if isinstance(span, Spans) else []
    return _measured({"": parts}, rows.rows, rows.join_from, *cut, group.label("group"))


def _customer_group_query(
    parts: Kpi, totals: Callable[[Any], Measures], crm: Crm, cases: Select[Any], dimension: str
) -> Select[Any]:
    """`group_query` where customers have the groups: cases are added up per customer before anything is joined."""
    counted = cases.subquery("counted")
    cut = [counted.c.cut] if "cut" in counted.c else []
    per, group = dimensions.joined(crm, _clusters(parts.cluster, counted, counted, *cut), dimension)
    keys = [*(per.c[column.name] for column in cut), group.label("group")]
    return _grouped(per.join_from, keys, _named(totals(per.c)))


def group_rows(parts: Kpi, source: Source, span: Span, then: Span, dimension: str) -> tuple[Groups, Groups]:
    """The measures of every group now and then; from one statement when the spans do not overlap."""
    spans = {PERIOD: span, COMPARED: then}
    at_once = Spans.of(spans)
    if parts.group_rows is not None:
        rows = parts.group_rows(source, spans, dimension)
    elif at_once is not None:
        rows = source.rows(group_query(parts, source.crm, at_once, dimension))
    else:
        now, before = (source.rows(group_query(parts, source.crm, each, dimension)) for each in (span, then))
        return _by_name(now), _by_name(before)
    return _by_name(r for r in rows if r["cut"] == PERIOD), _by_name(r for r in rows if r["cut"] == COMPARED)


def _by_name(rows: Iterable[Mapping[str, Any]]) -> Groups:
    """Rows by the name of their group, None where it is not known."""
    found = {}
    for row in rows:
        group = row["group"] if isinstance(row["group"], str) else None
        found[group] = {str(name): value for name, value in row.items() if name not in ("group", "cut")}
    return found
