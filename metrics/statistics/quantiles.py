"""Quantiles of values that are already sorted, by the rule that data_access/gathered.py writes in SQL."""

from __future__ import annotations

import math
from collections.abc import Sequence

from numpy.typing import NDArray


def quantile_type7(values: Sequence[float] | NDArray, q: float) -> float:
    """The q-quantile of values sorted upwards, linear between the two neighbours of (n - 1) q; nan without values.

    Source: R. J. Hyndman, Y. Fan 1996, The American Statistician 50:361-365, definition 7 (numpy, Excel and R default).
    """
    if len(values) == 0:
        return math.nan
    position = (len(values) - 1) * q
    below = math.floor(position)
    above = min(below + 1, len(values) - 1)
    low, high = float(values[below]), float(values[above])
    return low + (position - below) * (high - low)
