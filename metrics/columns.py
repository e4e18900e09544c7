"""What the columns of answers mean, in one place: exports, the command line and docs/metrics.md say the same.

A unit of None stands for the metric's own unit.
"""

from __future__ import annotations

from metrics.metric import Metric, Unit

Meaning = tuple[Unit | None, str]

COLUMNS: dict[str, Meaning] = {
    "metric": (Unit.TEXT, "name of the metric"),
    "unit": (Unit.TEXT, "unit of the value"),
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
    "verdict": (Unit.TEXT, "up, down, noise, too_few or no_baseline"),
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
OF_COMPARISON = ("period", "value", "n", "change", "change_ratio", "change_low", "change_high", "verdict")
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


def unit_of(metric: Metric, column: str) -> Unit:
    """The unit of a column; the metric's own where the column has no other."""
    return meaning(metric, column)[0] or metric.unit
