"""From cells as they came to rows of the canonical type: readings, derivations and defaults, set by set.

`build` makes `stage.typed.<table>` with every canonical column and `_id`, the row's place in `stage.raw.<table>`.
Cells that are there and cannot be read are listed first, so that a default never hides them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import Column

from data_access.errors import ImportRefusedError
from data_access.loading.cells import cell, is_code, is_currency, limits, needs_reading, plain, type_sql
from data_access.loading.derivations import CONVERSION_DAY, DERIVATIONS, JOINS, Derivation, derivable
from data_access.loading.staging import OUT, TYPED, quoted
from data_access.loading.state import Load, Raw
from data_access.mappings.functions import name_literal, text_literal, write
from data_access.mappings.queries import unmapped_mark

# Columns that are filled from other tables when the file is written.
PRODUCT = re.compile(r"TRY\(CAST\([^*]+ \* \S+ AS DECIMAL\(24, 6\)\)\)")
STORED = {
    "customers": ("first_seen_at", "became_customer_at"),
    "contacts": ("created_at",),
    "order_items": ("net_base",),
}


def origin(raw: Raw, column: str, became: str = "NULL") -> str:
    """The columns of a quarantine or repair entry for rows of typed `t` and raw `r`."""
    value = f"CAST(r.{name_literal(column)} AS VARCHAR)" if column in raw.columns else "NULL"
    if column in raw.unmapped:
        value = f"COALESCE(r.{name_literal(unmapped_mark(column))}, {value})"
    return f"{raw.file_sql} AS file, {raw.row_sql} AS row, {value} AS value, {became} AS became"


def source_of(raw: Raw, column: Column) -> tuple[str, str] | None:
    """SQL and DuckDB type of what the file gives for a column; None where it gives nothing."""
    name = column.name
    if name == "status" and "status_raw" in raw.columns:
        own = f"CAST(r.{name_literal(name)} AS VARCHAR), " if name in raw.columns else ""
        return f"COALESCE({own}CAST(r.status_raw AS VARCHAR))", "VARCHAR"
    if name not in raw.columns:
        return None
    return f"r.{name_literal(name)}", raw.columns[name]


def build(load: Load, raw: Raw) -> dict[str, int]:
    """Make the typed rows of a table, as a view first; gives the cells of each column that are not empty."""
    refuse_missing_columns(raw)
    load.raws[raw.name] = raw
    load.connection.execute(f"CREATE OR REPLACE TABLE {quoted(OUT, raw.name)} (_id BIGINT)")
    there = _cells_there(load, raw)
    make_view(load, raw, there)
    return there


def _cells_there(load: Load, raw: Raw) -> dict[str, int]:
    """How many cells of each column are not empty; columns of nothing but usual spellings are remembered."""
    wanted = wanted_columns(raw)
    parts = []
    for column, (sql, kind) in wanted:
        usual = plain(column, sql, kind, load.company.decimal)
        parts += [f"count({_there(sql, kind)})", f"count({sql})", f"count({usual[0] if usual else 'NULL'})"]
    counts = load.count(f"SELECT {', '.join(parts)} FROM {raw.relation} r") if parts else []
    named = {column.name: counts[3 * n : 3 * n + 3] for n, (column, _) in enumerate(wanted)}
    load.plain[raw.name] = {name for name, (_, given, usual) in named.items() if given == usual}
    return {name: there for name, (there, _, _) in named.items()}


def make_view(load: Load, raw: Raw, full: Mapping[str, int]) -> None:
    """The typed rows; `full` says how many cells of each column need no filling in."""
    drop_typed(load, raw.name)
    active = [one for one in DERIVATIONS if one.table == raw.name and _applies(load, raw, one, full)]
    sql = _inner(load, raw)
    for step in sorted({one.step for one in active}):
        sql = _with_step(load, raw, sql, [one for one in active if one.step == step])
    load.typed[raw.name] = quoted(TYPED, raw.name)
    load.connection.execute(f"CREATE VIEW {load.typed[raw.name]} AS {_with_defaults(raw, sql, full)}")
    load.unsettled.add(raw.name)
    load.formulas[raw.name] = _formulas(load, raw, active)
    if any(not _is_local(load, one) for one in active):
        load.settle(raw.name)


def drop_typed(load: Load, name: str) -> None:
    """Take away the typed rows, to make them anew."""
    if name in load.typed:
        kind = "VIEW" if name in load.unsettled else "TABLE"
        load.connection.execute(f"DROP {kind} {load.typed.pop(name)}")
        load.unsettled.discard(name)


def _is_local(load: Load, one: Derivation) -> bool:
    """True when a derivation needs nothing but its own row."""
    return not set(one.joins) - _absent_joins(load) and " OVER " not in one.sql


def _formulas(load: Load, raw: Raw, active: Sequence[Derivation]) -> dict[str, str]:
    """Columns that the file leaves out and that follow from the row's other columns, as SQL over these."""
    found = {}
    for column in raw.table.columns:
        steps = [one for one in active if one.column == column.name]
        formulas = [_filled_in(load, raw, one.sql) for one in steps]
        stored = any(not _is_local(load, one) or "t._id" in one.sql for one in steps)
        if (
            source_of(raw, column)
            or stored
            or any("TRY" in sql for sql in formulas)
            or column.name in STORED.get(raw.name, ())
        ):
            continue
        parts = [f"CAST({sql} AS {type_sql(column)})" for sql in formulas]
        parts += [_default(column)] if "default" in column.info else []
        found[column.name] = re.sub(r"\bt\.", "", f"COALESCE({', '.join(parts)})" if parts else "NULL")
    return found


def refuse_missing_columns(raw: Raw) -> None:
    """Columns that every row needs, that nothing can fill."""
    given = set(raw.columns) | derivable(raw.name)
    missing = [
        column.name
        for column in raw.table.columns
        if not column.nullable and column.name not in given and "default" not in column.info
    ]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        has = ", ".join(name for name in raw.columns if not name.startswith("_"))
        raise ImportRefusedError(
            f"{raw.origin} lacks {names}, which every row of `{raw.name}` needs; it has {has}. Rename or add the "
            "column, or write a mapping."
        )


def wanted_columns(raw: Raw) -> list[tuple[Column, tuple[str, str]]]:
    """The canonical columns for which the file gives something, with its SQL and DuckDB type."""
    return [(column, found) for column in raw.table.columns if (found := source_of(raw, column))]


def _there(sql: str, kind: str) -> str:
    """Null where the cell is empty; CSV files give null for that by themselves."""
    return f"NULLIF({sql}, '')" if kind == "VARCHAR" else sql


def has_spelling(column: Column) -> bool:
    """True where capitals and blanks around a code are put right."""
    return is_code(column) or is_currency(column)


def read_cell(load: Load, raw: Raw, column: Column, found: tuple[str, str]) -> str:
    """SQL that reads a cell of the file as a value of its column."""
    usual = plain(column, *found, load.company.decimal) if column.name in load.plain[raw.name] else None
    return usual[1] if usual else cell(column, *found, load.company.timezone, load.company.decimal)


def list_unreadable(load: Load, raw: Raw, column: Column, found: tuple[str, str], there: int) -> None:
    """Keep out the rows whose cell cannot be read, or empty and list the cell where it may be empty."""
    unread = f"NULLIF(CAST({found[0]} AS VARCHAR), '') IS NOT NULL AND ({read_cell(load, raw, column, found)}) IS NULL"
    if column.name in raw.unmapped:
        unread += f" AND r.{name_literal(unmapped_mark(column.name))} IS NULL"
    is_moment = type_sql(column) in ("TIMESTAMP", "DATE")
    stands_for_none = f"({cell(column, *found, load.company.timezone, plausible=False)}) IS NOT NULL"
    rules = ("code_cleared", "unknown_code") if has_spelling(column) else ("unreadable_cleared", "unreadable_value")
    if is_moment:
        rest, first, last = f"{unread} AND {stands_for_none}", *limits(column)
        none = f"a date before {first} or after {last} stands for `none` in most systems"
        _list_cells(load, raw, column, rest, ("implausible_cleared", "implausible_date"), none)
        unread += f" AND NOT ({stands_for_none})"
    advice = _advice(column)
    count = _list_cells(load, raw, column, unread, rules, advice)
    if load.is_too_many(count, there):
        example = load.ledger.entries[-1].example
        raise ImportRefusedError(
            f"{raw.origin}: {count:,} of {there:,} values of `{raw.name}.{column.name}` cannot be read ({example}); "
            f"{advice}"
        )


def _list_cells(load: Load, raw: Raw, column: Column, condition: str, rules: tuple[str, str], text: str) -> int:
    """List the cells as emptied under the first rule, where others fill them; else keep out their rows."""
    told = _told(raw, column)
    if column.nullable or column.name in STORED.get(raw.name, ()):
        select = f"SELECT {origin(raw, told)} FROM {raw.relation} r WHERE {condition}"
        return load.ledger.cells(select, rules[0], raw.name, column.name, text)
    source = f"FROM {raw.relation} r"
    return move_out(load, raw, source, condition, rules[1], column.name, text, told=told, key="r.rowid")


def _told(raw: Raw, column: Column) -> str:
    return column.name if column.name in raw.columns else "status_raw"


def _advice(column: Column) -> str:
    if is_code(column):
        return f"permitted are {', '.join(column.info['values'])}; a value map of a mapping can translate."
    if is_currency(column):
        return "a currency is three letters (ISO 4217), such as EUR."
    kind = type_sql(column)
    if kind in ("TIMESTAMP", "DATE"):
        return "write 2026-03-31 or 2026-03-31T14:05:00Z, or use `parse_time` in a mapping."
    if kind == "BOOLEAN":
        return "write true or false."
    return "write 1234.50; where the decimal mark is a comma say `--decimal ,`."


def list_spelled(load: Load, raw: Raw, column: Column, found: tuple[str, str]) -> None:
    """List the codes that were written in another case; a `status` made from `status_raw` is no repair."""
    reading = read_cell(load, raw, column, found)
    if column.name in raw.columns:
        select = f"SELECT {origin(raw, column.name, f'({reading})')} FROM {raw.relation} r WHERE "
        load.ledger.cells(f"{select}CAST({found[0]} AS VARCHAR) <> ({reading})", "code_spelling", raw.name, column.name)


def move_out(
    load: Load,
    raw: Raw,
    source: str,
    condition: str,
    rule: str,
    column: str,
    text: str = "",
    *,
    told: str = "",
    key: str = "t._id",
) -> int:
    """Quarantine the rows of `source` (with raw `r`, and typed `t` unless `key` says otherwise) under `condition`."""
    content = f"to_json(struct_pack({', '.join(f'{name_literal(c)} := r.{name_literal(c)}' for c in raw.columns)}))"
    where = f"{source} WHERE ({condition})"
    count = load.ledger.quarantine(
        f"SELECT {origin(raw, told or column)}, CAST({content} AS VARCHAR) AS content {where}",
        rule,
        raw.name,
        column,
        text,
    )
    if count:
        load.connection.execute(f"INSERT INTO {quoted(OUT, raw.name)} SELECT {key} {where}")
    return count


def keep_out_unmapped(load: Load, raw: Raw) -> None:
    """Quarantine the rows with a value that a value map lacks: no default and no derivation may stand in for it."""
    for column, text in raw.unmapped.items():
        lacks = f"r.{name_literal(unmapped_mark(column))} IS NOT NULL"
        move_out(load, raw, f"FROM {raw.relation} r", lacks, "unmapped_value", column, text, key="r.rowid")


def read_mark(column: Column) -> str:
    """The typed view's column that holds a cell as it was read, before anything was filled in."""
    return name_literal(f"_read {column.name}")


def spelled_mark(column: Column) -> str:
    """The typed view's column that says whether a code was written in another way."""
    return name_literal(f"_spelled {column.name}")


def _inner(load: Load, raw: Raw) -> str:
    cells = ["r.rowid AS _id"]
    for column in raw.table.columns:
        found = source_of(raw, column)
        kind = type_sql(column)
        sql = f"CAST({read_cell(load, raw, column, found) if found else 'NULL'} AS {kind})"
        cells.append(f"{sql} AS {name_literal(column.name)}")
        if found and needs_reading(column):
            cells.append(f"{sql} AS {read_mark(column)}")
        if found and has_spelling(column):
            cells.append(f"CAST({found[0]} AS VARCHAR) <> {sql} AS {spelled_mark(column)}")
    cells += [f"CAST(r.{name_literal(name)} AS VARCHAR) AS {name_literal(name)}" for name in raw.extras]
    return f"SELECT {', '.join(cells)} FROM {raw.relation} r"


def _applies(load: Load, raw: Raw, one: Derivation, readable: Mapping[str, int]) -> bool:
    if not one.sql or (one.whole and one.column in raw.columns):
        return False
    full = readable.get(one.column, 0) == raw.rows and raw.rows > 0
    needed = [table for join in one.joins for table in JOINS[join][1] if join != "rate"]
    return not full and all(table in load.typed for table in needed)


def _with_step(load: Load, raw: Raw, inner: str, steps: Sequence[Derivation]) -> str:
    joins = {join for one in steps for join in one.joins} - _absent_joins(load)
    cells = []
    for one in steps:
        name, kind = name_literal(one.column), type_sql(raw.table.c[one.column])
        cells.append(f"COALESCE(t.{name}, CAST({_filled_in(load, raw, one.sql)} AS {kind})) AS {name}")
    looked = " ".join(_join(load, join, raw.name) for join in sorted(joins))
    return f"SELECT t.* REPLACE ({', '.join(cells)}) FROM ({inner}) t {looked}"


def _filled_in(load: Load, raw: Raw, sql: str) -> str:
    """The expression of a derivation with base currency and e-mail key put in; without any rate no product is left."""
    if "fx_rates" not in load.typed:
        sql = sql.replace("rate.rate_to_base", "NULL")
        if "fx_to_base" not in raw.columns:
            sql = PRODUCT.sub("NULL", sql)
    base = text_literal(load.company.base_currency)
    email = write("email_key", ["t.email"], "duckdb") if "email" in raw.columns else "NULL"
    stated_base = text_literal(load.company.stated_base or load.company.base_currency)
    return sql.replace("{base}", base).replace("{stated}", stated_base).replace("{email}", email)


def _absent_joins(load: Load) -> set[str]:
    """Without `fx_rates` there is nothing to join; the formulas stay."""
    return set() if "fx_rates" in load.typed else {"rate"}


def _join(load: Load, join: str, table: str) -> str:
    sql, tables = JOINS[join]
    for name in tables:
        sql = sql.replace("{" + name + "}", load.typed.get(name, ""))
    moment = CONVERSION_DAY.get(table, "NULL")
    zone = text_literal(load.company.timezone)
    local = moment if load.company.timezone == "UTC" else f"timezone({zone}, timezone('UTC', {moment}))"
    day = moment if table == "campaign_costs" else f"CAST({local} AS DATE)"
    return sql.replace("{day}", day)


def _default(column: Column) -> str:
    default = column.info["default"]
    literal = text_literal(default) if isinstance(default, str) else str(default).upper()
    return f"CAST({literal} AS {type_sql(column)})"


def _with_defaults(raw: Raw, inner: str, full: Mapping[str, int]) -> str:
    cells = [
        f"COALESCE(t.{name_literal(column.name)}, {_default(column)}) AS {name_literal(column.name)}"
        for column in raw.table.columns
        if "default" in column.info and full.get(column.name, 0) < max(raw.rows, 1)
    ]
    return f"SELECT t.* REPLACE ({', '.join(cells)}) FROM ({inner}) t" if cells else inner


def filled_columns(load: Load, raw: Raw, full: Mapping[str, int]) -> dict[str, str]:
    """The columns in which something may have been filled in, and what."""
    told = {c.name: "the default" for c in raw.table.columns if "default" in c.info}
    told |= {one.column: one.meaning for one in DERIVATIONS if one.table == raw.name and _applies(load, raw, one, full)}
    return {name: meaning for name, meaning in told.items() if full.get(name, 0) < raw.rows}
