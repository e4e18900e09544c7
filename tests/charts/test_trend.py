"""A trend: the figures of the frame, and what is not finished looks unfinished."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from charts.theme import palette
from charts.trend import outline, trend
from i18n.words import load_words
from metrics.periods import Comparison
from tests.charts.frames import NAN, NPS, ORDER_VALUE, REVENUE, WIN_RATE, array, as_json, traces, trend_of

EN, ZH = load_words("en"), load_words("zh-CN")
LIGHT = palette("light")
VALUES = [100.0, 120.0, 90.0, 150.0, 60.0]


def line(result=None, words=EN, **more):
    return trend(ORDER_VALUE, result or trend_of(VALUES), words, "light", "EUR", **more)


def solid(chart):
    return next(trace for trace in traces(chart, "scatter") if trace.get("line", {}).get("width") == 2.25)


def test_the_line_shows_the_values_of_finished_buckets():
    assert array(solid(line())["y"])[:4] == pytest.approx(VALUES[:4])
    assert np.isnan(array(solid(line())["y"])[4])


def test_an_unfinished_bucket_is_a_hollow_point_at_the_end_of_a_dotted_line():
    dotted = next(trace for trace in traces(line(), "scatter") if trace.get("line", {}).get("dash") == "dot")
    hollow = next(trace for trace in traces(line(), "scatter") if trace.get("marker", {}).get("size") == 7)
    assert array(dotted["y"]) == pytest.approx(VALUES[3:])
    assert array(hollow["x"]) == pytest.approx([4])
    assert array(hollow["y"]) == pytest.approx([60])
    assert hollow["marker"]["color"] == LIGHT.surface
    assert hollow["marker"]["line"]["color"] == LIGHT.accent


@pytest.mark.parametrize(
    ("words", "start"),
    [(EN, "Line chart of Average order value, nothing finished yet. So far €60"), (ZH, "折线图：客单价，尚无完整的值")],
)
def test_a_trend_of_one_running_bucket_says_its_value_as_one_so_far(words, start):
    assert line(trend_of([60.0], running=1), words).alt.startswith(start)


def test_a_finished_trend_has_nothing_dotted_and_no_key():
    chart = line(trend_of(VALUES, running=0))
    assert not [trace for trace in traces(chart, "scatter") if trace.get("line", {}).get("dash")]
    assert [note["text"] for note in as_json(chart.figure)["layout"]["annotations"]] == ["<b>€60</b>"]


def test_the_last_finished_value_is_written_beside_its_mark():
    notes = as_json(line().figure)["layout"]["annotations"]
    assert [(note["x"], note["text"]) for note in notes if note.get("xref") != "paper"] == [(3, "<b>€150</b>")]


@pytest.mark.parametrize(
    ("values", "above"), [((5, 3, 5), False), ((3, 5, 3), True), ((1, 2, 3), True), ((3, 2, 1), True)]
)
def test_the_written_value_keeps_clear_of_the_line(values, above):
    notes = as_json(line(trend_of(values)).figure)["layout"]["annotations"]
    (written,) = [note for note in notes if note.get("xref") != "paper"]
    assert (written["yanchor"] == "bottom") == above


def test_the_first_bucket_may_be_unfinished_too():
    result = trend_of(VALUES, running=0)
    result.frame.loc[0, "is_complete"] = False
    hollow = next(trace for trace in traces(line(result), "scatter") if trace.get("marker", {}).get("size") == 7)
    assert array(hollow["y"]) == pytest.approx([100])


def test_a_value_between_gaps_is_still_seen():
    chart = line(trend_of([NAN, 5, NAN, *[NAN] * 50, 7, NAN], freq="D", running=0))
    sizes = array(solid(chart)["marker"]["size"])
    assert (sizes > 1).sum() == 2


def test_the_compared_line_is_thin_and_grey():
    chart = line(compare=trend_of([80, 85, 90, 95, 100], "2024-06-01"), comparison=Comparison.YEAR)
    grey = next(trace for trace in traces(chart, "scatter") if trace.get("line", {}).get("color") == LIGHT.comparison)
    assert grey["line"]["width"] < 2
    assert array(grey["y"]) == pytest.approx([80, 85, 90, 95, 100])
    assert EN("filter.comparison.choice.year") in as_json(chart.figure)["layout"]["annotations"][0]["text"]


def test_a_compared_trend_of_another_length_is_met_from_its_start():
    chart = line(compare=trend_of([80, 85], "2024-06-01"))
    grey = next(trace for trace in traces(chart, "scatter") if trace.get("line", {}).get("color") == LIGHT.comparison)
    assert array(grey["y"])[:2] == pytest.approx([80, 85])
    assert np.isnan(array(grey["y"])[2:]).all()


def test_a_target_is_a_mark_across_its_bucket():
    chart = line(target=[NAN, 110, 110, 110, 115])
    mark = next(trace for trace in traces(chart, "scatter") if "error_x" in trace)
    assert array(mark["y"])[1:] == pytest.approx([110, 110, 110, 115])
    assert mark["error_x"]["color"] == LIGHT.text


def test_an_interval_is_a_band_of_finished_buckets():
    chart = trend(WIN_RATE, trend_of([0.2, 0.3, 0.25], half=0.05), EN, "light")
    band = next(trace for trace in traces(chart, "scatter") if trace.get("fill") == "toself")
    assert array(band["x"]) == pytest.approx([0, 1, 1, 0])
    assert array(band["y"]) == pytest.approx([0.25, 0.35, 0.25, 0.15])


def test_a_band_has_a_shape_per_unbroken_run():
    x, y = outline(np.arange(5.0), np.zeros(5), np.ones(5), np.array([True, True, False, True, True]))
    assert np.isnan(x).sum() == np.isnan(y).sum() == 1
    assert len(x) == 9


def test_what_adds_up_is_drawn_as_columns_from_zero():
    chart = trend(REVENUE, trend_of(VALUES), EN, "light", "EUR")
    solid_bars, hatched = traces(chart, "bar")
    assert array(solid_bars["y"])[:4] == pytest.approx(VALUES[:4])
    assert hatched["marker"]["pattern"]["shape"] == "/"
    assert array(hatched["x"]) == pytest.approx([4])
    assert array(hatched["y"]) == pytest.approx([60])
    assert as_json(chart.figure)["layout"]["yaxis"]["range"][0] == 0


def test_many_columns_become_a_line():
    chart = trend(REVENUE, trend_of([1.0] * 60, freq="D"), EN, "light", "EUR")
    assert not traces(chart, "bar")
    assert traces(trend(REVENUE, trend_of([1.0] * 60, freq="D"), EN, "light", "EUR", kind="columns"), "bar")


def test_a_line_that_stays_high_is_not_pressed_flat():
    low, high = as_json(line(trend_of([95, 97, 99, 98], running=0)).figure)["layout"]["yaxis"]["range"]
    assert 90 < low < 95 < 99 < high


def test_the_unit_stands_once_on_the_axis():
    texts = as_json(line().figure)["layout"]["yaxis"]["ticktext"]
    assert [text for text in texts if "€" in text] == [texts[-1]]


def test_what_is_pointed_at_says_value_dates_n_interval_and_comparison():
    chart = trend(WIN_RATE, trend_of([0.2, 0.3, 0.25], half=0.05), EN, "light", compare=trend_of([0.1, 0.2, 0.3]))
    (pointed,) = [trace for trace in traces(chart, "scatter") if "customdata" in trace]
    assert pointed["customdata"][1] == ["Jul 2025", "30.0%", "25.0% to 35.0%", "400", "20.0%"]
    assert pointed["customdata"][2][0] == "Aug 2025 (unfinished)"
    assert pointed["hovertemplate"].startswith("<b>%{customdata[1]}</b><br>%{customdata[0]}")


def test_a_click_on_a_bucket_gives_its_first_day_and_the_day_after_its_last():
    chart = line()
    number = next(iter(chart.keys))
    assert as_json(chart.figure)["data"][number]["hoverinfo"] == "text"
    clicked = chart.clicked([{"curve_number": number, "point_index": 1}])
    assert clicked == [(date(2025, 7, 1), date(2025, 8, 1))]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            EN,
            "Line chart of Average order value, Jun 2025 to Sep 2025. Highest: €150 (Sep 2025); lowest: €90 (Aug ",
        ),
        (ZH, "折线图：客单价，2025年6月至2025年9月。最高 €150（2025年9月），最低 €90（2025年8月）。"),
    ],
)
def test_the_alternative_text_tells_kind_subject_range_and_extremes_of_finished_buckets(words, said):
    assert line(words=words).alt.startswith(said)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, 2, 3, 4, 5], "rises"),
        ([5, 4, 3, 2, 1], "falls"),
        ([1, 5, 1, 5, 1], "without a clear direction"),
        ([3, 3, 3, 3, 3], "stays the same"),
    ],
)
def test_the_alternative_text_tells_the_direction(values, said):
    assert said in line(trend_of(values, running=0)).alt


def test_an_empty_trend_says_so():
    assert (
        trend(NPS, trend_of([], running=0), EN, "light").alt == "Line chart of Net promoter score, without any value."
    )
