-- Repeat purchase rate.

-- name: total
select cut, count_if(orders >= 2) / count(*) as value, count(*) as n, count_if(orders >= 2) as repeaters,
    {target(repeat_rate)} as target
from (
    select {cut(ordered_at)} as cut,
        coalesce(merged_into_id, orders.customer_id) as customer, count(*) as orders
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and {spans(ordered_at)}
    group by all
)
group by cut

-- name: trend
select period, count_if(orders >= 2) / count(*) as value, count(*) as n
from (
    select {months(ordered_at)} as period,
        coalesce(merged_into_id, orders.customer_id) as customer, count(*) as orders
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at >= timestamp '2025-05-31 22:00:00' and ordered_at < timestamp '2026-05-31 22:00:00'
    group by all
)
group by period order by period

-- name: by region
select cut, region as "group", count_if(orders >= 2) / count(*) as value, count(*) as n, count_if(orders >= 2) as repeaters
from (
    select case when ordered_at >= timestamp '2025-12-31 23:00:00' then 'period' else 'compared' end as cut,
        coalesce(merged_into_id, orders.customer_id) as customer, count(*) as orders
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at >= timestamp '2025-09-30 22:00:00' and ordered_at < timestamp '2026-03-31 22:00:00'
    group by all
) left join customers on customers.customer_id = customer
group by all order by all
