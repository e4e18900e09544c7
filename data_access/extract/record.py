"""Where an extract came from, in tables of the file itself.

extract_source    one row: source without its password, mapping, what tells the plan apart, when it was read
extract_tables    one row per canonical table: rows, how it was taken, or that it is not there
extract_without   one row per fault for which a table, or a part of it (`is_whole` says which), is not there
extract_parts     one row per database where several are put together: its mappings, the moment that it is as of
extract_words     one row per word that no value map knew, with the number of its rows in the source
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import duckdb
from sqlalchemy import Connection, column, select, table, text

from data_access.errors import ClienteleError, SourceError
from data_access.mappings.live import Unmapped

SOURCE, TABLES, PARTS = "extract_source", "extract_tables", "extract_parts"
WITHOUT, WORDS = "extract_without", "extract_words"
RECORD = (SOURCE, TABLES, PARTS, WITHOUT, WORDS)
MADE = f"""
CREATE OR REPLACE TABLE {SOURCE} (
    "source" VARCHAR NOT NULL, "mapping" VARCHAR NOT NULL, "mapping_hash" VARCHAR NOT NULL, "place" VARCHAR NOT NULL,
    "plan" VARCHAR NOT NULL, "mode" VARCHAR NOT NULL, "read_at" TIMESTAMP NOT NULL, "finished_at" TIMESTAMP);
CREATE OR REPLACE TABLE {TABLES} (
    "name" VARCHAR NOT NULL, "rows" BIGINT, "changed" BIGINT, "mode" VARCHAR NOT NULL, "read_at" TIMESTAMP,
    "seconds" DOUBLE, "text" VARCHAR NOT NULL);
CREATE OR REPLACE TABLE {PARTS} (
    "name" VARCHAR NOT NULL, "source" VARCHAR NOT NULL, "way" VARCHAR NOT NULL, "read_at" TIMESTAMP NOT NULL);
CREATE OR REPLACE TABLE {WITHOUT} (
    "table" VARCHAR NOT NULL, "is_whole" BOOLEAN NOT NULL, "why" VARCHAR NOT NULL);
CREATE OR REPLACE TABLE {WORDS} (
    "table" VARCHAR NOT NULL, "column" VARCHAR NOT NULL, "section" VARCHAR NOT NULL, "of" VARCHAR NOT NULL,
    "word" VARCHAR NOT NULL, "rows" BIGINT NOT NULL);
"""


@dataclass(frozen=True)
class PartOrigin:
    """One of several databases: the mappings that lie in it, by which way its rows came, and of which moment (UTC)."""

    name: str
    source: str
    way: str
    read_at: datetime


@dataclass(frozen=True)
class Origin:
    """Where a file came from. It holds the state of `read_at` (UTC); `place` and `plan` are fingerprints.

    `parts` are the databases where they are several; `read_at` is then the oldest one's.
    """

    source: str
    mapping: str
    mapping_hash: str
    place: str
    plan: str
    mode: str
    read_at: datetime
    finished_at: datetime | None = None
    parts: tuple[PartOrigin, ...] = ()


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


@dataclass(frozen=True)
class Without:
    """What the file goes without: whole tables, and sources of others, each with the fault for which it does."""

    tables: Mapping[str, ClienteleError] = field(default_factory=dict)
    sources: Mapping[str, tuple[ClienteleError, ...]] = field(default_factory=dict)


def open_record(connection: duckdb.DuckDBPyConnection, origin: Origin) -> None:
    """Begin the record anew."""
    connection.execute(MADE)
    _insert(connection, SOURCE, origin)
    for part in origin.parts:
        note_part(connection, part)


def note(connection: duckdb.DuckDBPyConnection, taken: Taken) -> None:
    """Write down how a table was taken."""
    connection.execute(f'DELETE FROM {TABLES} WHERE "name" = ?', [taken.name])
    _insert(connection, TABLES, taken)


def note_without(connection: duckdb.DuckDBPyConnection, without: Without) -> None:
    """Write down what is not there."""
    faults = [(name, True, fault) for name, fault in without.tables.items()]
    faults += [(name, False, fault) for name, several in without.sources.items() for fault in several]
    connection.execute(f"DELETE FROM {WITHOUT}")
    for name, is_whole, fault in faults:
        why = json.dumps(fault, default=_as_data, ensure_ascii=False)
        connection.execute(f"INSERT INTO {WITHOUT} VALUES (?, ?, ?)", [name, is_whole, why])


def _as_data(fault: ClienteleError) -> dict[str, Any]:
    return {"text": str(fault), "key": fault.key, "gaps": fault.gaps}


def _as_fault(data: dict[str, Any]) -> Any:
    return (
        SourceError(data["text"], key=data["key"], **data["gaps"]) if data.keys() == {"text", "key", "gaps"} else data
    )


def note_words(connection: duckdb.DuckDBPyConnection, words: Iterable[Unmapped]) -> None:
    """Write down the words that no value map knows."""
    connection.execute(f"DELETE FROM {WORDS}")
    for one in words:
        for word, rows in one.values.items():
            values = [one.table, one.column, one.section, one.of, word, rows]
            connection.execute(f"INSERT INTO {WORDS} VALUES (?, ?, ?, ?, ?, ?)", values)


def note_part(connection: duckdb.DuckDBPyConnection, part: PartOrigin) -> None:
    """Write down of which moment a database is, unless an earlier run that was broken off has begun with it."""
    if connection.execute(f'SELECT 1 FROM {PARTS} WHERE "name" = ?', [part.name]).fetchone() is None:
        _insert(connection, PARTS, part)


def close_record(connection: duckdb.DuckDBPyConnection, mode: str, finished_at: datetime) -> None:
    """Write down that all is there."""
    connection.execute(f'UPDATE {SOURCE} SET "mode" = ?, "finished_at" = ?', [mode, finished_at])


def _insert(connection: duckdb.DuckDBPyConnection, name: str, row: Origin | Taken | PartOrigin) -> None:
    values = [getattr(row, column) for column in _columns(type(row))]
    connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(values))})", values)


def _columns(kind: type) -> list[str]:
    return [field.name for field in fields(kind) if field.name != "parts"]


def written_origin(connection: duckdb.DuckDBPyConnection) -> Origin | None:
    """Where the file that is open came from; None when it is no extract."""
    rows = _rows(connection, SOURCE, Origin)
    parts = tuple(PartOrigin(**row) for row in _rows(connection, PARTS, PartOrigin))
    return Origin(**rows[0], parts=parts) if rows else None


def written_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, Taken]:
    """How each table of the file that is open was taken."""
    return {row["name"]: Taken(**row) for row in _rows(connection, TABLES, Taken)}


def _rows(connection: duckdb.DuckDBPyConnection, name: str, kind: type) -> list[dict[str, Any]]:
    columns = _columns(kind)
    quoted = ", ".join(f'"{one}"' for one in columns)
    try:
        found = connection.execute(f"SELECT {quoted} FROM {name}").fetchall()
    except duckdb.CatalogException:
        return []
    return [dict(zip(columns, row, strict=True)) for row in found]


def read_origin(connection: Connection, columns: Mapping[str, Sequence[str] | frozenset[str]]) -> Origin | None:
    """Where a database of the app came from; None when it is no extract."""
    names = _columns(Origin)
    if not set(names) <= set(columns.get(SOURCE, ())):
        return None
    row = connection.execute(select(*map(column, names)).select_from(table(SOURCE))).mappings().first()
    parts: tuple[PartOrigin, ...] = ()
    if PARTS in columns:
        known: list[Any] = [column(name) for name in _columns(PartOrigin)]
        held = select(*known).select_from(table(PARTS)).order_by(column("read_at"))
        parts = tuple(PartOrigin(**one) for one in connection.execute(held).mappings())
    return Origin(**row, parts=parts) if row else None


def read_rows(connection: Connection) -> dict[str, int]:
    """How many rows were taken of each table, those of several databases by the names of their parts as well."""
    held: list[Any] = [column("name"), column("rows")]
    rows = connection.execute(select(*held).select_from(table(TABLES)).where(held[1].is_not(None)))
    return {str(name): int(count) for name, count in rows}


def read_without(connection: Connection, columns: Mapping[str, Sequence[str] | frozenset[str]]) -> Without:
    """What a database of the app goes without."""
    names = ("table", "is_whole", "why")
    if not set(names) <= set(columns.get(WITHOUT, ())):
        return Without()
    tables: dict[str, ClienteleError] = {}
    sources: dict[str, list[ClienteleError]] = defaultdict(list)
    parts: list[Any] = [column(name) for name in names]
    for name, is_whole, why in connection.execute(select(*parts).select_from(table(WITHOUT))):
        fault = json.loads(why, object_hook=_as_fault)
        if is_whole:
            tables[name] = fault
        else:
            sources[name].append(fault)
    return Without(tables, {name: tuple(faults) for name, faults in sources.items()})


def read_words(connection: Connection, columns: Mapping[str, Sequence[str] | frozenset[str]]) -> list[Unmapped]:
    """The words that no value map knew when a database of the app was taken."""
    names = ("table", "column", "section", "of", "word", "rows")
    if not set(names) <= set(columns.get(WORDS, ())):
        return []
    found: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    parts: list[Any] = [column(name) for name in names]
    for *place, word, rows in connection.execute(select(*parts).select_from(table(WORDS)).order_by(text("rowid"))):
        found[tuple(place)][word] = rows
    return [
        Unmapped(name, of_column, section, (), "", values, of)
        for (name, of_column, section, of), values in found.items()
    ]
