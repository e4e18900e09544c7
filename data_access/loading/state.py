"""A load under way: what was read, what it has become so far, and the company it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb
from sqlalchemy import Table

from data_access.loading.ledger import Ledger
from data_access.loading.staging import OUT, TYPED, count_rows, quoted
from data_access.mappings.functions import name_literal
from data_access.schema import TABLES

FEW = 10  # fewer faults than this stop a load only when they are all the rows there are


@dataclass(frozen=True)
class Company:
    """What is needed to read cells: base currency, zone, decimal mark, what fills `source_system`.

    `stated_base` is the base currency that the mapping or the settings file states, whatever an option asks for.
    """

    base_currency: str
    timezone: str
    decimal: str = "."
    source_system: str = "import"
    stated_base: str = ""


@dataclass(frozen=True)
class Raw:
    """A canonical table as it came: its relation, columns with DuckDB types, and where each row came from."""

    name: str
    relation: str
    columns: Mapping[str, str]
    file_sql: str
    row_sql: str
    origin: str  # the file or SELECT, for messages
    rows: int
    rejected: int = 0  # records that are none and never became rows
    unmapped: Mapping[str, str] = field(default_factory=dict)  # needed columns and what their value maps lack
    local: tuple[str, ...] = ()  # moments that a mapping reads without an offset and does not move to UTC
    mapped: bool = False  # the result of a mapping, not a file named as a table
    made_up: bool = False  # made from the references of other tables, not read

    @property
    def table(self) -> Table:
        """The canonical table."""
        return TABLES[self.name]

    @property
    def extras(self) -> list[str]:
        """Columns of the company's own, which are kept as text."""
        return [name for name in self.columns if name.startswith("x_")]


@dataclass
class Load:
    """A load under way: the connection, the record, the tables so far."""

    connection: duckdb.DuckDBPyConnection
    ledger: Ledger
    company: Company
    tolerate: float
    raws: dict[str, Raw] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    plain: dict[str, set[str]] = field(default_factory=dict)  # columns in which every cell is spelled as usual
    unsettled: set[str] = field(default_factory=set)  # typed tables that are views still
    formulas: dict[str, dict[str, str]] = field(default_factory=dict)  # columns that need not be stored

    def settle(self, name: str) -> None:
        """Make the typed table out of its view, before it is changed; most are read only when they are written."""
        if name in self.unsettled:
            view, table = quoted(TYPED, name), quoted(TYPED, f"{name} settled")
            self.connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {view}")
            self.connection.execute(f"DROP VIEW {view}")
            self.connection.execute(f"ALTER TABLE {table} RENAME TO {name_literal(name)}")
            self.unsettled.discard(name)

    def change(self, name: str, cells: Mapping[str, str], condition: str) -> None:
        """Change cells of the typed rows `t` under `condition`; a changed column has to be stored."""
        self.settle(name)
        sets = ", ".join(f"{name_literal(column)} = {sql}" for column, sql in cells.items())
        self.connection.execute(f"UPDATE {quoted(TYPED, name)} AS t SET {sets} WHERE {condition}")
        for column in cells:
            self.formulas[name].pop(column, None)

    def relation(self, name: str) -> str:
        """The typed rows of a table that are not quarantined."""
        out = quoted(OUT, name)
        kept = quoted(TYPED, name)
        if not count_rows(self.connection, out):
            return kept
        return f"(SELECT * FROM {kept} k ANTI JOIN {out} o ON o._id = k._id)"

    def is_too_many(self, count: int, rows: int) -> bool:
        """True when so large a share cannot be a slip: above `tolerate`, and ten rows or all of them."""
        return count > self.tolerate * rows and (count >= FEW or count == rows)

    def count(self, sql: str) -> list[int]:
        """One row of counts."""
        row = self.connection.execute(sql).fetchone() or ()
        return [int(value or 0) for value in row]
