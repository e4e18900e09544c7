"""The table behind a figure: every column has its head and every code its words, in both languages."""

from __future__ import annotations

import pandas as pd
import pytest

from i18n.words import LANGUAGES, load_words
from metrics.answers import ask
from metrics.columns import COLUMNS
from metrics.listing import listing
from metrics.metric import all_metrics
from tests.ui.companies import demo_view
from ui.explain import explanation, shown_frame, upright
from ui.listed import in_words

ASKED = [
    (name, options)
    for name, metric in all_metrics().items()
    for options in (
        {},
        *([{"shape": "trend"}] if metric.is_kpi else []),
        *({"by": value} for value in (metric.options["by"].values if "by" in metric.options else ())[:3] if value),
    )
]
LISTED = [name for name in all_metrics() if listing(name)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "options"), ASKED, ids=str)
def test_every_column_of_a_table_has_a_head_and_no_code_is_left_in_it(small_demo, name, options, language):
    view, words = demo_view(small_demo, "overview", language), load_words(language)
    answer = ask(name, view.source, view.filters, options)
    assert answer.result is not None
    frame = answer.result.frame
    assert [column for column in frame.columns if not words.has(f"column.{column}")] == []
    shown = shown_frame(frame, answer, words)
    assert shown.shape == frame.shape, "two columns have the same head"
    values = {str(value) for value in shown.to_numpy().ravel()}
    assert not values & {
        "nan",
        "None",
        "NaT",
        "<NA>",
        "True",
        "False",
        "noise",
        "too_few",
        "no_baseline",
        "money",
        "ratio",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_that_an_answer_may_have_has_a_head(language):
    words = load_words(language)
    assert [name for name in COLUMNS if not words.has(f"column.{name}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LISTED)
def test_a_list_has_heads_moments_and_outcomes_in_words(small_demo, name, language):
    view, words = demo_view(small_demo, "overview", language), load_words(language)
    rows_of = listing(name)
    assert rows_of is not None
    frame, _ = rows_of(view.source, ask(name, view.source, view.filters).question, {}, 20)
    listed = in_words(frame, words, "Europe/Berlin", {})
    assert listed.shape == frame.shape
    assert not set(listed.columns) & set(frame.columns)
    assert not any(pd.api.types.is_datetime64_any_dtype(listed[column]) for column in listed)


def test_a_single_row_is_written_from_top_to_bottom():
    frame = upright(pd.DataFrame({"A": ["1"], "B": ["2"]}), load_words("en"))
    assert frame.to_numpy().tolist() == [["A", "1"], ["B", "2"]]


@pytest.mark.parametrize(
    ("page", "metric", "options", "english", "chinese"),
    [
        (
            "funnel",
            "funnel",
            {"reading": "in_order", "window_days": "30"},
            {
                "Pipeline": "New business",
                "Begin with": "Opportunities",
                "Reading": "Entered every stage in order",
                "Conversion window": "30 days",
            },
            {"销售管道": "New business", "起点": "商机", "计数口径": "依次进入每个阶段", "转化窗口": "30 天"},
        ),
        (
            "funnel",
            "time_in_stage",
            {"pipeline": "existing_business"},
            {"Pipeline": "Existing business"},
            {"销售管道": "Existing business"},
        ),
        (
            "retention",
            "retention",
            {"measure": "revenue", "by": "region"},
            {
                "Cohort": "First order",
                "Age": "Calendar periods",
                "Came back": "In that period",
                "Measure": "Revenue (net)",
                "Compare": "Region",
            },
            {"同期群": "首次下单", "期龄": "日历时期", "回购口径": "在该时期", "指标": "收入（净额）", "对比": "地区"},
        ),
        ("overview", "revenue", {"by": "channel"}, {"Split by": "Channel"}, {"按此拆分": "渠道"}),
        ("overview", "revenue_change", {"by": "factors"}, {}, {}),
        ("overview", "revenue", {"shape": "trend"}, {}, {}),
    ],
)
def test_how_a_figure_is_counted_is_told(small_demo, page, metric, options, english, chinese):
    for language, told in (("en", english), ("zh-CN", chinese)):
        view = demo_view(small_demo, page, language)
        labels = [label for label, _ in explanation(view.ask(metric, **options).answer(), view.words, view)]
        rows = dict(explanation(view.ask(metric, **options).answer(), view.words, view))
        after, before = labels.index(view.words("panel.filters")), labels.index(view.words("panel.period"))
        assert {label: rows[label] for label in labels[after + 1 : before]} == told


@pytest.mark.parametrize(
    ("language", "told"), [("en", "the one with the most opportunities"), ("zh-CN", "商机最多的一条")]
)
def test_a_pipeline_that_nobody_chose_is_told_while_the_database_is_away(small_demo, monkeypatch, language, told):
    view = demo_view(small_demo, "funnel", language)
    answer = view.ask("funnel").answer()
    monkeypatch.setattr("ui.explain.found_names", lambda source, name: {})
    assert dict(explanation(answer, view.words, view))[view.words("filter.pipeline.label")] == told
