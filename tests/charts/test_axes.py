"""Few ticks, at numbers and days that people would choose."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.axes import (
    MOST_TIME_TICKS,
    extent,
    fitting_ticks,
    grain_of,
    needs_zero,
    round_ticks,
    spread,
    time_ticks,
)
from charts.text import text_width
from i18n.words import load_words

EN, ZH = load_words("en"), load_words("zh-CN")
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=64)


def starts(first, periods, freq):
    return list(pd.date_range(first, periods=periods, freq=freq))


@pytest.mark.parametrize(
    ("low", "high", "places"),
    [
        (0, 100, [0, 25, 50, 75, 100]),
        (0, 1.4e6, [0, 5e5, 1e6]),
        (-35, 60, [-25, 0, 25, 50]),
        (0, 0.45, [0, 0.2, 0.4]),
        (5, 5, []),
        (0, math.inf, []),
    ],
)
def test_ticks_are_round_numbers(low, high, places):
    assert round_ticks(low, high) == pytest.approx(places)


def test_ticks_of_counts_are_whole():
    assert round_ticks(0, 3, whole=True) == pytest.approx([0, 1, 2, 3])


@given(NUMBERS, NUMBERS)
def test_ticks_lie_inside_and_are_few(one, other):
    low, high = min(one, other), max(one, other)
    places = round_ticks(low, high)
    assert len(places) <= 11
    size = high - low
    assert all(low - size * 1e-6 <= place <= high + size * 1e-6 for place in places)


@given(st.lists(NUMBERS | st.just(math.nan), max_size=8), st.booleans())
def test_the_range_holds_every_value(values, with_zero):
    column = np.array(values, dtype=float)
    low, high = extent(column, with_zero=with_zero)
    assert low < high or not math.isfinite(low - high)
    known = column[np.isfinite(column)]
    assert ((known >= low) & (known <= high)).all()
    assert not with_zero or low <= 0 <= high


def test_a_line_is_read_from_zero_unless_it_stays_high():
    assert needs_zero(np.array([1.0, 9.0]))
    assert not needs_zero(np.array([80.0, 95.0]))
    assert needs_zero(np.array([-5.0, 95.0]))
    assert needs_zero(np.array([math.nan]))


@pytest.mark.parametrize(
    ("first", "periods", "freq", "grain", "texts"),
    [
        ("2025-06-01", 13, "MS", "month", ["Jul<br>2025", "Sep", "Nov", "Jan<br>2026", "Mar", "May"]),
        ("2024-01-01", 6, "MS", "month", ["Jan<br>2024", "Feb", "Mar", "Apr", "May", "Jun"]),
        ("2023-07-01", 36, "MS", "month", ["Jul<br>2023", "Jan<br>2024", "Jul", "Jan<br>2025", "Jul", "Jan<br>2026"]),
        ("2026-03-20", 90, "D", "day", ["Apr<br>2026", "May", "Jun"]),
        ("2026-06-01", 7, "D", "day", ["1 Jun<br>2026", "3 Jun", "5 Jun", "7 Jun"]),
        ("2025-12-29", 25, "7D", "week", ["Jan<br>2026", "Feb", "Mar", "Apr", "May", "Jun"]),
        ("2025-01-01", 6, "QS", "quarter", ["Q1<br>2025", "Q2", "Q3", "Q4", "Q1<br>2026", "Q2"]),
        ("2016-01-01", 11, "YS", "year", ["2016", "2018", "2020", "2022", "2024", "2026"]),
    ],
)
def test_time_is_written_as_people_write_it(first, periods, freq, grain, texts):
    assert time_ticks(starts(first, periods, freq), grain, EN)[1] == texts


def test_a_fiscal_year_is_named_as_such():
    _, texts = time_ticks(starts("2025-04-01", 6, "QS-APR"), "quarter", EN, 4)
    assert texts[0] == "Q1<br>FY2026"
    assert "Q1<br>FY2027" in texts


def test_chinese_dates_are_chinese():
    assert time_ticks(starts("2025-06-01", 13, "MS"), "month", ZH)[1][:2] == ["7月<br>2025年", "10月"]


@given(
    st.dates(min_value=pd.Timestamp("1990-01-01").date(), max_value=pd.Timestamp("2060-01-01").date()),
    st.integers(min_value=0, max_value=800),
    st.sampled_from([("D", "day"), ("7D", "week"), ("MS", "month"), ("QS", "quarter"), ("YS", "year")]),
    st.sampled_from([EN, ZH]),
    st.integers(min_value=1, max_value=12),
)
def test_no_two_dates_touch_on_a_phone(first, periods, grain, words, fiscal):
    freq, name = grain
    days = starts(first, min(periods, 60 if name in ("year", "quarter") else 800), freq)
    places, texts = time_ticks(days, name, words, fiscal)
    assert len(places) == len(texts) <= MOST_TIME_TICKS
    pitch = 250 / max(len(days) - 1, 1)
    widths = [max(map(text_width, text.split("<br>"))) for text in texts]
    gaps = np.diff(places) * pitch
    assert all(gap >= (a + b) / 2 for gap, a, b in zip(gaps, widths, widths[1:], strict=False))


@pytest.mark.parametrize(
    ("freq", "grain"), [("D", "day"), ("7D", "week"), ("MS", "month"), ("QS", "quarter"), ("YS", "year")]
)
def test_the_grain_is_read_from_the_length_of_buckets(freq, grain):
    days = starts("2024-01-01", 5, freq)
    assert grain_of(days[:-1], days[1:]) == grain


def test_as_many_numbers_stand_side_by_side_as_fit():
    def write(places):
        return [f"{place:.0f} days" for place in places]

    assert len(fitting_ticks(0, 100, write, 400)[0]) == 6
    assert len(fitting_ticks(0, 100, write, 140)[0]) == 2
    assert len(fitting_ticks(0, 100, write, 10)[0]) == 1


@given(st.lists(st.floats(min_value=0, max_value=200), max_size=8))
def test_labels_are_moved_apart_and_keep_their_order(places):
    moved = spread(places, 16, 0, 200)
    order = np.argsort(places, kind="stable")
    assert (np.diff(np.array(moved)[order]) >= 16 - 1e-9).all()
    assert all(-1e-9 <= place <= 200 + 1e-9 for place in moved)
