"""A value per group: sorted, compared, judged only where it can be."""

from __future__ import annotations

import numpy as np
import pytest

from charts.bars import bars
from charts.theme import ROW, palette
from i18n.words import load_words
from metrics.metric import Better
from tests.charts.frames import CHURN, NAN, NPS, REVENUE, WIN_RATE, array, as_json, breakdown_of, traces

EN, ZH = load_words("en"), load_words("zh-CN")
LIGHT = palette("light")


def main(chart):
    return traces(chart, "bar")[0]


def edge(chart):
    """The column at the right edge: texts and colours, from top to bottom."""
    notes = [note for note in as_json(chart.figure)["layout"]["annotations"] if note.get("yref") != "paper"]
    return [(note["text"], note["font"]["color"]) for note in sorted(notes, key=lambda note: note["y"])]


def names(chart):
    return as_json(chart.figure)["layout"]["yaxis"]["ticktext"]


def test_bars_are_sorted_by_value_and_start_at_zero():
    chart = bars(REVENUE, breakdown_of(["a", "b", "c"], [10, 30, 20]), EN, "light", "EUR")
    assert names(chart) == ["b", "c", "a"]
    assert array(main(chart)["x"]) == pytest.approx([30, 20, 10])
    assert as_json(chart.figure)["layout"]["xaxis"]["range"] == [0, 30]


def test_a_group_without_a_value_comes_last():
    chart = bars(REVENUE, breakdown_of(["a", "b", "c"], [NAN, 30, 20]), EN, "light", "EUR")
    assert names(chart) == ["b", "c", "a"]


@pytest.mark.parametrize("size", [1, 7, 20])
def test_each_group_has_28_pixels(size):
    low = bars(REVENUE, breakdown_of(range(size), [1.0] * size), EN, "light", "EUR").height
    assert low - ROW * size == bars(REVENUE, breakdown_of(["a"], [1.0]), EN, "light", "EUR").height - ROW


def test_after_twenty_groups_the_others_are_one_that_makes_the_sum_whole():
    values = [float(value) for value in range(60, 0, -1)]
    chart = bars(REVENUE, breakdown_of([f"g{value}" for value in range(60)], values), EN, "light", "EUR")
    assert names(chart)[-1] == "Other (40)"
    assert array(main(chart)["x"]).sum() == pytest.approx(sum(values))
    assert chart.notes == ()


def test_other_groups_of_a_rate_are_not_added_but_told():
    chart = bars(WIN_RATE, breakdown_of(range(25), np.linspace(0.1, 0.9, 25), is_additive=False), EN, "light")
    assert len(names(chart)) == 20
    assert chart.notes == ("5 smaller groups are not drawn; the table has them.",)


def test_of_too_many_rates_those_with_most_cases_are_drawn():
    """The highest rates of many groups are those of the fewest cases."""
    values, cases = np.linspace(0.9, 0.1, 25), np.arange(31, 56)
    chart = bars(WIN_RATE, breakdown_of(range(25), values, n=cases, is_additive=False), EN, "light")
    assert names(chart) == [str(place) for place in range(5, 25)]


def test_a_change_that_cannot_be_judged_for_lack_of_cases_before_is_left_out():
    chart = bars(WIN_RATE, breakdown_of(["a"], [0.5], [0.4], ("too_few",), n=(300,)), EN, "light")
    assert edge(chart) == []
    assert main(chart)["marker"]["color"] == LIGHT.accent


def test_what_it_is_compared_with_is_a_thin_grey_bar_below():
    chart = bars(REVENUE, breakdown_of(["a", "b"], [30, 20], [25, 26]), EN, "light", "EUR")
    wide, thin = traces(chart, "bar")
    assert array(thin["x"]) == pytest.approx([25, 26])
    assert thin["marker"]["color"] == LIGHT.comparison
    assert thin["width"] < wide["width"] / 3
    assert thin["offset"] > wide["offset"] + wide["width"]


def test_only_a_verdict_is_green_or_red():
    result = breakdown_of(
        ["a", "b", "c", "d"], [44, 33, 22, 11], [40, 36, 22.1, NAN], ("up", "down", "noise", "no_baseline")
    )
    assert edge(bars(REVENUE, result, EN, "light", "EUR")) == [
        ("▲ +10%", LIGHT.good),
        ("▼ −8.3%", LIGHT.bad),
        ("≈ −0.5%", LIGHT.quiet),
    ]


def test_less_churn_is_good():
    result = breakdown_of(["a"], [0.05], [0.08], ("down",), is_additive=False)
    assert CHURN.better is Better.LOWER
    assert edge(bars(CHURN, result, EN, "light")) == [("▼ −3.0", LIGHT.good)]


def test_points_are_named_once_above_the_changes():
    chart = bars(WIN_RATE, breakdown_of(["a"], [0.05], [0.08], is_additive=False), ZH, "light")
    texts = [note["text"] for note in as_json(chart.figure)["layout"]["annotations"]]
    assert "变化（百分点）" in texts


def test_too_few_cases_are_grey_and_told_instead_of_a_change():
    chart = bars(WIN_RATE, breakdown_of(["a", "b"], [0.5, 0.4], [0.1, 0.1], ("up", "up"), n=(29, 30)), EN, "light")
    assert main(chart)["marker"]["color"] == [LIGHT.comparison, LIGHT.accent]
    assert [text for text, _ in edge(chart)] == ["n = 29", "▲ +30.0"]


def test_an_interval_is_a_whisker():
    chart = bars(WIN_RATE, breakdown_of(["a"], [0.5], half=0.1), EN, "light")
    assert array(main(chart)["error_x"]["array"]) == pytest.approx([0.1])
    assert array(main(chart)["error_x"]["arrayminus"]) == pytest.approx([0.1])


def test_a_highlighted_group_keeps_its_colour_and_the_rest_is_grey():
    chart = bars(REVENUE, breakdown_of(["a", "b"], [2, 1]), EN, "light", "EUR", highlight=("b",))
    assert main(chart)["marker"]["color"] == [LIGHT.comparison, LIGHT.accent]


def test_nothing_is_grey_when_no_group_is_highlighted():
    chart = bars(REVENUE, breakdown_of(["a", None], [2, 1]), EN, "light", "EUR")
    assert main(chart)["marker"]["color"] == LIGHT.accent


def test_negative_values_reach_to_the_left_of_zero():
    chart = bars(NPS, breakdown_of(["a", "b"], [40, -20], is_additive=False), EN, "light")
    assert as_json(chart.figure)["layout"]["xaxis"]["range"] == [-20, 40]


def test_countries_and_what_is_not_recorded_are_named_in_words():
    chart = bars(REVENUE, breakdown_of(["DE", None], [2, 1], dimension="country"), ZH, "light", "EUR")
    assert names(chart) == ["德国", "未记录"]


def test_a_click_gives_the_group_and_nothing_for_the_others_together():
    chart = bars(REVENUE, breakdown_of([None, *range(30)], range(31, 0, -1)), EN, "light", "EUR")
    points = [{"curve_number": 0, "point_index": place} for place in (0, 3, 3, 20, 99)]
    assert chart.clicked(points) == [(None,), (2,)]
    assert chart.clicked([{"curve_number": 1, "point_index": 0}, {}]) == []


def test_the_full_name_appears_when_pointed_at():
    name = "Website enquiry form (spring campaign, second wave)"
    chart = bars(REVENUE, breakdown_of([name], [2]), EN, "light", "EUR")
    assert "…" in names(chart)[0]
    assert main(chart)["customdata"][0][0].replace("<br>", " ").split() == name.split()


def test_the_alternative_text_tells_the_extremes():
    chart = bars(REVENUE, breakdown_of(["a", "b"], [2e6, 1e6]), EN, "light", "EUR")
    assert chart.alt == "Bar chart of Revenue by Region: 2 groups. Highest: €2M (a); lowest: €1M (b)."
