-- Win rate.

-- name: total
select {cut(closed_at)} as cut,
    count_if(outcome = 'won') / count(*) as value, count(*) as n, count_if(outcome = 'won') as won,
    {target(win_rate)} as target
from opportunities
where outcome in ('won', 'lost') and not is_deleted_in_source and created_at < timestamp '2026-06-18 16:00:00.000001'
    and (opportunities.customer_id is null
         or opportunities.customer_id not in (select customer_id from customers where is_own_company))
    and {spans(closed_at)}
group by cut

-- name: trend
select {months(closed_at)} as period,
    count_if(outcome = 'won') / count(*) as value, count(*) as n
from opportunities
where outcome in ('won', 'lost') and not is_deleted_in_source and created_at < timestamp '2026-06-18 16:00:00.000001'
    and (opportunities.customer_id is null
         or opportunities.customer_id not in (select customer_id from customers where is_own_company))
    and closed_at >= timestamp '2025-05-31 22:00:00' and closed_at < timestamp '2026-05-31 22:00:00'
group by period order by period

-- name: by region
select case when closed_at >= timestamp '2025-12-31 23:00:00' then 'period' else 'compared' end as cut, region as "group",
    count_if(outcome = 'won') / count(*) as value, count(*) as n, count_if(outcome = 'won') as won
from opportunities left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null) as away
        on gone = opportunities.customer_id
    left join customers on customers.customer_id = coalesce(away.merged_into_id, opportunities.customer_id)
where outcome in ('won', 'lost') and not is_deleted_in_source and created_at < timestamp '2026-06-18 16:00:00.000001'
    and (opportunities.customer_id is null
         or opportunities.customer_id not in (select customer_id from customers where is_own_company))
    and closed_at >= timestamp '2025-09-30 22:00:00' and closed_at < timestamp '2026-03-31 22:00:00'
group by all order by all
