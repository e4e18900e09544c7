"""Every metric, asked in every way in which it can be, is answered on a cluster as DuckDB answers it."""

from __future__ import annotations

import dataclasses
import math
from datetime import date, datetime

import pandas as pd
import pytest

from data_access import database as databases
from data_access.access import Policy
from data_access.source import open_source
from metrics.listing import listing
from metrics.metric import all_metrics
from tests.company import company
from tests.worlds import SPARK, ask_source

WHEN = "2025-10-01..2026-05-01"
RICH = {"funnel": {"window_days": "30"}, "kpis": {"only": "revenue+nps"}, "retention": {"max_age": "5"}}
NARROW = {"region": "North", "channel": ("web", "(none)"), "category": ("Bikes", "(none)"), "team": "red"}
TOLERANCE = {"rel": 1e-9, "abs": 1e-6}


def ways(metric):
    """Each value of each option once, beside the defaults of the others."""
    one_by_one = [
        {name: value} for name, option in metric.options.items() for value in option.values if value != option.default
    ]
    return [{}, *one_by_one, *([RICH[metric.name]] if metric.name in RICH else [])]


QUESTIONS = [(name, options, {}) for name, metric in all_metrics().items() for options in ways(metric)]
QUESTIONS += [(name, {}, {"where": NARROW}) for name, metric in all_metrics().items() if not metric.is_composite]
QUESTIONS += [("revenue", {"shape": "trend"}, {"grain": grain}) for grain in ("day", "week", "quarter", "year")]
QUESTIONS += [("retention", {}, {"grain": grain}) for grain in ("week", "quarter")]


@pytest.fixture(params=["sqlite", SPARK])
def engine(request):
    """Spark, which the rest of the metrics' tests do not ask, and for comparison an engine that is quick."""
    return request.param


@pytest.fixture(autouse=True)
def _nothing_is_written_meanwhile(monkeypatch):
    """What a server has answered holds for as long as these tests take, so that nothing is asked twice."""
    monkeypatch.setattr(databases, "FRESH_FOR", 1e9)


@pytest.fixture
def sources(engine, shelf):
    """sources(policy, as_of) -> the same company on DuckDB and on the engine at hand."""
    urls = [shelf(name, "company", company) for name in ("duckdb", engine)]
    return lambda *viewer: [open_source(url, *viewer) for url in urls]


@pytest.mark.parametrize(("name", "options", "chosen"), QUESTIONS, ids=str)
def test_an_answer_is_duckdb_s(sources, name, options, chosen):
    expected, found = (ask_source(source, name, WHEN, **options, **chosen).result for source in sources())
    assert_same(found, expected, name)


@pytest.mark.parametrize("name", all_metrics())
def test_what_a_viewer_of_two_regions_is_told_of_the_past_is_duckdb_s(sources, name):
    both = sources(Policy("both", regions=("North", "South"), owners=("olga", "omar")), datetime(2026, 2, 10, 9))
    expected, found = (ask_source(source, name, "2026-01").result for source in both)
    assert_same(found, expected, name)


@pytest.mark.parametrize("name", [name for name in all_metrics() if listing(name)])
def test_the_list_behind_a_figure_is_duckdb_s(sources, name):
    lists = []
    for source in sources():
        answer = ask_source(source, name, "2026-01")
        frame, total = listing(name)(source, answer.question, {}, 1000)
        lists.append(frame.sort_values(list(frame.columns), ignore_index=True))
        assert len(frame) == total
    assert_same(lists[1], lists[0], name)


def assert_same(found, expected, where):
    """Equal to the row and, beyond a millionth, to the figure; floats are summed in another order on every engine."""
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, rtol=TOLERANCE["rel"], atol=TOLERANCE["abs"], obj=where)
    elif dataclasses.is_dataclass(expected):
        assert type(found) is type(expected)
        for field in dataclasses.fields(expected):
            assert_same(getattr(found, field.name), getattr(expected, field.name), f"{where}.{field.name}")
    elif isinstance(expected, dict):
        assert list(found) == list(expected), where
        for key, value in expected.items():
            assert_same(found[key], value, f"{where}[{key!r}]")
    elif isinstance(expected, (tuple, list)):
        assert len(found) == len(expected), where
        for place, (left, right) in enumerate(zip(found, expected, strict=True)):
            assert_same(left, right, f"{where}[{place}]")
    elif isinstance(expected, float) and not isinstance(expected, (date, datetime)):
        assert (math.isnan(found) and math.isnan(expected)) or found == pytest.approx(expected, **TOLERANCE), where
    else:
        assert found == expected, where
