"""A sum divided by a sum, with customers as clusters: average order value, orders per customer, revenue per head.

    R = sum of y_i / sum of x_i,   customer i bringing y_i (revenue) and x_i (orders)

A customer's orders resemble each other, so the number of independent cases is the number of customers, not of orders.
With x_i = 1 the ratio is a mean and the comparison is Welch's test. Nan where the sum of x is 0.
Source: W. G. Cochran 1977, Sampling Techniques, 3rd ed., section 2.11 (example of the 33 families) and chapter 6.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy.special import stdtr, stdtrit

from metrics.statistics.change import LEVEL, NO_INTERVAL, Change, Interval, Side, change, normal_p_value, quotient


class RatioSums(NamedTuple):
    """All that a query has to add up over the customers of one side.

    n            number of customers (clusters)
    y, x         sums of the numerator and of the denominator
    yy, xy, xx   sums of the squares and of the product
    """

    n: float
    y: float
    x: float
    yy: float
    xy: float
    xx: float

    @property
    def value(self) -> float:
        """The ratio R."""
        return quotient(self.y, self.x)


def ratio_variance(sums: RatioSums) -> float:
    """Variance of R, the customers taken as a sample without finite-population correction; nan below two customers.

        Var(R) = n/(n-1) (sum y^2 - 2 R sum xy + R^2 sum x^2) / (sum x)^2

    Source: Cochran 1977, section 2.11 (standard error of a ratio), with 1 - f = 1.
    """
    if not (sums.n > 1 and sums.x):
        return math.nan
    ratio = sums.value
    residual = sums.yy - 2.0 * ratio * sums.xy + ratio**2 * sums.xx
    rounding = 1e-13 * (sums.yy + ratio**2 * sums.xx)
    return 0.0 if residual < rounding else residual * sums.n / (sums.n - 1.0) / sums.x**2


def ratio_interval(sums: RatioSums, level: float = LEVEL) -> Interval:
    """R -+ t sqrt(Var(R)) with Student's t of n - 1 degrees of freedom."""
    variance = ratio_variance(sums)
    if math.isnan(variance):
        return NO_INTERVAL
    return _around(sums.value, variance, sums.n - 1.0, level)


def compare_ratios(after: RatioSums, before: RatioSums, level: float = LEVEL) -> Change:
    """Difference of two ratios of sums over independent customers, n being customers.

        t = (R1 - R0) / sqrt(V1 + V0),   degrees of freedom (V1 + V0)^2 / (V1^2/(n1-1) + V0^2/(n0-1))

    Source: variances as above; degrees of freedom of F. E. Satterthwaite 1946 and B. L. Welch 1947, Biometrika
    34:28-35. With x_i = 1 this is Welch's two-sample t test.
    """
    sides = Side(after.value, after.n), Side(before.value, before.n)
    of_after, of_before = ratio_variance(after), ratio_variance(before)
    variance = of_after + of_before
    if math.isnan(variance):
        return change(*sides, NO_INTERVAL, math.nan, level)
    difference = sides[0].value - sides[1].value
    freedom = quotient(variance**2, of_after**2 / (after.n - 1.0) + of_before**2 / (before.n - 1.0))
    interval = _around(difference, variance, freedom, level)
    return change(*sides, interval, _t_p_value(difference, variance, freedom), level)


def _around(value: float, variance: float, freedom: float, level: float) -> Interval:
    half = float(stdtrit(freedom, (1.0 + level) / 2.0)) * math.sqrt(variance) if variance else 0.0
    return Interval(value - half, value + half)


def _t_p_value(difference: float, variance: float, freedom: float) -> float:
    if variance == 0.0:
        return normal_p_value(difference, 0.0)
    return float(2.0 * stdtr(freedom, -abs(difference) / math.sqrt(variance)))
