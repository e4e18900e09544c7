"""Where an extract came from, in two tables of the file itself: `extract_source` and `extract_tables`.

extract_source   one row: source without its password, mapping, what tells the plan apart, when it was read
extract_tables   one row per canonical table: rows, how it was taken, or why it is not there
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import duckdb
from sqlalchemy import Connection, TableClause, column, select, table

SOURCE, TABLES = "extract_source", "extract_tables"
MADE = f"""
CREATE TABLE {SOURCE} (
    "source" VARCHAR NOT NULL, "mapping" VARCHAR NOT NULL, "mapping_hash" VARCHAR NOT NULL, "place" VARCHAR NOT NULL,
    "plan" VARCHAR NOT NULL, "mode" VARCHAR NOT NULL, "read_at" TIMESTAMP NOT NULL, "finished_at" TIMESTAMP);
CREATE TABLE {TABLES} (
    "name" VARCHAR NOT NULL, "rows" BIGINT, "changed" BIGINT, "mode" VARCHAR NOT NULL, "read_at" TIMESTAMP,
    "seconds" DOUBLE, "text" VARCHAR NOT NULL);
"""


@dataclass(frozen=True)
class Origin:
    """Where a file came from. It holds the state of `read_at` (UTC); `place` and `plan` are fingerprints."""

    source: str
    mapping: str
    mapping_hash: str
    place: str
    plan: str
    mode: str
    read_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Taken:
    """How a table was taken: `full`, `changes` or `lacking`; `changed` rows were new, other or gone."""

    name: str
    rows: int | None
    changed: int | None
    mode: str
    read_at: datetime | None
    seconds: float | None = None
    text: str = ""


def open_record(connection: duckdb.DuckDBPyConnection, origin: Origin) -> None:
    """Begin the record anew."""
    connection.execute(f"DROP TABLE IF EXISTS {SOURCE}; DROP TABLE IF EXISTS {TABLES}; {MADE}")
    _insert(connection, SOURCE, origin)


def note(connection: duckdb.DuckDBPyConnection, taken: Taken) -> None:
    """Write down how a table was taken."""
    connection.execute(f'DELETE FROM {TABLES} WHERE "name" = ?', [taken.name])
    _insert(connection, TABLES, taken)


def close_record(connection: duckdb.DuckDBPyConnection, mode: str, finished_at: datetime) -> None:
    """Write down that all is there."""
    connection.execute(f'UPDATE {SOURCE} SET "mode" = ?, "finished_at" = ?', [mode, finished_at])


def _insert(connection: duckdb.DuckDBPyConnection, name: str, row: Origin | Taken) -> None:
    values = [getattr(row, field.name) for field in fields(row)]
    connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(values))})", values)


def written_origin(connection: duckdb.DuckDBPyConnection) -> Origin | None:
    """Where the file that is open came from; None when it is no extract."""
    rows = _rows(connection, SOURCE, Origin)
    return Origin(**rows[0]) if rows else None


def written_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, Taken]:
    """How each table of the file that is open was taken."""
    return {row["name"]: Taken(**row) for row in _rows(connection, TABLES, Taken)}


def _rows(connection: duckdb.DuckDBPyConnection, name: str, kind: type) -> list[dict[str, Any]]:
    columns = [field.name for field in fields(kind)]
    quoted = ", ".join(f'"{one}"' for one in columns)
    try:
        found = connection.execute(f"SELECT {quoted} FROM {name}").fetchall()
    except duckdb.CatalogException:
        return []
    return [dict(zip(columns, row, strict=True)) for row in found]


def read_origin(connection: Connection, columns: Mapping[str, Sequence[str] | frozenset[str]]) -> Origin | None:
    """Where a database of the app came from; None when it is no extract."""
    names = [field.name for field in fields(Origin)]
    if not set(names) <= set(columns.get(SOURCE, ())):
        return None
    row = connection.execute(select(*(column(name) for name in names)).select_from(table(SOURCE))).mappings().first()
    return Origin(**row) if row else None


def read_lacking(connection: Connection) -> dict[str, str]:
    """Why tables are not there that the mapping makes."""
    held: TableClause = table(TABLES, column("name"), column("text"), column("mode"))
    query = select(held.c.name, held.c.text).where(held.c.mode == "lacking")
    return {str(one): str(why) for one, why in connection.execute(query)}
