"""Every planted truth is really in the rows, beyond noise, and none of them is in a null company."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
import pytest

from data_access.demo.truths import CampaignLift
from tests.data_access.demo_company import Company

LAST_YEAR = "local_at >= timestamp '2025-06-01' and local_at < timestamp '2026-06-01'"
YEAR_BEFORE = "local_at >= timestamp '2024-06-01' and local_at < timestamp '2025-06-01'"


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    made = Company()
    yield made
    made.connection.close()


@pytest.fixture(scope="module")
def null_company() -> Iterator[Company]:
    made = Company(null=True)
    yield made
    made.connection.close()


def difference(hits: int, cases: int, other_hits: int, other_cases: int) -> tuple[float, float]:
    """Of two shares: their difference and its standard error."""
    share, other = hits / cases, other_hits / other_cases
    return share - other, sqrt(share * (1 - share) / cases + other * (1 - other) / other_cases)


def observed_lift(company: Company, lift: CampaignLift) -> tuple[float, float]:
    """Share of converted members, sent minus held out, with its standard error."""
    arms = {
        held_out: (converted, members)
        for held_out, members, converted in company.rows(
            """
            select is_control, count(*), count(*) filter (where exists (
                select 1 from valid_orders o
                where o.customer_id = m.customer_id and ordered_at >= first_sent_at
                    and ordered_at < first_sent_at + to_days(?)))
            from campaign_members m where campaign_id = ? group by 1
            """,
            lift.conversion_days,
            lift.campaign_id,
        )
    }
    return difference(*arms[False], *arms[True])


def test_the_campaign_with_a_lift_has_it(company: Company) -> None:
    lift = company.truths.campaign_with_lift
    assert lift is not None
    effect, error = observed_lift(company, lift)
    assert lift.lift_points > 0.08
    assert effect / error > 4
    assert abs(effect - lift.lift_points) < 2.5 * error


def test_the_campaign_without_a_lift_has_none_and_yet_orders_to_its_name(company: Company) -> None:
    lift = company.truths.campaign_without_lift
    effect, error = observed_lift(company, lift)
    assert lift.lift_points == 0
    assert abs(effect) < 2 * error
    attributed = company.number("select count(*) from orders where campaign_id = ?", lift.campaign_id)
    assert attributed > 20


def test_every_stated_lift_lies_near_the_observed_one(company: Company) -> None:
    assert len(company.truths.campaign_lifts) == 4
    for lift in company.truths.campaign_lifts:
        effect, error = observed_lift(company, lift)
        assert abs(effect - lift.lift_points) < 3 * error, lift


def leaving(company: Company, category: str) -> tuple[float, float]:
    """Share of orders that no other follows within 180 days: with a ticket of the category minus without any ticket."""
    with_cause, cases, without, others = company.row(
        """
        with nexts as (
            select order_id, ordered_at, lead(ordered_at) over (partition by customer_id order by ordered_at) as next_at
            from valid_orders
        ), judged as (
            select coalesce(next_at > ordered_at + interval 180 day, true) as is_last, category
            from nexts left join tickets on tickets.ticket_id = 'T' || substr(nexts.order_id, 2)
            where ordered_at < (select data_as_of from settings) - interval 180 day
        )
        select count(*) filter (where is_last and category = ?), count(*) filter (where category = ?),
            count(*) filter (where is_last and category is null), count(*) filter (where category is null)
        from judged
        """,
        category,
        category,
    )
    return difference(with_cause, cases, without, others)


def test_customers_leave_after_a_ticket_of_the_churn_cause(company: Company) -> None:
    cause = company.truths.churn_cause
    assert cause is not None
    more, error = leaving(company, cause.category)
    assert more / error > 8
    assert more > 0.2
    for (category,) in company.rows("select distinct category from tickets where category <> ?", cause.category):
        more, error = leaving(company, category)
        assert abs(more) < 3.5 * error, category


def overall_weights(company: Company) -> dict[str, float]:
    """Least squares of the overall answer on the mean perception of each dimension."""
    dimensions = ["tangibles", "reliability", "responsiveness", "assurance", "empathy"]
    means = ", ".join(f"avg(score) filter (where dimension = '{d}' and perspective = 'perception')" for d in dimensions)
    rows = company.rows(f"""
        select {means}, max(score) filter (where item_key = 'overall')
        from survey_answers where response_id like 'SERVQUAL%' group by response_id
    """)
    answers = np.array(rows, dtype=float)
    design = np.column_stack([np.ones(len(answers)), answers[:, :5]])
    weights = np.linalg.lstsq(design, answers[:, 5], rcond=None)[0][1:]
    return dict(zip(dimensions, weights / weights.sum(), strict=True))


def test_the_driver_of_satisfaction_moves_the_overall_answer(company: Company) -> None:
    driver = company.truths.satisfaction_driver
    assert driver is not None
    weights = overall_weights(company)
    assert max(weights, key=weights.__getitem__) == driver.dimension
    assert weights == pytest.approx(dict(driver.weights), abs=0.08)


def tickets_per_order(company: Company, category: str, day: object) -> list[tuple[int, int]]:
    """(Tickets, valid orders) before the day and from it on."""
    rows = company.rows(
        """
        select local_at::date >= ? as is_after, count(ticket_id), count(*)
        from valid_orders left join tickets
            on tickets.ticket_id = 'T' || substr(valid_orders.order_id, 2) and category = ?
        group by 1 order by 1
        """,
        day,
        category,
    )
    return [(tickets, orders) for _, tickets, orders in rows]


def test_the_root_cause_is_gone_from_the_day_of_its_repair(company: Company) -> None:
    cause = company.truths.fixed_root_cause
    assert cause is not None
    before, after = tickets_per_order(company, cause.category, cause.fixed_on)
    fall, error = difference(*before, *after)
    assert fall / error > 10
    assert before[0] / before[1] == pytest.approx(cause.rate_before, abs=0.004)
    assert after[0] / after[1] == pytest.approx(cause.rate_after, abs=0.003)
    churn_cause = company.truths.churn_cause
    assert churn_cause is not None
    steady, error = difference(
        *(n for pair in tickets_per_order(company, churn_cause.category, cause.fixed_on) for n in pair)
    )
    assert abs(steady) < 3 * error


def affinity(company: Company, product: str, other: str) -> float:
    """P(both) / (P(one) P(other)) over baskets."""
    return company.number(
        """
        with baskets as (
            select order_id, bool_or(product_id = ?) as one, bool_or(product_id = ?) as other
            from order_items join valid_orders using (order_id) group by 1
        )
        select avg((one and other)::int) / (avg(one::int) * avg(other::int)) from baskets
        """,
        product,
        other,
    )


def test_the_product_pair_goes_into_one_basket(company: Company) -> None:
    pair = company.truths.product_pair
    assert pair is not None
    assert affinity(company, pair.product_id, pair.other_product_id) > 8
    assert affinity(company, pair.product_id, "PR-000") < 2


def test_the_low_value_channel_brings_customers_who_buy_less(company: Company) -> None:
    rows = company.rows("""
        select acquired_channel, sum(revenue)::double / count(distinct customer_id),
            count(*) / count(distinct customer_id)
        from valid_orders group by 1
    """)
    values = {channel: (revenue, orders) for channel, revenue, orders in rows}
    low = values.pop(str(company.truths.low_value_channel))
    for channel, other in values.items():
        assert low[0] < 0.5 * other[0], channel
        assert low[1] < 0.7 * other[1], channel


def growth_by_region(company: Company, what: str) -> dict[str, float]:
    """The last twelve full months by the twelve before."""
    return dict(
        company.rows(f"""
            select region, {what} filter (where {LAST_YEAR})::double / {what} filter (where {YEAR_BEFORE})
            from valid_orders group by 1
        """)
    )


@pytest.mark.parametrize("what", ["sum(revenue)", "count(order_id)", "count(distinct customer_id)"])
def test_one_region_grows_and_one_shrinks(company: Company, what: str) -> None:
    growth = growth_by_region(company, what)
    growing, shrinking = (
        growth.pop(str(company.truths.growing_region)),
        growth.pop(str(company.truths.shrinking_region)),
    )
    assert growing > 1.3
    assert shrinking < (0.85 if "customer_id" not in what else 0.95)
    assert all(shrinking < other < growing for other in growth.values())


def steps_out_of_proposal(company: Company, since: object) -> list[tuple[int, int]]:
    """(Deals that went on, deals decided) by whether they entered Proposal before the day or from it on."""
    rows = company.rows(
        """
        with entered as (
            select opportunity_id, min(entered_at) filter (where stage_id = 'new_proposal') as proposed_at,
                bool_or(stage_id in ('new_negotiation', 'new_won')) as went_on, max_by(stage_id, seq) as present
            from stage_history group by 1
        )
        select proposed_at >= ?::timestamp as is_after, count(*) filter (where went_on), count(*) from entered
        where proposed_at is not null and present <> 'new_proposal'
        group by 1 order by 1
        """,
        since,
    )
    return [(went_on, deals) for _, went_on, deals in rows]


def test_a_stage_became_a_bottleneck_on_a_day(company: Company) -> None:
    bottleneck = company.truths.bottleneck
    assert bottleneck is not None
    before, after = steps_out_of_proposal(company, bottleneck.since)
    fall, error = difference(*before, *after)
    assert fall / error > 5
    assert before[0] / before[1] == pytest.approx(bottleneck.rate_before, abs=0.05)
    assert after[0] / after[1] == pytest.approx(bottleneck.rate_after, abs=0.07)


def test_december_is_busier_than_august_and_monday_than_sunday(company: Company) -> None:
    december, august = company.row("""
        select count(*) filter (where month(local_at) = 12), count(*) filter (where month(local_at) = 8)
        from valid_orders
    """)
    monday, sunday = company.row("""
        select count(*) filter (where isodow(local_at) = 1), count(*) filter (where isodow(local_at) = 7)
        from valid_orders
    """)
    assert december > 1.2 * august
    assert monday > 1.7 * sunday


def test_customers_come_back_less_and_less_and_unequally(company: Company) -> None:
    months = company.rows("""
        with firsts as (select customer_id, date_trunc('month', min(local_at)) as cohort from valid_orders group by 1)
        select date_diff('month', cohort, date_trunc('month', local_at)) as age, count(distinct customer_id)
        from valid_orders join firsts using (customer_id)
        where cohort < timestamp '2024-06-01'
        group by 1 having age in (0, 1, 6, 12, 24) order by 1
    """)
    returned = [customers / months[0][1] for _, customers in months]
    assert returned == sorted(returned, reverse=True)
    assert 0.3 < returned[1] < 0.6
    assert 0.04 < returned[-1] < 0.2
    mean, variance = company.row(
        "select avg(n), var_samp(n) from (select count(*) n from valid_orders group by customer_id)"
    )
    assert variance > 4 * mean  # far from Poisson: customers differ


def test_cohorts_are_of_different_sizes(company: Company) -> None:
    sizes = company.rows("""
        select count(*) from (select min(local_at) as first_at from valid_orders group by customer_id)
        where first_at < timestamp '2026-06-01' group by date_trunc('month', first_at) order by 1
    """)
    assert len(sizes) == 36
    assert sizes[-1][0] > 2 * sizes[0][0]


# --- Null company


def test_nothing_is_planted_in_a_null_company(null_company: Company) -> None:
    truths = null_company.truths
    assert truths.null
    effects = (
        truths.campaign_with_lift,
        truths.churn_cause,
        truths.satisfaction_driver,
        truths.fixed_root_cause,
        truths.product_pair,
        truths.low_value_channel,
        truths.growing_region,
        truths.shrinking_region,
        truths.bottleneck,
    )
    assert set(effects) == {None}
    assert all(lift.lift_points == 0 for lift in truths.campaign_lifts)


def test_in_a_null_company_no_campaign_cause_or_stage_differs_beyond_noise(null_company: Company) -> None:
    for lift in null_company.truths.campaign_lifts:
        effect, error = observed_lift(null_company, lift)
        assert abs(effect) < 3 * error, lift
    for (category,) in null_company.rows("select distinct category from tickets"):
        more, error = leaving(null_company, category)
        assert abs(more) < 3.5 * error, category
        before, after = tickets_per_order(null_company, category, "2025-09-15")
        change, error = difference(*before, *after)
        assert abs(change) < 3.5 * error, category
    before, after = steps_out_of_proposal(null_company, "2025-11-03")
    fall, error = difference(*before, *after)
    assert abs(fall) < 3 * error
    assert overall_weights(null_company) == pytest.approx(dict.fromkeys(overall_weights(null_company), 0.2), abs=0.08)


def test_in_a_null_company_months_differ_only_by_chance(null_company: Company) -> None:
    since = null_company.truths.stationary_from
    newcomers = np.array(
        null_company.rows(
            """
            select count(*) from (select min(local_at) as first_at from valid_orders group by customer_id)
            where first_at >= ?::timestamp and first_at < timestamp '2026-06-01' group by date_trunc('month', first_at)
            """,
            since,
        ),
        dtype=float,
    )
    dispersion = newcomers.var(ddof=1) / newcomers.mean()  # of Poisson counts: 1, give or take sqrt(2 / 35)
    assert len(newcomers) == 36
    assert abs(dispersion - 1) < 3 * sqrt(2 / 35)
    for what in ("count(order_id)", "count(distinct customer_id)"):
        assert all(0.67 < growth < 1.5 for growth in growth_by_region(null_company, what).values())
    december, february = null_company.row("""
        select count(*) filter (where month(local_at) = 12), count(*) filter (where month(local_at) = 2)
        from valid_orders where local_at >= timestamp '2023-06-01'
    """)
    assert december == pytest.approx(february, rel=0.1)  # months are alike, whatever their length
