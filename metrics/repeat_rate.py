"""Repeat purchase rate: the share of buying customers who bought more than once.

    repeat rate = customers with two or more valid orders in the period / customers with at least one

It rises with the length of the period: compare only periods of one length. Unit: ratio, 0 to 1; no value for a period
without orders; n = customers with an order. Interval: Wilson (1927).
Source: docs/metrics.md#repeat_rate
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Integer, Select, case, cast, func, select

from data_access.access import Crm
from metrics.kpi import Cut, Kpi, Measures, Row, kpi, share_of
from metrics.metric import SALES_FILTERS, Better, Unit
from metrics.periods import Span
from metrics.sales import valid_orders
from metrics.statistics import Change, compare_proportions, wilson


def buyers(crm: Crm, span: Span, cut: Cut | None = None) -> Select[Any]:
    """One row per customer (and bucket) with an order: customer_id, happened_at (the first order there), orders."""
    order = valid_orders(crm, span).subquery("valid").c
    bucket = [] if cut is None else [cut(order.happened_at)]
    first, count = func.min(order.happened_at).label("happened_at"), func.count().label("orders")
    return select(order.customer_id, first, count).group_by(order.customer_id, *bucket)


def measures(buyer: Any) -> Measures:
    """value, n and repeaters over buyers."""
    repeaters = cast(func.coalesce(func.sum(case((buyer.orders >= 2, 1), else_=0)), 0), Integer)
    return {"value": share_of(repeaters, func.count()), "n": func.count(), "repeaters": repeaters}


def interval(frame: pd.DataFrame) -> tuple[Any, Any]:
    """Wilson interval."""
    return wilson(frame["repeaters"], frame["n"])


def change(now: Row, then: Row) -> Change:
    """The change of the share, as two independent proportions."""
    return compare_proportions(now["repeaters"], now["n"], then["repeaters"], then["n"])


METRIC = kpi(
    "repeat_rate",
    Unit.RATIO,
    Better.HIGHER,
    Kpi(buyers, measures, change, interval, bucket_rows=buyers),
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=("region", "country", "segment", "acquired_channel"),
)
