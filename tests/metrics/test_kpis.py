"""metrics/kpis.py: nine key figures at once, each as it is when asked alone."""

from __future__ import annotations

import pandas as pd
import pytest

from data_access.errors import QuestionError
from data_access.source import open_source
from metrics.answers import forget
from metrics.kpis import NAMES
from metrics.metric import metric_named
from metrics.periods import Comparison
from tests.metrics.sold import YEAR
from tests.worlds import World, ask_source, days, nps


def check_each_alone(source, when, **choices):
    """Every figure, its row and its notes are those of its own metric; gives the answer."""
    answer = ask_source(source, "kpis", when, **choices)
    assert answer.result.frame["metric"].tolist() == list(answer.result.totals)
    notes = set()
    for i, (name, total) in enumerate(answer.result.totals.items()):
        forget()
        alone = ask_source(source, name, when, **choices)
        row = answer.result.frame.iloc[[i]].drop(columns=["metric", "unit"])
        pd.testing.assert_frame_equal(
            row.reset_index(drop=True), alone.result.frame, check_dtype=False, obj=name, rtol=1e-9
        )
        assert (total.n, total.span, total.target) == (alone.result.n, alone.result.span, alone.result.target)
        assert [each.then for each in total.comparisons] == [each.then for each in alone.result.comparisons]
        assert answer.result.frame["unit"].iloc[i] == metric_named(name).unit
        notes |= set(alone.notes)
    assert set(answer.notes) == notes
    assert len(answer.notes) == len(notes)
    return answer


@pytest.mark.parametrize(
    ("when", "choices"),
    [
        ("2026-04-01..2026-06-01", {}),
        (YEAR, {"comparison": "year", "where": {"region": ("North", "South")}}),
    ],
)
def test_every_figure_is_what_its_metric_says_alone(source, when, choices):
    result = check_each_alone(source, when, **choices).result
    assert tuple(result.totals) == NAMES
    assert result.n == sum(total.n for total in result.totals.values())
    assert all(total.n > 0 for total in result.totals.values())


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_filter_that_some_figures_do_not_know_is_said_once_and_applied_by_the_others(source):
    answer = check_each_alone(source, YEAR, where={"channel": "web", "category": "Bikes"})
    ignored = [dict(note.gaps)["dimension"] for note in answer.notes if note.key == "filter_not_applicable"]
    assert sorted(ignored) == ["category", "channel"]
    plain = ask_source(source, "kpis", YEAR).result.totals
    assert answer.result.totals["orders"].value < plain["orders"].value
    assert answer.result.totals["nps"].value == plain["nps"].value


def test_figures_of_an_unfinished_period_meet_the_same_stretch_of_time(source):
    """June is known up to the 18th, 18:00 in Berlin."""
    answer = check_each_alone(source, "2026-06")
    for total in answer.result.totals.values():
        met = total.compared(Comparison.PREVIOUS)
        assert (total.span.is_finished, met.then.is_finished) == (False, False)
        assert met.then.end == pd.Timestamp("2026-05-18 16:00:00.000001")
        assert total.compared(Comparison.YEAR).then.end == pd.Timestamp("2025-06-18 16:00:00.000001")
    assert "unfinished_period" in [note.key for note in answer.notes]


def test_the_statements_of_every_figure_are_shown(source):
    answer = ask_source(source, "kpis", YEAR)
    alone = [statement for name in NAMES for statement in ask_source(source, name, YEAR).sql]
    assert set(alone) <= set(answer.sql)


def test_figures_over_the_same_rows_share_one_statement(source):
    """Revenue, orders, customers, order value and repeat rate; the targets; new customers, deals, answers; churn's two."""
    answer = ask_source(source, "kpis", YEAR)
    shared = {name: ask_source(source, name, YEAR).sql for name in NAMES}
    assert len({shared[name] for name in NAMES[:3] + NAMES[4:6]}) == 1
    assert len(answer.sql) == 7


# -- counted by eye -------------------------------------------------------------------------------------------------
def eye():
    """February against January: twice as many customers, one of whom comes back; two deals of three won; NPS 50."""
    january = [{"customer_id": f"a{i}", "ordered_at": "2026-01-10", "net": 50} for i in range(2)]
    february = [{"customer_id": f"b{i}", "ordered_at": "2026-02-10", "net": 100} for i in range(3)]
    february += [{"customer_id": "a0", "ordered_at": day, "net": 40} for day in ("2026-02-01", "2026-02-28 23:59")]
    deals = [{"outcome": outcome, "closed_at": "2026-02-10"} for outcome in ("won", "won", "lost")]
    target = {"scope_type": "company", "scope_id": "company", "period_start": "2026-02-01", "period_end": "2026-02-28"}
    targets = [target | {"metric": name, "value": value} for name, value in TARGETS.items()]
    scores = nps(("a0", 10, "2026-02-01"), ("a1", 7, "2026-02-02"))
    return World(orders=january + february, opportunities=deals, targets=targets, **scores)


TARGETS = {"revenue": 500, "orders": 6, "customers": 3, "average_order_value": 80, "win_rate": 0.5, "nps": 40}
VALUES = {
    "revenue": 380, "orders": 5, "customers": 4, "new_customers": 3, "average_order_value": 76, "repeat_rate": 1 / 4,
    "win_rate": 2 / 3, "nps": 50, "churn_rate": 0,
}  # fmt: skip


def test_nine_figures_counted_by_eye_with_their_targets(engine, shelf):
    totals = ask_source(open_source(shelf(engine, "eye", eye)), "kpis", "2026-02").result.totals
    assert {name: total.value for name, total in totals.items()} == pytest.approx(VALUES)
    assert {name: total.target for name, total in totals.items()} == {name: TARGETS.get(name) for name in NAMES}
    assert totals["revenue"].compared(Comparison.PREVIOUS).value == 100


# -- a part of them -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("without", "left"),
    [
        (["opportunities"], [name for name in NAMES if name != "win_rate"]),
        (["survey_answers"], [name for name in NAMES if name != "nps"]),
        (["orders"], ["win_rate", "nps"]),
        (["orders", "opportunities", "surveys"], []),
    ],
)
@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_where_a_table_is_missing_the_other_figures_are_there(ask_world, without, left):
    answer = ask_world(World(orders=[{}], **nps(("ann", 9, "2026-01-05")), without=without), "kpis", "2026-01")
    assert answer.missing is None
    assert list(answer.result.totals) == left == answer.result.frame["metric"].tolist()
    assert answer.result.n == sum(total.n for total in answer.result.totals.values())


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_an_empty_company_has_nine_figures_without_a_value(ask_world):
    result = ask_world(World(), "kpis", "2026").result
    assert list(result.totals) == list(NAMES)
    assert all(pd.isna(total.value) and total.n == 0 for total in result.totals.values())
    assert result.frame["value"].isna().all()


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_some_can_be_chosen_and_stand_in_their_own_order(source):
    assert list(ask_source(source, "kpis", YEAR, only="nps+revenue").result.totals) == ["revenue", "nps"]
    with pytest.raises(QuestionError, match=r"cannot name 'sales'; choose from revenue, orders, .*churn_rate"):
        ask_source(source, "kpis", YEAR, only="revenue+sales")


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_figures_compare_with_the_past_in_the_same_way_on_the_last_day_and_after_it(ask_world):
    """31 March, one order a day: known up to the evening it meets as many days of February, once over all of it."""
    world = World(orders=[{"ordered_at": f"{day} 12:00"} for day in days("2026-01-01", 90)])
    for as_of, before in (("2026-03-10 18:00", 10), ("2026-03-31 18:00", 28), ("2026-04-05", 28)):
        total = ask_world(world, "kpis", "2026-03", as_of=as_of, only="orders").result.totals["orders"]
        assert total.compared(Comparison.PREVIOUS).value == before, as_of
