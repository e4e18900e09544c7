"""A group's values as one list, and a quantile of that list: exact medians beside counts, in one pass over the rows.

    gathered(value)            the values of a group, nulls left out; null for none
    quantile_of(list, share)   the type-7 quantile of such a list (linear interpolation), as a float; null for none

SQLite, MariaDB and MySQL write a list as JSON; the other engines have lists. Those of DuckDB, PostgreSQL and SQLite are
in no order, the others in ascending order.
`gathered` is an aggregate; `quantile_of` stands in the select around it, because SQLite cannot read a list where it is
made. Whole numbers, and numbers of up to 15 digits, come through unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Float, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FunctionElement


class gathered(FunctionElement[Any]):  # noqa: N801  (reads like the SQL function that it is)
    """gathered(value): the values of a group as one list."""

    inherit_cache = True
    name = "gathered"


@compiles(gathered)
@compiles(gathered, "postgresql")
def _gathered(element: Any, compiler: Any, **kw: Any) -> str:
    return _aggregate("array_agg", element, compiler, **kw)


@compiles(gathered, "duckdb")
def _gathered_duckdb(element: Any, compiler: Any, **kw: Any) -> str:
    return _aggregate("list", element, compiler, **kw)


@compiles(gathered, "spark")
def _gathered_spark(element: Any, compiler: Any, **kw: Any) -> str:
    (value,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"sort_array(collect_list({value}))"


@compiles(gathered, "trino")
def _gathered_trino(element: Any, compiler: Any, **kw: Any) -> str:
    return f"array_sort({_aggregate('array_agg', element, compiler, **kw)})"


@compiles(gathered, "snowflake")
def _gathered_snowflake(element: Any, compiler: Any, **kw: Any) -> str:
    (value,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"ARRAY_AGG({value}) WITHIN GROUP (ORDER BY {value})"


@compiles(gathered, "bigquery")
def _gathered_bigquery(element: Any, compiler: Any, **kw: Any) -> str:
    (value,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"ARRAY_AGG({value} IGNORE NULLS ORDER BY {value})"


@compiles(gathered, "clickhouse")
def _gathered_clickhouse(element: Any, compiler: Any, **kw: Any) -> str:
    (value,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"arraySort(groupArray({value}))"


@compiles(gathered, "sqlite")
def _gathered_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return _aggregate("json_group_array", element, compiler, **kw)


@compiles(gathered, "mysql", "mariadb")
def _gathered_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    (value,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CONCAT('[', GROUP_CONCAT({value} ORDER BY {value} SEPARATOR ','), ']')"


def _aggregate(name: str, element: Any, compiler: Any, **kw: Any) -> str:
    (value,) = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{name}({value}) FILTER (WHERE {value} IS NOT NULL)"


class quantile_of(FunctionElement[float]):  # noqa: N801
    """quantile_of(list, share): a quantile of what `gathered` has put together."""

    type = Float()
    inherit_cache = True
    name = "quantile_of"

    def __init__(self, values: ColumnElement[Any], share: float) -> None:
        super().__init__(values, literal_column(repr(float(share)), Float()))


@compiles(quantile_of, "duckdb")
def _quantile_of_duckdb(element: quantile_of, compiler: Any, **kw: Any) -> str:
    values, share = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"list_aggregate({values}, 'quantile_cont', {share})"


@compiles(quantile_of)
@compiles(quantile_of, "postgresql")
def _quantile_of(element: quantile_of, compiler: Any, **kw: Any) -> str:
    values, share = (compiler.process(clause, **kw) for clause in element.clauses)
    ranked = f"percentile_cont({share}) WITHIN GROUP (ORDER BY item)"
    return f"(SELECT {ranked} FROM unnest({values}) AS listed(item))"


@compiles(quantile_of, "sqlite")
def _quantile_of_sqlite(element: quantile_of, compiler: Any, **kw: Any) -> str:
    values, share = (compiler.process(clause, **kw) for clause in element.clauses)
    place = f"row_number() OVER (ORDER BY value) - 1 - (count(*) OVER () - 1) * {share}"
    ranked = f"SELECT value, abs({place}) AS away FROM json_each({values})"
    return f"(SELECT sum(CASE WHEN away < 1 THEN (1 - away) * value ELSE 0.0 END) FROM ({ranked}))"


@compiles(quantile_of, "spark")
def _quantile_of_spark(element: quantile_of, compiler: Any, **kw: Any) -> str:
    values, share = (compiler.process(clause, **kw) for clause in element.clauses)
    place = f"(size({values}) - 1) * CAST({share} AS DOUBLE)"
    return _weighted(place, lambda at: f"CAST(get({values}, CAST({at} AS INT)) AS DOUBLE)")


@compiles(quantile_of, "clickhouse")
def _quantile_of_clickhouse(element: quantile_of, compiler: Any, **kw: Any) -> str:
    values, share = (compiler.process(clause, **kw) for clause in element.clauses)
    place = f"((length({values}) - 1) * {share})"
    between = _weighted(place, lambda at: f"CAST({values}[CAST({at} AS Int64) + 1] AS Float64)")
    return f"if(empty({values}), NULL, {between})"


@compiles(quantile_of, "trino")
def _quantile_of_trino(element: quantile_of, compiler: Any, **kw: Any) -> str:
    values, share = (compiler.process(clause, **kw) for clause in element.clauses)
    place = f"((cardinality({values}) - 1) * CAST({share} AS DOUBLE))"
    return _weighted(place, lambda at: f"CAST(element_at({values}, CAST({at} AS INTEGER) + 1) AS DOUBLE)")


@compiles(quantile_of, "snowflake")
def _quantile_of_snowflake(element: quantile_of, compiler: Any, **kw: Any) -> str:
    values, share = (compiler.process(clause, **kw) for clause in element.clauses)
    place = f"((ARRAY_SIZE({values}) - 1) * CAST({share} AS DOUBLE))"
    return _weighted(place, lambda at: f"CAST(GET({values}, {at}) AS DOUBLE)")


@compiles(quantile_of, "bigquery")
def _quantile_of_bigquery(element: quantile_of, compiler: Any, **kw: Any) -> str:
    values, share = (compiler.process(clause, **kw) for clause in element.clauses)
    place = f"((ARRAY_LENGTH({values}) - 1) * {share})"
    return _weighted(place, lambda at: f"CAST({values}[SAFE_OFFSET(CAST({at} AS INT64))] AS FLOAT64)")


def _weighted(place: str, item: Callable[[str], str]) -> str:
    """The items of an ascending list on either side of a place, counted from 0, weighted by how near they are."""
    below, above = item(f"FLOOR({place})"), item(f"CEIL({place})")
    return f"({below} + ({place} - FLOOR({place})) * ({above} - {below}))"


@compiles(quantile_of, "mysql", "mariadb")
def _quantile_of_mysql(element: quantile_of, compiler: Any, **kw: Any) -> str:
    values, share = (compiler.process(clause, **kw) for clause in element.clauses)
    return quantile_of_json(values, share)


def quantile_of_json(values: str, share: str) -> str:
    """The quantile of a JSON list in ascending order: the values on either side of its place, weighted."""
    place = f"(JSON_LENGTH({values}) - 1) * {share}"
    below, above = (
        f"CAST(JSON_EXTRACT({values}, CONCAT('$[', {side}({place}), ']')) AS DOUBLE)" for side in ("FLOOR", "CEIL")
    )
    return f"({below} + MOD({place}, 1) * ({above} - {below}))"
