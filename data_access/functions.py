"""The few pieces of SQL that engines spell differently, one construct each; a metric never asks which engine it is on.

    add_seconds(moment, seconds)      a moment some seconds later
    as_written(text)                  a text that differs from another by capitals, accents or blanks alone
    bucket_start(moment, grain, ...)  first day of the bucket that holds a local moment, as a date
    day(date)                         a calendar day
    seconds_between(start, end)       elapsed seconds, as a float
    whole(number)                     the greatest whole number that is not above it

Unit names, offsets and day counts are written into the text, not bound: an expression that is grouped by must be the
same text everywhere it stands. They come from this project's own enumerations, never from a viewer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Date, DateTime, Float, Integer, String, case, literal, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal

from data_access.calendar import Calendar, Grain

MONTHS = {Grain.QUARTER: 3, Grain.YEAR: 12}  # of a bucket, 1 if not named


def spelled(construct: type[FunctionElement[Any]], ways: Mapping[str, str]) -> None:
    """How engines spell a construct: a template for each name of a dialect (several by blanks), "" for all others.

    `{0}`, `{1}`, ... are the arguments as the engine's own compiler writes them.
    """
    for names, template in ways.items():
        compiles(construct, *names.split())(_filled(template))


def _filled(template: str) -> Callable[..., str]:
    def write(element: Any, compiler: Any, **kw: Any) -> str:
        return template.format(*(compiler.process(clause, **kw) for clause in element.clauses))

    return write


class as_written(FunctionElement[str]):  # noqa: N801  (reads like the SQL function that it is)
    """as_written(text): the text, told apart from others letter by letter, where a server's collation would not."""

    type = String()
    inherit_cache = True
    name = "as_written"


spelled(as_written, {"": "{0}"})


@compiles(as_written, "mysql", "mariadb")
def _as_written_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    (written,) = (compiler.process(clause, **kw) for clause in element.clauses)
    collation = "utf8mb4_nopad_bin" if compiler.dialect.is_mariadb else "utf8mb4_0900_bin"
    return f"(CONVERT({written} USING utf8mb4) COLLATE {collation})"


class add_seconds(FunctionElement[datetime]):  # noqa: N801  (reads like the SQL function that it is)
    """add_seconds(moment, whole seconds): the moment that much later; seconds may be an expression."""

    type = DateTime()
    inherit_cache = True
    name = "add_seconds"


spelled(
    add_seconds,
    {
        "": "({0} + ({1}) * INTERVAL '1 second')",
        "duckdb": "({0} + to_seconds({1}))",
        "spark": "({0} + ({1}) * INTERVAL '1' SECOND)",
        "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {0}, ({1}) || ' seconds')",
        "clickhouse": "addSeconds({0}, {1})",
        "mysql mariadb": "TIMESTAMPADD(SECOND, {1}, {0})",
        "trino": "date_add('second', {1}, {0})",
        "snowflake": "DATEADD(SECOND, {1}, {0})",
        "bigquery": "TIMESTAMP_ADD({0}, INTERVAL ({1}) SECOND)",
    },
)


class seconds_between(FunctionElement[float]):  # noqa: N801
    """seconds_between(start, end): elapsed seconds, negative when `end` is earlier."""

    type = Float()
    inherit_cache = True
    name = "seconds_between"


_MICROS = "toUnixTimestamp64Micro(CAST({} AS DateTime64(6, 'UTC')))"
spelled(
    seconds_between,
    {
        "": "CAST(EXTRACT(EPOCH FROM (CAST({1} AS TIMESTAMP) - CAST({0} AS TIMESTAMP))) AS DOUBLE PRECISION)",
        "duckdb": "((epoch_us(CAST({1} AS TIMESTAMP)) - epoch_us(CAST({0} AS TIMESTAMP))) / 1e6)",
        "spark": "((unix_micros(CAST({1} AS TIMESTAMP)) - unix_micros(CAST({0} AS TIMESTAMP))) / 1e6)",
        "sqlite": "ROUND((julianday({1}) - julianday({0})) * 86400.0, 3)",
        "clickhouse": f"(({_MICROS.format('{1}')} - {_MICROS.format('{0}')}) / 1e6)",
        "mysql mariadb": "(TIMESTAMPDIFF(MICROSECOND, {0}, {1}) / 1e6)",
        "trino": "(date_diff('millisecond', CAST({0} AS TIMESTAMP(6)), CAST({1} AS TIMESTAMP(6))) / 1e3)",
        "snowflake": "(DATEDIFF(MICROSECOND, {0}, {1}) / 1e6)",
        "bigquery": "(TIMESTAMP_DIFF({1}, {0}, MICROSECOND) / 1e6)",
    },
)


class whole(FunctionElement[int]):  # noqa: N801
    """whole(number): the greatest whole number that is not above it; casts round on some engines and cut on others."""

    type = Integer()
    inherit_cache = True
    name = "whole"


spelled(
    whole,
    {
        "": "CAST(FLOOR({0}) AS BIGINT)",
        "bigquery": "CAST(FLOOR({0}) AS INT64)",
        "clickhouse": "CAST(floor({0}) AS Int64)",
        "sqlite": "(CAST({0} AS INTEGER) - (({0}) < CAST({0} AS INTEGER)))",
        "mysql mariadb": "CAST(FLOOR({0}) AS SIGNED)",
    },
)


class bucket(FunctionElement[Any]):  # noqa: N801
    """The first day of a bucket; use `bucket_start`, which gives it its grain and calendar."""

    type = Date()
    inherit_cache = True
    name = "bucket"
    _traverse_internals = [  # what tells two of them apart in SQLAlchemy's cache of statements
        *FunctionElement._traverse_internals,
        ("grain", InternalTraversal.dp_string),
        ("days_back", InternalTraversal.dp_plain_obj),
        ("months_back", InternalTraversal.dp_plain_obj),
    ]

    def __init__(self, moment: ColumnElement[Any], grain: Grain, days_back: int, months_back: int) -> None:
        self.grain, self.days_back, self.months_back = grain, days_back, months_back
        super().__init__(moment)


def bucket_start(moment: ColumnElement[Any], grain: Grain, calendar: Calendar) -> ColumnElement[Any]:
    """First day of the bucket of `grain` that holds the local `moment`, as a date."""
    months = (calendar.fiscal_year_start_month - 1) % MONTHS.get(grain, 1)
    return bucket(moment, grain, (calendar.week_start - 1) % 7, months)


class Buckets(NamedTuple):
    """How an engine spells the first day of a bucket: of `{at}`, or of that shifted by so many days or months.

    `{grain}` is the word for it, `{size}` its months; `{days}` and `{months}` are what weeks and years are shifted by.
    """

    day: str
    week: str
    months: str
    plain: str = ""  # where nothing is shifted; "": as if by 0

    def template(self, element: bucket) -> str:
        if element.grain is Grain.DAY:
            return self.day
        is_week = element.grain is Grain.WEEK
        is_shifted = element.days_back if is_week else element.months_back
        return (self.week if is_week else self.months) if is_shifted or not self.plain else self.plain


_TRUNCATED = "CAST(date_trunc('{grain}', {at}) AS DATE)"
_WEEK = "CAST(date_trunc('week', {{at}} - {0}) + {0} AS DATE)"
_MONTHS = "CAST(date_trunc('{{grain}}', date_trunc('month', {{at}}) - {0}) + {0} AS DATE)"
BUCKETS = {
    "": Buckets(
        "CAST({at} AS DATE)",
        _WEEK.format("INTERVAL '{days} days'"),
        _MONTHS.format("INTERVAL '{months} months'"),
        _TRUNCATED,
    ),
    "trino": Buckets(
        "CAST({at} AS DATE)",
        _WEEK.format("INTERVAL '{days}' day"),
        _MONTHS.format("INTERVAL '{months}' month"),
        _TRUNCATED,
    ),
    "bigquery": Buckets(
        "DATE({at})",
        "DATE_ADD(DATE_TRUNC(DATE_SUB(DATE({at}), INTERVAL {days} DAY), ISOWEEK), INTERVAL {days} DAY)",
        "DATE_ADD(DATE_TRUNC(DATE_SUB(DATE_TRUNC(DATE({at}), MONTH), INTERVAL {months} MONTH), {grain}), "
        "INTERVAL {months} MONTH)",
    ),
    "sqlite": Buckets(
        "date({at})",
        "date({at}, '-' || (((CAST(strftime('%w', {at}) AS INTEGER) + 6 - {days}) % 7 + 7) % 7) || ' days')",
        "date({at}, 'start of month', "
        "'-' || ((CAST(strftime('%m', {at}) AS INTEGER) - 1 - {months} + 12) % {size}) || ' months')",
    ),
    "clickhouse": Buckets(
        "toDate32({at})",
        "subtractDays(toDate32({at}), modulo(toDayOfWeek({at}) + 6 - {days}, 7))",
        "subtractMonths(toStartOfMonth(toDate32({at})), modulo(toMonth({at}) + 11 - {months}, {size}))",
    ),
    "mysql mariadb": Buckets(
        "CAST({at} AS DATE)",
        "DATE_SUB(CAST({at} AS DATE), INTERVAL MOD(WEEKDAY({at}) + 7 - {days}, 7) DAY)",
        "DATE_SUB(DATE_SUB(CAST({at} AS DATE), INTERVAL (DAYOFMONTH({at}) - 1) DAY), "
        "INTERVAL MOD(MONTH({at}) + 11 - {months}, {size}) MONTH)",
    ),
}


def _bucketed(ways: Buckets) -> Callable[..., str]:
    def write(element: bucket, compiler: Any, **kw: Any) -> str:
        (moment,) = (compiler.process(clause, **kw) for clause in element.clauses)
        grain, days, months = element.grain, element.days_back, element.months_back
        return ways.template(element).format(
            at=moment, grain=grain, days=days, months=months, size=MONTHS.get(grain, 1)
        )

    return write


for _names, _ways in BUCKETS.items():
    compiles(bucket, *_names.split())(_bucketed(_ways))


class day(FunctionElement[Any]):  # noqa: N801
    """day(date): a calendar day as what it is, also where nothing beside it says so."""

    type = Date()
    inherit_cache = True
    name = "day"

    def __init__(self, value: date) -> None:
        super().__init__(literal(value, Date()))


spelled(day, {"": "CAST({0} AS DATE)", "clickhouse": "CAST({0} AS Date32)", "sqlite": "{0}"})


class written_moment(FunctionElement[datetime]):  # noqa: N801
    """A moment that stands in the text of a statement and is compared with moments; use `moment_at`, which keeps it."""

    type = DateTime()
    inherit_cache = True
    name = "written_moment"


spelled(written_moment, {"": "{0}", "trino": "TIMESTAMP {0}"})


@lru_cache(4096)
def moment_at(moment: datetime) -> ColumnElement[datetime]:
    """A moment in the text of a statement."""
    return written_moment(literal_column(f"'{moment:%Y-%m-%d %H:%M:%S}'", DateTime()))


def local_moment(moment: ColumnElement[Any], offsets: tuple[tuple[datetime | None, int], ...]) -> ColumnElement[Any]:
    """The local moment of a UTC moment, from the zone's offsets (`Calendar.offsets`)."""
    seconds: list[ColumnElement[int]] = [literal_column(str(value)) for _, value in offsets]
    if len(offsets) == 1:
        return moment if offsets[0][1] == 0 else add_seconds(moment, seconds[0])
    arms = [
        (moment < moment_at(until), value) for (until, _), value in zip(offsets[:-1], seconds, strict=False) if until
    ]
    return add_seconds(moment, case(*arms, else_=seconds[-1]))
