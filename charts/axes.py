"""Where the ticks of an axis stand: few, at round numbers, or where a month or a year begins."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from charts.text import text_width
from i18n.words import Words

ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_TIME_TICKS = 7
PHONE_FIGURE = 324.0  # pixels that a figure has on a phone, where ticks must not touch either
PHONE = 250.0  # pixels of them left to the plot of a trend
# A bucket of so many days at most is a day, a week, ...
LENGTHS = ((1, "day"), (7, "week"), (31, "month"), (92, "quarter"))


def extent(*columns: np.ndarray, with_zero: bool = True, room: float = 0.06) -> tuple[float, float]:
    """The range that holds every value, with room above (and below, unless zero is the floor)."""
    found = np.concatenate([column[np.isfinite(column)] for column in columns] or [np.array([])])
    if not len(found):
        return 0.0, 1.0
    low, high = float(found.min()), float(found.max())
    if with_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    # Half of each, because the difference of two huge numbers may not be a number any more.
    size = (high / 2 - low / 2) * 2 if math.isfinite(high - low) else high
    if not size > 0:
        size = abs(high) or 1.0
        low, high = (low, high + size) if with_zero and low >= 0 else (low - size / 2, high + size / 2)
    above = 0.0 if with_zero and high == 0 else room * size
    below = 0.0 if with_zero and low == 0 else room * size
    return low - below, high + above


def needs_zero(*columns: np.ndarray) -> bool:
    """Whether a line is read from zero: unless it stays in the upper half of what would be shown."""
    found = np.concatenate([column[np.isfinite(column)] for column in columns] or [np.array([])])
    if not len(found):
        return True
    low, high = float(found.min()), float(found.max())
    return not (low > 0.6 * high > 0) and not (high < 0.6 * low < 0)


def round_ticks(low: float, high: float, most: int = 5, whole: bool = False) -> np.ndarray:
    """At most `most` round numbers from `low` to `high`, evenly apart."""
    size = high - low
    if not (math.isfinite(size) and size > 0):
        return np.array([])
    rough = size / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    if not power > 0:
        return np.array([])
    steps = [factor * power for factor in ROUND if factor * power >= rough * 0.999]
    step = max(steps[0], 1.0) if whole else steps[0]
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return np.array([i * step for i in range(first, min(last, first + 2 * most) + 1)])


def fitting_ticks(
    low: float, high: float, write: Callable[[list[float]], list[str]], room: float
) -> tuple[np.ndarray, list[str]]:
    """Round numbers along an axis that goes from left to right, as many as can stand in `room` pixels."""
    for most in (6, 5, 4, 3, 2):
        places = round_ticks(low, high, most)
        names = write(list(places))
        if len(places) < 2 or sum(map(text_width, names)) + 12 * len(names) <= room:
            return places, names
    return places[:1], names[:1]


def grain_of(starts: Sequence[date], ends: Sequence[date]) -> str:
    """The grain of buckets, by the length of the longest."""
    days = [(pd.Timestamp(end) - pd.Timestamp(start)).days for start, end in zip(starts, ends, strict=True)]
    longest = max(days, default=1)
    return next((grain for length, grain in LENGTHS if longest <= length), "year")


def time_ticks(
    starts: Sequence[date], grain: str, words: Words, fiscal_year_start_month: int = 1
) -> tuple[np.ndarray, list[str]]:
    """Places (by number of bucket) and texts: days, months, quarters or years as people write them, the year once."""
    days = [pd.Timestamp(start).date() for start in starts]
    for chosen, shown_as in _choices(days, grain, fiscal_year_start_month):
        places = [i for i, day in enumerate(days) if chosen(i, day)]
        names = _named(days, places, shown_as, words, fiscal_year_start_month)
        if len(places) <= MOST_TIME_TICKS and _fits(places, names, len(days)):
            return np.array(places, dtype=int), names
    return np.array([], dtype=int), []


def _named(days: list[date], places: list[int], shown_as: str, words: Words, fiscal: int) -> list[str]:
    before = [None, *(days[place] for place in places)]
    return [_tick(days[place], before[i], shown_as, words, fiscal) for i, place in enumerate(places)]


def _fits(places: list[int], names: list[str], size: int) -> bool:
    """Whether no two texts touch, even on a phone."""
    widths = [max(map(text_width, name.split("<br>"))) for name in names]
    pitch = PHONE / max(size - 1, 1)
    pairs = zip(places, places[1:], widths, widths[1:], strict=False)
    return all((right - left) * pitch >= (a + b) / 2 + 10 for left, right, a, b in pairs)


def _choices(days: list[date], grain: str, fiscal: int) -> list[tuple[Callable[[int, date], bool], str]]:
    begins = {i for i, day in enumerate(days) if i == 0 or _month(day) != _month(days[i - 1])}
    if grain in ("day", "week") and 0 in begins and days and days[0].day > 7:
        begins.discard(0)  # a month that has begun long before is not named at its middle

    def by_month(size: int) -> Callable[[int, date], bool]:
        return lambda i, day: i in begins and (day.month - fiscal) % size == 0

    def by_count(size: int) -> Callable[[int, date], bool]:
        return lambda i, day: i % size == 0

    def by_years(size: int) -> Callable[[int, date], bool]:
        first = by_month(12)
        return lambda i, day: first(i, day) and day.year % size == 0

    months = [(by_month(size), "month") for size in (1, 2, 3, 6)]
    years = [(by_years(size), "year") for size in (1, 2, 5, 10, 20, 50, 100)]
    if grain in ("day", "week"):
        return [*((by_count(size), "day") for size in ((1, 2, 7) if grain == "day" else (1, 2))), *months, *years]
    if grain == "month":
        return [*months, *years]
    if grain == "quarter":
        return [(by_count(1), "quarter"), (by_month(6), "quarter"), *years]
    return years


def _tick(day: date, before: date | None, shown_as: str, words: Words, fiscal: int) -> str:
    """The text of one tick; the year stands under the first and under every one that begins a new year."""
    year = words.numbers.year(day, fiscal if shown_as == "quarter" else 1)
    if shown_as == "year":
        return words.numbers.year(day, fiscal)
    text = words.numbers.short_period(day, None, shown_as, fiscal)
    if before is not None and words.numbers.year(before, fiscal if shown_as == "quarter" else 1) == year:
        return text
    return f"{text}<br>{year}"


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def spread(places: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """The places moved apart so that neighbours are at least `least` from each other, between `low` and `high`."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = [0.0] * len(places)
    floor = low
    for rank, i in enumerate(order):
        ceiling = high - least * (len(order) - 1 - rank)
        moved[i] = floor = max(min(max(places[i], low), ceiling), floor if rank else low)
        floor += least
    return moved
