-- Deals with customers who are companies: offers that led to one of their orders, and offers that led to nothing.
-- Orders of the next weeks are known here, so that offers for them are open today.

create or replace temp table existing_deals as
with offered as (
    select order_no, order_id, n, ordered_at, draw('offer', order_no) as offer_u,
        draw('offer skips', order_no) < 0.10 as skips, draw('offer reach', order_no) as reach_u,
        draw('offer back', order_no) < 0.06 as goes_back, min(ordered_at) over (partition by n) as first_ordered_at
    from all_orders
    where kind = 'company' and turn < 9000 and fate = 'confirmed'
), split as (
    select *, offer_u < 0.070 as wins from offered where offer_u < 0.125 and ordered_at > first_ordered_at
)
select 100000000000 + order_no as deal_no, n, order_no, 'existing_business' as pipeline_id, first_ordered_at,
    case when not wins then later(ordered_at, 3) end as started_at,
    case when wins then ordered_at - interval 20 minute end as ended_at,
    case when wins then [1] || case when skips then [] else [2] end || case when goes_back then [3, 2] else [] end
            || [3, 4]
        when reach_u < 0.05 then [1, 6] when reach_u < 0.35 then [1, 5] when reach_u < 0.75 then [1, 2, 5]
        when reach_u < 0.82 then [1, 2, 5, 2, 5] else [1, 2, 3, 5]
    end as path
from split;

create or replace temp table existing_stays as from stays_of('existing_deals');

-- What has happened by now of all deals. An amount is revised once, when the third stage is entered.
create or replace temp table deals as
with walked as (
    select deal_no, n, null::bigint as order_no, first_deals.pipeline_id, from_lead, null::timestamp as not_before
    from first_deals
    union all
    select deal_no, n, order_no, pipeline_id, false, first_ordered_at from existing_deals
), begun as (
    select deal_no, min(entered_at) as created_at,
        arg_max(position, seq) as position, arg_max(outcome, seq) as outcome, arg_max(stage_id, seq) as stage_id,
        arg_max(entered_at, seq) as stayed_since, max(position) >= 3 as is_revised, arg_max(seq, seq) as stays
    from (from first_stays union all from existing_stays) where entered_at < as_of()
    group by deal_no
), sized as (
    select *, case when draw('no amount', deal_no) < 0.02 then null else
        round([9000, 2600, 700][list_position(['Enterprise', 'Mid-market', 'Small business'], segment)]
        * exp(0.7 * gaussian('deal size', deal_no)), 2) end::decimal(14, 2) as first_amount_base
    from walked join begun using (deal_no) join newcomers using (n)
    where not_before is null or created_at > not_before
)
select sized.*, case when order_no is null then 'D' || padded(n, 7) else 'E' || padded(order_no, 11) end
        as opportunity_id,
    round(first_amount_base / price_rate(sized.currency), 2)::decimal(14, 2) as first_amount,
    round(first_amount_base / price_rate(sized.currency) * exp(0.2 * gaussian('revised', deal_no)), 2)::decimal(14, 2)
        as revised_amount,
    rate
from sized
join rates on rates.currency = sized.currency
    and rates.month = local_month(created_at);

insert into stage_history by name
select opportunity_id, seq, stays.stage_id, stays.outcome, entered_at,
    so_far(left_at) as left_at, owner_id as changed_by,
    case when max(stays.position) over (partition by deal_no order by seq) >= 3 then revised_amount
        else first_amount end * rate as amount_base_at,
    seq = 1 as is_initial, coalesce(is_backward, false) as is_backward
from (from first_stays union all from existing_stays) as stays join deals using (deal_no)
where entered_at < as_of()
order by deal_no, seq;

insert into opportunities by name
select opportunity_id, deal_name as name, customer_id, contact_id, lead_id, owner_id, team_id, pipeline_id, stage_id,
    outcome, amount, currency, amount * rate as amount_base, probability, channel as source_raw, channel,
    campaign_id, type, created_at, case when outcome <> 'open' then stayed_since end as closed_at,
    (later(created_at, 45 + 20 * gaussian('forecast', deal_no)))::date as expected_close_date,
    case when outcome = 'lost' then pick_early(['Price', 'No decision', 'Competitor', 'Timing', 'Missing feature'],
                                               draw('lost reason', deal_no)) end as lost_reason,
    draw('deleted deal', deal_no) < 0.004 as is_deleted_in_source, stayed_since as updated_at
from (
    select deals.*, case when is_revised then revised_amount else first_amount end as amount,
        stages.probability, case when order_no is null then 'new' else 'existing' end as type,
        case when from_lead then 'L' || padded(n, 7) || '-1' end as lead_id, region_team(region_no) as team_id,
        'P' || padded(n, 7) || '-1' as contact_id,
        case when order_no is null then gaining_campaign(channel, arrived_on) end as campaign_id,
        case when order_no is null then 'First supply ' else 'Repeat supply ' end || deals.name as deal_name
    from deals join stages using (pipeline_id, stage_id)
)
order by created_at, opportunity_id;

-- Products of a deal: the first ones cost a rounded part each, the last one the rest.
insert into opportunity_lines by name
with lines as (
    select opportunity_id, deal_no, currency, case when is_revised then revised_amount else first_amount end as amount,
        1 + floor(draw('deal lines', deal_no) * 3)::int as lines
    from deals where first_amount is not null
), numbered as (
    select *, unnest(range(1, lines + 1)) as line_no from lines
)
select opportunity_id || '-' || line_no as opportunity_line_id, opportunity_id, currency,
    'PR-' || padded(floor(draw('deal product', deal_no * 4 + line_no) * 240)::int, 3) as product_id,
    1 + floor(draw('deal quantity', deal_no * 4 + line_no) * 40) as quantity,
    case when line_no < lines then round(amount / lines, 2)
        else amount - (lines - 1) * round(amount / lines, 2) end as net_amount
from numbered;

-- The deal behind an order, if it still exists.
create or replace temp table order_deals as
select case when order_no is null then n * 10000 + 1 else order_no end as order_no, opportunity_id
from deals where outcome = 'won';
