"""A value per group of a dimension, now and then."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from data_access.source import Source
from metrics import dimensions
from metrics.baseline import compared_spans, is_baseline, is_unknown, span_notes
from metrics.counting import PERIOD, Groups, group_rows, span_rows
from metrics.figure import Kpi, Row, columns_of, number
from metrics.metric import Metric
from metrics.periods import Span, compared, observed
from metrics.question import Question
from metrics.results import Breakdown
from metrics.statistics import benjamini_hochberg
from metrics.statistics.change import LEVEL, Change, Verdict

GROUP_COLUMNS = (
    "group",
    "value",
    "n",
    "low",
    "high",
    "share",
    "compared_value",
    "compared_n",
    "change",
    "change_low",
    "change_high",
    "verdict",
)


def by_group(metric: Metric, parts: Kpi, source: Source, question: Question, dimension: str) -> Breakdown:
    """The value of every group now and then, its change, and whether it is beyond noise among so many groups."""
    span = observed(question.filters.period, source.calendar, source.crm.until)
    then = compared(span, question.filters.comparison, source.calendar)
    now, before = group_rows(parts, source, span, then, dimension)
    past: Row | None
    if is_partition(parts, dimension):
        whole, past = whole_of(now), whole_of(before) if before else None
    else:
        rows = span_rows(parts, source, compared_spans(metric, source, question.filters))
        whole, past = rows[PERIOD], rows.get(question.filters.comparison.value)
    return Breakdown(
        frame=group_frame(metric, parts, source, (span, now), (then, before)),
        n=int(whole["n"]),
        notes=(
            *span_notes(metric, parts, source, span, then),
            *parts.own_notes(source, span, whole),
            *parts.notes_of_baseline(past),
        ),
        dimension=dimension,
        is_additive=parts.is_additive,
        then=then,
    )


def group_frame(
    metric: Metric, parts: Kpi, source: Source, present: tuple[Span, Groups], past: tuple[Span, Groups]
) -> pd.DataFrame:
    """The frame of a Breakdown, from the measures of every group in both spans."""
    (span, now), (then, before) = present, past
    rows = _changes(parts, now, before)
    for side, name in ((span, "value"), (then, "compared_value")):
        if is_unknown(metric, source, side):
            rows = [row | dict.fromkeys((name, "change", "change_low", "change_high"), math.nan) for row in rows]
    if not is_baseline(metric, source, span, then, parts.run_in):
        nothing = {"change_low": math.nan, "change_high": math.nan, "verdict": Verdict.NO_BASELINE.value}
        rows = [row | nothing for row in rows]
    return _frame(parts, sorted(rows, key=_largest_first))


def is_partition(parts: Kpi, dimension: str) -> bool:
    """Each case lies in one group: a customer has one region, but may buy through several channels."""
    return dimension in dimensions.OF_CUSTOMERS or (parts.is_additive and dimension != "category")


def whole_of(groups: Groups) -> Row:
    """The measures of all groups added up; what does not add up, such as a share, has no meaning there.

    A group without a value is left out; where all are, there is none.
    """
    rows = [{name: number(value) for name, value in row.items()} for row in groups.values()]
    return {
        name: math.nan if len(values) and np.isnan(values).all() else float(np.nansum(values))
        for name, values in columns_of(rows).items()
    }


def _largest_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The place of a group: by value, then by name; what is not known comes last."""
    value, group = row["value"], row["group"]
    return math.isnan(value), 0.0 if math.isnan(value) else -value, group is None, group or ""


def _changes(parts: Kpi, now: Groups, before: Groups) -> list[dict[str, Any]]:
    """One row per group with a case in either span: its measures now, and how its value changed."""
    names = list(next(iter((*now.values(), *before.values())), {}))
    blank = {name: 0.0 if parts.has_zero or name == "n" else math.nan for name in names}
    pairs = {group: (_whole(now.get(group), blank), _whole(before.get(group), blank)) for group in {**now, **before}}
    pairs = {group: sides for group, sides in pairs.items() if any(side["n"] or side["value"] for side in sides)}
    changes = [parts.compare(after, past) for after, past in pairs.values()]
    adjusted = benjamini_hochberg(np.array([change.p_value for change in changes], dtype=float))
    return [
        {
            **after,
            "group": group,
            "compared_value": past["value"],
            "compared_n": past["n"],
            "change": change.difference,
            "change_low": change.low,
            "change_high": change.high,
            "verdict": _corrected(change, p_value),
        }
        for (group, (after, past)), change, p_value in zip(pairs.items(), changes, adjusted, strict=True)
    ]


def _whole(row: Row | None, blank: Row) -> Row:
    """The measures of a group; what is missing is as in `blank`."""
    whole = {name: number((row or {}).get(name), otherwise) for name, otherwise in blank.items()}
    has_no_value = row is not None and whole["n"] > 0 and math.isnan(number(row["value"]))
    return whole | {"value": math.nan} if has_no_value else whole


def _frame(parts: Kpi, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The frame of a Breakdown, from the rows of `_changes`."""
    numbers = {
        name: np.array([row[name] for row in rows], dtype=float)
        for name in (rows[0] if rows else GROUP_COLUMNS)
        if name not in ("group", "verdict")
    }
    value = numbers["value"]
    low, high = parts.intervals(numbers)
    whole = np.nansum(value)
    columns: dict[str, Any] = numbers | {
        "group": pd.array([row["group"] for row in rows], dtype="str"),
        "n": numbers["n"].astype("int64"),
        "low": np.where(np.isnan(value), np.nan, low),
        "high": np.where(np.isnan(value), np.nan, high),
        "share": value / whole if parts.is_additive and whole else np.full(len(rows), np.nan),
        "compared_n": numbers["compared_n"].astype("int64"),
        "verdict": pd.array([row["verdict"] for row in rows], dtype="str"),
    }
    return pd.DataFrame({name: columns[name] for name in GROUP_COLUMNS})


def _corrected(change: Change, p_value: float) -> str:
    """The verdict after correcting for the number of groups looked at."""
    decided = change.verdict in (Verdict.UP, Verdict.DOWN)
    return (Verdict.NOISE if decided and not p_value < 1 - LEVEL else change.verdict).value
