"""The tables of several databases as one: put together in the file, as several mappings of one database are by it.

What was drawn lies in the file under construction, each table under its mapping's name (`orders of shopify`). A second
file, which takes its place, gets the canonical tables: the same SELECTs that a live question would put in its WITH, run
by DuckDB. What was drawn goes when the extract is whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import duckdb

from data_access.extract import lines
from data_access.extract.file import DRAWN, FULL, Building
from data_access.extract.plan import APART, Joined, Plan
from data_access.extract.record import TABLES, PartOrigin, Taken, note, written_origin
from data_access.extract.tables import make_table
from data_access.loading.progress import meanwhile
from data_access.mappings.functions import name_literal

Tell = Callable[[lines.Line], None]


def put_together(building: Building, plan: Plan, tell: Tell) -> list[Taken]:
    """Make every canonical table of those that were drawn; the file is as old as the oldest database's moment."""
    parts = _parts(building.connection)
    building.go_on_beside(replace(building.origin, read_at=min(part.read_at for part in parts), parts=parts))
    building.connection.execute(f"INSERT INTO {TABLES} SELECT * FROM {DRAWN}.main.{TABLES}")
    tell(lines.TOGETHER)
    for one in plan.people:
        building.connection.execute(f"CREATE TEMP TABLE {name_literal(one.name)} AS {one.sql}")
    return [_make(building.connection, one, tell) for one in plan.joined]


def _parts(connection: duckdb.DuckDBPyConnection) -> tuple[PartOrigin, ...]:
    written = written_origin(connection)
    assert written is not None, "a file under construction has its record"
    return written.parts


def _make(connection: duckdb.DuckDBPyConnection, table: Joined, tell: Tell) -> Taken:
    began, name = time.monotonic(), name_literal(table.name)
    make_table(connection, table.name, table.cells)
    cells = ", ".join(f"CAST(t.{name_literal(cell.name)} AS {cell.type})" for cell in table.cells)
    with meanwhile(lambda seconds: tell(lines.under_way(table.name, 0, seconds))):
        made = connection.execute(f"INSERT INTO {name} SELECT {cells} FROM ({table.sql}) AS t").fetchone()
        connection.execute("CHECKPOINT")
    rows = int(made[0]) if made else 0
    taken = Taken(table.name, rows, rows, FULL, None, round(time.monotonic() - began, 3), APART)
    note(connection, taken)
    tell(lines.taken(taken, is_by_changes=False))
    return taken
