"""data_access/functions.py: every construct gives on every engine what Python gives."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, literal, literal_column, select

from data_access.calendar import Calendar, Grain
from data_access.functions import add_seconds, bucket_start, local_moment, seconds_between, whole
from data_access.schema import TABLES
from data_access.source import open_source
from tests.worlds import World

ORDER = TABLES["orders"].c
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe")
AROUND = [timedelta(hours=hours) for hours in (-25, -14, -11, -1, 0, 1, 11, 14, 25)]
AROUND += [timedelta(seconds=-1), timedelta(seconds=1), timedelta(milliseconds=-1), timedelta(milliseconds=1)]
ANCHORS = [
    datetime(2024, 2, 29, 12),
    datetime(2024, 12, 31, 23),
    datetime(2025, 1, 1),
    datetime(2026, 3, 8, 7),  # New York
    datetime(2026, 3, 29, 1),  # Berlin
    datetime(2026, 4, 4, 15),  # Lord Howe
    datetime(2026, 6, 30, 22),
    datetime(2026, 10, 3, 15, 30),  # Lord Howe
    datetime(2026, 10, 25, 1),  # Berlin
    datetime(2026, 11, 1, 6),  # New York
    datetime(2026, 12, 31, 16),  # midnight in Shanghai
]
MOMENTS = sorted({anchor + step for anchor in ANCHORS for step in AROUND})


def moments_world():
    """One order per moment."""
    rows = [{"order_id": f"{i:04}", "ordered_at": moment, "net": i} for i, moment in enumerate(MOMENTS)]
    return World(orders=rows, settings={"data_as_of": "2028-01-01"})


@pytest.fixture
def base(any_engine, shelf):
    """The moments in a database of each engine."""
    return open_source(shelf(any_engine, "moments", moments_world)).base


def values(base, expression):
    """The expression for every moment, in order."""
    return base.fetch(select(expression.label("x"), ORDER.order_id).order_by(ORDER.order_id))["x"].tolist()


@pytest.mark.parametrize("fiscal", [1, 2, 4, 7, 12])
@pytest.mark.parametrize("grain", [Grain.DAY, Grain.MONTH, Grain.QUARTER, Grain.YEAR])
def test_a_bucket_begins_where_the_calendar_says(base, grain, fiscal):
    calendar = Calendar("UTC", 1, fiscal)
    found = values(base, bucket_start(ORDER.ordered_at, grain, calendar))
    assert [moment.date() for moment in found] == [calendar.floor(moment.date(), grain) for moment in MOMENTS]


@pytest.mark.parametrize("week_start", range(1, 8))
def test_a_week_begins_on_the_company_s_day(base, week_start):
    calendar = Calendar("UTC", week_start)
    found = values(base, bucket_start(ORDER.ordered_at, Grain.WEEK, calendar))
    assert [moment.date() for moment in found] == [calendar.floor(moment.date(), Grain.WEEK) for moment in MOMENTS]


@pytest.mark.parametrize("zone", ZONES)
def test_a_local_moment_is_python_s_local_moment(base, zone):
    calendar = Calendar(zone)
    offsets = calendar.offsets(MOMENTS[0], MOMENTS[-1])
    found = values(base, local_moment(ORDER.ordered_at, offsets))
    assert [moment.to_pydatetime() for moment in found] == [calendar.to_local(moment) for moment in MOMENTS]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("grain", list(Grain))
def test_a_local_moment_falls_into_the_bucket_of_its_local_day(base, zone, grain):
    calendar = Calendar(zone, 7, 4)
    local = local_moment(ORDER.ordered_at, calendar.offsets(MOMENTS[0], MOMENTS[-1]))
    found = values(base, bucket_start(local, grain, calendar))
    assert [m.date() for m in found] == [calendar.floor(calendar.to_local(m).date(), grain) for m in MOMENTS]


def test_a_bucket_of_no_moment_is_no_bucket(base):
    nothing = func.nullif(ORDER.ordered_at, ORDER.ordered_at, type_=ORDER.ordered_at.type)
    berlin = Calendar("Europe/Berlin").offsets(MOMENTS[0], MOMENTS[-1])
    found = base.fetch(select(bucket_start(local_moment(nothing, berlin), Grain.WEEK, Calendar()).label("x")))["x"]
    assert found.isna().all()


def test_rows_can_be_grouped_by_a_bucket(base):
    calendar = Calendar("Europe/Berlin")
    local = local_moment(ORDER.ordered_at, calendar.offsets(MOMENTS[0], MOMENTS[-1]))
    month = bucket_start(local, Grain.MONTH, calendar).label("period")
    frame = base.fetch(select(month, func.count().label("n")).group_by(month).order_by(month))
    expected: dict[datetime, int] = {}
    for moment in MOMENTS:
        first = calendar.to_local(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        expected[first] = expected.get(first, 0) + 1
    assert dict(zip(frame["period"], frame["n"], strict=True)) == expected


@pytest.mark.parametrize("seconds", [0, 1, -1, 86_400, -86_399, 40_000_000, -40_000_000])
def test_seconds_can_be_added(base, seconds):
    found = values(base, add_seconds(ORDER.ordered_at, literal_column(str(seconds))))
    assert [m.to_pydatetime() for m in found] == [moment + timedelta(seconds=seconds) for moment in MOMENTS]


def test_a_moved_moment_is_equal_to_the_same_moment_as_stored(base):
    """SQLite compares moments as text: a moved moment has to be written like a stored one."""
    moved = add_seconds(ORDER.ordered_at, literal_column("0"))
    frame = base.fetch(select(func.count().label("n")).where(moved == ORDER.ordered_at))
    assert frame["n"].iloc[0] == len(MOMENTS)


def test_seconds_between_two_moments_are_python_s(base):
    first = select(func.min(ORDER.ordered_at)).scalar_subquery()
    found = values(base, seconds_between(first, ORDER.ordered_at))
    expected = [(moment - MOMENTS[0]).total_seconds() for moment in MOMENTS]
    assert found == pytest.approx(expected, abs=0.002)


def test_seconds_between_are_negative_backwards(base):
    later = add_seconds(ORDER.ordered_at, literal_column("90"))
    assert values(base, seconds_between(later, ORDER.ordered_at)) == pytest.approx([-90.0] * len(MOMENTS), abs=0.002)


@pytest.mark.parametrize("number", [-2.0, -1.5, -0.001, 0.0, 0.5, 0.999999, 1.0, 2.5, 3.5])
def test_a_whole_number_is_never_above_its_number(base, number):
    found = base.fetch(select(whole(literal_column(str(number))).label("x")))["x"]
    assert (found.tolist(), found.dtype) == ([math.floor(number)], "int64")


def test_seconds_are_reckoned_to_a_moment_that_is_given(base):
    end = datetime(2027, 1, 1)
    found = values(base, seconds_between(ORDER.ordered_at, literal(end)))
    assert found == pytest.approx([(end - moment).total_seconds() for moment in MOMENTS], abs=0.001)
