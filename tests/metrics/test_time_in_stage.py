"""Time in stage: Kaplan-Meier by hand, what counts as a stay, and the list behind it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_access.access import Policy
from data_access.errors import QuestionError
from metrics.answers import Answer
from metrics.listing import listing
from metrics.question import question_for
from metrics.statistics import kaplan_meier
from metrics.time_in_stage import METRIC, POINTS
from tests.metrics.funnels import Deal, deal, world
from tests.worlds import World, ask_source, filters

START = datetime(2026, 1, 5)


def stay(name: str, days: float | None, **more: Any) -> Deal:
    """A deal that spent some days in the first stage; None: it is still there."""
    moves: list[Any] = [("s1", START)]
    if days is not None:
        moves.append(("s2", START + timedelta(days=days)))
    return deal(name, *moves, **more)


def row(answer: Answer, stage: str = "s1") -> dict[str, Any]:
    frame = answer.result.frame  # type: ignore[union-attr]
    return dict(frame[frame["stage"] == stage].iloc[0])


def test_the_median_and_the_curve_equal_hand_values(ask_world):
    # Left after 2, 4 and 10 days; two still there after 6 and 20 days.
    # S: 4/5 at 2, 3/5 at 4, x 1/2 = 3/10 at 10 (6 days: 3 at risk before, 2 after), so the median is 10.
    deals = [stay("a", 2), stay("b", 4), stay("c", 10), stay("d", None, created_at=START)]
    late = deal("e", ("s1", datetime(2026, 1, 19)))
    answer = ask_world(world([*deals, late]), "time_in_stage", "2026-Q1", as_of="2026-01-25")
    found = row(answer)
    assert (found["n"], found["still_there"], found["share_open"]) == (5, 2, 0.4)
    assert found["median_days"] == pytest.approx(10)
    assert found["mean_days"] == pytest.approx(2 * 1 + 2 * 0.8 + 6 * 0.6 + 10 * 0.3)
    curves = answer.result.curves
    assert curves["days"][curves["stage"] == "s1"].tolist() == pytest.approx([0, 2, 4, 6, 10, 20])
    assert curves["share_left"][curves["stage"] == "s1"].tolist() == pytest.approx([1, 0.8, 0.6, 0.6, 0.3, 0.3])


def test_figures_equal_those_of_the_statistics_module(ask_world):
    days = [1.5, 3, 3, 4.25, 7, 9, 12, 15.5, 21, 30]
    deals = [stay(f"d{i}", d) for i, d in enumerate(days)] + [stay(f"o{i}", None) for i in range(4)]
    answer = ask_world(world(deals), "time_in_stage", "2026-Q1", as_of="2026-02-20")
    curve = kaplan_meier([*days, *[46.0] * 4], [True] * 10 + [False] * 4)
    found = row(answer)
    for name, value in (("median_days", curve.median), ("median_low", curve.median_low),
                        ("median_high", curve.median_high), ("share_open", 4 / 14)):  # fmt: skip
        assert found[name] == pytest.approx(value, nan_ok=True)


def test_a_stage_that_most_are_still_in_has_no_median(ask_world):
    answer = ask_world(world([stay("a", 2), stay("b", None), stay("c", None)]), "time_in_stage", "2026-Q1")
    assert math.isnan(row(answer)["median_days"])
    assert row(answer)["share_open"] == pytest.approx(2 / 3)


def test_a_stage_that_nobody_entered_has_no_values(ask_world):
    answer = ask_world(world([stay("a", 2)]), "time_in_stage", "2026-Q1")
    found = row(answer, "s3")
    assert (found["n"], found["still_there"]) == (0, 0)
    assert math.isnan(found["median_days"])
    assert math.isnan(found["share_open"])
    assert "s3" not in set(answer.result.curves["stage"])


def test_only_the_first_stay_in_a_stage_counts(ask_world):
    again = deal("a", ("s1", "2026-01-05"), ("s2", "2026-01-07"), ("s1", "2026-01-10"), ("s2", "2026-01-30"))
    answer = ask_world(world([again]), "time_in_stage", "2026-Q1")
    assert [row(answer, stage)["median_days"] for stage in ("s1", "s2")] == [2, 3]
    assert answer.result.n == 2


def test_a_stay_counts_in_the_period_in_which_the_stage_was_first_entered(ask_world):
    moved = deal("a", ("s1", "2025-12-31 23:59:59"), ("s2", "2026-01-01"), ("s1", "2026-01-05"), ("s3", "2026-04-01"))
    answer = ask_world(world([moved]), "time_in_stage", "2026-Q1")
    assert [row(answer, stage)["n"] for stage in ("s1", "s2", "s3")] == [0, 1, 0]


def test_losing_and_winning_end_a_stay_too(ask_world):
    lost = deal("a", ("s1", "2026-01-05"), ("lost", "2026-01-09"))
    deals = [lost, deal("b", ("s1", "2026-01-05"), ("won", "2026-01-07"))]
    answer = ask_world(world(deals), "time_in_stage", "2026-Q1")
    assert (row(answer)["n"], row(answer)["still_there"], row(answer)["median_days"]) == (2, 0, 3)


def test_a_deal_that_closed_is_not_still_in_a_stage_whose_end_its_log_does_not_tell(ask_world):
    closed = {"outcome": "lost", "stage_id": "lost", "created_at": START}
    deals = [
        stay("ten days", None, **closed, closed_at=START + timedelta(days=10)),
        stay("before it came", None, **closed, closed_at=START - timedelta(hours=9)),
        stay("nobody knows when", None, **closed, closed_at=None),
        stay("later than is known", None, **closed, closed_at=START + timedelta(days=30)),
    ]
    answer = ask_world(world(deals), "time_in_stage", "2026-Q1", as_of="2026-01-25")
    found = row(answer)
    assert (found["n"], found["still_there"], found["mean_days"]) == (4, 2, pytest.approx((10 + 0 + 20 + 20) / 4))


def test_void_and_deleted_deals_and_other_pipelines_are_left_out(ask_world):
    deals = [
        stay("a", 2),
        deal("b", ("s1", "2026-01-05"), ("void", "2026-01-07")),
        stay("c", 4, is_deleted_in_source=True),
        deal("d", ("o1", "2026-01-05"), ("o_won", "2026-01-07"), pipeline_id="other"),
    ]
    source_answer = ask_world(world(deals), "time_in_stage", "2026-Q1")
    assert (source_answer.result.n, row(source_answer)["n"]) == (2, 1)  # "a" is in the second stage now
    other = ask_world(world(deals), "time_in_stage", "2026-Q1", pipeline="Other")
    assert other.result.frame["stage"].tolist() == ["o1"]


def test_a_stay_that_was_not_logged_is_left_out_and_counted(ask_world):
    answer = ask_world(world([stay("a", 2), stay("b", 40, rebuilt=True)]), "time_in_stage", "2026-Q1")
    assert (row(answer)["n"], row(answer)["median_days"]) == (1, 2)
    assert ("stage_rebuilt", (("n", 2),)) in [(item.key, item.gaps) for item in answer.notes]


def test_who_leaves_after_the_as_of_moment_is_still_there(ask_world):
    answer = ask_world(world([stay("a", 30), stay("b", 3)]), "time_in_stage", "2026-Q1", as_of="2026-01-15")
    assert (row(answer)["still_there"], row(answer)["median_days"]) == (1, 3)
    assert row(answer)["mean_days"] == pytest.approx(3 + 7 * 0.5)


def test_a_stay_of_no_length_counts(ask_world):
    at_once = deal("a", ("s1", START), ("s2", START))
    answer = ask_world(world([at_once, stay("b", 4)]), "time_in_stage", "2026-Q1")
    assert row(answer)["median_days"] == 2
    first = answer.result.curves[answer.result.curves["stage"] == "s1"].iloc[0]
    assert (first["days"], first["share_left"]) == (0, 0.5)


def test_a_long_curve_is_drawn_with_few_points_and_keeps_its_ends(ask_world):
    answer = ask_world(world([stay(f"d{i}", 1 + i / 10) for i in range(600)]), "time_in_stage", "2026-Q1")
    curve = answer.result.curves[answer.result.curves["stage"] == "s1"]
    assert len(curve) <= POINTS
    assert (curve["days"].iloc[0], curve["share_left"].iloc[0]) == (0, 1)
    assert curve["days"].iloc[-1] == pytest.approx(60.9)
    assert (np.diff(curve["share_left"]) < 0).all()


def test_nobody_nothing_and_an_unknown_pipeline(load):
    source = load(world([]))
    assert ask_source(source, "time_in_stage", "2026-Q1").result.n == 0
    with pytest.raises(QuestionError, match="Main, Other"):
        ask_source(source, "time_in_stage", "2026-Q1", pipeline="nonsense")
    company = World(opportunities=[])
    company.tables["pipelines_stages"] = []
    assert len(ask_source(load(company), "time_in_stage", "2026-Q1").result.frame) == 0


def test_a_viewer_who_may_see_nobody_sees_no_stay(ask_world):
    answer = ask_world(world([stay("a", 2)]), "time_in_stage", "2026-Q1", policy=Policy("nobody", owners=()))
    assert answer.result.n == 0


def test_a_missing_table_is_named(ask_world):
    assert ask_world(World(without=["stage_history"]), "time_in_stage", "2026-Q1").missing.table == "stage_history"


def test_the_list_behind_a_stage_has_as_many_rows(load):
    deals = [stay("a", 2), stay("b", None), stay("c", 40, rebuilt=True), deal("d", ("s2", "2026-02-01"))]
    source = load(world(deals))
    frame = ask_source(source, "time_in_stage", "2026-Q1").result.frame
    question = question_for(METRIC, filters("2026-Q1"), {})
    rows = listing("time_in_stage")
    assert rows is not None
    for item in frame.to_dict("records"):
        assert rows(source, question, {"stage": item["stage"]}, 10)[1] == item["n"]
        assert rows(source, question, {"stage": item["stage"], "kind": "open"}, 10)[1] == item["still_there"]
    listed, _ = rows(source, question, {"stage": "s1"}, 10)
    assert sorted(listed["days"]) == pytest.approx([2, (datetime(2026, 6, 1) - START).days])
    with pytest.raises(QuestionError, match="s1, s2, s3"):
        rows(source, question, {"stage": "won"}, 10)


PATHS = st.lists(
    st.tuples(st.sampled_from(["s1", "s2", "s3", "won", "lost"]), st.integers(0, 20)), min_size=1, max_size=5
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(paths=st.lists(PATHS, min_size=1, max_size=10))
def test_any_stays_equal_a_second_computation_on_every_engine(load_on, paths):
    deals = []
    for i, path in enumerate(paths):
        at, moves = START, []
        for stage, hours in path:
            at += timedelta(hours=hours * 6)
            moves.append((stage, at))
        deals.append(deal(f"d{i}", *moves))
    as_of = datetime(2026, 1, 15)
    frames = []
    for engine in ("duckdb", "sqlite"):
        frame = ask_source(load_on(engine, world(deals), None, as_of), "time_in_stage", "2026-01").result.frame
        for stage, found in zip(("s1", "s2", "s3"), frame.to_dict("records"), strict=True):
            curve = by_hand(deals, stage, as_of)
            assert found["n"] == curve.n
            assert found["median_days"] == pytest.approx(curve.median, nan_ok=True, abs=1e-6)
        frames.append(frame)
    pd.testing.assert_frame_equal(frames[0], frames[1], rtol=1e-9)


def by_hand(deals: list[Deal], stage: str, as_of: datetime) -> Any:
    days, left = [], []
    for item in deals:
        first = next((s for s in item.stays if s["stage_id"] == stage and s["entered_at"] <= as_of), None)
        if first is not None:
            is_over = first["left_at"] is not None and first["left_at"] <= as_of
            days.append(((first["left_at"] if is_over else as_of) - first["entered_at"]).total_seconds() / 86400)
            left.append(is_over)
    return kaplan_meier(days, left)
