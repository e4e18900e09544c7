"""The tables of the finished file: typed rows that were not quarantined, and what is made from other tables.

Parents are written before what belongs to them, so that a line can take its order's rate and a customer the moment
of the first order that really was loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from data_access.loading.cells import type_sql
from data_access.loading.links import references
from data_access.loading.staging import RAW, count_rows, quoted
from data_access.loading.state import Load, Raw
from data_access.loading.typed import build
from data_access.mappings.functions import name_literal, text_literal
from data_access.schema import HAPPENED_AT, SETTINGS, TABLES

VALID_ORDER = "status IN ('confirmed', 'partly_refunded') AND NOT is_test AND document <> 'credit_note'"
NEVER = "TIMESTAMP '1970-01-01'"


def customers_from_references(load: Load) -> None:
    """Without a customers file: one bare row per customer that another table names."""
    if "customers" in load.typed:
        return
    parts = [
        f"SELECT {name_literal(column.name)} AS id FROM {load.relation(name)}"
        for name in load.typed
        for column, table, _ in references(name)
        if table == "customers"
    ]
    if not parts:
        return
    relation = quoted(RAW, "customers")
    load.connection.execute(
        f"CREATE TABLE {relation} AS SELECT DISTINCT CAST(id AS VARCHAR) AS customer_id "
        f"FROM ({' UNION ALL '.join(parts)}) WHERE id IS NOT NULL ORDER BY 1"
    )
    rows, nowhere = count_rows(load.connection, relation), "CAST(NULL AS VARCHAR)"
    build(load, Raw("customers", relation, {"customer_id": "VARCHAR"}, nowhere, "NULL", "", rows, made_up=True))
    load.ledger.note("derived", "customers", "*", rows, text="bare rows, as there is no customers file")


def write_table(load: Load, name: str) -> int:
    """Write a table into the file; gives the number of its rows.

    A column that the file left out and that follows from the others (a default, nothing, net + discount) is written as
    its formula, not row by row: DuckDB reads it like any other column.
    """
    extras = load.raws[name].extras
    late, formulas = _late(load, name), _formulas(load, name)
    types, stored = [], []
    for column in TABLES[name].columns:
        kind = f"{name_literal(column.name)} {type_sql(column)}"
        if column.name in formulas:
            types.append(f"{kind} GENERATED ALWAYS AS (CAST({formulas[column.name]} AS {type_sql(column)})) VIRTUAL")
        else:
            types.append(kind + ("" if column.nullable else " NOT NULL"))
            stored.append(column.name)
    types += [f"{name_literal(extra)} VARCHAR" for extra in extras]
    load.connection.execute(f"CREATE TABLE main.{name_literal(name)} ({', '.join(types)})")
    cells = [late.get(column, f"t.{name_literal(column)}") for column in [*stored, *extras]]
    names = ", ".join(name_literal(column) for column in [*stored, *extras])
    load.connection.execute(
        f"INSERT INTO main.{name_literal(name)} ({names}) SELECT {', '.join(cells)} FROM {load.relation(name)} t "
        f"{_joins(load, name)}"
    )
    return count_rows(load.connection, f"main.{name_literal(name)}")


def _formulas(load: Load, name: str) -> dict[str, str]:
    """The columns that are not stored; a history gets further rows later, so that all of its own are."""
    if name == "stage_history":
        return {}
    given = load.raws[name].columns
    formulas = dict(load.formulas[name])
    if "source_system" not in given:
        formulas["source_system"] = text_literal(load.company.source_system)
    if "source_id" not in given:
        formulas["source_id"] = _joined([name_literal(c.name) for c in TABLES[name].primary_key.columns])
    if name == "order_items" and "net_base" not in given and "orders" in load.typed and _only_base(load):
        formulas["net_base"] = "net"
    return formulas


def _late(load: Load, name: str) -> dict[str, str]:
    """Cells that are filled from tables written before this one."""
    keys = [f"t.{name_literal(c.name)}" for c in TABLES[name].primary_key.columns]
    late = {
        "source_system": f"COALESCE(t.source_system, {text_literal(load.company.source_system)})",
        "source_id": f"COALESCE(t.source_id, {_joined(keys)})",
    }
    if name == "order_items" and "orders" in load.typed:
        product = "CASE WHEN o.fx_to_base = 1 THEN t.net ELSE TRY(CAST(t.net * o.fx_to_base AS DECIMAL(24, 6))) END"
        late["net_base"] = f"COALESCE(t.net_base, {'t.net' if _only_base(load) else product})"
    if name == "customers":
        late["first_seen_at"] = f"COALESCE(t.first_seen_at, e.first, {_first_moment(load)})"
        late["became_customer_at"] = "COALESCE(t.became_customer_at, e.bought)"
    if name == "contacts":
        customer = "c.first_seen_at, " if "customers" in load.typed else ""
        late["created_at"] = f"COALESCE(t.created_at, {customer}{_first_moment(load)})"
    return late


def _joined(keys: list[str]) -> str:
    return " || '|' || ".join(f"CAST({key} AS VARCHAR)" for key in keys)


def _joins(load: Load, name: str) -> str:
    if name == "order_items" and "orders" in load.typed and not _only_base(load):
        return "LEFT JOIN main.orders o ON o.order_id = t.order_id"
    if name == "customers":
        return f"LEFT JOIN ({_events(load)}) e ON e.customer_id = t.customer_id"
    if name == "contacts" and "customers" in load.typed:
        return "LEFT JOIN main.customers c ON c.customer_id = t.customer_id"
    return ""


def _only_base(load: Load) -> bool:
    """True when every order is in the base currency, so that no line needs its order's rate."""
    base = text_literal(load.company.base_currency)
    return not load.count(f"SELECT count(*) FROM main.orders WHERE currency <> {base} OR fx_to_base <> 1")[0]


def _events(load: Load) -> str:
    """Columns: customer_id, first (moment of anything), bought (first valid order or won deal)."""
    moments = {"orders": "ordered_at", "opportunities": "created_at", "leads": "created_at", "tickets": "opened_at",
               "interactions": "occurred_at", "touchpoints": "occurred_at"}  # fmt: skip
    parts = ["SELECT NULL AS customer_id, NULL AS first, NULL AS bought WHERE FALSE"]
    for name, moment in moments.items():
        if name not in load.typed:
            continue
        bought = "NULL"
        if name == "orders":
            bought = f"CASE WHEN {VALID_ORDER} THEN ordered_at END"
        if name == "opportunities":
            bought = "CASE WHEN outcome = 'won' AND NOT is_deleted_in_source THEN closed_at END"
        parts.append(f"SELECT customer_id, {moment} AS first, {bought} AS bought FROM {load.relation(name)}")
    return (
        "SELECT customer_id, CAST(min(first) AS TIMESTAMP) AS first, CAST(min(bought) AS TIMESTAMP) AS bought "
        f"FROM ({' UNION ALL '.join(parts)}) GROUP BY customer_id"
    )


def _first_moment(load: Load) -> str:
    """SQL of the first moment of all, which stands for `before the data begin`."""
    parts = [
        f"(SELECT min({column}) FROM {load.relation(name)})"
        for name, column in HAPPENED_AT.items()
        if name in load.typed
    ]
    return f"least({', '.join([*parts, *parts[:1]])}), {NEVER}" if parts else NEVER


def reconstruct_history(load: Load) -> None:
    """One stay for each deal without any: durations are not shown from it."""
    if "opportunities" not in load.typed:
        return
    if "stage_history" not in load.typed:
        columns = [
            f"{name_literal(c.name)} {type_sql(c)}{'' if c.nullable else ' NOT NULL'}"
            for c in TABLES["stage_history"].columns
        ]
        load.connection.execute(f"CREATE TABLE main.stage_history ({', '.join(columns)})")
    before = count_rows(load.connection, "main.stage_history")
    load.connection.execute(
        "INSERT INTO main.stage_history (opportunity_id, seq, stage_id, outcome, entered_at, amount_base_at, "
        "is_initial, is_reconstructed, is_backward, source_system, source_id) "
        "SELECT opportunity_id, 1, stage_id, outcome, created_at, amount_base, TRUE, TRUE, FALSE, source_system, "
        "opportunity_id || '|1' FROM main.opportunities o "
        "WHERE NOT EXISTS (SELECT 1 FROM main.stage_history h WHERE h.opportunity_id = o.opportunity_id)"
    )
    made = count_rows(load.connection, "main.stage_history") - before
    load.ledger.note("derived", "stage_history", "*", made, text="one reconstructed stay per deal without any")


def note_unequal_lines(load: Load) -> None:
    """List the orders whose lines do not add up, allowing half a cent of rounding for each line."""
    if "orders" not in load.typed or "order_items" not in load.typed or "orders" not in load.raws:
        return
    raw = load.raws["orders"]
    load.ledger.cells(
        f"SELECT {raw.file_sql} AS file, {raw.row_sql} AS row, CAST(t.net AS VARCHAR) AS value, "
        f"CAST(t.net AS VARCHAR) AS became FROM {load.relation('orders')} t JOIN {raw.relation} r ON r.rowid = t._id "
        "JOIN (SELECT order_id, sum(net) AS lines, count(*) AS n FROM main.order_items GROUP BY order_id) i "
        "ON i.order_id = t.order_id WHERE abs(i.lines - t.net) > 0.01 + 0.005 * i.n",
        "items_differ",
        "orders",
        "net",
    )


def write_settings(load: Load, settings: Mapping[str, Any], as_of: datetime | None) -> None:
    """The one row of settings."""
    types = {"data_as_of": "TIMESTAMP", "fiscal_year_start_month": "INTEGER", "week_start": "INTEGER"}
    columns = [
        f"{name_literal(c.name)} {types.get(c.name, 'VARCHAR')}{'' if c.nullable else ' NOT NULL'}"
        for c in SETTINGS.columns
    ]
    load.connection.execute(f"CREATE TABLE main.settings ({', '.join(columns)})")
    values = [as_of if c.name == "data_as_of" else settings[c.name] for c in SETTINGS.columns]
    load.connection.execute(f"INSERT INTO main.settings VALUES ({', '.join('?' * len(values))})", values)
