"""Exact quantiles in SQL that every engine can run: by rank, with linear interpolation (type 7 of Hyndman & Fan 1996).

h = (n - 1) x share; quantile = x[floor(h)] + (h - floor(h)) x (x[floor(h) + 1] - x[floor(h)]), counted from 0
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, Select, case, cast, func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause


def quantile_query(rows: FromClause, value: str, share: float, group: str | None = None) -> Select[Any]:
    """Columns: [group,] quantile, n; of the column `value` of `rows`, nulls left out."""
    column, keys = rows.c[value], [] if group is None else [rows.c[group]]
    place = func.row_number().over(partition_by=keys, order_by=column) - 1
    n = func.count().over(partition_by=keys)
    ranked = (
        select(*keys, cast(column, Float).label("x"), place.label("place"), n.label("n"))
        .where(column.is_not(None))
        .subquery("ranked")
    )
    h = (ranked.c.n - 1) * share
    weight: ColumnElement[Any] = 1 - func.abs(ranked.c.place - h)
    near = case((weight > 0, weight * ranked.c.x), else_=0.0)
    names = [] if group is None else [ranked.c[group].label("group")]
    query = select(*names, func.sum(near).label("quantile"), func.max(ranked.c.n).label("n"))
    return query.group_by(ranked.c[group]) if group is not None else query
