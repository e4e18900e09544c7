-- Who was written to, who was held out, and every moment at which somebody met the company.

-- What the mail system records as a conversion: the first order within the window of somebody who clicked.
create or replace temp table letter_orders as
select n, campaign_no, min(ordered_at) as converted_at
from placed where campaign_no is not null and status in ('confirmed', 'partly_refunded') and not is_test
group by n, campaign_no;

insert into campaign_members by name
with drawn as (
    select *, draw('bounce kind', member_no) < 0.3 as is_hard from audience
), sent as (
    select *, not is_held_out as is_sent, not is_held_out and is_delivered as arrives,
        not is_held_out and is_delivered and is_opened as opens_it,
        not is_held_out and is_delivered and is_clicked as clicks_it,
        later(goes_out_at, 0.3 * exponential('opened after', member_no)) as read_at
    from drawn
)
select campaign_id, member_key, goes_out_at as first_sent_at, customer_id, contact_id, email_key,
    case when is_held_out then 'held out' when draw('variant', member_no) < 0.5 then 'A' else 'B' end as variant,
    case when has_control then is_held_out end as is_control,
    case when has_control then sent_at - interval 1 day end as assigned_at,
    case when is_sent then goes_out_at end as sent_at,
    case when arrives then goes_out_at + interval 20 second end as delivered_at,
    case when opens_it then so_far(read_at) end as opened_at,
    case when clicks_it then so_far(later(read_at, 0.01)) end as clicked_at,
    case when opens_it and draw('answers letter', member_no) < 0.01 then so_far(later(read_at, 0.05)) end
        as replied_at,
    case when is_sent and not arrives then goes_out_at + interval 40 second end as bounced_at,
    case when is_sent and not arrives then case when is_hard then 'hard' else 'soft' end end as bounce_kind,
    case when opens_it and draw('unsubscribes', member_no) < 0.008 then so_far(later(read_at, 0.02)) end
        as unsubscribed_at,
    case when opens_it and draw('complains', member_no) < 0.001 then so_far(later(read_at, 0.02)) end
        as complained_at,
    converted_at,
    case when is_sent then case when opens_it then 1 + failures('opens', member_no, 0.6) else 0 end end as opens,
    case when is_sent then case when clicks_it then 1 + failures('clicks', member_no, 0.8) else 0 end end as clicks
from sent left join letter_orders using (n, campaign_no);

-- The effect of each letter with a held-out group, known for everybody: would order because of it, would not anyway.
insert into lift_counts
select campaign_no, count(*) as members, count(*) filter (where would_order and not orders_anyway) as brought
from (
    select audience.campaign_no, audience.n, would_order, bool_or(placed.order_no is not null) as orders_anyway
    from audience
    left join placed on placed.n = audience.n and placed.turn < 9000 and not placed.is_test
        and placed.status in ('confirmed', 'partly_refunded')
        and placed.ordered_at >= audience.goes_out_at
        and placed.ordered_at < audience.goes_out_at + to_days(conversion_days())
    where has_control
    group by all
)
group by campaign_no;

-- The welcome: two letters to every new customer who agreed.
insert into campaign_members by name
with firsts as (
    select n, min(ordered_at) as ordered_at from placed where turn = 1 group by n
), sends as (
    select n, customer_id, contact_id, email_key, member_key, n * 1000 + 900 + turn as member_no,
        later(ordered_at, case turn when 1 then 2 else 16 end) as first_sent_at
    from firsts join buyers using (n) cross join (values (1), (2)) as turn(turn)
    where consent_marketing and member_key is not null
)
select 'WELCOME' as campaign_id, member_key, first_sent_at, customer_id, contact_id, email_key, 'A' as variant,
    first_sent_at as sent_at, first_sent_at + interval 15 second as delivered_at,
    case when draw('opened', member_no) < 0.48
        then so_far(later(first_sent_at, 0.3 * exponential('opened after', member_no))) end as opened_at,
    (draw('opened', member_no) < 0.48)::int as opens, 0 as clicks
from sends where first_sent_at < as_of();

-- Leads from trade fairs had been invited.
insert into campaign_members by name
select gaining_campaign(channel, arrived_on) as campaign_id, lead_id as member_key,
    later(arrived_at, -2 - 5 * draw('invited', lead_no)) as first_sent_at, lead_id, email_key, first_sent_at as sent_at,
    first_sent_at as delivered_at
from all_leads where channel = 'event';

-- The way to the company: the first touch is by the channel that counts as having brought the newcomer.
create or replace temp table ways as
select n * 2 as way_no, customer_id, contact_id, null as lead_id, channel, arrived_on, first_day, arrived_at
from buyers where not is_sales_led
union all by name
select lead_no as way_no, converted.customer_id, lead_id, channel, arrived_on, arrived_at
from all_leads
left join (select lead_key(n, 1) as lead_id, customer_id from deals where from_lead) as converted using (lead_id);

create or replace temp macro kind_of_touch(channel) as case channel
    when 'search' then 'ad' when 'social' then 'ad' when 'event' then 'event' when 'email' then 'click'
    when 'partner' then 'call' when 'referral' then 'visit' else 'visit' end;

insert into touchpoints by name
with touches as (
    select *, 1 + least(failures('touches', way_no, 0.45), 5) as touches from ways
), numbered as (
    select *, unnest(range(1, touches + 1)) as touch_no from touches
), placed_touches as (
    select *, case when touch_no = 1 then channel
        else pick(['direct', 'search', 'email', 'direct', 'social', 'referral', 'search'],
                  draw('touch channel', way_no * 8 + touch_no)) end as touch_channel,
        later(arrived_at, -0.01 - 3.5 * (touches - touch_no + 0.5 * draw('touch time', way_no * 8 + touch_no)))
            as occurred_at
    from numbered
)
select 'A' || padded(way_no, 8) || '-' || touch_no as touchpoint_id, customer_id, contact_id, lead_id,
    case when touch_no = 1 then gaining_campaign(channel, arrived_on) end as campaign_id,
    touch_channel as channel, case when touch_no = touches and lead_id is not null then 'form'
        else kind_of_touch(touch_channel) end as kind, occurred_at
from placed_touches
where occurred_at >= history_start();

-- Clicks in letters, and visits before some of the orders.
insert into touchpoints by name
select 'B' || padded(n, 7) || '-' || campaign_no as touchpoint_id, customer_id, contact_id, campaign_id,
    'email' as channel, 'click' as kind,
    later(later(goes_out_at, 0.3 * exponential('opened after', member_no)), 0.01) as occurred_at
from audience
where is_clicked and is_delivered and not is_held_out and occurred_at < as_of()
union all by name
select 'V' || substr(order_id, 2) as touchpoint_id, customer_id, contact_id, campaign_id,
    pick_early(['direct', 'search', 'social'], draw('visit channel', order_no)) as channel, 'visit' as kind,
    later(ordered_at, -0.02 - 0.5 * draw('visited before', order_no)) as occurred_at
from placed where draw('visited', order_no) < 0.35;

-- Some of the people behind a deal are met again while it is open.
insert into touchpoints by name
select 'D' || opportunity_id as touchpoint_id, customer_id, 'P' || padded(n, 7) || '-1' as contact_id, opportunity_id,
    case when draw('deal touch', deal_no) < 0.5 then 'event' else 'direct' end as channel,
    case when draw('deal touch', deal_no) < 0.5 then 'event' else 'call' end as kind,
    later(created_at, 8 * draw('deal touched', deal_no)) as occurred_at
from deals
where draw('deal is touched', deal_no) < 0.4 and later(created_at, 8 * draw('deal touched', deal_no)) < as_of();
