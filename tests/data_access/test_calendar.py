"""data_access/calendar.py: days, weeks, fiscal years and zones, held against Python's own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_access.calendar import Calendar, Grain, add_grains, add_months
from data_access.errors import QuestionError

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
CALENDARS = st.builds(
    Calendar, st.just("UTC"), week_start=st.integers(1, 7), fiscal_year_start_month=st.integers(1, 12)
)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/Havana",
    "Pacific/Apia",
    "Africa/Casablanca",
)


# -- months and buckets ---------------------------------------------------------------------------------------------
def test_a_month_after_31_january_is_the_last_day_of_february():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)


def test_a_year_after_29_february_is_28_february():
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)


def test_months_can_be_taken_away_across_a_year():
    assert add_months(date(2026, 3, 15), -15) == date(2024, 12, 15)


@pytest.mark.parametrize(
    ("grain", "following"),
    [
        (Grain.DAY, date(2026, 1, 2)),
        (Grain.WEEK, date(2026, 1, 8)),
        (Grain.MONTH, date(2026, 2, 1)),
        (Grain.QUARTER, date(2026, 4, 1)),
        (Grain.YEAR, date(2027, 1, 1)),
    ],
)
def test_the_next_bucket_begins_one_grain_later(grain, following):
    assert add_grains(date(2026, 1, 1), grain) == following


@pytest.mark.parametrize(
    ("grain", "first"),
    [
        (Grain.DAY, date(2026, 5, 20)),
        (Grain.WEEK, date(2026, 5, 18)),
        (Grain.MONTH, date(2026, 5, 1)),
        (Grain.QUARTER, date(2026, 4, 1)),
        (Grain.YEAR, date(2026, 1, 1)),
    ],
)
def test_a_wednesday_in_may_falls_into_its_bucket(grain, first):
    assert Calendar().floor(date(2026, 5, 20), grain) == first


@pytest.mark.parametrize("week_start", range(1, 8))
def test_a_week_begins_on_the_day_that_the_company_says(week_start):
    floor = Calendar(week_start=week_start).floor(date(2026, 5, 20), Grain.WEEK)
    assert floor.isoweekday() == week_start
    assert timedelta() <= date(2026, 5, 20) - floor < timedelta(days=7)


@pytest.mark.parametrize(
    ("first_month", "day", "quarter", "year"),
    [
        (4, date(2026, 5, 20), date(2026, 4, 1), date(2026, 4, 1)),
        (4, date(2026, 3, 31), date(2026, 1, 1), date(2025, 4, 1)),
        (2, date(2026, 1, 31), date(2025, 11, 1), date(2025, 2, 1)),
        (2, date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 1)),
        (12, date(2026, 11, 30), date(2026, 9, 1), date(2025, 12, 1)),
    ],
)
def test_quarters_and_years_begin_in_the_first_fiscal_month(first_month, day, quarter, year):
    calendar = Calendar(fiscal_year_start_month=first_month)
    assert calendar.floor(day, Grain.QUARTER) == quarter
    assert calendar.floor(day, Grain.YEAR) == year


@given(calendar=CALENDARS, day=DAYS, grain=st.sampled_from(Grain))
def test_a_floor_is_its_own_floor_and_its_bucket_holds_the_day(calendar, day, grain):
    first = calendar.floor(day, grain)
    assert calendar.floor(first, grain) == first
    assert first <= day < add_grains(first, grain)


@given(calendar=CALENDARS, day=DAYS, grain=st.sampled_from(Grain))
def test_buckets_follow_each_other_without_a_gap(calendar, day, grain):
    first = calendar.floor(day, grain)
    following = add_grains(first, grain)
    assert calendar.floor(following, grain) == following
    assert calendar.floor(following - timedelta(days=1), grain) == first


# -- zones ----------------------------------------------------------------------------------------------------------
def test_a_zone_that_is_not_known_says_what_to_write():
    with pytest.raises(QuestionError, match=r"'Europe/Bärlin'.*Europe/Berlin"):
        Calendar("Europe/Bärlin").to_utc(date(2026, 1, 1))


@pytest.mark.parametrize("name", ["", "..", "/etc/passwd", "Europe"])
def test_a_zone_name_that_is_no_zone_is_an_error_of_ours(name):
    with pytest.raises(QuestionError):
        Calendar(name).to_utc(date(2026, 1, 1))


def test_a_local_day_begins_at_local_midnight():
    assert Calendar("Europe/Berlin").to_utc(date(2026, 7, 1)) == datetime(2026, 6, 30, 22)
    assert Calendar("Europe/Berlin").to_utc(date(2026, 1, 1)) == datetime(2025, 12, 31, 23)
    assert Calendar("Asia/Shanghai").to_utc(date(2026, 7, 1)) == datetime(2026, 6, 30, 16)


def test_the_day_of_a_clock_change_is_23_or_25_hours_long():
    berlin = Calendar("Europe/Berlin")

    def hours(day):
        return (berlin.to_utc(day + timedelta(days=1)) - berlin.to_utc(day)) / timedelta(hours=1)

    assert [hours(day) for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1))] == [23, 25, 24]


def test_a_day_whose_midnight_does_not_exist_begins_at_the_clock_change():
    """In Sao Paulo clocks went from 00:00 to 01:00 on 4 November 2018: that day began at 03:00 UTC."""
    sao_paulo = Calendar("America/Sao_Paulo")
    assert sao_paulo.to_utc(date(2018, 11, 4)) == datetime(2018, 11, 4, 3)
    assert sao_paulo.to_local(datetime(2018, 11, 4, 3)) == datetime(2018, 11, 4, 1)


def test_a_midnight_that_comes_twice_begins_the_day_at_its_first_time():
    """In Havana clocks went from 01:00 back to 00:00 on 1 November 2026."""
    assert Calendar("America/Havana").to_utc(date(2026, 11, 1)) == datetime(2026, 11, 1, 4)


@given(zone=st.sampled_from(ZONES), moment=st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)))
def test_a_moment_is_inside_its_own_local_day(zone, moment):
    calendar = Calendar(zone)
    day = calendar.to_local(moment).date()
    assert calendar.to_utc(day) <= moment < calendar.to_utc(day + timedelta(days=1))


# -- offsets --------------------------------------------------------------------------------------------------------
def shifted(moment, pairs):
    """A moment moved by the offset that holds for it."""
    seconds = next(value for until, value in pairs if until is None or moment < until)
    return moment + timedelta(seconds=seconds)


def test_a_zone_without_clock_changes_has_one_offset():
    assert Calendar("Asia/Shanghai").offsets(datetime(2020, 1, 1), datetime(2026, 1, 1)) == ((None, 28800),)


def test_offsets_change_at_the_second_at_which_clocks_do():
    pairs = Calendar("Europe/Berlin").offsets(datetime(2026, 1, 1), datetime(2026, 12, 31))
    assert pairs == ((datetime(2026, 3, 29, 1), 3600), (datetime(2026, 10, 25, 1), 7200), (None, 3600))


def test_offsets_of_a_span_without_a_length_are_one():
    assert Calendar("Europe/Berlin").offsets(datetime(2026, 7, 1), datetime(2026, 7, 1)) == ((None, 7200),)


def test_half_an_hour_of_summer_time_is_half_an_hour():
    pairs = Calendar("Australia/Lord_Howe").offsets(datetime(2026, 1, 1), datetime(2026, 12, 31))
    assert [seconds for _, seconds in pairs] == [39600, 37800, 39600]


@settings(max_examples=150)
@given(
    zone=st.sampled_from(ZONES),
    first=st.datetimes(datetime(1995, 1, 1), datetime(2025, 1, 1)),
    length=st.timedeltas(timedelta(0), timedelta(days=1500)),
    share=st.floats(0, 1),
)
def test_an_offset_gives_the_local_moment_that_python_gives(zone, first, length, share):
    moment = first + length * share
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert shifted(moment, Calendar(zone).offsets(first, first + length)) == local


@given(zone=st.sampled_from(ZONES), year=st.integers(2000, 2030), micros=st.integers(-2_000_000, 2_000_000))
def test_an_offset_is_right_within_seconds_of_a_clock_change(zone, year, micros):
    calendar = Calendar(zone)
    pairs = calendar.offsets(datetime(year, 1, 1, 0, 0, 0, 777_777), datetime(year, 12, 31, 23, 59, 59, 3))
    for until, _ in pairs[:-1]:
        moment = until + timedelta(microseconds=micros)
        assert shifted(moment, pairs) == calendar.to_local(moment)
