"""metrics/orders.py: how many valid orders were placed."""

from __future__ import annotations

import pytest

from data_access.access import Policy
from data_access.source import open_source
from metrics.periods import Comparison
from tests.metrics.sold import SALE, YEAR, agrees, check_groups, check_total, check_trend, expected, sold
from tests.worlds import ask_source

BY_HAND = SALE + "SELECT SUM(is_order), SUM(is_order) FROM asked WHERE {where}"


@expected(
    {
        "01": (1, 1),
        "02": (0, 0),
        "03": (2, 2),
        "04": (1, 1),
        "05": (3, 3),
        "06": (1, 1),
        "07": (2, 2),
        "08": (2, 2),
        "09": (2, 2),
        "10": (0, 0),
        "11": (1, 1),
        "12": (1, 1),
    }
)
def test_orders_counted_by_eye(seller, month, value, n):
    result = ask_source(seller, "orders", month).result
    assert agrees(result.value, value)
    assert result.n == n


def test_the_months_of_a_trend_are_the_same_months(seller):
    frame = ask_source(seller, "orders", "2026", shape="trend").result.frame
    assert frame["value"].tolist() == frame["n"].tolist() == [1, 0, 2, 1, 3, 1, 2, 2, 2, 0, 1, 1]


def test_who_may_see_nobody_sees_no_order(engine, shelf):
    source = open_source(shelf(engine, "sold", sold), Policy("no one", regions=()))
    assert ask_source(source, "orders", "2026").result.value == 0


def test_the_total_and_every_month_are_what_sql_gives(source):
    check_total(source, "orders", BY_HAND)
    check_trend(source, "orders", BY_HAND)


def test_every_region_and_channel_is_what_sql_gives(source):
    check_groups(source, "orders", BY_HAND, "region", "region")
    check_groups(source, "orders", BY_HAND, "channel", "channel")


@pytest.mark.parametrize("dimension", ["region", "owner", "team", "acquired_channel"])
def test_the_groups_of_a_dimension_add_up_to_all(source, dimension):
    whole = ask_source(source, "orders", YEAR).result
    parts = ask_source(source, "orders", YEAR, by=dimension).result
    assert parts.frame["value"].sum() == whole.value == parts.n
    assert parts.frame["change"].sum() == whole.compared(Comparison.PREVIOUS).change.difference


def test_the_interval_counts_customers_as_clusters_and_is_never_below_nothing(seller):
    """May: ann has two orders and bea one: 3 -+ 1.96 x sqrt(2^2 + 1^2), cut at 0."""
    result = ask_source(seller, "orders", "2026-05").result
    assert (result.low, result.high) == pytest.approx((0, 3 + 4.3826), abs=1e-3)
    result = ask_source(seller, "orders", "2026-03").result
    assert (result.low, result.high) == pytest.approx((0, 2 + 2.7718), abs=1e-3)
