"""A viewer on a page: which period a choice means, whose notes it carries, and what is asked with which filters."""

from __future__ import annotations

from datetime import date

import pytest

from data_access.calendar import Grain
from metrics.periods import Comparison, Period
from tests.ui.companies import demo_view
from ui.choices import PRESETS
from ui.site import SITE
from ui.trends import trend_view
from ui.view import covered

PAGES = [site.spec.name for site in SITE if site.spec.has_period]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_preset_gives_a_period_that_the_data_reach_into(small_demo, preset):
    view = demo_view(small_demo, "overview", "en", period=preset)
    first, last = covered(view.source)
    assert view.problems == ()
    assert view.filters.period.start <= last
    assert view.filters.period.end > first


def test_last_quarter_is_the_last_that_is_over(small_demo):
    view = demo_view(small_demo, "overview", "en", period="last_quarter")
    assert view.filters.period == Period(date(2026, 1, 1), date(2026, 4, 1))


def test_own_dates_are_taken_as_they_are(small_demo):
    view = demo_view(small_demo, "overview", "en", period="2026-01-05..2026-02-10")
    assert view.filters.period == Period(date(2026, 1, 5), date(2026, 2, 10))


@pytest.mark.parametrize("outside", ["1990-01-01..1990-02-01", "2150-01-01..2150-02-01"])
def test_a_period_outside_the_data_is_replaced_and_the_note_says_by_what(small_demo, outside):
    view = demo_view(small_demo, "overview", "en", period=outside)
    assert view.filters.period == Period(date(2026, 1, 1), date(2026, 4, 1))
    assert [problem.key for problem in view.problems] == ["period_outside_data"]
    assert view.problems[0].gaps["dates"] == "1 Jan – 31 Mar 2026"


@pytest.mark.parametrize("wide", ["1970-01-01..2200-01-01", "2026-06-18..2200-01-01"])
@pytest.mark.parametrize("page", PAGES)
def test_a_period_far_wider_than_the_data_is_answered(small_demo, page, wide):
    view = demo_view(small_demo, page, "en", period=wide)
    for metric in ("revenue", "retention", "funnel"):
        assert view.ask(metric).answer().result is not None


def test_a_trend_of_the_widest_period_by_day_stays_small(small_demo):
    view = demo_view(small_demo, "overview", "en", period="1970-01-01..2200-01-01", grain="day")
    longer = trend_view(view)
    answer = longer.ask("revenue", shape="trend").answer()
    assert answer.result is not None
    assert len(answer.result.frame) <= 60


def test_every_choice_arrives_in_the_question(small_demo):
    view = demo_view(
        small_demo,
        "overview",
        "en",
        compare="previous",
        grain="week",
        complete="yes",
        region=("North",),
        team=("T1", "T2"),
    )
    assert view.filters.comparison is Comparison.PREVIOUS
    assert view.filters.grain is Grain.WEEK
    assert view.filters.complete_only
    assert view.filters.where == (("region", ("North",)), ("team", ("T1", "T2")))


def test_an_option_that_is_empty_is_left_to_the_metric(small_demo):
    assert demo_view(small_demo, "funnel", "en").ask("funnel", by="", reading="entered").options == (
        ("reading", "entered"),
    )


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_figures_are_the_same_in_both_languages(small_demo, language):
    answer = demo_view(small_demo, "overview", language).ask("revenue").answer()
    other = demo_view(small_demo, "overview", "en").ask("revenue").answer()
    assert answer.key == other.key
    assert answer.result is other.result
