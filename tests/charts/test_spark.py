"""A trend as small as a word."""

from __future__ import annotations

import base64
import re

import pytest

from charts.spark import sparkline
from tests.charts.frames import NAN, trend_of


def drawn(*values, running=1, **more):
    found = sparkline(trend_of(values, running=running), "Revenue", "#1F5FA8", **more)
    return base64.b64decode(re.search(r"base64,([^\"]+)", found)[1]).decode()


def test_the_unfinished_end_is_dashed_and_its_dot_open():
    svg = drawn(1, 2, 3)
    assert svg.count("<polyline") == 2
    assert svg.count("stroke-dasharray") == 1
    assert 'r="2.6" fill="none"' in svg


def test_a_finished_end_is_solid():
    svg = drawn(1, 2, 3, running=0)
    assert "stroke-dasharray" not in svg
    assert 'fill="#1F5FA8"' in svg


def test_a_gap_is_not_bridged():
    assert drawn(1, 2, NAN, 3, 4, running=0).count("<polyline") == 2


def test_the_target_is_a_mark():
    assert drawn(1, 2, 3, target=2.5).count("<path") == 1
    assert "<path" not in drawn(1, 2, 3)


@pytest.mark.parametrize("values", [(), (1,), (NAN, NAN, 1), (float("inf"), 1)])
def test_fewer_than_two_values_give_nothing(values):
    assert sparkline(trend_of(values, running=0), "x", "#000000") == ""


@pytest.mark.parametrize("values", [(1e300, -1e300, 0), (5, 5, 5), (float("inf"), 2, 3)])
def test_no_coordinate_is_missing(values):
    assert "nan" not in drawn(*values)


def test_the_text_for_those_who_do_not_see_it_is_literal():
    found = sparkline(trend_of([1, 2]), '"><script>', "#000000")
    assert "<script>" not in found
    assert 'alt="&quot;&gt;&lt;script&gt;"' in found
