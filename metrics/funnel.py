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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import CTE, Float, Integer, Select, and_, case, cast, func, literal, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from data_access.access import MOMENT
from data_access.errors import QuestionError
from data_access.functions import seconds_between
from data_access.gathered import gathered, quantile_of
from data_access.source import Source
from metrics.filters import among, narrow
from metrics.metric import DEAL_FILTERS, Better, Metric, Option, Unit
from metrics.periods import Comparison, Span, compared, observed
from metrics.question import Question
from metrics.results import Funnel, Note, empty_frame, note
from metrics.stages import (
    COUNTED,
    DAY,
    GROUPS,
    LEAD,
    LOST,
    OPEN,
    OPPORTUNITY,
    PENDING,
    READINGS,
    VOID,
    WON,
    Cohort,
    Step,
    Way,
    count_of,
    everything,
    followed,
    is_counted,
    moment_of,
    pipeline_named,
    seconds_to,
    stays,
    with_people,
)
from metrics.statistics import LEVEL, Change, Verdict, benjamini_hochberg, compare_proportions, wilson

NOW = 0
EARLIER = 6
KEYS = ("cohort", "group", "standing")
MOVES = ("skips", "backward", "reopened")
FAULTS = ("unknown", "reconstructed")
RATES = ("step_conversion_rate", "step_low", "step_high", "conversion_rate", "low", "high")
COUNTS = ("reached", "in_order", "entered", "count", "skipped", *RATES, "still_open", "still_here", "lost",
          "median_days", "mean_days", "n")  # fmt: skip
CHANGES = ("compared_value", "compared_n", "change", "change_low", "change_high", "verdict", "history_rate",
           "history_n", "step_verdict")  # fmt: skip
REACHED, LOST_HERE, OPEN_HERE = KINDS = ("reached", "lost", "open")


# -- the question ---------------------------------------------------------------------------------------------------
def way_of(source: Source, question: Question, *others: Span) -> Way | None:
    """What the question asks to be followed, with earlier cohorts numbered from 1; None when there is no pipeline."""
    pipeline = pipeline_named(source, question.option("pipeline"))
    if pipeline is None:
        return None
    span = observed(question.filters.period, source.calendar, source.crm.until)
    until = source.crm.until
    earlier = (Cohort.like(i, other, span, until) for i, other in enumerate(others, start=1))
    start = question.option("start")
    deals = everything(source) if start == LEAD else source.crm
    cohorts = (Cohort(NOW, span, until), *earlier)
    return Way(source.crm, deals, pipeline, cohorts, start, window_of(question), question.option("by"))


def window_of(question: Question) -> int | None:
    """The window in days. Raises QuestionError for anything but a whole number above 0."""
    written = question.option("window_days")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and 0 < int(written) <= 36500):
        raise QuestionError(
            f"funnel: option window_days cannot be {written!r}; write a whole number from 1 to 36500, or nothing.",
            key="unknown_option_value",
        )
    return int(written)


def earlier_spans(source: Source, span: Span, start: str) -> tuple[Span, ...]:
    """The spans before `span`, the latest first, of which the data hold the whole."""
    first = source.crm.facts.first_of(("leads" if start == LEAD else "stage_history",))
    spans: list[Span] = []
    then = span
    while first is not None and not span.is_empty and len(spans) < EARLIER:
        then = compared(then, Comparison.PREVIOUS, source.calendar)
        if then.start < source.calendar.to_utc(source.calendar.to_local(first).date()):
            break
        spans.append(then)
    return tuple(spans)


# -- the counts -----------------------------------------------------------------------------------------------------
def funnel_query(way: Way, reading: str, timed: Sequence[int] = (NOW,)) -> Select[Any]:
    """Columns: cohort, [group,] standing, n, open, won, lost, the moves, and for each step k reached_k, in_order_k,
    entered_k, open_k, here_k, lost_k, median_k, mean_k (seconds, for the cohorts of `timed`).
    """
    row = _timed(way, reading, timed).c
    keys = [row[name] for name in KEYS if name in row]
    counts = [
        func.count().label("n"),
        *(count_of(row.outcome == outcome).label(outcome) for outcome in (OPEN, WON, LOST)),
        *(cast(func.sum(row[name]), Integer).label(name) for name in MOVES),
        *(count_of(row[name] > literal_column("0")).label(_records(name)) for name in (*MOVES, *FAULTS)),
    ]
    steps = [column for step in way.steps for column in _step_counts(row, reading, step.place)]
    sums = select(*keys, *counts, *steps).group_by(*keys).cte("counted")
    columns = [quantile_of(c, 0.5).label(c.name) if c.name.startswith("median_") else c for c in sums.c]
    return select(*columns).order_by(*(sums.c[name] for name in KEYS if name in sums.c))


def _timed(way: Way, reading: str, timed: Sequence[int]) -> CTE:
    """The rows of `followed` with seconds_k, from the record's own step before, for the cohorts of `timed`."""
    row = followed(way).c
    seconds = [seconds_to(row, reading, step.place) for step in way.steps[1:]]
    if len(timed) < len(way.cohorts):
        seconds = [case((row.cohort.in_([literal_column(str(n)) for n in timed]), value)) for value in seconds]
    return select(*row, *(value.label(f"seconds_{i}") for i, value in enumerate(seconds, start=2))).cte("timed")


def _step_counts(row: Any, reading: str, place: int) -> list[ColumnElement[Any]]:
    here = row.last_step == literal_column(str(place))
    counts: list[ColumnElement[Any]] = [
        *(count_of(is_counted(row, name, place)).label(f"{name}_{place}") for name in READINGS),
        count_of(and_(row.outcome == OPEN, is_counted(row, reading, place))).label(f"open_{place}"),
        count_of(and_(row.outcome == OPEN, here)).label(f"here_{place}"),
        count_of(and_(row.outcome == LOST, here)).label(f"lost_{place}"),
    ]
    if place == 1:
        return counts
    seconds = row[f"seconds_{place}"]
    return [*counts, gathered(seconds).label(f"median_{place}"), func.avg(seconds).label(f"mean_{place}")]


def _records(name: str) -> str:
    """The name of the number of records with at least one such move."""
    return {"skips": "skip_records"}.get(name, f"{name}_records")


_MOVES = tuple(name for move in MOVES for name in (move, _records(move)))


@dataclass(frozen=True)
class Tally:
    """The counts of one cohort: the frame of its steps per group, and the rows of `funnel_query` that it is made of."""

    cohort: Cohort
    frames: Mapping[Any, pd.DataFrame]
    rows: Sequence[Mapping[str, Any]]

    def total(self, name: str, standing: str = COUNTED) -> int:
        """A total over all groups of the records of one standing."""
        return int(sum(row[name] for row in self.rows if row["standing"] == standing))


def tally(counts: Sequence[Mapping[str, Any]], cohort: Cohort, way: Way, reading: str) -> Tally:
    """One cohort of the rows of `funnel_query`."""
    rows = [row for row in counts if row["cohort"] == cohort.number]
    frames = {}
    for row in rows:
        if row["standing"] == COUNTED:
            group = row.get("group")
            frames[None if pd.isna(group) else group] = _steps_frame(row, way.steps, reading)
    if not way.by and not frames:
        frames[None] = _steps_frame({}, way.steps, reading)
    return Tally(cohort, frames, rows)


def _steps_frame(row: Mapping[str, Any], steps: Sequence[Step], reading: str) -> pd.DataFrame:
    """The counts and rates of one cohort and group: the columns of `COUNTS`."""

    def of(name: str) -> NDArray[np.int64]:
        return np.array([row.get(f"{name}_{step.place}", 0) for step in steps], dtype=np.int64)

    def days(name: str) -> NDArray[np.float64]:
        return np.array([row.get(f"{name}_{step.place}", np.nan) for step in steps], dtype=float) / DAY

    readings = {name: of(name) for name in READINGS}
    count = readings[reading]
    n = np.concatenate(([int(row.get("n", 0))], count[:-1]))
    return pd.DataFrame({
        "stage": [step.code for step in steps], "stage_name": [step.name for step in steps],
        "position": [step.place for step in steps], **readings, "count": count,
        "skipped": readings["reached"] - readings["entered"],
        **dict(zip(RATES[:3], _rate(count, np.where(np.arange(len(steps)) > 0, n, 0)), strict=True)),
        **dict(zip(RATES[3:], _rate(count, np.full(len(steps), count[0])), strict=True)),
        "still_open": of("open"), "still_here": of("here"), "lost": of("lost"),
        "median_days": days("median"), "mean_days": days("mean"), "n": n,
    })  # fmt: skip


def _rate(count: NDArray[np.int64], whole: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
    """count / whole with its interval; no value without a whole, no interval where there are more than the whole."""
    rate = np.divide(count, whole, out=np.full(len(count), np.nan), where=whole > 0)
    is_share = count <= whole
    return (rate, *wilson(np.where(is_share, count, 0), np.where(is_share, whole, 0)))


# -- against other cohorts ------------------------------------------------------------------------------------------
def step_change(now: tuple[float, float], then: tuple[float, float]) -> Change:
    """The change of a step's rate, given (count, n) of both sides; unknown where more came than were there before."""
    if now[0] <= now[1] and then[0] <= then[1]:
        return compare_proportions(*now, *then)
    nan = float("nan")
    after, before = (side[0] / side[1] if side[1] else nan for side in (now, then))
    verdict = Verdict.TOO_FEW if then[1] > 0 else Verdict.NO_BASELINE
    return Change(before, after, after - before, nan, nan, nan, nan, verdict)


def step_changes(frame: pd.DataFrame, then: pd.DataFrame) -> tuple[list[Change], list[str]]:
    """The change of every row's rate against the row of `then`, and its verdict corrected over all of them.

    `then` has the columns position, count and n in the same order; the first step has no rate and no baseline.
    """
    nothing = (0.0, 0.0)
    sides = [
        [(float(count), float(n)) if position > 1 else nothing
         for position, count, n in zip(rows["position"], rows["count"], rows["n"], strict=True)]
        for rows in (frame, then)
    ]  # fmt: skip
    changes = [step_change(now, before) for now, before in zip(*sides, strict=True)]
    judged = [change.p_value if change.verdict in DECIDED else np.nan for change in changes]
    adjusted = benjamini_hochberg(np.array(judged, dtype=float))
    return changes, [_corrected(change, p_value) for change, p_value in zip(changes, adjusted, strict=True)]


DECIDED = (Verdict.UP, Verdict.DOWN, Verdict.NOISE)


def _corrected(change: Change, p_value: float) -> str:
    is_noise = change.verdict in DECIDED and not p_value < 1 - LEVEL
    return (Verdict.NOISE if is_noise else change.verdict).value


def with_changes(frame: pd.DataFrame, then: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """The frame with the columns of `CHANGES`; `then` and `past` have its rows for the other cohorts."""
    frame = frame.copy()
    changes, verdicts = step_changes(frame, then)
    frame["compared_value"], frame["compared_n"] = then["step_conversion_rate"], then["n"]
    frame["change"] = [change.difference for change in changes]
    frame["change_low"] = [change.low for change in changes]
    frame["change_high"] = [change.high for change in changes]
    frame["verdict"] = verdicts
    histories, verdicts = step_changes(frame, past)
    frame["history_rate"] = [change.before for change in histories]
    frame["history_n"] = np.where(frame["position"] > 1, past["n"], 0)
    frame["step_verdict"] = verdicts
    return frame


def bottleneck_of(frame: pd.DataFrame) -> str | None:
    """The step below its own history beyond noise that costs most records; None when there is none."""
    below = frame[frame["step_verdict"] == Verdict.DOWN.value]
    if below.empty:
        return None
    missing = (below["history_rate"] - below["step_conversion_rate"]) * below["n"]
    return str(below["stage"].loc[missing.idxmax()])


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
        reading=reading, moves={name: now.total(name) for name in _MOVES},
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
    return source.fetch(funnel_query(way, reading, timed)).to_dict("records")


def _frame(way: Way, tallies: Mapping[int, Tally], number: int, earlier: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frame of the answer and that of the cohort compared with, group after group, the largest first."""
    now, then = tallies[NOW].frames, tallies[number].frames
    empty = _steps_frame({}, way.steps, "reached")
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
    moves = dict.fromkeys(_MOVES, 0)
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


# -- the list behind a bar ------------------------------------------------------------------------------------------
def records_query(source: Source, question: Question, part: Mapping[str, str]) -> Select[Any]:
    """One row per record behind a bar, the latest first: [lead_id,] opportunity_id, name, customer_id, customer_name,
    owner, amount_base, stage (the last one it was seen in), outcome, entered_at (UTC), days.

    `part` names the `stage` (none: the whole cohort), the `kind` of bar (reached: the question's reading; lost; open)
    and the `group` of a breakdown. `days` is what the step before took; for lost and open ones what they spent since
    they first came here.
    """
    way = way_of(source, question)
    if way is None:
        return select(literal_column("1").label("n")).where(literal(False))
    row = followed(way).c
    step = _step_named(way, part.get("stage", ""))
    kind = part.get("kind", REACHED)
    conditions = [row.standing == COUNTED, *_bar(row, question.option("reading"), step, kind)]
    if way.by and "group" in part:
        conditions.append(among(row["group"], [part["group"]]))
    return _listed(way, row, conditions, *_when(source, row, question.option("reading"), step, kind))


def _step_named(way: Way, code: str) -> Step | None:
    if not code:
        return None
    for step in way.steps:
        if step.code == code:
            return step
    known = ", ".join(step.code for step in way.steps)
    raise QuestionError(f"funnel: there is no stage {code!r}; choose one of {known}.", key="unknown_option_value")


def _bar(row: Any, reading: str, step: Step | None, kind: str) -> list[ColumnElement[bool]]:
    """The conditions that a record of the bar meets."""
    if kind not in KINDS:
        raise QuestionError(
            f"funnel: there is no list of {kind!r} records; choose one of {', '.join(KINDS)}.",
            key="unknown_option_value",
        )
    if kind == REACHED:
        return [] if step is None else [is_counted(row, reading, step.place)]
    outcome = row.outcome == (LOST if kind == LOST_HERE else OPEN)
    return [outcome] if step is None else [outcome, row.last_step == step.place]


def _when(source: Source, row: Any, reading: str, step: Step | None, kind: str) -> tuple[Any, Any]:
    """When a record came to the step, and seconds: of the way to it, or since then."""
    entered: Any
    seconds: Any
    if step is None:
        entered, seconds = row.first_at, seconds_between(row.first_at, row.first_at)
    else:
        entered, seconds = row[f"at_{step.place}"], seconds_to(row, reading, step.place)
        entered = moment_of(row, reading, step.place) if kind == REACHED else entered
    if kind == OPEN_HERE:
        seconds = seconds_between(entered, literal(source.as_of))
    if kind == LOST_HERE:
        seconds = seconds_between(entered, row.closed_at)
    return entered, seconds


def _listed(way: Way, row: Any, conditions: Sequence[Any], entered: Any, seconds: Any) -> Select[Any]:
    """The rows with what people know them by."""
    rows, lead = row.opportunity_id.table, None
    if way.start == LEAD:
        lead = way.crm.leads
        rows = rows.outerjoin(lead, lead.c.lead_id == row.lead_id)
    joined, columns, _ = with_people(way.crm, rows, row.opportunity_id, way.deals, lead)
    stage = case({step.place: step.name for step in way.steps}, value=row.last_step).label("stage")
    keys = [row[name] for name in dict.fromkeys((way.key, "opportunity_id"))]
    days = (seconds / literal_column(f"{DAY}.0", Float)).label("days")
    columns += [stage, row.outcome, entered.label("entered_at"), days]
    query = select(*keys, *columns).select_from(joined).where(*conditions)
    return query.order_by(entered.desc(), row[way.key])


def records_in_step(
    source: Source, question: Question, stage: str, reading: str = "", kind: str = REACHED, group: str | None = None
) -> pd.DataFrame:
    """The records behind a bar, by the filters of the question: the columns of `records_query`.

    kind   reached: as many as `count` by the reading (default: the question's); lost, open: as `lost`, `still_here`
    group  of a breakdown, `(none)` where nothing is recorded
    """
    options = {**dict(question.options), **({"reading": reading} if reading else {})}
    asked = replace(question, options=tuple(options.items()))
    narrowed = source.with_crm(narrow(source.crm, question.filters, METRIC.filters))
    part = {"stage": stage, "kind": kind, **({} if group is None else {"group": group})}
    return narrowed.fetch(records_query(narrowed, asked, part))


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


__all__ = ["KINDS", "METRIC", "bottleneck_of", "funnel_query", "records_in_step", "records_query"]
