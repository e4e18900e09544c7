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

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, DateTime, Float, Integer, String, case, literal, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal

from data_access.calendar import Calendar, Grain

PLURAL, STANDARD = r"INTERVAL '(\d+) (day|month)s'", r"INTERVAL '\1' \2"  # '3 months' is '3' month to some


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
    size = {Grain.QUARTER: 3, Grain.YEAR: 12}.get(grain, 1)
    return bucket(moment, grain, (calendar.week_start - 1) % 7, (calendar.fiscal_year_start_month - 1) % size)


@compiles(bucket)
@compiles(bucket, "duckdb")
@compiles(bucket, "postgresql")
def _bucket(element: bucket, compiler: Any, **kw: Any) -> str:
    (moment,) = (compiler.process(clause, **kw) for clause in element.clauses)
    text = _shifted(moment, element)
    return f"CAST({text} AS DATE)"


def _shifted(moment: str, element: bucket) -> str:
    grain, days, months = element.grain, element.days_back, element.months_back
    if grain is Grain.DAY:
        return moment
    if grain is Grain.WEEK and days:
        return f"date_trunc('week', {moment} - INTERVAL '{days} days') + INTERVAL '{days} days'"
    if months:
        month = f"date_trunc('month', {moment})"
        return f"date_trunc('{grain}', {month} - INTERVAL '{months} months') + INTERVAL '{months} months'"
    return f"date_trunc('{grain}', {moment})"


@compiles(bucket, "trino")
def _bucket_trino(element: bucket, compiler: Any, **kw: Any) -> str:
    (moment,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST({re.sub(PLURAL, STANDARD, _shifted(moment, element))} AS DATE)"


@compiles(bucket, "bigquery")
def _bucket_bigquery(element: bucket, compiler: Any, **kw: Any) -> str:
    (moment,) = (compiler.process(clause, **kw) for clause in element.clauses)
    local, days, months = f"DATE({moment})", element.days_back, element.months_back
    if element.grain is Grain.DAY:
        return local
    if element.grain is Grain.WEEK:
        monday = f"DATE_TRUNC(DATE_SUB({local}, INTERVAL {days} DAY), ISOWEEK)"
        return f"DATE_ADD({monday}, INTERVAL {days} DAY)"
    shifted = f"DATE_SUB(DATE_TRUNC({local}, MONTH), INTERVAL {months} MONTH)"
    return f"DATE_ADD(DATE_TRUNC({shifted}, {element.grain.upper()}), INTERVAL {months} MONTH)"


@compiles(bucket, "sqlite")
def _bucket_sqlite(element: bucket, compiler: Any, **kw: Any) -> str:
    (moment,) = (compiler.process(clause, **kw) for clause in element.clauses)
    if element.grain is Grain.DAY:
        return f"date({moment})"
    if element.grain is Grain.WEEK:
        back = f"(CAST(strftime('%w', {moment}) AS INTEGER) + 6 - {element.days_back}) % 7"
        return f"date({moment}, '-' || (({back} + 7) % 7) || ' days')"
    size = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[element.grain]
    month = f"(CAST(strftime('%m', {moment}) AS INTEGER) - 1 - {element.months_back} + 12) % {size}"
    return f"date({moment}, 'start of month', '-' || ({month}) || ' months')"


@compiles(bucket, "clickhouse")
def _bucket_clickhouse(element: bucket, compiler: Any, **kw: Any) -> str:
    (moment,) = (compiler.process(clause, **kw) for clause in element.clauses)
    if element.grain is Grain.DAY:
        return f"toDate32({moment})"
    if element.grain is Grain.WEEK:
        back = f"modulo(toDayOfWeek({moment}) + {6 - element.days_back}, 7)"
        return f"subtractDays(toDate32({moment}), {back})"
    size = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[element.grain]
    back = f"modulo(toMonth({moment}) + {11 - element.months_back}, {size})"
    return f"subtractMonths(toStartOfMonth(toDate32({moment})), {back})"


@compiles(bucket, "mysql", "mariadb")
def _bucket_mysql(element: bucket, compiler: Any, **kw: Any) -> str:
    (moment,) = (compiler.process(clause, **kw) for clause in element.clauses)
    if element.grain is Grain.DAY:
        return f"CAST({moment} AS DATE)"
    if element.grain is Grain.WEEK:
        return f"DATE_SUB(CAST({moment} AS DATE), INTERVAL MOD(WEEKDAY({moment}) + 7 - {element.days_back}, 7) DAY)"
    size = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[element.grain]
    first = f"DATE_SUB(CAST({moment} AS DATE), INTERVAL (DAYOFMONTH({moment}) - 1) DAY)"
    return f"DATE_SUB({first}, INTERVAL MOD(MONTH({moment}) + 11 - {element.months_back}, {size}) MONTH)"


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
