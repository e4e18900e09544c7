-- Customers by their first order.

-- name: total
select {cut(first_at)} as cut,
    count(*) as value, count(*) as n,
    {target(new_customers)} as target
from (
    select coalesce(merged_into_id, orders.customer_id) as customer, min(ordered_at) as first_at
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company) and ordered_at < timestamp '2026-06-18 16:00:00.000001'
    group by customer
)
where {spans(first_at)}
group by cut

-- name: trend
select {months(first_at)} as period,
    count(*) as value, count(*) as n
from (
    select coalesce(merged_into_id, orders.customer_id) as customer, min(ordered_at) as first_at
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company) and ordered_at < timestamp '2026-06-18 16:00:00.000001'
    group by customer
)
where first_at >= timestamp '2025-05-31 22:00:00' and first_at < timestamp '2026-05-31 22:00:00'
group by period order by period

-- name: by region
select case when first_at >= timestamp '2025-12-31 23:00:00' then 'period' else 'compared' end as cut, region as "group", count(*) as value, count(*) as n
from (
    select coalesce(merged_into_id, orders.customer_id) as customer, min(ordered_at) as first_at
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company) and ordered_at < timestamp '2026-06-18 16:00:00.000001'
    group by customer
) left join customers on customers.customer_id = customer
where first_at >= timestamp '2025-09-30 22:00:00' and first_at < timestamp '2026-03-31 22:00:00'
group by all order by all
