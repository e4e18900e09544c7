"""A trend as small as a word: an image with its text, nothing drawn for what is not known, the unfinished end open."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.spark import HEIGHT, WIDTH, sparkline
from metrics.results import Trend

NAN = float("nan")


def trend(values: list[float], complete: list[bool] | None = None) -> Trend:
    """A trend of these values."""
    frame = pd.DataFrame({"value": values, "is_complete": complete or [True] * len(values)})
    return Trend(frame=frame, n=len(values))


def drawn(image: str) -> ElementTree.Element:
    """The drawing within an <img>."""
    found = re.search(r'base64,([^"]+)"', image)
    assert found
    return ElementTree.fromstring(base64.b64decode(found[1]))


def lines(image: str) -> list[list[tuple[float, float]]]:
    """The points of each line."""
    found = [part.get("points", "") for part in drawn(image).iter() if part.tag.endswith("polyline")]
    return [[tuple(map(float, point.split(","))) for point in text.split()] for text in found]  # type: ignore[misc]


@pytest.mark.parametrize("values", [[], [1.0], [NAN, NAN], [NAN, 3.0, NAN]])
def test_nothing_is_drawn_where_fewer_than_two_values_are_known(values):
    assert sparkline(trend(values), "x", "#000") == ""


@given(st.lists(st.floats(-1e12, 1e12) | st.just(NAN), min_size=2, max_size=40))
def test_every_point_lies_within_the_image(values):
    image = sparkline(trend(values), "x", "#000")
    for x, y in (point for line in (lines(image) if image else []) for point in line):
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


def test_a_steady_trend_is_a_level_line():
    (line,) = lines(sparkline(trend([5.0, 5.0, 5.0]), "x", "#000"))
    assert len({y for _, y in line}) == 1


def test_an_unknown_value_is_a_gap_and_not_a_zero():
    found = lines(sparkline(trend([10.0, 12.0, NAN, 20.0, 22.0]), "x", "#000"))
    assert [len(line) for line in found] == [2, 2]


def test_the_unfinished_end_is_dashed_and_open():
    image = sparkline(trend([1.0, 2.0, 1.5], [True, True, False]), "x", "#123456")
    solid, loose = lines(image)
    assert (len(solid), len(loose)) == (2, 2)
    text = ElementTree.tostring(drawn(image)).decode()
    assert "stroke-dasharray" in text
    assert 'fill="none"' in re.search(r"<[^<]*circle[^>]*>", text)[0]  # type: ignore[index]


def test_a_finished_end_is_a_full_dot():
    image = sparkline(trend([1.0, 2.0]), "x", "#123456")
    assert 'fill="#123456"' in ElementTree.tostring(drawn(image)).decode()


def test_what_it_says_to_those_who_do_not_see_it_is_text_and_nothing_else():
    image = sparkline(trend([1.0, 2.0]), '"><script>alert(1)</script>', "#000")
    assert image.count("<") == 1
    assert 'alt="&quot;&gt;&lt;script' in image


def test_the_newest_value_is_at_the_right():
    (line,) = lines(sparkline(trend(list(np.arange(13.0))), "x", "#000"))
    assert line == sorted(line)
    assert line[-1][0] == pytest.approx(WIDTH - 4)
