"""A funnel: counts, what is still open, what happened between two stages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from charts.dots import stage_times
from charts.funnel import funnel, funnel_groups
from charts.theme import palette
from i18n.words import load_words
from tests.charts.frames import FUNNEL, NAN, TIMES, array, as_json, funnel_of, stages_of, times_of, traces

EN, ZH = load_words("en"), load_words("zh-CN")
LIGHT = palette("light")
COUNTS = (1240, 702, 398, 240, 131)


def notes(chart):
    return [note["text"] for note in as_json(chart.figure)["layout"]["annotations"]]


def test_solid_and_hatched_together_are_the_count_of_each_stage():
    solid, hatched = traces(funnel(FUNNEL, funnel_of(stages_of()), EN, "light"), "bar")
    assert array(solid["x"]) + array(hatched["x"]) == pytest.approx(COUNTS)
    assert array(hatched["x"]) == pytest.approx(stages_of()["still_open"])
    assert array(hatched["base"]) == pytest.approx(array(solid["x"]))
    assert hatched["marker"]["pattern"]["shape"] == "/"


def test_the_drop_is_written_between_two_stages():
    texts = notes(funnel(FUNNEL, funnel_of(stages_of()), EN, "light"))
    assert texts[0] == "56.6% go on (53.8% to 59.3%)<br>359 lost, 179 still here"
    assert len([text for text in texts if "go on" in text]) == 4


def by_eye():
    """Ten deals enter; one of the four that are lost at the third stage never was in the second."""
    frame = stages_of((10, 6, 5, 1))
    return frame.assign(lost=[2, 1, 4, 0], still_here=[1, 1, 0, 0])


def test_what_is_written_between_two_stages_adds_up():
    chart = funnel(FUNNEL, funnel_of(by_eye()), EN, "light")
    said = [text.split("<br>")[1] for text in notes(chart) if "go on" in text]
    assert said == [
        "2 lost, 1 still here, 1 left by another way",  # 10 - 2 - 1 - 1 = 6
        "1 lost, 1 still here, 1 came another way",  # 6 - 1 - 1 + 1 = 5
        "4 lost",  # 5 - 4 = 1
    ]
    assert "skipped a stage" in chart.notes[0]
    assert funnel(FUNNEL, funnel_of(stages_of()), EN, "light").notes == ()


def test_with_a_window_what_came_later_is_not_said_to_have_left():
    chart = funnel(FUNNEL, replace(funnel_of(by_eye()), window_days=30), EN, "light")
    said = [text.split("<br>")[1] for text in notes(chart) if "go on" in text]
    assert said[0] == "2 lost, 1 still here, 1 took longer or left by another way"
    assert chart.notes[0] == "Only what happened within 30 days of the first entry counts."


def test_a_count_stands_with_its_stage_wherever_the_outline_of_another_cohort_ends():
    chart = funnel(FUNNEL, funnel_of(stages_of((100, 40)), stages_of((900, 700))), EN, "light")
    assert as_json(chart.figure)["layout"]["yaxis"]["ticktext"] == [
        "Lead<br><b>100</b>",
        "Qualified<br><b>40</b>  40.0%",
    ]
    assert not traces(chart, "scatter", mode="text")


def test_the_step_that_loses_more_stands_out_in_words_and_colour():
    chart = funnel(FUNNEL, funnel_of(stages_of(), bottleneck="proposal"), EN, "light")
    (worse,) = [note for note in as_json(chart.figure)["layout"]["annotations"] if "usually" in note["text"]]
    assert worse["text"].startswith("<b>only 56.7% go on, usually 60.0%</b>")
    assert worse["font"]["color"] == LIGHT.bad
    assert "loses more than it used to" in chart.alt


def test_the_compared_cohort_is_a_grey_outline():
    chart = funnel(FUNNEL, funnel_of(stages_of(), stages_of((1100, 700, 380, 200, 120))), EN, "light")
    outlined = traces(chart, "bar")[2]
    assert array(outlined["x"]) == pytest.approx((1100, 700, 380, 200, 120))
    assert outlined["marker"]["line"]["color"] == LIGHT.comparison


def test_the_other_readings_are_marks_where_they_differ():
    chart = funnel(FUNNEL, funnel_of(stages_of()), EN, "light")
    marks = {trace["marker"]["symbol"]: array(trace["x"]) for trace in traces(chart, "scatter", mode="markers")}
    assert marks["diamond"] == pytest.approx(np.floor(np.array(COUNTS) * 0.9))
    assert marks["triangle-up"] == pytest.approx(np.floor(np.array(COUNTS) * 0.97))
    same = stages_of().assign(in_order=COUNTS, entered=COUNTS)
    assert not traces(funnel(FUNNEL, funnel_of(same), EN, "light"), "scatter", mode="markers")


def test_fewer_than_thirty_records_are_grey():
    solid, _ = traces(funnel(FUNNEL, funnel_of(stages_of((29, 10, 5))), EN, "light"), "bar")
    assert solid["marker"]["color"] == LIGHT.comparison


def test_stages_that_every_pipeline_has_are_named_in_words():
    assert (
        as_json(funnel(FUNNEL, funnel_of(stages_of()), ZH, "light").figure)["layout"]["yaxis"]["ticktext"][-1].split(
            "<br>"
        )[0]
        == "赢单"
    )


def test_a_click_gives_the_stage_from_either_part_of_its_bar():
    chart = funnel(FUNNEL, funnel_of(stages_of()), EN, "light")
    points = [{"curve_number": 0, "point_index": 2}, {"curve_number": 1, "point_index": 2}]
    assert chart.clicked(points) == [("proposal",)]


def test_the_alternative_text_goes_through_the_stages():
    assert funnel(FUNNEL, funnel_of(stages_of((100, 40))), EN, "light").alt == (
        "Funnel chart of Sales funnel: 2 stages. Lead: 100. Qualified: 40, 40.0% of the stage before.")  # fmt: skip
    assert "共 2 个阶段" in funnel(FUNNEL, funnel_of(stages_of((100, 40))), ZH, "light").alt


# -- groups and times -----------------------------------------------------------------------------------------------
GROUPS = pd.concat([stages_of((100, 40, 10), "b"), stages_of((200, 90, 50), "a"), stages_of((20, 9, 4), None)])


def test_groups_are_compared_by_their_overall_conversion():
    chart = funnel_groups(FUNNEL, funnel_of(GROUPS), EN, "light", dimension="source")
    (point,) = [trace for trace in traces(chart, "scatter") if "customdata" in trace]
    assert array(point["x"]) == pytest.approx([0.25, 0.2, 0.1])
    assert point["marker"]["color"] == [LIGHT.accent, LIGHT.comparison, LIGHT.accent]
    number = next(iter(chart.keys))
    assert chart.clicked([{"curve_number": number, "point_index": place} for place in range(3)]) == [
        ("a",),
        (None,),
        ("b",),
    ]


def test_the_twenty_largest_groups_are_drawn():
    many = pd.concat([stages_of((100 + place, 40, 10), f"g{place:02}") for place in range(25)])
    chart = funnel_groups(FUNNEL, funnel_of(many), EN, "light")
    names = as_json(chart.figure)["layout"]["yaxis"]["ticktext"]
    assert len(names) == 20
    assert "g00" not in names
    assert chart.notes == ("5 smaller groups are not drawn; the table has them.",)


def test_times_in_stage_are_dots_with_intervals_from_zero():
    chart = stage_times(TIMES, times_of((4.0, 9.0)), EN, "light")
    (point,) = [trace for trace in traces(chart, "scatter") if "customdata" in trace]
    whisker = traces(chart, "scatter", mode="lines")[0]
    assert array(point["x"]) == pytest.approx([4, 9])
    assert array(whisker["x"])[[0, 1, 3, 4]] == pytest.approx([3.2, 5.2, 7.2, 11.7])
    assert as_json(chart.figure)["layout"]["xaxis"]["range"][0] == 0
    assert [text for text in notes(chart) if "%" in text] == ["20%", "20%"]


def test_a_median_that_is_not_reached_is_told_in_words():
    chart = stage_times(TIMES, times_of((4.0, NAN)), EN, "light")
    (label,) = traces(chart, "scatter", mode="text")
    assert [text.strip() for text in label["text"]] == ["4 days", "over half still there"]


def test_days_in_one_chart_have_the_same_number_of_decimals():
    (label,) = traces(stage_times(TIMES, times_of((5.0, 8.9)), EN, "light"), "scatter", mode="text")
    assert [text.strip() for text in label["text"]] == ["5.0 days", "8.9 days"]
