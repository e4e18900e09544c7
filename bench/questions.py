"""The questions that are timed: what is asked of Clientele, and the best SQL written by hand for the same answer.

A key figure is asked for the first quarter of 2026 (against the quarter and the year before), for every month of a
year, and by region. `hand_sql/<metric>.sql` holds one statement per question, or, under `-- name: <part>`,
one for each part; what several say alike is in `hand_sql/parts.sql`.
Retention, the funnel and the times in its stages are timed from the select to its frame: what they compute from it does
not grow with the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from data_access.calendar import Grain
from data_access.source import Source
from metrics import cohorts, funnel_steps, pipelines, retention, stages, time_in_stage
from metrics.answers import ask
from metrics.kpis import NAMES
from metrics.metric import metric_named
from metrics.periods import Period, observed
from metrics.question import Filters, Question, question_for
from metrics.results import Breakdown, Bridge, Kpis, Result, Total, Trend

HAND_SQL = Path(__file__).parent / "hand_sql"
QUARTER = Filters(Period(date(2026, 1, 1), date(2026, 4, 1)), grain=Grain.MONTH)
YEAR = Filters(Period(date(2025, 6, 1), date(2026, 6, 1)), grain=Grain.MONTH)
PART = re.compile(r"^-- name: (.+)$", re.MULTILINE)
SHARED = re.compile(r"\{(\w+)(?:\((\w+)\))?\}")  # a part that several statements share, in parts.sql
Values = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One question. `ours` gives the answer; `shaped` puts it in the rows that the hand-written statement gives."""

    name: str
    sql: str
    ours: Callable[[Source], Any]
    same: tuple[str, ...]
    values: Callable[[Source], Values] = field(default=lambda source: {})
    order: tuple[str, ...] = ()
    shaped: Callable[[Any], pd.DataFrame] = field(default=lambda frame: frame)

    def compared(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What has to be equal, in one order; a group without a case may be left out."""
        frame = frame[frame["n"] > 0] if "group" in self.order else frame
        wanted = dict.fromkeys((*self.order, *self.same))
        return frame[list(wanted)].sort_values(list(self.order), ignore_index=True)


def statement(metric: str, part: str = "") -> str:
    """The statement written by hand for a metric, or for one part of it."""
    named = _named(metric)
    text = named[part].strip() if part else (HAND_SQL / f"{metric}.sql").read_text("utf-8")
    shared = _named("parts")
    return SHARED.sub(lambda match: shared[match[1]].strip().replace("{}", match[2] or ""), text)


def _named(file: str) -> dict[str, str]:
    """The parts of a file by their names."""
    pieces = PART.split((HAND_SQL / f"{file}.sql").read_text("utf-8"))
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def cases() -> list[Case]:
    """Every question, in the order of the table."""
    found = [case for name in NAMES for case in _of_key_figure(name)]
    found.append(
        Case(
            "kpis",
            statement("kpis"),
            _asked("kpis", QUARTER),
            ("value", "n"),
            order=("metric", "cut"),
            shaped=_kpi_rows,
        )
    )
    for by in ("factors", "region"):
        sql = statement("revenue_change", f"by {by}")
        ours = _asked("revenue_change", QUARTER, by=by)
        found.append(
            Case(f"revenue_change by {by}", sql, ours, ("before", "after"), order=("part",), shaped=_bridge_rows)
        )
    return [*found, *_of_paths()]


def _of_key_figure(name: str) -> list[Case]:
    """A key figure of a quarter, of every month of a year, and by region."""
    parts: dict[str, tuple[Filters, dict[str, str], tuple[str, ...], Callable[[Any], pd.DataFrame]]] = {
        "total": (QUARTER, {}, ("cut",), _total_rows),
        "trend": (YEAR, {"shape": "trend"}, ("period",), _trend_rows),
        "by region": (QUARTER, {"by": "region"}, ("cut", "group"), _group_rows),
    }
    return [
        Case(f"{name}, {part}", statement(name, part), _asked(name, filters, **options), ("value", "n"), order=order,
             shaped=shaped)
        for part, (filters, options, order, shaped) in parts.items()
    ]  # fmt: skip


def _asked(name: str, filters: Filters, **options: str) -> Callable[[Source], Result]:
    def ours(source: Source) -> Result:
        result: Result | None = ask(name, source, filters, options).result
        assert result is not None
        return result

    return ours


# -- answers in the rows of the statements --------------------------------------------------------------------------
def _total_rows(total: Total) -> pd.DataFrame:
    rows = [{"cut": "period", "value": total.value, "n": total.n}]
    return pd.DataFrame(
        [*rows, *({"cut": item.kind.value, "value": item.value, "n": item.n} for item in total.comparisons)]
    )


def _trend_rows(trend: Trend) -> pd.DataFrame:
    return trend.frame


def _group_rows(groups: Breakdown) -> pd.DataFrame:
    now = groups.frame[["group", "value", "n"]].assign(cut="period")
    then = groups.frame[["group"]].assign(
        value=groups.frame["compared_value"], n=groups.frame["compared_n"], cut="compared"
    )
    return pd.concat([now, then], ignore_index=True)


def _kpi_rows(kpis: Kpis) -> pd.DataFrame:
    return pd.concat([_total_rows(total).assign(metric=name) for name, total in kpis.totals.items()], ignore_index=True)


def _bridge_rows(bridge: Bridge) -> pd.DataFrame:
    return bridge.frame


# -- from the select to its frame -----------------------------------------------------------------------------------
def _of_paths() -> list[Case]:
    """The metrics whose statement was written by hand by those who wrote the metric: the same columns as its select."""
    return [
        Case("retention, months of a year", statement("retention"), _cells, ("active", "revenue", "gross_revenue"),
             _cells_values, order=("cohort", "step")),
        Case("funnel, a quarter", statement("funnel"), _funnel_counts,
             ("n", "won", "reached_2", "in_order_3", "entered_4", "median_5", "mean_3"),
             _funnel_values, order=("cohort", "standing"), shaped=pd.DataFrame),
        Case("time_in_stage, a quarter", statement("time_in_stage"), _stays, ("days", "is_open", "is_rebuilt"),
             order=("step", "days")),
    ]  # fmt: skip


def _question(name: str, filters: Filters) -> Question:
    return question_for(metric_named(name), filters, {})


def _cells(source: Source) -> pd.DataFrame:
    rules = retention.rules_of(source, _question("retention", YEAR))
    assert rules is not None
    return source.fetch(cohorts.cells_query(source.crm, rules))


def _cells_values(source: Source) -> Values:
    rules = retention.rules_of(source, _question("retention", YEAR))
    assert rules is not None
    return {"until": source.crm.until, "starts": rules.start, "ends": rules.end}


def _way(source: Source) -> stages.Way:
    question = _question("funnel", QUARTER)
    span = observed(QUARTER.period, source.calendar, source.crm.until)
    earlier = funnel_steps.earlier_spans(source, span, question.option("start"))
    way = funnel_steps.way_of(source, question, *earlier)
    assert way is not None
    return way


def _funnel_counts(source: Source) -> list[dict[str, Any]]:
    return source.rows(funnel_steps.funnel_query(_way(source), "reached", (0, 1)))


def _funnel_values(source: Source) -> Values:
    cohorts_ = _way(source).cohorts
    return {
        "until": source.crm.until,
        "starts": [cohort.span.start for cohort in cohorts_],
        "ends": [cohort.span.end for cohort in cohorts_],
        "untils": [cohort.until for cohort in cohorts_],
    }


def _stays(source: Source) -> pd.DataFrame:
    pipeline = pipelines.pipeline_named(source, "")
    assert pipeline is not None
    span = observed(QUARTER.period, source.calendar, source.crm.until)
    return source.fetch(time_in_stage.stays_query(source.crm, pipeline, span))
