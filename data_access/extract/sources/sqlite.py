"""SQLite: through ADBC, and through Python's own driver for what only that can do (`sha256` is a function of ours).

ADBC finds out a column's type from its first rows, which may be empty; so every statement begins with a row that has a
value of the right type in each column, and that row is dropped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pyarrow as pa
from sqlalchemy import URL

from data_access import engines
from data_access.extract.plan import Cell, Planned
from data_access.extract.sources.rows import as_batches, end, held_open
from data_access.extract.sources.snapshot import BATCH, Snapshot

ARROW = {"decimal": pa.float64(), "float": pa.float64(), "whole": pa.int64(), "flag": pa.int64()}
EXAMPLE = {"decimal": "0.5", "float": "0.5", "whole": "1", "flag": "1"}
TRIES = 5
PATIENCE = "PRAGMA busy_timeout = 30000"


def open_at(url: URL) -> Snapshot:
    """A snapshot by both drivers, which see the same moment."""
    path = Path(url.database or "")
    for _ in range(TRIES):
        before = _changes(path)
        snapshot = Sqlite(url, path)
        if _changes(path) == before:
            return snapshot
        snapshot.close()
    return Sqlite(url, path, with_arrow=False)  # it is written to without a pause: one driver alone is consistent


def _changes(path: Path) -> list[tuple[int, int]]:
    """What a commit changes in the file, or in its log."""
    files = [path, path.with_name(path.name + "-wal")]
    return [(one.stat().st_size, one.stat().st_mtime_ns) for one in files if one.exists()]


class Sqlite(Snapshot):
    """A read transaction of either driver."""

    family = "sqlite"
    way = "ADBC"

    def __init__(self, url: URL, path: Path, with_arrow: bool = True) -> None:
        self._engine = engines.create(url)
        self._raw = self._engine.raw_connection()
        self._rows = cast(Any, self._raw.driver_connection)
        self._arrow: Any = None
        self._opened: list[tuple[Any, Any]] = []
        for statement in (PATIENCE, "BEGIN", "SELECT count(*) FROM sqlite_master"):
            self._rows.execute(statement).fetchall()
        if with_arrow:
            self._open_arrow(path)
        if self._arrow is None:
            self.way = "rows"

    def _open_arrow(self, path: Path) -> None:
        try:
            import adbc_driver_sqlite.dbapi as adbc
        except ModuleNotFoundError:
            return
        self._arrow = adbc.connect(f"file:{quote(path.as_posix())}?mode=ro")
        for statement in (PATIENCE, "PRAGMA query_only = ON", "SELECT count(*) FROM sqlite_master"):
            with self._arrow.cursor() as cursor:
                cursor.execute(statement)
                cursor.fetchall()

    def select(self, table: Planned, cells: list[Cell], where: str) -> str:
        first = ", ".join(f"{EXAMPLE.get(cell.kind, repr(''))} AS {self.name(cell.name)}" for cell in cells)
        rest = super().select(table, cells, where)
        assert rest.startswith(table.before)
        return f"{table.before}SELECT {first} UNION ALL {rest[len(table.before) :]}"

    def batches(self, query: str, cells: list[Cell]) -> pa.RecordBatchReader:
        reader = self._by_arrow(query) if self._arrow is not None else None
        return _without_first(reader if reader is not None else self._by_rows(query, cells))

    def _by_arrow(self, query: str) -> pa.RecordBatchReader | None:
        """None where the statement needs a function that only our own driver has."""
        cursor = self._arrow.cursor()
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH)})
        try:
            cursor.execute(query)
            reader = cursor.fetch_record_batch()
            self._opened.append((reader, cursor))
            return held_open(cursor, reader)
        except self._arrow.Error as fault:
            if "no such function" not in str(fault):
                raise
            return None

    def _by_rows(self, query: str, cells: list[Cell]) -> pa.RecordBatchReader:
        schema = pa.schema([(cell.name, ARROW.get(cell.kind, pa.string())) for cell in cells])
        return as_batches(self._rows.execute(query), schema)

    def close(self) -> None:
        end(self._opened)
        if self._arrow is not None:
            self._arrow.close()
        self._raw.invalidate()
        self._engine.dispose()


def _without_first(reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    def batches() -> Any:
        first = next(iter(reader), None)
        if first is not None:
            yield first.slice(1)
            yield from reader

    return pa.RecordBatchReader.from_batches(reader.schema, batches())
