"""Only what has changed in a table since the last extract, so that the result is what a full one would give.

A mapping says `incremental = true` of a table whose `updated_at` is another one whenever anything in the row is. Then
key and `updated_at` of every row are asked for (two cells instead of twenty), and compared with those in the file:

    a key that is not in the file, or with another `updated_at`    the row is asked for
    `updated_at` at most an hour before the last one, or none       asked for again: two changes may share a second
    a key that only the file has                                    the row is gone

Older or newer does not matter, only other: rows that arrive late, a clock that is set back and a backup that is put in
again are changes like any. A table is taken whole after all where that is not enough: keys that come twice, too much
changed, or cells made of another table (an order's rate in its lines) whose row has changed while this one has not.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb

from data_access.extract.plan import Cell, Look, Planned
from data_access.extract.sources import Snapshot
from data_access.extract.tables import Incoming, ask, fill, make_table
from data_access.mappings.families import FAMILIES
from data_access.mappings.functions import name_literal

OVERLAP = timedelta(hours=1)
MOST_STAMPS = 500  # separate moments that are asked for by name
MOST_CHANGED = 0.3  # share of a table above which it is taken whole
WAS = "was {0} for {1}"


class NotByChangesError(Exception):
    """The changes of a table cannot be told; the text says why."""


def remember(connection: duckdb.DuckDBPyConnection, table: Planned) -> None:
    """Keep what other tables say now in the cells that this one looks into."""
    for look in table.looks:
        columns = ", ".join(name_literal(name) for name in _looked(look))
        name = name_literal(WAS.format(look.table, table.name))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {columns} FROM {look.table}")


def _looked(look: Look) -> tuple[str, ...]:
    return (*((look.key,) if look.key else ()), *look.columns)


def take_changes(
    connection: duckdb.DuckDBPyConnection, table: Planned, snapshot: Snapshot, watch: list[Incoming]
) -> tuple[int, int]:
    """Bring a table up to date; gives its rows and how many were new, other or gone. Raises NotByChangesError."""
    _take_stamps(connection, table, snapshot, watch)
    _refuse_repeated_keys(connection, table)
    last = _one(connection, f'SELECT max("updated_at") FROM {name_literal(table.name)}')
    _mark(connection, table, last)
    gone = _delete_gone(connection, table)
    _refuse_changed_elsewhere(connection, table)
    changed = _replace_changed(connection, table, snapshot, watch, last)
    rows = int(_one(connection, f"SELECT count(*) FROM {name_literal(table.name)}"))
    if rows != int(_one(connection, "SELECT count(*) FROM stamps")):
        raise NotByChangesError("the rows do not add up")
    return rows, gone + changed


def _take_stamps(
    connection: duckdb.DuckDBPyConnection, table: Planned, snapshot: Snapshot, watch: list[Incoming]
) -> None:
    """Key and `updated_at` of every row, as `stamps`."""
    cells = _stamp_cells(table)
    make_table(connection, "stamps", cells, "TEMP TABLE")
    incoming = ask(snapshot, table, watch, only=tuple(cell.name for cell in cells))
    fill(connection, "stamps", cells, snapshot, incoming)


def _stamp_cells(table: Planned) -> list[Cell]:
    return [cell for cell in table.cells if cell.name in (*table.key, "updated_at")]


def _refuse_repeated_keys(connection: duckdb.DuckDBPyConnection, table: Planned) -> None:
    keys = _names(table)
    for name in ("stamps", name_literal(table.name)):
        repeated = f"SELECT 1 FROM {name} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"
        if connection.execute(repeated).fetchone():
            raise NotByChangesError("keys come twice")


def _mark(connection: duckdb.DuckDBPyConnection, table: Planned, last: datetime | None) -> None:
    """The stamps whose rows are asked for, as `changed`."""
    same = " AND ".join(f"o.{name_literal(key)} = s.{name_literal(key)}" for key in table.key)
    since = last - OVERLAP if last else datetime.min
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS SELECT s.* FROM stamps s LEFT JOIN {name_literal(table.name)} o "
        f'ON {same} WHERE o.{name_literal(table.key[0])} IS NULL OR s."updated_at" IS DISTINCT FROM o."updated_at" '
        'OR s."updated_at" IS NULL OR s."updated_at" >= ?',
        [since],
    )
    changed, rows = (int(_one(connection, f"SELECT count(*) FROM {name}")) for name in ("changed", "stamps"))
    if changed > MOST_CHANGED * rows:
        raise NotByChangesError(f"{changed:,} of {rows:,} rows have changed")


def _refuse_changed_elsewhere(connection: duckdb.DuckDBPyConnection, table: Planned) -> None:
    """Rows that stay the same while what they look into does not."""
    for look in table.looks:
        if _is_other(connection, table, look):
            raise NotByChangesError(f"cells that come from `{look.table}` have changed")


def _is_other(connection: duckdb.DuckDBPyConnection, table: Planned, look: Look) -> bool:
    columns = ", ".join(name_literal(name) for name in _looked(look))
    was = f"SELECT {columns} FROM {name_literal(WAS.format(look.table, table.name))}"
    now = f"SELECT {columns} FROM {look.table}"
    moved = f"(({was}) EXCEPT ({now})) UNION ALL (({now}) EXCEPT ({was}))"
    if not look.key:
        return connection.execute(f"SELECT 1 FROM ({moved}) LIMIT 1").fetchone() is not None
    query = (
        f"SELECT 1 FROM {name_literal(table.name)} t WHERE t.{name_literal(look.by)} IN "
        f"(SELECT {name_literal(look.key)} FROM ({moved})) AND NOT {_is_in('changed', table)} LIMIT 1"
    )
    return connection.execute(query).fetchone() is not None


def _is_in(name: str, table: Planned) -> str:
    """The condition that a row `t` of a table is in another, by its key."""
    same = " AND ".join(f"o.{name_literal(key)} = t.{name_literal(key)}" for key in table.key)
    return f"EXISTS (SELECT 1 FROM {name} o WHERE {same})"


def _delete_gone(connection: duckdb.DuckDBPyConnection, table: Planned) -> int:
    here = name_literal(table.name)
    return int(_one(connection, f"DELETE FROM {here} AS t WHERE NOT {_is_in('stamps', table)}") or 0)


def _replace_changed(
    connection: duckdb.DuckDBPyConnection,
    table: Planned,
    snapshot: Snapshot,
    watch: list[Incoming],
    last: datetime | None,
) -> int:
    """Ask for the rows that have changed and put them in the place of those that are there."""
    changed = int(_one(connection, "SELECT count(*) FROM changed"))
    if last is None or not changed:
        return changed
    make_table(connection, "arrived", table.cells, "TEMP TABLE")
    incoming = ask(snapshot, table, watch, _condition(connection, snapshot, last - OVERLAP))
    fill(connection, "arrived", table.cells, snapshot, incoming)
    here = name_literal(table.name)
    connection.execute(f"DELETE FROM {here} AS t WHERE {_is_in('arrived', table)}")
    connection.execute(f"INSERT INTO {here} SELECT * FROM arrived")
    return changed


def _condition(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, since: datetime) -> str:
    """Everything since a moment, and what else has changed, by its own moments."""
    column = f"t.{snapshot.name('updated_at')}"
    before = 'SELECT DISTINCT "updated_at" FROM changed WHERE "updated_at" < ?'
    earlier = [row[0] for row in connection.execute(before, [since]).fetchall()]
    if len(earlier) > MOST_STAMPS:
        raise NotByChangesError(f"{len(earlier):,} changes lie before the last one that is known")
    parts = [f"{column} >= {_moment(snapshot, since)}", f"{column} IS NULL"]
    if earlier:
        parts.append(f"{column} IN ({', '.join(_moment(snapshot, one) for one in earlier)})")
    return f"({' OR '.join(parts)})"


def _moment(snapshot: Snapshot, moment: datetime) -> str:
    return FAMILIES[snapshot.family].typed["moment"].format(f"'{moment.isoformat(' ', 'microseconds')}'")


def _names(table: Planned) -> str:
    return ", ".join(name_literal(key) for key in table.key)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
