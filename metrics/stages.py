"""The way of records through the stages of one pipeline: the rows behind the funnel and the times in its stages.

A record is an opportunity, or a lead that is followed into the opportunity that it became. An entry is a stay of the
stage history whose outcome is open or won, in a stage of the pipeline or in one that the log no longer names (which
starts the record's clock and is no step). The steps are the pipeline's open stages by position, then `won`; a lead has
three steps before them: lead_created, marketing_qualified, sales_qualified.

    first_at   first entry of the record (a lead: when it came in); the cohort is made of the first_at in a span
    until      nothing at or after this moment is known of the record: later entries are ignored, and a record closed
               later has the outcome of its last stay before
    at_k       first entry into step k; with a window only when it lies within the window, its last moment included
    reach_k    at_k; of a step that was skipped the entry into the next recorded step, unless the record is lost
    depth      number of steps from the first one on that were first entered in their order, ties in order of the steps

A won opportunity whose log does not say so has entered `won` when it closed. Source: docs/metrics.md#funnel
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, and_, case, cast, func, literal, literal_column, null, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import CTE, FromClause

from data_access.access import Crm
from data_access.functions import seconds_between
from metrics.figure import count_of
from metrics.filters import CUSTOMER_DIMENSIONS
from metrics.periods import Span
from metrics.pipelines import LEAD, LEAD_STEPS, LOST, OPEN, OPPORTUNITY, OUTCOMES, VOID, WON, Pipeline, Step

COUNTED, PENDING = "counted", "pending"
DISQUALIFIED = "disqualified"
LEAD_COLUMNS = ("qualified_at", "converted_at", "status", "customer_id", "owner_id", "channel")
UNKNOWN_STAGE = 0
DAY = 86400
MANY = 1000  # more steps than a pipeline has: packs the order of a stay and its step into one whole number
GROUPS = ("channel", "owner", "region", "country", "team", "segment")


# -- what is asked --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cohort:
    """Records whose first entry lies in `span`, followed up to, not including, `until` (UTC)."""

    number: int
    span: Span
    until: datetime

    @classmethod
    def like(cls, number: int, then: Span, now: Span, until: datetime) -> Cohort:
        """An earlier cohort, followed as long after its end as the present one can be after its own."""
        return cls(number, then, then.end + max(until - now.end, timedelta()))


@dataclass(frozen=True)
class Way:
    """What is followed and how: the tables (`crm` narrowed by filters; `deals` may be wider), steps, window, groups."""

    crm: Crm
    deals: Crm
    pipeline: Pipeline
    cohorts: tuple[Cohort, ...]
    start: str = OPPORTUNITY
    window_days: int | None = None
    by: str = ""
    steps: tuple[Step, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", self.pipeline.steps(self.start))

    @property
    def key(self) -> str:
        """The column that tells records apart."""
        return "lead_id" if self.start == LEAD else "opportunity_id"

    @property
    def last(self) -> int:
        """Place of `won`."""
        return len(self.steps)


# -- stays and entries ----------------------------------------------------------------------------------------------
def only(table: FromClause, *names: str) -> FromClause:
    """A table with these columns only: what nobody reads makes a long statement longer."""
    return select(*(table.c[name] for name in names)).subquery(table.name)  # type: ignore[attr-defined]


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)


def stays(crm: Crm, steps: Sequence[Step], elsewhere: Sequence[str], *more: str) -> CTE:
    """One row per stay in the pipeline: opportunity_id, seq, entered_at, outcome, is_reconstructed, more, step.

    `step` is the place of the step that was entered, 0 for a stage that is not known, null for lost and void.
    """
    names = ("opportunity_id", "seq", "stage_id", "outcome", "entered_at", "is_reconstructed", *more)
    stay = only(crm.stage_history, *names).c
    places = {step.stage_id: _number(step.place) for step in steps if step.stage_id}
    unknown = _number(UNKNOWN_STAGE)
    place = case(places, value=stay.stage_id, else_=unknown) if places else unknown
    step = case((stay.outcome == OPEN, place), (stay.outcome == WON, _number(len(steps)))).label("step")
    kept = (stay.opportunity_id, stay.seq, stay.entered_at, stay.outcome, stay.is_reconstructed)
    query = select(*kept, *(stay[name] for name in more), step)
    if elsewhere:
        query = query.where(or_(stay.stage_id.is_(None), stay.stage_id.not_in(elsewhere)))
    return query.cte("stay")


def _begun(way: Way, stay: CTE) -> CTE:
    """One row per record that began within the cohorts: opportunity_id, first_at, cohort; of a lead also lead_id,
    qualified_at, converted_at, status, customer_id, owner_id, channel.
    """
    low = min(cohort.span.start for cohort in way.cohorts)
    high = max(cohort.span.end for cohort in way.cohorts)
    if way.start == LEAD:
        lead = only(way.crm.leads, "lead_id", "converted_opportunity_id", "created_at", *LEAD_COLUMNS).c
        first: ColumnElement[Any] = lead.created_at
        deal = lead.converted_opportunity_id.label("opportunity_id")
        query = select(lead.lead_id, deal, first.label("first_at"), *(lead[name] for name in LEAD_COLUMNS))
        return query.add_columns(_cohort_of(way, first)).where(first >= low, first < high).cte("begun")
    first = func.min(stay.c.entered_at)
    key = stay.c.opportunity_id
    return (
        select(key, first.label("first_at"), _cohort_of(way, first))
        .where(stay.c.step.is_not(None))
        .group_by(key)
        .having(and_(first >= low, first < high))
        .cte("begun")
    )


def _cohort_of(way: Way, first_at: ColumnElement[Any]) -> ColumnElement[Any]:
    """Number of the cohort that a first entry belongs to; null between two of them."""
    if len(way.cohorts) == 1:
        return _number(way.cohorts[0].number).label("cohort")
    arms = []
    for cohort in way.cohorts:
        span = cohort.span
        arms.append((and_(first_at >= literal(span.start), first_at < literal(span.end)), _number(cohort.number)))
    return case(*arms).label("cohort")


def entrants(way: Way, stay: CTE) -> CTE:
    """One row per record of a cohort: opportunity_id, first_at, cohort, until, [group,] deal_outcome, closed_at; of a
    lead also lead_id, qualified_at, converted_at, status and is_here (its deal is in this pipeline).
    """
    begun = _begun(way, stay)
    is_lead = way.start == LEAD
    deal = only(way.deals.opportunities, "opportunity_id", "pipeline_id", "outcome", "closed_at", *_group_columns(way))
    joined = begun.join(deal, deal.c.opportunity_id == begun.c.opportunity_id, isouter=is_lead)
    joined, group = _with_group(way, joined, begun if is_lead else deal)
    columns = [begun.c.opportunity_id, begun.c.first_at, begun.c.cohort, _until(way, begun.c.cohort),
               deal.c.outcome.label("deal_outcome"), deal.c.closed_at, *group]  # fmt: skip
    is_here = deal.c.pipeline_id == way.pipeline.pipeline_id
    if is_lead:
        columns += [begun.c[name] for name in ("lead_id", "qualified_at", "converted_at", "status")]
        columns.append(is_here.label("is_here"))
    query = select(*columns).select_from(joined).where(begun.c.cohort.is_not(None))
    return (query if is_lead else query.where(is_here)).cte("entrant")


def _until(way: Way, cohort: ColumnElement[Any]) -> ColumnElement[Any]:
    """Up to when the records of a cohort are followed."""
    ends = {item.number: literal(item.until) for item in way.cohorts}
    if len(ends) == 1:
        return next(iter(ends.values())).label("until")
    return case(ends, value=cohort).label("until")


def _group_columns(way: Way) -> tuple[str, ...]:
    """What a deal has to tell for its group to be found."""
    if not way.by or way.start == LEAD:
        return ()
    if way.by in CUSTOMER_DIMENSIONS:
        return ("customer_id",)
    return {"channel": ("channel",), "owner": ("owner_id",), "team": ("owner_id", "team_id")}[way.by]


def _with_group(way: Way, joined: Any, record: Any) -> tuple[Any, tuple[ColumnElement[Any], ...]]:
    """Join each record to the one row that names its group. The value is the record's own; no history is kept of it."""
    if not way.by:
        return joined, ()
    if way.by == "channel":
        return joined, (record.c.channel.label("group"),)
    if way.by in CUSTOMER_DIMENSIONS:
        people = only(way.crm.customers, "customer_id", way.by)
        joined = joined.outerjoin(people, people.c.customer_id == record.c.customer_id)
        return joined, (people.c[way.by].label("group"),)
    users = only(way.crm.users, "user_id", "name", "team_id")
    joined = joined.outerjoin(users, users.c.user_id == record.c.owner_id)
    if way.by == "owner":
        return joined, (users.c.name.label("group"),)
    teams = only(way.crm.teams, "team_id", "name")
    team = func.coalesce(record.c.team_id, users.c.team_id) if "team_id" in record.c else users.c.team_id
    return joined.outerjoin(teams, teams.c.team_id == team), (teams.c.name.label("group"),)


def moves(way: Way, stay: CTE, entrant: CTE) -> CTE:
    """One row per stay of a record before its `until`: the record's key, seq, entered_at, outcome, is_reconstructed,
    step, step_before, outcome_before. `step` is null for a stay that began after the record's window.
    """
    key, row = entrant.c[way.key], stay.c
    step: ColumnElement[Any] = row.step
    if way.window_days is not None:
        within = seconds_between(entrant.c.first_at, row.entered_at) <= _number(way.window_days * DAY)
        step = case((within, row.step))
    return (
        select(
            key,
            row.seq,
            row.entered_at,
            row.outcome,
            row.is_reconstructed,
            step.label("step"),
            func.lag(step).over(partition_by=key, order_by=row.seq).label("step_before"),
            func.lag(row.outcome).over(partition_by=key, order_by=row.seq).label("outcome_before"),
        )
        .select_from(stay.join(entrant, entrant.c.opportunity_id == row.opportunity_id))
        .where(row.entered_at < entrant.c.until)
        .cte("move")
    )


def ways(way: Way, move: CTE) -> CTE:
    """One row per record with a stay: its key, at_k for the deal's steps, last_outcome (a number), last_step, and the
    numbers of `MOVES`.
    """
    row = move.c
    own = way.steps[len(LEAD_STEPS) if way.start == LEAD else 0 :]
    entries = [func.min(case((row.step == _number(s.place), row.entered_at))).label(f"at_{s.place}") for s in own]
    numbers = case({outcome: _number(i) for i, outcome in enumerate(OUTCOMES)}, value=row.outcome)
    is_known = and_(row.outcome == OPEN, row.step > _number(UNKNOWN_STAGE))
    packed = row.seq * _number(MANY)
    return (
        select(
            row[way.key],
            *entries,
            (func.max(packed + numbers) % _number(MANY)).label("last_outcome"),
            (func.max(case((is_known, packed + row.step))) % _number(MANY)).label("last_step"),
            *_moves_of(row, own[0].place),
        )
        .group_by(row[way.key])
        .cte("way")
    )


MOVES = ("skips", "backward", "reopened", "unknown", "reconstructed")


def _moves_of(row: Any, first: int) -> list[ColumnElement[Any]]:
    """The numbers of `MOVES`.

    A skip goes forward over a stage, or begins beyond the first; a move backward goes from one open stage to an earlier
    one; a reopening goes from a closed stay to an open one, wherever that is.
    """
    was_open, one = row.outcome_before == OPEN, _number(1)
    over = or_(
        and_(row.outcome_before.is_(None), row.step > _number(first)),
        and_(was_open, row.step_before > _number(UNKNOWN_STAGE), row.step > row.step_before + one),
    )
    back = and_(row.outcome == OPEN, was_open, row.step >= one, row.step < row.step_before)
    again = and_(row.outcome == OPEN, row.outcome_before != OPEN, row.step.is_not(None))
    conditions = (over, back, again, row.step == _number(UNKNOWN_STAGE), row.is_reconstructed)
    return [count_of(condition).label(name) for name, condition in zip(MOVES, conditions, strict=True)]


# -- records --------------------------------------------------------------------------------------------------------
def records(way: Way) -> CTE:
    """One row per record of the cohorts: [lead_id,] opportunity_id, cohort, [group,] first_at, closed_at, outcome,
    last_step, at_k, and the numbers of `MOVES`.
    """
    stay = stays(way.deals, way.steps, way.pipeline.elsewhere)
    entrant = entrants(way, stay)
    walked = ways(way, moves(way, stay, entrant))
    joined = entrant.join(walked, walked.c[way.key] == entrant.c[way.key], isouter=way.start == LEAD)
    entries = _entries(way, entrant, walked)
    kept = [entrant.c[name] for name in KEPT if name in entrant.c]
    numbers = [func.coalesce(walked.c[name], _number(0)).label(name) for name in MOVES]
    outcome = _outcome(way, entrant, walked).label("outcome")
    query = select(*kept, outcome, _last_step(way, walked, entries).label("last_step"),
                   *(entry.label(f"at_{i}") for i, entry in enumerate(entries, start=1)), *numbers)  # fmt: skip
    return query.select_from(joined).cte("record")


KEPT = ("lead_id", "opportunity_id", "cohort", "group", "first_at", "closed_at")


def _outcome(way: Way, entrant: CTE, walked: CTE) -> ColumnElement[Any]:
    """What had become of the record by its `until`."""
    deal = entrant.c.deal_outcome
    at_last = case({_number(i): outcome for i, outcome in enumerate(OUTCOMES)}, value=walked.c.last_outcome, else_=OPEN)
    closed_at = func.coalesce(entrant.c.closed_at, entrant.c.first_at)
    is_closed = and_(deal != OPEN, closed_at < entrant.c.until)
    if way.start == LEAD:
        given_up = and_(deal.is_(None), entrant.c.status == DISQUALIFIED)
        return case((is_closed, deal), (given_up, LOST), else_=at_last)
    return case((is_closed, deal), else_=at_last)


def _entries(way: Way, entrant: CTE, walked: CTE) -> list[ColumnElement[Any]]:
    """The first entry into each step."""
    found: list[ColumnElement[Any]] = []
    if way.start == LEAD:
        own = (entrant.c.qualified_at, entrant.c.converted_at)
        found = [entrant.c.first_at, *(_known(way, entrant, entry) for entry in own)]
    found += [walked.c[f"at_{step.place}"] for step in way.steps[len(found) : -1]]
    is_won = entrant.c.deal_outcome == WON
    closed = _known(way, entrant, entrant.c.closed_at, and_(is_won, entrant.c.is_here) if way.start == LEAD else is_won)
    return [*found, func.coalesce(walked.c[f"at_{way.last}"], closed)]


def _known(way: Way, entrant: CTE, entry: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    """A moment, null when it lies after what may be known of the record."""
    known = [*conditions, entry < entrant.c.until]
    if way.window_days is not None:
        known.append(seconds_between(entrant.c.first_at, entry) <= _number(way.window_days * DAY))
    return case((and_(*known), entry))


def _last_step(way: Way, walked: CTE, entries: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Place of the last open step that the record was seen in."""
    if way.start != LEAD:
        return walked.c.last_step
    own = [(entries[i].is_not(None), _number(i + 1)) for i in reversed(range(len(LEAD_STEPS)))]
    return func.coalesce(walked.c.last_step, case(*own))


def followed(way: Way) -> CTE:
    """The rows behind every bar: those of `records` with standing (counted, void or pending), reach_k and depth."""
    row = records(way).c
    entries = [row[f"at_{step.place}"] for step in way.steps]
    reaches = []
    for i, entry in enumerate(entries):
        later = entries[i + 1 :]
        any_later = func.coalesce(*later) if len(later) > 1 else later[0] if later else None
        reach = entry if any_later is None else func.coalesce(entry, case((row.outcome != LOST, any_later)))
        reaches.append(reach.label(f"reach_{i + 1}"))
    query = select(*row, _standing(way, row).label("standing"), *reaches, _depth(entries).label("depth"))
    return query.cte("followed")


def _standing(way: Way, row: Any) -> ColumnElement[Any]:
    """counted; void; or pending: the window is not over by the last moment that is known."""
    arms: list[tuple[ColumnElement[bool], str]] = [(row.outcome == VOID, VOID)]
    if way.window_days is not None:
        window = timedelta(days=way.window_days)
        for cohort in way.cohorts:
            late = row.first_at >= literal(cohort.until - window)
            arms.append((and_(row.cohort == _number(cohort.number), late), PENDING))
    return case(*arms, else_=COUNTED)


def _depth(entries: Sequence[ColumnElement[Any]]) -> ColumnElement[int]:
    """How many steps from the first one on were first entered in order."""
    arms: list[tuple[ColumnElement[bool], ColumnElement[int]]] = [(entries[0].is_(None), _number(0))]
    for i in range(1, len(entries)):
        arms.append((or_(entries[i].is_(None), entries[i] < entries[i - 1]), _number(i)))
    return case(*arms, else_=_number(len(entries)))


# -- readings -------------------------------------------------------------------------------------------------------
REACHED, IN_ORDER, ENTERED = READINGS = ("reached", "in_order", "entered")


def is_counted(row: Any, reading: str, place: int) -> ColumnElement[bool]:
    """The record counts in a step by a reading."""
    if reading == IN_ORDER:
        return row.depth >= _number(place)
    return row[f"{'reach' if reading == REACHED else 'at'}_{place}"].is_not(None)


def moment_of(row: Any, reading: str, place: int) -> ColumnElement[Any]:
    """When the record came to a step by a reading; null when it does not count there."""
    if reading == IN_ORDER:
        return case((row.depth >= _number(place), row[f"at_{place}"]))
    return row[f"{'reach' if reading == REACHED else 'at'}_{place}"]


def seconds_to(row: Any, reading: str, place: int) -> ColumnElement[Any]:
    """Seconds from the record's own step before; null in the first step, without a log, and for a move backwards."""
    here = moment_of(row, reading, place)
    earlier = [moment_of(row, reading, other) for other in range(place - 1, 0, -1)]
    if not earlier:
        return cast(null(), Integer)
    before = func.coalesce(*earlier) if len(earlier) > 1 else earlier[0]
    return case((and_(here >= before, row.reconstructed == _number(0)), seconds_between(before, here)))


# -- lists ----------------------------------------------------------------------------------------------------------
def with_people(
    crm: Crm,
    rows: FromClause,
    opportunity_id: ColumnElement[Any],
    deals: Crm | None = None,
    own: FromClause | None = None,
) -> tuple[Any, list[ColumnElement[Any]], FromClause]:
    """What people know a record by: the join, the columns name, customer_id, customer_name, owner and amount_base, and
    the deals' table. `own` is the table of leads, already joined, where the record is one.
    """
    deal = (deals or crm).opportunities
    joined = rows.outerjoin(deal, deal.c.opportunity_id == opportunity_id)
    known = deal if own is None else own
    columns = [known.c.name, known.c.customer_id]
    if crm.has("customers"):
        people = crm.customers
        joined = joined.outerjoin(people, people.c.customer_id == known.c.customer_id)
        columns.append(people.c.name.label("customer_name"))
    if crm.has("users"):
        users = crm.users
        joined = joined.outerjoin(users, users.c.user_id == known.c.owner_id)
        columns.append(users.c.name.label("owner"))
    return joined, [*columns, deal.c.amount_base], deal
