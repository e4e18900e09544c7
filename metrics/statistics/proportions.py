"""Shares of cases: win rate, conversion, churn, CSAT.

A share is successes / n with each case counted once; nan where n = 0. Unit: 0 to 1.
Sources: Wilson 1927 and Newcombe 1998a (one share), Newcombe 1998b (difference of two), Fisher 1934 (small tables),
Fleiss, Levin and Paik 2003 (number of cases needed).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtri

from metrics.statistics.change import (
    LEVEL,
    Change,
    ImpossibleInputError,
    Interval,
    Side,
    change,
    normal_p_value,
    normal_quantile,
    quotient,
)

SMALL_EXPECTED_CELL = 5.0


def wilson(successes: ArrayLike, n: ArrayLike, level: float = LEVEL) -> tuple[NDArray, NDArray]:
    """Wilson's score interval of a share, without continuity correction (V); nan where n = 0.

        (2 n p + z^2 -+ z sqrt(z^2 + 4 n p (1 - p))) / (2 (n + z^2)),   p = successes / n

    Source: E. B. Wilson 1927, J. Amer. Statist. Assoc. 22:209-212; R. G. Newcombe 1998a, Statistics in Medicine
    17:857-872, method 3, table I.
    """
    cases = np.asarray(n, dtype=float)
    won = np.asarray(successes, dtype=float)
    _require_shares(won, cases)
    cases = np.where(cases > 0.0, cases, np.nan)
    z2 = normal_quantile(level) ** 2
    middle = 2.0 * won + z2
    spread = np.sqrt(z2 * (z2 + 4.0 * won * (1.0 - won / cases)))
    scale = 2.0 * (cases + z2)
    low = np.where(won == 0.0, 0.0 * cases, (middle - spread) / scale)
    high = np.where(won == cases, 1.0, (middle + spread) / scale)
    return low, high


def compare_proportions(
    successes_after: float, n_after: float, successes_before: float, n_before: float, level: float = LEVEL
) -> Change:
    """Difference of two independent shares.

    Interval: Newcombe's hybrid score interval, from Wilson's limits (l, u) of each side,

        d - sqrt((p1 - l1)^2 + (u2 - p2)^2)   to   d + sqrt((u1 - p1)^2 + (p2 - l2)^2)

    Source: R. G. Newcombe 1998b, Statistics in Medicine 17:873-890, method 10, table II.
    p-value: z with the pooled share, which is the chi-square test without correction; Fisher's exact test when an
    expected cell is below 5 (the usual rule, after W. G. Cochran 1954, Biometrics 10:417-451).
    Interval and p-value are two methods: next to the border one may call what the other does not. The p-value decides.
    """
    after = Side(quotient(successes_after, n_after), n_after)
    before = Side(quotient(successes_before, n_before), n_before)
    low, high = wilson([successes_after, successes_before], [n_after, n_before], level)
    interval = hybrid_interval(
        after.value, Interval(float(low[0]), float(high[0])), before.value, Interval(float(low[1]), float(high[1]))
    )
    return change(after, before, interval, _p_value(successes_after, n_after, successes_before, n_before), level)


def hybrid_interval(after: float, of_after: Interval, before: float, of_before: Interval) -> Interval:
    """Interval of a difference from the intervals of its two sides.

    Source: Newcombe 1998b, method 10; G. Y. Zou and A. Donner 2008, Statistics in Medicine 27:1693-1702 ("MOVER").
    """
    difference = after - before
    return Interval(
        difference - math.hypot(after - of_after.low, of_before.high - before),
        difference + math.hypot(of_after.high - after, before - of_before.low),
    )


def sample_size_two_proportions(p0: float, p1: float, power: float = 0.8, level: float = LEVEL) -> int:
    """Cases needed on each side to find p1 against p0 with the given power; variance under the null pooled.

        n = ((z_a sqrt(2 m (1 - m)) + z_b sqrt(p0 (1 - p0) + p1 (1 - p1))) / (p1 - p0))^2,   m = (p0 + p1) / 2

    rounded up. Source: J. L. Fleiss, B. Levin, M. C. Paik 2003, Statistical Methods for Rates and Proportions, 3rd ed.,
    section 4.2, without continuity correction; the same as R's power.prop.test.
    """
    if not (0.0 <= p0 <= 1.0 and 0.0 <= p1 <= 1.0 and p0 != p1):
        raise ImpossibleInputError(
            f"A sample size was asked for the shares {p0} and {p1}; give two different shares from 0 to 1."
        )
    middle = (p0 + p1) / 2.0
    under_null = normal_quantile(level) * math.sqrt(2.0 * middle * (1.0 - middle))
    under_effect = float(ndtri(power)) * math.sqrt(p0 * (1.0 - p0) + p1 * (1.0 - p1))
    return math.ceil(((under_null + under_effect) / (p1 - p0)) ** 2)


def _require_shares(successes: NDArray, n: NDArray) -> None:
    wrong = np.count_nonzero((successes < 0.0) | (successes > n))
    if wrong:
        raise ImpossibleInputError(
            f"Shares of cases were asked, but {wrong} of them have fewer than 0 or more successes than cases; "
            "count each case once, in the numerator and in the denominator."
        )


def _p_value(successes_after: float, n_after: float, successes_before: float, n_before: float) -> float:
    if not (n_after > 0 and n_before > 0) or math.isnan(successes_after + successes_before):
        return math.nan
    pooled = (successes_after + successes_before) / (n_after + n_before)
    if min(n_after, n_before) * min(pooled, 1.0 - pooled) < SMALL_EXPECTED_CELL:
        return _fisher(successes_after, n_after, successes_before, n_before)
    standard_error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / n_after + 1.0 / n_before))
    return normal_p_value(successes_after / n_after - successes_before / n_before, standard_error)


def _fisher(successes_after: float, n_after: float, successes_before: float, n_before: float) -> float:
    """Fisher's exact test, two-sided: the tables with the same margins that are no likelier than the one seen.

    Source: R. A. Fisher 1934, Statistical Methods for Research Workers, 5th ed., section 21.02; A. Agresti 1992,
    Statistical Science 7:131-153, section 2.1, rule (b).
    """
    successes = successes_after + successes_before
    tables = np.arange(max(0.0, successes - n_before), min(n_after, successes) + 1.0)
    logs = _log_choose(n_after, tables) + _log_choose(n_before, successes - tables)
    chances = np.exp(logs - logs.max())
    seen = chances[round(successes_after - tables[0])]
    return float(min(1.0, chances[chances <= seen * (1.0 + 1e-7)].sum() / chances.sum()))


def _log_choose(n: float, k: NDArray) -> NDArray:
    return gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
