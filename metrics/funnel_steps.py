"""The steps of a sales funnel: what is followed, how many of each cohort came to each step, and how that compares.

Definitions: metrics/funnel.py. What is followed through which stages: metrics/stages.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Integer, Select, and_, case, cast, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from data_access.errors import QuestionError
from data_access.gathered import gathered, quantile_of
from data_access.source import Source
from metrics.figure import count_of
from metrics.periods import Comparison, Span, compared, observed
from metrics.pipelines import LEAD, LOST, OPEN, WON, Step, pipeline_named
from metrics.question import Question
from metrics.stages import COUNTED, DAY, READINGS, Cohort, Way, followed, is_counted, seconds_to
from metrics.statistics import LEVEL, Change, Verdict, benjamini_hochberg, compare_proportions, wilson

NOW = 0
EARLIER = 6
MEDIAN = 0.5
KEYS = ("cohort", "group", "standing")
MOVES = ("skips", "backward", "reopened")
FAULTS = ("unknown", "reconstructed")
RATES = ("step_conversion_rate", "step_low", "step_high", "conversion_rate", "low", "high")
COUNTS = ("reached", "in_order", "entered", "count", "skipped", *RATES, "still_open", "still_here", "lost",
          "median_days", "mean_days", "n")  # fmt: skip
CHANGES = ("compared_value", "compared_n", "change", "change_low", "change_high", "verdict", "history_rate",
           "history_n", "step_verdict")  # fmt: skip


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
    deals = source.everything if start == LEAD else source.crm
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
    row = followed(way).c
    is_timed = None if len(timed) == len(way.cohorts) else row.cohort.in_([literal_column(str(n)) for n in timed])
    keys = [row[name] for name in KEYS if name in row]
    counts = [
        func.count().label("n"),
        *(count_of(row.outcome == outcome).label(outcome) for outcome in (OPEN, WON, LOST)),
        *(cast(func.sum(row[name]), Integer).label(name) for name in MOVES),
        *(count_of(row[name] > literal_column("0")).label(_records(name)) for name in (*MOVES, *FAULTS)),
    ]
    steps = [column for step in way.steps for column in _step_counts(row, reading, step.place, is_timed)]
    sums = select(*keys, *counts, *steps).group_by(*keys).cte("counted")
    columns = [quantile_of(c, MEDIAN).label(c.name) if c.name.startswith("median_") else c for c in sums.c]
    return select(*columns).order_by(*(sums.c[name] for name in KEYS if name in sums.c))


def _step_counts(row: Any, reading: str, place: int, is_timed: ColumnElement[bool] | None) -> list[ColumnElement[Any]]:
    here = row.last_step == literal_column(str(place))
    counts: list[ColumnElement[Any]] = [
        *(count_of(is_counted(row, name, place)).label(f"{name}_{place}") for name in READINGS),
        count_of(and_(row.outcome == OPEN, is_counted(row, reading, place))).label(f"open_{place}"),
        count_of(and_(row.outcome == OPEN, here)).label(f"here_{place}"),
        count_of(and_(row.outcome == LOST, here)).label(f"lost_{place}"),
    ]
    if place == 1:
        return counts
    seconds = seconds_to(row, reading, place)
    seconds = seconds if is_timed is None else case((is_timed, seconds))
    return [*counts, gathered(seconds, MEDIAN).label(f"median_{place}"), func.avg(seconds).label(f"mean_{place}")]


def _records(name: str) -> str:
    """The name of the number of records with at least one such move."""
    return {"skips": "skip_records"}.get(name, f"{name}_records")


ALL_MOVES = tuple(name for move in MOVES for name in (move, _records(move)))


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
            frames[None if pd.isna(group) else group] = steps_frame(row, way.steps, reading)
    if not way.by and not frames:
        frames[None] = steps_frame({}, way.steps, reading)
    return Tally(cohort, frames, rows)


def steps_frame(row: Mapping[str, Any], steps: Sequence[Step], reading: str) -> pd.DataFrame:
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
