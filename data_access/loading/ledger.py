"""The record of a load, written into the file that it makes: `import_log`, `quarantine` and `repairs`.

    import_log   one row per rule, table and column: action, count, an example
    quarantine   one row per fault that keeps a row out: file, row, column, rule, value, the whole row as JSON
    repairs      one row per cell that was changed, or kept although it is odd: value before and after

`row` is the number of the data record in its file, from 1; a row that cannot be traced has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from data_access.loading.rules import RULES, Action

LOG, QUARANTINE, REPAIRS = "import_log", "quarantine", "repairs"
TABLES = f"""
CREATE TABLE {LOG} (
    "rule" VARCHAR NOT NULL, "action" VARCHAR NOT NULL, "table" VARCHAR, "column" VARCHAR,
    "count" BIGINT NOT NULL, "example" VARCHAR, "text" VARCHAR);
CREATE TABLE {QUARANTINE} (
    "table" VARCHAR NOT NULL, "file" VARCHAR, "row" BIGINT, "column" VARCHAR, "rule" VARCHAR NOT NULL,
    "value" VARCHAR, "content" VARCHAR);
CREATE TABLE {REPAIRS} (
    "table" VARCHAR NOT NULL, "file" VARCHAR, "row" BIGINT, "column" VARCHAR, "rule" VARCHAR NOT NULL,
    "action" VARCHAR NOT NULL, "value" VARCHAR, "became" VARCHAR);
"""


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    rule: str
    action: Action
    table: str
    column: str
    count: int
    example: str = ""
    text: str = ""


@dataclass
class Ledger:
    """What has been found so far; entries go into the file at the end."""

    connection: duckdb.DuckDBPyConnection
    entries: list[Entry] = field(default_factory=list)

    def open(self) -> None:
        """Make the tables."""
        self.connection.execute(TABLES)

    def note(
        self, rule: str, table: str = "", column: str = "", count: int = 1, example: str = "", text: str = ""
    ) -> None:
        """Write down what is not a matter of single rows."""
        if count:
            self.entries.append(Entry(rule, _action(rule), table, column, count, example, text))

    def quarantine(self, select: str, rule: str, table: str, column: str = "", text: str = "") -> int:
        """Move the rows of `select` (file, row, value, content) to the quarantine; gives their number."""
        before = self._size(QUARANTINE)
        self.connection.execute(
            f"INSERT INTO {QUARANTINE} SELECT ?, f.file, f.row, ?, ?, f.value, f.content FROM ({select}) f",
            [table, column, rule],
        )
        count = self._size(QUARANTINE) - before
        if count:
            self._enter(rule, Action.QUARANTINED, QUARANTINE, table, column, count, text)
        return count

    def cells(self, select: str, rule: str, table: str, column: str, text: str = "") -> int:
        """List the cells of `select` (file, row, value, became) as repaired or kept; gives their number."""
        before = self._size(REPAIRS)
        action = _action(rule)
        self.connection.execute(
            f"INSERT INTO {REPAIRS} SELECT ?, f.file, f.row, ?, ?, ?, f.value, f.became FROM ({select}) f",
            [table, column, rule, action.value],
        )
        count = self._size(REPAIRS) - before
        if count:
            self._enter(rule, action, REPAIRS, table, column, count, text)
        return count

    def _enter(self, rule: str, action: Action, where: str, table: str, column: str, count: int, text: str) -> None:
        row = self.connection.execute(
            f'SELECT file, "row", value FROM {where} WHERE "table" = ? AND rule = ? AND "column" = ? '
            'ORDER BY file, "row" LIMIT 1',
            [table, rule, column],
        ).fetchone()
        self.entries.append(Entry(rule, action, table, column, count, _example(row), text))

    def _size(self, table: str) -> int:
        row = self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Write the log into the file."""
        rows = [[e.rule, e.action.value, e.table, e.column, e.count, e.example, e.text] for e in self.entries]
        if rows:
            self.connection.executemany(f"INSERT INTO {LOG} VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _action(rule: str) -> Action:
    return RULES[rule].action


def _example(row: Sequence[Any] | None) -> str:
    if row is None:
        return ""
    file, number, value = row
    place = " ".join(part for part in (file or "", f"row {number}" if number is not None else "") if part)
    shown = "" if value is None else f"'{value if len(str(value)) <= 60 else str(value)[:57] + '...'}'"
    return ": ".join(part for part in (place, shown) if part)
