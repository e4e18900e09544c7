"""ui/headline.py: the answer of a page, and why there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metrics.statistics import Verdict
from tests.ui.companies import demo_view
from tests.worlds import shop
from ui.headline import _of_revenue, findings_sentences, funnel_sentences, retention_sentences

OUTSIDE = {"en": "after the period compared with ended", "zh-CN": "晚于对比期的结束"}
PARTLY = {"en": "inside the period compared with", "zh-CN": "对比期只有部分记录"}
NOISE = {"en": "No change beyond noise.", "zh-CN": "变化没有超出正常波动。"}
TOGETHER = {"en": "once all 9 key figures are looked at together", "zh-CN": "把 9 个关键指标放在一起看"}
TOO_FEW = {"en": "too few cases", "zh-CN": "样本太少"}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("period", "compare", "reason"),
    [
        pytest.param("2023-05-27..2023-12-31", "previous", OUTSIDE, id="the-period-before-lies-before-the-data"),
        pytest.param("2023-06-01..2024-01-01", "year", OUTSIDE, id="the-year-before-lies-before-the-data"),
        pytest.param("2024-01-01..2025-01-01", "year", PARTLY, id="the-data-begin-inside-the-year-before"),
        pytest.param("2026-03-03..2026-03-04", "previous", NOISE, id="noise"),
        pytest.param("2025-01-31..2025-02-14", "previous", TOGETHER, id="a-card-is-marked-and-together-it-is-noise"),
    ],
)
def test_where_nothing_is_found_the_headline_says_the_true_reason(small_demo, language, period, compare, reason):
    """The demo company's data begin on 30 May 2023; it has hundreds of orders in each of these periods but the last."""
    said = findings_sentences(demo_view(small_demo, "overview", language, period=period, compare=compare))[0]
    assert reason[language] in said
    assert TOO_FEW[language] not in said
    assert ("2023" in said) is (reason in (OUTSIDE, PARTLY))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_with_a_window_the_headline_counts_what_the_bars_count(small_demo, language):
    view = demo_view(small_demo, "funnel", language, window_days="30")
    result = view.ask("funnel", window_days="30").answer().result
    within = int(result.frame["reached"].iloc[-1])
    assert 0 < within < result.won
    said = funnel_sentences(view)[0]
    assert {"en": f"{within} were won within 30 days", "zh-CN": f"30 天内赢单 {within} 条"}[language] in said
    assert {"en": f"{result.won} were won and", "zh-CN": f"共赢单 {result.won} 条"}[language] in said


@pytest.mark.parametrize(("language", "bracket"), [("en", "(n = "), ("zh-CN", "（样本 ")])
def test_an_average_without_an_interval_shows_no_dash_for_it(small_demo, language, bracket):
    recurring = retention_sentences(demo_view(small_demo, "retention", language, cohort="recurring"))
    assert all(bracket in text for text in recurring)
    first = retention_sentences(demo_view(small_demo, "retention", language))
    assert not any(bracket in text for text in first)


@pytest.mark.parametrize(
    ("language", "marked", "steady", "days"),
    [("en", "among 9 figures looked at together that can be chance", "no change beyond noise", "difference in days"),
     ("zh-CN", "在同时查看的 9 个指标中，这可能只是偶然", "没有超出正常波动的变化", "天数差异")],
)  # fmt: skip
def test_revenue_that_its_card_marks_is_not_called_steady(small_demo, language, marked, steady, days):
    view = demo_view(small_demo, "overview", language)
    compared = view.ask("revenue").answer().result.compared(view.filters.comparison)
    result = replace(view.ask("findings").answer().result, n=9)
    change = compared.change._replace(ratio=-0.0812)
    for verdict in (Verdict.UP, Verdict.DOWN):
        moved = replace(compared, change=change._replace(verdict=verdict))
        assert marked in _of_revenue(moved, result, view)
        assert "−8.1" in _of_revenue(moved, result, view)
        by_days = _of_revenue(moved, replace(result, is_by_days=True), view)
        assert days in by_days
        assert marked not in by_days
    assert steady in _of_revenue(replace(compared, change=change._replace(verdict=Verdict.NOISE)), result, view)


@pytest.mark.parametrize(("language", "days"), [("en", "the one compared with 31"), ("zh-CN", "28 天，对比期有 31 天")])
@pytest.mark.parametrize(("per_day", "sentences"), [(60, 1), (40, 4)])
def test_months_of_other_length_are_named_at_the_top(place_duckdb, language, days, per_day, sentences):
    """February beside January: whether something is told or nothing is, the days of both stand there once, at the end."""
    path = place_duckdb.write(shop({2: per_day}))
    view = demo_view(path, "overview", language, period="2026-02-01..2026-03-01", compare="previous")
    said = findings_sentences(view)
    assert len(said) == sentences
    assert [days in text for text in said] == [False] * (sentences - 1) + [True]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_cohorts_without_customers_are_not_called_too_young(small_demo, language):
    late = demo_view(small_demo, "retention", language, period="2026-06-01..2026-07-01")
    nobody = demo_view(small_demo, "retention", language, period="2026-06-01..2026-07-01", region=("no such region",))
    assert retention_sentences(late) == [late.words("page.retention.too_young")]
    assert retention_sentences(nobody) == [nobody.words("page.retention.intro")]
