"""Why revenue moved: the change of revenue split into parts that add up to it exactly.

    by factors      customers x orders per customer x value per order; each part is the factor's Shapley value: its
                    effect averaged over every order in which the factors can be replaced (Shorrocks 2013)
    by a dimension  revenue of each group now less then

The span and the one that it is compared with are cut alike when the period is unfinished. Unit: money; no value where
nothing is known of one of the two.
Source: docs/metrics.md#revenue_change
"""

from __future__ import annotations

import math

import pandas as pd

from data_access.source import Source
from metrics import revenue
from metrics.kpi import PERIOD, Row, by_group, compared_spans, is_unknown, judged, span_notes, total_rows
from metrics.metric import SALES_FILTERS, Better, Metric, Option, Unit
from metrics.periods import compared, observed
from metrics.question import Question
from metrics.results import Breakdown, Bridge
from metrics.sales import unpriced_note
from metrics.statistics import shapley_product

FACTORS = ("customers", "orders_per_customer", "value_per_order")
BY = ("factors", "region", "country", "channel", "segment", "owner", "team", "category", "acquired_channel")


def explain(source: Source, question: Question) -> Bridge:
    """Frame: part, before, after, change, share (of the whole change), verdict; sorted by size for a dimension."""
    span = observed(question.filters.period, source.calendar, source.crm.until)
    then = compared(span, question.filters.comparison, source.calendar)
    now_row, then_row = _totals(source, question)
    change = judged(revenue.change(now_row, then_row), revenue.METRIC, source, span, then)
    by = question.option("by")
    parts = _factors(now_row, then_row) if by == "factors" else _groups(source, question, by)
    whole = now_row["value"] - then_row["value"]
    parts["share"] = parts["change"] / whole if whole else math.nan
    return Bridge(
        frame=parts[["part", "before", "after", "change", "share", "verdict"]],
        n=0 if math.isnan(now_row["n"]) else int(now_row["n"]),
        notes=(*span_notes(revenue.METRIC, source, span, then), *unpriced_note(now_row["unpriced"])),
        kind=by,
        before=then_row["value"],
        after=now_row["value"],
        now=span,
        then=then,
        comparison=question.filters.comparison,
        change=change,
    )


def _totals(source: Source, question: Question) -> tuple[Row, Row]:
    """The measures of revenue now and then: 0 where nothing was sold, nan where nothing is known."""
    spans = compared_spans(revenue.METRIC, source, question.filters)
    rows = total_rows(revenue.METRIC.parts, source, spans)
    unknown = dict.fromkeys(rows[PERIOD], math.nan)
    now = unknown if is_unknown(revenue.METRIC, source, spans[PERIOD]) else _zeros(rows[PERIOD])
    then = rows.get(question.filters.comparison.value)
    return now, unknown if then is None else _zeros(then)


def _zeros(row: Row) -> Row:
    return {name: 0.0 if math.isnan(value) else value for name, value in row.items()}


def _factors(now: Row, then: Row) -> pd.DataFrame:
    after, before = _levels(now), _levels(then)
    changes = shapley_product(before, after)
    # Credit notes of a period without orders belong to no factor: what is left over is value per order.
    rest = (now["value"] - then["value"]) - sum(changes)
    changes = (*changes[:-1], changes[-1] + rest)
    return pd.DataFrame(
        {"part": list(FACTORS), "before": before, "after": after, "change": changes, "verdict": [""] * len(FACTORS)}
    )


def _levels(row: Row) -> tuple[float, float, float]:
    """customers, orders per customer, value per order; 0 where there is nothing to divide by."""
    orders, buyers = row["n"], row["buyers"]
    return buyers, orders / buyers if buyers else 0.0, row["value"] / orders if orders else 0.0


def _groups(source: Source, question: Question, by: str) -> pd.DataFrame:
    answer: Breakdown = by_group(revenue.METRIC, revenue.METRIC.parts, source, question, by)
    frame = answer.frame.rename(columns={"group": "part", "value": "after", "compared_value": "before"})
    frame["change"] = frame["after"] - frame["before"]
    order = frame["change"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


METRIC = Metric(
    "revenue_change",
    Unit.MONEY,
    Better.HIGHER,
    explain,
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=BY[1:],
    options={"by": Option(BY, "factors", "factors, or the groups of a dimension")},
)
