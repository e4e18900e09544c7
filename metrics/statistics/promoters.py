"""Net promoter score: 100 (p - d), p the share of promoters (9-10) and d of detractors (0-6).

Unit: points, -100 to 100; nan without answers. One answer per customer per wave.
An answer counts +1, 0 or -1, so the score is a mean with

    Var = p + d - (p - d)^2,   standard error = 100 sqrt(Var / n)

Source: the variance of a difference of two multinomial shares; its interval is compared with others in
B. Rocks 2016, The American Statistician 70:365-372 ("Wald" there). No interval is given below MIN_CASES answers or
when all answers are alike, because the formula would then claim certainty.
"""

from __future__ import annotations

import math

from metrics.statistics.change import (
    LEVEL,
    MIN_CASES,
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

POINTS = 100.0


def nps_interval(promoters: float, detractors: float, n: float, level: float = LEVEL) -> Interval:
    """Interval of the score in points, cut at -100 and 100; nan below MIN_CASES answers or without any spread."""
    variance = _variance(promoters, detractors, n)
    if not n >= MIN_CASES or not variance > 0.0:
        return NO_INTERVAL
    score = _score(promoters, detractors, n)
    half = normal_quantile(level) * POINTS * math.sqrt(variance / n)
    return Interval(max(-POINTS, score - half), min(POINTS, score + half))


def compare_nps(
    promoters_after: float,
    detractors_after: float,
    n_after: float,
    promoters_before: float,
    detractors_before: float,
    n_before: float,
    level: float = LEVEL,
) -> Change:
    """Difference of two scores in points: d -+ z sqrt(SE1^2 + SE0^2).

    No interval when one side has too few answers or no spread; then the p-value takes both sides' answers together
    as the spread expected if nothing had changed.
    """
    after = Side(_score(promoters_after, detractors_after, n_after), n_after)
    before = Side(_score(promoters_before, detractors_before, n_before), n_before)
    of_after = _variance(promoters_after, detractors_after, n_after)
    of_before = _variance(promoters_before, detractors_before, n_before)
    if not (n_after > 0 and n_before > 0):
        return change(after, before, NO_INTERVAL, math.nan, level)
    if of_after == 0.0 or of_before == 0.0:
        together = n_after + n_before
        of_after = of_before = _variance(
            promoters_after + promoters_before, detractors_after + detractors_before, together
        )
        return change(after, before, NO_INTERVAL, _p_value(after, before, of_after, of_before), level)
    interval = _difference_interval(after, before, of_after, of_before, level)
    return change(after, before, interval, _p_value(after, before, of_after, of_before), level)


def _score(promoters: float, detractors: float, n: float) -> float:
    if promoters < 0 or detractors < 0 or promoters + detractors > n:
        raise ImpossibleInputError(
            f"A net promoter score was asked for {promoters} promoters and {detractors} detractors among {n} answers; "
            "count each answer once."
        )
    return quotient(POINTS * (promoters - detractors), n)


def _variance(promoters: float, detractors: float, n: float) -> float:
    """Variance of one answer scored +1, 0, -1; written so that equal answers give exactly 0."""
    if not n > 0:
        return math.nan
    p, d = promoters / n, detractors / n
    return p * (1.0 - p) + d * (1.0 - d) + 2.0 * p * d


def _p_value(after: Side, before: Side, of_after: float, of_before: float) -> float:
    return normal_p_value(after.value - before.value, POINTS * math.sqrt(of_after / after.n + of_before / before.n))


def _difference_interval(after: Side, before: Side, of_after: float, of_before: float, level: float) -> Interval:
    if after.n < MIN_CASES or before.n < MIN_CASES:
        return NO_INTERVAL
    half = normal_quantile(level) * POINTS * math.sqrt(of_after / after.n + of_before / before.n)
    difference = after.value - before.value
    return Interval(max(-2.0 * POINTS, difference - half), min(2.0 * POINTS, difference + half))
