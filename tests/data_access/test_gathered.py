"""Medians beside counts, in one pass, on every engine."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sqlalchemy import case, func, select, union_all
from sqlalchemy.sql import literal

from data_access.gathered import gathered, quantile_of
from data_access.source import open_source
from tests.worlds import World

VALUES = [3.5, 1.0, 7.25, 2.0, 2.0, 123456.789, 0.125]


@pytest.fixture
def base(any_engine, shelf):
    """An empty database of each engine."""
    return open_source(shelf(any_engine, "empty", World)).base


def rows(*values: float | None):
    parts = [select(literal("a").label("name"), literal(value).label("value")) for value in values]
    return union_all(*parts).subquery("given")


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("count", [1, 2, 3, 6, 7])
def test_a_quantile_is_of_type_7(base, share, count):
    given = rows(*VALUES[:count], None)
    measured = [gathered(given.c.value, share).label("items"), func.count().label("n")]
    inner = select(given.c.name, *measured).group_by(given.c.name).subquery("lists")
    frame = base.fetch(select(inner.c.n, quantile_of(inner.c["items"], share).label("found")))
    assert frame["n"].tolist() == [count + 1]
    assert frame["found"].tolist() == pytest.approx([np.quantile(VALUES[:count], share)])


def test_the_median_of_no_values_is_empty(base):
    given = rows(1.0)
    nothing = case((given.c.value > 5, given.c.value))
    inner = select(given.c.name, gathered(nothing, 0.5).label("items")).group_by(given.c.name).subquery("lists")
    frame = base.fetch(select(inner.c.name, quantile_of(inner.c["items"], 0.5).label("found")))
    assert math.isnan(frame["found"].iloc[0])
