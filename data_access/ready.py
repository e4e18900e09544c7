"""Whether a source can be read now, in one sentence: for the health check of a container.

It connects, looks at the tables and reads one of them, without what a page would count first. How far the data reach is
what the source says of itself (an extract, the settings), and else the last moment in the table that was read.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, Select, case, func, select

from data_access import failures
from data_access.account import proven
from data_access.errors import SourceError
from data_access.facts import Facts, facts_without_rows
from data_access.place import find_place
from data_access.schema import HAPPENINGS, TABLES

UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))
FIRST = ("orders", "opportunities")  # tables that most figures are made of


def readiness(source: str, mapping: str = "") -> str:
    """One sentence about a source that can be read. Raises SourceError, MappingError for one that cannot."""
    place = find_place(source, mapping)
    name = failures.where(place.url)
    now = datetime.now(UTC).replace(tzinfo=None)
    with proven(place) as connection:
        facts = facts_without_rows(connection, place, name)
        last = last_moment(connection, facts, now)
    if last is None:
        raise SourceError(f"{name} holds no rows yet; import your data first.", key="no_data")
    said = facts.origin.read_at if facts.origin else facts.settings.data_as_of
    as_of = said or last
    return f"{name} is ready: data as of {as_of:%Y-%m-%d %H:%M} UTC, {age(now - as_of)}."


def last_moment(connection: Connection, facts: Facts, now: datetime) -> datetime | None:
    """The last moment before now in the first table that has rows; None where none has."""
    for table in sorted(HAPPENINGS, key=lambda name: name not in FIRST):
        moments = [name for name in HAPPENINGS[table] if name in facts.columns.get(table, ())]
        if not moments or table in facts.barred:
            continue
        query = _last(table, moments, now)
        row = connection.execute(facts.mapped.over(query) if facts.mapped else query).one()
        ends = [end for end in row if isinstance(end, date)]
        if ends:
            return max(_as_moment(end) for end in ends)
    return None


def _last(table: str, moments: list[str], now: datetime) -> Select[tuple[datetime]]:
    columns = [TABLES[table].c[name] for name in moments]
    return select(*(func.max(case((column <= now, column))) for column in columns))


def _as_moment(end: date) -> datetime:
    if not isinstance(end, datetime):
        return datetime(end.year, end.month, end.day)
    return end.astimezone(UTC).replace(tzinfo=None) if end.tzinfo else end


def age(passed: timedelta) -> str:
    """How old data are, in the largest whole unit."""
    seconds = int(passed.total_seconds())
    for unit, size in UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count != 1 else ''} old"
    return "less than a minute old"


__all__ = ["readiness"]
