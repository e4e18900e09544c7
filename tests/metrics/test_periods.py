"""metrics/periods.py: half-open periods, like met with like, and presets that never look at the clock on the wall."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_access.calendar import Calendar, Grain, add_grains
from data_access.errors import QuestionError
from metrics.periods import (
    Comparison,
    Period,
    Preset,
    Span,
    buckets,
    compared,
    last_buckets,
    observed,
    preset_period,
)
from tests.worlds import period

UTC = Calendar()
BERLIN = Calendar("Europe/Berlin")
PREVIOUS, YEAR = Comparison.PREVIOUS, Comparison.YEAR
STEP = timedelta(microseconds=1)


def as_of(written):
    """`until` for an as-of moment: the first moment that is not counted."""
    return datetime.fromisoformat(written) + STEP


def met(when, until, kind, calendar=UTC):
    """The first and last moment of the span that a period meets, written as `start..end`."""
    span = compared(observed(period(when), calendar, datetime.fromisoformat(until)), kind, calendar)
    return f"{span.start:%Y-%m-%d %H:%M}..{span.end:%Y-%m-%d %H:%M}"


# -- periods --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("written", ["2026-03-01..2026-03-01", "2026-03-02..2026-03-01"])
def test_a_period_without_a_day_is_refused_with_its_dates(written):
    with pytest.raises(QuestionError, match=r"2026-03-0[12] to 2026-03-01 holds no day"):
        period(written)


def test_a_period_knows_its_days_and_whole_months():
    assert (period("2026-02").days, period("2026-02").months) == (28, 1)
    assert period("2026").months == 12
    assert period("2026-02-02..2026-03-02").months is None
    assert period("2026-02-01..2026-03-02").months is None


def test_a_finished_period_is_observed_to_its_end():
    assert observed(period("2026-03"), UTC, datetime(2026, 5, 1)) == Span(
        period("2026-03"), datetime(2026, 3, 1), datetime(2026, 4, 1), True
    )


def test_an_unfinished_period_is_observed_up_to_the_as_of_moment():
    span = observed(period("2026-03"), UTC, datetime(2026, 3, 18, 16))
    assert (span.end, span.is_finished, span.is_empty) == (datetime(2026, 3, 18, 16), False, False)


def test_a_period_whose_last_minute_is_missing_is_finished():
    assert observed(period("2026-03"), UTC, datetime(2026, 3, 31, 23, 59)).is_finished
    assert not observed(period("2026-03"), UTC, datetime(2026, 3, 31, 23, 58, 59)).is_finished


def test_a_period_that_has_not_begun_is_empty():
    span = observed(period("2026-03"), UTC, datetime(2026, 2, 1))
    assert span.is_empty
    assert not span.is_finished
    assert span.start == span.end


def test_a_period_begins_at_local_midnight():
    span = observed(period("2026-03"), BERLIN, datetime(2027, 1, 1))
    assert (span.start, span.end) == (datetime(2026, 2, 28, 23), datetime(2026, 3, 31, 22))


# -- comparisons ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("when", "kind", "expected"),
    [
        ("2026-03", PREVIOUS, "2026-02"),
        ("2026-01", PREVIOUS, "2025-12"),
        ("2026-Q1", PREVIOUS, "2025-Q4"),
        ("2026", PREVIOUS, "2025"),
        ("2026-02-01..2026-05-01", PREVIOUS, "2025-11-01..2026-02-01"),
        ("2026-03-15", PREVIOUS, "2026-03-14"),
        ("2026-03-10..2026-03-17", PREVIOUS, "2026-03-03..2026-03-10"),
        ("2026-03", YEAR, "2025-03"),
        ("2025-02", YEAR, "2024-02"),
        ("2024-02", YEAR, "2023-02"),
        ("2026-Q1", YEAR, "2025-Q1"),
        ("2026-05-01..2026-05-29", YEAR, "2025-05-01..2025-05-29"),
        ("2024-02-29", YEAR, "2023-02-28"),
        ("2025-02-28", YEAR, "2024-02-28"),
        ("2025-02-15..2025-03-01", YEAR, "2024-02-15..2024-02-29"),
    ],
)
def test_a_finished_period_meets_the_same_length_before(when, kind, expected):
    span = compared(observed(period(when), UTC, datetime(2027, 1, 1)), kind, UTC)
    assert span.period == period(expected)
    assert span.is_finished


@pytest.mark.parametrize(
    ("when", "until", "kind", "expected"),
    [
        ("2026-06", "2026-06-18 16:00", PREVIOUS, "2026-05-01 00:00..2026-05-18 16:00"),
        ("2026-06", "2026-06-18 16:00", YEAR, "2025-06-01 00:00..2025-06-18 16:00"),
        ("2026-05", "2026-05-29 00:00", YEAR, "2025-05-01 00:00..2025-05-29 00:00"),
        # March has days that February has not: the whole of February
        ("2026-03", "2026-03-31 12:00", PREVIOUS, "2026-02-01 00:00..2026-03-01 00:00"),
        ("2026-03", "2026-03-29 00:00", PREVIOUS, "2026-02-01 00:00..2026-03-01 00:00"),
        ("2026-03", "2026-03-28 12:00", PREVIOUS, "2026-02-01 00:00..2026-02-28 12:00"),
        ("2024-03", "2024-03-29 12:00", PREVIOUS, "2024-02-01 00:00..2024-02-29 12:00"),
        # quarters and years: only the month at the cut is shorter, not the rest of the period
        ("2026-Q2", "2026-05-31 12:00", PREVIOUS, "2026-01-01 00:00..2026-03-01 00:00"),
        ("2026-Q2", "2026-05-18 16:00", PREVIOUS, "2026-01-01 00:00..2026-02-18 16:00"),
        ("2024", "2024-02-29 12:00", PREVIOUS, "2023-01-01 00:00..2023-03-01 00:00"),
        ("2024", "2024-02-29 12:00", YEAR, "2023-01-01 00:00..2023-03-01 00:00"),
        ("2025", "2025-02-28 12:00", YEAR, "2024-01-01 00:00..2024-02-28 12:00"),
        # weeks and days
        ("2026-03-09..2026-03-16", "2026-03-11 10:00", PREVIOUS, "2026-03-02 00:00..2026-03-04 10:00"),
        ("2026-03-09", "2026-03-09 10:00", PREVIOUS, "2026-03-08 00:00..2026-03-08 10:00"),
    ],
)
def test_an_unfinished_period_meets_the_same_part_of_the_one_before(when, until, kind, expected):
    assert met(when, until, kind) == expected


def test_an_unfinished_month_meets_the_same_local_hour_across_a_clock_change():
    assert met("2026-04", "2026-04-18 14:00", PREVIOUS, BERLIN) == "2026-02-28 23:00..2026-03-18 15:00"


def test_a_period_that_has_not_begun_meets_a_whole_one():
    assert met("2026-06", "2026-05-18 16:00", PREVIOUS) == "2026-05-01 00:00..2026-06-01 00:00"


PERIODS = st.builds(
    lambda start, days: Period(start, start + timedelta(days=days)),
    st.dates(date(2020, 1, 1), date(2029, 1, 1)),
    st.integers(1, 400),
)


@given(asked=PERIODS, kind=st.sampled_from(Comparison), seconds=st.integers(0, 500 * 86400))
def test_what_is_met_lies_before_and_is_never_longer_than_asked_but_for_a_leap_day(asked, kind, seconds):
    until = datetime.combine(asked.start, datetime.min.time()) + timedelta(seconds=seconds)
    span = observed(asked, UTC, until)
    then = compared(span, kind, UTC)
    assert then.start <= then.end
    assert then.period.start < asked.start
    if kind is PREVIOUS:
        assert then.period.end == asked.start
    if asked.months is None:
        assert abs((then.end - then.start) - (span.end - span.start)) <= timedelta(days=1) or span.is_empty


@given(month=st.dates(date(2020, 1, 1), date(2029, 12, 1)), seconds=st.integers(60, 31 * 86400))
def test_of_an_unfinished_month_no_more_is_met_than_was_seen(month, seconds):
    first = month.replace(day=1)
    asked = Period(first, add_grains(first, Grain.MONTH))
    span = observed(asked, UTC, datetime.combine(first, datetime.min.time()) + timedelta(seconds=seconds))
    for kind in Comparison:
        then = compared(span, kind, UTC)
        if not span.is_finished:
            assert then.end - then.start <= span.end - span.start


# -- buckets --------------------------------------------------------------------------------------------------------
def test_buckets_touch_the_period_and_may_reach_beyond():
    weeks = list(buckets(period("2026-03"), Grain.WEEK, UTC))
    assert weeks[0] == period("2026-02-23..2026-03-02")
    assert weeks[-1] == period("2026-03-30..2026-04-06")


def test_buckets_of_a_fiscal_year_begin_in_its_month():
    calendar = Calendar("UTC", 1, 2)
    assert [b.start for b in buckets(period("2026-01-15..2026-03-01"), Grain.QUARTER, calendar)] == [
        date(2025, 11, 1), date(2026, 2, 1),
    ]  # fmt: skip


def test_the_last_buckets_end_with_the_one_that_holds_the_last_day():
    assert last_buckets(date(2026, 3, 1), Grain.MONTH, 3, UTC) == period("2025-12-01..2026-03-01")
    assert last_buckets(date(2026, 3, 2), Grain.MONTH, 3, UTC) == period("2026-01-01..2026-04-01")


# -- presets --------------------------------------------------------------------------------------------------------
FISCAL = Calendar("UTC", 1, 4)
FIRST = date(2023, 5, 7)


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        (Preset.LAST_7_DAYS, "2026-06-11..2026-06-18"),
        (Preset.LAST_30_DAYS, "2026-05-19..2026-06-18"),
        (Preset.LAST_90_DAYS, "2026-03-20..2026-06-18"),
        (Preset.MONTH_TO_DATE, "2026-06"),
        (Preset.QUARTER_TO_DATE, "2026-Q2"),
        (Preset.YEAR_TO_DATE, "2026"),
        (Preset.LAST_MONTH, "2026-05"),
        (Preset.LAST_QUARTER, "2026-Q1"),
        (Preset.LAST_YEAR, "2025"),
        (Preset.LAST_12_MONTHS, "2025-06-01..2026-06-01"),
        (Preset.FISCAL_QUARTER_TO_DATE, "2026-Q2"),
        (Preset.FISCAL_YEAR_TO_DATE, "2026-04-01..2027-04-01"),
        (Preset.LAST_FISCAL_YEAR, "2025-04-01..2026-04-01"),
        (Preset.ALL_TIME, "2023-05-07..2026-06-19"),
    ],
)
def test_a_preset_is_reckoned_from_the_as_of_moment(preset, expected):
    assert preset_period(preset, FISCAL, as_of("2026-06-18 16:00"), FIRST) == period(expected)


def test_every_preset_but_custom_is_tried_above():
    tried = {mark[0] for mark in test_a_preset_is_reckoned_from_the_as_of_moment.pytestmark[0].args[1]}
    assert tried == set(Preset) - {Preset.CUSTOM}


@pytest.mark.parametrize("moment", ["2026-05-31 23:59:59.999999", "2026-05-31 23:59:30"])
def test_when_the_data_end_with_a_month_that_month_is_the_last_and_the_present_one(moment):
    until = as_of(moment)
    assert preset_period(Preset.LAST_MONTH, UTC, until, FIRST) == period("2026-05")
    assert preset_period(Preset.MONTH_TO_DATE, UTC, until, FIRST) == period("2026-05")
    assert preset_period(Preset.LAST_7_DAYS, UTC, until, FIRST) == period("2026-05-25..2026-06-01")
    assert preset_period(Preset.ALL_TIME, UTC, until, FIRST).end == date(2026, 6, 1)


def test_on_the_first_day_of_a_month_the_present_month_is_the_new_one():
    until = as_of("2026-06-01 10:00")
    assert preset_period(Preset.MONTH_TO_DATE, UTC, until, FIRST) == period("2026-06")
    assert preset_period(Preset.QUARTER_TO_DATE, UTC, as_of("2026-07-01 10:00"), FIRST) == period("2026-Q3")
    assert preset_period(Preset.LAST_MONTH, UTC, until, FIRST) == period("2026-05")


def test_orders_that_carry_only_a_day_count_on_the_last_day():
    """Data whose moments are all midnights reach into the day of the last one."""
    until = as_of("2026-06-01 00:00")
    assert preset_period(Preset.ALL_TIME, UTC, until, FIRST).end == date(2026, 6, 2)
    assert preset_period(Preset.MONTH_TO_DATE, UTC, until, FIRST) == period("2026-06")


def test_a_preset_is_reckoned_in_the_company_s_zone():
    until = as_of("2026-05-31 22:30")  # half past midnight on 1 June in Berlin
    assert preset_period(Preset.MONTH_TO_DATE, BERLIN, until, FIRST) == period("2026-06")
    assert preset_period(Preset.LAST_7_DAYS, BERLIN, until, FIRST) == period("2026-05-25..2026-06-01")


def test_all_time_is_at_least_a_day():
    assert preset_period(Preset.ALL_TIME, UTC, as_of("2023-01-01 10:00"), FIRST).days == 1


@given(
    preset=st.sampled_from([preset for preset in Preset if preset is not Preset.CUSTOM]),
    moment=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York"]),
    fiscal=st.integers(1, 12),
)
def test_a_preset_begins_before_the_as_of_moment(preset, moment, zone, fiscal):
    calendar = Calendar(zone, 1, fiscal)
    asked = preset_period(preset, calendar, moment + STEP, FIRST)
    span = observed(asked, calendar, moment + STEP)
    assert not span.is_empty
    if preset.value.startswith("last_"):
        assert span.is_finished
