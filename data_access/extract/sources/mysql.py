"""MariaDB and MySQL: one unbuffered result, whose every row comes as one text that DuckDB takes apart.

The driver is written in Python and its time goes by the cell: a row in one cell is several times as fast. The text is a
JSON list of texts, so that nothing in a value can be taken for the end of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pyarrow as pa
from sqlalchemy import URL

from data_access import engines
from data_access.extract.plan import Cell, Planned
from data_access.extract.sources.rows import as_batches
from data_access.extract.sources.snapshot import Snapshot, read_decimal

LIST = '["VARCHAR"]'
BEGIN = (
    "SET SESSION net_write_timeout = 3600",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)
NO_LIMIT = {True: "SET SESSION max_statement_time = 0", False: "SET SESSION max_execution_time = 0"}


def open_at(url: URL) -> Snapshot:
    """A transaction with a snapshot."""
    return MySQL(url)


class MySQL(Snapshot):
    """A read-only transaction."""

    family = "mysql"
    way = "rows"

    def __init__(self, url: URL) -> None:
        from pymysql.cursors import SSCursor

        self._engine = engines.create(url)
        self._raw = self._engine.raw_connection()
        self._connection = cast(Any, self._raw.driver_connection)
        is_mariadb = "mariadb" in str(self._connection.get_server_info()).lower()
        with self._connection.cursor() as cursor:
            for statement in (NO_LIMIT[is_mariadb], *BEGIN):
                cursor.execute(statement)
        self._connection.decoders = {}  # every value stays the text that the server sends
        self._cursor_class = SSCursor

    def select(self, table: Planned, cells: list[Cell], where: str) -> str:
        texts = ", ".join(f"CAST({self.cell(cell)} AS CHAR)" for cell in cells)
        return f"{table.before}SELECT JSON_ARRAY({texts}) FROM {table.relation}{' WHERE ' + where if where else ''}"

    def relation(self, cells: Sequence[Cell]) -> str:
        names = ", ".join(f'list[{place}] AS "{cell.name}"' for place, cell in enumerate(cells, start=1))
        return f"(SELECT {names} FROM (SELECT from_json(line, '{LIST}') AS list FROM incoming))"

    def value(self, cell: Cell) -> str:
        """A moment that is none (0000-00-00) counts as nothing, as it does for the driver."""
        name = f'"{cell.name}"'
        if cell.kind in ("moment", "day"):
            return f"CAST(CASE WHEN {name} NOT LIKE '%-00%' THEN {name} END AS {cell.type})"
        if cell.kind == "decimal":
            return read_decimal(name, cell)
        return super().value(cell)

    def batches(self, query: str, cells: list[Cell]) -> pa.RecordBatchReader:
        cursor = self._connection.cursor(self._cursor_class)
        cursor.execute(query)
        return as_batches(cursor, pa.schema([("line", pa.string())]))

    def close(self) -> None:
        self._raw.invalidate()
        self._engine.dispose()
