"""What holds for every chart: words in both languages, little to send, nothing that breaks on what data may bring."""

from __future__ import annotations

import json
import math
import pickle
import re
import zlib

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from charts.chart import Chart
from i18n.words import load_words
from tests.charts.frames import HOSTILE, all_shapes, array, as_json, believable, walk

WORDS = {language: load_words(language) for language in ("en", "zh-CN")}
BELIEVABLE = believable()
SMALL = {
    "revenue by month, compared, with targets", "revenue by year", "revenue by region",
    "win rate by source", "nps by segment", "why, by factors", "why, by region", "one curve", "times in stage",
}  # fmt: skip
NAN = float("nan")
WORST = {
    "nothing": ([], []),
    "one": (["A"], [5.0]),
    "all missing": (list("ABCD"), [NAN] * 4),
    "all zero": (list("AB"), [0.0, 0.0]),
    "huge and negative": (list("ABCD"), [1e300, -1e300, 3.0, 0.0]),
    "the largest": (list("AB"), [1.7e308, -1.7e308]),
    "not finite": (list("ABC"), [math.inf, -math.inf, 1.0]),
    "tiny": (list("AB"), [1e-300, 2e-300]),
    "sixty groups": ([f"Group {place}" for place in range(60)], [1e5 - 3e3 * place for place in range(60)]),
    "hostile names": (HOSTILE, [1e6 / (place + 1) for place in range(len(HOSTILE))]),
}


@pytest.fixture(params=BELIEVABLE)
def draw(request):
    return BELIEVABLE[request.param]


@pytest.mark.parametrize("language", WORDS)
def test_every_chart_says_what_it_shows(draw, language):
    chart = draw(WORDS[language], "light")
    assert len(chart.alt) > 20
    assert not re.search(r"[{}]|\bnan\b|None", chart.alt)
    assert re.search(r"[\u3400-\u9fff]", chart.alt) or language == "en"


def test_a_chart_looks_different_in_the_dark_and_says_the_same(draw):
    light, dark = (draw(WORDS["en"], theme) for theme in ("light", "dark"))
    assert light.alt == dark.alt
    assert light.height == dark.height
    assert light.figure.to_json() != dark.figure.to_json()


def test_no_default_template_comes_with_a_chart_after_it_was_kept(draw):
    fresh = draw(WORDS["en"], "light")
    kept = pickle.loads(pickle.dumps(fresh))
    once, twice = as_json(fresh.figure), as_json(kept.figure)
    assert len(json.dumps(twice["layout"].pop("template", {}))) < 60
    once["layout"].pop("template", None)
    assert once == twice


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_small_chart_is_at_most_5_kb(name):
    sizes = [len(BELIEVABLE[name](words, "light").figure.to_json().encode()) for words in WORDS.values()]
    assert max(sizes) <= 5 * 1024


def test_no_chart_is_large(draw):
    sent = draw(WORDS["zh-CN"], "dark").figure.to_json().encode()
    assert len(sent) <= 32 * 1024
    assert len(zlib.compress(sent)) <= 8 * 1024


def test_numbers_are_sent_as_arrays_and_not_as_lists(draw):
    """But for `base` of bars, which Plotly has no way to send as an array."""
    figure = as_json(draw(WORDS["en"], "light").figure)
    for trace in figure["data"]:
        trace.pop("base", None)
    for value in walk(figure):
        if isinstance(value, list):
            assert sum(isinstance(item, int | float) and not isinstance(item, bool) for item in value) <= 20


def test_the_height_of_the_figure_is_the_height_of_the_chart(draw):
    chart = draw(WORDS["en"], "light")
    assert as_json(chart.figure)["layout"]["height"] == chart.height


def test_every_axis_stays_where_it_is(draw):
    layout = as_json(draw(WORDS["en"], "light").figure)["layout"]
    axes = [layout[name] for name in layout if re.fullmatch(r"[xy]axis\d*", name)]
    assert axes
    assert all(axis["fixedrange"] for axis in axes)
    assert layout["dragmode"] is False


def test_what_can_be_clicked_has_as_many_keys_as_points(draw):
    chart = draw(WORDS["en"], "light")
    data = as_json(chart.figure)["data"]
    for number, keys in chart.keys.items():
        trace = data[number]
        column = trace["y"] if "y" in trace else trace["x"]
        assert len(array(column)) == len(keys)
        assert trace.get("hoverinfo") != "skip"


def test_every_text_is_in_the_language_of_the_viewer(draw):
    """No figure of the Chinese page says Highest, Change, Unfinished or Still there."""
    english, chinese = (texts_of(draw(words, "light")) for words in WORDS.values())
    own = {
        "Cases",
        "Change",
        "Unfinished",
        "Still there",
        "Average",
        "Customers",
        "Previous period",
        "go on",
        "Not recorded",
    }
    assert not {word for word in own if any(word in text for text in chinese)}
    assert english != chinese


def texts_of(chart: Chart) -> list[str]:
    return [value for value in walk(as_json(chart.figure)) if isinstance(value, str)]


# -- the worst that data can bring ----------------------------------------------------------------------------------
def check(chart: Chart) -> None:
    sent = chart.figure.to_json()
    assert chart.alt
    assert chart.height >= 10
    assert "Infinity" not in sent
    json.loads(sent.encode("utf-8"), parse_constant=pytest.fail)
    layout = as_json(chart.figure)["layout"]
    for name in layout:
        if re.fullmatch(r"[xy]axis\d*", name):
            low, high = layout[name]["range"]
            assert np.isfinite(low)
            assert np.isfinite(high)
            assert low != high
    assert sum(layout["margin"][side] for side in "lr") < 330
    assert all(len(text) < 4000 for text in texts_of(chart) if "bdata" not in text)


@pytest.mark.parametrize("worst", WORST)
@pytest.mark.parametrize("language", WORDS)
def test_every_chart_survives_the_worst(worst, language):
    for draw in all_shapes(*WORST[worst]).values():
        check(draw(WORDS[language], "light"))


def test_no_name_becomes_a_tag_in_any_chart():
    ours = re.compile(r"</?(b|br|extra|span)( style=\"color:[^\"]+\")?>")
    for draw in all_shapes(HOSTILE, [1e6 / (place + 1) for place in range(len(HOSTILE))]).values():
        for text in texts_of(draw(WORDS["en"], "light")):
            assert "<" not in ours.sub("", text)
            assert "javascript:" not in text or "&lt;" in text or "…" in text


def test_no_name_is_read_as_a_template():
    """Plotly fills %{...} in templates; names stand in data only."""
    for draw in all_shapes(HOSTILE, [1e6 / (place + 1) for place in range(len(HOSTILE))]).values():
        for value in walk(as_json(draw(WORDS["en"], "light").figure)):
            if isinstance(value, dict) and "hovertemplate" in value:
                filled = set(re.findall(r"%\{([^}]*)\}", value["hovertemplate"]))
                assert all(re.fullmatch(r"customdata\[\d\]|meta|[xy]", name) for name in filled)
                assert "${y}" not in value["hovertemplate"]


NAMES = st.none() | st.text(max_size=40) | st.text(min_size=1, max_size=3).map(lambda text: text * 3000)
VALUES = st.floats(allow_nan=True, allow_infinity=True, width=64)


@settings(max_examples=15, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(st.tuples(NAMES, VALUES), max_size=8, unique_by=lambda pair: pair[0]))
def test_every_chart_survives_any_names_and_values(pairs):
    names, values = [name for name, _ in pairs], [value for _, value in pairs]
    for draw in all_shapes(names, values).values():
        check(draw(WORDS["zh-CN"], "dark"))
