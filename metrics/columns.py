"""What the columns of answers mean, in one place: exports, the command line and docs/metrics.md say the same.

A unit of None stands for the metric's own unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from metrics.metric import Metric, Unit, all_metrics
from metrics.results import Bridge, Result

Meaning = tuple[Unit | None, str]
VERDICTS = "up, down, noise, too_few (under 30 cases) or no_baseline (the data cannot tell what was before)"

COLUMNS: dict[str, Meaning] = {
    "metric": (Unit.TEXT, "name of the metric"),
    "unit": (Unit.TEXT, "unit of the value; money is in the base currency"),
    "period": (Unit.DATE, "first day of the period or bucket"),
    "period_end": (Unit.DATE, "the day after its last day"),
    "group": (Unit.TEXT, "group of the dimension; empty where nothing is recorded"),
    "part": (Unit.TEXT, "part of the change"),
    "value": (None, "the value"),
    "n": (Unit.COUNT, "cases behind the value"),
    "low": (None, "lower end of the 95 % interval"),
    "high": (None, "upper end of the 95 % interval"),
    "share": (Unit.RATIO, "part of the whole"),
    "target": (None, "target for exactly this period"),
    "is_complete": (Unit.FLAG, "false while the bucket is not over or reaches beyond the period"),
    "compared_value": (None, "value of the period compared with"),
    "compared_n": (Unit.COUNT, "cases behind it"),
    "change": (None, "value less the value compared with"),
    "change_ratio": (Unit.RATIO, "change divided by the value compared with"),
    "change_low": (None, "lower end of the 95 % interval of the change"),
    "change_high": (None, "upper end of the 95 % interval of the change"),
    "verdict": (Unit.TEXT, VERDICTS),
    "dimension": (Unit.TEXT, "dimension of the part"),
    "before": (None, "value of the period compared with"),
    "after": (None, "value of the period"),
    "cohort": (Unit.DATE, "first day of the period in which the customers began"),
    "age": (Unit.COUNT, "whole periods since the cohort began"),
    "customers": (Unit.COUNT, "size of the cohort"),
    "active": (Unit.COUNT, "customers of the cohort who came back at this age"),
    "revenue": (Unit.MONEY, "net revenue of the cohort at this age"),
    "gross_revenue": (Unit.MONEY, "the same before refunds"),
    "revenue_rate": (Unit.RATIO, "revenue at this age divided by revenue at age 0"),
    "stage": (Unit.TEXT, "stage"),
    "stage_name": (Unit.TEXT, "name of the stage"),
    "position": (Unit.COUNT, "place of the stage, from 1"),
    "reached": (Unit.COUNT, "records that entered this stage or a later one (lost ones: this one)"),
    "in_order": (Unit.COUNT, "records that entered every earlier stage before this one"),
    "entered": (Unit.COUNT, "records that entered this stage"),
    "count": (Unit.COUNT, "records by the chosen reading"),
    "skipped": (Unit.COUNT, "records that reached a later stage without entering this one"),
    "step_conversion_rate": (Unit.RATIO, "count divided by the count of the stage before"),
    "step_low": (Unit.RATIO, "lower end of its 95 % interval"),
    "step_high": (Unit.RATIO, "upper end of its 95 % interval"),
    "conversion_rate": (Unit.RATIO, "count divided by the count of the first stage"),
    "still_open": (Unit.COUNT, "records of the cohort that are not closed yet"),
    "still_here": (Unit.COUNT, "records that are in this stage now"),
    "still_there": (Unit.COUNT, "records that are in the stage now"),
    "lost": (Unit.COUNT, "records lost from this stage"),
    "median_days": (Unit.DAYS, "median days"),
    "mean_days": (Unit.DAYS, "mean days"),
    "median_low": (Unit.DAYS, "lower end of the median's 95 % interval"),
    "median_high": (Unit.DAYS, "upper end of the median's 95 % interval"),
    "share_open": (Unit.RATIO, "share still in the stage"),
    "history_rate": (Unit.RATIO, "the step's rate over earlier cohorts, followed equally long"),
    "history_n": (Unit.COUNT, "records behind it"),
    "step_verdict": (Unit.TEXT, "the step against its own history"),
}
AMOUNT_DIGITS, DIGITS = 6, 12  # decimals of an amount; significant digits of any other number with a fraction
OF_COMPARISON = ("period", "value", "n", "change", "change_ratio", "change_low", "change_high", "verdict")
FACTORS = {"customers": Unit.COUNT, "orders_per_customer": Unit.NUMBER, "value_per_order": Unit.MONEY}
OF_FACTORS = ("before", "after")
KINDS = {"previous": "the period before", "year": "the same period a year before"}


def meaning(metric: Metric, column: str) -> Meaning:
    """Unit and meaning of a column of a metric's frame. Raises KeyError for one that is not described."""
    if column in metric.columns:
        return metric.columns[column]
    if column in COLUMNS:
        return COLUMNS[column]
    kind, _, name = column.partition("_")
    if kind in KINDS and name in OF_COMPARISON:
        unit, text = COLUMNS[name]
        return unit, f"{KINDS[kind]}: {text}"
    raise KeyError(f"{metric.name}: the column {column!r} is not described in metrics/columns.py")


def differs_by_row(metric: Metric, result: Result, column: str) -> str:
    """What decides the unit of a column whose rows have units of their own: `metric`, `part`, or nothing."""
    if isinstance(result, Bridge) and result.kind == "factors" and column in OF_FACTORS:
        return "part"
    return "metric" if metric.unit is Unit.TEXT and meaning(metric, column)[0] is None else ""


def unit_in_row(metric: Metric, result: Result, column: str, row: Mapping[str, Any]) -> Unit:
    """The unit of one cell: that of its row where the rows have units of their own."""
    decides = differs_by_row(metric, result, column)
    if decides == "metric":
        return all_metrics()[row["metric"]].unit
    return FACTORS[row["part"]] if decides == "part" else unit_of(metric, column)


def unit_of(metric: Metric, column: str) -> Unit:
    """The unit of a column; the metric's own where the column has no other."""
    return meaning(metric, column)[0] or metric.unit


def amounts_in(metric: Metric, frame: pd.DataFrame) -> list[str]:
    """The columns of money."""
    return [str(name) for name in frame.columns if unit_of(metric, str(name)) is Unit.MONEY]


def without_noise(value: Any, is_amount: bool = False) -> Any:
    """A number with a fraction without what only the computer's way of counting has left behind: 21.92 stays 21.92."""
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    return round(float(value), AMOUNT_DIGITS) if is_amount else float(f"{value:.{DIGITS}g}")


# -- which columns an answer has ------------------------------------------------------------------------------------
VALUE = ("period", "period_end", "value", "n", "low", "high")
OF_TOTAL = (*VALUE, "target", *(f"{kind}_{name}" for kind in KINDS for name in OF_COMPARISON))
OF_TREND = (*VALUE, "is_complete")
OF_GROUPS = (
    *("group", "value", "n", "low", "high", "share", "compared_value", "compared_n"),
    *("change", "change_low", "change_high", "verdict"),
)
OF_METRIC = {  # the frames of those that are no key figures
    "findings": ("metric", "value", "n", "change", "change_ratio", "verdict", "dimension", "part", "share"),
    "kpis": ("metric", "unit", *OF_TOTAL),
    "revenue_change": ("part", "before", "after", "change", "share", "verdict"),
    "retention": (
        *("cohort", "age", "customers", "active", "value", "n", "low", "high", "is_complete"),
        *("revenue", "gross_revenue", "revenue_rate"),
    ),
    "funnel": (
        *("stage", "stage_name", "position", "reached", "in_order", "entered", "count", "skipped"),
        *("step_conversion_rate", "step_low", "step_high", "conversion_rate", "low", "high"),
        *("still_open", "still_here", "lost", "median_days", "mean_days", "n", "compared_value", "compared_n"),
        *("change", "change_low", "change_high", "verdict", "history_rate", "history_n", "step_verdict"),
    ),
    "time_in_stage": (
        *("stage", "stage_name", "position", "n", "median_days", "median_low", "median_high", "mean_days"),
        *("share_open", "still_there"),
    ),
}


WITH_GROUPS = ("retention", "funnel")


def frames(metric: Metric) -> dict[str, tuple[str, ...]]:
    """The columns of a metric's rows, by what has to be asked for to get them."""
    if metric.is_kpi:
        return {"shape=total": OF_TOTAL, "shape=trend": OF_TREND, "by=DIMENSION": OF_GROUPS}
    columns = OF_METRIC.get(metric.name)
    if columns is None:
        return {}
    return {"": columns} | ({"by=DIMENSION": ("group", *columns)} if metric.name in WITH_GROUPS else {})
