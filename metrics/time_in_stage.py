"""Time in stage: how long opportunities stay in a stage, those that are still there included.

    S(t) = product over t_j <= t of (1 - left at t_j / still there just before t_j)        (Kaplan-Meier)
    median = first time at which S falls below one half; midway to it from where S rests at exactly one half

One observation per opportunity and open stage of one pipeline: its first stay, when that began in the period. Leaving
is leaving, whether forward, back, won or lost; who is still there at the as-of moment has stayed at least so long. A
stay that was rebuilt without a log is left out and counted in a note; void opportunities are left out. Where the log of
a closed opportunity ends in an open stage it does not tell of the closing: that stage was left when the deal closed.
Unit: days of 24 hours; no median while more than half are still there, no value for a stage that nobody entered.
n = stays. Interval: log-log, the median's after Brookmeyer and Crowley (1982). Source: docs/metrics.md#time_in_stage
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Float, Integer, Select, and_, case, func, literal, literal_column, select
from sqlalchemy.sql.expression import CTE

from data_access.access import MOMENT, Crm
from data_access.errors import QuestionError
from data_access.functions import seconds_between
from data_access.source import Source
from metrics.metric import DEAL_FILTERS, Better, Metric, Option, Unit
from metrics.periods import Span, observed
from metrics.pipelines import OPEN, VOID, Pipeline, pipeline_named
from metrics.question import Question
from metrics.results import Note, StageTimes, empty_frame, note
from metrics.stages import DAY, only, stays, with_people
from metrics.statistics import Survival, kaplan_meier

FRAME = ("stage", "stage_name", "position", "n", "median_days", "median_low", "median_high", "mean_days", "share_open",
         "still_there")  # fmt: skip
CURVE = ("stage", "days", "share_left", "low", "high")
POINTS = 200
DAYS = literal_column(f"{DAY}.0", Float)


def first_stays(crm: Crm, pipeline: Pipeline, span: Span) -> CTE:
    """One row per opportunity and open stage first entered in the span: opportunity_id, step, entered_at, left_at
    (null: still there), is_rebuilt (1: not from a log). As stays follow each other, the first is also left first.
    """
    stay = stays(crm, pipeline.steps(), pipeline.elsewhere, "left_at").c
    entered = func.min(stay.entered_at)
    two, one = literal_column("2", Integer), literal_column("1", Integer)
    rebuilt = case((stay.is_reconstructed, one), else_=literal_column("0", Integer))
    first = (
        select(
            stay.opportunity_id,
            stay.step,
            entered.label("entered_at"),
            func.min(stay.left_at).label("left_at"),
            (func.min(stay.seq * two + rebuilt) % two).label("is_rebuilt"),
        )
        .where(stay.outcome == OPEN, stay.step >= one)
        .group_by(stay.opportunity_id, stay.step)
        .having(and_(entered >= span.start, entered < span.end))
        .cte("entered_first")
    )
    deal = only(crm.opportunities, "opportunity_id", "pipeline_id", "outcome", "closed_at").c
    is_closed = and_(deal.outcome != OPEN, deal.closed_at.is_not(None))
    closed_at = case((deal.closed_at > first.c.entered_at, deal.closed_at), else_=first.c.entered_at)
    left_at = func.coalesce(first.c.left_at, case((is_closed, closed_at)))
    columns = [left_at.label("left_at") if column.name == "left_at" else column for column in first.c]
    query = select(*columns).where(deal.opportunity_id == first.c.opportunity_id)
    return query.where(deal.pipeline_id == pipeline.pipeline_id, deal.outcome != VOID).cte("first_stay")


def stays_query(crm: Crm, pipeline: Pipeline, span: Span) -> Select[Any]:
    """Columns: step, days, is_open, is_rebuilt; one row per observation."""
    row = first_stays(crm, pipeline, span).c
    return select(row.step, _days(crm, row).label("days"), row.left_at.is_(None).label("is_open"), row.is_rebuilt)


def _days(crm: Crm, row: Any) -> Any:
    return seconds_between(row.entered_at, func.coalesce(row.left_at, literal(crm.until - MOMENT))) / DAYS


def times(source: Source, question: Question) -> StageTimes:
    """The times in every open stage of a pipeline, in the order of the stages."""
    pipeline = pipeline_named(source, question.option("pipeline"))
    if pipeline is None:
        return StageTimes(frame=empty_frame(*FRAME), n=0, curves=empty_frame(*CURVE))
    span = observed(question.filters.period, source.calendar, source.crm.until)
    rows = source.fetch(stays_query(source.crm, pipeline, span))
    rebuilt = int(rows["is_rebuilt"].sum())
    curves = {step: survival_of(rows, step) for step in range(1, len(pipeline.stages) + 1)}
    frame = pd.DataFrame([_row(pipeline, step, curve) for step, curve in curves.items()], columns=list(FRAME))
    drawn = [_curve(pipeline, step, curve) for step, curve in curves.items() if curve.n]
    return StageTimes(
        frame=frame, n=len(rows) - rebuilt, notes=_notes(source, span, rebuilt),
        curves=pd.concat(drawn, ignore_index=True) if drawn else empty_frame(*CURVE),
        pipeline=pipeline.pipeline_id, pipeline_name=pipeline.name,
    )  # fmt: skip


def survival_of(rows: pd.DataFrame, step: int) -> Survival:
    """The Kaplan-Meier curve of one step of the rows of `stays_query`."""
    own = rows[(rows["step"] == step) & (rows["is_rebuilt"] == 0)]
    return kaplan_meier(own["days"].to_numpy(dtype=float), ~own["is_open"].to_numpy(dtype=bool))


def _row(pipeline: Pipeline, step: int, curve: Survival) -> dict[str, Any]:
    stage, name = pipeline.stages[step - 1]
    return {
        "stage": stage, "stage_name": name, "position": step, "n": curve.n, "median_days": curve.median,
        "median_low": curve.median_low, "median_high": curve.median_high, "mean_days": curve.mean_restricted(),
        "share_open": curve.share_open, "still_there": int(curve.censored.sum()),
    }  # fmt: skip


def _curve(pipeline: Pipeline, step: int, curve: Survival) -> pd.DataFrame:
    """At most `POINTS` steps of a curve, the first at day 0 and the last the last that was seen."""
    columns: list[NDArray] = [curve.time, curve.survival, curve.low, curve.high]
    if curve.time[0] > 0:
        start = (0.0, 1.0, 1.0, 1.0)
        columns = [np.concatenate(([first], values)) for first, values in zip(start, columns, strict=True)]
    chosen = np.unique(np.linspace(0, len(columns[0]) - 1, POINTS).round().astype(int))
    frame = pd.DataFrame({name: values[chosen] for name, values in zip(CURVE[1:], columns, strict=True)})
    frame.insert(0, "stage", pipeline.stages[step - 1][0])
    return frame


def _notes(source: Source, span: Span, rebuilt: int) -> tuple[Note, ...]:
    if span.is_empty:
        return (note("period_not_begun"),)
    notes = [] if span.is_finished else [note("unfinished_period", until=source.as_of)]
    return (*notes, *([note("stage_rebuilt", n=rebuilt)] if rebuilt else []))


def stays_listed(source: Source, question: Question, part: Mapping[str, str]) -> Select[Any]:
    """One row per stay, the latest first: opportunity_id, name, customer_id, customer_name, owner, amount_base, stage,
    outcome, entered_at (UTC), days. `part` may name the `stage`, and the `kind`: open lists who is still there.
    """
    pipeline = pipeline_named(source, question.option("pipeline"))
    if pipeline is None:
        return select(literal_column("1").label("n")).where(literal(False))
    span = observed(question.filters.period, source.calendar, source.crm.until)
    row = first_stays(source.crm, pipeline, span).c
    conditions = [row.is_rebuilt == literal_column("0", Integer)]
    if part.get("stage"):
        conditions.append(row.step == literal_column(str(_place(pipeline, part["stage"])), Integer))
    if part.get("kind") == OPEN:
        conditions.append(row.left_at.is_(None))
    joined, columns, deal = with_people(source.crm, row.opportunity_id.table, row.opportunity_id)
    stage = case({step.place: step.name for step in pipeline.steps()}, value=row.step).label("stage")
    columns = [*columns, stage, deal.c.outcome, row.entered_at, _days(source.crm, row).label("days")]
    query = select(row.opportunity_id, *columns).select_from(joined).where(*conditions)
    return query.order_by(row.entered_at.desc(), row.opportunity_id, row.step)


def _place(pipeline: Pipeline, stage: str) -> int:
    codes = [code for code, _ in pipeline.stages]
    if stage in codes:
        return codes.index(stage) + 1
    raise QuestionError(
        f"time_in_stage: there is no stage {stage!r}; choose one of {', '.join(codes)}.", key="unknown_option_value"
    )


METRIC = Metric(
    "time_in_stage",
    Unit.DAYS,
    Better.LOWER,
    times,
    needs=("opportunities", "stage_history", "pipelines_stages"),
    filters=DEAL_FILTERS,
    options={"pipeline": Option((), "", "id or name of a pipeline; empty: the one with most opportunities")},
    columns={
        "n": (Unit.COUNT, "first stays in the stage that began in the period"),
        "median_days": (Unit.DAYS, "days after which half have left the stage"),
        "mean_days": (Unit.DAYS, "mean days, up to the longest stay seen"),
        "share_open": (Unit.RATIO, "share that is still in the stage"),
        "still_there": (Unit.COUNT, "opportunities that have not left the stage"),
        "days": (Unit.DAYS, "days since the stage was entered"),
        "share_left": (Unit.RATIO, "share that is still in the stage after that many days"),
        "low": (Unit.RATIO, "lower end of its 95 % interval"),
        "high": (Unit.RATIO, "upper end of its 95 % interval"),
    },
    listing=stays_listed,
)
