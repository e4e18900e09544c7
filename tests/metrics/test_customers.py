"""metrics/customers.py: how many different customers placed a valid order."""

from __future__ import annotations

import pytest

from data_access.access import Policy
from data_access.source import open_source
from metrics.listing import listing
from metrics.periods import Comparison
from tests.metrics.sold import SALE, YEAR, agrees, check_groups, check_total, check_trend, expected, sold
from tests.worlds import World, ask_source

BY_HAND = SALE + (
    "SELECT COUNT(DISTINCT customer_id), COUNT(DISTINCT customer_id) FROM asked WHERE is_order = 1 AND {where}"
)


@expected(
    {
        "01": (1, 1),
        "02": (0, 0),
        "03": (2, 2),
        "04": (1, 1),
        "05": (2, 2),
        "06": (1, 1),
        "07": (2, 2),
        "08": (2, 2),
        "09": (2, 2),
        "10": (0, 0),
        "11": (1, 1),
        "12": (1, 1),
    }
)
def test_customers_counted_by_eye(seller, month, value, n):
    result = ask_source(seller, "customers", month).result
    assert agrees(result.value, value)
    assert result.n == n


def test_a_customer_of_several_months_counts_once_in_the_year(seller):
    """ann, bea and dan; cid has only a credit note."""
    assert ask_source(seller, "customers", "2026").result.value == 3
    frame = ask_source(seller, "customers", "2026", shape="trend").result.frame
    assert [None if n == 0 else value for value, n in zip(frame["value"], frame["n"], strict=True)] == [
        1, None, 2, 1, 2, 1, 2, 2, 2, None, 1, 1,
    ]  # fmt: skip
    quarters = ask_source(seller, "customers", "2026", shape="trend", grain="quarter").result.frame
    assert quarters["value"].tolist() == [2, 2, 2, 2]


def test_a_customer_of_several_channels_counts_in_each_and_once_in_all(source):
    whole = ask_source(source, "customers", YEAR).result
    parts = ask_source(source, "customers", YEAR, by="channel").result
    assert parts.frame["value"].sum() > whole.value == whole.n == parts.n
    assert not parts.is_additive
    assert parts.frame["share"].isna().all()


def test_the_regions_of_customers_add_up_to_all(source):
    whole = ask_source(source, "customers", YEAR).result
    assert ask_source(source, "customers", YEAR, by="region").result.frame["value"].sum() == whole.value


def test_who_may_see_nobody_sees_no_customer(engine, shelf):
    source = open_source(shelf(engine, "sold", sold), Policy("no one", regions=()))
    assert ask_source(source, "customers", "2026").result.value == 0


def test_the_total_and_every_month_are_what_sql_gives(source):
    check_total(source, "customers", BY_HAND)
    check_trend(source, "customers", BY_HAND)


def test_every_region_and_channel_is_what_sql_gives(source):
    check_groups(source, "customers", BY_HAND, "region", "region")
    check_groups(source, "customers", BY_HAND, "channel", "channel")


def test_the_interval_is_garwood_s(seller):
    """Exact Poisson limits of 2 events: 0.2422 and 7.2247 (Garwood 1936)."""
    result = ask_source(seller, "customers", "2026-05").result
    assert (result.low, result.high) == pytest.approx((0.2422, 7.2247), abs=1e-4)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("before", "now", "verdict"), [(40, 120, "up"), (120, 40, "down"), (60, 66, "noise")])
def test_a_change_is_judged_as_two_poisson_counts(ask_world, before, now, verdict):
    orders = [{"customer_id": f"c{i}", "ordered_at": "2026-01-01"} for i in range(before)]
    orders += [{"customer_id": f"c{i}", "ordered_at": "2026-02-10"} for i in range(now)]
    met = ask_world(World(orders=orders), "customers", "2026-02").result.compared(Comparison.PREVIOUS)
    assert (met.change.difference, met.change.verdict) == (now - before, verdict)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_one_of_twenty_groups_that_stands_out_by_chance_is_noise_among_them(load):
    """40 customers become 64 in one region (p = 0.02) and stay 40 in nineteen: alone up, among twenty noise."""
    counts = {f"r{i:02}": (40, 64 if i == 0 else 40) for i in range(20)}
    rows = [
        (f"{r}_{i}", r, day) for r, pair in counts.items() for n, day in zip(pair, "12", strict=True) for i in range(n)
    ]
    orders = [{"customer_id": who, "ordered_at": f"2026-0{month}-01"} for who, _, month in rows]
    people = [
        {"customer_id": who, "region": region} for who, region in {who: region for who, region, _ in rows}.items()
    ]
    source = load(World(orders=orders, customers=people))
    alone = ask_source(source, "customers", "2026-02", where={"region": "r00"}).result
    assert alone.compared(Comparison.PREVIOUS).change.verdict == "up"
    assert set(ask_source(source, "customers", "2026-02", by="region").result.frame["verdict"]) == {"noise"}


def test_nobody_is_0_in_a_trend_and_in_a_group_that_fell_to_nothing(ask_world):
    people = [{"customer_id": "a", "region": "North"}, {"customer_id": "b", "region": "South"}]
    orders = [
        {"customer_id": "a", "ordered_at": "2026-01-05"},
        {"customer_id": "a", "ordered_at": "2026-01-03"},
        {"customer_id": "b", "ordered_at": "2026-01-07"},
    ]
    world = World(customers=people, orders=orders)
    trend = ask_world(world, "customers", "2026-01-05..2026-01-08", shape="trend", grain="day").result.frame
    assert trend["value"].tolist() == [1, 0, 1]
    assert trend["high"].tolist()[1] == pytest.approx(3.689, abs=1e-3)  # Garwood 1936 for 0
    groups = ask_world(world, "customers", "2026-01-07..2026-01-09", by="region").result.frame.set_index("group")
    assert groups.loc["North", ["value", "compared_value", "change"]].tolist() == [0, 1, -1]


def test_the_list_has_one_row_per_customer(load):
    orders = [{"customer_id": who, "ordered_at": f"2026-01-{day:02}"} for who, day in (("a", 5), ("a", 9), ("b", 7))]
    source = load(World(orders=orders))
    answer = ask_source(source, "customers", "2026-01")
    frame, total = listing("customers")(source, answer.question, {}, 10)
    assert (total, answer.result.n) == (2, 2)
    assert dict(zip(frame["customer_id"], frame["orders"], strict=True)) == {"a": 2, "b": 1}
