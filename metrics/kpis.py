"""Key figures of the company at once: value, changes and target of each.

Every figure is the metric's own answer, asked with the same filters; nothing is counted here. Figures that count the
same rows are counted in one statement. Unit: each its own.
Source: docs/metrics.md#kpis
"""

from __future__ import annotations

from data_access.errors import QuestionError
from data_access.source import Source
from metrics.answers import ask_totals
from metrics.metric import SALES_FILTERS, Better, Metric, Option, Unit
from metrics.question import Question
from metrics.results import Kpis, Note, Total

NAMES = (
    "revenue",
    "orders",
    "customers",
    "new_customers",
    "average_order_value",
    "repeat_rate",
    "win_rate",
    "nps",
    "churn_rate",
)


def overview(source: Source, question: Question) -> Kpis:
    """One row per key figure that the source can answer: metric, unit and the columns of a Total."""
    totals: dict[str, Total] = {}
    notes: dict[Note, None] = {}
    answers = ask_totals(chosen(question), source, question.filters)
    for name, answer in answers.items():
        source.statements.extend(answer.statements)
        if isinstance(answer.result, Total):
            totals[name] = answer.result
            notes |= dict.fromkeys(answer.notes)
    units = {name: answers[name].metric.unit.value for name in totals}
    n = sum(total.n for total in totals.values())
    return Kpis(n=n, notes=tuple(notes), totals=totals, units=units)


def chosen(question: Question) -> tuple[str, ...]:
    """The asked figures, in the order of the page. Raises QuestionError for a name that is none of them."""
    wanted = question.option("only").split("+") if question.option("only") else NAMES
    strange = [name for name in wanted if name not in NAMES]
    if strange:
        raise QuestionError(
            f"kpis: option only cannot name {strange[0]!r}; choose from {', '.join(NAMES)}.", key="unknown_option_value"
        )
    return tuple(name for name in NAMES if name in wanted)


METRIC = Metric(
    "kpis",
    Unit.TEXT,
    Better.NEITHER,
    overview,
    filters=SALES_FILTERS,
    options={"only": Option((), "", "names joined by +, such as revenue+orders; empty: all")},
    is_composite=True,
)
