"""Sums and counts over a period: revenue, orders, new customers, complaints.

A period's total is one draw of a process: had the same customers' habits run again, other customers would have come
by. Events that come singly and independently are counted by a Poisson process (`compare_counts`); when each customer
brings an amount, or several orders, the total is a compound Poisson process (`compare_sums`).

Number of orders is a sum, not a count: customers order several times, so pass each customer's number of orders to
`compare_sums`. Treating orders as independent events would call noise a change.
"""

from __future__ import annotations

import math

from scipy.special import bdtr, bdtrc, gammaincinv

from metrics.statistics.change import (
    LEVEL,
    NO_INTERVAL,
    Change,
    ImpossibleInputError,
    Interval,
    Side,
    change,
    normal_p_value,
    normal_quantile,
    quotient,
)
from metrics.statistics.proportions import hybrid_interval


def sum_interval(total: float, squares: float, level: float = LEVEL) -> Interval:
    """Interval of a total of customers' amounts x_i: total -+ z sqrt(sum x_i^2).

    total     sum of x_i over the customers of the period, x_i = all that customer i brought in it
    squares   sum of x_i^2

    The number of customers is itself random (Poisson), so the variance is E[N] E[x^2], estimated by sum x_i^2, and not
    N times the variance of x. Source: S. A. Klugman, H. H. Panjer, G. E. Willmot, Loss Models, compound Poisson model;
    G. Bohm, G. Zech 2014, Nucl. Instr. Meth. A 748:1-6 (sums of weighted Poisson events, normal approximation).
    """
    half = normal_quantile(level) * _root(squares)
    return Interval(total - half, total + half)


def compare_sums(
    total_after: float,
    squares_after: float,
    n_after: float,
    total_before: float,
    squares_before: float,
    n_before: float,
    level: float = LEVEL,
) -> Change:
    """Difference of two totals of customers' amounts; n is the number of customers behind each.

        d -+ z sqrt(sum x_i^2 + sum y_i^2),   p-value from the same z

    Source: as `sum_interval`; the two periods are taken as independent. Where the same customers buy in both periods
    at a steady pace they are not, the true spread is smaller, and the verdict errs on the side of noise.
    """
    spread = _root(squares_after + squares_before)
    difference = total_after - total_before
    half = normal_quantile(level) * spread
    return change(
        Side(total_after, n_after),
        Side(total_before, n_before),
        Interval(difference - half, difference + half),
        normal_p_value(difference, spread),
        level,
    )


def poisson_interval(count: float, level: float = LEVEL) -> Interval:
    """Exact interval of the expectation behind a count of single, independent events.

        low = chi2(a/2; 2k) / 2   (0 when k = 0),   high = chi2(1 - a/2; 2k + 2) / 2

    Source: F. Garwood 1936, Biometrika 28:437-442.
    """
    if math.isnan(count):
        return NO_INTERVAL
    if count < 0.0:
        raise ImpossibleInputError(f"An interval was asked for a count of {count}; a count is 0 or more.")
    tail = (1.0 - level) / 2.0
    low = float(gammaincinv(count, tail)) if count > 0.0 else 0.0
    return Interval(low, float(gammaincinv(count + 1.0, 1.0 - tail)))


def compare_counts(
    after: float,
    before: float,
    exposure_after: float = 1.0,
    exposure_before: float = 1.0,
    n_after: float | None = None,
    n_before: float | None = None,
    level: float = LEVEL,
) -> Change:
    """Difference of two counts of single, independent events, each per unit of exposure.

    exposure_*   days, orders or customers over which each was counted; with 1 and 1 the plain counts are compared
    n_*          cases behind each count when these are not the events themselves: 4 complaints about 5,000 orders
                 are a finding, not too few cases, once n = 5,000 is given

    p-value: exact; given the sum of both counts, `after` is binomial; twice the smaller tail. Source: J. Przyborowski,
    H. Wilenski 1940, Biometrika 31:313-323; doubling as in M. P. Fay 2010, R Journal 2(1):53-58.
    Interval: each side's exact interval (Garwood 1936) combined as in Zou and Donner 2008.
    """
    sides = _rate_side(after, exposure_after, n_after), _rate_side(before, exposure_before, n_before)
    interval = hybrid_interval(
        sides[0].value,
        _per_exposure(poisson_interval(after, level), exposure_after),
        sides[1].value,
        _per_exposure(poisson_interval(before, level), exposure_before),
    )
    return change(*sides, interval, _conditional_p_value(after, before, exposure_after, exposure_before), level)


def _rate_side(count: float, exposure: float, n: float | None) -> Side:
    return Side(quotient(count, exposure), count if n is None else n)


def _per_exposure(interval: Interval, exposure: float) -> Interval:
    return Interval(quotient(interval.low, exposure), quotient(interval.high, exposure))


def _conditional_p_value(after: float, before: float, exposure_after: float, exposure_before: float) -> float:
    if math.isnan(after + before) or not (exposure_after > 0.0 and exposure_before > 0.0):
        return math.nan
    share = exposure_after / (exposure_after + exposure_before)
    total = int(after + before)
    at_most = float(bdtr(after, total, share))
    at_least = float(bdtrc(after - 1.0, total, share)) if after > 0 else 1.0
    return min(1.0, 2.0 * min(at_most, at_least))


def _root(squares: float) -> float:
    if squares < 0.0:
        raise ImpossibleInputError(f"The spread of a total was asked with a sum of squares of {squares}; it is >= 0.")
    return math.sqrt(squares)
