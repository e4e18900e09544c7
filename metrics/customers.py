"""Customers: how many different customers placed a valid order.

    customers = number of distinct customers with at least one valid order in the period

A customer who orders in two months counts in both, and once in the quarter: months do not add up to it.
Unit: count; 0 for a period without orders; n = the same number. Interval: exact Poisson (Garwood 1936).
Source: docs/metrics.md#customers
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, select

from metrics.kpi import Columns, Kpi, Measures, Row, count_of, kpi
from metrics.metric import SALES_FILTERS, Better, Unit
from metrics.sales import listed_orders, sales
from metrics.statistics import Change, compare_counts, poisson_interval


def totals(customer: Any) -> Measures:
    """value and n, both the number of customers who ordered and are known."""
    has_ordered = and_(customer.is_order > 0, customer.customer_id.is_not(None))
    customers = count_of(has_ordered)
    return {"value": customers, "n": customers}


def once_each(rows: Select[Any]) -> Select[Any]:
    """One row per customer with an order: customer_id, happened_at (of the last one), orders."""
    order = listed_orders(rows).subquery("order").c
    last = func.max(order.happened_at).label("happened_at")
    query = select(order.customer_id, last, func.count().label("orders")).where(order.customer_id.is_not(None))
    return query.group_by(order.customer_id)


def interval(of: Columns) -> tuple[Any, Any]:
    """Exact Poisson interval of each count."""
    pairs = [poisson_interval(value) for value in of["value"]]
    return [pair.low for pair in pairs], [pair.high for pair in pairs]


def change(now: Row, then: Row) -> Change:
    """The change of the number, as two Poisson counts."""
    return compare_counts(now["value"], then["value"])


METRIC = kpi(
    "customers",
    Unit.COUNT,
    Better.HIGHER,
    Kpi(
        sales,
        None,
        change,
        interval,
        cluster=("is_order",),
        totals=totals,
        is_zero_when_empty=True,
        grows_with_days=True,
        listed=once_each,
    ),
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=("region", "country", "channel", "segment", "owner", "team", "acquired_channel"),
)
