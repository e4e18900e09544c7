"""Net promoter score (NPS): promoters less detractors among those who answered.

    nps = 100 x (promoters - detractors) / answers       promoters 9-10, detractors 0-6

Only surveys of kind `nps` with a scale of 0 to 10; counted by the day of the answer; one answer per customer and
survey within the period or bucket, the latest; an answer without a customer stands for itself. Unit: score, -100 to
100; no value without answers; n = answers. Interval: variance p + d - (p - d)^2 (docs/statistics.md).
Source: docs/metrics.md#nps
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, func, select

from data_access.access import Crm
from data_access.source import Source
from metrics.kpi import Columns, Cut, Kpi, Measures, Row, count_of, kpi, share_of
from metrics.metric import CUSTOMER_FILTERS, Better, Unit
from metrics.periods import Span
from metrics.results import Note, note
from metrics.statistics import Change, compare_nps, nps_interval

PROMOTER, DETRACTOR = 9, 6


def answers(crm: Crm, span: Span, cut: Cut | None = None) -> Select[Any]:
    """One row per customer and survey (and bucket), the latest answer: response_id, customer_id, happened_at, score."""
    # Answers are joined to responses that may be seen: to look for those in the answers too would be idle work.
    given_answers = crm.beneath("survey_answers")
    reply, survey, answer = crm.survey_responses.c, crm.surveys.c, given_answers.c
    bucket = [] if cut is None else [cut(reply.responded_at)]
    alone = case((reply.customer_id.is_(None), reply.response_id))  # keys of both may be 1, 2, 3
    turn = func.row_number().over(
        partition_by=[reply.customer_id, alone, reply.survey_id, *bucket],
        order_by=[reply.responded_at.desc(), reply.response_id, answer.item_key],
    )
    given = (
        select(
            reply.response_id,
            reply.customer_id,
            reply.responded_at.label("happened_at"),
            answer.score,
            turn.label("turn"),
        )
        .join_from(crm.survey_responses, crm.surveys, survey.survey_id == reply.survey_id)
        .join(given_answers, answer.response_id == reply.response_id)
        .where(survey.kind == "nps", survey.scale_min == 0, survey.scale_max == 10, answer.score.between(0, 10))
        .where(answer.dimension.is_(None), span.holds(reply.responded_at))
        .subquery("given")
        .c
    )
    return select(given.response_id, given.customer_id, given.happened_at, given.score).where(given.turn == 1)


def measures(answer: Any) -> Measures:
    """value, n, promoters and detractors."""
    promoters = count_of(answer.score >= PROMOTER)
    detractors = count_of(answer.score <= DETRACTOR)
    return {
        "value": share_of(100 * (promoters - detractors), func.count()),
        "n": func.count(),
        "promoters": promoters,
        "detractors": detractors,
    }


def interval(of: Columns) -> tuple[Any, Any]:
    """Interval in points; none under 30 answers."""
    pairs = [nps_interval(*counts) for counts in zip(of["promoters"], of["detractors"], of["n"], strict=True)]
    return [pair.low for pair in pairs], [pair.high for pair in pairs]


def change(now: Row, then: Row) -> Change:
    """The change in points between two groups of answers."""
    return compare_nps(now["promoters"], now["detractors"], now["n"], then["promoters"], then["detractors"], then["n"])


def notes(source: Source, span: Span, row: Row) -> tuple[Note, ...]:
    """Where nothing is counted: which kinds of survey are held, when none of them is an NPS survey of 0 to 10."""
    if row["n"]:
        return ()
    survey = source.crm.surveys.c
    held = source.rows(select(survey.kind, survey.scale_min, survey.scale_max).distinct())
    if any((each["kind"], each["scale_min"], each["scale_max"]) == ("nps", 0, 10) for each in held):
        return ()
    kinds = sorted({f"{each['kind']} ({each['scale_min']:g}-{each['scale_max']:g})" for each in held})
    return (note("nps_other_surveys", kinds=", ".join(kinds)),) if kinds else (note("nps_no_survey"),)


METRIC = kpi(
    "nps",
    Unit.SCORE,
    Better.HIGHER,
    Kpi(answers, measures, change, interval, notes=notes, bucket_rows=answers),
    needs=("surveys", "survey_responses", "survey_answers"),
    filters=CUSTOMER_FILTERS,
    dimensions=("region", "country", "segment"),
)
