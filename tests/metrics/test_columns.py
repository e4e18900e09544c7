"""metrics/columns.py: every column that an answer may have is explained, with its unit."""

from __future__ import annotations

import numpy as np
import pytest

from data_access.source import open_source
from metrics.columns import COLUMNS, KINDS, OF_COMPARISON, meaning, unit_of
from metrics.metric import Unit, all_metrics, metric_named
from tests.company import company
from tests.metrics.sold import YEAR
from tests.worlds import ask_source

CHOICES = {
    "retention": ({"by": "region"}, {"measure": "revenue", "ages": "rolling"}, {"cohort": "recurring"}),
    "funnel": ({"by": "region"}, {"start": "lead"}, {"reading": "in_order", "window_days": "30"}),
    "revenue_change": ({"by": "region"}, {"by": "category"}),
    "kpis": ({"only": "nps"},),
}


def asked(name):
    """The shapes in which a metric answers."""
    metric = metric_named(name)
    if metric.is_kpi:
        return [{}, {"shape": "trend"}, {"by": metric.dimensions[0]}]
    return [{}, *CHOICES.get(name, ())]


@pytest.fixture(scope="module")
def source(shelf):
    """The larger company."""
    return open_source(shelf("duckdb", "company", company))


@pytest.mark.parametrize(("name", "options"), [(name, o) for name in all_metrics() for o in asked(name)], ids=str)
def test_every_column_has_a_meaning_and_a_unit_that_its_values_fit(source, name, options):
    answer = ask_source(source, name, YEAR, **options)
    metric = answer.metric
    for frame in (answer.result.frame, *answer.result.tables.values()):
        assert len(frame.columns)
        for column in frame.columns:
            assert meaning(metric, column)[1]
            check_unit(frame[column].dropna(), unit_of(metric, column), column)


def check_unit(values, unit, column):
    """The values of a column can be read in its unit."""
    if unit is Unit.FLAG:
        assert all(isinstance(value, (bool, np.bool_)) for value in values), column
    elif unit is Unit.DATE:
        assert values.empty or values.dtype.kind == "M", column
    elif unit is Unit.COUNT and not column.endswith(("low", "high")):
        assert (values % 1 == 0).all(), column
    elif unit is not Unit.TEXT:
        assert values.empty or values.dtype.kind in "fi", column


def test_the_columns_of_both_comparisons_are_explained():
    metric = metric_named("win_rate")
    for kind, text in KINDS.items():
        for name in OF_COMPARISON:
            unit, said = meaning(metric, f"{kind}_{name}")
            assert said == f"{text}: {COLUMNS[name][1]}"
            assert unit == COLUMNS[name][0]
    assert unit_of(metric, "previous_value") is Unit.RATIO
    assert unit_of(metric, "previous_change_ratio") is Unit.RATIO
    assert unit_of(metric_named("revenue"), "year_value") is Unit.MONEY
    assert unit_of(metric_named("revenue"), "year_n") is Unit.COUNT


def test_a_metric_may_explain_a_column_in_its_own_way():
    assert meaning(metric_named("retention"), "n") != COLUMNS["n"]
    assert meaning(metric_named("revenue"), "n") == COLUMNS["n"]


@pytest.mark.parametrize("column", ["colour", "previous_colour", "later_value", "previous", ""])
def test_a_column_that_is_not_explained_is_named_with_the_place_to_do_so(column):
    with pytest.raises(KeyError, match=r"revenue: the column .* is not described in metrics/columns.py"):
        meaning(metric_named("revenue"), column)
