"""Repeat purchase rate: the share of buying customers who bought more than once.

    repeat rate = customers with two or more valid orders in the period / customers with at least one

It rises with the length of the period: compare only periods of one length. Unit: ratio, 0 to 1; no value for a period
without orders; n = customers with an order. Interval: Wilson (1927).
Source: docs/metrics.md#repeat_rate
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, select

from metrics.kpi import Columns, Kpi, Measures, Row, count_of, kpi, share_of
from metrics.metric import SALES_FILTERS, Better, Unit
from metrics.sales import listed_orders, sales
from metrics.statistics import Change, compare_proportions, wilson


def totals(customer: Any) -> Measures:
    """value, n (customers who ordered) and repeaters."""
    is_known = customer.customer_id.is_not(None)
    buyers, repeaters = (count_of(and_(customer.is_order >= orders, is_known)) for orders in (1, 2))
    return {"value": share_of(repeaters, buyers), "n": buyers, "repeaters": repeaters}


def buyers(rows: Select[Any]) -> Select[Any]:
    """One row per customer with an order: customer_id, happened_at (the first order), orders."""
    order = listed_orders(rows).subquery("order").c
    first, count = func.min(order.happened_at).label("happened_at"), func.count().label("orders")
    query = select(order.customer_id, first, count).where(order.customer_id.is_not(None))
    return query.group_by(order.customer_id)


def interval(of: Columns) -> tuple[Any, Any]:
    """Wilson interval."""
    return wilson(of["repeaters"], of["n"])


def change(now: Row, then: Row) -> Change:
    """The change of the share, as two independent proportions."""
    return compare_proportions(now["repeaters"], now["n"], then["repeaters"], then["n"])


METRIC = kpi(
    "repeat_rate",
    Unit.RATIO,
    Better.HIGHER,
    Kpi(sales, None, change, interval, cluster=("is_order",), totals=totals, listed=buyers, grows_with_days=True),
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=("region", "country", "segment", "acquired_channel"),
)
