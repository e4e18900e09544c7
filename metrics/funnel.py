"""Sales funnel: how many of the records that began in the period came to each stage, and how many went on.

    step conversion of step k     = c_k / c_(k-1)
    overall conversion of step k  = c_k / c_1

A record is an opportunity (start=lead: a lead) whose first stage entry lies in the period; it is followed up to the
as-of moment. Void ones are left out. The steps are the open stages of one pipeline by position, then `won`; a lead
passes lead_created, marketing_qualified (qualified_at) and sales_qualified (converted_at) first. c_k by `reading`:

    reached    entered this stage or any later one; lost records count only in stages that they really entered
    in_order   entered it, and every earlier stage before it: first entries in the order of the stages, ties included
    entered    entered it at all

    reached = entered + skipped,   in_order <= entered <= reached

Because a lost record counts only where it was, `reached` may rise from one step to the next; the answer then says so.
With `window_days` only entries within that many times 24 hours of the first one count, the last moment included; a
record whose window is not over is `pending` and in no count. What became of a record (open, won, lost) is always as of
the as-of moment. Days of a step: from the record's own step before that it reached, over records of the step; 0 where
a step was skipped; none where the record came back from a later step or its history was not logged.

The cohort compared with, and the up to six cohorts of the same length before this one, are followed only as long after
their end as the present one after its own. `bottleneck`: of the steps whose rate is below that of the earlier cohorts
taken together, beyond noise, the one that loses most records by it.

Unit: ratio, 0 to 1; no value when the step before is empty; no interval where more came to a step than to the one
before. n = records. Interval: Wilson (1927); changes: two proportions, corrected for the number of steps (Benjamini and
Hochberg 1995). A breakdown takes the record's own value; groups add up to the whole. Source: docs/metrics.md#funnel
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from sqlalchemy import Select, func, literal_column, select

from data_access.access import MOMENT
from data_access.source import Source
from metrics.funnel_list import records_query
from metrics.funnel_steps import (
    ALL_MOVES,
    CHANGES,
    COUNTS,
    NOW,
    Tally,
    bottleneck_of,
    earlier_spans,
    funnel_query,
    steps_frame,
    tally,
    way_of,
    with_changes,
)
from metrics.metric import DEAL_FILTERS, Better, Metric, Option, Unit
from metrics.periods import Span, compared, observed
from metrics.pipelines import LEAD, LOST, OPEN, OPPORTUNITY, VOID, WON
from metrics.question import Question
from metrics.results import Funnel, Note, empty_frame, note
from metrics.stages import GROUPS, PENDING, READINGS, Cohort, Way, stays


# -- the answer -----------------------------------------------------------------------------------------------------
def funnel(source: Source, question: Question) -> Funnel:
    """The funnel of the period, its change, its history and what has to be said about them."""
    span = observed(question.filters.period, source.calendar, source.crm.until)
    reading = question.option("reading")
    other = compared(span, question.filters.comparison, source.calendar)
    earlier = earlier_spans(source, span, question.option("start"))
    number = earlier.index(other) + 1 if other in earlier else len(earlier) + 1
    is_apart = number > len(earlier) and all(other.end <= s.start or s.end <= other.start for s in (span, *earlier))
    way = way_of(source, question, *earlier, *((other,) if is_apart else ()))
    if way is None:
        return _nothing(reading, span, other)
    tallies = _tallies(source, way, reading, number, other)
    frame, then = _frame(way, tallies, number, len(earlier))
    now = tallies[NOW]
    return Funnel(
        frame=frame, n=now.total("n"), notes=_notes(source, way, now, frame, tallies[number], len(earlier)),
        reading=reading, moves={name: now.total(name) for name in ALL_MOVES},
        still_open=now.total(OPEN), won=now.total(WON), lost=now.total(LOST), pending=now.total("n", PENDING),
        void=now.total("n", VOID), start=way.start, pipeline=way.pipeline.pipeline_id,
        pipeline_name=way.pipeline.name, window_days=way.window_days, compared=then, now=span, then=other,
        then_until=tallies[number].cohort.until, history=len(earlier),
        bottleneck=None if way.by else bottleneck_of(frame),
    )  # fmt: skip


def _tallies(source: Source, way: Way, reading: str, number: int, other: Span) -> dict[int, Tally]:
    """The cohorts by number: the present one, the earlier ones and the one compared with, which may overlap them."""
    cohorts = {cohort.number: cohort for cohort in way.cohorts}
    counts = _counts(source, way, reading, [n for n in (NOW, number) if n in cohorts])
    if number not in cohorts:
        now = cohorts[NOW]
        cohorts[number] = Cohort.like(number, other, now.span, now.until)
        counts += _counts(source, replace(way, cohorts=(cohorts[number],)), reading, [number])
    return {n: tally(counts, cohort, way, reading) for n, cohort in cohorts.items()}


def _counts(source: Source, way: Way, reading: str, timed: Sequence[int]) -> list[dict[str, Any]]:
    return source.rows(funnel_query(way, reading, timed))


def _frame(way: Way, tallies: Mapping[int, Tally], number: int, earlier: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frame of the answer and that of the cohort compared with, group after group, the largest first."""
    now, then = tallies[NOW].frames, tallies[number].frames
    empty = steps_frame({}, way.steps, "reached")
    groups = sorted(now, key=lambda group: (-int(now[group]["n"].iloc[0]), group is None, str(group)))
    frame = _stacked(way, now, groups, empty)
    past = [_stacked(way, tallies[i].frames, groups, empty)[["count", "n"]] for i in range(1, earlier + 1)]
    summed = frame[["position"]].assign(count=sum(p["count"] for p in past), n=sum(p["n"] for p in past))
    frame = with_changes(frame, _stacked(way, then, groups, empty), summed)
    others = sorted((group for group in then if group not in now), key=str)
    return frame, _stacked(way, then, [*groups, *others], empty)


def _stacked(way: Way, frames: Mapping[Any, pd.DataFrame], groups: Sequence[Any], empty: pd.DataFrame) -> pd.DataFrame:
    found = [frames.get(group, empty) for group in groups]
    if not way.by:
        return found[0]
    repeated = [pd.Series([group] * len(empty), dtype=object) for group in groups]
    named = [frame.assign(group=group) for frame, group in zip(found, repeated, strict=True)]
    stacked = pd.concat(named, ignore_index=True) if named else empty.head(0).assign(group=pd.Series(dtype=object))
    return stacked[["group", *empty.columns]]


def _nothing(reading: str, span: Span, other: Span) -> Funnel:
    frame = empty_frame("stage", "stage_name", "position", *COUNTS, *CHANGES)
    moves = dict.fromkeys(ALL_MOVES, 0)
    return Funnel(frame=frame, n=0, reading=reading, moves=moves, still_open=0, pending=0, now=span, then=other)


# -- what has to be said --------------------------------------------------------------------------------------------
def _notes(source: Source, way: Way, now: Tally, frame: pd.DataFrame, then: Tally, history: int) -> tuple[Note, ...]:
    span = way.cohorts[NOW].span
    if span.is_empty:
        return (note("period_not_begun"),)
    notes = [] if span.is_finished else [note("unfinished_period", until=source.as_of)]
    if now.total(OPEN):
        notes.append(note("funnel_still_open", n=now.total(OPEN), whole=now.total("n")))
    if now.total("n", PENDING):
        notes.append(note("funnel_pending", n=now.total("n", PENDING), days=way.window_days))
    if now.total("n", VOID):
        notes.append(note("funnel_void", n=now.total("n", VOID)))
    if (frame["count"] > frame["n"])[frame["position"] > 1].any():
        notes.append(note("funnel_step_above_one"))
    if way.by == "segment":
        notes.append(note("present_day_segment"))
    if then.cohort.until < source.crm.until and then.total("n"):
        notes.append(note("funnel_like_for_like", until=then.cohort.until - MOMENT))
    if history:
        notes.append(note("funnel_history", n=history))
    return (*notes, *_notes_on_history(source, way, now, span))


def _notes_on_history(source: Source, way: Way, now: Tally, span: Span) -> list[Note]:
    notes = []
    if now.total("unknown_records"):
        notes.append(note("funnel_unknown_stage", n=now.total("unknown_records")))
    if now.total("reconstructed_records"):
        notes.append(note("funnel_without_times", n=now.total("reconstructed_records")))
    if way.start == OPPORTUNITY:
        unrecorded = int(source.fetch(unrecorded_query(way, span))["n"].iloc[0])
        if unrecorded:
            notes.append(note("funnel_without_history", n=unrecorded))
    return notes


def unrecorded_query(way: Way, span: Span) -> Select[Any]:
    """Columns: n, opportunities of the pipeline that were opened in the span and have no recorded entry at all."""
    deal = way.crm.opportunities.c
    stay = stays(way.deals, way.steps, way.pipeline.elsewhere)
    known: Select[Any] = select(literal_column("1")).where(
        stay.c.opportunity_id == deal.opportunity_id, stay.c.step.is_not(None)
    )
    return select(func.count().label("n")).where(
        deal.pipeline_id == way.pipeline.pipeline_id, deal.outcome != VOID,
        deal.created_at >= span.start, deal.created_at < span.end, ~known.exists(),
    )  # fmt: skip


METRIC = Metric(
    "funnel",
    Unit.RATIO,
    Better.HIGHER,
    funnel,
    needs=("opportunities", "stage_history", "pipelines_stages"),
    filters=DEAL_FILTERS,
    dimensions=GROUPS,
    options={
        "pipeline": Option((), "", "id or name of a pipeline; empty: the one with most opportunities"),
        "start": Option((OPPORTUNITY, LEAD), OPPORTUNITY, "what is followed; a lead into its opportunity"),
        "reading": Option(READINGS, "reached", "which of the three counts is `count`"),
        "window_days": Option((), "", "days from the first entry within which entries count; empty: no window"),
        "by": Option(("", *GROUPS), "", "a funnel per group of this dimension"),
    },
    columns={
        "n": (Unit.COUNT, "cases behind the step's rate: count of the step before; first step: the cohort"),
        "low": (Unit.RATIO, "lower end of the 95 % interval of the overall rate"),
        "high": (Unit.RATIO, "upper end of the 95 % interval of the overall rate"),
        "still_open": (Unit.COUNT, "records of `count` that are open now"),
        "still_here": (Unit.COUNT, "open records whose last stage is this one"),
        "lost": (Unit.COUNT, "lost records whose last open stage was this one"),
        "median_days": (Unit.DAYS, "median days from the record's own step before"),
        "mean_days": (Unit.DAYS, "mean days from the record's own step before"),
        "compared_value": (Unit.RATIO, "the step's rate in the cohort compared with, followed equally long"),
        "change": (Unit.RATIO, "the step's rate less the one compared with"),
        "verdict": (Unit.TEXT, "up, down, noise, too_few or no_baseline, corrected for the number of steps"),
    },
    listing=records_query,
)


__all__ = ["METRIC"]
