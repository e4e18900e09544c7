"""How a company cuts time: its zone, its week, its fiscal year.

Moments in a database are UTC. A day, week, month, quarter or year begins at local midnight of the company's zone, so
a bucket is computed from the local moment; quarters and years begin in the month in which the fiscal year begins.
"""

from __future__ import annotations

import calendar as civil
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data_access.errors import QuestionError


class Grain(StrEnum):
    """Length of a bucket."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
DAYS = {Grain.DAY: 1, Grain.WEEK: 7}


def add_months(day: date, months: int) -> date:
    """The same day some months later; the last day of the month where that month is shorter (31 Jan + 1 = 28 Feb)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, civil.monthrange(year, month + 1)[1]))


def add_grains(day: date, grain: Grain, count: int = 1) -> date:
    """The day `count` buckets later."""
    if grain in DAYS:
        return day + timedelta(days=DAYS[grain] * count)
    return add_months(day, MONTHS[grain] * count)


@dataclass(frozen=True)
class Calendar:
    """A company's time zone (IANA name), first day of the week (1 Monday to 7 Sunday) and first fiscal month."""

    timezone: str = "UTC"
    week_start: int = 1
    fiscal_year_start_month: int = 1

    @cached_property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
            raise QuestionError(
                f"The settings name the time zone {self.timezone!r}, which is not known; use an IANA name such as "
                "Europe/Berlin or Asia/Shanghai."
            ) from fault

    def to_utc(self, local: datetime | date) -> datetime:
        """The UTC moment (naive) of a local moment; a date means its first moment."""
        moment = local if isinstance(local, datetime) else datetime.combine(local, time())
        return moment.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)

    def to_local(self, moment: datetime) -> datetime:
        """The local moment (naive) of a UTC moment (naive)."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)

    def floor(self, day: date, grain: Grain) -> date:
        """First day of the bucket that holds `day`."""
        if grain is Grain.DAY:
            return day
        if grain is Grain.WEEK:
            return day - timedelta(days=(day.isoweekday() - self.week_start) % 7)
        size = MONTHS[grain]
        offset = (self.fiscal_year_start_month - 1) % size
        index = day.year * 12 + day.month - 1 - offset
        return add_months(date(1, 1, 1), index // size * size + offset - 12)

    def offsets(self, first: datetime, last: datetime) -> tuple[tuple[datetime | None, int], ...]:
        """What to add to a UTC moment between `first` and `last` to make it local.

        Pairs (until, seconds): `seconds` holds for moments before `until`; the last pair has no end.
        """
        return _offsets(self.timezone, first, last)


@lru_cache(maxsize=256)
def _offsets(timezone: str, first: datetime, last: datetime) -> tuple[tuple[datetime | None, int], ...]:
    zone = Calendar(timezone).zone

    def offset(moment: datetime) -> int:
        shift = moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()
        return int(shift.total_seconds()) if shift else 0

    pairs: list[tuple[datetime | None, int]] = []
    step, moment = timedelta(days=1), first
    while moment < last:
        following = min(moment + step, last)
        if offset(moment) != offset(following):
            pairs.append((_change_between(moment, following, offset), offset(moment)))
        moment = following
    return (*pairs, (None, offset(last)))


def _change_between(before: datetime, after: datetime, offset) -> datetime:  # type: ignore[no-untyped-def]
    """The first moment, to the second, that has the later offset."""
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle <= before:
            break
        before, after = (middle, after) if offset(middle) == offset(before) else (before, middle)
    return after.replace(microsecond=0)
