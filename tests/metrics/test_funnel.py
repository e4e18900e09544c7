"""The funnel: two dozen deals by eye, by hand-written SQL, by a second computation, and the lists behind its bars."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from data_access.access import Policy
from data_access.errors import QuestionError
from data_access.source import Source, open_source
from metrics.answers import ask
from metrics.filters import narrow
from metrics.funnel import METRIC
from metrics.funnel_list import records_query
from metrics.funnel_steps import bottleneck_of, step_changes, with_changes
from metrics.listing import listing
from metrics.periods import Comparison
from metrics.question import question_for
from metrics.results import Funnel
from metrics.statistics import compare_proportions, wilson
from tests.metrics.funnels import STEPS, Deal, cohort, counts, deal, world
from tests.worlds import Place, World, ask_source, filters, forget, pasted

Q1 = ("2026-01-01", "2026-04-01")


def records_in_step(source, question, stage, reading="", kind="reached", group=None):
    """The records behind a bar, by the filters of the question."""
    options = {**dict(question.options), **({"reading": reading} if reading else {})}
    asked = replace(question, options=tuple(options.items()))
    narrowed = source.with_crm(narrow(source.crm, question.filters, METRIC.filters))
    part = {"stage": stage, "kind": kind, **({} if group is None else {"group": group})}
    return narrowed.fetch(records_query(narrowed, asked, part))


AS_OF = datetime(2026, 6, 1)

EYE = [
    deal("straight", ("s1", "2026-01-05"), ("s2", "2026-01-10"), ("s3", "2026-01-20"), ("won", "2026-02-01")),
    deal("skip", ("s1", "2026-01-06"), ("s3", "2026-01-16"), ("won", "2026-01-26")),
    deal("jump", ("s1", "2026-01-07"), ("won", "2026-01-09")),
    deal("back", ("s1", "2026-01-08"), ("s2", "2026-01-12"), ("s3", "2026-01-18"), ("s2", "2026-01-22"),
         ("s3", "2026-01-30"), ("won", "2026-02-10")),
    deal("reopened", ("s1", "2026-01-09"), ("s2", "2026-01-14"), ("lost", "2026-01-24"), ("s2", "2026-02-03"),
         ("s3", "2026-02-08"), ("won", "2026-02-20")),
    deal("lost after a skip", ("s1", "2026-01-10"), ("s3", "2026-01-25"), ("lost", "2026-02-15")),
    deal("came late and lost", ("s2", "2026-01-11"), ("lost", "2026-01-21")),
    deal("open", ("s1", "2026-01-12"), ("s2", "2026-02-12")),
    deal("open at the third", ("s3", "2026-01-13")),
    deal("void", ("s1", "2026-01-14"), ("void", "2026-01-15")),
    deal("all at once", *((stage, "2026-01-15 10:00") for stage in STEPS)),
    deal("all at once backwards", *((stage, "2026-01-16 10:00") for stage in ("s3", "s2", "s1"))),
    deal("out of order", ("s2", "2026-01-17"), ("s1", "2026-01-18"), ("s3", "2026-01-19")),
    deal("unknown stage", (None, "2026-01-19"), ("s2", "2026-01-29"), ("lost", "2026-02-09")),
    deal("began before", ("s1", "2025-12-20"), ("s2", "2026-01-05")),
    deal("won after the as-of moment", ("s1", "2026-01-20"), ("s2", "2026-02-20"), ("won", "2026-07-01")),
    deal("other pipeline", ("o1", "2026-01-21"), ("o_won", "2026-01-25"), pipeline_id="other"),
    deal("came from another pipeline", ("o1", "2025-11-01"), ("s1", "2026-02-01"), ("s2", "2026-02-11")),
    deal("last moment", ("s1", "2026-03-31 23:59:59.999999")),
    deal("next period", ("s1", "2026-04-01")),
    deal("deleted", ("s1", "2026-01-05"), is_deleted_in_source=True),
    deal("lost at once", ("lost", "2026-01-21")),
    deal("win not logged", ("s1", "2026-01-22"), ("s2", "2026-01-23"), outcome="won", closed_at=datetime(2026, 2, 2)),
    deal("lost after the as-of moment", ("s1", "2026-01-23"), ("lost", "2026-06-15")),
    deal("won and then lost", ("s1", "2026-01-24"), ("won", "2026-01-28"), ("s2", "2026-02-05"),
         ("lost", "2026-02-25")),
]  # fmt: skip
EYE_WORLD = world(EYE)


def column(result: Any, name: str) -> list[Any]:
    values = (result.frame if isinstance(result, Funnel) else result)[name].tolist()
    return [None if isinstance(value, float) and math.isnan(value) else value for value in values]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Iterator[Callable[[str, World], Source]]:
    """Writes a company that several tests read, once per engine."""
    opened: dict[Any, tuple[str, Source]] = {}

    def opener(engine: str, company: World) -> Source:
        key = (engine, id(company))
        if key not in opened:
            url = Place(engine, tmp_path_factory.mktemp("funnel"), templates).write(company)
            opened[key] = (url, open_source(url))
        return opened[key][1]

    yield opener
    for url, _ in opened.values():
        forget(url)


@pytest.fixture
def eye(once: Callable[[str, World], Source], engine: str) -> Source:
    return once(engine, EYE_WORLD)


@pytest.fixture
def people(once: Callable[[str, World], Source], engine: str) -> Source:
    return once(engine, PEOPLE_WORLD)


# -- by eye ---------------------------------------------------------------------------------------------------------
def test_the_three_readings_of_two_dozen_deals(eye):
    result = ask_source(eye, "funnel", "2026-Q1").result
    assert column(result, "stage") == list(STEPS)
    assert column(result, "stage_name") == ["One", "Two", "Three", "won"]
    assert column(result, "entered") == [16, 13, 9, 8]
    assert column(result, "reached") == [17, 16, 11, 8]
    assert column(result, "in_order") == [16, 10, 5, 4]
    assert column(result, "skipped") == [1, 3, 2, 0]
    assert column(result, "count") == column(result, "reached")
    assert column(result, "lost") == [0, 3, 1, 0]
    assert column(result, "still_here") == [3, 3, 2, 0]
    assert (result.n, result.won, result.lost, result.still_open, result.void) == (19, 7, 4, 8, 1)
    assert column(result, "n") == [19, 17, 16, 11]
    assert result.pipeline_name == "Main"


def test_moves_are_counted_once_each_and_by_record(eye):
    assert ask_source(eye, "funnel", "2026-Q1").result.moves == {
        "skips": 9, "skip_records": 8, "backward": 4, "backward_records": 3, "reopened": 2, "reopened_records": 2,
    }  # fmt: skip


def test_what_is_left_out_is_said(eye):
    notes = {item.key: dict(item.gaps) for item in ask_source(eye, "funnel", "2026-Q1").notes}
    assert notes["funnel_void"] == {"n": 1}
    assert notes["funnel_unknown_stage"] == {"n": 1}
    assert notes["funnel_without_history"] == {"n": 1}
    assert notes["funnel_still_open"] == {"n": 8, "whole": 19}


@pytest.mark.parametrize("reading", ["reached", "in_order", "entered"])
def test_rates_follow_from_the_chosen_reading(eye, reading):
    frame = ask_source(eye, "funnel", "2026-Q1", reading=reading).result.frame
    count = frame["count"].tolist()
    assert count == frame[reading].tolist()
    assert column(frame, "step_conversion_rate") == pytest.approx([None, *(b / a for a, b in zip(count, count[1:]))])  # noqa: B905, RUF007
    assert column(frame, "conversion_rate") == pytest.approx([c / count[0] for c in count])
    low, high = wilson(count, [count[0]] * 4)
    assert column(frame, "low") == pytest.approx(list(low))
    assert column(frame, "high") == pytest.approx(list(high))
    low, high = wilson(count[1:], count[:-1])
    assert column(frame, "step_low")[1:] == pytest.approx(list(low))
    assert column(frame, "step_high")[1:] == pytest.approx(list(high))


def test_every_figure_equals_the_second_computation(eye):
    for reading in ("reached", "in_order", "entered"):
        result = ask_source(eye, "funnel", "2026-Q1", reading=reading).result
        assert_same(result.frame, counts(cohort(EYE, *moments(*Q1), AS_OF + MICRO), reading))


MICRO = timedelta(microseconds=1)


def moments(*days: str) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(day) for day in days)


def assert_same(frame: pd.DataFrame, rows: list[dict[str, Any]]) -> None:
    for name in rows[0]:
        expected = [row[name] for row in rows]
        if name.endswith("days"):
            assert column(frame, name) == pytest.approx(expected, abs=1e-6), name
        else:
            assert column(frame, name) == expected, name


# -- by hand-written SQL --------------------------------------------------------------------------------------------
HAND = """
with first as (
    select h.opportunity_id, d.outcome as outcome, d.closed_at as closed_at,
        min(case when h.outcome in ('open', 'won') then h.entered_at end) as began,
        min(case when h.outcome = 'open' and h.stage_id = 's1' then h.entered_at end) as a,
        min(case when h.outcome = 'open' and h.stage_id = 's2' then h.entered_at end) as b,
        min(case when h.outcome = 'open' and h.stage_id = 's3' then h.entered_at end) as c,
        min(case when h.outcome = 'won' then h.entered_at end) as logged
    from stage_history h join opportunities d on d.opportunity_id = h.opportunity_id
    where d.pipeline_id = 'main' and not d.is_deleted_in_source and h.entered_at <= '2026-06-01 00:00:00.000000'
        and (h.stage_id is null or h.stage_id not in ('o1', 'o_won'))
    group by h.opportunity_id, d.outcome, d.closed_at
), known as (
    select *, case when closed_at > '2026-06-01 00:00:00.000000' then 'open' else outcome end as now,
        coalesce(logged,
            case when outcome = 'won' and closed_at <= '2026-06-01 00:00:00.000000' then closed_at end) as w
    from first where began >= '2026-01-01 00:00:00.000000' and began < '2026-04-01 00:00:00.000000'
)
select
    count(case when a is not null or now <> 'lost' and (b is not null or c is not null or w is not null) then 1 end),
    count(case when b is not null or now <> 'lost' and (c is not null or w is not null) then 1 end),
    count(case when c is not null or now <> 'lost' and w is not null then 1 end),
    count(w), count(a), count(b), count(c), count(w), count(a), count(case when a <= b then 1 end),
    count(case when a <= b and b <= c then 1 end), count(case when a <= b and b <= c and c <= w then 1 end)
from known where now <> 'void'
"""


def test_the_counts_equal_hand_written_sql(eye):
    source = eye
    result = ask_source(source, "funnel", "2026-Q1").result
    with source.base.reading() as opened:
        engine = opened[0] if isinstance(opened, tuple) else opened
        with engine.connect() as connection:
            row = list(connection.execute(text(HAND)).one())
    assert row == [*column(result, "reached"), *column(result, "entered"), *column(result, "in_order")]


def test_the_sql_that_is_shown_can_be_run_and_gives_the_figures(eye):
    source = eye
    answer = ask_source(source, "funnel", "2026-Q1")
    statement = next(item.sql for item in answer.statements if "reached_1" in item.sql)
    rows = pasted(source, statement)
    row = next(r for r in rows if r["cohort"] == 0 and r["standing"] == "counted")
    assert [row[f"reached_{k}"] for k in range(1, 5)] == column(answer.result, "reached")


# -- readings, one fact each ----------------------------------------------------------------------------------------
def only(ask_world: Any, *deals: Deal, when: str = "2026-Q1", **options: Any) -> Funnel:
    result = ask_world(world(deals), "funnel", when, **options).result
    assert isinstance(result, Funnel)
    return result


def test_a_lost_deal_counts_only_where_it_really_was(ask_world):
    result = only(ask_world, deal("a", ("s1", "2026-01-10"), ("s3", "2026-01-25"), ("lost", "2026-02-15")))
    assert column(result, "reached") == [1, 0, 1, 0]
    assert column(result, "lost") == [0, 0, 1, 0]


def test_a_step_above_its_step_before_has_a_rate_without_interval_and_a_note(ask_world):
    lost = [deal(f"a{i}", ("s1", "2026-01-10"), ("s3", "2026-01-25"), ("lost", "2026-02-15")) for i in range(2)]
    answer = ask_world(world([*lost, deal("b", ("s1", "2026-01-10"), ("s2", "2026-01-25"))]), "funnel", "2026-Q1")
    row = answer.result.frame.iloc[2]
    assert row["step_conversion_rate"] == 2
    assert math.isnan(row["step_low"])
    assert math.isnan(row["step_high"])
    assert "funnel_step_above_one" in [item.key for item in answer.notes]


def test_nothing_over_nothing_is_empty(ask_world):
    result = only(ask_world, deal("a", ("s1", "2026-01-10")))
    assert column(result, "step_conversion_rate") == [None, 0, None, None]
    assert column(result, "conversion_rate") == [1, 0, 0, 0]
    assert column(only(ask_world, deal("a", ("s1", "2025-01-10"))), "conversion_rate") == [None] * 4


def test_a_re_opened_deal_that_is_open_again_is_not_lost(ask_world):
    result = only(ask_world, deal("a", ("s1", "2026-01-10"), ("lost", "2026-01-12"), ("s3", "2026-01-20")))
    assert column(result, "reached") == [1, 1, 1, 0]
    assert (result.lost, result.still_open, result.moves["reopened"], result.moves["skips"]) == (0, 1, 1, 0)


def test_an_outcome_that_keeps_the_name_of_the_stage_is_no_entry_into_it(ask_world):
    lost = deal("a", ("s1", "2026-01-10"), ("lost", "2026-01-12"))
    lost.stays[1]["stage_id"] = "s2"  # some companies mark a deal as lost and leave its stage
    won = deal("b", ("s1", "2026-01-10"), ("won", "2026-01-12"))
    won.stays[1]["stage_id"] = "s1"
    result = only(ask_world, lost, won)
    assert column(result, "entered") == [2, 0, 0, 1]
    assert column(result, "lost") == [1, 0, 0, 0]


def test_won_in_another_pipeline_is_not_won_here(ask_world):
    moved = deal("a", ("o_won", "2026-01-02"), ("s1", "2026-01-10"))
    result = only(ask_world, moved)
    assert column(result, "reached") == [1, 0, 0, 0]
    assert result.moves["reopened"] == 0


def test_the_history_tells_what_a_deal_was_at_an_earlier_as_of_moment(ask_world):
    again = deal("a", ("s1", "2026-01-05"), ("lost", "2026-01-20"), ("s2", "2026-02-05"), ("won", "2026-02-20"))
    assert ask_world(world([again]), "funnel", "2026-01", as_of="2026-02-01").result.lost == 1
    assert ask_world(world([again]), "funnel", "2026-01", as_of="2026-02-10").result.still_open == 1
    assert ask_world(world([again]), "funnel", "2026-01").result.won == 1


def test_what_happens_at_the_as_of_moment_counts_and_just_after_does_not(ask_world):
    at = deal("at", ("s1", "2026-01-05"), ("s2", "2026-02-01 12:00"))
    after = deal("after", ("s1", "2026-01-05"), ("s2", "2026-02-01 12:00:01"))
    result = ask_world(world([at, after]), "funnel", "2026-01", as_of="2026-02-01 12:00").result
    assert column(result, "entered") == [2, 1, 0, 0]


def test_the_period_is_local_days(ask_world):
    berlin = {"timezone": "Europe/Berlin"}
    first = deal("first", ("s1", "2025-12-31 23:00"))  # midnight there
    before = deal("before", ("s1", "2025-12-31 22:59:59"))
    assert ask_world(world([first, before], berlin), "funnel", "2026-01").result.n == 1


# -- times ----------------------------------------------------------------------------------------------------------
def test_days_are_counted_from_the_deals_own_step_before(ask_world):
    deals = [
        deal("two then three", ("s1", "2026-01-01"), ("s2", "2026-01-03"), ("s3", "2026-01-08")),
        deal("skips two", ("s1", "2026-01-01"), ("s3", "2026-01-11")),  # 10 days to 2, which it skips, 0 to 3
        deal("lost", ("s1", "2026-01-01"), ("s3", "2026-01-21"), ("lost", "2026-01-22")),  # 20 days from 1 to 3
    ]
    result = only(ask_world, *deals)
    assert column(result, "median_days") == pytest.approx([None, 6, 5, None])
    assert column(result, "mean_days") == pytest.approx([None, 6, 25 / 3, None])
    entered = only(ask_world, *deals, reading="entered")
    assert column(entered, "median_days") == pytest.approx([None, 2, 10, None])


def test_a_move_backwards_has_no_days(ask_world):
    result = only(ask_world, deal("a", ("s2", "2026-01-05"), ("s1", "2026-01-08")))
    assert column(result, "reached") == [1, 1, 0, 0]
    assert column(result, "median_days") == [None] * 4


def test_days_without_a_log_are_left_out_and_the_deal_still_counts(ask_world):
    deals = [deal("a", ("s1", "2026-01-01"), ("s2", "2026-01-03")),
             deal("b", ("s1", "2026-01-01"), ("s2", "2026-01-09"), rebuilt=True)]  # fmt: skip
    answer = ask_world(world(deals), "funnel", "2026-Q1")
    assert column(answer.result, "reached") == [2, 2, 0, 0]
    assert column(answer.result, "median_days") == [None, 2, None, None]
    assert ("funnel_without_times", (("n", 1),)) in [(item.key, item.gaps) for item in answer.notes]


# -- window ---------------------------------------------------------------------------------------------------------
def test_the_edge_of_the_window_counts(ask_world):
    deals = [deal("edge", ("s1", "2026-01-01 08:00"), ("s2", "2026-01-11 08:00")),
             deal("after", ("s1", "2026-01-01 08:00"), ("s2", "2026-01-11 08:00:01"))]  # fmt: skip
    result = only(ask_world, *deals, window_days="10")
    assert column(result, "count") == [2, 1, 0, 0]
    assert result.window_days == 10


def test_a_window_is_elapsed_time_and_knows_no_summer_time(ask_world):
    berlin = {"timezone": "Europe/Berlin"}
    edge = deal("edge", ("s1", "2026-03-28 12:00"), ("s2", "2026-03-29 12:00"), ("s3", "2026-03-29 12:00:01"))
    result = ask_world(world([edge], berlin), "funnel", "2026-Q1", window_days="1").result
    assert column(result, "count") == [1, 1, 0, 0]


def test_a_record_whose_window_is_not_over_is_shown_apart(ask_world):
    deals = [deal("over", ("s1", "2026-02-01"), ("s2", "2026-02-02")),
             deal("ends now", ("s1", "2026-02-02"), ("s2", "2026-02-03")),
             deal("not over", ("s1", "2026-02-02 00:00:01"), ("won", "2026-02-03"))]  # fmt: skip
    answer = ask_world(world(deals), "funnel", "2026-Q1", window_days="10", as_of="2026-02-12")
    assert (answer.result.n, answer.result.pending) == (2, 1)
    assert column(answer.result, "count") == [2, 2, 0, 0]
    assert ("funnel_pending", (("days", 10), ("n", 1))) in [(item.key, item.gaps) for item in answer.notes]


def test_what_became_of_a_deal_after_its_window_is_still_its_outcome(ask_world):
    late = deal("late", ("s1", "2026-01-01"), ("s2", "2026-03-01"), ("lost", "2026-03-05"))
    result = only(ask_world, late, window_days="30")
    assert (result.lost, result.still_open) == (1, 0)
    assert column(result, "entered") == [1, 0, 0, 0]
    assert column(result, "lost") == [1, 0, 0, 0]  # the last stage it was seen in within the window


@pytest.mark.parametrize("written", ["0", "-3", "ten", "1.5", "99999", "١٢"])
def test_a_window_is_a_whole_number_of_days(eye, written):
    with pytest.raises(QuestionError, match="window_days"):
        ask_source(eye, "funnel", "2026-Q1", window_days=written)


# -- pipelines ------------------------------------------------------------------------------------------------------
def test_the_pipeline_with_most_deals_is_shown_unless_one_is_named(eye):
    source = eye
    assert ask_source(source, "funnel", "2026-Q1").result.pipeline == "main"
    by_id, by_name = (ask_source(source, "funnel", "2026-Q1", pipeline=name).result for name in ("other", "Other"))
    assert column(by_id, "stage") == column(by_name, "stage") == ["o1", "won"]
    assert column(by_id, "reached") == [1, 1]


def test_an_unknown_pipeline_is_refused_with_the_names_of_the_others(eye):
    with pytest.raises(QuestionError, match="Main, Other"):
        ask_source(eye, "funnel", "2026-Q1", pipeline="nonsense")


def test_the_usual_pipeline_does_not_change_with_the_filters(load):
    deals = [deal(f"m{i}", ("s1", "2026-01-05"), channel="mail") for i in range(3)]
    deals += [deal("o", ("o1", "2026-01-05"), pipeline_id="other", channel="web")]
    assert ask_source(load(world(deals)), "funnel", "2026-Q1", where={"channel": "web"}).result.pipeline == "main"


def test_stages_stand_by_position_not_by_name(load):
    stages = [{"stage_id": "b", "name": "First", "position": 1}, {"stage_id": "a", "name": "Second", "position": 2}]
    company = World(pipelines_stages=stages, opportunities=[{"stages": [("b", "2026-01-02"), ("a", "2026-01-03")]}])
    assert column(ask_source(load(company), "funnel", "2026-Q1").result, "stage") == ["b", "a", "won"]


# -- nobody, nothing ------------------------------------------------------------------------------------------------
def test_no_deal_at_all_gives_an_empty_funnel(ask_world):
    result = only(ask_world)
    assert (result.n, column(result, "count"), result.bottleneck) == (0, [0, 0, 0, 0], None)


def test_no_pipeline_at_all_gives_no_step(ask_world):
    company = World(opportunities=[])
    company.tables["pipelines_stages"] = []
    result = ask_world(company, "funnel", "2026-Q1").result
    assert (result.n, len(result.frame)) == (0, 0)


def test_a_viewer_who_may_see_nobody_sees_an_empty_funnel(ask_world):
    result = ask_world(EYE_WORLD, "funnel", "2026-Q1", policy=Policy("nobody", regions=())).result
    assert (result.n, result.void) == (0, 0)


def test_a_period_that_has_not_begun_says_so(eye):
    answer = ask_source(eye, "funnel", "2027-Q1")
    assert answer.result.n == 0
    assert [item.key for item in answer.notes] == ["period_not_begun"]


@pytest.mark.parametrize("table", ["opportunities", "stage_history", "pipelines_stages"])
def test_a_missing_table_is_named(ask_world, table):
    assert ask_world(World(without=[table]), "funnel", "2026-Q1").missing.table == table


# -- leads ----------------------------------------------------------------------------------------------------------
LEADS = [
    {"lead_id": "new", "created_at": "2026-01-02", "status": "working"},
    {"lead_id": "qualified", "created_at": "2026-01-03", "qualified_at": "2026-01-04", "status": "qualified"},
    {"lead_id": "given up", "created_at": "2026-01-03", "qualified_at": "2026-01-05", "status": "disqualified"},
    {"lead_id": "straight", "created_at": "2026-01-04", "qualified_at": "2026-01-05", "converted_at": "2026-01-06",
     "status": "converted", "converted_opportunity_id": "won deal"},
    {"lead_id": "never qualified", "created_at": "2026-01-04", "converted_at": "2026-01-09",
     "status": "converted", "converted_opportunity_id": "open deal"},
    {"lead_id": "lost deal", "created_at": "2026-01-04", "converted_at": "2026-01-09",
     "status": "converted", "converted_opportunity_id": "lost deal"},
    {"lead_id": "elsewhere", "created_at": "2026-01-04", "qualified_at": "2026-01-05", "converted_at": "2026-01-09",
     "status": "converted", "converted_opportunity_id": "other deal"},
    {"lead_id": "later", "created_at": "2026-04-01", "status": "new"},
    {"lead_id": "of a void deal", "created_at": "2026-01-04", "converted_at": "2026-01-09",
     "status": "converted", "converted_opportunity_id": "void deal"},
    {"lead_id": "converts after", "created_at": "2026-01-08", "converted_at": "2026-06-09",
     "status": "converted", "converted_opportunity_id": "future deal"},
]  # fmt: skip
LEAD_DEALS = [
    deal("won deal", ("s1", "2026-01-06"), ("s2", "2026-01-08"), ("won", "2026-01-20"), channel="web"),
    deal("open deal", ("s2", "2026-01-09")),
    deal("lost deal", ("s1", "2026-01-09"), ("lost", "2026-01-10")),
    deal("other deal", ("o1", "2026-01-09"), ("o_won", "2026-01-10"), pipeline_id="other"),
    deal("void deal", ("s1", "2026-01-09"), ("void", "2026-01-10")),
    deal("future deal", ("s1", "2026-06-09")),
    deal("without a lead", ("s1", "2026-01-09")),
]
LEAD_WORLD = world(LEAD_DEALS, leads=LEADS)
LEAD_CODES = ["lead_created", "marketing_qualified", "sales_qualified", *STEPS]


def test_leads_are_followed_into_their_deals(ask_world):
    result = ask_world(LEAD_WORLD, "funnel", "2026-Q1", start="lead").result
    assert column(result, "stage") == LEAD_CODES
    # new, qualified, given up, straight, never qualified, lost deal, elsewhere, converts after
    assert column(result, "reached") == [8, 5, 4, 3, 2, 1, 1]
    assert column(result, "entered") == [8, 4, 4, 2, 2, 0, 1]
    assert column(result, "in_order") == [8, 4, 2, 1, 1, 0, 0]
    assert column(result, "lost") == [0, 1, 0, 1, 0, 0, 0]
    assert column(result, "still_here") == [2, 1, 0, 0, 1, 0, 0]
    assert (result.n, result.won, result.lost, result.still_open, result.void) == (8, 2, 2, 4, 1)


def test_a_filter_on_leads_does_not_hide_the_deals_that_they_became(ask_world):
    leads = [{**LEADS[3], "channel": "fair"}, {**LEADS[0], "channel": "web"}]  # its deal came by another channel
    result = ask_world(
        world(LEAD_DEALS, leads=leads), "funnel", "2026-Q1", start="lead", where={"channel": "fair"}
    ).result
    assert column(result, "reached") == [1, 1, 1, 1, 1, 1, 1]


def test_a_stage_that_is_called_as_a_step_of_ours_keeps_a_code_of_its_own(ask_world):
    company = World(
        pipelines_stages=[{"stage_id": "lead_created", "position": 1}, {"stage_id": "won", "position": 2}],
        opportunities=[{"opportunity_id": "a", "stages": [("lead_created", "2026-01-02"), ("won", "2026-01-03")]}],
        leads=[{"created_at": "2026-01-01", "converted_at": "2026-01-02", "converted_opportunity_id": "a"}],
    )
    frame = ask_world(company, "funnel", "2026-Q1", start="lead").result.frame
    assert frame["stage"].is_unique
    assert frame["reached"].tolist() == [1, 1, 1, 1, 1, 0]
    assert ask_world(company, "funnel", "2026-Q1").result.frame["stage"].tolist() == [
        "lead_created",
        "stage won",
        "won",
    ]


# -- groups ---------------------------------------------------------------------------------------------------------
PEOPLE = {
    "customers": [
        {"customer_id": "north", "region": "North", "country": "DE", "segment": "Large"},
        {"customer_id": "south", "region": "South", "country": "FR", "segment": "Small"},
        {"customer_id": "nowhere"},
    ],
    "users": [{"user_id": "u1", "name": "Uma", "team_id": "t1"}, {"user_id": "u2", "name": "Ugo", "team_id": "t2"}],
    "teams": [{"team_id": "t1", "name": "Team one"}, {"team_id": "t2", "name": "Team two"}],
}
TRAITS = [
    {"customer_id": "north", "owner_id": "u1", "channel": "web"},
    {"customer_id": "south", "owner_id": "u2", "channel": "mail"},
    {"customer_id": "nowhere", "owner_id": "u1", "channel": None, "team_id": "t2"},
    {"customer_id": None, "owner_id": None, "channel": "web"},
]


def with_traits(deals: list[Deal]) -> list[Deal]:
    return [Deal({**item.row, **TRAITS[i % 4]}, item.stays) for i, item in enumerate(deals)]


PEOPLE_WORLD = world(
    with_traits([*EYE, *LEAD_DEALS]),
    leads=[{**row, **{k: v for k, v in TRAITS[i % 4].items() if k != "team_id"}} for i, row in enumerate(LEADS)],
    **PEOPLE,
)


ADDITIVE = ["reached", "in_order", "entered", "count", "skipped", "still_open", "still_here", "lost"]


@pytest.mark.parametrize(
    ("start", "by"),
    [*(("opportunity", by) for by in METRIC.options["by"].values[1:]), ("lead", "team"), ("lead", "region")],
)
def test_groups_add_up_to_the_whole(people, by, start):
    source = people
    whole = ask_source(source, "funnel", "2026-Q1", start=start).result
    parts = ask_source(source, "funnel", "2026-Q1", start=start, by=by).result
    assert parts.n == whole.n
    assert parts.moves == whole.moves
    summed = parts.frame.groupby("position")[ADDITIVE].sum()
    assert summed.to_dict("list") == whole.frame[ADDITIVE].to_dict("list")
    assert len(parts.frame["group"].unique()) > 1
    assert parts.bottleneck is None


def test_a_group_is_the_deals_own_and_may_be_missing(people):
    parts = ask_source(people, "funnel", "2026-Q1", by="team").result.frame
    first = parts[parts["position"] == 1].set_index(parts["group"][parts["position"] == 1].fillna("-"))["n"].to_dict()
    items = [*EYE, *LEAD_DEALS]
    kept = {r.key for r in cohort(items, *moments(*Q1), AS_OF + MICRO) if r.outcome != "void"}
    names = ["Team one", "Team two", "Team two", "-"]  # a deal's own team comes before its owner's
    expected: dict[str, int] = {}
    for i, item in enumerate(items):
        if item.row["opportunity_id"] in kept:
            expected[names[i % 4]] = expected.get(names[i % 4], 0) + 1
    assert first == expected


def test_a_filter_only_removes(people):
    source = people
    whole = ask_source(source, "funnel", "2026-Q1").result.frame
    for where in ({"region": "North"}, {"channel": "web"}, {"owner": "u1"}, {"team": "t2"}, {"segment": "Small"}):
        part = ask_source(source, "funnel", "2026-Q1", where=where).result.frame
        assert (part[ADDITIVE[:4]] <= whole[ADDITIVE[:4]]).all().all()


# -- lists ----------------------------------------------------------------------------------------------------------
KINDS = {"reached": "count", "lost": "lost", "open": "still_here"}


@pytest.mark.parametrize(
    ("start", "reading"),
    [("opportunity", "reached"), ("opportunity", "in_order"), ("opportunity", "entered"), ("lead", "reached")],
)
def test_a_list_has_as_many_rows_as_its_bar(people, reading, start):
    source = people
    question = question_for(METRIC, filters("2026-Q1"), {"start": start, "reading": reading})
    frame = ask_source(source, "funnel", "2026-Q1", start=start, reading=reading).result.frame
    for kind, name in KINDS.items():
        listed = [len(records_in_step(source, question, stage, kind=kind)) for stage in frame["stage"]]
        assert listed == frame[name].tolist(), kind


def test_a_list_of_a_group_has_as_many_rows_as_the_groups_bar(people):
    source = people
    question = question_for(METRIC, filters("2026-Q1", where={"channel": ["web", "(none)"]}), {"by": "region"})
    frame = ask_source(source, "funnel", "2026-Q1", by="region", where={"channel": ["web", "(none)"]}).result.frame
    for row in frame.to_dict("records"):
        group = "(none)" if pd.isna(row["group"]) else row["group"]
        assert len(records_in_step(source, question, row["stage"], group=group)) == row["count"]


def test_a_list_says_who_and_since_when(people):
    source = people
    question = question_for(METRIC, filters("2026-Q1"), {})
    rows = records_in_step(source, question, "s2").set_index("opportunity_id")
    assert list(rows.columns) == ["name", "customer_id", "customer_name", "owner", "amount_base", "stage", "outcome",
                                  "entered_at", "days"]  # fmt: skip
    straight = rows.loc["straight"]
    assert (straight["stage"], straight["outcome"], straight["owner"]) == ("Three", "won", "Uma")
    assert (straight["entered_at"], straight["days"]) == (pd.Timestamp("2026-01-10"), 5)
    assert rows.loc["skip", "entered_at"] == pd.Timestamp("2026-01-16")  # skipped: the next recorded one
    here = records_in_step(source, question, "s2", kind="open").set_index("opportunity_id")
    assert here.loc["open", "days"] == pytest.approx((AS_OF - datetime(2026, 2, 12)).days)
    gone = records_in_step(source, question, "s2", kind="lost").set_index("opportunity_id")
    assert gone.loc["came late and lost", "days"] == 10


def test_the_list_of_a_page_is_the_same(eye):
    source = eye
    question = question_for(METRIC, filters("2026-Q1"), {})
    frame, total = listing("funnel")(source, question, {"stage": "s2"}, 3)
    assert (len(frame), total) == (3, 16)
    whole = listing("funnel")(source, question, {}, 100)
    assert whole[1] == 19


def test_an_unknown_stage_or_kind_is_refused_with_the_valid_ones(eye):
    source, question = eye, question_for(METRIC, filters("2026-Q1"), {})
    with pytest.raises(QuestionError, match="s1, s2, s3, won"):
        records_in_step(source, question, "s9")
    with pytest.raises(QuestionError, match="reached, lost, open"):
        records_in_step(source, question, "s1", kind="all")


def test_hostile_text_is_only_text(load):
    stages = [{"stage_id": "x'; drop table leads; --", "name": "%(a)s {b} :c", "position": 1}]
    company = World(pipelines_stages=stages, opportunities=[{"stages": [("x'; drop table leads; --", "2026-01-02")]}])
    source = load(company)
    assert column(ask_source(source, "funnel", "2026-Q1").result, "count") == [1, 0]
    question = question_for(METRIC, filters("2026-Q1"), {})
    assert records_in_step(source, question, stages[0]["stage_id"])["stage"].tolist() == ["%(a)s {b} :c"]


# -- against earlier cohorts ----------------------------------------------------------------------------------------
def test_the_cohort_compared_with_is_followed_only_as_long(ask_world):
    deals = [
        deal("now", ("s1", "2026-02-10")),
        deal("quick", ("s1", "2026-01-10"), ("s2", "2026-01-12")),
        deal("slow", ("s1", "2026-01-10"), ("s2", "2026-02-20")),  # after 10 February, which is like 10 March now
        deal("lost later", ("s2", "2026-01-10"), ("lost", "2026-02-20")),  # open then: reached the first stage
    ]
    answer = ask_world(world(deals), "funnel", "2026-02", as_of="2026-03-10")
    result = answer.result
    assert result.then_until - MICRO == datetime(2026, 2, 10)  # as long after January as 10 March is after February
    assert column(result.compared, "reached") == [3, 2, 0, 0]
    assert column(result, "compared_value")[1] == pytest.approx(2 / 3)
    assert column(result, "compared_n")[1] == 3
    assert ("funnel_like_for_like", (("until", datetime(2026, 2, 10)),)) in [(i.key, i.gaps) for i in answer.notes]


def test_an_unfinished_period_meets_the_same_stretch_of_the_period_before(ask_world):
    deals = [deal("early", ("s1", "2026-01-05")), deal("late", ("s1", "2026-01-25")), deal("now", ("s1", "2026-02-03"))]
    result = ask_world(world(deals), "funnel", "2026-02", as_of="2026-02-10").result
    assert (result.n, column(result.compared, "count")[0]) == (1, 1)
    assert result.then_until == result.then.end


def test_the_same_period_a_year_before_can_be_compared(ask_world):
    deals = [deal("now", ("s1", "2026-01-05")), deal("then", ("s1", "2025-01-07"), ("s2", "2025-01-09"))]
    result = ask_world(world(deals), "funnel", "2026-01", comparison="year").result
    assert column(result.compared, "count") == [1, 1, 0, 0]


def test_every_change_equals_the_test_of_two_shares():
    now = pd.DataFrame({"position": [1, 2, 3], "count": [100, 60, 50], "n": [100, 100, 60]})
    then = pd.DataFrame({"position": [1, 2, 3], "count": [120, 90, 60], "n": [120, 120, 90]})
    changes, verdicts = step_changes(now, then)
    assert changes[1] == compare_proportions(60, 100, 90, 120)
    assert changes[2] == compare_proportions(50, 60, 60, 90)
    assert verdicts == ["no_baseline", "down", "up"]


def monthly(spec: dict[str, tuple[int, int]]) -> list[Deal]:
    """Deals that began on the fifth of each month; (number, how many of them went on to the second stage)."""
    made = []
    for month, (number, went_on) in spec.items():
        for i in range(number):
            path = [("s1", f"{month}-05")] + ([("s2", f"{month}-06")] if i < went_on else [])
            made.append(deal(f"{month} {i}", *path))
    return made


def test_the_bottleneck_is_the_step_below_its_own_history(ask_world):
    deals = monthly({"2025-11": (60, 48), "2025-12": (60, 50), "2026-01": (60, 49), "2026-02": (60, 20)})
    result = ask_world(world(deals), "funnel", "2026-02").result
    row = result.frame.iloc[1]
    assert result.bottleneck == "s2"
    assert result.history == 2  # November began before the first deal was recorded
    assert (row["history_rate"], row["history_n"], row["step_verdict"]) == (pytest.approx(99 / 120), 120, "down")


def test_noise_is_no_bottleneck(ask_world):
    deals = monthly({"2025-11": (60, 48), "2025-12": (60, 50), "2026-01": (60, 49), "2026-02": (60, 46)})
    result = ask_world(world(deals), "funnel", "2026-02").result
    assert result.bottleneck is None
    assert result.frame["step_verdict"].iloc[1] == "noise"


def test_few_cases_are_no_bottleneck(ask_world):
    deals = monthly({"2025-11": (60, 48), "2025-12": (60, 60), "2026-01": (60, 60), "2026-02": (20, 1)})
    result = ask_world(world(deals), "funnel", "2026-02").result
    assert (result.bottleneck, result.frame["step_verdict"].iloc[1]) == (None, "too_few")


def test_the_history_reaches_back_six_cohorts_and_no_further(ask_world):
    months = ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06", "2025-07", "2025-08", "2025-09"]
    result = ask_world(world(monthly(dict.fromkeys(months, (2, 1)))), "funnel", "2025-09").result
    assert (result.history, result.frame["history_n"].tolist()) == (6, [0, 12, 6, 0])


def test_of_two_bottlenecks_the_one_that_costs_more_is_named():
    frame = pd.DataFrame({
        "stage": ["a", "b", "c"], "step_verdict": ["no_baseline", "down", "down"], "n": [500, 500, 50],
        "history_rate": [np.nan, 0.6, 0.9], "step_conversion_rate": [np.nan, 0.5, 0.5],
    })  # fmt: skip
    assert bottleneck_of(frame) == "b"


def test_steady_cohorts_give_few_false_alarms():
    rng = np.random.default_rng(7)
    alarms, tries = 0, 150
    for _ in range(tries):
        frames = []
        for size in (200, 1200):
            kept = [size]
            for rate in (0.8, 0.7, 0.6):
                kept.append(int(rng.binomial(kept[-1], rate)))
            frame = pd.DataFrame({"position": range(1, 5), "count": kept, "n": [size, *kept[:-1]]})
            frames.append(frame.assign(stage=list("abcd"), step_conversion_rate=frame["count"] / frame["n"]))
        now = with_changes(frames[0], frames[1], frames[1])
        alarms += bottleneck_of(now) is not None
    assert alarms / tries <= 0.05


def test_both_comparisons_hold_the_columns_that_charts_draw(eye):
    result = ask_source(eye, "funnel", "2026-Q1").result
    assert list(result.frame.columns) == [
        "stage", "stage_name", "position", "reached", "in_order", "entered", "count", "skipped",
        "step_conversion_rate", "step_low", "step_high", "conversion_rate", "low", "high", "still_open", "still_here",
        "lost", "median_days", "mean_days", "n", "compared_value", "compared_n", "change", "change_low", "change_high",
        "verdict", "history_rate", "history_n", "step_verdict",
    ]  # fmt: skip
    assert list(result.compared.columns) == list(result.frame.columns)[:20]
    assert Comparison.PREVIOUS == "previous"


# -- any deals ------------------------------------------------------------------------------------------------------
HOURS = st.integers(0, 40)
PLACES = st.sampled_from(["s1", "s2", "s3", "s1", "s2", "won", "lost", "void", None])
PATHS = st.lists(st.tuples(PLACES, HOURS), min_size=1, max_size=6)


@st.composite
def some_deals(draw: Any) -> list[Deal]:
    made = []
    for i, path in enumerate(draw(st.lists(PATHS, min_size=1, max_size=12))):
        start = datetime(2026, 1, 1) + timedelta(days=draw(st.integers(0, 80)))
        moves, at = [], start
        for stage, hours in path:
            at = at + timedelta(hours=12 * (hours // 4))  # many at one instant
            moves.append((stage, at))
        made.append(deal(f"d{i:02}", *moves))
    return with_traits(made)


SLOW = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@SLOW
@given(some_deals(), st.sampled_from(["reached", "in_order", "entered"]), st.sampled_from([None, 3]))
def test_any_funnel_equals_the_second_computation(load_on, deals, reading, window):
    options = {"reading": reading, **({"window_days": str(window)} if window else {})}
    frames = []
    for engine in ("duckdb", "sqlite"):
        source = load_on(engine, world(deals, {"data_as_of": "2026-03-20"}, **PEOPLE))
        result = ask_source(source, "funnel", "2026-02", **options).result
        records = cohort(deals, *moments("2026-02-01", "2026-03-01"), datetime(2026, 3, 20) + MICRO, window)
        assert_same(result.frame, counts(records, reading))
        frame = result.frame
        assert (frame["in_order"] <= frame["entered"]).all()
        assert (frame["entered"] <= frame["reached"]).all()
        assert (frame["reached"] == frame["entered"] + frame["skipped"]).all()
        assert result.n == result.won + result.lost + result.still_open
        kept = [r for r in records if r.outcome != "void" and not r.pending]
        for name in ("skips", "backward", "reopened"):
            assert result.moves[name] == sum(getattr(r, name) for r in kept), name
        assert result.pending == sum(r.pending and r.outcome != "void" for r in records)
        earlier = cohort(deals, *moments("2026-01-01", "2026-02-01"), datetime(2026, 2, 20) + MICRO, window)
        assert_same(result.compared, counts(earlier, reading))
        frames.append(frame)
    pd.testing.assert_frame_equal(frames[0], frames[1], rtol=1e-9)


@SLOW
@given(deals=some_deals(), by=st.sampled_from(["channel", "region", "owner", "team"]))
def test_any_groups_add_up_and_any_filter_only_removes(load_on, deals, by):
    source = load_on("duckdb", world(deals, {"data_as_of": "2026-06-01"}, **PEOPLE))
    whole = ask_source(source, "funnel", "2026-02").result.frame
    parts = ask_source(source, "funnel", "2026-02", by=by).result.frame
    if len(parts):
        assert parts.groupby("position")[ADDITIVE].sum().to_dict("list") == whole[ADDITIVE].to_dict("list")
    web = ask_source(source, "funnel", "2026-02", where={"channel": "web"}).result.frame
    assert (web[ADDITIVE[:4]] <= whole[ADDITIVE[:4]]).all().all()


@SLOW
@given(deals=some_deals(), day=st.integers(40, 75))
def test_the_future_changes_nothing(load_on, deals, day):
    """What is known at a moment is the same whether or not the database already holds what came after it."""
    as_of = datetime(2026, 1, 1) + timedelta(days=day)
    cut = []
    for item in deals:
        stays = [{**s, "left_at": s["left_at"] if s["left_at"] and s["left_at"] <= as_of else None}
                 for s in item.stays if s["entered_at"] <= as_of]  # fmt: skip
        if stays:
            closed = stays[-1]["outcome"] != "open"
            closed_at = stays[-1]["entered_at"] if closed else None
            cut.append(Deal({**item.row, "outcome": stays[-1]["outcome"], "closed_at": closed_at}, stays))
    now = ask("funnel", load_on("duckdb", world(deals, **PEOPLE), None, as_of), filters("2026-02"))
    then = ask("funnel", load_on("duckdb", world(cut, **PEOPLE), None, as_of), filters("2026-02"))
    pd.testing.assert_frame_equal(now.result.frame, then.result.frame)
    assert now.result.moves == then.result.moves
