"""DuckDB: its own Arrow batches. Nobody can write to a file that is open for reading, so it does not change."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from sqlalchemy import URL

from data_access import engines
from data_access.extract.plan import Cell
from data_access.extract.sources.rows import held_open
from data_access.extract.sources.snapshot import BATCH, Snapshot


def open_at(url: URL) -> Snapshot:
    """The file."""
    return DuckDB(url)


class DuckDB(Snapshot):
    """One file."""

    family = "duckdb"
    way = "Arrow"

    def __init__(self, url: URL) -> None:
        self._engine = engines.create(url)
        self._raw = self._engine.raw_connection()

    def batches(self, query: str, cells: list[Cell]) -> pa.RecordBatchReader:
        cursor: Any = self._raw.cursor()
        cursor.execute(query)
        return held_open(cursor, cursor.to_arrow_reader(BATCH))

    def close(self) -> None:
        self._raw.close()
        self._engine.dispose()
