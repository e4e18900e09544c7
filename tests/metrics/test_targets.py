"""metrics/targets.py: what the company set out to reach in exactly the asked period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from data_access.access import Policy
from data_access.source import open_source
from metrics.kpis import NAMES
from tests.worlds import World, ask_source

QUARTER = [("2026-01-01", "2026-01-31", 10), ("2026-02-01", "2026-02-28", 20), ("2026-03-01", "2026-03-31", 40)]
ADDITIVE = ("revenue", "orders", "new_customers")


def world(rows, metrics, **more):
    """A company with targets (first day, last day, value) for the given metrics."""
    fixed = {"scope_type": "company", "scope_id": "company", **more}
    targets = [
        {**fixed, "metric": metric, "period_start": start, "period_end": end, "value": value}
        for metric in metrics
        for start, end, value in rows
    ]
    return World(orders=[{"ordered_at": "2025-01-01"}, {}], targets=targets)


@pytest.fixture
def target_of(engine, shelf):
    """target_of(rows, period, metric="revenue", policy=, metrics=, more=, **choices) -> the target of the figure."""

    def find(rows, when, metric="revenue", policy=None, metrics=NAMES, more=None, **choices):
        url = shelf(engine, f"{rows} {metrics} {more}", lambda: world(rows, metrics, **(more or {})))
        return ask_source(open_source(url, policy), metric, when, **choices).result.target

    return find


@pytest.mark.parametrize(
    ("when", "target"),
    [
        ("2026-01", 10),
        ("2026-02", 20),
        ("2026-Q1", 70),
        ("2026-02-01..2026-04-01", 60),
        ("2026-04", None),
        ("2026-01-02..2026-02-01", None),
        ("2026-01-01..2026-01-31", None),
        ("2026-01-01..2026-03-15", None),
        ("2025-12-01..2026-02-01", None),
        ("2026-03-01..2026-05-01", None),
        ("2026", None),
    ],
)
def test_a_target_is_for_exactly_this_period(target_of, when, target):
    assert target_of(QUARTER, when) == target


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("metric", NAMES)
def test_months_add_up_to_a_quarter_only_where_the_figure_s_own_months_do(target_of, metric):
    """A customer of every month is one customer of the quarter; three average order values add up to nothing."""
    assert target_of(QUARTER, "2026-02", metric) == 20
    assert target_of(QUARTER, "2026-Q1", metric) == (70 if metric in ADDITIVE else None)


@pytest.mark.parametrize("metric", ["revenue", "customers", "win_rate"])
def test_the_period_s_own_target_is_the_target_whatever_is_set_for_months_within(target_of, metric):
    rows = [("2026-01-01", "2026-03-31", 99), *QUARTER[1:]]
    assert target_of(rows, "2026-Q1", metric) == 99
    assert target_of(rows, "2026-02", metric) == 20
    assert target_of(rows, "2026-01", metric) is None


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([QUARTER[0], QUARTER[2]], id="a-month-is-missing"),
        pytest.param([("2026-01-01", "2026-02-10", 1), QUARTER[1], QUARTER[2]], id="two-overlap"),
        pytest.param([("2026-01-01", "2026-01-30", 1), QUARTER[1], QUARTER[2]], id="a-day-is-missing"),
        pytest.param([("2026-01-02", "2026-01-31", 1), QUARTER[1], QUARTER[2]], id="the-first-day-is-missing"),
        pytest.param([*QUARTER[:2], ("2026-03-01", "2026-03-30", 1)], id="the-last-day-is-missing"),
    ],
)
def test_parts_that_do_not_fill_the_period_are_no_target(target_of, rows):
    assert target_of(rows, "2026-Q1") is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_days_add_up_to_a_month(target_of):
    first = date(2026, 2, 1)
    rows = [(str(first + timedelta(i)), str(first + timedelta(i)), 1) for i in range(28)]
    assert target_of(rows, "2026-02") == 28
    assert target_of(rows[:-1], "2026-02") is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_target_that_reaches_beyond_the_period_is_left_aside(target_of):
    assert target_of([*QUARTER, ("2026-03-15", "2026-04-01", 1000)], "2026-Q1") == 70
    assert target_of([("2025-12-31", "2026-01-10", 1000), *QUARTER], "2026-Q1") == 70


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_row_that_ends_before_it_begins_is_left_out(target_of):
    assert target_of([*QUARTER, ("2026-02-20", "2026-02-10", 1000)], "2026-Q1") == 70


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_target_of_a_team_is_not_the_company_s(target_of):
    assert target_of(QUARTER, "2026-01", more={"scope_type": "team", "scope_id": "red"}) is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_target_of_nothing_is_a_target(target_of):
    assert target_of([("2026-01-01", "2026-01-31", 0)], "2026-01") == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_metric_without_a_target_of_its_own_has_none(target_of):
    assert target_of(QUARTER, "2026-01", metrics=("orders",)) is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("choice", [{"where": {"channel": "web"}}, {"policy": Policy("nora", regions=("North",))}])
def test_a_part_of_the_company_has_no_target(target_of, choice):
    assert target_of(QUARTER, "2026-01", **choice) is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_company_without_a_table_of_targets_has_none(ask_world):
    assert ask_world(World(orders=[{}], without=["targets"]), "revenue", "2026-01").result.target is None
