"""The rows of the demo company agree with one another: deals, money, tickets, letters, surveys, points."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.data_access.demo_company import Company


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    made = Company()
    yield made
    made.connection.close()


# --- Sales


def test_every_opportunity_has_one_outcome_and_closed_ones_the_day_of_it(company: Company) -> None:
    assert company.number("select count(*) from opportunities where (outcome = 'open') <> (closed_at is null)") == 0
    assert company.number("select count(distinct outcome) from opportunities") == 4
    assert company.number("select count(distinct pipeline_id) from opportunities") == 2
    assert (
        company.number("select count(*) from opportunities join pipelines_stages using (stage_id, outcome)")
        == (company.truths.totals["opportunities"])
    )


def test_stage_history_is_contiguous_and_ends_in_the_present_stage(company: Company) -> None:
    stays = """
        select *, lead(entered_at) over deal as next_entered_at, row_number() over deal as expected_seq,
            seq = max(seq) over (partition by opportunity_id) as is_last
        from stage_history window deal as (partition by opportunity_id order by seq)
    """
    assert company.number(f"select count(*) from ({stays}) where left_at is distinct from next_entered_at") == 0
    assert company.number(f"select count(*) from ({stays}) where seq <> expected_seq or is_initial <> (seq = 1)") == 0
    assert company.number(f"select count(*) from ({stays}) where entered_at >= left_at") == 0
    wrong = company.number(f"""
        select count(*) from opportunities o join ({stays}) s using (opportunity_id)
        where is_last and (o.stage_id <> s.stage_id or o.outcome <> s.outcome
            or (o.outcome <> 'open' and o.closed_at <> s.entered_at and o.closed_at > o.created_at)
            or o.amount_base is distinct from s.amount_base_at)
    """)
    assert wrong == 0
    first = company.number("""
        select count(*) from opportunities join stage_history using (opportunity_id)
        where seq = 1 and entered_at = created_at
    """)
    assert first == company.truths.totals["opportunities"]


def test_deals_skip_go_back_and_are_reopened(company: Company) -> None:
    steps = """
        select *, position - lag(position) over deal as step, lag(outcome) over deal as before
        from stage_history h join pipelines_stages using (stage_id, outcome)
        window deal as (partition by opportunity_id order by seq)
    """
    skipped, back, reopened = company.row(f"""
        select count(*) filter (where outcome = 'open' and before = 'open' and step > 1),
            count(*) filter (where outcome = 'open' and before = 'open' and step < 0),
            count(*) filter (where outcome = 'open' and before = 'lost')
        from ({steps})
    """)
    assert min(skipped, back, reopened) > 50
    assert company.number("select count(*) from stage_history where is_backward") == back


def test_leads_pass_through_their_statuses_in_order(company: Company) -> None:
    assert company.number("select count(distinct status) from leads") == 5
    wrong = company.number("""
        select count(*) from leads where first_response_at < created_at or qualified_at < first_response_at
            or converted_at < qualified_at or (status = 'converted') <> (converted_at is not null)
            or (status = 'converted') <> (converted_opportunity_id is not null)
    """)
    assert wrong == 0
    assert company.number("""
        select count(*) from leads join opportunities on opportunity_id = converted_opportunity_id
        where converted_at = opportunities.created_at and opportunities.lead_id = leads.lead_id
    """) == company.number("select count(*) from leads where status = 'converted'")


# --- Orders and money


def test_the_lines_of_an_order_sum_to_its_net_to_the_cent(company: Company) -> None:
    sums = (
        "select order_id, sum(net) as net, sum(discount) as discount, sum(net_base) as base from order_items group by 1"
    )
    wrong = company.number(f"""
        select count(*) from orders left join ({sums}) lines using (order_id)
        where orders.net is distinct from lines.net or orders.discount is distinct from lines.discount
            or orders.net_base is distinct from lines.base
    """)
    assert wrong == 0
    assert company.number("select count(*) from orders where net <> gross - discount or net <> round(net, 2)") == 0
    assert company.number("select count(*) from order_items where net <> quantity * unit_price - discount") == 0


def test_orders_are_converted_at_the_rate_of_their_local_day(company: Company) -> None:
    wrong = company.number("""
        select count(*)
        from (select *, timezone('Europe/Berlin', timezone('UTC', ordered_at))::date as day from orders) o
        asof join fx_rates r on o.currency = r.currency and o.day >= r.valid_from
        where ordered_at < (select data_as_of from settings)
            and (fx_to_base <> rate_to_base or net_base <> (net::decimal(14, 2) * rate_to_base::decimal(6, 4)))
    """)
    assert wrong == 0
    assert company.rows("select distinct currency from fx_rates order by 1") == [("CNY",), ("EUR",), ("USD",)]
    used = "select count(distinct currency) from orders where net_base is not null"
    assert company.number(used) == 3


def test_refunds_are_what_was_returned(company: Company) -> None:
    wrong = company.number("""
        select count(*) from orders
        join (select order_id, sum(net) filter (where refunded_quantity > 0) as returned from order_items group by 1)
            using (order_id)
        where refunded <> coalesce(returned, 0)
            or status = 'refunded' and refunded <> net
            or status = 'partly_refunded' and not (refunded > 0 and refunded < net)
            or status not in ('refunded', 'partly_refunded') and refunded <> 0
            or refunded_base <> refunded * fx_to_base
    """)
    assert wrong == 0
    fallback = company.number(
        "select count(*) from orders where refunded > 0 and refunded_base is null and fx_to_base > 0"
    )
    assert fallback > 100  # readers have to convert for themselves


def test_credit_notes_are_negative_and_other_documents_are_not(company: Company) -> None:
    assert company.number("select count(*) from orders where (document = 'credit_note') <> (net < 0)") == 0


def test_customers_are_customers_from_their_first_valid_order_or_won_deal(company: Company) -> None:
    wrong = company.number("""
        with firsts as (
            select customer_id, min(moment) as moment from (
                select customer_id, ordered_at as moment from orders
                where status in ('confirmed', 'partly_refunded') and not is_test and document = 'order'
                    and order_id not like 'X-%'
                union all
                select customer_id, h.entered_at from opportunities join stage_history h using (opportunity_id)
                where opportunities.outcome = 'won' and h.outcome = 'won' and left_at is null
            ) group by 1
        )
        select count(*) from customers left join firsts using (customer_id)
        where became_customer_at is distinct from moment and customer_id not like 'X-%' and not is_own_company
    """)
    assert wrong == 0
    assert company.number("select count(*) from customers where became_customer_at < first_seen_at") == 0


# --- Service, marketing, loyalty


def test_ticket_history_is_contiguous_and_ends_in_the_present_status(company: Company) -> None:
    stays = """
        select *, lead(entered_at) over ticket as next_entered_at, row_number() over ticket as expected_seq
        from ticket_history window ticket as (partition by ticket_id order by seq)
    """
    assert (
        company.number(f"""
        select count(*) from ({stays}) where left_at is distinct from next_entered_at or seq <> expected_seq
    """)
        == 0
    )
    last = company.number("""
        select count(*) from tickets join ticket_history h using (ticket_id)
        where h.left_at is null and h.status = tickets.status
    """)
    assert last == company.truths.totals["tickets"]
    assert (
        company.number("""
        select count(*) from tickets where first_response_at < opened_at or resolved_at < opened_at
            or closed_at < resolved_at or (status in ('resolved', 'closed')) <> (resolved_at is not null)
    """)
        == 0
    )


def test_held_out_people_get_nothing_and_others_have_no_recorded_arm(company: Company) -> None:
    assert (
        company.number("""
        select count(*) from campaign_members
        where is_control and (sent_at is not null or opened_at is not null or clicked_at is not null)
            or clicked_at < opened_at or opened_at < sent_at or (bounced_at is not null and delivered_at is not null)
    """)
        == 0
    )
    tested = {lift.campaign_id for lift in company.truths.campaign_lifts}
    assert {
        row[0] for row in company.rows("select campaign_id from campaign_members where is_control is not null")
    } == tested
    for lift in company.truths.campaign_lifts:
        share, members = company.row(
            "select avg(is_control::int), count(*) from campaign_members where campaign_id = ?", lift.campaign_id
        )
        assert members == lift.members
        assert share == pytest.approx(0.30, abs=4 * (0.21 / members) ** 0.5)


def test_every_wave_has_answers_on_its_scale_and_people_who_did_not_answer(company: Company) -> None:
    assert (
        company.number("""
        select count(*) from survey_answers join survey_responses using (response_id) join surveys using (survey_id)
        where score not between scale_min and scale_max or score_0_1 not between 0 and 1 or responded_at is null
    """)
        == 0
    )
    rates = company.rows("""
        select kind, count(responded_at) / count(*) from survey_responses join surveys using (survey_id) group by 1
    """)
    assert {kind for kind, _ in rates} == {"nps", "csat", "ces", "servqual"}
    assert all(0.2 < rate < 0.45 for _, rate in rates)


def test_the_points_of_a_membership_add_up_and_are_never_below_zero(company: Company) -> None:
    wrong = company.number("""
        with running as (
            select loyalty_id, points,
                sum(points) over (partition by loyalty_id order by occurred_at, points desc) as balance
            from loyalty_ledger
        )
        select count(*) from (select loyalty_id, sum(points) as total, min(balance) as least from running group by 1)
        join loyalty_accounts using (loyalty_id) where total <> points_balance or least < 0
    """)
    assert wrong == 0


def test_targets_stand_for_whole_months_of_the_company_and_of_regional_teams(company: Company) -> None:
    assert company.number("select count(*) from targets where period_end <> last_day(period_start)") == 0
    assert company.rows("select distinct scope_type, metric from targets order by all") == [
        ("company", "new_customers"),
        ("company", "nps"),
        ("company", "revenue"),
        ("company", "win_rate"),
        ("team", "new_customers"),
        ("team", "revenue"),
    ]


def test_names_are_in_latin_and_in_chinese_script_and_addresses_reach_nobody(company: Company) -> None:
    for table, column in (("customers", "name"), ("users", "name"), ("products", "name"), ("campaigns", "name")):
        chinese = company.number(rf"select avg(regexp_matches({column}, '\p{{Han}}')::int) from {table}")
        assert 0.05 < chinese < 0.5, table
    assert (
        company.number("select count(*) from customers where region = 'China' and not regexp_matches(name, '\\p{Han}')")
        <= (company.truths.dirt["duplicate_customers"])
    )
    for table in ("customers", "contacts"):
        mails = company.rows(f"select email from {table} where email is not null")
        assert all(re.search(r"@example\.(com|net|org)$", mail, re.IGNORECASE) for (mail,) in mails)
