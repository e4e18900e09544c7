"""Targets: what the company set out to reach, where a target is set for exactly the asked period.

Months' targets add up to a quarter's for money and counts; for a ratio or a score the period must match one target.
A filtered figure has no target, because targets are set for the whole company.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, or_, select

from data_access.access import Crm
from data_access.source import Source
from metrics.metric import Metric, Unit
from metrics.periods import Period
from metrics.question import Filters


def targets_query(crm: Crm, period: Period) -> Select[object]:
    """Columns: metric, period_start, period_end (last day, included), value; the company's, within a period."""
    target = crm.targets.c
    return (
        select(target.metric, target.period_start, target.period_end, target.value)
        .where(target.scope_type == "company")
        .where(target.period_start >= period.start, target.period_end < period.end)
        .where(or_(target.currency.is_(None), target.currency == crm.settings.base_currency))
        .order_by(target.metric, target.period_start)
    )


def target(source: Source, metric: Metric, filters: Filters) -> float | None:
    """The target of a metric for a period, None when none fits exactly. One statement serves every metric."""
    if filters.where or not source.crm.has("targets") or not source.policy.sees_all:
        return None
    everything = source.fetch(targets_query(source.crm, filters.period))
    frame = everything[everything["metric"] == metric.name]
    if frame.empty or not _tiles(frame, filters.period):
        return None
    if metric.unit in (Unit.MONEY, Unit.COUNT):
        return float(frame["value"].sum())
    return float(frame["value"].iloc[0]) if len(frame) == 1 else None


def _tiles(frame, period: Period) -> bool:  # type: ignore[no-untyped-def]
    """The targets follow each other without gap or overlap from the first day to the last."""
    expected = period.start
    for start, end in zip(frame["period_start"].dt.date, frame["period_end"].dt.date, strict=True):
        if start != expected:
            return False
        expected = end + timedelta(days=1)
    return bool(expected == period.end)
