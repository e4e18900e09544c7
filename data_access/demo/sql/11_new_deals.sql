-- Leads and first deals of the newcomers who come through the sales team. Each deal is walked forwards: how far it
-- gets, which stages it skips, whether it goes back, whether it is reopened.

create or replace temp table first_deals as
with begun as (
    select n, arrived_at, draw('from lead', n) < 0.88 as from_lead,
        later(arrived_at, 0.3 * exponential('lead answered', n)) as answered_at,
        later(arrived_at, 0.3 * exponential('lead answered', n) + 2.5 * duration('lead qualified', n)) as qualified_at
    from newcomers where is_sales_led
), opened as (
    select *, case when from_lead then later(qualified_at, 3 * duration('lead converted', n)) else arrived_at end
            as started_at,
        draw('skips discovery', n) < 0.10 as skips_discovery, draw('skips negotiation', n) < 0.10 as skips_negotiation
    from begun
), proposed as (
    -- Entry into Proposal, for those who get there: the step out of it became a bottleneck on a day.
    select *, later(started_at, stay_days(6.0, n, 1) + case when skips_discovery then 0 else stay_days(9.0, n, 2) end)
        >= bottleneck_since()::timestamp as proposed_late
    from opened
), decided as (
    select *, case
        when draw('step 1', n) >= 0.76 then 1
        when draw('step 2', n) >= 0.72 then 2
        when draw('step 3', n) >= case when proposed_late then proposal_rate_after() else proposal_rate_before() end
            then 3
        else 4
    end as furthest, draw('step 4', n) < 0.80 as closes
    from proposed
), ended as (
    select *, case
        when furthest = 4 and closes then 5
        when furthest = 1 and draw('void', n) < 0.12 then 7
        else 6
    end as ending from decided
)
select n as deal_no, n, from_lead, arrived_at, answered_at, qualified_at, 'new_business' as pipeline_id, started_at,
    null::timestamp as ended_at,
    [1]
    || case when furthest >= 2 and not (skips_discovery and furthest >= 3) then [2] else [] end
    || case when furthest >= 3 then [3] else [] end
    || case when furthest >= 3 and draw('goes back', n) < 0.09 then [2, 3] else [] end
    || case when furthest = 4 and not (skips_negotiation and ending = 5) then [4] else [] end
    || [ending]
    -- A lost deal may be taken up again where it stood.
    || case when ending <> 6 or draw('reopened', n) >= 0.08 then []
            when draw('reopened and won', n) < 0.35 then [furthest, 5] else [furthest, 6] end
    as path
from ended;

create or replace temp table first_stays as from stays_of('first_deals');

-- Deals that were won become customers who order from the next day on.
create or replace temp table won_first as
select deal_no as n, max(entered_at) as won_at from first_stays
where outcome = 'won' and left_at is null and entered_at < as_of() group by deal_no;

-- Everybody who orders: the local day and the share of that day at which the first order falls.
create or replace temp table buyers as
select newcomers.*, won_at,
    coalesce(won_at::date + 1 + floor(2 * exponential('first order', newcomers.n))::int, arrived_on) as first_day,
    case when won_at is null then arrived_share else draw('first share', newcomers.n) end as first_share,
    case when kind = 'company' then 'P' || padded(newcomers.n, 7) || '-1' end as contact_id,
    coalesce(contact_id, email_key) as member_key
from newcomers left join won_first using (n)
where not is_sales_led or won_at is not null;
