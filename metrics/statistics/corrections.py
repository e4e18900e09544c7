"""Many comparisons at once, and the check of a random split.

Twenty segments compared at 5 % give one false alarm on average; adjusted p-values keep the expected share of false
alarms among the alarms at 5 % instead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from metrics.statistics.change import ImpossibleInputError


def benjamini_hochberg(p_values: ArrayLike) -> NDArray:
    """Adjusted p-values of a family of comparisons (V); nan passes through and does not count as a comparison.

        adjusted p_(i) = min over j >= i of (m / j) p_(j), at most 1

    Source: Y. Benjamini, Y. Hochberg 1995, J. Royal Statist. Soc. B 57:289-300, section 3.1 and the example of 3.2.
    """
    given = np.asarray(p_values, dtype=float)
    adjusted = np.full(given.shape, np.nan)
    known = ~np.isnan(given)
    p = given[known]
    order = np.argsort(p)[::-1]
    scaled = p[order] * (p.size / np.arange(p.size, 0, -1))
    back = np.empty(p.size)
    back[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    adjusted[known] = back
    return adjusted


def sample_ratio_mismatch(counts: Sequence[float], expected_shares: Sequence[float]) -> float:
    """p-value of the counts of a random split against its intended shares (any weights; they are scaled to 1).

        chi2 = sum (count - expected)^2 / expected,   groups - 1 degrees of freedom

    A small p-value (usually < 0.001) says that the split was not the one intended: do not read the result.
    Source: K. Pearson 1900; use in experiments: A. Fabijan and others 2019, KDD '19, 2156-2164.
    """
    seen = np.asarray(counts, dtype=float)
    weights = np.asarray(expected_shares, dtype=float)
    if seen.shape != weights.shape or seen.size < 2 or not np.all(weights > 0.0):
        raise ImpossibleInputError(
            f"A split into {seen.size} groups was checked against {weights.size} shares; "
            "give one share above 0 for each of two or more groups."
        )
    if not seen.sum() > 0.0:
        return float("nan")
    expected = seen.sum() * weights / weights.sum()
    return float(chdtrc(seen.size - 1, np.sum((seen - expected) ** 2 / expected)))
