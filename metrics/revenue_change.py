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
from collections.abc import Mapping

import pandas as pd

from data_access.source import Source
from metrics import revenue
from metrics.baseline import is_unknown, judged, span_notes
from metrics.breakdown import group_frame, whole_of
from metrics.counting import COMPARED, PERIOD, Groups, group_rows, span_rows
from metrics.dimensions import OF_CUSTOMERS
from metrics.figure import Row, number
from metrics.metric import SALES_FILTERS, Better, Metric, Option, Unit
from metrics.periods import Span, compared, observed
from metrics.question import Question
from metrics.results import Bridge
from metrics.sales import unpriced_before, unpriced_note
from metrics.statistics import shapley_product

FACTORS = ("customers", "orders_per_customer", "value_per_order")
MEASURED = ("value", "n", "squares", "customers", "buyers", "unpriced")
BY = ("factors", "region", "country", "channel", "segment", "owner", "team", "category", "acquired_channel")


def explain(source: Source, question: Question) -> Bridge:
    """Frame: part, before, after, change, share (of the whole change), verdict; sorted by size for a dimension."""
    span = observed(question.filters.period, source.calendar, source.crm.until)
    then = compared(span, question.filters.comparison, source.calendar)
    by = question.option("by")
    groups = None if by == "factors" else group_rows(revenue.METRIC.parts, source, span, then, by)
    now_row, then_row = _totals(source, span, then, by, groups)
    change = judged(revenue.change(now_row, then_row), revenue.METRIC, source, span, then)
    wholes = {"after": now_row["value"], "before": then_row["value"]}
    parts = _groups(source, (span, groups[0]), (then, groups[1]), wholes) if groups else _factors(now_row, then_row)
    whole = now_row["value"] - then_row["value"]
    parts["share"] = parts["change"] / whole if whole else math.nan
    return Bridge(
        frame=parts[["part", "before", "after", "change", "share", "verdict"]],
        n=0 if math.isnan(now_row["n"]) else int(now_row["n"]),
        notes=(
            *span_notes(revenue.METRIC, revenue.METRIC.parts, source, span, then),
            *unpriced_note(now_row["unpriced"]),
            *unpriced_before(then_row),
        ),
        kind=by,
        before=then_row["value"],
        after=now_row["value"],
        now=span,
        then=then,
        comparison=question.filters.comparison,
        change=change,
        lacks_rate=any(row["unpriced"] > 0 and math.isnan(row["value"]) for row in (now_row, then_row)),
    )


def _totals(source: Source, span: Span, then: Span, by: str, groups: tuple[Groups, Groups] | None) -> tuple[Row, Row]:
    """The measures of revenue now and then: 0 where nothing was sold, nan where nothing is known.

    Groups of customers add up to them; through several channels one customer may have bought.
    """
    known = {
        name: each for name, each in ((PERIOD, span), (COMPARED, then)) if not is_unknown(revenue.METRIC, source, each)
    }
    if groups and by in OF_CUSTOMERS:
        rows = {name: whole_of(groups[name == COMPARED]) for name in known}
    else:
        rows = span_rows(revenue.METRIC.parts, source, known)
    return _measured(rows.get(PERIOD)), _measured(rows.get(COMPARED))


def _measured(row: Row | None) -> Row:
    """The measures; without a value where no row of a period with sales has a rate."""
    found = {name: math.nan if row is None else number(row.get(name), 0.0) for name in MEASURED}
    is_unpriced = found["unpriced"] > 0 and row is not None and math.isnan(number(row.get("value")))
    return found | {"value": math.nan} if is_unpriced else found


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


def _groups(
    source: Source, now: tuple[Span, Groups], then: tuple[Span, Groups], wholes: Mapping[str, float]
) -> pd.DataFrame:
    frame = group_frame(revenue.METRIC, revenue.METRIC.parts, source, now, then)
    frame = frame.rename(columns={"group": "part", "value": "after", "compared_value": "before"})
    for side, whole in wholes.items():  # what has no rate is left out of a part as it is of the whole
        frame[side] = math.nan if math.isnan(whole) else frame[side].fillna(0.0)
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
