"""Orders: how many valid orders were placed.

    orders = number of valid orders

Counted at the moment of the order. Unit: count; 0 for a period without orders; n = the same number.
Interval: customers as clusters of a compound Poisson process (docs/statistics.md).
Source: docs/metrics.md#orders
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Integer, Select, func, literal_column

from data_access.access import Crm
from metrics.kpi import Kpi, Measures, Row, kpi
from metrics.metric import SALES_FILTERS, Better, Unit
from metrics.periods import Span
from metrics.sales import valid_orders
from metrics.statistics import Change, compare_sums, sum_interval


def placed(crm: Crm, span: Span) -> Select[Any]:
    """One row per valid order: the columns of `valid_orders` and is_order (1)."""
    return valid_orders(crm, span).add_columns(literal_column("1", Integer).label("is_order"))


def measures(sale: Any) -> Measures:
    """value and n, both the number of orders."""
    return {"value": func.sum(sale.is_order), "n": func.sum(sale.is_order)}


def totals(customer: Any) -> Measures:
    """value, n, squares (of the customers' numbers) and customers."""
    return {
        "value": func.sum(customer.is_order),
        "n": func.sum(customer.is_order),
        "squares": func.sum(customer.is_order * customer.is_order),
        "customers": func.count(),
    }


def interval(frame: pd.DataFrame) -> tuple[Any, Any]:
    """Low and high where the squares are known; a trend shows none."""
    if "squares" not in frame:
        return np.nan, np.nan
    pairs = [sum_interval(value, squares) for value, squares in zip(frame["value"], frame["squares"], strict=True)]
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
    Kpi(placed, measures, change, interval, cluster=("is_order",), totals=totals, is_additive=True),
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=("region", "country", "channel", "segment", "owner", "team", "acquired_channel"),
)
