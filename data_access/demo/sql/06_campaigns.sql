-- Campaigns and what they cost. One letter a month to customers who agreed to letters (some with a random held-out
-- group), a welcome to new customers, and one campaign per half-year for each channel that wins newcomers.

create or replace temp table letters as
select
    month_no as campaign_no,
    'MAIL-' || strftime(month, '%Y-%m') as campaign_id,
    month + 4 as sent_on,
    (month + 4) + interval 9 hour - utc_offset as sent_at,
    effect is not null as has_control,
    coalesce(effect, 0) as effect,
    case when effect is null then 0.22 else 0.75 end as audience_share
from days left join experiments on campaign_no = month_no
where day = month + 4 and day < as_of();

-- spend_per_newcomer in the base currency; one_day: paid once a month instead of daily.
create or replace temp table gaining_channels as
from (values
    ('search', 'Search ads', 38.0, 'media', false, 'EUR'),
    ('social', 'Social media', 27.0, 'media', false, 'EUR'),
    ('event', 'Trade fairs', 90.0, 'venue', true, 'EUR'),
    ('partner', 'Partner programme', 55.0, 'commission', true, 'USD'),
    ('referral', 'Friends invite friends', 20.0, 'reward', true, 'EUR')
) as channel(channel, name, spend_per_newcomer, cost_kind, one_day, currency);

create or replace temp macro half_year(day) as strftime(day, '%Y') || case when month(day) < 7 then 'H1' else 'H2' end;
create or replace temp macro gaining_campaign(channel, day) as
    case when channel in ('search', 'social', 'event', 'partner', 'referral')
        then 'GAIN-' || upper(channel) || '-' || half_year(day) end;

create or replace temp table half_years as
select half_year(day) as half, min(day) as starts_on, max(day) as ends_on from days group by half;

insert into campaigns by name
-- Programmes: the campaigns above.
select 'MAIL' as campaign_id, 'Letters / 来信' as name, 'Programme' as type_raw, 'email' as channel,
    'Active' as status, user_key(45) as owner_id, 'Keep customers' as objective, 'EUR' as currency
union all by name
select 'WELCOME' as campaign_id, 'Welcome / 欢迎' as name, 'E-mail series' as type_raw, 'email' as channel,
    'Active' as status, user_key(46) as owner_id, 'Second order' as objective, 'EUR' as currency,
    history_start() as starts_on
union all by name
select 'GAIN-' || upper(channel) as campaign_id, name, 'Programme' as type_raw, channel, 'Active' as status,
    user_key(47) as owner_id, 'New customers' as objective, currency
from gaining_channels
-- Campaigns.
union all by name
select campaign_id,
    pick(['Lantern', 'Courtyard', 'Riverside', 'Harvest', '清风', 'Orchard', '山雨', 'Workbench'],
         draw('letter name', campaign_no))
        || ' ' || pick(['letter', 'post', '来信', 'picks'], draw('letter kind', campaign_no))
        || ' ' || strftime(sent_on, '%Y-%m') as name,
    case when has_control then 'E-mail with held-out group' else 'E-mail' end as type_raw,
    'email' as channel, 'MAIL' as parent_id, 'Completed' as status, sent_on as starts_on,
    sent_on + conversion_days() as ends_on, user_key(45 + campaign_no % 3) as owner_id,
    round(9000 * scale(), 2) as expected_revenue_base, 'Orders from customers' as objective, 'EUR' as currency
from letters
union all by name
select 'GAIN-' || upper(channel) || '-' || half as campaign_id, name || ' ' || half as name, 'Acquisition' as type_raw,
    channel, 'GAIN-' || upper(channel) as parent_id,
    case when ends_on < as_of()::date then 'Completed' else 'Active' end as status, starts_on, ends_on,
    user_key(47) as owner_id, round(60000 * scale(), 2) as expected_revenue_base, 'New customers' as objective, currency
from gaining_channels cross join half_years
where starts_on < as_of();

-- What a channel costs in a day: newcomers expected x spend per newcomer, give or take.
create or replace temp table daily_costs as
select gaining_campaign(channel, day) as campaign_id, day, cost_kind as kind, currency,
    1.2 * scale() * pace * spend_per_newcomer * (case when one_day then 30 else 1 end)
        * (0.85 + 0.3 * draw('cost ' || channel, date_diff('day', date '2020-01-01', day))) as amount_base
from days cross join gaining_channels
where day <= as_of()::date and (not one_day or day = month + 11)
union all
select campaign_id, sent_on, 'production', 'EUR', 120 + 260 * scale() * audience_share from letters;

insert into campaign_costs by name
select campaign_id, day as cost_date, kind, amount, costs.currency, amount * rate as amount_base, false as is_planned
from (
    select *, round(amount_base / price_rate(currency), 2)::decimal(14, 2) as amount from daily_costs
) costs
join rates on rates.currency = costs.currency and rates.month = date_trunc('month', day);

-- Budgets are set for a month, on its first day, in round numbers.
insert into campaign_costs by name
select campaign_id, cost_date, 'budget' as kind, amount, budgets.currency, amount * rate as amount_base,
    true as is_planned
from (
    select campaign_id, date_trunc('month', cost_date)::date as cost_date, currency,
        greatest(10, round(sum(amount) * 1.04, -1))::decimal(14, 2) as amount
    from campaign_costs group by all
) budgets
join rates on rates.currency = budgets.currency and rates.month = cost_date;
