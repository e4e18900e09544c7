"""What must hold in a company's data, each as one select over the canonical tables that finds where it does not.

A select gives the rows' key as text in `example`; the doctor counts them and shows the first. Only columns that the
source holds are asked for. The rules bear the names that a load gives the same faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Select,
    String,
    Table,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from data_access.loading.cells import FIRST_DAY
from data_access.loading.checks import CENT, CLEARED_ORDER, COUNTED_STATUSES, QUARANTINED_ORDER, SHARES
from data_access.schema import HAPPENED_AT, TABLES

LINES = "the lines of the order do not add up to it; they are net too, without tax and less their share of a discount"
ROUNDING = 0.005  # half a cent for each line of an order


@dataclass(frozen=True)
class Held:
    """What a source holds: its tables with the columns that can be used, its base currency and as-of moment."""

    columns: Mapping[str, frozenset[str]]
    base_currency: str | None
    as_of: datetime | None

    def has(self, table: str, *names: str) -> bool:
        """True when the source holds all of these columns."""
        return table in self.columns and set(names) <= self.columns[table]


@dataclass(frozen=True)
class Invariant:
    """Rows that should not be: the rule they break, where, and what it means."""

    rule: str
    table: str
    column: str
    rows: Select[Any]
    text: str


def _key(table: Table, held: Held) -> ColumnElement[Any]:
    """The key of a row as text, for examples."""
    parts = [cast(c, String) for c in table.primary_key.columns if c.name in held.columns[table.name]]
    text: ColumnElement[Any] = parts[0] if parts else literal("")
    for part in parts[1:]:
        text = text + literal("|") + part
    return text.label("example")


def every(held: Held) -> Iterator[Invariant]:
    """Every invariant that this source can be asked for."""
    finders: tuple[Callable[[Held], Iterator[Invariant]], ...] = (
        _keys,
        _codes,
        _references,
        _order_of_dates,
        _after_as_of,
        _null_dates,
        _shares,
        _order_lines,
        _refunds,
        _cancelled,
        _closings,
        _history_gaps,
        _history_ends,
        _rates,
        _scores,
    )
    for finder in finders:
        yield from finder(held)


def _keys(held: Held) -> Iterator[Invariant]:
    for name in held.columns:
        table = TABLES[name]
        keys = list(table.primary_key.columns)
        if keys and held.has(name, *(c.name for c in keys)):
            rows = select(_key(table, held)).group_by(*keys).having(func.count() > 1)
            yield Invariant("duplicate_key", name, keys[0].name, rows, "keys that several rows have")


def _codes(held: Held) -> Iterator[Invariant]:
    for name, columns in held.columns.items():
        for column in TABLES[name].columns:
            if "values" in column.info and column.name in columns:
                rows = select(column.label("example")).where(column.is_not(None), column.not_in(column.info["values"]))
                permitted = ", ".join(column.info["values"])
                yield Invariant("unknown_code", name, column.name, rows, f"permitted are {permitted}")


def _references(held: Held) -> Iterator[Invariant]:
    for name, columns in held.columns.items():
        for column in TABLES[name].columns:
            for key in column.foreign_keys:
                target, target_column = key.target_fullname.split(".")
                if column.name in columns and held.has(target, target_column):
                    yield _orphans(held, column, TABLES[target].c[target_column])


def _orphans(held: Held, column: Column[Any], key: Column[Any]) -> Invariant:
    parent = key.table.alias("parent")
    found = exists().where(parent.c[key.name] == column)
    rows = select(column.label("example")).where(column.is_not(None), ~found)
    return Invariant("unknown_reference", column.table.name, column.name, rows, f"not in `{key.table.name}`")


def _order_of_dates(held: Held) -> Iterator[Invariant]:
    for name, earlier, later in (*QUARANTINED_ORDER, *CLEARED_ORDER):
        if held.has(name, earlier, later):
            table = TABLES[name]
            rows = select(_key(table, held)).where(table.c[later] < table.c[earlier])
            yield Invariant("date_order", name, later, rows, f"earlier than `{earlier}`")


def _after_as_of(held: Held) -> Iterator[Invariant]:
    if held.as_of is None:
        return
    for name, column in HAPPENED_AT.items():
        if held.has(name, column):
            table = TABLES[name]
            rows = select(_key(table, held)).where(table.c[column] > literal(held.as_of, DateTime()))
            yield Invariant("after_as_of", name, column, rows, f"later than {held.as_of}; never counted")


def _null_dates(held: Held) -> Iterator[Invariant]:
    first = datetime.fromisoformat(FIRST_DAY)
    for name, column in HAPPENED_AT.items():
        if held.has(name, column):
            table = TABLES[name]
            rows = select(_key(table, held)).where(table.c[column] < literal(first, DateTime()))
            yield Invariant("implausible_date", name, column, rows, "a date that stands for `none` in other systems")


def _shares(held: Held) -> Iterator[Invariant]:
    for name, column in SHARES:
        if held.has(name, column):
            cell = TABLES[name].c[column]
            rows = select(_key(TABLES[name], held)).where(or_(cell < 0, cell > 1))
            yield Invariant("out_of_range", name, column, rows, "not between 0 and 1")


def _order_lines(held: Held) -> Iterator[Invariant]:
    if not (held.has("orders", "order_id", "net") and held.has("order_items", "order_id", "net")):
        return
    order, item = TABLES["orders"].c, TABLES["order_items"].c
    lines = (
        select(item.order_id, func.sum(item.net).label("lines"), func.count().label("n"))
        .group_by(item.order_id)
        .subquery()
    )
    rows = (
        select(order.order_id.label("example"))
        .join(lines, lines.c.order_id == order.order_id)
        .where(func.abs(lines.c.lines - order.net) > 0.01 + ROUNDING * lines.c.n)
    )
    yield Invariant("items_differ", "orders", "net", rows, LINES)


def _refunds(held: Held) -> Iterator[Invariant]:
    if not held.has("orders", "order_id", "net", "refunded", "document"):
        return
    order = TABLES["orders"].c
    is_order = and_(order.document != "credit_note", order.net >= 0)
    rows = select(order.order_id.label("example"))
    negative, more = rows.where(is_order, order.refunded < 0), rows.where(is_order, order.refunded > order.net + CENT)
    twice = rows.where(~is_order, order.refunded != 0)
    yield Invariant("refund_sign", "orders", "refunded", negative, "negative, and so raises revenue")
    yield Invariant(
        "refund_exceeds", "orders", "refunded", more, "more than the order's `net`; is tax or shipping in it?"
    )
    yield Invariant("credit_note_refunded", "orders", "refunded", twice, "a credit note is the refund already")


def _cancelled(held: Held) -> Iterator[Invariant]:
    if held.has("orders", "order_id", "status", "cancelled_at"):
        order = TABLES["orders"].c
        rows = select(order.order_id.label("example"))
        rows = rows.where(order.cancelled_at.is_not(None), order.status.in_(COUNTED_STATUSES))
        yield Invariant(
            "cancelled_but_valid", "orders", "cancelled_at", rows, "cancelled, and its status says it counts"
        )


def _closings(held: Held) -> Iterator[Invariant]:
    if not held.has("opportunities", "opportunity_id", "outcome", "closed_at"):
        return
    deal = TABLES["opportunities"].c
    missing = select(deal.opportunity_id.label("example")).where(
        deal.outcome.in_(("won", "lost")), deal.closed_at.is_(None)
    )
    yield Invariant("closing_missing", "opportunities", "closed_at", missing, "won or lost without a closing moment")
    early = select(deal.opportunity_id.label("example")).where(deal.outcome == "open", deal.closed_at.is_not(None))
    yield Invariant("open_deal_closed", "opportunities", "closed_at", early, "open and yet with a closing moment")


def _history_gaps(held: Held) -> Iterator[Invariant]:
    for name, owner in (("stage_history", "opportunity_id"), ("ticket_history", "ticket_id")):
        if held.has(name, owner, "seq", "entered_at", "left_at"):
            stay = TABLES[name].c
            previous = func.lag(stay.left_at).over(partition_by=stay[owner], order_by=stay.seq)
            number = func.row_number().over(partition_by=stay[owner], order_by=stay.seq)
            stays = select(stay[owner], stay.entered_at, previous.label("previous"), number.label("place")).subquery()
            broken = or_(stays.c.previous.is_(None), stays.c.previous != stays.c.entered_at)
            rows = select(stays.c[owner].label("example")).where(stays.c.place > 1, broken)
            yield Invariant("history_broken", name, "entered_at", rows, "does not begin where the previous stay ended")


def _history_ends(held: Held) -> Iterator[Invariant]:
    wanted = ("opportunity_id", "seq", "stage_id")
    if not (held.has("stage_history", *wanted) and held.has("opportunities", "opportunity_id", "stage_id")):
        return
    stay, deal = TABLES["stage_history"].c, TABLES["opportunities"].c
    last = select(stay.opportunity_id, func.max(stay.seq).label("seq")).group_by(stay.opportunity_id).subquery()
    rows = (
        select(deal.opportunity_id.label("example"))
        .join(last, last.c.opportunity_id == deal.opportunity_id)
        .join(TABLES["stage_history"], and_(stay.opportunity_id == last.c.opportunity_id, stay.seq == last.c.seq))
        .where(stay.stage_id != deal.stage_id)
    )
    yield Invariant(
        "history_end", "stage_history", "stage_id", rows, "the last stay is not in the deal's present stage"
    )
    without = select(deal.opportunity_id.label("example")).where(
        ~exists().where(stay.opportunity_id == deal.opportunity_id)
    )
    if held.has("opportunities", "is_deleted_in_source"):  # such deals count nowhere, and a log may go with its deal
        without = without.where(deal.is_deleted_in_source.is_not(True))
    yield Invariant("history_missing", "stage_history", "opportunity_id", without, "deals without any stay")


def _rates(held: Held) -> Iterator[Invariant]:
    for name, moment, base in (("orders", "net", "net_base"), ("opportunities", "amount", "amount_base")):
        if held.base_currency and held.has(name, "currency", moment, base):
            row = TABLES[name].c
            rows = select(row.currency.label("example")).where(row[moment].is_not(None), row[base].is_(None))
            yield Invariant("rate_missing", name, base, rows, "no amount in the base currency; left out of totals")


def _scores(held: Held) -> Iterator[Invariant]:
    answers = held.has("survey_answers", "response_id", "score") and held.has(
        "survey_responses", "response_id", "survey_id"
    )
    if not (answers and held.has("surveys", "survey_id", "scale_min", "scale_max")):
        return
    answer, response, survey = (TABLES[name] for name in ("survey_answers", "survey_responses", "surveys"))
    outside = or_(answer.c.score < survey.c.scale_min, answer.c.score > survey.c.scale_max)
    joined = answer.join(response, response.c.response_id == answer.c.response_id)
    joined = joined.join(survey, survey.c.survey_id == response.c.survey_id)
    rows = select(_key(answer, held)).select_from(joined).where(outside)
    yield Invariant("score_out_of_scale", "survey_answers", "score", rows, "outside the scale of its survey")
