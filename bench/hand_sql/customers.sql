-- Customers with an order.

-- name: total
select {cut(ordered_at)} as cut,
    count(distinct coalesce(merged_into_id, orders.customer_id)) as value, value as n,
    {target(customers)} as target
from orders {merged}
where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company)
    and {spans(ordered_at)}
group by cut

-- name: trend
select {months(ordered_at)} as period,
    count(distinct coalesce(merged_into_id, orders.customer_id)) as value, value as n
from orders {merged}
where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company)
    and ordered_at >= timestamp '2025-05-31 22:00:00' and ordered_at < timestamp '2026-05-31 22:00:00'
group by period order by period

-- name: by region
select cut, region as "group", count(*) as value, count(*) as n
from (
    select distinct case when ordered_at >= timestamp '2025-12-31 23:00:00' then 'period' else 'compared' end as cut, coalesce(merged_into_id, orders.customer_id) as customer
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at >= timestamp '2025-09-30 22:00:00' and ordered_at < timestamp '2026-03-31 22:00:00'
) left join customers on customers.customer_id = customer
group by all order by all
