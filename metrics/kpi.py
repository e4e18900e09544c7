"""Key figures: one value over some rows, the same value per bucket and per group, compared and tested.

A key figure is told by three things, and everything else follows from them:

    rows(crm, span)    a select with one row per case; it has `happened_at` and the columns that groups need
    measures(row)      named aggregates over those rows, among them `value` and `n`
    compare(now, then) the change between two totals, each a dict of measures

The list behind a number comes from the same `rows`, so the two cannot disagree. Where the change of a value needs the
spread between customers, `cluster` names the columns to add up per customer first, and `totals` gives the measures over
customers; a trend, which makes no such claim, keeps to the quicker `measures` over rows. `bucket_rows` replaces `rows`
where a case is found anew in every bucket (a customer may be a repeat buyer of each month); `listed` makes the list of
the rows where a case has several (a customer has one row however many orders there were). A metric that has to learn
something from the data first (churn: how long customers pause) gives a function that makes its parts.

A period and those that it is compared with are looked through in one statement, each row cut to the span it lies in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Float, Select, case, cast, func, literal, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from data_access.access import Crm
from data_access.calendar import Grain
from data_access.functions import day
from data_access.source import Source
from metrics import dimensions, targets
from metrics.metric import Better, Metric, Option, Unit
from metrics.periods import Comparison, Period, Span, Spans, buckets, compared, observed
from metrics.question import Filters, Question
from metrics.results import Breakdown, Compared, Note, Result, Total, Trend, empty_frame, note
from metrics.statistics import Change, benjamini_hochberg
from metrics.statistics.change import LEVEL, Verdict

Measures = dict[str, ColumnElement[Any]]
Row = dict[str, float]
Rows = Callable[[Crm, Span], Select[Any]]
Groups = dict[str | None, Row]  # by the name of the group, None where it is not known
Cut = Callable[[Any], ColumnElement[Any]]  # a column of moments -> the bucket or the span that each lies in
PERIOD, COMPARED = "period", "compared"
MOST_ARMS = 64
MAX_BUCKETS = 800
GROUP_COLUMNS = (
    "group",
    "value",
    "n",
    "low",
    "high",
    "share",
    "compared_value",
    "compared_n",
    "change",
    "change_low",
    "change_high",
    "verdict",
)


@dataclass(frozen=True)
class Kpi:
    """The parts of a key figure. `interval` gives low and high of a frame of measures (0 where nothing was counted)."""

    rows: Rows
    measures: Callable[[Any], Measures]
    compare: Callable[[Row, Row], Change]
    interval: Callable[[pd.DataFrame], tuple[Any, Any]] | None = None
    cluster: tuple[str, ...] = ()
    totals: Callable[[Any], Measures] | None = None
    is_additive: bool = False
    is_zero_when_empty: bool = False
    listed: Callable[[Select[Any]], Select[Any]] | None = None
    notes: Callable[[Source, Span, Row], tuple[Note, ...]] | None = None
    category_rows: Rows | None = None
    bucket_rows: Callable[[Crm, Span, Cut], Select[Any]] | None = None
    trend: Callable[[Source, Question], pd.DataFrame] | None = None
    span_rows: Callable[[Source, Mapping[str, Span]], dict[str, Row]] | None = None

    @property
    def has_zero(self) -> bool:
        """Nothing counted is 0, not unknown."""
        return self.is_additive or self.is_zero_when_empty

    def cut_rows(self, crm: Crm, span: Span, cut: Cut) -> Select[Any]:
        """The rows and `cut`, the bucket or span of each."""
        rows = self.bucket_rows(crm, span, cut) if self.bucket_rows else self.rows(crm, span)
        return _with_cut(rows, cut)


def kpi(
    name: str,
    unit: Unit,
    better: Better,
    parts: Kpi | Callable[[Source, Question], Kpi],
    *,
    needs: tuple[str, ...],
    filters: tuple[str, ...],
    dimensions: tuple[str, ...],
) -> Metric:
    """A metric that answers with a Total, with a Trend, or with a Breakdown `by` a dimension."""
    options = {
        "by": Option(("", *dimensions), "", "a value per group of this dimension"),
        "shape": Option(("total", "trend"), "total", "one value, or one per bucket of the grain"),
    }

    def answer(source: Source, question: Question) -> Result:
        told = parts if isinstance(parts, Kpi) else parts(source, question)
        if question.option("by"):
            return by_group(metric, told, source, question, question.option("by"))
        return (trend if question.option("shape") == "trend" else total)(metric, told, source, question)

    metric = Metric(name, unit, better, answer, needs, filters, dimensions, options, parts=parts)
    return metric


# -- one value ------------------------------------------------------------------------------------------------------
def total_query(parts: Kpi, crm: Crm, span: Span) -> Select[Any]:
    """Columns: value, n and the other measures; one row."""
    rows = parts.rows(crm, span).subquery("counted")
    if parts.totals is None:
        return select(*_named(parts.measures(rows.c))).select_from(rows)
    per = _clusters(parts, rows, rows)
    return select(*_named(parts.totals(per.c))).select_from(per)


def _clusters(parts: Kpi, rows: FromClause, join_from: FromClause, *group: ColumnElement[Any]) -> FromClause:
    """One row per customer (and group): the sums of the columns that the totals need."""
    sums = [cast(func.coalesce(func.sum(rows.c[name]), 0), Float).label(name) for name in parts.cluster]
    keys = (*group, rows.c.customer_id)
    return select(*keys, *sums).select_from(join_from).group_by(*keys).subquery("customer")


def spans_query(parts: Kpi, crm: Crm, spans: Spans) -> Select[Any]:
    """Columns: cut (the span's name), value, n and the other measures; one row per span with a case."""
    rows = parts.cut_rows(crm, spans, named_span(spans)).subquery("counted")
    if parts.totals is None:
        return select(rows.c.cut, *_named(parts.measures(rows.c))).group_by(rows.c.cut)
    per = _clusters(parts, rows, rows, rows.c.cut).c
    return select(per.cut, *_named(parts.totals(per))).group_by(per.cut)


def named_span(spans: Spans) -> Cut:
    """The name of the span that holds a moment."""
    return lambda moment: case(*((span.holds(moment), literal(name)) for name, span in spans.named))


def _with_cut(rows: Select[Any], cut: Cut) -> Select[Any]:
    row = rows.subquery("found").c
    return select(*row, cut(row.happened_at).label("cut"))


def total(metric: Metric, parts: Kpi, source: Source, question: Question) -> Total:
    """The value of the period, its interval, its changes and its target."""
    filters = question.filters
    spans = compared_spans(metric, source, filters)
    rows, span = total_rows(parts, source, spans), spans[PERIOD]
    now = rows[PERIOD]
    if is_unknown(metric, source, span):
        now["value"] = float("nan")
    comparisons = tuple(_compared(metric, parts, source, span, rows, kind) for kind in Comparison)
    value = now["value"]
    low, high = _interval(parts, pd.DataFrame([now])) if not np.isnan(value) else ([np.nan], [np.nan])
    target = targets.target(source, metric, filters, parts.is_additive)
    frame = _total_frame(span, now, low[0], high[0], target, comparisons)
    met = next(item.then for item in comparisons if item.kind is filters.comparison)
    notes = (*span_notes(metric, source, span, met), *_own_notes(parts, source, span, now))
    return Total(
        frame=frame,
        n=int(now["n"]),
        notes=notes,
        span=span,
        value=value,
        low=float(low[0]),
        high=float(high[0]),
        comparisons=comparisons,
        target=target,
    )


def _own_notes(parts: Kpi, source: Source, span: Span, now: Row) -> tuple[Note, ...]:
    """What the metric itself has to say about the measures of a span."""
    return parts.notes(source, span, now) if parts.notes and not span.is_empty else ()


def compared_spans(metric: Metric, source: Source, filters: Filters) -> dict[str, Span]:
    """The span of the period, and those that it is compared with as far as the data reach back to them."""
    span = observed(filters.period, source.calendar, source.crm.until)
    others = {kind.value: compared(span, kind, source.calendar) for kind in Comparison}
    return {PERIOD: span} | {name: then for name, then in others.items() if not is_unknown(metric, source, then)}


def total_rows(parts: Kpi, source: Source, spans: Mapping[str, Span]) -> dict[str, Row]:
    """The measures of every span; from one statement when the spans do not overlap."""
    if parts.span_rows is not None:
        return parts.span_rows(source, spans)
    at_once = Spans.of(spans) if parts.trend is None else None
    found = source.rows(spans_query(parts, source.crm, at_once)) if at_once else []
    rows = {row.pop("cut"): _row(parts, row) for row in found}
    return {name: rows[name] if name in rows else _total_row(parts, source, span) for name, span in spans.items()}


def _total_row(parts: Kpi, source: Source, span: Span) -> Row:
    return _row(parts, source.rows(total_query(parts, source.crm, span))[0])


def _row(parts: Kpi, found: Mapping[str, Any]) -> Row:
    row = {str(name): _or(value, float("nan")) for name, value in found.items()}
    row["n"] = _or(row["n"], 0.0)
    return row | {"value": 0.0} if parts.has_zero and np.isnan(row["value"]) and not row["n"] else row


def _compared(
    metric: Metric, parts: Kpi, source: Source, span: Span, rows: Mapping[str, Row], kind: Comparison
) -> Compared:
    then, now = compared(span, kind, source.calendar), rows[PERIOD]
    row = rows.get(kind.value)
    if row is None:
        return Compared(kind, span, then, float("nan"), 0, _no_baseline(now["value"]))
    change = judged(parts.compare(now, row), metric, source, span, then)
    return Compared(kind, span, then, row["value"], int(row["n"]), change)


def judged(change: Change, metric: Metric, source: Source, span: Span, then: Span) -> Change:
    """A change without interval and verdict where what it is compared with does not serve as a baseline."""
    if is_baseline(metric, source, span, then):
        return change
    nan = float("nan")
    return change._replace(ratio=nan, low=nan, high=nan, p_value=nan, verdict=Verdict.NO_BASELINE)


def is_baseline(metric: Metric, source: Source, span: Span, then: Span) -> bool:
    """What came before was recorded, and is not in part the same days."""
    return is_recorded(then, first_known(metric, source)) and then.end <= span.start


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


def _no_baseline(value: float) -> Change:
    nan = float("nan")
    return Change(nan, value, nan, nan, nan, nan, nan, Verdict.NO_BASELINE)


def _total_frame(
    span: Span, now: Row, low: float, high: float, target: float | None, comparisons: tuple[Compared, ...]
) -> pd.DataFrame:
    row: dict[str, Any] = {
        "period": pd.Timestamp(span.period.start),
        "period_end": pd.Timestamp(span.period.end),
        "value": now["value"],
        "n": int(now["n"]),
        "low": low,
        "high": high,
        "target": float("nan") if target is None else target,
    }
    for item in comparisons:
        name = item.kind.value
        row |= {
            f"{name}_period": pd.Timestamp(item.then.period.start),
            f"{name}_value": item.value,
            f"{name}_n": item.n,
            f"{name}_change": item.change.difference,
            f"{name}_change_ratio": item.change.ratio,
            f"{name}_change_low": item.change.low,
            f"{name}_change_high": item.change.high,
            f"{name}_verdict": item.change.verdict.value,
        }
    return pd.DataFrame([row])


def span_notes(metric: Metric, source: Source, span: Span, then: Span) -> tuple[Note, ...]:
    if span.is_empty:
        return (note("period_not_begun"),)
    notes = () if span.is_finished else (note("unfinished_period", until=source.as_of),)
    first = first_known(metric, source)
    if first is not None and span.end <= first:
        return (note("period_before_data", first=first),)
    if then.end > span.start:
        return (*notes, note("baseline_overlaps"))
    if first is None or then.end <= first or is_recorded(then, first):
        return notes
    return (*notes, note("baseline_partial", first=first))


# -- a value per bucket ---------------------------------------------------------------------------------------------
def trend_query(parts: Kpi, crm: Crm, span: Span, grain: Grain) -> Select[Any]:
    """Columns: period (first day of the bucket), value, n and the other measures; one row per bucket with a case."""
    row = parts.cut_rows(crm, span, first_day(crm, span.period, grain)).subquery("counted").c
    return select(row.cut.label("period"), *_named(parts.measures(row))).group_by(row.cut).order_by(row.cut)


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


def trend(metric: Metric, parts: Kpi, source: Source, question: Question) -> Trend:
    """The value of every bucket of the period; a bucket without a case has n = 0 (and value 0 where parts add up)."""
    filters = question.filters
    span = observed(filters.period, source.calendar, source.crm.until)
    own = parts.trend(source, question) if parts.trend else None
    frame = source.fetch(trend_query(parts, source.crm, span, filters.grain)) if own is None else own
    low, high = _interval(parts, frame)
    found = frame.assign(low=low, high=high)
    trend = _trend_of(parts, found, _spine(metric, source, filters.period, filters.grain), question)
    sums = {str(name): float(values.sum()) for name, values in frame.select_dtypes("number").items()}
    return replace(trend, notes=(*trend.notes, *_own_notes(parts, source, span, sums)))


def _trend_of(parts: Kpi, found: pd.DataFrame, spine: pd.DataFrame, question: Question) -> Trend:
    """A Trend from a frame with period, value, n, low, high: empty buckets filled in, unfinished ones marked."""
    notes: tuple[Note, ...] = ()
    if len(spine) > MAX_BUCKETS:
        notes, spine = (note("last_buckets", n=MAX_BUCKETS),), spine.tail(MAX_BUCKETS)
    frame = _filled(parts, found, spine)
    if question.filters.complete_only:
        frame = frame[frame["is_complete"]].reset_index(drop=True)
    elif len(frame) and not frame["is_complete"].all():
        notes = (*notes, note("unfinished_buckets", n=int((~frame["is_complete"]).sum())))
    return Trend(frame=frame, n=int(frame["n"].sum()), notes=notes)


def _spine(metric: Metric, source: Source, period: Period, grain: Grain) -> pd.DataFrame:
    """Frame: period, period_end, is_complete; the buckets that have begun, from the one in which history begins."""
    calendar, until, first = source.calendar, source.crm.until, first_known(metric, source)
    known = [b for b in buckets(period, grain, calendar) if calendar.to_utc(b.start) < until]
    known = [b for b in known if first is not None and calendar.to_utc(b.end) > first]
    spans = [observed(b, calendar, until) for b in known]
    whole = [
        span.is_finished and is_recorded(span, first) and b.start >= period.start and b.end <= period.end
        for b, span in zip(known, spans, strict=True)
    ]
    return pd.DataFrame(
        {
            "period": np.array([b.start for b in known], dtype="datetime64[us]"),
            "period_end": np.array([b.end for b in known], dtype="datetime64[us]"),
            "is_complete": np.array(whole, dtype=bool),
        }
    )


def _filled(parts: Kpi, found: pd.DataFrame, spine: pd.DataFrame) -> pd.DataFrame:
    """The buckets of the spine with what was found in them; elsewhere no case: 0 where nothing is 0, else no value."""
    places = {day: place for place, day in enumerate(_days(found["period"]))}
    at = np.array([places.get(day, -1) for day in _days(spine["period"])], dtype=int)
    columns = {name: np.append(found[name].to_numpy(dtype=float), np.nan)[at] for name in ("value", "n", "low", "high")}
    columns["n"] = np.nan_to_num(columns["n"])
    if parts.has_zero:
        low, high = (np.ravel(end)[0] for end in _interval(parts, pd.DataFrame({"value": [0.0], "n": [0.0]})))
        is_empty = np.isnan(columns["value"]) & (columns["n"] == 0)
        for name, zero in (("value", 0.0), ("low", low), ("high", high)):
            columns[name] = np.where(is_empty, zero, columns[name])
    return pd.DataFrame(
        {
            "period": spine["period"].to_numpy(),
            "period_end": spine["period_end"].to_numpy(),
            **columns,
            "n": columns["n"].astype("int64"),
            "is_complete": spine["is_complete"].to_numpy(),
        }
    )


def _days(moments: pd.Series) -> list[Any]:
    return moments.to_numpy().astype("datetime64[us]").tolist()


# -- a value per group ----------------------------------------------------------------------------------------------
def group_query(parts: Kpi, crm: Crm, span: Span, dimension: str) -> Select[Any]:
    """Columns: [cut,] group, value, n and the other measures; one row per group of the dimension (and span)."""
    if dimension == "category" and parts.category_rows:
        parts = replace(parts, rows=parts.category_rows)
    cases = parts.cut_rows(crm, span, named_span(span)) if isinstance(span, Spans) else parts.rows(crm, span)
    if parts.totals is not None and dimension in dimensions.OF_CUSTOMERS:
        return _customer_group_query(parts, parts.totals, crm, cases, dimension)
    rows, group = dimensions.grouped(crm, cases, dimension)
    keys = [rows.c.cut] if isinstance(span, Spans) else []
    named = group.label("group")
    if parts.totals is None:
        query = select(*keys, named, *_named(parts.measures(rows.c))).select_from(rows.join_from)
        return query.group_by(*keys, named).order_by(*keys, named)
    per = _clusters(parts, rows.rows, rows.join_from, *keys, named).c
    keys = [per[key.name] for key in (*keys, named)]
    return select(*keys, *_named(parts.totals(per))).group_by(*keys).order_by(*keys)


def _customer_group_query(
    parts: Kpi, totals: Callable[[Any], Measures], crm: Crm, cases: Select[Any], dimension: str
) -> Select[Any]:
    """`group_query` where customers have the groups: cases are added up per customer before anything is joined."""
    counted = cases.subquery("counted")
    cut = [counted.c.cut] if "cut" in counted.c else []
    per, group = dimensions.grouped(crm, select(_clusters(parts, counted, counted, *cut)), dimension)
    keys = [*(per.c[column.name] for column in cut), group.label("group")]
    return select(*keys, *_named(totals(per.c))).select_from(per.join_from).group_by(*keys).order_by(*keys)


def group_rows(parts: Kpi, source: Source, span: Span, then: Span, dimension: str) -> tuple[Groups, Groups]:
    """The measures of every group now and then; from one statement when the spans do not overlap."""
    at_once = Spans.of({PERIOD: span, COMPARED: then}) if parts.trend is None else None
    if at_once is None:
        now, before = (source.rows(group_query(parts, source.crm, each, dimension)) for each in (span, then))
        return _by_name(now), _by_name(before)
    rows = source.rows(group_query(parts, source.crm, at_once, dimension))
    return _by_name(r for r in rows if r["cut"] == PERIOD), _by_name(r for r in rows if r["cut"] == COMPARED)


def _by_name(rows: Iterable[Mapping[str, Any]]) -> Groups:
    """Rows by the name of their group, None where it is not known."""
    found = {}
    for row in rows:
        group = row["group"] if isinstance(row["group"], str) else None
        found[group] = {str(name): value for name, value in row.items() if name not in ("group", "cut")}
    return found


def by_group(metric: Metric, parts: Kpi, source: Source, question: Question, dimension: str) -> Breakdown:
    """The value of every group now and then, its change, and whether it is beyond noise among so many groups."""
    span = observed(question.filters.period, source.calendar, source.crm.until)
    then = compared(span, question.filters.comparison, source.calendar)
    rows = _changes(parts, *group_rows(parts, source, span, then, dimension))
    for side, name in ((span, "value"), (then, "compared_value")):
        if is_unknown(metric, source, side):
            rows = [row | dict.fromkeys((name, "change", "change_low", "change_high"), float("nan")) for row in rows]
    if not is_baseline(metric, source, span, then):
        nan = float("nan")
        rows = [row | {"change_low": nan, "change_high": nan, "verdict": Verdict.NO_BASELINE.value} for row in rows]
    frame = _group_frame(parts, sorted(rows, key=_largest_first))
    # Elsewhere a case may lie in several groups: a customer has one region, but may buy through several channels.
    is_partition = dimension in dimensions.OF_CUSTOMERS or (parts.is_additive and dimension != "category")
    in_all = None if is_partition else total_rows(parts, source, compared_spans(metric, source, question.filters))
    whole = (
        in_all[PERIOD] if in_all else {name: float(np.nansum([row[name] for row in rows])) for name in _sums_of(rows)}
    )
    return Breakdown(
        frame=frame,
        n=int(whole["n"]),
        notes=(*span_notes(metric, source, span, then), *_own_notes(parts, source, span, whole)),
        dimension=dimension,
        is_additive=parts.is_additive,
        then=then,
    )


def _sums_of(rows: list[dict[str, Any]]) -> list[str]:
    return [name for name, value in (rows[0] if rows else {"n": 0.0}).items() if isinstance(value, float | int)]


def _largest_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The place of a group: by value, then by name; what is not known comes last."""
    value, group = row["value"], row["group"]
    return np.isnan(value), 0.0 if np.isnan(value) else -value, group is None, group or ""


def _changes(parts: Kpi, now: Groups, before: Groups) -> list[dict[str, Any]]:
    """One row per group of either span: its measures now, and how its value changed."""
    names = list(next(iter((*now.values(), *before.values())), {}))
    blank = {name: 0.0 if parts.has_zero or name == "n" else float("nan") for name in names}
    pairs = {group: (_whole(now.get(group), blank), _whole(before.get(group), blank)) for group in {**now, **before}}
    changes = [parts.compare(after, past) for after, past in pairs.values()]
    adjusted = benjamini_hochberg(np.array([change.p_value for change in changes], dtype=float))
    return [
        {
            **after,
            "group": group,
            "compared_value": past["value"],
            "compared_n": past["n"],
            "change": change.difference,
            "change_low": change.low,
            "change_high": change.high,
            "verdict": _corrected(change, p_value),
        }
        for (group, (after, past)), change, p_value in zip(pairs.items(), changes, adjusted, strict=True)
    ]


def _whole(row: Row | None, blank: Row) -> Row:
    """The measures of a group; what is missing is as in `blank`."""
    whole = {name: _or((row or {}).get(name, float("nan")), otherwise) for name, otherwise in blank.items()}
    has_no_value = row is not None and whole["n"] > 0 and np.isnan(_or(row["value"], float("nan")))
    return whole | {"value": float("nan")} if has_no_value else whole


def _group_frame(parts: Kpi, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The frame of a Breakdown, from the rows of `_changes`."""
    numbers = {
        name: np.array([row[name] for row in rows], dtype=float)
        for name in (rows[0] if rows else GROUP_COLUMNS)
        if name not in ("group", "verdict")
    }
    value = numbers["value"]
    low, high = _interval(parts, pd.DataFrame(numbers))
    whole = np.nansum(value)
    columns: dict[str, Any] = numbers | {
        "group": pd.array([row["group"] for row in rows], dtype="str"),
        "n": numbers["n"].astype("int64"),
        "low": np.where(np.isnan(value), np.nan, low),
        "high": np.where(np.isnan(value), np.nan, high),
        "share": value / whole if parts.is_additive and whole else np.full(len(rows), np.nan),
        "compared_n": numbers["compared_n"].astype("int64"),
        "verdict": pd.array([row["verdict"] for row in rows], dtype="str"),
    }
    return pd.DataFrame({name: columns[name] for name in GROUP_COLUMNS})


def _corrected(change: Change, p_value: float) -> str:
    """The verdict after correcting for the number of groups looked at."""
    decided = change.verdict in (Verdict.UP, Verdict.DOWN)
    return (Verdict.NOISE if decided and not p_value < 1 - LEVEL else change.verdict).value


def _or(value: float, otherwise: float) -> float:
    return otherwise if value is None or np.isnan(value) else float(value)


# -- shared ---------------------------------------------------------------------------------------------------------
def _named(measures: Measures) -> list[Any]:
    return [measure.label(name) for name, measure in measures.items()]


def _interval(parts: Kpi, frame: pd.DataFrame) -> tuple[Any, Any]:
    if parts.interval is None or frame.empty:
        blank = np.full(len(frame), np.nan)
        return blank, blank
    numbers = {str(name): values.to_numpy() for name, values in frame.items() if values.dtype.kind in "if"}
    return parts.interval(pd.DataFrame({name: np.where(np.isnan(v), 0.0, v) for name, v in numbers.items()}))


def share_of(part: ColumnElement[Any], whole: ColumnElement[Any]) -> ColumnElement[Any]:
    """part / whole as a float; null when there is no whole."""
    return cast(part, Float) / func.nullif(cast(whole, Float), 0)


__all__ = ["Kpi", "empty_frame", "kpi", "share_of"]
