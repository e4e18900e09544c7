"""metrics/revenue.py: what valid orders brought in, net, in the base currency."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data_access.access import Policy
from data_access.source import open_source
from metrics.periods import Comparison
from metrics.statistics import Verdict
from tests.company import company
from tests.metrics.sold import SALE, YEAR, agrees, check_groups, check_total, check_trend, expected, sold
from tests.worlds import World, ask_source, days

BY_HAND = SALE + "SELECT COALESCE(SUM(revenue), 0), SUM(is_order) FROM asked WHERE {where}"


@expected(
    {
        "01": (120, 1),
        "02": (0, 0),
        "03": (3, 2),
        "04": (4, 1),
        "05": (60, 3),
        "06": (70, 1),
        "07": (75 + 60, 2),
        "08": (200 * 0.5 - 10 * 0.5 + 90, 2),
        "09": (50, 2),
        "10": (0, 0),
        "11": (50, 1),
        "12": (90, 1),
    }
)
def test_revenue_counted_by_eye(seller, month, value, n):
    result = ask_source(seller, "revenue", month).result
    assert agrees(result.value, value)
    assert result.n == n


def test_the_months_of_a_trend_are_the_same_months(seller):
    frame = ask_source(seller, "revenue", "2026", shape="trend").result.frame
    assert frame["value"].tolist() == [120, 0, 3, 4, 60, 70, 135, 185, 50, 0, 50, 90]
    assert frame["n"].sum() == ask_source(seller, "revenue", "2026").result.n == 16
    assert frame["is_complete"].all()


def test_an_order_without_a_rate_is_left_out_and_said(seller):
    notes = {month: ask_source(seller, "revenue", month).notes for month in ("2026-09", "2026-08", "2026")}
    assert [(note.key, dict(note.gaps)["n"]) for note in notes["2026-09"] if note.key == "rows_without_rate"] == [
        ("rows_without_rate", 1)
    ]
    assert not [note for note in notes["2026-08"] if note.key == "rows_without_rate"]
    assert [dict(note.gaps)["n"] for note in notes["2026"] if note.key == "rows_without_rate"] == [1]


def test_who_may_see_nobody_sees_no_money(engine, shelf):
    source = open_source(shelf(engine, "sold", sold), Policy("no one", regions=()))
    result = ask_source(source, "revenue", "2026").result
    assert (result.value, result.n) == (0, 0)


def test_nothing_is_known_of_a_period_before_the_data_or_after_them(seller):
    before, after = ask_source(seller, "revenue", "2025"), ask_source(seller, "revenue", "2028")
    assert pd.isna(before.result.value)
    assert pd.isna(after.result.value)
    assert [note.key for note in before.notes] == ["period_before_data"]
    assert [note.key for note in after.notes] == ["period_not_begun"]


def test_an_empty_table_of_orders_is_no_zero(ask_world):
    answer = ask_world(World(), "revenue", "2026")
    assert pd.isna(answer.result.value)
    assert ask_world(World(), "revenue", "2026", shape="trend").result.frame.empty
    assert ask_world(World(), "revenue", "2026", by="region").result.frame.empty


# -- the same by hand -----------------------------------------------------------------------------------------------
def test_the_total_is_what_sql_gives(source):
    check_total(source, "revenue", BY_HAND)


def test_every_month_is_what_sql_gives(source):
    check_trend(source, "revenue", BY_HAND)


@pytest.mark.parametrize("dimension", ["region", "segment", "channel"])
def test_every_group_is_what_sql_gives(source, dimension):
    check_groups(source, "revenue", BY_HAND, dimension, dimension)


@pytest.mark.parametrize("dimension", ["region", "country", "channel", "segment", "owner", "team", "category"])
def test_the_groups_of_a_dimension_add_up_to_all(source, dimension):
    whole = ask_source(source, "revenue", YEAR).result
    parts = ask_source(source, "revenue", YEAR, by=dimension).result
    assert parts.frame["value"].sum() == pytest.approx(whole.value)
    assert parts.frame["share"].sum() == pytest.approx(1)
    assert parts.frame["compared_value"].sum() == pytest.approx(whole.compared(Comparison.PREVIOUS).value)
    assert parts.frame["change"].sum() == pytest.approx(whole.value - whole.compared(Comparison.PREVIOUS).value)
    assert parts.n == whole.n
    assert parts.is_additive


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_the_buckets_of_a_grain_add_up_to_all(source, grain):
    whole = ask_source(source, "revenue", YEAR).result
    frame = ask_source(source, "revenue", YEAR, shape="trend", grain=grain).result.frame
    assert frame["value"].sum() == pytest.approx(whole.value)
    assert frame["n"].sum() == whole.n
    assert not frame["period"].duplicated().any()
    assert (frame["period_end"].iloc[:-1].to_numpy() == frame["period"].iloc[1:].to_numpy()).all()


# -- intervals and verdicts -----------------------------------------------------------------------------------------
def test_the_interval_is_made_of_customers_not_of_orders(seller):
    """May: ann brings 10 + 20, bea 30: 60 -+ 1.96 x sqrt(30^2 + 30^2)."""
    result = ask_source(seller, "revenue", "2026-05").result
    assert (result.low, result.high) == pytest.approx((60 - 83.1543, 60 + 83.1543), abs=1e-3)


def monthly_sellers(january, february):
    """That many customers with an order of 100 each."""
    rows = [("2026-01-10", i) for i in range(january)] + [("2026-02-10", i) for i in range(february)]
    orders = [{"customer_id": f"c{i}", "ordered_at": day} for day, i in rows]
    return World(orders=[*orders, {"ordered_at": "2025-12-01", "customer_id": "early"}])


@pytest.mark.parametrize(
    ("january", "february", "verdict"),
    [
        (40, 120, Verdict.UP),
        (120, 40, Verdict.DOWN),
        (60, 66, Verdict.NOISE),
        (29, 300, Verdict.TOO_FEW),
        (0, 40, Verdict.NO_BASELINE),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_change_is_judged_only_beyond_noise(ask_world, january, february, verdict):
    change = (
        ask_world(monthly_sellers(january, february), "revenue", "2026-02").result.compared(Comparison.PREVIOUS).change
    )
    assert change.verdict is verdict
    assert change.difference == pytest.approx(100 * (february - january))


# -- what history covers --------------------------------------------------------------------------------------------
def daily(first, count):
    """An order by another customer on each day."""
    return World(orders=[{"ordered_at": f"{day} 12:00", "customer_id": day} for day in days(first, count)])


@pytest.mark.parametrize(
    ("first", "verdict", "note"),
    [
        ("2026-01-01", Verdict.NOISE, False),
        ("2026-01-03", Verdict.TOO_FEW, False),  # a tenth of the month may be missing; 29 customers are left
        ("2026-01-16", Verdict.NO_BASELINE, True),
        ("2026-02-01", Verdict.NO_BASELINE, False),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_month_that_was_recorded_only_in_part_is_no_baseline(ask_world, first, verdict, note):
    count = (pd.Timestamp("2026-03-05") - pd.Timestamp(first)).days
    answer = ask_world(daily(first, count), "revenue", "2026-02-01..2026-03-04")
    answer = ask_world(daily(first, count), "revenue", "2026-02") if first == "2026-01-03" else answer
    met = answer.result.compared(Comparison.PREVIOUS)
    assert met.change.verdict is verdict
    assert ("baseline_partial" in [item.key for item in answer.notes]) is note
    if verdict is Verdict.NO_BASELINE:
        assert pd.isna(met.change.ratio)
        groups = ask_world(daily(first, count), "revenue", "2026-02-01..2026-03-04", by="region").result.frame
        assert set(groups["verdict"]) == {"no_baseline"}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_history_begins_with_the_metric_s_own_tables(ask_world):
    """Leads since 2020 do not make a month before the first order one without sales."""
    world = World(leads=[{"created_at": "2020-01-01", "status": "new"}], orders=[{"ordered_at": "2026-02-10"}])
    result = ask_world(world, "revenue", "2026-02").result
    assert pd.isna(result.compared(Comparison.PREVIOUS).value)
    assert result.compared(Comparison.PREVIOUS).change.verdict is Verdict.NO_BASELINE
    frame = ask_world(world, "revenue", "2025-06-01..2026-04-01", shape="trend").result.frame
    assert [f"{day:%Y-%m}" for day in frame["period"]] == ["2026-02", "2026-03"]
    assert frame["is_complete"].tolist() == [False, True]


# -- unfinished -----------------------------------------------------------------------------------------------------
def test_an_unfinished_month_meets_the_same_days_of_the_month_before(engine, shelf):
    source = open_source(
        shelf(engine, "daily", lambda: daily("2026-01-01", 80)), as_of=pd.Timestamp("2026-03-10 18:00")
    )
    answer = ask_source(source, "revenue", "2026-03")
    met = answer.result.compared(Comparison.PREVIOUS)
    assert (answer.result.value, met.value) == (1000, 1000)
    assert not met.now.is_finished
    assert [note.key for note in answer.notes] == ["unfinished_period"]


def test_an_unfinished_bucket_is_marked_and_can_be_left_out(engine, shelf):
    source = open_source(
        shelf(engine, "daily", lambda: daily("2026-01-01", 80)), as_of=pd.Timestamp("2026-03-10 18:00")
    )
    answer = ask_source(source, "revenue", "2026-02-10..2026-04-20", shape="trend")
    assert answer.result.frame["value"].tolist() == [1900, 1000]
    assert answer.result.frame["is_complete"].tolist() == [False, False]  # the first begins before the period
    assert [(note.key, note.gaps) for note in answer.notes] == [("unfinished_buckets", (("n", 2),))]
    whole = ask_source(source, "revenue", "2026", shape="trend", complete_only=True)
    assert whole.result.frame["value"].tolist() == [3100, 2800]
    assert whole.notes == ()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_trend_of_very_many_points_says_that_it_shows_the_last(ask_world):
    world = World(orders=[{"ordered_at": "2023-06-01"}, {"ordered_at": "2026-12-31"}])
    answer = ask_world(world, "revenue", "2023-06-01..2027-01-01", shape="trend", grain="day")
    assert len(answer.result.frame) == 800
    assert answer.result.frame["value"].iloc[-1] == 100
    assert ("last_buckets", (("n", 800),)) in [(note.key, note.gaps) for note in answer.notes]


# -- targets --------------------------------------------------------------------------------------------------------
def test_months_targets_add_up_to_a_quarter_s(source):
    assert ask_source(source, "revenue", "2026-01").result.target == 10_000
    assert ask_source(source, "revenue", "2026-Q1").result.target == 30_000
    assert ask_source(source, "revenue", "2026").result.target is None
    assert ask_source(source, "revenue", "2026-01-02..2026-02-01").result.target is None
    assert ask_source(source, "revenue", "2026-01", where={"region": "North"}).result.target is None
    assert ask_source(source, "orders", "2026-01").result.target is None


def test_a_viewer_of_some_customers_has_no_target(engine, shelf):
    source = open_source(shelf(engine, "company", company), Policy("nora", regions=("North",)))
    assert ask_source(source, "revenue", "2026-01").result.target is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_target_in_another_currency_is_not_one_in_ours(ask_world):
    target = {"scope_type": "company", "scope_id": "company", "metric": "revenue", "period_start": "2026-01-01"}
    for currency, value in (("USD", None), ("EUR", 500), (None, 500)):
        rows = [target | {"period_end": "2026-01-31", "value": 500, "currency": currency}]
        assert ask_world(World(targets=rows, orders=[{}]), "revenue", "2026-01").result.target == value


# -- what is not known is not 0 --------------------------------------------------------------------------------------
PRICED = {"net": 100, "channel": "web", "ordered_at": "2026-01-05"}
UNPRICED = {"net": 70, "currency": "USD", "channel": "shop", "ordered_at": "2026-02-05"}


def test_a_month_of_orders_without_a_rate_has_no_revenue_and_the_trend_says_how_many(ask_world):
    answer = ask_world(World(orders=[PRICED, UNPRICED]), "revenue", "2026-01-01..2026-04-01", shape="trend")
    assert answer.result.frame["value"].tolist() == pytest.approx([100, float("nan"), 0], nan_ok=True)
    assert answer.result.frame["n"].tolist() == [1, 1, 0]
    assert ("rows_without_rate", (("n", 1),)) in [(note.key, note.gaps) for note in answer.notes]


@pytest.mark.parametrize("by", ["channel", "region", "category"])
def test_a_group_of_orders_without_a_rate_has_no_revenue_and_the_breakdown_says_how_many(ask_world, by):
    world = World(
        customers=[{"customer_id": "ann", "region": "web"}, {"customer_id": "bea", "region": "shop"}],
        orders=[
            PRICED | {"customer_id": "ann", "lines": [("web", 100)]},
            UNPRICED | {"customer_id": "bea", "lines": [("shop", 70)]},
        ],
    )
    answer = ask_world(world, "revenue", "2026-01-01..2026-04-01", by=by)
    found = dict(zip(answer.result.frame["group"], answer.result.frame["value"], strict=True))
    assert found == pytest.approx({"web": 100, "shop": float("nan")}, nan_ok=True)
    assert ("rows_without_rate", (("n", 1),)) in [(note.key, note.gaps) for note in answer.notes]


def test_a_total_of_orders_without_a_rate_is_no_zero(ask_world):
    answer = ask_world(World(orders=[PRICED, UNPRICED]), "revenue", "2026-02")
    assert np.isnan(answer.result.value)
    assert answer.result.n == 1


def test_what_is_known_and_adds_up_to_nothing_is_zero_beside_what_has_no_rate(ask_world):
    """An order, its credit note, and an order without a rate: 0 in the total as in the trend and in its group."""
    given = PRICED | {"ordered_at": "2026-02-01", "channel": "shop", "customer_id": "ann"}
    world = World(orders=[given, given | {"net": -100, "document": "credit_note"}, UNPRICED])
    assert ask_world(world, "revenue", "2026-02").result.value == 0
    assert ask_world(world, "revenue", "2026-02", shape="trend").result.frame["value"].tolist() == [0]
    assert ask_world(world, "revenue", "2026-02", by="channel").result.frame["value"].tolist() == [0]


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("metric", "choices"),
    [
        ("revenue", {}),
        *(("revenue", {"by": by}) for by in ("region", "channel", "category")),
        ("average_order_value", {}),
        ("average_order_value", {"by": "channel"}),
        *(("revenue_change", {"by": by}) for by in ("factors", "region", "channel")),
    ],
)
def test_what_the_period_compared_with_lacks_is_said(ask_world, metric, choices):
    """Half of February has no rate: March would seem to have sold twice as much."""
    lines = [("Bikes", 35), ("Parts", 35)]
    orders = [
        PRICED,
        PRICED | {"ordered_at": "2026-02-05"},
        UNPRICED | {"lines": lines},
        PRICED | {"ordered_at": "2026-03-05"},
    ]
    world = World(orders=orders)
    said = {}
    for when in ("2026-02", "2026-03"):
        notes = ask_world(world, metric, when, **choices).notes
        said[when] = [(note.key, note.gaps) for note in notes if note.key.endswith("without_rate")]
    once = (("n", 1),)
    assert said == {"2026-02": [("rows_without_rate", once)], "2026-03": [("baseline_without_rate", once)]}


def test_a_period_that_overlaps_the_year_before_is_not_judged(ask_world):
    orders = [PRICED | {"ordered_at": day} for day in days("2024-01-01", 900)]
    answer = ask_world(World(orders=orders), "revenue", "2024-07-01..2026-04-01", comparison="year")
    change = answer.result.compared(Comparison.YEAR).change
    assert change.verdict is Verdict.NO_BASELINE
    assert np.isnan([change.low, change.high]).all()
    assert "baseline_overlaps" in [note.key for note in answer.notes]
    frame = ask_world(World(orders=orders), "revenue", "2024-07-01..2026-04-01", comparison="year", by="channel")
    assert frame.result.frame["verdict"].tolist() == [Verdict.NO_BASELINE]


def test_a_period_that_has_not_begun_has_neither_value_nor_interval_nor_baseline(ask_world):
    frame = ask_world(World(orders=[PRICED]), "revenue", "2030").result.frame
    columns = ["value", "low", "high", "previous_value", "year_value"]
    assert frame[columns].isna().all(axis=None)


def test_nothing_is_known_beyond_what_the_settings_call_complete(ask_world):
    """An as-of moment later than that finishes no period."""
    world = World(orders=[PRICED | {"ordered_at": "2025-12-01"}, PRICED], settings={"data_as_of": "2026-02-10"})
    frame = ask_world(world, "revenue", "2026", shape="trend", as_of="2026-12-31").result.frame
    assert frame["is_complete"].tolist() == [True, False]
