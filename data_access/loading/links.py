"""Checks between tables: what a row points to must be there.

A row that belongs to another one (the reference cannot be empty) goes where that one went; an optional reference is
emptied. Tables are taken parents first, so that a quarantined order takes its lines along.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column

from data_access.errors import ImportRefusedError
from data_access.loading.rules import Action
from data_access.loading.staging import OUT, quoted
from data_access.loading.state import Load
from data_access.loading.typed import move_out
from data_access.mappings.functions import name_literal
from data_access.schema import TABLES

MADE_UP = ("customers",)  # parents that a load makes from the rows that name them


def references(name: str) -> Iterator[tuple[Column, str, str]]:
    """The columns of a table that hold another one's key: column, table, key."""
    for column in TABLES[name].columns:
        for key in column.foreign_keys:
            table, target = key.target_fullname.split(".")
            yield column, table, target


def parents_first(names: list[str]) -> list[str]:
    """The tables so that those that own rows come before the rows that belong to them."""
    ordered: list[str] = []

    def place(name: str) -> None:
        if name in ordered or name not in names:
            return
        for column, table, _ in references(name):
            if not column.nullable and table != name:
                place(table)
        ordered.append(name)

    for name in names:
        place(name)
    return ordered


def refuse_missing_tables(names: list[str]) -> None:
    """A table whose rows belong to a table that is not there cannot be loaded."""
    for name in names:
        for column, table, _ in references(name):
            if not column.nullable and table not in names and table not in MADE_UP:
                raise ImportRefusedError(
                    f"`{name}` needs `{table}`, because each of its rows belongs to one there (`{column.name}`); add a "
                    f"file {table}.csv, or leave `{name}` out."
                )


def check_links(load: Load) -> None:
    """Quarantine rows whose owner is not there, then empty optional references to what is not there."""
    names = parents_first(list(load.typed))
    for required in (True, False):
        for name in names:
            for column, table, key in references(name):
                if column.nullable is not required and table in load.typed and not load.raws[table].made_up:
                    _check(load, name, column, table, key)


def _check(load: Load, name: str, column: Column, table: str, key: str) -> None:
    cell = f"t.{name_literal(column.name)}"
    parent = f"(SELECT {name_literal(key)} AS key FROM {load.relation(table)})"
    orphans = (
        f"SELECT t._id FROM {load.relation(name)} t ANTI JOIN {parent} p ON p.key = {cell} WHERE {cell} IS NOT NULL"
    )
    if not load.count(f"SELECT count(*) FROM ({orphans}) o")[0]:
        return
    raw = load.raws[name]
    load.connection.execute(f"CREATE OR REPLACE TABLE stage.typed._orphans AS {orphans}")
    source = (
        f"FROM {load.typed[name]} t JOIN {raw.relation} r ON r.rowid = t._id "
        "JOIN stage.typed._orphans o ON o._id = t._id"
    )
    if not column.nullable:
        why = _why_absent(load, name, column, table, key)
        move_out(load, raw, source, "TRUE", "unknown_reference", column.name, why)
        return
    load.ledger.cells(
        f"SELECT {raw.file_sql} AS file, {raw.row_sql} AS row, CAST({cell} AS VARCHAR) AS value, NULL AS became "
        f"{source}",
        "reference_cleared",
        name,
        column.name,
        f"there is no such row in `{table}`",
    )
    load.change(name, {column.name: "NULL"}, "t._id IN (SELECT _id FROM stage.typed._orphans)")


def _why_absent(load: Load, name: str, column: Column, table: str, key: str) -> str:
    """What became of the rows that are not there: never in the file, or quarantined for a reason of their own."""
    out = f"(SELECT p.{name_literal(key)} AS key FROM {load.typed[table]} p JOIN {quoted(OUT, table)} o USING (_id))"
    orphans = f"{load.typed[name]} t JOIN stage.typed._orphans o ON o._id = t._id"
    taken = load.count(f"SELECT count(*) FROM {orphans} SEMI JOIN {out} q ON q.key = t.{name_literal(column.name)}")[0]
    reasons = [one for one in load.ledger.entries if one.table == table and one.action is Action.QUARANTINED]
    if not taken or not reasons:
        return f"there is no such row in `{table}`"
    worst = max(reasons, key=lambda one: one.count)
    return (
        f"{taken:,} of them belong to rows of `{table}` that were quarantined themselves, most by `{worst.rule}` in "
        f"`{worst.column}` ({worst.example})"
    )


def remaining_out(load: Load, name: str) -> int:
    """Number of rows of a table in quarantine."""
    return load.count(f"SELECT count(DISTINCT _id) FROM {quoted(OUT, name)}")[0]
