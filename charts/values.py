"""Values of one unit, written for the places of a chart: its axis, its labels, what appears when it is pointed at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from charts.text import short
from i18n.words import Words
from metrics.metric import Better, Metric, Unit
from metrics.pipelines import LEAD_STEPS

FULL_COUNT = 10_000  # counts below are written out
LABEL_WIDTH = 110
LARGEST = 1e300


@dataclass(frozen=True)
class Values:
    """Writes values of a unit in the viewer's language; money in its currency."""

    unit: Unit
    words: Words
    currency: str | None = None

    def exact(self, value: Any) -> str:
        """The value at full precision, to be pointed at."""
        numbers = self.words.numbers
        match self.unit:
            case Unit.MONEY:
                return numbers.money(value, self.currency)
            case Unit.RATIO:
                return numbers.ratio(value)
            case Unit.DAYS:
                return numbers.days(value)
            case Unit.SCORE:
                return numbers.score(value, 1)
            case Unit.NUMBER:
                return numbers.number(value, 2)
        return numbers.count(value) if _is_whole(value) else numbers.number(value, 2)

    def label(self, value: Any) -> str:
        """The value in few characters, to stand beside its mark."""
        numbers = self.words.numbers
        match self.unit:
            case Unit.MONEY:
                shown = numbers.money(value, self.currency, compact=True)
            case Unit.RATIO | Unit.DAYS:
                shown = self.exact(value)
            case Unit.SCORE:
                shown = numbers.score(value)
            case _ if _is_whole(value) and abs(value) < FULL_COUNT:
                shown = numbers.count(value)
            case _:
                shown = numbers.compact(value)
        return short(shown, LABEL_WIDTH)

    def interval(self, low: Any, high: Any) -> str:
        """Both ends at full precision; empty when there is none."""
        if not (np.isfinite(low) and np.isfinite(high)):
            return ""
        return self.words.numbers.interval(low, high, self.exact)

    def change(self, difference: Any) -> str:
        """A difference with its sign: +€1,200.00, +4.2 pp."""
        if self.unit is Unit.RATIO:
            return self.words.numbers.points(difference)
        return self.words.numbers.signed(difference, self.exact)

    def change_label(self, difference: Any) -> str:
        """The same in few characters: +€1.2K."""
        if self.unit is Unit.RATIO:
            return self.words.numbers.points(difference)
        return self.words.numbers.signed(difference, self.label)

    def axis(self, places: Sequence[float]) -> list[str]:
        """Texts of ticks, the unit once, at the highest."""
        places = [0.0 if place == 0 else float(place) for place in places]
        if not places:
            return []
        return [self._bare(place, places) for place in places[:-1]] + [self._with_unit(places[-1], places)]

    def bare(self, places: Sequence[float]) -> list[str]:
        """Texts of ticks without a unit, where labels beside the marks have it."""
        return [self._bare(0.0 if place == 0 else float(place), places) for place in places]

    def _bare(self, place: float, places: Sequence[float]) -> str:
        if self.unit is Unit.RATIO:
            return self.words.numbers.number(place * 100, _digits([place * 100 for place in places]))
        if self.unit in (Unit.DAYS, Unit.SCORE) or _digits(places):
            return short(self.words.numbers.number(place, _digits(places)), LABEL_WIDTH)
        return short(self.words.numbers.compact(place), LABEL_WIDTH)

    def _with_unit(self, place: float, places: Sequence[float]) -> str:
        numbers = self.words.numbers
        if self.unit is Unit.RATIO:
            return numbers.ratio(place, _digits([place * 100 for place in places]))
        if self.unit is Unit.DAYS:
            return numbers.days(place)
        if self.unit is Unit.MONEY and abs(place) >= 1:
            return short(numbers.money(place, self.currency, compact=True), LABEL_WIDTH)
        if self.unit is Unit.MONEY:
            return short(numbers.money(place, self.currency), LABEL_WIDTH)
        return self._bare(place, places)


def values_of(metric: Metric, words: Words, currency: str | None) -> Values:
    return Values(metric.unit, words, currency)


def with_interval(value: float, low: float, high: float, values: Values) -> str:
    """12.3% (10.1% to 14.9%); the value alone where there is no interval."""
    interval = values.interval(low, high)
    if not interval:
        return values.exact(value)
    return values.words("chart.rate_and_interval", rate=values.exact(value), interval=interval)


def metric_name(metric: Metric, words: Words) -> str:
    """The name of a metric in the viewer's language."""
    key = f"metric.{metric.name}.name"
    return words(key) if words.has(key) else metric.name


def grouped_name(metric: Metric, dimension: str, words: Words) -> str:
    """Revenue by region."""
    if not dimension:
        return metric_name(metric, words)
    key = f"dimension.{dimension}"
    named = words(key) if words.has(key) else dimension
    return words("chart.alt.by", metric=metric_name(metric, words), dimension=named)


def group_name(value: Any, dimension: str, words: Words) -> str:
    """What a group is called: countries by name, what is not recorded in words, all else as the data has it."""
    if value is None or (not isinstance(value, str) and pd.isna(value)) or value == "":
        return words("dimension.unknown")
    if dimension == "country" and isinstance(value, str):
        return words.country(value)
    return str(value)


NAMED_STAGES = ("won", "lost", "open", *LEAD_STEPS)


def stage_name(code: Any, name: Any, words: Words) -> str:
    """What a stage is called: the stages that every pipeline has in words, the others as the data names them."""
    if code in NAMED_STAGES:
        return words(f"stage.{code}")
    return group_name(name if isinstance(name, str) and name else code, "", words)


def judged(verdict: object, better: Better) -> str:
    """What a change means: good, bad, or quiet where nothing is to be said."""
    if verdict not in ("up", "down") or better is Better.NEITHER:
        return "quiet"
    return "good" if (verdict == "up") == (better is Better.HIGHER) else "bad"


def as_numbers(column: Any, length: int) -> np.ndarray:
    """A column as floats; nan for what is missing or not finite, or too large for sums to be finite."""
    if column is None:
        return np.full(length, np.nan)
    found = pd.to_numeric(pd.Series(column), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.abs(found) <= LARGEST, found, np.nan)


def texts(*columns: Sequence[str]) -> np.ndarray:
    """Columns of texts as `customdata`: one row per point."""
    if not columns or not len(columns[0]):
        return np.empty((0, len(columns)), dtype=object)
    return np.array(list(zip(*columns, strict=True)), dtype=object)


def _is_whole(value: Any) -> bool:
    number = float(value)  # numbers with a sign come back from their formatter as Decimal
    return math.isfinite(number) and number == round(number)


def _digits(places: Sequence[float]) -> int:
    """Decimals needed to tell the ticks apart."""
    for digits in range(4):
        if all(abs(place - round(place, digits)) <= 1e-9 * max(1.0, abs(place)) for place in places):
            return digits
    return 4
