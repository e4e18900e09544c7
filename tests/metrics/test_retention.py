"""Retention: the triangle by eye, by hand-written SQL, by a second computation, and the customers behind each cell."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_access.access import Policy
from data_access.errors import QuestionError
from data_access.source import Source, open_source
from metrics.answers import Answer
from metrics.listing import Listing, listing
from metrics.question import Question, question_for
from metrics.results import Triangle
from metrics.retention import METRIC, customers_in_cell
from metrics.statistics import RatioSums, ratio_interval, wilson
from tests.worlds import World, as_moment, ask_source, filters

BERLIN = {"timezone": "Europe/Berlin", "data_as_of": "2026-04-15 12:00"}


def order(who: str, at: str, net: float = 100, **more: Any) -> dict[str, Any]:
    return {"customer_id": who, "ordered_at": at, "net": net, **more}


# Fifteen rows with a trap each; moments are UTC, Berlin is an hour ahead in winter and two from 29 March.
REGIONS = {"ann": "North", "bob": "North", "cy": "South", "fay": "South", "eve": "South"}
EYE = World(
    BERLIN,
    customers=[{"customer_id": who, "region": REGIONS.get(who)} for who in (*REGIONS, "dee", "gus", "hal")],
    orders=[
        order("ann", "2026-01-10"),
        order("ann", "2026-01-20"),  # twice in a period: one customer
        order("ann", "2026-02-05", 50),
        order("bob", "2026-01-31 22:30"),  # 23:30 of 31 January there
        order("bob", "2026-02-28 23:30", 80),  # 00:30 of 1 March there: month 2, not 1
        order("cy", "2026-01-05", status="cancelled"),
        order("cy", "2026-01-31 23:30"),  # 00:30 of 1 February there: the first order that counts
        order("cy", "2026-04-10", 70),  # in the running month
        order("dee", "2026-01-15"),
        order("dee", "2026-02-15", status="refunded"),  # fully refunded: no order
        order("dee", "2026-03-15", -30, document="credit_note"),  # lowers March, makes nobody active
        order("eve", "2026-01-07", is_test=True),
        order("eve", "2026-02-25"),
        order("eve", "2026-03-03", 40),  # six days later, yet month 1
        order("fay", "2026-01-31 08:00", 120, refunded=20),
        order("fay", "2026-02-28 08:00"),  # 31 January to 28 February
        order("gus", "2026-04-02"),  # a cohort that is still running
        order("hal", "2026-04-20"),  # after the as-of moment
    ],
)


def triangle(source: Source, when: str, **choices: Any) -> Triangle:
    """The result of retention."""
    result = ask_source(source, "retention", when, **choices).result
    assert isinstance(result, Triangle)
    return result


def cells(answer: Answer | Triangle, *columns: str, group: str | None = None) -> dict[tuple[str, int], Any]:
    """(first day of the cohort, age) -> one column or several, of the frame of an answer."""
    result = answer.result if isinstance(answer, Answer) else answer
    assert result is not None
    frame = result.frame
    if group is not None:
        frame = frame[frame["group"] == group]
    names = columns or ("active",)
    keys = [(f"{row.cohort:%Y-%m-%d}", int(row.age)) for row in frame.itertuples()]
    values = [tuple(row) if len(names) > 1 else row[0] for row in frame[list(names)].to_numpy().tolist()]
    return dict(zip(keys, values, strict=True))


def average(answer: Answer | Triangle, age: int) -> Any:
    """The row of the averages of one age."""
    result = answer.result if isinstance(answer, Answer) else answer
    assert isinstance(result, Triangle)
    frame = result.averages
    return next(iter(frame[frame["age"] == age].itertuples()))


def question(when: str, **choices: Any) -> Question:
    """What `ask_source` asks, as a value."""
    known = {name: choices.pop(name) for name in ("grain", "where") if name in choices}
    return question_for(METRIC, filters(when, **known), choices)


def rows_behind(source: Source, part: dict[str, str], limit: int) -> tuple[pd.DataFrame, int]:
    """The list that a page opens on a cell."""
    lister: Listing | None = listing("retention")
    assert lister is not None
    return lister(source, question("2026"), part, limit)


@pytest.fixture
def eye(engine, shelf) -> Source:
    """The world that is counted by eye, on the engine at hand."""
    return open_source(shelf(engine, "retention by eye", lambda: EYE))


@pytest.fixture
def ask_eye(engine, shelf) -> Callable[..., Answer]:
    """ask_eye(period, policy=, as_of=, ...) -> Answer about that world."""

    def asker(when: str, policy: Policy | None = None, as_of: str | None = None, **choices: Any) -> Answer:
        url = shelf(engine, "retention by eye", lambda: EYE)
        return ask_source(open_source(url, policy, as_moment(as_of)), "retention", when, **choices)

    return asker


def note_keys(answer: Answer) -> set[str]:
    return {item.key for item in answer.notes}


# -- by eye ---------------------------------------------------------------------------------------------------------
def test_every_trap_is_counted_as_by_eye(ask_eye):
    answer = ask_eye("2026")
    assert cells(answer, "customers", "active", "n", "is_complete") == {
        ("2026-01-01", 0): (4, 4, 4, True),
        ("2026-01-01", 1): (4, 2, 4, True),
        ("2026-01-01", 2): (4, 1, 4, True),
        ("2026-01-01", 3): (4, 0, 4, False),
        ("2026-02-01", 0): (2, 2, 2, True),
        ("2026-02-01", 1): (2, 1, 2, True),
        ("2026-02-01", 2): (2, 1, 2, False),
        ("2026-04-01", 0): (1, 1, 1, False),
    }
    assert answer.result.n == 7


def test_revenue_is_net_of_refunds_and_credit_notes_and_gross_is_before_them(ask_eye):
    found = cells(ask_eye("2026"), "revenue", "gross_revenue", "revenue_rate")
    assert found[("2026-01-01", 0)] == (500, 520, 1)
    assert found[("2026-01-01", 1)] == (150, 150, 0.3)
    assert found[("2026-01-01", 2)] == (50, 80, 0.1)
    assert found[("2026-02-01", 2)] == (70, 70, 0.35)


def test_averages_hold_complete_cells_only(ask_eye):
    answer = ask_eye("2026")
    found = [(row.age, row.value, row.n, row.cohorts) for row in answer.result.averages.itertuples()]
    assert found == [(0, 1, 6, 2), (1, 0.5, 6, 2), (2, 0.25, 4, 1)]


def test_running_cells_are_named_in_a_note_and_can_be_left_out(ask_eye):
    answer = ask_eye("2026")
    assert next(item for item in answer.notes if item.key == "retention_running_cells").gaps == (("n", 3),)
    finished = ask_eye("2026", complete_only=True)
    assert finished.result.frame["is_complete"].all()
    assert len(finished.result.frame) == 5
    pd.testing.assert_frame_equal(finished.result.averages, answer.result.averages)


def test_came_back_then_or_later(ask_eye):
    answer = ask_eye("2026", returning="on_or_after")
    found = cells(answer)
    assert [found[("2026-01-01", age)] for age in range(4)] == [4, 3, 1, 0]
    assert [found[("2026-02-01", age)] for age in range(3)] == [2, 2, 1]
    assert average(answer, 1).value == 5 / 6
    assert "retention_on_or_after_may_rise" in note_keys(answer)


def test_in_recurring_cohorts_a_customer_begins_anew_with_every_active_period(ask_eye):
    answer = ask_eye("2026", cohort="recurring")
    found = cells(answer, "customers", "active")
    assert [found[("2026-01-01", age)] for age in range(4)] == [(4, 4), (4, 2), (4, 1), (4, 0)]
    assert [found[("2026-02-01", age)] for age in range(3)] == [(4, 4), (4, 1), (4, 1)]  # ann, cy, eve, fay
    assert [found[("2026-03-01", age)] for age in range(2)] == [(2, 2), (2, 0)]  # bob, eve
    assert found[("2026-04-01", 0)] == (2, 2)  # cy, gus
    assert math.isnan(average(answer, 1).low)
    assert "retention_recurring" in note_keys(answer)


def test_a_credit_note_before_or_without_any_order_makes_no_customer(ask_world):
    credit = {"document": "credit_note"}
    world = World(orders=[order("ann", "2026-01-05", -10, **credit), order("bob", "2026-01-05", -10, **credit),
                          order("ann", "2026-02-05")])  # fmt: skip
    assert cells(ask_world(world, "retention", "2026", max_age="0"), "customers", "revenue") == {
        ("2026-02-01", 0): (1, 100)
    }


# -- time -----------------------------------------------------------------------------------------------------------
# grain, first order, next order (UTC), age by the calendar, age by elapsed time
BORDERS = {
    "UTC": [
        ("day", "2026-01-05 20:00", "2026-01-06 06:00", 1, 0),  # Monday evening, Tuesday morning
        ("day", "2026-01-05 20:00", "2026-01-06 20:00", 1, 1),  # exactly 24 hours
        ("month", "2026-02-25", "2026-03-03", 1, 0),
        ("month", "2026-01-31", "2026-02-28", 1, 0),
        ("month", "2026-01-31", "2026-03-02", 2, 1),  # exactly 30 days
        ("week", "2026-01-04 12:00", "2026-01-05 12:00", 1, 0),  # Sunday, Monday
        ("quarter", "2026-03-31", "2026-04-01", 1, 0),
        ("quarter", "2026-01-01", "2026-04-02", 1, 1),  # exactly 91 days
        ("year", "2025-12-31", "2026-01-01", 1, 0),
    ],
    "Europe/Berlin": [
        ("day", "2026-03-28 22:30", "2026-03-29 21:30", 1, 0),  # the day has 23 hours
        ("day", "2026-03-28 22:30", "2026-03-29 22:30", 2, 1),  # 24 hours later it is the day after
        ("day", "2025-10-25 21:30", "2025-10-26 21:45", 1, 1),  # the day has 25 hours
        ("day", "2025-10-25 22:30", "2025-10-26 22:30", 0, 1),  # 24 hours later it is the same day
        ("day", "2025-10-26 00:30", "2025-10-26 01:30", 0, 0),  # both are half past two
        ("month", "2026-01-15", "2026-01-31 22:30", 0, 0),
        ("month", "2026-01-15", "2026-01-31 23:30", 1, 0),  # half past midnight of 1 February there
    ],
}


@pytest.mark.parametrize("zone", BORDERS)
def test_an_age_counts_calendar_periods_or_elapsed_windows(load, zone):
    """Each pair of orders is a customer of their own, and a segment, so that they can be asked about alone."""
    orders = [order(f"c{i}", at) for i, (_, *both, _, _) in enumerate(BORDERS[zone]) for at in both]
    people = [{"customer_id": f"c{i}", "segment": f"s{i}"} for i in range(len(BORDERS[zone]))]
    source = load(World({"timezone": zone, "data_as_of": "2027-01-01"}, customers=people, orders=orders))
    for i, (grain, first, again, *expected) in enumerate(BORDERS[zone]):
        asked = {"grain": grain, "where": {"segment": f"s{i}"}, "max_age": "5"}
        answers = [triangle(source, "2025-01-01..2027-01-01", ages=ages, **asked) for ages in ("calendar", "rolling")]
        found = [max(age for (_, age), active in cells(answer).items() if active) for answer in answers]
        assert found == expected, (grain, first, again)


def test_weeks_and_fiscal_quarters_begin_where_the_company_says(ask_world):
    sunday = World({"week_start": 7}, orders=[order("ann", "2026-01-04"), order("ann", "2026-01-10")])
    assert cells(ask_world(sunday, "retention", "2026-01", grain="week", max_age="0")) == {("2026-01-04", 0): 1}
    fiscal = World({"fiscal_year_start_month": 2}, orders=[order("ann", "2026-02-01"), order("ann", "2026-05-01")])
    found = cells(ask_world(fiscal, "retention", "2026", grain="quarter", max_age="1"))
    assert found == {("2026-02-01", 0): 1, ("2026-02-01", 1): 1}


def test_a_rolling_age_counts_only_those_observed_to_the_end_of_its_window(ask_world):
    world = World(
        {"data_as_of": "2026-03-20"},
        orders=[
            order("ann", "2026-01-05"),  # 74 days: two windows are over
            order("ann", "2026-02-10", 60),  # window 1
            order("bob", "2026-01-25", 10),  # 54 days: one window is over
            order("bob", "2026-03-01", 500),  # window 1, which is not over
        ],
    )
    answer = ask_world(world, "retention", "2026-01", ages="rolling")
    assert cells(answer, "customers", "n", "active", "value", "is_complete", "revenue", "revenue_rate") == {
        ("2026-01-01", 0): (2, 2, 2, 1, True, 110, 1),
        ("2026-01-01", 1): (2, 1, 1, 1, False, 60, 0.6),
    }
    assert list(answer.result.averages["age"]) == [0]
    assert ("n", 30) in next(item for item in answer.notes if item.key == "retention_rolling_windows").gaps


def test_a_rolling_cohort_begins_complete_only_when_everybodys_first_window_is_over(ask_world):
    world = World({"data_as_of": "2026-03-20"}, orders=[order("ann", "2026-02-05"), order("bob", "2026-02-27")])
    answer = ask_world(world, "retention", "2026-02", ages="rolling")
    assert cells(answer, "n", "active", "is_complete") == {("2026-02-01", 0): (2, 2, False)}


def test_cohorts_are_whole_and_ages_run_on_beyond_the_period(ask_eye):
    answer = ask_eye("2026-01-20..2026-02-01")
    assert cells(answer)[("2026-01-01", 0)] == 4
    assert cells(answer)[("2026-01-01", 2)] == 1
    assert "retention_whole_cohorts" in note_keys(answer)
    assert "retention_whole_cohorts" not in note_keys(ask_eye("2026-01"))
    assert "retention_whole_cohorts" not in note_keys(ask_eye("2026-01-01..2026-04-16"))  # the data end there


def test_the_first_order_is_looked_for_in_the_whole_history(ask_world):
    world = World(orders=[order("ann", "2020-05-05"), order("ann", "2026-01-05")])
    assert ask_world(world, "retention", "2026").result.n == 0
    assert ask_world(world, "retention", "2026", cohort="recurring").result.n == 1


def test_max_age_ends_the_triangle(ask_eye):
    assert {age for _, age in cells(ask_eye("2026", max_age="1"))} == {0, 1}
    assert [average(ask_eye("2026", max_age="1", returning="on_or_after"), 1).value] == [5 / 6]


@pytest.mark.parametrize(("ages", "later"), [("calendar", 2), ("rolling", 1)])
def test_ages_beyond_the_last_one_are_told(ask_eye, ages, later):
    """January has been observed up to age 3, as April has begun; of whole windows of 30 days it has seen ages 0 to 2."""
    (said,) = [item for item in ask_eye("2026", max_age="1", ages=ages).notes if item.key == "retention_later_ages"]
    assert dict(said.gaps) == {"n": later, "last": 1}
    assert "retention_later_ages" not in note_keys(ask_eye("2026", max_age="3", ages=ages))


def test_nothing_after_the_as_of_moment_is_counted(ask_eye, ask_world):
    known = EYE.only(orders=lambda row: row["ordered_at"] < datetime(2026, 4, 15, 12, 0, 1))
    early = ask_world(known, "retention", "2026")
    pd.testing.assert_frame_equal(ask_eye("2026").result.frame, early.result.frame)
    february = ask_eye("2026", as_of="2026-02-10")
    assert cells(february, "active", "is_complete") == {
        ("2026-01-01", 0): (4, True), ("2026-01-01", 1): (1, False), ("2026-02-01", 0): (1, False),
    }  # fmt: skip


def test_a_period_after_the_data_has_no_cohorts(ask_eye):
    answer = ask_eye("2027", by="region")
    assert list(answer.result.frame.columns)[:3] == ["group", "cohort", "age"]
    assert len(answer.result.frame) == 0
    assert "period_not_begun" in note_keys(answer)


def test_a_period_before_the_data_has_no_cohorts_and_one_from_the_first_year_has_all(ask_eye):
    before = ask_eye("0001-01-01..2025-01-01", grain="day")
    assert (len(before.result.frame), note_keys(before)) == (0, set())
    assert ask_eye("0001-01-01..9999-01-01", grain="week").result.n == 7


# -- rates, averages, intervals --------------------------------------------------------------------------------------
def test_averages_are_weighted_by_the_size_of_the_cohort(ask_world):
    """Two of ten and none of a hundred: 1.8 %, where the mean of the two rates would be 10 %."""
    orders = [order(f"jan{i}", "2026-01-05") for i in range(10)] + [order(f"feb{i}", "2026-02-05") for i in range(100)]
    world = World(orders=[*orders, order("jan0", "2026-02-05"), order("jan1", "2026-02-05")])
    row = average(ask_world(world, "retention", "2026"), 1)
    assert (round(row.value, 4), row.n, row.cohorts) == (0.0182, 110, 2)
    low, high = wilson(2, 110)
    assert (row.low, row.high) == (pytest.approx(low), pytest.approx(high))


def test_a_cell_carries_the_wilson_interval_of_its_rate(ask_eye):
    found = cells(ask_eye("2026"), "low", "high")
    low, high = wilson([2, 0], [4, 4])
    assert found[("2026-01-01", 1)] == pytest.approx((low[0], high[0]))
    assert found[("2026-01-01", 3)] == pytest.approx((low[1], high[1]))


def test_revenue_retention_counts_what_customers_buy_more_and_kept_revenue_does_not(ask_world):
    world = World(orders=[
        order("ann", "2026-01-05", 100), order("ann", "2026-02-05", 300),
        order("bob", "2026-01-05", 100, refunded=20), order("bob", "2026-02-05", 50, refunded=10),
        order("cy", "2026-01-05", 20),
    ])  # fmt: skip
    rates = {"revenue": 340 / 200, "gross_revenue": 350 / 220, "kept_revenue": 140 / 200}
    for measure, rate in rates.items():
        answer = ask_world(world, "retention", "2026-01", measure=measure, max_age="1")
        found = cells(answer, "value", "revenue_rate", "n")
        assert found[("2026-01-01", 0)] == (1, 1, 3)
        assert found[("2026-01-01", 1)] == pytest.approx((rate, 1.7, 3))
        assert average(answer, 1).value == pytest.approx(rate)
    frame = ask_world(world, "retention", "2026-01", measure="revenue").result.frame
    row = next(iter(frame.query("age == 1").itertuples()))
    x, y = np.array([100, 80, 20.0]), np.array([300, 40, 0.0])
    expected = ratio_interval(RatioSums(3, y.sum(), x.sum(), (y * y).sum(), (x * y).sum(), (x * x).sum()))
    assert (row.low, row.high) == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    ("measure", "below", "above"),
    [("revenue", True, True), ("gross_revenue", False, True), ("kept_revenue", False, False)],
)
def test_an_interval_does_not_reach_where_the_measure_cannot_be(ask_world, measure, below, above):
    """Two customers, one of whom stays: Student's interval of the half is far wider than 0 to 1."""
    world = World(
        orders=[order("ann", "2026-01-05", 100), order("bob", "2026-01-05", 100), order("ann", "2026-02-05", 100)]
    )
    answer = ask_world(world, "retention", "2026-01", measure=measure, max_age="1")
    value, low, high = cells(answer, "value", "low", "high")[("2026-01-01", 1)]
    assert (value, low < 0, high > 1) == (0.5, below, above)
    assert low == 0 or below
    assert (average(answer, 1).low, average(answer, 1).high) == (low, high)


def test_there_is_no_revenue_rate_without_revenue_at_age_0(ask_world):
    world = World(orders=[order("ann", "2026-01-05", 0), order("ann", "2026-02-05", 10)])
    found = cells(ask_world(world, "retention", "2026-01", measure="revenue", max_age="1"), "value", "low", "active")
    assert math.isnan(found[("2026-01-01", 1)][0])
    assert math.isnan(found[("2026-01-01", 1)][1])
    assert found[("2026-01-01", 1)][2] == 1


def test_orders_without_a_rate_count_as_orders_and_are_told(ask_world):
    world = World(orders=[order("ann", "2026-01-05"), order("bob", "2026-01-05", 999, currency="USD")])
    answer = ask_world(world, "retention", "2026-01", max_age="0")
    assert cells(answer, "active", "revenue") == {("2026-01-01", 0): (2, 100)}
    assert next(item for item in answer.notes if item.key == "rows_without_rate").gaps == (("n", 1),)


# -- groups and filters ---------------------------------------------------------------------------------------------
def test_groups_add_up_to_the_whole(ask_eye):
    whole = cells(ask_eye("2026"), "customers", "active", "revenue")
    frame = ask_eye("2026", by="region").result.frame
    added = frame.groupby(["cohort", "age"])[["customers", "active", "revenue"]].sum()
    assert {(f"{row.Index[0]:%Y-%m-%d}", row.Index[1]): tuple(row)[1:] for row in added.itertuples()} == whole
    assert list(frame["group"].drop_duplicates())[:2] == ["North", "South"]
    assert frame["group"].isna().sum() > 0


def test_groups_that_the_customer_has_today_are_told(ask_eye):
    answer = ask_eye("2026", by="region")
    assert "retention_present_day_attribute" in note_keys(answer)
    assert next(iter(answer.result.averages.columns)) == "group"
    channel = ask_eye("2026", by="acquired_channel")
    assert "retention_present_day_attribute" not in note_keys(channel)
    assert "retention_present_day_attribute" not in note_keys(ask_eye("2026", by="none"))


def test_the_first_channel_is_that_of_the_first_order_and_stays(ask_world):
    world = World(orders=[
        order("ann", "2026-01-05", channel="web"), order("ann", "2026-02-05", channel="shop"),
        order("ann", "2025-12-05", channel="mail", status="cancelled"), order("bob", "2026-01-05", channel="shop"),
    ])  # fmt: skip
    answer = ask_world(world, "retention", "2026-01", by="first_channel", max_age="1")
    assert cells(answer, "customers", "active", group="web")[("2026-01-01", 1)] == (1, 1)
    assert cells(answer, "customers", "active", group="shop")[("2026-01-01", 1)] == (1, 0)


def test_a_filter_is_applied_before_the_first_order_is_looked_for(ask_world):
    world = World(orders=[order("ann", "2026-01-05", channel="web"), order("ann", "2026-02-05", channel="shop")])
    answer = ask_world(world, "retention", "2026", where={"channel": "shop"}, max_age="0")
    assert cells(answer) == {("2026-02-01", 0): 1}


def test_a_category_counts_only_its_share_of_the_order(ask_world):
    world = World(orders=[{"customer_id": "ann", "ordered_at": "2026-01-05", "lines": [("Bikes", 80), ("Parts", 20)]}])
    answer = ask_world(world, "retention", "2026-01", where={"category": "Parts"}, max_age="0")
    assert cells(answer, "revenue", "gross_revenue") == {("2026-01-01", 0): pytest.approx((20, 20))}


def test_a_viewer_counts_only_customers_they_may_see(ask_eye):
    north = ask_eye("2026", policy=Policy("n", regions=("North",)))
    assert cells(north)[("2026-01-01", 0)] == 2
    nobody = ask_eye("2026", policy=Policy("nobody", regions=()))
    assert nobody.result.n == 0


# -- little data, wrong questions -----------------------------------------------------------------------------------
@pytest.mark.parametrize("ages", ["calendar", "rolling"])
@pytest.mark.parametrize("returning", ["on", "on_or_after"])
@pytest.mark.parametrize("measure", ["customers", "revenue", "kept_revenue"])
def test_nobody_and_one_customer(load, ages, returning, measure):
    choices = {"ages": ages, "returning": returning, "measure": measure}
    nobody = triangle(load(World(orders=[])), "2026", **choices)
    assert (len(nobody.frame), len(nobody.averages), nobody.n) == (0, 0, 0)
    one = triangle(load(World(orders=[order("ann", "2026-11-05")])), "2026", **choices)
    assert cells(one, "active", "value", "is_complete")[("2026-11-01", 0)] == (1, 1, True)


def test_a_source_without_customers_still_has_cohorts(ask_eye, ask_world):
    world = World(EYE.settings, ["customers"], **{k: v for k, v in EYE.tables.items() if k != "settings"})
    assert cells(ask_world(world, "retention", "2026")) == cells(ask_eye("2026"))
    assert ask_world(world, "retention", "2026", by="region").missing.table == "customers"


def test_a_source_without_orders_says_so(ask_world):
    assert ask_world(World(without=["orders"]), "retention", "2026").missing.table == "orders"


@pytest.mark.parametrize("max_age", ["-1", "2.5", "many", "1001", "²"])
def test_an_impossible_last_age_is_refused(ask_eye, max_age):
    with pytest.raises(QuestionError, match="max_age"):
        ask_eye("2026", max_age=max_age)


# -- hand-written SQL -----------------------------------------------------------------------------------------------
HAND = """
    WITH valid AS (
        SELECT customer_id, CAST(substr(CAST(ordered_at AS VARCHAR), 1, 4) AS INTEGER) * 12
                          + CAST(substr(CAST(ordered_at AS VARCHAR), 6, 2) AS INTEGER) AS month,
               net_base - COALESCE(refunded_base, refunded) AS money
        FROM orders WHERE status IN ('confirmed', 'partly_refunded') AND NOT is_test AND document <> 'credit_note'
    ), first AS (SELECT customer_id, MIN(month) AS month FROM valid GROUP BY customer_id)
    SELECT first.month AS cohort, valid.month - first.month AS age, COUNT(DISTINCT valid.customer_id) AS active,
           CAST(SUM(money) AS DOUBLE PRECISION) AS revenue
    FROM valid JOIN first ON first.customer_id = valid.customer_id GROUP BY 1, 2 ORDER BY 1, 2
"""


def by_hand(source: Source, sql: str) -> list[Any]:
    """The rows of a statement, run as text."""
    if source.base.url.get_backend_name() == "mysql":
        for theirs in (("CAST(ordered_at AS VARCHAR)", "ordered_at"), ("AS INTEGER", "AS SIGNED"), (" PRECISION", "")):
            sql = sql.replace(*theirs)
    with source.base.reading() as (engine, _), engine.connect() as connection:
        return list(connection.exec_driver_sql(sql).fetchall())


def many_orders() -> World:
    """Three hundred orders of forty customers over a year and a half."""
    draw = np.random.default_rng(7)
    begin = datetime(2025, 1, 1)
    return World(orders=[
        order(f"c{draw.integers(40)}", (begin + timedelta(minutes=int(draw.integers(540 * 1440)))).isoformat(),
              float(draw.integers(1, 900)) / 4, refunded_base=0 if draw.random() < 0.9 else 0.25,
              status=str(draw.choice(["confirmed", "partly_refunded", "cancelled"], p=[0.8, 0.1, 0.1])))
        for _ in range(300)
    ])  # fmt: skip


def test_the_triangle_is_what_hand_written_sql_gives(load):
    source = load(many_orders())
    rows = by_hand(source, HAND)
    expected = {
        (f"{(cohort - 1) // 12}-{(cohort - 1) % 12 + 1:02}-01", age): (active, pytest.approx(revenue))
        for cohort, age, active, revenue in rows
    }
    answer = triangle(source, "2025-01-01..2027-01-01")
    found = {key: value for key, value in cells(answer, "active", "revenue").items() if value[0]}
    assert found == expected
    assert len(expected) > 60


RUN = [{}, {"ages": "rolling", "returning": "on_or_after"}, {"measure": "revenue", "cohort": "recurring"}]


@pytest.mark.parametrize("choices", RUN)
def test_the_sql_of_an_answer_gives_its_figures_when_it_is_run_by_hand(load, choices):
    source = load(many_orders())
    answer = ask_source(source, "retention", "2025", **choices)
    assert len(answer.sql) == 1
    for statement, sql in zip(answer.statements, answer.sql, strict=True):
        frame = source.fetch(statement.query)
        rows = pd.DataFrame(by_hand(source, sql), columns=frame.columns)
        numbers = frame.select_dtypes("number").columns
        assert len(rows) == statement.rows
        assert list(rows[numbers].astype(float).sum()) == pytest.approx(list(frame[numbers].sum()))


# -- a second computation, by plain loops ----------------------------------------------------------------------------
ZONE = "Europe/Berlin"
UNTIL = datetime(2026, 4, 15, 12)
WINDOW = {"day": 86400, "week": 7 * 86400, "month": 30 * 86400, "quarter": 91 * 86400}


def number(moment: datetime, grain: str) -> int:
    """The running number of the local bucket of a UTC moment."""
    day = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).date()
    months = day.year * 12 + day.month - 1
    return {"day": day.toordinal(), "week": (day.toordinal() - 1) // 7, "month": months, "quarter": months // 3}[grain]


def first_day(index: int, grain: str) -> date:
    if grain in ("day", "week"):
        return date.fromordinal(index if grain == "day" else index * 7 + 1)
    months = index * (3 if grain == "quarter" else 1)
    return date(months // 12, months % 12 + 1, 1)


def by_loops(rows: list[dict[str, Any]], grain: str, ages: str, cohort: str, returning: str, max_age: int) -> dict:
    """(cohort, age) -> customers, active, n, revenue, computed customer by customer."""
    sales: dict[str, list[tuple[datetime, float, bool]]] = defaultdict(list)
    for row in rows:
        if row["status"] in ("confirmed", "partly_refunded") and not row["is_test"] and row["ordered_at"] <= UNTIL:
            is_order = row["document"] != "credit_note"
            sales[row["customer_id"]].append((row["ordered_at"], row["net_base"] - row["refunded"], is_order))
    found: dict = defaultdict(lambda: [0, 0, 0, 0.0])
    for happened in sales.values():
        moments = sorted(moment for moment, _, is_order in happened if is_order)
        begins: dict[int, datetime] = {}
        for moment in moments:
            begins.setdefault(number(moment, grain), moment)
        for bucket in list(begins)[: 1 if cohort == "first" else None]:
            follow(found, bucket, begins[bucket], happened, grain, ages, returning, max_age)
    return {(f"{first_day(c, grain)}", a): tuple(v) for (c, a), v in found.items() if v[2]}


def follow(found, bucket, begin, happened, grain, ages, returning, max_age) -> None:
    if ages == "calendar":
        seen = number(UNTIL, grain) - bucket
        aged = [(number(m, grain) - bucket, money, is_order) for m, money, is_order in happened]
    else:
        aged = [((m - begin).total_seconds() // WINDOW[grain], money, is_order) for m, money, is_order in happened]
        seen = max(0, int(((UNTIL - begin).total_seconds() + 60) // WINDOW[grain]) - 1)
    for age in range(max_age + 1):
        cell = found[(bucket, age)]
        cell[0] += 1
        if age <= seen:
            back = {a for a, _, is_order in aged if is_order and (a == age or (returning == "on_or_after" and a > age))}
            cell[1] += bool(back)
            cell[2] += 1
            cell[3] += sum(money for a, money, _ in aged if a == age)


ORDERS = st.lists(
    st.builds(
        lambda who, minute, quarters, kind: order(
            f"c{who}",
            (datetime(2025, 9, 28) + timedelta(minutes=minute)).isoformat(),
            -quarters / 4 if kind == "credit" else quarters / 4,
            document="credit_note" if kind == "credit" else "order",
            status="cancelled" if kind == "cancelled" else "confirmed",
            is_test=kind == "test",
        ),
        st.integers(0, 5),
        st.integers(0, 215 * 1440),
        st.integers(0, 400),
        st.sampled_from(["order"] * 6 + ["credit", "cancelled", "test"]),
    ),
    max_size=40,
)
CHOICES = st.fixed_dictionaries({
    "grain": st.sampled_from(["day", "week", "month", "quarter"]),
    "ages": st.sampled_from(["calendar", "rolling"]),
    "cohort": st.sampled_from(["first", "recurring"]),
    "returning": st.sampled_from(["on", "on_or_after"]),
})  # fmt: skip
ANY_WORLD = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
ALL_TIME = "2025-09-01..2026-06-01"


@ANY_WORLD
@given(orders=ORDERS, choices=CHOICES, max_age=st.integers(0, 12))
def test_every_choice_gives_what_plain_loops_give(load, orders, choices, max_age):
    world = World(BERLIN, orders=orders)
    answer = triangle(load(world), ALL_TIME, **choices, max_age=str(max_age))
    loops = by_loops(world.tables["orders"], max_age=max_age, **choices)
    found = cells(answer, "customers", "active", "n", "revenue")
    assert found.keys() == loops.keys()
    assert found == {key: pytest.approx(value) for key, value in loops.items()}


@ANY_WORLD
@given(orders=ORDERS, choices=CHOICES)
def test_rates_are_shares_and_everybody_is_there_at_age_0(load, orders, choices):
    answer = triangle(load(World(BERLIN, orders=orders)), ALL_TIME, **choices)
    frame = answer.frame
    assert (frame["active"] <= frame["n"]).all()
    assert (frame["n"] <= frame["customers"]).all()
    start = frame[frame["age"] == 0]
    assert (start["active"] == start["customers"]).all()
    assert start["customers"].sum() == answer.n
    assert frame["value"].between(frame["low"], frame["high"]).all()


@ANY_WORLD
@given(orders=ORDERS, choices=CHOICES)
def test_groups_add_up_and_filters_only_remove(load, orders, choices):
    people = [{"customer_id": f"c{i}", "region": [None, "North", "South"][i % 3]} for i in range(6)]
    source = load(World(BERLIN, customers=people, orders=orders))
    whole = cells(triangle(source, ALL_TIME, **choices))
    frame = triangle(source, ALL_TIME, by="region", **choices).frame
    added = frame.groupby(["cohort", "age"])["active"].sum()
    assert {(f"{c:%Y-%m-%d}", a): n for (c, a), n in added.items()} == whole
    north = cells(triangle(source, ALL_TIME, where={"region": "North"}, **choices))
    assert north == cells(triangle(source, ALL_TIME, by="region", **choices), group="North")
    assert all(active <= whole[key] for key, active in north.items())


@ANY_WORLD
@given(orders=ORDERS, cohort=st.sampled_from(["first", "recurring"]))
def test_what_happens_later_changes_nothing(load, orders, cohort):
    later = [order(f"c{i}", "2026-04-15 12:00:01") for i in range(7)]
    worlds = World(BERLIN, orders=orders), World(BERLIN, orders=[*orders, *later])
    frames = [triangle(load(world), ALL_TIME, cohort=cohort).frame for world in worlds]
    pd.testing.assert_frame_equal(*frames)


@ANY_WORLD
@given(orders=ORDERS, grain=st.sampled_from(["day", "week", "month", "quarter"]))
def test_the_revenue_of_all_cells_is_all_that_those_customers_brought_since_they_began(load, orders, grain):
    world = World(BERLIN, orders=orders)
    answer = triangle(load(world), ALL_TIME, grain=grain, max_age="1000")
    loops = by_loops(world.tables["orders"], grain, "calendar", "first", "on", 300)
    assert answer.frame["revenue"].sum() == pytest.approx(sum(value[3] for value in loops.values()))


@ANY_WORLD
@given(orders=ORDERS)
def test_kept_revenue_is_never_more_than_there_was(load, orders):
    source = load(World(BERLIN, orders=orders))
    kept = triangle(source, ALL_TIME, measure="kept_revenue").frame["value"].dropna()
    assert kept.between(0, 1 + 1e-12).all()


# -- the customers behind a cell --------------------------------------------------------------------------------------
def test_the_list_behind_a_cell_shows_who_came_back(eye):
    source = eye
    asked = question("2026")
    frame = customers_in_cell(source, asked, date(2026, 1, 1), 1)
    assert list(frame["customer_id"]) == ["fay", "ann"]
    names = {row["customer_id"]: row["name"] for row in EYE.tables["customers"]}
    assert list(frame["customer_name"]) == [names["fay"], names["ann"]]
    assert list(frame["orders"]) == [1, 1]
    assert list(frame["revenue"]) == [100, 50]
    assert frame["first_order_at"].iloc[1] == pd.Timestamp("2026-01-10")
    assert frame["last_order_at"].iloc[0] == pd.Timestamp("2026-02-28 08:00")


def test_the_list_of_age_0_is_the_cohort_and_the_rest_did_not_come_back(eye):
    source, asked = eye, question("2026")
    assert set(customers_in_cell(source, asked, date(2026, 1, 1), 0)["customer_id"]) == {"ann", "bob", "dee", "fay"}
    gone = customers_in_cell(source, asked, date(2026, 1, 1), 2, has_returned=False)
    assert set(gone["customer_id"]) == {"ann", "dee", "fay"}
    assert dict(zip(gone["customer_id"], gone["revenue"], strict=True)) == {"ann": 0, "dee": -30, "fay": 0}


def test_the_list_knows_groups_filters_and_missing_names(eye, load):
    source = eye
    by_region = question("2026", by="region")
    assert set(customers_in_cell(source, by_region, date(2026, 1, 1), 0, "North")["customer_id"]) == {"ann", "bob"}
    assert set(customers_in_cell(source, by_region, date(2026, 1, 1), 0)["customer_id"]) == {"dee"}
    filtered = question("2026", where={"region": "South"})
    assert set(customers_in_cell(source, filtered, date(2026, 1, 1), 0)["customer_id"]) == {"fay"}
    nameless = World(EYE.settings, ["customers"], **{k: v for k, v in EYE.tables.items() if k != "settings"})
    assert customers_in_cell(load(nameless), question("2026"), date(2026, 1, 1), 0)["customer_name"].isna().all()


def test_the_list_is_found_by_the_metrics_name(eye):
    rows, total = rows_behind(eye, {"cohort": "2026-01-01", "age": "0"}, 2)
    assert (len(rows), total) == (2, 4)


@pytest.mark.parametrize("choices", [{}, {"ages": "rolling"}, {"cohort": "recurring"}])
def test_the_list_of_the_whole_answer_names_every_customer_once(eye, choices):
    source = eye
    lister = listing("retention")
    assert lister is not None
    rows, total = lister(source, question("2026", **choices), {}, 100)
    assert sorted(rows["customer_id"]) == ["ann", "bob", "cy", "dee", "eve", "fay", "gus"]
    assert total == 7
    assert dict(zip(rows["customer_id"], rows["orders"], strict=True))["ann"] == 3
    north, _ = lister(source, question("2026", by="region", **choices), {"group": "North"}, 100)
    assert sorted(north["customer_id"]) == ["ann", "bob"]


NO_CELLS = [{"cohort": "soon"}, {"cohort": "2030-01-01"}, {"cohort": "2026-01-01", "age": "x"}]


@pytest.mark.parametrize("part", NO_CELLS)
def test_a_list_of_no_cell_is_refused(eye, part):
    with pytest.raises(QuestionError):
        rows_behind(eye, part, 10)


@ANY_WORLD
@given(orders=ORDERS, choices=CHOICES, max_age=st.integers(0, 4), pick=st.randoms(use_true_random=False))
def test_a_list_is_as_long_as_its_cell_says(load, orders, choices, max_age, pick):
    source = load(World(BERLIN, orders=orders))
    asked = question(ALL_TIME, **choices, max_age=str(max_age))
    frame = triangle(source, ALL_TIME, **choices, max_age=str(max_age)).frame
    rows = list(frame.itertuples())
    for row in pick.sample(rows, min(4, len(rows))):
        there = customers_in_cell(source, asked, row.cohort.date(), int(row.age))
        gone = customers_in_cell(source, asked, row.cohort.date(), int(row.age), has_returned=False)
        assert (len(there), len(gone)) == (row.active, row.n - row.active)
        if choices["returning"] == "on":
            assert there["revenue"].sum() + gone["revenue"].sum() == pytest.approx(row.revenue)


# -- a real retailer -------------------------------------------------------------------------------------------------
def test_a_real_retailers_cohorts_are_those_computed_with_pandas(load_on, real_data):
    lines = pd.read_csv(
        real_data("online_retail_slice") / "online_retail_slice.csv.gz", dtype={"InvoiceNo": str, "CustomerID": str},
        parse_dates=["InvoiceDate"],
    ).dropna(subset=["CustomerID"])  # fmt: skip
    lines["net"] = lines["Quantity"] * lines["UnitPrice"]
    invoices = lines.groupby("InvoiceNo", as_index=False).agg(
        customer_id=("CustomerID", "first"), ordered_at=("InvoiceDate", "min"), net=("net", "sum")
    )  # fmt: skip
    invoices["net"] = invoices["net"].round(6)
    invoices["document"] = np.where(invoices["InvoiceNo"].str.startswith("C"), "credit_note", "order")
    columns = invoices.rename(columns={"InvoiceNo": "order_id"})
    as_of = invoices["ordered_at"].max().to_pydatetime()
    world = World({"data_as_of": as_of}, orders=[
        {**row, "ordered_at": row["ordered_at"].to_pydatetime()} for row in columns.to_dict("records")
    ])  # fmt: skip
    answer = triangle(load_on("duckdb", world), "2010-12-01..2011-12-10")

    orders = invoices[invoices["document"] == "order"]
    month = invoices["ordered_at"].dt.to_period("M")
    first = orders.groupby("customer_id")["ordered_at"].min().dt.to_period("M")
    known = invoices.assign(month=month, cohort=invoices["customer_id"].map(first)).dropna(subset=["cohort"])
    known["age"] = [(m - c).n for m, c in zip(known["month"], known["cohort"], strict=True)]
    known = known[known["age"] >= 0]
    active = known[known["document"] == "order"].groupby(["cohort", "age"])["customer_id"].nunique()
    revenue = known.groupby(["cohort", "age"])["net"].sum()
    found = cells(answer, "active", "revenue")
    assert {key: n for key, (n, _) in found.items() if n} == {(f"{c}-01", a): n for (c, a), n in active.items()}
    assert {k: money for k, (_, money) in found.items() if money} == {
        (f"{c}-01", a): pytest.approx(money) for (c, a), money in revenue.items()
    }
    complete = answer.frame.query("is_complete and age == 1")
    assert average(answer, 1).value == pytest.approx(complete["active"].sum() / complete["customers"].sum())
    assert not answer.frame.query("cohort == '2010-12-01' and age == 12")["is_complete"].any()
