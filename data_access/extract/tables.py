"""A canonical table, taken as a whole: from the source's batches straight into the file."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import duckdb
import pyarrow as pa

from data_access.extract.plan import Cell, Planned
from data_access.extract.sources import Snapshot, SourceBrokeOffError
from data_access.mappings.functions import name_literal


class Incoming:
    """Batches on their way, and how many rows have come."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self.rows = 0
        self._reader = reader

    def batches(self) -> Generator[pa.RecordBatch, None, None]:
        """One batch after another. Raises SourceBrokeOffError."""
        with closing(_fetched_ahead(self._reader)) as ahead:
            while (batch := _next(ahead)) is not None:
                self.rows += batch.num_rows
                yield batch


def _next(ahead: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    try:
        return next(ahead, None)
    except Exception as fault:
        raise SourceBrokeOffError from fault


def _fetched_ahead(reader: pa.RecordBatchReader) -> Generator[pa.RecordBatch, None, None]:
    """The source sends one batch while another is being written, and never a second: memory is bounded by that."""
    batches = iter(reader)
    with ThreadPoolExecutor(1, "extract") as thread:
        following = thread.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = thread.submit(next, batches, None)
            yield batch


def make_table(connection: duckdb.DuckDBPyConnection, name: str, cells: Sequence[Cell], kind: str = "TABLE") -> None:
    """An empty table with these columns."""
    columns = ", ".join(f"{name_literal(cell.name)} {cell.type}" for cell in cells)
    connection.execute(f"CREATE OR REPLACE {kind} {name_literal(name)} ({columns})")


def fill(
    connection: duckdb.DuckDBPyConnection, name: str, cells: Sequence[Cell], snapshot: Snapshot, incoming: Incoming
) -> None:
    """Put everything that comes into a table, a batch at a time: DuckDB itself would ask for all of a reader at once.

    Raises SourceBrokeOffError.
    """
    values = ", ".join(snapshot.value(cell) for cell in cells)
    insert = f"INSERT INTO {name_literal(name)} SELECT {values} FROM {snapshot.relation(cells)}"
    with closing(incoming.batches()) as batches:
        for batch in batches:
            connection.register("incoming", pa.Table.from_batches([batch]))
            try:
                connection.execute(insert)
            finally:
                connection.unregister("incoming")


def take_whole(connection: duckdb.DuckDBPyConnection, table: Planned, snapshot: Snapshot, watch: list[Incoming]) -> int:
    """Every row of a table, in the place of those that are there; gives their number."""
    make_table(connection, table.name, table.cells)
    incoming = ask(snapshot, table, watch)
    fill(connection, table.name, table.cells, snapshot, incoming)
    return incoming.rows


def ask(
    snapshot: Snapshot, table: Planned, watch: list[Incoming], where: str = "", only: tuple[str, ...] = ()
) -> Incoming:
    """The rows of a table as they come. Raises SourceBrokeOffError."""
    try:
        incoming = Incoming(snapshot.read(table, where, only))
    except Exception as fault:
        raise SourceBrokeOffError from fault
    watch.append(incoming)
    return incoming
