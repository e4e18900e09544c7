"""A quantile of a group's values, in two steps: exact medians beside counts, in one pass over the rows.

    gathered(value, share)         what an engine needs of a group for one quantile of its values, nulls left out
    quantile_of(gathered, share)   the type-7 quantile (linear interpolation) as a float; null for no values

`gathered` is an aggregate; `quantile_of` stands in the select around it, with the same share: SQLite cannot read a list
where it is made. DuckDB, PostgreSQL and standard SQL have the quantile as an aggregate and gather just that; the
others gather the values as a list, in ascending order but for SQLite's, which SQLite, MariaDB and MySQL write as JSON.
Whole numbers, and numbers of up to 15 digits, come through unchanged.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, literal_column
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FunctionElement

from data_access.functions import spelled


class gathered(FunctionElement[Any]):  # noqa: N801  (reads like the SQL function that it is)
    """gathered(value, share): of the values of a group, what one quantile needs."""

    inherit_cache = True
    name = "gathered"

    def __init__(self, values: ColumnElement[Any], share: float) -> None:
        super().__init__(values, _literal(share))


def _literal(share: float) -> ColumnElement[float]:
    return literal_column(repr(float(share)), Float())


_ARRAY = "{}({{0}}) FILTER (WHERE {{0}} IS NOT NULL)"
spelled(
    gathered,
    {
        "": "percentile_cont({1}) WITHIN GROUP (ORDER BY {0})",
        "duckdb": "quantile_cont(CAST({0} AS DOUBLE), {1})",
        "sqlite": _ARRAY.format("json_group_array"),
        "spark": "sort_array(collect_list({0}))",
        "clickhouse": "arraySort(groupArray({0}))",
        "mysql mariadb": "CONCAT('[', GROUP_CONCAT({0} ORDER BY {0} SEPARATOR ','), ']')",
        "trino": f"array_sort({_ARRAY.format('array_agg')})",
        "bigquery": "ARRAY_AGG({0} IGNORE NULLS ORDER BY {0})",
    },
)


class quantile_of(FunctionElement[float]):  # noqa: N801
    """quantile_of(gathered, share): the quantile of what `gathered` has put together for this share."""

    type = Float()
    inherit_cache = True
    name = "quantile_of"

    def __init__(self, values: ColumnElement[Any], share: float) -> None:
        super().__init__(values, _literal(share))


def _weighted(place: str, item: str) -> str:
    """The items of an ascending list on either side of a place, counted from 0, weighted by how near they are."""
    below, above = (item.format(at=f"{side}({place})") for side in ("FLOOR", "CEIL"))
    return f"({below} + ({place} - FLOOR({place})) * ({above} - {below}))"


def quantile_of_json(values: str, share: str) -> str:
    """The quantile of a JSON list in ascending order: the values on either side of its place, weighted."""
    place = f"(JSON_LENGTH({values}) - 1) * {share}"
    below, above = (
        f"CAST(JSON_EXTRACT({values}, CONCAT('$[', {side}({place}), ']')) AS DOUBLE)" for side in ("FLOOR", "CEIL")
    )
    return f"({below} + MOD({place}, 1) * ({above} - {below}))"


_AWAY = "abs(row_number() OVER (ORDER BY value) - 1 - (count(*) OVER () - 1) * {1})"
_CLICKHOUSE = _weighted("((length({0}) - 1) * {1})", "CAST({{0}}[CAST({at} AS Int64) + 1] AS Float64)")
spelled(
    quantile_of,
    {
        "": "{0}",
        "sqlite": "(SELECT sum(CASE WHEN away < 1 THEN (1 - away) * value ELSE 0.0 END) "
        f"FROM (SELECT value, {_AWAY} AS away FROM json_each({{0}})))",
        "spark": _weighted("(size({0}) - 1) * CAST({1} AS DOUBLE)", "CAST(get({{0}}, CAST({at} AS INT)) AS DOUBLE)"),
        "clickhouse": f"if(empty({{0}}), NULL, {_CLICKHOUSE})",
        "mysql mariadb": quantile_of_json("{0}", "{1}"),
        "trino": _weighted(
            "((cardinality({0}) - 1) * CAST({1} AS DOUBLE))",
            "CAST(element_at({{0}}, CAST({at} AS INTEGER) + 1) AS DOUBLE)",
        ),
        "bigquery": _weighted(
            "((ARRAY_LENGTH({0}) - 1) * {1})", "CAST({{0}}[SAFE_OFFSET(CAST({at} AS INT64))] AS FLOAT64)"
        ),
    },
)
