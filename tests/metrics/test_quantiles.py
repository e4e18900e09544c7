"""metrics/quantiles.py: exact quantiles by rank on every engine, also on those without a quantile of their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Float, String, cast, literal, null, select, union_all

from data_access.source import open_source
from metrics.quantiles import quantile_query
from metrics.statistics import quantile_type7
from tests.worlds import World

SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


@pytest.fixture(scope="module", params=["duckdb", "sqlite"])
def base(request, shelf):
    """A database of each engine."""
    return open_source(shelf(request.param, "empty", World))


def table(*pairs):
    """Rows of (group, x) as something to select from; both may be missing."""
    rows = [
        select(
            (cast(null(), String) if group is None else literal(group, String)).label("team"),
            (cast(null(), Float) if x is None else cast(literal(x), Float)).label("x"),
        )
        for group, x in pairs
    ]
    return union_all(*rows).subquery("rows")


def quantile(base, xs, share):
    """The one quantile of some values, and n."""
    row = base.fetch(quantile_query(table(*((None, x) for x in xs)), "x", share)).iloc[0]
    return row["quantile"], row["n"]


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.25, 2.5), (0.5, 3.5), (0.75, 5.0), (1.0, 8.0), (0.9, 6.8), (1 / 3, 3.0)]
)
def test_quantiles_are_type_7_of_hyndman_and_fan(base, share, value):
    """R's quantile(c(1, 3, 4, 8)) prints 1.00 2.50 3.50 5.00 8.00; at 0.9: 4 + 0.7 x (8 - 4)."""
    assert quantile(base, [8, 1, 4, 3], share) == (pytest.approx(value), 4)


@pytest.mark.parametrize("share", SHARES)
def test_one_value_is_every_quantile_of_itself(base, share):
    assert quantile(base, [7], share) == (7, 1)


@pytest.mark.parametrize("share", SHARES)
def test_equal_values_and_missing_ones(base, share):
    assert quantile(base, [None, 2, 2, None, 2], share) == (2, 3)


def test_nothing_but_missing_values_has_no_quantile(base):
    row = base.fetch(quantile_query(table((None, None)), "x", 0.5)).iloc[0]
    assert pd.isna(row["quantile"])


def test_every_group_has_its_own_also_the_one_without_a_name(base):
    rows = table(("a", 1), ("a", 3), ("b", 10), (None, 5), (None, 6), (None, 8), ("c", None))
    frame = base.fetch(quantile_query(rows, "x", 0.5, group="team"))
    found = {
        None if pd.isna(row["group"]) else row["group"]: (row["quantile"], row["n"]) for row in frame.to_dict("records")
    }
    assert found == {"a": (2, 2), "b": (10, 1), None: (6, 3)}


NUMBERS = st.lists(st.floats(-1e6, 1e6, allow_nan=False, width=32), min_size=1, max_size=25)


@settings(max_examples=25)
@given(xs=NUMBERS, share=st.floats(0, 1, allow_nan=False))
def test_quantiles_are_those_of_numpy(base, xs, share):
    found, n = quantile(base, xs, share)
    assert n == len(xs)
    assert found == pytest.approx(np.quantile(xs, share), rel=1e-6, abs=1e-6)
    assert found == pytest.approx(quantile_type7(sorted(xs), share), rel=1e-6, abs=1e-6)
