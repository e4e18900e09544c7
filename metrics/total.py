"""One value for a period: its interval, its changes against both comparisons, its target."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select

from data_access.access import Crm
from data_access.source import Source
from metrics import targets
from metrics.baseline import compared_spans, is_unknown, judged, no_baseline, span_notes
from metrics.counting import PERIOD, figures_rows, span_rows, spans_query
from metrics.figure import Kpi, Row, columns_of
from metrics.metric import Metric
from metrics.periods import Comparison, Span, Spans, compared
from metrics.question import Question
from metrics.results import Compared, Total


@dataclass(frozen=True)
class Together:
    """Key figures that count the same rows and are asked for at once: one statement counts them all."""

    metrics: tuple[Metric, ...]
    _built: dict[Spans, tuple[Crm, Select[Any]]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def figures(self) -> dict[str, Kpi]:
        """Their parts by the prefix under which the statement tells their measures."""
        return {f"{each.name}_": each.parts for each in self.metrics}

    def total(self, metric: Metric, source: Source, question: Question) -> Total:
        """The answer of one of them; the statement that counts all is run for the first, its rows are kept."""
        spans = compared_spans(metric, source, question.filters)
        rows = figures_rows(self.figures, source, spans, lambda every: self._query(source, every))[f"{metric.name}_"]
        return _total(metric, metric.parts, source, question, spans, rows)

    def _query(self, source: Source, spans: Spans) -> Select[Any]:
        """The statement, built once: all narrow the same tables by the same filters."""
        crm, query = self._built.get(spans, (None, None))
        if query is None or crm is not source.everything:
            query = spans_query(self.figures, source.crm, spans)
            self._built[spans] = source.everything, query
        return query


def together(metrics: list[Metric]) -> dict[str, Together]:
    """By the metric's name, the figures with which it can be counted at once; one that has no such is left out."""
    alike: dict[object, list[Metric]] = {}
    for metric in metrics:
        parts = metric.parts
        if isinstance(parts, Kpi) and parts.totals and not parts.bucket_rows:
            alike.setdefault((parts.rows, metric.needs, metric.filters), []).append(metric)
    groups = (Together(tuple(group)) for group in alike.values() if len(group) > 1)
    return {metric.name: group for group in groups for metric in group.metrics}


def total(metric: Metric, parts: Kpi, source: Source, question: Question) -> Total:
    """The value of the period, its interval, its changes and its target."""
    spans = compared_spans(metric, source, question.filters)
    return _total(metric, parts, source, question, spans, span_rows(parts, source, spans))


def _total(
    metric: Metric,
    parts: Kpi,
    source: Source,
    question: Question,
    spans: Mapping[str, Span],
    rows: Mapping[str, Row],
) -> Total:
    filters, span, now = question.filters, spans[PERIOD], rows[PERIOD]
    if is_unknown(metric, source, span):
        now["value"] = math.nan
    comparisons = tuple(_compared(metric, parts, source, span, rows, kind) for kind in Comparison)
    value = now["value"]
    low, high = ([math.nan], [math.nan]) if math.isnan(value) else parts.intervals(columns_of([now]))
    met = next(item.then for item in comparisons if item.kind is filters.comparison)
    return Total(
        n=int(now["n"]),
        notes=(
            *span_notes(metric, parts, source, span, met),
            *parts.own_notes(source, span, now),
            *parts.notes_of_baseline(rows.get(filters.comparison.value)),
        ),
        span=span,
        value=value,
        low=float(low[0]),
        high=float(high[0]),
        comparisons=comparisons,
        target=targets.target(source, metric, filters, parts.is_additive),
    )


def _compared(
    metric: Metric, parts: Kpi, source: Source, span: Span, rows: Mapping[str, Row], kind: Comparison
) -> Compared:
    then, now = compared(span, kind, source.calendar), rows[PERIOD]
    row = rows.get(kind.value)
    if row is None:
        return Compared(kind, span, then, math.nan, 0, no_baseline(now["value"]))
    change = judged(parts.compare(now, row), metric, source, span, then, parts.run_in)
    return Compared(kind, span, then, row["value"], int(row["n"]), change)
