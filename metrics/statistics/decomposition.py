"""Why a product moved: revenue = customers x orders per customer x value per order.

The change of a product is split into one part per factor. Replacing the factors one after the other gives parts that
depend on the order; the Shapley value is their mean over all orders, so no factor is favoured and nothing is left over.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from metrics.statistics.change import ImpossibleInputError


def shapley_product(before: Sequence[float], after: Sequence[float]) -> tuple[float, ...]:
    """One part per factor, in the unit of the product; their sum is prod(after) - prod(before).

        part_i = (after_i - before_i) sum_s  s! (k-1-s)! / k!  e_s

    where e_s adds up the products of the other factors with exactly s of them already replaced. Rounding is absorbed by
    the last factor that moved. Zeros are fine; a factor that is not a number makes every part nan.
    Source: A. F. Shorrocks 2013, Journal of Economic Inequality 11:99-126; L. S. Shapley 1953.
    """
    if len(before) != len(after):
        raise ImpossibleInputError(
            f"A change was to be split over {len(before)} factors before and {len(after)} after; give the same factors."
        )
    parts = [_part(before, after, factor) for factor in range(len(before))]
    moved = [factor for factor, part in enumerate(parts) if part]
    if moved:
        last = moved[-1]
        total = math.prod(after) - math.prod(before)
        parts[last] = total - math.fsum(part for factor, part in enumerate(parts) if factor != last)
    return tuple(parts)


def _part(before: Sequence[float], after: Sequence[float], factor: int) -> float:
    others = [(float(b), float(a)) for i, (b, a) in enumerate(zip(before, after, strict=True)) if i != factor]
    by_replaced = np.ones(1)
    for pair in others:
        by_replaced = np.convolve(by_replaced, pair)
    k = len(before)
    weights = [math.factorial(s) * math.factorial(k - 1 - s) / math.factorial(k) for s in range(k)]
    return float((after[factor] - before[factor]) * np.dot(weights, by_replaced))
