"""A canonical table, taken as a whole: from the source's batches straight into the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from data_access.extract.plan import Cell, Planned
from data_access.extract.sources import Snapshot, SourceBrokeOffError
from data_access.mappings.functions import name_literal


class Incoming:
    """Batches on their way: how many rows have come, and what stopped them."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self.rows = 0
        self.fault: BaseException | None = None
        self.reader = pa.RecordBatchReader.from_batches(reader.schema, self._passed_on(reader))

    def _passed_on(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        try:
            for batch in reader:
                self.rows += batch.num_rows
                yield batch
        except BaseException as fault:
            self.fault = fault
            raise


def make_table(connection: duckdb.DuckDBPyConnection, name: str, cells: Sequence[Cell], kind: str = "TABLE") -> None:
    """An empty table with these columns."""
    columns = ", ".join(f"{name_literal(cell.name)} {cell.type}" for cell in cells)
    connection.execute(f"CREATE OR REPLACE {kind} {name_literal(name)} ({columns})")


def fill(
    connection: duckdb.DuckDBPyConnection, name: str, cells: Sequence[Cell], snapshot: Snapshot, incoming: Incoming
) -> None:
    """Put everything that comes into a table. Raises SourceBrokeOffError."""
    values = ", ".join(snapshot.value(cell) for cell in cells)
    connection.register("incoming", incoming.reader)
    try:
        connection.execute(f"INSERT INTO {name_literal(name)} SELECT {values} FROM {snapshot.relation(cells)}")
    except duckdb.Error as fault:
        if incoming.fault is not None:
            raise SourceBrokeOffError from incoming.fault
        raise fault
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
