"""metrics/churn_rate.py: the share of held customers who were lost, the pause learnt from their own habits."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from data_access.access import Policy
from data_access.source import open_source
from metrics.churn_rate import FALLBACK_DAYS, pauses
from metrics.metric import metric_named
from metrics.periods import Comparison
from tests.company import AS_OF
from tests.metrics.sold import SALE, YEAR, agrees, by_hand
from tests.worlds import World, ask_source

LATE = datetime(2027, 1, 1)


def orders(who, *days, **more):
    """Orders of one customer at noon of some days."""
    return [{"customer_id": who, "ordered_at": f"{day} 12:00", **more} for day in days]


def every(who, first, step, count, **more):
    """An order every so many days."""
    start = date.fromisoformat(first)
    return orders(who, *(start + timedelta(days=step * i) for i in range(count)), **more)


def pausing():
    """A company with too few repeat orders to learn from: who has paused for 90 days is lost."""
    return World(
        orders=[
            *orders("always", "2025-09-01", "2025-11-15", "2026-01-20", "2026-03-15"),
            *orders("lost in February", "2025-11-20"),
            *orders("came back", "2025-11-20", "2026-03-05"),
            *orders("gone before", "2025-09-01"),
            *orders("new", "2026-02-10"),
            *orders("only cancelled", "2026-01-10", status="cancelled"),
        ]
    )


@pytest.fixture
def held(engine, shelf):
    """The company that can be counted by eye."""
    return open_source(shelf(engine, "pausing", pausing))


@pytest.mark.parametrize(
    ("month", "value", "n"),
    [
        # held at its start: always, lost in February, came back; lost by its end: the latter two
        pytest.param("2026-02", 2 / 3, 3, id="held-at-the-start-and-not-at-the-end"),
        # always (January) and new (February) are held; both at the end as well
        pytest.param("2026-03", 0, 2, id="who-came-back-is-in-neither-part"),
        pytest.param("2026-04", 0, 3, id="new-customers-count-from-the-next-period-on"),
        pytest.param("2026-05", 1 / 3, 3, id="new-is-lost-ninety-days-after-its-only-order"),
        pytest.param("2026-06", 1, 2, id="everybody-is-lost"),
        pytest.param("2026-07", None, 0, id="nobody-is-held"),
    ],
)
def test_churn_counted_by_eye(held, month, value, n):
    result = ask_source(held, "churn_rate", month).result
    assert agrees(result.value, value)
    assert result.n == n


def test_the_months_of_a_trend_are_the_same_months(held):
    frame = ask_source(held, "churn_rate", "2026-02-01..2026-08-01", shape="trend").result.frame
    assert frame["n"].tolist() == [3, 2, 3, 3, 2, 0]
    assert frame["value"].tolist() == pytest.approx([2 / 3, 0, 0, 1 / 3, 1, np.nan], nan_ok=True)


def test_who_ordered_exactly_so_many_days_ago_is_still_held(ask_world):
    """90 days before 1 April, 00:00, is 1 January, 00:00."""
    world = World(
        orders=[
            {"customer_id": "ann", "ordered_at": "2026-01-01"},
            {"customer_id": "bea", "ordered_at": "2025-12-31 23:59:59"},
            {"customer_id": "early", "ordered_at": "2025-01-01"},
        ]
    )
    assert ask_world(world, "churn_rate", "2026-04").result.n == 1


def test_the_pause_and_a_short_history_are_said(held):
    notes = ask_source(held, "churn_rate", "2026-02").notes
    assert ("churn_pause_assumed", (("days", FALLBACK_DAYS),)) in [(note.key, note.gaps) for note in notes]
    early = ask_source(held, "churn_rate", "2025-10").notes
    assert "churn_short_history" in [note.key for note in early]
    assert "churn_short_history" not in [note.key for note in notes]


def test_a_trend_has_no_value_before_a_whole_pause_was_observed(held):
    """The first order is of September 2025: who was held can be known from December on."""
    frame = ask_source(held, "churn_rate", "2025-09-01..2026-03-01", shape="trend").result.frame
    assert frame["value"].isna().tolist() == [True, True, True, False, False, False]


def test_who_may_see_nobody_sees_no_rate(engine, shelf):
    source = open_source(shelf(engine, "pausing", pausing), Policy("no one", regions=()))
    result = ask_source(source, "churn_rate", "2026-02").result
    assert agrees(result.value, None)
    assert result.n == 0


# -- the pause that is learnt ---------------------------------------------------------------------------------------
def habits():
    """40 gaps of 10 days and 5 of 100 in segment A; 34 of 20 days in B; 3 of 50 days without a segment."""
    people = [("a1", "A"), ("a2", "A"), ("b", "B"), ("n", None)]
    return World(
        customers=[{"customer_id": who, "segment": segment} for who, segment in people],
        orders=[
            *every("a1", "2025-01-01", 10, 41),
            *every("a2", "2025-01-01", 100, 6),
            *every("b", "2025-01-01", 20, 35),
            *every("n", "2025-01-01", 50, 4),
        ],
    )


def test_the_pause_is_the_90th_percentile_of_the_gaps_of_everybody_and_of_each_segment(engine, shelf):
    """Type 7, as numpy reckons it, rounded up to whole days; three gaps are too few for a segment."""
    learnt = pauses(open_source(shelf(engine, "habits", habits)), LATE)
    a, b = [10] * 40 + [100] * 5, [20] * 34
    assert learnt.days == int(np.ceil(round(np.quantile([*a, *b, 50, 50, 50], 0.9), 6)))
    assert dict(learnt.by_segment) == {"A": 64, "B": 20}


def test_only_orders_before_the_end_teach(engine, shelf):
    """By March 2025 there are 6 + 0 + 3 + 1 gaps: too few for anything but the fallback."""
    learnt = pauses(open_source(shelf(engine, "habits", habits)), datetime(2025, 3, 5))
    assert learnt.days == FALLBACK_DAYS
    assert learnt.by_segment == ()


def test_a_gap_in_part_of_a_day_rounds_up(ask_world):
    start = datetime(2026, 1, 1)
    moments = [start + timedelta(hours=37 * i) for i in range(32)]
    world = World(orders=[{"customer_id": "ann", "ordered_at": moment} for moment in moments])
    notes = ask_world(world, "churn_rate", "2026-12").notes
    assert ("churn_pause", (("days", 2),)) in [(note.key, note.gaps) for note in notes]


def test_orders_that_do_not_count_teach_nothing(ask_world):
    valid = every("ann", "2025-01-01", 20, 31)
    noise = [order | {"is_test": True, "ordered_at": order["ordered_at"].replace("12:00", "13:00")} for order in valid]
    notes = ask_world(World(orders=valid + noise), "churn_rate", "2026-12").notes
    assert ("churn_pause", (("days", 20),)) in [(note.key, note.gaps) for note in notes]


def test_a_segment_is_held_to_its_own_pause(engine, shelf):
    """On 1 June 2026 b's last order is 20 x 34 days after New Year 2025; everybody else has long stopped."""
    source = open_source(shelf(engine, "habits", habits))
    last = date(2025, 1, 1) + timedelta(days=20 * 34)
    assert last == date(2026, 11, 12)
    assert ask_source(source, "churn_rate", "2026-12-02").result.n == 1  # held until 12:00 of 2 December
    assert ask_source(source, "churn_rate", "2026-12-02").result.value == 1
    assert ask_source(source, "churn_rate", "2026-12-03").result.n == 0


def test_a_filter_does_not_change_what_is_learnt(source):
    plain = ask_source(source, "churn_rate", YEAR).notes
    narrowed = ask_source(source, "churn_rate", YEAR, where={"region": "North"}).notes
    learnt = [note for note in plain if note.key.startswith("churn_pause")]
    assert learnt
    assert [note for note in narrowed if note.key.startswith("churn_pause")] == learnt


# -- the same by hand -----------------------------------------------------------------------------------------------
BY_HAND = (
    SALE
    + """, last AS (
    SELECT sale.customer_id, c.segment, c.region,
        MAX(CASE WHEN ordered_at < '{start}' THEN ordered_at END) AS before_start,
        MAX(CASE WHEN ordered_at < '{end}' THEN ordered_at END) AS before_end
    FROM sale JOIN customers c ON c.customer_id = sale.customer_id WHERE is_order = 1 GROUP BY 1, 2, 3
), kept AS (
    SELECT region,
        CASE segment {starts} ELSE '{start_of_all}' END <= before_start AS was,
        CASE segment {ends} ELSE '{end_of_all}' END <= before_end AS is_still
    FROM last
)
SELECT SUM(CASE WHEN is_still THEN 0e0 ELSE 1e0 END) / NULLIF(COUNT(*), 0), COUNT(*) FROM kept WHERE was AND {where}"""
)


def since(moment, count):
    """The moment so many days before, as both engines read it."""
    return f"{moment - timedelta(days=count):%Y-%m-%d %H:%M:%S.%f}"


def statement(learnt, start, end):
    """The hand-written statement with the moments since which an order makes a customer held."""
    starts = " ".join(f"WHEN '{name}' THEN CAST('{since(start, days)}' AS @)" for name, days in learnt.by_segment)
    ends = " ".join(f"WHEN '{name}' THEN CAST('{since(end, days)}' AS @)" for name, days in learnt.by_segment)
    sql = BY_HAND.replace("{starts}", starts).replace("{ends}", ends)
    sql = sql.replace("'{start_of_all}'", f"CAST('{since(start, learnt.days)}' AS @)")
    return sql.replace("'{end_of_all}'", f"CAST('{since(end, learnt.days)}' AS @)")


MOMENT_TYPES = {
    "duckdb": "AS TIMESTAMP)",
    "sqlite": "AS TEXT)",
    "postgresql": "AS TIMESTAMP)",
    "mariadb": "AS DATETIME(6))",
    "clickhouse": "AS DateTime64(6, 'UTC'))",
}


@pytest.mark.parametrize(
    ("when", "start", "end"),
    [
        ("2026-01-01..2026-04-01", datetime(2025, 12, 31, 23), datetime(2026, 3, 31, 22)),
        ("2026-05", datetime(2026, 4, 30, 22), datetime(2026, 5, 31, 22)),
        ("2026-06", datetime(2026, 5, 31, 22), AS_OF + timedelta(microseconds=1)),
    ],
)
def test_the_total_and_every_region_are_what_sql_gives(source, engine, when, start, end):
    learnt = pauses(source, end)
    assert learnt.by_segment
    sql = statement(learnt, start, end).replace("AS @)", MOMENT_TYPES[engine])
    ends = (f"{start:%Y-%m-%d %H:%M:%S.%f}", f"{end:%Y-%m-%d %H:%M:%S.%f}")
    result = ask_source(source, "churn_rate", when).result
    value, n = by_hand(source, sql, *ends)
    assert n > 10
    assert (result.value, result.n) == (pytest.approx(value), n)
    for row in (
        ask_source(source, "churn_rate", when, by="region").result.frame.dropna(subset="group").to_dict("records")
    ):
        value, n = by_hand(source, sql, *ends, f"region = '{row['group']}'")
        assert (row["value"], row["n"]) == (pytest.approx(value), n)


def test_the_groups_weighted_by_their_customers_give_the_whole(source):
    whole = ask_source(source, "churn_rate", "2026-Q1").result
    parts = ask_source(source, "churn_rate", "2026-Q1", by="segment").result.frame
    assert (parts["value"] * parts["n"]).sum() / whole.n == pytest.approx(whole.value)


def test_a_month_of_a_trend_is_the_total_of_that_month_with_the_same_pause(source):
    """The trend of one month alone learns from the same orders as its total."""
    for month in ("2026-02", "2026-05"):
        whole = ask_source(source, "churn_rate", month).result
        point = ask_source(source, "churn_rate", month, shape="trend").result.frame.iloc[0]
        assert (point["value"], point["n"]) == (pytest.approx(whole.value), whole.n)
        assert (point["low"], point["high"]) == pytest.approx((whole.low, whole.high))


def test_both_sides_of_a_comparison_use_one_pause(held):
    result = ask_source(held, "churn_rate", "2026-03").result
    met = result.compared(Comparison.PREVIOUS)
    assert (met.value, met.n) == (pytest.approx(2 / 3), 3)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_period_before_which_no_whole_pause_is_known_is_no_baseline(engine, shelf):
    """Each customer orders four times, every 55 days, and leaves; one comes and one goes every day, all the time.

    Who was held when the data begins is not known: in the first 55 days nobody can be lost, and churn seems to rise.
    """

    def steady():
        began = [(name, start + 55 * i) for name, start in enumerate(range(-220, 365)) for i in range(4)]
        first = date(2026, 1, 1)
        kept = [(name, first + timedelta(days=day)) for name, day in began if day >= 0]
        return World(orders=[{"customer_id": f"c{n}", "ordered_at": d.isoformat()} for n, d in kept if d.year == 2026])

    source = open_source(shelf(engine, "steady", steady))
    verdicts, notes = {}, {}
    for month in ("2026-03", "2026-05", "2026-06"):
        answer = ask_source(source, "churn_rate", month)
        verdicts[month] = answer.result.compared(Comparison.PREVIOUS).change.verdict
        notes[month] = "baseline_short_history" in [note.key for note in answer.notes]
    assert verdicts == {"2026-03": "no_baseline", "2026-05": "noise", "2026-06": "noise"}
    assert notes == {"2026-03": True, "2026-05": False, "2026-06": False}
    groups = ask_source(source, "churn_rate", "2026-03", by="region").result.frame
    assert groups["verdict"].tolist() == ["no_baseline"]
    changed = ask_source(source, "findings", "2026-03").result.frame["metric"].tolist()
    assert "churn_rate" not in changed


def test_a_pause_that_is_learnt_is_said_to_be(ask_world):
    gaps = [{"customer_id": f"c{i}", "ordered_at": at} for i in range(30) for at in ("2026-01-01", "2026-01-11")]
    notes = ask_world(World(orders=gaps), "churn_rate", "2026-02").notes
    assert ("churn_pause", (("days", 10),)) in [(note.key, note.gaps) for note in notes]


def test_fewer_is_better():
    assert metric_named("churn_rate").better == "lower"
