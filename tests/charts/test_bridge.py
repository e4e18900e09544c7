"""A bridge: its parts lead exactly from the value before to the value now."""

from __future__ import annotations

import numpy as np
import pytest

from charts.bridge import waterfall
from charts.theme import palette
from i18n.words import load_words
from metrics.statistics import Verdict
from tests.charts.frames import NAN, REVENUE, array, as_json, bridge_of, traces

EN, ZH = load_words("en"), load_words("zh-CN")
LIGHT = palette("light")


def draw(bridge, words=EN):
    return waterfall(bridge, REVENUE, words, "light", "EUR")


def names(chart):
    return as_json(chart.figure)["layout"]["yaxis"]["ticktext"]


@pytest.mark.parametrize("size", [1, 3, 12, 60])
def test_the_parts_lead_from_before_to_after(size):
    changes = np.linspace(-5e4, 9e4, size)
    bridge = bridge_of([f"p{place}" for place in range(size)], changes)
    (bar,) = traces(draw(bridge), "bar")
    change, base = array(bar["x"]), array(bar["base"])
    assert base[0] == bridge.before
    assert base[1:] == pytest.approx(base[:-1] + change[:-1])
    assert base[-1] + change[-1] == pytest.approx(bridge.after)
    assert change.sum() == pytest.approx(sum(changes))


def test_after_twelve_parts_the_others_are_one():
    bridge = bridge_of([f"p{place}" for place in range(30)], np.linspace(1, 30, 30))
    assert names(draw(bridge))[-2] == "Other (18)"
    assert len(names(draw(bridge))) == 15


def test_only_what_is_beyond_noise_is_green_or_red():
    bridge = bridge_of(["a", "b", "c", "d"], [9, -5, 3, 1], verdicts=("up", "down", "noise", "too_few"))
    (bar,) = traces(draw(bridge), "bar")
    assert bar["marker"]["color"] == [LIGHT.good, LIGHT.bad, LIGHT.comparison, LIGHT.comparison]


def test_factors_are_judged_only_when_the_whole_change_is_beyond_noise():
    factors = ("customers", "orders_per_customer", "value_per_order")
    for verdict, colours in (
        (Verdict.UP, [LIGHT.good, LIGHT.good, LIGHT.bad]),
        (Verdict.NOISE, [LIGHT.comparison] * 3),
    ):
        bridge = bridge_of(factors, [5, 3, -1], kind="factors", verdicts=[""] * 3, whole=verdict)
        (bar,) = traces(draw(bridge), "bar")
        assert bar["marker"]["color"] == colours


def test_factors_are_named_in_words_and_pointed_at_in_their_own_unit():
    factors = ("customers", "orders_per_customer", "value_per_order")
    bridge = bridge_of(factors, [5, 3, -1], kind="factors", verdicts=[""] * 3)
    bridge.frame["before"], bridge.frame["after"] = [5210.0, 1.314, 161.2], [5480.0, 1.35, 158.9]
    (bar,) = traces(draw(bridge), "bar")
    assert names(draw(bridge))[1:4] == [
        "Customers<br>5,210 → 5,480",
        "Orders per customer<br>1.31 → 1.35",
        "Value per order<br>€161.20 → €158.90",
    ]
    assert [row[2] for row in bar["customdata"]] == [
        "from 5,210 to 5,480", "from 1.31 to 1.35", "from €161.20 to €158.90"]  # fmt: skip


def test_the_totals_are_marks_named_by_their_period():
    chart = draw(bridge_of(["a"], [1e5]))
    marks = [trace for trace in traces(chart, "scatter") if trace["mode"] == "markers+text"]
    assert [mark["x"] for mark in marks] == [[1.1e6], [1.2e6]]
    assert names(chart)[0] == f"<b>{EN('filter.comparison.choice.previous')}</b>"
    assert names(chart)[-1] == f"<b>{EN('panel.legend_actual')}</b>"


def test_a_part_without_a_value_is_left_out():
    assert len(names(draw(bridge_of(["a", "b"], [NAN, 5.0])))) == 3


def test_a_click_gives_the_part():
    chart = draw(bridge_of(["a", None], [3, 2]))
    assert chart.clicked([{"curve_number": 1, "point_index": 1}]) == [(None,)]


def test_the_alternative_text_tells_from_where_to_where_and_the_largest_parts():
    assert draw(bridge_of(["a", "b"], [2e5, -1e5])).alt == (
        "Waterfall chart of Revenue: from €1.1M to €1.2M. Largest parts: a +€200K and b −€100K.")  # fmt: skip
    assert draw(bridge_of([], [])).alt == "Waterfall chart of Revenue, without any value."
