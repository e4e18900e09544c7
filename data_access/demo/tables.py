"""The canonical tables, empty, in a DuckDB file: columns, types, defaults and comments as in `data_access.schema`.

Keys and foreign keys are left out: an index over a hundred million rows costs more than making them, and the tests
prove that the keys hold.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection
from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, Numeric, String, Table

from data_access.schema import TABLES

SOURCE = "demo"
_TYPES = {
    String: "varchar",
    Boolean: "boolean",
    DateTime: "timestamp",
    Date: "date",
    Integer: "integer",
    Float: "double",
}


def create_tables(connection: DuckDBPyConnection) -> None:
    """Every canonical table, empty and described."""
    for table in TABLES.values():
        connection.execute(f"create table {table.name} ({', '.join(_definition(column) for column in table.columns)})")
        connection.execute(f"comment on table {table.name} is {literal(table.comment)}")
        _describe_columns(connection, table)


def _describe_columns(connection: DuckDBPyConnection, table: Table) -> None:
    for column in table.columns:
        connection.execute(f'comment on column {table.name}."{column.name}" is {literal(column.comment)}')


def _definition(column: Column[object]) -> str:
    default = SOURCE if column.name == "source_system" else column.info.get("default")
    parts = [f'"{column.name}"', _type_of(column)]
    if default is not None:
        parts.append(f"default {literal(default)}")
    if not column.nullable:
        parts.append("not null")
    return " ".join(parts)


def _type_of(column: Column[object]) -> str:
    kind = column.type
    if isinstance(kind, Numeric) and not isinstance(kind, Float):
        return f"decimal({kind.precision}, {kind.scale})"
    return next(name for type_, name in _TYPES.items() if isinstance(kind, type_))


def literal(value: object) -> str:
    """A value as SQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value!r}::double"
    if isinstance(value, int):
        return str(value)
    text = "'" + str(value).replace("'", "''") + "'"
    kind = type(value).__name__
    return f"{'timestamp' if kind == 'datetime' else kind} {text}" if kind in ("date", "datetime") else text
