-- The change of revenue: its factors, or the regions it comes from.

-- name: by factors
with total as (
    select cut, sum(revenue) as revenue, sum(orders) as orders, sum(revenue * revenue) as squares, count(*) as customers,
        sum(unpriced) as unpriced, count_if(orders > 0) as buyers
    from (
    select case when ordered_at >= timestamp '2025-12-31 23:00:00' then 'now' else 'then' end as cut,
        coalesce(merged_into_id, orders.customer_id) as customer,
        coalesce(sum({revenue}), 0)::double
            as revenue,
        count_if(document <> 'credit_note') as orders, count_if(net_base is null and fx_to_base is null and currency <> 'EUR') as unpriced
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at >= timestamp '2025-09-30 22:00:00' and ordered_at < timestamp '2026-03-31 22:00:00'
    group by all
    )
    group by cut
), factor as (
    select unnest(['customers', 'orders_per_customer', 'value_per_order']) as part, cut,
        unnest([buyers, orders / buyers, revenue / orders]) as value
    from total
)
select part, max(case when cut = 'then' then value end) as before, max(case when cut = 'now' then value end) as after
from factor group by part

-- name: by region
with per_customer as (
    select case when ordered_at >= timestamp '2025-12-31 23:00:00' then 'now' else 'then' end as cut,
        coalesce(merged_into_id, orders.customer_id) as customer,
        coalesce(sum({revenue}), 0)::double
            as revenue,
        count_if(document <> 'credit_note') as orders, count_if(net_base is null and fx_to_base is null and currency <> 'EUR') as unpriced
    from orders {merged}
    where status in ('confirmed', 'partly_refunded') and not is_test
        and orders.customer_id not in (select customer_id from customers where is_own_company)
        and ordered_at >= timestamp '2025-09-30 22:00:00' and ordered_at < timestamp '2026-03-31 22:00:00'
    group by all
)
select region as part, sum(case when cut = 'then' then revenue else 0 end) as before,
    sum(case when cut = 'now' then revenue else 0 end) as after, sum(revenue * revenue) as squares, sum(orders) as orders,
    sum(unpriced) as unpriced, count(*) as customers
from per_customer left join customers on customers.customer_id = customer
group by region
