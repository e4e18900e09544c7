"""The records behind a bar of the sales funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Float, Select, case, literal, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from data_access.errors import QuestionError
from data_access.functions import seconds_between
from data_access.source import Source
from metrics.filters import among
from metrics.funnel_steps import way_of
from metrics.pipelines import LEAD, LOST, OPEN, Step
from metrics.question import Question
from metrics.stages import COUNTED, DAY, Way, followed, is_counted, moment_of, seconds_to, with_people

REACHED, LOST_HERE, OPEN_HERE = KINDS = ("reached", "lost", "open")


def records_query(source: Source, question: Question, part: Mapping[str, str]) -> Select[Any]:
    """One row per record behind a bar, the latest first: [lead_id,] opportunity_id, name, customer_id, customer_name,
    owner, amount_base, stage (the last one it was seen in), outcome, entered_at (UTC), days.

    `part` names the `stage` (none: the whole cohort), the `kind` of bar (reached: the question's reading; lost; open)
    and the `group` of a breakdown. `days` is what the step before took; for lost and open ones what they spent since
    they first came here.
    """
    way = way_of(source, question)
    if way is None:
        return select(literal_column("1").label("n")).where(literal(False))
    row = followed(way).c
    step = _step_named(way, part.get("stage", ""))
    kind = part.get("kind", REACHED)
    conditions = [row.standing == COUNTED, *_bar(row, question.option("reading"), step, kind)]
    if way.by and "group" in part:
        conditions.append(among(row["group"], [part["group"]]))
    return _listed(way, row, conditions, *_when(source, row, question.option("reading"), step, kind))


def _step_named(way: Way, code: str) -> Step | None:
    if not code:
        return None
    for step in way.steps:
        if step.code == code:
            return step
    known = ", ".join(step.code for step in way.steps)
    raise QuestionError(f"funnel: there is no stage {code!r}; choose one of {known}.", key="unknown_option_value")


def _bar(row: Any, reading: str, step: Step | None, kind: str) -> list[ColumnElement[bool]]:
    """The conditions that a record of the bar meets."""
    if kind not in KINDS:
        raise QuestionError(
            f"funnel: there is no list of {kind!r} records; choose one of {', '.join(KINDS)}.",
            key="unknown_option_value",
        )
    if kind == REACHED:
        return [] if step is None else [is_counted(row, reading, step.place)]
    outcome = row.outcome == (LOST if kind == LOST_HERE else OPEN)
    return [outcome] if step is None else [outcome, row.last_step == step.place]


def _when(source: Source, row: Any, reading: str, step: Step | None, kind: str) -> tuple[Any, Any]:
    """When a record came to the step, and seconds: of the way to it, or since then."""
    entered: Any
    seconds: Any
    if step is None:
        entered, seconds = row.first_at, seconds_between(row.first_at, row.first_at)
    else:
        entered, seconds = row[f"at_{step.place}"], seconds_to(row, reading, step.place)
        entered = moment_of(row, reading, step.place) if kind == REACHED else entered
    if kind == OPEN_HERE:
        seconds = seconds_between(entered, literal(source.as_of))
    if kind == LOST_HERE:
        seconds = seconds_between(entered, row.closed_at)
    return entered, seconds


def _listed(way: Way, row: Any, conditions: Sequence[Any], entered: Any, seconds: Any) -> Select[Any]:
    """The rows with what people know them by."""
    rows, lead = row.opportunity_id.table, None
    if way.start == LEAD:
        lead = way.crm.leads
        rows = rows.outerjoin(lead, lead.c.lead_id == row.lead_id)
    joined, columns, _ = with_people(way.crm, rows, row.opportunity_id, way.deals, lead)
    stage = case({step.place: step.name for step in way.steps}, value=row.last_step).label("stage")
    keys = [row[name] for name in dict.fromkeys((way.key, "opportunity_id"))]
    days = (seconds / literal_column(f"{DAY}.0", Float)).label("days")
    columns += [stage, row.outcome, entered.label("entered_at"), days]
    query = select(*keys, *columns).select_from(joined).where(*conditions)
    return query.order_by(entered.desc(), row[way.key])
