"""ClickHouse over HTTP: `clickhouse://user:password@host:8123/database`, which can only read.

The protocol is clickhouse-connect's; the dialect is ours. Left to its defaults, ClickHouse gives 0 or an empty text
where a left join finds nothing, where a sum has no rows and where `lag` has no row before, and takes a column's new
name for the column itself. `SESSION` and the compiler below make it answer as other engines do; a session in which a
setting did not take is refused, for its figures would be wrong without a sign.

`readonly = 2` keeps a session from writing; the values of a statement are written into it by `written`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from clickhouse_connect import dbapi
from clickhouse_connect.driver import create_client
from clickhouse_connect.driver.exceptions import ClickHouseError
from sqlalchemy import URL, Connection, types
from sqlalchemy.sql import compiler

from data_access.written import Backquoted, Columns, NamedTypes, WrittenDialect, literal_type

SESSION = {
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "cast_keep_nullable": "1",
    "prefer_column_name_to_alias": "1",
    "enable_extended_results_for_datetime_functions": "1",
    "session_timezone": "UTC",
    "readonly": "2",
}
ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"})


# -- values ---------------------------------------------------------------------------------------------------------
def written(value: Any) -> str:
    """A value as ClickHouse's SQL writes it. Raises dbapi.ProgrammingError for what it cannot write."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value.translate(ESCAPES)}'"
    if isinstance(value, datetime):
        return f"toDateTime64('{value.isoformat(' ')}', 6, 'UTC')"
    if isinstance(value, date):
        return f"toDate32('{value.isoformat()}')"
    if isinstance(value, Decimal):
        return f"CAST('{value:f}' AS Decimal(38, {max(0, -int(value.as_tuple().exponent))}))"
    if isinstance(value, float):
        plain = float.__repr__(value)
        return plain if isfinite(value) else f"CAST('{plain}' AS Float64)"
    if isinstance(value, int):
        return str(value)
    raise dbapi.ProgrammingError(f"a value of type {type(value).__name__} cannot be asked for")


# -- the driver -----------------------------------------------------------------------------------------------------
@contextmanager
def _said() -> Iterator[None]:
    """What the server or the wire says as an error of the driver's, in one line."""
    try:
        yield
    except ClickHouseError as fault:
        raise dbapi.OperationalError(" ".join(str(fault).split())) from fault
    except (OSError, ImportError) as fault:
        raise dbapi.OperationalError(f"{type(fault).__name__}: {fault}") from fault


class ClickHouseCursor:
    """A cursor that writes out the values of a statement and keeps its rows."""

    arraysize = 1

    def __init__(self, client: Any) -> None:
        self._client = client
        self._rows: list[Sequence[Any]] = []
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1

    def execute(self, operation: str, parameters: Mapping[str, Any] | None = None) -> None:
        if parameters is not None:
            operation = operation % {name: written(value) for name, value in parameters.items()}
        with _said():
            found = self._client.query(operation)
            self._rows, names = list(found.result_rows), found.column_names
            if not names:  # without a row nothing is said of columns either
                names = [row[0] for row in self._client.query(f"DESCRIBE ({operation})").result_rows]
        self.description = [(name, None, None, None, None, None, True) for name in names]

    def fetchall(self) -> list[Sequence[Any]]:
        rows, self._rows = self._rows, []
        return rows

    def fetchmany(self, size: int | None = None) -> list[Sequence[Any]]:
        count = size or self.arraysize
        rows, self._rows = self._rows[:count], self._rows[count:]
        return rows

    def fetchone(self) -> Sequence[Any] | None:
        return next(iter(self.fetchmany(1)), None)

    def setinputsizes(self, *sizes: Any) -> None:
        """Sizes tell nothing here."""

    def close(self) -> None:
        self._rows = []


class ClickHouseConnection:
    """A session in which every setting of `SESSION` has taken."""

    def __init__(self, **arguments: Any) -> None:
        with _said():
            self.client = create_client(settings=dict(SESSION), **arguments)
            names = ", ".join(written(name) for name in SESSION)
            asked = f"SELECT name, value FROM system.settings WHERE name IN ({names})"
            found: dict[str, str] = {str(name): str(value) for name, value in self.client.query(asked).result_rows}
        wrong = sorted(name for name, value in SESSION.items() if found.get(name) != value)
        if wrong:
            raise dbapi.OperationalError(
                f"this account cannot set {', '.join(wrong)}, without which figures would be wrong; give its profile"
                " `readonly = 2` and no constraints on these settings (ClickHouse 24.8 or later has them all)"
            )

    def cursor(self) -> ClickHouseCursor:
        return ClickHouseCursor(self.client)

    def close(self) -> None:
        self.client.close()

    def commit(self) -> None:
        """Every statement stands alone."""

    rollback = commit


# -- the dialect ----------------------------------------------------------------------------------------------------
class ClickHouseCompiler(compiler.SQLCompiler):
    """What ClickHouse reads in its own way, written so that it means what it means elsewhere."""

    def visit_lag_func(self, fn: Any, **kw: Any) -> str:
        """Null where there is no row before, also for a column that cannot be null."""
        value, *rest = (self.process(clause, **kw) for clause in fn.clauses)
        return f"lag({', '.join([f'toNullable({value})', *rest])})"

    def visit_coalesce_func(self, fn: Any, **kw: Any) -> str:
        return f"coalesce({', '.join(self._in_one_type(list(fn.clauses), **kw))})"

    def visit_case(self, clause: Any, **kw: Any) -> str:
        results = [result for _, result in clause.whens]
        results += [] if clause.else_ is None else [clause.else_]
        told = self._in_one_type(results, **kw)
        conditions = [self.process(condition, **kw) for condition, _ in clause.whens]
        arms = " ".join(f"WHEN {c} THEN {r}" for c, r in zip(conditions, told, strict=False))
        subject = "" if clause.value is None else f"{self.process(clause.value, **kw)} "
        return f"CASE {subject}{arms}{'' if clause.else_ is None else f' ELSE {told[-1]}'} END"

    def _in_one_type(self, values: list[Any], **kw: Any) -> list[str]:
        """Alternatives as one type, where ClickHouse finds none for floats beside decimals or whole numbers."""
        numbers = [isinstance(value.type, types.Numeric | types.Integer) for value in values]
        is_mixed = any(isinstance(value.type, types.Float) for value in values)
        texts = [self.process(value, **kw) for value in values]
        pairs = zip(texts, numbers, strict=True)
        return [f"CAST({text} AS Float64)" if is_mixed and number else text for text, number in pairs]

    def visit_cast(self, cast: Any, **kw: Any) -> str:
        """A float is rounded to the places of a decimal, not cut; by way of text, since 0.3 lies below 0.3."""
        kind, value = cast.type, self.process(cast.clause, **kw)
        if isinstance(kind, types.Numeric) and not isinstance(kind, types.Float):
            is_float = isinstance(cast.clause.type, types.Float)
            value = f"toString(round({value}, {kind.scale or 0}))" if is_float else value
        return f"CAST({value} AS {self.process(cast.typeclause, **kw)})"


class ClickHouseTypes(NamedTypes):
    text, integer, float, decimal, moment = "String", "Int64", "Float64", "Decimal", "DateTime64(6, 'UTC')"
    day, boolean = "Date32", "Bool"


KINDS: dict[str, types.TypeEngine[Any]] = {
    "String": types.String(), "FixedString": types.String(), "UUID": types.String(), "Enum8": types.String(),
    "Enum16": types.String(), "Bool": types.Boolean(), "Date": types.Date(), "Date32": types.Date(),
    "DateTime": types.DateTime(), "DateTime64": types.DateTime(), "Float32": types.Float(), "Float64": types.Float(),
}  # fmt: skip


def type_named(name: str) -> types.TypeEngine[Any]:
    """The type that ClickHouse names, such as `LowCardinality(Nullable(String))`; what is no plain value has none."""
    word, _, rest = name.rstrip(")").partition("(")
    if word in ("Nullable", "LowCardinality"):
        return type_named(name[len(word) + 1 : -1])
    if word == "Decimal":
        precision, _, scale = rest.partition(",")
        return types.Numeric(int(precision), int(scale or 0))
    if word.lstrip("U").startswith("Int"):
        return types.BigInteger()
    return KINDS.get(word, types.NullType())


class ClickHouseDialect(WrittenDialect):
    """ClickHouse's SQL."""

    name = "clickhouse"
    supports_statement_cache = True  # SQLAlchemy takes no inherited word for it
    driver = "connect"
    statement_compiler = ClickHouseCompiler
    type_compiler_cls = ClickHouseTypes
    preparer = Backquoted  # type: ignore[assignment]
    colspecs = {kind: literal_type(kind, written) for kind in (types.String, types.DateTime, types.Float, types.Date)}

    @classmethod
    def import_dbapi(cls) -> Any:
        return dbapi

    def create_connect_args(self, url: URL) -> Any:
        given: dict[str, Any] = dict(url.query)
        arguments = {"host": url.host, "port": url.port, "username": url.username, "password": url.password}
        present = {name: value for name, value in arguments.items() if value is not None}
        return [], {"database": url.database or "default", **present, **given}

    def connect(self, *arguments: Any, **options: Any) -> Any:
        return ClickHouseConnection(*arguments, **options)

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        return isinstance(e.__cause__, OSError)

    # -- what a database holds
    def get_schema_names(self, connection: Connection, **kw: Any) -> list[str]:
        return [row[0] for row in connection.exec_driver_sql("SELECT name FROM system.databases ORDER BY name")]

    def get_table_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        """Tables and views."""
        found = connection.exec_driver_sql(f"SELECT name FROM system.tables WHERE database = {_database(schema)}")
        return [row[0] for row in found]

    def get_view_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        of = f"database = {_database(schema)} AND engine LIKE '%%View'"
        return [row[0] for row in connection.exec_driver_sql(f"SELECT name FROM system.tables WHERE {of}")]

    def has_table(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        return table_name in self.get_table_names(connection, schema)

    def told_columns(self, connection: Connection, schema: str | None) -> Columns:
        asked = f"SELECT table, name, type FROM system.columns WHERE database = {_database(schema)}"
        for table, name, kind_of in connection.exec_driver_sql(f"{asked} ORDER BY table, position"):
            yield table, name, type_named(kind_of), "Nullable(" in kind_of


def _database(schema: str | None) -> str:
    return "currentDatabase()" if schema is None else written(schema).replace("%", "%%")
