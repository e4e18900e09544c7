"""What engines share that are read over a protocol of their own (Spark, ClickHouse): their values are written into the
statement, they have no transactions, no keys, and their columns are told by one question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, types
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.reflection import ObjectKind, ObjectScope
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql import compiler

Columns = Iterable[tuple[str, str, types.TypeEngine[Any], bool]]  # table, name, type, may be null


def literal_type(base: type[Any], written: Callable[[Any], str]) -> type[Any]:
    """`base`, whose values `written` writes also where a whole statement is written out, to be run by hand."""

    def literal_processor(self: Any, dialect: Any) -> Any:
        double = dialect.identifier_preparer._double_percents
        return lambda value: written(value).replace("%", "%%") if double else written(value)

    return type(f"Written{base.__name__}", (base,), {"literal_processor": literal_processor, "cache_ok": True})


class NamedTypes(compiler.GenericTypeCompiler):
    """Whole numbers in 64 bits, floats in 53, texts without a length, by the names that an engine has for them."""

    text = integer = float = decimal = moment = ""
    day, boolean = "DATE", "BOOLEAN"

    def visit_string(self, type_: Any, **kw: Any) -> str:
        return self.text

    def visit_integer(self, type_: Any, **kw: Any) -> str:
        return self.integer

    def visit_float(self, type_: Any, **kw: Any) -> str:
        return self.float

    def visit_numeric(self, type_: Any, **kw: Any) -> str:
        return f"{self.decimal}({type_.precision or 38}, {type_.scale or 0})"

    def visit_datetime(self, type_: Any, **kw: Any) -> str:
        return self.moment

    def visit_date(self, type_: Any, **kw: Any) -> str:
        return self.day

    def visit_boolean(self, type_: Any, **kw: Any) -> str:
        return self.boolean

    visit_text = visit_unicode = visit_string
    visit_big_integer = visit_small_integer = visit_integer
    visit_double = visit_float


class Backquoted(compiler.IdentifierPreparer):
    """Names in backquotes."""

    def __init__(self, dialect: Any, **options: Any) -> None:
        super().__init__(dialect, initial_quote="`", **options)


class WrittenDialect(DefaultDialect):
    """An engine without transactions and keys, whose values are written into its statements."""

    default_paramstyle = "pyformat"
    supports_native_boolean = True
    supports_native_decimal = True
    supports_sane_rowcount = False
    supports_alter = False
    supports_default_values = False
    div_is_floordiv = False
    postfetch_lastrowid = False

    def initialize(self, connection: Connection) -> None:
        """Nothing that has to be asked before the first question."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """There are no transactions."""

    do_commit = do_rollback

    def get_isolation_level_values(self, dbapi_conn: Any) -> Any:
        return ("AUTOCOMMIT",)

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """Every statement stands alone."""

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        return "AUTOCOMMIT"

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        return "AUTOCOMMIT"

    # -- what a database holds
    def told_columns(self, connection: Connection, schema: str | None) -> Columns:
        """The columns of every table, in their order, from one question."""
        raise NotImplementedError

    def get_columns(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        found = self.get_multi_columns(connection, schema=schema, filter_names=[table_name])
        if (schema, table_name) not in found:
            raise NoSuchTableError(table_name)
        return found[schema, table_name]

    def get_multi_columns(
        self,
        connection: Connection,
        *,
        schema: str | None = None,
        filter_names: Any = None,
        scope: ObjectScope = ObjectScope.ANY,
        kind: ObjectKind = ObjectKind.ANY,
        **kw: Any,
    ) -> Any:
        found: dict[Any, list[Any]] = {}
        for table, name, type_, may_be_null in self.told_columns(connection, schema):
            column = {"name": name, "type": type_, "nullable": may_be_null, "default": None}
            found.setdefault((schema, table), []).append(column)
        return found if filter_names is None else {key: found[key] for key in found if key[1] in filter_names}

    def get_pk_constraint(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        return {"constrained_columns": [], "name": None}

    def get_foreign_keys(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        return []

    def get_indexes(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        return []
