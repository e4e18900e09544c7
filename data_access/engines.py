"""One factory for engines: read-only, locked down, and with a plain sentence for everything that can be wrong.

`locate` turns what a person types (a path or an SQLAlchemy URL) into a URL; `create` opens it. A session of PostgreSQL,
MariaDB or MySQL is set to read only, to UTC and to the longest time for one question before anything is asked. An
embedded DuckDB is opened with `read_only`, external access off and its configuration locked, so that no SQL can read a
file, attach a database, install an extension or write; SQLite is opened with `mode=ro` and `query_only`.
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
from contextlib import closing
from copy import copy
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Date, DateTime, Dialect, Engine, Float, create_engine, event, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.mysql import DOUBLE
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from data_access.errors import SourceError
from data_access.reading import let_only_questions_pass
from data_access.running import OWN_LIMIT, WATCH, Due, longest

SQLITE_MAGIC = b"SQLite format 3\x00"
DUCKDB_MAGIC = b"DUCK"
POOL = {"pool_size": 4, "max_overflow": 4, "pool_timeout": 1}  # who finds none free waits longer: running.BUSY_FOR
REACH_WITHIN = 5  # seconds in which a server has to take a connection, and to say that one is alive
READY_WITHIN = 10  # seconds in which it has to do what comes before the first question
# How soon the driver notices that nothing answers any more (seconds, seconds, times; milliseconds).
KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
SOCKET = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")  # the same where the driver has no names
# Whatever the server's own is: one that reads `"` or `||` otherwise, or wants more of GROUP BY, as MySQL's own does.
SQL_MODE = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
CONNECTING: dict[str, dict[str, Any]] = {
    "postgresql": {"connect_timeout": REACH_WITHIN, **KEEPALIVE},
    "mysql": {"connect_timeout": REACH_WITHIN, "sql_mode": SQL_MODE},
    "mariadb": {"connect_timeout": REACH_WITHIN, "sql_mode": SQL_MODE},
}
DUCKDB_CONFIG = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": os.environ.get("CLIENTELE_MEMORY", "4GB"),
    "lock_configuration": "true",
}
# What a session of a server begins with. A list of values, for an exact median, may be long.
MYSQL_SESSION = (
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION group_concat_max_len = 1073741824",
)
MOST_TEXTS = (
    "SELECT collation_name FROM information_schema.columns WHERE table_schema = DATABASE() "
    "AND character_set_name = 'utf8mb4' GROUP BY collation_name ORDER BY COUNT(*) DESC, collation_name LIMIT 1"
)
SESSION = {
    # Compiling a mapping's SELECTs takes longer than running them does.
    "postgresql": ("SET default_transaction_read_only = on", "SET TIME ZONE 'UTC'", "SET jit = off"),
    "mysql": MYSQL_SESSION,
    "mariadb": MYSQL_SESSION,
}
READ_ONLY = (*SESSION, "clickhouse", "spark")  # by their sessions, or by their dialects
NO_AUTHENTICATION = 2061  # CR_AUTH_PLUGIN_ERR
LIST_CUT = 1260  # ER_CUT_VALUE_GROUP_CONCAT
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
FORM = "dialect://user@host:port/database"
EXTRAS = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "spark": "spark",
    "clickhouse": "clickhouse",
    "trino": "trino",
}
registry.register("clickhouse", "data_access.clickhouse", "ClickHouseDialect")
registry.register("spark", "data_access.spark", "SparkDialect")
registry.register("trino", "data_access.trino", "TrinoDialect")


def locate(source: str) -> URL:
    """The URL of a DuckDB or SQLite file path, or of any SQLAlchemy URL."""
    if "://" not in source:
        path = Path(source).expanduser().resolve()
        return URL.create(_file_dialect(path), database=str(path))
    try:
        url = make_url(source)
    except (ArgumentError, ValueError):
        raise SourceError(
            f"The source is not a URL that can be read; write a file path or {FORM}.", key="source_not_url", form=FORM
        ) from None
    if url.drivername in DRIVERS:
        url = url.set(drivername=DRIVERS[url.drivername])
    if is_file(url) and url.database and url.database != ":memory:":
        url = url.set(database=str(Path(url.database).expanduser().resolve()))
    return url


def is_file(url: URL) -> bool:
    """True for the embedded engines, which keep a database in one file."""
    return url.get_backend_name() in ("duckdb", "sqlite")


def create(url: URL) -> Engine:
    """An engine that can only read."""
    dialect = url.get_backend_name()
    if is_file(url):
        _check_file(Path(url.database or ""), dialect)
    try:
        engine = _opened(url, dialect)
    except (NoSuchModuleError, ModuleNotFoundError) as fault:
        raise _no_driver(dialect) from fault
    return engine


def by_hand(dialect: Dialect) -> Dialect:
    """The dialect in which a statement is written out for people: a `%` stands for itself.

    Drivers that mark parameters with `%` want it doubled, and would undo that; whoever pastes the statement does not.
    """
    plain = copy(dialect)
    plain.__dict__.pop("_type_memos", None)  # how values are written was kept for the driver
    plain.paramstyle, plain.positional = "named", False
    plain.identifier_preparer = copy(dialect.identifier_preparer)
    plain.identifier_preparer.dialect = plain
    plain.identifier_preparer._double_percents = False
    return plain


def _no_driver(dialect: str) -> SourceError:
    extra = EXTRAS.get(dialect)
    if extra is None:
        known = ", ".join(("duckdb", "sqlite", *EXTRAS))
        return SourceError(
            f"No driver for `{dialect}` is installed; databases that can be named are {known}.",
            key="source_dialect",
            dialect=dialect,
            known=known,
        )
    command = f".venv/bin/python -m pip install -r requirements-{extra}.txt"
    return SourceError(
        f"No driver for `{dialect}` is installed; install the extra `{extra}`: {command}",
        key="source_driver",
        dialect=dialect,
        extra=extra,
        command=command,
    )


def _opened(url: URL, dialect: str) -> Engine:
    if dialect == "sqlite":
        return _sqlite(url)
    if dialect == "duckdb":
        arguments: dict[str, Any] = {"read_only": True, "config": dict(DUCKDB_CONFIG)}
        engine = create_engine(url, connect_args=arguments, isolation_level="AUTOCOMMIT", **POOL)
        # No transaction is ever open, and DuckDB takes a while to say so.
        engine.dialect.do_rollback = _nothing  # type: ignore[method-assign, assignment]
    else:
        given = {name: value for name, value in CONNECTING.get(dialect, {}).items() if name not in url.query}
        engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True, connect_args=given, **POOL)
        event.listen(engine, "connect", partial(_prepare, dialect))
        if dialect in CONNECTING:
            _never_wait(engine)
        if dialect not in READ_ONLY:
            let_only_questions_pass(engine)
    engine.dialect.colspecs = {**engine.dialect.colspecs, **_types(engine.dialect)}
    return engine


def _nothing(_connection: Any) -> None:
    """There is nothing to roll back."""


def _never_wait(engine: Engine) -> None:
    """Where a network stands still, neither opening a connection nor asking whether it is alive takes for ever."""
    ping = engine.dialect.do_ping

    def ping_in_time(connection: Any) -> bool:
        with WATCH.over(Due(connection, time.monotonic() + REACH_WITHIN)):
            return ping(connection)

    engine.dialect.do_ping = ping_in_time  # type: ignore[method-assign, assignment]
    event.listen(engine, "do_connect", _open_in_time)
    event.listen(engine, "checkout", _is_open)


def _open_in_time(dialect: Dialect, record: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """A connection that is cut unless all that comes before its first question is soon over (`_is_open`)."""
    is_postgresql = dialect.name == "postgresql"  # whose driver opens it in time; the other waits for its greeting
    connection: Any = dialect.connect(*arguments, **named, **({} if is_postgresql else {"defer_connect": True}))
    record.info["due"] = due = Due(connection, time.monotonic() + READY_WITHIN)
    WATCH.add(due)
    if not is_postgresql:
        try:
            connection.connect()
        except RuntimeError as fault:  # what the driver says where MySQL wants a password that it can only send by TLS
            raise dialect.loaded_dbapi.OperationalError(NO_AUTHENTICATION, str(fault)) from fault
        finally:
            if not connection.open:
                WATCH.leave(due)
        for name, value in zip(SOCKET, KEEPALIVE.values(), strict=True):
            if hasattr(socket, name) and connection.unix_socket is None:
                connection._sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return connection


def _is_open(_connection: Any, record: Any, _proxy: Any) -> None:
    due = record.info.pop("due", None)
    if due is not None:
        WATCH.leave(due)


def _prepare(dialect: str, connection: Any, _record: Any) -> None:
    """Prepare a session of a server: it can only read, its clock is UTC, and no statement runs longer than allowed."""
    with closing(connection.cursor()) as cursor:
        for statement in (*SESSION.get(dialect, ()), *_limit(dialect, connection)):
            cursor.execute(statement)
        if dialect in ("mysql", "mariadb"):
            _collate_as_tables_do(cursor)


def _collate_as_tables_do(cursor: Any) -> None:
    """MariaDB and MySQL refuse to compare a text of a table with one that was made, unless both have one collation."""
    cursor.execute(MOST_TEXTS)
    found = cursor.fetchone()
    if found:
        cursor.execute("SET SESSION collation_connection = %s", found[:1])


def _limit(dialect: str, connection: Any) -> tuple[str, ...]:
    """The statement that sets the engine's own limit for one question; none where it has none."""
    seconds = longest()
    if not seconds or dialect not in OWN_LIMIT:
        return ()
    if dialect == "clickhouse":  # a setting of every question, since a session keeps none
        connection.client.set_client_setting("max_execution_time", seconds)
        return ()
    if dialect == "postgresql":
        return (f"SET statement_timeout = {round(seconds * 1000)}",)
    if "MariaDB" in connection.get_server_info():
        return (f"SET SESSION max_statement_time = {seconds:g}",)
    return (f"SET SESSION max_execution_time = {round(seconds * 1000)}",)


def _types(dialect: Dialect) -> dict[type[Any], type[Any]]:
    """How an engine's own types are told: moments and days as such, MySQL's floats in 53 bits and moments in full."""
    known = dialect.colspecs
    is_mysql = dialect.name in ("mysql", "mariadb")
    moment = _written(known.get(DateTime, DateTime), "TIMESTAMP", fsp=6 if is_mysql else None)
    types: dict[type[Any], type[Any]] = {DateTime: moment, Date: _written(known.get(Date, Date), "DATE")}
    return {**types, Float: DOUBLE} if is_mysql else types


def _written(base: type[Any], name: str, **more: Any) -> type[Any]:
    """A type whose values are told from text also where a statement is written out, to be run by hand."""

    def literal_processor(self: Any, dialect: Any) -> Any:
        return lambda value: f"{name} '{value.isoformat(' ') if isinstance(value, datetime) else value.isoformat()}'"

    return type(f"Written{name.title()}", (base,), {"literal_processor": literal_processor, "cache_ok": True, **more})


class _Moment(DATETIME):
    """A moment as text without an empty fraction, so that it compares well with either way of storing it."""

    def bind_processor(self, dialect: Any) -> Any:
        return lambda value: None if value is None else value.isoformat(" ")


def _sqlite(url: URL) -> Engine:
    path = quote(Path(url.database or "").as_posix())
    read_only = URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(read_only, **POOL)
    engine.dialect.colspecs = {**engine.dialect.colspecs, DateTime: _Moment}

    @event.listens_for(engine, "connect")
    def _only_read(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only = ON")
        connection.create_function("sha256", 1, _sha256, deterministic=True)

    return engine


def _sha256(text: Any) -> str | None:
    """For the mappings of SQLite databases, which has no such function itself."""
    return None if text is None else hashlib.sha256(str(text).encode()).hexdigest()


def _file_dialect(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return "sqlite" if file.read(16) == SQLITE_MAGIC else "duckdb"
    except OSError:
        return "sqlite" if path.suffix in (".sqlite", ".sqlite3") else "duckdb"


def _check_file(path: Path, dialect: str) -> None:
    if path.is_dir():
        raise SourceError(f"{path} is a folder; name the database file in it.", key="source_unreadable", path=str(path))
    if not path.is_file():
        raise SourceError(
            f"There is no file {path}; run `make demo` for the demo company, or import your own with "
            f"`python -m data_access import FOLDER --into {path}`.",
            key="source_missing",
            path=str(path),
        )
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as fault:
        raise SourceError(
            f"{path} cannot be read ({fault.strerror}); check who may read it.", key="source_unreadable", path=str(path)
        ) from fault
    if dialect == "duckdb" and head[8:12] != DUCKDB_MAGIC:
        raise SourceError(
            f"{path} is not a DuckDB file; name a file made by `python -m data_access import`.",
            key="source_not_duckdb",
            path=str(path),
        )


def check_whole(result: CursorResult[Any], url: URL) -> None:
    """MariaDB and MySQL only warn when a list of values became too long and was cut: that is no answer."""
    if not getattr(result.cursor, "warning_count", 0):
        return
    warnings = result.connection.connection.driver_connection.show_warnings()  # type: ignore[union-attr]
    if any(code == LIST_CUT for _, code, _ in warnings):
        raise SourceError(
            f"{url.render_as_string(hide_password=True)} cut a list of values that an exact median needs; raise "
            "`max_allowed_packet` on the server, or ask for a shorter period.",
            key="source_unreadable",
            path=url.render_as_string(hide_password=True),
        )
