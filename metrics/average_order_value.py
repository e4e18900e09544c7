"""Average order value (AOV): revenue per order.

    average order value = revenue / number of valid orders

Revenue as in `revenue`, so credit notes lower it; orders whose rate is not known count in neither part.
Unit: money; no value for a period without orders; n = orders. Interval: ratio of two sums with customers as clusters
(Cochran 1977, section 6.4; docs/statistics.md).
Source: docs/metrics.md#average_order_value
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import Select, func

from data_access.source import Source
from metrics.kpi import Columns, Kpi, Measures, Row, count_of, kpi, rows_of, share_of
from metrics.metric import SALES_FILTERS, Better, Unit
from metrics.periods import Span
from metrics.results import Note
from metrics.sales import listed_sales, sales, unpriced_before, unpriced_note
from metrics.statistics import Change, RatioSums, compare_ratios, ratio_interval


def measures(sale: Any) -> Measures:
    """value, n and unpriced (sales without a rate) over sales."""
    orders = func.sum(sale.is_priced_order)
    return {"value": share_of(func.sum(sale.revenue), orders), "n": orders, "unpriced": func.sum(sale.is_unpriced)}


def totals(customer: Any) -> Measures:
    """value, n and unpriced, and the customers' sums of products, for the spread."""
    y, x = customer.revenue, customer.is_priced_order
    return {
        "value": share_of(func.sum(y), func.sum(x)),
        "n": func.sum(x),
        "unpriced": func.sum(customer.is_unpriced),
        "customers": count_of(customer.is_priced > 0),
        "y": func.sum(y),
        "yy": func.sum(y * y),
        "xy": func.sum(x * y),
        "xx": func.sum(x * x),
    }


def ratio_sums(row: Any) -> RatioSums:
    """The sums over customers that the interval of a ratio needs."""
    return RatioSums(n=row["customers"], y=row["y"], x=row["n"], yy=row["yy"], xy=row["xy"], xx=row["xx"])


def interval(of: Columns) -> tuple[Any, Any]:
    """Low and high where the sums are known; a trend shows none."""
    if "yy" not in of:
        return np.nan, np.nan
    pairs = [ratio_interval(ratio_sums(row)) for row in rows_of(of)]
    return [pair.low for pair in pairs], [pair.high for pair in pairs]


def notes(_source: Source, _span: Span, now: Row) -> tuple[Note, ...]:
    """How many sales are left out."""
    return unpriced_note(now.get("unpriced", 0))


def priced(rows: Select[Any]) -> Select[Any]:
    """The sales whose revenue is known, as they are listed."""
    return listed_sales(rows.where(rows.selected_columns.is_priced == 1))


def change(now: Row, then: Row) -> Change:
    """The change of the ratio, tested against the spread between customers."""
    return compare_ratios(ratio_sums(_zeros(now)), ratio_sums(_zeros(then)))


def _zeros(row: Row) -> Row:
    return {name: 0.0 if np.isnan(value) else value for name, value in row.items()}


METRIC = kpi(
    "average_order_value",
    Unit.MONEY,
    Better.HIGHER,
    Kpi(
        sales,
        measures,
        change,
        interval,
        cluster=("revenue", "is_priced_order", "is_priced", "is_unpriced"),
        totals=totals,
        listed=priced,
        notes=notes,
        baseline_notes=unpriced_before,
    ),
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=("region", "country", "channel", "segment", "owner", "team", "acquired_channel"),
)
