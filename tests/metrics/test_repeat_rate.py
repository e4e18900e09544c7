"""metrics/repeat_rate.py: the share of buying customers who bought more than once."""

from __future__ import annotations

import pytest

from data_access.access import Policy
from data_access.source import open_source
from tests.metrics.sold import SALE, YEAR, agrees, check_groups, check_total, check_trend, expected, sold
from tests.worlds import World, ask_source

BY_HAND = (
    SALE
    + """, buyer AS (
    SELECT customer_id, COUNT(*) AS orders FROM asked WHERE is_order = 1 AND {where} GROUP BY customer_id
)
SELECT SUM(CASE WHEN orders > 1 THEN 1e0 ELSE 0e0 END) / NULLIF(COUNT(*), 0), COUNT(*) FROM buyer"""
)


@expected(
    {
        "01": (0, 1),
        "02": (None, 0),
        "03": (0, 2),
        "04": (0, 1),
        "05": (0.5, 2),
        "06": (0, 1),
        "07": (0, 2),
        "08": (0, 2),
        "09": (0, 2),
        "10": (None, 0),
        "11": (0, 1),
        "12": (0, 1),
    }
)
def test_repeat_rate_counted_by_eye(seller, month, value, n):
    result = ask_source(seller, "repeat_rate", month).result
    assert agrees(result.value, value)
    assert result.n == n


def test_a_longer_period_finds_more_repeat_buyers(seller):
    """Over the year ann and bea bought often, dan once."""
    result = ask_source(seller, "repeat_rate", "2026").result
    assert result.value == pytest.approx(2 / 3)
    assert result.n == 3


def test_every_month_looks_for_its_own_repeat_buyers(ask_world):
    """ann orders on the last day of January and on the first of February: a repeat buyer of neither month."""
    moments = ["2026-01-31", "2026-02-01", "2026-03-01", "2026-03-31 23:59:59"]
    world = World(orders=[{"customer_id": "ann", "ordered_at": moment} for moment in moments])
    frame = ask_world(world, "repeat_rate", "2026-01-01..2026-04-01", shape="trend").result.frame
    assert frame["value"].tolist() == [0, 0, 1]
    assert frame["n"].tolist() == [1, 1, 1]
    assert ask_world(world, "repeat_rate", "2026-01-01..2026-03-01").result.value == 1


def test_who_may_see_nobody_sees_no_rate(engine, shelf):
    source = open_source(shelf(engine, "sold", sold), Policy("no one", regions=()))
    assert agrees(ask_source(source, "repeat_rate", "2026").result.value, None)


def test_the_total_and_every_month_are_what_sql_gives(source):
    check_total(source, "repeat_rate", BY_HAND)
    check_trend(source, "repeat_rate", BY_HAND)


def test_every_region_is_what_sql_gives(source):
    check_groups(source, "repeat_rate", BY_HAND, "region", "region")


def test_the_groups_weighted_by_their_customers_give_the_whole(source):
    whole = ask_source(source, "repeat_rate", YEAR).result
    parts = ask_source(source, "repeat_rate", YEAR, by="country").result.frame
    assert (parts["value"] * parts["n"]).sum() / whole.n == pytest.approx(whole.value)


def test_the_interval_is_wilson_s(seller):
    """1 of 2: 0.0945 to 0.9055 (Wilson 1927)."""
    result = ask_source(seller, "repeat_rate", "2026-05").result
    assert (result.low, result.high) == pytest.approx((0.0945, 0.9055), abs=1e-4)


def test_the_interval_is_that_of_those_who_came_back(ask_world):
    """1 of 4: 0.0456 to 0.6994 (Wilson 1927)."""
    result = ask_world(World(orders=[{"customer_id": who} for who in "aabcd"]), "repeat_rate", "2026-01").result
    assert (result.low, result.high) == pytest.approx((0.0456, 0.6994), abs=1e-4)
