"""Key figures: a metric that answers with one value, with a value per bucket, or with a value per group.

`figure.py` says what a key figure is made of, `counting.py` makes its statements, `total.py`, `trend.py` and
`breakdown.py` its answers.
"""

from __future__ import annotations

from collections.abc import Callable

from data_access.source import Source
from metrics.breakdown import by_group
from metrics.figure import Columns, Cut, Kpi, Measures, Row, count_of, rows_of, share_of
from metrics.metric import Better, Metric, Option, Unit
from metrics.question import Question
from metrics.results import Result
from metrics.total import total
from metrics.trend import trend


def kpi(
    name: str,
    unit: Unit,
    better: Better,
    parts: Kpi | Callable[[Source, Question], Kpi],
    *,
    needs: tuple[str, ...],
    filters: tuple[str, ...],
    dimensions: tuple[str, ...],
) -> Metric:
    """A metric that answers with a Total, with a Trend, or with a Breakdown `by` a dimension."""
    options = {
        "by": Option(("", *dimensions), "", "a value per group of this dimension"),
        "shape": Option(("total", "trend"), "total", "one value, or one per bucket of the grain"),
    }

    def answer(source: Source, question: Question) -> Result:
        told = parts if isinstance(parts, Kpi) else parts(source, question)
        if question.option("by"):
            return by_group(metric, told, source, question, question.option("by"))
        return (trend if question.option("shape") == "trend" else total)(metric, told, source, question)

    metric = Metric(name, unit, better, answer, needs, filters, dimensions, options, parts=parts)
    return metric


__all__ = ["Columns", "Cut", "Kpi", "Measures", "Row", "count_of", "kpi", "rows_of", "share_of"]
