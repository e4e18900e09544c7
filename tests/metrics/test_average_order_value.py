"""metrics/average_order_value.py: revenue per order."""

from __future__ import annotations

import pytest

from data_access.access import Policy
from data_access.source import open_source
from tests.metrics.sold import SALE, YEAR, agrees, check_groups, check_total, check_trend, expected, sold
from tests.worlds import World, ask_source

BY_HAND = SALE + (
    "SELECT SUM(revenue) * 1e0 / NULLIF(SUM(is_order), 0), SUM(is_order) FROM asked WHERE revenue IS NOT NULL AND {where}"
)


@expected(
    {
        "01": (120, 1),
        "02": (None, 0),
        "03": (1.5, 2),
        "04": (4, 1),
        "05": (20, 3),
        "06": (70, 1),
        "07": (67.5, 2),
        "08": (92.5, 2),
        "09": (50, 1),
        "10": (None, 0),
        "11": (50, 1),
        "12": (90, 1),
    }
)
def test_average_order_value_counted_by_eye(seller, month, value, n):
    result = ask_source(seller, "average_order_value", month).result
    assert agrees(result.value, value)
    assert result.n == n


def test_a_month_without_an_order_has_no_value_in_a_trend(seller):
    frame = ask_source(seller, "average_order_value", "2026", shape="trend").result.frame
    assert frame["value"].isna().tolist() == [month in (2, 10) for month in range(1, 13)]
    assert frame["n"].tolist() == [1, 0, 2, 1, 3, 1, 2, 2, 1, 0, 1, 1]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_credit_notes_without_an_order_have_no_average(ask_world):
    world = World(
        orders=[{"ordered_at": "2026-01-02"}, {"ordered_at": "2026-02-02", "document": "credit_note", "net": -9}]
    )
    result = ask_world(world, "average_order_value", "2026-02").result
    assert agrees(result.value, None)
    assert result.n == 0


def test_an_order_without_a_rate_is_in_neither_part_and_said(seller):
    answer = ask_source(seller, "average_order_value", "2026-09")
    assert ("rows_without_rate", (("n", 1),)) in [(note.key, note.gaps) for note in answer.notes]


def test_who_may_see_nobody_sees_no_average(engine, shelf):
    source = open_source(shelf(engine, "sold", sold), Policy("no one", regions=()))
    result = ask_source(source, "average_order_value", "2026").result
    assert agrees(result.value, None)
    assert result.n == 0


def test_the_total_and_every_month_are_what_sql_gives(source):
    check_total(source, "average_order_value", BY_HAND)
    check_trend(source, "average_order_value", BY_HAND)


def test_every_region_and_channel_is_what_sql_gives(source):
    check_groups(source, "average_order_value", BY_HAND, "region", "region")
    check_groups(source, "average_order_value", BY_HAND, "channel", "channel")


def test_the_groups_weighted_by_their_orders_give_the_whole(source):
    whole = ask_source(source, "average_order_value", YEAR).result
    parts = ask_source(source, "average_order_value", YEAR, by="segment").result.frame
    assert (parts["value"] * parts["n"]).sum() / parts["n"].sum() == pytest.approx(whole.value)
    assert parts["n"].sum() == whole.n


def test_the_interval_takes_customers_as_clusters(seller):
    """May: ann (30 for 2 orders), bea (30 for 1). R = 20, residuals -10 and 10: Var = 2 x 200 / 9, t(1) = 12.7062."""
    result = ask_source(seller, "average_order_value", "2026-05").result
    half = 12.7062 * (2 * 200 / 9) ** 0.5
    assert (result.low, result.high) == pytest.approx((20 - half, 20 + half), rel=1e-4)


def test_one_customer_has_no_spread_and_no_interval(seller):
    result = ask_source(seller, "average_order_value", "2026-01").result
    assert agrees(result.low, None)
    assert agrees(result.high, None)
