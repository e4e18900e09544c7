"""What counts as a sale: the rows behind revenue, orders, customers and everything made of them.

A valid order is confirmed or partly refunded, no test, no credit note. Its revenue is net of discount and refunds,
without tax, in the base currency: net_base - refunded_base. A credit note lowers revenue on its own date and is no
order. A row in a foreign currency without a rate is an order whose revenue is unknown: it is counted as an order,
left out of money, and the answer says how many there are.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, Numeric, Select, and_, case, cast, func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from data_access.access import Crm
from metrics.figure import NOBODY, Row
from metrics.filters import among, before_categories, category_shares
from metrics.periods import Span
from metrics.results import Note, note

COUNTED = ("confirmed", "partly_refunded")
CREDIT_NOTE = "credit_note"
EXACT = Numeric(24, 6, asdecimal=False)


def rate_of(crm: Crm, order: Any) -> ColumnElement[Any]:
    """Base currency for one unit of the order's currency; null where it is not known."""
    implied = cast(order.net_base, Float) / func.nullif(cast(order.net, Float), 0, type_=Float)
    return cast(func.coalesce(order.fx_to_base, _at_par(crm, order), implied), Float)


def _at_par(crm: Crm, order: Any) -> ColumnElement[Any]:
    """1 in the base currency, else null."""
    return case((order.currency == crm.settings.base_currency, 1.0))


def revenue_of(crm: Crm, order: Any) -> ColumnElement[Any]:
    """Net revenue of a row in the base currency; null where its rate is not known."""
    rate = rate_of(crm, order)
    known = cast(func.coalesce(order.fx_to_base, _at_par(crm, order)), Float)  # without net_base nothing is implied
    net = func.coalesce(order.net_base, cast(cast(order.net, Float) * known, EXACT))
    nothing = func.coalesce(order.refunded, 0) == 0
    refunded = case((nothing, 0), else_=cast(cast(order.refunded, Float) * rate, EXACT))
    return net - func.coalesce(order.refunded_base, refunded)


def is_valid_order(order: Any) -> ColumnElement[bool]:
    """The row is an order that counts."""
    return and_(order.status.in_(COUNTED), order.is_test.is_(False), order.document != CREDIT_NOTE)


def is_sale(order: Any) -> ColumnElement[bool]:
    """The row is an order that counts, or a credit note."""
    return and_(order.status.in_(COUNTED), order.is_test.is_(False))


def valid_orders(crm: Crm, span: Span | None = None) -> Select[Any]:
    """One row per valid order: order_id, customer_id, happened_at, revenue, channel, owner_id."""
    rows = crm.once(valid_orders, lambda: select(*_columns(crm)).where(is_valid_order(crm.orders.c)))
    return rows.where(*_within(crm.orders.c, span))


def customers_orders(crm: Crm) -> Select[Any]:
    """The valid orders whose customer is known: orders of nobody are not the orders of one."""
    return crm.once(customers_orders, lambda: valid_orders(crm).where(crm.orders.c.customer_id.is_not(None)))


def sales(crm: Crm, span: Span | None = None) -> Select[Any]:
    """One row per valid order or credit note: the columns of `valid_orders`, and for sums, each 1 or 0: is_order,
    is_unpriced (no rate is known), is_priced, is_priced_order; `nobody` tells orders apart whose customer is not known,
    where there may be such.
    """
    rows = crm.once(sales, lambda: _sales(crm))
    return rows.where(*_within(crm.orders.c, span))


def _sales(crm: Crm) -> Select[Any]:
    order = crm.orders.c
    revenue, is_order = revenue_of(crm, order), order.document != CREDIT_NOTE
    marks = {
        "is_order": is_order,
        "is_unpriced": revenue.is_(None),
        "is_priced": revenue.is_not(None),
        "is_priced_order": and_(is_order, revenue.is_not(None)),
    }
    columns = [case((mark, 1), else_=0).label(name) for name, mark in marks.items()]
    if crm.facts.is_unchecked:
        columns.append(case((order.customer_id.is_(None), order.order_id)).label(NOBODY))
    return select(*_columns(crm), *columns).where(is_sale(order))


def _columns(crm: Crm) -> tuple[ColumnElement[Any], ...]:
    order = crm.orders.c
    return (
        order.order_id,
        order.customer_id,
        order.ordered_at.label("happened_at"),
        revenue_of(crm, order).label("revenue"),
        order.channel,
        order.owner_id,
    )


def listed_sales(rows: Select[Any]) -> Select[Any]:
    """Sales as they are listed: what only sums need is left out."""
    return _without(rows, "is_priced", "is_priced_order", NOBODY)


def listed_orders(rows: Select[Any]) -> Select[Any]:
    """The orders among sales, as they are listed."""
    is_order = rows.selected_columns.is_order == 1
    return _without(rows.where(is_order), "is_unpriced", "is_priced", "is_priced_order", NOBODY)


def _without(rows: Select[Any], *names: str) -> Select[Any]:
    return rows.with_only_columns(*(c for c in rows.selected_columns if c.key not in names))


def _within(order: Any, span: Span | None) -> list[ColumnElement[bool]]:
    return [] if span is None else [span.holds(order.ordered_at)]


def first_orders(crm: Crm) -> FromClause:
    """One row per customer who ever ordered: customer_id, happened_at (moment of the first valid order)."""
    order = customers_orders(crm).subquery("valid")
    first = func.min(order.c.happened_at).label("happened_at")
    return select(order.c.customer_id, first).group_by(order.c.customer_id).subquery("first")


def rows_by_category(crm: Crm, span: Span) -> Select[Any]:
    """One row per sale and category of its lines, its revenue cut to their share: the columns of `sales` and category.

    Parts add up to the whole: a sale without lines is one row whose category is not known. Where categories are chosen
    only theirs are given, of the whole order: to share an amount that is cut already would cut it twice.
    """
    whole, chosen = before_categories(crm)
    sale, share = sales(whole, span).subquery("sale"), category_shares(whole)
    part = func.coalesce(share.c.share, 1.0)
    columns = [(cast(c, Float) * part).label("revenue") if c.name == "revenue" else c for c in sale.c]
    joined = sale.outerjoin(share, share.c.order_id == sale.c.order_id)
    rows = select(*columns, share.c.category).select_from(joined)
    return rows.where(among(share.c.category, chosen)) if chosen else rows


def unpriced_note(n: float) -> tuple[Note, ...]:
    """The note that says how many orders have no rate; none when all have one."""
    return (note("rows_without_rate", n=int(n)),) if n > 0 else ()


def unpriced_before(then: Row) -> tuple[Note, ...]:
    """The same of the period compared with: what is missing there passes for a rise."""
    n = then.get("unpriced", 0)
    return (note("baseline_without_rate", n=int(n)),) if n > 0 else ()
