"""metrics/nps.py: promoters less detractors among those who answered."""

from __future__ import annotations

import pytest

from data_access.access import Policy
from data_access.source import open_source
from metrics.periods import Comparison
from tests.metrics.sold import MONTHS, YEAR, agrees, by_hand, check_groups, check_total
from tests.worlds import World, ask_source, nps

BY_HAND = """
WITH given AS (
    SELECT r.response_id AS response_id, r.responded_at, a.score, c.region, c.customer_id IS NULL AS is_stranger,
        COALESCE(CASE WHEN r.customer_id LIKE 'old%' THEN 'c01' ELSE r.customer_id END, r.response_id) AS who,
        r.survey_id AS survey_id, c.country
    FROM survey_responses r
    JOIN surveys s ON s.survey_id = r.survey_id
    JOIN survey_answers a ON a.response_id = r.response_id
    LEFT JOIN customers c ON c.customer_id = CASE WHEN r.customer_id LIKE 'old%' THEN 'c01' ELSE r.customer_id END
    WHERE s.kind = 'nps' AND a.score IS NOT NULL AND COALESCE(r.customer_id, '') <> 'us' AND r.responded_at >= '{start}' AND r.responded_at < '{end}'
), kept AS (
    SELECT * FROM given g WHERE NOT EXISTS (
        SELECT 1 FROM given h WHERE h.who = g.who AND h.survey_id = g.survey_id
        AND (h.responded_at > g.responded_at OR (h.responded_at = g.responded_at AND h.response_id < g.response_id))
    )
)
SELECT (SUM(CASE WHEN score >= 9 THEN 1e2 WHEN score <= 6 THEN -1e2 ELSE 0e0 END)) / NULLIF(COUNT(*), 0), COUNT(*)
FROM kept WHERE {where}
"""


def answering():
    """A company that is answered differently in each month."""
    return World(
        **nps(
            ("ann", 10, "2026-01-02"),
            # February: nobody
            ("ann", 9, "2026-03-01"),
            ("bea", 6, "2026-03-31 23:59:59.999999"),
            ("cid", 0, "2026-04-01"),
            *((f"c{score}", score, "2026-05-10") for score in range(11)),
            ("ann", 0, "2026-06-01"),
            ("ann", 10, "2026-06-20"),
            ("ann", 3, "2026-06-10"),
            (None, 10, "2026-07-01"),
            (None, 10, "2026-07-02"),
            (None, 0, "2026-07-03"),
        )
    )


@pytest.fixture
def asked(engine, shelf):
    """The company that can be counted by eye."""
    return open_source(shelf(engine, "answering", answering))


@pytest.mark.parametrize(
    ("month", "value", "n"),
    [
        pytest.param("2026-01", 100, 1, id="one-promoter"),
        pytest.param("2026-02", None, 0, id="nobody"),
        pytest.param("2026-03", 0, 2, id="the-first-and-the-last-moment"),
        pytest.param("2026-04", -100, 1, id="midnight-after-the-last-day"),
        pytest.param("2026-05", 100 * (2 - 7) / 11, 11, id="one-answer-of-each-score"),
        pytest.param("2026-06", 100, 1, id="the-latest-of-three-answers-of-one-customer"),
        pytest.param("2026-07", 100 / 3, 3, id="answers-without-a-customer-stand-for-themselves"),
    ],
)
def test_nps_counted_by_eye(asked, month, value, n):
    result = ask_source(asked, "nps", month).result
    assert agrees(result.value, value)
    assert result.n == n


def test_of_a_customer_s_answers_the_latest_of_each_month_counts_in_a_trend_and_one_in_the_year(asked):
    frame = ask_source(asked, "nps", "2026", shape="trend").result.frame
    assert frame["n"].tolist() == [1, 0, 2, 1, 11, 1, 3, 0, 0, 0, 0, 0]
    assert frame["value"].iloc[5] == 100
    assert ask_source(asked, "nps", "2026").result.n == 3 + 11 + 3


def test_two_surveys_of_one_customer_are_two_answers(ask_world):
    one, two = nps(("ann", 10, "2026-01-05")), nps(("ann", 0, "2026-01-06"))
    second = {"survey_id": "second", "kind": "nps", "scale_min": 0, "scale_max": 10}
    world = World(
        surveys=[*one["surveys"], second],
        survey_responses=[
            *one["survey_responses"],
            two["survey_responses"][0] | {"survey_id": "second", "response_id": "x"},
        ],
        survey_answers=[*one["survey_answers"], two["survey_answers"][0] | {"response_id": "x"}],
    )
    result = ask_world(world, "nps", "2026-01").result
    assert (result.value, result.n) == (0, 2)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("kind", "scale"), [("csat", (0, 10)), ("nps", (1, 5)), ("nps", (1, 10)), ("custom", (0, 10))])
def test_only_nps_surveys_from_0_to_10_count(ask_world, kind, scale):
    assert ask_world(World(**nps(("ann", 5, "2026-01-05"), kind=kind, scale=scale)), "nps", "2026-01").result.n == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("tables", "notes"),
    [
        pytest.param(
            nps(("ann", 5, "2026-01-05"), kind="csat", scale=(1, 5)), ["nps_other_surveys"], id="another-kind"
        ),
        pytest.param(nps(("ann", 5, "2026-01-05"), scale=(1, 5)), ["nps_other_surveys"], id="another-scale"),
        pytest.param({}, ["nps_no_survey"], id="no-survey"),
        pytest.param(nps(("ann", 5, "2026-01-05")), [], id="answered"),
        pytest.param(nps(("ann", 5, "2026-02-05")), [], id="answered-in-another-month"),
    ],
)
def test_no_score_for_want_of_a_survey_says_which_surveys_there_are(ask_world, tables, notes):
    answer = ask_world(World(orders=[{"customer_id": "ann", "ordered_at": "2026-01-01"}], **tables), "nps", "2026-01")
    said = [item for item in answer.notes if item.key.startswith("nps")]
    assert [item.key for item in said] == notes
    if notes == ["nps_other_surveys"]:
        kind = tables["surveys"][0]["kind"]
        assert dict(said[0].gaps)["kinds"] == f"{kind} (1-5)"


def test_an_answer_of_nobody_is_not_that_of_the_customer_whose_key_is_its_own(ask_world):
    """Systems that count from 1 have a customer 2 and an answer 2."""
    tables = nps(("2", 10, "2026-01-05"), (None, 0, "2026-01-06"))
    for name in ("survey_responses", "survey_answers"):
        tables[name] = [row | {"response_id": str(i)} for i, row in enumerate(tables[name], start=1)]
    world = World(**tables)
    assert ask_world(world, "nps", "2026-01").result.frame[["value", "n"]].values.tolist() == [[0, 2]]
    assert ask_world(world, "nps", "2026-01", shape="trend").result.frame["n"].tolist() == [2]


def test_what_was_not_answered_does_not_count(ask_world):
    tables = nps(("ann", 9, "2026-01-05"), ("bea", 1, None), ("cid", None, "2026-01-06"), ("dan", 11, "2026-01-07"))
    result = ask_world(World(**tables), "nps", "2026-01").result
    assert (result.value, result.n) == (100, 1)


def test_one_response_with_several_scores_is_one_answer(ask_world):
    tables = nps(("ann", 9, "2026-01-05"))
    more = [tables["survey_answers"][0] | {"item_key": key, "score": 0} for key in ("why", "service")]
    dimension = tables["survey_answers"][0] | {"item_key": "a", "score": 0, "dimension": "empathy"}
    tables = {**tables, "survey_answers": [*tables["survey_answers"], dimension, *more]}
    assert ask_world(World(**tables), "nps", "2026-01").result.n == 1


def test_who_may_see_nobody_sees_no_score(engine, shelf):
    source = open_source(shelf(engine, "answering", answering), Policy("no one", regions=()))
    result = ask_source(source, "nps", "2026").result
    assert agrees(result.value, None)
    assert result.n == 0


def test_the_total_and_every_month_are_what_sql_gives(source):
    check_total(source, "nps", BY_HAND)
    frame = ask_source(source, "nps", YEAR, shape="trend").result.frame
    for (_, start, end), row in zip(MONTHS, frame.to_dict("records"), strict=True):
        value, n = by_hand(source, BY_HAND, start, end)
        assert (row["value"], row["n"]) == (pytest.approx(value, nan_ok=True), n)


def test_every_region_is_what_sql_gives(source):
    check_groups(source, "nps", BY_HAND, "region", "region")


def test_the_groups_weighted_by_their_answers_give_the_whole(source):
    whole = ask_source(source, "nps", YEAR).result
    parts = ask_source(source, "nps", YEAR, by="region").result
    assert (parts.frame["value"] * parts.frame["n"]).sum() / whole.n == pytest.approx(whole.value)
    assert parts.n == whole.n


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_interval_is_that_of_a_difference_of_shares_and_none_below_30(ask_world):
    """50 promoters, 30 passives, 20 detractors: 30 -+ 1.96 x 100 sqrt((0.5 + 0.2 - 0.09) / 100) = 30 -+ 15.31."""
    scores = [10] * 50 + [8] * 30 + [0] * 20
    answers = [(f"c{i}", score, "2026-01-05") for i, score in enumerate(scores)]
    result = ask_world(World(**nps(*answers)), "nps", "2026-01").result
    assert result.value == 30
    assert (result.low, result.high) == pytest.approx((30 - 15.308, 30 + 15.308), abs=1e-3)
    few = ask_world(World(**nps(*answers[:29])), "nps", "2026-01").result
    assert agrees(few.low, None)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_fall_of_seven_points_among_ninety_answers_is_noise(ask_world):
    january = [(f"a{i}", 10 if i < 52 else 0 if i < 64 else 8, "2026-01-05") for i in range(87)]
    february = [(f"b{i}", 10 if i < 53 else 0 if i < 69 else 8, "2026-02-05") for i in range(94)]
    change = (
        ask_world(World(**nps(("early", 8, "2025-12-30"), *january, *february)), "nps", "2026-02")
        .result.compared(Comparison.PREVIOUS)
        .change
    )
    assert change.difference == pytest.approx(100 * (37 / 94 - 40 / 87))
    assert change.verdict == "noise"
