"""metrics/new_customers.py: how many placed their first valid order ever."""

from __future__ import annotations

import pytest

from data_access.access import Policy
from data_access.source import open_source
from metrics.periods import Comparison
from tests.metrics.sold import MONTHS, SALE, YEAR, agrees, by_hand, check_groups, check_total, expected, sold
from tests.worlds import World, ask_source

BY_HAND = (
    SALE
    + """, first AS (
    SELECT customer_id, MIN(ordered_at) AS begun FROM sale WHERE is_order = 1 GROUP BY customer_id
)
SELECT COUNT(*), COUNT(*) FROM first JOIN customers c ON c.customer_id = first.customer_id
WHERE begun >= '{start}' AND begun < '{end}' AND {where}"""
)


@expected(
    {
        "01": (1, 1),
        "02": (0, 0),
        "03": (1, 1),
        "04": (0, 0),
        "05": (0, 0),
        "06": (0, 0),
        "07": (0, 0),
        "08": (0, 0),
        "09": (0, 0),
        "10": (0, 0),
        "11": (1, 1),
        "12": (0, 0),
    }
)
def test_new_customers_counted_by_eye(seller, month, value, n):
    """ann in January, bea in the last moment of March, dan in November; cid has only a credit note."""
    result = ask_source(seller, "new_customers", month).result
    assert agrees(result.value, value)
    assert result.n == n


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_order_that_does_not_count_makes_nobody_a_customer(ask_world):
    world = World(
        orders=[
            {"customer_id": "ann", "ordered_at": "2026-01-05", "status": "cancelled"},
            {"customer_id": "ann", "ordered_at": "2026-02-05", "is_test": True},
            {"customer_id": "ann", "ordered_at": "2026-03-05", "document": "credit_note", "net": -5},
            {"customer_id": "ann", "ordered_at": "2026-04-05"},
            {"customer_id": "ann", "ordered_at": "2026-05-05"},
        ]
    )
    frame = ask_world(world, "new_customers", "2026-01-01..2026-06-01", shape="trend").result.frame
    assert frame["value"].tolist() == [0, 0, 0, 1, 0]


def test_a_filter_of_orders_comes_before_the_first_order_is_looked_for(ask_world):
    """Who began in a shop and came to the web in February is new to the web in February."""
    world = World(
        orders=[
            {"customer_id": "ann", "ordered_at": "2026-01-05", "channel": "shop"},
            {"customer_id": "ann", "ordered_at": "2026-02-05", "channel": "web"},
        ]
    )
    assert ask_world(world, "new_customers", "2026-02").result.value == 0
    assert ask_world(world, "new_customers", "2026-02", where={"channel": "web"}).result.value == 1


def test_a_merged_customer_is_new_once(ask_world):
    world = World(
        customers=[{"customer_id": "ann", "merged_into_id": "bea"}, {"customer_id": "bea"}],
        orders=[
            {"customer_id": "ann", "ordered_at": "2026-01-05"},
            {"customer_id": "bea", "ordered_at": "2026-02-05"},
        ],
    )
    frame = ask_world(world, "new_customers", "2026-01-01..2026-03-01", shape="trend").result.frame
    assert frame["value"].tolist() == [1, 0]


def test_who_may_see_nobody_sees_nobody_new(engine, shelf):
    source = open_source(shelf(engine, "sold", sold), Policy("no one", regions=()))
    assert ask_source(source, "new_customers", "2026").result.value == 0


def test_the_total_and_every_month_are_what_sql_gives(source):
    check_total(source, "new_customers", BY_HAND)
    frame = ask_source(source, "new_customers", YEAR, shape="trend").result.frame
    assert frame["value"].tolist() == [by_hand(source, BY_HAND, start, end)[0] for _, start, end in MONTHS]


def test_every_region_is_what_sql_gives_and_all_add_up(source):
    check_groups(source, "new_customers", BY_HAND, "region", "c.region")
    parts = ask_source(source, "new_customers", YEAR, by="region").result
    assert parts.frame["value"].sum() == ask_source(source, "new_customers", YEAR).result.value


def test_months_add_up_to_the_year(source):
    frame = ask_source(source, "new_customers", YEAR, shape="trend").result.frame
    assert frame["value"].sum() == ask_source(source, "new_customers", YEAR).result.value > 5


@pytest.mark.parametrize(("since", "is_judged"), [("", False), ("2025-10-03", True), ("2025-11-20", False)])
def test_in_the_first_months_of_the_data_a_fall_is_not_judged(ask_world, since, is_judged):
    """Who bought before the data begin seems new at first, so that newcomers always fall then."""
    orders = [
        {"customer_id": f"C{month}-{i}", "ordered_at": f"2026-0{month}-02", "net": 10}
        for month, often in ((1, 200), (2, 60))
        for i in range(often)
    ] + ([{"customer_id": "early", "ordered_at": since, "net": 1}] if since else [])
    people = [{"customer_id": order["customer_id"]} for order in orders]
    answer = ask_world(World(orders=orders, customers=people), "new_customers", "2026-02")
    verdict = answer.result.compared(Comparison.PREVIOUS).change.verdict
    assert verdict == ("down" if is_judged else "no_baseline")
    assert ("baseline_short_history" in [note.key for note in answer.notes]) is not is_judged
