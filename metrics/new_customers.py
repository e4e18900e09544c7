"""New customers: how many placed their first valid order ever.

    new customers = number of customers whose first valid order, over the whole history, lies in the period

A filter on orders (channel, owner, category) is applied before the first order is looked for. In the first months
of the data those who bought before seem new: a change is judged where 90 days are known before the period that it is
compared with.
Unit: count; 0 for a period without one; n = the same number. Interval: exact Poisson (Garwood 1936).
Source: docs/metrics.md#new_customers
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select

from data_access.access import Crm
from metrics.customers import change, interval
from metrics.kpi import Kpi, Measures, kpi
from metrics.metric import SALES_FILTERS, Better, Unit
from metrics.periods import Span
from metrics.sales import first_orders

RUN_IN = timedelta(days=90)


def newcomers(crm: Crm, span: Span) -> Select[Any]:
    """One row per customer whose first order lies in the span: customer_id, happened_at."""
    first = first_orders(crm)
    return select(first.c.customer_id, first.c.happened_at).where(span.holds(first.c.happened_at))


def measures(_: Any) -> Measures:
    """value and n, both the number of newcomers."""
    return {"value": func.count(), "n": func.count()}


METRIC = kpi(
    "new_customers",
    Unit.COUNT,
    Better.HIGHER,
    Kpi(newcomers, measures, change, interval, is_additive=True, run_in=RUN_IN, grows_with_days=True),
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=("region", "country", "segment", "acquired_channel"),
)
