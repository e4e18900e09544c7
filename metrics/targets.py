"""Targets: what the company set out to reach, where a target is set for exactly the asked period.

One that is set for the period itself comes first. Else months' targets add up to a quarter's, where the figure's own
months do (revenue, orders; not customers or an average). A filtered figure has no target, because targets are set for
the whole company.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, or_, select

from data_access.access import Crm
from data_access.source import Source
from metrics.metric import Metric
from metrics.periods import Period
from metrics.question import Filters


def targets_query(crm: Crm, period: Period) -> Select[object]:
    """Columns: metric, period_start, period_end (last day, included), value; the company's, within a period."""
    target = crm.targets.c
    return (
        select(target.metric, target.period_start, target.period_end, target.value)
        .where(target.scope_type == "company")
        .where(target.period_start >= period.start, target.period_end < period.end)
        .where(target.period_end >= target.period_start)
        .where(or_(target.currency.is_(None), target.currency == crm.settings.base_currency))
        .order_by(target.metric, target.period_start)
    )


def target(source: Source, metric: Metric, filters: Filters, is_additive: bool) -> float | None:
    """The target of a metric for a period, None when none fits exactly. One statement serves every metric."""
    if filters.where or not source.crm.has("targets") or not source.policy.sees_all:
        return None
    everything = source.rows(targets_query(source.crm, filters.period))
    rows = [row for row in everything if row["metric"] == metric.name]
    periods = [Period(row["period_start"], row["period_end"] + timedelta(days=1)) for row in rows]
    if filters.period in periods:
        return float(rows[periods.index(filters.period)]["value"])
    return float(sum(row["value"] for row in rows)) if is_additive and _tiles(periods, filters.period) else None


def _tiles(parts: list[Period], whole: Period) -> bool:
    """The parts follow each other without gap or overlap from the first day of the whole to its last."""
    ends = [whole.start, *(part.end for part in parts)]
    return [*(part.start for part in parts), whole.end] == ends
