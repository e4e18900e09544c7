"""Who may see what: the tables of one source, narrowed once, before any metric reads them.

`open_crm(database, policy, as_of)` gives a `Crm`: its tables hold no row of the company itself, none that was merged
away or deleted, none from after the as-of moment, and none that the policy hides; a part (a line, a stay in a stage,
an answer) goes with its whole. Filters narrow it further and can only remove rows. A metric reads `crm.orders.c...` and
cannot reach the tables beneath.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Select, and_, case, func, literal, null, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FromClause

from data_access.calendar import Calendar, Grain
from data_access.database import Database
from data_access.errors import ForbiddenError, NotHeldError
from data_access.facts import Facts, held
from data_access.functions import bucket_start, local_moment
from data_access.schema import HAPPENED_AT, HAPPENINGS, TABLES
from data_access.settings import Settings
from data_access.slim import AtMostOne

EPOCH = datetime(2000, 1, 1)
MOMENT = timedelta(microseconds=1)

# Parts, the table of their whole and the key that they share.
WHOLES = {
    "loyalty_ledger": ("loyalty_accounts", "loyalty_id"),
    "opportunity_lines": ("opportunities", "opportunity_id"),
    "order_items": ("orders", "order_id"),
    "stage_history": ("opportunities", "opportunity_id"),
    "survey_answers": ("survey_responses", "response_id"),
    "ticket_history": ("tickets", "ticket_id"),
}
# What had not happened yet at the as-of moment is not known, though the row itself stays.
NOT_YET = {"stage_history": "left_at", "survey_responses": "responded_at"}

Made = TypeVar("Made")
# What remains of one table: (the tables before it, the table's name, its rows so far) -> its rows.
Narrowing = Callable[["Crm", str, Select[Any]], Select[Any]]


@dataclass(frozen=True)
class Policy:
    """What a viewer may see. None means all; an empty tuple means nothing. Names never appear in SQL text."""

    viewer: str = "everyone"
    regions: tuple[str, ...] | None = None
    owners: tuple[str, ...] | None = None

    @property
    def scope(self) -> str:
        """Part of every cache key: answers are never shared between viewers who may see different rows."""
        return repr((self.viewer, self.regions, self.owners))

    @property
    def sees_all(self) -> bool:
        return self.regions is None and self.owners is None


@dataclass(frozen=True)
class Crm:
    """The narrowed tables of one source, and how the company cuts time.

    A `Crm` is the one `below` it and one `narrowing` more. A table is put together when it is first asked for.
    """

    facts: Facts
    until: datetime
    narrowing: Narrowing | None = None
    below: Crm | None = None
    # What was put together already: one statement must never meet two forms of one table, whoever else asks meanwhile.
    _tables: dict[str, FromClause] = field(default_factory=dict, compare=False, repr=False)
    _rows: dict[str, Select[Any]] = field(default_factory=dict, compare=False, repr=False)
    _made: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def __getattr__(self, name: str) -> FromClause:
        if name.startswith("_") or name not in TABLES:
            raise AttributeError(name)
        return self.table(name)

    def table(self, name: str) -> FromClause:
        """One table as the viewer may see it. Raises NotHeldError when the source does not hold it."""
        return self._tables[name] if name in self._tables else self._tables.setdefault(name, self._put_together(name))

    def beneath(self, name: str) -> FromClause:
        """A table as the source holds it, for joining it to one that is narrowed."""
        return self.table(name) if self.below is None else self.below.beneath(name)

    def _put_together(self, name: str) -> FromClause:
        if self.below is None:
            return held(TABLES[name], self._columns_of(name), self.facts.loose.get(name, frozenset()))
        rows = self.rows(name)
        return self.below.table(name) if rows is self.below.rows(name) else rows.subquery(name)

    def rows(self, name: str) -> Select[Any]:
        """The rows of a table as a select to which a narrowing can add. Raises NotHeldError."""
        if name not in self._rows:
            if self.below is None or self.narrowing is None:
                made = select(self.table(name))
            else:
                made = self.narrowing(self.below, name, self.below.rows(name))
            self._rows.setdefault(name, made)
        return self._rows[name]

    def once(self, what: Hashable, make: Callable[[], Made]) -> Made:
        """What is built of these tables alone, such as the rows that several metrics count: built once."""
        made: Made = self._made[what] if what in self._made else self._made.setdefault(what, make())
        return made

    def narrowed(self, narrowing: Narrowing) -> Crm:
        """The same tables, each as `narrowing` leaves it."""
        return Crm(self.facts, self.until, narrowing, self)

    def where(self, name: str, *conditions: ColumnElement[bool]) -> Crm:
        """The same tables with fewer rows in one of them; the conditions are on columns of `crm.table(name)`."""

        def narrowing(below: Crm, table: str, rows: Select[Any]) -> Select[Any]:
            return select(below.table(name)).where(*conditions) if table == name else rows

        return self.narrowed(narrowing)

    def _columns_of(self, name: str) -> frozenset[str]:
        columns, barred = self.facts.columns.get(name), self.facts.barred.get(name)
        if barred is not None:
            raise ForbiddenError(name, barred)
        if columns is None:
            raise NotHeldError(name, why=self.facts.lacking.get(name))
        for column in TABLES[name].columns:
            if column.name not in columns and not column.nullable and "default" not in column.info:
                raise NotHeldError(name, column.name)
        return columns

    def lack(self, table: str, column: str) -> NotHeldError:
        """What to say of a column that the source does not hold, or that its account may not read."""
        barred = self.facts.barred_columns.get((table, column))
        return NotHeldError(table, column) if barred is None else ForbiddenError(table, barred)

    def has(self, name: str) -> bool:
        """Whether the source holds a table."""
        try:
            self._columns_of(name)
        except NotHeldError:
            return False
        return True

    @property
    def is_past(self) -> bool:
        """The as-of moment lies before that up to which the data are complete."""
        complete = self.facts.settings.data_as_of or self.facts.last
        return complete is not None and self.until <= complete

    def is_over(self, name: str, column: str) -> bool:
        """No moment in a column lies after the as-of moment, as far as is known, so nothing has to be taken back."""
        span = self.facts.spans.get(name) if column in HAPPENINGS[name] else None
        return self.facts.is_whole and span is not None and span[1] < self.until

    @property
    def settings(self) -> Settings:
        return self.facts.settings

    @property
    def calendar(self) -> Calendar:
        return self.facts.settings.calendar

    @cached_property
    def _offsets(self) -> tuple[tuple[datetime | None, int], ...]:
        first = min(self.facts.first or EPOCH, self.until)
        return self.calendar.offsets(max(first, datetime(1970, 1, 2)), self.until)

    def local(self, moment: ColumnElement[Any]) -> ColumnElement[Any]:
        """A UTC moment in the company's zone."""
        return local_moment(moment, self._offsets)

    def bucket(self, moment: ColumnElement[Any], grain: Grain) -> ColumnElement[Any]:
        """First day of the bucket of `grain` that holds a UTC moment, in the company's zone and calendar."""
        return bucket_start(self.local(moment), grain, self.calendar)


def open_crm(base: Database, policy: Policy, as_of: datetime | None = None) -> Crm:
    """The tables that `policy` lets its viewer see, as they stood at `as_of` (a UTC moment, included).

    Nothing is known of what lies beyond the moment up to which the settings say that the data are complete.
    """
    facts = base.facts
    complete = facts.settings.data_as_of
    moment = min(as_of, complete) if as_of and complete else as_of or complete or facts.last or EPOCH
    crm = Crm(facts, moment + MOMENT)
    if crm.has("customers"):
        crm = crm.narrowed(_without_own_company) if facts.own_company else crm
        crm = crm.narrowed(_without_merged) if facts.merges else crm
    crm = crm.narrowed(_as_of)
    return (crm if policy.sees_all else _allowed(crm, policy)).narrowed(only_with_whole)


def _is_of_customers(name: str) -> bool:
    return name != "customers" and "customer_id" in TABLES[name].c


def _without_merged(crm: Crm, name: str, rows: Select[Any]) -> Select[Any]:
    """Rows of a record that was merged away belong to the record that it was merged into, at the end of the chain."""
    if name == "customers":
        return rows.where(rows.selected_columns.merged_into_id.is_(None))
    if not _is_of_customers(name):
        return rows
    customer, merged = rows.selected_columns.customer_id, _survivors(crm)
    survivor = func.coalesce(merged.c.survivor_id, customer)
    joined = customer.table.outerjoin(merged, merged.c.customer_id == customer)
    return _with(rows, customer_id=survivor).select_from(joined)


def _with(rows: Select[Any], **changed: ColumnElement[Any]) -> Select[Any]:
    """The same rows with other values in some columns."""
    columns = [changed[c.name].label(c.name) if c.name in changed else c for c in rows.selected_columns]
    return rows.with_only_columns(*columns)


def _survivors(crm: Crm) -> FromClause:
    """One row per record that was merged away: customer_id, survivor_id."""
    people, steps = crm.beneath("customers"), crm.facts.merges  # nothing of the company's own is left to be joined
    first = people.alias("step_1")
    chain: list[ColumnElement[Any]] = [first.c.merged_into_id]
    joined: FromClause = first
    for step in range(2, steps + 1):
        following = people.alias(f"step_{step}")
        joined = joined.outerjoin(following, following.c.customer_id == chain[0])
        chain.insert(0, following.c.merged_into_id)
    survivor = func.coalesce(*chain) if steps > 1 else chain[0]
    query = select(first.c.customer_id, survivor.label("survivor_id")).select_from(joined)
    return AtMostOne._construct(query.where(first.c.merged_into_id.is_not(None)), name="merged")


def _without_own_company(crm: Crm, name: str, rows: Select[Any]) -> Select[Any]:
    """Neither the company's own records nor anything of theirs."""
    if name != "customers" and not _is_of_customers(name):
        return rows
    customer, own = rows.selected_columns.customer_id, crm.facts.own_company
    return rows.where(customer.not_in(own) if name == "customers" else or_(customer.is_(None), customer.not_in(own)))


def _as_of(crm: Crm, name: str, rows: Select[Any]) -> Select[Any]:
    """Nothing that happened after the as-of moment; deals that closed and stays that ended after it go on."""
    until, row = literal(crm.until), rows.selected_columns
    if name in HAPPENED_AT:
        rows = rows.where(row[HAPPENED_AT[name]] < until)
    if name == "opportunities":
        rows = rows.where(row.is_deleted_in_source.is_(False))
        if crm.is_past and crm.has("stage_history"):
            return _as_told(crm, rows)
        return rows if crm.is_over(name, "closed_at") else _not_yet_closed(crm, rows)
    if name in NOT_YET and not crm.is_over(name, NOT_YET[name]):
        column = row[NOT_YET[name]]
        return _with(rows, **{column.name: case((column < until, column), else_=null())})
    return rows


def _not_yet_closed(crm: Crm, rows: Select[Any]) -> Select[Any]:
    """Deals that closed after the as-of moment are open."""
    row = rows.selected_columns
    later = and_(row.closed_at.is_not(None), row.closed_at >= literal(crm.until))
    return _with(
        rows, outcome=case((later, "open"), else_=row.outcome), closed_at=case((later, null()), else_=row.closed_at)
    )


def _as_told(crm: Crm, rows: Select[Any]) -> Select[Any]:
    """Deals as their stage history tells them at the as-of moment: closed, reopened and closed again tells three.

    A deal whose last closing lies before that moment has not changed since: its own row tells when it closed, as it
    does where nothing has to be taken back. A log may say so later, or not at all.
    """
    deal = rows.selected_columns
    settled = and_(deal.outcome != "open", deal.closed_at < literal(crm.until))
    later = and_(deal.closed_at.is_not(None), deal.closed_at >= literal(crm.until))
    told = AtMostOne._construct(_last_turn(crm), name="told")
    is_closed = told.c.outcome.in_(("won", "lost"))
    outcome = case(
        (settled, deal.outcome), (told.c.outcome.is_not(None), told.c.outcome), (later, "open"), else_=deal.outcome
    )
    closed = case(
        (settled, deal.closed_at),
        (is_closed, told.c.turned_at),
        (told.c.outcome.is_not(None), null()),
        (later, null()),
        else_=deal.closed_at,
    )
    (deals,) = rows.get_final_froms()  # perhaps joined to the records that were merged away
    joined = deals.outerjoin(told, told.c.opportunity_id == deal.opportunity_id)
    return _with(rows, outcome=outcome, closed_at=closed).select_from(joined)


def _last_turn(crm: Crm) -> Select[Any]:
    """One row per deal with logged stays before the as-of moment: opportunity_id, outcome, turned_at (into it)."""
    stay = crm.table("stage_history").c
    before = func.lag(stay.outcome).over(partition_by=stay.opportunity_id, order_by=stay.seq)
    logged = select(stay.opportunity_id, stay.seq, stay.outcome, stay.entered_at, before.label("before"))
    logged = logged.where(stay.entered_at < literal(crm.until), stay.is_reconstructed.is_(False))
    turn = logged.subquery("logged").c
    place = func.row_number().over(partition_by=turn.opportunity_id, order_by=turn.seq.desc()).label("place")
    turns = select(turn.opportunity_id, turn.outcome, turn.entered_at.label("turned_at"), place)
    last = turns.where(or_(turn.before.is_(None), turn.before != turn.outcome)).subquery("turn").c
    return select(last.opportunity_id, last.outcome, last.turned_at).where(last.place == 1)


def _allowed(crm: Crm, policy: Policy) -> Crm:
    """Only customers of the policy's regions and owners, and what belongs to them."""
    crm.table("customers")  # without customers nobody can tell what belongs to whom

    def is_allowed(people: Any) -> ColumnElement[bool]:
        rules = []
        if policy.regions is not None:
            rules.append(people.region.in_(policy.regions))
        if policy.owners is not None:
            rules.append(people.owner_id.in_(policy.owners))
        return and_(*rules)

    return only_customers(crm, is_allowed)


def only_customers(crm: Crm, is_wanted: Callable[[Any], ColumnElement[bool]]) -> Crm:
    """Only customers that meet a condition on the columns of `customers`, and only rows that belong to them."""

    def narrowing(below: Crm, name: str, rows: Select[Any]) -> Select[Any]:
        if name == "customers":
            return rows.where(is_wanted(rows.selected_columns))
        if not _is_of_customers(name):
            return rows
        people = below.table("customers").c
        return rows.where(rows.selected_columns.customer_id.in_(select(people.customer_id).where(is_wanted(people))))

    return crm.narrowed(narrowing)


def only_with_whole(crm: Crm, name: str, rows: Select[Any]) -> Select[Any]:
    """Only parts whose whole may be seen."""
    whole, key = WHOLES.get(name, ("", ""))
    if not whole or not crm.has(whole):
        return rows
    return rows.where(rows.selected_columns[key].in_(select(crm.table(whole).c[key])))
