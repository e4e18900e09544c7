-- Customers by their first order.

-- name: total
select case when first_at >= timestamp '2025-12-31 23:00:00' then 'period'
                when first_at >= timestamp '2025-09-30 22:00:00' then 'previous' else 'year' end as cut,
    count(*) as value, count(*) as n,
    (select sum(value) from targets
        where scope_type = 'company' and metric = 'new_customers' and period_start >= date '2026-01-01'
            and period_end < date '2026-04-01') as target
from (
    select coalesce(merged_into_id, orders.customer_id) as customer, min(ordered_at) as first_at
    from orders left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null)
        on gone = orders.customer_id
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company) and ordered_at < timestamp '2026-06-18 16:00:00.000001'
    group by customer
)
where (first_at >= timestamp '2025-09-30 22:00:00' and first_at < timestamp '2026-03-31 22:00:00'
            or first_at >= timestamp '2024-12-31 23:00:00' and first_at < timestamp '2025-03-31 22:00:00')
group by cut

-- name: trend
select case
        when first_at < timestamp '2025-06-30 22:00:00' then date '2025-06-01'
        when first_at < timestamp '2025-07-31 22:00:00' then date '2025-07-01'
        when first_at < timestamp '2025-08-31 22:00:00' then date '2025-08-01'
        when first_at < timestamp '2025-09-30 22:00:00' then date '2025-09-01'
        when first_at < timestamp '2025-10-31 23:00:00' then date '2025-10-01'
        when first_at < timestamp '2025-11-30 23:00:00' then date '2025-11-01'
        when first_at < timestamp '2025-12-31 23:00:00' then date '2025-12-01'
        when first_at < timestamp '2026-01-31 23:00:00' then date '2026-01-01'
        when first_at < timestamp '2026-02-28 23:00:00' then date '2026-02-01'
        when first_at < timestamp '2026-03-31 22:00:00' then date '2026-03-01'
        when first_at < timestamp '2026-04-30 22:00:00' then date '2026-04-01'
        else date '2026-05-01' end as period,
    count(*) as value, count(*) as n
from (
    select coalesce(merged_into_id, orders.customer_id) as customer, min(ordered_at) as first_at
    from orders left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null)
        on gone = orders.customer_id
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
    from orders left join (select customer_id as gone, merged_into_id from customers where merged_into_id is not null)
        on gone = orders.customer_id
    where status in ('confirmed', 'partly_refunded') and not is_test and document <> 'credit_note'
        and orders.customer_id not in (select customer_id from customers where is_own_company) and ordered_at < timestamp '2026-06-18 16:00:00.000001'
    group by customer
) left join customers on customers.customer_id = customer
where first_at >= timestamp '2025-09-30 22:00:00' and first_at < timestamp '2026-03-31 22:00:00'
group by all order by all
