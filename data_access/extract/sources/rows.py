"""What a cursor gives, as Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from typing import Any

import pyarrow as pa

from data_access.extract.sources.snapshot import BATCH


def held_open(cursor: Any, reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """The batches of a cursor, which has to stay until the last of them has come."""

    def batches() -> Iterator[pa.RecordBatch]:
        with closing(cursor):
            yield from reader

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


def end(opened: list[tuple[Any, Any]]) -> None:
    """Close readers and their cursors, before their connection: batches that nobody has asked for would outlive it."""
    for pair in opened:
        for one in pair:
            with suppress(Exception):
                one.close()
    opened.clear()


def as_batches(cursor: Any, schema: pa.Schema, size: int = BATCH) -> pa.RecordBatchReader:
    """Everything that a cursor without Arrow gives, some rows at a time."""
    return pa.RecordBatchReader.from_batches(schema, _batches(cursor, schema, size))


def _batches(cursor: Any, schema: pa.Schema, size: int) -> Iterator[pa.RecordBatch]:
    rows: Sequence[Sequence[Any]]
    while rows := cursor.fetchmany(size):
        columns = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
        yield pa.record_batch(columns, schema=schema)
