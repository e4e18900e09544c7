"""Every answer that a page can ask for can be drawn, in both languages, from the demo company."""

from __future__ import annotations

from datetime import date

import pytest

from charts.draw import draw
from data_access.source import Source, open_source
from i18n.words import load_words
from metrics.answers import ask
from metrics.metric import all_metrics
from metrics.periods import Comparison, Period
from metrics.question import Filters
from tests.data_access.demo_company import made

WORDS = [load_words(language) for language in ("en", "zh-CN")]
QUARTER = Filters(Period(date(2026, 1, 1), date(2026, 4, 1)), Comparison.YEAR)
WITHOUT_CHART = {"findings", "kpis"}  # sentences and cards


def drawable() -> list[tuple[str, dict[str, str]]]:
    """Every metric with every breakdown, and over time."""
    asked = []
    for metric in all_metrics().values():
        groups = [by for by in metric.options["by"].values if by not in ("", "none")] if "by" in metric.options else []
        asked += [(metric.name, {"by": by}) for by in groups]
        if "shape" in metric.options:
            asked.append((metric.name, {"shape": "trend"}))
        elif metric.name not in WITHOUT_CHART and "" in getattr(metric.options.get("by"), "values", ("",)):
            asked.append((metric.name, {}))
    return asked


@pytest.fixture(scope="module")
def source() -> Source:
    return open_source(str(made(0.1)[0]))


@pytest.mark.parametrize(
    ("name", "options"), drawable(), ids=lambda value: value if isinstance(value, str) else "-".join(value.values())
)
def test_it_is_drawn_and_said_in_words(source, name, options):
    answer = ask(name, source, QUARTER, options)
    assert answer.result is not None
    for words in WORDS:
        chart = draw(answer, words, "light")
        assert chart.alt
        assert chart.figure.data
