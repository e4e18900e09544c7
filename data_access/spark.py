"""Apache Spark through its Thrift Server: `spark://user@host:10000/database`, which can only read.

The protocol is PyHive's; the dialect is ours, because PyHive's own gives days as text, casts days to moments, refuses
decimals and lists databases instead of tables. A session's clock is UTC, and what would make a text mean something else
on another server (other escapes, `${...}`) is set to what `written` reckons with.

Spark has neither read-only sessions nor transactions: what is no question is refused here, before it is sent
(`is_question`), so an account that may only read is the better lock.

The values of a statement are written into it, as Spark's protocol knows no others: `written` is the one place for that.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from pyhive import hive
from sqlalchemy import URL, Connection, types
from sqlalchemy.sql import compiler
from TCLIService import ttypes
from thrift.Thrift import TException

from data_access.reading import is_question
from data_access.written import Backquoted, Columns, NamedTypes, WrittenDialect, literal_type

SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.variable.substitute": "false",
}
RESERVED = frozenset({
    "anti", "cross", "except", "exists", "full", "inner", "intersect", "interval", "join", "lateral", "left", "minus",
    "natural", "on", "right", "semi", "union", "using", "values",
})  # fmt: skip
ESCAPES = str.maketrans({
    "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0", "\x1a": "\\Z", "$": "\\u0024",
})  # fmt: skip


UNDER_WAY = (
    ttypes.TOperationState.INITIALIZED_STATE,
    ttypes.TOperationState.RUNNING_STATE,
    ttypes.TOperationState.PENDING_STATE,
)


# -- values ---------------------------------------------------------------------------------------------------------
def written(value: Any) -> str:
    """A value as Spark's SQL writes it. Raises hive.ProgrammingError for what it cannot write."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return f"'{value.translate(ESCAPES)}'"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(' ')}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, Decimal):
        return f"{value:f}BD" if value.is_finite() else f"CAST('{value}' AS DOUBLE)"
    if isinstance(value, float):
        plain = float.__repr__(value)
        return f"{plain}D" if isfinite(value) else f"CAST('{plain}' AS DOUBLE)"
    if isinstance(value, int):
        return str(value)
    raise hive.ProgrammingError(f"a value of type {type(value).__name__} cannot be asked for")


# -- the driver -----------------------------------------------------------------------------------------------------
@contextmanager
def _said() -> Iterator[None]:
    """One sentence for what the server or the wire says, as an error of the driver's."""
    try:
        yield
    except hive.OperationalError as fault:
        status = getattr(fault.args[0] if fault.args else None, "status", None)
        raise hive.OperationalError(_sentence(getattr(status, "errorMessage", None) or str(fault))) from None
    except (TException, OSError) as fault:
        raise hive.OperationalError(f"{type(fault).__name__}: {fault}") from fault


def _sentence(message: str) -> str:
    """The server's own words without the names of its classes in front of them."""
    first = message.strip().splitlines()[0]
    return re.sub(r"^(Error running query: )?(\[[\w.]+\] )?([\w.$]+(Exception|Error): )*", "", first) or message


class SparkCursor(hive.Cursor):
    """A cursor that sends questions only, their values written out."""

    def execute(self, operation: str, parameters: Mapping[str, Any] | None = None, **options: Any) -> None:
        if parameters is not None:
            operation = operation % {name: written(value) for name, value in parameters.items()}
        if not is_question(operation, "spark"):
            raise hive.ProgrammingError(f"read-only: {' '.join(operation.split()[:2])} is refused")
        with _said():
            super().execute(operation, **{**options, "async_": True})
            self._wait_for_rows()

    def _wait_for_rows(self) -> None:
        """Look after the question until it is answered; `SparkConnection.cancel` ends it."""
        pause = 0.005
        while (status := self.poll(get_progress_update=False)).operationState in UNDER_WAY:
            if self._connection.is_cancelled.wait(pause):
                self.cancel()
                raise hive.OperationalError("interrupted")
            pause = min(0.1, pause * 1.5)
        if status.operationState != ttypes.TOperationState.FINISHED_STATE:
            raise hive.OperationalError(_sentence(status.errorMessage or "the question was ended by the server"))

    def ask_columns(self, schema: str) -> None:
        """The columns of every table of a database: what JDBC's getColumns gives."""
        self._reset_state()
        with _said():
            request = ttypes.TGetColumnsReq(self._connection.sessionHandle, None, schema, "%", "%")
            response = self._connection.client.GetColumns(request)
            hive._check_status(response)
        self._operationHandle, self._state = response.operationHandle, self._STATE_RUNNING

    def _fetch_more(self) -> None:
        with _said():
            super()._fetch_more()

    @property
    def description(self) -> Any:
        with _said():
            return super().description


class SparkConnection(hive.Connection):
    """A session of the Thrift Server; once it is open, it can only read."""

    is_open = False

    def __init__(self, **arguments: Any) -> None:
        self.is_cancelled = threading.Event()
        with _said():
            super().__init__(**arguments)
            with closing(hive.Cursor(self)) as cursor:
                for setting, value in SESSION.items():
                    cursor.execute(f"SET {setting}={value}")
        self.is_open = True

    def cursor(self, *arguments: Any, **options: Any) -> Any:
        return (SparkCursor if self.is_open else hive.Cursor)(self, *arguments, **options)

    def cancel(self) -> None:
        """End the question that is being asked, from another thread; the session is of no use afterwards."""
        self.is_cancelled.set()

    def close(self) -> None:
        """End the session, if the server still knows it."""
        with suppress(hive.Error, TException, OSError):
            super().close()
        self._transport.close()

    def rollback(self) -> None:
        """There is nothing to take back."""


# -- the dialect ----------------------------------------------------------------------------------------------------
class SparkCompiler(compiler.SQLCompiler):
    def limit_clause(self, select: Any, **kw: Any) -> str:
        limit, offset = (
            "" if clause is None else f"\n {word} {self.process(clause, **kw)}"
            for word, clause in (("LIMIT", select._limit_clause), ("OFFSET", select._offset_clause))
        )
        return limit + offset


class SparkTypes(NamedTypes):
    text, integer, float, decimal, moment = "STRING", "BIGINT", "DOUBLE", "DECIMAL", "TIMESTAMP"


class SparkNames(Backquoted):
    reserved_words = compiler.RESERVED_WORDS | RESERVED


class SparkDate(literal_type(types.Date, written)):  # type: ignore[misc]
    """Days come as text."""

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        return lambda value: date.fromisoformat(value) if isinstance(value, str) else value


TYPES: dict[str, types.TypeEngine[Any]] = {
    "boolean": types.Boolean(), "tinyint": types.SmallInteger(), "smallint": types.SmallInteger(),
    "int": types.Integer(), "bigint": types.BigInteger(), "float": types.Float(), "double": types.Float(),
    "date": types.Date(), "timestamp": types.DateTime(), "timestamp_ntz": types.DateTime(), "string": types.String(),
    "varchar": types.String(), "char": types.String(), "binary": types.LargeBinary(),
}  # fmt: skip


def type_named(name: str) -> types.TypeEngine[Any]:
    """The type that Spark names: `decimal(24,6)`, `string`; what is no plain value has none."""
    word = name.lower().partition("(")[0].strip()
    if word in ("decimal", "numeric"):
        precision, _, scale = name.partition("(")[2].rstrip(")").partition(",")
        return types.Numeric(int(precision or 10), int(scale or 0))
    return TYPES.get(word, types.NullType())


class SparkDialect(WrittenDialect):
    """Spark SQL, version 3.4 and later."""

    name = "spark"
    supports_statement_cache = True  # SQLAlchemy takes no inherited word for it
    driver = "thrift"
    statement_compiler = SparkCompiler
    type_compiler_cls = SparkTypes
    preparer = SparkNames  # type: ignore[assignment]
    colspecs = {
        **{kind: literal_type(kind, written) for kind in (types.String, types.DateTime, types.Float)},
        types.Date: SparkDate,
    }

    @classmethod
    def import_dbapi(cls) -> Any:
        return hive

    def create_connect_args(self, url: URL) -> Any:
        database = (url.database or "default").replace("`", "``")
        arguments = {"host": url.host, "port": url.port or 10000, "username": url.username, "database": database}
        given = {name: str(value) for name, value in url.query.items()}
        if url.password is not None:
            arguments |= {"password": url.password, "auth": given.pop("auth", "LDAP")}
        return [], {**arguments, **given}

    def connect(self, *arguments: Any, **options: Any) -> Any:
        return SparkConnection(*arguments, **options)

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        return isinstance(e.__cause__, TException | OSError) or "Invalid SessionHandle" in str(e)

    # -- what a database holds
    def get_schema_names(self, connection: Connection, **kw: Any) -> list[str]:
        return [row[0] for row in connection.exec_driver_sql("SHOW DATABASES")]

    def get_table_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        """Tables and views: Spark lists them together."""
        of = f" IN {self.identifier_preparer.quote_identifier(schema)}" if schema else ""
        return [row[1] for row in connection.exec_driver_sql(f"SHOW TABLES{of}")]

    def get_view_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        of = f" IN {self.identifier_preparer.quote_identifier(schema)}" if schema else ""
        return [row[1] for row in connection.exec_driver_sql(f"SHOW VIEWS{of}")]

    def has_table(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        return table_name.lower() in self.get_table_names(connection, schema)

    def told_columns(self, connection: Connection, schema: str | None) -> Columns:
        """From the catalogue."""
        cursor = connection.connection.cursor()
        database = schema or connection.exec_driver_sql("SELECT current_database()").scalar()
        cursor.ask_columns(database)
        places = {column[0].upper(): place for place, column in enumerate(cursor.description)}
        rows = cursor.fetchall()
        cursor.close()
        for row in rows:
            table, name, kind_of = (row[places[key]] for key in ("TABLE_NAME", "COLUMN_NAME", "TYPE_NAME"))
            yield table, name, type_named(kind_of), True
