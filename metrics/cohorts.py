"""Cohorts: which customers began together, and what each of them did in every period since.

    entry      a customer's place in a cohort: the period of the first valid order ever, or (recurring) every period
               with a valid order
    step       calendar: the first day of the period in which something happened; rolling: the whole windows that had
               passed since the order that began the entry

A valid order makes a customer active; a credit note only lowers revenue, on its own date. Filters are applied before
the first order is looked for. A rolling window has 24 hours, 7, 30, 91 or 365 days of elapsed seconds, so the hour that
is lost or gained in spring and autumn plays no part. Revenue is net of discounts, refunds and credit notes; gross
revenue is the same before refunds and credit notes. Source: docs/metrics.md#retention
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Float,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import CTE, FromClause

from data_access.access import Crm
from data_access.calendar import Calendar, Grain, add_grains
from data_access.functions import add_seconds, seconds_between, whole
from metrics.figure import count_of
from metrics.filters import among
from metrics.periods import NEARLY, Period
from metrics.sales import CREDIT_NOTE, EXACT, is_sale, rate_of, revenue_of, valid_orders

DAY = 86400
WINDOW_DAYS = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 30, Grain.QUARTER: 91, Grain.YEAR: 365}
LONGEST_DAYS = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 31, Grain.QUARTER: 92, Grain.YEAR: 366}
FIRST_CHANNEL = "first_channel"
CUSTOMERS, REVENUE, GROSS, KEPT = MEASURES = ("customers", "revenue", "gross_revenue", "kept_revenue")


@dataclass(frozen=True)
class Rules:
    """How customers are put into cohorts and followed.

    Cohorts begin on days from `start` up to, not including, `end`, both first days of a bucket of `grain`.
    """

    grain: Grain
    start: date
    end: date
    is_recurring: bool = False
    is_rolling: bool = False
    or_after: bool = False
    by: str = ""
    max_age: int = 24

    @property
    def window(self) -> int:
        """Length of a rolling window in seconds."""
        return WINDOW_DAYS[self.grain] * DAY

    @property
    def window_text(self) -> ColumnElement[float]:
        """The window, written into the text: what is grouped by must read the same everywhere."""
        return literal_column(f"{self.window}.0", Float())

    @property
    def reach(self) -> ColumnElement[int]:
        """Seconds after the beginning of a cohort within which every age that is asked for begins."""
        days = (WINDOW_DAYS if self.is_rolling else LONGEST_DAYS)[self.grain]
        return literal((self.max_age + 1) * days * DAY, BigInteger)


def whole_buckets(period: Period, grain: Grain, calendar: Calendar) -> Period:
    """The period stretched to whole buckets."""
    last = calendar.floor(period.end - timedelta(days=1), grain)
    return Period(calendar.floor(period.start, grain), add_grains(last, grain))


# -- what happened --------------------------------------------------------------------------------------------------
def sale_rows(crm: Crm) -> Select[Any]:
    """One row per valid order or credit note of a customer: customer_id, happened_at, is_order, revenue, gross."""
    order = crm.orders.c
    is_credit_note = order.document == CREDIT_NOTE
    net = func.coalesce(order.net_base, cast(cast(order.net, Float) * rate_of(crm, order), EXACT))
    return select(
        order.customer_id,
        order.ordered_at.label("happened_at"),
        case((is_credit_note, 0), else_=1).label("is_order"),
        revenue_of(crm, order).label("revenue"),
        case((is_credit_note, 0), else_=net).label("gross"),
    ).where(is_sale(order), order.customer_id.is_not(None))


def _sums(sale: Any) -> list[ColumnElement[Any]]:
    """orders, revenue, gross and unpriced (rows without a rate) of a group of sales."""
    return [
        cast(func.sum(sale.is_order), Integer).label("orders"),
        func.sum(sale.revenue).label("revenue"),
        func.sum(sale.gross).label("gross"),
        cast(func.count() - func.count(sale.revenue), Integer).label("unpriced"),
    ]


def activity(crm: Crm, grain: Grain) -> CTE:
    """One row per customer and bucket with a sale: customer_id, step, orders, revenue, gross, unpriced."""
    sale = sale_rows(crm).subquery("sale").c
    step = crm.bucket(sale.happened_at, grain).label("step")
    return select(sale.customer_id, step, *_sums(sale)).group_by(sale.customer_id, step).cte("activity")


def done(crm: Crm, rules: Rules) -> CTE:
    """What customers did, read once: single sales for rolling ages, sums per bucket for calendar ones."""
    return sale_rows(crm).cte("sale") if rules.is_rolling else activity(crm, rules.grain)


# -- who began when -------------------------------------------------------------------------------------------------
def entries(crm: Crm, rules: Rules, did: CTE) -> CTE:
    """One row per customer and cohort: customer_id, cohort, [group, last]; rolling: began (moment) and observed.

    `last` is the step of the customer's last order, where `rules.or_after` needs it; `observed` the last age whose
    window was over by the as-of moment, -1 when not even the first was.
    """
    rows = _rolling_entries(crm, rules, did) if rules.is_rolling else _calendar_entries(rules, did)
    if rules.or_after:
        rows = _with_last(rules, did, rows)
    return (rows if not rules.by else _with_group(crm, rules.by, rows)).cte("entry")


def _calendar_entries(rules: Rules, did: CTE) -> Select[Any]:
    row = did.c
    first = row.step if rules.is_recurring else func.min(row.step)
    lies_within = [first >= literal(rules.start), first < literal(rules.end)]
    query = select(row.customer_id, first.label("cohort")).where(row.orders > 0)
    if rules.is_recurring:
        return query.where(*lies_within)
    return query.group_by(row.customer_id).having(and_(*lies_within))


def _rolling_entries(crm: Crm, rules: Rules, did: CTE) -> Select[Any]:
    start, end = (literal(crm.calendar.to_utc(day)) for day in (rules.start, rules.end))
    row, began = did.c, func.min(did.c.happened_at)
    query = select(row.customer_id, began.label("began")).where(row.is_order == 1)
    if rules.is_recurring:
        query = query.where(row.happened_at >= start, row.happened_at < end)
        query = query.group_by(row.customer_id, crm.bucket(row.happened_at, rules.grain))
    else:
        query = query.group_by(row.customer_id).having(and_(began >= start, began < end))
    entry = query.subquery("begun").c
    seen = seconds_between(entry.began, literal(crm.until + NEARLY))
    observed = whole(seen / rules.window_text) - 1
    cohort = crm.bucket(entry.began, rules.grain)
    return select(entry.customer_id, cohort.label("cohort"), entry.began, observed.label("observed"))


def _with_last(rules: Rules, did: CTE, rows: Select[Any]) -> Select[Any]:
    row, entry = did.c, rows.subquery("begun_on")
    moment, is_order = (row.happened_at, row.is_order == 1) if rules.is_rolling else (row.step, row.orders > 0)
    latest = select(row.customer_id, func.max(moment).label("moment")).where(is_order).group_by(row.customer_id)
    last = latest.subquery("latest")
    step: ColumnElement[Any] = last.c.moment
    if rules.is_rolling:
        step = whole(seconds_between(entry.c.began, last.c.moment) / rules.window_text)
    joined = entry.join(last, last.c.customer_id == entry.c.customer_id)
    return select(*entry.c, step.label("last")).select_from(joined)


def _with_group(crm: Crm, by: str, rows: Select[Any]) -> Select[Any]:
    entry = rows.subquery("placed")
    names = first_channels(crm) if by == FIRST_CHANNEL else crm.table("customers")
    group = names.c.channel if by == FIRST_CHANNEL else names.c[by]
    joined = entry.outerjoin(names, names.c.customer_id == entry.c.customer_id)
    return select(*entry.c, group.label("group")).select_from(joined)


def first_channels(crm: Crm) -> FromClause:
    """One row per customer: customer_id, channel (of the first valid order; of two at one instant the lower key)."""
    order = valid_orders(crm).subquery("valid").c
    place = func.row_number().over(partition_by=order.customer_id, order_by=[order.happened_at, order.order_id])
    ranked = select(order.customer_id, order.channel, place.label("place")).subquery("ranked")
    return select(ranked.c.customer_id, ranked.c.channel).where(ranked.c.place == 1).subquery("first_channel")


# -- what they did since --------------------------------------------------------------------------------------------
def returns(rules: Rules, did: CTE, entry: CTE, is_bounded: bool = True) -> Select[Any]:
    """One row per entry and step with a sale: the entry's keys, step, orders, revenue, gross, unpriced.

    The rows behind every cell and behind every list. Rolling: only windows that were over, and always the first.
    `is_bounded` leaves out ages beyond the last one asked for.
    """
    keys = [column for column in entry.c if column.name != "began"]
    if not rules.is_rolling:
        later = [did.c.customer_id == entry.c.customer_id, did.c.step >= entry.c.cohort]
        if is_bounded:
            later.append(did.c.step < add_seconds(entry.c.cohort, rules.reach))
        sums = [did.c[name] for name in ("orders", "revenue", "gross", "unpriced")]
        return select(*keys, did.c.step, *sums).select_from(entry.join(did, and_(*later)))
    age = whole(seconds_between(entry.c.began, did.c.happened_at) / rules.window_text).label("step")
    later = [did.c.customer_id == entry.c.customer_id, did.c.happened_at >= entry.c.began]
    if is_bounded:
        later.append(did.c.happened_at < add_seconds(entry.c.began, rules.reach))
    query = select(*keys, age, *_sums(did.c)).select_from(entry.join(did, and_(*later))).group_by(*keys, age)
    return query.where(or_(age.element <= entry.c.observed, age.element == 0)) if is_bounded else query


def cells_query(crm: Crm, rules: Rules, measure: str = CUSTOMERS) -> Select[Any]:
    """One row per cohort and step with a sale.

    Columns: [group, observed,] cohort, step, active, revenue, gross_revenue, unpriced (rows without a rate).
    Where `rules.or_after` needs it, ended: customers whose last order lies here. For a measure of money amount, squares
    and products: sums over customers of the amount here, of its square, and of its product with the amount at age 0.
    """
    did = done(crm, rules)
    entry = entries(crm, rules, did)
    rows = returns(rules, did, entry)
    joined, row, more = _with_amounts(rules, rows, measure) if measure != CUSTOMERS else _plain(rows)
    keys = [row[name] for name in ("group", "observed", "cohort", "step") if name in row]
    if rules.or_after:
        more.append(count_of(row.step == row.last).label("ended"))
    return (
        select(
            *keys,
            count_of(row.orders > 0).label("active"),
            _money(func.sum(row.revenue)).label("revenue"),
            _money(func.sum(row.gross)).label("gross_revenue"),
            cast(func.sum(row.unpriced), Integer).label("unpriced"),
            *more,
        )
        .select_from(joined)
        .group_by(*keys)
    )


def _plain(rows: Select[Any]) -> tuple[FromClause, Any, list[Any]]:
    returned = rows.subquery("returned")
    return returned, returned.c, []


def _money(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.coalesce(amount, 0), Float)


def _with_amounts(rules: Rules, rows: Select[Any], measure: str) -> tuple[FromClause, Any, list[Any]]:
    """Rows joined to the same entry's amount at age 0, and the sums that a ratio's interval needs."""
    raw = rows.subquery("raw")
    named = raw.c.gross if measure == GROSS else raw.c.revenue
    amount = _positive(_money(named)) if measure == KEPT else _money(named)
    row = select(*raw.c, amount.label("amount")).cte("returned")
    start = row.alias("start")
    began = start.c.step == 0 if rules.is_rolling else start.c.step == start.c.cohort
    same = [start.c.customer_id == row.c.customer_id, began]
    if rules.is_recurring:
        same.append(start.c.cohort == row.c.cohort)
    base: ColumnElement[Any] = start.c.amount
    here: ColumnElement[Any] = row.c.amount
    if measure == KEPT:
        here = case((here < base, here), else_=base)
    sums = {"amount": here, "squares": here * here, "products": here * base}
    joined = row.join(start, and_(*same))
    return joined, row.c, [func.sum(value).label(name) for name, value in sums.items()]


def _positive(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((amount > 0, amount), else_=0.0)


# -- who is behind a cell -------------------------------------------------------------------------------------------
def members_query(
    crm: Crm, rules: Rules, cohort: date, age: int, groups: Sequence[str] = (), has_returned: bool = True
) -> Select[Any]:
    """The customers of a cohort who were active at an age, or (`has_returned` False) those observed who were not.

    Columns: customer_id, customer_name, first_order_at, orders and revenue (of that age), last_order_at; one row per
    customer, the latest first. There are as many rows as the cell says are active.
    """
    did = done(crm, rules)
    entry = entries(crm, rules, did)
    came = _came(rules, did, entry, cohort, age).subquery("came")
    joined = entry.outerjoin(came, came.c.customer_id == entry.c.customer_id)
    revenue = case((came.c.orders.is_(None), 0.0), else_=came.c.revenue)
    query = _named(crm, entry, joined, func.coalesce(came.c.orders, 0), revenue)
    orders = func.coalesce(came.c.orders, 0)
    query = query.where(entry.c.cohort == literal(cohort), orders > 0 if has_returned else orders == 0)
    if rules.is_rolling and age > 0:
        query = query.where(entry.c.observed >= age)
    return query.where(among(entry.c.group, groups)) if groups else query


def everyone_query(crm: Crm, rules: Rules, groups: Sequence[str] = ()) -> Select[Any]:
    """The customers of all cohorts, each once; columns as in `members_query`, orders and revenue of all time."""
    entry = entries(crm, rules, done(crm, rules))
    who = select(entry.c.customer_id).distinct()
    who = who.where(among(entry.c.group, groups)) if groups else who
    members = who.subquery("member")
    order = valid_orders(crm).subquery("counted").c
    sums = func.count().label("orders"), cast(func.sum(order.revenue), Float).label("revenue")
    bought = select(order.customer_id, *sums).group_by(order.customer_id).subquery("bought")
    joined = members.join(bought, bought.c.customer_id == members.c.customer_id)
    return _named(crm, members, joined, bought.c.orders, bought.c.revenue)


def _named(
    crm: Crm, members: FromClause, joined: FromClause, orders: ColumnElement[Any], revenue: ColumnElement[Any]
) -> Select[Any]:
    """Members with their names and the moments of their first and last orders, the latest first."""
    ever, people = _ever(crm), crm.table("customers") if crm.has("customers") else None
    joined = joined.outerjoin(ever, ever.c.customer_id == members.c.customer_id)
    if people is not None:
        joined = joined.outerjoin(people, people.c.customer_id == members.c.customer_id)
    query = select(
        members.c.customer_id,
        (literal_column("NULL", String()) if people is None else people.c.name).label("customer_name"),
        ever.c.first_order_at,
        cast(orders, Integer).label("orders"),
        revenue.label("revenue"),
        ever.c.last_order_at,
    )
    return query.select_from(joined).order_by(ever.c.last_order_at.desc(), members.c.customer_id)


def _came(rules: Rules, did: CTE, entry: CTE, cohort: date, age: int) -> Select[Any]:
    """customer_id, orders, revenue at an age of a cohort, or from it on."""
    rows = returns(rules, did, entry, is_bounded=False)
    needed = ("customer_id", "cohort", "step", "orders", "revenue")
    read = [column for column in rows.selected_columns if column.name in needed]
    row = rows.with_only_columns(*read, maintain_column_froms=True).subquery("returned").c
    step: Any = literal(age) if rules.is_rolling else literal(add_grains(cohort, rules.grain, age))
    at_age = row.step >= step if rules.or_after else row.step == step
    sums = func.sum(row.orders).label("orders"), cast(func.sum(row.revenue), Float).label("revenue")
    return select(row.customer_id, *sums).where(row.cohort == literal(cohort), at_age).group_by(row.customer_id)


def _ever(crm: Crm) -> FromClause:
    order = valid_orders(crm).subquery("valid").c
    first, last = func.min(order.happened_at), func.max(order.happened_at)
    columns = order.customer_id, first.label("first_order_at"), last.label("last_order_at")
    return select(*columns).group_by(order.customer_id).subquery("ever")
