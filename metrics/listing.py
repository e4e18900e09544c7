"""The rows behind a number: the customers, orders or deals that it counted, from the select that counted them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Select, func, select

from data_access.source import Source
from metrics import dimensions
from metrics.figure import Kpi
from metrics.filters import among, narrow
from metrics.metric import Metric, metric_named
from metrics.periods import Period, observed
from metrics.question import Question

Part = Mapping[str, str]
Listing = Callable[[Source, Question, Part, int], tuple[pd.DataFrame, int]]


def listing(name: str) -> Listing | None:
    """How the rows behind a metric are listed: (source, question, part, limit) -> (frame, number of all rows)."""
    metric = metric_named(name)
    rows_of = metric.listing
    if rows_of is not None:
        return lambda source, question, part, limit: _listed(
            source, metric, lambda narrowed: rows_of(narrowed, question, part), question, limit
        )
    if metric.is_kpi:
        return lambda source, question, part, limit: _listed(
            source, metric, lambda narrowed: kpi_rows(metric, narrowed, question, part), question, limit
        )
    return None


def _listed(
    source: Source, metric: Metric, query_of: Callable[[Source], Select[Any]], question: Question, limit: int
) -> tuple[pd.DataFrame, int]:
    narrowed = source.with_crm(narrow(source.crm, question.filters, metric.filters))
    query = query_of(narrowed)
    total = int(
        narrowed.fetch(select(func.count().label("n")).select_from(query.order_by(None).subquery("listed")))["n"].iloc[
            0
        ]
    )
    return narrowed.fetch(query.limit(limit)), total


def kpi_rows(metric: Metric, source: Source, question: Question, part: Part) -> Select[Any]:
    """One row per case of a key figure, with the customer's name; `part` may name a group or a bucket."""
    parts: Kpi = metric.parts if isinstance(metric.parts, Kpi) else metric.parts(source, question)
    period = question.filters.period
    if "from" in part:
        period = Period(date.fromisoformat(part["from"][:10]), date.fromisoformat(part["to"][:10]))
    span = observed(period, source.calendar, source.crm.until)
    dimension = question.option("by")
    if dimension and "group" in part:
        make = parts.category_rows if dimension == "category" and parts.category_rows else parts.rows
        rows, group = dimensions.grouped(source.crm, make(source.crm, span), dimension)
        query = select(*rows.c).select_from(rows.join_from).where(among(group, [part["group"]]))
    else:
        query = parts.rows(source.crm, span)
    return with_names(source, parts.listed(query) if parts.listed else query)


def with_names(source: Source, query: Select[Any]) -> Select[Any]:
    """The rows with the customer's name beside the key, the latest first."""
    rows = query.subquery("listed")
    order = [rows.c.happened_at.desc()] if "happened_at" in rows.c else []
    if "customer_id" not in rows.c or not source.crm.has("customers"):
        return select(*rows.c).order_by(*order)
    people = source.crm.customers
    joined = rows.outerjoin(people, people.c.customer_id == rows.c.customer_id)
    name = people.c.name.label("customer_name")
    columns = [c for c in rows.c if c.name != "customer_id"]
    return select(rows.c.customer_id, name, *columns).select_from(joined).order_by(*order, rows.c.customer_id)
