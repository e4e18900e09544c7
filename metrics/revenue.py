"""Revenue: what valid orders brought in, net of discount, refunds and credit notes, without tax.

    revenue = sum(net_base - refunded_base) over valid orders, less credit notes on their own date

Counted at the moment of the order, in the base currency; refunds count in the period of their order. An order without
a known rate is left out and counted in a note; where no order has one there is no value, though n counts them.
Unit: money; 0 for a period without orders; n = valid orders.
Interval: customers as clusters of a compound Poisson process (docs/statistics.md).
Source: docs/metrics.md#revenue
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import Float, and_, case, cast, func, null

from data_access.source import Source
from metrics.kpi import Columns, Kpi, Measures, Row, count_of, kpi
from metrics.metric import SALES_FILTERS, Better, Unit
from metrics.periods import Span
from metrics.results import Note
from metrics.sales import listed_sales, rows_by_category, sales, unpriced_before, unpriced_note
from metrics.statistics import Change, compare_sums, sum_interval


def measures(sale: Any) -> Measures:
    """value, n and unpriced (sales without a rate) over sales; no value where none has a rate."""
    value = case((func.count(sale.revenue) > 0, cast(func.sum(sale.revenue), Float)))
    return {"value": value, "n": func.sum(sale.is_order), "unpriced": func.sum(sale.is_unpriced)}


def totals(customer: Any) -> Measures:
    """value, n, squares (of the customers' sums), customers, buyers (who ordered), unpriced (sales without a rate)."""
    is_all_unpriced = and_(func.sum(customer.is_unpriced) > 0, func.sum(customer.is_priced) == 0)
    is_buyer = and_(customer.is_order > 0, customer.customer_id.is_not(None))
    return {
        "value": case((is_all_unpriced, null()), else_=func.sum(customer.revenue)),
        "n": func.sum(customer.is_order),
        "squares": func.sum(customer.revenue * customer.revenue),
        "customers": func.count(),
        "buyers": count_of(is_buyer),
        "unpriced": func.sum(customer.is_unpriced),
    }


def interval(of: Columns) -> tuple[Any, Any]:
    """Low and high where the squares are known; a trend shows none."""
    if "squares" not in of:
        return np.nan, np.nan
    pairs = [sum_interval(value, squares) for value, squares in zip(of["value"], of["squares"], strict=True)]
    return [pair.low for pair in pairs], [pair.high for pair in pairs]


def notes(_source: Source, _span: Span, now: Row) -> tuple[Note, ...]:
    """How many sales are left out."""
    return unpriced_note(now.get("unpriced", 0))


def change(now: Row, then: Row) -> Change:
    """The change of the sum, tested against the spread between customers."""
    return compare_sums(
        now["value"], now["squares"], now["customers"], then["value"], then["squares"], then["customers"]
    )


METRIC = kpi(
    "revenue",
    Unit.MONEY,
    Better.HIGHER,
    Kpi(
        sales,
        measures,
        change,
        interval,
        cluster=("revenue", "is_order", "is_priced", "is_unpriced"),
        totals=totals,
        is_additive=True,
        grows_with_days=True,
        listed=listed_sales,
        notes=notes,
        baseline_notes=unpriced_before,
        category_rows=rows_by_category,
    ),
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=("region", "country", "channel", "segment", "owner", "team", "category", "acquired_channel"),
)
