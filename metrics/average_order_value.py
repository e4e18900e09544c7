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
import pandas as pd
from sqlalchemy import Select, func

from data_access.access import Crm
from data_access.source import Source
from metrics.kpi import Kpi, Measures, Row, kpi, share_of
from metrics.metric import SALES_FILTERS, Better, Unit
from metrics.periods import Span
from metrics.results import Note
from metrics.sales import sales, unpriced_note, unpriced_query
from metrics.statistics import Change, RatioSums, compare_ratios, ratio_interval


def priced_sales(crm: Crm, span: Span) -> Select[Any]:
    """The sales whose revenue is known."""
    query = sales(crm, span)
    return query.where(query.selected_columns.revenue.is_not(None))


def measures(sale: Any) -> Measures:
    """value and n over sales."""
    return {"value": share_of(func.sum(sale.revenue), func.sum(sale.is_order)), "n": func.sum(sale.is_order)}


def totals(customer: Any) -> Measures:
    """value and n, and the customers' sums of products, for the spread."""
    y, x = customer.revenue, customer.is_order
    return {
        "value": share_of(func.sum(y), func.sum(x)),
        "n": func.sum(x),
        "customers": func.count(),
        "y": func.sum(y),
        "yy": func.sum(y * y),
        "xy": func.sum(x * y),
        "xx": func.sum(x * x),
    }


def ratio_sums(row: Any) -> RatioSums:
    """The sums over customers that the interval of a ratio needs."""
    return RatioSums(n=row["customers"], y=row["y"], x=row["n"], yy=row["yy"], xy=row["xy"], xx=row["xx"])


def interval(frame: pd.DataFrame) -> tuple[Any, Any]:
    """Low and high where the sums are known; a trend shows none."""
    if "yy" not in frame:
        return np.nan, np.nan
    pairs = [ratio_interval(ratio_sums(row)) for row in frame.to_dict("records")]
    return [pair.low for pair in pairs], [pair.high for pair in pairs]


def notes(source: Source, span: Span, _now: Row) -> tuple[Note, ...]:
    """How many sales are left out."""
    return unpriced_note(source.fetch(unpriced_query(source.crm, span))["n"].iloc[0])


def change(now: Row, then: Row) -> Change:
    """The change of the ratio, tested against the spread between customers."""
    return compare_ratios(ratio_sums(_zeros(now)), ratio_sums(_zeros(then)))


def _zeros(row: Row) -> Row:
    return {name: 0.0 if np.isnan(value) else value for name, value in row.items()}


METRIC = kpi(
    "average_order_value",
    Unit.MONEY,
    Better.HIGHER,
    Kpi(priced_sales, measures, change, interval, cluster=("revenue", "is_order"), totals=totals, notes=notes),
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=("region", "country", "channel", "segment", "owner", "team", "acquired_channel"),
)
