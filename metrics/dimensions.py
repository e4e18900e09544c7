"""How a row belongs to a group: the customer's region, the deal's owner, the order's channel, the line's category.

Every group of a dimension is found by joining one row to at most one row, so that nothing is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Select, func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from data_access.access import Crm
from data_access.source import Source
from metrics.filters import CUSTOMER_DIMENSIONS

MAX_VALUES = 500
OF_CUSTOMERS = (*CUSTOMER_DIMENSIONS, "acquired_channel")


@dataclass(frozen=True)
class Grouped:
    """Rows with the tables that name their group."""

    rows: FromClause
    join_from: FromClause

    @property
    def c(self) -> Any:
        return self.rows.c


def grouped(crm: Crm, rows: Select[Any], dimension: str) -> tuple[Grouped, ColumnElement[Any]]:
    """Rows, joined to what names their group, and the group's column."""
    return joined(crm, rows.subquery("counted"), dimension)


def joined(crm: Crm, case: FromClause, dimension: str) -> tuple[Grouped, ColumnElement[Any]]:
    """`grouped` of rows that are a table already."""
    if dimension in OF_CUSTOMERS:
        people = crm.table("customers")
        return Grouped(case, case.outerjoin(people, people.c.customer_id == case.c.customer_id)), people.c[dimension]
    if dimension == "owner":
        users = crm.table("users")
        return Grouped(case, case.outerjoin(users, users.c.user_id == case.c.owner_id)), users.c.name
    if dimension == "team":
        users, teams = crm.table("users"), crm.table("teams")
        owned = case.outerjoin(users, users.c.user_id == case.c.owner_id)
        team = func.coalesce(case.c.team_id, users.c.team_id) if "team_id" in case.c else users.c.team_id
        return Grouped(case, owned.outerjoin(teams, teams.c.team_id == team)), teams.c.name
    return Grouped(case, case), case.c[dimension]


def values_query(crm: Crm, dimension: str) -> Select[Any]:
    """Columns: value, label; what a filter of a dimension can be set to, among the rows that the viewer may see."""
    if dimension in CUSTOMER_DIMENSIONS:
        column = crm.table("customers").c[dimension]
    elif dimension == "channel":
        column = crm.table("orders" if crm.has("orders") else "opportunities").c.channel
    elif dimension == "category":
        column = crm.table("products").c.category
    else:
        table, key = ("users", "user_id") if dimension == "owner" else ("teams", "team_id")
        rows = crm.table(table).c
        return (
            select(rows[key].label("value"), rows.name.label("label")).order_by(rows.name, rows[key]).limit(MAX_VALUES)
        )
    value = column.label("value")
    return select(value, column.label("label")).where(column.is_not(None)).distinct().order_by(value).limit(MAX_VALUES)


def values(source: Source, dimension: str) -> pd.DataFrame:
    """Frame: value, label. Raises NotHeldError when the source holds no such table."""
    return source.fetch(values_query(source.crm, dimension))
