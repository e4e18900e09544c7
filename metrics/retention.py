"""Retention: of the customers who began together, how many come back, and how much of their revenue stays.

    retention at age j          = customers of the cohort active at age j / customers of the cohort
    revenue retention at age j  = revenue of the cohort at age j / revenue of the same customers at age 0

Cohorts begin with the first valid order ever (filters applied before it is looked for), or anew in every period with an
order (recurring: a customer sits in several). Ages are calendar periods of the company's zone, or windows of 24 hours,
7, 30, 91 or 365 days since the customer's own first order (rolling; `n` is then those who were observed that long).
`on_or_after` counts a customer who was active at that age or at any later one. Revenue is net (with what customers buy
more), gross (before refunds and credit notes) or kept (of each customer no more than at age 0, never above 1; the
trade's "gross revenue retention"). A cell that has not been observed is not in the frame; one whose period is still
running, or of whose cohort not everybody has been observed that long, has `is_complete` False and stays out of the
averages; a cell in which nobody came back is 0.

Unit: ratio; no value where the revenue at age 0 is not above 0. Interval: Wilson 1927 for customers, Cochran 1977 for
revenue (customers as clusters; cut off at 0 for gross, at 0 and 1 for kept). Averages add up the complete cells of an
age, so a cohort weighs as much as it has customers (or revenue). Source: docs/metrics.md#retention
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Select

from data_access.errors import QuestionError
from data_access.source import Source
from metrics.cohorts import (
    CUSTOMERS,
    FIRST_CHANNEL,
    GROSS,
    KEPT,
    MEASURES,
    WINDOW_DAYS,
    Rules,
    cells_query,
    everyone_query,
    members_query,
    whole_buckets,
)
from metrics.filters import CUSTOMER_DIMENSIONS, NONE, narrow
from metrics.metric import SALES_FILTERS, Better, Metric, Option, Unit
from metrics.periods import Period, buckets, observed
from metrics.question import Question
from metrics.results import Note, Triangle, empty_frame, note
from metrics.statistics import RatioSums, ratio_interval, wilson

LONGEST_AGE = 1000
GROUPS = (*CUSTOMER_DIMENSIONS, "acquired_channel", FIRST_CHANNEL)
CELL = ("cohort", "age", "customers", "active", "value", "n", "low", "high", "is_complete", "revenue", "gross_revenue",
        "revenue_rate")  # fmt: skip
AVERAGE = ("age", "value", "n", "low", "high", "cohorts")
RANGES = {GROSS: (0.0, np.inf), KEPT: (0.0, 1.0)}  # beyond which no interval reaches, as the measure cannot
SUMS = ("active", "revenue", "gross_revenue", "amount", "squares", "products")
Grid = NDArray[np.float64]


# -- the question ---------------------------------------------------------------------------------------------------
def rules_of(source: Source, question: Question) -> Rules | None:
    """The cohorts and ages that a question asks for; None when its period lies outside the data."""
    filters, first = question.filters, source.crm.facts.first
    begin = max(filters.period.start, source.calendar.to_local(first).date()) if first else filters.period.end
    end = min(filters.period.end, _day_after_data(source))
    if begin >= end:
        return None
    period = whole_buckets(Period(begin, end), filters.grain, source.calendar)
    by = question.option("by")
    return Rules(
        filters.grain,
        period.start,
        period.end,
        is_recurring=question.option("cohort") == "recurring",
        is_rolling=question.option("ages") == "rolling",
        or_after=question.option("returning") == "on_or_after",
        by="" if by == "none" else by,
        max_age=_max_age(question.option("max_age")),
    )


def _day_after_data(source: Source) -> date:
    """The first local day of which nothing is known."""
    return source.calendar.to_local(source.as_of).date() + timedelta(days=1)


def _max_age(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= LONGEST_AGE):
        raise QuestionError(
            f"retention: option max_age cannot be {text!r}; write a whole number from 0 to {LONGEST_AGE}.",
            key="unknown_option_value",
        )
    return int(text)


# -- the answer -----------------------------------------------------------------------------------------------------
def answer(source: Source, question: Question) -> Triangle:
    """The triangle of cohorts and ages, and the average of every age."""
    rules, measure = rules_of(source, question), question.option("measure")
    if rules is None:
        is_later = question.filters.period.start >= _day_after_data(source)
        return _nothing(question, *([note("period_not_begun")] if is_later else []))
    rows = source.fetch(cells_query(source.crm, rules, measure))
    if rows.empty:
        return _nothing(question)
    aged = _aged(source, rules, rows)
    cells = Cells.of(aged, rules, measure)
    frame = cells.frame()
    averages = cells.averages()
    notes = (*_later_ages(rules, aged), *_notes(source, question, rules), *_counted_notes(frame, rows))
    if question.filters.complete_only:
        frame = frame[frame["is_complete"]].reset_index(drop=True)
    return Triangle(frame=frame, n=int(cells.customers.sum()), notes=notes, averages=averages,
                    grain=rules.grain.value, measure=measure)  # fmt: skip


def _nothing(question: Question, *notes: Note) -> Triangle:
    group = () if question.option("by") in ("", "none") else ("group",)
    frame, averages = empty_frame(*group, *CELL), empty_frame(*group, *AVERAGE)
    frame["cohort"], frame["is_complete"] = pd.to_datetime(frame["cohort"]), frame["is_complete"].astype(bool)
    measure = question.option("measure")
    return Triangle(
        frame=frame, n=0, notes=notes, averages=averages, grain=question.filters.grain.value, measure=measure
    )


def _aged(source: Source, rules: Rules, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with age, seen (last age that has begun to be observed) and whole (last age observed to its end)."""
    calendar, until = source.calendar, source.crm.until
    begun = list(buckets(Period(rules.start, _day_after_data(source)), rules.grain, calendar))
    finished = sum(observed(bucket, calendar, until).is_finished for bucket in begun)
    starts = np.array([bucket.start for bucket in begun], dtype="datetime64[us]")
    place = np.searchsorted(starts, rows["cohort"].to_numpy())
    if rules.is_rolling:
        whole = np.where(place < finished, rows["observed"], -1)
        return rows.assign(age=rows["step"].astype(int), seen=rows["observed"].clip(lower=0), whole=whole)
    age = np.searchsorted(starts, rows["step"].to_numpy()) - place
    return rows.assign(age=age, seen=len(begun) - 1 - place, whole=finished - 1 - place)


# -- cohorts by ages ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cells:
    """Cohorts (rows) by ages (columns); every grid holds sums over the customers who were observed at that age.

    `heads` has one row per cohort: [group,] cohort. `base` is the amount that the same customers brought at age 0.
    """

    heads: pd.DataFrame
    measure: str
    is_recurring: bool
    customers: NDArray[np.int64]
    whole: NDArray[np.int64]
    n: Grid
    sums: Mapping[str, Grid]
    bases: Mapping[str, Grid]

    @classmethod
    def of(cls, rows: pd.DataFrame, rules: Rules, measure: str) -> Cells:
        """From the rows of `cells_query`, aged."""
        heads, place = _heads(rows)
        shape = len(heads), rules.max_age + 1
        age, seen = rows["age"].to_numpy(), rows["seen"].to_numpy()
        inside, start = age < shape[1], age == 0
        reach = np.minimum(seen[start], shape[1] - 1)
        sums, bases = {}, {}
        for name in [name for name in SUMS if name in rows]:
            values = rows[name].to_numpy(dtype=float)
            sums[name] = _grid(place[inside], age[inside], values[inside], shape)
            bases[name] = _at_least(_grid(place[start], reach, values[start], shape))
        if rules.or_after:
            ended = rows["ended"].to_numpy(dtype=float)
            sums["active"] = bases["active"] - _gone(place[inside], age[inside], seen[inside], ended[inside], shape)
        whole = np.full(len(heads), np.iinfo(np.int64).max)
        np.minimum.at(whole, place[start], rows["whole"].to_numpy(dtype=np.int64)[start])
        customers = bases["active"][:, 0].astype(np.int64)
        return cls(heads, measure, rules.is_recurring, customers, whole, bases["active"], sums, bases)

    @property
    def is_money(self) -> bool:
        return self.measure != CUSTOMERS

    def frame(self) -> pd.DataFrame:
        """The observed cells, one row each, by group, cohort and age."""
        place, age = np.nonzero(self.n > 0)
        cell = {name: grid[place, age] for name, grid in self.sums.items()}
        base = {name: grid[place, age] for name, grid in self.bases.items()}
        n = self.n[place, age]
        value, low, high = self._rated(n, cell, base)
        columns = {
            **{str(name): self.heads[name].array[place] for name in self.heads},
            "age": age, "customers": self.customers[place], "active": cell["active"].astype(np.int64), "value": value,
            "n": n.astype(np.int64), "low": low, "high": high, "is_complete": age <= self.whole[place],
            "revenue": cell["revenue"], "gross_revenue": cell["gross_revenue"],
            "revenue_rate": _quotient(cell["revenue"], base["revenue"]),
        }  # fmt: skip
        return pd.DataFrame(columns)

    def averages(self) -> pd.DataFrame:
        """[group,] age, value, n, low, high, cohorts: the complete cells of every age added up."""
        ages = np.arange(self.n.shape[1])
        complete = (ages <= self.whole[:, None]) & (self.n > 0)
        group = self.heads["group"] if "group" in self.heads else pd.Series([0] * len(self.heads))
        parts = []
        for name in group.unique():
            chosen = complete & (group.isna() if pd.isna(name) else group == name).to_numpy()[:, None]
            frame = self._average(chosen)
            parts.append(frame.assign(group=name)[["group", *AVERAGE]] if "group" in self.heads else frame)
        return pd.concat(parts, ignore_index=True)

    def _average(self, chosen: NDArray[np.bool_]) -> pd.DataFrame:
        cohorts = chosen.sum(axis=0)
        age = np.flatnonzero(cohorts)

        def total(grid: Grid) -> Grid:
            return (grid * chosen).sum(axis=0)[age]

        n = total(self.n)
        sums = {name: total(grid) for name, grid in self.sums.items()}
        value, low, high = self._rated(n, sums, {name: total(grid) for name, grid in self.bases.items()})
        if self.is_recurring:  # a customer counts in several cohorts: no interval for independent cases holds
            low = high = np.full(len(age), np.nan)
        return pd.DataFrame(
            {"age": age, "value": value, "n": n.astype(np.int64), "low": low, "high": high, "cohorts": cohorts[age]}
        )

    def _rated(self, n: Grid, cell: Mapping[str, Grid], base: Mapping[str, Grid]) -> tuple[Grid, Grid, Grid]:
        """The rate of the measure with its interval."""
        if not self.is_money:
            return (_quotient(cell["active"], n), *wilson(cell["active"], n))
        value = _quotient(cell["amount"], base["amount"])
        sums = zip(n, cell["amount"], base["amount"], cell["squares"], cell["products"], base["squares"], strict=True)
        ends = [ratio_interval(RatioSums(*values)) if values[2] > 0 else (np.nan, np.nan) for values in sums]
        low, high = np.array(ends, dtype=float).reshape(-1, 2).T
        least, most = RANGES.get(self.measure, (-np.inf, np.inf))
        return value, np.minimum(value, np.maximum(low, least)), np.maximum(value, np.minimum(high, most))


def _heads(rows: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The cohorts in order of group (missing last) and time, and the place of each row's cohort among them."""
    cohorts, when = np.unique(rows["cohort"].to_numpy(), return_inverse=True)
    if "group" not in rows:
        return pd.DataFrame({"cohort": cohorts}), when
    code, names = pd.factorize(rows["group"], sort=True)
    named = np.where(code < 0, len(names), code)
    both, place = np.unique(named * len(cohorts) + when, return_inverse=True)
    group = pd.Series([*names, None], dtype=rows["group"].dtype).array[both // len(cohorts)]
    return pd.DataFrame({"group": group, "cohort": cohorts[both % len(cohorts)]}), place


def _grid(row: NDArray[Any], column: NDArray[Any], values: Grid, shape: tuple[int, ...]) -> Grid:
    """Values added up by row and column."""
    height, width = shape
    added: Grid = np.bincount(row * width + column, values, height * width).astype(float)
    return added.reshape(height, width)


def _gone(row: NDArray[Any], last: NDArray[Any], seen: NDArray[Any], ended: Grid, shape: tuple[int, ...]) -> Grid:
    """How many of those observed at each age had ordered for the last time before it."""
    wider = shape[0], shape[1] + 1
    end = np.minimum(seen, shape[1] - 1) + 1
    went, left = _grid(row, np.minimum(last + 1, end), ended, wider), _grid(row, end, ended, wider)
    return (went - left).cumsum(axis=1)[:, :-1]


def _at_least(grid: Grid) -> Grid:
    """Each column and all to its right, added up."""
    return grid[:, ::-1].cumsum(axis=1)[:, ::-1]


def _quotient(part: Grid, whole: Grid) -> Grid:
    """part / whole; nan where the whole is not above 0."""
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


# -- what has to be said --------------------------------------------------------------------------------------------
def _notes(source: Source, question: Question, rules: Rules) -> list[Note]:
    measure, period = question.option("measure"), question.filters.period
    said = [note("complete_cells" if measure == CUSTOMERS else "retention_revenue_weights")]
    if rules.or_after:
        said.append(note("retention_on_or_after_may_rise"))
    if rules.or_after and measure != CUSTOMERS:
        said.append(note("retention_revenue_of_one_age"))
    if rules.is_rolling:
        said.append(note("retention_rolling_windows", n=WINDOW_DAYS[rules.grain]))
    if rules.is_recurring:
        said.append(note("retention_recurring"))
    if rules.by in CUSTOMER_DIMENSIONS:
        said.append(note("retention_present_day_attribute"))
    if period.start > rules.start or period.end < min(rules.end, _day_after_data(source)):
        said.append(note("retention_whole_cohorts"))
    return said


def _later_ages(rules: Rules, aged: pd.DataFrame) -> list[Note]:
    """That the oldest cohort has been observed for longer than the table goes on."""
    later = int(aged["seen"].max()) - rules.max_age
    return [note("retention_later_ages", n=later, last=rules.max_age)] if later > 0 else []


def _counted_notes(frame: pd.DataFrame, rows: pd.DataFrame) -> list[Note]:
    running, unpriced = int((~frame["is_complete"]).sum()), int(rows["unpriced"].sum())
    said = [note("retention_running_cells", n=running)] if running else []
    return said + ([note("rows_without_rate", n=unpriced)] if unpriced else [])


# -- the customers behind a cell ------------------------------------------------------------------------------------
def listing(source: Source, question: Question, part: Mapping[str, str]) -> Select[Any]:
    """The customers behind the cell that `part` names: cohort (first day), age, group, returned (`no`: who did not).

    Without a cohort the customers of all. `source` is narrowed to the question's filters. Columns: `members_query`.
    """
    rules = rules_of(source, question)
    if rules is None:
        raise QuestionError("retention: the data has nothing in the period; choose another one.")
    groups = [part.get("group", NONE)] if rules.by and ("group" in part or "cohort" in part) else []
    if "cohort" not in part:
        return everyone_query(source.crm, rules, groups)
    cohort, age = _day(part["cohort"]), _max_age(part.get("age", "0"))
    if not rules.start <= cohort < rules.end:
        raise QuestionError(f"retention: no cohort of the period begins on {cohort}; name the first day of one.")
    return members_query(source.crm, rules, cohort, age, groups, has_returned=part.get("returned", "yes") != "no")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as fault:
        raise QuestionError(f"retention: the cohort {text!r} is no day; write its first day as 2026-03-01.") from fault


def customers_in_cell(
    source: Source, question: Question, cohort: date, age: int, group: str | None = None, has_returned: bool = True
) -> pd.DataFrame:
    """The customers behind a cell of the answer that `ask` gives to the same source and question.

    Frame: customer_id, customer_name, first_order_at, orders, revenue (both of that age), last_order_at; one row per
    active customer of the cell, or per customer who was observed and did not come back. `group` None: not recorded.
    """
    narrowed = source.with_crm(narrow(source.crm, question.filters, METRIC.filters))
    part = {"cohort": cohort.isoformat(), "age": str(age), "group": NONE if group is None else group}
    return narrowed.fetch(listing(narrowed, question, {**part, "returned": "yes" if has_returned else "no"}))


METRIC = Metric(
    "retention",
    Unit.RATIO,
    Better.HIGHER,
    answer,
    needs=("orders",),
    filters=SALES_FILTERS,
    dimensions=GROUPS,
    options={
        "cohort": Option(
            ("first", "recurring"), "first", "begin with the first order ever, or anew in every active period"
        ),
        "ages": Option(("calendar", "rolling"), "calendar", "calendar periods, or days since the own first order"),
        "returning": Option(("on", "on_or_after"), "on", "active at that age, or at that age or a later one"),
        "measure": Option(MEASURES, CUSTOMERS, "customers who come back, or the revenue that stays"),
        "by": Option(("", "none", *GROUPS), "", "one triangle per group, which is fixed when the customer begins"),
        "max_age": Option((), "24", f"last age, 0 to {LONGEST_AGE}"),
    },
    columns={
        "value": (Unit.RATIO, "retention rate of the chosen measure"),
        "n": (Unit.COUNT, "customers of the cohort who were observed at this age"),
        "active": (Unit.COUNT, "customers among them who were active at this age (or from it on)"),
        "gross_revenue": (Unit.MONEY, "the same before refunds and credit notes"),
        "revenue_rate": (Unit.RATIO, "revenue at this age divided by the same customers' revenue at age 0"),
        "is_complete": (Unit.FLAG, "false while the period is running or not everybody has been observed that long"),
        "cohorts": (Unit.COUNT, "cohorts in the average"),
        "customer_id": (Unit.TEXT, "the customer"),
        "customer_name": (Unit.TEXT, "the customer's name"),
        "first_order_at": (Unit.DATE, "first valid order ever (UTC)"),
        "orders": (Unit.COUNT, "valid orders at this age"),
        "last_order_at": (Unit.DATE, "last valid order (UTC)"),
    },
    listing=listing,
)

__all__ = ["GROUPS", "METRIC", "Cells", "answer", "customers_in_cell", "listing", "rules_of"]
