"""Orders: how many valid orders were placed.

    orders = number of valid orders

Counted at the moment of the order. Unit: count; 0 for a period without orders; n = the same number.
Interval: customers as clusters of a compound Poisson process (docs/statistics.md).
Source: docs/metrics.md#orders
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import func

from metrics.kpi import Columns, Kpi, Measures, Row, count_of, kpi
from metrics.metric import SALES_FILTERS, Better, Unit
from metrics.sales import listed_orders, sales
from metrics.statistics import Change, compare_sums, sum_interval


def measures(sale: Any) -> Measures:
    """value and n, both the number of orders."""
    return {"value": func.sum(sale.is_order), "n": func.sum(sale.is_order)}


def totals(customer: Any) -> Measures:
    """value, n, squares (of the customers' numbers) and customers."""
    return {
        "value": func.sum(customer.is_order),
        "n": func.sum(customer.is_order),
        "squares": func.sum(customer.is_order * customer.is_order),
        "customers": count_of(customer.is_order > 0),
    }


def interval(of: Columns) -> tuple[Any, Any]:
    """Low and high where the squares are known; a trend shows none."""
    if "squares" not in of:
        return np.nan, np.nan
    pairs = [sum_interval(value, squares) for value, squares in zip(of["value"], of["squares"], strict=True)]
    return [max(pair.low, 0) for pair in pairs], [pair.high for pair in pairs]


def change(now: Row, then: Row) -> Change:
    """The change of the number, tested against the spread between customers."""
    return compare_sums(
        now["value"], now["squares"], now["customers"], then["value"], then["squares"], then["customers"]
    )


METRIC = kpi(
    "orders",
    Unit.COUNT,
    Better.HIGHER,
    Kpi(
        sales,
        measures,
        change,
        interval,
        cluster=("is_order",),
        totals=totals,
        is_additive=True,
        grows_with_days=True,
        listed=listed_orders,
    ),
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=("region", "country", "channel", "segment", "owner", "team", "acquired_channel"),
)
