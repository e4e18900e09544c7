"""PostgreSQL: COPY in its binary form through ADBC, or as CSV through psycopg where ADBC is not installed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, cast

import pyarrow as pa
from pyarrow import csv
from sqlalchemy import URL

from data_access import engines
from data_access.extract.plan import Cell
from data_access.extract.sources.rows import end, held_open
from data_access.extract.sources.snapshot import Snapshot, read_decimal

BLOCK = 16 * 2**20  # bytes of CSV that are looked at together: no row may be longer
BEGIN = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
OPTIONS = "-c default_transaction_read_only=on -c timezone=UTC -c statement_timeout=0 -c jit=off"
ARROW = {
    "text": pa.string(), "decimal": pa.string(), "float": pa.float64(), "whole": pa.int64(), "flag": pa.string(),
    "moment": pa.string(), "day": pa.string(),
}  # fmt: skip


def open_at(url: URL) -> Snapshot:
    """A snapshot by the fastest way that is installed."""
    try:
        import adbc_driver_postgresql.dbapi as adbc
    except ModuleNotFoundError:
        return ByCopy(url)
    return ByAdbc(adbc, url)


class _Postgres(Snapshot):
    family = "postgres"

    def cell(self, cell: Cell) -> str:
        """A NUMERIC has no like in Arrow: as text it is exact, and cheaper for both sides than any number."""
        sent = super().cell(cell)
        return f"CAST({sent} AS TEXT)" if cell.kind == "decimal" else sent

    def value(self, cell: Cell) -> str:
        return read_decimal(f"NULLIF(\"{cell.name}\", 'NaN')", cell) if cell.kind == "decimal" else super().value(cell)


class ByAdbc(_Postgres):
    """By ADBC."""

    way = "ADBC"

    def __init__(self, adbc: Any, url: URL) -> None:
        given = url.query.get("options", "")
        self._opened: list[tuple[Any, Any]] = []
        options = " ".join([*([given] if isinstance(given, str) else given), OPTIONS]).strip()
        patience = {
            name: str(value) for name, value in engines.CONNECTING["postgresql"].items() if name not in url.query
        }
        plain = url.set(drivername="postgresql").update_query_dict({"options": options, **patience})
        self._connection = adbc.connect(plain.render_as_string(hide_password=False).replace("+", "%20"))
        with self._connection.cursor() as cursor:
            cursor.execute(f"SET TRANSACTION {BEGIN}")
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchall()

    def batches(self, query: str, cells: list[Cell]) -> pa.RecordBatchReader:
        cursor = self._connection.cursor()
        cursor.execute(query)
        reader = cursor.fetch_record_batch()
        self._opened.append((reader, cursor))
        return held_open(cursor, reader)

    def close(self) -> None:
        end(self._opened)
        self._connection.close()


class ByCopy(_Postgres):
    """By COPY as CSV, which tells an empty text from nothing."""

    way = "COPY"

    def __init__(self, url: URL) -> None:
        self._engine = engines.create(url)
        self._raw = self._engine.raw_connection()
        self._connection = cast(Any, self._raw.driver_connection)
        with self._connection.cursor() as cursor:
            cursor.execute(f"BEGIN {BEGIN}")
            cursor.execute("SET LOCAL statement_timeout = 0")

    def batches(self, query: str, cells: list[Cell]) -> pa.RecordBatchReader:
        kinds = {cell.name: ARROW[cell.kind] for cell in cells}
        convert = csv.ConvertOptions(
            column_types=kinds, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        )
        return csv.open_csv(
            io.BufferedReader(_Copied(self._connection, query), BLOCK),
            read_options=csv.ReadOptions(column_names=list(kinds), block_size=BLOCK),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=convert,
        )

    def close(self) -> None:
        self._raw.invalidate()
        self._engine.dispose()


class _Copied(io.RawIOBase):
    """The bytes of a COPY as a file."""

    def __init__(self, connection: Any, query: str) -> None:
        self._blocks, self._rest = _blocks(connection, query), b""

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        if not self._rest:
            self._rest = next(self._blocks, b"")
        count = min(len(room), len(self._rest))
        room[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _blocks(connection: Any, query: str) -> Iterator[bytes]:
    """Pieces of about a megabyte: a row at a time would take long."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        kept: list[bytes] = []
        size = 0
        for row in copy:
            kept.append(bytes(row))
            size += len(row)
            if size > 2**20:
                yield b"".join(kept)
                kept, size = [], 0
        if kept:
            yield b"".join(kept)
