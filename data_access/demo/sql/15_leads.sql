-- Leads: those that became the deals of 11 (-1), and as many strangers who never became customers (-2).

create or replace temp macro lead_key(n, kind) as 'L' || padded(n, 7) || '-' || kind;

create or replace temp table strangers as
select n, region_no, region, day,
    day + to_seconds(seconds_of_day(draw('stranger share', n))) - utc_offset as arrived_at,
    region = 'China' as in_chinese, seller(region_no, draw('stranger owner', n)) as owner_id,
    case when channel_u < 0.26 then 'search' when channel_u < 0.58 then 'social' when channel_u < 0.78 then 'event'
        when channel_u < 0.88 then 'direct' when channel_u < 0.95 then 'partner' else 'referral' end as channel,
    1.5 * exponential('stranger answered', n) as answered_days, 3 * duration('stranger qualified', n) as qualified_days,
    draw('stranger qualifies', n) < 0.28 as qualifies
from (
    select n, draw('stranger region', n) as region_u, draw('stranger channel', n) as channel_u
    from (select unnest(range(first_customer(), last_customer()))::bigint as n)
)
join regions on region_u >= share_from and region_u < share_to
join region_units using (region_no)
join arrival_units as units using (region_no)
join days using (day)
where units.unit = floor(draw('stranger arrival', n) * arrival_units)::bigint;

create or replace temp table all_leads as
select n, lead_key(n, 1) as lead_id, 2 * n as lead_no, region_no, region, channel, arrived_on, arrived_at, answered_at,
    qualified_at, started_at as converted_at, owner_id, name, email_key
from (select n, from_lead, answered_at, qualified_at, started_at from first_deals) join newcomers using (n)
where from_lead
union all by name
select n, lead_key(n, 2) as lead_id, 2 * n + 1 as lead_no, region_no, region, channel, day as arrived_on, arrived_at,
    later(arrived_at, answered_days) as answered_at,
    case when qualifies then later(arrived_at, answered_days + qualified_days) end as qualified_at,
    case when not qualifies then later(arrived_at, answered_days + 9 * duration('stranger dropped', n))
        when draw('stranger given up', n) < 0.6
            then later(arrived_at, answered_days + qualified_days + 20 * duration('stranger dropped', n))
    end as dropped_at,
    case when n > leads_without_owner_wanted() then owner_id end as owner_id,
    company_name_of('stranger', n, in_chinese) as name,
    sha256(mail_address(latin_word('stranger mail', n), 7000000 + n, in_chinese)) as email_key
from strangers;

insert into leads by name
select lead_id, case when status = 'converted' then 'C' || padded(n, 7) end as customer_id,
    case when status = 'converted' then 'P' || padded(n, 7) || '-1' end as contact_id,
    case when status = 'converted' then 'D' || padded(n, 7) end as converted_opportunity_id,
    name, email_key, channel as source_raw, channel, gaining_campaign(channel, arrived_on) as campaign_id, owner_id,
    upper(status[1]) || status[2:] as status_raw, status, arrived_at as created_at,
    so_far(answered_at) as first_response_at, so_far(qualified_at) as qualified_at,
    case when status = 'converted' then converted_at end as converted_at,
    case when status = 'disqualified' then pick_early(['No budget', 'Wrong fit', 'No answer', 'Student project'],
        draw('disqualified', lead_no)) end as lost_reason,
    case when status = 'converted' then converted_at when status = 'disqualified' then dropped_at
        when status = 'qualified' then qualified_at when status = 'working' then answered_at
        else arrived_at end as updated_at
from (
    select *, case
        when converted_at < as_of() then 'converted' when dropped_at < as_of() then 'disqualified'
        when qualified_at < as_of() then 'qualified' when answered_at < as_of() then 'working' else 'new'
    end as status
    from all_leads
)
order by created_at, lead_id;
