"""How the text in a cell becomes a value, by the logical type of its canonical column.

Every reading gives null for what it cannot read; the loader compares and lists those cells. A moment without an
offset is UTC; one that is only a date is the start of that day in the company's time zone; a date column takes the
date as written. A date that stands for `none` in other systems (before 1970-01-02, or from 2200 on) is not read;
`plausible=False` reads it all the same, to tell it from what is no date at all. Blanks around identifiers, codes and
currencies do not count.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, Numeric, String

from data_access.mappings.functions import text_literal, write
from data_access.schema import HAPPENED_AT

NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
FIRST_DAY, LAST_DAY = "1970-01-02", "2199-12-31"  # null dates: 0001-01-01, 1899-12-30, 1970-01-01, 9999-12-31
OPEN_START = ("fx_rates", "targets")  # "valid since ever" is meant there, and moves no other date
FRACTIONS = ("FLOAT", "DOUBLE")


def is_key(column: Column) -> bool:
    """True for identifiers: keys, and columns that hold the key of another table."""
    return isinstance(column.type, String) and (
        column.primary_key or bool(column.foreign_keys) or column.name.endswith(("_id", "_key"))
    )


def is_code(column: Column) -> bool:
    """True for columns that permit only certain values."""
    return "values" in column.info


def is_currency(column: Column) -> bool:
    """True for columns that hold a currency code."""
    return column.name in ("currency", "base_currency")


def needs_reading(column: Column) -> bool:
    """True when a cell can be there and yet not be readable."""
    return not isinstance(column.type, String) or is_code(column) or is_currency(column)


def type_sql(column: Column) -> str:
    """The DuckDB type of a canonical column."""
    kind = column.type
    if isinstance(kind, Boolean):
        return "BOOLEAN"
    if isinstance(kind, DateTime):
        return "TIMESTAMP"
    if isinstance(kind, Date):
        return "DATE"
    if isinstance(kind, Integer):
        return "INTEGER"
    if isinstance(kind, Float):
        return "DOUBLE"
    if isinstance(kind, Numeric):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    return "VARCHAR"


def limits(column: Column) -> tuple[str, str]:
    """The first day and the last that a moment or date of this column may have.

    The moment at which a row happened may lie ahead: that is another fault (`after_as_of`).
    """
    table = column.table.name
    if table in OPEN_START:
        return "0001-01-01", "9999-12-31"
    return FIRST_DAY, "9999-12-31" if HAPPENED_AT.get(table) == column.name else LAST_DAY


def cell(
    column: Column, source: str, found: str, zone: str = "UTC", decimal: str = ".", *, plausible: bool = True
) -> str:
    """SQL that reads `source`, of the DuckDB type `found`, as a value of `column`."""
    kind = column.type
    between = limits(column) if plausible else None
    if isinstance(kind, String):
        return _text(column, source, found)
    if isinstance(kind, Boolean):
        return source if found == "BOOLEAN" else write("bool", [source], "duckdb")
    if isinstance(kind, DateTime):
        return _between(_moment(source, found, zone), "TIMESTAMP", between)
    if isinstance(kind, Date):
        return _between(_date(source, found), "DATE", between)
    return _number(column, source, found, decimal)


def plain(column: Column, source: str, found: str, decimal: str = ".") -> tuple[str, str] | None:
    """For the usual spelling of a column's values: SQL that is null for any other, and the quick way to read it.

    A column in which every cell has the usual spelling is read the quick way, which gives the same values.
    """
    if found != "VARCHAR":
        return None
    kind = column.type
    if isinstance(kind, String):
        return _plain_text(column, source), source
    if isinstance(kind, DateTime):
        first, last = limits(column)
        looks = f"LENGTH({source}) = 19 AND SUBSTR({source}, 17, 1) = ':' AND {source} BETWEEN '{first}' AND '{last}~'"
        return f"CASE WHEN {looks} THEN TRY_CAST({source} AS TIMESTAMP) END", f"TRY_CAST({source} AS TIMESTAMP)"
    if isinstance(kind, Numeric) and not isinstance(kind, Float) and kind.scale == 6 and decimal == ".":
        narrow = f"TRY_CAST({source} AS DECIMAL(18, 6))"
        return narrow, f"CAST({narrow} AS {type_sql(column)})"
    return None


def _plain_text(column: Column, source: str) -> str:
    if is_code(column):
        permitted = ", ".join(text_literal(value) for value in column.info["values"])
        return f"CASE WHEN {source} IN ({permitted}) THEN 1 END"
    if is_currency(column):
        return f"CASE WHEN regexp_full_match({source}, '[A-Z]{{3}}') THEN 1 END"
    if is_key(column):
        return f"CASE WHEN {source} = TRIM({source}) AND {source} <> '' THEN 1 END"
    return f"CASE WHEN {source} <> '' THEN 1 END"


def _text(column: Column, source: str, found: str) -> str:
    text = source if found == "VARCHAR" else f"CAST({source} AS VARCHAR)"
    if is_code(column):
        permitted = ", ".join(text_literal(value) for value in column.info["values"])
        folded = f"LOWER(TRIM({text}))"
        return f"CASE WHEN {folded} IN ({permitted}) THEN {folded} END"
    if is_currency(column):
        folded = f"UPPER(TRIM({text}))"
        return f"CASE WHEN regexp_full_match({folded}, '[A-Z]{{3}}') THEN {folded} END"
    if is_key(column):
        return write("key", [source], "duckdb") if found in FRACTIONS else f"NULLIF(TRIM({text}), '')"
    return f"NULLIF({text}, '')"


def _moment(source: str, found: str, zone: str) -> str:
    local = "timezone('UTC', timezone({}, {}))"
    if found == "DATE":
        return local.format(text_literal(zone), f"CAST({source} AS TIMESTAMP)")
    if found == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {source})"
    if found.startswith("TIMESTAMP"):
        return f"CAST({source} AS TIMESTAMP)"
    text = source if found == "VARCHAR" else f"CAST({source} AS VARCHAR)"
    start = f"TRY_CAST(TRIM({text}) AS TIMESTAMP)"
    if zone != "UTC":
        start = local.format(text_literal(zone), start)
    return (
        f"CASE WHEN LENGTH({text}) = 19 AND SUBSTR({text}, 17, 1) = ':' THEN TRY_CAST({text} AS TIMESTAMP) "
        f"WHEN LENGTH(TRIM({text})) <= 10 THEN {start} ELSE timezone('UTC', TRY_CAST(TRIM({text}) AS TIMESTAMPTZ)) END"
    )


def _between(value: str, kind: str, days: tuple[str, str] | None) -> str:
    """Only what calendars and pandas can show, and what can be meant; `infinity` is no moment at all."""
    if days is None:
        return f"CASE WHEN isfinite({value}) THEN {value} END"
    first, last = days
    last += "" if kind == "DATE" else " 23:59:59"
    return f"CASE WHEN {value} BETWEEN {kind} '{first}' AND {kind} '{last}' THEN {value} END"


def _date(source: str, found: str) -> str:
    if found == "DATE" or found.startswith("TIMESTAMP"):
        return f"CAST({source} AS DATE)"
    return f"TRY_CAST(CAST({source} AS VARCHAR) AS DATE)"


def _number(column: Column, source: str, found: str, decimal: str) -> str:
    numeric = found in NUMBERS or found in FRACTIONS or found.startswith("DECIMAL") or found == "BOOLEAN"
    text = source if found == "VARCHAR" else f"CAST({source} AS VARCHAR)"
    if isinstance(column.type, Integer):
        whole = source if numeric else text
        return f"TRY_CAST({write('whole', [whole], 'duckdb')} AS INTEGER)"
    if isinstance(column.type, Float):
        value = f"TRY_CAST({source} AS DOUBLE)" if numeric else write("number", [text], "duckdb", decimal)
        return f"CASE WHEN isfinite({value}) THEN {value} END"
    if numeric:
        return f"TRY_CAST({source} AS {type_sql(column)})"
    return _decimal(column, text, decimal)


def _decimal(column: Column, text: str, decimal: str) -> str:
    assert isinstance(column.type, Numeric)
    if decimal == "," or column.type.scale == 6:
        return f"TRY_CAST({write('money', [text], 'duckdb', decimal)} AS {type_sql(column)})"
    narrow = f"TRY_CAST({text} AS DECIMAL(18, {column.type.scale}))"
    return f"COALESCE(CAST({narrow} AS {type_sql(column)}), TRY_CAST({text} AS {type_sql(column)}))"
