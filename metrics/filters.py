"""WHO is asked about: filters narrow the tables. They can only remove rows (or parts of an order's amount).

    region, country, segment    of the customer, today's value
    channel                     of the order, the deal or the lead itself
    owner, team                 of the order, the deal or the lead itself
    category                    of the products in the order; amounts are cut to those lines' share

The value `(none)` stands for rows where nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, Select, and_, case, cast, func, null, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from data_access.access import Crm, only_customers, only_with_whole
from data_access.functions import as_written
from metrics.question import Filters

NONE = "(none)"
NO_TEXT = "\0"
CUSTOMER_DIMENSIONS = ("region", "country", "segment")
OWN_DIMENSION_TABLES = ("orders", "opportunities", "leads")
OWN_COLUMNS = {"channel": "channel", "owner": "owner_id"}
SHARED_AMOUNTS = ("gross", "discount", "net", "tax", "shipping", "refunded", "net_base", "refunded_base")


def narrow(crm: Crm, filters: Filters, applicable: Sequence[str]) -> Crm:
    """The tables with only what the filters ask about; `applicable` names the dimensions that mean something here."""
    chosen = {name: values for name, values in filters.where if name in applicable}
    wanted = {name: values for name, values in chosen.items() if name in CUSTOMER_DIMENSIONS}
    for name in wanted:
        need(crm, "customers", name)
    if wanted:
        crm = only_customers(crm, lambda people: and_(*(among(people[name], wanted[name]) for name in wanted)))
    for name in ("channel", "owner", "team"):
        if name in chosen:
            crm = _narrow_rows(crm, name, chosen[name])
    crm = crm.narrowed(OnlyCategories(chosen["category"])) if "category" in chosen else crm
    return crm.narrowed(only_with_whole) if chosen else crm


def need(crm: Crm, table: str, column: str) -> None:
    """Raise NotHeldError when the source holds no such column: to filter by it would leave nothing."""
    crm.table(table)
    if column not in crm.facts.columns[table]:
        raise crm.lack(table, column)


def among(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """`column` has one of the values; `(none)` stands for null. A value with a zero byte is in no database."""
    named = [value for value in values if value != NONE and NO_TEXT not in value]
    parts = [as_written(column).in_(named)] if named or NONE not in values else []
    if NONE in values:
        parts.append(column.is_(None))
    return or_(*parts)


def _narrow_rows(crm: Crm, dimension: str, values: Sequence[str]) -> Crm:
    def narrowing(below: Crm, name: str, rows: Select[Any]) -> Select[Any]:
        if name not in OWN_DIMENSION_TABLES:
            return rows
        row = rows.selected_columns
        if dimension != "team":
            need(below, name, OWN_COLUMNS[dimension])
        if dimension == "team":
            return rows.where(_is_of_team(below, row, values))
        return rows.where(among(row[OWN_COLUMNS[dimension]], values))

    return crm.narrowed(narrowing)


def _is_of_team(crm: Crm, row: Any, values: Sequence[str]) -> ColumnElement[bool]:
    """The team of a row, its own or else its owner's, is among the values; a set of owners, no look at each row."""
    users = crm.table("users").alias("owner").c
    named = [value for value in values if value != NONE]
    owner_is: list[ColumnElement[bool]] = [row.owner_id.in_(select(users.user_id).where(among(users.team_id, named)))]
    if NONE in values:
        has_team = select(users.user_id).where(users.team_id.is_not(None))
        owner_is += [row.owner_id.is_(None), row.owner_id.not_in(has_team)]
    if "team_id" not in row:
        return or_(*owner_is)
    return or_(among(row.team_id, named), and_(row.team_id.is_(None), or_(*owner_is)))


@dataclass(frozen=True)
class OnlyCategories:
    """Orders with at least one line of the categories, their amounts cut to those lines' share."""

    values: Sequence[str]

    def __call__(self, below: Crm, name: str, rows: Select[Any]) -> Select[Any]:
        return _shared_orders(below, self.values) if name == "orders" else rows


def before_categories(crm: Crm) -> tuple[Crm, Sequence[str]]:
    """The tables in which orders have their whole amounts yet, and the categories to which they are cut (none: all)."""
    cut: Crm | None = crm
    while cut is not None:
        if isinstance(cut.narrowing, OnlyCategories) and cut.below is not None:
            return cut.below, cut.narrowing.values
        cut = cut.below
    return crm, ()


def _shared_orders(crm: Crm, values: Sequence[str]) -> Select[Any]:
    orders, shares = crm.table("orders"), category_shares(crm)
    chosen = func.sum(case((among(shares.c.category, values), shares.c.share))).label("share")
    wanted = select(shares.c.order_id, chosen).group_by(shares.c.order_id).subquery("wanted")
    # An order without lines is one whose category is not known, as in a breakdown by category.
    share = case((wanted.c.order_id.is_(None), 1.0 if NONE in values else null()), else_=wanted.c.share)
    columns = [
        (cast(column, Float) * share).label(column.name) if column.name in SHARED_AMOUNTS else column
        for column in orders.c
    ]
    joined = orders.outerjoin(wanted, wanted.c.order_id == orders.c.order_id)
    return select(*columns).select_from(joined).where(share.is_not(None))


def category_shares(crm: Crm) -> FromClause:
    """One row per order and category: order_id, category, share of the order's lines by net value; shares add up to 1.

    An order whose lines add up to nothing is shared by number of lines.
    """
    # Every reader joins the shares to orders that it may see: to look for those orders here too would be idle work.
    items, products = crm.beneath("order_items"), crm.table("products")
    line = (
        select(
            items.c.order_id,
            products.c.category,
            func.sum(cast(items.c.net, Float)).label("net"),
            func.count().label("lines"),
        )
        .select_from(items.outerjoin(products, products.c.product_id == items.c.product_id))
        .group_by(items.c.order_id, products.c.category)
        .subquery("line")
    )
    whole = func.sum(line.c.net).over(partition_by=line.c.order_id)
    lines = cast(func.sum(line.c.lines).over(partition_by=line.c.order_id), Float)
    share = func.coalesce(line.c.net / func.nullif(whole, 0, type_=Float), line.c.lines / lines)
    return select(line.c.order_id, line.c.category, share.label("share")).subquery("shares")
