"""One factory for engines: read-only, locked down, and with a plain sentence for everything that can be wrong.

`locate` turns what a person types (a path or an SQLAlchemy URL) into a URL; `create` opens it. An embedded DuckDB is
opened with `read_only`, external access off and its configuration locked, so that no SQL can read a file, attach a
database, install an extension or write; SQLite is opened with `mode=ro` and `query_only`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Date, DateTime, Engine, create_engine, event, make_url
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from data_access.errors import SourceError

SQLITE_MAGIC = b"SQLite format 3\x00"
DUCKDB_MAGIC = b"DUCK"
POOL = {"pool_size": 4, "max_overflow": 4, "pool_timeout": 10}
DUCKDB_CONFIG = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": os.environ.get("CLIENTELE_MEMORY", "4GB"),
    "lock_configuration": "true",
}
LOCKED = ("Could not set lock on file", "used by another process", "database is locked")
EXTRAS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}


def locate(source: str) -> URL:
    """The URL of a DuckDB or SQLite file path, or of any SQLAlchemy URL."""
    if "://" not in source:
        path = Path(source).expanduser().resolve()
        return URL.create(_file_dialect(path), database=str(path))
    try:
        url = make_url(source)
    except ArgumentError as fault:
        raise SourceError(
            "The source is not a URL that can be read; write a file path or dialect://user@host:port/database."
        ) from fault
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
        if dialect == "duckdb":
            arguments: dict[str, Any] = {"read_only": True, "config": dict(DUCKDB_CONFIG)}
            engine = create_engine(url, connect_args=arguments, isolation_level="AUTOCOMMIT", **POOL)
            engine.dialect.colspecs = {**engine.dialect.colspecs, DateTime: _WrittenMoment, Date: _WrittenDay}
            return engine
        if dialect == "sqlite":
            return _sqlite(url)
        return create_engine(url, pool_pre_ping=True, **POOL)
    except (NoSuchModuleError, ModuleNotFoundError) as fault:
        extra = EXTRAS.get(dialect)
        advice = f"install the extra `{extra}`" if extra else "use duckdb, sqlite, postgresql or mysql"
        raise SourceError(f"No driver for `{dialect}` is installed; {advice}.") from fault


class _WrittenMoment(DateTime):
    """A moment that is one also where a statement is written out with its values, to be run by hand."""

    def literal_processor(self, dialect: Any) -> Any:
        return lambda value: f"TIMESTAMP '{value.isoformat(' ')}'"


class _WrittenDay(Date):
    """The same for a day."""

    def literal_processor(self, dialect: Any) -> Any:
        return lambda value: f"DATE '{value.isoformat()}'"


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

    return engine


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


def explain_failure(fault: BaseException, url: URL) -> SourceError:
    """The sentence for a failure to open or read; passwords never appear in it."""
    whole = str(getattr(fault, "orig", None) or fault)
    text = whole.splitlines()[0] if whole else type(fault).__name__
    where = url.render_as_string(hide_password=True) if not is_file(url) else str(url.database)
    if "newer version of DuckDB" in whole:
        return SourceError(
            f"{where} was written by a newer DuckDB than the one installed here; upgrade Clientele or write the file "
            "again with this version.",
            key="source_newer",
            path=where,
        )
    if is_file(url) and any(sign in text for sign in LOCKED):
        return SourceError(
            f"{where} is being written by another program; try again when it has finished.",
            key="source_locked",
            path=where,
        )
    password = url.password
    if password:
        text = text.replace(str(password), "***")
    return SourceError(f"{where} cannot be read: {text}", key="source_unreadable", path=where)
