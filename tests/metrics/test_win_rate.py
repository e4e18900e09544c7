"""metrics/win_rate.py: the share of closed opportunities that were won."""

from __future__ import annotations

import pytest

from data_access.access import Policy
from data_access.source import open_source
from metrics.periods import Comparison
from tests.metrics.sold import YEAR, agrees, check_groups, check_total, check_trend
from tests.worlds import World, ask_source

BY_HAND = """
SELECT SUM(CASE WHEN d.outcome = 'won' THEN 1e0 ELSE 0e0 END) / NULLIF(COUNT(*), 0), COUNT(*)
FROM opportunities d
LEFT JOIN customers c ON c.customer_id = CASE WHEN d.customer_id LIKE 'old%' THEN 'c01' ELSE d.customer_id END
LEFT JOIN users u ON u.user_id = d.owner_id
WHERE d.outcome IN ('won', 'lost') AND NOT d.is_deleted_in_source
    AND d.closed_at >= '{start}' AND d.closed_at < '{end}' AND {where}
"""


def deal(outcome, closed_at=None, **more):
    """A deal opened on New Year's Day."""
    return {"outcome": outcome, "closed_at": closed_at, "created_at": "2026-01-01", **more}


def closing():
    """A company that closes something else in each month."""
    return World(
        opportunities=[
            deal("won", "2026-01-10"),
            # February: nothing closes
            deal("won", "2026-03-01"),
            deal("lost", "2026-03-31 23:59:59.999999"),
            deal("lost", "2026-04-01"),
            deal("won", "2026-05-05", customer_id="ann"),
            deal("won", "2026-05-06", customer_id="ann"),
            deal("lost", "2026-05-07", customer_id="ann"),
            deal("lost", "2026-05-08", customer_id="bea"),
            deal("open"),
            deal("open", "2026-06-10"),
            deal("void", "2026-06-11"),
            deal("won", "2026-06-12", is_deleted_in_source=True),
            deal("won", None),
            deal("lost", "2026-07-01", created_at="2026-07-01"),
        ]
    )


@pytest.mark.parametrize(
    ("month", "value", "n"),
    [
        pytest.param("2026-01", 1, 1, id="one-deal-won"),
        pytest.param("2026-02", None, 0, id="nothing-closed"),
        pytest.param("2026-03", 0.5, 2, id="the-first-and-the-last-moment"),
        pytest.param("2026-04", 0, 1, id="midnight-after-the-last-day"),
        pytest.param("2026-05", 0.5, 4, id="deals-are-counted-not-customers"),
        pytest.param("2026-06", None, 0, id="open-void-deleted-and-undated-deals"),
        pytest.param("2026-07", 0, 1, id="opened-and-closed-at-once"),
        pytest.param("2026", 4 / 9, 9, id="the-whole-year"),
    ],
)
def test_win_rate_counted_by_eye(engine, shelf, month, value, n):
    result = ask_source(open_source(shelf(engine, "closing", closing)), "win_rate", month).result
    assert agrees(result.value, value)
    assert result.n == n


def test_a_month_in_which_nothing_closed_has_no_point_of_its_own(engine, shelf):
    source = open_source(shelf(engine, "closing", closing))
    frame = ask_source(source, "win_rate", "2026", shape="trend").result.frame
    assert frame["n"].tolist() == [1, 0, 2, 1, 4, 0, 1, 0, 0, 0, 0, 0]
    assert frame["value"].isna().tolist() == [n == 0 for n in frame["n"]]


def test_a_deal_counts_when_it_closed_not_when_it_was_opened(ask_world):
    world = World(opportunities=[deal("won", "2026-02-10"), deal("lost", "2026-01-10")])
    assert ask_world(world, "win_rate", "2026-02").result.value == 1


def test_a_deal_without_a_customer_counts(ask_world):
    assert (
        ask_world(World(opportunities=[deal("won", "2026-01-10")], customers=[]), "win_rate", "2026-01").result.n == 1
    )


def test_who_may_see_nobody_sees_no_rate(engine, shelf):
    source = open_source(shelf(engine, "closing", closing), Policy("no one", regions=()))
    result = ask_source(source, "win_rate", "2026").result
    assert agrees(result.value, None)
    assert result.n == 0


def test_the_total_and_every_month_are_what_sql_gives(source):
    check_total(source, "win_rate", BY_HAND)
    check_trend(source, "win_rate", BY_HAND)


@pytest.mark.parametrize(
    ("dimension", "column"),
    [
        ("region", "c.region"),
        ("channel", "d.channel"),
        ("owner", "u.name"),
        ("team", "CASE COALESCE(d.team_id, u.team_id) WHEN 'red' THEN 'Red' WHEN 'blue' THEN 'Blue' END"),
    ],
)
def test_every_group_is_what_sql_gives(source, dimension, column):
    check_groups(source, "win_rate", BY_HAND, dimension, column)


@pytest.mark.parametrize(("dimension", "value", "group"), [("team", "red", "Red"), ("owner", "olga", "Olga")])
def test_a_group_is_what_its_filter_gives(source, dimension, value, group):
    frame = ask_source(source, "win_rate", YEAR, by=dimension).result.frame.set_index("group")
    alone = ask_source(source, "win_rate", YEAR, where={dimension: value}).result
    assert (frame.loc[group, "value"], frame.loc[group, "n"]) == (alone.value, alone.n)


def test_the_groups_weighted_by_their_deals_give_the_whole(source):
    whole = ask_source(source, "win_rate", YEAR).result
    parts = ask_source(source, "win_rate", YEAR, by="team").result
    assert (parts.frame["value"] * parts.frame["n"]).sum() / parts.n == pytest.approx(whole.value)
    assert parts.n == whole.n


def test_the_interval_is_wilson_s(engine, shelf):
    """2 of 4: 0.1500 to 0.8500 (Wilson 1927)."""
    result = ask_source(open_source(shelf(engine, "closing", closing)), "win_rate", "2026-05").result
    assert (result.low, result.high) == pytest.approx((0.1500, 0.8500), abs=1e-4)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("won", "verdict"), [(10, "down"), (38, "noise"), (70, "up")])
def test_a_change_is_judged_as_two_proportions(ask_world, won, verdict):
    """40 of 80 in January against so many of 80 in February."""
    january = [deal("won" if i < 40 else "lost", "2026-01-10") for i in range(80)]
    february = [deal("won" if i < won else "lost", "2026-02-10") for i in range(80)]
    result = ask_world(World(opportunities=january + february), "win_rate", "2026-02").result
    assert result.compared(Comparison.PREVIOUS).change.verdict == verdict


def test_a_deal_is_at_an_earlier_as_of_moment_what_its_history_says(ask_world):
    """Lost in March, reopened in April, won in May."""
    path = [("lead", "2026-01-05"), ("lost", "2026-03-10"), ("lead", "2026-04-06"), ("won", "2026-05-14")]
    other = [("lead", "2026-01-05"), ("won", "2026-03-01")]
    world = World(opportunities=[{"stages": path}, {"stages": other}], orders=[{"ordered_at": "2026-06-30"}])
    told = {
        at: ask_world(world, "win_rate", "2026", as_of=at).result
        for at in ("2026-02-01", "2026-03-17", "2026-04-17", "2026-05-20", "2026-12-31")
    }
    assert [(result.n, result.frame["value"].iloc[0]) for result in list(told.values())[1:]] == [
        (2, pytest.approx(0.5)), (1, 1), (2, 1), (2, 1)
    ]  # fmt: skip
    assert told["2026-02-01"].n == 0


@pytest.mark.parametrize(
    "path",
    [
        pytest.param([("lead", "2026-01-05"), ("won", "2026-04-02")], id="the-log-is-late"),
        pytest.param([("lead", "2026-01-05")], id="the-log-does-not-say"),
    ],
)
def test_a_deal_that_closed_before_the_as_of_moment_closed_when_it_says_whatever_its_log_tells(ask_world, path):
    deals = [{"stages": path, "outcome": "won", "stage_id": "won", "closed_at": "2026-03-31"}]
    world = World(opportunities=deals, orders=[{"ordered_at": "2026-06-30"}])
    for at in (None, "2026-12-31", "2026-05-20"):
        assert [ask_world(world, "win_rate", m, as_of=at).result.n for m in ("2026-03", "2026-04")] == [1, 0]


def test_a_second_closed_stage_is_no_second_closing(ask_world):
    """Won in March, moved on within won in May: closed in March, at any as-of moment."""
    stages = [
        {"stage_id": "lead", "name": "lead", "outcome": "open", "position": 1},
        {"stage_id": "won", "name": "won", "outcome": "won", "position": 2},
        {"stage_id": "paid", "name": "paid", "outcome": "won", "position": 3},
    ]
    path = [("lead", "2026-01-05"), ("won", "2026-03-10"), ("paid", "2026-05-01")]
    deals = [{"stages": path, "closed_at": "2026-03-10"}]
    world = World(opportunities=deals, pipelines_stages=stages, orders=[{"ordered_at": "2026-06-30"}])
    for at in ("2026-05-20", "2026-12-31"):
        assert [ask_world(world, "win_rate", m, as_of=at).result.n for m in ("2026-03", "2026-05")] == [1, 0]
