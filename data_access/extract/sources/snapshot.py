"""A source as it is at one moment, and the door that opens it: by Arrow where a driver has it, else row by row."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
from sqlglot import exp

from data_access.errors import ClienteleError
from data_access.extract.plan import Cell, Planned
from data_access.place import Place

BATCH = 50_000  # rows
FAST_DIGITS = 18  # of a decimal that DuckDB keeps in 64 bits


class SourceBrokeOffError(Exception):
    """The source did not give all of its rows; what happened is the cause."""


class Snapshot(ABC):
    """One moment of a source; nothing that others write becomes visible in it."""

    family = ""
    way = ""  # how rows come, for people

    def read(self, table: Planned, where: str = "", only: tuple[str, ...] = ()) -> pa.RecordBatchReader:
        """The rows of a table, or those of some columns and under a condition."""
        cells = [cell for cell in table.cells if not only or cell.name in only]
        return self.batches(self.select(table, cells, where), cells)

    def select(self, table: Planned, cells: list[Cell], where: str) -> str:
        """The statement, in the source's SQL."""
        named = ", ".join(f"{self.cell(cell)} AS {self.name(cell.name)}" for cell in cells)
        return f"{table.before}SELECT {named} FROM {table.relation}{' WHERE ' + where if where else ''}"

    def name(self, name: str) -> str:
        return exp.to_identifier(name, quoted=True).sql(dialect=self.family)

    def cell(self, cell: Cell) -> str:
        """How the source sends a cell."""
        return f"t.{self.name(cell.name)}"

    def relation(self, cells: Sequence[Cell]) -> str:
        """What DuckDB reads the cells from; the batches are its table `incoming`."""
        return "incoming"

    def value(self, cell: Cell) -> str:
        """What DuckDB makes of it."""
        return f'CAST("{cell.name}" AS {cell.type})'

    @abstractmethod
    def batches(self, query: str, cells: list[Cell]) -> pa.RecordBatchReader:
        """What a statement gives, as it comes."""

    @abstractmethod
    def close(self) -> None:
        """Give the source back."""


def read_decimal(text: str, cell: Cell) -> str:
    """DuckDB's SQL for a decimal that came as text: 18 digits are read thirty times as fast as 24, and come first."""
    digits, after_point = map(int, cell.type.removeprefix("DECIMAL(").removesuffix(")").split(","))
    whole = f"CAST({text} AS {cell.type})"
    if digits <= FAST_DIGITS:
        return whole
    return f"COALESCE(CAST(TRY_CAST({text} AS DECIMAL({FAST_DIGITS}, {after_point})) AS {cell.type}), {whole})"


@contextmanager
def open_snapshot(place: Place, family: str) -> Iterator[Snapshot]:
    """The place as it is now. Raises SourceBrokeOffError, SourceError."""
    module = importlib.import_module(f"data_access.extract.sources.{family}")
    try:
        snapshot: Snapshot = module.open_at(place.url)
    except ClienteleError:
        raise
    except Exception as fault:
        raise SourceBrokeOffError from fault
    try:
        yield snapshot
    finally:
        snapshot.close()
