"""What a comparison of two periods (or groups) is, and when it says nothing.

A change is after minus before, with an interval and a p-value for "nothing changed". The verdict follows from the
p-value alone, after two questions that come first: is there a baseline at all, and are there enough cases?

    NO_BASELINE   nothing was counted before, so nothing can be compared
    TOO_FEW       one of the two sides rests on fewer than MIN_CASES cases: shown in grey, without a verdict
    NOISE         p >= 1 - level: a difference of this size turns up by chance when nothing has changed
    UP, DOWN      p < 1 - level, and the direction

30 cases is the common lower bound for approximations by the normal distribution; skewed amounts need more, 25 times
the squared skewness (W. G. Cochran 1977, Sampling Techniques, 3rd ed., section 2.15). Intervals of small samples are
shown but not judged.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import NamedTuple

from scipy.special import ndtr, ndtri

from data_access.errors import ClienteleError

MIN_CASES = 30
LEVEL = 0.95


class ImpossibleInputError(ClienteleError, ValueError):
    """Figures that cannot occur, such as more successes than cases: a fault in the query that counted them."""


class Verdict(StrEnum):
    """What may be said about a change."""

    UP = "up"
    DOWN = "down"
    NOISE = "noise"
    TOO_FEW = "too_few"
    NO_BASELINE = "no_baseline"


class Interval(NamedTuple):
    """The two ends of an interval of confidence; both nan where none can be given."""

    low: float
    high: float


NO_INTERVAL = Interval(math.nan, math.nan)


class Change(NamedTuple):
    """One comparison.

    before, after   the two values, in the unit of the metric
    difference      after - before
    ratio           difference / |before|; nan when before is 0 or unknown
    low, high       interval of the difference, in the unit of the metric
    p_value         probability of a difference at least this large if nothing had changed
    verdict         what may be said
    """

    before: float
    after: float
    difference: float
    ratio: float
    low: float
    high: float
    p_value: float
    verdict: Verdict


class Side(NamedTuple):
    """One side of a comparison: its value and the number of cases behind it."""

    value: float
    n: float


def normal_quantile(level: float) -> float:
    """z such that a share `level` of a normal distribution lies within -z..z; 1.95996 for 0.95."""
    return float(ndtri((1.0 + level) / 2.0))


def normal_p_value(difference: float, standard_error: float) -> float:
    """Two-sided p-value of a difference; without any spread only equality is compatible with "nothing changed"."""
    if standard_error == 0.0:
        return 1.0 if difference == 0.0 else 0.0
    return float(2.0 * ndtr(-abs(difference) / standard_error))


def quotient(numerator: float, denominator: float) -> float:
    """numerator / denominator; nan instead of an infinite or meaningless number."""
    if not denominator:
        return math.nan
    result = float(numerator) / float(denominator)
    return result if math.isfinite(result) else math.nan


def change(after: Side, before: Side, interval: Interval, p_value: float, level: float) -> Change:
    """The comparison of two sides once the method at hand has given interval and p-value."""
    difference = float(after.value) - float(before.value)
    return Change(
        before=float(before.value),
        after=float(after.value),
        difference=difference,
        ratio=quotient(difference, abs(before.value)),
        low=float(interval.low),
        high=float(interval.high),
        p_value=p_value,
        verdict=_verdict(after, before, p_value, level),
    )


def _verdict(after: Side, before: Side, p_value: float, level: float) -> Verdict:
    if math.isnan(before.value) or not before.n > 0:
        return Verdict.NO_BASELINE
    enough = after.n >= MIN_CASES and before.n >= MIN_CASES
    if math.isnan(p_value) or not enough:
        return Verdict.TOO_FEW
    if p_value >= 1.0 - level:
        return Verdict.NOISE
    return Verdict.UP if after.value > before.value else Verdict.DOWN
