"""metrics/revenue_change.py: why revenue moved, in parts that add up to the change."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from math import prod

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_access.access import Policy
from data_access.errors import QuestionError
from data_access.source import open_source
from metrics.periods import Comparison, Period
from metrics.revenue_change import BY, FACTORS
from metrics.statistics import Verdict
from tests.company import REGIONS, company
from tests.metrics.sold import SALE, YEAR, YEAR_END, YEAR_START, by_hand
from tests.worlds import Place, World, ask_source, days, forget

BEFORE = ("2024-06-30 22:00:00.000000", "2025-06-18 16:00:00.000001")
MAY, APRIL = (
    ("2026-04-30 22:00:00.000000", "2026-05-31 22:00:00.000000"),
    ("2026-03-31 22:00:00.000000", "2026-04-30 22:00:00.000000"),
)
REVENUE = SALE + "SELECT COALESCE(SUM(revenue), 0), SUM(is_order) FROM asked WHERE {where}"
BUYERS = SALE + "SELECT COUNT(DISTINCT customer_id), SUM(is_order) FROM asked WHERE is_order = 1 AND {where}"


def moved():
    """January: 2 customers, an order of 100 each. February: 3 customers, two orders of 50 each. March: nothing.

    April: 3 customers as in February, of whom one was given back 60; May: only that customer, credited 10.
    """
    regions = [{"customer_id": name, "region": region} for name, region in zip("abc", ("N", "S", None), strict=True)]
    rows = [("2026-01-05", who, 100) for who in "ab"]
    rows += [(f"2026-02-{day}", who, 50) for who in "abc" for day in ("10", "20")]
    rows += [("2026-04-10", who, 100) for who in "abc"]
    orders = [{"ordered_at": at, "customer_id": who, "net": net} for at, who, net in rows]
    notes = [("2026-04-30 23:59:59", -60), ("2026-05-01", -10)]
    orders += [{"ordered_at": at, "customer_id": "c", "net": net, "document": "credit_note"} for at, net in notes]
    return World(orders=orders, customers=regions)


@pytest.fixture
def eye(engine, shelf):
    """The company that can be counted by eye."""
    return open_source(shelf(engine, "moved", moved))


def changes(result):
    """Part to change."""
    return dict(zip(result.frame["part"], result.frame["change"], strict=True))


def check_sum(result):
    """The parts add up to the change, and their shares to one."""
    whole = result.after - result.before
    assert result.frame["change"].sum() == pytest.approx(whole, rel=1e-12, abs=1e-9)
    assert result.frame["share"].sum() == pytest.approx(1 if whole else 0)
    for row in result.frame.to_dict("records"):
        assert not whole or row["share"] == pytest.approx(row["change"] / whole)


# -- counted by eye -------------------------------------------------------------------------------------------------
def test_each_factor_is_its_effect_averaged_over_every_order_of_replacing_them(eye):
    """2 x 1 x 100 becomes 3 x 2 x 50. Replaced first, in the middle and last, customers bring 100, 200 or 50, 100."""
    result = ask_source(eye, "revenue_change", "2026-02").result
    frame = result.frame.set_index("part")
    assert list(frame.index) == list(FACTORS)
    assert frame["before"].tolist() == [2, 1, 100]
    assert frame["after"].tolist() == [3, 2, 50]
    assert changes(result) == pytest.approx({
        "customers": (2 * 100 + 200 + 50 + 2 * 100) / 6,
        "orders_per_customer": (2 * 200 + 300 + 100 + 2 * 150) / 6,
        "value_per_order": -50 * (2 * 2 + 3 + 4 + 2 * 6) / 6,
    })  # fmt: skip
    assert (result.before, result.after, result.n, result.kind) == (200, 300, 6, "factors")
    check_sum(result)


def test_groups_are_what_each_brought_now_less_then_the_largest_change_first(eye):
    result = ask_source(eye, "revenue_change", "2026-02", by="region").result
    frame = result.frame.assign(part=result.frame["part"].fillna("not recorded"))
    assert frame[["part", "before", "after", "change", "share"]].to_numpy().tolist() == [
        ["not recorded", 0, 100, 100, 1], ["N", 100, 100, 0, 0], ["S", 100, 100, 0, 0],
    ]  # fmt: skip


def test_a_month_in_which_nothing_was_sold_loses_all_of_the_month_before(eye):
    result = ask_source(eye, "revenue_change", "2026-03").result
    assert (result.before, result.after, result.n) == (300, 0, 0)
    assert result.frame["after"].tolist() == [0, 0, 0]
    assert result.frame["change"].tolist() == pytest.approx([-100, -100, -100])
    check_sum(result)


def test_a_month_after_one_in_which_nothing_was_sold_gains_all_of_it(eye):
    result = ask_source(eye, "revenue_change", "2026-04").result
    assert (result.before, result.after, result.n) == (0, 240, 3)
    assert result.frame["change"].tolist() == pytest.approx([80, 80, 80])


def test_credit_notes_of_a_month_without_orders_are_value_per_order(eye):
    """240 of April become -10 in May: the three factors lose 80 each, and 10 belong to no factor."""
    result = ask_source(eye, "revenue_change", "2026-05").result
    assert (result.before, result.after, result.n) == (240, -10, 0)
    assert result.frame["change"].tolist() == pytest.approx([-80, -80, -90])
    check_sum(result)


def test_a_factor_that_did_not_move_has_no_part(ask_world):
    """Twice the customers, everything else alike."""
    orders = [{"customer_id": f"c{i}", "ordered_at": f"2026-0{m}-05"} for m in (1, 2) for i in range(m)]
    result = ask_world(World(orders=orders), "revenue_change", "2026-02").result
    assert changes(result) == {"customers": 100, "orders_per_customer": 0, "value_per_order": 0}


def test_one_order_is_explained_and_not_judged(ask_world):
    orders = [{"ordered_at": "2026-01-01", "net": 50}, {"ordered_at": "2026-02-01", "net": 80}]
    result = ask_world(World(orders=orders), "revenue_change", "2026-02").result
    assert changes(result) == {"customers": 0, "orders_per_customer": 0, "value_per_order": 30}
    assert result.change.verdict is Verdict.TOO_FEW


@pytest.mark.parametrize("by", ["factors", "region"])
def test_nothing_known_before_is_no_zero(eye, by):
    """January is the first month of the data: what December brought is not known, nor is any change."""
    result = ask_source(eye, "revenue_change", "2026-01", by=by).result
    assert pd.isna(result.before)
    assert (result.after, result.n) == (200, 2)
    assert result.frame[["before", "change", "share"]].isna().all(axis=None)
    assert result.frame["after"].notna().all()
    assert result.change.verdict is Verdict.NO_BASELINE
    if by == "region":
        assert set(result.frame["verdict"]) == {"no_baseline"}


@pytest.mark.parametrize("by", ["factors", "region"])
@pytest.mark.parametrize(("when", "note"), [("2028", "period_not_begun"), ("2025", "period_before_data")])
def test_a_period_outside_the_data_is_no_zero_and_no_loss(eye, when, note, by):
    answer = ask_source(eye, "revenue_change", when, by=by)
    assert pd.isna(answer.result.after)
    assert answer.result.n == 0
    assert answer.result.frame[["after", "change"]].isna().all(axis=None)
    assert [item.key for item in answer.notes] == [note]


@pytest.mark.parametrize("by", ["factors", "region"])
def test_a_company_that_sold_nothing_has_nothing_to_explain(ask_world, by):
    result = ask_world(World(), "revenue_change", "2026", by=by).result
    assert pd.isna(result.before)
    assert pd.isna(result.after)
    assert result.frame["change"].isna().all()
    assert result.n == 0


def test_who_may_see_nobody_sees_no_money(engine, shelf):
    source = open_source(shelf(engine, "moved", moved), Policy("no one", regions=()))
    result = ask_source(source, "revenue_change", "2026-02").result
    assert (result.before, result.after, result.n) == (0, 0, 0)
    assert result.frame["change"].tolist() == [0, 0, 0]
    assert result.frame["share"].isna().all()
    assert ask_source(source, "revenue_change", "2026-02", by="region").result.frame.empty


def test_orders_without_a_rate_are_said(ask_world):
    orders = [{"ordered_at": "2026-01-01"}, {"ordered_at": "2026-02-01"}, {"ordered_at": "2026-02-02", "currency": "X"}]
    answer = ask_world(World(orders=orders), "revenue_change", "2026-02")
    assert ("rows_without_rate", (("n", 1),)) in [(note.key, note.gaps) for note in answer.notes]
    assert not [n for n in ask_world(World(orders=orders), "revenue_change", "2026-01").notes if "rate" in n.key]


def test_a_month_before_that_was_recorded_in_part_is_shown_and_not_judged(ask_world):
    orders = [{"ordered_at": day, "customer_id": f"c{i}"} for i, day in enumerate(days("2026-01-20", 60))]
    answer = ask_world(World(orders=orders), "revenue_change", "2026-02")
    assert (answer.result.before, answer.result.after) == (1200, 2800)
    assert answer.result.change.verdict is Verdict.NO_BASELINE
    assert [note.key for note in answer.notes] == ["baseline_partial"]


# -- the same by hand -----------------------------------------------------------------------------------------------
def levels(source, start, end):
    """customers, orders per customer, value per order, from hand-written SQL."""
    buyers, orders = by_hand(source, BUYERS, start, end)
    money, same = by_hand(source, REVENUE, start, end)
    assert orders == same > 0
    return buyers, orders / buyers, money / orders


def replaced(before, after):
    """Each factor's effect, averaged over the six orders in which the three can be replaced one after the other."""
    effect = [0.0, 0.0, 0.0]
    for order in permutations(range(3)):
        now = list(before)
        for factor in order:
            then = prod(now)
            now[factor] = after[factor]
            effect[factor] += (prod(now) - then) / 6
    return effect


@pytest.mark.parametrize(
    ("when", "comparison", "now", "then"),
    [
        pytest.param(YEAR, "year", (YEAR_START, YEAR_END), BEFORE, id="an-unfinished-year"),
        pytest.param("2026-05", "previous", MAY, APRIL, id="a-month"),
    ],
)
def test_the_factors_are_what_sql_gives(source, when, comparison, now, then):
    result = ask_source(source, "revenue_change", when, comparison=comparison).result
    after, before = levels(source, *now), levels(source, *then)
    assert result.frame["after"].tolist() == pytest.approx(after)
    assert result.frame["before"].tolist() == pytest.approx(before)
    assert result.frame["change"].tolist() == pytest.approx(replaced(before, after))
    assert (result.after, result.before) == (pytest.approx(prod(after)), pytest.approx(prod(before)))
    assert result.n == round(after[0] * after[1])


@pytest.mark.parametrize("dimension", ["region", "segment", "channel"])
def test_the_groups_are_what_sql_gives(source, dimension):
    frame = ask_source(source, "revenue_change", YEAR, by=dimension, comparison="year").result.frame
    assert len(frame) > 2
    for row in frame.to_dict("records"):
        where = f"{dimension} IS NULL" if pd.isna(row["part"]) else f"{dimension} = '{row['part']}'"
        after, _ = by_hand(source, REVENUE, YEAR_START, YEAR_END, where)
        before, _ = by_hand(source, REVENUE, *BEFORE, where)
        assert (row["after"], row["before"]) == (pytest.approx(after), pytest.approx(before)), row["part"]
        assert row["change"] == pytest.approx(after - before)


@pytest.mark.parametrize("by", BY)
def test_the_parts_of_every_split_add_up_to_the_change_of_revenue(source, by):
    comparison = "year"
    result = ask_source(source, "revenue_change", "2026-04-01..2026-06-01", by=by, comparison=comparison).result
    revenue = ask_source(source, "revenue", "2026-04-01..2026-06-01", comparison=comparison).result
    met = revenue.compared(Comparison(comparison))
    assert (result.after, result.before) == pytest.approx((revenue.value, met.value), rel=1e-12)
    assert (result.now, result.then, result.n) == (met.now, met.then, revenue.n)
    assert result.change[:-1] == pytest.approx(met.change[:-1], rel=1e-9, nan_ok=True)  # added up in another order
    assert result.change.verdict == met.change.verdict
    check_sum(result)
    sizes = result.frame["change"].abs().tolist()
    assert by == "factors" or sizes == sorted(sizes, reverse=True)


# -- unfinished -----------------------------------------------------------------------------------------------------
def test_an_unfinished_month_meets_the_same_days_of_the_month_before(engine, shelf):
    """One order a day: 100 up to the end of February, then 200, known up to 10 March, 18:00."""

    def daily():
        rows = [{"ordered_at": day, "customer_id": day, "net": 100} for day in days("2026-01-01", 59)]
        return World(
            orders=rows + [{"ordered_at": day, "customer_id": day, "net": 200} for day in days("2026-03-01", 31)]
        )

    source = open_source(shelf(engine, "daily", daily), as_of=pd.Timestamp("2026-03-10 18:00"))
    answer = ask_source(source, "revenue_change", "2026-03")
    assert (answer.result.before, answer.result.after) == (1000, 2000)
    assert changes(answer.result) == pytest.approx({"customers": 0, "orders_per_customer": 0, "value_per_order": 1000})
    assert answer.result.then.end == pd.Timestamp("2026-02-10 18:00:00.000001")
    assert not answer.result.now.is_finished
    assert [note.key for note in answer.notes] == ["unfinished_period"]


# -- any period and any filters -------------------------------------------------------------------------------------
CHOSEN = st.fixed_dictionaries(
    {},
    optional={
        "region": st.sampled_from((*REGIONS, "(none)")),
        "channel": st.sampled_from(("web", "shop", "(none)")),
        "category": st.sampled_from(("Bikes", "Service", "(none)")),
    },
)
SPANS = st.builds(
    lambda first, length: Period(date(2025, 1, 1) + timedelta(first), date(2025, 1, 1) + timedelta(first + length)),
    st.integers(0, 520),
    st.integers(1, 200),
)


@pytest.fixture(scope="module")
def sqlite_company(tmp_path_factory):
    """The company on the engine that is quicker for many small questions; engines are held together above."""
    folder = tmp_path_factory.mktemp("revenue_change")
    url = Place("sqlite", folder, folder).write(company())
    yield open_source(url)
    forget(url)


@settings(max_examples=60)
@given(when=SPANS, where=CHOSEN, by=st.sampled_from(BY), comparison=st.sampled_from(list(Comparison)))
def test_the_parts_add_up_whatever_is_asked(sqlite_company, when, where, by, comparison):
    result = ask_source(sqlite_company, "revenue_change", when, where=where, by=by, comparison=comparison.value).result
    revenue = ask_source(sqlite_company, "revenue", when, where=where).result
    assert result.after == pytest.approx(revenue.value, nan_ok=True)
    assert result.before == pytest.approx(revenue.compared(comparison).value, nan_ok=True)
    if pd.isna(result.before) or pd.isna(result.after):
        assert result.frame["change"].isna().all()
    else:
        assert result.frame["change"].sum() == pytest.approx(result.after - result.before, abs=1e-6)


@settings(max_examples=8)
@given(when=SPANS, where=CHOSEN, more=CHOSEN)
def test_one_filter_more_only_takes_away(sqlite_company, when, where, more):
    less = ask_source(sqlite_company, "revenue_change", when, where=more | where).result
    whole = ask_source(sqlite_company, "revenue_change", when, where=where).result
    assert less.n <= whole.n
    assert less.frame["after"].iloc[0] <= whole.frame["after"].iloc[0] or pd.isna(whole.after)


def test_a_split_by_what_there_is_not_is_refused_with_what_there_is(eye):
    with pytest.raises(QuestionError, match=r"cannot be 'colour'; choose one of factors, region"):
        ask_source(eye, "revenue_change", "2026", by="colour")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_data_that_begin_with_the_first_moment_of_a_month_tell_nothing_of_the_month_before(ask_world):
    world = World(orders=[{"ordered_at": day} for day in days("2026-01-01", 40)])
    for by in ("factors", "region"):
        result = ask_world(world, "revenue_change", "2026-01", by=by).result
        assert (result.after, pd.isna(result.before)) == (3100, True)
        assert result.frame["before"].isna().all()
    assert pd.isna(ask_world(world, "revenue", "2026-01").result.compared(Comparison.PREVIOUS).value)


@pytest.mark.parametrize("by", ["factors", "region", "channel"])
def test_a_period_whose_sales_have_no_rate_has_no_revenue_to_explain_and_not_0(ask_world, by):
    world = World(
        customers=[{"customer_id": "ann", "region": "North"}],
        orders=[
            *({"customer_id": "ann", "ordered_at": day, "net": 100} for day in days("2026-01-01", 90)),
            {"customer_id": "ann", "ordered_at": "2026-04-10", "net": 70, "currency": "XTS"},
        ],
    )
    result = ask_world(world, "revenue_change", "2026-04", by=by).result
    assert (pd.isna(result.after), result.before) == (True, 3100)
    assert result.frame["change"].isna().all()
    assert [note.key for note in result.notes if note.key == "rows_without_rate"]


def test_where_the_whole_is_not_known_a_part_that_sold_nothing_explains_nothing(ask_world):
    """Ann and Bea bought in February; in March only Bea did, at a rate that nobody knows."""
    world = World(
        customers=[{"customer_id": "ann", "region": "North"}, {"customer_id": "bea", "region": "South"}],
        orders=[
            *({"customer_id": who, "ordered_at": "2026-02-10", "net": 100} for who in ("ann", "bea")),
            {"customer_id": "bea", "ordered_at": "2026-03-10", "net": 70, "currency": "XTS"},
            {"customer_id": "bea", "ordered_at": "2026-01-10", "net": 70},
        ],
    )
    result = ask_world(world, "revenue_change", "2026-03", by="region").result
    assert (pd.isna(result.after), result.before) == (True, 200)
    assert result.frame["change"].isna().all()


def test_sales_without_a_rate_are_left_out_of_a_part_as_they_are_of_the_whole(ask_world):
    world = World(
        customers=[{"customer_id": "ann", "region": "North"}, {"customer_id": "bea", "region": "South"}],
        orders=[
            *(
                {"customer_id": name, "ordered_at": day, "net": 100}
                for day in days("2026-01-01", 90)
                for name in ("ann", "bea")
            ),
            {"customer_id": "ann", "ordered_at": "2026-04-10", "net": 70, "currency": "XTS"},
            {"customer_id": "bea", "ordered_at": "2026-04-11", "net": 50},
        ],
    )
    result = ask_world(world, "revenue_change", "2026-04", by="region").result
    parts = result.frame.set_index("part")["change"].to_dict()
    assert (result.after, result.before, parts) == (50, 6200, {"North": -3100, "South": -3050})
    assert parts["North"] + parts["South"] == result.after - result.before
