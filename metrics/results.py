"""Shapes of answers: small tidy frames with their unit, their n and what has to be said about them.

A chart is chosen by shape. Every shape has `frame` (what tables, exports and the command line show), `notes` and `n`,
the number of cases behind the whole answer. Column meanings are in `metrics/columns.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from metrics.periods import Comparison, Span
from metrics.statistics import Change


@dataclass(frozen=True)
class Note:
    """Something that must be said beside a figure: `note.<key>` in the viewer's language, with its gaps."""

    key: str
    gaps: tuple[tuple[str, Any], ...] = ()


def note(key: str, **gaps: Any) -> Note:
    return Note(key, tuple(sorted(gaps.items())))


@dataclass(frozen=True, kw_only=True)
class Result:
    """What every shape has."""

    n: int
    notes: tuple[Note, ...] = ()

    if TYPE_CHECKING:

        @property
        def frame(self) -> pd.DataFrame: ...

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Further frames of the answer by name, beside `frame`."""
        return {}


@dataclass(frozen=True)
class Compared:
    """One comparison of a total. `now` and `then` are the spans that met, alike in length when one is unfinished."""

    kind: Comparison
    now: Span
    then: Span
    value: float
    n: int
    change: Change


@dataclass(frozen=True, kw_only=True)
class Framed(Result):
    """A shape that is told by its frame."""

    frame: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Total(Result):
    """One value for a period, with its comparisons and its target (None where none is set for exactly this period).

    Frame: one row: period, period_end, value, n, low, high, target; for each comparison its value, change and dates.
    """

    span: Span
    value: float
    low: float
    high: float
    comparisons: tuple[Compared, ...] = ()
    target: float | None = None

    def compared(self, kind: Comparison) -> Compared | None:
        return next((item for item in self.comparisons if item.kind is kind), None)

    @cached_property
    def frame(self) -> pd.DataFrame:
        return pd.DataFrame([self.row])

    @property
    def row(self) -> dict[str, Any]:
        """The one row of the frame."""
        row: dict[str, Any] = {
            "period": pd.Timestamp(self.span.period.start),
            "period_end": pd.Timestamp(self.span.period.end),
            "value": self.value,
            "n": self.n,
            "low": self.low,
            "high": self.high,
            "target": float("nan") if self.target is None else self.target,
        }
        for item in self.comparisons:
            name = item.kind.value
            row |= {
                f"{name}_period": pd.Timestamp(item.then.period.start),
                f"{name}_value": item.value,
                f"{name}_n": item.n,
                f"{name}_change": item.change.difference,
                f"{name}_change_ratio": item.change.ratio,
                f"{name}_change_low": item.change.low,
                f"{name}_change_high": item.change.high,
                f"{name}_verdict": item.change.verdict.value,
            }
        return row


@dataclass(frozen=True, kw_only=True)
class Trend(Framed):
    """A value per bucket. Frame: period, period_end, value, n, low, high, is_complete; in order of time.

    `is_complete` is False for a bucket that is not over or that reaches beyond the asked period: it is drawn open and
    stays out of averages, changes and sentences.
    """


@dataclass(frozen=True, kw_only=True)
class Breakdown(Framed):
    """A value per group of a dimension. Frame: group, value, n, low, high, share, compared_value, change, verdict.

    `group` is missing where nothing is recorded. `share` is the part of the whole, only where parts add up to it.
    `then` is the span compared with.
    """

    dimension: str
    is_additive: bool
    then: Span | None = None


@dataclass(frozen=True, kw_only=True)
class Bridge(Framed):
    """Why a value moved. Frame: part, before, after, change, share; changes add up exactly to after - before.

    `kind` says what the parts are: factors (customers, orders per customer, value per order) or a dimension's groups.
    With `lacks_rate` one of the two is not known because no row of it has a rate of exchange.
    """

    kind: str
    before: float
    after: float
    now: Span
    then: Span
    comparison: Comparison
    change: Change
    lacks_rate: bool = False


@dataclass(frozen=True, kw_only=True)
class Kpis(Result):
    """Several metrics' totals at once, each under its metric's name. Frame: metric, unit and a Total's columns."""

    totals: dict[str, Total]
    units: dict[str, str]

    @cached_property
    def frame(self) -> pd.DataFrame:
        if not self.totals:
            return pd.DataFrame({"metric": [], "unit": [], "value": [], "n": []})
        return pd.DataFrame(
            [{"metric": name, "unit": self.units[name], **total.row} for name, total in self.totals.items()]
        )


@dataclass(frozen=True, kw_only=True)
class Findings(Framed):
    """What changed beyond noise. Frame: metric, value, n, change, change_ratio, verdict, dimension, part, share.

    `can_tell` is False when no figure had enough cases; `compared` says which spans met; `is_by_days` is True where
    revenue moved no more than the days of the two spans explain.
    """

    can_tell: bool
    compared: Compared | None
    is_by_days: bool = False


@dataclass(frozen=True, kw_only=True)
class Triangle(Framed):
    """Cohorts by age. Frame: [group,] cohort, age, customers, active, value, n, low, high, is_complete, revenue,
    gross_revenue, revenue_rate.

    A cell that has not been observed is not in the frame; one that is still running has `is_complete` False.
    `averages`: age, value, n, low, high, cohorts over complete cells only, weighted by cohort size.
    """

    averages: pd.DataFrame
    grain: str
    measure: str

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {"averages": self.averages}


@dataclass(frozen=True, kw_only=True)
class Funnel(Framed):
    """Steps in order, per group when one is asked for; n = records of the cohort. Frame, one row per step:

    [group,]                       missing where nothing is recorded; only when a breakdown was asked for
    stage, stage_name, position    code, name as the company writes it, place from 1; the last step is `won`
    reached, in_order, entered     records by each reading; reached = entered + skipped, in_order <= entered
    count                          the chosen reading (`reading`)
    skipped                        records in `reached` that never entered the step
    step_conversion_rate, step_low, step_high
                                   count / count of the step before, with Wilson's interval; missing in the first step
    conversion_rate, low, high     count / count of the first step
    still_open                     records of `count` that are open now
    still_here, lost               records whose last stage is this one and which are open now, or lost; 0 for `won`
    median_days, mean_days         from the record's own step before, over records of `count`; missing in the first step
    n                              cases behind step_conversion_rate: count of the step before; first step: the cohort
    compared_value, compared_n     step_conversion_rate and n of the cohort compared with
    change, change_low, change_high, verdict    step_conversion_rate against it, corrected over all rows
    history_rate, history_n        step_conversion_rate of the `history` preceding cohorts taken together, and n
    step_verdict                   step_conversion_rate against history_rate, corrected over all rows

    `compared` has the columns up to n for the cohort compared with, which is followed only as long as the present one
    could be: up to `then_until` (a UTC moment). `moves`: skips, skip_records, backward, backward_records, reopened,
    reopened_records (moves, and records with at least one). `still_open`, `won` and `lost` add up to n; `pending`
    (window not over yet) and `void` are in no count. `bottleneck` is the code of the step that loses significantly
    more than it used to, None when there is none or when a breakdown was asked for.
    """

    reading: str
    moves: dict[str, int]
    still_open: int
    pending: int
    won: int = 0
    lost: int = 0
    void: int = 0
    start: str = "opportunity"
    pipeline: str = ""
    pipeline_name: str = ""
    window_days: int | None = None
    compared: pd.DataFrame | None = None
    now: Span | None = None
    then: Span | None = None
    then_until: datetime | None = None
    history: int = 0
    bottleneck: str | None = None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {} if self.compared is None else {"compared": self.compared}


@dataclass(frozen=True, kw_only=True)
class StageTimes(Framed):
    """Time in stage by Kaplan-Meier; n = stays. Frame, one row per open stage in order: stage, stage_name, position, n,
    median_days, median_low, median_high, mean_days (up to the longest stay seen), share_open, still_there.

    The median is missing while more than half are still there; a stage that nobody entered has n = 0 and no values.
    `curves`: stage, days, share_left, low, high: steps that begin at day 0 with share_left 1; at most 200 a stage.
    """

    curves: pd.DataFrame
    pipeline: str = ""
    pipeline_name: str = ""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {"curves": self.curves}


def empty_frame(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="float64") for name in columns})
